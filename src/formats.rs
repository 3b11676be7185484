//! The message formats of Python's socket scripts, `std` alone: a file to copy into your own program.
//!
//! Put it beside your `main.rs` and write these two lines there, with the functions that you need:
//!
//! ```ignore
//! mod formats;
//! use formats::{receive_line, send_line};
//! ```
//!
//! `FORMATS.md` says which function speaks the format of which script.
//!
//! - `receive_…` returns `Ok(Some(message))`, or `Ok(None)` when the peer closes between two messages. `receive_exact`
//!   reads a part of a message, and returns the bytes themselves.
//! - The error is `UnexpectedEof` when the peer closes inside a message, and `InvalidData` when something else came: it
//!   quotes that. After an error the stream is out of step: close it.
//! - A function that takes `impl BufRead` may read more than its message. The reader keeps the rest for the next call.
//!   So make one `BufReader::new(stream)` for each connection, and read everything from that.
//! - `send_…` sends all that it is given in one write. In two writes the second one can wait 40 ms (Nagle's algorithm).
//! - There are no time limits here: call `set_read_timeout` on the stream. When the time is over, the error is
//!   `WouldBlock` on Unix and `TimedOut` on Windows.

#![allow(dead_code)] // nobody needs all of it

use std::collections::HashMap;
use std::io::ErrorKind::{Interrupted, InvalidData, InvalidInput, TimedOut, UnexpectedEof, WouldBlock};
use std::io::{self, BufRead, Read, Write};
use std::net::UdpSocket;
use std::thread;
use std::time::{Duration, Instant};

/// Bytes of a message that is held in memory, at most. A peer must not decide how much memory is taken.
pub const MAX_BODY: usize = 1024 * 1024;
/// Bytes of a JSON header at most. Two printable bytes, read as a length, are more: so text is hardly ever
/// taken for a length.
pub const MAX_HEADER: usize = 8 * 1024;
/// Bytes of unexpected data that an error quotes.
const MAX_QUOTE: usize = 40;
/// Digits of the largest size, `u64::MAX`.
const MAX_DIGITS: usize = 20;
/// Between two writes that a peer must receive apart: what Python scripts sleep, too.
const APART: Duration = Duration::from_millis(100);
/// How often [`ask`] sends a question, and how long it waits for each answer.
const TRIES: u32 = 5;
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);
/// Bytes of the largest datagram.
const MAX_DATAGRAM: usize = 65_535;

// Lines and other end marks

/// A line without its end, `\n` or `\r\n`: Python's `for line in conn.makefile()`.
///
/// # Errors
/// `InvalidData` if it is longer than [`MAX_BODY`] or not UTF-8.
pub fn receive_line(from: &mut impl BufRead) -> io::Result<Option<String>> {
    let Some(mut line) = receive_marked(from, b"\n")? else { return Ok(None) };
    if line.ends_with(b"\r") {
        line.pop();
    }
    text(line).map(Some)
}

/// `conn.sendall(text.encode() + b'\n')`
///
/// # Errors
/// `InvalidInput` if there is a newline in `text`: it would arrive as two lines.
pub fn send_line(to: &mut impl Write, text: &str) -> io::Result<()> {
    send_marked(to, text.as_bytes(), b"\n")
}

/// What comes before `mark`, such as `b"\0"`, `b"<END>"` or `b"\r\n\r\n"`. What comes behind it stays in `from`.
///
/// # Errors
/// `InvalidData` if [`MAX_BODY`] bytes came without the mark.
pub fn receive_marked(from: &mut impl BufRead, mark: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let Some(last) = mark.last() else { return Err(unfit("an end mark of no bytes".to_owned())) };
    let mut message = Vec::new();
    let mut from = from.take((MAX_BODY + mark.len()) as u64);
    while !message.ends_with(mark) {
        if from.read_until(*last, &mut message)? == 0 {
            if from.limit() == 0 {
                return Err(invalid(format!("no end mark {} in {MAX_BODY} bytes: {}", quoted(mark), quoted(&message))));
            }
            return if message.is_empty() { Ok(None) } else { Err(torn()) };
        }
    }
    message.truncate(message.len() - mark.len());
    Ok(Some(message))
}

/// `conn.sendall(body + b'<END>')`
///
/// # Errors
/// `InvalidInput` if the mark is in `body`, too: the receiver would take the first one for the end.
pub fn send_marked(to: &mut impl Write, body: &[u8], mark: &[u8]) -> io::Result<()> {
    let message = [body, mark].concat();
    let first = message.windows(mark.len().max(1)).position(|part| part == mark);
    if first != Some(body.len()) {
        return Err(unfit(format!("a message with its end mark {} inside cannot be sent", quoted(mark))));
    }
    to.write_all(&message)
}

// JSON

/// A JSON string, with its quotes: `json.dumps(text, ensure_ascii=False)`.
pub fn quote(text: &str) -> String {
    let mut json = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c < ' ' => json += &format!("\\u{:04x}", u32::from(c)),
            c => json.push(c),
        }
    }
    json + "\""
}

/// The fields of a JSON object without lists or objects inside: strings as they are meant, everything else as it stands
/// there (`5`, `-1.5`, `true`, `null`). Of two equal keys the last one counts, as in Python.
///
/// # Errors
/// `InvalidData` if `json` is anything else. For nested JSON take the crate `serde_json`.
pub fn fields(json: &str) -> io::Result<HashMap<String, String>> {
    let Some(fields) = parse_fields(json) else {
        let is_dict = json.trim_start().starts_with("{'");
        let hint = if is_dict { "Python's str(dict), not json.dumps(dict)" } else { "other JSON, or none" };
        return Err(unexpected("a JSON object of strings and numbers", json.as_bytes(), hint));
    };
    Ok(fields)
}

fn parse_fields(json: &str) -> Option<HashMap<String, String>> {
    let mut fields = HashMap::new();
    let mut rest = json.trim().strip_prefix('{')?.trim_start();
    if let Some(after) = rest.strip_prefix('}') {
        return after.is_empty().then_some(fields);
    }
    loop {
        let (key, after) = parse_string(rest)?;
        let value = after.trim_start().strip_prefix(':')?.trim_start();
        let (value, after) = if value.starts_with('"') { parse_string(value)? } else { parse_word(value)? };
        fields.insert(key, value);
        match after.trim_start().strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => return (after.trim_start() == "}").then_some(fields),
        }
    }
}

/// The string that `json` begins with, and what follows it.
fn parse_string(json: &str) -> Option<(String, &str)> {
    let mut units = Vec::new(); // UTF-16, as `\u` escapes are: beyond U+FFFF two of them are one character
    let mut rest = json.strip_prefix('"')?.chars();
    loop {
        let c = match rest.next()? {
            '"' => return Some((String::from_utf16(&units).ok()?, rest.as_str())),
            '\\' => match rest.next()? {
                'u' => {
                    let (digits, after) = rest.as_str().split_at_checked(4)?;
                    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                        return None; // from_str_radix takes a sign, too
                    }
                    units.push(u16::from_str_radix(digits, 16).ok()?);
                    rest = after.chars();
                    continue;
                }
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\u{8}',
                'f' => '\u{c}',
                c @ ('"' | '\\' | '/') => c,
                _ => return None,
            },
            c if c < ' ' => return None,
            c => c,
        };
        units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
    }
}

/// The number, `true`, `false` or `null` that `json` begins with, and what follows it.
fn parse_word(json: &str) -> Option<(String, &str)> {
    let end = json.find([',', '}', ' ', '\t', '\r', '\n'])?;
    let (word, after) = json.split_at(end);
    (matches!(word, "true" | "false" | "null") || is_number(word)).then(|| (word.to_owned(), after))
}

/// Whether a word is a number of JSON. Rust's `parse` takes more: `+5`, `05`, `.5`, `5.`, `inf`.
fn is_number(word: &str) -> bool {
    let begins_with_digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let digits = word.strip_prefix('-').unwrap_or(word);
    let has_zero_in_front = digits.strip_prefix('0').is_some_and(begins_with_digit);
    let has_bare_point = digits.split_once('.').is_some_and(|(_, after)| !begins_with_digit(after));
    begins_with_digit(digits) && !has_zero_in_front && !has_bare_point && word.parse().is_ok_and(f64::is_finite)
}

/// A JSON object or list that nothing marks the end of, as `conn.sendall(json.dumps(obj).encode())` sends it: it ends
/// where its braces close. White space before it, such as the end of a line, is skipped.
///
/// # Errors
/// `InvalidData` if it does not begin with `{` or `[`, is longer than [`MAX_BODY`] or not UTF-8.
pub fn receive_json(from: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut json = Vec::new();
    let mut depth = 0;
    let mut is_string = false;
    let mut is_escaped = false;
    while json.len() < MAX_BODY {
        let came = fill(from)?;
        let Some(byte) = came.first().copied() else {
            return if json.is_empty() { Ok(None) } else { Err(torn()) };
        };
        if json.is_empty() && !matches!(byte, b'{' | b'[') {
            if byte.is_ascii_whitespace() {
                from.consume(1);
                continue;
            }
            let hint = if came.contains(&b'{') { "JSON with its length in front" } else { looks_like(came) };
            return Err(unexpected("JSON that begins with { or [", came, hint));
        }
        from.consume(1);
        json.push(byte);
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            b'{' | b'[' if !is_string => depth += 1,
            b'}' | b']' if !is_string => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text(json).map(Some);
        }
    }
    Err(unexpected("the end of JSON", &json, "JSON that is longer than it may be"))
}

// A length in front, and JSON headers

/// Which byte of a length comes first: Python's `'big'` (`'!'`, `'>'`) and `'little'` (`'<'`; on nearly every
/// machine also none of these characters).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    /// 3 in four bytes is `00 00 00 03`.
    Big,
    /// 3 in four bytes is `03 00 00 00`.
    Little,
}

/// A message behind its length, a number of `width` bytes: 2 for `'H'`, 4 for `'i'` and `'I'`, 8 for `'q'` and `'Q'`.
/// `(length,) = struct.unpack('!I', conn.recv(4))`, `int.from_bytes(conn.recv(4), 'big')`
///
/// # Errors
/// `InvalidData` if the length is below 0 or above [`MAX_BODY`].
pub fn receive_prefixed(from: &mut impl Read, width: usize, order: Order) -> io::Result<Option<Vec<u8>>> {
    let Some(length) = receive_length(from, width, order, MAX_BODY)? else { return Ok(None) };
    receive_exact(from, length).map(Some)
}

/// `conn.sendall(struct.pack('!I', len(body)) + body)`, `len(body).to_bytes(4, 'big')`
///
/// # Errors
/// `InvalidInput` if the length does not fit `width` bytes.
pub fn send_prefixed(to: &mut impl Write, width: usize, order: Order, body: &[u8]) -> io::Result<()> {
    to.write_all(&[&pack(body.len(), width, order)?, body].concat())
}

/// The fields of a JSON header behind its length. Then read what it speaks of: [`receive_exact`] holds that in memory,
/// [`copy_exact`] writes it to a file.
///
/// # Errors
/// `InvalidData` if the length is below 0 or above [`MAX_HEADER`], and as [`fields`].
pub fn receive_header(from: &mut impl Read, width: usize, order: Order) -> io::Result<Option<HashMap<String, String>>> {
    let Some(length) = receive_length(from, width, order, MAX_HEADER)? else { return Ok(None) };
    let header = text(receive_exact(from, length)?)?;
    fields(&header).map(Some)
}

/// A JSON header behind its length, and what it speaks of. For a file `body` is `b""`, and [`copy_exact`] sends what is
/// in the file.
///
/// # Errors
/// `InvalidInput` if the header's length does not fit `width` bytes.
pub fn send_header(to: &mut impl Write, width: usize, order: Order, header: &str, body: &[u8]) -> io::Result<()> {
    to.write_all(&[&pack(header.len(), width, order)?, header.as_bytes(), body].concat())
}

/// Exactly `length` bytes.
///
/// # Errors
/// `InvalidData` if `length` is above [`MAX_BODY`]: nothing is read then.
pub fn receive_exact(from: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    if length > MAX_BODY {
        return Err(invalid(format!("a message of {length} bytes; at most {MAX_BODY} are taken")));
    }
    let mut body = vec![0; length];
    read_whole(from, &mut body)?;
    Ok(body)
}

/// Copies exactly `size` bytes, in steps: a file of any size, from a stream or to one.
/// `while received < size: f.write(conn.recv(1024))`
///
/// # Errors
/// `UnexpectedEof`, with the number of bytes that came, if `from` ends before.
pub fn copy_exact(from: &mut impl Read, to: &mut impl Write, size: u64) -> io::Result<()> {
    let copied = io::copy(&mut from.take(size), to)?;
    if copied < size {
        return Err(io::Error::new(UnexpectedEof, format!("only {copied} of {size} bytes came")));
    }
    Ok(())
}

fn receive_length(from: &mut impl Read, width: usize, order: Order, max: usize) -> io::Result<Option<usize>> {
    let mut prefix = vec![0; width.max(1)];
    if !receive_prefix(from, &mut prefix)? {
        return Ok(None);
    }
    let length = unpack(&prefix, order);
    if length <= max as u64 {
        return Ok(Some(length as usize));
    }
    let other = unpack(&prefix, if order == Order::Big { Order::Little } else { Order::Big });
    let hint = match looks_like(&prefix) {
        _ if other <= max as u64 => format!("a length of {other} in the other byte order"),
        UNKNOWN => format!("a length of {length}, or below 0"),
        format => format.to_owned(),
    };
    Err(unexpected(&format!("a length of 0 to {max} in {width} bytes"), &prefix, &hint))
}

fn unpack(prefix: &[u8], order: Order) -> u64 {
    let mut prefix = prefix.to_vec();
    if order == Order::Little {
        prefix.reverse();
    }
    let mut number = 0_u64;
    for byte in prefix {
        number = number.saturating_mul(256).saturating_add(byte.into());
    }
    number
}

fn pack(number: usize, width: usize, order: Order) -> io::Result<Vec<u8>> {
    let mut prefix = Vec::new();
    let mut rest = number;
    for _ in 0..width {
        prefix.push((rest % 256) as u8);
        rest /= 256;
    }
    if rest > 0 {
        return Err(unfit(format!("the length {number} does not fit {width} bytes")));
    }
    if order == Order::Big {
        prefix.reverse();
    }
    Ok(prefix)
}

/// Fills `prefix`; `false` if the stream ends before it.
fn receive_prefix(from: &mut impl Read, prefix: &mut [u8]) -> io::Result<bool> {
    let (first, rest) = prefix.split_at_mut(1);
    match from.read_exact(first) {
        Err(error) if error.kind() == UnexpectedEof => return Ok(false),
        result => result?,
    }
    read_whole(from, rest)?;
    Ok(true)
}

// A length in digits

/// A message behind its length in digits, padded to `width` characters with spaces, zeros or NUL.
/// `conn.recv(int(conn.recv(64)))`
///
/// # Errors
/// `InvalidData` if it is no number, or above [`MAX_BODY`].
pub fn receive_padded(from: &mut impl Read, width: usize) -> io::Result<Option<Vec<u8>>> {
    let mut prefix = vec![0; width.max(1)];
    if !receive_prefix(from, &mut prefix)? {
        return Ok(None);
    }
    let digits: Vec<u8> = prefix.iter().map(|byte| if *byte == 0 { b' ' } else { *byte }).collect();
    match number(digits.trim_ascii()) {
        Some(length) if length <= MAX_BODY as u64 => receive_exact(from, length as usize).map(Some),
        _ => Err(unexpected(&format!("a length of {width} digits and spaces"), &prefix, looks_like(&prefix))),
    }
}

/// `conn.sendall(str(len(body)).encode().ljust(64) + body)`, with `width` for 64. A script that pads with zeros
/// or NUL takes the spaces, too: Python's `int` skips them.
///
/// # Errors
/// `InvalidInput` if the length has more digits than `width`.
pub fn send_padded(to: &mut impl Write, width: usize, body: &[u8]) -> io::Result<()> {
    let length = format!("{:<width$}", body.len());
    if length.len() > width {
        return Err(unfit(format!("the length {length} has more than {width} digits")));
    }
    to.write_all(&[length.as_bytes(), body].concat())
}

/// The size of what follows, as [`send_size`] sends it, then acknowledges it. Read the rest with [`copy_exact`] or
/// [`receive_exact`]. Nothing marks the end of the size: it is whatever one receive returns.
///
/// # Errors
/// `InvalidData` if that is no number.
pub fn receive_size(stream: &mut (impl Read + Write), ack: &[u8]) -> io::Result<Option<u64>> {
    let mut buffer = [0; MAX_DIGITS + MAX_QUOTE];
    let received = receive_some(stream, &mut buffer)?; // int(conn.recv(1024))
    let came = &buffer[..received];
    if came.is_empty() {
        return Ok(None);
    }
    let Some(size) = number(came.trim_ascii()) else {
        let is_glued = came[0].is_ascii_digit();
        let hint = if is_glued { "a size of a peer that waits for no acknowledgement" } else { looks_like(came) };
        return Err(unexpected("a size in digits", came, hint));
    };
    stream.write_all(ack)?;
    Ok(Some(size))
}

/// `conn.send(str(size).encode())`, then `conn.recv(1024)` for an acknowledgement such as `ok`. Send the rest yourself,
/// with `write_all` or [`copy_exact`]. Of what comes only the bytes of `ack` are taken: the next message may follow.
///
/// # Errors
/// `InvalidData` at the first byte that is not that of `ack`.
pub fn send_size(stream: &mut (impl Read + Write), size: u64, ack: &[u8]) -> io::Result<()> {
    stream.write_all(size.to_string().as_bytes())?;
    let mut came = vec![0; ack.len()];
    let mut received = 0;
    while received < ack.len() {
        match receive_some(stream, &mut came[received..])? {
            0 => return Err(torn()),
            more => received += more,
        }
        if came[..received] != ack[..received] {
            let came = &came[..received];
            return Err(unexpected(&format!("the acknowledgement {}", quoted(ack)), came, looks_like(came)));
        }
    }
    Ok(())
}

/// The size of what follows where nobody acknowledges it: as many digits as one receive brings. What comes behind them
/// stays in `from`. Data that begins with a digit, or a size that arrives in two pieces, makes a wrong size.
///
/// # Errors
/// `InvalidData` if there is no digit.
pub fn receive_digits(from: &mut impl BufRead) -> io::Result<Option<u64>> {
    let came = fill(from)?;
    if came.is_empty() {
        return Ok(None);
    }
    let end = came.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(came.len());
    let Some(size) = number(&came[..end]) else {
        return Err(unexpected("a size in digits", came, looks_like(came)));
    };
    from.consume(end);
    Ok(Some(size))
}

/// A name and a size with a separator between them, `f'{filename}<SEPARATOR>{filesize}'`. Nothing marks the end of the
/// size: see [`receive_digits`]. What comes behind it stays in `from`.
///
/// # Errors
/// `InvalidData` if there is no separator or no digit behind it, or if the name is not UTF-8.
pub fn receive_separated(from: &mut impl BufRead, separator: &str) -> io::Result<Option<(String, u64)>> {
    let Some(name) = receive_marked(from, separator.as_bytes())? else { return Ok(None) };
    let Some(size) = receive_digits(from)? else { return Err(torn()) };
    Ok(Some((text(name)?, size)))
}

/// Writes, then waits a moment, so that the peer receives this apart from the next write: for a size, a `<SEPARATOR>`
/// header or a nickname, where the peer's script takes what one `recv` returns. Nothing makes that certain. Where you
/// can change both ends, take a format with a mark or a length.
///
/// # Errors
/// Those of the stream.
pub fn send_apart(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    thread::sleep(APART);
    Ok(())
}

// UDP

/// Sends a question over a connected UDP socket until its answer comes. `number` stands before both, 4 bytes as in
/// `struct.pack('!I', number)`; take another one for each question. The peer may get a question twice. Sets the read
/// timeout of the socket.
///
/// # Errors
/// `TimedOut` if no answer comes to any of five tries, one a second, and those of the socket.
pub fn ask(socket: &UdpSocket, number: u32, question: &[u8]) -> io::Result<Vec<u8>> {
    let number = number.to_be_bytes();
    let mut buffer = vec![0; MAX_DATAGRAM];
    socket.set_read_timeout(Some(ANSWER_TIMEOUT))?; // s.settimeout(1)
    for _ in 0..TRIES {
        socket.send(&[&number[..], question].concat())?; // s.sendto(struct.pack('!I', number) + question, addr)
        let sent = Instant::now();
        while sent.elapsed() < ANSWER_TIMEOUT {
            match socket.recv(&mut buffer) {
                Ok(received) if buffer[..received].starts_with(&number) => return Ok(buffer[4..received].to_vec()),
                Err(error) if !matches!(error.kind(), WouldBlock | TimedOut | Interrupted) => return Err(error),
                _ => {} // nothing yet, or a late answer to an earlier question: sending again would bring a second one
            }
        }
    }
    Err(io::Error::new(TimedOut, format!("no answer to {TRIES} tries")))
}

// What comes from a peer

/// Text from a peer, before it is printed: what would command a terminal (control characters, all but the tab) or turn
/// the direction of writing is spelt out, as `\u{1b}`.
pub fn printable(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        match c {
            '\t' => shown.push(c),
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                shown.extend(c.escape_unicode())
            }
            _ if c.is_control() => shown.extend(c.escape_unicode()),
            _ => shown.push(c),
        }
    }
    shown
}

/// One receive, Python's `conn.recv(len(buffer))`; a signal does not end it.
fn receive_some(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(buffer) {
            Err(error) if error.kind() == Interrupted => {}
            result => return result,
        }
    }
}

/// `read_exact` with an error that people understand: its own is "failed to fill whole buffer".
fn read_whole(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<()> {
    match from.read_exact(buffer) {
        Err(error) if error.kind() == UnexpectedEof => Err(torn()),
        result => result,
    }
}

/// What one receive brought and nobody took yet; empty at the end of the stream.
fn fill(from: &mut impl BufRead) -> io::Result<&[u8]> {
    while let Err(error) = from.fill_buf() {
        if error.kind() != Interrupted {
            return Err(error);
        }
    }
    from.fill_buf()
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|error| unexpected("UTF-8", error.as_bytes(), "bytes or another encoding"))
}

/// Digits and nothing else, where Python's `int` would take ` +1_0`, too.
fn number(digits: &[u8]) -> Option<u64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

const UNKNOWN: &str = "another format";

/// The usual mix-ups, by their first bytes.
fn looks_like(came: &[u8]) -> &'static str {
    let begins_with = |starts: &[&[u8]]| starts.iter().any(|start| came.starts_with(start));
    let is_text = came.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n'));
    if begins_with(&[b"{", b"["]) {
        "JSON with no length in front"
    } else if begins_with(&[b"GET ", b"POST", b"HEAD", b"HTTP"]) {
        "HTTP"
    } else if begins_with(&[b"HDR1"]) {
        "the header of src/header.rs"
    } else if begins_with(&[b"\x16\x03"]) {
        "TLS"
    } else if is_text && came.first().is_some_and(u8::is_ascii_digit) {
        "a size in digits"
    } else if is_text {
        "text with no length in front"
    } else {
        UNKNOWN
    }
}

fn quoted(bytes: &[u8]) -> String {
    let dots = if bytes.len() > MAX_QUOTE { "…" } else { "" };
    format!("\"{}{dots}\"", bytes[..bytes.len().min(MAX_QUOTE)].escape_ascii())
}

fn unexpected(expected: &str, came: &[u8], looks_like: &str) -> io::Error {
    invalid(format!("expected {expected}, got {} (it looks like {looks_like})", quoted(came)))
}

fn invalid(what: String) -> io::Error {
    io::Error::new(InvalidData, what)
}

fn unfit(what: String) -> io::Error {
    io::Error::new(InvalidInput, what)
}

fn torn() -> io::Error {
    io::Error::new(UnexpectedEof, "the peer closed in the middle of a message")
}
