use super::*;
use proptest::prelude::*;

#[test]
fn secrets_go_and_their_surroundings_stay() {
    let lines = [
        "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "using ghp_abcdefghijklmnopqrstuvwxyz0123456789 to clone",
        "//registry.example/:_authToken=npm_abcdefghijklmnopqrstuvwxyz0123456789",
        "> Authorization: Basic dXNlcjpodW50ZXIyaHVudGVyMg==",
        "postgres://app:hunter2@db.example/app",
        "mysql --password=hunter22 -h db",
        "DB_PASSWORD: correcthorse",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",
        "Signed-off-by: Ada <ada@example.org>",
        "key -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- end",
    ];
    let shown: Vec<String> = lines.iter().map(|line| redact(line).text.into_owned()).collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    AWS_ACCESS_KEY_ID=[redacted:aws_access_key]
    AWS_SECRET_ACCESS_KEY=[redacted:secret]
    using [redacted:github_token] to clone
    //registry.example/:_authToken=[redacted:npm_token]
    > Authorization: Basic [redacted:auth_header]
    postgres://app:[redacted:url_password]@db.example/app
    mysql --password=[redacted:secret] -h db
    DB_PASSWORD: [redacted:secret]
    [redacted:jwt]
    Signed-off-by: Ada <[redacted:email]>
    key [redacted:private_key] end
    ");
}

#[test]
fn what_only_talks_about_secrets_stays() {
    for line in [
        "SyntaxError: Unexpected token: punc (})",
        "error: expected one of `!` or `::`, found token: foo",
        "  token: ***",
        "env: GITHUB_TOKEN=${GITHUB_TOKEN}",
        "git@github.com:acme/payments.git",
        "error TS2339: Property 'token' does not exist on type 'Session'.",
        "password authentication failed for user \"app\"",
        "npm error 404 'left-pad@1.3.0' is not in this registry",
        "  NODE_AUTH_TOKEN: XXXXX-XXXXX-XXXXX-XXXXX",
        "  token: ${{ secrets.DEPLOY_TOKEN }}",
        "  password: <password>",
        "  --token string   Bearer token for authentication",
        "pass --password or set DB_PASSWORD to log in",
        "error: --api-key KEY is required",
        "max_tokens=4096 token_type=bearer tokenizer=gpt2",
        "Collecting secretstorage==3.3.3",
        "let token = self.lexer.next_token();",
        "    password=password,",
        "secretName: registry-credentials",
        "Cache restored from key: Linux-cargo-2f3b8c1d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809",
        "HEAD is now at 0123456789abcdef0123456789abcdef01234567",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "\"integrity\": \"sha512-Wp4rQxvN3mJ0bT8kLz5yHc2sFdVg7aEuXi9oRnMtKqPjBwGlSCe1UO6ZfDhAIY+/v4x8k3mQnLpRtWzYbVcXsA==\"",
        "request 3f2b8c1d-5e6f-4081-92a3-b4c5d6e7f809 failed",
        "docker run --user 1000:1000 app",
        "mkdir -p /opt/app && cp -p a b",
        "http://localhost:8080/a@b",
        "getty@tty1.service: Deactivated successfully",
        "npm warn tarball lodash@lodash-4.17.21.tgz is corrupted",
        "src/Very/Long/Path/To/A/Class/In/Some/Package1/With/Many/Parts/File2",
        "Permission denied (publickey,password).",
        "Access denied for user 'app'@'10.0.0.2' (using password: YES)",
    ] {
        assert_eq!(redact(line), Redacted { text: Cow::Borrowed(line), count: 0 });
    }
}

#[test]
fn addresses_stay_where_only_secrets_are_asked_for() {
    assert_eq!(redact_secrets("ada@example.org").count, 0);
}

proptest! {
    #[test]
    fn redacting_twice_changes_nothing(text in "(?:password|token|SECRET_KEY|://u:|@a.io|Bearer |AKIA|[=: @/\"'A-Za-z0-9+-]){0,30}") {
        let once = redact(&text).text.into_owned();
        let twice = redact(&once);
        prop_assert_eq!(&*twice.text, once.as_str());
        prop_assert_eq!(twice.count, 0);
    }
}

#[test]
fn what_was_taken_out_is_no_password_of_an_address() {
    let once = redact("x://db;a=b;Password=hunter22;k@z").text.into_owned();
    assert_eq!(once, "x://db;a=b;Password=[redacted:connection_string];k@z");
    assert_eq!(redact(&once).count, 0);
}

#[test]
fn every_kind_can_be_looked_for() {
    for kind in KINDS.iter() {
        assert!(kind.regex.is_some(), "the expression of {} {:?} is not right", kind.name, kind.signs);
    }
    assert!(EXACT.search.is_some() && ANY_CASE.search.is_some());
}
