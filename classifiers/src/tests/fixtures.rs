//! Windows of logs with the verdict that they must get, written behind the log in the same file:
//!
//! ```text
//! …the log, byte for byte…
//! #=WANT=# verdict=failed category=compile_error owner=code rule=rust.rustc.error line=12
//! #=KEY=# error[E0308]: mismatched types
//! #=SAID=# rustc rejects the code with E0308: mismatched types
//! #=SOURCE=# where the window is from
//! ```
//!
//! `BLESS_FIXTURES=1 cargo test -p classifiers fixtures` writes the verdicts anew; read the difference before it is
//! committed.

use std::{fs, path::Path};

use crate::{Classifier, Hints};

const WANT: &str = "#=WANT=# ";

#[test]
fn fixtures_get_the_verdict_that_they_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let classifier = Classifier::builtin().unwrap();
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    files.sort();
    assert!(files.len() >= 20, "only {} fixtures", files.len());
    let bless = std::env::var_os("BLESS_FIXTURES").is_some();
    let mut wrong = Vec::new();
    for path in files {
        let text = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&text);
        let (log, trailer) = text.split_once(WANT).unwrap_or((&text, ""));
        let source = trailer.lines().find(|line| line.starts_with("#=SOURCE=#")).unwrap_or("#=SOURCE=# ours");
        let got = format!("{}\n{source}\n", verdict(&classifier, log));
        if bless {
            fs::write(&path, format!("{log}{got}")).unwrap();
        } else if format!("{WANT}{trailer}") != got {
            wrong.push(format!("{}\n--- want\n{WANT}{trailer}--- got\n{got}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn verdict(classifier: &Classifier, log: &str) -> String {
    let diagnosis = classifier.read(log.as_bytes(), Hints::default()).unwrap();
    let key = diagnosis.key_line.as_ref();
    format!(
        "{WANT}verdict={} category={} owner={} rule={} line={}\n#=KEY=# {}\n#=SAID=# {}",
        diagnosis.verdict.as_str(),
        diagnosis.category,
        diagnosis.owner,
        diagnosis.rule.as_deref().unwrap_or("-"),
        key.map_or(0, |key| key.line),
        key.map_or("-", |key| key.text.as_str()),
        diagnosis.summary,
    )
}
