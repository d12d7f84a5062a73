//! What is searched for, as weighted clauses. User text never reaches a query parser: it is cut into terms.

use tantivy::{
    Term,
    query::{BooleanQuery, BoostQuery, DisjunctionMaxQuery, Occur, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use crate::{analyser, schema::Fields};

/// What is known of a failed job. Every part may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiagnosisQuery {
    /// The failure category, as the classifiers spell it (`disk_full`).
    pub category: String,
    /// The tags that the rule names for runbooks.
    pub tags: Vec<String>,
    /// Words for the tool at work (`npm`, `python pytest`).
    pub tool: String,
    /// The decisive line of the log.
    pub key_line: String,
    /// The verdict in a sentence.
    pub summary: String,
}

/// Longer texts are cut: a key line may be ten megabytes long.
const MAX_TEXT_BYTES: usize = 2_000;
/// At most so many different terms of each kind are searched. The relevance keeps a bit for each.
pub(crate) const MAX_TERMS: usize = 64;

/// How much the second best field counts where a term stands in several.
const TIE: f32 = 0.3;

/// A query in parts that also serve to tell how much of it a page answers.
pub(crate) struct Plan {
    pub(crate) category: Option<Term>,
    /// Terms of the tags and the tool.
    pub(crate) topics: Vec<String>,
    /// Terms of the key line and the summary, or of the question.
    pub(crate) words: Vec<String>,
}

impl Plan {
    pub(crate) fn for_question(text: &str) -> Self {
        Self { category: None, topics: Vec::new(), words: unique_terms([text]) }
    }

    pub(crate) fn for_diagnosis(query: &DiagnosisQuery, fields: &Fields) -> Self {
        let category = query.category.trim().to_lowercase();
        Self {
            category: (!category.is_empty()).then(|| Term::from_field_text(fields.categories, &category)),
            topics: unique_terms(query.tags.iter().chain([&query.tool]).map(String::as_str)),
            words: unique_terms([query.key_line.as_str(), query.summary.as_str()]),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.category.is_none() && self.topics.is_empty() && self.words.is_empty()
    }

    /// Finds pages.
    pub(crate) fn heads(&self, fields: &Fields) -> BooleanQuery {
        let mut clauses = Vec::new();
        if let Some(category) = &self.category {
            clauses.push(boosted(category.clone(), 2.0));
        }
        for term in &self.topics {
            clauses.push(best_of(term, &[(fields.tags, 3.0), (fields.title, 2.0), (fields.whole, 0.5)]));
        }
        for term in &self.words {
            clauses.push(best_of(term, &[(fields.title, 2.0), (fields.tags, 1.5), (fields.whole, 1.0)]));
        }
        any_of(clauses)
    }

    /// Finds passages.
    pub(crate) fn passages(&self, fields: &Fields) -> BooleanQuery {
        let weights = [(fields.heading, 1.5), (fields.text, 1.0), (fields.code, 0.8)];
        any_of(self.words.iter().chain(&self.topics).map(|term| best_of(term, &weights)).collect())
    }
}

/// The different terms of some texts, in order.
fn unique_terms<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    for text in texts {
        let text = &text[..text.floor_char_boundary(MAX_TEXT_BYTES)];
        for term in analyser::terms(text) {
            if unique.len() < MAX_TERMS && !unique.contains(&term) {
                unique.push(term);
            }
        }
    }
    unique
}

fn best_of(term: &str, fields: &[(Field, f32)]) -> Box<dyn Query> {
    let choices =
        fields.iter().map(|(field, weight)| boosted(Term::from_field_text(*field, term), *weight)).collect();
    Box::new(DisjunctionMaxQuery::with_tie_breaker(choices, TIE))
}

fn boosted(term: Term, weight: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)), weight))
}

fn any_of(clauses: Vec<Box<dyn Query>>) -> BooleanQuery {
    BooleanQuery::new(clauses.into_iter().map(|clause| (Occur::Should, clause)).collect())
}
