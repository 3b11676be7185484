//! What the benches share: servers as child processes, commands over both wire formats, memory, medians.

#![allow(dead_code)] // each bench uses its own part

use socket_basics::handshake::{self, ACK};
use socket_basics::header::{self, Kind};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before a bench gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(1);
/// A server that looks the same this many times, with a pause between, is at rest.
const STEADY_LOOKS: usize = 200;

/// The path of one of the crate's programs, or of `examples/NAME` once that was built.
pub fn program(name: &str) -> PathBuf {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Path::new(env!("CARGO_BIN_EXE_udp_server")).with_file_name(file)
}

/// The protocol that a server speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Udp,
    Tcp,
}

/// A server as a child process that prints to nowhere; killed and waited for when dropped.
pub struct Server {
    child: Child,
    pub addr: SocketAddr,
}

impl Server {
    /// Starts one of the crate's programs.
    pub fn start(name: &str, over: Over) -> Server {
        Server::start_command(&mut Command::new(program(name)), over)
    }

    /// Starts `command` with a free address as its last argument and waits until it answers there.
    pub fn start_command(command: &mut Command, over: Over) -> Server {
        let addr = free_addr(over);
        command.arg(addr.to_string()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let server = Server { child, addr };
        wait_until(&format!("{command:?} answers"), || match over {
            Over::Udp => connect_udp(addr).is_ok_and(|socket| {
                socket.send(b"ready?").and_then(|_| socket.recv(&mut [0; 16])).is_ok() // lost until it has its address
            }),
            Over::Tcp => TcpStream::connect(addr).is_ok(),
        });
        server
    }

    /// A connection to the server, on which nothing waits for an acknowledgement or for ever.
    pub fn connect(&self) -> io::Result<TcpStream> {
        self.connect_within(PATIENCE)
    }

    /// The same, given up after `limit`.
    pub fn connect_within(&self, limit: Duration) -> io::Result<TcpStream> {
        let stream = TcpStream::connect_timeout(&self.addr, limit)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    /// A number from `/proc/PID/status`: `VmRSS` and `VmHWM` in KiB, `Threads`. `None` where there is none.
    pub fn status(&self, field: &str) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse().ok()
    }

    /// How many descriptors it has open. `None` where `/proc` does not tell.
    fn descriptors(&self) -> Option<u64> {
        Some(fs::read_dir(format!("/proc/{}/fd", self.child.id())).ok()?.count() as u64)
    }

    /// How many child processes it has: the guard and commands, also those that nobody has waited for.
    fn children(&self) -> Option<u64> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).ok()?.flatten();
        let lists = threads.map(|thread| fs::read_to_string(thread.path().join("children")).unwrap_or_default());
        Some(lists.map(|list| list.split_whitespace().count() as u64).sum())
    }

    /// Waits until the server has at least `threads` threads and nothing changes any more, then says what it holds.
    /// `None` where `/proc` does not tell.
    pub fn settle(&self, threads: u64) -> Option<Holds> {
        let now = || {
            let [threads, kib] = [self.status("Threads")?, self.status("VmRSS")?];
            Some(Holds { threads, children: self.children()?, descriptors: self.descriptors()?, kib })
        };
        let mut last = now()?;
        let mut same = 0;
        wait_until("a server is at rest", || {
            let Some(holds) = now() else { return false };
            same = if holds == last { same + 1 } else { 0 };
            last = holds;
            same >= STEADY_LOOKS && holds.threads >= threads
        });
        Some(last)
    }
}

/// What a server holds at some time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Holds {
    pub threads: u64,
    pub children: u64,
    pub descriptors: u64,
    pub kib: u64,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that was free a moment ago: a server that prints to nowhere cannot say which one it got.
fn free_addr(over: Over) -> SocketAddr {
    let any = (Ipv4Addr::LOCALHOST, 0);
    match over {
        Over::Udp => UdpSocket::bind(any).and_then(|socket| socket.local_addr()),
        Over::Tcp => TcpListener::bind(any).and_then(|listener| listener.local_addr()),
    }
    .expect("no free address")
}

/// A socket that talks to `addr` alone and waits for a reply no longer than any takes on loopback.
pub fn connect_udp(addr: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(addr)?;
    socket.set_read_timeout(Some(Duration::from_millis(200)))?;
    Ok(socket)
}

/// Waits until `done` says so; panics when that takes too long.
pub fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} in vain until {what}");
        thread::sleep(PAUSE);
    }
}

/// Runs one command on an open connection and returns its output.
pub type Execute = fn(&mut TcpStream, &str) -> io::Result<Vec<u8>>;

/// [`Execute`] over the size handshake.
pub fn execute_size(stream: &mut TcpStream, command: &str) -> io::Result<Vec<u8>> {
    stream.write_all(command.as_bytes())?;
    let mut buffer = [0; 100];
    let received = stream.read(&mut buffer)?;
    let size = handshake::parse_size(&buffer[..received])?;
    stream.write_all(ACK.as_bytes())?;
    let mut output = vec![0; usize::try_from(size).map_err(io::Error::other)?];
    stream.read_exact(&mut output)?;
    Ok(output)
}

/// [`Execute`] over the header.
pub fn execute_header(stream: &mut TcpStream, command: &str) -> io::Result<Vec<u8>> {
    header::write_message(stream, Kind::Command, command.as_bytes())?;
    let mut output = Vec::new();
    loop {
        let (header, body) = header::read_message(stream)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        match header.kind {
            Kind::Stdout | Kind::Stderr => output.extend(body),
            Kind::Exit => return Ok(output),
            kind => return Err(io::Error::other(format!("{kind:?}: {}", String::from_utf8_lossy(&body)))),
        }
    }
}

/// The value that `share` (0 to 1) of all values do not exceed.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

/// The value in the middle.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// Whether an argument of that name was given. Cargo adds `--bench`, which says nothing.
pub fn has_option(name: &str) -> bool {
    std::env::args().any(|argument| argument == name)
}
