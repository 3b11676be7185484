//! The client of `tcp_header_server`: prints stdout and stderr as they come, and shows a status that is not 0.
//!
//! ```sh
//! cargo run --bin tcp_header_server                           # in a first terminal
//! cargo run --bin tcp_header_client                           # in a second terminal; type: ls /nowhere
//! cargo run --bin tcp_header_client -- -c 'exit 7'; echo $?   # prints: 7
//! ```
//!
//! With `-c` the exit status is the command's own, 128+N if signal N ended it, and 255 if this program failed, as with
//! ssh (2 for wrong usage).
//!
//! The tutorial names this cure and gives no code. On the right stands `tests/python/tcp_header_client.py`; the header
//! stands in `src/header.rs`. Ctrl-D ends the client.

use socket_basics::cli::{self, Args, Console, Context, SHELL_OF_ITS_OWN};
use socket_basics::header::{self, Kind, MAX_BODY};
use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8089";
/// The exit status with `-c` when this program, not the command, failed.
const OWN_FAILURE: u8 = 255;

/// What a shell would show: 128+N for signal N. Windows has codes that fit no exit status; they are failures too.
fn exit_status(status: i32) -> u8 {
    let status = if status < 0 { 128 - i64::from(status) } else { i64::from(status) };
    u8::try_from(status).unwrap_or(OWN_FAILURE)
}

/// Adds a hint to the error if the bytes that came are no message.
fn other_format(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::InvalidData => io::Error::new(ErrorKind::InvalidData, format!("{error}; is it another server?")),
        _ => error,
    }
}

#[rustfmt::skip]
fn run(args: Args, failure: u8) -> io::Result<ExitCode> {
    let is_only_one = args.command.is_some();
    let mut console = Console::new(NAME, args.command, failure);
    let ip_port = args.addr;                                        // host, _, port = (…).rpartition(":")
    let addrs = cli::resolve(&ip_port)?;
    let mut s_client = TcpStream::connect(&addrs[..])               // s_client = socket.socket(…, socket.SOCK_STREAM)
        .context(format_args!("cannot connect to {ip_port}"))?;     // s_client.connect((host, int(port)))
    console.welcome(SHELL_OF_ITS_OWN);
    while let Some(cmd) = console.input(">> ")? {                   // while True: … cmd = input(">> ").strip()
                                                                    // if not cmd: … continue
        if cmd.len() > MAX_BODY {
            console.error(format_args!("not sent: longer than {MAX_BODY} bytes"));
            continue;
        }
        let cmd = cmd.as_bytes();
        let sent = header::send_message(&s_client, Kind::Command, cmd);  // send_message(s_client, COMMAND, …
        loop {                                                      // while True:
            let received = header::recv_message(&mut s_client);     // message = recv_message(s_client)
            let Some(message) = received.map_err(other_format).context(&ip_port)? else {  // if not message:
                sent.context(&ip_port)?; // a server that refused this client may have closed before the command left
                let what = format!("{ip_port}: the server closed the connection");
                return Err(io::Error::new(ErrorKind::UnexpectedEof, what));  // sys.exit("the server closed the …
            };
            let body = message.body;                                // kind, body, sent, user = message
            match message.kind {
                Kind::Stdout => console.print(&body),               // if kind == STDOUT: … .buffer.write(body)
                                                                    // sys.stdout.flush()
                Kind::Stderr => console.print_stderr(&body),        // elif kind == STDERR: … .buffer.write(body)
                                                                    // sys.stderr.flush()
                Kind::Exit => {                                     // elif kind == EXIT:
                    let status = body[..].try_into().map(i32::from_be_bytes);  // (status,) = struct.unpack("!i", body)
                    let status = status.map_err(io::Error::other)?;
                    if is_only_one {
                        return Ok(ExitCode::from(exit_status(status)));
                    }
                    match status {                                  // if status != 0:
                        0 => {}
                        1.. => console.note(format_args!("exit status {status}")),  // print("exit status", status)
                        ..0 => console.note(format_args!("killed by signal {}", status.unsigned_abs())),
                    }
                    break;                                          // break
                }
                Kind::Refused => {                                  // else:
                    let what = format!("{ip_port}: refused: {}", cli::printable(&body));
                    return Err(io::Error::other(what));             // sys.exit("refused: " + …
                }
                Kind::Command => return Err(io::Error::other(format!("{ip_port}: unexpected Command message"))),
            }
            console.flush();
        }
    }
    Ok(console.status())
}

fn main() -> ExitCode {
    let args = Args::parse(NAME, "run commands on tcp_header_server", ADDR, &["-c"]);
    let failure = if args.command.is_some() { OWN_FAILURE } else { 1 };
    run(args, failure).unwrap_or_else(|error| cli::failure(NAME, failure, &error))
}
