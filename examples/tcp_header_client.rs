//! Runs commands on `tcp_header_server`: prints stdout and stderr as they come and shows a status that is not 0.
//!
//! `tests/python/tcp_header_client.py` line by line, with `std` alone: copy it and go on from here. To run it:
//! `cargo run --example tcp_header_server`, in a second terminal `cargo run --example tcp_header_client`; type:
//! ls /nowhere
//!
//! Left out: refusing to send a command that is too long, and `-c COMMAND`, which ends with the command's own status.
//! `src/bin/tcp_header_client.rs` has both.

use std::env;
use std::io::{self, IsTerminal, Read, Write};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

// magic, kind, length of the body, time in microseconds, user
const HEADER_SIZE: usize = 64;                                // HEADER = struct.Struct("!4sB3xQQ40s")
const COMMAND: u8 = 1;                                        // COMMAND, STDOUT, STDERR, EXIT, REFUSED = 1, 2, 3, 4, 5
const STDOUT: u8 = 2;
const STDERR: u8 = 3;
const EXIT: u8 = 4;
const REFUSED: u8 = 5;
const MAX_BODY: u64 = 65_536;                                 // MAX_BODY = 65_536

fn user_name() -> String {
    let variables = ["LOGNAME", "USER", "USERNAME"];
    let mut user = variables.iter().find_map(|name| env::var(name).ok()).unwrap_or_default();  // getpass.getuser()
    while user.len() > 40 {                                   // [:40].decode("utf-8", "ignore")
        user.pop();
    }
    user
}

fn send_message(mut conn: &TcpStream, kind: u8, body: &[u8]) -> io::Result<()> {  // def send_message(conn, kind, body):
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();  // now = time.time_ns() // 1000
    let mut message = Vec::with_capacity(HEADER_SIZE + body.len());
    message.extend(b"HDR1");                                  // HEADER.pack(b"HDR1",
    message.extend([kind, 0, 0, 0]);                          // kind,
    message.extend((body.len() as u64).to_be_bytes());        // len(body),
    message.extend((now.as_micros() as u64).to_be_bytes());   // now,
    message.extend(user_name().as_bytes());                   // USER)
    message.resize(HEADER_SIZE, 0);
    message.extend(body);                                     // + body)
    conn.write_all(&message)
}

fn recv_message(mut conn: &TcpStream) -> io::Result<(u8, Vec<u8>)> {  // def recv_message(conn):
    let mut header = [0; HEADER_SIZE];
    conn.read_exact(&mut header)?;                            // header = recv_exactly(conn, HEADER.size)
    let kind = header[4];                                     // magic, kind, length, _, _ = HEADER.unpack(header)
    let length = u64::from_be_bytes(header[8..16].try_into().map_err(io::Error::other)?);
    let is_answer = header[..4] == *b"HDR1" && (STDOUT..=REFUSED).contains(&kind) && header[5..8] == [0, 0, 0];
    if !is_answer || length > MAX_BODY {                      // if magic != b"HDR1" or …:
        return Err(io::Error::other(format!("not the header of an answer: {}", header.escape_ascii())));  // sys.exit(…)
    }
    let mut body = vec![0; length as usize];
    conn.read_exact(&mut body)?;                              // recv_exactly(conn, length)
    Ok((kind, body))                                          // return kind
}

fn main() -> io::Result<()> {
    let ip_port = env::args().nth(1).unwrap_or("127.0.0.1:8089".to_string());  // sys.argv[1]

    let s_client = TcpStream::connect(ip_port)?;              // s_client = socket.socket(…), s_client.connect(…)
    let prompt = if io::stdin().is_terminal() { ">> " } else { "" };  // prompt = ">> " if sys.stdin.isatty() else ""
    loop {                                                    // while True:
        write!(io::stdout(), "{prompt}")?;                    // line = input(prompt)
        io::stdout().flush()?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {           // except EOFError:
            return Ok(());                                    // break
        }
        let cmd = line.trim();                                // cmd = line.strip()
        if cmd.is_empty() {                                   // if not cmd:
            continue;                                         // continue
        }
        send_message(&s_client, COMMAND, cmd.as_bytes())?;    // send_message(s_client, COMMAND, cmd.encode("utf-8"))
        loop {                                                // while True:
            match recv_message(&s_client)? {                  // kind, body = recv_message(s_client)
                (STDOUT, body) => {                           // if kind == STDOUT:
                    io::stdout().write_all(&body)?;           // sys.stdout.buffer.write(body)
                    io::stdout().flush()?;                    // sys.stdout.flush()
                }
                (STDERR, body) => io::stderr().write_all(&body)?,  // elif kind == STDERR:
                (EXIT, body) => {                             // elif kind == EXIT:
                    let status = body[..].try_into().map_err(io::Error::other)?;
                    let status = i32::from_be_bytes(status);  // struct.unpack("!i", body)
                    if status != 0 {                          // if status != 0:
                        eprintln!("tcp_header_client: status {status}");  // print(…)
                    }
                    break;                                    // break
                }
                (_, reason) => {                              // else:
                    let reason = String::from_utf8_lossy(&reason);  // body.decode("utf-8", "replace")
                    return Err(io::Error::other(format!("refused: {reason}")));  // sys.exit(…)
                }
            }
        }
    }
}
