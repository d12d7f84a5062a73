//! Accepting webhooks: signed bodies of 8 KB over 32 connections to the real binary with `SQLite` and full durability, against
//! a receiver that commits each event by itself, the usual receiver in Python (`accept.py`, left out where aiohttp is not
//! installed), and what the same disk takes at 32 rows a transaction, each in a process of its own. Several rounds, each with
//! all of them in turn; prints medians and ratios. The bot works on what it accepts meanwhile, as it does in life.
//!
//! On a disk that confirms in a fraction of a millisecond all of this measures processors; `slow` adds 5 ms to each
//! confirmation of every receiver (`slow_disk.c`; needs `cc`), about what a disk of a cloud takes.
//!
//! ```text
//! cargo bench -p bot --bench accept                  5 rounds on this disk
//! cargo bench -p bot --bench accept -- slow          5 rounds with 5 ms a confirmation
//! cargo bench -p bot --bench accept -- slow 9        9 rounds
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot go on fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use world::github::{GitHub, Job, Run};

const SECRET: &str = "hook-secret-for-tests";
const BODY_BYTES: usize = 8 * 1024;
const CONNECTIONS: usize = 32;
/// For those that store in groups, and for those that do not: each gets about as much time.
const MANY: usize = 2_000;
const FEW: usize = 500;
const RAW_BATCH: usize = 32;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match args.as_slice() {
        [mode, file] if mode == "one-by-one" => return runtime.block_on(one_by_one(Path::new(file))),
        [mode, file] if mode == "raw" => return runtime.block_on(raw_inserts(Path::new(file))),
        _ => {}
    }
    let rounds = args.iter().find_map(|arg| arg.parse().ok()).unwrap_or(5);
    let slow = args.iter().any(|arg| arg == "slow").then(SlowDisk::make);
    runtime.block_on(compare(rounds, slow.as_ref()));
}

/// A library that makes the disk slow, in a folder that goes with it.
struct SlowDisk {
    library: PathBuf,
    _folder: tempfile::TempDir,
}

impl SlowDisk {
    fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("slow_disk.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/bench/slow_disk.c");
        let made = Command::new("cc")
            .args(["-shared", "-fPIC", "-O2", "-DMS=5", source, "-o"])
            .arg(&library)
            .status()
            .expect("a C compiler is installed as `cc`");
        assert!(made.success(), "{source} does not compile");
        Self { library, _folder: folder }
    }
}

/// What one round of one receiver came to.
#[derive(Clone, Copy)]
struct Measured {
    per_second: f64,
    p99: f64,
}

async fn compare(rounds: usize, disk: Option<&SlowDisk>) {
    let github = GitHub::start().await;
    github.add_run(Run::ended("acme/payments", 1, "success").job(Job::passed("test", "all fine\n")));
    let pattern = serde_json::from_slice(&github.workflow_run_webhook(1, "completed", SECRET).body).unwrap();
    let requests = Requests { github: &github, pattern, next: 1.into() };
    let with_python = Command::new("python3")
        .args(["-c", "import aiohttp"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|ended| ended.success());

    let (mut raw, mut ours, mut each, mut python) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let ourselves = std::env::current_exe().unwrap();
        let made = |program: &Path| {
            let mut command = Command::new(program);
            if let Some(disk) = disk {
                command.env("LD_PRELOAD", &disk.library);
            }
            command
        };
        let output = made(&ourselves).arg("raw").arg(folder.join("raw.db")).output().unwrap();
        raw.push(String::from_utf8(output.stdout).unwrap().trim().parse().unwrap());
        let mut bot = whyred(made(Path::new(env!("CARGO_BIN_EXE_whyred"))), folder, &github.api_url);
        ours.push(load(&Served::start(&mut bot), &requests.make(MANY)).await);
        let mut command = made(&ourselves);
        command.arg("one-by-one").arg(folder.join("each.db"));
        each.push(load(&Served::start(&mut command), &requests.make(FEW)).await);
        if with_python {
            let mut command = made(Path::new("python3"));
            command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/bench/accept.py"));
            command.arg(folder.join("python.db")).arg(SECRET);
            python.push(load(&Served::start(&mut command), &requests.make(FEW)).await);
        }
    }
    tell(&raw, &ours, &each, &python);
}

fn tell(raw: &[f64], ours: &[Measured], each: &[Measured], python: &[Measured]) {
    let per_second = |all: &[Measured]| median(all.iter().map(|one| one.per_second));
    let p99 = |all: &[Measured]| median(all.iter().map(|one| one.p99));
    let raw = median(raw.iter().copied());
    report("| receiver, SQLite FULL | requests a second | p99 ms |");
    report("|---|---|---|");
    report(&format!("| whyred | {:.0} | {:.0} |", per_second(ours), p99(ours)));
    report(&format!("| axum, a transaction an event | {:.0} | {:.0} |", per_second(each), p99(each)));
    if !python.is_empty() {
        report(&format!("| aiohttp | {:.0} | {:.0} |", per_second(python), p99(python)));
    }
    report(&format!("| raw inserts, {RAW_BATCH} a transaction | {raw:.0} | |\n"));
    report(&format!("whyred / raw inserts: {:.2} (target 0.5 or more)", per_second(ours) / raw));
    if !python.is_empty() {
        report(&format!("whyred / aiohttp: {:.1} (target 5 or more)", per_second(ours) / per_second(python)));
    }
    report(&format!(
        "p99 / that of a transaction an event: {:.2} (target 0.5 or less)",
        p99(ours) / p99(each)
    ));
}

fn median(all: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = all.collect();
    all.sort_unstable_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Makes requests, no two the same.
struct Requests<'a> {
    github: &'a GitHub,
    pattern: serde_json::Value,
    next: std::sync::atomic::AtomicU64,
}

impl Requests<'_> {
    fn make(&self, count: usize) -> Arc<Vec<Vec<u8>>> {
        Arc::new((0..count).map(|_| self.one()).collect())
    }

    fn one(&self) -> Vec<u8> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut payload = self.pattern.clone();
        payload["workflow_run"]["id"] = (1_000_000 + number).into();
        payload["workflow_run"]["run_number"] = number.into();
        let length = payload.to_string().len();
        let text = "Round refunds half up, as the ledger does. ".repeat(BODY_BYTES / 40);
        payload["workflow_run"]["head_commit"]["message"] =
            text[..BODY_BYTES.saturating_sub(length).max(1)].into();
        let webhook = self.github.webhook("workflow_run", &payload, SECRET);
        let mut request = format!(
            "POST /webhooks/github HTTP/1.1\r\nHost: bench\r\nContent-Length: {}\r\n",
            webhook.body.len()
        );
        for (name, value) in &webhook.headers {
            request.push_str(name);
            request.push_str(": ");
            request.push_str(value);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        [request.into_bytes(), webhook.body].concat()
    }
}

/// Sends everything over all connections; each sends its next as soon as its last is answered.
async fn load(served: &Served, requests: &Arc<Vec<Vec<u8>>>) -> Measured {
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let senders = (0..CONNECTIONS).map(|_| {
        let (requests, next, address) = (Arc::clone(requests), Arc::clone(&next), served.address.clone());
        tokio::spawn(async move {
            let mut connection = TcpStream::connect(address).await.unwrap();
            connection.set_nodelay(true).unwrap();
            let mut took = Vec::new();
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let sent = Instant::now();
                connection.write_all(request).await.unwrap();
                answered(&mut connection).await;
                took.push(sent.elapsed());
            }
            took
        })
    });
    let mut took: Vec<Duration> = Vec::new();
    for sender in futures::future::join_all(senders).await {
        took.extend(sender.unwrap());
    }
    let elapsed = started.elapsed();
    took.sort_unstable();
    Measured {
        per_second: took.len() as f64 / elapsed.as_secs_f64(),
        p99: took[(took.len() - 1) * 99 / 100].as_secs_f64() * 1000.0,
    }
}

/// Reads one answer, which must be 200.
async fn answered(connection: &mut TcpStream) {
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let length = connection.read(&mut piece).await.unwrap();
        assert!(length > 0, "the receiver hung up");
        answer.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        assert!(head.starts_with("HTTP/1.1 200"), "{text}");
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
        });
        if body.len() >= length.expect("every receiver here says how long its answer is") {
            return;
        }
    }
}

/// A receiver in a process of its own, ended with this value.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(command: &mut Command) -> Self {
        use std::io::BufRead;
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        std::io::BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").expect("it says where it listens");
        Self { address: address.to_owned(), child }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The real thing.
fn whyred(mut command: Command, folder: &Path, api_url: &str) -> Command {
    let config = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[store]\nurl = \"sqlite:{0}/whyred.db\"\n[log]\nfilter = \"warn\"\n\
         [ci.github]\nwebhook_secret = \"env:GITHUB_WEBHOOK_SECRET\"\ntoken = \"env:GITHUB_TOKEN\"\napi_url = \"{api_url}\"\n\
         [knowledge]\nindex = \"{0}/index\"\n",
        folder.display()
    );
    std::fs::write(folder.join("whyred.toml"), config).unwrap();
    command
        .arg("serve")
        .current_dir(folder)
        .env("GITHUB_WEBHOOK_SECRET", SECRET)
        .env("GITHUB_TOKEN", world::github::TOKEN)
        .env_remove("RUST_LOG");
    command
}

const TABLE: &str = "CREATE TABLE inbox (delivery_id TEXT PRIMARY KEY, event TEXT, body TEXT)";

async fn durable(file: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    sqlx::query(TABLE).execute(&pool).await.unwrap();
    pool
}

/// Prints how many rows a second the disk takes at best.
async fn raw_inserts(file: &Path) {
    let pool = durable(file).await;
    let rows = ["(?, ?, ?)"; RAW_BATCH].join(", ");
    let sql = format!("INSERT INTO inbox VALUES {rows}");
    let body = "x".repeat(BODY_BYTES);
    let started = Instant::now();
    for batch in 0..MANY / RAW_BATCH {
        let mut tx = pool.begin().await.unwrap();
        let mut insert = sqlx::query(sqlx::AssertSqlSafe(sql.clone()));
        for row in 0..RAW_BATCH {
            insert = insert.bind(format!("{batch}-{row}")).bind("workflow_run").bind(&body);
        }
        insert.execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }
    report(&format!("{}", (MANY / RAW_BATCH * RAW_BATCH) as f64 / started.elapsed().as_secs_f64()));
}

/// The same server and the same check of the signature, with a transaction for each event.
async fn one_by_one(file: &Path) {
    let pool = durable(file).await;
    let router = Router::new().route("/webhooks/github", post(store_one)).with_state(pool);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    report(&format!("listening on http://{}", listener.local_addr().unwrap()));
    axum::serve(listener, router).await.unwrap();
}

async fn store_one(State(pool): State<SqlitePool>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(&body);
    let signature = hex::decode(&header("x-hub-signature-256")["sha256=".len()..]).unwrap();
    if mac.verify_slice(&signature).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let mut tx = pool.begin().await.unwrap();
    sqlx::query("INSERT OR IGNORE INTO inbox VALUES (?, ?, ?)")
        .bind(header("x-github-delivery"))
        .bind(header("x-github-event"))
        .bind(std::str::from_utf8(&body).unwrap())
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    StatusCode::OK
}

#[expect(clippy::print_stdout, reason = "the figures are what a benchmark is for")]
fn report(line: &str) {
    use std::io::Write;
    println!("{line}");
    let _ = std::io::stdout().flush();
}
