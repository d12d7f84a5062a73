//! What the runbooks say.

use classifiers::Verdict;
use knowledge::{DiagnosisQuery, Hit};

use crate::app::App;
use crate::explain::{JobReading, Passage};

/// Passages that are kept: the first is quoted, the others are in the thread.
const PASSAGES: usize = 3;

/// A passage that fits much worse than the best one is about something else.
const NEAR_THE_BEST: f32 = 0.85;

/// The passages that fit a verdict, best first. A search that fails is no reason to hold back the verdict.
pub(super) fn for_reading(app: &App, reading: &JobReading) -> Vec<Passage> {
    let diagnosis = &reading.diagnosis;
    if diagnosis.verdict != Verdict::Failed {
        return Vec::new();
    }
    let query = DiagnosisQuery {
        category: diagnosis.category.as_str().to_owned(),
        tags: diagnosis.runbook_tags.clone(),
        tool: diagnosis.rule.as_deref().map(|rule| rule.replace('.', " ")).unwrap_or_default(),
        key_line: diagnosis.key_line.as_ref().map(|key| key.text.clone()).unwrap_or_default(),
        summary: diagnosis.summary.clone(),
    };
    match app.index.for_diagnosis(&query, PASSAGES) {
        Ok(hits) => {
            let best = hits.first().map_or(0.0, |hit| hit.relevance);
            let near = |hit: &Hit| hit.relevance >= best * NEAR_THE_BEST;
            hits.into_iter().filter(near).map(|hit| passage_of(&app.public_url, hit)).collect()
        }
        Err(error) => {
            tracing::warn!(%error, "the runbooks could not be searched");
            Vec::new()
        }
    }
}

/// A search hit as a passage, linked to where people can read it.
pub fn passage_of(public_url: &str, hit: Hit) -> Passage {
    let place = hit.heading_path.last().map(|heading| format!(" › {heading}")).unwrap_or_default();
    let anchor = if hit.anchor.is_empty() { String::new() } else { format!("#{}", hit.anchor) };
    let url = hit.url.clone().unwrap_or_else(|| format!("{public_url}/runbooks/{}{anchor}", hit.document_id));
    Passage {
        document: hit.document_id,
        label: format!("{}{place}", hit.title),
        anchor: hit.anchor,
        url: Some(url),
        quote: hit.fix.unwrap_or(hit.snippet),
        relevance: f64::from(hit.relevance),
    }
}
