//! `whyred replay`: recorded events once more, or another chance for dead jobs.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use adapters::params::parse_duration;

use super::terminal;
use crate::config;
use crate::jobs::{Answer, Ingest};
use crate::queue::{self, Enqueue, dead};
use crate::store::inbox::{self, Delivery, DeliveryKind};
use crate::store::{Store, moment, now_ms};
use crate::text;

/// Flags of the command. A running `serve` takes up what is replayed; otherwise the next one does.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Args {
    /// Give all dead jobs another chance
    #[arg(long)]
    dead: bool,

    /// List the dead jobs and why they died, changing nothing
    #[arg(long)]
    list_dead: bool,

    /// Feed in again what was received within this time: 90s, 5m, 2h, 7d
    #[arg(long, value_name = "TIME", value_parser = duration)]
    since: Option<Duration>,

    /// Feed in again one delivery, by its id
    #[arg(long, value_name = "ID")]
    delivery: Option<String>,
}

/// Deliveries read at a time.
const PAGE: u32 = 200;
/// Dead jobs listed.
const LISTED: u32 = 100;

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "write for example 90s, 5m, 2h or 7d".to_owned())
}

pub(super) async fn run(args: Args, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let (config, _) = config::load(file)?;
    let store = Store::open(config.store.url.reveal()).await?;
    let mut out = terminal::stdout();
    if args.list_dead {
        for job in dead::list(&store, None, LISTED).await? {
            let when = text::day_and_time(moment(job.updated_at));
            writeln!(out, "{} {} {when}: {}", job.id, job.kind, job.last_error.unwrap_or_default())?;
        }
    } else if args.dead {
        let mut tx = store.begin().await?;
        let replayed = dead::replay_all(&mut tx, None).await?;
        tx.commit().await?;
        writeln!(out, "{} replayed", text::count(replayed, "dead job is", "dead jobs are"))?;
    } else {
        let replayed = replay_deliveries(&store, &args).await?;
        writeln!(out, "{} fed in again", text::count(replayed, "delivery is", "deliveries are"))?;
        if replayed == 0 && args.delivery.is_some() {
            writeln!(
                out,
                "no delivery has that id: it is the sender's own, such as GitHub's X-GitHub-Delivery"
            )?;
        }
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn replay_deliveries(store: &Store, args: &Args) -> anyhow::Result<u64> {
    let window = args.since.map_or(i64::MAX, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    let since = now_ms().saturating_sub(window);
    let mut after: Option<String> = None;
    let mut replayed = 0;
    loop {
        let page = inbox::list_since(store, since, after.as_deref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(replayed) };
        after = Some(last.id.clone());
        let mut tx = store.begin().await?;
        for delivery in page.iter().filter(|delivery| wanted(args, delivery)) {
            let inbox_id = delivery.id.clone();
            match delivery.kind {
                DeliveryKind::Webhook => {
                    queue::enqueue(&mut tx, &Ingest { inbox_id }, Enqueue::now()).await?
                }
                DeliveryKind::Interaction => {
                    queue::enqueue(&mut tx, &Answer { inbox_id }, Enqueue::now()).await?
                }
            };
            replayed += 1;
        }
        tx.commit().await?;
    }
}

/// Clicks are never replayed in bulk: what somebody asked for yesterday is not asked for now.
fn wanted(args: &Args, delivery: &Delivery) -> bool {
    match &args.delivery {
        Some(id) => delivery.delivery_id == *id || delivery.id == *id,
        None => delivery.kind == DeliveryKind::Webhook,
    }
}
