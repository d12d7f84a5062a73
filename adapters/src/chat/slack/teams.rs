//! The workspaces that the app is installed in, and which of them an id belongs to.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::chat::slack::client::Client;
use crate::chat::slack::config::Config;
use crate::chat::slack::receive::Received;
use crate::chat::slack::workspace::Workspace;
use crate::chat::{ChatError, InteractionKind, PostRef};
use crate::message::Message;
use crate::secret::Secret;

/// Stands between a workspace and an id of it.
const MARK: char = '/';

/// The workspace of the configured token, and those that installed the app.
pub(super) struct Teams {
    surface: String,
    api_url: String,
    home: Arc<Workspace>,
    /// Its id; only known where there may be others.
    home_team: Option<String>,
    others: RwLock<BTreeMap<String, Arc<Workspace>>>,
}

impl Teams {
    pub(super) fn new(surface: &str, config: &Config) -> Result<Self, String> {
        let client = Client::new(surface, &config.api_url, &config.bot_token)?;
        Ok(Self {
            surface: surface.to_owned(),
            api_url: config.api_url.clone(),
            home: Arc::new(Workspace::new(client)),
            home_team: config.installs.as_ref().map(|installs| installs.home().to_owned()),
            others: RwLock::default(),
        })
    }

    pub(super) fn home(&self) -> &Arc<Workspace> {
        &self.home
    }

    pub(super) fn home_team(&self) -> Option<&str> {
        self.home_team.as_deref()
    }

    pub(super) fn names_of_others(&self) -> Vec<String> {
        self.others().keys().cloned().collect()
    }

    pub(super) fn add(&self, team: &str, token: &Secret) -> Result<(), String> {
        if self.home_team() == Some(team) {
            // Its token stands in the configuration.
            return Ok(());
        }
        let workspace = Workspace::new(Client::new(&self.surface, &self.api_url, token)?);
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        others.insert(team.to_owned(), Arc::new(workspace));
        Ok(())
    }

    pub(super) fn remove(&self, team: &str) {
        self.others.write().unwrap_or_else(PoisonError::into_inner).remove(team);
    }

    /// The workspace that an id belongs to, and the id as that workspace knows it.
    pub(super) fn at<'a>(&self, id: &'a str) -> Result<(Arc<Workspace>, &'a str), ChatError> {
        let Some(team) = team_of(id) else { return Ok((Arc::clone(&self.home), id)) };
        let known = self.others().get(team).cloned();
        let workspace = known.ok_or_else(|| ChatError::Undeliverable {
            surface: self.surface.clone(),
            conversation: id.to_owned(),
            why: "Whyred is not installed in that workspace: install it there at /slack/install".to_owned(),
        })?;
        Ok((workspace, id_in(id)))
    }

    /// Marks what was done with the workspace it was done in. What was done in one that we do not know is nothing to us.
    pub(super) fn placed(&self, received: Received) -> Received {
        let Received::Interaction { mut interaction, trigger, team } = received else { return received };
        let Some(home) = &self.home_team else {
            return Received::Interaction { interaction, trigger, team };
        };
        let other = team.as_deref().filter(|team| team != home);
        let unknown = team.is_none() || other.is_some_and(|team| !self.others().contains_key(team));
        if unknown {
            return Received::Nothing("a workspace that Whyred is not installed in".to_owned());
        }
        // A form says itself where it was opened: it must have been in the workspace that sends it.
        let form = matches!(interaction.kind, InteractionKind::Form { .. });
        if team_of(&interaction.conversation).is_none() {
            interaction.conversation = id_of(other, &interaction.conversation);
        } else if !form || team_of(&interaction.conversation) != other {
            return Received::Nothing("an id of another workspace".to_owned());
        }
        interaction.person.id = id_of(other, &interaction.person.id);
        Received::Interaction { interaction, trigger, team }
    }

    fn others(&self) -> RwLockReadGuard<'_, BTreeMap<String, Arc<Workspace>>> {
        self.others.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The workspace that an id carries; `None`: the one of the configured token.
pub(super) fn team_of(id: &str) -> Option<&str> {
    let (team, _) = id.split_once(MARK)?;
    let fine =
        team.starts_with(['T', 'E']) && team.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    fine.then_some(team)
}

/// The id as its workspace knows it.
pub(super) fn id_in(id: &str) -> &str {
    team_of(id).map_or(id, |team| &id[team.len() + MARK.len_utf8()..])
}

/// An id with its workspace.
pub(super) fn id_of(team: Option<&str>, id: &str) -> String {
    team.map_or_else(|| id.to_owned(), |team| format!("{team}{MARK}{id}"))
}

/// The post as its workspace knows it.
pub(super) fn bare(post: &PostRef) -> PostRef {
    PostRef { conversation: id_in(&post.conversation).to_owned(), message: post.message.clone() }
}

/// The post with its workspace.
pub(super) fn whole(team: Option<&str>, post: PostRef) -> PostRef {
    PostRef { conversation: id_of(team, &post.conversation), message: post.message }
}

/// The message as a workspace can show it: it can mention its own people alone. Others are shown by name.
pub(super) fn for_team<'a>(team: Option<&str>, message: &'a Message) -> Cow<'a, Message> {
    if message.mentions.iter().all(|mention| team.is_none() && team_of(&mention.id).is_none()) {
        return Cow::Borrowed(message);
    }
    let mut message = message.clone();
    for mention in &mut message.mentions {
        mention.id = if team_of(&mention.id) == team { id_in(&mention.id).to_owned() } else { String::new() };
    }
    Cow::Owned(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Mention, Tone};

    #[test]
    fn ids_carry_their_workspace() {
        assert_eq!((team_of("C1"), id_in("C1")), (None, "C1"));
        assert_eq!((team_of("T2/C1"), id_in("T2/C1")), (Some("T2"), "C1"));
        assert_eq!((team_of("#a/b"), id_in("#a/b")), (None, "#a/b"));
        assert_eq!(id_of(Some("T2"), "#ci"), "T2/#ci");
    }

    #[test]
    fn a_workspace_mentions_its_own_people_alone() {
        let mut message = Message::new(Tone::Info, "x");
        message.mentions =
            ["U1", "T2/U2"].map(|id| Mention { id: id.to_owned(), name: "n".to_owned() }).to_vec();
        let ids = |team| -> Vec<String> {
            for_team(team, &message).mentions.iter().map(|mention| mention.id.clone()).collect()
        };
        assert_eq!(ids(None), ["U1", ""]);
        assert_eq!(ids(Some("T2")), ["", "U2"]);
        assert_eq!(ids(Some("T3")), ["", ""]);
    }
}
