//! Connections, and the stream that they are.

use crate::lesson::{BRIEF, BUFSIZE, LOOPBACK, Lesson, Seen, failed_with, outcome, quoted, seen};
use crate::lesson::{connected, receive, wait_until_landed};
use socket_basics::cli::is_timeout;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

pub static LESSONS: &[Lesson] = &[
    Lesson::new("tcp-refused", "connecting with no server is refused", tcp_refused),
    Lesson::new("tcp-backlog", "a client connects before accept is called", tcp_backlog)
        .against("what waits there is only half a connection"),
    Lesson::new("tcp-blocks", "receiving blocks while the buffer is empty", tcp_blocks),
    Lesson::new("tcp-send-nothing", "sending nothing sends nothing", tcp_send_nothing),
    Lesson::new("tcp-close", "an orderly close is a receive of 0 bytes, on every system", tcp_close)
        .against("it is one on a Mac, but an exception on Windows and Linux"),
    Lesson::new("tcp-reset", "an abortive close is an error, on every system", tcp_reset)
        .against("whether it is one depends on the system"),
    Lesson::new("tcp-split", "one send, many receives", tcp_split),
    Lesson::new("tcp-glued", "many sends, one receive", tcp_glued)
        .against("they are glued because the sender waits for a full buffer"),
    Lesson::new("tcp-sticky", "the 100-byte client shows the last command's rest", tcp_sticky),
];

fn tcp_refused() -> io::Result<Seen> {
    let listener = TcpListener::bind(LOOPBACK)?;
    let addr = listener.local_addr()?;
    // An open connection keeps the port, so that nobody else gets it once nobody listens there.
    let _ends = (TcpStream::connect(addr)?, listener.accept()?);
    drop(listener);
    let refused = TcpStream::connect(addr).map(|_| 0);
    let told = refused.as_ref().map_or_else(|error| format!("{:?}", error.kind()), |_| "a connection".to_owned());
    seen(
        failed_with(&refused, ErrorKind::ConnectionRefused),
        format!("connecting to {addr}, whose server has gone: {told}"),
    )
}

fn tcp_backlog() -> io::Result<Seen> {
    let listener = TcpListener::bind(LOOPBACK)?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let sent = client.write(b"hello")?;
    let (mut server, accepted) = listener.accept()?;
    let received = receive(&mut server)?;
    let client = client.local_addr()?;
    seen(
        sent == 5 && accepted == client && received == b"hello",
        format!(
            "port {} connected and sent {sent} bytes; then accept gave port {} and {}",
            client.port(),
            accepted.port(),
            quoted(&received)
        ),
    )
}

fn tcp_blocks() -> io::Result<Seen> {
    let (mut client, mut server) = connected()?;
    server.set_read_timeout(Some(BRIEF))?;
    let start = Instant::now();
    let early = server.read(&mut [0; BUFSIZE]);
    let waited = start.elapsed();
    server.set_read_timeout(None)?;
    client.write_all(b"hello")?;
    let received = receive(&mut server)?;
    seen(
        early.as_ref().is_err_and(is_timeout) && waited > BRIEF / 2 && received == b"hello",
        format!(
            "a {BRIEF:?} receive: {} after {waited:.0?}; once \"hello\" was sent: {}",
            outcome(&early),
            quoted(&received)
        ),
    )
}

fn tcp_send_nothing() -> io::Result<Seen> {
    let (mut client, mut server) = connected()?;
    let nothing = [client.write(b"")?, client.write(b"")?];
    client.write_all(b"hello")?;
    let received = receive(&mut server)?;
    seen(
        nothing == [0, 0] && received == b"hello",
        format!("sends of {nothing:?} bytes, then \"hello\"; the first receive gave {}", quoted(&received)),
    )
}

fn tcp_close() -> io::Result<Seen> {
    let (mut client, mut server) = connected()?;
    client.write_all(b"bye")?;
    drop(client);
    let mut receives = Vec::new();
    for _ in 0..3 {
        receives.push(outcome(&server.read(&mut [0; BUFSIZE])));
    }
    let receives = receives.join(", ");
    seen(receives == "3 bytes, 0 bytes, 0 bytes", format!("sent \"bye\" and closed; three receives gave {receives}"))
}

fn tcp_reset() -> io::Result<Seen> {
    let (client, mut server) = connected()?;
    server.write_all(b"unread")?;
    wait_until_landed(&client, 6)?;
    drop(client); // closing with unread bytes in the buffer is std's only way to abort a connection
    let mut last = server.read(&mut [0; BUFSIZE]);
    // The BSDs (not macOS) end the stream as for an orderly close, and reset it when more is sent.
    if !cfg!(any(target_os = "linux", target_vendor = "apple", windows)) {
        while last.is_ok() {
            last = server.write(b"more");
        }
    }
    let reset = failed_with(&last, ErrorKind::ConnectionReset);
    // Windows may call it aborted, a BSD's send a broken pipe.
    let other = failed_with(&last, ErrorKind::ConnectionAborted) || failed_with(&last, ErrorKind::BrokenPipe);
    seen(
        reset || (other && !cfg!(target_os = "linux")),
        format!("the client closed with 6 bytes unread; the server got {}", outcome(&last)),
    )
}

fn tcp_split() -> io::Result<Seen> {
    let (mut client, mut server) = connected()?;
    let sent = client.write(&[b'x'; 250])?;
    wait_until_landed(&server, sent)?;
    let mut buffer = [0; 100];
    let receives = [server.read(&mut buffer)?, server.read(&mut buffer)?, server.read(&mut buffer)?];
    seen(
        receives == [100, 100, 50],
        format!("sent {sent} bytes at once; receives of {} bytes gave {receives:?}", buffer.len()),
    )
}

fn tcp_glued() -> io::Result<Seen> {
    let (mut client, mut server) = connected()?;
    client.set_nodelay(true)?;
    let mut sent = 0;
    for part in ["one", "two", "three"] {
        sent += client.write(part.as_bytes())?;
        wait_until_landed(&server, sent)?; // so the sender did not wait for more
    }
    let received = receive(&mut server)?;
    seen(
        received == b"onetwothree",
        format!("\"one\", \"two\", \"three\" landed one by one; one receive gave {}", quoted(&received)),
    )
}

/// The client's end of `tcp_sticky_client`, asking for `seq 60` and `pwd`. The second receive needs no answer.
fn tcp_sticky() -> io::Result<Seen> {
    const BUFSIZE: usize = 100;
    let (mut client, mut server) = connected()?;
    let output: String = (1..=60).map(|number| format!("{number}\n")).collect();
    client.write_all(b"seq 60")?;
    receive(&mut server)?;
    server.write_all(output.as_bytes())?;
    wait_until_landed(&client, output.len())?;
    let mut buffer = [0; BUFSIZE];
    let first = client.read(&mut buffer)?;
    client.write_all(b"pwd")?;
    let second = client.read(&mut buffer)?;
    let under_pwd = &buffer[..second];
    seen(
        first == BUFSIZE && under_pwd == &output.as_bytes()[BUFSIZE..],
        format!(
            "\"seq 60\" showed {first} of {} bytes, \"pwd\" {second} before it was answered: {}",
            output.len(),
            quoted(under_pwd)
        ),
    )
}
