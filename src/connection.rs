//! One client's connection: what it sends is read in order, in time, and ahead while a command runs.

use crate::running::lock;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// How long a client may take over the rest of a message once it has begun one, or over an acknowledgement: longer than
/// any network stalls, short enough that broken clients do not pile up.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes that are read ahead while a command runs. Beyond that the client waits, as TCP makes it wait.
pub const MAX_AHEAD: usize = 1024 * 1024;
/// How long a connection that was refused is kept open, so that the reason reaches the client.
const LINGER: Duration = Duration::from_secs(1);

/// A client's stream with the bytes that were read ahead of their turn.
///
/// The client's thread reads and writes. While its command runs, a thread that [watches](Connection::leaves_within) for
/// the client's leaving reads in its place.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    addr: SocketAddr,
    /// Locked while somebody reads ahead.
    ahead: Mutex<VecDeque<u8>>,
}

impl Connection {
    /// Takes over the stream accepted from `addr`.
    pub fn new(stream: TcpStream, addr: SocketAddr) -> Connection {
        Connection { stream, addr, ahead: Mutex::default() }
    }

    /// The client's address.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The stream, to write to. What it receives comes through this connection, in order.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Python's `recv`: waits as long as it takes for some bytes; 0 is the end of the stream.
    ///
    /// # Errors
    /// When the connection was reset.
    pub fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_within(buffer, None)
    }

    /// Python's `recv(…, MSG_PEEK)`: the same, but the bytes will be received again. Waits for `limit`, if there is
    /// one.
    ///
    /// # Errors
    /// When the connection was reset, `TimedOut` when nothing came in time.
    pub fn peek(&self, buffer: &mut [u8], limit: Option<Duration>) -> io::Result<usize> {
        let mut ahead = self.ahead();
        if !ahead.is_empty() {
            let mut bytes = &*ahead.make_contiguous();
            return bytes.read(buffer);
        }
        drop(ahead);
        self.stream.set_read_timeout(limit)?;
        let result = uninterrupted(|| self.stream.peek(buffer));
        result.map_err(or_stalled(limit.unwrap_or_default()))
    }

    /// A reader for the rest of something begun: all its reads together may take `limit`, usually [`STALL_TIMEOUT`].
    /// Past that they fail with `TimedOut`, and the stream is out of step: drop it.
    pub fn within(&self, limit: Duration) -> impl Read + '_ {
        Within { connection: self, limit, deadline: Instant::now() + limit }
    }

    /// Waits until the client closes or resets the connection: `true`, or `false` after `limit` or when it has sent
    /// something, which is read ahead, as the end comes after it. Nothing is read if `is_over` says that there is no
    /// more need, when it is this thread's turn to read.
    ///
    /// A close comes to light `2 * limit` late: one that closes its sending side only looks the same, and may well wait
    /// for the answer to a short command (`printf ls | nc -N …`).
    pub fn leaves_within(&self, limit: Duration, is_over: impl Fn() -> bool) -> bool {
        let mut ahead = self.ahead();
        if is_over() {
            return false;
        }
        if ahead.len() >= MAX_AHEAD {
            drop(ahead);
            thread::sleep(limit);
            return self.stream.peer_addr().is_err(); // a reset shows past what is unread, an orderly close does not
        }
        let mut block = [0; 4096];
        match self.stream.set_read_timeout(Some(limit)).and_then(|()| (&self.stream).read(&mut block)) {
            Ok(0) => {
                drop(ahead);
                thread::sleep(2 * limit);
                true
            }
            Ok(received) => {
                ahead.extend(&block[..received]);
                false
            }
            Err(error) => !is_timeout(&error) && error.kind() != io::ErrorKind::Interrupted,
        }
    }

    /// Throws away what has arrived.
    pub fn skip_arrived(&self) {
        *self.ahead() = VecDeque::new();
        let mut block = [0; 4096];
        while self.stream.set_nonblocking(true).is_ok() && (&self.stream).read(&mut block).is_ok_and(|read| read > 0) {}
        let _ = self.stream.set_nonblocking(false);
    }

    /// Closes in both directions: a read or write that waits in another thread ends (on Windows it goes on waiting).
    pub fn close(&self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Closes so that what was written arrives: closing with unread bytes would send a reset, which overtakes it.
    pub fn close_gently(&self) {
        let _ = self.stream.shutdown(Shutdown::Write);
        let _ = io::copy(&mut self.within(LINGER), &mut io::sink());
    }

    /// Takes what was read ahead, or else reads from the stream, for at most `limit`.
    fn read_within(&self, buffer: &mut [u8], limit: Option<Duration>) -> io::Result<usize> {
        let mut ahead = self.ahead();
        if !ahead.is_empty() {
            ahead.make_contiguous(); // one receive takes as much as it can: a command must not be cut
            let received = ahead.read(buffer)?;
            if ahead.is_empty() {
                *ahead = VecDeque::new(); // gives back its memory: the client may idle from here on
            }
            return Ok(received);
        }
        drop(ahead);
        self.stream.set_read_timeout(limit)?;
        uninterrupted(|| (&self.stream).read(buffer))
    }

    fn ahead(&self) -> MutexGuard<'_, VecDeque<u8>> {
        lock(&self.ahead)
    }
}

/// What [`Connection::within`] returns.
struct Within<'a> {
    connection: &'a Connection,
    limit: Duration,
    deadline: Instant,
}

impl Read for Within<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(stalled(self.limit));
        }
        self.connection.read_within(buffer, Some(left)).map_err(or_stalled(self.limit))
    }
}

fn stalled(limit: Duration) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("nothing more came within {limit:?}"))
}

/// For `map_err`: makes of the error of a read whose `limit` was up one that says so.
pub fn or_stalled(limit: Duration) -> impl FnOnce(io::Error) -> io::Error {
    move |error| if is_timeout(&error) { stalled(limit) } else { error }
}

/// Repeats `call` while it is interrupted, as Python's socket methods do. On Linux a receive with a time limit fails so
/// when the program was stopped and continued (signal(7)), as Ctrl-Z and `fg` do. The limit then begins anew.
///
/// # Errors
/// Those of `call` but `Interrupted`.
pub fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Whether a read ended because its time was up: Unix and Windows name that differently.
pub fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::TcpListener;
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::thread;

    fn pair() -> (TcpStream, Connection) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, addr) = listener.accept().unwrap();
        (client, Connection::new(stream, addr))
    }

    #[test]
    fn a_client_that_stalls_is_given_up_even_when_it_sends_a_byte_now_and_then() {
        let (mut client, server) = pair();
        let limit = Duration::from_millis(200);
        thread::scope(|scope| {
            let (_until_dropped, is_over) = mpsc::channel::<()>();
            scope.spawn(move || {
                while is_over.recv_timeout(limit / 4) == Err(RecvTimeoutError::Timeout) {
                    client.write_all(b"x").unwrap();
                }
            });
            let started = Instant::now();
            let error = server.within(limit).read_exact(&mut [0; 1000]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            assert_eq!(error.to_string(), "nothing more came within 200ms");
            assert!((limit..limit * 20).contains(&started.elapsed()));
        });
    }

    #[test]
    fn what_was_read_ahead_comes_first_and_the_end_is_seen_behind_it() {
        let (mut client, server) = pair();
        let moment = Duration::from_millis(1);
        assert!(!server.leaves_within(moment, || false));
        client.write_all(b"Truels").unwrap();
        drop(client);
        assert!(!server.leaves_within(STALL_TIMEOUT, || true), "nobody looks any more");
        while !server.leaves_within(moment, || false) {}
        let mut ack = [0; 4];
        server.within(STALL_TIMEOUT).read_exact(&mut ack).unwrap();
        let mut buffer = [0; 100];
        assert_eq!((&ack, server.receive(&mut buffer).unwrap(), &buffer[..2]), (b"True", 2, &b"ls"[..]));
        assert_eq!(server.peek(&mut buffer, None).unwrap(), 0);
    }
}
