//! A question that somebody asks in a chat.
#![no_main]

use std::{collections::BTreeSet, sync::LazyLock};

use bot::ask::{Intent, Known};
use libfuzzer_sys::fuzz_target;

static KNOWN: LazyLock<Known> = LazyLock::new(|| Known {
    repos: vec!["acme/payments".to_owned(), "acme/web".to_owned()],
    branches: vec!["main".to_owned(), "release/1.2".to_owned()],
    workflows: vec!["ci".to_owned(), "nightly build".to_owned()],
    private: BTreeSet::new(),
});

fuzz_target!(|question: &str| {
    if let Intent::WhyFailed(place) = Intent::of(question, &KNOWN) {
        assert!(place.repos.iter().all(|repo| KNOWN.repos.contains(repo)), "a repository was made up");
    }
});
