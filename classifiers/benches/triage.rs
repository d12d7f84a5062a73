//! How fast a log is cleaned, matched and triaged: `cargo bench -p classifiers`.
//!
//! Wall time, for comparing one version with the next on a quiet machine. `evals/bench/run` compares with ripgrep and
//! hyperscan, in CPU time. The inputs are made by `evals/bench/gen_log.py` and `gen_rules.py` on the first run.

#![expect(clippy::expect_used, reason = "a tool for people who measure; what goes wrong ends it")]

use std::{
    collections::HashMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{LazyLock, Mutex},
};

use classifiers::{Classifier, Hints, PackSource, log};
use divan::{Bencher, counter::BytesCount};

const LOGS: [&str; 5] = ["1 MB", "10 MB", "100 MB", "dense", "one line"];
const RULES: [usize; 4] = [100, 300, 1000, 5000];

fn main() {
    divan::main();
}

#[divan::bench(args = LOGS, sample_count = 5, sample_size = 1)]
fn clean(bencher: Bencher<'_, '_>, name: &str) {
    let bytes = log_of(name);
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| {
        let mut length = 0;
        log::clean(bytes, |_, line| length += line.len()).expect("memory can be read");
        length
    });
}

#[divan::bench(args = LOGS, consts = RULES, sample_count = 5, sample_size = 1)]
fn matching<const N: usize>(bencher: Bencher<'_, '_>, name: &str) {
    let classifier = of_expressions(N);
    let mut text = Vec::new();
    log::clean(log_of(name), |_, line| {
        text.extend_from_slice(line);
        text.push(b'\n');
    })
    .expect("memory can be read");
    bencher.counter(BytesCount::new(text.len())).bench_local(|| {
        let mut matches = 0_u64;
        classifier.matches(&text, |_, _| matches += 1);
        matches
    });
}

#[divan::bench(args = LOGS, consts = RULES, sample_count = 5, sample_size = 1)]
fn triage<const N: usize>(bencher: Bencher<'_, '_>, name: &str) {
    let (classifier, bytes) = (of_expressions(N), log_of(name));
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench_local(|| classifier.read(bytes, Hints::default()).expect("memory can be read"));
}

#[divan::bench(args = LOGS, sample_count = 5, sample_size = 1)]
fn triage_with_the_packs(bencher: Bencher<'_, '_>, name: &str) {
    static PACKS: LazyLock<Classifier> = LazyLock::new(|| Classifier::builtin().expect("the packs load"));
    let bytes = log_of(name);
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench_local(|| PACKS.read(bytes, Hints::default()).expect("memory can be read"));
}

#[divan::bench(sample_count = 20)]
fn load_the_packs() -> Classifier {
    Classifier::builtin().expect("the packs load")
}

/// The limit: only counting lines.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn count_lines(bencher: Bencher<'_, '_>) {
    let bytes = log_of("100 MB");
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| memchr::memchr_iter(b'\n', bytes).count());
}

/// What people write first: every expression on every line.
#[divan::bench(consts = [100, 300], sample_count = 3, sample_size = 1)]
fn rule_by_line<const N: usize>(bencher: Bencher<'_, '_>) {
    let bytes = log_of("1 MB");
    let compile = |source: &str| {
        regex::bytes::RegexBuilder::new(source).unicode(!source.is_ascii()).build().expect("compiles")
    };
    let expressions: Vec<_> = expressions(N).lines().map(compile).collect();
    bencher.counter(BytesCount::new(bytes.len())).bench_local(|| {
        let lines = bytes.split(|&byte| byte == b'\n');
        lines.map(|line| expressions.iter().filter(|rule| rule.is_match(line)).count()).sum::<usize>()
    });
}

/// The bytes of a log, made once.
fn log_of(name: &str) -> &'static [u8] {
    static KNOWN: LazyLock<Mutex<HashMap<String, &'static [u8]>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().expect("no bench panicked");
    known.entry(name.to_owned()).or_insert_with(|| Vec::leak(make_log(name)))
}

fn make_log(name: &str) -> Vec<u8> {
    match name {
        "dense" => {
            // Failing logs one after the other, as often as it takes.
            let mut logs: Vec<PathBuf> = fs::read_dir(repository("evals/corpus/made/logs"))
                .expect("the corpus is there")
                .map(|entry| entry.expect("an entry").path())
                .collect();
            logs.sort();
            let once: Vec<u8> = logs.iter().flat_map(|log| fs::read(log).expect("readable")).collect();
            once.repeat(10_000_000 / once.len().max(1) + 1)
        }
        "one line" => vec![b'x'; 50 << 20],
        _ => {
            let size = name.split(' ').next().unwrap_or_default();
            let path = made(&format!("{size}.log"));
            if !path.exists() {
                python("gen_log.py", &[size, "end", "1", path.to_str().expect("a plain path")]);
            }
            fs::read(path).expect("made")
        }
    }
}

fn expressions(count: usize) -> String {
    let path = made(&format!("rules-{count}.txt"));
    if !path.exists() {
        python("gen_rules.py", &[env!("CARGO_TARGET_TMPDIR")]);
    }
    fs::read_to_string(path).expect("made")
}

/// A pack with one rule for each expression.
fn of_expressions(count: usize) -> Classifier {
    let mut text = String::new();
    for (number, source) in expressions(count).lines().enumerate() {
        let source = serde_json::to_string(source).expect("a text");
        writeln!(
            text,
            "[[rule]]\nid = \"bench.rule.r{number}\"\ncategory = \"unknown\"\nowner = \"unknown\"\npriority = 50\n\
             match = {source}\nexplain = \"It matched.\"\nexamples = [\"x\"]\nnot = [\"y\"]\n"
        )
        .expect("written");
    }
    let (classifier, _) = Classifier::lenient(&[PackSource { name: "bench.toml".to_owned(), text }]);
    assert_eq!(classifier.rules().len(), count, "some expression does not load");
    classifier
}

fn made(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn python(script: &str, args: &[&str]) {
    let script = repository("evals/bench").join(script);
    let status = Command::new("python3").arg(&script).args(args).status();
    let ran = status.is_ok_and(|status| status.success());
    assert!(ran, "python3 {} did not run: install python3", script.display());
}
