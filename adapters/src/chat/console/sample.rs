//! Messages for the tests of every rendering.

use crate::message::{
    Action, ActionStyle, Citation, Excerpt, ExcerptLine, Fact, Footnote, Mention, Message, Section, Span,
    Tone,
};

/// A whole failure, with everything in it.
pub(crate) fn broken() -> Message {
    let mut message = Message::new(Tone::Broken, "payments · main broke at “test (ubuntu, 3.12)”");
    message.url = Some("https://github.example/acme/payments/actions/runs/4411".to_owned());
    message.mentions = vec![Mention { id: "ada".to_owned(), name: "Ada".to_owned() }];
    message.sections = vec![
        section(
            None,
            vec![
                Span::text("test_refund_rounding failed: expected "),
                Span::code("10.01"),
                Span::text(", got "),
                Span::code("10.00"),
                Span::text("."),
            ],
        ),
        section(
            Some("Whose move"),
            vec![
                Span::strong("Ada’s"),
                Span::text(": it is new in this commit and nobody else has seen it."),
            ],
        ),
        section(
            Some("What changed"),
            vec![
                Span::text("3 commits since the last green run, among them "),
                Span::link("3f2a91c “Round half up”", "https://github.example/acme/payments/commit/3f2a91c"),
                Span::text("."),
            ],
        ),
        section(
            Some("Try first"),
            vec![
                Span::text("Run "),
                Span::code("pytest tests/test_refund.py -k rounding"),
                Span::text(" and compare the rounding mode."),
            ],
        ),
        Section {
            detail: true,
            ..section(
                Some("Also seen"),
                vec![Span::text("2 warnings about a deprecated fixture at line 640.")],
            )
        },
    ];
    message.excerpt = Some(Excerpt {
        name: "test (ubuntu, 3.12)".to_owned(),
        url: Some("https://github.example/acme/payments/actions/runs/4411/job/9#step:6:812".to_owned()),
        lines: vec![
            line(798, "    def test_refund_rounding():", false),
            line(799, ">       assert refund(\"10.005\") == Decimal(\"10.01\")", false),
            line(812, "E       AssertionError: assert Decimal('10.00') == Decimal('10.01')", true),
        ],
        whole: false,
    });
    message.facts = vec![fact("Category", "test failure"), fact("Seen", "1×")];
    message.citations = vec![
        citation(
            "log:812-812",
            "test (ubuntu, 3.12), line 812",
            "E       AssertionError: assert Decimal('10.00') == Decimal('10.01')",
        ),
        citation(
            "runbook:test-failures#fix",
            "Runbook: Failing tests › Fix",
            "Run the one test alone first.\nIf it passes alone, look for shared state.",
        ),
    ];
    message.actions = vec![
        action("rerun_failed", "Re-run failed jobs", ActionStyle::Primary, None),
        action("claim", "Mine, on it", ActionStyle::Normal, None),
        action(
            "quarantine",
            "Quarantine the test",
            ActionStyle::Danger,
            Some("Skip this test on main until somebody lifts it?"),
        ),
        Action {
            url: Some("https://github.example/acme/payments/actions/runs/4411".to_owned()),
            ..action("open", "Open the run", ActionStyle::Normal, None)
        },
    ];
    message.footer = vec![
        Footnote {
            text: "run 4411".to_owned(),
            url: Some("https://github.example/acme/payments/actions/runs/4411".to_owned()),
        },
        Footnote { text: "3f2a91c by Ada".to_owned(), url: None },
        Footnote { text: "93 % sure".to_owned(), url: None },
    ];
    message
}

/// A question back.
pub(crate) fn asking() -> Message {
    let mut message = Message::new(Tone::Asking, "Which run do you mean?");
    message.sections = vec![section(
        None,
        vec![Span::text("Two workflows of payments failed on main within the last hour: ci and release.")],
    )];
    message.actions = vec![
        action("pick", "ci", ActionStyle::Normal, None),
        action("pick", "release", ActionStyle::Normal, None),
    ];
    message
}

/// Every field filled by somebody who means harm.
pub(crate) fn hostile() -> Message {
    let text = "<script>alert(1)</script>\" onmouseover=\"x' [a](javascript:alert(1)) @everyone https://evil.example \u{202e}\u{1b}[2J\u{7}";
    let mut message = Message::new(Tone::StillBroken, text);
    message.url = Some("javascript:alert(1)".to_owned());
    message.mentions = vec![Mention { id: text.to_owned(), name: text.to_owned() }];
    message.sections = vec![section(
        Some(text),
        vec![
            Span::text(text),
            Span::strong(text),
            Span::code(text),
            Span::link(text, "javascript:alert(1)"),
            Span::link("ok", "https://ok.example/\"><script>"),
        ],
    )];
    message.excerpt = Some(Excerpt {
        name: text.to_owned(),
        url: Some("data:text/html,<script>alert(1)</script>".to_owned()),
        lines: vec![line(1, text, true), line(2, "```\n# not a heading", false)],
        whole: false,
    });
    message.facts = vec![fact(text, text)];
    message.citations = vec![citation("runbook:../../\"><script>#\"><script>", text, text)];
    message.actions = vec![Action {
        label: text.to_owned(),
        confirm: Some(text.to_owned()),
        ..action("\"><script>", text, ActionStyle::Danger, None)
    }];
    message.footer = vec![Footnote { text: text.to_owned(), url: Some("vbscript:x".to_owned()) }];
    message
}

fn section(title: Option<&str>, text: Vec<Span>) -> Section {
    Section { title: title.map(str::to_owned), text, detail: false }
}

fn line(number: u64, text: &str, key: bool) -> ExcerptLine {
    ExcerptLine { number, text: text.to_owned(), key }
}

fn fact(name: &str, value: &str) -> Fact {
    Fact { name: name.to_owned(), value: value.to_owned() }
}

fn citation(reference: &str, label: &str, quote: &str) -> Citation {
    Citation { reference: reference.to_owned(), label: label.to_owned(), url: None, quote: quote.to_owned() }
}

fn action(id: &str, label: &str, style: ActionStyle, confirm: Option<&str>) -> Action {
    Action {
        id: id.to_owned(),
        label: label.to_owned(),
        value: "v".to_owned(),
        style,
        confirm: confirm.map(str::to_owned),
        url: None,
    }
}
