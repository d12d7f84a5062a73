//! The bot at work: everything that runs until it is told to stop.

use std::future::Future;
use std::sync::Arc;

use adapters::chat::{ChatError, ChatSurface, InteractionSink, Reply, SinkError};
use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::config::{Config, Connections};
use crate::queue::{Lanes, Worker, WorkerConfig};
use crate::{intake, jobs, web};

/// Longest pause between two tries to listen on a surface.
const LONGEST_PAUSE: std::time::Duration = std::time::Duration::from_mins(1);

/// Listens where the configuration says, and says so on standard output as the first line.
pub async fn bind(config: &Config) -> anyhow::Result<(TcpListener, String)> {
    let listener = TcpListener::bind(&config.server.listen).await.with_context(|| {
        format!(
            "cannot listen on {}: is another process there? Choose another with --listen",
            config.server.listen
        )
    })?;
    let address = listener.local_addr()?.to_string();
    announce(&format!("listening on http://{address}"));
    Ok((listener, address))
}

/// One line on standard output.
#[expect(
    clippy::print_stdout,
    reason = "these lines are the command's answer, and part of its stable interface"
)]
pub fn announce(line: &str) {
    println!("{line}");
    // Whoever waits for the line reads it through a pipe.
    let _ = std::io::Write::flush(&mut std::io::stdout());
}

/// Runs until `stop` is cancelled, then drains: no new work is taken, what runs may end.
pub async fn until_stopped(
    config: Config,
    connections: Connections,
    listener: TcpListener,
    address: &str,
    stop: CancellationToken,
    alongside: impl Future<Output = anyhow::Result<()>> + Send + 'static,
) -> anyhow::Result<()> {
    let workers = WorkerConfig {
        concurrency: config.server.workers,
        drain: config.server.drain,
        redact: crate::redaction::words,
        ..WorkerConfig::default()
    };
    let _alone = alone_with(config.store.url.reveal())?;
    let app = App::open(config, connections, address).await?;
    crate::slack_teams::load(&app).await;
    // Each surface has workers of its own for what it is told: one that does not answer holds up nobody but itself.
    let worker =
        |lanes| Worker::new(app.store.clone(), Arc::clone(&app), jobs::registry(), workers.clone()).on(lanes);
    let of_surfaces: Vec<String> = app.surfaces.keys().map(|name| jobs::delivery_lanes(name)).collect();
    let deliverers: Vec<_> = of_surfaces.iter().map(|surface| worker(Lanes::Of(surface.clone()))).collect();
    let worker = worker(Lanes::AllBut(of_surfaces));

    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn({
        let (app, stop) = (Arc::clone(&app), stop.clone());
        async move {
            // Webhooks are taken from the first moment; what they ask for waits until the runbooks can be searched.
            jobs::refresh_runbooks(&app).await;
            worker.run(stop).await;
        }
    });
    for deliverer in deliverers {
        tasks.spawn(deliverer.run(stop.clone()));
    }
    tasks.spawn(jobs::housekeeping(Arc::clone(&app), stop.clone()));
    for (name, surface) in &app.surfaces {
        tasks.spawn(listen(Arc::clone(&app), name.clone(), Arc::clone(surface), stop.clone()));
    }
    let beside = tokio::spawn({
        let stop = stop.clone();
        async move {
            tokio::select! {
                () = stop.cancelled() => Ok(()),
                done = alongside => done,
            }
        }
    });
    let served = web::serve(Arc::clone(&app), listener, stop.clone()).await;
    stop.cancel();
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a part of the bot ended abruptly");
        }
    }
    app.store.close().await;
    beside.await.context("the part that runs alongside ended abruptly")??;
    served
}

/// A `SQLite` database is worked on by one process: this one, for as long as the returned file is open. `None` for
/// `PostgreSQL`, where any number may work.
fn alone_with(url: &str) -> anyhow::Result<Option<std::fs::File>> {
    let Some(path) = url.strip_prefix("sqlite:") else { return Ok(None) };
    let path = path.trim_start_matches("//").split('?').next().unwrap_or_default();
    let lock = format!("{path}.lock");
    if let Some(folder) = std::path::Path::new(&lock).parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let file = std::fs::File::create(&lock).with_context(|| format!("cannot create {lock}"))?;
    file.try_lock().map_err(|error| {
        anyhow::anyhow!("another whyred serves this database ({lock}: {error}): stop it first, or use PostgreSQL for several")
    })?;
    Ok(Some(file))
}

/// Listens on a surface until stopped. A surface that cannot be reached is tried again and again: it must not stop others.
async fn listen(app: Arc<App>, name: String, surface: Arc<dyn ChatSurface>, stop: CancellationToken) {
    let mut pause = std::time::Duration::from_secs(1);
    loop {
        let started = std::time::Instant::now();
        match surface.listen(sink(&app, &name), stop.clone()).await {
            Ok(()) => return,
            Err(_) if stop.is_cancelled() => return,
            Err(error) => complain(&name, &error),
        }
        if started.elapsed() > LONGEST_PAUSE {
            pause = std::time::Duration::from_secs(1);
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
}

fn complain(surface: &str, error: &ChatError) {
    tracing::error!(surface, %error, "cannot listen for what people do; trying again");
}

fn sink(app: &Arc<App>, name: &str) -> InteractionSink {
    let (app, name) = (Arc::clone(app), name.to_owned());
    Arc::new(move |interaction| {
        let (app, name) = (Arc::clone(&app), name.clone());
        Box::pin(async move {
            match intake::interaction(&app, &name, interaction).await {
                intake::Outcome::NotStored => Err(SinkError("the database did not take it".to_owned())),
                intake::Outcome::Malformed(why) => Err(SinkError(why)),
                intake::Outcome::Open(form) => Ok(Reply::Open(form)),
                _ => Ok(Reply::Taken),
            }
        })
    })
}

/// A token that is cancelled by Ctrl-C or SIGTERM. A second one ends the process at once.
pub fn stop_on_signals() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for SIGINT")?;
    let told = stop.clone();
    tokio::spawn(async move {
        for first in [true, false] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if first {
                tracing::info!(
                    "stopping: running work may end, nothing new is taken; once more stops at once"
                );
                told.cancel();
            } else {
                std::process::exit(130);
            }
        }
    });
    Ok(stop)
}
