//! `porting` answers the lines of a script with rows of PORTING.md, says what it does not know, and guesses nothing.
#![allow(clippy::unwrap_used)]
mod common;
use common::*;
use std::path::Path;
use std::process::{Command, Stdio};

/// What `porting -` prints for a script.
fn porting(script: &str) -> String {
    let run = assert_cmd::Command::new(program("porting")).arg("-").write_stdin(script).timeout(PATIENCE).unwrap();
    String::from_utf8(run.stdout).unwrap()
}

/// The groups of an output: the numbers of their lines, and what their rows say in one line.
fn groups(text: &str) -> Vec<(Vec<usize>, String)> {
    let mut groups: Vec<(Vec<usize>, String)> = Vec::new();
    for line in text.split("\nNot in PORTING.md").next().unwrap().lines() {
        let (title, rest) = line.split_at_checked(11).unwrap_or((line, ""));
        let title = title.trim();
        match (title.parse(), rest.strip_prefix("and lines ")) {
            (Ok(number), _) if groups.last().is_none_or(|(_, rows)| !rows.is_empty()) => {
                groups.push((vec![number], String::new()))
            }
            (Ok(number), _) => groups.last_mut().unwrap().0.push(number),
            (_, Some(numbers)) => {
                groups.last_mut().unwrap().0.extend(numbers.split(", ").map(|number| number.parse::<usize>().unwrap()))
            }
            _ => {
                let (_, rows) = groups.last_mut().unwrap();
                let is_code = rows.is_empty() && title.is_empty();
                *rows += &if is_code { String::new() } else { format!("{title} {} ", rest.trim_end()) };
            }
        }
    }
    groups
}

/// What is said about the lines with these numbers, and about no others.
fn about(text: &str, lines: &[usize]) -> String {
    groups(text).into_iter().filter(|(numbers, _)| numbers == lines).map(|(_, rows)| rows).collect()
}

fn unknown(text: &str) -> &str {
    text.split_once("\nNot in PORTING.md").map_or("", |(_, names)| names)
}

#[track_caller]
fn assert_answer(script: &str, python: &str, rust: &str) {
    let text = porting(script);
    let last = script.trim_end().lines().count();
    let rows: String = groups(&text).into_iter().filter(|(lines, _)| lines.contains(&last)).map(|(_, rows)| rows).collect();
    assert!(rows.contains(python) && rows.contains(rust), "{script}\n---\n{text}");
}

#[test]
fn each_call_finds_its_row() {
    let socket = "import socket\ns = socket.socket()\n";
    for (line, python, rust) in [
        ("s.connect((host, port))", "Python s.connect((HOST, PORT))", "TcpStream::connect("),
        ("data = s.recv(1024)", "Python data = s.recv(1024)", "stream.read("),
        ("data = s.recv(4, socket.MSG_WAITALL)", "socket.MSG_WAITALL", "read_exact"),
        ("s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)", "SO_BROADCAST", "set_broadcast"),
        ("s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)", "TCP_NODELAY", "set_nodelay"),
        ("s.settimeout(None)", "settimeout(None)", "set_read_timeout(None)"),
        ("s.shutdown(socket.SHUT_WR)", "SHUT_WR", "Shutdown::Write"),
        ("name = socket.gethostname()", "gethostname", "none"),
        ("data = open(path, 'rb').read()", "open(path, 'rb')", "File::open"),
        ("with open(path, 'wb') as f:", "open(path, 'wb')", "File::create"),
        ("text = s.recv(9).decode('utf-8', 'ignore')", "'ignore'", "utf8_chunks"),
        ("except ConnectionRefusedError as e:", "ConnectionRefusedError", "ConnectionRefused"),
        ("except (OSError, socket.timeout):", "socket.timeout", "WouldBlock"),
        ("import struct; s.send(struct.pack('!I', len(data)))", "struct.pack('!I'", "to_be_bytes"),
        ("import struct; n = struct.unpack('i', data)[0]", "struct.unpack('i'", "from_le_bytes"),
        ("import subprocess; p = subprocess.Popen(c, shell=True)", "subprocess.Popen(", "Command::new"),
        ("import threading; threading.Thread(target=f, daemon=True).start()", "daemon=True", "thread"),
        ("for line in sys.stdin: import sys", "", ""),
        ("size = len(msg).to_bytes(4, 'big')", "to_bytes", "to_be_bytes"),
    ] {
        assert_answer(&format!("{socket}{line}\n"), python, rust);
    }
}
