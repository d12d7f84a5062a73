//! One measured figure: its value, how sure it is, and what it should be.

use serde::{Deserialize, Serialize};

use crate::stats;

/// Which way is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Better {
    Higher,
    Lower,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    /// 0–1, told in per cent.
    Share,
    /// A count or a plain number.
    Number,
}

/// A figure with its 95 % interval.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// The name in JSON and in `floors.toml`.
    pub(crate) name: String,
    /// The name for people.
    pub(crate) title: String,
    pub(crate) value: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Over how many logs, pairs or lines.
    pub(crate) of: usize,
    pub(crate) unit: Unit,
    pub(crate) better: Better,
    /// What it should be at least, or at most.
    pub(crate) target: Option<f64>,
}

impl Figure {
    /// A share of hits, with Wilson's interval.
    pub(crate) fn share(name: &str, title: &str, hits: usize, of: usize) -> Figure {
        let (low, high) = stats::wilson(hits, of);
        Figure {
            name: name.to_owned(),
            title: title.to_owned(),
            value: if of == 0 { 0.0 } else { hits as f64 / of as f64 },
            low,
            high,
            of,
            unit: Unit::Share,
            better: Better::Higher,
            target: None,
        }
    }

    /// A figure over `of` logs, given as a function of any sample of them, with its bootstrap interval.
    pub(crate) fn over(name: &str, title: &str, of: usize, figure: impl Fn(&[usize]) -> f64) -> Figure {
        let all: Vec<usize> = (0..of).collect();
        let (low, high) = stats::bootstrap(of, &figure);
        Figure { value: figure(&all), low, high, ..Figure::share(name, title, 0, of) }
    }

    /// A plain number rather than a share.
    pub(crate) fn number(self) -> Figure {
        Figure { unit: Unit::Number, ..self }
    }

    pub(crate) fn at_least(self, target: f64) -> Figure {
        Figure { target: Some(target), ..self }
    }

    pub(crate) fn at_most(self, target: f64) -> Figure {
        Figure { target: Some(target), better: Better::Lower, ..self }
    }

    pub(crate) fn holds(&self, limit: f64) -> bool {
        match self.better {
            Better::Higher => self.value >= limit,
            Better::Lower => self.value <= limit,
        }
    }

    /// Whether it is as it should be, if that is known.
    pub(crate) fn met(&self) -> Option<bool> {
        self.target.map(|target| self.holds(target))
    }

    /// A value of this figure for people.
    pub(crate) fn write(&self, value: f64) -> String {
        match self.unit {
            Unit::Share => format!("{:.1} %", 100.0 * value),
            Unit::Number if value.fract() == 0.0 => format!("{value:.0}"),
            Unit::Number => format!("{value:.3}"),
        }
    }

    /// `≥ 90 %`.
    pub(crate) fn target_text(&self) -> String {
        let Some(target) = self.target else { return String::new() };
        let sign = match self.better {
            Better::Higher => '≥',
            Better::Lower => '≤',
        };
        let target = match self.unit {
            Unit::Share => format!("{} %", (1000.0 * target).round() / 10.0),
            Unit::Number => target.to_string(),
        };
        format!("{sign} {target}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_with_their_targets() {
        let right = Figure::share("category", "category right", 9, 10).at_least(0.9);
        assert_eq!(
            (right.write(right.value), right.target_text()),
            ("90.0 %".to_owned(), "≥ 90 %".to_owned())
        );
        assert_eq!(right.met(), Some(true));
        let wrong = Figure::share("wrong", "wrong", 1, 40).at_most(0.02);
        assert_eq!((wrong.met(), wrong.target_text()), (Some(false), "≤ 2 %".to_owned()));
        let lines = Figure::over("lines", "lines", 3, |sample| sample.len() as f64).number();
        assert_eq!((lines.write(lines.value), lines.low), ("3".to_owned(), 3.0));
    }
}
