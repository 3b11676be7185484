//! The sticky packet on show: receives once per command, at most 100 bytes.
//!
//! | Python | Rust |
//! |---|---|
//! | `socket.socket(AF_INET, SOCK_STREAM)`, `ssh_client.connect(ip_addr)` | [`TcpStream::connect`] |
//! | `input('>> ').strip()` | [`Console::input`] |
//! | `ssh_client.send(cmd.encode('utf-8'))` | [`Write::write_all`] |
//! | `cmd_res = ssh_client.recv(100)` | [`Read::read`] into 100 bytes |
//! | `print(cmd_res.decode('utf-8'))` | [`Console::print`] |
//!
//! ```sh
//! cargo run --bin tcp_plain_server     # in one terminal
//! cargo run --bin tcp_sticky_client    # in another; type: seq 60, then: pwd, then: pwd
//! ```
//!
//! BUG ON PURPOSE: `seq 60` prints 171 bytes. The first 100 appear, the other 71 stay in the receive buffer and
//! appear under `pwd`, whose own output appears under the next. A stream has no messages: the receiver must be told how
//! long one is. `tcp_exec_client` is told by the size handshake, `tcp_header_client` by a header.

use socket_basics::cli::{self, Args, Console, Context, SHELL_OF_ITS_OWN};
use socket_basics::connection;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8080";
/// The tutorial's cut: far less than most outputs.
const BUFSIZE: usize = 100;
/// A command without output sends nothing at all: without a limit this client would wait for ever.
const OUTPUT_TIMEOUT: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}

fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "show at most 100 bytes of each output", ADDR, &["-c"]);
    let addr = args.addr;
    let mut stream = TcpStream::connect(&addr).context(format_args!("cannot connect to {addr}"))?;
    stream.set_read_timeout(Some(OUTPUT_TIMEOUT))?;
    let mut console = Console::new(NAME, args.command, 1);
    console.welcome(SHELL_OF_ITS_OWN);
    let mut hint = "";
    while let Some(command) = console.input(">> ")? {
        stream.write_all(command.as_bytes()).context(format_args!("cannot send to {addr}"))?;
        let mut buffer = [0; BUFSIZE];
        match connection::uninterrupted(|| stream.read(&mut buffer)) {
            Ok(0) => return Err(unexpected(format!("{addr} closed the connection{hint}"))),
            Ok(received) if buffer[..received].starts_with(b"HDR1") => {
                return Err(unexpected(format!("expected output from {addr}, got a header; is it tcp_header_server?")));
            }
            Ok(received) => {
                console.print(&buffer[..received]);
                hint = if is_size(&buffer[..received]) {
                    "; is it tcp_exec_server, which sends a size first?"
                } else {
                    ""
                };
            }
            Err(error) if connection::is_timeout(&error) => {
                console.note(format_args!("no output from {addr} within {OUTPUT_TIMEOUT:?}"));
            }
            Err(error) => return Err(error).context(format_args!("cannot receive from {addr}")),
        }
    }
    if !hint.is_empty() {
        console.note(format_args!("expected output from {addr}, got a number{hint}"));
    }
    Ok(console.status())
}

fn unexpected(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Whether an output may be a size of the size handshake: digits, as many as 64 bits need, and no end of line.
fn is_size(output: &[u8]) -> bool {
    output.len() <= 20 && output.iter().all(u8::is_ascii_digit)
}
