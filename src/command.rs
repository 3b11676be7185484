//! Runs shell commands, Python's `subprocess.Popen(command, shell=True, stdout=PIPE, stderr=PIPE)`.
//!
//! stdin is empty; stdout and stderr are read at the same time, so that neither pipe can block the command; every child
//! is waited for. When the client that asked has left, the command and all that it started are killed.
//!
//! A short command costs no thread: its pipes are read one after the other. One that still runs after [`DELAY`] gets a
//! thread that looks after it and one that reads stderr, as a full pipe would stop it.

use crate::connection::{Connection, uninterrupted};
use crate::guard::Group;
#[cfg(target_os = "linux")]
use std::fs;
use std::io::{self, Read};
use std::iter;
use std::mem;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::str;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
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
/// What ends the output of a command that was stopped by the system for using the terminal that the server runs in.
const WANTED_TERMINAL: &[u8] = b"[killed: it asked at the terminal of the server, where nobody would answer]\n";
/// How long a command runs, at least, before somebody looks after it: most are over by then.
const DELAY: Duration = Duration::from_millis(10);
/// How often a running command is looked at. Killing it within a second leaves room for a busy machine.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);
/// How long its client is looked at by a thread that has others to look at.
const GLANCE: Duration = Duration::from_millis(1);
/// Bytes read from a pipe at once: what a pipe holds on Linux, and what a message of the header format may.
const BLOCK_SIZE: usize = 64 * 1024;

/// Where a piece of output comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipe {
    /// The command's standard output.
    Stdout,
    /// The command's standard error.
    Stderr,
}

/// Takes a piece of output. An error means that there is no use in running any further.
type Output = Box<dyn FnMut(Pipe, &[u8]) -> io::Result<()> + Send>;

/// Runs `command` to its end, hands `output` all that it prints, piece by piece as it comes, and returns its return code
/// as Python has it: −N if signal N ended it. `client` is the one who waits for that, if somebody should watch it.
///
/// One that cannot be started (not UTF-8, a NUL byte, no shell, nothing left to run it with) prints the reason on stderr
/// and returns [`CANNOT_RUN`].
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
    let running = Arc::new(Running {
        group: Group(child.id()),
        client: client.cloned(),
        stderr: Mutex::new(child.stderr.take()),
        output: Mutex::new(Box::new(output)),
        state: Mutex::new(State::Young),
    });
    look_out_for(&running);

    if let Some(stdout) = child.stdout.take() {
        running.read(Pipe::Stdout, stdout);
    }
    running.read_stderr();
    let result = child.wait(); // not before both pipes end: until then its number must not go to another process
    match running.end() {
        State::ClientLeft => {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "it left, its command was killed"));
        }
        State::WantedTerminal => lock(&running.output)(Pipe::Stderr, WANTED_TERMINAL)?,
        _ => {}
    }
    // Only where whoever started this server ignores SIGCHLD is there no status (wait(2)). Python says 0 then, too.
    Ok(result.map_or(0, return_code))
}

/// Runs `command` and returns its stdout followed by its stderr, at most [`MAX_OUTPUT`] bytes: a command that prints more
/// is killed, and a line at the end says so.
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
    let command = str::from_utf8(command).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    start_lookout()?;
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

/// A command that runs: what its client's thread shares with those that look after it.
struct Running {
    group: Group,
    client: Option<Arc<Connection>>,
    stderr: Mutex<Option<ChildStderr>>,
    output: Mutex<Output>,
    state: Mutex<State>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Nobody looks after it yet.
    Young,
    /// The guard knows it.
    Guarded,
    /// It was killed as its client has left.
    ClientLeft,
    /// It was killed as it was stopped for asking at the terminal of the server.
    WantedTerminal,
    /// It has ended.
    Ended,
}

impl Running {
    /// Hands on what comes from a pipe until its end.
    fn read(&self, pipe: Pipe, mut from: impl Read) {
        let mut block = vec![0; BLOCK_SIZE];
        while let Ok(received @ 1..) = uninterrupted(|| from.read(&mut block)) {
            if lock(&self.output)(pipe, &block[..received]).is_err() {
                let _ = self.group.kill(); // otherwise closing its pipe ends it, at the next thing it prints
                return;
            }
        }
    }

    /// The same for stderr. Whoever comes second waits here until the first has read it.
    fn read_stderr(&self) {
        let mut stderr = lock(&self.stderr);
        if let Some(pipe) = stderr.take() {
            self.read(Pipe::Stderr, pipe);
        }
    }

    /// Gives a command what it needs once it has run for a while: the guard's eye, and a thread that looks after it.
    fn look_after(self: &Arc<Running>) -> io::Result<()> {
        let mut state = lock(&self.state);
        if *state == State::Young {
            self.group.watch_over()?;
            *state = State::Guarded;
        }
        drop(state);
        let running = Arc::clone(self);
        thread::Builder::new().spawn(move || running.watch()).map(drop)
    }

    /// Looks after the command to its end, and has its stderr read meanwhile.
    fn watch(self: Arc<Running>) {
        let mut has_reader = false;
        while self.goes_on() {
            if !has_reader {
                let running = Arc::clone(&self);
                has_reader = thread::Builder::new().spawn(move || running.read_stderr()).is_ok();
            }
            self.look(LOOK_INTERVAL);
        }
    }

    /// Looks at the command and its client for `limit`, and kills it when there is no use in going on.
    fn look(&self, limit: Duration) {
        let has_left = match &self.client {
            Some(client) => client.leaves_within(limit, || !self.goes_on()),
            None => {
                thread::sleep(limit);
                false
            }
        };
        let mut state = lock(&self.state);
        if *state != State::Guarded || !(has_left || self.wants_terminal()) {
            return;
        }
        if self.group.kill().is_err() {
            drop(state);
            return thread::sleep(limit); // and try again
        }
        *state = if has_left { State::ClientLeft } else { State::WantedTerminal };
        if let (true, Some(client)) = (has_left, &self.client) {
            client.close(); // ends a write that waits for it
        }
    }

    fn goes_on(&self) -> bool {
        *lock(&self.state) == State::Guarded
    }

    /// Whether it was stopped, as what reads the terminal of the server or changes its settings is stopped in the
    /// background. The last field is the signal, or 0 where the system does not tell; a plain SIGSTOP is somebody's wish.
    #[cfg(target_os = "linux")]
    fn wants_terminal(&self) -> bool {
        const SIGSTOP: &str = "19";
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.group.0)).unwrap_or_default(); // proc(5)
        let mut fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        fields.next() == Some("T") && fields.last() != Some(SIGSTOP)
    }

    #[cfg(not(target_os = "linux"))]
    fn wants_terminal(&self) -> bool {
        false
    }

    /// Nobody is to look after the command any more; says what had become of it.
    fn end(&self) -> State {
        let was = mem::replace(&mut *lock(&self.state), State::Ended);
        if was != State::Young {
            self.group.release();
        }
        was
    }
}

/// Where new commands are announced to the thread that looks out for those that take longer.
static YOUNG: Mutex<Option<Sender<Weak<Running>>>> = Mutex::new(None);

/// Starts that thread, unless it runs already.
fn start_lookout() -> io::Result<()> {
    let mut young = lock(&YOUNG);
    if young.is_none() {
        let (sender, receiver) = mpsc::channel();
        let again = sender.clone();
        thread::Builder::new().spawn(move || look_out(&receiver, &again))?;
        *young = Some(sender);
    }
    Ok(())
}

fn look_out_for(command: &Arc<Running>) {
    let young = lock(&YOUNG);
    let _ = young.as_ref().map(|young| young.send(Arc::downgrade(command)));
}

fn look_out(young: &Receiver<Weak<Running>>, again: &Sender<Weak<Running>>) {
    for first in young {
        let due: Vec<_> = iter::once(first).chain(young.try_iter()).collect();
        thread::sleep(DELAY);
        for command in due.iter().filter_map(Weak::upgrade) {
            if command.look_after().is_err() {
                command.look(GLANCE); // the command itself may have used up all threads
                let _ = again.send(Arc::downgrade(&command));
            }
        }
    }
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

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
