//! Every plain program in `examples/`: against the Python of the same name and the guarded program of the same name, in
//! both directions, and against peers that come, go and send what they like. The last tests are rules for examples.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::*;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::{env, thread};

const TCP_SERVERS: [&str; 3] = ["tcp_plain_server", "tcp_exec_server", "tcp_header_server"];
const TCP_CLIENTS: [&str; 3] = ["tcp_sticky_client", "tcp_exec_client", "tcp_header_client"];

/// Where a program of some name stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// `examples/NAME.rs`
    Plain,
    /// `src/bin/NAME.rs`
    Guarded,
    /// `tests/python/NAME.py`
    Python,
}
use Form::{Guarded, Plain, Python};

fn command(form: Form, name: &str) -> Command {
    match form {
        Plain => Command::new(example(name)),
        Guarded => Command::new(program(name)),
        Python => {
            let mut command = Command::new(python().unwrap());
            command.args(["-S", "-X", "utf8"]).arg(repository().join("tests/python").join(format!("{name}.py")));
            command
        }
    }
}

/// The path of an example. Cargo builds it before `cargo test`, but not before `cargo test --test examples`.
fn example(name: &str) -> PathBuf {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let path = Path::new(env!("CARGO_BIN_EXE_udp_server")).with_file_name("examples").join(file);
    let built = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let is_fresh = built(&path) >= built(&repository().join(format!("examples/{name}.rs")));
    assert!(is_fresh, "{} is missing or old: run `cargo build --examples`, or all of `cargo test`", path.display());
    path
}

/// The interpreter: `python3`, or `python` as Windows calls it.
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
        let _ = writeln!(io::stderr(), "skipped, there is no python3 here: a part of {name}"); // unlike eprintln! seen
    }
    found.as_deref()
}

fn start(form: Form, name: &str) -> Server {
    Server::listening(Program::start(command(form, name).arg("127.0.0.1:0")))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A server in one form and the client to run against it in another.
struct Pair {
    server: Server,
    server_form: Form,
    client: &'static str,
    client_form: Form,
}

impl Pair {
    fn client(&self) -> Command {
        let mut client = command(self.client_form, self.client);
        client.arg(self.server.addr.to_string());
        client
    }

    /// What the client prints when it is given `input`.
    fn run(&self, input: impl AsRef<[u8]>) -> Output {
        run(self.client(), input)
    }

    /// What the client prints on stdout when it is given `input` and nothing goes wrong.
    fn output(&self, input: impl AsRef<[u8]>) -> Vec<u8> {
        let output = self.run(input);
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
        output.stdout
    }
}

fn run(command: Command, input: impl AsRef<[u8]>) -> Output {
    assert_cmd::Command::from_std(command).write_stdin(input.as_ref()).timeout(PATIENCE).output().unwrap()
}

/// What the example prints when it is given `input` and talks to `addr`.
fn run_example(name: &str, addr: SocketAddr, input: &str) -> Output {
    let mut client = command(Plain, name);
    client.arg(addr.to_string());
    run(client, input)
}

/// Calls `check` with the plain server and each client, and with the plain client and each server, at the same time.
fn every_way(server: &'static str, client: &'static str, check: impl Fn(&Pair) + Sync) {
    let ways = [(Plain, Plain), (Plain, Guarded), (Guarded, Plain), (Plain, Python), (Python, Plain)];
    thread::scope(|scope| {
        for (server_form, client_form) in ways {
            if [server_form, client_form].contains(&Python) && python().is_none() {
                continue;
            }
            let check = &check;
            scope.spawn(move || {
                println!("{server_form:?} server, {client_form:?} client"); // seen when the test fails
                check(&Pair { server: start(server_form, server), server_form, client, client_form });
            });
        }
    });
}

// UDP

#[test]
fn datagrams_come_back_with_their_ascii_letters_in_capitals_and_are_logged() {
    every_way("udp_server", "udp_client", |pair| {
        let addr = pair.server.addr;
        let replies = text(&pair.output("hello\n\n  GrÜße, ß 漢字  \n'\"\\\n"));
        assert_eq!(replies, format!("HELLO {addr}\nGRÜßE, ß 漢字 {addr}\n'\"\\ {addr}\n"));
        if pair.server_form != Python {
            let log = [(); 3].map(|()| pair.server.program.line());
            for (line, message) in log.iter().zip(["hello", r"Gr\xc3\x9c\xc3\x9fe, \xc3\x9f ", r#"\'\"\\"#]) {
                assert!(line.starts_with(&format!("recv: \"{message}")), "{line}");
                assert!(line.contains("\" 127.0.0.1:"), "{line}");
            }
        }
    });
}

#[test]
fn a_datagram_of_1024_bytes_comes_back_whole() {
    every_way("udp_server", "udp_client", |pair| {
        let replies = text(&pair.output("x".repeat(1024)));
        assert_eq!(replies, format!("{} {}\n", "X".repeat(1024), pair.server.addr));
    });
}

#[cfg(unix)] // Windows reports an error instead
#[test]
fn of_a_longer_datagram_the_first_1024_bytes_come_back() {
    every_way("udp_server", "udp_client", |pair| {
        let addr = pair.server.addr;
        let replies = text(&pair.output(format!("{}\nnext\n", "x".repeat(1025))));
        assert_eq!(replies, format!("{} {addr}\nNEXT {addr}\n", "X".repeat(1024)));
    });
}

#[test]
fn datagrams_that_ask_for_no_answer_arrive() {
    every_way("udp_server", "udp_send_client", |pair| {
        assert_eq!(text(&pair.output("one\n\n  two \n")), "");
        for message in ["one", "two"] {
            let shown = if pair.server_form == Python { format!("b'{message}' ") } else { format!("\"{message}\" ") };
            let line = pair.server.program.line();
            assert!(line.starts_with(&format!("recv: {shown}")), "{line}");
        }
    });
}

#[test]
fn an_empty_datagram_comes_back_empty() {
    let server = start(Plain, "udp_server");
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.send_to(b"", server.addr).unwrap();
    assert_eq!(socket.recv_from(&mut [0; 10]).unwrap(), (0, server.addr));
    assert_eq!(server.program.line(), format!("recv: \"\" {}", socket.local_addr().unwrap()));
}

#[test]
fn a_name_with_addresses_of_both_kinds_reaches_the_ipv4_one() {
    let server = start(Plain, "udp_server");
    let named = format!("localhost:{}", server.addr.port());
    for client in ["udp_send_client", "udp_client"] {
        let mut command = command(Plain, client);
        command.arg(&named);
        let output = run(command, client);
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
        server.program.line_with(client);
    }
}

#[test]
fn without_a_server_sending_succeeds_and_asking_fails_line_by_line() {
    let (nobody, _sockets) = deaf_udp();
    let sent = run_example("udp_send_client", nobody, "gone\n");
    assert_eq!((sent.status.code(), text(&sent.stderr)), (Some(0), String::new()));
    let asked = run_example("udp_client", nobody, "one\ntwo\n");
    assert_eq!((asked.status.code(), text(&asked.stdout)), (Some(1), String::new()));
    assert_eq!(text(&asked.stderr).matches(&format!("no reply from {nobody}")).count(), 2);
}

#[test]
fn a_late_reply_is_not_taken_for_the_answer_to_the_next_question() {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    server.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut client = Program::start(command(Plain, "udp_client").arg(server.local_addr().unwrap().to_string()));
    let receive = || server.recv_from(&mut [0; 100]).unwrap().1;
    client.type_line("one");
    let first = receive();
    client.error_with("no reply");
    client.type_line("two");
    let second = receive();
    server.send_to(b"LATE", first).unwrap();
    server.send_to(b"TWO", second).unwrap();
    assert!(client.line().starts_with("TWO "));
    client.type_line("three");
    assert_eq!(receive(), second, "after an answer the socket stays the same");
    server.send_to(b"THREE", second).unwrap();
    assert!(client.line().starts_with("THREE "));
    assert_eq!(client.finish(), Some(1));
}

// plain and sticky

#[test]
fn a_command_is_run_whoever_asks_whom() {
    for (server, client) in TCP_SERVERS.into_iter().zip(TCP_CLIENTS) {
        every_way(server, client, |pair| {
            let _idle = pair.server.connect(); // it keeps nobody waiting
            assert_eq!(text(&pair.output("\n  echo hello  \n")).trim_end(), "hello"); // Windows ends it with two bytes
        });
    }
}

#[cfg(unix)]
#[test]
fn the_sticky_client_shows_the_rest_of_an_output_instead_of_the_next_two() {
    every_way("tcp_plain_server", "tcp_sticky_client", |pair| {
        let output = text(&pair.output("printf '%0300d' 1\necho 2\necho 3\n"));
        assert_eq!(output, format!("{:0300}", 1));
    });
}

#[cfg(unix)]
#[test]
fn a_command_without_output_leaves_the_sticky_client_waiting_for_two_seconds() {
    every_way("tcp_plain_server", "tcp_sticky_client", |pair| {
        let output = pair.run("true\necho next\n");
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), "next\n".to_owned()));
        assert!(text(&output.stderr).contains("no output"), "{}", text(&output.stderr));
    });
}

#[cfg(unix)]
#[test]
fn plain_output_is_stdout_then_stderr_byte_for_byte() {
    let server = start(Plain, "tcp_plain_server");
    let mut stream = server.connect();
    stream.write_all(b"printf '\\377\\000\\r\\n\\303' >&2; echo gr\xc3\xbc\xc3\x9fe; cat").unwrap();
    assert_eq!(receive_exactly(&mut stream, 13), b"gr\xc3\xbc\xc3\x9fe\n\xff\0\r\n\xc3");
    stream.write_all(b"printf '%0200000d\\n' 1 >&2; printf '%0200000d\\n' 2").unwrap();
    let zeros = "0".repeat(199_999);
    assert_eq!(receive_exactly(&mut stream, 400_002), format!("{zeros}2\n{zeros}1\n").as_bytes());
}

#[cfg(unix)]
#[test]
fn a_command_of_1024_bytes_runs_and_nothing_of_a_longer_one() {
    const REFUSED: &str = "refused: longer than 1024 bytes, so nothing of it was run\n";
    let dir = tempfile::tempdir().unwrap();
    let witness = dir.path().join("witness");
    let longest = commented("echo whole", 1024);
    let too_long = |length| commented(&format!("touch {}", witness.display()), length);
    every_way("tcp_plain_server", "tcp_sticky_client", |pair| {
        for length in [1025, 3000] {
            let output = pair.run(format!("{longest}\n{}\necho never\n", too_long(length)));
            assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), format!("whole\n{REFUSED}")));
        }
    });
    let server = start(Plain, "tcp_plain_server");
    let mut stream = server.connect();
    stream.write_all(too_long(3000).as_bytes()).unwrap();
    assert_eq!(text(&receive_exactly(&mut stream, REFUSED.len())), REFUSED);
    assert_closed_gently(stream);
    every_way("tcp_exec_server", "tcp_exec_client", |pair| {
        let output = pair.run(format!("{longest}\n{}\necho last\n", too_long(1025)));
        let shown = if pair.client_form == Guarded { "last\n" } else { REFUSED }; // that one does not send it
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), format!("whole\n{shown}")));
        pair.run(too_long(3000)); // what is left of it comes instead of the acknowledgement
        assert_eq!(text(&pair.output("echo alive")), "alive\n");
    });
    assert!(!witness.exists());
}

/// `command` with a comment that makes it `length` bytes long.
#[cfg(unix)]
fn commented(command: &str, length: usize) -> String {
    format!("{command} #{}", "x".repeat(length - command.len() - 2))
}

// the size handshake

#[cfg(unix)]
#[test]
fn outputs_of_all_sizes_keep_to_their_commands_byte_for_byte() {
    every_way("tcp_exec_server", "tcp_exec_client", |pair| {
        let outputs: Vec<String> = [1, 0, 0, 99, 100, 0, 101, 200, 0, 5]
            .into_iter()
            .zip('a'..)
            .map(|(size, letter)| letter.to_string().repeat(size))
            .collect();
        let commands: String = outputs.iter().map(|output| format!("printf '{output}'\n")).collect();
        assert_eq!(text(&pair.output(commands)), outputs.concat());
        let output = pair.output("echo oops >&2; echo grüße\nprintf '\\377\\000\\r\\n\\303'\nexit 3\ncat; echo end\n");
        assert_eq!(output, b"gr\xc3\xbc\xc3\x9fe\noops\n\xff\0\r\n\xc3end\n");
    });
}

#[cfg(unix)]
#[test]
fn two_hundred_kilobytes_on_each_pipe_arrive_whole_with_the_size_handshake() {
    every_way("tcp_exec_server", "tcp_exec_client", |pair| {
        let output = pair.output("printf '%0200000d\\n' 1 >&2; printf '%0200000d\\n' 2\necho next\n");
        assert_eq!(text(&output), format!("{0}2\n{0}1\nnext\n", "0".repeat(199_999)));
    });
}

#[cfg(unix)]
#[test]
fn a_command_glued_to_the_acknowledgement_is_run_and_without_it_nothing_is_sent() {
    let server = start(Plain, "tcp_exec_server");
    let mut stream = server.connect();
    stream.write_all(b"exit 0").unwrap();
    assert_eq!(receive(&mut stream), b"0");
    stream.write_all(b"Trueecho glued").unwrap();
    assert_eq!(receive(&mut stream), b"6");
    for byte in b"True" {
        stream.write_all(&[*byte]).unwrap();
    }
    assert_eq!(receive_exactly(&mut stream, 6), b"glued\n");
    stream.write_all(b"echo secret").unwrap();
    assert_eq!(receive(&mut stream), b"7");
    stream.write_all(b"true").unwrap();
    assert_eq!(receive_to_end(&mut stream), b"");
    server.program.error_with("dropped 127.0.0.1:");
}

#[cfg(unix)]
#[test]
fn the_size_handshake_can_be_typed_by_hand() {
    for form in [Plain, Python] {
        if form == Python && python().is_none() {
            continue;
        }
        let server = start(form, "tcp_exec_server");
        let mut stream = server.connect();
        for _ in 0..2 {
            stream.write_all(b"echo typed\n").unwrap();
            assert_eq!(receive(&mut stream), b"6");
            stream.write_all(b"True\n").unwrap(); // the end of this line is no command
            assert_eq!(receive_exactly(&mut stream, 6), b"typed\n");
            stream.write_all(b" \t\r\n").unwrap();
        }
    }
}

#[test]
fn the_exec_client_counts_what_it_received_and_takes_nothing_but_a_number_for_a_size() {
    let exec = |size: &'static [u8], output: &'static [u8]| {
        let (addr, server) = serve_one(move |mut stream| {
            receive(&mut stream);
            stream.write_all(size).unwrap();
            if receive(&mut stream) == b"True" {
                output.iter().for_each(|byte| drop(stream.write_all(&[*byte]))); // it may have enough before the end
            }
        });
        let output = run_example("tcp_exec_client", addr, "anything\n");
        server.join().unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    assert_eq!(exec(b"11", b"hello world"), (Some(0), "hello world".to_owned(), String::new()));
    assert_eq!(exec(b"5", b"hello world"), (Some(0), "hello".to_owned(), String::new()));
    let (status, stdout, stderr) = exec(b"12", b"hello world");
    assert_eq!((status, stdout), (Some(1), "hello world".to_owned()));
    assert!(stderr.contains("closed after 11 of 12 bytes"), "{stderr}");
    for bad in [b"-1", b"\xff1"] {
        assert_eq!(exec(bad, b"").0, Some(1));
    }
}

// the header

#[cfg(unix)]
#[test]
fn with_the_header_stdout_and_stderr_pass_apart_byte_for_byte() {
    every_way("tcp_header_server", "tcp_header_client", |pair| {
        let output = pair.run("echo oops >&2; echo grüße\ntrue\nprintf '\\377\\000\\r\\n\\303'\ntrue\necho end; cat\n");
        assert_eq!(output.stdout, b"gr\xc3\xbc\xc3\x9fe\n\xff\0\r\n\xc3end\n");
        assert_eq!((text(&output.stderr), output.status.code()), ("oops\n".to_owned(), Some(0)));
    });
}

#[cfg(unix)]
#[test]
fn messages_stay_whole_when_both_pipes_are_full_all_the_time() {
    every_way("tcp_header_server", "tcp_header_client", |pair| {
        let output = pair.run("printf '%0200000d\\n' 1 >&2; printf '%0200000d\\n' 2\necho next\n");
        let zeros = "0".repeat(199_999);
        assert_eq!(text(&output.stdout), format!("{zeros}2\nnext\n"));
        assert_eq!(text(&output.stderr), format!("{zeros}1\n"));
        let output = pair.run("head -c 8000000 /dev/zero >&2 & head -c 8000000 /dev/zero; wait");
        assert_eq!((output.status.code(), output.stdout.len(), output.stderr.len()), (Some(0), 8_000_000, 8_000_000));
        assert!(output.stdout.iter().chain(&output.stderr).all(|byte| *byte == 0));
    });
}

#[cfg(unix)]
#[test]
fn with_the_header_output_is_shown_while_the_command_runs() {
    every_way("tcp_header_server", "tcp_header_client", |pair| {
        let dir = tempfile::tempdir().unwrap();
        let seen = dir.path().join("seen");
        let mut client = Program::start(&mut pair.client());
        client.type_line(&format!(
            "echo first; echo too >&2; while [ ! -e {} ]; do sleep 0.01; done; echo second",
            seen.display()
        ));
        assert_eq!(client.line(), "first");
        client.error_with("too");
        fs::write(seen, "").unwrap(); // the command goes on only now
        assert_eq!(client.line(), "second");
        assert_eq!(client.finish(), Some(0));
    });
}

#[cfg(unix)]
#[test]
fn a_status_that_is_not_zero_and_a_signal_are_shown() {
    every_way("tcp_header_server", "tcp_header_client", |pair| {
        let output = pair.run("exit 7\nkill -KILL $$\nexit 255\nexit 0\necho on\n");
        let shown = match pair.client_form {
            Guarded => ["exit status 7", "killed by signal 9", "exit status 255"],
            _ => ["status 7", "status -9", "status 255"],
        };
        let name = if pair.client_form == Python { "tcp_header_client.py" } else { "tcp_header_client" };
        let shown = shown.map(|status| format!("{name}: {status}\n")).concat();
        assert_eq!((text(&output.stdout), text(&output.stderr)), ("on\n".to_owned(), shown));
    });
}

#[test]
fn the_header_tells_the_server_the_time_and_the_user_cut_between_characters() {
    every_way("tcp_header_server", "tcp_header_client", |pair| {
        let name = |letters| format!("x{}", "ä".repeat(letters));
        for (user, told) in [("ada".to_owned(), "ada".to_owned()), (name(20), name(19))] {
            let mut client = pair.client();
            client.env("LOGNAME", user);
            let before = seconds_since_1970();
            assert_eq!(text(&run(client, "echo hello").stdout).trim_end(), "hello");
            let log = pair.server.program.line_with("echo hello");
            let shown = match pair.server_form {
                Python => format!("user '{}' time ", told.replace('ä', r"\xe4")),
                _ => format!("user \"{told}\" time "),
            };
            let (addr, rest) = log.split_once(&shown).unwrap_or_else(|| panic!("no {shown} in {log}"));
            assert!(pair.server_form == Python || addr.trim_end().parse::<SocketAddr>().is_ok(), "{log}");
            let time: f64 = rest.split(':').next().unwrap().parse().unwrap();
            assert!((before..=seconds_since_1970()).contains(&time), "{log}");
        }
    });
}

#[test]
fn the_header_tells_the_client_the_user_cut_between_characters() {
    let name = |letters| format!("x{}", "ä".repeat(letters));
    for (user, told) in [("ada".to_owned(), "ada".to_owned()), (name(20), name(19))] {
        let mut server = command(Plain, "tcp_header_server");
        let server = Server::listening(Program::start(server.arg("127.0.0.1:0").env("LOGNAME", user)));
        let mut stream = server.connect();
        stream.write_all(&header_command(b"exit 0")).unwrap();
        let header = receive_exactly(&mut stream, 64);
        assert_eq!(text(&header[24..]).trim_end_matches('\0'), told);
    }
}

fn seconds_since_1970() -> f64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_micros() as f64 / 1e6
}

/// Kind and body of the next message, with each of its fields as the format says.
fn receive_message(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let header = receive_exactly(stream, 64);
    assert_eq!((&header[..4], &header[5..8]), (&b"HDR1"[..], &[0; 3][..]));
    let length = u64::from_be_bytes(header[8..16].try_into().unwrap());
    assert!(length <= 65_536, "{length}");
    let time = u64::from_be_bytes(header[16..24].try_into().unwrap());
    assert!((seconds_since_1970() - time as f64 / 1e6).abs() < PATIENCE.as_secs_f64());
    (header[4], receive_exactly(stream, length as usize))
}

#[test]
fn header_messages_in_single_bytes_and_messages_glued_together_are_answered_in_order() {
    let server = start(Plain, "tcp_header_server");
    let mut stream = server.connect();
    stream.set_nodelay(true).unwrap();
    for byte in header_command(b"exit 5") {
        stream.write_all(&[byte]).unwrap();
    }
    assert_eq!(receive_message(&mut stream), (4, vec![0, 0, 0, 5]));
    stream.write_all(&[header_command(b"exit 1"), header_command(b"exit 2")].concat()).unwrap();
    assert_eq!(receive_message(&mut stream), (4, vec![0, 0, 0, 1]));
    assert_eq!(receive_message(&mut stream), (4, vec![0, 0, 0, 2]));
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(receive_to_end(&mut stream), b"", "a close between messages is the end");
}

#[test]
fn what_is_no_command_is_refused_with_a_reason() {
    let server = start(Plain, "tcp_header_server");
    let with = |at: usize, bytes: &[u8]| {
        let mut message = header_command(b"exit 5");
        message[at..at + bytes.len()].copy_from_slice(bytes);
        message
    };
    let refusals = [
        (with(0, b"GET "), "not the header of a command"),
        (with(4, &[2]), "not the header of a command"),
        (with(7, &[1]), "not the header of a command"),
        (with(8, &u64::MAX.to_be_bytes()), "not the header of a command"),
        (with(8, &65_537_u64.to_be_bytes()), "not the header of a command"),
        (with(8, &(1_u64 << 32 | 6).to_be_bytes()), "not the header of a command"),
        (with(8, &0_u64.to_be_bytes()), "not the header of a command"),
        (with(64, b"\xff"), "utf-8"),
        #[cfg(unix)]
        (with(64, b"\0"), "nul byte"),
    ];
    for (bad, reason) in refusals {
        let mut stream = server.connect();
        stream.write_all(&[bad, vec![b'x'; 100_000]].concat()).unwrap();
        let (kind, body) = receive_message(&mut stream);
        assert!(kind == 5 && body.len() <= 1024 && text(&body).contains(reason), "{kind} {}", text(&body));
        assert_closed_gently(stream);
        server.program.error_with(reason);
    }
    let output = run_example("tcp_header_client", server.addr, &format!("exit 0\n{}\nexit 0\n", "x".repeat(65_537)));
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("refused: not the header"), "{}", text(&output.stderr));
}

#[cfg(unix)]
#[test]
fn a_command_of_65_536_bytes_runs_and_nothing_of_one_more() {
    every_way("tcp_header_server", "tcp_header_client", |pair| {
        let dir = tempfile::tempdir().unwrap();
        let longest = commented("echo whole", 65_536);
        let too_long = commented(&format!("touch {}", dir.path().join("witness").display()), 65_537);
        let output = pair.run(format!("{longest}\n{too_long}\necho last\n"));
        let shown = if pair.client_form == Guarded { "whole\nlast\n" } else { "whole\n" }; // that one does not send it
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), shown.to_owned()));
        assert!(!dir.path().join("witness").exists());
        assert_eq!(text(&pair.output("echo alive")), "alive\n");
    });
}

#[test]
fn the_header_client_takes_nothing_but_an_answer() {
    let message = |kind: u8, length: u64, body: &[u8]| {
        let mut message = header_command(b"x")[..64].to_vec();
        message[4] = kind;
        message[8..16].copy_from_slice(&length.to_be_bytes());
        [message, body.to_vec()].concat()
    };
    let mut answers = vec![
        (message(1, 4, &[0; 4]), "not the header of an answer"),
        (message(2, 65_537, b""), "not the header of an answer"),
        (message(2, u64::MAX, b""), "not the header of an answer"),
        (message(6, 4, &[0; 4]), "not the header of an answer"),
        (message(5, 7, b"no \x1b[2J"), r"refused: no \u{1b}[2J"),
        (message(4, 3, &[0; 3]), "TryFromSliceError"),
        (message(2, 5, b"part"), "failed to fill whole buffer"),
        (b"HTTP/1.1 400".repeat(10), "not the header of an answer"),
    ];
    let mut reserved = message(4, 4, &[0; 4]);
    reserved[5] = 1;
    answers.push((reserved, "not the header of an answer"));
    for (answer, complaint) in answers {
        let (addr, server) = serve_one(move |mut stream| {
            receive(&mut stream);
            stream.write_all(&answer).unwrap();
        });
        let output = run_example("tcp_header_client", addr, "anything\n");
        server.join().unwrap();
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()));
        assert!(text(&output.stderr).contains(complaint), "no {complaint} in {}", text(&output.stderr));
    }
}

// peers that come and go

/// Exactly `size` bytes.
fn receive_exactly(stream: &mut TcpStream, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// The end has come, but no reset, which could overtake what was sent before: the server still takes what comes.
fn assert_closed_gently(mut stream: TcpStream) {
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    for _ in 0..3 {
        stream.write_all(b"x").unwrap(); // the first would be answered with a reset
    }
}

/// A server that serves one client with `serve`, in a thread.
fn serve_one(serve: impl FnOnce(TcpStream) + Send + 'static) -> (SocketAddr, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let thread = thread::spawn(move || {
        let stream = listener.accept().unwrap().0;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        serve(stream);
    });
    (addr, thread)
}

/// Sends a command that every shell knows, and asserts that some answer comes.
fn assert_served(stream: &mut TcpStream, name: &str) {
    stream.write_all(&command_message(name, "echo hi")).unwrap();
    match name {
        "tcp_header_server" => while receive_message(stream).0 != 4 {},
        "tcp_exec_server" => {
            let size = text(&receive(stream)).parse().unwrap();
            stream.write_all(b"True").unwrap();
            receive_exactly(stream, size);
        }
        _ => assert!(!receive(stream).is_empty()),
    }
}

fn command_message(name: &str, command: &str) -> Vec<u8> {
    if name == "tcp_header_server" { header_command(command.as_bytes()) } else { command.as_bytes().to_vec() }
}

#[cfg(unix)]
#[test]
fn a_client_that_goes_ends_nobody_else() {
    for name in TCP_SERVERS {
        let server = start(Plain, name);
        let mut patient = server.connect();
        assert_served(&mut patient, name);
        drop(server.connect());
        for message in [&command_message(name, "echo hi")[..1], &command_message(name, "head -c 3000000 /dev/zero")] {
            let mut leaving = server.connect();
            leaving.write_all(message).unwrap();
            drop(leaving);
        }
        let mut resetting = server.connect();
        resetting.write_all(&command_message(name, "head -c 3000000 /dev/zero")).unwrap();
        resetting.peek(&mut [0]).unwrap();
        drop(resetting); // with bytes unread: a reset
        let mut wrong = server.connect();
        wrong.write_all(&[b"\xff".repeat(64), b"\xff".repeat(64)].concat()).unwrap();
        server.program.error_with("dropped 127.0.0.1:");
        assert_served(&mut patient, name);
        assert_served(&mut server.connect(), name);
        assert_no_children(&server);
    }
}

#[test]
fn a_server_whose_output_nobody_reads_serves_on() {
    for name in TCP_SERVERS.into_iter().chain(["udp_server"]) {
        let mut child = spawn(command(Plain, name).arg("127.0.0.1:0"));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        drop(child.stderr.take());
        let addr = line.trim_end().strip_prefix("listening on ").unwrap().parse().unwrap();
        let mut server = Server { program: Program::following(child), addr };
        for _ in 0..3 {
            if name == "udp_server" {
                let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                socket.set_read_timeout(Some(PATIENCE)).unwrap();
                socket.send_to(b"on", addr).unwrap();
                assert_eq!(socket.recv_from(&mut [0; 10]).unwrap(), (2, addr));
            } else {
                assert_served(&mut server.connect(), name);
                server.connect().write_all(&b"\xff".repeat(64)).unwrap(); // there is something to complain of
            }
        }
        assert_eq!(server.program.child.try_wait().unwrap(), None, "{name}");
    }
}

#[test]
fn a_client_whose_server_is_gone_says_so_and_does_not_panic() {
    for name in TCP_CLIENTS {
        let (addr, server) = serve_one(|mut stream| drop(receive(&mut stream)));
        let output = run_example(name, addr, "echo one\necho two\n");
        server.join().unwrap();
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()), "{name}");
        let reason = if name == "tcp_header_client" { "failed to fill whole buffer" } else { "closed the connection" };
        assert!(text(&output.stderr).contains(reason), "{}", text(&output.stderr));
        let (deaf, _held) = deaf_tcp();
        let output = run_example(name, deaf, "");
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(text(&output.stderr).contains("ConnectionRefused"), "{}", text(&output.stderr));
    }
}

#[cfg(unix)]
#[test]
fn a_client_whose_output_nobody_reads_ends_without_a_panic() {
    for (server, client) in TCP_SERVERS.into_iter().zip(TCP_CLIENTS).chain([("udp_server", "udp_client")]) {
        let server = start(Plain, server);
        let mut child = spawn(command(Plain, client).arg(server.addr.to_string()));
        drop(child.stdout.take());
        let mut client = Program::following(child);
        client.type_line("echo hello");
        assert_eq!(client.finish(), Some(1));
        let errors = client.errors().concat();
        assert!(errors.contains("BrokenPipe") && !errors.contains("panicked"), "{errors}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_without_descriptors_waits_until_it_has_some() {
    for name in TCP_SERVERS {
        let mut limited = Command::new("sh");
        limited.args(["-c", "ulimit -n 12; exec \"$0\" 127.0.0.1:0"]).arg(example(name));
        let server = Server::listening(Program::start(&mut limited));
        let crowd: Vec<_> = (0..12).map(|_| server.connect()).collect();
        server.program.error_with("Too many open files");
        let start = std::time::Instant::now();
        for _ in 0..3 {
            server.program.error_with("Too many open files");
        }
        assert!(start.elapsed().as_millis() >= 250, "{name} paused {:?} in all", start.elapsed());
        drop(crowd); // its threads still have to end
        let is_served = || {
            let mut stream = server.connect();
            let answer = stream.write_all(&command_message(name, "echo hi")).and_then(|()| stream.read(&mut [0; 4]));
            answer.is_ok_and(|received| received > 0)
        };
        wait_until("it serves again", is_served);
    }
}

// rules of the repository

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of the files in `folder` that end in `extension`.
fn names(folder: &str, extension: &str) -> BTreeSet<String> {
    let files = fs::read_dir(repository().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let wanted = files.filter(|path| path.extension().is_some_and(|it| it == extension));
    wanted.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn source(folder: &str, file: &str) -> String {
    fs::read_to_string(repository().join(folder).join(file)).unwrap().replace("\r\n", "\n")
}

/// The examples beside which a guarded program stands, with their text and that of their Python.
fn ports() -> Vec<(String, String, String)> {
    let guarded = names("src/bin", "rs");
    let names = names("examples", "rs").into_iter().filter(|name| guarded.contains(name));
    let texts = names.map(|name| {
        let (rust, python) = (format!("{name}.rs"), format!("{name}.py"));
        (name, source("examples", &rust), source("tests/python", &python))
    });
    texts.collect()
}

#[test]
fn each_example_has_its_python_and_each_program_with_python_its_example() {
    let (examples, python) = (names("examples", "rs"), names("tests/python", "py"));
    assert!(examples.is_subset(&python), "without Python: {:?}", &examples - &python);
    let ported = &names("src/bin", "rs") & &python;
    assert!(ported.is_subset(&examples), "without an example: {:?}", &ported - &examples);
    assert_eq!(ports().len(), 9);
}

#[test]
fn no_example_needs_this_crate_and_the_head_of_each_names_its_guarded_program() {
    for name in names("examples", "rs") {
        let text = source("examples", &format!("{name}.rs"));
        assert!(!text.contains("socket_basics"), "{name} could not be copied");
    }
    for (name, rust, _) in ports() {
        assert!(rust.contains("fn main() -> io::Result<()> {\n"), "{name}");
        let head: String = rust.lines().take_while(|line| line.starts_with("//!")).collect();
        for named in ["src/bin", "tests/python"].map(|folder| format!("`{folder}/{name}.")) {
            assert!(head.contains(&named), "the head of {name} does not name {named}");
        }
        assert!(head.contains(&format!("`cargo run --example {name}`")), "{name}");
    }
}

/// Lines that say something: no head, comment or blank line, and no line that only closes brackets, as Python has none.
fn line_count(text: &str, comment: &str) -> usize {
    let code = text.lines().map(|line| line.split(comment).next().unwrap_or_default().trim());
    code.filter(|code| !code.trim_end_matches([')', ']', '}', ';', ',']).is_empty()).count()
}

#[test]
fn an_example_is_at_most_a_third_longer_than_its_python() {
    for (name, rust, python) in ports() {
        // what struct.pack, struct.unpack and returncode are in Python takes some lines here
        let allowance = if name.starts_with("tcp_header_") { 10 } else { 0 };
        let (_, python) = python.rsplit_once("\"\"\"\n").unwrap();
        let (rust, python) = (line_count(&rust, "//"), line_count(python, "#"));
        let most = (python * 4).div_ceil(3) + allowance;
        assert!(rust <= most, "{name} has {rust} lines, its Python {python}: at most {most}");
    }
}

/// Two spaces stand before the Python of a line, one before a reason. `…` stands for what is left out.
#[test]
fn the_python_behind_each_line_stands_in_the_python_program_in_the_same_order() {
    for (name, rust, python) in ports() {
        let mut from = 0;
        let mut found = 0;
        let lines = rust.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in lines.filter_map(|line| line.split_once("  // ")) {
            for part in line.1.split('…').map(|part| part.trim_matches([')', ',', ' ', ':', '"']).trim()) {
                let at = python[from..].find(part);
                let at = at.unwrap_or_else(|| panic!("{name}.py has no {part:?} below:\n{}", &python[..from]));
                from = python[..from + at].rfind('\n').map_or(0, |end| end + 1); // parts of one line come in any order
                found += 1;
            }
        }
        assert!(found >= 10, "{name} has {found} calls of its Python");
    }
}

#[test]
fn lines_have_120_columns_at_most() {
    for name in names("examples", "rs") {
        for line in source("examples", &format!("{name}.rs")).lines() {
            assert!(line.chars().count() <= 120, "{name}: {line}");
        }
    }
}
