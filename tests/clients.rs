//! The TCP clients against servers that keep no promise, and the sticky client's bug, which must always show.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::*;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::thread;
#[cfg(unix)]
use std::time::{Duration, Instant};

/// A server that serves one client with `serve` in a thread; what that returns comes from the receiver.
fn fake_server<T: Send + 'static>(
    serve: impl FnOnce(&mut TcpStream) -> T + Send + 'static,
) -> (SocketAddr, Receiver<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let _ = sender.send(serve(&mut stream));
    });
    (addr, receiver)
}

/// What the fake server returned.
fn served<T>(receiver: &Receiver<T>) -> T {
    receiver.recv_timeout(PATIENCE).expect("the fake server failed or got no client")
}

/// Exactly `size` bytes.
fn receive_exactly(stream: &mut TcpStream, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// The server's side of one command: takes it, announces `size`, takes the acknowledgement. The command must be the
/// only thing that comes before the size.
fn shake_hands(stream: &mut TcpStream, command: &str, size: &str) {
    assert_eq!(String::from_utf8_lossy(&receive(stream)), command);
    stream.write_all(size.as_bytes()).unwrap();
    assert_eq!(receive_exactly(stream, 4), b"True");
}

/// Runs `tcp_exec_client` with `input` against `serve`; the client's status, stdout and stderr, and its server's
/// address.
fn exec<T: Send + 'static>(
    input: &str,
    serve: impl FnOnce(&mut TcpStream) -> T + Send + 'static,
) -> (Option<i32>, Vec<u8>, String, T, SocketAddr) {
    let (addr, receiver) = fake_server(serve);
    let assert = client("tcp_exec_client", addr).write_stdin(input).assert();
    let output = assert.get_output().clone();
    (output.status.code(), output.stdout, String::from_utf8(output.stderr).unwrap(), served(&receiver), addr)
}

/// Asserts that `errors` is one line `NAME: …` with all of `parts`.
fn assert_says(errors: &str, name: &str, parts: &[&str]) {
    assert!(errors.starts_with(&format!("{name}: ")) && errors.lines().count() == 1, "{errors}");
    for part in parts {
        assert!(errors.contains(part), "no {part:?} in: {errors}");
    }
}

#[test]
fn a_size_that_is_not_all_digits_is_an_error_and_is_not_acknowledged() {
    for (size, shown) in [
        (b"+5".as_slice(), "\"+5\""),
        (b" 5", "\" 5\""),
        (b"5 ", "\"5 \""),
        (b"5\n", r#""5\n""#),
        (b"1_0", "\"1_0\""),
        (b"-1", "\"-1\""),
        (b"0x10", "\"0x10\""),
        (b"1e3", "\"1e3\""),
        (b"5\0", r#""5\x00""#),
        (b"\xff\xfe", r#""\xff\xfe""#),
        (b"\xd9\xa3", r#""\xd9\xa3""#), // a digit, but not an ASCII one
        (b"\x1b[2J", r#""\x1b[2J""#),
        (b"5hello", "\"5hello\""),
        (b"18446744073709551616", "\"18446744073709551616\""),
        (&[b'9'; 30], "\"999999999999999999999999999999\""),
        (&[b'9'; 200], "\"9999999999"),
    ] {
        let (status, stdout, errors, rest, addr) = exec("ls\nls\n", |stream| {
            assert_eq!(receive(stream), b"ls");
            stream.write_all(size).unwrap();
            receive_to_end(stream)
        });
        assert_eq!((status, stdout.len(), rest.len()), (Some(1), 0, 0), "{shown}: {errors}");
        assert_says(&errors, "tcp_exec_client", &[&addr.to_string(), shown]);
    }
}

#[test]
fn a_server_that_closes_before_the_size_is_an_error() {
    let (status, stdout, errors, _, addr) = exec("ls\nls\n", |stream| assert_eq!(receive(stream), b"ls"));
    assert_eq!((status, stdout.len()), (Some(1), 0));
    assert_says(&errors, "tcp_exec_client", &[&addr.to_string(), "the server closed the connection"]);
}

#[test]
fn a_server_that_closes_early_is_an_error_that_names_how_many_bytes_of_how_many_came() {
    for (size, sent, expected) in [
        ("5", "", "0 of 5 bytes"),
        ("5", "abc", "3 of 5 bytes"),
        ("5", "abcd", "4 of 5 bytes"),
        ("101", "a\nb", "3 of 101 bytes"),
        ("18446744073709551615", "abc", "3 of 18446744073709551615 bytes"), // nor is so much allocated
    ] {
        let (status, stdout, errors, (), addr) = exec("ls\nls\n", move |stream| {
            shake_hands(stream, "ls", size);
            stream.write_all(sent.as_bytes()).unwrap();
        });
        assert_eq!((status, stdout), (Some(1), sent.as_bytes().to_vec()), "{errors}");
        assert_says(&errors, "tcp_exec_client", &[&addr.to_string(), expected]);
    }
}

/// The acknowledgement is left unread, so closing resets the connection. On Windows that may overtake what was sent
/// before.
#[test]
fn a_connection_that_is_reset_early_is_an_error_that_names_how_many_bytes_came() {
    let (status, stdout, errors, (), addr) = exec("ls\n", |stream| {
        assert_eq!(receive(stream), b"ls");
        stream.write_all(b"5").unwrap();
        stream.peek(&mut [0]).unwrap();
        stream.write_all(b"abc").unwrap();
    });
    assert!(status == Some(1) && (stdout == b"abc" || cfg!(windows)), "{errors}");
    assert_says(&errors, "tcp_exec_client", &[&addr.to_string(), &format!("only {} of 5 bytes", stdout.len())]);
    assert!(errors.matches("the other side is gone").count() < 2, "{errors}");
}

#[test]
#[cfg(unix)]
fn what_came_of_an_output_is_shown_before_the_error_that_ended_it() {
    let (addr, receiver) = fake_server(|stream| {
        shake_hands(stream, "ls", "5");
        stream.write_all(b"abc").unwrap();
    });
    let mut sh = assert_cmd::Command::new("sh");
    sh.args(["-c", r#"exec "$0" "$1" 2>&1"#]).arg(program("tcp_exec_client")).arg(addr.to_string());
    let assert = sh.timeout(PATIENCE).write_stdin("ls\n").assert().code(1);
    let shown = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(shown.starts_with("abctcp_exec_client: "), "{shown}");
    served(&receiver);
}

#[test]
fn a_server_that_is_gone_between_two_commands_is_an_error() {
    let (addr, receiver) = fake_server(|stream| {
        shake_hands(stream, "one", "2");
        stream.write_all(b"1\n").unwrap();
    });
    let mut client = Program::start(Command::new(program("tcp_exec_client")).arg(addr.to_string()));
    client.type_line("one");
    assert_eq!(client.line(), "1");
    served(&receiver);
    client.type_line("two");
    assert!(client.error_with(&addr.to_string()).starts_with("tcp_exec_client: "));
    assert_eq!(client.finish(), Some(1));
}

#[test]
fn an_output_that_comes_byte_by_byte_is_copied_as_it_comes() {
    let (sender, shown) = mpsc::channel();
    let (addr, receiver) = fake_server(move |stream| {
        shake_hands(stream, "count", "292");
        for number in 1..=100 {
            for byte in format!("{number}\n").bytes() {
                stream.write_all(&[byte]).unwrap();
            }
            assert_eq!(shown.recv_timeout(PATIENCE).unwrap(), number.to_string()); // the client has shown it already
        }
        receive_to_end(stream)
    });
    let mut client = Program::start(Command::new(program("tcp_exec_client")).arg(addr.to_string()));
    client.type_line("count");
    for _ in 0..100 {
        sender.send(client.line()).unwrap();
    }
    assert_eq!((client.finish(), served(&receiver)), (Some(0), vec![]));
}

#[test]
fn an_empty_output_is_acknowledged_too_and_the_session_goes_on() {
    let outputs = [("one", ""), ("two", ""), ("three", "drei\n"), ("four", ""), ("five", "no newline"), ("six", "6")];
    let (status, stdout, errors, rest, _) = exec("one\ntwo\nthree\nfour\nfive\nsix\n", move |stream| {
        for (command, output) in outputs {
            assert_eq!(receive_exactly(stream, command.len()), command.as_bytes()); // may be glued to the `True` before
            stream.write_all(output.len().to_string().as_bytes()).unwrap();
            assert_eq!(receive_exactly(stream, 4), b"True");
            stream.write_all(output.as_bytes()).unwrap();
        }
        receive_to_end(stream)
    });
    assert_eq!((status, &*errors), (Some(0), ""));
    assert_eq!(stdout, b"drei\nno newline6");
    assert_eq!(rest, b"", "more was sent than commands and acknowledgements");
}

#[test]
fn a_size_with_zeros_in_front_is_that_size() {
    let (status, stdout, _, (), _) = exec("ls\n", |stream| {
        shake_hands(stream, "ls", "0003");
        stream.write_all(b"abc").unwrap();
    });
    assert_eq!((status, stdout), (Some(0), b"abc".to_vec()));
}

#[test]
fn no_more_than_the_announced_bytes_are_taken_for_the_output() {
    let (status, stdout, errors, (), _) = exec("one\ntwo\n", |stream| {
        shake_hands(stream, "one", "5");
        stream.write_all(b"12345more").unwrap();
        receive_to_end(stream);
    });
    assert_eq!((status, stdout), (Some(1), b"12345".to_vec()));
    assert_says(&errors, "tcp_exec_client", &["\"more\""]);
}

#[test]
fn an_output_is_printed_byte_for_byte() {
    let every_byte: Vec<u8> = (0..=255).cycle().take(1000).chain(*b"\x1b[2J\r\n\0").collect();
    let output = every_byte.clone();
    let (status, stdout, errors, (), _) = exec("cat\n", move |stream| {
        shake_hands(stream, "cat", &output.len().to_string());
        stream.write_all(&output).unwrap();
    });
    assert_eq!((status, &*errors), (Some(0), ""));
    assert!(stdout == every_byte, "{}", stdout.escape_ascii());
}

#[test]
fn a_command_over_1024_bytes_is_refused_by_the_client_and_nothing_of_it_is_sent() {
    let longest = ["x".repeat(1024), "é".repeat(512)];
    let too_long = ["y".repeat(1025), format!("{}y", "é".repeat(512)), "y".repeat(100_000)];
    let input =
        [&too_long[0], &longest[0], &too_long[1], &longest[1], &too_long[2], "end"].map(|line| format!("{line}\n"));
    let (status, stdout, errors, rest, _) = exec(&input.concat(), move |stream| {
        for command in [&*longest[0], &longest[1], "end"] {
            assert_eq!(receive_exactly(stream, command.len()), command.as_bytes());
            stream.write_all(b"3").unwrap();
            assert_eq!(receive_exactly(stream, 4), b"True");
            stream.write_all(b"ok\n").unwrap();
        }
        receive_to_end(stream)
    });
    assert_eq!((status, rest.len()), (Some(1), 0));
    assert_eq!(stdout, b"ok\nok\nok\n");
    assert_eq!(errors.lines().count(), 3, "{errors}");
    assert!(
        errors.lines().all(|line| line.starts_with("tcp_exec_client: ") && line.contains("1024 bytes")),
        "{errors}"
    );
}

#[test]
fn one_command_is_run_with_c_and_a_long_one_is_refused() {
    for (command, status, expected) in [(" echo hi ".to_owned(), 0, "echo hi"), ("x".repeat(1025), 1, "")] {
        let (addr, receiver) = fake_server(|stream| {
            let command = receive(stream);
            if !command.is_empty() {
                stream.write_all(b"0").unwrap();
                assert_eq!(receive_to_end(stream), b"True");
            }
            command
        });
        let assert = client("tcp_exec_client", addr).args(["-c", &command]).write_stdin("not read\n").assert();
        assert.code(status).stdout("");
        assert_eq!(served(&receiver), expected.as_bytes());
    }
}

/// 64 MiB through a client that stays small.
#[test]
#[cfg(target_os = "linux")]
fn a_large_output_is_copied_without_being_held_in_memory() {
    const SIZE: usize = 64 * 1024 * 1024;
    const MOST_KB: u64 = 8 * 1024;
    let block: Vec<u8> = (0..SIZE / 64).map(|at| (at / 3 + at / 1000) as u8).collect();
    let sent = block.clone();
    let (addr, receiver) = fake_server(move |stream| {
        shake_hands(stream, "much", &SIZE.to_string());
        (0..64).for_each(|_| stream.write_all(&sent).unwrap());
        receive_to_end(stream)
    });
    let mut child = spawn(Command::new(program("tcp_exec_client")).arg(addr.to_string()));
    let mut stdout = child.stdout.take().unwrap();
    let (sender, same) = mpsc::channel();
    thread::spawn(move || {
        let mut received = vec![0; block.len()];
        let is_same = (0..64).all(|_| stdout.read_exact(&mut received).is_ok() && received == block);
        let _ = sender.send(is_same);
        let _ = sender.send(matches!(stdout.read(&mut received), Ok(0)));
    });
    let mut client = Program::following(child);
    client.type_line("much");
    assert!(same.recv_timeout(PATIENCE).unwrap(), "the output differs");
    let peak = status_field(client.child.id(), "VmHWM");
    assert!(peak < MOST_KB, "the client held {peak} kB");
    assert_eq!((client.finish(), served(&receiver)), (Some(0), vec![]));
    assert!(same.recv_timeout(PATIENCE).unwrap(), "more came than the output");
}

/// The first `size` bytes that the sticky client shows, within a limit.
fn show(stdout: &Receiver<u8>, size: usize) -> String {
    (0..size)
        .map(|at| char::from(stdout.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("only {at} bytes"))))
        .collect()
}

/// A sticky client on `addr` and what it shows, byte by byte.
fn sticky(addr: SocketAddr) -> (Program, Receiver<u8>) {
    let mut child = spawn(Command::new(program("tcp_sticky_client")).arg(addr.to_string()));
    let stdout = child.stdout.take().unwrap();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || BufReader::new(stdout).bytes().map_while(Result::ok).try_for_each(|byte| sender.send(byte)));
    (Program::following(child), receiver)
}

/// The bug on purpose. `true;` has no output that could glue itself to the rest, and glued to another it is still none.
#[test]
#[cfg(unix)]
fn the_sticky_client_shows_100_bytes_of_an_output_and_the_rest_under_the_next_commands() {
    let server = Server::start("tcp_plain_server");
    let seq: String = (1..=100).map(|number| format!("{number}\n")).collect();
    for (commands, shown) in [
        ("seq 60\n", &seq[..100]),
        ("seq 60\ntrue;\n", &seq[..171]),
        ("seq 100\ntrue;\n", &seq[..200]),
        ("seq 100\ntrue;\ntrue;\n", &seq[..292]),
    ] {
        let assert = client("tcp_sticky_client", server.addr).write_stdin(commands).assert();
        assert.success().stderr("").stdout(shown.to_owned());
    }
}

/// The same at a server that sends the next output only when the client has shown the rest of the last one.
#[test]
fn each_output_of_the_sticky_client_stands_under_a_later_command() {
    let seq: String = (1..=60).map(|number| format!("{number}\n")).collect();
    let sent = seq.clone();
    let (sender, go_on) = mpsc::channel();
    let (addr, receiver) = fake_server(move |stream| {
        for (command, output) in [("seq 60", &*sent), ("echo next", "next\n"), ("echo last", "last\n")] {
            assert_eq!(receive(stream), command.as_bytes());
            go_on.recv_timeout(PATIENCE).unwrap();
            stream.write_all(output.as_bytes()).unwrap();
        }
        receive_to_end(stream)
    });
    let (mut client, stdout) = sticky(addr);
    sender.send(()).unwrap(); // the first output comes at once, each later one after what is shown instead of it
    for (command, shown) in [("seq 60", &seq[..100]), ("echo next", &seq[100..]), ("echo last", "next\n")] {
        client.type_line(command);
        assert_eq!(show(&stdout, shown.len()), shown, "under {command}");
        if command != "seq 60" {
            sender.send(()).unwrap();
        }
    }
    assert_eq!((client.finish(), served(&receiver)), (Some(0), vec![]));
    let rest: String = stdout.iter().map(char::from).collect();
    assert_eq!(rest, "", "`last` is shown under no command");
}

#[test]
fn an_output_of_at_most_100_bytes_is_shown_whole_and_byte_for_byte() {
    for size in [1, 99, 100] {
        let output: Vec<u8> = (0..size).map(|at| [0, 0xff, 0x1b, b'\n'][at % 4]).collect();
        let sent = output.clone();
        let (addr, receiver) = fake_server(move |stream| {
            assert_eq!(receive(stream), b"ls");
            stream.write_all(&sent).unwrap();
            receive_to_end(stream)
        });
        client("tcp_sticky_client", addr).args(["-c", "ls"]).assert().success().stdout(output).stderr("");
        assert_eq!(served(&receiver), b"");
    }
}

#[test]
#[cfg(unix)]
fn the_sticky_client_says_after_2_seconds_that_a_command_had_no_output_and_goes_on() {
    let server = Server::start("tcp_plain_server");
    let (mut client, stdout) = sticky(server.addr);
    let asked = Instant::now();
    client.type_line("true");
    let expected = format!("tcp_sticky_client: no output from {} within 2s", server.addr);
    assert_eq!(client.error_with("no output"), expected);
    assert!(asked.elapsed() > Duration::from_millis(1900), "gave up after {:?}", asked.elapsed());
    client.type_line("echo on");
    assert_eq!(show(&stdout, 3), "on\n");
    assert_eq!((client.finish(), client.errors()), (Some(0), vec![]));
}

/// Ctrl-Z and `fg`: a receive with a time limit fails then, as signal(7) says.
#[test]
#[cfg(target_os = "linux")]
fn a_sticky_client_that_is_stopped_and_continued_still_waits_for_its_output() {
    let (sender, go_on) = mpsc::channel();
    let (asked, is_asked) = mpsc::channel();
    let (addr, receiver) = fake_server(move |stream| {
        asked.send(receive(stream)).unwrap();
        go_on.recv_timeout(PATIENCE).unwrap();
        stream.write_all(b"done\n").unwrap();
        receive_to_end(stream)
    });
    let mut client = Program::start(Command::new(program("tcp_sticky_client")).arg(addr.to_string()));
    client.type_line("sleep 1");
    assert_eq!(is_asked.recv_timeout(PATIENCE).unwrap(), b"sleep 1");
    client.stop_and_continue();
    sender.send(()).unwrap();
    assert_eq!((client.finish(), client.errors()), (Some(0), vec![]));
    assert_eq!((client.line(), served(&receiver)), ("done".to_owned(), vec![]));
}

#[test]
fn the_sticky_client_reports_a_server_that_closes() {
    let (addr, receiver) = fake_server(|stream| {
        assert_eq!(receive(stream), b"one");
        stream.write_all(b"1").unwrap();
        assert_eq!(receive(stream), b"two");
    });
    let assert = client("tcp_sticky_client", addr).write_stdin("one\ntwo\nthree\n").assert().code(1).stdout("1");
    let errors = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    assert_says(&errors, "tcp_sticky_client", &[&addr.to_string(), "closed"]);
    served(&receiver);
}

/// 8080, 8088 and 8089 are easily mixed up.
#[test]
#[cfg(unix)]
fn every_client_at_every_wrong_server_says_at_once_what_it_got_and_what_it_expected() {
    for (client_name, server, expected, got) in [
        ("tcp_sticky_client", "tcp_exec_server", "expected output", "a number; is it tcp_exec_server"),
        ("tcp_sticky_client", "tcp_header_server", "expected output", "a header; is it tcp_header_server"),
        (
            "tcp_exec_client",
            "tcp_plain_server",
            "expected the size of the output",
            "\"hello\\n\"; it seems to send the output without a size",
        ),
        (
            "tcp_exec_client",
            "tcp_header_server",
            "expected the size of the output",
            "a header; is it tcp_header_server",
        ),
        ("tcp_header_client", "tcp_plain_server", "expected the magic \"HDR1\"", "\"cannot run"),
        ("tcp_header_client", "tcp_exec_server", "expected the magic \"HDR1\"", "is it another server?"),
    ] {
        let server = Server::start(server);
        let started = Instant::now();
        let output = client(client_name, server.addr).args(["-c", "echo hello"]).output().unwrap();
        assert!(started.elapsed() < Duration::from_secs(1) + SLACK, "{client_name} at {}", server.addr);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(expected) && said.contains(got), "{client_name}: {said}");
    }
}

/// Whoever types into a header server by hand learns what it wants.
#[test]
fn a_header_server_refuses_text_at_its_first_byte() {
    let server = Server::start("tcp_header_server");
    for (sent, shown) in [(&b"x"[..], "got \"x\""), (b"HE", "got \"HE\""), (b"HDR2", "got \"HDR2\"")] {
        let mut stream = server.connect();
        stream.write_all(sent).unwrap();
        let answer = String::from_utf8_lossy(&receive_to_end(&mut stream)).into_owned();
        assert!(answer.ends_with(&format!("expected the magic \"HDR1\", {shown}")), "{answer}");
    }
}
