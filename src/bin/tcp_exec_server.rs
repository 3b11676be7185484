//! A remote shell with the size handshake: says how long an output is, waits for `True`, then sends it.
//!
//! | Python | Rust |
//! |---|---|
//! | `socket.socket(AF_INET, SOCK_STREAM)`, `setsockopt(SO_REUSEADDR)`, `bind`, `listen(5)` | [`TcpListener::bind`] |
//! | `conn, addr = s_server.accept()` | [`TcpListener::accept`], then [`Door::knock`]: a thread, if it may come in |
//! | `client_res = conn.recv(bufsize)` | [`Connection::receive`] |
//! | `subprocess.Popen(…, shell=True, …)`, `res.stdout.read()`, `res.stderr.read()` | [`command::output`] |
//! | `conn.send(str(std_size).encode('utf-8'))` | [`Write::write_all`] |
//! | `status = conn.recv(bufsize)` | [`handshake::read_ack`], which takes `True` (or what `--ack` says) and no byte more |
//! | `conn.send(std_bytes)` | [`Write::write_all`] |
//!
//! ```sh
//! cargo run --bin tcp_exec_server     # prints: listening on 127.0.0.1:8088
//! cargo run --bin tcp_exec_client     # in a second terminal; type: ls -l
//! ```
//!
//! Whoever connects runs commands as the user of this server, so only that user (or root) on this machine may. The
//! output is held until it is complete: `tcp_header_server` sends it as it comes. `move |client| …` makes a function that
//! takes along what it needs, here the acknowledgement; `impl Fn(…)` in [`Door::open`] means any such function.

use socket_basics::cli::{self, Args, Context};
use socket_basics::command::{self, MAX_COMMAND, TOO_LONG};
use socket_basics::connection::{Connection, STALL_TIMEOUT};
use socket_basics::handshake;
use socket_basics::peer;
use socket_basics::server::Door;
use std::io::{self, Write};
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8088";

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}

fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "remote shell with the size handshake", ADDR, &["--allow-anyone", "--ack"]);
    let addrs = peer::listen_addrs(NAME, &args)?;
    let listener = TcpListener::bind(&addrs[..]).context(format_args!("cannot bind {}", args.addr))?;
    let ack = args.ack;
    let door = Door::open(NAME, args.allow_anyone, move |client| handle_connection(client, &ack), |_, _| {})?;
    cli::log(format_args!("listening on {}", listener.local_addr()?));
    loop {
        match listener.accept() {
            Ok((stream, addr)) => door.knock(stream, addr),
            Err(error) => door.wait_out(error),
        }
    }
}

fn handle_connection(client: &Arc<Connection>, ack: &str) -> io::Result<()> {
    cli::log(format_args!("client address: {}", client.addr()));
    peer::refuse_http(client)?;
    let mut buffer = [0; MAX_COMMAND + 1]; // one byte more than a command shows that it is too long
    loop {
        let received = client.receive(&mut buffer)?;
        let command = &buffer[..received];
        if received == 0 {
            return Ok(());
        }
        if received > MAX_COMMAND {
            return refuse(client, ack);
        }
        if command.trim_ascii().is_empty() {
            continue; // what somebody who types `True` in nc ends it with
        }
        let output = command::output(command, Some(client))?;
        client.stream().write_all(output.len().to_string().as_bytes())?;
        receive_ack(client, &mut buffer, ack)?;
        client.stream().write_all(&output)?;
    }
}

fn receive_ack(client: &Connection, buffer: &mut [u8], ack: &str) -> io::Result<()> {
    let mut all_of_it = client.within(STALL_TIMEOUT);
    let length = client.peek(buffer, Some(STALL_TIMEOUT)).context("no acknowledgement")?;
    handshake::check_ack(&buffer[..length], ack)?;
    handshake::read_ack(&mut all_of_it, ack)
}

/// The reason takes the place of an output. The rest of the command comes before the acknowledgement, and may contain
/// one: what has arrived before the size is sent cannot answer it.
fn refuse(client: &Connection, ack: &str) -> io::Result<()> {
    client.skip_arrived();
    client.stream().write_all(TOO_LONG.len().to_string().as_bytes())?;
    handshake::skip_to_ack(&mut client.within(STALL_TIMEOUT), ack)?;
    client.stream().write_all(TOO_LONG.as_bytes())?;
    client.close_gently();
    Err(io::Error::new(io::ErrorKind::InvalidInput, TOO_LONG.trim_end()))
}
