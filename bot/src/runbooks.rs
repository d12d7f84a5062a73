//! Runbooks on their way into the index: the ones that come with Whyred, and the folders that are configured.

use std::path::Path;

use anyhow::Context;
use knowledge::{Document, Index};

use crate::config::Knowledge;

/// What a refresh did, over all sources.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// Documents that are new.
    pub added: usize,
    /// Documents that differ from what was indexed.
    pub changed: usize,
    /// Documents that are gone.
    pub removed: usize,
    /// Documents left as they were.
    pub unchanged: usize,
    /// Files that were left out, and why.
    pub faults: Vec<String>,
}

/// Opens the configured index, making it if there is none.
pub fn open(knowledge: &Knowledge) -> anyhow::Result<Index> {
    Index::open(&knowledge.index)
        .with_context(|| format!("the runbook index in {} cannot be opened", knowledge.index.display()))
}

/// Brings the index up to date with every source. What did not change costs only the reading of it.
pub fn refresh(index: &Index, knowledge: &Knowledge) -> anyhow::Result<Refreshed> {
    let mut report = Refreshed::default();
    let starter = if knowledge.starter { knowledge::starter_documents() } else { Vec::new() };
    take(index, knowledge::STARTER_SOURCE, starter, &mut report)?;
    for folder in &knowledge.folders {
        let source = source_name(folder);
        let (documents, faults) = knowledge::folder::read(&source, folder)
            .with_context(|| format!("the runbooks in {} cannot be read", folder.display()))?;
        report
            .faults
            .extend(faults.iter().map(|fault| format!("{}: {}", fault.path.display(), fault.problem)));
        take(index, &source, documents, &mut report)?;
    }
    Ok(report)
}

fn take(index: &Index, source: &str, documents: Vec<Document>, report: &mut Refreshed) -> anyhow::Result<()> {
    let update = index.update(documents, source).context("the runbook index cannot be written")?;
    report.added += update.added;
    report.changed += update.changed;
    report.removed += update.removed;
    report.unchanged += update.unchanged;
    Ok(())
}

/// What a folder's documents are kept under: its path, so that two folders never take each other's documents away.
fn source_name(folder: &Path) -> String {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned()).display().to_string()
}
