//! Many clients at once: no error, no wrong answer, nothing left behind.
//!
//! ```sh
//! cargo bench --bench scale                    # 10 s for each server
//! cargo bench --bench scale -- --seconds 30    # longer
//! cargo bench --bench scale -- --quick         # a look, 10 s
//! ```
//!
//! 250 clients run commands back to back on each exec server; then 256 wait, which is as many as there may be; then two
//! come and go as fast as they can, while one after the other is served. At last 50 send datagrams to the UDP server.
//! The real programs, on loopback only. The exit status is 1 if anything was wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{
    Execute, Holds, Over, PATIENCE, Server, connect_udp, execute_header, execute_size, has_option, median, quantile,
};
use socket_basics::server::MAX_CONNECTIONS;
use std::net::TcpStream;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{env, io, iter, thread};

const BUSY_CLIENTS: usize = 250;
const SECONDS: u64 = 10;
const QUICK_SECONDS: u64 = 1;
/// KiB that the memory of a server may grow by while it is busy for the second time. What the allocator keeps goes up
/// and down by 6 MiB between rounds of the same load (measured), so only a leak beyond that shows: run longer for a
/// small one.
const GROWTH: u64 = 8192;
/// Clients who come and go, and how long they do.
const IN_A_RUSH: usize = 2;
/// Who is not connected by then would wait for a second: the system holds only 128 that were not accepted yet.
const BACKLOG_IS_FULL: Duration = Duration::from_millis(10);
const RUSH: Duration = Duration::from_secs(4);
const UDP_CLIENTS: usize = 50;
const DATAGRAMS: usize = 100_000;
const QUICK_DATAGRAMS: usize = 20_000;
/// Bytes of stack of a client's thread here.
const STACK: usize = 256 * 1024;

/// What was seen, or what was wrong.
type Seen = Result<String, String>;

fn main() -> ExitCode {
    let quick = has_option("--quick");
    let given = env::args().skip_while(|argument| argument != "--seconds").nth(1);
    let seconds = given.map_or(if quick { QUICK_SECONDS } else { SECONDS }, |text| text.parse().expect("--seconds N"));
    let datagrams = if quick { QUICK_DATAGRAMS } else { DATAGRAMS };
    let mut fine = true;
    if cfg!(unix) {
        for (name, execute) in [("tcp_exec_server", execute_size as Execute), ("tcp_header_server", execute_header)] {
            println!("{name}");
            fine &= busy(name, execute, Duration::from_secs(seconds));
            fine &= report(&format!("{MAX_CONNECTIONS} idle clients"), idle(name, execute));
            fine &= rush(name, execute, if quick { RUSH / 4 } else { RUSH });
        }
    }
    println!("udp_server");
    fine &= report(&format!("{UDP_CLIENTS} clients"), echoes(datagrams / UDP_CLIENTS));
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn report(what: &str, seen: Seen) -> bool {
    let (text, verdict) = match &seen {
        Ok(text) => (text, "ok"),
        Err(text) => (text, "WRONG"),
    };
    println!("  {what:<18}{text:<72}  {verdict}");
    seen.is_ok()
}

/// Commands back to back on all connections; before and after, what the server holds.
fn busy(name: &str, execute: Execute, limit: Duration) -> bool {
    let server = Server::start(name, Over::Tcp);
    if let Err(error) = crowd(&server, execute, limit / 3) {
        // the allocator takes what a crowd needs and keeps it
        return report("warm-up", Err(error));
    }
    let before = server.settle(0);
    let seen = crowd(&server, execute, limit);
    let after = server.settle(0);
    report(&format!("{BUSY_CLIENTS} clients, {} s", limit.as_secs()), seen)
        & report("left behind", compare(before, after))
}

fn crowd(server: &Server, execute: Execute, limit: Duration) -> Seen {
    let arrive = || arrive(server, execute).map_err(|error| format!("a client was not served: {error}"));
    let streams: Vec<_> = iter::repeat_with(arrive).take(BUSY_CLIENTS).collect::<Result<_, _>>()?;
    let streams: Vec<_> = streams.into_iter().map(|stream| Mutex::new(Some(stream))).collect();
    let deadline = Instant::now() + limit;
    let results = at_once(BUSY_CLIENTS, |client| {
        let stream = streams[client].lock().unwrap().take().unwrap();
        commands(stream, execute, client, deadline)
    });
    let latencies = all_or_first_error(results)?.concat();
    let [median, nearly_all, most] = [median(&latencies), quantile(&latencies, 0.99), quantile(&latencies, 1.0)];
    Ok(format!("{} commands; ms: median {median:.0}, 99 % {nearly_all:.0}, most {most:.0}", latencies.len()))
}

/// A client that is being served. One comes after the other: the system holds only 128 that were not accepted yet, and
/// makes those beyond wait for seconds, which is not what is measured here.
fn arrive(server: &Server, execute: Execute) -> io::Result<TcpStream> {
    let mut stream = server.connect()?;
    expect_output(&mut stream, execute, "here")?;
    Ok(stream)
}

/// One client's latencies in milliseconds.
fn commands(mut stream: TcpStream, execute: Execute, client: usize, deadline: Instant) -> io::Result<Vec<f64>> {
    let mut latencies = Vec::new();
    while Instant::now() < deadline {
        let start = Instant::now();
        let text = format!("client {client} command {}", latencies.len());
        expect_output(&mut stream, execute, &text)?;
        latencies.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(latencies)
}

fn expect_output(stream: &mut TcpStream, execute: Execute, text: &str) -> io::Result<()> {
    let output = execute(stream, &format!("echo {text}"))?;
    if output == format!("{text}\n").as_bytes() {
        return Ok(());
    }
    Err(io::Error::other(format!("`echo {text}` gave {:?}", String::from_utf8_lossy(&output))))
}

fn compare(before: Option<Holds>, after: Option<Holds>) -> Seen {
    let (Some(before), Some(after)) = (before, after) else { return Ok("not measured".to_owned()) };
    let [old, new] = [before, after].map(|holds| [holds.threads, holds.children, holds.descriptors]);
    let text = format!("threads, children, descriptors {old:?} → {new:?}; KiB {} → {}", before.kib, after.kib);
    if old == new && after.kib <= before.kib + GROWTH { Ok(text) } else { Err(text) }
}

/// As many clients as there may be wait, one more is turned away, and each of them is still served.
fn idle(name: &str, execute: Execute) -> Seen {
    let server = Server::start(name, Over::Tcp);
    let connect = || server.connect().map_err(|error| error.to_string());
    let before = server.settle(0);
    let mut clients = iter::repeat_with(connect).take(MAX_CONNECTIONS).collect::<Result<Vec<_>, _>>()?;
    server.settle(before.map_or(0, |before| before.threads) + MAX_CONNECTIONS as u64);
    if execute(&mut connect()?, "echo one too many").is_ok() {
        return Err("one more was served".to_owned());
    }
    for client in &mut clients {
        expect_output(client, execute, "still here").map_err(|error| error.to_string())?;
    }
    Ok("one more was turned away, then all were served".to_owned())
}

/// Some come and go as fast as they can; one after the other who has a command is served all the same. Its time runs
/// from when it is connected.
fn rush(name: &str, execute: Execute, limit: Duration) -> bool {
    let server = Server::start(name, Over::Tcp);
    let before = server.settle(0);
    let deadline = Instant::now() + limit;
    let results = at_once(1 + IN_A_RUSH, |client| {
        let mut latencies = Vec::new();
        while Instant::now() < deadline {
            let Ok(mut stream) = server.connect_within(BACKLOG_IS_FULL) else { continue };
            let connected = Instant::now();
            if client == 0 {
                expect_output(&mut stream, execute, "here")?;
            }
            latencies.push(connected.elapsed().as_secs_f64() * 1e3);
        }
        Ok(latencies)
    });
    let after = server.settle(0);
    let seen = all_or_first_error(results).and_then(|latencies| {
        let (served, came): (_, usize) = (&latencies[0], latencies[1..].iter().map(Vec::len).sum());
        if served.is_empty() {
            return Err(format!("{came} came and went, nobody was served"));
        }
        let [median, most] = [median(served), quantile(served, 1.0)];
        Ok(format!("{came} came and went, {} were served; ms: median {median:.0}, most {most:.0}", served.len()))
    });
    report(&format!("a rush of {} s", limit.as_secs()), seen) & report("left behind", compare(before, after))
}

fn echoes(each: usize) -> Seen {
    let server = Server::start("udp_server", Over::Udp);
    let start = Instant::now();
    let results = at_once(UDP_CLIENTS, |client| datagrams(&server, client, each));
    let right: usize = all_or_first_error(results)?.iter().sum();
    let rate = right as f64 / start.elapsed().as_secs_f64();
    Ok(format!("{right} datagrams, every reply right, none sent twice, {rate:.0} a second"))
}

/// One client that sends the next datagram when the last was answered; returns how many.
fn datagrams(server: &Server, client: usize, count: usize) -> io::Result<usize> {
    let socket = connect_udp(server.addr)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut buffer = [0; 128];
    for number in 0..count {
        let message = format!("client {client} datagram {number} grüßt");
        socket.send(message.as_bytes())?;
        let received = socket.recv(&mut buffer)?;
        if buffer[..received] != *message.to_ascii_uppercase().as_bytes() {
            return Err(io::Error::other(format!("{message:?} came back as {:?}", buffer[..received].escape_ascii())));
        }
    }
    Ok(count)
}

/// Runs `client` in that many threads and waits for all.
fn at_once<T: Send>(count: usize, client: impl Fn(usize) -> io::Result<T> + Sync) -> Vec<io::Result<T>> {
    let client = &client;
    thread::scope(|scope| {
        let start = |number| {
            let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || client(number));
            thread.expect("a client's thread cannot be started")
        };
        let threads: Vec<_> = (0..count).map(start).collect();
        threads.into_iter().map(|thread| thread.join().expect("a client panicked")).collect()
    })
}

fn all_or_first_error<T>(results: Vec<io::Result<T>>) -> Result<Vec<T>, String> {
    let failed = results.iter().filter(|result| result.is_err()).count();
    let all: io::Result<Vec<T>> = results.into_iter().collect();
    all.map_err(|error| format!("{failed} clients failed, the first with: {error}"))
}
