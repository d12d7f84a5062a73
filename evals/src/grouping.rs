//! Fingerprints: does the same failure get the same one on another machine at another time, and another failure another one?
//!
//! The pairs are made from labelled logs. Must join: a log and itself with other ids, paths, users, times, versions,
//! positions, colours and wrappers. Must not join: a log and itself about another test, code, host, file or name; and logs
//! of different failures.

mod altered;

use std::path::PathBuf;

use anyhow::Result;
use classifiers::{Classifier, Hints, Verdict};

use crate::{corpus, figure::Figure, floors::Floors, report::line};

/// Versions of each log that tell the same failure.
const SAME: u64 = 5;

/// What `evals grouping` is asked for.
#[derive(clap::Args)]
pub(crate) struct GroupingArgs {
    /// Folders with labels.jsonl.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Fail below the floors in evals/floors.toml.
    #[arg(long)]
    floors: bool,
    /// Tell every pair that was judged wrongly.
    #[arg(long)]
    wrong: bool,
}

/// Pairs that should have joined and those that should not, each with how many did.
#[derive(Default)]
struct Pairs {
    same: usize,
    same_joined: usize,
    near: usize,
    near_joined: usize,
    cross: usize,
    cross_joined: usize,
}

/// Makes the pairs and prints the figures.
pub(crate) fn run(classifier: &Classifier, args: &GroupingArgs) -> Result<bool> {
    let mut held = true;
    for folder in &args.folders {
        let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let pairs = Pairs::of(classifier, folder, args.wrong)?;
        line(&format!(
            "{name}: {} pairs that must join, {} near misses ({} joined), {} pairs of different failures ({} joined)",
            pairs.same, pairs.near, pairs.near_joined, pairs.cross, pairs.cross_joined
        ));
        let figures = pairs.figures();
        for figure in &figures {
            line(&format!(
                "{:<34} {:>7}  ({}–{}) {}",
                figure.title,
                figure.write(figure.value),
                figure.write(figure.low),
                figure.write(figure.high),
                figure.target_text()
            ));
        }
        held &= !args.floors || Floors::committed()?.hold(&format!("grouping-{name}"), &figures);
    }
    Ok(held)
}

impl Pairs {
    fn of(classifier: &Classifier, folder: &std::path::Path, tell: bool) -> Result<Pairs> {
        let mut pairs = Pairs::default();
        let mut originals: Vec<(String, String, String)> = Vec::new();
        for label in corpus::labels(folder)?.iter().filter(|label| !label.passes()) {
            // The key lines of logs that nobody may read are not looked at either.
            if label.held_out() == Some(true) {
                continue;
            }
            let text = String::from_utf8_lossy(&corpus::bytes(&folder.join(&label.file))?).into_owned();
            let Some(original) = grouped(classifier, &text)? else { continue };
            for seed in 0..SAME {
                let other = grouped(classifier, &altered::same(&text, seed))?.unwrap_or_default();
                pairs.same += 1;
                pairs.same_joined += usize::from(other == original);
                if tell && other != original {
                    line(&format!("SPLIT {} {seed}\n  {original}\n  {other}", label.id));
                }
            }
            for (what, near) in altered::near(&text, whole_line(&text, label.key_string())) {
                let Some(other) = grouped(classifier, &near)? else { continue };
                pairs.near += 1;
                pairs.near_joined += usize::from(other == original);
                if tell && other == original {
                    line(&format!("JOINED {} though another {what}\n  {original}", label.id));
                }
            }
            let key = label.key_string().unwrap_or_default().to_owned();
            for (id, told, their_key) in originals.iter().filter(|(_, _, other)| *other != key) {
                pairs.cross += 1;
                pairs.cross_joined += usize::from(*told == original);
                if tell && *told == original {
                    line(&format!("JOINED {} and {id}\n  {original}\n  {key} / {their_key}", label.id));
                }
            }
            originals.push((label.id.clone(), original, key));
        }
        Ok(pairs)
    }

    fn figures(&self) -> [Figure; 3] {
        let wrong = self.near_joined + self.cross_joined;
        [
            Figure::share(
                "precision",
                "joined pairs that are one",
                self.same_joined,
                self.same_joined + wrong,
            )
            .at_least(0.98),
            Figure::share("recall", "pairs of one failure joined", self.same_joined, self.same).at_least(0.9),
            Figure::share(
                "near_misses_apart",
                "near misses kept apart",
                self.near - self.near_joined,
                self.near,
            ),
        ]
    }
}

/// The line that holds the key.
fn whole_line<'t>(text: &'t str, key: Option<&str>) -> &'t str {
    key.and_then(|key| text.lines().find(|line| line.contains(key))).unwrap_or_default()
}

/// The fingerprint, where the log is told as a failure with a rule or a shape behind it: only those are grouped.
fn grouped(classifier: &Classifier, text: &str) -> Result<Option<String>> {
    let hints = Hints { conclusion_failed: Some(true), ..Hints::default() };
    let diagnosis = classifier.read(text.as_bytes(), hints)?;
    let known = diagnosis.verdict == Verdict::Failed && diagnosis.rule.is_some();
    Ok(known.then_some(diagnosis.fingerprint).filter(|told| !told.starts_with("v2:unknown")))
}
