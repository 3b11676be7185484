//! The log: lines for stdout and stderr from threads that must not wait for either. A pipe that nobody reads is full
//! some day, and strangers could fill it.

use crate::cli::{self, Context};
use std::fmt::Display;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

/// Lines that may wait until stdout or stderr takes them.
const MAX_LINES: usize = 1024;
/// Messages that are printed at once. After those comes one each [`MESSAGE_INTERVAL`].
const BURST: u32 = 10;
/// Five messages a second: enough to see what goes on, too few to fill a disk.
const MESSAGE_INTERVAL: Duration = Duration::from_millis(200);
/// After such a time without a message the lines that were left out are counted, too.
const LEFT_OUT_INTERVAL: Duration = Duration::from_secs(1);

/// Where the threads of a server leave their lines.
#[derive(Clone, Debug)]
pub struct Log {
    lines: SyncSender<String>,
    messages: SyncSender<String>,
    left_out: Arc<AtomicUsize>,
}

impl Log {
    /// Starts the two threads that write for the program `name`.
    ///
    /// # Errors
    /// When one of them cannot be started.
    pub fn start(name: &'static str) -> io::Result<Log> {
        let (lines, to_print) = mpsc::sync_channel(MAX_LINES);
        let (messages, to_warn) = mpsc::sync_channel(MAX_LINES);
        let left_out = Arc::new(AtomicUsize::new(0));
        let log = Log { lines, messages, left_out: Arc::clone(&left_out) };
        thread::Builder::new().spawn(move || print(&to_print)).context("cannot start a thread")?;
        thread::Builder::new().spawn(move || warn(name, &to_warn, &left_out)).context("cannot start a thread")?;
        Ok(log)
    }

    /// A line for stdout.
    pub fn line(&self, line: impl Display) {
        self.add(&self.lines, line.to_string());
    }

    /// A message for stderr: a few are printed in each second, the rest as a count.
    pub fn message(&self, message: impl Display) {
        self.add(&self.messages, message.to_string());
    }

    fn add(&self, queue: &SyncSender<String>, line: String) {
        if queue.try_send(line).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn print(lines: &Receiver<String>) {
    for line in lines {
        cli::log(line);
    }
}

fn warn(name: &str, messages: &Receiver<String>, left_out: &AtomicUsize) {
    let mut allowance = Allowance { messages: BURST, counted: Instant::now() };
    loop {
        match messages.recv_timeout(LEFT_OUT_INTERVAL) {
            Ok(message) if allowance.take() => {
                warn_of_left_out(name, left_out);
                cli::warn(name, message);
            }
            Ok(_) => drop(left_out.fetch_add(1, Ordering::Relaxed)),
            Err(RecvTimeoutError::Timeout) => warn_of_left_out(name, left_out),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Says how many lines were left out since the last time.
fn warn_of_left_out(name: &str, left_out: &AtomicUsize) {
    match left_out.swap(0, Ordering::Relaxed) {
        0 => {}
        count => cli::warn(name, format_args!("{count} more lines were left out")),
    }
}

/// How many messages may be printed now.
struct Allowance {
    messages: u32,
    /// The time up to which `messages` is counted.
    counted: Instant,
}

impl Allowance {
    /// Whether one more may be printed.
    fn take(&mut self) -> bool {
        while self.messages < BURST && self.counted.elapsed() >= MESSAGE_INTERVAL {
            self.messages += 1;
            self.counted += MESSAGE_INTERVAL;
        }
        if self.messages == BURST {
            self.counted = Instant::now(); // a full allowance earns nothing
        }
        if self.messages == 0 {
            return false;
        }
        self.messages -= 1;
        true
    }
}
