//! Assistant threads: conversations beside whatever a person looks at in Slack, where a workspace has them.
//!
//! Slack tells when one is opened. Questions are proposed in it, and while an answer is made it says so; Slack takes that away
//! with the answer, or after two minutes.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::chat::ChatError;
use crate::chat::slack::client::Client;
use crate::chat::slack::limits;
use crate::chat::wording::{one_line, shorten};

/// Threads that are remembered; past that all are forgotten, and say no more that they are at work.
const REMEMBERED: usize = 4096;

/// `assistant.threads.setSuggestedPrompts`.
#[derive(Debug, Serialize)]
pub(super) struct SuggestPrompts<'a> {
    channel_id: &'a str,
    thread_ts: &'a str,
    prompts: Vec<Prompt>,
}

/// One question.
#[derive(Debug, Serialize)]
struct Prompt {
    title: String,
    message: String,
}

/// `assistant.threads.setStatus`.
#[derive(Debug, Serialize)]
pub(super) struct SetStatus<'a> {
    channel_id: &'a str,
    thread_ts: &'a str,
    status: String,
}

/// The threads that were opened as assistant threads.
pub(super) struct Assistant {
    client: Arc<Client>,
    threads: Mutex<HashSet<(String, String)>>,
}

impl Assistant {
    pub(super) fn new(client: Arc<Client>) -> Self {
        Self { client, threads: Mutex::default() }
    }

    pub(super) async fn propose(
        &self,
        channel: &str,
        thread: &str,
        questions: &[String],
    ) -> Result<(), ChatError> {
        {
            let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
            if threads.len() >= REMEMBERED {
                threads.clear();
            }
            threads.insert((channel.to_owned(), thread.to_owned()));
        }
        let prompt = |question: &String| Prompt {
            title: shorten(&one_line(question), limits::PROMPT_TITLE),
            message: question.clone(),
        };
        let prompts = questions.iter().take(limits::PROMPTS).map(prompt).collect();
        self.client.suggest(&SuggestPrompts { channel_id: channel, thread_ts: thread, prompts }).await
    }

    /// Says in an assistant thread that an answer is being made; elsewhere nothing.
    pub(super) async fn working(&self, channel: &str, thread: &str, words: &str) -> Result<(), ChatError> {
        let known = (channel.to_owned(), thread.to_owned());
        if !self.threads.lock().unwrap_or_else(PoisonError::into_inner).contains(&known) {
            return Ok(());
        }
        let status = shorten(&one_line(words), limits::STATUS);
        self.client.say_status(&SetStatus { channel_id: channel, thread_ts: thread, status }).await
    }
}
