//! The queue on both databases: outcomes here, lanes and leases in files of their own.

mod lanes;
mod leases;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::store::testing::on_both;
use crate::store::{Store, settings};

/// What the jobs of these tests do, they write down here.
#[derive(Default)]
struct Diary {
    store: Option<Store>,
    lines: Mutex<Vec<String>>,
}

impl Diary {
    fn write(&self, line: impl Into<String>) {
        self.lines.lock().unwrap().push(line.into());
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    fn count(&self, line: &str) -> usize {
        self.lines().iter().filter(|written| *written == line).count()
    }
}

/// Starts, takes some time, ends.
#[derive(Serialize, Deserialize)]
struct Walk {
    name: String,
    ms: u64,
}

impl Job for Walk {
    type Context = Diary;
    const KIND: &'static str = "walk";

    async fn run(&self, diary: Arc<Diary>) -> Result<(), JobError> {
        diary.write(format!("{} starts", self.name));
        sleep(Duration::from_millis(self.ms)).await;
        diary.write(format!("{} ends", self.name));
        Ok(())
    }
}

/// What goes wrong, and how often before it goes right.
#[derive(Serialize, Deserialize)]
struct Stumble {
    how: Fault,
    times: usize,
}

#[derive(Serialize, Deserialize)]
enum Fault {
    Error,
    Fatal,
    Panic,
    Hang,
    Later,
}

impl Job for Stumble {
    type Context = Diary;
    const KIND: &'static str = "stumble";
    const MAX_ATTEMPTS: u32 = 3;
    const TIMEOUT: Duration = Duration::from_millis(100);

    async fn run(&self, diary: Arc<Diary>) -> Result<(), JobError> {
        diary.write("tried");
        if diary.count("tried") > self.times {
            return Ok(());
        }
        match self.how {
            Fault::Error => Err(std::io::Error::other("password=hunter2 \0 refused"))?,
            Fault::Fatal => Err(JobError::fatal("no such repository: fix the route")),
            Fault::Panic => panic!("index out of bounds"),
            Fault::Hang => std::future::pending().await,
            Fault::Later => Err(JobError::retry_after(Duration::from_millis(300), "rate limited")),
        }
    }
}

/// Writes down what a setting says.
#[derive(Serialize, Deserialize)]
struct Look;

impl Job for Look {
    type Context = Diary;
    const KIND: &'static str = "look";

    async fn run(&self, diary: Arc<Diary>) -> Result<(), JobError> {
        let store = diary.store.as_ref().ok_or_else(|| JobError::fatal("this test needs a store"))?;
        diary.write(format!("saw {:?}", settings::get(store, "seen").await?));
        Ok(())
    }
}

fn config() -> WorkerConfig {
    WorkerConfig {
        first_pause: Duration::from_millis(20),
        longest_pause: Duration::from_millis(50),
        redact: |why| why.replace("hunter2", "***"),
        ..WorkerConfig::default()
    }
}

/// A worker at work.
struct Working {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Working {
    fn start(store: &Store, diary: &Arc<Diary>, config: WorkerConfig) -> Self {
        let registry = Registry::new().register::<Walk>().register::<Stumble>().register::<Look>();
        let stop = CancellationToken::new();
        let worker = Worker::new(store.clone(), Arc::clone(diary), registry, config);
        Self { task: tokio::spawn(worker.run(stop.clone())), stop }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

async fn make<J: Job>(store: &Store, job: &J, how: Enqueue) -> String {
    let mut tx = store.begin().await.unwrap();
    let id = enqueue(&mut tx, job, how).await.unwrap();
    tx.commit().await.unwrap();
    id
}

fn walk(name: &str, ms: u64) -> Walk {
    Walk { name: name.into(), ms }
}

/// Waits until something holds; fails after ten seconds.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < Duration::from_secs(10), "waited in vain: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

async fn until_no_job_is_left(store: &Store) {
    until("no job is left", async || counts(store).await.unwrap().is_empty()).await;
}

async fn until_dead(store: &Store, jobs: i64) {
    until("jobs are dead", async || dead::count(store).await.unwrap() == jobs).await;
}

#[tokio::test]
async fn a_job_runs_as_soon_as_its_transaction_commits() {
    on_both(async |store| {
        let diary = Arc::new(Diary::default());
        let worker =
            Working::start(&store, &diary, WorkerConfig { poll: Duration::from_mins(1), ..config() });
        sleep(Duration::from_millis(50)).await;

        let mut tx = store.begin().await.unwrap();
        enqueue(&mut tx, &walk("never", 0), Enqueue::now()).await.unwrap();
        tx.rollback().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        enqueue(&mut tx, &walk("soon", 0), Enqueue::now()).await.unwrap();
        sleep(Duration::from_millis(100)).await;
        assert!(diary.lines().is_empty(), "not before the commit");
        tx.commit().await.unwrap();

        until_no_job_is_left(&store).await;
        assert_eq!(diary.lines(), ["soon starts", "soon ends"]);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_delayed_job_waits_for_its_time_and_no_longer() {
    on_both(async |store| {
        let diary = Arc::new(Diary::default());
        let worker =
            Working::start(&store, &diary, WorkerConfig { poll: Duration::from_mins(1), ..config() });
        let start = Instant::now();
        make(&store, &walk("later", 0), Enqueue::now().after(Duration::from_millis(400))).await;
        assert_eq!(oldest_ready_age(&store).await.unwrap(), None, "not due");
        until_no_job_is_left(&store).await;
        assert!(start.elapsed() >= Duration::from_millis(400), "{:?}", start.elapsed());
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_fails_is_tried_again() {
    on_both(async |store| {
        for how in [Fault::Error, Fault::Panic, Fault::Hang] {
            let diary = Arc::new(Diary::default());
            let worker = Working::start(&store, &diary, config());
            make(&store, &Stumble { how, times: 2 }, Enqueue::now()).await;
            until_no_job_is_left(&store).await;
            assert_eq!(diary.count("tried"), 3);
            worker.stop().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_wish_for_when_to_try_again_is_obeyed() {
    on_both(async |store| {
        let diary = Arc::new(Diary::default());
        let worker = Working::start(&store, &diary, config());
        let start = Instant::now();
        make(&store, &Stumble { how: Fault::Later, times: 1 }, Enqueue::now()).await;
        until_no_job_is_left(&store).await;
        assert!(start.elapsed() >= Duration::from_millis(300), "{:?}", start.elapsed());
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_fails_too_often_or_for_good_is_a_dead_letter_until_it_is_replayed() {
    on_both(async |store| {
        let diary = Arc::new(Diary::default());
        let worker = Working::start(&store, &diary, config());
        let mut ids = Vec::new();
        for (n, how) in [Fault::Error, Fault::Panic, Fault::Hang, Fault::Fatal].into_iter().enumerate() {
            ids.push(make(&store, &Stumble { how, times: 100 }, Enqueue::now()).await);
            until_dead(&store, i64::try_from(n + 1).unwrap()).await;
        }
        worker.stop().await;
        assert_eq!(diary.count("tried"), 3 + 3 + 3 + 1);
        let letters = dead::list(&store, None, 10).await.unwrap();
        assert_eq!(
            letters.iter().map(|job| &job.id).collect::<Vec<_>>(),
            ids.iter().rev().collect::<Vec<_>>()
        );
        let why: Vec<_> = letters.iter().map(|job| job.last_error.as_deref().unwrap()).collect();
        insta::allow_duplicates! {
            insta::assert_debug_snapshot!(why, @r#"
            [
                "no such repository: fix the route",
                "it took longer than 0.1 s",
                "it panicked: index out of bounds",
                "password=*** � refused",
            ]
            "#);
        }
        assert_eq!(dead::list(&store, Some(&ids[1]), 10).await.unwrap().len(), 1, "the next page");

        let mut tx = store.begin().await.unwrap();
        assert!(dead::replay(&mut tx, &ids[3]).await.unwrap());
        assert!(!dead::replay(&mut tx, &ids[3]).await.unwrap(), "it is not dead any more");
        tx.commit().await.unwrap();
        assert!(oldest_ready_age(&store).await.unwrap().is_some());
        let counted: Vec<_> = counts(&store).await.unwrap().into_iter().map(|c| (c.state, c.jobs)).collect();
        assert_eq!(counted, [(JobState::Dead, 3), (JobState::Ready, 1)]);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(dead::replay_all(&mut tx, Some("walk")).await.unwrap(), 0);
        assert_eq!(dead::replay_all(&mut tx, None).await.unwrap(), 3);
        tx.commit().await.unwrap();

        let healed = Arc::new(Diary::default());
        (0..100).for_each(|_| healed.write("tried"));
        let worker = Working::start(&store, &healed, config());
        until_no_job_is_left(&store).await;
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn jobs_of_other_versions_are_kept() {
    #[derive(Serialize, Deserialize)]
    struct Future;
    impl Job for Future {
        type Context = Diary;
        const KIND: &'static str = "future";
        const MAX_ATTEMPTS: u32 = 2;
        async fn run(&self, _: Arc<Diary>) -> Result<(), JobError> {
            Ok(())
        }
    }
    #[derive(Serialize, Deserialize)]
    struct Changed;
    impl Job for Changed {
        type Context = Diary;
        const KIND: &'static str = "walk";
        async fn run(&self, _: Arc<Diary>) -> Result<(), JobError> {
            Ok(())
        }
    }
    on_both(async |store| {
        let diary = Arc::new(Diary::default());
        let worker = Working::start(&store, &diary, config());
        make(&store, &Future, Enqueue::now()).await;
        make(&store, &Changed, Enqueue::now()).await;
        until_dead(&store, 2).await;
        let letters = dead::list(&store, None, 10).await.unwrap();
        let told: Vec<_> =
            letters.iter().map(|job| (job.attempts, job.last_error.as_deref().unwrap_or_default())).collect();
        assert_eq!(told[0].0, 1);
        assert!(told[0].1.starts_with("the stored job cannot be read"), "{told:?}");
        assert_eq!(told[1], (2, "this version knows no job `future`: run the one that made it"));
        worker.stop().await;
    })
    .await;
}

#[test]
#[should_panic(expected = "two kinds of job are named `walk`")]
fn a_name_stands_for_one_kind() {
    let _ = Registry::new().register::<Walk>().register::<Walk>();
}

#[tokio::test]
async fn the_same_work_waits_once() {
    on_both(async |store| {
        let first = make(&store, &walk("a", 0), Enqueue::now().once("a").after(Duration::from_mins(5))).await;
        let second = make(&store, &walk("a", 0), Enqueue::now().once("a")).await;
        let other = make(&store, &walk("b", 0), Enqueue::now().once("b")).await;
        assert_eq!(first, second);
        assert_ne!(first, other);

        let diary = Arc::new(Diary::default());
        let worker = Working::start(&store, &diary, config());
        until_no_job_is_left(&store).await;
        assert_eq!((diary.count("a ends"), diary.count("b ends")), (1, 1), "and comes forward");

        make(&store, &walk("long", 300), Enqueue::now().once("long")).await;
        until("it runs", async || diary.count("long starts") == 1).await;
        make(&store, &walk("long", 0), Enqueue::now().once("long")).await;
        until_no_job_is_left(&store).await;
        assert_eq!(diary.count("long ends"), 2, "what came after the start needs a run of its own");
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_fails_while_the_same_waits_leaves_it_to_that() {
    on_both(async |store| {
        make(&store, &Stumble { how: Fault::Hang, times: 1 }, Enqueue::now().once("s")).await;
        let diary = Arc::new(Diary::default());
        let worker = Working::start(&store, &diary, config());
        until("it runs", async || diary.count("tried") == 1).await;
        make(
            &store,
            &Stumble { how: Fault::Hang, times: 1 },
            Enqueue::now().once("s").after(Duration::from_millis(400)),
        )
        .await;
        until("the first is gone", async || {
            counts(&store).await.unwrap().iter().map(|counted| counted.jobs).sum::<i64>() == 1
        })
        .await;
        until_no_job_is_left(&store).await;
        assert_eq!(diary.count("tried"), 2);
        worker.stop().await;
    })
    .await;
}

/// A change and the wish to act on it are committed together; the wish finds the same work waiting already. No worker may
/// start that work before the change can be seen: it would act on the old state, and nobody would act on the new.
#[tokio::test]
async fn waiting_work_does_not_start_before_the_change_that_wants_it_again() {
    on_both(async |store| {
        make(&store, &Look, Enqueue::now().once("look")).await;
        let mut tx = store.begin().await.unwrap();
        settings::set(&mut tx, "seen", "the change").await.unwrap();
        enqueue(&mut tx, &Look, Enqueue::now().once("look")).await.unwrap();

        let diary = Arc::new(Diary { store: Some(store.clone()), ..Diary::default() });
        let worker = Working::start(&store, &diary, config());
        sleep(Duration::from_millis(300)).await;
        tx.commit().await.unwrap();
        until_no_job_is_left(&store).await;
        assert_eq!(diary.lines(), [r#"saw Some("the change")"#]);
        worker.stop().await;
    })
    .await;
}
