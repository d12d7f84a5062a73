//! Bytes in, numbered clean lines out, streaming and in bounded memory.
//!
//! Lines are split at `\n` only, so that a line number is the one an editor or the provider shows. Of each line the
//! terminal codes, what a carriage return overwrote, byte order marks, NULs and the runner's time stamps are taken off;
//! its number stays, which is the way back to the raw text.

mod ansi;
mod landmarks;
mod prefix;
mod runner;

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use crate::{
    diagnosis::Note,
    envelope::{Mark, Marks},
    lines::Lines,
};
use landmarks::{Landmarks, Seen};

/// A line longer than this (bytes) is cut; the rest is skipped, but counted.
pub const LINE_CAP: usize = 64 << 10;

/// Opens a log for reading: `-` is standard input; gzip is recognised by its first two bytes, whatever the name says.
pub fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    let raw: Box<dyn Read + Send> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    let mut raw = BufReader::with_capacity(256 << 10, raw);
    let gzip = io::BufRead::fill_buf(&mut raw)?.starts_with(&[0x1f, 0x8b]);
    Ok(if gzip { Box::new(flate2::bufread::MultiGzDecoder::new(raw)) } else { Box::new(raw) })
}

/// Splits and cleans; what it finds out on the way is in the fields.
#[derive(Debug, Default)]
pub(crate) struct Cleaner {
    /// The beginning of a line whose end has not come yet.
    carry: Vec<u8>,
    /// Reused for lines that have to be rewritten.
    rewritten: Vec<u8>,
    /// Bytes of the current line that were skipped.
    skipped: bool,
    prefix: prefix::Prefix,
    /// How the line before began.
    before: u8,
    /// Lines so far.
    pub(crate) number: u64,
    /// Bytes so far.
    pub(crate) bytes: u64,
    /// NULs so far; many of them mean that this is not text.
    pub(crate) nuls: u64,
    /// Lines that were cut at [`LINE_CAP`].
    pub(crate) cut_lines: u64,
}

impl Cleaner {
    /// Takes bytes as they come; complete lines go to `lines`, marks of the envelope to `marks`. Returns how many bytes
    /// it took: it stops at the end of a line when enough lines wait for the matcher, so that what happens next does
    /// not depend on how the log was cut into chunks.
    pub(crate) fn push(&mut self, bytes: &[u8], lines: &mut Lines, marks: &mut Marks) -> usize {
        let mut landmarks = Landmarks::of(bytes);
        let mut taken = 0;
        while let Some(length) = memchr::memchr(b'\n', &bytes[taken..]) {
            let from = taken;
            taken += length + 1;
            if self.carry.is_empty() && length <= LINE_CAP {
                let line = trim_end(&bytes[from..from + length]);
                let seen = landmarks.within(from, from + line.len());
                self.line(line, seen, lines, marks);
            } else {
                self.keep(&bytes[from..from + length]);
                self.flush(lines, marks);
            }
            if lines.is_batch_ready() {
                self.bytes += taken as u64;
                return taken;
            }
        }
        self.keep(&bytes[taken..]);
        self.bytes += bytes.len() as u64;
        bytes.len()
    }

    /// The log is over: a last line without `\n` counts.
    pub(crate) fn finish(&mut self, lines: &mut Lines, marks: &mut Marks) {
        if !self.carry.is_empty() {
            self.flush(lines, marks);
        }
    }

    /// Remembers a part of an unfinished line, up to the cap.
    fn keep(&mut self, part: &[u8]) {
        let room = LINE_CAP - self.carry.len();
        self.skipped |= part.len() > room;
        self.carry.extend_from_slice(&part[..part.len().min(room)]);
    }

    /// Ends the line that was remembered in parts.
    fn flush(&mut self, lines: &mut Lines, marks: &mut Marks) {
        let mut line = std::mem::take(&mut self.carry);
        self.cut_lines += u64::from(std::mem::take(&mut self.skipped));
        let whole = trim_end(&line);
        let seen = Landmarks::of(whole).within(0, whole.len());
        self.line(whole, seen, lines, marks);
        line.clear();
        self.carry = line;
    }

    /// Cleans one line that ends with its text.
    fn line(&mut self, raw: &[u8], seen: Seen, lines: &mut Lines, marks: &mut Marks) {
        self.number += 1;
        if !seen.control {
            let clean = self.prefix.strip(raw, seen.tab, self.number, marks);
            if seen.written_colour
                && let Some(clean) = ansi::without_written(clean)
            {
                self.emit(&clean, lines, marks);
            } else {
                self.emit(clean, lines, marks);
            }
            return;
        }
        if seen.rare {
            self.nuls += memchr::memchr_iter(0, raw).count() as u64;
        }
        crate::envelope::sections(raw, self.number, marks);
        let mut rewritten = std::mem::take(&mut self.rewritten);
        ansi::rewrite(raw, seen.rare, &mut rewritten);
        let clean = trim_end(self.prefix.strip(&rewritten, true, self.number, marks));
        // The time stamp stands before what a carriage return overwrites: look again behind it.
        let clean = last_segment(clean);
        self.emit(clean, lines, marks);
        self.rewritten = rewritten;
    }

    /// Hands a cleaned line on, and notes it if it shows a command.
    fn emit(&mut self, clean: &[u8], lines: &mut Lines, marks: &mut Marks) {
        let command = match clean {
            [b'$', b' ', ..] => true,
            // A shell's trace, or a line of a diff: that one stands among others of its kind.
            [b'+', b' ', b'a'..=b'z' | b'/' | b'.' | b'[', ..] => !b"+-@ ".contains(&self.before),
            _ => false,
        };
        if command {
            marks.command(self.number);
        }
        // Traces of one command after the other are no diff.
        self.before = if command { 0 } else { clean.first().copied().unwrap_or(0) };
        lines.push(self.number, clean);
    }

    /// What is worth telling about the input itself.
    pub(crate) fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        if self.bytes == 0 {
            notes.push(Note::EmptyLog);
        }
        if self.nuls * 10 > self.bytes {
            notes.push(Note::Binary);
        }
        if self.cut_lines > 0 {
            notes.push(Note::LongLineCut);
        }
        notes
    }
}

/// Without the white space and carriage returns at its end.
fn trim_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\r')).map_or(0, |last| last + 1);
    &line[..end]
}

/// What a terminal would show last: the text behind the last carriage return that has any text behind it.
fn last_segment(line: &[u8]) -> &[u8] {
    memchr::memrchr(b'\r', line).map_or(line, |at| &line[at + 1..])
}

/// Cleans a whole log: calls `each` with the number and text of every line.
pub fn clean(mut reader: impl Read, mut each: impl FnMut(u64, &[u8])) -> io::Result<()> {
    let (mut lines, mut marks, mut cleaner) = (Lines::default(), Marks::default(), Cleaner::default());
    let mut buffer = vec![0; 256 << 10];
    let mut hand_out = |lines: &mut Lines| {
        lines.all().for_each(|(number, line)| each(number, line));
        *lines = Lines::default();
    };
    loop {
        let length = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let mut bytes = &buffer[..length];
        while !bytes.is_empty() {
            let taken = cleaner.push(bytes, &mut lines, &mut marks);
            bytes = &bytes[taken..];
            if lines.is_batch_ready() {
                hand_out(&mut lines);
            }
        }
    }
    cleaner.finish(&mut lines, &mut marks);
    hand_out(&mut lines);
    Ok(())
}

/// One line of text, cleaned as in a log: for examples and comparisons.
pub fn clean_line(raw: &str) -> String {
    let (mut lines, mut marks, mut cleaner) = (Lines::default(), Marks::default(), Cleaner::default());
    cleaner.push(raw.as_bytes(), &mut lines, &mut marks);
    cleaner.finish(&mut lines, &mut marks);
    lines.get(1).map(|line| String::from_utf8_lossy(line).into_owned()).unwrap_or_default()
}

/// Where a mark that the cleaner finds comes from: the job and step columns of `gh run view --log`.
pub(crate) fn column_marks(job: Option<&[u8]>, step: Option<&[u8]>, line: u64, marks: &mut Marks) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if let Some(job) = job {
        marks.push(line, Mark::Job(text(job)));
    }
    if let Some(step) = step {
        marks.push(line, Mark::Step(text(step)));
    }
}

#[cfg(test)]
mod tests;
