//! The table of contents: one line for each adapter.
//!
//! The configuration names an adapter by its `kind`; without one, the table's own name is the kind (`[ci.github]`). What
//! `whyred systems` says is made from these lines.

use std::sync::Arc;

use crate::chat::{ChatSurface, console, discord, slack};
use crate::ci::{CiProvider, github, recorded};
use crate::params::Params;

/// What works with a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capability {
    /// It tells us what happens.
    Events,
    /// We read its logs.
    Logs,
    /// We can run things again.
    Rerun,
    /// It has rule packs of its own.
    Rules,
    /// We open and follow tickets.
    Tickets,
    /// We read its documents.
    Knowledge,
    /// It tells us who people are.
    Identity,
    /// It deploys.
    Deploy,
    /// We talk with people there.
    Chat,
}

impl Capability {
    /// The word for it in listings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Logs => "logs",
            Self::Rerun => "re-run",
            Self::Rules => "rules",
            Self::Tickets => "tickets",
            Self::Knowledge => "knowledge",
            Self::Identity => "identity",
            Self::Deploy => "deploy",
            Self::Chat => "chat",
        }
    }
}

/// One kind of adapter behind a seam.
pub struct Kind<T: ?Sized> {
    /// What configuration calls it.
    pub kind: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// What works.
    pub works: &'static [Capability],
    /// Makes it from its configuration table. Faults are noted there; then there is none.
    pub build: fn(&Params) -> Option<Arc<T>>,
}

use Capability::{Chat, Events, Logs, Rerun};

/// Continuous integration: `[ci.NAME]`.
pub const CI: &[Kind<dyn CiProvider>] = &[
    Kind {
        kind: "github",
        summary: "GitHub Actions and checks, on github.com and GitHub Enterprise Server",
        works: &[Events, Logs, Rerun],
        build: github::build,
    },
    Kind {
        kind: "recorded",
        summary: "a folder of recorded runs, for demos and trainings",
        works: &[Events, Logs, Rerun],
        build: recorded::build,
    },
];

/// Chat: `[chat.NAME]`.
pub const CHAT: &[Kind<dyn ChatSurface>] = &[
    Kind {
        kind: "slack",
        summary: "Slack, over Socket Mode or HTTP",
        works: &[Chat],
        build: |params| slack::build(params.name(), params).map(|slack| slack as Arc<dyn ChatSurface>),
    },
    Kind {
        kind: "discord",
        summary: "Discord, over its gateway or HTTP",
        works: &[Chat],
        build: |params| discord::build(params.name(), params).map(|discord| discord as Arc<dyn ChatSurface>),
    },
    Kind {
        kind: "console",
        summary: "the built-in web console",
        works: &[Chat],
        build: |params| Some(console::build(params)),
    },
];

/// Makes the provider that a `[ci.NAME]` table asks for.
pub fn build_ci(params: &Params) -> Option<Arc<dyn CiProvider>> {
    (find(CI, params)?.build)(params)
}

/// Makes the surface that a `[chat.NAME]` table asks for.
pub fn build_chat(params: &Params) -> Option<Arc<dyn ChatSurface>> {
    (find(CHAT, params)?.build)(params)
}

/// What a table asks for: its `kind`, or its own name.
pub fn kind_of(params: &Params) -> String {
    params.text("kind").unwrap_or_else(|| params.name().to_owned())
}

/// One line of the listing.
pub struct Listed {
    /// What configuration calls it.
    pub kind: &'static str,
    /// The seam it stands behind (`ci`, `chat`).
    pub seam: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// What works.
    pub works: &'static [Capability],
}

/// Every adapter, seam by seam.
pub fn listed() -> impl Iterator<Item = Listed> {
    let ci = CI.iter().map(|kind| Listed {
        kind: kind.kind,
        seam: "ci",
        summary: kind.summary,
        works: kind.works,
    });
    let chat = CHAT.iter().map(|kind| Listed {
        kind: kind.kind,
        seam: "chat",
        summary: kind.summary,
        works: kind.works,
    });
    ci.chain(chat)
}

/// The line for a table's kind. An unknown kind is a fault that lists the known ones.
fn find<'a, T: ?Sized>(kinds: &'a [Kind<T>], params: &Params) -> Option<&'a Kind<T>> {
    let wanted = kind_of(params);
    let found = kinds.iter().find(|kind| kind.kind == wanted);
    if found.is_none() {
        let known: Vec<&str> = kinds.iter().map(|kind| kind.kind).collect();
        params.fault(
            "kind",
            format!(
                "`{wanted}` is no known kind: write `kind = \"{}\"` with one of: {}",
                known[0],
                known.join(", ")
            ),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::rc::Rc;

    use super::*;

    fn root(text: &str) -> Params {
        Params::root(text.parse().unwrap(), Rc::new(|_| Some("s3cret".to_owned())))
    }

    #[test]
    fn a_table_is_built_by_its_name_or_by_its_kind() {
        // Installing twice is no fault: every test asks for it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let root = root(
            "[ci.github]\nwebhook_secret = \"env:A\"\ntoken = \"env:B\"\n[ci.ghes]\nkind = \"github\"\napi_url = \"https://git.example.org/api/v3\"\nwebhook_secret = \"env:A\"\ntoken = \"env:B\"\n",
        );
        let names: BTreeSet<String> = root
            .tables("ci")
            .into_iter()
            .map(|table| {
                let provider = build_ci(&table).unwrap();
                table.finish();
                provider.name().to_owned()
            })
            .collect();
        assert_eq!(root.faults(), []);
        assert_eq!(names, BTreeSet::from(["ghes".to_owned(), "github".to_owned()]));
    }

    #[test]
    fn an_unknown_kind_lists_the_known_ones() {
        let root = root("[ci.jenkyns]\n[chat.slack2]\nkind = \"slak\"\n");
        assert!(build_ci(&root.tables("ci")[0]).is_none());
        assert!(build_chat(&root.tables("chat")[0]).is_none());
        let faults = root.faults().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(faults, @r#"
        ci.jenkyns.kind: `jenkyns` is no known kind: write `kind = "github"` with one of: github, recorded
        chat.slack2.kind: `slak` is no known kind: write `kind = "slack"` with one of: slack, discord, console
        "#);
    }

    #[test]
    fn kinds_are_told_apart() {
        fn kinds<T: ?Sized>(list: &[Kind<T>]) -> Vec<&'static str> {
            list.iter().map(|kind| kind.kind).collect()
        }
        for kinds in [kinds(CI), kinds(CHAT)] {
            assert_eq!(kinds.iter().collect::<BTreeSet<_>>().len(), kinds.len(), "{kinds:?}");
        }
    }
}
