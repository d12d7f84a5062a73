//! Planted secrets: made at run time from patterns and a seed, so that nothing that looks alive is ever committed.
//!
//! In a pattern `{A36}` stands for 36 letters and digits, `{a…}` small letters and digits, `{U…}` capitals and digits,
//! `{x…}` hexadecimal, `{X…}` the same in capitals, `{d…}` digits, `{b…}` base64, `{w…}` letters, digits, `_` and `-`, `{l…}` small
//! letters, and `{uuid}` for a UUID.

use crate::stats::Draw;

/// Tokens that are known by their shape, wherever they stand.
pub(super) const SHAPES: &[(&str, &str)] = &[
    ("aws access key", "AKIA{U16}"),
    ("aws temporary key", "ASIA{U16}"),
    ("aws session token", "IQoJb3JpZ2lu{b200}"),
    ("aws bedrock key", "ABSK{b120}="),
    ("google api key", "AIza{w35}"),
    ("google oauth token", "ya29.{w60}"),
    ("google oauth secret", "GOCSPX-{w28}"),
    ("azure client secret", "{A3}8Q~{A34}"),
    ("azure devops token", "{A76}AZDO{A4}"),
    ("azure ai key", "{A52}JQQJ99{A26}"),
    ("digitalocean token", "dop_v1_{x64}"),
    ("alibaba key", "LTAI{A20}"),
    ("fly token", "fm2_{b120}"),
    ("heroku key", "HRKU-{w60}"),
    ("netlify token", "nfp_{A36}"),
    ("vercel token", "vcp_{A56}"),
    ("cloudflare token", "cfut_{A48}"),
    ("pulumi token", "pul-{x40}"),
    ("terraform cloud token", "{A14}.atlasv1.{A67}"),
    ("tailscale key", "tskey-auth-{A12}CNTRL-{A32}"),
    ("vault token", "hvs.{w90}"),
    ("vault token, old", "s.{A24}"),
    ("doppler token", "dp.pt.{A43}"),
    ("1password token", "ops_eyJ{A250}"),
    ("github token", "ghp_{A36}"),
    ("github oauth", "gho_{A36}"),
    ("github app", "ghs_{A36}"),
    ("github user", "ghu_{A36}"),
    ("github refresh", "ghr_{A76}"),
    ("github fine-grained", "github_pat_{A22}_{A59}"),
    ("gitlab personal", "glpat-{w20}"),
    ("gitlab routable", "glpat-{A27}.01.{a9}"),
    ("gitlab deploy", "gldt-{w20}"),
    ("gitlab runner", "glrt-{w20}"),
    ("gitlab ci job", "glcbt-64_{w20}"),
    ("gitlab trigger", "glptt-{x40}"),
    ("gitlab oauth", "gloas-{x64}"),
    ("gitlab runner registration", "GR1348941{w20}"),
    ("bitbucket app password", "ATBB{A32}"),
    ("bitbucket data center", "BBDC-{A44}"),
    ("atlassian token", "ATATT3xFfGF0{w160}={X8}"),
    ("atlassian access token", "ATCTT3xFfGN0{w160}={X8}"),
    ("buildkite token", "bkua_{x40}"),
    ("circleci token", "CCIPAT_{A22}_{x40}"),
    ("octopus key", "API-{U26}"),
    ("npm token", "npm_{A36}"),
    ("pypi token", "pypi-AgEIcHlwaS5vcmc{w150}"),
    ("rubygems key", "rubygems_{x48}"),
    ("crates token", "cio{A32}"),
    ("nuget key", "oy2{a43}"),
    ("docker hub token", "dckr_pat_{w27}"),
    ("docker org token", "dckr_oat_{w32}"),
    ("artifactory key", "AKCp8{A68}"),
    ("artifactory reference token", "cmVmdGtuOjAxOj{A50}"),
    ("sonar token", "squ_{x40}"),
    ("snyk token", "snyk_uat.{x8}.{w60}"),
    ("sourcegraph token", "sgp_{x16}_{x40}"),
    ("launchdarkly sdk key", "sdk-{uuid}"),
    ("launchdarkly api key", "api-{uuid}"),
    ("postman key", "PMAK-{x24}-{x34}"),
    ("slack bot token", "xoxb-{d12}-{d12}-{A24}"),
    ("slack user token", "xoxp-{d12}-{d12}-{d12}-{x32}"),
    ("slack app token", "xapp-1-A{U10}-{d12}-{x64}"),
    ("slack refresh token", "xoxe.xoxp-1-{A100}"),
    ("slack webhook", "https://hooks.slack.com/services/T{U8}/B{U10}/{A24}"),
    ("discord token", "MT{A22}.{w6}.{A38}"),
    ("discord webhook", "https://discord.com/api/webhooks/{d18}/{w68}"),
    ("teams webhook", "https://acme.webhook.office.com/webhookb2/{uuid}@{uuid}/IncomingWebhook/{x32}/{uuid}"),
    ("telegram token", "{d10}:AA{w33}"),
    ("linear key", "lin_api_{A40}"),
    ("notion token", "ntn_{d11}{A35}"),
    ("notion token, old", "secret_{A43}"),
    ("figma token", "figd_{w40}"),
    ("airtable token", "pat{A14}.{x64}"),
    ("asana token", "1/12{d14}:{x32}"),
    ("contentful token", "CFPAT-{w43}"),
    ("hubspot token", "pat-na1-{uuid}"),
    ("new relic key", "NRAK-{U27}"),
    ("sentry org token", "sntrys_eyJ{A80}_{A43}"),
    ("sentry user token", "sntryu_{x64}"),
    ("grafana service account", "glsa_{A32}_{x8}"),
    ("grafana cloud token", "glc_eyJ{A100}"),
    ("elastic key", "essu_{b60}"),
    ("dynatrace token", "dt0c01.{U24}.{U64}"),
    ("honeycomb key", "hcaik_01{a58}"),
    ("posthog key", "phx_{A43}"),
    ("stripe key", "sk_live_{A24}"),
    ("stripe restricted key", "rk_test_{A99}"),
    ("stripe webhook secret", "whsec_{A32}"),
    ("square token", "sq0atp-{w22}"),
    ("shopify token", "shpat_{x32}"),
    ("twilio key", "SK{x32}"),
    ("sendgrid key", "SG.{A22}.{A43}"),
    ("mailgun key", "key-{x32}"),
    ("mailgun key, new", "{x32}-{x8}-{x8}"),
    ("mailchimp key", "{x32}-us14"),
    ("brevo key", "xkeysib-{x64}-{A16}"),
    ("databricks token", "dapi{x32}"),
    ("planetscale token", "pscale_tkn_{w43}"),
    ("supabase key", "sbp_{x40}"),
    ("prefect key", "pnu_{A36}"),
    ("anthropic key", "sk-ant-api03-{w93}AA"),
    ("openai key", "sk-proj-{A48}T3BlbkFJ{A48}"),
    ("openai key, old", "sk-{A20}T3BlbkFJ{A20}"),
    ("hugging face token", "hf_{A34}"),
    ("replicate token", "r8_{A37}"),
    ("groq key", "gsk_{A52}"),
    ("langsmith key", "lsv2_pt_{x32}_{x10}"),
    ("nvidia key", "nvapi-{w64}"),
    ("jwt", "eyJhbGciOiJIUzI1NiJ9.eyJ{A60}.{w43}"),
    ("age key", "AGE-SECRET-KEY-1{U58}"),
];

/// Lines in which a token may stand bare.
pub(super) const CARRIERS: &[&str] = &[
    "using {} to log in",
    "export SOMETHING={}",
    "error: request with '{}' was refused",
    "{\"data\": [\"{}\"], \"n\": 1}",
    "  - {}",
    "{}",
    "2026-11-23T10:00:00.0000000Z sent ({}), status 401",
    "warning: unknown option `{}`, ignored",
    "curl -sSf -X POST https://svc.example/v1 --data x={} --retry 3",
    "| value | {} |",
];

/// Secrets that only their surroundings tell; the planted part stands between `«` and `»`.
pub(super) const LINES: &[&str] = &[
    "AWS_SECRET_ACCESS_KEY=«{b40}»",
    "aws_secret_access_key = «{b40}»",
    "\"SecretAccessKey\": \"«{b40}»\",",
    "DD_API_KEY=«{x32}»",
    "    DD-API-KEY: «{x32}»",
    "HEROKU_API_KEY: «{uuid}»",
    "SNYK_TOKEN=«{uuid}»",
    "snyk auth «{uuid}»",
    "CODECOV_TOKEN: «{uuid}»",
    "+ ./codecov --token «{uuid}» -F unit",
    "CLOUDFLARE_API_TOKEN=«{w40}»",
    "FASTLY_API_TOKEN: «{w32}»",
    "VERCEL_TOKEN=«{A24}»",
    "SENTRY_AUTH_TOKEN=«{x64}»",
    "PAGERDUTY_TOKEN=«u+{A18}»",
    "PD_ROUTING_KEY: «{x32}»",
    "OKTA_API_TOKEN=«00{w40}»",
    "Authorization: SSWS «00{w40}»",
    "AUTH0_CLIENT_SECRET: «{w64}»",
    "SNOWFLAKE_PASSWORD=«{l8}{d3}»",
    "SNOWSQL_PWD=«{A12}»",
    "ARTIFACTORY_PASSWORD: «{A20}»",
    "NEXUS_PASSWORD=«{l9}»",
    "DOCKERHUB_PASSWORD: «{l6}-{l6}-{d2}»",
    "GRAFANA_API_KEY=«{A40}»",
    "X-Vault-Token: «{A26}»",
    "> PRIVATE-TOKEN: «{w20}»",
    "< x-api-key: «{A40}»",
    "curl -H 'X-Auth-Token: «{x32}»' https://svc.example/",
    "curl -H \"Authorization: Bearer «{w40}»\" https://svc.example/",
    "> Authorization: Basic «{b32}»",
    "authorization: token «{x40}»",
    "git -c http.extraheader=\"AUTHORIZATION: basic «{b44}»\" fetch",
    "curl -u deploy:«{l7}{d3}» -T a.jar https://repo.example/a.jar",
    "curl --user ci-bot:«{A16}» https://svc.example/",
    "http -a admin:«{A12}» POST svc.example/items",
    "wget --user=ci --password=«{A10}» https://repo.example/a.tgz",
    "mysql -h db -u root -p«{A10}» app",
    "mysqldump --password=«{l9}» app",
    "sshpass -p «{A10}» ssh deploy@build-1",
    "sshpass -p '«{A10}»' scp a.tar host:",
    "docker login registry.example -u ci -p «{A20}»",
    "podman login --username ci --password «{A20}» registry.example",
    "echo «{A20}» | docker login -u ci --password-stdin",
    "helm registry login registry.example -u ci -p «{A16}»",
    "redis-cli -h cache -a «{A14}» ping",
    "mongosh db --username app -p «{A14}»",
    "sqlcmd -S db -U sa -P «{A10}!9» -Q 'select 1'",
    "ldapsearch -x -D cn=admin -w «{A10}» -b dc=example",
    "openssl rsa -in key.pem -passin pass:«{A12}» -out k.pem",
    "keytool -importkeystore -storepass «{A12}» -noprompt",
    "jarsigner -keystore k.jks -storepass «{A8}» -keypass «{A9}» app.jar alias",
    "unzip -P «{A10}» secrets.zip",
    "htpasswd -bc .htpasswd admin «{A12}»",
    "nuget setapikey «{a46}» -Source https://nuget.example",
    "dotnet nuget push a.nupkg -k «{a46}» -s https://nuget.example",
    "echo 'deploy:«{A12}»' | sudo chpasswd",
    "machine git.example login ci password «{A20}»",
    "psql postgres://app:«{l8}{d2}»@db.example:5432/app",
    "DATABASE_URL=postgresql+asyncpg://app:«{A16}»@db/app",
    "mysql2://root:«{l10}»@127.0.0.1:3306/test",
    "mongodb+srv://svc:«{A18}»@cluster0.example.net/db?retryWrites=true",
    "rediss://default:«{A24}»@cache.example:6380/0",
    "redis://:«{A24}»@cache.example:6379",
    "amqp://guest:«{A12}»@mq.example:5672/%2f",
    "git clone https://oauth2:«{w20}»@git.example/acme/app.git",
    "remote: https://x-access-token:«{A40}»@git.example/acme/app",
    "fatal: unable to access 'https://«{x40}»@git.example/acme/app.git/'",
    "https://ci:«{l6}%40{l6}»@repo.example/simple",
    "jdbc:postgresql://db:5432/app?user=app&password=«{A12}»",
    "jdbc:sqlserver://db;databaseName=app;user=sa;password=«{A10}!1»;encrypt=true",
    "Server=db;Database=app;User Id=sa;Password=«{A10}#{d2}»;Encrypt=true",
    "\"Data Source=db;Initial Catalog=app;Uid=app;Pwd=«{A12}»\"",
    "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=«{b86}==»;EndpointSuffix=core.windows.net",
    "Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=«{b43}=»",
    "https://acme.blob.core.windows.net/c/f?sv=2024-01-01&sp=r&sig=«{A40}%3D»",
    "GET https://s3.example/b/k?X-Amz-Algorithm=AWS4&X-Amz-Signature=«{x64}» 403",
    "GET /v1/items?limit=1&api_key=«{x32}» 401",
    "GET https://maps.example/js?key=«{A39}»&v=3",
    "    DB_PASSWORD: «{l10}»",
    "DB_PASSWORD=«{l6}»",
    "POSTGRES_PASSWORD=\"«{l6} {l6}»\"",
    "ENV ADMIN_PASSWORD=«{A10}»",
    "export ADMIN_PASS=«{A24}»",
    "password: «{l7}{d3}»",
    "password: «{l12}»",
    "  \"password\": \"«{l10}»\",",
    "password = \"«{A12}»\"",
    "spring.datasource.password=«{l10}»",
    "-Dsonar.login=«{x40}» -Dsonar.host.url=https://sonar.example",
    "-Dpassword=«{l6}{d4}»",
    "./deploy --token «{A32}» --dry-run",
    "./deploy --api-key=«{x32}» --dry-run",
    "./deploy --client-secret \"«{w40}»\"",
    "./deploy --password «{l9}» --user ci",
    "['deploy', '--password', '«{A10}»', '--user', 'ci']",
    "kubeadm join 10.0.0.1:6443 --token «{a6}.{a16}» --discovery-token-ca-cert-hash sha256:{x64}",
    "\"token\": \"«{A40}»\"",
    "'api_key' => '«{x32}',»",
    "api_token: «{A30}»",
    "client_secret: «{w36}»",
    "{\"name\": \"API_TOKEN\", \"value\": \"«{A20}»\"}",
    "    - name: DB_PASSWORD  value: «{A14}»",
    "<password>«{A12}»</password>",
    "<apiKey>«{x32}»</apiKey>",
    "<add key=\"ClearTextPassword\" value=\"«{A20}»\" />",
    "//registry.example/:_authToken=«{uuid}»",
    "//registry.example/:_password=\"«{b24}»\"",
    "_auth = «{b40}»",
    "\"auth\": \"«{b32}»\"",
    ".dockerconfigjson: «{b120}»",
    "client-key-data: «{b200}»",
    "Cookie: session=«{A40}»; theme=dark",
    "set-cookie: sid=«{A32}»; Path=/; HttpOnly",
    "SESSION_KEY=«{A32}»",
    "signing key: «{b44}»",
    "encryption_key=«{x64}»",
    "SECRET_KEY_BASE=«{x128}»",
    "RAILS_MASTER_KEY=«{x32}»",
    "APP_KEY=base64:«{b43}=»",
    "LICENSE_KEY: «{A32}»",
    "root:$6$«{A16}${A86}»:19000:0:99999:7:::",
    "admin:$apr1$«{A8}${A22}»",
    "admin:$2y$05$«{A53}»",
    "SLACK_SIGNING_SECRET=«{x32}»",
    "slack_webhook_url: https://hooks.slack.com/services/«T{U8}/B{U10}/{A24}»",
    "ERROR 1045: the password '«{l6}{d4}»' is too weak",
    "ANSIBLE_BECOME_PASS: «{A24}»",
    "ansible_ssh_pass=«{A24}»",
];

/// One secret in one line.
pub(super) struct Plant {
    pub(super) kind: String,
    pub(super) line: String,
    /// The parts that must be gone.
    pub(super) secrets: Vec<String>,
}

/// All plants of one seed: every shape in every carrier, every line, and private keys in all their frames.
pub(super) fn all(draw: &mut Draw) -> Vec<Plant> {
    let mut plants = Vec::new();
    for (kind, pattern) in SHAPES {
        for carrier in CARRIERS {
            let secret = fill(pattern, draw);
            let line = carrier.replace("{}", &secret);
            plants.push(Plant { kind: (*kind).to_owned(), line, secrets: vec![hidden_part(&secret)] });
        }
    }
    for pattern in LINES {
        let filled = fill(pattern, draw);
        let secrets =
            filled.split('«').skip(1).filter_map(|part| part.split('»').next()).map(str::to_owned).collect();
        plants.push(Plant { kind: (*pattern).to_owned(), line: filled.replace(['«', '»'], ""), secrets });
    }
    for frame in ["RSA ", "EC ", "OPENSSH ", "", "ENCRYPTED ", "DSA ", "PGP "] {
        plants.extend(key_blocks(frame, draw));
    }
    plants
}

/// What of a webhook must be gone: where it leads may stay.
fn hidden_part(secret: &str) -> String {
    let tail = secret.rsplit('/').next().unwrap_or(secret);
    if secret.starts_with("https://") { tail.to_owned() } else { secret.to_owned() }
}

/// A private key as a block, as one line of JSON, without its end, and indented as in YAML.
fn key_blocks(frame: &str, draw: &mut Draw) -> Vec<Plant> {
    let lines = ["{b64}", "{b64}", "{b64}", "{b64}", "{b31}="];
    let body: Vec<String> = lines.iter().map(|line| fill(line, draw)).collect();
    let block = if frame == "PGP " { " BLOCK" } else { "" };
    let name = format!("{frame}PRIVATE KEY{block}");
    let (begin, end) = (format!("-----BEGIN {name}-----"), format!("-----END {name}-----"));
    let texts = [
        ("block", format!("{begin}\n{}\n{end}\n", body.join("\n"))),
        ("one line", format!("\"key\": \"{begin}\\n{}\\n{end}\\n\"", body.join("\\n"))),
        ("cut off", format!("{begin}\n{}\n", body.join("\n"))),
        ("indented", format!("  key: |\n    {begin}\n    {}\n    {end}\n", body.join("\n    "))),
    ];
    texts
        .into_iter()
        .map(|(how, line)| Plant { kind: format!("{name}, {how}"), line, secrets: body.clone() })
        .collect()
}

/// A pattern with its places filled.
fn fill(pattern: &str, draw: &mut Draw) -> String {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(start) = rest.find('{') {
        text.push_str(&rest[..start]);
        let place =
            rest[start + 1..].split_once('}').and_then(|(what, after)| Some((piece(what, draw)?, after)));
        if let Some((piece, after)) = place {
            text.push_str(&piece);
            rest = after;
        } else {
            text.push('{');
            rest = &rest[start + 1..];
        }
    }
    text + rest
}

fn piece(what: &str, draw: &mut Draw) -> Option<String> {
    const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
    const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const DIGITS: &str = "0123456789";
    if what == "uuid" {
        return Some(fill("{x8}-{x4}-4{x3}-a{x3}-{x12}", draw));
    }
    let alphabet = match what.chars().next()? {
        'A' => [UPPER, LOWER, DIGITS].concat(),
        'a' => [LOWER, DIGITS].concat(),
        'l' => LOWER.to_owned(),
        'U' => [UPPER, DIGITS].concat(),
        'x' => "0123456789abcdef".to_owned(),
        'X' => "0123456789ABCDEF".to_owned(),
        'd' => DIGITS.to_owned(),
        'b' => [UPPER, LOWER, DIGITS, "+/"].concat(),
        'w' => [UPPER, LOWER, DIGITS, "_-"].concat(),
        _ => return None,
    };
    let length: usize = what[1..].parse().ok()?;
    let mut made: Vec<u8> = (0..length).map(|_| alphabet.as_bytes()[draw.below(alphabet.len())]).collect();
    // Of a real token nobody knows how it begins; a word boundary inside it would make the measure easier, not harder.
    if let Some(first) = made.first_mut().filter(|first| !first.is_ascii_alphanumeric()) {
        *first = b'k';
    }
    if let Some(last) = made.last_mut().filter(|last| !last.is_ascii_alphanumeric()) {
        *last = b'7';
    }
    // Every kind holds what its alphabet has, as long ones do anyway.
    if length >= 8 {
        for (at, part) in [LOWER, UPPER, DIGITS].into_iter().enumerate() {
            if let Some(byte) = part.bytes().rev().find(|byte| alphabet.as_bytes().contains(byte)) {
                made[2 + at] = byte;
            }
        }
    }
    String::from_utf8(made).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_filled_the_same_way_for_the_same_seed() {
        let made = || fill("sk-{A8}-{x4} {kept} {uuid}", &mut Draw::seeded(7));
        assert_eq!(made(), made());
        let text = made();
        assert_eq!(fill("{\"a\": {d1}}", &mut Draw::seeded(1)).len(), "{\"a\": 1}".len());
        assert!(
            text.starts_with("sk-") && text.contains(" {kept} ") && text.len() == 3 + 8 + 1 + 4 + 8 + 36,
            "{text}"
        );
        assert_ne!(made(), fill("sk-{A8}-{x4} {kept} {uuid}", &mut Draw::seeded(8)));
    }
}
