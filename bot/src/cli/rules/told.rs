//! What a check of rules found, for people and for programs.

use std::io::Write;

use classifiers::check::{Changes, Count, Report, Told};
use serde_json::json;

use crate::cli::terminal::{BAD, FAINT, GOOD, STRONG, UNSURE};
use crate::text;

/// So many rules of a kind are named one by one.
const NAMED: usize = 40;

/// For people: what must be mended, what may be, what the rules did, and what changes.
pub(super) fn people(out: &mut impl Write, report: &Report) -> std::io::Result<()> {
    for error in &report.errors {
        writeln!(out, "{BAD}fault{BAD:#} {error}")?;
    }
    for count in report.too_broad() {
        let logs = count.green_logs.join(", ");
        let Count { id, green, .. } = count;
        let all = report.green;
        writeln!(out, "{BAD}broad{BAD:#} {id}: holds on {green} of {all} green logs, more than 1 %: {logs}")?;
    }
    for rule in &report.unsearchable {
        let reason = if rule.too_many_alternatives {
            "more than 64 alternatives are not searched for; split it, or say what they share"
        } else {
            "no text of three characters must be there"
        };
        let id = &rule.id;
        writeln!(out, "{UNSURE}slow{UNSURE:#}  {id}: {reason}; it is tried only on the end of a log")?;
    }
    for rule in &report.common {
        let (id, lines) = (&rule.id, rule.lines);
        writeln!(
            out,
            "{UNSURE}slow{UNSURE:#}  {id}: what it is searched for stands in about {lines} lines of 10 MB of any log; \
             let it require a rarer text"
        )?;
    }
    for (id, by) in report.shadowed() {
        writeln!(out, "{UNSURE}note{UNSURE:#}  {id}: wherever it holds another rule wins, mostly {by}")?;
    }
    silent(out, report)?;
    counts(out, report)?;
    if let Some(changes) = report.changes.as_ref().filter(|_| report.failing + report.green > 0) {
        self::changes(out, changes)?;
    }
    if report.is_good() {
        writeln!(out, "{GOOD}ok{GOOD:#}    {}", text::count(report.counts.len() as u64, "rule", "rules"))?;
    }
    Ok(())
}

fn silent(out: &mut impl Write, report: &Report) -> std::io::Result<()> {
    let silent: Vec<&Count> = report.silent().collect();
    for count in silent.iter().take(NAMED) {
        let logs = report.failing + report.green;
        writeln!(out, "{UNSURE}note{UNSURE:#}  {}: holds on none of the {logs} logs", count.id)?;
    }
    if silent.len() > NAMED {
        let more = silent.len() - NAMED;
        writeln!(
            out,
            "{UNSURE}note{UNSURE:#}  {more} more rules hold on no log: `--format json` names them"
        )?;
    }
    Ok(())
}

/// How often each rule held: those on green logs first, then the most frequent ones.
fn counts(out: &mut impl Write, report: &Report) -> std::io::Result<()> {
    let mut held: Vec<&Count> =
        report.counts.iter().filter(|count| count.failing + count.green > 0).collect();
    if held.is_empty() {
        return Ok(());
    }
    held.sort_by_key(|count| std::cmp::Reverse((count.green, count.failing)));
    let (failing, green) = (report.failing, report.green);
    writeln!(out, "{STRONG}{:<44} {:>9} {:>9} {:>9}{STRONG:#}", "rule", "failing", "explains", "green")?;
    for count in held.iter().take(NAMED) {
        let mark = match (count.shadow, count.weak) {
            (true, _) => "on trial",
            (_, true) => "weak",
            _ => "",
        };
        let line = format!("{:<44} {:>9} {:>9} {:>9}", count.id, count.failing, count.won, count.green);
        writeln!(out, "{line}{}{FAINT}{mark}{FAINT:#}", if mark.is_empty() { "" } else { "  " })?;
    }
    if held.len() > NAMED {
        writeln!(out, "{FAINT}… and {} more rules: `--format json` has all{FAINT:#}", held.len() - NAMED)?;
    }
    writeln!(out, "{:<44} {failing:>9} {:>9} {green:>9}", "logs in all", "")
}

fn changes(out: &mut impl Write, changes: &Changes) -> std::io::Result<()> {
    if changes.total == 0 {
        return writeln!(out, "no verdict changes");
    }
    let told = |told: &Told| match &told.rule {
        Some(rule) => format!("{} ({}, {rule})", told.category, told.owner),
        None => format!("{} ({})", told.category, told.owner),
    };
    let verb = if changes.total == 1 { "changes" } else { "change" };
    writeln!(out, "{STRONG}{} {verb}{STRONG:#}", text::count(changes.total, "verdict", "verdicts"))?;
    for change in &changes.first {
        writeln!(out, "  {}: {} → {}", change.log, told(&change.before), told(&change.after))?;
    }
    let more = changes.total.saturating_sub(changes.first.len() as u64);
    if more > 0 {
        writeln!(out, "  … and {more} more")?;
    }
    Ok(())
}

/// For programs: one JSON object.
pub(super) fn json(out: &mut impl Write, report: &Report) -> anyhow::Result<()> {
    let ids = |counts: &mut dyn Iterator<Item = &Count>| -> Vec<String> {
        counts.map(|count| count.id.clone()).collect()
    };
    let shadowed: Vec<_> = report.shadowed().map(|(rule, by)| json!({ "rule": rule, "by": by })).collect();
    let whole = json!({
        "ok": report.is_good(),
        "errors": report.errors.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "unsearchable": report.unsearchable,
        "common": report.common,
        "too_broad": ids(&mut report.too_broad()),
        "silent": ids(&mut report.silent()),
        "shadowed": shadowed,
        "logs": { "failing": report.failing, "green": report.green },
        "rules": report.counts,
        "changes": report.changes,
    });
    writeln!(out, "{}", serde_json::to_string_pretty(&whole)?)?;
    Ok(())
}
