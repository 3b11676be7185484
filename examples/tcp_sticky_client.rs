//! The sticky packet on show: receives once per command, at most 100 bytes.
//!
//! `cargo run --example tcp_plain_server` in one terminal, `cargo run --example tcp_sticky_client` in another; type:
//! seq 60, then: pwd, then: pwd
//!
//! BUG ON PURPOSE: the rest of an output appears under the next command. `tcp_exec_client` cures it.
//!
//! `tests/python/tcp_sticky_client.py` line by line, `std` alone: copy it and go on from here. Left out: an output that
//! does not end its line leaves the prompt behind it. `src/bin/tcp_sticky_client.rs` has that, and `-c COMMAND`.

use std::env;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const BUFSIZE: usize = 100;                               // BUFSIZE = 100
const OUTPUT_TIMEOUT: Duration = Duration::from_secs(2);  // OUTPUT_TIMEOUT = 2

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) // Unix calls it the one, Windows the other
}

fn main() -> io::Result<()> {
    let ip_port = env::args().nth(1).unwrap_or("127.0.0.1:8080".to_string());  // sys.argv[1]

    let mut ssh_client = TcpStream::connect(ip_port)?;    // ssh_client = socket.socket(…), ssh_client.connect(…)
    ssh_client.set_read_timeout(Some(OUTPUT_TIMEOUT))?;   // ssh_client.settimeout(OUTPUT_TIMEOUT)
    let prompt = if io::stdin().is_terminal() { ">> " } else { "" };  // prompt = ">> " if sys.stdin.isatty() else ""
    loop {                                                // while True:
        write!(io::stdout(), "{prompt}")?;                // input(prompt)
        io::stdout().flush()?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {       // except EOFError:
            return Ok(());                                // break
        }
        let cmd = line.trim();                            // .strip()
        if cmd.is_empty() {                               // if not cmd:
            continue;                                     // continue
        }
        ssh_client.write_all(cmd.as_bytes())?;            // ssh_client.sendall(cmd.encode("utf-8"))
        let mut cmd_res = [0; BUFSIZE];
        match ssh_client.read(&mut cmd_res) {             // cmd_res = ssh_client.recv(BUFSIZE)
            Err(error) if is_timeout(&error) => {         // except socket.timeout:
                eprintln!("tcp_sticky_client: no output within {OUTPUT_TIMEOUT:?}");  // print(…)
            }
            Ok(0) => return Err(io::Error::other("the server closed the connection")),  // if not cmd_res:…sys.exit(
            Ok(size) => io::stdout().write_all(&cmd_res[..size])?,  // sys.stdout.buffer.write(cmd_res)
            Err(error) => return Err(error),
        }
    }
}
