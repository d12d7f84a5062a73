//! Single entries of the index.

use tantivy::{
    DocAddress, Searcher, TantivyDocument, Term,
    collector::TopDocs,
    query::{BooleanQuery, Occur, Query, TermQuery},
    schema::{Field, IndexRecordOption, Value},
};

use crate::Error;

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

/// What is stored in a field of an entry; empty if nothing is.
pub(crate) fn stored(searcher: &Searcher, entry: DocAddress, field: Field) -> Result<String, Error> {
    let entry: TantivyDocument = searcher.doc(entry)?;
    Ok(entry.get_first(field).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default())
}
