//! Labelled logs: a folder with `labels.jsonl`.

use std::{fs, io::Read, path::Path};

use anyhow::{Context, Result};
use classifiers::{Category, Owner, check::Sample};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// One label; further keys are allowed.
#[derive(Debug, Deserialize)]
pub(crate) struct Label {
    pub(crate) id: String,
    pub(crate) file: String,
    pub(crate) category: Category,
    owner: Option<String>,
    #[serde(default)]
    pub(crate) explains: Vec<(u64, u64)>,
    key_string: Option<String>,
    #[serde(default)]
    pub(crate) alt_categories: Vec<Category>,
    project: Option<String>,
    ecosystem: Option<String>,
}

impl Label {
    /// The exact text of the decisive line, if there is one.
    pub(crate) fn key_string(&self) -> Option<&str> {
        self.key_string.as_deref().filter(|text| !text.is_empty())
    }

    pub(crate) fn owner(&self) -> Option<Owner> {
        self.owner.as_deref()?.parse().ok()
    }

    /// The language or tool family that the log is of.
    pub(crate) fn ecosystem(&self) -> &str {
        self.ecosystem.as_deref().filter(|name| !name.is_empty()).unwrap_or("not named")
    }

    pub(crate) fn passes(&self) -> bool {
        self.category == Category::None
    }

    /// A third of the projects stays unread, so that the rules can be measured on logs that nobody wrote them for.
    pub(crate) fn held_out(&self) -> Option<bool> {
        let digest = Sha256::digest(self.project.as_deref()?.as_bytes());
        Some(digest[0].is_multiple_of(3))
    }
}

pub(crate) fn labels(folder: &Path) -> Result<Vec<Label>> {
    let path = folder.join("labels.jsonl");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            serde_json::from_str(line)
                .with_context(|| format!("{} line {} is not a label", path.display(), number + 1))
        })
        .collect()
}

/// The name of a corpus: its folder's.
pub(crate) fn name(folder: &Path) -> String {
    folder
        .file_name()
        .map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// All bytes of a log, uncompressed.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    classifiers::log::open(path)
        .and_then(|mut log| log.read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(bytes)
}

/// The logs of a folder for checking rules.
pub(crate) fn samples(folder: &Path) -> Result<Vec<Sample>> {
    labels(folder)?
        .into_iter()
        .map(|label| {
            Ok(Sample { bytes: bytes(&folder.join(&label.file))?, green: label.passes(), name: label.id })
        })
        .collect()
}
