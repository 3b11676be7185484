//! What rustc 1.95 says of small sources, and the same sources mended as the page says.

/// A source that does not compile.
pub struct Case {
    pub entry: &'static str,
    /// Lines of the program, or the whole of it where it has a `fn main` or is marked [`WHOLE`].
    pub bad: &'static str,
    /// The first line of the message, then parts of others.
    pub says: &'static [&'static str],
    /// The same, mended; empty where there is nothing to show.
    pub good: &'static str,
}

/// The first line of a source that is a whole program without a `fn main`.
pub const WHOLE: &str = "// whole";

/// A program around some lines: `stream`, `listener` and `buffer` are there, and the usual imports.
pub fn program(lines: &str) -> String {
    if lines.starts_with(WHOLE) || lines.contains("fn main") {
        return lines.to_owned();
    }
    format!(
        "#![allow(unused)]
use std::io::{{self, BufRead, BufReader, Read, Write}};
use std::net::{{Shutdown, SocketAddr, TcpListener, TcpStream}};
use std::thread;
use std::time::Duration;

fn handle(stream: TcpStream) {{}}

fn main() -> io::Result<()> {{
    let listener = TcpListener::bind(\"127.0.0.1:0\")?;
    let mut stream = TcpStream::connect(\"127.0.0.1:1\")?;
    let mut buffer = [0; 1024];
    let _: &[u8] = &buffer;
{lines}
    Ok(())
}}
"
    )
}

pub const CASES: &[Case] = &[
    Case {
        entry: "E0382: use of moved value",
        bad: "thread::spawn(move || handle(stream)); stream.write_all(b\"x\")?;",
        says: &[
            "error[E0382]: borrow of moved value: `stream`",
            "value moved into closure here",
            "move occurs because `stream` has type `TcpStream`, which does not implement the `Copy` trait",
        ],
        good: "let reader = stream.try_clone()?; thread::spawn(move || handle(reader)); stream.write_all(b\"x\")?;",
    },
    Case {
        entry: "E0382: use of moved value",
        bad: "handle(stream); handle(stream);",
        says: &["error[E0382]: use of moved value: `stream`"],
        good: "fn lend(stream: &TcpStream) {} lend(&stream); lend(&stream);",
    },
    Case {
        entry: "E0382: use of moved value",
        bad: "loop { thread::spawn(move || handle(stream)); }",
        says: &[
            "error[E0382]: use of moved value: `stream`",
            "value moved into closure here, in previous iteration of loop",
        ],
        good: "loop { let conn = listener.accept()?.0; thread::spawn(move || handle(conn)); }",
    },
    Case {
        entry: "E0382: use of moved value",
        bad: "let mut reader = BufReader::new(stream); stream.write_all(b\"x\")?;",
        says: &["error[E0382]: borrow of moved value: `stream`"],
        good: "let mut reader = BufReader::new(&stream); (&stream).write_all(b\"x\")?;",
    },
    Case {
        entry: "E0373: closure may outlive the current function",
        bad: "let _ = thread::spawn(|| stream.write_all(b\"x\"));",
        says: &[
            "error[E0373]: closure may outlive the current function, but it borrows `stream`, which is owned by the current function",
            "may outlive borrowed value `stream`",
        ],
        good: "let _ = thread::spawn(move || stream.write_all(b\"x\"));",
    },
    Case {
        entry: "E0521, E0597, E0716: does not live long enough",
        bad: "fn f(stream: &mut TcpStream) { thread::spawn(move || stream.write_all(b\"x\")); }",
        says: &["error[E0521]: borrowed data escapes outside of function"],
        good: "fn f(stream: &TcpStream) -> io::Result<()> {
            let mut stream = stream.try_clone()?;
            thread::spawn(move || stream.write_all(b\"x\"));
            Ok(())
        }",
    },
    Case {
        entry: "E0521, E0597, E0716: does not live long enough",
        bad: "struct S { n: u8 } impl S { fn run(&self) { thread::spawn(move || println!(\"{}\", self.n)); } }",
        says: &["error[E0521]: borrowed data escapes outside of method"],
        good: "",
    },
    Case {
        entry: "E0521, E0597, E0716: does not live long enough",
        bad: "let name = String::new(); let lent = &name; thread::spawn(move || println!(\"{lent}\"));",
        says: &[
            "error[E0597]: `name` does not live long enough",
            "argument requires that `name` is borrowed for `'static`",
        ],
        good: "let name = String::new(); let own = name.clone(); thread::spawn(move || println!(\"{own}\"));",
    },
    Case {
        entry: "E0521, E0597, E0716: does not live long enough",
        bad: "let text = String::from_utf8_lossy(&buffer).to_string().trim(); println!(\"{text}\");",
        says: &["error[E0716]: temporary value dropped while borrowed"],
        good: "let text = String::from_utf8_lossy(&buffer); let text = text.trim(); println!(\"{text}\");",
    },
    Case {
        entry: "E0521, E0597, E0716: does not live long enough",
        bad: "fn f() -> &'static str { let s = String::new(); &s }",
        says: &["error[E0515]: cannot return reference to local variable `s`"],
        good: "fn f() -> String { let s = String::new(); s }",
    },
    Case {
        entry: "E0521, E0597, E0716: does not live long enough",
        bad: "fn f<'a>() -> &'a str { let s = String::new(); s.trim() }",
        says: &["error[E0515]: cannot return value referencing local variable `s`"],
        good: "",
    },
    Case {
        entry: "E0521, E0597, E0716: does not live long enough",
        bad: "struct Client { name: &str }",
        says: &["error[E0106]: missing lifetime specifier"],
        good: "struct Client { name: String }",
    },
    Case {
        entry: "E0502, E0499: cannot borrow as mutable",
        bad: "let mut clients = vec![stream]; for client in &clients { clients.push(client.try_clone()?); }",
        says: &["error[E0502]: cannot borrow `clients` as mutable because it is also borrowed as immutable"],
        good: "let mut clients = vec![stream]; let mut more = Vec::new();
            for client in &clients { more.push(client.try_clone()?); } clients.extend(more);",
    },
    Case {
        entry: "E0502, E0499: cannot borrow as mutable",
        bad: "let a = &mut stream; let b = &mut stream; a.write_all(b\"x\")?; b.write_all(b\"x\")?;",
        says: &["error[E0499]: cannot borrow `stream` as mutable more than once at a time"],
        good: "let mut a = &stream; let mut b = &stream; a.write_all(b\"x\")?; b.write_all(b\"x\")?;",
    },
    Case {
        entry: "E0505, E0506, E0507: cannot move out of",
        bad: "let reader = BufReader::new(&stream); drop(stream); drop(reader);",
        says: &["error[E0505]: cannot move out of `stream` because it is borrowed"],
        good: "let reader = BufReader::new(&stream); drop(reader); drop(stream);",
    },
    Case {
        entry: "E0505, E0506, E0507: cannot move out of",
        bad: "let mut n = 1; let r = &n; n = 2; println!(\"{r}\");",
        says: &["error[E0506]: cannot assign to `n` because it is borrowed"],
        good: "",
    },
    Case {
        entry: "E0505, E0506, E0507: cannot move out of",
        bad: "struct Client { stream: TcpStream } fn f(c: &Client) { handle(c.stream); }",
        says: &["error[E0507]: cannot move out of `c.stream` which is behind a shared reference"],
        good: "struct Client { stream: TcpStream }
            fn f(c: &Client) -> io::Result<()> { handle(c.stream.try_clone()?); Ok(()) }",
    },
    Case {
        entry: "E0505, E0506, E0507: cannot move out of",
        bad: "let names = vec![String::new()]; let first = names[0];",
        says: &["error[E0507]: cannot move out of index of `Vec<String>`"],
        good: "let mut names = vec![String::new()]; let first = &names[0]; let first = names[0].clone();
            let first = names.remove(0); let all = std::mem::take(&mut names);",
    },
    Case {
        entry: "E0505, E0506, E0507: cannot move out of",
        bad: "struct W { t: thread::JoinHandle<()> } impl Drop for W { fn drop(&mut self) { let _ = self.t.join(); } }",
        says: &["error[E0507]: cannot move out of `self.t` which is behind a mutable reference"],
        good: "struct W { t: Option<thread::JoinHandle<()>> }
            impl Drop for W { fn drop(&mut self) { if let Some(t) = self.t.take() { let _ = t.join(); } } }",
    },
    Case {
        entry: "E0596, E0594, E0384: not declared as mutable",
        bad: "let stream = stream; stream.write_all(b\"x\")?;",
        says: &["error[E0596]: cannot borrow `stream` as mutable, as it is not declared as mutable"],
        good: "let mut stream = stream; stream.write_all(b\"x\")?;
            let mut clients = vec![stream]; for stream in &mut clients { stream.write_all(b\"x\")?; }",
    },
    Case {
        entry: "E0596, E0594, E0384: not declared as mutable",
        bad: "fn f(stream: &TcpStream) -> io::Result<()> { stream.write_all(b\"x\") }",
        says: &["error[E0596]: cannot borrow `stream` as mutable, as it is not declared as mutable"],
        good: "fn f(mut stream: &TcpStream) -> io::Result<()> { stream.write_all(b\"x\") }
            fn g(stream: &TcpStream) -> io::Result<()> { (&*stream).write_all(b\"x\") }",
    },
    Case {
        entry: "E0596, E0594, E0384: not declared as mutable",
        bad: "let clients = std::sync::Arc::new(Vec::new()); clients.push(stream);",
        says: &["error[E0596]: cannot borrow data in an `Arc` as mutable"],
        good: "let clients = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
            if let Ok(mut clients) = clients.lock() { clients.push(stream); }",
    },
    Case {
        entry: "E0596, E0594, E0384: not declared as mutable",
        bad: "let n = std::sync::Arc::new(1); *n = 2;",
        says: &["error[E0594]: cannot assign to data in an `Arc`"],
        good: "",
    },
    Case {
        entry: "E0596, E0594, E0384: not declared as mutable",
        bad: "let n = 1; n = 2;",
        says: &["error[E0384]: cannot assign twice to immutable variable `n`"],
        good: "let mut n = 1; n = 2;",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn main() { let _ = std::net::TcpStream::connect(\"x\").map(|mut s| s.read_exact(&mut [0; 4])); }",
        says: &[
            "error[E0599]: no method named `read_exact` found for struct `TcpStream` in the current scope",
            "items from traits can only be used if the trait is in scope",
        ],
        good: "use std::io::Read;
            fn main() { let _ = std::net::TcpStream::connect(\"x\").map(|mut s| s.read_exact(&mut [0; 4])); }",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn main() { let _ = std::net::TcpStream::connect(\"x\").map(|mut s| s.read(&mut [0; 4])); }",
        says: &["error[E0599]: no method named `read` found for struct `TcpStream` in the current scope"],
        good: "",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn main() { let _ = std::net::TcpStream::connect(\"x\").map(|mut s| s.read_to_string(&mut String::new())); }",
        says: &["error[E0599]: no method named `read_to_string` found for struct `TcpStream` in the current scope"],
        good: "",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn main() { let _ = std::net::TcpStream::connect(\"x\").map(|mut s| s.read_to_end(&mut Vec::new())); }",
        says: &["error[E0599]: no method named `read_to_end` found for struct `TcpStream` in the current scope"],
        good: "",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn main() { let _ = std::net::TcpStream::connect(\"x\").map(|mut s| s.write_all(b\"x\")); }",
        says: &["error[E0599]: no method named `write_all` found for struct `TcpStream` in the current scope"],
        good: "use std::io::Write;
            fn main() { let _ = std::net::TcpStream::connect(\"x\").map(|mut s| s.write_all(b\"x\")); }",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn main() { let _ = std::net::TcpStream::connect(\"x\").map(|mut s| s.write(b\"x\")); }",
        says: &["error[E0599]: no method named `write` found for struct `TcpStream` in the current scope"],
        good: "",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn main() { let _ = std::net::TcpStream::connect(\"x\").map(|mut s| s.flush()); }",
        says: &["error[E0599]: no method named `flush` found for struct `TcpStream` in the current scope"],
        good: "",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn main() { let _ = std::io::stdout().flush(); }",
        says: &["error[E0599]: no method named `flush` found for struct `Stdout` in the current scope"],
        good: "use std::io::Write; fn main() { let _ = std::io::stdout().flush(); }",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn main() { let _ = std::io::BufReader::new(std::io::stdin()).read_line(&mut String::new()); }",
        says: &["error[E0599]: no method named `read_line` found for struct `BufReader<R>` in the current scope"],
        good: "use std::io::BufRead;
            fn main() { let _ = std::io::BufReader::new(std::io::stdin()).read_line(&mut String::new()); }",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn main() { let _ = std::io::BufReader::new(std::io::stdin()).lines(); }",
        says: &["error[E0599]: no method named `lines` found for struct `BufReader<R>` in the current scope"],
        good: "",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn main() { let _ = \"localhost:80\".to_socket_addrs(); }",
        says: &[
            "error[E0599]: no method named `to_socket_addrs` found for reference `&'static str` in the current scope",
        ],
        good: "use std::net::ToSocketAddrs; fn main() { let _ = \"localhost:80\".to_socket_addrs(); }",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn main() { let _ = std::io::stdout().is_terminal(); }",
        says: &["error[E0599]: no method named `is_terminal` found for struct `Stdout` in the current scope"],
        good: "use std::io::IsTerminal; fn main() { let _ = std::io::stdout().is_terminal(); }",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn main() { let _ = std::net::TcpStream::connect(\"x\").map(|mut s| write!(s, \"x\")); }",
        says: &["error[E0599]: cannot write into `TcpStream`"],
        good: "use std::io::Write; fn main() { let _ = std::net::TcpStream::connect(\"x\").map(|mut s| write!(s, \"x\")); }",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn main() { let mut text = String::new(); let _ = write!(text, \"x\"); }",
        says: &["error[E0599]: cannot write into `String`"],
        good: "use std::fmt::Write; fn main() { let mut text = String::new(); let _ = write!(text, \"x\"); }",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "fn f(from: &mut impl Read) {} fn main() {}",
        says: &["error[E0405]: cannot find trait `Read` in this scope"],
        good: "use std::io::Read; fn f(from: &mut impl Read) {} fn main() {}",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "stream.recv(&mut buffer)?;",
        says: &["error[E0599]: no method named `recv` found for struct `TcpStream` in the current scope"],
        good: "stream.read(&mut buffer)?;",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "stream.send(b\"x\")?;",
        says: &["error[E0599]: no method named `send` found for struct `TcpStream` in the current scope"],
        good: "stream.write_all(b\"x\")?;",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "stream.close();",
        says: &["error[E0599]: no method named `close` found for struct `TcpStream` in the current scope"],
        good: "drop(stream);",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "stream.clone();",
        says: &["error[E0599]: no method named `clone` found for struct `TcpStream` in the current scope"],
        good: "stream.try_clone()?;",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "stream.read_line(&mut String::new())?;",
        says: &["error[E0599]: no method named `read_line` found for struct `TcpStream` in the current scope"],
        good: "BufReader::new(&stream).read_line(&mut String::new())?;",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "for line in stream.lines() {}",
        says: &[
            "error[E0599]: the method `lines` exists for struct `TcpStream`, but its trait bounds were not satisfied",
        ],
        good: "for line in BufReader::new(&stream).lines() {}",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "for stream in listener.incoming() { stream.write_all(b\"x\")?; }",
        says: &["error[E0599]: no method named `write_all` found for enum `Result<T, E>` in the current scope"],
        good: "for stream in listener.incoming() { let mut stream = stream?; stream.write_all(b\"x\")?; }",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "let text = [0_u8; 1024].decode();",
        says: &["error[E0599]: no method named `decode` found for array `[u8; 1024]` in the current scope"],
        good: "",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "let received: usize = stream.read(&mut buffer)?.unwrap();",
        says: &["error[E0599]: no method named `unwrap` found for type `usize` in the current scope"],
        good: "",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "handle(stream, 1);",
        says: &["error[E0061]: this function takes 1 argument but 2 arguments were supplied"],
        good: "",
    },
    Case {
        entry: "E0277: the `?` operator",
        bad: "fn main() { std::net::TcpStream::connect(\"127.0.0.1:1\")?; }",
        says: &[
            "error[E0277]: the `?` operator can only be used in a function that returns `Result` or `Option` (or another \
             type that implements `FromResidual`)",
        ],
        good: "fn main() -> std::io::Result<()> { std::net::TcpStream::connect(\"127.0.0.1:1\")?; Ok(()) }",
    },
    Case {
        entry: "E0277: the `?` operator",
        bad: "thread::spawn(move || { stream.write_all(b\"x\")?; });",
        says: &[
            "error[E0277]: the `?` operator can only be used in a closure that returns `Result` or `Option` (or another \
             type that implements `FromResidual`)",
        ],
        good: "thread::spawn(move || -> io::Result<()> { stream.write_all(b\"x\")?; Ok(()) });",
    },
    Case {
        entry: "E0277: the `?` operator",
        bad: "let addr = std::env::args().nth(1)?;",
        says: &[
            "error[E0277]: the `?` operator can only be used on `Result`s, not `Option`s, in a function that returns `Result`",
        ],
        good: "let addr = std::env::args().nth(1).ok_or(io::ErrorKind::InvalidData)?;",
    },
    Case {
        entry: "E0277: the `?` operator",
        bad: "let text = std::str::from_utf8(&buffer)?;",
        says: &[
            "error[E0277]: `?` couldn't convert the error to `std::io::Error`",
            "the trait `From<Utf8Error>` is not implemented for `std::io::Error`",
        ],
        good: "let text = std::str::from_utf8(&buffer).map_err(io::Error::other)?;",
    },
    Case {
        entry: "E0277: the `?` operator",
        bad: "let n: u32 = \"5\".parse()?;",
        says: &[
            "error[E0277]: `?` couldn't convert the error to `std::io::Error`",
            "the trait `From<ParseIntError>` is not implemented for `std::io::Error`",
        ],
        good: "let n: u32 = \"5\".parse().map_err(io::Error::other)?;",
    },
    Case {
        entry: "E0277: the size of `[u8]`, an index of `str`",
        bad: "let part = buffer[..4];",
        says: &["error[E0277]: the size for values of type `[u8]` cannot be known at compilation time"],
        good: "let part = &buffer[..4];",
    },
    Case {
        entry: "E0277: the size of `[u8]`, an index of `str`",
        bad: "let part = \"abc\"[..1];",
        says: &["error[E0277]: the size for values of type `str` cannot be known at compilation time"],
        good: "let part = &\"abc\"[..1];",
    },
    Case {
        entry: "E0277: the size of `[u8]`, an index of `str`",
        bad: "let first = \"abc\"[0];",
        says: &["error[E0277]: the type `str` cannot be indexed by `{integer}`"],
        good: "let first = \"abc\".as_bytes()[0]; let first = \"abc\".chars().next();",
    },
    Case {
        entry: "E0277: the size of `[u8]`, an index of `str`",
        bad: "let n = 4_u32; let byte = buffer[n];",
        says: &["error[E0277]: the type `[u8]` cannot be indexed by `u32`"],
        good: "let n = 4_u32; let byte = buffer[n as usize];",
    },
    Case {
        entry: "E0277: the size of `[u8]`, an index of `str`",
        bad: "let n = 4_u32; let part = &buffer[..n];",
        says: &["error[E0277]: the type `[u8]` cannot be indexed by `RangeTo<u32>`"],
        good: "",
    },
    Case {
        entry: "E0277: cannot be sent between threads safely",
        bad: "let n = std::rc::Rc::new(1); thread::spawn(move || println!(\"{n}\"));",
        says: &["error[E0277]: `Rc<i32>` cannot be sent between threads safely"],
        good: "let n = std::sync::Arc::new(1); thread::spawn(move || println!(\"{n}\"));",
    },
    Case {
        entry: "E0277: cannot be sent between threads safely",
        bad: "let n = std::sync::Arc::new(std::cell::RefCell::new(1)); thread::spawn(move || *n.borrow());",
        says: &["error[E0277]: `RefCell<i32>` cannot be shared between threads safely"],
        good: "let n = std::sync::Arc::new(std::sync::Mutex::new(1)); thread::spawn(move || drop(n.lock()));",
    },
    Case {
        entry: "E0277: cannot be sent between threads safely",
        bad: "let (sender, receiver) = std::sync::mpsc::channel::<u8>(); let receiver = std::sync::Arc::new(receiver);
            thread::spawn(move || receiver.recv());",
        says: &["error[E0277]: `std::sync::mpsc::Receiver<u8>` cannot be shared between threads safely"],
        good: "let (sender, receiver) = std::sync::mpsc::channel::<u8>();
            let receiver = std::sync::Arc::new(std::sync::Mutex::new(receiver));
            thread::spawn(move || receiver.lock().map(|receiver| receiver.recv()).is_ok());",
    },
    Case {
        entry: "E0277: cannot be sent between threads safely",
        bad: "let lock = std::sync::Mutex::new(1); let guard = lock.lock().unwrap(); thread::spawn(move || drop(guard));",
        says: &["error[E0277]: `std::sync::MutexGuard<'_, i32>` cannot be sent between threads safely"],
        good: "",
    },
    Case {
        entry: "E0277: doesn't implement `Display`",
        bad: "println!(\"{}\", &buffer[..4]);",
        says: &["error[E0277]: `[u8]` doesn't implement `std::fmt::Display`"],
        good: "println!(\"{:?} {}\", &buffer[..4], buffer[..4].escape_ascii());",
    },
    Case {
        entry: "E0277: doesn't implement `Display`",
        bad: "println!(\"{stream}\");",
        says: &["error[E0277]: `TcpStream` doesn't implement `std::fmt::Display`"],
        good: "println!(\"{stream:?}\");",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "if &buffer[..4] == \"quit\" {}",
        says: &["error[E0277]: can't compare `[u8]` with `str`"],
        good: "if &buffer[..4] == b\"quit\" {}",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "if String::new() == 'a' {}",
        says: &["error[E0277]: can't compare `String` with `char`"],
        good: "if String::new() == \"a\" {}",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "let mut names = std::collections::HashMap::new(); names.insert(stream, \"ann\");",
        says: &[
            "error[E0277]: the trait bound `TcpStream: Eq` is not satisfied",
            "the trait bound `TcpStream: Hash` is not satisfied",
        ],
        good: "let mut names = std::collections::HashMap::new(); names.insert(stream.peer_addr()?, \"ann\");",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "for stream in listener {}",
        says: &["error[E0277]: `TcpListener` is not an iterator"],
        good: "for stream in listener.incoming() {}",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "let turned: &str = \"abc\".chars().rev().collect();",
        says: &["error[E0277]: a value of type `&str` cannot be built from an iterator over elements of type `char`"],
        good: "let turned = \"abc\".chars().rev().collect::<String>();",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "TcpStream::connect(8080)?;",
        says: &["error[E0277]: the trait bound `{integer}: ToSocketAddrs` is not satisfied"],
        good: "TcpStream::connect((\"127.0.0.1\", 8080))?;",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "let port = 8080_u32; TcpStream::connect((\"127.0.0.1\", port))?;",
        says: &["error[E0277]: the trait bound `(&str, u32): ToSocketAddrs` is not satisfied"],
        good: "",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "TcpStream::connect((\"127.0.0.1\", \"8080\"))?;",
        says: &["error[E0277]: the trait bound `(&str, &str): ToSocketAddrs` is not satisfied"],
        good: "let port = \"8080\".parse::<u16>().map_err(io::Error::other)?; TcpStream::connect((\"127.0.0.1\", port))?;",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "let (a, b) = (\"a\", \"b\"); let c = a + b;",
        says: &["error[E0369]: cannot add `&str` to `&str`"],
        good: "let (a, b) = (\"a\", \"b\"); let c = format!(\"{a}{b}\");",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "let mut clients = vec![stream.try_clone()?]; clients.retain(|client| *client != stream);",
        says: &["error[E0369]: binary operation `!=` cannot be applied to type `TcpStream`"],
        good: "",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "stream.write_all(\"hello\")?;",
        says: &["error[E0308]: mismatched types", "expected `&[u8]`, found `&str`"],
        good: "stream.write_all(\"hello\".as_bytes())?; stream.write_all(b\"hello\")?;",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "stream.write_all(String::new())?;",
        says: &["error[E0308]: mismatched types", "expected `&[u8]`, found `String`"],
        good: "stream.write_all(String::new().as_bytes())?;",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "let text = String::new(); stream.write_all(&text)?;",
        says: &["error[E0308]: mismatched types", "expected `&[u8]`, found `&String`"],
        good: "",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "stream.write_all(vec![1_u8])?;",
        says: &["error[E0308]: mismatched types", "expected `&[u8]`, found `Vec<u8>`"],
        good: "stream.write_all(&vec![1_u8])?;",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "stream.read(buffer)?;",
        says: &["error[E0308]: mismatched types", "expected `&mut [u8]`, found `[u8; 1024]`"],
        good: "stream.read(&mut buffer)?;",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "stream.read(&buffer)?;",
        says: &["error[E0308]: mismatched types", "types differ in mutability"],
        good: "",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "let n = u32::from_be_bytes(&buffer[..4]);",
        says: &["error[E0308]: mismatched types", "expected `[u8; 4]`, found `&[u8]`"],
        good: "let n = u32::from_be_bytes(buffer[..4].try_into().map_err(io::Error::other)?);",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "let received: usize = stream.read(&mut buffer);",
        says: &["error[E0308]: mismatched types", "expected `usize`, found `Result<usize, Error>`"],
        good: "let received: usize = stream.read(&mut buffer)?;",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "let length: u32 = buffer.len();",
        says: &["error[E0308]: mismatched types", "expected `u32`, found `usize`"],
        good: "let length = u32::try_from(buffer.len()).map_err(io::Error::other)?;",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "stream.set_read_timeout(Duration::from_secs(1))?;",
        says: &["error[E0308]: mismatched types", "expected `Option<Duration>`, found `Duration`"],
        good: "stream.set_read_timeout(Some(Duration::from_secs(1)))?;",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "TcpStream::connect_timeout(\"127.0.0.1:1\", Duration::from_secs(1))?;",
        says: &["error[E0308]: mismatched types", "expected `&SocketAddr`, found `&str`"],
        good: "let addr = \"127.0.0.1:1\".parse::<SocketAddr>().map_err(io::Error::other)?;
            TcpStream::connect_timeout(&addr, Duration::from_secs(1))?;",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "fn f(text: String) {} f(\"a\");",
        says: &["error[E0308]: mismatched types", "expected `String`, found `&str`"],
        good: "fn f(text: String) {} f(\"a\".to_owned());",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "fn f() -> io::Result<()> { println!(\"x\"); }",
        says: &["error[E0308]: mismatched types", "expected `Result<(), Error>`, found `()`"],
        good: "fn f() -> io::Result<()> { println!(\"x\"); Ok(()) }",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "match stream.read(&mut buffer)? { Ok(n) => {} Err(e) => {} }",
        says: &["error[E0308]: mismatched types", "expected `usize`, found `Result<_, _>`"],
        good: "match stream.read(&mut buffer) { Ok(n) => {} Err(e) => {} }",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "let conn: TcpStream = listener.accept()?;",
        says: &[
            "error[E0308]: `?` operator has incompatible types",
            "expected `TcpStream`, found `(TcpStream, SocketAddr)`",
        ],
        good: "let (conn, addr) = listener.accept()?;",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "use socket2::Socket; fn main() {}",
        says: &["error[E0432]: unresolved import `socket2`"],
        good: "",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "use crate::formats::send; fn main() {}",
        says: &["error[E0432]: unresolved import `crate::formats`"],
        good: "mod formats { pub fn send() {} } use self::formats::send; fn main() { send() }",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "fn main() { let n: u8 = rand::random(); }",
        says: &["error[E0433]: cannot find module or crate `rand` in this scope"],
        good: "",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "fn main() { thread::spawn(|| ()); }",
        says: &["error[E0433]: cannot find module or crate `thread` in this scope"],
        good: "use std::thread; fn main() { thread::spawn(|| ()); }",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "fn main() { let names = HashMap::<u8, u8>::new(); }",
        says: &["error[E0433]: cannot find type `HashMap` in this scope"],
        good: "use std::collections::HashMap; fn main() { let names = HashMap::<u8, u8>::new(); }",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "fn f(stream: TcpStream) {} fn main() {}",
        says: &["error[E0425]: cannot find type `TcpStream` in this scope"],
        good: "use std::net::TcpStream; fn f(stream: TcpStream) {} fn main() {}",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "println!(\"{conn}\");",
        says: &["error[E0425]: cannot find value `conn` in this scope"],
        good: "",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "handle_client(stream);",
        says: &["error[E0425]: cannot find function `handle_client` in this scope"],
        good: "",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "mod formats; fn main() {}",
        says: &["error[E0583]: file not found for module `formats`"],
        good: "",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "mod formats { fn send() {} } fn main() { formats::send() }",
        says: &["error[E0603]: function `send` is private"],
        good: "mod formats { pub fn send() {} } fn main() { formats::send() }",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "mod formats { #[derive(Default)] pub struct H { n: u8 } } fn main() { formats::H::default().n; }",
        says: &["error[E0616]: field `n` of struct `H` is private"],
        good: "mod formats { #[derive(Default)] pub struct H { pub n: u8 } } fn main() { let _ = formats::H::default().n; }",
    },
    Case {
        entry: "E0601: `main` function not found",
        bad: "// whole\nfn handle() {}",
        says: &["error[E0601]: `main` function not found in crate `server`"],
        good: "",
    },
    Case {
        entry: "E0601: `main` function not found",
        bad: "// whole\nlet listener = 1;",
        says: &["error: expected item, found keyword `let`"],
        good: "",
    },
    Case {
        entry: "E0601: `main` function not found",
        bad: "async fn main() {}",
        says: &["error[E0752]: `main` function is not allowed to be `async`"],
        good: "",
    },
    Case {
        entry: "E0601: `main` function not found",
        bad: "async fn f() {} f().await;",
        says: &["error[E0728]: `await` is only allowed inside `async` functions and blocks"],
        good: "",
    },
    Case {
        entry: "E0601: `main` function not found",
        bad: "print(\"a\");",
        says: &["error[E0423]: expected function, found macro `print`"],
        good: "print!(\"a\");",
    },
    Case {
        entry: "E0601: `main` function not found",
        bad: "let x = 1; println!(x);",
        says: &["error: format argument must be a string literal"],
        good: "let x = 1; println!(\"{x}\");",
    },
    Case {
        entry: "E0601: `main` function not found",
        bad: "let a = 1 \n let b = 2;",
        says: &["error: expected `;`, found keyword `let`"],
        good: "",
    },
    Case {
        entry: "E0601: `main` function not found",
        bad: "fn main() { if true {",
        says: &["error: this file contains an unclosed delimiter"],
        good: "",
    },
    Case {
        entry: "E0601: `main` function not found",
        bad: "fn main() { println!(\"a); }",
        says: &["error[E0765]: unterminated double quote string"],
        good: "",
    },
    Case {
        entry: "E0601: `main` function not found",
        bad: "let text = 'abc';",
        says: &["error: character literal may only contain one codepoint"],
        good: "",
    },
    Case {
        entry: "E0282, E0283, E0284: type annotations needed",
        bad: "let clients = Vec::new();",
        says: &["error[E0282]: type annotations needed for `Vec<_>`"],
        good: "let clients: Vec<TcpStream> = Vec::new();",
    },
    Case {
        entry: "E0282, E0283, E0284: type annotations needed",
        bad: "let n = \"5\".parse().map_err(io::Error::other)?;",
        says: &["error[E0277]: the trait bound `!: FromStr` is not satisfied"],
        good: "",
    },
    Case {
        entry: "E0282, E0283, E0284: type annotations needed",
        bad: "let n = \"5\".parse().unwrap();",
        says: &["error[E0284]: type annotations needed"],
        good: "let n = \"5\".parse::<u16>().map_err(io::Error::other)?;",
    },
    Case {
        entry: "E0282, E0283, E0284: type annotations needed",
        bad: "let letters = \"abc\".chars().collect(); drop(letters);",
        says: &["error[E0283]: type annotations needed"],
        good: "let letters = \"abc\".chars().collect::<Vec<_>>(); drop(letters);",
    },
    Case {
        entry: "E0004: non-exhaustive patterns",
        bad: "match stream.read(&mut buffer) { Ok(0) => {} Err(e) => {} }",
        says: &["error[E0004]: non-exhaustive patterns: `Ok(1_usize..)` not covered"],
        good: "match stream.read(&mut buffer) { Ok(0) => {} Ok(n) => {} Err(e) => {} }",
    },
    Case {
        entry: "E0004: non-exhaustive patterns",
        bad: "match \"quit\" { \"quit\" => {} }",
        says: &["error[E0004]: non-exhaustive patterns: `&_` not covered"],
        good: "match \"quit\" { \"quit\" => {} _ => {} }",
    },
    Case {
        entry: "E0004: non-exhaustive patterns",
        bad: "match buffer[0] { 1 => {} 2 => {} }",
        says: &["error[E0004]: non-exhaustive patterns: `0_u8` and `3_u8..=u8::MAX` not covered"],
        good: "",
    },
    Case {
        entry: "unused `Result` that must be used",
        bad: "fn main() { std::fs::read(\"x\").map(drop); }",
        says: &["warning: unused `Result` that must be used"],
        good: "fn main() { let _ = std::fs::read(\"x\").map(drop); }",
    },
    Case {
        entry: "unused `Result` that must be used",
        bad: "fn main() { let mut n = 1; println!(\"{n}\"); }",
        says: &["warning: variable does not need to be mutable"],
        good: "",
    },
    Case {
        entry: "unused `Result` that must be used",
        bad: "use std::io::Read; fn main() {}",
        says: &["warning: unused import: `std::io::Read`"],
        good: "",
    },
    Case {
        entry: "unused `Result` that must be used",
        bad: "fn f() {} fn main() {}",
        says: &["warning: function `f` is never used"],
        good: "",
    },
    Case {
        entry: "unused `Result` that must be used",
        bad: "static mut N: u8 = 0; fn main() { N += 1; }",
        says: &["error[E0133]: use of mutable static is unsafe and requires unsafe block"],
        good: "use std::sync::atomic::{AtomicU64, Ordering};
            static N: AtomicU64 = AtomicU64::new(0); fn main() { N.fetch_add(1, Ordering::Relaxed); }",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "extern crate tokio; fn main() {}",
        says: &["error[E0463]: can't find crate for `tokio`"],
        good: "",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "let byte = 5_u8; let n = *byte;",
        says: &["error[E0614]: type `u8` cannot be dereferenced"],
        good: "",
    },
    Case {
        entry: "unused `Result` that must be used",
        bad: "fn main() { let addr = 5; }",
        says: &["warning: unused variable: `addr`"],
        good: "fn main() { let _addr = 5; }",
    },
    Case {
        entry: "attempt to add with overflow",
        bad: "let n: u8 = 256;",
        says: &["error: literal out of range for `u8`"],
        good: "",
    },
    Case {
        entry: "E0277: doesn't implement `Display`",
        bad: "println!(\"{}\", Duration::from_secs(1));",
        says: &["error[E0277]: `Duration` doesn't implement `std::fmt::Display`"],
        good: "println!(\"{} {:?}\", Duration::from_secs(1).as_secs_f64(), Duration::from_secs(1));",
    },
    Case {
        entry: "E0277: doesn't implement `Display`",
        bad: "println!(\"{}\", std::env::args().nth(1));",
        says: &["error[E0277]: `Option<String>` doesn't implement `std::fmt::Display`"],
        good: "if let Some(arg) = std::env::args().nth(1) { println!(\"{arg}\"); }",
    },
    Case {
        entry: "E0277: doesn't implement `Display`",
        bad: "println!(\"{}\", b\"abc\".to_vec());",
        says: &["error[E0277]: `Vec<u8>` doesn't implement `std::fmt::Display`"],
        good: "println!(\"{}\", String::from_utf8_lossy(b\"abc\"));",
    },
    Case {
        entry: "E0277: doesn't implement `Display`",
        bad: "println!(\"{}\", b\"abc\");",
        says: &["error[E0277]: `[u8; 3]` doesn't implement `std::fmt::Display`"],
        good: "println!(\"{}\", b\"abc\".escape_ascii());",
    },
    Case {
        entry: "E0277: doesn't implement `Display`",
        bad: "println!(\"{:x}\", &buffer[..4]);",
        says: &["error[E0277]: the trait bound `[u8]: LowerHex` is not satisfied"],
        good: "for byte in &buffer[..4] { print!(\"{byte:02x}\"); }",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "if buffer[..3] == b\"abc\" {}",
        says: &["error[E0277]: can't compare `[u8]` with `&[u8; 3]`"],
        good: "if &buffer[..3] == b\"abc\" {}",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "if b\"abc\".to_vec() == \"abc\" {}",
        says: &["error[E0277]: can't compare `Vec<u8>` with `&str`"],
        good: "if b\"abc\".to_vec() == b\"abc\" {}",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "if \"q\".trim() == 'q' {}",
        says: &["error[E0277]: can't compare `&str` with `char`"],
        good: "if \"q\".trim() == \"q\" {}",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "if listener.local_addr()?.ip() == \"127.0.0.1\" {}",
        says: &["error[E0277]: can't compare `IpAddr` with `&str`"],
        good: "if listener.local_addr()?.ip().is_loopback() {}",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "use std::net::{ToSocketAddrs, UdpSocket}; UdpSocket::bind(\"0.0.0.0:0\")?.send_to(b\"x\", (\"localhost\", 9).to_socket_addrs()?.find(SocketAddr::is_ipv4))?;",
        says: &["error[E0277]: the trait bound `Option<std::net::SocketAddr>: ToSocketAddrs` is not satisfied"],
        good: "use std::net::{ToSocketAddrs, UdpSocket}; let found = (\"localhost\", 9).to_socket_addrs()?.find(SocketAddr::is_ipv4); UdpSocket::bind(\"0.0.0.0:0\")?.send_to(b\"x\", found.ok_or(io::ErrorKind::NotFound)?)?;",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "std::process::Command::new([\"ls\", \"-l\"]);",
        says: &["error[E0277]: the trait bound `[&str; 2]: AsRef<OsStr>` is not satisfied"],
        good: "std::process::Command::new(\"ls\").args([\"-l\"]);",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "let (a, b) = (vec![1_u8], vec![2_u8]); let c = a + b;",
        says: &["error[E0369]: cannot add `Vec<u8>` to `Vec<u8>`"],
        good: "let (a, b) = (vec![1_u8], vec![2_u8]); let c = [a, b].concat();",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "let c = b\"ab\" + b\"c\";",
        says: &["error[E0369]: cannot add `&[u8; 1]` to `&[u8; 2]`"],
        good: "let c = [&b\"ab\"[..], b\"c\"].concat();",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "let mut v: Vec<u8> = Vec::new(); v += &buffer[..4];",
        says: &["error[E0368]: binary assignment operation `+=` cannot be applied to type `Vec<u8>`"],
        good: "let mut v: Vec<u8> = Vec::new(); v.extend_from_slice(&buffer[..4]);",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "if stream.read(&mut buffer) == 0 {}",
        says: &["error[E0369]: binary operation `==` cannot be applied to type `Result<usize, std::io::Error>`"],
        good: "if stream.read(&mut buffer)? == 0 {}",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "use std::io::ErrorKind; if io::Error::last_os_error().kind() == ErrorKind::WouldBlock | ErrorKind::TimedOut {}",
        says: &["error[E0369]: no implementation for `ErrorKind | ErrorKind`"],
        good: "use std::io::ErrorKind; if matches!(io::Error::last_os_error().kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) {}",
    },
    Case {
        entry: "E0277, E0369: cannot compare, add, do that",
        bad: "if !String::new() {}",
        says: &["error[E0600]: cannot apply unary operator `!` to type `String`"],
        good: "if String::new().is_empty() {}",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "stream.write_all(5_u32.to_be_bytes())?;",
        says: &["error[E0308]: mismatched types", "expected `&[u8]`, found `[u8; 4]`"],
        good: "stream.write_all(&5_u32.to_be_bytes())?;",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "let text = String::from_utf8(&buffer[..4]);",
        says: &["error[E0308]: mismatched types", "expected `Vec<u8>`, found `&[u8]`"],
        good: "let text = String::from_utf8(buffer[..4].to_vec());",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "let text: String = String::from_utf8_lossy(&buffer[..4]);",
        says: &["error[E0308]: mismatched types", "expected `String`, found `Cow<'_, str>`"],
        good: "let text: String = String::from_utf8_lossy(&buffer[..4]).into_owned();",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "let (a, b) = (String::new(), String::new()); let c = a + b;",
        says: &["error[E0308]: mismatched types", "expected `&str`, found `String`"],
        good: "let (a, b) = (String::new(), String::new()); let c = a + &b;",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "let mut v = String::new(); BufReader::new(&stream).read_until(b'\\n', &mut v)?;",
        says: &["error[E0308]: mismatched types", "expected `&mut Vec<u8>`, found `&mut String`"],
        good: "let mut v = Vec::new(); BufReader::new(&stream).read_until(b'\\n', &mut v)?;",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "let mut v = Vec::new(); BufReader::new(&stream).read_line(&mut v)?;",
        says: &["error[E0308]: mismatched types", "expected `&mut String`, found `&mut Vec<_>`"],
        good: "let mut v = String::new(); BufReader::new(&stream).read_line(&mut v)?;",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "fn f() -> io::Result<()> { Err(\"text\") }",
        says: &["error[E0308]: mismatched types", "expected `Error`, found `&str`"],
        good: "fn f() -> io::Result<()> { Err(io::Error::other(\"text\")) }",
    },
    Case {
        entry: "E0308: mismatched types",
        bad: "std::net::UdpSocket::bind(\"0.0.0.0:0\")?.join_multicast_v4(\"224.0.0.1\", \"0.0.0.0\")?;",
        says: &["error[E0308]: arguments to this method are incorrect", "expected `&Ipv4Addr`, found `&str`"],
        good: "use std::net::Ipv4Addr; std::net::UdpSocket::bind(\"0.0.0.0:0\")?.join_multicast_v4(&Ipv4Addr::new(224, 0, 0, 1), &Ipv4Addr::UNSPECIFIED)?;",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "let n: u32 = 4; let data = vec![0; n];",
        says: &["error[E0308]: mismatched types", "expected `usize`, found `u32`"],
        good: "let n: u32 = 4; let data = vec![0; usize::try_from(n).map_err(io::Error::other)?];",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "let mut sent = 0_u64; sent += stream.read(&mut buffer)?;",
        says: &["error[E0308]: mismatched types", "expected `u64`, found `usize`"],
        good: "let mut sent = 0_u64; sent += stream.read(&mut buffer)? as u64;",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "let n: u32 = buffer[0] << 8;",
        says: &["error[E0308]: mismatched types", "expected `u32`, found `u8`"],
        good: "let n: u32 = u32::from(buffer[0]) << 8;",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "if buffer[0] == 'a' {}",
        says: &["error[E0308]: mismatched types", "expected `u8`, found `char`"],
        good: "if buffer[0] == b'a' {}",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "BufReader::new(&stream).read_until(b\"\\n\", &mut Vec::new())?;",
        says: &["error[E0308]: mismatched types", "expected `u8`, found `&[u8; 1]`"],
        good: "BufReader::new(&stream).read_until(b'\\n', &mut Vec::new())?;",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "let received = stream.read(&mut buffer)?; if received {}",
        says: &["error[E0308]: mismatched types", "expected `bool`, found `usize`"],
        good: "let received = stream.read(&mut buffer)?; if received > 0 {}",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "if buffer[0] & 0x80 {}",
        says: &["error[E0308]: mismatched types", "expected `bool`, found `u8`"],
        good: "if buffer[0] & 0x80 != 0 {}",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "let x: f64 = 5;",
        says: &["error[E0308]: mismatched types", "expected `f64`, found integer"],
        good: "let x: f64 = 5.0;",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "thread::sleep(1);",
        says: &["error[E0308]: mismatched types", "expected `Duration`, found integer"],
        good: "thread::sleep(Duration::from_secs(1));",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "if std::time::Instant::now().elapsed() > 1.5 {}",
        says: &["error[E0308]: mismatched types", "expected `Duration`, found floating-point number"],
        good: "if std::time::Instant::now().elapsed().as_secs_f64() > 1.5 {}",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "let seconds: f64 = std::time::Instant::now().elapsed();",
        says: &["error[E0308]: mismatched types", "expected `f64`, found `Duration`"],
        good: "let seconds: f64 = std::time::Instant::now().elapsed().as_secs_f64();",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "stream.set_read_timeout(5)?;",
        says: &["error[E0308]: mismatched types", "expected `Option<Duration>`, found integer"],
        good: "stream.set_read_timeout(Some(Duration::from_secs(5)))?;",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "let x = 1.5 / 2;",
        says: &["error[E0277]: cannot divide `{float}` by `{integer}`"],
        good: "let x = 1.5 / 2.0;",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "let n = 5; let x = n / 2.0;",
        says: &["error[E0277]: cannot divide `{integer}` by `{float}`"],
        good: "let n = 5; let x = f64::from(n) / 2.0;",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "let n = 5_usize; let x = n as f64 / 2;",
        says: &["error[E0277]: cannot divide `f64` by `{integer}`"],
        good: "let n = 5_usize; let x = n as f64 / 2.0;",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "let mut total = 0.0; total += std::time::Instant::now().elapsed();",
        says: &["error[E0277]: cannot add-assign `Duration` to `{float}`"],
        good: "let mut total = 0.0; total += std::time::Instant::now().elapsed().as_secs_f64();",
    },
    Case {
        entry: "E0308, E0277: numbers, times, true or false",
        bad: "let x = 2.pow(10);",
        says: &["error[E0689]: can't call method `pow` on ambiguous numeric type `{integer}`"],
        good: "let x = 2_i32.pow(10);",
    },
    Case {
        entry: "E0308, E0599: a value inside an `Option`, a tuple, a lock",
        bad: "println!(\"{}\", buffer.get(..4).escape_ascii());",
        says: &["error[E0599]: no method named `escape_ascii` found for enum `Option<T>` in the current scope"],
        good: "let Some(data) = buffer.get(..4) else { return Ok(()) }; println!(\"{}\", data.escape_ascii());",
    },
    Case {
        entry: "E0308, E0599: a value inside an `Option`, a tuple, a lock",
        bad: "let port = std::env::args().nth(1).parse::<u16>();",
        says: &["error[E0599]: no method named `parse` found for enum `Option<T>` in the current scope"],
        good: "let port = std::env::args().nth(1).ok_or(io::ErrorKind::NotFound)?.parse::<u16>();",
    },
    Case {
        entry: "E0308, E0599: a value inside an `Option`, a tuple, a lock",
        bad: "let mut child = std::process::Command::new(\"ls\").spawn()?; child.stdout.read(&mut buffer)?;",
        says: &["error[E0599]: no method named `read` found for enum `Option<T>` in the current scope"],
        good: "let mut child = std::process::Command::new(\"ls\").spawn()?; let Some(mut stdout) = child.stdout.take() else { return Ok(()) }; stdout.read(&mut buffer)?;",
    },
    Case {
        entry: "E0308, E0599: a value inside an `Option`, a tuple, a lock",
        bad: "let mut clients = vec![listener.accept()?]; for client in &mut clients { client.write_all(b\"x\")?; }",
        says: &[
            "error[E0599]: the method `write_all` exists for mutable reference `&mut (TcpStream, std::net::SocketAddr)`, but its trait bounds were not satisfied",
        ],
        good: "let mut clients = vec![listener.accept()?]; for (client, _) in &mut clients { client.write_all(b\"x\")?; } clients.retain_mut(|(client, _)| client.write_all(b\"x\").is_ok());",
    },
    Case {
        entry: "E0308, E0599: a value inside an `Option`, a tuple, a lock",
        bad: "use std::net::{IpAddr, ToSocketAddrs}; let ip: IpAddr = (\"localhost\", 0).to_socket_addrs()?.map(|a| a.ip()).find(IpAddr::is_ipv4);",
        says: &["error[E0308]: mismatched types", "expected `IpAddr`, found `Option<IpAddr>`"],
        good: "use std::net::{IpAddr, ToSocketAddrs}; let found = (\"localhost\", 0).to_socket_addrs()?.map(|a| a.ip()).find(IpAddr::is_ipv4); let ip: IpAddr = found.ok_or(io::ErrorKind::NotFound)?;",
    },
    Case {
        entry: "E0308, E0599: a value inside an `Option`, a tuple, a lock",
        bad: "use std::net::{IpAddr, ToSocketAddrs}; let addr = (\"localhost\", 9).to_socket_addrs()?.find(SocketAddr::is_ipv4); TcpStream::connect_timeout(&addr, Duration::from_secs(1))?;",
        says: &["error[E0308]: mismatched types", "expected `&SocketAddr`, found `&Option<SocketAddr>`"],
        good: "use std::net::{IpAddr, ToSocketAddrs}; let Some(addr) = (\"localhost\", 9).to_socket_addrs()?.find(SocketAddr::is_ipv4) else { return Ok(()) }; TcpStream::connect_timeout(&addr, Duration::from_secs(1))?;",
    },
    Case {
        entry: "E0308, E0599: a value inside an `Option`, a tuple, a lock",
        bad: "if std::env::args().nth(1) == \"-v\" {}",
        says: &["error[E0308]: mismatched types", "expected `Option<String>`, found `&str`"],
        good: "if std::env::args().nth(1).as_deref() == Some(\"-v\") {}",
    },
    Case {
        entry: "E0308, E0599: a value inside an `Option`, a tuple, a lock",
        bad: "let map = std::collections::HashMap::from([(1, 5)]); if map.get(&1) == 5 {}",
        says: &["error[E0308]: mismatched types", "expected `Option<&{integer}>`, found integer"],
        good: "let map = std::collections::HashMap::from([(1, 5)]); if map.get(&1) == Some(&5) {}",
    },
    Case {
        entry: "E0308, E0599: a value inside an `Option`, a tuple, a lock",
        bad: "let (a, b) = \"a b\".split_once(' ');",
        says: &["error[E0308]: mismatched types", "expected `Option<(&str, &str)>`, found `(_, _)`"],
        good: "let Some((a, b)) = \"a b\".split_once(' ') else { return Ok(()) };",
    },
    Case {
        entry: "E0308, E0599: a value inside an `Option`, a tuple, a lock",
        bad: "let list = std::sync::Mutex::new(vec![1]); let v: Vec<i32> = list.lock().unwrap();",
        says: &["error[E0308]: mismatched types", "expected `Vec<i32>`, found `MutexGuard<'_, Vec<{integer}>>`"],
        good: "let list = std::sync::Mutex::new(vec![1]); let v: Vec<i32> = std::mem::take(&mut *list.lock().unwrap());",
    },
    Case {
        entry: "E0308, E0599: a value inside an `Option`, a tuple, a lock",
        bad: "let count = std::sync::Mutex::new(1); let mut guard = count.lock().unwrap(); guard += 1;",
        says: &[
            "error[E0368]: binary assignment operation `+=` cannot be applied to type `std::sync::MutexGuard<'_, {integer}>`",
        ],
        good: "let count = std::sync::Mutex::new(1); let mut guard = count.lock().unwrap(); *guard += 1;",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "let text = std::str::from_utf8(&buffer[..4]).trim();",
        says: &["error[E0599]: no method named `trim` found for enum `Result<T, E>` in the current scope"],
        good: "let text = std::str::from_utf8(&buffer[..4]).map_err(io::Error::other)?.trim();",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "let mut file = BufReader::new(&stream); file.write_all(b\"x\")?;",
        says: &["error[E0599]: no method named `write_all` found for struct `BufReader<R>` in the current scope"],
        good: "let mut file = BufReader::new(&stream); (&stream).write_all(b\"x\")?;",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "let mut file = BufReader::new(&stream); file.flush()?;",
        says: &["error[E0599]: no method named `flush` found for struct `BufReader<R>` in the current scope"],
        good: "",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "let mut file = BufReader::new(&stream); file.sync_all()?;",
        says: &["error[E0599]: no method named `sync_all` found for struct `BufReader<R>` in the current scope"],
        good: "",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "println!(\"{}\", stream.read(&mut buffer)?.escape_ascii());",
        says: &["error[E0599]: no method named `escape_ascii` found for type `usize` in the current scope"],
        good: "let received = stream.read(&mut buffer)?; println!(\"{}\", buffer[..received].escape_ascii());",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "if \"a b\".split(' ').len() > 1 {}",
        says: &["error[E0599]: no method named `len` found for struct `std::str::Split<'a, P>` in the current scope"],
        good: "if \"a b\".split(' ').collect::<Vec<_>>().len() > 1 {}",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "let cmd = \"a b\".split(' ')[0];",
        says: &["error[E0608]: cannot index into a value of type `std::str::Split<'_, char>`"],
        good: "let cmd = \"a b\".split(' ').collect::<Vec<_>>()[0];",
    },
    Case {
        entry: "E0599: a method of Python's, or of another type",
        bad: "let host = listener.local_addr()?[0];",
        says: &["error[E0608]: cannot index into a value of type `std::net::SocketAddr`"],
        good: "let host = listener.local_addr()?.ip();",
    },
    Case {
        entry: "E0596, E0594, E0384: not declared as mutable",
        bad: "struct C { stream: TcpStream } impl C { fn send(&self) { let _ = self.stream.write_all(b\"x\"); } }",
        says: &["error[E0596]: cannot borrow `self.stream` as mutable, as it is behind a `&` reference"],
        good: "struct C { stream: TcpStream } impl C { fn send(&self) { let _ = (&self.stream).write_all(b\"x\"); } }",
    },
    Case {
        entry: "E0596, E0594, E0384: not declared as mutable",
        bad: "let map = std::collections::HashMap::from([(1, stream)]); map[&1].write_all(b\"x\")?;",
        says: &["error[E0596]: cannot borrow data in an index of `HashMap<i32, TcpStream>` as mutable"],
        good: "let mut map = std::collections::HashMap::from([(1, stream)]); if let Some(client) = map.get_mut(&1) { client.write_all(b\"x\")?; } if let Some(client) = map.get(&1) { (&*client).write_all(b\"x\")?; }",
    },
    Case {
        entry: "E0596, E0594, E0384: not declared as mutable",
        bad: "static CLIENTS: Vec<TcpStream> = Vec::new(); CLIENTS.push(stream);",
        says: &["error[E0596]: cannot borrow immutable static item `CLIENTS` as mutable"],
        good: "static CLIENTS: std::sync::Mutex<Vec<TcpStream>> = std::sync::Mutex::new(Vec::new()); CLIENTS.lock().unwrap().push(stream);",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "if io::Error::last_os_error().kind() == ErrorKind::WouldBlock {}",
        says: &["error[E0433]: cannot find type `ErrorKind` in this scope"],
        good: "use std::io::ErrorKind; if io::Error::last_os_error().kind() == ErrorKind::WouldBlock {}",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "stream.shutdown(Write)?;",
        says: &["error[E0423]: expected value, found trait `Write`"],
        good: "stream.shutdown(Shutdown::Write)?;",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "struct C { n: u8 } impl C { fn f() -> u8 { self.n } }",
        says: &["error[E0424]: expected value, found module `self`"],
        good: "struct C { n: u8 } impl C { fn f(&self) -> u8 { self.n } }",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "match io::Error::last_os_error().kind() { WouldBlock => {} _ => {} }",
        says: &[
            "error[E0170]: pattern binding `WouldBlock` is named the same as one of the variants of the type `std::io::ErrorKind`",
        ],
        good: "match io::Error::last_os_error().kind() { io::ErrorKind::WouldBlock => {} _ => {} }",
    },
    Case {
        entry: "E0277: the `?` operator",
        bad: "let ip: std::net::Ipv4Addr = \"127.0.0.1\".parse()?;",
        says: &[
            "error[E0277]: `?` couldn't convert the error to `std::io::Error`",
            "the trait `From<AddrParseError>` is not implemented for `std::io::Error`",
        ],
        good: "let ip: std::net::Ipv4Addr = \"127.0.0.1\".parse().map_err(io::Error::other)?;",
    },
    Case {
        entry: "E0277: the `?` operator",
        bad: "return Err(\"text\".into());",
        says: &["error[E0277]: the trait bound `std::io::Error: From<&str>` is not satisfied"],
        good: "return Err(io::Error::other(\"text\"));",
    },
    Case {
        entry: "E0277: the `?` operator",
        bad: "let n = thread::spawn(|| 1).join().map_err(io::Error::other)?;",
        says: &["error[E0277]: the trait bound `dyn Any + Send: std::error::Error` is not satisfied"],
        good: "let n = thread::spawn(|| 1).join().map_err(|_| io::Error::other(\"a thread panicked\"))?;",
    },
    Case {
        entry: "E0382: use of moved value",
        bad: "let child = std::process::Command::new(\"ls\").spawn()?; let output = child.wait_with_output()?; println!(\"{}\", child.id());",
        says: &["error[E0382]: borrow of moved value: `child`"],
        good: "let child = std::process::Command::new(\"ls\").spawn()?; let output = child.wait_with_output()?; println!(\"{}\", output.status);",
    },
    Case {
        entry: "E0502, E0499: cannot borrow as mutable",
        bad: "let part = &buffer[..4]; stream.read(&mut buffer)?; println!(\"{}\", part.len());",
        says: &["error[E0502]: cannot borrow `buffer` as mutable because it is also borrowed as immutable"],
        good: "let part = buffer[..4].to_vec(); stream.read(&mut buffer)?; println!(\"{}\", part.len());",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "let v = vec![1]; let n = len(v);",
        says: &["error[E0425]: cannot find function `len` in this scope"],
        good: "let v = vec![1]; let n = v.len();",
    },
    Case {
        entry: "E0432, E0433, E0425: not found",
        bad: "let mut clients = vec![1]; fn add() { clients.push(2); }",
        says: &["error[E0434]: can't capture dynamic environment in a fn item"],
        good: "let mut clients = vec![1]; fn add(clients: &mut Vec<i32>) { clients.push(2); } add(&mut clients);",
    },
    Case {
        entry: "E0601: `main` function not found",
        bad: "let addr = listener.local_addr()?; println!(\"{addr.ip()}\");",
        says: &["error: invalid format string: expected `}`, found `.`"],
        good: "let addr = listener.local_addr()?; println!(\"{}\", addr.ip());",
    },
    Case {
        entry: "E0601: `main` function not found",
        bad: "let (a, b) = (true, true); if a and b {}",
        says: &["error: `and` is not a logical operator"],
        good: "let (a, b) = (true, true); if a && b {}",
    },
    Case {
        entry: "E0601: `main` function not found",
        bad: "if true: {}",
        says: &["error: expected `{`, found `:`"],
        good: "",
    },
];

/// What only Unix has.
#[cfg(unix)]
pub const UNIX: &[Case] = &[
    Case {
        entry: "E0599: no method named … found",
        bad: "let fd = stream.as_raw_fd();",
        says: &["error[E0599]: no method named `as_raw_fd` found for struct `TcpStream` in the current scope"],
        good: "use std::os::fd::AsRawFd; let fd = stream.as_raw_fd();",
    },
    Case {
        entry: "E0599: no method named … found",
        bad: "std::process::Command::new(\"x\").process_group(0);",
        says: &["error[E0599]: no method named `process_group` found for struct `Command` in the current scope"],
        good: "use std::os::unix::process::CommandExt; std::process::Command::new(\"x\").process_group(0);",
    },
];
#[cfg(not(unix))]
pub const UNIX: &[Case] = &[];
