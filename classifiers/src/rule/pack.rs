//! A pack as it is written, and the way from there to checked rules. All that is wrong is reported at once.

use std::collections::HashSet;

use serde::Deserialize;

use super::{Block, Pattern, Rule, RuleError, check_pattern, placeholders};

/// The text of one pack.
#[derive(Clone, Debug)]
pub struct PackSource {
    /// What to call it in messages: its file name.
    pub name: String,
    /// Its TOML.
    pub text: String,
}

/// One or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Many {
    One(String),
    List(Vec<String>),
}

impl Many {
    fn into_vec(self) -> Vec<String> {
        match self {
            Many::One(one) => vec![one],
            Many::List(list) => list,
        }
    }
}

/// A rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    category: String,
    owner: String,
    priority: u8,
    r#match: Many,
    window: Option<u64>,
    #[serde(default)]
    key: usize,
    unless: Option<Many>,
    unless_near: Option<Many>,
    also: Option<Many>,
    block: Option<RawBlock>,
    explain: String,
    #[serde(default)]
    weak: bool,
    #[serde(default)]
    shadow: bool,
    #[serde(default)]
    fix: Vec<String>,
    #[serde(default)]
    remedies: Vec<String>,
    #[serde(default)]
    runbook: Vec<String>,
    #[serde(default)]
    examples: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
}

/// The lines around a finding, as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBlock {
    #[serde(default)]
    before: u64,
    #[serde(default)]
    after: u64,
    until: Option<String>,
}

/// The most lines that a block may reach from its key line.
const REACH: u64 = 40;
/// The most lines that a sequence may span.
const WINDOW: u64 = 200;

/// Reads packs. With `thorough`, expressions are compiled too, which is slow and needed only for packs that no test has
/// seen. Rules with errors are left out of the result.
pub(crate) fn read(
    packs: &[PackSource],
    own: bool,
    thorough: bool,
    errors: &mut Vec<RuleError>,
) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut ids = HashSet::new();
    for pack in packs {
        for table in tables(pack, errors) {
            let id = table.get("id").and_then(toml::Value::as_str).map(str::to_owned);
            let mut report = Report { pack: &pack.name, rule: id, errors };
            let raw = match RawRule::deserialize(toml::Value::Table(table)) {
                Ok(raw) => raw,
                Err(error) => {
                    let problem = error.to_string().trim().replace('\n', " ");
                    report.add(problem, "see GUIDELINE.md for the keys of a rule");
                    continue;
                }
            };
            if !ids.insert(raw.id.clone()) {
                report.add("this id is used twice", "give each rule an id of its own");
                continue;
            }
            rules.extend(report.check(raw, own, thorough));
        }
    }
    rules
}

/// A team's rules and the built-in ones below them: one of a team replaces the built-in one of the same id, unless it is on
/// trial.
pub(crate) fn stacked(own: Vec<Rule>, builtin: Vec<Rule>) -> Vec<Rule> {
    let replacing: HashSet<String> =
        own.iter().filter(|rule| !rule.shadow).map(|rule| rule.id.clone()).collect();
    own.into_iter().chain(builtin.into_iter().filter(|rule| !replacing.contains(&rule.id))).collect()
}

/// The rule tables of a pack.
fn tables(pack: &PackSource, errors: &mut Vec<RuleError>) -> Vec<toml::Table> {
    let mut report = Report { pack: &pack.name, rule: None, errors };
    let mut table = match pack.text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => {
            report.add(format!("not TOML: {}", error.to_string().trim()), "correct the syntax");
            return Vec::new();
        }
    };
    let rules = table.remove("rule").unwrap_or_else(|| toml::Value::Array(Vec::new()));
    for key in table.keys() {
        report.add(format!("unknown key `{key}`"), "a pack holds `[[rule]]` tables and nothing else");
    }
    let toml::Value::Array(rules) = rules else {
        report.add("`rule` is not a list", "write `[[rule]]` with two brackets");
        return Vec::new();
    };
    rules
        .into_iter()
        .filter_map(|rule| if let toml::Value::Table(rule) = rule { Some(rule) } else { None })
        .collect()
}

/// Collects what is wrong with one rule.
struct Report<'a> {
    pack: &'a str,
    rule: Option<String>,
    errors: &'a mut Vec<RuleError>,
}

impl Report<'_> {
    fn add(&mut self, problem: impl Into<String>, advice: impl Into<String>) {
        self.errors.push(RuleError {
            pack: self.pack.to_owned(),
            rule: self.rule.clone(),
            problem: problem.into(),
            advice: advice.into(),
        });
    }

    fn word<T: std::str::FromStr<Err: std::fmt::Display>>(&mut self, key: &str, word: &str) -> Option<T> {
        word.parse().map_err(|error| self.add(format!("`{key}`: {error}"), "take a word of the list")).ok()
    }

    fn patterns(&mut self, sources: Option<Many>, thorough: bool) -> Vec<Pattern> {
        let sources = sources.map(Many::into_vec).unwrap_or_default();
        sources.iter().map(|source| self.pattern(source, thorough)).collect()
    }

    fn pattern(&mut self, source: &str, thorough: bool) -> Pattern {
        if thorough && let Err((problem, advice)) = check_pattern(source) {
            self.add(problem, advice);
        }
        Pattern::new(source)
    }

    /// The rule, if nothing is wrong with it.
    fn check(&mut self, raw: RawRule, own: bool, thorough: bool) -> Option<Rule> {
        let before = self.errors.len();
        let category = self.word("category", &raw.category);
        let owner = self.word("owner", &raw.owner);
        let parts = self.patterns(Some(raw.r#match), thorough);
        self.check_shape(&raw.id, raw.priority, raw.weak, &raw.explain);
        if raw.examples.is_empty() || raw.not.is_empty() {
            self.add(
                "`examples` or `not` is empty",
                "give at least one line that must match and one that must not",
            );
        }
        if raw.key >= parts.len() {
            self.add(
                "`key` points behind the last expression",
                format!("write 0 to {}", parts.len().saturating_sub(1)),
            );
        }
        if raw.window.is_some_and(|window| window == 0 || window > WINDOW) {
            self.add("`window` is out of range", format!("write 1 to {WINDOW}"));
        }
        let also = self.patterns(raw.also, thorough);
        if thorough {
            self.check_places(parts.iter().chain(&also), &raw.explain, &raw.fix);
        }
        let unless = self.patterns(raw.unless, thorough);
        let unless_near = self.patterns(raw.unless_near, thorough);
        let block = raw.block.map(|block| self.block(block, thorough)).unwrap_or_default();
        if self.errors.len() > before {
            return None;
        }
        Some(Rule {
            id: raw.id,
            pack: self.pack.to_owned(),
            category: category?,
            owner: owner?,
            priority: raw.priority,
            weak: raw.weak,
            shadow: raw.shadow,
            own,
            explain: raw.explain,
            fix: raw.fix,
            remedies: raw.remedies,
            runbook: raw.runbook,
            examples: raw.examples,
            not: raw.not,
            block,
            parts,
            window: raw.window.unwrap_or(10),
            key: raw.key,
            unless,
            unless_near,
            also,
        })
    }

    fn check_shape(&mut self, id: &str, priority: u8, weak: bool, explain: &str) {
        let good = id.split('.').count() >= 2
            && id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte));
        if !good {
            self.add(format!("`{id}` is not a rule id"), "write `family.tool.what` in lower case");
        }
        if priority > 100 {
            self.add("`priority` is above 100", "write 0 to 100");
        }
        if weak && priority >= 20 {
            self.add("a weak rule has a priority of 20 or more", "write a priority below 20, or drop `weak`");
        }
        if explain.trim().is_empty() {
            self.add("`explain` is empty", "say in one sentence what happened");
        }
    }

    /// Each place in the texts must be a named group of an expression.
    fn check_places<'p>(&mut self, parts: impl Iterator<Item = &'p Pattern>, explain: &str, fix: &[String]) {
        let known: HashSet<&str> =
            parts.filter_map(Pattern::regex).flat_map(|regex| regex.capture_names().flatten()).collect();
        for text in fix.iter().map(String::as_str).chain([explain]) {
            for name in placeholders(text) {
                if !known.contains(name) {
                    self.add(
                        format!("`{{{name}}}` is not a named group"),
                        format!("write `(?P<{name}>…)` in `match` or `also`"),
                    );
                }
            }
        }
    }

    fn block(&mut self, raw: RawBlock, thorough: bool) -> Block {
        if raw.before > REACH || raw.after > REACH {
            self.add("`block` reaches too far", format!("at most {REACH} lines each way"));
        }
        Block {
            before: raw.before,
            after: raw.after,
            until: raw.until.map(|until| self.pattern(&until, thorough)),
        }
    }
}
