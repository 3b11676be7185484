//! The chat, `examples/chat_*.rs`, and the Python beside it: many clients, and none that delays the others. The last two
//! tests are for every example.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;
#[cfg(target_os = "linux")]
use std::time::Instant;

const MAX_CLIENTS: usize = 64;
const MAX_LINE: usize = 1024; // bytes with the line end

fn chat_server(language: Language) -> Command {
    let mut command = example(language, "chat_server");
    command.arg("127.0.0.1:0");
    command
}

/// Calls `check` with the server in each language.
fn with_each_server(check: impl Fn(&Server)) {
    for language in languages() {
        println!("the server is the one in {language:?}"); // seen when the test fails
        check(&Server::listening(Program::start(&mut chat_server(language))));
    }
}

/// Somebody at the chat, with a plain socket as `nc` has it.
struct Guest {
    reader: BufReader<TcpStream>,
}

impl Guest {
    fn connect(addr: SocketAddr) -> Guest {
        let stream = TcpStream::connect_timeout(&addr, PATIENCE).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let mut guest = Guest { reader: BufReader::new(stream) };
        assert_eq!(guest.hear(), "* your name?\n");
        guest
    }

    fn join(server: &Server, name: &str) -> Guest {
        let mut guest = Guest::connect(server.addr);
        guest.say(format!("{name}\n"));
        guest.hears(&format!("* {name} is here"));
        guest
    }

    fn say(&self, what: impl AsRef<[u8]>) {
        self.reader.get_ref().write_all(what.as_ref()).unwrap();
    }

    fn hear(&mut self) -> String {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line).unwrap();
        String::from_utf8(line).unwrap()
    }

    /// The next line, but for news of who comes and goes.
    fn hears(&mut self, line: &str) {
        loop {
            let heard = self.hear();
            if heard == format!("{line}\n") {
                return;
            }
            assert!(heard.starts_with("* "), "{heard:?} instead of {line:?}");
        }
    }
}

#[test]
fn a_line_goes_to_all_others_with_its_senders_name() {
    with_each_server(|server| {
        let nameless = Guest::connect(server.addr);
        let [mut ann, mut bob, mut cid] = ["ann", "bob", "cid"].map(|name| Guest::join(server, name));
        ann.say("hello é 😀\r\n");
        bob.hears("ann: hello é 😀");
        cid.hears("ann: hello é 😀");
        bob.say("split ");
        bob.say("over two writes\n \r\n\nand two in one\n");
        for line in ["bob: split over two writes", "bob: and two in one"] {
            ann.hears(line); // and not its own line before
            cid.hears(line);
        }
        cid.say("no newline at the end");
        cid.reader.get_ref().shutdown(Shutdown::Write).unwrap();
        for guest in [&mut ann, &mut bob] {
            guest.hears("cid: no newline at the end");
            guest.hears("* cid left");
        }
        server.program.line_with("cid: no newline at the end");
        nameless.reader.get_ref().set_nonblocking(true).unwrap();
        assert!(nameless.reader.get_ref().peek(&mut [0]).is_err(), "one without a name listens");
    });
}

#[test]
fn a_name_is_asked_for_until_it_is_one_and_nobody_elses() {
    with_each_server(|server| {
        let ann = Guest::join(server, "Ann");
        let mut second = Guest::connect(server.addr);
        for name in ["", " ", "a:", "*", &"x".repeat(21)] {
            second.say(format!("{name}\n"));
            assert_eq!(second.hear(), "* a name has 1 to 20 characters, and no : or *; your name?\n", "{name}");
        }
        second.say("aNN\n");
        assert_eq!(second.hear(), "* the name aNN is taken; your name?\n");
        second.say(" Ann of 漢字 é\r\n");
        second.hears("* Ann of 漢字 é is here");
        ann.say("/quit\n");
        second.hears("* Ann left");
        let mut third = Guest::join(server, "ann"); // a name is free again
        third.say("/quit\r\n");
        assert_eq!(receive_to_end(third.reader.get_mut()), b"");
        second.hears("* ann left");
        let mut fourth = Guest::connect(server.addr);
        fourth.say("/quit\n");
        assert_eq!(receive_to_end(fourth.reader.get_mut()), b"");
    });
}

#[test]
fn the_others_chat_on_when_one_leaves_by_a_reset() {
    with_each_server(|server| {
        let [mut ann, bob, cid] = ["ann", "bob", "cid"].map(|name| Guest::join(server, name));
        cid.say("unread\n"); // closing with it unread is a reset
        ann.hears("cid: unread");
        bob.reader.get_ref().peek(&mut [0]).unwrap();
        drop(bob);
        ann.hears("* bob left");
        cid.say("still here\n");
        ann.hears("cid: still here");
    });
}

/// The one who does not read has a full socket and a full queue, at the speed at which the two others chat.
#[test]
#[ignore = "takes 10 s"]
fn one_who_never_reads_is_dropped_and_delays_nobody() {
    with_each_server(|server| {
        let [ann, mut bob, _deaf] = ["ann", "bob", "deaf"].map(|name| Guest::join(server, name));
        bob.reader.get_ref().set_read_timeout(Some(Duration::from_secs(5))).unwrap(); // less than a write may take
        let text = "x".repeat(1000);
        let lines = 16_000; // of 1000 bytes: more than the buffers of a socket hold
        thread::scope(|scope| {
            scope.spawn(|| (0..lines).for_each(|number| ann.say(format!("{number} {text}\n"))));
            let mut was_dropped = false;
            let mut number = 0;
            while number < lines {
                let heard = bob.hear();
                if heard.starts_with("* ") {
                    was_dropped |= heard == "* deaf was dropped: it did not read\n";
                    continue;
                }
                let expected = format!("ann: {number} {text}\n");
                assert!(heard == expected, "instead of line {number}: {}", &heard[..heard.len().min(60)]);
                number += 1;
            }
            assert!(was_dropped);
        });
        let mut late = Guest::join(server, "late");
        bob.say("welcome\n");
        late.hears("bob: welcome");
    });
}

#[test]
fn a_longer_line_is_passed_on_in_pieces_and_no_character_is_cut() {
    with_each_server(|server| {
        let [mut ann, bob] = ["ann", "bob"].map(|name| Guest::join(server, name));
        bob.say("a".repeat(MAX_LINE + 10) + "\n" + &"b".repeat(MAX_LINE - 1) + "\n" + "next\n");
        for text in ["a".repeat(MAX_LINE), "a".repeat(10), "b".repeat(MAX_LINE - 1), "next".to_owned()] {
            ann.hears(&format!("bob: {text}"));
        }
        for c in ["é", "漢", "😀"] {
            let text = format!("x{}", c.repeat(MAX_LINE)); // 1024 bytes end inside of a character
            bob.say(format!("{text}\nend\n"));
            let mut pieces = String::new();
            loop {
                match ann.hear().strip_prefix("bob: ").unwrap() {
                    "end\n" => break,
                    piece => pieces.push_str(piece.trim_end()),
                }
            }
            assert!(pieces == text, "{} of {} bytes are the same", pieces.len(), text.len());
        }
    });
}

#[test]
fn nothing_that_commands_a_terminal_is_passed_on() {
    with_each_server(|server| {
        let mut ann = Guest::join(server, "ann");
        let bob = Guest::connect(server.addr);
        bob.say("b\x07b\n");
        ann.hears(r"* b\u{7}b is here");
        bob.say("\x1b[2J back\rto \x08 \0 \x7f \u{9b}1m \u{202e}turned\u{2066} \u{200f} a\ttab 👩\u{200d}🚀\r\n");
        let shown = r"\u{1b}[2J back\u{d}to \u{8} \u{0} \u{7f} \u{9b}1m \u{202e}turned\u{2066} \u{200f} a";
        ann.hears(&format!("b\\u{{7}}b: {shown}\ttab 👩\u{200d}🚀"));
        server.program.line_with(&format!("b\\u{{7}}b: {shown}"));
        bob.say(b"not UTF-8: \xff \xe9t\xe9\n");
        ann.hears("b\\u{7}b: not UTF-8: \u{fffd} \u{fffd}t\u{fffd}");
    });
}

#[test]
fn one_more_than_the_limit_is_told_why_until_somebody_leaves() {
    with_each_server(|server| {
        let mut all: Vec<Guest> = (0..MAX_CLIENTS).map(|number| Guest::join(server, &format!("g{number}"))).collect();
        let mut late = server.connect();
        late.write_all(b"late\nhello\n").unwrap(); // as a script does that does not wait to be asked
        let mut told = String::new();
        late.read_to_string(&mut told).unwrap(); // to an orderly end, not a reset
        assert_eq!(told, "* there are 64 clients already, try again later\n");
        all[0].say("all there\n");
        all[1..].iter_mut().for_each(|guest| guest.hears("g0: all there"));
        drop(all);
        for _ in 0..MAX_CLIENTS {
            server.program.line_with(" left");
        }
        Guest::join(server, "late");
    });
}

#[test]
fn a_server_goes_on_when_its_stdout_is_closed_or_nobody_reads_it() {
    for language in languages() {
        for is_closed in [true, false] {
            let mut child = spawn(&mut chat_server(language));
            let mut stdout = BufReader::new(child.stdout.take().unwrap());
            let mut first = String::new();
            stdout.read_line(&mut first).unwrap();
            let mut kept = Some(stdout);
            if is_closed {
                kept = None;
            }
            let program = Program::following(child);
            let addr = first.trim_end().strip_prefix("listening on ").unwrap().parse().unwrap();
            let server = Server { program, addr };
            let [mut ann, bob] = ["ann", "bob"].map(|name| Guest::join(&server, name));
            for number in 0..2000 {
                let text = "x".repeat(900); // in all more than a pipe and the queue of the log hold
                bob.say(format!("{number} {text}\n"));
                ann.hears(&format!("bob: {number} {text}"));
            }
            drop(kept);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn running_out_of_descriptors_is_waited_out() {
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 20 && exec \"$0\" \"$1\""]);
    let command = chat_server(Rust);
    limited.arg(command.get_program()).args(command.get_args());
    let server = Server::listening(Program::start(&mut limited));
    let many: Vec<_> = (0..30).map(|_| server.connect()).collect();
    for _ in 0..3 {
        let before = Instant::now();
        server.program.line_with("cannot serve a client: ");
        server.program.line_with("cannot serve a client: ");
        assert!(before.elapsed() > Duration::from_millis(50), "it spins");
    }
    drop(many);
    Guest::join(&server, "late");
}

#[test]
fn a_client_in_either_language_chats_at_a_server_in_either() {
    for (server, client) in pairs() {
        println!("the server is the one in {server:?}, the client the one in {client:?}");
        let server = Server::listening(Program::start(&mut chat_server(server)));
        let mut ann = Guest::join(&server, "ann");
        let mut bob = Program::start(example(client, "chat_client").arg(server.addr.to_string()));
        assert_eq!(bob.line(), "* your name?");
        bob.type_line("bob é");
        assert_eq!(bob.line(), "* bob é is here");
        bob.type_line("hello");
        ann.hears("bob é: hello");
        ann.say("hello bob\n");
        assert_eq!(bob.line(), "ann: hello bob");
        assert_eq!(bob.finish(), Some(0)); // by the end of its input
        ann.hears("* bob é left");

        let mut cid = Program::start(example(client, "chat_client").arg(server.addr.to_string()));
        cid.type_line("cid");
        cid.line_with("* cid is here");
        cid.type_line("/quit");
        wait_until("it ends while its input is open", || cid.child.try_wait().unwrap().is_some());
        assert_eq!(cid.finish(), Some(0));
        let errors = cid.errors();
        assert!(errors.len() == 1 && errors[0].ends_with("the server closed the connection"), "{errors:?}");

        let mut dan = Program::start(example(client, "chat_client").arg(server.addr.to_string()));
        dan.child.stdin.as_mut().unwrap().write_all(b"dan\nx\xff\n").unwrap();
        wait_until("it ends at what it cannot send", || dan.child.try_wait().unwrap().is_some());
        assert!(dan.errors().iter().any(|error| error.contains("cannot send what is typed")));
    }
}

#[test]
fn a_client_says_what_failed_and_ends_quietly_when_nobody_reads_it() {
    for language in languages() {
        let (nobody, _sockets) = deaf_tcp();
        let mut client = Program::start(example(language, "chat_client").arg(nobody.to_string()));
        assert_eq!(client.finish(), Some(1));
        let errors = client.errors();
        let [error] = &errors[..] else { panic!("{errors:?}") };
        assert!(error.starts_with("chat_client") && error.contains(&nobody.to_string()), "{error}");

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap().to_string();
        let mut child = spawn(example(language, "chat_client").arg(&addr));
        drop(child.stdout.take());
        let mut stream = listener.accept().unwrap().0;
        stream.write_all(b"* your name?\n* so far\n").unwrap();
        let mut client = Program::following(child);
        wait_until("it ends", || client.child.try_wait().unwrap().is_some());
        assert_eq!((client.finish(), client.errors()), (Some(0), vec![]));

        let mut client = Program::start(example(language, "chat_client").arg(&addr));
        let mut stream = listener.accept().unwrap().0;
        stream.write_all("evil \x1b[2J\u{202e}\n".as_bytes()).unwrap();
        assert_eq!(client.line(), r"evil \u{1b}[2J\u{202e}");
        drop(stream);
        assert_eq!(client.finish(), Some(0));
    }
}

/// Every argument that a shell can pass is used or answered in a sentence.
#[test]
fn no_argument_makes_an_example_panic() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let words: Vec<std::ffi::OsString> = ["", "8090", "localhost", "127.0.0.1:99999", &taken].map(Into::into).into();
    #[cfg(unix)]
    let words = [words, vec![std::os::unix::ffi::OsStringExt::from_vec(b"\xff:1".to_vec())]].concat();
    for name in ["chat_server", "chat_client", "upload_server", "upload_client"] {
        for word in &words {
            if name == "chat_client" && word == taken.as_str() {
                continue; // it connects
            }
            let mut command = example(Rust, name);
            let output = command.current_dir(dir.path()).arg(word).output().unwrap();
            let error = String::from_utf8(output.stderr).unwrap();
            let is_sentence = error.starts_with(&format!("{name}: ")) && error.lines().count() == 1;
            assert!(output.status.code() == Some(1) && is_sentence, "{name} {word:?}: {error}");
            assert!(!error.contains("panicked") && !error.contains("kind:") && output.stdout.is_empty(), "{error}");
        }
    }
}

/// What stands behind two spaces and `//` is a line of the Python, in its order there; `…` is left out.
#[test]
fn the_python_beside_each_example_is_that_of_the_file() {
    for name in ["chat_server", "chat_client", "upload_server", "upload_client"] {
        let read = |path: &str| {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
            std::fs::read_to_string(path).unwrap().replace("\r\n", "\n")
        };
        let python = read(&format!("tests/python/{name}.py"));
        let mut lines = python.lines();
        let mut count = 0;
        for rust in read(&format!("examples/{name}.rs")).lines() {
            assert!(rust.chars().count() <= 126, "{name}: a long line: {rust}");
            let Some((code, column)) = rust.split_once("  // ") else { continue };
            if code.trim().is_empty() {
                continue; // a comment of the Rust
            }
            let parts: Vec<&str> = column.split('…').map(str::trim).collect();
            let is_it = |line: &str| {
                let mut rest = line;
                parts.iter().all(|part| {
                    let found = rest.find(part);
                    found.inspect(|at| rest = &rest[at + part.len()..]).is_some()
                })
            };
            assert!(lines.any(is_it), "{name}: {column:?} does not stand in the Python, or not behind the line before");
            count += 1;
        }
        assert!(count > 5, "{name}: {count} lines");
    }
}
