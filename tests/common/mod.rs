//! What the tests share: real programs as child processes, every wait with a limit, nothing left behind.

#![allow(dead_code)] // each test file uses its own part
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// Long enough for a loaded machine: a test that fails waits this long, one that passes does not.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The path of one of the crate's programs.
pub fn program(name: &str) -> PathBuf {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Path::new(env!("CARGO_BIN_EXE_udp_server")).with_file_name(file)
}

/// A client to run to its end: `client("udp_client", addr).write_stdin("hello\n").assert()`.
pub fn client(name: &str, addr: SocketAddr) -> assert_cmd::Command {
    let mut client = assert_cmd::Command::new(program(name));
    client.arg(addr.to_string()).timeout(PATIENCE);
    client
}

/// A child process whose output is read line by line; killed and waited for when dropped.
pub struct Program {
    pub child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Program {
    pub fn start(command: &mut Command) -> Program {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        Program { child, stdout, stderr }
    }

    /// Gives the program a line of input.
    pub fn type_line(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next line of stdout.
    pub fn line(&self) -> String {
        self.stdout.recv_timeout(PATIENCE).expect("no further line on stdout")
    }

    /// The next line of stdout that contains `text`.
    pub fn line_with(&self, text: &str) -> String {
        find(&self.stdout, text)
    }

    /// The next line of stderr that contains `text`.
    pub fn error_with(&self, text: &str) -> String {
        find(&self.stderr, text)
    }

    /// Closes stdin and waits for the end; returns the exit status.
    pub fn finish(&mut self) -> Option<i32> {
        drop(self.child.stdin.take());
        let mut status = None;
        wait_until("the program ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap().code()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One of the crate's servers on a port of the system's choice.
pub struct Server {
    pub program: Program,
    pub addr: SocketAddr,
}

impl Server {
    pub fn start(name: &str) -> Server {
        Server::start_with(name, &["127.0.0.1:0"])
    }

    pub fn start_with(name: &str, args: &[&str]) -> Server {
        Server::listening(Program::start(Command::new(program(name)).args(args)))
    }

    /// Takes over a program whose first line is `listening on ADDR`.
    pub fn listening(program: Program) -> Server {
        let first = program.line();
        let addr = first.strip_prefix("listening on ").unwrap_or_else(|| panic!("first line: {first:?}"));
        Server { addr: addr.parse().unwrap(), program }
    }

    /// A connection whose reads and writes fail rather than hang.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect_timeout(&self.addr, PATIENCE).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }
}

/// Polls until `condition` holds.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Reads once, at most 64 KiB: Python's `recv`.
pub fn receive(stream: &mut TcpStream) -> Vec<u8> {
    let mut buffer = vec![0; 65_536];
    let received = stream.read(&mut buffer).unwrap();
    buffer.truncate(received);
    buffer
}

/// Reads until the other side closes; a reset counts as the end.
pub fn receive_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    match stream.read_to_end(&mut all) {
        Err(error) if error.kind() != std::io::ErrorKind::ConnectionReset => panic!("{error}"),
        _ => all,
    }
}

fn find(lines: &Receiver<String>, text: &str) -> String {
    let mut seen = Vec::new();
    while let Ok(line) = lines.recv_timeout(PATIENCE) {
        if line.contains(text) {
            return line;
        }
        seen.push(line);
    }
    panic!("no line with {text:?}, only {seen:#?}");
}

/// Reads in a thread of its own, so that no child is ever blocked by a full pipe.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
        }
    });
    receiver
}
