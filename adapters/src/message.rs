//! The Message vocabulary: what is said, without saying how a surface draws it.
//!
//! Every string in a [`Message`] is *plain text*: surfaces escape it for their markup, so that nothing from logs, titles or
//! branch names can mention anyone, inject markup or link elsewhere. The only ways to mention and to link are [`Mention`]
//! and the explicit `url` fields, which only our own code fills.

use serde::{Deserialize, Serialize};

/// One message, surface-neutral. Every surface fits it to its own limits (platform rules stand beside each surface).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What it means, in shape and word; never by colour alone.
    pub tone: Tone,
    /// One line: `payments · main broke at “test (ubuntu, 3.12)”`.
    pub headline: String,
    /// Where the headline leads, if anywhere.
    pub url: Option<String>,
    /// Who is told loudly; empty for nobody.
    pub mentions: Vec<Mention>,
    /// Paragraphs, in order.
    pub sections: Vec<Section>,
    /// The lines that prove it.
    pub excerpt: Option<Excerpt>,
    /// Short name and value pairs.
    pub facts: Vec<Fact>,
    /// What the claims rest on.
    pub citations: Vec<Citation>,
    /// Buttons.
    pub actions: Vec<Action>,
    /// Small print: run, commit, author, confidence.
    pub footer: Vec<Footnote>,
}

impl Message {
    /// A message with a tone and a headline and nothing else.
    pub fn new(tone: Tone, headline: impl Into<String>) -> Self {
        Self {
            tone,
            headline: headline.into(),
            url: None,
            mentions: Vec::new(),
            sections: Vec::new(),
            excerpt: None,
            facts: Vec::new(),
            citations: Vec::new(),
            actions: Vec::new(),
            footer: Vec::new(),
        }
    }
}

/// What a message means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Newly broken.
    Broken,
    /// Broken before, broken again.
    StillBroken,
    /// Was broken, is green.
    Fixed,
    /// For information.
    Info,
    /// A question back to the reader.
    Asking,
}

impl Tone {
    /// The word that stands for it where a colour or sign cannot be seen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::StillBroken => "still broken",
            Self::Fixed => "fixed",
            Self::Info => "info",
            Self::Asking => "question",
        }
    }
}

/// One person to be notified, as the surface knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// The surface's own id of the person (`U012AB3CD`), from configuration or a directory, never from outside text.
    pub id: String,
    /// What is shown where a mention is not possible.
    pub name: String,
}

/// A paragraph, optionally under a short title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Short title in bold, if any (`Whose move`).
    pub title: Option<String>,
    /// The text, in spans.
    pub text: Vec<Span>,
    /// Belongs in the thread when the surface has threads; the console shows it folded.
    pub detail: bool,
}

/// A run of text of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Span {
    /// Plain words.
    Text {
        /// The words.
        text: String,
    },
    /// Emphasised words.
    Strong {
        /// The words.
        text: String,
    },
    /// Code: a name, a command, a piece of a log. One line.
    Code {
        /// The code.
        text: String,
    },
    /// A link that our own code made.
    Link {
        /// What is shown.
        text: String,
        /// Absolute http(s) address.
        url: String,
    },
}

impl Span {
    /// Plain words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// Emphasised words.
    pub fn strong(text: impl Into<String>) -> Self {
        Self::Strong { text: text.into() }
    }

    /// Code on one line.
    pub fn code(text: impl Into<String>) -> Self {
        Self::Code { text: text.into() }
    }

    /// A link of our own making.
    pub fn link(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self::Link { text: text.into(), url: url.into() }
    }

    /// The words without their kind.
    pub fn words(&self) -> &str {
        match self {
            Self::Text { text } | Self::Strong { text } | Self::Code { text } | Self::Link { text, .. } => {
                text
            }
        }
    }
}

/// Lines of a log, already redacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// Which log (`test (ubuntu, 3.12)`).
    pub name: String,
    /// Where the log is, if anywhere; surfaces link the name to it.
    pub url: Option<String>,
    /// The lines in order; gaps in the numbers are drawn as an ellipsis.
    pub lines: Vec<ExcerptLine>,
    /// Whether the lines are what was asked for, so that surfaces show them all in the message itself where they fit.
    #[serde(default)]
    pub whole: bool,
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcerptLine {
    /// 1-based number in the original file.
    pub number: u64,
    /// Its cleaned, redacted text.
    pub text: String,
    /// Whether it is the decisive line.
    pub key: bool,
}

/// A name and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Name (`Category`).
    pub name: String,
    /// Value.
    pub value: String,
}

/// What a claim rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// Stable reference: `log:128-131` or `runbook:<id>#<heading>`.
    pub reference: String,
    /// What is shown (`Runbook: Rebuild a lock file › Fix`).
    pub label: String,
    /// Where it leads, if anywhere.
    pub url: Option<String>,
    /// The words cited, for reading in place.
    pub quote: String,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What it does (`rerun_failed`, `claim`, `feedback_up`), from our own closed list.
    pub id: String,
    /// What stands on it; at most 75 characters on Slack.
    pub label: String,
    /// What is handed back when it is clicked: an opaque key of ours, at most 2000 characters.
    pub value: String,
    /// How it looks.
    pub style: ActionStyle,
    /// A question to be confirmed first, for what cannot be undone.
    pub confirm: Option<String>,
    /// A plain link instead of an action.
    pub url: Option<String>,
}

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionStyle {
    /// The one thing to do.
    Primary,
    /// One of several.
    Normal,
    /// Changes something that is hard to take back.
    Danger,
}

/// One item of small print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footnote {
    /// What is shown.
    pub text: String,
    /// Where it leads, if anywhere.
    pub url: Option<String>,
}
