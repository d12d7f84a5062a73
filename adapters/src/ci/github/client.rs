//! GitHub's REST API: credentials, rate limits, entity tags, and refusals in words that say what to do.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use url::Url;

use super::auth::{AppKey, Grant, Grants, usable_token};
use super::config::{Config, Credentials};
use super::etags::Etags;
use super::wire;
use crate::ci::CiError;
use crate::http::{Answer, Call, Hosts, Http, HttpError, Limits, retry_after};
use crate::secret::Secret;

/// The version of the API that we were written for.
const API_VERSION: HeaderValue = HeaderValue::from_static("2022-11-28");

/// The usual answer format.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/vnd.github+json");

/// A file as it is.
pub(super) const RAW: HeaderValue = HeaderValue::from_static("application/vnd.github.raw+json");

/// Largest JSON answer that is read: a page of 100 jobs with 100 steps each is about 3 MB.
const MAX_JSON: usize = 16 * 1024 * 1024;

/// How long to keep quiet after a secondary limit that names no time: the documented minimum.
pub(super) const SECONDARY_WAIT: Duration = Duration::from_mins(1);

/// What a call is for: how it is called in errors, which repository it is about, what it needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Purpose<'a> {
    /// What is asked for, as a noun: `the jobs of run 42 of acme/checkout`.
    pub(super) what: &'a str,
    /// `owner/name`.
    pub(super) repo: &'a str,
    /// The permission that the call needs: `Actions: read`.
    pub(super) needs: &'static str,
}

/// The caller of the API.
pub(super) struct Client {
    pub(super) name: String,
    base: Url,
    http: Http,
    credentials: Proof,
    etags: Etags,
    /// Until when an account's calls are not even tried, because GitHub said so.
    closed_until: Mutex<HashMap<String, Instant>>,
}

enum Proof {
    Token(Secret),
    App { key: AppKey, installation: Option<u64>, grants: Grants },
}

impl Client {
    /// Makes the client; the text says what is wrong with the configuration.
    pub(super) fn new(config: &Config, limits: Limits) -> Result<Self, String> {
        let base = Url::parse(&config.api_url).map_err(|error| error.to_string())?;
        let hosts = Hosts::new().allow(&base).redirect_to(config.log_hosts.iter().cloned());
        let credentials = match &config.credentials {
            Credentials::Token(token) => Proof::Token(token.clone()),
            Credentials::App { id, private_key, installation } => Proof::App {
                key: AppKey::read(id, private_key)?,
                installation: *installation,
                grants: Grants::default(),
            },
        };
        Ok(Self {
            name: config.name.clone(),
            base,
            http: Http::new(hosts, limits).map_err(|error| error.to_string())?,
            credentials,
            etags: Etags::default(),
            closed_until: Mutex::default(),
        })
    }

    /// Whether we are a GitHub App.
    pub(super) fn is_app(&self) -> bool {
        matches!(self.credentials, Proof::App { .. })
    }

    /// Reads a JSON answer, from our own copy when GitHub says that nothing changed (which costs nothing of the limit).
    pub(super) async fn json<T: DeserializeOwned>(
        &self,
        purpose: Purpose<'_>,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, CiError> {
        let url = self.url(path, query);
        let known = self.etags.get(url.as_str());
        let mut call = Call::get(url.clone()).header(ACCEPT, JSON);
        if let Some(etag) = known.as_ref().and_then(|known| HeaderValue::from_str(&known.etag).ok()) {
            call = call.header(IF_NONE_MATCH, etag);
        }
        let answer = self.send(purpose, call).await?;
        let unchanged = known.filter(|_| answer.status() == StatusCode::NOT_MODIFIED);
        let body = match unchanged {
            Some(known) => known.body,
            None => self.kept_body(purpose, &url, answer).await?,
        };
        serde_json::from_slice(&body)
            .map_err(|error| self.unexpected(purpose.what, format!("its JSON: {error}")))
    }

    /// The body of a successful answer, of which a copy is kept if it has a tag.
    async fn kept_body(&self, purpose: Purpose<'_>, url: &Url, answer: Answer) -> Result<Bytes, CiError> {
        let answer = self.expect_success(purpose, answer).await?;
        let etag = answer.header(ETAG.as_str()).map(str::to_owned);
        let body = answer.bytes(MAX_JSON).await.map_err(|error| self.failed(purpose.what, error))?;
        if let Some(etag) = etag {
            self.etags.keep(url.as_str(), etag, body.clone());
        }
        Ok(body)
    }

    /// Reads something that is no JSON. A refusal is not yet looked at: what it means depends on what was asked for.
    pub(super) async fn raw(
        &self,
        purpose: Purpose<'_>,
        path: &[&str],
        query: &[(&str, &str)],
        accept: HeaderValue,
    ) -> Result<Answer, CiError> {
        self.send(purpose, Call::get(self.url(path, query)).header(ACCEPT, accept)).await
    }

    /// Asks for something to be done. Never repeated by itself.
    pub(super) async fn post(&self, purpose: Purpose<'_>, path: &[&str]) -> Result<(), CiError> {
        let answer = self.send(purpose, Call::post(self.url(path, &[])).header(ACCEPT, JSON)).await?;
        self.expect_success(purpose, answer).await.map(drop)
    }

    /// Reads what only the app itself may read.
    pub(super) async fn json_as_app<T: DeserializeOwned>(
        &self,
        what: &str,
        path: &[&str],
    ) -> Result<T, CiError> {
        self.call_as_app(what, Method::GET, path).await
    }

    async fn call_as_app<T: DeserializeOwned>(
        &self,
        what: &str,
        method: Method,
        path: &[&str],
    ) -> Result<T, CiError> {
        let Proof::App { key, .. } = &self.credentials else {
            return Err(self.unexpected(what, "a token is configured, not an app".to_owned()));
        };
        let jwt = key.sign(Timestamp::now()).map_err(|why| self.denied(what, why))?;
        // A second token is harmless, so asking for one may be repeated.
        let call = Call::new(method, self.url(path, &[])).repeatable().header(ACCEPT, JSON);
        let answer = self.call_with(call, &jwt).await.map_err(|error| self.failed(what, error))?;
        if answer.status().is_success() {
            return answer.json(MAX_JSON).await.map_err(|error| self.failed(what, error));
        }
        Err(self.refused_as_app(what, answer).await)
    }

    /// Sends with credentials. A token that GitHub takes back before its time is replaced once.
    async fn send(&self, purpose: Purpose<'_>, call: Call) -> Result<Answer, CiError> {
        let owner = purpose.repo.split('/').next().unwrap_or_default();
        self.check_open(purpose.what, owner)?;
        let call = call.asks_to_wait(github_wait);
        let token = self.token(purpose, owner).await?;
        let mut answer = self.sent(purpose, owner, call.clone(), &token).await?;
        if answer.status() == StatusCode::UNAUTHORIZED && self.forget(owner, &token).await {
            let token = self.token(purpose, owner).await?;
            answer = self.sent(purpose, owner, call, &token).await?;
        }
        Ok(answer)
    }

    async fn sent(
        &self,
        purpose: Purpose<'_>,
        owner: &str,
        call: Call,
        token: &Secret,
    ) -> Result<Answer, CiError> {
        match self.call_with(call, token).await {
            Ok(answer) => {
                // This call went through; the limit is used up for the next one.
                if let Some(wait) = until_reset(answer.headers()) {
                    self.close(owner, wait);
                }
                Ok(answer)
            }
            Err(error) => {
                if let HttpError::RateLimited { after } = error {
                    self.close(owner, after);
                }
                Err(self.failed(purpose.what, error))
            }
        }
    }

    async fn call_with(&self, call: Call, token: &Secret) -> Result<Answer, HttpError> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.reveal())).map_err(|_| {
            HttpError::Malformed("the token holds characters that no header may hold".to_owned())
        })?;
        bearer.set_sensitive(true);
        let version = HeaderName::from_static("x-github-api-version");
        self.http.send(call.header(AUTHORIZATION, bearer).header(version, API_VERSION)).await
    }

    async fn token(&self, purpose: Purpose<'_>, owner: &str) -> Result<Secret, CiError> {
        match &self.credentials {
            Proof::Token(token) => Ok(token.clone()),
            Proof::App { installation, grants, .. } => {
                let slot = grants.slot(owner);
                let mut slot = slot.lock().await;
                if let Some(token) = usable_token(slot.as_ref(), Timestamp::now()) {
                    return Ok(token);
                }
                let installation = match (*installation, slot.as_ref()) {
                    (Some(id), _) => id,
                    (None, Some(grant)) => grant.installation,
                    (None, None) => self.installation_of(purpose.repo).await?,
                };
                // An app that was removed and installed again has another installation: after a failure it is looked up anew.
                let grant = self.new_grant(installation).await.inspect_err(|_| *slot = None)?;
                let token = grant.token.clone();
                *slot = Some(grant);
                Ok(token)
            }
        }
    }

    async fn installation_of(&self, repo: &str) -> Result<u64, CiError> {
        let (owner, name) = repo.split_once('/').unwrap_or((repo, ""));
        let what = format!("the app's installation for {repo}");
        let found: wire::Installation =
            self.call_as_app(&what, Method::GET, &["repos", owner, name, "installation"]).await?;
        Ok(found.id)
    }

    async fn new_grant(&self, installation: u64) -> Result<Grant, CiError> {
        let what = format!("a token of installation {installation}");
        let path = ["app", "installations", &installation.to_string(), "access_tokens"];
        let fresh: wire::InstallationToken = self.call_as_app(&what, Method::POST, &path).await?;
        Ok(Grant { installation, token: Secret::new(fresh.token), expires_at: fresh.expires_at })
    }

    /// Drops an app's token that was not accepted; false when there is no way to get another.
    async fn forget(&self, owner: &str, refused: &Secret) -> bool {
        let Proof::App { grants, .. } = &self.credentials else { return false };
        let slot = grants.slot(owner);
        let mut slot = slot.lock().await;
        if let Some(grant) = slot.as_mut().filter(|grant| grant.token == *refused) {
            grant.expires_at = Timestamp::UNIX_EPOCH;
        }
        true
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    fn check_open(&self, what: &str, owner: &str) -> Result<(), CiError> {
        let mut closed = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        closed.retain(|_, until| *until > now);
        match closed.get(self.limit_of(owner)) {
            Some(until) => Err(self.rate_limited(what, *until - now)),
            None => Ok(()),
        }
    }

    fn close(&self, owner: &str, wait: Duration) {
        tracing::warn!(source = %self.name, owner, wait_s = wait.as_secs(), "rate limit reached, calls wait");
        let mut closed = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        closed.insert(self.limit_of(owner).to_owned(), Instant::now() + wait);
    }

    /// Whose limit a call counts against: each installation of an app has its own, a token has one for all it sees.
    fn limit_of<'a>(&self, owner: &'a str) -> &'a str {
        if self.is_app() { owner } else { "" }
    }
}

/// GitHub's ways of asking for a wait: <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>.
fn github_wait(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    match status {
        StatusCode::FORBIDDEN => retry_after(headers).or_else(|| until_reset(headers)),
        StatusCode::TOO_MANY_REQUESTS => {
            Some(retry_after(headers).or_else(|| until_reset(headers)).unwrap_or(SECONDARY_WAIT))
        }
        StatusCode::SERVICE_UNAVAILABLE => retry_after(headers),
        _ => None,
    }
}

/// How long until the limit is filled up again, if it is used up.
fn until_reset(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<i64>().ok();
    if number("x-ratelimit-remaining")? > 0 {
        return None;
    }
    let seconds = number("x-ratelimit-reset")? - Timestamp::now().as_second();
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0).max(1)))
}
