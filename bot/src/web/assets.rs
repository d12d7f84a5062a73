//! The console's own style, script and sign: part of the binary, named by their content, so that browsers may keep them.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("assets/console.css");
const SCRIPT: &str = include_str!("assets/console.js");
const SIGN: &str = include_str!("assets/sign.svg");

/// Where the files are.
#[derive(Debug)]
pub(super) struct Paths {
    /// The style sheet.
    pub style: String,
    /// The script.
    pub script: String,
    /// The sign in the browser's tab.
    pub sign: String,
}

/// Where the files are.
pub(super) fn paths() -> &'static Paths {
    static PATHS: LazyLock<Paths> = LazyLock::new(|| Paths {
        style: named("console", "css", STYLE),
        script: named("console", "js", SCRIPT),
        sign: named("sign", "svg", SIGN),
    });
    &PATHS
}

fn named(stem: &str, ending: &str, content: &str) -> String {
    let digest = hex::encode(&Sha256::digest(content.as_bytes())[..6]);
    format!("/assets/{stem}.{digest}.{ending}")
}

/// One of the files.
pub(super) async fn serve(Path(name): Path<String>) -> Response {
    let files = [
        (&paths().style, "text/css; charset=utf-8", STYLE),
        (&paths().script, "text/javascript; charset=utf-8", SCRIPT),
        (&paths().sign, "image/svg+xml", SIGN),
    ];
    let wanted = format!("/assets/{name}");
    match files.into_iter().find(|(path, ..)| **path == wanted) {
        Some((_, kind, content)) => {
            let kept = "public, max-age=31536000, immutable";
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], content).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
