//! A configuration file: it is read, or everything that is wrong with it is told.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;

fuzz_target!(init: {
    let _ = rustls::crypto::ring::default_provider().install_default();
}, |text: &str| {
    // Files that it names are not to be read or made while bytes are tried.
    if text.contains("file:") || text.contains("folder") {
        return;
    }
    if let Err(error) = bot::config::parse(text, Path::new("whyred.toml"), &[]) {
        assert!(!error.to_string().is_empty());
    }
});
