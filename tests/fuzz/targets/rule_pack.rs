//! A rule pack that a team wrote: it loads or its faults are told.
#![no_main]

use classifiers::{Classifier, Hints, PackSource};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let pack = [PackSource { name: "team.toml".to_owned(), text: text.to_owned() }];
    let (classifier, _) = Classifier::lenient(&pack);
    let mut session = classifier.session(Hints::default());
    session.push(b"error: it broke\nProcess completed with exit code 1.\n");
    session.finish();
});
