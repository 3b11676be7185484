//! What a lesson is, and the few lines that most of them need.

use std::io::{self, Read};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// Where every socket here is bound: this machine only, on a port that the system chooses.
pub const LOOPBACK: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);
/// The tutorial's `BUFSIZE`, in bytes.
pub const BUFSIZE: usize = 1024;
/// How long to wait where nothing is expected to come: a receive that did not block would be back long before.
pub const BRIEF: Duration = Duration::from_millis(50);
/// How long bytes may take to land. On loopback they take microseconds.
const LANDING_TIME: Duration = Duration::from_secs(3);

/// A claim about sockets and the experiment that puts it to the test.
pub struct Lesson {
    pub name: &'static str,
    pub claim: &'static str,
    /// What the tutorial says instead, where it is wrong.
    pub tutorial: Option<&'static str>,
    pub run: fn() -> io::Result<Seen>,
}

impl Lesson {
    pub const fn new(name: &'static str, claim: &'static str, run: fn() -> io::Result<Seen>) -> Lesson {
        Lesson { name, claim, tutorial: None, run }
    }

    /// Adds what the tutorial says instead.
    pub const fn against(self, tutorial: &'static str) -> Lesson {
        Lesson { tutorial: Some(tutorial), ..self }
    }
}

/// What came of an experiment: told from what was observed, never from what was expected.
pub struct Seen {
    pub as_expected: bool,
    pub what: String,
}

/// The last line of every lesson.
pub fn seen(as_expected: bool, what: String) -> io::Result<Seen> {
    Ok(Seen { as_expected, what })
}

/// A client's stream and the server's end of it.
pub fn connected() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind(LOOPBACK)?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    let (server, _) = listener.accept()?;
    Ok((client, server))
}

/// Python's `recv(BUFSIZE)`.
pub fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; BUFSIZE];
    let received = stream.read(&mut buffer)?;
    buffer.truncate(received);
    Ok(buffer)
}

/// Waits until `size` bytes are in the receive buffer: only then is it certain what one receive returns.
pub fn wait_until_landed(stream: &TcpStream, size: usize) -> io::Result<()> {
    let deadline = Instant::now() + LANDING_TIME;
    let mut buffer = vec![0; size];
    loop {
        let landed = stream.peek(&mut buffer)?;
        if landed == size {
            return Ok(());
        }
        if landed == 0 || Instant::now() > deadline {
            let what = format!("{landed} of {size} bytes landed");
            return Err(io::Error::new(io::ErrorKind::TimedOut, what));
        }
        thread::yield_now();
    }
}

/// Bytes as a line can show them: in quotes, escaped, a long text cut.
pub fn quoted(bytes: &[u8]) -> String {
    const SHOWN: usize = 32;
    match bytes.get(..SHOWN) {
        Some(beginning) if bytes.len() > SHOWN => format!("\"{}\"...", beginning.escape_ascii()),
        _ => format!("\"{}\"", bytes.escape_ascii()),
    }
}

/// What a call returned, as a line can show it: the number of bytes, or the kind of the error.
pub fn outcome(result: &io::Result<usize>) -> String {
    match result {
        Ok(1) => "1 byte".to_owned(),
        Ok(size) => format!("{size} bytes"),
        Err(error) => format!("{:?}", error.kind()),
    }
}

/// Whether a call failed with this kind of error.
pub fn failed_with<T>(result: &io::Result<T>, kind: io::ErrorKind) -> bool {
    result.as_ref().is_err_and(|error| error.kind() == kind)
}
