//! The bytes of a log, whatever they are wrapped in: plain text, gzip or a zip archive.
//!
//! What it is, is told by its first bytes: proxies and older servers label bodies wrongly. Memory stays bounded: gzip is
//! decoded in small slices, an archive is spooled to a file because its directory stands at its end.

use std::io::{self, Read, Seek, Write};

use bytes::{Bytes, BytesMut};
use flate2::write::MultiGzDecoder;
use futures::StreamExt;
use futures::stream;

use crate::ci::LogStream;
use crate::http::Body;

/// Logs are read up to here; what follows is not. Whoever reads a log has a smaller limit of their own.
pub(super) const MAX_LOG: u64 = 4 << 30;

/// Archives are spooled up to here. They are packed about ten to one.
const MAX_ARCHIVE: u64 = 1 << 30;

/// Compressed bytes decoded at once: at gzip's greatest ratio (about 1,000) this becomes 4 MB.
const SLICE: usize = 4 * 1024;

/// Size of the pieces in which an archive's entries are handed on.
const PIECE: usize = 64 * 1024;

/// The log in a body, decompressed. `job` picks the right entries of an archive that holds a whole run.
pub(super) async fn open(mut body: Body, job: &str) -> io::Result<LogStream> {
    let mut start = BytesMut::new();
    while start.len() < 4 {
        match body.next().await {
            Some(chunk) => start.extend_from_slice(&chunk?),
            None => break,
        }
    }
    let kind = Wrapping::of(&start);
    let body = stream::iter([Ok(start.freeze())]).chain(body).boxed();
    let log = match kind {
        Wrapping::None => body,
        Wrapping::Gzip => gunzipped(body),
        Wrapping::Zip => unzipped(body, job.to_owned()).await?,
    };
    Ok(capped(log, MAX_LOG))
}

#[derive(Debug, PartialEq, Eq)]
enum Wrapping {
    None,
    Gzip,
    Zip,
}

impl Wrapping {
    fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A local file, or the end record that an empty archive starts with.
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            _ => Self::None,
        }
    }
}

fn gunzipped(body: Body) -> LogStream {
    struct State {
        body: Body,
        chunk: Bytes,
        decoder: Option<MultiGzDecoder<Vec<u8>>>,
    }
    let state = State { body, chunk: Bytes::new(), decoder: Some(MultiGzDecoder::new(Vec::new())) };
    stream::try_unfold(state, |mut state| async move {
        loop {
            let Some(mut decoder) = state.decoder.take() else { return Ok(None) };
            if state.chunk.is_empty() {
                let Some(chunk) = state.body.next().await else {
                    let rest = decoder.finish().map_err(|error| broken("gzip data", &error))?;
                    return Ok((!rest.is_empty()).then(|| (Bytes::from(rest), state)));
                };
                state.chunk = chunk?;
            }
            let slice = state.chunk.split_to(state.chunk.len().min(SLICE));
            decoder.write_all(&slice).map_err(|error| broken("gzip data", &error))?;
            let plain = std::mem::take(decoder.get_mut());
            state.decoder = Some(decoder);
            if !plain.is_empty() {
                return Ok(Some((Bytes::from(plain), state)));
            }
        }
    })
    .boxed()
}

async fn unzipped(mut body: Body, job: String) -> io::Result<LogStream> {
    let mut file = tokio::fs::File::from_std(tempfile::tempfile()?);
    let mut spooled = 0;
    while let Some(chunk) = body.next().await {
        let chunk = chunk?;
        spooled += chunk.len() as u64;
        if spooled > MAX_ARCHIVE {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "the archive of logs is larger than 1 GiB",
            ));
        }
        tokio::io::AsyncWriteExt::write_all(&mut file, &chunk).await?;
    }
    tokio::io::AsyncWriteExt::flush(&mut file).await?;
    let file = file.into_std().await;
    let (pieces, arriving) = tokio::sync::mpsc::channel(4);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = read_entries(file, &job, &pieces) {
            // The reader may have gone away: then nobody is left to be told.
            let _ = pieces.blocking_send(Err(error));
        }
    });
    Ok(stream::unfold(arriving, |mut arriving| async move {
        arriving.recv().await.map(|piece| (piece, arriving))
    })
    .boxed())
}

fn read_entries(
    file: impl Read + Seek,
    job: &str,
    pieces: &tokio::sync::mpsc::Sender<io::Result<Bytes>>,
) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(file).map_err(|error| broken("zip archive", &error))?;
    let names: Vec<String> = archive.file_names().map(str::to_owned).collect();
    for name in entries_of(job, names) {
        let mut entry = archive.by_name(&name).map_err(|error| broken("zip archive", &error))?;
        loop {
            let mut piece = vec![0; PIECE];
            let read = entry.read(&mut piece).map_err(|error| broken("zip archive", &error))?;
            if read == 0 {
                break;
            }
            piece.truncate(read);
            if pieces.blocking_send(Ok(Bytes::from(piece))).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Which entries of an archive make up the job's log, in order. A run's archive holds a folder a job with one file a step,
/// and beside them each whole job once more: the folder is taken if it is there, else the whole file, else everything.
fn entries_of(job: &str, mut names: Vec<String>) -> Vec<String> {
    names.retain(|name| !name.ends_with('/'));
    names.sort_by(|a, b| order(a).cmp(&order(b)));
    let folder = format!("{}/", archive_name(job));
    let of_folder: Vec<String> = names.iter().filter(|name| name.starts_with(&folder)).cloned().collect();
    if !of_folder.is_empty() {
        return of_folder;
    }
    let file = format!("{}.txt", archive_name(job));
    let whole = names.iter().find(|name| name.split_once('_').is_some_and(|(_, rest)| rest == file));
    match whole {
        Some(whole) => vec![whole.clone()],
        None => names,
    }
}

/// A job's name as archives write it: without `/` and `:`, trimmed, at most 90 UTF-16 units.
fn archive_name(job: &str) -> String {
    let kept: String = job.chars().filter(|c| !matches!(c, '/' | ':')).collect();
    let mut units = 0;
    let cut = kept.trim().chars().take_while(|c| {
        units += c.len_utf16();
        units <= 90
    });
    cut.collect()
}

/// Folder, then the number in front of the name (`2_` before `10_`), then the name.
fn order(name: &str) -> (&str, u64, &str) {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let number = file.split('_').next().and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX);
    (folder, number, file)
}

fn capped(log: LogStream, limit: u64) -> LogStream {
    log.scan(0, move |read, piece| {
        let over = *read > limit;
        *read += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        let piece = match piece {
            Ok(_) if *read > limit => Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "the log is larger than 4 GiB; the rest is not read",
            )),
            piece => piece,
        };
        futures::future::ready((!over).then_some(piece))
    })
    .boxed()
}

fn broken(what: &str, error: &dyn std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the log is broken {what}: {error}"))
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;

    use super::*;

    fn body(bytes: &[u8], chunk: usize) -> Body {
        let chunks: Vec<io::Result<Bytes>> =
            bytes.chunks(chunk).map(|c| Ok(Bytes::copy_from_slice(c))).collect();
        stream::iter(chunks).boxed()
    }

    async fn read(body: Body, job: &str) -> io::Result<String> {
        let log: Vec<Bytes> = open(body, job).await?.try_collect().await?;
        Ok(String::from_utf8(log.concat()).unwrap())
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, text) in entries {
            archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[tokio::test]
    async fn plain_empty_and_short_bodies_pass_through() {
        for text in ["", "x", "PK", "one\ntwo\n"] {
            assert_eq!(read(body(text.as_bytes(), 1), "test").await.unwrap(), text);
        }
    }

    #[tokio::test]
    async fn gzip_is_decoded_however_it_is_cut_and_with_several_members() {
        let text = "a line of output\n".repeat(100_000);
        let mut packed = gzip(&text);
        packed.extend(gzip("and a second member\n"));
        for chunk in [1, 7, 4096, 1 << 20] {
            assert_eq!(
                read(body(&packed, chunk), "test").await.unwrap(),
                format!("{text}and a second member\n")
            );
        }
    }

    #[tokio::test]
    async fn a_gzip_body_that_ends_early_is_an_error() {
        let packed = gzip(&"a line of output\n".repeat(1000));
        let error = read(body(&packed[..packed.len() / 2], 100), "test").await.unwrap_err();
        assert!(error.to_string().contains("broken gzip data"), "{error}");
    }

    #[tokio::test]
    async fn the_steps_of_the_job_are_taken_from_an_archive_in_order() {
        let archive = zip(&[
            ("0_test (a_b, 1).txt", "whole"),
            ("test (ab, 1)/10_c.txt", "c"),
            ("test (ab, 1)/1_a.txt", "a"),
            ("test (ab, 1)/2_b.txt", "b"),
            ("other/1_x.txt", "x"),
            ("1_lint.txt", "lint"),
        ]);
        assert_eq!(read(body(&archive, 50), "test (a/b, 1)").await.unwrap(), "abc");
        assert_eq!(read(body(&archive, 50), "lint").await.unwrap(), "lint");
    }

    #[tokio::test]
    async fn an_archive_without_the_job_is_read_whole_and_an_empty_one_is_empty() {
        assert_eq!(read(body(&zip(&[("2_b.txt", "b"), ("1_a.txt", "a")]), 50), "test").await.unwrap(), "ab");
        assert_eq!(read(body(&zip(&[]), 50), "test").await.unwrap(), "");
    }

    #[tokio::test]
    async fn a_broken_archive_is_an_error() {
        let archive = zip(&[("1_a.txt", "a")]);
        let error = read(body(&archive[..archive.len() - 10], 50), "test").await.unwrap_err();
        assert!(error.to_string().contains("broken zip archive"), "{error}");
    }

    #[tokio::test]
    async fn too_long_a_log_is_read_up_to_the_cap() {
        let pieces: Vec<io::Result<Bytes>> = capped(body(b"123456789", 3), 7).collect::<Vec<_>>().await;
        assert_eq!(pieces.len(), 3);
        assert!(pieces[1].is_ok());
        assert_eq!(pieces[2].as_ref().unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn long_job_names_are_cut_as_archives_do() {
        assert_eq!(archive_name(&"x".repeat(100)).len(), 90);
        assert_eq!(archive_name("  build / linux: a "), "build  linux a");
    }
}
