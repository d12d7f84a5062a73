//! Is a verdict that is said with 80 % confidence right in 80 % of the cases?

use serde::{Deserialize, Serialize};

use super::score::Outcome;
use crate::{figure::Figure, stats::mean};

/// By how wide steps of confidence the logs are put together.
const BINS: usize = 10;

/// The logs whose verdicts were about equally confident.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Bin {
    pub(crate) logs: usize,
    /// What was said, on average.
    pub(crate) confidence: f64,
    /// The share of right categories.
    pub(crate) right: f64,
}

/// The bins that hold a log, least confident first.
pub(crate) fn bins(outcomes: &[&Outcome]) -> Vec<Bin> {
    of(&outcomes.iter().map(|outcome| said(outcome)).collect::<Vec<_>>())
}

/// The expected calibration error: how far what is said and what is right lie apart, on average over the logs.
pub(crate) fn error_figure(outcomes: &[&Outcome]) -> Figure {
    let said: Vec<(f64, bool)> = outcomes.iter().map(|outcome| said(outcome)).collect();
    Figure::over("calibration_error", "calibration error", said.len(), |sample| {
        error(&of(&sample.iter().map(|log| said[*log]).collect::<Vec<_>>()))
    })
    .number()
}

fn said(outcome: &Outcome) -> (f64, bool) {
    (outcome.got.confidence, outcome.right())
}

fn of(said: &[(f64, bool)]) -> Vec<Bin> {
    let mut bins = vec![Vec::new(); BINS];
    for (confidence, right) in said {
        let above = (1..BINS).filter(|edge| *confidence >= *edge as f64 / BINS as f64).count();
        bins[above].push((*confidence, *right));
    }
    let bin = |inside: Vec<(f64, bool)>| Bin {
        logs: inside.len(),
        confidence: mean(inside.iter().map(|(confidence, _)| *confidence)),
        right: mean(inside.iter().map(|(_, right)| f64::from(u8::from(*right)))),
    };
    bins.into_iter().filter(|inside| !inside.is_empty()).map(bin).collect()
}

fn error(bins: &[Bin]) -> f64 {
    let logs: usize = bins.iter().map(|bin| bin.logs).sum();
    bins.iter().map(|bin| (bin.confidence - bin.right).abs() * bin.logs as f64 / logs.max(1) as f64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_the_distance_weighted_by_logs() {
        let said = [(0.95, true), (0.95, true), (0.95, true), (0.95, false), (0.35, false), (1.0, true)];
        let bins = of(&said);
        assert_eq!(bins.iter().map(|bin| bin.logs).collect::<Vec<_>>(), [1, 5]);
        let want = (0.35 * 1.0 + (0.96_f64 - 0.8).abs() * 5.0) / 6.0;
        assert!((error(&bins) - want).abs() < 1e-9);
    }
}
