//! Maven Surefire and Failsafe: `test(Class) … <<< FAILURE!` with the exception on the next line.

use super::{Line, Place, Structured, each, while_true, window};

pub(super) const TRIGGERS: &[&str] = &["<<< FAILURE!", "<<< ERROR!"];

/// Frames of these are not the project's own.
const FRAMEWORKS: [&str; 12] = [
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "junit.",
    "org.junit",
    "org.assertj",
    "org.hamcrest",
    "org.testng",
    "org.mockito",
    "java.base/",
    "org.opentest4j",
];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let bare = |line: &str| line.trim_start_matches("[ERROR]").trim_start().to_owned();
    let line = bare(&lines[at].1);
    let head = line.strip_suffix("<<< FAILURE!").or_else(|| line.strip_suffix("<<< ERROR!"))?;
    // The same words end the summary of a class.
    if head.starts_with("Tests run:") {
        return None;
    }
    let name = head.split("Time elapsed").next().unwrap_or(head).trim_end_matches([' ', '-']);
    let (key, message) = lines.get(at + 1).filter(|(_, line)| !line.trim().is_empty())?;
    let stack = |line: &str| line.trim_start().starts_with("at ");
    let told = while_true(window(lines, at + 1, 8), |line| !line.trim().is_empty() && !stack(line));
    let frames = while_true(window(lines, at + 1 + told.len(), 40), stack);
    let own = frames.iter().find_map(|(_, line)| own_place(line));
    let summary = at.checked_sub(1).filter(|above| {
        let above = bare(&lines[*above].1);
        above.starts_with("Tests run:") && above.contains("<<<")
    });
    let first = summary.map_or(lines[at].0, |above| lines[above].0);
    let end = frames.first().or(told.last()).map_or(*key, |(number, _)| *number);
    Some(Structured::test("shape.surefire", name, *key, (first, end), message).at(own))
}

/// `at com.acme.CartTest.addsUp(CartTest.java:12)`, if it is not in a framework.
pub(super) fn own_place(line: &str) -> Option<Place> {
    let frame = line.trim().strip_prefix("at ")?;
    let (_, place) = frame.rsplit_once('(')?;
    let own = !FRAMEWORKS.iter().any(|framework| frame.starts_with(framework));
    (own && place.contains(".java:") || place.contains(".kt:")).then(|| Place::read(place)).flatten()
}
