//! The anchors that GitHub gives to headings, so that a citation links to the very section.

use std::collections::HashMap;

/// Gives each heading of one page its anchor. Headings that read alike are told apart by a number, in page order.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    seen: HashMap<String, usize>,
}

impl Anchors {
    /// The anchor of the next heading on the page.
    pub(crate) fn next(&mut self, heading: &str) -> String {
        let slug = slug(heading);
        let count = self.seen.entry(slug.clone()).or_insert(0);
        let anchor = if *count == 0 { slug } else { format!("{slug}-{count}") };
        *count += 1;
        anchor
    }
}

/// Lower case, spaces become hyphens, everything but letters, digits, hyphens and underscores goes: the rule of
/// GitHub's renderer (github-slugger states it in code).
fn slug(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c if c.is_alphanumeric() => Some(c),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_become_the_anchors_that_github_makes() {
        let cases = [
            ("Fix", "fix"),
            ("Why it happens", "why-it-happens"),
            ("`npm ci` fails (EUSAGE)", "npm-ci-fails-eusage"),
            ("C++ & Rust", "c--rust"),
            ("exit_code 137", "exit_code-137"),
            ("Größe prüfen", "größe-prüfen"),
            ("!?", ""),
        ];
        for (heading, anchor) in cases {
            assert_eq!(Anchors::default().next(heading), anchor, "{heading}");
        }
    }

    #[test]
    fn repeated_headings_are_numbered() {
        let mut anchors = Anchors::default();
        assert_eq!(anchors.next("Fix"), "fix");
        assert_eq!(anchors.next("Fix"), "fix-1");
        assert_eq!(anchors.next("Fix!"), "fix-2");
    }
}
