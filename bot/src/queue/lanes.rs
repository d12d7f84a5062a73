//! Which lanes a worker works on, so that slow work of one kind cannot take the workers of all others.

use crate::store::column::clean;

/// A part of all lanes. Parts are told by how the lanes' names begin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Lanes {
    /// All jobs.
    #[default]
    All,
    /// The lanes whose names begin so.
    Of(String),
    /// Everything but the lanes whose names begin so, and all that is on no lane.
    AllBut(Vec<String>),
}

impl Lanes {
    /// A condition on `j.lane`, with placeholders from `$first` on for [`Lanes::values`]. Beginnings are cut out rather than
    /// compared as a range, because databases sort by their own alphabets.
    pub(super) fn condition(&self, first: usize) -> String {
        let begins = |(index, prefix): (usize, &String)| {
            format!("substr(j.lane, 1, {}) = ${}", prefix.chars().count(), first + index)
        };
        match self {
            Self::All => String::new(),
            Self::Of(prefix) => format!("AND {}", begins((0, prefix))),
            Self::AllBut(prefixes) if prefixes.is_empty() => String::new(),
            Self::AllBut(prefixes) => {
                let any: Vec<String> = prefixes.iter().enumerate().map(begins).collect();
                format!("AND (j.lane IS NULL OR NOT ({}))", any.join(" OR "))
            }
        }
    }

    /// What the placeholders stand for.
    pub(super) fn values(&self) -> impl Iterator<Item = String> + '_ {
        let prefixes = match self {
            Self::All => &[][..],
            Self::Of(prefix) => std::slice::from_ref(prefix),
            Self::AllBut(prefixes) => prefixes,
        };
        prefixes.iter().map(|prefix| clean(prefix).into_owned())
    }
}
