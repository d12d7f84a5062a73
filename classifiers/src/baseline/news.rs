//! What is new in a log against a baseline.

use std::collections::HashSet;

use super::{Baseline, Usual, learn::redacted_signature};
use crate::{anomaly, envelope::Marks, excerpt, lines::Lines, log::Cleaner};

/// What a wholly new line is worth besides its words.
const NEW: f64 = 5.0;
/// So many different new lines are told apart; further ones that say the same again may be told again.
const APART: usize = 100_000;

/// A line that no green run printed.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    /// Its number, from 1.
    pub line: u64,
    /// Its cleaned, redacted text, cut if very long.
    pub text: String,
    /// How much it looks like a reason: how new it is, and how loud its words are.
    pub score: f64,
}

/// Reads a log for what is new in it.
#[derive(Debug)]
pub struct Newsreader<'b> {
    baseline: &'b Baseline,
    most: usize,
    cleaner: Cleaner,
    lines: Lines,
    marks: Marks,
    told: HashSet<u32>,
    news: Vec<News>,
}

impl<'b> Newsreader<'b> {
    /// Keeps the `most` telling new lines, each once.
    pub fn new(baseline: &'b Baseline, most: usize) -> Newsreader<'b> {
        Newsreader {
            baseline,
            most,
            cleaner: Cleaner::default(),
            lines: Lines::default(),
            marks: Marks::default(),
            told: HashSet::new(),
            news: Vec::new(),
        }
    }

    /// Takes the next bytes of the log.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let taken = self.cleaner.push(bytes, &mut self.lines, &mut self.marks);
            bytes = &bytes[taken..];
            if self.lines.is_batch_ready() {
                self.read();
            }
        }
    }

    /// The log is over: its news, in order.
    pub fn finish(mut self) -> Vec<News> {
        self.cleaner.finish(&mut self.lines, &mut self.marks);
        self.read();
        self.keep_best();
        self.news.sort_by_key(|news| news.line);
        self.news
    }

    fn read(&mut self) {
        for (line, text) in self.lines.all() {
            let Usual::New(part) = self.baseline.usual(text) else { continue };
            let shape = redacted_signature(text).map_or(0, |signature| signature.line);
            if self.told.contains(&shape) {
                continue;
            }
            if self.told.len() < APART {
                self.told.insert(shape);
            }
            let score = NEW * (0.5 + 0.5 * part) + anomaly::words(text).max(0.0);
            let text = excerpt::shown_text(&String::from_utf8_lossy(text), &mut 0);
            self.news.push(News { line, text, score });
        }
        if self.news.len() > 2 * self.most {
            self.keep_best();
        }
        self.lines = Lines::default();
        self.marks = Marks::default();
    }

    fn keep_best(&mut self) {
        self.news.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.line.cmp(&b.line)));
        self.news.truncate(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Learner;

    #[test]
    fn only_what_no_green_run_printed_is_news_and_it_is_redacted() {
        let mut learner = Learner::default();
        learner.push(b"fetching 3 parts\nERROR: the usual\ndone in 3s\n");
        let green = learner.finish();
        let mut reader = Newsreader::new(&green, 2);
        reader.push(b"fetching 4 parts\nERROR: the usual\na quiet novelty\n");
        reader.push(b"FATAL: no such part, password=hunter2hunter2\nFATAL: no such part, password=hunter3hunter3\nsplat went it\n");
        let news = reader.finish();
        let told: Vec<_> = news.iter().map(|news| (news.line, news.text.as_str())).collect();
        assert_eq!(told, [(3, "a quiet novelty"), (4, "FATAL: no such part, password=[redacted:secret]")]);
        assert!(news[1].score > news[0].score);
    }
}
