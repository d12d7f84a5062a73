//! Further workspaces of the Slack app: kept sealed, known to the surface while we run.

use adapters::chat::slack::{Installed, Installs, Slack};
use anyhow::Context;

use crate::app::App;
use crate::store::audit::{self, NewEntry};
use crate::store::slack_teams::{self, NewTeam};

/// Makes the surface know the stored workspaces, those that another process has installed or lost among them.
pub async fn load(app: &App) {
    let Some((slack, installs)) = app.slack.as_ref().and_then(|slack| Some((slack, slack.installs()?)))
    else {
        return;
    };
    if let Err(error) = bring_up_to_date(app, slack, installs).await {
        tracing::error!(error = format!("{error:#}"), "the workspaces of the Slack app cannot be read");
    }
}

async fn bring_up_to_date(app: &App, slack: &Slack, installs: &Installs) -> anyhow::Result<()> {
    let name = adapters::chat::ChatSurface::name(slack);
    let stored = slack_teams::list(&app.store, name).await?;
    let known = slack.teams();
    for gone in known.iter().filter(|known| stored.iter().all(|team| team.team != **known)) {
        slack.remove_team(gone);
    }
    for team in stored.iter().filter(|team| !known.contains(&team.team)) {
        match installs.unseal(&team.team, &team.sealed_token) {
            Ok(token) => slack.add_team(&team.team, &token).map_err(anyhow::Error::msg)?,
            Err(error) => tracing::error!(team = team.team, %error, "a workspace's token cannot be opened"),
        }
    }
    Ok(())
}

/// Keeps a new workspace and talks to it from now on.
pub async fn install(
    app: &App,
    slack: &Slack,
    installs: &Installs,
    installed: &Installed,
    by: &str,
) -> anyhow::Result<()> {
    let new = NewTeam {
        surface: adapters::chat::ChatSurface::name(slack).to_owned(),
        team: installed.team.clone(),
        name: installed.name.clone(),
        sealed_token: installs.seal(&installed.team, &installed.token)?,
        installed_by: by.to_owned(),
    };
    let mut tx = app.store.begin().await?;
    slack_teams::put(&mut tx, &new).await?;
    let detail = serde_json::json!({ "name": installed.name, "by_in_slack": installed.by });
    audit::append(&mut tx, &entry(&format!("console:{by}"), "slack_install", &installed.team, detail))
        .await?;
    tx.commit().await?;
    slack.add_team(&installed.team, &installed.token).map_err(anyhow::Error::msg).context("the token is kept")
}

/// A workspace took the app out. `conversation` names it.
pub async fn removed(app: &App, surface: &str, conversation: &str) -> Result<(), crate::store::StoreError> {
    let Some((team, _)) = conversation.split_once('/') else {
        tracing::warn!(surface, "the app was taken out of the workspace whose token the configuration holds");
        return Ok(());
    };
    let mut tx = app.store.begin().await?;
    if slack_teams::remove(&mut tx, surface, team).await? {
        audit::append(&mut tx, &entry("slack", "slack_uninstall", team, serde_json::json!({}))).await?;
    }
    tx.commit().await?;
    tracing::info!(surface, team, "a workspace took the app out");
    if let Some(slack) = &app.slack {
        slack.remove_team(team);
    }
    Ok(())
}

fn entry(actor: &str, what: &str, team: &str, detail: serde_json::Value) -> NewEntry {
    NewEntry {
        actor: actor.to_owned(),
        what: what.to_owned(),
        target: format!("slack team {team}"),
        rule: None,
        result: "done".to_owned(),
        detail,
    }
}
