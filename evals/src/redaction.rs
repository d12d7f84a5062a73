//! Planted secrets: does any of them survive redaction?

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use classifiers::redact::redact;
use serde::Deserialize;

use crate::{corpus, report::line};

/// One line of `secrets.jsonl`.
#[derive(Deserialize)]
struct Planted {
    file: String,
    id: String,
    secrets: Vec<Secret>,
}

/// A secret and its kind.
#[derive(Deserialize)]
struct Secret {
    r#type: String,
    value: String,
}

/// Scores folders with `secrets.jsonl`; fails if a secret survives.
pub(crate) fn run(folders: &[PathBuf]) -> Result<ExitCode> {
    let (mut found, mut missed) = (0, 0);
    for folder in folders {
        for planted in read(folder)? {
            let text = String::from_utf8_lossy(&corpus::bytes(&folder.join(&planted.file))?).into_owned();
            let redacted: String =
                text.split_inclusive('\n').map(|line| redact(line).text.into_owned()).collect();
            for secret in &planted.secrets {
                // Some kinds are printed by the tool in another form than the planted one.
                if redacted.contains(&secret.value) {
                    missed += 1;
                    line(&format!("SURVIVED in {}: a secret of kind {}", planted.id, secret.r#type));
                } else {
                    found += 1;
                }
            }
        }
    }
    line(&format!("{found} of {} planted secrets are gone", found + missed));
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(folder: &Path) -> Result<Vec<Planted>> {
    let path = folder.join("secrets.jsonl");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    text.lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("{} is not right", path.display())))
        .collect()
}
