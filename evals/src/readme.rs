//! The page of current figures: `evals/README.md`, whose marked parts are written by the measurements themselves.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::{RulesArgs, classifier, corpus, floors, redaction, report::Page, triage};

const FILE: &str = "evals/README.md";

/// What `evals readme` is asked for.
#[derive(clap::Args)]
pub(crate) struct ReadmeArgs {
    /// Labelled folders outside the repository whose part of the page is written anew too, read and held-out logs apart.
    folders: Vec<PathBuf>,
}

/// Measures and writes the marked parts of the page.
pub(crate) fn run(args: &ReadmeArgs) -> Result<bool> {
    let mut text = fs::read_to_string(FILE)
        .with_context(|| format!("{FILE} is not here: start this at the top of the repository"))?;
    let classifier = classifier(&RulesArgs { rules: None })?;
    let corpora = floors::corpora()?;
    let mut committed = Page::default();
    for folder in &corpora {
        for part in triage::measure(&classifier, folder, false)? {
            part.tell(&mut committed, false);
        }
    }
    text = filled(&text, "committed", &committed.markdown())?;
    let mut redacted = Page::default();
    redacted.figures(&redaction::measure(&corpora)?);
    text = filled(&text, "redaction", &redacted.markdown())?;
    for folder in &args.folders {
        let mut page = Page::default();
        for part in triage::measure(&classifier, folder, true)? {
            part.tell(&mut page, false);
        }
        text = filled(&text, &corpus::name(folder), &page.markdown())?;
    }
    fs::write(FILE, text).with_context(|| format!("cannot write {FILE}"))?;
    Ok(true)
}

/// The text with what stands between the marks of a part replaced.
fn filled(text: &str, part: &str, content: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- begin {part} -->\n"), format!("<!-- end {part} -->"));
    let (Some(start), Some(stop)) = (text.find(&begin), text.find(&end)) else {
        bail!(
            "{FILE} has no marks `{}` and `{end}`: add them where the figures are to stand",
            begin.trim_end()
        );
    };
    let start = start + begin.len();
    if stop < start {
        bail!("in {FILE}, `{end}` stands before its beginning");
    }
    Ok(format!("{}\n{}\n\n{}", &text[..start], content.trim_end(), &text[stop..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_marked_part_is_replaced_and_again_the_same_way() {
        let page = "# Page\n<!-- begin a -->\nold\n<!-- end a -->\nafter\n";
        let once = filled(page, "a", "new\n\n").unwrap();
        assert_eq!(once, "# Page\n<!-- begin a -->\n\nnew\n\n<!-- end a -->\nafter\n");
        assert_eq!(filled(&once, "a", "new\n\n").unwrap(), once);
        assert!(filled(page, "b", "").unwrap_err().to_string().contains("begin b"));
    }
}
