//! Takes uploads, each a JSON header and a file, into a folder. Behind each line stands the Python of
//! `tests/python/upload_server.py`.
//!
//! ```sh
//! cargo run --example upload_server                # prints: listening on 127.0.0.1:8091; files go to ./uploads
//! cargo run --example upload_client Cargo.toml     # in a second terminal; prints: sent 1376 bytes
//! ```
//!
//! On the wire: the header's length in 4 bytes, little-endian, as Python's `struct.pack('i', ...)` makes them on nearly
//! every machine; the header, `{"filename": "a.txt", "filesize": 5}`; the file. Its keys may also be `file_name`, and
//! `file_size` or `total_size`; further ones are skipped. The answer is a line, `ok: ...` or `refused: ...`, which a
//! client may leave unread. Then it may send the next file.
//!
//! Left out: who may send files, a limit on all of them together, encryption, and a checksum. TCP has a weak one; for
//! SHA-256 take the crate `sha2`, update it with each block in `receive_file` and compare before `hard_link`. For any
//! other JSON take `serde_json`. Another address is the first argument, another folder the second.

use std::collections::HashMap;
use std::env;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const MAX_HEADER: usize = 4096; // bytes of JSON: a name of 255 bytes, a size, and some keys more
const MAX_SIZE: u64 = 16 * 1024 * 1024 * 1024; // bytes of one file
const MAX_CLIENTS: usize = 64; // each has a thread and two descriptors
const BLOCK_SIZE: usize = 64 * 1024; // bytes received and written at once: all that a file takes of memory
const STALL_TIMEOUT: Duration = Duration::from_secs(10); // for a header, or a block of a file, from first to last byte
const IDLE_TIMEOUT: Duration = Duration::from_secs(600); // between two uploads
const LINGER: Duration = Duration::from_secs(2); // in which a client that was refused may read why
const ACCEPT_PAUSE: Duration = Duration::from_millis(100); // a failed accept would fail again at once
const NAME_KEYS: [&str; 2] = ["filename", "file_name"];
const SIZE_KEYS: [&str; 3] = ["filesize", "file_size", "total_size"];

fn main() -> io::Result<()> {
    let mut args = env::args_os().skip(1); // sys.argv[1:]
    let addr = args.next().map_or("127.0.0.1:8091".to_string(), |addr| addr.to_string_lossy().to_string());
    let folder = PathBuf::from(args.next().unwrap_or("uploads".into()));
    fs::create_dir_all(&folder)?; // os.makedirs(folder, exist_ok=True)
    let listener = TcpListener::bind(addr)?; // socket.socket(), s.setsockopt(SO_REUSEADDR), s.bind(), s.listen()
    log(&format!("listening on {}", listener.local_addr()?)); // s.getsockname()
    let folder = Arc::new(folder); // main has one and each client, so their count is a count of clients
    loop {
        let (mut stream, addr) = match listener.accept() {
            Ok(accepted) => accepted, // conn, addr = s.accept()
            Err(error) => {
                log(&format!("cannot accept a client: {error}")); // except OSError as error:
                thread::sleep(ACCEPT_PAUSE); // time.sleep(ACCEPT_PAUSE)
                continue;
            }
        };
        let folder = Arc::clone(&folder);
        if Arc::strong_count(&folder) > MAX_CLIENTS + 1 {
            log(&format!("{addr}: refused: there are {MAX_CLIENTS} clients already"));
            let _ = stream.write_all(format!("refused: there are {MAX_CLIENTS} clients already\n").as_bytes());
            continue; // conn.close()
        }
        // threading.Thread(target=handle_connection, args=(conn, addr, folder)).start(); `thread::spawn` may panic
        let thread = thread::Builder::new().spawn(move || {
            let _ = handle_connection(&mut stream, addr, &folder); // except OSError: pass: it has gone
        });
        if let Err(error) = thread {
            log(&format!("{addr}: refused: cannot start a thread: {error}"));
        }
    }
}

fn handle_connection(stream: &mut TcpStream, addr: SocketAddr, folder: &Path) -> io::Result<()> {
    stream.set_write_timeout(Some(STALL_TIMEOUT))?;
    let mut first = [0];
    while receive_some(stream, &mut first, Instant::now() + IDLE_TIMEOUT)? > 0 {
        // while first := recv_some(conn, 1, time.monotonic() + IDLE_TIMEOUT): no byte here is an orderly end
        match receive_upload(stream, first[0], folder) {
            Ok((name, size)) => {
                log(&format!("{addr}: {name:?}, {size} bytes"));
                stream.write_all(format!("ok: {name:?}, {size} bytes\n").as_bytes())?; // conn.sendall(...)
            }
            Err(error) => {
                log(&format!("{addr}: refused: {error}")); // except (OSError, ValueError) as error:
                return refuse(stream, &error);
            }
        }
    }
    Ok(())
}

/// Answers and closes, but not with bytes unread: that would reset the connection, and the answer could be lost.
fn refuse(stream: &mut TcpStream, reason: &io::Error) -> io::Result<()> {
    stream.write_all(format!("refused: {reason}\n").as_bytes())?; // conn.sendall(...)
    stream.shutdown(Shutdown::Write)?; // conn.shutdown(socket.SHUT_WR)
    let deadline = Instant::now() + LINGER; // time.monotonic() + LINGER
    while receive_some(stream, &mut [0; BLOCK_SIZE], deadline)? > 0 {} // while recv_some(...): pass
    Ok(())
}

fn receive_upload(stream: &mut TcpStream, first: u8, folder: &Path) -> io::Result<(String, u64)> {
    let (name, size) = receive_header(stream, first)?;
    let path = folder.join(&name); // os.path.join(folder, name)
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error), // a name that is too long, for instance
        Ok(_) => return Err(invalid(format!("{name:?} exists"))), // os.path.lexists(path)
    }
    static NUMBER: AtomicU64 = AtomicU64::new(0); // numbers = itertools.count()
    let number = NUMBER.fetch_add(1, Ordering::Relaxed); // next(numbers)
    let part = folder.join(format!("{}-{number}.part", std::process::id())); // os.getpid()
    let mut file = File::create_new(&part)?; // open(part, "xb"): fails if there is anything, even a symlink
    let received = receive_file(stream, &mut file, size);
    drop(file); // with open(...) as f:
    // Another upload may have taken the name since we looked, and `rename` would replace it. A second link cannot: the
    // system makes it or fails, in one step. The first one goes in any case, so a torn upload leaves nothing.
    let received = received.and_then(|()| fs::hard_link(&part, &path)); // os.link(part, path)
    let _ = fs::remove_file(&part); // finally: os.remove(part)
    received.map(|()| (name, size))
}

fn receive_header(stream: &mut TcpStream, first: u8) -> io::Result<(String, u64)> {
    let deadline = Instant::now() + STALL_TIMEOUT; // time.monotonic() + STALL_TIMEOUT
    let mut prefix = [first, 0, 0, 0];
    receive_exactly(stream, &mut prefix[1..], deadline)?; // first + recv_exactly(conn, 3, deadline)
    let length = i32::from_le_bytes(prefix); // (length,) = struct.unpack("<i", ...)
    let Some(length) = usize::try_from(length).ok().filter(|length| *length <= MAX_HEADER) else {
        return Err(invalid(format!("a header of {length} bytes; at most {MAX_HEADER} are taken")));
    };
    let mut header = vec![0; length];
    receive_exactly(stream, &mut header, deadline)?; // recv_exactly(conn, length, deadline)
    let header = String::from_utf8(header).map_err(|_| invalid("a header that is not UTF-8"))?; // .decode("utf-8")
    let header = parse_object(&header).map_err(invalid)?; // json.loads(...)

    let Some(Value::Text(name)) = first_of(&header, &NAME_KEYS) else {
        return Err(invalid("the header has no filename, or one that is not a string"));
    };
    let size = match first_of(&header, &SIZE_KEYS) {
        Some(Value::Number(size)) => size.parse().ok().filter(|size| *size <= MAX_SIZE), // not 1e3, 5.0 or -1
        _ => return Err(invalid("the header has no filesize, or one that is not a number")),
    };
    let Some(size) = size else {
        return Err(invalid(format!("a filesize that is not a whole number from 0 to {MAX_SIZE}")));
    };
    Ok((safe_name(name).map_err(invalid)?.to_string(), size))
}

fn receive_file(stream: &mut TcpStream, file: &mut File, size: u64) -> io::Result<()> {
    let mut block = vec![0; BLOCK_SIZE];
    let mut left = size;
    while left > 0 {
        let length = left.min(BLOCK_SIZE as u64); // min(size, BLOCK_SIZE)
        let block = &mut block[..length as usize];
        receive_exactly(stream, block, Instant::now() + STALL_TIMEOUT)?; // recv_exactly(conn, ...)
        file.write_all(block)?; // f.write(block)
        left -= length;
    }
    file.sync_all() // os.fsync(f.fileno()): or after a power cut the name could stand over a file without its bytes
}

/// `read_exact` with a limit on the whole: a time-out alone allows a byte every nine seconds, for hours.
fn receive_exactly(stream: &mut TcpStream, buffer: &mut [u8], deadline: Instant) -> io::Result<()> {
    let mut received = 0;
    while received < buffer.len() {
        received += match receive_some(stream, &mut buffer[received..], deadline)? {
            0 => return Err(io::Error::new(ErrorKind::UnexpectedEof, "the upload ends too early")), // if not block:
            more => more,
        };
    }
    Ok(())
}

fn receive_some(stream: &mut TcpStream, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
    let stalled = || io::Error::new(ErrorKind::TimedOut, "the upload stalled");
    let left = deadline.saturating_duration_since(Instant::now()); // deadline - time.monotonic()
    if left.is_zero() {
        return Err(stalled());
    }
    stream.set_read_timeout(Some(left))?; // conn.settimeout(left)
    match stream.read(buffer) {
        // conn.recv(size); what Unix calls WouldBlock, Windows calls TimedOut
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Err(stalled()),
        Err(error) if error.kind() == ErrorKind::Interrupted => receive_some(stream, buffer, deadline), // by a signal
        result => result,
    }
}

/// The last part of a name that may come from any system, if it is harmless on every system: not `..`, nor with a
/// drive or stream (`:`), nor a device of Windows (`CON`, `nul.txt`), nor with a dot or space at its end, which Windows
/// drops.
fn safe_name(name: &str) -> Result<&str, String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name); // re.split(r"[/\\]", name)[-1]
    let stem = last.split('.').next().unwrap_or(last).trim_end().to_ascii_uppercase();
    let port = stem.strip_prefix("COM").or(stem.strip_prefix("LPT")).unwrap_or_default();
    let is_device = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str())
        || ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"].contains(&port);
    let has_control = last.contains(|c: char| c.is_control() || c == ':');
    if last.is_empty() || last.ends_with(['.', ' ']) || has_control || is_device {
        return Err(format!("{last:?} is no name for a file"));
    }
    Ok(last)
}

enum Value {
    Text(String),
    Number(String), // as it was written
}

fn first_of<'a>(header: &'a HashMap<String, Value>, keys: &[&str]) -> Option<&'a Value> {
    keys.iter().find_map(|key| header.get(*key))
}

/// `json.loads`, as far as these headers go: one object whose values are strings and numbers. Anything else is an
/// error: `true`, `null`, an object or list inside, a key that comes twice, text after the end.
fn parse_object(json: &str) -> Result<HashMap<String, Value>, String> {
    let mut rest = json;
    let mut object = HashMap::new();
    expect(&mut rest, '{')?;
    loop {
        let key = parse_string(&mut rest)?;
        expect(&mut rest, ':')?;
        let value = parse_value(&mut rest)?;
        if object.insert(key, value).is_some() {
            return Err("the header has a key twice".to_string());
        }
        if expect(&mut rest, ',').is_err() {
            break;
        }
    }
    expect(&mut rest, '}')?;
    if skip_space(rest).is_empty() { Ok(object) } else { Err(format!("after the header's end comes {rest:?}")) }
}

fn skip_space(json: &str) -> &str {
    json.trim_start_matches([' ', '\t', '\r', '\n'])
}

fn expect(rest: &mut &str, token: char) -> Result<(), String> {
    *rest = skip_space(rest);
    *rest = rest.strip_prefix(token).ok_or_else(|| format!("the header needs {token:?} before {rest:?}"))?;
    Ok(())
}

fn parse_value(rest: &mut &str) -> Result<Value, String> {
    *rest = skip_space(rest);
    if rest.starts_with('"') {
        return parse_string(rest).map(Value::Text);
    }
    let end = rest.find([' ', '\t', '\r', '\n', ',', '}']).unwrap_or(rest.len());
    let (number, after) = rest.split_at(end);
    *rest = after;
    if is_number(number) {
        return Ok(Value::Number(number.to_string()));
    }
    Err(format!("{number:?} in the header is neither a string nor a number"))
}

/// `-0.5e+10` and its parts. Not `+1`, `.5`, `5.`, `007` or `NaN`.
fn is_number(text: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (text, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    is_digits(whole) && is_digits(fraction) && is_digits(exponent) && (whole == "0" || !whole.starts_with('0'))
}

fn parse_string(rest: &mut &str) -> Result<String, String> {
    expect(rest, '"')?;
    let mut units = Vec::new(); // UTF-16, as `\uXXXX` is: beyond U+FFFF two of them are one character
    let mut chars = rest.chars();
    loop {
        match chars.next().ok_or("a string in the header has no end")? {
            '"' => break,
            '\\' => units.push(parse_escape(&mut chars)?),
            c if c < ' ' => return Err("a string in the header has a control character".to_string()),
            c => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
        }
    }
    *rest = chars.as_str();
    String::from_utf16(&units).map_err(|_| "a string in the header has half a surrogate pair".to_string())
}

fn parse_escape(chars: &mut std::str::Chars) -> Result<u16, String> {
    let c = chars.next().unwrap_or_default();
    let byte = match c {
        '"' | '\\' | '/' => c as u8,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'u' => {
            let digits: String = chars.take(4).collect();
            let is_hex = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()); // not "+123"
            let unit = u16::from_str_radix(&digits, 16).ok().filter(|_| is_hex);
            return unit.ok_or(format!("\\u{digits} in the header is no escape"));
        }
        _ => return Err(format!("\\{c} in the header is no escape")),
    };
    Ok(byte.into())
}

fn invalid(what: impl Into<String>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what.into()) // ValueError(what)
}

/// `println!` panics once nobody reads stdout any more; a server goes on.
fn log(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
