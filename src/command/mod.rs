//! Runs shell commands: Python's `subprocess.run(command, shell=True, stdin=DEVNULL, capture_output=True)`.
//!
//! stdin is empty; stdout and stderr are read at the same time, so that neither pipe can block the command; every child
//! is waited for. When its client has left or the server ends, the guard kills the process group of a command.

mod guard;
mod job;
mod process;
mod supervisor;

pub use job::Job;
pub use process::Pipe;
pub use supervisor::start_supervisor;

use crate::lock::lock;
use process::{Killed, Process};
use std::io;
use std::mem;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::str;
use std::sync::{Arc, Mutex};

/// Bytes of a command that has no header: what the tutorial's servers receive at once.
pub const MAX_COMMAND: usize = 1024;
/// The answer to a longer command. Its beginning alone may be another command (`rm -r /tmp/x` of `rm -r
/// /tmp/xylophone`).
pub const TOO_LONG: &str = "refused: longer than 1024 bytes, so nothing of it was run\n";
/// The return code of a command that could not be started, as shells have it.
pub const CANNOT_RUN: i32 = 126;
/// Bytes of output that are held when all of it must be known before any is sent: 64 MiB, more than a person reads,
/// little enough for several clients at once.
pub const MAX_OUTPUT: usize = 64 * 1024 * 1024;
/// The end of the output of a command that the system has stopped as it used the terminal of the server.
const ASKED_AT_TERMINAL: &[u8] = b"[killed: it asked at the terminal of the server, where nobody would answer]\n";

/// Why a connection ends while a command runs. Whether all that it started has died cannot be known.
const CLIENT_LEFT: &str = if cfg!(windows) {
    "it left, and taskkill was told to end its command"
} else {
    "it left, and its command was sent SIGKILL"
};

/// Runs `command` for the client of `job`. Hands `on_output` all that it prints, piece by piece as it comes. Returns
/// its return code as Python has it: −N if signal N ended it.
///
/// A command of white space alone prints nothing. One that cannot be started (not UTF-8, a NUL byte, no shell, nothing
/// left to run it with) prints the reason on stderr and returns [`CANNOT_RUN`]. If `on_output` fails, the command is
/// killed.
///
/// # Errors
/// `ConnectionAborted` when the client has left; the error of `on_output` when a command cannot be started and
/// `on_output` fails on the reason.
pub fn run(
    command: &[u8],
    job: &Job,
    mut on_output: impl FnMut(Pipe, &[u8]) -> io::Result<()> + Send + 'static,
) -> io::Result<i32> {
    if job.client_has_left() {
        return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "it left before its next command"));
    }
    if command.trim_ascii().is_empty() {
        return Ok(0);
    }
    let mut child = match start(command) {
        Ok(child) => child,
        Err(error) => {
            on_output(Pipe::Stderr, format!("cannot run this command: {error}\n").as_bytes())?;
            return Ok(CANNOT_RUN);
        }
    };
    let process = Process::new(&mut child, Box::new(on_output));
    job.begin(&process);
    supervisor::announce(&process);
    if let Some(stdout) = child.stdout.take() {
        process.relay(Pipe::Stdout, stdout);
    }
    process.relay_stderr();
    // `wait` frees the number of the process, which another one gets some day, and a kill must not hit that. So `wait`
    // comes when both pipes have ended.
    let status = child.wait();
    job.end();
    match process.end() {
        Some(Killed::ClientLeft) => return Err(io::Error::new(io::ErrorKind::ConnectionAborted, CLIENT_LEFT)),
        Some(Killed::AskedAtTerminal) => drop(process.print(Pipe::Stderr, ASKED_AT_TERMINAL)),
        Some(Killed::NotTaken) | None => {}
    }
    // If the program that started this server ignores SIGCHLD, there is no status (wait(2)). Python says 0 then.
    Ok(status.map_or(0, return_code))
}

/// What a command has printed.
#[derive(Debug, Default)]
pub struct Output {
    /// To its standard output.
    pub stdout: Vec<u8>,
    /// To its standard error, and behind that why it was killed.
    pub stderr: Vec<u8>,
}

impl Output {
    /// Bytes of both together.
    pub fn size(&self) -> usize {
        self.stdout.len() + self.stderr.len()
    }
}

/// Runs `command` like [`run`] and returns all that it has printed, at most [`MAX_OUTPUT`] bytes: a command that prints
/// more is killed, and a line at the end says so.
///
/// # Errors
/// `ConnectionAborted` when the client has left.
pub fn output(command: &[u8], job: &Job) -> io::Result<Output> {
    #[derive(Default)]
    struct Held {
        output: Output,
        is_cut: bool,
    }
    let held = Arc::new(Mutex::new(Held::default()));
    let holder = Arc::clone(&held);
    run(command, job, move |pipe, block| {
        let mut held = lock(&holder);
        let room = MAX_OUTPUT.saturating_sub(held.output.size());
        let kept = block.len().min(room);
        match pipe {
            Pipe::Stdout => held.output.stdout.extend(&block[..kept]),
            Pipe::Stderr => held.output.stderr.extend(&block[..kept]),
        }
        if kept < block.len() {
            held.is_cut = true;
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    })?;
    let Held { mut output, is_cut } = mem::take(&mut *lock(&held));
    if is_cut {
        output.stderr.extend(format!("\n[killed: it printed more than {} MiB]\n", MAX_OUTPUT >> 20).as_bytes());
    }
    Ok(output)
}

fn start(command: &[u8]) -> io::Result<Child> {
    /// One after the other: each takes several descriptors more for a moment than it keeps.
    static STARTING: Mutex<()> = Mutex::new(());

    let command = str::from_utf8(command).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let _starting = lock(&STARTING);
    shell(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    use std::os::unix::process::CommandExt;

    // The system stops a background process that reads the terminal of the server. On Linux the supervisor sees that;
    // elsewhere commands ignore SIGTTIN and SIGTTOU, and the reading fails.
    let ignore = if cfg!(target_os = "linux") { "" } else { "trap '' TTIN TTOU; " };
    let mut shell = Command::new("/bin/sh"); // as Python does; a bare name is tried in every directory of PATH
    shell.args(["-c", "--"]).arg(format!("{ignore}{command}")).process_group(0);
    shell
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    use std::env;
    use std::os::windows::process::CommandExt;

    let program = env::var_os("ComSpec").unwrap_or_else(|| r"C:\Windows\System32\cmd.exe".into()); // as Python does
    let mut shell = Command::new(program);
    shell.raw_arg(format!("/S /C \"{command}\"")); // /S: the outermost quotes are these, whatever the command has
    shell
}

/// Python's convention: −N if signal N ended it.
#[cfg(unix)]
fn return_code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or(status.signal().map(|signal| -signal)).unwrap_or(-1)
}

/// Windows has no signals, and codes of 32 bits: one that would look like a signal is a failure. (The Python sends no
/// code above 255.)
#[cfg(windows)]
fn return_code(status: ExitStatus) -> i32 {
    status.code().filter(|code| *code >= 0).unwrap_or(255)
}
