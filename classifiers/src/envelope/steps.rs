//! The course of a job, read from its marks: which part of the log failed, and what came after.

use std::collections::HashSet;

use super::{Kind, Mark, Marks};
use crate::lines::Lines;

/// Commands that cannot be why a script failed: they only keep books, or pass on how something else ended.
const BOOKKEEPING: [&str; 14] = [
    "wait", "exit", "set", "echo", "kill", "true", "return", "rc=", "status=", "code=", "printf", "[",
    "test", "trap",
];
/// What makes a command's failure not count.
const TOLERANT: [&str; 5] = ["|| true", "|| echo", "|| :", "|| exit 0", "|| printf"];

/// A stretch of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its first line.
    pub(crate) first: u64,
    /// Its last line.
    pub(crate) last: u64,
    /// The name of the step, empty before the first one.
    pub(crate) name: String,
    /// The runner's own clean-up.
    pub(crate) cleanup: bool,
    /// The last line of what introduces it: the echo of its script and environment.
    pub(crate) header_end: u64,
    /// The line on which the provider says that the step failed.
    pub(crate) exit: Option<u64>,
    /// Lines that the provider marks as errors.
    pub(crate) errors: Vec<u64>,
    /// Commands about to run.
    pub(crate) commands: Vec<Command>,
}

/// A command that the log shows before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// Where.
    pub(crate) line: u64,
    /// Its failure does not count.
    pub(crate) tolerant: bool,
}

impl Part {
    /// Where it ended: the exit line, if the provider printed it inside the part.
    pub(crate) fn end(&self) -> u64 {
        self.exit.filter(|exit| (self.first..=self.last).contains(exit)).unwrap_or(self.last)
    }

    /// The last command before its end whose failure counts.
    pub(crate) fn last_command(&self) -> Option<u64> {
        let end = self.end();
        self.commands
            .iter()
            .rev()
            .find(|command| !command.tolerant && command.line < end)
            .map(|command| command.line)
    }

    /// Whether a line is the output of a command whose failure does not count.
    pub(crate) fn is_tolerated(&self, line: u64) -> bool {
        let after = self.commands.partition_point(|command| command.line <= line);
        after.checked_sub(1).is_some_and(|at| self.commands[at].tolerant)
    }

    /// Whether a line only shows what will run.
    pub(crate) fn is_echo(&self, line: u64) -> bool {
        line <= self.header_end || self.commands.binary_search_by_key(&line, |command| command.line).is_ok()
    }
}

/// The parts of a log in order, without gaps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps {
    /// All parts.
    pub(crate) parts: Vec<Part>,
    /// The provider said that the job passed, and nothing else.
    pub(crate) passed: bool,
    /// The provider said that something failed.
    pub(crate) failed: bool,
    /// The provider said that it took too long, and where.
    pub(crate) timed_out: Option<u64>,
    /// The provider said that it was stopped, and where.
    pub(crate) cancelled: Option<u64>,
    /// Whether the runner's last words are there (clean-up was seen).
    pub(crate) complete: bool,
    /// Whose log it is.
    kind: Kind,
    /// Lines that the runner wrote about the course of the job.
    pub(crate) runner: HashSet<u64>,
}

impl Steps {
    /// Reads the marks of a log.
    pub(crate) fn read(marks: &Marks, lines: &Lines) -> Steps {
        let mut steps = Steps { parts: vec![Part { first: 1, ..Part::default() }], ..Steps::default() };
        steps.kind = marks.kind;
        for (line, mark) in &marks.list {
            steps.apply(*line, mark, lines);
        }
        if let Some(part) = steps.parts.last_mut() {
            part.last = lines.newest().max(part.first);
        }
        steps.passed &= !steps.failed;
        steps
    }

    fn apply(&mut self, line: u64, mark: &Mark, lines: &Lines) {
        if !matches!(mark, Mark::Command | Mark::Error | Mark::Job(_)) {
            self.runner.insert(line);
        }
        match mark {
            Mark::Job(_) => self.open(line, String::new(), false),
            Mark::Step(name) => self.open(line, name.clone(), false),
            Mark::StepEnd => self.open(line + 1, String::new(), false),
            Mark::Cleanup => {
                self.complete = true;
                self.open(line, String::new(), true);
            }
            Mark::HeaderEnd => {
                let part = self.current();
                if part.header_end == 0 && part.name.starts_with("Run ") {
                    part.header_end = line;
                }
            }
            Mark::Skipped => self.current().name.clear(),
            Mark::Command => self.command(line, lines.get(line).unwrap_or_default()),
            Mark::Error => {
                self.failed = true;
                self.current().errors.push(line);
            }
            Mark::Exit => {
                self.failed = true;
                self.blame(line);
            }
            Mark::Failed => self.failed = true,
            Mark::Passed => self.passed = true,
            Mark::TimedOut => {
                self.failed = true;
                self.timed_out = Some(line);
                self.blame(line);
            }
            Mark::Cancelled => {
                self.failed = true;
                self.cancelled = Some(line);
                self.blame(line);
            }
            Mark::Truncated | Mark::Chatter => {}
        }
    }

    fn command(&mut self, line: u64, text: &[u8]) {
        let text = String::from_utf8_lossy(text);
        let script = text.trim_start_matches(['$', '+', ' ']);
        let word = script.split_whitespace().next().unwrap_or_default();
        if BOOKKEEPING
            .iter()
            .any(|keeper| word == *keeper || (keeper.ends_with('=') && word.starts_with(keeper)))
        {
            return;
        }
        let tolerant = TOLERANT.iter().any(|way_out| script.contains(way_out));
        self.current().commands.push(Command { line, tolerant });
    }

    /// The exit line closes the step that failed. Some providers print it after their clean-up: then it means the last
    /// real step, but with Jenkins, where stages may go on after a failure, none of several.
    fn blame(&mut self, line: u64) {
        let stages = self.parts.iter().filter(|part| !part.cleanup && !part.name.is_empty()).count();
        if self.kind == Kind::Jenkins && stages > 1 && self.current().name.is_empty() {
            return;
        }
        let blamed = self.parts.iter_mut().rev().find(|part| !part.cleanup && !part.name.is_empty());
        let part = match blamed {
            Some(part) => part,
            None => self.current(),
        };
        part.exit.get_or_insert(line);
    }

    fn current(&mut self) -> &mut Part {
        if self.parts.is_empty() {
            self.parts.push(Part { first: 1, ..Part::default() });
        }
        let last = self.parts.len() - 1;
        &mut self.parts[last]
    }

    fn open(&mut self, line: u64, name: String, cleanup: bool) {
        let current = self.current();
        current.last = line.saturating_sub(1).max(current.first);
        if current.first >= line && current.name.is_empty() && current.exit.is_none() {
            current.name = name;
            current.cleanup = cleanup;
            return;
        }
        self.parts.push(Part { first: line, last: line, name, cleanup, ..Part::default() });
    }

    /// The part that holds a line.
    pub(crate) fn part_of(&self, line: u64) -> Option<&Part> {
        let at = self.parts.partition_point(|part| part.first <= line);
        self.parts.get(at.checked_sub(1)?)
    }

    /// The lines that were printed together with a line: those of its step, without the echo of its script, what the
    /// runner says about its end, and the steps before and behind.
    pub(crate) fn around(&self, line: u64) -> (u64, u64) {
        let Some(part) = self.part_of(line) else { return (1, u64::MAX) };
        let first = if line > part.header_end { part.first.max(part.header_end + 1) } else { part.first };
        let mut last =
            part.exit.filter(|exit| *exit > line).map_or(part.last, |exit| exit.min(part.last + 1) - 1);
        while last > line && self.runner.contains(&last) {
            last -= 1;
        }
        (first.min(line), last.max(line))
    }

    /// Whether the runner would have said so if a task had failed, and did not: Azure's agent marks every failed task.
    /// GitHub's runner is silent about actions that fail in a container.
    pub(crate) fn nothing_failed(&self) -> bool {
        let ended = self.parts.last().is_some_and(|part| part.name.is_empty() || part.cleanup);
        self.kind == Kind::Azure && ended && !self.failed
    }

    /// How many further steps ran after the one that holds a line.
    pub(crate) fn steps_after(&self, line: u64) -> usize {
        let after = self.parts.partition_point(|part| part.first <= line);
        self.parts[after..].iter().filter(|part| !part.cleanup && !part.name.is_empty()).count()
    }

    /// The parts that failed: those with an exit line, or where there are none, those with error lines.
    pub(crate) fn failed_parts(&self) -> Vec<&Part> {
        let exits: Vec<&Part> = self.parts.iter().filter(|part| part.exit.is_some()).collect();
        if exits.is_empty() {
            self.parts.iter().filter(|part| !part.errors.is_empty()).collect()
        } else {
            exits
        }
    }
}
