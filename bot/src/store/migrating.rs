//! Tests of the migrations: each on a database that holds what the version before has written, on both databases.

use sqlx::{AnyPool, AssertSqlSafe, Row};

use super::open::{connect, migrations};
use super::testing::{Database, on_both_databases};
use super::{
    Backend, Store, StoreError, actions, attempts, audit, baselines, breakages, failures, feedback, inbox,
    lost, notes, occurrences, posts, rollups, runs, settings, stats, subscriptions,
};
use crate::queue;

/// For each migration: rows in each table that it made or changed, as its version wrote them.
const SAMPLES: [(i64, &str); 10] = [
    (1, include_str!("samples/0001.sql")),
    (2, include_str!("samples/0002.sql")),
    (3, include_str!("samples/0003.sql")),
    (4, include_str!("samples/0004.sql")),
    (5, include_str!("samples/0005.sql")),
    (6, include_str!("samples/0006.sql")),
    (7, include_str!("samples/0007.sql")),
    (8, include_str!("samples/0008.sql")),
    (9, include_str!("samples/0009.sql")),
    (10, include_str!("samples/0010.sql")),
];

async fn tables(pool: &AnyPool, backend: Backend) -> Vec<String> {
    let sql = match backend {
        Backend::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
        Backend::Postgres => {
            "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        }
    };
    let rows = sqlx::query(sql).fetch_all(pool).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("name")).filter(|name| name != "_sqlx_migrations").collect()
}

#[test]
fn both_databases_have_the_same_migrations_and_each_has_samples() {
    let of = |backend| -> Vec<_> {
        let migrations = migrations(backend).iter();
        migrations.map(|migration| (migration.version, migration.description.to_string())).collect()
    };
    assert_eq!(of(Backend::Sqlite), of(Backend::Postgres));
    let sampled: Vec<_> = SAMPLES.iter().map(|(version, _)| *version).collect();
    assert_eq!(of(Backend::Sqlite).iter().map(|(version, _)| *version).collect::<Vec<_>>(), sampled);
}

#[tokio::test]
async fn each_migration_keeps_what_was_written_before_it() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let database = Database::new(backend);
        let (_, writer, reader) = connect(&database.url).await.unwrap();
        for (version, rows) in SAMPLES {
            migrations(backend).run_to(version, &writer).await.unwrap();
            // The only thing that the two write differently.
            let bytes = if backend == Backend::Sqlite { "x'" } else { "'\\x" };
            let rows = AssertSqlSafe(rows.replace("BYTES'", bytes));
            sqlx::raw_sql(rows).execute(&writer).await.unwrap();
            for table in tables(&writer, backend).await {
                let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
                let count: i64 = sqlx::query_scalar(count).fetch_one(&writer).await.unwrap();
                assert!(count > 0, "{table} has no sample row in version {version}");
            }
        }
        writer.close().await;
        reader.close().await;

        let store = database.open().await;
        read_everything(&store).await;
        store.close().await;
    }
}

/// Reads the sample rows the way the present version does.
async fn read_everything(store: &Store) {
    let deliveries = inbox::list_since(store, 0, None, 10).await.unwrap();
    assert_eq!(deliveries[0].outcome.as_deref(), Some("told"));
    assert_eq!(deliveries[1].kind, inbox::DeliveryKind::Interaction);
    assert_eq!(queue::counts(store).await.unwrap().len(), 3);
    assert_eq!(
        queue::dead::list(store, None, 9).await.unwrap()[0].last_error.as_deref(),
        Some("Slack is away")
    );
    let run = runs::latest(store, &runs::RunFilter::default(), 9, 0).await.unwrap().remove(0);
    assert_eq!((run.number, run.author.login.as_str()), (41, "mona"));
    let breakage =
        breakages::open_for(store, "github", "acme/payments", "main", "CI").await.unwrap().unwrap();
    let noted = notes::get(store, &breakage.id).await.unwrap();
    assert_eq!((noted.claimed_by.as_deref(), noted.owners.len()), (Some("Mona"), 1));
    assert_eq!(occurrences::of_breakage(store, &breakage.id, 9).await.unwrap().len(), 1);
    let key = baselines::Key { source: "github", repo: "acme/payments", workflow: "CI", job: "test" };
    assert_eq!(baselines::get(store, key).await.unwrap().unwrap().runs, 3);
    let failure = failures::by_fingerprint(store, "v1:connect timed out").await.unwrap().unwrap();
    assert_eq!((failure.occurrences, failure.category.as_str()), (1, "network"));
    let renamed = failures::by_fingerprint(store, "v2:connect timed out").await.unwrap().unwrap();
    assert_eq!((renamed.occurrences, renamed.follows), (1, Some(failure.id)), "counted with what it follows");
    let ci =
        attempts::Pipeline { source: "github".into(), repo: "acme/payments".into(), workflow: "CI".into() };
    let attempts = attempts::of_pipeline(store, &ci, "320a03815b58667e", 9).await.unwrap();
    let attempts: Vec<_> =
        attempts.iter().map(|it| (it.run_id.as_str(), it.outcome.as_str(), it.failed)).collect();
    assert_eq!(
        attempts,
        [("9", "green", 0), ("8", "green", 0), ("7", "red", 1)],
        "runs from before are attempts"
    );
    assert_eq!(rollups::of_breakage(store, &breakage.id).await.unwrap().len(), 1);
    assert_eq!(lost::list(store).await.unwrap()[0].conversation, "#gone");
    let post = posts::by_external(store, "slack", "C01", "17.1").await.unwrap().unwrap();
    assert!(post.is_behind());
    assert_eq!(actions::list(store, None, 9).await.unwrap()[0].state, actions::ActionState::Done);
    assert_eq!(audit::verify(store).await.unwrap(), audit::Verified { sound: 1, broken_at: None });
    assert_eq!(subscriptions::list(store).await.unwrap().len(), 1);
    assert_eq!(feedback::counts_by_rule(store).await.unwrap()[0].up, 1);
    assert_eq!(settings::get(store, "cursor").await.unwrap().as_deref(), Some("42"));
    let counted = stats::stats(store).await.unwrap();
    assert!(counted.rows.iter().all(|table| table.rows > 0), "{counted:?}");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    on_both_databases(async |database, store| {
        let mut tx = store.begin().await.unwrap();
        sqlx::query("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1")
            .execute(tx.connection())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let error = Store::open(&database.url).await.unwrap_err();
        assert!(matches!(error, StoreError::Migrate(_)), "{error:?}");
        assert!(error.to_string().contains("newer version"), "{error}");
    })
    .await;
}

/// As replicas do that start together on an empty database.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_may_open_a_new_database_at_once() {
    let database = Database::new(Backend::Postgres);
    let opening = (0..5).map(|_| {
        let url = database.url.clone();
        tokio::spawn(async move { Store::open(&url).await })
    });
    for store in futures::future::join_all(opening).await {
        store.unwrap().unwrap().close().await;
    }
}

#[tokio::test]
async fn a_sqlite_file_is_made_with_its_folder_and_for_us_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/with space/whyred.db");
    let store = Store::open(&format!("sqlite://{}", path.display())).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    settings::set(&mut tx, "a", "b").await.unwrap();
    tx.commit().await.unwrap();
    for file in ["whyred.db", "whyred.db-wal"] {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(path.with_file_name(file)).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    store.close().await;
}

#[tokio::test]
async fn what_cannot_be_opened_says_so_without_the_password() {
    let error = Store::open("postgres://bot:hunter2@127.0.0.1:1/whyred").await.unwrap_err();
    let told = format!("{error}");
    assert!(told.starts_with("cannot open the database `postgres://bot:"), "{told}");
    assert!(!format!("{error:?} {told}").contains("hunter2"), "{error:?}");
    let error = Store::open("sqlite:///proc/nowhere/whyred.db").await.unwrap_err();
    assert!(matches!(error, StoreError::File { .. }), "{error:?}");
}
