//! Upper-case echo: sends each datagram back in capitals and prints who sent what.
//!
//! `tests/python/udp_server.py` line by line, with `std` alone: copy it and go on from here. To run it:
//! `cargo run --example udp_server`, in a second terminal `cargo run --example udp_client`; type: hello
//!
//! Left out: it answers every port, even that of a service that may echo for ever, and does not say when it has cut a
//! datagram. `src/bin/udp_server.rs` has both.

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
    sock_server.send_to(msg, addr)?;                         // sock_server.sendto(…)
    Ok(())
}

fn main() -> io::Result<()> {
    let ip_port = env::args().nth(1).unwrap_or("127.0.0.1:8080".to_string());  // sys.argv[1]

    let sock_server = UdpSocket::bind(ip_port)?;             // sock_server = socket.socket(…), .bind(…)
    // println! would panic, and end the server, once nobody reads its output
    let _ = writeln!(io::stdout(), "listening on {}", sock_server.local_addr()?);  // print("listening on …)
    loop {                                                   // while True:
        if let Err(error) = echo(&sock_server) {             // echo(sock_server)
            let _ = writeln!(io::stderr(), "udp_server: {error}");  // print("udp_server.py:", error, …)
        }
    }
}
