//! What the TCP servers share: an accept that never ends the server, a thread for each client, and what a client must
//! pass before it is served.
//!
//! By default a server listens on loopback only, and on Linux it serves nobody but its own user and root. Other systems
//! do not tell who connects.

mod connection;
mod http;
mod log;
mod lookup;
mod place;
mod reader;

pub use connection::{Connection, STALL_TIMEOUT};
pub use place::MAX_CLIENTS;

use crate::cli::{self, Args, Context};
use crate::command;
use log::Log;
use lookup::{Ends, Lookup, Owner};
use place::{Place, Places};
use std::io::{self, Read};
use std::mem;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

/// How long to wait after a failure that lasts. Without a pause, `accept` fails again at once, for ever.
const PAUSE: Duration = Duration::from_millis(100);
/// How often a client is looked up at most.
const MAX_LOOKUPS: u32 = 3;

/// What serves one client.
type Handle = Box<dyn FnOnce(&mut Connection) -> io::Result<()> + Send>;

/// A server, as its threads share it.
pub struct Server {
    log: Log,
    places: Places,
    /// Sends a client the reason why it is dropped; nothing in a format that has no such message.
    send_refusal: fn(&TcpStream, &str),
    /// Where clients wait to be looked up; `None` if anyone may connect.
    to_look_up: Option<SyncSender<Accepted>>,
}

/// A client that was accepted and is not admitted yet.
struct Accepted {
    stream: Arc<TcpStream>,
    ends: Ends,
    handle: Handle,
    lookups: u32,
    /// Whether the last look-up has found that it is root's.
    was_root: bool,
}

/// The address that a remote shell listens on: the first that `args.addr` stands for. If that is no loopback address
/// and `--allow-anyone` was not given, the process ends with status 2, as for any wrong usage.
///
/// # Errors
/// When the host is unknown.
pub fn listen_addr(name: &str, args: &Args) -> io::Result<SocketAddr> {
    let addr = cli::resolve(&args.addr)?[0];
    if !addr.ip().is_loopback() && !args.allow_anyone {
        cli::wrong_usage(
            name,
            format_args!("will not listen on {addr}: others could run commands here; use 127.0.0.1 or --allow-anyone"),
        );
    }
    Ok(addr)
}

/// Says on stderr if others than the server's user can connect: once it listens.
pub fn warn_of_others(name: &str, allow_anyone: bool) {
    if allow_anyone {
        cli::warn(name, "warning: whoever can connect to this address can run commands as you");
    } else if !cfg!(target_os = "linux") {
        cli::warn(name, "warning: on this system every user of this machine can connect and run commands as you");
    }
}

impl Server {
    /// Starts what a server needs beside its listener, before it listens on `own`. `allow_anyone` lifts the same-user
    /// rule; `send_refusal` sends a client the reason why it is dropped.
    ///
    /// # Errors
    /// When the system's tables cannot be opened, or a thread or the guard cannot be started.
    pub fn start(
        name: &'static str,
        own: SocketAddr,
        allow_anyone: bool,
        send_refusal: fn(&TcpStream, &str),
    ) -> io::Result<Arc<Server>> {
        command::start_supervisor().context("cannot start the guard or the supervisor of commands")?;
        let log = Log::start(name)?;
        let places = Places::default();
        if allow_anyone {
            return Ok(Arc::new(Server { log, places, send_refusal, to_look_up: None }));
        }
        let lookup = Lookup::start(own)?;
        let max_waiting = place::max_waiting();
        let (to_look_up, accepted) = mpsc::sync_channel(max_waiting);
        let server = Arc::new(Server { log, places, send_refusal, to_look_up: Some(to_look_up) });
        let looking_up = Arc::clone(&server);
        thread::Builder::new()
            .spawn(move || looking_up.look_up_clients(&accepted, max_waiting, lookup))
            .context("cannot start a thread")?;
        Ok(server)
    }

    /// Python's `accept`. A failure is logged and waited out.
    pub fn accept(&self, listener: &TcpListener) -> (TcpStream, SocketAddr) {
        loop {
            match listener.accept() {
                Ok(accepted) => return accepted,
                Err(error) => {
                    self.log.message(format_args!("cannot accept a client: {error}"));
                    // It is over at once if a client gave up before it was accepted; it lasts if no descriptor is left.
                    if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
                        thread::sleep(PAUSE);
                    }
                }
            }
        }
    }

    /// Python's `threading.Thread(target=handle, …).start()`: a thread of its own serves the client, once it is
    /// admitted. Waits while too many others wait for that.
    ///
    /// An error of `handle` ends this client's connection only. The server logs the reason, and sends it to the
    /// client if the format has a message for that.
    pub fn spawn(
        self: &Arc<Self>,
        stream: TcpStream,
        addr: SocketAddr,
        handle: impl FnOnce(&mut Connection) -> io::Result<()> + Send + 'static,
    ) {
        let own = match stream.local_addr() {
            Ok(own) => own,
            Err(error) => return self.log.message(format_args!("dropped {addr}: {error}")),
        };
        let ends = Ends { own, peer: addr, inode: None };
        let (stream, handle) = (Arc::new(stream), Box::new(handle));
        let client = Accepted { stream, ends, handle, lookups: 0, was_root: false };
        let Some(to_look_up) = &self.to_look_up else { return self.admit(client) };
        if to_look_up.send(client).is_err() {
            self.log.message(format_args!("dropped {addr}: the thread that looks clients up has ended"));
        }
    }

    /// Runs in the thread that looks clients up: one reading for all that wait, so a crowd costs no more than one
    /// client.
    fn look_up_clients(self: &Arc<Self>, accepted: &Receiver<Accepted>, max_waiting: usize, mut lookup: Lookup) {
        let mut waiting: Vec<Accepted> = Vec::new();
        loop {
            if waiting.is_empty() {
                let Ok(first) = accepted.recv() else { return };
                waiting.push(first);
            }
            let room = max_waiting.saturating_sub(waiting.len());
            waiting.extend(accepted.try_iter().take(room));
            let mut ends: Vec<_> = waiting.iter_mut().map(|client| &mut client.ends).collect();
            // Begins after all of them were accepted: before that, their ports may have been those of others.
            let owners = lookup.owners(&mut ends);
            for (client, owner) in mem::take(&mut waiting).into_iter().zip(owners) {
                waiting.extend(self.decide(client, owner));
            }
        }
    }

    /// Admits or refuses a client, or returns it if it is to be looked up again.
    fn decide(self: &Arc<Self>, mut client: Accepted, owner: Owner) -> Option<Accepted> {
        client.lookups += 1;
        let is_root_again = owner == Owner::Root && client.was_root;
        client.was_root = owner == Owner::Root;
        let (stream, addr) = (&client.stream, client.ends.peer);
        // `peer_addr` fails if the client has reset the connection. Then what was found can be of another client, which
        // has its port now.
        let owner = if stream.peer_addr().is_err() { Owner::Gone } else { owner };
        match owner {
            // What it has sent is not read, so closing sends a reset, and no line stays in the system's tables. Such
            // lines would make each look-up longer.
            Owner::Gone => {
                self.log.message(format_args!("dropped {addr}: it was gone before it was clear which user owns it"));
            }
            Owner::Other(why) => self.refuse(stream, addr, &why, " (--allow-anyone would let it in)"),
            Owner::SameUser => self.admit(client),
            Owner::Root if is_root_again => self.admit(client),
            Owner::Root | Owner::NotFound if client.lookups < MAX_LOOKUPS => return Some(client),
            Owner::Root | Owner::NotFound => {
                self.refuse(stream, addr, "the system does not say which user owns it", "");
            }
        }
        None
    }

    fn admit(self: &Arc<Self>, client: Accepted) {
        let (stream, addr) = (Arc::clone(&client.stream), client.ends.peer);
        let Some(place) = self.places.take() else {
            let why = format!("there are {MAX_CLIENTS} clients already, try again later");
            return self.refuse(&stream, addr, &why, "");
        };
        let server = Arc::clone(self);
        if let Err(error) = thread::Builder::new().spawn(move || server.serve(client, place)) {
            self.refuse(&stream, addr, &format!("cannot start a thread: {error}"), "");
            thread::sleep(PAUSE);
        }
    }

    /// Drops a client that is not served. The log gets the reason and the hint, the client the reason if the format has
    /// a message for that.
    fn refuse(&self, mut stream: &TcpStream, addr: SocketAddr, why: &str, hint: &str) {
        (self.send_refusal)(stream, why);
        // Read, as closing with unread bytes would send a reset, which overtakes the reason.
        let _ = stream.set_nonblocking(true).and_then(|()| stream.read(&mut [0; 4096]));
        self.log.message(format_args!("dropped {addr}: {why}{hint}"));
    }

    fn serve(&self, client: Accepted, place: Place) {
        let (stream, addr) = (Arc::clone(&client.stream), client.ends.peer);
        let mut conn = match Connection::start(client.stream, addr, self.log.clone(), place) {
            Ok(conn) => conn,
            Err(error) => return self.refuse(&stream, addr, &error.to_string(), ""),
        };
        if let Err(error) = (client.handle)(&mut conn) {
            (self.send_refusal)(&stream, &error.to_string());
            conn.close_gently();
            self.log.message(format_args!("dropped {addr}: {error}"));
        }
    }
}
