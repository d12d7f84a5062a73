//! Group commit: many deliveries, one transaction.
//!
//! A disk confirms a few hundred commits a second, whatever is in them. While one commit is under way, further requests
//! gather; the next transaction takes them all. A lone request waits for nothing.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{mpsc, oneshot};

use super::error::{Result, StoreError};
use super::inbox::{self, NewDelivery};
use super::{Inner, Store};
use crate::queue::{NewJob, storage};

/// How many requests may wait; further callers wait for room, which slows the sender down.
pub(super) const WAITING: usize = 1024;

/// How long a caller waits for room. GitHub gives up after ten seconds and never tries again by itself, so a late "yes" is
/// worth more than an early "later"; but what waits without end fills the memory.
pub(super) const ROOM: Duration = Duration::from_secs(5);

/// How many share one transaction at most: keeps a transaction to a few milliseconds, and the number of prepared
/// statements (one for each batch size) below the driver's cache of 100.
const BATCH: usize = 40;

/// A request on its way.
#[derive(Debug)]
pub(super) struct Accepting {
    delivery: NewDelivery,
    job: NewJob,
    answer: oneshot::Sender<Result<bool>>,
}

/// Hands a delivery to the group, waiting for `room` at most, and then for its commit.
pub(super) async fn accept(
    intake: &mpsc::Sender<Accepting>,
    room: Duration,
    delivery: NewDelivery,
    job: NewJob,
) -> Result<bool> {
    let (answer, answered) = oneshot::channel();
    intake.send_timeout(Accepting { delivery, job, answer }, room).await.map_err(|error| match error {
        SendTimeoutError::Timeout(_) => StoreError::Busy,
        SendTimeoutError::Closed(_) => StoreError::Closed,
    })?;
    answered.await.map_err(|_| StoreError::Closed)?
}

/// Commits group after group until the store is gone.
pub(super) async fn run(store: Weak<Inner>, mut requests: mpsc::Receiver<Accepting>) {
    let mut group = Vec::with_capacity(BATCH);
    while requests.recv_many(&mut group, BATCH).await > 0 {
        let Some(inner) = store.upgrade() else { return };
        commit(&Store { inner: Arc::clone(&inner) }, std::mem::take(&mut group)).await;
    }
}

/// Commits a group. If it fails as a whole, each member is tried alone, so that one odd delivery spoils only its own.
async fn commit(store: &Store, group: Vec<Accepting>) {
    let members: Vec<_> = group.iter().map(|member| (&member.delivery, &member.job)).collect();
    match together(store, &members).await {
        Ok(fresh) => {
            for (member, fresh) in group.into_iter().zip(fresh) {
                // A caller that has gone away no longer wants to know.
                let _ = member.answer.send(Ok(fresh));
            }
        }
        Err(error) if group.len() > 1 => {
            tracing::warn!(size = group.len(), %error, "a group of deliveries failed, trying them one by one");
            for member in group {
                let alone = together(store, &[(&member.delivery, &member.job)]).await;
                let _ = member.answer.send(alone.map(|fresh| fresh == [true]));
            }
        }
        Err(error) => {
            if let Some(member) = group.into_iter().next() {
                let _ = member.answer.send(Err(error));
            }
        }
    }
}

/// Stores all members in one transaction; tells which were new.
async fn together(store: &Store, members: &[(&NewDelivery, &NewJob)]) -> Result<Vec<bool>> {
    let mut tx = store.begin().await?;
    let deliveries: Vec<_> = members.iter().map(|(delivery, _)| *delivery).collect();
    let stored = inbox::accept_many(&mut tx, &deliveries).await?;
    let fresh: Vec<bool> = members.iter().map(|(delivery, _)| stored.contains(&delivery.id)).collect();
    let jobs: Vec<_> =
        members.iter().zip(&fresh).filter(|(_, fresh)| **fresh).map(|((_, job), _)| *job).collect();
    storage::insert_many(&mut tx, &jobs).await?;
    tx.commit().await?;
    Ok(fresh)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::inbox::DeliveryKind;
    use super::super::testing::{on_both, on_both_databases};
    use super::*;
    use crate::queue::{Enqueue, counts};

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Process {
        inbox: String,
    }

    impl crate::queue::Job for Process {
        type Context = ();
        const KIND: &'static str = "process";

        async fn run(&self, _: Arc<()>) -> std::result::Result<(), crate::queue::JobError> {
            Ok(())
        }
    }

    fn pair(delivery_id: &str) -> (NewDelivery, NewJob) {
        let delivery = NewDelivery::new("github", delivery_id, DeliveryKind::Webhook, "push", "{}");
        let job = NewJob::of(&Process { inbox: delivery.id.clone() }, Enqueue::now()).unwrap();
        (delivery, job)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_many_deliveries_at_once_each_is_stored_once_with_its_job() {
        on_both_databases(async |database, store| {
            // 300 deliveries, each sent twice, in no order.
            let senders = (0..600).map(|n| {
                let store = store.clone();
                tokio::spawn(async move {
                    let (delivery, job) = pair(&format!("d{}", (n * 7) % 300));
                    store.accept_webhook(delivery, job).await.unwrap()
                })
            });
            let answers = futures::future::join_all(senders).await;
            assert_eq!(answers.into_iter().filter(|fresh| *fresh.as_ref().unwrap()).count(), 300);
            store.close().await;

            let store = database.open().await;
            assert_eq!(inbox::unprocessed(&store).await.unwrap(), 300);
            let jobs = counts(&store).await.unwrap();
            assert_eq!((jobs.len(), jobs[0].jobs), (1, 300));
            let stored = inbox::list_since(&store, 0, None, 1000).await.unwrap();
            let mut db = super::super::Reads::reading(&store).await.unwrap();
            let mut payloads: Vec<String> =
                sqlx::query_scalar("SELECT payload FROM jobs").fetch_all(&mut *db).await.unwrap();
            let mut expected: Vec<String> =
                stored.iter().map(|delivery| format!(r#"{{"inbox":"{}"}}"#, delivery.id)).collect();
            payloads.sort();
            expected.sort();
            assert_eq!(payloads, expected, "each job is about a delivery that is there");
        })
        .await;
    }

    #[tokio::test]
    async fn an_accepted_delivery_wakes_the_workers() {
        on_both(async |store| {
            let work = store.work();
            let (delivery, job) = pair("d1");
            assert!(store.accept_webhook(delivery, job).await.unwrap());
            assert!(work.has_changed().unwrap());
        })
        .await;
    }

    #[tokio::test]
    async fn one_odd_delivery_spoils_only_its_own() {
        on_both(async |store| {
            let (first, job_of_first) = pair("d1");
            let (mut clash, job_of_clash) = pair("d2");
            // The same id for two deliveries: the database refuses the whole statement.
            clash.id.clone_from(&first.id);
            let (third, job_of_third) = pair("d3");
            let (a, b, c) = tokio::join!(
                store.accept_webhook(first, job_of_first),
                store.accept_webhook(clash, job_of_clash),
                store.accept_webhook(third, job_of_third),
            );
            assert!(a.unwrap() && c.unwrap());
            assert!(b.is_err());
            assert_eq!(inbox::unprocessed(&store).await.unwrap(), 2);
        })
        .await;
    }

    #[tokio::test]
    async fn who_finds_no_room_is_asked_to_come_again() {
        // Nobody takes what waits here, as if the disk had stopped.
        let (intake, mut waiting) = mpsc::channel(1);
        let first = tokio::spawn({
            let intake = intake.clone();
            let (delivery, job) = pair("d1");
            async move { accept(&intake, Duration::from_millis(1), delivery, job).await }
        });
        while waiting.is_empty() {
            tokio::task::yield_now().await;
        }
        let (delivery, job) = pair("d2");
        assert!(matches!(
            accept(&intake, Duration::from_millis(1), delivery, job).await,
            Err(StoreError::Busy)
        ));
        // The one that waits is still there to be stored.
        let kept = waiting.recv().await.unwrap();
        assert_eq!(kept.delivery.delivery_id, "d1");
        kept.answer.send(Ok(true)).unwrap();
        assert!(first.await.unwrap().unwrap());
    }

    #[tokio::test]
    async fn a_store_that_is_closed_refuses() {
        on_both(async |store| {
            store.close().await;
            let (delivery, job) = pair("d1");
            assert!(store.accept_webhook(delivery, job).await.is_err());
        })
        .await;
    }

    /// Not a benchmark: only that groups do form. One by one, 400 commits with a slow disk take seconds.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn waiting_requests_share_commits() {
        on_both(async |store| {
            let one_by_one = Instant::now();
            for n in 0..50 {
                let (delivery, job) = pair(&format!("a{n}"));
                store.accept_webhook(delivery, job).await.unwrap();
            }
            let one_by_one = one_by_one.elapsed() * 8;
            let together = Instant::now();
            let senders = (0..400).map(|n| {
                let (delivery, job) = pair(&format!("b{n}"));
                store.accept_webhook(delivery, job)
            });
            for answer in futures::future::join_all(senders).await {
                assert!(answer.unwrap());
            }
            let together = together.elapsed();
            eprintln!("400 deliveries: {one_by_one:?} one by one, {together:?} together");
            assert!(together < one_by_one, "{together:?} is not less than {one_by_one:?}");
        })
        .await;
    }
}
