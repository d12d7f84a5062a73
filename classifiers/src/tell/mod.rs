//! The texts of a diagnosis: summary, key line, lines to see, step, findings.

mod blank;
mod block;
mod closing;
mod extent;
mod failures;
mod findings;
mod guess;
mod idle;
mod words;

pub(crate) use blank::{blank, pass};

use crate::{
    anomaly,
    category::Category,
    diagnosis::{Diagnosis, KeyLine, Note, Verdict},
    envelope::Steps,
    excerpt,
    fingerprint::{VERSION, fingerprint, fingerprint_of_unknown, fingerprint_v1},
    rank::{self, Candidate, Course, Source},
    rule::fill,
    sentence::tidy,
    shape::Structured,
    verdict::Read,
};

/// Below this confidence the category is `unknown`; up to [`crate::diagnosis::SURE`] it is told as a guess.
const GUESS: f64 = 0.25;
/// How sure a general sign of a known kind makes us.
const SIGN: f64 = 0.4;
/// How sure the most telling line alone makes us, of a cause that no rule knows.
const NO_IDEA: f64 = 0.1;
/// A finding must be this specific to explain more than the provider's word that it stopped the job.
const STOPPED: f64 = 80.0;

/// Writes the texts of a diagnosis.
pub(crate) struct Teller<'a> {
    pub(crate) read: &'a Read<'a>,
    pub(crate) steps: &'a Steps,
    pub(crate) course: &'a Course<'a>,
    /// All structured failures of the log.
    pub(crate) structured: &'a [Structured],
}

impl Teller<'_> {
    /// A finding explains it, unless it is only a general sign, or stands where the failure was not: then the most
    /// telling line does.
    pub(crate) fn explain(&self, diagnosis: &mut Diagnosis, best: &Candidate, ranked: &[Candidate]) {
        if self.was_stopped() && best.priority < STOPPED {
            diagnosis.findings = self.findings(ranked, 0.4, &mut diagnosis.redactions);
            return self.guess(diagnosis, None);
        }
        if best.weak || !best.region.can_explain() {
            diagnosis.findings = self.findings(ranked, 0.4, &mut diagnosis.redactions);
            let known = best.region.can_explain() && self.category(best) != Category::Unknown;
            return self.guess(diagnosis, known.then_some(best));
        }
        if self.is_usual(best.hit.key) && self.guesses().iter().any(|guess| !self.is_usual(guess.line)) {
            diagnosis.findings = self.findings(ranked, NO_IDEA, &mut diagnosis.redactions);
            return self.guess(diagnosis, None);
        }
        let confidence = rank::confidence(best, &ranked[1..], |candidate| self.category(candidate));
        diagnosis.confidence = round(confidence);
        diagnosis.findings = self.findings(ranked, confidence, &mut diagnosis.redactions);
        diagnosis.summary = self.sentence(best, ranked);
        let mut text = self.text(best.hit.key).into_owned();
        if let Some(name) = self.structure(best, ranked).and_then(Structured::name) {
            let name = excerpt::shown_text(name, &mut 0);
            if !text.contains(&name) {
                text = format!("{name}: {text}");
            }
        }
        if let Source::Rule(number) = &best.source {
            let rule = &self.read.rules[*number];
            let groups = self.groups(rule, best.hit);
            let said = |template: &String| excerpt::shown_text(&fill(template, &groups), &mut 0);
            diagnosis.fix = rule.fix.iter().map(said).collect();
            diagnosis.remedies.clone_from(&rule.remedies);
            diagnosis.runbook_tags.clone_from(&rule.runbook);
        }
        let id = self.id(best);
        if diagnosis.confidence >= GUESS {
            diagnosis.category = self.category(best);
            diagnosis.owner = self.owner(best);
            diagnosis.rule = Some(id.to_owned());
        }
        text = excerpt::shown_text(&text, &mut 0);
        diagnosis.earlier_fingerprint = Some(fingerprint_v1(id, &text));
        diagnosis.fingerprint = fingerprint(&self.with_place(text, best, ranked));
        self.show(diagnosis, best.hit.key, self.explains(best, ranked));
    }

    /// A compiler says the same of many files: which one it is about belongs to what identifies the failure. A test is
    /// identified by its name.
    fn with_place(&self, text: String, best: &Candidate, ranked: &[Candidate]) -> String {
        let found = self.structure(best, ranked).filter(|found| found.category != Category::TestFailure);
        match found.and_then(|found| found.place.as_ref()) {
            Some(place) if !text.contains(&place.file) => {
                format!("{text} ({})", excerpt::shown_text(&place.to_string(), &mut 0))
            }
            _ => text,
        }
    }

    /// No rule explains it: the line that looks most like the reason. A general sign may still tell the category.
    pub(crate) fn guess(&self, diagnosis: &mut Diagnosis, sign: Option<&Candidate>) {
        diagnosis.confidence = NO_IDEA;
        let guesses = self.guesses();
        self.list_guesses(diagnosis, &guesses, sign.is_some());
        match guesses.first() {
            Some(best) => {
                let text = excerpt::shown_text(&self.text(best.line), &mut 0);
                diagnosis.summary =
                    tidy(&format!("No rule explains this failure; the most telling line is: {text}"));
                diagnosis.fingerprint = fingerprint_of_unknown(&text);
                self.show(diagnosis, best.line, self.surroundings(best.line));
            }
            None => self.nothing(diagnosis),
        }
        if let Some(sign) = sign {
            diagnosis.confidence = SIGN;
            diagnosis.category = self.category(sign);
            diagnosis.owner = self.owner(sign);
            diagnosis.rule = Some(self.id(sign).to_owned());
            diagnosis.summary = tidy(&excerpt::shown_text(&self.summary(sign), &mut 0));
        } else if self.read.hints.timed_out || self.steps.timed_out.is_some() {
            self.stopped(diagnosis, Category::Timeout, "The job was stopped because it took too long.");
        } else if self.read.hints.cancelled || self.steps.cancelled.is_some() {
            self.stopped(diagnosis, Category::Cancelled, "The job was cancelled before it finished.");
        }
    }

    /// Whether green runs of the job print a line too.
    fn is_usual(&self, line: u64) -> bool {
        self.read.lines.get(line).is_some_and(|line| self.course.is_usual(line))
    }

    /// Whether the provider says that it ended the job itself.
    fn was_stopped(&self) -> bool {
        let (hints, steps) = (self.read.hints, self.steps);
        hints.timed_out || hints.cancelled || steps.timed_out.is_some() || steps.cancelled.is_some()
    }

    /// The provider says why it ended.
    fn stopped(&self, diagnosis: &mut Diagnosis, category: Category, summary: &str) {
        diagnosis.category = category;
        diagnosis.confidence = 0.8;
        summary.clone_into(&mut diagnosis.summary);
        diagnosis.fingerprint = format!("{VERSION}{category}");
        if let Some(line) = self.steps.timed_out.or(self.steps.cancelled) {
            self.show(diagnosis, line, vec![(line, line)]);
        }
    }

    /// There is not one telling line.
    fn nothing(&self, diagnosis: &mut Diagnosis) {
        if let Some(told) = self.course.annotated().first() {
            let told = excerpt::shown_text(told, &mut diagnosis.redactions);
            diagnosis.summary =
                tidy(&format!("This log does not show what went wrong; the provider reports: {told}"));
            diagnosis.fingerprint = fingerprint_of_unknown(&told);
        } else {
            "This log does not show what went wrong.".clone_into(&mut diagnosis.summary);
            diagnosis.fingerprint = format!("{VERSION}unknown");
        }
        if diagnosis.verdict == Verdict::Failed {
            diagnosis.notes.push(Note::FailureNotInLog);
        }
        if let Some(last) = anomaly::last_words(self.read.lines, self.steps) {
            self.show(diagnosis, last, vec![(last, last)]);
        }
    }

    /// Key line, lines to see, excerpt, step.
    fn show(&self, diagnosis: &mut Diagnosis, key: u64, explains: Vec<(u64, u64)>) {
        diagnosis.excerpt = excerpt::excerpt(
            self.read.lines,
            key,
            &explains,
            self.steps.around(key),
            &mut diagnosis.redactions,
        );
        let text = excerpt::shown_text(&self.text(key), &mut 0);
        diagnosis.key_line = Some(KeyLine { line: key, text });
        diagnosis.explains = explains;
        let named = |name: &str| (!name.is_empty()).then(|| excerpt::shown_text(name, &mut 0));
        diagnosis.step = self
            .read
            .hints
            .failed_step
            .as_deref()
            .and_then(named)
            .or_else(|| self.course.failed().first().and_then(|part| named(&part.name)))
            .or_else(|| self.steps.part_of(key).and_then(|part| named(&part.name)));
    }
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
