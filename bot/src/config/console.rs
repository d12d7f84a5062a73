//! `[console]`: who may use the web console and the API.

use adapters::params::Params;
use adapters::secret::Secret;

/// `[console]`
#[derive(Debug, Clone)]
pub struct Console {
    /// No login for visitors from this very machine (the demo). Never for others.
    pub open_on_loopback: bool,
    /// Whether every routed message is shown in the console too.
    pub mirror: bool,
    /// Who may log in.
    pub tokens: Vec<ConsoleToken>,
}

/// `[[console.token]]`: one person or program.
#[derive(Debug, Clone)]
pub struct ConsoleToken {
    /// Shown in the audit log.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What they prove themselves with.
    pub token: Secret,
}

/// What somebody may do; each includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Read.
    Viewer,
    /// Ask, react, and click what the remedies' rules allow.
    Member,
    /// Click every remedy; replay dead jobs.
    Operator,
    /// Everything.
    Admin,
}

impl Role {
    /// As written in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// Reads [`Role::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Viewer, Self::Member, Self::Operator, Self::Admin].into_iter().find(|role| role.word() == word)
    }
}

/// The least length of a token: 24 characters of a random one cannot be guessed.
const MIN_TOKEN_CHARACTERS: usize = 24;

pub(super) fn read(params: Params) -> Console {
    let tokens: Vec<ConsoleToken> = params.list_of_tables("token").into_iter().map(token).collect();
    for (position, token) in tokens.iter().enumerate() {
        if tokens[..position].iter().any(|other| other.name == token.name) {
            params.fault(
                "token",
                format!(
                    "two of them are named `{}`: names must differ, because people are known by them",
                    token.name
                ),
            );
        }
    }
    let read = Console {
        open_on_loopback: params.flag("open_on_loopback", false),
        mirror: params.flag("mirror", true),
        tokens,
    };
    params.finish();
    read
}

fn token(params: Params) -> ConsoleToken {
    let token = params.required_secret("token", "env:WHYRED_CONSOLE_TOKEN");
    if !token.reveal().is_empty() && token.reveal().chars().count() < MIN_TOKEN_CHARACTERS {
        params.fault(
            "token",
            format!(
                "is shorter than {MIN_TOKEN_CHARACTERS} characters: make one with `openssl rand -hex 24`"
            ),
        );
    }
    let role = params.choice("role", &["viewer", "member", "operator", "admin"], "member");
    let read = ConsoleToken {
        name: params.required_text("name", "sam"),
        role: Role::from_word(role).unwrap_or(Role::Viewer),
        token,
    };
    params.finish();
    read
}
