//! GitHub's CODEOWNERS files.
//!
//! Rules: <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>.
//! The last line that matches a path decides; a line without owners takes ownership back. Patterns are those of `.gitignore`
//! without `!`, without `[…]` and without `\#`. A line that breaks the rules is skipped and reported, as GitHub does it.
//! Section headers of GitLab's dialect are passed over: their owners still count, the sections do not.

use std::fmt;

use globset::{Glob, GlobBuilder, GlobMatcher};

/// Where the file may lie; the first one counts.
pub const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// GitHub ignores larger files.
const MAX_BYTES: usize = 3 * 1024 * 1024;

/// A parsed file.
#[derive(Debug, Clone, Default)]
pub struct CodeOwners {
    rules: Vec<Rule>,
    faults: Vec<LineFault>,
}

/// One line that assigns owners, or takes them back.
#[derive(Debug, Clone)]
struct Rule {
    globs: Vec<GlobMatcher>,
    owners: Vec<Owner>,
}

/// Somebody who owns something.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// `@dana-reyes`.
    User(String),
    /// `@acme/payments`.
    Team {
        /// `acme`.
        org: String,
        /// `payments`.
        team: String,
    },
    /// `dana@example.com`.
    Email(String),
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(login) => write!(f, "@{login}"),
            Self::Team { org, team } => write!(f, "@{org}/{team}"),
            Self::Email(address) => f.write_str(address),
        }
    }
}

/// A line that was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// 1-based; 0 when it is about the whole file.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.what),
            line => write!(f, "line {line}: {}", self.what),
        }
    }
}

impl CodeOwners {
    /// Reads a file. Nothing in it can make this fail: what is wrong is skipped and told by [`CodeOwners::faults`].
    pub fn parse(text: &str) -> Self {
        let mut parsed = Self::default();
        if text.len() > MAX_BYTES {
            let what = format!("the file is larger than {MAX_BYTES} bytes: GitHub ignores it, and so do we");
            parsed.faults.push(LineFault { line: 0, what });
            return parsed;
        }
        for (line, number) in text.lines().zip(1..) {
            match parse_line(line) {
                Ok(Some(rule)) => parsed.rules.push(rule),
                Ok(None) => {}
                Err(what) => parsed.faults.push(LineFault { line: number, what }),
            }
        }
        parsed
    }

    /// Who owns a path (relative to the repository, with `/`); empty for nobody.
    pub fn owners_of(&self, path: &str) -> &[Owner] {
        let path = path.trim_start_matches('/');
        let last = self.rules.iter().rev().find(|rule| rule.globs.iter().any(|glob| glob.is_match(path)));
        last.map(|rule| rule.owners.as_slice()).unwrap_or_default()
    }

    /// The lines that were skipped.
    pub fn faults(&self) -> &[LineFault] {
        &self.faults
    }
}

fn parse_line(line: &str) -> Result<Option<Rule>, String> {
    let mut words = words(line).into_iter();
    let Some(pattern) = words.next() else { return Ok(None) };
    if is_section(line) {
        return Ok(None);
    }
    let globs = globs(&pattern)?;
    let owners = words.map(|word| owner(&word)).collect::<Result<_, _>>()?;
    Ok(Some(Rule { globs, owners }))
}

/// The words of a line up to its comment. A backslash keeps a space within its word; other escapes are the pattern's.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(' ') => word.push(' '),
                Some(escaped) => word.extend(['\\', escaped]),
                None => word.push('\\'),
            },
            '#' if word.is_empty() => break,
            c if c.is_whitespace() => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            c => word.push(c),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// `[Section]`, `^[Optional][2] @owner`: GitLab's headers.
fn is_section(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix('^').unwrap_or(line);
    line.starts_with('[') && line.contains(']')
}

fn globs(pattern: &str) -> Result<Vec<GlobMatcher>, String> {
    if pattern.starts_with('!') {
        return Err("`!` does not work in CODEOWNERS: write a later line without owners instead".to_owned());
    }
    if pattern.contains(['[', ']']) {
        return Err("`[…]` does not work in CODEOWNERS: write one line for each case".to_owned());
    }
    if pattern.starts_with("\\#") {
        return Err("a pattern cannot start with `#`, not even with a backslash".to_owned());
    }
    let core = pattern.trim_matches('/');
    if core.is_empty() {
        return Err(format!("the pattern `{pattern}` matches nothing"));
    }
    let anchored = pattern.starts_with('/') || core.contains('/');
    let core =
        format!("{}{}", if anchored { "" } else { "**/" }, core.replace('{', "\\{").replace('}', "\\}"));
    let inside = format!("{core}/**");
    if pattern.ends_with('/') {
        return Ok(vec![glob(&inside)?]);
    }
    // Other than in `.gitignore`, `docs/*` is about the files in `docs` and not about those further down.
    if anchored && core.ends_with("/*") || core.ends_with("**") {
        return Ok(vec![glob(&core)?]);
    }
    Ok(vec![glob(&core)?, glob(&inside)?])
}

fn glob(text: &str) -> Result<GlobMatcher, String> {
    let glob: Result<Glob, _> = GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build();
    glob.map(|glob| glob.compile_matcher())
        .map_err(|error| format!("the pattern is not understood: {}", error.kind()))
}

fn owner(word: &str) -> Result<Owner, String> {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let parsed = match word.strip_prefix('@') {
        Some(name) => match name.split_once('/') {
            Some((org, team)) if is_name(org) && is_name(team) => {
                Some(Owner::Team { org: org.to_owned(), team: team.to_owned() })
            }
            None if is_name(name) => Some(Owner::User(name.to_owned())),
            _ => None,
        },
        None => match word.split_once('@') {
            Some((local, host)) if !local.is_empty() && is_name(host) && host.contains('.') => {
                Some(Owner::Email(word.to_owned()))
            }
            _ => None,
        },
    };
    parsed.ok_or_else(|| format!("`{word}` is no owner: write `@user`, `@org/team` or an e-mail address"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn owned(pattern: &str, path: &str) -> bool {
        let owners = CodeOwners::parse(&format!("{pattern} @o"));
        assert_eq!(owners.faults(), [], "{pattern}");
        !owners.owners_of(path).is_empty()
    }

    #[test]
    fn patterns_match_as_documented() {
        for (pattern, yes, no) in [
            ("*", &["a", "a/b.c"][..], &[][..]),
            ("**", &["a", "a/b.c"], &[]),
            ("*.rs", &["a.rs", "src/deep/a.rs"], &["a.rs.bak", "a.js"]),
            ("/docs/", &["docs/a", "docs/b/c"], &["docs", "src/docs/a"]),
            ("docs/", &["docs/a", "src/docs/a", "src/docs/b/c"], &["docs", "mydocs/a"]),
            ("docs/*", &["docs/a.md"], &["docs/b/c.md", "src/docs/a.md"]),
            ("/a/**/b", &["a/b", "a/x/b", "a/x/y/b", "a/x/b/c"], &["b", "z/a/b"]),
            ("/file.txt", &["file.txt"], &["src/file.txt", "file.txt.old"]),
            ("file.txt", &["file.txt", "src/file.txt"], &["myfile.txt"]),
            ("apps/github", &["apps/github/x", "apps/github"], &["my/apps/github/x", "apps/github2"]),
            ("/apps/", &["apps/x"], &["my/apps/x"]),
            ("**/logs", &["logs/a", "build/logs/b", "deep/er/logs"], &["mylogs/a"]),
            ("src/**", &["src/a", "src/b/c"], &["src", "a/src/b"]),
            ("te?t.py", &["test.py", "a/text.py"], &["te/t.py", "tet.py"]),
            ("a\\ b/", &["a b/c"], &["a/c"]),
            ("{a,b}.txt", &["{a,b}.txt"], &["a.txt"]),
            ("Makefile", &["Makefile"], &["makefile"]),
        ] {
            for path in yes {
                assert!(owned(pattern, path), "{pattern} should match {path}");
            }
            for path in no {
                assert!(!owned(pattern, path), "{pattern} should not match {path}");
            }
        }
    }

    #[test]
    fn the_last_match_wins_and_may_take_ownership_back() {
        let owners = CodeOwners::parse(
            "# who owns what\n*            @acme/platform   # the rest\n\n/src/  @dana-reyes dana@example.com\n/src/generated/\n",
        );
        let named = |path: &str| owners.owners_of(path).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(named("README.md"), ["@acme/platform"]);
        assert_eq!(named("src/price.rs"), ["@dana-reyes", "dana@example.com"]);
        assert_eq!(named("src/generated/api.rs"), Vec::<String>::new());
    }

    #[test]
    fn faulty_lines_are_skipped_and_reported() {
        let owners = CodeOwners::parse(
            "*  @acme/platform\n!*.md @x\n*.[ch] @x\n\\#notes @x\n/ @x\n*.md platform\n*.md @acme/a/b\n[Section] @x\n^[Other][2]\n",
        );
        assert_eq!(owners.owners_of("README.md").len(), 1);
        insta::assert_snapshot!(owners.faults().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"), @r"
        line 2: `!` does not work in CODEOWNERS: write a later line without owners instead
        line 3: `[…]` does not work in CODEOWNERS: write one line for each case
        line 4: a pattern cannot start with `#`, not even with a backslash
        line 5: the pattern `/` matches nothing
        line 6: `platform` is no owner: write `@user`, `@org/team` or an e-mail address
        line 7: `@acme/a/b` is no owner: write `@user`, `@org/team` or an e-mail address
        ");
    }

    #[test]
    fn too_large_a_file_is_ignored() {
        let owners = CodeOwners::parse(&"* @acme/platform\n".repeat(200_000));
        assert_eq!(owners.owners_of("a"), []);
        assert_eq!(owners.faults().len(), 1);
    }

    proptest! {
        #[test]
        fn no_text_and_no_path_makes_it_panic(text in "(?s).{0,200}", path in "(?s).{0,60}") {
            CodeOwners::parse(&text).owners_of(&path);
        }

        #[test]
        fn a_last_line_for_everything_decides_everything(
            lines in proptest::collection::vec("[a-z*/\\\\ @#\\[{!.-]{0,20}", 0..10),
            path in "[a-z]{1,5}(/[a-z.]{1,5}){0,3}",
        ) {
            let owners = CodeOwners::parse(&format!("{}\n* @last", lines.join("\n")));
            prop_assert_eq!(owners.owners_of(&path), [Owner::User("last".to_owned())]);
        }

        #[test]
        fn a_path_matches_itself_and_its_folders(path in "[a-z]{1,5}(/[a-z]{1,5}){1,4}") {
            let (folder, _) = path.rsplit_once('/').unwrap();
            for (pattern, expected) in [
                (format!("/{path}"), true),
                (format!("/{folder}/"), true),
                (format!("/{folder}"), true),
                (format!("/{path}/"), false),
            ] {
                prop_assert_eq!(owned(&pattern, &path), expected, "{}", pattern);
            }
        }
    }
}
