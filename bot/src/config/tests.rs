use std::collections::BTreeMap;

use super::*;

const EXAMPLE: &str = include_str!("../../../whyred.example.toml");

fn vars(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn read_text(text: &str, pairs: &[(&str, &str)]) -> Result<Config, String> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    parse(text, Path::new("whyred.toml"), &vars(pairs))
        .map(|(config, _)| config)
        .map_err(|error| error.to_string())
}

const SECRETS: &[(&str, &str)] = &[
    ("GITHUB_WEBHOOK_SECRET", "hook"),
    ("GITHUB_TOKEN", "token"),
    ("SLACK_BOT_TOKEN", "xoxb-1"),
    ("SLACK_APP_TOKEN", "xapp-1"),
    ("DISCORD_TOKEN", "token"),
    ("WHYRED_CONSOLE_TOKEN", "0123456789abcdef01234567"),
];

#[test]
fn an_empty_configuration_is_fine() {
    let config = read_text("", &[]).unwrap();
    assert_eq!(config.server.listen, "127.0.0.1:8080");
    assert_eq!(config.store.url.reveal(), "sqlite:whyred.db");
}

#[test]
fn the_example_is_valid() {
    let config = read_text(EXAMPLE, SECRETS).unwrap();
    assert_eq!(config.routing.routes.len(), 1);
    assert_eq!(config.people.on_surface("Octocat", "slack").as_deref(), Some("U012AB3CD"));
    assert_eq!(config.people.login_of("slack", "U012AB3CD"), Some("octocat"));
}

/// With every commented key switched on, the example holds every key that is ever asked for.
#[test]
fn the_example_documents_every_key() {
    let all: String = EXAMPLE
        .lines()
        .map(|line| {
            let rest = line.strip_prefix("# ").unwrap_or(line);
            let key = rest.split(" = ").next().unwrap_or_default();
            let is_key =
                rest.contains(" = ") && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            if is_key { format!("{rest}\n") } else { format!("{line}\n") }
        })
        .collect();
    let table: toml::Table = all.parse().unwrap();
    let known: BTreeMap<String, String> = vars(SECRETS).into_iter().collect();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let root = Params::root(table.clone(), Rc::new(move |name| known.get(name).cloned()));
    let asked = root.asked_paths();
    read(root);
    let undocumented: Vec<String> = asked
        .borrow()
        .iter()
        .filter(|path| {
            let mut value = toml::Value::Table(table.clone());
            let plain = path.replace("[0]", "");
            // Names may be quoted and hold dots, so the path is walked by the longest key that fits.
            let mut rest = plain.as_str();
            while !rest.is_empty() {
                if let toml::Value::Array(items) = &value {
                    value = items[0].clone();
                }
                let Some(here) = value.as_table().cloned() else { return true };
                let Some((key, next)) = here
                    .iter()
                    .filter(|(key, _)| rest == key.as_str() || rest.starts_with(&format!("{key}.")))
                    .max_by_key(|(key, _)| key.len())
                else {
                    return true;
                };
                rest = rest[key.len()..].trim_start_matches('.');
                value = next.clone();
            }
            false
        })
        .cloned()
        .collect();
    assert_eq!(undocumented, Vec::<String>::new(), "add these to whyred.example.toml");
}

#[test]
fn everything_wrong_is_said_at_once() {
    let text = r#"
        [server]
        listen = "everywhere"
        pubic_url = "https://x.example"
        [store]
        url = "mysql://x"
        [ci.github]
        token = "ghp_pasted"
        [[console.token]]
        name = "sam"
        token = "env:SHORT"
        [[route]]
        repo = "acme/["
        to = ["slack:#x", "payments"]
        [remedies.rerun_failed]
        allow = ["everybody"]
    "#;
    let error = read_text(text, &[("SHORT", "abc")]).unwrap_err();
    insta::assert_snapshot!(error, @r#"
    the configuration has 10 fault(s):
      - ci.github.webhook_secret: is missing: write for example `webhook_secret = "env:GITHUB_WEBHOOK_SECRET"`
      - ci.github.token: a secret is written as a reference, `env:NAME` or `file:/path`, never as its value
      - server.listen: `everywhere` is not an address and port: write for example "0.0.0.0:8080"
      - server.pubic_url: unknown key: did you mean `public_url`?
      - store.url: must start with `sqlite:` or `postgres://`: write for example "sqlite:/var/lib/whyred/whyred.db"
      - console.token[0].token: is shorter than 24 characters: make one with `openssl rand -hex 24`
      - route[0].repo: `acme/[` is not a glob: error parsing glob 'acme/[': unclosed character class; missing ']'
      - route[0].to: `slack` is no configured surface: add `[chat.slack]`, or use one of: console
      - route[0].to: `payments` is no conversation: write for example "slack:#payments"
      - remedies.rerun_failed.allow: `everybody` is none of: author, owners, anyone
    "#);
}

#[test]
fn the_environment_overrides_the_file() {
    let config = read_text(
        "[server]\nlisten = \"127.0.0.1:1\"\nworkers = 2\n",
        &[
            ("WHYRED_SERVER__LISTEN", "127.0.0.1:2"),
            ("WHYRED_SERVER__WORKERS", "3"),
            ("WHYRED_CONFIG", "x"),
            ("WHYRED_CONSOLE__MIRROR", "false"),
        ],
    )
    .unwrap();
    assert_eq!(
        (config.server.listen.as_str(), config.server.workers, config.console.mirror),
        ("127.0.0.1:2", 3, false)
    );
    let error = read_text("", &[("WHYRED_SERVER__LISTN", "127.0.0.1:2")]).unwrap_err();
    assert!(error.contains("server.listn") && error.contains("did you mean `listen`"), "{error}");
}

#[test]
fn secrets_are_not_in_debug_output() {
    let config = read_text("[store]\nurl = \"env:DB\"\n", &[("DB", "postgres://bot:hunter2@db/x")]).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}
