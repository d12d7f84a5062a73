//! How much of a query a page answers, as a share that means the same for every query.
//!
//! Search scores rank pages but have no scale: the best of ten bad pages looks like the best of ten good ones. So the
//! answer to "does anything here really match?" is counted apart: the share of the query's terms that the page holds,
//! each weighed by how rare it is. Terms that stand together, in one passage under the page's title and tags, count more
//! than terms scattered over a long page: those meet by chance.

use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, Term, schema::Field, schema::IndexRecordOption};

use crate::{Error, query::Plan, schema::Fields};

/// How far the category alone carries a match: the right kind of failure, maybe of another tool.
const CATEGORY_ALONE: f64 = 0.35;
/// How far the tags carry it when all of them match.
const ALL_TOPICS: f64 = 0.6;
/// How far the words carry it when all of them match. In a question they are all there is, and carry it fully.
const ALL_WORDS: f64 = 0.7;
/// How much of the words' share is decided by those that stand together.
const TOGETHER: f64 = 2.0 / 3.0;

/// Bends the scale of questions down: one rare word in three is soon met by chance, all three are not.
const CHANCE: f64 = 1.5;

/// A page and its passages that hold any term of the query.
pub(crate) struct Candidate {
    pub(crate) head: DocAddress,
    pub(crate) passages: Vec<DocAddress>,
}

/// The relevance, from 0 to 1, of each candidate for the query.
pub(crate) fn of_pages(
    searcher: &Searcher,
    fields: &Fields,
    plan: &Plan,
    pages: &[Candidate],
) -> Result<Vec<f32>, Error> {
    let is_question = plan.category.is_none() && plan.topics.is_empty();
    // A question with words that stand nowhere asks for something that is not here. A log line is full of names that no
    // runbook can know.
    let words = Weighed::new(searcher, fields, &plan.words, is_question)?;
    let topics = Weighed::new(searcher, fields, &plan.topics, false)?;
    let category: Vec<Term> = plan.category.iter().cloned().collect();

    let heads: Vec<DocAddress> = pages.iter().map(|page| page.head).collect();
    let of_category = holdings(searcher, &category, &heads)?;
    let topics_on_page = holdings(searcher, &in_field(fields.whole, &plan.topics), &heads)?;
    let words_on_page = holdings(searcher, &in_field(fields.whole, &plan.words), &heads)?;
    let words_in_title = held_in_any(searcher, &[fields.title, fields.tags], &plan.words, &heads)?;
    let passages: Vec<DocAddress> = pages.iter().flat_map(|page| page.passages.iter().copied()).collect();
    let words_in_passages =
        held_in_any(searcher, &[fields.heading, fields.text, fields.code], &plan.words, &passages)?;

    let mut words_in_passages = words_in_passages.into_iter();
    let relevance = pages.iter().enumerate().map(|(page, candidate)| {
        let together = words_in_passages
            .by_ref()
            .take(candidate.passages.len())
            .map(|held| words.share(held | words_in_title[page]))
            .fold(words.share(words_in_title[page]), f64::max);
        let of_words = TOGETHER * together + (1.0 - TOGETHER) * words.share(words_on_page[page]);
        if is_question {
            return of_words.powf(CHANCE);
        }
        // Independent signs: each one closes a part of the doubt that the others leave.
        let category = if of_category[page] == 0 { 0.0 } else { CATEGORY_ALONE };
        let topics = ALL_TOPICS * topics.share(topics_on_page[page]);
        1.0 - (1.0 - category) * (1.0 - topics) * (1.0 - ALL_WORDS * of_words)
    });
    #[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 1 needs no more precision")]
    Ok(relevance.map(|relevance| relevance as f32).collect())
}

/// Which terms an entry holds: a bit for each. [`crate::query::MAX_TERMS`] keeps them to 64.
type Held = u64;

/// Terms and how rare each of them is.
struct Weighed {
    weights: Vec<f64>,
    total: f64,
}

impl Weighed {
    fn new(
        searcher: &Searcher,
        fields: &Fields,
        words: &[String],
        count_unknown: bool,
    ) -> Result<Self, Error> {
        let page_count = searcher.doc_freq(&fields.head_term())?;
        let mut weights = Vec::with_capacity(words.len());
        for term in in_field(fields.whole, words) {
            let count = searcher.doc_freq(&term)?;
            weights.push(if count == 0 && !count_unknown { 0.0 } else { rarity(count, page_count) });
        }
        let total = weights.iter().sum();
        Ok(Self { weights, total })
    }

    /// The weight of the held terms by the weight of all.
    fn share(&self, held: Held) -> f64 {
        let weights = self.weights.iter().enumerate();
        let sum: f64 = weights.filter(|(bit, _)| held & (1 << bit) != 0).map(|(_, weight)| weight).sum();
        if self.total > 0.0 { sum / self.total } else { 0.0 }
    }
}

/// The inverse document frequency of BM25: near 0 for a word on every page, high for a rare one.
fn rarity(count: u64, page_count: u64) -> f64 {
    let (count, page_count) = (count as f64, page_count.max(count) as f64);
    ((page_count - count + 0.5) / (count + 0.5)).ln_1p()
}

fn in_field(field: Field, words: &[String]) -> Vec<Term> {
    words.iter().map(|word| Term::from_field_text(field, word)).collect()
}

fn held_in_any(
    searcher: &Searcher,
    fields: &[Field],
    words: &[String],
    entries: &[DocAddress],
) -> Result<Vec<Held>, Error> {
    let mut held = vec![0; entries.len()];
    for field in fields {
        for (held, found) in held.iter_mut().zip(holdings(searcher, &in_field(*field, words), entries)?) {
            *held |= found;
        }
    }
    Ok(held)
}

/// For each entry, which of the terms it holds.
fn holdings(searcher: &Searcher, terms: &[Term], entries: &[DocAddress]) -> Result<Vec<Held>, Error> {
    let mut held = vec![0; entries.len()];
    // Postings can only be walked forward.
    let mut in_order: Vec<usize> = (0..entries.len()).collect();
    in_order.sort_by_key(|entry| entries[*entry]);
    for (ord, segment) in (0..).zip(searcher.segment_readers()) {
        for (bit, term) in terms.iter().enumerate() {
            let index = segment.inverted_index(term.field())?;
            let found =
                index.read_postings(term, IndexRecordOption::Basic).map_err(tantivy::TantivyError::from)?;
            let Some(mut postings) = found else { continue };
            for entry in in_order.iter().filter(|entry| entries[**entry].segment_ord == ord) {
                let target = entries[*entry].doc_id;
                if postings.doc() < target {
                    postings.seek(target);
                }
                if postings.doc() == TERMINATED {
                    break;
                }
                if postings.doc() == target {
                    held[*entry] |= 1 << bit;
                }
            }
        }
    }
    Ok(held)
}
