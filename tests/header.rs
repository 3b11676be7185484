//! The header server, and its client, against peers that are clumsy, hostile or gone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod common;
use common::*;
use socket_basics::header::{Kind, recv_message, send_message};
use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

/// Stdout, stderr and return code of the next answer.
fn answer(stream: &mut TcpStream) -> (Vec<u8>, Vec<u8>, i32) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    loop {
        let message = recv_message(stream).unwrap().expect("an answer before the end");
        match message.kind {
            Kind::Stdout => stdout.extend(message.body),
            Kind::Stderr => stderr.extend(message.body),
            Kind::Exit => return (stdout, stderr, i32::from_be_bytes(message.body.try_into().unwrap())),
            kind => panic!("{kind:?} {:?}", text(&message.body)),
        }
    }
}

fn run(stream: &mut TcpStream, command: &str) -> (Vec<u8>, Vec<u8>, i32) {
    send_message(&*stream, Kind::Command, command.as_bytes()).unwrap();
    answer(stream)
}

/// The reason of the refusal that comes next, and that the server closes after it.
fn refusal(stream: &mut TcpStream) -> String {
    let message = recv_message(stream).unwrap().expect("a refusal before the end");
    assert_eq!(message.kind, Kind::Refused);
    assert!(recv_message(stream).unwrap().is_none(), "closed after a refusal");
    String::from_utf8(message.body).unwrap()
}

#[cfg(unix)]
#[test]
fn stdout_and_stderr_come_apart_with_the_return_code() {
    let server = Server::start("tcp_header_server");
    let mut stream = server.connect();
    assert_eq!(run(&mut stream, "echo out; echo err >&2; exit 7"), (b"out\n".to_vec(), b"err\n".to_vec(), 7));
    assert_eq!(run(&mut stream, "true"), (vec![], vec![], 0));
    assert_eq!(run(&mut stream, "cat"), (vec![], vec![], 0));
    #[cfg(unix)]
    assert_eq!(run(&mut stream, "kill -9 $$").2, -9);
}

#[cfg(unix)]
#[test]
fn output_arrives_while_the_command_runs() {
    let server = Server::start("tcp_header_server");
    let dir = tempfile::tempdir().unwrap();
    let go = dir.path().join("go");
    let mut stream = server.connect();
    let command = format!("echo first; until [ -e {} ]; do sleep 0.01; done; echo second", go.display());
    send_message(&stream, Kind::Command, command.as_bytes()).unwrap();
    assert_eq!(recv_message(&mut stream).unwrap().unwrap().body, b"first\n");
    std::fs::write(&go, "").unwrap();
    assert_eq!(answer(&mut stream), (b"second\n".to_vec(), vec![], 0));
}

#[cfg(unix)]
#[test]
fn two_hundred_kilobytes_on_each_pipe_arrive_whole() {
    let server = Server::start("tcp_header_server");
    let (stdout, stderr, code) = run(&mut server.connect(), "seq 40000; seq 40000 >&2");
    let expected: String = (1..=40_000).map(|number| format!("{number}\n")).collect();
    assert!(stdout == expected.as_bytes() && stderr == expected.as_bytes());
    assert_eq!(code, 0);
}

#[cfg(unix)]
#[test]
fn commands_sent_ahead_are_answered_in_order() {
    let server = Server::start("tcp_header_server");
    let mut stream = server.connect();
    let mut commands = header_command(b"sleep 0.6; echo 0"); // longer than the server's look at its client
    (1..100).for_each(|number| commands.extend(header_command(format!("echo {number}").as_bytes())));
    stream.write_all(&commands).unwrap();
    for number in 0..100 {
        assert_eq!(answer(&mut stream).0, format!("{number}\n").as_bytes());
    }
}

/// It looks like one that has left, but for its reading.
#[cfg(unix)]
#[test]
fn a_client_that_has_closed_its_sending_side_gets_each_short_answer_however_many_there_are() {
    let server = Server::start("tcp_header_server");
    let mut stream = server.connect();
    let commands: Vec<_> =
        (0..5).map(|number| header_command(format!("sleep 0.2; echo {number}").as_bytes())).collect();
    stream.write_all(&commands.concat()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    for number in 0..5 {
        assert_eq!(answer(&mut stream).0, format!("{number}\n").as_bytes());
    }
    assert!(recv_message(&mut stream).unwrap().is_none());
}

#[test]
fn a_message_in_single_bytes_is_a_message() {
    let server = Server::start("tcp_header_server");
    let mut stream = server.connect();
    stream.set_nodelay(true).unwrap();
    for byte in header_command(b"echo bits") {
        stream.write_all(&[byte]).unwrap();
    }
    assert_eq!(answer(&mut stream).0, echoed("bits"));
}

#[cfg(unix)]
#[test]
fn a_command_of_65536_bytes_runs() {
    let server = Server::start("tcp_header_server");
    let command = format!("echo whole #{}", "x".repeat(65_536 - 12));
    assert_eq!(command.len(), 65_536);
    assert_eq!(run(&mut server.connect(), &command).0, b"whole\n");
}

#[test]
fn a_command_that_cannot_be_started_is_answered_with_126_and_the_connection_lives_on() {
    let server = Server::start("tcp_header_server");
    let mut stream = server.connect();
    for command in [&b"echo \xff"[..], b"echo \0"] {
        send_message(&stream, Kind::Command, command).unwrap();
        let (stdout, stderr, code) = answer(&mut stream);
        assert_eq!((stdout.len(), code), (0, 126));
        assert!(stderr.starts_with(b"cannot run this command: "));
    }
    assert_eq!(run(&mut stream, "echo alive").0, echoed("alive"));
}

#[test]
fn a_message_against_the_format_is_refused_with_the_reason_and_disturbs_nobody() {
    let server = Server::start("tcp_header_server");
    let mut other = server.connect();
    let good = header_command(b"echo never");
    let with = |at: usize, bytes: &[u8]| {
        let mut bad = good.clone();
        bad[at..at + bytes.len()].copy_from_slice(bytes);
        bad
    };
    let mut exit = Vec::new();
    send_message(&mut exit, Kind::Exit, &[0; 4]).unwrap();
    for (message, reason) in [
        (with(0, b"HDR2"), "magic"),
        (with(4, &[0]), "unknown kind 0"),
        (with(4, &[6]), "unknown kind 6"),
        (with(5, &[0, 0, 1]), "reserved"),
        (with(8, &0_u64.to_be_bytes()), "length of 0"),
        (with(8, &65_537_u64.to_be_bytes()), "length of 65537"),
        (with(8, &u64::MAX.to_be_bytes()), "length of 18446744073709551615"),
        (exit, "not a command"),
    ] {
        let mut stream = server.connect();
        stream.write_all(&message).unwrap();
        let answer = refusal(&mut stream);
        assert!(answer.contains(reason), "{answer:?} for {reason:?}");
        drop(stream); // the server lingers for it, then logs
        server.program.error_with(reason);
        assert_eq!(run(&mut other, "echo fine").0, echoed("fine"));
    }
}

/// What is unread when a connection is closed makes TCP reset it, and the reason would be lost.
#[test]
fn a_client_that_goes_on_sending_what_was_refused_still_reads_the_reason() {
    let server = Server::start("tcp_header_server");
    let mut stream = server.connect();
    stream.write_all(&vec![b'x'; 1024 * 1024]).unwrap();
    assert!(refusal(&mut stream).contains("magic"));
}

#[test]
fn a_close_inside_a_message_is_an_error_and_one_between_messages_is_not() {
    let server = Server::start("tcp_header_server");
    for length in [1, 63, 64, 70] {
        let mut stream = server.connect();
        stream.write_all(&header_command(b"echo never")[..length]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert!(refusal(&mut stream).contains("ended inside a message"));
        drop(stream);
        server.program.error_with("ended inside a message");
    }
    let mut stream = server.connect();
    run(&mut stream, "exit 0");
    stream.shutdown(Shutdown::Write).unwrap();
    assert!(recv_message(&mut stream).unwrap().is_none());
}

#[cfg(unix)]
#[test]
fn a_client_that_leaves_takes_its_command_along_whatever_it_does() {
    let server = Server::start("tcp_header_server");
    let dir = tempfile::tempdir().unwrap();
    for (state, before, after) in [
        ("silent", "", ""),
        ("printing", "", "& yes"),
        ("blocked", "yes & ", ""),
        ("closed", "exec >&- 2>&-; ", ""),
        ("ignoring", "trap '' TERM HUP INT PIPE; ", ""),
        ("background stdout", "(", ") 2>/dev/null & exit"),
        ("background stderr", "sleep 0.2; (", ") >/dev/null & exit"),
    ] {
        let pids = dir.path().join(state.replace(' ', "-"));
        let stream = server.connect();
        let command = format!("{before}{}{after}", sleeper(&pids));
        send_message(&stream, Kind::Command, command.as_bytes()).unwrap();
        wait_until("the command starts", || pids.exists());
        drop(stream);
        assert_all_end(&pids);
    }
    assert_no_children(&server);
}

/// Closing a connection with something unread resets it.
#[cfg(unix)]
#[test]
fn a_client_that_resets_its_connection_takes_a_silent_command_along() {
    let server = Server::start("tcp_header_server");
    let dir = tempfile::tempdir().unwrap();
    let pids = dir.path().join("pids");
    let stream = server.connect();
    send_message(&stream, Kind::Command, format!("echo unread; {}", sleeper(&pids)).as_bytes()).unwrap();
    wait_until("the command starts", || pids.exists());
    stream.peek(&mut [0]).unwrap();
    drop(stream);
    assert_all_end(&pids);
}

#[cfg(unix)]
#[test]
fn a_client_that_closes_its_sending_side_in_a_long_command_gets_what_comes_soon() {
    let server = Server::start("tcp_header_server");
    let mut stream = server.connect();
    send_message(&stream, Kind::Command, b"sleep 1; echo first; sleep 0.1; echo second").unwrap();
    assert_eq!(recv_message(&mut stream).unwrap().unwrap().body, b"first\n");
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(answer(&mut stream), (b"second\n".to_vec(), vec![], 0));
}

#[cfg(unix)]
#[test]
fn a_client_that_has_closed_its_sending_side_and_does_not_read_keeps_no_thread() {
    let server = Server::start("tcp_header_server");
    let mut stream = server.connect();
    send_message(&stream, Kind::Command, b"yes").unwrap();
    recv_message(&mut stream).unwrap(); // it runs, and fills what the system holds for a client
    stream.shutdown(Shutdown::Write).unwrap();
    server.program.error_with("it left, and its command was sent SIGKILL");
}

#[cfg(unix)]
#[test]
fn a_client_that_leaves_behind_commands_sent_ahead_is_noticed() {
    let server = Server::start("tcp_header_server");
    let dir = tempfile::tempdir().unwrap();
    let (pids, witness) = (dir.path().join("pids"), dir.path().join("witness"));
    let mut stream = server.connect();
    let mut commands = header_command(sleeper(&pids).as_bytes());
    (0..1000).for_each(|_| commands.extend(header_command(format!(": >{}", witness.display()).as_bytes())));
    stream.write_all(&commands).unwrap();
    wait_until("the command starts", || pids.exists());
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(receive_to_end(&mut stream), b"");
    assert_all_end(&pids);
    assert!(!witness.exists(), "a command of a client that had left was run");
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_does_not_read_slows_down_its_own_command_only() {
    let server = Server::start("tcp_header_server");
    let deaf = server.connect();
    send_message(&deaf, Kind::Command, b"head -c 1G /dev/zero").unwrap();
    assert_eq!(run(&mut server.connect(), "echo served").0, b"served\n");
    assert!(status_field(server.program.child.id(), "VmHWM") < 8 * 1024);
}

#[cfg(target_os = "linux")]
#[test]
fn what_clients_have_sent_ahead_is_given_back_once_it_has_been_read() {
    let server = Server::start("tcp_header_server");
    let long = header_command(format!(": {}", "x".repeat(60_000)).as_bytes());
    let ahead = [header_command(b"sleep 0.5"), long.repeat(16)].concat();
    let mut clients: Vec<_> = (0..20).map(|_| server.connect()).collect();
    clients.iter_mut().for_each(|stream| stream.write_all(&ahead).unwrap());
    wait_until("it is read ahead", || status_field(server.program.child.id(), "VmRSS") > 16 * 1024);
    clients.iter_mut().for_each(|stream| (0..17).for_each(|_| drop(answer(stream))));
    wait_until("it is given back", || status_field(server.program.child.id(), "VmRSS") < 12 * 1024);
}

#[cfg(target_os = "linux")]
#[test]
fn a_large_output_needs_a_few_megabytes_at_either_end() {
    let server = Server::start("tcp_header_server");
    let mut client = Command::new(program("tcp_header_client"));
    client.args([&server.addr.to_string(), "-c", "head -c 300M /dev/zero; echo end >&2; sleep 1000"]);
    let client = Program::start(client.stdout(std::process::Stdio::null()));
    client.error_with("end");
    for pid in [server.program.child.id(), client.child.id()] {
        let peak = status_field(pid, "VmHWM");
        assert!(peak < 8 * 1024, "{peak} kB");
    }
}

#[cfg(unix)]
#[test]
fn user_and_time_are_shown_in_the_log_and_never_trusted() {
    let server = Server::start("tcp_header_server");
    let mut stream = server.connect();
    let mut message = header_command(b"echo \x1b[2J");
    message[16..24].copy_from_slice(&u64::MAX.to_be_bytes());
    message[24..64].copy_from_slice(&[b'\xff'; 40]);
    stream.write_all(&message).unwrap();
    assert_eq!(answer(&mut stream).2, 0);
    let line = server.program.line_with(" s from now, as its clock says: ");
    assert!(line.contains(r"echo \u{1b}[2J") && !line.contains('\x1b'), "{line}");
}

#[test]
fn both_ends_say_who_they_are_and_when() {
    let name = "ein-sehr-langer-benutzername-mit-umlautä"; // 41 bytes, the 40th and 41st one character
    let mut command = Command::new(program("tcp_header_server"));
    let server = Server::listening(Program::start(command.arg("127.0.0.1:0").env("LOGNAME", name)));
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64;
    let mut stream = server.connect();
    let before = now();
    send_message(&stream, Kind::Command, b"exit 0").unwrap();
    let message = recv_message(&mut stream).unwrap().unwrap();
    assert_eq!(message.user, "ein-sehr-langer-benutzername-mit-umlaut");
    assert!((before..=now()).contains(&message.time));
    client("tcp_header_client", server.addr).env("LOGNAME", "ada").args(["-c", "exit 0"]).assert().success();
    server.program.line_with("user \"ada\" sent 0.");
}

#[cfg(unix)]
#[test]
fn the_client_ends_with_the_status_of_the_command() {
    let server = Server::start("tcp_header_server");
    for (command, status) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("exit 255", 255)] {
        client("tcp_header_client", server.addr).args(["-c", command]).assert().code(status);
    }
    client("tcp_header_client", "127.0.0.1:1".parse().unwrap()).args(["-c", "true"]).assert().code(255);
    client("tcp_header_client", "127.0.0.1:1".parse().unwrap()).assert().code(1);
    client("tcp_header_client", server.addr).args(["-c", &"x".repeat(65_537)]).assert().code(255);
}

#[cfg(unix)]
#[test]
fn the_client_prints_stdout_and_stderr_where_they_belong_and_names_a_bad_status() {
    let server = Server::start("tcp_header_server");
    let lines = "echo out\n\necho err >&2\nexit 7\nkill -9 $$\nprintf '\\377\\000'\n";
    let assert = client("tcp_header_client", server.addr).write_stdin(lines).assert().success();
    let output = assert.get_output();
    assert_eq!(output.stdout, b"out\n\xff\0");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(stderr, "err\ntcp_header_client: exit status 7\ntcp_header_client: killed by signal 9\n");
}

/// A server that sends `answer` to whoever connects, then closes.
fn fake_server(answer: Vec<u8>) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = recv_message(&mut stream);
        let _ = stream.write_all(&answer);
        let _ = stream.shutdown(Shutdown::Write);
        let _ = receive_to_end(&mut stream);
    });
    addr
}

#[test]
fn the_client_says_what_is_wrong_with_a_bad_answer() {
    let message = |kind, body: &[u8]| {
        let mut bytes = Vec::new();
        send_message(&mut bytes, kind, body).unwrap();
        bytes
    };
    let mut huge = message(Kind::Stdout, b"");
    huge[8..16].copy_from_slice(&65_537_u64.to_be_bytes());
    for (answer, what) in [
        (vec![], "the server closed the connection"),
        (message(Kind::Stdout, b"part"), "the server closed the connection"),
        (message(Kind::Exit, &[0; 4])[..67].to_vec(), "the stream ended inside a message"),
        (message(Kind::Refused, b"no\x1b[2J"), "refused: no\\u{1b}[2J"),
        (message(Kind::Command, b"echo"), "unexpected Command"),
        (huge, "length of 65537"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".repeat(4), "expected the magic \"HDR1\", got \"HTTP/1.1 400"),
    ] {
        let addr = fake_server(answer);
        let assert = client("tcp_header_client", addr).args(["-c", "exit 0"]).assert().code(255);
        let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(stderr.starts_with(&format!("tcp_header_client: {addr}: ")) && stderr.contains(what), "{stderr}");
    }
}
