//! GitHub Apps: signatures, installations, tokens.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::{EncodePublicKey, LineEnding};
use serde::Deserialize;

use super::state::{Token, World};

/// What an app needs to prove who it is.
#[derive(Debug, Clone)]
pub struct AppIdentity {
    /// App id.
    pub id: String,
    /// RSA key in PEM, as GitHub's settings page hands it out.
    pub private_key: String,
}

/// The app as GitHub knows it.
pub(crate) struct App {
    pub(crate) id: String,
    /// Installation id by account.
    pub(crate) installations: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Claims {
    iat: u64,
    exp: u64,
    iss: String,
}

struct Keys {
    private: String,
    public: String,
}

/// One key for all tests of a process: making one takes a while.
#[expect(clippy::expect_used, reason = "a fresh key of 2048 bits can be made and written down")]
fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("a key can be made");
        Keys {
            private: key.to_pkcs1_pem(LineEnding::LF).expect("a key can be written").to_string(),
            public: key.to_public_key().to_public_key_pem(LineEnding::LF).expect("a key can be written"),
        }
    })
}

pub(crate) fn install(world: &mut World, accounts: &[&str]) -> AppIdentity {
    let id = "310042".to_owned();
    let installations =
        accounts.iter().zip(440_011..).map(|(account, id)| ((*account).to_owned(), id)).collect();
    world.app = Some(App { id: id.clone(), installations });
    AppIdentity { id, private_key: keys().private.clone() }
}

/// Checks a JWT as GitHub does. The text says what is wrong with it.
pub(crate) fn check_jwt(world: &World, jwt: &str) -> Result<(), String> {
    let app = world.app.as_ref().ok_or("no app is known here")?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.leeway = 0;
    validation.set_required_spec_claims(&["exp", "iss"]);
    let key = DecodingKey::from_rsa_pem(keys().public.as_bytes()).map_err(|error| error.to_string())?;
    let claims: Claims = jsonwebtoken::decode(jwt, &key, &validation)
        .map_err(|error| format!("the JWT is not valid: {error}"))?
        .claims;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?.as_secs();
    match () {
        () if claims.iss != app.id => Err(format!("the JWT is issued by {}", claims.iss)),
        () if claims.iat > now => Err("the JWT is issued in the future".to_owned()),
        () if claims.exp > now + 600 => Err("the JWT lives longer than ten minutes".to_owned()),
        () => Ok(()),
    }
}

/// Hands out a token for an installation.
pub(crate) fn issue(world: &mut World, installation: u64) -> Option<(String, SystemTime)> {
    let app = world.app.as_ref()?;
    let account = app.installations.iter().find(|(_, id)| **id == installation)?.0.clone();
    let value = format!("ghs_{}", uuid::Uuid::new_v4().simple());
    let expires_at = SystemTime::now() + world.token_lifetime;
    world.tokens.push(Token { value: value.clone(), account, expires_at });
    Some((value, expires_at))
}

/// Whether this token may be used for repositories of this account now.
pub(crate) fn token_allows(world: &World, token: &str, account: Option<&str>) -> bool {
    if world.app.is_none() {
        return token == super::TOKEN;
    }
    world.tokens.iter().any(|known| {
        known.value == token
            && known.expires_at > SystemTime::now()
            && account.is_none_or(|account| known.account.eq_ignore_ascii_case(account))
    })
}

/// A time as GitHub writes it, to the second.
pub(crate) fn iso(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    jiff::Timestamp::from_second(i64::try_from(seconds).unwrap_or(0))
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_string()
}
