//! A well-known Python socket tutorial in blocking, `std`-only Rust: the modules behind its programs.
//!
//! Each `udp_…` and `tcp_…` in `src/bin` is the Python of the same name in `tests/python`, line by line. Read a
//! program first, then the module behind a call when you want to know what it hides.
//!
//! | program | what it is | wire format |
//! |---|---|---|
//! | `udp_send_client`, `udp_server`, `udp_client` | an upper-case echo over UDP | a datagram: the text |
//! | `tcp_plain_server`, `tcp_sticky_client` | a remote shell and the sticky-packet bug | the command; the output; no marks |
//! | `tcp_exec_server`, `tcp_exec_client` | the first cure: the size before the output | [`handshake`] |
//! | `tcp_header_server`, `tcp_header_client` | the better cure: a header in front of each message | [`header`] |
//! | `lessons` | what the tutorial says about sockets, tried live | |
//! | `porting` | what PORTING.md has for each line of a Python script | |
//!
//! | module | job |
//! |---|---|
//! | [`cli`] | the edges of a program: arguments, a client's console, messages, text fit for a terminal |
//! | [`server`] | accept, a thread per client, who may connect, one client's connection |
//! | [`command`] | running a shell command to its end, or killing it when its client leaves |
//! | [`handshake`], [`header`] | the two wire formats, as functions over `Read` and `Write` |
//! | [`formats`] | the message formats of other tutorials, in one file to copy |
//!
//! A command's way through `tcp_header_server`:
//!
//! 1. `server.accept` returns a stream, and `server.spawn` queues it for the thread that looks clients up. That thread
//!    finds which user owns the other end, and admits or drops the client.
//! 2. An admitted client gets two threads. One reads what the client sends into a queue. The other runs the program's
//!    `handle_connection`, which takes a command out of the queue.
//! 3. `command::run` starts a shell. The same thread reads its stdout and sends it, piece by piece; when all output has
//!    ended, it sends EXIT.
//! 4. When a command has run for 2 ms, the supervisor gives it a thread that reads and sends its stderr, and tells
//!    the guard of the command. The guard is a shell beside the server.
//! 5. When the client leaves, the reading thread notices it, and has the guard kill the command. When the server ends,
//!    the guard kills all commands that it knows. (Windows has no guard; there `taskkill` is started.)
//!
//! `PORTING.md`, `FORMATS.md` and `ERRORS.md` in the repository are the tables from Python to Rust: by call, by message
//! format, by error message. An example, two ends of a stream and one message between them:
//!
//! ```
//! use socket_basics::header::{self, Kind};
//! use std::net::{TcpListener, TcpStream};
//!
//! let listener = TcpListener::bind("127.0.0.1:0")?;
//! let client = TcpStream::connect(listener.local_addr()?)?;
//! let (mut server, _) = listener.accept()?;
//! header::send_message(&client, Kind::Command, b"ls -l")?;
//! drop(client);
//!
//! let Some(message) = header::recv_message(&mut server)? else { panic!("no message") };
//! assert_eq!((message.kind, &message.body[..]), (Kind::Command, &b"ls -l"[..]));
//! assert!(header::recv_message(&mut server)?.is_none()); // the end, between two messages
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod cli;
pub mod command;
pub mod formats;
pub mod handshake;
pub mod header;
mod lock;
pub mod server;
