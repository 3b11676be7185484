//! A chat: the first line that a client sends is its name, and each further line goes to all others.
//!
//! ```sh
//! cargo run --example chat_server     # prints: listening on 127.0.0.1:8090
//! cargo run --example chat_client     # in a second and a third terminal; type a name, then what you want to say
//! ```
//!
//! On the right stands `tests/python/chat_server.py`. `nc` and `telnet` are clients, too, and so is a script that ends
//! each message with a newline. In one that does not, write `s.send((text + "\n").encode())` for
//! `s.send(text.encode())`. Two clients cannot have one name, upper and lower case alike: the second one is asked
//! again. `/quit` leaves.
//!
//! Left out: who may take part (whoever can connect does), passwords, history, encryption. Another address is the first
//! argument. To copy this, put `src/formats.rs` beside it and write `mod formats;` and `use formats::…` below.

use socket_basics::formats::{printable, send_line};
use std::collections::HashMap;
use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

const MAX_CLIENTS: usize = 64; // each has two threads
const MAX_NAME: usize = 20; // characters
const MAX_LINE: usize = 1024; // bytes with the line end; a longer line is passed on in pieces
const MAX_QUEUE: usize = 1024; // lines that may wait for one client; one that is further behind is dropped
const LINE_PAUSE: Duration = Duration::from_micros(100); // slows a client down that floods, so that no queue gets full
const WRITE_TIMEOUT: Duration = Duration::from_secs(10); // for a client that has gone without a word
const LINGER: Duration = Duration::from_secs(1); // in which a client that is turned away reads why
const ACCEPT_PAUSE: Duration = Duration::from_millis(100); // after a failed accept, which would fail again at once

type Lines = SyncSender<Arc<str>>; // an Arc, so that there is one copy of a line, however many clients wait for it

struct Client {                                                       // class Client:
    stream: Arc<TcpStream>,                                           // self.conn = conn
    name: String,                                                     // self.name = ""
    lines: Lines,                                                     // self.lines = queue.Queue(MAX_QUEUE)
}

struct Chat {
    clients: Mutex<HashMap<u64, Client>>,                             // clients = {}
    log_lines: Lines,
}

impl Chat {
    /// `with lock:`. A thread that panicked leaves the lock usable, as none leaves the clients half changed.
    fn clients(&self) -> MutexGuard<'_, HashMap<u64, Client>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Never waits: where nobody reads stdout, what no longer fits the queue is left out.
    fn log(&self, line: &str) {                                       // def log(line):
        let _ = self.log_lines.try_send(line.into());                 // log_lines.put_nowait(line)
    }

    fn tell(&self, number: u64, line: &str) {                         // def tell(number, line):
        if let Some(client) = self.clients().get(&number) {
            let _ = client.lines.try_send(line.into());               // clients[number].lines.put_nowait(line)
        }
    }

    fn send_to_all(&self, sender: u64, line: String) {                // def send_to_all(sender, line):
        let mut waiting = vec![(sender, line)];                       // waiting = [(sender, line)]
        while let Some((sender, line)) = waiting.pop() {              // while waiting: …
            self.log(&line);                                          // log(line)
            let line: Arc<str> = line.into();
            self.clients().retain(|number, client| {                  // for number, client in list(clients.items()):
                if *number == sender || client.name.is_empty() {      // if number == sender or not client.name:
                    return true;                                      // continue
                }
                let sent = client.lines.try_send(Arc::clone(&line));  // client.lines.put_nowait(line)
                if !matches!(sent, Err(TrySendError::Full(_))) {
                    return true; // one that has gone is removed by its own thread
                }
                // Ends its two threads, even one that is stuck in a write. (On Windows a read goes on until the client
                // closes.)
                let _ = client.stream.shutdown(Shutdown::Both);       // client.conn.shutdown(socket.SHUT_RDWR)
                waiting.push((0, format!("* {} was dropped: it did not read", client.name)));
                false                                                 // del clients[number]
            });
        }
    }

    fn take_name(&self, number: u64, name: &str) -> bool {            // def take_name(number, name):
        let mut clients = self.clients();                             // with lock:
        if clients.values().any(|client| client.name.to_lowercase() == name.to_lowercase()) {
            return false;                                             // return False
        }
        if let Some(client) = clients.get_mut(&number) {
            client.name = name.to_owned();                            // clients[number].name = name
        }
        true                                                          // return True
    }
}

fn write_lines(mut out: impl Write, lines: Receiver<Arc<str>>) {      // def write_lines(out, lines):
    for line in lines {                                               // while (line := lines.get()) is not None:
        if send_line(&mut out, &line).is_err() {                      // out.write(line + "\n")
            return;
        }
    }
}

/// A line, without what could command the terminals of others; `None` at the end of the stream, and for `/quit`.
fn receive_line(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<String>> {  // def receive_line(reader):
    let mut line = Vec::new();
    reader.take(MAX_LINE as u64).read_until(b'\n', &mut line)?;       // line = reader.readline(MAX_LINE)
    // Python counts characters, Rust bytes. If the cut falls inside a character, its other bytes (10xxxxxx) are read
    // too.
    while (MAX_LINE..MAX_LINE + 3).contains(&line.len()) && !line.ends_with(b"\n") {
        match reader.fill_buf()?.first() {
            Some(byte) if byte & 0xC0 == 0x80 => line.push(*byte),
            _ => break,
        }
        reader.consume(1);
    }
    let text = String::from_utf8_lossy(&line);
    let text = printable(text.trim_end_matches(['\r', '\n']));        // text = printable(line.rstrip("\r\n"))
    if line.is_empty() || text == "/quit" {                           // if not line or text == "/quit":
        return Ok(None);                                              // return None
    }
    Ok(Some(text))                                                    // return text
}

fn receive_name(chat: &Chat, number: u64, reader: &mut BufReader<&TcpStream>) -> io::Result<Option<String>> {
    chat.tell(number, "* your name?");                                // tell(number, "* your name?")
    while let Some(line) = receive_line(reader)? {                    // while (line := receive_line(reader)) …
        let name = line.trim();                                       // name = line.strip()
        if name.is_empty() || name.chars().count() > MAX_NAME || name.contains([':', '*']) {
            let why = format!("* a name has 1 to {MAX_NAME} characters, and no : or *; your name?");
            chat.tell(number, &why);                                  // tell(number, f"* a name has 1 to …")
        } else if !chat.take_name(number, name) {                     // elif not take_name(number, name):
            chat.tell(number, &format!("* the name {name} is taken; your name?"));  // tell(number, f"* the name …")
        } else {                                                      // else:
            return Ok(Some(name.to_owned()));                         // return name
        }
    }
    Ok(None)                                                          // return None
}

fn handle_connection(chat: &Chat, stream: TcpStream, number: u64, addr: SocketAddr) -> io::Result<()> {
    stream.set_nodelay(true)?;                                        // conn.setsockopt(…TCP_NODELAY, 1)
    stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
    let stream = Arc::new(stream); // the two threads and the list share it
    let (lines, waiting) = mpsc::sync_channel(MAX_QUEUE);
    let client = Client { stream: Arc::clone(&stream), name: String::new(), lines };  // client = Client(conn)
    let mut clients = chat.clients();                                 // with lock:
    let is_full = clients.len() >= MAX_CLIENTS;                       // is_full = len(clients) >= MAX_CLIENTS
    if !is_full {                                                     // if not is_full:
        clients.insert(number, client);                               // clients[number] = client
    }
    drop(clients);
    if is_full {                                                      // if is_full:
        chat.log(&format!("dropped {addr}: there are {MAX_CLIENTS} clients already"));  // log(f"dropped {addr}: …")
        send_line(&mut &*stream, &format!("* there are {MAX_CLIENTS} clients already, try again later"))?;
        stream.shutdown(Shutdown::Write)?;                            // conn.shutdown(socket.SHUT_WR)
        stream.set_read_timeout(Some(LINGER))?;                       // conn.settimeout(LINGER)
        // Closing with bytes unread would be a reset, which can overtake the answer.
        let _ = (&*stream).read(&mut [0; MAX_LINE]);                  // conn.recv(MAX_LINE)
        return Ok(());                                                // return
    }
    let writer = Arc::clone(&stream);
    thread::Builder::new().spawn(move || {                            // threading.Thread(target=write_to_client, …)
        write_lines(&*writer, waiting);
        let _ = writer.shutdown(Shutdown::Both); // the reading thread ends, too
    })?;
    chat.log(&format!("client address: {addr}"));                     // log(f"client address: {addr}")
    let mut reader = BufReader::new(&*stream);                        // reader = conn.makefile("r", …)
    let Some(name) = receive_name(chat, number, &mut reader)? else {  // name = receive_name(number, reader)
        return Ok(());                                                // return
    };
    chat.log(&format!("{addr} is {name}"));                           // log(f"{addr} is {name}")
    chat.send_to_all(0, format!("* {name} is here"));                 // send_to_all(0, f"* {name} is here")
    while let Some(line) = receive_line(&mut reader)? {               // while (line := receive_line(reader)) …
        if !line.trim().is_empty() {                                  // if line.strip():
            chat.send_to_all(number, format!("{name}: {line}"));      // send_to_all(number, f"{name}: {line}")
        }
        thread::sleep(LINE_PAUSE);                                    // time.sleep(LINE_PAUSE)
    }
    Ok(())
}

fn serve(chat: &Chat, stream: TcpStream, number: u64, addr: SocketAddr) { // def serve(conn, number, addr):
    if let Err(error) = handle_connection(chat, stream, number, addr) {  // handle_connection(conn, number, addr)
        chat.log(&format!("dropped {addr}: {error}"));                // log(f"dropped {addr}: {error}")
    }
    // This drops the client's queue, so the writing thread ends, too, once the client has its last lines.
    let left = chat.clients().remove(&number);                        // left = clients.pop(number, None)
    if let Some(left) = left {                                        // if left:
        if !left.name.is_empty() {                                    // if left.name:
            chat.send_to_all(0, format!("* {} left", left.name));     // send_to_all(0, f"* {left.name} left")
        }
    }
}

fn listen(addr: &str) -> io::Result<TcpListener> {
    let mut addrs: Vec<SocketAddr> = addr.to_socket_addrs()?.collect();
    addrs.sort_by_key(SocketAddr::is_ipv6); // IPv4 first, as AF_INET
    TcpListener::bind(&addrs[..])
}

fn run() -> Result<(), String> {
    let addr = env::args_os().nth(1).map(|arg| arg.to_string_lossy().into_owned());
    let addr = addr.unwrap_or("127.0.0.1:8090".to_owned());
    let listener = listen(&addr)                                      // s.bind((host, int(port)))
        .map_err(|error| format!("cannot listen on {addr}: {error}"))?;
    let (log_lines, waiting) = mpsc::sync_channel(MAX_QUEUE);         // threading.Thread(target=write_lines, …)
    let logging = thread::Builder::new().spawn(move || write_lines(io::stdout(), waiting));
    logging.map_err(|error| format!("cannot start a thread: {error}"))?;
    let chat = Arc::new(Chat { clients: Mutex::default(), log_lines });
    let addr = listener.local_addr().map_err(|error| format!("no address of its own: {error}"))?;
    chat.log(&format!("listening on {addr}"));                        // log("listening on %s:%d" % s.getsockname())
    let mut number = 0;                                               // number = 0
    loop {                                                            // while True:
        let started = listener.accept().and_then(|(stream, addr)| {   // conn, addr = s.accept()
            number += 1;                                              // number += 1
            let chat = Arc::clone(&chat);                             // threading.Thread(target=serve, …)
            thread::Builder::new().spawn(move || serve(&chat, stream, number, addr))
        });
        if let Err(error) = started {                                 // except (OSError, RuntimeError) as error:
            chat.log(&format!("cannot serve a client: {error}"));     // log(f"cannot serve a client: {error}")
            thread::sleep(ACCEPT_PAUSE);                              // time.sleep(ACCEPT_PAUSE)
        }
    }
}

fn main() -> ExitCode {
    if let Err(error) = run() {
        let _ = writeln!(io::stderr(), "chat_server: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
