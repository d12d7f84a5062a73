//! Tests of [`super::Slack`] over real sockets against a workspace that refuses what Slack refuses.

use std::rc::Rc;
use std::sync::Mutex;
use std::time::Duration;

use world::slack::{APP_TOKEN, BOT_TOKEN, Channel, Failure, SIGNING_SECRET, Slack as Workspace};

use super::*;
use crate::chat::{Interaction, InteractionKind, Reply, SinkError};
use crate::form::sample;
use crate::message::{Action, ActionStyle, Section, Span, Tone};

const WAIT: Duration = Duration::from_secs(10);

async fn workspace() -> (Workspace, Arc<Slack>) {
    let workspace = Workspace::start().await.unwrap();
    let slack = surface(&workspace, BOT_TOKEN);
    (workspace, slack)
}

fn surface(workspace: &Workspace, bot_token: &str) -> Arc<Slack> {
    let table = format!(
        "bot_token = \"env:BOT\"\nsigning_secret = \"env:SIGN\"\napp_token = \"env:APP\"\napi_url = \"{}\"",
        workspace.api_url()
    );
    let bot_token = bot_token.to_owned();
    let env = move |name: &str| match name {
        "BOT" => Some(bot_token.clone()),
        "SIGN" => Some(SIGNING_SECRET.to_owned()),
        "APP" => Some(APP_TOKEN.to_owned()),
        _ => None,
    };
    let params = Params::root(table.parse().unwrap(), Rc::new(env));
    let slack = build("slack", &params);
    assert_eq!(params.faults(), []);
    slack.unwrap()
}

fn message(headline: &str) -> Message {
    let rerun = Action {
        id: "rerun_failed".into(),
        label: "Re-run failed jobs".into(),
        value: "run-7".into(),
        style: ActionStyle::Primary,
        confirm: None,
        url: None,
    };
    Message { actions: vec![rerun], ..Message::new(Tone::Broken, headline) }
}

fn detailed(headline: &str, details: usize) -> Message {
    let detail = |number| Section {
        title: Some(format!("Finding {number}")),
        text: vec![Span::text(format!("{headline} {number}. ").repeat(150))],
        detail: true,
    };
    Message { sections: (0..details).map(detail).collect(), ..message(headline) }
}

#[tokio::test]
async fn a_post_is_edited_and_answered_in_place() {
    let (workspace, slack) = workspace().await;
    let post = slack.post("#payments", None, &message("main broke"), "k1").await.unwrap();
    assert_eq!(post.conversation, "C0PAYMENTS");
    let fixed = Message::new(Tone::Fixed, "main is green");
    slack.edit(&post, &fixed, "k1").await.unwrap();
    let reply = slack.post("#payments", Some(&post), &message("because"), "k2").await.unwrap();

    let posts = workspace.posts("#payments");
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].text, "✅ Fixed: main is green");
    assert_eq!(posts[0].edits[0].0, "❌ Broken: main broke\nButtons: Re-run failed jobs");
    assert_eq!(posts[0].metadata.as_ref().unwrap()["event_payload"]["key"], "k1");
    let replies = workspace.replies("#payments", &post.message);
    assert_eq!(replies.iter().map(|reply| reply.ts.as_str()).collect::<Vec<_>>(), [reply.message]);
    workspace.assert_clean();
}

#[tokio::test]
async fn details_stand_in_the_thread_and_follow_edits() {
    let (workspace, slack) = workspace().await;
    let post = slack.post("#ci", None, &detailed("old", 16), "k").await.unwrap();
    let before = workspace.replies("#ci", &post.message);
    assert!(before.len() > 1, "{}", before.len());

    // Another process knows nothing of the pages and finds them again.
    let restarted = surface(&workspace, BOT_TOKEN);
    restarted.edit(&post, &detailed("new", 16), "k").await.unwrap();
    let after = workspace.replies("#ci", &post.message);
    assert_eq!(after.len(), before.len());
    assert!(after.iter().all(|page| page.edits.len() == 1 && page.text.contains("new ")));

    // The same again changes nothing, less takes pages away, none leaves what was said.
    restarted.edit(&post, &detailed("new", 16), "k").await.unwrap();
    assert!(workspace.replies("#ci", &post.message).iter().all(|page| page.edits.len() == 1));
    restarted.edit(&post, &detailed("short", 1), "k").await.unwrap();
    assert_eq!(workspace.replies("#ci", &post.message).len(), 1);
    restarted.edit(&post, &message("green"), "k").await.unwrap();
    assert_eq!(workspace.replies("#ci", &post.message).len(), 1);
    workspace.assert_clean();
}

#[tokio::test]
async fn details_of_a_reply_stand_in_its_thread() {
    let (workspace, slack) = workspace().await;
    let root = slack.post("#ci", None, &message("root"), "root").await.unwrap();
    let reply = slack.post("#ci", Some(&root), &detailed("answer", 1), "reply").await.unwrap();
    assert_eq!(workspace.replies("#ci", &root.message).len(), 2);
    let restarted = surface(&workspace, BOT_TOKEN);
    restarted.edit(&reply, &detailed("better", 1), "reply").await.unwrap();
    let thread = workspace.replies("#ci", &root.message);
    assert_eq!(thread.len(), 2);
    assert!(thread[1].text.contains("better"));
    workspace.assert_clean();
}

#[tokio::test]
async fn details_are_patient_and_never_double() {
    let (workspace, slack) = workspace().await;
    workspace.limit_posts(Some(Duration::from_millis(300)));
    let post = slack.post("#ci", None, &detailed("red", 1), "k").await.unwrap();
    assert_eq!(workspace.replies("#ci", &post.message).len(), 1);
    workspace.limit_posts(None);

    // The page arrives, its answer does not.
    let post = slack.post("#ci", None, &message("green"), "k2").await.unwrap();
    workspace.fail_next("chat.postMessage", Failure::LostAfter);
    slack.edit(&post, &detailed("red", 1), "k2").await.unwrap_err();
    slack.edit(&post, &detailed("red", 1), "k2").await.unwrap();
    assert_eq!(workspace.replies("#ci", &post.message).len(), 1);
    workspace.assert_clean();
}

#[tokio::test]
async fn an_interrupted_post_is_found_by_its_key() {
    let (workspace, slack) = workspace().await;
    workspace.fail_next("chat.postMessage", Failure::LostAfter);
    let lost = slack.post("#payments", None, &message("main broke"), "k1").await.unwrap_err();
    assert!(matches!(lost, ChatError::Unavailable { .. }), "{lost}");
    for number in 0..250 {
        slack.post("#payments", None, &message("other"), &format!("other-{number}")).await.unwrap();
    }
    let restarted = surface(&workspace, BOT_TOKEN);
    let found = restarted.find("#payments", None, "k1").await.unwrap().unwrap();
    assert_eq!(found.message, workspace.posts("#payments")[0].ts);
    assert_eq!(restarted.find("#payments", None, "never").await.unwrap(), None);

    workspace.fail_next("chat.postMessage", Failure::LostBefore);
    slack.post("#payments", Some(&found), &message("x"), "k2").await.unwrap_err();
    assert_eq!(slack.find("#payments", Some(&found), "k2").await.unwrap(), None);
    let reply = slack.post("#payments", Some(&found), &message("x"), "k2").await.unwrap();
    assert_eq!(slack.find("#payments", Some(&found), "k2").await.unwrap(), Some(reply));
    workspace.assert_clean();
}

#[tokio::test]
async fn a_whisper_reaches_one_person() {
    let (workspace, slack) = workspace().await;
    workspace.add_person("U1", "ada");
    slack.whisper("C0CI", "U1", "Only owners of <payments> may re-run this").await.unwrap();
    assert_eq!(workspace.whispers()[0].text, "Only owners of &lt;payments&gt; may re-run this");
    let error = slack.whisper("C0CI", "U9", "x").await.unwrap_err();
    assert!(matches!(error, ChatError::Undeliverable { .. }), "{error}");
    workspace.assert_clean();
}

#[tokio::test]
async fn every_failure_has_its_meaning() {
    let (workspace, slack) = workspace().await;
    workspace.set_channel(Channel {
        id: "C0OLD".into(),
        name: "old".into(),
        private: false,
        member: true,
        archived: true,
    });
    workspace.set_channel(Channel {
        id: "C0OUT".into(),
        name: "out".into(),
        private: false,
        member: false,
        archived: false,
    });
    let post =
        async |conversation: &str| slack.post(conversation, None, &message("x"), "k").await.unwrap_err();
    let fails = async |failure: Failure| {
        workspace.fail_next("chat.postMessage", failure);
        post("#ci").await
    };
    assert!(matches!(post("#nowhere").await, ChatError::Undeliverable { .. }));
    assert!(matches!(post("#old").await, ChatError::Undeliverable { .. }));
    assert!(matches!(fails(Failure::Status(503)).await, ChatError::Unavailable { .. }));
    assert!(matches!(fails(Failure::Status(404)).await, ChatError::Rejected { .. }));
    assert!(matches!(fails(Failure::Code("internal_error".into())).await, ChatError::Unavailable { .. }));
    assert!(matches!(fails(Failure::Code("msg_too_long".into())).await, ChatError::Rejected { .. }));
    let ChatError::RateLimited { after, .. } = fails(Failure::RateLimited(7)).await else {
        panic!("no rate limit")
    };
    assert_eq!(after, Duration::from_secs(7));

    let unread = slack.find("#out", None, "k").await.unwrap_err().to_string();
    assert_eq!(unread, "slack cannot deliver to C0OUT: invite the bot to the channel (not_in_channel)");
    workspace.remove_scope("chat:write");
    let scope = post("#ci").await.to_string();
    assert!(scope.contains("lacks the scope chat:write"), "{scope}");
    let stranger = surface(&workspace, "xoxb-wrong");
    assert!(matches!(stranger.check().await, Err(ChatError::Denied { .. })));
    workspace.assert_clean();
}

#[tokio::test]
async fn one_post_a_second_is_obeyed_by_whoever_waits() {
    let (workspace, slack) = workspace().await;
    workspace.limit_posts(Some(Duration::from_secs(1)));
    slack.post("#ci", None, &message("1"), "1").await.unwrap();
    let early = slack.post("#ci", None, &message("2"), "2").await.unwrap_err();
    let ChatError::RateLimited { after, .. } = early else { panic!("{early}") };
    slack.post("#payments", None, &message("elsewhere"), "3").await.unwrap();
    tokio::time::sleep(after).await;
    slack.post("#ci", None, &message("2"), "2").await.unwrap();
    assert_eq!(workspace.posts("#ci").len(), 2);
    workspace.assert_clean();
}

#[tokio::test]
async fn the_check_says_who_and_where() {
    let (_workspace, slack) = workspace().await;
    assert_eq!(slack.check().await.unwrap(), "@whyred in workspace Acme");
}

#[tokio::test]
async fn a_command_is_answered_late_where_slack_says() {
    let (workspace, slack) = workspace().await;
    let (inbox, stop, task) = listening(&workspace, &slack).await;
    workspace.command("U1", "#ci", "status").await.unwrap();
    let InteractionKind::Command { response_url, .. } = inbox.taken().remove(0).kind else {
        panic!("no command")
    };
    let address = response_url.unwrap();
    for number in 1..=5 {
        slack.respond(&address, &format!("answer <{number}>")).await.unwrap();
    }
    assert_eq!(workspace.responses()[0]["text"], "answer &lt;1&gt;");
    let used_up = slack.respond(&address, "6").await.unwrap_err();
    assert!(matches!(used_up, ChatError::Undeliverable { .. }), "{used_up}");
    workspace.late_answers_live(Duration::ZERO);
    workspace.command("U1", "#ci", "status").await.unwrap();
    let InteractionKind::Command { response_url, .. } = inbox.taken().remove(1).kind else {
        panic!("no command")
    };
    let old = slack.respond(&response_url.unwrap(), "too late").await.unwrap_err().to_string();
    assert!(old.contains("older than 30 minutes"), "{old}");
    for elsewhere in ["https://evil.example/commands/1", "http://hooks.slack.com/commands/1", "no address"] {
        let refused = slack.respond(elsewhere, "x").await.unwrap_err().to_string();
        assert!(refused.contains("not Slack's"), "{elsewhere}: {refused}");
    }
    stop.cancel();
    task.await.unwrap();
    workspace.assert_clean();
}

#[tokio::test]
async fn people_are_found_by_address_and_groups_by_name() {
    let (workspace, slack) = workspace().await;
    workspace.add_person("U012", "ada");
    for _ in 0..2 {
        assert_eq!(slack.person_by_email("ada@acme.example").await.unwrap().as_deref(), Some("U012"));
        assert_eq!(slack.person_by_email("eve@acme.example").await.unwrap(), None);
    }
    assert_eq!(workspace.calls().len(), 4, "nothing is remembered: people come and go");
    workspace.set_group("platform", &["U012", "U013"]);
    assert_eq!(slack.members_of("@platform").await.unwrap(), ["U012", "U013"]);
    let unknown = slack.members_of("@nobody").await.unwrap_err().to_string();
    assert!(unknown.contains("no such user group"), "{unknown}");
    workspace.assert_clean();
}

#[tokio::test]
async fn what_people_do_over_http_is_verified_and_read() {
    let (_workspace, slack) = workspace().await;
    let now = Timestamp::now();
    let seconds = u64::try_from(now.as_second()).unwrap();
    let body = r#"{"type":"url_verification","challenge":"c"}"#;
    let received = |headers: &http::HeaderMap, body: &str| {
        slack.receive_http(Path::Events, headers, body.as_bytes(), now)
    };
    let signed = Workspace::sign(body, seconds).unwrap();
    assert_eq!(received(&signed, body), Ok(Received::UrlVerification { challenge: "c".into() }));
    let stale = Workspace::sign(body, seconds - 301).unwrap();
    for refused in [
        received(&signed, &body.replace('c', "d")),
        received(&stale, body),
        received(&http::HeaderMap::new(), body),
    ] {
        assert!(matches!(refused, Err(Refusal::Unverified(_))), "{refused:?}");
    }
}

/// A sink that keeps what it takes, and how it is to fail.
#[derive(Clone, Default)]
struct Inbox(Arc<Mutex<(Vec<Interaction>, Vec<Trouble>)>>);

#[derive(Clone, Copy)]
enum Trouble {
    Refuses,
    Hangs,
    Opens,
}

impl Inbox {
    fn sink(&self) -> InteractionSink {
        let inbox = self.clone();
        Arc::new(move |interaction| {
            let trouble = {
                let mut all = inbox.0.lock().unwrap();
                all.0.push(interaction);
                all.1.pop()
            };
            Box::pin(async move {
                match trouble {
                    Some(Trouble::Refuses) => Err(SinkError("the disk is full".into())),
                    Some(Trouble::Hangs) => std::future::pending().await,
                    Some(Trouble::Opens) => Ok(Reply::Open(Box::new(sample::form()))),
                    None => Ok(Reply::Taken),
                }
            })
        })
    }

    fn taken(&self) -> Vec<Interaction> {
        self.0.lock().unwrap().0.clone()
    }

    fn expect(&self, trouble: Trouble) {
        self.0.lock().unwrap().1.push(trouble);
    }
}

async fn listening(
    workspace: &Workspace,
    slack: &Arc<Slack>,
) -> (Inbox, CancellationToken, tokio::task::JoinHandle<()>) {
    let (inbox, stop) = (Inbox::default(), CancellationToken::new());
    let (slack, sink, token) = (Arc::clone(slack), inbox.sink(), stop.clone());
    let task = tokio::spawn(async move { slack.listen(sink, token).await.unwrap() });
    assert!(workspace.wait_until(WAIT, |workspace| workspace.sockets() > 0).await, "no socket was opened");
    (inbox, stop, task)
}

#[tokio::test]
async fn people_are_heard_over_a_socket() {
    let (workspace, slack) = workspace().await;
    let (inbox, stop, task) = listening(&workspace, &slack).await;
    let post = slack.post("#payments", None, &message("main broke"), "k").await.unwrap();

    let said = workspace.mention("U1", "#payments", "why did <main> fail?").await.unwrap();
    let clicked = workspace.click("U1", "#payments", &post.message, "rerun_failed").await.unwrap();
    let commanded = workspace.command("U1", "#ci", "status").await.unwrap();
    let reacted = workspace.react("U1", "#payments", &post.message, "+1", true).await.unwrap();
    let direct = workspace.direct_message("U1", "hello").await.unwrap();
    for delivery in [&said, &clicked, &commanded, &reacted, &direct] {
        assert!(
            delivery.accepted && delivery.attempts == 1 && delivery.latency < Duration::from_secs(3),
            "{delivery:?}"
        );
    }
    let kinds: Vec<InteractionKind> = inbox.taken().into_iter().map(|interaction| interaction.kind).collect();
    assert_eq!(
        kinds[0],
        InteractionKind::Mention { text: "why did <main> fail?".into(), message: said.ts.clone() }
    );
    assert_eq!(
        kinds[1],
        InteractionKind::Click {
            action: "rerun_failed".into(),
            value: "run-7".into(),
            message: post.message.clone()
        }
    );
    assert!(matches!(&kinds[2], InteractionKind::Command { text, .. } if text == "status"));
    assert_eq!(kinds[3], InteractionKind::Reaction { name: "+1".into(), message: post.message, added: true });
    assert!(matches!(&kinds[4], InteractionKind::Mention { text, .. } if text == "hello"));

    // What comes twice has the same id twice.
    workspace.again(&clicked).await.unwrap();
    assert_eq!(inbox.taken()[5].id, inbox.taken()[1].id);

    stop.cancel();
    task.await.unwrap();
    assert!(workspace.wait_until(WAIT, |workspace| workspace.sockets() == 0).await, "a socket stays open");
    workspace.assert_clean();
}

#[tokio::test]
async fn a_form_opens_within_its_time_and_comes_back() {
    let (workspace, slack) = workspace().await;
    let (inbox, stop, task) = listening(&workspace, &slack).await;
    let post = slack.post("#payments", None, &message("main broke"), "k").await.unwrap();
    inbox.expect(Trouble::Opens);
    let clicked = workspace.click("U1", "#payments", &post.message, "rerun_failed").await.unwrap();
    assert!(clicked.accepted);
    let view = workspace.opened_view("U1", WAIT).await.unwrap().view;
    assert_eq!(view["callback_id"], "wrong_cause");
    let initial = view.pointer("/blocks/1/element/initial_option/value");
    assert_eq!(initial, Some(&serde_json::json!("test")), "what is known stands in it already");
    let filled = [("category", "network"), ("cause", "a <&> b"), ("line", "")];
    assert!(workspace.send_view("U1", &filled).await.unwrap().accepted);
    assert!(workspace.view("U1").is_none(), "it closes");
    let sent = inbox.taken().pop().unwrap();
    assert_eq!(sent.conversation, post.conversation);
    let InteractionKind::Form { form, value, fields, message, response_url } = sent.kind else {
        panic!("no form")
    };
    assert_eq!((form.as_str(), value.as_str(), message), ("wrong_cause", "b1", Some(post.message)));
    assert_eq!(
        fields,
        [("category", "network"), ("cause", "a <&> b")].map(|(k, v)| (k.into(), v.into())).into()
    );
    slack.respond(&response_url.unwrap(), "thanks").await.unwrap();

    // Too late, or gone wrong: the person hears of it, and nothing was done.
    workspace.triggers_live(Some(Duration::ZERO));
    inbox.expect(Trouble::Opens);
    assert!(workspace.command("U1", "#ci", "").await.unwrap().accepted);
    assert!(workspace.wait_until(WAIT, |workspace| workspace.responses().len() == 2).await);
    let told = workspace.responses()[1]["text"].to_string();
    assert!(told.contains("three seconds") && told.contains("try once more"), "{told}");
    stop.cancel();
    task.await.unwrap();
    workspace.assert_clean();
}

#[tokio::test]
async fn shortcuts_the_home_tab_and_assistant_threads_are_heard() {
    let (workspace, slack) = workspace().await;
    let (inbox, stop, task) = listening(&workspace, &slack).await;
    let said = workspace.mention("U1", "#ci", "ECONNRESET & co").await.unwrap();
    workspace.message_shortcut("U1", "#ci", &said.ts, "ask_about").await.unwrap();
    workspace.shortcut("U1", "ask").await.unwrap();
    workspace.open_home("U1").await.unwrap();
    let begun = workspace.begin_assistant_thread("U1").await.unwrap();
    let taken = inbox.taken();
    let shortcut = |name: &str, text: Option<&str>, message: Option<&String>| InteractionKind::Shortcut {
        name: name.into(),
        text: text.map(Into::into),
        message: message.cloned(),
    };
    assert_eq!(taken[1].kind, shortcut("ask_about", Some("ECONNRESET & co"), Some(&said.ts)));
    assert_eq!((&taken[1].conversation[..], &taken[2].conversation[..]), ("C0CI", "U1"));
    assert_eq!(taken[2].kind, shortcut("ask", None, None));
    assert_eq!(taken[3].kind, InteractionKind::Home);
    assert_eq!((&taken[4].kind, taken[4].thread.as_ref()), (&InteractionKind::Begun, Some(&begun.ts)));

    slack.show_home("U1", &message("Yours")).await.unwrap();
    assert!(workspace.home("U1").unwrap().contains("Yours"));
    inbox.expect(Trouble::Opens);
    workspace.click_home("U1", "rerun_failed").await.unwrap();
    workspace.opened_view("U1", WAIT).await.unwrap();
    let filled = [("cause", "x"), ("category", "test")];
    workspace.send_view("U1", &filled).await.unwrap();
    let sent = inbox.taken().pop().unwrap();
    assert_eq!(sent.conversation, "U1");
    assert!(matches!(sent.kind, InteractionKind::Form { message: None, response_url: None, .. }));

    // It says that it works where that can be said, and nowhere else.
    let questions = ["What is broken?".to_owned(), "q".repeat(100)];
    slack.propose("DU1", &begun.ts, &questions).await.unwrap();
    slack.working("DU1", &begun.ts, "is looking …").await.unwrap();
    slack.working("C0CI", &said.ts, "is looking …").await.unwrap();
    let said = workspace.said_in_threads();
    assert_eq!((said.len(), said[0].as_str(), said[2].as_str()), (3, "What is broken?", "is looking …"));
    stop.cancel();
    task.await.unwrap();
    workspace.assert_clean();
}

#[tokio::test]
async fn a_person_alone_is_a_place_too() {
    let (workspace, slack) = workspace().await;
    workspace.add_person("U1", "ada");
    slack.whisper("U1", "U1", "psst").await.unwrap();
    assert_eq!(workspace.messages("DU1")[0].text, "psst");
    assert!(slack.is_direct("U1") && slack.is_direct("D1") && !slack.is_direct("C1"));
    workspace.assert_clean();
}

#[tokio::test]
async fn what_is_not_stored_is_not_acknowledged_and_comes_again() {
    let (workspace, slack) = workspace().await;
    workspace.ack_within(Duration::from_millis(300));
    let (inbox, stop, task) = listening(&workspace, &slack).await;
    inbox.expect(Trouble::Refuses);
    let delivery = workspace.mention("U1", "#ci", "why?").await.unwrap();
    assert!(delivery.accepted);
    assert_eq!(delivery.attempts, 2);
    let taken = inbox.taken();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].id, taken[1].id);

    workspace.ack_within(Duration::from_secs(3));
    inbox.expect(Trouble::Hangs);
    let delivery = workspace.mention("U1", "#ci", "and now?").await.unwrap();
    assert_eq!((delivery.accepted, delivery.attempts), (true, 2));
    stop.cancel();
    task.await.unwrap();
    workspace.assert_clean();
}

#[tokio::test]
async fn sockets_are_renewed_and_opened_again_after_a_cut() {
    let (workspace, slack) = workspace().await;
    let (inbox, stop, task) = listening(&workspace, &slack).await;
    assert!(workspace.wait_until(WAIT, |workspace| workspace.sockets() == 2).await, "two sockets are held");
    workspace.renew_sockets(Duration::from_secs(2)).await;
    assert!(
        workspace
            .wait_until(WAIT, |workspace| workspace.sockets_opened() == 4 && workspace.sockets() == 2)
            .await
    );
    assert_eq!(workspace.fewest_sockets(), 2, "a new socket is there before an old one goes");
    assert!(workspace.mention("U1", "#ci", "still there?").await.unwrap().accepted);
    workspace.cut_sockets();
    assert!(
        workspace
            .wait_until(WAIT, |workspace| workspace.sockets_opened() == 6 && workspace.sockets() == 2)
            .await
    );
    assert!(workspace.mention("U1", "#ci", "and now?").await.unwrap().accepted);
    assert_eq!(inbox.taken().len(), 2);
    stop.cancel();
    task.await.unwrap();
    workspace.assert_clean();
}

#[tokio::test]
async fn sockets_that_fall_silent_are_given_up() {
    let workspace = Workspace::start().await.unwrap();
    let mut slack = Arc::into_inner(surface(&workspace, BOT_TOKEN)).unwrap();
    slack.ping_seconds = 1;
    let (inbox, stop, task) = listening(&workspace, &Arc::new(slack)).await;
    assert!(workspace.wait_until(WAIT, |workspace| workspace.sockets() == 2).await, "two sockets are held");
    workspace.freeze_sockets();
    assert!(workspace.wait_until(WAIT, |workspace| workspace.sockets() == 0).await);
    assert!(
        workspace.wait_until(WAIT * 2, |workspace| workspace.sockets_opened() >= 4).await,
        "half-open sockets are held for ever"
    );
    assert!(workspace.mention("U1", "#ci", "still there?").await.unwrap().accepted);
    assert_eq!(inbox.taken().len(), 1);
    stop.cancel();
    task.await.unwrap();
    workspace.assert_clean();
}

#[tokio::test]
async fn a_refused_app_token_ends_listening_with_what_to_do() {
    let (workspace, slack) = workspace().await;
    workspace.revoke_tokens();
    let refused = slack.listen(Inbox::default().sink(), CancellationToken::new()).await.unwrap_err();
    assert!(matches!(refused, ChatError::Denied { .. }), "{refused}");
}

/// The manifest asks for what the code uses, and for no more.
#[test]
fn the_manifest_has_what_the_code_needs() {
    let written = include_str!("../../../../deploy/slack-manifest.yaml");
    let manifest: serde_json::Value = serde_saphyr::from_str(written).unwrap();
    let list = |pointer: &str| {
        let items = manifest.pointer(pointer).unwrap().as_array().unwrap();
        items.iter().map(|item| item.as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    insta::assert_snapshot!(list("/oauth_config/scopes/bot"), @"app_mentions:read assistant:write channels:history channels:read chat:write chat:write.public commands groups:history groups:read im:history im:read reactions:read usergroups:read users:read users:read.email");
    insta::assert_snapshot!(list("/settings/event_subscriptions/bot_events"), @"app_home_opened app_mention app_uninstalled assistant_thread_started message.channels message.groups message.im reaction_added reaction_removed tokens_revoked");
    assert_eq!(manifest["settings"]["socket_mode_enabled"], true);
    assert_eq!(manifest["settings"]["interactivity"]["is_enabled"], true);
    assert_eq!(manifest["features"]["slash_commands"][0]["command"], "/whyred");
    let granted = list("/oauth_config/scopes/bot");
    for scope in world::slack::scopes() {
        assert!(granted.split(' ').any(|known| known == scope), "{scope} is used and not asked for");
    }
    let shortcuts = manifest["features"]["shortcuts"].as_array().unwrap();
    let shortcuts: Vec<String> =
        shortcuts.iter().map(|known| format!("{} {}", known["type"], known["callback_id"])).collect();
    insta::assert_snapshot!(shortcuts.join(", "), @r#""global" "ask", "message" "ask_about""#);
    assert!(shortcuts.len() <= 10);
    assert_eq!(manifest["features"]["app_home"]["home_tab_enabled"], true);
    assert!(manifest["features"]["assistant_view"]["assistant_description"].is_string());
    assert!(manifest["display_information"]["name"].as_str().unwrap().len() <= 35);
    for address in ["/slack/events", "/slack/interactions", "/slack/commands", "/slack/oauth_redirect"] {
        assert!(written.contains(&format!("https://whyred.example.org{address}")), "{address}");
    }
}
