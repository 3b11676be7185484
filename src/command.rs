//! Runs shell commands, Python's `subprocess.Popen(command, shell=True, stdout=PIPE, stderr=PIPE)`.
//!
//! stdin is empty; stdout and stderr are read at the same time, so that neither pipe can block the command; every child
//! is waited for. When the client that asked has left, the command and all that it started are killed.

use crate::connection::Connection;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::str;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Bytes of a command that has no header: what the tutorial's servers receive at once.
pub const MAX_COMMAND: usize = 1024;
/// What answers a longer one. Its beginning alone may be another command (`rm -r /tmp/x` of `rm -r /tmp/xylophone`).
pub const TOO_LONG: &str = "refused: longer than 1024 bytes, so nothing of it was run\n";
/// The return code of a command that could not be started, as shells have it.
pub const CANNOT_RUN: i32 = 126;
/// Bytes of output that are held when all of it must be known before any is sent: 64 MiB, more than a person reads,
/// little enough for several clients at once.
pub const MAX_OUTPUT: usize = 64 * 1024 * 1024;
/// How often the client of a running command is looked at; killing within a second leaves room for a busy machine.
const WATCH_INTERVAL: Duration = Duration::from_millis(250);
/// How long a killed command may take to let go of its pipes.
const KILL_GRACE: Duration = Duration::from_secs(1);
/// Bytes read from a pipe at once.
const BLOCK_SIZE: usize = 8 * 1024;

/// The process group of a command: its shell and what that started, but for what has made itself a daemon.
#[derive(Clone, Copy, Debug)]
pub struct Group(u32);

impl Group {
    /// Kills every process of the group at once (`SIGKILL`; on Windows the tree of processes).
    ///
    /// # Errors
    /// When the program that sends the signal cannot be started.
    pub fn kill(self) -> io::Result<()> {
        // `Child::kill` would reach the shell alone. Its own `kill` is used as /bin/kill is not installed everywhere.
        #[cfg(unix)]
        let mut kill = shell(&format!("kill -s KILL -- -{} 2>/dev/null", self.0));
        #[cfg(not(unix))]
        let mut kill = shell(&format!("taskkill /T /F /PID {} >NUL 2>&1", self.0));
        kill.status().map(drop)
    }
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    use std::os::unix::process::CommandExt;
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).process_group(0);
    shell
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    use std::os::windows::process::CommandExt;
    let mut shell = Command::new("cmd");
    shell.arg("/C").raw_arg(command);
    shell
}

/// Runs `command` to its end and returns its status and what `stdout` and `stderr` made of its two pipes. Each has a
/// thread of its own, and the [`Group`] to kill when the command must not go on.
///
/// `Ok(None)`: `client` left meanwhile and the command was killed. Without a `client` nobody is watched.
///
/// # Errors
/// When the command cannot be started: not UTF-8, a NUL byte, no shell, no more processes, threads or descriptors.
pub fn run<T: Send + 'static>(
    command: &[u8],
    mut client: Option<&mut Connection>,
    stdout: impl FnOnce(ChildStdout, Group) -> T + Send + 'static,
    stderr: impl FnOnce(ChildStderr, Group) -> T + Send + 'static,
) -> io::Result<Option<(ExitStatus, T, T)>> {
    let command = str::from_utf8(command).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    // The thread comes first: one that cannot be started would take the child with it, and nobody would wait for that.
    let (child_sender, child_receiver) = mpsc::channel();
    let (result_sender, result_receiver) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        if let Ok(child) = child_receiver.recv() {
            let _ = result_sender.send(follow(child, stdout, stderr));
        }
    })?;
    let child = shell(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let group = Group(child.id());
    let _ = child_sender.send(child);
    let mut guard = None;
    loop {
        match result_receiver.recv_timeout(WATCH_INTERVAL) {
            Ok(result) => return result.map(Some),
            Err(RecvTimeoutError::Disconnected) => return Err(io::Error::other("the thread that ran it panicked")),
            Err(RecvTimeoutError::Timeout) => {}
        }
        guard.get_or_insert_with(|| Guard::start(group));
        let Some(client) = client.as_deref_mut() else { continue };
        if client.has_left() && group.kill().is_ok() {
            let _ = client.stream().shutdown(Shutdown::Both); // ends a write that waits for the client
            // A daemon outside the group may hold the pipes for ever; its threads wait for it, this one does not.
            let _ = result_receiver.recv_timeout(KILL_GRACE);
            return Ok(None);
        }
    }
}

/// Kills a command when this process ends first, as by Ctrl-C: a shell that waits for a line. The line comes when the
/// command has ended; without it, its input just ends. A short command is not worth it, see [`WATCH_INTERVAL`].
struct Guard(Child);

impl Guard {
    #[cfg(unix)]
    fn start(group: Group) -> io::Result<Guard> {
        let mut guard = shell(&format!("read -r ended || kill -s KILL -- -{}", group.0));
        guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(Guard)
    }

    /// Windows sends Ctrl-C to the commands too.
    #[cfg(not(unix))]
    fn start(_group: Group) -> io::Result<Guard> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(mut stdin) = self.0.stdin.take() {
            let _ = stdin.write_all(b"ended\n");
        }
        let _ = self.0.wait();
    }
}

/// Reads both pipes to their ends, then waits for the child.
fn follow<T: Send>(
    mut child: Child,
    stdout: impl FnOnce(ChildStdout, Group) -> T,
    stderr: impl FnOnce(ChildStderr, Group) -> T + Send,
) -> io::Result<(ExitStatus, T, T)> {
    let group = Group(child.id());
    let outputs = match (child.stdout.take(), child.stderr.take()) {
        (Some(stdout_pipe), Some(stderr_pipe)) => thread::scope(|scope| {
            let stderr = thread::Builder::new().spawn_scoped(scope, move || stderr(stderr_pipe, group))?;
            let stdout = stdout(stdout_pipe, group);
            let stderr = stderr.join().map_err(|_| io::Error::other("the thread that read stderr panicked"))?;
            Ok((stdout, stderr))
        }),
        _ => Err(io::Error::other("the command has no pipes")),
    };
    if outputs.is_err() && group.kill().is_err() {
        child.kill()?;
    }
    let status = child.wait()?;
    outputs.map(|(stdout, stderr)| (status, stdout, stderr))
}

/// Runs `command` and returns its stdout followed by its stderr, at most [`MAX_OUTPUT`] bytes: a command that prints more
/// is killed, and a line at the end says so. One that cannot be started is answered with the reason.
///
/// `None`: `client` left meanwhile and the command was killed. Without a `client` nobody is watched.
pub fn output(command: &[u8], client: Option<&mut Connection>) -> Option<Vec<u8>> {
    let held = Arc::new(AtomicUsize::new(0));
    let held_too = Arc::clone(&held);
    let result = run(
        command,
        client,
        move |pipe, group| read_limited(pipe, group, &held),
        move |pipe, group| read_limited(pipe, group, &held_too),
    );
    match result {
        Ok(Some((_, (mut output, cut), (stderr, stderr_cut)))) => {
            output.extend(stderr);
            if cut || stderr_cut {
                output.extend(format!("\n[killed: it printed more than {MAX_OUTPUT} bytes]\n").as_bytes());
            }
            Some(output)
        }
        Ok(None) => None,
        Err(error) => Some(cannot_run(&error).into_bytes()),
    }
}

/// The status of `status` in Python's convention: −N if signal N ended the command.
pub fn return_code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        status.code().or(status.signal().map(|signal| -signal)).unwrap_or(-1)
    }
    #[cfg(not(unix))]
    status.code().unwrap_or(-1)
}

/// The line that answers a command that could not be started.
pub fn cannot_run(error: &io::Error) -> String {
    format!("cannot run this command: {error}\n")
}

/// Reads `pipe` to its end, or until `held`, which all pipes of a command share, exceeds [`MAX_OUTPUT`]: then kills the
/// command and returns what there was room for, and `true`.
fn read_limited(mut pipe: impl Read, group: Group, held: &AtomicUsize) -> (Vec<u8>, bool) {
    let mut output = Vec::new();
    let mut block = [0; BLOCK_SIZE];
    loop {
        let received = match pipe.read(&mut block) {
            Ok(received) => received,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => 0,
        };
        if received == 0 {
            return (output, false);
        }
        let room = MAX_OUTPUT.saturating_sub(held.fetch_add(received, Ordering::Relaxed));
        output.extend(&block[..received.min(room)]);
        if received > room {
            let _ = group.kill(); // otherwise closing its pipe ends it, at the next thing it prints
            return (output, true);
        }
    }
}
