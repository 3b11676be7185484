//! What is different on Windows: quoting, codes, killing.
#![cfg(windows)] // the commands are for cmd
#![allow(clippy::unwrap_used)]
mod common;
use common::*;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

#[test]
fn a_command_keeps_its_quotes() {
    let server = Server::start("tcp_header_server");
    for (command, shown) in [(r#"echo "a b""#, r#""a b""#), (r#""cmd" /C "echo a b""#, "a b")] {
        let assert = client("tcp_header_client", server.addr).args(["-c", command]).assert().success().stderr("");
        assert_eq!(String::from_utf8_lossy(&assert.get_output().stdout).trim_end(), shown, "{command}");
    }
}

#[test]
fn a_negative_code_is_a_failure_and_no_signal() {
    let server = Server::start("tcp_header_server");
    for command in ["exit -1", "exit -5", "exit 255", "exit 300"] {
        client("tcp_header_client", server.addr).args(["-c", command]).assert().code(255);
    }
    let assert = client("tcp_header_client", server.addr).write_stdin("exit -5\nexit 300\n").assert().success();
    let errors = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert_eq!(errors, "tcp_header_client: exit status 255\ntcp_header_client: exit status 300\n");
}

/// A server in a folder of its own.
fn server_in(dir: &Path, name: &str) -> Server {
    Server::listening(Program::start(Command::new(program(name)).arg("127.0.0.1:0").current_dir(dir)))
}

/// Sends a command that makes the file `goes_on` after a second, and leaves then.
fn leave(server: &Server, name: &str, command: &str, dir: &Path) {
    let message = if name == "tcp_header_server" { header_command(command.as_bytes()) } else { command.into() };
    let mut stream = server.connect();
    stream.write_all(&message).unwrap();
    wait_until("the command goes on", || dir.join("goes_on").exists());
}

/// Its line in the log comes when nothing holds the command's pipes any more.
#[test]
fn a_client_that_leaves_takes_its_command_and_the_children_of_that_along() {
    const WITNESS: &str = r#"start /b cmd /C "ping -n 2 127.0.0.1 >nul & echo. >goes_on""#;
    for name in ["tcp_exec_server", "tcp_header_server"] {
        for command in ["ping -n 1000 127.0.0.1 >nul", "cmd /C ping -n 1000 127.0.0.1"] {
            let dir = tempfile::tempdir().unwrap();
            let server = server_in(dir.path(), name);
            leave(&server, name, &format!("{WITNESS} & {command}"), dir.path());
            let left = Instant::now();
            server.program.error_with("it left, and taskkill was told to end its command");
            assert!(left.elapsed() < Duration::from_secs(1) + SLACK, "{name} took {:?}", left.elapsed());
        }
    }
}
