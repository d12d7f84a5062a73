//! The crate as a whole: the built-in packs, the fixtures, and input of any kind.

mod fixtures;
mod green;
mod input;
mod packs;
