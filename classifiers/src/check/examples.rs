//! Do the examples of rules hold, and do their look-alikes stay quiet?

use std::ops::Range;

use crate::{Classifier, diagnosis::Hints, rule::RuleError};

/// The rules whose examples do not hold.
pub(crate) fn examples(classifier: &Classifier, rules: Range<usize>) -> Vec<RuleError> {
    let mut errors = Vec::new();
    for number in rules {
        let rule = &classifier.rules[number];
        let mut add = |problem: String, advice: &str| {
            errors.push(RuleError {
                pack: rule.pack.clone(),
                rule: Some(rule.id.clone()),
                problem,
                advice: advice.to_owned(),
            });
        };
        for example in &rule.examples {
            if !fired_on(classifier, example.as_bytes())[number] {
                add(
                    format!("the example `{example}` does not match"),
                    "correct `match`, `unless` or the example",
                );
            }
        }
        for example in &rule.not {
            if fired_on(classifier, example.as_bytes())[number] {
                add(
                    format!("the look-alike `{example}` matches"),
                    "make `match` narrower, or add an `unless`",
                );
            }
        }
    }
    errors
}

fn fired_on(classifier: &Classifier, log: &[u8]) -> Vec<bool> {
    let mut session = classifier.session(Hints::default());
    session.push(log);
    session.fired()
}
