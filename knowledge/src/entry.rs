//! Single entries of the index.

use tantivy::{
    DocAddress, Searcher, TantivyDocument, Term,
    collector::TopDocs,
    query::{BooleanQuery, Occur, Query, TermQuery},
    schema::{Field, IndexRecordOption, Value},
};

use crate::{Document, Error};

/// The entry that holds all of the terms.
pub(crate) fn find<const N: usize>(
    searcher: &Searcher,
    terms: [Term; N],
) -> Result<Option<DocAddress>, Error> {
    let must =
        |term| (Occur::Must, Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>);
    let query = BooleanQuery::new(terms.map(must).into());
    let found = searcher.search(&query, &TopDocs::with_limit(1).order_by_score())?;
    Ok(found.first().map(|(_, entry)| *entry))
}

/// The document that a head is about.
pub(crate) fn document(searcher: &Searcher, head: DocAddress, field: Field) -> Result<Document, Error> {
    let entry: TantivyDocument = searcher.doc(head)?;
    let stored = entry.get_first(field).and_then(|value| value.as_str()).unwrap_or_default();
    Ok(serde_json::from_str(stored)?)
}
