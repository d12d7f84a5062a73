//! `whyred serve`

use std::path::Path;
use std::process::ExitCode;

use crate::{config, run};

/// Flags of the command.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to listen; port 0 picks a free one [default: server.listen]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
}

pub(super) async fn run(args: Args, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let (mut config, connections) = config::load(file)?;
    if let Some(listen) = args.listen {
        config.server.listen = listen;
    }
    super::telemetry::start(&config.log)?;
    let stop = run::stop_on_signals()?;
    let (listener, address) = run::bind(&config).await?;
    run::until_stopped(config, connections, listener, &address, stop, async { Ok(()) }).await?;
    Ok(ExitCode::SUCCESS)
}
