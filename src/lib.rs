//! A well-known Python socket tutorial in blocking, `std`-only Rust: the modules behind its programs.
//!
//! The programs are the point; read one beside its Python original, then a module when you want to know what keeps it
//! up.
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
//! | [`cli`] | arguments, prompt, messages and exit status of every program |
//! | [`server`] | a door where it is decided who comes in, a thread per client, failures waited out |
//! | [`peer`] | who may connect to a remote shell |
//! | [`connection`] | one client's stream: time limits, reading ahead, noticing that it has left |
//! | [`command`] | running a shell command to its end, within limits |
//! | [`running`] | looking after a command that takes longer: its pipes, its client, its end |
//! | [`guard`] | killing what is left when a client leaves or the server ends |
//! | [`signals`] | which signals a server must not ignore |
//! | [`handshake`] | the size handshake |
//! | [`header`] | the 64-byte header |
//!
//! Each program stands in the repository twice more: `tests/python/NAME.py`, and `examples/NAME.rs`, the same line by
//! line with `std` alone, to copy. `PORTING.md` and `FORMATS.md` there are the tables from Python's calls to those of
//! `std` and the message formats of other tutorials; `cargo run --bin porting SCRIPT` looks a script up in them. A
//! taste of this crate, two ends of a stream and one message between them:
//!
//! ```
//! use socket_basics::header::{self, Kind};
//! use std::net::{TcpListener, TcpStream};
//!
//! let listener = TcpListener::bind("127.0.0.1:0")?;
//! let mut client = TcpStream::connect(listener.local_addr()?)?;
//! let (mut server, _) = listener.accept()?;
//! header::write_message(&mut client, Kind::Command, b"ls -l")?;
//! drop(client);
//!
//! let Some((header, body)) = header::read_message(&mut server)? else { panic!("no message") };
//! assert_eq!((header.kind, header.length, &body[..]), (Kind::Command, 5, &b"ls -l"[..]));
//! assert!(header::read_message(&mut server)?.is_none()); // the end, between two messages
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod cli;
pub mod command;
pub mod connection;
pub mod guard;
pub mod handshake;
pub mod header;
pub mod peer;
pub mod running;
pub mod server;
pub mod signals;

/// Compiles and runs the snippets of `FORMATS.md` with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../FORMATS.md")]
struct Formats;
