//! How much of a query a page answers, as a share that means the same for every query.
//!
//! Search scores rank pages but have no scale: the best of ten bad pages looks like the best of ten good ones. So the
//! answer to "does anything here really match?" is counted apart: the share of the query's terms that the page holds,
//! each weighed by how rare it is.

use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, Term, schema::IndexRecordOption};

use crate::{Error, query::Plan, schema::Fields};

/// How far the category alone carries a match: the right kind of failure, maybe of another tool.
const CATEGORY_ALONE: f64 = 0.35;
/// How far the tags carry it when all of them match.
const ALL_TOPICS: f64 = 0.6;
/// How far the words carry it when all of them match. They alone can be the whole of a question.
const ALL_WORDS: f64 = 0.7;

/// The relevance, from 0 to 1, of each page for the query.
pub(crate) fn of_pages(
    searcher: &Searcher,
    fields: &Fields,
    plan: &Plan,
    pages: &[DocAddress],
    page_count: u64,
) -> Result<Vec<f32>, Error> {
    let terms = |words: &[String]| {
        words.iter().map(|word| Term::from_field_text(fields.whole, word)).collect::<Vec<_>>()
    };
    let words = shares(searcher, &terms(&plan.words), pages, page_count, Unknown::from(plan))?;
    let topics = shares(searcher, &terms(&plan.topics), pages, page_count, Unknown::Ignored)?;
    let category: Vec<Term> = plan.category.iter().cloned().collect();
    let category = shares(searcher, &category, pages, page_count, Unknown::Counted)?;

    let is_question = plan.category.is_none() && plan.topics.is_empty();
    let combine = |page: usize| {
        if is_question {
            return words[page];
        }
        // Independent signs: each one closes a part of the doubt that the others leave.
        let doubt = (1.0 - CATEGORY_ALONE * category[page])
            * (1.0 - ALL_TOPICS * topics[page])
            * (1.0 - ALL_WORDS * words[page]);
        1.0 - doubt
    };
    #[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 1 needs no more precision")]
    Ok((0..pages.len()).map(|page| combine(page) as f32).collect())
}

/// What a term means that no page holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// The query asks for something that is not here: it counts as missing.
    Counted,
    /// A log line is full of names that no runbook can know: it is passed over.
    Ignored,
}

impl From<&Plan> for Unknown {
    fn from(plan: &Plan) -> Self {
        if plan.category.is_none() && plan.topics.is_empty() { Self::Counted } else { Self::Ignored }
    }
}

/// For each page, the weight of the terms that it holds by the weight of all terms.
fn shares(
    searcher: &Searcher,
    terms: &[Term],
    pages: &[DocAddress],
    page_count: u64,
    unknown: Unknown,
) -> Result<Vec<f64>, Error> {
    let mut held = vec![0.0; pages.len()];
    let mut total = 0.0;
    // Postings can only be walked forward.
    let mut in_order: Vec<usize> = (0..pages.len()).collect();
    in_order.sort_by_key(|page| pages[*page]);
    for term in terms {
        let count = searcher.doc_freq(term)?;
        if count == 0 && unknown == Unknown::Ignored {
            continue;
        }
        let weight = rarity(count, page_count);
        total += weight;
        for (ord, segment) in (0..).zip(searcher.segment_readers()) {
            let Some(mut postings) = segment
                .inverted_index(term.field())?
                .read_postings(term, IndexRecordOption::Basic)
                .map_err(tantivy::TantivyError::from)?
            else {
                continue;
            };
            for page in in_order.iter().filter(|page| pages[**page].segment_ord == ord) {
                let target = pages[*page].doc_id;
                if postings.doc() < target {
                    postings.seek(target);
                }
                if postings.doc() == TERMINATED {
                    break;
                }
                if postings.doc() == target {
                    held[*page] += weight;
                }
            }
        }
    }
    Ok(held.into_iter().map(|held| if total > 0.0 { held / total } else { 0.0 }).collect())
}

/// The inverse document frequency of BM25: near 0 for a word on every page, high for a rare one.
fn rarity(count: u64, page_count: u64) -> f64 {
    let (count, page_count) = (count as f64, page_count.max(count) as f64);
    ((page_count - count + 0.5) / (count + 0.5)).ln_1p()
}
