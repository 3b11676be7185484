//! The UDP programs: each datagram on its own, whoever sends it and whatever is in it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::*;
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

/// A socket on loopback whose waits end.
fn socket() -> UdpSocket {
    limited(UdpSocket::bind("127.0.0.1:0").unwrap())
}

fn limited(socket: UdpSocket) -> UdpSocket {
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// The next datagram and its sender. Windows reports an earlier datagram of ours that reached nobody: that is no news.
fn receive_from(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 65_536];
    loop {
        match socket.recv_from(&mut buffer) {
            Ok((received, peer)) => return (buffer[..received].to_vec(), peer),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("no datagram: {error}"),
        }
    }
}

/// What `addr` replies to `message`.
fn echo_of(message: &[u8], addr: SocketAddr) -> Vec<u8> {
    let socket = socket();
    assert_eq!(socket.send_to(message, addr).unwrap(), message.len());
    let (reply, sender) = receive_from(&socket);
    assert_eq!(sender, addr);
    reply
}

/// A server of the test's own, and a `udp_client` that asks it.
fn asking() -> (UdpSocket, Program) {
    let server = socket();
    let addr = server.local_addr().unwrap().to_string();
    (server, Program::start(Command::new(program("udp_client")).arg(addr)))
}

#[test]
fn a_line_comes_back_in_capitals() {
    let server = Server::start("udp_server");
    let reply = format!("HELLO {}\n", server.addr);
    client("udp_client", server.addr).write_stdin("hello\n").assert().success().stdout(reply).stderr("");
    assert!(server.program.line().starts_with("recv: \"hello\" 127.0.0.1:"));
}

#[test]
fn every_byte_but_the_ascii_small_letters_comes_back_as_it_was() {
    let server = Server::start("udp_server");
    let bytes: Vec<u8> = (0..=255).collect();
    let mut capitals = bytes.clone();
    capitals[97..=122].copy_from_slice(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    assert_eq!(echo_of(&bytes, server.addr), capitals);
    assert_eq!(echo_of("straße, ÿ, ŉ, ﬁ, ı".as_bytes(), server.addr), "STRAßE, ÿ, ŉ, ﬁ, ı".as_bytes());
    assert_eq!(echo_of(b"cut \xc3", server.addr), b"CUT \xc3");
}

#[test]
fn of_a_datagram_over_1024_bytes_the_first_1024_come_back_and_the_log_says_so() {
    let server = Server::start("udp_server");
    for size in [1, 1023, 1024, 1025, 1026, 2048, 9000] {
        let message: Vec<u8> = (0..size).map(|at| b"abcdefg"[at % 7]).collect();
        let reply = echo_of(&message, server.addr);
        let kept = size.min(1024);
        assert!(reply == message[..kept].to_ascii_uppercase(), "{size} bytes: {} came back", reply.len());
        let line = server.program.line();
        assert_eq!(line.contains(" (cut to 1024 bytes)"), size > 1024, "{size} bytes: {line}");
        assert!(line.starts_with(&format!("recv: \"{}\" ", String::from_utf8_lossy(&message[..kept]))), "{line}");
    }
}

#[test]
fn an_empty_datagram_is_logged_and_gets_an_empty_reply() {
    let server = Server::start("udp_server");
    let socket = socket();
    socket.send_to(b"", server.addr).unwrap();
    assert_eq!(receive_from(&socket), (Vec::new(), server.addr));
    assert_eq!(server.program.line(), format!("recv: \"\" {}", socket.local_addr().unwrap()));
}

#[test]
fn the_log_escapes_what_a_terminal_would_obey() {
    let server = Server::start("udp_server");
    let socket = socket();
    let hostile = b"\x1b[2J\r\nrecv: \"x\" 1.2.3.4:5\x07\x00\x7f\x9b\xff\xe2\x80\xae\"\\";
    socket.send_to(hostile, server.addr).unwrap();
    receive_from(&socket);
    let shown = r#"\x1b[2J\r\nrecv: \"x\" 1.2.3.4:5\x07\x00\x7f\x9b\xff\xe2\x80\xae\"\\"#;
    assert_eq!(server.program.line(), format!("recv: \"{shown}\" {}", socket.local_addr().unwrap()));
}

#[test]
fn one_socket_serves_many_clients_and_each_gets_its_own_reply() {
    let server = Server::start("udp_server");
    let sockets: Vec<_> = (0..50).map(|_| socket()).collect();
    for (number, socket) in sockets.iter().enumerate() {
        socket.send_to(format!("client {number}").as_bytes(), server.addr).unwrap();
    }
    for (number, socket) in sockets.iter().enumerate().rev() {
        assert_eq!(receive_from(socket), (format!("CLIENT {number}").into_bytes(), server.addr));
    }
    for (number, socket) in sockets.iter().enumerate() {
        let line = format!("recv: \"client {number}\" {}", socket.local_addr().unwrap());
        assert_eq!(server.program.line(), line);
    }
}

#[test]
fn a_client_that_is_gone_before_its_reply_stops_nothing() {
    let server = Server::start("udp_server");
    for _ in 0..20 {
        socket().send_to(b"bye", server.addr).unwrap();
    }
    assert_eq!(echo_of(b"still there?", server.addr), b"STILL THERE?");
}

#[test]
fn the_server_and_the_client_speak_ipv6() {
    if !has_ipv6() {
        return;
    }
    let server = Server::start_with("udp_server", &["[::1]:0"]);
    let reply = format!("HELLO {}\n", server.addr);
    assert!(reply.starts_with("HELLO [::1]:"));
    client("udp_client", server.addr).write_stdin("hello\n").assert().success().stdout(reply);
    client("udp_send_client", server.addr).write_stdin("over six\n").assert().success().stdout("").stderr("");
    assert!(server.program.line_with("over six").starts_with("recv: \"over six\" [::1]:"));
}

/// Whatever `service` sends is logged and gets no reply.
#[cfg(unix)]
fn assert_never_answered(server: &Server, service: &UdpSocket) {
    let to = SocketAddr::from(([127, 0, 0, 1], server.addr.port()));
    service.send_to(b"feed me", to).unwrap();
    let addr = service.local_addr().unwrap().to_string();
    assert_eq!(server.program.line(), format!("recv: \"feed me\" {addr}"));
    assert!(server.program.error_with(&addr).starts_with("udp_server: not answering "));
    assert_eq!(echo_of(b"me", to), b"ME"); // the server has done with the service when it comes to this one
    server.program.line();
    service.set_nonblocking(true).unwrap();
    assert_eq!(service.recv(&mut [0; 9]).unwrap_err().kind(), ErrorKind::WouldBlock);
}

/// Needs the right to bind a port below 1024: root, or a system that gives it to everybody.
#[test]
#[cfg(unix)]
fn a_service_below_port_1024_is_logged_and_never_answered() {
    let bound = (1..1024).rev().map(|port| UdpSocket::bind(("127.0.0.1", port)));
    let Some(service) = bound.take(20).find_map(Result::ok) else {
        return say_skipped("no port below 1024 can be bound here");
    };
    assert_never_answered(&Server::start("udp_server"), &service);
}

#[test]
fn a_client_at_port_1024_is_answered() {
    let Ok(client) = UdpSocket::bind("127.0.0.1:1024").map(limited) else {
        return skip("port 1024 is taken");
    };
    let server = Server::start("udp_server");
    client.send_to(b"hello", server.addr).unwrap();
    assert_eq!(receive_from(&client), (b"HELLO".to_vec(), server.addr));
}

/// Two servers at 127.0.0.1 and 127.0.0.2 fed each other for ever. Elsewhere than on Linux 127.0.0.2 is not there.
#[test]
#[cfg(target_os = "linux")]
fn the_servers_own_port_at_another_address_is_logged_and_never_answered() {
    let server = Server::start("udp_server");
    let service = UdpSocket::bind(("127.0.0.2", server.addr.port())).unwrap();
    assert_never_answered(&server, &service);
}

/// As in the Python: `nc -u -l`, or any server that tells its clients apart by address, answers all lines.
#[test]
fn a_server_sees_one_client_for_all_lines() {
    let (server, mut client) = asking();
    let addr = server.local_addr().unwrap();
    client.type_line("one");
    let (_, asker) = receive_from(&server);
    server.connect(asker).unwrap(); // from now on it hears this port only
    for reply in ["ONE", "TWO", "THREE"] {
        server.send(reply.as_bytes()).unwrap();
        assert_eq!(client.line(), format!("{reply} {addr}"));
        client.type_line("next");
        assert_eq!(receive_from(&server), (b"next".to_vec(), asker));
    }
    server.send(b"bye").unwrap();
    assert_eq!((client.finish(), client.errors()), (Some(0), vec![]));
}

#[test]
fn a_reply_that_comes_late_or_twice_is_never_shown_as_the_answer_to_a_later_question() {
    let (server, mut client) = asking();
    let addr = server.local_addr().unwrap();
    client.type_line("one");
    let (message, first) = receive_from(&server);
    let asked = Instant::now();
    assert_eq!(message, b"one");
    assert_eq!(client.error_with("no reply"), format!("udp_client: no reply from {addr} within 2s"));
    assert!(asked.elapsed() > Duration::from_millis(1900), "gave up after {:?}", asked.elapsed());

    client.type_line("two");
    let (_, second) = receive_from(&server);
    assert_ne!(second, first, "a late reply would reach the client");
    server.send_to(b"LATE ONE", first).unwrap();
    server.send_to(b"TWO", second).unwrap();
    server.send_to(b"TWO AGAIN", second).unwrap();
    server.send_to(b"AND AGAIN, LONGER", second).unwrap();
    assert_eq!(client.line(), format!("TWO {addr}"));

    client.type_line("three");
    assert_eq!(receive_from(&server), (b"three".to_vec(), second));
    server.send_to(b"LATE ONE", first).unwrap();
    server.send_to(b"THREE", second).unwrap();
    assert_eq!(client.line(), format!("THREE {addr}"));
    assert_eq!(client.finish(), Some(1), "one message stayed unanswered");
}

/// Windows may say nothing of a port that is in use, so there is no error to report.
#[test]
#[cfg(unix)]
fn a_port_that_is_closed_for_a_while_costs_the_lines_of_that_while_only() {
    let (server, mut client) = asking();
    let addr = server.local_addr().unwrap();
    client.type_line("one");
    let (_, asker) = receive_from(&server);
    server.send_to(b"ONE", asker).unwrap();
    assert_eq!(client.line(), format!("ONE {addr}"));

    server.connect(socket().local_addr().unwrap()).unwrap(); // deaf to the client
    for _ in 0..3 {
        client.type_line("anybody?");
        assert!(client.error_with("no reply").contains(": Connection refused"));
    }

    server.connect(asker).unwrap();
    client.type_line("two");
    assert_eq!(receive_from(&server), (b"two".to_vec(), asker));
    server.send(b"TWO").unwrap();
    assert_eq!(client.line(), format!("TWO {addr}"));
    assert_eq!((client.finish(), client.errors()), (Some(1), vec![]));
}

/// Ctrl-Z and `fg`: a receive with a time limit fails then, as signal(7) says.
#[test]
#[cfg(target_os = "linux")]
fn a_client_that_is_stopped_and_continued_still_waits_for_its_reply() {
    let (server, mut client) = asking();
    client.type_line("one");
    let (_, asker) = receive_from(&server);
    client.stop_and_continue();
    server.send_to(b"ONE", asker).unwrap();
    assert_eq!((client.finish(), client.errors()), (Some(0), vec![]));
    assert_eq!(client.line(), format!("ONE {}", server.local_addr().unwrap()));
}

#[test]
fn a_reply_from_another_address_is_not_taken() {
    let (server, mut client) = asking();
    client.type_line("who are you?");
    let (_, asker) = receive_from(&server);
    let mut strangers = vec![socket()];
    if cfg!(target_os = "linux") {
        // elsewhere 127.0.0.2 is not there
        strangers.push(UdpSocket::bind(("127.0.0.2", server.local_addr().unwrap().port())).unwrap());
    }
    for stranger in &strangers {
        let to = SocketAddr::from(([127, 0, 0, 1], asker.port()));
        let _ = stranger.send_to(b"a stranger", to);
    }
    server.send_to(b"the server", asker).unwrap();
    assert_eq!(client.line(), format!("the server {}", server.local_addr().unwrap()));
    assert_eq!(client.finish(), Some(0));
}

#[test]
fn a_closed_port_is_reported_for_each_line_and_makes_the_status_1() {
    let (addr, _ends) = deaf_udp();
    let assert = client("udp_client", addr).write_stdin("one\ntwo\n").assert().code(1).stdout("");
    let errors = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    assert_eq!(errors.lines().count(), 2, "{errors}");
    for line in errors.lines() {
        assert!(line.starts_with(&format!("udp_client: no reply from {addr}")), "{line}");
        #[cfg(unix)]
        assert!(line.contains(": Connection refused"), "{line}");
    }
}

#[test]
fn a_reply_reaches_the_terminal_without_its_escape_sequences() {
    let (server, mut client) = asking();
    let addr = server.local_addr().unwrap();
    client.type_line("colours?");
    let (_, asker) = receive_from(&server);
    server
        .send_to("gr\u{fc}n \x1b[31mred\x07\u{9b}2J\u{202e}\r\nfake 127.0.0.1:1\t\"q\" \\".as_bytes(), asker)
        .unwrap();
    let shown = client.line();
    assert!(shown.starts_with(r"grün \u{1b}[31mred"), "{shown}");
    assert!(shown.ends_with(&format!("fake 127.0.0.1:1\t\"q\" \\ {addr}")), "{shown}");
    assert!(!shown.contains(|c: char| (c.is_control() && c != '\t') || c == '\u{202e}'), "{shown:?}");

    client.type_line("scripts?");
    let (_, asker) = receive_from(&server);
    server.send_to("नमस्ते e\u{301} ❤\u{fe0f}".as_bytes(), asker).unwrap();
    assert_eq!(client.line(), format!("नमस्ते e\u{301} ❤\u{fe0f} {addr}"));

    client.type_line("bytes?");
    let (_, asker) = receive_from(&server);
    server.send_to(b"not \xff\xfe UTF-8", asker).unwrap();
    assert_eq!(client.line(), format!("not \u{fffd}\u{fffd} UTF-8 {addr}"));
    assert_eq!(client.finish(), Some(0));
}

#[test]
fn an_empty_reply_and_one_over_1024_bytes_are_shown() {
    let (server, mut client) = asking();
    let addr = server.local_addr().unwrap();
    for (reply, shown) in [(0, 0), (1, 1), (1024, 1024), (1025, 1024), (9000, 1024)] {
        client.type_line("more");
        let (_, asker) = receive_from(&server);
        server.send_to(&vec![b'x'; reply], asker).unwrap();
        assert_eq!(client.line(), format!("{} {addr}", "x".repeat(shown)));
    }
    assert_eq!(client.finish(), Some(0));
}

#[test]
fn a_message_too_long_for_a_datagram_is_complained_of_and_the_next_one_is_sent() {
    for name in ["udp_client", "udp_send_client"] {
        let server = Server::start("udp_server");
        let lines = format!("{}\nnext\n", "x".repeat(70_000));
        let assert = client(name, server.addr).write_stdin(lines).assert().code(1);
        let output = assert.get_output();
        let errors = String::from_utf8(output.stderr.clone()).unwrap();
        assert!(errors.starts_with(&format!("{name}: ")) && errors.contains(&server.addr.to_string()), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
        let replies = if name == "udp_client" { format!("NEXT {}\n", server.addr) } else { String::new() };
        assert_eq!(output.stdout, replies.as_bytes());
        assert!(server.program.line().starts_with("recv: \"next\" "), "something of the long message was sent");
    }
}

#[test]
fn a_line_is_sent_as_utf_8_without_the_space_around_it() {
    for name in ["udp_client", "udp_send_client"] {
        let server = socket();
        let addr = server.local_addr().unwrap();
        let mut client = Program::start(Command::new(program(name)).arg(addr.to_string()));
        client.type_line(" \t\n\n \u{3000}");
        client.type_line("  grüße  an \t alle \r");
        let (message, asker) = receive_from(&server);
        assert_eq!(String::from_utf8(message).unwrap(), "grüße  an \t alle");
        server.send_to(b"ok", asker).unwrap();
        assert_eq!(client.finish(), Some(0));
    }
}

#[test]
fn the_client_that_never_receives_works_silently_with_and_without_a_server() {
    let (addr, _ends) = deaf_udp();
    client("udp_send_client", addr).write_stdin("one\ntwo\nthree\n").assert().success().stdout("").stderr("");

    let server = Server::start("udp_server");
    client("udp_send_client", server.addr).write_stdin("one\ntwo\nthree").assert().success().stdout("").stderr("");
    let logged: Vec<_> = (0..3).map(|_| server.program.line()).collect();
    let sender = logged[0].strip_prefix("recv: \"one\" ").unwrap();
    assert_eq!(logged[1..], [format!("recv: \"two\" {sender}"), format!("recv: \"three\" {sender}")]);
}
