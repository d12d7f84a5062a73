//! The adapter against GitHub's strict stand-in, over the wire.

use std::time::Instant;

use futures::TryStreamExt;
use world::github::{self as stand_in, Fault, Log, TOKEN};

use super::config::Credentials;
use super::*;
use crate::contract::{CiCase, ci_provider_keeps_its_promises};
use crate::secret::Secret;

const SECRET: &str = "hook-secret";
const REPO: &str = "acme/checkout";

fn adapter(github: &stand_in::GitHub, credentials: Credentials) -> GitHub {
    adapter_at(&github.api_url, credentials)
}

fn adapter_at(api_url: &str, credentials: Credentials) -> GitHub {
    // Installing twice is no fault: every test asks for it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = Config {
        name: "github".to_owned(),
        api_url: api_url.to_owned(),
        web_url: "https://github.example.org".to_owned(),
        webhook_secret: Secret::new(SECRET),
        credentials,
        log_hosts: vec!["127.0.0.1".to_owned()],
    };
    let limits = Limits {
        backoff: Duration::from_millis(2),
        patience: Duration::from_secs(2),
        read: Duration::from_secs(1),
        ..Limits::default()
    };
    GitHub::new(config, limits).unwrap()
}

fn token() -> Credentials {
    Credentials::Token(Secret::new(TOKEN))
}

fn run_ref(id: u64) -> RunRef {
    RunRef { source: "github".to_owned(), repo: REPO.to_owned(), id: id.to_string(), attempt: 1 }
}

fn received(webhook: stand_in::Webhook) -> (HeaderMap, Vec<u8>) {
    let headers = webhook.headers.iter().map(|(name, value)| {
        (http::HeaderName::from_bytes(name.as_bytes()).unwrap(), http::HeaderValue::from_str(value).unwrap())
    });
    (headers.collect(), webhook.body)
}

async fn text(log: LogStream) -> String {
    let pieces: Vec<Bytes> = log.try_collect().await.unwrap();
    String::from_utf8(pieces.concat()).unwrap()
}

async fn log_of_first_job(provider: &GitHub, run: &RunRef) -> Result<LogStream, CiError> {
    let jobs = provider.jobs(run).await.unwrap();
    provider.log(run, &jobs[0]).await
}

/// A world with one failed run, and all that the contract asks about.
async fn broken_checkout() -> stand_in::GitHub {
    let github = stand_in::GitHub::start().await;
    github.add_repo(stand_in::Repo::new(REPO).private().file(".github/CODEOWNERS", "* @acme/payments\n"));
    github.add_run(stand_in::Run::failed(REPO, 42).job(stand_in::Job::passed("lint", "fine\n")).job(
        stand_in::Job::failed(
            "test (ubuntu, 3.12)",
            "one\ntwo\n##[error]Process completed with exit code 1.\n",
        ),
    ));
    github.add_comparison(
        REPO,
        "base",
        "head",
        stand_in::Comparison {
            commits: vec![stand_in::Commit {
                sha: "head".to_owned(),
                message: "Cache price lookups\n\nThey are slow.".to_owned(),
                author: stand_in::Account::user("dana-reyes"),
                written_by: ("Dana Reyes".to_owned(), "dana@example.com".to_owned()),
            }],
            files: vec!["src/price.rs".to_owned()],
        },
    );
    github
}

#[tokio::test]
async fn keeps_the_contract() {
    let github = broken_checkout().await;
    let provider = adapter(&github, token());
    ci_provider_keeps_its_promises(&CiCase {
        provider: &provider,
        webhook: received(github.workflow_job_webhook(42, 1, "completed", SECRET)),
        signature: "x-hub-signature-256",
        run: run_ref(42),
        log: "one\ntwo\n##[error]Process completed with exit code 1.\n",
        change: ("base", "head", "src/price.rs"),
        file: (".github/CODEOWNERS", "* @acme/payments\n"),
    })
    .await;
    assert_eq!(github.reruns(42), 1);
    github.assert_clean();
}

#[tokio::test]
async fn keeps_the_contract_as_an_app_of_an_enterprise_server() {
    let github = broken_checkout().await;
    let app = github.install_app(&["acme"]);
    let credentials =
        Credentials::App { id: app.id, private_key: Secret::new(app.private_key), installation: None };
    let provider = adapter_at(&format!("{}/api/v3", github.api_url), credentials);
    ci_provider_keeps_its_promises(&CiCase {
        provider: &provider,
        webhook: received(github.workflow_run_webhook(42, "completed", SECRET)),
        signature: "x-hub-signature-256",
        run: run_ref(42),
        log: "one\ntwo\n##[error]Process completed with exit code 1.\n",
        change: ("base", "head", "src/price.rs"),
        file: (".github/CODEOWNERS", "* @acme/payments\n"),
    })
    .await;
    assert_eq!(github.tokens_issued(), 1, "one token serves many calls");
    assert_eq!(provider.check().await.unwrap(), "app whyred, installations: 1");
    github.assert_clean();
}

#[tokio::test]
async fn one_token_is_fetched_for_many_calls_at_once_and_a_new_one_when_it_ends() {
    let github = broken_checkout().await;
    let app = github.install_app(&["acme"]);
    let credentials =
        Credentials::App { id: app.id, private_key: Secret::new(app.private_key), installation: None };
    let provider = adapter(&github, credentials);
    let run = run_ref(42);
    let calls = futures::future::join_all((0..20).map(|_| provider.run(&run))).await;
    assert!(calls.iter().all(Result::is_ok));
    assert_eq!(github.tokens_issued(), 1);

    github.revoke_tokens();
    provider.run(&run).await.unwrap();
    assert_eq!(github.tokens_issued(), 2, "a token that was taken back is replaced");

    github.set_token_lifetime(Duration::from_mins(4));
    github.revoke_tokens();
    provider.run(&run).await.unwrap();
    provider.run(&run).await.unwrap();
    assert_eq!(github.tokens_issued(), 4, "a token close to its end is not used again");
    github.assert_clean();
}

#[tokio::test]
async fn an_account_without_our_app_is_told_apart() {
    let github = broken_checkout().await;
    let app = github.install_app(&["someone-else"]);
    let credentials =
        Credentials::App { id: app.id, private_key: Secret::new(app.private_key), installation: None };
    let error = adapter(&github, credentials).run(&run_ref(42)).await.unwrap_err();
    insta::assert_snapshot!(error, @"github refused the app's installation for acme/checkout: the app is not installed there, or its installation is suspended (Not Found): install it for that account");
    github.assert_clean();
}

#[tokio::test]
async fn a_wrong_token_is_refused_in_words() {
    let github = broken_checkout().await;
    let provider = adapter(&github, Credentials::Token(Secret::new("wrong")));
    insta::assert_snapshot!(provider.run(&run_ref(42)).await.unwrap_err(), @"github refused run 42 of acme/checkout: our token is not accepted (Bad credentials): renew it");
    insta::assert_snapshot!(provider.check().await.unwrap_err(), @"github refused our rate limit: our token is not accepted (Bad credentials): renew it");
}

#[tokio::test]
async fn a_lacking_permission_is_named() {
    let github = broken_checkout().await;
    let provider = adapter(&github, token());
    github.script("/rerun-failed-jobs", Fault::Forbidden, 1);
    insta::assert_snapshot!(provider.rerun_failed(&run_ref(42)).await.unwrap_err(), @"github refused a re-run of the failed jobs of run 42 of acme/checkout: Resource not accessible by integration. If a permission is missing, grant `Actions: write` for acme/checkout");
    assert_eq!(github.reruns(42), 0);
    github.assert_clean();
}

#[tokio::test]
async fn logs_come_plain_gzipped_and_as_archives() {
    let github = stand_in::GitHub::start().await;
    let provider = adapter(&github, token());
    let long = "a line of output that repeats itself\n".repeat(200_000);
    let entries = vec![
        ("1_other.txt".to_owned(), "other".to_owned()),
        ("test/2_b.txt".to_owned(), "second\n".to_owned()),
        ("test/1_a.txt".to_owned(), "first\n".to_owned()),
    ];
    for (id, log, expected) in [
        (1, Log::from("plain\n"), "plain\n"),
        (2, Log::Gzip(Bytes::from(long.clone())), long.as_str()),
        (3, Log::Zip(entries), "first\nsecond\n"),
        (4, Log::from(""), ""),
    ] {
        github.add_run(stand_in::Run::failed(REPO, id).job(stand_in::Job::failed("test", log)));
        assert_eq!(
            text(log_of_first_job(&provider, &run_ref(id)).await.unwrap()).await,
            expected,
            "run {id}"
        );
    }
    github.assert_clean();
}

#[tokio::test]
async fn expired_and_missing_logs_are_told_apart_from_late_ones() {
    let github = stand_in::GitHub::start().await;
    let provider = adapter(&github, token());
    let hours_ago = |log| stand_in::Job::failed("test", log).completed_ago(Duration::from_hours(3));
    for (id, job) in [
        (1, hours_ago(Log::Expired)),
        (2, hours_ago(Log::Missing)),
        (3, stand_in::Job::failed("test", Log::Missing)),
    ] {
        let job = stand_in::Job { id: 100 + id, ..job };
        github.add_run(stand_in::Run::failed(REPO, id).job(job));
    }
    let mut said = Vec::new();
    for id in 1..=3 {
        let error = log_of_first_job(&provider, &run_ref(id)).await.err().unwrap();
        said.push(format!("transient: {}\n{error}", error.is_transient()));
    }
    insta::assert_snapshot!(said.join("\n"), @r"
    transient: false
    the log of job 101 (test) of acme/checkout is no longer available at github: it has expired; GitHub keeps logs for 90 days unless set otherwise
    transient: false
    the log of job 102 (test) of acme/checkout is no longer available at github: it has expired or was deleted, or our credentials may not see it (that takes `Actions: read` for acme/checkout)
    transient: true
    github did not answer for the log of job 103 (test) of acme/checkout: the job has just ended, and its log is not there yet
    ");
    github.assert_clean();
}

#[tokio::test]
async fn logs_are_fetched_from_named_hosts_only() {
    let github = broken_checkout().await;
    let mut provider = adapter(&github, token());
    provider.config.log_hosts = vec!["*.blob.example.net".to_owned()];
    provider = GitHub::new(provider.config, Limits::default()).unwrap();
    let error = log_of_first_job(&provider, &run_ref(42)).await.err().unwrap();
    insta::assert_snapshot!(error.to_string().replace("9000000001", "ID"), @"github refused the log of job ID (lint) of acme/checkout: a redirect leads to 127.0.0.1: if that is where your GitHub keeps its files, add it to `log_hosts`");
    github.assert_clean();
}

#[tokio::test]
async fn faults_on_the_way_are_outlived() {
    let github = broken_checkout().await;
    let provider = adapter(&github, token());
    for fault in [
        Fault::Status(502),
        Fault::Status(504),
        Fault::TooMany { retry_after: 1 },
        Fault::Secondary { retry_after: 1 },
    ] {
        github.script("/actions/runs/42", fault.clone(), 1);
        provider.run(&run_ref(42)).await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
    }
    github.assert_clean();
}

#[tokio::test]
async fn what_cannot_be_outlived_may_work_later() {
    let github = broken_checkout().await;
    let provider = adapter(&github, token());
    for fault in [Fault::Status(500), Fault::Slow(Duration::from_secs(10)), Fault::Dropped] {
        github.script("/actions/runs/42", fault.clone(), 4);
        let error = provider.run(&run_ref(42)).await.unwrap_err();
        assert!(matches!(error, CiError::Unavailable { .. }), "{fault:?}: {error}");
        // What is left of the script is not for the next fault.
        while provider.run(&run_ref(42)).await.is_err() {}
    }
    github.assert_clean();
}

#[tokio::test]
async fn a_rerun_whose_answer_was_lost_is_not_asked_for_twice() {
    let github = broken_checkout().await;
    let provider = adapter(&github, token());
    github.script("/rerun-failed-jobs", Fault::Status(502), 1);
    let error = provider.rerun_failed(&run_ref(42)).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    let asked = github.calls().iter().filter(|call| call.starts_with("POST")).count();
    assert_eq!(asked, 1, "a write is not repeated blindly");
    provider.rerun_failed(&run_ref(42)).await.unwrap();
    provider.rerun_failed(&run_ref(42)).await.unwrap();
    assert_eq!(github.reruns(42), 1);
    github.assert_clean();
}

#[tokio::test]
async fn a_run_that_goes_on_is_run_again_later() {
    let github = stand_in::GitHub::start().await;
    github.add_run(stand_in::Run::running(REPO, 7));
    let error = adapter(&github, token()).rerun_failed(&run_ref(7)).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(github.reruns(7), 0);
    github.assert_clean();
}

#[tokio::test]
async fn a_used_up_limit_is_obeyed_without_asking_again() {
    let github = broken_checkout().await;
    let provider = adapter(&github, token());
    github.set_remaining(1);
    provider.run(&run_ref(42)).await.unwrap();
    let calls = github.calls().len();
    let started = Instant::now();
    let error = provider.run(&run_ref(42)).await.unwrap_err();
    assert!(
        matches!(error, CiError::RateLimited { after, .. } if after > Duration::from_mins(29)),
        "{error}"
    );
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(github.calls().len(), calls, "no call is made while the limit is used up");
    let other = RunRef { repo: "other/repo".to_owned(), ..run_ref(42) };
    assert!(
        matches!(provider.run(&other).await, Err(CiError::RateLimited { .. })),
        "a token has one limit for all"
    );
    assert_eq!(github.calls().len(), calls);
    github.assert_clean();
}

#[tokio::test]
async fn long_waits_are_handed_to_the_caller() {
    let github = broken_checkout().await;
    let provider = adapter(&github, token());
    github.script("/actions/runs/42", Fault::Secondary { retry_after: 120 }, 1);
    let error = provider.run(&run_ref(42)).await.unwrap_err();
    assert_eq!(error.to_string(), "github asks to wait 120 s before run 42 of acme/checkout");
    github.assert_clean();
}

#[tokio::test]
async fn unchanged_answers_cost_nothing_of_the_limit() {
    let github = broken_checkout().await;
    let provider = adapter(&github, token());
    let first = provider.run(&run_ref(42)).await.unwrap();
    github.set_remaining(50);
    for _ in 0..3 {
        assert_eq!(provider.run(&run_ref(42)).await.unwrap(), first);
    }
    assert_eq!(provider.check().await.unwrap(), "token accepted, 50 of 5000 requests left this hour");
    github.finish(42, "success");
    assert_eq!(provider.run(&run_ref(42)).await.unwrap().conclusion, Some(crate::event::Conclusion::Success));
    github.assert_clean();
}

#[tokio::test]
async fn all_pages_of_jobs_are_read() {
    let github = stand_in::GitHub::start().await;
    let mut run = stand_in::Run::failed(REPO, 9);
    for number in 0..230 {
        run = run.job(stand_in::Job::passed(&format!("test ({number})"), ""));
    }
    github.add_run(run);
    let jobs = adapter(&github, token()).jobs(&run_ref(9)).await.unwrap();
    assert_eq!(jobs.len(), 230);
    assert_eq!(jobs[229].name, "test (229)");
    github.assert_clean();
}

#[tokio::test]
async fn annotations_are_read() {
    let github = stand_in::GitHub::start().await;
    let remark = |path: &str, line| stand_in::Annotation {
        level: "failure".to_owned(),
        path: path.to_owned(),
        line,
        title: None,
        message: "Process completed with exit code 1.".to_owned(),
    };
    let job = stand_in::Job::failed("test", "")
        .annotation(remark("src/price.rs", 12))
        .annotation(remark(".github", 30));
    github.add_run(stand_in::Run::failed(REPO, 9).job(job));
    let provider = adapter(&github, token());
    let jobs = provider.jobs(&run_ref(9)).await.unwrap();
    let remarks = provider.annotations(&run_ref(9), &jobs[0]).await.unwrap();
    let seen: Vec<_> = remarks.iter().map(|one| (one.level.as_str(), one.path.as_str(), one.line)).collect();
    assert_eq!(seen, [("failure", "src/price.rs", 12), ("failure", "", 0)]);
    github.assert_clean();
}

#[tokio::test]
async fn another_apps_check_is_read_as_a_run_with_one_job() {
    let github = stand_in::GitHub::start().await;
    let check =
        github.add_check(stand_in::Check::ended(REPO, "9f2c", "failure").says("Build failed", "2 errors"));
    let provider = adapter(&github, token());
    let (headers, body) = received(github.check_run_webhook(check.id, SECRET));
    let delivery = provider.verify(&headers, &body).unwrap();
    let events = provider.parse(&delivery, &body).unwrap();
    let crate::event::EventKind::TaskRunFinished { run, job } = &events[0].kind else { panic!("{events:?}") };
    assert_eq!((run.workflow.as_str(), run.branch.as_str(), job.name.as_str()), ("Acme CI", "main", "build"));

    assert_eq!(provider.run(&run.at).await.unwrap().workflow, "Acme CI");
    assert_eq!(provider.jobs(&run.at).await.unwrap()[0].id, job.id);
    assert_eq!(text(provider.log(&run.at, job).await.unwrap()).await, "Build failed\n\n2 errors\n");
    assert_eq!(provider.annotations(&run.at, job).await.unwrap(), []);
    insta::assert_snapshot!(
        provider.rerun_failed(&run.at).await.unwrap_err().to_string().replace(&run.at.id, "suite-N"), @"github refused a re-run of the failed jobs of run suite-N of acme/checkout: only the app that made this check can run it again"
    );
    github.assert_clean();
}

#[tokio::test]
async fn repository_names_cannot_lead_elsewhere() {
    let github = stand_in::GitHub::start().await;
    let provider = adapter(&github, token());
    for repo in ["acme", "acme/../user", "acme/..", "acme/a?b", "acme/a#b", "acme/a%2fb", "/", "acme/a/b"] {
        let error = provider.run(&RunRef { repo: repo.to_owned(), ..run_ref(1) }).await.unwrap_err();
        assert!(matches!(error, CiError::Unexpected { .. }), "{repo}: {error}");
    }
    let odd = provider.file(REPO, "main", "a file/ö?.txt").await.unwrap();
    assert_eq!(odd, None);
    assert_eq!(github.calls(), ["GET /repos/acme/checkout/contents/a%20file/%C3%B6%3F.txt?ref=main"]);
    github.assert_clean();
}

#[test]
fn write_includes_read() {
    assert!(grants(Some(&"write".to_owned()), "read"));
    assert!(!grants(Some(&"read".to_owned()), "write"));
    assert!(!grants(None, "read"));
}
