//! What the words of the marked lines say: the kind of failure, whose move it is, an id and a priority.

use super::Wish;
use crate::{
    Classifier,
    category::{Category, Owner},
    diagnosis::Hints,
};

/// Words in which tools say that something is wrong.
const TELLING: [&str; 24] = [
    "error",
    "fatal",
    "failed",
    "failure",
    "cannot",
    "could",
    "unable",
    "denied",
    "refused",
    "rejected",
    "invalid",
    "missing",
    "not",
    "exceeded",
    "expired",
    "timeout",
    "timed",
    "aborted",
    "exception",
    "panic",
    "violation",
    "forbidden",
    "blocked",
    "mismatch",
];

/// Texts that show a kind of failure; the first that is there counts.
const KINDS: [(&str, Category); 27] = [
    ("out of memory", Category::OutOfMemory),
    ("no space left", Category::DiskFull),
    ("certificate", Category::Tls),
    ("rate limit", Category::RateLimit),
    ("too many requests", Category::RateLimit),
    ("resolve host", Category::Dns),
    ("name resolution", Category::Dns),
    ("timed out", Category::Timeout),
    ("timeout", Category::Timeout),
    ("permission denied", Category::AuthPermission),
    ("unauthorized", Category::AuthPermission),
    ("forbidden", Category::AuthPermission),
    ("access denied", Category::AuthPermission),
    ("credential", Category::AuthPermission),
    ("connection", Category::Network),
    ("segmentation fault", Category::CrashSegfault),
    ("vulnerab", Category::SecurityScan),
    ("coverage", Category::CodeCoverageGate),
    ("policy", Category::PolicyGate),
    ("approval", Category::PolicyGate),
    ("gate", Category::PolicyGate),
    ("release", Category::ReleasePublish),
    ("sign", Category::ReleasePublish),
    ("assert", Category::TestFailure),
    ("command not found", Category::MissingToolOrFile),
    ("no such file", Category::MissingToolOrFile),
    ("config", Category::ConfigSyntax),
];

/// How many of the words say that something is wrong.
pub(super) fn tells(words: &[String]) -> usize {
    words.iter().filter(|word| TELLING.contains(&word.as_str())).count()
}

/// Category, owner, and why.
pub(super) fn kind(wish: &Wish, lines: &[&str]) -> (Category, Owner, String) {
    if let Some(category) = wish.category {
        return (category, wish.owner.unwrap_or_else(|| owner(category)), "as you said".to_owned());
    }
    let text = lines.join("\n");
    let hints = Hints { conclusion_failed: Some(true), ..Hints::default() };
    let known = Classifier::builtin().ok().and_then(|builtin| builtin.read(text.as_bytes(), hints).ok());
    if let Some(known) = known.filter(|known| known.category != Category::Unknown) {
        let why = format!("guessed: `{}` holds on these lines too", known.rule.unwrap_or_default());
        return (known.category, wish.owner.unwrap_or(known.owner), why);
    }
    let text = text.to_lowercase();
    match KINDS.iter().find(|(sign, _)| text.contains(sign)) {
        Some((sign, category)) => {
            (*category, wish.owner.unwrap_or_else(|| owner(*category)), format!("guessed from \"{sign}\""))
        }
        None => (
            Category::Unknown,
            wish.owner.unwrap_or(Owner::Unknown),
            "left for you: what kind of failure is it?".to_owned(),
        ),
    }
}

/// Whose move a kind of failure mostly is.
fn owner(category: Category) -> Owner {
    use Category as C;
    match category {
        C::CompileError
        | C::TestFailure
        | C::LintFormat
        | C::TypeCheck
        | C::CodeCoverageGate
        | C::CrashSegfault
        | C::MergeConflictGit
        | C::DockerBuild => Owner::Code,
        C::FlakyTest => Owner::Flaky,
        C::DependencyResolution => Owner::Dependency,
        C::SecurityScan => Owner::Security,
        C::PolicyGate => Owner::Policy,
        C::AuthPermission
        | C::ConfigSyntax
        | C::MissingToolOrFile
        | C::TerraformIac
        | C::K8sDeploy
        | C::ReleasePublish => Owner::Config,
        C::Unknown | C::None | C::Cancelled => Owner::Unknown,
        _ => Owner::Infra,
    }
}

/// An id of the first telling words.
pub(super) fn id(words: &[String]) -> String {
    let good = words.iter().filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()));
    let good: Vec<&str> = good.filter(|word| word.len() >= 4).map(String::as_str).take(3).collect();
    if good.is_empty() { "team.draft".to_owned() } else { format!("team.{}", good.join("-")) }
}

/// A code of the tool's own is specific, a few common words are not.
pub(super) fn priority(line: &str, words: &[String]) -> u8 {
    let coded = |word: &str| {
        word.starts_with(|letter: char| letter.is_ascii_uppercase())
            && word.bytes().filter(u8::is_ascii_digit).count() >= 2
    };
    if line.split(|letter: char| !letter.is_ascii_alphanumeric()).any(coded) {
        return 80;
    }
    if words.len() >= 3 { 60 } else { 40 }
}
