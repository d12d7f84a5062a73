//! Who owns what: one module a source.

pub mod codeowners;
