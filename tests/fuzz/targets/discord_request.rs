//! What Discord sends over HTTP: commands, buttons, forms, and signatures.
#![no_main]

use adapters::chat::discord::receive::{interpret_body, verify};
use http::HeaderMap;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let _ = interpret_body(body, "1000000000000000002");

    let mut headers = HeaderMap::new();
    let names = ["x-signature-timestamp", "x-signature-ed25519"];
    for (name, value) in names.iter().zip(body.split(|byte| *byte == b'\n')) {
        if let Ok(value) = http::HeaderValue::from_bytes(value) {
            headers.insert(*name, value);
        }
    }
    assert!(verify(&[7; 32], &headers, body, Timestamp::UNIX_EPOCH).is_err(), "an unsigned request was taken");
});
