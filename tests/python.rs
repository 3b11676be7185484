//! Every program against its Python counterpart in `tests/python`, in both directions, and the size handshake against
//! what the tutorial's own programs do. Without Python these tests say so and pass, unless `CI` is set.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
#[cfg(unix)]
use socket_basics::header::{self, Kind};
use std::env;
use std::io::{self, Write};
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::thread;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Language {
    Rust,
    Python,
}
use Language::{Python, Rust};

/// A server in one language and the client to run against it in the other.
struct Pair {
    server: Server,
    client: &'static str,
    client_language: Language,
}

impl Pair {
    fn client(&self) -> Command {
        command(self.client_language, self.client, self.server.addr)
    }

    /// What the client prints when it is given `input`.
    fn run(&self, input: impl AsRef<[u8]>) -> Output {
        run(self.client(), input)
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

/// The interpreter: `python3`, or `python` as Windows calls it. It is asked once where it is, as a name may stand for a
/// script that looks for it, slowly, every time.
fn python() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        ["python3", "python"].into_iter().find_map(|name| {
            let program = "import sys; assert sys.version_info >= (3, 8); print(sys.executable)";
            let answer = Command::new(name).args(["-X", "utf8", "-c", program]).output().ok()?;
            answer.status.success().then(|| text(answer.stdout.trim_ascii()))
        })
    });
    if found.is_none() {
        assert!(env::var_os("CI").is_none(), "there is no python3 here, and CI must not skip what needs it");
        let name = thread::current().name().unwrap_or_default().to_owned();
        // unlike what eprintln! prints this is seen
        let _ = writeln!(io::stderr(), "skipped, there is no python3 here: {name}");
    }
    found.as_deref()
}

/// Python without its third-party packages, which makes it start twice as fast, and with UTF-8 on stdin anywhere.
fn bare_python() -> Command {
    let mut command = Command::new(python().unwrap());
    command.args(["-S", "-X", "utf8"]).env_remove("PYTHONUNBUFFERED"); // what they must flush is theirs to flush
    command
}

fn python_script(name: &str) -> Command {
    let mut command = bare_python();
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(format!("{name}.py")));
    command
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

fn run(command: Command, input: impl AsRef<[u8]>) -> Output {
    assert_cmd::Command::from_std(command).write_stdin(input.as_ref()).timeout(PATIENCE).output().unwrap()
}

fn successful(output: Output) -> Vec<u8> {
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    output.stdout
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

// UDP

#[test]
fn datagrams_come_back_with_their_ascii_letters_in_capitals() {
    both_ways("udp_server", "udp_client", |pair| {
        let addr = pair.server.addr;
        let replies = text(&pair.output("hello\n\n  GrÜße, ß ı é 漢字  \n'\"\\\n"));
        assert_eq!(replies, format!("HELLO {addr}\nGRÜßE, ß ı é 漢字 {addr}\n'\"\\ {addr}\n"));
        let from =
            if pair.client_language == Python { "recv: \"hello\" 127.0.0.1:" } else { "recv: b'hello' ('127.0.0.1', " };
        assert!(pair.server.program.line().starts_with(from));
    });
}

#[test]
fn a_datagram_of_1024_bytes_comes_back_whole() {
    both_ways("udp_server", "udp_client", |pair| {
        let replies = text(&pair.output("x".repeat(1024)));
        assert_eq!(replies, format!("{} {}\n", "X".repeat(1024), pair.server.addr));
    });
}

#[cfg(unix)] // Windows reports an error instead
#[test]
fn of_a_longer_datagram_the_first_1024_bytes_come_back_even_if_that_splits_a_character() {
    both_ways("udp_server", "udp_client", |pair| {
        let addr = pair.server.addr;
        let replies = text(&pair.output(format!("{}\n{}é\nnext\n", "x".repeat(1025), "y".repeat(1023))));
        assert_eq!(replies, format!("{} {addr}\n{}\u{fffd} {addr}\nNEXT {addr}\n", "X".repeat(1024), "Y".repeat(1023)));
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
        assert_eq!(text(&successful(run(command(language, "udp_send_client", nobody), "gone\n"))), "");
        let asked = run(command(language, "udp_client", nobody), "anybody?\n");
        assert_eq!((asked.status.code(), text(&asked.stdout)), (Some(1), String::new()), "{language:?}");
        assert!(text(&asked.stderr).contains(&format!("no reply from {nobody}")), "{}", text(&asked.stderr));
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
fn plain_output_is_stdout_then_stderr_byte_for_byte() {
    both_ways("tcp_plain_server", "tcp_sticky_client", |pair| {
        let output = pair.output("echo oops >&2; echo grüße\nprintf '\\377\\000\\r\\n\\303'\n");
        assert_eq!(output, b"gr\xc3\xbc\xc3\x9fe\noops\n\xff\0\r\n\xc3");
    });
}

#[cfg(unix)]
#[test]
fn the_sticky_client_shows_the_rest_of_an_output_instead_of_the_next_two() {
    both_ways("tcp_plain_server", "tcp_sticky_client", |pair| {
        let output = text(&pair.output("printf '%0300d' 1\necho 2\necho 3\n"));
        assert_eq!(output, format!("{:0300}", 1));
    });
}

#[cfg(unix)]
#[test]
fn a_command_without_output_leaves_the_sticky_client_waiting_for_two_seconds() {
    both_ways("tcp_plain_server", "tcp_sticky_client", |pair| {
        let output = pair.run("true\necho next\n");
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), "next\n".to_owned()));
        assert!(text(&output.stderr).contains("no output"), "{}", text(&output.stderr));
    });
}

#[cfg(unix)]
#[test]
fn the_plain_server_survives_a_client_that_leaves_most_of_a_long_output_unread() {
    both_ways("tcp_plain_server", "tcp_sticky_client", |pair| {
        for _ in 0..2 {
            assert_eq!(text(&pair.output("printf '%0200000d' 1")), "0".repeat(100));
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
        let output = pair.run(format!("{longest}\n{too_long}\necho never\n"));
        assert_eq!(text(&output.stdout), "whole\nrefused: longer than 1024 bytes, so nothing of it was run\n");
        assert_eq!(output.status.code(), Some(1), "the server closes after a refusal");
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
        let output = pair.run(format!("{longest}\n{too_long}\necho last\n"));
        let shown = match pair.client_language {
            Python => "whole\nrefused: longer than 1024 bytes, so nothing of it was run\n",
            Rust => "whole\nlast\n",
        };
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), shown.to_owned()));
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
    let commands: String = sizes.iter().map(|size| format!("head -c {size} /dev/zero | tr '\\0' x\n")).collect();
    assert_eq!(text(&successful(run(client, commands))), "x".repeat(sizes.iter().sum()));
}

#[cfg(unix)]
#[test]
fn a_server_that_takes_any_acknowledgement_serves_the_rust_client() {
    if python().is_none() {
        return;
    }
    let server = Server::listening(Program::start(bare_python().args(["-c", TAKES_ANY_ACKNOWLEDGEMENT])));
    let output = successful(run(
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
        let output = pair.run("echo oops >&2; echo grüße\ntrue\nprintf '\\377\\000\\r\\n\\303'\ntrue\necho end; cat\n");
        assert_eq!(output.stdout, b"gr\xc3\xbc\xc3\x9fe\n\xff\0\r\n\xc3end\n");
        assert_eq!((text(&output.stderr), output.status.code()), ("oops\n".to_owned(), Some(0)));
    });
}

#[cfg(unix)]
#[test]
fn two_hundred_kilobytes_on_each_pipe_arrive_whole_with_the_header() {
    both_ways("tcp_header_server", "tcp_header_client", |pair| {
        let output = pair.run("printf '%0200000d\\n' 1 >&2; printf '%0200000d\\n' 2\necho next\n");
        let zeros = "0".repeat(199_999);
        assert_eq!(text(&output.stdout), format!("{zeros}2\nnext\n"));
        assert_eq!(text(&output.stderr), format!("{zeros}1\n"));
    });
}

#[cfg(unix)]
#[test]
fn messages_stay_whole_when_both_pipes_are_full_all_the_time() {
    both_ways("tcp_header_server", "tcp_header_client", |pair| {
        let output = pair.run("head -c 16000000 /dev/zero >&2 & head -c 16000000 /dev/zero; wait");
        assert_eq!((output.status.code(), output.stdout.len(), output.stderr.len()), (Some(0), 16_000_000, 16_000_000));
        assert!(output.stdout.iter().chain(&output.stderr).all(|byte| *byte == 0));
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
        assert_eq!(client.line(), "first");
        client.error_with("too");
        std::fs::write(seen, "").unwrap(); // the command goes on only now
        assert_eq!(client.line(), "second");
        assert_eq!(client.finish(), Some(0));
    });
}

#[cfg(unix)]
#[test]
fn a_status_that_is_not_zero_and_a_signal_are_shown() {
    both_ways("tcp_header_server", "tcp_header_client", |pair| {
        let output = pair.run("exit 7\nkill -KILL $$\nexit 255\nexit 0\necho on\n");
        let shown = match pair.client_language {
            Python => ["status 7", "status -9", "status 255"],
            Rust => ["exit status 7", "killed by signal 9", "exit status 255"],
        };
        let shown = shown.map(|status| format!("{}: {status}\n", client_name(pair))).concat();
        assert_eq!((text(&output.stdout), text(&output.stderr)), ("on\n".to_owned(), shown));
    });
}

#[cfg(unix)]
fn client_name(pair: &Pair) -> String {
    let extension = if pair.client_language == Python { ".py" } else { "" };
    format!("{}{extension}", pair.client)
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
        assert_eq!(run(client, "").status.code(), Some(status), "{shell_command}");
    }
}

#[test]
fn the_header_tells_the_server_the_time_and_the_user_cut_between_characters() {
    both_ways("tcp_header_server", "tcp_header_client", |pair| {
        let name = |letters| format!("x{}", "ä".repeat(letters));
        for (user, told) in [("ada".to_owned(), "ada".to_owned()), (name(20), name(19))] {
            let mut client = pair.client();
            client.env("LOGNAME", user);
            let before = seconds_since_1970();
            assert_eq!(text(&successful(run(client, "echo hello"))).trim_end(), "hello");
            let log = pair.server.program.line_with("echo hello");
            let shown = match pair.client_language {
                Python => format!("user \"{told}\" time "),
                Rust => format!("user '{}' time ", told.replace('ä', r"\xe4")),
            };
            let (_, rest) = log.split_once(&shown).unwrap_or_else(|| panic!("no {shown} in {log}"));
            let time: f64 = rest.split(':').next().unwrap().parse().unwrap();
            assert!((before..=seconds_since_1970()).contains(&time), "{log}");
        }
    });
}

fn seconds_since_1970() -> f64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_micros() as f64 / 1e6
}

#[cfg(unix)]
#[test]
fn a_command_of_65_536_bytes_runs_and_one_more_is_refused_by_the_server_or_not_sent_by_the_rust_client() {
    both_ways("tcp_header_server", "tcp_header_client", |pair| {
        let dir = tempfile::tempdir().unwrap();
        let longest = commented("echo whole", 65_536);
        let too_long = commented(&format!("touch {}", dir.path().join("witness").display()), 65_537);
        let output = pair.run(format!("{longest}\n{too_long}\necho last\n"));
        let (shown, reason) = match pair.client_language {
            Python => ("whole\n", "refused: "),
            Rust => ("whole\nlast\n", "not sent: longer than 65536 bytes"),
        };
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), shown.to_owned()));
        assert!(text(&output.stderr).contains(reason), "{}", text(&output.stderr));
        assert!(!dir.path().join("witness").exists());
        assert_eq!(text(&pair.output("echo alive")), "alive\n");
    });
}

#[cfg(unix)]
#[test]
fn the_rust_client_shows_why_the_python_server_refused() {
    if python().is_none() {
        return;
    }
    let server = python_server("tcp_header_server");
    let output = run(command(Rust, "tcp_header_client", server.addr), "echo before\necho nul \0\necho never\n");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), "before\n".to_owned()));
    assert!(text(&output.stderr).contains("refused: embedded null byte"), "{}", text(&output.stderr));
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
        let (header, body) = header::read_message(&mut stream).unwrap().unwrap();
        answers.push((header.kind, text(&body)));
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

/// Stops the server, lets another user send it a command and reset the connection, connects from the port that is free
/// again, and lets the server go on. Prints `skipped` without the right to become another user.
#[cfg(target_os = "linux")]
const REUSED_PORT: &str = r#"
import os, signal, socket, struct, sys
server, port, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].encode()
if os.getuid():
    sys.exit(print("skipped"))
def connect(own_port):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", own_port))
    s.connect(("127.0.0.1", port))
    return s
os.kill(server, signal.SIGSTOP)
try:
    r, w = os.pipe()
    child = os.fork()
    if not child:
        os.setgroups([])
        os.setresuid(65534, 65534, 65534)
        s = connect(0)
        s.sendall(command)
        os.write(w, b"%d" % s.getsockname()[1])
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
        os._exit(0)
    os.waitpid(child, 0)
    s = connect(int(os.read(r, 10)))
finally:
    os.kill(server, signal.SIGCONT)
print("done", flush=True)
sys.stdin.read()
"#;

#[cfg(target_os = "linux")]
#[test]
fn a_command_of_another_user_is_not_taken_for_that_of_whoever_has_its_port_next() {
    if python().is_none() {
        return;
    }
    let server = Server::start("tcp_exec_server");
    let dir = tempfile::tempdir().unwrap();
    let witness = dir.path().join("witness");
    let mut script = bare_python();
    script.args(["-c", REUSED_PORT, &server.program.child.id().to_string(), &server.addr.port().to_string()]);
    let script = Program::start(script.arg(format!("touch {}", witness.display())));
    if script.line() == "skipped" {
        return eprintln!("skipped: it takes root to become another user");
    }
    server.program.error_with("it was gone before it was clear whose it is");
    assert!(!witness.exists());
}
