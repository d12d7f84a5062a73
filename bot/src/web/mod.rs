//! What is served over HTTP: webhooks in, the console, the API, health and metrics.
//!
//! `routes` is the whole list. Everything a person or program may read or do stands behind `auth`; what systems call
//! (webhooks, chat, probes) proves itself in its own way.

mod actions;
mod api;
mod assets;
mod auth;
mod card;
mod channels;
mod discord;
mod events;
mod failures;
mod fault;
mod feed;
mod forms;
mod guard;
mod health;
mod login;
mod metrics;
mod page;
mod runbook_body;
mod runbooks;
mod slack;
mod slack_install;
mod system;
mod theme;
mod webhooks;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::App;

pub(crate) use auth::NEIGHBOUR;

/// What the handlers share.
struct Web {
    app: Arc<App>,
    changes: events::Changes,
    /// Cancelled when the server stops: streams end.
    stop: CancellationToken,
}

/// Serves until `stop` is cancelled, then lets the requests under way finish.
pub async fn serve(app: Arc<App>, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
    let service = routes(app, stop.clone()).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
        .context("the web server ended abruptly")
}

fn routes(app: Arc<App>, stop: CancellationToken) -> Router {
    let web = Arc::new(Web { app, changes: events::Changes::default(), stop });
    events::follow(&web);
    Router::new()
        .merge(systems())
        .merge(pages(&web).layer(from_fn(fault::as_pages)))
        .merge(api().layer(from_fn_with_state(Arc::clone(&web), auth::identify)))
        .fallback(fault::no_such_page)
        .layer(from_fn(guard::same_site))
        .layer(from_fn(guard::headers))
        .with_state(web)
}

/// What other systems call.
fn systems() -> Router<Arc<Web>> {
    Router::new()
        .route("/webhooks/{source}", post(webhooks::receive))
        .route("/slack/events", post(slack::events))
        .route("/slack/interactions", post(slack::interactions))
        .route("/slack/commands", post(slack::commands))
        .route("/discord/interactions", post(discord::interactions))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .route("/assets/{name}", get(assets::serve))
}

/// What people see.
fn pages(web: &Arc<Web>) -> Router<Arc<Web>> {
    Router::new()
        .route("/", get(feed::everything))
        .route("/c/{channel}", get(feed::channel))
        .route("/t/{post}", get(feed::thread))
        .route("/events", get(events::stream))
        .route("/fragments/post/{post}", get(feed::fragment))
        .route("/fragments/channels", get(channels::fragment))
        .route("/runbooks", get(runbooks::list))
        .route("/runbooks/{*id}", get(runbooks::show))
        .route("/failures", get(failures::list))
        .route("/failures/{id}", get(failures::show))
        .route("/system", get(system::show))
        .route("/console/click", post(actions::click))
        .route("/console/form", get(forms::show).post(forms::send))
        .route("/console/ask", post(actions::ask))
        .route("/console/replay", post(actions::replay))
        .route("/slack/install", get(slack_install::begin))
        .layer(from_fn_with_state(Arc::clone(web), auth::identify))
        // What can be had before the login.
        .route("/login", get(login::form).post(login::enter))
        .route("/console/logout", post(login::leave))
        .route("/console/theme", post(theme::choose))
        .route("/slack/oauth_redirect", get(slack_install::end))
}

/// What programs read.
fn api() -> Router<Arc<Web>> {
    Router::new()
        .route("/api/v1/posts", get(api::posts::list))
        .route("/api/v1/failures", get(api::failures::list))
        .route("/api/v1/failures/{id}", get(api::failures::show))
        .route("/api/v1/runs", get(api::runs::list))
        .route("/api/v1/ask", post(api::ask::ask))
}

#[cfg(test)]
mod tests;
