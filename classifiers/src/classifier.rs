//! The compiled rule packs.

use std::io::{Read, Seek, SeekFrom};

use include_dir::{Dir, include_dir};

use crate::{
    check,
    diagnosis::{Diagnosis, Hints},
    envelope,
    matcher::{Literal, Matcher, Required, Target, required},
    pair,
    rule::{self, PackSource, Rule, RuleErrors},
    session::Session,
    shape,
};

/// From this size on it pays to make the search for what the text prints.
const LARGE: usize = 2 << 20;
/// From this size on it pays to clean in one thread and match in another.
const LONG: usize = 2 << 20;
/// How much of the end of a log tells enough for a provisional diagnosis.
const END: u64 = 4 << 20;

/// A diagnosis from the end of a log alone.
#[derive(Clone, Debug)]
pub struct Provisional {
    /// What the end tells. Its lines and bytes are those of the end, counted from `from`.
    pub diagnosis: Diagnosis,
    /// Where the part that was read starts, in bytes; 0 when it was the whole log, and the diagnosis is final.
    pub from: u64,
}

/// The packs that come with the program.
static RULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// All rules, ready to read logs; shared between threads.
#[derive(Debug)]
pub struct Classifier {
    pub(crate) rules: Vec<Rule>,
    pub(crate) matcher: Matcher,
    /// Rules that require no text; they are tried on the end of a log only.
    pub(crate) unsearchable: Vec<usize>,
    /// For each rule, which of its expressions is searched for.
    pub(crate) anchors: Vec<usize>,
    /// How often the texts of each rule are found in vain in ten megabytes of ordinary logs, roughly.
    pub(crate) costs: Vec<u64>,
    /// Whether that one may match only where a line begins, and so behind a runner's marker.
    from_start: Vec<bool>,
}

impl Classifier {
    /// The built-in packs. Their examples are checked by tests, not here, so that a start stays fast.
    pub fn builtin() -> Result<Classifier, RuleErrors> {
        let mut errors = Vec::new();
        let rules = rule::read(&builtin_packs(), false, false, &mut errors);
        if errors.is_empty() { Ok(Classifier::of(rules)) } else { Err(RuleErrors(errors)) }
    }

    /// The given packs and the built-in ones. A given rule replaces the built-in one of the same id, and wins where both
    /// hold; one on trial leaves it alone. Everything that is wrong is reported at once.
    pub fn with_packs(packs: &[PackSource]) -> Result<Classifier, RuleErrors> {
        let mut errors = Vec::new();
        let rules = rule::read(packs, true, true, &mut errors);
        let builtin = rule::read(&builtin_packs(), false, false, &mut errors);
        let own = rules.len();
        Classifier::checked(rule::stacked(rules, builtin), own, errors)
    }

    /// The given packs alone, thoroughly checked: for writing packs.
    pub fn with_only(packs: &[PackSource]) -> Result<Classifier, RuleErrors> {
        let mut errors = Vec::new();
        let rules = rule::read(packs, false, true, &mut errors);
        let own = rules.len();
        Classifier::checked(rules, own, errors)
    }

    /// The given packs alone, without those rules that are wrong; and what is wrong.
    pub fn lenient(packs: &[PackSource]) -> (Classifier, RuleErrors) {
        let mut errors = Vec::new();
        let rules = rule::read(packs, false, true, &mut errors);
        let classifier = Classifier::of(rules);
        errors.extend(check::examples(&classifier, 0..classifier.rules.len()));
        (classifier, RuleErrors(errors))
    }

    /// No rules and no shapes: only the scorer for failures that nothing knows, for measuring it alone.
    pub fn without_rules() -> Classifier {
        let envelope = (Target::Envelope, vec![envelope::triggers().map(Literal::exact).collect()]);
        Classifier {
            rules: Vec::new(),
            matcher: Matcher::new(std::iter::once(envelope)),
            unsearchable: Vec::new(),
            anchors: Vec::new(),
            costs: Vec::new(),
            from_start: Vec::new(),
        }
    }

    /// Runs the examples of the first `own` rules.
    fn checked(
        rules: Vec<Rule>,
        own: usize,
        mut errors: Vec<rule::RuleError>,
    ) -> Result<Classifier, RuleErrors> {
        let classifier = Classifier::of(rules);
        errors.extend(check::examples(&classifier, 0..own));
        if errors.is_empty() { Ok(classifier) } else { Err(RuleErrors(errors)) }
    }

    pub(crate) fn of(rules: Vec<Rule>) -> Classifier {
        let mut wanted: Vec<(Target, Vec<Vec<Literal>>)> = Vec::new();
        wanted.push((Target::Envelope, vec![envelope::triggers().map(Literal::exact).collect()]));
        for (number, shape) in shape::ALL.iter().enumerate() {
            let literals = shape.triggers.iter().map(|text| Literal::exact(text)).collect();
            wanted.push((Target::Shape(number), vec![literals]));
        }
        let mut unsearchable = Vec::new();
        let (mut anchors, mut costs, mut from_start) = (Vec::new(), Vec::new(), Vec::new());
        for (number, rule) in rules.iter().enumerate() {
            let searchable = anchor(rule);
            anchors.push(searchable.as_ref().map_or(rule.key, |(part, _)| *part));
            costs.push(searchable.as_ref().map_or(0, |(_, required)| required.times));
            from_start.push(searchable.as_ref().is_none_or(|(_, required)| required.from_start));
            match searchable {
                Some((_, required)) => wanted.push((Target::Rule(number), required.sets)),
                None => unsearchable.push(number),
            }
        }
        Classifier {
            matcher: Matcher::new(wanted.into_iter()),
            rules,
            unsearchable,
            anchors,
            costs,
            from_start,
        }
    }

    /// All rules.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Starts reading a log that comes in pieces.
    pub fn session(&self, hints: Hints) -> Session<'_> {
        Session::new(self, hints)
    }

    /// Reads only the end of a log, for an answer at once. It is provisional: what stands before is not known.
    pub fn provisional(&self, mut reader: impl Read + Seek, hints: Hints) -> std::io::Result<Provisional> {
        let length = reader.seek(SeekFrom::End(0))?;
        let mut from = length.saturating_sub(END);
        // One byte earlier: the end may start with a whole line.
        reader.seek(SeekFrom::Start(from.saturating_sub(1)))?;
        let mut bytes = Vec::new();
        reader.take(END + 1).read_to_end(&mut bytes)?;
        if from > 0 {
            let cut = memchr::memchr(b'\n', &bytes).map_or(1, |at| at + 1);
            bytes.drain(..cut);
            from += cut as u64 - 1;
        }
        Ok(Provisional { diagnosis: self.read(bytes.as_slice(), hints)?, from })
    }

    /// Matching alone: calls `found` with each rule and each line of a cleaned text that its decisive expression matches,
    /// without steps, neighbours or a verdict. For searching many logs at once and for measuring.
    pub fn matches(&self, text: &[u8], mut found: impl FnMut(&Rule, &[u8])) {
        let mut line = 0..0;
        let search = (text.len() > LARGE).then(|| {
            let mut frequency = Matcher::frequency();
            frequency.learn(text, 64);
            self.matcher.tuned(&frequency, |target| matches!(target, Target::Rule(_)))
        });
        let mut tried: Vec<usize> = vec![usize::MAX; self.matcher.meaning.len()];
        self.matcher.scan(search.as_ref(), text, |position, target| {
            let Target::Rule(rule) = self.matcher.meaning[target as usize] else { return };
            if !line.contains(&position) {
                let start = memchr::memrchr(b'\n', &text[..position]).map_or(0, |at| at + 1);
                let end = memchr::memchr(b'\n', &text[position..]).map_or(text.len(), |at| position + at);
                line = start..end;
            }
            if std::mem::replace(&mut tried[target as usize], line.start) != line.start {
                let line = &text[line.clone()];
                if self.is_match(rule, line) {
                    found(&self.rules[rule], line);
                }
            }
        });
    }

    /// Whether the expression of a rule that is searched for matches a line.
    pub(crate) fn is_match(&self, rule: usize, line: &[u8]) -> bool {
        let pattern = &self.rules[rule].parts[self.anchors[rule]];
        if self.from_start[rule] { pattern.is_match(line) } else { pattern.is_match_anywhere(line) }
    }

    /// Reads a whole log in bounded memory.
    pub fn read(&self, mut reader: impl Read, hints: Hints) -> std::io::Result<Diagnosis> {
        let mut session = self.session(hints);
        let mut buffer = vec![0; 256 << 10];
        let mut read = 0;
        loop {
            if read > LONG && pair::pays() {
                return Ok(pair::read(session, reader, &mut buffer)?.finish());
            }
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(session.finish()),
                Ok(length) => {
                    session.push(&buffer[..length]);
                    read += length;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The expression of a rule whose required text is rarest, which is the one to search for.
fn anchor(rule: &Rule) -> Option<(usize, Required)> {
    let parts = rule.parts.iter().enumerate();
    parts
        .filter_map(|(part, pattern)| Some((part, required(&pattern.source)?)))
        .min_by_key(|(part, required)| (required.cost, *part != rule.key))
}

/// The text of the built-in packs.
pub(crate) fn builtin_packs() -> Vec<PackSource> {
    RULES
        .files()
        .filter(|file| file.path().extension().is_some_and(|extension| extension == "toml"))
        .filter_map(|file| {
            Some(PackSource {
                name: file.path().to_string_lossy().into_owned(),
                text: file.contents_utf8()?.to_owned(),
            })
        })
        .collect()
}
