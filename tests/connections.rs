//! Who may connect, how many, and what failures end: the three TCP servers alike.
#![allow(clippy::unwrap_used)]
mod common;
use common::*;
use socket_basics::header::{self, Kind};
use std::io::{BufRead, BufReader, Write};
#[cfg(target_os = "linux")]
use std::process::Command;

const SERVERS: [&str; 3] = ["tcp_plain_server", "tcp_exec_server", "tcp_header_server"];

#[test]
fn what_looks_like_http_is_dropped_before_anything_runs() {
    for name in SERVERS {
        for args in [&["127.0.0.1:0"][..], &["--allow-anyone", "127.0.0.1:0"]] {
            let server = Server::start_with(name, args);
            for request in [
                &b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..],
                b"POST /x HTTP/1.1\r\nContent-Length: 7\r\n\r\necho hi",
                b"OPTIONS * HTTP/1.1\r\n\r\n",
                b"patch / HTTP/1.1\r\n\r\n",
                b"reboot / HTTP/1.1\r\n\r\n",
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                b"\r\nGET / HTTP/1.0\r\n\r\n",
                b"touch x; / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                b"GET /a b c HTTP/1.1\r\n\r\n",
            ] {
                let mut stream = server.connect();
                stream.write_all(request).unwrap();
                let answer = String::from_utf8_lossy(&receive_to_end(&mut stream)).into_owned();
                let expected = if name == "tcp_header_server" { "its first request looks like HTTP" } else { "" };
                assert!(answer.ends_with(expected) && answer.is_empty() == expected.is_empty(), "{name}: {answer}");
                drop(stream); // the server lingers for it, then logs
                server.program.error_with("looks like HTTP");
            }
            assert!(is_served(server.connect(), name));
        }
    }
    let server = Server::start("tcp_plain_server");
    let mut stream = server.connect();
    stream.write_all(b"echo GET / HTTP/1.1 is a request").unwrap();
    assert_eq!(receive(&mut stream), echoed("GET / HTTP/1.1 is a request"));
}

/// A web page can make its browser, which belongs to whoever runs the server, connect as often as it likes.
#[test]
fn a_full_stderr_keeps_nobody_out() {
    let mut child = spawn(std::process::Command::new(program("tcp_exec_server")).arg("127.0.0.1:0"));
    let _nobody_reads = child.stderr.take();
    let server = Server::listening(Program::following(child));
    for _ in 0..1500 {
        server.connect().write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    }
    assert!(is_served(server.connect(), "tcp_exec_server"));
    #[cfg(target_os = "linux")]
    wait_until("none of them is left", || {
        std::fs::read_dir(format!("/proc/{}/fd", server.program.child.id())).unwrap().count() < 12
    });
}

/// The header server prints a line for each command: these would fill any pipe.
#[test]
fn a_full_stdout_keeps_nobody_waiting() {
    let mut child = spawn(std::process::Command::new(program("tcp_header_server")).arg("127.0.0.1:0"));
    let mut stdout = BufReader::with_capacity(64, child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let addr = line.trim_end().strip_prefix("listening on ").unwrap().parse().unwrap();
    let server = Server { program: Program::following(child), addr };
    let mut stream = server.connect();
    let command = header_command(format!(": {}", "x".repeat(300)).as_bytes());
    for _ in 0..150 {
        stream.write_all(&command.repeat(10)).unwrap();
        let mut exits = 0;
        while exits < 10 {
            let message = header::recv_message(&mut stream).unwrap().unwrap();
            exits += usize::from(message.kind == Kind::Exit);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_with_an_ipv6_socket_that_speaks_ipv4_is_recognised() {
    let server = Server::start("tcp_exec_server");
    let mapped = format!("[::ffff:127.0.0.1]:{}", server.addr.port());
    match std::net::TcpStream::connect(mapped) {
        Ok(stream) => assert!(is_served(stream, "tcp_exec_server")),
        Err(_) => assert!(!has_ipv6()),
    }
}

#[test]
fn the_257th_client_is_closed_at_once_and_told_so_by_the_header_server() {
    for name in SERVERS {
        let server = Server::start(name);
        let mut clients: Vec<_> = (0..256).map(|_| server.connect()).collect();
        let mut one_more = server.connect();
        let answer = receive_to_end(&mut one_more);
        let expected = if name == "tcp_header_server" { "there are 256 clients already, try again later" } else { "" };
        assert!(String::from_utf8_lossy(&answer).ends_with(expected), "{name}: {answer:?}");
        assert_eq!(answer.is_empty(), expected.is_empty());
        server.program.error_with("there are 256 clients already");
        assert!(is_served(clients.pop().unwrap(), name));
        wait_until("a place is free", || is_served(server.connect(), name));
    }
}

#[test]
fn a_client_that_resets_its_connection_ends_nobody_else() {
    for name in SERVERS {
        let server = Server::start(name);
        let stayed = server.connect();
        for _ in 0..20 {
            let mut stream = server.connect();
            let request = if name == "tcp_header_server" { header_command(b"echo hi") } else { b"echo hi".to_vec() };
            stream.write_all(&request).unwrap();
            stream.peek(&mut [0]).unwrap(); // closing with this answer unread sends a reset
        }
        assert!(is_served(stayed, name));
    }
}

/// Runs a server under a limit of the shell's `ulimit`.
#[cfg(target_os = "linux")]
fn start_limited(name: &str, limit: &str) -> Server {
    let script = format!("ulimit {limit} && exec \"$0\" --allow-anyone 127.0.0.1:0");
    Server::listening(Program::start(Command::new("sh").arg("-c").arg(script).arg(program(name))))
}

#[cfg(target_os = "linux")]
#[test]
fn running_out_of_descriptors_is_waited_out() {
    for name in SERVERS {
        let server = start_limited(name, "-n 20");
        let clients: Vec<_> = (0..30).map(|_| server.connect()).collect();
        for _ in 0..3 {
            server.program.error_with("cannot accept a client: ");
        }
        let pid = server.program.child.id();
        let before = cpu_ticks(pid);
        for _ in 0..5 {
            server.program.error_with("cannot accept a client: ");
        }
        assert!(cpu_ticks(pid) - before < 20, "it spins");
        drop(clients);
        wait_until("it serves again", || is_served(server.connect(), name));
    }
}

/// Hundredths of a second of processor time that the process has used.
#[cfg(target_os = "linux")]
fn cpu_ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_that_cannot_have_pipes_is_answered_and_the_connection_lives_on() {
    let server = Server::start("tcp_plain_server");
    let mut first = server.connect();
    first.write_all(b"echo hi").unwrap();
    assert_eq!(receive(&mut first), b"hi\n");
    let pid = server.program.child.id();
    let has = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count(); // among them what the runner handed down
    let limit = format!("--nofile={}", has + 7); // a command takes seven for a moment
    assert!(Command::new("prlimit").args(["--pid", &pid.to_string(), &limit]).status().unwrap().success());
    let others: Vec<_> = (0..10).map(|_| server.connect()).collect();
    server.program.error_with("cannot accept a client: ");
    first.write_all(b"echo hi").unwrap();
    let answer = String::from_utf8(receive(&mut first)).unwrap();
    assert!(answer.starts_with("cannot run this command: "), "{answer}");
    drop(others);
    wait_until("commands run again", || {
        first.write_all(b"echo hi").unwrap();
        receive(&mut first) == b"hi\n"
    });
}
