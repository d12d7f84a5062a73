//! The floors below which a change must not fall: `evals/floors.toml`, one table a folder or part of one.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::report::{Figures, line};

const FLOORS: &str = include_str!("../floors.toml");

/// The floors of one corpus; shares are 0–1.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Floors {
    category: f64,
    key_line: f64,
    owner: f64,
    confidently_wrong_at_most: f64,
    false_alarms_at_most: usize,
}

/// Whether the figures of a corpus hold its floors; one without floors holds.
pub(crate) fn hold(name: &str, figures: &Figures) -> Result<bool> {
    let all: BTreeMap<String, Floors> = toml::from_str(FLOORS).context("evals/floors.toml is not right")?;
    let Some(floors) = all.get(name) else { return Ok(true) };
    let broken: Vec<String> = [
        (
            figures.category < floors.category,
            format!("category right {:.3} < {}", figures.category, floors.category),
        ),
        (
            figures.key_line < floors.key_line,
            format!("key line right {:.3} < {}", figures.key_line, floors.key_line),
        ),
        (figures.owner < floors.owner, format!("owner right {:.3} < {}", figures.owner, floors.owner)),
        (
            figures.confidently_wrong > floors.confidently_wrong_at_most,
            format!(
                "confident but wrong {:.3} > {}",
                figures.confidently_wrong, floors.confidently_wrong_at_most
            ),
        ),
        (
            figures.false_alarms > floors.false_alarms_at_most,
            format!("passing called failed {} > {}", figures.false_alarms, floors.false_alarms_at_most),
        ),
    ]
    .into_iter()
    .filter_map(|(below, text)| below.then_some(text))
    .collect();
    for text in &broken {
        line(&format!("BELOW THE FLOOR, {name}: {text}"));
    }
    Ok(broken.is_empty())
}
