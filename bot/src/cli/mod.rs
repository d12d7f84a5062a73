//! The command line: flags → configuration → App → run → drain. One file a command.

mod ask;
mod baseline;
mod completions;
mod demo;
mod doctor;
mod index;
mod log_files;
mod replay;
mod rules;
mod serve;
mod systems;
mod telemetry;
mod terminal;
mod triage;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Why is it red? A chat-ops bot that explains failed pipelines and answers for help.
#[derive(Debug, Parser)]
#[command(name = "whyred", version, max_term_width = 100)]
struct Cli {
    /// Configuration file [default: whyred.toml]
    #[arg(long, short, global = true, env = "WHYRED_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the bot: receive webhooks, explain failures, deliver messages, serve the console
    Serve(serve::Args),
    /// See it work: a day of recorded failures in a console, with nothing to set up
    Demo(demo::Args),
    /// Say what broke in log files, without any server
    Triage(triage::Args),
    /// Ask the bot a question, as one would in chat
    Ask(ask::Args),
    /// Check, list and show the rules that failures are recognised by
    #[command(subcommand)]
    Rules(rules::Command),
    /// Learn what green runs of a job print, and see what is new in a log against it
    #[command(subcommand)]
    Baseline(baseline::Command),
    /// Bring the runbook index up to date
    Index(index::Args),
    /// Check configuration, credentials, reachability, database and index, and say what to do about each fault
    Doctor(doctor::Args),
    /// Feed recorded events in again, or give dead jobs another chance
    Replay(replay::Args),
    /// List every system that Whyred works with, and what works
    Systems(systems::Args),
    /// Print shell completions
    Completions(completions::Args),
}

/// Exit code for "it could not be done": a file that cannot be read, a configuration with faults.
const EXIT_CANNOT: u8 = 2;

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // A second install is an error that means "already there": harmless.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match run(cli) {
        Ok(code) => code,
        // Whoever reads our output has read enough (`whyred systems | head`).
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain(&error);
            ExitCode::from(EXIT_CANNOT)
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = cli.config.as_deref();
    match cli.command {
        Command::Triage(args) => triage::run(&args, config),
        Command::Rules(command) => rules::run(&command, config),
        Command::Baseline(command) => baseline::run(&command),
        Command::Systems(args) => systems::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Serve(args) => on_runtime(serve::run(args, config)),
        Command::Demo(args) => on_runtime(demo::run(args)),
        Command::Ask(args) => on_runtime(ask::run(args, config)),
        Command::Index(args) => index::run(&args, config),
        Command::Doctor(args) => on_runtime(doctor::run(args, config)),
        Command::Replay(args) => on_runtime(replay::run(args, config)),
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn on_runtime(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
