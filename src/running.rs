//! A command that runs: who reads its pipes, who looks after it, and what puts an early end to it.
//!
//! A short command costs no thread: its client's thread reads one pipe after the other. One that still runs after
//! a few milliseconds gets a thread that looks after it and one that reads stderr, as a full pipe would stop it.

use crate::connection::{Connection, uninterrupted};
use crate::guard::Group;
#[cfg(target_os = "linux")]
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::iter;
use std::mem;
use std::process::{Child, ChildStderr};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread;
use std::time::Duration;

/// How long a command runs, at least, before somebody looks after it: most are over by then.
const DELAY: Duration = Duration::from_millis(2);
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
pub type Output = Box<dyn FnMut(Pipe, &[u8]) -> io::Result<()> + Send>;

/// A command that runs: what its client's thread shares with those that look after it.
pub struct Running {
    group: Group,
    client: Option<Arc<Connection>>,
    stderr: Mutex<Option<ChildStderr>>,
    output: Mutex<Output>,
    state: Mutex<State>,
}

/// What has become of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody looks after it yet.
    Young,
    /// The guard knows it.
    Guarded,
    /// It was killed as its client has left.
    ClientLeft,
    /// Its client has left, and the system could not kill it, or not all that it started. Windows only.
    OutOfReach,
    /// It was killed as it was stopped for asking at the terminal of the server.
    WantedTerminal,
    /// It has ended, or was killed as nobody takes its output.
    Ended,
}

impl Running {
    /// Takes over `child` with its two pipes. `client` is watched, if there is one.
    pub fn start(child: &mut Child, client: Option<&Arc<Connection>>, output: Output) -> Arc<Running> {
        let running = Arc::new(Running {
            group: Group(child.id()),
            client: client.cloned(),
            stderr: Mutex::new(child.stderr.take()),
            output: Mutex::new(output),
            state: Mutex::new(State::Young),
        });
        let _ = YOUNG.get().map(|young| young.send(Arc::downgrade(&running)));
        running
    }

    /// Hands a piece of output on, never two at once.
    ///
    /// # Errors
    /// When there is no use in running any further.
    pub fn print(&self, pipe: Pipe, block: &[u8]) -> io::Result<()> {
        lock(&self.output)(pipe, block)
    }

    /// Hands on what comes from a pipe until its end.
    pub fn read(&self, pipe: Pipe, from: impl Read) {
        let mut reader = BufReader::with_capacity(BLOCK_SIZE, from); // unlike a block of zeroes, not filled in advance
        while let Ok(received @ 1..) = uninterrupted(|| reader.fill_buf().map(<[u8]>::len)) {
            if self.print(pipe, reader.buffer()).is_err() {
                let _ = self.kill(State::Ended); // otherwise closing its pipe ends it, at the next thing it prints
                return;
            }
            reader.consume(received);
        }
    }

    /// The same for stderr. Whoever comes second waits here until the first has read it.
    pub fn read_stderr(&self) {
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
        if !has_left && !self.wants_terminal() {
            return;
        }
        match (self.kill(if has_left { State::ClientLeft } else { State::WantedTerminal }), &self.client) {
            (Err(_), _) => thread::sleep(limit),                    // and try again
            (Ok(true), Some(client)) if has_left => client.close(), // ends a write that waits for it
            _ => {}
        }
    }

    /// Kills the command for this reason; `false` if it is over or was killed already.
    fn kill(&self, reason: State) -> io::Result<bool> {
        let mut state = lock(&self.state);
        if !matches!(*state, State::Young | State::Guarded) {
            return Ok(false);
        }
        *state = match self.group.kill()? {
            false if reason == State::ClientLeft => State::OutOfReach,
            _ => reason,
        };
        Ok(true)
    }

    fn goes_on(&self) -> bool {
        *lock(&self.state) == State::Guarded
    }

    /// Whether it was stopped, as what reads the terminal of the server or changes its settings is stopped in the
    /// background. The last field is the signal, or 0 where the system does not tell.
    #[cfg(target_os = "linux")]
    fn wants_terminal(&self) -> bool {
        const SIGTTIN_SIGTTOU_UNKNOWN: [Option<&str>; 3] = [Some("21"), Some("22"), Some("0")];
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.group.0)).unwrap_or_default(); // proc(5)
        let mut fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        fields.next() == Some("T") && SIGTTIN_SIGTTOU_UNKNOWN.contains(&fields.last())
    }

    #[cfg(not(target_os = "linux"))]
    fn wants_terminal(&self) -> bool {
        false
    }

    /// Nobody is to look after the command any more; says what had become of it.
    pub fn end(&self) -> State {
        let was = mem::replace(&mut *lock(&self.state), State::Ended);
        if was != State::Young {
            self.group.release();
        }
        was
    }
}

/// Where new commands are announced to the thread that looks out for those that take longer.
static YOUNG: OnceLock<Sender<Weak<Running>>> = OnceLock::new();

/// Starts that thread. Without it a command is not looked after, and one that prints much on stderr waits for ever.
///
/// # Errors
/// When it cannot be started.
pub fn start_lookout() -> io::Result<()> {
    let (sender, receiver) = mpsc::channel();
    let again = sender.clone();
    thread::Builder::new().spawn(move || look_out(&receiver, &again))?;
    let _ = YOUNG.set(sender);
    Ok(())
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

/// Locks `mutex`, also after a thread that had it has panicked.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
