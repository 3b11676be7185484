//! The client of `tcp_exec_server`: learns the size of each output, answers `True`, receives 100 bytes at a time.
//!
//! ```sh
//! cargo run --bin tcp_exec_server                # in a first terminal
//! cargo run --bin tcp_exec_client                # in a second terminal; type: seq 60, then: pwd
//! cargo run --bin tcp_exec_client -- -c 'ls -l'  # one command, then exit
//! ```
//!
//! Each output appears under its own command, stdout before stderr, byte for byte and however long: the client never
//! holds it in memory. The tutorial counts the 100 bytes that it asked for; a receive may return fewer, so this client
//! counts what came. Other servers of this family wait for other words than `True`: `--ack TEXT` sends those.
//!
//! On the right stands `tests/python/tcp_exec_client.py`. Ctrl-D ends the client.

use socket_basics::cli::{self, Args, Console, Context, SHELL_OF_ITS_OWN};
use socket_basics::command::MAX_COMMAND;
use socket_basics::handshake::{self, ACK};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8088";
/// Bytes received at once, as in the tutorial: small, so that most outputs take several steps.
const BUFSIZE: usize = 100;
/// How long the server may take over an output that it holds already: longer than any network stalls.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// One receive of an output that has not ended yet.
fn recv(s_client: &mut TcpStream, res: &mut [u8]) -> io::Result<usize> {
    match cli::uninterrupted(|| s_client.read(res)) {
        Ok(0) => Err(io::Error::new(ErrorKind::UnexpectedEof, "the server closed the connection")),
        Err(error) if cli::is_timeout(&error) => {
            Err(io::Error::new(ErrorKind::TimedOut, format!("nothing more came within {STALL_TIMEOUT:?}")))
        }
        result => result,
    }
}

#[rustfmt::skip]
fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "run commands on tcp_exec_server", ADDR, &["-c", "--ack"]);
    let mut console = Console::new(NAME, args.command, 1);
    let ack = args.ack.unwrap_or_else(|| ACK.to_owned());
    let ip_port = args.addr;                                     // host, _, port = (…).rpartition(":")
    let addrs = cli::resolve(&ip_port)?;
    // No set_nodelay: after an empty output, only Nagle's algorithm keeps the next command from sticking to `True`, and
    // the tutorial's server would take both for the acknowledgement.
    let mut s_client = TcpStream::connect(&addrs[..])            // s_client = socket.socket(…, socket.SOCK_STREAM)
        .context(format_args!("cannot connect to {ip_port}"))?;  // s_client.connect((host, int(port)))
    console.welcome(SHELL_OF_ITS_OWN);
    while let Some(cmd) = console.input(">> ")? {                // while True: … cmd = input(">> ").strip()
                                                                 // if not cmd: … continue
        if cmd.len() > MAX_COMMAND {
            console.error(format_args!("not sent: longer than {MAX_COMMAND} bytes"));
            continue;
        }
        let what = format!("no whole output of \"{:.60}\" from {ip_port}", cli::printable(cmd.as_bytes()));
        s_client.set_read_timeout(None)?; // a command may take its time
        s_client.write_all(cmd.as_bytes()).context(&what)?;      // s_client.sendall(cmd.encode("utf-8"))
        let mut res = [0; BUFSIZE];
        let size = s_client.read(&mut res).context(&what)?;      // std_size = int(s_client.recv(BUFSIZE)…
        let std_size = handshake::parse_size(&res[..size]).context(&what)?;
        s_client.set_read_timeout(Some(STALL_TIMEOUT))?; // the output is there by now
        s_client.write_all(ack.as_bytes()).context(&what)?;      // s_client.sendall("True".encode("utf-8"))
        let mut get_size = 0;                                    // get_size = 0
        while get_size < std_size {                              // while get_size < std_size:
            let rest = usize::try_from(std_size - get_size).unwrap_or(BUFSIZE);
            let hint = if get_size == 0 { " (does the server expect another --ack?)" } else { "" };
            let size = recv(&mut s_client, &mut res[..rest.min(BUFSIZE)])  // res = s_client.recv(min(BUFSIZE, …
                .context(format_args!("only {get_size} of {std_size} bytes{hint}"))  // if not res: … sys.exit(…
                .context(&what)?;
            console.print(&res[..size]);                         // sys.stdout.buffer.write(res)
            get_size += size as u64;                             // get_size += len(res)
        }
        console.flush();                                         // sys.stdout.flush()
    }
    Ok(console.status())
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}
