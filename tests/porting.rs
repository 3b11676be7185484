//! `porting` answers the lines of a script with rows of PORTING.md, says what it does not know, and guesses nothing.
#![allow(clippy::unwrap_used)]
mod common;
use common::*;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

/// What `porting -` prints for a script.
fn porting(script: &str) -> String {
    let run = assert_cmd::Command::new(program("porting")).arg("-").write_stdin(script).timeout(PATIENCE).unwrap();
    String::from_utf8(run.stdout).unwrap()
}

/// The groups of an output: the numbers of their lines, and what their rows say in one line.
fn groups(text: &str) -> Vec<(Vec<usize>, String)> {
    let mut groups: Vec<(Vec<usize>, String)> = Vec::new();
    for line in text.split("Not in PORTING.md").next().unwrap().lines().filter(|line| !line.starts_with("PORTING.md")) {
        let (title, rest) = line.split_at_checked(11).unwrap_or((line, ""));
        match title.trim().parse() {
            Ok(number) if groups.last().is_none_or(|(_, rows)| !rows.is_empty()) => {
                groups.push((vec![number], String::new()))
            }
            Ok(number) => groups.last_mut().unwrap().0.push(number),
            Err(_) => {
                let (_, rows) = groups.last_mut().unwrap();
                let is_code = rows.is_empty() && title.trim().is_empty();
                *rows += &if is_code { String::new() } else { format!("{} {} ", title.trim(), rest.trim_end()) };
            }
        }
    }
    groups
}

/// What is said about the lines with these numbers, and about no others.
fn about(text: &str, lines: &[usize]) -> String {
    groups(text).into_iter().filter(|(numbers, _)| numbers == lines).map(|(_, rows)| rows).collect()
}

fn unknown(text: &str) -> &str {
    text.split_once("Not in PORTING.md").map_or("", |(_, names)| names)
}

#[track_caller]
fn assert_answer(script: &str, python: &str, rust: &str) {
    let text = porting(script);
    let last = script.trim_end().lines().count();
    let rows: String =
        groups(&text).into_iter().filter(|(lines, _)| lines.contains(&last)).map(|(_, rows)| rows).collect();
    assert!(rows.contains(python) && rows.contains(rust), "{script}\n---\n{text}");
}

#[test]
fn each_call_finds_its_row() {
    let socket = "import socket\ns = socket.socket()\n";
    for (line, python, rust) in [
        ("s.connect((host, port))", "Python s.connect((HOST, PORT))", "TcpStream::connect("),
        ("data = s.recv(1024)", "Python data = s.recv(1024)", "stream.read("),
        ("data = s.recv(4, socket.MSG_WAITALL)", "socket.MSG_WAITALL", "read_exact"),
        ("s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)", "SO_BROADCAST", "set_broadcast"),
        ("s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)", "TCP_NODELAY", "set_nodelay"),
        ("s.settimeout(None)", "settimeout(None)", "set_read_timeout(None)"),
        ("s.shutdown(socket.SHUT_WR)", "SHUT_WR", "Shutdown::Write"),
        ("name = socket.gethostname()", "gethostname", "none"),
        ("data = open(path, 'rb').read()", "open(path, 'rb')", "File::open"),
        ("with open(path, 'wb') as f:", "open(path, 'wb')", "File::create"),
        ("text = s.recv(9).decode('utf-8', 'ignore')", "'ignore'", "utf8_chunks"),
        ("text = s.recv(9).decode('koi8-r')", "data.decode()", "encoding_rs"),
        ("except ConnectionRefusedError as e:", "ConnectionRefusedError", "ConnectionRefused"),
        ("except (OSError, socket.timeout):", "socket.timeout", "WouldBlock"),
        ("import struct; s.send(struct.pack('!I', len(data)))", "struct.pack('!I'", "to_be_bytes"),
        ("import struct; n = struct.unpack('i', data)[0]", "struct.unpack('i'", "from_le_bytes"),
        ("import subprocess; p = subprocess.Popen(c, shell=True)", "subprocess.Popen(", "Command::new"),
        ("import threading; threading.Thread(target=f, daemon=True).start()", "daemon=True", "thread"),
        ("import threading; threading.Thread(target=f, daemon = True).start()", "daemon=True", "nothing to do"),
        (
            "import socketserver; class Echo(socketserver.StreamRequestHandler): pass",
            "StreamRequestHandler",
            "BufReader",
        ),
        ("text = ', '.join(names)", "', '.join(names)", "names.join"),
        ("if s.recv(9)==b'':", "data = s.recv(1024)", "stream.read("),
        ("import os; x = os.name=='nt'", "os.name", "consts::OS"),
        ("import threading; t.daemon=True", "t.daemon = True", "nothing to do"),
        ("x = str(s.recv(9), 'utf-8')", "data.decode('utf-8')", "from_utf8"),
        ("x = str(n).encode('utf-8')", "str(n)", "n.to_string().into_bytes()"),
        ("x: socket.socket = y", "socket.SocketType, socket.socket", "TcpListener"),
        ("from threading import Thread", "threading.Thread(target=f", "spawn"),
        ("size = len(msg).to_bytes(4, 'big')", "to_bytes", "to_be_bytes"),
    ] {
        assert_answer(&format!("{socket}{line}\n"), python, rust);
    }
}

#[test]
fn lines_with_the_same_answer_stand_together_in_the_order_of_the_script() {
    let script = "import socket\ns = socket.socket()\n".to_owned()
        + &"data = s.recv(1024)\n".repeat(10)
        + "s.close()\nmore = s.recv(1)\n";
    let text = porting(&script);
    assert_eq!(text.matches("Python   data = s.recv(1024)").count(), 1, "{text}");
    let recv = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14];
    assert!(about(&text, &recv).contains("stream.read(&mut buffer)?"), "{text}");
    let firsts: Vec<usize> = groups(&text).iter().map(|(lines, _)| lines[0]).collect();
    assert!(firsts.is_sorted(), "{text}");
}

#[test]
fn a_line_that_can_be_tcp_or_udp_gets_both_unless_the_script_says_which() {
    for (head, tcp, udp) in [
        ("", true, true),
        ("s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)\n", true, false),
        ("s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n", false, true),
        ("s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) # SOCK_STREAM\n", false, true),
        ("s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\n", false, true),
        ("s, t = socket.socketpair()\n", true, false),
        ("class Server(socketserver.UDPServer): text = 'SOCK_STREAM'\n", false, true),
        ("a = socket.socket(type=socket.SOCK_STREAM)\nb = socket.socket(type=socket.SOCK_DGRAM)\n", true, true),
    ] {
        let text = porting(&format!("import socket\n{head}s.send(data)\n"));
        let has = |kind: &str| text.contains(&format!("s.send(data), {kind}"));
        assert_eq!((has("TCP"), has("UDP")), (tcp, udp), "{head}\n{text}");
    }
}

#[test]
fn what_depends_on_the_object_is_said_to() {
    let text = porting("import queue, threading\nx.get()\ny.join()\n");
    let [get, join] = [2, 3].map(|line| about(&text, &[line]));
    assert!(get.starts_with("perhaps q.get()") && get.contains("perhaps clients[conn]"), "{text}");
    assert!(join.starts_with("perhaps t.join()") && join.contains("perhaps q.task_done(), q.join()"), "{text}");
    let text = porting("import threading, os\nname = ', '.join(names)\npath = os.path.join(a, b)\n");
    assert!(!text.contains("t.join()"), "{text}");
    let text = porting("import subprocess\nx = p.stdout.read()\n");
    assert!(text.contains("perhaps  p.stdout.read()") && !text.contains("f.read()"), "the longest name: {text}");
    let text = porting("import threading\nthreading.Thread(target=f).start()\n");
    assert_eq!(text.matches("threading.Thread(target=f, args").count(), 1, "not also as perhaps: {text}");
    let text = porting("import threading\nthreading.Thread(target=f, daemon=True)\n");
    assert!(text.contains("spawn(") && text.contains("nothing to do"), "{text}");
    let text = porting("import robot, threading\nx.put(1)\nrobot.start()\n");
    assert!(!text.contains("q.put("), "nothing makes a queue here: {text}");
    assert!(!text.contains("t.start()"), "a module is no thread: {text}");
}

#[test]
fn what_is_done_with_an_object_tells_what_it_is() {
    let function = "def f(conn, file):\n    conn.recv(9)\n    conn.close()\n    file.close()\n";
    let text = porting(&format!("import socket\n{function}"));
    assert!(about(&text, &[4]).starts_with("Python s.close()"), "{text}");
    assert!(about(&text, &[5]).starts_with("perhaps"), "{text}");
    let text = porting(function);
    assert!(about(&text, &[2]).starts_with("perhaps data = s.recv"), "no socket is in this script: {text}");
    let text = porting("import socket\nself.recv(9)\nself.close()\n");
    assert!(about(&text, &[2]).starts_with("perhaps data = s.recv"), "a method of its own: {text}");
    assert!(about(&text, &[3]).starts_with("perhaps s.close"), "{text}");
    let text = porting("import socket\nc, a = x.accept()\nc.close()\nwith socket.socket() as t:\n    t.close()\n");
    assert!(about(&text, &[3, 5]).starts_with("Python s.close()"), "{text}");
    let text = porting("import socket as net\nself.out = net.socket()\nself.out.close()\nother.close()\n");
    assert!(about(&text, &[3]).starts_with("Python s.close()"), "{text}");
    assert!(about(&text, &[4]).starts_with("perhaps s.close()"), "{text}");
}

#[test]
fn names_that_the_page_does_not_know_come_last_with_their_lines() {
    let text = porting("import socket\nsocket.foo()\nsocket.gethostname()\nx = socket.BAR, socket.foo()\n");
    assert_eq!(
        unknown(&text).lines().skip(1).collect::<Vec<_>>(),
        ["           socket.BAR: 4", "           socket.foo: 2, 4"]
    );
    assert!(text.contains("socket.gethostname()"), "{text}");
    let text = porting("import struct\nx = struct.pack('>3sBxq', a, b, c)\n");
    assert!(about(&text, &[2]).contains("struct.pack(format"), "{text}");
    assert_eq!(unknown(&porting("socket.foo()\n")), "", "nothing was imported");
}

#[test]
fn a_name_on_the_page_is_answered_wherever_it_stands() {
    let modules = ["socket", "struct", "subprocess", "threading", "socketserver", "select", "selectors", "queue"];
    let page = include_str!("../PORTING.md");
    let cells = page.lines().filter(|line| line.starts_with("| `")).map(|line| line.split(" | ").next().unwrap());
    let words = cells.flat_map(|cell| cell.split(|c: char| !c.is_alphanumeric() && !"_.".contains(c)));
    let names: BTreeSet<_> =
        words.filter(|word| modules.iter().any(|module| word.starts_with(&format!("{module}.")))).collect();
    assert!(names.len() > 150, "{names:?}");
    let lines: String = names.iter().map(|name| format!("x = {name}\n")).collect();
    let text = porting(&format!("import {}\n{lines}", modules.join(", ")));
    for (i, name) in names.iter().enumerate() {
        assert!(groups(&text).iter().any(|(numbers, _)| numbers.contains(&(i + 2))), "nothing for {name}");
    }
    assert_eq!(unknown(&text), "");
}

#[test]
fn imported_names_are_followed() {
    for (import, call) in [
        ("import socket as net", "net.gethostname()"),
        ("from socket import gethostname", "gethostname()"),
        ("from socket import (socket,\n    gethostname as name)", "name()"),
        ("from socket import *", "gethostname()"),
        ("import os, socket as so, sys", "so.gethostname()"),
    ] {
        assert_answer(&format!("{import}\nx = {call}\n"), "socket.gethostname()", "none");
    }
    assert_answer("from struct import pack, unpack as u\nx = u('!I', b)\n", "struct.unpack('!I'", "from_be_bytes");
    let text = porting("import socket as s\nfrom socket import *\nfrom struct import pack as p, iter_foo\ns.foo()\n");
    let names = unknown(&text);
    assert!(["struct.iter_foo: 3", "socket.foo: 4"].iter().all(|name| names.contains(name)), "{text}");
}

#[test]
fn python_2_is_read_too() {
    assert_answer("print 'hello', name\n", "print(x)", "writeln!");
    assert_answer("name = raw_input('>> ')\n", "raw_input(", "read_line");
    assert_answer("try: f()\nexcept socket.error, e: print e.errno\n", "e.errno", "raw_os_error");
    assert_answer("import Queue\nq = Queue.Queue()\n", "queue.Queue()", "mpsc");
    assert_answer("import thread\nthread.start_new_thread(f, (c,))\n", "start_new_thread", "thread::");
}

#[test]
fn comments_and_strings_are_no_code() {
    let script = r##"
import socket  # socket.foo()
'''s.recv(1024)
socket.foo()'''
text = "s.accept() \" socket.foo()" + r'\d' + b"{socket.foo()}" + "{socket.foo()}"
a = """ "quoted" socket.foo() \""" socket.foo() """
name = 'never closed socket.foo()
x = socket.gethostname(
    # socket.foo()
) ; y = socket \
    + socket.getfqdn()
"##;
    let text = porting(script);
    assert_eq!(unknown(&text), "", "{text}");
    assert!(!text.contains("accept()") && !text.contains("s.recv("), "{text}");
    assert!(about(&text, &[8]).contains("gethostname"), "{text}");
    assert!(about(&text, &[11]).contains("getfqdn"), "{text}");
    let text = porting("import socket  # of a comment \\\nx = socket.gethostname()\n");
    assert!(about(&text, &[2]).starts_with("Python socket.gethostname()"), "the comment ends with its line: {text}");
}

#[test]
fn fields_of_a_formatted_string_are_code() {
    let text = porting("import socket\nx = f'{socket.foo()} of {socket.gethostname()!r:>{socket.BAR}} s.accept()'\n");
    assert!(about(&text, &[2]).starts_with("Python socket.gethostname()"), "{text}");
    assert!(["socket.foo: 2", "socket.BAR: 2"].iter().all(|name| unknown(&text).contains(name)), "{text}");
    assert!(!text.contains("conn, addr = s.accept()"), "{text}");
    assert_eq!(unknown(&porting("import socket\nx = '{socket.foo()}', rb'{socket.foo()}'\n")), "");
    assert!(unknown(&porting("import socket\nx = rF'{socket.foo()}'\n")).contains("socket.foo: 2"));
}

#[test]
fn a_defined_name_is_no_call() {
    let head = "import socketserver, threading\n";
    let text = porting(&format!("{head}def run(self): t.join()\nclass Timer(threading.Thread): pass\n"));
    assert!(about(&text, &[2]).starts_with("perhaps t.join()"), "{text}");
    assert!(about(&text, &[3]).contains("class ClientThread(threading.Thread):"), "{text}");
}

#[test]
fn other_line_ends_a_byte_order_mark_and_tabs_change_nothing() {
    let script = "import socket\nif x:\n\ts = socket.socket()\n\ts.listen()\n";
    assert_eq!(porting(&format!("\u{feff}{}", script.replace('\n', "\r\n"))), porting(script));
    assert!(porting(script).contains("\n4          s.listen()\n"));
}

#[test]
fn a_script_cannot_write_to_the_terminal() {
    let text = porting("import socket\nx = socket.gethostname() # \x1b[2J\u{202e}\n");
    assert!(!text.contains(['\x1b', '\u{202e}']) && text.contains("\\u{1b}[2J"), "{text:?}");
}

#[test]
fn every_line_fits_80_columns() {
    let long = format!("import socket\nx = socket.gethostname() # {} {}\n", "long".repeat(60), "words ".repeat(40));
    let chinese = format!("import socket\nx = socket.gethostname() # {}\n", "中".repeat(60));
    let all = python_scripts().into_iter().map(|(_, script)| script).chain([long, chinese]);
    for text in all.map(|script| porting(&script)) {
        let columns = |line: &str| line.chars().map(|c| if c < '\u{1100}' { 1 } else { 2 }).sum::<usize>();
        let longest = text.lines().max_by_key(|line| columns(line)).unwrap();
        assert!(columns(longest) <= 80, "{longest}");
        assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
    }
}

/// The Python beside the programs.
fn python_scripts() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let paths = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let scripts = paths.filter(|path| path.extension().is_some_and(|extension| extension == "py"));
    scripts.map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn the_python_of_this_project_is_answered_throughout() {
    for (name, script) in python_scripts() {
        let text = porting(&script);
        let groups = groups(&text);
        let is_format = |line: &str| line.contains("struct.pack:") || line.contains("struct.unpack:");
        assert!(
            unknown(&text).lines().skip(1).all(is_format),
            "no name is unknown, but a format may be: {name}\n{text}"
        );
        for (i, line) in script.lines().enumerate() {
            let code = line.split(" # ").next().unwrap();
            let calls =
                ["socket.", "struct.", "subprocess.", "threading.", ".recv(", ".recvfrom(", ".sendall(", ".sendto("];
            let is_code =
                !code.starts_with('#') && !code.contains(r#"""""#) && !code.contains("stdout=subprocess.PIPE");
            let is_answered = groups.iter().any(|(lines, _)| lines.contains(&(i + 1)));
            let asks = is_code && calls.iter().any(|call| code.contains(call));
            let is_listed = unknown(&text).contains(&format!(": {}\n", i + 1));
            assert!(!asks || is_answered || is_listed, "{name}:{}: {line}\n{text}", i + 1);
        }
        for (lines, rows) in &groups {
            assert!(
                lines.is_sorted_by(|a, b| a < b) && lines.iter().all(|line| *line <= script.lines().count()),
                "{name}"
            );
            assert!(rows.contains("Rust "), "{name}: {rows}");
        }
        let said: Vec<_> = groups.iter().map(|(_, rows)| rows).collect();
        assert!(said.iter().enumerate().all(|(i, rows)| !said[..i].contains(rows)), "{name}: an answer stands twice");
    }
}

#[test]
fn a_file_is_read_as_stdin_is() {
    let (name, script) = python_scripts().pop().unwrap();
    let run = assert_cmd::Command::new(program("porting")).arg(name).timeout(PATIENCE).unwrap();
    assert_eq!(String::from_utf8(run.stdout).unwrap(), porting(&script));
    assert_eq!(porting("x = 1\n"), "PORTING.md has nothing for this script.\n");
}

#[test]
fn what_cannot_be_read_is_named_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    for (path, reason) in [
        (folder.path().join("missing.py"), ""),
        (folder.path().to_owned(), ""),
        (write("latin.py", b"# caf\xe9\n"), "invalid utf-8 sequence of 1 bytes from index 5"),
        (write("huge.py", &vec![b'\n'; 1024 * 1024 + 1]), "file too large"),
    ] {
        let run = assert_cmd::Command::new(program("porting")).arg(&path).timeout(PATIENCE).output().unwrap();
        let error = String::from_utf8(run.stderr).unwrap();
        assert_eq!((run.status.code(), run.stdout.is_empty()), (Some(1), true), "{error}");
        let start = format!("porting: cannot read {}: {reason}", path.display());
        assert!(error.starts_with(&start) && error.len() > start.len() && error.lines().count() == 1, "{error}");
    }
    let largest = write("largest.py", &vec![b'#'; 1024 * 1024]);
    assert_cmd::Command::new(program("porting")).arg(largest).timeout(PATIENCE).assert().success();
}

#[test]
fn help_version_and_wrong_usage() {
    let run =
        |args: &[&str]| assert_cmd::Command::new(program("porting")).args(args).timeout(PATIENCE).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text(&run(&["-h"]).stdout).contains("Usage: porting SCRIPT"));
    assert_eq!(text(&run(&["--version"]).stdout), format!("porting {}\n", env!("CARGO_PKG_VERSION")));
    for args in [&[][..], &["--all"], &["a.py", "b.py"]] {
        let output = run(args);
        assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true));
        assert!(text(&output.stderr).starts_with("porting: "), "{args:?}");
    }
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let script = &python_scripts()[0].0;
    let mut command = Command::new(program("porting"));
    let mut child = command.arg(script).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn a_call_does_not_get_the_row_of_another() {
    let head = "import socket, struct, subprocess\ns = socket.socket()\n";
    for (line, other) in [
        ("s.setsockopt(socket.SOL_SOCKET, socket.SO_FOO, 1)", "SO_BROADCAST"),
        ("s.recv(9, socket.MSG_FOO)", "MSG_PEEK"),
        ("x = socket.socket(socket.AF_INET, socket.SOCK_FOO)", "TcpListener::bind"),
        ("s.settimeout(5)", "settimeout(None)"),
        ("text = s.recv(9).decode('utf-8', 'ignore')", "from_utf8"),
        ("f = open(path, 'ab')", "File::open(path)"),
        ("f = open(path, 'rb')", "File::create"),
        ("subprocess.Popen(['ls'])", "/bin/sh"),
        ("x = reopen(path)", "open(path"),
        ("struct.pack('!H', n)", "struct.pack('!I'"),
        ("struct.pack('=HH', a, b)", "struct.pack('=I'"),
        ("print(name, end='')", "('', 8080)"),
        ("key = dict(timeout=5)", "settimeout"),
        ("self.listen = False", "s.listen()"),
        ("def accept(self): pass", "s.accept()"),
        ("text = ', '.join(names)", "t.join()"),
    ] {
        let text = porting(&format!("{head}{line}\n"));
        assert!(!text.split_once("\n3 ").map_or("", |(_, rows)| rows).contains(other), "{text}");
    }
}
