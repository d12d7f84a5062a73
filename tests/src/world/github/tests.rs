//! The stand-in is only worth something if it notices what GitHub would not take.

use reqwest::RequestBuilder;
use reqwest::header::LOCATION;

use super::*;

fn client() -> reqwest::Client {
    // Installing twice is no fault: every test asks for it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("whyred/0")
        .build()
        .unwrap()
}

fn dressed(request: RequestBuilder) -> RequestBuilder {
    request
        .header("accept", "application/vnd.github+json")
        .header("x-github-api-version", "2022-11-28")
        .bearer_auth(TOKEN)
}

async fn one_run() -> GitHub {
    let github = GitHub::start().await;
    github.add_run(Run::failed("acme/checkout", 42).job(Job::failed("test", "the log\n")));
    github
}

#[tokio::test]
async fn a_right_call_is_clean() {
    let github = one_run().await;
    let url = format!("{}/repos/acme/checkout/actions/runs/42", github.api_url);
    let answer = dressed(client().get(&url)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let etag = answer.headers()["etag"].clone();
    assert_eq!(dressed(client().get(&url)).header("if-none-match", etag).send().await.unwrap().status(), 304);
    github.assert_clean();
}

#[tokio::test]
async fn wrong_calls_are_noticed() {
    let github = one_run().await;
    let run = format!("{}/repos/acme/checkout/actions/runs/42", github.api_url);
    let client = client();
    for (request, why) in [
        (dressed(client.get(format!("{run}?page=1"))), "an unknown query key"),
        (dressed(client.get(format!("{run}/nothing"))), "an unknown endpoint"),
        (dressed(client.post(format!("{run}/rerun-failed-jobs"))).body("{}"), "an unexpected body"),
        (client.get(&run).bearer_auth(TOKEN), "no API version"),
        (dressed(client.get(&run)).header("user-agent", "curl/8"), "a foreign user agent"),
        (dressed(client.get(format!("{}/app", github.api_url))), "a token where the app must sign"),
    ] {
        let before = github.violations().len();
        request.send().await.unwrap();
        assert_eq!(github.violations().len(), before + 1, "{why}: {:?}", github.violations());
    }
}

#[tokio::test]
async fn a_wrong_token_is_refused_but_no_violation() {
    let github = one_run().await;
    let run = format!("{}/repos/acme/checkout/actions/runs/42", github.api_url);
    let request = client().get(run).header("accept", "application/vnd.github+json");
    let answer =
        request.header("x-github-api-version", "2022-11-28").bearer_auth("other").send().await.unwrap();
    assert_eq!(answer.status(), 401);
    github.assert_clean();
}

#[tokio::test]
async fn credentials_on_the_log_host_are_noticed() {
    let github = one_run().await;
    let job = github.run(42).unwrap().jobs[0].id;
    let logs = format!("{}/repos/acme/checkout/actions/jobs/{job}/logs", github.api_url);
    let answer = dressed(client().get(logs)).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    let location = answer.headers()[LOCATION].to_str().unwrap().to_owned();
    assert!(location.starts_with(&github.log_url));
    assert_eq!(client().get(&location).send().await.unwrap().text().await.unwrap(), "the log\n");
    github.assert_clean();
    assert_eq!(client().get(&location).bearer_auth(TOKEN).send().await.unwrap().status(), 403);
    assert_eq!(github.violations(), ["the log host was sent the header authorization"]);
}

#[tokio::test]
async fn a_rerun_makes_a_further_attempt_of_the_failed_jobs() {
    let github = GitHub::start().await;
    let run = Run::failed("acme/checkout", 42).job(Job::passed("lint", "")).job(Job::failed("test", ""));
    let before = github.add_run(run);
    let url = format!("{}/repos/acme/checkout/actions/runs/42/rerun-failed-jobs", github.api_url);
    assert_eq!(dressed(client().post(&url)).send().await.unwrap().status(), 201);
    assert_eq!(dressed(client().post(&url)).send().await.unwrap().status(), 403, "it is running already");
    let after = github.run(42).unwrap();
    assert_eq!((after.attempt, github.reruns(42)), (2, 1));
    assert_eq!(after.jobs[0].conclusion.as_deref(), Some("success"));
    assert_eq!(after.jobs[1].conclusion, None);
    assert!(after.jobs.iter().zip(&before.jobs).all(|(after, before)| after.id != before.id));
    github.finish(42, "success");
    let webhook = github.workflow_run_webhook(42, "completed", "key");
    let payload: serde_json::Value = serde_json::from_slice(&webhook.body).unwrap();
    assert_eq!(payload["workflow_run"]["run_attempt"], 2);
    assert_eq!(payload["workflow_run"]["conclusion"], "success");
    github.assert_clean();
}

#[tokio::test]
async fn five_hundred_runs_with_long_logs_are_no_burden() {
    let github = GitHub::start().await;
    let log = bytes::Bytes::from(vec![b'x'; 1 << 20]);
    for id in 0..500 {
        github.add_run(Run::failed("acme/checkout", id).job(Job::failed("test", log.clone())));
    }
    let started = std::time::Instant::now();
    let client = client();
    for id in 0..500 {
        let url = format!("{}/repos/acme/checkout/actions/runs/{id}", github.api_url);
        assert_eq!(dressed(client.get(url)).send().await.unwrap().status(), 200);
    }
    let each = started.elapsed() / 500;
    assert!(each < Duration::from_millis(20), "{each:?} for each call");
    github.assert_clean();
}
