//! What is told, before it is known whether as text or as Markdown.

use std::{fmt::Write as _, io::Write as _};

use crate::figure::Figure;

/// How a result is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Aligned tables.
    #[default]
    Text,
    /// For programs, and to compare with later.
    Json,
    /// For a page or a comment.
    Markdown,
}

/// One page of results.
#[derive(Default)]
pub(crate) struct Page(Vec<Block>);

enum Block {
    Heading(String),
    Table { head: Vec<String>, rows: Vec<Vec<String>> },
    Lines(Vec<String>),
}

impl Page {
    pub(crate) fn heading(&mut self, text: impl Into<String>) {
        self.0.push(Block::Heading(text.into()));
    }

    /// A table; one without rows is left out.
    pub(crate) fn table(&mut self, head: &[&str], rows: Vec<Vec<String>>) {
        if !rows.is_empty() {
            self.0.push(Block::Table { head: head.iter().map(|cell| (*cell).to_owned()).collect(), rows });
        }
    }

    /// Figures with their intervals and targets.
    pub(crate) fn figures(&mut self, figures: &[Figure]) {
        let cells = |figure: &Figure| {
            vec![
                figure.title.clone(),
                figure.write(figure.value),
                format!("{} – {}", figure.write(figure.low), figure.write(figure.high)),
                figure.of.to_string(),
                figure.target_text(),
                figure.met().map_or("", |met| if met { "yes" } else { "no" }).to_owned(),
            ]
        };
        self.table(
            &["measure", "value", "95 % interval", "of", "target", "met"],
            figures.iter().map(cells).collect(),
        );
    }

    pub(crate) fn lines(&mut self, lines: Vec<String>) {
        if !lines.is_empty() {
            self.0.push(Block::Lines(lines));
        }
    }

    /// For a terminal.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for block in &self.0 {
            match block {
                Block::Heading(heading) => text.extend(["\n", heading, "\n"]),
                Block::Table { head, rows } => text += &aligned(head, rows),
                Block::Lines(lines) => text.extend(lines.iter().flat_map(|line| [line, "\n"])),
            }
        }
        text
    }

    /// For a page or a comment.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        for block in &self.0 {
            match block {
                Block::Heading(heading) => text.extend(["### ", heading, "\n\n"]),
                Block::Table { head, rows } => {
                    text += &row(head);
                    text.extend(["|---|", &"---:|".repeat(head.len() - 1), "\n"]);
                    text.extend(rows.iter().map(|cells| row(cells)));
                    text.push('\n');
                }
                Block::Lines(lines) => text.extend(["```text\n", &lines.join("\n"), "\n```\n\n"]),
            }
        }
        text
    }
}

fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// The first column to the left, the others to the right.
fn aligned(head: &[String], rows: &[Vec<String>]) -> String {
    let all = || std::iter::once(head).chain(rows.iter().map(Vec::as_slice));
    let width = |column: usize| {
        all().filter_map(|cells| cells.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let mut text = String::new();
    for cells in all() {
        let mut line = String::from("  ");
        for (column, cell) in cells.iter().enumerate() {
            let room = width(column);
            let _ = if column == 0 { write!(line, "{cell:<room$}") } else { write!(line, "  {cell:>room$}") };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// Writes text to standard output; a reader that has gone away is no fault of ours.
pub(crate) fn tell(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Writes a line to standard output.
pub(crate) fn line(text: &str) {
    tell(&format!("{text}\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_in_a_terminal_and_as_markdown() {
        let mut page = Page::default();
        page.heading("made");
        page.table(
            &["measure", "value"],
            vec![vec!["a|b".into(), "9.0 %".into()], vec!["c".into(), "10.0 %".into()]],
        );
        page.lines(vec!["x.log:1".into()]);
        assert_eq!(page.text(), "\nmade\n  measure   value\n  a|b       9.0 %\n  c        10.0 %\nx.log:1\n");
        assert_eq!(
            page.markdown(),
            "### made\n\n| measure | value |\n|---|---:|\n| a\\|b | 9.0 % |\n| c | 10.0 % |\n\n```text\nx.log:1\n```\n\n"
        );
    }
}
