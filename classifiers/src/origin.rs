//! Whose code a complaint is about: the project's own, or a library's.
//!
//! A compiler that misses a library's class, or does not know a library's method any more, says that a dependency
//! changed, although the line it points at is the project's. What is the project's own is read from the files that the
//! compiler names: `src/main/java/com/acme/pay/Card.java` is the project's, so `com.acme` is.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::bytes::Regex;

use crate::lines::Lines;

/// So many lines from the decisive one on are read for further complaints.
const FURTHER: u64 = 60;
/// Folders into which package managers put other people's code.
const LIBRARIES: [&str; 9] = [
    "/site-packages/",
    "/dist-packages/",
    "/node_modules/",
    "/.cargo/registry/",
    "/go/pkg/mod/",
    "/vendor/bundle/",
    "/gems/",
    "/.m2/repository/",
    "/vcpkg_installed/",
];

/// The package of a JVM source file, from its path.
static SOURCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?-u)/(?:java|kotlin|scala|groovy)/((?:[a-z_][\w]*/)+)\w+\.(?:java|kt|scala|groovy)").ok()
});

/// Where a JVM compiler names what it misses or does not know.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?-u)\bpackage ([a-z_]\w*(?:\.\w+)+) does not exist",
        r"|\bcannot access ([a-z_]\w*(?:\.\w+)+)",
        r"|\bclass file for ([a-z_]\w*(?:\.\w+)+) not found",
        r"|\b(?:in|to) (?:class|interface|enum|record|annotation) ([a-z_]\w*(?:\.\w+)+)",
        r"|\blocation: +(?:package|class|interface) ([a-z_]\w*(?:\.\w+)+)",
        r"|\blocation: .* of type ([a-z_]\w*(?:\.\w+)+)",
        r"|\b([a-z_]\w*(?:\.\w+)+) (?:in \S+ )?has been deprecated",
        r"|\b([a-z_]\w*(?:\.\w+)+) is not abstract and does not override",
    ))
    .ok()
});

/// How a JVM says that two parts of a program were not made for each other.
static UNLINKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?-u)\bjava\.lang\.(?:NoSuchMethodError|NoSuchFieldError|AbstractMethodError|NoClassDefFoundError",
        r"|IncompatibleClassChangeError|UnsupportedClassVersionError): (?:Could not initialize class )?'?(?:\w+ )?([a-z_]\w*(?:[./]\w+)+)",
    ))
    .ok()
});

/// The test class that a JVM test runner names.
static TESTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?-u)(?:\bRunning |<<< (?:FAILURE|ERROR)! -+ in )([a-z_]\w*(?:\.\w+)+)").ok()
});

/// What the lines from the decisive one on say about whose code is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nothing names a library.
    Unknown,
    /// The file at fault, or what the compiler misses there, belongs to a library.
    Library,
}

/// Reads a compiler's complaint and what follows it; where warnings were made errors, they stand above.
pub(crate) fn of_complaint(lines: &Lines, key: u64) -> Origin {
    let complaint = lines.get(key).unwrap_or_default();
    if is_in_library(complaint) {
        return Origin::Library;
    }
    let of_warnings = memchr::memmem::find(complaint, b"-Werror").is_some();
    let first = if of_warnings { key.saturating_sub(FURTHER) } else { key };
    let here = || lines.range(first, key + FURTHER);
    let own: BTreeSet<Vec<u8>> = here().filter_map(|(_, line)| package_of_file(line)).collect();
    if own.is_empty() {
        return Origin::Unknown;
    }
    let (mut foreign, mut familiar) = (0, 0);
    for name in here().filter_map(|(_, line)| named(line)) {
        if is_platform(name) || own.iter().any(|own| *own == root(name, b'.')) {
            familiar += 1;
        } else {
            foreign += 1;
        }
    }
    if foreign > 0 && foreign >= familiar { Origin::Library } else { Origin::Unknown }
}

/// Reads what the tests around a failed one printed: where parts of a program do not fit each other and the missing part
/// is not the project's, a dependency changed.
pub(crate) fn of_failed_test(lines: &Lines, first: u64, last: u64) -> Origin {
    let (Some(unlinked), Some(tested)) = (&*UNLINKED, &*TESTED) else { return Origin::Unknown };
    let captured = |expression: &Regex, line: &[u8], separator: u8| {
        Some(root(expression.captures(line)?.get(1)?.as_bytes(), separator))
    };
    let here = || lines.range(first, last);
    let Some(missing) = here().find_map(|(_, line)| {
        let name = unlinked.captures(line)?.get(1)?.as_bytes();
        (!is_platform(name)).then(|| root(name, if name.contains(&b'/') { b'/' } else { b'.' }))
    }) else {
        return Origin::Unknown;
    };
    let own = here().filter_map(|(_, line)| captured(tested, line, b'.')).any(|own| own == missing);
    if own { Origin::Unknown } else { Origin::Library }
}

/// Whether a line begins with the place of a library's file: `node_modules/x/index.d.ts:3:1 - error`.
fn is_in_library(line: &[u8]) -> bool {
    let place = line.split(|byte| matches!(byte, b' ' | b'(' | b'\t')).find(|word| word.contains(&b'/'));
    place.is_some_and(|place| {
        let anchored = [b"/", place].concat();
        LIBRARIES.iter().any(|folder| memchr::memmem::find(&anchored, folder.as_bytes()).is_some())
    })
}

/// The first parts of the package that a named source file belongs to.
fn package_of_file(line: &[u8]) -> Option<Vec<u8>> {
    let package = SOURCE.as_ref()?.captures(line)?.get(1)?.as_bytes();
    Some(root(package.strip_suffix(b"/").unwrap_or(package), b'/'))
}

/// The name that a complaint is about.
fn named(line: &[u8]) -> Option<&[u8]> {
    let groups = NAMED.as_ref()?.captures(line)?;
    groups.iter().skip(1).flatten().next().map(|name| name.as_bytes())
}

/// What comes with the platform itself and never with a dependency.
fn is_platform(name: &[u8]) -> bool {
    let first = name.split(|byte| matches!(byte, b'.' | b'/')).next();
    matches!(first, Some(b"java" | b"kotlin" | b"scala"))
}

/// The parts of a package that tell one organisation's code from another's: two, or three where code is hosted
/// (`io.github.name`).
fn root(name: &[u8], separator: u8) -> Vec<u8> {
    let mut parts = name.split(|byte| *byte == separator);
    let mut root: Vec<&[u8]> = parts.by_ref().take(2).collect();
    let hosted = matches!(
        root.as_slice(),
        [b"io" | b"com" | b"org", b"github" | b"gitlab"] | [b"net", b"sourceforge"]
    );
    if hosted {
        root.extend(parts.next());
    }
    root.join(&b'.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{envelope::Marks, log::Cleaner};

    fn origin(text: &str) -> Origin {
        of_complaint(&read(text), 1)
    }

    fn read(text: &str) -> Lines {
        let (mut lines, mut marks, mut cleaner) = (Lines::default(), Marks::default(), Cleaner::default());
        let mut bytes = text.as_bytes();
        while !bytes.is_empty() {
            let taken = cleaner.push(bytes, &mut lines, &mut marks);
            bytes = &bytes[taken..];
        }
        cleaner.finish(&mut lines, &mut marks);
        lines
    }

    #[test]
    fn what_a_library_lacks_is_a_dependencys_matter() {
        for text in [
            "[ERROR] /app/src/main/java/com/acme/pay/Card.java:[7,17] package org.mvc.core does not exist\n",
            "[ERROR] /app/src/main/java/com/acme/pay/Card.java:[8,4] cannot find symbol\n  symbol:   method open(int)\n  location: variable door of type org.doors.Door\n",
            "[ERROR] /app/src/test/java/com/acme/pay/CardTest.java:[8,4] constructor Ends in class org.match.Ends cannot be applied to given types;\n",
            "[ERROR] warnings found and -Werror specified\n[WARNING] /a/src/main/java/com/acme/A.java:[4,3] org.match.Old in org.match has been deprecated\n",
            "node_modules/gate/index.d.ts:3:1 - error TS1005: ';' expected.\n",
            "/home/ci/.cargo/registry/src/index/wire-0.3.1/src/lib.rs:10:5: error: no such field\n",
        ] {
            assert_eq!(origin(text), Origin::Library, "{text}");
        }
    }

    #[test]
    fn the_projects_own_names_and_the_platforms_are_no_dependencys_matter() {
        for text in [
            "[ERROR] /app/src/main/java/com/acme/pay/Card.java:[7,17] package com.acme.gate does not exist\n",
            "[ERROR] /app/src/main/java/com/acme/pay/Card.java:[8,4] cannot find symbol\n  symbol:   variable door\n  location: class com.acme.pay.Card\n",
            "[ERROR] /app/src/main/java/io/github/ann/A.java:[8,4] cannot find symbol\n  symbol: class B\n  location: package io.github.ann.b\n",
            "[ERROR] /app/src/main/java/com/acme/A.java:[8,4] method add in interface java.util.List<E> cannot be applied to given types;\n",
            "src/index.ts:3:1 - error TS1005: ';' expected.\n",
        ] {
            assert_eq!(origin(text), Origin::Unknown, "{text}");
        }
    }

    #[test]
    fn a_class_that_a_library_lacks_at_run_time_is_a_dependencys_matter() {
        let of = |missing: &str| {
            let text = format!(
                "Tests run: 1, Failures: 0, Errors: 1 <<< ERROR! - in com.acme.CardTest\njava.lang.NoSuchMethodError: {missing}\n"
            );
            of_failed_test(&read(&text), 1, 9)
        };
        assert_eq!(of("'void org.doors.Door.open(int)'"), Origin::Library);
        assert_eq!(of("org/doors/Key"), Origin::Library);
        assert_eq!(of("com/acme/Purse"), Origin::Unknown, "its own class");
        assert_eq!(of("java/util/List"), Origin::Unknown, "the platform's");
    }

    #[test]
    fn another_hosted_project_is_a_library() {
        let text =
            "[ERROR] /a/src/main/java/io/github/ann/A.java:[8,4] package io.github.bob.b does not exist\n";
        assert_eq!(origin(text), Origin::Library);
    }
}
