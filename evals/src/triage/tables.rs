//! The figures of each category and ecosystem, and who was named instead of whom.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{score::Outcome, tally::f1};

/// The figures of one category or ecosystem.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) labelled: usize,
    /// How many of them are failures: only those have a key line and an owner.
    pub(crate) failures: usize,
    /// How often the category was answered.
    pub(crate) said: usize,
    pub(crate) right: usize,
    pub(crate) key_right: usize,
    pub(crate) owner_right: usize,
    pub(crate) confidently_wrong: usize,
}

impl Row {
    fn add(&mut self, outcome: &Outcome) {
        self.labelled += 1;
        self.right += usize::from(outcome.right());
        self.failures += usize::from(!outcome.label.passes());
        self.key_right += usize::from(!outcome.label.passes() && outcome.key_right());
        self.owner_right += usize::from(!outcome.label.passes() && outcome.owner_right() == Some(true));
        self.confidently_wrong += usize::from(outcome.confidently_wrong());
    }

    /// The counts; what only failures have is left open where there are none.
    fn cells(&self, name: &str, first: [usize; 2]) -> Vec<String> {
        let of_failures =
            |count: usize| if self.failures == 0 { "–".to_owned() } else { count.to_string() };
        vec![
            name.to_owned(),
            first[0].to_string(),
            first[1].to_string(),
            self.right.to_string(),
            of_failures(self.key_right),
            of_failures(self.owner_right),
            self.confidently_wrong.to_string(),
        ]
    }
}

pub(crate) type Rows = BTreeMap<String, Row>;

pub(crate) const CATEGORY_HEAD: [&str; 8] =
    ["category", "labelled", "said", "right", "key right", "owner right", "sure but wrong", "F1"];
pub(crate) const ECOSYSTEM_HEAD: [&str; 7] =
    ["ecosystem", "logs", "failures", "right", "key right", "owner right", "sure but wrong"];

pub(crate) fn categories(outcomes: &[&Outcome]) -> Rows {
    let mut rows = Rows::new();
    for outcome in outcomes {
        rows.entry(outcome.label.category.to_string()).or_default().add(outcome);
        rows.entry(outcome.counted_as().to_string()).or_default().said += 1;
    }
    rows
}

pub(crate) fn ecosystems(outcomes: &[&Outcome]) -> Rows {
    let mut rows = Rows::new();
    for outcome in outcomes {
        rows.entry(outcome.label.ecosystem().to_owned()).or_default().add(outcome);
    }
    rows
}

pub(crate) fn category_cells(rows: &Rows) -> Vec<Vec<String>> {
    let cells = |(name, row): (&String, &Row)| {
        let mut cells = row.cells(name, [row.labelled, row.said]);
        cells.push(format!("{:.2}", f1(row.labelled, row.said, row.right)));
        cells
    };
    rows.iter().map(cells).collect()
}

pub(crate) fn ecosystem_cells(rows: &Rows) -> Vec<Vec<String>> {
    rows.iter().map(|(name, row)| row.cells(name, [row.labelled, row.failures])).collect()
}

/// Label's owner → said owner → how often, for failures whose label names one.
pub(crate) type Owners = BTreeMap<String, BTreeMap<String, usize>>;

pub(crate) fn owners(outcomes: &[&Outcome]) -> Owners {
    let mut owners = Owners::new();
    for outcome in outcomes.iter().filter(|outcome| !outcome.label.passes()) {
        let Some(want) = outcome.label.owner() else { continue };
        let said = if outcome.owner_right() == Some(true) { want } else { outcome.got.owner };
        *owners.entry(want.to_string()).or_default().entry(said.to_string()).or_default() += 1;
    }
    owners
}

/// A line an owner: right ones, then what was said instead.
pub(crate) fn owner_cells(owners: &Owners) -> Vec<Vec<String>> {
    owners
        .iter()
        .map(|(want, said)| {
            let labelled: usize = said.values().sum();
            let right = said.get(want).copied().unwrap_or(0);
            let mut instead: Vec<(&String, &usize)> =
                said.iter().filter(|(owner, _)| *owner != want).collect();
            instead.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
            let instead: Vec<String> =
                instead.iter().map(|(owner, times)| format!("{owner} {times}")).collect();
            vec![want.clone(), labelled.to_string(), right.to_string(), instead.join(", ")]
        })
        .collect()
}
