//! A remote shell with a fixed-length header before all data: output as it comes, stderr apart, the exit status.
//!
//! The tutorial names this cure and gives no code; in Python these would be the calls.
//!
//! | Python | Rust |
//! |---|---|
//! | `socket.socket(AF_INET, SOCK_STREAM)`, `setsockopt(SO_REUSEADDR)`, `bind`, `listen(5)` | [`TcpListener::bind`] |
//! | `conn, addr = s_server.accept()` | [`TcpListener::accept`], then [`Door::knock`]: a thread, if it may come in |
//! | `conn.recv(64)`, `struct.unpack('!4sB3xQQ40s', …)`, `conn.recv(length)` | [`header::read_message`] |
//! | `res = subprocess.Popen(…, shell=True, …)` | [`command::run`] |
//! | `for block in res.stdout: conn.sendall(header + block)` | [`header::write_message`], in what `run` is given |
//! | `conn.sendall(header + struct.pack('!i', res.wait()))` | [`header::write_message`] |
//!
//! ```sh
//! cargo run --bin tcp_header_server     # prints: listening on 127.0.0.1:8089
//! cargo run --bin tcp_header_client     # in a second terminal; type: for i in 1 2 3; do echo $i; sleep 1; done
//! ```
//!
//! Commands may be sent ahead; they are answered in order. When the client leaves, its command is killed. Whoever
//! connects runs commands as the user of this server, so only that user (or root) on this machine may.

use socket_basics::cli::{self, Args, Context};
use socket_basics::command;
use socket_basics::connection::{Connection, STALL_TIMEOUT};
use socket_basics::header::{self, Header, Kind};
use socket_basics::peer;
use socket_basics::running::Pipe;
use socket_basics::server::Door;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8089";

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}

fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "remote shell with a header before all data", ADDR, &["--allow-anyone"]);
    let addrs = peer::listen_addrs(NAME, &args)?;
    let listener = TcpListener::bind(&addrs[..]).context(format_args!("cannot bind {}", args.addr))?;
    let door = Door::open(NAME, args.allow_anyone, handle_connection, refuse)?;
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
    serve(client).inspect_err(|error| {
        refuse(client.stream(), &error.to_string());
        client.close_gently();
    })
}

fn serve(client: &Arc<Connection>) -> io::Result<()> {
    peer::refuse_http(client)?;
    while client.peek(&mut [0], None)? > 0 {
        let Some((header, command)) = header::read_message(&mut client.within(STALL_TIMEOUT))? else { break };
        if header.kind != Kind::Command {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("not a command: {:?}", header.kind)));
        }
        execute(client, &header, &command)?;
    }
    Ok(())
}

fn execute(client: &Arc<Connection>, header: &Header, command: &[u8]) -> io::Result<()> {
    cli::log(format_args!("{} {header}: {:.200}", client.addr(), cli::printable(command)));
    let receiver = Arc::clone(client); // it goes with the closure, which another thread may call
    let code = command::run(command, Some(client), move |pipe, block| {
        let kind = if pipe == Pipe::Stdout { Kind::Stdout } else { Kind::Stderr };
        header::write_message(&mut receiver.stream(), kind, block)
    })?;
    header::write_message(&mut client.stream(), Kind::Exit, &code.to_be_bytes())
}

fn refuse(mut stream: &TcpStream, why: &str) {
    let _ = header::write_message(&mut stream, Kind::Refused, why.as_bytes());
}
