//! The search index: kept in a folder or in memory, updated by difference, replaced as a whole.

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use tantivy::IndexWriter;

use crate::{
    Document, Error, STARTER_SOURCE,
    current::{self, WriterLock},
    entry,
    generation::Generation,
};

/// What the writer may hold in memory before it writes a segment, in bytes. The engine's smallest is 15 MB.
const WRITER_BYTES: usize = 16_000_000;

/// Documents that can be searched.
///
/// One handle may be shared between threads. Any number of processes may search the same folder while one of them
/// writes; each search sees the newest complete state. Writers take turns: one that waits for two seconds in vain gets
/// [`Error::Locked`].
///
/// An index that is missing, damaged, or made by another version is not an error for [`Index::open`]: searches find
/// nothing and [`Stats::unusable`] says why, until the first [`Index::update`] builds a new one beside it.
pub struct Index {
    place: Place,
    /// The generation in use, or the reason why there is none.
    state: RwLock<Result<Arc<Generation>, String>>,
    /// Threads that share this handle take turns in writing.
    writing: Mutex<()>,
}

enum Place {
    Memory,
    Folder { path: PathBuf, writable: bool },
}

/// What an update did, in documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateReport {
    /// New ones.
    pub added: usize,
    /// Known ones with new content.
    pub changed: usize,
    /// Ones that their source no longer has.
    pub removed: usize,
    /// Known ones as they were.
    pub unchanged: usize,
    /// Ids that came more than once in the same update; the first document of each was taken.
    pub duplicates: Vec<String>,
}

/// What the index holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Number of documents.
    pub documents: u64,
    /// Number of passages in them.
    pub passages: u64,
    /// Number of documents of each source.
    pub sources: BTreeMap<String, u64>,
    /// Why nothing can be found at the moment; the next update mends it.
    pub unusable: Option<String>,
}

impl Index {
    /// An empty index that lives as long as the handle.
    ///
    /// # Errors
    /// The search engine cannot start.
    pub fn in_memory() -> Result<Self, Error> {
        Ok(Self::new(Place::Memory, Ok(Arc::new(Generation::in_memory()?))))
    }

    /// Opens the index in a folder to search and to write. Nothing is written until the first update.
    ///
    /// # Errors
    /// None at present; a folder that cannot be used shows in [`Index::stats`] and fails the first update.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let state = Generation::open_current(folder).map(Arc::new);
        if let Err(reason) = &state {
            tracing::info!(folder = %folder.display(), %reason, "the search index starts empty");
        }
        Ok(Self::new(Place::Folder { path: folder.to_owned(), writable: true }, state))
    }

    /// Opens the index in a folder to search only, such as beside a running server.
    ///
    /// # Errors
    /// [`Error::Unusable`] if there is no index or it is damaged.
    pub fn open_read_only(folder: &Path) -> Result<Self, Error> {
        let generation = Generation::open_current(folder)
            .map_err(|reason| Error::Unusable { path: folder.to_owned(), reason })?;
        Ok(Self::new(Place::Folder { path: folder.to_owned(), writable: false }, Ok(Arc::new(generation))))
    }

    fn new(place: Place, state: Result<Arc<Generation>, String>) -> Self {
        Self { place, state: RwLock::new(state), writing: Mutex::new(()) }
    }

    /// Makes the index hold exactly these documents of a source. Only what differs by content is written; other
    /// sources are left alone. Either all of it happens or, on an error or a crash, nothing.
    ///
    /// # Errors
    /// [`Error::Locked`] while another process goes on writing; [`Error::ForeignSource`] if a document belongs elsewhere; the
    /// disk or the engine fails.
    pub fn update(
        &self,
        documents: impl IntoIterator<Item = Document>,
        source: &str,
    ) -> Result<UpdateReport, Error> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((folder, lock)) = self.lock()? else {
            let generation = self.generation()?.map_err(|reason| self.unusable(reason))?;
            let report = apply(&generation, documents, source)?;
            generation.refresh(None)?;
            return Ok(report);
        };
        if let Ok(generation) = self.generation()? {
            let report = apply(&generation, documents, source)?;
            generation.refresh(Some(folder))?;
            return Ok(report);
        }
        let fresh = Generation::create(folder, &lock)?;
        let report = apply(&fresh, documents, source)?;
        self.put_in_use(folder, fresh, &lock)?;
        Ok(report)
    }

    /// Builds a new index from the documents of every source, beside the old one, and then puts it in its place.
    ///
    /// # Errors
    /// As for [`Index::update`]; the old index stays in use then.
    pub fn rebuild(&self, documents: impl IntoIterator<Item = Document>) -> Result<UpdateReport, Error> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = self.lock()?;
        let fresh = match &lock {
            Some((folder, lock)) => Generation::create(folder, lock)?,
            None => Generation::in_memory()?,
        };
        let mut writer = writer(&fresh)?;
        let mut report = UpdateReport::default();
        let mut seen = HashSet::new();
        for document in documents {
            if !seen.insert((document.source.clone(), document.id.clone())) {
                report.duplicates.push(document.id);
                continue;
            }
            add(&fresh, &writer, &document, document.content_hash())?;
            report.added += 1;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        if let Some((folder, lock)) = &lock {
            self.put_in_use(folder, fresh, lock)?;
        } else {
            fresh.refresh(None)?;
            self.set(Ok(Arc::new(fresh)));
        }
        Ok(report)
    }

    /// What the index holds now.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn stats(&self) -> Result<Stats, Error> {
        let generation = match self.generation()? {
            Ok(generation) => generation,
            Err(reason) => return Ok(Stats { unusable: Some(reason), ..Stats::default() }),
        };
        let mut stats = Stats::default();
        generation.for_each_head(|source, _, _| {
            stats.documents += 1;
            *stats.sources.entry(source.to_owned()).or_default() += 1;
        })?;
        stats.passages = generation.searcher().num_docs().saturating_sub(stats.documents);
        Ok(stats)
    }

    /// The document with an id, to show it in full. Where several sources have one, the team's own goes before the
    /// starter runbook.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn document(&self, id: &str) -> Result<Option<Document>, Error> {
        let Ok(generation) = self.generation()? else { return Ok(None) };
        let mut sources = Vec::new();
        generation.for_each_head(|source, found, _| {
            if found == id {
                sources.push(source.to_owned());
            }
        })?;
        sources.sort_by_key(|source| (source == STARTER_SOURCE, source.clone()));
        let Some(source) = sources.first() else { return Ok(None) };
        let searcher = generation.searcher();
        let head = [generation.fields.key_term(source, id), generation.fields.head_term()];
        let Some(head) = entry::find(&searcher, head)? else { return Ok(None) };
        Ok(Some(entry::document(&searcher, head, generation.fields.document)?))
    }

    /// The newest complete generation, whichever process made it, or the reason why there is none.
    pub(crate) fn generation(&self) -> Result<Result<Arc<Generation>, String>, Error> {
        let known = self.state.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Place::Folder { path, .. } = &self.place else { return Ok(known) };
        let current = current::current_name(path).map_err(|error| Error::Io {
            path: path.clone(),
            doing: "read the index folder",
            error,
        })?;
        if let Ok(known) = &known
            && current.as_deref() == Some(&known.name)
            && known.refresh(Some(path)).is_ok()
        {
            return Ok(Ok(Arc::clone(known)));
        }
        match (Generation::open_current(path).map(Arc::new), known) {
            (Ok(found), _) => {
                self.set(Ok(Arc::clone(&found)));
                Ok(Ok(found))
            }
            (Err(reason), known) => {
                if known.is_ok() {
                    tracing::warn!(folder = %path.display(), %reason, "the search index can no longer be used");
                    self.set(Err(reason.clone()));
                }
                Ok(Err(reason))
            }
        }
    }

    /// The folder and the right to write it; nothing in memory.
    fn lock(&self) -> Result<Option<(&Path, WriterLock)>, Error> {
        match &self.place {
            Place::Memory => Ok(None),
            Place::Folder { path, writable: true } => Ok(Some((path, WriterLock::take(path)?))),
            Place::Folder { path, writable: false } => Err(Error::ReadOnly { path: path.clone() }),
        }
    }

    fn put_in_use(&self, folder: &Path, fresh: Generation, lock: &WriterLock) -> Result<(), Error> {
        current::switch_to(folder, &fresh.name, lock)?;
        current::remove_others(folder, &fresh.name, lock);
        fresh.refresh(Some(folder))?;
        self.set(Ok(Arc::new(fresh)));
        Ok(())
    }

    fn set(&self, state: Result<Arc<Generation>, String>) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn unusable(&self, reason: String) -> Error {
        let path = match &self.place {
            Place::Memory => PathBuf::new(),
            Place::Folder { path, .. } => path.clone(),
        };
        Error::Unusable { path, reason }
    }
}

/// Writes the difference between what a generation holds of a source and what it should hold, in one commit.
fn apply(
    generation: &Generation,
    documents: impl IntoIterator<Item = Document>,
    source: &str,
) -> Result<UpdateReport, Error> {
    let mut gone = generation.manifest(source)?;
    let mut report = UpdateReport::default();
    let mut seen = HashSet::new();
    let mut writer = writer(generation)?;
    for document in documents {
        if document.source != source {
            return Err(Error::ForeignSource {
                document: document.id,
                found: document.source,
                expected: source.to_owned(),
            });
        }
        if !seen.insert(document.id.clone()) {
            report.duplicates.push(document.id);
            continue;
        }
        let hash = document.content_hash();
        match gone.remove(&document.id) {
            Some(known) if known == hash => {
                report.unchanged += 1;
                continue;
            }
            Some(_) => {
                report.changed += 1;
                writer.delete_term(generation.fields.key_term(source, &document.id));
            }
            None => report.added += 1,
        }
        add(generation, &writer, &document, hash)?;
    }
    for id in gone.keys() {
        report.removed += 1;
        writer.delete_term(generation.fields.key_term(source, id));
    }
    if report.added + report.changed + report.removed > 0 {
        writer.commit()?;
    }
    writer.wait_merging_threads()?;
    Ok(report)
}

/// A writer with one thread: pages are few, and a second thread would leave more and smaller segments.
///
/// What a killed writer had begun is removed first. The engine numbers its files by what is committed, so it would
/// otherwise meet its own half-written file under the name that it needs next.
fn writer(generation: &Generation) -> Result<IndexWriter, Error> {
    let writer = generation.engine.writer_with_num_threads(1, WRITER_BYTES)?;
    writer.garbage_collect_files().wait()?;
    Ok(writer)
}

fn add(generation: &Generation, writer: &IndexWriter, document: &Document, hash: u64) -> Result<(), Error> {
    for entry in generation.fields.entries(document, hash)? {
        writer.add_document(entry)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
