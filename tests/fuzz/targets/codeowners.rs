//! A CODEOWNERS file, and a path to look up in it.
#![no_main]

use adapters::owners::codeowners::CodeOwners;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (path, file) = text.split_once('\n').unwrap_or(("src/a.rs", text));
    let owners = CodeOwners::parse(file);
    let _ = (owners.owners_of(path), owners.faults());
});
