//! What green runs of a job print changes what a red one is blamed on.

use std::sync::Arc;

use crate::{Baseline, Category, Classifier, Diagnosis, Hints, baseline::Learner};

const USUAL: &str = "connecting to the fixture database\nError: connect ECONNREFUSED 127.0.0.1:5432\nit starts late, as always\nreplaying 4 ledgers\n";

fn learned(logs: &[String]) -> Arc<Baseline> {
    let mut baseline = Baseline::default();
    for log in logs {
        let mut learner = Learner::default();
        learner.push(log.as_bytes());
        baseline.merge(&learner.finish());
    }
    Arc::new(baseline)
}

fn told(log: &str, baseline: Option<&Arc<Baseline>>) -> Diagnosis {
    let hints =
        Hints { conclusion_failed: Some(true), baseline: baseline.map(Arc::clone), ..Hints::default() };
    Classifier::builtin().unwrap().read(log.as_bytes(), hints).unwrap()
}

fn key(diagnosis: &Diagnosis) -> &str {
    diagnosis.key_line.as_ref().map_or("", |key| key.text.as_str())
}

#[test]
fn a_scary_but_usual_line_is_not_blamed_for_what_is_new() {
    let green = learned(&[format!("{USUAL}ledger 4 balanced\n")]);
    let log = format!("{USUAL}ledger 3 drifted by 12 cents\n");
    let without = told(&log, None);
    assert_eq!(
        (without.category, key(&without)),
        (Category::Database, "Error: connect ECONNREFUSED 127.0.0.1:5432")
    );
    let with = told(&log, Some(&green));
    assert_eq!((with.category, key(&with)), (Category::Unknown, "ledger 3 drifted by 12 cents"));
    assert_eq!(with.findings[0].rule, "anomaly");
    assert!(with.confidence < 0.5);
}

#[test]
fn where_nothing_is_new_a_usual_line_is_better_than_none() {
    let green = learned(&[format!("{USUAL}ledger 4 balanced\n")]);
    let with = told(USUAL, Some(&green));
    assert_eq!(key(&with), "Error: connect ECONNREFUSED 127.0.0.1:5432");
}

#[test]
fn a_new_finding_of_the_rule_that_also_finds_usual_lines_stays() {
    let green = learned(&[format!("{USUAL}ledger 4 balanced\n")]);
    let log = format!("{USUAL}Error: connect ECONNREFUSED 127.0.0.1:6379\nredis is gone, giving up\n")
        .replace("6379", "redis.acme.example:6379");
    let with = told(&log, Some(&green));
    assert_eq!(with.category, Category::Network, "{with:?}");
    assert!(key(&with).contains("redis"), "{}", key(&with));
}

#[test]
fn baselines_of_other_jobs_change_nothing() {
    let other = learned(&["building the manual\nall pages fine\n".to_owned()]);
    let log = format!("{USUAL}ledger 3 drifted by 12 cents\n");
    assert_eq!(told(&log, Some(&other)).key_line, told(&log, None).key_line);
}
