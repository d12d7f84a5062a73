//! Private keys in their frames, and lines of them that lost it.

use super::{
    accept::{always, entropy},
    kind::{Found, shapes},
};

shapes! {
    /// Blocks first, because what is in them looks like all sorts of other things.
    KEYS:
    "private_key", ["PRIVATE KEY"], always, r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:(?su:.*?)-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|(?:(?:\\[rn]|[ \t\r\n>|+])*(?:[A-Za-z0-9+/=]{16,}|(?:Proc-Type|DEK-Info|Version|Comment|Hash): [ -~]*))*)";
    "private_key", ["SSH2 ENCRYPTED PRIVATE KEY"], always, r"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----(?su:.*?)(?:---- END SSH2 ENCRYPTED PRIVATE KEY ----|\z)";
    "private_key", ["Private-Lines:"], always, r"Private-Lines: [0-9]+(?P<secret>(?:[\r\n]+[A-Za-z0-9+/=]{16,})+)";
    "age_key", ["AGE-SECRET-KEY-"], always, r"AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{50,}";
    "private_key", [], is_key_line, r"(?m)^[ \t]*(?P<secret>[A-Za-z0-9+/]{64,76}={0,2})[ \t\r]*$";
}

/// One line of a key block that lost its frame: long base64 in which all sorts of characters are mixed.
fn is_key_line(found: &Found<'_, '_>) -> bool {
    let value = found.secret();
    let bytes = value.as_bytes();
    bytes.iter().any(u8::is_ascii_lowercase)
        && bytes.iter().any(u8::is_ascii_uppercase)
        && bytes.iter().any(u8::is_ascii_digit)
        && bytes.iter().any(|byte| matches!(byte, b'+' | b'/' | b'='))
        && !value.starts_with('/')
        && entropy(value) >= 4.6
}
