//! A runbook's Markdown as HTML.

use std::collections::HashMap;

use adapters::chat::link::safe_url;
use knowledge::Document;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// What is read beside plain Markdown.
const EXTENSIONS: Options =
    Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH).union(Options::ENABLE_TASKLISTS);

/// The body as HTML. Runbooks are untrusted: raw HTML shows as text, pictures as their words, and only plain web
/// addresses and places on the same page are linked.
pub(super) fn drawn(document: &Document) -> String {
    let mut anchors = anchors(document).into_iter();
    let mut events = Vec::new();
    let mut title_is_due = true;
    let mut skipping_title = false;
    let mut open_links = Vec::new();
    for event in Parser::new_ext(&document.body, EXTENSIONS) {
        match event {
            // The page's own headline says the title already.
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) if title_is_due => {
                title_is_due = false;
                skipping_title = true;
                anchors.next();
            }
            Event::End(TagEnd::Heading(_)) if skipping_title => skipping_title = false,
            _ if skipping_title => {}
            Event::Start(Tag::Heading { level, .. }) => {
                let id = anchors.next().map(CowStr::from);
                events.push(Event::Start(Tag::Heading { level, id, classes: Vec::new(), attrs: Vec::new() }));
            }
            Event::Start(Tag::HtmlBlock) => events.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => events.push(Event::End(TagEnd::Paragraph)),
            Event::Html(text) | Event::InlineHtml(text) => events.push(Event::Text(text)),
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            Event::Start(Tag::Link { link_type, dest_url, id, .. }) => {
                let href =
                    safe_url(&dest_url).or_else(|| dest_url.starts_with('#').then(|| dest_url.to_string()));
                open_links.push(href.is_some());
                if let Some(href) = href {
                    events.push(Event::Start(Tag::Link {
                        link_type,
                        dest_url: href.into(),
                        title: CowStr::Borrowed(""),
                        id,
                    }));
                }
            }
            Event::End(TagEnd::Link) => {
                if open_links.pop() == Some(true) {
                    events.push(Event::End(TagEnd::Link));
                }
            }
            other => events.push(other),
        }
    }
    let mut body = String::new();
    html::push_html(&mut body, events.into_iter());
    body
}

/// The anchors of the headings, in page order, by the same rule by which citations name them.
fn anchors(document: &Document) -> Vec<String> {
    let mut slugs = HashMap::<String, usize>::new();
    let mut anchors = Vec::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(&document.body, EXTENSIONS) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let slug = slug(&heading.take().unwrap_or_default());
                let seen = slugs.entry(slug.clone()).or_insert(0);
                anchors.push(if *seen == 0 { slug } else { format!("{slug}-{seen}") });
                *seen += 1;
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            _ => {}
        }
    }
    anchors
}

/// The rule of GitHub's renderer.
fn slug(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'))
        .map(|character| if character == ' ' { '-' } else { character })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(body: &str) -> Document {
        Document::from_markdown("test", "disk-full", body).unwrap()
    }

    #[test]
    fn nothing_in_a_runbook_becomes_markup_of_ours() {
        let html = drawn(&document(
            "# T\n\n## Fix `it`\n\n<script>alert(1)</script> <b onclick=x>y</b>\n\n\
             [a](javascript:alert(1)) [b](https://ok.example/?q=%22) [c](#fix-it) ![p](https://evil.example/p.png)\n",
        ));
        insta::assert_snapshot!(html, @r##"
        <h2 id="fix-it">Fix <code>it</code></h2>
        <p>&lt;script&gt;alert(1)&lt;/script&gt; &lt;b onclick=x&gt;y&lt;/b&gt;
        </p>
        <p>a <a href="https://ok.example/?q=%22">b</a> <a href="#fix-it">c</a> p</p>
        "##);
    }

    #[test]
    fn headings_have_the_anchors_that_citations_name() {
        let document = document(
            "Intro\n\n# Top\n\n## What it looks like\n\na\n\n## Fix\n\nb\n\n### On CI, or *not*?\n\nc\n\n## Fix\n\nd\n",
        );
        let html = drawn(&document);
        for passage in
            document.passages().iter().filter(|passage| !passage.anchor.is_empty() && passage.anchor != "top")
        {
            assert!(
                html.contains(&format!("id=\"{}\"", passage.anchor)),
                "{} is not in {html}",
                passage.anchor
            );
        }
    }
}
