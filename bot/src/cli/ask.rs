//! `whyred ask "…"`: the same answer as in chat, from what the configured database knows.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use adapters::chat::{markdown, plain};

use crate::app::App;
use crate::ask::{Setting, answer};
use crate::config;

/// Flags of the command.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What you want to know: "why did main of payments fail?"
    #[arg(required = true, num_args = 1..)]
    question: Vec<String>,

    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// The message as data
    Json,
    /// For an issue or a pull request
    Markdown,
}

pub(super) async fn run(args: Args, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let (config, connections) = config::load(file)?;
    let listen = config.server.listen.clone();
    let app = App::open(config, connections, &listen).await?;
    let question = classifiers::redact::redact(&args.question.join(" ")).text.into_owned();
    let mut message = answer(&app, &question, &Setting::default()).await?;
    // There is nothing to click here.
    message.actions.clear();
    let mut out = super::terminal::stdout();
    match args.format {
        Format::Json => writeln!(out, "{}", serde_json::to_string(&message)?)?,
        Format::Markdown => write!(out, "{}", markdown::render_markdown(&message))?,
        Format::Text => writeln!(out, "{}", plain::render_text(&message))?,
    }
    app.store.close().await;
    Ok(ExitCode::SUCCESS)
}
