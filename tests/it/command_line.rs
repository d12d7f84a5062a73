//! The command line, as a person or a script uses it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::samples::{CARGO_TEST, long_log};

fn whyred(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whyred"));
    command.args(args).current_dir(std::env::temp_dir());
    command
}

fn run(args: &[&str]) -> Output {
    whyred(args).output().expect("the binary runs")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn triage_prints_the_stable_json() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("build.log");
    std::fs::write(&file, CARGO_TEST).unwrap();
    let output = run(&["triage", file.to_str().unwrap(), "--format", "json"]);
    assert!(output.status.success());
    let mut verdict: Value =
        serde_json::from_slice(&output.stdout).expect("one JSON object and nothing else");
    let keys: Vec<&str> = verdict.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = vec![
        "file",
        "verdict",
        "category",
        "owner",
        "confidence",
        "rule",
        "summary",
        "key_line",
        "explains",
        "step",
        "fingerprint",
        "failures",
        "failures_total",
        "findings",
        "redactions",
        "lines",
        "bytes",
        "elapsed_ms",
    ];
    expected.sort_unstable();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    assert_eq!(verdict["lines"].as_u64(), Some(CARGO_TEST.lines().count() as u64));
    assert_eq!(verdict["bytes"].as_u64(), Some(CARGO_TEST.len() as u64));
    let key = verdict["key_line"]["line"].as_u64().unwrap();
    let line = CARGO_TEST.split('\n').nth(usize::try_from(key).unwrap() - 1).unwrap();
    assert!(
        line.contains(verdict["key_line"]["text"].as_str().unwrap().trim()),
        "line numbers count the original file"
    );
    verdict["file"] = "build.log".into();
    verdict["elapsed_ms"] = 0.into();
    insta::assert_json_snapshot!("triage_json", verdict);
}

#[test]
fn triage_reads_standard_input_and_gzip() {
    let mut child = whyred(&["triage", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(CARGO_TEST.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let plain: Value = serde_json::from_slice(&output.stdout).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("build.log.gz");
    let mut zipped =
        flate2::write::GzEncoder::new(std::fs::File::create(&file).unwrap(), flate2::Compression::fast());
    zipped.write_all(CARGO_TEST.as_bytes()).unwrap();
    zipped.finish().unwrap();
    let unzipped: Value =
        serde_json::from_slice(&run(&["triage", file.to_str().unwrap(), "--format", "json"]).stdout).unwrap();
    assert_eq!(
        (plain["key_line"].clone(), plain["lines"].clone()),
        (unzipped["key_line"].clone(), unzipped["lines"].clone())
    );
}

#[test]
fn a_file_that_cannot_be_read_is_said_and_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("build.log");
    std::fs::write(&file, CARGO_TEST).unwrap();
    let output = run(&["triage", "/nowhere/at/all.log", file.to_str().unwrap(), "--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(out(&output).lines().count(), 1, "the other file is judged");
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere/at/all.log"));
}

#[test]
fn text_is_for_people_and_without_colours_in_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("build.log");
    std::fs::write(&file, CARGO_TEST).unwrap();
    let output = whyred(&["triage", "build.log"]).current_dir(folder.path()).output().unwrap();
    let text = out(&output);
    assert!(!text.contains('\x1b'), "no colours in a pipe");
    insta::with_settings!({ filters => vec![(r"[\d.]+ ms", "N ms")] }, { insta::assert_snapshot!("triage_text", text) });
    let markdown = out(&whyred(&["triage", "build.log", "--format", "markdown"])
        .current_dir(folder.path())
        .output()
        .unwrap());
    insta::assert_snapshot!("triage_markdown", markdown);
}

/// 100 MB take little more memory than a short log does.
#[test]
fn a_large_log_streams() {
    let folder = tempfile::tempdir().unwrap();
    let peak_kb = |length: usize| {
        let file = folder.path().join("build.log");
        std::fs::write(&file, long_log(length)).unwrap();
        let (peak_kb, output) = peak(whyred(&["triage", file.to_str().unwrap(), "--format", "json"]));
        let verdict: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(verdict["category"], "test_failure");
        assert!(peak_kb > 0);
        peak_kb
    };
    let (short, long) = (peak_kb(64 * 1024), peak_kb(100 * 1024 * 1024));
    assert!(long < short + 40 * 1024, "the peak was {long} kB, for a short log {short} kB");
}

/// Runs to the end: the most memory that it held, in kB, and what it said.
fn peak(mut command: Command) -> (u64, Output) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kb = 0;
    while child.try_wait().unwrap().is_none() {
        if let Ok(text) = std::fs::read_to_string(&status) {
            let high = text.lines().find_map(|line| {
                line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()
            });
            peak_kb = peak_kb.max(high.unwrap_or(0));
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    (peak_kb, child.wait_with_output().unwrap())
}

#[test]
fn rules_can_be_listed_shown_and_checked() {
    let listed: Value = serde_json::from_slice(&run(&["rules", "list", "--format", "json"]).stdout).unwrap();
    let rules = listed.as_array().unwrap();
    assert!(rules.len() >= 150, "{} rules", rules.len());
    let id = rules[0]["id"].as_str().unwrap();
    assert!(out(&run(&["rules", "show", id])).contains("match"));
    assert_eq!(run(&["rules", "show", "no.such.rule"]).status.code(), Some(2));
    let checked = run(&["rules", "check"]);
    assert!(checked.status.success(), "{}", out(&checked));

    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("ours.toml");
    std::fs::write(&pack, "[[rule]]\nid = \"ours.broken\"\ncategory = \"test_failure\"\nowner = \"code\"\npriority = 70\nmatch = \"^FRAME (\\\\d+) LOST\"\nexplain = \"A frame was lost\"\nexamples = [\"FRAME x LOST\"]\nnot = [\"FRAME 1 FOUND\"]\n").unwrap();
    let checked = run(&["rules", "check", pack.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(out(&checked).contains("ours.broken"), "{}", out(&checked));
}

const GATE: &str = r#"
[[rule]]
id       = "team.gate.closed"
category = "policy_gate"
owner    = "policy"
priority = 60
match    = '^release gate: (?P<reason>.+)$'
explain  = "The release gate is closed: {reason}"
examples = ["release gate: freeze until Monday"]
not      = ["the release gate: is mentioned"]
"#;

#[test]
fn a_rule_is_drafted_from_marked_lines_and_loads() {
    let folder = tempfile::tempdir().unwrap();
    let log =
        "start\nfrobnicate: cannot reach depot 'north-7' (code 42)\nfrobnicate: cannot see depot\nend\n";
    std::fs::write(folder.path().join("job.log"), log).unwrap();
    let run = |args: &[&str]| whyred(args).current_dir(folder.path()).output().unwrap();

    let drafted =
        run(&["rules", "draft", "job.log", "--lines", "2", "--id", "acme.depot", "--category", "network"]);
    assert_eq!(drafted.status.code(), Some(0), "{}", String::from_utf8_lossy(&drafted.stderr));
    let pack = String::from_utf8(drafted.stdout).unwrap();
    assert!(pack.contains("acme.depot") && pack.contains("network"), "{pack}");
    std::fs::write(folder.path().join("acme.toml"), &pack).unwrap();
    assert_eq!(run(&["rules", "check", "acme.toml"]).status.code(), Some(0), "{pack}");

    assert_ne!(
        run(&["rules", "draft", "job.log", "--lines", "9"]).status.code(),
        Some(0),
        "there is no line 9"
    );
}

#[test]
fn rules_are_tried_on_failing_and_green_logs() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir_all(folder.path().join("logs/green")).unwrap();
    write("gate.toml", GATE);
    write("logs/1.log", "release gate: freeze until Monday\n");
    write("logs/2.txt", "error[E0308]: mismatched types\nrelease gate: closed\n");
    write("logs/3.log", "error[E0308]: mismatched types\n");
    for number in 0..4 {
        write(&format!("logs/green/{number}.log"), "all is well\n");
    }
    let check = |more: &[&str]| {
        let args = [&["rules", "check", "gate.toml"], more].concat();
        whyred(&args).current_dir(folder.path()).output().unwrap()
    };
    let good = check(&["--against", "logs"]);
    insta::assert_snapshot!(out(&good), @"
    rule                                           failing  explains     green
    team.gate.closed                                     2         2         0
    logs in all                                          3                   4
    2 verdicts change
      logs/1.log: unknown (unknown) → policy_gate (policy, team.gate.closed)
      logs/2.txt: compile_error (code, rust.rustc.error) → policy_gate (policy, team.gate.closed)
    ok    1 rule
    ");
    assert_eq!(good.status.code(), Some(0));
    let same = check(&["--against", "logs", "--before", "gate.toml", "--format", "json"]);
    let report: Value = serde_json::from_slice(&same.stdout).unwrap();
    assert_eq!((&report["changes"]["total"], &report["rules"][0]["failing"]), (&0.into(), &2.into()));

    write("logs/green/4.log", "release gate: open\n");
    let broad = check(&["--against", "logs"]);
    insta::assert_snapshot!(out(&broad).lines().next().unwrap_or_default(), @"broad team.gate.closed: holds on 1 of 5 green logs, more than 1 %: logs/green/4.log");
    assert_eq!(broad.status.code(), Some(1));
    assert_eq!(check(&["--against", "nowhere"]).status.code(), Some(2));
}

#[test]
fn systems_come_from_the_registries() {
    let listed: Value = serde_json::from_slice(&run(&["systems", "--format", "json"]).stdout).unwrap();
    let systems = listed["systems"].as_array().unwrap();
    let names: Vec<&str> = systems.iter().map(|system| system["name"].as_str().unwrap()).collect();
    for name in ["github", "slack", "console", "recorded", "rust", "python"] {
        assert!(names.contains(&name), "{name} is missing in {names:?}");
    }
}

#[test]
fn completions_and_faulty_configurations() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(out(&run(&["completions", shell])).contains("whyred"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("whyred.toml"), "[server]\nlisten = 5\n[stor]\n").unwrap();
    let output = whyred(&["serve"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("server.listen") && said.contains("stor: unknown key"), "{said}");
}

/// The fenced blocks of a language in the README.
fn readme_blocks(language: &str) -> Vec<String> {
    let readme = include_str!("../../README.md");
    readme
        .split("\n```")
        .filter_map(|block| block.strip_prefix(&format!("{language}\n")).map(str::to_owned))
        .collect()
}

#[test]
fn what_green_runs_print_is_learned_shown_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| whyred(args).current_dir(folder.path()).output().unwrap();
    let write = |name: &str, log: &str| std::fs::write(folder.path().join(name), log).unwrap();
    let usual = "warming up\nError: connect ECONNREFUSED 127.0.0.1:6001\nnever mind, retried\n";
    write("green.log", &format!("{usual}3 parts done\n12 passed\n"));
    write("red.log", &format!("{usual}2 parts done\nERROR: part 3 does not fit, token=hunter2hunter2\n"));

    let learned = run(&["baseline", "learn", "green.log", "green.log", "--out", "job.whyb"]);
    assert!(learned.status.success(), "{}", String::from_utf8_lossy(&learned.stderr));
    assert!(out(&learned).starts_with("job.whyb: 2 runs learned, 5 lines known, "), "{}", out(&learned));
    let more = run(&["baseline", "learn", "green.log", "--out", "job.whyb"]);
    assert!(out(&more).starts_with("job.whyb: 3 runs learned"), "{}", out(&more));

    let red = run(&["baseline", "learn", "red.log", "--out", "job.whyb"]);
    assert_eq!(red.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&red.stderr).contains("it looks red"),
        "a red log is not learned unasked"
    );
    assert!(out(&red).starts_with("job.whyb: 3 runs learned"), "{}", out(&red));

    let news = out(&run(&["baseline", "show", "job.whyb", "red.log"]));
    assert!(news.contains("ERROR: part 3 does not fit") && news.lines().count() == 1, "{news}");
    assert!(!news.contains("hunter2"), "{news}");
    let none = out(&run(&["baseline", "show", "job.whyb", "green.log"]));
    assert!(none.starts_with("Nothing is new"), "{none}");

    let judged = |more: &[&str]| -> Value {
        let args = [&["triage", "red.log", "--format", "json"], more].concat();
        serde_json::from_str(&out(&run(&args))).unwrap()
    };
    assert!(judged(&["--baseline", "job.whyb"])["key_line"]["text"].as_str().unwrap().contains("part 3"));

    write("job.whyb", "something else");
    let broken = run(&["baseline", "show", "job.whyb", "red.log"]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&broken.stderr).contains("this is not a baseline"));
}

/// What the README tells people to write works as it stands.
#[test]
fn the_readme_is_true() {
    let folder = tempfile::tempdir().unwrap();
    let blocks = readme_blocks("toml");
    let [config, rule] = blocks.as_slice() else { panic!("the README has {} blocks of TOML", blocks.len()) };
    std::fs::write(folder.path().join("whyred.toml"), config).unwrap();
    let doctor = whyred(&["doctor", "--offline"])
        .current_dir(folder.path())
        .envs(
            [
                "GITHUB_WEBHOOK_SECRET",
                "GITHUB_TOKEN",
                "SLACK_BOT_TOKEN",
                "SLACK_APP_TOKEN",
                "DISCORD_TOKEN",
                "WHYRED_CONSOLE_TOKEN",
            ]
            .map(|name| (name, "0123456789abcdef01234567")),
        )
        .output()
        .unwrap();
    assert!(doctor.status.success(), "{}", out(&doctor));
    std::fs::write(folder.path().join("acme.toml"), rule).unwrap();
    let checked = whyred(&["rules", "check", "acme.toml"]).current_dir(folder.path()).output().unwrap();
    assert!(checked.status.success(), "{}", out(&checked));
    let runbooks = folder.path().join("runbooks");
    std::fs::create_dir(&runbooks).unwrap();
    std::fs::write(runbooks.join("signing.md"), &readme_blocks("markdown")[0]).unwrap();
    std::fs::write(folder.path().join("empty.toml"), "").unwrap();
    let indexed =
        whyred(&["index", "runbooks", "--config", "empty.toml"]).current_dir(folder.path()).output().unwrap();
    assert!(indexed.status.success(), "{}", String::from_utf8_lossy(&indexed.stderr));
    assert!(out(&indexed).contains("added") && !out(&indexed).contains("left out"), "{}", out(&indexed));
}
