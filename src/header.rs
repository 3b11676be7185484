//! The message format that cures sticky packets: a 64-byte header says what follows and how long it is. `std` alone:
//! copy this file as it is.
//!
//! Numbers are in network byte order. The header is `struct.Struct("!4sB3xQQ40s")` in `tests/python/header.py`, the
//! lines of which stand on the right.
//!
//! | offset | size | field | |
//! |---|---|---|---|
//! | 0 | 4 | magic | `HDR1` |
//! | 4 | 1 | kind | [`Kind`] |
//! | 5 | 3 | reserved | zero |
//! | 8 | 8 | length | bytes of body that follow |
//! | 16 | 8 | time | when the sender made this header, microseconds since 1970-01-01 UTC |
//! | 24 | 40 | user | the sender's user name, UTF-8, padded with zero bytes |
//!
//! `time` and `user` are what the sender says, never proof of anything.

use std::env;
use std::io::{self, IoSlice, Read, Write};
use std::ops::RangeInclusive;
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Bytes of a header.
pub const HEADER_SIZE: usize = 64;
/// Bytes of a body at most: what a pipe holds on Linux, so one read fills one message.
pub const MAX_BODY: usize = 64 * 1024;
/// Bytes of the reason of a refusal at most: a sentence.
pub const MAX_REASON: usize = 1024;
/// Bytes of a user name at most.
pub const MAX_USER: usize = 40;
const MAGIC: &[u8; 4] = b"HDR1";

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// From the client: a command for the shell, UTF-8, 1 to [`MAX_BODY`] bytes.
    Command = 1,
    /// From the server: what the command printed to stdout, at most [`MAX_BODY`] bytes.
    Stdout = 2,
    /// From the server: what the command printed to stderr, at most [`MAX_BODY`] bytes.
    Stderr = 3,
    /// From the server: the return code, 4 bytes, signed; −N if signal N ended the command.
    Exit = 4,
    /// From the server: why it will not go on, UTF-8, at most [`MAX_REASON`] bytes; then it closes.
    Refused = 5,
}

/// One message, and what its header says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What the message is.
    pub kind: Kind,
    /// The bytes behind the header.
    pub body: Vec<u8>,
    /// When the sender made the header, microseconds since 1970-01-01 UTC, by its own clock.
    pub time: u64,
    /// The sender's user name, as it says.
    pub user: String,
}

/// The name of this process's user, at most [`MAX_USER`] bytes: from the environment, or from `id`, or empty.
#[rustfmt::skip]
fn user_name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let mut name = name_of_environment().unwrap_or_else(name_of_id);  // USER = getpass.getuser()…
        while name.len() > MAX_USER {  // [:40].decode("utf-8", "ignore")
            name.pop();
        }
        name
    })
}

/// Sends one message. Header and body leave in one write: in two, the body would wait for the acknowledgement of the
/// header (Nagle's algorithm against the delayed acknowledgement, 40 ms).
///
/// # Errors
/// `InvalidInput` when this kind cannot have a body of that length, and the writer's own.
#[rustfmt::skip]
pub fn send_message(mut conn: impl Write, kind: Kind, body: &[u8]) -> io::Result<()> {
                                                         // def send_message(conn, kind, body):
    check_length(kind, body.len() as u64).map_err(|what| io::Error::new(io::ErrorKind::InvalidInput, what))?;
    let now = now();                                     // now = time.time_ns() // 1000
    let user = user_name().as_bytes();
    let mut header = [0; HEADER_SIZE];                   // header = HEADER.pack(
    header[0..4].copy_from_slice(MAGIC);                 // b"HDR1",
    header[4] = kind as u8;                              // kind,
    header[8..16].copy_from_slice(&(body.len() as u64).to_be_bytes());  // len(body),
    header[16..24].copy_from_slice(&now.to_be_bytes());  // now,
    header[24..24 + user.len()].copy_from_slice(user);   // USER)
    write_both(&mut conn, &header, body)                 // conn.sendall(header + body)
}

/// Receives one message; `None` if the stream ends before it. Each byte of the magic is checked when it comes, so
/// nobody waits for the rest of a header that is none. The length is checked before memory is taken for the body.
///
/// # Errors
/// `InvalidData` for a bad header, naming the field and its value; `UnexpectedEof` when the stream ends inside the
/// message; and the reader's own.
#[rustfmt::skip]
pub fn recv_message(conn: &mut impl Read) -> io::Result<Option<Message>> {  // def recv_message(conn):
    let mut header = [0; HEADER_SIZE];
    let received = recv_magic(conn, &mut header)?;               // header = conn.recv(HEADER.size, socket.MSG_WAITALL)
    if received == 0 {                                           // if not header:
        return Ok(None);                                         // return None
    }
    conn.read_exact(&mut header[received..]).map_err(cut_off)?;  // if len(header) < HEADER.size: … raise ValueError(
    let kind = Kind::from_byte(header[4])?;                      // magic, kind, length, sent, user = HEADER.unpack(…
    let length = be_u64(&header[8..16])?;
    let time = be_u64(&header[16..24])?;
    let user = header[24..].split(|byte| *byte == 0).next().unwrap_or_default();
    if header[5..8] != [0; 3] {                                  // if magic != b"HDR1" or … or any(header[5:8])
        return Err(invalid(format!("reserved bytes are not zero: {:?}", &header[5..8])));
    }
    check_length(kind, length).map_err(invalid)?;                // or length > MAX_BODY: … raise ValueError(
    let mut body = vec![0; length as usize];
    conn.read_exact(&mut body).map_err(cut_off)?;                // body = conn.recv(length, socket.MSG_WAITALL)
    let user = String::from_utf8_lossy(user).into_owned();       // if len(body) < length: … raise ValueError(
    Ok(Some(Message { kind, body, time, user }))                 // return kind, body, sent, user.rstrip(…
}

impl Kind {
    fn from_byte(byte: u8) -> io::Result<Kind> {
        let kinds = [Kind::Command, Kind::Stdout, Kind::Stderr, Kind::Exit, Kind::Refused];
        let kind = kinds.into_iter().find(|kind| *kind as u8 == byte);
        kind.ok_or_else(|| invalid(format!("unknown kind {byte}")))
    }

    /// How many bytes a body may have.
    fn lengths(self) -> RangeInclusive<u64> {
        match self {
            Kind::Command => 1..=MAX_BODY as u64,
            Kind::Stdout | Kind::Stderr => 0..=MAX_BODY as u64,
            Kind::Exit => 4..=4,
            Kind::Refused => 0..=MAX_REASON as u64,
        }
    }
}

impl Message {
    /// When the message was sent, for people: `sent 0.2 s ago`.
    pub fn sent(&self) -> String {
        let now = now();
        let seconds = |from: u64, to: u64| (to - from) as f64 / 1e6;
        if self.time <= now {
            format!("sent {:.1} s ago", seconds(self.time, now))
        } else {
            format!("sent {:.1} s from now, as its clock says", seconds(now, self.time))
        }
    }
}

/// Microseconds since 1970-01-01 UTC.
fn now() -> u64 {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn name_of_environment() -> Option<String> {
    let variables = ["LOGNAME", "USER", "LNAME", "USERNAME"]; // as Python's getpass.getuser() has them
    variables.into_iter().filter_map(|name| env::var(name).ok()).find(|name| !name.is_empty())
}

fn name_of_id() -> String {
    let output = Command::new("/usr/bin/id").arg("-un").output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).trim().to_owned()
}

/// One write of two pieces (writev(2)), so the body is not copied; what did not fit follows.
fn write_both(conn: &mut impl Write, header: &[u8], body: &[u8]) -> io::Result<()> {
    let written = match conn.write_vectored(&[IoSlice::new(header), IoSlice::new(body)]) {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
        result => result?,
    };
    conn.write_all(&header[written.min(header.len())..])?;
    conn.write_all(&body[written.saturating_sub(header.len())..])
}

/// Receives the magic, and what comes with it of the header; 0 if the stream ends before the first byte.
fn recv_magic(conn: &mut impl Read, header: &mut [u8; HEADER_SIZE]) -> io::Result<usize> {
    let mut received = 0;
    while received < MAGIC.len() {
        match conn.read(&mut header[received..]) {
            Ok(0) if received == 0 => return Ok(0),
            Ok(0) => return Err(cut_off(io::ErrorKind::UnexpectedEof.into())),
            Ok(more) => received += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        let came = &header[..received];
        let length = received.min(MAGIC.len());
        if came[..length] != MAGIC[..length] {
            return Err(invalid(format!("expected the magic \"HDR1\", got \"{}\"", came.escape_ascii())));
        }
    }
    Ok(received)
}

fn check_length(kind: Kind, length: u64) -> Result<(), String> {
    let (least, most) = kind.lengths().into_inner();
    if length < least || length > most {
        return Err(format!("{kind:?} with a length of {length}, expected {least} to {most}"));
    }
    Ok(())
}

fn be_u64(bytes: &[u8]) -> io::Result<u64> {
    Ok(u64::from_be_bytes(bytes.try_into().map_err(io::Error::other)?))
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn cut_off(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "the stream ended inside a message"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: Kind, body: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        send_message(&mut bytes, kind, body).unwrap();
        bytes
    }

    #[test]
    fn a_header_is_laid_out_as_documented() {
        let mut bytes = [0; HEADER_SIZE + 4];
        bytes[..5].copy_from_slice(b"HDR1\x04");
        bytes[15] = 4;
        bytes[22..24].copy_from_slice(&[1, 2]);
        bytes[24..27].copy_from_slice(b"ada");
        bytes[67] = 7;
        let expected = Message { kind: Kind::Exit, body: vec![0, 0, 0, 7], time: 258, user: "ada".to_owned() };
        assert_eq!(recv_message(&mut &bytes[..]).unwrap(), Some(expected));
        let mut sent = message(Kind::Exit, &[0, 0, 0, 7]);
        let time = u64::from_be_bytes(sent[16..24].try_into().unwrap());
        assert!(now() - time < 60_000_000);
        sent[16..64].copy_from_slice(&bytes[16..64]);
        assert_eq!(sent, bytes);
    }

    #[test]
    fn each_kind_has_its_lengths() {
        let length_of = |kind: u8, length: u64| {
            let mut bytes = vec![0; HEADER_SIZE + MAX_BODY];
            bytes[..4].copy_from_slice(MAGIC);
            bytes[4] = kind;
            bytes[8..16].copy_from_slice(&length.to_be_bytes());
            recv_message(&mut &bytes[..]).map(|message| message.unwrap().body.len())
        };
        for (kind, least, most) in [(1, 1, 65_536), (2, 0, 65_536), (3, 0, 65_536), (4, 4, 4), (5, 0, 1024)] {
            for good in [least, most] {
                assert_eq!(length_of(kind, good).unwrap() as u64, good, "kind {kind}");
            }
            for bad in [most + 1, u64::MAX, 1 << 32] {
                assert_eq!(length_of(kind, bad).unwrap_err().kind(), io::ErrorKind::InvalidData, "kind {kind}, {bad}");
            }
            if least > 0 {
                assert!(length_of(kind, least - 1).is_err(), "kind {kind}");
            }
        }
        for kind in [0, 6, 255] {
            assert!(length_of(kind, 4).is_err());
        }
    }

    #[test]
    fn a_body_that_a_kind_cannot_have_is_not_sent() {
        for (kind, length) in [(Kind::Command, 0), (Kind::Stdout, MAX_BODY + 1), (Kind::Exit, 3), (Kind::Refused, 1025)]
        {
            let mut sent = Vec::new();
            let error = send_message(&mut sent, kind, &vec![0; length]).unwrap_err();
            assert_eq!((error.kind(), sent.len()), (io::ErrorKind::InvalidInput, 0));
        }
    }

    #[test]
    fn messages_split_into_single_bytes_or_glued_together_read_the_same() {
        struct OneByOne<'a>(&'a [u8]);
        impl Read for OneByOne<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let one = buffer.len().min(1);
                self.0.read(&mut buffer[..one])
            }
        }
        let stream = [message(Kind::Command, b"ls"), message(Kind::Stdout, b""), message(Kind::Exit, &[0; 4])].concat();
        let mut glued = &stream[..];
        let mut split = OneByOne(&stream);
        for _ in 0..4 {
            assert_eq!(recv_message(&mut glued).unwrap(), recv_message(&mut split).unwrap());
        }
        assert!(glued.is_empty());
    }

    #[test]
    fn a_message_is_written_whole_however_little_a_write_takes() {
        struct Little(Vec<u8>, usize);
        impl Write for Little {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                let taken = bytes.len().min(self.1);
                self.0.extend(&bytes[..taken]);
                Ok(taken)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for most in [1, 10, 63, 64, 65, 70] {
            let mut little = Little(Vec::new(), most);
            send_message(&mut little, Kind::Command, b"echo hi").unwrap();
            assert_eq!(recv_message(&mut &little.0[..]).unwrap().unwrap().body, b"echo hi", "at most {most} bytes");
        }
    }

    #[test]
    fn a_stream_that_ends_inside_a_message_is_an_error_at_every_byte() {
        let whole = message(Kind::Command, b"echo hi");
        assert!(recv_message(&mut &whole[..0]).unwrap().is_none());
        for cut in 1..whole.len() {
            let error = recv_message(&mut &whole[..cut]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "cut at {cut}");
        }
        assert_eq!(recv_message(&mut &whole[..]).unwrap().unwrap().body, b"echo hi");
    }

    #[test]
    fn the_time_is_shown_for_people() {
        let sent = |time| Message { kind: Kind::Command, body: vec![], time, user: String::new() }.sent();
        assert_eq!(sent(now()), "sent 0.0 s ago");
        assert_eq!(sent(now() - 1_500_000), "sent 1.5 s ago");
        assert!(sent(u64::MAX).ends_with(" s from now, as its clock says"));
    }

    #[test]
    fn mutated_messages_are_received_or_refused_but_never_taken_for_more_than_they_are() {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut random = |below: usize| {
            state ^= state << 13; // xorshift64
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        };
        let mut refused = 0;
        for _ in 0..20_000 {
            let kind = [Kind::Command, Kind::Stdout, Kind::Stderr, Kind::Refused][random(4)];
            let mut bytes = message(kind, &vec![b'x'; 1 + random(300)]);
            for _ in 0..=random(3) {
                let most = 24 + random(60); // most of them in the fields that are checked
                let at = random(bytes.len().min(most));
                bytes[at] = random(256) as u8;
            }
            match recv_message(&mut &bytes[..]) {
                Ok(Some(message)) => {
                    assert_eq!(message.body.len() as u64, u64::from_be_bytes(bytes[8..16].try_into().unwrap()));
                    assert_eq!(message.body, bytes[HEADER_SIZE..HEADER_SIZE + message.body.len()]);
                    assert_eq!(message.kind as u8, bytes[4]);
                }
                Ok(None) => panic!("a message was taken for the end"),
                Err(error) => {
                    assert!(
                        matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof),
                        "{error}"
                    );
                    refused += 1;
                }
            }
        }
        assert!((5_000..19_000).contains(&refused), "{refused} refused");
    }
}
