//! What the build tool itself says that failed: the goal, the task, the tests.
//!
//! Builds print errors all the time that stop nothing: an application under test logs them on purpose. The tool's own last
//! word tells which part failed, so what an earlier part printed was survived, and what the tests logged is not the cause
//! where the tool counts failed tests.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use regex::Regex;

use crate::{category::Category, lines::Lines, shape::Structured};

/// So many lines at the end of the log hold the tool's last word.
const TAIL: u64 = 4_000;
/// The most lines of a stack trace that belong to a failed test.
const TRACE: u64 = 120;
/// What a finding loses that was survived, or that a program logged while its tests ran.
const NOISE: f64 = 48.0;

static MAVEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"Failed to execute goal (?:[\w.-]+:)?(?P<plugin>[\w.-]+):[^:\s]+:(?P<goal>[\w-]+).* on project (?P<project>[\w.-]+)").ok()
});
static GRADLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^Execution failed for task '(?P<task>:[\w:.-]+)'").ok());

/// How tools count the tests that failed.
static TESTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
          ^(?:\[ERROR\]\ )?\s*Tests\ run:\ \d+,\ (?:Failures:\ [1-9]|Failures:\ 0,\ Errors:\ [1-9])
        | ^\s*>?\ *There\ were\ failing\ tests
        | ^\d+\ tests?\ completed,\ [1-9]\d*\ failed
        | ^FAILED\ \((?:\w+=\d+,\ )*(?:failures|errors)=[1-9]
        | ^=+\ (?:.*\ )?[1-9]\d*\ (?:failed|errors?)\b.*=+$
        | ^test\ result:\ FAILED
        | ^\s*Tests:\s+(?:\d+\ skipped,\ )?[1-9]\d*\ failed
        | ^\s+[1-9]\d*\ failing$
        | ^\d+\ examples?,\ [1-9]\d*\ failures?
        | ^Tests:\ \d+,\ Assertions:\ \d+,\ (?:Errors|Failures):\ [1-9]
        | ^\d+%\ tests\ passed,\ [1-9]\d*\ tests?\ failed
        ",
    )
    .ok()
});

/// Plugins and tasks that read what was built: no service takes part in what they say. Parts of their names, in lower case.
const CHECKS: [&str; 20] = [
    "checkstyle",
    "pmd",
    "cpd",
    "findbugs",
    "spotbugs",
    "spotless",
    "jacoco",
    "cobertura",
    "enforcer",
    "rat",
    "license",
    "animal-sniffer",
    "japicmp",
    "revapi",
    "clirr",
    "impsort",
    "ktlint",
    "detekt",
    "compile",
    "javadoc",
];
/// Those that run tests.
const RUNS_TESTS: [&str; 5] = ["surefire", "failsafe", "test", "scalatest", "cucumber"];

/// What the part that failed does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// Checks or compiles.
    Checks,
    /// Runs tests, of which none is counted as failed: it may have crashed.
    Runs,
    /// Runs tests, some of which failed.
    Tests,
    /// Something else, or it is not known.
    Unknown,
}

/// The tool's last word.
#[derive(Debug)]
pub(super) struct Goal {
    /// Everything before this line was survived.
    begins: Option<u64>,
    work: Work,
    /// The stories of failed tests, and the last word itself.
    told: Vec<RangeInclusive<u64>>,
}

impl Goal {
    /// Reads it from the end of the log.
    pub(super) fn read(lines: &Lines, structured: &[Structured]) -> Self {
        let from = lines.newest().saturating_sub(TAIL);
        let heads: Vec<(u64, Head)> = lines
            .range(from, lines.newest())
            .filter_map(|(number, line)| Some((number, Head::of(line)?)))
            .collect();
        // Without the head of even one of them nothing is known to have been survived.
        let begins: Option<Vec<u64>> = heads.iter().map(|(_, head)| head.line(lines)).collect();
        let work = if counts_failed_tests(lines, from) {
            Work::Tests
        } else {
            heads
                .iter()
                .map(|(_, head)| head.work())
                .reduce(|a, b| if a == b { a } else { Work::Unknown })
                .unwrap_or(Work::Unknown)
        };
        let mut told: Vec<RangeInclusive<u64>> = structured
            .iter()
            .filter(|failure| failure.category == Category::TestFailure)
            .map(|failure| failure.lines.0..=story_end(lines, failure.lines.1))
            .collect();
        told.extend(heads.first().map(|(number, _)| *number..=u64::MAX));
        Self { begins: begins.and_then(|begins| begins.into_iter().min()), work, told }
    }

    /// What a finding of a category on a line loses for not being what the tool says.
    pub(super) fn loss(&self, category: Category, line: u64) -> f64 {
        let survived = self.begins.is_some_and(|begins| line < begins);
        let logged = self.is_only_logged(category) && !self.told.iter().any(|told| told.contains(&line));
        if survived || logged { NOISE } else { 0.0 }
    }

    /// Kinds of failure that programs log while they are tested or built, without failing themselves.
    fn is_only_logged(&self, category: Category) -> bool {
        use Category::{AuthPermission, Database, Dns, Network, OutOfMemory, RateLimit, Tls};
        match category {
            AuthPermission | Database | Dns | Network | RateLimit | Tls => self.work != Work::Unknown,
            OutOfMemory => matches!(self.work, Work::Tests | Work::Checks),
            _ => false,
        }
    }
}

/// A stack trace belongs to the test that it stands under.
fn story_end(lines: &Lines, last: u64) -> u64 {
    let is_trace = |line: &[u8]| {
        line.first().is_some_and(|first| matches!(first, b' ' | b'\t'))
            || line.starts_with(b"Caused by:")
            || line.starts_with(b"... ")
    };
    let trace = lines.range(last + 1, last + TRACE).take_while(|(_, line)| is_trace(line));
    trace.map(|(number, _)| number).last().unwrap_or(last)
}

/// What stands over the output of the part that failed.
enum Head {
    /// `--- maven-surefire-plugin:2.19:test (default-test) @ shop ---`
    Maven {
        /// `--- maven-surefire-plugin:` or, in new versions, `--- surefire:`.
        names: [String; 2],
        /// `@ shop ---`.
        project: String,
    },
    /// `> Task :shop:test FAILED` or `:shop:test FAILED`.
    Gradle(String),
}

impl Head {
    fn of(line: &[u8]) -> Option<Self> {
        if memchr::memmem::find(line, b"Failed to execute goal").is_some() {
            let text = String::from_utf8_lossy(line);
            let found = MAVEN.as_ref()?.captures(&text)?;
            let plugin = &found["plugin"];
            let short =
                plugin.trim_end_matches("-plugin").trim_end_matches("-maven").trim_start_matches("maven-");
            return Some(Self::Maven {
                names: [format!("--- {plugin}:"), format!("--- {short}:")],
                project: format!(" @ {} ---", &found["project"]),
            });
        }
        if line.starts_with(b"Execution failed for task") {
            let text = String::from_utf8_lossy(line);
            return Some(Self::Gradle(GRADLE.as_ref()?.captures(&text)?["task"].to_owned()));
        }
        None
    }

    fn work(&self) -> Work {
        let name = match self {
            Self::Maven { names, .. } => names[1].to_lowercase(),
            Self::Gradle(task) => task.rsplit(':').next().unwrap_or(task).to_lowercase(),
        };
        let is = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        if is(&CHECKS) {
            Work::Checks
        } else if is(&RUNS_TESTS) {
            Work::Runs
        } else {
            Work::Unknown
        }
    }

    fn line(&self, lines: &Lines) -> Option<u64> {
        let last = |is: &dyn Fn(&[u8]) -> bool| {
            lines.range(0, lines.newest()).filter(|(_, line)| is(line)).map(|(number, _)| number).last()
        };
        let has = |line: &[u8], part: &str| memchr::memmem::find(line, part.as_bytes()).is_some();
        match self {
            Self::Maven { names, project } => {
                last(&|line| has(line, project) && names.iter().any(|name| has(line, name)))
            }
            Self::Gradle(task) => last(&|line| {
                let line = line.strip_prefix(b"> Task ").unwrap_or(line);
                line.strip_prefix(task.as_bytes()).is_some_and(|rest| rest.is_empty() || rest == b" FAILED")
            }),
        }
    }
}

/// Whether a tool counts tests that failed.
fn counts_failed_tests(lines: &Lines, from: u64) -> bool {
    let Some(counted) = TESTS.as_ref() else { return false };
    let is_count = |line: &[u8]| {
        std::str::from_utf8(&line[..line.len().min(200)]).is_ok_and(|line| counted.is_match(line))
    };
    lines.range(from, lines.newest()).any(|(_, line)| is_count(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(log: &str) -> Goal {
        let mut lines = Lines::default();
        for (number, line) in (1..).zip(log.lines()) {
            lines.push(number, line.as_bytes());
        }
        Goal::read(&lines, &[])
    }

    #[test]
    fn what_stands_above_the_failed_goal_was_survived() {
        let goal = goal(
            "[INFO] --- maven-surefire-plugin:2.19:test (default-test) @ shop ---\n\
             java.net.ConnectException: Connection refused\n\
             [INFO] --- maven-checkstyle-plugin:2.17:check (default) @ shop ---\n\
             Cart.java:17:8: Unused import\n\
             [ERROR] Failed to execute goal org.apache.maven.plugins:maven-checkstyle-plugin:2.17:check (default) on project shop: Failed",
        );
        assert!(goal.loss(Category::TestFailure, 2) > 0.0, "the tests passed");
        assert!(goal.loss(Category::Network, 2) > 0.0);
        assert!(goal.loss(Category::LintFormat, 4) <= 0.0);
        assert!(goal.loss(Category::Network, 5) <= 0.0, "the last word itself may tell of a network");
    }

    #[test]
    fn several_failed_parts_begin_with_the_first() {
        let goal = goal(
            "> Task :a:test FAILED\n\
             one\n\
             > Task :b:checkstyleMain FAILED\n\
             Execution failed for task ':a:test'.\n\
             Execution failed for task ':b:checkstyleMain'.",
        );
        assert_eq!((goal.begins, goal.work), (Some(1), Work::Unknown));
        assert!(goal.loss(Category::TestFailure, 2) <= 0.0);
    }

    #[test]
    fn tests_log_errors_that_are_not_theirs() {
        let log = "FATAL java.lang.OutOfMemoryError: simulated\nTests run: 12, Failures: 1, Errors: 0, Skipped: 0\n";
        assert!(goal(log).loss(Category::OutOfMemory, 1) > 0.0);
        assert!(
            goal(log).loss(Category::Timeout, 1) <= 0.0,
            "it is not the program that tells of a time-out"
        );
        let passed = log.replace("Failures: 1", "Failures: 0");
        assert!(goal(&passed).loss(Category::OutOfMemory, 1) <= 0.0, "nothing is counted as failed");
    }

    #[test]
    fn without_a_last_word_nothing_is_known() {
        let goal = goal("curl: (7) Failed to connect\nmake: *** [all] Error 7");
        assert!(goal.loss(Category::Network, 1) <= 0.0);
    }
}
