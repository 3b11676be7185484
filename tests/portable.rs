//! Every pair on every system: commands that sh and cmd understand alike.
#![allow(clippy::unwrap_used)]
mod common;
use common::*;

#[test]
fn every_tcp_pair_runs_a_command() {
    for (server, client_name) in [
        ("tcp_plain_server", "tcp_sticky_client"),
        ("tcp_exec_server", "tcp_exec_client"),
        ("tcp_header_server", "tcp_header_client"),
    ] {
        let server = Server::start(server);
        let _idle = server.connect(); // it keeps nobody waiting
        let assert = client(client_name, server.addr).args(["-c", "echo hello"]).assert().success();
        assert_eq!(String::from_utf8_lossy(&assert.get_output().stdout).trim_end(), "hello", "{client_name}");
    }
}

#[test]
fn the_exit_status_passes() {
    let server = Server::start("tcp_header_server");
    client("tcp_header_client", server.addr).args(["-c", "exit 7"]).assert().code(7);
}

#[test]
fn a_datagram_of_any_length_is_named_and_cut() {
    let server = Server::start("udp_server");
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    for size in [1025, 2000, 60_000] {
        socket.send_to(&vec![b'x'; size], server.addr).unwrap();
        assert_eq!(socket.recv(&mut [0; 2000]).unwrap(), 1024);
        let line = server.program.line();
        assert!(line.ends_with(&format!("{} (cut to 1024 bytes)", socket.local_addr().unwrap())), "{line}");
    }
}
