//! Settings: small facts that survive a restart, such as cursors.

use super::column::{clean, now_ms};
use super::{Reads, Result, Tx};

/// The value of a setting.
pub async fn get<'a>(db: impl Reads<'a>, name: &str) -> Result<Option<String>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_scalar("SELECT value FROM settings WHERE name = $1")
        .bind(name)
        .fetch_optional(&mut *db)
        .await?)
}

/// Gives a setting a value.
pub async fn set(tx: &mut Tx, name: &str, value: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
    )
    .bind(name)
    .bind(clean(value).as_ref())
    .bind(now_ms())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Forgets a setting. False: there was none.
pub async fn remove(tx: &mut Tx, name: &str) -> Result<bool> {
    let removed =
        sqlx::query("DELETE FROM settings WHERE name = $1").bind(name).execute(tx.connection()).await?;
    Ok(removed.rows_affected() == 1)
}

#[cfg(test)]
mod tests {
    use super::super::testing::on_both_databases;
    use super::*;

    #[tokio::test]
    async fn settings_survive_a_restart() {
        on_both_databases(async |database, store| {
            let mut tx = store.begin().await.unwrap();
            set(&mut tx, "cursor", "1").await.unwrap();
            set(&mut tx, "cursor", "2").await.unwrap();
            tx.commit().await.unwrap();
            store.close().await;

            let store = database.open().await;
            assert_eq!(get(&store, "cursor").await.unwrap().as_deref(), Some("2"));
            let mut tx = store.begin().await.unwrap();
            assert!(remove(&mut tx, "cursor").await.unwrap());
            assert_eq!(get(&mut tx, "cursor").await.unwrap(), None);
            drop(tx);
            store.close().await;
        })
        .await;
    }
}
