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

use socket_basics::cli::{self, Args, Role};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8080";
/// Bytes of a datagram that are echoed, as in the tutorial.
const BUFSIZE: usize = 1024;
/// Below this port live system services, some of which answer whatever they get.
const FIRST_USER_PORT: u16 = 1024;

fn main() -> ExitCode {
    cli::exit(NAME, run())
}

fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "upper-case echo of each datagram", ADDR, Role::UdpServer);
    let socket = UdpSocket::bind(&args.addr).map_err(cli::context(format_args!("cannot bind {}", args.addr)))?;
    let own_addr = socket.local_addr()?;
    cli::log(format_args!("listening on {own_addr}"));
    let mut buffer = [0; BUFSIZE + 1]; // one byte more than is echoed shows that a datagram was longer
    loop {
        match socket.recv_from(&mut buffer) {
            Ok((received, peer)) => echo(&socket, own_addr, &mut buffer[..received], peer),
            // Windows reports a datagram over the buffer, or an earlier reply that reached nobody, as an error
            Err(error) => cli::warn(NAME, format_args!("cannot receive on {own_addr}: {error}")),
        }
    }
}

fn echo(socket: &UdpSocket, own_addr: SocketAddr, message: &mut [u8], peer: SocketAddr) {
    let kept = message.len().min(BUFSIZE);
    let cut = if message.len() > BUFSIZE { " (cut to 1024 bytes)" } else { "" };
    let message = &mut message[..kept];
    cli::log(format_args!("recv: \"{}\" {peer}{cut}", message.escape_ascii()));
    if is_unsafe_to_answer(peer, own_addr) {
        return cli::warn(NAME, format_args!("not answering {peer}: it may echo for ever"));
    }
    message.make_ascii_uppercase(); // msg.upper(): bytes, so ASCII letters only
    if let Err(error) = socket.send_to(message, peer) {
        cli::warn(NAME, format_args!("cannot send {kept} bytes to {peer}: {error}"));
    }
}

/// Two services that answer everything feed each other for ever once a forged datagram starts them (CVE-2024-2169).
fn is_unsafe_to_answer(peer: SocketAddr, own_addr: SocketAddr) -> bool {
    let is_own_ip = peer.ip() == own_addr.ip() || own_addr.ip().is_unspecified();
    peer.port() < FIRST_USER_PORT || (peer.port() == own_addr.port() && is_own_ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_echo_for_ever_is_not_answered() {
        let is_unsafe = |peer: &str, own: &str| is_unsafe_to_answer(peer.parse().unwrap(), own.parse().unwrap());
        for (peer, own) in [
            ("192.0.2.1:0", "127.0.0.1:8080"),
            ("192.0.2.1:7", "127.0.0.1:8080"),
            ("127.0.0.1:1023", "127.0.0.1:8080"),
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("127.0.0.1:8080", "0.0.0.0:8080"),
            ("[::1]:8080", "[::]:8080"),
        ] {
            assert!(is_unsafe(peer, own), "{peer} to {own}");
        }
        for peer in ["127.0.0.1:1024", "127.0.0.1:8081", "127.0.0.2:8080", "192.0.2.1:65535"] {
            assert!(!is_unsafe(peer, "127.0.0.1:8080"), "{peer}");
        }
    }
}
