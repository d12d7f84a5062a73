//! From a diagnosis or a question to the passages that help.

use std::collections::HashMap;

use tantivy::{DocAddress, Searcher, Term, collector::TopDocs};

use crate::{
    DiagnosisQuery, Error, Index, Passage, analyser, entry,
    generation::Generation,
    query::Plan,
    relevance::{self, Candidate},
    schema::{Fields, Head},
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
    part: u64,
    entry: DocAddress,
}

struct Search<'a> {
    generation: &'a Generation,
    searcher: Searcher,
    plan: Plan,
}

/// A page that was found.
struct Page {
    key: String,
    head: DocAddress,
    score: f32,
    relevance: f32,
    /// Part number of its best passage.
    best_part: Option<u64>,
}

impl Search<'_> {
    fn run(&self, limit: usize, prefer: Prefer) -> Result<Vec<Hit>, Error> {
        if self.plan.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let mut pages = self.pages()?;
        pages.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.key.cmp(&b.key)));
        pages.truncate(limit);
        pages.into_iter().map(|page| self.hit(page, prefer)).collect()
    }

    /// Every candidate, scored.
    fn pages(&self) -> Result<Vec<Page>, Error> {
        let fields = &self.generation.fields;
        let found =
            self.searcher.search(&self.plan.heads(fields), &TopDocs::with_limit(PAGES).order_by_score())?;
        let mut passages = self.passages()?;
        let mut pages = Vec::with_capacity(found.len());
        let mut candidates = Vec::with_capacity(found.len());
        for (score, head) in found {
            let key = self.key(head)?;
            let passages = passages.remove(&key).unwrap_or_default();
            let best = passages.first();
            pages.push(Page {
                score: score + PASSAGE_WEIGHT * best.map_or(0.0, |best| best.score),
                best_part: best.map(|best| best.part),
                key,
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

    /// The passages of each page, by its key, best first.
    fn passages(&self) -> Result<HashMap<String, Vec<Found>>, Error> {
        let query = self.plan.passages(&self.generation.fields);
        let mut passages: HashMap<String, Vec<Found>> = HashMap::new();
        for (score, entry) in self.searcher.search(&query, &TopDocs::with_limit(PASSAGES).order_by_score())? {
            let columns = self.searcher.segment_reader(entry.segment_ord).fast_fields();
            let part = columns.u64("part")?.first(entry.doc_id).unwrap_or_default();
            passages.entry(self.key(entry)?).or_default().push(Found { score, part, entry });
        }
        Ok(passages)
    }

    /// Source and id of the page that an entry belongs to, in one text.
    fn key(&self, entry: DocAddress) -> Result<String, Error> {
        let columns = self.searcher.segment_reader(entry.segment_ord).fast_fields();
        let mut key = String::new();
        if let Some(keys) = columns.str("key")?
            && let Some(ord) = keys.term_ords(entry.doc_id).next()
        {
            keys.ord_to_str(ord, &mut key).map_err(tantivy::TantivyError::from)?;
        }
        Ok(key)
    }

    fn hit(&self, page: Page, prefer: Prefer) -> Result<Hit, Error> {
        let Page { key, head, score, relevance, best_part } = page;
        let stored = self.generation.fields.stored;
        let head: Head = serde_json::from_str(&entry::stored(&self.searcher, head, stored)?)?;
        let part = match prefer {
            Prefer::Fix => head.fix_part.or(best_part),
            Prefer::Best => best_part.or(head.fix_part),
        };
        let passage = self.passage(&key, part.unwrap_or(1))?.unwrap_or_else(|| Passage {
            document_id: head.document_id.clone(),
            heading_path: Vec::new(),
            anchor: String::new(),
            text: head.title.clone(),
            code: Vec::new(),
            lead: None,
        });
        let url = head.url.map(|url| with_anchor(url, &passage.anchor));
        Ok(Hit {
            document_id: head.document_id,
            source: head.source,
            title: head.title,
            snippet: self.snippet(&passage.text, prefer),
            heading_path: passage.heading_path,
            anchor: passage.anchor,
            url,
            owner: head.owner,
            score,
            relevance,
            text: passage.text,
            code: passage.code,
            fix: head.fix,
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

    /// One passage of a page.
    fn passage(&self, key: &str, part: u64) -> Result<Option<Passage>, Error> {
        let Fields { key: key_field, part: part_field, stored, .. } = self.generation.fields;
        let terms = [Term::from_field_text(key_field, key), Term::from_field_u64(part_field, part)];
        let Some(entry) = entry::find(&self.searcher, terms)? else { return Ok(None) };
        Ok(Some(serde_json::from_str(&entry::stored(&self.searcher, entry, stored)?)?))
    }
}

/// The address of a section. An address that already points into the page is left as it is.
fn with_anchor(url: String, anchor: &str) -> String {
    if anchor.is_empty() || url.contains('#') { url } else { format!("{url}#{anchor}") }
}

#[cfg(test)]
mod tests;
