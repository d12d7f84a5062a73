use std::collections::HashSet;

use crate::{Classifier, PackSource, classifier::builtin_packs};

#[test]
fn every_built_in_rule_keeps_its_promises() {
    let (classifier, errors) = Classifier::lenient(&builtin_packs());
    assert!(errors.0.is_empty(), "{errors}");
    assert!(classifier.rules().len() > 150);
    let searched: Vec<&str> =
        classifier.unsearchable.iter().map(|&rule| classifier.rules()[rule].id.as_str()).collect();
    assert!(searched.is_empty(), "these rules require no text that could be searched for: {searched:?}");
    let ids: HashSet<&str> = classifier.rules().iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids.len(), classifier.rules().len());
}

fn pack(text: &str) -> PackSource {
    PackSource { name: "team.toml".to_owned(), text: text.to_owned() }
}

const TEAM_RULE: &str = r#"
[[rule]]
id = "team.deploy.freeze"
category = "policy_gate"
owner = "policy"
priority = 50
match = '^deploy gate: (?P<reason>.+)$'
explain = "The deploy gate is closed: {reason}"
examples = ["deploy gate: freeze until Monday"]
not = ["the deploy gate: is mentioned"]
"#;

#[test]
fn a_team_s_rule_wins_over_built_in_ones() {
    let classifier = Classifier::with_packs(&[pack(TEAM_RULE)]).unwrap();
    let log = "deploy gate: freeze until Monday\nerror[E0308]: mismatched types\n";
    let diagnosis = classifier.read(log.as_bytes(), crate::Hints::default()).unwrap();
    assert_eq!(diagnosis.rule.as_deref(), Some("team.deploy.freeze"));
    assert_eq!(diagnosis.summary, "The deploy gate is closed: freeze until Monday");
}

#[test]
fn a_rule_on_trial_is_counted_and_changes_nothing() {
    let log = "deploy gate: freeze until Monday\nerror[E0308]: mismatched types\ndeploy gate: again\n";
    let read = |classifier: &Classifier, hints: crate::Hints| classifier.read(log.as_bytes(), hints).unwrap();
    let on_trial = TEAM_RULE.replace("priority = 50", "priority = 50\nshadow = true");
    // It has the id of a rule in use: that one goes on as it is.
    let twin = on_trial.replace("team.deploy.freeze", "rust.rustc.error");
    let trial = Classifier::with_packs(&[pack(&format!("{on_trial}{twin}"))]).unwrap();
    let builtin = Classifier::builtin().unwrap();
    for conclusion_failed in [None, Some(true), Some(false)] {
        let hints = crate::Hints { conclusion_failed, ..crate::Hints::default() };
        let mut diagnosis = read(&trial, hints.clone());
        let counted = |held: &crate::Shadowed| (held.rule.clone(), held.line);
        assert_eq!(
            diagnosis.shadowed.iter().map(counted).collect::<Vec<_>>(),
            [("team.deploy.freeze".to_owned(), 1), ("rust.rustc.error".to_owned(), 1)]
        );
        diagnosis.shadowed.clear();
        assert_eq!(diagnosis, read(&builtin, hints));
    }
}

#[test]
fn all_errors_are_told_at_once_with_what_to_do() {
    let wrong = r#"
[[rule]]
id = "a.b"
category = "compile"
owner = "code"
priority = 50
match = 'x(?=y)'
explain = "{name}"
examples = ["x"]
not = ["y"]
[[rule]]
id = "a.c"
category = "network"
owner = "infra"
priority = 50
weak = true
match = 'no route'
explain = "No route"
examples = ["another line"]
not = []
colour = "red"
[[rule]]
id = "a.d"
category = "network"
owner = "infra"
priority = 50
match = 'no route to host'
explain = "No route"
examples = ["another line"]
not = ["no route to host"]
"#;
    let errors = Classifier::with_packs(&[pack(wrong)]).unwrap_err();
    let told = errors.to_string();
    // The list of all categories has its own test.
    let told = told
        .replace(&crate::Category::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(", "), "…");
    insta::assert_snapshot!(told, @"
    team.toml, rule `a.b`: `category`: `compile` is not known here; write one of: …; take a word of the list
    team.toml, rule `a.b`: `x(?=y)` is not a usable expression (error: look-around, including look-ahead and look-behind, is not supported); correct it; look-around and back-references do not exist here
    team.toml, rule `a.b`: `{name}` is not a named group; write `(?P<name>…)` in `match` or `also`
    team.toml, rule `a.c`: unknown field `colour`, expected one of `id`, `category`, `owner`, `priority`, `match`, `window`, `key`, `unless`, `unless_near`, `also`, `block`, `explain`, `weak`, `shadow`, `fix`, `remedies`, `runbook`, `examples`, `not`; see GUIDELINE.md for the keys of a rule
    team.toml, rule `a.d`: the example `another line` does not match; correct `match`, `unless` or the example
    team.toml, rule `a.d`: the look-alike `no route to host` matches; make `match` narrower, or add an `unless`
    ");
}
