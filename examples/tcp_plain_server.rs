//! A remote shell before any fix: runs a command, sends its output, marks no end of it.
//!
//! `tests/python/tcp_plain_server.py` line by line, with `std` alone: copy it and go on from here. To run it:
//! `cargo run --example tcp_plain_server`, in a second terminal `cargo run --example tcp_sticky_client`; type: seq 60
//!
//! Whoever can connect runs commands, and a web page in a browser here can connect: do not leave it running. Left out:
//! who may connect and how many, a limit on the output that it holds, an answer when a command cannot be started.
//! `src/bin/tcp_plain_server.rs` has all that.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::time::Duration;
use std::{env, str, thread};

const MAX_COMMAND: usize = 1024;                            // MAX_COMMAND = 1024
const TOO_LONG: &[u8] = b"refused: longer than 1024 bytes, so nothing of it was run\n";  // TOO_LONG = b"…"

fn output(cmd: &[u8]) -> io::Result<Vec<u8>> {              // def output(cmd):
    let cmd = str::from_utf8(cmd).map_err(io::Error::other)?;  // cmd.decode("utf-8")
    let mut res = Command::new(if cfg!(windows) { "cmd" } else { "/bin/sh" });  // subprocess.Popen(…, shell=True, …)
    #[cfg(windows)] // as it is: cmd has its own rules for quotes
    std::os::windows::process::CommandExt::raw_arg(&mut res, format!("/S /C \"{cmd}\""));
    #[cfg(not(windows))]
    res.arg("-c").arg(cmd);
    let Output { mut stdout, stderr, .. } = res.output()?;  // stdout, stderr = res.communicate()
    stdout.extend(stderr);                                  // stdout + stderr
    Ok(stdout)                                              // return
}

fn handle_connection(mut conn: TcpStream) -> io::Result<()> {  // def handle_connection(conn):
    conn.set_nodelay(true)?;                                // conn.setsockopt(…TCP_NODELAY, 1)
    let mut buffer = [0; MAX_COMMAND + 1]; // one byte more than a command shows that it is too long
    loop {                                                  // while True:
        let size = conn.read(&mut buffer)?;                 // cmd = conn.recv(MAX_COMMAND + 1)
        if size == 0 {                                      // if not cmd:
            return Ok(());                                  // return
        }
        if size > MAX_COMMAND {                             // if len(cmd) > MAX_COMMAND:
            conn.write_all(TOO_LONG)?;                      // conn.sendall(TOO_LONG)
            conn.shutdown(Shutdown::Write)?;                // conn.shutdown(socket.SHUT_WR)
            // to close with bytes unread would be a reset, which overtakes the reason
            return io::copy(&mut conn, &mut io::sink()).map(drop);  // while conn.recv(MAX_COMMAND):
        }
        conn.write_all(&output(&buffer[..size])?)?;         // conn.sendall(output(cmd))
    }
}

fn main() -> io::Result<()> {
    let ip_port = env::args().nth(1).unwrap_or("127.0.0.1:8080".to_string());  // sys.argv[1]

    let s = TcpListener::bind(ip_port)?;                    // s = socket.socket(…), .bind(…), .listen(5)
    // println! would panic, and end the server, once nobody reads its output
    let _ = writeln!(io::stdout(), "listening on {}", s.local_addr()?);  // print("listening on …)
    loop {                                                  // while True:
        let (conn, addr) = match s.accept() {               // conn, addr = s.accept()
            Ok(accepted) => accepted,
            Err(error) => {                                 // except OSError as error:
                let _ = writeln!(io::stderr(), "tcp_plain_server: {error}");  // print("tcp_plain_server.py:", error, …)
                thread::sleep(Duration::from_millis(100));  // time.sleep(0.1)
                continue;                                   // continue
            }
        };
        let _ = writeln!(io::stdout(), "client address: {addr}");  // print("client address:", addr, flush=True)
        thread::spawn(move || {                             // threading.Thread(target=handle_connection, …).start()
            if let Err(error) = handle_connection(conn) {
                let _ = writeln!(io::stderr(), "tcp_plain_server: dropped {addr}: {error}");
            }
        });
    }
}
