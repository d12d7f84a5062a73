//! Secrets: named in configuration by reference, held so that nothing prints them.

use std::fmt;

use zeroize::Zeroizing;

/// A secret value. Its debug and display output is `[secret]`; the memory is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the value in.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value itself: for the one call that needs it, never for a message or a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Reads a reference: `env:NAME` or `file:/path` (one trailing newline is dropped). The error says what to write
    /// instead and never repeats the text, which may be a secret pasted in the wrong place.
    pub fn from_reference(reference: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let value = if let Some(name) = reference.strip_prefix("env:") {
            env(name).ok_or_else(|| {
                format!("the environment variable {name} is not set: set it, or name another")
            })?
        } else if let Some(path) = reference.strip_prefix("file:") {
            std::fs::read_to_string(path).map_err(|error| {
                format!("the file {path} cannot be read ({error}): create it, or name another")
            })?
        } else {
            return Err("a secret is written as a reference, `env:NAME` or `file:/path`, never as its value"
                .to_owned());
        };
        let value = value.strip_suffix('\n').unwrap_or(&value);
        let value = value.strip_suffix('\r').unwrap_or(value);
        if value.is_empty() {
            return Err("the reference leads to an empty value".to_owned());
        }
        Ok(Self::new(value))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_and_values_are_refused() {
        let env = |name: &str| (name == "TOKEN").then(|| "abc\n".to_owned());
        assert_eq!(Secret::from_reference("env:TOKEN", &env).unwrap().reveal(), "abc");
        assert!(Secret::from_reference("env:MISSING", &env).unwrap_err().contains("MISSING"));
        let error = Secret::from_reference("xoxb-pasted-by-mistake", &env).unwrap_err();
        assert!(!error.contains("pasted"), "{error}");
    }

    #[test]
    fn debug_output_hides_the_value() {
        assert_eq!(format!("{:?}", Secret::new("abc")), "[secret]");
    }
}
