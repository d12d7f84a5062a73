//! The floors below which a change must not fall (`evals/floors.toml`), and that they only ever rise.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{
    RulesArgs, classifier,
    figure::{Better, Figure, Unit},
    redaction,
    report::line,
    triage,
};

/// Where they stand, seen from the top of the repository.
const FILE: &str = "evals/floors.toml";
/// The corpora that are part of the repository.
const CORPORA: &str = "evals/corpus";

/// What `evals floors` is asked for.
#[derive(clap::Args)]
pub(crate) struct FloorsArgs {
    /// Write what is reached now wherever it is better; never lowers a floor.
    #[arg(long)]
    raise: bool,
    /// Folders with labels.jsonl; all of evals/corpus if none is named.
    folders: Vec<PathBuf>,
}

/// A table a corpus or measurement.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Floors(BTreeMap<String, Limits>);

/// Shares are 0–1.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Limits {
    at_least: BTreeMap<String, f64>,
    at_most: BTreeMap<String, f64>,
}

/// Checks the floors of the committed corpora, or raises them.
pub(crate) fn run(args: &FloorsArgs) -> Result<bool> {
    let mut floors = Floors::committed()?;
    let lowered = floors.lowered(&history()?);
    for text in &lowered {
        line(text);
    }
    let classifier = classifier(&RulesArgs { rules: None })?;
    let mut held = lowered.is_empty();
    for folder in if args.folders.is_empty() { corpora()? } else { args.folders.clone() } {
        for part in triage::measure(&classifier, &folder, false)? {
            if args.raise {
                floors.raise(&part.name, &part.figures);
            }
            held &= floors.hold(&part.name, &part.figures);
        }
    }
    if args.folders.is_empty() {
        let figures = redaction::measure(&corpora()?)?;
        if args.raise {
            floors.raise(redaction::TABLE, &figures);
        }
        held &= floors.hold(redaction::TABLE, &figures);
    }
    if args.raise && held {
        fs::write(FILE, floors.text()).with_context(|| format!("cannot write {FILE}"))?;
    }
    Ok(held)
}

/// The committed corpora, by name.
pub(crate) fn corpora() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(CORPORA).with_context(|| format!("{CORPORA} is not here: {START_ABOVE}"))?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.join("labels.jsonl").exists() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

const START_ABOVE: &str = "start this at the top of the repository";

impl Floors {
    /// The file as it stands.
    pub(crate) fn committed() -> Result<Floors> {
        let text = fs::read_to_string(FILE).with_context(|| format!("{FILE} is not here: {START_ABOVE}"))?;
        toml::from_str(&text).with_context(|| format!("{FILE} is not right"))
    }

    /// Whether the figures hold the floors of their table; says where not. A table without floors holds nothing.
    pub(crate) fn hold(&self, table: &str, figures: &[Figure]) -> bool {
        let Some(limits) = self.0.get(table) else {
            line(&format!("NO FLOORS for {table}: write them with `evals floors --raise`"));
            return false;
        };
        let broken = limits.broken(figures);
        for text in &broken {
            line(&format!("BELOW THE FLOOR, {table}: {text}"));
        }
        broken.is_empty()
    }

    /// Lifts the floors of a table to the figures, rounded to a hundredth on the safe side, so that the next log of a
    /// corpus does not break them.
    pub(crate) fn raise(&mut self, table: &str, figures: &[Figure]) {
        let limits = self.0.entry(table.to_owned()).or_default();
        for figure in figures.iter().filter(|figure| figure.target.is_some()) {
            match figure.better {
                Better::Higher => {
                    better_of(limits.at_least.entry(figure.name.clone()), rounded(figure), f64::max);
                }
                Better::Lower => {
                    better_of(limits.at_most.entry(figure.name.clone()), rounded(figure), f64::min);
                }
            }
        }
    }

    /// Every floor that was higher in an earlier version of the file, or has gone since.
    fn lowered(&self, earlier: &[Floors]) -> Vec<String> {
        let mut lowered = Vec::new();
        for (table, old) in earlier.iter().flat_map(|floors| &floors.0) {
            let now = self.0.get(table);
            let mut compare = |name: &str, old: f64, now: Option<f64>, fell: fn(f64, f64) -> bool| {
                if now.is_none_or(|now| fell(now, old)) {
                    let now = now.map_or("gone".to_owned(), |now| now.to_string());
                    lowered.push(format!("LOWERED FLOOR, {table}: {name} was {old} and is {now}"));
                }
            };
            for (name, value) in &old.at_least {
                compare(name, *value, now.and_then(|now| now.at_least.get(name)).copied(), |now, old| {
                    now < old
                });
            }
            for (name, value) in &old.at_most {
                compare(name, *value, now.and_then(|now| now.at_most.get(name)).copied(), |now, old| {
                    now > old
                });
            }
        }
        lowered.sort();
        lowered.dedup();
        lowered
    }

    fn text(&self) -> String {
        let mut text = String::from(
            "# A change that falls below these does not go in. They only ever rise: `cargo run --release -p evals -- floors --raise`.\n",
        );
        for (table, limits) in &self.0 {
            for (side, limits) in [("at_least", &limits.at_least), ("at_most", &limits.at_most)] {
                if limits.is_empty() {
                    continue;
                }
                let _ = writeln!(text, "\n[{table}.{side}]");
                for (name, value) in limits {
                    let _ = writeln!(text, "{name} = {value:?}");
                }
            }
        }
        text
    }
}

impl Limits {
    fn broken(&self, figures: &[Figure]) -> Vec<String> {
        let check = |name: &String, limit: f64, good: fn(f64, f64) -> bool, sign: char| {
            let Some(figure) = figures.iter().find(|figure| figure.name == *name) else {
                return Some(format!("{name} is not measured any more"));
            };
            let text = format!("{} {:.4} {sign} {limit}", figure.title, figure.value);
            (!good(figure.value, limit)).then_some(text)
        };
        let least = self.at_least.iter().filter_map(|(name, limit)| check(name, *limit, |a, b| a >= b, '<'));
        let most = self.at_most.iter().filter_map(|(name, limit)| check(name, *limit, |a, b| a <= b, '>'));
        least.chain(most).collect()
    }
}

fn better_of(floor: Entry<'_, String, f64>, reached: f64, better: fn(f64, f64) -> f64) {
    let floor = floor.or_insert(reached);
    *floor = better(*floor, reached);
}

/// To a hundredth, or to a whole line, on the side that the figure itself holds.
fn rounded(figure: &Figure) -> f64 {
    let steps = if figure.unit == Unit::Number && figure.value >= 1.0 { 1.0 } else { 100.0 };
    let scaled = figure.value * steps;
    // 0.29 * 100 is a little less than 29.
    let whole = match figure.better {
        Better::Higher => (scaled + 1e-9).floor(),
        Better::Lower => (scaled - 1e-9).ceil(),
    };
    if whole <= 0.0 { 0.0 } else { whole / steps }
}

/// All earlier versions of the file that git knows here. Versions of another layout are left out.
fn history() -> Result<Vec<Floors>> {
    let Some(commits) = git(&["log", "--format=%H", "--", FILE])? else { return Ok(Vec::new()) };
    let mut versions = Vec::new();
    for commit in commits.lines() {
        if let Some(text) = git(&["show", &format!("{commit}:{FILE}")])? {
            versions.extend(toml::from_str::<Floors>(&text).ok());
        }
    }
    Ok(versions)
}

/// What git answers; nothing where it refuses, which a commit that took the file away makes it do.
fn git(args: &[&str]) -> Result<Option<String>> {
    if !Path::new(".git").exists() {
        bail!("floors are compared with their history: {START_ABOVE}, in a clone");
    }
    let answer = Command::new("git").args(args).output().context("git is needed to see earlier floors")?;
    Ok(answer.status.success().then(|| String::from_utf8_lossy(&answer.stdout).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floors(text: &str) -> Floors {
        toml::from_str(text).unwrap()
    }

    fn figures(right: usize, wrong: usize) -> Vec<Figure> {
        vec![
            Figure::share("category", "category right", right, 100).at_least(0.9),
            Figure::share("confidently_wrong", "confident but wrong", wrong, 100).at_most(0.02),
            Figure::share("strict", "without a target", 1, 100),
        ]
    }

    #[test]
    fn figures_below_the_floor_are_told() {
        let floors = floors("made.at_least.category = 0.95\nmade.at_most.confidently_wrong = 0.01\n");
        let broken = |right, wrong| floors.0["made"].broken(&figures(right, wrong));
        assert_eq!(broken(95, 1), Vec::<String>::new());
        assert_eq!(broken(94, 1), ["category right 0.9400 < 0.95"]);
        assert_eq!(broken(99, 2), ["confident but wrong 0.0200 > 0.01"]);
        assert_eq!(floors.0["made"].broken(&[]).len(), 2);
        assert!(!floors.hold("unheard of", &figures(100, 0)));
    }

    #[test]
    fn raising_never_lowers() {
        let mut floors = floors("made.at_least.category = 0.95\nmade.at_most.confidently_wrong = 0.01\n");
        floors.raise("made", &figures(90, 0));
        floors.raise("new", &figures(90, 3));
        let again = self::floors(&floors.text());
        assert_eq!(again, floors);
        insta::assert_snapshot!(floors.text(), @r"
        # A change that falls below these does not go in. They only ever rise: `cargo run --release -p evals -- floors --raise`.

        [made.at_least]
        category = 0.95

        [made.at_most]
        confidently_wrong = 0.0

        [new.at_least]
        category = 0.9

        [new.at_most]
        confidently_wrong = 0.03
        ");
    }

    #[test]
    fn a_lowered_floor_is_found_in_the_history() {
        let before = [floors("made.at_least.category = 0.95"), floors("made.at_most.false_alarms = 0.0\n")];
        assert!(
            floors("made.at_least.category = 0.96\nmade.at_most.false_alarms = 0.0")
                .lowered(&before)
                .is_empty()
        );
        assert_eq!(
            floors("made.at_least.category = 0.9").lowered(&before),
            [
                "LOWERED FLOOR, made: category was 0.95 and is 0.9",
                "LOWERED FLOOR, made: false_alarms was 0 and is gone"
            ]
        );
    }
}
