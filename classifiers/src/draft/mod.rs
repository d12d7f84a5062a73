//! A rule proposed from marked lines of a log: for its author to correct, not to be used unread.
//!
//! The draft is tried before it is handed out: it loads, and it holds on the lines that it was made of.

mod guess;
mod mask;
mod write;

use std::{
    collections::HashSet,
    io::{self, Read},
};

use crate::{
    Classifier,
    category::{Category, Owner},
    diagnosis::Hints,
    log, matcher,
    redact::redact,
    rule::{PackSource, Pattern, RuleErrors},
    session::Hit,
};
use mask::{Masked, mask};
use write::Parts;

/// At most so many lines may be marked: as many as a sequence may span.
const MARKED: u64 = 200;
/// A sequence is made of so many lines.
const SEQUENCE: usize = 3;
/// Lines in the draft are cut at so many bytes.
const SHOWN: usize = 400;
/// Lines of an example at most.
const EXAMPLE: usize = 20;
/// So many other places are named.
const ELSEWHERE: usize = 10;

/// What a rule is wanted for.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The first marked line, from 1.
    pub first: u64,
    /// The last one.
    pub last: u64,
    /// The rule's id; otherwise one is made of the words.
    pub id: Option<String>,
    /// What kind of failure it means; otherwise it is guessed.
    pub category: Option<Category>,
    /// Whose move it is; otherwise it follows from the category.
    pub owner: Option<Owner>,
}

/// A proposed rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its id.
    pub id: String,
    /// A pack with this rule alone, with remarks for its author.
    pub toml: String,
    /// How often it also holds in the same log, outside of the marked lines.
    pub elsewhere: u64,
}

/// Why there is no draft.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Read(#[from] io::Error),
    /// The numbers make no sense.
    #[error("lines {0}-{1} cannot be marked: write FIRST-LAST with at most {MARKED} lines, counted from 1")]
    Range(u64, u64),
    /// The log is shorter.
    #[error("the log has no line {0}: it ends with line {1}")]
    Beyond(u64, u64),
    /// Nothing in the lines stays the same.
    #[error(
        "nothing in the marked lines is sure to be there the next time: mark a line with words that the tool prints"
    )]
    NothingFixed,
    /// Most of it is a secret.
    #[error("the marked lines are part of a secret: mark the lines in which the tool says what is wrong")]
    Secret,
    /// The draft cannot be used.
    #[error("the draft from these lines does not load; mark other lines, or write the rule by hand: {0}")]
    Unusable(RuleErrors),
    /// The draft does not do what it should.
    #[error(
        "the draft from these lines does not match them again: mark fewer lines, or write the rule by hand"
    )]
    NoMatch,
}

/// Proposes a rule. `open` is called three times, to read the log in bounded memory.
pub fn draft<R: Read>(wish: &Wish, open: impl Fn() -> io::Result<R>) -> Result<Draft, DraftError> {
    let marked = marked(wish, open()?)?;
    let (chosen, key) = choose(&marked)?;
    let pattern = Pattern::new(&chosen[key].masked.pattern);
    let similar = look_alike(wish, &pattern, &chosen[key].masked.words, open()?)?;
    let parts = parts(wish, &marked, &chosen, key, similar);
    let toml = write::pack(&parts, &[]);
    let pack = PackSource { name: "draft".to_owned(), text: toml };
    let classifier = Classifier::with_only(&[pack]).map_err(DraftError::Unusable)?;
    let (own, others, elsewhere) = places(&classifier, wish, open()?)?;
    if !own {
        return Err(DraftError::NoMatch);
    }
    Ok(Draft { toml: write::pack(&parts, &others), id: parts.id, elsewhere })
}

/// A marked line.
struct Line {
    number: u64,
    text: String,
}

/// A line that the rule looks for.
struct Chosen {
    number: u64,
    masked: Masked,
}

/// The marked lines, cleaned and redacted.
fn marked(wish: &Wish, log: impl Read) -> Result<Vec<Line>, DraftError> {
    let (first, last) = (wish.first, wish.last);
    if first == 0 || last < first || last - first >= MARKED {
        return Err(DraftError::Range(first, last));
    }
    let (mut numbers, mut texts, mut end) = (Vec::new(), Vec::new(), 0);
    log::clean(log, |number, line| {
        end = number;
        if (first..=last).contains(&number) {
            numbers.push(number);
            texts.push(String::from_utf8_lossy(line).into_owned());
        }
    })?;
    if end < last {
        return Err(DraftError::Beyond(last, end));
    }
    // Together, because a key takes several lines.
    let whole = texts.join("\n");
    let redacted = redact(&whole);
    let texts: Vec<&str> = redacted.text.split('\n').collect();
    if texts.len() != numbers.len() {
        return Err(DraftError::Secret);
    }
    Ok(numbers.into_iter().zip(texts).map(|(number, text)| Line { number, text: text.to_owned() }).collect())
}

/// The most telling lines, in order, and which of them decides.
fn choose(lines: &[Line]) -> Result<(Vec<Chosen>, usize), DraftError> {
    let mut taken = Vec::new();
    let mut usable: Vec<Chosen> = Vec::new();
    for line in lines {
        let before = taken.len();
        let masked = mask(behind_marker(&line.text), &mut taken);
        if masked.words.is_empty() || matcher::required(&masked.pattern).is_none() {
            taken.truncate(before);
            continue;
        }
        usable.push(Chosen { number: line.number, masked });
    }
    let worth = |line: &Chosen| (guess::tells(&line.masked.words), line.masked.words.len().min(8));
    let mut order: Vec<usize> = (0..usable.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(worth(&usable[at])));
    let Some(&best) = order.first() else { return Err(DraftError::NothingFixed) };
    let key = usable[best].number;
    order.truncate(SEQUENCE);
    let mut at = 0;
    usable.retain(|_| {
        at += 1;
        order.contains(&(at - 1))
    });
    let key = usable.iter().position(|line| line.number == key).unwrap_or(0);
    Ok((usable, key))
}

/// The line without what a runner puts in front of it, which rules see through.
fn behind_marker(line: &str) -> &str {
    match crate::rule::behind_marker(line.as_bytes()) {
        Some(rest) if line.starts_with("##[") => &line[line.len() - rest.len()..],
        _ => line,
    }
}

/// The line elsewhere in the log that has most words in common and that the expression does not match.
fn look_alike(
    wish: &Wish,
    pattern: &Pattern,
    words: &[String],
    log: impl Read,
) -> Result<Option<String>, DraftError> {
    let words: HashSet<&str> = words.iter().map(String::as_str).collect();
    let enough = words.len().div_ceil(3).max(1);
    let mut best: Option<(usize, String)> = None;
    log::clean(log, |number, line| {
        if (wish.first..=wish.last).contains(&number) || line.len() > SHOWN || pattern.is_match(line) {
            return;
        }
        let text = String::from_utf8_lossy(line);
        let lower = text.to_lowercase();
        let own: HashSet<&str> = lower.split(|letter: char| !letter.is_alphabetic()).collect();
        let shared = own.intersection(&words).count();
        if shared >= enough && best.as_ref().is_none_or(|(most, _)| shared > *most) {
            best = Some((shared, text.into_owned()));
        }
    })?;
    // What is left out of it may have made the difference.
    let redacted = best.map(|(_, line)| redact(&line).text.into_owned());
    Ok(redacted.filter(|line| !pattern.is_match(log::clean_line(line).as_bytes())))
}

/// Everything that the draft says.
fn parts(wish: &Wish, marked: &[Line], picked: &[Chosen], key: usize, similar: Option<String>) -> Parts {
    let (first, last) = (picked[0].number, picked[picked.len() - 1].number);
    let example: Vec<&str> = marked
        .iter()
        .filter(|line| (first..=last).contains(&line.number))
        .filter(|line| {
            picked.iter().any(|other| other.number == line.number) || last - first < EXAMPLE as u64
        })
        .map(|line| cut(&line.text))
        .collect();
    let decisive = marked.iter().find(|line| line.number == picked[key].number);
    let decisive = decisive.map(|line| line.text.as_str()).unwrap_or_default();
    let sentence = &picked[key].masked;
    let (category, owner, why) =
        guess::kind(wish, &marked.iter().map(|line| line.text.as_str()).collect::<Vec<_>>());
    let invented = similar.is_none();
    Parts {
        id: wish.id.clone().unwrap_or_else(|| guess::id(&sentence.words)),
        category,
        owner,
        why,
        priority: guess::priority(decisive, &sentence.words),
        patterns: picked.iter().map(|line| line.masked.pattern.clone()).collect(),
        window: (last - first).max(10),
        key,
        explain: cut(sentence.sentence.trim()).to_owned(),
        example: example.join("\n"),
        // The rule wants all of its lines, or the one from its beginning.
        not: similar.unwrap_or_else(|| {
            if picked.len() > 1 {
                cut(decisive).to_owned()
            } else {
                format!("as was said: {}", cut(decisive))
            }
        }),
        invented,
    }
}

/// The beginning of a line, for people to read.
fn cut(text: &str) -> &str {
    let end = (0..=SHOWN.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}

/// Whether the rule holds on the marked lines, the first other lines on which it does, and how many these are.
fn places(
    classifier: &Classifier,
    wish: &Wish,
    mut log: impl Read,
) -> Result<(bool, Vec<u64>, u64), DraftError> {
    let mut session = classifier.session(Hints::default());
    let mut buffer = vec![0; 256 << 10];
    loop {
        match log.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => session.push(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    let (mut own, mut others, mut elsewhere) = (0, Vec::new(), 0);
    for hits in session.places() {
        let (inside, outside): (Vec<&Hit>, Vec<&Hit>) =
            hits.iter().partition(|hit| wish.first <= hit.first && hit.last <= wish.last);
        own += inside.len();
        elsewhere += hits.total.saturating_sub(inside.len() as u64);
        others.extend(outside.iter().map(|hit| hit.key));
    }
    others.truncate(ELSEWHERE);
    // Of a great many hits those in the middle are counted and not kept.
    Ok((own > 0 || elsewhere > 32, others, elsewhere))
}

#[cfg(test)]
mod tests;
