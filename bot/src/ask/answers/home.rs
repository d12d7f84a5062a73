//! What concerns one person: what is red because of them or in their care, and what they subscribed to.

use adapters::message::{Action, ActionStyle, Message, Section, Span, Tone};

use super::{Asked, LISTED, leave_out, overview, section, words};
use crate::store::{breakages, notes, subscriptions};
use crate::text;
use crate::triage::{self, TriageError};

/// The page.
pub(in crate::ask) async fn home(asked: Asked<'_>) -> Result<Message, TriageError> {
    let mut message = Message::new(Tone::Info, text::home::headline());
    let mine = failures(asked).await?;
    message.tone = if mine.red { Tone::Broken } else { Tone::Info };
    message.sections = mine.sections;
    message.sections.extend(subscribed(asked).await?);
    message.actions = vec![Action {
        id: crate::forms::ASK.to_owned(),
        label: text::home::ask(),
        value: String::new(),
        style: ActionStyle::Primary,
        confirm: None,
        url: None,
    }];
    Ok(message)
}

/// What is red and whose it is.
struct Mine {
    red: bool,
    sections: Vec<Section>,
}

async fn failures(asked: Asked<'_>) -> Result<Mine, TriageError> {
    let Asked { app, setting, hidden, .. } = asked;
    let titled = |words: String| section(Some(text::home::failures()), vec![Span::text(words)]);
    let Some(login) = app.config.people.login_of(&setting.surface, &setting.person) else {
        return Ok(Mine { red: false, sections: vec![titled(text::home::who_are_you())] });
    };
    let mut open = breakages::list_open(&app.store).await?;
    leave_out(&mut open, hidden);
    let mut sections = Vec::new();
    for episode in &open {
        let story = triage::story_of(app, episode).await?;
        let author = story.run.author.login.eq_ignore_ascii_case(login);
        let claimed = notes::get(&app.store, &episode.id).await?.claimed_by;
        if author || claimed.is_some_and(|own| own.eq_ignore_ascii_case(login)) {
            sections.push(overview::line(asked, episode).await?);
        }
    }
    let number = sections.len();
    let mut out = vec![titled(text::home::red(number as u64))];
    out.extend(sections.into_iter().take(LISTED));
    if number > LISTED {
        out.push(words(text::answer::and_more(number - LISTED)));
    }
    Ok(Mine { red: number > 0, sections: out })
}

async fn subscribed(asked: Asked<'_>) -> Result<Vec<Section>, TriageError> {
    let Asked { app, setting, .. } = asked;
    let mut mine = subscriptions::list(&app.store).await?;
    mine.retain(|own| own.surface == setting.surface && own.created_by == setting.person);
    let title = Some(text::home::subscriptions());
    if mine.is_empty() {
        return Ok(vec![section(title, vec![Span::text(text::home::no_subscriptions())])]);
    }
    let count = mine.len();
    let mut out = vec![section(title, vec![Span::text(text::home::subscribed(count as u64))])];
    for own in mine.iter().take(LISTED) {
        let link = app.surfaces.get(&own.surface).and_then(|there| there.link_to(&own.conversation));
        let mut spans = vec![Span::code(own.filter.clone()), Span::text(text::home::in_place())];
        spans.push(match link {
            Some(link) => Span::link(text::home::the_channel(), link),
            None => Span::text(own.conversation.clone()),
        });
        out.push(section(None, spans));
    }
    if count > LISTED {
        out.push(words(text::answer::and_more(count - LISTED)));
    }
    Ok(out)
}
