//! Sends a line as a datagram, waits for the reply, prints it.
//!
//! | Python | Rust |
//! |---|---|
//! | `socket.socket(AF_INET, SOCK_DGRAM)` | [`UdpSocket::bind`] to port 0, then [`UdpSocket::connect`] |
//! | `input('>> ').strip()` | [`Console::input`] |
//! | `sock_client.sendto(msg.encode('utf-8'), ip_port)` | [`UdpSocket::send`] |
//! | `back_msg, addr = sock_client.recvfrom(BUFSIZE)` | [`UdpSocket::recv`] |
//! | `print(back_msg.decode('utf-8'), addr)` | [`Console::print`] |
//!
//! ```sh
//! cargo run --bin udp_server     # in one terminal
//! cargo run --bin udp_client     # in another; type: hello
//! ```
//!
//! It prints `HELLO 127.0.0.1:8080`. As in the Python, one socket asks all questions, so that a server sees one client.
//! Where Python waits for ever when a datagram is lost, this client gives up after 2 s and asks the next question from
//! a fresh socket. `connect` sends nothing: it makes the system drop datagrams from anyone else, and report a closed
//! port.

use socket_basics::cli::{self, Args, Console, Context};
use socket_basics::connection;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::time::Duration;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8080";
/// Bytes of a reply that are shown, as in the tutorial.
const BUFSIZE: usize = 1024;
/// No datagram has more bytes. Windows fails a receive into a buffer that is too short, where other systems cut.
const LONGEST: usize = 65_535;
/// Long enough for any network, short enough for a person: a datagram that was lost never comes.
const REPLY_TIMEOUT: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}

fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "send each line as a datagram and print the reply", ADDR, &[]);
    let server = cli::resolve(&args.addr)?;
    let mut socket = connect(server)?;
    let mut console = Console::new(NAME, None, 1);
    while let Some(message) = console.input(">> ")? {
        match ask(&socket, message.as_bytes()).context(format_args!("no reply from {server}")) {
            Ok(reply) => console.print(format!("{} {server}\n", cli::printable(&reply)).as_bytes()),
            Err(error) if connection::is_timeout(&error) => {
                console.complain(format_args!("no reply from {server} within {REPLY_TIMEOUT:?}"));
                // A reply that comes late goes to the old port. The old socket is closed after the new one has its own,
                // so the two ports differ.
                socket = connect(server)?;
            }
            Err(error) => console.complain(error),
        }
    }
    Ok(console.status())
}

fn connect(server: SocketAddr) -> io::Result<UdpSocket> {
    let any_port = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any_port).context("cannot open a UDP socket")?;
    socket.connect(server).context(format_args!("cannot connect to {server}"))?;
    socket.set_read_timeout(Some(REPLY_TIMEOUT))?;
    Ok(socket)
}

fn ask(socket: &UdpSocket, message: &[u8]) -> io::Result<Vec<u8>> {
    forget_earlier(socket)?;
    socket.send(message).context(format_args!("cannot send {} bytes", message.len()))?;
    let mut buffer = [0; LONGEST];
    let received = connection::uninterrupted(|| socket.recv(&mut buffer))?;
    Ok(buffer[..received.min(BUFSIZE)].to_vec())
}

/// What came before a question does not answer it: a second reply to the one before, an error that was reported late, a
/// datagram that somebody else sent before `connect`.
fn forget_earlier(socket: &UdpSocket) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    while !socket.recv(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {}
    socket.set_nonblocking(false)
}
