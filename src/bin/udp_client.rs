//! Sends a line as a datagram, waits for the reply, prints it.
//!
//! ```sh
//! cargo run --bin udp_server     # in a first terminal
//! cargo run --bin udp_client     # in a second terminal; type: hello
//! ```
//!
//! The client prints `HELLO 127.0.0.1:8080`. Where the tutorial waits for ever when a datagram is lost, this client
//! gives up after 2 s and asks the next question from a fresh socket, so a late reply reaches nobody. `connect` sends
//! nothing: from then on the system drops datagrams from anybody else, and reports a closed port.
//!
//! On the right stands `tests/python/udp_client.py`. Ctrl-D ends the client; its exit status is 1 if a message stayed
//! without a reply.

use socket_basics::cli::{self, Args, Console, Context};
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::time::Duration;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8080";
/// Bytes of a reply that are shown, as in the tutorial.
const BUFSIZE: usize = 1024;
/// No datagram has more bytes. Where one is longer than the buffer, Windows fails; other systems cut it in silence.
const LONGEST: usize = 65_535;
/// Long enough for any network, short enough for a person: a datagram that was lost never comes.
const REPLY_TIMEOUT: Duration = Duration::from_secs(2);
/// Datagrams that are forgotten before a question. If more have come, somebody floods the socket; the client asks then
/// too.
const MAX_EARLIER: usize = 1000;

#[rustfmt::skip]
fn connect(ip_port: SocketAddr) -> io::Result<UdpSocket> {  // def connect(ip_port):
    let any_port = if ip_port.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let sock_client = UdpSocket::bind(any_port)             // sock_client = socket.socket(…, socket.SOCK_DGRAM)
        .context("cannot open a UDP socket")?;
    sock_client.connect(ip_port)                            // sock_client.connect(ip_port)
        .context(format_args!("cannot connect to {ip_port}"))?;
    sock_client.set_read_timeout(Some(REPLY_TIMEOUT))?;     // sock_client.settimeout(REPLY_TIMEOUT)
    Ok(sock_client)                                         // return sock_client
}

/// What came before a question does not answer it: a second reply to the one before, an error that was reported late.
fn forget_earlier(sock_client: &UdpSocket) -> io::Result<()> {
    sock_client.set_nonblocking(true)?;
    for _ in 0..MAX_EARLIER {
        if sock_client.recv(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
            break;
        }
    }
    sock_client.set_nonblocking(false)
}

#[rustfmt::skip]
fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "send each line as a datagram and print the reply", ADDR, &[]);
    let mut console = Console::new(NAME, None, 1);
    let ip_port = cli::resolve(&args.addr)?[0];                 // host, _, port = (…).rpartition(":")
                                                                // ip_port = (host, int(port))
    let mut sock_client = connect(ip_port)?;                    // sock_client = connect(ip_port)
    let mut buffer = [0; LONGEST];
    while let Some(msg) = console.input(">> ")? {               // while True: … msg = input(">> ").strip()
                                                                // if not msg: … continue
        forget_earlier(&sock_client)?;
        let reply = sock_client.send(msg.as_bytes())            // try: … sock_client.send(msg.encode("utf-8"))
            .context(format_args!("cannot send {} bytes", msg.len()))
            .and_then(|_| cli::uninterrupted(|| sock_client.recv(&mut buffer)))
            .context(format_args!("no reply from {ip_port}"));  // back_msg, addr = sock_client.recvfrom(BUFSIZE)
        match reply {
            Ok(size) => {
                let back_msg = cli::printable(&buffer[..size.min(BUFSIZE)]);
                let line = format!("{back_msg} {ip_port}\n");
                console.print(line.as_bytes());                 // print(back_msg.decode("utf-8"), addr)
            }
            Err(error) if cli::is_timeout(&error) => {          // except socket.timeout:
                let what = format!("no reply from {ip_port} within {REPLY_TIMEOUT:?}");
                console.error(what);                            // print("no reply from", ip_port)
                // the old socket is closed after the new one has its port, so the two ports differ
                sock_client = connect(ip_port)?;                // sock_client = connect(ip_port)
            }
            Err(error) => console.error(error),                 // except OSError as error:
                                                                // print("no reply from", ip_port, error)
        }
    }
    Ok(console.status())
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}
