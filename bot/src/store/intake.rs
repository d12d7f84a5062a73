//! Group commit: many deliveries, one transaction.
//!
//! A disk confirms a few hundred commits a second, whatever is in them. While one commit is under way, further requests
//! gather; the next transaction takes them all. A lone request waits for nothing.

use std::sync::{Arc, Weak};

use tokio::sync::{mpsc, oneshot};

use super::error::{Result, StoreError};
use super::inbox::{self, NewDelivery};
use super::{Inner, Store};
use crate::queue::{NewJob, storage};

/// How many requests may wait; further callers wait for room, which slows the sender down.
pub(super) const WAITING: usize = 1024;

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

/// Hands a delivery to the group and waits for its commit.
pub(super) async fn accept(
    intake: &mpsc::Sender<Accepting>,
    delivery: NewDelivery,
    job: NewJob,
) -> Result<bool> {
    let (answer, answered) = oneshot::channel();
    intake.send(Accepting { delivery, job, answer }).await.map_err(|_| StoreError::Closed)?;
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
