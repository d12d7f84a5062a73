//! Everything that was measured on a folder or a part of one, as it is written to JSON and told.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    calibration::{self, Bin},
    misses::{self, Miss},
    score::Outcome,
    tables::{self, Owners, Rows},
    tally,
};
use crate::{figure::Figure, report::Page};

/// The results on some logs.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) logs: usize,
    pub(crate) failures: usize,
    pub(crate) figures: Vec<Figure>,
    calibration: Vec<Bin>,
    categories: Rows,
    ecosystems: Rows,
    owners: Owners,
    pub(crate) outcomes: Vec<Record>,
}

/// What came out for one log, in short. Of a log that is held out only this much is kept: whether it was right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The label's id, or a hash of it where the log is held out.
    pub(crate) id: String,
    pub(crate) category_right: bool,
    pub(crate) key_right: bool,
    pub(crate) owner_right: Option<bool>,
    pub(crate) sure_but_wrong: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) said: Option<Said>,
}

/// The answer itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) category: String,
    pub(crate) owner: String,
    pub(crate) rule: Option<String>,
    pub(crate) confidence: f64,
    pub(crate) line: Option<u64>,
    /// Where to look.
    pub(crate) place: String,
    pub(crate) miss: Option<Miss>,
}

impl Part {
    pub(crate) fn of(name: &str, outcomes: &[&Outcome]) -> Part {
        Part {
            name: name.to_owned(),
            logs: outcomes.len(),
            failures: outcomes.iter().filter(|outcome| !outcome.label.passes()).count(),
            figures: tally::figures(outcomes),
            calibration: calibration::bins(outcomes),
            categories: tables::categories(outcomes),
            ecosystems: tables::ecosystems(outcomes),
            owners: tables::owners(outcomes),
            outcomes: outcomes.iter().map(|outcome| Record::of(outcome)).collect(),
        }
    }

    /// The figures, and with `whole` what they are made of.
    pub(crate) fn tell(&self, page: &mut Page, whole: bool) {
        page.heading(format!("{}: {} logs, {} of them failures", self.name, self.logs, self.failures));
        page.figures(&self.figures);
        let said = self.calibration.iter().map(|bin| {
            let percent = |share: f64| format!("{:.1} %", 100.0 * share);
            vec![percent(bin.confidence), percent(bin.right), bin.logs.to_string()]
        });
        page.table(&["confidence said", "right", "logs"], said.collect());
        if whole {
            page.table(&tables::CATEGORY_HEAD, tables::category_cells(&self.categories));
            page.table(&tables::ECOSYSTEM_HEAD, tables::ecosystem_cells(&self.ecosystems));
            page.table(&["owner", "labelled", "right", "said instead"], tables::owner_cells(&self.owners));
        }
    }
}

impl Record {
    fn of(outcome: &Outcome) -> Record {
        let got = &outcome.got;
        let held_out = outcome.label.held_out() == Some(true);
        Record {
            id: if held_out { masked(&outcome.label.id) } else { outcome.label.id.clone() },
            category_right: outcome.right(),
            key_right: outcome.label.passes() || outcome.key_right(),
            owner_right: outcome.owner_right(),
            sure_but_wrong: outcome.confidently_wrong(),
            said: (!held_out).then(|| Said {
                category: got.category.to_string(),
                owner: got.owner.to_string(),
                rule: got.rule.clone(),
                confidence: got.confidence,
                line: got.key_line.as_ref().map(|key| key.line),
                place: misses::place(outcome),
                miss: Miss::of(outcome),
            }),
        }
    }
}

fn masked(id: &str) -> String {
    let digest = Sha256::digest(id.as_bytes());
    digest.iter().take(6).fold("held-out-".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}
