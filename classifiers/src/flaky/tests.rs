//! What proves something, and what does not.

use proptest::prelude::*;

use super::*;

const MINUTE: i64 = 60_000;

/// An attempt in minutes: `who branch sha.attempt outcome`.
fn did(at: i64, what: &str) -> Attempt {
    let mut words = what.split(' ');
    let mut next = || words.next().unwrap().to_owned();
    let (author, branch, sha, outcome) = (next(), next(), next(), next());
    let (sha, attempt) = sha.split_once('.').map_or((sha.as_str(), "1"), |(sha, attempt)| (sha, attempt));
    Attempt {
        at: at * MINUTE,
        repo: "github:acme/pay".to_owned(),
        workflow: "CI".to_owned(),
        run: format!("run of {sha} on {branch}"),
        attempt: attempt.parse().unwrap(),
        main: branch == "main",
        branch,
        sha: sha.to_owned(),
        bot: author.ends_with("[bot]"),
        author: if author == "-" { String::new() } else { author },
        outcome: match outcome.as_str() {
            "passed" => Outcome::Passed,
            "failed" => Outcome::Failed,
            "otherwise" => Outcome::Otherwise,
            other => panic!("{other} is no outcome"),
        },
    }
}

fn history(lines: &[&str]) -> Vec<Attempt> {
    (0..).zip(lines).map(|(number, what)| did(number * 10, what)).collect()
}

/// The last line is the failure that is asked about.
fn told(lines: &[&str], environment: bool) -> Option<Told> {
    let all = history(lines);
    judge(all.last().unwrap(), environment, &all)
}

/// Thirty green runs of the main branch, two of which passed only on retry.
fn flaky_main() -> Vec<&'static str> {
    let names: Vec<String> = (0..30)
        .flat_map(|run| {
            let failed = (run == 8 || run == 17).then(|| format!("ada main m{run} failed"));
            let attempt = if failed.is_some() { 2 } else { 1 };
            failed.into_iter().chain([format!("ada main m{run}.{attempt} passed")])
        })
        .collect();
    names.into_iter().map(|name| &*name.leak()).collect()
}

#[test]
fn a_failure_that_passed_unchanged_twice_is_flaky_with_numbers() {
    let mut lines = flaky_main();
    lines.push("bob topic t1 failed");
    let Some(Told::Flaky(flaky)) = told(&lines, false) else { panic!("{:?}", told(&lines, false)) };
    assert_eq!((flaky.failed, flaky.of, flaky.on_main), (2, 30, true));
    assert_eq!((flaky.passed_on_retry, flaky.retried), (2, 2));
    assert!((flaky.rate - 2.5 / 31.0).abs() < 1e-9);
    assert!(flaky.probability > 0.97, "{}", flaky.probability);
    assert_eq!(flaky.since, 80 * MINUTE);
}

#[test]
fn the_same_test_may_break_for_good() {
    let mut lines = flaky_main();
    lines.extend(["bob topic t1 failed", "bob topic t1.2 failed"]);
    assert_eq!(told(&lines, false), None, "failing twice in a row is no chance at this rate");
    let mut lines = flaky_main();
    lines.extend(["cyd main m90 failed", "cyd main m91 failed", "bob topic t1 failed"]);
    assert!(matches!(told(&lines, false), Some(Told::BrokenOnMain(_))), "{:?}", told(&lines, false));
}

#[test]
fn once_is_no_proof() {
    let lines = ["ada main m1 failed", "ada main m1.2 passed", "bob topic t1 failed"];
    assert_eq!(told(&lines, false), None);
}

#[test]
fn what_stays_red_when_tried_again_is_not_flaky() {
    let mut lines = flaky_main();
    lines.extend([
        "cyd a a1 failed",
        "cyd a a1.2 failed",
        "dan b b1 failed",
        "dan b b1.2 failed",
        "cyd a a2 passed",
    ]);
    lines.extend(["dan b b2 passed", "bob topic t1 failed"]);
    assert_eq!(told(&lines, false), None);
}

#[test]
fn red_on_main_before_is_broken_on_main() {
    let lines = ["ada main m1 passed", "ada main m2 failed", "cyd main m3 failed", "bob topic t1 failed"];
    let Some(Told::BrokenOnMain(broken)) = told(&lines, false) else { panic!() };
    assert_eq!((broken.since_sha.as_str(), broken.author.as_str(), broken.runs), ("m2", "ada", 2));
}

#[test]
fn main_green_again_or_broken_by_this_very_branch_is_not() {
    for lines in [
        &["ada main m2 failed", "ada main m3 passed", "bob topic t1 failed"][..],
        &["bob topic t0 failed", "ada main m2 failed", "bob topic t1 failed"],
        &["bob other t0 failed", "cyd main m2 failed", "bob topic t1 failed"],
        &["ada main m2 failed", "ada main m3 otherwise", "bob topic t1 failed"],
        &["bob main t1 failed", "bob topic t1 failed"],
        &["ada main m1 failed", "bob main m2 failed"],
    ] {
        assert!(!matches!(told(lines, false), Some(Told::BrokenOnMain(_))), "{lines:?}");
    }
}

#[test]
fn others_prove_that_it_is_not_your_change() {
    let lines = [
        "ada a a1 failed",
        "cyd c c1 failed",
        "dan d d1 failed",
        "eve e e1 failed",
        "fay f f1 failed",
        "bob topic t1 failed",
    ];
    let Some(Told::NotYourChange(witnesses)) = told(&lines, true) else { panic!() };
    assert_eq!(witnesses.authors, ["ada", "cyd", "dan", "eve", "fay"]);
    assert_eq!((witnesses.branches, witnesses.commits, witnesses.repos), (5, 5, 1));
    assert_eq!(told(&["ada a a1 failed", "cyd c c1 failed", "bob topic t1 failed"], true), None, "too few");
    let one = ["ada a a1 failed", "ada a a1.2 passed", "bob topic t1 failed"];
    assert!(matches!(told(&one, true), Some(Told::NotYourChange(_))), "it passed unchanged there");
    assert_eq!(told(&one, false), None, "a kind that changes cause needs more");
}

#[test]
fn what_is_no_witness() {
    for lines in [
        // The same person, an unknown one, a machine, the same branch, the same commit.
        &[
            "bob a a1 failed",
            "bob c c1 failed",
            "bob d d1 failed",
            "bob e e1 failed",
            "bob f f1 failed",
            "bob topic t1 failed",
        ][..],
        &[
            "- a a1 failed",
            "- c c1 failed",
            "- d d1 failed",
            "- e e1 failed",
            "- f f1 failed",
            "bob topic t1 failed",
        ],
        &[
            "ada a a1 failed",
            "cyd c c1 failed",
            "dan d d1 failed",
            "eve e e1 failed",
            "fay f f1 failed",
            "- topic t1 failed",
        ],
        &[
            "x[bot] a a1 failed",
            "y[bot] c c1 failed",
            "z[bot] d d1 failed",
            "v[bot] e e1 failed",
            "w[bot] f f1 failed",
            "bob topic t1 failed",
        ],
        &[
            "ada topic a1 failed",
            "cyd topic c1 failed",
            "dan topic d1 failed",
            "eve topic e1 failed",
            "fay topic f1 failed",
            "bob topic t1 failed",
        ],
        &[
            "ada a t1 failed",
            "cyd c t1 failed",
            "dan d t1 failed",
            "eve e t1 failed",
            "fay f t1 failed",
            "bob topic t1 failed",
        ],
        // A merge queue tries out my change.
        &[
            "ada gh-readonly-queue/main/pr-1-t1 a1 failed",
            "cyd gh-readonly-queue/main/pr-2-c c1 failed",
            "bob topic t1 failed",
        ],
        // They had it after me: my commits may have travelled.
        &[
            "bob topic t0 failed",
            "ada a a1 failed",
            "cyd c c1 failed",
            "dan d d1 failed",
            "bob topic t1 failed",
        ],
        &[
            "bob other t0 failed",
            "ada a a1 failed",
            "cyd c c1 failed",
            "dan d d1 failed",
            "bob topic t1 failed",
        ],
        // Each mended his own.
        &[
            "ada a a1 failed",
            "ada a a2 passed",
            "cyd c c1 failed",
            "cyd c c2 passed",
            "dan d d1 failed",
            "bob topic t1 failed",
        ],
    ] {
        assert!(!matches!(told(lines, true), Some(Told::NotYourChange(_))), "{lines:?}");
    }
}

#[test]
fn never_seen_on_green_ground_is_new() {
    assert_eq!(told(&["ada main m1 passed", "bob topic t1 failed"], false), Some(Told::NewInThisChange));
    assert_eq!(told(&["ada main m1 otherwise", "bob topic t1 failed"], false), None);
    assert_eq!(told(&["bob topic t1 failed"], false), None);
}

fn some_attempt() -> impl Strategy<Value = Attempt> {
    let words = (
        0i64..3000,
        prop::sample::select(vec!["ada", "bob", "cyd", "dan", "eve", "x[bot]", "-"]),
        prop::sample::select(vec!["main", "a", "b", "c", "topic", "staging"]),
        0u8..12,
        1u32..4,
        prop::sample::select(vec!["passed", "failed", "failed", "otherwise"]),
    );
    words.prop_map(|(at, author, branch, sha, attempt, outcome)| {
        did(at, &format!("{author} {branch} s{sha}.{attempt} {outcome}"))
    })
}

fn is_excuse(told: Option<&Told>) -> bool {
    matches!(told, Some(Told::NotYourChange(_)))
}

proptest! {
    #[test]
    fn order_and_repetition_do_not_matter(
        (history, shuffled) in prop::collection::vec(some_attempt(), 0..40)
            .prop_flat_map(|history| (Just(history.clone()), Just(history).prop_shuffle())),
        environment: bool,
    ) {
        let now = did(3000, "bob topic now failed");
        let doubled: Vec<Attempt> = shuffled.iter().chain(&shuffled).cloned().collect();
        prop_assert_eq!(judge(&now, environment, &history), judge(&now, environment, &doubled));
    }

    /// A further failure of one's own, whenever and wherever, is never an excuse.
    #[test]
    fn own_failures_excuse_nothing(
        history in prop::collection::vec(some_attempt(), 0..40), at in 0i64..3000, environment: bool,
        branch in prop::sample::select(vec!["a", "b", "topic", "fresh"]), sha in 0u8..40,
    ) {
        let now = did(3000, "bob topic now failed");
        let own = did(at, &format!("bob {branch} own{sha} failed"));
        let before = judge(&now, environment, &history);
        let mut more = history;
        more.push(own);
        let after = judge(&now, environment, &more);
        // A verdict of another kind may fall away and leave what stood behind it.
        prop_assert!(!is_excuse(after.as_ref()) || is_excuse(before.as_ref()) || matches!(before, Some(Told::Flaky(_) | Told::BrokenOnMain(_))));
    }

    /// Whoever is excused has another author, another branch and another commit to show, all before.
    #[test]
    fn an_excuse_names_others(history in prop::collection::vec(some_attempt(), 0..60), environment: bool) {
        let now = did(3000, "bob topic now failed");
        if let Some(Told::NotYourChange(witnesses)) = judge(&now, environment, &history) {
            prop_assert!(!witnesses.authors.is_empty());
            prop_assert!(witnesses.authors.iter().all(|author| author != "bob" && !author.is_empty()));
            prop_assert!(witnesses.branches > 0 && witnesses.commits > 0);
        }
    }

    /// Flakiness is never claimed without two commits that failed and passed unchanged.
    #[test]
    fn flaky_needs_two_flips(history in prop::collection::vec(some_attempt(), 0..60), environment: bool) {
        let now = did(3000, "bob topic now failed");
        if let Some(Told::Flaky(flaky)) = judge(&now, environment, &history) {
            prop_assert!(flaky.passed_on_retry >= 2 && flaky.passed_on_retry <= flaky.retried);
            prop_assert!(flaky.failed <= flaky.of && flaky.rate > 0.0 && flaky.rate < 1.0);
            prop_assert!(flaky.probability >= 0.95);
        }
    }

    /// What comes later changes nothing.
    #[test]
    fn the_future_does_not_count(
        history in prop::collection::vec(some_attempt(), 0..30), later in prop::collection::vec(some_attempt(), 0..30), environment: bool,
    ) {
        let now = did(3000, "bob topic now failed");
        let before = judge(&now, environment, &history);
        let mut more = history;
        more.extend(later.into_iter().map(|past| Attempt { at: past.at + 3001 * MINUTE, ..past }));
        prop_assert_eq!(judge(&now, environment, &more), before);
    }
}
