//! The starter runbooks: well formed, complete, and found by what people ask and logs print.

use std::collections::HashSet;

use super::*;
use crate::{DiagnosisQuery, Hit, Index, front_matter};

/// The sections of a starter runbook, in this order.
const SECTIONS: [&str; 4] = ["Signs", "Why it happens", "Fix", "Prevent"];
/// One more that may follow.
const LAST_SECTION: &str = "When it is not this";

/// The failure categories that a runbook may help with. The list belongs to the classifiers; a word is never renamed.
const CATEGORIES: [&str; 31] = [
    "compile_error",
    "test_failure",
    "flaky_test",
    "lint_format",
    "type_check",
    "dependency_resolution",
    "dependency_download",
    "network",
    "dns",
    "tls",
    "auth_permission",
    "rate_limit",
    "timeout",
    "out_of_memory",
    "disk_full",
    "runner_lost",
    "docker_build",
    "image_pull",
    "k8s_deploy",
    "terraform_iac",
    "config_syntax",
    "missing_tool_or_file",
    "cache_artifact",
    "security_scan",
    "policy_gate",
    "merge_conflict_git",
    "code_coverage_gate",
    "crash_segfault",
    "release_publish",
    "database",
    "cancelled",
];

fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    RUNBOOKS.files().map(|file| (file.path().to_str().unwrap(), file.contents_utf8().unwrap()))
}

fn starter_index() -> Index {
    let index = Index::in_memory().unwrap();
    index.update(starter_documents(), STARTER_SOURCE).unwrap();
    index
}

#[test]
fn every_runbook_is_complete() {
    let mut faults = Vec::new();
    let mut must = |file: &str, holds: bool, what: &str| {
        if !holds {
            faults.push(format!("{file}: {what}"));
        }
    };
    for (file, text) in files() {
        must(
            file,
            std::path::Path::new(file).extension().is_some_and(|kind| kind == "md"),
            "is not Markdown",
        );
        let (front_matter, _) = match front_matter::split(text) {
            Ok(parts) => parts,
            Err(error) => {
                must(file, false, &error.to_string());
                continue;
            }
        };
        must(file, front_matter.title.is_some_and(|title| !title.trim().is_empty()), "has no title");
        must(file, !front_matter.tags.is_empty(), "has no tags");
        must(file, front_matter.tags.iter().all(|tag| *tag == tag.to_lowercase()), "has tags in capitals");
        must(file, front_matter.owner.is_some(), "has no owner");
        must(file, !front_matter.categories.is_empty(), "has no categories");
        for category in &front_matter.categories {
            must(
                file,
                CATEGORIES.contains(&category.as_str()),
                &format!("names the unknown category {category}"),
            );
        }
        let headings: Vec<_> =
            text.lines().filter_map(|line| line.strip_prefix("## ")).map(str::trim).collect();
        let sections = headings.strip_suffix(&[LAST_SECTION]).unwrap_or(&headings);
        must(file, sections == SECTIONS, &format!("has the sections {headings:?}"));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn there_are_enough_runbooks_and_every_category_has_one() {
    let documents = starter_documents();
    assert_eq!(documents.len(), files().count(), "every file becomes a document");
    assert!(documents.len() >= 40, "only {} runbooks", documents.len());
    let ids: HashSet<_> = documents.iter().map(|document| &document.id).collect();
    assert_eq!(ids.len(), documents.len(), "ids are unique");
    let covered: HashSet<_> =
        documents.iter().flat_map(|document| &document.categories).map(String::as_str).collect();
    let missing: Vec<_> = CATEGORIES.into_iter().filter(|category| !covered.contains(category)).collect();
    assert!(missing.is_empty(), "no runbook for {missing:?}");
}

#[test]
fn every_runbook_says_what_to_do_first() {
    for document in starter_documents() {
        let fixes: Vec<_> = document.passages().into_iter().filter(crate::Passage::is_fix).collect();
        let lead = fixes.first().and_then(|passage| passage.lead.clone()).unwrap_or_default();
        assert!(lead.len() > 20, "{}: the fix begins with {lead:?}", document.id);
    }
}

mod ranking;
