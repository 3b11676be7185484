//! Runs commands on `tcp_exec_server`: learns the size of each output, answers `True`, receives it in 100-byte steps.
//!
//! | Python | Rust |
//! |---|---|
//! | `socket.socket(AF_INET, SOCK_STREAM)`, `s_client.connect(ip_addr)` | [`TcpStream::connect`] |
//! | `input('>> ').strip()` | [`Console::input`] |
//! | `s_client.send(cmd.encode('utf-8'))` | [`Write::write_all`] |
//! | `std_size = int(s_client.recv(bufsize).decode('utf-8'))` | [`Read::read`], [`handshake::parse_size`] |
//! | `s_client.send('True'.encode('utf-8'))` | [`Write::write_all`] |
//! | `while get_size < std_size: res += s_client.recv(bufsize)` | [`Read::read`], counting what arrived |
//! | `print(res.decode('utf-8'))` | [`Console::print`], of each step |
//!
//! ```sh
//! cargo run --bin tcp_exec_server                # in one terminal
//! cargo run --bin tcp_exec_client                # in another; type: seq 60, then: pwd
//! cargo run --bin tcp_exec_client -- -c 'ls -l'  # one command, then exit
//! ```
//!
//! Each output appears under its own command, stdout before stderr, byte for byte and however long: it is never held in
//! memory. The tutorial counts the 100 bytes that it asked for; a receive may return fewer, so this counts those.
//! Other servers of this family wait for other words than `True`: `--ack TEXT` sends those.

use socket_basics::cli::{self, Args, Console, Context, SHELL_OF_ITS_OWN};
use socket_basics::command::MAX_COMMAND;
use socket_basics::connection::{self, STALL_TIMEOUT};
use socket_basics::handshake;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const ADDR: &str = "127.0.0.1:8088";
/// Bytes received at once, as in the tutorial: small, so that most outputs take several steps.
const BUFSIZE: usize = 100;

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}

fn run() -> io::Result<ExitCode> {
    let args = Args::parse(NAME, "run commands on tcp_exec_server", ADDR, &["-c", "--ack"]);
    let addr = args.addr;
    let mut stream = TcpStream::connect(&addr).context(format_args!("cannot connect to {addr}"))?;
    // No set_nodelay here: after an empty output, only Nagle's algorithm keeps the next command from sticking to
    // `True`, and the tutorial's server would take both for the acknowledgement.
    let mut console = Console::new(NAME, args.command, 1);
    console.welcome(SHELL_OF_ITS_OWN);
    while let Some(command) = console.input(">> ")? {
        if command.len() > MAX_COMMAND {
            console.complain(format_args!("not sent: longer than {MAX_COMMAND} bytes"));
            continue;
        }
        let result = execute(&mut stream, &command, &args.ack, &mut console);
        result.context(format_args!("cannot run \"{:.60}\" on {addr}", cli::printable(command.as_bytes())))?;
    }
    Ok(console.status())
}

fn execute(stream: &mut TcpStream, command: &str, ack: &str, console: &mut Console) -> io::Result<()> {
    let mut buffer = [0; BUFSIZE];
    stream.set_read_timeout(None)?; // a command may take its time
    stream.write_all(command.as_bytes())?;
    let length = stream.read(&mut buffer)?;
    let size = handshake::parse_size(&buffer[..length])?;

    stream.set_read_timeout(Some(STALL_TIMEOUT))?; // the output is there by now
    stream.write_all(ack.as_bytes())?;
    let mut received = 0;
    while received < size {
        let step = receive(&mut stream.take(size - received), &mut buffer);
        let hint = if received == 0 { " (does it expect another --ack?)" } else { "" };
        let step = step.context(format_args!("only {received} of {size} bytes{hint}"))?;
        console.print(&buffer[..step]);
        received += step as u64;
    }
    Ok(())
}

/// One receive of an output that has not ended yet.
fn receive(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let received = connection::uninterrupted(|| reader.read(buffer)).map_err(connection::or_stalled(STALL_TIMEOUT))?;
    if received == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection"));
    }
    Ok(received)
}
