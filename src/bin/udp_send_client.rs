//! Sends each line as a datagram and never receives: works, silently, with no server.
//!
//! ```sh
//! cargo run --bin udp_send_client              # type a line, or three: nothing comes back; Ctrl-D ends
//! cargo run --bin udp_send_client '[::1]:9000' # to another address
//! ```
//!
//! With `udp_server` running, that one prints each line. Without it, everything looks the same here: an unconnected UDP
//! socket hears nothing of datagrams that reached nobody. `udp_client` waits for a reply.
//!
//! On the right stands `tests/python/udp_send_client.py`. When a call fails, `?` returns its error from the function at
//! once; `.context(…)` adds to it what failed. `main` prints it on stderr and sets the exit status. Cargo puts the
//! program's name into `NAME`.

use socket_basics::cli::{self, Args, Console, Context};
use std::io;
use std::net::UdpSocket;
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8080";

#[rustfmt::skip]
fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "send each line as a datagram, never receive", ADDR, &[]);
    let mut console = Console::new(NAME, None, 1);
    let ip_port = cli::resolve(&args.addr)?[0];                   // host, _, port = (…).rpartition(":")
                                                                  // ip_port = (host, int(port))
    let any_port = if ip_port.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let sock_client = UdpSocket::bind(any_port)                   // sock_client = socket.socket(…, socket.SOCK_DGRAM)
        .context("cannot open a UDP socket")?;
    while let Some(msg) = console.input(">> ")? {                 // while True: … msg = input(">> ").strip()
                                                                  // if not msg: … continue
        let sent = sock_client.send_to(msg.as_bytes(), ip_port);  // sock_client.sendto(msg.encode("utf-8"), ip_port)
        if let Err(error) = sent {
            console.error(format_args!("cannot send {} bytes to {ip_port}: {error}", msg.len()));
        }
    }
    Ok(console.status())
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}
