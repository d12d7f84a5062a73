//! A real `PostgreSQL` server for tests: one for each test process, started when first asked for, with a database for each
//! test. It listens on a free loopback port only and keeps its files in a temporary folder.
//!
//! The server ends with the test process, however that ends: a watchdog shell holds the reading end of a pipe whose other
//! end only we have, and stops the server and removes its files when the pipe closes. (A parent-death signal would not
//! do: it is sent when the *thread* that started the server ends, and each test has a thread of its own.)

use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};

/// Where Debian's packages put the server's programs, a folder for each major version.
const INSTALLED: &str = "/usr/lib/postgresql";

/// How long the server may take to start on a busy machine.
const START: Duration = Duration::from_mins(1);

/// What the watchdog does. It ignores the signals that a terminal sends to the whole group, so that it can clean up.
const WATCHDOG: &str = r#"
trap '' INT TERM HUP
folder=$1; shift
"$@" >>"$folder/log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT "$server"
wait "$server"
rm -rf "$folder"
"#;

/// A running server.
#[derive(Debug)]
pub struct Postgres {
    port: u16,
    programs: PathBuf,
    /// Dropped never, closed by the end of the process: then the watchdog stops the server.
    _watchdog: Child,
}

/// The server of this test process.
///
/// # Errors
///
/// When the server is not installed or does not start; the message says what to install. Tests fail on it: a storage test
/// that skips one of two databases proves nothing about it.
pub fn server() -> Result<&'static Postgres> {
    static SERVER: OnceLock<std::result::Result<Postgres, String>> = OnceLock::new();
    SERVER
        .get_or_init(|| Postgres::start().map_err(|error| format!("{error:#}")))
        .as_ref()
        .map_err(|error| anyhow!("no PostgreSQL for tests: {error}"))
}

/// The address of a new, empty database.
///
/// # Errors
///
/// As [`server`], and when the database cannot be created.
pub fn new_database() -> Result<String> {
    server()?.new_database()
}

impl Postgres {
    fn start() -> Result<Self> {
        let programs = newest_programs()?;
        // Between choosing a free port and using it, somebody else may take it.
        let mut outcome = Self::start_on(free_port()?, &programs);
        for _ in 0..2 {
            if outcome.is_err() {
                outcome = Self::start_on(free_port()?, &programs);
            }
        }
        outcome
    }

    fn start_on(port: u16, programs: &Path) -> Result<Self> {
        let folder = temporary_folder()?;
        let data = folder.join("data");
        let mut initdb = unprivileged(&folder, &programs.join("initdb"))?;
        initdb.args([
            "--username=whyred",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--pgdata",
        ]);
        run(initdb.arg(&data)).context("initdb failed")?;
        let mut server = unprivileged(&folder, &programs.join("postgres"))?;
        server.arg("-D").arg(&data).arg("-k").arg(&folder);
        server.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        // Tests may lose everything in a power cut.
        for setting in [
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "shared_buffers=32MB",
            "max_connections=300",
        ] {
            server.args(["-c", setting]);
        }
        let watchdog = watched(&folder, &server)?;
        wait_until_ready(&folder)?;
        Ok(Self { port, programs: programs.to_owned(), _watchdog: watchdog })
    }

    /// The address of a new, empty database on this server.
    ///
    /// # Errors
    ///
    /// When the database cannot be created.
    pub fn new_database(&self) -> Result<String> {
        let name = format!("t{}", uuid::Uuid::new_v4().simple());
        run(self.client("createdb").arg(&name)).context("createdb failed")?;
        Ok(format!("postgres://whyred@127.0.0.1:{}/{name}", self.port))
    }

    /// A client program, told where the server is.
    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .args(["-h", "127.0.0.1", "-U", "whyred", "-p"])
            .arg(self.port.to_string())
            .stdin(Stdio::null());
        command
    }
}

/// Waits until the server in `folder`, and not another one on the same port, says that it is ready.
fn wait_until_ready(folder: &Path) -> Result<()> {
    let deadline = Instant::now() + START;
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    while Instant::now() < deadline && !read("log").contains("database system is shut down") {
        // Line 8 of this file is the server's own word on its state.
        if read("data/postmaster.pid").lines().nth(7).is_some_and(|state| state.trim() == "ready") {
            return Ok(());
        }
        sleep(Duration::from_millis(20));
    }
    bail!("the server did not get ready within {} s; its log:\n{}", START.as_secs(), read("log"))
}

/// The programs of the newest version that is installed.
fn newest_programs() -> Result<PathBuf> {
    let versions = std::fs::read_dir(INSTALLED).into_iter().flatten().flatten();
    versions
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok().map(|version| (version, entry.path())))
        .filter(|(_, folder)| folder.join("bin/postgres").exists())
        .max()
        .map(|(_, folder)| folder.join("bin"))
        .with_context(|| {
            format!("there is no server under {INSTALLED}: install it with `apt-get install postgresql` and try again")
        })
}

/// A folder that the server's user may use; the watchdog removes it.
fn temporary_folder() -> Result<PathBuf> {
    let folder = tempfile::Builder::new().prefix("whyred-postgres-").tempdir()?.keep();
    if is_root()? {
        run(Command::new("chown").arg("postgres").arg(&folder))
            .context("cannot give the folder to `postgres`")?;
    }
    Ok(folder)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A program of the server. It refuses to run as root, so root runs it as Debian's user `postgres`.
fn unprivileged(folder: &Path, program: &Path) -> Result<Command> {
    let mut command = if is_root()? {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    // The current folder may be one that the server's user cannot enter.
    command.current_dir(folder).stdin(Stdio::null());
    Ok(command)
}

/// Whether we are root: the owner of our own entry in `/proc` tells.
fn is_root() -> Result<bool> {
    Ok(std::fs::metadata("/proc/self").context("cannot read /proc/self")?.uid() == 0)
}

/// Starts a program under the watchdog, in a process group of its own.
fn watched(folder: &Path, program: &Command) -> Result<Child> {
    Command::new("sh")
        .args(["-c", WATCHDOG, "watchdog"])
        .arg(folder)
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("cannot start the server")
}

/// Runs a program to its end; its words are in the error.
fn run(command: &mut Command) -> Result<()> {
    let output =
        command.output().with_context(|| format!("cannot run {}", command.get_program().display()))?;
    ensure!(
        output.status.success(),
        "{}: {}",
        command.get_program().display(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
