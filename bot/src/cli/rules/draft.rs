//! `whyred rules draft`: a rule proposed from marked lines of a log, and what it does on other logs.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Context;
use classifiers::check::Trial;
use classifiers::draft::{Wish, draft};
use classifiers::{Category, Owner, PackSource};

use super::logs::find;
use super::{check, configured_packs, told};
use crate::cli::terminal;
use crate::triage::pack_sources;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The log
    log: PathBuf,

    /// The lines that tell what went wrong: `120-124`, or one
    #[arg(long, value_name = "FIRST-LAST")]
    lines: Lines,

    /// Logs to try the draft on: folders as for `rules check`
    #[arg(long, value_name = "FOLDER", num_args = 1..)]
    against: Vec<PathBuf>,

    /// The rule's id [default: made of the words]
    #[arg(long)]
    id: Option<String>,

    /// What kind of failure it means [default: guessed]
    #[arg(long, value_parser = Category::from_str)]
    category: Option<Category>,

    /// Whose move it is [default: follows from the category]
    #[arg(long, value_parser = Owner::from_str)]
    owner: Option<Owner>,
}

/// The first and the last marked line.
#[derive(Debug, Clone, Copy)]
struct Lines(u64, u64);

impl FromStr for Lines {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Ok(Lines(first.trim().parse()?, last.trim().parse()?))
    }
}

pub(super) fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let Lines(first, last) = args.lines;
    let wish = Wish { first, last, id: args.id.clone(), category: args.category, owner: args.owner };
    let draft = draft(&wish, || classifiers::log::open(&args.log))
        .with_context(|| format!("no rule can be drafted from {}", args.log.display()))?;
    write!(terminal::stdout(), "{}", draft.toml)?;
    if args.against.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    // As it would be in use: on trial it would change no verdict.
    let lines: Vec<&str> = draft.toml.lines().filter(|line| !line.starts_with("shadow ")).collect();
    let in_use = lines.join("\n");
    let before = pack_sources(&configured_packs(config)?)?;
    let mut after = before.clone();
    after.push(PackSource { name: "draft".to_owned(), text: in_use });
    let mut report = check::read(&Trial::of(&after, &before), &find(&args.against, &[])?);
    report.counts.retain(|count| count.id == draft.id);
    told::people(&mut anstream::stderr().lock(), &report)?;
    Ok(ExitCode::SUCCESS)
}
