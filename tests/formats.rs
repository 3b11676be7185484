//! The message formats of `src/formats.rs`, and `FORMATS.md`, the page about them.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use socket_basics::formats::*;
use std::fs;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const PAGE: &str = include_str!("../FORMATS.md");
const CODE: &str = include_str!("../src/formats.rs");

/// Two ends of one connection, whose reads fail rather than hang.
fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    for stream in [&client, &server] {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
    }
    (client, server)
}

/// Gives one byte for each read, as a network may.
struct ByteByByte<'a>(&'a [u8]);

impl Read for ByteByByte<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(1);
        self.0.read(&mut buffer[..length])
    }
}

/// Counts the writes.
#[derive(Default)]
struct Writes(Vec<Vec<u8>>);

impl Write for Writes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A format with a mark or a length: how a message looks on the wire, and what reads it.
type Receive = fn(&mut BufReader<ByteByByte>) -> io::Result<Option<Vec<u8>>>;

fn bytes(text: io::Result<Option<String>>) -> io::Result<Option<Vec<u8>>> {
    Ok(text?.map(String::into_bytes))
}

const HEADER: &[u8] = br#"{"filename": "a.txt", "filesize": 5}"#;

fn framed_formats() -> Vec<(&'static str, Vec<u8>, Vec<u8>, Receive)> {
    let written = |write: &dyn Fn(&mut Writes) -> io::Result<()>| {
        let mut writes = Writes::default();
        write(&mut writes).unwrap();
        assert_eq!(writes.0.len(), 1, "a message leaves in one write");
        writes.0.concat()
    };
    let header = std::str::from_utf8(HEADER).unwrap();
    vec![
        ("line", written(&|to| send_line(to, "hello é")), "hello é".into(), |from| bytes(receive_line(from))),
        ("NUL", written(&|to| send_marked(to, b"hello", b"\0")), "hello".into(), |from| receive_marked(from, b"\0")),
        ("<END>", written(&|to| send_marked(to, b"a<EN>D<EN", b"<END>")), "a<EN>D<EN".into(), |from| {
            receive_marked(from, b"<END>")
        }),
        ("JSON", br#"{"a": "}\"{\\", "b": [[1], {}]}"#.into(), br#"{"a": "}\"{\\", "b": [[1], {}]}"#.into(), |from| {
            bytes(receive_json(from))
        }),
        ("'!I'", written(&|to| send_prefixed(to, 4, Order::Big, b"hello")), "hello".into(), |from| {
            receive_prefixed(from, 4, Order::Big)
        }),
        ("'i'", written(&|to| send_prefixed(to, 4, Order::Little, b"hello")), "hello".into(), |from| {
            receive_prefixed(from, 4, Order::Little)
        }),
        ("'!H'", written(&|to| send_prefixed(to, 2, Order::Big, b"")), "".into(), |from| {
            receive_prefixed(from, 2, Order::Big)
        }),
        ("'Q'", written(&|to| send_prefixed(to, 8, Order::Little, &[7; 300])), vec![7; 300], |from| {
            receive_prefixed(from, 8, Order::Little)
        }),
        ("'i' + JSON", written(&|to| send_header(to, 4, Order::Little, header, b"hello")), "hello".into(), |from| {
            let Some(header) = receive_header(from, 4, Order::Little)? else { return Ok(None) };
            assert_eq!(header["filename"], "a.txt");
            receive_exact(from, header["filesize"].parse().unwrap()).map(Some)
        }),
        ("'>H' + JSON", written(&|to| send_header(to, 2, Order::Big, header, b"hello")), "hello".into(), |from| {
            let Some(header) = receive_header(from, 2, Order::Big)? else { return Ok(None) };
            let mut body = Vec::new();
            copy_exact(from, &mut body, header["filesize"].parse().unwrap())?;
            Ok(Some(body))
        }),
        ("ljust(64)", written(&|to| send_padded(to, 64, "é".as_bytes())), "é".into(), |from| {
            receive_padded(from, 64)
        }),
        ("zfill(10)", b"0000000005hello".into(), "hello".into(), |from| receive_padded(from, 10)),
        ("NUL padding", b"5\0\0\0hello".into(), "hello".into(), |from| receive_padded(from, 4)),
    ]
}

#[test]
fn what_is_on_the_wire_is_what_the_page_shows() {
    let wires: Vec<_> = framed_formats().into_iter().map(|(name, wire, ..)| (name, wire)).collect();
    let wire = |name: &str| wires.iter().find(|(other, _)| *other == name).unwrap().1.clone();
    assert_eq!(wire("'!I'"), b"\0\0\0\x05hello");
    assert_eq!(wire("'i'"), b"\x05\0\0\0hello");
    assert_eq!(wire("'!H'"), b"\0\0");
    assert_eq!(wire("'Q'")[..8], *b"\x2c\x01\0\0\0\0\0\0");
    assert_eq!(wire("'>H' + JSON"), [b"\0\x24", HEADER, b"hello"].concat());
    assert_eq!(wire("ljust(64)"), [b"2", &[b' '; 63][..], "é".as_bytes()].concat());
    assert_eq!(wire("<END>"), b"a<EN>D<EN<END>");
}

#[test]
fn glued_and_split_messages_come_out_as_they_were_sent() {
    for (name, wire, message, receive) in framed_formats() {
        let glued = wire.repeat(3);
        for capacity in [1, 3, 8192] {
            let mut from = BufReader::with_capacity(capacity, ByteByByte(&glued));
            for _ in 0..3 {
                assert_eq!(receive(&mut from).unwrap().as_ref(), Some(&message), "{name}");
            }
            assert_eq!(receive(&mut from).unwrap(), None, "{name}: an orderly end");
        }
    }
}

#[test]
fn an_end_inside_a_message_is_an_error() {
    for (name, wire, _, receive) in framed_formats() {
        for end in 1..wire.len() {
            let error = receive(&mut BufReader::new(ByteByByte(&wire[..end]))).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{name} {end}: {error}");
            assert!(!error.to_string().contains("buffer"), "{error}");
        }
    }
}

/// What `receive` says of such bytes; the peer sends no more, and does not close.
fn refusal<T: std::fmt::Debug>(came: &[u8], receive: impl Fn(&mut BufReader<TcpStream>) -> io::Result<T>) -> String {
    let (mut peer, stream) = connection();
    peer.write_all(came).unwrap();
    let error = receive(&mut BufReader::new(stream)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
    error.to_string()
}

#[test]
fn a_usual_mix_up_is_named_and_what_came_is_quoted() {
    let header = |from: &mut BufReader<TcpStream>| receive_header(from, 4, Order::Little);
    let big = |from: &mut BufReader<TcpStream>| receive_prefixed(from, 4, Order::Big);
    assert_eq!(
        refusal(HEADER, header),
        r#"expected a length of 0 to 8192 in 4 bytes, got "{\"fi" (it looks like JSON with no length in front)"#
    );
    for (came, looks_like) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], "HTTP)"),
        (b"\x16\x03\x01\x02", "TLS)"),
        (b"HDR1\x01", "the header of src/header.rs)"),
        (b"hello", "text with no length in front)"),
        (b"5   hello", "a size in digits)"),
        (b"\x05\0\0\0", "a length of 5 in the other byte order)"),
        (b"\xff\xff\xff\xff", "a length of 4294967295, or below 0)"),
    ] {
        let error = refusal(came, big);
        assert!(error.ends_with(looks_like), "{error}");
    }
    assert!(refusal(b"{\"", |from| receive_header(from, 2, Order::Big)).contains("JSON with no length in front"));
    assert!(refusal(b"{\"", |from| receive_header(from, 2, Order::Little)).contains("JSON with no length in front"));
    assert!(refusal(b"\0\0\0\x09{\"a\": 1}", receive_json).contains("JSON with its length in front"));
    assert!(refusal(b"hello", receive_json).contains("got \"hello\" (it looks like text"));
    assert!(refusal(b"hello worl", |from| receive_padded(from, 10)).contains("got \"hello worl\" (it looks like text"));
    assert!(refusal(b"\x05\0\0\0", |from| receive_padded(from, 4)).contains("another format"));
    assert!(refusal(b"caf\xe9\n", receive_line).contains("expected UTF-8, got \"caf\\xe9\""));
    assert!(refusal(b"hello", receive_digits).contains("a size in digits, got \"hello\""));
    let quoted = refusal(&[b'x'; 100], receive_json);
    assert!(quoted.contains(&format!("\"{}…\"", "x".repeat(40))), "{quoted}");
}

#[test]
fn lengths_are_checked_before_memory_is_taken() {
    let max = u32::try_from(MAX_BODY).unwrap();
    for length in [max + 1, u32::MAX, 1 << 31] {
        refusal(&length.to_be_bytes(), |from| receive_prefixed(from, 4, Order::Big));
        refusal(&length.to_le_bytes(), |from| receive_prefixed(from, 4, Order::Little));
        refusal(&u64::from(length).to_be_bytes(), |from| receive_prefixed(from, 8, Order::Big));
        refusal(format!("{length:<20}").as_bytes(), |from| receive_padded(from, 20));
    }
    refusal(&u64::MAX.to_le_bytes(), |from| receive_prefixed(from, 8, Order::Little));
    refusal(&[0xff; 9], |from| receive_prefixed(from, 9, Order::Little));
    refusal(&8193_i32.to_le_bytes(), |from| receive_header(from, 4, Order::Little));
    for digits in ["+5        ", "-5        ", "5 5       ", "5_0       ", "          ", "99999999999999999999999999"] {
        refusal(digits.as_bytes(), |from| receive_padded(from, digits.len()));
    }
    assert_eq!(receive_exact(&mut io::empty(), usize::MAX).unwrap_err().kind(), ErrorKind::InvalidData);
    let mut longest = vec![b'x'; MAX_BODY];
    longest.push(b'\n');
    assert_eq!(receive_line(&mut &longest[..]).unwrap().unwrap().len(), MAX_BODY);
    for endless in [&b"x"[..], b"x>", b"{", b"\"{"] {
        let endless = [b"{", &endless.repeat(2 * MAX_BODY)[..]].concat();
        let line = receive_line(&mut &endless[..]).unwrap_err();
        assert!(line.to_string().starts_with("no end mark \"\\n\" in 1048576 bytes: \"{"), "{line}");
        assert_eq!(receive_marked(&mut &endless[..], b"<END>").unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(receive_json(&mut &endless[..]).unwrap_err().kind(), ErrorKind::InvalidData);
    }
}

#[test]
fn what_the_other_side_would_misread_is_not_sent() {
    let mut to = Writes::default();
    for result in [
        send_line(&mut to, "two\nlines"),
        send_marked(&mut to, b"a<END>b", b"<END>"),
        send_marked(&mut to, b"a", b"aa"), // the mark would be found a byte too early
        send_marked(&mut to, b"a", b""),
        send_prefixed(&mut to, 2, Order::Big, &[0; 65_536]),
        send_padded(&mut to, 2, &[0; 100]),
    ] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert!(to.0.is_empty());
    assert!(receive_marked(&mut &b"x"[..], b"").is_err());
}

#[test]
fn flat_json_is_read_as_python_reads_it() {
    let line = format!(r#"{{"type": "chat", "text": {}, "id": {}}}"#, quote("say \"é\"\n\\"), 7);
    assert_eq!(line, r#"{"type": "chat", "text": "say \"é\"\u000a\\", "id": 7}"#);
    let message = fields(&line).unwrap();
    assert_eq!((&*message["text"], &*message["id"]), ("say \"é\"\n\\", "7"));
    for (json, key, value) in [
        (r#"{"smile": "\ud83d\ude00\u00e9"}"#, "smile", "😀é"),
        (" {\r\n\t\"a\" : 1 , \"b\":-1.5e-7 }\n", "b", "-1.5e-7"),
        (r#"{"\u0061": true, "b": null}"#, "a", "true"),
        (r#"{"a": "\" \\ \/ \b\f\n\r\t"}"#, "a", "\" \\ / \u{8}\u{c}\n\r\t"),
        (r#"{"a": "}, {"}"#, "a", "}, {"),
        (r#"{"": ""}"#, "", ""),
        (r#"{"a": 0, "b": -0.5E+3}"#, "b", "-0.5E+3"),
        (r#"{"a": 1, "a": 2}"#, "a", "2"),
    ] {
        assert_eq!(fields(json).unwrap()[key], value, "{json}");
    }
    assert!(fields("{}").unwrap().is_empty() && fields(" { } ").unwrap().is_empty());
    for json in [
        "",
        "{",
        "}",
        "[]",
        "5",
        "{}}",
        "{} {}",
        "{,}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a": 1,}"#,
        r#"{"a": 1 "b": 2}"#,
        r#"{a: 1}"#,
        r#"{'a': 1}"#,
        r#"{"a": [1]}"#,
        r#"{"a": {"b": 1}}"#,
        r#"{"a": 1_0}"#,
        r#"{"a": 0x1}"#,
        r#"{"a": +5}"#,
        r#"{"a": 05}"#,
        r#"{"a": -05}"#,
        r#"{"a": .5}"#,
        r#"{"a": 5.}"#,
        r#"{"a": 5.e1}"#,
        r#"{"a": -}"#,
        r#"{"a": NaN}"#,
        r#"{"a": Infinity}"#,
        r#"{"a": True}"#,
        r#"{"a": "x}"#,
        r#"{"a": "\x41"}"#,
        r#"{"a": "\u12"}"#,
        r#"{"a": "\u+123"}"#,
        r#"{"a": "\u12é4"}"#,
        r#"{"a": "\ud83d"}"#,
        "{\"a\": \"\n\"}",
        "\u{feff}{}",
        "{\"a\": 1",
    ] {
        assert_eq!(fields(json).unwrap_err().kind(), ErrorKind::InvalidData, "{json}");
    }
    assert!(fields("{'a': 1}").unwrap_err().to_string().contains("Python's str(dict)"));
}

#[test]
fn json_without_a_mark_ends_where_its_braces_close() {
    let mut glued = &br#"{"a": "}"}{"b": {"c": "\""}} ["d", "]"]
{"e": "\\"}  "#[..];
    for json in [r#"{"a": "}"}"#, r#"{"b": {"c": "\""}}"#, r#"["d", "]"]"#, r#"{"e": "\\"}"#] {
        assert_eq!(receive_json(&mut glued).unwrap().as_deref(), Some(json));
    }
    assert_eq!(receive_json(&mut glued).unwrap(), None);
    refusal(b"}", receive_json);
    refusal(b"  5", receive_json);
    refusal(b"{\"\xff\"}", receive_json);
}

#[test]
fn a_header_and_the_file_behind_it_are_read_from_one_reader() {
    let file: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let size = file.len();
    for (name, header) in [("text", format!("a.txt\n{size}\n")), ("separated", format!("a.txt<SEPARATOR>{size}"))] {
        let (mut peer, stream) = connection();
        let message = [header.as_bytes(), &file, b"next\n"].concat(); // all glued
        let sender = thread::spawn(move || peer.write_all(&message));
        let mut reader = BufReader::new(stream);
        let size = if name == "text" {
            assert_eq!(receive_line(&mut reader).unwrap().as_deref(), Some("a.txt"));
            receive_line(&mut reader).unwrap().unwrap().parse().unwrap()
        } else {
            let (filename, size) = receive_separated(&mut reader, "<SEPARATOR>").unwrap().unwrap();
            assert_eq!(filename, "a.txt");
            size
        };
        let mut received = Vec::new();
        copy_exact(&mut reader, &mut received, size).unwrap();
        assert!(received == file, "{name}");
        assert_eq!(receive_line(&mut reader).unwrap().as_deref(), Some("next"), "the reader keeps the next line");
        assert_eq!(receive_separated(&mut reader, "<SEPARATOR>").unwrap(), None);
        sender.join().unwrap().unwrap();
    }
    let error = copy_exact(&mut &b"xx"[..], &mut io::sink(), 3).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::UnexpectedEof, "only 2 of 3 bytes came"));
    let torn = receive_separated(&mut &b"a.txt<SEPARATOR>"[..], "<SEPARATOR>").unwrap_err();
    assert_eq!(torn.kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn a_size_waits_for_its_acknowledgement_and_takes_no_byte_more() {
    let (mut sender, mut receiver) = connection();
    let receiving = thread::spawn(move || {
        let size = receive_size(&mut receiver, b"ok").unwrap().unwrap();
        let data = receive_exact(&mut receiver, size as usize).unwrap();
        receiver.write_all(b"next").unwrap();
        (data, receive_size(&mut receiver, b"ok").unwrap())
    });
    send_size(&mut sender, 5, b"ok").unwrap();
    sender.write_all(b"hello").unwrap();
    let mut next = [0; 4];
    sender.read_exact(&mut next).unwrap();
    assert_eq!(&next, b"next");
    drop(sender);
    assert_eq!(receiving.join().unwrap(), (b"hello".to_vec(), None));

    let (mut sender, mut receiver) = connection();
    receiver.write_all(b"oknext").unwrap(); // the next message sticks to the acknowledgement
    send_size(&mut sender, 5, b"ok").unwrap();
    sender.read_exact(&mut next).unwrap();
    assert_eq!(&next, b"next");
    receiver.write_all(b"ok").unwrap();
    let error = send_size(&mut sender, 5, b"True").unwrap_err(); // and does not wait for two bytes more
    assert!(error.to_string().starts_with("expected the acknowledgement \"True\", got \"ok\""), "{error}");

    for (came, hint) in [("17command", "a peer that waits for no acknowledgement"), ("hello", "text"), ("{}", "JSON")] {
        let (mut sender, mut receiver) = connection();
        sender.write_all(came.as_bytes()).unwrap();
        let error = receive_size(&mut receiver, b"ok").unwrap_err();
        assert!(error.kind() == ErrorKind::InvalidData && error.to_string().contains(hint), "{error}");
    }
}

/// Pinned, as the page warns of it: these formats have no mark, and no reader could do better.
#[test]
fn what_nothing_marks_the_end_of_is_misread_as_the_page_says() {
    let (mut sender, mut receiver) = connection();
    sender.write_all(b"1").unwrap();
    assert_eq!(receive_size(&mut receiver, b"ok").unwrap(), Some(1));
    sender.write_all(b"2345").unwrap();
    assert_eq!(receive_exact(&mut receiver, 1).unwrap(), b"2", "a wrong message is returned as a good one");
    assert_eq!(receive_digits(&mut BufReader::new(ByteByByte(b"12345"))).unwrap(), Some(1));
    assert_eq!(receive_digits(&mut &b"52024"[..]).unwrap(), Some(52_024), "data that begins with a digit");
    let mut glued = &b"5hello"[..];
    assert_eq!(receive_digits(&mut glued).unwrap(), Some(5));
    assert_eq!(glued, b"hello");
}

#[test]
fn a_question_over_udp_is_sent_again_until_its_own_answer_comes() {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.connect(server.local_addr().unwrap()).unwrap();
    server.set_read_timeout(Some(PATIENCE)).unwrap();
    let asking = thread::spawn(move || {
        let started = Instant::now();
        let answers = [ask(&client, 1, b"one").unwrap(), ask(&client, 2, b"two").unwrap()];
        (answers, started.elapsed(), client)
    });
    let receive = || {
        let mut buffer = [0; 100];
        let (received, addr) = server.recv_from(&mut buffer).unwrap();
        (buffer[..received].to_vec(), addr)
    };
    let (first, _) = receive(); // and is not answered
    let (again, addr) = receive();
    assert_eq!((&first[..], &again[..]), (&b"\0\0\0\x01one"[..], &b"\0\0\0\x01one"[..]));
    server.send_to(b"\0\0\0\x01ONE", addr).unwrap();
    server.send_to(b"\0\0\0\x01late", addr).unwrap(); // the answer to the first, which comes late
    assert_eq!(receive().0, b"\0\0\0\x02two");
    server.send_to(b"\0\0", addr).unwrap();
    server.send_to(b"\0\0\0\x02TWO", addr).unwrap();
    let (answers, took, client) = asking.join().unwrap();
    assert_eq!(answers, [b"ONE", b"TWO"]);
    assert!(took > Duration::from_millis(900) && took < Duration::from_secs(1) + SLACK, "{took:?}");
    assert_eq!(ask(&client, 3, b"three").unwrap_err().kind(), ErrorKind::TimedOut);
    for _ in 0..5 {
        assert_eq!(receive().0, b"\0\0\0\x03three");
    }
    server.set_nonblocking(true).unwrap();
    assert!(server.recv(&mut [0; 100]).is_err(), "no sixth one, and the second question came once");
}

#[test]
fn what_commands_a_terminal_is_spelt_out() {
    assert_eq!(printable("tür\x1b[2J\r\n\ta\u{9b}"), "tür\\u{1b}[2J\\u{d}\\u{a}\ta\\u{9b}");
    for mark in ['\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'] {
        assert_eq!(printable(&format!("a{mark}b")), format!("a{}b", mark.escape_unicode()));
    }
    assert_eq!(printable("👩\u{200d}🚀 漢字"), "👩\u{200d}🚀 漢字");
}

// The page

/// The blocks of `text` that are fenced as `language`.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(&*fence).skip(1).map(|rest| rest.split_once("```").unwrap().0).collect()
}

/// What stands on the page under a heading.
fn section(title: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("no section {title}"));
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

/// The Python of a section, connected, which sends back what it receives.
fn python_peer(title: &str, count: usize) -> (Program, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let prelude = blocks(PAGE, "python")[0];
    let functions = blocks(section(title), "python")[0];
    let script = format!(
        "{prelude}\n{functions}
conn = socket.create_connection(('127.0.0.1', {port}), 20)
reader = conn.makefile('rb')
takes_reader = receive.__code__.co_varnames[0] == 'reader'
for _ in range({count}):
    send(conn, receive(reader if takes_reader else conn))
"
    );
    let program = Program::start(bare_python().args(["-c", &script]));
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    (program, stream)
}

/// Every format, with the Python that the page shows: what the one sends, the other receives.
#[test]
fn each_format_is_understood_by_the_python_of_the_page_and_understands_it() {
    if !languages().contains(&Python) {
        return;
    }
    type Exchange = fn(&mut TcpStream, &mut BufReader<TcpStream>) -> io::Result<()>;
    let exchanges: [(&str, Exchange); 10] = [
        ("Lines", |stream, reader| {
            send_line(stream, "hello é")?;
            assert_eq!(receive_line(reader)?.as_deref(), Some("hello é"));
            Ok(())
        }),
        ("Other end marks", |stream, reader| {
            send_marked(stream, b"a>b", b"<END>")?;
            assert_eq!(receive_marked(reader, b"<END>")?.as_deref(), Some(&b"a>b"[..]));
            Ok(())
        }),
        ("JSON lines", |stream, reader| {
            let json = format!(r#"{{"type": "chat", "text": {}, "id": 7}}"#, quote("say \"é\"\n\u{1}😀"));
            send_line(stream, &json)?;
            let message = fields(&receive_line(reader)?.unwrap())?;
            assert_eq!((&*message["text"], &*message["id"]), ("say \"é\"\n\u{1}😀", "7"));
            Ok(())
        }),
        ("JSON without a mark", |stream, reader| {
            stream.write_all(format!(r#"{{"text": {}, "list": [{{}}]}}"#, quote("}")).as_bytes())?;
            assert_eq!(receive_json(reader)?.as_deref(), Some(r#"{"text": "}", "list": [{}]}"#));
            Ok(())
        }),
        ("A length in front", |stream, reader| {
            send_prefixed(stream, 4, Order::Big, b"hello")?;
            assert_eq!(receive_prefixed(reader, 4, Order::Big)?.as_deref(), Some(&b"hello"[..]));
            Ok(())
        }),
        ("`'i'` + JSON header: files", |stream, reader| {
            let header = format!(r#"{{"filename": {}, "filesize": 5}}"#, quote("é.txt"));
            send_header(stream, 4, Order::Little, &header, b"")?;
            copy_exact(&mut &b"hello"[..], stream, 5)?;
            let header = receive_header(reader, 4, Order::Little)?.unwrap();
            assert_eq!((&*header["filename"], &*header["filesize"]), ("a.txt", "5"));
            assert_eq!(receive_exact(reader, 5)?, b"hello");
            Ok(())
        }),
        ("`'>H'` + JSON header", |stream, reader| {
            let content = r#"{"result": "é"}"#;
            let header = format!(r#"{{"byteorder": "little", "content-length": {}}}"#, content.len());
            send_header(stream, 2, Order::Big, &header, content.as_bytes())?;
            let header = receive_header(reader, 2, Order::Big)?.unwrap();
            assert_eq!(header["content-type"], "text/json");
            assert_eq!(receive_exact(reader, header["content-length"].parse().unwrap())?, content.as_bytes());
            Ok(())
        }),
        ("A padded length", |stream, reader| {
            send_padded(stream, 64, "hello é".as_bytes())?;
            assert_eq!(receive_padded(reader, 64)?.as_deref(), Some("hello é".as_bytes()));
            Ok(())
        }),
        ("A size and an acknowledgement", |stream, _| {
            send_size(stream, 5, b"ok")?;
            stream.write_all(b"hello")?;
            assert_eq!(receive_size(stream, b"ok")?, Some(5));
            assert_eq!(receive_exact(stream, 5)?, b"hello");
            Ok(())
        }),
        ("A text header, then a file", |stream, reader| {
            send_line(stream, "é.txt")?;
            send_line(stream, "5")?;
            copy_exact(&mut &b"hello"[..], stream, 5)?;
            assert_eq!(receive_line(reader)?.as_deref(), Some("a.txt"));
            assert_eq!(receive_line(reader)?.as_deref(), Some("5"));
            assert_eq!(receive_exact(reader, 5)?, b"hello");
            Ok(())
        }),
    ];
    for (title, exchange) in exchanges {
        println!("{title}"); // seen when the test fails
        let (mut program, mut stream) = python_peer(title, 3);
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        for _ in 0..3 {
            exchange(&mut stream, &mut reader).unwrap();
        }
        assert_eq!((program.finish(), program.errors()), (Some(0), vec![]), "{title}");
        assert_eq!(reader.fill_buf().unwrap(), b"", "{title}: something is left over");
    }
}

/// Where nothing marks the end, two messages can come as one: a busy machine makes that happen, so there are ten tries.
#[test]
fn a_format_without_a_mark_works_while_each_receive_brings_one_message() {
    if !languages().contains(&Python) {
        return;
    }
    type Exchange = fn(&mut TcpStream, &mut BufReader<TcpStream>) -> io::Result<bool>;
    let exchanges: [(&str, Exchange); 3] = [
        ("A size alone", |stream, reader| {
            send_apart(stream, b"5")?;
            stream.write_all(b"hello")?;
            Ok(receive_digits(reader)? == Some(5) && receive_exact(reader, 5)? == b"hello")
        }),
        ("`<SEPARATOR>`", |stream, reader| {
            send_apart(stream, "é.txt<SEPARATOR>5".as_bytes())?;
            copy_exact(&mut &b"hello"[..], stream, 5)?;
            let header = receive_separated(reader, "<SEPARATOR>")?;
            Ok(header == Some(("a.txt".to_owned(), 5)) && receive_exact(reader, 5)? == b"hello")
        }),
        ("Text without a mark", |stream, reader| {
            for text in ["NICK", "é"] {
                send_apart(stream, text.as_bytes())?;
                let came = reader.fill_buf()?.len();
                if receive_exact(reader, came)? != text.as_bytes() {
                    return Ok(false);
                }
            }
            Ok(true)
        }),
    ];
    for (title, exchange) in exchanges {
        let works = || {
            let (_python, mut stream) = python_peer(title, 2);
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            exchange(&mut stream, &mut reader).unwrap_or(false)
        };
        assert!((0..10).any(|_| works()), "{title}");
    }
}

#[test]
fn a_question_over_udp_is_answered_by_the_python_of_the_page() {
    if !languages().contains(&Python) {
        return;
    }
    let functions = blocks(section("UDP with repetition"), "python")[0];
    let script = format!(
        "import socket
{functions}
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', 0))
print(s.getsockname()[1], flush=True)
question, addr, number = receive(s)
send(s, question.upper(), addr, number)
"
    );
    let program = Program::start(bare_python().args(["-c", &script]));
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(("127.0.0.1", program.line().parse().unwrap())).unwrap();
    assert_eq!(ask(&socket, 7, b"hello").unwrap(), b"HELLO");
}

/// The errors that the page names, when Python receives two messages as one.
#[test]
fn python_fails_as_the_page_says_when_messages_are_glued() {
    if !languages().contains(&Python) {
        return;
    }
    for (title, came, error) in [
        ("JSON without a mark", &br#"{"a": 1}{"b": 2}"#[..], "JSONDecodeError: Extra data"),
        ("JSON without a mark", br#"{"a": "1"#, "Unterminated string"),
        ("JSON without a mark", br#"{"a": "#, "Expecting"),
        ("A size alone", b"5hello", "ValueError: invalid literal"),
        ("`<SEPARATOR>`", b"a.txt<SEPARATOR>5hello", "ValueError: invalid literal"),
        ("`<SEPARATOR>`", b"a.txt<SEPARATOR>5\xff\xd8", "UnicodeDecodeError"),
    ] {
        let (program, mut stream) = python_peer(title, 1);
        stream.write_all(came).unwrap();
        program.error_with(error);
    }
}

/// Compiles `source` as a program of its own, with the file of formats beside it.
fn compile(dir: &Path, edition: &str, source: &str) -> std::path::PathBuf {
    fs::write(dir.join("formats.rs"), CODE).unwrap();
    fs::write(dir.join("main.rs"), source).unwrap();
    let program = dir.join(format!("main{}", std::env::consts::EXE_SUFFIX));
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
    let output = rustc.args(["--edition", edition, "-D", "warnings", "-o"]).arg(&program).arg(dir.join("main.rs"));
    let output = output.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    program
}

#[test]
fn the_file_and_the_server_of_the_page_compile_in_another_program_and_run() {
    let [source] = blocks(PAGE, "rust")[..] else { panic!("one block of Rust") };
    let source = source.replace("127.0.0.1:8080", "127.0.0.1:0");
    for edition in ["2021", "2024"] {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::listening(Program::start(&mut Command::new(compile(dir.path(), edition, &source))));
        let mut stream = server.connect();
        stream.write_all("hello é\r\nbye\n".as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        assert_eq!(receive_line(&mut reader).unwrap().as_deref(), Some("HELLO É"));
        assert_eq!(receive_line(&mut reader).unwrap().as_deref(), Some("BYE"));
    }
}

#[test]
fn each_example_can_be_copied_with_the_file_beside_it() {
    for name in ["chat_server", "chat_client", "upload_server", "upload_client"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(format!("{name}.rs"));
        let source = fs::read_to_string(path).unwrap();
        let copied = source.replace("use socket_basics::formats::", "mod formats;\nuse formats::");
        assert!(copied != source && !copied.contains("socket_basics"), "{name}");
        compile(tempfile::tempdir().unwrap().path(), "2021", &copied);
    }
}

#[test]
fn the_page_names_every_function_and_every_function_that_it_names_is_there() {
    let functions: Vec<&str> =
        CODE.split("\npub fn ").skip(1).map(|rest| rest.split(['(', '<']).next().unwrap()).collect();
    assert!(functions.len() > 15, "{functions:?}");
    for function in &functions {
        assert!(PAGE.contains(&format!("{function}(")), "FORMATS.md does not name {function}");
    }
    let items = PAGE.split("\n- **Rust**: ").skip(1).map(|rest| rest.split("\n- **").next().unwrap());
    let mut count = 0;
    for call in items.flat_map(|item| item.split('`').skip(1).step_by(2)).filter(|code| code.contains('(')) {
        let name = call.split('(').next().unwrap();
        let is_method = name.starts_with("stream.") || name.starts_with("message.") || name.contains("client");
        let is_python = name.starts_with("reader") || name == "strip";
        assert!(is_method || is_python || functions.contains(&name), "there is no {name}: {call}");
        count += 1;
    }
    assert!(count > 20, "{count}");
}
