//! A client for `chat_server`: prints each line that comes, and sends each line that is typed.
//!
//! ```sh
//! cargo run --example chat_server     # in a first terminal
//! cargo run --example chat_client     # in a second terminal; prints: * your name?
//! ```
//!
//! Type a name, then what you want to say; what others say appears as `ann: hello`. `/quit` or Ctrl-D leaves. On the
//! right stands `tests/python/chat_client.py`.
//!
//! Lines of others can appear in the middle of what you type. If a server does not end its messages with a newline,
//! this client shows nothing. Then write in the server's Python `client.send((text + "\n").encode())` for
//! `client.send(text.encode())`. Another address is the first argument. To copy this, put `src/formats.rs` beside it
//! and write `mod formats;` and `use formats::…`.

use socket_basics::formats::{printable, receive_line, send_line};
use std::env;
use std::io::{self, BufReader, Write};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;
use std::thread;

fn send_typed(mut stream: &TcpStream) -> io::Result<()> {            // def send_typed(s):
    for line in io::stdin().lines() {                                 // for line in sys.stdin:
        send_line(&mut stream, &line?)?;                              // s.sendall((line.rstrip("\n") + "\n").…)
    }
    Ok(())
}

fn run() -> Result<(), String> {
    let ip_port = env::args_os().nth(1).map(|arg| arg.to_string_lossy().into_owned());
    let ip_port = ip_port.unwrap_or("127.0.0.1:8090".to_owned());     // ip_port = sys.argv[1] if …
    let stream = TcpStream::connect(&ip_port)                         // s = socket.create_connection((host, int(port)))
        .map_err(|error| format!("cannot connect to {ip_port}: {error}"))?;
    let failed = |error: io::Error| format!("cannot receive from {ip_port}: {error}");
    let writer = stream.try_clone().map_err(failed)?;
    let typing = thread::Builder::new().spawn(move || {               // threading.Thread(target=send_typed, …)
        if let Err(error) = send_typed(&writer) {
            let _ = writeln!(io::stderr(), "chat_client: cannot send what is typed: {error}");
        }
        let _ = writer.shutdown(Shutdown::Write); // the server sends what it still has, and closes
    });
    typing.map_err(failed)?;
    let mut reader = BufReader::new(stream);
    while let Some(line) = receive_line(&mut reader).map_err(failed)? {  // for line in s.makefile("r", …):
        if writeln!(io::stdout(), "{}", printable(&line)).is_err() {  // print(printable(line.rstrip("\n")), …)
            return Ok(()); // nobody reads what it prints
        }
    }
    let _ = writeln!(io::stderr(), "chat_client: the server closed the connection");  // print("chat_client.py: …
    Ok(()) // and the program ends, although the other thread waits for a line
}

fn main() -> ExitCode {
    if let Err(error) = run() {
        let _ = writeln!(io::stderr(), "chat_client: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
