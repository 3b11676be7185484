//! What it costs to be guarded: each figure beside its limit, measured in the same run.
//!
//! ```sh
//! cargo bench --bench speed               # two minutes
//! cargo bench --bench speed -- --quick    # a look, 20 s when nothing else runs
//! ```
//!
//! The limit is the plain program of the same name in `examples/`: the same messages on the wire, the same lines
//! printed, nothing guarded. Only the long output has another: the same pipe relayed to a socket by read and write,
//! without a header. All run as they are, as child processes that print to nowhere. Ours, the limit and the Python
//! counterpart take turns, so that a busy machine slows all of them; the ratio is the median of the ratios of the
//! turns. Half of all ratios lie in the range printed behind it: when that is wide, run it again on a machine that has
//! nothing else to do.
//!
//! What the figures tell:
//! - The UDP server makes three system calls a datagram, one of them for its line. Lines that gather would be faster,
//!   and could be lost.
//! - Nearly all of a short command is the shell. What only commands that last are in need of (a thread that watches the
//!   client, one that reads the second pipe) costs it nothing. The plain header server starts a thread for every command,
//!   as its Python does, so there ours is the faster one.
//! - A new connection waits until the system's table has shown whose it is: the longer, the more connections there are,
//!   those that ended within the last minute too. `--allow-anyone` does without.
//! - The plain programs are no easy limit. Servers in C that do the same were 2 % faster (UDP), 1 % (size handshake)
//!   and 10 % (header, where they read both pipes with poll(2) instead of that thread).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{
    Execute, Over, Server, connect_udp, execute_header, execute_size, has_option, median, program, quantile, wait_until,
};
use socket_basics::header::{self, HEADER_SIZE, Header, Kind};
use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Datagrams on their way at once: enough that the server never waits for the client.
const WINDOW: usize = 16;
const PAYLOAD: &[u8; 64] = b"the quick brown fox jumps over the lazy dog, 0123456789, again..";
/// How long datagrams are counted in one turn.
const UDP_TURN: Duration = Duration::from_millis(100);
const COMMAND: &str = "echo hi";
/// Commands in one turn on one connection.
const COMMANDS: usize = 20;
/// Connections in one turn, few, as the system keeps each in its table for a minute.
const CONNECTIONS: usize = 2;
const GIB: u64 = 1 << 30;
/// Bytes that a relay moves at once, and that a header's body holds.
const BLOCK: usize = 64 * 1024;
const IDLE_CLIENTS: u64 = 250;
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
    if has_option("--relay") {
        return relay();
    }
    let effort = if has_option("--quick") { QUICK } else { FULL };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    println!("{} {}, {cores} cores; medians\n", env::consts::OS, env::consts::ARCH);
    println!("{:<34}{:>8}{:>8}  {:<19}{:>7}{:>9}", "", "ours", "limit", "ratio (middle half)", "goal", "python");
    udp(&effort);
    if !cfg!(unix) {
        println!("commands are measured on Unix only");
        return Ok(());
    }
    short_command("tcp_exec_server", execute_size, "size handshake", &effort);
    short_command("tcp_header_server", execute_header, "header", &effort);
    long_output(&effort);
    new_connection(&[], &effort);
    new_connection(&["--allow-anyone"], &effort);
    idle("tcp_exec_server");
    idle("tcp_header_server");
    Ok(())
}

// ---- the figures ----

fn udp(effort: &Effort) {
    let servers = three("udp_server", &[], Over::Udp);
    let sockets = servers.each_ref().map(|server| server.as_ref().map(|server| connect_udp(server.addr).unwrap()));
    let sides = sockets.map(|socket| side(socket, |socket| echoes_a_second(socket)));
    compare("UDP echoes, 64 bytes, 1/s", effort.udp_turns, sides, Goal::AtLeast(0.97));
}

/// Keeps [`WINDOW`] datagrams on their way for one turn, then takes in what is left.
fn echoes_a_second(socket: &UdpSocket) -> f64 {
    let mut buffer = [0; PAYLOAD.len() + 1];
    let (mut on_their_way, mut echoes) = (0_usize, 0.0);
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

fn short_command(name: &str, execute: Execute, format: &str, effort: &Effort) {
    let servers = three(name, &[], Over::Tcp);
    let sides = servers.each_ref().map(|server| {
        let stream = server.as_ref().map(|server| server.connect().unwrap());
        side(stream, move |stream| microseconds_each(COMMANDS, || run(stream, execute)))
    });
    compare(&format!("`{COMMAND}`, {format}, µs"), effort.command_turns, sides, Goal::AtMost(1.05));
}

/// The same with a connection for each command; `args` are for ours.
fn new_connection(args: &[&str], effort: &Effort) {
    let servers = three("tcp_exec_server", args, Over::Tcp);
    let sides = servers.each_ref().map(|server| {
        side(server.as_ref(), |server| {
            microseconds_each(CONNECTIONS, || run(&mut server.connect().unwrap(), execute_size))
        })
    });
    let name =
        if args.is_empty() { "the same, new connection, µs".to_owned() } else { format!("with {}, µs", args[0]) };
    compare(&name, effort.command_turns, sides, Goal::Shown);
}

fn run(stream: &mut TcpStream, execute: Execute) {
    assert_eq!(execute(stream, COMMAND).expect("no output"), b"hi\n");
}

fn microseconds_each(count: usize, mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..count).for_each(|_| run());
    start.elapsed().as_secs_f64() * 1e6 / count as f64
}

fn long_output(effort: &Effort) {
    let size = effort.output_bytes;
    let this_program = env::current_exe().expect("this program has no path");
    let relay = Server::start_command(Command::new(this_program).arg("--relay"), Over::Tcp);
    let name = "tcp_header_server";
    let mut ours = Command::new(program(name));
    ours.arg("--allow-anyone"); // what a new connection costs is another figure
    let servers = [Some(Server::start_command(&mut ours, Over::Tcp)), Some(relay), python(name, Over::Tcp)];
    let [ours, limit, python] = servers.each_ref().map(Option::as_ref);
    let sides = [
        side(ours, move |server| gib_a_second(server, size, discard_messages)),
        side(limit, move |server| gib_a_second(server, size, discard)),
        side(python, move |server| gib_a_second(server, size, discard_messages)),
    ];
    let name = format!("{} MiB of output, header, GiB/s", size >> 20);
    compare(&name, effort.output_turns, sides, Goal::AtLeast(0.97));
    let most = |server: Option<&Server>| server.and_then(|server| server.status("VmHWM")).map(|kib| kib as f64);
    bounded("most memory meanwhile, KiB", most(ours), 4096.0, most(python));
}

/// One output of `size` bytes, read by `discard`, which returns how many came.
fn gib_a_second(server: &Server, size: u64, discard: fn(TcpStream) -> io::Result<u64>) -> f64 {
    let mut stream = server.connect().unwrap();
    let start = Instant::now();
    header::write_message(&mut stream, Kind::Command, format!("head -c {size} /dev/zero").as_bytes()).unwrap();
    assert_eq!(discard(stream).expect("no output"), size);
    size as f64 / GIB as f64 / start.elapsed().as_secs_f64()
}

fn discard_messages(stream: TcpStream) -> io::Result<u64> {
    let mut reader = BufReader::with_capacity(2 * BLOCK, stream);
    let mut bytes = [0; HEADER_SIZE];
    let mut output = 0;
    loop {
        reader.read_exact(&mut bytes)?;
        let header = Header::decode(&bytes)?;
        if header.kind == Kind::Exit {
            return Ok(output);
        }
        output += skip(&mut reader, header.length)?;
    }
}

fn discard(stream: TcpStream) -> io::Result<u64> {
    skip(&mut BufReader::with_capacity(2 * BLOCK, stream), usize::MAX)
}

/// Skips `length` bytes or what there is, without copying, and returns how many.
fn skip(reader: &mut impl BufRead, length: usize) -> io::Result<u64> {
    let mut left = length;
    while left > 0 {
        let step = reader.fill_buf()?.len().min(left);
        if step == 0 {
            break;
        }
        reader.consume(step);
        left -= step;
    }
    Ok((length - left) as u64)
}

fn idle(name: &str) {
    let servers = [Some(Server::start(name, Over::Tcp)), python(name, Over::Tcp)];
    let [ours, python] = servers.map(|server| server.and_then(|server| idle_kib(&server)));
    bounded(&format!("idle client, {name}, KiB"), ours, 12.0, python);
}

/// What one of many clients that wait costs, in KiB.
fn idle_kib(server: &Server) -> Option<f64> {
    let before = server.settle(0)?;
    let arrive = |number| {
        let client = server.connect().unwrap();
        // one after the other: a server with a short backlog would make the others wait for seconds
        let has_thread = |threads| threads >= before.threads + number;
        wait_until("a client has its thread", || server.status("Threads").is_none_or(has_thread));
        client
    };
    let clients: Vec<_> = (1..=IDLE_CLIENTS).map(arrive).collect();
    let after = server.settle(before.threads + IDLE_CLIENTS)?;
    drop(clients);
    Some(after.kib.saturating_sub(before.kib) as f64 / IDLE_CLIENTS as f64)
}

/// Ours, the plain program and, where there is a Python, the Python program, all started; `args` are for ours.
fn three(name: &str, args: &[&str], over: Over) -> [Option<Server>; 3] {
    let ours = Server::start_command(Command::new(program(name)).args(args), over);
    [Some(ours), Some(plain(name, over)), python(name, over)]
}

/// The program in `examples/`. Cargo builds those for tests, but not for benches.
fn plain(name: &str, over: Over) -> Server {
    let build = Command::new(env!("CARGO")).args(["build", "--quiet", "--release", "--example", name]).status();
    assert!(build.is_ok_and(|status| status.success()), "cannot build the example {name}");
    Server::start(&format!("examples/{name}"), over)
}

fn python(name: &str, over: Over) -> Option<Server> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/python/{name}.py"));
    let has_python = Command::new("python3").arg("-V").stdout(Stdio::null()).status().is_ok_and(|it| it.success());
    (has_python && script.exists()).then(|| Server::start_command(Command::new("python3").arg(script), over))
}

// ---- taking turns, and the table ----

/// What measures ours, the limit or the Python counterpart once, if there is one.
type Side<'a> = Option<Box<dyn FnMut() -> f64 + 'a>>;

fn side<'a, S: 'a>(subject: Option<S>, mut measure: impl FnMut(&mut S) -> f64 + 'a) -> Side<'a> {
    let mut subject = subject?;
    Some(Box::new(move || measure(&mut subject)))
}

#[derive(Clone, Copy)]
enum Goal {
    AtLeast(f64),
    AtMost(f64),
    Shown,
}

/// Measures the sides in turns, every second turn backwards, and prints a line. The first turn warms up.
fn compare(name: &str, turns: usize, mut sides: [Side; 3], goal: Goal) {
    let mut values = [const { Vec::new() }; 3];
    for turn in 0..=turns {
        for place in 0..sides.len() {
            let side = if turn % 2 == 0 { place } else { sides.len() - 1 - place };
            let Some(measure) = &mut sides[side] else { continue };
            let value = measure();
            if turn > 0 {
                values[side].push(value);
            }
        }
    }
    let [ours, limit, python] = &values;
    let ratios: Vec<f64> = ours.iter().zip(limit).map(|(ours, limit)| ours / limit).collect();
    let (ratio, low, high) = (median(&ratios), quantile(&ratios, 0.25), quantile(&ratios, 0.75));
    let (goal, verdict) = match goal {
        Goal::AtLeast(least) => (format!("≥ {least:.2}"), verdict(ratio >= least)),
        Goal::AtMost(most) => (format!("≤ {most:.2}"), verdict(ratio <= most)),
        Goal::Shown => (String::new(), "shown"),
    };
    let wide = if high - low > WIDE * ratio { ", wide spread" } else { "" };
    let spread = format!("{ratio:.3} ({low:.2}–{high:.2})");
    let python = if python.is_empty() { "-".to_owned() } else { number(median(python)) };
    let [ours, limit] = [ours, limit].map(|values| number(median(values)));
    println!("{name:<34}{ours:>8}{limit:>8}  {spread:<19}{goal:>7}{python:>9}  {verdict}{wide}");
}

/// Prints the line of a figure that has a bound and no limit to compare with.
fn bounded(name: &str, ours: Option<f64>, most: f64, python: Option<f64>) {
    let verdict = ours.map_or("not measured", |ours| verdict(ours <= most));
    let [ours, python] = [ours, python].map(|value| value.map_or("-".to_owned(), number));
    println!("{name:<34}{ours:>8}{:>8}  {:<19}{:>7}{python:>9}  {verdict}", "", "", format!("≤ {most}"));
}

fn verdict(passes: bool) -> &'static str {
    if passes { "pass" } else { "SHORT" }
}

fn number(value: f64) -> String {
    if value < 100.0 { format!("{value:.2}") } else { format!("{value:.0}") }
}

// ---- the limit of a long output ----

fn relay() -> io::Result<()> {
    let addr = env::args().next_back().unwrap_or_default();
    TcpListener::bind(addr)?.incoming().try_for_each(|stream| relay_output(stream?))
}

fn relay_output(mut stream: TcpStream) -> io::Result<()> {
    let Some((_, command)) = header::read_message(&mut stream)? else { return Ok(()) };
    let command = String::from_utf8_lossy(&command);
    let mut child =
        Command::new("/bin/sh").arg("-c").arg(&*command).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut pipe = child.stdout.take().unwrap();
    let mut block = vec![0; BLOCK];
    loop {
        match pipe.read(&mut block)? {
            0 => return child.wait().map(drop),
            length => stream.write_all(&block[..length])?,
        }
    }
}
