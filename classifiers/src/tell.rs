//! The texts of a diagnosis: summary, key line, lines to see, step, findings.

use std::borrow::Cow;

use crate::{
    anomaly,
    category::{Category, Owner},
    diagnosis::{Diagnosis, Finding, Hints, KeyLine, Note, Verdict},
    envelope::{Mark, Steps},
    excerpt,
    fingerprint::fingerprint,
    rank::{self, Candidate, Course, Source},
    rule::{Pattern, Rule, behind_marker, fill},
    sentence::{failed_test, tidy},
    session::Hit,
    shape::Structured,
    verdict::Read,
};

/// Below this confidence the category is `unknown`.
const SURE: f64 = 0.5;
/// A finding must be this specific to explain more than the provider's word that it stopped the job.
const STOPPED: f64 = 80.0;
/// So many lines may a structured failure add to each side of a finding.
const STRETCH: u64 = 12;
/// So far from a hit the lines may stand that complete its sentence.
const ALSO: u64 = 12;
/// The most findings that a diagnosis lists.
const FINDINGS: usize = 12;

/// A diagnosis that knows only the input.
pub(crate) fn blank(read: &Read<'_>, verdict: Verdict) -> Diagnosis {
    let mut notes = read.cleaner.notes();
    if read.marks.list.iter().any(|(_, mark)| *mark == Mark::Truncated) {
        notes.push(Note::Truncated);
    }
    Diagnosis {
        verdict,
        category: Category::Unknown,
        owner: Owner::Unknown,
        confidence: 0.0,
        rule: None,
        summary: String::new(),
        key_line: None,
        explains: Vec::new(),
        step: None,
        fingerprint: String::new(),
        findings: Vec::new(),
        excerpt: Vec::new(),
        fix: Vec::new(),
        remedies: Vec::new(),
        runbook_tags: Vec::new(),
        notes,
        redactions: 0,
        lines: read.cleaner.number,
        bytes: read.cleaner.bytes,
    }
}

/// Nothing went wrong.
pub(crate) fn pass(diagnosis: &mut Diagnosis, steps: &Steps, hints: &Hints) {
    diagnosis.category = Category::None;
    diagnosis.confidence = if steps.passed || hints.conclusion_failed == Some(false) {
        0.97
    } else if steps.complete {
        0.9
    } else {
        0.7
    };
    "No failure was found in this log.".clone_into(&mut diagnosis.summary);
    "v1:none".clone_into(&mut diagnosis.fingerprint);
}

/// Writes the texts of a diagnosis.
pub(crate) struct Teller<'a> {
    pub(crate) read: &'a Read<'a>,
    pub(crate) steps: &'a Steps,
    pub(crate) course: &'a Course<'a>,
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
        let confidence = rank::confidence(best, &ranked[1..], |candidate| self.category(candidate));
        diagnosis.confidence = round(confidence);
        diagnosis.findings = self.findings(ranked, confidence, &mut diagnosis.redactions);
        diagnosis.summary = self.sentence(best, ranked);
        let mut text = self.text(best.hit.key).into_owned();
        if let Some(name) = self.structure(best, ranked).and_then(|found| found.name.as_deref()) {
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
        if diagnosis.confidence >= SURE {
            diagnosis.category = self.category(best);
            diagnosis.owner = self.owner(best);
            diagnosis.rule = Some(id.to_owned());
        }
        text = excerpt::shown_text(&text, &mut 0);
        diagnosis.fingerprint = fingerprint(id, &text);
        self.show(diagnosis, best.hit.key, self.explains(best, ranked));
    }

    /// No rule explains it: the line that looks most like the reason. A general sign may still tell the category.
    pub(crate) fn guess(&self, diagnosis: &mut Diagnosis, sign: Option<&Candidate>) {
        diagnosis.confidence = 0.25;
        let annotated =
            self.read.lines.all().find(|(_, line)| self.course.is_annotated(line)).map(|(line, _)| line);
        match annotated.or_else(|| anomaly::best(self.read.lines, self.steps).map(|anomaly| anomaly.line)) {
            Some(line) => {
                let text = excerpt::shown_text(&self.text(line), &mut 0);
                diagnosis.summary =
                    tidy(&format!("No rule explains this failure; the most telling line is: {text}"));
                diagnosis.fingerprint = fingerprint("unknown", &text);
                self.show(diagnosis, line, vec![(line, line)]);
            }
            None => self.nothing(diagnosis),
        }
        if let Some(sign) = sign {
            diagnosis.confidence = 0.5;
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
        diagnosis.fingerprint = format!("v1:{category}");
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
            diagnosis.fingerprint = fingerprint("unknown", &told);
        } else {
            "This log does not show what went wrong.".clone_into(&mut diagnosis.summary);
            "v1:unknown".clone_into(&mut diagnosis.fingerprint);
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

    fn findings(&self, ranked: &[Candidate], confidence: f64, redactions: &mut u64) -> Vec<Finding> {
        let best = ranked.first().map_or(0.0, |best| best.score);
        let mut findings: Vec<Finding> = Vec::new();
        for candidate in ranked {
            if findings.len() == FINDINGS {
                break;
            }
            if findings.iter().any(|known| known.key_line.line == candidate.hit.key) {
                continue;
            }
            let behind = (best - candidate.score).max(0.0);
            findings.push(Finding {
                rule: self.id(candidate).to_owned(),
                category: self.category(candidate),
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

    fn id(&self, candidate: &Candidate) -> &str {
        match &candidate.source {
            Source::Rule(number) => &self.read.rules[*number].id,
            Source::Shape(found) => found.id,
        }
    }

    fn category(&self, candidate: &Candidate) -> Category {
        match &candidate.source {
            Source::Rule(number) => self.read.rules[*number].category,
            Source::Shape(found) => found.category,
        }
    }

    fn owner(&self, candidate: &Candidate) -> Owner {
        match &candidate.source {
            Source::Rule(number) => self.read.rules[*number].owner,
            Source::Shape(_) => Owner::Code,
        }
    }

    /// The sentence of the best finding. A failed test is called by its name, which may stand elsewhere than its message.
    fn sentence(&self, best: &Candidate, ranked: &[Candidate]) -> String {
        let told = self.summary(best);
        let named = self.structure(best, ranked).filter(|found| found.category == Category::TestFailure);
        let sentence = match (named.and_then(|found| Some((found, found.name.as_deref()?))), &best.source) {
            (Some((found, name)), Source::Rule(number)) => {
                let rule = &self.read.rules[*number];
                if found.key == best.hit.key && rule.also.is_empty() {
                    failed_test(name, &found.message)
                } else if told.contains(name) {
                    told
                } else {
                    let mut groups = self.groups(rule, best.hit).into_iter();
                    let message = groups.find_map(|(group, text)| (group == "message").then_some(text));
                    failed_test(name, &message.unwrap_or(told))
                }
            }
            _ => told,
        };
        tidy(&excerpt::shown_text(&sentence, &mut 0))
    }

    fn summary(&self, candidate: &Candidate) -> String {
        match &candidate.source {
            Source::Rule(number) => {
                let rule = &self.read.rules[*number];
                fill(&rule.explain, &self.groups(rule, candidate.hit))
            }
            Source::Shape(found) if found.category == Category::TestFailure && found.name.is_some() => {
                failed_test(found.name.as_deref().unwrap_or_default(), &found.message)
            }
            Source::Shape(found) => {
                let name = found.name.as_deref().map(|name| format!("{name}: ")).unwrap_or_default();
                let place = found.place.as_deref().map(|place| format!(" ({place})")).unwrap_or_default();
                format!("{name}{}{place}", found.message)
            }
        }
    }

    /// The named groups of all expressions of a rule, from the lines that they matched.
    fn groups(&self, rule: &Rule, hit: Hit) -> Vec<(String, String)> {
        let mut groups = Vec::new();
        let mut from = hit.first;
        for (number, part) in rule.parts.iter().enumerate() {
            let at = if number == rule.key { Some(hit.key) } else { None };
            let found = match at {
                Some(line) => self.read.lines.get(line).map(|text| (line, text)),
                None => self.read.lines.range(from, hit.last).find(|(_, line)| part.is_match(line)),
            };
            if let Some((line, text)) = found {
                groups.extend(part.captures(text));
                from = line + 1;
            }
        }
        groups.extend(rule.also.iter().flat_map(|also| self.nearest(also, hit)));
        groups
    }

    /// The named groups of the nearest line around a hit that an expression matches.
    fn nearest(&self, also: &Pattern, hit: Hit) -> Vec<(String, String)> {
        let around = self.read.lines.range(hit.first.saturating_sub(ALSO), hit.last.max(hit.key) + ALSO);
        let found = around.filter(|(_, line)| also.is_match(line));
        let nearest = found.min_by_key(|(line, _)| (line.abs_diff(hit.key), *line < hit.key));
        nearest.map(|(_, line)| also.captures(line)).unwrap_or_default()
    }

    /// The lines of a finding with its rule's block.
    fn block(&self, candidate: &Candidate) -> (u64, u64) {
        let Source::Rule(number) = &candidate.source else {
            return (candidate.hit.first, candidate.hit.last);
        };
        let block = &self.read.rules[*number].block;
        let first = candidate.hit.first.min(candidate.hit.key.saturating_sub(block.before).max(1));
        let (from, to) = self.steps.around(candidate.hit.key);
        let first = first.max(from.min(candidate.hit.first));
        let wanted = (candidate.hit.key + block.after).min(self.read.lines.newest()).min(to);
        let mut last = candidate.hit.last;
        for (line, text) in self.read.lines.range(candidate.hit.key + 1, wanted) {
            if block.until.as_ref().is_some_and(|until| until.is_match(text)) {
                break;
            }
            last = last.max(line);
        }
        (first, last)
    }

    /// The structured failure that tells the same as a finding of a rule.
    fn structure<'r>(&self, best: &Candidate, ranked: &'r [Candidate]) -> Option<&'r Structured> {
        let (first, last) = self.block(best);
        ranked.iter().find_map(|candidate| match &candidate.source {
            Source::Shape(found) if found.category == self.category(best) => {
                let apart = found.lines.0 > last + 2 || found.lines.1 + 2 < first;
                (!apart).then_some(found)
            }
            _ => None,
        })
    }

    /// The lines to see: the best finding's block, and where the same is told once more.
    fn explains(&self, best: &Candidate, ranked: &[Candidate]) -> Vec<(u64, u64)> {
        let (mut first, mut last) = self.block(best);
        if let Some(found) = self.structure(best, ranked) {
            first = first.min(found.lines.0.max(first.saturating_sub(STRETCH)));
            last = last.max(found.lines.1.min(last + STRETCH));
        }
        let mut ranges = vec![(first, last)];
        let again = ranked.iter().skip(1).take(6).find(|candidate| {
            candidate.region == best.region
                && !candidate.weak
                && self.category(candidate) == self.category(best)
                && self.id(candidate) != self.id(best)
                && (candidate.hit.key > last + 2 || candidate.hit.key + 2 < first)
        });
        if let Some(again) = again {
            ranges.push((again.hit.key, again.hit.key));
            ranges.sort_unstable();
        }
        ranges
    }

    /// A line without the runner's marker.
    fn text(&self, line: u64) -> Cow<'_, str> {
        let text = self.read.lines.get(line).unwrap_or_default();
        let text = if text.starts_with(b"##[") { behind_marker(text).unwrap_or(text) } else { text };
        String::from_utf8_lossy(text)
    }
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
