//! `[server]`, `[store]`, `[log]`, `[knowledge]`.

use std::path::PathBuf;
use std::time::Duration;

use adapters::params::Params;
use adapters::secret::Secret;

/// `[server]`
#[derive(Debug, Clone)]
pub struct Server {
    /// `ADDR:PORT`; port 0 picks a free one.
    pub listen: String,
    /// How people reach the console; links in messages start with it.
    pub public_url: Option<String>,
    /// Jobs that run at a time; the deliveries of each surface have as many of their own.
    pub workers: usize,
    /// How long running jobs may go on after a stop was asked for.
    pub drain: Duration,
}

/// `[store]`
#[derive(Debug, Clone)]
pub struct Store {
    /// `sqlite:PATH` or `postgres://…`; may hold a password.
    pub url: Secret,
    /// How long deliveries, occurrences and posts are kept.
    pub keep: Duration,
}

/// `[log]`
#[derive(Debug, Clone)]
pub struct Log {
    /// A `tracing` filter: `info`, `whyred=debug,info`.
    pub filter: String,
    /// Lines for people or JSON for machines.
    pub format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// `[knowledge]`
#[derive(Debug, Clone)]
pub struct Knowledge {
    /// Folder of the search index.
    pub index: PathBuf,
    /// Whether the runbooks that come with Whyred are searched too.
    pub starter: bool,
    /// Folders of Markdown runbooks.
    pub folders: Vec<PathBuf>,
    /// How often the folders are looked at for changes.
    pub refresh: Duration,
}

pub(super) fn server(params: Params) -> Server {
    let listen = params.text("listen").unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    if listen.parse::<std::net::SocketAddr>().is_err() {
        params.fault(
            "listen",
            format!("`{listen}` is not an address and port: write for example \"0.0.0.0:8080\""),
        );
    }
    let read = Server {
        listen,
        public_url: params.has("public_url").then(|| params.url("public_url", "")),
        workers: usize::try_from(params.number("workers", 4, 1..=64)).unwrap_or(4),
        drain: params.duration("drain", Duration::from_secs(20)),
    };
    // An unwritten key is known all the same.
    params.text("public_url");
    params.finish();
    read
}

pub(super) fn store(params: Params) -> Store {
    let written = params.text("url").unwrap_or_else(|| "sqlite:whyred.db".to_owned());
    let url = if written.starts_with("env:") || written.starts_with("file:") {
        params.secret("url").unwrap_or_else(|| Secret::new("sqlite::memory:"))
    } else {
        Secret::new(written)
    };
    if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.reveal().starts_with(scheme)) {
        params.fault("url", "must start with `sqlite:` or `postgres://`: write for example \"sqlite:/var/lib/whyred/whyred.db\"");
    }
    let read = Store { url, keep: params.duration("keep", Duration::from_hours(24 * 14)) };
    params.finish();
    read
}

pub(super) fn log(params: Params) -> Log {
    let read = Log {
        filter: params.text("filter").unwrap_or_else(|| "info".to_owned()),
        format: if params.choice("format", &["text", "json"], "text") == "json" {
            LogFormat::Json
        } else {
            LogFormat::Text
        },
    };
    params.finish();
    read
}

pub(super) fn knowledge(params: Params) -> Knowledge {
    let folders: Vec<PathBuf> = params.texts("folders").into_iter().map(PathBuf::from).collect();
    for (position, folder) in folders.iter().enumerate().filter(|(_, folder)| !folder.is_dir()) {
        params.fault(
            &format!("folders[{position}]"),
            format!("{} is not a folder: create it, or name another", folder.display()),
        );
    }
    let read = Knowledge {
        index: params.text("index").map_or_else(|| PathBuf::from("whyred-index"), PathBuf::from),
        starter: params.flag("starter", true),
        folders,
        refresh: params.duration("refresh", Duration::from_mins(5)),
    };
    params.finish();
    read
}
