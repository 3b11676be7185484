//! Shows the sticky packet: one receive of at most 100 bytes per command.
//!
//! ```sh
//! cargo run --bin tcp_plain_server     # in a first terminal
//! cargo run --bin tcp_sticky_client    # in a second terminal; type: seq 60, then: pwd, then: pwd
//! ```
//!
//! BUG ON PURPOSE: `seq 60` prints 171 bytes. The first 100 appear. The other 71 stay in the receive buffer and appear
//! under `pwd`, whose own output appears under the next. A stream has no messages: the receiver must be told how long
//! one is. The size handshake tells `tcp_exec_client`, a header tells `tcp_header_client`.
//!
//! On the right stands `tests/python/tcp_sticky_client.py`. `-c COMMAND` runs one command; Ctrl-D ends the client.

use socket_basics::cli::{self, Args, Console, Context, SHELL_OF_ITS_OWN};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8080";
/// The tutorial's cut: far less than most outputs.
const BUFSIZE: usize = 100;
/// A command without output sends nothing at all: without a limit this client would wait for ever.
const OUTPUT_TIMEOUT: Duration = Duration::from_secs(2);

/// Whether an output may be the size that `tcp_exec_server` sends first: digits, as many as 64 bits need, and no
/// newline.
fn is_size(output: &[u8]) -> bool {
    output.len() <= 20 && output.iter().all(u8::is_ascii_digit)
}

fn unexpected(what: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

#[rustfmt::skip]
fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "show at most 100 bytes of each output", ADDR, &["-c"]);
    let mut console = Console::new(NAME, args.command, 1);
    let ip_port = args.addr;                                     // host, _, port = (…).rpartition(":")
    let addrs = cli::resolve(&ip_port)?;
    let mut ssh_client = TcpStream::connect(&addrs[..])          // ssh_client = socket.socket(…, socket.SOCK_STREAM)
        .context(format_args!("cannot connect to {ip_port}"))?;  // ssh_client.connect((host, int(port)))
    ssh_client.set_read_timeout(Some(OUTPUT_TIMEOUT))?;          // ssh_client.settimeout(OUTPUT_TIMEOUT)
    console.welcome(SHELL_OF_ITS_OWN);
    let mut hint = "";
    while let Some(cmd) = console.input(">> ")? {                // while True: … cmd = input(">> ").strip()
                                                                 // if not cmd: … continue
        ssh_client.write_all(cmd.as_bytes())                     // ssh_client.sendall(cmd.encode("utf-8"))
            .context(format_args!("cannot send to {ip_port}"))?;
        let mut cmd_res = [0; BUFSIZE];
        match cli::uninterrupted(|| ssh_client.read(&mut cmd_res)) {  // try: … cmd_res = ssh_client.recv(BUFSIZE)
            Err(error) if cli::is_timeout(&error) => {           // except socket.timeout:
                let what = format!("no output from {ip_port} within {OUTPUT_TIMEOUT:?}");
                console.note(what);                              // print("no output") … continue
            }
            Err(error) => return Err(error).context(format_args!("cannot receive from {ip_port}")),
            Ok(0) => {                                           // if not cmd_res:
                let what = format!("{ip_port} closed the connection{hint}");
                return Err(unexpected(what));                    // break
            }
            Ok(size) if cmd_res[..size].starts_with(b"HDR1") => {
                let what = format!("expected output from {ip_port}, got a header; is it tcp_header_server?");
                return Err(unexpected(what));
            }
            Ok(size) => {
                console.print(&cmd_res[..size]);                 // print(cmd_res.decode("utf-8", "replace"))
                let other_server = "; is it tcp_exec_server, which sends a size first?";
                hint = if is_size(&cmd_res[..size]) { other_server } else { "" };
            }
        }
    }
    if !hint.is_empty() {
        console.print(b"\n");
        console.note(format_args!("expected output from {ip_port}, got a number{hint}"));
    }
    Ok(console.status())                                         // ssh_client.close()
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}
