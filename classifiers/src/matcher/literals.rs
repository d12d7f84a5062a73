//! Which text must be there for an expression to match, read from its syntax tree.

use regex_syntax::hir::{Class, Hir, HirKind};

/// A text to search for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Literal {
    /// Its bytes; lower case if `fold`.
    pub(crate) bytes: Vec<u8>,
    /// ASCII letters match in either case.
    pub(crate) fold: bool,
}

impl Literal {
    /// A text that is searched for as it stands.
    pub(crate) fn exact(text: &str) -> Literal {
        Literal { bytes: text.as_bytes().to_vec(), fold: false }
    }

    fn joined(&self, next: &Literal) -> Literal {
        let fold = self.fold || next.fold;
        let mut bytes = [self.bytes.as_slice(), &next.bytes].concat();
        if fold {
            bytes.make_ascii_lowercase();
        }
        Literal { bytes, fold }
    }
}

/// Shorter texts are everywhere.
const SHORTEST: usize = 3;
/// More alternatives than this are not worth their place in the search.
const MOST: usize = 24;
/// Combinations of neighbouring alternatives are tried up to this many.
const PRODUCT: usize = 8;
/// Classes of at most this many bytes count as alternatives.
const CLASS: usize = 4;

/// Texts that say little because many lines hold them.
const COMMON: [&str; 16] = [
    "error",
    "error:",
    " error",
    "error ",
    "failed",
    "fail",
    "failure",
    "warning",
    "warning:",
    "test",
    "build",
    "could not",
    "cannot",
    "not found",
    " is ",
    "the ",
];

/// The best set of texts of which every match holds one.
pub(super) fn required(hir: &Hir) -> Option<Vec<Literal>> {
    let walked = walk(hir);
    let mut candidates = walked.required;
    candidates.extend(walked.exact);
    best(candidates)
}

/// What is known about a part of the expression.
#[derive(Default)]
struct Walked {
    /// All texts that the part can match, if they are few.
    exact: Option<Vec<Literal>>,
    /// Sets of texts, from each of which one must be there.
    required: Vec<Vec<Literal>>,
}

fn walk(hir: &Hir) -> Walked {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => exact(vec![Literal { bytes: Vec::new(), fold: false }]),
        HirKind::Literal(literal) => exact(vec![Literal { bytes: literal.0.to_vec(), fold: false }]),
        HirKind::Class(class) => class_texts(class).map(exact).unwrap_or_default(),
        HirKind::Capture(_) => concat(std::slice::from_ref(hir)),
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            let sub = walk(&repetition.sub);
            if (repetition.min, repetition.max) == (1, Some(1)) {
                return sub;
            }
            Walked { exact: None, required: sub.required.into_iter().chain(sub.exact).collect() }
        }
        HirKind::Repetition(_) => Walked::default(),
        HirKind::Concat(parts) => concat(parts),
        HirKind::Alternation(parts) => alternation(parts),
    }
}

fn exact(texts: Vec<Literal>) -> Walked {
    Walked { exact: Some(texts), required: Vec::new() }
}

/// The bytes of a small class; both cases of a letter are one folded text.
fn class_texts(class: &Class) -> Option<Vec<Literal>> {
    let mut bytes: Vec<u8> = Vec::new();
    let ranges: Vec<(u32, u32)> = match class {
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
        Class::Unicode(class) => {
            class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
    };
    for (start, end) in ranges {
        if end > 0x7f || end - start > 8 {
            return None;
        }
        bytes.extend((start..=end).filter_map(|byte| u8::try_from(byte).ok()));
    }
    let mut texts: Vec<Literal> = Vec::new();
    for &byte in &bytes {
        let other = byte ^ 0x20;
        let fold = byte.is_ascii_alphabetic() && bytes.contains(&other);
        let text = Literal { bytes: vec![if fold { byte.to_ascii_lowercase() } else { byte }], fold };
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    (texts.len() <= CLASS && !texts.is_empty()).then_some(texts)
}

/// The parts of a concatenation with those of its groups among them: `a(?P<x>bc*)` begins with `ab`.
fn flatten<'h>(parts: &'h [Hir], flat: &mut Vec<&'h Hir>) {
    for part in parts {
        match part.kind() {
            HirKind::Concat(inner) => flatten(inner, flat),
            HirKind::Capture(capture) => flatten(std::slice::from_ref(&*capture.sub), flat),
            _ => flat.push(part),
        }
    }
}

fn concat(parts: &[Hir]) -> Walked {
    let mut flat = Vec::new();
    flatten(parts, &mut flat);
    let mut required: Vec<Vec<Literal>> = Vec::new();
    let mut run = vec![Literal { bytes: Vec::new(), fold: false }];
    let mut whole = true;
    for part in flat {
        let walked = walk(part);
        required.extend(walked.required);
        match walked.exact {
            Some(texts) if run.len() * texts.len() <= PRODUCT => {
                run = run.iter().flat_map(|head| texts.iter().map(move |text| head.joined(text))).collect();
            }
            Some(texts) => {
                whole = false;
                required.push(std::mem::replace(&mut run, texts));
            }
            None => {
                whole = false;
                required.push(std::mem::replace(&mut run, vec![Literal { bytes: Vec::new(), fold: false }]));
            }
        }
    }
    if whole {
        return Walked { exact: Some(run), required };
    }
    required.push(run);
    Walked { exact: None, required }
}

fn alternation(parts: &[Hir]) -> Walked {
    let walked: Vec<Walked> = parts.iter().map(walk).collect();
    let all_exact = walked.iter().all(|part| part.exact.is_some());
    if all_exact {
        let texts: Vec<Literal> = walked.into_iter().filter_map(|part| part.exact).flatten().collect();
        return if texts.len() <= MOST { exact(texts) } else { Walked::default() };
    }
    let mut union = Vec::new();
    for part in walked {
        let mut candidates = part.required;
        candidates.extend(part.exact);
        match best(candidates) {
            Some(texts) => union.extend(texts),
            None => return Walked::default(),
        }
    }
    Walked { exact: None, required: vec![union] }
}

/// Whether some part has more alternatives than are worth their place in the search.
pub(super) fn has_wide_alternation(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Alternation(parts) => parts.len() > MOST || parts.iter().any(has_wide_alternation),
        HirKind::Concat(parts) => parts.iter().any(has_wide_alternation),
        HirKind::Capture(capture) => has_wide_alternation(&capture.sub),
        HirKind::Repetition(repetition) => has_wide_alternation(&repetition.sub),
        HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) | HirKind::Class(_) => false,
    }
}

fn best(candidates: Vec<Vec<Literal>>) -> Option<Vec<Literal>> {
    candidates
        .into_iter()
        .filter_map(|set| Some((worth(&set)?, set)))
        .max_by_key(|(worth, _)| *worth)
        .map(|(_, set)| set)
}

/// How selective a set is: the length of its shortest text, less for common words and for many texts.
fn worth(set: &[Literal]) -> Option<i64> {
    let shortest = set.iter().map(|text| text.bytes.len()).min()?;
    if shortest < SHORTEST || set.len() > MOST {
        return None;
    }
    let one = |text: &Literal| {
        let common = COMMON.iter().any(|word| text.bytes.eq_ignore_ascii_case(word.as_bytes()));
        let length = i64::try_from(text.bytes.len().min(16)).unwrap_or(16);
        4 * length - if common { 14 } else { 0 } - if text.bytes.len() < super::grams::LONG { 4 } else { 0 }
    };
    Some(set.iter().map(one).min()? - i64::try_from(set.len()).unwrap_or(0))
}
