//! Holds ARCHITECTURE.md to its word: the arrows between crates, the adapter folders, the module docs, the top level.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The only arrows there may be, for building and for testing.
const ARROWS: &[(&str, &[&str])] = &[
    ("classifiers", &[]),
    ("knowledge", &[]),
    ("world", &[]),
    ("adapters", &["world"]),
    ("bot", &["adapters", "classifiers", "knowledge", "world"]),
    ("evals", &["classifiers", "knowledge"]),
];

/// What the pure crates may never reach: network, database, runtime.
const IMPURE: &[&str] = &["tokio", "reqwest", "hyper", "sqlx", "axum", "slack-morphism"];

#[test]
fn dependencies_point_one_way() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let members: BTreeSet<&str> =
        metadata["workspace_members"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let ours: BTreeMap<&str, &Value> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|package| members.contains(package["id"].as_str().unwrap()))
        .map(|package| (package["name"].as_str().unwrap(), package))
        .collect();
    assert_eq!(ours.keys().copied().collect::<BTreeSet<_>>(), ARROWS.iter().map(|(name, _)| *name).collect());
    for (name, allowed) in ARROWS {
        for dependency in ours[name]["dependencies"].as_array().unwrap() {
            let to = dependency["name"].as_str().unwrap();
            let testing = dependency["kind"] == "dev";
            if ours.contains_key(to) {
                assert!(allowed.contains(&to), "{name} must not depend on {to}");
                assert!(to != "world" || testing, "{name} may use `world` for tests only");
            }
            if ["classifiers", "knowledge"].contains(name) {
                assert!(
                    testing || !IMPURE.contains(&to),
                    "{name} knows nothing of the network, the clock or the database, so not {to}"
                );
            }
        }
    }
}

#[test]
fn pure_crates_have_no_clock() {
    for crate_name in ["classifiers", "knowledge"] {
        for file in
            rust_files(&root().join(crate_name).join("src")).iter().filter(|file| !is_test_module(file))
        {
            let text = production(&std::fs::read_to_string(file).unwrap());
            for clock in ["SystemTime::now", "Instant::now", "Timestamp::now"] {
                assert!(!text.contains(clock), "{} asks for the time", file.display());
            }
        }
    }
}

#[test]
fn every_adapter_folder_is_registered_and_complete() {
    let registry = std::fs::read_to_string(root().join("adapters/src/registry.rs")).unwrap();
    for seam in ["ci", "chat"] {
        for entry in std::fs::read_dir(root().join("adapters/src").join(seam)).unwrap() {
            let path = entry.unwrap().path();
            if !path.is_dir() {
                continue;
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name == "snapshots" {
                continue;
            }
            assert!(path.join("mod.rs").exists(), "{} has a mod.rs", path.display());
            assert!(registry.contains(&format!("\"{name}\"")), "the registry has no line for {seam}/{name}");
        }
    }
}

#[test]
fn every_file_says_what_it_is() {
    for crate_name in ["adapters", "bot", "classifiers", "evals", "knowledge", "tests"] {
        for file in rust_files(&root().join(crate_name)) {
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(
                is_test_module(&file) || text.starts_with("//!"),
                "{} begins with no module doc",
                file.display()
            );
            let lines = production(&text).lines().count();
            assert!(
                is_test_module(&file) || lines <= 500,
                "{} has {lines} lines: it holds two things",
                file.display()
            );
        }
    }
}

#[test]
fn no_drawers() {
    for crate_name in ["adapters", "bot", "classifiers", "evals", "knowledge", "tests"] {
        for file in rust_files(&root().join(crate_name)) {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(
                !["util", "utils", "helper", "helpers", "common", "misc", "manager"].contains(&name.as_str()),
                "{} says nothing",
                file.display()
            );
        }
    }
}

#[test]
fn the_top_level_is_as_written() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "ARCHITECTURE.md",
        "whyred.example.toml",
        "clippy.toml",
        "rustfmt.toml",
        "bot",
        "classifiers",
        "knowledge",
        "adapters",
        "migrations",
        "deploy",
        "evals",
        "tests",
        "target",
    ];
    // Only what is kept: a working copy also holds databases and indexes of the one who tries things out.
    let output = Command::new("git").args(["ls-files"]).current_dir(root()).output();
    let Some(listed) = output.ok().filter(|output| output.status.success()) else { return };
    for file in String::from_utf8_lossy(&listed.stdout).lines() {
        let top = file.split('/').next().unwrap_or_default();
        assert!(top.starts_with('.') || allowed.contains(&top), "{top} does not belong at the top level");
    }
}

/// The same tables in both databases, migration by migration.
#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> BTreeSet<String> {
        std::fs::read_dir(root().join("migrations").join(database))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_none_or(|name| name != "target" && name != "node_modules")
            {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// A module that is compiled for tests only.
fn is_test_module(file: &Path) -> bool {
    file.file_stem().is_some_and(|name| name.to_string_lossy().ends_with("tests"))
        || file
            .components()
            .rev()
            .skip(1)
            .take_while(|part| part.as_os_str() != "src")
            .any(|part| part.as_os_str() == "tests")
}

/// The part of a file before its tests.
fn production(text: &str) -> String {
    text.split("\n#[cfg(test)]").next().unwrap_or_default().to_owned()
}
