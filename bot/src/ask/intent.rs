//! What a question means: a small grammar over the words that we know.
//!
//! Deterministic on purpose. Repositories, branches and workflows are recognised because we have seen them, not because
//! of where they stand in the sentence, so "why did main of payments fail" and "payments main red?" mean the same.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

/// Names that have reached us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// `owner/name`.
    pub repos: Vec<String>,
    /// Branch names.
    pub branches: Vec<String>,
    /// Workflow names.
    pub workflows: Vec<String>,
    /// Those of the repositories that are private.
    pub private: BTreeSet<String>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Why something is red.
    WhyFailed(Place),
    /// What is red now.
    BrokenNow {
        /// Only in these repositories; empty for all.
        repos: Vec<String>,
    },
    /// Whether something was seen before.
    Seen {
        /// What to look for.
        text: String,
    },
    /// Post failures here.
    Subscribe {
        /// `owner/name` glob.
        filter: String,
    },
    /// Stop posting them.
    Unsubscribe {
        /// `owner/name` glob.
        filter: String,
    },
    /// What one can ask.
    Help,
    /// Anything else: looked up in the runbooks.
    Knowledge {
        /// The question as asked.
        question: String,
    },
}

/// Which pipeline is meant, as far as the question says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Every known repository that the words fit; more than one means: ask back.
    pub repos: Vec<String>,
    /// A word that stands where a repository would, and is none that we know.
    pub unknown_repo: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// The workflow.
    pub workflow: Option<String>,
}

/// Longest question that is read; chat messages can be far longer.
const MAX_QUESTION_CHARACTERS: usize = 1000;

macro_rules! pattern {
    ($name:ident, $text:expr) => {
        static $name: LazyLock<Regex> =
            LazyLock::new(|| Regex::new($text).expect("the expression is a valid constant"));
    };
}

pattern!(HELP, r"(?i)^\W*(help|hi|hello|what can (i|you) (ask|do).*|\?)?\W*$");
pattern!(SUBSCRIBE, r"(?i)^\W*subscribe\s+(?:to\s+)?`?([\w.*-]+/[\w.*-]+)`?\W*$");
pattern!(UNSUBSCRIBE, r"(?i)^\W*unsubscribe\s+(?:from\s+)?`?([\w.*-]+/[\w.*-]+)`?\W*$");
pattern!(
    SEEN,
    r"(?i)\b(?:has|have)\s+(?:any(?:one|body)|we|you)\b.*?\b(?:seen|had|met|hit)\s+(?:the\s+error\s+|an?\s+)?(.+?)(?:\s+before)?\s*\?*\s*$"
);
pattern!(SEEN_QUOTED, r"(?i)\b(?:seen|known|before)\b.*?[`“\x22]([^`”\x22]{3,})[`”\x22]");
pattern!(
    BROKEN,
    r"(?i)\bwhat(?:'s|’s|\s+is|\s+are|\s+else\s+is)?\b[^?]*\b(?:broken|red|failing|down)\b|\bwhat\s+(?:broke|failed)\b|\banything\s+(?:broken|red|failing)\b|\bstatus\b"
);
pattern!(
    FAILED,
    r"(?i)\b(?:fail(?:s|ed|ing|ure)?|broke(?:n)?|break(?:s|ing)?|red|crash(?:ed|es)?|not\s+green|die[sd]?)\b"
);
pattern!(
    WHY,
    r"(?i)\bwhy\b|\bhow\s+come\b|\bwhat(?:'s|’s|\s+is)?\s+(?:wrong|up|happened)\b|\bwhat\s+(?:made|caused)\b|\bexplain\b|\breason\b|\bcause\b"
);
pattern!(HOW_TO, r"(?i)^\W*(?:how\s+(?:do|can|to|should)|where\s+(?:do|can|is)|what\s+should)\b");
pattern!(REPO_PLACE, r"(?i)\b(?:of|in|for|did|does|is|was)\s+`?([a-z][\w.-]*(?:/[\w.-]+)?)`?");
pattern!(WORD, r"[\w][\w./-]*[\w]|\w");

/// Words that stand where a repository would and never are one.
const NOT_REPOS: &[&str] = &[
    "it",
    "this",
    "that",
    "the",
    "our",
    "my",
    "a",
    "an",
    "ci",
    "build",
    "builds",
    "pipeline",
    "job",
    "jobs",
    "tests",
    "test",
    "run",
    "workflow",
    "last",
    "latest",
    "main",
    "master",
    "today",
    "everything",
    "everyone",
    "fail",
    "failing",
    "red",
    "broken",
    "here",
    "there",
    "all",
    "on",
    "in",
];

impl Intent {
    /// What a question means, seen with what is known.
    pub fn of(question: &str, known: &Known) -> Intent {
        read(question, known)
    }
}

/// Reads a question.
fn read(question: &str, known: &Known) -> Intent {
    let question: String = question.chars().take(MAX_QUESTION_CHARACTERS).collect();
    let question = question.trim();
    if HELP.is_match(question) {
        return Intent::Help;
    }
    if let Some(found) = SUBSCRIBE.captures(question) {
        return Intent::Subscribe { filter: found[1].to_lowercase() };
    }
    if let Some(found) = UNSUBSCRIBE.captures(question) {
        return Intent::Unsubscribe { filter: found[1].to_lowercase() };
    }
    if let Some(found) = SEEN_QUOTED.captures(question).or_else(|| SEEN.captures(question)) {
        return Intent::Seen { text: found[1].trim_matches(['`', '"', '“', '”', ' ', '?']).to_owned() };
    }
    let place = place(question, known);
    if HOW_TO.is_match(question) {
        return Intent::Knowledge { question: question.to_owned() };
    }
    let why = WHY.is_match(question);
    let failed = FAILED.is_match(question);
    if BROKEN.is_match(question) && !why {
        return Intent::BrokenNow { repos: place.repos };
    }
    let named = !place.repos.is_empty() || place.branch.is_some();
    if (why && (failed || named)) || (failed && named && question.split_whitespace().count() <= 8) {
        return Intent::WhyFailed(place);
    }
    Intent::Knowledge { question: question.to_owned() }
}

fn place(question: &str, known: &Known) -> Place {
    let lower = question.to_lowercase();
    let words: Vec<&str> = WORD.find_iter(&lower).map(|word| word.as_str()).collect();
    let is_word = |name: &str| words.contains(&name);

    let full: Vec<String> =
        known.repos.iter().filter(|repo| is_word(&repo.to_lowercase())).cloned().collect();
    let repos = if full.is_empty() {
        known
            .repos
            .iter()
            .filter(|repo| repo.rsplit('/').next().is_some_and(|short| is_word(&short.to_lowercase())))
            .cloned()
            .collect()
    } else {
        full
    };
    let short_names: Vec<String> =
        repos.iter().filter_map(|repo| repo.rsplit('/').next()).map(str::to_lowercase).collect();
    // A repository may be called like a branch: the longest known branch that is not the repository's own name wins.
    let branch = known
        .branches
        .iter()
        .filter(|branch| !branch.is_empty() && is_word(&branch.to_lowercase()))
        .filter(|branch| !short_names.contains(&branch.to_lowercase()))
        .max_by_key(|branch| branch.len())
        .cloned();
    let workflow = known
        .workflows
        .iter()
        .filter(|workflow| contains_phrase(&lower, &workflow.to_lowercase()))
        .filter(|workflow| !short_names.contains(&workflow.to_lowercase()))
        .max_by_key(|workflow| workflow.len())
        .cloned();
    let unknown_repo =
        repos.is_empty().then(|| unknown_repo(&lower, branch.as_deref(), workflow.as_deref())).flatten();
    Place { repos, unknown_repo, branch, workflow }
}

fn contains_phrase(text: &str, phrase: &str) -> bool {
    !phrase.is_empty()
        && text.match_indices(phrase).any(|(start, _)| {
            let before = text[..start].chars().next_back();
            let after = text[start + phrase.len()..].chars().next();
            ![before, after].into_iter().flatten().any(char::is_alphanumeric)
        })
}

fn unknown_repo(lower: &str, branch: Option<&str>, workflow: Option<&str>) -> Option<String> {
    REPO_PLACE
        .captures_iter(lower)
        .map(|found| found[1].trim_end_matches(['.', '-']).to_owned())
        .filter(|word| !NOT_REPOS.contains(&word.as_str()))
        .filter(|word| !branch.is_some_and(|branch| branch.eq_ignore_ascii_case(word)))
        .filter(|word| !workflow.is_some_and(|workflow| workflow.eq_ignore_ascii_case(word)))
        .last()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known() -> Known {
        Known {
            repos: ["acme/payments", "acme/web-shop", "other/payments", "acme/infra"]
                .map(str::to_owned)
                .to_vec(),
            branches: ["main", "release/1.2", "fix-rounding"].map(str::to_owned).to_vec(),
            workflows: ["CI", "Nightly build", "deploy"].map(str::to_owned).to_vec(),
            private: BTreeSet::new(),
        }
    }

    fn said(question: &str) -> String {
        match read(question, &known()) {
            Intent::WhyFailed(place) => format!(
                "why {} @{} /{}{}",
                place.repos.join("+"),
                place.branch.unwrap_or_default(),
                place.workflow.unwrap_or_default(),
                place.unknown_repo.map(|word| format!(" ?{word}")).unwrap_or_default()
            ),
            Intent::BrokenNow { repos } => format!("broken {}", repos.join("+")),
            Intent::Seen { text } => format!("seen {text}"),
            Intent::Subscribe { filter } => format!("subscribe {filter}"),
            Intent::Unsubscribe { filter } => format!("unsubscribe {filter}"),
            Intent::Help => "help".to_owned(),
            Intent::Knowledge { .. } => "knowledge".to_owned(),
        }
    }

    #[test]
    fn phrasings() {
        let table = [
            "why did main of acme/payments fail?",
            "why did main of payments fail?",
            "Why is web-shop red",
            "why did the nightly build of infra break on release/1.2?",
            "what's wrong with web-shop main",
            "web-shop main failed?",
            "why did main of billing fail?",
            "why did it fail?",
            "explain the failure",
            "what is broken?",
            "what broke on main today",
            "is anything red in infra",
            "has anyone seen `ECONNRESET` in deploys?",
            "have we had E0308 before?",
            "how do I fix an npm ERESOLVE conflict?",
            "how do I rotate the staging certificate",
            "subscribe acme/payments",
            "subscribe to acme/*",
            "unsubscribe acme/payments",
            "help",
            "",
            "npm ERESOLVE",
            "why is the sky blue",
        ];
        let read: Vec<String> =
            table.iter().map(|question| format!("{question} → {}", said(question))).collect();
        insta::assert_snapshot!(read.join("\n"), @"
        why did main of acme/payments fail? → why acme/payments @main /
        why did main of payments fail? → why acme/payments+other/payments @main /
        Why is web-shop red → why acme/web-shop @ /
        why did the nightly build of infra break on release/1.2? → why acme/infra @release/1.2 /Nightly build
        what's wrong with web-shop main → why acme/web-shop @main /
        web-shop main failed? → why acme/web-shop @main /
        why did main of billing fail? → why  @main / ?billing
        why did it fail? → why  @ /
        explain the failure → why  @ /
        what is broken? → broken 
        what broke on main today → broken 
        is anything red in infra → broken acme/infra
        has anyone seen `ECONNRESET` in deploys? → seen ECONNRESET
        have we had E0308 before? → seen E0308
        how do I fix an npm ERESOLVE conflict? → knowledge
        how do I rotate the staging certificate → knowledge
        subscribe acme/payments → subscribe acme/payments
        subscribe to acme/* → subscribe acme/*
        unsubscribe acme/payments → unsubscribe acme/payments
        help → help
         → help
        npm ERESOLVE → knowledge
        why is the sky blue → knowledge
        ");
    }

    proptest! {
        #[test]
        fn any_words_are_read(question in "\\PC{0,200}") {
            read(&question, &known());
        }
    }
}
