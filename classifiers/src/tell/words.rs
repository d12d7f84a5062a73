//! What a finding is called, what kind it is, and what it says in one sentence.

use std::borrow::Cow;

use super::Teller;
use crate::{
    category::{Category, Owner},
    excerpt,
    origin::{self, Origin},
    rank::{Candidate, Source},
    rule::{Pattern, Rule, behind_marker, fill},
    sentence::{failed_test, tidy},
    session::Hit,
};

/// So far from a hit the lines may stand that complete its sentence.
const ALSO: u64 = 12;

impl Teller<'_> {
    pub(super) fn id(&self, candidate: &Candidate) -> &str {
        match &candidate.source {
            Source::Rule(number) => &self.read.rules[*number].id,
            Source::Shape(found) => found.id,
        }
    }

    pub(super) fn category(&self, candidate: &Candidate) -> Category {
        match &candidate.source {
            Source::Rule(number) => self.read.rules[*number].category,
            Source::Shape(found) => found.category,
        }
    }

    /// Whose move it is: the rule's word, unless the failure turns out to be a library's.
    pub(super) fn owner(&self, candidate: &Candidate) -> Owner {
        let owner = match &candidate.source {
            Source::Rule(number) => self.read.rules[*number].owner,
            Source::Shape(_) => Owner::Code,
        };
        if owner != Owner::Code {
            return owner;
        }
        let origin = match self.category(candidate) {
            Category::CompileError | Category::TypeCheck => {
                origin::of_complaint(self.read.lines, candidate.hit.key)
            }
            Category::TestFailure => {
                let (first, last) = self.steps.around(candidate.hit.key);
                origin::of_failed_test(self.read.lines, first, last)
            }
            _ => Origin::Unknown,
        };
        if origin == Origin::Library { Owner::Dependency } else { owner }
    }

    /// The sentence of the best finding. A failed test is called by its name, which may stand elsewhere than its message.
    pub(super) fn sentence(&self, best: &Candidate, ranked: &[Candidate]) -> String {
        let told = self.summary(best);
        let named = self.structure(best, ranked).filter(|found| found.category == Category::TestFailure);
        let sentence = match (named.and_then(|found| Some((found, found.name()?))), &best.source) {
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

    pub(super) fn summary(&self, candidate: &Candidate) -> String {
        match &candidate.source {
            Source::Rule(number) => {
                let rule = &self.read.rules[*number];
                fill(&rule.explain, &self.groups(rule, candidate.hit))
            }
            Source::Shape(found) if found.category == Category::TestFailure && found.test.is_some() => {
                failed_test(found.name().unwrap_or_default(), &found.message)
            }
            Source::Shape(found) => {
                let name = found.name().map(|name| format!("{name}: ")).unwrap_or_default();
                let place = found.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
                format!("{name}{}{place}", found.message)
            }
        }
    }

    /// The named groups of all expressions of a rule, from the lines that they matched.
    pub(super) fn groups(&self, rule: &Rule, hit: Hit) -> Vec<(String, String)> {
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
    pub(super) fn nearest(&self, also: &Pattern, hit: Hit) -> Vec<(String, String)> {
        let around = self.read.lines.range(hit.first.saturating_sub(ALSO), hit.last.max(hit.key) + ALSO);
        let found = around.filter(|(_, line)| also.is_match(line));
        let nearest = found.min_by_key(|(line, _)| (line.abs_diff(hit.key), *line < hit.key));
        nearest.map(|(_, line)| also.captures(line)).unwrap_or_default()
    }

    /// A line without the runner's marker.
    pub(super) fn text(&self, line: u64) -> Cow<'_, str> {
        let text = self.read.lines.get(line).unwrap_or_default();
        let text = if text.starts_with(b"##[") { behind_marker(text).unwrap_or(text) } else { text };
        String::from_utf8_lossy(text)
    }
}
