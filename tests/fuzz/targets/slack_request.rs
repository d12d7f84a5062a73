//! What Slack sends: events, buttons, commands, and signatures.
#![no_main]

use adapters::{
    chat::slack::receive::{Path, interpret, verify},
    secret::Secret,
};
use http::HeaderMap;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&path, body)) = bytes.split_first() else { return };
    let path = [Path::Events, Path::Interactions, Path::Commands][usize::from(path) % 3];
    let _ = interpret(path, body);

    let mut headers = HeaderMap::new();
    let names = ["x-slack-request-timestamp", "x-slack-signature"];
    for (name, value) in names.iter().zip(body.split(|byte| *byte == b'\n')) {
        if let Ok(value) = http::HeaderValue::from_bytes(value) {
            headers.insert(*name, value);
        }
    }
    let secret = Secret::new("a secret that nobody guesses");
    assert!(verify(&secret, &headers, body, Timestamp::UNIX_EPOCH).is_err(), "an unsigned request was taken");
});
