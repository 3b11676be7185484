//! A command that runs, as its threads share it: one reads stdout, one may read stderr, and any may kill it.

use super::guard;
use crate::header::MAX_BODY;
use crate::lock::lock;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ChildStderr};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Bytes read from a pipe at once: what a pipe holds on Linux, and what a message of the header format may.
const BLOCK_SIZE: usize = 64 * 1024;
const _: () = assert!(BLOCK_SIZE <= MAX_BODY);

/// Where a piece of output comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipe {
    /// The command's standard output.
    Stdout,
    /// The command's standard error.
    Stderr,
}

/// Takes a piece of output. An error means that the command need not go on.
pub(super) type OnOutput = Box<dyn FnMut(Pipe, &[u8]) -> io::Result<()> + Send>;

/// A command that runs.
pub(super) struct Process {
    /// The number of its shell and of its process group.
    pub id: u32,
    pub started: Instant,
    stderr: Mutex<Option<ChildStderr>>,
    on_output: Mutex<OnOutput>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    killed: Option<Killed>,
    is_over: bool,
}

/// Why a command was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Killed {
    /// Its client has left.
    ClientLeft,
    /// The system has stopped it, as it asked at the terminal of the server.
    AskedAtTerminal,
    /// Nobody takes its output.
    NotTaken,
}

impl Process {
    /// Takes over `child`, but for its stdout.
    pub fn new(child: &mut Child, on_output: OnOutput) -> Arc<Process> {
        Arc::new(Process {
            id: child.id(),
            started: Instant::now(),
            stderr: Mutex::new(child.stderr.take()),
            on_output: Mutex::new(on_output),
            state: Mutex::default(),
        })
    }

    /// Hands a piece of output on, never two at once.
    ///
    /// # Errors
    /// When the command need not go on.
    pub fn print(&self, pipe: Pipe, block: &[u8]) -> io::Result<()> {
        lock(&self.on_output)(pipe, block)
    }

    /// Hands on what comes from a pipe, until its end.
    pub fn relay(&self, pipe: Pipe, from: impl Read) {
        let mut reader = BufReader::with_capacity(BLOCK_SIZE, from); // `vec![0; BLOCK_SIZE]` would write 64 KiB first
        loop {
            let received = match reader.fill_buf() {
                Ok(block) => block.len(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            if received == 0 {
                return;
            }
            if self.print(pipe, reader.buffer()).is_err() {
                self.kill(Killed::NotTaken); // closing its pipe would end it only at the next thing that it prints
                return;
            }
            reader.consume(received);
        }
    }

    /// The same for stderr. A thread that comes second waits here until the first has read it.
    pub fn relay_stderr(&self) {
        let mut stderr = lock(&self.stderr);
        if let Some(pipe) = stderr.take() {
            self.relay(Pipe::Stderr, pipe);
        }
    }

    /// Has the guard kill the command if the server ends first.
    pub fn guard(&self) {
        let state = lock(&self.state);
        if !state.is_over && state.killed.is_none() {
            guard::watch(self.id);
        }
    }

    /// Kills the command and its process group, unless it is over or was killed already.
    pub fn kill(&self, reason: Killed) {
        let mut state = lock(&self.state);
        if !state.is_over && state.killed.is_none() {
            guard::kill(self.id);
            state.killed = Some(reason);
        }
    }

    /// From now on nobody kills the command. Returns why it was killed, if it was.
    pub fn end(&self) -> Option<Killed> {
        let mut state = lock(&self.state);
        state.is_over = true;
        guard::release(self.id);
        state.killed
    }
}
