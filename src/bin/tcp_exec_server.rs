//! A remote shell with the size handshake: says how long an output is, waits for `True`, then sends it.
//!
//! | Python | Rust |
//! |---|---|
//! | `socket.socket(AF_INET, SOCK_STREAM)`, `setsockopt(SO_REUSEADDR)`, `bind`, `listen(5)` | [`TcpListener::bind`] |
//! | `conn, addr = s_server.accept()` | [`TcpListener::accept`], then a thread |
//! | `client_res = conn.recv(bufsize)` | [`Connection::receive`] |
//! | `subprocess.Popen(…, shell=True, …)`, `res.stdout.read()`, `res.stderr.read()` | [`command::output`] |
//! | `conn.send(str(std_size).encode('utf-8'))` | [`Write::write_all`] |
//! | `status = conn.recv(bufsize)` | [`handshake::read_ack`], which takes four bytes and no more |
//! | `conn.send(std_bytes)` | [`Write::write_all`] |
//!
//! ```sh
//! cargo run --bin tcp_exec_server     # prints: listening on 127.0.0.1:8088
//! cargo run --bin tcp_exec_client     # in a second terminal; type: ls -l
//! ```
//!
//! Whoever connects runs commands as the user of this server, so only that user (or root) on this machine may. The
//! output is held until it is complete: `tcp_header_server` sends it as it comes.

use socket_basics::cli::{self, Args, Role};
use socket_basics::command::{self, MAX_COMMAND, TOO_LONG};
use socket_basics::connection::{Connection, STALL_TIMEOUT};
use socket_basics::server::Threads;
use socket_basics::{handshake, peer};
use std::io::{self, Write};
use std::net::TcpListener;
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8088";

fn main() -> ExitCode {
    cli::exit(NAME, run())
}

fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "remote shell with the size handshake", ADDR, Role::TcpServer);
    let addrs = peer::listen_addrs(NAME, &args)?;
    let listener = TcpListener::bind(&addrs[..]).map_err(cli::context(format_args!("cannot bind {}", args.addr)))?;
    let threads = Threads::new(NAME, args.allow_anyone);
    cli::log(format_args!("listening on {}", listener.local_addr()?));
    loop {
        match listener.accept() {
            Ok((stream, addr)) => {
                cli::log(format_args!("client address: {addr}"));
                threads.start(stream, addr, handle_connection);
            }
            Err(error) => threads.wait_out(error),
        }
    }
}

fn handle_connection(mut client: Connection) -> io::Result<()> {
    let mut buffer = [0; MAX_COMMAND + 1]; // one byte more than a command shows that it is too long
    loop {
        let received = client.receive(&mut buffer)?;
        if received == 0 {
            return Ok(());
        }
        if received > MAX_COMMAND {
            return refuse(client);
        }
        let Some(output) = command::output(&buffer[..received], Some(&client)) else {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "it left, its command was killed"));
        };
        client.write_all(output.len().to_string().as_bytes())?;
        handshake::read_ack(&mut client.within(STALL_TIMEOUT))?;
        client.write_all(&output)?;
    }
}

/// The reason takes the place of an output. The rest of the command comes before the acknowledgement, and may contain
/// one: what has arrived before the size is sent cannot answer it.
fn refuse(mut client: Connection) -> io::Result<()> {
    client.skip_arrived();
    client.write_all(TOO_LONG.len().to_string().as_bytes())?;
    handshake::skip_to_ack(&mut client.within(STALL_TIMEOUT))?;
    client.write_all(TOO_LONG.as_bytes())?;
    client.close_gently();
    Err(io::Error::new(io::ErrorKind::InvalidInput, TOO_LONG.trim_end()))
}
