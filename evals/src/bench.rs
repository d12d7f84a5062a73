//! How fast a log becomes a verdict.

use std::{path::Path, process::ExitCode, time::Instant};

use anyhow::Result;
use classifiers::{Classifier, Hints};

use crate::{corpus, report::line};

/// Reads the log `runs` times from memory and prints the median speed.
pub(crate) fn run(classifier: &Classifier, log: &Path, runs: usize) -> Result<ExitCode> {
    let bytes = corpus::bytes(log)?;
    let mut seconds = Vec::new();
    for _ in 0..runs.max(1) {
        let start = Instant::now();
        let diagnosis = classifier.read(bytes.as_slice(), Hints::default())?;
        seconds.push(start.elapsed().as_secs_f64());
        std::hint::black_box(diagnosis);
    }
    seconds.sort_by(f64::total_cmp);
    let median = seconds[seconds.len() / 2];
    let megabytes = bytes.len() as f64 / 1e6;
    line(&format!(
        "{megabytes:.1} MB, {} rules: {:.1} MB/s ({:.1} ms)",
        classifier.rules().len(),
        megabytes / median,
        median * 1e3
    ));
    Ok(ExitCode::SUCCESS)
}
