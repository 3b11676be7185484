//! A remote shell with the size handshake: says how long an output is, waits for `True`, then sends it.
//!
//! `tests/python/tcp_exec_server.py` line by line, with `std` alone: copy it and go on from here. To run it:
//! `cargo run --example tcp_exec_server`, in a second terminal `cargo run --example tcp_exec_client`; type: ls -l
//!
//! Whoever can connect runs commands, and a web page in a browser here can connect: do not leave it running. Left out:
//! who may connect and how many, time limits, a limit on the output that it holds, killing the command of a client that
//! has left, an answer when a command cannot be started. `src/bin/tcp_exec_server.rs` has all that.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::time::Duration;
use std::{env, str, thread};

const MAX_COMMAND: usize = 1024;                            // MAX_COMMAND = 1024
const TOO_LONG: &str = "refused: longer than 1024 bytes, so nothing of it was run\n";  // TOO_LONG = b"…"

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
        // the end of a line that was typed behind an acknowledgement, in nc for one
        if buffer[..size].trim_ascii().is_empty() {         // if not cmd.strip():
            continue;                                       // continue
        }
        let std_bytes = if size <= MAX_COMMAND { output(&buffer[..size])? } else { TOO_LONG.into() };  // std_bytes =
        conn.write_all(std_bytes.len().to_string().as_bytes())?;  // conn.sendall(str(len(std_bytes)).encode("utf-8"))
        let mut status = [0; 4]; // four and no more: a command may be glued to them
        conn.read_exact(&mut status)?;                      // status = conn.recv(4, socket.MSG_WAITALL)
        if &status != b"True" {                             // if status != b"True":
            return Err(io::Error::other("not the acknowledgement `True`"));  // return
        }
        conn.write_all(&std_bytes)?;                        // conn.sendall(std_bytes)
        if size > MAX_COMMAND {                             // if len(cmd) > MAX_COMMAND:
            return Ok(());                                  // return
        }
    }
}

fn main() -> io::Result<()> {
    let ip_port = env::args().nth(1).unwrap_or("127.0.0.1:8088".to_string());  // sys.argv[1]

    let s_server = TcpListener::bind(ip_port)?;             // s_server = socket.socket(…), .bind(…), .listen(5)
    // println! would panic, and end the server, once nobody reads its output
    let _ = writeln!(io::stdout(), "listening on {}", s_server.local_addr()?);  // print("listening on …)
    loop {                                                  // while True:
        let (conn, addr) = match s_server.accept() {        // conn, addr = s_server.accept()
            Ok(accepted) => accepted,
            Err(error) => {                                 // except OSError as error:
                let _ = writeln!(io::stderr(), "tcp_exec_server: {error}");  // print("tcp_exec_server.py:", error, …)
                thread::sleep(Duration::from_millis(100));  // time.sleep(0.1)
                continue;                                   // continue
            }
        };
        let _ = writeln!(io::stdout(), "client address: {addr}");  // print("client address:", addr, flush=True)
        thread::spawn(move || {                             // threading.Thread(target=handle_connection, …).start()
            if let Err(error) = handle_connection(conn) {
                let _ = writeln!(io::stderr(), "tcp_exec_server: dropped {addr}: {error}");
            }
        });
    }
}
