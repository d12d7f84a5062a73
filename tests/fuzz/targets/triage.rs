//! A log of any bytes: cleaning, envelopes, shapes, rules, ranking and telling.
#![no_main]

use std::sync::LazyLock;

use classifiers::{Classifier, Diagnosis, Hints, redact::redact};
use libfuzzer_sys::fuzz_target;

static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(|| Classifier::builtin().expect("the built-in rules load"));

fuzz_target!(|bytes: &[u8]| {
    let Some((&size, log)) = bytes.split_first() else { return };
    let whole = read(log, log.len().max(1));
    let pieces = read(log, usize::from(size) + 1);
    assert_eq!(whole, pieces, "the verdict depends on how the log was cut into pieces");
    assert!((0.0..=1.0).contains(&whole.confidence), "{}", whole.confidence);
    for line in &whole.excerpt {
        assert!((1..=whole.lines).contains(&line.number), "line {} of {}", line.number, whole.lines);
        assert_eq!(redact(&line.text).count, 0, "a secret is told: {}", line.text);
    }
    for (first, last) in &whole.explains {
        assert!(1 <= *first && first <= last && *last <= whole.lines, "{first}-{last} of {}", whole.lines);
    }
});

fn read(log: &[u8], size: usize) -> Diagnosis {
    let mut session = CLASSIFIER.session(Hints::default());
    log.chunks(size).for_each(|piece| session.push(piece));
    session.finish()
}
