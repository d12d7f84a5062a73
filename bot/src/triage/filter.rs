//! What a subscription wants to hear of: `payments branch:main,release/* -actor:bots category:test_failure`.
//!
//! Terms are `key:glob,glob`; a term without a key is a repository; a minus in front leaves out what fits. Of each key that
//! is named one glob must fit, and nothing that is left out may. `failures`, `fixed`, `flaky` and `all` say which news are
//! wanted of what fits: failures, unless something else is said.

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
    Label,
}

const KEYS: [(Key, &str); 8] = [
    (Key::Repo, "repo"),
    (Key::Branch, "branch"),
    (Key::Workflow, "workflow"),
    (Key::Path, "path"),
    (Key::Actor, "actor"),
    (Key::Category, "category"),
    (Key::Owner, "owner"),
    (Key::Label, "label"),
];

/// Which news are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct News {
    /// What breaks.
    failures: bool,
    /// What is green again, whether or not its failure was told.
    fixed: bool,
    /// What comes and goes on the same code.
    flaky: bool,
}

impl News {
    const NONE: Self = Self { failures: false, fixed: false, flaky: false };
    const FAILURES: Self = Self { failures: true, ..Self::NONE };
    const ALL: Self = Self { failures: true, fixed: true, flaky: true };

    /// The news that a word without a key stands for, if all of it does.
    fn of(word: &str) -> Option<Self> {
        let mut news = Self::NONE;
        for part in word.split(',').filter(|part| !part.is_empty()) {
            match part {
                "failures" => news.failures = true,
                "fixed" | "fixes" => news.fixed = true,
                "flaky" => news.flaky = true,
                "all" => news = Self::ALL,
                _ => return None,
            }
        }
        (news != Self::NONE).then_some(news)
    }

    fn and(self, other: Self) -> Self {
        Self {
            failures: self.failures || other.failures,
            fixed: self.fixed || other.fixed,
            flaky: self.flaky || other.flaky,
        }
    }

    /// As it is written; nothing for what is meant if nothing is said.
    fn words(self) -> String {
        let words = [(self.failures, "failures"), (self.fixed, "fixed"), (self.flaky, "flaky")];
        match self {
            Self::FAILURES | Self::NONE => String::new(),
            Self::ALL => "all".to_owned(),
            _ => words.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect::<Vec<_>>().join(","),
        }
    }
}

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
    news: News,
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
    #[error("I don't know `{0}:`; there is repo, branch, workflow, path, actor, category, owner and label")]
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
    /// Labels of its pull request; `None` while they are not known.
    pub labels: Option<&'a [String]>,
    /// Whether it is green again.
    pub fixed: bool,
    /// Whether it is known to come and go on the same code.
    pub flaky: bool,
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
        let mut news = News::NONE;
        // Backticks are how code is written in chat, and no part of any name.
        for word in text.to_lowercase().replace('`', "").split_whitespace() {
            let (without, word) = match word.strip_prefix('-').or_else(|| word.strip_prefix('!')) {
                Some(rest) => (true, rest),
                None => (false, word),
            };
            if let Some(further) = News::of(word).filter(|_| !without) {
                news = news.and(further);
                continue;
            }
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
            1..=MOST_TERMS => {
                Ok(Self { terms, news: if news == News::NONE { News::FAILURES } else { news } })
            }
            _ => Err(FilterError::TooLong),
        }
    }

    /// Whether this news of a failure are wanted: that it broke, or that it is green again.
    pub fn admits(&self, subject: &Subject<'_>) -> bool {
        let wanted = if subject.fixed { self.news.fixed } else { self.news.failures };
        (wanted || (self.news.flaky && subject.flaky)) && self.fits(subject)
    }

    /// Whether it would have been posted at any time of its life up to now.
    pub fn would_admit(&self, subject: &Subject<'_>) -> bool {
        self.admits(subject) || self.admits(&Subject { fixed: false, ..*subject })
    }

    /// Whether the labels of pull requests are asked for.
    pub fn names_labels(&self) -> bool {
        self.terms.iter().any(|term| term.key == Key::Label)
    }

    /// Whether nothing but repositories, branches and workflows are named.
    pub fn names_pipelines_only(&self) -> bool {
        let narrows = |term: &Term| matches!(term.key, Key::Repo | Key::Branch | Key::Workflow);
        self.news == News::FAILURES && self.terms.iter().all(narrows)
    }

    /// Whether failures that fit are wanted, as far as the pipeline tells.
    fn fits(&self, subject: &Subject<'_>) -> bool {
        if subject.labels.is_none() && self.names_labels() {
            // Nobody knows yet. It is asked again once they are known.
            return false;
        }
        KEYS.iter().all(|(key, _)| {
            let fits = |term: &&Term| term.fits(subject);
            let mut wanted = self.terms.iter().filter(|term| term.key == *key && !term.without).peekable();
            let mut unwanted = self.terms.iter().filter(|term| term.key == *key && term.without);
            (wanted.peek().is_none() || wanted.any(|term| fits(&term))) && !unwanted.any(|term| fits(&term))
        })
    }

    /// Whether a pipeline is meant, where nothing else is named.
    pub fn admits_pipeline(&self, repo: &str, branch: &str, workflow: &str) -> bool {
        let branch = branch.to_lowercase();
        let workflow = workflow.to_lowercase();
        let fits = |term: &Term| match term.key {
            Key::Branch => term.glob.is_match(&branch),
            Key::Workflow => term.glob.is_match(&workflow),
            _ => term.fits_repo(repo),
        };
        [Key::Repo, Key::Branch, Key::Workflow].into_iter().all(|key| {
            let mut wanted = self.terms.iter().filter(|term| term.key == key && !term.without).peekable();
            let mut unwanted = self.terms.iter().filter(|term| term.key == key && term.without);
            (wanted.peek().is_none() || wanted.any(fits)) && !unwanted.any(fits)
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
                let values = values.join(",");
                let is_plain = key == Key::Repo && (without || !is_reserved(&values));
                let name = if is_plain { String::new() } else { format!("{name}:") };
                write!(f, "{minus}{name}{values}")?;
            }
        }
        let news = self.news.words();
        if news.is_empty() { Ok(()) } else { write!(f, " {news}") }
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
            Key::Label => subject.labels.unwrap_or_default().iter().any(|label| is(label)),
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

/// Whether a word without a key would be read as something else than a repository.
fn is_reserved(word: &str) -> bool {
    News::of(word).is_some() || word == "flakiest"
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
            labels: Some(&["Urgent".to_owned()]),
            fixed: false,
            flaky: false,
        };
        Filter::parse(filter).unwrap().admits(&subject)
    }

    #[test]
    fn news_are_failures_unless_something_else_is_said() {
        let run = testing::run(1, None);
        let told = |filter: &str| -> Vec<&str> {
            let filter = Filter::parse(filter).unwrap();
            [
                ("broke", false, false),
                ("broke, flaky", false, true),
                ("fixed", true, false),
                ("fixed, flaky", true, true),
            ]
            .into_iter()
            .filter(|(_, fixed, flaky)| {
                let subject = Subject {
                    run: &run,
                    category: "network",
                    owner: "infra",
                    owners: &[],
                    files: &[],
                    labels: None,
                    fixed: *fixed,
                    flaky: *flaky,
                };
                filter.admits(&subject)
            })
            .map(|(news, ..)| news)
            .collect()
        };
        assert_eq!(told("payments"), ["broke", "broke, flaky"]);
        assert_eq!(told("payments failures"), ["broke", "broke, flaky"]);
        assert_eq!(told("payments fixed"), ["fixed", "fixed, flaky"]);
        assert_eq!(told("payments failures,fixed"), ["broke", "broke, flaky", "fixed", "fixed, flaky"]);
        assert_eq!(told("payments flaky"), ["broke, flaky", "fixed, flaky"]);
        assert_eq!(told("payments all").len(), 4);
        assert_eq!(told("payments label:urgent"), [""; 0], "labels are not known yet");
        assert_eq!(told("payments -label:urgent"), [""; 0], "nor that it has none of them");
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
            "label:urgent",
            "payments -label:docs all",
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
            "label:docs",
            "payments -label:urg*",
            "payments fixed",
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
        assert_eq!(shown("fixed,failures payments"), "payments failures,fixed");
        assert_eq!(shown("payments failures"), "payments");
        assert_eq!(shown("repo:all fixed"), "repo:all fixed", "a repository may be called so");
        assert_eq!(shown("x,`{}"), "x,{}");
        assert_eq!(shown("payments flaky fixed failures"), "payments all");
        assert!(Filter::parse("payments branch:*").unwrap().names_one_repo());
        assert!(!Filter::parse("pay*").unwrap().names_one_repo());
        assert!(!Filter::parse("branch:main").unwrap().names_one_repo());
    }

    #[test]
    fn what_cannot_be_read_says_what_could() {
        let said = |text: &str| Filter::parse(text).unwrap_err().to_string();
        insta::assert_snapshot!(
            [said(""), said("repo:"), said("lable:urgent"), said("category:flake"), said("acme/[")].join("\n"),
            @r"
        name at least a repository, for example `payments` or `acme/*`
        name at least a repository, for example `payments` or `acme/*`
        I don't know `lable:`; there is repo, branch, workflow, path, actor, category, owner and label
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
