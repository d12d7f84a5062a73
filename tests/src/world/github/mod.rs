//! GitHub on a real socket, strict about what it is asked.
//!
//! The stand-in speaks the part of the REST API that the adapter uses, keeps the rules that GitHub keeps (user agent, API
//! version, app signatures, token lifetimes, entity tags, rate limits, log redirects to another origin) and writes down every
//! violation. A test ends with [`GitHub::assert_clean`].
//!
//! ```text
//! let github = GitHub::start().await;
//! github.add_run(Run::failed("acme/checkout", 42).job(Job::failed("test", "the log")));
//! let webhook = github.workflow_job_webhook(42, 0, "completed", "the secret");
//! ```

mod app;
mod faults;
mod logs;
mod model;
mod payload;
mod rest;
mod state;
mod strict;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

pub use app::AppIdentity;
pub use faults::Fault;
pub use model::{Account, Annotation, Check, Commit, Comparison, Job, Log, Repo, Run, Step};
pub use payload::Webhook;

/// The token that the stand-in takes from callers that are no app.
pub const TOKEN: &str = "ghp_standInTokenForTests";

/// A running stand-in; it stops when it is dropped.
pub struct GitHub {
    /// Base of the REST API: `http://127.0.0.1:PORT`. `{api_url}/api/v3` works too, as on an enterprise server.
    pub api_url: String,
    /// Origin that log downloads are redirected to.
    pub log_url: String,
    state: Shared,
    servers: Vec<tokio::task::JoinHandle<()>>,
}

/// What all handlers share.
#[derive(Clone)]
pub(crate) struct Shared {
    world: Arc<Mutex<state::World>>,
    /// Origin of the log host.
    log_url: Arc<str>,
    /// Origin of the API.
    api_url: Arc<str>,
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, state::World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn violation(&self, what: impl Into<String>) {
        self.world().violations.push(what.into());
    }
}

impl GitHub {
    /// Starts the API and the log host on free ports.
    pub async fn start() -> Self {
        let (api, api_address) = listen().await;
        let (logs, logs_address) = listen().await;
        let (api_url, log_url) = (format!("http://{api_address}"), format!("http://{logs_address}"));
        let state = Shared {
            world: Arc::default(),
            log_url: log_url.as_str().into(),
            api_url: api_url.as_str().into(),
        };
        let servers = vec![serve(api, rest::router(state.clone())), serve(logs, logs::router(state.clone()))];
        Self { api_url, log_url, state, servers }
    }

    /// The `[ci.github]` table of a configuration that uses this stand-in: `GITHUB_TOKEN` must hold [`TOKEN`], and
    /// `GITHUB_WEBHOOK_SECRET` what webhooks are signed with.
    pub fn configuration(&self) -> String {
        format!(
            "[ci.github]\napi_url = \"{}\"\ntoken = \"env:GITHUB_TOKEN\"\nwebhook_secret = \"env:GITHUB_WEBHOOK_SECRET\"\nlog_hosts = [\"127.0.0.1\"]\n",
            self.api_url
        )
    }

    /// Adds a repository, or replaces it. Runs bring their repositories along; this is for one with files or a private one.
    pub fn add_repo(&self, repo: Repo) {
        self.state.world().repos.insert(repo.full_name.clone(), repo);
    }

    /// Adds a run, or replaces the one with the same id. Jobs without an id get one. Returns the run as it is kept.
    pub fn add_run(&self, run: Run) -> Run {
        self.state.world().add_run(run)
    }

    /// Adds a check of another app. Returns the check as it is kept.
    pub fn add_check(&self, check: Check) -> Check {
        self.state.world().add_check(check)
    }

    /// What lies between two revisions of a repository.
    pub fn add_comparison(&self, repo: &str, base: &str, head: &str, comparison: Comparison) {
        self.state.world().comparisons.insert((repo.to_owned(), format!("{base}...{head}")), comparison);
    }

    /// A commit belongs to a pull request with these labels.
    pub fn add_labels(&self, repo: &str, sha: &str, labels: &[&str]) {
        let labels = labels.iter().map(|&label| label.to_owned()).collect();
        self.state.world().labels.insert((repo.to_owned(), sha.to_owned()), labels);
    }

    /// A run as it stands, its latest attempt.
    pub fn run(&self, id: u64) -> Option<Run> {
        self.state.world().runs.get(&id).cloned()
    }

    /// Ends the latest attempt of a run, all its unfinished jobs with it.
    pub fn finish(&self, id: u64, conclusion: &str) {
        self.state.world().finish(id, conclusion);
    }

    /// How often a re-run of this run was accepted.
    pub fn reruns(&self, id: u64) -> usize {
        self.state.world().reruns.iter().filter(|rerun| **rerun == id).count()
    }

    /// Every request so far, as `METHOD /path?query`, in order.
    pub fn calls(&self) -> Vec<String> {
        self.state.world().calls.clone()
    }

    /// How many installation tokens were handed out.
    pub fn tokens_issued(&self) -> usize {
        self.state.world().tokens.len()
    }

    /// Makes the next `times` requests whose path contains `path` go wrong.
    pub fn script(&self, path: &str, fault: Fault, times: usize) {
        self.state.world().faults.extend(std::iter::repeat_n((path.to_owned(), fault), times));
    }

    /// Takes back what [`GitHub::script`] would still make go wrong.
    pub fn script_nothing(&self) {
        self.state.world().faults.clear();
    }

    /// Requests left until the primary limit answers 403.
    pub fn set_remaining(&self, remaining: u64) {
        self.state.world().remaining = remaining;
    }

    /// Makes the stand-in know a GitHub App, installed for these accounts. Returns its id and its private key in PEM.
    pub fn install_app(&self, accounts: &[&str]) -> AppIdentity {
        app::install(&mut self.state.world(), accounts)
    }

    /// How long installation tokens live from now on; an hour unless set.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.state.world().token_lifetime = lifetime;
    }

    /// Takes all installation tokens back, as GitHub does when an app is suspended and unsuspended.
    pub fn revoke_tokens(&self) {
        self.state.world().revoke_tokens();
    }

    /// The violations so far.
    pub fn violations(&self) -> Vec<String> {
        self.state.world().violations.clone()
    }

    /// Fails the test if anything was asked for that GitHub would not have taken.
    ///
    /// # Panics
    /// With the list of violations, if there are any.
    pub fn assert_clean(&self) {
        let violations = self.violations();
        assert!(violations.is_empty(), "GitHub was asked wrongly:\n{}", violations.join("\n"));
    }
}

impl Drop for GitHub {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

#[expect(clippy::expect_used, reason = "a test machine without loopback sockets cannot run these tests")]
async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port can be had");
    let address = listener.local_addr().expect("a bound socket has an address");
    (listener, address)
}

fn serve(listener: TcpListener, router: Router) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        // Serving ends with the test.
        let _ = axum::serve(listener, router).await;
    })
}
