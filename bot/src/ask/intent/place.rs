//! Which repository, branch and workflow a question names.

use super::{Known, Place};

pattern!(
    REPO_PLACE,
    r"\b(?:of|in|for|did|does|is|was|owns|own|maintains)\s+(?:the\s+)?`?([a-z][\w.-]*(?:/[\w.-]+)?)`?"
);
pattern!(BRANCH_PLACE, r"\b(?:on|branch)\s+`?([a-z][\w./-]*)`?");
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
    "and",
    "not",
    "so",
    "now",
    "yesterday",
    "hour",
    "hours",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "past",
    "failure",
    "failed",
    "log",
    "logs",
    "code",
    "file",
    "change",
    "changes",
    "commit",
    "flaky",
    "flake",
    "known",
    "green",
    "passing",
    "deploys",
    "deploy",
    "deployment",
    "deployments",
    "production",
    "prod",
    "staging",
    "one",
    "them",
    "these",
    "those",
    "you",
    "we",
    "i",
    "us",
    "me",
    "responsible",
    "wrong",
    "going",
    "different",
    "new",
    "merged",
    "anything",
    "something",
    "anyone",
    "anybody",
    "someone",
    "somebody",
    "still",
    "happening",
    "happened",
    "error",
    "errors",
    "any",
    "broke",
    "break",
    "line",
    "lines",
    "pull",
    "request",
    "pr",
    "branch",
    "repo",
    "repository",
    "team",
    "open",
    "who",
    "what",
    "which",
    "re-run",
    "rerun",
    "retry",
    "help",
    "to",
    "up",
];

/// Reads it.
pub(super) fn place(question: &str, known: &Known) -> Place {
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
    let unknown_repo = repos
        .is_empty()
        .then(|| unknown_repo(&lower, branch.as_deref(), workflow.as_deref()))
        .flatten()
        .or_else(|| unknown_branch(&lower, known).filter(|_| branch.is_none()));
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

/// A word behind "on" that can only be a branch: it has a slash or a number in it.
fn unknown_branch(lower: &str, known: &Known) -> Option<String> {
    BRANCH_PLACE
        .captures_iter(lower)
        .map(|found| found[1].trim_end_matches(['.', '-']).to_owned())
        .find(|word| word.contains(|letter: char| letter == '/' || letter.is_ascii_digit()))
        .filter(|word| !known.repos.iter().any(|repo| repo.eq_ignore_ascii_case(word)))
}

fn unknown_repo(lower: &str, branch: Option<&str>, workflow: Option<&str>) -> Option<String> {
    REPO_PLACE
        .captures_iter(lower)
        .map(|found| found[1].trim_end_matches(['.', '-']).to_owned())
        .filter(|word| !NOT_REPOS.contains(&word.as_str()))
        .filter(|word| !branch.is_some_and(|branch| branch.eq_ignore_ascii_case(word)))
        .filter(|word| !workflow.is_some_and(|workflow| contains_phrase(&workflow.to_lowercase(), word)))
        .last()
}

pattern!(
    PATH,
    r"(?:^|[\s`'\x22])((?:\.?[\w@*-][\w.@*-]*/)+[\w.@*-]*|[\w-]+\.(?:rs|py|js|ts|tsx|jsx|go|java|kt|rb|php|cs|c|h|cc|cpp|hpp|swift|scala|toml|json|ya?ml|tf|sql|sh|md|gradle|xml|lock|txt)|dockerfile|makefile|jenkinsfile)(?:$|[\s`'\x22?,:])"
);

/// The file or folder that a question in lower case names, if it is none of the repositories.
pub(super) fn path(lower: &str, known: &Known) -> Option<String> {
    PATH.captures_iter(lower)
        .map(|found| found[1].to_owned())
        .find(|path| !known.repos.iter().any(|repo| repo.eq_ignore_ascii_case(path)))
        .filter(|path| !known.branches.iter().any(|branch| branch.eq_ignore_ascii_case(path)))
}
