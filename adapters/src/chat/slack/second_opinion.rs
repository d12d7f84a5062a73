//! What we would send, written down for others to judge: `tests/second_opinion/slack` runs this and asks Slack's own SDK.
#![cfg(test)]

use std::io::Write;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::chat::any_message::messages;
use crate::chat::console::sample;
use crate::chat::slack::form::view;
use crate::chat::slack::{home, render};
use crate::form;

/// Messages of every shape beside the samples.
const MESSAGES: usize = 400;

#[test]
#[ignore = "writes a file for tests/second_opinion/slack, which runs it"]
fn payloads_for_others() {
    let path = std::env::var("WHYRED_PAYLOADS").expect("WHYRED_PAYLOADS names the file to write");
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut runner = TestRunner::deterministic();
    let any = (0..MESSAGES).map(|_| messages().new_tree(&mut runner).unwrap().current());
    for message in [sample::broken(), sample::hostile()].into_iter().chain(any) {
        let rendered = render(&message);
        for page in std::iter::once(&rendered.main).chain(&rendered.thread) {
            writeln!(file, "{}", json!({"message": page})).unwrap();
        }
        writeln!(file, "{}", json!({"view": home::view(rendered)})).unwrap();
    }
    writeln!(file, "{}", json!({"view": view(&form::sample::form())})).unwrap();
}
