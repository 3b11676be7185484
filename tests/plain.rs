//! The plain server: no framing, but no half commands either.
#![allow(clippy::unwrap_used)]
mod common;
use common::*;
use std::io::Write;
#[cfg(unix)]
use std::net::Shutdown;

#[cfg(unix)]
#[test]
fn output_is_stdout_then_stderr_and_nothing_else() {
    let server = Server::start("tcp_plain_server");
    let mut stream = server.connect();
    stream.write_all(b"echo oops >&2; echo fine").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(receive_to_end(&mut stream), b"fine\noops\n");
    assert!(server.program.line().starts_with("client address: 127.0.0.1:"));
}

#[cfg(unix)]
#[test]
fn a_client_that_has_closed_its_sending_side_gets_the_output_of_a_short_command() {
    let server = Server::start("tcp_plain_server");
    let mut stream = server.connect();
    stream.write_all(b"sleep 0.05; echo short\n").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(receive_to_end(&mut stream), b"short\n");
}

#[cfg(unix)]
#[test]
fn a_client_that_leaves_takes_its_command_and_the_children_of_that_along() {
    let server = Server::start("tcp_plain_server");
    let dir = tempfile::tempdir().unwrap();
    let pids = dir.path().join("pids");
    let mut stream = server.connect();
    stream.write_all(sleeper(&pids).as_bytes()).unwrap();
    wait_until("the command starts", || pids.exists());
    drop(stream);
    assert_all_end(&pids);
    server.program.error_with("it left, and its command was sent SIGKILL");
    assert_no_children(&server);
}

#[test]
fn a_command_over_1024_bytes_is_refused_whole_and_the_connection_closed() {
    let server = Server::start("tcp_plain_server");
    let dir = tempfile::tempdir().unwrap();
    let witness = dir.path().join("witness");
    let mut stream = server.connect();
    let command = format!("echo x >{} & rem {}", witness.display(), "x".repeat(3000));
    stream.write_all(command.as_bytes()).unwrap();
    let answer = String::from_utf8(receive_to_end(&mut stream)).unwrap();
    assert!(answer.contains("longer than 1024 bytes"), "{answer}");
    server.program.error_with("longer than 1024 bytes");
    assert!(!witness.exists());
}

#[test]
fn a_command_that_cannot_be_started_is_answered_and_the_connection_lives_on() {
    let server = Server::start("tcp_plain_server");
    let mut stream = server.connect();
    for command in [&b"echo \xff"[..], b"echo \0"] {
        stream.write_all(command).unwrap();
        let answer = String::from_utf8(receive(&mut stream)).unwrap();
        assert!(answer.starts_with("cannot run this command: "), "{answer}");
    }
    stream.write_all(b"echo alive").unwrap();
    assert_eq!(receive(&mut stream), echoed("alive"));
}

#[cfg(unix)]
#[test]
fn an_output_without_end_is_cut_and_its_command_killed() {
    let server = Server::start("tcp_plain_server");
    let mut stream = server.connect();
    stream.write_all(b"yes").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let output = receive_to_end(&mut stream);
    assert_eq!(&output[64 * 1024 * 1024..], b"\n[killed: it printed more than 64 MiB]\n");
    assert_no_children(&server);
}
