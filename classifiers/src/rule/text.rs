//! Sentences with `{name}` places.

/// The names of the places in a template.
pub(crate) fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        is_name(name).then_some(name)
    })
}

/// The template with its places filled; a group that did not take part leaves its place empty. The result is one line
/// without doubled blanks.
pub(crate) fn fill(template: &str, groups: &[(String, String)]) -> String {
    let mut out = String::with_capacity(template.len() + 40);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        match behind.split_once('}') {
            Some((name, after)) if is_name(name) => {
                if let Some((_, value)) = groups.iter().find(|(group, _)| group == name) {
                    out.push_str(value);
                }
                rest = after;
            }
            _ => {
                out.push('{');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches([':', ',', ' ']).to_owned()
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_empty_ones_leave_no_trace() {
        let groups = [("code".to_owned(), "E0308".to_owned())];
        assert_eq!(fill("rustc says {code}: {message}", &groups), "rustc says E0308");
        assert_eq!(fill("a {} b {not closed", &groups), "a {} b {not closed");
        assert_eq!(placeholders("{a} {} {b_2} {c d}").collect::<Vec<_>>(), ["a", "b_2"]);
    }
}
