//! Runbooks on their way into the index: the ones that come with Whyred, and the folders that are configured.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use classifiers::redact::redact_secrets;
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
    /// Files that were left out, and why; folders too.
    pub faults: Vec<String>,
    /// How many of the folders could not be read at all: what they had is kept.
    pub unread_folders: usize,
}

/// Opens the configured index, making it if there is none.
pub fn open(knowledge: &Knowledge) -> anyhow::Result<Index> {
    Index::open(&knowledge.index)
        .with_context(|| format!("the runbook index in {} cannot be opened", knowledge.index.display()))
}

/// Brings the index up to date with every source, and takes out what came from sources that are configured no more. What did
/// not change costs only the reading of it. A folder that cannot be read stands in the way of no other.
pub fn refresh(index: &Index, knowledge: &Knowledge) -> anyhow::Result<Refreshed> {
    let mut report = Refreshed::default();
    let starter = if knowledge.starter { knowledge::starter_documents() } else { Vec::new() };
    take(index, knowledge::STARTER_SOURCE, starter, &mut report)?;
    let mut configured = BTreeSet::from([knowledge::STARTER_SOURCE.to_owned()]);
    for folder in &knowledge.folders {
        let source = source_name(folder);
        configured.insert(source.clone());
        let (documents, faults) = match knowledge::folder::read(&source, folder) {
            Ok(read) => read,
            Err(error) => {
                report.faults.push(error.to_string());
                report.unread_folders += 1;
                continue;
            }
        };
        report
            .faults
            .extend(faults.iter().map(|fault| format!("{}: {}", fault.path.display(), fault.problem)));
        take(index, &source, documents, &mut report)?;
    }
    let known = index.stats().context("the runbook index cannot be read")?.sources;
    for forgotten in known.into_keys().filter(|source| !configured.contains(source)) {
        take(index, &forgotten, Vec::new(), &mut report)?;
    }
    Ok(report)
}

fn take(index: &Index, source: &str, documents: Vec<Document>, report: &mut Refreshed) -> anyhow::Result<()> {
    let documents: Vec<_> = documents.into_iter().map(without_secrets).collect();
    let update = index.update(documents, source).context("the runbook index cannot be written")?;
    report.added += update.added;
    report.changed += update.changed;
    report.removed += update.removed;
    report.unchanged += update.unchanged;
    Ok(())
}

/// Somebody may have written a password down. Addresses stay: a runbook names whom to write to.
fn without_secrets(mut document: Document) -> Document {
    for text in [&mut document.title, &mut document.body] {
        let redacted = redact_secrets(text);
        if redacted.count > 0 {
            *text = redacted.text.into_owned();
        }
    }
    document
}

/// What a folder's documents are kept under: its path, so that two folders never take each other's documents away. The disk is
/// not asked, so that the name of a folder that is away for a while stays the same.
fn source_name(folder: &Path) -> String {
    let path = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    // A slash at the end makes no other folder.
    path.components().collect::<PathBuf>().display().to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    fn knowledge(home: &Path, folders: &[&str]) -> Knowledge {
        Knowledge {
            folders: folders.iter().map(|folder| home.join(folder)).collect(),
            starter: false,
            index: home.join("index"),
            refresh: Duration::from_mins(5),
        }
    }

    fn write(home: &Path, folder: &str, words: &str) {
        fs::create_dir_all(home.join(folder)).unwrap();
        fs::write(home.join(folder).join("page.md"), format!("# Page of {folder}\n\n{words}\n")).unwrap();
    }

    #[test]
    fn what_is_configured_no_more_is_cited_no_more() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        write(home, "ours", "Restart the flux capacitor.");
        write(home, "theirs", "Polish the warp coil.");
        let both = knowledge(home, &["ours", "theirs/"]);
        let index = open(&both).unwrap();
        assert_eq!(refresh(&index, &both).unwrap().added, 2);
        assert_eq!(index.for_question("polish the warp coil", 3).unwrap().len(), 1);

        let one = knowledge(home, &["ours"]);
        let report = refresh(&index, &one).unwrap();
        assert_eq!((report.removed, report.unchanged), (1, 1), "{report:?}");
        assert_eq!(index.for_question("polish the warp coil", 3).unwrap().len(), 0);
        assert_eq!(index.for_question("restart the flux capacitor", 3).unwrap().len(), 1);
    }

    #[test]
    fn a_password_that_somebody_wrote_down_is_not_indexed() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        let token = format!("glpat-{}", "a1B2".repeat(5));
        write(
            home,
            "ours",
            &format!("Polish the warp coil.\n\nLog in with {token}, or ask ada@example.org."),
        );
        let knowledge = knowledge(home, &["ours"]);
        let index = open(&knowledge).unwrap();
        refresh(&index, &knowledge).unwrap();
        let told = format!("{:?}", index.for_question("polish the warp coil", 3).unwrap());
        assert!(told.contains("[redacted:gitlab_token]") && told.contains("ada@example.org"), "{told}");
        assert!(!told.contains(&token), "{told}");
        assert_eq!(index.for_question(&token, 3).unwrap().len(), 0);
        assert_eq!(refresh(&index, &knowledge).unwrap().unchanged, 1, "the page did not change");
    }

    #[test]
    fn a_folder_that_cannot_be_read_keeps_its_pages_and_stops_no_other() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        write(home, "away", "Restart the flux capacitor.");
        let knowledge = knowledge(home, &["away", "here"]);
        let index = open(&knowledge).unwrap();
        write(home, "here", "old");
        assert_eq!(refresh(&index, &knowledge).unwrap().added, 2);

        fs::rename(home.join("away"), home.join("elsewhere")).unwrap();
        write(home, "here", "Polish the warp coil.");
        let report = refresh(&index, &knowledge).unwrap();
        assert_eq!((report.unread_folders, report.changed, report.removed), (1, 1, 0), "{report:?}");
        assert!(report.faults[0].contains("away"), "{report:?}");
        assert_eq!(index.for_question("restart the flux capacitor", 3).unwrap().len(), 1);
        assert_eq!(index.for_question("polish the warp coil", 3).unwrap().len(), 1);
    }
}
