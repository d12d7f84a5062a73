//! From a question to an answer in the thread where it was asked.

mod answers;
mod intent;
mod known;
mod thread;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use adapters::chat::plain::render_text;
use adapters::chat::{ChatError, Interaction, PostRef};
use adapters::message::{Footnote, Message, Tone};

use crate::app::App;
use crate::jobs::deliver_later;
use crate::queue::JobError;
use crate::store::posts::{self, NewPost, Post};
use crate::triage::wish::Daily;
use crate::triage::{self, Listener, TriageError};

pub(crate) use answers::ASK_THIS;
pub use intent::{Intent, Known, Place, Window};
pub use thread::is_follow_up;

/// Where a question was asked.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    /// The configured name of the surface; empty on the command line.
    pub surface: String,
    /// The surface's id of the conversation.
    pub conversation: String,
    /// Who asks, by the surface's id.
    pub person: String,
    /// The episode whose thread it was asked in.
    pub breakage_id: Option<String>,
}

/// Understands a question and answers it.
pub async fn answer(app: &App, question: &str, setting: &Setting) -> Result<Message, TriageError> {
    Ok(answered(app, question, setting).await?.0)
}

/// The answer, and the failure that it is about, if it is about one.
async fn answered(
    app: &App,
    question: &str,
    setting: &Setting,
) -> Result<(Message, Option<String>), TriageError> {
    let known = known::known(app).await?;
    let intent = Intent::of(question, &known);
    tracing::debug!(?intent, "a question was understood");
    let hidden = hidden(app, &known, setting).await?;
    let about = OnceLock::new();
    let asked = answers::Asked { app, setting, known: &known, hidden: &hidden, about: &about };
    let answer = answers::to(asked, intent).await?;
    Ok((answer, about.into_inner()))
}

/// Shows somebody their own page, where the surface has one.
pub async fn show_home(app: &App, surface: &str, interaction: &Interaction) -> Result<(), JobError> {
    let Some(there) = app.surfaces.get(surface) else { return Ok(()) };
    let setting = Setting {
        surface: surface.to_owned(),
        conversation: interaction.conversation.clone(),
        person: interaction.person.id.clone(),
        breakage_id: None,
    };
    let page = async {
        let known = known::known(app).await?;
        let hidden = hidden(app, &known, &setting).await?;
        let about = OnceLock::new();
        let asked = answers::Asked { app, setting: &setting, known: &known, hidden: &hidden, about: &about };
        answers::home(asked).await
    };
    let page = page.await.map_err(TriageError::into_job_error)?;
    there.show_home(&interaction.person.id, &page).await.map_err(|error| undelivered(&error))
}

/// Proposes questions to somebody who begins a conversation, where the surface has a place for that.
pub async fn propose(app: &App, surface: &str, interaction: &Interaction) -> Result<(), JobError> {
    let Some((there, thread)) = app.surfaces.get(surface).zip(interaction.thread.as_deref()) else {
        return Ok(());
    };
    let questions = crate::text::home::proposals();
    there.propose(&interaction.conversation, thread, &questions).await.map_err(|error| undelivered(&error))
}

fn undelivered(error: &ChatError) -> JobError {
    if error.is_transient() { JobError::retry(error.to_string()) } else { JobError::fatal(error.to_string()) }
}

/// The daily list of what comes and goes, as it may be told in a conversation; nothing if nothing did.
pub async fn daily_list(app: &App, setting: &Setting, daily: &Daily) -> Result<Option<Message>, TriageError> {
    let known = known::known(app).await?;
    let hidden = hidden(app, &known, setting).await?;
    let about = OnceLock::new();
    answers::daily_list(answers::Asked { app, setting, known: &known, hidden: &hidden, about: &about }, daily)
        .await
}

/// The repositories that must not be talked about where the question was asked.
async fn hidden(app: &App, known: &Known, setting: &Setting) -> Result<BTreeSet<String>, TriageError> {
    let Setting { surface, conversation, person, .. } = setting;
    let mut hidden = BTreeSet::new();
    for repo in &known.private {
        if !triage::may_hear(app, repo, Listener { surface, conversation, person }).await? {
            hidden.insert(repo.clone());
        }
    }
    Ok(hidden)
}

/// Answers a command: for the eyes of whoever used it.
pub async fn answer_command(
    app: &App,
    surface: &str,
    interaction: &Interaction,
    question: &str,
    response_url: Option<&str>,
) -> Result<(), JobError> {
    let question = classifiers::redact::redact(question).text.into_owned();
    let setting = Setting {
        surface: surface.to_owned(),
        conversation: interaction.conversation.clone(),
        person: interaction.person.id.clone(),
        breakage_id: None,
    };
    let answer = answer(app, &question, &setting).await.map_err(TriageError::into_job_error)?;
    let words = render_text(&answer);
    let there = app
        .surfaces
        .get(surface)
        .ok_or_else(|| JobError::fatal(format!("the surface `{surface}` is no longer configured")))?;
    let said = match response_url {
        // The address works in conversations that the bot is not in as well.
        Some(address) => there.respond(address, &words).await,
        None => there.whisper(&interaction.conversation, &interaction.person.id, &words).await,
    };
    said.map_err(|error| undelivered(&error))
}

/// Answers in the thread where the question was asked. `message` is the surface's id of the question itself, if it has one.
pub async fn answer_in_thread(
    app: &App,
    surface: &str,
    interaction: &Interaction,
    question: &str,
    message: Option<&str>,
) -> Result<(), JobError> {
    let question = classifiers::redact::redact(question).text.into_owned();
    let root = interaction.thread.as_deref().or(message);
    let (about, breakage_id) = match root {
        Some(root) => thread::context(app, surface, &interaction.conversation, root).await?,
        None => (None, None),
    };
    let setting = Setting {
        surface: surface.to_owned(),
        conversation: interaction.conversation.clone(),
        person: interaction.person.id.clone(),
        breakage_id,
    };
    if let Some((there, root)) = app.surfaces.get(surface).zip(root) {
        // That it cannot be said is no reason not to answer.
        let words = crate::text::home::working();
        if let Err(error) = there.working(&interaction.conversation, root, &words).await {
            tracing::debug!(surface, %error, "it cannot be said that an answer is made");
        }
    }
    let (answer, of) = answered(app, &question, &setting).await.map_err(TriageError::into_job_error)?;

    let mut tx = app.store.begin().await?;
    // The console has no message of its own for what people say: the question becomes one, so that it can be read later.
    let asked = if surface == "console" {
        Some(put_question(&mut tx, surface, interaction, &question, about.as_ref()).await?)
    } else {
        None
    };
    let (parent_id, thread) = match (&asked, &about) {
        (Some(asked), _) => (Some(asked.parent_id.clone().unwrap_or_else(|| asked.id.clone())), None),
        (None, Some(about)) => (Some(about.id.clone()), None),
        (None, None) => (None, root.map(str::to_owned)),
    };
    let new = NewPost {
        surface: surface.to_owned(),
        conversation: interaction.conversation.clone(),
        key: format!("answer:{}", interaction.id),
        subject: of.map_or_else(
            || format!("answer:{}", interaction.id),
            |breakage| thread::subject_about(&breakage),
        ),
        parent_id,
        thread,
        message: answer,
    };
    let (post, changed) = posts::put(&mut tx, &new).await?;
    if changed {
        deliver_later(&mut tx, &post).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Shows in the console what somebody asked there. Asked again with the same interaction it changes nothing.
pub(crate) async fn put_question(
    tx: &mut crate::store::Tx,
    surface: &str,
    interaction: &Interaction,
    question: &str,
    about: Option<&Post>,
) -> Result<Post, JobError> {
    let mut message = Message::new(Tone::Asking, question);
    message
        .footer
        .push(Footnote { text: crate::text::answer::asked_by(&interaction.person.name), url: None });
    let new = NewPost {
        surface: surface.to_owned(),
        conversation: interaction.conversation.clone(),
        key: format!("question:{}", interaction.id),
        subject: format!("question:{}", interaction.id),
        parent_id: about.map(|post| post.parent_id.clone().unwrap_or_else(|| post.id.clone())),
        thread: None,
        message,
    };
    let (post, changed) = posts::put(tx, &new).await?;
    if changed {
        // What a person said is there already: it needs no delivery, only its place.
        let at = PostRef { conversation: interaction.conversation.clone(), message: post.id.clone() };
        posts::mark_delivered(tx, &post.id, post.revision, &at.conversation, &at.message).await?;
    }
    Ok(post)
}
