//! A chat: each line goes to all other clients, its sender's address in front. Behind each line stands the Python of
//! `tests/python/chat_server.py`.
//!
//! ```sh
//! cargo run --example chat_server      # prints: listening on 127.0.0.1:8090
//! nc 127.0.0.1 8090                    # in two more terminals: what is typed in one appears in the other
//! ```
//!
//! Lines are UTF-8. Control characters are spelt out, a line over 1024 bytes is passed on in pieces, and a client that
//! does not read what the others write is dropped.
//!
//! Left out: names, history, encryption, and who may take part: whoever can connect reads and writes. Another address
//! is the first argument.

use std::collections::HashMap;
use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

const MAX_CLIENTS: usize = 64; // each has two threads
const MAX_LINE: u64 = 1024; // bytes with the newline; a longer line is passed on in pieces
const MAX_QUEUE: usize = 1024; // lines that may wait for one client; who is further behind is dropped
const LINE_PAUSE: Duration = Duration::from_micros(100); // who floods is slowed down before others' queues are full
const WRITE_TIMEOUT: Duration = Duration::from_secs(10); // for a client that has gone without a word
const ACCEPT_PAUSE: Duration = Duration::from_millis(100); // a failed accept would fail again at once

struct Client {
    stream: Arc<TcpStream>,      // the two threads and the list share it
    queue: SyncSender<Arc<str>>, // an Arc: one copy of the line, however many clients wait for it
}

type Clients = Mutex<HashMap<u64, Client>>; // the dict and its lock in one; by number, as an address may come again

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:8090".to_string()); // sys.argv[1] if len(sys.argv) > 1 else ...
    let clients = Arc::new(Clients::default()); // clients = {}; lock = threading.Lock()
    let listener = TcpListener::bind(addr)?; // socket.socket(), s.setsockopt(SO_REUSEADDR), s.bind(), s.listen()
    log(&format!("listening on {}", listener.local_addr()?)); // s.getsockname()
    let mut number = 0;
    loop {
        let (stream, addr) = match listener.accept() {
            Ok(accepted) => accepted, // conn, addr = s.accept()
            Err(error) => {
                log(&format!("cannot accept a client: {error}")); // except OSError as error:
                thread::sleep(ACCEPT_PAUSE); // time.sleep(ACCEPT_PAUSE)
                continue;
            }
        };
        let clients = Arc::clone(&clients); // main has one and each client, so their count is a count of clients
        if Arc::strong_count(&clients) > MAX_CLIENTS + 1 {
            log(&format!("dropped {addr}: there are {MAX_CLIENTS} clients already"));
            continue; // conn.close()
        }
        number += 1;
        // threading.Thread(target=handle_connection, args=(conn, addr)).start(); `thread::spawn` panics if it cannot
        let thread = thread::Builder::new().spawn(move || {
            let stream = Arc::new(stream);
            let ended = handle_connection(number, &stream, addr, &clients);
            let listed = lock(&clients).remove(&number); // with lock: clients.pop(conn, None)
            let _ = stream.shutdown(Shutdown::Both); // conn.shutdown(SHUT_RDWR): ends the writing thread too
            match (ended, listed) {
                (Ok(()), Some(_)) => log(&format!("{addr} left")),
                (Ok(()), None) => log(&format!("dropped {addr}: it did not read")),
                (Err(error), _) => log(&format!("dropped {addr}: {error}")), // except OSError as error:
            }
        });
        if let Err(error) = thread {
            log(&format!("dropped {addr}: cannot start a thread: {error}"));
        }
    }
}

fn handle_connection(number: u64, stream: &Arc<TcpStream>, addr: SocketAddr, clients: &Clients) -> io::Result<()> {
    stream.set_nodelay(true)?; // conn.setsockopt(TCP_NODELAY): a line must not wait for the one before
    stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
    let (queue, lines) = mpsc::sync_channel(MAX_QUEUE); // lines = queue.Queue(MAX_QUEUE)
    let writer = Arc::clone(stream);
    thread::Builder::new().spawn(move || write_lines(&writer, lines))?; // threading.Thread(...).start()
    lock(clients).insert(number, Client { stream: Arc::clone(stream), queue }); // with lock: clients[conn] = lines
    log(&format!("client address: {addr}")); // not before others can reach it

    let mut reader = BufReader::new(&**stream); // reader = conn.makefile("rb")
    loop {
        let mut line = Vec::new();
        if reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(()); // while line := reader.readline(MAX_LINE):
        }
        let line = String::from_utf8_lossy(&line); // line.decode("utf-8", "replace")
        let text = spell_out(line.trim_end_matches(['\r', '\n'])); // .rstrip("\r\n"), re.sub(...)
        send_to_all(clients, number, &format!("{addr}: {text}\n")); // send_to_all(conn, f"{addr}: {text}\n")
        log(&format!("{addr}: {text}"));
        thread::sleep(LINE_PAUSE); // time.sleep(LINE_PAUSE)
    }
}

/// Control characters, which could command the terminals of others, are spelt out, as `\u{1b}`; a tab is harmless.
fn spell_out(line: &str) -> String {
    let is_control = |c: char| c.is_control() && c != '\t';
    line.chars().map(|c| if is_control(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

fn send_to_all(clients: &Clients, sender: u64, line: &str) {
    let line: Arc<str> = line.into();
    lock(clients).retain(|number, client| {
        if *number == sender {
            return true;
        }
        // lines.put_nowait(line): never waits, so a client that does not read delays nobody
        let has_room = client.queue.try_send(Arc::clone(&line)).is_ok();
        if !has_room {
            // Ends its two threads, even one that is stuck in a write. On Windows a read that waits is not woken: there
            // the reading thread lasts until the client closes.
            let _ = client.stream.shutdown(Shutdown::Both); // conn.shutdown(socket.SHUT_RDWR)
        }
        has_room // del clients[conn]
    });
}

/// Ends when the client is no longer in the list, as the queue is dropped with it, or when writing fails.
fn write_lines(mut stream: &TcpStream, lines: Receiver<Arc<str>>) {
    for line in lines {
        if stream.write_all(line.as_bytes()).is_err() {
            let _ = stream.shutdown(Shutdown::Both); // so that the reading thread ends too
            return; // while line := lines.get(): conn.sendall(line.encode("utf-8"))
        }
    }
}

/// `with lock:`. The lock of a thread that panicked stays usable: here none leaves the list half changed.
fn lock(clients: &Clients) -> MutexGuard<'_, HashMap<u64, Client>> {
    clients.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `println!` panics once nobody reads stdout any more; a server goes on.
fn log(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
