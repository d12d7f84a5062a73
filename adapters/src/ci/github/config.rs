//! Parameters of a `[ci.NAME]` table with `kind = "github"`.

use url::Url;

use super::auth::AppKey;
use crate::params::Params;
use crate::secret::Secret;

/// Hosts that github.com redirects log downloads to.
const LOG_HOSTS: [&str; 3] =
    ["*.blob.core.windows.net", "*.actions.githubusercontent.com", "*.githubusercontent.com"];

/// One GitHub: github.com, or a GitHub Enterprise Server.
#[derive(Debug, Clone)]
pub struct Config {
    /// The configured name.
    pub name: String,
    /// Base of the REST API, without a trailing slash (`https://api.github.com`, `https://HOST/api/v3`).
    pub api_url: String,
    /// Base of the pages that people see.
    pub web_url: String,
    /// Signs the webhooks.
    pub webhook_secret: Secret,
    /// How we prove who we are.
    pub credentials: Credentials,
    /// Hosts that logs may be fetched from, besides the API's own: `files.example.org` or `*.example.org`.
    pub log_hosts: Vec<String>,
}

/// How we prove who we are.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A personal or machine token.
    Token(Secret),
    /// A GitHub App.
    App {
        /// App id or client id.
        id: String,
        /// RSA key in PEM.
        private_key: Secret,
        /// The one installation to use; looked up by repository if not given.
        installation: Option<u64>,
    },
}

impl Config {
    /// Reads the table. Faults are noted there; then there is no configuration.
    pub fn read(params: &Params) -> Option<Self> {
        let already = params.faults().len();
        let api_url = params.url("api_url", "https://api.github.com");
        let config = Self {
            name: params.name().to_owned(),
            web_url: params.url("web_url", &web_url_of(&api_url)),
            api_url,
            webhook_secret: params.required_secret("webhook_secret", "env:GITHUB_WEBHOOK_SECRET"),
            credentials: credentials(params),
            log_hosts: log_hosts(params),
        };
        (params.faults().len() == already).then_some(config)
    }
}

/// Either a token or an app with its key; neither and both are faults.
fn credentials(params: &Params) -> Credentials {
    let token = params.secret("token");
    let app_id = params.text("app_id");
    let private_key = params.secret("private_key");
    let installation = params.number("installation_id", 0, 0..=i64::MAX);
    if let Some(key) = &private_key {
        check_key(params, key);
    }
    match (params.has("token"), params.has("app_id"), params.has("private_key")) {
        (true, false, false) | (false, true, true) => {}
        (false, false, false) => params.fault(
            "token",
            "is missing: write `token = \"env:GITHUB_TOKEN\"`, or `app_id` and `private_key` of a GitHub App",
        ),
        (true, _, _) => params
            .fault("token", "is given beside a GitHub App: keep either `token`, or `app_id` and `private_key`"),
        (false, true, false) => params.fault(
            "private_key",
            "is missing beside `app_id`: write for example `private_key = \"file:/etc/whyred/github-app.pem\"`",
        ),
        (false, false, true) => {
            params.fault("app_id", "is missing beside `private_key`: the app's settings page shows it");
        }
    }
    match (app_id, private_key) {
        (Some(id), Some(private_key)) => Credentials::App {
            id,
            private_key,
            installation: u64::try_from(installation).ok().filter(|id| *id > 0),
        },
        _ => Credentials::Token(token.unwrap_or_else(|| Secret::new(""))),
    }
}

/// A key that cannot sign is better found at the start than at the first call.
fn check_key(params: &Params, key: &Secret) {
    if let Err(what) = AppKey::read("check", key).and_then(|key| key.sign(jiff::Timestamp::now())) {
        params.fault(
            "private_key",
            format!("is not an RSA private key in PEM ({what}): download one from the app's settings page"),
        );
    }
}

/// Where people see what the API tells: `https://HOST/api/v3` and `https://api.HOST` both belong to `https://HOST`.
fn web_url_of(api_url: &str) -> String {
    let Ok(mut url) = Url::parse(api_url) else { return "https://github.com".to_owned() };
    let public = url.host_str().and_then(|host| host.strip_prefix("api.")).map(str::to_owned);
    if let Some(host) = public {
        // A host without its first label is still a host.
        let _ = url.set_host(Some(&host));
    }
    url.origin().ascii_serialization()
}

fn log_hosts(params: &Params) -> Vec<String> {
    let given = params.texts("log_hosts");
    if params.has("log_hosts") { given } else { LOG_HOSTS.map(str::to_owned).to_vec() }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    fn faults_of(text: &str) -> String {
        let root = Params::root(
            text.parse().unwrap(),
            Rc::new(|name| match name {
                "KEY" => Some("not a key".to_owned()),
                "UNSET" => None,
                _ => Some("s3cret".to_owned()),
            }),
        );
        let table = root.tables("ci").remove(0);
        let config = Config::read(&table);
        table.finish();
        assert_eq!(config.is_none(), !root.faults().is_empty());
        root.faults().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_token_is_enough() {
        assert_eq!(faults_of("[ci.github]\nwebhook_secret = \"env:S\"\ntoken = \"env:T\"\n"), "");
    }

    #[test]
    fn every_wrong_choice_of_credentials_is_named() {
        let with = |rest: &str| faults_of(&format!("[ci.github]\nwebhook_secret = \"env:S\"\n{rest}"));
        insta::assert_snapshot!(
            [
                with(""),
                with("token = \"env:T\"\napp_id = \"1\"\n"),
                with("app_id = \"1\"\n"),
                with("app_id = \"1\"\nprivate_key = \"env:KEY\"\n"),
                with("token = \"ghp_pasted\"\n"),
                faults_of("[ci.github]\ntoken = \"env:T\"\napi_url = \"api.example.org\"\ntokem = \"\"\n"),
            ]
            .join("\n"),
            @r#"
            ci.github.token: is missing: write `token = "env:GITHUB_TOKEN"`, or `app_id` and `private_key` of a GitHub App
            ci.github.token: is given beside a GitHub App: keep either `token`, or `app_id` and `private_key`
            ci.github.private_key: is missing beside `app_id`: write for example `private_key = "file:/etc/whyred/github-app.pem"`
            ci.github.private_key: is not an RSA private key in PEM (InvalidKeyFormat): download one from the app's settings page
            ci.github.token: a secret is written as a reference, `env:NAME` or `file:/path`, never as its value
            ci.github.api_url: `api.example.org` is not an address: write for example "https://api.github.com"
            ci.github.webhook_secret: is missing: write for example `webhook_secret = "env:GITHUB_WEBHOOK_SECRET"`
            ci.github.tokem: unknown key: did you mean `token`?
            "#
        );
    }

    #[test]
    fn pages_belong_to_the_api() {
        assert_eq!(web_url_of("https://api.github.com"), "https://github.com");
        assert_eq!(web_url_of("https://git.example.org/api/v3"), "https://git.example.org");
        assert_eq!(web_url_of("https://api.acme.ghe.com"), "https://acme.ghe.com");
        assert_eq!(web_url_of("http://127.0.0.1:4000"), "http://127.0.0.1:4000");
    }
}
