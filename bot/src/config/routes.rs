//! `[[route]]`, `[owners.…]` and `[routing]`: who hears about what, where, and how loudly.

use std::collections::BTreeMap;

use adapters::params::Params;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Who hears about what.
#[derive(Debug, Clone, Default)]
pub struct Routing {
    /// In the order of the file; the first that matches wins, unless it says `also = true`.
    pub routes: Vec<Route>,
    /// CODEOWNERS team or person → where they hear of things.
    pub owners: BTreeMap<String, Vec<Target>>,
    /// CODEOWNERS team → groups of people in chat that are that team.
    pub groups: BTreeMap<String, Vec<Target>>,
    /// Where everything goes that nothing else matched.
    pub default: Vec<Target>,
}

/// One `[[route]]`.
#[derive(Debug, Clone)]
pub struct Route {
    /// `owner/name` globs; empty means any.
    pub repo: Globs,
    /// Branch globs; empty means any.
    pub branch: Globs,
    /// Workflow globs; empty means any.
    pub workflow: Globs,
    /// Category globs; empty means any.
    pub category: Globs,
    /// Where it goes; empty silences.
    pub to: Vec<Target>,
    /// Who is mentioned.
    pub mention: MentionPolicy,
    /// Whether later routes are looked at too.
    pub also: bool,
}

/// When the author is mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MentionPolicy {
    /// Only when it is their move.
    TheirMove,
    /// Never.
    Never,
}

/// A conversation on a surface: `slack:#payments`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Configured name of the surface.
    pub surface: String,
    /// The surface's name or id of the conversation.
    pub conversation: String,
}

/// Globs of which one must match; none at all match everything.
#[derive(Debug, Clone, Default)]
pub struct Globs(Option<GlobSet>);

impl Globs {
    /// Whether everything matches, because nothing was asked for.
    pub fn is_any(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the text matches.
    pub fn admits(&self, text: &str) -> bool {
        self.0.as_ref().is_none_or(|set| set.is_match(text))
    }
}

impl Target {
    /// Reads `surface:conversation`.
    pub fn parse(text: &str) -> Option<Self> {
        let (surface, conversation) = text.split_once(':')?;
        (!surface.is_empty() && !conversation.is_empty())
            .then(|| Self { surface: surface.to_owned(), conversation: conversation.to_owned() })
    }
}

pub(super) fn read(root: &Params, surfaces: &[&str]) -> Routing {
    let routes = root.list_of_tables("route").into_iter().map(|params| route(params, surfaces)).collect();
    let (mut owners, mut groups) = (BTreeMap::new(), BTreeMap::new());
    for params in root.tables("owners") {
        owners.insert(params.name().to_owned(), targets(&params, "to", surfaces));
        groups.insert(params.name().to_owned(), targets(&params, "groups", surfaces));
        params.finish();
    }
    let routing = root.table("routing");
    let default = targets(&routing, "default", surfaces);
    routing.finish();
    Routing { routes, owners, groups, default }
}

fn route(params: Params, surfaces: &[&str]) -> Route {
    let read = Route {
        repo: globs(&params, "repo"),
        branch: globs(&params, "branch"),
        workflow: globs(&params, "workflow"),
        category: globs(&params, "category"),
        to: targets(&params, "to", surfaces),
        mention: if params.choice("mention", &["their-move", "never"], "their-move") == "never" {
            MentionPolicy::Never
        } else {
            MentionPolicy::TheirMove
        },
        also: params.flag("also", false),
    };
    params.finish();
    read
}

pub(super) fn targets(params: &Params, key: &str, surfaces: &[&str]) -> Vec<Target> {
    params
        .texts(key)
        .iter()
        .filter_map(|text| match Target::parse(text) {
            Some(target) if surfaces.contains(&target.surface.as_str()) => Some(target),
            Some(target) => {
                params.fault(
                    key,
                    format!(
                        "`{}` is no configured surface: add `[chat.{0}]`, or use one of: {}",
                        target.surface,
                        surfaces.join(", ")
                    ),
                );
                None
            }
            None => {
                params.fault(
                    key,
                    format!("`{text}` is no conversation: write for example \"slack:#payments\""),
                );
                None
            }
        })
        .collect()
}

fn globs(params: &Params, key: &str) -> Globs {
    let patterns = params.texts(key);
    if patterns.is_empty() {
        return Globs::default();
    }
    let mut builder = GlobSetBuilder::new();
    for pattern in &patterns {
        // `acme/*` means the repositories of acme, so a star does not cross a slash; `**` does.
        match GlobBuilder::new(pattern).literal_separator(true).build() {
            Ok(glob) => {
                builder.add(glob);
            }
            Err(error) => params.fault(key, format!("`{pattern}` is not a glob: {error}")),
        }
    }
    match builder.build() {
        Ok(set) => Globs(Some(set)),
        Err(error) => {
            params.fault(key, format!("the globs cannot be used together: {error}"));
            Globs::default()
        }
    }
}
