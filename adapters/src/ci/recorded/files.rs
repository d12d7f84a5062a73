//! Where a scenario's files lie: in a folder, or inside the program.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use include_dir::Dir;

/// Scenarios are small; a file beyond this is a mistake.
const MAX_FILE: u64 = 256 * 1024 * 1024;

/// A scenario's folder.
#[derive(Debug, Clone)]
pub enum Files {
    /// A folder on disk.
    Folder(PathBuf),
    /// A folder embedded in the program with `include_dir!`.
    Embedded(&'static Dir<'static>),
}

impl Files {
    /// Reads a file; one whose name ends with `.gz` is unpacked. The text says what is wrong.
    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        let inside =
            !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if !inside {
            return Err(format!("`{name}` leads out of the scenario's folder"));
        }
        let bytes = match self {
            Self::Folder(folder) => std::fs::read(folder.join(name))
                .map_err(|error| format!("`{name}` cannot be read ({error})"))?,
            Self::Embedded(folder) => {
                folder.get_file(name).ok_or_else(|| format!("`{name}` is not there"))?.contents().to_vec()
            }
        };
        if Path::new(name).extension().is_none_or(|extension| extension != "gz") {
            return Ok(bytes);
        }
        let mut unpacked = Vec::new();
        let mut decoder = flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(MAX_FILE);
        decoder.read_to_end(&mut unpacked).map_err(|error| format!("`{name}` is no gzip file ({error})"))?;
        Ok(unpacked)
    }
}
