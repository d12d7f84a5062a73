//! Who complains about a place in a source file, and how bad it is.

use super::{Complaint, Told};
use crate::category::Category::{self, CompileError, LintFormat, TypeCheck};

/// Whether a complaint is an error, by whom, and what it says.
pub(super) fn told<'l>(found: &Complaint<'l>) -> Option<Told<'l>> {
    let file = found.place.file.as_str();
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let rest = found.rest;
    let body = rest.trim_start_matches([':', ' ', '-', '|']);
    let error = error(body);
    if name.starts_with("Dockerfile") || name == "Containerfile" {
        let (code, message) = body.split_once(' ').filter(|(code, _)| is_code(code, 2, 4))?;
        return Some(lint("shape.hadolint", code, message));
    }
    if let Some(told) = error.and_then(numbered) {
        return Some(told);
    }
    match extension {
        "py" | "pyi" => python(found, body, error),
        "go" => go(found, body),
        "rb" => rubocop(body),
        "java" => java(found, body, error),
        "kt" | "kts" => kotlin(found, body, error),
        "scala" | "sc" => {
            let said = error.or_else(|| found.prefix.contains("[error]").then_some(body))?;
            Some(compiler("shape.scalac", said))
        }
        "swift" => swift(error?),
        "sh" | "bash" => {
            let (_, message) = body.split_once(": ")?;
            let (message, code) =
                bracketed(message, ('[', ']')).filter(|(_, code)| code.starts_with("SC"))?;
            Some(lint("shape.shellcheck", code, message))
        }
        "js" | "jsx" | "ts" | "tsx" | "mjs" | "cjs" | "mts" | "cts" | "vue" | "svelte" => {
            let eslint = bracketed(body, ('[', ']')).filter(|(_, code)| code.starts_with("Error/"));
            if let Some((message, code)) = eslint {
                return Some(lint("shape.eslint", code.trim_start_matches("Error/"), message));
            }
            error.map(|message| compiler("shape.compiler", message))
        }
        "yml" | "yaml" => {
            let message = body.strip_prefix("[error] ").unwrap_or(body);
            let yamllint = bracketed(message, ('(', ')')).filter(|_| message.len() < body.len());
            if let Some((message, code)) = yamllint {
                return Some(lint("shape.yamllint", code, message));
            }
            let (message, code) = bracketed(body, ('[', ']')).filter(|_| found.place.column.is_some())?;
            Some(lint("shape.actionlint", code, message))
        }
        "md" => {
            let body = body.strip_prefix("error ").unwrap_or(body);
            let (code, message) = body.split_once(' ').filter(|(code, _)| code.starts_with("MD"))?;
            Some(lint("shape.markdownlint", code, message))
        }
        "php" => {
            let message = rest.strip_prefix(':').filter(|_| found.place.column.is_none())?;
            (!message.trim().is_empty()).then(|| lint("shape.phpstan", "", message))
        }
        "tf" => bracketed(body.strip_prefix("Error - ")?, ('(', ')'))
            .map(|(message, code)| lint("shape.tflint", code, message)),
        "f90" | "F90" | "f95" | "f03" | "f08" | "f" | "for" => {
            let below = body.is_empty() && found.place.column.is_some();
            (below || error.is_some()).then(|| compiler("shape.gfortran", error.unwrap_or_default()))
        }
        "hs" => error.or_else(|| body.strip_prefix("error")).map(|message| {
            let message = message.trim_start_matches(':').trim();
            let message = if message.starts_with('[') { "" } else { message };
            compiler("shape.ghc", message)
        }),
        "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" | "hh" | "hxx" | "m" | "mm" | "cu" | "cuh" | "inl"
        | "ipp" => c_family(error?),
        // A log of an application looks the same: only what is called an error counts.
        _ => error.map(|message| compiler("shape.compiler", message)),
    }
}

/// What stands behind `error: `, `fatal error: `, `error TS2322: ` or `error[…]: `.
fn error(body: &str) -> Option<&str> {
    let body = body.strip_prefix("fatal ").unwrap_or(body);
    let rest = body.strip_prefix("error").or_else(|| body.strip_prefix("Error"))?;
    let rest = rest.strip_prefix(':').or_else(|| rest.starts_with(' ').then_some(rest))?;
    Some(rest.trim_start())
}

/// `CS0103: message`: the code tells the tool.
fn numbered(said: &str) -> Option<Told<'_>> {
    let (code, message) = said.split_once(": ")?;
    let letters = code.trim_end_matches(|c: char| c.is_ascii_digit());
    if letters.len() == code.len()
        || letters.is_empty()
        || !letters.bytes().all(|byte| byte.is_ascii_uppercase())
    {
        return None;
    }
    let (id, category) = match letters {
        "TS" => ("shape.tsc", TypeCheck),
        "CS" => ("shape.csc", CompileError),
        "FS" => ("shape.fsc", CompileError),
        "BC" => ("shape.vbc", CompileError),
        "C" | "LNK" | "D" => ("shape.msvc", CompileError),
        "CA" | "IDE" | "SA" => ("shape.dotnet_analyzers", LintFormat),
        _ => ("shape.msbuild", CompileError),
    };
    // MSBuild names the project behind each message.
    let message =
        message.rsplit_once(" [").filter(|(_, end)| end.ends_with("proj]")).map_or(message, |(it, _)| it);
    Some(Told { id, category, code: Some(code), message, leads: true })
}

fn python<'l>(found: &Complaint<'l>, body: &'l str, error: Option<&'l str>) -> Option<Told<'l>> {
    if let Some(message) = error {
        let pyright = found.rest.starts_with(" - ");
        let (brackets, id) = if pyright { (('(', ')'), "shape.pyright") } else { (('[', ']'), "shape.mypy") };
        let (message, code) =
            bracketed(message, brackets).map_or((message, None), |(it, code)| (it, Some(code)));
        return Some(Told { id, category: TypeCheck, code, message: message.trim(), leads: true });
    }
    let (code, message) = body.split_once(' ')?;
    let bare = code.trim_end_matches(':');
    if !is_code(bare, 1, 3) {
        return None;
    }
    if code.ends_with(':') && bare.len() == 5 {
        let (message, _) = bracketed(message, ('(', ')')).unwrap_or((message, ""));
        return Some(lint("shape.pylint", bare, message));
    }
    let ruff = message.starts_with("[*] ");
    Some(lint(if ruff { "shape.ruff" } else { "shape.flake8" }, bare, message.trim_start_matches("[*] ")))
}

fn go<'l>(found: &Complaint<'l>, body: &'l str) -> Option<Told<'l>> {
    // Tests and loggers print `file.go:12: text`, without a column; and what is not about the code names its level.
    found.place.column?;
    if !found.rest.starts_with(':') || body.is_empty() {
        return None;
    }
    if let Some((message, linter)) = bracketed(body, ('(', ')')).filter(|(_, name)| is_word(name)) {
        return Some(lint("shape.golangci_lint", linter, message));
    }
    let vet = found.prefix.contains("vet:");
    let id = if vet { "shape.go_vet" } else { "shape.go_build" };
    Some(Told { leads: false, ..compiler(id, body) })
}

fn rubocop(body: &str) -> Option<Told<'_>> {
    let (level, rest) =
        body.split_once(": ").filter(|(level, _)| matches!(*level, "C" | "W" | "E" | "F" | "R"))?;
    let rest = rest.trim_start_matches("[Correctable] ").trim_start_matches("[Corrected] ");
    match rest.split_once(": ").filter(|(cop, _)| cop.contains('/') && !cop.contains(' ')) {
        Some((cop, message)) => Some(lint("shape.rubocop", cop, message)),
        None => (level != "R").then(|| lint("shape.rubocop", "", rest)),
    }
}

fn java<'l>(found: &Complaint<'l>, body: &'l str, error: Option<&'l str>) -> Option<Told<'l>> {
    match error {
        Some(message) => Some(compiler("shape.javac", message)),
        // Through Maven: `[ERROR] A.java:[12,5] message`; checkstyle ends with its rule.
        None if found.prefix.contains("[ERROR]") => {
            match bracketed(body, ('[', ']')).filter(|(_, code)| is_word(code)) {
                Some((message, code)) => Some(lint("shape.checkstyle", code, message)),
                None => Some(compiler("shape.javac", body)),
            }
        }
        None => None,
    }
}

fn kotlin<'l>(found: &Complaint<'l>, body: &'l str, error: Option<&'l str>) -> Option<Told<'l>> {
    let is_error = found.prefix.contains("e: ") || found.prefix.contains("[ERROR]");
    match error.or(is_error.then_some(body)) {
        Some(message) => Some(compiler("shape.kotlinc", message)),
        None => bracketed(body, ('(', ')'))
            .filter(|(_, code)| is_rule(code))
            .map(|(message, code)| lint("shape.ktlint", code, message)),
    }
}

fn swift(error: &str) -> Option<Told<'_>> {
    let test =
        error.starts_with("-[") || error.split_once(" : ").is_some_and(|(name, _)| name.contains(".test"));
    if test {
        return None;
    }
    Some(match bracketed(error, ('(', ')')).filter(|(_, rule)| is_rule(rule)) {
        Some((message, rule)) => {
            lint("shape.swiftlint", rule, message.rsplit(" Violation: ").next().unwrap_or(message))
        }
        None => compiler("shape.swiftc", error),
    })
}

/// gcc and clang, and the checkers that print like them and name their check at the end.
fn c_family(error: &str) -> Option<Told<'_>> {
    let Some((message, check)) = bracketed(error, ('[', ']')).filter(|(_, check)| !check.contains(' '))
    else {
        return Some(compiler("shape.cc", error));
    };
    if let Some(flag) = check.strip_prefix("-W") {
        return Some(Told { code: Some(flag), ..compiler("shape.cc", message) });
    }
    let tidy = check.contains('-');
    Some(lint(if tidy { "shape.clang_tidy" } else { "shape.cppcheck" }, check.split(',').next()?, message))
}

/// Text that ends with a word in brackets, and that word.
fn bracketed(text: &str, (open, close): (char, char)) -> Option<(&str, &str)> {
    let inner = text.trim_end().strip_suffix(close)?;
    let (message, word) = inner.rsplit_once(open)?;
    (!word.is_empty() && word.len() < 80).then(|| (message.trim_end(), word))
}

/// Up to so many letters and at least so many digits.
fn is_code(text: &str, least: usize, digits: usize) -> bool {
    let letters = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let upper = letters.bytes().all(|byte| byte.is_ascii_uppercase());
    upper && (least..=4).contains(&letters.len()) && text.len() - letters.len() >= digits
}

/// The name of a linter or a rule.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// The name of a rule, which has two parts.
fn is_rule(text: &str) -> bool {
    text.contains(['_', '-', ':'])
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-:".contains(&byte))
}

fn compiler<'l>(id: &'static str, message: &'l str) -> Told<'l> {
    Told { id, category: CompileError, code: None, message: message.trim(), leads: true }
}

fn lint<'l>(id: &'static str, code: &'l str, message: &'l str) -> Told<'l> {
    let category: Category = LintFormat;
    let code = Some(code).filter(|code| !code.is_empty());
    Told { id, category, code, message: message.trim(), leads: false }
}
