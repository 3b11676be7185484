//! A remote shell before any fix: runs a command, sends its output, marks no end of it.
//!
//! | Python | Rust |
//! |---|---|
//! | `socket.socket(AF_INET, SOCK_STREAM)`, `setsockopt(SO_REUSEADDR)`, `bind`, `listen(5)` | [`TcpListener::bind`] |
//! | `conn, addr = s.accept()` | [`TcpListener::accept`], then [`Door::knock`]: a thread, if it may come in |
//! | `cmd = conn.recv(1024)` | [`Connection::receive`] |
//! | `subprocess.Popen(cmd, shell=True, …)`, `res.stdout.read() + res.stderr.read()` | [`command::output`] |
//! | `conn.send(output)` | [`Write::write_all`] |
//!
//! ```sh
//! cargo run --bin tcp_plain_server     # prints: listening on 127.0.0.1:8080
//! cargo run --bin tcp_sticky_client    # in a second terminal; type: seq 60
//! ```
//!
//! BUG ON PURPOSE: a client cannot tell where an output ends, as the sticky client shows. `tcp_exec_server` sends the
//! size first, `tcp_header_server` a header. Nor does this server watch its client: a command runs to its end, so
//! `sleep 300` outlives the client that asked for it.

use socket_basics::cli::{self, Args, Context};
use socket_basics::command::{self, MAX_COMMAND, TOO_LONG};
use socket_basics::connection::Connection;
use socket_basics::peer;
use socket_basics::server::Door;
use std::io::{self, Write};
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8080";

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}

fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "remote shell without any framing", ADDR, &["--allow-anyone"]);
    let addrs = peer::listen_addrs(NAME, &args)?;
    let listener = TcpListener::bind(&addrs[..]).context(format_args!("cannot bind {}", args.addr))?;
    let door = Door::open(NAME, args.allow_anyone, handle_connection, |_, _| {})?;
    cli::log(format_args!("listening on {}", listener.local_addr()?));
    loop {
        match listener.accept() {
            Ok((stream, addr)) => door.knock(stream, addr),
            Err(error) => door.wait_out(error),
        }
    }
}

fn handle_connection(client: &Arc<Connection>) -> io::Result<()> {
    cli::log(format_args!("client address: {}", client.addr()));
    peer::refuse_http(client)?;
    let mut buffer = [0; MAX_COMMAND + 1]; // one byte more than a command shows that it is too long
    loop {
        let received = client.receive(&mut buffer)?;
        if received == 0 {
            return Ok(());
        }
        if received > MAX_COMMAND {
            client.stream().write_all(TOO_LONG.as_bytes())?;
            client.close_gently();
            return Err(io::Error::new(io::ErrorKind::InvalidInput, TOO_LONG.trim_end()));
        }
        let output = command::output(&buffer[..received], None)?;
        client.stream().write_all(&output)?;
    }
}
