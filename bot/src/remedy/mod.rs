//! Clicks and reactions: who is this, may they, do it once, write it down, edit the message.

mod opinion;
mod policy;
mod rerun;

use adapters::chat::{Interaction, InteractionKind};
use adapters::event::RunRef;

use crate::app::App;
use crate::ask;
use crate::config::Role;
use crate::jobs::Publish;
use crate::queue::{Enqueue, JobError, enqueue};
use crate::store::actions::Action;
use crate::store::audit::{self, NewEntry};
use crate::store::feedback::Verdict;
use crate::store::posts;
use crate::store::{breakages, notes};
use crate::text;
use crate::triage;

pub use opinion::{Opinion, judged};
pub use rerun::carry_out;

/// What makes a re-run one: the attempt that is re-run, not the click.
pub fn rerun_key(run: &RunRef) -> String {
    format!("rerun_failed:{run}")
}

/// Who asked for an action, as people know them.
pub fn shown_name(app: &App, action: &Action) -> String {
    let login = app.config.people.login_of(&action.surface, &action.person);
    let named = action.target.0.get("by").and_then(|name| name.as_str());
    login.or(named).unwrap_or(&action.person).to_owned()
}

/// Somebody clicked a button.
pub async fn clicked(
    app: &App,
    surface: &str,
    interaction: &Interaction,
    action: &str,
    value: &str,
    message: &str,
) -> Result<(), JobError> {
    let post = posts::by_external(&app.store, surface, &interaction.conversation, message).await?;
    if role_of(app, surface, interaction) == Some(Role::Viewer) {
        return whisper(app, surface, interaction, &text::remedy::viewers_only_read()).await;
    }
    match action {
        "rerun_failed" => rerun::asked(app, surface, interaction, post.as_ref(), value).await,
        ask::ASK_THIS => ask::answer_in_thread(app, surface, interaction, value, Some(message)).await,
        "claim" => claim(app, surface, interaction, value).await,
        "feedback_up" => {
            judged(app, surface, interaction, post.as_ref(), value, &Opinion::of(Verdict::Up)).await
        }
        other => {
            tracing::info!(action = other, "a button of an older version was clicked: nothing to do");
            whisper(app, surface, interaction, &text::remedy::gone()).await
        }
    }
}

/// Somebody reacted to a message of ours: thumbs are opinions on the verdict, everything else is theirs.
pub async fn reacted(
    app: &App,
    surface: &str,
    interaction: &Interaction,
    name: &str,
    message: &str,
    added: bool,
) -> Result<(), JobError> {
    // Slack appends the skin tone: `+1::skin-tone-3`.
    let verdict = match name.split("::").next().unwrap_or(name) {
        "+1" | "thumbsup" => Verdict::Up,
        "-1" | "thumbsdown" => Verdict::Down,
        _ => return Ok(()),
    };
    let Some(post) = posts::by_external(&app.store, surface, &interaction.conversation, message).await?
    else {
        return Ok(());
    };
    let Some(breakage) = post.subject.strip_prefix("breakage:").map(str::to_owned) else { return Ok(()) };
    if added {
        judged(app, surface, interaction, Some(&post), &breakage, &Opinion::of(verdict)).await
    } else {
        opinion::taken_back(app, surface, interaction, &post, verdict).await
    }
}

async fn claim(
    app: &App,
    surface: &str,
    interaction: &Interaction,
    breakage_id: &str,
) -> Result<(), JobError> {
    if breakages::get(&app.store, breakage_id).await?.is_none() {
        return whisper(app, surface, interaction, &text::remedy::gone()).await;
    }
    let name = name_of(app, surface, interaction);
    let mut tx = app.store.begin().await?;
    notes::change(&mut tx, breakage_id, |notes| {
        notes.claimed_by.get_or_insert(name);
    })
    .await?;
    enqueue(&mut tx, &Publish { breakage_id: breakage_id.to_owned() }, Enqueue::now().once(breakage_id))
        .await?;
    audit::append(&mut tx, &entry(surface, interaction, "claim", &triage::subject_of(breakage_id), "done"))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Answers one person privately, where they are waiting for it if the surface said where.
pub async fn tell(app: &App, surface: &str, interaction: &Interaction, words: &str) -> Result<(), JobError> {
    if let InteractionKind::Form { response_url: Some(address), .. } = &interaction.kind
        && let Some(there) = app.surfaces.get(surface)
    {
        match there.respond(address, words).await {
            Ok(()) => return Ok(()),
            Err(error) => tracing::info!(surface, %error, "the address for late answers does not work"),
        }
    }
    whisper(app, surface, interaction, words).await
}

/// Tells one person privately. That they do not hear it is no reason to do the work again.
async fn whisper(app: &App, surface: &str, interaction: &Interaction, words: &str) -> Result<(), JobError> {
    if let Some(there) = app.surfaces.get(surface)
        && let Err(error) = there.whisper(&interaction.conversation, &interaction.person.id, words).await
    {
        tracing::info!(surface, %error, "a person could not be told privately");
    }
    Ok(())
}

/// The role of somebody who logged in to the console; chat surfaces have none.
fn role_of(app: &App, surface: &str, interaction: &Interaction) -> Option<Role> {
    if surface != "console" {
        return None;
    }
    let known = app.config.console.tokens.iter().find(|token| token.name == interaction.person.id);
    // Without a login everybody on this machine is the operator of their own trial.
    let neighbour = app.config.console.open_on_loopback && interaction.person.id == crate::web::NEIGHBOUR;
    known.map(|token| token.role).or(neighbour.then_some(Role::Admin))
}

fn name_of(app: &App, surface: &str, interaction: &Interaction) -> String {
    app.config
        .people
        .login_of(surface, &interaction.person.id)
        .map_or_else(|| interaction.person.name.clone(), str::to_owned)
}

fn entry(surface: &str, interaction: &Interaction, what: &str, target: &str, result: &str) -> NewEntry {
    NewEntry {
        actor: format!("{surface}:{}", interaction.person.id),
        what: what.to_owned(),
        target: target.to_owned(),
        rule: None,
        result: result.to_owned(),
        detail: serde_json::json!({ "name": interaction.person.name, "interaction": interaction.id }),
    }
}
