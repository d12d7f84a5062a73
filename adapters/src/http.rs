//! One HTTP client for every outside system: limits, retries, allowed hosts.
//!
//! Only hosts that the configuration names are called. Redirects are followed by hand, so that credentials never travel to
//! another origin. Calls that may be repeated are repeated with back-off and jitter; a short `Retry-After` is waited out
//! here, a long one is handed to the caller, whose job can wait better than a connection can.

mod answer;
mod hosts;

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use url::Url;

pub use answer::{Answer, Body};
pub use hosts::Hosts;

/// Who we say we are: some systems (GitHub) refuse callers that do not say.
pub const AGENT: &str = concat!("whyred/", env!("CARGO_PKG_VERSION"));

/// More redirects than this are a loop.
const MAX_REDIRECTS: usize = 5;

/// Why a call gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The other side asks for a longer wait than we do inside a call.
    #[error("asks to wait {} s", after.as_secs())]
    RateLimited {
        /// How long to wait.
        after: Duration,
    },
    /// Network, time-out or broken answer: the same call may work later.
    #[error("{0}")]
    Unavailable(String),
    /// The host is not among those that the configuration names.
    #[error("{host} is not an allowed host: {hint}")]
    HostRefused {
        /// Where the call would have gone.
        host: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// The body is larger than the caller is ready to take.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// What the caller would take.
        limit: usize,
    },
    /// The body is not what it should be.
    #[error("{0}")]
    Malformed(String),
}

/// Times and counts of one client.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Longest time for making a connection.
    pub connect: Duration,
    /// Longest silence while an answer is awaited or read.
    pub read: Duration,
    /// How often a call is tried in all, the first time included.
    pub attempts: u32,
    /// Wait before the first repetition; doubled each time, with full jitter.
    pub backoff: Duration,
    /// The longest wait inside a call, for back-off and `Retry-After` alike.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(30),
            attempts: 4,
            backoff: Duration::from_millis(250),
            patience: Duration::from_secs(10),
        }
    }
}

/// Tells from an answer whether the other side asks us to wait, and how long.
pub type AsksToWait = fn(StatusCode, &HeaderMap) -> Option<Duration>;

/// One call, ready to be sent (again).
#[derive(Debug, Clone)]
pub struct Call {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
    repeatable: bool,
    asks_to_wait: AsksToWait,
}

impl Call {
    /// A call without body. Every method but POST and PATCH may be repeated.
    pub fn new(method: Method, url: Url) -> Self {
        let repeatable = !matches!(method, Method::POST | Method::PATCH);
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            repeatable,
            asks_to_wait: common_wait,
        }
    }

    /// Reads something.
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// Sends something.
    pub fn post(url: Url) -> Self {
        Self::new(Method::POST, url)
    }

    /// Says that this call does no harm when it arrives twice.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets a body.
    #[must_use]
    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = body.into();
        self
    }

    /// Replaces the way in which this system asks us to wait (429 and 503 with `Retry-After` unless told).
    #[must_use]
    pub fn asks_to_wait(mut self, rule: AsksToWait) -> Self {
        self.asks_to_wait = rule;
        self
    }
}

/// The client.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    hosts: Hosts,
    limits: Limits,
}

impl Http {
    /// A client that calls these hosts and no others. Fails when the machine's certificates cannot be read.
    pub fn new(hosts: Hosts, limits: Limits) -> Result<Self, HttpError> {
        let client = reqwest::Client::builder()
            .connect_timeout(limits.connect)
            .read_timeout(limits.read)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(AGENT)
            .build()
            .map_err(|error| {
                HttpError::Unavailable(format!("no HTTPS client can be made: {}", root_cause(&error)))
            })?;
        Ok(Self { client, hosts, limits })
    }

    /// Sends a call, repeats it where that is safe, follows redirects. Any status that is no redirect, and that repeating did
    /// not cure, is an answer.
    pub async fn send(&self, mut call: Call) -> Result<Answer, HttpError> {
        self.hosts.check_call(&call.url)?;
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.send_with_retries(&call).await?;
            let Some(target) = redirect_target(&call, &answer)? else { return Ok(answer) };
            self.hosts.check_redirect(&call.url, &target)?;
            call = redirected(call, target);
        }
        Err(HttpError::Malformed(format!("redirects more than {MAX_REDIRECTS} times")))
    }

    async fn send_with_retries(&self, call: &Call) -> Result<Answer, HttpError> {
        let mut attempt = 1;
        loop {
            let last = attempt >= self.limits.attempts;
            let wait = match self.send_once(call).await {
                Ok(answer) => match (call.asks_to_wait)(answer.status(), answer.headers()) {
                    Some(after) if last || after > self.limits.patience => {
                        return Err(HttpError::RateLimited { after });
                    }
                    Some(after) => after,
                    None if call.repeatable && !last && is_passing_fault(answer.status()) => {
                        self.backoff(attempt)
                    }
                    None => return Ok(answer),
                },
                // Without a connection nothing was sent: repeating is safe for every call.
                Err(error) if !last && (call.repeatable || error.is_connect()) => self.backoff(attempt),
                Err(error) => return Err(HttpError::Unavailable(root_cause(&error))),
            };
            tracing::debug!(url = %without_query(&call.url), attempt, wait_ms = wait.as_millis(), "call is repeated");
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    async fn send_once(&self, call: &Call) -> Result<Answer, reqwest::Error> {
        let request =
            self.client.request(call.method.clone(), call.url.clone()).headers(call.headers.clone());
        request.body(call.body.clone()).send().await.map(Answer::new)
    }

    fn backoff(&self, attempt: u32) -> Duration {
        let longest =
            self.limits.backoff.saturating_mul(1 << (attempt - 1).min(10)).min(self.limits.patience);
        longest.mul_f64(rand::random_range(0.0..=1.0))
    }
}

/// The common way of asking for a wait: 429 (one second if it does not say how long), or 503 with `Retry-After`.
pub fn common_wait(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    match status {
        StatusCode::TOO_MANY_REQUESTS => Some(retry_after(headers).unwrap_or(Duration::from_secs(1))),
        StatusCode::SERVICE_UNAVAILABLE => retry_after(headers),
        _ => None,
    }
}

/// `Retry-After` in seconds, or as a date (RFC 9110 §10.2.3).
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(jiff::Timestamp::now())).unwrap_or(Duration::ZERO))
}

fn is_passing_fault(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

/// Where a redirect leads. Only reads are followed over 301, 302 and 303; 307 and 308 keep method and body.
fn redirect_target(call: &Call, answer: &Answer) -> Result<Option<Url>, HttpError> {
    let follow = match answer.status().as_u16() {
        301..=303 => matches!(call.method, Method::GET | Method::HEAD),
        307 | 308 => true,
        _ => false,
    };
    if !follow {
        return Ok(None);
    }
    let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| call.url.join(location).ok());
    target.map(Some).ok_or_else(|| HttpError::Malformed("redirects without a usable Location".to_owned()))
}

/// The same call at its new place. Another origin gets neither credentials nor anything else that we meant for the first.
fn redirected(call: Call, target: Url) -> Call {
    if call.url.origin() == target.origin() {
        return Call { url: target, ..call };
    }
    let mut elsewhere = Call { repeatable: call.repeatable, ..Call::new(call.method, target) };
    if let Some(accept) = call.headers.get(ACCEPT) {
        elsewhere.headers.insert(ACCEPT, accept.clone());
    }
    elsewhere
}

/// The address as it may stand in a log: queries of pre-signed addresses are credentials.
fn without_query(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

/// The innermost error: reqwest's outer ones only repeat the address, whose query may be a credential.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests;
