//! A real headless Chromium, driven over the W3C `WebDriver` protocol (<https://www.w3.org/TR/webdriver2/>) by the
//! distribution's own driver.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use base64::Engine;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::Instant;

/// Longest that the driver may take for one command.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(40);
/// How often an element may be replaced while it is clicked.
const CLICKS: usize = 5;
/// What stands for an element in the protocol (§ 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys that have no character, as the protocol writes them (§ 17.4.2).
pub mod key {
    /// Enter.
    pub const ENTER: char = '\u{e007}';
    /// Escape.
    pub const ESCAPE: char = '\u{e00c}';
    /// Tab.
    pub const TAB: char = '\u{e004}';
}

/// How a window looks to the page.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Width and height in CSS pixels.
    pub size: (u32, u32),
    /// What `prefers-color-scheme` says.
    pub dark: bool,
    /// Whether the page's scripts run.
    pub scripts: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { size: (1280, 900), dark: false, scripts: true }
    }
}

/// A browser, ready to open windows. It ends when it is dropped.
pub struct Browser {
    driver: Child,
    url: String,
    http: reqwest::Client,
}

impl Browser {
    /// Starts the driver. Debian's packages are `chromium` and `chromium-driver`.
    pub async fn start() -> anyhow::Result<Self> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("chromedriver cannot be started: apt-get install chromium chromium-driver")?;
        let mut lines = BufReader::new(driver.stdout.take().context("the driver's output")?).lines();
        let port = loop {
            let line = lines.next_line().await?.context("chromedriver ended before it listened")?;
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').parse::<u16>()?;
            }
        };
        // The driver must be able to write on, or it stops.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Self { driver, url: format!("http://127.0.0.1:{port}"), http })
    }

    /// Opens a window with a profile of its own.
    pub async fn window(&self, look: Look) -> anyhow::Result<Window> {
        let profile = tempfile::tempdir()?;
        let (width, height) = look.size;
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--hide-scrollbars".to_owned(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let session = call(&self.http, &format!("{}/session", self.url), Some(wanted)).await?;
        let id = session["sessionId"].as_str().context("a session id")?;
        let window =
            Window { url: format!("{}/session/{id}", self.url), http: self.http.clone(), _profile: profile };
        let scheme = if look.dark { "dark" } else { "light" };
        window
            .tools(
                "Emulation.setEmulatedMedia",
                json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
            )
            .await?;
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        window.tools("Emulation.setDeviceMetricsOverride", metrics).await?;
        window.tools("Emulation.setScriptExecutionDisabled", json!({"value": !look.scripts})).await?;
        Ok(window)
    }

    /// Ends it and waits for that.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.driver.kill().await.context("the driver cannot be ended")
    }
}

/// One window.
pub struct Window {
    url: String,
    http: reqwest::Client,
    _profile: TempDir,
}

impl Window {
    /// Goes to an address and waits until the page is loaded.
    pub async fn open(&self, url: &str) -> anyhow::Result<()> {
        self.post("/url", json!({"url": url})).await.map(drop)
    }

    /// Where it is.
    pub async fn address(&self) -> anyhow::Result<String> {
        let url = call(&self.http, &format!("{}/url", self.url), None).await?;
        Ok(url.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a function body in the page and gives what it returns.
    pub async fn run(&self, script: &str) -> anyhow::Result<Value> {
        self.post("/execute/sync", json!({"script": script, "args": []})).await
    }

    /// The text that a person sees in the first element that fits; empty if there is none.
    pub async fn text(&self, css: &str) -> anyhow::Result<String> {
        let Some(element) = self.find(css).await? else { return Ok(String::new()) };
        let text = call(&self.http, &format!("{}/element/{element}/text", self.url), None).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// How many elements fit.
    pub async fn count(&self, css: &str) -> anyhow::Result<usize> {
        let found = self.post("/elements", json!({"using": "css selector", "value": css})).await?;
        Ok(found.as_array().map_or(0, Vec::len))
    }

    /// Waits until the first element that fits has this in its text.
    pub async fn see(&self, css: &str, words: &str, patience: Duration) -> anyhow::Result<()> {
        let until = Instant::now() + patience;
        loop {
            // An element may be replaced between finding and reading it; the next look sees the new one.
            let text = self.text(css).await.unwrap_or_default();
            if text.contains(words) && (!words.is_empty() || self.count(css).await? > 0) {
                return Ok(());
            }
            if Instant::now() > until {
                let page = self.text("body").await.unwrap_or_default();
                bail!(
                    "“{words}” did not appear in `{css}` within {patience:?}; it says “{text}”, the page:\n{page}"
                );
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Clicks the first element that fits, as a mouse would. A live page may replace it just then: the new one is clicked.
    pub async fn click(&self, css: &str) -> anyhow::Result<()> {
        for _ in 0..CLICKS {
            let element = self.find(css).await?.with_context(|| format!("nothing fits `{css}`"))?;
            match self.post(&format!("/element/{element}/click"), json!({})).await {
                Err(error) if error.to_string().starts_with("stale element reference") => {}
                done => return done.map(drop),
            }
        }
        bail!("`{css}` was replaced {CLICKS} times while it was to be clicked")
    }

    /// Waits until the address has this in it.
    pub async fn arrive(&self, part: &str, patience: Duration) -> anyhow::Result<()> {
        let until = Instant::now() + patience;
        while !self.address().await?.contains(part) {
            ensure!(Instant::now() < until, "still at {} after {patience:?}", self.address().await?);
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Types on the keyboard, wherever the focus is.
    pub async fn type_keys(&self, keys: &str) -> anyhow::Result<()> {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})]
            })
            .collect();
        self.post("/actions", json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]}))
            .await
            .map(drop)
    }

    /// Saves what is seen as a PNG.
    pub async fn picture(&self, file: &Path) -> anyhow::Result<()> {
        let picture = call(&self.http, &format!("{}/screenshot", self.url), None).await?;
        let picture = picture.as_str().context("a picture")?;
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(file, base64::engine::general_purpose::STANDARD.decode(picture)?)?;
        Ok(())
    }

    /// What the page complained about since the last call: errors and warnings of scripts, policy and network.
    pub async fn complaints(&self) -> anyhow::Result<Vec<String>> {
        let entries = self.post("/se/log", json!({"type": "browser"})).await?;
        let entries = entries.as_array().context("a list of entries")?;
        Ok(entries
            .iter()
            .filter(|entry| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING")))
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect())
    }

    /// Every address that was asked for since the last call.
    pub async fn requests(&self) -> anyhow::Result<Vec<String>> {
        let entries = self.post("/se/log", json!({"type": "performance"})).await?;
        let entries = entries.as_array().context("a list of entries")?;
        let mut requests = Vec::new();
        for entry in entries {
            let message: Value = serde_json::from_str(entry["message"].as_str().unwrap_or_default())?;
            let message = &message["message"];
            if message["method"] == "Network.requestWillBeSent"
                && let Some(url) = message["params"]["request"]["url"].as_str()
            {
                requests.push(url.to_owned());
            }
        }
        Ok(requests)
    }

    /// Closes it.
    pub async fn close(self) -> anyhow::Result<()> {
        let answer = self.http.delete(&self.url).send().await?;
        ensure!(answer.status().is_success(), "the window did not close: {}", answer.status());
        Ok(())
    }

    async fn find(&self, css: &str) -> anyhow::Result<Option<String>> {
        let found = self.post("/elements", json!({"using": "css selector", "value": css})).await?;
        Ok(found[0][ELEMENT].as_str().map(str::to_owned))
    }

    /// A command of the browser's own tools (<https://chromedevtools.github.io/devtools-protocol/>).
    async fn tools(&self, command: &str, parameters: Value) -> anyhow::Result<()> {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": parameters})).await.map(drop)
    }

    async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        call(&self.http, &format!("{}{path}", self.url), Some(body)).await
    }
}

async fn call(http: &reqwest::Client, url: &str, body: Option<Value>) -> anyhow::Result<Value> {
    let request = match &body {
        Some(body) => http.post(url).json(body),
        None => http.get(url),
    };
    let answer: Value = request.send().await?.json().await?;
    let value = answer["value"].clone();
    if let Some(error) = value["error"].as_str() {
        bail!("{error}: {}", value["message"].as_str().unwrap_or_default());
    }
    Ok(value)
}
