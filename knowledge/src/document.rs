//! What comes in: a page of advice.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Passage, front_matter, front_matter::FrontMatterError, markdown, passage};

/// The longest body that is read, in bytes. What stands beyond it is left out: a page this long is a dump, not advice.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A page of advice, as its source gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Stable name within its source, such as the path without its ending (`docker/no-space-left`). Citations use it.
    pub id: String,
    /// Which collection it belongs to, such as `builtin` or the configured name of a folder.
    pub source: String,
    /// What it is called.
    pub title: String,
    /// Tools and topics, lower case (`npm`, `registry`).
    pub tags: Vec<String>,
    /// The failure categories that it helps with, as the classifiers spell them (`dependency_resolution`).
    pub categories: Vec<String>,
    /// Who keeps it up to date.
    pub owner: Option<String>,
    /// Where a person can read it, without an anchor.
    pub url: Option<String>,
    /// When it last changed, in milliseconds since 1970-01-01 UTC.
    pub updated: Option<i64>,
    /// The text, in Markdown, without front matter.
    pub body: String,
}

impl Document {
    /// Reads a Markdown file: front matter says title, tags, categories, owner and address; the rest is the body.
    /// Without a title in the front matter the first top-level heading serves, or else the id.
    ///
    /// # Errors
    /// The front matter cannot be read. [`Document::without_front_matter`] still takes the text then.
    pub fn from_markdown(source: &str, id: &str, text: &str) -> Result<Self, FrontMatterError> {
        let (front_matter, body) = front_matter::split(text)?;
        let title =
            front_matter.title.or_else(|| markdown::first_title(body)).unwrap_or_else(|| id.to_owned());
        Ok(Self {
            id: id.to_owned(),
            source: source.to_owned(),
            title,
            tags: lower_case(front_matter.tags),
            categories: lower_case(front_matter.categories),
            owner: front_matter.owner,
            url: front_matter.url,
            updated: None,
            body: body.to_owned(),
        })
    }

    /// Takes the text of a file whose front matter is broken: it can be found by its words, though not by tags.
    pub fn without_front_matter(source: &str, id: &str, text: &str) -> Self {
        let body = front_matter::body_after_broken_block(text);
        Self {
            id: id.to_owned(),
            source: source.to_owned(),
            title: markdown::first_title(body).unwrap_or_else(|| id.to_owned()),
            tags: Vec::new(),
            categories: Vec::new(),
            owner: None,
            url: None,
            updated: None,
            body: body.to_owned(),
        }
    }

    /// A fingerprint (the first 64 bits of SHA-256) of everything that search shows or uses. The time of change is not part of
    /// it: a page that was only touched needs no new entry in the index.
    pub fn content_hash(&self) -> u64 {
        let mut hasher = Sha256::new();
        let mut field = |text: &str| {
            // The length goes first, so that text cannot move from one field to the next unnoticed.
            hasher.update(text.len().to_le_bytes());
            hasher.update(text.as_bytes());
        };
        for text in [&self.id, &self.source, &self.title, &self.body] {
            field(text);
        }
        for text in [&self.owner, &self.url] {
            field(text.as_deref().unwrap_or_default());
        }
        for list in [&self.tags, &self.categories] {
            field(&list.len().to_string());
            for text in list {
                field(text);
            }
        }
        beginning(&hasher.finalize())
    }

    /// The text cut by its headings, in page order. Text before the first heading comes first, with an empty path.
    pub fn passages(&self) -> Vec<Passage> {
        passage::passages(self)
    }
}

/// The first 64 bits of a hash: of a million texts, two meet there once in some ten million times.
pub(crate) fn beginning(hash: &[u8]) -> u64 {
    hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn lower_case(words: Vec<String>) -> Vec<String> {
    words.into_iter().map(|word| word.trim().to_lowercase()).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Document {
        let text = "---\ntitle: Disk full\ntags: [Docker, ' disk ']\ncategories: [disk_full]\nowner: platform\n---\nBody.";
        Document::from_markdown("builtin", "disk-full", text).unwrap()
    }

    #[test]
    fn front_matter_fills_the_fields_and_leaves_the_body() {
        let page = page();
        assert_eq!(page.title, "Disk full");
        assert_eq!(page.tags, ["docker", "disk"]);
        assert_eq!(page.categories, ["disk_full"]);
        assert_eq!(page.owner.as_deref(), Some("platform"));
        assert_eq!(page.body, "Body.");
    }

    #[test]
    fn the_title_falls_back_to_the_first_heading_and_then_to_the_id() {
        let titled = Document::from_markdown("s", "a/b", "Intro.\n\n# The *page*\n\nText").unwrap();
        assert_eq!(titled.title, "The page");
        assert_eq!(Document::from_markdown("s", "a/b", "## Only a section\n").unwrap().title, "a/b");
    }

    #[test]
    fn the_hash_follows_everything_but_the_time_of_change() {
        let original = page();
        let same = Document { updated: Some(1), ..original.clone() };
        assert_eq!(original.content_hash(), same.content_hash());
        let changes = [
            Document { title: "Disk".into(), ..original.clone() },
            Document { body: "Body".into(), ..original.clone() },
            Document { url: Some("https://example.com".into()), ..original.clone() },
            Document { owner: None, url: Some("platform".into()), ..original.clone() },
            Document { tags: vec!["docker".into()], ..original.clone() },
            Document { tags: vec![], categories: vec!["docker".into(), "disk".into()], ..original.clone() },
        ];
        for changed in changes {
            assert_ne!(original.content_hash(), changed.content_hash(), "{changed:?}");
        }
    }
}
