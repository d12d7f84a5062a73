//! What can go wrong with the index, and what to do about it.

use std::{io, path::PathBuf};

use thiserror::Error;

/// A fault of the index or of a folder of documents.
#[derive(Debug, Error)]
pub enum Error {
    /// Another process, or another thread of this one, is writing the index.
    #[error(
        "the search index {path} is being written by another whyred process; wait until it is done, or give this one its own `index` folder",
        path = .path.display()
    )]
    Locked {
        /// The index folder.
        path: PathBuf,
    },
    /// There is no readable index in the folder, and this handle may not write one.
    #[error("there is no usable search index in {path}: {reason}; run `whyred index` to build it", path = .path.display())]
    Unusable {
        /// The index folder.
        path: PathBuf,
        /// What was found instead.
        reason: String,
    },
    /// The handle was opened to read only.
    #[error("the search index {path} was opened to be read only; open it with `Index::open` to write", path = .path.display())]
    ReadOnly {
        /// The index folder.
        path: PathBuf,
    },
    /// A document names another source than the one being updated.
    #[error("document {document} belongs to {found}, not to {expected}; update each source on its own")]
    ForeignSource {
        /// The document's id.
        document: String,
        /// The source that it names.
        found: String,
        /// The source being updated.
        expected: String,
    },
    /// The file system refused.
    #[error("cannot {doing} {path}: {error}; check that the path exists and that this user may use it", path = .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was being done, such as `read the folder of runbooks`.
        doing: &'static str,
        /// What the system said.
        error: io::Error,
    },
    /// The search engine refused.
    #[error("the search index failed: {0}; if this stays, delete the index folder and run `whyred index`")]
    Engine(#[from] tantivy::TantivyError),
    /// What was stored is not what this version stores.
    #[error(
        "an entry of the search index cannot be read: {0}; delete the index folder and run `whyred index`"
    )]
    Entry(#[from] serde_json::Error),
}
