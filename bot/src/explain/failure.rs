//! The main message of a failure: at most about twelve lines.

use adapters::event::Run;
use adapters::message::{Action, ActionStyle, Citation, Footnote, Message, Section, Span, Tone};
use classifiers::Verdict;
use classifiers::category::Category;

use super::excerpt::{excerpt_of, log_citation};
use super::story::{Cure, FailureStory, JobReading, Passage, Phase, RELEVANT};
use super::whose_move::whose_move;
use crate::text;

/// Lines of log in the main message; the thread has more.
const MAIN_EXCERPT_LINES: usize = 4;
/// Commits named as "what changed".
const NAMED_COMMITS: usize = 3;

/// What is said where the team sees it, edited in place as the episode goes on.
pub fn failure_message(story: &FailureStory) -> Message {
    match &story.phase {
        Phase::Fixed { by, after, cure, flapped } => {
            let headline = match cure {
                Cure::Commit => text::failure::fixed_by_commit(by, *after),
                Cure::Retry => text::failure::fixed_by_retry(by, *after),
                Cure::NotNeeded => text::failure::green_after_all(by),
            };
            green(story, by, headline, *cure == Cure::Retry, flapped.map(text::failure::had_flapped))
        }
        Phase::Flapping { breaks, within, green: Some(by) } => {
            let headline = text::failure::flapping_green(by, *breaks, *within);
            let message = green(story, by, headline, false, Some(text::failure::flapping_is_edited()));
            // Whether that is the end of it, nobody knows yet.
            Message { tone: Tone::Info, ..message }
        }
        Phase::Broken | Phase::StillBroken { .. } | Phase::Flapping { green: None, .. } => broken(story),
    }
}

/// The message of one repository that an incident took over: short, because the incident's own message tells the rest.
pub fn folded_message(story: &FailureStory) -> Message {
    let whole = failure_message(story);
    if matches!(story.phase, Phase::Fixed { .. }) {
        return whole;
    }
    let mut message = Message::new(whole.tone, text::rollup::folded(&story.run));
    message.url = whole.url;
    message.sections = vec![plain(None, vec![Span::text(text::rollup::see_incident())])];
    message.sections.extend(standing(story));
    message.actions = whole.actions;
    message.footer = whole.footer;
    message
}

fn broken(story: &FailureStory) -> Message {
    let job = story.primary().map(|job| job.name.as_str());
    let (tone, headline) = match story.phase {
        Phase::StillBroken { runs } => {
            (Tone::StillBroken, text::failure::still_broken(&story.run, job, runs))
        }
        Phase::Flapping { breaks, within, .. } => {
            (Tone::StillBroken, text::failure::flapping_red(&story.run, job, breaks, within))
        }
        Phase::Broken | Phase::Fixed { .. } => (Tone::Broken, text::failure::broken(&story.run, job)),
    };
    let mut message = Message::new(tone, headline);
    message.url = Some(story.run.url.clone()).filter(|url| !url.is_empty());

    let turn = whose_move(story);
    if turn.person.is_some() {
        message.mentions.extend(story.mention.clone());
    }
    if let Some(primary) = story.primary() {
        message.sections.push(plain(None, cause(primary)));
        if let Some(problem) = &primary.log_problem {
            message.sections.push(plain(None, vec![Span::text(problem.clone())]));
        }
        message.excerpt = excerpt_of(primary, MAIN_EXCERPT_LINES);
        message.citations.extend(log_citation(primary));
    } else {
        message.sections.push(plain(None, vec![Span::text(text::failure::no_failed_job(&story.run))]));
    }
    message.sections.push(plain(Some(text::failure::whose_move_title()), vec![Span::text(turn.why)]));
    if let Some(spans) = alike(story) {
        message.sections.push(plain(Some(text::failure::also_title()), spans));
    }
    if let Some(spans) = changed(story) {
        message.sections.push(plain(Some(text::failure::changed_title()), spans));
    }
    message.sections.extend(first_fix(story));
    message
        .citations
        .extend(story.passages.iter().filter(|passage| passage.relevance >= RELEVANT).map(passage_citation));
    if matches!(story.phase, Phase::Flapping { .. }) {
        message.sections.push(plain(None, vec![Span::text(text::failure::flapping_is_edited())]));
    }
    message.sections.extend(standing(story));
    message.actions = actions(story);
    message.footer = footer(story);
    message
}

/// It is green, thanks to a re-run or not; `more` is said about that.
fn green(story: &FailureStory, by: &Run, headline: String, rerun: bool, more: Option<String>) -> Message {
    let mut message = Message::new(Tone::Fixed, headline);
    message.url = Some(by.url.clone()).filter(|url| !url.is_empty());
    if let Some(primary) = story.primary().filter(|job| is_known(job)) {
        message.sections.push(plain(Some(text::failure::was_title()), cause(primary)));
    }
    if let Some(rerun) = story.rerun.as_ref().filter(|asked| rerun && asked.state == "done") {
        message.sections.push(plain(None, vec![Span::text(text::failure::rerun_helped(&rerun.by))]));
    }
    message.sections.extend(more.map(|more| plain(None, vec![Span::text(more)])));
    message.actions = feedback(story);
    message.footer = vec![
        run_note(by),
        Footnote {
            text: text::failure::broke_with(story.origin.run.as_ref().unwrap_or(&story.run)),
            url: None,
        },
    ];
    message
}

/// Whether there is a cause to be told, with a line that shows it.
pub(super) fn is_known(reading: &JobReading) -> bool {
    let diagnosis = &reading.diagnosis;
    diagnosis.verdict == Verdict::Failed
        && diagnosis.category != Category::Unknown
        && diagnosis.key_line.is_some()
}

/// One sentence of cause. A verdict without evidence is never given as one.
pub(super) fn cause(reading: &JobReading) -> Vec<Span> {
    let diagnosis = &reading.diagnosis;
    if !is_known(reading) {
        let unread = reading.log_problem.is_some() && diagnosis.key_line.is_none();
        return vec![Span::text(text::failure::unknown_cause(diagnosis.key_line.is_some(), unread))];
    }
    let mut spans = vec![Span::strong(text::category::name(diagnosis.category)), Span::text(" — ")];
    if !diagnosis.is_sure() {
        spans.insert(0, Span::text(text::failure::guess()));
    }
    spans.extend(text::spans(&text::sentence(&diagnosis.summary)));
    spans
}

fn alike(story: &FailureStory) -> Option<Vec<Span>> {
    let primary = story.primary()?;
    // Without a verdict fingerprints agree by chance.
    let alike = |job: &JobReading| {
        is_known(job) && is_known(primary) && job.diagnosis.fingerprint == primary.diagnosis.fingerprint
    };
    let (same, other): (Vec<&JobReading>, Vec<&JobReading>) =
        story.jobs.iter().skip(1).partition(|job| alike(job));
    let words = text::failure::also(
        &same.iter().map(|job| job.name.as_str()).collect::<Vec<_>>(),
        &other.iter().map(|job| job.name.as_str()).collect::<Vec<_>>(),
        story.unread_jobs,
    )?;
    Some(vec![Span::text(words)])
}

fn changed(story: &FailureStory) -> Option<Vec<Span>> {
    let changes = story.changes.as_ref().filter(|changes| !changes.commits.is_empty())?;
    let mut spans = Vec::new();
    for (position, commit) in changes.commits.iter().rev().take(NAMED_COMMITS).enumerate() {
        if position > 0 {
            spans.push(Span::text(" · "));
        }
        spans.push(Span::link(text::short_sha(&commit.sha), commit.url.clone()));
        spans.push(Span::text(format!(" {}", text::clipped(&commit.title, 60))));
    }
    let more = changes.total_commits.saturating_sub(NAMED_COMMITS as u64);
    if more > 0 {
        spans.push(Span::text(" · "));
        spans.push(Span::link(text::failure::more_commits(more), changes.url.clone()));
    }
    Some(spans)
}

/// The first thing to try: the runbook's word if one fits, else the rule's.
pub(super) fn first_fix(story: &FailureStory) -> Option<Section> {
    let own = story.primary().and_then(|job| job.diagnosis.fix.first());
    let passage = story.passages.first().filter(|passage| passage.relevance >= RELEVANT);
    let (words, passage) = match (own, passage) {
        (Some(fix), passage) => (fix, passage),
        (None, Some(passage)) => (&passage.quote, Some(passage)),
        (None, None) => return None,
    };
    let mut spans = text::spans(&text::sentence(words));
    if let Some(passage) = passage {
        spans.push(Span::text(" "));
        spans.push(runbook_span(passage));
    }
    Some(plain(Some(text::failure::try_title()), spans))
}

fn runbook_span(passage: &Passage) -> Span {
    let words = text::failure::runbook_label(&passage.label);
    match &passage.url {
        Some(url) => Span::link(words, url.clone()),
        None => Span::strong(words),
    }
}

/// A passage as a citation.
pub(crate) fn passage_citation(passage: &Passage) -> Citation {
    Citation {
        reference: format!("runbook:{}#{}", passage.document, passage.anchor),
        label: text::failure::runbook_label(&passage.label),
        url: passage.url.clone(),
        quote: passage.quote.clone(),
    }
}

/// Who is on it, and what was set off.
fn standing(story: &FailureStory) -> Option<Section> {
    let mut words = Vec::new();
    if let Some(person) = &story.claimed_by {
        words.push(text::failure::claimed(person));
    }
    if let Some(rerun) = story.rerun.as_ref().filter(|rerun| rerun.attempt == story.run.at.attempt) {
        words.push(text::failure::rerun_state(&rerun.by, &rerun.state, rerun.result.as_deref()));
    }
    (!words.is_empty()).then(|| plain(None, vec![Span::text(words.join(" "))]))
}

fn actions(story: &FailureStory) -> Vec<Action> {
    let mut actions = Vec::new();
    let asked = story
        .rerun
        .as_ref()
        .is_some_and(|rerun| rerun.attempt == story.run.at.attempt && rerun.state != "failed");
    if story.run.conclusion.is_some() && !story.jobs.is_empty() && !asked {
        actions.push(button(
            "rerun_failed",
            text::actions::rerun_failed(),
            rerun_value(story),
            ActionStyle::Primary,
        ));
    }
    if story.claimed_by.is_none() {
        actions.push(button("claim", text::actions::claim(), story.breakage_id.clone(), ActionStyle::Normal));
    }
    actions.extend(feedback(story));
    actions
}

/// What the re-run button hands back: the episode and exactly which attempt is to be re-run.
fn rerun_value(story: &FailureStory) -> String {
    format!("{} {} {}", story.breakage_id, story.run.at.id, story.run.at.attempt)
}

fn feedback(story: &FailureStory) -> Vec<Action> {
    let Some(primary) = story.primary() else { return Vec::new() };
    if !is_known(primary) {
        let told = text::actions::known();
        return vec![button("feedback_down", told, story.breakage_id.clone(), ActionStyle::Normal)];
    }
    vec![
        button("feedback_up", text::actions::right(), story.breakage_id.clone(), ActionStyle::Normal),
        button("feedback_down", text::actions::wrong(), story.breakage_id.clone(), ActionStyle::Normal),
    ]
}

fn button(id: &str, label: String, value: String, style: ActionStyle) -> Action {
    Action { id: id.to_owned(), label, value, style, confirm: None, url: None }
}

fn footer(story: &FailureStory) -> Vec<Footnote> {
    let run = &story.run;
    let note = |text: String, url: Option<String>| Footnote { text, url };
    let mut notes = vec![run_note(run)];
    if !run.sha.is_empty() {
        notes.push(note(text::failure::commit_label(run), None));
    }
    if !run.author.login.is_empty() {
        notes.push(note(text::failure::author_label(&run.author), None));
    }
    if let (Some(start), Some(end)) = (run.started_at, run.finished_at) {
        notes.push(note(text::failure::took(end.duration_since(start)), None));
    }
    if let Some(primary) = story.primary().filter(|job| is_known(job)) {
        notes.push(note(text::failure::confidence(primary.diagnosis.confidence), None));
    }
    if let Some(answered) = story.answered_in {
        notes.push(note(text::failure::answered_in(answered), None));
    }
    notes
}

fn run_note(run: &Run) -> Footnote {
    Footnote { text: text::failure::run_label(run), url: Some(run.url.clone()).filter(|url| !url.is_empty()) }
}

pub(super) fn plain(title: Option<String>, text: Vec<Span>) -> Section {
    Section { title, text, detail: false }
}
