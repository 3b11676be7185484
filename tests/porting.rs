//! `porting` shows those lines of a script that have an answer, each once, and under it the Rust; a guess is one, and
//! what it does not know stands in the last line. How keys find their code is tested in `src/bin/porting/tests.rs`.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn run(args: &[&str], script: &str) -> Output {
    let mut command = assert_cmd::Command::new(program("porting"));
    command.args(args).write_stdin(script).timeout(PATIENCE).output().unwrap()
}

/// What `porting -` prints for a script.
fn porting(script: &str) -> String {
    let output = run(&["-"], script);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A line of the script in an output, and what stands under it.
struct Entry {
    number: usize,
    code: String,
    said: String,
}

fn entries(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines() {
        let (number, rest) = line.split_at_checked(5).unwrap_or((line, ""));
        match (number.trim().parse(), entries.last_mut()) {
            (Ok(number), _) => entries.push(Entry { number, code: rest.to_owned(), said: String::new() }),
            (Err(_), Some(entry)) if number.trim().is_empty() => entry.said += &format!("{} ", rest.trim()),
            _ => {}
        }
    }
    entries
}

/// What is said about a line, with what is said where it refers to.
fn about(text: &str, number: usize) -> String {
    let entries = entries(text);
    let Some(entry) = entries.iter().find(|entry| entry.number == number) else { return String::new() };
    let all = format!("{} {}", entry.code, entry.said);
    let mut said = all.clone();
    for (_, rest) in all.match_indices("as line").map(|(at, _)| all.split_at(at)) {
        let numbers = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
        for number in numbers.split(|c: char| !c.is_ascii_digit() && c != ',' && c != ' ').next().unwrap().split(',') {
            let number = number.trim().parse().unwrap_or_default();
            said.extend(entries.iter().filter(|entry| entry.number == number).map(|entry| entry.said.clone()));
        }
    }
    said.replace(" // ", " ")
}

/// The lines for which there is nothing.
fn nothing(text: &str) -> BTreeSet<usize> {
    let last = text.split_once("nothing for line").map_or("", |(_, rest)| rest).trim_start_matches('s');
    let mut numbers = BTreeSet::new();
    for range in last.split_whitespace().flat_map(|word| word.split(',')).filter(|range| !range.is_empty()) {
        let (first, end) = range.split_once('-').unwrap_or((range, range));
        numbers.extend(first.parse::<usize>().unwrap()..=end.parse().unwrap());
    }
    numbers
}

/// What is said about the last line of a script.
fn last(script: &str) -> String {
    about(&porting(script), script.trim_end().lines().count())
}

const HEAD: &str = "import os, queue, socket, socketserver, struct, subprocess, threading\ns = socket.socket()\n";

#[test]
fn each_call_has_the_answer_that_it_needs_and_no_other() {
    for (line, rust, other) in [
        ("s.connect((host, port))", "TcpStream::connect(", "UDP"),
        ("data = s.recv(1024)", "stream.read(&mut buffer)", "peek"),
        ("data = s.recv(4, socket.MSG_WAITALL)", "read_exact", "let received"),
        ("data = s.recv(4, socket.MSG_FOO)", "stream.read(&mut buffer)", "peek"),
        ("s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)", "set_broadcast(true)", "set_nodelay"),
        ("s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)", "set_nodelay(true)", "set_broadcast"),
        ("s.settimeout(None)", "set_read_timeout(None)", "set_nonblocking"),
        ("s.settimeout(0)", "set_nonblocking(true)", "from_millis"),
        ("s.settimeout(1.5)", "set_read_timeout(Some(t))", "set_read_timeout(None)"),
        ("s.setblocking(0)", "set_nonblocking", "set_read_timeout"),
        ("s.shutdown(socket.SHUT_WR)", "Shutdown::Write", "Shutdown::Read"),
        ("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.sendall(b'x')", "socket.send(data)", "write_all"),
        ("def f(conn): conn.sendall(b'x')", "write_all", "if conn"),
        ("x = socket.create_connection(addr, timeout=5)", "connect_timeout", "stream.read"),
        ("name = socket.gethostname()", "none in std", "dns-lookup"),
        ("f = open(path, 'br')", "File::open", "File::create"),
        ("with open(path, 'wb') as f:", "File::create", "File::open"),
        ("text = s.recv(9).decode('utf-8', 'ignore')", "utf8_chunks", "from_utf8_lossy"),
        ("text = s.recv(9).decode('koi8-r')", "encoding_rs", "from_utf8("),
        ("except ConnectionRefusedError as e:", "ConnectionRefused", "ConnectionReset"),
        ("except (OSError, socket.timeout):", "WouldBlock", "NotFound"),
        ("s.send(struct.pack('!I', size))", "to_be_bytes", "to_le_bytes"),
        ("n = struct.unpack('i', data)[0]", "from_le_bytes", "[u8; 4]"),
        ("p = subprocess.Popen(c, shell=True)", "/bin/sh", "wait_with_output"),
        ("threading.Thread(target=f, daemon=True).start()", "nothing to do", "is_finished"),
        ("class Echo(socketserver.StreamRequestHandler): pass", "BufReader", "recv_from"),
        ("x = str(s.recv(9), 'utf-8')", "from_utf8", "b'{}'"),
        ("x = str(s.recv(9))", "b'{}'", "from_utf8"),
        ("x = struct.pack('!4s', data)", "[u8; 4] 0..4", "to_be_bytes"),
        ("def serve(listener=socket.socket()): pass", "TcpListener::bind(", "nothing"),
        ("listener: socket.socket = f()", "TcpListener", "nothing"),
        ("text = ', '.join(names)", "", "handle.join()"),
        ("self.listen = False", "", "TcpListener"),
        ("key = dict(timeout=5)", "", "set_read_timeout"),
    ] {
        let script = format!("{HEAD}{line}\n");
        let said = last(&script);
        assert!(said.contains(rust) && !said.contains(other), "{line}\n---\n{said}");
    }
}

#[test]
fn a_format_of_struct_is_taken_apart() {
    let script =
        format!("{HEAD}x = struct.pack('>HBq', a, b, c)\ny = struct.calcsize('>HBq')\nz = struct.pack('bq', a, b)\n");
    let text = porting(&script);
    assert!(about(&text, 3).contains("u16 0..2, u8 2, i64 3..11") && about(&text, 3).contains("to_be_bytes"), "{text}");
    assert!(text.contains("4    y = struct.calcsize('>HBq') // as line 3"), "{text}");
    assert!(about(&text, 5).contains("i8 0, i64 8..16") && about(&text, 5).contains("with gaps"), "{text}");
}

/// What Python says of the letters of formats is what the table of PORTING.md has.
#[test]
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn the_sizes_of_formats_are_those_of_python() {
    let formats =
        ["!xcbB?hHiIlLqQefd5s3p", "<3h2Bq", "=cI", "cI", "bhilq", "BHILQ", "cnxNP", "ed", "fd2s", "3xq", "4sB3xQQ40s"];
    let source = "import struct, sys\nfor f in sys.argv[1:]: print(struct.calcsize(f))";
    let Ok(output) = Command::new("python3").args(["-c", source]).args(formats).output() else {
        assert!(std::env::var_os("CI").is_none(), "no python3");
        eprintln!("skipped: no python3");
        return;
    };
    let sizes = String::from_utf8(output.stdout).unwrap();
    assert_eq!(sizes.lines().count(), formats.len(), "{}", String::from_utf8_lossy(&output.stderr));
    for (format, size) in formats.iter().zip(sizes.lines()) {
        let said = last(&format!("{HEAD}x = struct.pack('{format}', *y)\n"));
        let is_on_page = !said.contains("in all");
        assert!(is_on_page || said.contains(&format!("bytes {size} in all")), "{format}: {size}\n{said}");
    }
}

#[test]
fn lines_that_belong_together_are_one_answer() {
    let socket = "import socket, struct, threading\ns = socket.socket()\n";
    for (lines, at, rust) in [
        ("data = s.recv(9)\nif not data:\n    break\n", 4, "received == 0"),
        ("data = b''\nwhile len(data) < 10:\n    data += s.recv(10 - len(data))\n", 4, "read_exact"),
        ("s.settimeout(5)\ns.connect(addr)\n", 4, "connect_timeout"),
        ("s.listen()\ns.settimeout(5)\ns.accept()\n", 5, "none in std"),
        ("s.settimeout(5)\nx = s.connect_ex(addr)\n", 4, "connect_timeout"),
        ("lock = threading.Lock()\nwith lock:\n    x = 1\n", 4, "lock.lock()"),
        ("f = open(path, 'rb')\nfor line in f:\n    s.send(line)\n", 5, "io::copy(&mut file, &mut stream)"),
        ("f = open(path, 'wb')\nwhile got < size:\n    data = s.recv(9)\n    f.write(data)\n", 5, "take(size)"),
        ("f = open(path, 'wb')\nwhile True:\n    data = s.recv(9)\n    f.write(data)\n", 5, "take(MAX)"),
        (
            "f = open(path, 'wb')\nwhile True:\n    data = s.recv(9)\n    f.write(data)\n    s.send(x)\n",
            5,
            "stream.read",
        ),
        ("peers = [s]\nfor peer in peers:\n    peer.sendall(x)\n", 5, ".write_all("),
        ("header = struct.pack('>Q', len(x))\n", 3, "send_prefixed"),
        ("size = int(s.recv(10))\nx = s.recv(size)\n", 4, "receive_padded"),
        ("while True:\n    conn, addr = s.accept()\n", 4, "loop { match listener.accept()"),
    ] {
        let text = porting(&format!("{socket}{lines}"));
        assert!(about(&text, at).contains(rust), "{lines}\n---\n{text}");
    }
}

/// What is said of a line behind a TCP socket `s`, for each script the number of the line and what must be said there.
fn check(cases: &[(&str, usize, &str)]) {
    for (lines, at, rust) in cases {
        let text = porting(&format!("import json, logging, socket, struct, threading\ns = socket.socket()\n{lines}"));
        assert!(about(&text, *at).contains(rust), "{rust}\n---\n{lines}\n---\n{text}");
    }
}

/// What is said of a line of a script, and what is not: each case has the lines behind the imports, the number of the
/// line among them, what its answer has and what not.
fn check_lines(cases: &[(&str, usize, &str, &str)]) {
    for (lines, at, rust, other) in cases {
        let text =
            porting(&format!("import select, socket, socketserver, ssl, struct, sys, threading, queue\n{lines}"));
        let said = about(&text, at + 1);
        assert!(said.contains(rust) && !said.contains(other), "{lines}\n---\n{text}");
    }
}

#[test]
fn what_a_socket_is_and_does_later_decides() {
    let tcp = "s = socket.socket()\n";
    let udp = "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n";
    let raw = "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)\n";
    let packet = "s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))\n";
    let file = "f = s.makefile('rb')\n";
    for (head, lines, at, rust, other) in [
        (udp, "s.settimeout(1)\ns.connect(addr)\n", 3, "socket.connect(", "TcpStream"),
        (udp, "s.settimeout(1)\ns.connect(addr)\n", 2, "socket.set_read_timeout", "TcpStream"),
        (tcp, "s.settimeout(1)\ns.connect(addr)\n", 3, "TcpStream::connect_timeout", "socket.connect("),
        (tcp, "s.settimeout(1)\nx = s.connect_ex(addr)\ns.close()\n", 2, "the t of", "set_read_timeout"),
        (tcp, "s.settimeout(1)\ns.connect(addr)\ns.recv(9)\n", 2, "set_read_timeout", "the t of"),
        (tcp, "s.settimeout(1)\ns.connect(addr)\nf(s)\n", 2, "set_read_timeout", "the t of"),
        (raw, "s.bind(('0.0.0.0', 0))\n", 2, "socket2", "UdpSocket"),
        (raw, "s.settimeout(1)\n", 2, "socket2", "stream.set_read_timeout"),
        (raw, "s.setsockopt(socket.SOL_IP, socket.IP_TTL, 9)\n", 2, "set_ttl_v4(n)", "set_ttl(64)"),
        (raw, "x = select.select([s], [], [], 5)\n", 2, "then recv_from alone", "peek"),
        (tcp, "s.bind(a)\ns.connect(b)\n", 2, "leave it out, or socket2", "part of"),
        (udp, "s.bind(('', 0))\ns.connect(b)\n", 2, "part of UdpSocket::bind", "none"),
        (raw, "s.sendto(data, (host, 1))\n", 2, "socket2", "to_socket_addrs"),
        (packet, "data, addr = s.recvfrom(9)\n", 2, "socket2", "recv_from("),
        (packet, "def f(sniffer: socket.socket): pass\n", 2, "socket2", "UdpSocket"),
        (tcp, "s.shutdown(1)\n", 2, "Shutdown::Write", "Both"),
        (tcp, "s.shutdown(0)\n", 2, "Shutdown::Read", "Both"),
        (tcp, "s.shutdown(2)\n", 2, "Shutdown::Both", "Write"),
        (udp, "s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)\n", 2, "loop_v4(true)", "false"),
        (udp, "s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)\n", 2, "loop_v4(false)", "true"),
        (udp, "s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 0)\n", 2, "set_broadcast(false)", "true"),
        (tcp, "s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, False)\n", 2, "set_nodelay(false)", "true"),
        (tcp, "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\ns.connect(a)\n", 2, "leave it out", "bind"),
        (tcp, "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\ns.listen()\n", 2, "TcpListener", "leave it"),
        (tcp, "sent = s.send(data)\ndata = data[sent:]\n", 2, "let sent = stream.write(data)?", "few scripts"),
        (tcp, "total += s.send(data)\n", 2, "let sent = stream.write(data)?", "write_all(data)?"),
        (tcp, "if s.send(data) != 3: f()\n", 2, "let sent = stream.write(data)?", "write_all(data)?"),
        (tcp, "if s.send(data) <= 0: f()\n", 2, "never gives 0", "let sent"),
        (tcp, "s.send(data)\n", 2, "write_all(data)", "no lines about sent"),
        (udp, "sent = s.sendto(data, a)\nprint(sent)\n", 2, "send_to", "stream.write"),
        (tcp, &format!("{file}x = f.read(9)\n"), 3, "reader.read(&mut buffer)", "nothing"),
        (tcp, &format!("{file}s.close()\nf.readline()\n"), 3, "leave it out", "drop(stream)"),
        (tcp, &format!("{file}f.readline()\ns.close()\nf.close()\n"), 4, "drop(stream)", "leave it out"),
    ] {
        check_lines(&[(&format!("{head}{lines}"), at, rust, other)]);
    }
    check_lines(&[
        ("x = struct.unpack_from('!BH', data, 20)\n", 1, "u8 20, u16 21..23", "0..2"),
        ("x = struct.unpack_from('b', data, 8)[0]\n", 1, "i8 of data[8]", "b[0]"),
        ("x = struct.unpack_from('!BH', data, n)\n", 1, "counted from the offset", "20"),
        ("with socketserver.TCPServer(a, H) as server: pass\n", 1, "TcpListener::bind", "the scope of"),
        ("x = struct.calcsize('d')\n", 1, "bytes 8 in all", "nothing"),
        ("class H(threading.Thread):\n  def run(self): pass\n", 2, "client.run()", "nothing"),
        ("class H:\n  def run(self): pass\n", 2, "", "client.run()"),
        (
            "socket.setdefaulttimeout(3)\ndef f():\n  s = socket.socket()\n  s.connect(a)\n",
            4,
            "connect_timeout",
            "none",
        ),
        (
            "class S(socketserver.ThreadingMixIn, socketserver.TCPServer): pass\ns = S(a, H)\n",
            2,
            "as line 2",
            "nothing",
        ),
        ("class S(socketserver.TCPServer): pass\ns = S(a, H)\n", 2, "TcpListener::bind, then loop", "nothing"),
        ("class S(socketserver.TCPServer):\n  def __init__(self): pass\ns = S(a, H)\n", 3, "as line 2", "nothing"),
        ("class W(threading.Thread):\n  def __init__(self, c): pass\nt = W(conn)\n", 3, "", "spawn"),
        (
            "class H(socketserver.BaseRequestHandler): pass\nclass S(socketserver.UDPServer): pass\nS(a, H)\nsocket.socket()\n",
            1,
            "socket: &UdpSocket",
            "TcpStream",
        ),
        ("def f(): d[k] = socket.socket()\nd = {}\n", 1, "Mutex<HashMap", "everyday"),
        ("s = socket.socket()\ns.settimeout(5)\ns.listen()\n", 2, "none in std", "set_read_timeout"),
        (
            "s = socket.socket(socket.AF_UNIX)\ns.settimeout(5)\ns.listen()\n",
            2,
            "a UnixListener has",
            "set_read_timeout",
        ),
        (
            "s = socket.socket()\nt = threading.Thread(target=f, args=(s,))\nt.start()\ns.recv(9)\n",
            2,
            "try_clone",
            "nothing",
        ),
        (
            "s = socket.socket()\nt = threading.Thread(target=f, args=(s,))\nt.start()\ns.close()\n",
            2,
            "f(conn)",
            "try_clone",
        ),
        ("x = socket.getaddrinfo(h, p, socket.AF_INET6)\n", 1, "is_ipv6", "is_ipv4"),
        ("def f() -> socket.socket: pass\n", 1, "TcpStream", "nothing"),
        (
            "class H(socketserver.BaseRequestHandler): pass\nsocketserver.UDPServer(a, H)\n",
            1,
            "socket: &UdpSocket",
            "TcpStream",
        ),
        (
            "class H(socketserver.BaseRequestHandler): pass\nsocketserver.UnixStreamServer(a, H)\n",
            1,
            "UnixStream",
            "Tcp",
        ),
        ("r, w, e = select.select(a, b, c)\nfor s in r: s.send(x[s])\n", 2, "stream.write_all", "retain_mut"),
        ("s = socket.socket()\nx = s.recv(1)\nif len(x) < 1: return\n", 3, "received == 0", "none in std"),
        ("s = socket.socket()\nx = s.recv(516)\nif len(x) < 512: y = 1\n", 3, "", "received == 0"),
        ("s = socket.socket()\ns.setblocking(False)\ns.connect(a)\n", 3, "none in std", "TcpStream::connect"),
        ("c, a = socket.socket().accept()\nx = c.getsockname()\n", 2, "stream.local_addr", "listener"),
        ("import utils\nu = utils.Util(s)\nu.send(x)\nsocket.socket()\n", 3, "", "write_all"),
        ("s = socket.socket()\ns.connect(a)\ns.sendto(x, a)\n", 3, "stream.write_all", "send_to"),
        (
            "s = socket.socket()\nclients = []\nclients.append(s)\nclients[0] = s\nfor c in clients: c.sendall(x)\n",
            5,
            "write_all",
            "nothing",
        ),
        ("s = socket.socket()\nd = {}\nd[s] = x\nfor c in d.copy(): c.send(x)\n", 4, "write_all", "if c"),
        ("s = socket.socket()\nd = {'a': s}\nd['a'].send(x)\n", 3, "write_all", "if d"),
        ("s = socket.socket()\nd = {s: 'a'}\nfor c in d: c.send(x)\n", 3, "write_all", "if c"),
        ("class W:\n  @classmethod\n  def f(cls, c): c.send(x)\ns = socket.socket()\nW.f(s)\n", 3, "write_all", "if c"),
        ("x = struct.unpack('<n', y)\n", 1, "", "not allowed 0"),
        (
            "class C:\n  def a(self):\n    self.s = socket.socket()\n    threading.Thread(target=f, args=(self.s,))\n  def b(self): self.s.recv(1)\n",
            4,
            "try_clone",
            "f(conn)",
        ),
        (
            "s = socket.socket()\nwhile True:\n  x = s.recv(9)\n  threading.Thread(target=f, args=(s,))\n",
            4,
            "try_clone",
            "f(conn)",
        ),
        ("s = socket.socket()\ns.listen()\ns.shutdown(2)\n", 3, "none in std", "Shutdown::Both"),
        ("s = socket.socket()\nx = s.recv(9)\nif len(x) != 0: y = 1\n", 3, "received > 0", "x.len()"),
        ("import os\nos.fork()\ns = socket.socket()\ns.close()\n", 4, "nothing to do", "drop(stream)"),
        (
            "s = socket.socket()\nxs = [s, sys.stdin]\na, b, c = select.select(xs, [], [])\n",
            3,
            "a second thread",
            "none in std",
        ),
        ("class W(threading.Thread):\n  def run(self): print(self.name)\n", 2, "thread::current().name()", "handle"),
        (
            "class C:\n  def a(self): self.s = socket.socket()\n  def b(self):\n    self.s = socket.socket()\n    self.s.connect(x)\n",
            2,
            "an Option<TcpStream>",
            "127.0.0.1",
        ),
        (
            "class C:\n  def a(self): self.s = socket.socket()\n  def b(self):\n    self.s = socket.socket()\n    self.s.connect(x)\n",
            4,
            "TcpStream::connect",
            "Option<",
        ),
        ("s = socket.socket()\ns.settimeout(0)\ns.accept()\n", 3, "match listener.accept()", "none in std"),
        (
            "clients = [socket.socket()]\nfor c in clients:\n  x = c.recv(9)\n  c.send(b'ok')\n",
            4,
            "stream.write_all",
            "retain_mut",
        ),
        (
            "s = socket.socket()\nwhile len(x) < n:\n  y = s.recv(9)\n  if not y: break\n  x += y\n",
            2,
            "read_exact",
            "none in std",
        ),
        ("s = socket.socket()\nx = s.recv(0) == b''\n", 2, "leave it out", "read(&mut"),
        ("t = threading.Thread(target=f(x))\nt.start()\n", 1, "a mistake", "spawn"),
        ("t = threading.Thread(target=f)\nt.start()\n", 2, "part of", "f(conn)"),
        ("x = struct.pack('!H' + 'I' * n, *y)\n", 1, "one field after the other", "u16"),
        ("s = socket.socket()\ns.bind((a, 0))\nt = ssl.wrap_socket(s)\nt.connect(b)\n", 2, "leave it out", "part of"),
        (
            "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind((a, 0))\ns.sendto(x, b)\n",
            1,
            "0.0.0.0:0",
            "127.0.0.1",
        ),
        ("import fcntl, os\nfcntl.fcntl(fd, fcntl.F_SETFL, flags | os.O_NONBLOCK)\n", 2, "set_nonblocking", "nothing"),
        (
            "clients = [socket.socket()]\nfor c in clients:\n  n += 1\n  c.send(str(n))\n",
            4,
            "stream.write_all",
            "retain_mut",
        ),
        ("clients = [socket.socket()]\nfor c in clients:\n  c.close()\n", 3, "clients.drain(..)", "drop(stream)"),
        (
            "class C:\n  def a(self):\n    self.s = socket.socket()\n    self.s.settimeout(5)\n  def b(self): self.s.connect(x)\n",
            5,
            "connect_timeout",
            "((host, port))",
        ),
        (
            "clients = [socket.socket()]\nfor c in clients:\n  c.send(x)\n  clients.remove(c)\n",
            3,
            "stream.write_all",
            "retain_mut",
        ),
        (
            "s = socket.socket()\nf = open(p, 'wb')\nx = s.recv(9)\nwhile x:\n  f.write(x)\n  x = s.recv(9)\n  x = g(x)\n",
            5,
            "file.write_all",
            "io::copy",
        ),
        (
            "import http.server\nclass H(http.server.BaseHTTPRequestHandler):\n  def do_POST(self): x = self.rfile.read(5)\n",
            3,
            "read_to_end",
            "fs::read",
        ),
        ("raise EOFError\n", 1, "ErrorKind::UnexpectedEof", "other"),
        ("x = '%02X' % int(y)\n", 1, "{n:04X}", "nothing"),
        ("q = queue.Queue()\nq.empty()\n", 2, "try_recv", "Full"),
        ("try: f()\nexcept ValueError: pass\n", 2, "the Rust that replaces the call", "ParseIntError"),
        ("try: x = int(y)\nexcept ValueError: pass\n", 2, "ParseIntError", "the Rust that replaces"),
        ("def f(): raise ValueError\n", 1, "io::Error::other", "nothing"),
        ("x = select.POLLPRI | select.POLLERR\n", 1, "mio", "nothing"),
        ("s = socket.socket()\ns.connect(('127.0.0.1', 80))\n", 2, "TcpStream::connect", "either form"),
        ("t = ssl.wrap_socket(x)\nt.getpeercert()\n", 2, "rustls", "nothing"),
        (
            "s = socket.socket()\nx = select.select([s], [], [], 5)\n",
            2,
            "with a time limit (PORTING.md#time-outs)",
            "nothing for",
        ),
        ("x = a << 6 | b << 3 | c\n", 1, "", "u16::from"),
    ]);
    let text = porting("import socket\nd = {}\nd[name] = socket.socket()\n");
    assert!(about(&text, 3).contains("clients.insert(key, conn)"), "{text}");
    assert!(!porting("x = '%d%% finished' % 5\n").contains("%.2f"));
    check_lines(&[("x = socket.getprotobyname('icmp')\n", 1, "1 is ICMP", "80")]);
}

#[test]
fn a_loop_that_receives_to_the_end_is_known_whatever_the_names_are() {
    let loops = [
        "while True:\n    chunk = s.recv(9)\n    if not chunk:\n        break\n    whole += chunk\n",
        "while True:\n    chunk = s.recv(9)\n    if not chunk: return whole\n    whole += chunk\n",
        "while True:\n    chunk = s.recv(9)\n    if not chunk:\n        break\n    parts.append(chunk)\n",
        "while True:\n    chunk = s.recv(9)\n    if len(chunk) == 0:\n        break\n    whole.extend(chunk)\n",
        "while True:\n    chunk = s.recv(9)\n    if chunk == b'':\n        break\n    whole = whole + chunk\n",
        "while 1:\n    chunk = s.recv(9)\n    if chunk:\n        whole += chunk\n    else:\n        break\n",
        "while True:\n    chunk = s.recv(9)\n    whole += chunk\n    if not chunk:\n        break\n",
        "chunk = s.recv(9)\nwhile chunk:\n    whole += chunk\n    chunk = s.recv(9)\n",
        "while chunk := s.recv(9):\n    whole += chunk\n",
    ];
    for lines in loops {
        let text = porting(&format!("import socket\ns = socket.socket()\nwhole = bytearray()\nparts = []\n{lines}"));
        assert!(text.contains("read_to_end") && !text.contains("received == 0"), "{lines}\n---\n{text}");
    }
    for more in ["while b'|' in whole:\n        whole = whole[1:]\n", "if b'|' in whole: break\n", "s.send(b'ok')\n"] {
        let lines = format!("{}    {more}", loops[0]);
        let text = porting(&format!("import socket\ns = socket.socket()\nwhole = b''\n{lines}"));
        assert!(!text.contains("read_to_end"), "{lines}\n---\n{text}");
    }
}

/// `read_to_end` would lose what has come before the time was over, or the lines that show the progress.
#[test]
fn a_loop_that_ends_by_a_time_limit_or_does_more_has_the_answers_of_its_lines() {
    for lines in [
        "try:\n    while True:\n        x = s.recv(9)\n        if not x: break\n        whole += x\nexcept socket.timeout: pass\n",
        "while True:\n    try:\n        x = s.recv(9)\n        if not x: break\n        whole += x\n    except socket.timeout:\n        break\n",
        "while True:\n    x = s.recv(9)\n    if not x: break\n    whole += x\n    print(len(whole))\n",
        "while True:\n    x = s.recv(9)\n    if not x: break\n    whole += x\n    n += len(x)\n",
        "while True:\n    x = s.recv(9)\n    if not x: break\n    whole += x\n    n = n - len(x)\n    if n <= 0: break\n",
        "while True:\n    x = s.recv(9)\n    if len(x) == 1: break\n    whole += x\n",
    ] {
        let text = porting(&format!("import socket\ns = socket.socket()\nwhole = b''\n{lines}"));
        assert!(!text.contains("read_to_end") && text.contains("stream.read(&mut buffer)"), "{lines}\n---\n{text}");
    }
}

/// Behind two branches a variable may be what either gave it.
#[test]
fn a_variable_is_what_the_branches_above_made_it() {
    let two = "if x:\n    y = s.recv(9)\nelse:\n    y = s.recv(9).decode()\nprint(y)\n";
    assert!(!all(&format!("import socket\ns = socket.socket()\n{two}")).contains("escape_ascii"));
    let one = two.replace(".decode()", "");
    assert!(all(&format!("import socket\ns = socket.socket()\n{one}")).contains("escape_ascii"));
}

#[test]
fn a_dispatcher_of_asyncore_is_one_answer() {
    let text = porting(
        "import asyncore, socket\nclass S(asyncore.dispatcher):\n  def __init__(self):\n    self.create_socket(socket.AF_INET, socket.SOCK_STREAM)\n    self.bind(a)\n    self.listen(5)\n",
    );
    for line in 4..=6 {
        assert!(about(&text, line).contains("as line 2"), "{text}");
    }
    assert!(!text.contains("TcpListener::bind"), "{text}");
}

#[test]
fn names_and_order_of_what_is_written_change_nothing() {
    check(&[
        ("f = s.makefile('wbr')\nf.write(x)\n", 4, "(&stream).write_all("),
        ("f = s.makefile(mode='bwr')\nf.write(x)\n", 4, "(&stream).write_all("),
        ("f = s.makefile('br')\n", 3, "BufReader::new(&stream)"),
        ("x: list[threading.Thread] = []\n", 3, "JoinHandle"),
        ("cmd, *args = text.split(' ')\n", 3, "parts.collect::<Vec<_>>()"),
        ("*path, name = text.split('/')\n", 3, "parts.collect::<Vec<_>>()"),
        ("cmd, arg = text.split(' ')\n", 3, "split_once"),
        ("cmd, arg = text.split(' ', 1)\n", 3, "there is no such mark"),
        ("import os, SocketServer\nclass H(SocketServer.StreamRequestHandler): pass\n", 4, "BufReader"),
        ("from SocketServer import TCPServer, ThreadingMixIn\nx = TCPServer(a, H)\n", 4, "TcpListener::bind"),
        ("from Queue import Queue, Empty\nq = Queue()\nq.get_nowait()\n", 5, "try_recv"),
        ("import os, thread\nlock = thread.allocate_lock()\n", 4, "Mutex::new"),
        ("import urllib2 as u\nu.urlopen(x)\n", 4, "ureq"),
    ]);
    for (import, thread) in [("import threading", "threading.Thread"), ("from threading import Thread", "Thread")] {
        let init = porting(&format!("{import}\nclass C({thread}):\n  def f(self): {thread}.__init__(self)\n"));
        assert!(!init.contains("JoinHandle"), "{init}");
    }
    let x = porting("import threading\nx: list[threading.Thread] = []\n");
    assert!(!x.contains("inheritance"), "{x}");
    assert!(porting("import logging\nlog = logging.getLogger('kv')\n").contains("everyday, in PORTING.md: getLogger"));
    assert!(!porting("x = None\n").contains("None"));
}

/// What is said of a script, all of it in one line.
fn all(script: &str) -> String {
    porting(script).split_whitespace().filter(|word| *word != "//").collect::<Vec<_>>().join(" ")
}

#[test]
fn what_follows_tells_a_server_from_a_client() {
    for (script, rust, other) in [
        (
            "with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:\n    s.bind(a)\n    s.listen()\n",
            "TcpListener::bind(addr)",
            "TcpStream",
        ),
        (
            "with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:\n    s.connect(a)\n",
            "TcpStream::connect(addr)",
            "TcpListener",
        ),
        (
            "with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:\n    s.bind(a)\n",
            "UdpSocket::bind(\"127",
            "Tcp",
        ),
        (
            "with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:\n    s.connect(a)\n",
            "UnixStream::connect",
            "Tcp",
        ),
        (
            "x = socket.socket()\nx.bind(a)\nwhile True:\n    c, a = x.accept()\n",
            "TcpListener::bind(\"127",
            "TcpStream::connect",
        ),
        ("x = socket.socket()\ndef f():\n    x.connect(a)\n", "TcpStream::connect(\"127", "TcpListener"),
        (
            "class C:\n    def __init__(self):\n        self.x = socket.socket()\n    def f(self):\n        self.x.connect(a)\n",
            "TcpStream::connect(\"127",
            "TcpListener",
        ),
        ("x = socket.socket()\nx.connect(a)\nx = socket.socket()\nx.close()\n", "TcpListener::bind", "no such text"),
        ("x = socket.socket()\n", "TcpListener::bind(\"127.0.0.1:8080\")?, TcpStream::connect", "no such text"),
        (
            "x = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nx.bind(a)\nx.sendto(b, a)\n",
            "UdpSocket::bind(\"127",
            "UdpSocket::bind(\"0.0.0.0:0",
        ),
        (
            "x = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nx.sendto(b, a)\n",
            "UdpSocket::bind(\"0.0.0.0:0",
            "UdpSocket::bind(\"127",
        ),
    ] {
        let text = all(&format!("import socket\n{script}"));
        assert!(text.contains(rust) && !text.contains(other), "{script}\n---\n{text}");
    }
    let two = porting("import socket\nx = socket.socket()\nx.bind(a)\nx.listen()\nx = socket.socket()\nx.connect(a)\n");
    assert!(about(&two, 2).contains("TcpListener") && !about(&two, 2).contains("TcpStream"), "{two}");
    assert!(about(&two, 5).contains("TcpStream") && !about(&two, 5).contains("TcpListener"), "{two}");
}

#[test]
fn sockets_of_unix_have_no_text_of_tcp_or_udp() {
    let stream = "s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)\n";
    let server = "s.bind(path)\ns.listen(1)\nconn, addr = s.accept()\ndata = conn.recv(9)\nconn.send(data)\n";
    let more = "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\ns.settimeout(5)\ns.getsockname()\n";
    for (script, expected) in [
        (format!("{stream}{server}{more}"), &["UnixListener::bind(path)", "stream.read(&mut buffer)", "stream.write_all"][..]),
        ("s = socket.socket(socket.AF_UNIX)\ns.settimeout(1)\ns.connect(path)\ns.recv(9)\n".to_owned(), &["UnixStream::connect(path)"]),
        (
            "d = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\nd.bind(p)\nd.sendto(b'x', p)\nx, a = d.recvfrom(9)\n".to_owned(),
            &["UnixDatagram::bind(path)", "send_to(data, path)", "as_pathname"],
        ),
        ("a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)\na.send(b'x')\nb.recv(9)\n".to_owned(), &["UnixStream::pair()"]),
        ("def f():\n    s = socket.socket(socket.AF_UNIX)\n    return s\nx = f()\nx.connect(p)\nx.recv(9)\n".to_owned(), &["UnixStream::connect"]),
    ] {
        let text = all(&format!("import socket\n{script}"));
        for rust in expected {
            assert!(text.contains(rust), "{rust}\n---\n{script}\n---\n{text}");
        }
        for other in ["TcpListener", "TcpStream", "UdpSocket", "to_socket_addrs", "8080", "if s is"] {
            assert!(!text.contains(other), "{other}\n---\n{script}\n---\n{text}");
        }
    }
    let both =
        porting("import socket\na = socket.socket(socket.AF_UNIX)\nb = socket.socket()\na.connect(p)\nb.connect(p)\n");
    assert!(about(&both, 4).contains("UnixStream") && about(&both, 5).contains("TcpStream"), "{both}");
    let none = all("import socket\na = socket.socket(f, t)\na.connect(p)\na.recv(9)\n");
    assert!(!none.contains("Unix"), "{none}");
}

#[test]
fn a_handler_is_a_class_that_is_one() {
    let method = "    def handle(self, request):\n        pass\n";
    for (class, is_handler) in [
        (format!("class H:\n{method}"), false),
        (format!("class H(threading.Thread):\n{method}"), false),
        (format!("class H(socketserver.StreamRequestHandler):\n{method}"), true),
        (format!("class B(socketserver.BaseRequestHandler): pass\nclass H(B):\n{method}"), true),
        (format!("class H(other.Base):\n{method}        self.request.recv(9)\n"), true),
    ] {
        let text = porting(&format!("import socket, socketserver, threading\n{class}"));
        assert_eq!(text.contains("fn handle(stream"), is_handler, "{class}\n---\n{text}");
    }
}

#[test]
fn a_json_text_that_is_the_whole_message_needs_no_header() {
    let json = "body = json.dumps(x).encode()\n";
    for (lines, has_header) in [
        ("s.sendall(struct.pack('!I', len(body)) + body)\n", false),
        ("msg = struct.pack('!I', len(body)) + body\ns.sendall(msg)\n", false),
        ("s.send(struct.pack('!I', len(body)))\ns.send(body)\n", false),
        ("n = struct.pack('!I', len(body))\ns.send(n)\ns.send(body)\n", false),
        ("s.send(len(body).to_bytes(4, 'big') + body)\n", false),
        ("s.send(struct.pack('!I', len(body)))\ns.send(body)\nfor line in f: s.send(line)\n", true),
        ("s.send(struct.pack('!I', len(body)) + body + data)\n", true),
        ("n = struct.pack('!I', len(body))\ns.send(n)\ns.send(body)\ns.sendall(data)\n", true),
    ] {
        let text = all(&format!("import json, socket, struct\ns = socket.socket()\n{json}{lines}"));
        assert_eq!(text.contains("send_header"), has_header, "{lines}\n---\n{text}");
        assert!(
            has_header || text.contains("send_prefixed, and fields of what receive_prefixed"),
            "{lines}\n---\n{text}"
        );
    }
}

#[test]
fn a_relay_has_two_sockets_and_an_echo_one() {
    for (head, is_relay) in [
        ("data = a.recv(9)\n    if not data: break\n    b.sendall(data)\n", true),
        ("data = a.recv(9)\n    if len(data) == 0:\n        break\n    b.send(data)\n", true),
        ("data = a.recv(9)\n    if not data: break\n    print(data)\n    b.send(data)\n", false),
        ("data = a.recv(9)\n    if not data: break\n    b.send(data)\n    sent += len(data)\n", false),
        ("data = a.recv(9)\n    if not data: break\n    a.sendall(data)\n", false),
        ("data = a.recv(9)\n    b.send(data)\n    b.send(b'|')\n", false),
        ("data = a.recv(9)\n    b.send(data)\n    reply = b.recv(9)\n    a.send(reply)\n", false),
    ] {
        let text =
            porting(&format!("import socket\na = socket.socket()\nb = socket.socket()\nwhile True:\n    {head}"));
        assert_eq!(text.contains("io::copy(&mut src, &mut dst)"), is_relay, "{head}\n---\n{text}");
    }
    let echo = porting("import socket\na = socket.socket()\na.send(a.recv(9))\n");
    assert!(!echo.contains("io::copy"), "{echo}");
}

#[test]
fn a_loop_without_an_end_is_named_once() {
    let says = "this loop never ends";
    for (lines, is_endless) in [
        ("data = s.recv(9)\n    print(data.decode())\n", true),
        ("data = s.recv(9)\n    s.sendall(data.upper())\n", true),
        ("s.send(s.recv(9))\n", true),
        ("data = s.recv(9)\n    if not data: break\n    print(data)\n", false),
        ("data = s.recv(9)\n    if data == b'END': f()\n    print(data)\n", false),
        ("try:\n        data = s.recv(9)\n    except OSError: break\n", false),
        ("data = s.recv(9)\n    x = json.loads(data)\n", false),
        ("s.send(input())\n    data = s.recv(9)\n", false),
        ("data = s.recv(9)\n    handle(data)\n", false),
        ("data = s.recv(9)\n    x = data[0]\n", false),
    ] {
        let text = all(&format!("import json, socket\ns = socket.socket()\nwhile True:\n    {lines}"));
        assert_eq!(text.matches(says).count(), usize::from(is_endless), "{lines}\n---\n{text}");
    }
    let udp = all("import socket\ns = socket.socket(type=socket.SOCK_DGRAM)\nwhile True:\n    print(s.recv(9))\n");
    assert!(!udp.contains(says), "{udp}");
    let twice = "while True:\n    print(s.recv(9))\n".repeat(2);
    assert_eq!(all(&format!("import socket\ns = socket.socket()\n{twice}")).matches(says).count(), 1);
}

#[test]
fn the_value_of_an_option_is_not_packed() {
    let udp = "import socket, struct\ns = socket.socket(type=socket.SOCK_DGRAM)\n";
    for (lines, is_option) in [
        ("x = struct.pack('@i', TTL)\ns.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, x)\n", true),
        ("s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, struct.pack('i', 1))\n", true),
        ("x = struct.pack('@i', TTL)\ns.sendto(x, a)\n", false),
        ("x = struct.pack('@i', TTL)\ns.setsockopt(a, b, x)\ns.sendto(x, a)\n", false),
        ("x = struct.pack('4si', b, TTL)\ns.setsockopt(a, b, x)\n", false),
    ] {
        let text = all(&format!("{udp}{lines}"));
        assert_eq!(text.contains("not packed"), is_option, "{lines}\n---\n{text}");
        assert!(!is_option || !text.contains("to_le_bytes"), "{lines}\n---\n{text}");
    }
}

#[test]
fn a_line_is_read_by_a_reader() {
    check(&[
        ("while True:\n    c = s.recv(1)\n    if c == b'\\n': break\n    line += c\n", 3, "reader.read_until("),
        (
            "while True:\n    c = s.recv(1)\n    if not c or c == b'\\n':\n        break\n    line += c\n",
            3,
            "reader.read_until(",
        ),
        ("while not line.endswith(b'\\r\\n'):\n    line += s.recv(1)\n", 3, "reader.read_until("),
        (
            "while True:\n    a = c\n    c = s.recv(1)\n    if a == '\\r' and c == '\\n': return x\n    x = x + c\n",
            3,
            "reader.read_until(",
        ),
        ("while True:\n    c = s.recv(1)\n    line += c\n    if c == b'\\n': break\n", 3, "reader.read_until("),
        (
            "buf = b''\nwhile b'\\n' not in buf:\n    buf += s.recv(4096)\nline, _, buf = buf.partition(b'\\n')\n",
            5,
            "receive_line(",
        ),
        (
            "buf = b''\nwhile b'\\n' not in buf:\n    part = s.recv(SIZE)\n    if not part: break\n    buf += part\n",
            5,
            "receive_line(",
        ),
    ]);
}

#[test]
fn a_line_above_does_not_reach_across_a_new_assignment() {
    let made = "import socket\ns = socket.socket()\n";
    let bound = porting(&format!("{made}s.bind(a)\ns.connect(b)\n"));
    assert!(about(&bound, 3).contains("cannot be bound first"), "{bound}");
    let anew = porting(&format!("{made}s.bind(a)\ns.listen()\ns = socket.socket()\ns.connect(b)\n"));
    assert!(!anew.contains("cannot be bound first"), "{anew}");
    let other = porting(&format!("{made}s.settimeout(5)\nwith socket.socket() as s:\n    s.connect(b)\n"));
    assert!(!other.contains("connect_timeout(&addr"), "{other}");
}

#[test]
fn a_loop_that_looks_for_the_end_is_not_said_to_spin() {
    let head = "import socket\ns = socket.socket()\nwhile len(x) < n:\n    part = s.recv(9)\n";
    let spins = porting(&format!("{head}    x += part\n"));
    assert!(spins.contains("read_exact") && spins.contains("spins"), "{spins}");
    for test in ["if not part: return None", "if not part:\n        raise EOFError('x')", "if part == b'': break"] {
        let text = porting(&format!("{head}    {test}\n    x += part\n"));
        assert!(text.contains("read_exact") && !text.contains("spins"), "{text}");
    }
}

#[test]
fn tcp_or_udp_is_known_of_each_variable() {
    let made = "import socket\na = socket.socket(type=socket.SOCK_STREAM)\nb = socket.socket(type=socket.SOCK_DGRAM)\n";
    let text = porting(&format!("{made}a.recv(9)\nb.recv(9)\nx.recv(9)\n"));
    assert!(about(&text, 4).contains("stream.read(") && !about(&text, 4).contains("socket.recv("), "{text}");
    assert!(about(&text, 5).contains("socket.recv(") && !about(&text, 5).contains("stream.read("), "{text}");
    let unknown = about(&text, 6);
    assert!(unknown.contains("if x is a TCP socket: as line 4; if x is a UDP socket: as line 5"), "{text}");
    let only =
        porting("import socket\nb = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) # SOCK_STREAM\nx.recv(9)\n");
    assert!(about(&only, 3).contains("socket.recv(") && !about(&only, 3).contains("if x"), "{only}");
}

#[test]
fn each_line_stands_once_in_order_with_its_answers_and_the_rest_is_named() {
    let repeated = "data = s.recv(1024)\n".repeat(10);
    let script =
        format!("import socket\ns = socket.socket()\n{repeated}s.close(); s.recv(1)\nx = s\nsocket.foo()\ny.bar()\n");
    let text = porting(&script);
    let numbers: Vec<usize> = entries(&text).iter().map(|entry| entry.number).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b) && numbers.ends_with(&[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]), "{text}");
    assert_eq!(text.matches("stream.read(&mut buffer)?").count(), 1, "{text}");
    assert!(text.contains("\n12   data = s.recv(1024) // as line 3\n"), "{text}");
    assert!(about(&text, 13).contains("drop(stream)") && about(&text, 13).contains("as line 3"), "{text}");
    assert!(text.ends_with("\nnothing for lines 15-16\n"), "{text}");
    assert_eq!(porting("x = 1\n"), "PORTING.md has nothing for this script.\n");
    assert!(!porting("import socket\nsocket.gethostname()\n").contains("nothing for"));
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
        assert!(last(&format!("{import}\nx = {call}\n")).contains("none in std"), "{import}");
    }
    assert!(last("from struct import pack, unpack as u\nx = u('!I', b)\n").contains("from_be_bytes"));
    let text = porting("from socket import *\nfrom struct import iter_foo\nx = AF_UNIX, BAR()\n");
    assert_eq!(nothing(&text), BTreeSet::from([2]), "{text}");
    assert!(about(&text, 3).contains("UnixListener"), "{text}");
}

#[test]
fn comments_and_strings_are_no_code_but_fields_of_formatted_strings_are() {
    let script = r##"
import socket  # socket.foo()
'''s.recv(1024)
socket.foo()'''
text = "s.accept() \" socket.foo()", r'\d', b"{socket.foo()}", "{socket.foo()}"
a = """ "quoted" socket.foo() \""" socket.foo() """
name = 'never closed socket.foo()
x = socket.gethostname(
    # socket.foo()
) ; y = socket, \
    socket.getfqdn() # \
z = rF'{socket.getpeer()} of {socket.gethostbyname(x)!r:>{width}} s.accept()'
"##;
    let text = porting(script);
    assert_eq!(nothing(&text), BTreeSet::new(), "{text}");
    assert!(!text.contains("listener.accept()") && !text.contains("stream.read("), "{text}");
    let numbers: Vec<usize> = entries(&text).iter().map(|entry| entry.number).collect();
    assert!(numbers.ends_with(&[8, 11, 12]), "{text}");
    assert!(about(&text, 12).contains("to_socket_addrs"), "{text}");
}

#[test]
fn what_is_copied_from_the_window_of_the_interpreter_is_read() {
    let text = porting(">>> import socket\n>>> s = socket.socket()\n>>> for x in y:\n...   s.send(x)\n");
    assert!(about(&text, 4).contains("write_all"), "{text}");
}

#[test]
fn python_2_is_read_too() {
    assert!(last("print >>sys.stderr, s\nname = raw_input('>> ')\n").contains("read_line"));
    assert!(last("try: f()\nexcept socket.error, e:\n  x = e.errno\n").contains("raw_os_error"));
    assert!(last("import Queue\nq = Queue.Queue()\n").contains("mpsc"));
    assert!(last("import thread\nthread.start_new_thread(f, (c,))\n").contains("thread::"));
}

#[test]
fn other_line_ends_a_byte_order_mark_and_tabs_change_nothing() {
    let script = "import socket\nif x:\n\ts = socket.socket()\n\ts.listen()\n";
    assert_eq!(porting(&format!("\u{feff}{}", script.replace('\n', "\r\n"))), porting(script));
    assert!(porting(script).contains("\n4    s.listen()\n"));
}

#[test]
fn a_script_cannot_write_to_the_terminal_and_every_line_fits_it() {
    let long = format!("import socket\nx = socket.gethostname(), {} \n", "'long'".repeat(60));
    let chinese = format!("import socket\nx = socket.gethostname(), '{}'\n", "中".repeat(60));
    let control = "import socket\nx = socket.gethostname(), '\x1b[2J\u{202e}'\n".to_owned();
    let scripts = python_scripts().into_iter().map(|path| std::fs::read_to_string(path).unwrap());
    for script in scripts.chain([long, chinese, control]) {
        let text = porting(&script);
        assert!(!text.contains(['\x1b', '\u{202e}']), "{text:?}");
        for line in text.lines() {
            let columns: usize = line.chars().map(|c| if c < '\u{1100}' { 1 } else { 2 }).sum();
            assert!(columns < 80 && line == line.trim_end(), "{line}");
        }
    }
}

/// The Python beside the programs.
fn python_scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let paths = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "py")).collect()
}

#[test]
fn the_python_of_this_project_is_answered_throughout() {
    let calls = ["socket.", "subprocess.", "threading.", ".recv(", ".recvfrom(", ".sendall(", ".sendto(", ".accept("];
    for path in python_scripts() {
        let script = std::fs::read_to_string(&path).unwrap();
        let text = porting(&script);
        for number in nothing(&text) {
            let line = script.lines().nth(number - 1).unwrap();
            assert!(!calls.iter().any(|call| line.contains(call)), "{}:{number}: {line}\n{text}", path.display());
        }
    }
}

#[test]
fn a_file_is_read_as_stdin_is() {
    let path = python_scripts().pop().unwrap();
    let output = run(&[path.to_str().unwrap()], "");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), porting(&std::fs::read_to_string(path).unwrap()));
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
        (write("latin.py", b"# caf\xe9\n"), "line 1: not UTF-8; save it as UTF-8: iconv -f latin1 -t utf-8"),
        (write("third.py", b"x = 1\n\n'\xe9'\n"), "line 3: not UTF-8"),
        (write("gbk.py", b"# -*- coding: gbk -*-\n'\xc4\xe3'\n"), "line 2: not UTF-8; save it as UTF-8: iconv -f gbk "),
        (write("huge.py", &vec![b'\n'; 1024 * 1024 + 1]), "file too large"),
    ] {
        let output = run(&[path.to_str().unwrap()], "");
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(1), true), "{error}");
        let start = format!("porting: cannot read {}: {reason}", path.display());
        assert!(error.starts_with(&start) && error.len() > start.len() && error.lines().count() == 1, "{error}");
    }
    let largest = write("largest.py", &vec![b'#'; 1024 * 1024]);
    assert!(run(&[largest.to_str().unwrap()], "").status.success());
}

#[test]
fn a_script_in_latin_1_that_says_so_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latin.py");
    let line = b"import socket\nx = socket.gethostname(), '\xe9'\n";
    for head in
        ["# coding: latin-1\n", "#!/usr/bin/python\n# -*- coding: iso-8859-1 -*-\n", "# vim: coding=ISO8859-1 :\n"]
    {
        std::fs::write(&path, [head.as_bytes(), line].concat()).unwrap();
        let output = run(&[path.to_str().unwrap()], "");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.contains("x = socket.gethostname(), 'é'\n"), "{head}{text}");
    }
}

#[test]
fn help_version_and_wrong_usage() {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    assert!(text(run(&["-h"], "").stdout).contains("Usage: porting SCRIPT"));
    assert_eq!(text(run(&["--version"], "").stdout), format!("porting {}\n", env!("CARGO_PKG_VERSION")));
    for args in [&[][..], &["--all"], &["a.py", "b.py"]] {
        let output = run(args, "");
        assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true));
        assert!(text(output.stderr).starts_with("porting: "), "{args:?}");
    }
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let mut command = Command::new(program("porting"));
    command.arg(&python_scripts()[0]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}
