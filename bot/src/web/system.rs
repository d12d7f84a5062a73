//! How the bot itself is: work that was given up, messages that did not arrive, queues, connections.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use futures::future::join_all;

use super::Web;
use super::fault::Fault;
use super::page::{Page, clock};
use crate::config::Role;
use crate::queue::{self, JobCounts, JobRow, dead};
use crate::store::feedback::{self, RuleFeedback, WrongCause};
use crate::store::inbox;
use crate::store::lost::{self, Lost};
use crate::store::posts::{self, Post};
use crate::store::stats::{self, Stats};
use crate::text;

/// Rows shown of each list.
const ROWS: u32 = 50;
/// How long a system may take to answer.
const PATIENCE: Duration = Duration::from_secs(4);

#[derive(Template)]
#[template(path = "system.html")]
struct System {
    page: Page,
    may_replay: bool,
    dead: Vec<JobRow>,
    dead_count: i64,
    undelivered: Vec<Post>,
    lost: Vec<Lost>,
    waiting: i64,
    jobs: Vec<JobCounts>,
    oldest_due: Option<String>,
    connections: Vec<Connection>,
    stats: Stats,
    runbooks: String,
    feedback: Vec<RuleFeedback>,
    wrong: Vec<WrongCause>,
}

/// A system that we talk to.
struct Connection {
    name: String,
    kind: &'static str,
    well: bool,
    words: String,
}

/// `/system`
pub(super) async fn show(State(web): State<Arc<Web>>, page: Page) -> Result<Html<String>, Fault> {
    let store = &web.app.store;
    let system = System {
        may_replay: page.visitor.role >= Role::Operator,
        dead: dead::list(store, None, ROWS).await?,
        dead_count: dead::count(store).await?,
        undelivered: posts::undelivered(store, ROWS).await?,
        lost: lost::list(store).await?,
        waiting: inbox::unprocessed(store).await?,
        jobs: queue::counts(store).await?,
        oldest_due: queue::oldest_ready_age(store)
            .await?
            .map(|age| text::span(jiff::SignedDuration::from_millis(age))),
        connections: connections(&web).await,
        stats: stats::stats(store).await?,
        runbooks: runbooks(&web),
        feedback: feedback::counts_by_rule(store).await?,
        wrong: feedback::wrong_causes(store, ROWS).await?,
        page,
    };
    Ok(Html(system.render()?))
}

async fn connections(web: &Web) -> Vec<Connection> {
    let ci = web.app.ci.iter().map(|(name, provider)| async move {
        let answer = tokio::time::timeout(PATIENCE, provider.check()).await;
        connection(name, "CI", answer.map(|answer| answer.map_err(|error| error.to_string())))
    });
    let chat = web.app.surfaces.iter().map(|(name, surface)| async move {
        let answer = tokio::time::timeout(PATIENCE, surface.check()).await;
        connection(name, "chat", answer.map(|answer| answer.map_err(|error| error.to_string())))
    });
    let (mut ci, chat) = tokio::join!(join_all(ci), join_all(chat));
    ci.extend(chat);
    ci
}

fn connection(
    name: &str,
    kind: &'static str,
    answer: Result<Result<String, String>, tokio::time::error::Elapsed>,
) -> Connection {
    let (well, words) = match answer {
        Ok(Ok(words)) => (true, words),
        Ok(Err(words)) => (false, words),
        Err(_) => (false, format!("no answer within {} s", PATIENCE.as_secs())),
    };
    Connection { name: name.to_owned(), kind, well, words }
}

fn runbooks(web: &Web) -> String {
    match web.app.index.stats() {
        Ok(knowledge::Stats { unusable: Some(why), .. }) => format!("cannot be searched: {why}"),
        Ok(stats) => format!(
            "{} with {}",
            text::count(stats.documents, "page", "pages"),
            text::count(stats.passages, "passage", "passages")
        ),
        Err(error) => format!("cannot be read: {error}"),
    }
}

/// A size as people read it.
fn size(bytes: i64) -> String {
    let kilobytes = bytes / 1000;
    if kilobytes < 1000 { format!("{kilobytes} kB") } else { format!("{:.1} MB", kilobytes as f64 / 1000.0) }
}

/// What a job or post did wrong, short.
fn short(error: Option<&String>) -> String {
    error.map_or_else(|| "no reason was kept".to_owned(), |error| text::clipped(error, 300))
}
