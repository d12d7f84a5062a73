//! Tests of [`super::Discord`] over real sockets against a server that refuses what Discord refuses.

use std::rc::Rc;
use std::sync::Mutex;
use std::time::Duration;

use world::discord::{Channel, Discord as Server, Failure, GUILD, TOKEN, public_key};

use super::*;
use crate::chat::{Interaction, InteractionKind, Reply, SinkError};
use crate::form::sample;
use crate::message::{Action, ActionStyle, Section, Span, Tone};

const WAIT: Duration = Duration::from_secs(20);
const PAYMENTS: &str = "2000000000000000002";

async fn server() -> (Server, Arc<Discord>) {
    let server = Server::start().await.unwrap();
    let discord = surface(&server, "");
    (server, discord)
}

fn surface(server: &Server, further: &str) -> Arc<Discord> {
    let table = format!(
        "token = \"env:TOKEN\"\nguild = \"{GUILD}\"\npublic_key = \"{}\"\napi_url = \"{}\"\n{further}",
        public_key(),
        server.api_url()
    );
    let params = Params::root(table.parse().unwrap(), Rc::new(|_| Some(TOKEN.to_owned())));
    let discord = build("discord", &params);
    assert_eq!(params.faults(), []);
    discord.unwrap()
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
        text: vec![Span::text(format!("{headline} {number}. ").repeat(100))],
        detail: true,
    };
    Message { sections: (0..details).map(detail).collect(), ..message(headline) }
}

/// What the surface reported, and whether the next are to be refused.
#[derive(Default, Clone)]
struct Inbox {
    taken: Arc<Mutex<Vec<Interaction>>>,
    refuse: Arc<std::sync::atomic::AtomicU32>,
    /// What the next opens.
    opens: Arc<Mutex<Option<Form>>>,
}

impl Inbox {
    fn sink(&self) -> InteractionSink {
        let inbox = self.clone();
        Arc::new(move |interaction| {
            let inbox = inbox.clone();
            Box::pin(async move {
                use std::sync::atomic::Ordering;
                let refused =
                    inbox.refuse.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
                if refused.is_ok() {
                    return Err(SinkError("the disk is full".to_owned()));
                }
                inbox.taken.lock().unwrap().push(interaction);
                let form = inbox.opens.lock().unwrap().take();
                Ok(form.map_or(Reply::Taken, |form| Reply::Open(Box::new(form))))
            })
        })
    }

    fn len(&self) -> usize {
        self.taken.lock().unwrap().len()
    }

    fn last(&self) -> Interaction {
        self.taken.lock().unwrap().last().unwrap().clone()
    }
}

async fn listening(
    server: &Server,
    discord: &Arc<Discord>,
) -> (Inbox, CancellationToken, tokio::task::JoinHandle<Result<(), ChatError>>) {
    let (inbox, stop) = (Inbox::default(), CancellationToken::new());
    let task = tokio::spawn({
        let (discord, sink, stop) = (Arc::clone(discord), inbox.sink(), stop.clone());
        async move { discord.listen(sink, stop).await }
    });
    assert!(server.wait_until(WAIT, Server::is_connected).await, "it connects");
    (inbox, stop, task)
}

#[tokio::test]
async fn a_post_is_edited_and_answered_in_its_thread() {
    let (server, discord) = server().await;
    let post = discord.post("#payments", None, &message("main broke"), "k1").await.unwrap();
    assert_eq!(post.conversation, PAYMENTS);
    discord.edit(&post, &Message::new(Tone::Fixed, "main is green"), "k1").await.unwrap();
    let reply = discord.post("#payments", Some(&post), &message("because"), "k2").await.unwrap();
    let second = discord.post("#payments", Some(&reply), &message("and"), "k3").await.unwrap();
    discord.edit(&reply, &message("because of that"), "k2").await.unwrap();

    let posts = server.posts("#payments");
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].shown(), "✅ **Fixed: main is green**");
    assert!(posts[0].buttons().is_empty(), "an edit takes away what is not there any more");
    assert_eq!(posts[0].edits.len(), 1);
    assert_eq!(reply.conversation, PAYMENTS);
    assert!(reply.message.starts_with(&format!("{}/", post.message)));
    let replies = server.messages(&post.message);
    assert_eq!(replies.len(), 2);
    assert!(replies[0].shown().contains("because of that"));
    assert_eq!(second.message, format!("{}/{}", post.message, replies[1].id));
    assert_eq!(server.channel(&post.message).unwrap().name, "because");
    server.assert_clean();
}

#[tokio::test]
async fn details_stand_in_the_thread_and_follow_edits() {
    let (server, discord) = server().await;
    let post = discord.post("#ci", None, &detailed("old", 9), "k").await.unwrap();
    let before = server.messages(&post.message);
    assert!(before.len() > 1, "{}", before.len());
    server.archive(&post.message);

    // Another process knows nothing of the pages and finds them again, in a thread that fell asleep.
    let restarted = surface(&server, "");
    restarted.edit(&post, &detailed("new", 9), "k").await.unwrap();
    let after = server.messages(&post.message);
    assert_eq!(after.len(), before.len());
    assert!(after.iter().all(|page| page.edits.len() == 1 && page.shown().contains("new ")));

    // The same again changes nothing, less takes pages away, none leaves what was said.
    restarted.edit(&post, &detailed("new", 9), "k").await.unwrap();
    assert!(server.messages(&post.message).iter().all(|page| page.edits.len() == 1));
    restarted.edit(&post, &detailed("short", 1), "k").await.unwrap();
    assert_eq!(server.messages(&post.message).len(), 1);
    restarted.edit(&post, &message("green"), "k").await.unwrap();
    assert_eq!(server.messages(&post.message).len(), 1);
    server.assert_clean();
}

#[tokio::test]
async fn a_post_whose_answer_got_lost_is_found_again() {
    for style in ["", "style = \"text\""] {
        let (server, _) = server().await;
        let discord = surface(&server, style);
        server.fail_next("POST channels/messages", Failure::LostAfter);
        let lost = discord.post("#ci", None, &message("red"), "0198c7d2-5b7e").await.unwrap_err();
        assert!(matches!(lost, ChatError::Unavailable { .. }), "{lost}");
        // At once Discord makes no second one; later it is looked up.
        let again = discord.post("#ci", None, &message("red"), "0198c7d2-5b7e").await.unwrap();
        server.forget_nonces();
        let found = discord.find("#ci", None, "0198c7d2-5b7e").await.unwrap();
        assert_eq!(found.as_ref(), Some(&again));
        assert_eq!(discord.find("#ci", None, "another").await.unwrap(), None);
        assert_eq!(discord.find("#ci", Some(&again), "reply").await.unwrap(), None, "there is no thread yet");
        let reply = discord.post("#ci", Some(&again), &message("x"), "reply").await.unwrap();
        assert_eq!(discord.find("#ci", Some(&again), "reply").await.unwrap(), Some(reply));
        assert_eq!(server.posts("#ci").len(), 1);
        server.assert_clean();
    }
}

#[tokio::test]
async fn every_failure_has_its_meaning() {
    let (server, discord) = server().await;
    server.set_channel(Channel {
        id: "2000000000000000009".into(),
        name: "secret".into(),
        kind: 0,
        parent: None,
        visible: false,
        archived: false,
    });
    let post =
        async |conversation: &str| discord.post(conversation, None, &message("x"), "k").await.unwrap_err();
    let fails = async |failure: Failure| {
        server.fail_next("POST channels/messages", failure);
        post("#ci").await
    };
    assert!(matches!(post("#nowhere").await, ChatError::Undeliverable { .. }));
    assert!(matches!(post("nowhere/../../users").await, ChatError::Undeliverable { .. }));
    assert!(matches!(post("2000000000000000009").await, ChatError::Undeliverable { .. }));
    assert!(matches!(fails(Failure::Status(503)).await, ChatError::Unavailable { .. }));
    assert!(matches!(fails(Failure::LostBefore).await, ChatError::Unavailable { .. }));
    assert!(matches!(fails(Failure::Code(403, 50_013)).await, ChatError::Undeliverable { .. }));
    assert!(matches!(fails(Failure::Code(400, 50_035)).await, ChatError::Rejected { .. }));
    let gone = PostRef { conversation: PAYMENTS.into(), message: "1".into() };
    let gone = discord.edit(&gone, &message("x"), "k").await.unwrap_err();
    assert_eq!(
        gone.to_string(),
        format!("discord cannot deliver to {PAYMENTS}: the message was deleted in Discord (10008)")
    );
    assert_eq!(discord.check().await.unwrap(), "@whyred in server Acme");
    server.change_token("another");
    assert!(matches!(post("#ci").await, ChatError::Denied { .. }));
    assert!(matches!(surface(&server, "").check().await, Err(ChatError::Denied { .. })));
    server.assert_clean();
}

#[tokio::test]
async fn waits_are_told_and_no_call_is_made_in_vain() {
    let (server, discord) = server().await;
    server.limit_posts(Some(Duration::from_secs(1)));
    discord.post("#ci", None, &message("1"), "1").await.unwrap();
    // The answer said that the next is too early: nobody is asked.
    let early = discord.post("#ci", None, &message("2"), "2").await.unwrap_err();
    let ChatError::RateLimited { after, .. } = early else { panic!("{early}") };
    assert!(after <= Duration::from_secs(1), "{after:?}");
    assert_eq!(server.refused(), 0);
    discord.post("#payments", None, &message("another channel"), "3").await.unwrap();
    tokio::time::sleep(after).await;
    discord.post("#ci", None, &message("2"), "2").await.unwrap();
    server.limit_posts(None);

    server.fail_next("PATCH channels/messages", Failure::RateLimited { seconds: 7, global: false });
    let post = discord.post("#general", None, &message("4"), "4").await.unwrap();
    let limited = discord.edit(&post, &message("5"), "4").await.unwrap_err();
    assert!(
        matches!(limited, ChatError::RateLimited { after, .. } if after == Duration::from_secs(7)),
        "{limited}"
    );
    let calls = server.calls().len();
    assert!(discord.edit(&post, &message("5"), "4").await.is_err());
    assert_eq!(server.calls().len(), calls, "no call is made before its time");
    discord.post("#general", None, &message("6"), "6").await.unwrap();

    server.fail_next("POST channels/messages", Failure::RateLimited { seconds: 3, global: true });
    assert!(discord.post("#general", None, &message("7"), "7").await.is_err());
    let all = discord.check().await.unwrap_err();
    assert!(matches!(all, ChatError::RateLimited { .. }), "{all}");
    server.assert_clean();
}

#[tokio::test]
async fn what_people_do_arrives_over_the_gateway() {
    let (server, discord) = server().await;
    let post = discord.post("#payments", None, &message("red"), "k").await.unwrap();
    let (inbox, stop, task) = listening(&server, &discord).await;
    assert_eq!(server.commands()[0]["name"], "whyred");
    server.add_person("300", "ada");

    server.chat("300", "#payments", "not for the bot").unwrap();
    let said = server.mention("300", "#payments", "why did main fail?").unwrap();
    assert!(server.wait_until(WAIT, |_| inbox.len() == 1).await);
    let heard = inbox.last();
    assert_eq!((heard.conversation.as_str(), heard.person.name.as_str()), (PAYMENTS, "ada"));
    assert_eq!(
        heard.kind,
        InteractionKind::Mention { text: "why did main fail?".into(), message: said.id.clone() }
    );

    // In a thread, it is the channel's conversation; the thread is asked for once.
    let reply = discord.post("#payments", Some(&post), &message("x"), "r").await.unwrap();
    server.mention("300", &post.message, "and now?").unwrap();
    assert!(server.wait_until(WAIT, |_| inbox.len() == 2).await);
    assert_eq!(
        (inbox.last().conversation, inbox.last().thread),
        (PAYMENTS.to_owned(), Some(post.message.clone()))
    );
    let in_thread = reply.message.split_once('/').unwrap().1;
    let clicked = server.click("300", &post.message, in_thread, "rerun_failed").await.unwrap();
    assert!(clicked.accepted && clicked.latency < Duration::from_secs(3), "{clicked:?}");
    let InteractionKind::Click { message: on, .. } = inbox.last().kind else { panic!("no click") };
    assert_eq!(on, reply.message);

    // Alone with the bot.
    server.direct_message("300", "hello").unwrap();
    assert!(server.wait_until(WAIT, |_| inbox.len() == 4).await);
    let alone = inbox.last();
    assert!(discord.is_direct(&alone.conversation), "{alone:?}");
    let InteractionKind::Mention { message: root, .. } = &alone.kind else { panic!("no mention") };
    let root = PostRef { conversation: alone.conversation.clone(), message: root.clone() };
    discord.post(&alone.conversation, Some(&root), &message("hello yourself"), "dm").await.unwrap();
    let answer = server.posts(&alone.conversation).remove(0);
    assert_eq!(answer.reply_to.as_deref(), Some(root.message.as_str()));

    // A thumb up, and taken back.
    server.react("300", "#payments", &post.message, "👍", true).unwrap();
    server.react("300", "#payments", &post.message, "👍", false).unwrap();
    assert!(server.wait_until(WAIT, |_| inbox.len() == 6).await);

    // A command is answered for one pair of eyes; a click is answered where it was made.
    let asked = server.command("300", "#payments", Some("what is broken?")).await.unwrap();
    assert!(asked.accepted);
    let InteractionKind::Command { response_url, .. } = inbox.last().kind else { panic!("no command") };
    discord.respond(&response_url.unwrap(), &"All is well. ".repeat(300)).await.unwrap();
    discord.whisper(PAYMENTS, "300", "Only *owners* may").await.unwrap();
    let whispers = server.whispers();
    assert!(whispers.iter().all(|whisper| whisper.user == "300"));
    assert_eq!(whispers.last().unwrap().text, "Only *owners* may");
    assert_eq!(
        whispers.iter().map(|whisper| whisper.text.matches("All is well.").count()).sum::<usize>(),
        300
    );
    inbox.opens.lock().unwrap().replace(sample::form());
    let opened = server.command("300", "#payments", None).await.unwrap();
    let sent = server.send_form(&opened, &[("cause", "DNS")]).await.unwrap();
    assert!(sent.accepted);
    let InteractionKind::Form { form, value, fields, .. } = inbox.last().kind else { panic!("no form") };
    assert_eq!((form.as_str(), value.as_str(), fields["cause"].as_str()), ("wrong_cause", "b1", "DNS"));

    // Somebody who did nothing is told directly.
    server.add_person("301", "sam");
    discord.whisper(PAYMENTS, "301", "psst").await.unwrap();
    assert!(server.whispers().last().unwrap().direct);

    stop.cancel();
    task.await.unwrap().unwrap();
    assert!(server.wait_until(WAIT, |server| !server.is_connected()).await, "it says goodbye");
    server.assert_clean();
}

#[tokio::test]
async fn nothing_is_acknowledged_before_it_is_stored() {
    let (server, discord) = server().await;
    let post = discord.post("#ci", None, &message("red"), "k").await.unwrap();
    let (inbox, stop, _task) = listening(&server, &discord).await;
    inbox.refuse.store(1, std::sync::atomic::Ordering::SeqCst);
    let refused = server.click("300", "#ci", &post.message, "rerun_failed").await.unwrap();
    assert_eq!(inbox.len(), 0);
    assert_eq!(refused.answer.unwrap()["type"], 4, "the person is told");
    assert!(server.whispers()[0].text.contains("try again"));
    // Of what is said nobody would be told: it is stored as soon as that works.
    inbox.refuse.store(2, std::sync::atomic::Ordering::SeqCst);
    server.mention("300", "#ci", "hello").unwrap();
    assert!(server.wait_until(WAIT, |_| inbox.len() == 1).await);
    // The same interaction again has the same id: the inbox knows it.
    let click = server.click("300", "#ci", &post.message, "rerun_failed").await.unwrap();
    server.again(&click).await.unwrap();
    assert!(server.wait_until(WAIT, |_| inbox.len() == 3).await);
    let taken = inbox.taken.lock().unwrap().clone();
    assert_eq!(taken[1].id, taken[2].id);
    stop.cancel();
    server.assert_clean();
}

#[tokio::test]
async fn a_lost_connection_is_resumed_and_nothing_is_missed() {
    let (server, discord) = server().await;
    let (inbox, stop, _task) = listening(&server, &discord).await;
    assert_eq!(server.logins(), (1, 0));
    server.cut_connection();
    server.mention("300", "#ci", "said while nobody listened").unwrap();
    assert!(server.wait_until(WAIT, |_| inbox.len() == 1).await, "it is heard after all");
    let (logins, resumptions) = server.logins();
    assert!(resumptions >= 1 && logins == 1, "{logins} logins, {resumptions} resumptions");
    server.renew_connection();
    assert!(server.wait_until(WAIT, |server| server.logins().1 > resumptions && server.is_connected()).await);
    server.mention("300", "#ci", "after the renewal").unwrap();
    assert!(server.wait_until(WAIT, |_| inbox.len() == 2).await);
    stop.cancel();
    server.assert_clean();
}

#[tokio::test]
async fn a_day_without_logins_left_is_waited_out() {
    let (server, discord) = server().await;
    server.set_logins_left(0);
    let error = discord.listen(Inbox::default().sink(), CancellationToken::new()).await.unwrap_err();
    assert!(
        matches!(error, ChatError::RateLimited { after, .. } if after == Duration::from_hours(1)),
        "{error}"
    );
    server.change_token("another");
    let error =
        surface(&server, "").listen(Inbox::default().sink(), CancellationToken::new()).await.unwrap_err();
    assert!(matches!(error, ChatError::Denied { .. }), "{error}");
    assert_eq!(server.logins(), (0, 0));
}

#[tokio::test]
async fn over_http_the_gateway_stays_closed() {
    let (server, _) = server().await;
    let discord = surface(&server, "mode = \"http\"");
    discord.listen(Inbox::default().sink(), CancellationToken::new()).await.unwrap();
    assert_eq!(server.commands()[0]["name"], "whyred");
    assert!(!server.is_connected());
}
