//! The audit log: who did what to what, by which rule, with which result. Each entry holds the hash of the one before it,
//! so that a changed, removed or inserted entry is found by [`verify`].

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::column::{Json, clean, now_ms};
use super::{Reads, Result, Store, Tx};

/// The hash that stands before the first entry.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Entries that [`verify`] reads at a time.
const PAGE: i64 = 500;

/// Something that happened and is to be remembered.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Who did it (`slack:U012AB3CD`, `whyred`).
    pub actor: String,
    /// What was done (`rerun_failed requested`).
    pub what: String,
    /// What it was done to.
    pub target: String,
    /// The rule that allowed or denied it.
    pub rule: Option<String>,
    /// What came of it (`allowed`, `denied`, `done`, `failed`).
    pub result: String,
    /// Anything more, already redacted.
    pub detail: Value,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Entry {
    /// Its place, from 1, without gaps.
    pub seq: i64,
    /// When, unix milliseconds.
    pub at: i64,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub what: String,
    /// What it was done to.
    pub target: String,
    /// The rule that allowed or denied it.
    pub rule: Option<String>,
    /// What came of it.
    pub result: String,
    /// Anything more.
    #[sqlx(try_from = "String")]
    pub detail: Json<Value>,
    /// The hash of the entry before; zeros for the first.
    pub prev_hash: String,
    /// SHA-256, in hexadecimal, over a JSON array of all fields above in their order.
    pub hash: String,
}

impl Entry {
    fn computed_hash(&self) -> String {
        let fields = json!([
            self.seq,
            self.at,
            self.actor,
            self.what,
            self.target,
            self.rule,
            self.result,
            self.detail.0,
            self.prev_hash
        ]);
        hex::encode(Sha256::digest(fields.to_string().as_bytes()))
    }
}

/// What [`verify`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// How many entries are sound, counted from the first.
    pub sound: i64,
    /// The place of the first entry that is missing or was changed.
    pub broken_at: Option<i64>,
}

/// Appends an entry. Writers wait for each other until commit: the chain has one end.
pub async fn append(tx: &mut Tx, new: &NewEntry) -> Result<Entry> {
    let seq: i64 =
        sqlx::query_scalar("UPDATE counters SET value = value + 1 WHERE name = 'audit' RETURNING value")
            .fetch_one(tx.connection())
            .await?;
    let prev_hash: Option<String> = sqlx::query_scalar("SELECT hash FROM audit WHERE seq = $1")
        .bind(seq - 1)
        .fetch_optional(tx.connection())
        .await?;
    let mut entry = Entry {
        seq,
        at: now_ms(),
        actor: clean(&new.actor).into_owned(),
        what: clean(&new.what).into_owned(),
        target: clean(&new.target).into_owned(),
        rule: new.rule.clone(),
        result: clean(&new.result).into_owned(),
        detail: Json(new.detail.clone()),
        prev_hash: prev_hash.unwrap_or_else(|| GENESIS.to_owned()),
        hash: String::new(),
    };
    entry.hash = entry.computed_hash();
    sqlx::query(
        "INSERT INTO audit (seq, at, actor, what, target, rule, result, detail, prev_hash, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(entry.seq)
    .bind(entry.at)
    .bind(entry.actor.as_str())
    .bind(entry.what.as_str())
    .bind(entry.target.as_str())
    .bind(entry.rule.as_deref())
    .bind(entry.result.as_str())
    .bind(entry.detail.0.to_string())
    .bind(entry.prev_hash.as_str())
    .bind(entry.hash.as_str())
    .execute(tx.connection())
    .await?;
    Ok(entry)
}

/// Checks the whole chain, and that its end has not been cut off.
pub async fn verify(store: &Store) -> Result<Verified> {
    let mut sound = 0;
    let mut prev_hash = GENESIS.to_owned();
    loop {
        let page = list(store, sound, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for entry in page {
            let expected = sound + 1;
            if entry.seq != expected || entry.prev_hash != prev_hash || entry.hash != entry.computed_hash() {
                return Ok(Verified { sound, broken_at: Some(expected) });
            }
            sound = expected;
            prev_hash = entry.hash;
        }
    }
    let mut db = store.reading().await?;
    let written: i64 =
        sqlx::query_scalar("SELECT value FROM counters WHERE name = 'audit'").fetch_one(&mut *db).await?;
    // The counter is read last: entries written meanwhile may stand above `sound`, but then they are there.
    let there: i64 =
        sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM audit").fetch_one(&mut *db).await?;
    Ok(Verified { sound, broken_at: (there < written).then_some(there + 1) })
}

/// Entries after the place `after`, in order.
pub async fn list<'a>(db: impl Reads<'a>, after: i64, limit: i64) -> Result<Vec<Entry>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(after)
        .bind(limit)
        .fetch_all(&mut *db)
        .await?)
}

/// The last entries, the newest first.
pub async fn latest<'a>(db: impl Reads<'a>, limit: u32) -> Result<Vec<Entry>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM audit ORDER BY seq DESC LIMIT $1")
        .bind(i64::from(limit))
        .fetch_all(&mut *db)
        .await?)
}

#[cfg(test)]
mod tests {
    use super::super::testing::on_both;
    use super::*;

    fn entry(n: usize) -> NewEntry {
        NewEntry {
            actor: "slack:U1".into(),
            what: format!("asked {n}"),
            target: "acme/payments".into(),
            rule: n.is_multiple_of(2).then(|| "owner".into()),
            result: "allowed".into(),
            detail: json!({"zebra": 1.5, "apple": [n, "\0"]}),
        }
    }

    async fn filled(store: &Store, entries: usize) {
        for n in 0..entries {
            let mut tx = store.begin().await.unwrap();
            append(&mut tx, &entry(n)).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    /// Does to the table what only somebody with the database's password can do.
    async fn tamper(store: &Store, sql: &'static str) {
        let mut tx = store.begin().await.unwrap();
        sqlx::query(sql).execute(tx.connection()).await.unwrap();
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn a_sound_chain_is_found_sound() {
        on_both(async |store| {
            assert_eq!(verify(&store).await.unwrap(), Verified { sound: 0, broken_at: None });
            filled(&store, 5).await;
            let mut tx = store.begin().await.unwrap();
            append(&mut tx, &entry(99)).await.unwrap();
            tx.rollback().await.unwrap();
            filled(&store, 1).await;
            assert_eq!(verify(&store).await.unwrap(), Verified { sound: 6, broken_at: None });
            assert_eq!(latest(&store, 2).await.unwrap()[0].seq, 6);
        })
        .await;
    }

    #[tokio::test]
    async fn every_kind_of_tampering_is_found() {
        for (sql, broken_at) in [
            ("UPDATE audit SET actor = 'slack:U2' WHERE seq = 3", 3),
            ("UPDATE audit SET rule = NULL WHERE seq = 3", 3),
            ("UPDATE audit SET detail = '{}' WHERE seq = 2", 2),
            ("UPDATE audit SET at = at + 1 WHERE seq = 5", 5),
            ("DELETE FROM audit WHERE seq = 2", 2),
            ("DELETE FROM audit WHERE seq = 5", 5),
            ("UPDATE audit SET prev_hash = hash WHERE seq = 4", 4),
        ] {
            on_both(async |store| {
                filled(&store, 5).await;
                tamper(&store, sql).await;
                assert_eq!(verify(&store).await.unwrap().broken_at, Some(broken_at), "{sql}");
            })
            .await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn writers_at_the_same_time_keep_one_chain() {
        on_both(async |store| {
            let writers: Vec<_> = (0..6)
                .map(|_| {
                    let store = store.clone();
                    tokio::spawn(async move { filled(&store, 5).await })
                })
                .collect();
            for writer in writers {
                writer.await.unwrap();
            }
            assert_eq!(verify(&store).await.unwrap(), Verified { sound: 30, broken_at: None });
        })
        .await;
    }
}
