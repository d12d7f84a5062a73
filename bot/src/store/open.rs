//! Opening a store: finding out which database is meant, connecting, bringing its tables up to date.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, AnyPool, Connection, Executor};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use url::Url;

use super::error::{Result, StoreError};
use super::{Backend, Inner, Store, intake};

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// Connections for reading a `SQLite` file; each costs a thread and a page cache of 2 MB at most.
const SQLITE_READERS: u32 = 4;

/// Connections to a `PostgreSQL` server, so many for writing and so many for reading (whoever writes may read meanwhile, and
/// must not wait for another who does the same); a server allows 100 by default.
const POSTGRES_CONNECTIONS: u32 = 16;

/// How long a `PostgreSQL` server may take to answer for the first time.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a statement waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(30);

impl Store {
    /// Opens the database behind `url` (`sqlite:///var/lib/whyred/whyred.db`, `sqlite:whyred.db`,
    /// `postgres://user:password@host/database`), creates the `SQLite` file if there is none, and brings the tables up to
    /// date. Must be called inside a Tokio runtime.
    pub async fn open(url: &str) -> Result<Self> {
        let (backend, writer, reader) = connect(url).await?;
        migrations(backend).run(&writer).await?;
        let (intake, requests) = mpsc::channel(intake::WAITING);
        let inner = Inner {
            backend,
            writer,
            reader,
            intake,
            work: watch::Sender::new(0),
            posts: watch::Sender::new(0),
        };
        let store = Self { inner: Arc::new(inner) };
        // The task holds the store weakly: dropping the last clone ends it.
        tokio::spawn(intake::run(Arc::downgrade(&store.inner), requests));
        Ok(store)
    }
}

/// The migrations that belong to a database.
pub(super) fn migrations(backend: Backend) -> &'static Migrator {
    match backend {
        Backend::Sqlite => &SQLITE,
        Backend::Postgres => &POSTGRES,
    }
}

/// Connects: one pool for writing, one for reading.
pub(super) async fn connect(url: &str) -> Result<(Backend, AnyPool, AnyPool)> {
    sqlx::any::install_default_drivers();
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => connect_sqlite(url).await,
        Some("postgres" | "postgresql") => connect_postgres(url).await,
        _ => Err(StoreError::Address { url: without_password(url) }),
    }
}

async fn connect_sqlite(url: &str) -> Result<(Backend, AnyPool, AnyPool)> {
    let path = sqlite_path(url).ok_or_else(|| StoreError::Address { url: url.to_owned() })?;
    create_file(&path)?;
    let failed = |source| StoreError::Open { url: url.to_owned(), source };
    let writer = AnyPoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(ACQUIRE)
        .after_connect(|connection, _| {
            Box::pin(async move {
                // WAL lets readers go on while one writes. Busy time-out: another process (`doctor`, a backup) may hold
                // the file for a moment. Foreign keys are off in SQLite unless asked for.
                connection
                    .execute(
                        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                         PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 67108864",
                    )
                    .await?;
                Ok(())
            })
        })
        .connect(url)
        .await
        .map_err(failed)?;
    let reader = AnyPoolOptions::new()
        .max_connections(SQLITE_READERS)
        .test_before_acquire(false)
        .acquire_timeout(ACQUIRE)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON").await?;
                Ok(())
            })
        })
        .connect(url)
        .await
        .map_err(failed)?;
    Ok((Backend::Sqlite, writer, reader))
}

async fn connect_postgres(url: &str) -> Result<(Backend, AnyPool, AnyPool)> {
    let failed = |source| StoreError::Open { url: without_password(url), source };
    // A pool would go on trying for as long as a statement may wait; one connection tells at once.
    match timeout(CONNECT, AnyConnection::connect(url)).await {
        Ok(first) => first.map_err(failed)?.close().await.map_err(failed)?,
        Err(_) => return Err(failed(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))),
    }
    let options = || AnyPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(ACQUIRE);
    let writer = options().connect(url).await.map_err(failed)?;
    let reader = options().connect(url).await.map_err(failed)?;
    Ok((Backend::Postgres, writer, reader))
}

/// The file that a `sqlite:` address names. Databases in memory are refused: each connection would see its own.
fn sqlite_path(url: &str) -> Option<String> {
    let rest = url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let path = rest.split('?').next().unwrap_or_default();
    if path.is_empty() || path == ":memory:" || url.contains("mode=memory") {
        return None;
    }
    // As the driver does it: the address is percent-encoded.
    Some(percent_decoded(path))
}

fn percent_decoded(path: &str) -> String {
    url::form_urlencoded::parse(path.replace('+', "%2B").replace('&', "%26").replace('=', "%3D").as_bytes())
        .map(|(name, _)| name.into_owned())
        .next()
        .unwrap_or_default()
}

/// Makes the file and its folder if they are missing. Only our own user may read it: it holds pieces of private logs.
fn create_file(path: &str) -> Result<()> {
    let failed = |source| StoreError::File { path: path.to_owned(), source };
    if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(failed)?;
    Ok(())
}

/// The address as it may be shown.
fn without_password(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut parsed) => {
            if parsed.password().is_some() {
                // Fails only for addresses that cannot have a password.
                let _ = parsed.set_password(Some("…"));
            }
            // Drivers also take a password as a parameter.
            parsed.set_query(None);
            parsed.to_string()
        }
        Err(_) => "(unreadable address)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_addresses_name_a_file() {
        assert_eq!(sqlite_path("sqlite:whyred.db").as_deref(), Some("whyred.db"));
        assert_eq!(sqlite_path("sqlite://whyred.db?mode=rwc").as_deref(), Some("whyred.db"));
        assert_eq!(sqlite_path("sqlite:///var/lib/a%20b+c.db").as_deref(), Some("/var/lib/a b+c.db"));
        assert_eq!(sqlite_path("sqlite::memory:"), None);
        assert_eq!(sqlite_path("sqlite://"), None);
    }

    #[test]
    fn passwords_are_not_shown() {
        let shown = without_password("postgres://bot:hunter2@db.example:5432/whyred?password=hunter2");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("db.example"), "{shown}");
    }

    #[tokio::test]
    async fn an_unknown_address_says_what_to_write() {
        let error = Store::open("mysql://root@localhost/x").await.expect_err("refused");
        insta::assert_snapshot!(error, @"`mysql://root@localhost/x` is no database address: write `sqlite:///path/to/whyred.db` or `postgres://user:password@host/database`");
    }
}
