//! Runs commands on `tcp_header_server`: prints stdout and stderr as they come and ends with the command's status.
//!
//! The tutorial names this cure and gives no code; in Python these would be the calls.
//!
//! | Python | Rust |
//! |---|---|
//! | `socket.socket(AF_INET, SOCK_STREAM)`, `s_client.connect(ip_addr)` | [`TcpStream::connect`] |
//! | `input('>> ').strip()` | [`Console::input`] |
//! | `s_client.sendall(struct.pack('!4sB3xQQ40s', …) + cmd.encode('utf-8'))` | [`header::write_message`] |
//! | `s_client.recv(64)`, `struct.unpack(…)`, `s_client.recv(length)` | [`header::read_message`] |
//! | `sys.stdout.buffer.write(body)`, `sys.stderr.buffer.write(body)` | [`Console::print`], [`Write::write_all`] |
//! | `struct.unpack('!i', body)` | [`i32::from_be_bytes`] |
//!
//! ```sh
//! cargo run --bin tcp_header_server                           # in one terminal
//! cargo run --bin tcp_header_client                           # in another; type: ls /nowhere
//! cargo run --bin tcp_header_client -- -c 'exit 7'; echo $?   # 7
//! ```
//!
//! With `-c` the exit status is the command's, 128+N if signal N ended it, and 255 if this program failed, as with ssh.
//! Otherwise a status that is not zero is shown on stderr.

use socket_basics::cli::{self, Args, Console, Role};
use socket_basics::header::{self, Kind, MAX_BODY};
use std::io::{self, Write};
use std::net::TcpStream;
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8089";
/// The exit status with `-c` when this program, not the command, failed.
const OWN_FAILURE: u8 = 255;

fn main() -> ExitCode {
    let args = Args::parse(NAME, "run commands on tcp_header_server", ADDR, Role::TcpClient);
    let failure = if args.command.is_some() { OWN_FAILURE } else { 1 };
    cli::exit_with(NAME, failure, run(args))
}

fn run(args: Args) -> io::Result<ExitCode> {
    let addr = args.addr;
    let only_one = args.command.is_some();
    let mut stream = TcpStream::connect(&addr).map_err(cli::context(format_args!("cannot connect to {addr}")))?;
    stream.set_nodelay(true)?;
    let mut console = Console::new(NAME, args.command);
    console.failure = if only_one { OWN_FAILURE } else { 1 };
    while let Some(command) = console.input(">> ")? {
        if command.len() > MAX_BODY {
            console.complain(format_args!("not sent: longer than {MAX_BODY} bytes"));
            continue;
        }
        let code = execute(&mut stream, &command, &mut console).map_err(cli::context(format_args!("{addr}")))?;
        match code {
            _ if only_one => return Ok(ExitCode::from(exit_status(code))),
            0 => {}
            -127..0 => console.note(format_args!("killed by signal {}", -code)),
            _ => console.note(format_args!("exit status {code}")),
        }
    }
    Ok(console.status())
}

/// Sends one command and prints what comes until its return code, in Python's convention: −N if signal N ended it.
fn execute(stream: &mut TcpStream, command: &str, console: &mut Console) -> io::Result<i32> {
    let sent = header::write_message(stream, Kind::Command, command.as_bytes());
    loop {
        let Some((header, body)) = header::read_message(stream)? else {
            sent?; // a server that refused this client may have closed before the command left
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection"));
        };
        match (header.kind, <[u8; 4]>::try_from(&body[..])) {
            (Kind::Stdout, _) => console.print(&body),
            (Kind::Stderr, _) => drop(io::stderr().write_all(&body)),
            (Kind::Exit, Ok(code)) => return Ok(i32::from_be_bytes(code)),
            (Kind::Refused, _) => return Err(io::Error::other(format!("refused: {}", cli::printable(&body)))),
            (kind, _) => return Err(io::Error::other(format!("the server sent an unexpected {kind:?} message"))),
        }
        console.flush();
    }
}

/// What a shell would show: 128+N for signal N. Windows has codes that fit no exit status; they are failures too.
fn exit_status(code: i32) -> u8 {
    let status = if code < 0 { 128 - i64::from(code) } else { i64::from(code) };
    u8::try_from(status).unwrap_or(OWN_FAILURE)
}
