//! Differences, crashes, damage, and several users of one folder.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::*;

fn page(id: &str, body: &str) -> Document {
    Document::from_markdown("team", id, &format!("# {id}\n\n{body}\n\n## Fix\n\nRestart {id}.")).unwrap()
}

fn counts(report: &UpdateReport) -> [usize; 4] {
    [report.added, report.changed, report.removed, report.unchanged]
}

fn found(index: &Index, question: &str) -> Vec<String> {
    index.for_question(question, 10).unwrap().into_iter().map(|hit| hit.document_id).collect()
}

/// Writes rubbish over a file of the generation in use.
fn damage(folder: &Path, file: impl Fn(&str) -> bool) {
    let generation = folder.join(fs::read_to_string(folder.join("CURRENT")).unwrap());
    let entry =
        fs::read_dir(&generation).unwrap().flatten().find(|entry| file(entry.file_name().to_str().unwrap()));
    fs::write(entry.unwrap().path(), b"{ rubbish").unwrap();
}

#[test]
fn only_differences_are_written() {
    let home = tempfile::tempdir().unwrap();
    for index in [Index::in_memory().unwrap(), Index::open(home.path()).unwrap()] {
        let first = [
            page("disk", "The disk is full."),
            page("dns", "A name cannot be resolved."),
            page("old", "Gone soon."),
        ];
        assert_eq!(counts(&index.update(first, "team").unwrap()), [3, 0, 0, 0]);
        let second = [
            page("disk", "The disk is full."),
            page("dns", "The resolver is away."),
            page("new", "Fresh quota."),
        ];
        assert_eq!(counts(&index.update(second.clone(), "team").unwrap()), [1, 1, 1, 1]);
        assert_eq!(counts(&index.update(second, "team").unwrap()), [0, 0, 0, 3]);

        assert_eq!(found(&index, "resolver"), ["dns"]);
        assert_eq!(found(&index, "name"), Vec::<String>::new());
        assert_eq!(found(&index, "gone soon"), Vec::<String>::new());
        assert_eq!(found(&index, "quota"), ["new"]);
    }
}

#[test]
fn sources_do_not_disturb_each_other() {
    let index = Index::in_memory().unwrap();
    index.update([page("disk", "The disk is full.")], "team").unwrap();
    let other = Document { source: "wiki".into(), ..page("disk", "Clean the attic.") };
    index.update([other.clone()], "wiki").unwrap();
    let stats = index.stats().unwrap();
    assert_eq!((stats.documents, stats.passages), (2, 4));
    assert_eq!(stats.sources, BTreeMap::from([("team".into(), 1), ("wiki".into(), 1)]));

    assert_eq!(counts(&index.update([], "wiki").unwrap()), [0, 0, 1, 0]);
    assert_eq!(found(&index, "disk"), ["disk"]);
    assert_eq!(found(&index, "attic"), Vec::<String>::new());

    let error = index.update([page("x", "x"), other], "team").unwrap_err();
    assert_eq!(
        error.to_string(),
        "document disk belongs to wiki, not to team; update each source on its own"
    );
    assert_eq!(index.stats().unwrap().documents, 1, "a refused update leaves nothing behind");
}

#[test]
fn a_document_is_shown_in_full_and_the_teams_own_goes_first() {
    let index = Index::in_memory().unwrap();
    let own = page("disk", "Our disk.");
    let starter = Document { source: STARTER_SOURCE.into(), ..page("disk", "Any disk.") };
    index.update([starter.clone(), Document { id: "dns".into(), ..starter }], STARTER_SOURCE).unwrap();
    index.update([own.clone()], "team").unwrap();
    assert_eq!(index.document("disk").unwrap(), Some(own));
    assert_eq!(index.document("dns").unwrap().unwrap().source, STARTER_SOURCE);
    assert_eq!(index.document("d").unwrap(), None);
}

#[test]
fn an_id_that_comes_twice_is_taken_once_and_reported() {
    let index = Index::in_memory().unwrap();
    let report = index.update([page("a", "apple"), page("a", "pear")], "team").unwrap();
    assert_eq!((counts(&report), report.duplicates), ([1, 0, 0, 0], vec!["a".to_owned()]));
    assert_eq!(found(&index, "apple"), ["a"]);
    assert_eq!(found(&index, "pear"), Vec::<String>::new());
}

#[test]
fn what_was_indexed_is_there_after_opening_again() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("not/there/yet");
    let index = Index::open(&folder).unwrap();
    assert_eq!(index.stats().unwrap().unusable.as_deref(), Some("nothing has been indexed yet"));
    assert_eq!(found(&index, "quota"), Vec::<String>::new());
    assert!(!folder.exists(), "opening and searching write nothing");
    index.update([page("quota", "The quota is used up.")], "team").unwrap();
    drop(index);

    let index = Index::open(&folder).unwrap();
    assert_eq!(found(&index, "quota"), ["quota"]);
    assert_eq!(
        counts(&index.update([page("quota", "The quota is used up.")], "team").unwrap()),
        [0, 0, 0, 1]
    );
}

#[test]
fn readers_beside_a_writer_see_each_complete_state() {
    let home = tempfile::tempdir().unwrap();
    let missing = Index::open_read_only(home.path()).err().unwrap().to_string();
    assert!(missing.ends_with("nothing has been indexed yet; run `whyred index` to build it"), "{missing}");

    let writer = Index::open(home.path()).unwrap();
    writer.update([page("a", "apple")], "team").unwrap();
    let reader = Index::open_read_only(home.path()).unwrap();
    assert_eq!(found(&reader, "apple"), ["a"]);
    writer.update([page("a", "pear")], "team").unwrap();
    assert_eq!(found(&reader, "pear"), ["a"]);
    writer.rebuild([page("b", "plum")]).unwrap();
    assert_eq!(found(&reader, "plum"), ["b"]);
    assert_eq!(found(&reader, "pear"), Vec::<String>::new());

    assert!(matches!(reader.update([], "team"), Err(Error::ReadOnly { .. })));
    let generations =
        fs::read_dir(home.path()).unwrap().flatten().filter(|entry| entry.path().is_dir()).count();
    assert_eq!(generations, 1, "the replaced index is removed");
}

#[test]
fn a_second_writer_is_told_to_wait() {
    let home = tempfile::tempdir().unwrap();
    let index = Index::open(home.path()).unwrap();
    index.update([page("a", "apple")], "team").unwrap();
    let held = WriterLock::take(home.path()).unwrap();
    let error = index.update([page("b", "pear")], "team").unwrap_err();
    assert!(matches!(error, Error::Locked { .. }));
    assert!(
        error.to_string().contains("is being written by another whyred process; wait until it is done"),
        "{error}"
    );
    assert_eq!(found(&index, "apple"), ["a"], "searching goes on");
    drop(held);
    index.update([page("b", "pear")], "team").unwrap();
}

#[test]
fn threads_that_share_a_handle_take_turns() {
    let home = tempfile::tempdir().unwrap();
    let index = Index::open(home.path()).unwrap();
    thread::scope(|scope| {
        for source in ["one", "two", "three"] {
            let index = &index;
            scope.spawn(move || {
                let document = Document { source: source.into(), ..page(source, "shared") };
                index.update([document], source).unwrap();
                assert!(found(index, "shared").contains(&source.to_owned()));
            });
        }
    });
    assert_eq!(index.stats().unwrap().documents, 3);
}

#[test]
fn a_damaged_index_is_reported_and_built_anew() {
    let is_list = |name: &str| name == "meta.json";
    let is_terms = |name: &str| Path::new(name).extension().is_some_and(|kind| kind == "term");
    let kinds: [&dyn Fn(&str) -> bool; 2] = [&is_list, &is_terms];
    for file in kinds {
        let home = tempfile::tempdir().unwrap();
        Index::open(home.path()).unwrap().update([page("a", "apple")], "team").unwrap();
        damage(home.path(), file);

        let reader = Index::open_read_only(home.path()).err().unwrap().to_string();
        assert!(
            reader.contains("it is damaged (") && reader.ends_with("run `whyred index` to build it"),
            "{reader}"
        );
        let index = Index::open(home.path()).unwrap();
        assert!(index.stats().unwrap().unusable.unwrap().starts_with("it is damaged ("));
        assert_eq!(found(&index, "apple"), Vec::<String>::new());
        assert_eq!(counts(&index.update([page("a", "apple")], "team").unwrap()), [1, 0, 0, 0]);
        assert_eq!(found(&index, "apple"), ["a"]);
        assert_eq!(index.stats().unwrap().unusable, None);
    }
}

#[test]
fn an_index_of_another_version_is_left_until_the_new_one_stands() {
    let home = tempfile::tempdir().unwrap();
    Index::open(home.path()).unwrap().update([page("a", "apple")], "team").unwrap();
    fs::rename(home.path().join("v2-1"), home.path().join("v0-1")).unwrap();
    fs::write(home.path().join("CURRENT"), "v0-1").unwrap();

    let index = Index::open(home.path()).unwrap();
    let reason = index.stats().unwrap().unusable;
    assert_eq!(reason.as_deref(), Some("it was made by another version of whyred (v0-1)"));
    assert!(home.path().join("v0-1").exists());
    index.update([page("a", "apple")], "team").unwrap();
    assert_eq!(found(&index, "apple"), ["a"]);
    assert!(!home.path().join("v0-1").exists());
}

#[test]
fn a_rebuild_that_fails_leaves_the_old_index_in_use() {
    let home = tempfile::tempdir().unwrap();
    let index = Index::open(home.path()).unwrap();
    index.update([page("a", "apple")], "team").unwrap();
    let stops =
        std::iter::once(page("b", "pear")).chain(std::iter::once_with(|| panic!("the source breaks off")));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| index.rebuild(stops))).is_err());
    assert_eq!((found(&index, "apple"), found(&index, "pear")), (vec!["a".to_owned()], vec![]));
    let stops =
        std::iter::once(page("b", "pear")).chain(std::iter::once_with(|| panic!("the source breaks off")));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| index.update(stops, "team"))).is_err());
    assert_eq!((found(&index, "apple"), found(&index, "pear")), (vec!["a".to_owned()], vec![]));
    index.update([page("b", "pear")], "team").unwrap();
    assert_eq!(found(&index, "pear"), ["b"]);
}

/// A writer was killed after it wrote which entries are deleted, and before it said so in the list of segments.
#[test]
fn what_a_killed_writer_left_half_done_is_in_nobodys_way() {
    let home = tempfile::tempdir().unwrap();
    let index = Index::open(home.path()).unwrap();
    index.update([page("a", "apple"), page("b", "berry")], "team").unwrap();
    let list = home.path().join("v2-1/meta.json");
    let before = fs::read(&list).unwrap();
    index.update([page("a", "apricot"), page("b", "berry")], "team").unwrap();
    drop(index);
    let is_half_done = |name: &str| Path::new(name).extension().is_some_and(|kind| kind == "del");
    let left = fs::read_dir(home.path().join("v2-1")).unwrap().flatten();
    assert!(left.into_iter().any(|entry| is_half_done(entry.file_name().to_str().unwrap())));
    fs::write(&list, before).unwrap();

    let index = Index::open(home.path()).unwrap();
    assert_eq!(found(&index, "apple"), ["a"]);
    assert_eq!(
        counts(&index.update([page("a", "apricot"), page("b", "berry")], "team").unwrap()),
        [0, 1, 0, 1]
    );
    assert_eq!((found(&index, "apple"), found(&index, "apricot")), (vec![], vec!["a".to_owned()]));
}

/// How many pages the child writes in each round; all of them say which round it is.
const PAGES: usize = 12;
/// Names the folder for the child to write.
const CHILD_FOLDER: &str = "WHYRED_TEST_INDEX_FOLDER";
/// What the child says once it has written its first round.
const CHILD_READY: &str = "the first round is written";

/// Not a test of its own: it writes without end in a process that other tests kill.
#[test]
#[ignore = "run as a child process by other tests"]
fn child_that_writes_without_end() {
    let Ok(folder) = std::env::var(CHILD_FOLDER) else { return };
    let index = Index::open(Path::new(&folder)).unwrap();
    let first = std::process::id() as usize * 100_000;
    for round in first.. {
        let pages = (0..PAGES).map(|n| page(&format!("page{n}"), &format!("everywhere round{round}")));
        if round % 3 == 2 {
            index.rebuild(pages).unwrap()
        } else {
            index.update(pages, "team").unwrap()
        };
        if round == first {
            println!("{CHILD_READY}");
        }
    }
}

#[test]
fn a_killed_writer_leaves_one_complete_state() {
    let home = tempfile::tempdir().unwrap();
    let mut rounds = HashSet::new();
    for kill in 0_u64..12 {
        let mut child = spawn_writing_child(home.path());
        // Spread over several rounds of writing, so that kills fall into every phase of one.
        thread::sleep(Duration::from_millis(17 * kill));
        child.kill().unwrap();
        child.wait().unwrap();
        rounds.insert(assert_one_complete_state(home.path()));
    }
    assert_eq!(rounds.len(), 12, "every child wrote: {rounds:?}");

    let index = Index::open(home.path()).unwrap();
    assert_eq!(counts(&index.update([page("last", "word")], "team").unwrap()), [1, 0, PAGES, 0]);
}

/// Starts the child and waits until it is in the midst of writing.
fn spawn_writing_child(folder: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "index::tests::child_that_writes_without_end", "--ignored", "--nocapture"])
        .env(CHILD_FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    // The test harness may begin the line with the test's name.
    assert!(lines.any(|line| line.unwrap().ends_with(CHILD_READY)), "the child stopped before it wrote");
    child
}

/// Every page is there, and all are of the same round, which is returned.
fn assert_one_complete_state(folder: &Path) -> String {
    let reader = Index::open_read_only(folder).unwrap();
    assert_eq!(reader.stats().unwrap().documents, PAGES as u64);
    let hits = reader.for_question("everywhere", PAGES + 1).unwrap();
    let rounds: HashSet<String> = hits.iter().map(|hit| hit.text.clone()).collect();
    assert_eq!((hits.len(), rounds.len()), (PAGES, 1), "{rounds:?}");
    rounds.into_iter().next().unwrap()
}

#[test]
fn searching_goes_on_while_another_process_writes() {
    let home = tempfile::tempdir().unwrap();
    let mut child = spawn_writing_child(home.path());
    let reader = Index::open_read_only(home.path()).unwrap();
    let first = reader.for_question("everywhere", 1).unwrap()[0].text.clone();
    let until = Instant::now() + Duration::from_secs(2);
    let mut states = HashSet::from([first]);
    while Instant::now() < until || states.len() < 3 {
        let hits = reader.for_question("everywhere", PAGES + 1).unwrap();
        let texts: HashSet<String> = hits.iter().map(|hit| hit.text.clone()).collect();
        assert_eq!((hits.len(), texts.len()), (PAGES, 1), "a search sees one complete state: {texts:?}");
        states.extend(texts);
        assert!(until.elapsed() < Duration::from_mins(1), "the reader is stuck with {states:?}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
