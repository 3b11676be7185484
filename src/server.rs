//! What keeps a server up: a thread per client, a limit on them, and failures that end one client's thread at most.

use crate::cli;
use crate::command::MAX_COMMAND;
use crate::connection::Connection;
use crate::peer;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Clients served at once: each costs a thread, a descriptor and, with a command running, two pipes and a process.
pub const MAX_CONNECTIONS: usize = 256;
/// How long to wait after a failure that lasts. Without a pause, `accept` fails again at once, for ever.
const PAUSE: Duration = Duration::from_millis(100);

/// The threads that serve clients, one each.
#[derive(Debug)]
pub struct Threads {
    name: &'static str,
    allow_anyone: bool,
    /// Every thread holds a clone, so the count of clones is the count of threads, even after a panic.
    slots: Arc<()>,
}

impl Threads {
    /// No thread yet. `name` is the program's, for messages; `allow_anyone` lifts the same-user rule.
    pub fn new(name: &'static str, allow_anyone: bool) -> Threads {
        if allow_anyone {
            cli::warn(name, "warning: whoever can connect to this address can run commands as you");
        }
        Threads { name, allow_anyone, slots: Arc::new(()) }
    }

    /// Serves one client in a thread of its own: checks who it is, waits for its first request, then calls `handle`.
    /// Whatever goes wrong there is logged and ends that thread. When there are [`MAX_CONNECTIONS`], `stream` comes back.
    pub fn start(
        &self,
        stream: TcpStream,
        addr: SocketAddr,
        handle: fn(Connection) -> io::Result<()>,
    ) -> Option<TcpStream> {
        let slot = Arc::clone(&self.slots);
        if Arc::strong_count(&slot) > MAX_CONNECTIONS + 1 {
            cli::warn(self.name, format_args!("dropped {addr}: there are {MAX_CONNECTIONS} clients already"));
            return Some(stream);
        }
        let (name, allow_anyone) = (self.name, self.allow_anyone);
        let thread = thread::Builder::new().spawn(move || {
            let _slot = slot;
            let served = admit(stream, addr, allow_anyone).and_then(|client| client.map_or(Ok(()), handle));
            if let Err(error) = served {
                cli::warn(name, format_args!("dropped {addr}: {error}"));
            }
        });
        if let Err(error) = thread {
            cli::warn(self.name, format_args!("dropped {addr}: cannot start a thread: {error}"));
            thread::sleep(PAUSE);
        }
        None
    }

    /// Logs a failed `accept` and waits until it may work again.
    pub fn wait_out(&self, error: io::Error) {
        cli::warn(self.name, format_args!("cannot accept a client: {error}"));
        // A client that gave up before it was accepted does not last; running out of descriptors does.
        if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
            thread::sleep(PAUSE);
        }
    }
}

/// The connection of a client that may stay, with its first request read ahead; `None` if it left without one.
fn admit(stream: TcpStream, addr: SocketAddr, allow_anyone: bool) -> io::Result<Option<Connection>> {
    if !allow_anyone {
        peer::check_user(stream.local_addr()?, addr)?;
        // Fails if the stream was reset meanwhile. Then its port, and so what was looked up, can be somebody else's.
        stream.peer_addr().map_err(cli::context("it was reset before it was clear whose it is"))?;
    }
    stream.set_nodelay(true)?; // an answer must not wait for the acknowledgement of the one before (Nagle)
    let mut client = Connection::new(stream, addr);
    let request = client.read_ahead(MAX_COMMAND + 1)?;
    if request.is_empty() {
        return Ok(None);
    }
    if peer::looks_like_http(&request) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "its first request looks like HTTP"));
    }
    Ok(Some(client))
}
