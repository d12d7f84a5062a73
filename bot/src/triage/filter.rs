//! What a subscription wants to hear of: `payments branch:main,release/* -actor:bots category:test_failure`.
//!
//! Terms are `key:glob,glob`; a term without a key is a repository; a minus in front leaves out what fits. Of each key that
//! is named one glob must fit, and nothing that is left out may.

use std::fmt;

use adapters::event::Run;
use globset::{GlobBuilder, GlobMatcher};

/// The longest filter that is kept, in characters.
const LONGEST: usize = 300;
/// The most terms of a filter.
const MOST_TERMS: usize = 20;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Repo,
    Branch,
    Workflow,
    Path,
    Actor,
    Category,
    Owner,
}

const KEYS: [(Key, &str); 7] = [
    (Key::Repo, "repo"),
    (Key::Branch, "branch"),
    (Key::Workflow, "workflow"),
    (Key::Path, "path"),
    (Key::Actor, "actor"),
    (Key::Category, "category"),
    (Key::Owner, "owner"),
];

/// The word for all machine accounts.
const BOTS: &str = "bots";

/// One glob for one key.
#[derive(Debug, Clone)]
struct Term {
    key: Key,
    without: bool,
    text: String,
    glob: GlobMatcher,
}

/// A filter as somebody wrote it. Letters count alike in either case.
#[derive(Debug, Clone)]
pub struct Filter {
    terms: Vec<Term>,
}

/// Why a filter cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Nothing is asked for.
    #[error("name at least a repository, for example `payments` or `acme/*`")]
    Empty,
    /// Far too much is.
    #[error("that filter is too long: use globs such as `acme/*`, at most {MOST_TERMS} in all")]
    TooLong,
    /// A key that is none.
    #[error("I don't know `{0}:`; there is repo, branch, workflow, path, actor, category and owner")]
    Key(String),
    /// A category that is none.
    #[error("there is no category `{0}`; a failure message names its category, for example `test_failure`")]
    Category(String),
    /// A glob that is none.
    #[error("`{0}` is no pattern: use `*` for any part of a name and `**` across slashes")]
    Glob(String),
}

/// What a filter is held against: what is known about a failure by now.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The failed run.
    pub run: &'a Run,
    /// The category of its cause.
    pub category: &'a str,
    /// Whose kind of failure it is (`code`, `infra`).
    pub owner: &'a str,
    /// Who owns what was changed (`@acme/db`).
    pub owners: &'a [String],
    /// What was changed, as far as it is known.
    pub files: &'a [String],
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// It names nothing, too much, or something that does not exist.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        if text.chars().count() > LONGEST {
            return Err(FilterError::TooLong);
        }
        let mut terms = Vec::new();
        for word in text.to_lowercase().split_whitespace().map(|word| word.trim_matches('`')) {
            let (without, word) = match word.strip_prefix('-').or_else(|| word.strip_prefix('!')) {
                Some(rest) => (true, rest),
                None => (false, word),
            };
            let (key, values) = match word.split_once(':') {
                Some((key, values)) => (key_of(key)?, values),
                None => (Key::Repo, word),
            };
            for value in values.split(',').filter(|value| !value.is_empty()) {
                terms.push(term(key, without, value)?);
            }
        }
        match terms.len() {
            0 => Err(FilterError::Empty),
            1..=MOST_TERMS => Ok(Self { terms }),
            _ => Err(FilterError::TooLong),
        }
    }

    /// Whether a failure is wanted.
    pub fn admits(&self, subject: &Subject<'_>) -> bool {
        KEYS.iter().all(|(key, _)| {
            let fits = |term: &&Term| term.fits(subject);
            let mut wanted = self.terms.iter().filter(|term| term.key == *key && !term.without).peekable();
            let mut unwanted = self.terms.iter().filter(|term| term.key == *key && term.without);
            (wanted.peek().is_none() || wanted.any(|term| fits(&term))) && !unwanted.any(|term| fits(&term))
        })
    }

    /// Whether failures of a repository may be wanted at all.
    pub fn admits_repo(&self, repo: &str) -> bool {
        let fits = |term: &Term| term.fits_repo(repo);
        let mut wanted = self.terms.iter().filter(|term| term.key == Key::Repo && !term.without).peekable();
        let mut unwanted = self.terms.iter().filter(|term| term.key == Key::Repo && term.without);
        (wanted.peek().is_none() || wanted.any(fits)) && !unwanted.any(fits)
    }

    /// Whether it names exactly one repository, rather than whichever fits.
    pub fn names_one_repo(&self) -> bool {
        let mut repos = self.terms.iter().filter(|term| term.key == Key::Repo && !term.without);
        repos.next().is_some_and(|term| !term.text.contains(['*', '?', '[', '{'])) && repos.next().is_none()
    }
}

impl fmt::Display for Filter {
    /// The same filter always reads alike, however it was typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (key, name) in KEYS {
            for without in [false, true] {
                let mut values: Vec<&str> = self
                    .terms
                    .iter()
                    .filter(|term| term.key == key && term.without == without)
                    .map(|term| term.text.as_str())
                    .collect();
                values.sort_unstable();
                values.dedup();
                if values.is_empty() {
                    continue;
                }
                if !first {
                    f.write_str(" ")?;
                }
                first = false;
                let minus = if without { "-" } else { "" };
                // A repository alone needs no key: that is how everybody writes it.
                let name = if key == Key::Repo { String::new() } else { format!("{name}:") };
                write!(f, "{minus}{name}{}", values.join(","))?;
            }
        }
        Ok(())
    }
}

impl Term {
    fn fits(&self, subject: &Subject<'_>) -> bool {
        let is = |text: &str| self.glob.is_match(text.to_lowercase());
        match self.key {
            Key::Repo => self.fits_repo(&subject.run.at.repo),
            Key::Branch => is(&subject.run.branch),
            Key::Workflow => is(&subject.run.workflow),
            Key::Path => subject.files.iter().any(|file| is(file)),
            Key::Actor if self.text == BOTS => subject.run.author.bot,
            Key::Actor => is(&subject.run.author.login),
            Key::Category => is(subject.category),
            Key::Owner => is(subject.owner) || subject.owners.iter().any(|owner| is(owner)),
        }
    }

    /// `payments` is any owner's repository of that name.
    fn fits_repo(&self, repo: &str) -> bool {
        let repo = repo.to_lowercase();
        if self.text.contains('/') {
            self.glob.is_match(&repo)
        } else {
            self.glob.is_match(repo.rsplit('/').next().unwrap_or(&repo))
        }
    }
}

fn key_of(word: &str) -> Result<Key, FilterError> {
    let named = KEYS.iter().find(|(_, name)| *name == word);
    named.map(|(key, _)| *key).ok_or_else(|| FilterError::Key(word.to_owned()))
}

fn term(key: Key, without: bool, value: &str) -> Result<Term, FilterError> {
    if key == Key::Category
        && !value.contains('*')
        && value.parse::<classifiers::category::Category>().is_err()
    {
        return Err(FilterError::Category(value.to_owned()));
    }
    // `acme/*` means the repositories of acme; of paths a folder means all that is in it.
    let pattern =
        if key == Key::Path && value.ends_with('/') { format!("{value}**") } else { value.to_owned() };
    let glob = GlobBuilder::new(&pattern)
        .literal_separator(true)
        .build()
        .map_err(|_| FilterError::Glob(value.to_owned()))?
        .compile_matcher();
    Ok(Term { key, without, text: value.to_owned(), glob })
}

#[cfg(test)]
mod tests {
    use adapters::event::Person;
    use proptest::prelude::*;

    use super::*;
    use crate::store::testing;

    fn admits(filter: &str) -> bool {
        let run = Run {
            workflow: "Nightly build".into(),
            author: Person { login: "renovate[bot]".into(), bot: true, ..Person::default() },
            ..testing::run(1, None)
        };
        let subject = Subject {
            run: &run,
            category: "test_failure",
            owner: "code",
            owners: &["@Acme/db".to_owned()],
            files: &["src/ledger/post.rs".to_owned(), "README.md".to_owned()],
        };
        Filter::parse(filter).unwrap().admits(&subject)
    }

    #[test]
    fn every_key_narrows() {
        for wanted in [
            "acme/payments",
            "payments",
            "ACME/Pay*",
            "acme/*",
            "pay* branch:main",
            "branch:main,release/*",
            "workflow:nightly*",
            "path:src/ledger/",
            "path:*.md",
            "path:src/**",
            "category:test_failure,network",
            "category:test_*",
            "owner:code",
            "owner:@acme/db",
            "actor:bots",
            "actor:renovate*",
            "payments web-shop",
            "acme/* -acme/web-shop",
            "-branch:release/*",
            "`acme/payments`",
        ] {
            assert!(admits(wanted), "{wanted}");
        }
        for unwanted in [
            "acme/web-shop",
            "acme",
            "*/web-shop",
            "branch:release/*",
            "branch:main -branch:m*",
            "path:docs/",
            "path:src/*",
            "category:network",
            "owner:infra",
            "actor:mona",
            "acme/* -actor:bots",
            "acme/* !payments",
            "payments -workflow:nightly*",
        ] {
            assert!(!admits(unwanted), "{unwanted}");
        }
    }

    #[test]
    fn the_same_filter_reads_alike_however_it_is_typed() {
        let shown = |text: &str| Filter::parse(text).unwrap().to_string();
        assert_eq!(shown("acme/payments"), "acme/payments");
        assert_eq!(shown("-actor:bots  Branch:Main ACME/*"), "acme/* branch:main -actor:bots");
        assert_eq!(shown("b/* a/*"), shown("a/*,b/*,a/*"));
        assert!(Filter::parse("payments branch:*").unwrap().names_one_repo());
        assert!(!Filter::parse("pay*").unwrap().names_one_repo());
        assert!(!Filter::parse("branch:main").unwrap().names_one_repo());
    }

    #[test]
    fn what_cannot_be_read_says_what_could() {
        let said = |text: &str| Filter::parse(text).unwrap_err().to_string();
        insta::assert_snapshot!(
            [said(""), said("repo:"), said("label:urgent"), said("category:flake"), said("acme/[")].join("\n"),
            @r"
        name at least a repository, for example `payments` or `acme/*`
        name at least a repository, for example `payments` or `acme/*`
        I don't know `label:`; there is repo, branch, workflow, path, actor, category and owner
        there is no category `flake`; a failure message names its category, for example `test_failure`
        `acme/[` is no pattern: use `*` for any part of a name and `**` across slashes
        "
        );
        assert_eq!(Filter::parse(&"a".repeat(301)).unwrap_err(), FilterError::TooLong);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_reads_back(text in "\\PC{0,80}") {
            if let Ok(filter) = Filter::parse(&text) {
                let shown = filter.to_string();
                prop_assert_eq!(Filter::parse(&shown).map(|again| again.to_string()), Ok(shown));
            }
        }
    }
}
