//! Reading logs from files, `.gz` files and standard input, with a progress bar where the wait is long.

use std::fs::File;
use std::io::{BufReader, IsTerminal, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressStyle};

/// From this size on a progress bar is shown: about a tenth of a second of work.
const LARGE_BYTES: u64 = 32 * 1024 * 1024;
/// From so many files on a progress bar is shown.
const MANY_FILES: usize = 20;
/// The first bytes of a gzip stream (RFC 1952 §2.3.1).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Progress over all the files of one command.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A bar if the files are many or large and standard error is a terminal; else nothing.
    pub(super) fn over(files: &[String]) -> Self {
        let total: u64 =
            files.iter().filter_map(|file| std::fs::metadata(file).ok()).map(|data| data.len()).sum();
        if !std::io::stderr().is_terminal() || (total < LARGE_BYTES && files.len() < MANY_FILES) {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(total);
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes} {eta}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Names the file that is being read.
    pub(super) fn reading(&self, file: &str) {
        self.0.set_message(file.to_owned());
    }

    /// Takes the bar away.
    pub(super) fn done(&self) {
        self.0.finish_and_clear();
    }
}

/// Opens a log: `-` is standard input; gzip is recognised by its first bytes, whatever the name says.
pub(super) fn open(file: &str, progress: &Progress) -> std::io::Result<Box<dyn Read>> {
    if file == "-" {
        return unzipped(std::io::stdin().lock());
    }
    if Path::new(file).is_dir() {
        return Err(std::io::Error::new(
            std::io::ErrorKind::IsADirectory,
            "it is a folder: name the files in it",
        ));
    }
    unzipped(progress.0.wrap_read(File::open(file)?))
}

/// Opens a log whose end can be read without the rest: a plain file that is not compressed.
pub(super) fn seekable(file: &str) -> std::io::Result<Option<File>> {
    if file == "-" || !std::fs::metadata(file)?.is_file() {
        return Ok(None);
    }
    let mut source = File::open(file)?;
    let mut start = Vec::new();
    source.by_ref().take(GZIP_MAGIC.len() as u64).read_to_end(&mut start)?;
    Ok((start != GZIP_MAGIC).then_some(source))
}

fn unzipped(source: impl Read + 'static) -> std::io::Result<Box<dyn Read>> {
    let mut source = BufReader::with_capacity(256 * 1024, source);
    let zipped = std::io::BufRead::fill_buf(&mut source)?.starts_with(&GZIP_MAGIC);
    Ok(if zipped { Box::new(MultiGzDecoder::new(source)) } else { Box::new(source) })
}
