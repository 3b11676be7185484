//! The thread that reads one client to its end, and the queue that it fills for the thread that serves the client.
//!
//! So the server notices that a client has left, whatever the other thread waits for, and kills its command.

use super::http::looks_like_http;
use super::place::Place;
use crate::command::{Job, MAX_COMMAND};
use crate::lock::lock;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::mem;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Bytes that are read ahead while a command runs. Beyond that the client waits, as TCP makes it wait.
const MAX_AHEAD: usize = 1024 * 1024;
/// Bytes that are read at once. Only the first block is checked for HTTP: a command without a header fits into it.
const BLOCK_SIZE: usize = 2048;
const _: () = assert!(BLOCK_SIZE > MAX_COMMAND);
/// To fewer unused bytes of the serving thread new ones are joined, so that one receive can return two sends, as in
/// TCP.
const MAX_JOINED: usize = 4096;
/// How long each command may still take when the client has closed in good order. A client that has closed only its
/// sending side may wait for an answer (`printf ls | nc -N …`), and the server cannot tell the two apart.
const GRACE: Duration = Duration::from_millis(500);
/// How often the thread looks about while it does not read.
const INTERVAL: Duration = Duration::from_millis(100);

/// What the thread that reads a client shares with the one that serves it.
pub(super) struct Shared {
    pub stream: Arc<TcpStream>,
    /// Knows the command that runs for the client.
    pub job: Job,
    queue: Mutex<Queue>,
    /// The reading thread tells the serving one that bytes or the end have come. The serving thread tells the reading
    /// one that nobody serves the client any more. No other thread waits here, and neither waits while it
    /// tells, so `notify_one` wakes the right one. Nobody tells that the queue has room again: the reading thread also
    /// looks each [`INTERVAL`].
    changed: Condvar,
    /// The client's place, free again when both threads have ended.
    _place: Place,
}

/// What was read and not taken yet.
#[derive(Default)]
struct Queue {
    bytes: VecDeque<u8>,
    /// How the stream ended.
    end: Option<io::Result<()>>,
    looks_like_http: bool,
    is_served: bool,
}

/// How long several reads may take together.
pub(super) struct Limit {
    time: Duration,
    end: Instant,
}

impl Limit {
    /// So much time from now on.
    pub fn of(time: Duration) -> Limit {
        Limit { time, end: Instant::now() + time }
    }
}

impl Shared {
    /// Starts the thread that reads. It ends when the client has left or [`Shared::finish`] was called.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(stream: Arc<TcpStream>, place: Place) -> io::Result<Arc<Shared>> {
        let queue = Queue { is_served: true, ..Queue::default() };
        let shared = Arc::new(Shared {
            stream,
            job: Job::default(),
            queue: Mutex::new(queue),
            changed: Condvar::new(),
            _place: place,
        });
        let reading = Arc::clone(&shared);
        thread::Builder::new().spawn(move || reading.read_client())?;
        Ok(shared)
    }

    /// Adds to `received` what has come. If it is empty, waits until something has; if it is still empty then, the
    /// stream has ended.
    ///
    /// # Errors
    /// `TimedOut` when the limit has passed and nothing is there to take, `PermissionDenied` once if the client's first
    /// request looks like HTTP, and an error of the stream once all that came before it was taken.
    pub fn take(&self, received: &mut VecDeque<u8>, limit: Option<&Limit>) -> io::Result<()> {
        let mut queue = lock(&self.queue);
        while received.is_empty() && queue.bytes.is_empty() && queue.end.is_none() {
            queue = match limit {
                None => self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
                Some(limit) => {
                    let left = limit.end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        let what = format!("not complete within {:?}", limit.time);
                        return Err(io::Error::new(io::ErrorKind::TimedOut, what));
                    }
                    self.wait_for_change(queue, left)
                }
            };
        }
        if mem::take(&mut queue.looks_like_http) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "its first request looks like HTTP"));
        }
        if received.is_empty() && queue.bytes.is_empty() {
            if let Some(Err(error)) = &queue.end {
                return Err(io::Error::new(error.kind(), error.to_string()));
            }
        }
        if received.is_empty() {
            *received = mem::take(&mut queue.bytes);
        } else if received.len() < MAX_JOINED {
            let more = queue.bytes.len().min(MAX_JOINED - received.len());
            received.extend(queue.bytes.drain(..more));
        }
        Ok(())
    }

    /// Nobody serves the client any more: closes its stream, which ends the thread. (On Windows a read that waits goes
    /// on waiting until the client closes.)
    pub fn finish(&self) {
        lock(&self.queue).is_served = false;
        self.changed.notify_one();
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Runs in the thread that reads.
    fn read_client(&self) {
        let end = self.read_to_end();
        let was_reset = end.is_err();
        lock(&self.queue).end = Some(end);
        self.changed.notify_one();
        if was_reset || self.command_outlasts_grace() {
            self.job.client_left();
            let _ = self.stream.shutdown(Shutdown::Both); // ends a write that waits for the client
        }
    }

    fn read_to_end(&self) -> io::Result<()> {
        let mut block = [0; BLOCK_SIZE];
        let mut is_first = true;
        loop {
            let received = match (&*self.stream).read(&mut block) {
                Ok(0) => return Ok(()),
                Ok(received) => received,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let mut queue = lock(&self.queue);
            if !queue.is_served {
                return Ok(());
            }
            queue.looks_like_http |= is_first && looks_like_http(&block[..received]);
            queue.bytes.extend(&block[..received]);
            let is_full = queue.bytes.len() >= MAX_AHEAD;
            drop(queue); // or the thread that is woken would wait for the lock
            self.changed.notify_one();
            if is_full {
                self.wait_for_room()?;
            }
            is_first = false;
        }
    }

    /// Waits until the queue was taken, or fails when the connection was reset.
    fn wait_for_room(&self) -> io::Result<()> {
        let mut queue = lock(&self.queue);
        while queue.is_served && queue.bytes.len() >= MAX_AHEAD {
            queue = self.wait_for_change(queue, INTERVAL);
            self.stream.peer_addr()?; // fails after a reset, also while bytes are unread; not after an orderly close
        }
        Ok(())
    }

    /// The client has closed in good order. Waits until one command has run for too long since then: `true`, or `false`
    /// when nobody serves the client any more.
    fn command_outlasts_grace(&self) -> bool {
        let closed = Instant::now();
        let mut queue = lock(&self.queue);
        while queue.is_served {
            if closed.elapsed() >= GRACE && self.job.runs_for() >= GRACE {
                return true;
            }
            queue = self.wait_for_change(queue, INTERVAL);
        }
        false
    }

    /// Waits for at most so long.
    fn wait_for_change<'a>(&self, queue: MutexGuard<'a, Queue>, time: Duration) -> MutexGuard<'a, Queue> {
        self.changed.wait_timeout(queue, time).unwrap_or_else(PoisonError::into_inner).0
    }
}
