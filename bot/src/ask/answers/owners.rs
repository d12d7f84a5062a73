//! Who owns something.

use adapters::message::{Message, Tone};

use super::failure::{Meant, meant, understood};
use super::{Asked, NAMED, only_hidden, private, unknown_repo, words};
use crate::ask::intent::Place;
use crate::explain::whose_move;
use crate::store::runs;
use crate::text;
use crate::triage::{self, TriageError};

pub(super) async fn who_owns(
    asked: Asked<'_>,
    mut place: Place,
    path: Option<String>,
) -> Result<Message, TriageError> {
    // Nothing named: whose move is the failure that we talk about?
    if place.repos.is_empty() && place.unknown_repo.is_none() && path.is_none() {
        return of_failure(asked, place).await;
    }
    if only_hidden(&mut place.repos, asked.hidden) {
        return Ok(private());
    }
    if let Some(word) = &place.unknown_repo {
        return Ok(unknown_repo(asked, word));
    }
    match place.repos.as_slice() {
        [repo] => of_files(asked, repo, path.as_deref()).await,
        [] => match meant(asked, place).await? {
            Meant::One { breakage, .. } => of_files(asked, &breakage.repo, path.as_deref()).await,
            Meant::Instead(message) => Ok(*message),
        },
        several => {
            let names: Vec<&str> = several.iter().map(String::as_str).collect();
            Ok(Message::new(Tone::Asking, text::answer::which_of(&text::listed(&names, NAMED))))
        }
    }
}

async fn of_failure(asked: Asked<'_>, place: Place) -> Result<Message, TriageError> {
    let breakage = match meant(asked, place).await? {
        Meant::One { breakage, .. } => breakage,
        Meant::Instead(message) => return Ok(*message),
    };
    let story = triage::story_of(asked.app, &breakage).await?;
    let mut message = Message::new(Tone::Info, whose_move(&story).why);
    if let Some(person) = &story.claimed_by {
        message.sections.push(words(text::failure::claimed(person)));
    }
    if !story.owners.is_empty() {
        let owners: Vec<&str> = story.owners.iter().map(String::as_str).collect();
        message.sections.push(words(text::answer::owners_of_change(&text::listed(&owners, NAMED))));
    }
    message.sections.push(understood(&story, &breakage));
    Ok(message)
}

/// Asks the code host for the CODEOWNERS file as it stood with the last run that we know.
async fn of_files(asked: Asked<'_>, repo: &str, path: Option<&str>) -> Result<Message, TriageError> {
    let what = path.map_or_else(|| repo.to_owned(), |path| format!("{path} in {repo}"));
    let Some(run) = runs::newest_of(&asked.app.store, repo).await? else {
        return Ok(Message::new(Tone::Info, text::answer::no_owners(&what)));
    };
    let Some(provider) = asked.app.ci.get(&run.at.source) else {
        return Err(TriageError::NoSource(run.at.source));
    };
    let files: Vec<String> = path.map(str::to_owned).into_iter().collect();
    let owners = triage::owners_of(provider.as_ref(), &run, &files).await?;
    let names: Vec<&str> = owners.iter().map(String::as_str).collect();
    let headline = if names.is_empty() {
        text::answer::no_owners(&what)
    } else {
        text::answer::owners(&what, &text::listed(&names, NAMED))
    };
    let mut message = Message::new(Tone::Info, headline);
    if names.is_empty() && !run.author.login.is_empty() {
        message.sections.push(words(text::answer::last_author(repo, &run.author)));
    }
    Ok(message)
}
