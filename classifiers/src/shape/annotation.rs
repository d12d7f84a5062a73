//! What a script tells the runner in so many words: `::error file=a.py,line=3,col=5,title=…::message`.

use super::{Line, Place, Structured, each};
use crate::category::Category;

pub(super) const TRIGGERS: &[&str] = &["::error "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    let (given, message) = line.trim_start().strip_prefix("::error ")?.split_once("::")?;
    let value = |name: &str| {
        let mut given = given.split(',').filter_map(|pair| pair.split_once('='));
        given.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
    };
    let number_of = |name: &str| value(name).and_then(|value| value.parse().ok());
    let place = value("file").map(|file| Place {
        file: file.to_owned(),
        line: number_of("line"),
        column: number_of("col"),
    });
    let lines = (*number, *number);
    let found = Structured::complaint("shape.annotation", Category::Unknown, *number, lines, message);
    Some(found.coded(value("title")).at(place).into_detail())
}
