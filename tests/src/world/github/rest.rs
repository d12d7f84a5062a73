//! The REST endpoints. Every query key that is not listed here is a violation.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde_json::{Value, json};

use super::app::{self, iso};
use super::model::{Job, Log, Run};
use super::strict::{every_request, refusal};
use super::{Shared, payload};

type Answer = Response<Body>;
type Queries = Query<BTreeMap<String, String>>;

pub(crate) fn router(state: Shared) -> Router {
    let api = Router::new()
        .route("/rate_limit", get(rate_limit))
        .route("/app", get(the_app))
        .route("/app/installations/{id}/access_tokens", post(access_token))
        .route("/repos/{owner}/{repo}/installation", get(installation))
        .route("/repos/{owner}/{repo}/actions/runs/{id}", get(run))
        .route("/repos/{owner}/{repo}/actions/runs/{id}/attempts/{attempt}/jobs", get(jobs))
        .route("/repos/{owner}/{repo}/actions/runs/{id}/rerun-failed-jobs", post(rerun_failed))
        .route("/repos/{owner}/{repo}/actions/jobs/{id}/logs", get(job_log))
        .route("/repos/{owner}/{repo}/check-runs/{id}", get(check_run))
        .route("/repos/{owner}/{repo}/check-runs/{id}/annotations", get(annotations))
        .route("/repos/{owner}/{repo}/check-suites/{id}", get(check_suite))
        .route("/repos/{owner}/{repo}/check-suites/{id}/check-runs", get(suite_checks))
        .route("/repos/{owner}/{repo}/compare/{range}", get(compare))
        .route("/repos/{owner}/{repo}/commits/{sha}/pulls", get(pulls))
        .route("/repos/{owner}/{repo}/contents/{*path}", get(contents));
    Router::new()
        .nest("/api/v3", api.clone())
        .merge(api)
        .fallback(unknown)
        .layer(middleware::from_fn_with_state(state.clone(), every_request))
        .with_state(state)
}

async fn unknown(State(state): State<Shared>, method: Method, uri: Uri) -> Answer {
    state.violation(format!("{method} {uri}: there is no such endpoint"));
    not_found()
}

fn not_found() -> Answer {
    refusal(StatusCode::NOT_FOUND, "Not Found")
}

/// Notes every query key that the endpoint does not know.
fn check_query(state: &Shared, uri: &Uri, query: &BTreeMap<String, String>, known: &[&str]) {
    for key in query.keys().filter(|key| !known.contains(&key.as_str())) {
        state.violation(format!("{uri}: the endpoint has no query key `{key}`"));
    }
}

async fn rate_limit(State(state): State<Shared>) -> Answer {
    let remaining = state.world().remaining.min(4999);
    let core =
        json!({ "limit": 5000, "remaining": remaining, "used": 5000 - remaining, "reset": 1_800_000_000 });
    Json(json!({ "resources": { "core": core }, "rate": core })).into_response()
}

async fn the_app(State(state): State<Shared>) -> Answer {
    let (id, count) = match &state.world().app {
        Some(app) => (app.id.clone(), app.installations.len()),
        None => return not_found(),
    };
    Json(json!({
        "id": id.parse::<u64>().unwrap_or_default(), "slug": "whyred", "name": "whyred", "client_id": "Iv1.0000000000000001",
        "html_url": format!("{}/apps/whyred", state.api_url), "external_url": "https://whyred.example.org",
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "installations_count": count,
        "permissions": { "actions": "write", "checks": "read", "contents": "read", "metadata": "read" },
        "events": ["check_run", "workflow_job", "workflow_run"],
    }))
    .into_response()
}

async fn installation(State(state): State<Shared>, Path((owner, _)): Path<(String, String)>) -> Answer {
    let id = state.world().app.as_ref().and_then(|app| app.installations.get(&owner).copied());
    match id {
        Some(id) => Json(json!({ "id": id, "app_slug": "whyred", "target_type": "Organization", "repository_selection": "all",
            "access_tokens_url": format!("{}/app/installations/{id}/access_tokens", state.api_url) }))
        .into_response(),
        None => not_found(),
    }
}

async fn access_token(State(state): State<Shared>, Path(id): Path<u64>, body: Bytes) -> Answer {
    if !body.is_empty() {
        state.violation("a token was asked for with a body; we ask for all that the app may do");
    }
    let issued = app::issue(&mut state.world(), id);
    match issued {
        Some((token, expires_at)) => (
            StatusCode::CREATED,
            Json(json!({ "token": token, "expires_at": iso(expires_at), "repository_selection": "all",
                "permissions": { "actions": "write", "checks": "read", "contents": "read", "metadata": "read" } })),
        )
            .into_response(),
        None => not_found(),
    }
}

/// A run, if it belongs to this repository.
fn find_run(state: &Shared, owner: &str, repo: &str, id: u64) -> Option<Run> {
    let world = state.world();
    world.runs.get(&id).filter(|run| run.repo == format!("{owner}/{repo}")).cloned()
}

async fn run(
    State(state): State<Shared>,
    uri: Uri,
    Path((owner, repo, id)): Path<(String, String, u64)>,
    Query(query): Queries,
) -> Answer {
    check_query(&state, &uri, &query, &["exclude_pull_requests"]);
    let Some(run) = find_run(&state, &owner, &repo, id) else { return not_found() };
    let repo = state.world().repos[&run.repo].clone();
    Json(payload::workflow_run(&state, &run, &repo)).into_response()
}

async fn jobs(
    State(state): State<Shared>,
    uri: Uri,
    Path((owner, repo, id, attempt)): Path<(String, String, u64, u32)>,
    Query(query): Queries,
) -> Answer {
    check_query(&state, &uri, &query, &["per_page", "page"]);
    let run = find_run(&state, &owner, &repo, id);
    let Some(run) = run.as_ref().and_then(|run| run.at_attempt(attempt)) else { return not_found() };
    let page: Vec<Value> =
        page(&query, &run.jobs).iter().map(|job| payload::workflow_job(&state, run, job)).collect();
    Json(json!({ "total_count": run.jobs.len(), "jobs": page })).into_response()
}

/// The part of a list that was asked for: 30 to a page unless told, at most 100.
fn page<'a, T>(query: &BTreeMap<String, String>, all: &'a [T]) -> &'a [T] {
    let number = |key: &str| query.get(key).and_then(|value| value.parse::<usize>().ok());
    let per_page = number("per_page").unwrap_or(30).clamp(1, 100);
    let start = (number("page").unwrap_or(1).max(1) - 1) * per_page;
    let rest = all.get(start..).unwrap_or_default();
    &rest[..rest.len().min(per_page)]
}

async fn rerun_failed(
    State(state): State<Shared>,
    Path((owner, repo, id)): Path<(String, String, u64)>,
    body: Bytes,
) -> Answer {
    if !body.is_empty() {
        state.violation(format!("re-run of {id}: the body is not empty"));
    }
    if find_run(&state, &owner, &repo, id).is_none() {
        return not_found();
    }
    let outcome = state.world().rerun_failed(id);
    match outcome {
        Ok(()) => (StatusCode::CREATED, Json(json!({}))).into_response(),
        Err(why) => refusal(StatusCode::FORBIDDEN, why),
    }
}

async fn job_log(State(state): State<Shared>, Path((_, _, id)): Path<(String, String, u64)>) -> Answer {
    let mut world = state.world();
    match world.jobs.get(&id).map(|job| &job.log) {
        None | Some(Log::Missing) => not_found(),
        Some(Log::Expired) => refusal(StatusCode::GONE, "Server Error: the logs for this run have expired"),
        Some(_) => {
            let ticket = uuid::Uuid::new_v4().simple().to_string();
            world.tickets.insert(ticket.clone(), id);
            let location = format!("{}/logs/{ticket}?sig=presigned", state.log_url);
            (StatusCode::FOUND, [("location", location)]).into_response()
        }
    }
}

async fn check_run(
    State(state): State<Shared>,
    Path((owner, repo, id)): Path<(String, String, u64)>,
) -> Answer {
    let found = {
        let world = state.world();
        let check = world.checks.get(&id).filter(|check| check.repo == format!("{owner}/{repo}")).cloned();
        check.map(|check| (world.checks_of(&check.repo, check.suite), check))
    };
    match found {
        Some((suite, check)) => Json(payload::check_run(&state, &check, &suite)).into_response(),
        None => not_found(),
    }
}

async fn annotations(
    State(state): State<Shared>,
    uri: Uri,
    Path((owner, repo, id)): Path<(String, String, u64)>,
    Query(query): Queries,
) -> Answer {
    check_query(&state, &uri, &query, &["per_page", "page"]);
    let found: Option<(Run, Job)> = {
        let world = state.world();
        let job = world.jobs.get(&id).cloned();
        let run = world.run_of_job.get(&id).and_then(|run| world.runs.get(run));
        run.filter(|run| run.repo == format!("{owner}/{repo}")).cloned().zip(job)
    };
    match found {
        Some((run, job)) => {
            let all: Vec<Value> =
                job.annotations.iter().map(|one| payload::annotation(&state, &run, one)).collect();
            Json(page(&query, &all)).into_response()
        }
        None if state.world().checks.contains_key(&id) => Json(json!([])).into_response(),
        None => not_found(),
    }
}

async fn check_suite(
    State(state): State<Shared>,
    Path((owner, repo, id)): Path<(String, String, u64)>,
) -> Answer {
    let name = format!("{owner}/{repo}");
    let found = {
        let world = state.world();
        world.repos.get(&name).map(|repo| (world.checks_of(&name, id), repo.clone()))
    };
    match found.and_then(|(checks, repo)| payload::check_suite_answer(&state, &checks, &repo)) {
        Some(suite) => Json(suite).into_response(),
        None => not_found(),
    }
}

async fn suite_checks(
    State(state): State<Shared>,
    uri: Uri,
    Path((owner, repo, id)): Path<(String, String, u64)>,
    Query(query): Queries,
) -> Answer {
    check_query(&state, &uri, &query, &["check_name", "status", "filter", "per_page", "page"]);
    let checks = state.world().checks_of(&format!("{owner}/{repo}"), id);
    if checks.is_empty() {
        return not_found();
    }
    let all: Vec<Value> = checks.iter().map(|check| payload::check_run(&state, check, &checks)).collect();
    Json(json!({ "total_count": all.len(), "check_runs": page(&query, &all) })).into_response()
}

async fn compare(
    State(state): State<Shared>,
    uri: Uri,
    Path((owner, repo, range)): Path<(String, String, String)>,
    Query(query): Queries,
) -> Answer {
    check_query(&state, &uri, &query, &["per_page", "page"]);
    let repo = format!("{owner}/{repo}");
    let found = state.world().comparisons.get(&(repo.clone(), range.clone())).cloned();
    match found {
        Some(comparison) => Json(payload::comparison(&state, &repo, &range, &comparison)).into_response(),
        None => not_found(),
    }
}

async fn pulls(
    State(state): State<Shared>,
    uri: Uri,
    Path((owner, repo, sha)): Path<(String, String, String)>,
    Query(query): Queries,
) -> Answer {
    check_query(&state, &uri, &query, &["per_page", "page"]);
    let labels = state.world().labels.get(&(format!("{owner}/{repo}"), sha)).cloned();
    let pull = |labels: Vec<String>| {
        let labels: Vec<_> = labels
            .into_iter()
            .map(|name| json!({ "id": 1, "node_id": "LA_1", "name": name, "color": "d73a4a", "default": false, "description": null }))
            .collect();
        json!({ "id": 1, "number": 12, "state": "open", "title": "Round refunds half up", "draft": false, "labels": labels })
    };
    Json(labels.map(pull).into_iter().collect::<Vec<_>>()).into_response()
}

async fn contents(
    State(state): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
    Path((owner, repo, path)): Path<(String, String, String)>,
    Query(query): Queries,
) -> Answer {
    check_query(&state, &uri, &query, &["ref"]);
    if headers.get("accept").is_none_or(|accept| accept != "application/vnd.github.raw+json") {
        state.violation(format!("{uri}: files are asked for raw"));
    }
    let repo = state.world().repos.get(&format!("{owner}/{repo}")).cloned();
    match repo.and_then(|repo| repo.files.get(&path).cloned()) {
        Some(text) => {
            ([("content-type", "application/vnd.github.raw+json; charset=utf-8")], text).into_response()
        }
        None => not_found(),
    }
}
