//! A recorded scenario of one's own.
#![no_main]

use std::sync::LazyLock;

use adapters::ci::recorded::{Files, Recorded};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("there is room for a folder"));

fuzz_target!(|text: &str| {
    std::fs::write(FOLDER.path().join("scenario.toml"), text).expect("the folder can be written to");
    let _ = Recorded::open("recorded", Files::Folder(FOLDER.path().to_owned()));
});
