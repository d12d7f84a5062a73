//! The real server on a real socket, with a real store behind it.

mod forms;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use adapters::message::{Action, ActionStyle, Excerpt, ExcerptLine, Message, Section, Span, Tone};
use reqwest::header::{CONTENT_TYPE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::store::inbox;
use crate::store::posts::{self, NewPost, Post};

/// Longest that anything here may take.
const PATIENCE: Duration = Duration::from_secs(20);
const VIEWER: &str = "viewer-token-0123456789abcdef";
const MEMBER: &str = "member-token-0123456789abcdef";

/// A running server.
struct Served {
    app: Arc<App>,
    url: String,
    client: Client,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<anyhow::Result<()>>,
    _folder: TempDir,
}

impl Served {
    /// Starts it with the `[console]` table given.
    async fn start(console: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().display();
        let text = format!(
            "[store]\nurl = \"sqlite://{place}/whyred.db\"\n[knowledge]\nindex = \"{place}/index\"\n{console}\n"
        );
        let vars = [("VIEWER".to_owned(), VIEWER.to_owned()), ("MEMBER".to_owned(), MEMBER.to_owned())];
        let (config, connections) = crate::config::parse(&text, Path::new("test.toml"), &vars).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let app = App::open(config, connections, &address).await.unwrap();
        crate::runbooks::refresh(&app.index, &app.config.knowledge).unwrap();
        let stop = CancellationToken::new();
        let task = tokio::spawn(super::serve(Arc::clone(&app), listener, stop.clone()));
        let client = Client::builder().redirect(Policy::none()).timeout(PATIENCE).build().unwrap();
        Self { app, url: format!("http://{address}"), client, stop, task, _folder: folder }
    }

    /// The demo's way: open to this machine.
    async fn open() -> Self {
        Self::start("[console]\nopen_on_loopback = true").await
    }

    /// The usual way: tokens.
    async fn closed() -> Self {
        Self::start(
            "[[console.token]]\nname = \"vera\"\nrole = \"viewer\"\ntoken = \"env:VIEWER\"\n\
             [[console.token]]\nname = \"max\"\nrole = \"member\"\ntoken = \"env:MEMBER\"",
        )
        .await
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    fn post(&self, path: &str) -> RequestBuilder {
        let kind = if path.starts_with("/console") || path == "/login" {
            "application/x-www-form-urlencoded"
        } else {
            "application/json"
        };
        self.client.post(format!("{}{path}", self.url)).header(CONTENT_TYPE, kind)
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    async fn put(&self, key: &str, conversation: &str, message: Message) -> Post {
        let new = NewPost {
            surface: "console".to_owned(),
            conversation: conversation.to_owned(),
            key: key.to_owned(),
            subject: format!("breakage:{key}"),
            parent_id: None,
            thread: None,
            message,
        };
        let mut tx = self.app.store.begin().await.unwrap();
        let (post, _) = posts::put(&mut tx, &new).await.unwrap();
        let post = posts::mark_delivered(&mut tx, &post.id, post.revision, conversation, key)
            .await
            .unwrap()
            .unwrap();
        tx.commit().await.unwrap();
        post
    }

    /// What came in so far, as stored.
    async fn came_in(&self) -> Vec<Value> {
        let inbox = inbox::list_since(&self.app.store, 0, None, 100).await.unwrap();
        inbox.into_iter().map(|delivery| serde_json::from_str(&delivery.body).unwrap()).collect()
    }
}

fn broken(headline: &str) -> Message {
    let mut message = Message::new(Tone::Broken, headline);
    message.actions = vec![Action {
        id: "rerun_failed".to_owned(),
        label: "Re-run failed jobs".to_owned(),
        value: "b1 4411 1".to_owned(),
        style: ActionStyle::Primary,
        confirm: None,
        url: None,
    }];
    message
}

/// The fields as a browser sends a form. Its content type is set by [`Served::post`].
fn form(fields: &[(&str, impl AsRef<str>)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn location(answer: &Response) -> &str {
    answer.headers()[LOCATION].to_str().unwrap()
}

#[tokio::test]
async fn without_a_login_nothing_is_shown() {
    let served = Served::closed().await;
    let page = served.get("/c/payments?before=x").send().await.unwrap();
    assert_eq!(
        (page.status(), location(&page)),
        (StatusCode::SEE_OTHER, "/login?next=%2Fc%2Fpayments%3Fbefore%3Dx")
    );
    for path in ["/api/v1/posts", "/api/v1/failures", "/api/v1/runs"] {
        let answer = served.get(path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    for path in [
        "/",
        "/events",
        "/fragments/channels",
        "/t/x",
        "/system",
        "/failures",
        "/runbooks",
        "/runbooks/disk-full",
    ] {
        assert_eq!(served.get(path).send().await.unwrap().status(), StatusCode::SEE_OTHER, "{path}");
    }
    for path in ["/console/click", "/console/ask", "/console/replay"] {
        let answer = served.post(path).body(form(&[("text", "x")])).send().await.unwrap();
        assert_eq!((answer.status(), location(&answer)), (StatusCode::SEE_OTHER, "/login"), "{path}");
    }
    assert_eq!(served.get("/healthz").send().await.unwrap().status(), StatusCode::OK);
    assert!(served.came_in().await.is_empty());
}

#[tokio::test]
async fn a_token_opens_a_session_or_is_shown_with_each_request() {
    let served = Served::closed().await;
    let wrong = served.post("/login").body(form(&[("token", "wrong")])).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    assert!(wrong.headers().get(SET_COOKIE).is_none());
    let right =
        served.post("/login").body(form(&[("token", MEMBER), ("next", "/system")])).send().await.unwrap();
    assert_eq!((right.status(), location(&right)), (StatusCode::SEE_OTHER, "/system"));
    let cookie = right.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains(MEMBER),
        "{cookie}"
    );
    let session = cookie.split(';').next().unwrap();
    let page = served.get("/").header("cookie", session).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().await.unwrap().contains("max · member"));
    let api = served.get("/api/v1/posts").bearer_auth(VIEWER).send().await.unwrap();
    assert_eq!(api.status(), StatusCode::OK);
    let api =
        served.get("/api/v1/posts").bearer_auth("wrong").header("cookie", session).send().await.unwrap();
    assert_eq!(api.status(), StatusCode::UNAUTHORIZED, "a wrong token is not helped by a session");
}

#[tokio::test]
async fn viewers_read_and_do_not_act() {
    let served = Served::closed().await;
    let post = served.put("k1", "#payments", broken("x")).await;
    let page = served.get("/c/payments").bearer_auth(VIEWER).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("disabled>Re-run failed jobs"), "{page}");
    assert!(!page.contains("action=\"/console/ask\""));
    let click = [("post", post.id.as_str()), ("action", "rerun_failed")];
    let answer = served.post("/console/click").bearer_auth(VIEWER).body(form(&click)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let ask = served
        .post("/api/v1/ask")
        .bearer_auth(VIEWER)
        .json(&json!({"question": "why?"}))
        .send()
        .await
        .unwrap();
    assert_eq!(ask.status(), StatusCode::FORBIDDEN);
    let replay =
        served.post("/console/replay").bearer_auth(MEMBER).body(form(&[("job", "x")])).send().await.unwrap();
    assert_eq!(replay.status(), StatusCode::FORBIDDEN);
    assert!(served.came_in().await.is_empty());
}

#[tokio::test]
async fn the_open_console_is_open_to_this_machine_under_its_own_name_alone() {
    let served = Served::open().await;
    assert_eq!(served.get("/").send().await.unwrap().status(), StatusCode::OK);
    let rebound = served.get("/").header(HOST, "evil.example").send().await.unwrap();
    assert_eq!(rebound.status(), StatusCode::SEE_OTHER);
    let proxied = served.get("/").header("x-forwarded-for", "203.0.113.9").send().await.unwrap();
    assert_eq!(proxied.status(), StatusCode::SEE_OTHER);
    let post = served.put("k1", "#payments", broken("x")).await;
    let fields = [("post", post.id.as_str()), ("action", "rerun_failed")];
    let foreign = served
        .post("/console/click")
        .header(ORIGIN, "https://evil.example")
        .body(form(&fields))
        .send()
        .await
        .unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    assert!(served.came_in().await.is_empty());
}

#[tokio::test]
async fn every_answer_forbids_what_is_not_ours() {
    let served = Served::open().await;
    for path in ["/", "/login", "/nowhere", "/healthz", "/api/v1/posts"] {
        let answer = served.get(path).send().await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(
            header("content-security-policy")
                .starts_with("default-src 'none'; style-src 'self'; script-src 'self'")
        );
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
    }
    let page = served.page("/").await;
    let style = page.split("href=\"/assets/console.").nth(1).unwrap().split('"').next().unwrap();
    let style = served.get(&format!("/assets/console.{style}")).send().await.unwrap();
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
    assert!(style.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(served.get("/assets/console.css").send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn hostile_text_stays_text_in_the_page() {
    let served = Served::open().await;
    let text = "<script>alert(1)</script>\" onload=\"x";
    let mut message = broken(text);
    message.url = Some("javascript:alert(1)".to_owned());
    message.sections =
        vec![Section { title: None, text: vec![Span::link(text, "javascript:alert(1)")], detail: false }];
    message.excerpt = Some(Excerpt {
        name: text.to_owned(),
        url: None,
        lines: vec![ExcerptLine { number: 1, text: text.to_owned(), key: true }],
        whole: false,
    });
    let post = served.put("k1", "#<b>pay", message).await;
    for path in ["/".to_owned(), format!("/t/{}", post.id), "/c/%3Cb%3Epay".to_owned(), "/system".to_owned()]
    {
        let page = served.page(&path).await;
        assert!(
            !page.contains("<script>") && !page.contains("<b>") && !page.contains("=\"javascript"),
            "{path}: {page}"
        );
    }
}

#[tokio::test]
async fn posts_are_told_newest_first_and_page_by_page() {
    let served = Served::open().await;
    for number in 1..=5 {
        served
            .put(
                &format!("k{number}"),
                if number == 3 { "#search" } else { "#payments" },
                broken(&format!("post {number}")),
            )
            .await;
    }
    let headlines = |answer: &Value| -> Vec<String> {
        answer["posts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|post| post["headline"].as_str().unwrap().to_owned())
            .collect()
    };
    let read = async |path: &str| served.get(path).send().await.unwrap().json::<Value>().await.unwrap();
    let first = read("/api/v1/posts?limit=2").await;
    assert_eq!(headlines(&first), ["post 5", "post 4"]);
    let next = first["next"].as_str().unwrap();
    let second = read(&format!("/api/v1/posts?limit=2&before={next}")).await;
    assert_eq!(headlines(&second), ["post 3", "post 2"]);
    let one = read("/api/v1/posts?surface=console&conversation=%23search").await;
    assert_eq!((headlines(&one), &one["next"]), (vec!["post 3".to_owned()], &Value::Null));
    assert_eq!(headlines(&read("/api/v1/posts?surface=slack").await), [""; 0]);
    let mut shape = one["posts"][0].clone();
    for changing in ["id", "created_at", "updated_at", "message"] {
        assert!(!shape[changing].is_null(), "{changing}");
        shape.as_object_mut().unwrap().remove(changing);
    }
    insta::assert_json_snapshot!(shape);
}

#[tokio::test]
async fn a_click_goes_in_once_as_the_button_that_stands_there() {
    let served = Served::open().await;
    let post = served.put("k1", "#payments", broken("x")).await;
    let click = |action: &'static str| {
        let fields = [("post", post.id.clone()), ("action", action.to_owned())];
        served.post("/console/click").header("accept", "application/json").body(form(&fields)).send()
    };
    assert_eq!(click("deploy").await.unwrap().status(), StatusCode::CONFLICT);
    assert_eq!(click("rerun_failed|forged").await.unwrap().status(), StatusCode::CONFLICT);
    assert!(served.came_in().await.is_empty());
    assert_eq!(click("rerun_failed|b1 4411 1").await.unwrap().status(), StatusCode::NO_CONTENT);
    let came_in = served.came_in().await;
    assert_eq!(came_in.len(), 1);
    assert_eq!(came_in[0]["person"], json!({"id": "you", "name": "you"}));
    assert_eq!(came_in[0]["conversation"], "#payments");
    assert_eq!(
        came_in[0]["kind"],
        json!({"type": "click", "action": "rerun_failed", "value": "b1 4411 1", "message": "k1"})
    );
}

#[tokio::test]
async fn a_question_stands_in_its_channel_at_once_and_goes_in_once() {
    let served = Served::open().await;
    let nonce = "0123456789abcdef0123456789abcdef";
    let fields = [
        ("conversation", "#payments"),
        ("thread", ""),
        ("nonce", nonce),
        ("text", " why is ghp_a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2 red? "),
    ];
    for _ in 0..2 {
        let answer = served.post("/console/ask").body(form(&fields)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert!(location(&answer).starts_with("/t/"));
    }
    let page = served.page("/c/payments").await;
    assert_eq!(page.matches("<article").count(), 1, "a form sent twice is one question");
    assert!(page.contains("asked by you") && !page.contains("ghp_"), "{page}");
    let came_in = served.came_in().await;
    assert_eq!(came_in.len(), 1);
    assert!(!came_in[0].to_string().contains("ghp_a1B2"), "{}", came_in[0]);
    let empty = served
        .post("/console/ask")
        .body(form(&[("conversation", "#payments"), ("text", "  ")]))
        .send()
        .await
        .unwrap();
    assert_eq!(empty.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_question_in_a_thread_stands_in_that_thread() {
    let served = Served::open().await;
    let root = served.put("k1", "#payments", broken("x")).await;
    let fields =
        [("conversation", "#elsewhere"), ("thread", root.id.as_str()), ("text", "whose move is it?")];
    let answer = served.post("/console/ask").body(form(&fields)).send().await.unwrap();
    assert!(location(&answer).starts_with(&format!("/t/{}#post-", root.id)));
    assert!(served.page(&format!("/t/{}", root.id)).await.contains("whose move is it?"));
    let came_in = served.came_in().await;
    assert_eq!((&came_in[0]["conversation"], &came_in[0]["thread"]), (&json!("#payments"), &json!("k1")));
}

/// Reads events until one of this kind, and gives its id and data.
async fn next_event(stream: &mut Response, kind: &str) -> (Option<i64>, Value) {
    let mut text = String::new();
    loop {
        let chunk = tokio::time::timeout(PATIENCE, stream.chunk()).await.expect("an event in time").unwrap();
        text.push_str(std::str::from_utf8(&chunk.expect("the stream goes on")).unwrap());
        let Some(event) = text
            .split("\n\n")
            .find(|event| event.contains(&format!("event: {kind}\n")) && event.contains("data: "))
        else {
            continue;
        };
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        return (
            field("id:").map(|id| id.parse().unwrap()),
            serde_json::from_str(field("data:").unwrap()).unwrap(),
        );
    }
}

#[tokio::test]
async fn changes_are_told_live_resumed_and_ended_with_the_server() {
    let served = Served::open().await;
    let mut stream = served.get("/events").send().await.unwrap();
    let post = served.put("k1", "#payments", broken("first")).await;
    let (seen, event) = next_event(&mut stream, "post").await;
    assert_eq!(event["id"], post.id.as_str());
    assert_eq!((&event["tone"], &event["headline"]), (&json!("broken"), &json!("first")));
    drop(stream);

    served.put("k2", "#payments", broken("missed")).await;
    let resumed = served.get("/events?since=0").header("last-event-id", seen.unwrap().to_string());
    let mut stream = resumed.send().await.unwrap();
    assert_eq!(next_event(&mut stream, "post").await.1["headline"], "missed");

    served.app.surfaces["console"].whisper("#payments", "somebody", "not for you").await.unwrap();
    served.app.surfaces["console"].whisper("#payments", "you", "Only owners may.").await.unwrap();
    assert_eq!(next_event(&mut stream, "whisper").await.1, json!({"text": "Only owners may."}));

    served.stop.cancel();
    tokio::time::timeout(PATIENCE, served.task)
        .await
        .expect("the server ends though a browser listens")
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn bad_deliveries_have_their_answers() {
    let served = Served::start("[ci.github]\nwebhook_secret = \"env:MEMBER\"\ntoken = \"env:MEMBER\"").await;
    let unknown = served.post("/webhooks/nowhere").body("{}").send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let unsigned = served.post("/webhooks/github").body("{}").send().await.unwrap();
    assert_eq!(unsigned.status(), StatusCode::UNAUTHORIZED);
    let large = vec![b' '; super::webhooks::MAX_BODY_BYTES + 1];
    let large = served.post("/webhooks/github").body(large).send().await.unwrap();
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let slack = served.post("/slack/events").body("{}").send().await.unwrap();
    assert_eq!(slack.status(), StatusCode::NOT_FOUND, "Slack is not configured");
    assert!(served.came_in().await.is_empty());
}

#[tokio::test]
async fn probes_and_metrics_answer_without_a_login() {
    let served = Served::closed().await;
    let ready = served.get("/readyz").send().await.unwrap();
    assert_eq!(ready.status(), StatusCode::OK);
    assert_eq!(
        ready.json::<Value>().await.unwrap(),
        json!({"database": true, "workers": true, "stopping": false})
    );
    let metrics = served.get("/metrics").send().await.unwrap();
    assert!(metrics.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    served.app.store.close().await;
    assert_eq!(served.get("/readyz").send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(served.get("/healthz").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn every_page_says_something_when_there_is_nothing() {
    let served = Served::open().await;
    for (path, words) in [
        ("/", "Nothing here yet"),
        ("/c/new-channel", "Nothing here yet"),
        ("/failures", "Nothing has failed yet"),
        ("/system", "No job was given up"),
        ("/runbooks", "Search by what you see"),
        ("/runbooks?q=xyzzyplugh", "Nothing comes near"),
        ("/runbooks/disk-full", "id=\"fix\""),
    ] {
        assert!(served.page(path).await.contains(words), "{path}");
    }
    for path in ["/t/none", "/failures/none", "/runbooks/none", "/c/a%20b", "/none", "/fragments/post/none"] {
        let answer = served.get(path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(answer.text().await.unwrap().contains("<h1>Not found</h1>"), "{path}");
    }
    let api = served.get("/api/v1/failures/none").send().await.unwrap();
    assert_eq!(api.status(), StatusCode::NOT_FOUND);
    assert!(api.json::<Value>().await.unwrap()["error"].is_string());
}
