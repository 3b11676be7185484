//! Upper-case echo: sends each datagram back in capitals and prints who sent what.
//!
//! `cargo run --example udp_server` in one terminal, `cargo run --example udp_client` in another; type: hello
//!
//! `tests/python/udp_server.py` line by line, `std` alone: copy it and go on from here. Left out: it answers every port,
//! even of a service that may echo for ever, and does not say when it has cut a datagram. `src/bin/udp_server.rs` has both.

use std::env;
use std::io::{self, Write};
use std::net::UdpSocket;

const BUFSIZE: usize = 1024;                                 // BUFSIZE = 1024

fn echo(sock_server: &UdpSocket) -> io::Result<()> {         // def echo(sock_server):
    let mut buffer = [0; BUFSIZE];
    let (size, addr) = sock_server.recv_from(&mut buffer)?;  // msg, addr = sock_server.recvfrom(BUFSIZE)
    let msg = &mut buffer[..size];
    let _ = writeln!(io::stdout(), "recv: \"{}\" {addr}", msg.escape_ascii());  // print("recv:", msg, addr, flush=True)
    msg.make_ascii_uppercase();                              // msg.upper()
    sock_server.send_to(msg, addr)?;                         // sock_server.sendto(msg.upper(), addr)
    Ok(())
}

fn main() -> io::Result<()> {
    let ip_port = env::args().nth(1).unwrap_or("127.0.0.1:8080".to_string());  // sys.argv[1]

    let sock_server = UdpSocket::bind(ip_port)?;             // sock_server = socket.socket(…sock_server.bind(
    let _ = writeln!(io::stdout(), "listening on {}", sock_server.local_addr()?);  // print("listening on
    loop {                                                   // while True:
        if let Err(error) = echo(&sock_server) {             // echo(sock_server)…except OSError as error:
            let _ = writeln!(io::stderr(), "udp_server: {error}");  // print("udp_server.py:", error, file=sys.stderr
        }
    }
}
