//! Every dependency a field; the only place that knows them all.

use std::collections::BTreeMap;
use std::sync::Arc;

use adapters::chat::ChatSurface;
use adapters::chat::discord::Discord;
use adapters::chat::slack::Slack;
use adapters::ci::CiProvider;
use anyhow::Context;
use classifiers::Classifier;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::config::{Config, Connections};
use crate::runbooks;
use crate::store::Store;

/// The running bot.
pub struct App {
    /// What the operator set.
    pub config: Arc<Config>,
    /// Everything that is remembered.
    pub store: Store,
    /// All rules, compiled.
    pub classifier: Arc<Classifier>,
    /// The runbooks.
    pub index: Arc<knowledge::Index>,
    /// CI systems by configured name.
    pub ci: BTreeMap<String, Arc<dyn CiProvider>>,
    /// Chat surfaces by configured name.
    pub surfaces: BTreeMap<String, Arc<dyn ChatSurface>>,
    /// The Slack surface as itself, if there is one: it also receives over HTTP.
    pub slack: Option<Arc<Slack>>,
    /// The Discord surface as itself, if there is one: it also receives over HTTP.
    pub discord: Option<Arc<Discord>>,
    /// Counted and measured things.
    pub metrics: PrometheusHandle,
    /// Where people reach the console; set once the address is known.
    pub public_url: String,
}

impl App {
    /// Opens everything that the configuration names. `listening` is where we listen, for links when no public address
    /// is configured.
    pub async fn open(
        config: Config,
        connections: Connections,
        listening: &str,
    ) -> anyhow::Result<Arc<Self>> {
        let store = Store::open(config.store.url.reveal()).await.context("the database cannot be opened")?;
        let classifier = crate::triage::load_classifier(&config.triage.rules)?;
        let index = runbooks::open(&config.knowledge)?;
        let public_url = config.server.public_url.clone().unwrap_or_else(|| format!("http://{listening}"));
        Ok(Arc::new(Self {
            store,
            classifier: Arc::new(classifier),
            index: Arc::new(index),
            ci: connections.ci,
            surfaces: connections.surfaces,
            slack: connections.slack,
            discord: connections.discord,
            metrics: crate::counters::recorder()?,
            public_url: public_url.trim_end_matches('/').to_owned(),
            config: Arc::new(config),
        }))
    }
}
