//! Runs shell commands, Python's `subprocess.Popen(command, shell=True, stdout=PIPE, stderr=PIPE)`.
//!
//! stdin is empty; stdout and stderr are read at the same time, so that neither pipe can block the command; every child
//! is waited for. When the client that asked has left, the command and all that it started are killed.

use crate::connection::Connection;
use crate::running::{Pipe, Running, State, lock};
use std::io;
use std::mem;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::str;
use std::sync::{Arc, Mutex};

/// Bytes of a command that has no header: what the tutorial's servers receive at once.
pub const MAX_COMMAND: usize = 1024;
/// What answers a longer one. Its beginning alone may be another command (`rm -r /tmp/x` of `rm -r /tmp/xylophone`).
pub const TOO_LONG: &str = "refused: longer than 1024 bytes, so nothing of it was run\n";
/// The return code of a command that could not be started, as shells have it.
pub const CANNOT_RUN: i32 = 126;
/// Bytes of output that are held when all of it must be known before any is sent: 64 MiB, more than a person reads,
/// little enough for several clients at once.
pub const MAX_OUTPUT: usize = 64 * 1024 * 1024;
/// What ends the output of a command that was stopped by the system for using the terminal that the server runs in.
const WANTED_TERMINAL: &[u8] = b"[killed: it asked at the terminal of the server, where nobody would answer]\n";

/// Runs `command` to its end, hands `output` all that it prints, piece by piece as it comes, and returns its return
/// code as Python has it: −N if signal N ended it. `client` is the one who waits for that, if somebody should watch it.
///
/// One that cannot be started (not UTF-8, a NUL byte, no shell, nothing left to run it with) prints the reason on
/// stderr and returns [`CANNOT_RUN`].
///
/// # Errors
/// `ConnectionAborted` when `client` left meanwhile.
pub fn run(
    command: &[u8],
    client: Option<&Arc<Connection>>,
    mut output: impl FnMut(Pipe, &[u8]) -> io::Result<()> + Send + 'static,
) -> io::Result<i32> {
    let mut child = match start(command) {
        Ok(child) => child,
        Err(error) => {
            output(Pipe::Stderr, format!("cannot run this command: {error}\n").as_bytes())?;
            return Ok(CANNOT_RUN);
        }
    };
    let running = Running::start(&mut child, client, Box::new(output));

    if let Some(stdout) = child.stdout.take() {
        running.read(Pipe::Stdout, stdout);
    }
    running.read_stderr();
    let result = child.wait(); // not before both pipes end: until then its number must not go to another process
    let state = running.end();
    let left = |what| Err(io::Error::new(io::ErrorKind::ConnectionAborted, what));
    if state == State::ClientLeft {
        return left("it left, its command was killed");
    }
    if state == State::OutOfReach {
        return left("it left, and of its command not all could be killed");
    }
    if state == State::WantedTerminal {
        let _ = running.print(Pipe::Stderr, WANTED_TERMINAL);
    }
    // Only where whoever started this server ignores SIGCHLD is there no status (wait(2)). Python says 0 then, too.
    Ok(result.map_or(0, return_code))
}

/// Runs `command` and returns its stdout followed by its stderr, at most [`MAX_OUTPUT`] bytes: a command that prints
/// more is killed, and a line at the end says so.
///
/// # Errors
/// `ConnectionAborted` when `client` left meanwhile.
pub fn output(command: &[u8], client: Option<&Arc<Connection>>) -> io::Result<Vec<u8>> {
    #[derive(Default)]
    struct Held {
        stdout: Vec<u8>,
        stderr: Vec<u8>,
        is_cut: bool,
    }
    let held = Arc::new(Mutex::new(Held::default()));
    let holder = Arc::clone(&held);
    run(command, client, move |pipe, block| {
        let mut held = lock(&holder);
        let room = MAX_OUTPUT - held.stdout.len() - held.stderr.len();
        let kept = &block[..block.len().min(room)];
        match pipe {
            Pipe::Stdout => held.stdout.extend(kept),
            Pipe::Stderr => held.stderr.extend(kept),
        }
        held.is_cut |= block.len() > room;
        if held.is_cut { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    })?;
    let Held { stdout: mut output, stderr, is_cut } = mem::take(&mut *lock(&held));
    output.extend(stderr);
    if is_cut {
        output.extend(format!("\n[killed: it printed more than {} MiB]\n", MAX_OUTPUT >> 20).as_bytes());
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
    let mut shell = Command::new("/bin/sh"); // as Python does; a bare name is tried in every directory of PATH
    // Where nobody sees that a command was stopped for reading the terminal, it gets an error (EIO) instead.
    let ignore = if cfg!(target_os = "linux") { "" } else { "trap '' TTIN TTOU; " };
    shell.args(["-c", "--"]).arg(format!("{ignore}{command}")).process_group(0);
    shell
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    use std::os::windows::process::CommandExt;
    let mut shell = Command::new("cmd");
    shell.raw_arg(format!("/S /C \"{command}\"")); // /S: the outermost quotes are these, whatever the command has
    shell
}

/// Python's convention: −N if signal N ended it.
#[cfg(unix)]
fn return_code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or(status.signal().map(|signal| -signal)).unwrap_or(-1)
}

/// Windows has no signals, and codes of 32 bits: one that would look like a signal is a failure.
#[cfg(windows)]
fn return_code(status: ExitStatus) -> i32 {
    status.code().filter(|code| *code >= 0).unwrap_or(255)
}
