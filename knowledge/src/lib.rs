//! Documents in, passages out.
//!
//! Runbooks and other pages of advice arrive as [`Document`]s, are cut into [`Passage`]s by heading, and are kept
//! in a search [`Index`]. A failed job's diagnosis or a person's question is answered by [`Hit`]s: the passage that
//! helps, where it stands, and how sure the match is.
//!
//! The crate knows nothing of the network, the clock or the database: documents come in as values, and only the
//! index folder is touched on disk.

mod analyser;
mod anchor;
mod builtin;
mod current;
mod document;
mod entry;
mod error;
pub mod folder;
mod front_matter;
mod generation;
mod index;
mod markdown;
mod passage;
mod query;
mod relevance;
mod schema;
mod search;
mod snippet;
mod synonyms;

pub use builtin::{STARTER_SOURCE, starter_documents};
pub use document::{Document, MAX_BODY_BYTES};
pub use error::Error;
pub use front_matter::{FrontMatter, FrontMatterError};
pub use index::{Index, Stats, UpdateReport};
pub use passage::Passage;
pub use query::DiagnosisQuery;
pub use search::Hit;
