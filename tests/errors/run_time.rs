//! What `std` says at run time.

use std::fmt::Debug;
use std::io::{self, BufRead, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The entry, a call, and what its error prints: as `{e}` or as `{e:?}`.
pub type Case = (&'static str, fn() -> String, &'static str);

/// `{e}`.
fn shown<T>(result: Result<T, impl ToString>) -> String {
    result.err().map_or_else(|| "no error".to_owned(), |error| error.to_string())
}

/// `{e:?}`.
fn debugged<T>(result: Result<T, impl Debug>) -> String {
    result.err().map_or_else(|| "no error".to_owned(), |error| format!("{error:?}"))
}

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

/// A stream whose peer has closed.
fn ended() -> TcpStream {
    pair().0
}

fn not_utf8() -> Vec<u8> {
    b"abc\xff".to_vec()
}

fn udp() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").unwrap()
}

/// What is the same on every system.
pub const EVERYWHERE: &[Case] = &[
    ("failed to fill whole buffer", || shown(ended().read_exact(&mut [0; 4])), "failed to fill whole buffer"),
    (
        "failed to fill whole buffer",
        || debugged(ended().read_exact(&mut [0; 4])),
        "Error { kind: UnexpectedEof, message: \"failed to fill whole buffer\" }",
    ),
    (
        "failed to fill whole buffer",
        || shown(Err::<(), _>(io::Error::from(io::ErrorKind::UnexpectedEof))),
        "unexpected end of file",
    ),
    (
        "failed to fill whole buffer",
        || debugged(Err::<(), _>(io::Error::from(io::ErrorKind::UnexpectedEof))),
        "Kind(UnexpectedEof)",
    ),
    ("failed to write whole buffer", || shown((&mut [0_u8; 2][..]).write_all(b"abc")), "failed to write whole buffer"),
    (
        "failed to write whole buffer",
        || debugged((&mut [0_u8; 2][..]).write_all(b"abc")),
        "Error { kind: WriteZero, message: \"failed to write whole buffer\" }",
    ),
    (
        "'utf-8' codec can't decode byte: invalid start byte",
        || shown((&b"a\xff\n"[..]).read_line(&mut String::new())),
        "stream did not contain valid UTF-8",
    ),
    (
        "'utf-8' codec can't decode byte: invalid start byte",
        || debugged((&b"a\xff"[..]).read_to_string(&mut String::new())),
        "Error { kind: InvalidData, message: \"stream did not contain valid UTF-8\" }",
    ),
    (
        "'utf-8' codec can't decode byte: invalid start byte",
        || shown(std::str::from_utf8(&not_utf8())),
        "invalid utf-8 sequence of 1 bytes from index 3",
    ),
    (
        "'utf-8' codec can't decode byte: invalid start byte",
        || debugged(std::str::from_utf8(&not_utf8())),
        "Utf8Error { valid_up_to: 3, error_len: Some(1) }",
    ),
    (
        "'utf-8' codec can't decode byte: invalid start byte",
        || debugged(String::from_utf8(not_utf8())),
        "FromUtf8Error { bytes: [97, 98, 99, 255], error: Utf8Error { valid_up_to: 3, error_len: Some(1) } }",
    ),
    (
        "unexpected end of data: a character cut in two",
        || shown(std::str::from_utf8(&"你".as_bytes()[..2])),
        "incomplete utf-8 byte sequence from index 0",
    ),
    (
        "unexpected end of data: a character cut in two",
        || debugged(std::str::from_utf8(&"你".as_bytes()[..2])),
        "Utf8Error { valid_up_to: 0, error_len: None }",
    ),
    ("surrogates not allowed", || shown(String::from_utf16(&[0xd800])), "invalid utf-16: lone surrogate found"),
    ("invalid socket address", || shown(TcpStream::connect("127.0.0.1")), "invalid socket address"),
    ("invalid socket address", || shown(TcpStream::connect("127.0.0.1:99999")), "invalid port value"),
    ("invalid socket address", || shown(TcpStream::connect("127.0.0.1:http")), "invalid port value"),
    (
        "invalid socket address",
        || debugged(TcpStream::connect("127.0.0.1")),
        "Error { kind: InvalidInput, message: \"invalid socket address\" }",
    ),
    (
        "invalid socket address",
        || debugged(TcpStream::connect("127.0.0.1:99999")),
        "Error { kind: InvalidInput, message: \"invalid port value\" }",
    ),
    ("invalid socket address", || shown("localhost:80".parse::<SocketAddr>()), "invalid socket address syntax"),
    ("invalid socket address", || shown("127.0.0.1:80".parse::<IpAddr>()), "invalid IP address syntax"),
    ("invalid socket address", || shown("localhost".parse::<Ipv4Addr>()), "invalid IPv4 address syntax"),
    ("invalid socket address", || shown("localhost".parse::<Ipv6Addr>()), "invalid IPv6 address syntax"),
    ("invalid socket address", || debugged("localhost:80".parse::<SocketAddr>()), "AddrParseError(Socket)"),
    ("invalid socket address", || debugged("127.0.0.1:80".parse::<IpAddr>()), "AddrParseError(Ip)"),
    ("invalid socket address", || debugged("localhost".parse::<Ipv4Addr>()), "AddrParseError(Ipv4)"),
    (
        "could not resolve to any addresses",
        || shown(TcpStream::connect(&[][..] as &[SocketAddr])),
        "could not resolve to any addresses",
    ),
    (
        "could not resolve to any addresses",
        || shown(udp().send_to(b"", &[][..] as &[SocketAddr])),
        "no addresses to send data to",
    ),
    (
        "cannot set a 0 duration timeout",
        || shown(ended().set_read_timeout(Some(Duration::ZERO))),
        "cannot set a 0 duration timeout",
    ),
    (
        "cannot set a 0 duration timeout",
        || debugged(ended().set_read_timeout(Some(Duration::ZERO))),
        "Error { kind: InvalidInput, message: \"cannot set a 0 duration timeout\" }",
    ),
    (
        "timed out: your own limit",
        || shown(mpsc::channel::<()>().1.recv_timeout(Duration::ZERO).or(Err(RecvTimeoutError::Timeout))),
        "timed out waiting on channel",
    ),
    ("timed out: your own limit", || shown(Err::<(), _>(io::Error::from(io::ErrorKind::TimedOut))), "timed out"),
    ("invalid literal for int() with base 10", || shown("17\n".parse::<u32>()), "invalid digit found in string"),
    ("invalid literal for int() with base 10", || shown("-5".parse::<u8>()), "invalid digit found in string"),
    (
        "invalid literal for int() with base 10",
        || debugged("17total".parse::<u32>()),
        "ParseIntError { kind: InvalidDigit }",
    ),
    ("invalid literal for int() with base 10", || shown("".parse::<u32>()), "cannot parse integer from empty string"),
    ("invalid literal for int() with base 10", || debugged("".parse::<u32>()), "ParseIntError { kind: Empty }"),
    (
        "invalid literal for int() with base 10",
        || debugged("".parse::<u16>().map_err(io::Error::other)),
        "Custom { kind: Other, error: ParseIntError { kind: Empty } }",
    ),
    (
        "invalid literal for int() with base 10",
        || shown("99999".parse::<u16>()),
        "number too large to fit in target type",
    ),
    (
        "invalid literal for int() with base 10",
        || debugged("99999".parse::<u16>()),
        "ParseIntError { kind: PosOverflow }",
    ),
    (
        "invalid literal for int() with base 10",
        || shown("-999".parse::<i8>()),
        "number too small to fit in target type",
    ),
    ("invalid literal for int() with base 10", || shown("abc".parse::<f64>()), "invalid float literal"),
    (
        "unpack requires a buffer of 4 bytes",
        || shown(<[u8; 4]>::try_from(&b"abc"[..])),
        "could not convert slice to array",
    ),
    ("unpack requires a buffer of 4 bytes", || debugged(<[u8; 4]>::try_from(&b"abc"[..])), "TryFromSliceError(())"),
    (
        "'i' format requires, required argument is not an integer",
        || shown(u16::try_from(70_000)),
        "out of range integral type conversion attempted",
    ),
    (
        "'i' format requires, required argument is not an integer",
        || debugged(u16::try_from(70_000)),
        "TryFromIntError(())",
    ),
    (
        "sending on a closed channel",
        || {
            let (sender, receiver) = mpsc::channel();
            drop(receiver);
            shown(sender.send(1))
        },
        "sending on a closed channel",
    ),
    (
        "sending on a closed channel",
        || {
            let (sender, receiver) = mpsc::channel::<u8>();
            drop(sender);
            shown(receiver.recv())
        },
        "receiving on a closed channel",
    ),
    (
        "sending on a closed channel",
        || {
            let (sender, receiver) = mpsc::channel::<u8>();
            drop(sender);
            shown(receiver.recv_timeout(Duration::ZERO))
        },
        "channel is empty and sending half is closed",
    ),
    (
        "sending on a closed channel",
        || {
            let (_sender, receiver) = mpsc::channel::<u8>();
            shown(receiver.try_recv())
        },
        "receiving on an empty channel",
    ),
    (
        "sending on a closed channel",
        || {
            let (sender, _receiver) = mpsc::sync_channel(0);
            shown(sender.try_send(1))
        },
        "sending on a full channel",
    ),
    ("poisoned lock", || shown(poisoned().lock().map(drop)), "poisoned lock: another task failed inside"),
];

/// A lock whose holder panicked. Nothing is printed: the thread resumes a panic that it never began.
fn poisoned() -> Arc<Mutex<u8>> {
    let lock = Arc::new(Mutex::new(1));
    let clone = Arc::clone(&lock);
    let holder = thread::spawn(move || {
        let _guard = clone.lock();
        std::panic::resume_unwind(Box::new("on purpose"))
    });
    let _: thread::Result<()> = holder.join();
    lock
}

/// What Linux says; the other systems' texts and numbers stand beside them on the page.
pub const LINUX: &[Case] = &[
    (
        "Connection refused",
        || {
            let nobody = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
            shown(TcpStream::connect(nobody))
        },
        "Connection refused (os error 111)",
    ),
    (
        "Connection refused", // UDP: heard by a connected socket
        || {
            let nobody = udp().local_addr().unwrap();
            let socket = udp();
            socket.connect(nobody).unwrap();
            socket.send(b"x").unwrap();
            shown(socket.recv(&mut [0]))
        },
        "Connection refused (os error 111)",
    ),
    (
        "Address already in use",
        || {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            debugged(TcpListener::bind(listener.local_addr().unwrap()))
        },
        "Os { code: 98, kind: AddrInUse, message: \"Address already in use\" }",
    ),
    (
        "Connection reset by peer",
        || {
            let (mut client, conn) = pair();
            client.write_all(b"never read").unwrap();
            conn.peek(&mut [0]).unwrap();
            drop(conn);
            shown(client.read(&mut [0]))
        },
        "Connection reset by peer (os error 104)",
    ),
    (
        "Broken pipe",
        || {
            let (mut client, _conn) = pair();
            client.shutdown(std::net::Shutdown::Write).unwrap();
            shown(client.write(b"x"))
        },
        "Broken pipe (os error 32)",
    ),
    (
        "timed out: your own limit",
        || {
            let (mut client, _conn) = pair();
            client.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
            shown(client.read(&mut [0]))
        },
        "Resource temporarily unavailable (os error 11)",
    ),
    ("timed out: your own limit", || shown(connect_to_a_full_backlog()), "connection timed out"),
    (
        "timed out: your own limit",
        || debugged(connect_to_a_full_backlog()),
        "Error { kind: TimedOut, message: \"connection timed out\" }",
    ),
    (
        "Resource temporarily unavailable",
        || {
            let (mut client, _conn) = pair();
            client.set_nonblocking(true).unwrap();
            debugged(client.read(&mut [0]))
        },
        "Os { code: 11, kind: WouldBlock, message: \"Resource temporarily unavailable\" }",
    ),
    (
        "Socket is not connected",
        || {
            let (client, conn) = pair();
            (&client).write_all(b"never read").unwrap();
            conn.peek(&mut [0]).unwrap();
            drop(conn);
            let _ = (&client).read(&mut [0]); // takes the reset
            shown(client.peer_addr())
        },
        "Transport endpoint is not connected (os error 107)",
    ),
    (
        "Cannot assign requested address",
        || shown(TcpListener::bind("192.0.2.1:0")),
        "Cannot assign requested address (os error 99)",
    ),
    ("Permission denied", || shown(udp().send_to(b"x", "127.255.255.255:9")), "Permission denied (os error 13)"),
    ("Message too long", || shown(udp().send_to(&[0; 65_508], "127.0.0.1:9")), "Message too long (os error 90)"),
    ("Invalid argument", || shown(udp().send_to(b"x", "127.0.0.1:0")), "Invalid argument (os error 22)"),
    (
        "Address family not supported",
        || shown(udp().send_to(b"x", "[::1]:9")),
        "Address family not supported by protocol (os error 97)",
    ),
    ("Destination address required", || shown(udp().send(b"x")), "Destination address required (os error 89)"),
    (
        "getaddrinfo failed, Name or service not known",
        || shown(TcpStream::connect(":80")), // no name: nothing is asked
        "failed to lookup address information: Name or service not known",
    ),
    (
        "getaddrinfo failed, Name or service not known",
        || debugged(TcpStream::connect(":80")),
        "Custom { kind: Uncategorized, error: \"failed to lookup address information: Name or service not known\" }",
    ),
    (
        "can't start new thread",
        || format!("Error: {}", debugged(thread::Builder::new().stack_size(1 << 46).spawn(|| ()))),
        "Error: Os { code: 11, kind: WouldBlock, message: \"Resource temporarily unavailable\" }",
    ),
    (
        "No such file or directory: subprocess, Unix sockets",
        || shown(Command::new("no-such-program").spawn()),
        "No such file or directory (os error 2)",
    ),
    (
        "No such file or directory: subprocess, Unix sockets",
        || debugged(Command::new("no-such-program").spawn()),
        "Os { code: 2, kind: NotFound, message: \"No such file or directory\" }",
    ),
    (
        "No such file or directory: subprocess, Unix sockets",
        || shown(std::fs::read("/tmp")),
        "Is a directory (os error 21)",
    ),
    (
        "No such file or directory: subprocess, Unix sockets",
        || shown(Command::new("a\0b").spawn()),
        "nul byte found in provided data",
    ),
    (
        "No such file or directory: subprocess, Unix sockets",
        || shown(std::fs::read("a\0b")),
        "file name contained an unexpected NUL byte",
    ),
];

/// A backlog that is full does not answer.
fn connect_to_a_full_backlog() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut clients = Vec::new();
    for _ in 0..5000 {
        // more than a backlog holds
        clients.push(TcpStream::connect_timeout(&listener.local_addr()?, Duration::from_millis(50))?);
    }
    Ok(())
}

/// A program with one panic, or one end, for each argument.
pub const PROGRAM: &str = r#"
use std::{cell::RefCell, collections::HashMap, env, hint::black_box, io, net::{TcpListener, TcpStream}, sync, thread};

fn nobody() -> io::Result<std::net::SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

fn deeper(n: u64) -> u64 {
    let room = black_box([n; 1000]);
    if n == u64::MAX { 0 } else { deeper(n + 1) + room[(n % 1000) as usize] }
}

fn main() -> io::Result<()> {
    let case = env::args().nth(1).unwrap_or_default();
    let [zero, one, two, ten] = black_box([0_usize, 1, 2, 10]);
    let three = vec![1_u8, 2, 3];
    let small = black_box(250_u8);
    match case.as_str() {
        "unwrap" => drop(TcpStream::connect(nobody()?).unwrap()),
        "expect" => drop(TcpStream::connect(nobody()?).expect("cannot connect")),
        "join" => thread::spawn(|| panic!("first")).join().unwrap(),
        "none" => drop(env::args().nth(9).unwrap()),
        "os" => drop(TcpStream::connect(nobody()?)?),
        "custom" => return Err(io::Error::other("not a size")),
        "eof" => io::Read::read_exact(&mut io::empty(), &mut [0; 4])?,
        "end" => drop(black_box(&three[..ten])),
        "start" => drop(black_box(&three[ten..])),
        "order" => drop(black_box(&three[two..one])),
        "index" => drop(black_box(three[ten])),
        "char" => drop(black_box(&"é你"[..one])),
        "split_at" => drop(black_box(three.split_at(ten))),
        "map" => drop(black_box(HashMap::<String, u8>::new()["id"])),
        "remove" => drop(vec![1].remove(ten)),
        "copy" => vec![0; 3].copy_from_slice(&three[..two]),
        "add" => drop(black_box(small + 10)),
        "subtract" => drop(black_box(one - two)),
        "multiply" => drop(black_box(small * 2)),
        "shift" => drop(black_box(small << ten)),
        "divide" => drop(black_box(ten / zero)),
        "remainder" => drop(black_box(ten % zero)),
        "poison" => {
            let lock = sync::Arc::new(sync::Mutex::new(1));
            let clone = sync::Arc::clone(&lock);
            let _ = thread::spawn(move || { let _guard = clone.lock(); panic!("first") }).join();
            drop(lock.lock().unwrap());
        }
        "refcell" => {
            let cell = RefCell::new(1);
            let _first = cell.borrow_mut();
            drop(cell.borrow_mut());
        }
        "send" => {
            let (sender, receiver) = sync::mpsc::channel();
            drop(receiver);
            sender.send(1).unwrap();
        }
        "recv" => {
            let (sender, receiver) = sync::mpsc::channel::<u8>();
            drop(sender);
            drop(receiver.recv().unwrap());
        }
        "stdout" => loop { println!("whoever read this has ended") },
        "allocation" => drop(black_box(vec![1_u8; 1 << 46])),
        "capacity" => drop(black_box(Vec::<u64>::with_capacity(usize::MAX - one))),
        "seconds" => drop(std::time::Duration::from_secs_f64(black_box(-1.0))),
        "stack" => println!("{}", deeper(0)),
        "array" => drop(thread::spawn(|| drop(black_box([0_u8; 3_000_000]))).join()),
        _ => return Err(io::Error::other("no such case")),
    }
    Ok(())
}
"#;

/// The entry, the argument, and a line that the program prints on stderr.
pub const ENDS: &[[&str; 3]] = &[
    [
        "called `Result::unwrap()` on an `Err` value",
        "unwrap",
        "called `Result::unwrap()` on an `Err` value: Os { code: 111, kind: ConnectionRefused, message: \"Connection refused\" }",
    ],
    [
        "called `Result::unwrap()` on an `Err` value",
        "expect",
        "cannot connect: Os { code: 111, kind: ConnectionRefused, message: \"Connection refused\" }",
    ],
    ["called `Result::unwrap()` on an `Err` value", "join", "called `Result::unwrap()` on an `Err` value: Any { .. }"],
    [
        "called `Result::unwrap()` on an `Err` value",
        "unwrap",
        "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
    ],
    ["called `Option::unwrap()` on a `None` value", "none", "called `Option::unwrap()` on a `None` value"],
    [
        "Error: Os { … } and Error: Custom { … }",
        "os",
        "Error: Os { code: 111, kind: ConnectionRefused, message: \"Connection refused\" }",
    ],
    ["Error: Os { … } and Error: Custom { … }", "custom", "Error: Custom { kind: Other, error: \"not a size\" }"],
    [
        "Error: Os { … } and Error: Custom { … }",
        "eof",
        "Error: Error { kind: UnexpectedEof, message: \"failed to fill whole buffer\" }",
    ],
    ["range end index out of range for slice", "end", "range end index 10 out of range for slice of length 3"],
    ["range end index out of range for slice", "start", "range start index 10 out of range for slice of length 3"],
    ["range end index out of range for slice", "order", "slice index starts at 2 but ends at 1"],
    ["range end index out of range for slice", "index", "index out of bounds: the len is 3 but the index is 10"],
    [
        "range end index out of range for slice",
        "char",
        "end byte index 1 is not a char boundary; it is inside 'é' (bytes 0..2) of `é你`",
    ],
    ["range end index out of range for slice", "split_at", "mid > len"],
    ["range end index out of range for slice", "map", "no entry found for key"],
    ["range end index out of range for slice", "remove", "removal index (is 10) should be < len (is 1)"],
    [
        "unpack requires a buffer of 4 bytes",
        "copy",
        "copy_from_slice: source slice length (2) does not match destination slice length (3)",
    ],
    ["attempt to add with overflow", "add", "attempt to add with overflow"],
    ["attempt to add with overflow", "subtract", "attempt to subtract with overflow"],
    ["attempt to add with overflow", "multiply", "attempt to multiply with overflow"],
    ["attempt to add with overflow", "shift", "attempt to shift left with overflow"],
    ["attempt to add with overflow", "divide", "attempt to divide by zero"],
    ["attempt to add with overflow", "remainder", "attempt to calculate the remainder with a divisor of zero"],
    ["poisoned lock", "poison", "called `Result::unwrap()` on an `Err` value: PoisonError { .. }"],
    ["poisoned lock", "refcell", "RefCell already borrowed"],
    ["sending on a closed channel", "send", "called `Result::unwrap()` on an `Err` value: SendError { .. }"],
    ["sending on a closed channel", "recv", "called `Result::unwrap()` on an `Err` value: RecvError"],
    ["Broken pipe at the end of a program", "stdout", "failed printing to stdout: Broken pipe (os error 32)"],
    ["cannot set a 0 duration timeout", "seconds", "cannot convert float seconds to Duration: value is negative"],
    [
        "memory allocation failed, overflowed its stack",
        "allocation",
        "memory allocation of 70368744177664 bytes failed",
    ],
    ["memory allocation failed, overflowed its stack", "capacity", "capacity overflow"],
];
