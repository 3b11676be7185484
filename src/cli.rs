//! What every program does at its edges: arguments, the prompt loop, messages for people, the exit status.
//!
//! Nothing here touches a socket. Writing never panics, unlike `println!`, which does when its reader is gone.

use std::env;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::net::{SocketAddr, SocketAddrV6, ToSocketAddrs};
use std::process::{self, ExitCode};

/// What kind of program reads its arguments, which decides the options it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `NAME [ADDR]`; port 0 lets the system choose.
    UdpServer,
    /// `NAME [ADDR]`.
    UdpClient,
    /// `NAME [--allow-anyone] [ADDR]`; port 0 lets the system choose.
    TcpServer,
    /// `NAME [-c COMMAND] [ADDR]`.
    TcpClient,
}

/// The arguments of one program.
#[derive(Debug)]
pub struct Args {
    /// Where to listen or whom to ask: `host:port` or `[v6]:port`, checked for its shape only.
    pub addr: String,
    /// `-c COMMAND`: run this one, then exit.
    pub command: Option<String>,
    /// `--allow-anyone`: lift the loopback rule and the same-user rule.
    pub allow_anyone: bool,
}

impl Args {
    /// Reads the process's arguments. Help and version end the process with status 0, wrong usage with 2.
    pub fn parse(name: &str, about: &str, default_addr: &str, role: Role) -> Args {
        let mut addr = None;
        let mut command = None;
        let mut allow_anyone = false;
        let mut words = env::args_os().skip(1).map(|word| {
            word.into_string().unwrap_or_else(|word| wrong_usage(name, format_args!("argument {word:?} is not UTF-8")))
        });
        while let Some(word) = words.next() {
            match word.as_str() {
                "-h" | "--help" => finish(name, &help(name, about, default_addr, role)),
                "-V" | "--version" => finish(name, &format!("{name} {}\n", env!("CARGO_PKG_VERSION"))),
                "--allow-anyone" if role == Role::TcpServer => allow_anyone = true,
                "-c" if role == Role::TcpClient => match words.next() {
                    _ if command.is_some() => wrong_usage(name, "-c was given twice"),
                    Some(text) if !text.trim().is_empty() => command = Some(text.trim().to_owned()),
                    _ => wrong_usage(name, "-c needs a command"),
                },
                option if option.starts_with('-') => wrong_usage(name, format_args!("unknown option {option:?}")),
                text if addr.is_some() => wrong_usage(name, format_args!("unexpected argument {text:?}")),
                text => addr = Some(checked_addr(name, text, role)),
            }
        }
        Args { addr: addr.unwrap_or_else(|| default_addr.to_owned()), command, allow_anyone }
    }
}

/// `text` if it has the shape `host:port`; the host may still turn out not to exist.
fn checked_addr(name: &str, text: &str, role: Role) -> String {
    let is_server = matches!(role, Role::UdpServer | Role::TcpServer);
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    let is_host = match host.strip_prefix('[') {
        Some(_) => text.parse::<SocketAddrV6>().is_ok(),
        None => !host.is_empty() && !host.contains(':'), // of `::1:80` nobody can tell the port
    };
    match port.parse::<u16>() {
        _ if !is_host => {}
        Ok(0) if !is_server => wrong_usage(name, format_args!("{text:?}: nobody can be reached on port 0")),
        Ok(_) if port.starts_with(|c: char| c.is_ascii_digit()) => return text.to_owned(),
        _ => {}
    }
    wrong_usage(name, format_args!("{text:?} is not an address; expected host:port or [v6]:port"))
}

fn help(name: &str, about: &str, default_addr: &str, role: Role) -> String {
    let (synopsis, option) = match role {
        Role::UdpServer | Role::UdpClient => ("", ""),
        Role::TcpServer => (
            " [--allow-anyone]",
            "  --allow-anyone  listen on any address, serve any user: whoever can connect runs commands as you\n",
        ),
        Role::TcpClient => (" [-c COMMAND]", "  -c COMMAND      run one command, then exit\n"),
    };
    format!(
        "{name}: {about}\n\n\
         Usage: {name}{synopsis} [ADDR]\n\n  \
         ADDR            host:port or [v6]:port (default: {default_addr})\n\
         {option}  \
         -h, --help      show this text\n  \
         -V, --version   show the version\n"
    )
}

/// Ends the process after its only output.
fn finish(name: &str, text: &str) -> ! {
    end_unless_written(name, io::stdout().write_all(text.as_bytes()), 1);
    process::exit(0)
}

/// Ends the process when stdout cannot be written: quietly when nobody reads it any more, otherwise with `failure`.
fn end_unless_written(name: &str, result: io::Result<()>, failure: u8) {
    match result {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => process::exit(0),
        Err(error) => {
            warn(name, format_args!("cannot write to stdout: {error}"));
            process::exit(failure.into())
        }
    }
}

/// Ends the process with status 2 after saying what was wrong with the command line.
pub fn wrong_usage(name: &str, what: impl Display) -> ! {
    warn(name, format_args!("{what} (see {name} --help)"));
    process::exit(2)
}

/// Lines in, text out: the terminal side of a client, Python's `input` and `print`.
#[derive(Debug)]
pub struct Console {
    name: &'static str,
    prompts: bool,
    /// `-c`: this line and no other.
    only: Option<String>,
    ended: bool,
    failed: bool,
    line_is_open: bool,
    /// The exit status after a failure: 1, but for a program that passes on a command's status.
    pub failure: u8,
}

impl Console {
    /// A console that reads `command` alone if there is one (`-c`), or the lines of stdin.
    pub fn new(name: &'static str, command: Option<String>) -> Console {
        Console {
            name,
            prompts: command.is_none() && io::stdin().is_terminal(),
            ended: false,
            failed: false,
            line_is_open: false,
            failure: 1,
            only: command,
        }
    }

    /// Python's `input(prompt).strip()`: the next line that is not blank, or `None` at the end of input.
    ///
    /// The prompt is shown only when stdin is a terminal. A line that is not UTF-8 is complained of and skipped.
    ///
    /// # Errors
    /// When stdin cannot be read.
    pub fn input(&mut self, prompt: &str) -> io::Result<Option<String>> {
        if self.ended {
            return Ok(None);
        }
        if let Some(line) = self.only.take() {
            self.ended = true;
            return Ok(Some(line));
        }
        let mut line = String::new();
        loop {
            if self.prompts {
                let fresh_line = if self.line_is_open { "\n" } else { "" };
                self.print(format!("{fresh_line}{prompt}").as_bytes());
            }
            self.flush();
            line.clear();
            match io::stdin().read_line(&mut line) {
                Ok(0) => break,
                Ok(_) if line.trim().is_empty() => self.line_is_open = false,
                Ok(_) => {
                    self.line_is_open = false;
                    return Ok(Some(line.trim().to_owned()));
                }
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    self.line_is_open = false;
                    self.complain("skipped a line that is not UTF-8");
                }
                Err(error) => return Err(context("cannot read stdin")(error)),
            }
        }
        self.ended = true;
        if self.prompts {
            self.print(b"\n"); // Ctrl-D leaves the cursor behind the prompt
        }
        Ok(None)
    }

    /// Writes `text` to stdout byte for byte; [`Console::flush`] makes sure that it is seen.
    ///
    /// When nobody reads stdout any more the process ends quietly, when it cannot be written with an error.
    pub fn print(&mut self, text: &[u8]) {
        self.written(io::stdout().write_all(text));
        if let Some(last) = text.last() {
            self.line_is_open = *last != b'\n';
        }
    }

    /// Shows what [`Console::print`] has written. Waiting for input and the end of the program do this too.
    pub fn flush(&mut self) {
        self.written(io::stdout().flush());
    }

    fn written(&self, result: io::Result<()>) {
        end_unless_written(self.name, result, self.failure);
    }

    /// Says something on stderr, after what was printed before.
    pub fn note(&mut self, what: impl Display) {
        self.flush();
        warn(self.name, what);
    }

    /// Says on stderr what went wrong with one line of input; the exit status will be [`Console::failure`].
    pub fn complain(&mut self, what: impl Display) {
        self.note(what);
        self.failed = true;
    }

    /// The exit status: 0, or [`Console::failure`] if there was a complaint.
    pub fn status(&mut self) -> ExitCode {
        self.flush();
        ExitCode::from(if self.failed { self.failure } else { 0 })
    }
}

/// What `main` returns: the status of `run`, or 1 and the error on stderr.
pub fn exit(name: &str, result: io::Result<ExitCode>) -> ExitCode {
    exit_with(name, 1, result)
}

/// The same with another status for an error.
pub fn exit_with(name: &str, failure: u8, result: io::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        let _ = io::stdout().flush(); // what came before the failure appears before it
        warn(name, error);
        ExitCode::from(failure)
    })
}

/// Prints a server's line to stdout, in one write and before the server goes on, so that no line is lost with it. A
/// server serves on when nobody reads it.
pub fn log(line: impl Display) {
    let _ = io::stdout().write_all(format!("{line}\n").as_bytes());
}

/// Prints `NAME: what` to stderr, in one write so that lines of several threads stay whole.
pub fn warn(name: &str, what: impl Display) {
    let _ = io::stderr().write_all(format!("{name}: {what}\n").as_bytes());
}

/// For `map_err`: puts what failed in front of an error and what to do behind it; keeps its kind.
///
/// ```
/// # use std::io;
/// let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "Connection refused");
/// let error = socket_basics::cli::context("cannot connect to 127.0.0.1:1")(refused);
/// assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
/// assert_eq!(
///     error.to_string(),
///     "cannot connect to 127.0.0.1:1: Connection refused; is its server running?"
/// );
/// ```
pub fn context(what: impl Display) -> impl FnOnce(io::Error) -> io::Error {
    move |error| {
        let hint = match error.kind() {
            io::ErrorKind::ConnectionRefused => "; is its server running?",
            io::ErrorKind::AddrInUse => "; another program has it, choose another port",
            io::ErrorKind::AddrNotAvailable => "; this machine does not have that address",
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "; the other side is gone",
            _ => "",
        };
        io::Error::new(error.kind(), format!("{what}: {error}{hint}"))
    }
}

/// The first address that `addr` (`host:port`) stands for.
///
/// # Errors
/// When the host is unknown.
pub fn resolve(addr: &str) -> io::Result<SocketAddr> {
    let unknown = || io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    addr.to_socket_addrs()
        .and_then(|mut found| found.next().ok_or_else(unknown))
        .map_err(context(format_args!("cannot look up {addr}")))
}

/// Text from a peer, fit for a terminal: characters that control it are escaped, all but the tab; so are those that turn
/// the direction of writing. Bad UTF-8 is replaced.
///
/// ```
/// assert_eq!(socket_basics::cli::printable("tür\x1b[2J\n".as_bytes()), "tür\\u{1b}[2J\\n");
/// ```
pub fn printable(text: &[u8]) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in String::from_utf8_lossy(text).chars() {
        match c {
            '\t' => shown.push(c),
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                shown.extend(c.escape_unicode())
            }
            _ if c.is_control() => shown.extend(c.escape_debug()),
            _ => shown.push(c),
        }
    }
    shown
}
