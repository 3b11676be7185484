//! A remote shell with a header in front of each message: output as it comes, stderr apart, the exit status.
//!
//! ```sh
//! cargo run --bin tcp_header_server     # prints: listening on 127.0.0.1:8089
//! cargo run --bin tcp_header_client     # in a second terminal; type: for i in 1 2 3; do echo $i; sleep 1; done
//! ```
//!
//! The tutorial names this cure and gives no code. A client may send commands ahead; the server answers them in order.
//! The header stands in `src/header.rs`.
//!
//! Whoever can connect runs commands as you. So this server listens on loopback, serves at most 256 clients, and drops
//! one that speaks HTTP, as a browser does; on Linux it admits only your own user and root (`server::Server`). When a
//! client leaves, its command is killed (`command::run`). Ctrl-C ends the server and its commands. On the right stands
//! `tests/python/tcp_header_server.py`; PORTING.md has a server in one file, in 25 lines.

use socket_basics::cli::{self, Args, Context};
use socket_basics::command::{self, Pipe};
use socket_basics::header::{self, Kind, MAX_REASON};
use socket_basics::server::{self, Connection, STALL_TIMEOUT, Server};
use std::io::{self, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8089";

#[rustfmt::skip]
fn relay(pipe: Pipe, conn: &TcpStream, block: &[u8]) -> io::Result<()> {  // def relay(pipe, conn, kind, lock):
                                             // while True: … block = pipe.read1(MAX_BODY)
                                             // if not block: … break
    let kind = match pipe {
        Pipe::Stdout => Kind::Stdout,
        Pipe::Stderr => Kind::Stderr,
    };
                                             // with lock:
    header::send_message(conn, kind, block)  // send_message(conn, kind, block)
}

#[rustfmt::skip]
fn refuse(conn: &TcpStream, why: &str) {                     // def refuse(conn, why):
    let why = &why.as_bytes()[..why.len().min(MAX_REASON)];
    let _ = header::send_message(conn, Kind::Refused, why);  // send_message(conn, REFUSED, why.encode("utf-8")[:1024])
}

#[rustfmt::skip]
fn handle_connection(conn: &mut Connection) -> io::Result<()> {  // def handle_connection(conn, addr):
    conn.log(format_args!("client address: {}", conn.addr()));   // print("client address:", addr, flush=True)
    let stream = conn.stream();
                                                                 // lock = threading.Lock()
    loop {                                                       // while True:
        conn.wait()?; // between two messages a client may take its time
        let message = conn.within(STALL_TIMEOUT, header::recv_message)?;  // try: … message = recv_message(conn)
                                                                 // except ValueError as error:
                                                                 // refuse(conn, str(error)) … break
        let Some(message) = message else {                       // if not message:
            return Ok(());                                       // break
        };
        if message.kind != Kind::Command {
            let what = format!("not a command: {:?}", message.kind);
            return Err(io::Error::new(ErrorKind::InvalidData, what));
        }
        let (cmd, sent, user) = (&message.body, message.sent(), &message.user);  // kind, cmd, sent, user = message
        let shown = format!("user {user:?} {sent}: {:.200}", cli::printable(cmd));
        conn.log(format_args!("{} {shown}", conn.addr()));       // print(addr, user, sent, cmd, flush=True)
        let for_output = Arc::clone(&stream); // another thread may call the closure below
        let status = command::run(cmd, conn.job(), move |pipe, block| {  // res = subprocess.Popen(
            relay(pipe, &for_output, block)                      // cmd.decode("utf-8"), shell=True, …
                                                                 // thread = threading.Thread(target=relay, …
                                                                 // thread.start()
        })?;                                                     // relay(res.stdout, conn, STDOUT, lock)
                                                                 // thread.join()
                                                                 // status = min(res.wait(), 255)
        header::send_message(&*stream, Kind::Exit, &status.to_be_bytes())?;  // send_message(conn, EXIT, …
    }                                                            // conn.close()
}

#[rustfmt::skip]
fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "remote shell with a header in front of each message", ADDR, &["--allow-anyone"]);
    let ip_port = server::listen_addr(NAME, &args)?;               // host, _, port = (…).rpartition(":")
    let server = Server::start(NAME, ip_port, args.allow_anyone, refuse)?;
    let s_server = TcpListener::bind(ip_port)                      // s_server = socket.socket(…, socket.SOCK_STREAM)
                                                                   // s_server.setsockopt(…, socket.SO_REUSEADDR, 1)
        .context(format_args!("cannot bind {ip_port}"))?;          // s_server.bind((host, int(port)))
                                                                   // s_server.listen(5)
                                                                   // s_server.setsockopt(socket.IPPROTO_TCP, …
    server::warn_of_others(NAME, args.allow_anyone);
    cli::log(format_args!("listening on {}", s_server.local_addr()?));  // print("listening on %s:%d" % …, flush=True)
    loop {                                                         // while True:
        let (conn, addr) = server.accept(&s_server);               // conn, addr = s_server.accept()
        server.spawn(conn, addr, handle_connection);               // threading.Thread(target=handle_connection, …
    }
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}
