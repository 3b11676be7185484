//! Cures for sticky packets: what each one cures, and what it does not.

use crate::lesson::{BUFSIZE, Lesson, Seen, connected, quoted, receive, seen, wait_until_landed};
use socket_basics::command::MAX_COMMAND;
use socket_basics::handshake::{self, ACK};
use socket_basics::header::{self, HEADER_SIZE, Kind};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

pub static LESSONS: &[Lesson] = &[
    Lesson::new("size-cure", "the size handshake keeps each output under its own command", size_cure),
    Lesson::new(
        "size-glued-ack",
        "after an empty output, acknowledgement and next command can be glued",
        size_glued_ack,
    )
    .against("with the size sent first, nothing sticks any more"),
    Lesson::new("size-long-command", "a command longer than one receive is cut into two", size_long_command)
        .against("with the size sent first, nothing sticks any more"),
    Lesson::new("counting-asked", "counting the bytes asked for, not those received, loses data", counting_asked)
        .against("every receive but the last brings the 100 bytes that it asks for"),
    Lesson::new("header-cure", "the header survives glued and split messages", header_cure),
    Lesson::new("nagle", "header and body in two writes wait for a delayed acknowledgement, in one they do not", nagle),
];

fn size_cure() -> io::Result<Seen> {
    let (mut client, mut server) = connected()?;
    let long = [b'x'; 171];
    let first = ask(&mut client, &mut server, b"seq 60", &long)?;
    let second = ask(&mut client, &mut server, b"pwd", b"/home\n")?;
    seen(
        first == long && second == b"/home\n",
        format!("\"seq 60\" showed {} of {} bytes, \"pwd\" then {}", first.len(), long.len(), quoted(&second)),
    )
}

/// One command over the size handshake, as `tcp_exec_client` and `tcp_exec_server` take turns.
fn ask(client: &mut TcpStream, server: &mut TcpStream, command: &[u8], output: &[u8]) -> io::Result<Vec<u8>> {
    client.write_all(command)?;
    receive(server)?;
    server.write_all(output.len().to_string().as_bytes())?;
    let size = handshake::parse_size(&receive(client)?)?;
    client.write_all(ACK.as_bytes())?;
    handshake::recv_ack(&mut BufReader::new(&*server), ACK)?;
    server.write_all(output)?;
    let mut shown = Vec::new();
    client.take(size).read_to_end(&mut shown)?;
    Ok(shown)
}

fn size_glued_ack() -> io::Result<Seen> {
    let (mut client, mut server) = connected()?;
    server.write_all(b"0")?;
    handshake::parse_size(&receive(&mut client)?)?;
    client.write_all(ACK.as_bytes())?;
    client.write_all(b"pwd")?; // at once: there are no 0 bytes to wait for
    wait_until_landed(&server, 7)?;
    let mut buffer = [0; BUFSIZE];
    let peeked = server.peek(&mut buffer)?;
    let mut server = BufReader::new(server);
    handshake::recv_ack(&mut server, ACK)?;
    let command = server.fill_buf()?;
    seen(
        &buffer[..peeked] == b"Truepwd" && command == b"pwd",
        format!(
            "a receive of {BUFSIZE} bytes would have taken {}; recv_ack left {}",
            quoted(&buffer[..peeked]),
            quoted(command)
        ),
    )
}

fn size_long_command() -> io::Result<Seen> {
    let (mut client, server) = connected()?;
    let command = format!("{:>1$}", "rm -r /tmp/xylophone", MAX_COMMAND + "ylophone".len());
    let sent = client.write(command.as_bytes())?;
    wait_until_landed(&server, sent)?;
    let mut buffer = [0; MAX_COMMAND + 1];
    let taken = server.peek(&mut buffer[..MAX_COMMAND])?;
    let half = quoted(buffer[..taken].trim_ascii_start());
    let noticed = server.peek(&mut buffer)?;
    seen(
        half == "\"rm -r /tmp/x\"" && noticed > MAX_COMMAND,
        format!(
            "{sent} bytes of {}: a receive of {MAX_COMMAND} gave {half}, one of {} gave {noticed}",
            quoted(command.trim_start().as_bytes()),
            buffer.len()
        ),
    )
}

fn counting_asked() -> io::Result<Seen> {
    let wrong = receive_in_steps(300, |asked, _| asked)?;
    let right = receive_in_steps(300, |_, received| received)?;
    seen(
        wrong < 300 && right == 300,
        format!("60 at a time: counting those asked for got {wrong} of 300, those received {right}"),
    )
}

/// Receives an output of `size` bytes that comes 60 bytes at a time, asking for 100; `count` says what the
/// client adds up: the bytes asked for, or those received.
fn receive_in_steps(size: usize, count: fn(usize, usize) -> usize) -> io::Result<usize> {
    let (mut client, mut server) = connected()?;
    let mut buffer = [0; 100];
    let (mut counted, mut got) = (0, 0);
    while counted < size {
        server.write_all(&[b'x'; 60])?;
        wait_until_landed(&client, 60)?;
        let asked = buffer.len().min(size - counted);
        let received = client.read(&mut buffer[..asked])?;
        counted += count(buffer.len(), received);
        got += received;
    }
    Ok(got)
}

fn header_cure() -> io::Result<Seen> {
    let messages = [(Kind::Stdout, &b"hello"[..]), (Kind::Stderr, b""), (Kind::Exit, &[0; 4])];
    let mut told = Vec::new();
    let mut whole = 0;
    for most in [BUFSIZE, 7] {
        let (mut client, server) = connected()?;
        for (kind, body) in messages {
            header::send_message(&mut client, kind, body)?;
        }
        wait_until_landed(&server, 3 * HEADER_SIZE + 5 + 4)?;
        let mut steps = Steps { stream: &server, most, taken: 0 };
        for (kind, body) in messages {
            let message = header::recv_message(&mut steps)?;
            whole += usize::from(message.is_some_and(|message| message.kind == kind && message.body == body));
        }
        told.push(format!("{} of {most} bytes", steps.taken));
    }
    seen(
        whole == 2 * messages.len(),
        format!("{} messages glued, twice: {whole} whole; receives: {}", messages.len(), told.join(", ")),
    )
}

/// Splits what has landed: no receive takes more than `most` bytes.
struct Steps<'a> {
    stream: &'a TcpStream,
    most: usize,
    taken: usize,
}

impl Read for Steps<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.taken += 1;
        let size = buffer.len().min(self.most);
        self.stream.read(&mut buffer[..size])
    }
}

fn nagle() -> io::Result<Seen> {
    /// Far above a round trip on loopback, far below the 40 ms that Linux delays an acknowledgement.
    const NOTICEABLE: Duration = Duration::from_millis(10);
    let (client, server) = connected()?;
    let mut message = Vec::new();
    header::send_message(&mut message, Kind::Stdout, b"hello")?;
    let (header, body) = message.split_at(HEADER_SIZE);
    // These come first: Linux delays no acknowledgement before it has seen that questions and answers alternate.
    let one = median_round_trip(&client, &server, 21, &[&message])?;
    let two = median_round_trip(&client, &server, 5, &[header, body])?;
    // When other systems delay an acknowledgement on loopback, and whether they do at all, is theirs to decide.
    let is_delayed = two >= NOTICEABLE || !cfg!(target_os = "linux");
    seen(
        is_delayed && one < NOTICEABLE,
        format!("median round trip in two writes {:.2} ms, in one write {:.2} ms", millis(two), millis(one)),
    )
}

/// Sends a message in `writes`, answers it once it is complete, `rounds` times.
fn median_round_trip(
    mut client: &TcpStream,
    mut server: &TcpStream,
    rounds: usize,
    writes: &[&[u8]],
) -> io::Result<Duration> {
    let mut message = writes.concat();
    let mut times = Vec::new();
    for _ in 0..rounds {
        let start = Instant::now();
        for bytes in writes {
            client.write_all(bytes)?;
        }
        server.read_exact(&mut message)?;
        server.write_all(b"!")?;
        client.read_exact(&mut [0])?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times[rounds / 2])
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
