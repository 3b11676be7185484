//! A well-known Python socket tutorial in blocking, `std`-only Rust: the modules behind its programs.
//!
//! Each program in `src/bin` is the Python of the same name in `tests/python`, line by line. Read a program first, then
//! the module behind a call when you want to know what it hides.
//!
//! | program | ports | wire format |
//! |---|---|---|
//! | `udp_send_client`, `udp_server`, `udp_client` | an upper-case echo over UDP | a datagram: the text |
//! | `tcp_plain_server`, `tcp_sticky_client` | a remote shell and the sticky-packet bug | the command; the output; no marks |
//! | `tcp_exec_server`, `tcp_exec_client` | its cure by the size first | [`handshake`] |
//! | `tcp_header_server`, `tcp_header_client` | its cure by a header before all data | [`header`] |
//! | `lessons` | every claim about sockets, run live | |
//! | `porting` | what the porting pages have for each line of a Python script | |
//!
//! | module | job |
//! |---|---|
//! | [`cli`] | the edges of a program: arguments, a client's console, messages, text fit for a terminal |
//! | [`server`] | accept, a thread per client, who may connect, one client's connection |
//! | [`command`] | running a shell command to its end, and killing what is left of it |
//! | [`handshake`], [`header`] | the two wire formats, as functions over `Read` and `Write` |
//! | [`formats`] | the message formats of other tutorials, in one file to copy |
//!
//! A command's way through a server: `server.accept` returns a connection, and `server.spawn` hands it to the thread
//! that looks up which user owns the other end. An admitted client gets two threads. One reads what the client sends
//! into a queue; the other runs the program's `handle_connection`, which takes a command out of the queue with
//! `conn.recv`. `command::output` starts a shell and reads what it prints. The supervisor looks after a command that
//! takes longer, and the guard, a shell of its own, kills it when its client has left or the server ends.
//!
//! `PORTING.md`, `FORMATS.md` and `ERRORS.md` in the repository are the tables from Python to Rust: by call, by message
//! format, by error message. A taste of this crate, two ends of a stream and one message between them:
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
