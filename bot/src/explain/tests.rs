//! What people read about a failure, story by story, drawn as plain text; and that no story breaks Slack's limits.

use adapters::chat::plain::render_text;
use adapters::chat::slack::{self, Rendered};
use adapters::event::{Changes, Commit, Conclusion, Person, Run, RunRef};
use adapters::message::Mention;
use classifiers::category::{Category, Owner};
use classifiers::flaky::{BrokenOnMain, Flaky, Told, Witnesses};
use classifiers::{Diagnosis, ExcerptLine, Finding, KeyLine, Verdict};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn person(login: &str) -> Person {
    Person { login: login.to_owned(), ..Person::default() }
}

fn run() -> Run {
    Run {
        at: RunRef {
            source: "github".to_owned(),
            repo: "acme/payments".to_owned(),
            id: "88001234567".to_owned(),
            attempt: 1,
        },
        number: 418,
        workflow: "CI".to_owned(),
        branch: "main".to_owned(),
        sha: "9f2c1e7b6a5d4c3b2a190807f6e5d4c3b2a19081".to_owned(),
        title: "Round refunds up".to_owned(),
        trigger: "push".to_owned(),
        author: person("ada"),
        url: "https://git.example/acme/payments/runs/418".to_owned(),
        private: false,
        conclusion: Some(Conclusion::Failure),
        started_at: Some(at("2026-03-04T10:00:00Z")),
        finished_at: Some(at("2026-03-04T10:05:30Z")),
    }
}

/// The green run that came after: another commit, a later number.
fn green() -> Run {
    Run {
        at: RunRef { id: "88001234599".to_owned(), ..run().at },
        number: 421,
        sha: "77aa00b1c2d3e4f5061728394a5b6c7d8e9f0011".to_owned(),
        title: "Round once, at the end".to_owned(),
        url: "https://git.example/acme/payments/runs/421".to_owned(),
        conclusion: Some(Conclusion::Success),
        ..run()
    }
}

/// A verdict with a decisive line, one line around it, and something to try.
fn verdict(category: Category, owner: Owner, summary: &str, key: &str, fix: &[&str]) -> Diagnosis {
    let line = |number, text: &str| ExcerptLine { number, text: text.to_owned(), key: number == 812 };
    Diagnosis {
        verdict: Verdict::Failed,
        category,
        owner,
        confidence: 0.93,
        rule: Some("python.pytest.assertion".to_owned()),
        summary: summary.to_owned(),
        key_line: Some(KeyLine { line: 812, text: key.to_owned() }),
        explains: vec![(811, 813)],
        step: Some("Run tests".to_owned()),
        fingerprint: format!("v2:{key}"),
        earlier_fingerprint: None,
        findings: Vec::new(),
        failures: Vec::new(),
        failures_total: 0,
        excerpt: vec![line(811, "$ make check"), line(812, key), line(813, "make: *** [check] Error 1")],
        fix: fix.iter().map(|&fix| fix.to_owned()).collect(),
        remedies: Vec::new(),
        runbook_tags: Vec::new(),
        notes: Vec::new(),
        shadowed: Vec::new(),
        redactions: 0,
        lines: 2210,
        bytes: 181_223,
    }
}

fn test_failure() -> Diagnosis {
    verdict(
        Category::TestFailure,
        Owner::Code,
        "`test_refund_rounding` failed: expected 10.01, got 10.00",
        "E  AssertionError: assert Decimal('10.00') == Decimal('10.01')",
        &["Run `pytest -k refund` on your machine", "Look at the last change of `refund.py`"],
    )
}

fn network() -> Diagnosis {
    verdict(
        Category::Network,
        Owner::Infra,
        "The connection to `registry.example` was reset",
        "error: registry.example: Connection reset by peer",
        &["Re-run the job; if it happens again, look at the status page of the registry"],
    )
}

/// No rule explains the log; with `lines`, the best ones are known.
fn unknown(lines: bool) -> Diagnosis {
    let mut verdict = verdict(Category::Unknown, Owner::Unknown, "", "something odd happened here", &[]);
    verdict.verdict = Verdict::Unknown;
    verdict.confidence = 0.2;
    verdict.rule = None;
    if !lines {
        verdict.key_line = None;
        verdict.excerpt.clear();
        verdict.explains.clear();
        verdict.fingerprint.clear();
    }
    verdict
}

fn job(name: &str, diagnosis: Diagnosis) -> JobReading {
    let url = format!("https://git.example/acme/payments/runs/418/job/{}", name.len());
    JobReading { name: name.to_owned(), url: Some(url), line_url: None, diagnosis, log_problem: None }
}

/// A first failure, a minute old: nothing is known but the run and its logs.
fn story(jobs: Vec<JobReading>) -> FailureStory {
    FailureStory {
        breakage_id: "b1".to_owned(),
        run: run(),
        origin: Origin { green_before: true, ..Origin::default() },
        phase: Phase::Broken,
        jobs,
        unread_jobs: 0,
        history: None,
        proof: None,
        changes: None,
        passages: Vec::new(),
        owners: Vec::new(),
        labels: None,
        claimed_by: None,
        rerun: None,
        mention: None,
        answered_in: Some(SignedDuration::from_millis(1400)),
    }
}

fn of(diagnosis: Diagnosis) -> FailureStory {
    story(vec![job("test (ubuntu, 3.12)", diagnosis)])
}

/// Seen so often in so many repositories, all of it within the last day.
fn history(times: u64, repos: u64, before_this: bool) -> History {
    History {
        first_seen: at("2026-03-04T09:12:00Z"),
        times,
        repos,
        before_this,
        recent_times: times,
        recent_repos: repos,
        known_issue: None,
    }
}

fn flaky(passed_on_retry: u64, retried: u64) -> Flaky {
    Flaky {
        failed: 3,
        of: 40,
        on_main: true,
        passed_on_retry,
        retried,
        rate: 0.085,
        probability: 0.99,
        since: 1_760_000_000_000,
    }
}

fn witnesses(repos: u64, passed_unchanged: u64) -> Witnesses {
    Witnesses {
        authors: vec!["cyd".to_owned(), "grace".to_owned()],
        branches: 2,
        commits: 3,
        repos,
        passed_unchanged,
        since: 1_760_000_000_000,
    }
}

fn broken_on_main(author: &str) -> Told {
    Told::BrokenOnMain(BrokenOnMain {
        branch: "main".to_owned(),
        since_sha: "aaaaaaa6a5d4c3b2a190807f6e5d4c3b2a190811".to_owned(),
        author: author.to_owned(),
        since: 1_760_000_000_000,
        runs: 2,
    })
}

/// The run with which the episode began: somebody else's.
fn first_run() -> Run {
    Run {
        at: RunRef { id: "88001234501".to_owned(), ..run().at },
        number: 416,
        sha: "aaaaaaa6a5d4c3b2a190807f6e5d4c3b2a190811".to_owned(),
        title: "Cache prices".to_owned(),
        author: person("grace"),
        ..run()
    }
}

fn commit(sha: &str, title: &str) -> Commit {
    let url = format!("https://git.example/acme/payments/commit/{sha}");
    Commit { sha: sha.to_owned(), title: title.to_owned(), author: person("ada"), url }
}

fn rerun(state: &str, result: Option<&str>) -> RerunState {
    RerunState {
        by: "sam".to_owned(),
        state: state.to_owned(),
        result: result.map(str::to_owned),
        attempt: 1,
    }
}

fn main_text(story: &FailureStory) -> String {
    render_text(&failure_message(story))
}

/// What is said in the main message besides the headline, the excerpt and the small print.
fn paragraphs(story: &FailureStory) -> String {
    let only = adapters::message::Message {
        sections: failure_message(story).sections,
        ..adapters::message::Message::new(adapters::message::Tone::Info, "-")
    };
    let text = render_text(&only);
    text.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn buttons(story: &FailureStory) -> Vec<String> {
    failure_message(story)
        .actions
        .into_iter()
        .map(|action| format!("{}={}", action.id, action.value))
        .collect()
}

#[test]
fn a_failure_of_the_authors_own_says_so_proves_it_and_mentions_them() {
    let mut story = of(test_failure());
    story.mention = Some(Mention { id: "U0ADA".to_owned(), name: "ada".to_owned() });
    story.changes = Some(Changes {
        commits: ["a1a1a1a0", "b2b2b2b0", "c3c3c3c0", "9f2c1e7b"]
            .iter()
            .zip(["First", "Second", "Third", "Round refunds up"])
            .map(|(sha, title)| commit(sha, title))
            .collect(),
        total_commits: 4,
        files: vec!["src/refund.py".to_owned(), "tests/test_refund.py".to_owned()],
        url: "https://git.example/acme/payments/compare/x...y".to_owned(),
    });
    story.passages = vec![Passage {
        document: "pytest".to_owned(),
        anchor: "assertion".to_owned(),
        label: "Failing tests › Assertion".to_owned(),
        url: Some("https://whyred.example/runbooks/pytest#assertion".to_owned()),
        quote: "Run the one test with `-vv`.".to_owned(),
        relevance: 0.8,
    }];
    insta::assert_snapshot!(main_text(&story), @"
    ✗ BROKEN  payments · main · CI broke at “test (ubuntu, 3.12)”
      https://git.example/acme/payments/runs/418
      For ada

      Test failure — `test_refund_rounding` failed: expected 10.01, got 10.00.

      test (ubuntu, 3.12)
        811 │ $ make check
      > 812 │ E  AssertionError: assert Decimal('10.00') == Decimal('10.01')
        813 │ make: *** [check] Error 1
        whole log: https://git.example/acme/payments/runs/418/job/19

      Whose move: The author of the change, ada: new with 9f2c1e7.

      Changed since green: 9f2c1e7 (https://git.example/acme/payments/commit/9f2c1e7b) Round refunds
      up · c3c3c3c (https://git.example/acme/payments/commit/c3c3c3c0) Third · b2b2b2b
      (https://git.example/acme/payments/commit/b2b2b2b0) Second · 1 more
      (https://git.example/acme/payments/compare/x...y)

      Try: Run `pytest -k refund` on your machine. Runbook: Failing tests › Assertion
      (https://whyred.example/runbooks/pytest#assertion)

      [log:811-813] Log of test (ubuntu, 3.12), lines 811–813
        “ E  AssertionError: assert Decimal('10.00') == Decimal('10.01')
        https://git.example/acme/payments/runs/418/job/19

      [runbook:pytest#assertion] Runbook: Failing tests › Assertion
        “ Run the one test with `-vv`.
        https://whyred.example/runbooks/pytest#assertion

      [Re-run failed jobs] [Mine, on it] [Right cause] [Wrong cause]
      CI #418 · 9f2c1e7 “Round refunds up” · by ada · took 5 min · 93 % sure · answered in 1.4 s
    ");
    insta::assert_snapshot!(render_text(&detail_message(&story).unwrap()), @"
    • INFO  What the log of “test (ubuntu, 3.12)” says

      test (ubuntu, 3.12)
        811 │ $ make check
      > 812 │ E  AssertionError: assert Decimal('10.00') == Decimal('10.01')
        813 │ make: *** [check] Error 1
        whole log: https://git.example/acme/payments/runs/418/job/19

      If that does not help: Look at the last change of `refund.py`.

      Runbook: Failing tests › Assertion: Run the one test with `-vv`.

      Files changed since green: src/refund.py and tests/test_refund.py

      Grouped by: `v2:E  AssertionError: assert Decimal('10.00') == Decimal('10.01')`

      [log:811-813] Log of test (ubuntu, 3.12), lines 811–813
        “ E  AssertionError: assert Decimal('10.00') == Decimal('10.01')
        https://git.example/acme/payments/runs/418/job/19

      [runbook:pytest#assertion] Runbook: Failing tests › Assertion
        “ Run the one test with `-vv`.
        https://whyred.example/runbooks/pytest#assertion
    ");
}

#[test]
fn nobody_is_mentioned_when_it_is_not_the_authors_move() {
    let mention = Some(Mention { id: "U0ADA".to_owned(), name: "ada".to_owned() });
    let infra = FailureStory { mention: mention.clone(), ..of(network()) };
    assert_eq!(failure_message(&infra).mentions, []);
    for proof in [Told::Flaky(flaky(3, 3)), Told::NotYourChange(witnesses(1, 0)), broken_on_main("grace")] {
        let proven = FailureStory { mention: mention.clone(), proof: Some(proof), ..of(test_failure()) };
        assert_eq!(failure_message(&proven).mentions, []);
    }
    let mut bot = FailureStory { mention, ..of(test_failure()) };
    bot.run.author.bot = true;
    assert_eq!(failure_message(&bot).mentions, []);
}

#[test]
fn whose_move_it_is_comes_with_its_reason() {
    let mut bot = of(test_failure());
    bot.run.author = Person { bot: true, ..person("renovate[bot]") };
    let mut nobody = of(unknown(true));
    nobody.owners = vec!["@acme/payments".to_owned(), "@sam".to_owned()];
    let owned = |owner| of(Diagnosis { owner, ..test_failure() });
    let mut red_from_the_start = of(test_failure());
    red_from_the_start.origin = Origin::default();
    let began = |same_failure| {
        let origin = Origin { run: Some(first_run()), same_failure, green_before: true };
        FailureStory { origin, phase: Phase::StillBroken { runs: 3 }, ..of(test_failure()) }
    };
    let seen = |history, diagnosis| FailureStory { history: Some(history), ..of(diagnosis) };
    let proven = |proof, diagnosis| FailureStory { proof: Some(proof), ..of(diagnosis) };
    let long_ago = History { recent_times: 1, recent_repos: 1, ..history(14, 6, true) };
    let stories = vec![
        ("code", of(test_failure())),
        ("no green run known", red_from_the_start),
        ("began with another's run", began(true)),
        ("fails otherwise than at first", began(false)),
        ("of a bot", bot),
        ("infra", of(network())),
        ("an outage", seen(history(14, 2, true), network())),
        ("code in two repositories", seen(history(2, 2, true), test_failure())),
        ("code in three repositories", seen(history(3, 3, true), test_failure())),
        ("code in many, long ago", seen(long_ago, test_failure())),
        ("flaky by history", proven(Told::Flaky(flaky(3, 3)), test_failure())),
        ("mostly passed on retry", proven(Told::Flaky(flaky(4, 5)), test_failure())),
        ("flaky network", proven(Told::Flaky(Flaky { on_main: false, ..flaky(2, 2) }), network())),
        ("others had it", proven(Told::NotYourChange(witnesses(1, 0)), test_failure())),
        ("others had the outage", proven(Told::NotYourChange(witnesses(2, 1)), network())),
        ("red on main", proven(broken_on_main("grace"), test_failure())),
        ("red on main by somebody", proven(broken_on_main(""), test_failure())),
        ("proven to be new", proven(Told::NewInThisChange, test_failure())),
        ("before", seen(history(5, 1, true), test_failure())),
        ("not before", seen(history(1, 1, false), test_failure())),
        ("test", owned(Owner::Test)),
        ("dependency", owned(Owner::Dependency)),
        ("config", owned(Owner::Config)),
        ("security", owned(Owner::Security)),
        ("policy", owned(Owner::Policy)),
        ("flaky", owned(Owner::Flaky)),
        ("unknown", nobody),
        ("no failed job", story(Vec::new())),
    ];
    let said = stories.into_iter().map(|(name, story)| {
        let turn = whose_move(&story);
        let who = turn.person.map_or_else(String::new, |person| format!("@{} ", person.login));
        format!("{name}: {who}{}", turn.why)
    });
    let said: Vec<String> = said.collect();
    insta::assert_snapshot!(said.join("\n"), @"
    code: @ada The author of the change, ada: new with 9f2c1e7.
    no green run known: @ada The author of the change, ada.
    began with another's run: @grace The author of the change, grace: since aaaaaaa; it still fails with 9f2c1e7.
    fails otherwise than at first: @ada The author of the change, ada: new with 9f2c1e7.
    of a bot: Whoever looks after renovate[bot]'s change: new with 9f2c1e7.
    infra: The platform team, unless the change explains it.
    an outage: Hardly this change alone: seen 14 times in 2 repositories within a day. The platform team should look.
    code in two repositories: @ada The author of the change, ada — though the same failure was seen 2 times since 2026-03-04 09:12 UTC, so it may not be this change.
    code in three repositories: @ada The author of the change, ada — though the same failure was seen 3 times since 2026-03-04 09:12 UTC, so it may not be this change.
    code in many, long ago: @ada The author of the change, ada — though the same failure was seen 14 times since 2026-03-04 09:12 UTC, so it may not be this change.
    flaky by history: The owner of the flaky test. Flaky: it failed 3 of the last 40 runs on the main branch, and passed all 3 times it was re-run with nothing changed. A re-run may pass.
    mostly passed on retry: The owner of the flaky test. Flaky: it failed 3 of the last 40 runs on the main branch, and passed 4 of the 5 times it was re-run with nothing changed. A re-run may pass.
    flaky network: The platform team. Flaky: it failed 3 of the last 40 runs, and passed both times it was re-run with nothing changed. A re-run may pass.
    others had it: Not your change: cyd and grace had the same failure before it, on 2 branches and 3 commits of their own. Somebody should look who knows the whole project.
    others had the outage: Not your change: cyd and grace had the same failure before it, on 2 branches and 3 commits of their own in 2 repositories; it passed unchanged on 1 of these commits. The platform team should look.
    red on main: Not new in this change: main has failed the same way since aaaaaaa by grace, 2 runs in a row.
    red on main by somebody: Not new in this change: main has failed the same way since aaaaaaa, 2 runs in a row.
    proven to be new: @ada The author of the change, ada: new with 9f2c1e7.
    before: @ada The author of the change, ada — though the same failure was seen 5 times since 2026-03-04 09:12 UTC, so it may not be this change.
    not before: @ada The author of the change, ada: new with 9f2c1e7.
    test: @ada The owner of the test; the change is by ada: new with 9f2c1e7.
    dependency: Whoever maintains the dependencies; the change is by ada: new with 9f2c1e7.
    config: Whoever owns the pipeline's configuration; the change is by ada: new with 9f2c1e7.
    security: The security team: the scan found something that a person has to judge.
    policy: The author, to satisfy the policy.
    flaky: The owner of the flaky test: it failed and passed on the same code. A re-run may pass.
    unknown: Nobody yet: the cause is not known. Code owners here: @acme/payments and @sam.
    no failed job: Nobody yet: there is no log to judge by.
    ");
}

#[test]
fn broken_again_counts_in_place() {
    let story = FailureStory {
        phase: Phase::StillBroken { runs: 3 },
        history: Some(history(3, 1, false)),
        ..of(network())
    };
    insta::assert_snapshot!(main_text(&story), @"
    ↻ STILL BROKEN  payments · main · CI is still broken (×3) at “test (ubuntu, 3.12)”
      https://git.example/acme/payments/runs/418

      Network — The connection to `registry.example` was reset.

      test (ubuntu, 3.12)
        811 │ $ make check
      > 812 │ error: registry.example: Connection reset by peer
        813 │ make: *** [check] Error 1
        whole log: https://git.example/acme/payments/runs/418/job/19

      Whose move: The platform team, unless the change explains it.

      Try: Re-run the job; if it happens again, look at the status page of the registry.

      [log:811-813] Log of test (ubuntu, 3.12), lines 811–813
        “ error: registry.example: Connection reset by peer
        https://git.example/acme/payments/runs/418/job/19

      [Re-run failed jobs] [Mine, on it] [Right cause] [Wrong cause]
      CI #418 · 9f2c1e7 “Round refunds up” · by ada · took 5 min · 93 % sure · answered in 1.4 s
    ");
}

#[test]
fn what_breaks_and_is_mended_in_turns_is_flapping() {
    let flapping = |green: Option<Run>| FailureStory {
        phase: Phase::Flapping {
            breaks: 4,
            within: SignedDuration::from_mins(42),
            green: green.map(Box::new),
        },
        origin: Origin::default(),
        ..of(network())
    };
    let settled = Phase::Fixed {
        by: Box::new(green()),
        after: SignedDuration::from_mins(50),
        cure: Cure::Commit,
        flapped: Some(4),
    };
    let stories = [flapping(None), flapping(Some(green())), FailureStory { phase: settled, ..of(network()) }];
    insta::assert_snapshot!(stories.iter().map(main_text).collect::<Vec<_>>().join("\n\n"), @"
    ↻ STILL BROKEN  payments · main · CI is flapping (broke 4 times within 42 min), now red at “test
      (ubuntu, 3.12)”
      https://git.example/acme/payments/runs/418

      Network — The connection to `registry.example` was reset.

      test (ubuntu, 3.12)
        811 │ $ make check
      > 812 │ error: registry.example: Connection reset by peer
        813 │ make: *** [check] Error 1
        whole log: https://git.example/acme/payments/runs/418/job/19

      Whose move: The platform team, unless the change explains it.

      Try: Re-run the job; if it happens again, look at the status page of the registry.

      It breaks and is mended in turns: this message is kept up to date, and no further one is
      posted until it stays green.

      [log:811-813] Log of test (ubuntu, 3.12), lines 811–813
        “ error: registry.example: Connection reset by peer
        https://git.example/acme/payments/runs/418/job/19

      [Re-run failed jobs] [Mine, on it] [Right cause] [Wrong cause]
      CI #418 · 9f2c1e7 “Round refunds up” · by ada · took 5 min · 93 % sure · answered in 1.4 s


    • INFO  payments · main · CI is flapping (broke 4 times within 42 min), now green
      https://git.example/acme/payments/runs/421

      It was: Network — The connection to `registry.example` was reset.

      It breaks and is mended in turns: this message is kept up to date, and no further one is
      posted until it stays green.

      [Right cause] [Wrong cause]
      CI #421 · broke with CI #418, 9f2c1e7 “Round refunds up”


    ✓ FIXED  payments · main · CI is fixed by 77aa00b “Round once, at the end” after 50 min
      https://git.example/acme/payments/runs/421

      It was: Network — The connection to `registry.example` was reset.

      It broke 4 times before it stayed green.

      [Right cause] [Wrong cause]
      CI #421 · broke with CI #418, 9f2c1e7 “Round refunds up”
    ");
}

#[test]
fn a_fix_says_by_what_and_after_how_long() {
    let by_commit = Phase::Fixed {
        by: Box::new(green()),
        after: SignedDuration::from_mins(42),
        cure: Cure::Commit,
        flapped: None,
    };
    insta::assert_snapshot!(main_text(&FailureStory { phase: by_commit, ..of(test_failure()) }), @"
    ✓ FIXED  payments · main · CI is fixed by 77aa00b “Round once, at the end” after 42 min
      https://git.example/acme/payments/runs/421

      It was: Test failure — `test_refund_rounding` failed: expected 10.01, got 10.00.

      [Right cause] [Wrong cause]
      CI #421 · broke with CI #418, 9f2c1e7 “Round refunds up”
    ");

    let again = Run { at: RunRef { attempt: 2, ..run().at }, conclusion: Some(Conclusion::Success), ..run() };
    let allowed = Phase::Fixed {
        by: Box::new(run()),
        after: SignedDuration::ZERO,
        cure: Cure::NotNeeded,
        flapped: None,
    };
    insta::assert_snapshot!(main_text(&FailureStory { phase: allowed, ..of(test_failure()) }), @"
    ✓ FIXED  payments · main · CI is green after all: the job that failed may do so
      https://git.example/acme/payments/runs/418

      It was: Test failure — `test_refund_rounding` failed: expected 10.01, got 10.00.

      [Right cause] [Wrong cause]
      CI #418 · broke with CI #418, 9f2c1e7 “Round refunds up”
    ");

    let retried = Phase::Fixed {
        by: Box::new(again),
        after: SignedDuration::from_secs(95),
        cure: Cure::Retry,
        flapped: None,
    };
    let story = FailureStory { phase: retried, rerun: Some(rerun("done", None)), ..of(network()) };
    insta::assert_snapshot!(main_text(&story), @"
    ✓ FIXED  payments · main · CI is fixed by a re-run after 1 min
      https://git.example/acme/payments/runs/418

      It was: Network — The connection to `registry.example` was reset.

      sam re-ran the failed jobs and they passed, with nothing changed.

      [Right cause] [Wrong cause]
      CI #418, attempt 2 · broke with CI #418, 9f2c1e7 “Round refunds up”
    ");
}

#[test]
fn nobody_is_thanked_for_a_re_run_that_did_not_start() {
    let again = Run { at: RunRef { attempt: 2, ..run().at }, ..run() };
    for (state, diagnosis) in [("failed", network()), ("running", network()), ("failed", unknown(true))] {
        let phase = Phase::Fixed {
            by: Box::new(again.clone()),
            after: SignedDuration::from_secs(95),
            cure: Cure::Retry,
            flapped: None,
        };
        let text = paragraphs(&FailureStory { phase, rerun: Some(rerun(state, None)), ..of(diagnosis) });
        assert!(!text.contains("sam"), "{text}");
        assert!(!text.contains("I don't know"), "what it was is left out where it is not known: {text}");
    }
}

#[test]
fn jobs_without_a_verdict_do_not_fail_alike() {
    let jobs = ["a", "b"].map(|name| job(name, unknown(false)));
    let text = paragraphs(&story(jobs.into()));
    assert!(!text.contains("alike"), "{text}");
}

#[test]
fn without_a_verdict_it_does_not_pretend_to_know() {
    insta::assert_snapshot!(main_text(&of(unknown(true))), @"
    ✗ BROKEN  payments · main · CI broke at “test (ubuntu, 3.12)”
      https://git.example/acme/payments/runs/418

      I don't know the cause. These are the most telling lines:

      test (ubuntu, 3.12)
        811 │ $ make check
      > 812 │ something odd happened here
        813 │ make: *** [check] Error 1
        whole log: https://git.example/acme/payments/runs/418/job/19

      Whose move: Nobody yet: the cause is not known.

      [log:811-813] Log of test (ubuntu, 3.12), lines 811–813
        “ something odd happened here
        https://git.example/acme/payments/runs/418/job/19

      [Re-run failed jobs] [Mine, on it] [I know the cause]
      CI #418 · 9f2c1e7 “Round refunds up” · by ada · took 5 min · answered in 1.4 s
    ");
    insta::assert_snapshot!(main_text(&of(unknown(false))), @"
    ✗ BROKEN  payments · main · CI broke at “test (ubuntu, 3.12)”
      https://git.example/acme/payments/runs/418

      I don't know the cause, and the log shows no telling line.

      Whose move: Nobody yet: the cause is not known.

      [Re-run failed jobs] [Mine, on it] [I know the cause]
      CI #418 · 9f2c1e7 “Round refunds up” · by ada · took 5 min · answered in 1.4 s
    ");
    for lines in [true, false] {
        let text = main_text(&of(unknown(lines)));
        assert!(text.contains("I don't know the cause"), "{text}");
        assert!(!text.contains("new with"), "{text}");
    }
}

#[test]
fn a_run_without_a_failed_job_is_told_by_how_it_ended() {
    let ended = |conclusion| {
        let mut story = story(Vec::new());
        story.run.conclusion = Some(conclusion);
        assert!(detail_message(&story).is_none());
        story
    };
    insta::assert_snapshot!(main_text(&ended(Conclusion::StartupFailure)), @"
    ✗ BROKEN  payments · main · CI broke
      https://git.example/acme/payments/runs/418

      The run could not start: no job ran. This is usually a mistake in the workflow file; the run's
      page names the line.

      Whose move: Nobody yet: there is no log to judge by.

      [Mine, on it]
      CI #418 · 9f2c1e7 “Round refunds up” · by ada · took 5 min · answered in 1.4 s
    ");
    insta::assert_snapshot!(paragraphs(&ended(Conclusion::TimedOut)), @"
    The run was stopped by its time limit and no job reports a failure.
    Whose move: Nobody yet: there is no log to judge by.
    ");
    insta::assert_snapshot!(paragraphs(&ended(Conclusion::Failure)), @"
    The run failed, but no job of it reports a failure. The run's page may say more.
    Whose move: Nobody yet: there is no log to judge by.
    ");
}

#[test]
fn further_failed_jobs_are_told_in_a_line_and_in_the_thread() {
    let mut jobs = vec![job("test (3.12)", test_failure())];
    jobs.extend(
        ["test (3.9)", "test (3.10)", "test (3.11)", "test (3.13)"].map(|name| job(name, test_failure())),
    );
    jobs.push(job("publish", network()));
    let mut story = story(jobs);
    story.unread_jobs = 7;
    insta::assert_snapshot!(paragraphs(&story), @"
    Test failure — `test_refund_rounding` failed: expected 10.01, got 10.00.
    Whose move: The author of the change, ada: new with 9f2c1e7.
    Also: test (3.9), test (3.10), test (3.11) and 1 more fail alike. Another failure in publish:
    see the thread. 7 more failed jobs were not read.
    Try: Run `pytest -k refund` on your machine.
    ");
    let thread = render_text(&detail_message(&story).unwrap());
    assert!(thread.contains("publish: The connection to `registry.example` was reset."), "{thread}");
    insta::assert_snapshot!(thread, @"
    • INFO  What the log of “test (3.12)” says

      test (3.12)
        811 │ $ make check
      > 812 │ E  AssertionError: assert Decimal('10.00') == Decimal('10.01')
        813 │ make: *** [check] Error 1
        whole log: https://git.example/acme/payments/runs/418/job/11

      publish: The connection to `registry.example` was reset.

      If that does not help: Look at the last change of `refund.py`.

      Grouped by: `v2:E  AssertionError: assert Decimal('10.00') == Decimal('10.01')`

      [log:811-813] Log of test (3.12), lines 811–813
        “ E  AssertionError: assert Decimal('10.00') == Decimal('10.01')
        https://git.example/acme/payments/runs/418/job/11

      [log:811-813] Log of publish, lines 811–813
        “ error: registry.example: Connection reset by peer
        https://git.example/acme/payments/runs/418/job/7
    ");
}

#[test]
fn a_log_that_could_not_be_had_is_said_beside_the_best_verdict() {
    let mut story = of(unknown(false));
    story.jobs[0].log_problem = Some(crate::text::failure::log_unavailable("it has expired"));
    insta::assert_snapshot!(paragraphs(&story), @"
    I don't know the cause.
    The log could not be read: it has expired.
    Whose move: Nobody yet: the cause is not known.
    ");
    let mut story = of(test_failure());
    story.jobs[0].log_problem = Some(crate::text::failure::log_cut(500));
    insta::assert_snapshot!(paragraphs(&story), @"
    Test failure — `test_refund_rounding` failed: expected 10.01, got 10.00.
    The log is very large: only its first 500 MB were read.
    Whose move: The author of the change, ada: new with 9f2c1e7.
    Try: Run `pytest -k refund` on your machine.
    ");
}

#[test]
fn who_is_on_it_and_what_was_set_off_is_shown_and_the_buttons_follow() {
    let claimed = FailureStory { claimed_by: Some("sam".to_owned()), ..of(network()) };
    let with = |state: &str, result| FailureStory { rerun: Some(rerun(state, result)), ..of(network()) };
    let mut running_on = of(network());
    running_on.run.conclusion = None;
    let told = [
        ("new", of(network())),
        ("claimed", claimed),
        ("running", with("running", None)),
        ("done", with("done", None)),
        ("failed", with("failed", Some("grant `Actions: write` for acme/payments"))),
        ("not ended", running_on),
    ]
    .map(|(name, story)| {
        let said = paragraphs(&story).lines().last().unwrap_or_default().to_owned();
        format!("{name}: {said}\n  {}", buttons(&story).join(", "))
    });
    insta::assert_snapshot!(told.join("\n"), @"
    new: Try: Re-run the job; if it happens again, look at the status page of the registry.
      rerun_failed=b1 88001234567 1, claim=b1, feedback_up=b1, feedback_down=b1
    claimed: sam is on it.
      rerun_failed=b1 88001234567 1, feedback_up=b1, feedback_down=b1
    running: A re-run of the failed jobs is on its way, asked for by sam.
      claim=b1, feedback_up=b1, feedback_down=b1
    done: Failed jobs are running again, asked for by sam.
      claim=b1, feedback_up=b1, feedback_down=b1
    failed: The re-run that sam asked for could not be started: grant `Actions: write` for acme/payments
      rerun_failed=b1 88001234567 1, claim=b1, feedback_up=b1, feedback_down=b1
    not ended: Try: Re-run the job; if it happens again, look at the status page of the registry.
      claim=b1, feedback_up=b1, feedback_down=b1
    ");
}

#[test]
fn outside_text_is_shown_and_obeyed_by_nobody() {
    let evil = "<!channel> @everyone [x](https://evil.example) `rm` \u{1b}[31m\u{202e}\n## Fixed";
    let mut story = story(vec![
        job(evil, verdict(Category::TestFailure, Owner::Code, evil, evil, &[evil])),
        job(evil, network()),
    ]);
    story.run.title = evil.to_owned();
    story.run.branch = evil.to_owned();
    story.run.workflow = evil.to_owned();
    story.run.author.login = evil.to_owned();
    story.claimed_by = Some(evil.to_owned());
    story.owners = vec![evil.to_owned()];
    story.changes =
        Some(Changes { commits: vec![commit("9f2c1e7b", evil)], total_commits: 1, ..Changes::default() });
    insta::assert_snapshot!(main_text(&story), @"
    ✗ BROKEN  payments · <!channel> @everyone [x](https://evil.example) `rm` [31m� #… · <!channel>
      @everyone [x](https://evil.e… broke at “<!channel> @everyone [x](https://evil.example) `rm`
      [31m� #…”
      https://git.example/acme/payments/runs/418

      Test failure — <!channel> @everyone [x](https://evil.example) `rm` [31m� ## Fixed.

      <!channel> @everyone [x](https://evil.example) `rm` �[31m�
      ## Fixed
        811 │ $ make check
      > 812 │ <!channel> @everyone [x](https://evil.example) `rm` �[31m��## Fixed
        813 │ make: *** [check] Error 1
        whole log: https://git.example/acme/payments/runs/418/job/69

      Whose move: The author of the change, <!channel> @everyone [x](https://evil.e…: new with
      9f2c1e7.

      Also: Another failure in <!channel> @everyone [x](https://evil.example) `rm` �[31m�
      ## Fixed: see the thread.

      Changed since green: 9f2c1e7 (https://git.example/acme/payments/commit/9f2c1e7b) <!channel>
      @everyone [x](https://evil.example) `rm` [31m� #…

      Try: <!channel> @everyone [x](https://evil.example) `rm` [31m� ## Fixed.

      <!channel> @everyone [x](https://evil.example) `rm` [31m� #… is on it.

      [log:811-813] Log of <!channel> @everyone [x](https://evil.example) `rm` �[31m�
        ## Fixed, lines 811–813
        “ <!channel> @everyone [x](https://evil.example) `rm` �[31m�
        “ ## Fixed
        https://git.example/acme/payments/runs/418/job/69

      [Re-run failed jobs] [Right cause] [Wrong cause]
      <!channel> @everyone [x](https://evil.e… #418 · 9f2c1e7 “<!channel> @everyone
      [x](https://evil.example) `rm` [31m� #…” · by <!channel> @everyone [x](https://evil.example)
      `rm` [31m� #… · took 5 min · 93 % sure · answered in 1.4 s
    ");

    for message in [failure_message(&story), detail_message(&story).unwrap()] {
        assert_eq!(message.mentions, []);
        let rendered = slack::render(&message);
        assert_eq!(faults(&rendered), Vec::<String>::new());
        let blocks = serde_json::to_string(&(&rendered.main, &rendered.thread)).unwrap();
        assert!(!blocks.contains("<!channel>") && !blocks.contains("<https://evil"), "{blocks}");
    }
}

/// Lines of the main message as a person counts them: no empty ones, without sources, buttons and small print.
fn lines_read(story: &FailureStory) -> usize {
    let mut message = failure_message(story);
    message.citations.clear();
    message.actions.clear();
    message.footer.clear();
    message.url = None;
    render_text(&message).lines().filter(|line| !line.trim().is_empty()).count()
}

#[test]
fn the_main_message_is_short() {
    assert!(lines_read(&of(network())) <= 12);
}

/// What Slack would refuse in any page.
fn faults(rendered: &Rendered) -> Vec<String> {
    std::iter::once(&rendered.main)
        .chain(&rendered.thread)
        .flat_map(|page| {
            world::slack::validate_message(&serde_json::json!({ "text": page.text, "blocks": page.blocks }))
        })
        .collect()
}

/// Text of the kinds that break things: markup, wide signs, nothing at all, and a lot of it.
fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z .!?]{0,40}",
        "[*_~`<>&|@#:!\"\\\\\n\t ]{0,40}",
        "\\PC{0,40}",
        Just("<!channel>".to_owned()),
        Just("🔥\u{200b}\u{202e}\u{0}```".to_owned()),
    ];
    prop_oneof![4 => piece.clone(), 1 => (piece, 1_usize..600).prop_map(|(piece, times)| piece.repeat(times))]
}

prop_compose! {
    fn diagnoses()(
        summary in words(),
        (key, line) in (words(), any::<u64>()),
        shown in proptest::collection::vec((any::<u64>(), words(), any::<bool>()), 0..30),
        explains in proptest::collection::vec((any::<u64>(), any::<u64>()), 0..3),
        fix in proptest::collection::vec(words(), 0..4),
        found in proptest::collection::vec((words(), any::<u64>()), 0..8),
        (known, evident, confidence) in (any::<bool>(), any::<bool>(), 0.0..=1.0),
        fingerprint in words(),
    ) -> Diagnosis {
        let key_line = KeyLine { line, text: key };
        Diagnosis {
            verdict: if known { Verdict::Failed } else { Verdict::Unknown },
            confidence,
            summary,
            key_line: evident.then_some(key_line),
            explains,
            fingerprint,
            findings: found
                .into_iter()
                .map(|(text, line)| Finding {
                    rule: "a.b".to_owned(),
                    category: Category::Network,
                    lines: (line, line),
                    confidence,
                    summary: text.clone(),
                    key_line: KeyLine { line, text },
                })
                .collect(),
            excerpt: shown.into_iter().map(|(number, text, key)| ExcerptLine { number, text, key }).collect(),
            fix,
            ..test_failure()
        }
    }
}

prop_compose! {
    fn stories()(
        jobs in proptest::collection::vec((words(), diagnoses(), proptest::option::of(words())), 0..5),
        (branch, workflow, title, login) in (words(), words(), words(), words()),
        commits in proptest::collection::vec((words(), words(), words()), 0..6),
        (files, owners) in (proptest::collection::vec(words(), 0..20), proptest::collection::vec(words(), 0..6)),
        passages in proptest::collection::vec((words(), words(), words(), proptest::option::of(words())), 0..4),
        (claimed_by, result) in (proptest::option::of(words()), proptest::option::of(words())),
        (phase, unread_jobs) in (0..7, 0_usize..100),
    ) -> FailureStory {
        let jobs = jobs
            .into_iter()
            .map(|(name, diagnosis, log_problem)| JobReading { log_problem, ..job(&name, diagnosis) })
            .collect();
        let total_commits = commits.len() as u64 * 2;
        let commits =
            commits.into_iter().map(|(sha, title, url)| Commit { url, ..commit(&sha, &title) }).collect();
        let fixed = |cure| Phase::Fixed { by: Box::new(green()), after: SignedDuration::MAX, cure, flapped: None };
        let flapping = |green| Phase::Flapping { breaks: u64::MAX, within: SignedDuration::MAX, green };
        FailureStory {
            run: Run { branch, workflow, title, author: person(&login), ..run() },
            phase: match phase {
                0 => Phase::Broken,
                1 => Phase::StillBroken { runs: u64::MAX },
                2 => fixed(Cure::Commit),
                3 => fixed(Cure::Retry),
                4 => flapping(None),
                5 => flapping(Some(Box::new(green()))),
                _ => fixed(Cure::NotNeeded),
            },
            unread_jobs,
            changes: Some(Changes { commits, total_commits, files, url: String::new() }),
            passages: passages
                .into_iter()
                .map(|(document, label, quote, url)| Passage {
                    anchor: document.clone(),
                    document,
                    label,
                    url,
                    quote,
                    relevance: 1.0,
                })
                .collect(),
            owners,
            claimed_by,
            rerun: Some(RerunState { result, ..rerun("failed", None) }),
            mention: Some(Mention { id: "U0ADA".to_owned(), name: login }),
            ..story(jobs)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_story_fits_slack(story in stories()) {
        for message in [Some(failure_message(&story)), detail_message(&story)].into_iter().flatten() {
            let rendered = slack::render(&message);
            prop_assert_eq!(faults(&rendered), Vec::<String>::new());
            prop_assert!(message.headline.chars().count() <= 300, "{}", message.headline);
        }
    }
}

/// The same failure in several repositories, the last of them mended if `mended`.
fn alike(names: &[&str], mended: usize) -> Vec<FailureStory> {
    let story = |(position, name): (usize, &&str)| {
        let mut story = of(network());
        story.run.at.repo = format!("acme/{name}");
        story.run.url = format!("https://git.example/acme/{name}/runs/418");
        if position + mended >= names.len() {
            let by = Run { at: RunRef { repo: story.run.at.repo.clone(), ..green().at }, ..green() };
            let after = SignedDuration::from_mins(40 + i64::try_from(position).unwrap());
            story.phase = Phase::Fixed { by: Box::new(by), after, cure: Cure::Retry, flapped: None };
        }
        story
    };
    names.iter().enumerate().map(story).collect()
}

#[test]
fn many_repositories_with_one_cause_are_one_message() {
    let names = ["admin", "billing", "payments", "web"];
    let many: Vec<String> = (0..20).map(|number| format!("service-{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let shown: Vec<String> = [alike(&names, 0), alike(&many, 15), alike(&names, 4)]
        .iter()
        .map(|stories| render_text(&incident_message(stories)))
        .collect();
    insta::assert_snapshot!(shown.join("\n\n"), @"
    ✗ BROKEN  4 repositories broke with the same cause

      Network — The connection to `registry.example` was reset.

      test (ubuntu, 3.12)
        811 │ $ make check
      > 812 │ error: registry.example: Connection reset by peer
        813 │ make: *** [check] Error 1
        whole log: https://git.example/acme/payments/runs/418/job/19

      Whose move: Hardly any one change, as they broke alike. The platform team should look.

      Red: admin · main · CI (https://git.example/acme/admin/runs/418), billing · main · CI
      (https://git.example/acme/billing/runs/418), payments · main · CI
      (https://git.example/acme/payments/runs/418), web · main · CI
      (https://git.example/acme/web/runs/418)

      Try: Re-run the job; if it happens again, look at the status page of the registry.

      [log:811-813] Log of test (ubuntu, 3.12), lines 811–813
        “ error: registry.example: Connection reset by peer
        https://git.example/acme/payments/runs/418/job/19

      more on each in the thread


    ✗ BROKEN  20 repositories broke with the same cause, 15 of them recovered

      Network — The connection to `registry.example` was reset.

      test (ubuntu, 3.12)
        811 │ $ make check
      > 812 │ error: registry.example: Connection reset by peer
        813 │ make: *** [check] Error 1
        whole log: https://git.example/acme/payments/runs/418/job/19

      Whose move: Hardly any one change, as they broke alike. The platform team should look.

      Red: service-0 · main · CI (https://git.example/acme/service-0/runs/418), service-1 · main ·
      CI (https://git.example/acme/service-1/runs/418), service-2 · main · CI
      (https://git.example/acme/service-2/runs/418), service-3 · main · CI
      (https://git.example/acme/service-3/runs/418), service-4 · main · CI
      (https://git.example/acme/service-4/runs/418)

      Recovered: service-5 · main · CI (https://git.example/acme/service-5/runs/418), service-6 ·
      main · CI (https://git.example/acme/service-6/runs/418), service-7 · main · CI
      (https://git.example/acme/service-7/runs/418), service-8 · main · CI
      (https://git.example/acme/service-8/runs/418), service-9 · main · CI
      (https://git.example/acme/service-9/runs/418), service-10 · main · CI
      (https://git.example/acme/service-10/runs/418), service-11 · main · CI
      (https://git.example/acme/service-11/runs/418), service-12 · main · CI
      (https://git.example/acme/service-12/runs/418), service-13 · main · CI
      (https://git.example/acme/service-13/runs/418), service-14 · main · CI
      (https://git.example/acme/service-14/runs/418), service-15 · main · CI
      (https://git.example/acme/service-15/runs/418), service-16 · main · CI
      (https://git.example/acme/service-16/runs/418) and 3 more

      Try: Re-run the job; if it happens again, look at the status page of the registry.

      [log:811-813] Log of test (ubuntu, 3.12), lines 811–813
        “ error: registry.example: Connection reset by peer
        https://git.example/acme/payments/runs/418/job/19

      more on each in the thread


    ✓ FIXED  4 repositories that broke with the same cause recovered, the last after 43 min

      It was: Network — The connection to `registry.example` was reset.

      Recovered: admin · main · CI (https://git.example/acme/admin/runs/418), billing · main · CI
      (https://git.example/acme/billing/runs/418), payments · main · CI
      (https://git.example/acme/payments/runs/418), web · main · CI
      (https://git.example/acme/web/runs/418)

      more on each in the thread
    ");
    let folded = folded_message(&alike(&names, 0)[0]);
    insta::assert_snapshot!(render_text(&folded), @"
    ✗ BROKEN  admin · main · CI broke like others
      https://git.example/acme/admin/runs/418

      It is told with the others in the message that names them all; this one is kept for its
      buttons and its end.

      [Re-run failed jobs] [Mine, on it] [Right cause] [Wrong cause]
      CI #418 · 9f2c1e7 “Round refunds up” · by ada · took 5 min · 93 % sure · answered in 1.4 s
    ");
}

#[test]
fn what_happened_in_quiet_hours_is_summed_up() {
    let mut stories = alike(&["admin", "billing", "web"], 1);
    stories[0].phase = Phase::Flapping { breaks: 5, within: SignedDuration::from_mins(42), green: None };
    stories.push(of(unknown(false)));
    let over = alike(&["admin"], 1);
    let shown: Vec<String> =
        [stories, over].iter().map(|stories| render_text(&quiet_message(stories))).collect();
    insta::assert_snapshot!(shown.join("\n\n"), @"
    ✗ BROKEN  While it was quiet: 4 pipelines broke, 3 are still red

      admin · main · CI (https://git.example/acme/admin/runs/418) is flapping: it broke 5 times.

      billing · main · CI (https://git.example/acme/billing/runs/418) is red. Network — The
      connection to `registry.example` was reset.

      payments · main · CI (https://git.example/acme/payments/runs/418) is red. I don't know the
      cause.

      web · main · CI (https://git.example/acme/web/runs/418) broke and is green again since, after
      42 min.

      more on each in the thread


    ✓ FIXED  While it was quiet: 1 pipeline broke, and is green again

      admin · main · CI (https://git.example/acme/admin/runs/418) broke and is green again since,
      after 40 min.

      more on each in the thread
    ");
}
