//! What a program says: lines on stdout and stderr, errors, the exit status.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::{self, ExitCode};

/// Bytes that most lines of a log have room in.
const LINE: usize = 256;

/// Prints a server's line to stdout, in one write. When this returns, the line is out, so it is not lost if the server
/// ends then. A server goes on when nobody reads its stdout.
pub fn log(line: impl Display) {
    let mut text = Vec::with_capacity(LINE); // growing piece by piece would cost the UDP server 2 % of its speed
    let _ = writeln!(text, "{line}").and_then(|()| io::stdout().write_all(&text));
}

/// Prints `NAME: what` to stderr, in one write so that lines of several threads stay whole.
pub fn warn(name: &str, what: impl Display) {
    let _ = io::stderr().write_all(format!("{name}: {what}\n").as_bytes());
}

/// Says why the program failed; `status` is the exit status that `main` returns.
pub fn failure(name: &str, status: u8, error: &io::Error) -> ExitCode {
    let _ = io::stdout().flush(); // what came before the failure appears before it
    warn(name, error);
    ExitCode::from(status)
}

/// Ends the process with status 2 after saying what was wrong with the command line.
pub fn wrong_usage(name: &str, what: impl Display) -> ! {
    warn(name, format_args!("{what} (see {name} --help)"));
    process::exit(2)
}

/// Ends the process when stdout cannot be written: quietly when nobody reads it any more, otherwise with the status
/// `failure`.
pub(super) fn end_unless_written(name: &str, result: io::Result<()>, failure: u8) {
    match result {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => process::exit(0),
        Err(error) => {
            warn(name, format_args!("cannot write to stdout: {error}"));
            process::exit(failure.into())
        }
    }
}

/// Says what failed, in front of an error, and what to do, behind it. The error keeps its kind.
///
/// ```
/// # use std::io;
/// use socket_basics::cli::Context;
/// let refused: io::Result<()> = Err(io::Error::new(io::ErrorKind::ConnectionRefused, "Connection refused"));
/// let error = refused.context("cannot connect to 127.0.0.1:1").unwrap_err();
/// assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
/// assert_eq!(
///     error.to_string(),
///     "cannot connect to 127.0.0.1:1: Connection refused; is its server running?"
/// );
/// ```
pub trait Context<T> {
    /// The result, its error in the words `WHAT: ERROR; HINT`.
    ///
    /// # Errors
    /// The same, of the same kind.
    fn context(self, what: impl Display) -> io::Result<T>;
}

impl<T> Context<T> for io::Result<T> {
    fn context(self, what: impl Display) -> io::Result<T> {
        self.map_err(|error| {
            let hint = match error.kind() {
                io::ErrorKind::ConnectionRefused => "; is its server running?",
                io::ErrorKind::AddrInUse => "; another program has it, choose another port",
                io::ErrorKind::AddrNotAvailable => "; this machine does not have that address",
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "; the other side is gone",
                _ => "",
            };
            let said = format!("{what}: {error}");
            let hint = if said.ends_with(hint) { "" } else { hint }; // it may have been given further down
            io::Error::new(error.kind(), said + hint)
        })
    }
}
