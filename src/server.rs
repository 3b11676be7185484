//! What keeps a server up: a door where it is decided who comes in, a thread per client, and failures that end one
//! client's thread at most.

use crate::cli::{self, Context};
use crate::connection::Connection;
use crate::guard;
use crate::peer::{Table, Verdict};
use crate::running;
use crate::signals;
use std::io::{self, Read};
use std::iter;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;
use std::time::Duration;

/// Clients served at once: each costs a thread, a descriptor and, with a command running, two pipes and a process.
pub const MAX_CONNECTIONS: usize = 256;
/// How long to wait after a failure that lasts. Without a pause, `accept` fails again at once, for ever.
const PAUSE: Duration = Duration::from_millis(100);
/// How often a client is looked up at most. The system's table is not read in one piece, so that a line can be missed
/// while others come and go.
const MAX_LOOKS: u8 = 3;
/// Lines that may wait until stderr takes them.
const MAX_LINES: usize = 256;

const GONE: &str = "it was gone before it was clear whose it is";
/// For the log: what whoever runs the server may do about it.
const HINT: &str = " (--allow-anyone would let it in)";

type Handle = Arc<dyn Fn(&Arc<Connection>) -> io::Result<()> + Send + Sync>;

/// Where clients wait until it is clear that they may come in. One thread looks up all that wait at once, so that a
/// crowd at the door costs no more than one client.
#[derive(Debug)]
pub struct Door {
    queue: Sender<Visitor>,
    complaints: Complaints,
}

/// Somebody at the door.
#[derive(Debug)]
struct Visitor {
    stream: TcpStream,
    addr: SocketAddr,
    own: SocketAddr,
    looks: u8,
}

impl Door {
    /// Opens the door of the program `name`, behind which `handle` serves each client in a thread of its own; an error
    /// of it is logged and ends that thread. `allow_anyone` lifts the same-user rule. `refuse` tells a client why it is
    /// turned away, if the format has a word for that.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn open(
        name: &'static str,
        allow_anyone: bool,
        handle: impl Fn(&Arc<Connection>) -> io::Result<()> + Send + Sync + 'static,
        refuse: fn(&TcpStream, &str),
    ) -> io::Result<Door> {
        signals::restore();
        if allow_anyone {
            cli::warn(name, "warning: whoever can connect to this address can run commands as you");
        }
        guard::start().context("cannot start the shell that kills what is left")?;
        running::start_lookout().context("cannot start a thread")?;
        let (queue, visitors) = mpsc::channel();
        let again = queue.clone();
        let complaints = Complaints::start(name)?;
        let places = Arc::new(());
        let table = if allow_anyone { None } else { Some(Table::open()?) };
        let keeper = Keeper { handle: Arc::new(handle), refuse, again, places, complaints: complaints.clone() };
        thread::Builder::new().spawn(move || keeper.keep(&visitors, table)).context("cannot start a thread")?;
        Ok(Door { queue, complaints })
    }

    /// Has a client wait at the door. Returns at once.
    pub fn knock(&self, stream: TcpStream, addr: SocketAddr) {
        match stream.local_addr() {
            Ok(own) => drop(self.queue.send(Visitor { stream, addr, own, looks: 0 })),
            Err(error) => self.complaints.add(format!("dropped {addr}: {error}")),
        }
    }

    /// Logs a failed `accept` and waits until it may work again.
    pub fn wait_out(&self, error: io::Error) {
        self.complaints.add(format!("cannot accept a client: {error}"));
        // A client that gave up before it was accepted does not last; running out of descriptors does.
        if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
            thread::sleep(PAUSE);
        }
    }
}

/// Who decides at the door.
struct Keeper {
    handle: Handle,
    refuse: fn(&TcpStream, &str),
    again: Sender<Visitor>,
    /// Every client's thread holds a clone, so the count of clones is the count of threads, even after a panic.
    places: Arc<()>,
    complaints: Complaints,
}

impl Keeper {
    /// Without a `table` anyone may come in.
    fn keep(&self, visitors: &Receiver<Visitor>, mut table: Option<Table>) {
        for first in visitors {
            let waiting: Vec<Visitor> = iter::once(first).chain(visitors.try_iter()).collect();
            let connections: Vec<_> = waiting.iter().map(|visitor| (visitor.own, visitor.addr)).collect();
            let verdicts = match &mut table {
                Some(table) => table.look_up(&connections), // all of them were accepted before that begins
                None => vec![Verdict::Admitted; connections.len()],
            };
            waiting.into_iter().zip(verdicts).for_each(|(visitor, verdict)| self.decide(visitor, verdict));
        }
    }

    fn decide(&self, mut visitor: Visitor, verdict: Verdict) {
        visitor.looks += 1;
        // Fails if the stream was reset meanwhile. Then its port, and so what was looked up, can be somebody else's.
        let is_connected = visitor.stream.peer_addr().is_ok();
        match verdict {
            _ if !is_connected => self.turn_away(&visitor, GONE, ""),
            Verdict::Gone => self.turn_away(&visitor, GONE, ""),
            Verdict::Admitted => self.admit(visitor),
            Verdict::Closing if visitor.looks > 1 => self.admit(visitor),
            Verdict::Missed if visitor.looks == MAX_LOOKS => {
                self.turn_away(&visitor, "the system does not say whose it is", "");
            }
            Verdict::Closing | Verdict::Missed => drop(self.again.send(visitor)),
            Verdict::Refused(why) => self.turn_away(&visitor, &why, HINT),
        }
    }

    fn admit(&self, visitor: Visitor) {
        let place = Arc::clone(&self.places);
        if Arc::strong_count(&place) > MAX_CONNECTIONS + 1 {
            return self.turn_away(
                &visitor,
                &format!("there are {MAX_CONNECTIONS} clients already, try again later"),
                "",
            );
        }
        let Visitor { stream, addr, .. } = visitor;
        let (complaints, handle) = (self.complaints.clone(), Arc::clone(&self.handle));
        let thread = thread::Builder::new().spawn(move || {
            let _ = stream.set_nodelay(true); // an answer must not wait for the acknowledgement of the one before (Nagle)
            let client = Arc::new(Connection::new(stream, addr));
            let result = handle(&client);
            client.close();
            drop(place);
            if let Err(error) = result {
                complaints.add(format!("dropped {addr}: {error}"));
            }
        });
        if let Err(error) = thread {
            self.complaints.add(format!("dropped {addr}: cannot start a thread: {error}"));
            thread::sleep(PAUSE);
        }
    }

    fn turn_away(&self, visitor: &Visitor, why: &str, hint: &str) {
        let mut stream = &visitor.stream;
        (self.refuse)(stream, why);
        // Closing with unread bytes would send a reset, which overtakes the answer.
        let _ = stream.set_nonblocking(true).and_then(|()| stream.read(&mut [0; 4096]));
        self.complaints.add(format!("dropped {}: {why}{hint}", visitor.addr));
    }
}

/// Lines for stderr from threads that must never wait for it: strangers, and web pages, could fill a pipe that nobody
/// reads.
#[derive(Clone, Debug)]
struct Complaints {
    lines: SyncSender<String>,
    left_out: Arc<AtomicUsize>,
}

impl Complaints {
    fn start(name: &'static str) -> io::Result<Complaints> {
        let (lines, receiver) = mpsc::sync_channel::<String>(MAX_LINES);
        let left_out = Arc::new(AtomicUsize::new(0));
        let complaints = Complaints { lines, left_out: Arc::clone(&left_out) };
        let write = move || {
            for line in receiver {
                cli::warn(name, line);
                match left_out.swap(0, Ordering::Relaxed) {
                    0 => {}
                    count => cli::warn(name, format_args!("{count} more lines like that were left out")),
                }
            }
        };
        thread::Builder::new().spawn(write).context("cannot start a thread")?;
        Ok(complaints)
    }

    fn add(&self, line: String) {
        if self.lines.try_send(line).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }
}
