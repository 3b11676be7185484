//! How fast the servers are: each figure beside that of a bare server, measured in the same run.
//!
//! ```sh
//! cargo bench               # two minutes
//! cargo bench -- --quick    # a look, 20 s when nothing else runs
//! ```
//!
//! The bare servers stand at the end of this file: loops that exchange the same messages and print the same lines, and
//! protect nothing. The real program, the bare server and the Python of the same name run as child processes that print
//! to nowhere. They take turns, so a busy machine slows all of them; the ratio is the median of the ratios of the
//! turns. Half of all ratios lie in the range behind it. When that is wide, run it again on a machine that has nothing
//! else to do.
//!
//! What the figures tell:
//! - The UDP server makes three system calls a datagram, one of them for its line. To collect lines
//!   would be faster, but some could be lost.
//! - Nearly all the time of a short command is that of the shell. Most of the rest is that of each client's second
//!   thread, the one that reads.
//! - A new connection waits until the system's tables have shown which user owns it. This grows with the number of
//!   connections; those that ended within the last minute count too. `--allow-anyone` does without.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use socket_basics::handshake::{self, ACK};
use socket_basics::header::{self, HEADER_SIZE, Kind};
use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before the bench gives up.
const PATIENCE: Duration = Duration::from_secs(20);
/// Datagrams on their way at once: enough that the server never waits for the client.
const WINDOW: usize = 16;
const PAYLOAD: &[u8; 64] = b"the quick brown fox jumps over the lazy dog, 0123456789, again..";
/// How long datagrams are counted in one turn.
const UDP_TURN: Duration = Duration::from_millis(100);
/// After this time a datagram is lost: none takes as long on loopback.
const UDP_TIMEOUT: Duration = Duration::from_millis(200);
const COMMAND: &str = "echo hi";
/// Commands in one turn on one connection.
const COMMANDS: usize = 20;
/// Connections in one turn, few, as the system keeps each in its table for a minute.
const CONNECTIONS: usize = 2;
const GIB: u64 = 1 << 30;
/// Bytes that are moved at once, and that a header's body holds.
const BLOCK: usize = 64 * 1024;
const IDLE_CLIENTS: usize = 250;
/// A server is at rest when its memory has been the same for this long.
const AT_REST: Duration = Duration::from_millis(300);
/// A middle half of ratios that spans more than this share of the median is called wide.
const WIDE: f64 = 0.10;

/// How much is measured.
struct Effort {
    udp_turns: usize,
    command_turns: usize,
    output_turns: usize,
    output_bytes: u64,
}

const FULL: Effort = Effort { udp_turns: 75, command_turns: 101, output_turns: 15, output_bytes: GIB };
const QUICK: Effort = Effort { udp_turns: 11, command_turns: 13, output_turns: 7, output_bytes: GIB / 4 };

fn main() -> io::Result<()> {
    let args: Vec<_> = env::args().collect();
    if let [_, option, which, addr] = &args[..] {
        if option == "--bare" {
            return bare(which, addr);
        }
    }
    let effort = if args.contains(&"--quick".to_owned()) { QUICK } else { FULL };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    println!("{} {}, {cores} cores; medians\n", env::consts::OS, env::consts::ARCH);
    println!("{:<34}{:>8}{:>8}  {:<19}{:>7}{:>9}", "", "ours", "bare", "ratio (middle half)", "goal", "python");
    udp(&effort);
    if !cfg!(unix) {
        println!("commands are measured on Unix only");
        return Ok(());
    }
    short_command("tcp_exec_server", "size", run_with_size, Goal::AtMost(1.12), &effort);
    short_command("tcp_header_server", "header", run_with_header, Goal::AtMost(1.05), &effort);
    long_output(&effort);
    new_connection(&[], &effort);
    new_connection(&["--allow-anyone"], &effort);
    idle("tcp_exec_server");
    idle("tcp_header_server");
    Ok(())
}

// ---- the figures ----

fn udp(effort: &Effort) {
    let mut servers = Three::start("udp_server", &[], "udp");
    let figure = Figure { name: "UDP echoes, 64 bytes, 1/s".to_owned(), goal: Goal::AtLeast(0.97) };
    compare(&figure, effort.udp_turns, &mut servers, |server| echoes_a_second(&server.connect_udp()));
}

/// Keeps [`WINDOW`] datagrams on their way for one turn, then takes in what is left.
fn echoes_a_second(socket: &UdpSocket) -> f64 {
    let mut buffer = [0; PAYLOAD.len() + 1];
    let mut on_their_way = 0;
    let mut echoes = 0.0;
    let start = Instant::now();
    loop {
        while on_their_way < WINDOW && start.elapsed() < UDP_TURN {
            socket.send(PAYLOAD).unwrap();
            on_their_way += 1;
        }
        if on_their_way == 0 {
            return echoes / start.elapsed().as_secs_f64();
        }
        match socket.recv(&mut buffer) {
            Ok(received) => {
                assert!(buffer[..received] == PAYLOAD.to_ascii_uppercase(), "a wrong reply");
                on_their_way -= 1;
                echoes += 1.0;
            }
            Err(_) => on_their_way = 0, // the time is up: those are lost
        }
    }
}

/// Runs one command on an open connection and returns its output.
type Run = fn(&mut TcpStream, &str) -> Vec<u8>;

fn short_command(name: &str, format: &str, run: Run, goal: Goal, effort: &Effort) {
    let mut servers = Three::start(name, &[], format).map(|server| (server.connect(), server));
    let figure = Figure { name: format!("`{COMMAND}`, {format}, µs"), goal };
    compare(&figure, effort.command_turns, &mut servers, |(stream, _)| {
        microseconds_each(COMMANDS, || assert_eq!(run(stream, COMMAND), b"hi\n"))
    });
}

/// One command on a connection of its own; `args` are for ours.
fn new_connection(args: &[&str], effort: &Effort) {
    let mut servers = Three::start("tcp_exec_server", args, "size");
    let name = if args.is_empty() {
        format!("`{COMMAND}`, size, new connection, µs")
    } else {
        format!("with {}, µs", args[0])
    };
    compare(&Figure { name, goal: Goal::Shown }, effort.command_turns, &mut servers, |server| {
        microseconds_each(CONNECTIONS, || assert_eq!(run_with_size(&mut server.connect(), COMMAND), b"hi\n"))
    });
}

fn run_with_size(stream: &mut TcpStream, command: &str) -> Vec<u8> {
    stream.write_all(command.as_bytes()).unwrap();
    let mut buffer = [0; 100];
    let received = stream.read(&mut buffer).unwrap();
    let size = handshake::parse_size(&buffer[..received]).unwrap();
    stream.write_all(ACK.as_bytes()).unwrap();
    let mut output = vec![0; size as usize];
    stream.read_exact(&mut output).unwrap();
    output
}

fn run_with_header(stream: &mut TcpStream, command: &str) -> Vec<u8> {
    header::send_message(&mut *stream, Kind::Command, command.as_bytes()).unwrap();
    let mut output = Vec::new();
    loop {
        let message = header::recv_message(stream).unwrap().expect("a message before the end");
        match message.kind {
            Kind::Exit => return output,
            _ => output.extend(message.body),
        }
    }
}

fn microseconds_each(count: usize, mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..count).for_each(|_| run());
    start.elapsed().as_secs_f64() * 1e6 / count as f64
}

fn long_output(effort: &Effort) {
    let size = effort.output_bytes;
    let mut servers = Three::start("tcp_header_server", &[], "relay");
    let figure = Figure { name: format!("{} MiB of output, header, GiB/s", size >> 20), goal: Goal::AtLeast(0.97) };
    compare(&figure, effort.output_turns, &mut servers, |server| gib_a_second(server, size));
    let most = |server: Option<&Server>| server.and_then(|server| server.status("VmHWM"));
    bounded("most memory meanwhile, KiB", most(Some(&servers.ours)), 4096.0, most(servers.python.as_ref()));
}

/// The speed of one output of `size` bytes, from its first byte on: the rows for a new connection show the time before
/// that. The bare server sends it without headers and closes.
fn gib_a_second(server: &Server, size: u64) -> f64 {
    let mut stream = server.connect();
    header::send_message(&mut stream, Kind::Command, format!("head -c {size} /dev/zero").as_bytes()).unwrap();
    let mut reader = BufReader::with_capacity(2 * BLOCK, stream);
    reader.fill_buf().unwrap();
    let start = Instant::now();
    let received = if server.is_bare { skip(&mut reader, u64::MAX) } else { skip_bodies(&mut reader) };
    assert_eq!(received, size);
    size as f64 / GIB as f64 / start.elapsed().as_secs_f64()
}

fn skip_bodies(reader: &mut impl BufRead) -> u64 {
    let mut header = [0; HEADER_SIZE];
    let mut output = 0;
    loop {
        reader.read_exact(&mut header).unwrap();
        if header[4] == Kind::Exit as u8 {
            return output;
        }
        output += skip(reader, u64::from_be_bytes(header[8..16].try_into().unwrap()));
    }
}

/// Skips `length` bytes or what there is, without copying, and returns how many.
fn skip(reader: &mut impl BufRead, length: u64) -> u64 {
    let mut skipped = 0;
    while skipped < length {
        let step = (reader.fill_buf().unwrap().len() as u64).min(length - skipped);
        if step == 0 {
            break;
        }
        reader.consume(step as usize);
        skipped += step;
    }
    skipped
}

fn idle(name: &str) {
    let ours = Server::start(&mut Command::new(program(name)), Over::Tcp);
    let python = start_python(name, Over::Tcp);
    bounded(&format!("idle client, {name}, KiB"), idle_kib(&ours), 24.0, python.and_then(|server| idle_kib(&server)));
}

/// The memory for each idle client, in KiB.
fn idle_kib(server: &Server) -> Option<f64> {
    let before = server.memory_at_rest()?;
    let mut clients = Vec::new();
    for _ in 0..IDLE_CLIENTS {
        clients.push(server.connect());
        thread::sleep(Duration::from_millis(2)); // a server with a short backlog would make the others wait for seconds
    }
    let after = server.memory_at_rest()?;
    Some((after - before) / IDLE_CLIENTS as f64)
}

// ---- servers ----

#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Udp,
    Tcp,
}

/// A server as a child process that prints to nowhere; killed and waited for when dropped.
struct Server {
    child: Child,
    addr: SocketAddr,
    is_bare: bool,
}

impl Server {
    /// Starts `command` with a free address as its last argument and waits until it answers there.
    fn start(command: &mut Command, over: Over) -> Server {
        let addr = free_addr(over);
        command.arg(addr.to_string()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let server = Server { child, addr, is_bare: false };
        wait_until("a server answers", || match over {
            Over::Udp => {
                let socket = server.connect_udp();
                socket.send(b"ready?").and_then(|_| socket.recv(&mut [0; 16])).is_ok()
            }
            Over::Tcp => TcpStream::connect(addr).is_ok(),
        });
        server
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect_timeout(&self.addr, PATIENCE).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn connect_udp(&self) -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(self.addr).unwrap();
        socket.set_read_timeout(Some(UDP_TIMEOUT)).unwrap();
        socket
    }

    /// A number from `/proc/PID/status`: `VmRSS` and `VmHWM` in KiB. `None` where there is none.
    fn status(&self, field: &str) -> Option<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse().ok()
    }

    /// Its resident memory in KiB, once that does not change any more.
    fn memory_at_rest(&self) -> Option<f64> {
        let mut last = self.status("VmRSS")?;
        let mut since = Instant::now();
        wait_until("a server is at rest", || {
            let now = self.status("VmRSS").unwrap_or_default();
            if now != last {
                last = now;
                since = Instant::now();
            }
            since.elapsed() >= AT_REST
        });
        Some(last)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The path of one of the crate's programs.
fn program(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_BIN_EXE_udp_server")).with_file_name(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// The Python of the same name, where there is a Python.
fn start_python(name: &str, over: Over) -> Option<Server> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/python/{name}.py"));
    let has_python = Command::new("python3").arg("-V").stdout(Stdio::null()).status().is_ok_and(|it| it.success());
    has_python.then(|| Server::start(Command::new("python3").arg(script), over))
}

/// An address that was free a moment ago: a server that prints to nowhere cannot say which one it got.
fn free_addr(over: Over) -> SocketAddr {
    match over {
        Over::Udp => UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()),
        Over::Tcp => TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()),
    }
    .expect("no free address")
}

/// Waits until `done` says so; panics when that takes too long.
fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} in vain until {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

// ---- taking turns, and the table ----

/// The three that are compared.
struct Three<T> {
    ours: T,
    limit: T,
    python: Option<T>,
}

impl Three<Server> {
    /// `args` are for ours; `bare` names the limit.
    fn start(name: &str, args: &[&str], bare: &str) -> Three<Server> {
        let over = if name == "udp_server" { Over::Udp } else { Over::Tcp };
        let this_program = env::current_exe().expect("this program has no path");
        let mut limit = Server::start(Command::new(this_program).args(["--bare", bare]), over);
        limit.is_bare = true;
        let ours = Server::start(Command::new(program(name)).args(args), over);
        Three { ours, limit, python: start_python(name, over) }
    }

    fn map<T>(self, change: impl Fn(Server) -> T) -> Three<T> {
        Three { ours: change(self.ours), limit: change(self.limit), python: self.python.map(change) }
    }
}

struct Figure {
    name: String,
    goal: Goal,
}

#[derive(Clone, Copy)]
enum Goal {
    AtLeast(f64),
    AtMost(f64),
    Shown,
}

/// Measures all three in turns, every second turn backwards, and prints a line. The first turn warms up.
fn compare<T>(figure: &Figure, turns: usize, three: &mut Three<T>, mut measure: impl FnMut(&mut T) -> f64) {
    let (mut ours, mut limit, mut python) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..=turns {
        if turn % 2 == 0 {
            ours.push(measure(&mut three.ours));
            limit.push(measure(&mut three.limit));
        } else {
            limit.push(measure(&mut three.limit));
            ours.push(measure(&mut three.ours));
        }
        python.extend(three.python.as_mut().map(&mut measure));
    }
    let ratios: Vec<f64> = ours.iter().zip(&limit).skip(1).map(|(ours, limit)| ours / limit).collect();
    let (ratio, low, high) = (median(&ratios), quantile(&ratios, 0.25), quantile(&ratios, 0.75));
    let (goal, verdict) = match figure.goal {
        Goal::AtLeast(least) => (format!("≥ {least:.2}"), verdict(ratio >= least)),
        Goal::AtMost(most) => (format!("≤ {most:.2}"), verdict(ratio <= most)),
        Goal::Shown => (String::new(), "shown"),
    };
    let wide = if high - low > WIDE * ratio { ", wide spread" } else { "" };
    let spread = format!("{ratio:.3} ({low:.2}–{high:.2})");
    let python = if python.is_empty() { "-".to_owned() } else { number(median(&python)) };
    let (name, ours, limit) = (&figure.name, number(median(&ours)), number(median(&limit)));
    println!("{name:<34}{ours:>8}{limit:>8}  {spread:<19}{goal:>7}{python:>9}  {verdict}{wide}");
}

/// Prints the line of a figure that has a goal, and no bare server to compare with.
fn bounded(name: &str, ours: Option<f64>, most: f64, python: Option<f64>) {
    let verdict = ours.map_or("not measured", |ours| verdict(ours <= most));
    let [ours, python] = [ours, python].map(|value| value.map_or("-".to_owned(), number));
    println!("{name:<34}{ours:>8}{:>8}  {:<19}{:>7}{python:>9}  {verdict}", "", "", format!("≤ {most}"));
}

fn verdict(passes: bool) -> &'static str {
    if passes { "pass" } else { "MISSED" }
}

fn number(value: f64) -> String {
    if value < 100.0 { format!("{value:.2}") } else { format!("{value:.0}") }
}

fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value that `share` (0 to 1) of all values do not exceed.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

// ---- the limits: bare servers ----

fn bare(which: &str, addr: &str) -> io::Result<()> {
    if which == "udp" {
        return bare_udp(&UdpSocket::bind(addr)?);
    }
    let serve = match which {
        "size" => bare_size,
        "header" => bare_header,
        _ => bare_relay,
    };
    let listener = TcpListener::bind(addr)?;
    loop {
        let (stream, addr) = listener.accept()?;
        println!("client address: {addr}");
        stream.set_nodelay(true)?;
        thread::Builder::new().spawn(move || serve(stream))?;
    }
}

fn bare_udp(socket: &UdpSocket) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let (size, addr) = socket.recv_from(&mut buffer)?;
        let msg = &mut buffer[..size];
        println!("recv: \"{}\" {addr}", msg.escape_ascii());
        msg.make_ascii_uppercase();
        socket.send_to(msg, addr)?;
    }
}

fn bare_size(mut conn: TcpStream) -> io::Result<()> {
    let mut cmd = [0; 1024];
    loop {
        let size = conn.read(&mut cmd)?;
        if size == 0 {
            return Ok(());
        }
        let res = shell(&cmd[..size]).output()?;
        let std_bytes = [res.stdout, res.stderr].concat();
        conn.write_all(std_bytes.len().to_string().as_bytes())?;
        conn.read_exact(&mut [0; 4])?;
        conn.write_all(&std_bytes)?;
    }
}

fn bare_header(mut conn: TcpStream) -> io::Result<()> {
    let addr = conn.peer_addr()?;
    while let Some(message) = header::recv_message(&mut conn)? {
        let cmd = String::from_utf8_lossy(&message.body);
        println!("{addr} user {:?} {}: {cmd}", message.user, message.sent());
        let res = shell(&message.body).output()?;
        header::send_message(&conn, Kind::Stdout, &res.stdout)?;
        header::send_message(&conn, Kind::Exit, &res.status.code().unwrap_or(-1).to_be_bytes())?;
    }
    Ok(())
}

/// The output of one command, as it comes and without headers.
fn bare_relay(mut conn: TcpStream) -> io::Result<()> {
    let Some(message) = header::recv_message(&mut conn)? else { return Ok(()) };
    let mut child = shell(&message.body).spawn()?;
    let mut pipe = child.stdout.take().unwrap();
    let mut block = vec![0; BLOCK];
    loop {
        match pipe.read(&mut block)? {
            0 => return child.wait().map(drop),
            length => conn.write_all(&block[..length])?,
        }
    }
}

fn shell(command: &[u8]) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(String::from_utf8_lossy(command).into_owned());
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell
}
