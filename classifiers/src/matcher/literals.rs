//! Which text must be there for an expression to match, read from its syntax tree.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::{grams::LONG, ordinary::times};

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
/// More alternatives than this are not followed up, each joined with what stands beside it.
const MOST: usize = 24;
/// More texts than this are not searched for instead of one.
const WIDEST: usize = 64;
/// Classes of at most this many bytes count as alternatives.
const CLASS: usize = 4;
/// What a text costs however rare it is, in finds in vain in ten megabytes: its pieces are found in other texts; and texts
/// that are too short for the fast search need one of their own.
const EACH: u64 = 30;
/// What a text costs where there are too many.
const FEW: u64 = 30_000;
/// So many sets are kept, of which a long log chooses.
const SETS: usize = 3;
const SHORT: u64 = 1_500;
const TINY: u64 = 5_000;

/// The best sets of texts, of each of which every match holds one: the rarest in most logs first.
pub(super) fn required(hir: &Hir) -> Vec<Vec<Literal>> {
    let walked = walk(hir);
    let sets =
        walked.required.into_iter().chain(walked.exact).map(without_longer).filter(|set| is_usable(set));
    let mut sets: Vec<_> = sets.map(|set| (cost(set.iter(), times), set)).collect();
    sets.sort_by_key(|(cost, _)| *cost);
    sets.dedup();
    sets.into_iter().take(SETS).map(|(_, set)| set).collect()
}

/// What is known about a part of the expression.
#[derive(Default)]
struct Walked {
    /// All texts that the part can match, if they are few.
    exact: Option<Vec<Literal>>,
    /// Texts with one of which every match begins, if they are known and few; not for a part whose texts are all known.
    heads: Option<Vec<Literal>>,
    /// The same for the end.
    tails: Option<Vec<Literal>>,
    /// Sets of texts, from each of which one must be there.
    required: Vec<Vec<Literal>>,
}

impl Walked {
    fn begins(&self) -> Option<&Vec<Literal>> {
        self.exact.as_ref().or(self.heads.as_ref())
    }

    fn ends(&self) -> Option<&Vec<Literal>> {
        self.exact.as_ref().or(self.tails.as_ref())
    }
}

fn walk(hir: &Hir) -> Walked {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => exact(nothing()),
        HirKind::Literal(literal) => exact(vec![Literal { bytes: literal.0.to_vec(), fold: false }]),
        HirKind::Class(class) => class_texts(class).map(exact).unwrap_or_default(),
        HirKind::Capture(_) => concat(std::slice::from_ref(hir)),
        HirKind::Repetition(repetition) => {
            let sub = walk(&repetition.sub);
            match (repetition.min, repetition.max) {
                (1, Some(1)) => sub,
                (0, Some(1)) => sub.exact.map(|texts| exact([nothing(), texts].concat())).unwrap_or_default(),
                (0, _) => Walked::default(),
                _ => Walked {
                    heads: sub.begins().cloned(),
                    tails: sub.ends().cloned(),
                    required: sub.required.into_iter().chain(sub.exact).collect(),
                    exact: None,
                },
            }
        }
        HirKind::Concat(parts) => concat(parts),
        HirKind::Alternation(parts) => alternation(parts),
    }
}

fn exact(texts: Vec<Literal>) -> Walked {
    Walked { exact: Some(texts), ..Walked::default() }
}

/// The only text of a part that matches nothing.
fn nothing() -> Vec<Literal> {
    vec![Literal { bytes: Vec::new(), fold: false }]
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
    // What the match begins with, once that is settled; and what it ends with up to here.
    let mut heads = None;
    let mut run = nothing();
    for part in flat {
        let walked = walk(part);
        let joined = walked.begins().and_then(|texts| product(&run, texts));
        let joins = joined.is_some();
        // Fewer texts may be worth more than longer ones.
        if let Some(texts) = walked.exact.as_ref().filter(|texts| texts.len() > 1 && joins) {
            required.extend([run.clone(), texts.clone()]);
        }
        let so_far = joined.unwrap_or_else(|| run.clone());
        if joins && walked.exact.is_some() {
            run = so_far;
            continue;
        }
        heads.get_or_insert_with(|| so_far.clone());
        required.push(so_far);
        run = walked.ends().cloned().unwrap_or_else(nothing);
        required.extend(walked.required);
    }
    match heads {
        None => Walked { exact: Some(run), required, ..Walked::default() },
        Some(heads) => {
            required.push(run.clone());
            Walked { exact: None, heads: Some(heads), tails: Some(run), required }
        }
    }
}

/// Each of some texts followed by each of others, if these are not too many.
fn product(run: &[Literal], texts: &[Literal]) -> Option<Vec<Literal>> {
    (run.len() * texts.len() <= MOST)
        .then(|| run.iter().flat_map(|head| texts.iter().map(move |text| head.joined(text))).collect())
}

fn alternation(parts: &[Hir]) -> Walked {
    let walked: Vec<Walked> = parts.iter().map(walk).collect();
    let all = |edge: fn(&Walked) -> Option<&Vec<Literal>>| {
        let sets: Option<Vec<&Vec<Literal>>> = walked.iter().map(edge).collect();
        let texts: Vec<Literal> = sets?.into_iter().flatten().cloned().collect();
        (texts.len() <= MOST).then_some(texts)
    };
    if let Some(texts) = all(|part| part.exact.as_ref()) {
        return exact(texts);
    }
    let union = |each: u64| {
        let sets: Option<Vec<Vec<Literal>>> =
            walked.iter().map(|part| cheapest(part.required.iter().chain(&part.exact), each)).collect();
        Some(without_longer(sets?.concat())).filter(|texts| texts.len() <= WIDEST)
    };
    // If the rarest texts are too many together, then fewer ones.
    let required = union(0).or_else(|| union(FEW)).into_iter().collect();
    Walked { exact: None, heads: all(Walked::begins), tails: all(Walked::ends), required }
}

/// Whether some part has more alternatives than are searched for.
pub(super) fn has_wide_alternation(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Alternation(parts) => parts.len() > WIDEST || parts.iter().any(has_wide_alternation),
        HirKind::Concat(parts) => parts.iter().any(has_wide_alternation),
        HirKind::Capture(capture) => has_wide_alternation(&capture.sub),
        HirKind::Repetition(repetition) => has_wide_alternation(&repetition.sub),
        HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) | HirKind::Class(_) => false,
    }
}

/// The cheapest of some sets that can be used, when every text costs `each` on top.
fn cheapest<'s>(sets: impl Iterator<Item = &'s Vec<Literal>>, each: u64) -> Option<Vec<Literal>> {
    let usable = sets.map(|set| without_longer(set.clone())).filter(|set| is_usable(set));
    usable.min_by_key(|set| cost(set.iter(), |text| times(text) + each))
}

/// Without those texts that hold another one: where they stand, that one does.
fn without_longer(mut set: Vec<Literal>) -> Vec<Literal> {
    let holds = |long: &Literal, text: &Literal| {
        long.fold == text.fold && memchr::memmem::find(&long.bytes, &text.bytes).is_some()
    };
    let mut at = 0;
    while at < set.len() {
        let spare = (0..set.len()).any(|other| {
            other != at && holds(&set[at], &set[other]) && (set[at] != set[other] || other < at)
        });
        if spare {
            set.remove(at);
        } else {
            at += 1;
        }
    }
    set
}

/// Whether a set can be searched for.
fn is_usable(set: &[Literal]) -> bool {
    !set.is_empty() && set.len() <= WIDEST && set.iter().all(|text| text.bytes.len() >= SHORTEST)
}

/// How often a set is found in vain in ten megabytes of logs, and what searching for it costs beyond that.
pub(super) fn cost<'s>(set: impl Iterator<Item = &'s Literal>, times: impl Fn(&Literal) -> u64) -> u64 {
    let one = |text: &Literal| {
        let search = match text.bytes.len() {
            0..5 => TINY,
            5..LONG => SHORT,
            _ => 0,
        };
        times(text) + EACH + search
    };
    set.map(one).sum()
}
