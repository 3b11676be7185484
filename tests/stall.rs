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
    stalled_ack.write_all(b"echo hi").unwrap();
    assert_eq!(receive(&mut stalled_ack), b"3");
    stalled_ack.write_all(b"Tru").unwrap();
    stalled_header.write_all(b"HDR1").unwrap();
    stalled_body.write_all(&header_command(b"echo hi")[..66]).unwrap();
    for stream in [&mut stalled_ack, &mut stalled_header, &mut stalled_body] {
        stream.set_read_timeout(Some(LIMIT + PATIENCE)).unwrap();
        receive_to_end(stream);
        assert!(started.elapsed() > LIMIT - Duration::from_secs(1), "dropped too early");
        assert!(started.elapsed() < LIMIT + PATIENCE, "dropped too late");
    }
    exec.program.error_with("nothing more came within 30s");
    header.program.error_with("nothing more came within 30s");
    idle.write_all(b"echo idle").unwrap();
    assert_eq!(receive(&mut idle), b"5", "between commands it may idle as long as it likes");
}
