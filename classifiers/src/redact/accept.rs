//! The last word about a place that looks like a secret.

use super::kind::Found;

pub(super) fn always(_: &Found<'_, '_>) -> bool {
    true
}

/// Words have no digits.
pub(super) fn has_digit(found: &Found<'_, '_>) -> bool {
    found.secret().bytes().any(|byte| byte.is_ascii_digit())
}

/// Random letters: both cases and digits, as no word and no hash has them.
pub(super) fn is_mixed(found: &Found<'_, '_>) -> bool {
    mixed(found.secret())
}

pub(super) fn mixed(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_lowercase())
        && value.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Not a place-holder.
pub(super) fn is_value(found: &Found<'_, '_>) -> bool {
    !is_placeholder(found.secret())
}

/// `***`, `$TOKEN`, `<token>`, `{{ token }}`, `xxxx`, `your-token`: something that stands for a secret.
pub(super) fn is_placeholder(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'', '\\']);
    let first = value.chars().next();
    value.is_empty()
        || value.starts_with(['*', '<', '{', '%', '[', '(', '`', '…', '•'])
        || (first == Some('$') && !is_crypt(value))
        || value.contains("***")
        || value.contains("${")
        || value.contains("...")
        || (value.len() >= 3 && value.chars().all(|c| Some(c) == first))
        || value.chars().all(|c| matches!(c, 'x' | 'X' | '-'))
        || ["your-", "your_", "redacted", "masked", "hidden", "example-"]
            .iter()
            .any(|start| value.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start)))
}

/// `$6$salt$…`: a hashed password, which is a secret although it begins like a variable.
fn is_crypt(value: &str) -> bool {
    value.as_bytes().get(1).is_some_and(u8::is_ascii_digit) && value[1..].contains('$')
}

/// How unpredictable the characters are, in bits each.
pub(super) fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = value.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

/// A run of letters and digits that nobody would think of: what hashes in a cache's key are not.
pub(super) fn is_random(value: &str) -> bool {
    value
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '+' && c != '/')
        .any(|run| run.len() >= 20 && mixed(run) && entropy(run) >= 3.7)
}
