use std::sync::LazyLock;

use proptest::prelude::*;

use crate::{Category, Classifier, Diagnosis, Hints, Note, Verdict};

static BUILTIN: LazyLock<Classifier> = LazyLock::new(|| Classifier::builtin().unwrap());

fn read(log: &[u8]) -> Diagnosis {
    BUILTIN.read(log, Hints::default()).unwrap()
}

#[test]
fn an_empty_log_says_so() {
    let diagnosis = read(b"");
    assert_eq!((diagnosis.verdict, diagnosis.category), (Verdict::Unknown, Category::Unknown));
    assert_eq!(diagnosis.notes, [Note::EmptyLog]);
}

#[test]
fn an_empty_log_of_a_failed_job_is_not_called_passed() {
    let hints = Hints { conclusion_failed: Some(true), ..Hints::default() };
    let diagnosis = BUILTIN.read(&b""[..], hints).unwrap();
    assert_eq!(diagnosis.verdict, Verdict::Failed);
    assert!(diagnosis.notes.contains(&Note::FailureNotInLog));
}

#[test]
fn an_image_build_that_did_not_complete_successfully_failed() {
    let log = b"#6 [2/4] RUN ./shop-setup\n#6 3.1 something odd\n\
        ERROR: failed to solve: process \"/bin/sh -c ./shop-setup\" did not complete successfully: exit code: 1\n";
    assert_eq!(read(log).verdict, Verdict::Failed);
}

#[test]
fn a_binary_log_says_so() {
    let diagnosis = read(&[0_u8; 4096]);
    assert!(diagnosis.notes.contains(&Note::Binary));
}

#[test]
fn a_line_of_ten_megabytes_hides_nothing() {
    let mut log = vec![b'x'; 10 << 20];
    log.extend_from_slice(b"\nsrc/main.rs:1:1\nerror[E0308]: mismatched types\n");
    let diagnosis = read(&log);
    assert_eq!(diagnosis.category, Category::CompileError);
    assert_eq!(diagnosis.key_line.unwrap().line, 3);
    assert_eq!(diagnosis.notes, [Note::LongLineCut]);
}

#[test]
fn a_finding_early_in_a_long_log_keeps_its_surroundings() {
    let mut log = b"error[E0308]: mismatched types\n --> src/main.rs:4:5\n".to_vec();
    for number in 0..200_000 {
        log.extend_from_slice(format!("compiled unit {number} of the whole\n").as_bytes());
    }
    log.extend_from_slice(b"##[error]Process completed with exit code 101.\n");
    let diagnosis = read(&log);
    assert_eq!(diagnosis.category, Category::CompileError);
    assert_eq!(diagnosis.excerpt[1].text, " --> src/main.rs:4:5");
    assert_eq!(diagnosis.lines, 200_003);
}

#[test]
fn the_end_of_a_long_log_tells_at_once() {
    let mut log = b"compiled one more unit of the whole\n".repeat(150_000);
    let whole = log.len() as u64;
    log.extend_from_slice(b"error[E0308]: mismatched types\n --> src/main.rs:4:5\n");
    log.extend_from_slice(b"##[error]Process completed with exit code 101.\n");
    let told = BUILTIN.provisional(std::io::Cursor::new(&log), Hints::default()).unwrap();
    assert_eq!(told.diagnosis.category, Category::CompileError);
    assert!(told.from > 0 && told.from < whole);
    assert_eq!(told.from % 36, 0, "it starts with a whole line");
    assert_eq!(told.diagnosis.bytes, log.len() as u64 - told.from);
    let short = BUILTIN.provisional(std::io::Cursor::new(&log[..720]), Hints::default()).unwrap();
    assert_eq!((short.from, short.diagnosis.lines), (0, 20));
}

#[test]
fn one_reading_tells_the_verdict_and_which_rules_hold() {
    let log = b"error[E0308]: mismatched types\n --> src/main.rs:4:5\n";
    let mut session = BUILTIN.session(Hints::default());
    session.push(log);
    let (diagnosis, held) = session.finish_with_hits();
    assert_eq!(diagnosis, read(log));
    let winner = diagnosis.rule.unwrap();
    assert!(held.iter().any(|&rule| BUILTIN.rules()[rule].id == winner), "{winner} {held:?}");
}

#[test]
fn the_provider_s_word_is_final() {
    let hints = Hints { conclusion_failed: Some(false), ..Hints::default() };
    let diagnosis = BUILTIN.read(&b"error[E0308]: mismatched types\n"[..], hints).unwrap();
    assert_eq!((diagnosis.verdict, diagnosis.category), (Verdict::Passed, Category::None));
    let hints = Hints { timed_out: true, ..Hints::default() };
    let diagnosis = BUILTIN.read(&b"compiling\nstill compiling\n"[..], hints).unwrap();
    assert_eq!((diagnosis.verdict, diagnosis.category), (Verdict::Failed, Category::Timeout));
}

#[test]
fn an_annotation_speaks_where_the_log_does_not() {
    let annotation =
        |message: &str| crate::AnnotationHint { message: message.to_owned(), ..Default::default() };
    let hints = |message: &str| Hints {
        conclusion_failed: Some(true),
        annotations: vec![annotation("Process completed with exit code 1."), annotation(message)],
        ..Hints::default()
    };
    let log = &b"step one\nquota of widgets is used up\nstep two\n"[..];
    let found = BUILTIN.read(log, hints("quota of widgets is used up")).unwrap();
    assert_eq!(found.key_line.unwrap().line, 2);
    let absent = BUILTIN.read(&b"\n"[..], hints("The hosted pool is out of widgets")).unwrap();
    assert_eq!(
        absent.summary,
        "This log does not show what went wrong; the provider reports: The hosted pool is out of widgets"
    );
}

#[test]
fn results_that_came_as_a_file_beat_the_text_and_find_their_lines() {
    let xml = b"<testsuite><testcase classname='shop.CartTest' name='test_total'><failure message='assert 2 == 3'/></testcase></testsuite>";
    let log = "= FAILURES =\n____ test_total ____\n>       assert total() == 3\nE       assert 2 == 3\n\ntests/test_cart.py:12: AssertionError\n\
               ##[error]Process completed with exit code 1.\n";
    let hints = Hints { test_results: crate::junit::read(xml), ..Hints::default() };
    let found = BUILTIN.read(log.as_bytes(), hints).unwrap();
    assert_eq!((found.failures.len(), found.failures_total), (1, 1));
    let failure = &found.failures[0];
    assert_eq!((failure.tool.as_str(), failure.key_line), ("junit", Some(4)));
    assert_eq!(failure.test.as_deref(), Some("shop.CartTest.test_total"));
}

#[test]
fn two_independent_failures_are_two_findings_and_a_cascade_is_one() {
    let log = "error[E0308]: mismatched types\n --> src/a.rs:4:5\n\nerror[E0308]: mismatched types\n --> src/b.rs:4:5\n\n\
               error: could not compile `shop` (lib) due to 2 previous errors\n\
               = FAILURES =\n____ test_total ____\nE       assert 2 == 3\n##[error]Process completed with exit code 1.\n";
    let found = read(log.as_bytes());
    let count = |category| {
        found
            .findings
            .iter()
            .filter(|finding| finding.category == category && finding.confidence > 0.5)
            .count()
    };
    assert_eq!(count(Category::CompileError), 1, "{:#?}", found.findings);
    assert!(count(Category::TestFailure) >= 1, "{:#?}", found.findings);
    assert_eq!(found.failures_total, 3);
    assert_eq!(found.failures[1].file.as_deref(), Some("src/b.rs"));
}

#[test]
fn no_secret_is_in_what_is_told() {
    let log = "##[group]Run deploy\nerror: unable to access https://bot:tr0ub4dor99@git.example/a.git: 403\n\
               token=ghp_abcdefghijklmnopqrstuvwxyz0123456789\n##[error]Process completed with exit code 128.\n";
    let diagnosis = read(log.as_bytes());
    let told = serde_json::to_string(&diagnosis).unwrap();
    assert!(!told.contains("tr0ub4dor99") && !told.contains("ghp_"), "{told}");
    assert!(diagnosis.redactions >= 2);
}

/// Pieces of logs, so that the interesting states are reached.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(&b"##[group]Run make\n"[..]),
        Just(&b"##[endgroup]\n"[..]),
        Just(&b"##[error]Process completed with exit code 1.\n"[..]),
        Just(&b"section_start:1:step_script\r\x1b[0K$ make\n"[..]),
        Just(&b"ERROR: Job failed: exit code 1\n"[..]),
        Just(&b"[Pipeline] { (Build)\n+ make\n"[..]),
        Just(&b"Finished: FAILURE\n"[..]),
        Just(&b"error[E0308]: mismatched types\n"[..]),
        Just(&b"E   AssertionError: assert 1 == 2\n"[..]),
        Just(&b"curl: (6) Could not resolve host: a.example\n"[..]),
        Just(&b"Job succeeded\n"[..]),
        Just(&b"\xff\xfe\0"[..]),
        Just(&b"2026-01-31T12:00:00.0000000Z "[..]),
        Just(&b"\n"[..]),
    ];
    prop::collection::vec(
        prop_oneof![4 => piece.prop_map(<[u8]>::to_vec), 1 => prop::collection::vec(any::<u8>(), 0..40)],
        0..40,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn any_bytes_get_a_verdict_and_chunks_do_not_matter(log in pieces(), size in 1_usize..200) {
        let whole = read(&log);
        let mut session = BUILTIN.session(Hints::default());
        for chunk in log.chunks(size) {
            session.push(chunk);
        }
        prop_assert_eq!(session.finish(), whole.clone());
        prop_assert!((0.0..=1.0).contains(&whole.confidence));
        prop_assert!(whole.excerpt.len() <= 30);
        let told = !matches!(whole.category, Category::Unknown | Category::None);
        prop_assert!(!told || whole.key_line.is_some(), "no cause without the line that shows it");
        prop_assert_eq!(whole.bytes, log.len() as u64);
        for (first, last) in &whole.explains {
            prop_assert!(1 <= *first && first <= last && *last <= whole.lines);
        }
    }
}
