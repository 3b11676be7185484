//! One client's connection. One thread reads the client to its end, and another serves it: so the server sees at once
//! that the client has left, whatever the second thread waits for.

use super::http::looks_like_http;
use super::log::Log;
use super::place::Place;
use crate::command::Job;
use crate::lock::lock;
use std::collections::VecDeque;
use std::fmt::Display;
use std::io::{self, BufRead, IoSlice, Read, Write};
use std::mem;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a client may take over the rest of a message once it has begun one, or over an acknowledgement: longer than
/// any network stalls, short enough that broken clients do not pile up.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes that are read ahead while a command runs. Beyond that the client waits, as TCP makes it wait.
const MAX_AHEAD: usize = 1024 * 1024;
/// Bytes that are read at once.
const BLOCK_SIZE: usize = 2048;
/// Bytes that one receive can ask for: more than a command without a header has.
const MAX_RECEIVE: usize = 4096;
/// How long each command may still take when the client has closed in good order: a client that closes its sending side
/// only looks the same, and may wait for an answer (`printf ls | nc -N …`).
const GRACE: Duration = Duration::from_millis(500);
/// After this time without a byte, a client has sent all that it had to send at once.
const MOMENT: Duration = Duration::from_millis(250);
/// How often the thread that reads looks about while it does not read.
const INTERVAL: Duration = Duration::from_millis(100);
/// How long a connection that was refused is kept open, so that the reason reaches the client.
const LINGER: Duration = Duration::from_secs(1);

/// A client's connection, as the thread that serves it has it. Both threads end when it is dropped.
pub struct Connection {
    shared: Arc<Shared>,
    addr: SocketAddr,
    log: Log,
    /// What was taken from the queue and not used yet.
    received: VecDeque<u8>,
    limit: Option<Limit>,
}

/// How long reads may take together.
struct Limit {
    time: Duration,
    end: Instant,
}

/// What the two threads share.
struct Shared {
    stream: Arc<TcpStream>,
    queue: Mutex<Queue>,
    /// Bytes or the end have come, or nobody serves the client any more.
    changed: Condvar,
    job: Job,
    /// The client's, until both threads have ended.
    _place: Place,
}

/// What the one thread has read and the other has not taken yet.
#[derive(Default)]
struct Queue {
    bytes: VecDeque<u8>,
    /// How the stream ended.
    end: Option<io::Result<()>>,
    looks_like_http: bool,
    is_served: bool,
}

impl Connection {
    /// Takes over the stream accepted from `addr` and starts the thread that reads it.
    ///
    /// # Errors
    /// When that thread cannot be started.
    pub(super) fn start(stream: TcpStream, addr: SocketAddr, log: Log, place: Place) -> io::Result<Connection> {
        stream.set_nodelay(true)?; // an answer must not wait for the acknowledgement of the one before (Nagle)
        let queue = Queue { is_served: true, ..Queue::default() };
        let shared = Arc::new(Shared {
            stream: Arc::new(stream),
            queue: Mutex::new(queue),
            changed: Condvar::new(),
            job: Job::default(),
            _place: place,
        });
        let reader = Arc::clone(&shared);
        thread::Builder::new().spawn(move || reader.read_client())?;
        Ok(Connection { shared, addr, log, received: VecDeque::new(), limit: None })
    }

    /// The client's address.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Python's `print` in a server: a line for its log.
    pub fn log(&self, line: impl Display) {
        self.log.line(line);
    }

    /// What its commands run as. They are killed when the client leaves.
    pub fn job(&self) -> &Job {
        &self.shared.job
    }

    /// The stream, to write to from another thread.
    pub fn stream(&self) -> Arc<TcpStream> {
        Arc::clone(&self.shared.stream)
    }

    /// Python's `recv`: waits for some bytes, at most as many as `buffer` has room for; 0 is the end of the stream.
    ///
    /// # Errors
    /// When the connection was reset, `TimedOut` within a [time limit](Connection::within).
    pub fn recv(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read(buffer)
    }

    /// Waits as long as it takes until something has come: `false` at the end of the stream.
    ///
    /// # Errors
    /// When the connection was reset.
    pub fn wait(&mut self) -> io::Result<bool> {
        Ok(!self.fill_buf()?.is_empty())
    }

    /// Gives `read` this time for all that it reads. Past that its reads fail with `TimedOut`, and the stream is out of
    /// step: drop it.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn within<T>(&mut self, limit: Duration, read: impl FnOnce(&mut Connection) -> io::Result<T>) -> io::Result<T> {
        self.limit = Some(Limit { time: limit, end: Instant::now() + limit });
        let result = read(self);
        self.limit = None;
        result
    }

    /// Throws away what comes, until nothing has come for a moment: the rest of what was refused.
    pub fn skip_rest(&mut self) {
        let start = Instant::now();
        let mut block = [0; BLOCK_SIZE];
        while start.elapsed() < STALL_TIMEOUT {
            match self.within(MOMENT, |conn| conn.recv(&mut block)) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    /// Python's `sendall`, of `parts` one behind the other. They leave in one write if they fit: a client that counts
    /// what it asked for, not what came, is in need of that.
    ///
    /// # Errors
    /// When the client has left.
    pub fn sendall(&self, parts: &[&[u8]]) -> io::Result<()> {
        let mut slices: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
        let mut left = &mut slices[..];
        IoSlice::advance_slices(&mut left, 0); // skips those that are empty
        while !left.is_empty() {
            match (&*self.shared.stream).write_vectored(left) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut left, written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Closes so that what was written arrives: closing with unread bytes would send a reset, which overtakes it.
    pub(super) fn close_gently(&mut self) {
        let _ = self.shared.stream.shutdown(Shutdown::Write);
        let _ = self.within(LINGER, |conn| io::copy(conn, &mut io::sink()));
    }

    /// Waits until something is there to be read, or the end, and takes from the queue what has come.
    fn fill(&mut self) -> io::Result<()> {
        let shared = &*self.shared;
        let mut queue = lock(&shared.queue);
        while self.received.is_empty() && queue.bytes.is_empty() && queue.end.is_none() {
            queue = match &self.limit {
                None => shared.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
                Some(limit) => {
                    let left = limit.end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        let what = format!("nothing more came within {:?}", limit.time);
                        return Err(io::Error::new(io::ErrorKind::TimedOut, what));
                    }
                    shared.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        if mem::take(&mut queue.looks_like_http) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "its first request looks like HTTP"));
        }
        if self.received.is_empty() && queue.bytes.is_empty() {
            if let Some(Err(error)) = &queue.end {
                return Err(io::Error::new(error.kind(), error.to_string()));
            }
        }
        if self.received.is_empty() {
            self.received = mem::take(&mut queue.bytes);
        } else if self.received.len() < MAX_RECEIVE {
            let more = queue.bytes.len().min(MAX_RECEIVE - self.received.len());
            self.received.extend(queue.bytes.drain(..more)); // two sends can be one receive
        }
        Ok(())
    }
}

impl BufRead for Connection {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.fill()?;
        Ok(self.received.make_contiguous())
    }

    fn consume(&mut self, count: usize) {
        self.received.drain(..count.min(self.received.len()));
        if self.received.is_empty() {
            self.received = VecDeque::new(); // gives back its memory: the client may idle from here on
        }
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let received = self.fill_buf()?.read(buffer)?;
        self.consume(received);
        Ok(received)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        lock(&self.shared.queue).is_served = false;
        self.shared.changed.notify_one();
        let _ = self.shared.stream.shutdown(Shutdown::Both); // ends a read that waits (on Windows it goes on waiting)
    }
}

impl Shared {
    /// What the thread that reads does.
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

    /// Waits until the queue is taken, or fails when the connection was reset.
    fn wait_for_room(&self) -> io::Result<()> {
        let mut queue = lock(&self.queue);
        while queue.is_served && queue.bytes.len() >= MAX_AHEAD {
            queue = self.changed.wait_timeout(queue, INTERVAL).unwrap_or_else(PoisonError::into_inner).0;
            self.stream.peer_addr()?; // a reset shows past what is unread, an orderly close does not
        }
        Ok(())
    }

    /// Waits until one command has run for too long since the client has closed in good order: `true`, or `false` when
    /// nobody serves it any more.
    fn command_outlasts_grace(&self) -> bool {
        let closed = Instant::now();
        let mut queue = lock(&self.queue);
        while queue.is_served {
            if closed.elapsed() >= GRACE && self.job.runs_for() >= GRACE {
                return true;
            }
            queue = self.changed.wait_timeout(queue, INTERVAL).unwrap_or_else(PoisonError::into_inner).0;
        }
        false
    }
}
