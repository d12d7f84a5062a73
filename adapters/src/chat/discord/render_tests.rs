//! Tests of [`super`]: what each tone looks like, what hostile text cannot do, and that nothing breaks Discord's limits.

use proptest::prelude::*;

use super::*;
use crate::chat::any_message::messages;
use crate::chat::console::sample;
use crate::message::{Action, ActionStyle, Excerpt, ExcerptLine};

/// A page as it is written, part by part.
fn shown(page: &Page) -> String {
    let mut out = Vec::new();
    if !page.content.is_empty() {
        out.push(page.content.clone());
    }
    if let Some(card) = &page.card {
        out.push(format!("┌ #{:06x}\n{}", card.colour, card.description));
        out.extend(card.fields.iter().map(|(name, value)| format!("│ {name}: {value}")));
    }
    for row in &page.rows {
        let buttons = row.0.iter().map(|button| {
            let target = button.get("custom_id").or(button.get("url")).and_then(serde_json::Value::as_str);
            format!("[{}] {}", button["label"].as_str().unwrap_or_default(), target.unwrap_or_default())
        });
        out.extend(buttons);
    }
    out.join("\n")
}

fn faults(rendered: &Rendered) -> Vec<String> {
    let mark = crate::chat::discord::page::Mark::of("key", 12);
    std::iter::once(&rendered.main)
        .chain(&rendered.thread)
        .flat_map(|page| world::discord::validate_message(&page.new_body(&mark, Some("7"))))
        .collect()
}

fn action(id: &str, label: &str) -> Action {
    Action {
        id: id.into(),
        label: label.into(),
        value: "run-7".into(),
        style: ActionStyle::Primary,
        confirm: None,
        url: None,
    }
}

fn broken() -> Message {
    let mentions = vec![
        Mention { id: "300000000000000001".into(), name: "Ada".into() },
        Mention { id: "&400000000000000001".into(), name: "Platform".into() },
        Mention { id: "U012AB3CD".into(), name: "sam_of_slack".into() },
    ];
    Message { mentions, ..sample::broken() }
}

#[test]
fn a_failure_is_read_at_a_glance_and_goes_on_in_the_thread() {
    let rendered = render(&broken(), Style::Embeds);
    assert_eq!(faults(&rendered), Vec::<String>::new());
    let pages: Vec<String> = rendered.thread.iter().map(shown).collect();
    insta::assert_snapshot!(format!(
        "{}\n\n=== thread “{}”\n{}",
        shown(&rendered.main),
        rendered.name,
        pages.join("\n=== page\n")
    ));
}

#[test]
fn the_same_in_text_alone() {
    let rendered = render(&broken(), Style::Text);
    assert_eq!(faults(&rendered), Vec::<String>::new());
    assert!(std::iter::once(&rendered.main).chain(&rendered.thread).all(|page| page.card.is_none()));
    let pages: Vec<String> = rendered.thread.iter().map(shown).collect();
    insta::assert_snapshot!(format!(
        "{}\n\n=== thread\n{}",
        shown(&rendered.main),
        pages.join("\n=== page\n")
    ));
}

#[test]
fn hostile_text_is_only_text() {
    for style in [Style::Embeds, Style::Text] {
        let rendered = render(&sample::hostile(), style);
        assert_eq!(faults(&rendered), Vec::<String>::new());
    }
    insta::assert_snapshot!(shown(&render(&sample::hostile(), Style::Embeds).main));
}

#[test]
fn every_tone_has_a_sign_and_a_word() {
    let all = [Tone::Broken, Tone::StillBroken, Tone::Fixed, Tone::Info, Tone::Asking];
    let lines: Vec<String> =
        all.map(|tone| shown(&render(&Message::new(tone, "payments · main"), Style::Embeds).main)).into();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn whoever_is_mentioned_is_the_only_one_called() {
    let body = render(&broken(), Style::Embeds).main.body(None);
    let allowed = serde_json::json!({"parse": [], "users": ["300000000000000001"], "roles": ["400000000000000001"],
        "replied_user": false});
    assert_eq!(body["allowed_mentions"], allowed);
    let nobody = render(&Message::new(Tone::Info, "<@300000000000000001>"), Style::Embeds).main.body(None);
    assert_eq!(nobody["allowed_mentions"]["users"], serde_json::json!([]));
}

#[test]
fn what_is_long_moves_to_the_thread_in_order_and_unbroken() {
    let sentence = |number: usize| format!("This is sentence number {number} of a long story that goes on. ");
    let story: String = (0..250).map(sentence).collect();
    let section = Section { title: None, text: vec![Span::text(&story)], detail: false };
    for (style, last) in [(Style::Embeds, 250), (Style::Text, 100)] {
        let rendered = render(&Message { sections: vec![section.clone()], ..broken() }, style);
        assert_eq!(faults(&rendered), Vec::<String>::new());
        let all = std::iter::once(&rendered.main).chain(&rendered.thread).map(shown).collect::<String>();
        let mut from = 0;
        for number in 0..last {
            let whole = sentence(number);
            let at = all[from..]
                .find(whole.trim_end())
                .unwrap_or_else(|| panic!("sentence {number} is broken or out of order"));
            from += at;
        }
        let main = shown(&rendered.main);
        let key = sample::broken().excerpt.unwrap().lines.into_iter().find(|line| line.key).unwrap();
        assert!(main.contains(&key.text[..20]), "the decisive line stays with the message:\n{main}");
        assert!(!rendered.main.rows.is_empty(), "buttons stay with the message");
    }
}

#[test]
fn past_all_pages_the_rest_is_behind_a_link() {
    let excerpt = Excerpt {
        name: "build".into(),
        url: Some("https://ci.example/log".into()),
        lines: vec![ExcerptLine { number: 1, text: "x".repeat(200_000), key: true }],
        whole: false,
    };
    let rendered =
        render(&Message { excerpt: Some(excerpt), ..Message::new(Tone::Broken, "big") }, Style::Embeds);
    assert_eq!(rendered.thread.len(), THREAD_PAGES);
    assert_eq!(faults(&rendered), Vec::<String>::new());
    let last = shown(rendered.thread.last().unwrap());
    assert!(
        last.ends_with(
            "-# [There is more than Discord can hold\\: read the rest there.](<https://ci.example/log>)"
        ),
        "{last}"
    );
}

#[test]
fn many_buttons_go_on_in_the_thread() {
    let actions = (0..30).map(|number| action(&format!("pick{number}"), "Pick")).collect();
    let rendered = render(&Message { actions, ..Message::new(Tone::Asking, "which?") }, Style::Embeds);
    assert_eq!(rendered.main.rows.len(), 5);
    assert_eq!(rendered.thread[0].rows.len(), 1);
    assert_eq!(faults(&rendered), Vec::<String>::new());
}

#[test]
fn a_short_message_has_no_thread() {
    assert_eq!(render(&Message::new(Tone::Fixed, "green"), Style::Embeds).thread, []);
    assert_eq!(render(&Message::new(Tone::Fixed, ""), Style::Text).name, "Fixed");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_message_is_within_all_limits(message in messages(), text in any::<bool>()) {
        let style = if text { Style::Text } else { Style::Embeds };
        let rendered = render(&message, style);
        let faults = faults(&rendered).join("\n");
        prop_assert!(faults.is_empty(), "{}", faults);
        prop_assert!(rendered.thread.len() <= THREAD_PAGES);
        prop_assert!(!rendered.name.trim().is_empty() && limits::length(&rendered.name) <= limits::THREAD_NAME);
        prop_assert_eq!(render(&message, style), rendered, "the same message, the same rendering");
    }

    #[test]
    fn any_words_are_within_all_limits(text in "[a-zA-Z *_`<@:/.\n]{0,4000}") {
        for page in render_words(&text) {
            let faults = world::discord::validate_message(&page.body(None));
            prop_assert!(faults.is_empty(), "{:?}", faults);
        }
    }
}
