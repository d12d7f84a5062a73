//! Which hosts may be called.

use url::Url;

use super::HttpError;

/// The hosts of one client: origins that the configuration names, and hosts that these may redirect reads to.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    origins: Vec<url::Origin>,
    redirects: Vec<String>,
}

impl Hosts {
    /// No host yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows the origin (scheme, host and port) of a configured address.
    #[must_use]
    pub fn allow(mut self, base: &Url) -> Self {
        self.origins.push(base.origin());
        self
    }

    /// Allows redirects to these hosts, without credentials: `files.example.org`, or `*.example.org` for all below it.
    #[must_use]
    pub fn redirect_to(mut self, patterns: impl IntoIterator<Item = String>) -> Self {
        self.redirects.extend(patterns.into_iter().map(|pattern| pattern.to_ascii_lowercase()));
        self
    }

    pub(super) fn check_call(&self, url: &Url) -> Result<(), HttpError> {
        if self.origins.contains(&url.origin()) {
            return Ok(());
        }
        Err(refused(url, "only configured addresses are called"))
    }

    pub(super) fn check_redirect(&self, from: &Url, to: &Url) -> Result<(), HttpError> {
        if self.origins.contains(&to.origin()) {
            return Ok(());
        }
        if from.scheme() == "https" && to.scheme() != "https" {
            return Err(refused(to, "a redirect from https must stay with https"));
        }
        let host = to.host_str().unwrap_or_default();
        if self.redirects.iter().any(|pattern| host_matches(pattern, host)) {
            return Ok(());
        }
        Err(refused(
            to,
            "a redirect led there; if it is right, add the host to the configured redirect hosts",
        ))
    }
}

fn host_matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(suffix) => suffix.starts_with('.') && host.len() > suffix.len() && host.ends_with(suffix),
        None => pattern == host,
    }
}

fn refused(url: &Url, hint: &'static str) -> HttpError {
    HttpError::HostRefused { host: url.host_str().unwrap_or("an address without host").to_owned(), hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn only_the_configured_origin_is_called() {
        let hosts = Hosts::new().allow(&url("https://api.example.org/v3"));
        assert!(hosts.check_call(&url("https://api.example.org/repos")).is_ok());
        for other in
            ["http://api.example.org/", "https://api.example.org:8443/", "https://api.example.org.evil.net/"]
        {
            assert!(hosts.check_call(&url(other)).is_err(), "{other}");
        }
    }

    #[test]
    fn redirects_go_to_named_hosts_and_never_down_to_http() {
        let from = url("https://api.example.org/");
        let hosts = Hosts::new()
            .allow(&from)
            .redirect_to(["*.blobs.example.net".to_owned(), "one.example.net".to_owned()]);
        for good in
            ["https://a.blobs.example.net/x", "https://a.b.blobs.example.net/", "https://one.example.net/"]
        {
            assert!(hosts.check_redirect(&from, &url(good)).is_ok(), "{good}");
        }
        for bad in [
            "http://a.blobs.example.net/x",
            "https://blobs.example.net/",
            "https://evilblobs.example.net/",
            "https://two.example.net/",
        ] {
            assert!(hosts.check_redirect(&from, &url(bad)).is_err(), "{bad}");
        }
    }
}
