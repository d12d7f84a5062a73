//! Where people are, whichever platform it is: what a scenario sees and does there.

use std::time::Duration;

use world::discord::{self, Discord};
use world::slack::{self, Slack};

use crate::bot::{Bot, Chat, Database, PATIENCE, SlackMode};
use world::github::GitHub;

/// The people of the scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Person {
    /// Owns the code.
    Sam,
    /// Wrote the change.
    Dana,
    /// Belongs to another team.
    Eve,
}

/// A message of the bot's as it stands now.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) id: String,
    /// Everything a reader sees.
    pub(crate) shown: String,
    /// What is read where nothing but text is: in notifications, by screen readers.
    pub(crate) in_words: String,
    /// Actions of its buttons.
    pub(crate) actions: Vec<String>,
    /// How often it changed.
    pub(crate) edits: usize,
}

/// What came of something that somebody did.
#[derive(Debug, Clone)]
pub(crate) struct Done<D> {
    /// Id of what was said.
    pub(crate) id: String,
    pub(crate) accepted: bool,
    pub(crate) latency: Duration,
    /// Enough to report it again.
    pub(crate) delivery: D,
}

/// A platform with the channels `#payments` and `#ci`.
pub(crate) trait Room: Sized {
    /// What its snapshots are called after.
    const NAME: &'static str;
    type Delivery;

    /// Starts the platform and a bot that is connected to it.
    async fn with_bot(github: &GitHub, database: Database) -> (Self, Bot);
    /// The bot's messages of a channel that begin threads.
    fn posts(&self, channel: &str) -> Vec<Seen>;
    /// The bot's messages in the thread of a message.
    fn replies(&self, channel: &str, id: &str) -> Vec<Seen>;
    /// What was told to one person alone.
    fn whispers(&self, to: Person) -> Vec<String>;
    /// Somebody mentions the bot.
    async fn mention(&self, who: Person, channel: &str, text: &str) -> Done<Self::Delivery>;
    /// Somebody clicks.
    async fn click(&self, who: Person, channel: &str, id: &str, action: &str) -> Done<Self::Delivery>;
    /// Somebody uses the slash command.
    async fn command(&self, who: Person, channel: &str, text: &str) -> Done<Self::Delivery>;
    /// Somebody fills in the form that what they did opened, and sends it.
    async fn fill_in(
        &self,
        who: Person,
        opened: &Done<Self::Delivery>,
        fields: &[(&str, &str)],
    ) -> Done<Self::Delivery>;
    /// The same is reported once more.
    async fn again(&self, done: &Done<Self::Delivery>);
    /// Everything that anybody could read.
    fn everything(&self, channel: &str) -> String;
    fn assert_clean(&self);
}

/// Slack over Socket Mode, or over HTTP.
pub(crate) struct InSlack<const HTTP: bool>(Slack);

impl<const HTTP: bool> InSlack<HTTP> {
    fn id(who: Person) -> &'static str {
        match who {
            Person::Sam => "U0SAM",
            Person::Dana => "U0DANA",
            Person::Eve => "U0EVE",
        }
    }

    fn seen(post: slack::Posted) -> Seen {
        let ids =
            post.buttons().into_iter().filter_map(|button| button["action_id"].as_str().map(str::to_owned));
        Seen {
            shown: post.shown(),
            actions: ids.collect(),
            edits: post.edits.len(),
            id: post.ts,
            in_words: post.text,
        }
    }

    fn done(delivery: slack::Delivery) -> Done<slack::Delivery> {
        Done { id: delivery.ts.clone(), accepted: delivery.accepted, latency: delivery.latency, delivery }
    }
}

impl<const HTTP: bool> Room for InSlack<HTTP> {
    const NAME: &'static str = "slack";
    type Delivery = slack::Delivery;

    async fn with_bot(github: &GitHub, database: Database) -> (Self, Bot) {
        let slack = Slack::start().await.expect("Slack starts");
        let mode = if HTTP { SlackMode::Http } else { SlackMode::Socket };
        let bot = Bot::start(github, &slack, database, mode, "").await;
        (Self(slack), bot)
    }

    fn posts(&self, channel: &str) -> Vec<Seen> {
        self.0.posts(channel).into_iter().map(Self::seen).collect()
    }

    fn replies(&self, channel: &str, id: &str) -> Vec<Seen> {
        self.0.replies(channel, id).into_iter().map(Self::seen).collect()
    }

    fn whispers(&self, to: Person) -> Vec<String> {
        let late = self.0.responses().into_iter().map(|said| format!("{said:?}"));
        let whispers = self.0.whispers().into_iter().filter(|said| said.user == Self::id(to));
        whispers.map(|said| said.text).chain(late).collect()
    }

    async fn mention(&self, who: Person, channel: &str, text: &str) -> Done<Self::Delivery> {
        Self::done(self.0.mention(Self::id(who), channel, text).await.expect("it can be said"))
    }

    async fn click(&self, who: Person, channel: &str, id: &str, action: &str) -> Done<Self::Delivery> {
        Self::done(self.0.click(Self::id(who), channel, id, action).await.expect("the button is there"))
    }

    async fn command(&self, who: Person, channel: &str, text: &str) -> Done<Self::Delivery> {
        Self::done(self.0.command(Self::id(who), channel, text).await.expect("the command is there"))
    }

    async fn fill_in(
        &self,
        who: Person,
        _opened: &Done<Self::Delivery>,
        fields: &[(&str, &str)],
    ) -> Done<Self::Delivery> {
        self.0.opened_view(Self::id(who), PATIENCE).await.expect("a form opens");
        Self::done(self.0.send_view(Self::id(who), fields).await.expect("the form can be sent"))
    }

    async fn again(&self, done: &Done<Self::Delivery>) {
        self.0.again(&done.delivery).await.expect("it can be reported again");
    }

    fn everything(&self, channel: &str) -> String {
        format!("{:?}", self.0.messages(channel))
    }

    fn assert_clean(&self) {
        self.0.assert_clean();
    }
}

/// Discord over its gateway; commands and buttons over HTTP if `HTTP`.
pub(crate) struct InDiscord<const HTTP: bool>(Discord);

impl<const HTTP: bool> InDiscord<HTTP> {
    fn id(who: Person) -> &'static str {
        match who {
            Person::Sam => "3000000000000000001",
            Person::Dana => "3000000000000000002",
            Person::Eve => "3000000000000000003",
        }
    }

    fn seen(post: &discord::Posted) -> Seen {
        let ids =
            post.buttons().into_iter().filter_map(|button| button["custom_id"].as_str().map(str::to_owned));
        Seen {
            shown: post.shown(),
            in_words: post.body["content"].as_str().unwrap_or_default().to_owned(),
            actions: ids.filter_map(|id| id.split(['|', '#']).next().map(str::to_owned)).collect(),
            edits: post.edits.len(),
            id: post.id.clone(),
        }
    }

    fn done(delivery: discord::Delivery) -> Done<discord::Delivery> {
        Done { id: delivery.id.clone(), accepted: delivery.accepted, latency: delivery.latency, delivery }
    }
}

impl<const HTTP: bool> Room for InDiscord<HTTP> {
    const NAME: &'static str = "discord";
    type Delivery = discord::Delivery;

    async fn with_bot(github: &GitHub, database: Database) -> (Self, Bot) {
        let discord = Discord::start().await.expect("Discord starts");
        let bot = Bot::start_with(github, Chat::discord(&discord), database, "").await;
        assert!(discord.wait_until(PATIENCE, Discord::is_connected).await, "the bot connects to Discord");
        if HTTP {
            discord.call_bot_at(&bot.url);
            let (good, answer, forged) = discord.probe().await.expect("the bot answers");
            assert_eq!(
                (good, answer["type"].as_u64(), forged),
                (200, Some(1), 401),
                "Discord takes the address"
            );
        }
        for (who, name) in [(Person::Sam, "sam"), (Person::Dana, "dana"), (Person::Eve, "eve")] {
            discord.add_person(Self::id(who), name);
        }
        (Self(discord), bot)
    }

    fn posts(&self, channel: &str) -> Vec<Seen> {
        self.0.posts(channel).iter().map(Self::seen).collect()
    }

    fn replies(&self, _channel: &str, id: &str) -> Vec<Seen> {
        // The thread of a message is a channel with its id.
        self.0.posts(id).iter().map(Self::seen).collect()
    }

    fn whispers(&self, to: Person) -> Vec<String> {
        let whispers = self.0.whispers().into_iter().filter(|said| said.user == Self::id(to));
        whispers.map(|said| said.text).collect()
    }

    async fn mention(&self, who: Person, channel: &str, text: &str) -> Done<Self::Delivery> {
        Self::done(self.0.mention(Self::id(who), channel, text).expect("it can be said"))
    }

    async fn click(&self, who: Person, channel: &str, id: &str, action: &str) -> Done<Self::Delivery> {
        Self::done(self.0.click(Self::id(who), channel, id, action).await.expect("the button is there"))
    }

    async fn command(&self, who: Person, channel: &str, text: &str) -> Done<Self::Delivery> {
        let text = Some(text).filter(|text| !text.is_empty());
        Self::done(self.0.command(Self::id(who), channel, text).await.expect("the command is there"))
    }

    async fn fill_in(
        &self,
        _who: Person,
        opened: &Done<Self::Delivery>,
        fields: &[(&str, &str)],
    ) -> Done<Self::Delivery> {
        Self::done(self.0.send_form(&opened.delivery, fields).await.expect("the form can be sent"))
    }

    async fn again(&self, done: &Done<Self::Delivery>) {
        self.0.again(&done.delivery).await.expect("it can be reported again");
    }

    fn everything(&self, channel: &str) -> String {
        let posts = self.0.messages(channel);
        let threads: Vec<_> = posts.iter().map(|post| self.0.messages(&post.id)).collect();
        format!("{posts:?}{threads:?}")
    }

    fn assert_clean(&self) {
        self.0.assert_clean();
    }
}
