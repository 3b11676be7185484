//! Runs commands on `tcp_exec_server`: learns the size of each output, answers `True`, receives it in 100-byte steps.
//!
//! `tests/python/tcp_exec_client.py` line by line, with `std` alone: copy it and go on from here. To run it:
//! `cargo run --example tcp_exec_server`, in a second terminal `cargo run --example tcp_exec_client`; type: seq 60
//!
//! Left out: a time limit, refusing to send a command that is too long, and `-c COMMAND`.
//! `src/bin/tcp_exec_client.rs` has all that.

use std::env;
use std::io::{self, IsTerminal, Read, Write};
use std::net::TcpStream;

const BUFSIZE: usize = 100;                                // BUFSIZE = 100

fn main() -> io::Result<()> {
    let ip_port = env::args().nth(1).unwrap_or("127.0.0.1:8088".to_string());  // sys.argv[1]

    let mut s_client = TcpStream::connect(ip_port)?;       // s_client = socket.socket(…), s_client.connect(…)
    let prompt = if io::stdin().is_terminal() { ">> " } else { "" };  // prompt = ">> " if sys.stdin.isatty() else ""
    loop {                                                 // while True:
        write!(io::stdout(), "{prompt}")?;                 // line = input(prompt)
        io::stdout().flush()?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {        // except EOFError:
            return Ok(());                                 // break
        }
        let cmd = line.trim();                             // cmd = line.strip()
        if cmd.is_empty() {                                // if not cmd:
            continue;                                      // continue
        }
        s_client.write_all(cmd.as_bytes())?;               // s_client.sendall(cmd.encode("utf-8"))
        let mut res = [0; BUFSIZE];
        let size = s_client.read(&mut res)?;               // size = s_client.recv(BUFSIZE)
        if size == 0 {                                     // if not size:
            return Err(io::Error::other("the server closed the connection"));  // sys.exit(…)
        }
        let size = String::from_utf8_lossy(&res[..size]);  // size.decode("utf-8")
        let std_size: usize = size.parse().map_err(io::Error::other)?;  // std_size = int(…)
        s_client.write_all(b"True")?;                      // s_client.sendall("True".encode("utf-8"))
        let mut get_size = 0;                              // get_size = 0
        while get_size < std_size {                        // while get_size < std_size:
            let step = BUFSIZE.min(std_size - get_size);   // min(BUFSIZE, std_size - get_size)
            let size = s_client.read(&mut res[..step])?;   // res = s_client.recv(…)
            if size == 0 {                                 // if not res:
                return Err(io::Error::other(format!("closed after {get_size} of {std_size} bytes")));  // sys.exit(…)
            }
            io::stdout().write_all(&res[..size])?;         // sys.stdout.buffer.write(res)
            get_size += size;                              // get_size += len(res)
        }
    }
}
