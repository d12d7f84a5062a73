//! `whyred doctor`: what is wrong, and what to do about it.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use knowledge::Stats;

use super::terminal;
use crate::config::{self, Config, Connections};
use crate::queue::dead;
use crate::store::{self, Store, audit, lost, posts, stats};
use crate::{runbooks, text};

/// Flags of the command.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Leave out what needs the network
    #[arg(long)]
    offline: bool,
}

/// Exit code when a fault was found.
const EXIT_FAULTS: u8 = 1;
/// Undelivered posts shown.
const SHOWN: usize = 5;
/// Posts looked at to find them.
const LOOKED_AT: u32 = 1000;

/// What a check found.
enum Found {
    Fine(String),
    Unwise(String),
    Fault(String),
}

/// Prints findings as they come.
struct Report {
    faults: usize,
}

impl Report {
    fn say(&mut self, what: &str, found: &Found) -> std::io::Result<()> {
        let mut out = terminal::stdout();
        let (style, word, detail) = match found {
            Found::Fine(detail) => (terminal::GOOD, "ok   ", detail),
            Found::Unwise(detail) => (terminal::UNSURE, "note ", detail),
            Found::Fault(detail) => {
                self.faults += 1;
                (terminal::BAD, "fault", detail)
            }
        };
        writeln!(out, "{style}{word}{style:#} {what:<16} {detail}")
    }
}

pub(super) async fn run(args: Args, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut report = Report { faults: 0 };
    let (config, connections) = match config::load(file) {
        Ok(read) => read,
        Err(error) => {
            report.say("configuration", &Found::Fault(error.to_string()))?;
            return Ok(ExitCode::from(EXIT_FAULTS));
        }
    };
    report.say("configuration", &Found::Fine("every field is valid".to_owned()))?;
    for found in unwise(&config, &connections) {
        report.say("configuration", &Found::Unwise(found))?;
    }
    database(&mut report, &config).await?;
    index(&mut report, &config)?;
    report.say(
        "rules",
        &match crate::triage::load_classifier(&config.triage.rules) {
            Ok(classifier) => Found::Fine(format!("{} rules", classifier.rules().len())),
            Err(error) => Found::Fault(format!("{error:#}")),
        },
    )?;
    if !args.offline {
        systems(&mut report, &connections).await?;
        conversations(&mut report, &config, &connections).await?;
    }
    Ok(if report.faults == 0 { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAULTS) })
}

/// What is allowed and probably not meant.
fn unwise(config: &Config, connections: &Connections) -> Vec<String> {
    let mut found = Vec::new();
    if connections.ci.is_empty() {
        found.push("no CI system is configured, so nothing will ever fail: add [ci.github]".to_owned());
    }
    if config.routing.routes.is_empty() && config.routing.default.is_empty() && connections.surfaces.len() > 1
    {
        found.push("no route is configured, so failures are shown in the console only: add [[route]] or routing.default".to_owned());
    }
    if config.console.tokens.is_empty() && !config.console.open_on_loopback {
        found.push("nobody can log in to the console: add [[console.token]]".to_owned());
    }
    if config.server.public_url.is_none() {
        found.push(
            "server.public_url is not set, so links in messages lead to the listening address".to_owned(),
        );
    }
    if config.console.open_on_loopback && config.server.public_url.is_some() {
        found.push(
            "console.open_on_loopback is on: behind a proxy on this machine everybody would be let in"
                .to_owned(),
        );
    }
    found
}

async fn database(report: &mut Report, config: &Config) -> anyhow::Result<()> {
    let store = match Store::open(config.store.url.reveal()).await {
        Ok(store) => store,
        Err(error) => {
            return Ok(report.say("database", &Found::Fault(format!("{:#}", anyhow::Error::new(error))))?);
        }
    };
    match stats::stats(&store).await {
        Ok(found) => {
            let words = format!("{}, {} KB, schema {}", found.database, found.bytes / 1024, found.migration);
            report.say("database", &Found::Fine(words))?;
        }
        Err(error) => report.say("database", &Found::Fault(format!("{:#}", anyhow::Error::new(error))))?,
    }
    let dead_jobs = dead::count(&store).await?;
    report.say(
        "dead jobs",
        &if dead_jobs == 0 {
            Found::Fine("none".to_owned())
        } else {
            let newest = dead::list(&store, None, 1).await?.pop();
            let why = newest.and_then(|job| {
                job.last_error.map(|error| format!("; the newest is `{}`: {error}", job.kind))
            });
            Found::Fault(format!(
                "{dead_jobs}{}. Mend the cause, then `whyred replay --dead`",
                why.unwrap_or_default()
            ))
        },
    )?;
    let undelivered: Vec<_> = posts::undelivered(&store, LOOKED_AT)
        .await?
        .into_iter()
        .filter(|post| post.error.is_some())
        .take(SHOWN)
        .collect();
    report.say(
        "posts",
        &if undelivered.is_empty() {
            Found::Fine("nothing is held up".to_owned())
        } else {
            let listed: Vec<String> = undelivered
                .iter()
                .map(|post| {
                    format!(
                        "{}:{}: {}",
                        post.surface,
                        post.conversation,
                        post.error.clone().unwrap_or_default()
                    )
                })
                .collect();
            Found::Fault(listed.join("; "))
        },
    )?;
    for lost in lost::list(&store).await? {
        let since = text::day_and_time(store::moment(lost.since));
        report.say(
            "lost",
            &Found::Fault(format!("{}:{} since {since}: {}", lost.surface, lost.conversation, lost.error)),
        )?;
    }
    let verified = audit::verify(&store).await?;
    report.say("audit log", &match verified.broken_at {
        None => Found::Fine(text::count(u64::try_from(verified.sound).unwrap_or(0), "entry, unbroken", "entries, unbroken")),
        Some(at) => Found::Fault(format!("entry {at} was changed or removed after it was written: find out who can write to the database")),
    })?;
    store.close().await;
    Ok(())
}

fn index(report: &mut Report, config: &Config) -> anyhow::Result<()> {
    let found = match runbooks::open(&config.knowledge).and_then(|index| Ok(index.stats()?)) {
        // Not a fault: the next update makes it anew, beside what is there.
        Ok(Stats { unusable: Some(why), .. }) => {
            Found::Unwise(format!("{why}: it is made when `serve` starts, or by `whyred index`"))
        }
        Ok(stats) if stats.documents == 0 => {
            Found::Unwise("it is empty: `serve` fills it when it starts, or run `whyred index`".to_owned())
        }
        Ok(stats) => Found::Fine(format!("{} runbooks, {} passages", stats.documents, stats.passages)),
        Err(error) => Found::Fault(format!("{error:#}")),
    };
    Ok(report.say("runbook index", &found)?)
}

/// Whether every conversation that failures are routed to is there.
async fn conversations(
    report: &mut Report,
    config: &Config,
    connections: &Connections,
) -> anyhow::Result<()> {
    let routing = &config.routing;
    let routed = routing.routes.iter().flat_map(|route| &route.to);
    let targets: BTreeSet<_> =
        routed.chain(routing.owners.values().flatten()).chain(&routing.default).collect();
    for target in targets {
        let Some(surface) = connections.surfaces.get(&target.surface) else { continue };
        if let Err(error) = surface.conversation_id(&target.conversation).await {
            report.say(
                "route",
                &Found::Fault(format!("{}:{}: {error}", target.surface, target.conversation)),
            )?;
        }
    }
    Ok(())
}

async fn systems(report: &mut Report, connections: &Connections) -> anyhow::Result<()> {
    for (name, provider) in &connections.ci {
        let found = match provider.check().await {
            Ok(seen) => Found::Fine(seen),
            Err(error) => Found::Fault(error.to_string()),
        };
        report.say(&format!("ci.{name}"), &found)?;
    }
    for (name, surface) in &connections.surfaces {
        let found = match surface.check().await {
            Ok(seen) => Found::Fine(seen),
            Err(error) => Found::Fault(error.to_string()),
        };
        report.say(&format!("chat.{name}"), &found)?;
    }
    Ok(())
}
