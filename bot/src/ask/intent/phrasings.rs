//! How people ask, and what they mean: the table that the grammar is held to.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Intent, Known, Place};

fn known() -> Known {
    Known {
        repos: ["acme/payments", "acme/web-shop", "other/payments", "acme/infra"].map(str::to_owned).to_vec(),
        branches: ["main", "release/1.2", "fix-rounding"].map(str::to_owned).to_vec(),
        workflows: ["CI", "Nightly build", "deploy"].map(str::to_owned).to_vec(),
        private: BTreeSet::new(),
    }
}

fn at(place: &Place) -> String {
    let mut words = Vec::new();
    if !place.repos.is_empty() {
        words.push(place.repos.join("+"));
    }
    words.extend(place.branch.as_ref().map(|branch| format!("@{branch}")));
    words.extend(place.workflow.as_ref().map(|workflow| format!("/{workflow}")));
    words.extend(place.unknown_repo.as_ref().map(|word| format!("?{word}")));
    words.join(" ")
}

/// What was understood, in short.
fn understood(question: &str) -> String {
    let said = match Intent::of(question, &known()) {
        Intent::WhyFailed(place) => format!("why {}", at(&place)),
        Intent::BrokenNow(place) => format!("broken {}", at(&place)),
        Intent::BrokeSince { place, window } => format!("broke {}h {}", window.minutes / 60, at(&place)),
        Intent::IsFlaky(place) => format!("flaky? {}", at(&place)),
        Intent::Flakiest { place, window } => format!("flakiest {}d {}", window.minutes / 1440, at(&place)),
        Intent::WhoOwns { place, path } => format!("who {} {}", at(&place), path.unwrap_or_default()),
        Intent::Changed(place) => format!("changed {}", at(&place)),
        Intent::ShowLog { place, lines } => {
            let lines = lines.map(|lines| format!("{}-{}", lines.start(), lines.end())).unwrap_or_default();
            format!("log {} {lines}", at(&place))
        }
        Intent::Seen { text, place } => format!("seen [{text}] {}", at(&place)),
        Intent::Subscribe { filter } => format!("subscribe {filter}"),
        Intent::Unsubscribe { filter } => format!("unsubscribe {filter}"),
        Intent::TryFilter { filter } => format!("try {filter}"),
        Intent::Subscriptions => "subscriptions".to_owned(),
        Intent::Mute(window) => format!("mute {}m", window.minutes),
        Intent::Unmute => "unmute".to_owned(),
        Intent::Help => "help".to_owned(),
        Intent::Knowledge { .. } => "runbooks".to_owned(),
    };
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

const WHY: &[(&str, &str)] = &[
    ("why did main of acme/payments fail?", "why acme/payments @main"),
    ("why did main of payments fail?", "why acme/payments+other/payments @main"),
    ("Why is web-shop red", "why acme/web-shop"),
    (
        "why did the nightly build of infra break on release/1.2?",
        "why acme/infra @release/1.2 /Nightly build",
    ),
    ("what's wrong with web-shop main", "why acme/web-shop @main"),
    ("what’s wrong with web-shop", "why acme/web-shop"),
    ("web-shop main failed?", "why acme/web-shop @main"),
    ("web-shop red?", "why acme/web-shop"),
    ("why did main of billing fail?", "why @main ?billing"),
    ("why did it fail?", "why"),
    ("why?", "why"),
    ("why", "why"),
    ("what happened?", "why"),
    ("explain", "why"),
    ("explain this", "why"),
    ("explain the failure", "why"),
    ("explain the last failure of infra", "why acme/infra"),
    ("how come web-shop is failing", "why acme/web-shop"),
    ("hey, why is the build of web-shop broken?", "why acme/web-shop"),
    ("can you tell me why web-shop failed", "why acme/web-shop"),
    ("could you please explain why infra's deploy broke", "why acme/infra /deploy"),
    ("Do you know why CI is red on web-shop?", "why acme/web-shop /CI"),
    ("what caused the failure in web-shop", "why acme/web-shop"),
    ("what made main of web-shop break", "why acme/web-shop @main"),
    ("what's the reason web-shop failed", "why acme/web-shop"),
    ("root cause of the infra failure?", "why acme/infra"),
    ("whyred why is fix-rounding failing in acme/payments", "why acme/payments @fix-rounding"),
    ("WHY DID WEB-SHOP FAIL", "why acme/web-shop"),
    ("whats up with web-shop, why red", "why acme/web-shop"),
    ("please diagnose the web-shop failure", "why acme/web-shop"),
    ("why does deploy keep failing", "why /deploy"),
    ("why isn't web-shop passing", "why acme/web-shop"),
    ("wtf happened to main of infra", "why acme/infra @main"),
    ("why was the run of acme/infra not green", "why acme/infra"),
    ("what went wrong in acme/web-shop on main?", "why acme/web-shop @main"),
    ("why is release/1.2 red", "why @release/1.2"),
    ("investigate", "why"),
    ("so why did that one die?", "why"),
];

const BROKEN: &[(&str, &str)] = &[
    ("what is broken?", "broken"),
    ("what's red", "broken"),
    ("what's broken right now", "broken"),
    ("what is red in infra", "broken acme/infra"),
    ("is anything red in infra", "broken acme/infra"),
    ("anything failing?", "broken"),
    ("status", "broken"),
    ("status of web-shop", "broken acme/web-shop"),
    ("is everything green?", "broken"),
    ("is everything ok on main", "broken @main"),
    ("which pipelines are broken", "broken"),
    ("list broken builds", "broken"),
    ("show me all failing workflows", "broken"),
    ("which repos are red", "broken"),
    ("open failures", "broken"),
    ("how is ci", "broken /CI"),
    ("what else is broken", "broken"),
    ("what broke on main today", "broke 24h @main"),
    ("what broke?", "broke 24h"),
    ("what failed overnight", "broke 24h"),
    ("what failed yesterday in web-shop", "broke 48h acme/web-shop"),
    ("what broke in the last 3 hours", "broke 3h"),
    ("what broke this week", "broke 168h"),
    ("what went red since monday", "broke 168h"),
    ("which builds failed in the last two days", "broke 48h"),
    ("failures today", "broke 24h"),
    ("failures of web-shop this week", "broke 168h acme/web-shop"),
    ("show me what failed in deploy this morning", "broke 24h /deploy"),
    ("what broke on release/9 today", "broke 24h ?release/9"),
    ("what all broke over the weekend", "broke 96h"),
];

const FLAKY: &[(&str, &str)] = &[
    ("is this flaky", "flaky?"),
    ("flaky?", "flaky?"),
    ("is it flaky?", "flaky?"),
    ("flaky or real?", "flaky?"),
    ("is that a flake", "flaky?"),
    ("is this a flaky test?", "flaky?"),
    ("does this fail intermittently", "flaky?"),
    ("should I just retry?", "flaky?"),
    ("should we re-run it", "flaky?"),
    ("would a rerun help", "flaky?"),
    ("is it worth a retry", "flaky?"),
    ("does it pass on retry", "flaky?"),
    ("how often does this fail", "flaky?"),
    ("how often has web-shop failed on main", "flaky? acme/web-shop @main"),
    ("is web-shop main flaky", "flaky? acme/web-shop @main"),
    ("is the nightly build flaky?", "flaky? /Nightly build"),
    ("is this test known to be flaky", "flaky?"),
    ("does web-shop fail randomly", "flaky? acme/web-shop"),
    ("which tests are flaky", "flakiest 14d"),
    ("what are the flakiest tests", "flakiest 14d"),
    ("flaky tests", "flakiest 14d"),
    ("list flaky tests in web-shop", "flakiest 14d acme/web-shop"),
    ("show our flaky jobs of the last 30 days", "flakiest 30d"),
    ("top flakes this week", "flakiest 7d"),
    ("what's flaky?", "flakiest 14d"),
    ("any flaky tests on main?", "flakiest 14d @main"),
];

const OWNERS: &[(&str, &str)] = &[
    ("who owns payments", "who acme/payments+other/payments"),
    ("who owns acme/payments?", "who acme/payments"),
    ("who maintains infra?", "who acme/infra"),
    ("who is responsible for web-shop", "who acme/web-shop"),
    ("who's responsible for web-shop main?", "who acme/web-shop @main"),
    ("whose move is it?", "who"),
    ("whose turn is this", "who"),
    ("who should fix this", "who"),
    ("who should I ask about infra", "who acme/infra"),
    ("who do I ping for web-shop", "who acme/web-shop"),
    ("who can help with acme/infra", "who acme/infra"),
    ("who looks after web-shop", "who acme/web-shop"),
    ("owner of web-shop?", "who acme/web-shop"),
    ("owners of acme/infra", "who acme/infra"),
    ("code owners of web-shop", "who acme/web-shop"),
    ("codeowners", "who"),
    ("who owns src/ledger/post.rs in web-shop", "who acme/web-shop src/ledger/post.rs"),
    ("who owns `charts/` of acme/infra", "who acme/infra charts/"),
    ("who owns Dockerfile in infra", "who acme/infra dockerfile"),
    ("who broke main of web-shop?", "who acme/web-shop @main"),
    ("who is on this", "who"),
    ("who owns billing", "who ?billing"),
];

const CHANGED: &[(&str, &str)] = &[
    ("what changed since the last green", "changed"),
    ("what changed?", "changed"),
    ("what has changed in web-shop", "changed acme/web-shop"),
    ("what's new in infra since it was green", "changed acme/infra"),
    ("which commits are in this", "changed"),
    ("which commit broke it", "changed"),
    ("what was merged since the last green run of web-shop", "changed acme/web-shop"),
    ("show me the changes", "changed"),
    ("show the commits since last green", "changed"),
    ("list commits", "changed"),
    ("diff since green", "changed"),
    ("what got merged into main of web-shop", "changed acme/web-shop @main"),
    ("which PR did that", "changed"),
    ("what landed on release/1.2", "changed @release/1.2"),
    ("last green?", "changed"),
    ("what else changed", "changed"),
];

const LOGS: &[(&str, &str)] = &[
    ("show me the log around that", "log"),
    ("show the log", "log"),
    ("log", "log"),
    ("logs please", "runbooks"),
    ("show me more lines", "log"),
    ("more context", "log"),
    ("give me the log of web-shop", "log acme/web-shop"),
    ("show lines 120-140", "log 120-140"),
    ("show me line 88", "log 88-88"),
    ("lines 20 to 10 please", "log 10-20"),
    ("can you show me lines 5–9 of the log", "log 5-9"),
    ("print the output around the error", "log"),
    ("paste the stack trace", "log"),
    ("where is the log", "log"),
    ("where can I see the logs of infra's deploy", "log acme/infra /deploy"),
    ("what does the log say", "log"),
    ("need more output", "log"),
];

const SEEN: &[(&str, &str)] = &[
    ("has anyone seen `ECONNRESET` in deploys?", "seen [ECONNRESET]"),
    ("has anyone seen `ECONNRESET` in deploy?", "seen [ECONNRESET] /deploy"),
    ("has anyone seen `ECONNRESET` in web-shop", "seen [ECONNRESET] acme/web-shop"),
    ("have we had E0308 before?", "seen [E0308]"),
    ("have we seen this error: `lock file out of date`?", "seen [lock file out of date]"),
    ("has anybody else hit ERR_SSL_PROTOCOL_ERROR", "seen [ERR_SSL_PROTOCOL_ERROR]"),
    ("have you seen a segfault before", "seen [segfault]"),
    ("did we ever get ORA-00942?", "seen [ORA-00942]"),
    ("did anyone see `No space left` lately", "seen [No space left]"),
    ("is \"connection reset by peer\" a known thing, seen before?", "seen [connection reset by peer]"),
    ("has someone run into `exit code 137`", "seen [exit code 137]"),
];

const COMMANDS: &[(&str, &str)] = &[
    ("subscribe acme/payments", "subscribe acme/payments"),
    ("subscribe to acme/*", "subscribe acme/*"),
    ("please subscribe us to acme/web-shop", "subscribe acme/web-shop"),
    ("Subscribe this channel to `ACME/Web-Shop`", "subscribe `acme/web-shop`"),
    ("subscribe payments branch:main -actor:bots", "subscribe payments branch:main -actor:bots"),
    ("subscribe payments failures,fixed", "subscribe payments failures,fixed"),
    ("subscribe flakiest daily 09:00 Europe/Berlin", "subscribe flakiest daily 09:00 europe/berlin"),
    ("subscribe us to flakiest daily 9:30", "subscribe flakiest daily 9:30"),
    ("snooze 2h", "mute 120m"),
    ("unsubscribe all", "unsubscribe all"),
    ("test acme/* branch:main", "try acme/* branch:main"),
    ("test the filter payments", "try payments"),
    ("try subscription acme/*", "try acme/*"),
    ("unsubscribe acme/payments", "unsubscribe acme/payments"),
    ("unsubscribe from acme/*", "unsubscribe acme/*"),
    ("list", "subscriptions"),
    ("list subscriptions", "subscriptions"),
    ("show our subscriptions", "subscriptions"),
    ("subscriptions", "subscriptions"),
    ("what are we subscribed to?", "subscriptions"),
    ("mute", "mute 120m"),
    ("mute 2h", "mute 120m"),
    ("mute for 30 minutes", "mute 30m"),
    ("snooze 1 day", "mute 1440m"),
    ("please be quiet for an hour", "mute 60m"),
    ("unmute", "unmute"),
    ("help", "help"),
    ("hi", "help"),
    ("Hello!", "help"),
    ("", "help"),
    ("?", "help"),
    ("what can you do", "help"),
    ("what can I ask you?", "help"),
    ("how do you work?", "help"),
    ("who are you?", "help"),
];

const RUNBOOKS: &[(&str, &str)] = &[
    ("how do I fix an npm ERESOLVE conflict?", "runbooks"),
    ("how do I rotate the staging certificate", "runbooks"),
    ("how can I clear the cache", "runbooks"),
    ("how do I quarantine a flaky test", "runbooks"),
    ("where do I find the staging credentials", "runbooks"),
    ("is there a runbook for failed migrations", "runbooks"),
    ("what is the best way to pin a dependency", "runbooks"),
    ("npm ERESOLVE", "runbooks"),
    ("E0308", "runbooks"),
    ("why is the sky blue", "runbooks"),
    ("thanks!", "runbooks"),
    ("certificate rotation", "runbooks"),
    ("how should we handle failed deploys", "runbooks"),
];

#[test]
fn phrasings() {
    let table = [WHY, BROKEN, FLAKY, OWNERS, CHANGED, LOGS, SEEN, COMMANDS, RUNBOOKS].concat();
    assert!(table.len() >= 150, "{} phrasings", table.len());
    let wrong: Vec<String> = table
        .iter()
        .map(|(question, meant)| (question, meant, understood(question)))
        .filter(|(_, meant, understood)| understood != *meant)
        .map(|(question, meant, understood)| format!("{question} → {understood}, meant: {meant}"))
        .collect();
    assert_eq!(wrong.join("\n"), "");
}

proptest! {
    #[test]
    fn any_words_are_read(question in "\\PC{0,200}") {
        understood(&question);
    }

    /// However it is written, a known repository is found.
    #[test]
    fn case_and_marks_do_not_matter(marks in "[?!. ]{0,4}", upper in any::<bool>()) {
        let question = format!("why did web-shop fail{marks}");
        let question = if upper { question.to_uppercase() } else { question };
        prop_assert_eq!(understood(&question), "why acme/web-shop");
    }
}
