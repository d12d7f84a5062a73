//! How long a team waits: from the arrival of a webhook to the message in Slack, over 500 failed runs with logs of 1 MB each,
//! on SQLite and on PostgreSQL. Prints median and p99; run it on an idle machine:
//!
//! ```text
//! cargo bench -p bot --bench webhook_to_post            500 events, one after the other
//! cargo bench -p bot --bench webhook_to_post -- 100     100 events
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot go on fails by panicking"
)]

#[path = "../it/bot.rs"]
#[allow(dead_code, reason = "the integration tests use all of it, this benchmark a part")]
mod bot;
#[path = "../it/samples.rs"]
#[allow(dead_code, reason = "the integration tests use all of it, this benchmark a part")]
mod samples;

use std::time::{Duration, Instant};

use world::github::{GitHub, Job, Log, Run};
use world::slack::Slack;

use bot::{Bot, Database, HOOK_SECRET, PATIENCE, SlackMode};

const LOG_BYTES: usize = 1024 * 1024;
const FIRST_RUN: u64 = 100_000;

fn main() {
    // Cargo passes `--bench`; a number of ours may stand beside it.
    let events = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(500);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    for database in [Database::Sqlite, Database::Postgres] {
        runtime.block_on(measure(database, events));
    }
}

async fn measure(database: Database, events: u64) {
    let github = GitHub::start().await;
    let slack = Slack::start().await.expect("the stand-in starts");
    let log = Log::from(bytes::Bytes::from(samples::long_log(LOG_BYTES)));
    for number in 0..events {
        let run = Run::failed("acme/payments", FIRST_RUN + number).branch(&format!("topic-{number}"));
        github.add_run(run.job(Job::failed("test", log.clone())));
    }
    let mut bot = Bot::start(&github, &slack, database, SlackMode::Http, "").await;
    let mut waited = Vec::new();
    for number in 0..events {
        let webhook = github.workflow_run_webhook(FIRST_RUN + number, "completed", HOOK_SECRET);
        let sent = Instant::now();
        bot.take(&webhook).await;
        while (slack.posts("#payments").len() as u64) <= number {
            assert!(sent.elapsed() < PATIENCE, "no post:\n{}", bot.log());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        waited.push(sent.elapsed());
    }
    bot.stop().await;
    github.assert_clean();
    slack.assert_clean();
    waited.sort_unstable();
    let at = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index into a list of some hundreds"
        )]
        let index = ((waited.len() - 1) as f64 * share).round() as usize;
        waited[index].as_secs_f64() * 1000.0
    };
    report(&format!(
        "{database:?}: {events} events, logs of 1 MB: median {:.0} ms, p99 {:.0} ms, longest {:.0} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    ));
}

#[expect(clippy::print_stdout, reason = "the figures are what a benchmark is for")]
fn report(line: &str) {
    println!("{line}");
}
