//! From findings to the one that explains the failure.
//!
//! Specific beats general; what stands in the failed step beats the rest; what comes after the exit or in clean-up never
//! explains it; of equals the first one starts the cascade.

mod goal;

use goal::Goal;

use crate::{
    anomaly,
    baseline::{Baseline, Usual},
    category::Category,
    diagnosis::{AnnotationHint, Hints},
    envelope::{Part, Steps},
    lines::Lines,
    rule::Rule,
    session::{Hit, Hits},
    shape::Structured,
};

/// Where a finding comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    /// A rule, by its number.
    Rule(usize),
    /// The structure of a tool's output.
    Shape(Structured),
}

/// Where a finding stands in the course of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Region {
    /// In the failed step, behind its last command.
    Exit,
    /// The log does not show where it failed.
    Open,
    /// In the failed step, but before its last command: the job went on after it.
    Survived,
    /// In a step that did not fail.
    Elsewhere,
    /// In the failed step, but after its exit.
    After,
    /// In the runner's clean-up, or in the echo of a script that is about to run.
    Cleanup,
}

impl Region {
    /// Whether what stands there can be why the job failed.
    pub(crate) fn can_explain(self) -> bool {
        matches!(self, Region::Exit | Region::Open | Region::Survived)
    }

    /// What a place is worth against priorities.
    fn weight(self) -> f64 {
        match self {
            Region::Exit => 20.0,
            Region::Open => 10.0,
            Region::Survived => -14.0,
            Region::Elsewhere => -36.0,
            Region::After => -40.0,
            Region::Cleanup => -60.0,
        }
    }
}

/// A finding with its weight.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Where it comes from.
    pub(crate) source: Source,
    /// Its lines.
    pub(crate) hit: Hit,
    /// Where it stands.
    pub(crate) region: Region,
    /// A general sign only.
    pub(crate) weak: bool,
    /// How specific it is, 0–100.
    pub(crate) priority: f64,
    /// What decides.
    pub(crate) score: f64,
    /// What it lost for being far from the end.
    pub(crate) far: f64,
}

/// A finding of another category that is nearly as good makes the best one less sure, by so much for each point that it
/// is nearer than this.
const RIVAL: f64 = 10.0;
const RIVALRY: f64 = 0.045;
/// What a team's own rule gains over the built-in ones.
const OWN: f64 = 100.0;
/// What a finding loses on a line that the tool calls a warning or less.
const MILD: f64 = 16.0;
/// How such lines begin.
const MILD_STARTS: [&[u8]; 7] =
    [b"warning:", b"[warning]", b"##[warning]", b"##[debug]", b"[debug]", b"npm warn", b"[info]"];
/// What a finding gains where the provider annotated the same.
const ANNOTATED: f64 = 8.0;
/// What a finding loses on a line that green runs of the same job print too, and what one gains on an error-like line that
/// none of them printed.
const USUAL: f64 = 60.0;
const NEVER_SEEN: f64 = 4.0;
/// Findings within so much of the best one are as good as it.
const ALIKE: f64 = 5.0;
/// Findings within so many lines of each other may be one cascade.
const NEARBY: u64 = 100;
/// The weight of a finding from a tool's structure.
const SHAPE_PRIORITY: f64 = 58.0;

/// The course of the job as ranking needs it.
pub(crate) struct Course<'a> {
    steps: &'a Steps,
    failed: Vec<&'a Part>,
    /// The last line before the runner cleans up.
    last: u64,
    /// What the provider annotated.
    annotated: Vec<&'a str>,
    /// What green runs of the job print.
    baseline: Option<&'a Baseline>,
}

impl<'a> Course<'a> {
    /// Finds the failed steps; the provider's word about the name of the step wins.
    pub(crate) fn new(steps: &'a Steps, hints: &'a Hints, newest: u64) -> Course<'a> {
        let work = steps.parts.iter().rev().find(|part| !part.cleanup);
        let last = work.map_or(newest, |part| part.last.min(newest));
        let mut failed = steps.failed_parts();
        if let Some(name) = &hints.failed_step {
            let named: Vec<&Part> = steps
                .parts
                .iter()
                .filter(|part| !part.name.is_empty() && same_step(&part.name, name))
                .collect();
            if !named.is_empty() {
                failed = named;
            }
        }
        Course {
            steps,
            failed,
            last,
            annotated: told_of(hints),
            baseline: hints.baseline.as_deref().filter(|green| green.runs() > 0),
        }
    }

    /// The steps that failed.
    pub(crate) fn failed(&self) -> &[&'a Part] {
        &self.failed
    }

    /// What the provider annotated, without what it says of every failure.
    pub(crate) fn annotated(&self) -> &[&'a str] {
        &self.annotated
    }

    /// What a finding on a line gains or loses by what green runs print.
    fn novelty(&self, line: &[u8]) -> f64 {
        match self.baseline.map(|baseline| baseline.usual(line)) {
            Some(Usual::Known(_)) => -USUAL,
            Some(Usual::New(_)) if anomaly::is_loud(line) => NEVER_SEEN,
            _ => 0.0,
        }
    }

    /// Whether green runs of the job print a line too.
    pub(crate) fn is_usual(&self, line: &[u8]) -> bool {
        self.baseline.is_some_and(|baseline| baseline.usual(line).is_known())
    }

    /// Whether the provider annotated what a line says.
    pub(crate) fn is_annotated(&self, line: &[u8]) -> bool {
        self.annotated.iter().any(|told| memchr::memmem::find(line, told.as_bytes()).is_some())
    }

    /// Where a line stands.
    pub(crate) fn region(&self, line: u64) -> Region {
        let Some(part) = self.steps.part_of(line) else { return Region::Open };
        if part.cleanup || part.is_echo(line) {
            return Region::Cleanup;
        }
        if self.failed.is_empty() {
            let survived = !part.name.is_empty() && part.last_command().is_some_and(|command| line < command);
            return if survived || part.is_tolerated(line) { Region::Survived } else { Region::Open };
        }
        if !self.failed.iter().any(|failed| failed.first == part.first) {
            return Region::Elsewhere;
        }
        if line > part.end() {
            return Region::After;
        }
        let survived = part.last_command().is_some_and(|command| line < command);
        if survived || part.is_tolerated(line) { Region::Survived } else { Region::Exit }
    }

    /// Where a hit stands: its last line may be behind the command that its decisive line introduces.
    fn region_of(&self, hit: &Hit) -> Region {
        let (key, last) = (self.region(hit.key), self.region(hit.last));
        if last.weight() > key.weight() { last } else { key }
    }

    /// How far a line is from where the job ended.
    fn distance(&self, line: u64) -> u64 {
        let exits = self.failed.iter().map(|part| part.end());
        exits.filter(|exit| *exit >= line).min().unwrap_or(self.last).saturating_sub(line)
    }
}

/// What the provider's annotations and the results of the tests say.
fn told_of(hints: &Hints) -> Vec<&str> {
    let annotations = hints.annotations.iter().filter_map(told);
    let results = hints.test_results.iter().filter_map(|failure| failure.message.lines().next());
    let tests =
        hints.test_results.iter().filter_map(|failure| failure.test.as_deref()?.rsplit(['.', ':']).next());
    annotations.chain(results.chain(tests).map(str::trim).filter(|told| told.len() >= 8)).collect()
}

/// The first line of an annotation that says something of its own.
fn told(annotation: &AnnotationHint) -> Option<&str> {
    let told = annotation.message.lines().next()?.trim();
    (told.len() >= 8 && !told.starts_with("Process completed with exit code")).then_some(told)
}

/// Whether a step's name in the log and the provider's name for it mean the same.
fn same_step(in_log: &str, named: &str) -> bool {
    let bare = |name: &str| name.trim_start_matches("Run ").trim().to_lowercase();
    let (in_log, named) = (bare(in_log), bare(named));
    in_log == named
        || (named.len() > 8 && in_log.starts_with(&named))
        || (in_log.len() > 8 && named.starts_with(&in_log))
}

/// All findings, best first; of each rule the first hit of each cascade.
pub(crate) fn rank(
    rules: &[Rule],
    hits: &[Hits],
    structured: &[Structured],
    lines: &Lines,
    course: &Course<'_>,
) -> Vec<Candidate> {
    let goal = Goal::read(lines, structured);
    let mut candidates: Vec<Candidate> = Vec::new();
    for (number, hits) in hits.iter().enumerate().filter(|(_, hits)| hits.total > 0) {
        let rule = &rules[number];
        if rule.shadow {
            continue;
        }
        // What green runs print too counts only where there is nothing else, and never speaks for the rest.
        let usual = |hit: &&Hit| lines.get(hit.key).is_some_and(|line| course.is_usual(line));
        let known = hits.iter().filter(|hit| lines.get(hit.key).is_some());
        let (usual, new): (Vec<&Hit>, Vec<&Hit>) = known.partition(usual);
        let known = if new.is_empty() { usual } else { new };
        // The same for what the build tool's last word speaks against.
        let (noise, told): (Vec<&Hit>, Vec<&Hit>) =
            known.into_iter().partition(|hit| goal.loss(rule.category, hit.key) > 0.0);
        let known = if told.is_empty() { noise } else { told };
        candidates.extend(cascades(known.into_iter(), course, silence(rule.category)).into_iter().map(
            |cascade| {
                let line = lines.get(cascade.hit.key).unwrap_or_default();
                let last = lines.get(cascade.hit.last).unwrap_or_default();
                let annotated = if course.is_annotated(line) { ANNOTATED } else { 0.0 };
                let mild = if is_mild(line) && is_mild(last) { MILD } else { 0.0 };
                let own = if rule.own { OWN } else { 0.0 };
                let loss = goal.loss(rule.category, cascade.hit.key);
                let priority =
                    f64::from(rule.priority) + own + annotated - mild - loss + course.novelty(line);
                candidate(Source::Rule(number), &cascade, priority, rule.weak, course)
            },
        ));
    }
    candidates.extend(structured.iter().filter(|found| found.leads).cloned().map(|found| {
        let hit = Hit { key: found.key, first: found.lines.0, last: found.lines.1 };
        let cascade = Cascade { hit, region: course.region(hit.key), end: hit.key };
        let priority = SHAPE_PRIORITY + course.novelty(lines.get(hit.key).unwrap_or_default());
        candidate(Source::Shape(found), &cascade, priority, false, course)
    }));
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.hit.key.cmp(&b.hit.key)));
    first_of_cascade(&mut candidates, rules);
    whole_story(&mut candidates);
    candidates
}

/// A finding within the lines of a more specific one that takes several of them is a part of that story, and only seems
/// better because it stands nearer to the end.
fn whole_story(candidates: &mut [Candidate]) {
    let Some(best) = candidates.first() else { return };
    let covers = |other: &Candidate| {
        other.hit.first < best.hit.key
            && best.hit.key <= other.hit.last
            && !other.weak
            && other.priority > best.priority
            && other.region.can_explain()
    };
    if let Some(whole) = candidates.iter().position(covers) {
        candidates[..=whole].rotate_right(1);
    }
}

/// Of findings of the same kind that are nearly as good and near each other, the first one starts the cascade.
fn first_of_cascade(candidates: &mut [Candidate], rules: &[Rule]) {
    let category = |candidate: &Candidate| match &candidate.source {
        Source::Rule(number) => rules[*number].category,
        Source::Shape(found) => found.category,
    };
    let Some(best) = candidates.first() else { return };
    let alike = |other: &Candidate| {
        category(other) == category(best)
            && other.region == best.region
            && other.weak == best.weak
            && best.score - other.score <= ALIKE
            && other.hit.key < best.hit.first
            && best.hit.key - other.hit.key <= NEARBY
    };
    let earliest =
        (0..candidates.len()).filter(|&at| alike(&candidates[at])).min_by_key(|&at| candidates[at].hit.key);
    if let Some(earliest) = earliest {
        candidates[..=earliest].rotate_right(1);
    }
}

/// So many lines without another hit end a cascade, where it is not known which step failed: a network that failed long
/// before was survived, while compilers and tests go on after their first complaint.
fn silence(category: Category) -> u64 {
    use Category::{CompileError, LintFormat, TestFailure, TypeCheck};
    match category {
        CompileError | LintFormat | TestFailure | TypeCheck => u64::MAX,
        _ => 300,
    }
}

/// Hits of one rule in one region, told by the first of them.
struct Cascade {
    hit: Hit,
    region: Region,
    /// The line of the last one.
    end: u64,
}

/// Whether the tool itself calls a line a warning or less.
fn is_mild(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    MILD_STARTS
        .iter()
        .any(|start| line.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}

/// Puts a rule's hits together. Where it is known which step failed, all its hits there are one cascade; where it is
/// not, a long silence between them means that the first ones were survived.
fn cascades<'h>(hits: impl Iterator<Item = &'h Hit>, course: &Course<'_>, silence: u64) -> Vec<Cascade> {
    let mut cascades: Vec<Cascade> = Vec::new();
    for hit in hits {
        let region = course.region_of(hit);
        let apart =
            |cascade: &Cascade| region == Region::Open && hit.key > cascade.end.saturating_add(silence);
        match cascades.iter_mut().rev().find(|cascade| cascade.region == region) {
            Some(cascade) if !apart(cascade) => cascade.end = hit.end(),
            _ => cascades.push(Cascade { hit: *hit, region, end: hit.end() }),
        }
    }
    cascades
}

fn candidate(source: Source, cascade: &Cascade, priority: f64, weak: bool, course: &Course<'_>) -> Candidate {
    let weakness = if weak { 40.0 } else { 0.0 };
    let far = match cascade.region {
        Region::Open => {
            let lines = (2.5 * (1.0 + course.distance(cascade.end) as f64 / 40.0).log2()).min(20.0);
            lines.max((5.0 * course.steps.steps_after(cascade.end) as f64).min(20.0))
        }
        _ => 0.0,
    };
    let score = priority + cascade.region.weight() - weakness - far;
    Candidate { source, hit: cascade.hit, region: cascade.region, weak, priority, score, far }
}

/// How likely the best finding is right: how specific it is, where it stands, and whether another one is as good.
pub(crate) fn confidence(
    best: &Candidate,
    rivals: &[Candidate],
    category_of: impl Fn(&Candidate) -> Category,
) -> f64 {
    let own = match best.priority {
        p if p >= 80.0 => 0.95,
        p if p >= 60.0 => 0.91,
        p if p >= 40.0 => 0.84,
        p if p >= 20.0 => 0.66,
        _ => 0.45,
    };
    let region = match best.region {
        Region::Exit => 0.03,
        Region::Open => -best.far / 80.0,
        Region::Survived => -0.25,
        Region::Elsewhere | Region::After | Region::Cleanup => -0.5,
    };
    let category = category_of(best);
    let rival = rivals
        .iter()
        .filter(|rival| !rival.weak && rival.region.can_explain() && category_of(rival) != category)
        .map(|rival| (RIVAL - (best.score - rival.score)).max(0.0) * RIVALRY)
        .fold(0.0, f64::max);
    let cap = if best.weak { 0.5 } else { 0.98 };
    (own + region - rival).clamp(0.05, cap)
}
