//! Sends a file to `upload_server`.
//!
//! ```sh
//! cargo run --example upload_server                # in a first terminal
//! cargo run --example upload_client LICENSE-MIT    # in a second terminal; prints: sent 1085 bytes
//! ```
//!
//! On the right stands `tests/python/upload_client.py`. On the wire: the header's length in 4 bytes, little-endian; the
//! header, as JSON; the file. The answer is a line, `ok: …` or the reason why not. At a terminal the progress appears.
//!
//! Left out: encryption, folders, going on where a torn upload ended, a checksum. Another address is the second
//! argument. To copy this, put `src/formats.rs` beside it and write `mod formats;` and `use formats::…` below.

use socket_basics::formats::{Order, printable, quote, send_header};
use std::env;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, IsTerminal, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

const BLOCK_SIZE: usize = 64 * 1024; // bytes read and sent at once
const TIMEOUT: Duration = Duration::from_secs(60); // for a block, and for the answer: the server writes its file first
const MAX_ANSWER: u64 = 1024; // bytes

/// Whether the server has answered already. An answer before the whole file was sent is a refusal.
fn has_answered(s: &TcpStream) -> io::Result<bool> {                  // def has_answered(s):
    s.set_nonblocking(true)?;
    let peeked = s.peek(&mut [0]);                                    // select.select([s], [], [], 0)[0]
    s.set_nonblocking(false)?;
    Ok(!matches!(peeked, Err(error) if error.kind() == ErrorKind::WouldBlock))
}

fn send_file(s: &mut TcpStream, f: &mut File, size: u64) -> io::Result<bool> {  // def send_file(s, f, size):
    let mut block = vec![0; BLOCK_SIZE];
    let mut sent = 0;                                                 // sent = 0
    let mut shown = None;                                             // shown = None
    while sent < size && !has_answered(s)? {                          // while sent < size and not has_answered(s):
        let length = (size - sent).min(BLOCK_SIZE as u64) as usize;
        let read = f.read(&mut block[..length])?;                     // data = f.read(min(size - sent, BLOCK_SIZE))
        if read == 0 {                                                // if not data:
            return Err(io::Error::other(format!("the file ended after {sent} of {size} bytes")));  // sys.exit(…)
        }
        if s.write_all(&block[..read]).is_err() {                     // s.sendall(data)
            break; // the answer may say why
        }
        sent += read as u64;                                          // sent += len(data)
        let percent = sent * 100 / size;                              // percent = sent * 100 // size
        if shown != Some(percent) && io::stderr().is_terminal() {     // if percent != shown and sys.stderr.isatty():
            let _ = write!(io::stderr(), "\r{sent} of {size} bytes, {percent} %");  // print(f"\r{sent} of …", …)
            shown = Some(percent);                                    // shown = percent
        }
    }
    if shown.is_some() {                                              // if shown is not None:
        let _ = writeln!(io::stderr());                               // print(file=sys.stderr)
    }
    Ok(sent == size)                                                  // return sent == size
}

/// Whether the whole file was sent, its size, and the answer.
fn upload(path: &Path, ip_port: &str) -> io::Result<(bool, u64, String)> {  // def upload(path, ip_port):
    let mut f = File::open(path)?;                                    // f = open(path, "rb")
    let size = f.metadata()?.len();                                   // size = os.path.getsize(path)
    let name = path.file_name().and_then(|name| name.to_str());
    let name = quote(name.ok_or_else(|| io::Error::other("its name is not UTF-8"))?);
    let header = format!(r#"{{"filename": {name}, "filesize": {size}}}"#);  // header = json.dumps({"filename": …})
    let mut s = TcpStream::connect(ip_port)?;                         // s = socket.create_connection(…, TIMEOUT)
    s.set_write_timeout(Some(TIMEOUT))?;
    s.set_read_timeout(Some(TIMEOUT))?;
    send_header(&mut s, 4, Order::Little, &header, b"")?;             // s.sendall(struct.pack("<i", len(header)) + …)
    let is_whole = send_file(&mut s, &mut f, size)?;                  // is_whole = send_file(s, f, size)
    let mut answer = String::new();
    BufReader::new(s).take(MAX_ANSWER).read_line(&mut answer)?;       // answer = s.makefile(…).readline(MAX_ANSWER)
    Ok((is_whole, size, answer))                                      // return is_whole, size, answer.rstrip()
}

fn run() -> Result<(), String> {
    let mut args = env::args_os().skip(1);
    let path = PathBuf::from(args.next().ok_or("usage: upload_client FILE [ADDR]")?);  // path = sys.argv[1]
    let ip_port = args.next().map_or("127.0.0.1:8091".to_owned(), |arg| arg.to_string_lossy().into_owned());
    if !fs::metadata(&path).is_ok_and(|metadata| metadata.is_file()) {  // if not os.path.isfile(path):
        return Err(format!("{} is not a file", path.display()));      // sys.exit(f"… {path} is not a file")
    }
    let (is_whole, size, answer) = upload(&path, &ip_port)            // is_whole, size, answer = upload(path, ip_port)
        .map_err(|error| match error.kind() {                         // except (OSError, ValueError) as error:
            ErrorKind::WouldBlock | ErrorKind::TimedOut => format!("{ip_port} did nothing for {TIMEOUT:?}"),
            _ => format!("cannot send {} to {ip_port}: {error}", path.display()),
        })?;
    let answer = answer.trim_end();
    if answer.is_empty() {                                            // if not answer:
        return Err("the server closed the connection without an answer".to_owned());
    }
    if !is_whole || !answer.starts_with("ok: ") {                     // if not is_whole or not answer.startswith(…):
        return Err(format!("not taken: {}", printable(answer)));      // sys.exit(f"… not taken: {answer}")
    }
    let _ = writeln!(io::stdout(), "sent {size} bytes");              // print(f"sent {size} bytes")
    Ok(())
}

fn main() -> ExitCode {
    if let Err(error) = run() {
        let _ = writeln!(io::stderr(), "upload_client: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
