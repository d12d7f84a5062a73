//! What the gateway reports of messages and reactions, into [`Interaction`]s: pure functions.

use serenity::all::{Message, MessageType, Reaction, ReactionType};

use crate::chat::discord::ids;
use crate::chat::discord::places::Place;
use crate::chat::discord::receive::person;
use crate::chat::{ChatPerson, Interaction, InteractionKind};

/// Signs that mean something to us, by the names that all surfaces use. A skin tone follows the sign.
const SIGNS: [(char, &str); 2] = [('👍', "+1"), ('👎', "-1")];

/// Whether somebody speaks to us: a mention of us, or a direct message. `own` is our id.
pub(super) fn speaks_to_us(message: &Message, own: &str, guild: &str) -> bool {
    let typed = matches!(message.kind, MessageType::Regular | MessageType::InlineReply);
    let person = !message.author.bot && message.webhook_id.is_none();
    let here = match message.guild_id {
        Some(at) => at.to_string() == guild && mentions(&message.content, own),
        None => true,
    };
    typed && person && here && !plain_words(message, own).is_empty()
}

/// What was said to us.
pub(super) fn said(message: &Message, own: &str, place: Place) -> Interaction {
    let id = ids::message(place.thread.as_deref(), &message.id.to_string());
    Interaction {
        id: format!("message:{}", message.id),
        person: person(&message.author),
        kind: InteractionKind::Mention { text: plain_words(message, own), message: id },
        conversation: place.conversation,
        thread: place.thread,
    }
}

/// The name of the sign somebody reacted with, if it is one of ours, by somebody else, on our server or alone with us, and
/// as far as Discord says on a message of ours.
pub(super) fn sign(reaction: &Reaction, own: &str, guild: &str) -> Option<&'static str> {
    let ReactionType::Unicode(sign) = &reaction.emoji else { return None };
    let first = sign.chars().next()?;
    let name = SIGNS.iter().find(|(known, _)| *known == first)?.1;
    let here = reaction.guild_id.is_none_or(|at| at.to_string() == guild);
    let by_another = reaction.user_id.is_some_and(|user| user.to_string() != own);
    let on_ours = reaction.message_author_id.is_none_or(|author| author.to_string() == own);
    (here && by_another && on_ours).then_some(name)
}

/// What a reaction says. Discord gives it no id; `moment` tells one from the next.
pub(super) fn reacted(
    reaction: &Reaction,
    name: &str,
    added: bool,
    place: Place,
    moment: i64,
) -> Option<Interaction> {
    let user = reaction.user_id?.to_string();
    let shown = reaction.member.as_ref().map_or_else(|| user.clone(), |member| member.user.name.clone());
    let message = ids::message(place.thread.as_deref(), &reaction.message_id.to_string());
    Some(Interaction {
        id: format!("reaction:{}:{user}:{name}:{added}:{moment}", reaction.message_id),
        person: ChatPerson { id: user, name: shown },
        conversation: place.conversation,
        thread: place.thread,
        kind: InteractionKind::Reaction { name: name.to_owned(), message, added },
    })
}

/// A reply calls whom it replies to without a word: only who is named in the text is spoken to.
fn mentions(content: &str, own: &str) -> bool {
    content.contains(&format!("<@{own}>")) || content.contains(&format!("<@!{own}>"))
}

/// Discord's markup as the words that people see, without the first mention of us.
fn plain_words(message: &Message, own: &str) -> String {
    let mut out = String::with_capacity(message.content.len());
    let mut rest = message.content.as_str();
    let mut own_seen = false;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let Some((inside, behind)) = after.split_once('>') else {
            out.push('<');
            rest = after;
            break;
        };
        if inside.contains('<') {
            out.push('<');
            rest = after;
            continue;
        }
        let person = inside.strip_prefix('@').map(|id| id.trim_start_matches('!'));
        if person == Some(own) && !own_seen {
            own_seen = true;
        } else {
            out.push_str(&words_of(message, inside));
        }
        rest = behind;
    }
    out.push_str(rest);
    out.trim().to_owned()
}

/// What one `<…>` shows.
fn words_of(message: &Message, inside: &str) -> String {
    if let Some(role) = inside.strip_prefix("@&") {
        return format!("@{role}");
    }
    if let Some(id) = inside.strip_prefix('@') {
        let id = id.trim_start_matches('!');
        let known = message.mentions.iter().find(|user| user.id.to_string() == id);
        return format!("@{}", known.map_or(id, |user| user.name.as_str()));
    }
    if inside.starts_with("http://") || inside.starts_with("https://") {
        return inside.to_owned();
    }
    let mut parts = inside.split(':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("" | "a"), Some(emoji), Some(_)) => format!(":{emoji}:"),
        _ if inside.starts_with('#') => inside.to_owned(),
        _ => format!("<{inside}>"),
    }
}

#[cfg(test)]
#[path = "said_tests.rs"]
mod tests;
