//! Upper-case echo: sends each datagram back in capitals and prints who sent what.
//!
//! | Python | Rust |
//! |---|---|
//! | `socket.socket(AF_INET, SOCK_DGRAM)`, `sock_server.bind(ip_port)` | [`UdpSocket::bind`] |
//! | `msg, addr = sock_server.recvfrom(BUFSIZE)` | [`UdpSocket::recv_from`] |
//! | `print('recv:', msg, addr)` | [`cli::log`] |
//! | `sock_server.sendto(msg.upper(), addr)` | [`UdpSocket::send_to`] |
//!
//! ```sh
//! cargo run --bin udp_server     # prints: listening on 127.0.0.1:8080
//! cargo run --bin udp_client     # in a second terminal; type: hello
//! ```
//!
//! This one then prints `recv: "hello" 127.0.0.1:49152`, the client `HELLO 127.0.0.1:8080`. One socket serves any
//! number of clients, one datagram after the other. A datagram over 1024 bytes is cut, and the line says so.
//!
//! A datagram's sender can be forged. Two services that answer whatever they get, made to believe that each got
//! something from the other, feed each other for ever (CVE-2024-2169). So this one never answers its own port number,
//! at any address, nor a port below 1024, where such services live. It cannot know one on any other port: two of these
//! servers on different ports can still be set on each other.
//!
//! All programs here have the same skeleton. `run` does the work; `?` in it returns at once with an error, to which
//! [`Context::context`] adds what failed. `main` makes of that a line on stderr and an exit status ([`ExitCode`]).
//! `env!("CARGO_BIN_NAME")` is the program's name, put there by Cargo.

use socket_basics::cli::{self, Args, Context};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8080";
/// Bytes of a datagram that are echoed, as in the tutorial.
const BUFSIZE: usize = 1024;
/// Below this port live system services, `echo` (7) and `chargen` (19) among them. Port 0 is nobody's.
const FIRST_USER_PORT: u16 = 1024;

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}

fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "upper-case echo of each datagram", ADDR, &[]);
    let socket = UdpSocket::bind(&args.addr).context(format_args!("cannot bind {}", args.addr))?;
    let own_addr = socket.local_addr()?;
    cli::log(format_args!("listening on {own_addr}"));
    let mut buffer = [0; BUFSIZE + 1]; // one byte more than is echoed shows that a datagram was longer
    loop {
        match socket.recv_from(&mut buffer) {
            Ok((received, peer)) => echo(&socket, own_addr.port(), &mut buffer[..received], peer),
            // Windows reports a datagram over the buffer, or an earlier reply that reached nobody, as an error
            Err(error) => cli::warn(NAME, format_args!("cannot receive on {own_addr}: {error}")),
        }
    }
}

fn echo(socket: &UdpSocket, own_port: u16, datagram: &mut [u8], peer: SocketAddr) {
    let kept = datagram.len().min(BUFSIZE);
    let cut = if datagram.len() > BUFSIZE { format!(" (cut to {BUFSIZE} bytes)") } else { String::new() };
    let message = &mut datagram[..kept];
    cli::log(format_args!("recv: \"{}\" {peer}{cut}", message.escape_ascii()));
    if peer.port() == own_port || peer.port() < FIRST_USER_PORT {
        cli::warn(NAME, format_args!("not answering {peer}: it may echo for ever"));
        return;
    }
    message.make_ascii_uppercase(); // msg.upper(): bytes, so ASCII letters only
    if let Err(error) = socket.send_to(message, peer) {
        cli::warn(NAME, format_args!("cannot send {kept} bytes to {peer}: {error}"));
    }
}
