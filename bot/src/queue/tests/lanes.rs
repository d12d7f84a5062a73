//! Lanes: one at a time, in order, whoever works.

use super::*;
use crate::store::testing::on_both_databases;

/// Checks that no two walks of a lane overlap and that they keep the order of their numbers.
fn assert_in_order(lines: &[String], lane: usize, jobs: usize) {
    let of_lane: Vec<_> = lines.iter().filter(|line| line.starts_with(&format!("{lane}/"))).collect();
    let expected: Vec<_> =
        (0..jobs).flat_map(|n| [format!("{lane}/{n} starts"), format!("{lane}/{n} ends")]).collect();
    assert_eq!(of_lane, expected.iter().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lanes_keep_their_order_with_several_workers() {
    on_both_databases(async |database, store| {
        for n in 0..8 {
            for lane in 0..4 {
                let job = walk(&format!("{lane}/{n}"), (n * 7 + lane) % 5);
                make(&store, &job, Enqueue::now().lane(format!("lane {lane}"))).await;
            }
        }
        let diary = Arc::new(Diary::default());
        // Stores of their own, as in processes of their own.
        let config = WorkerConfig { poll: Duration::from_millis(20), ..config() };
        let others = [database.open().await, database.open().await];
        let workers: Vec<_> = others
            .iter()
            .chain([&store])
            .map(|store| Working::start(store, &diary, config.clone()))
            .collect();
        until_no_job_is_left(&store).await;
        for lane in 0..4 {
            assert_in_order(&diary.lines(), lane, 8);
        }
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
async fn a_lane_waits_for_its_first_job_and_others_do_not() {
    on_both(async |store| {
        let held =
            make(&store, &walk("first", 0), Enqueue::now().lane("a").after(Duration::from_millis(500))).await;
        make(&store, &walk("second", 0), Enqueue::now().lane("a")).await;
        make(&store, &walk("other", 0), Enqueue::now().lane("b")).await;
        make(&store, &walk("none", 0), Enqueue::now()).await;
        let diary = Arc::new(Diary::default());
        let worker =
            Working::start(&store, &diary, WorkerConfig { poll: Duration::from_millis(50), ..config() });
        until("the others are done", async || diary.lines().len() == 4).await;
        assert!(!held.is_empty() && diary.count("second starts") == 0);
        until_no_job_is_left(&store).await;
        assert_eq!(diary.lines()[4..], ["first starts", "first ends", "second starts", "second ends"]);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_dead_job_lets_its_lane_go_on() {
    on_both(async |store| {
        make(&store, &Stumble { how: Fault::Fatal, times: 9 }, Enqueue::now().lane("a")).await;
        make(&store, &walk("next", 0), Enqueue::now().lane("a")).await;
        let diary = Arc::new(Diary::default());
        let worker = Working::start(&store, &diary, config());
        until("the next one is done", async || diary.count("next ends") == 1).await;
        assert_eq!(dead::count(&store).await.unwrap(), 1);
        worker.stop().await;
    })
    .await;
}

/// Nobody works: the database itself must refuse a second running job of a lane, whatever a claim saw.
#[tokio::test]
async fn the_database_holds_a_lane_to_one_running_job() {
    on_both(async |store| {
        make(&store, &walk("first", 0), Enqueue::now().lane("a")).await;
        make(&store, &walk("second", 0), Enqueue::now().lane("a")).await;
        let mut tx = store.begin().await.unwrap();
        let started = storage::claim(&mut tx, "me", i64::MAX, 10, &Lanes::All).await.unwrap();
        assert_eq!(started.len(), 1);
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let forced = sqlx::query("UPDATE jobs SET state = 'running'").execute(tx.connection()).await;
        assert!(crate::store::StoreError::from(forced.unwrap_err()).is_conflict());
    })
    .await;
}

#[tokio::test]
async fn parts_of_the_lanes_are_told_by_how_they_begin() {
    on_both(async |store| {
        for lane in ["deliver:slack:#a", "deliver:dead:#a", "learn"] {
            make(&store, &walk(lane, 0), Enqueue::now().lane(lane)).await;
        }
        make(&store, &walk("no lane", 0), Enqueue::now()).await;
        let mut tx = store.begin().await.unwrap();
        let mut started = async |lanes: Lanes| {
            let jobs = storage::claim(&mut tx, "me", i64::MAX, 10, &lanes).await.unwrap();
            jobs.into_iter().map(|job| job.lane.unwrap_or_default()).collect::<Vec<_>>()
        };
        let deliveries = vec!["deliver:slack:".to_owned(), "deliver:dead:".to_owned()];
        assert_eq!(started(Lanes::AllBut(deliveries)).await, ["learn", ""]);
        assert_eq!(started(Lanes::Of("deliver:slack:".to_owned())).await, ["deliver:slack:#a"]);
        assert_eq!(started(Lanes::AllBut(Vec::new())).await, ["deliver:dead:#a"], "what is left");
        tx.rollback().await.unwrap();
    })
    .await;
}
