//! The lines that look most like the reason of a failure that no rule explains.

use super::{NO_IDEA, Teller, round};
use crate::{
    anomaly::{self, Anomaly},
    category::Category,
    diagnosis::{Diagnosis, Finding, KeyLine},
    excerpt,
};

/// What such a finding is called.
const ID: &str = "anomaly";
/// How many are listed.
const GUESSES: usize = 3;
/// How many are looked at for them.
const CONSIDERED: usize = 24;
/// What each further one is less likely by.
const LESS: f64 = 0.03;

impl Teller<'_> {
    /// The most telling lines, no two from one block: what the provider annotated, then what the scorer finds.
    pub(super) fn guesses(&self) -> Vec<Anomaly> {
        let lines = self.read.lines;
        let annotated = lines.all().find(|(_, line)| self.course.is_annotated(line));
        let annotated = annotated.map(|(line, _)| Anomaly { line, score: f64::MAX });
        let own = self.read.hints.baseline.as_deref();
        let (mut guesses, mut shown): (Vec<Anomaly>, Vec<(u64, u64)>) = (Vec::new(), Vec::new());
        for guess in annotated.into_iter().chain(anomaly::best(lines, self.steps, own, CONSIDERED)) {
            if guesses.len() == GUESSES {
                break;
            }
            if !shown.iter().any(|(first, last)| (*first..=*last).contains(&guess.line)) {
                shown.extend(self.surroundings(guess.line));
                guesses.push(guess);
            }
        }
        guesses
    }

    /// Lists them: before the general signs that were found, but behind a sign that tells the category.
    pub(super) fn list_guesses(&self, diagnosis: &mut Diagnosis, guesses: &[Anomaly], sign: bool) {
        let mut at = usize::from(sign).min(diagnosis.findings.len());
        for (number, guess) in guesses.iter().enumerate() {
            if diagnosis.findings.iter().take(at).any(|known| known.key_line.line == guess.line) {
                continue;
            }
            diagnosis.findings.retain(|known| known.key_line.line != guess.line);
            let text = excerpt::shown_text(&self.text(guess.line), &mut 0);
            let finding = Finding {
                rule: ID.to_owned(),
                category: Category::Unknown,
                lines: self.surroundings(guess.line).first().copied().unwrap_or((guess.line, guess.line)),
                confidence: round(NO_IDEA - LESS * number as f64),
                summary: format!("No rule knows this line: {text}"),
                key_line: KeyLine { line: guess.line, text },
            };
            diagnosis.findings.insert(at.min(diagnosis.findings.len()), finding);
            at += 1;
        }
    }
}
