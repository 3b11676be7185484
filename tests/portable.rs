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
