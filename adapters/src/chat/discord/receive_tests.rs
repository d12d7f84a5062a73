//! Tests of [`super`]: signatures, what each kind of interaction becomes, hostile bytes.

use http::HeaderValue;
use proptest::prelude::*;
use world::discord::{public_key, sign};

use super::*;

const GUILD: &str = "5";
const NOW: u64 = 1_800_000_000;

fn key() -> [u8; ED25519_PUBLIC_KEY_LEN] {
    hex::decode(public_key()).unwrap().try_into().unwrap()
}

fn headers(signature: &str, seconds: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-signature-ed25519", HeaderValue::from_str(signature).unwrap());
    headers.insert("x-signature-timestamp", HeaderValue::from_str(seconds).unwrap());
    headers
}

#[test]
fn only_fresh_requests_of_discord_are_taken() {
    let now = Timestamp::from_second(i64::try_from(NOW).unwrap()).unwrap();
    let body = br#"{"type":1}"#;
    let good = sign(NOW, body).unwrap();
    let try_it = |signature: &str, seconds: u64, body: &[u8]| {
        verify(&key(), &headers(signature, &seconds.to_string()), body, now)
    };
    assert_eq!(try_it(&good, NOW, body), Ok(()));
    let old = NOW - 301;
    for (why, outcome) in [
        ("another body", try_it(&good, NOW, br#"{"type":2}"#)),
        ("another time", try_it(&good, NOW + 1, body)),
        ("a short signature", try_it(&good[..126], NOW, body)),
        ("no hex", try_it("zz", NOW, body)),
        ("replayed", try_it(&sign(old, body).unwrap(), old, body)),
        ("no headers", verify(&key(), &HeaderMap::new(), body, now)),
        ("no time", verify(&key(), &headers(&good, "soon"), body, now)),
        ("another key", verify(&[9; 32], &headers(&good, &NOW.to_string()), body, now)),
    ] {
        assert!(matches!(outcome, Err(Refusal::Unverified(_))), "{why}: {outcome:?}");
    }
}

fn user() -> Value {
    json!({"id": "30", "username": "ada", "discriminator": "0", "global_name": null, "avatar": null})
}

/// An interaction on a server's channel; `change` makes it another one.
fn reported(kind: u8, data: &Value, change: impl Fn(&mut Value)) -> Vec<u8> {
    let mut body = json!({"id": "77", "application_id": "3", "type": kind, "token": "aW50", "version": 1, "data": data,
        "guild_id": GUILD, "channel_id": "10", "channel": {"id": "10", "type": 0}, "locale": "en-GB",
        "member": {"user": user(), "roles": [], "joined_at": "2026-01-01T00:00:00Z", "deaf": false, "mute": false, "flags": 0},
        "entitlements": [], "attachment_size_limit": 1});
    change(&mut body);
    body.to_string().into_bytes()
}

fn read(body: &[u8]) -> Received {
    interpret_body(body, GUILD).unwrap()
}

fn command(text: Option<&str>) -> Value {
    let options: Vec<Value> =
        text.iter().map(|text| json!({"type": 3, "name": "text", "value": text})).collect();
    json!({"id": "9", "name": "whyred", "type": 1, "options": options})
}

fn taken(received: Received) -> (Interaction, Value) {
    match received {
        Received::Interaction { interaction, answer, .. } => (*interaction, answer),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_ping_is_a_ping() {
    assert_eq!(read(br#"{"id":"1","application_id":"3","type":1,"token":"t","version":1}"#), Received::Ping);
}

#[test]
fn a_command_is_answered_later_and_privately() {
    let (interaction, answer) = taken(read(&reported(2, &command(Some(" what is broken? ")), |_| {})));
    assert_eq!(interaction.id, "interaction:77");
    assert_eq!((interaction.person.id.as_str(), interaction.person.name.as_str()), ("30", "ada"));
    assert_eq!((interaction.conversation.as_str(), interaction.thread), ("10", None));
    let kind = InteractionKind::Command {
        text: "what is broken?".into(),
        response_url: Some("discord:3:aW50".into()),
    };
    assert_eq!(interaction.kind, kind);
    assert_eq!(answer, json!({"type": 5, "data": {"flags": 64}}));
}

#[test]
fn a_command_without_words_is_for_the_taker_to_answer_with_a_form() {
    let (interaction, _) = taken(read(&reported(2, &command(None), |_| {})));
    assert!(matches!(&interaction.kind, InteractionKind::Command { text, .. } if text.is_empty()));
}

#[test]
fn a_form_comes_back_with_what_it_is_about() {
    let opened = opened(&crate::form::sample::form());
    assert_eq!(opened["type"], 9);
    let row = |name: &str, value: Value| json!({"type": 1, "components": [{"type": 4, "custom_id": name, "value": value}]});
    let filled = json!({"custom_id": opened["data"]["custom_id"],
        "components": [row("category", json!("net")), row("cause", json!(" DNS ")), row("line", json!(""))]});
    let (interaction, answer) = taken(read(&reported(5, &filled, |body| body["message"] = message())));
    assert_eq!(
        interaction.kind,
        InteractionKind::Form {
            form: "wrong_cause".into(),
            value: "b1".into(),
            fields: [("category", "net"), ("cause", "DNS")].map(|(k, v)| (k.into(), v.into())).into(),
            message: Some("20".into()),
            response_url: Some("discord:3:aW50".into()),
        }
    );
    assert_eq!(answer, json!({"type": 5, "data": {"flags": 64}}));
}

fn message() -> Value {
    let yes = json!({"type": 2, "style": 4, "label": "Roll back", "custom_id": "?roll_back|d7"});
    json!({"id": "20", "channel_id": "10", "type": 0, "content": "x", "author": user(), "timestamp": "2026-01-01T00:00:00Z",
        "edited_timestamp": null, "tts": false, "mention_everyone": false, "mentions": [], "mention_roles": [],
        "attachments": [], "embeds": [], "pinned": false, "components": [{"type": 1, "components": [yes]}]})
}

fn click(id: &str, change: impl Fn(&mut Value)) -> Received {
    let data = json!({"component_type": 2, "custom_id": id});
    read(&reported(3, &data, |body| {
        body["message"] = message();
        change(body);
    }))
}

#[test]
fn clicks_lead_to_their_message_in_threads_too() {
    let (interaction, answer) = taken(click("claim|b1", |_| {}));
    let kind = |message: &str| InteractionKind::Click {
        action: "claim".into(),
        value: "b1".into(),
        message: message.into(),
    };
    assert_eq!(interaction.kind, kind("20"));
    assert_eq!(answer, json!({"type": 6}));
    let (interaction, _) = taken(click("claim|b1", |body| {
        body["channel_id"] = json!("19");
        body["channel"] = json!({"id": "19", "type": 11, "parent_id": "10"});
    }));
    assert_eq!((interaction.conversation.as_str(), interaction.thread.as_deref()), ("10", Some("19")));
    assert_eq!(interaction.kind, kind("19/20"));
    assert!(matches!(click("of another bot", |_| {}), Received::Nothing(_)));
}

#[test]
fn what_asks_first_is_done_after_yes() {
    let Received::Answer(question) = click("?roll_back|d7", |_| {}) else { panic!("it does not ask") };
    assert_eq!((&question["type"], &question["data"]["flags"]), (&json!(4), &json!(64)));
    assert_eq!(question["data"]["content"], "Roll back?");
    let yes = question["data"]["components"][0]["components"][0]["custom_id"].as_str().unwrap();
    let (interaction, answer) = taken(click(yes, |body| body["message"]["id"] = json!("99")));
    let kind =
        InteractionKind::Click { action: "roll_back".into(), value: "d7".into(), message: "20".into() };
    assert_eq!(interaction.kind, kind);
    assert_eq!(answer["type"], 7);
}

#[test]
fn other_servers_and_groups_are_told_so() {
    for received in [
        read(&reported(2, &command(Some("x")), |body| body["guild_id"] = json!("6"))),
        read(&reported(2, &command(Some("x")), |body| {
            let object = body.as_object_mut().unwrap();
            object.remove("guild_id");
            object.remove("member");
            body["user"] = user();
            body["channel"] = json!({"id": "10", "type": 3});
        })),
    ] {
        let Received::Answer(answer) = received else { panic!("{received:?}") };
        assert!(answer["data"]["content"].as_str().unwrap().contains("another server"));
    }
    let (interaction, _) = taken(read(&reported(2, &command(Some("x")), |body| {
        let object = body.as_object_mut().unwrap();
        object.remove("guild_id");
        object.remove("member");
        body["user"] = user();
        body["channel"] = json!({"id": "10", "type": 1});
    })));
    assert_eq!(interaction.conversation, "@10");
}

proptest! {
    #[test]
    fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = interpret_body(&body, GUILD);
    }

    #[test]
    fn any_damage_is_survived(at in 0_usize..1200, byte in any::<u8>(), kind in 1_u8..6) {
        let mut body = reported(kind, &command(Some("why?")), |body| body["message"] = message());
        let at = at % body.len();
        body[at] = byte;
        let _ = interpret_body(&body, GUILD);
    }

    #[test]
    fn any_button_id_is_read(id in "\\PC{0,100}") {
        click(&id, |_| {});
    }
}
