//! The message format that cures sticky packets: a 64-byte header says what follows and how long it is.
//!
//! Numbers are in network byte order; in Python the header is `struct.Struct("!4sB3xQQ40s")`.
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

use crate::connection::uninterrupted;
use std::env;
use std::fmt::{self, Display, Formatter};
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

impl Kind {
    fn from_byte(byte: u8) -> Option<Kind> {
        [Kind::Command, Kind::Stdout, Kind::Stderr, Kind::Exit, Kind::Refused]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
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

/// The header of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the message is.
    pub kind: Kind,
    /// Bytes of body that follow.
    pub length: usize,
    /// When the sender made this header, microseconds since 1970-01-01 UTC, by its own clock.
    pub time: u64,
    /// The sender's user name, as it says.
    pub user: String,
}

impl Header {
    /// The header of a message that this process sends now.
    pub fn new(kind: Kind, length: usize) -> Header {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_micros();
        Header { kind, length, time: u64::try_from(time).unwrap_or(u64::MAX), user: user_name().to_owned() }
    }

    /// The 64 bytes. A user name of over [`MAX_USER`] bytes is cut at a character boundary.
    pub fn encode(&self) -> [u8; HEADER_SIZE] {
        let user = &self.user.as_bytes()[..boundary(&self.user, MAX_USER)];
        let mut bytes = [0; HEADER_SIZE];
        bytes[0..4].copy_from_slice(MAGIC);
        bytes[4] = self.kind as u8;
        bytes[8..16].copy_from_slice(&(self.length as u64).to_be_bytes());
        bytes[16..24].copy_from_slice(&self.time.to_be_bytes());
        bytes[24..24 + user.len()].copy_from_slice(user);
        bytes
    }

    /// Takes 64 bytes apart and checks them.
    ///
    /// # Errors
    /// `InvalidData`, naming the field and its value: wrong magic, unknown kind, reserved bytes that are not zero, or a
    /// length that this kind cannot have. `user` and `time` can be anything.
    pub fn decode(bytes: &[u8; HEADER_SIZE]) -> io::Result<Header> {
        check_magic(&bytes[0..4])?;
        let kind = Kind::from_byte(bytes[4]).ok_or_else(|| invalid(format!("unknown kind {}", bytes[4])))?;
        if bytes[5..8] != [0; 3] {
            return Err(invalid(format!("reserved bytes are not zero: {:?}", &bytes[5..8])));
        }
        let length = be_u64(&bytes[8..16])?;
        if !kind.lengths().contains(&length) {
            let (least, most) = kind.lengths().into_inner();
            return Err(invalid(format!("{kind:?} with a length of {length}, expected {least} to {most}")));
        }
        let user = bytes[24..64].split(|byte| *byte == 0).next().unwrap_or_default();
        Ok(Header {
            kind,
            length: length as usize, // at most MAX_BODY
            time: be_u64(&bytes[16..24])?,
            user: String::from_utf8_lossy(user).into_owned(),
        })
    }
}

/// For a log: the sender's user and time in seconds, as it says, fit for a terminal.
impl Display for Header {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "user {:?} time {}.{:06}", self.user, self.time / 1_000_000, self.time % 1_000_000)
    }
}

/// Reads one message; `None` if the stream ends before it. The magic is checked as soon as a byte of it has come, so
/// that nobody waits for the rest of what is no header, and the header before memory is taken for the body.
///
/// # Errors
/// `InvalidData` for a bad header, `UnexpectedEof` when the stream ends inside the message, and the reader's own.
pub fn read_message(reader: &mut impl Read) -> io::Result<Option<(Header, Vec<u8>)>> {
    let mut bytes = [0; HEADER_SIZE];
    let mut received = 0;
    while received < MAGIC.len() {
        match uninterrupted(|| reader.read(&mut bytes[received..]))? {
            0 if received == 0 => return Ok(None),
            0 => return Err(cut_off(io::ErrorKind::UnexpectedEof.into())),
            more => received += more,
        }
        check_magic(&bytes[..received])?;
    }
    reader.read_exact(&mut bytes[received..]).map_err(cut_off)?;
    let header = Header::decode(&bytes)?;
    let mut body = vec![0; header.length];
    reader.read_exact(&mut body).map_err(cut_off)?;
    Ok(Some((header, body)))
}

/// Writes one message. Header and body leave in one write: in two, the body would wait for the acknowledgement of the
/// header (Nagle's algorithm against the delayed acknowledgement, 40 ms).
///
/// # Errors
/// `InvalidInput` when this kind cannot have a body of that length, and the writer's own.
pub fn write_message(writer: &mut impl Write, kind: Kind, body: &[u8]) -> io::Result<()> {
    if !kind.lengths().contains(&(body.len() as u64)) {
        let what = format!("{kind:?} cannot have a body of {} bytes", body.len());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    let header = Header::new(kind, body.len()).encode();
    let both = [IoSlice::new(&header), IoSlice::new(body)]; // one write of two pieces (writev(2)): no copy of the body
    let written = uninterrupted(|| writer.write_vectored(&both))?;
    writer.write_all(&header[written.min(HEADER_SIZE)..])?;
    writer.write_all(&body[written.saturating_sub(HEADER_SIZE)..])
}

/// The name of this process's user: from the environment, as Python's `getpass.getuser` does, or from `id`; or empty.
fn user_name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let mut names = ["LOGNAME", "USER", "USERNAME"].into_iter().filter_map(|name| env::var(name).ok());
        names.find(|name| !name.is_empty()).unwrap_or_else(|| {
            let output = Command::new("id").arg("-un").output().map(|output| output.stdout).unwrap_or_default();
            String::from_utf8_lossy(&output).trim().to_owned()
        })
    })
}

/// The length of the longest beginning of `text` of at most `most` bytes that does not split a character.
fn boundary(text: &str, most: usize) -> usize {
    (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0)
}

fn be_u64(bytes: &[u8]) -> io::Result<u64> {
    Ok(u64::from_be_bytes(bytes.try_into().map_err(io::Error::other)?))
}

/// Checks what has come of a header, be it less or more than the magic.
fn check_magic(came: &[u8]) -> io::Result<()> {
    let length = came.len().min(MAGIC.len());
    if came[..length] == MAGIC[..length] {
        return Ok(());
    }
    Err(invalid(format!("expected the magic \"HDR1\", got \"{}\"", came.escape_ascii())))
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
        write_message(&mut bytes, kind, body).unwrap();
        bytes
    }

    #[test]
    fn a_header_is_laid_out_as_documented() {
        let header = Header { kind: Kind::Stdout, length: 258, time: 3, user: "ada".to_owned() };
        let mut expected = [0; HEADER_SIZE];
        expected[..5].copy_from_slice(b"HDR1\x02");
        expected[14..16].copy_from_slice(&[1, 2]);
        expected[23] = 3;
        expected[24..27].copy_from_slice(b"ada");
        assert_eq!(header.encode(), expected);
        assert_eq!(Header::decode(&expected).unwrap(), header);
    }

    #[test]
    fn a_long_user_name_is_cut_between_characters() {
        for (name, kept) in [("x".repeat(41), 40), ("ä".repeat(21), 40), (format!("x{}", "ä".repeat(20)), 39)] {
            let header = Header { kind: Kind::Exit, length: 4, time: 0, user: name.clone() };
            assert_eq!(Header::decode(&header.encode()).unwrap().user, name[..kept]);
        }
    }

    #[test]
    fn each_kind_has_its_lengths() {
        let decode = |kind: u8, length: u64| {
            let mut bytes = [0; HEADER_SIZE];
            bytes[..4].copy_from_slice(MAGIC);
            bytes[4] = kind;
            bytes[8..16].copy_from_slice(&length.to_be_bytes());
            Header::decode(&bytes).map(|header| header.length)
        };
        for (kind, least, most) in [(1, 1, 65_536), (2, 0, 65_536), (3, 0, 65_536), (4, 4, 4), (5, 0, 1024)] {
            for good in [least, most] {
                assert_eq!(decode(kind, good).unwrap() as u64, good, "kind {kind}");
            }
            for bad in [most + 1, u64::MAX, 1 << 32] {
                assert_eq!(decode(kind, bad).unwrap_err().kind(), io::ErrorKind::InvalidData, "kind {kind}, {bad}");
            }
            if least > 0 {
                assert!(decode(kind, least - 1).is_err(), "kind {kind}");
            }
        }
        for kind in [0, 6, 255] {
            assert!(decode(kind, 4).is_err());
        }
    }

    #[test]
    fn a_body_that_a_kind_cannot_have_is_not_written() {
        for (kind, length) in [(Kind::Command, 0), (Kind::Stdout, MAX_BODY + 1), (Kind::Exit, 3), (Kind::Refused, 1025)]
        {
            let mut written = Vec::new();
            let error = write_message(&mut written, kind, &vec![0; length]).unwrap_err();
            assert_eq!((error.kind(), written.len()), (io::ErrorKind::InvalidInput, 0));
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
            assert_eq!(read_message(&mut glued).unwrap(), read_message(&mut split).unwrap());
        }
        assert!(glued.is_empty());
    }

    #[test]
    fn a_stream_that_ends_inside_a_message_is_an_error_at_every_byte() {
        let whole = message(Kind::Command, b"echo hi");
        assert!(read_message(&mut &whole[..0]).unwrap().is_none());
        for cut in 1..whole.len() {
            let error = read_message(&mut &whole[..cut]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "cut at {cut}");
        }
        assert_eq!(read_message(&mut &whole[..]).unwrap().unwrap().1, b"echo hi");
    }

    #[test]
    fn mutated_messages_are_read_or_refused_but_never_taken_for_more_than_they_are() {
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
            match read_message(&mut &bytes[..]) {
                Ok(Some((header, body))) => {
                    assert_eq!(header.length, body.len());
                    assert_eq!(body, bytes[HEADER_SIZE..HEADER_SIZE + body.len()]);
                    assert_eq!(Header::decode(&header.encode()).unwrap().kind, header.kind);
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
