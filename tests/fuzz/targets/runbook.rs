//! A runbook: front matter, Markdown, and the passages that it falls into.
#![no_main]

use knowledge::Document;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(document) = Document::from_markdown("runbooks", "a.md", text) {
        document.passages();
    }
    Document::without_front_matter("runbooks", "a.md", text).passages();
});
