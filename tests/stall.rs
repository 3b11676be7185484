//! The 30 s after which a stalled peer is dropped, for real: `cargo test --test stall -- --ignored`.
#![allow(clippy::unwrap_used)]
mod common;
use common::*;
use std::io::Write;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(30);

#[test]
#[ignore = "takes 30 s"]
fn a_peer_that_stalls_inside_a_message_or_an_acknowledgement_is_dropped_after_30_s() {
    let (exec, header) = (Server::start("tcp_exec_server"), Server::start("tcp_header_server"));
    let (mut idle, mut stalled_ack, mut stalled_header, mut stalled_body) =
        (exec.connect(), exec.connect(), header.connect(), header.connect());
    let started = Instant::now();
    stalled_ack.write_all(b"exit 0").unwrap();
    assert_eq!(receive(&mut stalled_ack), b"0");
    stalled_ack.write_all(b"Tru").unwrap();
    stalled_header.write_all(b"HDR1").unwrap();
    stalled_body.write_all(&header_command(b"echo hi")[..66]).unwrap();
    for stream in [&mut stalled_ack, &mut stalled_header, &mut stalled_body] {
        stream.set_read_timeout(Some(LIMIT + PATIENCE)).unwrap();
        receive_to_end(stream);
        assert!(started.elapsed() > LIMIT - Duration::from_secs(1), "dropped too early");
        assert!(started.elapsed() < LIMIT + PATIENCE, "dropped too late");
    }
    exec.program.error_with("not complete within 30s");
    header.program.error_with("not complete within 30s");
    idle.write_all(b"exit 0").unwrap();
    assert_eq!(receive(&mut idle), b"0", "between commands it may idle as long as it likes");
}

#[test]
#[ignore = "takes 30 s"]
fn the_exec_client_gives_up_30_s_after_its_acknowledgement() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = client("tcp_exec_client", listener.local_addr().unwrap());
    client.args(["-c", "ls"]).timeout(LIMIT + PATIENCE);
    let client = std::thread::spawn(move || client.output().unwrap());
    let (mut stream, _) = listener.accept().unwrap();
    assert_eq!(receive(&mut stream), b"ls");
    stream.write_all(b"3").unwrap();
    assert_eq!(receive(&mut stream), b"True");
    let started = Instant::now();
    let output = client.join().unwrap();
    assert!(started.elapsed() > LIMIT - Duration::from_secs(1), "given up too early");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("only 0 of 3 bytes (does the server expect another --ack?): nothing more came within 30s"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(1));
}
