//! Planted secrets: does any of them survive redaction? And how many ordinary lines does it alter?

mod plants;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use classifiers::redact::{redact, redact_secrets};
use serde::Deserialize;

use crate::{
    corpus,
    figure::Figure,
    floors::Floors,
    report::{Format, Page, tell},
    stats::Draw,
};

/// Where its floors stand in `floors.toml`.
pub(crate) const TABLE: &str = "redaction";
/// How many sets of planted secrets are drawn.
const SEEDS: u64 = 5;

/// What `evals redaction` is asked for.
#[derive(clap::Args)]
pub(crate) struct RedactionArgs {
    /// Folders with secrets.jsonl, with labels.jsonl (for ordinary lines), or both.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Print each ordinary line that is altered, as it is left.
    #[arg(long)]
    altered: bool,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Fail below the floors in evals/floors.toml.
    #[arg(long)]
    floors: bool,
}

/// One line of `secrets.jsonl`.
#[derive(Deserialize)]
struct Planted {
    file: String,
    id: String,
    secrets: Vec<Secret>,
}

/// A secret and its kind.
#[derive(Deserialize)]
struct Secret {
    r#type: String,
    value: String,
}

/// What was counted.
#[derive(Default)]
struct Counts {
    gone: usize,
    planted: usize,
    lines: usize,
    altered: usize,
    addresses: usize,
    failing_lines: usize,
    failing_altered: usize,
    survivors: Vec<String>,
    shown: Vec<String>,
}

/// Scores redaction; fails if a secret survives.
pub(crate) fn run(args: &RedactionArgs) -> Result<bool> {
    let counts = count(&args.folders)?;
    let figures = figures(&counts);
    let mut page = Page::default();
    page.heading("redaction");
    page.figures(&figures);
    page.lines(counts.survivors.clone());
    if args.altered {
        page.lines(counts.shown.clone());
    }
    match args.format {
        Format::Text => tell(&page.text()),
        Format::Markdown => tell(&page.markdown()),
        Format::Json => tell(&format!("{}\n", serde_json::to_string_pretty(&figures)?)),
    }
    let held = !args.floors || Floors::committed()?.hold(TABLE, &figures);
    Ok(held && counts.survivors.is_empty())
}

/// The figures on some folders, for floors and the page of current figures.
pub(crate) fn measure(folders: &[PathBuf]) -> Result<Vec<Figure>> {
    Ok(figures(&count(folders)?))
}

fn count(folders: &[PathBuf]) -> Result<Counts> {
    let mut counts = Counts::default();
    for seed in 0..SEEDS {
        generated(&mut counts, seed);
    }
    for folder in folders {
        if folder.join("secrets.jsonl").exists() {
            committed(&mut counts, folder)?;
        }
        if folder.join("labels.jsonl").exists() {
            ordinary(&mut counts, folder)?;
        }
    }
    Ok(counts)
}

fn figures(counts: &Counts) -> Vec<Figure> {
    vec![
        Figure::share("recall", "planted secrets gone", counts.gone, counts.planted).at_least(1.0),
        Figure::share("altered", "ordinary lines altered", counts.altered, counts.lines).at_most(0.005),
        Figure::share("addresses", "lines with e-mail addresses", counts.addresses, counts.lines),
        Figure::share(
            "altered_failing",
            "lines of failing logs altered",
            counts.failing_altered,
            counts.failing_lines,
        ),
    ]
}

/// The secrets that are made here.
fn generated(counts: &mut Counts, seed: u64) {
    let mut survivors: BTreeMap<String, String> = BTreeMap::new();
    for plant in plants::all(&mut Draw::seeded(seed)) {
        let redacted = redact(&plant.line).text;
        for secret in &plant.secrets {
            counts.planted += 1;
            if redacted.contains(secret.as_str()) {
                survivors.entry(plant.kind.clone()).or_insert_with(|| redacted.to_string());
            } else {
                counts.gone += 1;
            }
        }
    }
    counts.survivors.extend(
        survivors.into_iter().map(|(kind, line)| format!("SURVIVED, made with seed {seed}: {kind}: {line}")),
    );
}

/// The secrets that were planted in the logs of a folder.
fn committed(counts: &mut Counts, folder: &Path) -> Result<()> {
    for planted in planted(folder)? {
        let text = String::from_utf8_lossy(&corpus::bytes(&folder.join(&planted.file))?).into_owned();
        let redacted: String =
            text.split_inclusive('\n').map(|line| redact(line).text.into_owned()).collect();
        for secret in &planted.secrets {
            counts.planted += 1;
            // Some kinds are printed by the tool in another form than the planted one.
            if redacted.contains(&secret.value) {
                counts
                    .survivors
                    .push(format!("SURVIVED in {}: a secret of kind {}", planted.id, secret.r#type));
            } else {
                counts.gone += 1;
            }
        }
    }
    Ok(())
}

fn planted(folder: &Path) -> Result<Vec<Planted>> {
    let path = folder.join("secrets.jsonl");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    text.lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("{} is not right", path.display())))
        .collect()
}

/// Passing logs hold no secrets: what is altered there is lost to the reader. Failing logs are counted apart, as their
/// tools do print credentials now and then, and so are lines in which only an address is taken out. Held-out logs are not
/// looked at.
fn ordinary(counts: &mut Counts, folder: &Path) -> Result<()> {
    let holds_secrets: Vec<String> = if folder.join("secrets.jsonl").exists() {
        planted(folder)?.into_iter().map(|planted| planted.file).collect()
    } else {
        Vec::new()
    };
    for label in corpus::labels(folder)? {
        if label.held_out() == Some(true) || holds_secrets.contains(&label.file) {
            continue;
        }
        let text = String::from_utf8_lossy(&corpus::bytes(&folder.join(&label.file))?).into_owned();
        for (number, line) in text.lines().enumerate() {
            let secrets = redact_secrets(line);
            let altered = usize::from(secrets.count > 0);
            if altered > 0 {
                counts.shown.push(format!("{}:{}: {}", label.id, number + 1, secrets.text));
            }
            if label.passes() {
                counts.lines += 1;
                counts.altered += altered;
                counts.addresses += usize::from(altered == 0 && redact(line).count > 0);
            } else {
                counts.failing_lines += 1;
                counts.failing_altered += altered;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_planted_secret_survives() {
        let mut counts = Counts::default();
        generated(&mut counts, 0);
        assert!(counts.planted > 1000);
        assert_eq!(counts.survivors, Vec::<String>::new());
    }
}
