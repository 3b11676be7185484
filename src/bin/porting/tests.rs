//! How keys find the code that they mean, on a small page of these tests; and that each row of PORTING.md is reached.

use super::{answers, names, parser, report};
use crate::answers::{Answers, Says};
use crate::page::Page;
use crate::page::tests::{Raw, raw_objects, raw_rows};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A page whose rows are named by what stands in their Rust cells.
const SMALL: &str = "
| Python | Rust (std) | what differs |
|---|---|---|
| `data = s.recv(1024)`, TCP | read | |
| `data = s.recv(1024)`, UDP | receive a datagram | |
| `s.recv(0)` | nothing | |
| `s.settimeout(2.5)` | limit | |
| `s.settimeout(None)` | no limit | |
| `s.settimeout(0)`, not to wait | nonblocking | |
| `s.settimeout(5); s.connect(addr)`, to connect | connect with a limit | |
| `s.connect((HOST, PORT))` | connect | |
| `n.to_bytes(4, 'big')` | u32 big | |
| `n.to_bytes(2, 'big')` | u16 big | |
| `n.to_bytes(4, 'little')` | u32 little | |
| `n.to_bytes(2, 'big', signed=True)` | i16 big | |
| `data.decode('utf-8')`, `data.decode()` | utf-8 | |
| `data.decode('gbk')` | other encodings | |
| `data.decode(errors='ignore')` | ignore | |
| `int(text)` | parse | |
| `int(text, 16)` | parse base 16 | |
| `open(path, 'rb')`, `open(path)` | open | |
| `open(path, 'wb')` | create | |
| `struct.pack('!I', n)` | one u32 | |
| `struct.pack(format, a)` | any format | |
| `shell=True` | a shell | |
| `subprocess.run(cmd)` | run | |
| `timeout = 5`, in a handler | time of a handler | |
| `if not received:` | end | |
| `while len(data) < y: data += s.recv(z)`, `while len(x) < y: chunk = s.recv(z)` | exact | |
| `with lock:` | guard | |
| `str(data)`, of bytes | bytes as text | |
| `str(n)` | text | |
| `q.get()` | from a queue | |
| `d.get(key)` | from a dictionary | |
| `socket.SO_REUSEADDR`, TCP | reuse TCP | |
| `socket.SO_REUSEADDR`, UDP | reuse UDP | |
| `import json`, `json.loads(text)` | json | |
| `for client in clients: client.send(msg)` | to all | |
| `s.send(data)` | send | |
| `f'{n:02x}'` | hex | |
| `f'{n:08d}'` | zeros | |
| `t.start()` | start | |
| `b''.join(items)` | glue | |
| `', '.join(items)` | glue texts | |
| `clients = []` | no clients yet | |
| `data[-1]`, of bytes | the last byte | |
| `text[::-1]` | backwards | |
| `items[::2]` | in steps | |
| `items[:4]` | the first | |
| `if data == b'':`, of bytes | no bytes | |
| `unique.add(x)` | insert | |

| Everyday Python | Rust (std) | what differs |
|---|---|---|
| `print(x)` | print | |

| Python over several lines | Rust | what differs |
|---|---|---|
| `struct.pack(format, len(x))` | a prefix | |

| Name in the tables | What it is | What shows it |
|---|---|---|
| `s`, `client`, TCP | a TCP socket | `s = socket.socket()`, `s = socket.socket(family, socket.SOCK_STREAM)`, `s, addr = s.accept()`, `s.accept()` |
| `s`, UDP | a UDP socket | `s = socket.socket(family, socket.SOCK_DGRAM)` |
| `s` | a socket | `s = socket.socket(family, type)`, `s.recv(1024)` |
| `clients` | a list of sockets | `clients = [s]` |
| `received` | what came | `received = s.recv(1024)`, `received = received.decode()` |
| `data` | bytes | `data = s.recv(1024)`, `data.decode()` |
| `text` | a text | `text = data.decode()`, `text = input()` |
| `n` | a number | `n = len(x)` |
| `items` | a list | `items = list(x)` |
| `d` | a dictionary | `d = dict(x)` |
| `q` | a queue | `q = queue.Queue()` |
| `lock` | a lock | `lock = threading.Lock()` |
| `unique` | a set | `unique = set(x)` |
| `t` | a thread | `t = threading.Thread()` |

| Letter of a format | Rust | Rust, without a sign |
|---|---|---|
| `H` | `u16` | `u16` |
| `B` | `u8` | `u8` |
";

const IMPORTS: &str = "import socket, struct, subprocess, queue, threading\n";

fn ask(page: &Page, source: &str) -> Answers {
    let script = parser::parse(source);
    let facts = names::learn(page, &script);
    answers::answers(page, &script, &facts)
}

/// What the small page says of the last line of a script.
fn last_line(script: &str) -> Vec<String> {
    let page = Page::parse(SMALL);
    let source = format!("{IMPORTS}{script}");
    let mut answers = ask(&page, &source);
    let there = answers.at.remove(&source.lines().count()).unwrap_or_default();
    let mut said = Vec::new();
    for answer in there {
        let certainty = if answer.guesses.is_empty() { "" } else { "perhaps " };
        match answer.says {
            Says::Row(row) => said.push(format!("{certainty}{}", page.rows[row].rust)),
            Says::Format(packing) => said.push(packing.fields),
        }
    }
    said.sort();
    said
}

#[track_caller]
fn assert_says(script: &str, expected: &[&str]) {
    assert_eq!(last_line(script), expected, "{script}");
}

#[test]
fn an_argument_decides_which_row_is_the_answer() {
    let head = "s = socket.socket()\nn = len(x)\ndata = s.recv(9)\ntext = input()\n";
    for (line, expected) in [
        ("s.settimeout(5)", &["limit"][..]),
        ("s.settimeout(None)", &["no limit"]),
        ("s.settimeout(0)", &["nonblocking"]),
        ("s.settimeout(0.0)", &["nonblocking"]),
        ("s.recv(0)", &["nothing"]),
        ("n.to_bytes(2, 'big')", &["u16 big"]),
        ("n.to_bytes(4, byteorder='little')", &["u32 little"]),
        ("n.to_bytes(2, 'big', signed=True)", &["i16 big"]),
        ("data.decode('UTF8')", &["utf-8"]),
        ("data.decode('koi8-r')", &["other encodings"]),
        ("data.decode('gbk', 'ignore')", &["ignore", "other encodings"]),
        ("int(text)", &["parse"]),
        ("int(text, 16)", &["parse base 16"]),
        ("f = open(path, 'br')", &["open"]),
        ("f = open(path, mode)", &["open"]),
        ("f = open(path, 'xb')", &["open"]),
        ("subprocess.run(cmd, shell=True)", &["a shell", "run"]),
        ("struct.pack('!I', size)", &["one u32"]),
        ("struct.pack('!I', len(x))", &["a prefix", "one u32"]),
        ("struct.pack(form, size)", &["any format"]),
        ("struct.pack('!HB', a, b)", &["u16 0..2, u8 2"]),
        ("x = str(data)", &["bytes as text"]),
        ("x = str(n)", &["text"]),
        ("x = str(data, 'utf-8')", &["text"]),
        ("x = f'{n:x}'", &["hex"]),
        ("x = f'{text}: {n:02d}'", &["zeros"]),
    ] {
        assert_says(&format!("{head}{line}\n"), expected);
    }
    assert_says("FORMAT = '!I'\nMODE = 'wb'\nopen(path, MODE); struct.pack(FORMAT, size)\n", &["create", "one u32"]);
}

/// Two sockets: `a` of TCP, `b` of UDP.
const BOTH: &str = "a = socket.socket(socket.AF_INET, socket.SOCK_STREAM)\n\
                    b = socket.socket(type=socket.SOCK_DGRAM, family=socket.AF_INET)\n";
/// What is said of `x.recv(9)` if nothing is known of `x`.
const UNKNOWN: [&str; 2] = ["perhaps read", "perhaps receive a datagram"];

#[test]
fn what_made_a_variable_decides_between_tcp_and_udp() {
    let both = BOTH;
    assert_says(&format!("{both}a.recv(9)\n"), &["read"]);
    assert_says(&format!("{both}b.recv(9)\n"), &["receive a datagram"]);
    assert_says(&format!("{both}conn, addr = a.accept()\nconn.recv(9)\n"), &["read"]);
    assert_says(&format!("{both}def f(conn):\n  pass\nf(b)\n"), &[]);
    assert_says(
        &format!("{both}f = lambda: 0\ndef g(conn):\n  return conn\nx = g(b)\nx.recv(9)\n"),
        &["receive a datagram"],
    );
    assert_says(&format!("{both}x.recv(9)\n"), &["perhaps read", "perhaps receive a datagram"]);
    assert_says("a = socket.socket()\nx.recv(9)\n", &["read"]);
    let thread = "import threading\ndef f(conn, addr): pass\nthreading.Thread(target=f, args=(b, 1)).start()\n";
    assert_says(&format!("{both}{thread}def f(conn, addr):\n  conn.recv(9)\n"), &["receive a datagram"]);
    assert_says("def f(conn: socket.socket):\n  conn.settimeout(5)\n", &["limit"]);
    assert_says("x = [socket.socket()]\nfor y in x:\n  y.recv(9)\n", &["read"]);
    assert_says(
        "class C:\n  def f(self):\n    self.a = socket.socket()\n  def g(self):\n    self.a.recv(9)\n",
        &["read"],
    );
    assert_says("x = socket.SO_REUSEADDR\n", &["perhaps reuse TCP", "perhaps reuse UDP"]);
    assert_says("s = socket.socket()\nx = socket.SO_REUSEADDR\n", &["reuse TCP"]);
}

#[test]
fn a_set_is_no_dictionary() {
    assert_says("x = set(y)\nx.add(1)\n", &["insert"]);
    assert_says("x = {a, b}\nx.add(1)\n", &["insert"]);
    assert_says("x = {a, b}\nx.get(1)\n", &[]);
    assert_says("x = {a: b}\nx.get(1)\n", &["from a dictionary"]);
    assert_says("x = {**a}\nx.get(1)\n", &["from a dictionary"]);
    assert_says("x = {}\nx.get(1)\n", &["from a dictionary"]);
    assert_says("x = {a: b for a in c}\nx.get(1)\n", &["from a dictionary"]);
    assert_says("x = {}\ny.add(1)\n", &[]);
}

#[test]
fn every_expression_of_a_statement_is_asked_for() {
    assert_says("s = socket.socket()\ndata = s.recv(9)\nif await data == b'':\n", &["no bytes"]);
    assert_says("with (open(a) as f, open(b, 'wb') as g):\n", &["create", "open"]);
    assert_says("with (open(a)):\n", &["open"]);
    assert_says("def f(x=open(path, 'wb')):\n", &["create"]);
    assert_says("x: open(path, 'wb') = 1\n", &["create"]);
    assert_says("x: open(path, 'wb')\n", &["create"]);
}

#[test]
fn signs_and_steps_are_compared() {
    let head = "data = socket.socket().recv(9)\ntext = input()\nitems = list(x)\n";
    for (line, expected) in [
        ("x = data[-1]", &["the last byte"][..]),
        ("x = data[i - 1]", &[]),
        ("x = data[len(data) - 1]", &["the last byte"]),
        ("x = text[::-1]", &["backwards"]),
        ("x = text[::2]", &[]),
        ("x = items[::2]", &["in steps"]),
        ("x = items[::3]", &["in steps"]),
        ("x = items[:4]", &["the first"]),
        ("x = items[:-1]", &[]),
        ("x = items[:n - 1]", &["the first"]),
        ("x = items[::-1]", &[]),
        ("x = f'{n:10d}'", &[]),
        ("x = f'{n:010d}'", &["zeros"]),
    ] {
        assert_says(&format!("{head}n = 1\n{line}\n"), expected);
    }
}

#[test]
fn an_argument_of_another_name_is_none_of_the_key() {
    let head = "data = socket.socket().recv(9)\n";
    for (line, expected) in [
        ("data.decode('utf-8', errors='strict')", &["utf-8"][..]),
        ("data.decode('utf-8', errors='backslashreplace')", &["utf-8"]),
        ("data.decode(errors='strict')", &["utf-8"]),
        ("data.decode(errors='ignore')", &["ignore"]),
        ("data.decode(encoding='koi8-r')", &["other encodings"]),
    ] {
        assert_says(&format!("{head}{line}\n"), expected);
    }
    assert_says("x = ' | '\nx.join(parts)\n", &["glue texts"]);
    assert_says("x = b' | '\nx.join(parts)\n", &["glue"]);
    assert_says(&format!("{head}x = 'END'\nif data == x:\n"), &[]);
    assert_says(&format!("{head}x = ''\nif data == x:\n"), &["no bytes"]);
    let clients = "x = []\nx.append(socket.socket())\n";
    assert_says(&format!("{clients}y = x = []\n"), &["no clients yet"]);
}

#[test]
fn sockets_are_followed_through_comprehensions_and_assignments_in_conditions() {
    assert_says(&format!("{BOTH}x = [socket.socket() for _ in y]\nfor z in x:\n  z.recv(9)\n"), &["read"]);
    assert_says("s = socket.socket()\nwhile received := s.recv(9):\n  pass\nif not received:\n", &["end"]);
}

#[test]
fn sockets_are_followed_through_generators_and_functions_in_functions() {
    assert_says(&format!("{BOTH}def f():\n  yield b\nfor x in f():\n  x.recv(9)\n"), &["receive a datagram"]);
    assert_says(&format!("{BOTH}def f():\n  yield b\nx = f()\nx.recv(9)\n"), &[]);
    let manager = "from contextlib import contextmanager\n@contextmanager\ndef f():\n  yield b\n";
    assert_says(&format!("{BOTH}{manager}with f() as x:\n  x.recv(9)\n"), &["receive a datagram"]);
    let outer = "def f():\n  x = None\n  def g():\n    nonlocal x\n    x = b\n  g()\n";
    assert_says(&format!("{BOTH}{outer}  def h():\n    x.recv(9)\n"), &["receive a datagram"]);
}

#[test]
fn a_method_gets_what_its_own_class_is_called_with() {
    let other = "class Other:\n  def __init__(self, conn): pass\n  def run(self, conn): pass\n";
    let init = "class Mine:\n  def __init__(self, conn):\n    conn.recv(9)\n";
    assert_says(&format!("{BOTH}{other}Other(b)\n{init}"), &UNKNOWN);
    assert_says(&format!("{BOTH}{other}Other(b)\nMine(a)\n{init}"), &["read"]);
    let run = "class Mine:\n  def run(self, conn):\n    conn.recv(9)\n";
    assert_says(&format!("{BOTH}{other}Other(a).run(b)\n{run}"), &UNKNOWN);
    assert_says(&format!("{BOTH}{other}Other(a).run(b)\nx = Mine()\nx.run(a)\n{run}"), &["read"]);
    let base = "class Base:\n  def __init__(self, conn):\n    self.conn = conn\n";
    let derived = "class Derived(Base):\n  def f(self):\n    self.conn.recv(9)\n";
    assert_says(&format!("{BOTH}{base}Derived(b)\n{other}Other(a)\n{derived}"), &["receive a datagram"]);
    assert_says(
        &format!("{BOTH}{other}Other(a)\nthreading.Thread(target=Mine().run, args=(b,))\n{run}"),
        &["receive a datagram"],
    );
    let calls_base = "class Derived(Base):\n  def __init__(self, conn):\n    super().__init__(conn)\n";
    let shows = "  def f(self):\n    self.conn.recv(9)\n";
    assert_says(
        &format!("{BOTH}{base}{calls_base}Derived(b)\n{other}class Last(Derived):\n{shows}"),
        &["receive a datagram"],
    );
    let same_name = "def run(conn): pass\nrun(a)\n";
    assert_says(&format!("{BOTH}{same_name}Mine().run(b)\n{run}"), &["receive a datagram"]);
}

#[test]
fn above_its_first_assignment_a_parameter_is_what_is_handed_over() {
    assert_says("def f(x):\n  x = x.decode()\n", &["utf-8"]);
    assert_says(&format!("{BOTH}f(b)\ndef f(x):\n  x = x.recv(9)\n"), &["receive a datagram"]);
    assert_says(&format!("{BOTH}f(b)\ndef f(x):\n  x = a\n  x.recv(9)\n"), &["read"]);
}

#[test]
fn what_stands_in_the_body_of_a_class_belongs_to_the_class() {
    assert_says(&format!("{BOTH}class C:\n  x = b\n  def f(self):\n    self.x.recv(9)\n"), &["receive a datagram"]);
    assert_says(&format!("{BOTH}class C:\n  x = b\n  x.recv(9)\n"), &["receive a datagram"]);
    assert_says("class C:\n  socket = None\ns = socket.socket()\ns.recv(9)\n", &["read"]);
}

#[test]
fn several_lines_are_one_answer() {
    let head = "s = socket.socket()\n";
    assert_says(&format!("{head}data = s.recv(9).decode()\nif x or not data:\n"), &["end"]);
    assert_says(&format!("{head}data = x\nif not data:\n"), &[]);
    assert_says(&format!("{head}s.settimeout(3)\ns.connect(addr)\n"), &["connect with a limit"]);
    assert_says(&format!("{head}x.settimeout(3)\ns.connect(addr)\n"), &["connect"]);
    assert_says(&format!("{head}def f():\n  s.settimeout(3)\ns.connect(addr)\n"), &["connect"]);
    assert_says("lock = threading.Lock()\nwith lock:\n", &["guard"]);
    assert_says("with other:\n", &[]);
    assert_says("class H(socketserver.BaseRequestHandler):\n  timeout = 5\n", &["time of a handler"]);
    assert_says("class H:\n  timeout = 5\n", &[]);
    assert_says("timeout = 5\n", &[]);
    let page = Page::parse(SMALL);
    let answers = ask(&page, "import socket\ns = socket.socket()\nwhile len(x) < n:\n  x += s.recv(n - len(x))\n");
    let rows: Vec<_> = answers.at.iter().map(|(line, there)| (*line, there.len())).collect();
    assert_eq!(rows, [(3, 1)], "the loop has the answer, not the call in it: {answers:?}");
    let all = "peers = []\nconn, addr = s.accept()\npeers.append(conn)\nfor peer in peers:\n  peer.send(x)\n";
    assert_says(&format!("{head}{all}"), &["to all"]);
}

#[test]
fn a_loop_that_does_more_than_its_key_says_has_the_answers_of_its_lines() {
    let page = Page::parse(SMALL);
    let exact = "import socket\ns = socket.socket()\nwhile len(x) < n:\n  data = s.recv(9)\n  x += data\n";
    let row_at = |source: &str, line: usize| {
        let answers = ask(&page, source);
        let said = answers.at.get(&line).and_then(|there| there.first()).map(|answer| &answer.says);
        said.map(|says| if let Says::Row(row) = says { page.rows[*row].rust.clone() } else { String::new() })
    };
    for (more, at, rust) in [
        ("", 3, "exact"),
        ("  if not data: break\n", 3, "exact"),
        ("  if not data or len(data) == 0: break\n", 3, "exact"),
        ("  if data == b'END': break\n", 4, "read"),
        ("  if not data or data == b'END': return\n", 4, "read"),
        ("  s.send(b'OK')\n", 4, "read"),
        ("  other.send(b'OK')\n", 4, "read"),
        ("  print(len(x))\n", 4, "read"),
        ("  items.append(data)\n", 3, "exact"),
    ] {
        assert_eq!(row_at(&format!("{exact}{more}"), at).as_deref(), Some(rust), "{more}");
    }
}

#[test]
fn what_is_not_known_is_a_guess_and_what_is_the_scripts_own_is_no_answer() {
    assert_says("q = queue.Queue()\nx.get()\n", &["perhaps from a queue"]);
    assert_says("q = queue.Queue()\nq.get()\n", &["from a queue"]);
    assert_says("x = 'text'\nx.get()\n", &[]);
    assert_says("x.get(key)\n", &["perhaps from a dictionary"]);
    assert_says("s = socket.socket()\nx.connect(place)\n", &["perhaps connect"]);
    assert_says("s = socket.socket()\ndef f(): pass\nbutton.connect(f)\n", &[]);
    assert_says("t = threading.Thread()\nx.start()\n", &["perhaps start"]);
    assert_says("t = threading.Thread()\nx.start(100)\n", &[]);
    assert_says("x = b''\nx.join(parts)\n", &["glue"]);
    assert_says("x.join(parts)\n", &["perhaps glue", "perhaps glue texts"]);
    assert_says("x.join()\n", &[]);
    assert_says("class Box:\n  def get(self): pass\nbox = Box()\nbox.get()\n", &[]);
    assert_says("def int(x): pass\nint(text)\n", &[]);
    assert_says("from struct import pack as p\np('!I', x)\n", &["one u32"]);
    assert_says("def f(socket):\n  socket.recv(9)\n", &["perhaps read", "perhaps receive a datagram"]);
}

#[test]
fn an_import_is_an_answer_only_if_nothing_that_it_brings_is_used() {
    assert_says("import json\n", &["json"]);
    let page = Page::parse(SMALL);
    let answers = ask(&page, "import json\nx = json.loads(y)\n");
    assert_eq!(answers.at.keys().collect::<Vec<_>>(), [&2]);
}

#[test]
fn everyday_rows_and_lines_with_nothing_stand_at_the_end() {
    let page = Page::parse(SMALL);
    let source = "import socket\nprint(1)\nfoo()\nsocket.BAR\nbar()\nx = 1\ns = socket.socket()\ns.recv(0)\n";
    let text = report::report(&page, source, &ask(&page, source));
    let expected = "8    s.recv(0)\n     nothing\neveryday, in PORTING.md: print\nnothing for lines 3-5, 7\n";
    assert_eq!(text, expected);
}

#[test]
fn a_guess_stays_one_when_its_row_was_shown_before() {
    let page = Page::parse(SMALL);
    let source = "import queue\nq = queue.Queue()\nq.get() # comment\ndef f(x):\n  x.get()\nq.get()\n";
    let text = report::report(&page, source, &ask(&page, source));
    assert!(text.contains("3    q.get()\n     from a queue\n"), "{text}");
    assert!(text.contains("5    x.get() // if x is a queue: as line 3\n"), "{text}");
    assert!(text.contains("6    q.get() // as line 3\n"), "{text}");
}

#[test]
fn of_several_answers_in_a_line_above_one_is_named() {
    let page = Page::parse(SMALL);
    let source = "import socket\ns = socket.socket()\ns.send(s.recv(0))\ns.send(x)\ns.send(s.recv(0))\n";
    let text = report::report(&page, source, &ask(&page, source));
    assert!(text.contains("4    s.send(x) // as line 3: send\n"), "{text}");
    assert!(text.contains("5    s.send(s.recv(0)) // as line 3\n"), "{text}");
}

/// The rows of PORTING.md that a script is answered with.
fn rows(page: &Page, source: &str) -> BTreeSet<usize> {
    let answers = ask(page, source);
    let mut rows: BTreeSet<usize> = answers.everyday.into_keys().collect();
    for answer in answers.at.into_values().flatten() {
        if let Says::Row(row) = answer.says {
            rows.insert(row);
        }
    }
    rows
}

/// A script that has a key of a row: the imports that it needs, the objects that it names, and the key.
fn script_with(page: &Page, key: &str, words: &str, objects: &[(Raw, Raw)]) -> String {
    let mut signs: Vec<String> = Vec::new();
    add_signs(key, words, objects, &mut signs);
    let mut script = String::new();
    for module in &page.modules {
        if module != "int" && (has_name(key, module) || signs.iter().any(|sign| has_name(sign, module))) {
            script += &format!("import {module}\n");
        }
    }
    for (protocol, kind) in [("UDP", "AF_INET, SOCK_DGRAM"), ("Unix", "AF_UNIX"), ("raw", "AF_INET, SOCK_RAW")] {
        if words.starts_with(protocol) {
            script += &format!("from socket import *\nother = socket({kind})\n");
        }
    }
    let mut indent = String::new();
    for sign in &signs {
        script += &format!("{indent}{sign}\n");
        if sign.ends_with(':') {
            indent += "  ";
        }
        if sign.starts_with("class") && !words.contains("in a ") {
            script += &format!("{indent}def f(self):\n");
            indent += "  ";
        }
    }
    if words.ends_with("in a handler") && indent.is_empty() {
        script += "class Handler(BaseRequestHandler):\n";
        indent += "  ";
    }
    if words == "in a thread" {
        script += "class Worker(Thread):\n";
        indent += "  ";
    }
    let is_argument = key.split_once('=').is_some_and(|(name, value)| {
        name.chars().all(|c| c.is_alphanumeric() || c == '_') && !value.starts_with([' ', '='])
    });
    let key = match key {
        _ if is_argument => format!("call({key})"),
        _ if key.starts_with('\'') => format!("x = {key}"),
        _ => key.to_owned(),
    };
    script + &format!("{indent}{}\n", surrounded(&key, words, &indent))
}

/// A key with what the words behind it ask for.
fn surrounded(key: &str, words: &str, indent: &str) -> String {
    let is_datagram = key.contains("SOCK_DGRAM");
    let is_protocol = |word: &str| ["TCP", "UDP", "Unix", "raw"].contains(&word);
    let words = words.split_once(", ").filter(|(first, _)| is_protocol(first)).map_or(words, |(_, rest)| rest);
    let method = match words {
        "made in several places" => return format!("self.s = {key}\n{indent}self.s = socket.socket()"),
        "and used further" => return format!("{key}\n{indent}conn.recv(1)"),
        "that listens" if key.starts_with("s.") => return format!("{key}\n{indent}s.listen()"),
        "that connects" if key.starts_with("s.") => return format!("{key}\n{indent}s.connect(x)"),
        "that listens" if is_datagram => "bind(x)",
        "that listens" => "listen()",
        "that connects" if is_datagram => "sendto(x, y)",
        "that connects" => "connect(x)",
        "of a number" => return format!("try: x = int(y)\n{indent}{key}"),
        "only to connect" => return format!("{key}\n{indent}s.connect(x)"),
        "its number used" => return format!("sent = {key}\n{indent}data = data[sent:]"),
        "its file in use" => return format!("f = s.makefile()\n{indent}{key}\n{indent}f.readline()"),
        "the value of an option" => return format!("s.setsockopt(a, b, {key})"),
        "the whole message" => return format!("s.sendall({key} + json_text)"),
        _ => return key.to_owned(),
    };
    if key.starts_with("with") {
        format!("{key}\n{indent}  s.{method}")
    } else {
        format!("s = {key}\n{indent}s.{method}")
    }
}

/// Adds what shows the objects that a piece of code names, behind what they need themselves.
fn add_signs(code: &str, words: &str, objects: &[(Raw, Raw)], signs: &mut Vec<String>) {
    let mut named = BTreeSet::new();
    for (name, shown_by) in objects {
        let first = words.split(", ").next().unwrap_or_default();
        let protocol = if ["UDP", "Unix", "raw"].contains(&first) { first } else { "TCP" };
        let is_wanted = name.words.is_empty() || name.words == protocol;
        for alias in name.keys.iter().filter(|alias| is_wanted && has_name(code, alias)) {
            let sign = shown_by.keys[0].replacen(&name.keys[0], alias, 1);
            if named.insert(alias) && sign != code && !signs.contains(&sign) {
                add_signs(&sign, words, objects, signs);
                signs.push(sign);
            }
        }
    }
}

fn has_name(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

#[test]
fn every_row_of_the_page_is_the_answer_to_one_of_its_keys() {
    let page = Page::read();
    let objects = raw_objects();
    let mut unreached = Vec::new();
    let (mut keys, mut reached) = (0, 0);
    for (row, raw) in raw_rows().iter().enumerate() {
        let scripts: Vec<String> = raw.keys.iter().map(|key| script_with(&page, key, &raw.words, &objects)).collect();
        let answered = scripts.iter().filter(|script| rows(&page, script).contains(&row)).count();
        keys += scripts.len();
        reached += answered;
        if answered == 0 {
            unreached.push(format!("{:?} {}\n{}", raw.keys, raw.words, scripts[0]));
        }
    }
    assert!(page.rows.len() > 500 && page.rows.len() == raw_rows().len());
    assert!(unreached.is_empty(), "these rows are never shown:\n{}", unreached.join("\n"));
    assert!(reached * 100 > keys * 98, "only {reached} of {keys} keys find their row");
}

#[test]
fn every_object_of_the_page_is_shown_by_its_signs() {
    let page = Page::read();
    for (name, shown_by) in raw_objects() {
        let object = page.object(&name.keys[0]).unwrap();
        let signs = page.signs.iter().filter(|sign| sign.object == object);
        assert!(signs.count() >= shown_by.keys.len(), "{:?}", name.keys);
    }
}

/// Numbers that look like chance and are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

#[test]
fn scripts_that_are_torn_and_glued_do_no_harm() {
    let page = Page::read();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let mut scripts = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "py") {
            scripts.push(fs::read_to_string(path).unwrap());
        }
    }
    let pieces = [
        "(", ")", "[", "{", "'", "\"\"\"", "f'{", "\\", "\n", "  ", ":", ";", "lambda ", "中", "\u{0}", "=", "s.recv(",
    ];
    let mut chance = Chance(1);
    for _ in 0..150 {
        let mut script: Vec<char> = scripts[chance.below(scripts.len())].chars().take(3000).collect();
        for _ in 0..=chance.below(20) {
            let at = chance.below(script.len());
            match chance.below(3) {
                0 => drop(script.drain(at..(at + chance.below(40)).min(script.len()))),
                1 => drop(script.splice(at..at, pieces[chance.below(pieces.len())].chars())),
                _ => {
                    let copy: Vec<char> = script[at..(at + chance.below(60)).min(script.len())].to_vec();
                    let to = chance.below(script.len());
                    drop(script.splice(to..to, copy));
                }
            }
            if script.is_empty() {
                script.push('x');
            }
        }
        let source: String = script.into_iter().collect();
        let text = report::report(&page, &source, &ask(&page, &source));
        assert!(!text.is_empty() && text.ends_with('\n'));
    }
}
