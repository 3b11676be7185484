//! Runs shell commands, Python's `subprocess.Popen(command, shell=True, stdout=PIPE, stderr=PIPE)`.
//!
//! stdin is empty; stdout and stderr are read at the same time, so that neither pipe can block the command; every child
//! is waited for. When the client that asked has left, the command and all that it started are killed.

use crate::connection::Connection;
use crate::timer;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::str;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
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
    let mut shell = Command::new("/bin/sh"); // as Python does; a bare name is tried in every directory of PATH
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

/// Runs `command` to its end and returns its status and what `stdout` and `stderr` made of its two pipes, with the
/// [`Group`] to kill when the command must not go on.
///
/// A short command costs no thread: its pipes are read one after the other. One that still runs after
/// [`timer::DELAY`] gets a thread for stderr, as a full pipe would stop it, and one that looks after it.
///
/// `Ok(None)`: `client` left meanwhile and the command was killed. Without a `client` nobody is watched.
///
/// # Errors
/// When the command cannot be started: not UTF-8, a NUL byte, no shell, no more processes, threads or descriptors.
pub fn run<T: Send + 'static>(
    command: &[u8],
    client: Option<&Connection>,
    stdout: impl FnOnce(ChildStdout, Group) -> T,
    stderr: impl FnOnce(ChildStderr, Group) -> T + Send + 'static,
) -> io::Result<Option<(ExitStatus, T, T)>> {
    let command = str::from_utf8(command).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    timer::start()?; // before there is a command that somebody must look after
    let mut child = shell(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let group = Group(child.id());
    let (stdout_pipe, stderr_pipe) = (child.stdout.take(), child.stderr.take());

    let (stderr_sender, stderr_receiver) = mpsc::channel();
    let read_stderr: Task = Arc::new(Mutex::new(Some(Box::new(move || {
        let _ = stderr_pipe.map(|pipe| stderr_sender.send(stderr(pipe, group)));
    }))));
    let watcher = Watcher::start(group, client.cloned(), Arc::clone(&read_stderr));

    let stdout = stdout_pipe.map(|pipe| stdout(pipe, group));
    do_once(&read_stderr);
    let stderr = stderr_receiver.recv();
    let status = child.wait()?; // not before both pipes end: until then its number must not go to another process
    let has_left = watcher.finish()?;
    match (stdout, stderr) {
        _ if has_left => Ok(None),
        (Some(stdout), Ok(stderr)) => Ok(Some((status, stdout, stderr))),
        _ => Err(io::Error::other("a thread that read its output panicked")),
    }
}

/// Something to do once: whoever comes first does it.
type Task = Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>>;

fn do_once(task: &Task) {
    let task = task.lock().unwrap_or_else(PoisonError::into_inner).take();
    task.into_iter().for_each(|task| task());
}

/// Looks after a command once it has run for [`timer::DELAY`], in a thread of its own.
struct Watcher {
    later: timer::Later,
    ended: mpsc::Sender<()>,
    thread: Receiver<JoinHandle<bool>>,
}

impl Watcher {
    fn start(group: Group, client: Option<Connection>, read_stderr: Task) -> Watcher {
        let (ended, end) = mpsc::channel();
        let end = Arc::new(Mutex::new(end));
        let (thread_sender, thread) = mpsc::channel();
        let later = timer::later(move || {
            let (client, read_stderr, end) = (client.clone(), Arc::clone(&read_stderr), Arc::clone(&end));
            let watch = move || watch(group, client, &read_stderr, &end.lock().unwrap_or_else(PoisonError::into_inner));
            // Without a thread now there may be one soon: killing would take a process, which is as scarce then.
            thread::Builder::new().spawn(watch).map(|thread| drop(thread_sender.send(thread))).is_ok()
        });
        Watcher { later, ended, thread }
    }

    /// After the command has ended: whether that is because its client left.
    fn finish(self) -> io::Result<bool> {
        drop((self.later, self.ended));
        let Ok(thread) = self.thread.recv() else { return Ok(false) };
        thread.join().map_err(|_| io::Error::other("the thread that looked after it panicked"))
    }
}

/// Reads stderr and looks after the client until `end`; `true` if the client left and the command was killed.
fn watch(group: Group, client: Option<Connection>, read_stderr: &Task, end: &Receiver<()>) -> bool {
    let start_reader = || {
        let stderr = Arc::clone(read_stderr);
        thread::Builder::new().spawn(move || do_once(&stderr)).ok()
    };
    let mut reader = start_reader();
    let mut guard = None;
    while end.recv_timeout(WATCH_INTERVAL) == Err(RecvTimeoutError::Timeout) {
        reader = reader.or_else(start_reader);
        guard = guard.or_else(|| Guard::start(group).ok());
        if client.as_ref().is_some_and(Connection::has_left)
            && (guard.take().is_some_and(Guard::kill) || group.kill().is_ok())
        {
            let _ = client.map(|client| client.stream().shutdown(Shutdown::Both)); // ends a write that waits for it
            return true;
        }
    }
    false
}

/// Kills a command when this process ends first, as by Ctrl-C: a shell that waits for a line. The line comes when the
/// command has ended; without it, its input just ends.
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

    /// Has it kill the command now, which takes no further process; `false` if it could not.
    fn kill(mut self) -> bool {
        drop(self.0.stdin.take());
        self.0.wait().is_ok_and(|status| status.success())
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

/// Runs `command` and returns its stdout followed by its stderr, at most [`MAX_OUTPUT`] bytes: a command that prints more
/// is killed, and a line at the end says so. One that cannot be started is answered with the reason.
///
/// `None`: `client` left meanwhile and the command was killed. Without a `client` nobody is watched.
pub fn output(command: &[u8], client: Option<&Connection>) -> Option<Vec<u8>> {
    let held = Arc::new(AtomicUsize::new(0));
    let held_too = Arc::clone(&held);
    let result = run(
        command,
        client,
        |pipe, group| read_limited(pipe, group, &held),
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
