//! Calls to Slack's Web API, through slack-morphism's client.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use slack_morphism::api::SlackApiPostWebhookMessageRequest;
use slack_morphism::blocks::SlackView;
use slack_morphism::errors::SlackClientError;
use slack_morphism::hyper_tokio::{
    SlackClientHyperHttpsConnector, SlackHyperClient, SlackHyperHttpsConnector,
};
use slack_morphism::{
    SlackApiToken, SlackApiTokenValue, SlackClient, SlackClientHttpConnector, SlackMessageContent,
};
use url::Url;

use crate::chat::slack::assistant::{SetStatus, SuggestPrompts};
use crate::chat::slack::error::from_sdk;
use crate::chat::slack::installs::{Installed, Installs};
use crate::chat::slack::page::Page;
use crate::chat::slack::render::is_person;
use crate::chat::slack::wire::{
    Channels, DeleteMessage, Done, Granted, GroupMembers, Identity, Messages, Metadata, OpenView,
    PostEphemeral, PostMessage, Posted, PublishView, StoredMessage, TellMessage, UpdateMessage, UserFound,
    UserGroups,
};
use crate::chat::{ChatError, PostRef};
use crate::secret::Secret;

/// How long one call may take. Slack answers within a second or two; after this the outcome is unknown.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Messages that one call of `conversations.history` or `conversations.replies` asks for.
const PER_PAGE: usize = 200;

/// Pages that are looked through for an interrupted post, the newest first: it was made minutes ago, not months.
const PAGES: usize = 5;

/// Channels that one call of `conversations.list` asks for.
const CHANNELS_PER_PAGE: usize = 999;

/// Pages of channels that are looked through for a name.
const CHANNEL_PAGES: usize = 50;

/// Hosts that take late answers.
const LATE_ANSWERS: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];

/// A workspace's Web API.
pub(super) struct Client {
    surface: String,
    sdk: SlackHyperClient,
    bot_token: SlackApiToken,
    api_url: String,
}

impl Client {
    /// Connects to nothing yet. Fails if the machine has no root certificates to trust.
    pub(super) fn new(surface: &str, api_url: &str, bot_token: &Secret) -> Result<Self, String> {
        let connector =
            SlackClientHyperHttpsConnector::with_connector(connector(api_url)?).with_slack_api_url(api_url);
        Ok(Self {
            surface: surface.to_owned(),
            sdk: SlackClient::new(connector),
            bot_token: token(bot_token.reveal()),
            api_url: api_url.to_owned(),
        })
    }

    /// The client of the SDK, for Socket Mode.
    pub(super) fn sdk(&self) -> &SlackHyperClient {
        &self.sdk
    }

    pub(super) async fn post(
        &self,
        channel: &str,
        thread: Option<&str>,
        page: &Page,
        metadata: &Metadata,
    ) -> Result<PostRef, ChatError> {
        let request = PostMessage {
            channel,
            thread_ts: thread,
            text: &page.text,
            blocks: &page.blocks,
            metadata,
            unfurl_links: false,
            unfurl_media: false,
        };
        let posted: Posted = self.call("chat.postMessage", channel, &request).await?;
        Ok(PostRef { conversation: posted.channel, message: posted.ts })
    }

    pub(super) async fn update(
        &self,
        channel: &str,
        ts: &str,
        page: &Page,
        metadata: &Metadata,
    ) -> Result<(), ChatError> {
        let request = UpdateMessage { channel, ts, text: &page.text, blocks: &page.blocks, metadata };
        self.call::<_, Posted>("chat.update", channel, &request).await.map(drop)
    }

    pub(super) async fn delete(&self, channel: &str, ts: &str) -> Result<(), ChatError> {
        self.call::<_, Done>("chat.delete", channel, &DeleteMessage { channel, ts }).await.map(drop)
    }

    pub(super) async fn whisper(&self, channel: &str, user: &str, page: &Page) -> Result<(), ChatError> {
        let request = PostEphemeral { channel, user, text: &page.text, blocks: &page.blocks };
        self.call::<_, Done>("chat.postEphemeral", channel, &request).await.map(drop)
    }

    /// Tells one person: for their eyes alone in a channel, as a message where they are alone with us.
    pub(super) async fn tell(&self, conversation: &str, user: &str, page: &Page) -> Result<(), ChatError> {
        if !is_person(conversation) {
            return self.whisper(conversation, user, page).await;
        }
        let request = TellMessage {
            channel: conversation,
            text: &page.text,
            blocks: &page.blocks,
            unfurl_links: false,
            unfurl_media: false,
        };
        self.call::<_, Posted>("chat.postMessage", conversation, &request).await.map(drop)
    }

    /// Opens a modal with a trigger, which is good for three seconds.
    pub(super) async fn open_view(&self, trigger: &str, view: &SlackView) -> Result<(), ChatError> {
        let request = OpenView { trigger_id: trigger, view };
        self.call::<_, Done>("views.open", "whoever clicked", &request).await.map(drop)
    }

    /// Replaces what a person sees on the Home tab.
    pub(super) async fn publish(&self, person: &str, view: &SlackView) -> Result<(), ChatError> {
        let request = PublishView { user_id: person, view };
        self.call::<_, Done>("views.publish", person, &request).await.map(drop)
    }

    /// Proposes questions in an assistant thread.
    pub(super) async fn suggest(&self, request: &SuggestPrompts<'_>) -> Result<(), ChatError> {
        let method = "assistant.threads.setSuggestedPrompts";
        self.call::<_, Done>(method, "an assistant thread", request).await.map(drop)
    }

    /// Says in an assistant thread what is going on.
    pub(super) async fn say_status(&self, request: &SetStatus<'_>) -> Result<(), ChatError> {
        self.call::<_, Done>("assistant.threads.setStatus", "an assistant thread", request).await.map(drop)
    }

    /// Answers through the address that came with a slash command or a click: only the person sees it, and the bot need not
    /// be in the channel. No token goes there.
    pub(super) async fn respond(&self, response_url: &str, page: Page) -> Result<(), ChatError> {
        let refused = |why: &str| ChatError::Undeliverable {
            surface: self.surface.clone(),
            conversation: "whoever asked".to_owned(),
            why: why.to_owned(),
        };
        let address = Url::parse(response_url)
            .ok()
            .filter(|url| self.is_slack(url))
            .ok_or_else(|| refused("the address for late answers is not Slack's"))?;
        let content = SlackMessageContent::new().with_text(page.text).with_blocks(page.blocks);
        let request = SlackApiPostWebhookMessageRequest::new(content).with_replace_original(false);
        let call = async {
            match self.sdk.post_webhook_message(&address, &request).await {
                Err(SlackClientError::HttpError(answer))
                    if answer.status_code == http::StatusCode::NOT_FOUND =>
                {
                    Ok(false)
                }
                answer => answer.map(|_| true),
            }
        };
        if self.within_time("whoever asked", call).await? {
            return Ok(());
        }
        Err(refused("the address for late answers is used up, or older than 30 minutes"))
    }

    /// Whether an address is where Slack takes late answers, or where its Web API is configured to be.
    fn is_slack(&self, url: &Url) -> bool {
        let configured = Url::parse(&self.api_url).is_ok_and(|api| api.origin() == url.origin());
        configured
            || url.scheme() == "https" && url.host_str().is_some_and(|host| LATE_ANSWERS.contains(&host))
    }

    /// The newest messages of a channel, newest first.
    pub(super) async fn history(&self, channel: &str) -> Result<Vec<StoredMessage>, ChatError> {
        self.messages("conversations.history", channel, None).await
    }

    /// A thread, its first message first. `ts` may be any message of it.
    pub(super) async fn replies(&self, channel: &str, ts: &str) -> Result<Vec<StoredMessage>, ChatError> {
        self.messages("conversations.replies", channel, Some(ts)).await
    }

    /// The id of a channel by its name, without `#`.
    pub(super) async fn channel_id(&self, name: &str) -> Result<String, ChatError> {
        let mut cursor = None;
        for _ in 0..CHANNEL_PAGES {
            let query = [
                ("types", Some("public_channel,private_channel".to_owned())),
                ("exclude_archived", Some("true".to_owned())),
                ("limit", Some(CHANNELS_PER_PAGE.to_string())),
                ("cursor", cursor),
            ];
            let page: Channels = self.get("conversations.list", name, query.to_vec()).await?;
            if let Some(channel) =
                page.channels.into_iter().find(|channel| channel.name.as_deref() == Some(name))
            {
                return Ok(channel.id);
            }
            cursor = page.response_metadata.and_then(|at| at.next_cursor).filter(|cursor| !cursor.is_empty());
            if cursor.is_none() {
                break;
            }
        }
        Err(ChatError::Undeliverable {
            surface: self.surface.clone(),
            conversation: format!("#{name}"),
            why: "there is no such channel, or it is private: check the name in the route, or invite the bot to it"
                .to_owned(),
        })
    }

    pub(super) async fn identity(&self) -> Result<Identity, ChatError> {
        self.get("auth.test", "auth.test", Vec::new()).await
    }

    /// Trades the code of an installation for the workspace's token.
    pub(super) async fn exchange(
        &self,
        installs: &Installs,
        code: &str,
        redirect: &str,
    ) -> Result<Installed, ChatError> {
        let refused = |why: &str| ChatError::Rejected { surface: self.surface.clone(), why: why.to_owned() };
        let mut address = Url::parse(&format!("{}/oauth.v2.access", self.api_url))
            .map_err(|_| refused("`api_url` is no address"))?;
        address.query_pairs_mut().append_pair("code", code).append_pair("redirect_uri", redirect);
        let (id, secret) = installs.credentials();
        let call = self.sdk.http_api.connector.http_get_with_client_secret(address, &id, &secret);
        let granted: Granted = self.within_time("an installation", call).await?;
        let Some(team) = granted.team.filter(|_| !granted.is_enterprise_install) else {
            return Err(refused("install it in a workspace, not in a whole organisation"));
        };
        if granted.token_type != "bot" {
            return Err(refused("Slack gave no bot token"));
        }
        Ok(Installed {
            team: team.id,
            name: team.name.unwrap_or_default(),
            token: Secret::new(granted.access_token),
            by: granted.authed_user.map(|user| user.id).unwrap_or_default(),
        })
    }

    /// The id of the person with this address; undeliverable if there is none.
    pub(super) async fn user_by_email(&self, email: &str) -> Result<String, ChatError> {
        let query = vec![("email", Some(email.to_owned()))];
        let found: UserFound = self.get("users.lookupByEmail", "a person by e-mail", query).await?;
        Ok(found.user.id)
    }

    /// The ids of the people in a user group.
    pub(super) async fn members_of(&self, handle: &str) -> Result<Vec<String>, ChatError> {
        let groups: UserGroups = self.get("usergroups.list", handle, Vec::new()).await?;
        let Some(group) = groups.usergroups.into_iter().find(|group| group.handle == handle) else {
            return Err(ChatError::Undeliverable {
                surface: self.surface.clone(),
                conversation: format!("@{handle}"),
                why: "there is no such user group: check `groups` under [owners]".to_owned(),
            });
        };
        let query = vec![("usergroup", Some(group.id))];
        let members: GroupMembers = self.get("usergroups.users.list", handle, query).await?;
        Ok(members.users)
    }

    async fn messages(
        &self,
        method: &str,
        channel: &str,
        ts: Option<&str>,
    ) -> Result<Vec<StoredMessage>, ChatError> {
        let mut out = Vec::new();
        let mut cursor = None;
        for _ in 0..PAGES {
            let query = [
                ("channel", Some(channel.to_owned())),
                ("ts", ts.map(str::to_owned)),
                ("include_all_metadata", Some("true".to_owned())),
                ("limit", Some(PER_PAGE.to_string())),
                ("cursor", cursor),
            ];
            let page: Messages = self.get(method, channel, query.to_vec()).await?;
            out.extend(page.messages);
            cursor = page.response_metadata.and_then(|at| at.next_cursor).filter(|cursor| !cursor.is_empty());
            if cursor.is_none() {
                break;
            }
        }
        Ok(out)
    }

    async fn call<Request, Answer>(
        &self,
        method: &str,
        about: &str,
        request: &Request,
    ) -> Result<Answer, ChatError>
    where
        Request: Serialize + Send + Sync,
        Answer: DeserializeOwned + Send,
    {
        let session = self.sdk.open_session(&self.bot_token);
        self.within_time(about, session.http_session_api.http_post(method, request, None)).await
    }

    async fn get<Answer>(
        &self,
        method: &str,
        about: &str,
        query: Vec<(&'static str, Option<String>)>,
    ) -> Result<Answer, ChatError>
    where
        Answer: DeserializeOwned + Send,
    {
        let session = self.sdk.open_session(&self.bot_token);
        self.within_time(about, session.http_session_api.http_get(method, &query, None)).await
    }

    /// Waits for one call; what takes too long is as good as no answer.
    pub(super) async fn within_time<Answer>(
        &self,
        about: &str,
        call: impl Future<Output = slack_morphism::ClientResult<Answer>>,
    ) -> Result<Answer, ChatError> {
        match tokio::time::timeout(TIMEOUT, call).await {
            Ok(answer) => answer.map_err(|error| from_sdk(&self.surface, about, &error)),
            Err(_) => Err(ChatError::Unavailable {
                surface: self.surface.clone(),
                why: format!("no answer within {} s", TIMEOUT.as_secs()),
            }),
        }
    }
}

/// A token as the SDK takes it.
pub(super) fn token(value: &str) -> SlackApiToken {
    SlackApiToken::new(SlackApiTokenValue(value.to_owned()))
}

/// TLS by rustls with ring. Plain HTTP only if the address says so.
fn connector(api_url: &str) -> Result<SlackHyperHttpsConnector, String> {
    let provider = rustls::crypto::ring::default_provider();
    if api_url.starts_with("http://") {
        let tls = rustls::ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS cannot be set up: {error}"))?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let builder = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls);
        return Ok(builder.https_or_http().enable_http1().build());
    }
    let builder = hyper_rustls::HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(provider)
        .map_err(|error| {
            format!("no root certificates can be read ({error}): install the package ca-certificates")
        })?;
    Ok(builder.https_only().enable_http1().enable_http2().build())
}
