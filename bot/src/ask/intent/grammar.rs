//! The grammar: which words ask for what. The first that fits wins, so commands come first and the vaguest question last.

use std::ops::RangeInclusive;

use super::place::{path, place};
use super::{Intent, Known, Place, Window};

/// Longest question that is read; chat messages can be far longer.
const MAX_QUESTION_CHARACTERS: usize = 1000;
/// A statement of more words than these tells of a failure rather than asking for one.
const SHORT_QUESTION_WORDS: usize = 8;
/// How far back "what broke" reaches where nothing is said.
const LATELY: Window = Window::days(1);
/// How far back flakiness is looked for where nothing is said.
const FLAKY_WINDOW: Window = Window::days(14);
/// How long "mute" lasts where nothing is said.
const A_WHILE: Window = Window { minutes: 120 };

// What is read is in lower case and its apostrophes are straight, except where the words themselves are wanted.
pattern!(
    POLITE,
    r"(?i)^\W*(?:(?:hey|hi|hello|ok|okay|please|pls|so|and|but|also|whyred|bot|can|could|would|will)\b[\s,]+|(?:(?:can|could|would|will)\s+(?:you|u)\s+(?:please\s+)?)|(?:(?:do|does)\s+(?:you|anyone|anybody|somebody|someone)\s+(?:know|remember)\s+(?:if\s+|whether\s+)?)|(?:(?:tell|remind)\s+(?:me|us)\s+(?:please\s+)?)|(?:i(?:'d| would)?\s+(?:want|like|need)\s+to\s+(?:know|see)\s+))"
);
pattern!(
    HELP,
    r"^\W*(?:help|hi|hello|hey|what can (?:i|you) (?:ask|do)\b.*|how do (?:i|you) (?:use (?:you|this|whyred)|work)|commands|usage|\?)?\W*$"
);
pattern!(
    SUBSCRIBE,
    r"^\W*(?:/whyred\s+)?subscribe\s+(?:(?:this channel|us|me)\s+)?(?:to\s+)?(?:failures\s+of\s+)?(\S.*?)\s*$"
);
pattern!(
    UNSUBSCRIBE,
    r"^\W*unsubscribe\s+(?:(?:this channel|us|me)\s+)?(?:from\s+)?(?:failures\s+of\s+)?(\S.*?)\s*$"
);
pattern!(
    TRY,
    r"^\W*(?:test|try|dry[- ]?run)\s+(?:the\s+)?(?:filter|subscription)\s+(?:to\s+)?(\S.*?)\s*$|^\W*(?:test|try)\s+(\S*[:/*]\S*(?:\s+\S*[:/*]\S*)*)\s*$"
);
pattern!(
    SUBSCRIPTIONS,
    r"^\W*(?:list|(?:show\s+|list\s+)?(?:(?:my|our|all|the)\s+)?subscriptions|what\s+(?:is|are|am|do)\s+(?:this channel|we|i)\s+subscribed\s+to|what\s+(?:is|do you)\s+posted?\s+here)\W*$"
);
pattern!(MUTE, r"^\W*(?:mute|snooze|be quiet|shut up|quiet)\b([^?]*)$");
pattern!(UNMUTE, r"^\W*(?:unmute|unsnooze|speak again|wake up)\b\W*$");
pattern!(
    SEEN,
    r"(?i)\b(?:has|have)\s+(?:any(?:one|body)(?:\s+else)?|somebody|someone|we|you|i)\b.*?\b(?:seen|had|met|hit|got|gotten|encountered|come\s+across|run\s+into)\s+(?:the\s+error\s+|an?\s+)?(.+?)(?:\s+(?:before|already|lately|recently))?\s*\?*\s*$"
);
pattern!(
    SEEN_DID,
    r"(?i)\bdid\s+(?:any(?:one|body)(?:\s+else)?|we|you)\s+(?:ever\s+)?(?:see|have|hit|get|meet|encounter)\s+(?:the\s+error\s+|an?\s+)?(.+?)(?:\s+(?:before|already|lately|recently))?\s*\?*\s*$"
);
pattern!(
    SEEN_QUOTED,
    r"(?i)\b(?:seen|known|before|familiar|ring\s+a\s+bell)\b.*?[`“\x22]([^`”\x22]{3,})[`”\x22]|[`“\x22]([^`”\x22]{3,})[`”\x22].*\b(?:seen|known|before|familiar|ring\s+a\s+bell)\b"
);
pattern!(
    OWNS,
    r"\bwho(?:\s+(?:owns?|maintains?|is|are|'s|should|do|can|could|has|takes?|looks?|knows?|to|broke|will|must|needs?)\b|'s\b)|\bwhose\b|\bowners?\s+(?:of|for)\b|\bcode\s?owners?\b|\bresponsible\s+for\b|\bmaintainers?\s+of\b|^\W*owners?\b"
);
pattern!(
    CHANGED,
    r"\bwhat(?:'s|\s+is|\s+was|\s+has|\s+have|\s+did|\s+got|\s+else)?\s+(?:\w+\s+)?(?:changed?|new|different|merged|landed|went\s+in|pushed|committed)\b|\b(?:which|what)\s+(?:commits?|changes?|merges?|prs?|pull\s+requests?)\b|\bsince\s+(?:the\s+|it\s+was\s+)?(?:last\s+)?(?:green|good|passing|success(?:ful)?|working)\b|\b(?:show|list|give)\s+(?:me\s+|us\s+)?(?:the\s+)?(?:changes|commits|diff)\b|\bdiff\s+(?:since|from|to|of|between)\b|\blast\s+green\b|\bwhat\s+(?:could|might)\s+have\s+caused\b|\bwhich\s+(?:change|commit|pr)\b|\bchangelog\b"
);
pattern!(
    SHOW_LOG,
    r"\b(?:show|give|print|see|paste|display|post|send|get|fetch|view|open|need|want)\b[^?]*\b(?:logs?|lines?|output|context|excerpt|stack\s?trace|traceback)\b|\bmore\s+(?:context|lines|log|output)\b|\blog\s+(?:around|near|at|of|for|please|lines?)\b|\blines?\s+\d+|\bwhat\s+does\s+the\s+log\s+say\b|\bwhere(?:'s|\s+is)\s+the\s+log\b|^\W*(?:the\s+)?logs?\W*$"
);
pattern!(LINES, r"\blines?\s+(\d{1,9})(?:\s*(?:-|–|to|until|through|\.\.)\s*(\d{1,9}))?");
pattern!(
    FLAKY,
    r"\bflak(?:y|es?|ed|ing|iness|iest|ier)\b|\bintermittent(?:ly)?\b|\bnon-?determinis\w+|\bon\s+and\s+off\b|\bcomes?\s+and\s+goes?\b|\bpass(?:es|ed)?\s+on\s+(?:a\s+)?re-?(?:run|try)\b|\b(?:worth|helps?)\s+(?:a\s+)?(?:re-?run|retry)(?:ning|ing)?\b|\bshould\s+(?:i|we)\s+(?:just\s+)?(?:re-?run|retry)\b|\b(?:re-?run|retry)(?:ning)?\s+help\b|\brandom(?:ly)?\s+(?:fail|break|red)|\bfail\w*\s+random|\bhow\s+often\s+(?:does|did|do|has)\b"
);
pattern!(
    FLAKIEST,
    r"\b(?:which|what|list|show|top|most|worst|any|our|all|the|are\s+there)\b[^?]*\bflak(?:y|es|iest)\b\s*(?:tests?|jobs?|failures?|ones|things|builds?|pipelines?|workflows?|specs?)?|\bflakiest\b|\bflaky\s+(?:tests|jobs|list|failures|builds|pipelines|workflows|ones|top)\b|\bflakes\b|\bwhat(?:'s|\s+is)\s+flaky\b"
);
pattern!(
    THIS,
    r"\b(?:that|it)\b|\bthis\s+(?:one|failure|test|job|build|flaky|a|an|known|fail\w*|is|spec|error|pipeline|branch|workflow)\b|\bthis\W*$"
);
pattern!(
    BROKEN,
    r"\bwhat(?:'s|\s+is|\s+are|\s+else\s+is)?\b[^?]*\b(?:broken|red|failing|down|not\s+green)\b|\bwhat\s+(?:all\s+|else\s+)?(?:broke|failed|breaks|fails|went\s+red|has\s+(?:failed|broken)|have\s+(?:failed|broken)|got\s+broken)\b|\b(?:anything|something|everything|all)\s+(?:broken|red|failing|down|wrong|green|ok|okay|good|fine)\b|\bwhat\s+went\s+wrong\b[^?]*\b(?:today|yesterday|overnight|lately|recently|last|this|since)\b|\bis\s+(?:everything|all|anything)\b|\bstatus\b|\b(?:which|what|list|show|any)\b[^?]*\b(?:builds?|pipelines?|workflows?|repos?|repositories|jobs?|failures)\b[^?]*\b(?:broken|red|fail(?:ing|ed)?|down|broke|open)\b|\b(?:list|show|which|any|all)\b[^?]*\b(?:broken|red|failing|failed|open)\s+(?:builds?|pipelines?|workflows?|repos?|repositories|jobs?|runs?)\b|\b(?:list|show)\b[^?]*\b(?:failures|breakages|what's red)\b|\bwhat's\s+up\s+with\s+ci\b|\bhow\s+(?:is|are)\s+(?:ci|the\s+(?:build|builds|pipelines?))\b|\bopen\s+failures\b|\bfailures\s+(?:today|yesterday|this|on|in|of)\b"
);
pattern!(PAST, r"\b(?:broke|failed|went|fails)\b");
pattern!(
    FAILED,
    r"\b(?:fail(?:s|ed|ing|ures?)?|broke(?:n)?|break(?:s|ing|age)?|red|crash(?:ed|es|ing)?|not\s+(?:green|pass(?:ing)?|work(?:ing)?)|die[sd]?|dying|error(?:s|ed|ing)?|stuck|time[sd]?\s+out|timing\s+out|exploded?|blew\s+up|borked|bust(?:ed)?|unhappy|angry|sad)\b"
);
pattern!(
    WHY,
    r"\bwhy\b|\bhow\s+come\b|\bwhat(?:'s|\s+is|\s+was|\s+went|\s+goes)?\s+(?:wrong|up|happened|going\s+on|the\s+(?:problem|matter|issue|deal|story|reason|cause|error|root\s+cause))\b|\bwhat\s+(?:made|makes|caused|causes|broke|killed|fails?|failed)\b|\bexplain\b|\breasons?\b|\b(?:root\s+)?cause\b|\bdiagnos\w+|\bwtf\b|\btriage\b|\binvestigate\b"
);
pattern!(
    HOW_TO,
    r"^\W*(?:how\s+(?:do|can|to|should|would)|where\s+(?:do|can|is|are|should)|what\s+should|what\s+(?:is|are|does)\s+(?:an?|the\s+(?:best|right|recommended))\b|is\s+there\s+a\s+(?:runbook|doc|guide))\b"
);
pattern!(WHERE_LOG, r"\bwhere(?:'s|\s+is|\s+are|\s+can\s+i\s+(?:find|see))\s+(?:the\s+)?logs?\b");
pattern!(WORKED_BY, r"^\W*(?:who\s+(?:is|are)\s+(?:you|u)|who\s+(?:made|wrote|built)\s+you)\b");

/// Reads a question.
pub(super) fn read(question: &str, known: &Known) -> Intent {
    let question: String = question.chars().take(MAX_QUESTION_CHARACTERS).collect();
    let question = question.trim().replace(['’', '‘'], "'");
    let question = without_courtesies(&question);
    let lower = question.to_lowercase();
    command(&lower)
        .or_else(|| seen(question, known))
        .or_else(|| about_a_failure(&lower, known))
        .unwrap_or_else(|| Intent::Knowledge { question: question.to_owned() })
}

/// "Hey, can you tell me why …" asks "why …".
fn without_courtesies(question: &str) -> &str {
    let mut rest = question;
    while let Some(found) = POLITE.find(rest) {
        // A greeting alone is a greeting.
        if rest[found.end()..].trim().is_empty() {
            break;
        }
        rest = &rest[found.end()..];
    }
    rest
}

/// What is done rather than asked.
fn command(lower: &str) -> Option<Intent> {
    if HELP.is_match(lower) || WORKED_BY.is_match(lower) {
        return Some(Intent::Help);
    }
    if let Some(found) = SUBSCRIBE.captures(lower) {
        return Some(Intent::Subscribe { filter: found[1].to_owned() });
    }
    if let Some(found) = UNSUBSCRIBE.captures(lower) {
        return Some(Intent::Unsubscribe { filter: found[1].to_owned() });
    }
    if let Some(found) = TRY.captures(lower) {
        let filter = found.get(1).or_else(|| found.get(2)).map_or("", |filter| filter.as_str());
        return Some(Intent::TryFilter { filter: filter.to_owned() });
    }
    if SUBSCRIPTIONS.is_match(lower) {
        return Some(Intent::Subscriptions);
    }
    if UNMUTE.is_match(lower) {
        return Some(Intent::Unmute);
    }
    let muted = MUTE.captures(lower)?;
    Some(Intent::Mute(Window::of(&muted[1]).unwrap_or(A_WHILE)))
}

/// Whether something was seen before. Its words keep their case.
fn seen(question: &str, known: &Known) -> Option<Intent> {
    let found = SEEN_QUOTED
        .captures(question)
        .or_else(|| SEEN.captures(question))
        .or_else(|| SEEN_DID.captures(question))?;
    let words = found.get(1).or_else(|| found.get(2))?.as_str();
    let quoted = words.split(['`', '"', '“', '”']).nth(1).filter(|quoted| quoted.trim().len() >= 3);
    let outside = question.replace(quoted.unwrap_or(words), " ");
    let text = quoted.unwrap_or(words).trim_matches(['`', '"', '“', '”', ' ', '?']).to_owned();
    let place = place(&outside, known);
    // Of the place only what is surely one: "has anyone seen a dead runner" names none.
    Some(Intent::Seen { text, place: Place { unknown_repo: None, ..place } })
}

fn about_a_failure(lower: &str, known: &Known) -> Option<Intent> {
    let place = place(lower, known);
    let why = WHY.is_match(lower);
    let failed = FAILED.is_match(lower);
    if WHERE_LOG.is_match(lower) {
        return Some(Intent::ShowLog { place, lines: None });
    }
    if FLAKY.is_match(lower) && !HOW_TO.is_match(lower) {
        return Some(flaky(lower, place));
    }
    if HOW_TO.is_match(lower) {
        return None;
    }
    if OWNS.is_match(lower) {
        let path = path(lower, known);
        let place = Place { unknown_repo: place.unknown_repo.filter(|_| path.is_none()), ..place };
        return Some(Intent::WhoOwns { place, path });
    }
    if CHANGED.is_match(lower) {
        return Some(Intent::Changed(place));
    }
    if SHOW_LOG.is_match(lower) && !why {
        return Some(Intent::ShowLog { place, lines: lines(lower) });
    }
    let asks_for_one = why && !BROKEN.is_match(lower);
    if BROKEN.is_match(lower) && !lower.contains("why") && !lower.contains("wrong with") {
        let window = Window::of(lower);
        return Some(match window {
            Some(window) => Intent::BrokeSince { place, window },
            None if PAST.is_match(lower) => Intent::BrokeSince { place, window: LATELY },
            None => Intent::BrokenNow(place),
        });
    }
    let named = place.is_named();
    let short = lower.split_whitespace().count() <= SHORT_QUESTION_WORDS;
    if (why && (failed || named)) || (failed && named && short) {
        return Some(Intent::WhyFailed(place));
    }
    // "why?", "explain", "what happened?": in a failure's thread there is only one thing to mean.
    if asks_for_one && lower.split_whitespace().count() <= 3 {
        return Some(Intent::WhyFailed(place));
    }
    None
}

fn flaky(lower: &str, place: Place) -> Intent {
    let one = THIS.is_match(lower) || (place.is_named() && lower.trim_start().starts_with("is "));
    if FLAKIEST.is_match(lower) && !one {
        return Intent::Flakiest { place, window: Window::of(lower).unwrap_or(FLAKY_WINDOW) };
    }
    Intent::IsFlaky(place)
}

/// The lines that a question names.
fn lines(lower: &str) -> Option<RangeInclusive<u64>> {
    let found = LINES.captures(lower)?;
    let first: u64 = found[1].parse().ok()?;
    let last = found.get(2).and_then(|last| last.as_str().parse().ok()).unwrap_or(first);
    (first > 0).then(|| first.min(last).max(1)..=first.max(last))
}
