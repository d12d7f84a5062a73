//! The adapter on a small scenario of its own, embedded and on disk.

use futures::TryStreamExt;
use include_dir::{Dir, include_dir};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::contract::{CiCase, ci_provider_keeps_its_promises};
use crate::event::EventKind;

static SCENARIO: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/ci/recorded/samples");

const REPO: &str = "acme/payments";

/// Much faster than any test machine.
const AT_ONCE: f64 = 1e12;

fn embedded() -> Recorded {
    Recorded::open("recorded", Files::Embedded(&SCENARIO)).unwrap()
}

fn run_ref(id: &str, attempt: u32) -> RunRef {
    RunRef { source: "recorded".to_owned(), repo: REPO.to_owned(), id: id.to_owned(), attempt }
}

async fn next_event(recorded: &Recorded) -> EventKind {
    let waited = tokio::time::timeout(Duration::from_secs(10), recorded.next_delivery()).await;
    let RecordedDelivery { headers, body } = waited.expect("a webhook comes").unwrap();
    let delivery = recorded.verify(&headers, &body).unwrap();
    recorded.parse(&delivery, &body).unwrap().remove(0).kind
}

fn told(event: &EventKind) -> String {
    let run = event.run();
    let what = match event {
        EventKind::PipelineRunStarted { .. } => "starts".to_owned(),
        EventKind::PipelineRunFinished { .. } => format!("ends: {:?}", run.conclusion),
        EventKind::TaskRunFinished { job, .. } => format!("{} ends: {:?}", job.name, job.conclusion),
    };
    format!("{}.{} {what}", run.at.id, run.at.attempt)
}

#[tokio::test]
async fn keeps_the_contract() {
    let recorded = embedded();
    recorded.play(AT_ONCE).await;
    let mut webhook = None;
    while webhook.is_none() {
        let delivery = recorded.next_delivery().await.unwrap();
        let event: Event = serde_json::from_slice(&delivery.body).unwrap();
        let finished = matches!(event.kind, EventKind::PipelineRunFinished { .. });
        webhook = (finished && event.kind.run().at.id == "1002")
            .then_some((delivery.headers, delivery.body.to_vec()));
    }
    ci_provider_keeps_its_promises(&CiCase {
        provider: &recorded,
        webhook: webhook.unwrap(),
        signature: SIGNATURE_HEADER,
        run: run_ref("1002", 1),
        log: "collected 3 items\nE       AssertionError: expected 10.01\n1 failed\n",
        change: (
            "aaaa000000000000000000000000000000000001",
            "aaaa000000000000000000000000000000000002",
            "src/rounding.py",
        ),
        file: (".github/CODEOWNERS", "* @acme/payments\n"),
    })
    .await;
}

#[tokio::test]
async fn a_scenario_is_told_in_order_and_a_rerun_turns_green() {
    let recorded = embedded();
    let player = recorded.clone();
    tokio::spawn(async move { player.play(AT_ONCE).await });
    let mut story = Vec::new();
    for _ in 0..7 {
        story.push(told(&next_event(&recorded).await));
    }
    recorded.rerun_failed(&run_ref("1002", 1)).await.unwrap();
    assert!(recorded.rerun_failed(&run_ref("1002", 2)).await.unwrap_err().is_transient(), "it still goes on");
    for _ in 0..3 {
        story.push(told(&next_event(&recorded).await));
    }
    insta::assert_snapshot!(story.join("\n"), @r"
    1001.1 starts
    1001.1 test ends: Some(Success)
    1001.1 ends: Some(Success)
    1002.1 starts
    1002.1 lint ends: Some(Success)
    1002.1 test ends: Some(Failure)
    1002.1 ends: Some(Failure)
    1002.2 starts
    1002.2 test ends: Some(Success)
    1002.2 ends: Some(Success)
    ");

    let jobs = recorded.jobs(&run_ref("1002", 2)).await.unwrap();
    assert!(jobs.iter().all(|job| job.conclusion.as_ref().unwrap().is_success()), "{jobs:?}");
    let log = recorded.log(&run_ref("1002", 2), &jobs[1]).await.unwrap();
    assert_eq!(log.try_collect::<Vec<_>>().await.unwrap().concat(), b"collected 3 items\n3 passed\n");
}

#[tokio::test]
async fn what_has_not_come_up_yet_is_not_there() {
    let recorded = embedded();
    let error = recorded.run(&run_ref("1002", 1)).await.unwrap_err();
    insta::assert_snapshot!(error, @"run 1002 of acme/payments is no longer available at recorded: the scenario has not come to it yet");
}

#[tokio::test]
async fn speed_divides_the_hours() {
    let started = Instant::now();
    embedded().play(36_000.0).await;
    let played = started.elapsed();
    assert!((Duration::from_millis(100)..Duration::from_mins(1)).contains(&played), "{played:?}");
}

#[test]
fn faulty_scenarios_say_what_to_mend() {
    let run = "[[run]]\nat = \"0s\"\nrepo = \"acme/payments\"\nworkflow = \"CI\"\nbranch = \"main\"\nsha = \"a\"\ntitle = \"T\"\nauthor = { login = \"lee\" }\n";
    let job = "[[run.job]]\nname = \"test\"\n";
    let mut said = Vec::new();
    for text in [
        String::new(),
        "[[runs]]\n".to_owned(),
        run.to_owned(),
        format!("{run}{job}").replace("0s", "soon"),
        format!("{run}{job}conclusion = \"red\"\n"),
        format!("{run}{job}log = \"logs/none.log\"\n").replace("payments", "pay"),
        format!("{run}{job}log = \"../secret\"\n"),
        format!("{run}{job}").replace("acme/payments", "payments"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("scenario.toml"), text).unwrap();
        let error = Recorded::open("recorded", Files::Folder(folder.path().to_owned())).err().unwrap();
        said.push(error.to_string());
    }
    insta::with_settings!({ filters => [(r"\(No such file.*\)", "(REASON)")] }, {
        insta::assert_snapshot!(said.join("\n---\n"), @r#"
        scenario.toml: it holds no `[[run]]`
        ---
        scenario.toml: TOML parse error at line 1, column 3
          |
        1 | [[runs]]
          |   ^^^^
        unknown field `runs`, expected one of `web_url`, `rerun`, `run`, `file`

        ---
        scenario.toml: TOML parse error at line 1, column 1
          |
        1 | [[run]]
          | ^^^^^^^
        missing field `job`

        ---
        scenario.toml: TOML parse error at line 2, column 6
          |
        2 | at = "soon"
          |      ^^^^^^
        `soon` is not a span of time: write for example "90s", "5m" or "2h"

        ---
        scenario.toml: run 1 (T): `conclusion = "red"` is none of: success, neutral, failure, timed_out, startup_failure, cancelled, skipped
        ---
        scenario.toml: run 1 (T): `logs/none.log` cannot be read (REASON)
        ---
        scenario.toml: run 1 (T): `../secret` leads out of the scenario's folder
        ---
        scenario.toml: run 1 (T): `repo = "payments"` is not `owner/name`
        "#);
    });
}

#[tokio::test]
async fn a_folder_on_disk_is_delivered_over_http() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ci/recorded/samples");
    let recorded = Recorded::open("recorded", Files::Folder(folder.into())).unwrap();
    recorded.play(AT_ONCE).await;

    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/webhooks/recorded", listener.local_addr().unwrap())).unwrap();
    let http = Http::new(crate::http::Hosts::new().allow(&url), crate::http::Limits::default()).unwrap();
    let player = recorded.clone();
    let posting = tokio::spawn(async move { player.deliver_to(&http, &url).await });

    for number in 0..7 {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        let (headers, body) = loop {
            socket.read_buf(&mut request).await.unwrap();
            let text = String::from_utf8_lossy(&request).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let headers: HeaderMap = head
                .lines()
                .skip(1)
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap()))
                .collect();
            if headers["content-length"].to_str().unwrap() == body.len().to_string() {
                break (headers, body.to_owned());
            }
        };
        let delivery = recorded.verify(&headers, body.as_bytes()).unwrap();
        assert_eq!(recorded.parse(&delivery, body.as_bytes()).unwrap().len(), 1, "webhook {number}");
        socket
            .write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
    }
    posting.abort();
}
