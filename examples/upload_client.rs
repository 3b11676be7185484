//! Sends a file to `upload_server`. Behind each line stands the Python of `tests/python/upload_client.py`.
//!
//! ```sh
//! cargo run --example upload_server                # first
//! cargo run --example upload_client Cargo.toml     # in a second terminal; prints: sent 1376 bytes
//! ```
//!
//! On the wire: the header's length in 4 bytes, little-endian; the header, as JSON; the file. The answer is a line,
//! `ok: ...` or the reason why not.
//!
//! Left out: encryption, a folder, going on where a torn upload ended, and a checksum: see the server. Another address
//! is the second argument.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, IsTerminal, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

const BLOCK_SIZE: usize = 64 * 1024; // bytes read and sent at once: all that a file takes of memory
const TIMEOUT: Duration = Duration::from_secs(60); // for a block, and for the answer: the server has to write first
const MAX_ANSWER: u64 = 1024; // bytes

fn main() -> io::Result<()> {
    let mut args = env::args_os().skip(1); // sys.argv[1:]
    let path = PathBuf::from(args.next().ok_or_else(|| io::Error::other("usage: upload_client FILE [ADDR]"))?);
    let addr = args.next().map_or("127.0.0.1:8091".to_string(), |addr| addr.to_string_lossy().to_string());

    let metadata = fs::metadata(&path)?;
    if !metadata.is_file() {
        return Err(io::Error::other(format!("{} is not a file", path.display()))); // os.path.isfile(path)
    }
    let mut file = File::open(&path)?; // open(path, "rb")
    let size = metadata.len(); // os.path.getsize(path)
    let name = path.file_name().and_then(|name| name.to_str()); // os.path.basename(path)
    let name = json_string(name.ok_or_else(|| io::Error::other("the file's name is not UTF-8"))?);
    let header = format!(r#"{{"filename": {name}, "filesize": {size}}}"#); // json.dumps({...})

    let mut stream = TcpStream::connect(addr)?; // socket.create_connection(...)
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    let prefix = (header.len() as i32).to_le_bytes(); // struct.pack("<i", len(header)): a name is short
    stream.write_all(&[&prefix, header.as_bytes()].concat())?; // s.sendall(prefix + header): in one, no waiting between
    let is_whole = send_file(&mut stream, &mut file, size)?;

    let mut answer = Vec::new();
    BufReader::new(stream).take(MAX_ANSWER).read_until(b'\n', &mut answer)?; // s.makefile("rb").readline(MAX_ANSWER)
    let answer = String::from_utf8_lossy(&answer); // .decode("utf-8", "replace")
    if answer.is_empty() {
        return Err(io::Error::other("the server closed the connection without an answer"));
    }
    if !is_whole || !answer.starts_with("ok: ") {
        return Err(io::Error::other(format!("not taken: {}", answer.trim_end()))); // sys.exit(...)
    }
    let _ = writeln!(io::stdout(), "sent {size} bytes"); // print(...); `println!` panics if stdout is closed
    Ok(())
}

fn send_file(stream: &mut TcpStream, file: &mut File, size: u64) -> io::Result<bool> {
    let mut block = vec![0; BLOCK_SIZE];
    let mut sent = 0;
    let mut shown = None;
    while sent < size && !has_answered(stream)? {
        let length = (size - sent).min(BLOCK_SIZE as u64) as usize;
        let read = file.read(&mut block[..length])?; // data = f.read(min(size - sent, BLOCK_SIZE))
        if read == 0 {
            return Err(io::Error::other(format!("the file ended after {sent} of {size} bytes")));
        }
        if stream.write_all(&block[..read]).is_err() {
            break; // s.sendall(data), except OSError: the answer may say why
        }
        sent += read as u64;
        let percent = sent * 100 / size;
        if shown != Some(percent) && io::stderr().is_terminal() {
            shown = Some(percent); // sys.stderr.isatty()
            let _ = write!(io::stderr(), "\r{sent} of {size} bytes, {percent} %"); // print("\r...", end="")
        }
    }
    if shown.is_some() {
        let _ = writeln!(io::stderr());
    }
    Ok(sent == size)
}

/// `select.select([s], [], [], 0)[0]`. A server that answers before it has the whole file refuses it.
fn has_answered(stream: &TcpStream) -> io::Result<bool> {
    stream.set_nonblocking(true)?;
    let peeked = stream.peek(&mut [0]);
    stream.set_nonblocking(false)?;
    Ok(!matches!(peeked, Err(error) if error.kind() == ErrorKind::WouldBlock))
}

/// `json.dumps` of a string: what is not plain ASCII as `\uXXXX`, in UTF-16.
fn json_string(text: &str) -> String {
    let mut json = String::from('"');
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte @ (b'"' | b'\\')) => json.extend(['\\', byte.into()]),
            Ok(byte @ b' '..=b'~') => json.push(byte.into()),
            _ => json.push_str(&format!("\\u{unit:04x}")),
        }
    }
    json + "\""
}
