//! What went wrong, worst first, with the place to look at.

use serde::{Deserialize, Serialize};

use super::score::Outcome;

/// In which way a verdict was wrong; the worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Miss {
    /// A wrong category was said with confidence.
    SureButWrong,
    /// The category is wrong, and the verdict says that it is not sure.
    Category,
    /// The category is right and the decisive line is not.
    KeyLine,
    /// Only the owner is wrong.
    Owner,
}

impl Miss {
    /// The worst that is wrong about an outcome.
    pub(crate) fn of(outcome: &Outcome) -> Option<Miss> {
        if outcome.confidently_wrong() || outcome.false_alarm() {
            Some(Miss::SureButWrong)
        } else if !outcome.right() {
            Some(Miss::Category)
        } else if outcome.label.passes() {
            None
        } else if !outcome.key_right() {
            Some(Miss::KeyLine)
        } else {
            (outcome.owner_right() == Some(false)).then_some(Miss::Owner)
        }
    }

    fn words(self) -> &'static str {
        match self {
            Miss::SureButWrong => "sure but wrong",
            Miss::Category => "category",
            Miss::KeyLine => "key line only",
            Miss::Owner => "owner only",
        }
    }
}

/// The wrong ones, the worst and among equals the surest first; held-out logs are only counted unless they are asked for:
/// whoever reads them can no longer measure with them.
pub(crate) fn worst<'o>(outcomes: &[&'o Outcome], held_out: bool) -> (Vec<(Miss, &'o Outcome)>, usize) {
    let wrong = outcomes.iter().filter_map(|outcome| Some((Miss::of(outcome)?, *outcome)));
    let (mut shown, mut hidden) = (Vec::new(), 0);
    for (miss, outcome) in wrong {
        if outcome.label.held_out() == Some(true) && !held_out {
            hidden += 1;
        } else {
            shown.push((miss, outcome));
        }
    }
    shown.sort_by(|(miss, a), (other, b)| {
        miss.cmp(other).then(b.got.confidence.total_cmp(&a.got.confidence)).then(a.label.id.cmp(&b.label.id))
    });
    (shown, hidden)
}

/// Where to look: the file and the first line that the label names.
pub(crate) fn place(outcome: &Outcome) -> String {
    let line = outcome.label.explains.first().map_or(1, |(first, _)| *first);
    format!("{}:{line}", outcome.path.display())
}

/// The same as a link of Markdown, with the lines as code hosts want them.
pub(crate) fn link(outcome: &Outcome) -> String {
    let path = outcome.path.display();
    let lines = outcome.label.explains.first().map(|(first, last)| format!("#L{first}-L{last}"));
    format!("[{}]({path}{})", outcome.label.id, lines.unwrap_or_default())
}

/// One line for a table: what, said, confidence, rule, wanted.
pub(crate) fn cells(miss: Miss, outcome: &Outcome) -> Vec<String> {
    let (said, wanted) = if miss == Miss::Owner {
        (
            outcome.got.owner.to_string(),
            outcome.label.owner().map_or(String::new(), |owner| owner.to_string()),
        )
    } else {
        (outcome.got.category.to_string(), wanted(outcome))
    };
    let confidence = format!("{:.2}", outcome.got.confidence);
    vec![miss.words().to_owned(), said, confidence, rule(outcome).to_owned(), wanted]
}

/// A miss in full, for whoever mends it.
pub(crate) fn lines(miss: Miss, outcome: &Outcome) -> Vec<String> {
    let (got, want) = (&outcome.got, &outcome.label);
    let owners = format!("{} for {}", got.owner, want.owner().map_or("nobody".to_owned(), |o| o.to_string()));
    let key = got.key_line.as_ref();
    let mut lines = vec![
        String::new(),
        format!(
            "{} ({}): said {} ({}, {:.2}), want {}; owner {owners}",
            want.id,
            miss.words(),
            got.category,
            rule(outcome),
            got.confidence,
            wanted(outcome),
        ),
        format!("  {}", place(outcome)),
        format!("  got  {:>6} {}", key.map_or(0, |key| key.line), clip(key.map_or("", |key| &key.text))),
        format!("  want {:?} {}", want.explains, clip(want.key_string().unwrap_or_default())),
    ];
    lines.extend(got.findings.iter().take(4).skip(1).map(|finding| {
        format!("   also {:>5} {} {}", finding.key_line.line, finding.rule, clip(&finding.key_line.text))
    }));
    lines
}

fn rule(outcome: &Outcome) -> &str {
    let got = &outcome.got;
    got.rule.as_deref().or_else(|| got.findings.first().map(|f| f.rule.as_str())).unwrap_or("no rule")
}

fn wanted(outcome: &Outcome) -> String {
    let label = &outcome.label;
    label.alt_categories.iter().fold(label.category.to_string(), |text, other| text + " or " + other.as_str())
}

fn clip(text: &str) -> String {
    text.chars().take(150).collect()
}
