//! What `doctor`, readiness and metrics want to know about the database itself.

use serde::Serialize;

use super::{Backend, Reads, Result, Store};

/// How the database is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// `SQLite` or `PostgreSQL`, with its version.
    pub database: String,
    /// Size in bytes, indexes included.
    pub bytes: i64,
    /// `wal` is what a `SQLite` file should say; `PostgreSQL` always has one.
    pub journal_mode: String,
    /// The newest migration applied.
    pub migration: i64,
    /// Rows by table.
    pub rows: Vec<TableRows>,
}

/// How many rows a table has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableRows {
    /// Name of the table.
    pub table: &'static str,
    /// How many rows.
    pub rows: i64,
}

/// The tables counted, each with its statement.
const COUNTS: [(&str, &str); 14] = [
    ("inbox", "SELECT COUNT(*) FROM inbox"),
    ("jobs", "SELECT COUNT(*) FROM jobs"),
    ("runs", "SELECT COUNT(*) FROM runs"),
    ("attempts", "SELECT COUNT(*) FROM attempts"),
    ("breakages", "SELECT COUNT(*) FROM breakages"),
    ("occurrences", "SELECT COUNT(*) FROM occurrences"),
    ("failures", "SELECT COUNT(*) FROM failures"),
    ("posts", "SELECT COUNT(*) FROM posts"),
    ("rollups", "SELECT COUNT(*) FROM rollups"),
    ("actions", "SELECT COUNT(*) FROM actions"),
    ("audit", "SELECT COUNT(*) FROM audit"),
    ("subscriptions", "SELECT COUNT(*) FROM subscriptions"),
    ("baselines", "SELECT COUNT(*) FROM baselines"),
    ("feedback", "SELECT COUNT(*) FROM feedback"),
];

/// How the database is.
pub async fn stats(store: &Store) -> Result<Stats> {
    let mut db = store.reading().await?;
    let mut rows = Vec::with_capacity(COUNTS.len());
    for (table, count) in COUNTS {
        rows.push(TableRows { table, rows: sqlx::query_scalar(count).fetch_one(&mut *db).await? });
    }
    let (version, bytes, journal_mode): (String, i64, String) = match store.backend() {
        Backend::Sqlite => {
            let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *db).await?;
            let page: i64 = sqlx::query_scalar("PRAGMA page_size").fetch_one(&mut *db).await?;
            let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut *db).await?;
            let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *db).await?;
            (format!("SQLite {version}"), pages * page, mode)
        }
        Backend::Postgres => {
            let version: String =
                sqlx::query_scalar("SELECT current_setting('server_version')").fetch_one(&mut *db).await?;
            let bytes: i64 =
                sqlx::query_scalar("SELECT pg_database_size(current_database())").fetch_one(&mut *db).await?;
            (format!("PostgreSQL {version}"), bytes, "wal".to_owned())
        }
    };
    let migration =
        sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&mut *db).await?;
    Ok(Stats { database: version, bytes, journal_mode, migration, rows })
}

/// Whether the database answers and can be written to: for readiness.
pub async fn ping(store: &Store) -> Result<()> {
    let mut tx = store.begin_relaxed().await?;
    sqlx::query("UPDATE counters SET value = value WHERE name = 'ping'").execute(tx.connection()).await?;
    tx.rollback().await
}

#[cfg(test)]
mod tests {
    use super::super::testing::on_both;
    use super::super::{settings, subscriptions};
    use super::*;

    #[tokio::test]
    async fn the_database_tells_how_it_is() {
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            subscriptions::add(&mut tx, "slack", "C1", "x", "U1").await.unwrap();
            tx.commit().await.unwrap();
            let stats = stats(&store).await.unwrap();
            let expected = if store.backend() == Backend::Sqlite { "SQLite 3." } else { "PostgreSQL " };
            assert!(stats.database.starts_with(expected), "{}", stats.database);
            assert_eq!(stats.journal_mode, "wal");
            assert!(stats.bytes > 10_000);
            assert!(stats.migration >= 1);
            let of = |table| stats.rows.iter().find(|rows| rows.table == table).unwrap().rows;
            assert_eq!((of("subscriptions"), of("posts")), (1, 0));
            ping(&store).await.unwrap();
        })
        .await;
    }

    #[tokio::test]
    async fn a_closed_store_does_not_answer() {
        on_both(async |store| {
            store.close().await;
            assert!(ping(&store).await.is_err());
            assert!(settings::get(&store, "x").await.is_err());
        })
        .await;
    }
}
