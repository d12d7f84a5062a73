//! Secrets without a shape of their own: what stands around them tells.

use super::{
    accept::{entropy, is_placeholder, is_random, is_value, mixed},
    assigned::{is_assigned_secret, is_flag_value, is_named_value},
    kind::{Found, surroundings},
};

surroundings! {
    /// Headers, addresses, connection strings, the arguments of well-known programs, and names with a value.
    SURROUNDINGS:
    "auth_header", ["basic ", "bearer ", "authorization"], is_value, r#"(?i)\b(?:authorization\\?["']?\s*[:=]\s*\\?["']?(?:(?:basic|bearer|token|digest|negotiate|apikey|bot|ssws|splunk|geniekey|key|aws4-hmac-sha256)\s+)?(?:token=)?|(?:basic|bearer)\s+)(?P<secret>[A-Za-z0-9+/_.~=-]{16,})"#;
    "cookie", ["cookie:"], is_value, r#"(?im)\bcookie:[ \t]*(?P<secret>[^\s=;"']+=[^\r\n"']+)"#;
    "url_password", ["://"], is_url_password, r#"(?:[A-Za-z][A-Za-z0-9+.-]*)://[^\s/:@'"<>?#]*:(?P<secret>[^\s/'"<>]+)@"#;
    "url_password", ["://"], is_database_password, r#"(?i)(?:postgres(?:ql)?|mysql2?|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|sqlserver|clickhouse|nats|kafka|snowflake|cockroachdb)(?:\+[a-z0-9]+)?://[^\s/:@'"<>]*:(?P<secret>[^\s'"<>@]+/[^\s'"<>]*)@"#;
    "url_token", ["://"], is_url_token, r"://(?P<secret>[A-Za-z0-9_.~%+=-]{20,})(?::(?:x-oauth-basic)?)?@";
    "url_parameter", ["sig", "key", "auth", "code", "credential"], is_parameter, r"(?i)[?&;](?:sig|signature|key|auth|code|subscription-key|x-(?:amz|goog)-(?:signature|credential|security-token))=(?P<secret>[A-Za-z0-9%+/=_.~-]{8,})";
    "npm_token", ["_auth", "_password"], is_value, r#"(?i)(?:^|[\s:/"'])_(?:authToken|auth|password)["']?\s*[=:]?\s*["']?(?P<secret>[^\s"',;]{4,})"#;
    "connection_string", ["accountkey", "sharedaccesskey", "sharedaccesssignature"], is_value, r#"(?i)\b(?:accountkey|sharedaccesskey|sharedaccesssignature)\s*=\s*(?P<secret>[^;"'\s]{8,})"#;
    "connection_string", ["password", "pwd"], is_value, r#"(?i)(?:;\s*(?:password|pwd)\s*=\s*(?P<secret>[^;"'\r\n]{2,}?)\s*(?:;|"|'|\r|\n|$))"#;
    "connection_string", ["password", "pwd"], is_value, r#"(?i)\b(?:password|pwd)\s*=\s*(?P<secret>[^;"'\s]{2,});\s*[a-z ]{2,30}="#;
    "docker_auth", ["\"auth\"", ".dockerconfigjson", "\"auth\\"], is_long, r#"(?:\\?"auth\\?"\s*:\s*\\?"|\.dockerconfigjson\\?"?\s*:\s*\\?"?)(?P<secret>[A-Za-z0-9+/=_-]{8,})"#;
    "client_key", ["client-key-data", "_authentication", "privatekey"], is_long, r#"(?i)(?:client-key-data|ssh_?privatekey|private_?key_?data)\\?["']?\s*[:=]\s*\\?["']?(?P<secret>[A-Za-z0-9+/=_-]{32,})"#;
    "password_hash", ["$2", "$apr1$", "$6$", "$5$", "$y$", "$argon2"], is_hash, r"(?P<secret>\$(?:2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{40,}|apr1\$[./A-Za-z0-9]{2,}\$[./A-Za-z0-9]{16,}|[56]\$(?:rounds=[0-9]+\$)?[./A-Za-z0-9]{2,}\$[./A-Za-z0-9]{40,}|y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{30,}|argon2(?:id|i|d)\$[^\s:]{30,}))";
    "netrc", ["machine ", "login "], is_value, r"(?i)\blogin\s+\S+\s+password\s+(?P<secret>\S+)";
    "secret", ["sshpass", "mysql", "mariadb", "login", "mongo", "redis-cli", "sqlcmd", "ldap", "zip ", "7z "], is_argument, r#"(?i)\b(?:sshpass\s+-p\s*|(?:mysql|mysqldump|mysqladmin|mysqlimport|mariadb|mariadb-dump)\b[^\n|;&]*?\s-p|(?:docker|podman|buildah|skopeo|oras|nerdctl|crane|helm|helm registry|regctl|cosign|az|acr|oc)\s(?:[^\n|;&]*?\s)?login\b[^\n|;&]*?\s-p[= ]+|mongo(?:sh|dump|restore|import|export)?\b[^\n|;&]*?\s-p[= ]+|redis-cli\b[^\n|;&]*?\s-a\s+|sqlcmd\b[^\n|;&]*?\s-P\s*|ldap[a-z]+\b[^\n|;&]*?\s-w\s+|\b(?:un)?zip\b[^\n|;&]*?\s-P\s+|7za?\b[^\n|;&]*?\s-p)["']?(?P<secret>[^\s"']{3,})"#;
    "secret", ["curl", "wget", "http", "user ", "user=", "-u"], is_pair, r#"(?i)(?:\bcurl\b[^\n|;&]*?\s(?:-u|--user|--proxy-user)[= ]?|\s--(?:proxy-)?user[= ]|\b(?:https?|httpie)\s(?:[^\n|;&]*?\s)?(?:-a|--auth)[= ]|\bsmbclient\b[^\n|;&]*?\s-U[= ])["']?[^\s:%"'/]+[:%](?P<secret>[^\s"']{3,})"#;
    "secret", ["pass:"], is_value, r"(?i)\s-(?:pass|passin|passout|password)\s+pass:(?P<secret>\S{3,})";
    "secret", ["storepass", "keypass", "setapikey", "htpasswd", "nuget", "auth"], is_argument, r#"(?i)(?:\s-(?:src|dest|deststore|srcstore)?(?:store|key)pass\s+|\bnuget\s+setapikey\s+|\b(?:snyk|glab|cf|infracost|ngrok)\s+(?:auth|config add-authtoken)\s+|\bngrok\s+authtoken\s+|\bnuget\s+push\b[^\n|;&]*?\s(?:-k|--api-key|-ApiKey)\s+|\bhtpasswd\s+(?:-[a-zA-Z]+\s+)*(?:[^\s-]\S*\s+){1,2})["']?(?P<secret>[^\s"']{4,})"#;
    "secret", ["--"], is_flag_value, r#"(?i)(?:^|[\s"'`(\[])--?(?P<name>[a-z0-9_.-]*(?:passw(?:or)?d|passwd|passphrase|secret|token|api-?key|access-?key|secret-?key|private-?key|auth-?key|license-?key|credentials?)[a-z0-9_-]*)\\?["']?(?:\s+|=|,\s*)\\?["']?(?P<secret>[^\s"',\\)\]]+)"#;
    "secret", ["value"], is_named_value, r#"(?i)\\?["']?(?:name|key)\\?["']?\s*[:=]\s*\\?["']?(?P<name>[A-Z0-9_.-]*(?:passw(?:or)?d|passwd|secret|token|api_?key|access_?key|private_?key|credentials?)[A-Z0-9_.-]*)\\?["']?\s*,?\s*(?:\r?\n[\s|>+-]*)?\\?["']?value\\?["']?\s*[:=]\s*\\?["']?(?P<secret>[^\s"',\\}]+)"#;
    "secret", ["</"], is_value, r"(?i)<(?P<name>[a-z0-9_.:-]*(?:password|passphrase|secret|token|api_?key|apikey|accesskey|privatekey))>\s*(?P<secret>[^<>\s]{3,})\s*</";
    "secret", ["passw", "passphrase", "pwd", "secret", "token", "api_key", "api-key", "apikey", "access_key", "access-key", "accesskey", "private_key", "privatekey", "auth_key", "authkey", "signing_key", "encryption_key", "account_key", "accountkey", "master_key", "license_key", "app_key", "integration_key", "routing_key", "deploy_key", "service_key", "sonar.login", "webhook_url", "credential"], is_assigned_secret, r#"(?i)(?P<name>[$A-Z0-9_.-]*(?:passw(?:or)?d|passwd|passphrase|pwd|secret|token|(?:api|access|private|auth|signing|encryption|account|master|license|app|integration|routing|deploy|service)[_-]?key|sonar\.login|webhook_url|credentials?)[A-Z0-9_.-]*)\\?(?P<close>["'\]]*)(?P<space>[ \t]*)(?P<sign>=>|:=|[:=])[ \t]*(?:!!?[a-z]+[ \t]+)?\\?(?P<quote>["'`]?)(?P<secret>[^\s"'`,;&)}\]<\\]+)"#;
    "secret", ["key", "auth", "signature", "cred", "session", "salt", "pass", "cookie", "license", "dsn", "pat"], is_unpredictable, r#"(?i)\b(?P<name>[A-Z0-9_.-]*(?:key|auth|signature|cred|creds|session|session_?id|salt|pass|cookie|license|dsn|pat))\\?["']?\s*[:=]\s*\\?["']?(?P<secret>[A-Za-z0-9+/_.~=-]{20,})"#;
    "secret", ["passw"], is_told, r#"(?i)\b(?:password|passwd)\s+(?:is\s+|was\s+|of\s+|set to\s+)?["'`](?P<secret>[^\s"'`]{6,})["'`]"#;
    "secret", ["chpasswd"], is_value, r#"(?i)\becho\s+["']?[^\s:"']+:(?P<secret>[^\s"'|]{3,})["']?\s*\|\s*(?:sudo\s+)?chpasswd"#;
    "secret", ["password-stdin"], is_value, r#"(?i)\becho\s+(?:-n\s+)?["']?(?P<secret>[^\s"'|]{3,})["']?\s*\|[^\n]*--password-stdin"#;
}

/// `http://localhost:8080/…@…` has a port where a password would be.
fn is_url_password(found: &Found<'_, '_>) -> bool {
    is_value(found)
}

fn is_database_password(found: &Found<'_, '_>) -> bool {
    // A path behind a host and port (`mysql://db:3306/app?mail=a@b`) is no password.
    let port = found.secret().split('/').next().unwrap_or_default();
    is_value(found) && !port.bytes().all(|byte| byte.is_ascii_digit())
}

/// A user name is a word; a token is not.
fn is_url_token(found: &Found<'_, '_>) -> bool {
    let value = found.secret();
    is_value(found) && value.bytes().any(|byte| byte.is_ascii_digit()) && entropy(value) >= 3.3
}

fn is_parameter(found: &Found<'_, '_>) -> bool {
    let value = found.secret();
    is_value(found)
        && value.len() >= 12
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
        && entropy(value) >= 3.0
}

fn is_long(found: &Found<'_, '_>) -> bool {
    is_value(found) && found.secret().len() >= 8
}

fn is_hash(found: &Found<'_, '_>) -> bool {
    !found.secret().is_empty()
}

/// The argument of a program: neither the next flag nor a place-holder.
fn is_argument(found: &Found<'_, '_>) -> bool {
    let value = found.secret();
    is_value(found) && !value.starts_with('-') && !matches!(value, "assword" | "ort" | "asswords")
}

/// `user:password`; `docker run --user 1000:1000` names numbers.
fn is_pair(found: &Found<'_, '_>) -> bool {
    let value = found.secret();
    is_value(found)
        && !value.bytes().all(|byte| byte.is_ascii_digit())
        && !matches!(value, "root" | "node" | "nobody" | "staff" | "users" | "wheel" | "docker" | "www-data")
}

/// High entropy counts only next to a word that makes it likely to be a secret, and hashes of a cache's key never do.
fn is_unpredictable(found: &Found<'_, '_>) -> bool {
    let value = found.secret();
    let path = value.starts_with(['/', '.', '~']) || value.contains("://");
    !is_placeholder(value) && !path && is_random(value)
}

/// `password 'x'` in a sentence.
fn is_told(found: &Found<'_, '_>) -> bool {
    let value = found.secret();
    is_value(found) && (mixed(value) || value.bytes().any(|byte| byte.is_ascii_digit()))
}
