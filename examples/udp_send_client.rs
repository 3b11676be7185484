//! Sends each line as a datagram and never receives: works, silently, with no server.
//!
//! `tests/python/udp_send_client.py` line by line, with `std` alone: copy it and go on from here. To run it:
//! `cargo run --example udp_server`, in a second terminal `cargo run --example udp_send_client`; type: hello
//!
//! Left out: IPv6, and going on after a line that is too long to send. `src/bin/udp_send_client.rs` has both.

use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::net::{ToSocketAddrs, UdpSocket};

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:8080".to_string());  // sys.argv[1]
    // IPv4 alone, as AF_INET says: `localhost` may be an address of either kind
    let ip_port = addr.to_socket_addrs()?.find(|addr| addr.is_ipv4()).ok_or(ErrorKind::NotFound)?;  // ip_port = (…)

    let sock_client = UdpSocket::bind("0.0.0.0:0")?;    // sock_client = socket.socket(…)
    let prompt = if io::stdin().is_terminal() { ">> " } else { "" };  // prompt = ">> " if sys.stdin.isatty() else ""
    loop {                                              // while True:
        write!(io::stdout(), "{prompt}")?;              // line = input(prompt)
        io::stdout().flush()?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {     // except EOFError:
            return Ok(());                              // break
        }
        let msg = line.trim();                          // msg = line.strip()
        if msg.is_empty() {                             // if not msg:
            continue;                                   // continue
        }
        sock_client.send_to(msg.as_bytes(), ip_port)?;  // sock_client.sendto(msg.encode("utf-8"), ip_port)
    }
}
