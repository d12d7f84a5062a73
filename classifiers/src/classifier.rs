//! The compiled rule packs.

use std::io::Read;

use include_dir::{Dir, include_dir};

use crate::{
    check,
    diagnosis::{Diagnosis, Hints},
    envelope,
    matcher::{Literal, Matcher, Target, required},
    rule::{self, PackSource, Rule, RuleErrors},
    session::Session,
    shape,
};

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
}

impl Classifier {
    /// The built-in packs. Their examples are checked by tests, not here, so that a start stays fast.
    pub fn builtin() -> Result<Classifier, RuleErrors> {
        let mut errors = Vec::new();
        let rules = rule::read(&builtin_packs(), false, false, &mut errors);
        if errors.is_empty() { Ok(Classifier::of(rules)) } else { Err(RuleErrors(errors)) }
    }

    /// The given packs and the built-in ones. A given rule replaces the built-in one of the same id, and wins where both
    /// hold. Everything that is wrong is reported at once.
    pub fn with_packs(packs: &[PackSource]) -> Result<Classifier, RuleErrors> {
        let mut errors = Vec::new();
        let mut rules = rule::read(packs, true, true, &mut errors);
        let builtin = rule::read(&builtin_packs(), false, false, &mut errors);
        let own = rules.len();
        let replaced = |rule: &Rule, own: &[Rule]| own.iter().any(|other| other.id == rule.id);
        let kept: Vec<Rule> = builtin.into_iter().filter(|rule| !replaced(rule, &rules)).collect();
        rules.extend(kept);
        Classifier::checked(rules, own, errors)
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

    fn of(rules: Vec<Rule>) -> Classifier {
        let mut wanted: Vec<(Target, Vec<Literal>)> = Vec::new();
        wanted.push((Target::Envelope, envelope::triggers().map(Literal::exact).collect()));
        for (number, shape) in shape::ALL.iter().enumerate() {
            let literals = shape.triggers.iter().map(|text| Literal::exact(text)).collect();
            wanted.push((Target::Shape(number), literals));
        }
        let mut unsearchable = Vec::new();
        let mut anchors = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            let searchable = anchor(rule);
            anchors.push(searchable.as_ref().map_or(rule.key, |(part, _)| *part));
            match searchable {
                Some((_, literals)) => wanted.push((Target::Rule(number), literals)),
                None => unsearchable.push(number),
            }
        }
        Classifier { matcher: Matcher::new(wanted.into_iter()), rules, unsearchable, anchors }
    }

    /// All rules.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Starts reading a log that comes in pieces.
    pub fn session(&self, hints: Hints) -> Session<'_> {
        Session::new(self, hints)
    }

    /// Reads a whole log in bounded memory.
    pub fn read(&self, mut reader: impl Read, hints: Hints) -> std::io::Result<Diagnosis> {
        let mut session = self.session(hints);
        let mut buffer = vec![0; 256 << 10];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(session.finish()),
                Ok(length) => session.push(&buffer[..length]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The expression of a rule with the longest required text, which is the one to search for.
fn anchor(rule: &Rule) -> Option<(usize, Vec<Literal>)> {
    let shortest = |literals: &[Literal]| literals.iter().map(|literal| literal.bytes.len()).min();
    let parts = rule.parts.iter().enumerate();
    parts
        .filter_map(|(part, pattern)| Some((part, required(&pattern.source)?)))
        .max_by_key(|(part, literals)| (shortest(literals), *part == rule.key))
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
