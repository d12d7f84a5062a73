//! Failures: one known way of failing each, found by its fingerprint.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::column::{clean, words};
use super::{Reads, Result, Tx};

/// All occurrences of one fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Failure {
    /// Short id made from the fingerprint: good for addresses.
    pub id: String,
    /// The masked text that defines it.
    pub fingerprint: String,
    /// When it was seen first, unix milliseconds.
    pub first_seen: i64,
    /// When it was seen last, unix milliseconds.
    pub last_seen: i64,
    /// Category of the last verdict.
    pub category: String,
    /// Whose move it was by the last verdict.
    pub owner: String,
    /// The rule that held last.
    pub rule: Option<String>,
    /// One sentence, from the last verdict.
    pub summary: String,
    /// Address or words of a known issue.
    pub known_issue: Option<String>,
    /// Short id of the group that it was stored under before fingerprints became what they are now.
    pub follows: Option<String>,
    /// How many jobs failed like this.
    pub occurrences: i64,
    /// In how many repositories.
    pub repos: i64,
}

/// One sighting of a failure.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The masked text that defines it.
    pub fingerprint: &'a str,
    /// What an earlier version of the fingerprints made of it.
    pub earlier: Option<&'a str>,
    /// What kind of failure.
    pub category: &'a str,
    /// Whose move it is.
    pub owner: &'a str,
    /// The rule that held.
    pub rule: Option<&'a str>,
    /// One sentence.
    pub summary: &'a str,
    /// When, unix milliseconds.
    pub at: i64,
}

words! {
    /// In which order failures are listed.
    pub enum FailureOrder {
        /// The one seen last first.
        Recent = "recent",
        /// The most frequent first.
        Frequent = "frequent",
    }
}

/// The columns of [`Failure`]. Counts come from the occurrences themselves, so that a repeated job counts nothing twice; those
/// of the group that it follows are among them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT f.*, (SELECT COUNT(*) FROM occurrences o WHERE o.failure_id IN (f.id, f.follows)) AS occurrences, \
             (SELECT COUNT(DISTINCT o.repo) FROM occurrences o WHERE o.failure_id IN (f.id, f.follows)) AS repos FROM failures f ",
            $rest
        )
    };
}

/// The short id of a fingerprint: 16 hexadecimal digits of its SHA-256.
pub fn failure_id(fingerprint: &str) -> String {
    hex::encode(&Sha256::digest(clean(fingerprint).as_bytes())[..8])
}

/// Notes a sighting; [`super::occurrences::upsert`] does this by itself. Returns the failure's id.
pub async fn seen(tx: &mut Tx, seen: &Seen<'_>) -> Result<String> {
    let id = failure_id(seen.fingerprint);
    follow(tx, &id, seen).await?;
    // An older sighting (a replay) extends the time but does not overwrite what the newest said.
    sqlx::query(
        "INSERT INTO failures (id, fingerprint, first_seen, last_seen, category, owner, rule, summary) \
         VALUES ($1, $2, $3, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET \
         first_seen = CASE WHEN excluded.first_seen < failures.first_seen THEN excluded.first_seen \
         ELSE failures.first_seen END",
    )
    .bind(&id)
    .bind(clean(seen.fingerprint).as_ref())
    .bind(seen.at)
    .bind(seen.category)
    .bind(seen.owner)
    .bind(seen.rule)
    .bind(clean(seen.summary).as_ref())
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "UPDATE failures SET last_seen = $2, category = $3, owner = $4, rule = $5, summary = $6 \
         WHERE id = $1 AND last_seen <= $2",
    )
    .bind(&id)
    .bind(seen.at)
    .bind(seen.category)
    .bind(seen.owner)
    .bind(seen.rule)
    .bind(clean(seen.summary).as_ref())
    .execute(tx.connection())
    .await?;
    Ok(id)
}

/// A way of failing that is new by its name may be an old acquaintance under another: then it takes over since when it is
/// known, and the known issue behind it. The old group itself stays what it was.
async fn follow(tx: &mut Tx, id: &str, seen: &Seen<'_>) -> Result<()> {
    let Some(earlier) = seen.earlier.map(failure_id).filter(|earlier| earlier != id) else { return Ok(()) };
    sqlx::query(
        "INSERT INTO failures (id, fingerprint, first_seen, last_seen, category, owner, rule, summary, known_issue, \
         follows) SELECT $1, $2, e.first_seen, e.last_seen, e.category, e.owner, e.rule, e.summary, e.known_issue, e.id \
         FROM failures e WHERE e.id = $3 ON CONFLICT (id) DO NOTHING",
    )
    .bind(id)
    .bind(clean(seen.fingerprint).as_ref())
    .bind(earlier)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// One failure, by its short id.
pub async fn get<'a>(db: impl Reads<'a>, id: &str) -> Result<Option<Failure>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(select!("WHERE f.id = $1")).bind(id).fetch_optional(&mut *db).await?)
}

/// One failure, by its fingerprint.
pub async fn by_fingerprint<'a>(db: impl Reads<'a>, fingerprint: &str) -> Result<Option<Failure>> {
    get(db, &failure_id(fingerprint)).await
}

/// Failures in the order asked for, `offset` of them left out.
pub async fn list<'a>(
    db: impl Reads<'a>,
    order: FailureOrder,
    limit: u32,
    offset: u32,
) -> Result<Vec<Failure>> {
    let mut db = db.reading().await?;
    let sql = match order {
        FailureOrder::Recent => select!("ORDER BY f.last_seen DESC, f.id LIMIT $1 OFFSET $2"),
        FailureOrder::Frequent => {
            select!("ORDER BY occurrences DESC, f.last_seen DESC, f.id LIMIT $1 OFFSET $2")
        }
    };
    Ok(sqlx::query_as(sql).bind(i64::from(limit)).bind(i64::from(offset)).fetch_all(&mut *db).await?)
}

/// The repositories in which it was seen, by name.
pub async fn repos_of<'a>(db: impl Reads<'a>, id: &str) -> Result<Vec<String>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_scalar("SELECT DISTINCT repo FROM occurrences WHERE failure_id = $1 ORDER BY repo")
        .bind(id)
        .fetch_all(&mut *db)
        .await?)
}

/// How many jobs failed like this at or after `since` (unix milliseconds).
pub async fn count_since<'a>(db: impl Reads<'a>, id: &str, since: i64) -> Result<i64> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM occurrences WHERE failure_id = $1 AND at >= $2")
        .bind(id)
        .bind(since)
        .fetch_one(&mut *db)
        .await?)
}

/// In how many repositories jobs failed like this at or after `since` (unix milliseconds).
pub async fn repos_since<'a>(db: impl Reads<'a>, id: &str, since: i64) -> Result<i64> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_scalar("SELECT COUNT(DISTINCT repo) FROM occurrences WHERE failure_id = $1 AND at >= $2")
        .bind(id)
        .bind(since)
        .fetch_one(&mut *db)
        .await?)
}

/// Notes, or with `None` forgets, the known issue behind it. False: there is no such failure.
pub async fn set_known_issue(tx: &mut Tx, id: &str, known_issue: Option<&str>) -> Result<bool> {
    let set = sqlx::query("UPDATE failures SET known_issue = $2 WHERE id = $1")
        .bind(id)
        .bind(known_issue.map(|text| clean(text).into_owned()))
        .execute(tx.connection())
        .await?;
    Ok(set.rows_affected() == 1)
}
