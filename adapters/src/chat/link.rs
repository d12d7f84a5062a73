//! Which addresses may become links.

use url::Url;

/// The address, normalised, if it may be linked: absolute, `http` or `https`, with a host and without a user or password
/// in it (`https://github.com@evil.example` reads like another site). Anything else, `javascript:` above all, is `None`
/// and its text is shown as plain words.
pub fn safe_url(url: &str) -> Option<String> {
    let parsed = Url::parse(url).ok()?;
    let plain = matches!(parsed.scheme(), "http" | "https")
        && parsed.has_host()
        && parsed.username().is_empty()
        && parsed.password().is_none();
    plain.then(|| parsed.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_web_addresses_become_links() {
        assert_eq!(safe_url("https://example.org/a b\"c").as_deref(), Some("https://example.org/a%20b%22c"));
        assert_eq!(safe_url("http://127.0.0.1:8080/t/1").as_deref(), Some("http://127.0.0.1:8080/t/1"));
        for refused in [
            "javascript:alert(1)",
            " \tjava\nscript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/t/1",
            "https://github.com@evil.example/",
            "file:///etc/passwd",
            "",
        ] {
            assert_eq!(safe_url(refused), None, "{refused:?}");
        }
    }
}
