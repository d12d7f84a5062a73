//! Our copies of GitHub's answers, for asking "has it changed?": an unchanged answer costs nothing of the rate limit.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

/// How many answers are kept; the oldest go first.
const MAX_ANSWERS: usize = 128;

/// Larger answers are not kept.
const MAX_BYTES: usize = 64 * 1024;

/// An answer and its tag.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// The tag, as GitHub wrote it.
    pub(super) etag: String,
    /// The body that it stands for.
    pub(super) body: Bytes,
}

/// The copies by address: at most 8 MiB in all.
#[derive(Debug, Default)]
pub(super) struct Etags {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_url: HashMap<String, Known>,
    oldest_first: VecDeque<String>,
}

impl Etags {
    /// Our copy of what stood at this address.
    pub(super) fn get(&self, url: &str) -> Option<Known> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).by_url.get(url).cloned()
    }

    /// Keeps a copy, if it is small.
    pub(super) fn keep(&self, url: &str, etag: String, body: Bytes) {
        if body.len() > MAX_BYTES {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.by_url.insert(url.to_owned(), Known { etag, body }).is_none() {
            kept.oldest_first.push_back(url.to_owned());
        }
        while kept.oldest_first.len() > MAX_ANSWERS {
            if let Some(oldest) = kept.oldest_first.pop_front() {
                kept.by_url.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_and_size_of_copies_are_bounded() {
        let etags = Etags::default();
        etags.keep("large", "a".to_owned(), Bytes::from(vec![0; MAX_BYTES + 1]));
        assert!(etags.get("large").is_none());
        for number in 0..=MAX_ANSWERS {
            etags.keep(&number.to_string(), "a".to_owned(), Bytes::new());
        }
        assert!(etags.get("0").is_none());
        assert!(etags.get("1").is_some());
        etags.keep("1", "b".to_owned(), Bytes::from_static(b"new"));
        assert_eq!(etags.get("1").unwrap().etag, "b");
        assert_eq!(etags.kept.lock().unwrap().oldest_first.len(), MAX_ANSWERS);
    }
}
