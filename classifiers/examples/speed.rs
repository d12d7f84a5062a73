//! Measures one stage on one log, in CPU seconds: `speed STAGE LOG [RULES] [RUNS]`, where STAGE is `triage`, `match`, `clean`,
//! `lines`, `loop`, `quick` or `peak`, and RULES a file with one expression a line; without it the built-in packs are taken.
//!
//! `once` triages without a clock, for valgrind; `print` writes the cleaned log out instead. Prints bytes, median seconds (user and system time of this process), megabytes a second, and what was found.

#![expect(clippy::expect_used, reason = "a tool for people who measure; what goes wrong ends it")]

use std::{env, fmt::Write as _, fs, hint::black_box, io::Write as _};

use classifiers::{Classifier, Hints, PackSource, log};

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let [stage, path, ..] = args.as_slice() else {
        panic_with("speed triage|match|clean|lines|loop LOG [RULES] [RUNS]")
    };
    if stage == "print" {
        return std::io::stdout().write_all(&clean(path)).expect("printed");
    }
    let expressions = args.get(2).filter(|rules| *rules != "-").map(|rules| read(rules));
    let runs: usize = args.get(3).and_then(|runs| runs.parse().ok()).unwrap_or(5);
    let classifier = match &expressions {
        Some(expressions) => of_expressions(expressions),
        None => Classifier::builtin().expect("the built-in packs load"),
    };
    let bytes = fs::metadata(path).expect("the log is there").len();
    if stage == "once" {
        // No clock is read: under valgrind there is none.
        let told = triage(&classifier, path);
        return writeln!(std::io::stdout(), "{told}").expect("printed");
    }
    let mut seconds = Vec::new();
    let mut found = String::new();
    for _ in 0..runs.max(1) {
        // What is not of the stage itself stays out of its time.
        let cleaned = if matches!(stage.as_str(), "match" | "loop") { clean(path) } else { Vec::new() };
        let start = cpu();
        found = match stage.as_str() {
            "triage" => triage(&classifier, path),
            "match" => {
                let mut hits = 0_u64;
                classifier.matches(&cleaned, |_, _| hits += 1);
                format!("{hits} matches")
            }
            "loop" => rule_by_line(expressions.as_deref().unwrap_or_default(), &cleaned),
            "quick" => {
                let log = fs::File::open(path).expect("the log can be opened");
                let told = classifier.provisional(log, Hints::default()).expect("the log can be read");
                format!("from byte {}", told.from)
            }
            "peak" => {
                let idle = resident("VmRSS:");
                triage(&classifier, path);
                format!("{idle} kB idle, {} kB above it at the most", resident("VmHWM:") - idle)
            }
            "clean" => format!("{} bytes", clean(path).len()),
            "lines" => {
                let text = fs::read(path).expect("the log can be read");
                let start = cpu();
                let lines = bytecount(&text);
                seconds.push(cpu() - start);
                format!("{lines} lines")
            }
            other => panic_with(other),
        };
        if stage != "lines" {
            seconds.push(cpu() - start);
        }
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds[seconds.len() / 2];
    let mut out = std::io::stdout();
    writeln!(out, "{bytes} {median:.4} {:.1} {found}", bytes as f64 / 1e6 / median).expect("printed");
}

#[expect(clippy::panic, reason = "as above")]
fn panic_with(usage: &str) -> ! {
    panic!("{usage}")
}

fn read(path: &str) -> String {
    fs::read_to_string(path).expect("the rules can be read")
}

/// User and system time of this process so far.
fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Memory of this process, in kB.
fn resident(what: &str) -> i64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(what)).expect("a figure");
    line.trim().trim_end_matches(" kB").trim().parse().expect("a number")
}

fn bytecount(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text).count()
}

fn triage(classifier: &Classifier, path: &str) -> String {
    let log = log::open(path.as_ref()).expect("the log can be opened");
    let diagnosis = classifier.read(log, Hints::default()).expect("the log can be read");
    format!("{:?} {}", diagnosis.verdict, diagnosis.rule.unwrap_or_default())
}

fn clean(path: &str) -> Vec<u8> {
    let log = log::open(path.as_ref()).expect("the log can be opened");
    let mut cleaned = Vec::new();
    log::clean(log, |_, line| {
        cleaned.extend_from_slice(line);
        cleaned.push(b'\n');
    })
    .expect("the log can be read");
    cleaned
}

/// What people write first: every expression on every line.
fn rule_by_line(expressions: &str, text: &[u8]) -> String {
    let compile = |source: &str| {
        regex::bytes::RegexBuilder::new(source).unicode(!source.is_ascii()).build().expect("compiles")
    };
    let expressions: Vec<_> = expressions.lines().map(compile).collect();
    let mut hits = 0_u64;
    for line in text.split(|&byte| byte == b'\n') {
        hits += expressions.iter().filter(|expression| expression.is_match(line)).count() as u64;
    }
    black_box(hits);
    format!("{hits} matches")
}

/// A pack with one rule for each line of `expressions`.
fn of_expressions(expressions: &str) -> Classifier {
    let mut text = String::new();
    for (number, source) in expressions.lines().enumerate() {
        let source = serde_json::to_string(source).expect("a text");
        writeln!(
            text,
            "[[rule]]\nid = \"bench.rule.r{number}\"\ncategory = \"unknown\"\nowner = \"unknown\"\npriority = 50\n\
             match = {source}\nexplain = \"It matched.\"\nexamples = [\"x\"]\nnot = [\"y\"]\n"
        )
        .expect("written");
    }
    let (classifier, _) = Classifier::lenient(&[PackSource { name: "bench.toml".to_owned(), text }]);
    assert_eq!(classifier.rules().len(), expressions.lines().count(), "some expression does not load");
    classifier
}
