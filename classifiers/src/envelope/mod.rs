//! Where steps begin and end, and what the provider itself says about success: one file a provider.
//!
//! A provider's lines are found by the same pass that finds the rules: each file lists the texts that its marks contain
//! and says what a line that contains one of them means.

mod azure;
mod buildkite;
mod circleci;
mod github;
mod gitlab;
mod hosted;
mod jenkins;
mod plain;
mod steps;
mod travis;

pub(crate) use steps::{Part, Steps};

/// Marks of one kind beyond this many are dropped: a log that prints a diff looks like a million commands.
const MARK_CAP: usize = 20_000;

/// What a line says about the course of the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Another job of the same run begins.
    Job(String),
    /// A step begins.
    Step(String),
    /// What introduces a step (its script, its environment) is over.
    HeaderEnd,
    /// A step is over.
    StepEnd,
    /// The step that has just begun does not run.
    Skipped,
    /// Clean-up begins: what fails from here on is not the cause.
    Cleanup,
    /// A shell shows the command that it is about to run.
    Command,
    /// The provider marks this line as an error.
    Error,
    /// The wrapper's line: a step ended with this code, not 0.
    Exit,
    /// The job failed, says the provider.
    Failed,
    /// The job passed, says the provider.
    Passed,
    /// The job was stopped because it took too long.
    TimedOut,
    /// Somebody or something stopped the job.
    Cancelled,
    /// The log goes on, but part of it is missing.
    Truncated,
    /// The runner talks about itself.
    Chatter,
}

/// Whose log it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Kind {
    /// None of those below.
    #[default]
    Plain,
    /// Travis CI.
    Travis,
    /// `CircleCI`.
    Circleci,
    /// Buildkite.
    Buildkite,
    /// Jenkins.
    Jenkins,
    /// GitLab CI.
    Gitlab,
    /// GitHub Actions.
    Github,
    /// Azure Pipelines.
    Azure,
}

/// The marks of a log in order, with their lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    /// Whose log it looks like so far.
    pub(crate) kind: Kind,
    /// Line and mark.
    pub(crate) list: Vec<(u64, Mark)>,
    commands: usize,
    /// Nothing is dropped: whoever takes these marks over drops what is too much.
    unlimited: bool,
}

impl Marks {
    /// Marks of a part of a log.
    pub(crate) fn without_limit() -> Marks {
        Marks { unlimited: true, ..Marks::default() }
    }

    /// Takes over the marks of the next part of the log.
    pub(crate) fn take(&mut self, part: &mut Marks) {
        self.is(std::mem::take(&mut part.kind));
        for (line, mark) in part.list.drain(..) {
            if mark == Mark::Command { self.command(line) } else { self.push(line, mark) }
        }
    }

    /// Adds a mark.
    pub(crate) fn push(&mut self, line: u64, mark: Mark) {
        if self.unlimited || self.list.len() < 2 * MARK_CAP {
            self.list.push((line, mark));
        }
    }

    /// Adds the echo of a command.
    pub(crate) fn command(&mut self, line: u64) {
        self.commands += 1;
        if self.unlimited || self.commands <= MARK_CAP {
            self.list.push((line, Mark::Command));
        }
    }

    /// Notes whose log it is; the more telling kind stays.
    pub(crate) fn is(&mut self, kind: Kind) {
        self.kind = self.kind.max(kind);
    }

    /// Reads a line that contains one of the [`triggers`].
    pub(crate) fn read(&mut self, number: u64, line: &[u8]) {
        let line = &String::from_utf8_lossy(&line[..line.len().min(400)]);
        let mark = azure::read(line, self)
            .or_else(|| github::read(line, self))
            .or_else(|| gitlab::read(line))
            .or_else(|| jenkins::read(line, self))
            .or_else(|| circleci::read(line, self))
            .or_else(|| buildkite::read(line, self))
            .or_else(|| travis::read(line, self))
            .or_else(|| hosted::read(line, self))
            .or_else(|| plain::read(line));
        if let Some(mark) = mark {
            self.push(number, mark);
        }
    }
}

/// The texts of which a line must contain one to be worth a look.
pub(crate) fn triggers() -> impl Iterator<Item = &'static str> {
    [
        azure::TRIGGERS,
        github::TRIGGERS,
        gitlab::TRIGGERS,
        jenkins::TRIGGERS,
        circleci::TRIGGERS,
        buildkite::TRIGGERS,
        travis::TRIGGERS,
        hosted::TRIGGERS,
        plain::TRIGGERS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Looks at a raw line with terminal codes for the marks that cleaning removes.
pub(crate) fn sections(raw: &[u8], number: u64, marks: &mut Marks) {
    gitlab::section(raw, number, marks);
    travis::fold(raw, number, marks);
    buildkite::stamp(raw, number, marks);
}

/// The number that `text` begins with.
fn leading_number(text: &str) -> Option<i64> {
    let digits = text.trim_start_matches([' ', '\'', '"', ':']);
    let end =
        digits.char_indices().skip(1).find(|(_, c)| !c.is_ascii_digit()).map_or(digits.len(), |(at, _)| at);
    digits.get(..end)?.parse().ok()
}

/// An exit mark where the number behind `text` in `line` is not 0.
fn exit_behind(line: &str, text: &str) -> Option<Mark> {
    let (_, behind) = line.split_once(text)?;
    (leading_number(behind)? != 0).then_some(Mark::Exit)
}
