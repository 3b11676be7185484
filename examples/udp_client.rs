//! Sends a line as a datagram, waits for the reply, prints it.
//!
//! `tests/python/udp_client.py` line by line, with `std` alone: copy it and go on from here. To run it:
//! `cargo run --example udp_server`, in a second terminal `cargo run --example udp_client`; type: hello
//!
//! Left out: IPv6, and escaping what a reply could do to the terminal. `src/bin/udp_client.rs` has both.

use std::io::{self, IsTerminal, Write};
use std::net::UdpSocket;
use std::time::Duration;
use std::{env, process};

const BUFSIZE: usize = 1024;                             // BUFSIZE = 1024
const REPLY_TIMEOUT: Duration = Duration::from_secs(2);  // REPLY_TIMEOUT = 2

fn connect(ip_port: &str) -> io::Result<UdpSocket> {     // def connect():
    let sock_client = UdpSocket::bind("0.0.0.0:0")?;     // sock_client = socket.socket(…)
    sock_client.connect(ip_port)?;                       // sock_client.connect(ip_port)
    sock_client.set_read_timeout(Some(REPLY_TIMEOUT))?;  // sock_client.settimeout(REPLY_TIMEOUT)
    Ok(sock_client)                                      // return sock_client
}

fn main() -> io::Result<()> {
    let ip_port = env::args().nth(1).unwrap_or("127.0.0.1:8080".to_string());  // sys.argv[1]

    let mut sock_client = connect(&ip_port)?;            // sock_client = connect()
    let prompt = if io::stdin().is_terminal() { ">> " } else { "" };  // prompt = ">> " if sys.stdin.isatty() else ""
    let mut status = 0;                                  // status = 0
    loop {                                               // while True:
        write!(io::stdout(), "{prompt}")?;               // line = input(prompt)
        io::stdout().flush()?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {      // except EOFError:
            break;                                       // break
        }
        let msg = line.trim();                           // msg = line.strip()
        if msg.is_empty() {                              // if not msg:
            continue;                                    // continue
        }
        let mut buffer = [0; BUFSIZE];
        let sent = sock_client.send(msg.as_bytes());     // sock_client.send(msg.encode("utf-8"))
        match sent.and_then(|_| sock_client.recv_from(&mut buffer)) {  // back_msg, addr = sock_client.recvfrom(BUFSIZE)
            Err(error) => {                              // except OSError as error:
                eprintln!("udp_client: no reply from {ip_port}: {error}");  // print(…)
                // a late reply goes to the old socket, so it never answers the next question
                sock_client = connect(&ip_port)?;        // sock_client = connect()
                status = 1;                              // status = 1
            }
            Ok((size, addr)) => {                        // else:
                let back_msg = String::from_utf8_lossy(&buffer[..size]);  // back_msg.decode("utf-8", "replace")
                writeln!(io::stdout(), "{back_msg} {addr}")?;  // sys.stdout.buffer.write(…)
            }
        }
    }
    process::exit(status)                                // sys.exit(status)
}
