//! Datagrams.

use crate::lesson::{BRIEF, BUFSIZE, LOOPBACK, Lesson, Seen, failed_with, outcome, quoted, seen};
use socket_basics::cli::is_timeout;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::time::Instant;

pub static LESSONS: &[Lesson] = &[
    Lesson::new("udp-no-server", "sending with no server succeeds, and the data is gone", udp_no_server),
    Lesson::new(
        "udp-refused",
        "an unconnected socket is not told that a port is closed, a connected one is",
        udp_refused,
    )
    .against("receiving is an error when there is no server"),
    Lesson::new("udp-empty", "an empty datagram arrives, with length 0 and its sender", udp_empty)
        .against("what arrives is not really empty"),
    Lesson::new("udp-blocks", "receiving blocks while the buffer is empty", udp_blocks),
    Lesson::new("udp-boundaries", "two datagrams are never glued", udp_boundaries),
    Lesson::new("udp-cut", "a short buffer cuts one datagram and leaves the next whole", udp_cut),
    Lesson::new("udp-many-clients", "one socket serves many clients", udp_many_clients),
    Lesson::new("udp-overflow", "unread datagrams beyond the receive buffer are dropped in silence", udp_overflow),
    Lesson::new("udp-largest", "65507 bytes is the most that one datagram carries", udp_largest),
];

fn udp_no_server() -> io::Result<Seen> {
    let client = UdpSocket::bind(LOOPBACK)?;
    let addr = UdpSocket::bind(LOOPBACK)?.local_addr()?; // closed again at once
    let sent = client.send_to(b"first", addr)?;
    let server = UdpSocket::bind(addr)?;
    UdpSocket::bind(LOOPBACK)?.send_to(b"second", addr)?;
    let (received, _) = receive_from(&server)?;
    seen(
        sent == 5 && received == b"second",
        format!("sent {sent} bytes, no error; started a server, sent \"second\": it got {}", quoted(&received)),
    )
}

fn udp_refused() -> io::Result<Seen> {
    let unconnected = UdpSocket::bind(LOOPBACK)?;
    let connected = UdpSocket::bind(LOOPBACK)?;
    let server = UdpSocket::bind(LOOPBACK)?;
    let addr = server.local_addr()?;
    connected.connect(addr)?;
    drop(server);
    unconnected.send_to(b"hello", addr)?;
    connected.send(b"hello")?;
    unconnected.set_read_timeout(Some(BRIEF))?;
    let heard = unconnected.recv(&mut [0; BUFSIZE]);
    let refused = connected.recv(&mut [0; BUFSIZE]);
    let nothing = heard.as_ref().is_err_and(is_timeout);
    // Windows calls the answer of a closed port a reset, and may give it to an unconnected socket too.
    let as_expected = if cfg!(windows) {
        (nothing || failed_with(&heard, ErrorKind::ConnectionReset))
            && failed_with(&refused, ErrorKind::ConnectionReset)
    } else {
        nothing && failed_with(&refused, ErrorKind::ConnectionRefused)
    };
    let heard = if nothing { format!("nothing within {BRIEF:?}") } else { outcome(&heard) };
    seen(as_expected, format!("unconnected: {heard}; connected: {}", outcome(&refused)))
}

fn udp_empty() -> io::Result<Seen> {
    let server = UdpSocket::bind(LOOPBACK)?;
    let client = UdpSocket::bind(LOOPBACK)?;
    let sent = client.send_to(b"", server.local_addr()?)?;
    let (received, sender) = receive_from(&server)?;
    let client = client.local_addr()?;
    seen(
        sent == 0 && received.is_empty() && sender == client,
        format!("{client} sent {sent} bytes; received {} bytes from {sender}", received.len()),
    )
}

fn udp_blocks() -> io::Result<Seen> {
    let server = UdpSocket::bind(LOOPBACK)?;
    server.set_read_timeout(Some(BRIEF))?;
    let start = Instant::now();
    let early = server.recv(&mut [0; BUFSIZE]);
    let waited = start.elapsed();
    server.set_read_timeout(None)?;
    UdpSocket::bind(LOOPBACK)?.send_to(b"hello", server.local_addr()?)?;
    let (received, _) = receive_from(&server)?;
    seen(
        early.as_ref().is_err_and(is_timeout) && waited > BRIEF / 2 && received == b"hello",
        format!(
            "a {BRIEF:?} receive: {} after {waited:.0?}; once \"hello\" was sent: {}",
            outcome(&early),
            quoted(&received)
        ),
    )
}

fn udp_boundaries() -> io::Result<Seen> {
    let server = UdpSocket::bind(LOOPBACK)?;
    let client = UdpSocket::bind(LOOPBACK)?;
    client.send_to(b"hello", server.local_addr()?)?;
    client.send_to(b"world", server.local_addr()?)?;
    let (first, _) = receive_from(&server)?;
    let (second, _) = receive_from(&server)?;
    seen(
        first == b"hello" && second == b"world",
        format!(
            "sent \"hello\" and \"world\"; receives of {BUFSIZE} bytes gave {} and {}",
            quoted(&first),
            quoted(&second)
        ),
    )
}

fn udp_cut() -> io::Result<Seen> {
    let server = UdpSocket::bind(LOOPBACK)?;
    let client = UdpSocket::bind(LOOPBACK)?;
    client.send_to(b"hello world", server.local_addr()?)?;
    client.send_to(b"next", server.local_addr()?)?;
    let mut short = [0; 5];
    let cut = server.recv(&mut short);
    let (next, _) = receive_from(&server)?;
    // Windows fills the buffer too, but returns WSAEMSGSIZE (10040), for which std has no kind.
    let (cut_as_expected, cut) = match cut {
        Ok(size) => (!cfg!(windows) && &short == b"hello", quoted(&short[..size])),
        Err(error) => (cfg!(windows) && error.raw_os_error() == Some(10040), format!("\"{error}\"")),
    };
    seen(
        cut_as_expected && next == b"next",
        format!("sent \"hello world\" and \"next\"; a 5-byte buffer got {cut}, a longer one {}", quoted(&next)),
    )
}

fn udp_many_clients() -> io::Result<Seen> {
    let server = UdpSocket::bind(LOOPBACK)?;
    let clients = [UdpSocket::bind(LOOPBACK)?, UdpSocket::bind(LOOPBACK)?, UdpSocket::bind(LOOPBACK)?];
    for (client, message) in clients.iter().zip(["one", "two", "three"]) {
        client.send_to(message.as_bytes(), server.local_addr()?)?;
    }
    for _ in &clients {
        let (message, client) = receive_from(&server)?;
        server.send_to(&message.to_ascii_uppercase(), client)?;
    }
    let mut replies = Vec::new();
    for client in &clients {
        replies.push(quoted(&receive_from(client)?.0));
    }
    let replies = replies.join(", ");
    seen(
        replies == r#""ONE", "TWO", "THREE""#,
        format!("{} clients sent \"one\", \"two\", \"three\" and received {replies}", clients.len()),
    )
}

fn udp_overflow() -> io::Result<Seen> {
    /// 32 MiB in all, far more than a receive buffer holds unless somebody has made it huge.
    const SENT: usize = 4096;
    /// Bytes of a datagram: below the 9216 that macOS and the BSDs allow.
    const SIZE: usize = 8192;
    let server = UdpSocket::bind(LOOPBACK)?;
    let client = UdpSocket::bind(LOOPBACK)?;
    let addr = server.local_addr()?;
    let errors = (0..SENT).filter(|_| client.send_to(&[0; SIZE], addr).is_err()).count();
    server.set_nonblocking(true)?;
    let mut arrived = 0;
    while server.recv(&mut [0; SIZE]).is_ok() {
        arrived += 1;
    }
    // macOS and the BSDs may fail a send with ENOBUFS when datagrams come faster than they can be queued.
    let is_silent = errors == 0 || !cfg!(any(target_os = "linux", windows));
    seen(
        is_silent && arrived > 0 && arrived < SENT,
        format!("sent {SENT} datagrams of {SIZE} bytes, {errors} errors; {arrived} of them arrived"),
    )
}

fn udp_largest() -> io::Result<Seen> {
    /// IPv4 counts up to 65535 bytes, of which its own header takes 20 and UDP's 8. macOS and the BSDs stop earlier
    /// unless `sysctl net.inet.udp.maxdgram` says otherwise.
    const LARGEST: usize = if cfg!(any(target_os = "linux", windows)) { 65535 - 20 - 8 } else { 9216 };
    let server = UdpSocket::bind(LOOPBACK)?;
    let client = UdpSocket::bind(LOOPBACK)?;
    let datagram = vec![b'x'; LARGEST + 1];
    let sent = client.send_to(&datagram[..LARGEST], server.local_addr()?)?;
    let mut buffer = vec![0; LARGEST + 1];
    let received = server.recv(&mut buffer)?;
    let refused = client.send_to(&datagram, server.local_addr()?);
    let told = refused.as_ref().map_or_else(io::Error::to_string, |size| format!("{size} bytes went"));
    let earlier = if LARGEST < 65507 { " (this system stops earlier)" } else { "" };
    seen(
        sent == LARGEST && received == LARGEST && refused.is_err(),
        format!("sent {sent} bytes, received {received}; sending {}: {told}{earlier}", datagram.len()),
    )
}

/// Python's `recvfrom(BUFSIZE)`.
fn receive_from(socket: &UdpSocket) -> io::Result<(Vec<u8>, SocketAddr)> {
    let mut buffer = vec![0; BUFSIZE];
    let (received, sender) = socket.recv_from(&mut buffer)?;
    buffer.truncate(received);
    Ok((buffer, sender))
}
