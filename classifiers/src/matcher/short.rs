//! The search for texts of three to six bytes.

use aho_corasick::{AhoCorasick, Input, MatchKind};

use super::{Literal, grams};

/// Two searches: texts as they stand (which vector instructions can find), and texts in either case.
#[derive(Debug)]
pub(super) struct Short {
    exact: Option<Search>,
    folded: Option<Search>,
}

/// One search; `contained` tells which longer texts a text is the beginning or the inside of.
#[derive(Debug)]
struct Search {
    engine: AhoCorasick,
    /// For each text of the engine, the numbers of all texts to report.
    report: Vec<Vec<usize>>,
    /// The lengths of the texts to report, and the texts.
    texts: Vec<(usize, Literal)>,
}

impl Short {
    pub(super) fn new(texts: &[Literal]) -> Short {
        let of = |fold: bool| -> Vec<(usize, Literal)> {
            texts
                .iter()
                .enumerate()
                .filter(|(_, text)| text.bytes.len() < grams::SHORTEST && text.fold == fold)
                .map(|(number, text)| (number, text.clone()))
                .collect()
        };
        Short { exact: Search::new(of(false), false), folded: Search::new(of(true), true) }
    }

    pub(super) fn scan(&self, text: &[u8], found: &mut impl FnMut(usize, usize)) {
        for search in [&self.exact, &self.folded].into_iter().flatten() {
            search.scan(text, found);
        }
    }
}

impl Search {
    /// Texts that contain another one are found through it.
    fn new(texts: Vec<(usize, Literal)>, fold: bool) -> Option<Search> {
        let contains = |long: &Literal, short: &Literal| {
            long.bytes.len() > short.bytes.len()
                && long.bytes.windows(short.bytes.len()).any(|part| part == short.bytes)
        };
        let roots: Vec<usize> = (0..texts.len())
            .filter(|&at| !texts.iter().any(|(_, other)| contains(&texts[at].1, other)))
            .collect();
        if roots.is_empty() {
            return None;
        }
        let report = roots
            .iter()
            .map(|&root| {
                let inside = |at: &usize| *at == root || contains(&texts[*at].1, &texts[root].1);
                (0..texts.len()).filter(inside).collect()
            })
            .collect();
        let engine = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .ascii_case_insensitive(fold)
            .build(roots.iter().map(|&root| &texts[root].1.bytes))
            .ok()?;
        Some(Search { engine, report, texts })
    }

    /// Goes on one byte behind the start of each match, so that overlapping texts are found too.
    fn scan(&self, text: &[u8], found: &mut impl FnMut(usize, usize)) {
        let mut at = 0;
        while let Some(hit) = self.engine.find(Input::new(text).range(at..)) {
            at = hit.start() + 1;
            let nearby = &text
                [hit.start().saturating_sub(grams::SHORTEST)..(hit.end() + grams::SHORTEST).min(text.len())];
            for &index in &self.report[hit.pattern().as_usize()] {
                let (number, literal) = &self.texts[index];
                let there = literal.bytes.len() == hit.end() - hit.start()
                    || nearby.windows(literal.bytes.len()).any(|part| {
                        if literal.fold {
                            part.eq_ignore_ascii_case(&literal.bytes)
                        } else {
                            part == literal.bytes
                        }
                    });
                if there {
                    found(hit.start(), *number);
                }
            }
        }
    }
}
