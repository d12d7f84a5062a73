//! What can go wrong with the store, and what to do about it.

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address names no database that we know.
    #[error(
        "`{url}` is no database address: write `sqlite:///path/to/whyred.db` or `postgres://user:password@host/database`"
    )]
    Address {
        /// The address, without its password.
        url: String,
    },
    /// The database could not be opened.
    #[error(
        "cannot open the database `{url}`: check that it exists, that it can be reached, and that we may write to it"
    )]
    Open {
        /// The address, without its password.
        url: String,
        /// What the database said.
        #[source]
        source: sqlx::Error,
    },
    /// The folder or file of a `SQLite` database could not be made.
    #[error(
        "cannot create the database file `{path}`: check that its folder exists and that we may write to it"
    )]
    File {
        /// The file.
        path: String,
        /// What the file system said.
        #[source]
        source: std::io::Error,
    },
    /// The tables could not be brought up to date.
    #[error(
        "cannot migrate the database: if a newer version of whyred has used it before, run that version; otherwise \
         restore the last backup and try again"
    )]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database refused or lost a statement. Trying again may help.
    #[error("the database did not carry out a statement; if it goes on, `whyred doctor` says more")]
    Database(#[from] sqlx::Error),
    /// Something stored cannot be read back.
    #[error("a stored {what} cannot be read: a newer version of whyred may have written it")]
    Stored {
        /// Which kind of thing.
        what: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// Something to be stored cannot be written as JSON.
    #[error("a {what} cannot be written as JSON: this is a fault of whyred, please report it")]
    Unwritable {
        /// Which kind of thing.
        what: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// Nothing has this id.
    #[error("there is no {what} with the id `{id}`")]
    Missing {
        /// Which kind of thing.
        what: &'static str,
        /// The id asked for.
        id: String,
    },
    /// More waits to be stored than the disk can take.
    #[error("more comes in than the database can store: send it again in a few seconds")]
    Busy,
    /// The store is being shut down and takes nothing more.
    #[error("the store is shutting down and takes nothing more: send it again after the restart")]
    Closed,
}

impl StoreError {
    /// Whether the database refused a statement because something unique is there already.
    pub(crate) fn is_conflict(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.is_unique_violation(),
            _ => false,
        }
    }
}

/// What the functions of the store return.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
