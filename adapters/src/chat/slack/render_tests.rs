//! Tests of [`super`]: what each tone looks like, what hostile text cannot do, and that nothing breaks Slack's limits.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::chat::any_message::messages;
use crate::message::{Action, ActionStyle, Excerpt, ExcerptLine, Footnote};

/// A page as one line a block.
fn shown(page: &Page) -> String {
    let blocks = serde_json::to_value(&page.blocks).unwrap();
    let mut out = Vec::new();
    for block in blocks.as_array().unwrap() {
        let kind = block["type"].as_str().unwrap();
        let text = |value: &Value| value["text"].as_str().unwrap_or_default().to_owned();
        let words = match kind {
            "section" if block.get("fields").is_some() => block["fields"]
                .as_array()
                .unwrap()
                .iter()
                .map(text)
                .collect::<Vec<_>>()
                .join(" | ")
                .replace('\n', ": "),
            "section" => text(&block["text"]),
            "context" => {
                block["elements"].as_array().unwrap().iter().map(text).collect::<Vec<_>>().join(" | ")
            }
            _ => block["elements"]
                .as_array()
                .unwrap()
                .iter()
                .map(|button| {
                    let value = button.get("value").or(button.get("url")).cloned().unwrap_or_default();
                    let confirm = if button.get("confirm").is_some() { " (asks first)" } else { "" };
                    format!("[{}] {} {value}{confirm}", text(&button["text"]), button["action_id"])
                })
                .collect::<Vec<_>>()
                .join("\n"),
        };
        out.push(format!("{kind}: {words}"));
    }
    out.join("\n")
}

fn action(id: &str, label: &str) -> Action {
    Action {
        id: id.into(),
        label: label.into(),
        value: "run-7".into(),
        style: ActionStyle::Normal,
        confirm: None,
        url: None,
    }
}

/// The message of a failure, with everything that one can hold.
fn broken() -> Message {
    let lines = (806..=818).map(|number| ExcerptLine {
        number,
        text: format!("tests/test_refund.py:{number}: in `test_refund_rounding`"),
        key: number == 812,
    });
    Message {
        url: Some("https://github.example/acme/payments/actions/runs/7?a=1&b=2".into()),
        mentions: vec![Mention { id: "U012AB3CD".into(), name: "Ada".into() }],
        sections: vec![
            Section {
                title: None,
                text: vec![
                    Span::code("test_refund_rounding"),
                    Span::text(" failed: expected 10.01, got "),
                    Span::strong("10.00"),
                    Span::text("."),
                ],
                detail: false,
            },
            Section {
                title: Some("Whose move".into()),
                text: vec![
                    Span::text("Yours: new in "),
                    Span::link("4f2c1d0", "https://github.example/c/4f2c1d0"),
                    Span::text("."),
                ],
                detail: false,
            },
            Section {
                title: Some("Other findings".into()),
                text: vec![Span::text("A warning.")],
                detail: true,
            },
        ],
        excerpt: Some(Excerpt {
            name: "test (ubuntu, 3.12)".into(),
            url: Some("https://github.example/log".into()),
            lines: lines.collect(),
            whole: false,
        }),
        facts: vec![
            Fact { name: "Category".into(), value: "test failure".into() },
            Fact { name: "Confidence".into(), value: "93 %".into() },
        ],
        citations: vec![
            Citation {
                reference: "log:812".into(),
                label: "Log, line 812".into(),
                url: None,
                quote: "in x".into(),
            },
            Citation {
                reference: "runbook:rounding#fix".into(),
                label: "Runbook: Rounding › Fix".into(),
                url: Some("https://wiki.example/rounding#fix".into()),
                quote: "Round once, at the end.".into(),
            },
        ],
        actions: vec![
            Action {
                style: ActionStyle::Primary,
                confirm: Some("Run the 2 failed jobs again?".into()),
                ..action("rerun_failed", "Re-run failed jobs")
            },
            action("claim", "Mine, on it"),
            Action { url: Some("https://github.example/log".into()), ..action("log", "Open log") },
        ],
        footer: vec![
            Footnote { text: "run 7".into(), url: Some("https://github.example/r/7".into()) },
            Footnote { text: "ada · 4 min".into(), url: None },
        ],
        ..Message::new(Tone::Broken, "payments · main broke at “test (ubuntu, 3.12)”")
    }
}

#[test]
fn a_failure_is_read_at_a_glance_and_goes_on_in_the_thread() {
    let rendered = render(&broken());
    insta::assert_snapshot!(shown(&rendered.main), @r#"
    section: ❌ *Broken: <https://github.example/acme/payments/actions/runs/7?a=1&amp;b=2|payments · main broke at “test (ubuntu, 3.12)”>*
    section: <@U012AB3CD>
    section: `test_refund_rounding` failed: expected 10.01, got *10.00*.
    section: *Whose move*: Yours: new in <https://github.example/c/4f2c1d0|4f2c1d0>.
    section: <https://github.example/log|test (ubuntu, 3.12)>
    ```
      809 │ tests/test_refund.py:809: in `test_refund_rounding`
      810 │ tests/test_refund.py:810: in `test_refund_rounding`
      811 │ tests/test_refund.py:811: in `test_refund_rounding`
    ▶ 812 │ tests/test_refund.py:812: in `test_refund_rounding`
      813 │ tests/test_refund.py:813: in `test_refund_rounding`
      814 │ tests/test_refund.py:814: in `test_refund_rounding`
    ```
    section: *Category*: test failure | *Confidence*: 93 %
    context: Sources: Log, line 812 · <https://wiki.example/rounding#fix|Runbook: Rounding › Fix>
    actions: [Re-run failed jobs] "rerun_failed" "run-7" (asks first)
    [Mine, on it] "claim" "run-7"
    [Open log] "open:log" "https://github.example/log"
    context: <https://github.example/r/7|run 7> · ada · 4 min
    context: More in the thread.
    "#);
    assert_eq!(rendered.thread.len(), 1);
    insta::assert_snapshot!(shown(&rendered.thread[0]), @"
    section: *Other findings*: A warning.
    section: <https://github.example/log|test (ubuntu, 3.12)>
    section: ```
      806 │ tests/test_refund.py:806: in `test_refund_rounding`
      807 │ tests/test_refund.py:807: in `test_refund_rounding`
      808 │ tests/test_refund.py:808: in `test_refund_rounding`
      809 │ tests/test_refund.py:809: in `test_refund_rounding`
      810 │ tests/test_refund.py:810: in `test_refund_rounding`
      811 │ tests/test_refund.py:811: in `test_refund_rounding`
    ▶ 812 │ tests/test_refund.py:812: in `test_refund_rounding`
      813 │ tests/test_refund.py:813: in `test_refund_rounding`
      814 │ tests/test_refund.py:814: in `test_refund_rounding`
      815 │ tests/test_refund.py:815: in `test_refund_rounding`
      816 │ tests/test_refund.py:816: in `test_refund_rounding`
      817 │ tests/test_refund.py:817: in `test_refund_rounding`
      818 │ tests/test_refund.py:818: in `test_refund_rounding`
    ```
    section: <https://wiki.example/rounding#fix|Runbook: Rounding › Fix>
    “Round once, at the end.”
    ");
    insta::assert_snapshot!(rendered.main.text, @"
    ❌ Broken: payments · main broke at “test (ubuntu, 3.12)” (https://github.example/acme/payments/actions/runs/7?a=1&amp;b=2)
    <@U012AB3CD>
    test_refund_rounding failed: expected 10.01, got 10.00.
    Whose move: Yours: new in 4f2c1d0 (https://github.example/c/4f2c1d0).
    test (ubuntu, 3.12) (https://github.example/log)
      809 │ tests/test_refund.py:809: in `test_refund_rounding`
      810 │ tests/test_refund.py:810: in `test_refund_rounding`
      811 │ tests/test_refund.py:811: in `test_refund_rounding`
    ▶ 812 │ tests/test_refund.py:812: in `test_refund_rounding`
      813 │ tests/test_refund.py:813: in `test_refund_rounding`
      814 │ tests/test_refund.py:814: in `test_refund_rounding`
    Category: test failure
    Confidence: 93 %
    Sources: Log, line 812 · Runbook: Rounding › Fix (https://wiki.example/rounding#fix)
    Buttons: Re-run failed jobs · Mine, on it · Open log
    run 7 (https://github.example/r/7) · ada · 4 min
    More in the thread.
    ");
}

#[test]
fn every_tone_has_a_sign_and_a_word() {
    let all = [Tone::Broken, Tone::StillBroken, Tone::Fixed, Tone::Info, Tone::Asking];
    let lines: Vec<String> =
        all.map(|tone| shown(&render(&Message::new(tone, "payments · main")).main)).into();
    insta::assert_snapshot!(lines.join("\n"), @r"
    section: ❌ *Broken: payments · main*
    section: 🔁 *Still broken: payments · main*
    section: ✅ *Fixed: payments · main*
    section: ℹ️ *Info: payments · main*
    section: ❓ *Question: payments · main*
    ");
}

#[test]
fn hostile_text_is_only_text() {
    let evil = "<!channel> *b* `c` ```d``` <@U1> <https://evil.example|x> https://evil.example > q & @here";
    let message = Message {
        url: Some("javascript:alert(1)".into()),
        mentions: vec![Mention { id: "!channel".into(), name: evil.into() }],
        sections: vec![Section {
            title: Some(evil.into()),
            text: vec![
                Span::text(evil),
                Span::strong(evil),
                Span::code(evil),
                Span::link(evil, "https://ok.example/|>"),
            ],
            detail: false,
        }],
        excerpt: Some(Excerpt {
            name: evil.into(),
            url: None,
            lines: vec![ExcerptLine { number: 1, text: evil.into(), key: true }],
            whole: false,
        }),
        facts: vec![Fact { name: evil.into(), value: evil.into() }],
        actions: vec![Action { confirm: Some(evil.into()), ..action("rerun_failed", evil) }],
        footer: vec![Footnote { text: evil.into(), url: Some("data:text/html,x".into()) }],
        ..Message::new(Tone::Broken, evil)
    };
    let rendered = render(&message);
    assert_eq!(faults(&rendered), Vec::<String>::new());
    insta::assert_snapshot!(shown(&rendered.main), @r#"
    section: ❌ *Broken: &lt;!channel&gt; ∗b∗ ˋcˋ ˋˋˋdˋˋˋ &lt;@U1&gt; &lt;https://evil.example|x&gt; https://evil.example &gt; q &amp; ＠here*
    section: &lt;!channel&gt; ∗b* ˋcˋ ˋˋˋdˋˋˋ &lt;@U1&gt; &lt;https://evil.example|x&gt; https://evil.example &gt; q &amp; ＠here
    section: *&lt;!channel&gt; ∗b∗ ˋcˋ ˋˋˋdˋˋˋ &lt;@U1&gt; &lt;https://evil.example|x&gt; https://evil.example &gt; q &amp; ＠here*: &lt;!channel&gt; ∗b* ˋcˋ ˋˋˋdˋˋˋ &lt;@U1&gt; &lt;https://evil.example|x&gt; https://evil.example &gt; q &amp; ＠here*&lt;!channel&gt; ∗b∗ ˋcˋ ˋˋˋdˋˋˋ &lt;@U1&gt; &lt;https://evil.example|x&gt; https://evil.example &gt; q &amp; ＠here*`&lt;!channel&gt; *b* ˋcˋ ˋˋˋdˋˋˋ &lt;@U1&gt; &lt;https://evil.example|x&gt; https://evil.example &gt; q &amp; @here`<https://ok.example/%7C%3E|&lt;!channel&gt; ∗b* ˋcˋ ˋˋˋdˋˋˋ &lt;@U1&gt; &lt;https://evil.example¦x&gt; https://evil.example &gt; q &amp; ＠here>
    section: &lt;!channel&gt; ∗b* ˋcˋ ˋˋˋdˋˋˋ &lt;@U1&gt; &lt;https://evil.example|x&gt; https://evil.example &gt; q &amp; ＠here
    ```
    ▶ 1 │ &lt;!channel&gt; *b* `c` ˋˋˋdˋˋˋ &lt;@U1&gt; &lt;https://evil.example|x&gt; https://evil.example &gt; q &amp; @here
    ```
    section: *&lt;!channel&gt; ∗b∗ ˋcˋ ˋˋˋdˋˋˋ &lt;@U1&gt; &lt;https://evil.example|x&gt; https://evil.example &gt; q &amp; ＠here*: &lt;!channel&gt; ∗b* ˋcˋ ˋˋˋdˋˋˋ &lt;@U1&gt; &lt;https://evil.example|x&gt; https://evil.example &gt; q &amp; ＠here
    actions: [<!channel> *b* `c` ```d``` <@U1> <https://evil.example|x>…] "rerun_failed" "run-7" (asks first)
    context: &lt;!channel&gt; ∗b* ˋcˋ ˋˋˋdˋˋˋ &lt;@U1&gt; &lt;https://evil.example|x&gt; https://evil.example &gt; q &amp; ＠here
    "#);
}

#[test]
fn a_button_has_words_on_it_whatever_it_was_given() {
    for label in ["", " ", "\t\n", "\u{200b}"] {
        let rendered =
            render(&Message { actions: vec![action(" ", label)], ..Message::new(Tone::Broken, "broke") });
        assert_eq!(faults(&rendered), [""; 0], "{label:?}");
    }
}

#[test]
fn two_buttons_of_one_action_are_told_apart() {
    let message = Message {
        actions: vec![action("rerun", "A"), action("rerun", "B")],
        ..Message::new(Tone::Info, "x")
    };
    insta::assert_snapshot!(shown(&render(&message).main), @r#"
    section: ℹ️ *Info: x*
    actions: [A] "rerun" "run-7"
    [B] "rerun#1" "run-7"
    "#);
}

#[test]
fn what_is_long_moves_to_the_thread_in_order_and_unbroken() {
    let sentence = |number: usize| format!("This is sentence number {number} of a long story that goes on. ");
    let story: String = (0..400).map(sentence).collect();
    let section = Section { title: None, text: vec![Span::text(&story)], detail: false };
    let message = Message { sections: vec![section], ..broken() };
    let rendered = render(&message);
    assert_eq!(faults(&rendered), Vec::<String>::new());
    assert!(rendered.thread.len() > 1);
    let all = std::iter::once(&rendered.main).chain(&rendered.thread).map(shown).collect::<String>();
    let mut from = 0;
    for number in 0..400 {
        let whole = sentence(number);
        let at = all[from..]
            .find(whole.trim_end())
            .unwrap_or_else(|| panic!("sentence {number} is broken or out of order"));
        from += at;
    }
    assert!(shown(&rendered.main).contains("Re-run failed jobs"), "buttons stay with the message");
}

#[test]
fn past_all_pages_the_rest_is_behind_a_link() {
    let excerpt = Excerpt {
        name: "build".into(),
        url: Some("https://ci.example/log".into()),
        lines: vec![ExcerptLine { number: 1, text: "x".repeat(200_000), key: true }],
        whole: false,
    };
    let rendered = render(&Message { excerpt: Some(excerpt), ..Message::new(Tone::Broken, "big") });
    assert_eq!(rendered.thread.len(), THREAD_PAGES);
    assert_eq!(faults(&rendered), Vec::<String>::new());
    let last = shown(rendered.thread.last().unwrap());
    assert!(
        last.ends_with(
            "context: <https://ci.example/log|There is more than Slack can hold: read the rest there.>"
        ),
        "{last}"
    );
}

#[test]
fn a_short_message_has_no_thread() {
    assert_eq!(render(&Message::new(Tone::Fixed, "green")).thread, []);
}

/// What Slack would refuse in any page.
fn faults(rendered: &Rendered) -> Vec<String> {
    std::iter::once(&rendered.main)
        .chain(&rendered.thread)
        .flat_map(|page| world::slack::validate_message(&json!({"text": page.text, "blocks": page.blocks})))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_message_is_within_all_limits(message in messages()) {
        let rendered = render(&message);
        let empty: Vec<String> = Vec::new();
        prop_assert_eq!(faults(&rendered), empty);
        prop_assert!(rendered.thread.len() <= THREAD_PAGES);
        prop_assert_eq!(render(&message), rendered, "the same message, the same rendering");
    }
}
