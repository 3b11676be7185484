//! One client's connection, for the thread that serves it: `recv` and `sendall` as in Python, and time limits.

use super::log::Log;
use super::place::Place;
use super::reader::{Limit, Shared};
use crate::cli::Context;
use crate::command::Job;
use std::collections::VecDeque;
use std::fmt::Display;
use std::io::{self, BufRead, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a client may take over the rest of a message once it has begun one, or over an acknowledgement: longer than
/// any network stalls, short enough that broken clients do not pile up.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// After this time without a byte, a client has sent all that it had to send at once.
const MOMENT: Duration = Duration::from_millis(250);
/// How long a connection that was refused is kept open, so that the reason reaches the client.
const LINGER: Duration = Duration::from_secs(1);

/// A client's connection. To drop this value closes it.
pub struct Connection {
    shared: Arc<Shared>,
    addr: SocketAddr,
    log: Log,
    /// What was taken from the queue and not used yet.
    received: VecDeque<u8>,
    limit: Option<Limit>,
}

impl Connection {
    /// Takes over the stream accepted from `addr` and starts the thread that reads it.
    ///
    /// # Errors
    /// When that thread cannot be started, or on some systems when the client has reset the connection.
    pub(super) fn start(stream: Arc<TcpStream>, addr: SocketAddr, log: Log, place: Place) -> io::Result<Connection> {
        stream.set_nodelay(true)?; // an answer must not wait for the acknowledgement of the one before (Nagle)
        let shared = Shared::start(stream, place).context("cannot start a thread")?;
        Ok(Connection { shared, addr, log, received: VecDeque::new(), limit: None })
    }

    /// The client's address.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Python's `print` in a server: a line for its log. It never waits for stdout.
    pub fn log(&self, line: impl Display) {
        self.log.line(line);
    }

    /// Knows which command runs for this client, and kills it when the client leaves.
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
    /// `PermissionDenied` once, if the first request looks like HTTP; `TimedOut` in [`within`](Connection::within); and
    /// those of the stream.
    pub fn recv(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read(buffer)
    }

    /// Waits as long as it takes until something has come: `false` at the end of the stream.
    ///
    /// # Errors
    /// Those of [`recv`](Connection::recv).
    pub fn wait(&mut self) -> io::Result<bool> {
        Ok(!self.fill_buf()?.is_empty())
    }

    /// Gives `read` this time for all that it reads. A receive that would wait longer fails with `TimedOut`: `read` may
    /// then have stopped inside a message.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn within<T>(&mut self, time: Duration, read: impl FnOnce(&mut Connection) -> io::Result<T>) -> io::Result<T> {
        self.limit = Some(Limit::of(time));
        let result = read(self);
        self.limit = None;
        result
    }

    /// Throws away what comes, until nothing has come for a moment: the rest of what was refused.
    pub fn skip_rest(&mut self) {
        let start = Instant::now();
        let mut block = [0; 1024];
        while start.elapsed() < STALL_TIMEOUT {
            match self.within(MOMENT, |conn| conn.recv(&mut block)) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    /// Python's `sendall`, of `parts` one behind the other. They leave in one write if they fit: the tutorial's client
    /// counts 100 bytes for each receive, however few have come, so it would stop too early after a short part.
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
}

impl BufRead for Connection {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.shared.take(&mut self.received, self.limit.as_ref())?;
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
        self.shared.finish();
    }
}
