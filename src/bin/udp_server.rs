//! Upper-case echo: sends each datagram back in capitals and prints who sent what.
//!
//! ```sh
//! cargo run --bin udp_server     # prints: listening on 127.0.0.1:8080
//! cargo run --bin udp_client     # in a second terminal; type: hello
//! ```
//!
//! The server then prints `recv: "hello" 127.0.0.1:49152`, the client `HELLO 127.0.0.1:8080`. One socket serves any
//! number of clients, one datagram after the other. Of a datagram over 1024 bytes the first 1024 come back, and the
//! line says so. Ctrl-C ends the server. On the right stands `tests/python/udp_server.py`.
//!
//! Somebody can forge the sender of a datagram, and make two services that answer everything feed each other for ever
//! (CVE-2024-2169). So this one never answers its own port number, at any address, nor a port below 1024, where such
//! services listen. It cannot recognise one on another port.

use socket_basics::cli::{self, Args, Context};
use std::io;
use std::net::UdpSocket;
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8080";
/// Bytes of a datagram that are echoed, as in the tutorial.
const BUFSIZE: usize = 1024;
/// No datagram has more bytes. Where one is longer than the buffer, Windows fails; other systems cut it in silence.
const LONGEST: usize = 65_535;
/// Below this port system services listen, `echo` (7) and `chargen` (19) among them. Port 0 is nobody's.
const FIRST_USER_PORT: u16 = 1024;

#[rustfmt::skip]
fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "upper-case echo of each datagram", ADDR, &[]);
    let ip_port = cli::resolve(&args.addr)?[0];                   // host, _, port = (…).rpartition(":")
    let sock_server = UdpSocket::bind(ip_port)                    // sock_server = socket.socket(…, socket.SOCK_DGRAM)
        .context(format_args!("cannot bind {ip_port}"))?;         // sock_server.bind((host, int(port)))
    let own = sock_server.local_addr()?;
    cli::log(format_args!("listening on {own}"));                 // print("listening on %s:%d" % …, flush=True)
    let mut buffer = [0; LONGEST];
    loop {                                                        // while True:
        let (size, addr) = match sock_server.recv_from(&mut buffer) {  // msg, addr = sock_server.recvfrom(BUFSIZE)
            Ok(received) => received,
            // Windows reports an earlier reply that reached nobody
            Err(error) => {
                cli::warn(NAME, format_args!("cannot receive on {own}: {error}"));
                continue;
            }
        };
        let msg = &mut buffer[..size.min(BUFSIZE)];
        let cut = if size > BUFSIZE { " (cut to 1024 bytes)" } else { "" };
        let shown = msg.escape_ascii();
        cli::log(format_args!("recv: \"{shown}\" {addr}{cut}"));  // print("recv:", msg, addr, flush=True)
        if addr.port() == own.port() || addr.port() < FIRST_USER_PORT {
            cli::warn(NAME, format_args!("not answering {addr}: it may echo for ever"));
            continue;
        }
        msg.make_ascii_uppercase(); // bytes, so ASCII letters only
        if let Err(error) = sock_server.send_to(msg, addr) {      // sock_server.sendto(msg.upper(), addr)
            cli::warn(NAME, format_args!("cannot send {} bytes to {addr}: {error}", msg.len()));
        }
    }
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}
