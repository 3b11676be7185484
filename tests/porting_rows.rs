//! What PORTING.md says, run on both sides: each row here has its Python, its Rust and what they print. Also the form
//! of the page's tables, and whether the names that everyday socket scripts use are found there.
//!
//! Python runs in one process, `tests/python/rows/run.py`. Without Python these tests say so and pass, unless `CI` is
//! set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod common;
use common::*;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::env;
use std::fs;
use std::io::{self, BufRead, Read, Write};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const PAGE: &str = include_str!("../PORTING.md");
const FORMATS: &str = include_str!("../FORMATS.md");
const HEADERS: [&str; 2] =
    ["| Python | Rust (std) | what differs |", "| Everyday Python | Rust (std) | what differs |"];

/// What was run for a row, or for several (`" and "` between their keys): what the page has in its Python column, the
/// Python, and what either side prints.
struct Row {
    key: &'static str,
    python: &'static str,
    python_says: Option<&'static str>,
    rust: fn() -> io::Result<String>,
    rust_says: Option<&'static str>,
}

/// A row where both sides print the same.
macro_rules! same {
    ($key:expr, $python:expr, $rust:expr) => {
        Row { key: $key, python: $python, python_says: None, rust: || Ok(($rust).to_string()), rust_says: None }
    };
}

/// A row where they differ, as its last column says.
macro_rules! differ {
    ($key:expr, $python:expr, $python_says:expr, $rust:expr, $rust_says:expr) => {
        Row {
            key: $key,
            python: $python,
            python_says: Some($python_says),
            rust: || Ok(($rust).to_string()),
            rust_says: Some($rust_says),
        }
    };
}

fn check(rows: &[Row]) {
    for row in rows {
        for key in row.key.split(" and ") {
            let is_there = tables(PAGE).iter().any(|[keys, ..]| keys.contains(key));
            assert!(is_there, "no row of PORTING.md has {key:?} in its Python column");
        }
        if row.python_says.is_some() {
            assert_ne!(row.python_says, row.rust_says, "{}: use same!", row.key);
        }
    }
    let snippets: Vec<_> = rows.iter().map(|row| row.python).collect();
    let Some(python) = run_python(&snippets) else { return };
    let mut wrong = Vec::new();
    for (row, python) in rows.iter().zip(python) {
        let rust = (row.rust)().unwrap_or_else(|error| format!("error {error}"));
        let python_expected = row.python_says.unwrap_or(&rust);
        let rust_expected = row.rust_says.unwrap_or(&python);
        if python != python_expected || rust != rust_expected {
            wrong.push(format!("{}\n  Python: {python}\n    Rust: {rust}", row.key));
        }
    }
    assert!(wrong.is_empty(), "{} rows are not as the page says:\n{}", wrong.len(), wrong.join("\n"));
}

/// What each snippet prints; `None` without Python.
fn run_python(snippets: &[&str]) -> Option<Vec<String>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/rows/run.py");
    let mut command = assert_cmd::Command::new(python_from(11)?);
    let output = command.arg(script).write_stdin(snippets.join("\0")).timeout(4 * PATIENCE).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().split('\0').map(str::to_owned).collect())
}

/// The rows of all tables that map Python.
fn tables(page: &str) -> Vec<[String; 3]> {
    let mut rows = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if HEADERS.contains(&line) {
            let cells = lines.by_ref().skip(1).take_while(|line| line.starts_with('|'));
            rows.extend(cells.map(|line| cells_of(line).unwrap_or_else(|| panic!("not three cells: {line}"))));
        }
    }
    rows
}

fn cells_of(line: &str) -> Option<[String; 3]> {
    let line = line.strip_prefix('|')?.strip_suffix('|')?.replace("\\|", "\u{1}");
    let cells: Vec<_> = line.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect();
    cells.try_into().ok()
}

/// The code spans of a cell, and what stands after the last of them.
fn keys_of(cell: &str) -> (Vec<&str>, &str) {
    let parts: Vec<_> = cell.split('`').collect();
    (parts.iter().skip(1).step_by(2).copied().collect(), parts.last().copied().unwrap_or_default())
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn text(bytes: &[u8]) -> io::Result<&str> {
    std::str::from_utf8(bytes).map_err(io::Error::other)
}

#[test]
fn the_tables_have_the_form_that_a_program_reads() {
    let rows = tables(PAGE);
    assert!(rows.len() > 300, "only {} rows", rows.len());
    for [python, rust, differs] in &rows {
        let (keys, context) = keys_of(python);
        assert!(python.starts_with('`') && !keys.is_empty(), "begins without a key: {python}");
        assert!(keys.iter().all(|key| !key.trim().is_empty()), "an empty key: {python}");
        assert!(context.split_whitespace().count() <= 6, "much context: {python}");
        assert!(!rust.is_empty() && (rust != "none" || !differs.is_empty()), "nothing to read: {python}");
        for direction in [", below", "below;", "as above", "rows above", "table above", "next row", "row before"] {
            assert!(!differs.contains(direction), "where it is shown alone, nothing is {direction}: {differs}");
            assert!(!rust.contains(direction), "where it is shown alone, nothing is {direction}: {rust}");
        }
        let words = [python, rust, differs].into_iter().flat_map(|cell| cell.split_whitespace());
        let longest = words.max_by_key(|word| word.len()).unwrap_or_default();
        assert!(longest.len() <= 72, "no line of a terminal holds {longest}"); // with its backticks
    }
    for page in [PAGE, FORMATS] {
        let fences = page.lines().filter(|line| line.starts_with("```")).count();
        assert_eq!(fences % 2, 0);
    }
    let lines = PAGE.lines().chain(FORMATS.lines()).filter(|line| !line.starts_with('|'));
    assert_eq!(lines.filter(|line| line.chars().count() > 120).collect::<Vec<_>>(), Vec::<&str>::new());
}

/// What stands in everyday socket scripts, as somebody would search for it.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "AF_INET6", "AF_UNIX", "SOCK_DGRAM", "SOCK_RAW", "SOL_SOCKET", "SO_REUSEPORT", "SO_KEEPALIVE", "SO_RCVBUF",
    "SO_SNDBUF", "SO_BROADCAST", "SO_LINGER", "SO_ERROR", "TCP_NODELAY", "TCP_KEEPIDLE", "IPPROTO_TCP", "IPPROTO_UDP",
    "IPPROTO_IP", "IP_TTL", "IP_MULTICAST_TTL", "IP_MULTICAST_LOOP", "IP_MULTICAST_IF", "IP_DROP_MEMBERSHIP",
    "IP_HDRINCL", "SIO_RCVALL", "IPV6_V6ONLY", "SHUT_RDWR", "SHUT_WR", "MSG_PEEK", "MSG_WAITALL", "MSG_DONTWAIT",
    "settimeout(", "settimeout(None)", ".sendall(", ".sendto(", "recv_into", "recvmsg", "sendfile", ".connect((",
    "shutdown(", "getpeername", "fileno", "detach", "dup()", "setblocking(False)", "ioctl", "fcntl", "gethostbyname(",
    "gethostbyaddr", "getfqdn", "getservbyport", "getservbyname", "inet_ntoa", "inet_pton", "htons", "ntohs", "ntohl",
    "socketpair", "create_connection(", "setdefaulttimeout", "gaierror", "herror", "has_ipv6", "if_nameindex",
    "from socket import *", "import socket", "HOST = ''", "'localhost'", "threading.Lock()", "RLock",
    "threading.Event()", "threading.Condition", "Semaphore", "active_count", "activeCount", "threading.enumerate",
    "threading.local", ".join()", ".start()", "daemon = True", "is_alive", "def run(self)", ".acquire()",
    ".release()", "concurrent.futures", "ThreadPoolExecutor(", ".submit(", "queue.Queue(", "queue.Empty", "q.get(",
    "task_done", "multiprocessing.Queue", "os.fork", "select.poll", "DefaultSelector", "EVENT_READ",
    "SimpleNamespace", "asyncio.run", "start_server", "drain", "async def", "BaseRequestHandler", "UDPServer",
    "ThreadingMixIn", "DatagramRequestHandler", "client_address", "wfile.write", "server.shutdown", "server_close",
    "struct.error", "struct.unpack(", "struct.Struct(", "struct.unpack('>I'", "struct.pack('>I'", "'!Q'", "'<I'",
    "128sl", "int.from_bytes", "bytearray(", "bytes.fromhex", "binascii.hexlify", "base64", "zlib", "crc32", "ctypes",
    ".hex()", "splitlines", "b''.join(", ".join(", ".split(", ".format(", "f'{", "'%s", ".replace(", ".upper()",
    ".lower()", "endswith", "isdigit", "ljust", "zfill", ".find(", "'ignore'", "'replace'", "gbk", "'ascii'",
    "len(data)", "enumerate(", "range(", "while True", "if not data", "finally:", "KeyboardInterrupt",
    "BrokenPipeError", "ConnectionRefusedError", "ConnectionAbortedError", "BlockingIOError", "TimeoutError",
    "UnicodeDecodeError", "OSError", "IOError", "ValueError", "IndexError", "EOFError", "FileNotFoundError",
    "PermissionError", "ECONNREFUSED", "EWOULDBLOCK", "EINPROGRESS", "EADDRINUSE", "raise ValueError", "traceback",
    "SIGTERM", "SIGPIPE", "atexit", "json.loads", "pickle.loads", "sha256", "hexdigest", "random", "secrets", "uuid",
    "os.getcwd", "os.stat", "os.path.exists", "os.path.getsize", "os.path.isfile", "os.path.dirname", "splitext",
    "os.mkdir", "makedirs", "os.remove", "os.rename", "os.walk", "os.getpid", "os.environ", "getlogin", "os.kill",
    "os.system", "urandom", "shutil.copy", "rmtree", "glob", "pathlib", "tempfile", "zipfile", "'rb'", "'wb'",
    "with open(", "f.readline", "readlines", "f.seek", "f.close", "datetime.now", "strftime", "time.sleep",
    "perf_counter", "time.strftime", "timedelta", "print(", "sys.stdin", "sys.stderr", "stdout.write", "sys.platform",
    "exc_info", "getpass", "argparse", "add_argument", "getopt", "basicConfig", "getLogger", "subprocess.Popen(",
    "subprocess.PIPE", "shell=True", "DEVNULL", "subprocess.STDOUT", "getoutput", "TimeoutExpired", "capture_output",
    "text=True", "communicate", "returncode", "p.wait", "p.poll", "p.kill", "terminate", "stdin.write",
    "stderr.read()", "getsockopt", "__main__", "lambda", "global", "isinstance", ".get(", ".append(", ".remove(",
    ".items()", "clients = []", "deque", "defaultdict", "int(", "chr(", "ord(", "hex(", "sorted(", "re.match",
    "exec(", "eval(", "ipaddress", "http.server", "urllib", "smtplib", "ftplib", "telnetlib", "paramiko", "scapy",
    "netifaces", "psutil", "tkinter", "PyQt", "cv2", "numpy", "PIL", "pyautogui", "pygame", "websockets", "xmlrpc",
    "zmq", "sqlite3", "pymysql", "yaml", "csv", "configparser", "colorama", "tqdm", "serial", "flask", "cryptography",
    "Crypto", "webbrowser", "winreg", "wrap_socket", "SSLError", "dns.resolver",
];

#[test]
fn everyday_names_are_found_in_a_python_column_a_heading_or_a_comment() {
    let mut places: Vec<String> = tables(PAGE).into_iter().map(|[python, ..]| python).collect();
    for page in [PAGE, FORMATS] {
        let mut is_code = false;
        for line in page.lines() {
            is_code ^= line.starts_with("```");
            let found =
                if is_code { line.split_once("// ").map(|(_, comment)| comment) } else { line.strip_prefix("## ") };
            places.extend(found.map(str::to_owned));
        }
    }
    let missing: Vec<_> = NAMES.iter().filter(|name| !places.iter().any(|place| place.contains(**name))).collect();
    assert!(missing.is_empty(), "{} of {} names are not found: {missing:?}", missing.len(), NAMES.len());
}

#[test]
fn every_method_of_a_python_socket_has_a_row() {
    let Some(names) = run_python(&["say([name for name in dir(socket.socket) if name[0] != '_'])"]) else { return };
    let names: Vec<_> = names[0].split(' ').collect();
    assert!(names.len() > 30, "{names:?}");
    let rows = tables(PAGE);
    let has_row = |name: &&str| rows.iter().any(|[keys, ..]| keys.contains(&format!("s.{name}")));
    let missing: Vec<_> = names.iter().filter(|name| !has_row(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_the_pages_point_to_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let headings = |page: &str| -> Vec<String> {
        let titles = page.lines().filter_map(|line| line.strip_prefix("##")?.trim_start_matches('#').strip_prefix(' '));
        let is_kept = |c: &char| c.is_alphanumeric() || "-_".contains(*c);
        titles.map(|title| title.to_lowercase().replace(' ', "-").chars().filter(is_kept).collect()).collect()
    };
    for page in [PAGE, FORMATS] {
        let targets = page.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
        for target in targets.filter(|target| target.starts_with('#') || target.contains(".md")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let there = match file {
                "" => page,
                "PORTING.md" => PAGE,
                "FORMATS.md" => FORMATS,
                _ => {
                    assert!(root.join(file).exists(), "no page {file}");
                    continue;
                }
            };
            assert!(anchor.is_empty() || headings(there).iter().any(|title| title == anchor), "no heading {target}");
        }
        for path in page.split('`').filter(|span| span.starts_with("src/") || span.starts_with("examples/")) {
            let module = format!("{}.rs", path.trim_end_matches('/')); // a module is a folder or a file
            let is_there = root.join(path).exists() || root.join(module).exists();
            let is_another = path.contains('…') || path == "src/main.rs"; // of the reader's program
            assert!(is_there || is_another, "no file {path}");
        }
    }
    let lessons = fs::read_to_string(root.join("src/bin/lessons/udp.rs")).unwrap()
        + &fs::read_to_string(root.join("src/bin/lessons/tcp.rs")).unwrap()
        + &fs::read_to_string(root.join("src/bin/lessons/framing.rs")).unwrap();
    let mut count = 0;
    for page in [PAGE, FORMATS] {
        for word in page.split('*').filter(|word| word.starts_with(char::is_lowercase) && word.contains('-')) {
            if word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && word != "words-with-hyphens" {
                assert!(lessons.contains(&format!("\"{word}\"")), "no lesson {word}");
                count += 1;
            }
        }
    }
    assert!(count > 30, "only {count} lessons");
}

#[rustfmt::skip] // here and below: rows, not one argument a line
#[test]
fn numbers_are_packed_as_the_page_says() {
    check(&[
        same!("struct.pack('!I', n)", "say(struct.pack('!I', 258))", hex(&258_u32.to_be_bytes())),
        same!("struct.pack('>I', n)", "say(struct.pack('>I', 258))", hex(&258_u32.to_be_bytes())),
        differ!("struct.pack('!I', n)", "fails(struct.pack, '!I', 2**32)", "error",
            u32::try_from(1_u64 << 32).is_err(), "true"),
        same!("struct.unpack('!I', b)[0]", "say(struct.unpack('!I', b'\\0\\0\\1\\2')[0])",
            u32::from_be_bytes(b"\0\0\x01\x02"[..].try_into().map_err(io::Error::other)?)),
        differ!("struct.unpack('!I', b)[0]", "fails(struct.unpack, '!I', b'abc')", "error",
            <[u8; 4]>::try_from(&b"abc"[..]).is_err(), "true"),
        same!("struct.pack('i', n)", "say(struct.pack('<i', 3), struct.pack('<i', -1))", {
            let three = i32::try_from(b"abc".len()).map_err(io::Error::other)?.to_le_bytes();
            format!("{} {}", hex(&three), hex(&(-1_i32).to_le_bytes()))
        }),
        same!("struct.unpack('!B', b)", "b = b'\\xfe'; say(struct.unpack('!B', b)[0], struct.pack('B', 7))", {
            let b = [0xfe];
            format!("{} {}", b[0], hex(&[7]))
        }),
        same!("struct.pack('!H', n)", "say(struct.pack('!H', 5), struct.unpack('!H', b'\\1\\2')[0])",
            format!("{} {}", hex(&5_u16.to_be_bytes()), u16::from_be_bytes([1, 2]))),
        differ!("struct.pack('>H', n)", "fails(struct.pack, '>H', 70000)", "error",
            u16::try_from(70_000_usize).is_err(), "true"),
        same!("struct.pack('!h', n)", "say(struct.pack('!h', -2), struct.pack('!b', -2), struct.pack('!B', 200))",
            format!("{} {} {}", hex(&(-2_i16).to_be_bytes()), hex(&(-2_i8).to_be_bytes()), hex(&200_u8.to_be_bytes()))),
        same!("struct.pack('<I', n)", "say(struct.pack('<I', 5), struct.pack('<H', 5))",
            format!("{} {}", hex(&5_u32.to_le_bytes()), hex(&5_u16.to_le_bytes()))),
        same!("struct.pack('!Q', n)", "say(struct.pack('!Q', 5), struct.pack('!q', -5))",
            format!("{} {}", hex(&5_u64.to_be_bytes()), hex(&(-5_i64).to_be_bytes()))),
        same!("struct.pack('Q', n)", "say(struct.calcsize('Q'), struct.pack('<Q', 5))",
            format!("{} {}", size_of::<u64>(), hex(&5_u64.to_le_bytes()))),
        same!("struct.pack('d', x)", "say(struct.pack('=d', 1.5) == struct.pack('d', 1.5), struct.calcsize('d'))",
            format!("true {}", size_of::<f64>())),
        same!("struct.pack('f', x)", "say(struct.pack('d', 1.5), struct.pack('f', 1.5))",
            format!("{} {}", hex(&1.5_f64.to_ne_bytes()), hex(&1.5_f32.to_ne_bytes()))),
        same!("struct.pack('!f', x)", "say(struct.pack('!f', 1.5), struct.pack('!d', 1.5), struct.pack('<d', 1.5))",
            format!("{} {} {}", hex(&1.5_f32.to_be_bytes()), hex(&1.5_f64.to_be_bytes()), hex(&1.5_f64.to_le_bytes()))),
        same!("struct.pack('?', flag)", "say(struct.pack('?', True), struct.unpack('?', b'\\2')[0])",
            format!("{} {}", hex(&[u8::from(true)]), 2_u8 != 0)),
        differ!("struct.pack('4s', b)", "say(struct.pack('4s', b'ab'), struct.pack('4s', b'abcde'))",
            "61620000 61626364", {
                let mut four = [0; 4];
                four[..2].copy_from_slice(b"ab");
                hex(&four)
            }, "61620000"),
        same!("struct.pack('!IH', a, b)", "say(struct.pack('!IH', 1, 2), *struct.unpack('!IH', b'\\0\\0\\0\\1\\0\\2'))",
            {
                let packed = [&1_u32.to_be_bytes()[..], &2_u16.to_be_bytes()].concat();
                let a = u32::from_be_bytes(packed[..4].try_into().map_err(io::Error::other)?);
                let b = u16::from_be_bytes(packed[4..6].try_into().map_err(io::Error::other)?);
                format!("{} {a} {b}", hex(&packed))
            }),
        differ!("struct.calcsize('cI')", "say(struct.calcsize('cI'), struct.calcsize('=cI'))", "8 5",
            [&b"x"[..], &1_u32.to_ne_bytes()].concat().len(), "5"),
        same!("struct.unpack_from('!I', data, 4)", "say(struct.unpack_from('!I', b'abcd\\0\\0\\0\\7xyz', 4)[0])",
            u32::from_be_bytes(b"abcd\0\0\0\x07xyz"[4..8].try_into().map_err(io::Error::other)?)),
        same!("struct.pack_into('!I', buf, 4, n)", "b = bytearray(8); struct.pack_into('!I', b, 4, 7); say(b)", {
            let mut buf = [0; 8];
            buf[4..8].copy_from_slice(&7_u32.to_be_bytes());
            hex(&buf)
        }),
        same!("struct.iter_unpack('!I', data)", "say(sum(n for n, in struct.iter_unpack('!H', b'\\0\\1\\0\\2')))",
            b"\0\x01\0\x02".chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).sum::<u16>()),
        differ!("struct.iter_unpack('!I', data)", "fails(lambda: list(struct.iter_unpack('!H', b'abc')))", "error",
            b"abc".chunks_exact(2).count(), "1"),
        same!("struct.Struct('!4sB3xQQ40s')", "say(struct.Struct('!4sB3xQQ40s').size)",
            socket_basics::header::HEADER_SIZE),
        same!("struct.calcsize('!I')", "say(struct.calcsize('!I'), struct.calcsize('i'))",
            format!("{} {}", size_of::<u32>(), size_of::<i32>())),
        same!("len(msg).to_bytes(4, 'big')", "say((5).to_bytes(4, 'big'), (5).to_bytes(4, 'little'))",
            format!("{} {}", hex(&5_u32.to_be_bytes()), hex(&5_u32.to_le_bytes()))),
        differ!("len(msg).to_bytes(4, 'big')", "fails((2**32).to_bytes, 4, 'big')", "OverflowError",
            u32::try_from(1_u64 << 32).is_err(), "true"),
        same!("int.from_bytes(b, 'big')", "say(int.from_bytes(b'\\0\\0\\1\\0', 'big'))",
            u32::from_be_bytes(*b"\0\0\x01\0")),
        differ!("int.from_bytes(b, 'big')", "say(int.from_bytes(b'\\1\\0\\0', 'big'))", "65536",
            <[u8; 4]>::try_from(&b"\x01\0\0"[..]).is_err(), "true"),
        same!("socket.htons(n)", "say(socket.htons(80), socket.htonl(80))",
            format!("{} {}", 80_u16.to_be(), 80_u32.to_be())),
        same!("socket.ntohs(n)", "say(socket.ntohs(80), socket.ntohl(80))",
            format!("{} {}", u16::from_be(80), u32::from_be(80))),
        same!("sys.byteorder", "say(sys.byteorder)", if cfg!(target_endian = "little") { "little" } else { "big" }),
        same!("struct.unpack('!BBHHHBBH4s4s', data[:20])", "
h = struct.unpack('!BBHHHBBH4s4s', bytes(range(20))); say(h[0] & 15, h[2], socket.inet_ntoa(h[8]))", {
            let data: Vec<u8> = (0..20).collect();
            let address = Ipv4Addr::from(<[u8; 4]>::try_from(&data[12..16]).map_err(io::Error::other)?);
            format!("{} {} {address}", data[0] & 15, u16::from_be_bytes([data[2], data[3]]))
        }),
    ]);
}

#[rustfmt::skip]
#[test]
fn bytes_are_handled_as_the_page_says() {
    check(&[
        same!("bytearray(1024)", "say(bytearray(3), bytes(2))", format!("{} {}", hex(&[0; 3]), hex(&[0; 2]))),
        same!("b''.join(chunks)", "say(b''.join([b'ab', b'c']))", hex(&[&b"ab"[..], b"c"].concat())),
        same!("a + b", "say(b'ab' + b'c', b'a' * 3)",
            format!("{} {}", hex(&[&b"ab"[..], b"c"].concat()), hex(&b"a".repeat(3)))),
        same!("data[:4]", "say(b'ab'[:4], len(b'ab'[4:]), b'abcdef'[:4], b'abcdef'[4:])", {
            let data = &b"ab"[..];
            let (first, rest) = (&data[..data.len().min(4)], data.get(4..).unwrap_or_default());
            let longer = &b"abcdef"[..];
            let parts = (&longer[..longer.len().min(4)], longer.get(4..).unwrap_or_default());
            format!("{} {} {} {}", hex(first), rest.len(), hex(parts.0), hex(parts.1))
        }),
        differ!("data[:4]", "say(len(b'ab'[:4]))", "2",
            format!("{:?} {:?}", b"ab".get(..4), b"ab".split_at_checked(4)), "None None"),
        same!("data[0]", "say(b'ab'[0], b'ab'[-1])", format!("{} {}", shown(b"ab".first()), shown(b"ab".last()))),
        same!("del buf[:n]", "b = bytearray(b'abc'); del b[:2]; say(b)", {
            let mut v = b"abc".to_vec();
            v.drain(..2);
            hex(&v)
        }),
        same!("memoryview(buf)[n:]", "b = bytearray(3); memoryview(b)[1:][0] = 7; say(b)", {
            let mut buffer = [0; 3];
            (&mut buffer[1..])[0] = 7;
            hex(&buffer)
        }),
        same!("data.split(b'\\n')", "say(len(b'a\\nb\\n'.split(b'\\n')))", b"a\nb\n".split(|b| *b == b'\n').count()),
        same!("data.find(b'\\r\\n\\r\\n')", "say(b'ab\\r\\n\\r\\nc'.find(b'\\r\\n\\r\\n'))",
            shown(b"ab\r\n\r\nc".windows(4).position(|w| w == b"\r\n\r\n"))),
        differ!("data.find(b'\\r\\n\\r\\n')", "say(b'abcdef'.find(b'\\r\\n\\r\\n'))", "-1",
            shown(b"abcdef".windows(4).position(|w| w == b"\r\n\r\n")), "none"),
        same!("data.startswith(b'GET ')", "say(b'GET /'.startswith(b'GET '), b'a\\n'.endswith(b'\\n'))",
            format!("{} {}", b"GET /".starts_with(b"GET "), b"a\n".ends_with(b"\n"))),
        same!("data.strip()", "say(b' \\t\\n\\x0c\\ra \\r\\n'.strip())", hex(b" \t\n\x0c\ra \r\n".trim_ascii())),
        differ!("data.strip()", "say(b'a\\x0b'.strip())", "61", hex(b"a\x0b".trim_ascii()), "610b"),
        same!("data.upper()", "say('aé'.encode().upper(), 'AÉ'.encode().lower())",
            format!("{} {}", hex(&"aé".as_bytes().to_ascii_uppercase()), hex(&"AÉ".as_bytes().to_ascii_lowercase()))),
        differ!("repr(data)", "say(repr(b'it\\'s \\n\\0\\xff'))", r#"b"it's \n\x00\xff""#,
            b"it's \n\0\xff".escape_ascii(), r"it\'s \n\x00\xff"),
        same!("data.hex()", "print(b'\\x0a\\xff'.hex(), binascii.hexlify(b'\\x0a').decode())",
            format!("{} {}", hex(b"\x0a\xff"), hex(b"\x0a"))),
        same!("bytes.fromhex(text)", "say(bytes.fromhex('0aff'), bytes.fromhex('')); fails(bytes.fromhex, 'abc')", {
            let from_hex = |text: &str| {
                let bytes = (0..text.len()).step_by(2);
                let bytes = bytes.map(|i| u8::from_str_radix(text.get(i..i + 2).unwrap_or_default(), 16));
                bytes.collect::<Result<Vec<_>, _>>().map_err(io::Error::other)
            };
            let odd = if from_hex("abc").is_err() { "ValueError" } else { "no error" };
            format!("{} {}\n{odd}", hex(&from_hex("0aff")?), hex(&from_hex("")?))
        }),
        same!("io.BytesIO(data)", "f = io.BytesIO(b'abc'); say(f.read(2), f.read())", {
            let (mut from, mut two, mut rest) = (&b"abc"[..], [0; 2], Vec::new());
            from.read_exact(&mut two)?;
            from.read_to_end(&mut rest)?;
            format!("{} {}", hex(&two), hex(&rest))
        }),
        same!("bytes([1, 2])", "say(bytes([1, 2]), bytes('é', 'utf-8'))",
            format!("{} {}", hex(&[1, 2]), hex("é".as_bytes()))),
        same!("text.encode('utf-8')", "say('é'.encode('utf-8'), 'é'.encode())", format!("{0} {0}",
            hex("é".as_bytes()))),
        same!("data.decode('utf-8')", "say(b'\\xc3\\xa9'.decode('utf-8'), str(b'\\xc3\\xa9', 'utf-8'))",
            format!("{0} {0}", text(b"\xc3\xa9")?)),
        differ!("data.decode('utf-8')", "fails(b'\\xff'.decode, 'utf-8')", "UnicodeDecodeError", text(b"\xff").is_err(),
            "true"),
        same!("data.decode('utf-8', errors='replace')",
            "print(b'a\\xe4\\xbdb\\xff\\xff'.decode('utf-8', errors='replace'))",
            String::from_utf8_lossy(b"a\xe4\xbdb\xff\xff")),
        same!("data.decode('utf-8', 'ignore')", "print(b'a\\xe4\\xbdb\\xff'.decode('utf-8', 'ignore'))",
            b"a\xe4\xbdb\xff".utf8_chunks().map(|c| c.valid()).collect::<String>()),
        same!("data.decode('utf-8-sig')", "print(b'\\xef\\xbb\\xbfa'.decode('utf-8-sig'))",
            "\u{feff}a".strip_prefix('\u{feff}').unwrap_or("\u{feff}a")),
        same!("data.decode('latin-1')", "print(b'a\\xe9\\xff'.decode('latin-1'))",
            b"a\xe9\xff".iter().map(|&b| char::from(b)).collect::<String>()),
        same!("text.encode('latin-1')", "say('aé'.encode('latin-1')); fails('€'.encode, 'latin-1')", {
            let latin = |text: &str| text.chars().map(u8::try_from).collect::<Result<Vec<_>, _>>();
            let rust = latin("aé").map_err(io::Error::other)?;
            format!("{}\n{}", hex(&rust), if latin("€").is_err() { "UnicodeEncodeError" } else { "taken" })
        }),
        same!("text.encode('utf-16-le')", "say('é😀'.encode('utf-16-le')); say('a'.encode('utf-16')[:2])", {
            let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
            format!("{}\n{}", hex(&utf_16("é😀")), hex(&utf_16("\u{feff}")))
        }),
        same!("bytes(data)", "a = bytearray(b'ab'); b = bytes(a); a[0] = 0; say(b, bytes(), bytearray())", {
            let mut a = b"ab".to_vec();
            let b = a.to_vec();
            a[0] = 0;
            format!("{} {} {}", hex(&b), hex(&Vec::new()), hex(&[]))
        }),
        same!("data.decode('ascii')", "fails(b'\\xe9'.decode, 'utf-8'); say(b'a'.isascii(), b'\\xe9'.isascii())",
            format!("UnicodeDecodeError\n{} {}", b"a".is_ascii(), b"\xe9".is_ascii())),
        same!("str(data)", "print(str(b'a\\n'))", format!("b'{}'", b"a\n".escape_ascii())),
    ]);
}

#[rustfmt::skip]
#[test]
fn text_is_handled_as_the_page_says() {
    let rows: &[Row] = &[
        same!("str(len(data)).encode()", "say(str(len(b'abc')).encode())", hex(&3.to_string().into_bytes())),
        same!("int(text)", "say(int(' 42\\n'), int('-7'), int('+5'))", {
            let int = |text: &str| text.trim().parse::<i64>().map_err(io::Error::other);
            format!("{} {} {}", int(" 42\n")?, int("-7")?, int("+5")?)
        }),
        differ!("int(text)", "say(int('1_0'), int('٣'))", "10 3",
            format!("{} {}", "1_0".parse::<i64>().is_err(), "٣".parse::<i64>().is_err()), "true true"),
        differ!("int(data)", "say(int(b' 1_0 '), int(b'-1')); fails(int, '٣'.encode())", "10 -1\nValueError",
            text(b"-1")?.trim().parse::<i64>().map_err(io::Error::other)?, "-1"),
        same!("int('ff', 16)", "say(int('ff', 16), float('1.5'), hex(255), bin(5), chr(233), ord('é'))", format!(
                "{} {} {:#x} {:#b} {} {}",
                i64::from_str_radix("ff", 16).map_err(io::Error::other)?,
                "1.5".parse::<f64>().map_err(io::Error::other)?,
                255,
                5,
                shown(char::from_u32(233)),
                u32::from('é')
            )),
        differ!("int('ff', 16)", "say(int('0xff', 16))", "255", i64::from_str_radix("0xff", 16).is_err(), "true"),
        same!("len(text)", "say(len('é€'), len('é€'.encode()))", format!("{} {}", "é€".chars().count(), "é€".len())),
        same!("text.upper()", "print('ß é'.upper(), 'É'.lower())",
            format!("{} {}", "ß é".to_uppercase(), "É".to_lowercase())),
        same!("text.strip()",
            "print(repr(' \\ta\\n '.strip()), repr(' a'.rstrip()), repr('a '.lstrip()), repr('a\\n'.rstrip('\\n')))",
            format!(
                "'{}' '{}' '{}' '{}'",
                " \ta\n ".trim(),
                " a".trim_end(),
                "a ".trim_start(),
                "a\n".trim_end_matches('\n')
            )),
        differ!("text.strip()", "say(len('a\\x1c'.strip()))", "1", "a\x1c".trim().len(), "2"),
        same!("text.split()", "say(' a  b '.split(), len(' a  b '.split(' ')))",
            format!("{} {}", " a  b ".split_whitespace().collect::<Vec<_>>().join(" "), " a  b ".split(' ').count())),
        same!("text.split(',', 1)", "say('a,b,c'.split(',', 1), 'a:b:c'.rsplit(':', 1))", {
            let (left, right) = "a:b:c".rsplit_once(':').unwrap_or_default();
            format!("{} {left} {right}", "a,b,c".splitn(2, ',').collect::<Vec<_>>().join(" "))
        }),
        same!("cmd, _, arg = text.partition(' ')", "cmd, _, arg = 'cd a b'.partition(' '); print(cmd + '|' + arg)", {
            let (cmd, arg) = "cd a b".split_once(' ').unwrap_or(("cd a b", ""));
            format!("{cmd}|{arg}")
        }),
        differ!("cmd, _, arg = text.partition(' ')", "print('ls'.partition(' '))", "('ls', '', '')",
            format!("{:?}", "ls".split_once(' ')), "None"),
        same!("text.splitlines()", "say('a\\r\\nb\\n'.splitlines(), len('a\\n'.split('\\n')))",
            format!("{} {}", "a\r\nb\n".lines().collect::<Vec<_>>().join(" "), "a\n".split('\n').count())),
        differ!("text.splitlines()",
            "say(len('a\\x0bb\\x0cc\\x1cd\\x1de\\x1ef\\x85g\\u2028h\\u2029i\\rj'.splitlines()))", "10",
            "a\x0bb\x0cc\x1cd\x1de\x1ef\u{85}g\u{2028}h\u{2029}i\rj".lines().count(), "1"),
        same!("', '.join(names)", "print(', '.join(['a', 'b']), ''.join(['c', 'd']))",
            format!("{} {}", ["a", "b"].join(", "), ["c", "d"].concat())),
        same!("text.startswith('/')",
            "say('/q'.startswith('/'), 'a.txt'.endswith('.txt'), 'x' in 'axx', 'axx'.find('x'), 'axx'.count('x'))",
            format!(
                "{} {} {} {} {}",
                "/q".starts_with('/'),
                "a.txt".ends_with(".txt"),
                "axx".contains('x'),
                shown("axx".find('x')),
                "axx".matches('x').count()
            )),
        differ!("text.find(' ')", "say('éx'.find('x'), 'a'.find('x'))", "1 -1",
            format!("{} {}", shown("éx".find('x')), shown("a".find('x'))), "2 none"),
        same!("text.replace(a, b)", "print('aba'.replace('a', 'c'), 'abc'[::-1], 'ab' * 2)",
            format!("{} {} {}", "aba".replace('a', "c"), "abc".chars().rev().collect::<String>(), "ab".repeat(2))),
        differ!("text[:10]", "say('é'[:1], 'éa'[1:])", "é a", format!("{:?} {:?}", "é".get(..1), "éa".get(1..)),
            "None None"),
        same!("text.isdigit()", "say('42'.isdigit(), ''.isdigit(), '4a'.isdigit())", {
            let is_digit = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            format!("{} {} {}", is_digit("42"), is_digit(""), is_digit("4a"))
        }),
        differ!("text.isdigit()", "say('²'.isdigit(), '٣'.isdigit())", "true true",
            "²".bytes().all(|b| b.is_ascii_digit()), "false"),
        same!("f'{name}: {n}'",
            "name, n = 'a', 5; print(f'{name}: {n}', '{}: {}'.format(name, n), '%s: %d' % (name, n))", {
                let (name, n) = ("a", 5);
                format!("{name}: {n} {name}: {n} {name}: {n}")
            }),
        same!("f'{len(msg):<{HEADERSIZE}}'", "HEADERSIZE, msg = 5, 'abc'; print(f'{len(msg):<{HEADERSIZE}}' + msg)", {
            const HEADERSIZE: usize = 5;
            let msg = "abc";
            format!("{:<HEADERSIZE$}", msg.len()) + msg
        }),
        same!("f'{n:<10}'", "print(f'{42:<10}|{12345:<3}|' + 'ab'.ljust(4) + '|')", {
            const WIDTH: usize = 3;
            format!("{:<10}|{:<WIDTH$}|{:<4}|", 42, 12345, "ab")
        }),
        differ!("text.center(20)", "print('|' + 'ab'.center(5) + '|')", "|  ab |", format!("|{:^5}|", "ab"), "| ab  |"),
        same!("text.zfill(8)", "print('42'.zfill(5), f'{42:08d}', 'ab'.rjust(4), f'{1.005:.2f}', '%.2f' % 2.5)",
            format!("{:05} {:08} {:>4} {:.2} {:.2}", 42, 42, "ab", 1.005, 2.5)),
        same!("b' ' * (HEADER - len(send_length))", "n = str(5).encode(); say(n + b' ' * (4 - len(n)))", {
            let mut v = b"5".to_vec();
            v.resize(4, b' ');
            hex(&v)
        }),
        differ!("b' ' * (HEADER - len(send_length))", "n = b'12345'; say(len(n + b' ' * (4 - len(n))))", "5", {
                let mut v = b"12345".to_vec();
                v.resize(4, b' ');
                v.len()
            }, "4"),
        same!("b' ' * (HEADER - len(x)) + x", "print([b' ' * (4 - len(x)) + x for x in (b'5', b'12345')])", {
            let width = 4;
            let padded = |n: u32| format!("{n:>width$}").into_bytes();
            format!("[b'{}', b'{}']", padded(5).escape_ascii(), padded(12345).escape_ascii())
        }),
        same!("data.rstrip(b'\\0') and text.strip('\\x00')", "say(b'a\\0\\0'.rstrip(b'\\0'), '\\0b\\0'.strip('\\0'))", {
            let mut v = b"a\0\0".to_vec();
            while v.last() == Some(&0) {
                v.pop();
            }
            format!("{} {}", hex(&v), "\0b\0".trim_matches('\0'))
        }),
    ];
    check(rows);
}

#[rustfmt::skip]
#[test]
fn the_language_is_as_the_page_says() {
    check(&[
        differ!("n // 2", "say(-7 // 2, -7 % 2, round(0.5))", "-4 1 0",
            format!("{} {} {}", -7 / 2, -7 % 2, 0.5_f64.round()), "-3 -1 1"),
        same!("n // 2", "say(7 // 2, 7 % 2, 2 ** 10, abs(-3), 6 & 3, 1 << 8)",
            format!("{} {} {} {} {} {}", 7 / 2, 7 % 2, 2_i32.pow(10), (-3_i32).abs(), 6 & 3, 1 << 8)),
        same!("math.ceil(size / 1024)", "say(math.ceil(1025 / 1024), math.ceil(1024 / 1024))",
            format!("{} {}", 1025_u64.div_ceil(1024), 1024_u64.div_ceil(1024))),
        same!("for i, x in enumerate(items):",
            "say([f'{i}{x}' for i, x in enumerate('ab')], [a + b for a, b in zip('ab', 'cd')])", {
                let counted: Vec<_> = ["a", "b"].iter().enumerate().map(|(i, x)| format!("{i}{x}")).collect();
                let zipped: Vec<_> = ["a", "b"].iter().zip(["c", "d"]).map(|(a, b)| format!("{a}{b}")).collect();
                format!("{} {}", counted.join(" "), zipped.join(" "))
            }),
        differ!("items.remove(x)", "a = [1, 2, 1]; a.remove(1); say(a)", "2 1", {
                let mut v = vec![1, 2, 1];
                v.retain(|y| *y != 1);
                format!("{v:?}")
            }, "[2]"),
        same!("d.get(key)", "d = {'a': 1}; say(d.get('a'), d.get('b'), 'a' in d)", {
            let map = HashMap::from([("a", 1)]);
            format!("{} {} {}", shown(map.get("a")), shown(map.get("b")), map.contains_key("a"))
        }),
        same!("collections.defaultdict(list)", "d = collections.defaultdict(list); d['a'].append(1); say(len(d['a']))",
            {
                let mut map = HashMap::<_, Vec<i32>>::new();
                map.entry("a").or_default().push(1);
                map["a"].len()
            }),
        same!("[f(x) for x in items]", "a = [3, 1, 2]; say(sorted(a), sum(a), max(a), min(a), any(x > 2 for x in a))", {
                let mut v = [3, 1, 2];
                v.sort();
                let sorted = v.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                format!(
                    "{sorted} {} {} {} {}",
                    v.iter().sum::<i32>(),
                    shown(v.iter().max()),
                    shown(v.iter().min()),
                    v.iter().any(|x| *x > 2)
                )
            }),
        differ!("except IndexError:", "fails(lambda: [][0]); fails(lambda: {}['a'])", "IndexError\nKeyError",
            shown(Vec::<i32>::new().first()), "none"),
        differ!("except ValueError:", "fails(int, 'many')", "ValueError", "many".parse::<i32>().is_err(), "true"),
        same!("collections.deque(maxlen=5)", "q = collections.deque([1, 2]); q.append(3); say(q.popleft(), len(q))", {
            let mut q = VecDeque::from([1, 2]);
            q.push_back(3);
            format!("{} {}", shown(q.pop_front()), q.len())
        }),
        differ!("heapq.heappush(a, x)", "a = []; heapq.heappush(a, 2); heapq.heappush(a, 1); say(heapq.heappop(a))",
            "1", shown(BinaryHeap::from([2, 1]).pop()), "2"),
        same!("shlex.split(cmd)", "say('ls  -l'.split())", "ls  -l".split_whitespace().collect::<Vec<_>>().join(" ")),
        differ!("shlex.split(cmd)", "say(len(shlex.split(\"echo 'a b'\")))", "2",
            "echo 'a b'".split_whitespace().count(), "3"),
        same!("datetime.timedelta(seconds=5)", "say(int(datetime.timedelta(minutes=1).total_seconds()))",
            Duration::from_secs(60).as_secs()),
        same!("time.strftime('%H:%M:%S')", "print(time.strftime('%H:%M:%S', time.gmtime(1_700_000_000)))", {
            let seconds = 1_700_000_000 % 86_400;
            format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
        }),
        differ!("time.sleep(0.5)", "fails(time.sleep, -1)", "ValueError", Duration::try_from_secs_f64(-1.0).is_err(),
            "true"),
        same!("int(time.time())", "say(int(time.time()) // 1_000_000)", {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?.as_secs_f64();
            now as u64 / 1_000_000
        }),
        same!("input('>> ')", "sys.stdin = io.StringIO('a b\\n'); print(input('>> '))", {
            let (mut typed, mut line) = (&b"a b\n"[..], String::new());
            typed.read_line(&mut line)?;
            format!(">> {}", line.trim_end_matches(['\r', '\n']))
        }),
        differ!("sys.getsizeof(x)", "say(sys.getsizeof(b'abc') > len(b'abc'))", "true", b"abc".len(), "3"),
        differ!("input('>> ')", "fails(input)", "EOFError", (&b""[..]).read_line(&mut String::new())?, "0"),
        same!("for line in sys.stdin:",
            "sys.stdin = io.StringIO('a\\nb'); say([line.rstrip('\\n') for line in sys.stdin])",
            (&b"a\nb"[..]).lines().collect::<io::Result<Vec<_>>>()?.join(" ")),
        differ!("print(data)", "print(b'a\\n')", r"b'a\n'", b"a\n".escape_ascii(), r"a\n"),
        same!("print(*items, sep=', ')", "print(*['a', 'b'], sep=', ')", ["a", "b"].join(", ")),
        same!("platform.machine()",
            "say(platform.machine().lower().replace('amd64', 'x86_64').replace('arm64', 'aarch64'))",
            env::consts::ARCH),
        same!("sys.platform", "say(sys.platform.replace('darwin', 'macos').replace('win32', 'windows'))",
            env::consts::OS),
        same!("ipaddress.ip_address(text)", "say(ipaddress.ip_address('::1').is_loopback)",
            "::1".parse::<std::net::IpAddr>().map_err(io::Error::other)?.is_loopback()),
        same!("string.ascii_letters", "import string; say(len(string.punctuation), string.ascii_lowercase)", {
            let marks = (0..128_u8).filter(u8::is_ascii_punctuation).count();
            format!("{marks} {}", ('a'..='z').collect::<String>())
        }),
        same!("text.removeprefix(a)", "say('abc'.removeprefix('a'), 'bc'.removeprefix('a'))", {
            let cut = |text: &'static str| text.strip_prefix('a').unwrap_or(text);
            format!("{} {}", cut("abc"), cut("bc"))
        }),
        differ!("text.casefold()", "say('ß'.casefold())", "ss", "ß".to_lowercase(), "ß"),
        same!("filename, filesize = received.split(SEPARATOR)", "say('a.txt<SEPARATOR>5'.split('<SEPARATOR>'))", {
            let (name, size) = "a.txt<SEPARATOR>5".split_once("<SEPARATOR>").unwrap_or_default();
            format!("{name} {size}")
        }),
        same!("items.insert(0, x) and x if c else y and functools.reduce(f, items)", "
import functools; a = [2, 3]; a.insert(0, 1)
say(a.index(3), a.pop(0), 3 in a, 'yes' if a else 'no', functools.reduce(lambda x, y: x * 10 + y, a))", {
            let mut v = vec![2, 3];
            v.insert(0, 1);
            let index = shown(v.iter().position(|y| *y == 3));
            let first = v.remove(0);
            let word = if v.is_empty() { "no" } else { "yes" };
            let number = v.iter().copied().reduce(|x, y| x * 10 + y);
            assert_eq!(number, Some(v.iter().fold(0, |sum, x| sum * 10 + x)));
            format!("{index} {first} {} {word} {}", v.contains(&3), shown(number))
        }),
        same!("finally: and contextlib.closing(s)", "
try:
    with contextlib.closing(io.StringIO()) as f: pass
    raise OSError
except OSError: say('error', f.closed)", {
            struct End(mpsc::Sender<bool>);
            impl Drop for End {
                fn drop(&mut self) {
                    let _ = self.0.send(true);
                }
            }
            let (sender, receiver) = mpsc::channel();
            let fails = move || -> io::Result<()> {
                let _end = End(sender);
                Err(io::ErrorKind::Other.into())
            };
            let word = if fails().is_err() { "error" } else { "" };
            format!("{word} {}", receiver.recv().map_err(io::Error::other)?)
        }),
        differ!("except ZeroDivisionError:", "fails(lambda: 1 // 0)", "ZeroDivisionError",
            shown(1_i32.checked_div(0)), "none"),
        same!("print(x) and print(x, end='', flush=True)", "print('a', 5); print('b', end='', flush=True)", {
            let mut out = Vec::new();
            writeln!(out, "a {}", 5)?;
            write!(out, "b")?;
            out.flush()?;
            text(&out)?.to_owned()
        }),
        same!("time.time_ns() and time.time() - start", "
start = time.perf_counter(); time.sleep(0.01); say(time.perf_counter() - start >= 0.01, time.time_ns() // 10**15)", {
            let start = Instant::now();
            std::thread::sleep(Duration::from_millis(10));
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?.as_nanos();
            format!("{} {}", start.elapsed() >= Duration::from_millis(10), now / 1_000_000_000_000_000)
        }),
    ]);
}

#[rustfmt::skip]
#[test]
fn what_an_argument_changes_is_as_the_page_says() {
    let letters = |formats: &str, values: &str| format!(
        "for f, v in zip('{formats}'.split(), ({values},)):
    print(f, *[struct.pack(sign + f, v).hex() for sign in '<>!='])"
    );
    let whole = letters("b B h H i I l L q Q", "-2, 200, -2, 60000, -2, 4000000000, -2, 4000000000, -2, 2**63");
    let other = letters("f d ? c 4s 4p", "1.5, 1.5, True, b'x', b'ab', b'ab'");
    let whole: &'static str = Box::leak(whole.into_boxed_str());
    let other: &'static str = Box::leak(other.into_boxed_str());
    macro_rules! orders {
        ($letter:expr, $n:expr) => {{
            let [le, be, ne] = [hex(&$n.to_le_bytes()), hex(&$n.to_be_bytes()), hex(&$n.to_ne_bytes())];
            format!("{} {le} {be} {be} {ne}\n", $letter)
        }};
    }
    check(&[
        same!("struct.pack('!b', n) and struct.pack('!h', n) and '<H' and struct.pack('<i', n) and '=I' and '<L' and \
'>q' and struct.pack('<Q', n)", whole,
            [orders!("b", (-2_i8)), orders!("B", 200_u8), orders!("h", (-2_i16)), orders!("H", 60_000_u16),
                orders!("i", (-2_i32)), orders!("I", 4_000_000_000_u32), orders!("l", (-2_i32)),
                orders!("L", 4_000_000_000_u32), orders!("q", (-2_i64)), orders!("Q",
                    (1_u64 << 63))].concat().trim_end()),
        same!("'<f' and '>d' and struct.pack('?', flag) and struct.pack('c', b'x') and '10p'", other, {
            let bytes = |letter, bytes: &[u8]| format!("{letter} {}\n", vec![hex(bytes); 4].join(" "));
            [orders!("f", 1.5_f32), orders!("d", 1.5_f64), bytes("?", &[u8::from(true)]), bytes("c", b"x"),
                bytes("4s", b"ab\0\0"), bytes("4p", b"\x02ab\0")].concat().trim_end().to_owned()
        }),
        same!("struct.calcsize('i')",
            "say(*map(struct.calcsize, ('h', 'i', 'q', 'f', 'd', '<l', '>L', '3x', '3p')))",
            format!("{} {} {} {} {} 4 4 3 3", size_of::<i16>(), size_of::<i32>(), size_of::<i64>(), size_of::<f32>(),
                size_of::<f64>())),
        same!("struct.pack('n', n)", "say(struct.calcsize('n')); fails(struct.pack, '<n', 1)",
            format!("{}\nerror", size_of::<isize>())),
        same!("struct.pack('e', x)", "say(struct.pack('<e', 1.5))", "003e"),
        same!("struct.unpack('c', b)", "say(struct.unpack('c', b'x')[0], struct.unpack('b', b'\\xfe')[0])",
            format!("{} {}", hex(b"x"), i8::from_be_bytes([0xfe]))),
        same!("int.from_bytes(b, 'big') and int.from_bytes(b, 'little') and int.from_bytes(b, 'big', signed=True) and \
int.from_bytes(data[8:10], 'big')",
            "
data = bytes(range(1, 13))
say(int.from_bytes(data[:3], 'big'), int.from_bytes(data[:3], 'little'), int.from_bytes(data[8:10], 'big'))
say(int.from_bytes(b'', 'big'), int.from_bytes(b'\\xff\\xfe', 'big', signed=True))
say(int.from_bytes(b'\\xfe\\xff\\xff\\xff', 'little', signed=True))", {
            let data: Vec<u8> = (1..13).collect();
            let big = |b: &[u8]| b.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
            let little = |b: &[u8]| b.iter().rev().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
            let b = &b"\xfe\xff\xff\xff"[..];
            format!("{} {} {}\n{} {}\n{}", big(&data[..3]), little(&data[..3]), u16::from_be_bytes([data[8], data[9]]),
                big(b""), i16::from_be_bytes([0xff, 0xfe]), i32::from_le_bytes(b.try_into().map_err(io::Error::other)?))
        }),
        differ!("int.from_bytes(data[8:10], 'big')", "say(int.from_bytes(bytes(12)[8:10], 'big'))", "0",
            <[u8; 4]>::try_from(&[0_u8; 12][8..10]).map(u32::from_be_bytes).is_err(), "true"),
        same!("n.to_bytes(4, 'big') and n.to_bytes(4, 'little') and n.to_bytes(2, 'big', signed=True)",
            "say((5).to_bytes(2, 'big'), (5).to_bytes(4, 'little'), (5).to_bytes(8, 'big'), (70000).to_bytes(3, 'big'))
say((-2).to_bytes(2, 'big', signed=True), (-2).to_bytes(2, 'little', signed=True))", {
            let two = i16::try_from(-2).map_err(io::Error::other)?;
            format!("{} {} {} {}\n{} {}", hex(&5_u16.to_be_bytes()), hex(&5_u32.to_le_bytes()),
                hex(&5_u64.to_be_bytes()),
                hex(&70_000_u32.to_be_bytes()[1..]), hex(&two.to_be_bytes()), hex(&two.to_le_bytes()))
        }),
        differ!("n.to_bytes(2, 'big', signed=True)", "fails((-1).to_bytes, 2, 'big'); fails((300).to_bytes, 1, 'big')",
            "OverflowError\nOverflowError", format!("{} {}", u16::try_from(-1).is_err(), u8::try_from(300).is_err()),
            "true true"),
        same!("int(text, 16) and int('ff', 16)",
            "say(int('ff', 16), int('-ff', 16), int(' ff\\n', 16), int('101', 2), int('17', 8))", {
            let int = |text: &str, base| i64::from_str_radix(text.trim(), base).map_err(io::Error::other);
            format!("{} {} {} {} {}", int("ff", 16)?, int("-ff", 16)?, int(" ff\n", 16)?, int("101", 2)?, int("17", 8)?)
        }),
        differ!("int(text, 0)", "say(int('0xff', 16), int('0xff', 0), int('f_f', 16))", "255 255 255",
            format!("{} {:?}", i64::from_str_radix("0xff", 16).is_err(), "0xff".strip_prefix("0x")),
                "true Some(\"ff\")"),
        same!("data.ljust(60, b'\\0')", "
say(b'ab'.ljust(4, b'\\0'), b'ab'.ljust(4, b' '), b'ab'.ljust(4), b'abcde'.ljust(4, b'\\0'))", {
            let ljust = |data: &[u8], byte| {
                let mut v = data.to_vec();
                if v.len() < 4 {
                    v.resize(4, byte);
                }
                hex(&v)
            };
            format!("{} {} {} {}", ljust(b"ab", 0), ljust(b"ab", b' '), ljust(b"ab", b' '), ljust(b"abcde", 0))
        }),
        same!("data.rjust(8, b'0')", "say(b'ab'.rjust(4, b'0'), b'ab'.zfill(4))", {
            let mut v = b"ab".to_vec();
            while v.len() < 4 {
                v.insert(0, b'0');
            }
            format!("{0} {0}", hex(&v))
        }),
        same!("data.rstrip(b'\\0')", "say(b'ab\\0\\0'.rstrip(b'\\0'), b'\\0ab\\0'.strip(b'\\0'))", {
            let mut v = b"ab\0\0".to_vec();
            while v.last() == Some(&0) {
                v.pop();
            }
            assert_eq!(text(b"ab\0\0")?.trim_end_matches('\0').as_bytes(), v);
            format!("{} {}", hex(&v), hex(text(b"\0ab\0")?.trim_matches('\0').as_bytes()))
        }),
        same!("f'{n:02x}' and '%02x' % n",
            "n = 15; print(f'{n:02x} {n:04X} {n:08b} {n:#04x}', '%02x' % n, format(n, '02x'))", {
            let n = 15;
            format!("{n:02x} {n:04X} {n:08b} {n:#04x} {n:02x} {n:02x}")
        }),
        same!("action='store_true' and default=8080", "
import argparse; parser = argparse.ArgumentParser(); parser.add_argument('-v', action='store_true')
parser.add_argument('--port', type=int, default=8080)
for line in ('-v --port 5', ''): args = parser.parse_args(line.split()); say(args.v, args.port)", {
            let parse = |line: &'static str| {
                let mut port = 8080;
                let mut args = line.split_whitespace();
                let is_verbose = args.clone().any(|arg| arg == "-v");
                while let Some(arg) = args.next() {
                    if arg == "--port" {
                        port = args.next().unwrap_or_default().parse().map_err(io::Error::other)?;
                    }
                }
                io::Result::Ok(format!("{is_verbose} {port}"))
            };
            format!("{}\n{}", parse("-v --port 5")?, parse("")?)
        }),
        same!("text.ljust(10, '0') and f'{n:<10}'", "print('7'.ljust(3, '0') + '|' + '7'.ljust(3) + '|')",
            format!("{:0<3}|{:<3}|", "7", "7")),
        same!("text.split(maxsplit=1)", "say(' a  b c '.strip().split(maxsplit=1))", {
            let (a, b) = "a  b c".split_once(char::is_whitespace).unwrap_or_default();
            format!("{a} {}", b.trim_start())
        }),
        same!("text.replace(a, b, 1) and text.strip('\\r\\n')",
            "print('aba'.replace('a', 'c', 1), '\\r\\nab\\n'.strip('\\r\\n'))",
            format!("{} {}", "aba".replacen('a', "c", 1), "\r\nab\n".trim_matches(['\r', '\n']))),
        same!("text.encode('ascii', 'ignore')",
            "say('aéb'.encode('ascii', 'ignore'), 'aéb'.encode('ascii', 'replace'))",
            format!("{} {}", hex(&"aéb".chars().filter(char::is_ascii).collect::<String>().into_bytes()),
                hex("aéb".chars().map(|c| if c.is_ascii() { c } else { '?' }).collect::<String>().as_bytes()))),
        same!("sorted(items, reverse=True) and items.sort(key=f)",
            "say(sorted([3, 1, 2], reverse=True), sorted(['ccc', 'a', 'bb'], key=len))", {
            let (mut items, mut names) = ([3, 1, 2], ["ccc", "a", "bb"]);
            items.sort();
            items.reverse();
            names.sort_by_key(|name| name.len());
            format!("{} {}", items.map(|n| n.to_string()).join(" "), names.join(" "))
        }),
        same!("range(10, 0, -1)",
            "say(list(range(4, 0, -1)), list(range(2, 5)), [1, 2, 3][::2], list(range(10, 0)) == [])", {
            let shown = |numbers: &mut dyn Iterator<Item = i32>| {
                numbers.map(|n| n.to_string()).collect::<Vec<_>>().join(" ")
            };
            #[allow(clippy::reversed_empty_ranges)] // what the row speaks of
            let empty = (10..0).is_empty();
            format!("{} {} {} {empty}", shown(&mut (1..=4).rev()), shown(&mut (2..5)),
                shown(&mut [1, 2, 3].iter().step_by(2).copied()))
        }),
        same!("round(x)",
            "say(round(0.5), round(1.5), round(2.5), round(-1.5)); print(round(1.234, 2), 7 / 2, int(-1.9))",
            format!("{} {} {} {}\n{:.2} {} {}", 0.5_f64.round_ties_even(), 1.5_f64.round_ties_even(),
                2.5_f64.round_ties_even(), (-1.5_f64).round_ties_even(), 1.234, f64::from(7) / f64::from(2),
                    -1.9_f64 as i64)),
        differ!("round(x)", "say(round(0.5))", "0", 0.5_f64.round(), "1"),
        same!("n // 2", "say(-7 // 2, -7 % 2, divmod(7, 2))",
            format!("{} {} {} {}", (-7_i32).div_euclid(2), (-7_i32).rem_euclid(2), 7 / 2, 7 % 2)),
    ]);
}

#[rustfmt::skip]
#[test]
fn other_encodings_are_as_the_page_says() {
    check(&[
        same!("data.decode('utf-16') and data.decode('utf-16-be')",
            "
print(b'a\\0\\xac\\x20'.decode('utf-16-le'), b'\\0a\\x20\\xac'.decode('utf-16-be'), b'\\xff\\xfea\\0'.decode('utf-16'))", {
            let units = |b: &[u8]| b.chunks_exact(2).map(|two| u16::from_le_bytes([two[0],
                two[1]])).collect::<Vec<_>>();
            let big = |b: &[u8]| b.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect::<Vec<_>>();
            let [a, b] = [units(b"a\0\xac\x20"), big(b"\0a\x20\xac")].map(|units| String::from_utf16(&units));
            format!("{} {} a", a.map_err(io::Error::other)?, b.map_err(io::Error::other)?)
        }),
        differ!("data.decode('utf-16')", "fails(b'a\\0b'.decode, 'utf-16-le'); fails(b'\\0\\xd8'.decode, 'utf-16-le')",
            "UnicodeDecodeError\nUnicodeDecodeError",
            format!("{} {}", b"a\0b".chunks_exact(2).count(), String::from_utf16(&[0xd800]).is_err()), "1 true"),
        same!("text.encode('utf-16-be') and text.encode('utf-32')", "
say('é😀'.encode('utf-16-be')); say('é😀'.encode('utf-32-le')); say('a'.encode('utf-32')[:4])", {
            let utf_16: Vec<_> = "é😀".encode_utf16().flat_map(u16::to_be_bytes).collect();
            let utf_32 = |text: &str| text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect::<Vec<_>>();
            format!("{}\n{}\n{}", hex(&utf_16), hex(&utf_32("é😀")), hex(b"\xff\xfe\0\0"))
        }),
        same!("data.decode('utf-32')", "print('é😀'.encode('utf-32-le').decode('utf-32-le'))", {
            let b: Vec<u8> = "é😀".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
            let letter = |four: &[u8]| char::from_u32(u32::from_le_bytes(four.try_into().ok()?));
            b.chunks_exact(4).filter_map(letter).collect::<String>()
        }),
        differ!("data.decode('gbk') and data.decode('gb2312') and data.decode('gb18030')",
            "print(*[b'\\xc4\\xe3'.decode(name) for name in ('gbk', 'gb2312', 'gb18030', 'cp936')])", "你 你 你 你",
            text(b"\xc4\xe3").is_err(), "true"),
        differ!("data.decode('shift_jis') and data.decode('cp932') and data.decode('big5') and data.decode('euc-kr')",
            "
codes = {'shift_jis': b'\\x82\\xa0', 'cp932': b'\\x82\\xa0', 'big5': b'\\xa7A', 'euc-kr': b'\\xb0\\xa1'}
print(*[data.decode(name) for name, data in codes.items()])",
            "あ あ 你 가", text(b"\x82\xa0").is_err(), "true"),
        same!("codecs.getincrementaldecoder('utf-8')()", "
import codecs; d = codecs.getincrementaldecoder('utf-8')()
print(*[d.decode(x) for x in (b'h\\xc3', b'\\xa9\\xe2')], sep='|')
fails(d.decode, b'\\xff')", {
            let mut v = b"h\xc3".to_vec();
            let mut texts = Vec::new();
            for more in [&b""[..], b"\xa9\xe2"] {
                v.extend_from_slice(more);
                let whole = match std::str::from_utf8(&v) {
                    Ok(text) => text.len(),
                    Err(error) => {
                        assert!(error.error_len().is_none(), "the beginning of a character");
                        error.valid_up_to()
                    }
                };
                texts.push(String::from_utf8(v.drain(..whole).collect()).map_err(io::Error::other)?);
            }
            v.push(0xff);
            let is_error = std::str::from_utf8(&v).is_err_and(|error| error.error_len().is_some());
            format!("{}\n{}", texts.join("|"), if is_error { "UnicodeDecodeError" } else { "none" })
        }),
        differ!("json.dumps(obj, ensure_ascii=False)", "print(json.dumps('你'), json.dumps('你', ensure_ascii=False))",
            "\"\\u4f60\" \"你\"", "\"你\"".len(), "5"),
    ]);
}

#[rustfmt::skip]
#[test]
fn arithmetic_of_bytes_is_as_the_page_says() {
    check(&[
        same!("data[i] << 8",
            "data = b'\\x12\\x34'; say(data[0] << 8 | data[1], data[0] >> 4, data[0] & 0x0f, 0x92 & 0x80 != 0)", {
            let data = [0x12_u8, 0x34];
            assert_eq!(u16::from_be_bytes([data[0], data[1]]), 0x1234);
            format!("{} {} {} {}", u16::from(data[0]) << 8 | u16::from(data[1]), data[0] >> 4, data[0] & 0x0f,
                0x92 & 0x80 != 0)
        }),
        differ!("data[i] << 8", "say(b'\\x12'[0] << 8)", "4608", shown(0x12_u8.checked_shl(8)), "none"),
        same!("~x & 0xff", "x = 5; say(~x & 0xff, x ^ 0xff, ~x)", {
            let x = 5_u8;
            format!("{} {} {}", !x, x ^ 0xff, !i32::from(x))
        }),
        same!("(a + b) & 0xff", "say((200 + 100) & 0xff, sum(b'\\xff' * 300) & 0xffff)",
            format!("{} {}", 200_u8.wrapping_add(100),
                [0xff_u8; 300].iter().map(|byte| u32::from(*byte)).sum::<u32>() & 0xffff)),
        differ!("(a + b) & 0xff", "say(200 + 100)", "300", shown(200_u8.checked_add(100)), "none"),
        same!("bytes(x ^ key for x in data)",
            "say(bytes(x ^ 7 for x in b'abc'), bytes(a ^ b for a, b in zip(b'abc', b'xyz')))",
            format!("{} {}", hex(&b"abc".iter().map(|byte| byte ^ 7).collect::<Vec<u8>>()),
                hex(&b"abc".iter().zip(b"xyz").map(|(a, b)| a ^ b).collect::<Vec<u8>>()))),
        same!("data[0]", "say(b'hi'[0], b'hi'[-1]); fails(lambda: b''[0])",
            format!("{} {}\n{}", shown(b"hi".first()), shown(b"hi".last()), shown(b"".first()).replace("none",
                "IndexError"))),
        same!("b' ' * 10 and a + b", "a, b = bytearray(b'ab'), b'c'; say(a + b, b' ' * 3)", {
            let (a, b) = (b"ab".to_vec(), b"c");
            format!("{} {}", hex(&[&a[..], &b[..]].concat()), hex(&b" ".repeat(3)))
        }),
        differ!("data.splitlines()", "say(len(b'a\\nb\\n'.splitlines()), len(b'a\\rb'.splitlines()))", "2 2",
            format!("{} {}", b"a\nb\n".split(|b| *b == b'\n').count(), b"a\rb".split(|b| *b == b'\n').count()), "3 1"),
        differ!("bytes.fromhex(text)", "say(bytes.fromhex('0a ff')); fails(bytes.fromhex, '+f')", "0aff\nValueError",
            format!("{:?}", u8::from_str_radix("+f", 16)), "Ok(15)"),
        same!("b', '.join(chunks)", "say(b', '.join([b'ab', b'c']))", hex(&[&b"ab"[..], b"c"].join(&b", "[..]))),
        same!("', '.join(names)", "print(', '.join(str(n) for n in (1, 2)))",
            [1, 2].iter().map(|n| n.to_string()).collect::<Vec<_>>().join(", ")),
        differ!("hex(n)", "say(hex(-1))", "-0x1", format!("{:#x}", -1_i32), "0xffffffff"),
        same!("data += more", "data = b'a'; data += b'bc'; b = bytearray(); b.extend(data); say(data, b)", {
            let mut v = b"a".to_vec();
            v.extend_from_slice(b"bc");
            format!("{0} {0}", hex(&v))
        }),
        same!("bytes(text, 'utf-8') and text.encode('utf-8', 'ignore')",
            "say(bytes('é', 'utf-8'), bytearray('é', 'utf-8'), 'é'.encode('utf-8', 'ignore'))",
                format!("{0} {0} {0}", hex("é".as_bytes()))),
    ]);
}

#[rustfmt::skip]
#[test]
fn dictionaries_and_what_may_be_missing_are_as_the_page_says() {
    check(&[
        same!("d.get(key, default) and if d.get(key) == 5: and d.setdefault(key, default)", "
d = {'a': 5}
say(d.get('a', 0), d.get('b', 0), d.get('a') == 5, d.get('b') == 5, d.get('b') is None, d.setdefault('c', 0))
names = {1: 'ann'}; say(names.get(1, 'unknown'), names.get(2, 'unknown'), names.get(1) == 'ann')", {
            let mut map = HashMap::from([("a", 5)]);
            let names = HashMap::from([(1, "ann".to_owned())]);
            let name = |id| names.get(&id).map_or("unknown", String::as_str);
            assert!(map.get("a").is_some_and(|n| *n > 4) && names.get(&2).cloned().unwrap_or_default().is_empty());
            format!("{} {} {} {} {} {}\n{} {} {}", map.get("a").copied().unwrap_or(0),
                map.get("b").copied().unwrap_or(0),
                map.get("a") == Some(&5), map.get("b") == Some(&5), !map.contains_key("b"), map.entry("c").or_insert(0),
                name(1), name(2), names.get(&1).map(String::as_str) == Some("ann"))
        }),
        same!("del d[key] and for key in d: and d.update(more)", "
d = {'a': 1}; d.update({'b': 2}); say(sorted(d.items()), d.pop('a', None), d.pop('a', None), list(d))", {
            let mut map = std::collections::BTreeMap::from([("a", 1)]);
            map.extend([("b", 2)]);
            let items: Vec<_> = map.iter().map(|(key, value)| format!("{key} {value}")).collect();
            format!("{} {} {} {}", items.join(" "), shown(map.remove("a")), shown(map.remove("a")),
                map.keys().copied().collect::<Vec<_>>().join(" "))
        }),
        same!("set() and collections.defaultdict(int)", "
s = set(); s.add(1); s.add(1); s.discard(2); c = collections.Counter('aab'); say(len(s), 1 in s, c['a'])", {
            let mut set = std::collections::HashSet::new();
            set.insert(1);
            set.insert(1);
            set.remove(&2);
            let mut map = HashMap::<_, i32>::new();
            for letter in "aab".chars() {
                *map.entry(letter).or_default() += 1;
            }
            format!("{} {} {}", set.len(), set.contains(&1), map[&'a'])
        }),
        differ!("items.pop() and max(items)", "fails([].pop); fails(max, [])", "IndexError\nValueError",
            format!("{} {}", shown(Vec::<i32>::new().pop()), shown(Vec::<i32>::new().iter().max())), "none none"),
        same!("items.index(x) and del items[i] and items.extend(more)", "
items = [3, 1]; items.extend([2]); i = items.index(1); del items[i]; say(items, i, max(items), min(2, 1))", {
            let mut items = vec![3, 1];
            items.extend([2]);
            let i = items.iter().position(|y| *y == 1).unwrap_or_default();
            items.remove(i);
            format!("{} {} {i} {} {}", items[0], items[1], shown(items.iter().max()), i32::from(true).min(2))
        }),
        same!("getattr(self, 'cmd_' + name)(arg)", "
class Commands:
    def cmd_upper(self, arg): return arg.upper()
    def run(self, name, arg): return getattr(self, 'cmd_' + name, lambda arg: 'unknown')(arg)
c = Commands(); print(c.run('upper', 'a'), c.run('init', 'a'))", {
            let run = |name: &str, arg: &str| match name {
                "upper" => arg.to_uppercase(),
                _ => "unknown".to_owned(),
            };
            format!("{} {}", run("upper", "a"), run("init", "a"))
        }),
        same!("if text:", "say(bool(''), bool('a'), bool([]), bool(b'x'))",
            ["", "a", "", "x"].map(|text| (!text.is_empty()).to_string()).join(" ")),
        differ!("a, b = text.split(',')",
            "a, b = 'x,y'.split(','); print(a, b); fails(lambda: dict([('a,b,c').split(',')]))",
            "x y\nValueError", format!("{:?} {:?}", "x,y".split_once(','), "a,b,c".split_once(',')),
            "Some((\"x\", \"y\")) Some((\"a\", \"b,c\"))"),
        same!("os.environ.get(name, default)", "print(os.environ.get('NO_SUCH_NAME', '127.0.0.1'))",
            env::var("NO_SUCH_NAME").unwrap_or_else(|_| "127.0.0.1".to_owned())),
        differ!("contextlib.suppress(OSError)", "
with contextlib.suppress(OSError): open('/no/such/file')
say('goes on')", "goes on", { let _ = fs::read("/no/such/file"); "goes on, too" }, "goes on, too"),
        same!("tempfile.gettempdir()", "say(os.path.isdir(tempfile.gettempdir()))", env::temp_dir().is_dir()),
        differ!("int(sys.argv[1])", "fails(lambda: int(['x'][1])); fails(int, '')", "IndexError\nValueError",
            shown("".parse::<u16>().map_err(io::Error::other).err()), "cannot parse integer from empty string"),
        differ!("line, rest = text.split('\\r\\n', 1)", "
line, rest = 'a b c'.split(' ', 1); print(line, rest); print('a b c'.rsplit(' ', 1)[1])
try: a, b = 'abc'.split(' ', 1)
except ValueError: print('ValueError')", "a b c\nc\nValueError", {
            let (line, rest) = "a b c".split_once(' ').unwrap_or_default();
            let last = "a b c".rsplit_once(' ').unwrap_or_default().1;
            format!("{line} {rest}\n{last}\n{:?}", "abc".split_once(' '))
        }, "a b c\nc\nNone"),
        same!("cmd, *args = text.split(' ')", "
for line in ('put a b', 'list'): cmd, *args = line.split(' '); print(cmd, len(args))", {
            let count = |line: &str| {
                let mut parts = line.split(' ');
                let cmd = parts.next().unwrap_or_default().to_owned();
                let args = parts.collect::<Vec<_>>();
                format!("{cmd} {}", args.len())
            };
            [count("put a b"), count("list")].join("\n")
        }),
        differ!("except ZeroDivisionError:", "fails(lambda: 1 / 0); fails(lambda: 1.0 / 0.0); fails(lambda: 0.0 / 0.0)",
            "ZeroDivisionError\nZeroDivisionError\nZeroDivisionError",
            format!("{:?} {} {}", 1_i32.checked_div(0), 1.0 / f64::from(0), 0.0 / f64::from(0)), "None inf NaN"),
        same!("random.randint(1, 6)", "say(all(1 <= random.randint(1, 6) <= 6 for _ in range(100)))", {
            use std::hash::{BuildHasher, RandomState};
            let throw = || RandomState::new().hash_one(0) % 6 + 1;
            (0..100).all(|_| (1..=6).contains(&throw()))
        }),
    ]);
}

/// What the system has a part in: run where its answers are known.
#[cfg(target_os = "linux")]
mod system {
    use super::*;
    use std::fs::File;
    use std::hash::{DefaultHasher, Hash, Hasher};
    use std::io::{BufReader, BufWriter, IoSlice, IoSliceMut, Seek, SeekFrom};
    use std::net::{IpAddr, Ipv6Addr, Shutdown, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
    use std::os::fd::{AsFd, AsRawFd, OwnedFd};
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::process::Command;
    use std::process::{Output, Stdio};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::{RecvTimeoutError, TrySendError};
    use std::sync::{Arc, Barrier, Condvar, Mutex};
    use std::thread;

    const SHORT: Duration = Duration::from_millis(50);
    /// To every receiver on this machine: tests need no network but the loopback one.
    const LOCAL_BROADCAST: (Ipv4Addr, u16) = (Ipv4Addr::new(127, 255, 255, 255), 9);

    /// Two connected TCP sockets whose reads and writes fail rather than hang.
    fn pair() -> io::Result<(TcpStream, TcpStream)> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let client = TcpStream::connect(listener.local_addr()?)?;
        let (conn, _) = listener.accept()?;
        for stream in [&client, &conn] {
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
        }
        Ok((client, conn))
    }

    fn udp() -> io::Result<UdpSocket> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(socket)
    }

    /// What one read gives.
    fn recv(mut stream: impl Read) -> io::Result<String> {
        let mut buffer = [0; 1024];
        let received = stream.read(&mut buffer)?;
        text(&buffer[..received]).map(str::to_owned)
    }

    fn kind<T>(result: io::Result<T>) -> String {
        result.map_or_else(|error| format!("{:?}", error.kind()), |_| "no error".to_owned())
    }

    fn number<T>(result: io::Result<T>) -> String {
        result.map_or_else(|error| shown(error.raw_os_error()), |_| "no error".to_owned())
    }

    fn joined<T>(handle: thread::JoinHandle<T>) -> io::Result<T> {
        handle.join().map_err(|_| io::Error::other("a thread panicked"))
    }

    /// A command for the shell.
    fn sh(cmd: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(cmd);
        command
    }

    fn stdout(output: &Output) -> String {
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    #[rustfmt::skip]
    #[test]
    fn sockets_are_made_connected_and_closed_as_the_page_says() {
        let mut rows = vec![
            same!("socket.socket(socket.AF_INET, socket.SOCK_STREAM) and conn, addr = s.accept() and \
s.getsockname() and if not data: break and s.recv(1024) == b'' and socket.AF_INET and ('127.0.0.1', 8080)", "
s = socket.socket(AF_INET, SOCK_STREAM); s.setsockopt(SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', 0)); s.listen(5)
c = socket.socket(AF_INET, SOCK_STREAM); c.connect(s.getsockname()); conn, addr = s.accept(); c.sendall(b'hello')
say(addr == c.getsockname(), conn.recv(1024).decode()); c.close(); say(len(conn.recv(1024)))", {
                    let listener = TcpListener::bind("127.0.0.1:0")?;
                    let mut client = TcpStream::connect(listener.local_addr()?)?;
                    let (conn, addr) = listener.accept()?;
                    client.write_all(b"hello")?;
                    let first = format!("{} {}", addr == client.local_addr()?, recv(&conn)?);
                    drop(client);
                    format!("{first}\n{}", recv(&conn)?.len())
                }),
            same!("socket.socket(socket.AF_INET, socket.SOCK_DGRAM)", "
s, c = udp(), socket.socket(AF_INET, SOCK_DGRAM); c.sendto(b'hello', s.getsockname()); data, addr = s.recvfrom(1024)
s.sendto(data.upper(), addr); print(c.recv(1024).decode())", {
                    let (server, client) = (udp()?, udp()?);
                    client.send_to(b"hello", server.local_addr()?)?;
                    let mut buffer = [0; 1024];
                    let (received, addr) = server.recv_from(&mut buffer)?;
                    server.send_to(&buffer[..received].to_ascii_uppercase(), addr)?;
                    let received = client.recv(&mut buffer)?;
                    text(&buffer[..received])?.to_owned()
                }),
            differ!("socket.socket(socket.AF_INET, socket.SOCK_DGRAM)", "
s = socket.socket(AF_INET, SOCK_DGRAM); say(s.getsockname()[1])", "0", udp()?.local_addr()?.port() != 0, "true"),
            same!("with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:", "
client, conn = pair()
with client: pass
say(len(conn.recv(10)))", {
                    let (client, conn) = pair()?;
                    {
                        let _client = client;
                    }
                    recv(&conn)?.len()
                }),
            same!("socket.create_connection((host, port))", "
s = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(('localhost', s.getsockname()[1]))
say(c.getpeername()[0])", {
                    let listener = TcpListener::bind("127.0.0.1:0")?;
                    TcpStream::connect(("localhost", listener.local_addr()?.port()))?.peer_addr()?.ip()
                }),
            differ!("socket.create_connection(addr, timeout=5)", "
s = socket.create_server(('127.0.0.1', 0))
say(socket.create_connection(s.getsockname(), timeout=5).gettimeout())", "5.0", {
                    let listener = TcpListener::bind("127.0.0.1:0")?;
                    let stream = TcpStream::connect_timeout(&listener.local_addr()?, PATIENCE)?;
                    shown(stream.read_timeout()?.map(|t| t.as_secs()))
                }, "none"),
            same!("socket.create_server(('', 8080))", "say(socket.create_server(('', 0)).getsockname()[0])",
                TcpListener::bind("0.0.0.0:0")?.local_addr()?.ip()),
            same!("socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)", "
p = tempfile.mkdtemp() + '/s'; s = socket.socket(socket.AF_UNIX, SOCK_STREAM); s.bind(p); s.listen()
c = socket.socket(socket.AF_UNIX, SOCK_STREAM)
c.connect(p); c.sendall(b'hi'); print(s.accept()[0].recv(9).decode()); s.close()
s = socket.socket(socket.AF_UNIX, SOCK_STREAM)
try: s.bind(p)
except OSError as e: print('AddrInUse' if e.errno == errno.EADDRINUSE else e)", {
                    let folder = tempfile::tempdir()?;
                    let path = folder.path().join("s");
                    let listener = UnixListener::bind(&path)?;
                    UnixStream::connect(&path)?.write_all(b"hi")?;
                    let received = recv(listener.accept()?.0)?;
                    drop(listener);
                    format!("{received}\n{}", kind(UnixListener::bind(&path)))
                }),
            same!("`s.getpeername()`, `s.getsockname()`, Unix and `s.connect(path)` and `s.bind(path)`, Unix", "
p = tempfile.mkdtemp() + '/s'; s = socket.socket(socket.AF_UNIX); s.bind(p); s.listen()
c = socket.socket(socket.AF_UNIX); c.settimeout(5); c.connect(p); conn, _ = s.accept()
c.send(b'hi'); say(conn.recv(9), c.getpeername() == p, c.getsockname() == '')
try: socket.socket(socket.AF_UNIX).bind(p)
except OSError as e: say(e.errno)
os.remove(p); socket.socket(socket.AF_UNIX).bind(p)", {
                    let folder = tempfile::tempdir()?;
                    let path = folder.path().join("s");
                    let listener = UnixListener::bind(&path)?;
                    let mut stream = UnixStream::connect(&path)?;
                    let (mut conn, _) = listener.accept()?;
                    stream.write_all(b"hi")?;
                    let mut buffer = [0; 9];
                    let received = conn.read(&mut buffer)?;
                    let is_path = stream.peer_addr()?.as_pathname() == Some(&path);
                    let has_none = stream.local_addr()?.as_pathname().is_none();
                    let again = UnixListener::bind(&path).err().and_then(|error| error.raw_os_error());
                    fs::remove_file(&path)?;
                    UnixListener::bind(&path)?;
                    format!("{} {is_path} {has_none}\n{}", hex(&buffer[..received]), shown(again))
                }),
            same!("`data, addr = s.recvfrom(1024)`, Unix and `s.sendto(data, path)`, Unix", "
p = tempfile.mkdtemp() + '/s'; s = socket.socket(socket.AF_UNIX, SOCK_DGRAM); s.bind(p)
c = socket.socket(socket.AF_UNIX, SOCK_DGRAM); c.sendto(b'hi', p); data, addr = s.recvfrom(1024)
c.connect(p); c.send(b'ho'); say(data, addr, s.recv(1)); c.bind(p + '2'); c.send(b'x')
say(s.recvfrom(9)[1] == p + '2')", {
                    let folder = tempfile::tempdir()?;
                    let path = folder.path().join("s");
                    let (socket, mut buffer) = (UnixDatagram::bind(&path)?, [0; 9]);
                    let unbound = UnixDatagram::unbound()?;
                    unbound.send_to(b"hi", &path)?;
                    let (received, addr) = socket.recv_from(&mut buffer)?;
                    let first = format!("{} {}", hex(&buffer[..received]), shown(addr.as_pathname().map(Path::display)));
                    unbound.connect(&path)?;
                    unbound.send(b"ho")?;
                    let cut = socket.recv(&mut buffer[..1])?;
                    let second = hex(&buffer[..cut]);
                    let other = folder.path().join("s2");
                    let bound = UnixDatagram::bind(&other)?;
                    bound.send_to(b"x", &path)?;
                    let (_, addr) = socket.recv_from(&mut buffer)?;
                    format!("{first} {second}\n{}", addr.as_pathname() == Some(&other))
                }),
            same!("socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)", "
a, b = socket.socketpair(socket.AF_UNIX, SOCK_DGRAM); a.send(b'hi'); a.send(b'ho'); say(b.recv(9), b.recv(9))", {
                    let (a, b) = UnixDatagram::pair()?;
                    a.send(b"hi")?;
                    a.send(b"ho")?;
                    let (mut first, mut second) = ([0; 9], [0; 9]);
                    let (one, two) = (b.recv(&mut first)?, b.recv(&mut second)?);
                    format!("{} {}", hex(&first[..one]), hex(&second[..two]))
                }),
            same!("socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)", "
p = tempfile.mkdtemp() + '/s'; s = socket.socket(socket.AF_UNIX, SOCK_DGRAM); s.bind(p)
c = socket.socket(socket.AF_UNIX, SOCK_DGRAM)
c.sendto(b'hi', p); print(s.recv(9).decode())", {
                    let folder = tempfile::tempdir()?;
                    let path = folder.path().join("s");
                    let (socket, mut buffer) = (UnixDatagram::bind(&path)?, [0; 9]);
                    UnixDatagram::unbound()?.send_to(b"hi", &path)?;
                    let received = socket.recv(&mut buffer)?;
                    text(&buffer[..received])?.to_owned()
                }),
            same!("socket.socketpair()", "a, b = socket.socketpair(); a.sendall(b'hi'); print(b.recv(9).decode())", {
                let (mut a, b) = UnixStream::pair()?;
                a.write_all(b"hi")?;
                recv(&b)?
            }),
            same!("socket.socket(fileno=fd) and s.detach()", "
client, conn = pair(); s = socket.socket(fileno=client.detach()); s.sendall(b'hi'); print(conn.recv(9).decode())", {
                    let (client, conn) = pair()?;
                    TcpStream::from(OwnedFd::from(client)).write_all(b"hi")?;
                    recv(&conn)?
                }),
            same!("socket.fromfd(fd, family, type)", "
client, conn = pair(); s = socket.fromfd(client.fileno(), AF_INET, SOCK_STREAM); client.close()
s.sendall(b'hi'); print(conn.recv(9).decode())", {
                    let (client, conn) = pair()?;
                    let mut duplicate = TcpStream::from(client.as_fd().try_clone_to_owned()?);
                    drop(client);
                    duplicate.write_all(b"hi")?;
                    recv(&conn)?
                }),
            same!("s.listen(5)", "
s = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(s.getsockname()); say('before accept')", {
                    let listener = TcpListener::bind("127.0.0.1:0")?;
                    TcpStream::connect(listener.local_addr()?)?;
                    "before accept"
                }),
            same!("s.connect((HOST, PORT))", "
s = udp(); addr = s.getsockname(); s.close(); c = udp(); c.connect(addr); c.send(b'x')
try: c.recv(9)
except OSError as e: say(e.errno)", {
                    let addr = udp()?.local_addr()?;
                    let client = udp()?;
                    client.connect(addr)?;
                    client.send(b"x")?;
                    number(client.recv(&mut [0; 9]))
                }),
            same!("s.connect_ex((host, port))", "
s = socket.create_server(('127.0.0.1', 0)); addr = s.getsockname(); s.close(); say(socket.socket().connect_ex(addr))", {
                    let addr = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
                    number(TcpStream::connect(addr))
                }),
            same!("s.connect_ex((host, port)) == 0", "
s = socket.create_server(('127.0.0.1', 0)); say(socket.socket().connect_ex(s.getsockname()) == 0)", {
                    let listener = TcpListener::bind("127.0.0.1:0")?;
                    TcpStream::connect_timeout(&listener.local_addr()?, PATIENCE).is_ok()
                }),
            same!("s.close()", "
client, conn = pair(); w = client.makefile('wb'); client.close(); w.write(b'hi'); w.flush()
print(conn.recv(9).decode())", {
                    let (client, conn) = pair()?;
                    let mut clone = client.try_clone()?;
                    drop(client);
                    clone.write_all(b"hi")?;
                    recv(&conn)?
                }),
            same!("s.shutdown(socket.SHUT_WR)", "
client, conn = pair(); client.shutdown(socket.SHUT_WR); say(len(conn.recv(9))); conn.sendall(b'hi')
print(client.recv(9).decode())", {
                    let (client, mut conn) = pair()?;
                    client.try_clone()?.shutdown(Shutdown::Write)?; // of a clone: it is the same socket
                    let end = recv(&conn)?.len();
                    conn.write_all(b"hi")?;
                    format!("{end}\n{}", recv(&client)?)
                }),
            same!("s.shutdown(how)", "say(*map(int, (socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR)))",
                "0 1 2"),
            same!("s.shutdown(socket.SHUT_RDWR)", "
client, conn = pair(); seen = []; t = threading.Thread(target=lambda: seen.append(client.recv(9))); t.start()
time.sleep(0.05); client.shutdown(socket.SHUT_RDWR); t.join(); say(len(seen[0]))", {
                    let (client, _conn) = pair()?;
                    let clone = client.try_clone()?;
                    let waiting = thread::spawn(move || recv(clone));
                    thread::sleep(SHORT); // in time or late, the answer is the same
                    client.shutdown(Shutdown::Both)?;
                    joined(waiting)??.len()
                }),
            same!("s.shutdown(socket.SHUT_RD)", "client, conn = pair(); client.shutdown(0); say(len(client.recv(9)))", {
                    let (client, _conn) = pair()?;
                    client.shutdown(Shutdown::Read)?;
                    recv(&client)?.len()
                }),
            differ!("except ConnectionResetError:", "
client, conn = pair(); client.sendall(b'never read'); conn.recv(1, socket.MSG_PEEK); conn.close()
fails(client.recv, 9)", "ConnectionResetError", {
                    let (mut client, conn) = pair()?;
                    client.write_all(b"never read")?;
                    conn.peek(&mut [0])?;
                    drop(conn);
                    kind(recv(&client))
                }, "ConnectionReset"),
            differ!("s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)", "
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); addr = s.getsockname(); c = socket.create_connection(addr)
conn, _ = s.accept(); conn.close(); c.recv(9); c.close(); s.close(); s = socket.socket() # conn is in TIME_WAIT
try: s.bind(addr); say('bound')
except OSError as e: print(errno.errorcode[e.errno])", "EADDRINUSE", {
                let listener = TcpListener::bind("127.0.0.1:0")?;
                let addr = listener.local_addr()?;
                let client = TcpStream::connect(addr)?;
                drop(listener.accept()?);
                recv(&client)?;
                drop((client, listener));
                TcpListener::bind(addr).map(|_| "bound")?
            }, "bound"),
        ];
        if has_ipv6() {
            rows.push(differ!(
                "socket.create_server(addr, family=socket.AF_INET6)",
                "
s = socket.create_server(('::', 0), family=AF_INET6)
say(socket.socket().connect_ex(('127.0.0.1', s.getsockname()[1])) == 0)",
                "false",
                {
                    let listener = TcpListener::bind("[::]:0")?;
                    TcpStream::connect((Ipv4Addr::LOCALHOST, listener.local_addr()?.port())).is_ok()
                },
                "true"
            ));
            rows.push(same!(
                "socket.create_server(addr, family=socket.AF_INET6, dualstack_ipv6=True)",
                "
s = socket.create_server(('::', 0), family=AF_INET6, dualstack_ipv6=True)
say(socket.socket().connect_ex(('127.0.0.1', s.getsockname()[1])) == 0)",
                {
                    let listener = TcpListener::bind("[::]:0")?;
                    TcpStream::connect((Ipv4Addr::LOCALHOST, listener.local_addr()?.port())).is_ok()
                }
            ));
        }
        check(&rows);
    }

    #[rustfmt::skip]
    #[test]
    fn sockets_send_and_receive_as_the_page_says() {
        check(&[
            same!("s.send(data)", "client, conn = pair(); say(client.send(b''), client.send(b'abc'))", {
                let (mut client, _conn) = pair()?;
                format!("{} {}", client.write(b"")?, client.write(b"abc")?)
            }),
            differ!("s.sendall(data)", "
client, conn = pair(); client.settimeout(0.1); fails(client.sendall, bytes(1 << 25))", "TimeoutError", {
                let (mut client, _conn) = pair()?;
                client.set_write_timeout(Some(SHORT))?;
                kind(client.write_all(&vec![0; 1 << 25]))
            }, "WouldBlock"),
            same!("s.sendto(data, addr)", "
s = udp()
try: s.sendto(bytes(65508), s.getsockname())
except OSError as e: say(e.errno)
say(s.sendto(bytes(65507), s.getsockname()))", {
                let socket = udp()?;
                let addr = socket.local_addr()?;
                format!("{}\n{}", number(socket.send_to(&[0; 65_508], addr)), socket.send_to(&[0; 65_507], addr)?)
            }),
            same!("s.sendmsg([a, b])", "
client, conn = pair(); say(client.sendmsg([b'ab', b'c'])); print(conn.recv(9).decode())", {
                let (mut client, conn) = pair()?;
                let sent = client.write_vectored(&[IoSlice::new(b"ab"), IoSlice::new(b"c")])?;
                format!("{sent}\n{}", recv(&conn)?)
            }),
            same!("s.sendfile(f)", "
client, conn = pair(); f = tempfile.TemporaryFile(); f.write(b'hello'); f.seek(0); say(client.sendfile(f))
print(conn.recv(9).decode())", {
                let ((mut client, conn), mut file) = (pair()?, tempfile::tempfile()?);
                file.write_all(b"hello")?;
                file.seek(SeekFrom::Start(0))?;
                format!("{}\n{}", io::copy(&mut file, &mut client)?, recv(&conn)?)
            }),
            same!("s.makefile('w')", "
client, conn = pair(); w = client.makefile('w'); w.write('hi'); conn.setblocking(False)
try: conn.recv(9)
except BlockingIOError: say('nothing yet')
w.flush(); conn.setblocking(True); print(conn.recv(9).decode())", {
                let (client, conn) = pair()?;
                let mut writer = BufWriter::new(&client);
                writer.write_all(b"hi")?;
                conn.set_nonblocking(true)?;
                assert_eq!(kind(recv(&conn)), "WouldBlock");
                writer.flush()?;
                conn.set_nonblocking(false)?;
                format!("nothing yet\n{}", recv(&conn)?)
            }),
            same!("data = s.recv(1024)", "
s = udp(); s.sendto(b'hello', s.getsockname()); s.sendto(b'x', s.getsockname())
print(s.recv(3).decode(), s.recv(3).decode())", {
                let (socket, mut buffer) = (udp()?, [0; 3]);
                socket.send_to(b"hello", socket.local_addr()?)?;
                socket.send_to(b"x", socket.local_addr()?)?;
                let first = socket.recv(&mut buffer)?;
                let first = text(&buffer[..first])?.to_owned();
                let second = socket.recv(&mut buffer)?;
                format!("{first} {}", text(&buffer[..second])?)
            }),
            same!("data, addr = s.recvfrom(1024)", "
s = udp(); s.sendto(b'', s.getsockname()); data, addr = s.recvfrom(9); say(len(data), addr == s.getsockname())", {
                let socket = udp()?;
                socket.send_to(b"", socket.local_addr()?)?;
                let (received, addr) = socket.recv_from(&mut [0; 9])?;
                format!("{received} {}", addr == socket.local_addr()?)
            }),
            differ!("data, addr = s.recvfrom(1024)", "
client, conn = pair(); client.sendall(b'hi'); data, addr = conn.recvfrom(9); say(data.decode(), addr)", "hi none", {
                let (mut client, conn) = pair()?;
                client.write_all(b"hi")?;
                recv(&conn)?
            }, "hi"),
            same!("iter(lambda: s.recv(1024), b'')", "
client, conn = pair(); client.sendall(bytes(5000)); client.close()
say(sum(len(d) for d in iter(lambda: conn.recv(1024), b'')))", {
                let ((mut client, conn), mut v) = (pair()?, Vec::new());
                client.write_all(&[0; 5000])?;
                drop(client);
                conn.take(1024 * 1024).read_to_end(&mut v)?
            }),
            same!("while len(x) < y: x += s.recv(z)", "
client, conn = pair(); client.sendall(b'0123456789'); data = b''
while len(data) < 4: data += conn.recv(4 - len(data))
print(data.decode())", {
                let ((mut client, mut conn), mut data) = (pair()?, vec![0; 4]);
                client.write_all(b"0123456789")?;
                conn.read_exact(&mut data)?;
                text(&data)?.to_owned()
            }),
            differ!("s.recv(n, socket.MSG_WAITALL)", "
client, conn = pair(); client.sendall(b'abc'); client.close(); say(len(conn.recv(5, socket.MSG_WAITALL)))", "3", {
                let (mut client, mut conn) = pair()?;
                client.write_all(b"abc")?;
                drop(client);
                kind(conn.read_exact(&mut [0; 5]))
            }, "UnexpectedEof"),
            same!("s.recv(n, socket.MSG_PEEK)", "
client, conn = pair(); client.sendall(b'abc'); print(conn.recv(9, socket.MSG_PEEK).decode(), conn.recv(9).decode())", {
                let ((mut client, conn), mut buffer) = (pair()?, [0; 9]);
                client.write_all(b"abc")?;
                let peeked = conn.peek(&mut buffer)?;
                format!("{} {}", text(&buffer[..peeked])?, recv(&conn)?)
            }),
            differ!("s.recv(n, socket.MSG_DONTWAIT)", "
client, conn = pair(); conn.settimeout(None); fails(conn.recv, 9, socket.MSG_DONTWAIT)", "BlockingIOError", {
                let (_client, conn) = pair()?;
                conn.set_nonblocking(true)?;
                kind(recv(&conn))
            }, "WouldBlock"),
            same!("s.recv_into(view[n:])", "
client, conn = pair(); client.sendall(b'abc'); b = bytearray(5); say(conn.recv_into(memoryview(b)[1:]), b)", {
                let ((mut client, mut conn), mut buffer) = (pair()?, [0; 5]);
                client.write_all(b"abc")?;
                format!("{} {}", conn.read(&mut buffer[1..])?, hex(&buffer))
            }),
            same!("s.recvfrom_into(buf)", "
s = udp(); s.sendto(b'abc', s.getsockname()); b = bytearray(5); say(s.recvfrom_into(b)[0], b)", {
                let (socket, mut buffer) = (udp()?, [0; 5]);
                socket.send_to(b"abc", socket.local_addr()?)?;
                format!("{} {}", socket.recv_from(&mut buffer)?.0, hex(&buffer))
            }),
            same!("s.recvmsg_into(bufs)", "
client, conn = pair(); client.sendall(b'abc'); a, b = bytearray(2), bytearray(2)
say(conn.recvmsg_into([a, b])[0], a, b)", {
                let ((mut client, mut conn), mut a, mut b) = (pair()?, [0; 2], [0; 2]);
                client.write_all(b"abc")?;
                let received = conn.read_vectored(&mut [IoSliceMut::new(&mut a), IoSliceMut::new(&mut b)])?;
                format!("{received} {} {}", hex(&a), hex(&b))
            }),
            same!("s.makefile('r')", "
client, conn = pair(); client.sendall(b'a\\nb\\n'); client.close(); say([line.rstrip() for line in conn.makefile()])", {
                let (mut client, conn) = pair()?;
                client.write_all(b"a\nb\n")?;
                drop(client);
                BufReader::new(&conn).take(100).lines().collect::<io::Result<Vec<_>>>()?.join(" ")
            }),
            differ!("s.recv(0)", "
client, conn = pair(); conn.settimeout(0.05); start = time.monotonic(); conn.recv(0)
say('waits' if time.monotonic() - start > 0.04 else 'at once')", "at once", {
                let (_client, mut conn) = pair()?;
                conn.set_read_timeout(Some(SHORT))?;
                let start = Instant::now();
                let _ = conn.read(&mut []);
                if start.elapsed() >= SHORT { "waits" } else { "at once" }
            }, "waits"),
            same!("socketserver.ThreadingTCPServer((HOST, PORT), handler) and server.shutdown() and \
self.wfile.write(data) and class Handler(socketserver.StreamRequestHandler): and \
server.serve_forever() and server.server_address", "
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile: self.wfile.write(line.upper())
with socketserver.ThreadingTCPServer(('127.0.0.1', 0), Handler) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    idle = socket.create_connection(server.server_address)
    c = socket.create_connection(server.server_address)
    c.sendall('h\\u00e9\\n'.encode()); print(c.makefile(encoding='utf-8').readline().strip())
    c.close(); idle.close(); server.shutdown()", "H\u{e9}"),
            same!("socketserver.UDPServer((HOST, PORT), handler) and \
class Handler(socketserver.DatagramRequestHandler): and \
with socketserver.TCPServer((HOST, PORT), handler) as server: and server.handle_request()", "
class Handler(socketserver.DatagramRequestHandler):
    def handle(self): self.wfile.write(self.rfile.readline()); self.wfile.write(b'!')
class Pair(socketserver.BaseRequestHandler):
    def handle(self): data, sock = self.request; sock.sendto(data.upper(), self.client_address)
for handler in (Handler, Pair):
    with socketserver.UDPServer(('127.0.0.1', 0), handler) as server:
        c = udp(); c.sendto(b'hello', server.server_address); server.handle_request(); print(c.recv(99).decode())", {
                let (server, client, mut buffer) = (udp()?, udp()?, [0; 8192]);
                let mut answers = Vec::new();
                for handler in 0..2 {
                    client.send_to(b"hello", server.local_addr()?)?;
                    let (received, addr) = server.recv_from(&mut buffer)?;
                    let data = &buffer[..received];
                    let answer = if handler == 0 { [data, b"!"].concat() } else { data.to_ascii_uppercase() };
                    server.send_to(&answer, addr)?;
                    let received = client.recv(&mut buffer)?;
                    answers.push(text(&buffer[..received])?.to_owned());
                }
                answers.join("\n")
            }),
            same!("socketserver.TCPServer((HOST, PORT), handler) and \
class Handler(socketserver.BaseRequestHandler): and self.request.recv(1024) and \
def handle_error(self, request, client_address): and self.client_address", "
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        data = self.request.recv(1024)
        if data == b'bad': raise ValueError
        self.request.sendall(data.upper() + self.client_address[0].encode())
class Server(socketserver.TCPServer):
    def handle_error(self, request, client_address): seen.append('error')
seen = []
with Server(('127.0.0.1', 0), Handler) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for message in (b'bad', b'good'):
        with socket.create_connection(server.server_address) as c: c.sendall(message); seen.append(c.recv(99).decode())
    server.shutdown()
print('|'.join(seen))", {
                fn handle(mut stream: TcpStream, addr: std::net::SocketAddr) -> io::Result<()> {
                    let mut buffer = [0; 1024];
                    let received = stream.read(&mut buffer)?;
                    if &buffer[..received] == b"bad" {
                        return Err(io::ErrorKind::InvalidData.into());
                    }
                    stream.write_all(&buffer[..received].to_ascii_uppercase())?;
                    stream.write_all(addr.ip().to_string().as_bytes())
                }
                let listener = TcpListener::bind("127.0.0.1:0")?;
                let mut seen = Vec::new();
                for message in ["bad", "good"] {
                    let mut client = TcpStream::connect(listener.local_addr()?)?;
                    client.write_all(message.as_bytes())?;
                    let (stream, addr) = listener.accept()?;
                    if handle(stream, addr).is_err() {
                        seen.push("error".to_owned());
                    }
                    let mut answer = String::new();
                    client.take(100).read_to_string(&mut answer)?;
                    seen.push(answer);
                }
                seen.join("|")
            }),
            same!("asyncio.open_connection(host, port) and asyncio.start_server(handle, host, port) and \
await reader.readline() and writer.close()", "
import asyncio
async def handle(reader, writer): writer.write((await reader.readline()).upper()); await writer.drain(); writer.close()
async def main():
    server = await asyncio.start_server(handle, '127.0.0.1', 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b'hello\\n'); print((await reader.read(100)).decode().strip()); server.close()
asyncio.run(main())", {
                let listener = TcpListener::bind("127.0.0.1:0")?;
                let mut client = TcpStream::connect(listener.local_addr()?)?;
                let serving = thread::spawn(move || -> io::Result<()> {
                    let (stream, _) = listener.accept()?;
                    let mut line = Vec::new();
                    BufReader::new(&stream).take(100).read_until(b'\n', &mut line)?;
                    (&stream).write_all(&line.to_ascii_uppercase())
                });
                client.write_all(b"hello\n")?;
                let answer = recv(&client)?;
                joined(serving)??;
                answer.trim_end().to_owned()
            }),
            same!("for client in clients: client.send(msg) and clients.append(conn)", "
clients = []; ends = []
for _ in range(2): a, b = pair(); clients.append(a); ends.append(b)
for client in clients: client.send(b'hi')
say([end.recv(9).decode() for end in ends])", {
                let (one, two) = (pair()?, pair()?);
                let mut clients = [one.0, two.0];
                for client in clients.iter_mut() {
                    client.write_all(b"hi")?;
                }
                format!("{} {}", recv(&one.1)?, recv(&two.1)?)
            }),
            same!("s.send(data, socket.MSG_NOSIGNAL)", "
client, conn = pair(); say(client.send(b'hi', socket.MSG_NOSIGNAL))", pair()?.0.write(b"hi")?),
            same!("threading.Thread(target=f, args=(conn,))", "
client, conn = pair(); seen = []; t = threading.Thread(target=lambda: seen.append(client.recv(9))); t.start()
client.sendall(b'to'); conn.sendall(conn.recv(9) + b'fro'); t.join(); print(seen[0].decode())", {
                let (client, mut conn) = pair()?;
                thread::scope(|scope| {
                    let reading = scope.spawn(|| recv(&client));
                    (&client).write_all(b"to")?;
                    let got = recv(&conn)?;
                    conn.write_all(format!("{got}fro").as_bytes())?;
                    reading.join().map_err(|_| io::Error::other("a thread panicked"))?
                })?
            }),
        ]);
    }

    #[rustfmt::skip]
    #[test]
    fn methods_options_and_names_are_as_the_page_says() {
        check(&[
            same!("s.getpeername()", "client, conn = pair(); say(client.getpeername() == conn.getsockname())", {
                let (client, conn) = pair()?;
                client.peer_addr()? == conn.local_addr()?
            }),
            same!("s.fileno()", "client, conn = pair(); say(client.fileno() > 2)", pair()?.0.as_raw_fd() > 2),
            differ!("s.dup()", "client, conn = pair(); d = client.dup(); client.settimeout(1); say(d.gettimeout())",
                "20.0", {
                    let (client, _conn) = pair()?;
                    let clone = client.try_clone()?;
                    client.set_read_timeout(Some(Duration::from_secs(1)))?;
                    shown(clone.read_timeout()?.map(|t| t.as_secs()))
                }, "1"),
            same!("s.settimeout(None) and s.gettimeout()", "
client, conn = pair(); client.settimeout(None); say(client.gettimeout())", {
                let (client, _conn) = pair()?;
                client.set_read_timeout(None)?;
                shown(client.read_timeout()?.map(|t| t.as_secs()))
            }),
            same!("s.get_inheritable()",
                "
client, conn = pair(); say(os.path.exists(f'/proc/self/fd/{client.fileno()}'), client.get_inheritable())",
                {
                    let (client, _conn) = pair()?;
                    let fd = client.as_raw_fd();
                    let flags = fs::read_to_string(format!("/proc/self/fdinfo/{fd}"))?;
                    let flags =
                        flags.lines().find_map(|line| line.strip_prefix("flags:")).map(str::trim).unwrap_or_default();
                    let flags = i32::from_str_radix(flags, 8).map_err(io::Error::other)?;
                    format!("true {}", flags & 0o2_000_000 == 0) // O_CLOEXEC
                }),
            same!("s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)", "
s = udp(); say(s.getsockopt(SOL_SOCKET, socket.SO_BROADCAST) != 0); s.setsockopt(SOL_SOCKET, socket.SO_BROADCAST, 1)
say(s.getsockopt(SOL_SOCKET, socket.SO_BROADCAST) != 0)", {
                    let socket = udp()?;
                    let before = socket.broadcast()?;
                    socket.set_broadcast(true)?;
                    format!("{before}\n{}", socket.broadcast()?)
                }),
            differ!("s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)", "
s = socket.socket(AF_INET, SOCK_DGRAM); fails(s.sendto, b'x', ('127.255.255.255', 9))", "PermissionError",
                kind(UdpSocket::bind("0.0.0.0:0")?.send_to(b"x", LOCAL_BROADCAST)), "PermissionDenied"),
            same!("s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)", "
client, conn = pair(); say(client.getsockopt(IPPROTO_TCP, socket.TCP_NODELAY) != 0)
client.setsockopt(IPPROTO_TCP, socket.TCP_NODELAY, 1)
say(client.getsockopt(IPPROTO_TCP, socket.TCP_NODELAY) != 0)", {
                    let (client, _conn) = pair()?;
                    let before = client.nodelay()?;
                    client.set_nodelay(true)?;
                    format!("{before}\n{}", client.nodelay()?)
                }),
            same!("s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)", "
client, conn = pair(); say(client.getsockopt(SOL_SOCKET, socket.SO_ERROR) == 0)", pair()?.0.take_error()?.is_none()),
            same!("socket.IP_TTL",
                "s = udp(); s.setsockopt(IPPROTO_IP, socket.IP_TTL, 7); say(s.getsockopt(IPPROTO_IP, socket.IP_TTL))", {
                    let socket = udp()?;
                    socket.set_ttl(7)?;
                    socket.ttl()?
                }),
            same!("socket.IP_MULTICAST_LOOP", "
s = udp()
say(s.getsockopt(IPPROTO_IP, socket.IP_MULTICAST_LOOP), s.getsockopt(IPPROTO_IP, socket.IP_MULTICAST_TTL))", {
                    let socket = udp()?;
                    format!("{} {}", u8::from(socket.multicast_loop_v4()?), socket.multicast_ttl_v4()?)
                }),
            same!("socket.IP_ADD_MEMBERSHIP", "
s = udp(); group = struct.pack('=4sl', socket.inet_aton('127.0.0.1'), socket.INADDR_ANY)
try: s.setsockopt(IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
except OSError as e: say(e.errno)", number(udp()?.join_multicast_v4(&Ipv4Addr::LOCALHOST, &Ipv4Addr::UNSPECIFIED))),
            same!("socket.getaddrinfo(host, port)", "say(socket.getaddrinfo('127.0.0.1', 80)[0][4])", {
                let addr = ("127.0.0.1", 80).to_socket_addrs()?.next().ok_or(io::ErrorKind::NotFound)?;
                format!("{} {}", addr.ip(), addr.port())
            }),
            differ!("socket.getaddrinfo(host, port)", "say(len(socket.getaddrinfo('127.0.0.1', 80)) > 1)", "true",
                ("127.0.0.1", 80).to_socket_addrs()?.count(), "1"),
            same!("socket.gethostbyname(host)", "say(socket.gethostbyname('localhost'))",
                shown(("localhost", 0).to_socket_addrs()?.map(|a| a.ip()).find(IpAddr::is_ipv4))),
            same!("socket.gethostbyname(socket.gethostname())",
                "s = udp(); s.connect(('127.0.0.1', 9)); say(s.getsockname()[0])", {
                    let socket = udp()?;
                    socket.connect("127.0.0.1:9")?;
                    socket.local_addr()?.ip()
                }),
            same!("socket.inet_aton(ip)", "say(socket.inet_aton('127.0.0.1'))",
                hex(&"127.0.0.1".parse::<Ipv4Addr>().map_err(io::Error::other)?.octets())),
            differ!("socket.inet_aton(ip)", "say(socket.inet_aton('127.1'), socket.inet_aton('010.0.0.1'))",
                "7f000001 08000001",
                format!("{} {}", "127.1".parse::<Ipv4Addr>().is_err(), "010.0.0.1".parse::<Ipv4Addr>().is_err()),
                "true true"),
            same!("socket.inet_ntoa(b)", "say(socket.inet_ntoa(bytes([1, 2, 3, 4])))", Ipv4Addr::from([1, 2, 3, 4])),
            same!("socket.inet_pton(socket.AF_INET6, text)", "say(socket.inet_pton(AF_INET6, '::1'))",
                hex(&"::1".parse::<Ipv6Addr>().map_err(io::Error::other)?.octets())),
            same!("socket.inet_ntop(socket.AF_INET6, b)", "say(socket.inet_ntop(AF_INET6, bytes(15) + bytes([1])))",
                Ipv6Addr::from(1_u128)),
            same!("addr[0]", "client, conn = pair(); host, port = client.getpeername(); say(host, port > 0)", {
                let addr = pair()?.0.peer_addr()?;
                format!("{} {}", addr.ip(), addr.port() > 0)
            }),
            differ!("('', 8080)", "s = socket.socket(); s.bind(('', 0)); say(s.getsockname()[0])", "0.0.0.0",
                TcpListener::bind(("", 0)).is_err(), "true"),
            same!("socket.INADDR_LOOPBACK", "say(socket.inet_ntoa(struct.pack('!I', socket.INADDR_LOOPBACK)))",
                Ipv4Addr::LOCALHOST),
            same!("socket.INADDR_BROADCAST", "say(socket.inet_ntoa(struct.pack('!I', socket.INADDR_BROADCAST)))",
                Ipv4Addr::BROADCAST),
            same!("socket.INADDR_ANY", "say(socket.inet_ntoa(struct.pack('!I', socket.INADDR_ANY)))",
                Ipv4Addr::UNSPECIFIED),
            differ!("allow_reuse_address = True", "say(socketserver.TCPServer.allow_reuse_address)", "false", true,
                "true"),
            differ!("request_queue_size = 5", "say(socketserver.TCPServer.request_queue_size)", "5", 128, "128"),
            same!("data, sock = self.request", "say(socketserver.UDPServer.max_packet_size)", 8192),
            same!("socket.IP_MULTICAST_TTL and socket.SOL_SOCKET", "
s = udp(); s.setsockopt(IPPROTO_IP, socket.IP_MULTICAST_TTL, 3)
say(s.getsockopt(IPPROTO_IP, socket.IP_MULTICAST_TTL))", {
                let socket = udp()?;
                socket.set_multicast_ttl_v4(3)?;
                socket.multicast_ttl_v4()?
            }),
            same!("struct.pack('4sl', group, socket.INADDR_ANY) and socket.IP_DROP_MEMBERSHIP", "
s = udp(); group = struct.pack('=4s4s', socket.inet_aton('224.0.0.251'), socket.inet_aton('127.0.0.1')); seen = []
for option in (socket.IP_DROP_MEMBERSHIP, socket.IP_ADD_MEMBERSHIP, socket.IP_DROP_MEMBERSHIP):
    try: s.setsockopt(IPPROTO_IP, option, group); seen.append('no error')
    except OSError as e: seen.append(e.errno)
say(seen)", {
                let (socket, group) = (udp()?, Ipv4Addr::new(224, 0, 0, 251));
                let leave = || number(socket.leave_multicast_v4(&group, &Ipv4Addr::LOCALHOST));
                [leave(), number(socket.join_multicast_v4(&group, &Ipv4Addr::LOCALHOST)), leave()].join(" ")
            }),
        ]);
    }

    #[rustfmt::skip]
    #[test]
    fn time_outs_and_exceptions_are_as_the_page_says() {
        check(&[
            differ!("s.settimeout(2.5) and except socket.timeout:", "
client, conn = pair(); conn.settimeout(0.05); fails(conn.recv, 9)
say(socket.timeout is TimeoutError)", "TimeoutError\ntrue", {
                    let (_client, conn) = pair()?;
                    conn.set_read_timeout(Some(SHORT))?;
                    kind(recv(&conn))
                }, "WouldBlock"),
            differ!("s.settimeout(0)", "client, conn = pair(); conn.settimeout(0); fails(conn.recv, 9)",
                "BlockingIOError", kind(pair()?.0.set_read_timeout(Some(Duration::ZERO))), "InvalidInput"),
            differ!("except BlockingIOError:", "client, conn = pair(); conn.setblocking(False); fails(conn.recv, 9)",
                "BlockingIOError", {
                    let (_client, conn) = pair()?;
                    conn.set_nonblocking(true)?;
                    kind(recv(&conn))
                }, "WouldBlock"),
            differ!("s.setblocking(False)", "
client, conn = pair(); d = conn.dup(); conn.setblocking(False); d.settimeout(0.05)
fails(d.recv, 9)", "TimeoutError", {
                    let (_client, conn) = pair()?;
                    let clone = conn.try_clone()?;
                    conn.set_nonblocking(true)?;
                    kind(recv(clone)) // at once
                }, "WouldBlock"),
            same!("socket.setdefaulttimeout(5)", "
s = socket.create_server(('127.0.0.1', 0)); s.settimeout(5); c = socket.create_connection(s.getsockname())
say(s.accept()[0].gettimeout())", {
                    let listener = TcpListener::bind("127.0.0.1:0")?;
                    let _client = TcpStream::connect(listener.local_addr()?)?;
                    shown(listener.accept()?.0.read_timeout()?.map(|t| t.as_secs()))
                }),
            differ!("str(e)", "
s = socket.create_server(('127.0.0.1', 0)); addr = s.getsockname(); s.close()
try: socket.socket().connect(addr)
except OSError as e: print(e)", "[Errno 111] Connection refused", {
                    let addr = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
                    TcpStream::connect(addr).map_or_else(|e| e.to_string(), |_| String::new())
                }, "Connection refused (os error 111)"),
            differ!("except ConnectionRefusedError:", "
s = socket.create_server(('127.0.0.1', 0)); addr = s.getsockname(); s.close(); fails(socket.socket().connect, addr)",
                "ConnectionRefusedError", {
                    let addr = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
                    kind(TcpStream::connect(addr))
                }, "ConnectionRefused"),
            differ!("except BrokenPipeError:", "a, b = socket.socketpair(); b.close(); fails(a.send, b'x')",
                "BrokenPipeError", {
                    let (mut a, b) = UnixStream::pair()?;
                    drop(b);
                    kind(a.write_all(b"x"))
                }, "BrokenPipe"),
            differ!("except FileNotFoundError:",
                "fails(open, '/no/such/file'); fails(subprocess.run, ['/no/such/program'])",
                "FileNotFoundError\nFileNotFoundError",
                format!("{}\n{}", kind(File::open("/no/such/file")), kind(Command::new("/no/such/program").spawn())),
                "NotFound\nNotFound"),
            differ!("except FileExistsError:", "fails(os.mkdir, '/')", "FileExistsError", kind(fs::create_dir("/")),
                "AlreadyExists"),
            differ!("except IsADirectoryError:", "fails(open, '/', 'wb'); fails(open, '/dev/null/x')",
                "IsADirectoryError\nNotADirectoryError",
                format!("{}\n{}", kind(File::create("/")), kind(File::open("/dev/null/x"))),
                "IsADirectory\nNotADirectory"),
            differ!("except IsADirectoryError:", "fails(open, '/', 'rb')", "IsADirectoryError", {
                    let opened = File::open("/").is_ok();
                    format!("{opened} {}", kind(fs::read("/")))
                }, "true IsADirectory"),
            differ!("errno.EADDRINUSE", "
s = socket.create_server(('127.0.0.1', 0))
try: socket.socket().bind(s.getsockname())
except OSError as e: print(errno.errorcode[e.errno])", "EADDRINUSE", {
                    let listener = TcpListener::bind("127.0.0.1:0")?;
                    kind(TcpListener::bind(listener.local_addr()?))
                }, "AddrInUse"),
            differ!("errno.EADDRNOTAVAIL", "
try: socket.socket().bind(('192.0.2.1', 0))
except OSError as e: print(errno.errorcode[e.errno])", "EADDRNOTAVAIL", kind(TcpListener::bind("192.0.2.1:0")),
                "AddrNotAvailable"),
            differ!("errno.ENOTCONN", "
try: udp().getpeername()
except OSError as e: print(errno.errorcode[e.errno])", "ENOTCONN", kind(udp()?.peer_addr()), "NotConnected"),
            differ!("errno.EBADF", "
s = udp(); s.close(); say(s.fileno())
try: s.recv(9)
except OSError as e: print(errno.errorcode[e.errno])", "-1\nEBADF", "does not compile", "does not compile"),
            differ!("except OverflowError:", "fails(socket.socket().connect, ('127.0.0.1', 99999))", "OverflowError",
                kind(TcpStream::connect("127.0.0.1:99999")), "InvalidInput"),
            differ!("except UnicodeDecodeError:", "fails(io.TextIOWrapper(io.BytesIO(b'\\xff'), 'utf-8').readline)",
                "UnicodeDecodeError", kind((&b"\xff"[..]).read_line(&mut String::new())), "InvalidData"),
            differ!("'embedded null byte'", "fails(subprocess.run, 'echo \\0', shell=True)", "ValueError",
                kind(sh("echo \0").spawn()), "InvalidInput"),
            differ!("except EOFError:", "fails(input)", "EOFError", kind((&b"ab"[..]).read_exact(&mut [0; 4])),
                "UnexpectedEof"),
            differ!("except PermissionError:", "
s = socket.socket(AF_INET, SOCK_DGRAM); fails(s.connect, ('127.255.255.255', 9))", "PermissionError",
                kind(UdpSocket::bind("0.0.0.0:0")?.connect(LOCAL_BROADCAST)), "PermissionDenied"),
            same!("e.errno", "say(errno.EPIPE, errno.EMSGSIZE, errno.EMFILE)", "32 90 24"),
            same!("select.select([s], [], [], 5)", "
client, conn = pair(); say(len(select.select([conn], [], [], 0.05)[0])); client.sendall(b'x')
say(len(select.select([conn], [], [], 20)[0]))", {
                    let (mut client, conn) = pair()?;
                    conn.set_read_timeout(Some(SHORT))?;
                    let before = usize::from(conn.peek(&mut [0]).is_ok());
                    client.write_all(b"x")?;
                    conn.set_read_timeout(Some(PATIENCE))?;
                    format!("{before}\n{}", conn.peek(&mut [0])?)
                }),
        ]);
    }

    #[rustfmt::skip]
    #[test]
    fn numbers_of_errors_names_of_the_system_and_small_things_are_as_the_page_says() {
        let kind_of = |number| io::Error::from_raw_os_error(number).kind();
        let kinds = [4, 101, 103, 110, 113].map(|number| format!("{:?}", kind_of(number))).join(" ");
        assert_eq!(kinds, "Interrupted NetworkUnreachable ConnectionAborted TimedOut HostUnreachable");
        check(&[
            same!("errno.EINTR and errno.ENETUNREACH and errno.ECONNABORTED and errno.ETIMEDOUT and errno.EHOSTUNREACH",
                "say(errno.EINTR, errno.ENETUNREACH, errno.ECONNABORTED, errno.ETIMEDOUT, errno.EHOSTUNREACH)",
                "4 101 103 110 113"),
            same!("os.strerror(n)", "say(f'{os.strerror(2)} (os error 2)')", io::Error::from_raw_os_error(2)),
            differ!("e.strerror", "say(OSError(111, os.strerror(111)).strerror)", "Connection refused",
                io::Error::from_raw_os_error(111), "Connection refused (os error 111)"),
            same!("raise ValueError(text)", "
try: raise ValueError('text')
except ValueError as e: print(e)", io::Error::other("text")),
            same!("struct.pack('!i', n) and struct.unpack('!i', b)[0] and struct.pack(format, a, b)",
                "
b = bytes.fromhex('fffffffe'); say(struct.pack('!i', -2), struct.unpack('!i', b)[0], struct.pack('!HI', 1, 2))", {
                    let n = i32::from_be_bytes(b"\xff\xff\xff\xfe"[..].try_into().map_err(io::Error::other)?);
                    let both = [&1_u16.to_be_bytes()[..], &2_u32.to_be_bytes()].concat();
                    format!("{} {n} {}", hex(&(-2_i32).to_be_bytes()), hex(&both))
                }),
            same!("bytes() and bytearray()", "say(bytes() == bytearray() == b'')", Vec::<u8>::new() == b""),
            same!("open(path, 'w+') and open(path, 'w+b')", "
p = tempfile.mkdtemp() + '/f'; f = open(p, 'w+b'); f.write(b'abc'); f.seek(0); say(f.read())", {
                let folder = tempfile::tempdir()?;
                let path = folder.path().join("f");
                let mut file = File::options().read(true).write(true).create(true).truncate(true).open(path)?;
                file.write_all(b"abc")?;
                file.rewind()?;
                let mut data = Vec::new();
                file.read_to_end(&mut data)?;
                hex(&data)
            }),
            same!("os.read(fd, n) and os.write(fd, data)", "
r, w = os.pipe(); os.write(w, b'hi'); say(os.read(r, 9)); os.close(r); os.close(w)", {
                let (reader, mut writer) = UnixStream::pair()?;
                writer.write_all(b"hi")?;
                let mut buffer = [0; 9];
                let received = File::from(OwnedFd::from(reader)).read(&mut buffer)?;
                hex(&buffer[..received])
            }),
            same!("socket.SO_RCVTIMEO", "
s = udp(); s.setsockopt(SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 2, 0))
say(struct.unpack('ll', s.getsockopt(SOL_SOCKET, socket.SO_RCVTIMEO, 16))[0])", {
                let socket = udp()?;
                socket.set_read_timeout(Some(Duration::from_secs(2)))?;
                shown(socket.read_timeout()?.map(|t| t.as_secs()))
            }),
            same!("sys.maxsize", "say(sys.maxsize)", isize::MAX),
            differ!("sys.getsizeof(x)", "say(sys.getsizeof(5))", "28", size_of_val(&5), "4"),
            same!("hash(x)", "say(hash('a') == hash('a'))", {
                let hashed = || {
                    let mut hasher = DefaultHasher::new();
                    "a".hash(&mut hasher);
                    hasher.finish()
                };
                hashed() == hashed()
            }),
            same!("next(it)", "say(next(iter(range(7, 9))))", shown((7..9).next())),
            differ!("threading.current_thread().name", "
names = []; t = threading.Thread(target=lambda: names.append(threading.current_thread().name)); t.start(); t.join()
say(names[0].startswith('Thread-'))", "true",
                shown(joined(thread::Builder::new().spawn(|| thread::current().name().map(str::to_owned))?)?), "none"),
        ]);
    }

    #[rustfmt::skip]
    #[test]
    fn threads_and_queues_are_as_the_page_says() {
        check(&[
            same!("threading.Thread(target=f, name='worker') and t.getName()", "
t = threading.Thread(target=int, name='worker'); t.start(); t.join(); say(t.name)", {
                let handle = thread::Builder::new().name("worker".to_owned()).spawn(|| 0)?;
                let name = shown(handle.thread().name());
                joined(handle)?;
                name
            }),
            same!("threading.Thread(target=f, args=(conn,)).start() and t.join() and t.is_alive()", "
seen = []
t = threading.Thread(target=lambda n: seen.append((threading.current_thread().name, n)), args=(5,), name='worker')
t.start(); t.join(); say(seen[0], t.is_alive())", {
                let handle = thread::Builder::new().name("worker".to_owned()).spawn(move || {
                    (thread::current().name().map(str::to_owned), 5)
                })?;
                let (name, n) = joined(handle)?;
                format!("{} {n} false", shown(name))
            }),
            differ!("threading.excepthook", "
threading.excepthook = lambda args: None; t = threading.Thread(target=lambda: 1 / 0); t.start()
say(t.join())", "none",
                thread::spawn(|| "many".parse::<i32>()).join().is_ok_and(|result| result.is_err()), "true"),
            same!("q = queue.Queue()", "
q = queue.Queue(); threading.Thread(target=lambda: [q.put(n) for n in range(3)]).start()
say(q.get(), q.get(), q.get())", {
                let (sender, receiver) = mpsc::channel();
                let sending = thread::spawn(move || (0..3).try_for_each(|n| sender.send(n)));
                let got: Vec<_> = receiver.iter().map(|n| n.to_string()).collect();
                joined(sending)?.map_err(io::Error::other)?;
                got.join(" ")
            }),
            differ!("q.get(timeout=5)", "
fails(queue.Queue().get, timeout=0.05); fails(queue.Queue().get_nowait)", "Empty\nEmpty", {
                let (_sender, receiver) = mpsc::channel::<()>();
                format!("{:?} {:?}", receiver.recv_timeout(SHORT), receiver.try_recv())
            }, "Err(Timeout) Err(Empty)"),
            differ!("queue.Full and queue.Queue(maxsize=10) and q.put(item)", "
q = queue.Queue(maxsize=1); q.put(1); fails(q.put_nowait, 2)", "Full", {
                let (sender, _receiver) = mpsc::sync_channel(1);
                sender.send(1).map_err(io::Error::other)?;
                matches!(sender.try_send(2), Err(TrySendError::Full(2)))
            }, "true"),
            same!("with lock: and lock = threading.Lock()", "
lock = threading.Lock(); total = 0
def add():
    global total
    for _ in range(1000):
        with lock: total += 1
threads = [threading.Thread(target=add) for _ in range(4)]
for t in threads: t.start()
for t in threads: t.join()
say(total)", {
                let total = Arc::new(Mutex::new(0));
                let add = |total: Arc<Mutex<i32>>| move || (0..1000).for_each(|_| *total.lock().unwrap() += 1);
                let threads: Vec<_> = (0..4).map(|_| thread::spawn(add(Arc::clone(&total)))).collect();
                for thread in threads {
                    joined(thread)?;
                }
                total.lock().unwrap().to_string()
            }),
            same!("with lock:", "
lock = threading.Lock()
def fail():
    with lock: raise ValueError
threading.excepthook = lambda args: None; t = threading.Thread(target=fail); t.start(); t.join()
with lock: say('goes on')", {
                let lock = Arc::new(Mutex::new(()));
                let held = Arc::clone(&lock);
                let failed = thread::spawn(move || {
                    let _guard = held.lock().unwrap();
                    panic!("on purpose");
                });
                assert!(failed.join().is_err() && lock.lock().is_err());
                let _guard = lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                "goes on"
            }),
            same!("lock.acquire(blocking=False)", "
lock = threading.Lock(); lock.acquire(); say(lock.acquire(blocking=False))", {
                let lock = Mutex::new(());
                let _guard = lock.lock().unwrap();
                lock.try_lock().is_ok()
            }),
            same!("threading.Timer(5, f).start()", "
seen = []; t = threading.Timer(60, lambda: seen.append(1)); t.start(); t.cancel(); t.join(); say(len(seen))
t = threading.Timer(0.01, lambda: seen.append(1)); t.start(); t.join(); say(len(seen))", {
                let timer = |receiver: mpsc::Receiver<()>, t| {
                    thread::spawn(move || u8::from(receiver.recv_timeout(t) == Err(RecvTimeoutError::Timeout)))
                };
                let (cancel, cancelled) = mpsc::channel();
                let cancelled = timer(cancelled, PATIENCE);
                drop(cancel);
                let (_sender, receiver) = mpsc::channel();
                format!("{}\n{}", joined(cancelled)?, joined(timer(receiver, SHORT))?)
            }),
            same!("event.wait(timeout=5)", "
say(threading.Event().wait(timeout=0.05)); e = threading.Event(); e.set(); say(e.wait(timeout=20))", {
                let (set, waiting) = mpsc::channel::<()>();
                let before = waiting.recv_timeout(SHORT) == Err(RecvTimeoutError::Disconnected);
                drop(set);
                format!("{before}\n{}", waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Disconnected))
            }),
            same!("threading.Barrier(2)", "
b = threading.Barrier(2); t = threading.Thread(target=b.wait); t.start(); b.wait(); t.join(); say('both')", {
                let barrier = Arc::new(Barrier::new(2));
                let other = Arc::clone(&barrier);
                let thread = thread::spawn(move || other.wait().is_leader());
                barrier.wait();
                joined(thread)?;
                "both"
            }),
            same!("executor.map(f, items)", "
with concurrent.futures.ThreadPoolExecutor(max_workers=4) as executor:
    say(list(executor.map(lambda x: x * x, [1, 2, 3])))", {
                thread::scope(|scope| {
                    let square = |x: i32| scope.spawn(move || (x * x).to_string());
                    let threads: Vec<_> = [1, 2, 3].into_iter().map(square).collect();
                    threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>().join(" ")
                })
            }),
            same!("event = threading.Event()", "e = threading.Event(); a = e.is_set(); e.set(); say(a, e.is_set())", {
                let event = AtomicBool::new(false);
                let before = event.load(Ordering::SeqCst);
                event.store(true, Ordering::SeqCst);
                format!("{before} {}", event.load(Ordering::SeqCst))
            }),
            same!("threading.Condition()", "
c = threading.Condition(); ready = []
def tell():
    with c: ready.append(1); c.notify_all()
t = threading.Thread(target=tell)
with c: t.start(); c.wait_for(lambda: ready, timeout=20); say(len(ready))", {
                let shared = Arc::new((Mutex::new(0), Condvar::new()));
                let other = Arc::clone(&shared);
                let telling = thread::spawn(move || {
                    *other.0.lock().unwrap() += 1;
                    other.1.notify_all();
                });
                let ready = shared.0.lock().unwrap();
                let ready = *shared.1.wait_while(ready, |ready| *ready == 0).unwrap();
                joined(telling)?;
                ready
            }),
            same!("class ClientThread(threading.Thread): and _thread.start_new_thread(f, (conn,))", "
class ClientThread(threading.Thread):
    def __init__(self, n): threading.Thread.__init__(self); self.n = n
    def run(self): self.n += 1
t = ClientThread(4); t.start(); t.join(); say(t.n)", {
                struct Client {
                    n: i32,
                }
                impl Client {
                    fn run(mut self) -> i32 {
                        self.n += 1;
                        self.n
                    }
                }
                let client = Client { n: 4 };
                joined(thread::spawn(move || client.run()))?
            }),
            same!("threading.local()", "
l = threading.local(); l.n = 1; seen = []; t = threading.Thread(target=lambda: seen.append(hasattr(l, 'n')))
t.start(); t.join(); say(seen[0], l.n)", {
                thread_local! { static N: std::cell::Cell<i32> = const { std::cell::Cell::new(0) } }
                N.set(1);
                let other = joined(thread::spawn(|| N.get() != 0))?;
                format!("{other} {}", N.get())
            }),
        ]);
    }

    #[rustfmt::skip]
    #[test]
    fn commands_run_as_the_page_says() {
        check(&[
            same!("subprocess.Popen(cmd, shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) and shell=True and \
stdout=subprocess.PIPE and out, err = p.communicate()", "
p = subprocess.Popen('echo a; echo b >&2', shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
out, err = p.communicate(); say(out, err, p.returncode)", {
                    let mut command = sh("echo a; echo b >&2");
                    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
                    let output = child.wait_with_output()?;
                    format!("{} {} {}", hex(&output.stdout), hex(&output.stderr), shown(output.status.code()))
                }),
            same!("subprocess.run(['ls', '-l'])", "say(subprocess.run(['echo', 'a b'], stdout=subprocess.PIPE).stdout)",
                hex(&Command::new("echo").arg("a b").output()?.stdout)),
            same!("subprocess.call(cmd)",
                "say(subprocess.call('exit 3', shell=True), subprocess.run('exit 4', shell=True).returncode)",
                format!("{} {}", shown(sh("exit 3").status()?.code()), shown(sh("exit 4").status()?.code()))),
            differ!("subprocess.check_output(cmd, shell=True)", "fails(subprocess.check_output, 'exit 3', shell=True)",
                "CalledProcessError", sh("exit 3").output()?.status.success(), "false"),
            same!("subprocess.getoutput(cmd)", "say(subprocess.getoutput('echo a; echo b >&2; echo').encode())", {
                let cmd = "echo a; echo b >&2; echo";
                let mut output = Command::new("/bin/sh").arg("-c").arg(format!("{{ {cmd}\n}} 2>&1")).output()?.stdout;
                output.pop(); // one newline
                hex(&output)
            }),
            same!("os.popen(cmd).read()", "print(os.popen('echo a').read())",
                stdout(&sh("echo a").stderr(Stdio::inherit()).output()?).trim_end()),
            differ!("os.system(cmd)", "say(os.system('exit 3'))", "768", shown(sh("exit 3").status()?.code()), "3"),
            same!("stdin=subprocess.DEVNULL",
                "say(len(subprocess.run('cat', stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout))",
                Command::new("cat").stdin(Stdio::null()).output()?.stdout.len()),
            differ!("subprocess.run(cmd, capture_output=True)", "
r, w = os.pipe(); os.write(w, b'x'); os.close(w); old = os.dup(0); os.dup2(r, 0)
say(subprocess.run('cat', shell=True, capture_output=True).stdout); os.dup2(old, 0)", "78",
                sh("cat").output()?.stdout.len(), "0"),
            same!("stderr=subprocess.STDOUT", "
say(subprocess.run('echo a; echo b >&2', shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout)",
                hex(&sh("{ echo a; echo b >&2\n} 2>&1").output()?.stdout)),
            same!("stdout=f", "
f = tempfile.TemporaryFile(); subprocess.run(['echo', 'a'], stdout=f); f.seek(0); say(f.read())", {
                    let mut file = tempfile::tempfile()?;
                    Command::new("echo").arg("a").stdout(Stdio::from(file.try_clone()?)).status()?;
                    file.seek(SeekFrom::Start(0))?;
                    let mut content = Vec::new();
                    file.read_to_end(&mut content)?;
                    hex(&content)
                }),
            same!("cwd=path", "
p = subprocess.run('pwd; echo $A', shell=True, cwd='/', env={'A': '5'}, stdout=subprocess.PIPE, text=True)
print(p.stdout.strip())",
                stdout(&sh("pwd; echo $A").current_dir("/").env_clear().env("A", "5").output()?).trim_end()),
            same!("p.communicate(input=data)", "
p = subprocess.Popen(['sort'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
say(p.communicate(input=b'b\\na\\n')[0])", {
                    let mut child = Command::new("sort").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
                    if let Some(mut stdin) = child.stdin.take() {
                        stdin.write_all(b"b\na\n")?;
                    }
                    hex(&child.wait_with_output()?.stdout)
                }),
            same!("p.stdout.readline()", "
p = subprocess.Popen('echo a; echo b', shell=True, stdout=subprocess.PIPE)
say([line.strip().decode() for line in p.stdout])", {
                    let mut child = sh("echo a; echo b").stdout(Stdio::piped()).spawn()?;
                    let lines = child
                        .stdout
                        .take()
                        .map(|out| BufReader::new(out.take(100)).lines().collect::<io::Result<Vec<_>>>());
                    child.wait()?;
                    lines.transpose()?.unwrap_or_default().join(" ")
                }),
            same!("p.wait()", "
p = subprocess.Popen('cat', stdin=subprocess.PIPE); say(p.poll()); p.stdin.close(); say(p.wait())", {
                    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn()?;
                    let before = shown(child.try_wait()?.and_then(|status| status.code()));
                    format!("{before}\n{}", shown(child.wait()?.code())) // wait closes stdin
                }),
            differ!("p.returncode", "p = subprocess.Popen(['sleep', '60']); p.kill(); say(p.wait())", "-9", {
                    let mut child = Command::new("sleep").arg("60").spawn()?;
                    child.kill()?;
                    let status = child.wait()?;
                    format!("{} {}", shown(status.code()), shown(status.signal()))
                }, "none 9"),
            differ!("text=True", "
run = lambda cmd: subprocess.run(cmd, shell=True, stdout=subprocess.PIPE, text=True).stdout
say(run(\"printf 'a\\\\r\\\\nb'\").encode()); fails(run, \"printf '\\\\377'\")", "610a62\nUnicodeDecodeError", format!(
                    "{} {}",
                    hex(&sh("printf 'a\\r\\nb'").output()?.stdout),
                    String::from_utf8_lossy(&sh("printf '\\377'").output()?.stdout)
                ), "610d0a62 \u{fffd}"),
            same!("p.pid", "p = subprocess.Popen(['true']); say(p.pid > 1); p.wait()", {
                let mut child = Command::new("true").spawn()?;
                child.wait()?;
                child.id() > 1
            }),
            differ!("subprocess.run(cmd, check=True)", "
fails(subprocess.run, 'exit 3', shell=True, check=True)", "CalledProcessError",
                sh("exit 3").status()?.success(), "false"),
            same!("p.kill()", "
p = subprocess.Popen('sleep 60 & echo $!; wait', shell=True, stdout=subprocess.PIPE); pid = int(p.stdout.readline())
p.kill(); p.wait(); os.kill(pid, 0); say('still runs'); os.kill(pid, signal.SIGKILL)", {
                let mut child = sh("sleep 60 & echo $!; wait").stdout(Stdio::piped()).spawn()?;
                let mut line = String::new();
                child.stdout.take().map_or(Ok(0), |out| BufReader::new(out).read_line(&mut line))?;
                child.kill()?;
                child.wait()?;
                let is_there = Command::new("kill").args(["-0", line.trim()]).status()?.success();
                Command::new("kill").args(["-KILL", line.trim()]).status()?;
                if is_there { "still runs" } else { "ended" }
            }),
            differ!("start_new_session=True", "
p = subprocess.Popen(['cat'], stdin=subprocess.PIPE, start_new_session=True)
say(os.getpgid(p.pid) == p.pid, os.getsid(p.pid) == p.pid); p.communicate()", "true true", {
                let mut child = Command::new("cat").stdin(Stdio::piped()).process_group(0).spawn()?;
                let pid = child.id().to_string();
                let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
                let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
                child.wait()?;
                format!("{} {}", fields[2] == pid, fields[3] == pid)
            }, "true false"),
            same!("p.stdout.read() + p.stderr.read()", "
p = subprocess.Popen('echo a; echo b >&2', shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
say(p.stdout.read() + p.stderr.read())", {
                let output = sh("echo a; echo b >&2").output()?;
                hex(&[output.stdout, output.stderr].concat())
            }),
            differ!("p.stdout.read() + p.stderr.read()", "
p = subprocess.Popen('head -c 300000 /dev/zero >&2', shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
t = threading.Thread(target=p.stdout.read, daemon=True); t.start(); t.join(0.2)
say('waits' if t.is_alive() else 'ends')
p.stderr.read(); t.join(); p.wait()", "waits", sh("head -c 300000 /dev/zero >&2").output()?.stderr.len(), "300000"),
        ]);
    }

    #[rustfmt::skip]
    #[test]
    fn files_are_as_the_page_says() {
        check(&[
            same!("open(path, 'a+')", "
p = tempfile.mkdtemp() + '/f'
with open(p, 'a+') as f: f.write('ab'); f.seek(0); say(f.read(9))", {
                    let folder = tempfile::tempdir()?;
                    let path = folder.path().join("f");
                    let mut file = File::options().append(true).create(true).read(true).open(&path)?;
                    file.write_all(b"ab")?;
                    file.seek(SeekFrom::Start(0))?;
                    io::read_to_string(&file)?
                }),
            same!("open(path, 'wb') and open(path, 'rb') and f.read(1024) and f.write(data) and f.seek(0) and \
os.path.getsize(path) and os.path.exists(path)", "
p = tempfile.mkdtemp() + '/f'
with open(p, 'wb') as f: f.write(b'hello')
with open(p, 'ab') as f: f.write(b'!')
with open(p, 'rb') as f: say(f.read(2), f.tell(), f.read(100)); f.seek(1); say(f.read(1))
say(os.path.getsize(p), os.stat(p).st_size, os.path.exists(p), os.path.isdir(p)); open(p, 'wb').close()
say(os.path.getsize(p))", {
                    let folder = tempfile::tempdir()?;
                    let path = folder.path().join("f");
                    File::create(&path)?.write_all(b"hello")?;
                    File::options().append(true).create(true).open(&path)?.write_all(b"!")?;
                    let (mut file, mut two, mut rest, mut one) = (File::open(&path)?, [0; 2], Vec::new(), [0; 1]);
                    file.read_exact(&mut two)?;
                    let position = file.stream_position()?;
                    (&file).take(100).read_to_end(&mut rest)?;
                    file.seek(SeekFrom::Start(1))?;
                    file.read_exact(&mut one)?;
                    let size = fs::metadata(&path)?.len();
                    let facts = format!("{size} {size} {} {}", path.exists(), path.is_dir());
                    File::create(&path)?;
                    format!(
                        "{} {position} {}\n{}\n{facts}\n{}",
                        hex(&two),
                        hex(&rest),
                        hex(&one),
                        fs::metadata(&path)?.len()
                    )
                }),
            differ!("open(path, 'x')", "p = tempfile.mkdtemp() + '/f'; open(p, 'x').close(); fails(open, p, 'x')",
                "FileExistsError", {
                    let folder = tempfile::tempdir()?;
                    File::create_new(folder.path().join("f"))?;
                    kind(File::create_new(folder.path().join("f")))
                }, "AlreadyExists"),
            differ!("for line in f:", "f = io.StringIO('a\\nb'); say([len(line) for line in f])", "2 1", (&b"a\nb"[..])
                    .lines()
                    .map(|line| line.map(|line| line.len().to_string()))
                    .collect::<io::Result<Vec<_>>>()?
                    .join(" "), "1 1"),
            same!("os.path.basename(path) and os.path.dirname(path) and os.path.join(a, b)",
                "say(os.path.basename('a/b.txt'), os.path.dirname('a/b.txt'), os.path.join('a', '/b'))", format!(
                    "{} {} {}",
                    shown(Path::new("a/b.txt").file_name().map(|name| name.to_string_lossy())),
                    shown(Path::new("a/b.txt").parent().map(|path| path.display())),
                    Path::new("a").join(String::from("/b")).display()
                )),
            differ!("os.path.basename(path)", "say(os.path.basename('..'), len(os.path.basename('a/b/')))", ".. 0",
                format!("{:?} {:?}", Path::new("..").file_name(), Path::new("a/b/").file_name()), "None Some(\"b\")"),
            differ!("os.path.splitext(path)", "print(os.path.splitext('a/b.tar.gz'))", "('a/b.tar', '.gz')", {
                    let path = Path::new("a/b.tar.gz");
                    format!("{:?} {:?}", path.file_stem(), path.extension())
                }, "Some(\"b.tar\") Some(\"gz\")"),
            differ!("os.path.abspath(path)", "say(os.path.abspath('/a/../b'))", "/b",
                std::path::absolute("/a/../b")?.display(), "/a/../b"),
            same!("os.path.realpath(path)", "say(os.path.realpath('/usr/..'))", fs::canonicalize("/usr/..")?.display()),
            same!("os.listdir(path) and os.makedirs(path, exist_ok=True) and os.rename(a, b) and os.remove(path)", "
p = tempfile.mkdtemp(); os.makedirs(p + '/a/b', exist_ok=True); os.makedirs(p + '/a', exist_ok=True)
open(p + '/f', 'w').close()
say(sorted(os.listdir(p))); os.rename(p + '/f', p + '/g'); os.remove(p + '/g'); shutil.rmtree(p + '/a')
say(os.listdir(p) == [])", {
                    let folder = tempfile::tempdir()?;
                    let path = folder.path();
                    fs::create_dir_all(path.join("a/b"))?;
                    fs::create_dir_all(path.join("a"))?;
                    File::create(path.join("f"))?;
                    let names = || -> io::Result<Vec<String>> {
                        fs::read_dir(path)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
                    };
                    let mut found = names()?;
                    found.sort();
                    fs::rename(path.join("f"), path.join("g"))?;
                    fs::remove_file(path.join("g"))?;
                    fs::remove_dir_all(path.join("a"))?;
                    format!("{}\n{}", found.join(" "), names()?.is_empty())
                }),
            same!("os.chmod(path, 0o600)", "
p = tempfile.mkdtemp() + '/f'; open(p, 'w').close(); os.chmod(p, 0o600); say(oct(os.stat(p).st_mode & 0o777))", {
                    let folder = tempfile::tempdir()?;
                    let path = folder.path().join("f");
                    File::create(&path)?;
                    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
                    format!("{:#o}", fs::metadata(&path)?.permissions().mode() & 0o777)
                }),
            same!("os.environ.get(name)", "say(os.environ.get('NO_SUCH_NAME'), os.getenv('PATH') is not None)",
                format!("{} {}", shown(env::var("NO_SUCH_NAME").ok()), env::var("PATH").is_ok())),
            same!("os.getcwd()", "say(os.getcwd())", env::current_dir()?.display()),
            same!("pathlib.Path(path)", "import pathlib; say(pathlib.Path('a') / 'b', pathlib.Path('a/b').name)",
                format!(
                    "{} {}",
                    Path::new("a").join("b").display(),
                    shown(Path::new("a/b").file_name().map(|name| name.to_string_lossy()))
                )),
            same!("f.read() and os.unlink(path) and shutil.copyfileobj(a, b) and os.path.getmtime(path) and f.flush()", "
p = tempfile.mkdtemp() + '/f'; open(p, 'w').write('a b'); print(open(p).read()); f = io.BytesIO()
shutil.copyfileobj(open(p, 'rb'), f); say(f.getvalue(), time.time() - os.path.getmtime(p) < 60)
with open(p, 'ab') as f: f.truncate(1); f.flush(); os.fsync(f.fileno())
say(os.path.getsize(p)); os.unlink(p)", {
                let folder = tempfile::tempdir()?;
                let path = folder.path().join("f");
                fs::write(&path, "a b")?;
                let content = fs::read_to_string(&path)?;
                let mut copied = Vec::new();
                io::copy(&mut File::open(&path)?, &mut copied)?;
                let age = fs::metadata(&path)?.modified()?.elapsed().map_err(io::Error::other)?;
                let mut file = File::options().append(true).open(&path)?;
                file.set_len(1)?;
                file.flush()?;
                file.sync_all()?;
                let size = fs::metadata(&path)?.len();
                fs::remove_file(&path)?;
                format!("{content}\n{} {}\n{size}", hex(&copied), age.as_secs() < 60)
            }),
            same!("os.path.isfile(path) and os.rmdir(path)", "
p = tempfile.mkdtemp(); a = os.path.isfile(p), os.path.isdir(p); os.rmdir(p); say(a, os.path.exists(p))", {
                let path = tempfile::tempdir()?.keep();
                let facts = format!("{} {}", path.is_file(), path.is_dir());
                fs::remove_dir(&path)?;
                format!("{facts} {}", path.exists())
            }),
            same!("os.getpid()", "say(os.getpid() > 0, os.getppid() >= 0)",
                format!("{} {}", std::process::id() > 0, i64::from(std::os::unix::process::parent_id()) >= 0)),
        ]);
    }

    #[rustfmt::skip]
    #[test]
    fn traps_are_as_the_page_says() {
        let mut rows = vec![
            same!("s.makefile('r') and f.readline()", "
client, conn = pair(); client.sendall(b'a\\nb\\n'); client.close(); f = conn.makefile()
print(repr(f.readline() + f.readline()))", {
                let mut reader = &b"a\nb\n"[..];
                let mut line = String::new();
                reader.read_line(&mut line)?;
                reader.read_line(&mut line)?; // it appends
                format!("'{}'", line.escape_default())
            }),
            differ!("s.makefile('r')", "
client, conn = pair(); client.sendall(b'a\\nb\\n'); client.close()
say([conn.makefile('rb').readline() for _ in range(2)])",
                "610a ", {
                    let (mut client, conn) = pair()?;
                    client.write_all(b"a\nb\n")?;
                    drop(client);
                    let read = || BufReader::new(&conn).lines().next().transpose();
                    let first = read()?;
                    format!("{} {}", shown(first), shown(read()?)) // what the first one read ahead is lost
                }, "a none"),
            differ!("s.makefile('r') and p.stdout.readline() and for line in f:", "
fails(io.TextIOWrapper(io.BytesIO(b'\\xc4\\xe3\\n'), 'utf-8').readline); print(b'\\xc4\\xe3'.decode('gbk'))",
                "UnicodeDecodeError\n你", {
                    let (mut reader, mut v) = (&b"\xc4\xe3\n"[..], Vec::new());
                    let read = (&b"\xc4\xe3\n"[..]).lines().next().map(kind);
                    reader.read_until(b'\n', &mut v)?;
                    format!("{} {}", shown(read), hex(&v))
                }, "InvalidData c4e30a"),
            same!("sock_file.read(n) and sock_file.read()", "
client, conn = pair(); f = conn.makefile('rb'); client.sendall(b'he'); client.sendall(b'llo'); say(f.read(4))
client.sendall(b'!'); client.close(); say(f.read())", {
                let (mut client, conn) = pair()?;
                let mut reader = BufReader::new(&conn);
                client.write_all(b"he")?;
                client.write_all(b"llo")?;
                let mut first = Vec::new();
                reader.by_ref().take(4).read_to_end(&mut first)?;
                client.write_all(b"!")?;
                drop(client);
                let mut rest = Vec::new();
                reader.read_to_end(&mut rest)?;
                format!("{}\n{}", hex(&first), hex(&rest))
            }),
            differ!("f = s.makefile(); f.readline()", "
client, conn = pair(); conn.settimeout(0.05); f = conn.makefile('rb'); client.sendall(b'hal'); fails(f.readline)
client.sendall(b'f\\n'); fails(f.readline)", "TimeoutError\nOSError", {
                let (mut client, conn) = pair()?;
                conn.set_read_timeout(Some(SHORT))?;
                let (mut reader, mut line) = (BufReader::new(&conn), Vec::new());
                client.write_all(b"hal")?;
                let first = kind(reader.read_until(b'\n', &mut line));
                client.write_all(b"f\n")?;
                reader.read_until(b'\n', &mut line)?;
                client.write_all(b"hal")?;
                let lost = kind(reader.by_ref().lines().next().transpose());
                client.write_all(b"f\n")?;
                format!("{first} {} {lost} {}", hex(&line), shown(reader.lines().next().transpose()?))
            }, "WouldBlock 68616c660a WouldBlock f"),
            differ!("s.sendall(data)", "
client, conn = pair(); client.setblocking(False); fails(client.sendall, bytes(1 << 25)); say(len(conn.recv(9)))",
                "BlockingIOError\n9", {
                    let (mut client, mut conn) = pair()?;
                    client.set_nonblocking(true)?;
                    format!("{} {}", kind(client.write_all(&vec![0; 1 << 25])), conn.read(&mut [0; 9])?)
                }, "WouldBlock 9"),
            same!("s.close()", "
s = udp(); addr = s.getsockname(); d = s.dup(); d.settimeout(20); seen = []
t = threading.Thread(target=lambda: seen.append(d.recv(9).decode())); t.start(); s.close(); say(t.is_alive())
udp().sendto(b'x', addr); t.join(); say(seen)", {
                let socket = udp()?;
                let (addr, clone) = (socket.local_addr()?, socket.try_clone()?);
                let waiting = thread::spawn(move || clone.recv(&mut [0; 9]));
                drop(socket);
                let is_alive = !waiting.is_finished();
                udp()?.send_to(b"x", addr)?;
                assert_eq!(joined(waiting)??, 1);
                format!("{is_alive}\nx")
            }),
            same!("s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1) and socket.IP_ADD_MEMBERSHIP", "
seen = []
for host in ('127.0.0.1', '0.0.0.0'):
    s = socket.socket(AF_INET, SOCK_DGRAM); s.bind((host, 0)); s.settimeout(0.2); port = s.getsockname()[1]
    s.setsockopt(IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('224.0.0.251') + socket.inet_aton('127.0.0.1'))
    c = udp(); c.setsockopt(SOL_SOCKET, socket.SO_BROADCAST, 1)
    c.setsockopt(IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('127.0.0.1'))
    for to in ('224.0.0.251', '127.255.255.255'):
        c.sendto(b'hi', (to, port))
        try: seen.append(s.recv(9).decode())
        except TimeoutError: seen.append('nothing')
say(seen)", {
                let mut seen = Vec::new();
                for host in [Ipv4Addr::LOCALHOST, Ipv4Addr::UNSPECIFIED] {
                    let (socket, client, mut buffer) = (UdpSocket::bind((host, 0))?, udp()?, [0; 9]);
                    let (group, port) = (Ipv4Addr::new(224, 0, 0, 251), socket.local_addr()?.port());
                    socket.set_read_timeout(Some(4 * SHORT))?;
                    socket.join_multicast_v4(&group, &Ipv4Addr::LOCALHOST)?;
                    client.set_broadcast(true)?;
                    for to in [group, LOCAL_BROADCAST.0] {
                        client.send_to(b"hi", (to, port))?;
                        let received = socket.recv(&mut buffer).map_or("nothing", |_| "hi");
                        seen.push(received);
                    }
                }
                seen.join(" ")
            }),
            same!("s.connect((HOST, PORT))", "
s = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(('0.0.0.0', s.getsockname()[1]))
say(c.getpeername()[0])", {
                let listener = TcpListener::bind("127.0.0.1:0")?;
                TcpStream::connect((Ipv4Addr::UNSPECIFIED, listener.local_addr()?.port()))?.peer_addr()?.ip()
            }),
            same!("if len(part) < 4096: break", "
client, conn = pair(); client.sendall(b'half'); data = conn.recv(4096); client.sendall(b' more'); client.close()
say(len(data) < 4096, len(conn.recv(4096)))", {
                let (mut client, mut conn) = pair()?;
                client.write_all(b"half")?;
                let received = conn.read(&mut [0; 4096])?;
                client.write_all(b" more")?;
                drop(client);
                format!("{} {}", received < 4096, conn.read(&mut [0; 4096])?)
            }),
            same!("socket.create_connection(addr, timeout=5)", "
s = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(('localhost', s.getsockname()[1]), timeout=20)
say(c.getpeername()[0])", {
                let listener = TcpListener::bind("127.0.0.1:0")?;
                let mut found = None;
                for addr in ("localhost", listener.local_addr()?.port()).to_socket_addrs()? {
                    found = found.or(TcpStream::connect_timeout(&addr, PATIENCE).ok());
                }
                shown(found.and_then(|stream| stream.peer_addr().ok()).map(|addr| addr.ip()))
            }),
            same!("s.sendto(data, (host, port))", "
s = udp(); c = socket.socket(AF_INET, SOCK_DGRAM); c.sendto(b'hi', ('localhost', s.getsockname()[1]))
print(s.recv(9).decode())", {
                let (server, client, mut buffer) = (udp()?, udp()?, [0; 9]);
                let addrs = ("localhost", server.local_addr()?.port()).to_socket_addrs()?;
                let addr = addrs.into_iter().find(std::net::SocketAddr::is_ipv4).ok_or(io::ErrorKind::NotFound)?;
                client.send_to(b"hi", addr)?;
                let received = server.recv(&mut buffer)?;
                text(&buffer[..received])?.to_owned()
            }),
            same!("clients.remove(conn)", "
(a, b), (c, d) = pair(), pair(); clients = [b, d]; clients.remove(b); say(len(clients), clients[0] is d)", {
                let ((a, _b), (c, d)) = (pair()?, pair()?);
                let mut clients = vec![(_b, a.local_addr()?), (d, c.local_addr()?)];
                let own = a.local_addr()?; // what accept returned
                clients.retain(|(_, addr)| *addr != own);
                format!("{} {}", clients.len(), clients[0].1 == clients[0].0.peer_addr()?)
            }),
            differ!("stderr=subprocess.STDOUT", "
say(subprocess.run(['sh', '-c', 'echo a; echo b >&2'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout)",
                "610a620a", {
                    let (mut reader, writer) = UnixStream::pair()?; // io::pipe() from Rust 1.87
                    reader.set_read_timeout(Some(SHORT))?;
                    let mut command = Command::new("sh");
                    command.args(["-c", "echo a; echo b >&2"]);
                    command.stdout(OwnedFd::from(writer.try_clone()?)).stderr(OwnedFd::from(writer));
                    command.status()?;
                    let mut output = Vec::new();
                    let hangs = kind(reader.read_to_end(&mut output));
                    drop(command);
                    let ends = kind(reader.read_to_end(&mut output));
                    format!("{} {hangs} {ends}", hex(&output))
                }, "610a620a WouldBlock no error"),
            differ!("close_fds=True", "
r, w = os.pipe(); os.set_inheritable(w, True)
run = lambda **more: subprocess.run(f'test -e /proc/self/fd/{w}', shell=True, **more).returncode == 0
say(run(), run(close_fds=False), run(pass_fds=(w,)))", "false true true", {
                // A shell opens descriptor 9 for its children; the middle program is the Rust one of this row.
                let test = "exec 9</dev/null; exec \"$0\" --exact system::inherits --include-ignored";
                let mut command = sh(test);
                command.arg(env::current_exe()?).stdout(Stdio::null()).stderr(Stdio::null());
                let inherited = command.status()?;
                let (client, _conn) = pair()?;
                let own = sh(&format!("test -e /proc/self/fd/{}", client.as_raw_fd())).status()?.success();
                format!("{} {own}", inherited.success())
            }, "true false"),
        ];
        if has_ipv6() {
            rows.push(same!("socket.getaddrinfo(host, port)", "say(socket.getaddrinfo('::1', 80)[0][4][:2])", {
                let addr = ("::1", 80).to_socket_addrs()?.next().ok_or(io::ErrorKind::NotFound)?;
                format!("{} {}", addr.ip(), addr.port())
            }));
        }
        check(&rows);
    }

    #[rustfmt::skip]
    #[test]
    fn relays_lists_of_clients_and_marks_are_as_the_page_says() {
        check(&[
            same!("conn.send(s.recv(1024)) <= 0 and client.sendall(conn.recv(1024))", "
(client, a), (b, server) = pair(), pair(); client.sendall(b'hello'); client.shutdown(socket.SHUT_WR)
while True:
    if b.send(a.recv(2)) <= 0: break
b.shutdown(socket.SHUT_WR); print(server.recv(9, socket.MSG_WAITALL).decode(), len(server.recv(9)))", {
                let ((mut client, src), (dst, mut server)) = (pair()?, pair()?);
                client.write_all(b"hello")?;
                client.shutdown(Shutdown::Write)?;
                let kept = dst.try_clone()?; // for the other direction
                let relay = thread::spawn(move || {
                    let (mut src, mut dst) = (src, dst);
                    io::copy(&mut src, &mut dst)?;
                    dst.shutdown(Shutdown::Write)
                });
                joined(relay)??;
                let mut came = String::new();
                server.read_to_string(&mut came)?;
                drop(kept);
                format!("{came} {}", server.read(&mut [0; 9])?)
            }),
            same!("client.sendall(conn.recv(1024))", "
client, conn = pair(); clone = client.dup(); client.close(); conn.settimeout(0.05)
try: conn.recv(9)
except TimeoutError: say('still open')", {
                let (client, conn) = pair()?;
                let _clone = client.try_clone()?;
                drop(client);
                conn.set_read_timeout(Some(SHORT))?;
                assert_eq!(kind(recv(&conn)), "WouldBlock");
                "still open"
            }),
            same!("for client in clients: client.send(msg)", "
(a, b), (c, d) = pair(), pair(); clients = [b, d]; b.shutdown(socket.SHUT_WR)
for client in clients[:]:
    try: client.sendall(b'hi')
    except OSError: clients.remove(client)
say(len(clients), c.recv(9).decode())", {
                let ((a, b), (c, d)) = (pair()?, pair()?);
                b.shutdown(Shutdown::Write)?; // each write fails
                let mut clients = vec![(b, a.local_addr()?), (d, c.local_addr()?)];
                clients.retain_mut(|(client, _)| client.write_all(b"hi").is_ok());
                format!("{} {}", clients.len(), recv(&c)?)
            }),
            same!("for client in clients: client.sendto(msg, addr) and clients[conn] = name", "
(a, b), (c, d) = pair(), pair(); clients = {a.getsockname(): b, c.getsockname(): d}; own = a.getsockname()
for addr, client in clients.items():
    if addr != own: client.sendall(b'hi')
print(c.recv(9).decode())", {
                let ((a, b), (c, d)) = (pair()?, pair()?);
                let own = a.local_addr()?;
                let mut list = vec![(b.try_clone()?, own), (d.try_clone()?, c.local_addr()?)];
                let mut map = HashMap::from([(own, b), (c.local_addr()?, d)]);
                list.retain_mut(|(client, addr)| *addr == own || client.write_all(b"h").is_ok());
                map.retain(|addr, client| *addr == own || client.write_all(b"i").is_ok());
                let mut came = [0; 2];
                (&c).read_exact(&mut came)?;
                assert_eq!((list.len(), map.len()), (2, 2));
                text(&came)?.to_owned()
            }),
            same!("import threading; clients = {}", "
client, conn = pair(); clients = {1: conn}; lock = threading.Lock(); seen = []
t = threading.Thread(target=lambda: seen.append(conn.recv(9))); t.start()
with lock: clients[1].sendall(b'hi')
client.sendall(client.recv(9)); t.join(); print(seen[0].decode())", {
                let (mut client, conn) = pair()?;
                let clients = Arc::new(Mutex::new(HashMap::from([(client.local_addr()?, conn.try_clone()?)])));
                let reading = thread::spawn(move || recv(conn)); // its own stream, without the lock
                for other in clients.lock().map_err(|_| io::Error::other("poisoned"))?.values_mut() {
                    other.write_all(b"hi")?;
                }
                let came = recv(&client)?;
                client.write_all(came.as_bytes())?;
                joined(reading)??
            }),
            same!("while b'\\n' not in data: data += s.recv(1) and while True: c = s.recv(1); if c == b'\\n': break; line += c", "
client, conn = pair(); client.sendall(b'one\\ntwo\\n'); data = line = b''
while b'\\n' not in data: data += conn.recv(1)
while True:
    c = conn.recv(1)
    if c == b'\\n': break
    line += c
print(data.decode().strip(), line.decode())", {
                let (mut client, conn) = pair()?;
                client.write_all(b"one\ntwo\n")?;
                let (mut reader, mut first, mut second) = (BufReader::new(&conn), Vec::new(), Vec::new());
                reader.read_until(b'\n', &mut first)?;
                reader.read_until(b'\n', &mut second)?;
                format!("{} {}", text(&first)?.trim_end(), text(&second)?.trim_end())
            }),
            differ!("while b'\\n' not in data: data += s.recv(1)", "
client, conn = pair(); client.sendall(b'half'); client.close(); data = b''; turns = 0
while b'\\n' not in data and turns < 1000: data += conn.recv(1); turns += 1
say(turns)", "1000", {
                let (mut client, conn) = pair()?;
                client.write_all(b"half")?;
                drop(client);
                let mut line = Vec::new();
                BufReader::new(&conn).read_until(b'\n', &mut line)?;
                text(&line)?.to_owned()
            }, "half"),
            same!("f = s.makefile('rw'); f.write(data) and f = s.makefile('rwb', 0); f.write(data)", "
client, conn = pair(); f = client.makefile('rw'); f.write('hi\\n'); f.flush(); print(conn.recv(9).decode().strip())
raw = client.makefile('rwb', 0); raw.write(b'more'); print(conn.recv(9).decode())
conn.sendall(b'answer\\n'); print(f.readline().strip())", {
                let (stream, mut conn) = pair()?;
                let (mut reader, mut line) = (BufReader::new(&stream), String::new());
                (&stream).write_all(b"hi\n")?;
                let first = recv(&conn)?;
                (&stream).write_all(b"more")?;
                let second = recv(&conn)?;
                conn.write_all(b"answer\n")?;
                reader.read_line(&mut line)?;
                format!("{}\n{second}\n{}", first.trim_end(), line.trim_end())
            }),
            differ!("s.connect(('', 8080))", "
s = socket.create_server(('127.0.0.1', 0)); c = socket.socket(); c.connect(('', s.getsockname()[1])); say('connected')",
                "connected", {
                    let listener = TcpListener::bind("127.0.0.1:0")?;
                    TcpStream::connect(("", listener.local_addr()?.port())).is_err()
                }, "true"),
            differ!("s.settimeout(5); s.connect_ex(addr)", "
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(0); waiting = []; code = 0
while code == 0: # until the backlog is full
    c = socket.socket(); c.settimeout(0.1); code = c.connect_ex(s.getsockname()); waiting.append(c)
print(errno.errorcode[code])", "EAGAIN", {
                let listener = TcpListener::bind("127.0.0.1:0")?;
                let addr = listener.local_addr()?;
                let mut waiting = Vec::new();
                let error = loop {
                    match TcpStream::connect_timeout(&addr, 2 * SHORT) {
                        Ok(stream) => waiting.push(stream),
                        Err(error) => break error,
                    }
                };
                format!("{:?} {}", error.kind(), shown(error.raw_os_error()))
            }, "TimedOut none"),
            same!("s.setsockopt(level, socket.IP_MULTICAST_TTL, struct.pack('b', n))", "
s = udp(); seen = [s.getsockopt(IPPROTO_IP, socket.IP_MULTICAST_TTL)]
for n in (struct.pack('b', 3), struct.pack('@i', 4), 5):
    s.setsockopt(IPPROTO_IP, socket.IP_MULTICAST_TTL, n); seen.append(s.getsockopt(IPPROTO_IP, socket.IP_MULTICAST_TTL))
say(seen)", {
                let socket = udp()?;
                let mut seen = vec![socket.multicast_ttl_v4()?.to_string()];
                for n in 3..=5 {
                    socket.set_multicast_ttl_v4(n)?;
                    seen.push(socket.multicast_ttl_v4()?.to_string());
                }
                seen.join(" ")
            }),
            same!("s.setsockopt(level, socket.IP_MULTICAST_LOOP, struct.pack('b', n))", "
s = udp(); s.setsockopt(IPPROTO_IP, socket.IP_MULTICAST_LOOP, struct.pack('b', 0))
say(s.getsockopt(IPPROTO_IP, socket.IP_MULTICAST_LOOP) != 0)", {
                let socket = udp()?;
                socket.set_multicast_loop_v4(false)?;
                socket.multicast_loop_v4()?
            }),
            differ!("s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 5, 0))", "
client, conn = pair(); client.settimeout(None)
client.setsockopt(SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 0, 50000)); fails(client.recv, 9)",
                "BlockingIOError", {
                    let (client, _conn) = pair()?;
                    client.set_read_timeout(Some(SHORT))?;
                    kind(recv(&client))
                }, "WouldBlock"),
            same!("lock.acquire(blocking=False)", "
lock = threading.Lock(); say(lock.acquire(blocking=False), lock.acquire(blocking=False)); lock.release()
say(lock.acquire(blocking=False))", {
                let lock = Mutex::new(0);
                let held = lock.try_lock();
                let second = lock.try_lock().is_ok();
                let first = held.is_ok();
                drop(held);
                format!("{first} {second}\n{}", lock.try_lock().is_ok())
            }),
        ]);
    }

    /// Run by the row of `close_fds=True` with a descriptor 9 that it inherited: its child has it too.
    #[test]
    #[ignore = "needs descriptor 9"]
    fn inherits() {
        assert!(sh("test -e /proc/self/fd/9").status().unwrap().success());
    }

    #[rustfmt::skip]
    #[test]
    fn time_limits_and_input_of_commands_threads_and_locks_are_as_the_page_says() {
        check(&[
            same!("lock.acquire(timeout=5)", "
lock = threading.Lock(); say(lock.acquire(timeout=0.05), lock.acquire(timeout=0.05))", {
                let lock = Mutex::new(());
                let acquire = || {
                    let deadline = Instant::now() + SHORT;
                    loop {
                        match lock.try_lock() {
                            Ok(guard) => return Some(guard),
                            Err(_) if Instant::now() >= deadline => return None,
                            Err(_) => thread::sleep(SHORT / 10),
                        }
                    }
                };
                let first = acquire();
                format!("{} {}", first.is_some(), acquire().is_some())
            }),
            differ!("q.put(item, timeout=5)", "q = queue.Queue(1); q.put(1); fails(q.put, 2, timeout=0.05)", "Full", {
                let (sender, _receiver) = mpsc::sync_channel(1);
                sender.send(1).map_err(io::Error::other)?;
                sender.try_send(2).is_err()
            }, "true"),
            same!("threading.Semaphore(5) and cond.wait_for(f, timeout=5)", "
s = threading.Semaphore(1); say(s.acquire(timeout=0.05), s.acquire(timeout=0.05)); s.release()
say(s.acquire(timeout=0.05))", {
                let (free, condvar) = (Mutex::new(1), Condvar::new());
                let acquire = || {
                    let guard = free.lock().unwrap();
                    let (mut guard, result) = condvar.wait_timeout_while(guard, SHORT, |free| *free == 0).unwrap();
                    *guard -= i32::from(!result.timed_out());
                    !result.timed_out()
                };
                let first = format!("{} {}", acquire(), acquire());
                *free.lock().unwrap() += 1;
                condvar.notify_one();
                format!("{first}\n{}", acquire())
            }),
            same!("t.join(timeout=5)", "
e = threading.Event(); t = threading.Thread(target=e.wait); t.start(); t.join(timeout=0.05); say(t.is_alive())
e.set(); t.join()
say(t.is_alive())", {
                let (sender, receiver) = mpsc::channel::<()>();
                let handle = thread::spawn(move || receiver.recv().is_err());
                let deadline = Instant::now() + SHORT;
                while !handle.is_finished() && Instant::now() < deadline {
                    thread::sleep(SHORT / 10);
                }
                let is_alive = !handle.is_finished();
                drop(sender);
                joined(handle)?;
                format!("{is_alive}\nfalse")
            }),
            differ!("threading.excepthook", "
seen = []; threading.excepthook = lambda args: seen.append(args.exc_type.__name__)
t = threading.Thread(target=lambda: [][0]); t.start(); t.join(); say(seen)", "IndexError", {
                joined(thread::spawn(|| thread::spawn(|| panic!("on purpose")).join().is_err()))?
            }, "true"),
            differ!("p.wait(timeout=5)", "
p = subprocess.Popen(['sleep', '60']); fails(p.wait, timeout=0.05); p.kill(); p.wait()", "TimeoutExpired", {
                let mut child = Command::new("sleep").arg("60").spawn()?;
                let deadline = Instant::now() + SHORT;
                while child.try_wait()?.is_none() && Instant::now() < deadline {
                    thread::sleep(SHORT / 10);
                }
                let runs = child.try_wait()?.is_none();
                child.kill()?;
                child.wait()?;
                runs
            }, "true"),
            differ!("subprocess.check_output(cmd, timeout=5) and subprocess.run(cmd, timeout=5)",
                "fails(subprocess.check_output, ['sleep', '60'], timeout=0.05)", "TimeoutExpired", "none", "none"),
            same!("p.communicate(data) and subprocess.run(cmd, input=data) and subprocess.check_output(cmd, input=data)", "
p = subprocess.Popen('cat', stdin=subprocess.PIPE, stdout=subprocess.PIPE)
say(p.communicate(b'ab')[0], subprocess.run('cat', input=b'ab', stdout=subprocess.PIPE).stdout,
    subprocess.check_output('cat', input=b'ab'))", {
                let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
                if let Some(mut stdin) = child.stdin.take() {
                    stdin.write_all(b"ab")?;
                }
                format!("{0} {0} {0}", hex(&child.wait_with_output()?.stdout))
            }),
            same!("executable='/bin/bash'", "
say(subprocess.run('echo $0', shell=True, executable='/bin/sh', stdout=subprocess.PIPE).stdout)
say(subprocess.run(['name', '-c', 'echo $0'], executable='/bin/sh', stdout=subprocess.PIPE).stdout)", {
                let shell = Command::new("/bin/sh").arg("-c").arg("echo $0").output()?.stdout;
                let named = Command::new("/bin/sh").arg0("name").arg("-c").arg("echo $0").output()?.stdout;
                format!("{}\n{}", hex(&shell), hex(&named))
            }),
            differ!("subprocess.getstatusoutput(cmd)", "
print(subprocess.getstatusoutput('echo hi; exit 3'))", "(3, 'hi')", {
                let cmd = "echo hi; exit 3";
                let mut command = Command::new("/bin/sh");
                let output = command.arg("-c").arg(format!("{{ {cmd}\n}} 2>&1")).stdin(Stdio::inherit()).output()?;
                format!("{:?} {:?}", output.status.code(), stdout(&output))
            }, "Some(3) \"hi\\n\""),
            differ!("subprocess.check_output(cmd) and os.popen(cmd)", "
r, w = os.pipe(); os.write(w, b'xy'); os.close(w); old = os.dup(0); os.dup2(r, 0)
say(subprocess.check_output('head -c 1', shell=True), os.popen('head -c 1').read()); os.dup2(old, 0)", "78 y",
                sh("cat").output()?.stdout.len(), "0"),
            same!("os.popen(cmd, 'w')", "
p = tempfile.mkdtemp() + '/f'; f = os.popen('cat >' + p, 'w'); f.write('hi'); f.close(); print(open(p).read())", {
                let folder = tempfile::tempdir()?;
                let path = folder.path().join("f");
                let mut child = sh(&format!("cat >'{}'", path.display())).stdin(Stdio::piped()).spawn()?;
                if let Some(mut stdin) = child.stdin.take() {
                    stdin.write_all(b"hi")?;
                }
                child.wait()?;
                fs::read_to_string(path)?
            }),
            same!("p.stdout.read()", "
p = subprocess.Popen(['echo', 'a'], stdout=subprocess.PIPE); say(p.stdout.read()); p.wait()",
                hex(&Command::new("echo").arg("a").stdout(Stdio::piped()).spawn()?.wait_with_output()?.stdout)),
            same!("sys.exit(text) and sys.exit(1)", "
run = lambda code: subprocess.run([sys.executable, '-c', code], stderr=subprocess.PIPE)
p = run('import sys; sys.exit(\"some text\")')
say(p.returncode, p.stderr.decode().strip(), run('exit()').returncode)", {
                let output = sh("echo some text >&2; exit 1").output()?; // eprintln!, process::exit(1)
                format!("{} {} 0", shown(output.status.code()), String::from_utf8_lossy(&output.stderr).trim_end())
            }),
            same!("os.chdir(path) and os.getcwd()", "
say(subprocess.run('pwd', cwd='/usr', stdout=subprocess.PIPE, shell=True).stdout)",
                hex(&sh("pwd").current_dir("/usr").output()?.stdout)),
            same!("signal.SIG_DFL", "
code = 'import os, signal; signal.signal(signal.SIGTERM, signal.SIG_DFL); os.kill(os.getpid(), 15)'
say(subprocess.run([sys.executable, '-c', code]).returncode)", {
                // as a Rust program: nothing is set. Not SIGINT: a script starts its background jobs with that ignored
                let mut child = Command::new("sleep").arg("60").spawn()?;
                Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
                format!("-{}", shown(child.wait()?.signal()))
            }),
        ]);
    }

    #[rustfmt::skip]
    #[test]
    fn more_of_files_and_names_is_as_the_page_says() {
        check(&[
            same!("os.makedirs(path)", "
p = tempfile.mkdtemp() + '/a'; os.makedirs(p + '/b')
try: os.makedirs(p + '/b')
except FileExistsError: say('AlreadyExists')", {
                let folder = tempfile::tempdir()?;
                let (parent, path) = (folder.path().join("a"), folder.path().join("a/b"));
                fs::create_dir_all(&parent)?;
                fs::create_dir(&path)?;
                fs::create_dir_all(&path)?; // content
                kind(fs::create_dir(&path))
            }),
            differ!("os.path.dirname(path)",
                "print([os.path.dirname(p) for p in ('a', '/', 'a/b', 'a/b/')])", "['', '/', 'a', 'a/b']",
                format!("{:?}", ["a", "/", "a/b",
                    "a/b/"].map(|path| Path::new(path).parent().map(|path| path.display().to_string()))),
                "[Some(\"\"), None, Some(\"a\"), Some(\"a\")]"),
            differ!("os.path.realpath(path)", "say(os.path.realpath('/no/such/../file'))", "/no/file",
                kind(fs::canonicalize("/no/such/../file")), "NotFound"),
            same!("os.path.expanduser('~')", "say(os.path.expanduser('~'))",
                shown(env::var_os("HOME").map(|home| Path::new(&home).display().to_string()))),
            same!("open(path, 'a') and open(path, 'r+b') and open(path, newline='')", "
p = tempfile.mkdtemp() + '/f'
with open(p, 'wb') as f: f.write(b'abc\\r\\n')
with open(p, 'r+b') as f: f.write(b'X')
with open(p, 'ab') as f: f.write(b'!')
say(open(p, newline='').read().encode()); fails(open, p + 'x', 'r+b')", {
                let folder = tempfile::tempdir()?;
                let path = folder.path().join("f");
                fs::write(&path, "abc\r\n")?;
                File::options().read(true).write(true).open(&path)?.write_all(b"X")?;
                File::options().append(true).create(true).open(&path)?.write_all(b"!")?;
                let is_missing = kind(File::options().read(true).write(true).open(folder.path().join("fx")));
                assert_eq!(is_missing, "NotFound");
                format!("{}\nFileNotFoundError", hex(fs::read_to_string(path)?.as_bytes()))
            }),
            differ!("open(path, 'a+')", "
p = tempfile.mkdtemp() + '/f'; open(p, 'w').write('abc'); say(len(open(p, 'a+').read()))", "0", {
                let folder = tempfile::tempdir()?;
                let path = folder.path().join("f");
                fs::write(&path, "abc")?;
                io::read_to_string(File::options().append(true).create(true).read(true).open(path)?)?.len()
            }, "3"),
            differ!("for line in f:", "
say(len(list(io.TextIOWrapper(io.BytesIO(b'a\\rb\\r\\nc')))))", "3", (&b"a\rb\r\nc"[..]).lines().count(), "2"),
            same!("f.readline() and f.readlines()", "
f = io.StringIO('a\\nb\\nc'); say(len(f.readline()), len(f.readlines()), len(f.readline()))", {
                let (mut reader, mut line) = (&b"a\nb\nc"[..], String::new());
                let first = reader.read_line(&mut line)?;
                let rest = reader.by_ref().lines().collect::<io::Result<Vec<_>>>()?;
                format!("{first} {} {}", rest.len(), reader.read_line(&mut line)?)
            }),
            same!("f.seek(n, 1)", "f = io.BytesIO(b'abcdef'); f.read(1); f.seek(2, 1); say(f.read(1), f.tell())", {
                let mut file = io::Cursor::new(b"abcdef");
                file.read_exact(&mut [0])?;
                file.seek(SeekFrom::Current(2))?;
                let mut one = [0];
                file.read_exact(&mut one)?;
                format!("{} {}", hex(&one), file.stream_position()?)
            }),
            same!("while chunk := f.read(4096): s.sendall(chunk) and s.sendfile(f, offset, count)", "
client, conn = pair(); f = tempfile.TemporaryFile(); f.write(bytes(3000)); f.seek(0); sent = 0
while chunk := f.read(1024): client.sendall(chunk); sent += len(chunk)
say(sent, client.sendfile(f, 2990, 5))", {
                let (mut client, _conn) = pair()?;
                let (mut file, mut buffer, mut sent) = (tempfile::tempfile()?, [0; 1024], 0);
                file.write_all(&[0; 3000])?;
                file.rewind()?;
                loop {
                    let n = file.read(&mut buffer)?;
                    if n == 0 {
                        break;
                    }
                    client.write_all(&buffer[..n])?;
                    sent += n as u64;
                }
                file.seek(SeekFrom::Start(2990))?;
                format!("{sent} {}", io::copy(&mut (&file).take(5), &mut client)?)
            }),
            same!("socket.NI_NUMERICHOST and socket.gethostbyname_ex(host)", "
say(socket.getnameinfo(('127.0.0.1', 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV))
say('127.0.0.1' in socket.gethostbyname_ex('localhost')[2])", {
                let addr = ("127.0.0.1", 80).to_socket_addrs()?.next().ok_or(io::ErrorKind::NotFound)?;
                let is_there = ("localhost", 0).to_socket_addrs()?.any(|addr| addr.ip() == Ipv4Addr::LOCALHOST);
                format!("{} {}\n{is_there}", addr.ip(), addr.port())
            }),
            same!("await reader.readline() and reader.at_eof()", "
import asyncio
async def main():
    r = asyncio.StreamReader(); r.feed_data(b'a\\nb'); r.feed_eof()
    say(await r.readline(), await r.readline(), r.at_eof()); r2 = asyncio.StreamReader(); r2.feed_data(b'ab')
    r2.feed_eof()
    try: await r2.readexactly(3)
    except asyncio.IncompleteReadError: say('UnexpectedEof')
asyncio.run(main())", {
                let (mut reader, mut first, mut second) = (&b"a\nb"[..], Vec::new(), Vec::new());
                reader.read_until(b'\n', &mut first)?;
                reader.read_until(b'\n', &mut second)?; // no newline, and no error
                let is_end = reader.fill_buf()?.is_empty();
                format!("{} {} {is_end}\n{}", hex(&first), hex(&second), kind((&b"ab"[..]).read_exact(&mut [0; 3])))
            }),
            differ!("await reader.readuntil(mark)", "
import asyncio
async def main():
    r = asyncio.StreamReader(); r.feed_data(b'ab'); r.feed_eof()
    try: await r.readuntil(b'\\0')
    except asyncio.IncompleteReadError: say('error')
asyncio.run(main())", "error", (&b"ab"[..]).read_until(b'\0', &mut Vec::new())?, "2"),
            differ!("select.select([s], [], [], 5)",
                "client, conn = pair(); client.close(); say(len(select.select([conn], [], [], 20)[0]))",
                "1", {
                    let (client, conn) = pair()?;
                    drop(client);
                    conn.peek(&mut [0])?
                }, "0"),
            same!("class Handler(socketserver.BaseRequestHandler): and timeout = 5",
                "say(socketserver.StreamRequestHandler.timeout)",
                shown(pair()?.0.peer_addr().ok().and(None::<u8>))),
            same!("multiprocessing.cpu_count()", "say(len(os.sched_getaffinity(0)) >= 1)",
                thread::available_parallelism()?.get() >= 1),
            same!("fcntl.fcntl(s, fcntl.F_SETFL, os.O_NONBLOCK)", "
import fcntl; client, conn = pair(); fcntl.fcntl(conn, fcntl.F_SETFL, os.O_NONBLOCK); conn.settimeout(None)
try: fcntl.fcntl(conn, fcntl.F_SETFL, os.O_NONBLOCK); conn.recv(9)
except BlockingIOError: say('WouldBlock')", {
                let (_client, conn) = pair()?;
                conn.set_nonblocking(true)?;
                kind(recv(&conn))
            }),
            differ!("except (ConnectionResetError, BrokenPipeError):", "
a, b = socket.socketpair(); b.close()
try: a.send(b'x')
except (ConnectionResetError, BrokenPipeError) as e: say(type(e).__name__)", "BrokenPipeError", {
                let (mut a, b) = UnixStream::pair()?;
                drop(b);
                match a.write_all(b"x") {
                    Err(e) if matches!(e.kind(),
                        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => "matched",
                    _ => "not matched",
                }
            }, "matched"),
        ]);
    }
}
