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

use crate::cli::{Context, MAX_ACK, printable};
use std::io::{self, BufRead};
use std::str;

/// What the tutorial's client answers to the size.
pub const ACK: &str = "True";
/// Bytes that an error quotes of what is too long to be an acknowledgement.
const MAX_QUOTE: usize = 60;

/// Receives the acknowledgement `ack`, and of what follows it only the white space that is there already: somebody who
/// types `True` in nc ends it with a newline. The next command, which may be glued to it, stays.
///
/// # Errors
/// `InvalidData` at the first byte that does not fit, with what came and the option that would take it; `UnexpectedEof`
/// when the stream ends before the last byte.
///
/// ```
/// use socket_basics::handshake::recv_ack;
/// let mut stream = &b"True\nls"[..];
/// recv_ack(&mut stream, "True")?;
/// assert_eq!(stream, b"ls");
/// assert_eq!(
///     recv_ack(&mut &b"recv ready"[..], "True").unwrap_err().to_string(),
///     "expected the acknowledgement \"True\", got \"recv ready\"; --ack 'recv ready' would take it"
/// );
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn recv_ack(conn: &mut impl BufRead, ack: &str) -> io::Result<()> {
    let mut received = 0;
    while received < ack.len() {
        let came = conn.fill_buf().context("no acknowledgement")?;
        if came.is_empty() {
            return Err(left_early());
        }
        let expected = &ack.as_bytes()[received..];
        let length = came.len().min(expected.len());
        if came[..length] != expected[..length] {
            return Err(not_the_ack(&[&ack.as_bytes()[..received], came].concat(), ack));
        }
        received += length;
        let rest = &came[length..];
        let space = if received == ack.len() { rest.len() - rest.trim_ascii_start().len() } else { 0 };
        conn.consume(length + space);
    }
    Ok(())
}

fn not_the_ack(came: &[u8], ack: &str) -> io::Error {
    let expected = printable(ack.as_bytes());
    if came.len() > MAX_ACK {
        let beginning = printable(&came[..MAX_QUOTE]);
        return invalid(format!(
            "expected the acknowledgement \"{expected}\", got {} bytes: \"{beginning}…\"",
            came.len()
        ));
    }
    let text = printable(came);
    let can_be_typed = text.as_bytes() == came && !text.contains('\'');
    let hint = if !can_be_typed {
        String::new()
    } else if came.iter().all(u8::is_ascii_alphanumeric) {
        format!("; --ack {text} would take it")
    } else {
        format!("; --ack '{text}' would take it")
    };
    invalid(format!("expected the acknowledgement \"{expected}\", got \"{text}\"{hint}"))
}

/// Python's `int(s.recv(…).decode("utf-8"))`, for digits only: Python's `int` takes `+1`, ` 1` and `1_0` too.
///
/// ```
/// use socket_basics::handshake::parse_size;
/// assert_eq!(parse_size(b"1024")?, 1024);
/// assert!(parse_size(b"+1").is_err() && parse_size(b"").is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// `InvalidData` with the text when it is not a number of 64 bits, and with what it may mean; `UnexpectedEof` when
/// there is none.
pub fn parse_size(text: &[u8]) -> io::Result<u64> {
    if text.is_empty() {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection"));
    }
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (size, rest) = text.split_at(digits);
    let size = str::from_utf8(size).ok().and_then(|digits| digits.parse().ok());
    if let (Some(size), []) = (size, rest) {
        return Ok(size);
    }
    let got = if text.starts_with(b"HDR1") {
        "a header; is it tcp_header_server?".to_owned()
    } else if digits > 0 && rest.first().is_some_and(|byte| !byte.is_ascii_whitespace()) {
        let text = text.escape_ascii();
        format!("\"{text}\"; it seems to send the output without waiting for an acknowledgement")
    } else {
        format!("\"{}\"; it seems to send the output without a size", text.escape_ascii())
    };
    Err(invalid(format!("expected the size of the output, got {got}")))
}

fn left_early() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it left before its acknowledgement")
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Read};

    /// What is left behind an acknowledgement in a stream that comes `size` bytes at a time.
    fn rest(stream: &[u8], size: usize, ack: &str) -> io::Result<Vec<u8>> {
        let mut conn = BufReader::with_capacity(size, stream);
        recv_ack(&mut conn, ack)?;
        let mut rest = Vec::new();
        conn.read_to_end(&mut rest)?;
        Ok(rest)
    }

    #[test]
    fn an_acknowledgement_comes_in_any_pieces_and_what_follows_it_stays() {
        for size in 1..10 {
            assert_eq!(rest(b"Truels", size, "True").unwrap(), b"ls");
            assert_eq!(rest("准备好了ls".as_bytes(), size, "准备好了").unwrap(), b"ls");
            let error = rest(b"Tru", size, "True").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
            let error = rest(b"Trust me", size, "True").unwrap_err();
            assert!(error.to_string().contains("expected the acknowledgement \"True\", got \"Trus"), "{error}");
        }
        let error = rest(&[1; 10_000], 10_000, "True").unwrap_err().to_string();
        assert!(error.contains("got 10000 bytes: \"\\u{1}") && error.len() < 500, "{error}");
        assert_eq!(rest(b"True\r\nls", 100, "True").unwrap(), b"ls");
        assert_eq!(rest(b"True ok ls", 100, "True ok").unwrap(), b"ls");
    }
}
