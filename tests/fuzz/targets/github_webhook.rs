//! What GitHub sends, and what somebody sends who would like to be GitHub.
#![no_main]

use std::{path::Path, sync::{Arc, LazyLock}};

use adapters::ci::{CiProvider, Delivery};
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;

static GITHUB: LazyLock<Arc<dyn CiProvider>> = LazyLock::new(|| {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let text = "[ci.github]\nwebhook_secret = \"env:SECRET\"\ntoken = \"env:TOKEN\"\n";
    let vars = [("SECRET".to_owned(), "k".repeat(32)), ("TOKEN".to_owned(), "t".repeat(32))];
    let (_, connections) =
        bot::config::parse(text, Path::new("whyred.toml"), &vars).expect("the configuration is right");
    Arc::clone(&connections.ci["github"])
});

const EVENTS: [&str; 6] = ["workflow_run", "workflow_job", "check_run", "check_suite", "push", "ping"];

fuzz_target!(|bytes: &[u8]| {
    let Some((&event, body)) = bytes.split_first() else { return };
    let delivery =
        Delivery { id: "d".to_owned(), event: EVENTS[usize::from(event) % EVENTS.len()].to_owned() };
    let _ = GITHUB.parse(&delivery, body);

    let mut headers = HeaderMap::new();
    let names = ["x-github-event", "x-github-delivery", "x-hub-signature-256"];
    for (name, value) in names.iter().zip(body.split(|byte| *byte == b'\n')) {
        if let Ok(value) = http::HeaderValue::from_bytes(value) {
            headers.insert(*name, value);
        }
    }
    assert!(GITHUB.verify(&headers, body).is_err(), "an unsigned webhook was taken");
});
