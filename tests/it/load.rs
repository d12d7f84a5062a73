//! Many failures at once, told on every surface while calls go wrong at random: each exactly once, in order, and nobody waits
//! for a surface that is dead.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::{Duration, Instant};

use futures::StreamExt;
use world::Forecast;
use world::discord::{self, Discord};
use world::github::{GitHub, Job, Run};
use world::slack::{self, Slack};

use crate::bot::{Bot, Chat, Database, HOOK_SECRET, SlackMode};
use crate::samples::CARGO_TEST;

/// What meets the calls to a surface that is alive: one in five goes wrong.
const FORECAST: Forecast = Forecast {
    limited: 0.12,
    refused: 0.03,
    lost_before: 0.02,
    lost_after: 0.03,
    slowest: Duration::from_millis(60),
};

/// Of so many failures of a repository the last one is the same pipeline failing again.
const AGAIN_EACH: usize = 5;

/// Webhooks that are on their way at a time.
const SENT_AT_ONCE: usize = 8;

/// How much there is to tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Channels of each surface.
    pub(crate) channels: usize,
    /// Failures that each channel hears of.
    pub(crate) failures: usize,
    /// Channels of the surface that is dead, with as many failures each.
    pub(crate) dead: usize,
    /// How long all of it may take.
    pub(crate) patience: Duration,
}

/// What was seen.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) failures: usize,
    pub(crate) channels: usize,
    /// Until the last webhook was accepted, and until the last message stood on a surface that is alive.
    pub(crate) accepted_in: Duration,
    pub(crate) told_in: Duration,
    /// From the acceptance of a webhook to its message, sorted.
    pub(crate) waits: Vec<Duration>,
    /// Calls that were refused for haste.
    pub(crate) refused: u64,
    pub(crate) calls: usize,
}

impl Figures {
    /// The wait that this share of all messages did not exceed.
    pub(crate) fn waited(&self, percent: usize) -> Duration {
        self.waits[(self.waits.len() - 1) * percent / 100]
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "{} failures over {} channels: accepted in {:.1} s, all told in {:.1} s; from webhook to message median {:.1} s, \
             p99 {:.1} s, longest {:.1} s; {} calls, {} of them refused for haste",
            self.failures,
            self.channels,
            self.accepted_in.as_secs_f64(),
            self.told_in.as_secs_f64(),
            self.waited(50).as_secs_f64(),
            self.waited(99).as_secs_f64(),
            self.waited(100).as_secs_f64(),
            self.calls,
            self.refused
        )
    }
}

/// A message of the bot's that starts a thread, as a surface has it.
struct Told {
    /// The branch that it is about.
    branch: String,
    shown: String,
    came: Instant,
    thread: Vec<String>,
}

/// The surfaces, those that live and the one that does not.
struct Surfaces {
    slack: Slack,
    discord: Discord,
    dead: Slack,
}

impl Surfaces {
    /// The bot's messages in a channel, the oldest first.
    fn told(&self, place: &Place) -> Vec<Told> {
        match place.surface {
            "discord" => {
                let posts = self.discord.posts(&place.channel);
                posts.iter().map(|post| self.told_in_discord(post)).collect()
            }
            surface => {
                let slack = if surface == "slack" { &self.slack } else { &self.dead };
                slack.posts(&place.channel).iter().map(|post| told_in_slack(slack, post)).collect()
            }
        }
    }

    fn told_in_discord(&self, post: &discord::Posted) -> Told {
        let thread = self.discord.posts(&post.id).iter().map(discord::Posted::shown).collect();
        Told { branch: branch_in(&post.shown()), shown: post.shown(), came: post.came, thread }
    }

    fn assert_clean(&self) {
        self.slack.assert_clean();
        self.discord.assert_clean();
        self.dead.assert_clean();
    }
}

fn told_in_slack(slack: &Slack, post: &slack::Posted) -> Told {
    let thread = slack.replies(&post.channel, &post.ts).iter().map(slack::Posted::shown).collect();
    Told { branch: branch_in(&post.shown()), shown: post.shown(), came: post.came, thread }
}

/// A channel with a repository of its own.
#[derive(Debug, Clone)]
struct Place {
    surface: &'static str,
    channel: String,
    repo: String,
}

/// A number in letters: what stays the same in every failure is one failure, so each needs a name without digits.
fn letters(mut number: usize) -> String {
    let mut out = String::new();
    for _ in 0..4 {
        out.push(char::from(b'a' + u8::try_from(number % 26).unwrap()));
        number /= 26;
    }
    out
}

fn branch(number: usize) -> String {
    format!("topic-{}", letters(number))
}

fn branch_in(shown: &str) -> String {
    shown.split_once("topic-").map(|(_, rest)| format!("topic-{}", &rest[..4])).unwrap_or_default()
}

/// The number of the failure whose pipeline a failure belongs to: mostly its own.
fn pipeline_of(failure: usize) -> usize {
    if failure % AGAIN_EACH == AGAIN_EACH - 1 { failure - 1 } else { failure }
}

fn places(size: Size, surfaces: &Surfaces) -> (Vec<Place>, Vec<Place>) {
    let mut alive = Vec::new();
    let mut dead = Vec::new();
    for number in 0..size.channels.max(size.dead) {
        let name = format!("team-{number}");
        let place = |surface: &'static str| Place {
            surface,
            channel: format!("#{name}"),
            repo: format!("acme/{surface}-{}", letters(number)),
        };
        let in_slack = |id: String| slack::Channel {
            id,
            name: name.clone(),
            private: false,
            member: true,
            archived: false,
        };
        if number < size.channels {
            surfaces.slack.set_channel(in_slack(format!("C0TEAM{number}")));
            surfaces.discord.set_channel(discord::Channel {
                id: format!("{}", 4_000_000_000_000_000_000_u64 + number as u64),
                name: name.clone(),
                kind: 0,
                parent: None,
                visible: true,
                archived: false,
            });
            alive.extend([place("slack"), place("discord")]);
        }
        if number < size.dead {
            surfaces.dead.set_channel(in_slack(format!("C0DEAD{number}")));
            dead.push(place("dead"));
        }
    }
    (alive, dead)
}

fn routes(places: &[Place]) -> String {
    places.iter().fold(String::new(), |mut out, place| {
        let Place { surface, channel, repo } = place;
        let _ = write!(out, "[[route]]\nrepo = \"{repo}\"\nto = [\"{surface}:{channel}\"]\n\n");
        out
    })
}

/// One failure, made when its webhook is sent.
fn run_of(place: &Place, id: u64, failure: usize) -> Run {
    // Its own test fails in each pipeline, so that all of them are failures of their own.
    let test = format!("{}_{}", place.repo.replace(['/', '-'], "_"), letters(pipeline_of(failure)));
    let log = CARGO_TEST.replace("rounds_half_up", &test);
    Run::failed(&place.repo, id)
        .branch(&branch(pipeline_of(failure)))
        .job(Job::failed("test", bytes::Bytes::from(log)))
}

/// Tells everything, and checks that it arrived as it should.
pub(crate) async fn tell(size: Size, database: Database) -> Figures {
    let github = GitHub::start().await;
    let surfaces = Surfaces {
        slack: Slack::start().await.unwrap(),
        discord: Discord::start().await.unwrap(),
        dead: Slack::start().await.unwrap(),
    };
    let (alive, dead) = places(size, &surfaces);
    let chat = Chat::slack(&surfaces.slack, SlackMode::Http).and(Chat::discord(&surfaces.discord));
    let further = Chat::slack(&surfaces.dead, SlackMode::Http);
    let further = Chat { surface: "dead", table: format!("kind = \"slack\"\n{}", further.table), ..further };
    let everywhere: Vec<Place> = alive.iter().chain(&dead).cloned().collect();
    let mut bot = Bot::start_with(&github, chat.and(further), database, &routes(&everywhere)).await;
    assert!(surfaces.discord.wait_until(size.patience, Discord::is_connected).await, "connects to Discord");
    surfaces.slack.set_weather(Some(FORECAST), 1);
    surfaces.discord.set_weather(Some(FORECAST), 2);
    surfaces.dead.be_silent(true);

    // The dead surface has its share first, so that everything else comes behind it.
    let began = Instant::now();
    send(&bot, &github, &dead, size.failures, 1_000_000).await;
    let accepted = send(&bot, &github, &alive, size.failures, 2_000_000).await;
    let accepted_in = began.elapsed();
    let pipelines: BTreeSet<usize> = (0..size.failures).map(pipeline_of).collect();
    wait_for(&bot, &surfaces, &alive, &pipelines, began, size.patience).await;
    let told_in = began.elapsed();
    let none = dead.iter().all(|place| surfaces.told(place).is_empty());
    assert!(none, "the dead surface is dead");

    let mut waits = Vec::new();
    for place in &alive {
        for told in surfaces.told(place) {
            let sent = accepted[&(place.repo.clone(), told.branch.clone())];
            waits.push(told.came.saturating_duration_since(sent));
        }
    }
    waits.sort_unstable();

    // It comes back to life, and hears of everything after all.
    surfaces.dead.be_silent(false);
    surfaces.slack.set_weather(None, 0);
    surfaces.discord.set_weather(None, 0);
    wait_for(&bot, &surfaces, &dead, &pipelines, Instant::now(), size.patience).await;

    // A second telling would come now.
    tokio::time::sleep(Duration::from_secs(2)).await;
    for place in &everywhere {
        in_order_and_once(&bot, &surfaces, place, &pipelines).await;
    }
    surfaces.assert_clean();
    github.assert_clean();
    bot.stop().await;
    Figures {
        failures: size.failures * everywhere.len(),
        channels: everywhere.len(),
        accepted_in,
        told_in,
        waits,
        refused: surfaces.slack.refused() + surfaces.discord.refused(),
        calls: surfaces.slack.calls().len() + surfaces.discord.calls().len(),
    }
}

/// Sends the webhooks of all failures, channel by channel in turns; when the first of each pipeline was accepted.
async fn send(
    bot: &Bot,
    github: &GitHub,
    places: &[Place],
    failures: usize,
    first: u64,
) -> BTreeMap<(String, String), Instant> {
    let turns = (0..failures).flat_map(|failure| places.iter().map(move |place| (failure, place)));
    let sent = futures::stream::iter(turns.enumerate()).map(|(number, (failure, place))| async move {
        let id = first + number as u64;
        github.add_run(run_of(place, id, failure));
        bot.take(&github.workflow_run_webhook(id, "completed", HOOK_SECRET)).await;
        ((place.repo.clone(), branch(pipeline_of(failure))), Instant::now())
    });
    let mut accepted = BTreeMap::new();
    let mut sent = sent.buffered(SENT_AT_ONCE);
    while let Some((pipeline, at)) = sent.next().await {
        accepted.entry(pipeline).or_insert(at);
    }
    accepted
}

/// Waits until everything that these channels have to hear stands there.
async fn wait_for(
    bot: &Bot,
    surfaces: &Surfaces,
    places: &[Place],
    pipelines: &BTreeSet<usize>,
    since: Instant,
    patience: Duration,
) {
    let mut waiting: Vec<&Place> = places.iter().collect();
    while !waiting.is_empty() {
        waiting.retain(|place| !is_complete(&surfaces.told(place), pipelines));
        let twice = waiting.iter().find(|place| surfaces.told(place).len() > pipelines.len());
        if let Some(place) =
            twice.or(waiting.first()).filter(|_| twice.is_some() || since.elapsed() > patience)
        {
            let there = surfaces.told(place);
            let lacking: Vec<_> = there
                .iter()
                .filter(|told| told.thread.is_empty())
                .map(|told| format!("no thread: {}", told.branch))
                .collect();
            panic!(
                "{} channels still wait, {} {} with {} of {}: {lacking:?}\n{}\n{}",
                waiting.len(),
                place.surface,
                place.channel,
                there.len(),
                pipelines.len(),
                there.iter().map(|told| told.shown.as_str()).collect::<Vec<_>>().join("\n---\n"),
                last_lines(&bot.log())
            );
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// Whether all is there, each with its thread, and with what came after it.
fn is_complete(told: &[Told], pipelines: &BTreeSet<usize>) -> bool {
    let again =
        |told: &Told| pipelines.iter().any(|number| is_repeated(*number) && branch(*number) == told.branch);
    told.len() >= pipelines.len()
        && told.iter().all(|told| !told.thread.is_empty() && (!again(told) || told.shown.contains("×2")))
}

/// Whether a pipeline fails twice.
fn is_repeated(number: usize) -> bool {
    number % AGAIN_EACH == AGAIN_EACH - 2
}

/// Each failure exactly once, in the order in which the bot wished for the messages, and nothing left to do.
async fn in_order_and_once(bot: &Bot, surfaces: &Surfaces, place: &Place, pipelines: &BTreeSet<usize>) {
    let told = surfaces.told(place);
    let where_ = format!("{} {}", place.surface, place.channel);
    let branches: Vec<&str> = told.iter().map(|told| told.branch.as_str()).collect();
    let expected: BTreeSet<String> = pipelines.iter().map(|number| branch(*number)).collect();
    assert_eq!(branches.len(), expected.len(), "{where_}: each once: {branches:?}");
    assert_eq!(
        branches.iter().map(|branch| (*branch).to_owned()).collect::<BTreeSet<_>>(),
        expected,
        "{where_}"
    );
    for told in &told {
        let distinct: BTreeSet<&String> = told.thread.iter().collect();
        assert_eq!(
            distinct.len(),
            told.thread.len(),
            "{where_}: twice in the thread of {}: {:#?}",
            told.branch,
            told.thread
        );
    }
    let mut wished = Vec::new();
    let mut before = String::new();
    loop {
        let channel = place.channel.replace('#', "%23");
        let page = bot
            .api(&format!("posts?surface={}&conversation={channel}&limit=100{before}", place.surface))
            .await;
        for post in page["posts"].as_array().unwrap() {
            assert_eq!(post["state"], "delivered", "{where_}: {}", post["error"]);
            if post["parent"].is_null() {
                wished.push(branch_in(post["headline"].as_str().unwrap()));
            }
        }
        match page["next"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    wished.reverse();
    assert_eq!(branches, wished, "{where_}: in the order in which they were wished for");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_is_told_once_and_in_order_whatever_the_weather() {
    let size = Size { channels: 8, failures: 15, dead: 8, patience: Duration::from_mins(8) };
    let figures = tell(size, Database::Sqlite).await;
    report(&figures.to_string());
    assert!(figures.refused > 0, "the weather was bad: {figures}");
}

#[expect(clippy::print_stdout, reason = "the figures are what a test of load is for")]
fn report(line: &str) {
    println!("{line}");
}
