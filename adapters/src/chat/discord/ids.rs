//! Ids: what the seam calls a conversation and a message, and where that is in Discord.
//!
//! A thread is a channel of its own there; the one that a message starts has that message's id. People should not have to
//! know, so a message in a thread belongs to the conversation that the thread hangs on, and its id names both:
//! `THREAD/MESSAGE`. A conversation with one person alone is written `@CHANNEL`, because nothing else tells it apart.

use std::num::NonZeroU64;

use crate::chat::PostRef;

/// Stands before the channel of a conversation with one person alone.
const DIRECT: char = '@';

/// A channel and perhaps a message in it, by Discord's ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At {
    pub(super) channel: String,
    pub(super) message: String,
}

/// Where a message is.
pub(super) fn at(post: &PostRef) -> At {
    match post.message.split_once('/') {
        Some((thread, message)) => At { channel: thread.to_owned(), message: message.to_owned() },
        None => At { channel: channel(&post.conversation).to_owned(), message: post.message.clone() },
    }
}

/// The id of a message for everyone else.
pub(super) fn message(thread: Option<&str>, message: &str) -> String {
    thread.map_or_else(|| message.to_owned(), |thread| format!("{thread}/{message}"))
}

/// The thread that begins with this message or that it stands in.
pub(super) fn thread(post: &PostRef) -> &str {
    post.message.split_once('/').map_or(post.message.as_str(), |(thread, _)| thread)
}

/// The channel of a conversation.
pub(super) fn channel(conversation: &str) -> &str {
    conversation.strip_prefix(DIRECT).unwrap_or(conversation)
}

/// The conversation with one person alone that this channel is.
pub(super) fn direct(channel: &str) -> String {
    format!("{DIRECT}{channel}")
}

/// Whether a conversation is with one person alone.
pub(super) fn is_direct(conversation: &str) -> bool {
    conversation.starts_with(DIRECT)
}

/// The number that an id is, for what the SDK types. Nothing else goes into an address.
pub(super) fn number(id: &str) -> Option<u64> {
    let digits = (1..=20).contains(&id.len()) && id.bytes().all(|digit| digit.is_ascii_digit());
    digits.then(|| id.parse::<NonZeroU64>().ok()).flatten().map(NonZeroU64::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(conversation: &str, message: &str) -> PostRef {
        PostRef { conversation: conversation.to_owned(), message: message.to_owned() }
    }

    #[test]
    fn ids_lead_to_their_places() {
        let at = |post| {
            let at = at(&post);
            format!("{}/{}", at.channel, at.message)
        };
        assert_eq!(at(post("10", "20")), "10/20");
        assert_eq!(at(post("10", "20/30")), "20/30");
        assert_eq!(at(post("@11", "20")), "11/20");
        assert_eq!(thread(&post("10", "20")), "20");
        assert_eq!(thread(&post("10", "20/30")), "20");
        assert_eq!(message(Some("20"), "30"), "20/30");
        assert!(is_direct(&direct("11")) && !is_direct("11"));
    }

    #[test]
    fn only_numbers_are_ids() {
        assert_eq!(number("1034567890123456789"), Some(1_034_567_890_123_456_789));
        for wrong in ["", "0", "-1", "+1", "1/2", "@1", "#ci", "99999999999999999999", "1 "] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
    }
}
