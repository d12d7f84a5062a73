//! What GitHub's refusals mean, in words that say what to do.

use http::StatusCode;

use super::client::{Client, Purpose, SECONDARY_WAIT};
use super::wire;
use crate::ci::CiError;
use crate::http::{Answer, HttpError};

/// An error's body is a short text; anything longer is not for us.
const MAX_ERROR_BODY: usize = 64 * 1024;

impl Client {
    /// Passes a successful answer on and explains any other.
    pub(super) async fn expect_success(
        &self,
        purpose: Purpose<'_>,
        answer: Answer,
    ) -> Result<Answer, CiError> {
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(self.refused(purpose, answer).await)
    }

    /// Explains an answer that is no success.
    pub(super) async fn refused(&self, purpose: Purpose<'_>, answer: Answer) -> CiError {
        let status = answer.status();
        let said = message_of(answer).await;
        let Purpose { what, repo, needs } = purpose;
        match status {
            StatusCode::UNAUTHORIZED => self.denied(what, format!("our token is not accepted ({said}): renew it")),
            StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS if said.contains("rate limit") => {
                self.rate_limited(what, SECONDARY_WAIT)
            }
            StatusCode::FORBIDDEN => {
                self.denied(what, format!("{said}. If a permission is missing, grant `{needs}` for {repo}"))
            }
            StatusCode::NOT_FOUND => self.gone(
                what,
                format!("GitHub knows no such thing, or our credentials may not see it (that takes `{needs}` for {repo})"),
            ),
            StatusCode::GONE => self.gone(what, said),
            status => self.by_status(what, status, &said),
        }
    }

    /// Explains an answer to the app itself that is no success.
    pub(super) async fn refused_as_app(&self, what: &str, answer: Answer) -> CiError {
        let status = answer.status();
        let said = message_of(answer).await;
        match status {
            StatusCode::UNAUTHORIZED => self.denied(
                what,
                format!("the app's signature is not accepted ({said}): check `app_id`, `private_key` and this machine's clock"),
            ),
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => self.denied(
                what,
                format!("the app is not installed there, or its installation is suspended ({said}): install it for that account"),
            ),
            status => self.by_status(what, status, &said),
        }
    }

    fn by_status(&self, what: &str, status: StatusCode, said: &str) -> CiError {
        if status.is_server_error() {
            return self.unavailable(what, format!("status {} ({said})", status.as_u16()));
        }
        self.unexpected(what, format!("status {} ({said})", status.as_u16()))
    }

    /// Explains a call that got no answer.
    pub(super) fn failed(&self, what: &str, error: HttpError) -> CiError {
        match error {
            HttpError::RateLimited { after } => self.rate_limited(what, after),
            HttpError::Unavailable(why) => self.unavailable(what, why),
            HttpError::HostRefused { host, .. } => self.denied(
                what,
                format!("a redirect leads to {host}: if that is where your GitHub keeps its files, add it to `log_hosts`"),
            ),
            error @ (HttpError::TooLarge { .. } | HttpError::Malformed(_)) => self.unexpected(what, error.to_string()),
        }
    }

    pub(super) fn gone(&self, what: &str, why: String) -> CiError {
        CiError::Gone { what: what.to_owned(), source_name: self.name.clone(), why }
    }

    pub(super) fn denied(&self, what: &str, why: String) -> CiError {
        CiError::Denied { what: what.to_owned(), source_name: self.name.clone(), why }
    }

    pub(super) fn rate_limited(&self, what: &str, after: std::time::Duration) -> CiError {
        CiError::RateLimited { what: what.to_owned(), source_name: self.name.clone(), after }
    }

    pub(super) fn unavailable(&self, what: &str, why: String) -> CiError {
        CiError::Unavailable { what: what.to_owned(), source_name: self.name.clone(), why }
    }

    pub(super) fn unexpected(&self, what: &str, why: String) -> CiError {
        CiError::Unexpected { what: what.to_owned(), source_name: self.name.clone(), why }
    }
}

/// GitHub's own word for a refusal.
async fn message_of(answer: Answer) -> String {
    let body: wire::ErrorBody = answer.json(MAX_ERROR_BODY).await.unwrap_or_default();
    let message = body.message.trim_end_matches('.');
    if message.is_empty() { "without a reason".to_owned() } else { message.to_owned() }
}
