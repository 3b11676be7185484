//! The upload server and its client, `examples/upload_*.rs`, and the Python beside them: what arrives is a whole file,
//! under its name, in the folder, or it is nothing.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_CLIENTS: usize = 64;
const MAX_SIZE: u64 = 16 * 1024 * 1024 * 1024; // bytes

/// A server and the folder for what it receives, which nobody else writes to.
struct Uploads {
    server: Server,
    dir: TempDir,
}

impl Uploads {
    fn start(language: Language) -> Uploads {
        println!("the server is the one in {language:?}"); // seen when the test fails
        let dir = TempDir::new().unwrap();
        let mut command = example(language, "upload_server");
        command.arg("127.0.0.1:0").arg(dir.path().join("uploads"));
        Uploads { server: Server::listening(Program::start(&mut command)), dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("uploads").join(name)
    }

    /// The names in the folder.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("")).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// What the server answers to one upload.
    fn answer(&self, header: impl AsRef<[u8]>, body: &[u8]) -> String {
        let mut stream = self.server.connect();
        let _ = stream.write_all(&message(header, body)); // the server may refuse before it has all of it
        answer(&stream)
    }

    /// Lets the client run to its end: its status, stdout and stderr.
    fn send(&self, language: Language, file: &Path) -> (Option<i32>, String, String) {
        send(language, file, self.server.addr)
    }
}

fn send(language: Language, file: &Path, addr: SocketAddr) -> (Option<i32>, String, String) {
    let mut command = example(language, "upload_client");
    command.arg(file).arg(addr.to_string());
    let output = assert_cmd::Command::from_std(command).timeout(PATIENCE).output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), stdout.replace("\r\n", "\n"), stderr) // as Python ends a line on Windows
}

fn message(header: impl AsRef<[u8]>, body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(header.as_ref().len()).unwrap();
    [&length.to_le_bytes(), header.as_ref(), body].concat()
}

fn header(name: &str, size: usize) -> String {
    format!(r#"{{"filename": "{name}", "filesize": {size}}}"#)
}

fn answer(stream: &TcpStream) -> String {
    let mut line = String::new();
    let _ = BufReader::new(stream).read_line(&mut line); // what came before an error counts
    line
}

/// A file whose bytes no exchange or shift of blocks leaves the same.
fn big_file(path: &Path, size: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let bytes: Vec<u8> = std::iter::repeat_with(next).take(size).collect();
    fs::write(path, &bytes).unwrap();
    bytes
}

#[test]
fn files_arrive_byte_for_byte_under_their_names_in_both_directions() {
    for (server, client) in pairs() {
        let uploads = Uploads::start(server);
        println!("the client is the one in {client:?}");
        let names = ["three", "empty", "é 漢字 😀", ".hidden", "console.txt"];
        for (name, size) in names.into_iter().zip([3_000_003, 0, 65_536, 1, 65_537]) {
            let file = uploads.dir.path().join(name);
            let bytes = big_file(&file, size);
            assert_eq!(uploads.send(client, &file), (Some(0), format!("sent {size} bytes\n"), String::new()));
            assert!(fs::read(uploads.path(name)).unwrap() == bytes, "{name} has other bytes");
        }
        assert_eq!(uploads.names().len(), names.len());
    }
}

#[cfg(unix)] // Windows has no such names
#[test]
fn a_quote_arrives_and_a_backslash_ends_a_folder() {
    for (server, client) in pairs() {
        let uploads = Uploads::start(server);
        for (name, arrives_as) in [("é\"", "é\""), ("a\\b", "b"), ("tab\ty", ""), ("é\"\\", "")] {
            let file = uploads.dir.path().join(name);
            fs::write(&file, name).unwrap();
            let (status, _, stderr) = uploads.send(client, &file);
            if arrives_as.is_empty() {
                assert!(status == Some(1) && stderr.contains("is no name for a file"), "{name}: {stderr}");
            } else {
                assert_eq!((status, stderr.as_str()), (Some(0), ""), "{name}");
                assert_eq!(fs::read_to_string(uploads.path(arrives_as)).unwrap(), name);
            }
        }
        assert_eq!(uploads.names(), ["b", "é\""]);
    }
}

#[test]
fn a_100_mb_file_arrives_byte_for_byte_and_takes_no_memory() {
    let uploads = Uploads::start(Rust);
    let file = uploads.dir.path().join("big");
    let bytes = big_file(&file, 100_000_000);
    assert_eq!(uploads.send(Rust, &file).0, Some(0));
    assert!(fs::read(uploads.path("big")).unwrap() == bytes);
    #[cfg(target_os = "linux")]
    assert!(status_field(uploads.server.program.child.id(), "VmHWM") < 4096, "the server took over 4 MiB");

    // The client's memory is looked at while it waits for the answer, which the test gives.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = example(Rust, "upload_client");
    let mut client = Program::start(command.arg(&file).arg(listener.local_addr().unwrap().to_string()));
    let (mut stream, _) = listener.accept().unwrap();
    let mut received = vec![0; message(header("big", bytes.len()), &bytes).len()];
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.read_exact(&mut received).unwrap();
    assert!(received.ends_with(&bytes));
    #[cfg(target_os = "linux")]
    assert!(status_field(client.child.id(), "VmHWM") < 4096, "the client took over 4 MiB");
    stream.write_all(b"ok: thank you\n").unwrap();
    assert_eq!(client.finish(), Some(0));
}

#[test]
fn a_name_is_reduced_to_its_last_part() {
    for language in languages() {
        let uploads = Uploads::start(language);
        for (number, name) in [
            "../NAME",
            "/etc/NAME",
            "a/../../NAME",
            r"..\\NAME",
            r"C:\\dir\\NAME",
            r"\\\\host\\share\\NAME",
            "./NAME",
            r"\/NAME",
        ]
        .into_iter()
        .enumerate()
        {
            let last = format!("x{number}");
            let answer = uploads.answer(header(&name.replace("NAME", &last), 5), b"hello");
            assert!(answer.starts_with("ok: ") && answer.contains(&last), "{name}: {answer}");
            assert_eq!(fs::read(uploads.path(&last)).unwrap(), b"hello", "{name}");
        }
        assert_eq!(fs::read_dir(uploads.dir.path()).unwrap().count(), 1, "something is beside the folder");
    }
}

#[test]
fn a_name_that_is_none_is_refused() {
    for language in languages() {
        let uploads = Uploads::start(language);
        for name in [
            "",
            ".",
            "..",
            "a/",
            r"a\\",
            "a/..",
            "/",
            r#"é\"\\"#,
            "C:",
            "C:x",
            "x:stream",
            r"a\u0000b",
            r"a\nb",
            r"\u001b[2J",
            "\u{9b}1m",
            "CON",
            "con",
            "nul.txt",
            "Aux .x",
            "COM1",
            "lpt9.tar.gz",
            "COM¹",
            "CONIN$",
            "dot.",
            "dots...",
            "space ",
        ] {
            let answer = uploads.answer(header(name, 5), b"hello");
            assert!(
                answer.starts_with("refused: ") && answer.ends_with(" is no name for a file\n"),
                "{name:?}: {answer:?}"
            );
            assert!(!answer.trim_end().contains(char::is_control), "{answer:?}");
        }
        let answer = uploads.answer(header(&"x".repeat(1000), 5), b"hello");
        assert!(answer.starts_with("refused: "), "{answer:?}");
        assert_eq!(uploads.names(), [""; 0]);
        assert_eq!(fs::read_dir(uploads.dir.path()).unwrap().count(), 1, "something is beside the folder");
    }
}

#[test]
fn what_is_there_already_is_kept() {
    for language in languages() {
        let uploads = Uploads::start(language);
        fs::write(uploads.path("file"), "first").unwrap();
        fs::create_dir(uploads.path("folder")).unwrap();
        let mut names = vec!["file", "folder"];
        #[cfg(unix)]
        for (name, target) in [("dangling", "../outside"), ("to_file", "file"), ("to_folder", "..")] {
            std::os::unix::fs::symlink(target, uploads.path(name)).unwrap();
            names.push(name);
        }
        names.sort_unstable();
        for name in &names {
            let answer = uploads.answer(header(name, 5), b"later");
            assert!(answer.starts_with("refused: ") && answer.ends_with(" exists\n"), "{name}: {answer:?}");
        }
        assert_eq!(uploads.names(), names);
        assert_eq!(fs::read(uploads.path("file")).unwrap(), b"first");
        assert_eq!(fs::read_dir(uploads.dir.path()).unwrap().count(), 1, "something is beside the folder");
    }
}

#[test]
fn of_two_uploads_of_one_name_the_first_wins_and_the_other_is_told() {
    for language in languages() {
        let uploads = Uploads::start(language);
        let body = vec![b'a'; 300_000];
        let mut first = uploads.server.connect();
        first.write_all(&message(header("same", body.len()), &body[..200_000])).unwrap();
        wait_until("the first one is under way", || uploads.names() == ["same"]);
        let second = uploads.answer(header("same", 5), b"later");
        assert!(
            second.starts_with("refused: ") && second.ends_with("same\" exists\n") | second.ends_with("same' exists\n")
        );
        first.write_all(&body[200_000..]).unwrap();
        assert!(answer(&first).starts_with("ok: "));
        assert!(fs::read(uploads.path("same")).unwrap() == body);
        assert_eq!(uploads.names(), ["same"]);
    }
}

#[test]
fn a_torn_upload_leaves_nothing() {
    for (server, client) in pairs() {
        let uploads = Uploads::start(server);
        let file = uploads.dir.path().join("huge");
        File::create(&file).unwrap().set_len(4 << 30).unwrap(); // a hole, which takes seconds to send
        let mut command = example(client, "upload_client");
        let mut client = Program::start(command.arg(&file).arg(uploads.server.addr.to_string()));
        wait_until("the upload is under way", || uploads.names() == ["huge"]);
        client.child.kill().unwrap();
        uploads.server.program.line_with("refused: ");
        assert_eq!(uploads.names(), [""; 0]);

        let mut stream = uploads.server.connect();
        stream.write_all(&message(header("short", 100), b"only this")).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(answer(&stream), "refused: only 9 of 100 bytes came\n");
        assert_eq!(uploads.names(), [""; 0]);
        assert!(uploads.answer(header("short", 5), b"again").starts_with("ok: "), "the name is free again");
    }
}

#[test]
fn lengths_are_checked_before_anything_is_taken_for_them() {
    for language in languages() {
        let uploads = Uploads::start(language);
        for length in [-1, i32::MIN, 8193, i32::MAX] {
            let mut stream = uploads.server.connect();
            stream.write_all(&length.to_le_bytes()).unwrap();
            assert!(
                answer(&stream).starts_with("refused: expected a length of 0 to 8192 in 4 bytes, got "),
                "{length}"
            );
        }
        let too_large = (MAX_SIZE + 1).to_string();
        for size in ["-1", "-0.0", "1e3", "5.0", "5.7", &too_large, "99999999999999999999999"] {
            let answer = uploads.answer(format!(r#"{{"filename": "x", "filesize": {size}}}"#), b"");
            assert!(answer.starts_with("refused: a file"), "{size}: {answer:?}");
        }
        assert_eq!(uploads.names(), [""; 0]);
        #[cfg(target_os = "linux")]
        if language == Rust {
            assert!(status_field(uploads.server.program.child.id(), "VmHWM") < 4096, "it took over 4 MiB");
        }
    }
}

#[test]
fn a_header_that_is_not_understood_is_refused_with_a_reason() {
    let uploads = Uploads::start(Rust);
    for (header, reason) in [
        (r#""#, "expected a JSON object of strings and numbers"),
        (r#"{"filename": "x"}"#, "no filesize"),
        (r#"{"filesize": 1}"#, "no filename"),
        (r#"{"filename": "x", "filesize": null}"#, "a file of \"null\" bytes"),
        (r#"{"filename": "x", "filesize": 1, "a": [1]}"#, "expected a JSON object"),
        (r#"{'filename': 'x', 'filesize': 1}"#, "Python's str(dict)"),
    ] {
        let answer = uploads.answer(header, b"x");
        assert!(answer.starts_with("refused: ") && answer.contains(reason), "{header}: {answer:?}");
    }
    assert!(uploads.answer(b"{\"filename\": \"\xff\"}", b"").contains("UTF-8"));
    for (sent, reason) in [
        (header("x", 5), "it looks like JSON with no length in front"),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "it looks like HTTP"),
        ("\0\0\0\x26".to_owned(), "it looks like a length of 38 in the other byte order"),
    ] {
        let mut stream = uploads.server.connect();
        stream.write_all(sent.as_bytes()).unwrap();
        let answer = answer(&stream);
        assert!(answer.starts_with("refused: ") && answer.contains(reason), "{sent}: {answer:?}");
    }
    assert_eq!(uploads.names(), [""; 0]);
}

#[test]
fn the_headers_that_scripts_send_are_understood() {
    for language in languages() {
        let uploads = Uploads::start(language);
        for (header, name) in [
            (r#"{"filename":"dense","filesize":5}"#, "dense"),
            ("\r\n\t{ \"filename\" : \"loose\" ,\n \"filesize\" : 5 } \n", "loose"),
            (r#"{"filesize": 5, "filename": "turned"}"#, "turned"),
            (r#"{"file_name": "underlined", "file_size": 5, "md5": "123456"}"#, "underlined"),
            (r#"{"filename": "total", "md5": "xxdxxx", "total_size": 5}"#, "total"),
            (r#"{"cmd": "put", "filename": "put", "filesize": 5}"#, "put"),
            (r#"{"filename": "first", "filesize": 5, "total_size": "no guess"}"#, "first"),
            (r#"{"filename": "more", "filesize": 5, "mtime": 1700000000.25, "a": -1.5e-7, "b": 1E+9, "": ""}"#, "more"),
            (r#"{"filename": "\u00e9\u6f22\ud83d\ude00", "filesize": 5}"#, "é漢😀"),
            (r#"{"filename": "é漢😀2", "filesize": 5}"#, "é漢😀2"),
            (r#"{"\u0066ilename": "\u0041 \u002e.x", "filesize": 5, "a": "\" \\ \/ \b\f\n\r\t"}"#, "A ..x"),
            (r#"{"filename": "a, b}", "filesize": 5}"#, "a, b}"),
        ] {
            let answer = uploads.answer(header, b"hello");
            assert!(answer.starts_with("ok: ") && answer.ends_with(", 5 bytes\n"), "{header}: {answer:?}");
            assert_eq!(fs::read(uploads.path(name)).unwrap(), b"hello", "{header}");
        }
    }
}

#[test]
fn a_client_may_send_several_files_and_need_not_read_the_answers() {
    for language in languages() {
        let uploads = Uploads::start(language);
        let mut stream = uploads.server.connect();
        stream.write_all(&[message(header("one", 3), b"111"), message(header("two", 4), b"2222")].concat()).unwrap();
        for byte in message(header("three", 2), b"33") {
            stream.write_all(&[byte]).unwrap();
        }
        uploads.server.program.line_with("three");
        drop(stream);
        let mut stream = uploads.server.connect();
        stream.write_all(&message(header("four", 1), b"4")).unwrap();
        drop(stream); // as most clients of this family do
        uploads.server.program.line_with("four");
        assert_eq!(uploads.names(), ["four", "one", "three", "two"]);
        assert_eq!(fs::read(uploads.path("two")).unwrap(), b"2222");
    }
}

#[test]
fn who_is_refused_may_send_on_for_a_while_and_read_why() {
    for language in languages() {
        let uploads = Uploads::start(language);
        let mut stream = uploads.server.connect();
        stream.write_all(&message(header("..", 20_000_000), &vec![0; 20_000_000])).unwrap(); // more than a socket holds
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap(); // to an orderly end, not a reset
        assert!(answer.starts_with("refused: "), "{answer}");

        let mut endless = uploads.server.connect();
        endless.write_all(&message(header("..", 1), b"x")).unwrap();
        let started = Instant::now();
        while endless.write_all(&[0; 65_536]).is_ok() {
            assert!(started.elapsed() < PATIENCE, "it takes whatever comes");
        }
    }
}

#[test]
fn a_client_says_why_its_file_was_not_taken() {
    for (server, client) in pairs() {
        let uploads = Uploads::start(server);
        println!("the client is the one in {client:?}");
        let file = uploads.dir.path().join("there");
        File::create(&file).unwrap().set_len(8 << 30).unwrap(); // a hole, which takes seconds to send
        fs::write(uploads.path("there"), "first").unwrap();
        let started = Instant::now();
        let (status, stdout, stderr) = uploads.send(client, &file);
        assert_eq!((status, stdout.as_str()), (Some(1), ""));
        assert!(stderr.contains("refused: ") && stderr.contains(" exists"), "{stderr}");
        assert!(started.elapsed() < SLACK, "it went on sending");
    }
}

#[test]
fn a_client_without_a_server_a_file_or_an_answer_fails() {
    for language in languages() {
        let dir = TempDir::new().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "hello").unwrap();
        let (nobody, _sockets) = deaf_tcp();
        let failure = |file: &Path, addr| {
            let (status, stdout, stderr) = send(language, file, addr);
            assert_eq!((status, stdout.as_str()), (Some(1), ""), "{stderr}");
            assert!(!stderr.contains("panicked"), "{stderr}");
            stderr
        };
        failure(&file, nobody);
        assert!(failure(dir.path(), nobody).contains("is not a file"));
        failure(&dir.path().join("missing"), nobody);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let early = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr_of_early = early.local_addr().unwrap();
        let server =
            thread::spawn(move || early.accept().unwrap().0.write_all(b"ok: before it has anything\n").unwrap());
        big_file(&dir.path().join("big"), 20_000_000); // more than a socket holds
        failure(&dir.path().join("big"), addr_of_early);
        server.join().unwrap();
        for (answer, reason) in [("", "without an answer"), ("maybe later\n", "not taken: maybe later")] {
            let listener = listener.try_clone().unwrap();
            let server = thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                stream.read_exact(&mut vec![0; message(header("file", 5), b"hello").len()]).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
            });
            let seen = failure(&file, addr);
            assert!(seen.contains(reason), "{seen}");
            server.join().unwrap();
        }
        let usage = example(language, "upload_client").output().unwrap();
        assert!(String::from_utf8_lossy(&usage.stderr).contains("usage: upload_client"));
        assert_eq!(usage.status.code(), Some(1));
    }
}

#[test]
#[ignore = "takes 30 s"]
fn an_upload_that_stalls_is_given_up_and_leaves_nothing() {
    let uploads = Uploads::start(Rust);
    let whole = message(header("stalled", 100_000), &[0; 100_000]);
    let ends = [1, 3, 10, whole.len() - 1]; // inside the prefix, the header, the file
    let started = Instant::now();
    let streams = ends.map(|end| {
        let mut stream = uploads.server.connect();
        stream.set_read_timeout(Some(TIMEOUT + PATIENCE)).unwrap();
        stream.write_all(&whole[..end]).unwrap();
        stream
    });
    for stream in streams {
        assert_eq!(answer(&stream), "refused: nothing came for 30s\n");
    }
    let took = started.elapsed();
    assert!(took > TIMEOUT - Duration::from_secs(1) && took < TIMEOUT + SLACK, "given up after {took:?}");
    assert_eq!(uploads.names(), [""; 0]);
}

#[test]
fn one_more_than_the_limit_is_turned_away_until_somebody_leaves() {
    for language in languages() {
        let uploads = Uploads::start(language);
        let mut streams: Vec<_> = (0..MAX_CLIENTS).map(|_| uploads.server.connect()).collect();
        let answered = answer(&uploads.server.connect());
        assert_eq!(answered, format!("refused: there are {MAX_CLIENTS} clients already\n"));
        let last = streams.last_mut().unwrap();
        last.write_all(&message(header("last", 0), b"")).unwrap();
        assert!(answer(last).starts_with("ok: "));
        drop(streams);
        wait_until("there is room again", || uploads.answer(header("room", 0), b"").contains("room"));
    }
}

#[test]
fn nothing_ends_or_waits_when_stdout_is_closed_or_nobody_reads_it() {
    for is_closed in [true, false] {
        let dir = TempDir::new().unwrap();
        let mut child = spawn(example(Rust, "upload_server").arg("127.0.0.1:0").arg(dir.path().join("uploads")));
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        stdout.read_line(&mut first).unwrap();
        let kept = (!is_closed).then_some(stdout);
        let addr = first.trim_end().strip_prefix("listening on ").unwrap();
        let server = Server { program: Program::following(child), addr: addr.parse().unwrap() };
        let uploads = Uploads { server, dir };
        let name = format!("{}:", "x".repeat(250));
        for _ in 0..2000 {
            // in all more lines than a pipe and the queue of the log hold
            assert!(uploads.answer(header(&name, 0), b"").starts_with("refused: "));
        }
        let file = uploads.dir.path().join("file");
        fs::write(&file, "hello").unwrap();
        let mut client = spawn(example(Rust, "upload_client").arg(&file).arg(addr));
        drop(client.stdout.take());
        assert_eq!(Program::following(client).finish(), Some(0));
        assert_eq!(fs::read_to_string(uploads.path("file")).unwrap(), "hello");
        drop(kept);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn running_out_of_descriptors_is_waited_out() {
    let dir = TempDir::new().unwrap();
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 20 && exec \"$0\" 127.0.0.1:0 uploads"]).current_dir(dir.path());
    let server = Server::listening(Program::start(limited.arg(example(Rust, "upload_server").get_program())));
    let many: Vec<_> = (0..30).map(|_| server.connect()).collect();
    for _ in 0..3 {
        let before = Instant::now();
        server.program.line_with("cannot serve a client: ");
        server.program.line_with("cannot serve a client: ");
        assert!(before.elapsed() > Duration::from_millis(50), "it spins");
    }
    drop(many);
    let uploads = Uploads { server, dir };
    wait_until("it serves again", || uploads.answer(header("again", 0), b"").contains("again"));
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_a_reason() {
    let dir = TempDir::new().unwrap();
    let mut limited = Command::new("sh"); // the limit's unit is 512 bytes, or 1 KiB
    limited.args(["-c", "trap '' XFSZ; ulimit -f 100 && exec \"$0\" 127.0.0.1:0 uploads"]).current_dir(dir.path());
    let server = Server::listening(Program::start(limited.arg(example(Rust, "upload_server").get_program())));
    let uploads = Uploads { server, dir };
    let answer = uploads.answer(header("large", 1_000_000), &[0; 1_000_000]);
    assert!(answer.starts_with("refused: File too large"), "{answer:?}");
    assert_eq!(uploads.names(), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_to_is_a_reason() {
    let uploads = Uploads::start(Rust);
    fs::remove_dir(uploads.path("")).unwrap(); // for root every folder can be written to
    let answer = uploads.answer(header("file", 5), b"hello");
    assert!(answer.starts_with("refused: No such file or directory"), "{answer:?}");
}

/// `pty.spawn` gives the client a terminal.
#[cfg(unix)]
#[test]
fn progress_is_one_line_on_a_terminal() {
    for language in languages() {
        if languages().len() == 1 {
            return;
        }
        let uploads = Uploads::start(Rust);
        let file = uploads.dir.path().join("file");
        big_file(&file, 1_000_000);
        let client = example(language, "upload_client");
        let mut terminal = bare_python();
        terminal.args(["-c", "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"]);
        terminal.arg(client.get_program()).args(client.get_args()).arg(&file).arg(uploads.server.addr.to_string());
        let output = assert_cmd::Command::from_std(terminal).timeout(PATIENCE).output().unwrap();
        let seen = String::from_utf8(output.stdout).unwrap();
        assert!(seen.ends_with("\r1000000 of 1000000 bytes, 100 %\r\nsent 1000000 bytes\r\n"), "{seen:?}");
        assert_eq!(seen.matches('\n').count(), 2, "{seen:?}");
        assert!(seen.matches(" %").count() > 10, "{seen:?}");
    }
}
