//! The console in a real browser, on a really running demo.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use world::browser::{Browser, Look, Window, key};

/// How long anything may take that happens at once on an idle machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// From the start of the process to the first message on the page. Debug builds share the machine with other tests.
const FIRST_MESSAGE: Duration =
    if cfg!(debug_assertions) { Duration::from_secs(20) } else { Duration::from_secs(3) };

/// A running demo.
struct Demo {
    child: Child,
    url: String,
    started: Instant,
}

impl Demo {
    async fn start() -> Self {
        let started = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_whyred"))
            .args(["demo", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .expect("the demo starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let first = lines.next_line().await.expect("a line").expect("a line");
        let url =
            first.strip_prefix("listening on ").expect("the first line says where it listens").to_owned();
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { child, url, started }
    }

    /// Ends it as Ctrl-C does, and waits until it has cleaned up.
    async fn stop(mut self) {
        let id = self.child.id().expect("it runs").to_string();
        let told = Command::new("kill").args(["-INT", &id]).status().await.expect("kill runs");
        assert!(told.success());
        let ended = tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .expect("the demo ends when told")
            .unwrap();
        assert!(ended.success(), "the demo ended with {ended}");
    }
}

/// Where pictures are kept for people to look at.
fn picture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/screenshots")).join(name)
}

/// Fails if the page complained, or asked anybody but the demo for anything.
async fn is_clean(window: &Window, demo: &Demo) {
    assert_eq!(window.complaints().await.unwrap(), [""; 0]);
    let requests = window.requests().await.unwrap();
    assert!(requests.iter().any(|url| url.starts_with(&demo.url)), "the log of requests works: {requests:?}");
    let outside: Vec<_> = requests
        .iter()
        .filter(|url| !url.starts_with(&demo.url) && !url.starts_with("data:") && !url.starts_with("chrome:"))
        .collect();
    assert!(outside.is_empty(), "asked elsewhere: {outside:?}");
}

/// Notes something in the page that a reload would wipe out.
async fn mark(window: &Window) {
    window.run("window.sameDocument = true").await.unwrap();
}

async fn is_same_document(window: &Window) -> bool {
    window.run("return window.sameDocument === true").await.unwrap() == json!(true)
}

#[tokio::test]
async fn the_first_message_stands_there_within_seconds() {
    let browser = Browser::start().await.unwrap();
    let window = browser.window(Look::default()).await.unwrap();
    let demo = Demo::start().await;
    window.open(&demo.url).await.unwrap();
    window.see("#feed", "payments · main", FIRST_MESSAGE).await.unwrap();
    let took = demo.started.elapsed();
    assert!(took < FIRST_MESSAGE, "the first message took {took:?}");

    // Wait for a few more, so that the pictures show a day.
    window.see("#channels", "acme/web-shop", PATIENCE).await.unwrap();
    window.see(".card[data-tone=broken] .line.key", "", PATIENCE).await.unwrap();
    window.picture(&picture("console-light.png")).await.unwrap();
    is_clean(&window, &demo).await;
    for (name, look) in [
        ("console-dark.png", Look { dark: true, ..Look::default() }),
        ("console-phone.png", Look { size: (390, 844), ..Look::default() }),
    ] {
        let window = browser.window(look).await.unwrap();
        window.open(&demo.url).await.unwrap();
        window.see(".card .headline", "·", PATIENCE).await.unwrap();
        let wider = window.run("return document.documentElement.scrollWidth > innerWidth").await.unwrap();
        assert_eq!(wider, json!(false), "{name}: the page scrolls sideways");
        window.picture(&picture(name)).await.unwrap();
        is_clean(&window, &demo).await;
        window.close().await.unwrap();
    }
    window.close().await.unwrap();
    demo.stop().await;
    browser.stop().await.unwrap();
}

#[tokio::test]
async fn a_question_is_asked_and_answered_by_keyboard_alone() {
    let browser = Browser::start().await.unwrap();
    let demo = Demo::start().await;
    let window = browser.window(Look::default()).await.unwrap();
    window.open(&demo.url).await.unwrap();
    window.see("#feed", "payments · main", PATIENCE).await.unwrap();
    mark(&window).await;

    window.type_keys("/").await.unwrap();
    window.type_keys("why did main of payments fail?").await.unwrap();
    window.type_keys(&key::ENTER.to_string()).await.unwrap();
    window.see(".card .said .words", "why did main of payments fail?", PATIENCE).await.unwrap();
    let asked = window.run("return document.querySelector('.card:has(> .said)').id").await.unwrap();
    let asked = asked.as_str().unwrap();
    window.see(&format!("#{asked} .reply .headline"), "payments · main", PATIENCE).await.unwrap();
    assert_eq!(window.run("return document.getElementById('ask').value").await.unwrap(), json!(""));
    window.see("#channels a[href='/c/ask']", "ask", PATIENCE).await.unwrap();

    // A second question, about it, in its thread: Escape, j, r.
    window.type_keys(&key::ESCAPE.to_string()).await.unwrap();
    window.run("document.activeElement.blur(); document.body.focus()").await.unwrap();
    window.type_keys("j").await.unwrap();
    let here = window.run("return document.activeElement.id").await.unwrap();
    assert_eq!(window.run("return document.querySelector('.card.here').id").await.unwrap(), here);
    window.type_keys("r").await.unwrap();
    window.type_keys("what is broken?").await.unwrap();
    window.type_keys(&key::ENTER.to_string()).await.unwrap();
    window
        .see(&format!("#{} .reply .said", here.as_str().unwrap()), "what is broken?", PATIENCE)
        .await
        .unwrap();

    window.type_keys(&key::ESCAPE.to_string()).await.unwrap();
    window.type_keys("?").await.unwrap();
    window.see("dialog[open]", "Next and previous message", PATIENCE).await.unwrap();
    window.type_keys(&key::ESCAPE.to_string()).await.unwrap();
    assert_eq!(window.count("dialog[open]").await.unwrap(), 0);
    assert!(is_same_document(&window).await, "the page was reloaded");
    window.picture(&picture("console-answer.png")).await.unwrap();
    is_clean(&window, &demo).await;
    window.close().await.unwrap();
    demo.stop().await;
    browser.stop().await.unwrap();
}

#[tokio::test]
async fn a_re_run_turns_the_message_green_before_the_readers_eyes() {
    let browser = Browser::start().await.unwrap();
    let demo = Demo::start().await;
    let window = browser.window(Look { dark: true, ..Look::default() }).await.unwrap();
    window.open(&demo.url).await.unwrap();
    // A failure that a re-run helps.
    let flaky = window_with_card(&window, "rate limit").await;
    mark(&window).await;
    // By keyboard: messages keep coming in, and what has the focus stays where it is.
    window.run(&format!("document.querySelector('#{flaky} .actions .primary').focus()")).await.unwrap();
    window.type_keys(&key::ENTER.to_string()).await.unwrap();
    window.see(&format!("#{flaky} .sections"), "asked for by you", PATIENCE).await.unwrap();
    let there = format!("return document.getElementById('{flaky}').getBoundingClientRect().top");
    let before = window.run(&there).await.unwrap();
    window.see(&format!("#{flaky} .tone-word"), "ixed", PATIENCE).await.unwrap();
    window.see(&format!("#{flaky}[data-tone=fixed] .headline"), "fixed", PATIENCE).await.unwrap();
    assert!(is_same_document(&window).await, "the page was reloaded");
    let moved = window.run(&there).await.unwrap().as_f64().unwrap() - before.as_f64().unwrap();
    assert!(moved.abs() < 2.0, "the card moved by {moved} pixels while others came in");
    window.picture(&picture("console-fixed.png")).await.unwrap();
    is_clean(&window, &demo).await;
    window.close().await.unwrap();
    demo.stop().await;
    browser.stop().await.unwrap();
}

#[tokio::test]
async fn a_wrong_cause_is_told_in_a_dialog() {
    let browser = Browser::start().await.unwrap();
    let demo = Demo::start().await;
    let window = browser.window(Look::default()).await.unwrap();
    window.open(&demo.url).await.unwrap();
    let card = window_with_card(&window, "rate limit").await;
    mark(&window).await;
    window.click(&format!("#{card} button[value^=feedback_down]")).await.unwrap();
    window.see("dialog[open] h2", "Wrong cause", PATIENCE).await.unwrap();
    window.type_keys("the mirror was down").await.unwrap();
    window.picture(&picture("console-form.png")).await.unwrap();
    window.click("dialog .sheet .primary").await.unwrap();
    window.see("#toasts", "that it was “the mirror was down”", PATIENCE).await.unwrap();
    assert_eq!(window.count("dialog[open]").await.unwrap(), 0, "it closes");
    assert!(is_same_document(&window).await, "the page was reloaded");
    window.open(&format!("{}/system", demo.url)).await.unwrap();
    window.see("[aria-labelledby=feedback]", "the mirror was down", PATIENCE).await.unwrap();
    is_clean(&window, &demo).await;
    window.close().await.unwrap();
    demo.stop().await;
    browser.stop().await.unwrap();
}

/// The id of the first broken card that says this, once it stands there.
async fn window_with_card(window: &Window, words: &str) -> String {
    let script = format!(
        "return [...document.querySelectorAll('.card[data-tone=broken]')]\
         .find((card) => card.textContent.toLowerCase().includes('{words}'))?.id ?? null"
    );
    let until = Instant::now() + PATIENCE * 2;
    loop {
        if let Value::String(id) = window.run(&script).await.unwrap() {
            return id;
        }
        assert!(Instant::now() < until, "no broken card says “{words}”");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn without_scripts_one_can_read_ask_and_click() {
    let browser = Browser::start().await.unwrap();
    let demo = Demo::start().await;
    let window = browser.window(Look { scripts: false, ..Look::default() }).await.unwrap();
    let until = Instant::now() + PATIENCE;
    while window.count(".card").await.unwrap() == 0 {
        assert!(Instant::now() < until, "no message appears");
        window.open(&demo.url).await.unwrap();
    }
    window.see(".card .headline", "·", PATIENCE).await.unwrap();
    window.see(".card .when", "UTC", PATIENCE).await.unwrap();

    window.click("main > .ask textarea").await.unwrap();
    window.type_keys("what is broken?").await.unwrap();
    window.click("main > .ask button").await.unwrap();
    window.arrive("/t/", PATIENCE).await.unwrap();
    window.see(".said .words", "what is broken?", PATIENCE).await.unwrap();
    let thread = window.address().await.unwrap();
    while window.count(".reply").await.unwrap() == 0 {
        assert!(Instant::now() < until + PATIENCE, "no answer appears");
        window.open(&thread).await.unwrap();
    }

    window.open(&demo.url).await.unwrap();
    window.click(".card[data-tone=broken] .actions button:not(.primary)").await.unwrap();
    window.arrive("/t/", PATIENCE).await.unwrap();
    let claimed = window.address().await.unwrap();
    while !window.text(".card .message").await.unwrap().contains("is on it") {
        assert!(Instant::now() < until + PATIENCE * 2, "the message does not say who is on it");
        window.open(&claimed).await.unwrap();
    }

    window.open(&demo.url).await.unwrap();
    window.click(".themes button[value=dark]").await.unwrap();
    window.see("html[data-theme=dark] h1", "Everything", PATIENCE).await.unwrap();
    window.close().await.unwrap();
    demo.stop().await;
    browser.stop().await.unwrap();
}

/// What a person who sees little, or nothing, would stumble over. Contrast is computed as WCAG 2.2 §1.4.3 defines it, for
/// every text on the page; names, headings and ids are looked at too.
const AUDIT: &str = r#"
const faults = [];
const shown = (element) => element.checkVisibility() && !element.closest(".unseen, .skip");
const colour = (text) => {
  const numbers = text.match(/[\d.]+/g)?.map(Number) ?? [];
  const scale = text.startsWith("color(") ? 255 : 1;
  return { rgb: numbers.slice(0, 3).map((n) => n * scale), alpha: numbers[3] ?? 1 };
};
const luminance = ({ rgb }) => {
  const [r, g, b] = rgb.map((n) => n / 255).map((n) => (n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const background = colour(getComputedStyle(at).backgroundColor);
    if (background.alpha === 1) return background;
  }
  return { rgb: [255, 255, 255] };
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const seen = new Set();
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !shown(element) || element.closest("[disabled], script, dialog:not([open])")) continue;
  const [light, dark] = [luminance(colour(getComputedStyle(element).color)), luminance(behind(element))].sort((a, b) => b - a);
  const contrast = (light + 0.05) / (dark + 0.05);
  const name = `${element.tagName}.${element.className}`;
  if (contrast < 4.5 && !seen.has(name)) {
    seen.add(name);
    faults.push(`contrast ${contrast.toFixed(2)} of ${name}: ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
}
if (seen.size === 0 && document.body.textContent.trim().length < 50) faults.push("there is hardly any text to look at");
for (const control of document.querySelectorAll("button, a[href], summary, textarea, input:not([type=hidden])")) {
  const name = control.textContent.trim() || control.ariaLabel || control.labels?.[0]?.textContent.trim();
  if (!name) faults.push(`no name: ${control.outerHTML.slice(0, 120)}`);
}
for (const image of document.querySelectorAll("img:not([alt])")) faults.push(`no alt: ${image.outerHTML}`);
const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`id twice: ${id}`);
const headings = [...document.querySelectorAll("main :is(h1, h2, h3, h4)")].map((heading) => Number(heading.tagName[1]));
if (headings.filter((level) => level === 1).length !== 1) faults.push(`${headings.filter((level) => level === 1).length} h1`);
headings.forEach((level, at) => at > 0 && level > headings[at - 1] + 1 && faults.push(`h${headings[at - 1]} is followed by h${level}`));
for (const reference of document.querySelectorAll("[aria-labelledby]")) {
  if (!document.getElementById(reference.getAttribute("aria-labelledby"))) faults.push(`label missing: ${reference.outerHTML.slice(0, 120)}`);
}
if (!document.documentElement.lang) faults.push("no language");
return faults;
"#;

#[tokio::test]
async fn everybody_can_use_every_page() {
    let browser = Browser::start().await.unwrap();
    let demo = Demo::start().await;
    for dark in [false, true] {
        let window = browser.window(Look { dark, ..Look::default() }).await.unwrap();
        window.open(&demo.url).await.unwrap();
        window.see(".card .actions .primary", "Re-run", PATIENCE).await.unwrap();
        window.see(".channels a[href^='/c/']", "", PATIENCE).await.unwrap();
        let links = "return ['/', document.querySelector('.channels a[href^=\"/c/\"]').pathname, \
                     document.querySelector('.card a.when').pathname, document.querySelector('.passage a')?.pathname ?? '/runbooks', \
                     '/failures', '/system', '/runbooks?q=disk', '/login', '/nowhere']";
        let pages = window.run(links).await.unwrap();
        for page in pages.as_array().unwrap() {
            let page = page.as_str().unwrap();
            window.open(&format!("{}{page}", demo.url)).await.unwrap();
            window
                .run("for (const details of document.querySelectorAll('details')) details.open = true")
                .await
                .unwrap();
            assert_eq!(window.run(AUDIT).await.unwrap(), json!([]), "{page}, dark: {dark}");
        }
        let name = if dark { "thread-dark.png" } else { "thread-light.png" };
        window.open(&format!("{}{}", demo.url, pages[2].as_str().unwrap())).await.unwrap();
        window.picture(&picture(name)).await.unwrap();
        window.close().await.unwrap();
    }
    demo.stop().await;
    browser.stop().await.unwrap();
}
