//! Tests of [`super`]: what Slack documents, what it never sends, and bytes at random.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const NOW: i64 = 1_531_420_618;

fn headers(timestamp: &str, signature: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-slack-request-timestamp", timestamp.parse().unwrap());
    headers.insert("x-slack-signature", signature.parse().unwrap());
    headers
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

/// The example of Slack's page "Verifying requests from Slack".
#[test]
fn the_documented_example_verifies() {
    let secret = Secret::new("8f742231b10e8888abcd99yyyzzz85a5");
    let body = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    let verified =
        |body: &[u8], signature: &str, now| verify(&secret, &headers("1531420618", signature), body, at(now));
    assert_eq!(verified(body, signature, NOW), Ok(()));
    assert_eq!(verified(body, signature, NOW + 300), Ok(()));
    for refused in [
        verified(body, signature, NOW + 301),
        verified(body, signature, NOW - 301),
        verified(&body[1..], signature, NOW),
        verified(body, &signature.replace("v0=", "v1="), NOW),
        verified(body, "v0=", NOW),
        verify(&secret, &headers("soon", signature), body, at(NOW)),
        verify(&secret, &HeaderMap::new(), body, at(NOW)),
        verify(&Secret::new("other"), &headers("1531420618", signature), body, at(NOW)),
    ] {
        assert!(matches!(refused, Err(Refusal::Unverified(_))), "{refused:?}");
    }
}

fn event(event: &Value) -> Received {
    let body = json!({"type": "event_callback", "event_id": "Ev1", "event": event,
        "authorizations": [{"user_id": "UBOT", "is_bot": true}], "team_id": "T1", "field_of_tomorrow": 1});
    interpret(Path::Events, body.to_string().as_bytes()).unwrap()
}

#[test]
fn a_mention_is_read() {
    let received =
        event(&json!({"type": "app_mention", "channel": "C1", "user": "U1", "ts": "1.2", "thread_ts": "1.1",
        "text": "<@UBOT> why did <https://ci.example/r/1> fail &amp; burn?"}));
    assert_eq!(
        received,
        taken(Interaction {
            id: "Ev1".into(),
            person: ChatPerson { id: "U1".into(), name: "U1".into() },
            conversation: "C1".into(),
            thread: Some("1.1".into()),
            kind: InteractionKind::Mention {
                text: "why did https://ci.example/r/1 fail & burn?".into(),
                message: "1.2".into()
            },
        })
        .in_team(Some("T1".into()))
    );
}

#[test]
fn a_direct_message_is_a_mention_and_a_channel_message_is_not() {
    let message = |kind: &str| {
        event(
            &json!({"type": "message", "channel_type": kind, "channel": "D1", "user": "U1", "ts": "1.2", "text": "hi"}),
        )
    };
    assert!(matches!(message("im"), Received::Interaction { .. }));
    assert!(matches!(message("channel"), Received::Nothing(_)));
}

#[test]
fn bots_edits_and_system_messages_are_not_heard() {
    let said = json!({"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "ts": "1.2", "text": "hi"});
    for (field, value) in [
        ("bot_id", json!("B1")),
        ("user", json!("UBOT")),
        ("user", Value::Null),
        ("subtype", json!("message_changed")),
        ("edited", json!({"user": "U1", "ts": "1.3"})),
    ] {
        let mut said = said.clone();
        said[field] = value;
        assert!(matches!(event(&said), Received::Nothing(_)), "{field}");
    }
}

#[test]
fn reactions_to_our_messages_alone_are_read() {
    let reaction = |kind: &str, to: &str| {
        event(&json!({"type": kind, "user": "U1", "reaction": "+1", "item_user": to,
            "item": {"type": "message", "channel": "C1", "ts": "1.2"}}))
    };
    let Received::Interaction { interaction: read, .. } = reaction("reaction_removed", "UBOT") else {
        panic!("not read")
    };
    assert_eq!(
        read.kind,
        InteractionKind::Reaction { name: "+1".into(), message: "1.2".into(), added: false }
    );
    assert!(matches!(reaction("reaction_added", "U9"), Received::Nothing(_)));
}

#[test]
fn the_address_is_proven_with_the_challenge() {
    let body = json!({"type": "url_verification", "token": "x", "challenge": "3eZbrw1aB"});
    assert_eq!(
        interpret(Path::Events, body.to_string().as_bytes()),
        Ok(Received::UrlVerification { challenge: "3eZbrw1aB".into() })
    );
}

fn click(action_id: &str) -> Received {
    let payload = json!({"type": "block_actions", "user": {"id": "U1", "username": "ada"}, "channel": {"id": "C1"},
        "container": {"type": "message", "message_ts": "1.2", "channel_id": "C1", "thread_ts": "1.1"},
        "actions": [{"type": "button", "action_id": action_id, "value": "k", "action_ts": "9.9"}], "trigger_id": "t"});
    let body: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &payload.to_string())
        .finish();
    interpret(Path::Interactions, body.as_bytes()).unwrap()
}

#[test]
fn a_click_is_read_and_has_an_id_of_its_own() {
    let Received::Interaction { interaction: read, .. } = click("rerun_failed#2") else { panic!("not read") };
    assert_eq!(
        *read,
        Interaction {
            id: "click:C1:1.2:rerun_failed#2:U1:9.9".into(),
            person: ChatPerson { id: "U1".into(), name: "ada".into() },
            conversation: "C1".into(),
            thread: Some("1.1".into()),
            kind: InteractionKind::Click {
                action: "rerun_failed".into(),
                value: "k".into(),
                message: "1.2".into()
            },
        }
    );
    assert!(matches!(click("open:log"), Received::Nothing(_)));
}

#[test]
fn a_command_is_read() {
    let body = b"command=%2Fwhyred&text=why+%26lt%3Bmain%26gt%3B&user_id=U1&user_name=ada&channel_id=C1&trigger_id=7.x&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F1";
    let Ok(Received::Interaction { interaction: read, .. }) = interpret(Path::Commands, body) else {
        panic!("not read")
    };
    assert_eq!((read.id.as_str(), read.person.name.as_str()), ("command:7.x", "ada"));
    assert_eq!(
        read.kind,
        InteractionKind::Command {
            text: "why <main>".into(),
            response_url: Some("https://hooks.slack.com/commands/1".into())
        }
    );
}

#[test]
fn what_cannot_be_read_is_malformed_and_what_is_new_is_nothing() {
    for (path, body) in [
        (Path::Events, &b"{"[..]),
        (Path::Events, b"[]"),
        (Path::Events, br#"{"type":"event_callback","event_id":"E","event":{"type":"app_mention"}}"#),
        (Path::Interactions, b"payload=%7B"),
        (Path::Interactions, b"other=1"),
        (Path::Commands, b"command=x"),
    ] {
        assert!(matches!(interpret(path, body), Err(Refusal::Malformed(_))), "{path:?} {body:?}");
    }
    for (path, body) in [
        (Path::Events, &br#"{"type":"event_of_tomorrow"}"#[..]),
        (Path::Events, br#"{"type":"app_rate_limited","minute_rate_limited":1}"#),
        (Path::Events, br#"{"type":"event_callback","event_id":"E","event":{"type":"emoji_changed"}}"#),
        (Path::Interactions, b"payload=%7B%22type%22%3A%22shortcut_of_tomorrow%22%7D"),
    ] {
        assert!(matches!(interpret(path, body), Ok(Received::Nothing(_))), "{path:?} {body:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        for path in [Path::Events, Path::Interactions, Path::Commands] {
            let _ = interpret(path, &body);
        }
        let _ = verify(&Secret::new("s"), &HeaderMap::new(), &body, at(NOW));
    }

    #[test]
    fn any_header_is_read_or_refused(timestamp in "[ -~]{0,30}", signature in "[ -~]{0,80}") {
        prop_assert!(verify(&Secret::new("s"), &headers(&timestamp, &signature), b"x", at(NOW)).is_err());
    }
}

#[test]
fn a_form_is_read_and_a_forged_one_is_not() {
    let sent = |metadata: &str| {
        let text = |value: Value| json!({"value": {"type": "plain_text_input", "value": value}});
        let payload = json!({"type": "view_submission", "user": {"id": "U1", "username": "ada"}, "trigger_id": "8.x",
            "view": {"id": "V1", "callback_id": "wrong_cause", "private_metadata": metadata, "state": {"values": {
                "cause": text(json!(" DNS ")), "line": text(Value::Null),
                "category": {"value": {"type": "static_select", "selected_option": {"value": "network"}}}}}}});
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("payload", &payload.to_string())
            .finish();
        interpret(Path::Interactions, body.as_bytes())
    };
    let kept = json!({"conversation": "C1", "thread": "1.1", "message": "1.2", "value": "b1"}).to_string();
    let Ok(Received::Interaction { interaction: read, trigger: None, .. }) = sent(&kept) else {
        panic!("not read")
    };
    assert_eq!((read.id.as_str(), read.conversation.as_str()), ("form:V1", "C1"));
    assert_eq!(read.thread.as_deref(), Some("1.1"));
    assert_eq!(
        read.kind,
        InteractionKind::Form {
            form: "wrong_cause".into(),
            value: "b1".into(),
            fields: [("category", "network"), ("cause", "DNS")].map(|(k, v)| (k.into(), v.into())).into(),
            message: Some("1.2".into()),
            response_url: None,
        }
    );
    let Ok(Received::Interaction { interaction: read, .. }) = sent("{}") else { panic!("not read") };
    assert_eq!(read.conversation, "U1", "opened from nowhere it is between two");
    assert!(matches!(sent("what?"), Err(Refusal::Malformed(_))));
}

/// In a thread, somebody may ask without the bot's name; the bot decides. What mentions somebody is for them.
#[test]
fn what_is_said_in_threads_may_be_for_us() {
    let said = |extra: Value| {
        let mut event = json!({"type": "message", "channel_type": "channel", "channel": "C1", "user": "U1",
            "text": "is this flaky?", "ts": "2.0", "thread_ts": "1.0"});
        event.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let push = json!({"type": "event_callback", "event_id": "Ev1", "event": event,
            "authorizations": [{"user_id": "UBOT"}]});
        match interpret_event(push).unwrap() {
            Received::Interaction { interaction, .. } => Some(interaction.kind),
            _ => None,
        }
    };
    let follow_up = InteractionKind::FollowUp { text: "is this flaky?".into(), message: "2.0".into() };
    assert_eq!(said(json!({})), Some(follow_up));
    for not_ours in [
        json!({"thread_ts": null}),
        json!({"thread_ts": "2.0"}),
        json!({"text": "<@UBOT> is this flaky?"}),
        json!({"text": "<@U2> is this flaky?"}),
        json!({"text": "<!here> is this flaky?"}),
        json!({"bot_id": "B1"}),
        json!({"user": "UBOT"}),
        json!({"subtype": "message_deleted"}),
    ] {
        assert_eq!(said(not_ours.clone()), None, "{not_ours}");
    }
}
