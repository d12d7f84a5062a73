//! From a diagnosis or a question to the passages that help.

use std::collections::HashMap;

use tantivy::{DocAddress, Searcher, collector::TopDocs, columnar::Column};

use crate::{
    DiagnosisQuery, Document, Error, Index, Passage, analyser, entry,
    generation::Generation,
    query::Plan,
    relevance::{self, Candidate},
    snippet,
};

/// So many pages are looked at closely.
const PAGES: usize = 64;
/// So many passages are weighed against each other, over all pages.
const PASSAGES: usize = 256;
/// How much a page's best passage counts beside the page as a whole: short pages are judged by the one, long pages,
/// which hold something of everything, by the other.
const PASSAGE_WEIGHT: f32 = 0.5;

/// What of its score a page keeps when it answers nearly nothing of the query: a page that repeats one rare word of it
/// must not outdo one that holds them all.
const RELEVANCE_FLOOR: f32 = 0.5;

/// A passage that may help.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The document's id; with the anchor it makes the citation `runbook:<id>#<anchor>`.
    pub document_id: String,
    /// The source of the document.
    pub source: String,
    /// What the document is called.
    pub title: String,
    /// The headings above the passage, outermost first, without the document's title.
    pub heading_path: Vec<String>,
    /// The anchor of the passage's heading; empty before the first heading.
    pub anchor: String,
    /// Where a person can read the passage, anchor included.
    pub url: Option<String>,
    /// Who keeps the document up to date.
    pub owner: Option<String>,
    /// The order of the hits of one search. It has no scale: do not compare it between searches.
    pub score: f32,
    /// How much of what was asked the document answers, from 0 to 1. Below about 0.3 nothing really matched, and the
    /// honest answer is "I don't know".
    pub relevance: f32,
    /// Whole sentences of the passage, at most 400 characters, plain.
    pub snippet: String,
    /// The passage without markup.
    pub text: String,
    /// The passage's code blocks.
    pub code: Vec<String>,
    /// The first thing to do, according to the document's section on the fix.
    pub fix: Option<String>,
}

impl Index {
    /// The runbooks for a failed job, best first, one passage of each: the one on the fix where there is one.
    ///
    /// # Errors
    /// The index cannot be read. An index that holds nothing yields no hits.
    pub fn for_diagnosis(&self, query: &DiagnosisQuery, limit: usize) -> Result<Vec<Hit>, Error> {
        let Ok(generation) = self.generation()? else { return Ok(Vec::new()) };
        let plan = Plan::for_diagnosis(query, &generation.fields);
        Search { generation: &generation, searcher: generation.searcher(), plan }.run(limit, Prefer::Fix)
    }

    /// The pages for a person's question, best first, one passage of each: the one that matches best.
    ///
    /// The text may hold anything; there is no query syntax.
    ///
    /// # Errors
    /// As for [`Index::for_diagnosis`].
    pub fn for_question(&self, text: &str, limit: usize) -> Result<Vec<Hit>, Error> {
        let Ok(generation) = self.generation()? else { return Ok(Vec::new()) };
        let plan = Plan::for_question(text);
        Search { generation: &generation, searcher: generation.searcher(), plan }.run(limit, Prefer::Best)
    }
}

/// Which passage of a page is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prefer {
    Best,
    Fix,
}

/// A passage that was found.
struct Found {
    score: f32,
    part: usize,
    entry: DocAddress,
}

struct Search<'a> {
    generation: &'a Generation,
    searcher: Searcher,
    plan: Plan,
}

/// A page that was found.
struct Page {
    number: u64,
    head: DocAddress,
    score: f32,
    relevance: f32,
    /// Part number of its best passage.
    best_part: Option<usize>,
}

impl Search<'_> {
    fn run(&self, limit: usize, prefer: Prefer) -> Result<Vec<Hit>, Error> {
        if self.plan.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let mut pages = self.pages()?;
        // Pages that are equally good have the same order in every search.
        pages.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.number.cmp(&b.number)));
        pages.truncate(limit);
        pages.into_iter().map(|page| self.hit(&page, prefer)).collect()
    }

    /// Every candidate, scored.
    fn pages(&self) -> Result<Vec<Page>, Error> {
        let fields = &self.generation.fields;
        let found =
            self.searcher.search(&self.plan.heads(fields), &TopDocs::with_limit(PAGES).order_by_score())?;
        let mut passages = self.passages()?;
        let numbers = self.numbers("page")?;
        let mut pages = Vec::with_capacity(found.len());
        let mut candidates = Vec::with_capacity(found.len());
        for (score, head) in found {
            let number = numbers.of(head);
            let passages = passages.remove(&number).unwrap_or_default();
            let best = passages.first();
            pages.push(Page {
                score: score + PASSAGE_WEIGHT * best.map_or(0.0, |best| best.score),
                best_part: best.map(|best| best.part),
                number,
                head,
                relevance: 0.0,
            });
            candidates
                .push(Candidate { head, passages: passages.iter().map(|passage| passage.entry).collect() });
        }
        let relevance = relevance::of_pages(&self.searcher, fields, &self.plan, &candidates)?;
        for (page, relevance) in pages.iter_mut().zip(relevance) {
            page.relevance = relevance;
            page.score *= RELEVANCE_FLOOR + relevance;
        }
        Ok(pages)
    }

    /// The passages of each page, by its number, best first.
    fn passages(&self) -> Result<HashMap<u64, Vec<Found>>, Error> {
        let query = self.plan.passages(&self.generation.fields);
        let (pages, parts) = (self.numbers("page")?, self.numbers("part")?);
        let mut passages: HashMap<u64, Vec<Found>> = HashMap::new();
        for (score, entry) in self.searcher.search(&query, &TopDocs::with_limit(PASSAGES).order_by_score())? {
            let part = usize::try_from(parts.of(entry)).unwrap_or_default();
            passages.entry(pages.of(entry)).or_default().push(Found { score, part, entry });
        }
        Ok(passages)
    }

    /// A column of numbers, over all segments.
    fn numbers(&self, column: &str) -> Result<Numbers, Error> {
        let segments = self.searcher.segment_readers().iter();
        Ok(Numbers(segments.map(|segment| segment.fast_fields().u64(column)).collect::<Result<_, _>>()?))
    }

    fn hit(&self, page: &Page, prefer: Prefer) -> Result<Hit, Error> {
        let document = entry::document(&self.searcher, page.head, self.generation.fields.document)?;
        let mut passages = document.passages();
        let fix = passages.iter().position(|passage| passage.is_fix() && passage.lead.is_some());
        let lead = fix.and_then(|fix| passages[fix].lead.clone());
        // Parts count from 1, because the head is part 0.
        let best = page.best_part.and_then(|part| part.checked_sub(1));
        let shown = match prefer {
            Prefer::Fix => fix.or(best),
            Prefer::Best => best.or(fix),
        };
        let shown = shown.unwrap_or(0);
        let Document { id, source, title, owner, url, .. } = document;
        let passage = if shown < passages.len() {
            passages.swap_remove(shown)
        } else {
            Passage {
                document_id: id.clone(),
                heading_path: Vec::new(),
                anchor: String::new(),
                text: title.clone(),
                code: Vec::new(),
                lead: None,
            }
        };
        Ok(Hit {
            document_id: id,
            source,
            title,
            snippet: self.snippet(&passage.text, prefer),
            heading_path: passage.heading_path,
            url: url.map(|url| with_anchor(url, &passage.anchor)),
            anchor: passage.anchor,
            owner,
            score: page.score,
            relevance: page.relevance,
            text: passage.text,
            code: passage.code,
            fix: lead,
        })
    }

    /// What to do is told from its beginning; an answer is told where it answers.
    fn snippet(&self, text: &str, prefer: Prefer) -> String {
        snippet::snippet(text, |sentence| match prefer {
            Prefer::Fix => 0,
            Prefer::Best => {
                let held = analyser::terms(sentence);
                self.plan.words.iter().filter(|word| held.contains(word)).count()
            }
        })
    }
}

/// A column of numbers, one segment after the other.
struct Numbers(Vec<Column<u64>>);

impl Numbers {
    /// The number of an entry; 0 if it has none.
    fn of(&self, entry: DocAddress) -> u64 {
        self.0[entry.segment_ord as usize].first(entry.doc_id).unwrap_or_default()
    }
}

/// The address of a section. An address that already points into the page is left as it is.
fn with_anchor(url: String, anchor: &str) -> String {
    if anchor.is_empty() || url.contains('#') { url } else { format!("{url}#{anchor}") }
}

#[cfg(test)]
mod tests;
