//! Leases: who runs what, and what happens when they stop.

use super::*;
use crate::store::testing::on_both_databases;
use crate::store::{Backend, now_ms};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_workers_run_each_job_once() {
    on_both_databases(async |database, store| {
        let mut tx = store.begin().await.unwrap();
        for n in 0..200 {
            enqueue(&mut tx, &walk(&n.to_string(), n % 3), Enqueue::now()).await.unwrap();
        }
        tx.commit().await.unwrap();
        let diary = Arc::new(Diary::default());
        let config = WorkerConfig { poll: Duration::from_millis(20), ..config() };
        let others = [database.open().await, database.open().await];
        let workers: Vec<_> = others
            .iter()
            .chain([&store])
            .map(|store| Working::start(store, &diary, config.clone()))
            .collect();
        until_no_job_is_left(&store).await;
        for n in 0..200 {
            assert_eq!(diary.count(&format!("{n} starts")), 1, "job {n}");
        }
        assert_eq!(diary.lines().len(), 400);
        for worker in workers {
            worker.stop().await;
        }
        for other in others {
            other.close().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_long_job_keeps_its_lease() {
    on_both(async |store| {
        let diary = Arc::new(Diary::default());
        let config =
            WorkerConfig { lease: Duration::from_millis(1200), poll: Duration::from_millis(20), ..config() };
        let workers =
            [Working::start(&store, &diary, config.clone()), Working::start(&store, &diary, config)];
        make(&store, &walk("long", 2500), Enqueue::now()).await;
        until_no_job_is_left(&store).await;
        assert_eq!(diary.lines(), ["long starts", "long ends"]);
        for worker in workers {
            worker.stop().await;
        }
    })
    .await;
}

/// Takes all jobs as a process would that is killed right afterwards.
async fn take_and_die(store: &Store, lease: Duration) {
    let mut tx = store.begin().await.unwrap();
    let taken =
        storage::claim(&mut tx, "a process/that is gone", now_ms() + job::millis(lease), 10, &Lanes::All)
            .await
            .unwrap();
    assert!(!taken.is_empty());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_jobs_of_a_killed_process_run_again() {
    on_both(async |store| {
        make(&store, &walk("a", 0), Enqueue::now()).await;
        // SQLite belongs to one process, so that the next one need not wait for the lease.
        let lease = if store.backend() == Backend::Sqlite {
            Duration::from_hours(1)
        } else {
            Duration::from_millis(300)
        };
        take_and_die(&store, lease).await;
        let diary = Arc::new(Diary::default());
        let worker =
            Working::start(&store, &diary, WorkerConfig { lease: Duration::from_millis(300), ..config() });
        until_no_job_is_left(&store).await;
        assert_eq!(diary.count("a ends"), 1);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_job_that_kills_its_process_again_and_again_becomes_a_dead_letter() {
    on_both(async |store| {
        make(&store, &Stumble { how: Fault::Error, times: 0 }, Enqueue::now()).await;
        for _ in 0..Stumble::MAX_ATTEMPTS {
            take_and_die(&store, Duration::ZERO).await;
            let diary = Arc::new(Diary::default());
            // It never gets to run anything itself: it only tidies up.
            let config = WorkerConfig { concurrency: 0, lease: Duration::from_millis(30), ..config() };
            let worker = Working::start(&store, &diary, config);
            until("it is given back", async || {
                counts(&store).await.unwrap().iter().all(|counted| counted.state != JobState::Running)
            })
            .await;
            worker.stop().await;
        }
        let letters = dead::list(&store, None, 10).await.unwrap();
        assert_eq!((letters.len(), letters[0].attempts), (1, 3));
        let why = letters[0].last_error.as_deref().unwrap();
        assert!(why.contains("its process stopped"), "{why}");
    })
    .await;
}

#[tokio::test]
async fn a_job_whose_lease_was_lost_is_stopped() {
    on_both(async |store| {
        make(&store, &walk("long", 3000), Enqueue::now()).await;
        let diary = Arc::new(Diary::default());
        let worker =
            Working::start(&store, &diary, WorkerConfig { lease: Duration::from_millis(150), ..config() });
        until("it runs", async || diary.count("long starts") == 1).await;
        let mut tx = store.begin().await.unwrap();
        sqlx::query("UPDATE jobs SET lease_owner = 'somebody else', lease_until = $1")
            .bind(i64::MAX)
            .execute(tx.connection())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let start = Instant::now();
        sleep(Duration::from_millis(200)).await;
        worker.stop().await;
        assert!(start.elapsed() < Duration::from_secs(2), "nothing is left to wait for");
        assert_eq!(diary.lines(), ["long starts"]);
        let jobs = counts(&store).await.unwrap();
        assert_eq!((jobs.len(), jobs[0].state), (1, JobState::Running), "it is the other's now");
    })
    .await;
}

#[tokio::test]
async fn shutdown_lets_jobs_end_and_starts_none() {
    on_both(async |store| {
        make(&store, &walk("running", 300), Enqueue::now()).await;
        let diary = Arc::new(Diary::default());
        let worker = Working::start(&store, &diary, config());
        until("it runs", async || diary.lines().len() == 1).await;
        worker.stop.cancel();
        sleep(Duration::from_millis(20)).await;
        make(&store, &walk("new", 0), Enqueue::now()).await;
        worker.stop().await;
        assert_eq!(diary.lines(), ["running starts", "running ends"]);
        assert_eq!(counts(&store).await.unwrap()[0].state, JobState::Ready);
    })
    .await;
}

#[tokio::test]
async fn shutdown_gives_back_what_does_not_end() {
    on_both(async |store| {
        make(&store, &walk("endless", 60_000), Enqueue::now()).await;
        let diary = Arc::new(Diary::default());
        let config = WorkerConfig { drain: Duration::from_millis(100), ..config() };
        let worker = Working::start(&store, &diary, config.clone());
        until("it runs", async || diary.lines().len() == 1).await;
        worker.stop().await;
        let mut tx = store.begin().await.unwrap();
        let jobs = storage::claim(&mut tx, "me", i64::MAX, 10, &Lanes::All).await.unwrap();
        assert_eq!((jobs.len(), jobs[0].attempts), (1, 1), "ready at once, and the attempt did not count");
    })
    .await;
}
