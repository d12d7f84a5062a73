//! minitest: `  1) Failure:`, `CartTest#test_total [test/cart_test.rb:12]:`, the message; Rails prints `Failure:` alone.

use super::{Line, Place, Structured, each, last_of, while_true, window};

pub(super) const TRIGGERS: &[&str] = &["Failure:", "Error:"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let kind = lines[at].1.trim();
    if !kind.ends_with("Failure:") && !kind.ends_with("Error:") {
        return None;
    }
    let kind = kind.split_once(") ").map_or(kind, |(_, kind)| kind);
    if kind != "Failure:" && kind != "Error:" {
        return None;
    }
    let (_, head) = lines.get(at + 1)?;
    let head = head.trim().trim_end_matches(':');
    let (name, place) = match head.split_once(" [") {
        Some((name, place)) => (name, Place::read(place)),
        None => (head, None),
    };
    if !name.contains('#') || name.contains(' ') {
        return None;
    }
    let told = while_true(window(lines, at + 2, 10), |line| !line.trim().is_empty());
    let (key, message) = told.first()?;
    let place = place.or_else(|| {
        let frame = told
            .iter()
            .find_map(|(_, line)| line.trim().split(":in ").next().filter(|it| it.contains(".rb:")));
        frame.and_then(Place::read)
    });
    let values: Vec<&str> = told.iter().map(|(_, line)| line.trim()).collect();
    let message = match values.as_slice() {
        [expected, actual, ..] if expected.starts_with("Expected") && actual.starts_with("Actual") => {
            format!("{expected}, {actual}")
        }
        _ => message.trim().to_owned(),
    };
    let found = Structured::test("shape.minitest", name, *key, (lines[at].0, last_of(told, *key)), &message);
    Some(found.at(place))
}
