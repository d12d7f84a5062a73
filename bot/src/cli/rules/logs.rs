//! The logs that rules are tried on, and which of them passed.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::Deserialize;

/// A log to try rules on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Log {
    /// What to call it: the label's id, or its path.
    pub(super) name: String,
    /// Where it is.
    pub(super) path: PathBuf,
    /// It passed.
    pub(super) green: bool,
}

/// Names of folders whose logs passed.
const GREEN: [&str; 2] = ["green", "passing"];
/// Endings of logs.
const ENDINGS: [&str; 3] = ["log", "txt", "gz"];

/// One line of a labelled folder, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Label {
    id: String,
    file: PathBuf,
    category: String,
}

/// All logs of the folders, each once, in an order that does not depend on the file system; those of `green` passed.
pub(super) fn find(folders: &[PathBuf], green: &[PathBuf]) -> anyhow::Result<Vec<Log>> {
    let mut logs = Vec::new();
    // A green folder may lie within another one: what is said of it counts.
    for (folder, green) in
        green.iter().map(|folder| (folder, true)).chain(folders.iter().map(|folder| (folder, false)))
    {
        let found = logs.len();
        let named = folder.file_name().is_some_and(is_green);
        walk(folder, green || named, &mut logs)?;
        ensure!(
            logs.len() > found,
            "the folder {} holds no logs: they end in .log, .txt or .gz, or are named in its labels.jsonl",
            folder.display()
        );
    }
    let mut seen = HashSet::new();
    logs.retain(|log| seen.insert(log.path.clone()));
    Ok(logs)
}

fn is_green(name: &std::ffi::OsStr) -> bool {
    GREEN.iter().any(|green| name.eq_ignore_ascii_case(green))
}

fn walk(folder: &Path, green: bool, logs: &mut Vec<Log>) -> anyhow::Result<()> {
    let labels = folder.join("labels.jsonl");
    if labels.is_file() {
        return labelled(folder, &labels, green, logs);
    }
    let cannot = || format!("the folder {} cannot be read", folder.display());
    let mut entries = std::fs::read_dir(folder)
        .and_then(Iterator::collect::<std::io::Result<Vec<_>>>)
        .with_context(cannot)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // Links to folders are not followed: they may lead in circles.
        if entry.file_type().with_context(cannot)?.is_dir() {
            walk(&path, green || is_green(&entry.file_name()), logs)?;
        } else if is_log(&path) && path.is_file() {
            logs.push(Log { name: path.display().to_string(), path, green });
        }
    }
    Ok(())
}

fn is_log(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

fn labelled(folder: &Path, labels: &Path, green: bool, logs: &mut Vec<Log>) -> anyhow::Result<()> {
    let text =
        std::fs::read_to_string(labels).with_context(|| format!("{} cannot be read", labels.display()))?;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let label: Label = serde_json::from_str(line)
            .with_context(|| format!("{} line {} is not a label", labels.display(), number + 1))?;
        logs.push(Log {
            name: label.id,
            path: folder.join(label.file),
            green: green || label.category == "none",
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_found_in_folders_with_and_without_labels() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("a/one.log", "");
        write("a/two.TXT", "");
        write("a/deep/green/three.log.gz", "");
        write("a/readme.md", "");
        write(
            "b/labels.jsonl",
            "{\"id\":\"x\",\"file\":\"x.raw\",\"category\":\"none\"}\n\n{\"id\":\"y\",\"file\":\"y.raw\",\"category\":\"dns\"}\n",
        );
        write("c/four.log", "");
        let at = |name: &str| folder.path().join(name);
        let logs = find(&[at("a"), at("b")], &[at("c")]).unwrap();
        let told: Vec<_> =
            logs.iter().map(|log| (log.path.file_name().unwrap().to_str().unwrap(), log.green)).collect();
        let expected = [
            ("four.log", true),
            ("three.log.gz", true),
            ("one.log", false),
            ("two.TXT", false),
            ("x.raw", true),
            ("y.raw", false),
        ];
        assert_eq!(told, expected);
        assert_eq!(find(&[at("a"), at("a/deep")], &[]).unwrap().len(), 3);
        std::fs::create_dir(at("empty")).unwrap();
        assert!(find(&[at("empty")], &[]).unwrap_err().to_string().contains("holds no logs"));
        assert!(find(&[at("gone")], &[]).is_err());
        write("d/labels.jsonl", "\nnonsense\n");
        assert!(find(&[at("d")], &[]).unwrap_err().to_string().contains("line 2 is not a label"));
    }
}
