//! One test suite for each seam, run by every adapter: what [`CiProvider`] promises, whoever keeps the promise.
#![cfg(test)]

use futures::TryStreamExt;
use http::{HeaderMap, HeaderValue};

use crate::ci::{CiError, CiProvider, Delivery};
use crate::event::{Job, RunRef};
use crate::webhook::Refusal;

/// A provider and a world in which one run of one repository has failed.
pub(crate) struct CiCase<'a> {
    /// Who is tested.
    pub(crate) provider: &'a dyn CiProvider,
    /// A true webhook about the run's failed job.
    pub(crate) webhook: (HeaderMap, Vec<u8>),
    /// Name of the header that signs it.
    pub(crate) signature: &'static str,
    /// The run, at its first attempt, which has ended.
    pub(crate) run: RunRef,
    /// The whole log of its failed job.
    pub(crate) log: &'a str,
    /// Two revisions with exactly one changed file between them, and that file.
    pub(crate) change: (&'a str, &'a str, &'a str),
    /// A file at the second revision, and its text.
    pub(crate) file: (&'a str, &'a str),
}

/// Runs the whole suite.
pub(crate) async fn ci_provider_keeps_its_promises(case: &CiCase<'_>) {
    only_signed_webhooks_are_taken(case);
    webhooks_become_events(case);
    a_run_and_its_jobs_can_be_read(case).await;
    a_log_is_streamed_whole(case).await;
    changes_and_files_can_be_read(case).await;
    what_is_not_there_is_gone(case).await;
    failed_jobs_run_again_once(case).await;
    let seen = case.provider.check().await.expect("the provider can be reached");
    assert!(!seen.is_empty(), "the check says what was seen");
}

fn only_signed_webhooks_are_taken(case: &CiCase<'_>) {
    let (headers, body) = &case.webhook;
    let refused = |headers: &HeaderMap, body: &[u8], why: &str| {
        let answer = case.provider.verify(headers, body);
        assert!(matches!(answer, Err(Refusal::Unverified(_))), "{why}: {answer:?}");
    };
    case.provider.verify(headers, body).expect("a signed webhook is taken");

    let mut longer = body.clone();
    longer.push(b' ');
    refused(headers, &longer, "a body with one more byte");

    let mut unsigned = headers.clone();
    unsigned.remove(case.signature);
    refused(&unsigned, body, "no signature");

    let signature = headers[case.signature].to_str().expect("a signature is text");
    for (wrong, why) in [
        (signature.replace(|c: char| c.is_ascii_hexdigit(), "0"), "a wrong signature"),
        (signature[..signature.len() - 2].to_owned(), "a short signature"),
        (signature.replace("sha256=", ""), "a signature without its scheme"),
        (String::new(), "an empty signature"),
    ] {
        let mut forged = headers.clone();
        forged.insert(case.signature, HeaderValue::from_str(&wrong).expect("it is a header value"));
        refused(&forged, body, why);
    }
}

fn webhooks_become_events(case: &CiCase<'_>) {
    let (headers, body) = &case.webhook;
    let delivery = case.provider.verify(headers, body).expect("a signed webhook is taken");
    assert!(!delivery.id.is_empty() && !delivery.event.is_empty(), "{delivery:?}");

    let events = case.provider.parse(&delivery, body).expect("a true webhook is understood");
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].source, case.provider.name());
    assert_eq!(events[0].kind.run().at, case.run);

    let again = Delivery { id: "another-delivery".to_owned(), ..delivery.clone() };
    let repeated = case.provider.parse(&again, body).expect("a true webhook is understood");
    assert_eq!(events, repeated, "the same fact has the same id, however often it is delivered");

    for broken in [&b""[..], b"{", b"[]", b"{}", b"null", &body[..body.len() / 2]] {
        let answer = case.provider.parse(&delivery, broken);
        assert!(matches!(answer, Err(Refusal::Malformed(_))), "{broken:?}: {answer:?}");
    }
}

async fn failed_job(case: &CiCase<'_>) -> Job {
    let jobs = case.provider.jobs(&case.run).await.expect("the jobs can be read");
    let failed = |job: &&Job| job.conclusion.as_ref().is_some_and(crate::event::Conclusion::is_failure);
    jobs.iter().find(failed).expect("one job has failed").clone()
}

async fn a_run_and_its_jobs_can_be_read(case: &CiCase<'_>) {
    let run = case.provider.run(&case.run).await.expect("the run can be read");
    assert_eq!(run.at, case.run);
    assert!(run.conclusion.as_ref().is_some_and(crate::event::Conclusion::is_failure), "{run:?}");
    assert!(run.started_at <= run.finished_at && run.finished_at.is_some(), "{run:?}");
    for said in [&run.workflow, &run.branch, &run.sha, &run.author.login] {
        assert!(!said.is_empty(), "{run:?}");
    }
    let job = failed_job(case).await;
    assert!(job.failed_step().is_some(), "{job:?}");
    assert!(job.finished_at.is_some(), "{job:?}");
    case.provider.annotations(&case.run, &job).await.expect("remarks can be read, even if there are none");
}

async fn a_log_is_streamed_whole(case: &CiCase<'_>) {
    let job = failed_job(case).await;
    let log = case.provider.log(&case.run, &job).await.expect("the log can be read");
    let pieces: Vec<bytes::Bytes> = log.try_collect().await.expect("the log comes to its end");
    assert_eq!(String::from_utf8_lossy(&pieces.concat()), case.log);
}

async fn changes_and_files_can_be_read(case: &CiCase<'_>) {
    let (from, to, file) = case.change;
    let changes = case.provider.changes(&case.run.repo, from, to).await.expect("the changes can be read");
    assert_eq!(changes.files, [file]);
    assert_eq!(changes.total_commits, changes.commits.len() as u64);
    assert_eq!(
        changes.commits.last().map(|commit| commit.sha.as_str()),
        Some(to),
        "the newest commit is last"
    );

    let (path, text) = case.file;
    let found = case.provider.file(&case.run.repo, to, path).await.expect("a file can be read");
    assert_eq!(found.as_deref(), Some(text));
    let absent =
        case.provider.file(&case.run.repo, to, "no/such/file").await.expect("an absent file is no fault");
    assert_eq!(absent, None);
}

async fn what_is_not_there_is_gone(case: &CiCase<'_>) {
    fn gone<T>(answer: Result<T, CiError>, what: &str) {
        match answer {
            Ok(_) => panic!("{what} was found"),
            Err(error) => {
                assert!(matches!(error, CiError::Gone { .. }) && !error.is_transient(), "{what}: {error}");
            }
        }
    }
    let unknown = RunRef { id: "404404".to_owned(), ..case.run.clone() };
    gone(case.provider.run(&unknown).await, "an unknown run");
    gone(case.provider.jobs(&unknown).await, "jobs of an unknown run");
    gone(case.provider.rerun_failed(&unknown).await, "a re-run of an unknown run");
    let job = Job { id: "404404".to_owned(), finished_at: None, ..failed_job(case).await };
    gone(case.provider.log(&case.run, &job).await, "the log of an unknown job");
    gone(
        case.provider.changes(&case.run.repo, "0404", case.change.1).await,
        "changes since an unknown revision",
    );
}

async fn failed_jobs_run_again_once(case: &CiCase<'_>) {
    let before = case.provider.jobs(&case.run).await.expect("the jobs can be read");
    for _ in 0..2 {
        case.provider.rerun_failed(&case.run).await.expect("the failed jobs run again");
    }
    let run = case.provider.run(&case.run).await.expect("the run can be read");
    assert_eq!(run.at.attempt, case.run.attempt + 1, "asking twice for the same attempt runs it again once");
    let after = case.provider.jobs(&case.run).await.expect("the jobs of an earlier attempt can be read");
    assert_eq!(before, after, "an earlier attempt stays as it was");
}
