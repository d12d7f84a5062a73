//! Any text: what was taken out once needs no second time, and what holds no secret stays as it is.
#![no_main]

use classifiers::redact::{redact, redact_secrets};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let once = redact(text);
    if once.count == 0 {
        assert_eq!(once.text, text);
    }
    assert!(redact_secrets(text).count <= once.count, "an address hid a secret: {text}");
    let twice = redact(&once.text);
    assert_eq!(twice.count, 0, "{text:?} became {:?} and then {:?}", once.text, twice.text);
});
