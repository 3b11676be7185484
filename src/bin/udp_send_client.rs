//! Sends each line as a datagram and never receives: works, silently, with no server.
//!
//! | Python | Rust |
//! |---|---|
//! | `socket.socket(AF_INET, SOCK_DGRAM)` | [`UdpSocket::bind`] to port 0: the system chooses one |
//! | `input('>> ').strip()` | [`Console::input`] |
//! | `sock_client.sendto(msg.encode('utf-8'), ip_port)` | [`UdpSocket::send_to`] |
//!
//! ```sh
//! cargo run --bin udp_send_client              # type a line, or three: nothing comes back
//! cargo run --bin udp_send_client [::1]:9000   # to another address
//! ```
//!
//! With `udp_server` running, that one prints each line. Without it, everything looks the same here: an unconnected
//! UDP socket hears nothing of datagrams that reached nobody. `udp_client` is the one that waits for a reply.

use socket_basics::cli::{self, Args, Console, Context};
use std::io;
use std::net::UdpSocket;
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8080";

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}

fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "send each line as a datagram, never receive", ADDR, &[]);
    let server = cli::resolve(&args.addr)?;
    let any_port = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any_port).context("cannot open a UDP socket")?;
    let mut console = Console::new(NAME, None, 1);
    while let Some(message) = console.input(">> ")? {
        if let Err(error) = socket.send_to(message.as_bytes(), server) {
            console.complain(format_args!("cannot send {} bytes to {server}: {error}", message.len()));
        }
    }
    Ok(console.status())
}
