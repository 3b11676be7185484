//! The chat server, `examples/chat_server.rs`, and the Python beside it: many clients, and none that delays the others.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;
#[cfg(target_os = "linux")]
use std::time::Instant;

const MAX_CLIENTS: usize = 64;
const MAX_LINE: usize = 1024; // bytes with the newline

fn chat_server() -> Command {
    let path = program("x").with_file_name("examples").join(format!("chat_server{}", env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is missing: cargo build --examples makes it", path.display());
    let mut command = Command::new(path);
    command.arg("127.0.0.1:0");
    command
}

/// Calls `check` with the server in Rust and, where there is `python3`, with the one in Python.
fn in_both_languages(check: impl Fn(&Server)) {
    println!("the server is the one in Rust"); // seen when the test fails
    check(&Server::listening(Program::start(&mut chat_server())));
    let python = if cfg!(windows) { "python" } else { "python3" };
    if Command::new(python).arg("--version").output().is_err() {
        assert!(env::var_os("CI").is_none(), "there is no python3 here, and CI must not skip what needs it");
        let _ = writeln!(io::stderr(), "skipped, there is no python3 here: the server in Python");
        return;
    }
    println!("the server is the one in Python");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/chat_server.py");
    check(&Server::listening(Program::start(Command::new(python).args(["-X", "utf8"]).arg(script).arg("127.0.0.1:0"))));
}

/// Somebody at the chat.
struct Guest {
    reader: BufReader<TcpStream>,
    addr: SocketAddr,
}

impl Guest {
    fn say(&self, what: impl AsRef<[u8]>) {
        let mut stream = self.reader.get_ref();
        stream.write_all(what.as_ref()).unwrap();
    }

    fn hear(&mut self) -> String {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line).unwrap();
        String::from_utf8(line).unwrap()
    }

    fn hears(&mut self, from: &Guest, text: &str) {
        assert_eq!(self.hear(), format!("{}: {text}\n", from.addr));
    }
}

/// Guests who are all in the list.
fn guests<const COUNT: usize>(server: &Server) -> [Guest; COUNT] {
    [(); COUNT].map(|()| {
        let stream = server.connect();
        let addr = stream.local_addr().unwrap();
        server.program.line_with(&format!("client address: {addr}"));
        Guest { reader: BufReader::new(stream), addr }
    })
}

#[test]
fn a_line_goes_to_all_others_with_its_senders_address() {
    in_both_languages(|server| {
        let [mut ann, mut bob, mut cid] = guests(server);
        ann.say("hello é 😀\r\n");
        bob.hears(&ann, "hello é 😀");
        cid.hears(&ann, "hello é 😀");
        bob.say("split ");
        bob.say("over two writes\nand two in one\n\n");
        for text in ["split over two writes", "and two in one", ""] {
            ann.hears(&bob, text); // and not its own line before
            cid.hears(&bob, text);
        }
        cid.say("no newline at the end");
        cid.reader.get_ref().shutdown(Shutdown::Write).unwrap();
        ann.hears(&cid, "no newline at the end");
        bob.hears(&cid, "no newline at the end");
    });
}

#[test]
fn who_leaves_is_left_alone_and_the_others_chat_on() {
    in_both_languages(|server| {
        let [mut ann, bob, cid, dan] = guests(server);
        drop(bob);
        server.program.line_with(" left");
        dan.say("unread\n"); // closing with it unread is a reset
        ann.hears(&dan, "unread");
        cid.reader.get_ref().peek(&mut [0]).unwrap();
        let gone = cid.addr;
        drop(cid);
        server.program.line_with(&format!("dropped {gone}: "));
        for _ in 0..3 {
            dan.say("still here\n");
            ann.hears(&dan, "still here");
        }
    });
}

/// The one who does not read has a full socket and a full queue, at the speed at which the two others chat.
#[test]
#[ignore = "takes 10 s"]
fn one_who_never_reads_is_dropped_and_delays_nobody() {
    in_both_languages(|server| {
        let [ann, mut bob, deaf] = guests(server);
        bob.reader.get_ref().set_read_timeout(Some(Duration::from_secs(5))).unwrap(); // less than a write may take
        let text = "x".repeat(1000);
        let lines = 16_000; // of 1000 bytes: more than the buffers of a socket hold
        thread::scope(|scope| {
            scope.spawn(|| (0..lines).for_each(|number| ann.say(format!("{number} {text}\n"))));
            for number in 0..lines {
                let heard = bob.hear();
                let expected = format!("{}: {number} {text}\n", ann.addr);
                assert!(heard == expected, "instead of line {number}: {}", &heard[..heard.len().min(60)]);
            }
        });
        if cfg!(unix) {
            // on Windows its thread ends, and says so, when it closes
            server.program.line_with(&format!("dropped {}: it did not read", deaf.addr));
        }
        let [mut late] = guests(server);
        bob.say("welcome\n");
        late.hears(&bob, "welcome");
    });
}

#[test]
fn a_longer_line_is_passed_on_in_pieces() {
    in_both_languages(|server| {
        let [mut ann, bob] = guests(server);
        bob.say("a".repeat(MAX_LINE + 10) + "\n" + &"b".repeat(MAX_LINE - 1) + "\n" + "next\n");
        for text in ["a".repeat(MAX_LINE), "a".repeat(10), "b".repeat(MAX_LINE - 1), "next".to_string()] {
            ann.hears(&bob, &text);
        }
    });
}

#[test]
fn no_control_character_reaches_a_terminal() {
    in_both_languages(|server| {
        let [mut ann, bob] = guests(server);
        bob.say("\x1b[2J bell \x07 back\rto \x08 \0 \x7f \u{9b}1m a\ttab é\r\n");
        let spelt = r"\u{1b}[2J bell \u{7} back\u{d}to \u{8} \u{0} \u{7f} \u{9b}1m a";
        ann.hears(&bob, &format!("{spelt}\ttab é"));
        server.program.line_with(&format!("{}: {spelt}\ttab é", bob.addr));
        bob.say(b"not UTF-8: \xff \xe9t\xe9\n");
        ann.hears(&bob, "not UTF-8: \u{fffd} \u{fffd}t\u{fffd}");
    });
}

#[test]
fn one_more_than_the_limit_is_turned_away_until_somebody_leaves() {
    in_both_languages(|server| {
        let mut all = guests::<MAX_CLIENTS>(server);
        let mut late = server.connect();
        assert_eq!(receive_to_end(&mut late), b"");
        all[0].say("all there\n");
        let (first, others) = all.split_first_mut().unwrap();
        others.iter_mut().for_each(|guest| guest.hears(first, "all there"));
        drop(all);
        for _ in 0..MAX_CLIENTS {
            server.program.line_with(" left");
        }
        // The line is printed shortly before the place is free.
        wait_until("there is room again", || two_can_chat(server.addr));
    });
}

#[test]
fn it_serves_on_when_nobody_reads_what_it_prints() {
    let mut child = spawn(&mut chat_server());
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    drop(stdout);
    let mut program = Program::following(child);
    let addr = first.trim_end().strip_prefix("listening on ").unwrap().parse().unwrap();
    wait_until("a line passes", || two_can_chat(addr));
    assert!(program.child.try_wait().unwrap().is_none(), "it has ended");
    drop(program);
}

#[cfg(target_os = "linux")]
#[test]
fn running_out_of_descriptors_is_waited_out() {
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 20 && exec \"$0\" \"$1\""]);
    limited.arg(chat_server().get_program()).args(chat_server().get_args());
    let server = Server::listening(Program::start(&mut limited));
    let many: Vec<_> = (0..30).map(|_| server.connect()).collect();
    for _ in 0..3 {
        let before = Instant::now();
        server.program.line_with("cannot accept a client: ");
        server.program.line_with("cannot accept a client: ");
        assert!(before.elapsed() > Duration::from_millis(50), "it spins");
    }
    drop(many);
    wait_until("it serves again", || two_can_chat(server.addr));
}

/// Whether a line passes between two newcomers: not at once, as either may be in the list a moment later.
fn two_can_chat(addr: SocketAddr) -> bool {
    let [mut ann, bob] = [(); 2].map(|()| TcpStream::connect_timeout(&addr, PATIENCE).unwrap());
    bob.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut heard = String::new();
    let said = ann.write_all(b"hello\n");
    said.is_ok() && BufReader::new(bob).read_line(&mut heard).is_ok() && heard.ends_with(": hello\n")
}
