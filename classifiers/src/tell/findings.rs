//! The list of what was found.

use super::{Teller, round};
use crate::{
    diagnosis::{Finding, KeyLine},
    excerpt,
    rank::{Candidate, Source},
    sentence::tidy,
};

/// The most findings that a diagnosis lists.
const FINDINGS: usize = 12;

impl Teller<'_> {
    /// What was found, best first, each once: what only repeats an earlier one, or tells a part of it, is left out.
    pub(super) fn findings(
        &self,
        ranked: &[Candidate],
        confidence: f64,
        redactions: &mut u64,
    ) -> Vec<Finding> {
        let best = ranked.first().map_or(0.0, |best| best.score);
        let mut findings: Vec<Finding> = Vec::new();
        for candidate in ranked {
            if findings.len() == FINDINGS {
                break;
            }
            let (id, category) = (self.id(candidate), self.category(candidate));
            let echo = |known: &Finding| {
                let within = (known.lines.0..=known.lines.1).contains(&candidate.hit.key);
                let shape = matches!(candidate.source, Source::Shape(_)) && known.rule == id;
                known.key_line.line == candidate.hit.key || category == known.category && (within || shape)
            };
            if findings.iter().any(echo) {
                continue;
            }
            let behind = (best - candidate.score).max(0.0);
            findings.push(Finding {
                rule: id.to_owned(),
                category,
                lines: self.block(candidate),
                confidence: round(confidence * (-behind / 25.0).exp()),
                summary: tidy(&excerpt::shown_text(&self.summary(candidate), redactions)),
                key_line: KeyLine {
                    line: candidate.hit.key,
                    text: excerpt::shown_text(&self.text(candidate.hit.key), &mut 0),
                },
            });
        }
        findings
    }
}
