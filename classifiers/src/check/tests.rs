use super::*;

const GATE: &str = r#"
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

fn pack(text: &str) -> PackSource {
    PackSource { name: "team".to_owned(), text: text.to_owned() }
}

fn sample(name: &str, text: &str, green: bool) -> Sample {
    Sample { name: name.to_owned(), bytes: text.as_bytes().to_vec(), green }
}

fn read(tally: &mut Tally<'_>, number: usize, text: &str, green: bool) {
    tally.read(number, &format!("log {number}"), green, || Ok(text.as_bytes())).unwrap();
}

#[test]
fn a_check_tells_which_rules_stay_silent_and_which_fire_on_green_logs() {
    let samples = [sample("red", "nothing here", false), sample("green", "deploy gate: open", true)];
    let report = check(&[pack(GATE)], samples.into_iter());
    assert_eq!(report.errors, []);
    assert_eq!((report.counts[0].failing, report.counts[0].green), (0, 1));
    assert_eq!(report.counts[0].green_logs, ["green"]);
    assert_eq!(report.silent().count(), 0);
    let report = check(&[pack(GATE)], [sample("red", "nothing here", false)].into_iter());
    assert_eq!(report.silent().map(|count| count.id.as_str()).collect::<Vec<_>>(), ["team.deploy.freeze"]);
    assert!(report.is_good());
}

#[test]
fn one_green_log_in_a_hundred_is_allowed_and_two_are_too_broad() {
    for (hits, good) in [(1, true), (2, false)] {
        let trial = Trial::of(&[pack(GATE)], &[]);
        let mut tally = trial.tally();
        for number in 0..100 {
            read(&mut tally, number, if number < hits { "deploy gate: open" } else { "ok" }, true);
        }
        assert_eq!(tally.report().is_good(), good);
    }
}

#[test]
fn verdicts_before_and_after_an_edit_are_compared_however_the_logs_are_shared_out() {
    let logs = |number: usize| match number % 3 {
        0 => "deploy gate: closed\n",
        1 => "error[E0308]: mismatched types\n",
        _ => "ok\n",
    };
    let trial = Trial::of(&[pack(GATE)], &[]);
    let whole = {
        let mut tally = trial.tally();
        (0..90).for_each(|number| read(&mut tally, number, logs(number), false));
        tally.report()
    };
    let shared = {
        let (mut odd, mut even) = (trial.tally(), trial.tally());
        (0..90).for_each(|number| {
            read(if number % 2 == 0 { &mut even } else { &mut odd }, number, logs(number), false);
        });
        odd.merge(even);
        odd.report()
    };
    assert_eq!(whole, shared);
    let changes = whole.changes.unwrap();
    assert_eq!((changes.total, changes.first.len()), (30, 20));
    assert_eq!((changes.first[1].log.as_str(), changes.first[1].before.rule.as_deref()), ("log 3", None));
    assert_eq!(changes.first[1].after.rule.as_deref(), Some("team.deploy.freeze"));
}

#[test]
fn a_rule_that_goes_changes_verdicts_too_and_one_on_trial_changes_none() {
    let on_trial = GATE.replace("priority = 50", "priority = 50\nshadow = true");
    let changes = |after: &[PackSource], before: &[PackSource]| {
        let trial = Trial::of(after, before);
        let mut tally = trial.tally();
        read(&mut tally, 0, "deploy gate: closed\n", false);
        let report = tally.report();
        (report.changes.unwrap().total, report.counts.first().map(|count| (count.failing, count.won)))
    };
    assert_eq!(changes(&[], &[pack(GATE)]), (1, None));
    assert_eq!(changes(&[pack(GATE)], &[pack(GATE)]), (0, Some((1, 1))));
    assert_eq!(changes(&[pack(&on_trial)], &[]), (0, Some((1, 0))));
}

#[test]
fn a_rule_that_always_loses_is_told_with_the_winner() {
    let loser = GATE
        .replace("team.deploy.freeze", "team.deploy.any")
        .replace("50", "30")
        .replace("'^deploy gate: ", "'^deploy .ate: ");
    let report =
        check(&[pack(&format!("{GATE}{loser}"))], [sample("red", "deploy gate: shut", false)].into_iter());
    assert_eq!(report.shadowed().collect::<Vec<_>>(), [("team.deploy.any", "team.deploy.freeze")]);
}

#[test]
fn a_rule_whose_text_stands_everywhere_is_told() {
    let everywhere = GATE
        .replace("^deploy gate: (?P<reason>.+)$", r"(?i)^(?P<reason>\w*(?:error|fail|build)\w*) ?$")
        .replace("deploy gate: freeze until Monday", "error");
    let report = check(&[pack(&everywhere)], std::iter::empty());
    assert_eq!(report.errors, []);
    assert_eq!(report.common.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(), ["team.deploy.freeze"]);
    assert_eq!(check(&[pack(GATE)], std::iter::empty()).common, []);
}

#[test]
fn why_a_rule_cannot_be_searched_for_is_told() {
    let many: Vec<String> =
        (b'a'..=b'z').map(|letter| format!("{0} gate|no {0}|my {0}", letter as char)).collect();
    let wide = GATE.replace("^deploy gate: ", &format!("^(?:deploy gate|{}): ", many.join("|")));
    let none = GATE
        .replace("team.deploy.freeze", "team.deploy.x")
        .replace("'^deploy gate: ", r"'^\w+ \w+: ")
        .replace("the deploy gate:", "deploy");
    let report = check(&[pack(&format!("{wide}{none}"))], std::iter::empty());
    assert_eq!(report.errors, []);
    let told: Vec<_> =
        report.unsearchable.iter().map(|rule| (rule.id.as_str(), rule.too_many_alternatives)).collect();
    assert_eq!(told, [("team.deploy.freeze", true), ("team.deploy.x", false)]);
}
