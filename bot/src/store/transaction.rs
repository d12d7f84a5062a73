//! Transactions for writing, and what a read may go through.

use std::future::ready;
use std::ops::{Deref, DerefMut};

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, Transaction};

use super::error::Result;
use super::{Backend, Store};

/// A write transaction: all of it happens, or, when it is dropped without [`Tx::commit`], nothing.
///
/// On `SQLite` there is one at a time; keep it short, and never wait for the network inside.
///
/// On `PostgreSQL` several go on side by side. Writing to posts and to the audit log takes a number that all writers share
/// until commit, so write to other tables first and to those two last; two transactions that get in each other's way in
/// spite of it are told so by an error, and trying again helps.
#[derive(Debug)]
pub struct Tx {
    inner: Transaction<'static, Any>,
    store: Store,
    /// Whether a job was made ready: workers are woken after the commit.
    pub(crate) made_work: bool,
    /// Whether a post was changed: live views are woken after the commit.
    pub(crate) changed_posts: bool,
}

impl Tx {
    pub(super) fn new(store: Store, inner: Transaction<'static, Any>) -> Self {
        Self { inner, store, made_work: false, changed_posts: false }
    }

    /// Makes all of it durable, then wakes who waits for it.
    pub async fn commit(self) -> Result<()> {
        let Self { inner, store, made_work, changed_posts } = self;
        inner.commit().await?;
        if made_work {
            store.wake_workers();
        }
        if changed_posts {
            store.wake_viewers();
        }
        Ok(())
    }

    /// Takes all of it back, and waits until that is done.
    pub async fn rollback(self) -> Result<()> {
        self.inner.rollback().await?;
        Ok(())
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    pub(crate) fn backend(&self) -> Backend {
        self.store.backend()
    }
}

/// What a read may go through: `&Store` reads what is committed; `&mut Tx` also sees what the transaction has written so
/// far. A `tx: &mut Tx` that is needed again afterwards is passed as `&mut *tx`.
pub trait Reads<'a>: Send {
    /// The connection to read through. (The future is boxed because one of an opaque type, behind a trait with a lifetime,
    /// keeps the compiler from seeing that callers are `Send`.)
    fn reading(self) -> BoxFuture<'a, Result<Reading<'a>>>;
}

impl<'a> Reads<'a> for &'a Store {
    fn reading(self) -> BoxFuture<'a, Result<Reading<'a>>> {
        async move { Ok(Reading::Pooled(self.reader().acquire().await?)) }.boxed()
    }
}

impl<'a> Reads<'a> for &'a mut Tx {
    fn reading(self) -> BoxFuture<'a, Result<Reading<'a>>> {
        ready(Ok(Reading::Within(self.connection()))).boxed()
    }
}

/// A connection to read through.
#[derive(Debug)]
pub enum Reading<'a> {
    /// One of the store's own, given back when dropped.
    Pooled(PoolConnection<Any>),
    /// That of a transaction.
    Within(&'a mut AnyConnection),
}

impl Deref for Reading<'_> {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match self {
            Self::Pooled(connection) => connection,
            Self::Within(connection) => connection,
        }
    }
}

impl DerefMut for Reading<'_> {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match self {
            Self::Pooled(connection) => connection,
            Self::Within(connection) => connection,
        }
    }
}
