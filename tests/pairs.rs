//! Every program against the Python of the same name, in both directions, and the size handshake against what the
//! tutorial's own programs do. Without Python these tests say so and pass, unless `CI` is set.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use socket_basics::header::{self, Kind};
use std::io::Write;
use std::net::{SocketAddr, UdpSocket};
use std::process::{Command, Output};
use std::thread;

/// A server in one language and the client to run against it in the other.
struct Pair {
    server: Server,
    client: &'static str,
    client_language: Language,
}

/// What a client printed. Of a client in Python the prompts are left out, and `EOFError`, with which it ends.
struct Printed {
    stdout: Vec<u8>,
    stderr: String,
    is_success: bool,
}

impl Pair {
    fn client(&self) -> Command {
        command(self.client_language, self.client, self.server.addr)
    }

    /// What the client prints when it is given `input`.
    fn run(&self, input: impl AsRef<[u8]>) -> Printed {
        run(self.client_language, self.client(), input)
    }

    /// What the client prints on stdout when it is given `input` and nothing goes wrong.
    fn output(&self, input: impl AsRef<[u8]>) -> Vec<u8> {
        successful(self.run(input))
    }
}

/// Calls `check` with a Rust server and a Python client, and with a Python server and a Rust client, at the same time.
fn both_ways(server: &'static str, client: &'static str, check: impl Fn(&Pair) + Sync) {
    if python().is_none() {
        return;
    }
    thread::scope(|scope| {
        for client_language in [Python, Rust] {
            let check = &check;
            scope.spawn(move || {
                println!("the client is the one in {client_language:?}"); // seen when the test fails
                let server = match client_language {
                    Python => Server::start(server),
                    Rust => python_server(server),
                };
                check(&Pair { server, client, client_language });
            });
        }
    });
}

fn python_server(name: &str) -> Server {
    Server::listening(Program::start(python_script(name).arg("127.0.0.1:0")))
}

fn command(language: Language, name: &str, addr: SocketAddr) -> Command {
    let mut command = match language {
        Rust => Command::new(program(name)),
        Python => python_script(name),
    };
    command.arg(addr.to_string());
    command
}

fn run(language: Language, command: Command, input: impl AsRef<[u8]>) -> Printed {
    let mut command = assert_cmd::Command::from_std(command);
    let Output { status, stdout, stderr } = command.write_stdin(input.as_ref()).timeout(PATIENCE).output().unwrap();
    let stderr = text(&stderr).replace("\r\n", "\n");
    if language == Rust {
        return Printed { stdout, stderr, is_success: status.success() };
    }
    let stdout = without(&stdout, b">> ");
    match stderr.strip_suffix("EOFError: EOF when reading a line\n") {
        Some(rest) => {
            let (before, _) = rest.split_once("Traceback ").unwrap();
            Printed { stdout, stderr: before.to_owned(), is_success: true }
        }
        None => Printed { stdout, stderr, is_success: false },
    }
}

fn without(bytes: &[u8], prompt: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        if rest.starts_with(prompt) {
            rest = &rest[prompt.len()..];
        } else {
            kept.push(*first);
            rest = &rest[1..];
        }
    }
    kept
}

fn successful(printed: Printed) -> Vec<u8> {
    assert_eq!((printed.is_success, printed.stderr), (true, String::new()));
    printed.stdout
}

// UDP

#[test]
fn datagrams_come_back_with_their_ascii_letters_in_capitals() {
    both_ways("udp_server", "udp_client", |pair| {
        let replies = text(&pair.output("hello\n\n  GrÜße, ß ı é 漢字  \n'\"\\\n"));
        let shown = ["HELLO", "GRÜßE, ß ı é 漢字", "'\"\\"].map(|reply| shown_reply(pair, reply));
        assert_eq!(replies, shown.concat());
        let from =
            if pair.client_language == Python { "recv: \"hello\" 127.0.0.1:" } else { "recv: b'hello' ('127.0.0.1', " };
        assert!(pair.server.program.line().starts_with(from));
    });
}

/// How the client prints a reply of the server.
fn shown_reply(pair: &Pair, reply: &str) -> String {
    let addr = pair.server.addr;
    match pair.client_language {
        Rust => format!("{reply} {addr}\n"),
        Python => format!("{reply} ('{}', {})\n", addr.ip(), addr.port()),
    }
}

#[test]
fn a_datagram_of_1024_bytes_comes_back_whole() {
    both_ways("udp_server", "udp_client", |pair| {
        let replies = text(&pair.output("x".repeat(1024)));
        assert_eq!(replies, shown_reply(pair, &"X".repeat(1024)));
    });
}

#[cfg(unix)] // Windows reports an error instead
#[test]
fn of_a_longer_datagram_the_first_1024_bytes_come_back() {
    both_ways("udp_server", "udp_client", |pair| {
        let replies = text(&pair.output(format!("{}\nnext\n", "x".repeat(1025))));
        assert_eq!(replies, shown_reply(pair, &"X".repeat(1024)) + &shown_reply(pair, "NEXT"));
        let log = pair.server.program.line_with("recv: ");
        assert_eq!(log.matches('x').count(), 1024, "{log}"); // a client cuts a reply too
    });
}

#[test]
fn datagrams_that_ask_for_no_answer_arrive() {
    both_ways("udp_server", "udp_send_client", |pair| {
        assert_eq!(text(&pair.output("one\n\ntwo é\n")), "");
        let (one, two) = match pair.client_language {
            Python => ("recv: \"one\" ", r#"recv: "two \xc3\xa9" "#),
            Rust => ("recv: b'one' ", r"recv: b'two \xc3\xa9' "),
        };
        assert!(pair.server.program.line().starts_with(one));
        assert!(pair.server.program.line().starts_with(two));
    });
}

#[test]
fn without_a_server_sending_succeeds_and_asking_fails_in_either_language() {
    if python().is_none() {
        return;
    }
    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for language in [Rust, Python] {
        let sent = run(language, command(language, "udp_send_client", nobody), "gone\n");
        assert_eq!(text(&successful(sent)), "");
        let asked = run(language, command(language, "udp_client", nobody), "anybody?\n");
        let said = text(&asked.stdout) + &asked.stderr;
        assert!(said.contains("no reply from") && said.contains(&nobody.port().to_string()), "{said}");
    }
}

// plain and sticky

#[test]
fn a_command_is_run_for_the_sticky_client() {
    both_ways("tcp_plain_server", "tcp_sticky_client", |pair| {
        assert_eq!(text(&pair.output("echo hello")).trim_end(), "hello"); // Windows ends the line with two bytes
    });
}

#[cfg(unix)]
#[test]
fn plain_output_is_stdout_then_stderr() {
    both_ways("tcp_plain_server", "tcp_sticky_client", |pair| {
        let output = text(&pair.output("echo oops >&2; echo grüße"));
        assert_eq!(output.trim_end(), "grüße\noops"); // the client in Python ends it with one newline more
    });
}

#[cfg(unix)]
#[test]
fn the_sticky_client_shows_the_rest_of_an_output_instead_of_the_next_two() {
    both_ways("tcp_plain_server", "tcp_sticky_client", |pair| {
        let output = text(&pair.output("printf '%0300d' 1\necho 2\necho 3\n"));
        assert_eq!(output.replace('\n', ""), format!("{:0300}", 1));
    });
}

#[cfg(unix)]
#[test]
fn a_command_without_output_leaves_the_sticky_client_waiting_for_two_seconds() {
    both_ways("tcp_plain_server", "tcp_sticky_client", |pair| {
        let printed = pair.run("true\necho next\n");
        let said = text(&printed.stdout) + &printed.stderr;
        assert!(said.contains("next\n") && said.contains("no output"), "{said}");
    });
}

#[cfg(unix)]
#[test]
fn the_plain_server_survives_a_client_that_leaves_most_of_a_long_output_unread() {
    both_ways("tcp_plain_server", "tcp_sticky_client", |pair| {
        for _ in 0..2 {
            assert_eq!(text(&pair.output("printf '%0200000d' 1")).trim_end(), "0".repeat(100));
        }
    });
}

#[cfg(unix)]
#[test]
fn the_plain_server_runs_1024_bytes_and_nothing_of_1025() {
    both_ways("tcp_plain_server", "tcp_sticky_client", |pair| {
        let dir = tempfile::tempdir().unwrap();
        let longest = commented("echo whole", 1024);
        let too_long = commented(&format!("touch {}", dir.path().join("witness").display()), 1025);
        let printed = text(&pair.run(format!("{longest}\n{too_long}\necho never\n")).stdout);
        let lines: Vec<_> = printed.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, ["whole", "refused: longer than 1024 bytes, so nothing of it was run"]);
        assert!(!dir.path().join("witness").exists());
    });
}

/// `command` with a comment that makes it `length` bytes long.
#[cfg(unix)]
fn commented(command: &str, length: usize) -> String {
    let comment = "x".repeat(length - command.len() - 2);
    format!("{command} #{comment}")
}

// the size handshake

#[test]
fn a_command_is_run_with_the_size_handshake() {
    both_ways("tcp_exec_server", "tcp_exec_client", |pair| {
        assert_eq!(text(&pair.output("echo hello")).trim_end(), "hello");
    });
}

#[cfg(unix)]
#[test]
fn output_of_known_size_is_stdout_then_stderr_byte_for_byte() {
    both_ways("tcp_exec_server", "tcp_exec_client", |pair| {
        let output = pair.output("echo oops >&2; echo grüße\nprintf '\\377\\000\\r\\n\\303'\ncat; echo end\n");
        assert_eq!(output, b"gr\xc3\xbc\xc3\x9fe\noops\n\xff\0\r\n\xc3end\n");
    });
}

#[cfg(unix)]
#[test]
fn outputs_around_the_100_byte_step_and_empty_ones_keep_to_their_commands() {
    both_ways("tcp_exec_server", "tcp_exec_client", |pair| {
        let outputs: Vec<String> = [1, 0, 0, 99, 100, 0, 101, 200, 0, 0, 0, 5]
            .into_iter()
            .zip('a'..)
            .map(|(size, letter)| letter.to_string().repeat(size))
            .collect();
        let commands: String = outputs.iter().map(|output| format!("printf '{output}'\n")).collect();
        assert_eq!(text(&pair.output(commands)), outputs.concat());
        assert_eq!(text(&pair.output("echo one\ntrue\ntrue\necho two\nexit 3\necho three\n")), "one\ntwo\nthree\n");
    });
}

#[cfg(unix)]
#[test]
fn two_hundred_kilobytes_on_each_pipe_arrive_whole_with_the_size_handshake() {
    both_ways("tcp_exec_server", "tcp_exec_client", |pair| {
        let output = pair.output("printf '%0200000d\\n' 1 >&2; printf '%0200000d\\n' 2\necho next\n");
        assert_eq!(output, format!("{0}2\n{0}1\nnext\n", "0".repeat(199_999)).as_bytes());
    });
}

#[cfg(unix)]
#[test]
fn a_command_of_1024_bytes_runs_and_the_exec_server_refuses_or_the_rust_client_does_not_send_one_more() {
    both_ways("tcp_exec_server", "tcp_exec_client", |pair| {
        let dir = tempfile::tempdir().unwrap();
        let longest = commented("echo whole", 1024);
        let too_long = commented(&format!("touch {}", dir.path().join("witness").display()), 1025);
        let printed = pair.run(format!("{longest}\n{too_long}\necho last\n"));
        let shown = match pair.client_language {
            Python => "whole\nrefused: longer than 1024 bytes, so nothing of it was run\n",
            Rust => "whole\nlast\n",
        };
        assert_eq!((printed.is_success, text(&printed.stdout)), (false, shown.to_owned()));
        assert!(!dir.path().join("witness").exists());
        assert_eq!(text(&pair.output("echo alive")), "alive\n");
    });
}

#[cfg(unix)]
#[test]
fn the_python_exec_server_keeps_to_the_handshake_with_any_client() {
    if python().is_none() {
        return;
    }
    let server = python_server("tcp_exec_server");
    let mut stream = server.connect();
    stream.write_all(b"exit 0").unwrap();
    assert_eq!(receive(&mut stream), b"0");
    stream.write_all(b"Trueecho glued").unwrap();
    assert_eq!(receive(&mut stream), b"6");
    stream.write_all(b"True").unwrap();
    assert_eq!(receive(&mut stream), b"glued\n");
    stream.write_all(commented("echo part", 1025).as_bytes()).unwrap();
    assert_eq!(receive(&mut stream), b"58");
    stream.write_all(b"True").unwrap();
    assert_eq!(text(&receive_to_end(&mut stream)), "refused: longer than 1024 bytes, so nothing of it was run\n");
    let mut stream = server.connect();
    stream.write_all(b"echo secret").unwrap();
    assert_eq!(receive(&mut stream), b"7");
    stream.write_all(b"Fals").unwrap();
    assert_eq!(receive_to_end(&mut stream), b"");
}

// the size handshake, against what the tutorial's own programs do

/// Like the tutorial's client it counts 100 per receive, whatever came, so it stops early when a receive was short.
#[cfg(unix)]
const COUNTS_WHAT_IT_ASKED_FOR: &str = r#"
import socket, sys
host, port = sys.argv[1].split(":")
s = socket.create_connection((host, int(port)))
for line in sys.stdin:
    s.send(line.strip().encode())
    size, got, res = int(s.recv(100).decode()), 0, b""
    s.send("True".encode())
    while got < size:
        res += s.recv(min(100, size - got))
        got += 100
    sys.stdout.buffer.write(res)
"#;

/// Like the tutorial's server it takes any acknowledgement, and whatever is glued to it, and serves one client.
#[cfg(unix)]
const TAKES_ANY_ACKNOWLEDGEMENT: &str = r#"
import socket, subprocess
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(5)
print("listening on %s:%d" % s.getsockname(), flush=True)
conn, addr = s.accept()
while cmd := conn.recv(1024):
    res = subprocess.Popen(cmd.decode(), shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output = res.stdout.read() + res.stderr.read()
    conn.send(str(len(output)).encode())
    if conn.recv(1024).decode():
        conn.send(output)
"#;

#[cfg(unix)]
#[test]
fn a_client_that_counts_what_it_asked_for_gets_all_of_an_output_that_arrives_in_one_piece() {
    if python().is_none() {
        return;
    }
    let server = Server::start("tcp_exec_server");
    let mut client = bare_python();
    client.args(["-c", COUNTS_WHAT_IT_ASKED_FOR, &server.addr.to_string()]);
    let sizes = [1, 0, 99, 0, 0, 100, 101, 5_000];
    let mut commands: String = sizes.iter().map(|size| format!("head -c {size} /dev/zero | tr '\\0' x\n")).collect();
    for _ in 0..20 {
        commands += "echo xxxx; echo xxxx >&2\n"; // of both pipes, but in one piece
    }
    let shown = "x".repeat(sizes.iter().sum()) + &"xxxx\nxxxx\n".repeat(20);
    assert_eq!(text(&successful(run(Rust, client, commands))), shown);
}

#[cfg(unix)]
#[test]
fn a_server_that_takes_any_acknowledgement_serves_the_rust_client() {
    if python().is_none() {
        return;
    }
    let server = Server::listening(Program::start(bare_python().args(["-c", TAKES_ANY_ACKNOWLEDGEMENT])));
    let output = successful(run(
        Rust,
        command(Rust, "tcp_exec_client", server.addr),
        "echo oops >&2; echo grüße\nprintf '%0200000d\\n' 1\nprintf '\\377'\n",
    ));
    assert_eq!(output, [format!("grüße\noops\n{}1\n", "0".repeat(199_999)).as_bytes(), b"\xff"].concat());
}

// the header

#[test]
fn a_command_is_run_with_the_header() {
    both_ways("tcp_header_server", "tcp_header_client", |pair| {
        assert_eq!(text(&pair.output("echo hello")).trim_end(), "hello");
    });
}

#[cfg(unix)]
#[test]
fn with_the_header_stdout_and_stderr_pass_apart_byte_for_byte() {
    both_ways("tcp_header_server", "tcp_header_client", |pair| {
        let commands = "echo oops >&2; echo grüße\ntrue\nprintf '\\377\\000\\r\\n\\303'\ntrue\necho end; cat\n";
        let printed = pair.run(commands);
        assert_eq!(printed.stdout, b"gr\xc3\xbc\xc3\x9fe\n\xff\0\r\n\xc3end\n");
        assert_eq!((printed.stderr, printed.is_success), ("oops\n".to_owned(), true));
    });
}

#[cfg(unix)]
#[test]
fn two_hundred_kilobytes_on_each_pipe_arrive_whole_with_the_header() {
    both_ways("tcp_header_server", "tcp_header_client", |pair| {
        let printed = pair.run("printf '%0200000d\\n' 1 >&2; printf '%0200000d\\n' 2\necho next\n");
        let zeros = "0".repeat(199_999);
        assert_eq!(text(&printed.stdout), format!("{zeros}2\nnext\n"));
        assert_eq!(printed.stderr, format!("{zeros}1\n"));
    });
}

#[cfg(unix)]
#[test]
fn messages_stay_whole_when_both_pipes_are_full_all_the_time() {
    both_ways("tcp_header_server", "tcp_header_client", |pair| {
        let printed = pair.run("head -c 16000000 /dev/zero >&2 & head -c 16000000 /dev/zero; wait");
        assert_eq!((printed.is_success, printed.stdout.len(), printed.stderr.len()), (true, 16_000_000, 16_000_000));
        assert!(printed.stdout.iter().chain(printed.stderr.as_bytes()).all(|byte| *byte == 0));
    });
}

#[cfg(unix)]
#[test]
fn with_the_header_output_is_shown_while_the_command_runs() {
    both_ways("tcp_header_server", "tcp_header_client", |pair| {
        let dir = tempfile::tempdir().unwrap();
        let seen = dir.path().join("seen");
        let mut client = Program::start(&mut pair.client());
        client.type_line(&format!(
            "echo first; echo too >&2; while [ ! -e {} ]; do sleep 0.01; done; echo second",
            seen.display()
        ));
        client.line_with("first"); // behind a prompt, of Python
        client.error_with("too");
        std::fs::write(seen, "").unwrap(); // the command goes on only now
        client.line_with("second");
    });
}

#[cfg(unix)]
#[test]
fn a_status_that_is_not_zero_and_a_signal_are_shown() {
    both_ways("tcp_header_server", "tcp_header_client", |pair| {
        let printed = pair.run("exit 7\nkill -KILL $$\nexit 255\nexit 0\necho on\n");
        let said = text(&printed.stdout) + &printed.stderr;
        let signal = if pair.client_language == Python { "exit status -9\n" } else { "killed by signal 9\n" };
        for shown in ["exit status 7\n", signal, "exit status 255\n", "on\n"] {
            assert!(said.contains(shown), "no {shown:?} in {said}");
        }
        assert_eq!(said.lines().count(), 4, "{said}");
    });
}

#[cfg(unix)]
#[test]
fn the_rust_client_ends_with_the_status_that_the_python_server_sends() {
    if python().is_none() {
        return;
    }
    let server = python_server("tcp_header_server");
    for (shell_command, status) in [("exit 7", 7), ("true", 0), ("kill -KILL $$", 137)] {
        let mut client = command(Rust, "tcp_header_client", server.addr);
        client.args(["-c", shell_command]);
        assert_eq!(client.output().unwrap().status.code(), Some(status), "{shell_command}");
    }
}

#[test]
fn the_header_tells_the_server_the_time_and_the_user_cut_between_characters() {
    both_ways("tcp_header_server", "tcp_header_client", |pair| {
        let name = |letters| format!("x{}", "ä".repeat(letters));
        for (user, told) in [("ada".to_owned(), "ada".to_owned()), (name(20), name(19))] {
            let mut client = pair.client();
            client.env("LOGNAME", user);
            let output = successful(run(pair.client_language, client, "echo hello"));
            assert_eq!(text(&output).trim_end(), "hello");
            let log = pair.server.program.line_with("echo hello");
            let shown = match pair.client_language {
                Python => format!("user \"{told}\" sent 0."),
                Rust => format!(" {told} "),
            };
            assert!(log.contains(&shown), "no {shown} in {log}");
        }
    });
}

#[cfg(unix)]
#[test]
fn a_command_of_65_536_bytes_runs_and_one_more_is_refused_by_the_server_or_not_sent_by_the_rust_client() {
    both_ways("tcp_header_server", "tcp_header_client", |pair| {
        let dir = tempfile::tempdir().unwrap();
        let longest = commented("echo whole", 65_536);
        let too_long = commented(&format!("touch {}", dir.path().join("witness").display()), 65_537);
        let printed = pair.run(format!("{longest}\n{too_long}\necho last\n"));
        let (shown, reason) = match pair.client_language {
            Python => ("whole\n", "refused: "),
            Rust => ("whole\nlast\n", "not sent: longer than 65536 bytes"),
        };
        assert_eq!((printed.is_success, text(&printed.stdout)), (false, shown.to_owned()));
        assert!(printed.stderr.contains(reason), "{}", printed.stderr);
        assert!(!dir.path().join("witness").exists());
        assert_eq!(text(&pair.output("echo alive")), "alive\n");
    });
}

#[test]
fn the_python_header_server_says_why_it_refuses() {
    if python().is_none() {
        return;
    }
    let server = python_server("tcp_header_server");
    let mut stream = server.connect();
    stream.write_all(&[b'x'; 64]).unwrap();
    let refusal = header::recv_message(&mut stream).unwrap().unwrap();
    assert_eq!(refusal.kind, Kind::Refused);
    assert!(text(&refusal.body).contains("not a header"), "{refusal:?}");
}

#[cfg(unix)]
#[test]
fn the_python_header_server_answers_commands_sent_ahead_in_order() {
    if python().is_none() {
        return;
    }
    let server = python_server("tcp_header_server");
    let mut stream = server.connect();
    stream
        .write_all(&[header_command(b"echo 1"), header_command(b"exit 2"), header_command(b"echo 3")].concat())
        .unwrap();
    let mut answers = Vec::new();
    for _ in 0..5 {
        let message = header::recv_message(&mut stream).unwrap().unwrap();
        answers.push((message.kind, text(&message.body)));
    }
    let answer = |kind, body: &str| (kind, body.to_owned());
    let (output, exit) = (Kind::Stdout, Kind::Exit);
    assert_eq!(
        answers,
        [
            answer(output, "1\n"),
            answer(exit, "\0\0\0\0"),
            answer(exit, "\0\0\0\x02"),
            answer(output, "3\n"),
            answer(exit, "\0\0\0\0")
        ]
    );
}
