//! `RSpec`: `  1) Group example`, `     Failure/Error: source`, the message, `     # ./spec/a_spec.rb:12:in …`.

use super::{Line, Place, Structured, each, while_true, window};

pub(super) const TRIGGERS: &[&str] = &["Failure/Error: "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let source = lines[at].1.trim_start().strip_prefix("Failure/Error: ")?;
    let above = lines[at.saturating_sub(3)..at].iter().rev();
    let (first, name) = above.into_iter().find_map(|(number, line)| {
        let (count, name) = line.trim_start().split_once(") ")?;
        count.parse::<f64>().ok().map(|_| (*number, name))
    })?;
    let body = while_true(window(lines, at + 1, 30), |line| {
        let line = line.trim_start();
        !line.starts_with("Finished in")
            && line.split_once(") ").is_none_or(|(n, _)| n.parse::<f64>().is_err())
    });
    let frames = body.iter().position(|(_, line)| line.trim_start().starts_with("# "));
    let told = &body[..frames.unwrap_or(body.len())];
    let spoken: Vec<&Line<'_>> = told.iter().filter(|(_, line)| !line.trim().is_empty()).collect();
    let (key, message) = spoken.first().map_or((lines[at].0, source), |(key, line)| (*key, line.trim()));
    let message = match spoken.get(1).map(|(_, line)| line.trim()) {
        Some(got) if message.starts_with("expected") && got.starts_with("got") => format!("{message}, {got}"),
        _ => message.to_owned(),
    };
    let place = frames.and_then(|at| {
        let frame = body[at].1.trim_start().trim_start_matches("# ");
        Place::read(frame.split(":in ").next()?)
    });
    let end = frames.map_or(super::last_of(told, key), |at| body[at].0);
    Some(Structured::test("shape.rspec", name, key, (first, end), &message).at(place))
}
