//! Maven Surefire and Failsafe: `test(Class) … <<< FAILURE!` with the exception on the next line.

use super::{Line, Structured, window};
use crate::category::Category;

pub(super) const TRIGGERS: &[&str] = &["<<< FAILURE!", "<<< ERROR!"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    (0..lines.len()).filter_map(|at| failure(lines, at)).collect()
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let line = lines[at].1.trim_start_matches("[ERROR]").trim_start();
    let head = line.strip_suffix("<<< FAILURE!").or_else(|| line.strip_suffix("<<< ERROR!"))?;
    // The same words end the summary of a class.
    if head.starts_with("Tests run:") {
        return None;
    }
    let name = head.split("Time elapsed").next().unwrap_or(head).trim_end_matches([' ', '-']);
    let (key, message) = lines.get(at + 1).filter(|(_, line)| !line.trim().is_empty())?;
    let place = window(lines, at + 2, 40).iter().find_map(|(_, line)| {
        let frame = line.trim().strip_prefix("at ")?;
        let (_, place) = frame.split_once('(')?;
        let class = frame.split('.').next().unwrap_or_default();
        let own = !["java", "javax", "jdk", "sun", "junit"].contains(&class)
            && !frame.starts_with("org.junit")
            && !frame.starts_with("org.assertj");
        (own && place.contains(".java:")).then(|| place.trim_end_matches(')').to_owned())
    });
    let message_end = window(lines, at + 1, 8)
        .iter()
        .take_while(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with("at "))
        .last();
    Some(Structured {
        id: "shape.surefire",
        category: Category::TestFailure,
        key: *key,
        lines: (lines[at].0, message_end.map_or(*key, |(number, _)| *number)),
        name: Some(name.trim().to_owned()),
        place,
        message: message.trim().to_owned(),
    })
}
