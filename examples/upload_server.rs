//! Takes uploads, each a JSON header and a file, into a folder.
//!
//! ```sh
//! cargo run --example upload_server                # prints: listening on 127.0.0.1:8091; files go to ./uploads
//! cargo run --example upload_client LICENSE-MIT    # in a second terminal; prints: sent 1085 bytes
//! ```
//!
//! On the right stands `tests/python/upload_server.py`. On the wire: the header's length as `struct.pack('i', …)` makes
//! it; the header, `{"filename": "a.txt", "filesize": 5}` (or other keys, see below); the file; perhaps the next. The
//! answer is a line, `ok: …` or `refused: …`. A file has its final name from its first byte on, so a second upload of
//! that name is refused. When an upload fails, the server removes the file. A crash leaves the part that had come, and
//! the client got no `ok`.
//!
//! Left out: who may send files, a limit on all of them together, on slow clients, encryption, a checksum. Another
//! address is the first argument, another folder the second. To copy this, put `src/formats.rs` beside it and write
//! `mod formats;` and `use formats::…` below.

use socket_basics::formats::{Order, copy_exact, receive_header, send_line};
use std::collections::HashMap;
use std::env;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const MAX_CLIENTS: usize = 64; // each has a thread
const MAX_SIZE: u64 = 16 * 1024 * 1024 * 1024; // bytes of one file
const MAX_QUEUE: usize = 1024; // lines that may wait until stdout takes them
const BLOCK_SIZE: usize = 8 * 1024; // bytes received at once
const TIMEOUT: Duration = Duration::from_secs(30); // in which something must come, or go
const LINGER: Duration = Duration::from_secs(2); // in which a client that was refused may read why
const ACCEPT_PAUSE: Duration = Duration::from_millis(100); // after a failed accept, which would fail again at once
const NAME_KEYS: [&str; 2] = ["filename", "file_name"];
const SIZE_KEYS: [&str; 3] = ["filesize", "file_size", "total_size"];
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]; // of Windows
const PORTS: [&str; 13] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"]; // behind COM and LPT

type Log = SyncSender<String>;

/// Never waits: where nobody reads stdout, what no longer fits the queue is left out.
fn log(log: &Log, line: String) {                                     // def log(line):
    let _ = log.try_send(line);                                       // log_lines.put_nowait(line)
}

fn write_log(lines: Receiver<String>) {                               // def write_log():
    for line in lines {                                               // while True:
        let _ = writeln!(io::stdout(), "{line}");                     // print(log_lines.get(), flush=True)
    }
}

fn field<'a>(header: &'a HashMap<String, String>, keys: &[&str]) -> io::Result<&'a str> {  // def field(header, keys):
    for key in keys {                                                 // for key in keys:
        if let Some(value) = header.get(*key) {                       // if key in header:
            return Ok(value);                                         // return str(header[key])
        }
    }
    Err(invalid(format!("the header has no {}", keys[0])))            // raise ValueError(f"the header has no …")
}

/// The last part of a name that may come from any system, if it is harmless on all of them: no `..`, no drive or stream
/// (`:`), no device of Windows (`nul.txt`), no dot or space at its end, which Windows drops.
fn safe_name(name: &str) -> io::Result<&str> {                        // def safe_name(name):
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);       // last = re.split(r"[/\\]", name)[-1]
    let stem = last.split('.').next().unwrap_or(last).trim_end().to_uppercase();
    let port = stem.strip_prefix("COM").or(stem.strip_prefix("LPT")).unwrap_or("");
    let is_device = DEVICES.contains(&&*stem) || PORTS.contains(&port);
    let is_odd = last.contains(|c: char| c.is_control() || c == ':');
    if last.is_empty() || last.ends_with(['.', ' ']) || is_odd || is_device {  // if re.search(…) or re.fullmatch(…):
        return Err(invalid(format!("{last:?} is no name for a file")));  // raise ValueError(f"{last!r} is no name …")
    }
    Ok(last)                                                          // return last
}

fn receive_file(conn: &mut TcpStream, mut f: File, size: u64) -> io::Result<()> {  // def receive_file(conn, f, size):
    copy_exact(conn, &mut f, size)?;                                  // copy_exact(conn, f, size)
    f.sync_all() // so that `ok` means: it is on the disk
}

fn receive_upload(conn: &mut TcpStream, folder: &Path) -> io::Result<Option<String>> {  // def receive_upload(…):
    let Some(header) = receive_header(conn, 4, Order::Little)? else {  // header = receive_header(conn)
        return Ok(None);                                              // return None
    };
    let name = safe_name(field(&header, &NAME_KEYS)?)?;               // name = safe_name(field(header, NAME_KEYS))
    let size = field(&header, &SIZE_KEYS)?;                           // size = field(header, SIZE_KEYS)
    let bytes = size.parse().unwrap_or(u64::MAX); // of `-1`, `5.0` or text, too
    if bytes > MAX_SIZE {                                             // if not (… int(size) <= MAX_SIZE):
        return Err(invalid(format!("a file of {size:?} bytes; 0 to {MAX_SIZE} are taken")));  // raise ValueError(…)
    }
    let path = folder.join(name);                                     // path = os.path.join(folder, name)
    let f = match File::create_new(&path) {                           // f = open(path, "xb")
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {   // except FileExistsError:
            return Err(invalid(format!("{name:?} exists")));          // raise ValueError(f"{name!r} exists")
        }
        opened => opened?,
    };
    if let Err(error) = receive_file(conn, f, bytes) {                // receive_file(conn, f, int(size))
        let _ = fs::remove_file(&path);                               // os.remove(path)
        return Err(error);                                            // raise
    }
    Ok(Some(format!("{name:?}, {size} bytes")))                       // return f"{name!r}, {size} bytes"
}

fn refuse(conn: &mut TcpStream, reason: &str) -> io::Result<()> {     // def refuse(conn, reason):
    send_line(conn, &format!("refused: {reason}"))?;                  // conn.sendall(f"refused: {reason}\n".encode(…))
    conn.shutdown(Shutdown::Write)?;                                  // conn.shutdown(socket.SHUT_WR)
    conn.set_read_timeout(Some(LINGER))?;                             // conn.settimeout(LINGER)
    let started = Instant::now();                                     // started = time.monotonic()
    // Closing with bytes unread would be a reset, which can overtake the answer.
    while started.elapsed() < LINGER && conn.read(&mut [0; BLOCK_SIZE])? > 0 {}  // while … and conn.recv(BLOCK_SIZE):
    Ok(())
}

fn handle_connection(conn: &mut TcpStream, addr: SocketAddr, folder: &Path, full: bool, lines: &Log) -> io::Result<()> {
    conn.set_read_timeout(Some(TIMEOUT))?;                            // conn.settimeout(TIMEOUT)
    conn.set_write_timeout(Some(TIMEOUT))?;
    if full {                                                         // if is_full:
        let reason = format!("there are {MAX_CLIENTS} clients already");
        log(lines, format!("{addr}: refused: {reason}"));             // log(f"{addr}: refused: there are …")
        return refuse(conn, &reason);                                 // return refuse(conn, f"there are …")
    }
    loop {                                                            // while True:
        match receive_upload(conn, folder) {                          // received = receive_upload(conn, folder)
            Err(error) => {                                           // except (OSError, ValueError, …) as error:
                let timed_out = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
                let reason = if timed_out { format!("nothing came for {TIMEOUT:?}") } else { error.to_string() };
                log(lines, format!("{addr}: refused: {reason}"));     // log(f"{addr}: refused: {reason}")
                return refuse(conn, &reason);                         // return refuse(conn, reason)
            }
            Ok(None) => return Ok(()),                                // if received is None:
            Ok(Some(received)) => {
                log(lines, format!("{addr}: {received}"));            // log(f"{addr}: {received}")
                send_line(conn, &format!("ok: {received}"))?;         // conn.sendall(f"ok: {received}\n".encode(…))
            }
        }
    }
}

fn invalid(what: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

fn listen(addr: &str) -> io::Result<TcpListener> {
    let mut addrs: Vec<SocketAddr> = addr.to_socket_addrs()?.collect();
    addrs.sort_by_key(SocketAddr::is_ipv6); // IPv4 first, as AF_INET
    TcpListener::bind(&addrs[..])
}

fn run() -> Result<(), String> {
    let mut args = env::args_os().skip(1);
    let addr = args.next().map_or("127.0.0.1:8091".to_owned(), |arg| arg.to_string_lossy().into_owned());
    let folder = PathBuf::from(args.next().unwrap_or("uploads".into()));  // folder = sys.argv[2] if …
    fs::create_dir_all(&folder).map_err(|error| format!("cannot make the folder {}: {error}", folder.display()))?;
    let listener = listen(&addr)                                      // s.bind((host, int(port)))
        .map_err(|error| format!("cannot listen on {addr}: {error}"))?;
    let (lines, waiting) = mpsc::sync_channel(MAX_QUEUE);             // threading.Thread(target=write_log, …).start()
    let logging = thread::Builder::new().spawn(move || write_log(waiting));
    logging.map_err(|error| format!("cannot start a thread: {error}"))?;
    let addr = listener.local_addr().map_err(|error| format!("no address of its own: {error}"))?;
    log(&lines, format!("listening on {addr}"));                      // log("listening on %s:%d" % s.getsockname())
    let mut clients = Vec::new();                                     // clients = []
    loop {                                                            // while True:
        let started = listener.accept().and_then(|(mut conn, addr)| {  // conn, addr = s.accept()
            clients.retain(|client: &JoinHandle<()>| !client.is_finished());  // clients = [client for client in …]
            let is_full = clients.len() >= MAX_CLIENTS;               // is_full = len(clients) >= MAX_CLIENTS
            let (folder, lines) = (folder.clone(), lines.clone());
            let client = thread::Builder::new().spawn(move || {       // client = threading.Thread(target=serve, …)
                let _ = handle_connection(&mut conn, addr, &folder, is_full, &lines); // an error: it has gone
            })?;
            if !is_full {                                             // if not is_full:
                clients.push(client);                                 // clients.append(client)
            }
            Ok(())
        });
        if let Err(error) = started {                                 // except (OSError, RuntimeError) as error:
            log(&lines, format!("cannot serve a client: {error}"));   // log(f"cannot serve a client: {error}")
            thread::sleep(ACCEPT_PAUSE);                              // time.sleep(ACCEPT_PAUSE)
        }
    }
}

fn main() -> ExitCode {
    if let Err(error) = run() {
        let _ = writeln!(io::stderr(), "upload_server: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
