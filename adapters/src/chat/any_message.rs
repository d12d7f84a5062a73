//! Messages of every shape, and text of the kinds that break things: what every surface has to draw within its limits.
#![cfg(test)]

use proptest::prelude::*;

use crate::message::{
    Action, ActionStyle, Citation, Excerpt, ExcerptLine, Fact, Footnote, Mention, Message, Section, Span,
    Tone,
};

/// Text of the kinds that break things: markup, quotes, wide signs, nothing at all, and a lot of it.
fn words() -> BoxedStrategy<String> {
    let piece = prop_oneof![
        "[a-zA-Z .!?]{0,40}",
        "[*_~`<>&|@#:!\"\\\\\n\t ]{0,40}",
        "\\PC{0,40}",
        Just("<!channel>".to_owned()),
        Just("```".to_owned()),
        Just("<@123> @everyone https://evil.example discord.gg/x".to_owned()),
        Just("🔥\u{200b}\u{202e}\u{0}".to_owned()),
    ]
    .boxed();
    prop_oneof![
        4 => piece.clone(),
        2 => proptest::collection::vec(piece.clone(), 0..8).prop_map(|pieces| pieces.concat()),
        1 => (piece, 1_usize..600).prop_map(|(piece, times)| piece.repeat(times)),
    ]
    .boxed()
}

fn url() -> BoxedStrategy<Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some("https://ci.example/run/1?a=1&b=<x>|y".to_owned())),
        words().prop_map(|path| Some(format!("https://ci.example/{path}"))),
        words().prop_map(Some),
    ]
    .boxed()
}

fn spans() -> BoxedStrategy<Vec<Span>> {
    let span = prop_oneof![
        words().prop_map(Span::text),
        words().prop_map(Span::strong),
        words().prop_map(Span::code),
        (words(), url()).prop_map(|(text, url)| Span::link(text, url.unwrap_or_default())),
    ];
    proptest::collection::vec(span, 0..6).boxed()
}

prop_compose! {
    fn actions()(list in proptest::collection::vec((words(), words(), words(), url(), any::<bool>()), 0..40)) -> Vec<Action> {
        list.into_iter()
            .map(|(id, label, value, url, confirm)| Action {
                id,
                confirm: confirm.then(|| value.clone()),
                label,
                value,
                style: ActionStyle::Danger,
                url,
            })
            .collect()
    }
}

prop_compose! {
    pub(in crate::chat) fn messages()(
        (headline, link) in (words(), url()),
        mentions in proptest::collection::vec((words(), "U[A-Z0-9]{1,12}|[a-z<>!]{0,9}|&?[1-9][0-9]{0,18}"), 0..40),
        sections in proptest::collection::vec((proptest::option::of(words()), spans(), any::<bool>()), 0..60),
        log in (words(), url(), proptest::collection::vec((any::<u64>(), words(), any::<bool>()), 0..40), any::<bool>()),
        facts in proptest::collection::vec((words(), words()), 0..30),
        citations in proptest::collection::vec((words(), words(), url(), words()), 0..20),
        actions in actions(),
        footer in proptest::collection::vec((words(), url()), 0..20),
    ) -> Message {
        Message {
            url: link,
            mentions: mentions.into_iter().map(|(name, id)| Mention { id, name }).collect(),
            sections: sections.into_iter().map(|(title, text, detail)| Section { title, text, detail }).collect(),
            excerpt: Some(Excerpt {
                name: log.0,
                url: log.1,
                lines: log.2.into_iter().map(|(number, text, key)| ExcerptLine { number, text, key }).collect(),
                whole: log.3,
            }),
            facts: facts.into_iter().map(|(name, value)| Fact { name, value }).collect(),
            citations: citations
                .into_iter()
                .map(|(reference, label, url, quote)| Citation { reference, label, url, quote })
                .collect(),
            actions,
            footer: footer.into_iter().map(|(text, url)| Footnote { text, url }).collect(),
            ..Message::new(Tone::StillBroken, headline)
        }
    }
}
