//! All rules over all lines in one pass.
//!
//! Each rule's expression must contain some text: that text is searched for (all rules' texts at once), and only the
//! lines that hold it meet the rule's expression. The cost grows with the log, not with the number of rules.

mod grams;
mod literals;

use regex_syntax::ParserBuilder;

use grams::Grams;
pub(crate) use literals::Literal;

/// What a text that was found belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// A mark of the provider.
    Envelope,
    /// A tool whose output can be read as structure.
    Shape(usize),
    /// The decisive expression of a rule.
    Rule(usize),
}

/// The texts of all targets, ready to be searched for.
#[derive(Debug)]
pub(crate) struct Matcher {
    long: Grams<4, 4>,
    short: Grams<1, 4>,
    tiny: Grams<1, 3>,
    /// The targets of each text.
    targets: Vec<Vec<u32>>,
    /// What each target is.
    pub(crate) meaning: Vec<Target>,
}

impl Matcher {
    /// Builds the search for pairs of target and the texts of which one must be there.
    pub(crate) fn new(wanted: impl Iterator<Item = (Target, Vec<Literal>)>) -> Matcher {
        let mut texts: Vec<Literal> = Vec::new();
        let mut targets: Vec<Vec<u32>> = Vec::new();
        let mut known = std::collections::HashMap::new();
        let mut meaning = Vec::new();
        for (target, literals) in wanted {
            let id = index(meaning.len());
            meaning.push(target);
            for literal in literals {
                let at = *known.entry(literal.clone()).or_insert_with(|| {
                    texts.push(literal);
                    targets.push(Vec::new());
                    texts.len() - 1
                });
                targets[at].push(id);
            }
        }
        Matcher {
            long: Grams::new(&texts, |length| length >= grams::LONG),
            short: Grams::new(&texts, |length| (4..grams::LONG).contains(&length)),
            tiny: Grams::new(&texts, |length| length == 3),
            targets,
            meaning,
        }
    }

    /// Calls `found` with the position of each text and a target of it. Positions may come more than once and, between
    /// long and short texts, out of order.
    pub(crate) fn scan(&self, text: &[u8], mut found: impl FnMut(usize, u32)) {
        let mut report = |position: usize, literal: usize| {
            for &target in &self.targets[literal] {
                found(position, target);
            }
        };
        self.long.scan(text, &mut report);
        self.short.scan(text, &mut report);
        self.tiny.scan(text, &mut report);
    }
}

/// A number of a text or target: there are far fewer than 2^32 of them, and half the size keeps the tables in the cache.
fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The texts of which any line must contain one to match an expression, or `None` if no usable text is required.
pub(crate) fn required(source: &str) -> Option<Vec<Literal>> {
    let hir =
        ParserBuilder::new().unicode(false).utf8(false).build().parse(&crate::rule::dialect(source)).ok()?;
    literals::required(&hir)
}

#[cfg(test)]
mod tests;
