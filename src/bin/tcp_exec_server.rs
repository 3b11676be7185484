//! A remote shell with the size handshake: sends the size of an output, waits for `True`, sends the output.
//!
//! ```sh
//! cargo run --bin tcp_exec_server     # prints: listening on 127.0.0.1:8088
//! cargo run --bin tcp_exec_client     # in a second terminal; type: ls -l
//! ```
//!
//! The server holds an output until it is complete; `tcp_header_server` sends it as it comes. Public programs of this
//! family acknowledge with other words than `True`: `--ack TEXT` takes those.
//!
//! Whoever can connect runs commands as you. So this server listens on loopback, serves at most 256 clients, and drops
//! one that speaks HTTP, as a browser does; on Linux it admits only your own user and root (`server::Server`). When a
//! client leaves, its command is killed (`command::output`). Ctrl-C ends the server and its commands. On the right
//! stands `tests/python/tcp_exec_server.py`; PORTING.md has a server in one file, in 25 lines.

use socket_basics::cli::{self, Args, Context};
use socket_basics::command::{self, Output, TOO_LONG};
use socket_basics::handshake::{self, ACK};
use socket_basics::server::{self, Connection, STALL_TIMEOUT, Server};
use std::io;
use std::net::TcpListener;
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8088";
/// Bytes of a command at most, as in the tutorial.
const BUFSIZE: usize = 1024;

#[rustfmt::skip]
fn handle_connection(conn: &mut Connection, ack: &str) -> io::Result<()> {  // def handle_connection(conn, addr):
    conn.log(format_args!("client address: {}", conn.addr()));      // print("client address:", addr, flush=True)
    let mut cmd = [0; BUFSIZE + 1]; // one byte more than a command shows that it is too long
    loop {                                                          // while True:
        let size = conn.recv(&mut cmd)?;                            // cmd = conn.recv(BUFSIZE + 1)
        if size == 0 {                                              // if not cmd:
            return Ok(());                                          // break
        }
        let std_bytes = if size > BUFSIZE {                         // if len(cmd) > BUFSIZE:
            conn.skip_rest(); // or it would be taken for the acknowledgement
            Output { stdout: TOO_LONG.into(), stderr: Vec::new() }  // std_bytes = TOO_LONG
        } else {                                                    // else:
            command::output(&cmd[..size], conn.job())?              // res = subprocess.run(cmd.decode("utf-8"), …
        };                                                          // std_bytes = res.stdout + res.stderr
        let std_size = std_bytes.size().to_string();
        conn.sendall(&[std_size.as_bytes()])?;                      // conn.sendall(str(len(std_bytes)).encode("utf-8"))
        conn.within(STALL_TIMEOUT, |conn| handshake::recv_ack(conn, ack))?;
                                                                    // status = conn.recv(4, socket.MSG_WAITALL)
                                                                    // if status != b"True": … break
        conn.sendall(&[&std_bytes.stdout, &std_bytes.stderr])?;     // conn.sendall(std_bytes)
        if size > BUFSIZE {                                         // if len(cmd) > BUFSIZE:
            return Err(io::Error::other(TOO_LONG.trim_end()));      // break
        }
    }                                                               // conn.close()
}

#[rustfmt::skip]
fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "remote shell with the size handshake", ADDR, &["--allow-anyone", "--ack"]);
    let ip_port = server::listen_addr(NAME, &args)?;       // host, _, port = (…).rpartition(":")
    let server = Server::start(NAME, ip_port, args.allow_anyone, |_, _| {})?;
    let s_server = TcpListener::bind(ip_port)              // s_server = socket.socket(…, socket.SOCK_STREAM)
                                                           // s_server.setsockopt(…, socket.SO_REUSEADDR, 1)
        .context(format_args!("cannot bind {ip_port}"))?;  // s_server.bind((host, int(port)))
                                                           // s_server.listen(5)
    server::warn_of_others(NAME, args.allow_anyone);
    cli::log(format_args!("listening on {}", s_server.local_addr()?));  // print("listening on %s:%d" % …, flush=True)
    let ack = args.ack.unwrap_or_else(|| ACK.to_owned());
    loop {                                                 // while True:
        let (conn, addr) = server.accept(&s_server);       // conn, addr = s_server.accept()
        let ack = ack.clone();
        server.spawn(conn, addr, move |conn| handle_connection(conn, &ack));
                                                           // threading.Thread(target=handle_connection, …
    }
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}
