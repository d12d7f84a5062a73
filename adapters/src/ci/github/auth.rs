//! Who we are to GitHub: a token, or an app that gets itself a token for each installation.
//!
//! Rules: <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app>. The app signs a JWT
//! (RS256, at most ten minutes) and exchanges it for an installation token that lives an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use crate::secret::Secret;

/// The clock of the other side may be behind ours.
const ISSUED_BEFORE: Duration = Duration::from_mins(1);

/// GitHub takes at most ten minutes, counted from its own clock.
const JWT_LIFE: Duration = Duration::from_mins(9);

/// A token this close to its end is not used any more: a log download may take a while to start.
const SPARE: Duration = Duration::from_mins(5);

/// The key of a GitHub App.
pub(super) struct AppKey {
    id: String,
    key: EncodingKey,
}

#[derive(Serialize)]
struct Claims<'a> {
    iat: i64,
    exp: i64,
    iss: &'a str,
}

impl AppKey {
    /// Reads the PEM text. The error says what is wrong and never repeats the text.
    pub(super) fn read(id: &str, pem: &Secret) -> Result<Self, String> {
        let key = EncodingKey::from_rsa_pem(pem.reveal().as_bytes()).map_err(|error| error.to_string())?;
        Ok(Self { id: id.to_owned(), key })
    }

    /// A JWT that proves that we are the app.
    pub(super) fn sign(&self, now: Timestamp) -> Result<Secret, String> {
        let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(0);
        let claims = Claims {
            iat: now.as_second() - seconds(ISSUED_BEFORE),
            exp: now.as_second() + seconds(JWT_LIFE),
            iss: &self.id,
        };
        let jwt = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &self.key);
        jwt.map(Secret::new).map_err(|error| error.to_string())
    }
}

/// An installation and its token.
#[derive(Clone)]
pub(super) struct Grant {
    /// The installation's id.
    pub(super) installation: u64,
    /// Its token.
    pub(super) token: Secret,
    /// When GitHub stops taking the token.
    pub(super) expires_at: Timestamp,
}

impl Grant {
    fn usable(&self, now: Timestamp) -> bool {
        now + SPARE < self.expires_at
    }
}

/// The place of one account's grant. Whoever holds it fetches the grant, and all others wait for that one fetch.
pub(super) type Slot = Arc<tokio::sync::Mutex<Option<Grant>>>;

/// All grants, by the account that owns the repositories.
#[derive(Default)]
pub(super) struct Grants {
    slots: Mutex<HashMap<String, Slot>>,
}

impl Grants {
    /// The place of an account's grant.
    pub(super) fn slot(&self, owner: &str) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(owner.to_ascii_lowercase()).or_default())
    }
}

/// The token in a slot, as long as it may be used.
pub(super) fn usable_token(slot: Option<&Grant>, now: Timestamp) -> Option<Secret> {
    slot.filter(|grant| grant.usable(now)).map(|grant| grant.token.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_not_used_to_its_last_minute() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let grant = |minutes: i64| {
            let expires_at = now + jiff::SignedDuration::from_mins(minutes);
            Some(Grant { installation: 1, token: Secret::new("t"), expires_at })
        };
        assert!(usable_token(grant(6).as_ref(), now).is_some());
        assert!(usable_token(grant(5).as_ref(), now).is_none());
        assert!(usable_token(grant(-1).as_ref(), now).is_none());
        assert!(usable_token(None, now).is_none());
    }

    #[test]
    fn accounts_share_no_grant_and_case_does_not_matter() {
        let grants = Grants::default();
        assert!(Arc::ptr_eq(&grants.slot("Acme"), &grants.slot("acme")));
        assert!(!Arc::ptr_eq(&grants.slot("acme"), &grants.slot("other")));
    }
}
