//! From the outcomes of many logs to the figures.

use std::collections::BTreeSet;

use classifiers::Category;

use super::{
    calibration,
    score::{Explained, Outcome},
};
use crate::{
    figure::Figure,
    stats::{mean, median},
};

/// All figures of a set of logs, those with a target first. What cannot be measured there is left out.
pub(crate) fn figures(outcomes: &[&Outcome]) -> Vec<Figure> {
    let failures: Vec<&Outcome> = of(outcomes, |outcome| !outcome.label.passes());
    let passing: Vec<&Outcome> = of(outcomes, |outcome| outcome.label.passes());
    let owned: Vec<&Outcome> = of(&failures, |outcome| outcome.owner_right().is_some());
    let explained: Vec<Explained> = failures.iter().filter_map(|outcome| outcome.explained()).collect();
    let shown: Vec<f64> = explained.iter().map(|lines| lines.shown as f64).collect();
    let excerpts: Vec<f64> = failures.iter().map(|outcome| outcome.got.excerpt.len() as f64).collect();
    let figures = vec![
        share("category", "category right", outcomes, Outcome::right).at_least(0.90),
        macro_f1(outcomes).at_least(0.87),
        share("key_line", "key line right", &failures, Outcome::key_right).at_least(0.90),
        share("key_line_top_three", "key line in top three", &failures, Outcome::key_in_top_three)
            .at_least(0.97),
        per_log("explains_recall", "lines to see, recall", &explained, Explained::recall).at_least(0.95),
        per_log("explains_precision", "lines to see, precision", &explained, Explained::precision)
            .at_least(0.75),
        middle("explains_lines", "lines to see, median", &shown).at_most(20.0),
        share("confidently_wrong", "confident but wrong", outcomes, Outcome::confidently_wrong).at_most(0.02),
        calibration::error_figure(outcomes).at_most(0.05),
        share("false_alarms", "passing called failed", &passing, Outcome::false_alarm).at_most(0.01),
        share("owner", "owner right", &owned, |outcome| outcome.owner_right() == Some(true)).at_least(0.90),
        share("category_strict", "category, label's only", outcomes, Outcome::strictly_right),
        share("key_line_exact", "key line, exact text", &failures, Outcome::key_exact),
        share("key_line_in_block", "key line in the block", &failures, Outcome::key_in_block),
        pooled("explains_recall_pooled", "recall, all lines as one", &explained, Explained::recall),
        pooled("explains_precision_pooled", "precision, all lines as one", &explained, Explained::precision),
        middle("excerpt_lines", "excerpt lines, median", &excerpts),
        share("owner_strict", "owner, label's only", &owned, |outcome| {
            outcome.owner_strictly_right() == Some(true)
        }),
    ];
    figures.into_iter().filter(|figure| figure.of > 0).collect()
}

fn of<'o>(outcomes: &[&'o Outcome], holds: impl Fn(&Outcome) -> bool) -> Vec<&'o Outcome> {
    outcomes.iter().copied().filter(|outcome| holds(outcome)).collect()
}

fn share(name: &str, title: &str, outcomes: &[&Outcome], holds: impl Fn(&Outcome) -> bool) -> Figure {
    Figure::share(name, title, outcomes.iter().filter(|outcome| holds(outcome)).count(), outcomes.len())
}

/// Mean over the logs.
fn per_log(name: &str, title: &str, lines: &[Explained], of: fn(Explained) -> f64) -> Figure {
    Figure::over(name, title, lines.len(), |sample| mean(sample.iter().map(|log| of(lines[*log]))))
}

/// Over the lines of all logs together, so that long blocks count for more.
fn pooled(name: &str, title: &str, lines: &[Explained], of: fn(Explained) -> f64) -> Figure {
    Figure::over(name, title, lines.len(), |sample| {
        of(sample.iter().fold(Explained::default(), |sum, log| sum.plus(lines[*log])))
    })
}

fn middle(name: &str, title: &str, values: &[f64]) -> Figure {
    Figure::over(name, title, values.len(), |sample| median(sample.iter().map(|log| values[*log]).collect()))
        .number()
}

/// The mean of the F1 scores of the labelled categories, each counting the same.
fn macro_f1(outcomes: &[&Outcome]) -> Figure {
    let answers: Vec<(Category, Category)> =
        outcomes.iter().map(|outcome| (outcome.label.category, outcome.counted_as())).collect();
    Figure::over("macro_f1", "macro-F1", answers.len(), |sample| {
        macro_f1_of(&sample.iter().map(|log| answers[*log]).collect::<Vec<_>>())
    })
}

fn macro_f1_of(answers: &[(Category, Category)]) -> f64 {
    let labelled: BTreeSet<Category> = answers.iter().map(|(label, _)| *label).collect();
    mean(labelled.into_iter().map(|category| {
        let (mut labelled, mut said, mut right) = (0, 0, 0);
        for &(label, answer) in answers {
            labelled += usize::from(label == category);
            said += usize::from(answer == category);
            right += usize::from(label == category && answer == category);
        }
        f1(labelled, said, right)
    }))
}

/// The harmonic mean of precision and recall.
pub(crate) fn f1(labelled: usize, said: usize, right: usize) -> f64 {
    if labelled + said == 0 { 0.0 } else { 2.0 * right as f64 / (labelled + said) as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_category_counts_the_same_in_macro_f1() {
        use Category::{Dns, Network, Tls};
        // Dns: precision 1, recall 1/2; Network: precision 2/3, recall 1; Tls was never right and takes its place too.
        let answers = [(Dns, Dns), (Dns, Network), (Network, Network), (Network, Network), (Tls, Dns)];
        let got = macro_f1_of(&answers);
        let want = (f1(2, 2, 1) + f1(2, 3, 2) + 0.0) / 3.0;
        assert!((got - want).abs() < 1e-9 && (f1(2, 3, 2) - 0.8).abs() < 1e-9, "{got} {want}");
    }
}
