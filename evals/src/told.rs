//! What a reader gets to see for a log: summary, key line, excerpt.

use std::path::PathBuf;

use anyhow::{Context, Result};
use classifiers::{Classifier, Hints};

use crate::report::line;

/// Prints the verdicts on logs; with `whole`, the excerpts too: the decisive line marked with `>`, what explains it
/// with `|`.
pub(crate) fn run(classifier: &Classifier, logs: &[PathBuf], whole: bool) -> Result<()> {
    for path in logs {
        let log = classifiers::log::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        let got = classifier.read(log, Hints::default())?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let rule = got.rule.as_deref().or_else(|| got.findings.first().map(|finding| finding.rule.as_str()));
        line(&format!("{name}: {} {:.2} {}", got.category, got.confidence, rule.unwrap_or("-")));
        line(&format!("    {}", got.summary));
        if let Some(key) = got.key_line.filter(|_| !whole) {
            line(&format!("    {:>6} {}", key.line, key.text));
        }
        if whole {
            for shown in &got.excerpt {
                let within = |(first, last): &(u64, u64)| (*first..=*last).contains(&shown.number);
                let mark = match (shown.key, got.explains.iter().any(within)) {
                    (true, _) => '>',
                    (false, true) => '|',
                    (false, false) => ' ',
                };
                line(&format!("    {:>6}{mark} {}", shown.number, shown.text));
            }
        }
    }
    Ok(())
}
