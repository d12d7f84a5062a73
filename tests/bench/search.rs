//! Searching runbooks: our index against `SQLite` FTS5, with the same made-up pages and questions, in one run. Prints a table of
//! CPU time a question (all threads of this process, so that neither side can hide work) and of what the index takes on disk.
//!
//! ```text
//! cargo bench -p bot --bench search                  10,000 and 100,000 pages
//! cargo bench -p bot --bench search -- 10000         10,000 pages
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot go on fails by panicking"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use knowledge::{Document, Index};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Executor};

const SEED: u64 = 20_260_101;
const WORDS: usize = 20_000;
const QUESTIONS: usize = 200;
const HITS: usize = 10;

fn main() {
    // Cargo passes `--bench`; numbers of ours may stand beside it.
    let mut sizes: Vec<usize> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![10_000, 100_000];
    }
    report("CPU µs a question, p50 / p99 (3 to 6 words, any of them may match, best 10 pages)\n");
    report(
        "| pages | ours | FTS5 | p50 ratio | index / source, ours | FTS5 | pages indexed a second, ours | FTS5 |",
    );
    report("|---|---|---|---|---|---|---|---|");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for size in sizes {
        runtime.block_on(compare(size));
    }
}

async fn compare(size: usize) {
    let mut made = Made::new();
    let pages: Vec<Document> = (0..size).map(|number| made.page(number)).collect();
    let questions: Vec<String> = (0..QUESTIONS).map(|_| made.question()).collect();
    let source: usize = pages.iter().map(|page| page.title.len() + page.body.len()).sum();
    let folder = tempfile::tempdir().unwrap();

    let filled = Instant::now();
    let mut fts = fill_fts(&folder.path().join("fts.db"), &pages).await;
    let fts_filled = filled.elapsed();
    let index = Index::open(&folder.path().join("index")).unwrap();
    let filled = Instant::now();
    index.update(pages, "bench").unwrap();
    let ours_filled = filled.elapsed();

    // One after the other, so that a busy moment of the machine meets both. The first rounds warm the caches.
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for (number, question) in questions.iter().take(20).chain(&questions).enumerate() {
        let at = cpu();
        let found = index.for_question(question, HITS).unwrap().len();
        let of_ours = cpu().saturating_sub(at);
        let at = cpu();
        let found_by_fts = ask_fts(&mut fts, question).await;
        let of_theirs = cpu().saturating_sub(at);
        assert_eq!(found, found_by_fts, "both find pages for `{question}`");
        if number >= 20 {
            ours.push(of_ours);
            theirs.push(of_theirs);
        }
    }
    fts.close().await.unwrap();
    ours.sort_unstable();
    theirs.sort_unstable();
    let micros = |all: &[Duration], share: usize| all[(all.len() - 1) * share / 100].as_secs_f64() * 1e6;
    let share = |name: &str| bytes_of(&folder.path().join(name)) as f64 / source as f64;
    report(&format!(
        "| {size} | {:.0} / {:.0} | {:.0} / {:.0} | {:.1} | {:.2} | {:.2} | {:.0} | {:.0} |",
        micros(&ours, 50),
        micros(&ours, 99),
        micros(&theirs, 50),
        micros(&theirs, 99),
        micros(&theirs, 50) / micros(&ours, 50),
        share("index"),
        share("fts.db"),
        size as f64 / ours_filled.as_secs_f64(),
        size as f64 / fts_filled.as_secs_f64(),
    ));
}

async fn fill_fts(file: &Path, pages: &[Document]) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut db = options.connect().await.unwrap();
    db.execute(
        "CREATE VIRTUAL TABLE pages USING fts5(id UNINDEXED, title, body, tokenize = 'porter unicode61')",
    )
    .await
    .unwrap();
    let mut tx = db.begin().await.unwrap();
    for page in pages {
        sqlx::query("INSERT INTO pages (id, title, body) VALUES ($1, $2, $3)")
            .bind(&page.id)
            .bind(&page.title)
            .bind(&page.body)
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    db.execute("INSERT INTO pages (pages) VALUES ('optimize')").await.unwrap();
    db.execute("VACUUM").await.unwrap();
    db
}

async fn ask_fts(db: &mut SqliteConnection, question: &str) -> usize {
    let any: Vec<String> = question.split(' ').map(|word| format!("\"{word}\"")).collect();
    let found: Vec<(String, String)> =
        sqlx::query_as("SELECT id, title FROM pages WHERE pages MATCH $1 ORDER BY rank LIMIT $2")
            .bind(any.join(" OR "))
            .bind(i64::try_from(HITS).unwrap())
            .fetch_all(db)
            .await
            .unwrap();
    found.len()
}

/// Made-up pages, the same in every run. How often words are used falls as in prose without its grammar.
struct Made {
    random: StdRng,
    words: Vec<String>,
    /// Sums of the weights up to each word.
    weights: Vec<f64>,
}

impl Made {
    fn new() -> Self {
        let mut random = StdRng::seed_from_u64(SEED);
        let words = (0..WORDS).map(|number| word(&mut random, number)).collect();
        let mut sum = 0.0;
        let weights = (0..WORDS)
            .map(|rank| {
                sum += 1.0 / (rank as f64 + 50.0);
                sum
            })
            .collect();
        Self { random, words, weights }
    }

    fn words(&mut self, count: usize) -> String {
        let mut chosen = Vec::with_capacity(count);
        for _ in 0..count {
            let at = self.random.random_range(0.0..self.weights[WORDS - 1]);
            chosen.push(self.words[self.weights.partition_point(|sum| *sum < at)].as_str());
        }
        chosen.join(" ")
    }

    fn page(&mut self, number: usize) -> Document {
        let mut body = String::new();
        for heading in ["Symptoms", "Causes", "Fix"] {
            body.push_str("## ");
            body.push_str(heading);
            body.push_str("\n\n");
            for _ in 0..4 {
                let length = self.random.random_range(6..16);
                body.push_str(&self.words(length));
                body.push_str(". ");
            }
            body.push_str("\n\n");
        }
        Document {
            id: format!("page/{number}"),
            source: "bench".to_owned(),
            title: self.words(4),
            tags: Vec::new(),
            categories: Vec::new(),
            owner: None,
            url: None,
            updated: None,
            body,
        }
    }

    fn question(&mut self) -> String {
        let length = self.random.random_range(3..=6);
        self.words(length)
    }
}

/// Syllables; the number makes each word one of its own.
fn word(random: &mut StdRng, number: usize) -> String {
    const SYLLABLES: [&str; 20] = [
        "ba", "ke", "lo", "mi", "nu", "ra", "se", "ti", "vo", "zu", "dar", "pel", "gon", "fis", "tur", "jal",
        "wem", "hok", "ciq", "lyx",
    ];
    let mut word = String::new();
    let mut left = number;
    for _ in 0..4 {
        word.push_str(SYLLABLES[left % SYLLABLES.len()]);
        left /= SYLLABLES.len();
    }
    for _ in 0..random.random_range(0..2) {
        word.push_str("na");
    }
    word
}

/// CPU time of all threads of this process so far, as Linux counts it, in nanoseconds.
fn cpu() -> Duration {
    // The count of a thread is brought up to date when it gives way.
    std::thread::yield_now();
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let nanos = threads.map(|thread| {
        let counted = std::fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap_or_default();
        counted.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
    });
    Duration::from_nanos(nanos.sum())
}

fn bytes_of(path: &Path) -> u64 {
    if path.is_file() {
        return path.metadata().unwrap().len();
    }
    std::fs::read_dir(path).unwrap().map(|entry| bytes_of(&entry.unwrap().path())).sum()
}

#[expect(clippy::print_stdout, reason = "the figures are what a benchmark is for")]
fn report(line: &str) {
    println!("{line}");
}
