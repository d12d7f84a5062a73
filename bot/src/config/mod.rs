//! Configuration: one TOML file plus environment overrides, read once into checked types.
//!
//! Every fault is reported at once, with the path of its field and what to write instead. Unknown keys are refused.
//! `WHYRED_SERVER__LISTEN` overrides `server.listen`: two underscores stand for a dot.

mod admins;
mod baseline;
mod console;
mod overrides;
mod people;
mod quiet;
mod redaction;
mod remedies;
mod routes;
mod server;
mod subscriptions;
mod triage;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use adapters::chat::ChatSurface;
use adapters::chat::discord::{self, Discord};
use adapters::chat::slack::{self, Slack};
use adapters::ci::CiProvider;
use adapters::params::{Environment, Fault, Params};
use adapters::registry;

pub use admins::Admins;
pub use baseline::Baseline;
pub use console::{Console, ConsoleToken, Role};
pub use people::People;
pub use quiet::{Hours, Quiet};
pub use redaction::Redaction;
pub use remedies::{Remedies, Who};
pub use routes::{MentionPolicy, Route, Routing, Target};
pub use server::{Knowledge, Log, LogFormat, Server, Store};
pub use subscriptions::FixedSubscription;
pub use triage::Triage;

/// The file that is read when none is named.
pub const DEFAULT_FILE: &str = "whyred.toml";

/// Everything an operator can set, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where we listen and how we are reached.
    pub server: Server,
    /// Where things are remembered.
    pub store: Store,
    /// Our own log.
    pub log: Log,
    /// The built-in web console.
    pub console: Console,
    /// Runbooks.
    pub knowledge: Knowledge,
    /// How failures are read.
    pub triage: Triage,
    /// What nobody is to see.
    pub redaction: Redaction,
    /// What is learned from green runs.
    pub baseline: Baseline,
    /// Who hears about what.
    pub routing: Routing,
    /// What conversations hear of besides.
    pub subscriptions: Vec<FixedSubscription>,
    /// Who hears of the bot's own troubles.
    pub admins: Admins,
    /// When conversations are left alone.
    pub quiet: Vec<Quiet>,
    /// Who is who.
    pub people: People,
    /// What people may do with one click.
    pub remedies: Remedies,
}

/// What the configuration connects to: built while reading, because each adapter decodes its own parameters.
#[derive(Clone, Default)]
pub struct Connections {
    /// CI systems by configured name.
    pub ci: BTreeMap<String, Arc<dyn CiProvider>>,
    /// Chat surfaces by configured name.
    pub surfaces: BTreeMap<String, Arc<dyn ChatSurface>>,
    /// The Slack surface again, as itself: it also receives over HTTP.
    pub slack: Option<Arc<Slack>>,
    /// The Discord surface again, as itself: it also receives over HTTP.
    pub discord: Option<Arc<Discord>>,
}

/// The configuration cannot be used; lists everything that is wrong with it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error(
        "cannot read the configuration {path}: {why}. Copy whyred.example.toml there, or name another file with --config"
    )]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The system's word.
        why: String,
    },
    /// The file is not TOML.
    #[error("{path} is not valid TOML: {why}")]
    NotToml {
        /// Which file.
        path: PathBuf,
        /// Where and what.
        why: String,
    },
    /// Fields are wrong.
    #[error("the configuration has {} fault(s):\n{}", .0.len(), Listed(.0))]
    Faults(Vec<Fault>),
    /// The words to hide cannot be hidden.
    #[error("redaction.words: {0}")]
    Words(#[from] classifiers::redact::HideError),
}

struct Listed<'a>(&'a [Fault]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let end = if index + 1 == self.0.len() { "" } else { "\n" };
            write!(f, "  - {fault}{end}")?;
        }
        Ok(())
    }
}

/// Reads the file (or nothing, if it is the default file and absent), lays the process's environment over it and checks all.
pub fn load(path: Option<&Path>) -> Result<(Config, Connections), ConfigError> {
    let file = path.unwrap_or(Path::new(DEFAULT_FILE));
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if path.is_none() && error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(ConfigError::Unreadable { path: file.to_owned(), why: error.to_string() }),
    };
    let vars: Vec<(String, String)> = std::env::vars().collect();
    let (config, connections) = parse(&text, file, &vars)?;
    if !config.redaction.words.is_empty() {
        classifiers::redact::hide_words(&config.redaction.words)?;
    }
    Ok((config, connections))
}

/// The same from a text and a given environment.
pub fn parse(
    text: &str,
    file: &Path,
    vars: &[(String, String)],
) -> Result<(Config, Connections), ConfigError> {
    let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError::NotToml {
        path: file.to_owned(),
        why: error.to_string(),
    })?;
    overrides::lay_over(&mut table, vars).map_err(|fault| ConfigError::Faults(vec![fault]))?;
    let known: BTreeMap<String, String> = vars.iter().cloned().collect();
    let env: Environment = Rc::new(move |name| known.get(name).cloned());
    let root = Params::root(table, env);
    let faults = root.fault_list();
    let read = read(root);
    let found = faults.borrow().clone();
    if found.is_empty() { Ok(read) } else { Err(ConfigError::Faults(found)) }
}

fn read(root: Params) -> (Config, Connections) {
    let connections = connect(&root);
    let known_surfaces: Vec<&str> = connections.surfaces.keys().map(String::as_str).collect();
    let config = Config {
        server: server::server(root.table("server")),
        store: server::store(root.table("store")),
        log: server::log(root.table("log")),
        console: console::read(root.table("console")),
        knowledge: server::knowledge(root.table("knowledge")),
        triage: triage::read(root.table("triage")),
        redaction: redaction::read(root.table("redaction")),
        baseline: baseline::read(root.table("baseline")),
        routing: routes::read(&root, &known_surfaces),
        subscriptions: subscriptions::read(&root, &known_surfaces),
        admins: admins::read(root.table("admins"), &known_surfaces),
        quiet: quiet::read(&root, &known_surfaces),
        people: people::read(root.tables("people"), &known_surfaces),
        remedies: remedies::read(root.table("remedies")),
    };
    root.finish();
    (config, connections)
}

fn connect(root: &Params) -> Connections {
    let mut connections = Connections::default();
    for params in root.tables("ci") {
        if let Some(provider) = registry::build_ci(&params) {
            connections.ci.insert(params.name().to_owned(), provider);
        }
        params.finish();
    }
    for params in root.tables("chat") {
        let name = params.name().to_owned();
        // Slack and Discord are kept as themselves too: they also call us over HTTP.
        let surface = match registry::kind_of(&params).as_str() {
            "slack" => slack::build(&name, &params).map(|slack| {
                connections.slack = Some(Arc::clone(&slack));
                slack as Arc<dyn ChatSurface>
            }),
            "discord" => discord::build(&name, &params).map(|discord| {
                connections.discord = Some(Arc::clone(&discord));
                discord as Arc<dyn ChatSurface>
            }),
            _ => registry::build_chat(&params),
        };
        if let Some(surface) = surface {
            connections.surfaces.insert(name, surface);
        }
        params.finish();
    }
    // The console is always there: it is how an operator sees what goes on.
    connections
        .surfaces
        .entry("console".to_owned())
        .or_insert_with(|| Arc::new(adapters::chat::console::Console::new()));
    connections
}

#[cfg(test)]
mod tests;
