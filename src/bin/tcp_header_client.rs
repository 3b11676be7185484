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
//! | `sys.stdout.buffer.write(body)`, `sys.stderr.buffer.write(body)` | [`Console::print`], [`Console::print_error`] |
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

use socket_basics::cli::{self, Args, Console, Context, SHELL_OF_ITS_OWN};
use socket_basics::header::{self, Kind, MAX_BODY};
use std::io;
use std::net::TcpStream;
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8089";
/// The exit status with `-c` when this program, not the command, failed.
const OWN_FAILURE: u8 = 255;

fn main() -> ExitCode {
    let args = Args::parse(NAME, "run commands on tcp_header_server", ADDR, &["-c"]);
    let failure = if args.command.is_some() { OWN_FAILURE } else { 1 };
    run(args, failure).unwrap_or_else(|error| cli::failure(NAME, failure, &error))
}

fn run(args: Args, failure: u8) -> io::Result<ExitCode> {
    let addr = args.addr;
    let only_one = args.command.is_some();
    let mut stream = TcpStream::connect(&addr).context(format_args!("cannot connect to {addr}"))?;
    stream.set_nodelay(true)?;
    let mut console = Console::new(NAME, args.command, failure);
    console.welcome(SHELL_OF_ITS_OWN);
    while let Some(command) = console.input(">> ")? {
        if command.len() > MAX_BODY {
            console.complain(format_args!("not sent: longer than {MAX_BODY} bytes"));
            continue;
        }
        let code = execute(&mut stream, &command, &mut console).context(&addr)?;
        match code {
            _ if only_one => return Ok(ExitCode::from(exit_status(code))),
            0 => {}
            ..0 => console.note(format_args!("killed by signal {}", code.unsigned_abs())),
            1.. => console.note(format_args!("exit status {code}")),
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
        match header.kind {
            Kind::Stdout => console.print(&body),
            Kind::Stderr => console.print_error(&body),
            Kind::Exit => return body[..].try_into().map(i32::from_be_bytes).map_err(io::Error::other),
            Kind::Refused => return Err(io::Error::other(format!("refused: {}", cli::printable(&body)))),
            Kind::Command => return Err(io::Error::other("the server sent an unexpected Command message")),
        }
        console.flush();
    }
}

/// What a shell would show: 128+N for signal N. Windows has codes that fit no exit status; they are failures too.
fn exit_status(code: i32) -> u8 {
    let status = if code < 0 { 128 - i64::from(code) } else { i64::from(code) };
    u8::try_from(status).unwrap_or(OWN_FAILURE)
}
