//! One complete search index: how it is made, opened, checked and kept up to date with what other processes write.

use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

use tantivy::{IndexReader, ReloadPolicy, Searcher};

use crate::{
    Error, analyser,
    current::{self, WriterLock, io_error},
    schema::{FORMAT, Fields, schema},
};

/// The engine's list of segments within a generation.
const SEGMENTS: &str = "meta.json";
/// A reader may meet a writer that is just removing old files; it looks again this often before it calls them damaged.
const OPEN_ATTEMPTS: u32 = 4;
/// How long it waits in between.
const OPEN_PAUSE: Duration = Duration::from_millis(25);

/// An open index.
pub(crate) struct Generation {
    /// The name of its folder; empty in memory.
    pub(crate) name: String,
    pub(crate) engine: tantivy::Index,
    pub(crate) fields: Fields,
    reader: IndexReader,
    /// The list of segments that the reader has loaded, byte for byte; nothing in memory.
    loaded: Mutex<Option<Vec<u8>>>,
}

impl Generation {
    /// A new, empty index in memory.
    pub(crate) fn in_memory() -> Result<Self, Error> {
        Self::with_engine(String::new(), tantivy::Index::create_in_ram(schema().0))
    }

    /// A new, empty index in a folder of its own.
    pub(crate) fn create(folder: &Path, _lock: &WriterLock) -> Result<Self, Error> {
        let name = format!("v{FORMAT}-{}", current::highest_number(folder) + 1);
        let path = folder.join(&name);
        fs::create_dir(&path).map_err(io_error(&path, "create the folder"))?;
        Self::with_engine(name, tantivy::Index::create_in_dir(&path, schema().0)?)
    }

    /// Opens the generation in use. The inner error is the reason why there is none that can be used.
    pub(crate) fn open_current(folder: &Path) -> Result<Self, String> {
        let mut reason = String::new();
        for attempt in 0..OPEN_ATTEMPTS {
            if attempt > 0 {
                thread::sleep(OPEN_PAUSE);
            }
            let Some(name) = current::current_name(folder).map_err(|error| error.to_string())? else {
                return Err("nothing has been indexed yet".to_owned());
            };
            match Self::open(folder, name) {
                Ok(generation) => return Ok(generation),
                Err(found) => reason = found,
            }
        }
        Err(reason)
    }

    fn open(folder: &Path, name: String) -> Result<Self, String> {
        if !name.starts_with(&format!("v{FORMAT}-")) {
            return Err(format!("it was made by another version of whyred ({name})"));
        }
        let damaged = |error: tantivy::TantivyError| format!("it is damaged ({error})");
        let engine = tantivy::Index::open_in_dir(folder.join(&name)).map_err(damaged)?;
        if engine.schema() != schema().0 {
            return Err("its fields are not those of this version of whyred".to_owned());
        }
        let broken = engine.validate_checksum().map_err(damaged)?;
        if let Some(file) = broken.iter().next() {
            return Err(format!("it is damaged (wrong checksum of {})", file.display()));
        }
        let loaded = fs::read(folder.join(&name).join(SEGMENTS)).ok();
        let generation = Self::with_engine(name, engine).map_err(|error| error.to_string())?;
        *generation.loaded.lock().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(generation)
    }

    fn with_engine(name: String, engine: tantivy::Index) -> Result<Self, Error> {
        engine.tokenizers().register(analyser::NAME, analyser::analyser());
        let reader = engine.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { name, engine, fields: schema().1, reader, loaded: Mutex::new(None) })
    }

    /// Makes the reader see everything committed so far, by whichever process.
    pub(crate) fn refresh(&self, folder: Option<&Path>) -> Result<(), Error> {
        let Some(folder) = folder else { return Ok(self.reader.reload()?) };
        let path = folder.join(&self.name).join(SEGMENTS);
        let segments = fs::read(&path).map_err(io_error(&path, "read"))?;
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if loaded.as_ref() != Some(&segments) {
            self.reader.reload()?;
            *loaded = Some(segments);
        }
        Ok(())
    }

    /// A view that does not change while it is held.
    pub(crate) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// The content hash of every document of a source, by its id.
    pub(crate) fn manifest(&self, source: &str) -> Result<HashMap<String, u64>, Error> {
        let mut manifest = HashMap::new();
        self.for_each_head(|found, id, hash| {
            if found == source {
                manifest.insert(id.to_owned(), hash);
            }
        })?;
        Ok(manifest)
    }

    /// Calls with source, id and content hash of every document.
    pub(crate) fn for_each_head(&self, mut each: impl FnMut(&str, &str, u64)) -> Result<(), Error> {
        for segment in self.searcher().segment_readers() {
            let columns = segment.fast_fields();
            let hashes = columns.u64("hash")?;
            let (Some(sources), Some(ids)) = (columns.str("source")?, columns.str("document_id")?) else {
                continue;
            };
            let mut text = [String::new(), String::new()];
            for entry in segment.doc_ids_alive() {
                // Only heads carry a hash.
                let Some(hash) = hashes.first(entry) else { continue };
                let (Some(source), Some(id)) = (sources.term_ords(entry).next(), ids.term_ords(entry).next())
                else {
                    continue;
                };
                for ((column, term), text) in [(&sources, source), (&ids, id)].into_iter().zip(&mut text) {
                    text.clear();
                    column.ord_to_str(term, text).map_err(tantivy::TantivyError::from)?;
                }
                each(&text[0], &text[1], hash);
            }
        }
        Ok(())
    }
}
