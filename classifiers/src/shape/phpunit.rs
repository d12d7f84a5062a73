//! `PHPUnit`: `1) App\CartTest::testTotal`, the message, an empty line, `/path/CartTest.php:12`.

use super::{Line, Place, Structured, each, listed, while_true, window};

pub(super) const TRIGGERS: &[&str] = &["PHPUnit", "FAILURES!", "ERRORS!"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let name = listed(&lines[at].1)?;
    if !name.contains("::") || name.split(" with data set").next()?.contains(' ') {
        return None;
    }
    let (key, message) = lines.get(at + 1).filter(|(_, line)| !line.trim().is_empty())?;
    let body = while_true(window(lines, at + 1, 40), |line| listed(line).is_none());
    let frame = body.iter().position(|(_, line)| {
        !line.contains(' ') && line.rsplit_once(".php:").is_some_and(|(_, line)| line.parse::<u32>().is_ok())
    });
    let place = frame.and_then(|at| Place::read(&body[at].1));
    let end = frame.map_or(*key, |at| body[at].0).min(key + 14);
    Some(Structured::test("shape.phpunit", name, *key, (lines[at].0, end), message).at(place))
}
