//! `whyred triage FILE…|-`

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use adapters::chat::{markdown, plain};
use adapters::message::{Fact, Message, Section, Span, Tone};
use anyhow::Context;
use classifiers::{Category, Classifier, Diagnosis, Failure, Hints, Provisional, Verdict};
use serde::Serialize;

use super::log_files::{self, Progress};
use super::terminal;
use crate::explain::{JobReading, excerpt_of};
use crate::text;

/// Lines of log shown.
const EXCERPT_LINES: usize = 20;

/// Reported failures shown.
const FAILURES: usize = 8;
/// The message of each is cut here (characters).
const MESSAGE: usize = 120;

/// Flags of the command.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Logs to read; `-` is standard input, `.gz` is read as it is
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,

    /// Read only the last 4 MiB of large files, for a provisional answer at once; its lines count from there
    #[arg(long)]
    quick: bool,

    /// Results of the tests in JUnit's XML, which count more than the text of the log; may be given several times
    #[arg(long, value_name = "FILE")]
    junit: Vec<PathBuf>,

    /// How to print the verdict
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// What green runs of the job print, made by `whyred baseline learn`
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object a file
    Json,
    /// For an issue or a pull request
    Markdown,
}

/// The stable JSON of one file.
#[derive(Debug, Serialize)]
struct Verdict9<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    provisional: Option<bool>,
    /// With `provisional`: the byte of the file from which lines are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    from_byte: Option<u64>,
    verdict: Verdict,
    category: Category,
    owner: classifiers::category::Owner,
    confidence: f64,
    rule: Option<&'a str>,
    summary: &'a str,
    key_line: Option<&'a classifiers::KeyLine>,
    explains: &'a [(u64, u64)],
    step: Option<&'a str>,
    fingerprint: &'a str,
    findings: Vec<Finding9<'a>>,
    failures: &'a [Failure],
    failures_total: u64,
    redactions: u64,
    lines: u64,
    bytes: u64,
    elapsed_ms: f64,
}

#[derive(Debug, Serialize)]
struct Finding9<'a> {
    rule: &'a str,
    category: Category,
    lines: (u64, u64),
    confidence: f64,
}

pub(super) fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let classifier = classifier(config)?;
    let baseline = args.baseline.as_deref().map(super::baseline::load).transpose()?.map(Arc::new);
    let hints = Hints { test_results: test_results(&args.junit)?, baseline, ..Hints::default() };
    let progress = Progress::over(&args.files);
    let mut all_read = true;
    for file in &args.files {
        progress.reading(file);
        let started = Instant::now();
        match read(&classifier, file, args.quick, &hints, &progress) {
            Ok(told) => print(args.format, file, &told, started.elapsed().as_secs_f64() * 1000.0)?,
            Err(error) => {
                all_read = false;
                terminal::complain(&anyhow::Error::new(error).context(format!("cannot read {file}")));
            }
        }
    }
    progress.done();
    Ok(if all_read { ExitCode::SUCCESS } else { ExitCode::from(super::EXIT_CANNOT) })
}

/// Reads a whole log, or in haste its end; what comes compressed or through a pipe has no end to jump to.
fn read(
    classifier: &Classifier,
    file: &str,
    quick: bool,
    hints: &Hints,
    progress: &Progress,
) -> std::io::Result<Provisional> {
    if quick && let Some(source) = log_files::seekable(file)? {
        return classifier.provisional(source, hints.clone());
    }
    let diagnosis = classifier.read(log_files::open(file, progress)?, hints.clone())?;
    Ok(Provisional { diagnosis, from: 0 })
}

/// The failed tests of result files.
fn test_results(files: &[PathBuf]) -> anyhow::Result<Vec<Failure>> {
    let mut failures = Vec::new();
    for file in files {
        let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        failures.extend(classifiers::junit::read(&bytes));
    }
    Ok(failures)
}

/// The built-in rules, and the configured ones if there is a configuration.
fn classifier(config: Option<&Path>) -> anyhow::Result<Classifier> {
    if config.is_none() && !Path::new(crate::config::DEFAULT_FILE).exists() {
        return Classifier::builtin().context("the built-in rules do not load");
    }
    let (config, _) = crate::config::load(config)?;
    crate::triage::load_classifier(&config.triage.rules)
}

fn print(format: Format, file: &str, told: &Provisional, elapsed_ms: f64) -> anyhow::Result<()> {
    match format {
        Format::Json => {
            let mut out = std::io::stdout().lock();
            serde_json::to_writer(&mut out, &to_json(file, told, elapsed_ms))?;
            writeln!(out)?;
        }
        Format::Markdown => {
            write!(std::io::stdout().lock(), "{}", markdown::render_markdown(&message(file, told)))?;
        }
        Format::Text => text(file, told, elapsed_ms)?,
    }
    Ok(())
}

fn to_json<'a>(file: &'a str, told: &'a Provisional, elapsed_ms: f64) -> Verdict9<'a> {
    let diagnosis = &told.diagnosis;
    let provisional = told.from > 0;
    Verdict9 {
        file,
        provisional: provisional.then_some(true),
        from_byte: provisional.then_some(told.from),
        verdict: diagnosis.verdict,
        category: diagnosis.category,
        owner: diagnosis.owner,
        confidence: rounded(diagnosis.confidence, 100.0),
        rule: diagnosis.rule.as_deref(),
        summary: &diagnosis.summary,
        key_line: diagnosis.key_line.as_ref(),
        explains: &diagnosis.explains,
        step: diagnosis.step.as_deref(),
        fingerprint: &diagnosis.fingerprint,
        findings: diagnosis
            .findings
            .iter()
            .map(|finding| Finding9 {
                rule: &finding.rule,
                category: finding.category,
                lines: finding.lines,
                confidence: rounded(finding.confidence, 100.0),
            })
            .collect(),
        failures: &diagnosis.failures,
        failures_total: diagnosis.failures_total,
        redactions: diagnosis.redactions,
        lines: diagnosis.lines,
        bytes: diagnosis.bytes,
        elapsed_ms: rounded(elapsed_ms, 10.0),
    }
}

fn rounded(number: f64, steps: f64) -> f64 {
    (number * steps).round() / steps
}

fn text(file: &str, told: &Provisional, elapsed_ms: f64) -> anyhow::Result<()> {
    let diagnosis = &told.diagnosis;
    let mut out = terminal::stdout();
    let (style, word) = match diagnosis.verdict {
        Verdict::Failed => (terminal::BAD, "failed"),
        Verdict::Passed => (terminal::GOOD, "passed"),
        Verdict::Unknown => (terminal::UNSURE, "unknown"),
    };
    let (strong, faint) = (terminal::STRONG, terminal::FAINT);
    writeln!(out, "{strong}{file}{strong:#}: {style}{word}{style:#}")?;
    let rendered = plain::render_text(&message(file, told));
    // The headline is printed above, with its colour.
    for line in rendered.lines().skip(1) {
        writeln!(out, "{line}")?;
    }
    writeln!(
        out,
        "{faint}{} lines, {} bytes, {} redacted, {elapsed_ms:.1} ms{faint:#}\n",
        diagnosis.lines, diagnosis.bytes, diagnosis.redactions
    )?;
    Ok(())
}

/// What the tools reported, a line each, where that is more than the one failure that the summary tells.
fn failures(diagnosis: &Diagnosis) -> Option<String> {
    if diagnosis.failures_total < 2 {
        return None;
    }
    let mut lines: Vec<String> = diagnosis.failures.iter().take(FAILURES).map(failure_line).collect();
    let more = diagnosis.failures_total - lines.len() as u64;
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    Some(lines.join("\n"))
}

/// `src/app.ts:12:5 TS2322: message`, or the test's name instead of the code.
fn failure_line(failure: &Failure) -> String {
    let mut place = failure.file.clone().unwrap_or_default();
    for number in [failure.line, failure.column].into_iter().flatten() {
        let _ = write!(place, ":{number}");
    }
    let name = failure.test.as_deref().or(failure.code.as_deref()).unwrap_or_default();
    let head =
        [place.as_str(), name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let message: String = failure.message.chars().take(MESSAGE).collect();
    format!("{head}: {message}")
}

/// The verdict as a message, for the renderers that people's surfaces use too.
fn message(file: &str, told: &Provisional) -> Message {
    let diagnosis = &told.diagnosis;
    let tone = match diagnosis.verdict {
        Verdict::Failed => Tone::Broken,
        Verdict::Passed | Verdict::Unknown => Tone::Info,
    };
    let mut message = Message::new(tone, format!("{file}: {}", text::category::name(diagnosis.category)));
    let section = |title: Option<&str>, words: String| Section {
        title: title.map(str::to_owned),
        text: vec![Span::text(words)],
        detail: false,
    };
    if diagnosis.verdict == Verdict::Unknown {
        message
            .sections
            .push(section(None, text::failure::unknown_cause(diagnosis.key_line.is_some(), false)));
    } else if !diagnosis.summary.is_empty() {
        let guess = diagnosis.category != Category::Unknown
            && diagnosis.verdict == Verdict::Failed
            && !diagnosis.is_sure();
        let opening = if guess { text::failure::guess() } else { String::new() };
        message.sections.push(section(None, format!("{opening}{}", text::sentence(&diagnosis.summary))));
    }
    if told.from > 0 {
        message.sections.push(section(None, text::provisional(told.from)));
    }
    for note in &diagnosis.notes {
        message.sections.push(section(None, note.sentence().to_owned()));
    }
    let reading = JobReading {
        name: file.to_owned(),
        url: None,
        line_url: None,
        diagnosis: diagnosis.clone(),
        log_problem: None,
    };
    message.excerpt = excerpt_of(&reading, EXCERPT_LINES);
    if let Some(words) = failures(diagnosis) {
        message.sections.push(section(Some("Reported"), words));
    }
    for (position, fix) in diagnosis.fix.iter().enumerate() {
        message.sections.push(section((position == 0).then_some("Try"), text::sentence(fix)));
    }
    if diagnosis.verdict == Verdict::Failed {
        let fact = |name: &str, value: String| Fact { name: name.to_owned(), value };
        message.facts.push(fact("Category", diagnosis.category.as_str().to_owned()));
        message.facts.push(fact("Whose move", text::category::owner(diagnosis.owner).to_owned()));
        message.facts.push(fact("Confidence", format!("{:.0} %", diagnosis.confidence * 100.0)));
        message.facts.extend(diagnosis.rule.clone().map(|rule| fact("Rule", rule)));
        message.facts.extend(diagnosis.step.clone().map(|step| fact("Step", step)));
        message.facts.push(fact("Fingerprint", diagnosis.fingerprint.clone()));
    }
    message
}
