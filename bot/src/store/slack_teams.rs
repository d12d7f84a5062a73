//! Workspaces that the Slack app was installed in, with their sealed tokens.

use super::column::{clean, now_ms};
use super::{Reads, Result, Tx};

/// A workspace about to be stored.
#[derive(Debug, Clone)]
pub struct NewTeam {
    /// The configured name of the surface.
    pub surface: String,
    /// Slack's id of the workspace.
    pub team: String,
    /// Its name. Untrusted text.
    pub name: String,
    /// Its token, sealed.
    pub sealed_token: String,
    /// Who began the installation, by their name here.
    pub installed_by: String,
}

/// A workspace.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Team {
    /// Slack's id of it.
    pub team: String,
    /// Its name. Untrusted text.
    pub name: String,
    /// Its token, sealed.
    pub sealed_token: String,
    /// Who began the installation.
    pub installed_by: String,
    /// When, unix milliseconds.
    pub installed_at: i64,
}

/// Stores a workspace, in place of what was stored of it before.
pub async fn put(tx: &mut Tx, new: &NewTeam) -> Result<()> {
    sqlx::query(
        "INSERT INTO slack_teams (surface, team, name, sealed_token, installed_by, installed_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (surface, team) DO UPDATE SET name = excluded.name, \
         sealed_token = excluded.sealed_token, installed_by = excluded.installed_by, installed_at = excluded.installed_at",
    )
    .bind(new.surface.as_str())
    .bind(clean(&new.team).as_ref())
    .bind(clean(&new.name).as_ref())
    .bind(new.sealed_token.as_str())
    .bind(clean(&new.installed_by).as_ref())
    .bind(now_ms())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Forgets a workspace. False: it was not known.
pub async fn remove(tx: &mut Tx, surface: &str, team: &str) -> Result<bool> {
    let removed = sqlx::query("DELETE FROM slack_teams WHERE surface = $1 AND team = $2")
        .bind(surface)
        .bind(clean(team).as_ref())
        .execute(tx.connection())
        .await?;
    Ok(removed.rows_affected() == 1)
}

/// All workspaces of a surface.
pub async fn list<'a>(db: impl Reads<'a>, surface: &str) -> Result<Vec<Team>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT team, name, sealed_token, installed_by, installed_at FROM slack_teams WHERE surface = $1 ORDER BY team",
    )
    .bind(surface)
    .fetch_all(&mut *db)
    .await?)
}

#[cfg(test)]
mod tests {
    use super::super::testing::on_both;
    use super::*;

    #[tokio::test]
    async fn a_workspace_is_kept_once_and_forgotten() {
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            let team = |sealed: &str| NewTeam {
                surface: "slack".into(),
                team: "T2".into(),
                name: "Glo\0bex".into(),
                sealed_token: sealed.into(),
                installed_by: "sam".into(),
            };
            put(&mut tx, &team("a")).await.unwrap();
            put(&mut tx, &team("b")).await.unwrap();
            let kept = list(&mut tx, "slack").await.unwrap();
            assert_eq!((kept.len(), kept[0].sealed_token.as_str()), (1, "b"));
            assert_eq!(list(&mut tx, "other").await.unwrap(), []);
            assert!(remove(&mut tx, "slack", "T2").await.unwrap());
            assert!(!remove(&mut tx, "slack", "T2").await.unwrap());
        })
        .await;
    }
}
