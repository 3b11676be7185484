//! A remote shell before any fix: runs a command, sends its output, marks no end of it.
//!
//! | Python | Rust |
//! |---|---|
//! | `socket.socket(AF_INET, SOCK_STREAM)`, `setsockopt(SO_REUSEADDR)`, `bind`, `listen(5)` | [`TcpListener::bind`] |
//! | `conn, addr = s.accept()` | [`TcpListener::accept`], then a thread |
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
//! size first, `tcp_header_server` a header. Nor does this server watch its client: a command runs to its end.

use socket_basics::cli::{self, Args, Role};
use socket_basics::command::{self, MAX_COMMAND, TOO_LONG};
use socket_basics::connection::Connection;
use socket_basics::peer;
use socket_basics::server::Threads;
use std::io::{self, Write};
use std::net::TcpListener;
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8080";

fn main() -> ExitCode {
    cli::exit(NAME, run())
}

fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "remote shell without any framing", ADDR, Role::TcpServer);
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
            client.write_all(TOO_LONG.as_bytes())?;
            client.close_gently();
            return Err(io::Error::new(io::ErrorKind::InvalidInput, TOO_LONG.trim_end()));
        }
        if let Some(output) = command::output(&buffer[..received], None) {
            client.write_all(&output)?;
        }
    }
}
