//! How near the programs come to what the system allows: each figure beside its limit, measured in the same run.
//!
//! ```sh
//! cargo bench --bench speed               # two minutes and a half
//! cargo bench --bench speed -- --quick    # a look, 20 s when nothing else runs
//! ```
//!
//! The programs run as they are, as child processes. A limit is a bare loop that does the same work with nothing around
//! it, in a child process too (this file, started again). Ours, the limit and the Python counterpart take turns, so that
//! a busy machine slows all of them; the ratio is the median of the ratios of the turns. Half of all ratios lie in the
//! range printed behind it: when that is wide, run it again on a machine that has nothing else to do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{
    Execute, Over, Server, connect_udp, execute_header, execute_size, has_option, median, quantile, wait_until,
};
use socket_basics::header::{self, HEADER_SIZE, Header, Kind};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, process};

/// Datagrams on their way at once: enough that the server never waits for the client.
const WINDOW: usize = 16;
const PAYLOAD: &[u8; 64] = b"the quick brown fox jumps over the lazy dog, 0123456789, again..";
/// How long datagrams are counted in one turn.
const UDP_TURN: Duration = Duration::from_millis(100);
const COMMAND: &str = "echo hi";
/// Commands in one turn.
const COMMANDS: usize = 20;
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
const QUICK: Effort = Effort { udp_turns: 11, command_turns: 13, output_turns: 7, output_bytes: GIB / 16 };

fn main() {
    if let Some(limit) = env::args().skip_while(|argument| argument != "--limit").nth(1) {
        run_limit(&limit).unwrap_or_else(|_| process::exit(1)); // the bench has ended
        return;
    }
    let effort = if has_option("--quick") { QUICK } else { FULL };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    println!("{} {}, {cores} cores; medians\n", env::consts::OS, env::consts::ARCH);
    println!("{:<34}{:>8}{:>8}  {:<19}{:>7}{:>9}", "", "ours", "limit", "ratio (middle half)", "goal", "python");
    udp(&effort);
    if !cfg!(unix) {
        return println!("commands are measured on Unix only");
    }
    short_command("tcp_exec_server", execute_size, "size handshake", 1.10, &effort);
    short_command("tcp_header_server", execute_header, "header", 1.15, &effort);
    long_output(&effort);
    idle("tcp_exec_server");
    idle("tcp_header_server");
}

// ---- the figures ----

fn udp(effort: &Effort) {
    let servers = three("udp_server", "udp", Over::Udp);
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

fn short_command(name: &str, execute: Execute, format: &str, goal: f64, effort: &Effort) {
    let servers = [Some(Server::start(name, Over::Tcp)), python(name, Over::Tcp)];
    let [ours, python] = servers.each_ref().map(|server| {
        let stream = server.as_ref().map(|server| server.connect().unwrap());
        side(stream, move |stream| {
            microseconds_each(|| assert_eq!(execute(stream, COMMAND).expect("no output"), b"hi\n"))
        })
    });
    let limit = side(Some(CommandLimit::start()), CommandLimit::microseconds_each);
    let name = format!("`{COMMAND}`, {format}, µs");
    compare(&name, effort.command_turns, [ours, limit, python], Goal::AtMost(goal));
}

fn microseconds_each(mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..COMMANDS).for_each(|_| run());
    start.elapsed().as_secs_f64() * 1e6 / COMMANDS as f64
}

fn long_output(effort: &Effort) {
    let size = effort.output_bytes;
    let servers = three("tcp_header_server", "relay", Over::Tcp);
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
    let before = server.settle(0)?.kib;
    let arrive = |number| {
        let client = server.connect().unwrap();
        // one after the other: a server with a short backlog would make the others wait for seconds
        wait_until("a client has its thread", || server.status("Threads").is_none_or(|threads| threads > number));
        client
    };
    let clients: Vec<_> = (1..=IDLE_CLIENTS).map(arrive).collect();
    let after = server.settle(IDLE_CLIENTS)?.kib;
    drop(clients);
    Some(after.saturating_sub(before) as f64 / IDLE_CLIENTS as f64)
}

/// Ours, the limit and, where there is one, the Python counterpart, all started.
fn three(name: &str, limit: &str, over: Over) -> [Option<Server>; 3] {
    let limit = Server::start_command(this_program().args(["--limit", limit]), over);
    [Some(Server::start(name, over)), Some(limit), python(name, over)]
}

fn this_program() -> Command {
    Command::new(env::current_exe().expect("this program has no path"))
}

fn python(name: &str, over: Over) -> Option<Server> {
    let script: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/python/{name}.py"));
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
    let (goal, passes) = match goal {
        Goal::AtLeast(least) => (format!("≥ {least:.2}"), ratio >= least),
        Goal::AtMost(most) => (format!("≤ {most:.2}"), ratio <= most),
    };
    let wide = if high - low > WIDE * ratio { ", wide spread" } else { "" };
    let spread = format!("{ratio:.3} ({low:.2}–{high:.2})");
    let python = if python.is_empty() { "-".to_owned() } else { number(median(python)) };
    let (ours, limit, verdict) = (number(median(ours)), number(median(limit)), verdict(passes));
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

// ---- the limits: what runs in the child process ----

fn run_limit(name: &str) -> io::Result<()> {
    let addr = env::args().next_back().unwrap_or_default();
    match name {
        "udp" => bare_echo(&UdpSocket::bind(addr)?),
        "relay" => TcpListener::bind(addr)?.incoming().try_for_each(|stream| bare_relay(stream?)),
        _ => bare_commands(),
    }
}

fn bare_echo(socket: &UdpSocket) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let (received, peer) = socket.recv_from(&mut buffer)?;
        buffer[..received].make_ascii_uppercase();
        socket.send_to(&buffer[..received], peer)?;
    }
}

fn bare_relay(mut stream: TcpStream) -> io::Result<()> {
    let Some((_, command)) = header::read_message(&mut stream)? else { return Ok(()) };
    let command = String::from_utf8_lossy(&command);
    let mut child = Command::new("sh").arg("-c").arg(&*command).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut pipe = child.stdout.take().unwrap();
    let mut block = vec![0; BLOCK];
    loop {
        match pipe.read(&mut block)? {
            0 => return child.wait().map(drop),
            length => stream.write_all(&block[..length])?,
        }
    }
}

/// Runs a turn of commands for every line of stdin and prints how many microseconds each took.
fn bare_commands() -> io::Result<()> {
    for _ in io::stdin().lines() {
        let each = microseconds_each(|| {
            let output = Command::new("sh").arg("-c").arg(COMMAND).output();
            assert_eq!(output.expect("no output").stdout, b"hi\n");
        });
        writeln!(io::stdout(), "{each}")?;
    }
    Ok(())
}

/// The process that runs [`bare_commands`]; it ends with its stdin.
struct CommandLimit {
    child: Child,
    stdout: BufReader<process::ChildStdout>,
}

impl CommandLimit {
    fn start() -> CommandLimit {
        let mut child = this_program()
            .args(["--limit", "command"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program cannot be started again");
        let stdout = BufReader::new(child.stdout.take().unwrap());
        CommandLimit { child, stdout }
    }

    fn microseconds_each(&mut self) -> f64 {
        writeln!(self.child.stdin.as_mut().unwrap()).unwrap();
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim().parse().expect("the limit has ended")
    }
}

impl Drop for CommandLimit {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
