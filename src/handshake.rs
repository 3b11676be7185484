//! The size handshake: the sender says how many bytes come, so that the receiver knows when to stop.
//!
//! 1. client: the command, UTF-8, at most [`MAX_COMMAND`](crate::command::MAX_COMMAND) bytes; what one receive returns is
//!    the command
//! 2. server: the size of the output in bytes, ASCII decimal
//! 3. client: [`ACK`]
//! 4. server: exactly that many bytes
//!
//! Neither the command nor the size has an end of its own. The acknowledgement keeps them apart from what follows, but
//! after an empty output nothing keeps the acknowledgement apart from the next command. A header cures that too.

use std::io::{self, Read};
use std::str;

/// What the client answers to the size.
pub const ACK: &[u8; 4] = b"True";

/// Reads the acknowledgement and not one byte more: the next command may be glued to it.
///
/// # Errors
/// `InvalidData` when the four bytes are others, `UnexpectedEof` when the stream ends before them.
pub fn read_ack(reader: &mut impl Read) -> io::Result<()> {
    let mut ack = [0; ACK.len()];
    reader.read_exact(&mut ack).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "it left before its acknowledgement"),
        _ => error,
    })?;
    if &ack == ACK {
        return Ok(());
    }
    Err(invalid(format!("expected the acknowledgement \"True\", got \"{}\"", ack.escape_ascii())))
}

/// Skips bytes up to and including the acknowledgement: for the rest of a command that was refused.
///
/// # Errors
/// `UnexpectedEof` when the stream ends before.
pub fn skip_to_ack(reader: &mut impl Read) -> io::Result<()> {
    let mut last = [0; ACK.len()];
    for byte in io::BufReader::new(reader).bytes() {
        last.rotate_left(1);
        last[ACK.len() - 1] = byte?;
        if &last == ACK {
            return Ok(());
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
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

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
