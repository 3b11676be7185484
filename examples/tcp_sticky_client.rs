//! The sticky packet on show: receives once per command, at most 100 bytes.
//!
//! `tests/python/tcp_sticky_client.py` line by line, with `std` alone: copy it and go on from here. To run it:
//! `cargo run --example tcp_plain_server`, in a second terminal `cargo run --example tcp_sticky_client`; type:
//! seq 60, then: pwd, then: pwd
//!
//! BUG ON PURPOSE: the rest of an output appears under the next command. `tcp_exec_client` cures it. Left out: a prompt
//! that begins a line after any output, and `-c COMMAND`. `src/bin/tcp_sticky_client.rs` has both.

use std::env;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const BUFSIZE: usize = 100;                               // BUFSIZE = 100
const OUTPUT_TIMEOUT: Duration = Duration::from_secs(2);  // OUTPUT_TIMEOUT = 2

fn main() -> io::Result<()> {
    let ip_port = env::args().nth(1).unwrap_or("127.0.0.1:8080".to_string());  // sys.argv[1]

    let mut ssh_client = TcpStream::connect(ip_port)?;    // ssh_client = socket.socket(…), ssh_client.connect(…)
    ssh_client.set_read_timeout(Some(OUTPUT_TIMEOUT))?;   // ssh_client.settimeout(OUTPUT_TIMEOUT)
    let prompt = if io::stdin().is_terminal() { ">> " } else { "" };  // prompt = ">> " if sys.stdin.isatty() else ""
    loop {                                                // while True:
        write!(io::stdout(), "{prompt}")?;                // line = input(prompt)
        io::stdout().flush()?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {       // except EOFError:
            return Ok(());                                // break
        }
        let cmd = line.trim();                            // cmd = line.strip()
        if cmd.is_empty() {                               // if not cmd:
            continue;                                     // continue
        }
        ssh_client.write_all(cmd.as_bytes())?;            // ssh_client.sendall(cmd.encode("utf-8"))
        let mut cmd_res = [0; BUFSIZE];
        match ssh_client.read(&mut cmd_res) {             // cmd_res = ssh_client.recv(BUFSIZE)
            // Unix calls it the one, Windows the other
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {  // except socket.timeout:
                eprintln!("tcp_sticky_client: no output within {OUTPUT_TIMEOUT:?}");  // print(…)
            }
            Ok(0) => return Err(io::Error::other("the server closed the connection")),  // if not cmd_res:
            Ok(size) => io::stdout().write_all(&cmd_res[..size])?,  // sys.stdout.buffer.write(cmd_res)
            Err(e) => return Err(e),
        }
    }
}
