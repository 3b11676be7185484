//! One client's connection: what it sends is read in order, in time, and ahead while a command runs.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a client may take over the rest of a message once it has begun one, or over an acknowledgement: longer than
/// any network stalls, short enough that broken clients do not pile up.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes that are read ahead while a command runs. Beyond that the client waits, as TCP makes it wait.
pub const MAX_AHEAD: usize = 1024 * 1024;
/// How long [`Connection::has_left`] waits for the socket; a read timeout cannot be zero.
const GLANCE: Duration = Duration::from_millis(1);
/// How long a connection that was refused is kept open, so that the reason reaches the client.
const LINGER: Duration = Duration::from_secs(1);

/// A client's stream with the bytes that were read ahead of their turn. Clones share both, but only one may read at a time.
#[derive(Clone, Debug)]
pub struct Connection {
    stream: Arc<TcpStream>,
    addr: SocketAddr,
    ahead: Arc<Mutex<VecDeque<u8>>>,
}

impl Connection {
    /// Takes over the stream accepted from `addr`.
    pub fn new(stream: TcpStream, addr: SocketAddr) -> Connection {
        Connection { stream: Arc::new(stream), addr, ahead: Arc::default() }
    }

    /// The client's address.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The stream, for a thread that writes while this one reads.
    pub fn stream(&self) -> Arc<TcpStream> {
        Arc::clone(&self.stream)
    }

    /// Python's `recv`: waits as long as it takes for some bytes; 0 is the end of the stream.
    ///
    /// # Errors
    /// When the connection was reset.
    pub fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_some(buffer, None)
    }

    /// Waits as long as it takes until there is something to read: `true`, or `false` at the end of the stream.
    ///
    /// # Errors
    /// When the connection was reset.
    pub fn wait(&mut self) -> io::Result<bool> {
        if self.ahead().is_empty() {
            self.read_ahead(1)?;
        }
        Ok(!self.ahead().is_empty())
    }

    /// Waits like [`Connection::wait`] and returns the first bytes, at most `size`, which will be read again.
    ///
    /// # Errors
    /// When the connection was reset.
    pub fn read_ahead(&mut self, size: usize) -> io::Result<Vec<u8>> {
        self.stream.set_read_timeout(None)?;
        uninterrupted(|| self.stream.peek(&mut [0]))?; // before there is a buffer: an idle client needs none
        let mut buffer = vec![0; size];
        let received = self.receive(&mut buffer)?;
        buffer.truncate(received);
        self.ahead().extend(&buffer);
        Ok(buffer)
    }

    /// A reader for the rest of something begun: all its reads together may take `limit`, usually [`STALL_TIMEOUT`].
    /// Past that they fail with `TimedOut`, and the stream is out of step: drop it.
    pub fn within(&mut self, limit: Duration) -> impl Read + '_ {
        Within { connection: self, limit, deadline: Instant::now() + limit }
    }

    /// Whether the client has closed or reset the connection. Reads ahead what it has sent, as the end comes after it.
    pub fn has_left(&self) -> bool {
        let mut ahead = self.ahead();
        let mut block = [0; 4096];
        while ahead.len() < MAX_AHEAD {
            let result = self.stream.set_read_timeout(Some(GLANCE)).and_then(|()| (&*self.stream).read(&mut block));
            match result {
                Ok(0) => return true,
                Ok(received) => ahead.extend(&block[..received]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return !is_timeout(&error),
            }
        }
        self.stream.peer_addr().is_err() // a reset shows past what is unread, an orderly close does not
    }

    /// Throws away what has arrived, [`MAX_AHEAD`] bytes at most.
    pub fn skip_arrived(&mut self) {
        self.has_left();
        self.ahead().clear();
    }

    /// Closes so that what was written arrives: closing with unread bytes would send a reset, which overtakes it.
    pub fn close_gently(mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
        let _ = io::copy(&mut self.within(LINGER), &mut io::sink());
    }

    /// Reads what was read ahead, or else from the stream, for at most `limit`.
    fn read_some(&mut self, buffer: &mut [u8], limit: Option<Duration>) -> io::Result<usize> {
        let mut ahead = self.ahead();
        if !ahead.is_empty() {
            ahead.make_contiguous();
            return ahead.read(buffer);
        }
        drop(ahead);
        self.stream.set_read_timeout(limit)?;
        uninterrupted(|| (&*self.stream).read(buffer))
    }

    fn ahead(&self) -> MutexGuard<'_, VecDeque<u8>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.stream).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What [`Connection::within`] returns.
struct Within<'a> {
    connection: &'a mut Connection,
    limit: Duration,
    deadline: Instant,
}

impl Read for Within<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let stalled = || io::Error::new(io::ErrorKind::TimedOut, format!("nothing more came within {:?}", self.limit));
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(stalled());
        }
        let received = self.connection.read_some(buffer, Some(left));
        received.map_err(|error| if is_timeout(&error) { stalled() } else { error })
    }
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
    use std::net::TcpListener;
    use std::thread;

    fn pair() -> (TcpStream, Connection) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, addr) = listener.accept().unwrap();
        (client, Connection::new(stream, addr))
    }

    #[test]
    fn a_client_that_stalls_is_given_up_even_when_it_sends_a_byte_now_and_then() {
        let (mut client, mut server) = pair();
        let limit = Duration::from_millis(200);
        thread::scope(|scope| {
            scope.spawn(move || {
                while client.write_all(b"x").is_ok() {
                    thread::park_timeout(limit / 4);
                }
            });
            let started = Instant::now();
            let error = server.within(limit).read_exact(&mut [0; 1000]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            assert_eq!(error.to_string(), "nothing more came within 200ms");
            assert!((limit..limit * 20).contains(&started.elapsed()));
            server.stream.shutdown(Shutdown::Both).unwrap();
        });
    }

    #[test]
    fn what_was_read_ahead_comes_first_and_the_end_is_seen_behind_it() {
        let (mut client, mut server) = pair();
        assert!(!server.has_left());
        client.write_all(b"Truels").unwrap();
        drop(client);
        while !server.has_left() {}
        let mut ack = [0; 4];
        server.within(STALL_TIMEOUT).read_exact(&mut ack).unwrap();
        let mut buffer = [0; 100];
        assert_eq!((&ack, server.receive(&mut buffer).unwrap(), &buffer[..2]), (b"True", 2, &b"ls"[..]));
        assert!(!server.wait().unwrap());
    }
}
