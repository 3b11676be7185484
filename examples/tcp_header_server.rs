//! A remote shell with a fixed-length header before all data: output as it comes, stderr apart, the exit status.
//!
//! `tests/python/tcp_header_server.py` line by line, with `std` alone: copy it and go on from here. To run it:
//! `cargo run --example tcp_header_server`, in a second terminal `cargo run --example tcp_header_client`; type:
//! for i in 1 2 3; do echo $i; sleep 1; done
//!
//! Whoever can connect runs commands: do not leave it running. Left out: who may connect and how many, time limits, and
//! killing the command of a client that has left: it runs on until it next prints.
//! `src/bin/tcp_header_server.rs` has all that.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, thread};

// magic, kind, length of the body, time in microseconds, user
const HEADER_SIZE: usize = 64;                               // HEADER = struct.Struct("!4sB3xQQ40s")
const COMMAND: u8 = 1;                                       // COMMAND, STDOUT, STDERR, EXIT, REFUSED = 1, 2, 3, 4, 5
const STDOUT: u8 = 2;
const STDERR: u8 = 3;
const EXIT: u8 = 4;
const REFUSED: u8 = 5;
const MAX_BODY: usize = 65_536;                              // MAX_BODY = 65_536

fn user_name() -> String {
    let variables = ["LOGNAME", "USER", "USERNAME"];
    let mut user = variables.iter().find_map(|name| env::var(name).ok()).unwrap_or_default();  // getpass.getuser()
    while user.len() > 40 {                                  // [:40].decode("utf-8", "ignore")
        user.pop();
    }
    user
}

fn pack(kind: u8, length: usize) -> Vec<u8> {                // def pack(kind, length):
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();  // now = time.time_ns() // 1000
    let mut header = Vec::with_capacity(HEADER_SIZE);
    header.extend(b"HDR1");                                  // HEADER.pack(b"HDR1",
    header.extend([kind, 0, 0, 0]);                          // kind,
    header.extend((length as u64).to_be_bytes());            // length,
    header.extend((now.as_micros() as u64).to_be_bytes());   // now,
    header.extend(user_name().as_bytes());                   // USER)
    header.resize(HEADER_SIZE, 0);
    header                                                   // return
}

fn send_message(mut conn: &TcpStream, kind: u8, body: &[u8]) -> io::Result<()> {  // def send_message(conn, kind, body):
    conn.write_all(&[&pack(kind, body.len()), body].concat())  // conn.sendall(pack(kind, len(body)) + body)
}

fn recv_command(mut conn: &TcpStream) -> io::Result<Option<(String, String, u64)>> {  // def recv_command(conn):
    let mut header = [0; HEADER_SIZE];
    let size = conn.read(&mut header)?;                      // header = conn.recv(HEADER.size, socket.MSG_WAITALL)
    if size == 0 {                                           // if not header:
        return Ok(None);                                     // return None
    }
    conn.read_exact(&mut header[size..])?;                   // if len(header) < HEADER.size:
    let length = u64::from_be_bytes(header[8..16].try_into().map_err(io::Error::other)?);  // HEADER.unpack(header)
    let sent = u64::from_be_bytes(header[16..24].try_into().map_err(io::Error::other)?);
    let user = String::from_utf8_lossy(&header[24..]);
    let is_command = header[..4] == *b"HDR1" && header[4..8] == [COMMAND, 0, 0, 0];
    if !is_command || length < 1 || length > MAX_BODY as u64 {  // if magic != b"HDR1" or …:
        return Err(io::Error::other(format!("not the header of a command: {}", header.escape_ascii())));
    }
    let mut body = vec![0; length as usize];
    conn.read_exact(&mut body)?;                             // body = conn.recv(length, socket.MSG_WAITALL)
    let cmd = String::from_utf8(body).map_err(io::Error::other)?;  // body.decode("utf-8")
    let user = user.trim_end_matches('\0').to_string();      // user.rstrip(b"\0").decode("utf-8", "replace")
    Ok(Some((cmd, user, sent)))
}

fn relay(kind: u8, mut pipe: impl Read, mut conn: &TcpStream, lock: &Mutex<()>) -> io::Result<()> {  // def relay(…)
    let mut message = vec![0; HEADER_SIZE + MAX_BODY]; // with the header's place before the block, nothing is copied
    loop {
        let size = pipe.read(&mut message[HEADER_SIZE..])?;  // block := pipe.read1(MAX_BODY)
        if size == 0 {
            return Ok(());
        }
        message[..HEADER_SIZE].copy_from_slice(&pack(kind, size));
        let _locked = lock.lock();                           // with lock:
        conn.write_all(&message[..HEADER_SIZE + size])?;     // send_message(conn, kind, block)
    }
}

fn run(cmd: &str, conn: &TcpStream) -> io::Result<()> {      // def run(cmd, conn):
    let mut shell = Command::new(if cfg!(windows) { "cmd" } else { "/bin/sh" });  // subprocess.Popen(cmd, shell=True…)
    #[cfg(windows)] // as it is: cmd has its own rules for quotes
    std::os::windows::process::CommandExt::raw_arg(&mut shell, format!("/S /C \"{cmd}\""));
    #[cfg(not(windows))]
    shell.arg("-c").arg(cmd);
    let mut res = shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let (Some(stdout), Some(stderr)) = (res.stdout.take(), res.stderr.take()) {
        let lock = Mutex::new(());                           // lock = threading.Lock()
        thread::scope(|scope| {
            scope.spawn(|| relay(STDERR, stderr, conn, &lock));  // threading.Thread(target=relay, …)
            let _ = relay(STDOUT, stdout, conn, &lock);      // relay(STDOUT, res.stdout, conn, lock)
        });                                                  // thread.join()
    }
    let status = return_code(res.wait()?);                   // res.wait()
    send_message(conn, EXIT, &status.to_be_bytes())          // send_message(conn, EXIT, …)
}

fn return_code(status: ExitStatus) -> i32 {
    #[cfg(unix)] // as Python has it: -N if signal N ended the command
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return -signal;
    }
    status.code().unwrap_or(-1)
}

fn handle_connection(conn: &TcpStream, addr: SocketAddr) -> io::Result<()> {  // def handle_connection(conn, addr):
    conn.set_nodelay(true)?;                                 // conn.setsockopt(…TCP_NODELAY, 1)
    while let Some((cmd, user, sent)) = recv_command(conn)? {  // while command := recv_command(conn):
        let (time, cmd_shown) = (format!("{}.{:06}", sent / 1_000_000, sent % 1_000_000), cmd.escape_debug());
        let _ = writeln!(io::stdout(), "{addr} user {user:?} time {time}: {cmd_shown}");  // print(addr, …)
        run(&cmd, conn)?;                                    // run(cmd, conn)
    }
    Ok(())
}

fn refuse(mut conn: &TcpStream, error: io::Error) -> io::Result<()> {  // except ValueError as error:
    send_message(conn, REFUSED, error.to_string().as_bytes())?;  // send_message(conn, REFUSED, …)
    conn.shutdown(Shutdown::Write)?;                         // conn.shutdown(socket.SHUT_WR)
    // to close with bytes unread would be a reset, which overtakes the reason
    io::copy(&mut conn, &mut io::sink()).map(drop)           // while conn.recv(MAX_BODY):
}

fn main() -> io::Result<()> {
    let ip_port = env::args().nth(1).unwrap_or("127.0.0.1:8089".to_string());  // sys.argv[1]

    let s_server = TcpListener::bind(ip_port)?;              // s_server = socket.socket(…), .bind(…), .listen(5)
    // println! would panic, and end the server, once nobody reads its output
    let _ = writeln!(io::stdout(), "listening on {}", s_server.local_addr()?);  // print("listening on …)
    loop {                                                   // while True:
        let (conn, addr) = match s_server.accept() {         // conn, addr = s_server.accept()
            Ok(accepted) => accepted,
            Err(error) => {                                  // except OSError as error:
                let _ = writeln!(io::stderr(), "tcp_header_server: {error}");  // print("tcp_header_server.py:", error…)
                thread::sleep(Duration::from_millis(100));   // time.sleep(0.1)
                continue;                                    // continue
            }
        };
        let _ = writeln!(io::stdout(), "client address: {addr}");  // print("client address:", addr, flush=True)
        thread::spawn(move || {                              // threading.Thread(target=handle_connection, …).start()
            if let Err(error) = handle_connection(&conn, addr) {
                let _ = writeln!(io::stderr(), "tcp_header_server: dropped {addr}: {error}");
                let _ = refuse(&conn, error);
            }
        });
    }
}
