//! Sends a line as a datagram, waits for the reply, prints it.
//!
//! | Python | Rust |
//! |---|---|
//! | `socket.socket(AF_INET, SOCK_DGRAM)` | [`UdpSocket::bind`] to port 0, then [`UdpSocket::connect`] |
//! | `input('>> ').strip()` | [`Console::input`] |
//! | `sock_client.sendto(msg.encode('utf-8'), ip_port)` | [`UdpSocket::send`] |
//! | `back_msg, addr = sock_client.recvfrom(BUFSIZE)` | [`UdpSocket::recv_from`] |
//! | `print(back_msg.decode('utf-8'), addr)` | [`Console::print`] |
//!
//! ```sh
//! cargo run --bin udp_server     # in one terminal
//! cargo run --bin udp_client     # in another; type: hello
//! ```
//!
//! It prints `HELLO 127.0.0.1:8080`. Where Python waits for ever when a datagram is lost, this one gives up after 2 s
//! and goes on. `connect` sends nothing: it makes the system drop datagrams from anyone else, and report a closed port.

use socket_basics::cli::{self, Args, Console, Role};
use socket_basics::connection;
use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::time::Duration;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8080";
/// Bytes of a reply that are shown, as in the tutorial.
const BUFSIZE: usize = 1024;
/// Long enough for any network, short enough for a person: a datagram that was lost never comes.
const REPLY_TIMEOUT: Duration = Duration::from_secs(2);
/// Questions whose sockets stay open, so that none of their ports goes to a later question: more than a late reply skips.
const KEPT_SOCKETS: usize = 64;

fn main() -> ExitCode {
    cli::exit(NAME, run())
}

fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "send each line as a datagram and print the reply", ADDR, Role::UdpClient);
    let server = cli::resolve(&args.addr)?;
    let mut console = Console::new(NAME, None);
    let mut sockets = VecDeque::new();
    while let Some(message) = console.input(">> ")? {
        match ask(server, message.as_bytes(), &mut sockets) {
            Ok(reply) => console.print(format!("{} {server}\n", cli::printable(&reply)).as_bytes()),
            Err(error) if connection::is_timeout(&error) => {
                console.complain(format_args!("no reply from {server} within {REPLY_TIMEOUT:?}"));
            }
            Err(error) => console.complain(cli::context(format_args!("no reply from {server}"))(error)),
        }
    }
    Ok(console.status())
}

/// Every question has a socket, and so a port, of its own: a reply that comes late or twice goes to the port of its
/// question and cannot be taken for the answer to the next one.
fn ask(server: SocketAddr, message: &[u8], earlier: &mut VecDeque<UdpSocket>) -> io::Result<Vec<u8>> {
    let any_port = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any_port)?;
    socket.connect(server)?;
    socket.set_read_timeout(Some(REPLY_TIMEOUT))?;
    socket.send(message).map_err(cli::context(format_args!("cannot send {} bytes", message.len())))?;
    let reply = receive(&socket);
    earlier.truncate(KEPT_SOCKETS - 1);
    earlier.push_front(socket);
    reply
}

/// `connect` does not drop what anybody sent before it, so the sender is looked at as well.
fn receive(socket: &UdpSocket) -> io::Result<Vec<u8>> {
    let server = socket.peer_addr()?;
    let mut reply = vec![0; BUFSIZE];
    loop {
        let (received, sender) = connection::uninterrupted(|| socket.recv_from(&mut reply))?;
        if sender == server {
            reply.truncate(received);
            return Ok(reply);
        }
    }
}
