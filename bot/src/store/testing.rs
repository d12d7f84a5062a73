//! For tests of the store: every test runs on both databases, each really there.

use adapters::event::{Conclusion, Person, Run, RunRef};
use adapters::message::{Message, Tone};
use tempfile::TempDir;

use super::{Backend, Store};

/// A new, empty database, and its address.
pub(crate) struct Database {
    pub(crate) url: String,
    _folder: TempDir,
}

impl Database {
    pub(crate) fn new(backend: Backend) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = match backend {
            Backend::Sqlite => format!("sqlite://{}", folder.path().join("whyred.db").display()),
            Backend::Postgres => world::postgres::new_database().expect("PostgreSQL"),
        };
        Self { url, _folder: folder }
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url).await.expect("the store opens")
    }
}

/// Runs a test on a new `SQLite` store and on a new `PostgreSQL` store.
pub(crate) async fn on_both(test: impl AsyncFn(Store)) {
    on_both_databases(async |database, store| {
        test(store).await;
        drop(database);
    })
    .await;
}

/// Like [`on_both`], for tests that open the database again.
pub(crate) async fn on_both_databases(test: impl AsyncFn(Database, Store)) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        // Seen only when the test fails: says on which database.
        eprintln!("on {backend:?}");
        let database = Database::new(backend);
        let store = database.open().await;
        assert_eq!(store.backend(), backend);
        test(database, store.clone()).await;
        store.close().await;
    }
}

/// The first attempt of run `id` of `CI` on `main` of `acme/payments`; its number is its id.
pub(crate) fn run(id: u64, conclusion: Option<Conclusion>) -> Run {
    let minute = |n: u64| super::moment(1_760_000_000_000 + i64::try_from(n).expect("small") * 60_000);
    Run {
        at: RunRef { source: "github".into(), repo: "acme/payments".into(), id: id.to_string(), attempt: 1 },
        number: id,
        workflow: "CI".into(),
        branch: "main".into(),
        sha: format!("{id:040x}"),
        title: "Round refunds half up".into(),
        trigger: "push".into(),
        author: Person { login: "mona".into(), ..Person::default() },
        url: format!("https://github.example/acme/payments/runs/{id}"),
        private: true,
        started_at: Some(minute(id)),
        finished_at: conclusion.is_some().then(|| minute(id + 1)),
        conclusion,
    }
}

pub(crate) fn message(headline: &str) -> Message {
    Message::new(Tone::Broken, headline)
}
