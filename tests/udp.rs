//! The UDP programs.
#![allow(clippy::unwrap_used)]
mod common;
use common::*;

#[test]
fn a_line_comes_back_in_capitals() {
    let server = Server::start("udp_server");
    let reply = format!("HELLO {}\n", server.addr);
    client("udp_client", server.addr).write_stdin("hello\n").assert().success().stdout(reply);
    assert!(server.program.line().starts_with("recv: \"hello\" 127.0.0.1:"));
}
