//! Who is visiting: a bearer token, a session cookie, or this very machine.
//!
//! A session is not stored. Its cookie names the token it was opened with and when it ends, and is signed with a key made
//! from that token: it holds over restarts and on every replica, and ends when the operator changes or removes the token.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::Web;
use super::fault::Fault;
use crate::config::{Console, ConsoleToken, Role};
use crate::store::now_ms;

/// Name of the session cookie.
pub(super) const COOKIE: &str = "whyred_session";
/// How long a session lasts, in seconds: a week.
pub(super) const SESSION_SECONDS: i64 = 7 * 24 * 3600;
/// What visitors are called who need no login.
pub(crate) const NEIGHBOUR: &str = "you";

/// Somebody who may be here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Visitor {
    /// Name for audit and display.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they logged in, and so can log out.
    pub logged_in: bool,
}

impl Visitor {
    /// Refuses those whose role is below `least`.
    pub(super) fn must_be(&self, least: Role) -> Result<(), Fault> {
        if self.role >= least {
            return Ok(());
        }
        Err(Fault::NotAllowed(format!(
            "This needs the role “{}”; yours is “{}”.",
            least.word(),
            self.role.word()
        )))
    }
}

impl FromRequestParts<Arc<Web>> for Visitor {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Fault> {
        recognise(&web.app.config.console, &parts.headers, &parts.extensions).ok_or(Fault::Unknown)
    }
}

/// Lets only those through who are known.
pub(super) async fn identify(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    match recognise(&web.app.config.console, request.headers(), request.extensions()) {
        Some(_) => next.run(request).await,
        None => Fault::Unknown.into_response(),
    }
}

fn recognise(console: &Console, headers: &HeaderMap, extensions: &Extensions) -> Option<Visitor> {
    if let Some(given) = bearer(headers) {
        let token = token_that_reads(console, given)?;
        return Some(Visitor { name: token.name.clone(), role: token.role, logged_in: false });
    }
    let session = cookie(headers, COOKIE).and_then(|cookie| session_of(console, cookie, now_ms() / 1000));
    if session.is_some() {
        return session;
    }
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    (console.open_on_loopback && is_neighbour(peer?, headers)).then(|| Visitor {
        name: NEIGHBOUR.to_owned(),
        role: Role::Admin,
        logged_in: false,
    })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

/// The configured token that reads like this. All are compared in constant time.
pub(super) fn token_that_reads<'a>(console: &'a Console, given: &str) -> Option<&'a ConsoleToken> {
    console.tokens.iter().fold(None, |found, token| {
        let same: bool = token.token.reveal().as_bytes().ct_eq(given.as_bytes()).into();
        if same { Some(token) } else { found }
    })
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Opens a session for whoever showed this token: `<hex of the name>.<end>.<signature>`. `now` is in unix seconds.
pub(super) fn open_session(token: &ConsoleToken, now: i64) -> String {
    let claim = format!("{}.{}", hex::encode(&token.name), now + SESSION_SECONDS);
    let signature = hex::encode(signing(token, &claim).finalize().into_bytes());
    format!("{claim}.{signature}")
}

fn session_of(console: &Console, cookie: &str, now: i64) -> Option<Visitor> {
    let (claim, signature) = cookie.rsplit_once('.')?;
    let (name, end) = claim.split_once('.')?;
    let signature = hex::decode(signature).ok()?;
    let end: i64 = end.parse().ok()?;
    // Several people may share a name; the signature tells which token it was.
    let token = console
        .tokens
        .iter()
        .filter(|token| hex::encode(&token.name) == name)
        .find(|token| signing(token, claim).verify_slice(&signature).is_ok())?;
    (now < end).then(|| Visitor { name: token.name.clone(), role: token.role, logged_in: true })
}

fn signing(token: &ConsoleToken, claim: &str) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104 §2)")]
    let mut mac =
        Hmac::<Sha256>::new_from_slice(token.token.reveal().as_bytes()).expect("a key of any length");
    // The first words keep these signatures apart from any other use of the token.
    mac.update(b"whyred console session\0");
    mac.update(claim.as_bytes());
    mac
}

/// Whether the visitor sits at this very machine. The peer's address alone does not say so: a page elsewhere can have its
/// name resolve to us (then `Host` is that name), and a proxy on this machine speaks for the whole world (then it says so).
fn is_neighbour(peer: IpAddr, headers: &HeaderMap) -> bool {
    const FORWARDED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    peer.to_canonical().is_loopback()
        && names_loopback(host)
        && !FORWARDED.iter().any(|name| headers.contains_key(*name))
}

fn names_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use adapters::secret::Secret;

    use super::*;

    fn token(name: &str, value: &str) -> ConsoleToken {
        ConsoleToken { name: name.to_owned(), role: Role::Member, token: Secret::new(value) }
    }

    fn console(tokens: Vec<ConsoleToken>) -> Console {
        Console { open_on_loopback: false, mirror: true, tokens }
    }

    #[test]
    fn a_session_ends_with_its_time_its_token_and_its_signature() {
        let ada = token("Ada L.", "correct-horse-battery-staple");
        let cookie = open_session(&ada, 1_000);
        let known = console(vec![token("Ada L.", "another-token-of-the-same-name"), ada]);
        assert_eq!(session_of(&known, &cookie, 1_001).unwrap().name, "Ada L.");
        assert_eq!(session_of(&known, &cookie, 1_000 + SESSION_SECONDS), None);
        assert_eq!(
            session_of(&console(vec![token("Ada L.", "changed-since-then-to-this")]), &cookie, 1_001),
            None
        );
        let longer = cookie.replacen(&(1_000 + SESSION_SECONDS).to_string(), "9999999999", 1);
        assert_eq!(session_of(&known, &longer, 1_001), None);
        for nonsense in ["", ".", "..", "a.b.c", "6164.99999999999.zz"] {
            assert_eq!(session_of(&known, nonsense, 1_001), None, "{nonsense:?}");
        }
    }

    #[test]
    fn only_this_machine_under_its_own_name_is_a_neighbour() {
        let host = |name: &'static str| {
            HeaderMap::from_iter([(header::HOST, header::HeaderValue::from_static(name))])
        };
        let local: IpAddr = "127.0.0.1".parse().unwrap();
        for name in ["127.0.0.1:8080", "localhost", "[::1]:80", "LOCALHOST:1"] {
            assert!(is_neighbour(local, &host(name)), "{name}");
        }
        for name in ["evil.example:8080", "localhost.evil.example", "", "10.0.0.1"] {
            assert!(!is_neighbour(local, &host(name)), "{name}");
        }
        assert!(!is_neighbour("10.0.0.7".parse().unwrap(), &host("localhost")));
        assert!(is_neighbour("::ffff:127.0.0.1".parse().unwrap(), &host("localhost")));
        let mut proxied = host("127.0.0.1:8080");
        proxied.insert("x-forwarded-for", header::HeaderValue::from_static("203.0.113.9"));
        assert!(!is_neighbour(local, &proxied));
    }

    #[test]
    fn cookies_are_found_among_others() {
        let headers = HeaderMap::from_iter([(
            header::COOKIE,
            header::HeaderValue::from_static("a=1; theme=dark;b=x=y"),
        )]);
        assert_eq!(cookie(&headers, "theme"), Some("dark"));
        assert_eq!(cookie(&headers, "b"), Some("x=y"));
        assert_eq!(cookie(&headers, "c"), None);
    }
}
