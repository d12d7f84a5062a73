//! What is stored of a document: one *head* entry for the page as a whole, and one entry for each passage.
//!
//! The content hash is part of the head. The list of what is indexed is read from the entries themselves, so it can
//! never disagree with them, whenever a process is killed.

use sha2::{Digest, Sha256};
use tantivy::{
    TantivyDocument, Term,
    schema::{
        FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
    },
};

use crate::{Document, Passage, analyser, document::beginning};

/// Raised whenever entries or terms are made differently: indexes of other formats are rebuilt.
pub(crate) const FORMAT: u32 = 2;

/// The fields of the index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    /// Source and id: what an entry is deleted by.
    pub(crate) key: Field,
    /// The beginning of the hash of the key, to bring the entries of a page together without reading texts.
    pub(crate) page: Field,
    /// Only on heads, like the next two.
    pub(crate) source: Field,
    pub(crate) document_id: Field,
    /// The beginning of the content hash: enough to see a change.
    pub(crate) hash: Field,
    /// 0 on heads, then the number of the passage from 1.
    pub(crate) part: Field,
    pub(crate) title: Field,
    pub(crate) tags: Field,
    pub(crate) categories: Field,
    /// Everything the page says, title and tags included.
    pub(crate) whole: Field,
    pub(crate) heading: Field,
    pub(crate) text: Field,
    pub(crate) code: Field,
    /// Only on heads: the [`Document`] as JSON. Its passages are cut out of it anew where they are shown, which takes less
    /// than to keep its text twice.
    pub(crate) document: Field,
}

/// The schema and its fields.
pub(crate) fn schema() -> (Schema, Fields) {
    let words = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(analyser::NAME)
            .set_index_option(IndexRecordOption::WithFreqs),
    );
    let mut builder = Schema::builder();
    let fields = Fields {
        key: builder.add_text_field("key", STRING),
        page: builder.add_u64_field("page", FAST),
        source: builder.add_text_field("source", FAST),
        document_id: builder.add_text_field("document_id", FAST),
        hash: builder.add_u64_field("hash", FAST),
        part: builder.add_u64_field("part", INDEXED | FAST),
        title: builder.add_text_field("title", words.clone()),
        tags: builder.add_text_field("tags", words.clone()),
        categories: builder.add_text_field("categories", STRING),
        whole: builder.add_text_field("whole", words.clone()),
        heading: builder.add_text_field("heading", words.clone()),
        text: builder.add_text_field("text", words.clone()),
        code: builder.add_text_field("code", words),
        document: builder.add_text_field("document", STORED),
    };
    (builder.build(), fields)
}

impl Fields {
    /// The term that finds every entry of a document.
    pub(crate) fn key_term(&self, source: &str, document_id: &str) -> Term {
        Term::from_field_text(self.key, &key(source, document_id))
    }

    /// The term that finds every head.
    pub(crate) fn head_term(&self) -> Term {
        Term::from_field_u64(self.part, 0)
    }

    /// The entries of a document: its head, then its passages.
    pub(crate) fn entries(
        &self,
        document: &Document,
        hash: u64,
    ) -> Result<Vec<TantivyDocument>, serde_json::Error> {
        let passages = document.passages();
        let mut entries = Vec::with_capacity(passages.len() + 1);
        entries.push(self.head(document, &passages, hash)?);
        for (passage, part) in passages.iter().zip(1..) {
            let mut entry = self.entry(document, part);
            for heading in &passage.heading_path {
                entry.add_text(self.heading, heading);
            }
            entry.add_text(self.text, &passage.text);
            for code in &passage.code {
                entry.add_text(self.code, code);
            }
            entries.push(entry);
        }
        Ok(entries)
    }

    fn head(
        &self,
        document: &Document,
        passages: &[Passage],
        hash: u64,
    ) -> Result<TantivyDocument, serde_json::Error> {
        let mut entry = self.entry(document, 0);
        entry.add_text(self.source, &document.source);
        entry.add_text(self.document_id, &document.id);
        entry.add_u64(self.hash, hash);
        entry.add_text(self.title, &document.title);
        entry.add_text(self.whole, &document.title);
        for tag in &document.tags {
            entry.add_text(self.tags, tag);
            entry.add_text(self.whole, tag);
        }
        for category in &document.categories {
            entry.add_text(self.categories, category);
            entry.add_text(self.whole, category);
        }
        for passage in passages {
            let headings = passage.heading_path.last().into_iter();
            for text in headings.chain([&passage.text]).chain(&passage.code) {
                entry.add_text(self.whole, text);
            }
        }
        entry.add_text(self.document, serde_json::to_string(document)?);
        Ok(entry)
    }

    fn entry(&self, document: &Document, part: u64) -> TantivyDocument {
        let mut entry = TantivyDocument::default();
        let key = key(&document.source, &document.id);
        entry.add_u64(self.page, beginning(&Sha256::digest(&key)));
        entry.add_text(self.key, key);
        entry.add_u64(self.part, part);
        entry
    }
}

/// Source and id in one term. The unit separator cannot stand in a path that a person writes.
fn key(source: &str, document_id: &str) -> String {
    format!("{source}\u{1f}{document_id}")
}
