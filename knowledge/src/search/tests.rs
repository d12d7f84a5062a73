//! What a search shows, how sure it says it is, and that it stands any text.

use proptest::prelude::*;

use super::*;
use crate::Document;

const DISK: &str = "---
title: No space left on device
tags: [docker, disk]
categories: [disk_full]
owner: platform
url: https://docs.example/disk
---
The runner's disk fills up with image layers.

## Signs

- `no space left on device`
- `ENOSPC: write`

## Why it happens

Every build leaves its layers behind. Nobody removes them.

## Fix

1. Remove unused images:

   ```sh
   docker system prune --all --force
   ```

2. Ask for a larger disk.

## Prevent

Prune every night.
";

const REGISTRY: &str = "---
title: npm cannot reach its registry
tags: [npm, registry]
categories: [network, dns]
---
## Signs

`npm ERR! code ENOTFOUND` and the name of the registry.

## Why it happens

The name of the registry cannot be resolved on the runner.

## Fix

Check the resolver in `/etc/resolv.conf`.
";

const NOTES: &str = "# Größenwahn 🚀

Über alles, was zu groß ist. `ORA-00942` means that a table or view does not exist.
";

fn index() -> Index {
    let index = Index::in_memory().unwrap();
    let pages = [("disk", DISK), ("registry", REGISTRY), ("notes", NOTES)];
    index.update(pages.map(|(id, text)| Document::from_markdown("team", id, text).unwrap()), "team").unwrap();
    index
}

fn disk_full() -> DiagnosisQuery {
    DiagnosisQuery {
        category: "disk_full".into(),
        tags: vec!["docker".into()],
        tool: "docker build".into(),
        key_line: "write /var/lib/docker/tmp/x: no space left on device".into(),
        summary: "the disk is full".into(),
    }
}

#[test]
fn a_diagnosis_finds_the_fix() {
    let hits = index().for_diagnosis(&disk_full(), 3).unwrap();
    let hit = &hits[0];
    insta::assert_debug_snapshot!((&hit.document_id, &hit.title, &hit.heading_path, &hit.url, &hit.owner, &hit.snippet, &hit.fix), @r#"
    (
        "disk",
        "No space left on device",
        [
            "Fix",
        ],
        Some(
            "https://docs.example/disk#fix",
        ),
        Some(
            "platform",
        ),
        "1. Remove unused images: 2. Ask for a larger disk.",
        Some(
            "Remove unused images:\ndocker system prune --all --force",
        ),
    )
    "#);
    assert!(hit.relevance > 0.8, "{}", hit.relevance);
    assert!(hits.iter().skip(1).all(|other| other.relevance < 0.5), "{hits:?}");
}

#[test]
fn a_question_finds_the_passage_that_answers() {
    let index = index();
    let hits = index.for_question("Why does nobody remove the layers?", 1).unwrap();
    assert_eq!((hits.len(), hits[0].anchor.as_str()), (1, "why-it-happens"));
    assert_eq!(hits[0].url.as_deref(), Some("https://docs.example/disk#why-it-happens"));
    assert_eq!(hits[0].snippet, "Every build leaves its layers behind. Nobody removes them.");
    assert!(hits[0].relevance > 0.7, "{}", hits[0].relevance);

    assert_eq!(index.for_question("ora-00942?", 1).unwrap()[0].document_id, "notes");
    assert_eq!(index.for_question("größenwahn", 1).unwrap()[0].document_id, "notes");
    assert_eq!(index.for_question("ENOSPC", 1).unwrap()[0].document_id, "disk");
}

#[test]
fn relevance_tells_that_nothing_matched() {
    let index = index();
    for text in
        ["", "   ", "how do I?", "When is the canteen open on Fridays?", "sourdough bread recipe", "🚀🚀"]
    {
        let best = index.for_question(text, 1).unwrap().first().map_or(0.0, |hit| hit.relevance);
        assert!(best < 0.3, "{text}: {best}");
    }
    let stranger = DiagnosisQuery {
        category: "lint_format".into(),
        tags: vec!["rust".into(), "rustfmt".into()],
        key_line: "Diff in /work/src/lib.rs:12".into(),
        ..DiagnosisQuery::default()
    };
    let best = index.for_diagnosis(&stranger, 1).unwrap().first().map_or(0.0, |hit| hit.relevance);
    assert!(best < 0.3, "{best}");
    assert!(index.for_diagnosis(&DiagnosisQuery::default(), 5).unwrap().is_empty());
}

#[test]
fn texts_of_any_length_are_searched() {
    let index = index();
    let long = format!("no space left on device {}", "ä".repeat(5_000_000));
    let query = DiagnosisQuery { key_line: long.clone(), ..disk_full() };
    assert_eq!(index.for_diagnosis(&query, 1).unwrap()[0].document_id, "disk");
    assert_eq!(index.for_question(&long, 1).unwrap()[0].document_id, "disk");
    assert!(index.for_question("disk", 0).unwrap().is_empty());
}

proptest! {
    #[test]
    fn what_would_be_query_syntax_elsewhere_is_only_text(text in "([-+!^~*?:\\\\/()\\[\\]{}\"'<>=&|]|AND|OR|NOT|TO|IN|title:|disk|\\PC| ){0,30}") {
        let index = thread_index();
        for hit in index.for_question(&text, 3).unwrap() {
            prop_assert!((0.0..=1.0).contains(&hit.relevance));
        }
        let query = DiagnosisQuery { category: text.clone(), tags: vec![text.clone()], tool: text.clone(), key_line: text.clone(), summary: text };
        for hit in index.for_diagnosis(&query, 3).unwrap() {
            prop_assert!((0.0..=1.0).contains(&hit.relevance));
        }
    }
}

/// One index for all cases of a property.
fn thread_index() -> &'static Index {
    static INDEX: std::sync::LazyLock<Index> = std::sync::LazyLock::new(index);
    &INDEX
}
