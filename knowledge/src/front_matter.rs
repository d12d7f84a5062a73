//! The block of settings at the top of a Markdown file: YAML between `---` lines, or TOML between `+++` lines.

use serde::Deserialize;
use thiserror::Error;

/// What the block may say that matters here. Other keys belong to the site generator and are passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct FrontMatter {
    /// What the page is called.
    pub title: Option<String>,
    /// Tools and topics. A single word may stand without brackets.
    #[serde(deserialize_with = "one_or_many")]
    pub tags: Vec<String>,
    /// Failure categories that the page helps with.
    #[serde(deserialize_with = "one_or_many")]
    pub categories: Vec<String>,
    /// Who keeps the page up to date.
    pub owner: Option<String>,
    /// Where a person can read the page.
    pub url: Option<String>,
}

/// Why the block could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FrontMatterError {
    /// The text between the marks is not valid YAML or TOML, or a key holds the wrong kind of value.
    #[error(
        "the front matter cannot be read: {reason}; write plain keys such as `title: Disk full` and `tags: [docker, disk]`"
    )]
    Unreadable {
        /// What the parser says, on one line.
        reason: String,
    },
    /// The block is longer than any real one.
    #[error(
        "the front matter is {bytes} bytes long; keep it under {MAX_BLOCK_BYTES} bytes, and move text below the block"
    )]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

/// The longest block that is read, in bytes.
const MAX_BLOCK_BYTES: usize = 64 * 1024;

/// Cuts a file into its settings and its body. A file without a block has empty settings.
pub(crate) fn split(text: &str) -> Result<(FrontMatter, &str), FrontMatterError> {
    let Some((style, block, body)) = cut(text) else {
        return Ok((FrontMatter::default(), without_byte_order_mark(text)));
    };
    if block.len() > MAX_BLOCK_BYTES {
        return Err(FrontMatterError::TooLong { bytes: block.len() });
    }
    let parsed = match style {
        // An empty block is null in YAML, which no struct can be read from.
        Style::Yaml if block.trim().is_empty() => Ok(FrontMatter::default()),
        Style::Yaml => serde_saphyr::from_str(block).map_err(|error| error.to_string()),
        Style::Toml => toml::from_str(block).map_err(|error| error.message().to_owned()),
    };
    match parsed {
        Ok(front_matter) => Ok((front_matter, body)),
        Err(reason) => Err(FrontMatterError::Unreadable { reason: on_one_line(&reason) }),
    }
}

/// The body of a file whose block cannot be read.
pub(crate) fn body_after_broken_block(text: &str) -> &str {
    cut(text).map_or_else(|| without_byte_order_mark(text), |(_, _, body)| body)
}

#[derive(Clone, Copy)]
enum Style {
    Yaml,
    Toml,
}

/// Style, block and body; nothing if the file does not begin with a closed block.
fn cut(text: &str) -> Option<(Style, &str, &str)> {
    let text = without_byte_order_mark(text);
    let (first, rest) = text.split_once('\n')?;
    let (style, mark) = match first.trim_end() {
        "---" => (Style::Yaml, "---"),
        "+++" => (Style::Toml, "+++"),
        _ => return None,
    };
    let mut start = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == mark {
            return Some((style, &rest[..start], &rest[start + line.len()..]));
        }
        start += line.len();
    }
    None
}

fn without_byte_order_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The parsers draw the place of a fault over several lines; a report has room for the first.
fn on_one_line(reason: &str) -> String {
    reason.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("unknown fault").to_owned()
}

/// Reads `[a, b]`, `a`, and numbers or booleans in their place (`tags: [404]`).
fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Scalar {
        Text(String),
        Whole(i64),
        Real(f64),
        Flag(bool),
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        Many(Vec<Scalar>),
        One(Scalar),
    }
    let text = |scalar: Scalar| match scalar {
        Scalar::Text(text) => text,
        Scalar::Whole(number) => number.to_string(),
        Scalar::Real(number) => number.to_string(),
        Scalar::Flag(flag) => flag.to_string(),
    };
    Ok(match Option::<OneOrMany>::deserialize(deserializer)? {
        None => Vec::new(),
        Some(OneOrMany::One(scalar)) => vec![text(scalar)],
        Some(OneOrMany::Many(scalars)) => scalars.into_iter().map(text).collect(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn yaml_in_all_the_usual_spellings() {
        let text = "\u{feff}---\r\ntitle: \"npm: ci fails\"\r\ntags:\r\n  - npm\r\n  - 404\r\ncategories: network\r\nhide: [toc]\r\n---\r\nBody\r\n";
        let (front_matter, body) = split(text).unwrap();
        assert_eq!(front_matter.title.as_deref(), Some("npm: ci fails"));
        assert_eq!(front_matter.tags, ["npm", "404"]);
        assert_eq!(front_matter.categories, ["network"]);
        assert_eq!(body, "Body\r\n");
    }

    #[test]
    fn toml_between_plus_signs() {
        let (front_matter, body) = split("+++\ntitle = \"A\"\ntags = [\"x\"]\n+++\nBody").unwrap();
        assert_eq!((front_matter.title.as_deref(), body), (Some("A"), "Body"));
        assert_eq!(front_matter.tags, ["x"]);
    }

    #[test]
    fn a_rule_at_the_top_is_not_front_matter() {
        let text = "---\nJust a line under a rule.\n";
        assert_eq!(split(text).unwrap(), (FrontMatter::default(), text));
        assert_eq!(split("---\n---\nBody").unwrap(), (FrontMatter::default(), "Body"));
        assert_eq!(split("").unwrap(), (FrontMatter::default(), ""));
    }

    #[test]
    fn faults_say_what_is_wrong_and_what_to_write() {
        let broken = split("---\ntags: [a, b\n---\nBody").unwrap_err().to_string();
        assert!(broken.starts_with("the front matter cannot be read: "), "{broken}");
        assert!(
            broken.ends_with("write plain keys such as `title: Disk full` and `tags: [docker, disk]`"),
            "{broken}"
        );
        assert!(split("---\ntitle: {a: b}\n---\n").is_err());
        let long = format!("---\ntitle: {}\n---\n", "x".repeat(MAX_BLOCK_BYTES));
        assert!(matches!(split(&long), Err(FrontMatterError::TooLong { .. })));
        assert_eq!(body_after_broken_block("---\ntags: [a\n---\nBody"), "Body");
    }

    #[test]
    fn nested_aliases_do_not_blow_up() {
        let mut text = String::from("---\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
            text.extend([format!("a{level}: &a{level} [{aliases}]\n")]);
        }
        text += "---\nBody";
        // Either answer will do, as long as it comes at once.
        let _ = split(&text);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(block in "[ -~\n\u{e4}\u{1f600}]{0,200}") {
            let _ = split(&format!("---\n{block}\n---\n"));
            let _ = split(&format!("+++\n{block}\n+++\n"));
            let _ = split(&block);
        }
    }
}
