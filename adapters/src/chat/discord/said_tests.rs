//! Tests of [`super`], on messages as the gateway reports them.

use serde_json::{Value, json};

use super::*;

const OWN: &str = "1000000000000000001";
const GUILD: &str = "5";

fn user(id: &str, name: &str, bot: bool) -> Value {
    json!({"id": id, "username": name, "discriminator": "0", "global_name": null, "avatar": null, "bot": bot})
}

fn message(content: &str, change: impl Fn(&mut Value)) -> Message {
    let mut message = json!({"id": "20", "channel_id": "10", "guild_id": GUILD, "type": 0, "content": content,
        "author": user("30", "ada", false), "timestamp": "2026-01-01T00:00:00Z", "edited_timestamp": null, "tts": false,
        "mention_everyone": false, "mentions": [user(OWN, "whyred", true), user("31", "sam", false)],
        "mention_roles": [], "attachments": [], "embeds": [], "pinned": false});
    change(&mut message);
    serde_json::from_value(message).unwrap()
}

fn place() -> Place {
    Place { conversation: "10".to_owned(), thread: None }
}

#[test]
fn a_mention_becomes_words() {
    let said_by = message(
        "<@1000000000000000001> why did <#10> fail, <@!31>? <:boom:99> see <https://ci.example/1> 1 < 2 <@&7>",
        |_| {},
    );
    assert!(speaks_to_us(&said_by, OWN, GUILD));
    let interaction = said(&said_by, OWN, place());
    assert_eq!((interaction.id.as_str(), interaction.person.name.as_str()), ("message:20", "ada"));
    let InteractionKind::Mention { text, message } = interaction.kind else { panic!("no mention") };
    assert_eq!(text, "why did #10 fail, @sam? :boom: see https://ci.example/1 1 < 2 @7");
    assert_eq!(message, "20");
}

#[test]
fn what_is_not_for_us_is_left_alone() {
    let call = "<@1000000000000000001> hello";
    let for_us = |message: Message| speaks_to_us(&message, OWN, GUILD);
    assert!(for_us(message(call, |_| {})));
    assert!(for_us(message("hello", |message| message["guild_id"] = Value::Null)), "a direct message");
    assert!(!for_us(message("hello", |_| {})), "not mentioned, or only by replying to us");
    assert!(!for_us(message("<@1000000000000000001>", |_| {})), "nothing is said");
    assert!(!for_us(message(call, |message| message["guild_id"] = json!("6"))), "another server");
    assert!(!for_us(message(call, |message| message["author"]["bot"] = json!(true))), "a bot");
    assert!(!for_us(message(call, |message| message["webhook_id"] = json!("8"))), "a webhook");
    assert!(!for_us(message(call, |message| message["type"] = json!(7))), "nobody typed it");
}

#[test]
fn thumbs_are_signs_and_everything_else_is_not() {
    let reaction = |emoji: &str, author: &str| -> Reaction {
        serde_json::from_value(
            json!({"user_id": "30", "channel_id": "11", "message_id": "20", "guild_id": GUILD,
            "message_author_id": author, "emoji": {"id": null, "name": emoji}, "burst": false, "type": 0}),
        )
        .unwrap()
    };
    assert_eq!(sign(&reaction("👍", OWN), OWN, GUILD), Some("+1"));
    assert_eq!(sign(&reaction("👎🏽", OWN), OWN, GUILD), Some("-1"));
    assert_eq!(sign(&reaction("🔥", OWN), OWN, GUILD), None);
    assert_eq!(sign(&reaction("👍", "31"), OWN, GUILD), None);
    assert_eq!(sign(&reaction("👍", OWN), OWN, "6"), None);
    assert_eq!(sign(&reaction("👍", OWN), "30", GUILD), None, "our own");
    let within = Place { conversation: "10".to_owned(), thread: Some("11".to_owned()) };
    let interaction = reacted(&reaction("👍", OWN), "+1", true, within, 5).unwrap();
    assert_eq!((interaction.conversation.as_str(), interaction.thread.as_deref()), ("10", Some("11")));
    let expected = InteractionKind::Reaction { name: "+1".into(), message: "11/20".into(), added: true };
    assert_eq!(interaction.kind, expected);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in ".*") {
        let message = message(&text, |_| {});
        speaks_to_us(&message, OWN, GUILD);
        said(&message, OWN, place());
    }
}
