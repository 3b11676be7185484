//! A remote shell before any fix: runs a command, sends its output, marks no end.
//!
//! ```sh
//! cargo run --bin tcp_plain_server     # prints: listening on 127.0.0.1:8080
//! cargo run --bin tcp_sticky_client    # in a second terminal; type: seq 60
//! ```
//!
//! BUG ON PURPOSE: a client cannot tell where an output ends, as the sticky client shows. `tcp_exec_server` sends the
//! size first, `tcp_header_server` a header.
//!
//! Whoever can connect runs commands as you. So this server listens on loopback, serves at most 256 clients, and drops
//! one that speaks HTTP, as a browser does; on Linux it admits only your own user and root (`server::Server`). When a
//! client leaves, its command is killed (`command::output`). Ctrl-C ends the server and its commands. On the right
//! stands `tests/python/tcp_plain_server.py`; PORTING.md has a server in one file, in 25 lines.

use socket_basics::cli::{self, Args, Context};
use socket_basics::command::{self, TOO_LONG};
use socket_basics::server::{self, Connection, Server};
use std::io;
use std::net::TcpListener;
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8080";
/// Bytes of a command at most, as in the tutorial.
const BUFSIZE: usize = 1024;

#[rustfmt::skip]
fn handle_connection(conn: &mut Connection) -> io::Result<()> {  // def handle_connection(conn, addr):
    conn.log(format_args!("client address: {}", conn.addr()));   // print("client address:", addr, flush=True)
    let mut cmd = [0; BUFSIZE + 1]; // one byte more than a command shows that it is too long
    loop {                                                       // while True:
        let size = conn.recv(&mut cmd)?;                         // cmd = conn.recv(BUFSIZE + 1)
        if size == 0 {                                           // if not cmd:
            return Ok(());                                       // break
        }
        if size > BUFSIZE {                                      // if len(cmd) > BUFSIZE:
            conn.sendall(&[TOO_LONG.as_bytes()])?;               // conn.sendall(TOO_LONG)
            return Err(io::Error::other(TOO_LONG.trim_end()));   // break
        }
        let res = command::output(&cmd[..size], conn.job())?;    // res = subprocess.run(cmd.decode("utf-8"), …
        conn.sendall(&[&res.stdout, &res.stderr])?;              // conn.sendall(res.stdout + res.stderr)
    }                                                            // conn.close()
}

#[rustfmt::skip]
fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "remote shell without any framing", ADDR, &["--allow-anyone"]);
    let ip_port = server::listen_addr(NAME, &args)?;             // host, _, port = (…).rpartition(":")
    let server = Server::start(NAME, ip_port, args.allow_anyone, |_, _| {})?;
    let s = TcpListener::bind(ip_port)                           // s = socket.socket(…, socket.SOCK_STREAM)
                                                                 // s.setsockopt(…, socket.SO_REUSEADDR, 1)
        .context(format_args!("cannot bind {ip_port}"))?;        // s.bind((host, int(port)))
                                                                 // s.listen(5)
    server::warn_of_others(NAME, args.allow_anyone);
    cli::log(format_args!("listening on {}", s.local_addr()?));  // print("listening on %s:%d" % …, flush=True)
    loop {                                                       // while True:
        let (conn, addr) = server.accept(&s);                    // conn, addr = s.accept()
        server.spawn(conn, addr, handle_connection);             // threading.Thread(target=handle_connection, …
    }
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}
