//! A remote shell with a fixed-length header before all data: output as it comes, stderr apart, the exit status.
//!
//! The tutorial names this cure and gives no code; in Python these would be the calls.
//!
//! | Python | Rust |
//! |---|---|
//! | `socket.socket(AF_INET, SOCK_STREAM)`, `setsockopt(SO_REUSEADDR)`, `bind`, `listen(5)` | [`TcpListener::bind`] |
//! | `conn, addr = s_server.accept()` | [`TcpListener::accept`], then a thread |
//! | `conn.recv(64)`, `struct.unpack('!4sB3xQQ40s', …)`, `conn.recv(length)` | [`header::read_message`] |
//! | `subprocess.Popen(…, shell=True, …)` | [`command::run`] |
//! | `for block in res.stdout: conn.sendall(header + block)` | [`header::copy_as_messages`] |
//! | `conn.sendall(header + struct.pack('!i', res.wait()))` | [`header::write_message`] |
//!
//! ```sh
//! cargo run --bin tcp_header_server     # prints: listening on 127.0.0.1:8089
//! cargo run --bin tcp_header_client     # in a second terminal; type: for i in 1 2 3; do echo $i; sleep 1; done
//! ```
//!
//! Commands may be sent ahead; they are answered in order. When the client leaves, its command is killed. Whoever
//! connects runs commands as the user of this server, so only that user (or root) on this machine may.

use socket_basics::cli::{self, Args, Role};
use socket_basics::command::{self, Group};
use socket_basics::connection::{Connection, STALL_TIMEOUT};
use socket_basics::header::{self, Header, Kind};
use socket_basics::peer;
use socket_basics::server::Threads;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8089";

fn main() -> ExitCode {
    cli::exit(NAME, run())
}

fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "remote shell with a header before all data", ADDR, Role::TcpServer);
    let addrs = peer::listen_addrs(NAME, &args)?;
    let listener = TcpListener::bind(&addrs[..]).map_err(cli::context(format_args!("cannot bind {}", args.addr)))?;
    let threads = Threads::new(NAME, args.allow_anyone);
    cli::log(format_args!("listening on {}", listener.local_addr()?));
    loop {
        match listener.accept() {
            Ok((stream, addr)) => {
                cli::log(format_args!("client address: {addr}"));
                if let Some(mut stream) = threads.start(stream, addr, handle_connection) {
                    let _ = header::write_message(&mut stream, Kind::Refused, b"too many clients, try again later");
                }
            }
            Err(error) => threads.wait_out(error),
        }
    }
}

fn handle_connection(mut client: Connection) -> io::Result<()> {
    while client.wait()? {
        let message = header::read_message(&mut client.within(STALL_TIMEOUT));
        match message {
            Ok(Some((header, command))) if header.kind == Kind::Command => execute(&mut client, &header, &command)?,
            Ok(Some((header, _))) => {
                return refuse(client, io::Error::other(format!("not a command: {:?}", header.kind)));
            }
            Ok(None) => break,
            Err(error) => return refuse(client, error),
        }
    }
    Ok(())
}

fn execute(client: &mut Connection, header: &Header, command: &[u8]) -> io::Result<()> {
    cli::log(format_args!("{} {header}: {:.200}", client.addr(), cli::printable(command)));
    let stdout_stream = Arc::new(Mutex::new(client.stream()));
    let stderr_stream = Arc::clone(&stdout_stream);
    let result = command::run(
        command,
        Some(client),
        |pipe, group| send(pipe, group, Kind::Stdout, &stdout_stream),
        move |pipe, group| send(pipe, group, Kind::Stderr, &stderr_stream),
    );
    let code = match result {
        Ok(Some((status, (), ()))) => command::return_code(status),
        Ok(None) => return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "it left, its command was killed")),
        Err(error) => {
            header::write_message(client, Kind::Stderr, command::cannot_run(&error).as_bytes())?;
            command::CANNOT_RUN
        }
    };
    header::write_message(client, Kind::Exit, &code.to_be_bytes())
}

/// Sends one pipe of the command. The lock keeps messages whole; a client that reads slowly slows the command down.
fn send(mut pipe: impl Read, group: Group, kind: Kind, stream: &Mutex<Arc<TcpStream>>) {
    let write = |message: &[u8]| {
        let stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
        (&**stream).write_all(message)
    };
    if header::copy_as_messages(&mut pipe, kind, write).is_err() {
        let _ = group.kill(); // otherwise closing its pipe ends it, at the next thing it prints
    }
}

fn refuse(mut client: Connection, error: io::Error) -> io::Result<()> {
    header::write_message(&mut client, Kind::Refused, error.to_string().as_bytes())?;
    client.close_gently();
    Err(error)
}
