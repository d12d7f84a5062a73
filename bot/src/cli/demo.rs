//! `whyred demo`: a day of recorded failures, played through the same doors as real ones.

use std::process::ExitCode;
use std::sync::Arc;

use adapters::ci::recorded::{Files, Recorded};
use adapters::http::{Hosts, Http, Limits};
use anyhow::Context;
use include_dir::{Dir, include_dir};
use url::Url;

use crate::config::{self, Config, Connections};
use crate::run;

/// The recorded day.
static DAY: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/demo");

/// The name under which the recording is a source.
const SOURCE: &str = "recorded";

/// How much faster than it was the day goes by: nine hours in about a minute.
const SPEED: f64 = 540.0;

/// Flags of the command.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    listen: String,

    /// How much faster than real time the day is played
    #[arg(long, default_value_t = SPEED, value_parser = speed)]
    speed: f64,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| "write a number, for example 540".to_owned())?;
    if (0.1..=1_000_000.0).contains(&speed) {
        Ok(speed)
    } else {
        Err("write a number from 0.1 to 1000000".to_owned())
    }
}

/// What an operator would write, for this folder.
fn configuration(listen: &str, folder: &std::path::Path) -> String {
    let quoted = |text: String| toml::Value::String(text).to_string();
    format!(
        "[server]\nlisten = {}\ndrain = \"2s\"\n[store]\nurl = {}\n[log]\nfilter = \"warn\"\n[console]\nopen_on_loopback = true\n\
         [knowledge]\nindex = {}\n[remedies.rerun_failed]\nallow = [\"anyone\"]\nper_repo_per_hour = 1000\n",
        quoted(listen.to_owned()),
        quoted(format!("sqlite:{}", folder.join("whyred.db").display())),
        quoted(folder.join("index").display().to_string()),
    )
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let folder = tempfile::Builder::new()
        .prefix("whyred-demo-")
        .tempdir()
        .context("no temporary folder can be made")?;
    let (config, mut connections) = config::parse(
        &configuration(&args.listen, folder.path()),
        std::path::Path::new("the demo's configuration"),
        &[],
    )?;
    super::telemetry::start(&config.log)?;
    let recorded =
        Recorded::open(SOURCE, Files::Embedded(&DAY)).context("the recorded day cannot be played")?;
    connections.ci.insert(SOURCE.to_owned(), Arc::new(recorded.clone()));
    play(config, connections, recorded, args.speed).await?;
    Ok(ExitCode::SUCCESS)
}

async fn play(
    config: Config,
    connections: Connections,
    recorded: Recorded,
    speed: f64,
) -> anyhow::Result<()> {
    let stop = run::stop_on_signals()?;
    let (listener, address) = run::bind(&config).await?;
    run::announce(&format!(
        "open http://{address} in a browser; Ctrl-C ends the demo and removes all that it made"
    ));
    let base = Url::parse(&format!("http://{address}"))?;
    let url = base.join(&format!("/webhooks/{SOURCE}"))?;
    let http =
        Http::new(Hosts::new().allow(&base), Limits::default()).context("the player cannot be made")?;
    let player = async move {
        tokio::join!(recorded.play(speed), recorded.deliver_to(&http, &url));
        Ok(())
    };
    run::until_stopped(config, connections, listener, &address, stop, player).await
}
