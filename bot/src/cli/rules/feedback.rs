//! `whyred rules feedback`

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

use super::Format;
use crate::cli::terminal::{self, FAINT, STRONG};
use crate::store::Store;
use crate::store::feedback::{self, RuleFeedback, WrongCause};
use crate::text;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Show this many of the causes that people gave instead, the newest first
    #[arg(long, value_name = "N", default_value_t = 20)]
    notes: u32,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = crate::config::load(config)?.0;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (rules, wrong) = runtime.block_on(async {
        let store = Store::open(config.store.url.reveal()).await.context("the database cannot be opened")?;
        let read =
            (feedback::counts_by_rule(&store).await?, feedback::wrong_causes(&store, args.notes).await?);
        store.close().await;
        anyhow::Ok(read)
    })?;
    let mut out = terminal::stdout();
    match args.format {
        Format::Json => {
            let all = serde_json::json!({ "rules": rules, "wrong_causes": wrong });
            writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        }
        Format::Text => people(&mut out, &rules, &wrong)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn people(out: &mut impl Write, rules: &[RuleFeedback], wrong: &[WrongCause]) -> std::io::Result<()> {
    if rules.is_empty() {
        return writeln!(out, "Nobody has said anything about a verdict yet.");
    }
    writeln!(out, "{STRONG}{:<44} {:>7} {:>9} {:>7}{STRONG:#}", "rule", "helped", "did not", "wrong")?;
    for RuleFeedback { rule, up, down, wrong } in rules {
        writeln!(out, "{:<44} {up:>7} {down:>9} {wrong:>7}", text::feedback::rule(rule.as_deref()))?;
    }
    for cause in wrong {
        let rule = text::feedback::rule(cause.rule.as_deref());
        writeln!(out, "\n{rule}: {}", text::feedback::instead(cause))?;
        if let Some(line) = &cause.line {
            writeln!(out, "  {}", text::clipped(line, 200))?;
        }
        writeln!(out, "  {FAINT}{}{FAINT:#}", text::clipped(&cause.fingerprint, 120))?;
    }
    Ok(())
}
