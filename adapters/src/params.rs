//! Reading typed parameters out of a configuration table.
//!
//! Adapters decode their own parameters, and the operator wants every fault at once: so a [`Params`] hands out typed values,
//! notes each fault with the path of its field and what to write instead, and at its end reports the keys that nobody asked
//! for. A missing or faulty value reads as a stand-in; the caller never uses it, because the faults stop the start.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use crate::secret::Secret;

/// One thing that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Path of the field: `ci.github.webhook_secret`.
    pub path: String,
    /// What is wrong and what to write instead.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.what)
    }
}

/// How environment variables are looked up: a function, so that tests need not change the process.
pub type Environment = Rc<dyn Fn(&str) -> Option<String>>;

/// One table of the configuration, being read.
pub struct Params {
    path: String,
    name: String,
    table: toml::Table,
    asked: RefCell<BTreeSet<String>>,
    asked_paths: Rc<RefCell<BTreeSet<String>>>,
    faults: Rc<RefCell<Vec<Fault>>>,
    env: Environment,
}

impl Params {
    /// Starts at the top of a configuration.
    pub fn root(table: toml::Table, env: Environment) -> Self {
        Self {
            path: String::new(),
            name: String::new(),
            table,
            asked: RefCell::default(),
            asked_paths: Rc::default(),
            faults: Rc::default(),
            env,
        }
    }

    /// The path of this table (`ci.github`); empty at the top.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The last part of the path (`github`); it may hold dots of its own (`[people."first.last"]`).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Notes a fault of a field of this table.
    pub fn fault(&self, key: &str, what: impl Into<String>) {
        self.faults.borrow_mut().push(Fault { path: self.path_of(key), what: what.into() });
    }

    /// Whether the key is written at all.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The tables below `key` by name (`[ci.github]`, `[ci.ghes]`), each to be read and finished.
    pub fn tables(&self, key: &str) -> Vec<Params> {
        match self.value(key) {
            None => Vec::new(),
            Some(toml::Value::Table(tables)) => tables
                .iter()
                .filter_map(|(name, value)| {
                    if let toml::Value::Table(table) = value {
                        Some(self.below(&format!("{key}.{name}"), name, table.clone()))
                    } else {
                        self.fault(&format!("{key}.{name}"), "must be a table: write it as `[…]`");
                        None
                    }
                })
                .collect(),
            Some(_) => {
                self.fault(key, format!("must be a table: write `[{}.NAME]`", self.path_of(key)));
                Vec::new()
            }
        }
    }

    /// The one table at `key`; an empty one if it is not written. To be read and finished.
    #[must_use]
    pub fn table(&self, key: &str) -> Params {
        let table = match self.value(key) {
            None => toml::Table::new(),
            Some(toml::Value::Table(table)) => table.clone(),
            Some(_) => {
                self.fault(key, format!("must be a table: write `[{}]`", self.path_of(key)));
                toml::Table::new()
            }
        };
        self.below(key, key, table)
    }

    /// The list of tables at `key` (`[[route]]`), each to be read and finished.
    pub fn list_of_tables(&self, key: &str) -> Vec<Params> {
        match self.value(key) {
            None => Vec::new(),
            Some(toml::Value::Array(items)) => items
                .iter()
                .enumerate()
                .filter_map(|(index, item)| {
                    if let toml::Value::Table(table) = item {
                        Some(self.below(&format!("{key}[{index}]"), key, table.clone()))
                    } else {
                        self.fault(&format!("{key}[{index}]"), "must be a table");
                        None
                    }
                })
                .collect(),
            Some(_) => {
                self.fault(key, format!("must be a list of tables: write `[[{}]]`", self.path_of(key)));
                Vec::new()
            }
        }
    }

    /// A text, if written.
    pub fn text(&self, key: &str) -> Option<String> {
        match self.value(key)? {
            toml::Value::String(text) => Some(text.clone()),
            other => {
                self.fault(key, format!("must be a text in quotes, not {}", kind_of(other)));
                None
            }
        }
    }

    /// A text that must be there.
    pub fn required_text(&self, key: &str, example: &str) -> String {
        if !self.has(key) {
            self.asked.borrow_mut().insert(key.to_owned());
            self.fault(key, format!("is missing: write for example `{key} = \"{example}\"`"));
        }
        self.text(key).unwrap_or_default()
    }

    /// One of a closed list of words.
    pub fn choice<'a>(&self, key: &str, choices: &[&'a str], default: &'a str) -> &'a str {
        let Some(given) = self.text(key) else { return default };
        choices.iter().copied().find(|choice| *choice == given).unwrap_or_else(|| {
            self.fault(key, format!("`{given}` is none of: {}", choices.join(", ")));
            default
        })
    }

    /// A yes or no.
    pub fn flag(&self, key: &str, default: bool) -> bool {
        match self.value(key) {
            None => default,
            Some(toml::Value::Boolean(flag)) => *flag,
            Some(other) => {
                self.fault(key, format!("must be true or false, not {}", kind_of(other)));
                default
            }
        }
    }

    /// A whole number within bounds.
    pub fn number(&self, key: &str, default: i64, bounds: std::ops::RangeInclusive<i64>) -> i64 {
        match self.value(key) {
            None => default,
            Some(toml::Value::Integer(number)) if bounds.contains(number) => *number,
            Some(other) => {
                self.fault(
                    key,
                    format!(
                        "must be a whole number from {} to {}, not {other}",
                        bounds.start(),
                        bounds.end()
                    ),
                );
                default
            }
        }
    }

    /// A fraction within 0 and 1.
    pub fn fraction(&self, key: &str, default: f64) -> f64 {
        let given = match self.value(key) {
            None => return default,
            Some(toml::Value::Float(number)) => *number,
            Some(toml::Value::Integer(0)) => 0.0,
            Some(toml::Value::Integer(1)) => 1.0,
            Some(_) => f64::NAN,
        };
        if (0.0..=1.0).contains(&given) {
            return given;
        }
        self.fault(key, "must be a number from 0.0 to 1.0");
        default
    }

    /// A span of time: a text such as `90s`, `5m`, `2h`, `7d`.
    pub fn duration(&self, key: &str, default: Duration) -> Duration {
        let Some(given) = self.text(key) else { return default };
        parse_duration(&given).unwrap_or_else(|| {
            self.fault(
                key,
                format!(
                    "`{given}` is not a span of time: write for example \"90s\", \"5m\", \"2h\" or \"7d\""
                ),
            );
            default
        })
    }

    /// A list of texts; a single text reads as a list of one.
    pub fn texts(&self, key: &str) -> Vec<String> {
        match self.value(key) {
            None => Vec::new(),
            Some(toml::Value::String(text)) => vec![text.clone()],
            Some(toml::Value::Array(items)) => items
                .iter()
                .enumerate()
                .filter_map(|(index, item)| {
                    let text = item.as_str().map(str::to_owned);
                    if text.is_none() {
                        self.fault(
                            &format!("{key}[{index}]"),
                            format!("must be a text in quotes, not {}", kind_of(item)),
                        );
                    }
                    text
                })
                .collect(),
            Some(other) => {
                self.fault(key, format!("must be a list of texts, not {}", kind_of(other)));
                Vec::new()
            }
        }
    }

    /// An http or https address without a trailing slash.
    pub fn url(&self, key: &str, default: &str) -> String {
        let given = self.text(key).unwrap_or_else(|| default.to_owned());
        match url::Url::parse(&given) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {}
            _ => self.fault(
                key,
                format!(
                    "`{given}` is not an address: write for example \"{}\"",
                    if default.is_empty() { "https://whyred.example.org" } else { default }
                ),
            ),
        }
        given.trim_end_matches('/').to_owned()
    }

    /// A secret by reference, if written.
    pub fn secret(&self, key: &str) -> Option<Secret> {
        let reference = self.text(key)?;
        match Secret::from_reference(&reference, &*self.env) {
            Ok(secret) => Some(secret),
            Err(what) => {
                self.fault(key, what);
                None
            }
        }
    }

    /// A secret that must be there.
    pub fn required_secret(&self, key: &str, example: &str) -> Secret {
        if !self.has(key) {
            self.asked.borrow_mut().insert(key.to_owned());
            self.fault(key, format!("is missing: write for example `{key} = \"{example}\"`"));
        }
        self.secret(key).unwrap_or_else(|| Secret::new(""))
    }

    /// Ends the reading of this table: every key that nobody asked for is a fault.
    pub fn finish(self) {
        let asked = self.asked.borrow();
        for key in self.table.keys().filter(|key| !asked.contains(*key)) {
            let near = asked.iter().find(|known| one_edit_apart(known, key));
            let hint = match near {
                Some(near) => format!("unknown key: did you mean `{near}`?"),
                None if asked.is_empty() => "unknown key: nothing is read here".to_owned(),
                None => format!(
                    "unknown key: known here are {}",
                    asked.iter().cloned().collect::<Vec<_>>().join(", ")
                ),
            };
            self.faults.borrow_mut().push(Fault { path: self.path_of(key), what: hint });
        }
    }

    /// All faults noted so far, in every table that stems from the same root.
    pub fn faults(&self) -> Vec<Fault> {
        self.faults.borrow().clone()
    }

    /// The shared list of faults, to be looked at after the root is finished.
    pub fn fault_list(&self) -> Rc<RefCell<Vec<Fault>>> {
        Rc::clone(&self.faults)
    }

    /// The paths of all keys that were asked for in any table of the same root: what an example must document.
    pub fn asked_paths(&self) -> Rc<RefCell<BTreeSet<String>>> {
        Rc::clone(&self.asked_paths)
    }

    fn value(&self, key: &str) -> Option<&toml::Value> {
        self.asked.borrow_mut().insert(key.to_owned());
        self.asked_paths.borrow_mut().insert(self.path_of(key));
        self.table.get(key)
    }

    fn below(&self, key: &str, name: &str, table: toml::Table) -> Params {
        Params {
            path: self.path_of(key),
            name: name.to_owned(),
            table,
            asked: RefCell::default(),
            asked_paths: Rc::clone(&self.asked_paths),
            faults: Rc::clone(&self.faults),
            env: Rc::clone(&self.env),
        }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// Reads `90s`, `5m`, `2h`, `7d`, `250ms`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text[..digits].parse().ok()?;
    let seconds = |per: u64| number.checked_mul(per).map(Duration::from_secs);
    match text[digits..].trim() {
        "ms" => Some(Duration::from_millis(number)),
        "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(3600),
        "d" => seconds(86_400),
        _ => None,
    }
}

fn kind_of(value: &toml::Value) -> &'static str {
    match value {
        toml::Value::String(_) => "a text",
        toml::Value::Integer(_) | toml::Value::Float(_) => "a number",
        toml::Value::Boolean(_) => "true or false",
        toml::Value::Datetime(_) => "a date",
        toml::Value::Array(_) => "a list",
        toml::Value::Table(_) => "a table",
    }
}

/// Whether one insertion, deletion or replacement turns `a` into `b`: what typing errors are.
fn one_edit_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let same_start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[same_start..], &b[same_start..]);
    rest_a.get(1..) == rest_b.get(1..) && !(rest_a.is_empty() && rest_b.is_empty())
        || rest_a.get(1..) == Some(rest_b)
        || rest_b.get(1..) == Some(rest_a)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Params {
        Params::root(text.parse().unwrap(), Rc::new(|name| (name == "SET").then(|| "s3cret".to_owned())))
    }

    #[test]
    fn all_faults_are_reported_at_once_with_their_paths() {
        let root = read(
            "[ci.github]\nwebhook_secret = \"env:UNSET\"\ntokn = 1\nport = 70000\nurl = \"ftp://x\"\nwait = \"soon\"\n",
        );
        let github = root.tables("ci").remove(0);
        github.required_secret("webhook_secret", "env:GITHUB_WEBHOOK_SECRET");
        github.secret("token");
        github.number("port", 1, 1..=65535);
        github.url("url", "https://api.github.com");
        github.duration("wait", Duration::ZERO);
        github.required_text("name", "acme");
        github.finish();
        let faults = root.faults().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(faults, @r#"
        ci.github.webhook_secret: the environment variable UNSET is not set: set it, or name another
        ci.github.port: must be a whole number from 1 to 65535, not 70000
        ci.github.url: `ftp://x` is not an address: write for example "https://api.github.com"
        ci.github.wait: `soon` is not a span of time: write for example "90s", "5m", "2h" or "7d"
        ci.github.name: is missing: write for example `name = "acme"`
        ci.github.tokn: unknown key: did you mean `token`?
        "#);
    }

    #[test]
    fn good_values_are_read() {
        let root = read("a = \"x\"\nb = true\nc = [\"p\", \"q\"]\nd = \"5m\"\ne = 0.5\nf = \"env:SET\"\n");
        assert_eq!(root.text("a").as_deref(), Some("x"));
        assert!(root.flag("b", false));
        assert_eq!(root.texts("c"), ["p", "q"]);
        assert_eq!(root.texts("a"), ["x"]);
        assert_eq!(root.duration("d", Duration::ZERO), Duration::from_mins(5));
        assert!((root.fraction("e", 0.0) - 0.5).abs() < f64::EPSILON);
        assert_eq!(root.secret("f").unwrap().reveal(), "s3cret");
        let faults = root.fault_list();
        root.finish();
        assert_eq!(*faults.borrow(), []);
    }

    #[test]
    fn one_edit_is_a_typing_error_and_two_are_not() {
        assert!(one_edit_apart("token", "tokn"));
        assert!(one_edit_apart("token", "tokens"));
        assert!(one_edit_apart("token", "taken"));
        assert!(!one_edit_apart("token", "token"));
        assert!(!one_edit_apart("token", "ticket"));
    }
}
