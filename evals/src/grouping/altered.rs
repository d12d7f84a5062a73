//! The same log from another machine at another time, and the log of a failure that is nearly the same.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::flaky::Dice;

fn pattern(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

static HASH: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"\b[0-9a-f]{7,64}\b"));
static UUID: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"));
static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"\b\d\d:\d\d:\d\d\b"));
static DAY: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"\b20\d\d-\d\d-\d\d"));
static TOOK: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"\b(?P<n>\d+(?:\.\d+)?)(?P<unit> ?(?:ms|s|seconds|min)\b)"));
static USER: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"/(?:home|Users)/[a-z][\w-]*/"));
static TEMP: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"/tmp/[\w.-]+/"));
static CHECKOUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"/home/runner/work/[\w.-]+/[\w.-]+/|/builds/[\w.-]+/[\w.-]+/|/home/vsts/work/\d+/s/|/var/lib/jenkins/workspace/[\w.-]+/",
    )
});
static PLACE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?P<file>\.[a-z]{1,5}):\d+(?P<column>:\d+)?\b"));
static VERSION: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"\b\d{1,2}\.\d{1,3}\.\d{1,3}\b"));
static ADDRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"\b(?:10|172|192|127)\.\d{1,3}\.\d{1,3}\.\d{1,3}(?P<port>:\d+)?\b"));
static POINTER: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"\b0x[0-9a-f]{4,16}\b"));

/// The same failure, told elsewhere and at another time. All that varies is varied; colours, time stamps in front of the
/// lines and noise before them come and go with the seed.
pub(super) fn same(text: &str, seed: u64) -> String {
    let mut dice = Dice::new(seed + 1);
    let hex = |dice: &mut Dice, length: usize| -> String {
        (0..length)
            .map(|_| char::from_digit(u32::try_from(dice.below(16)).unwrap_or(0), 16).unwrap_or('0'))
            .collect()
    };
    let mut text = replaced(&UUID, text, |_| [8, 4, 4, 4, 12].map(|length| hex(&mut dice, length)).join("-"));
    text = replaced(&HASH, &text, |found| {
        let word = &found[0];
        let mixed =
            word.bytes().any(|it| it.is_ascii_digit()) && word.bytes().any(|it| it.is_ascii_alphabetic());
        if mixed { format!("{}a7", hex(&mut dice, word.len() - 2)) } else { word.to_owned() }
    });
    text = replaced(&CHECKOUT, &text, |_| {
        [
            "/home/runner/work/shop/shop/",
            "/builds/acme/shop/",
            "/home/vsts/work/7/s/",
            "/var/lib/jenkins/workspace/shop/",
        ][usize::try_from(dice.below(4)).unwrap_or(0)]
        .to_owned()
    });
    text = replaced(&USER, &text, |found| {
        // A user's folder is named once a machine, and a checkout is not its user's.
        if found[0].starts_with("/home/runner/") || found[0].starts_with("/home/vsts/") {
            found[0].to_owned()
        } else {
            format!("/home/user{}/", dice.below(90))
        }
    });
    text = replaced(&TEMP, &text, |_| format!("/tmp/tmp{}/", hex(&mut dice, 8)));
    text = replaced(&PLACE, &text, |found| {
        let column =
            if found.name("column").is_some() { format!(":{}", 1 + dice.below(80)) } else { String::new() };
        format!("{}:{}{column}", &found["file"], 1 + dice.below(900))
    });
    text = replaced(&ADDRESS, &text, |found| {
        let port = if found.name("port").is_some() {
            format!(":{}", 1024 + dice.below(60_000))
        } else {
            String::new()
        };
        format!("10.{}.{}.{}{port}", dice.below(250), dice.below(250), 1 + dice.below(250))
    });
    text = replaced(&VERSION, &text, |_| format!("{}.{}.{}", dice.below(30), dice.below(90), dice.below(90)));
    text = replaced(&POINTER, &text, |found| format!("0x{}", hex(&mut dice, found[0].len() - 2)));
    text = replaced(&TIME, &text, |_| {
        format!("{:02}:{:02}:{:02}", dice.below(24), dice.below(60), dice.below(60))
    });
    text = replaced(&DAY, &text, |_| format!("2025-{:02}-{:02}", 1 + dice.below(12), 1 + dice.below(28)));
    text =
        replaced(&TOOK, &text, |found| format!("{}.{}{}", dice.below(50), 1 + dice.below(9), &found["unit"]));
    if seed % 2 == 1 {
        text = coloured(&text);
    }
    // No runner puts the time before lines that carry it already, behind the names of job and step or not.
    let stamped = text.lines().take(50).any(|line| DAY.as_ref().is_some_and(|day| day.is_match(line)));
    if seed % 3 == 1 && !stamped {
        let stamp = "2025-03-04T05:06:07.8901234Z ";
        text = format!("{stamp}{}", text.trim_end().replace('\n', &format!("\n{stamp}")));
    }
    if seed % 3 == 2 {
        text = format!("Preparing the machine\nFetching 12 objects\nReady in 3.4s\n{text}");
    }
    text
}

/// Colours around what tools colour: the word that says how bad it is.
fn coloured(text: &str) -> String {
    text.replace("error:", "\u{1b}[1;31merror\u{1b}[0m:").replace("FAILED", "\u{1b}[31mFAILED\u{1b}[0m")
}

/// Failures that are nearly the same: what identifies is another one, in all of the log.
pub(super) fn near(text: &str, key: &str) -> Vec<(&'static str, String)> {
    let kinds: [(&'static str, &str, &str); 6] = [
        ("error code", r"\b(?:[A-Z]{1,4}\d{3,5}|[A-Z]{2,}-\d{4,5})\b", "Q9876"),
        (
            "host",
            r"\b[a-z][\w-]*(?:\.[\w-]+)*\.(?:com|org|io|net|dev|internal|local|example|invalid|test)\b",
            "nowhere.elsewhere.example",
        ),
        ("test", r"\btest_\w+|\bTest[A-Z]\w+", "test_of_another_thing"),
        (
            "file",
            r"\b[A-Za-z_][\w-]*\.(?:py|js|ts|tsx|go|rs|c|cpp|h|java|kt|rb|php|cs|json|yml|yaml|toml|lock|tf|sh)\b",
            "another_one.txt",
        ),
        ("exit code", r"\b(?:exit code|exit status|exited with code|status) \d+", "exit code 99"),
        ("name", r#"['"`‘“](?P<word>[A-Za-z_][\w-]{3,})['"`’”]"#, "quite_another"),
    ];
    let mut made = Vec::new();
    for (what, pattern, other) in kinds {
        let Some(found) = Regex::new(pattern).ok().and_then(|it| {
            let found = it.captures(key)?;
            Some(found.name("word").unwrap_or(found.get(0)?).as_str().to_owned())
        }) else {
            continue;
        };
        made.push((what, text.replace(&found, other)));
    }
    made
}

fn replaced(
    pattern: &LazyLock<Option<Regex>>,
    text: &str,
    with: impl FnMut(&Captures<'_>) -> String,
) -> String {
    pattern.as_ref().map_or_else(|| text.to_owned(), |it| it.replace_all(text, with).into_owned())
}
