//! What stands on a person's own page.

use super::count;

/// Above it.
pub fn headline() -> String {
    "What concerns you".to_owned()
}

/// Title of what is red.
pub fn failures() -> String {
    "My failures".to_owned()
}

/// How much of it there is.
pub fn red(number: u64) -> String {
    match number {
        0 => "Nothing of yours is red: no pipeline broke with a change of yours, and you look after none."
            .to_owned(),
        number => format!("{} red with a change of yours, or in your care:", are(number)),
    }
}

fn are(number: u64) -> String {
    let verb = if number == 1 { "is" } else { "are" };
    format!("{} {verb}", count(number, "pipeline", "pipelines"))
}

/// The configuration does not say.
pub fn who_are_you() -> String {
    "I don't know which code-host account is yours. Ask an operator to add you under [people].".to_owned()
}

/// Title of the subscriptions.
pub fn subscriptions() -> String {
    "My subscriptions".to_owned()
}

/// There are none.
pub fn no_subscriptions() -> String {
    "None yet. In a channel, say: @whyred subscribe payments/* branch:main".to_owned()
}

/// How many there are.
pub fn subscribed(number: u64) -> String {
    format!("{} that you asked for:", count(number, "subscription", "subscriptions"))
}

/// Before the channel.
pub fn in_place() -> String {
    " in ".to_owned()
}

/// The channel.
pub fn the_channel() -> String {
    "this channel".to_owned()
}

/// A button.
pub fn ask() -> String {
    "Ask Whyred".to_owned()
}

/// Proposed to somebody who begins a conversation.
pub fn proposals() -> Vec<String> {
    ["What is broken?", "What broke today?", "Which tests are flaky?", "What can I ask?"]
        .map(str::to_owned)
        .to_vec()
}

/// Shown while an answer is made.
pub fn working() -> String {
    "is looking into it …".to_owned()
}
