//! `XCTest`: `/path/T.swift:12: error: -[Module.Class testX] : XCTAssertEqual failed: …`, on Linux
//! `T.swift:12: error: Class.testX : XCTAssert…`.

use super::{Line, Place, Structured, each};

pub(super) const TRIGGERS: &[&str] = &[".swift:", ".m:"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    let (place, rest) = line.split_once(": error: ")?;
    let (name, message) = rest.split_once(" : ")?;
    let objective = name.starts_with("-[") && name.ends_with(']');
    let swift = name.contains(".test") && !name.contains(' ');
    let name = name.trim_start_matches("-[").trim_end_matches(']');
    (objective || swift).then(|| {
        Structured::test("shape.xctest", name, *number, (*number, *number), message).at(Place::read(place))
    })
}
