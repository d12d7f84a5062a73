//! The starter runbooks that come with the program.

use include_dir::{Dir, include_dir};

use crate::Document;

/// The source that the starter runbooks belong to.
pub const STARTER_SOURCE: &str = "builtin";

static RUNBOOKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/runbooks");

/// The starter runbooks, in the order of their ids, which are their file names without the ending.
pub fn starter_documents() -> Vec<Document> {
    let mut documents: Vec<Document> = RUNBOOKS
        .files()
        .filter_map(|file| {
            let id = file.path().file_name()?.to_str()?.strip_suffix(".md")?;
            let text = file.contents_utf8()?;
            let document = Document::from_markdown(STARTER_SOURCE, id, text)
                .unwrap_or_else(|_| Document::without_front_matter(STARTER_SOURCE, id, text));
            Some(document)
        })
        .collect();
    documents.sort_by(|a, b| a.id.cmp(&b.id));
    documents
}

#[cfg(test)]
mod tests;
