//! GitHub's webhooks: signature first, then what they say.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use super::map;
use crate::ci::Delivery;
use crate::event::Event;
use crate::secret::Secret;
use crate::webhook::{Refusal, hmac_sha256_matches};

/// The events that [`parse`] reads. `ping` is what GitHub sends when the webhook is made.
const KNOWN: [&str; 4] = ["ping", "workflow_run", "workflow_job", "check_run"];

/// Checks the signature over the raw body, then what the headers say.
pub(super) fn verify(secret: &Secret, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signature = text("x-hub-signature-256").ok_or_else(|| {
        Refusal::Unverified("X-Hub-Signature-256 is missing: set the webhook's secret at GitHub".to_owned())
    })?;
    let digest = signature.strip_prefix("sha256=").unwrap_or_default();
    if !hmac_sha256_matches(secret, &[body], digest) {
        return Err(Refusal::Unverified(
            "X-Hub-Signature-256 does not match: the secret at GitHub and `webhook_secret` differ".to_owned(),
        ));
    }
    let header = |name: &str| text(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let event =
        header("x-github-event").ok_or_else(|| Refusal::Malformed("X-GitHub-Event is missing".to_owned()))?;
    if !KNOWN.contains(&event.as_str()) {
        return Err(Refusal::Ignored(format!("event {event}")));
    }
    let id = header("x-github-delivery")
        .ok_or_else(|| Refusal::Malformed("X-GitHub-Delivery is missing".to_owned()))?;
    let content_type = text(CONTENT_TYPE.as_str()).unwrap_or_default();
    if content_type.starts_with("application/x-www-form-urlencoded") {
        return Err(Refusal::Malformed(
            "the webhook is sent as a form: set its content type to application/json at GitHub".to_owned(),
        ));
    }
    Ok(Delivery { id, event })
}

/// Turns a verified webhook into events. Known events without use give none; unknown ones are refused as ignored.
pub(super) fn parse(
    source: &str,
    web_url: &str,
    delivery: &Delivery,
    body: &[u8],
) -> Result<Vec<Event>, Refusal> {
    let event = match delivery.event.as_str() {
        "ping" => None,
        "workflow_run" => map::workflow_run_event(source, read(body)?),
        "workflow_job" => map::workflow_job_event(source, web_url, read(body)?),
        "check_run" => map::check_run_event(source, web_url, read(body)?),
        other => return Err(Refusal::Ignored(format!("event {other}"))),
    };
    Ok(event.into_iter().collect())
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::Malformed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use http::HeaderName;
    use proptest::prelude::*;
    use world::github::Webhook;

    use super::*;

    const WEB: &str = "https://github.com";

    fn events_of(event: &str, body: &str) -> Result<Vec<Event>, Refusal> {
        let delivery = Delivery { id: "d".to_owned(), event: event.to_owned() };
        parse("github", WEB, &delivery, body.as_bytes())
    }

    fn received(webhook: &Webhook) -> HeaderMap {
        let headers = webhook.headers.iter();
        headers.map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())).collect()
    }

    fn refusal_with(changed: &str, value: Option<&str>) -> Refusal {
        let webhook = Webhook::signed("workflow_job", &serde_json::json!({}), "key");
        let mut headers = received(&webhook);
        headers.remove(changed);
        if let Some(value) = value {
            headers.insert(changed.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        verify(&Secret::new("key"), &headers, &webhook.body).unwrap_err()
    }

    #[test]
    fn refusals_say_what_to_do() {
        let refusals = [
            refusal_with("x-hub-signature-256", None),
            refusal_with("x-hub-signature-256", Some("sha256=00")),
            refusal_with("x-github-event", None),
            refusal_with("x-github-event", Some("issues")),
            refusal_with("x-github-delivery", None),
            refusal_with("content-type", Some("application/x-www-form-urlencoded")),
        ];
        insta::assert_snapshot!(refusals.map(|refusal| refusal.to_string()).join("\n"), @r"
        not verified: X-Hub-Signature-256 is missing: set the webhook's secret at GitHub
        not verified: X-Hub-Signature-256 does not match: the secret at GitHub and `webhook_secret` differ
        malformed: X-GitHub-Event is missing
        ignored: event issues
        malformed: X-GitHub-Delivery is missing
        malformed: the webhook is sent as a form: set its content type to application/json at GitHub
        ");
    }

    #[test]
    fn a_missing_field_is_named() {
        let mut run: serde_json::Value =
            serde_json::from_str(include_str!("samples/workflow_run.completed.failure.json")).unwrap();
        run["workflow_run"].as_object_mut().unwrap().remove("head_sha");
        let refusal = events_of("workflow_run", &run.to_string()).unwrap_err();
        assert!(
            matches!(&refusal, Refusal::Malformed(what) if what.contains("missing field `head_sha`")),
            "{refusal}"
        );
    }

    #[test]
    fn a_failed_run_is_a_finished_pipeline_run() {
        let events =
            events_of("workflow_run", include_str!("samples/workflow_run.completed.failure.json")).unwrap();
        insta::assert_json_snapshot!(events, @r#"
        [
          {
            "id": "run/acme/checkout/88001234567.2/finished",
            "source": "github",
            "at": "2026-03-04T10:14:59Z",
            "kind": {
              "type": "pipeline_run_finished",
              "run": {
                "source": "github",
                "repo": "acme/checkout",
                "id": "88001234567",
                "attempt": 2,
                "number": 1432,
                "workflow": "CI",
                "branch": "feat/price-cache",
                "sha": "9f2c1e7b6a5d4c3b2a190807f6e5d4c3b2a19081",
                "title": "Cache price lookups",
                "trigger": "pull_request",
                "author": {
                  "login": "dana-reyes",
                  "name": "Dana Reyes",
                  "bot": false
                },
                "url": "https://github.com/acme/checkout/actions/runs/88001234567",
                "private": true,
                "conclusion": "failure",
                "started_at": "2026-03-04T10:09:01Z",
                "finished_at": "2026-03-04T10:14:59Z"
              }
            }
          }
        ]
        "#);
    }

    #[test]
    fn a_failed_job_is_a_finished_task_run() {
        let events =
            events_of("workflow_job", include_str!("samples/workflow_job.completed.failure.json")).unwrap();
        insta::assert_json_snapshot!(events, @r#"
        [
          {
            "id": "job/acme/checkout/99001234567/finished",
            "source": "github",
            "at": "2026-03-04T10:14:50Z",
            "kind": {
              "type": "task_run_finished",
              "run": {
                "source": "github",
                "repo": "acme/checkout",
                "id": "88001234567",
                "attempt": 2,
                "number": 0,
                "workflow": "CI",
                "branch": "feat/price-cache",
                "sha": "9f2c1e7b6a5d4c3b2a190807f6e5d4c3b2a19081",
                "title": "",
                "trigger": "",
                "author": {
                  "login": "dana-reyes",
                  "name": null,
                  "bot": false
                },
                "url": "https://github.com/acme/checkout/actions/runs/88001234567",
                "private": true,
                "conclusion": null,
                "started_at": null,
                "finished_at": null
              },
              "job": {
                "id": "99001234567",
                "name": "test (ubuntu-latest, 3)",
                "url": "https://github.com/acme/checkout/actions/runs/88001234567/job/99001234567",
                "conclusion": "failure",
                "steps": [
                  {
                    "name": "Set up job",
                    "conclusion": "success"
                  },
                  {
                    "name": "Run actions/checkout@v4",
                    "conclusion": "success"
                  },
                  {
                    "name": "Run unit tests",
                    "conclusion": "failure"
                  },
                  {
                    "name": "Upload report",
                    "conclusion": "skipped"
                  },
                  {
                    "name": "Post Run actions/checkout@v4",
                    "conclusion": "success"
                  },
                  {
                    "name": "Complete job",
                    "conclusion": "success"
                  }
                ],
                "runner": "GitHub Actions 12 (ubuntu-latest)",
                "started_at": "2026-03-04T10:09:10Z",
                "finished_at": "2026-03-04T10:14:50Z"
              }
            }
          }
        ]
        "#);
    }

    #[test]
    fn another_apps_check_is_a_finished_task_run() {
        let events =
            events_of("check_run", include_str!("samples/check_run.completed.failure.json")).unwrap();
        insta::assert_json_snapshot!(events, @r#"
        [
          {
            "id": "check/acme/checkout/70012345/finished/2026-03-04T10:39:10Z",
            "source": "github",
            "at": "2026-03-04T10:39:10Z",
            "kind": {
              "type": "task_run_finished",
              "run": {
                "source": "github",
                "repo": "acme/checkout",
                "id": "suite-660088",
                "attempt": 1,
                "number": 0,
                "workflow": "Example CI",
                "branch": "main",
                "sha": "9f2c1e7b6a5d4c3b2a190807f6e5d4c3b2a19081",
                "title": "",
                "trigger": "check_run",
                "author": {
                  "login": "",
                  "name": null,
                  "bot": false
                },
                "url": "https://github.com/acme/checkout/commit/9f2c1e7b6a5d4c3b2a190807f6e5d4c3b2a19081/checks?check_suite_id=660088",
                "private": true,
                "conclusion": null,
                "started_at": null,
                "finished_at": null
              },
              "job": {
                "id": "70012345",
                "name": "build / linux",
                "url": "https://github.com/acme/checkout/runs/70012345",
                "conclusion": "timed_out",
                "steps": [],
                "runner": null,
                "started_at": "2026-03-04T10:09:10Z",
                "finished_at": "2026-03-04T10:39:10Z"
              }
            }
          }
        ]
        "#);
    }

    #[test]
    fn a_requested_run_of_a_bot_is_a_started_pipeline_run() {
        let events =
            events_of("workflow_run", include_str!("samples/workflow_run.requested.bot.json")).unwrap();
        insta::assert_json_snapshot!(events, @r#"
        [
          {
            "id": "run/acme/checkout/88001234999.1/started",
            "source": "github",
            "at": "2026-03-04T02:00:20Z",
            "kind": {
              "type": "pipeline_run_started",
              "run": {
                "source": "github",
                "repo": "acme/checkout",
                "id": "88001234999",
                "attempt": 1,
                "number": 12,
                "workflow": ".github/workflows/nightly.yml",
                "branch": "dependabot/cargo/serde-1.0.300",
                "sha": "77aa1e7b6a5d4c3b2a190807f6e5d4c3b2a19081",
                "title": "Bump serde from 1.0.299 to 1.0.300",
                "trigger": "push",
                "author": {
                  "login": "dependabot[bot]",
                  "name": "dependabot[bot]",
                  "bot": true
                },
                "url": "https://github.com/acme/checkout/actions/runs/88001234999",
                "private": true,
                "conclusion": null,
                "started_at": "2026-03-04T02:00:20Z",
                "finished_at": null
              }
            }
          }
        ]
        "#);
    }

    #[test]
    fn known_events_without_use_give_nothing() {
        assert_eq!(events_of("ping", "{\"zen\":\"x\"}"), Ok(Vec::new()));
        let started = include_str!("samples/workflow_job.completed.failure.json").replacen(
            "\"action\": \"completed\"",
            "\"action\": \"in_progress\"",
            1,
        );
        assert_eq!(events_of("workflow_job", &started), Ok(Vec::new()));
        let ours = include_str!("samples/check_run.completed.failure.json")
            .replace("example-ci\"", "github-actions\"");
        assert_eq!(events_of("check_run", &ours), Ok(Vec::new()));
        assert!(matches!(events_of("issues", "{}"), Err(Refusal::Ignored(_))));
    }

    #[test]
    fn unknown_conclusions_are_kept() {
        let body = include_str!("samples/workflow_job.completed.failure.json")
            .replace("\"failure\"", "\"exploded\"");
        let events = events_of("workflow_job", &body).unwrap();
        let crate::event::EventKind::TaskRunFinished { job, .. } = &events[0].kind else {
            panic!("{events:?}")
        };
        assert_eq!(job.conclusion, Some(crate::event::Conclusion::Other("exploded".to_owned())));
    }

    /// Published samples that belong to others: read where they lie, when they are there.
    #[test]
    fn published_samples_are_understood() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/payloads/github"));
        let Ok(files) = std::fs::read_dir(folder) else { return };
        let mut read = 0;
        for file in files.map(Result::unwrap) {
            let name = file.file_name().into_string().unwrap();
            let Some(event) = ["workflow_run", "workflow_job", "check_run"]
                .into_iter()
                .find(|event| name.starts_with(&format!("{event}.")))
            else {
                continue;
            };
            let body = std::fs::read_to_string(file.path()).unwrap();
            let events = events_of(event, &body).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
            let of_actions = event == "check_run" && body.contains("\"slug\": \"github-actions\"");
            let expected = usize::from(name.contains(".completed.") && !of_actions);
            assert_eq!(events.len(), expected, "{name}");
            read += 1;
        }
        assert!(read >= 9, "only {read} samples were found");
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(event in "ping|workflow_run|workflow_job|check_run", body in any::<Vec<u8>>()) {
            let delivery = Delivery { id: "d".to_owned(), event };
            let _ = parse("github", WEB, &delivery, &body);
        }

        #[test]
        fn no_change_of_a_sample_makes_it_panic(at in 0_usize..3000, byte in any::<u8>()) {
            let mut body = include_bytes!("samples/workflow_job.completed.failure.json").to_vec();
            let at = at % body.len();
            body[at] = byte;
            let delivery = Delivery { id: "d".to_owned(), event: "workflow_job".to_owned() };
            let _ = parse("github", WEB, &delivery, &body);
        }

        #[test]
        fn no_signature_but_the_right_one_is_taken(signature in "(sha256=)?[ -~]{0,80}") {
            let mut headers = received(&Webhook::signed("ping", &serde_json::json!({}), "key"));
            headers.insert("x-hub-signature-256", signature.parse().unwrap());
            let answer = verify(&Secret::new("key"), &headers, b"[]");
            prop_assert!(matches!(answer, Err(Refusal::Unverified(_))));
        }
    }
}
