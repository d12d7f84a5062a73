//! "Re-run failed jobs": asked for by a click, decided, carried out exactly once.

use adapters::chat::Interaction;
use adapters::ci::{CiError, CiProvider};
use adapters::event::{Run, RunRef};
use serde_json::json;

use super::policy::{self, Decision, Facts};
use super::{entry, name_of, rerun_key, role_of, whisper};
use crate::app::App;
use crate::config::{Target, Who};
use crate::jobs::{Publish, Rerun};
use crate::queue::{Enqueue, JobError, enqueue};
use crate::redaction;
use crate::store::actions::{self, Action, ActionState, NewAction};
use crate::store::audit::{self, NewEntry};
use crate::store::posts::Post;
use crate::store::{Tx, breakages, now_ms, runs};
use crate::text;
use crate::triage;

const REMEDY: &str = "rerun_failed";
/// How long a re-run is tried while the provider does not answer.
const GIVE_UP_MS: i64 = 10 * 60 * 1000;
/// The span of the hourly cap.
const HOUR_MS: i64 = 60 * 60 * 1000;
/// Actions looked at to count the last hour: more than the highest cap that makes sense.
const COUNTED_ACTIONS: u32 = 1000;

/// What the button handed back: which episode, and exactly which attempt of which run.
struct Asked {
    breakage_id: String,
    run: RunRef,
}

/// Somebody clicked. Allowed or not, it is written down.
pub(super) async fn asked(
    app: &App,
    surface: &str,
    interaction: &Interaction,
    post: Option<&Post>,
    value: &str,
) -> Result<(), JobError> {
    let Some(asked) = understood(app, value).await? else {
        return whisper(app, surface, interaction, &text::remedy::gone()).await;
    };
    let Some(run) = runs::get(&app.store, &asked.run).await? else {
        return whisper(app, surface, interaction, &text::remedy::gone()).await;
    };
    if run.at.attempt != asked.run.attempt {
        return whisper(app, surface, interaction, &text::remedy::rerun_outdated()).await;
    }
    let decision = decide(app, surface, interaction, &run).await?;
    let mut tx = app.store.begin().await?;
    let new = NewAction {
        key: rerun_key(&run.at),
        remedy: REMEDY.to_owned(),
        target: json!({ "run": run.at, "breakage": asked.breakage_id, "by": name_of(app, surface, interaction) }),
        person: interaction.person.id.clone(),
        surface: surface.to_owned(),
        post_id: post.map(|post| post.id.clone()),
    };
    let (action, fresh) = actions::request(&mut tx, &new).await?;
    if !fresh {
        // The transaction is dropped: the same click again changes nothing and needs no entry.
        drop(tx);
        return whisper(app, surface, interaction, &text::remedy::rerun_already()).await;
    }
    let target = run.at.to_string();
    audit::append(&mut tx, &entry(surface, interaction, "rerun_failed requested", &target, "asked")).await?;
    let told = match decision {
        Decision::Allow(rule) => {
            actions::set_state(
                &mut tx,
                &action.id,
                ActionState::Requested,
                ActionState::Running,
                Some(rule),
                None,
            )
            .await?;
            let allowed = NewEntry {
                rule: Some(rule.to_owned()),
                ..entry(surface, interaction, "rerun_failed decided", &target, "allowed")
            };
            audit::append(&mut tx, &allowed).await?;
            enqueue(&mut tx, &Rerun { action_id: action.id.clone() }, Enqueue::now()).await?;
            None
        }
        Decision::Deny { rule, why } => {
            actions::set_state(
                &mut tx,
                &action.id,
                ActionState::Requested,
                ActionState::Denied,
                Some(rule),
                Some(&why),
            )
            .await?;
            let denied = NewEntry {
                rule: Some(rule.to_owned()),
                ..entry(surface, interaction, "rerun_failed decided", &target, "denied")
            };
            audit::append(&mut tx, &denied).await?;
            Some(why)
        }
    };
    publish_later(&mut tx, &asked.breakage_id).await?;
    tx.commit().await?;
    match told {
        Some(why) => whisper(app, surface, interaction, &why).await,
        None => Ok(()),
    }
}

/// Calls the provider. The job may be repeated after a crash, so before each call the provider is asked whether the
/// attempt is still the latest: a further attempt means that the re-run has happened.
pub async fn carry_out(app: &App, action_id: &str) -> Result<(), JobError> {
    let Some(action) = actions::get(&app.store, action_id).await? else { return Ok(()) };
    if action.state != ActionState::Running {
        return Ok(());
    }
    let run: RunRef = serde_json::from_value(action.target.0["run"].clone())
        .map_err(|error| JobError::fatal(format!("the stored action cannot be read: {error}")))?;
    let Some(provider) = app.ci.get(&run.source) else {
        return finish(app, &action, &run, Err(text::remedy::source_gone(&run.source))).await;
    };
    let done = match rerun_once(provider.as_ref(), &run).await {
        Ok(()) => Ok(()),
        // Somebody waits for it: after a while a clear "no" is better than a late re-run that nobody expects any more.
        Err(error) if error.is_transient() && now_ms() - action.updated_at < GIVE_UP_MS => {
            return Err(match &error {
                CiError::RateLimited { after, .. } => JobError::retry_after(*after, error.to_string()),
                _ => JobError::retry(error.to_string()),
            });
        }
        Err(error) => Err(redaction::words(&error.to_string())),
    };
    finish(app, &action, &run, done).await
}

async fn rerun_once(provider: &dyn CiProvider, run: &RunRef) -> Result<(), CiError> {
    if provider.run(run).await?.at.attempt > run.attempt {
        return Ok(());
    }
    provider.rerun_failed(run).await
}

async fn finish(app: &App, action: &Action, run: &RunRef, done: Result<(), String>) -> Result<(), JobError> {
    let (state, result) = match &done {
        Ok(()) => (ActionState::Done, None),
        Err(why) => (ActionState::Failed, Some(why.as_str())),
    };
    let mut tx = app.store.begin().await?;
    if actions::set_state(&mut tx, &action.id, ActionState::Running, state, action.rule.as_deref(), result)
        .await?
        .is_none()
    {
        return Ok(());
    }
    audit::append(
        &mut tx,
        &NewEntry {
            actor: "whyred".to_owned(),
            what: "rerun_failed executed".to_owned(),
            target: run.to_string(),
            rule: action.rule.clone(),
            result: state.word().to_owned(),
            detail: json!({ "action": action.id, "why": result }),
        },
    )
    .await?;
    if let Some(breakage) = action.target.0["breakage"].as_str() {
        publish_later(&mut tx, breakage).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn publish_later(tx: &mut Tx, breakage_id: &str) -> Result<(), JobError> {
    enqueue(tx, &Publish { breakage_id: breakage_id.to_owned() }, Enqueue::now().once(breakage_id)).await?;
    Ok(())
}

async fn understood(app: &App, value: &str) -> Result<Option<Asked>, JobError> {
    let mut parts = value.split(' ');
    let (Some(breakage_id), Some(run_id), Some(attempt), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Ok(None);
    };
    let Ok(attempt) = attempt.parse() else { return Ok(None) };
    let Some(breakage) = breakages::get(&app.store, breakage_id).await? else { return Ok(None) };
    // The click names the run, and the episode vouches that the run belongs to it: a made-up value leads nowhere.
    if breakage.last_run_id != run_id {
        return Ok(None);
    }
    let run = RunRef { source: breakage.source, repo: breakage.repo, id: run_id.to_owned(), attempt };
    Ok(Some(Asked { breakage_id: breakage_id.to_owned(), run }))
}

async fn decide(
    app: &App,
    surface: &str,
    interaction: &Interaction,
    run: &Run,
) -> Result<Decision, JobError> {
    let allow = &app.config.remedies.rerun_allow;
    let mut facts = Facts {
        role: role_of(app, surface, interaction),
        login: app.config.people.login_of(surface, &interaction.person.id).map(str::to_owned),
        author: run.author.login.clone(),
        owners: Vec::new(),
        in_owning_team: false,
        recent: recent(app, &run.at.repo).await?,
    };
    // The owners cost a request to the provider, so they are only asked for when it hangs on them.
    let without_owners = policy::decide(allow, app.config.remedies.rerun_per_hour, &facts);
    if matches!(without_owners, Decision::Deny { rule: "not_allowed", .. })
        && allow.contains(&Who::Owners)
        && (facts.login.is_some() || app.config.routing.groups.values().any(|groups| !groups.is_empty()))
    {
        let provider = app
            .ci
            .get(&run.at.source)
            .ok_or_else(|| JobError::fatal("the source is no longer configured"))?;
        facts.owners = triage::owners_of(provider.as_ref(), run, &[])
            .await
            .map_err(triage::TriageError::into_job_error)?;
        facts.in_owning_team = in_owning_team(app, surface, &interaction.person.id, &facts.owners).await?;
        return Ok(policy::decide(allow, app.config.remedies.rerun_per_hour, &facts));
    }
    Ok(without_owners)
}

/// Whether somebody is in a group of people that the configuration says is a team among the owners.
async fn in_owning_team(app: &App, surface: &str, person: &str, owners: &[String]) -> Result<bool, JobError> {
    let Some(there) = app.surfaces.get(surface) else { return Ok(false) };
    let groups: Vec<&Target> =
        owners.iter().filter_map(|owner| app.config.routing.groups.get(owner)).flatten().collect();
    for group in groups.into_iter().filter(|group| group.surface == surface) {
        match there.members_of(&group.conversation).await {
            Ok(members) if members.iter().any(|member| member == person) => return Ok(true),
            Ok(_) => {}
            Err(error) if error.is_transient() => return Err(JobError::retry(error.to_string())),
            Err(error) => tracing::warn!(surface, %error, "who is in a group cannot be told"),
        }
    }
    Ok(false)
}

async fn recent(app: &App, repo: &str) -> Result<u32, JobError> {
    let since = now_ms() - HOUR_MS;
    let all = actions::list(&app.store, None, COUNTED_ACTIONS).await?;
    let count = all
        .iter()
        .filter(|action| {
            action.remedy == REMEDY && action.created_at >= since && action.state != ActionState::Denied
        })
        .filter(|action| action.target.0["run"]["repo"].as_str() == Some(repo))
        .count();
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
