//! Reads a folder of Markdown files from disk.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Document, Error, MAX_BODY_BYTES};

/// A file or folder that could not be taken, or not fully; the others are not affected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it is.
    pub path: PathBuf,
    /// What is wrong, and what to do about it.
    pub problem: String,
}

/// Folders nested deeper than this are reported and left out.
const MAX_DEPTH: usize = 32;

/// Reads every `*.md` file under a folder, in the order of their ids, which are the paths without their ending
/// (`docker/no-space-left`). Hidden files and folders are passed over, files above 1 MiB are reported, and links are
/// followed only to files that lie inside the folder.
///
/// The documents' `updated` is the file's time of change.
///
/// # Errors
/// The folder itself cannot be read. Everything below it that cannot be read is a [`Fault`].
pub fn read(source: &str, folder: &Path) -> Result<(Vec<Document>, Vec<Fault>), Error> {
    let unreadable =
        |error| Error::Io { path: folder.to_owned(), doing: "read the folder of runbooks", error };
    let root = fs::canonicalize(folder).map_err(unreadable)?;
    fs::read_dir(&root).map_err(unreadable)?;
    let mut walk = Walk { source, root, documents: Vec::new(), faults: Vec::new() };
    let root = walk.root.clone();
    walk.folder(&root, "", 0);
    walk.documents.sort_by(|a, b| a.id.cmp(&b.id));
    Ok((walk.documents, walk.faults))
}

struct Walk<'a> {
    source: &'a str,
    root: PathBuf,
    documents: Vec<Document>,
    faults: Vec<Fault>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) {
        if depth > MAX_DEPTH {
            self.fault(folder, format!("nested more than {MAX_DEPTH} folders deep; move it up"));
            return;
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.fault(folder, format!("cannot be listed: {error}")),
        };
        let mut paths: Vec<PathBuf> =
            entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        paths.sort();
        for path in paths {
            self.entry(&path, prefix, depth);
        }
    }

    fn entry(&mut self, path: &Path, prefix: &str, depth: usize) {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return self.fault(path, "the name is not valid UTF-8; rename it".to_owned());
        };
        if name.starts_with('.') {
            return;
        }
        let target = match fs::canonicalize(path) {
            Ok(target) => target,
            Err(error) => return self.fault(path, format!("cannot be resolved: {error}")),
        };
        if !target.starts_with(&self.root) {
            return self
                .fault(path, "links to something outside the folder; copy it here instead".to_owned());
        }
        if target.is_dir() {
            // A link to a folder could lead round in circles.
            if path.is_symlink() {
                return self.fault(
                    path,
                    "links to a folder, which is not followed; move the folder here".to_owned(),
                );
            }
            self.folder(path, &format!("{prefix}{name}/"), depth + 1);
        } else if let Some(stem) = name.strip_suffix(".md").filter(|stem| !stem.is_empty()) {
            self.file(path, &format!("{prefix}{stem}"));
        }
    }

    fn file(&mut self, path: &Path, id: &str) {
        let text = match read_text(path) {
            Ok(text) => text,
            Err(problem) => return self.fault(path, problem),
        };
        let mut document = match Document::from_markdown(self.source, id, &text) {
            Ok(document) => document,
            Err(error) => {
                self.fault(path, format!("{error}; until then it is found by its words alone"));
                Document::without_front_matter(self.source, id, &text)
            }
        };
        document.updated = modified_ms(path);
        self.documents.push(document);
    }

    fn fault(&mut self, path: &Path, problem: String) {
        self.faults.push(Fault { path: path.to_owned(), problem });
    }
}

/// The file's text; bytes that are not UTF-8 are shown as the replacement character.
fn read_text(path: &Path) -> Result<String, String> {
    let metadata = fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err("is not a regular file; remove it".to_owned());
    }
    if metadata.len() > MAX_BODY_BYTES as u64 {
        return Err(format!(
            "is {} bytes long, more than {MAX_BODY_BYTES}; split it into pages",
            metadata.len()
        ));
    }
    let bytes = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn modified_ms(path: &Path) -> Option<i64> {
    let modified = fs::metadata(path).ok()?.modified().ok()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn reads_what_it_can_and_reports_the_rest() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("runbooks");
        fs::create_dir_all(root.join("docker/.git")).unwrap();
        fs::write(home.path().join("secret.md"), "# Secret").unwrap();
        fs::write(root.join("docker/disk.md"), "---\ntitle: Disk\ntags: [docker]\n---\nPrune.").unwrap();
        fs::write(root.join("docker/.git/hidden.md"), "# Hidden").unwrap();
        fs::write(root.join("broken.md"), "---\ntags: [a\n---\n# Broken\n\nStill useful.").unwrap();
        fs::write(root.join("latin1.md"), b"# Gr\xfc\xdfe").unwrap();
        fs::write(root.join("notes.txt"), "no").unwrap();
        fs::write(root.join("huge.md"), vec![b'x'; MAX_BODY_BYTES + 1]).unwrap();
        symlink(home.path().join("secret.md"), root.join("out.md")).unwrap();
        symlink(&root, root.join("docker/loop")).unwrap();
        symlink(root.join("docker/disk.md"), root.join("same.md")).unwrap();
        symlink(root.join("gone.md"), root.join("dangling.md")).unwrap();

        let (documents, faults) = read("team", &root).unwrap();
        let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
        assert_eq!(ids, ["broken", "docker/disk", "latin1", "same"]);
        assert_eq!(documents[0].title, "Broken");
        assert_eq!(documents[1].tags, ["docker"]);
        assert!(documents.iter().all(|document| document.updated.is_some_and(|at| at > 1_500_000_000_000)));

        let reported: Vec<_> =
            faults.iter().map(|fault| fault.path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(reported, ["broken.md", "dangling.md", "loop", "huge.md", "out.md"]);
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_it() {
        let error = read("team", Path::new("/nowhere/at/all")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read the folder of runbooks /nowhere/at/all: "), "{error}");
    }
}
