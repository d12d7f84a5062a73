//! Paths and addresses without what differs from machine to machine.

use std::sync::LazyLock;

use regex::Regex;

/// Where CI systems put a checkout: what stands behind it is the project's own.
static CHECKOUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?:",
        r"/(?:home/[^/]+|Users/[^/]+|runner|__w)/(?:work/)?(?:_work/)?[^/]+/[^/]+/",
        r"|/__w/[^/]+/[^/]+/",
        r"|[A-Za-z]:/a/[^/]+/[^/]+/",
        r"|/builds/[^/]+/[^/]+/",
        r"|/(?:home/vsts|Users/[^/]+|agent)/_?work/\d+/s/",
        r"|/var/lib/jenkins/workspace/[^/]+/|/home/jenkins/(?:agent/)?workspace/[^/]+/",
        r"|/(?:var/lib/)?buildkite(?:-agent)?/builds/[^/]+/[^/]+/[^/]+/",
        r"|(?:/root|/home/circleci|~)/project/",
        r"|/(?:workspace|workdir|app|src|code|build|project)/",
        r")"
    ))
    .ok()
});

/// Folders for what lives only a moment: nothing in such a path identifies but the file's own name.
static FLEETING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:[a-z]:)?(?:/private)?(?:/var/folders|/var/tmp|/tmp|/dev/shm|.*/appdata/local/temp|.*/_temp|.*/\.tmp)/").ok()
});

/// The parts of a path that stay: its file's name, and the folder that the file is in.
const KEPT: usize = 2;

/// A path with one kind of slash, without its machine's part. Each part that stays goes through `mask`.
pub(super) fn path(found: &str, mask: impl Fn(&str) -> String) -> String {
    let drive = found.as_bytes().get(1) == Some(&b':');
    if found.contains('\\') && !drive && !is_file(found.rsplit('\\').next().unwrap_or_default()) {
        // Not a path: a namespace, or an escaped character in a quote.
        return found.to_owned();
    }
    let path = found.replace('\\', "/");
    let path = path.trim_end_matches('/');
    if FLEETING.as_ref().is_some_and(|fleeting| fleeting.is_match(path)) {
        let name = path.rsplit('/').next().unwrap_or_default();
        return format!("<tmp>/{}", mask(name));
    }
    let rest =
        CHECKOUT.as_ref().and_then(|checkout| checkout.find(path)).map_or(path, |root| &path[root.end()..]);
    let absolute = drive || path.starts_with(['/', '~', '$']);
    let parts: Vec<&str> = rest.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
    let Some((first, last)) = parts.first().zip(parts.last()) else { return path.to_owned() };
    // The name of a host, of a test with its cases, of a package: all of it identifies.
    let whole = !absolute && (is_host(first) || !is_file(last));
    let kept = if whole { &parts[..] } else { &parts[parts.len().saturating_sub(KEPT)..] };
    kept.iter().map(|part| mask(part)).collect::<Vec<_>>().join("/")
}

/// An address of the web without account, port and query.
pub(super) fn url(found: &str, mask: impl Fn(&str) -> String) -> String {
    let Some((scheme, rest)) = found.split_once("://") else { return found.to_owned() };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let host =
        if host.chars().all(|letter| letter.is_ascii_digit() || letter == '.') { "<address>" } else { host };
    let path: Vec<String> =
        path.split('/').map(|part| if part.is_empty() { String::new() } else { mask(part) }).collect();
    format!("{scheme}://{host}{}", path.join("/")).trim_end_matches('/').to_owned()
}

fn is_file(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty()
            && (1..=8).contains(&ending.len())
            && ending.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && ending.chars().all(|letter| letter.is_ascii_alphanumeric())
    })
}

/// Whether the first part of a path is the name of a machine: `ghcr.io`, `github.com`.
fn is_host(part: &str) -> bool {
    is_file(part) && !part.starts_with('.') && !part.contains('@')
}
