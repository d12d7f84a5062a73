//! How an index folder comes to hold exactly one index that is in use.
//!
//! The folder holds *generations*: `v2-3/` is the third index of format 2. The file `CURRENT` names the one in use and is
//! replaced in a single rename, so at every moment there is either the old index or the new one. Within a generation
//! the search engine's own commits are just as atomic. Only the holder of `writer.lock` writes; the lock belongs to the
//! open file, so it ends with the process that held it.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crate::Error;

/// Names the generation in use.
const CURRENT: &str = "CURRENT";
/// Held open and locked while something is written.
const LOCK: &str = "writer.lock";
/// Most updates take a fraction of a second: a second writer waits so often for its turn before it gives up.
const LOCK_ATTEMPTS: u32 = 40;
/// How long it waits in between.
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// The right to write an index folder.
pub(crate) struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Takes the lock of an index folder, which is created if need be. Waits up to two seconds for another writer.
    pub(crate) fn take(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(io_error(folder, "create the index folder"))?;
        let path = folder.join(LOCK);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(io_error(&path, "open the lock file"))?;
        for _ in 0..LOCK_ATTEMPTS {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
                Err(TryLockError::Error(error)) => return Err(io_error(&path, "lock")(error)),
            }
        }
        Err(Error::Locked { path: folder.to_owned() })
    }
}

/// Puts a generation in use, in one step that survives a power cut.
pub(crate) fn switch_to(folder: &Path, name: &str, _lock: &WriterLock) -> Result<(), Error> {
    let path = folder.join(CURRENT);
    let draft = folder.join(format!("{CURRENT}.new"));
    let write = || -> io::Result<()> {
        let mut file = File::create(&draft)?;
        file.write_all(name.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(io_error(&path, "replace"))
}

/// Removes every generation but one: those that were replaced, and those that a killed process left half built.
/// Readers that still hold one keep it until they close it.
pub(crate) fn remove_others(folder: &Path, keep: &str, _lock: &WriterLock) {
    for (name, path) in generations(folder) {
        if name != keep
            && let Err(error) = fs::remove_dir_all(&path)
        {
            tracing::warn!(path = %path.display(), %error, "an old search index could not be removed");
        }
    }
}

/// The name in `CURRENT`, if there is one.
pub(crate) fn current_name(folder: &Path) -> io::Result<Option<String>> {
    match fs::read(folder.join(CURRENT)) {
        Ok(bytes) => {
            Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned())
                .filter(|name| number_of(name).is_some()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The highest number that any generation in the folder has, in use or not.
pub(crate) fn highest_number(folder: &Path) -> u64 {
    generations(folder).filter_map(|(name, _)| number_of(&name)).max().unwrap_or(0)
}

fn generations(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok().map(|name| (name, entry.path())))
        .filter(|(name, _)| number_of(name).is_some())
}

/// The number at the end of `v2-3`.
fn number_of(name: &str) -> Option<u64> {
    let (format, number) = name.strip_prefix('v')?.split_once('-')?;
    format.parse::<u32>().ok()?;
    number.parse().ok()
}

/// Makes an error that names the path and what was being done with it.
pub(crate) fn io_error(path: &Path, doing: &'static str) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |error| Error::Io { path: path.clone(), doing, error }
}
