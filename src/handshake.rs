//! The size handshake: the sender says how many bytes come, so that the receiver knows when to stop.
//!
//! 1. client: the command, UTF-8, at most [`MAX_COMMAND`](crate::command::MAX_COMMAND) bytes; what one receive returns
//!    is the command
//! 2. server: the size of the output in bytes, ASCII decimal
//! 3. client: the acknowledgement, [`ACK`] unless both sides were given another
//! 4. server: exactly that many bytes
//!
//! Neither the command nor the size has an end of its own. The acknowledgement keeps them apart from what follows, but
//! after an empty output nothing keeps the acknowledgement apart from the next command. A header cures that too.

use crate::cli::printable;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::str;

/// What the tutorial's client answers to the size.
pub const ACK: &str = "True";
/// Bytes of an acknowledgement at most: what the tutorial's server receives at once.
pub const MAX_ACK: usize = 1024;

/// Checks the beginning of what came in place of the acknowledgement `ack`: shorter, or with a command glued to it.
///
/// # Errors
/// `InvalidData` when a byte does not fit, with what came and the option that would take it.
///
/// ```
/// use socket_basics::handshake::check_ack;
/// assert!(check_ack(b"Tr", "True").is_ok() && check_ack(b"Truels", "True").is_ok());
/// assert_eq!(
///     check_ack(b"recv ready", "True").unwrap_err().to_string(),
///     "expected the acknowledgement \"True\", got \"recv ready\"; --ack 'recv ready' would take it"
/// );
/// ```
pub fn check_ack(came: &[u8], ack: &str) -> io::Result<()> {
    let length = came.len().min(ack.len());
    if came[..length] == ack.as_bytes()[..length] {
        return Ok(());
    }
    let text = printable(came);
    let is_one_word = came.iter().all(u8::is_ascii_alphanumeric);
    let hint = match text.as_bytes() == came && came.len() < MAX_ACK && !text.contains('\'') {
        true if is_one_word => format!("; --ack {text} would take it"),
        true => format!("; --ack '{text}' would take it"),
        false => String::new(), // nothing that could be typed, or not all of it
    };
    Err(invalid(format!("expected the acknowledgement \"{}\", got \"{}\"{hint}", printable(ack.as_bytes()), text)))
}

/// Reads the acknowledgement `ack` and not one byte more: the next command may be glued to it.
///
/// # Errors
/// `InvalidData` at the first byte that does not fit, `UnexpectedEof` when the stream ends before the last.
pub fn read_ack(reader: &mut impl Read, ack: &str) -> io::Result<()> {
    let mut came = vec![0; ack.len()];
    let mut received = 0;
    while received < ack.len() {
        received += match reader.read(&mut came[received..])? {
            0 => return Err(left_early()),
            more => more,
        };
        check_ack(&came[..received], ack)?;
    }
    Ok(())
}

/// Skips bytes up to and including the acknowledgement `ack`: for the rest of a command that was refused.
///
/// # Errors
/// `UnexpectedEof` when the stream ends before.
pub fn skip_to_ack(reader: &mut impl Read, ack: &str) -> io::Result<()> {
    let mut last = VecDeque::from(vec![0; ack.len()]);
    for byte in io::BufReader::new(reader).bytes() {
        last.pop_front();
        last.push_back(byte?);
        if last == ack.as_bytes() {
            return Ok(());
        }
    }
    Err(left_early())
}

/// The size that the server sent: digits only, where Python's `int` would take ` 1_0` too.
///
/// ```
/// use socket_basics::handshake::parse_size;
/// assert_eq!(parse_size(b"1024")?, 1024);
/// assert!(parse_size(b"+1").is_err() && parse_size(b"").is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// `InvalidData` with the text when it is not a number of 64 bits, `UnexpectedEof` when there is none.
pub fn parse_size(text: &[u8]) -> io::Result<u64> {
    if text.is_empty() {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection"));
    }
    let is_number = text.iter().all(u8::is_ascii_digit);
    let size = str::from_utf8(text).ok().filter(|_| is_number).and_then(|digits| digits.parse().ok());
    size.ok_or_else(|| invalid(format!("expected the size of the output, got \"{}\"", text.escape_ascii())))
}

fn left_early() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it left before its acknowledgement")
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
