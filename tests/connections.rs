//! Who may connect, how many, and what failures end: the three TCP servers alike.
#![cfg(unix)] // the commands are for sh
#![allow(clippy::unwrap_used)]
mod common;
use common::*;
use std::io::{Read, Write};
use std::net::TcpStream;
#[cfg(target_os = "linux")]
use std::process::Command;
#[cfg(target_os = "linux")]
use std::time::{Duration, Instant};

const SERVERS: [&str; 3] = ["tcp_plain_server", "tcp_exec_server", "tcp_header_server"];

/// Sends a command and says whether some answer came.
fn is_served(mut stream: TcpStream, server: &str) -> bool {
    let request = if server == "tcp_header_server" { header_command(b"echo hi") } else { b"echo hi".to_vec() };
    let mut answer = [0; 1];
    stream.write_all(&request).is_ok() && stream.read(&mut answer).is_ok_and(|received| received > 0)
}

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
    assert_eq!(receive(&mut stream), b"GET / HTTP/1.1 is a request\n");
}

#[cfg(target_os = "linux")]
#[test]
fn another_user_is_dropped_unless_anyone_is_allowed() {
    for (args, is_let_in) in
        [(&["127.0.0.1:0"][..], false), (&["--allow-anyone", "127.0.0.1:0"], true), (&["[::1]:0"], false)]
    {
        let server = Server::start_with("tcp_exec_server", args);
        let Some((_dir, mut client)) = as_user(65_534, "tcp_exec_client", &[&server.addr.to_string(), "-c", "echo hi"])
        else {
            return eprintln!("skipped: it takes root to become another user");
        };
        let output = client.output().unwrap();
        assert_eq!(output.status.success(), is_let_in, "{args:?} {output:?}");
        if !is_let_in {
            server.program.error_with("it belongs to user 65534, this server to user 0");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn another_user_who_leaves_at_once_runs_nothing() {
    // a closed socket stays in the system's table as root's
    let server = Server::start("tcp_exec_server");
    let dir = tempfile::tempdir().unwrap();
    let witness = dir.path().join("witness");
    let send = format!("exec 3<>/dev/tcp/127.0.0.1/{} && echo 'touch {}' >&3", server.addr.port(), witness.display());
    for _ in 0..50 {
        let mut other = Command::new("setpriv");
        other.args(["--reuid", "65534", "--clear-groups", "bash", "-c", &send]);
        if !other.output().is_ok_and(|output| output.status.success()) {
            return eprintln!("skipped: it takes root to become another user, and bash");
        }
        server.program.error_with("dropped");
    }
    assert!(!witness.exists());
}

/// Everybody whom a user namespace does not know reads as user 65534 there, whoever starts the server as well as a
/// stranger.
#[cfg(target_os = "linux")]
#[test]
fn in_a_user_namespace_that_knows_nobody_nobody_is_let_in() {
    let Some((dir, _)) = as_user(54_390, "tcp_exec_server", &[]) else {
        return eprintln!("skipped: it takes root to become another user");
    };
    let unshared = |program: &std::path::Path| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "54390", "--clear-groups", "unshare", "-U"]).arg(program);
        command
    };
    if !unshared("true".as_ref()).output().is_ok_and(|output| output.status.success()) {
        return eprintln!("skipped: not everybody may make a user namespace here");
    }
    let mut server = unshared(&dir.path().join("tcp_exec_server"));
    let server = Server::listening(Program::start(server.arg("127.0.0.1:0")));
    for uid in [54_390, 54_391] {
        let Some((_dir, mut client)) = as_user(uid, "tcp_exec_client", &[&server.addr.to_string(), "-c", "id"]) else {
            return;
        };
        let output = client.output().unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
        server.program.error_with("it belongs to user 65534, who may be anybody");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn another_user_has_one_line_in_the_log_and_is_told_why_where_the_format_has_a_word_for_it() {
    let server = Server::start("tcp_header_server");
    let Some((_dir, mut client)) = as_user(54_392, "tcp_header_client", &[&server.addr.to_string(), "-c", "id"]) else {
        return eprintln!("skipped: it takes root to become another user");
    };
    let said = String::from_utf8(client.output().unwrap().stderr).unwrap();
    assert!(said.ends_with("refused: it belongs to user 54392, this server to user 0\n"), "{said}");
    server.program.error_with("it belongs to user 54392, this server to user 0 (--allow-anyone would let it in)");
    let own = server.connect();
    let addr = own.local_addr().unwrap();
    assert_eq!(server.program.line(), format!("client address: {addr}"), "the first who was admitted");
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
    wait_until("none of them is left", || status_field(server.program.child.id(), "Threads") <= 5);
}

/// Nobody reads what the server says about them, so that its pipe is full long before they stop.
#[cfg(target_os = "linux")]
#[test]
fn strangers_who_come_and_go_or_stay_keep_nobody_waiting() {
    let mut child = spawn(Command::new(program("tcp_exec_server")).arg("127.0.0.1:0"));
    let _nobody_reads = child.stderr.take();
    let server = Server::listening(Program::following(child));
    let port = server.addr.port();
    let knock = format!("while :; do exec 3<>/dev/tcp/127.0.0.1/{port} && echo x >&3; exec 3>&-; done 2>/dev/null");
    let stay = format!("for i in $(seq 400); do exec {{fd}}<>/dev/tcp/127.0.0.1/{port}; done 2>/dev/null; cat");
    let as_stranger = |script: &str| {
        let mut other = Command::new("setpriv");
        other.args(["--reuid", "54393", "--clear-groups", "bash", "-c", script]);
        Program::start(&mut other)
    };
    if !Command::new("setpriv")
        .args(["--reuid", "54393", "bash", "-c", ":"])
        .output()
        .is_ok_and(|it| it.status.success())
    {
        return eprintln!("skipped: it takes root to become another user, and bash");
    }
    let mut strangers = vec![as_stranger(&stay), as_stranger(&knock), as_stranger(&knock)];
    let mut worst = Duration::ZERO;
    for _ in 0..40 {
        let started = Instant::now();
        assert!(is_served(server.connect(), "tcp_exec_server"));
        worst = worst.max(started.elapsed());
    }
    assert!(worst < Duration::from_millis(500) + SLACK, "{worst:?}");
    strangers.clear();
    wait_until("none of them holds anything any more", || {
        std::fs::read_dir(format!("/proc/{}/fd", server.program.child.id())).unwrap().count() < 12
    });
}

#[cfg(target_os = "linux")]
#[test]
fn root_is_let_in() {
    let Some((_dir, mut command)) = as_user(65_534, "tcp_exec_server", &["127.0.0.1:0"]) else {
        return eprintln!("skipped: it takes root to become another user");
    };
    let server = Server::listening(Program::start(&mut command));
    assert!(is_served(server.connect(), "tcp_exec_server"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_with_an_ipv6_socket_that_speaks_ipv4_is_recognised() {
    let server = Server::start("tcp_exec_server");
    let mapped = format!("[::ffff:127.0.0.1]:{}", server.addr.port());
    match TcpStream::connect(mapped) {
        Ok(stream) => assert!(is_served(stream, "tcp_exec_server")),
        Err(error) => eprintln!("skipped: no IPv6 here: {error}"),
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
fn threads_that_cannot_be_started_cost_their_clients_only() {
    for (number, name) in SERVERS.iter().enumerate() {
        // the limit counts all processes and threads of a user, so each server is one of its own
        let Some((_dir, command)) = as_user(unique_user() + number, name, &["127.0.0.1:0"]) else {
            return eprintln!("skipped: it takes root to become another user");
        };
        let mut limited = Command::new("prlimit");
        limited.arg("--nproc=20").arg(command.get_program()).args(command.get_args());
        let server = Server::listening(Program::start(&mut limited));
        let clients: Vec<_> = (0..30).map(|_| server.connect()).collect();
        server.program.error_with("cannot start a thread: ");
        drop(clients);
        wait_until("it serves again", || is_served(server.connect(), name));
    }
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
