//! What every program does at its edges: arguments, the prompt loop, messages for people, the exit status.
//!
//! Nothing here touches a socket. Writing never panics, unlike `println!`, which does when its reader is gone.

use crate::handshake::{ACK, MAX_ACK};
use std::env;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::iter;
use std::net::{SocketAddr, SocketAddrV6, ToSocketAddrs};
use std::process::{self, ExitCode};
use std::str;

/// The arguments of one program.
#[derive(Debug)]
pub struct Args {
    /// Where to listen or whom to ask: `host:port` or `[v6]:port`, checked for its shape only.
    pub addr: String,
    /// `-c COMMAND`: run this one, then exit.
    pub command: Option<String>,
    /// `--allow-anyone`: lift the loopback rule and the same-user rule.
    pub allow_anyone: bool,
    /// `--ack TEXT`: the acknowledgement of the size handshake, 1 to [`MAX_ACK`] bytes; the tutorial's unless given.
    pub ack: String,
}

/// Bytes that do for most lines of a log.
const LINE: usize = 256;

/// Columns of a line. A terminal has 80; in the last of them some wrap already.
const WIDTH: usize = 79;

/// What `--help` says of each option; a program takes those that it names.
const OPTIONS: [(&str, &str, &str); 3] = [
    ("-c", "-c COMMAND", "run one command, then exit; quote a command of several words"),
    (
        "--allow-anyone",
        "--allow-anyone",
        "listen on any address, serve any user: whoever can connect runs commands as you",
    ),
    ("--ack", "--ack TEXT", "the acknowledgement that both sides use (default: True)"),
];

/// The options that every program has.
const STANDARD: &str = "  -h, --help      show this text\n  -V, --version   show the version\n";

impl Args {
    /// Reads the process's arguments: an address, and those `options` that the program takes (`-c`, `--allow-anyone`,
    /// `--ack`). Help and version end the process with status 0, wrong usage with 2.
    pub fn parse(name: &str, about: &str, default_addr: &str, options: &[&str]) -> Args {
        let mut addr = None;
        let mut command = None;
        let mut allow_anyone = false;
        let mut ack = None;
        let mut words = env::args_os().skip(1).map(|word| {
            word.into_string().unwrap_or_else(|word| wrong_usage(name, format_args!("argument {word:?} is not UTF-8")))
        });
        while let Some(word) = words.next() {
            match word.as_str() {
                "-h" | "--help" => finish(name, &help(name, about, default_addr, options)),
                "-V" | "--version" => finish(name, &format!("{name} {}\n", env!("CARGO_PKG_VERSION"))),
                "--allow-anyone" if options.contains(&"--allow-anyone") => allow_anyone = true,
                "-c" if options.contains(&"-c") => match words.next() {
                    _ if command.is_some() => wrong_usage(name, "-c was given twice"),
                    Some(text) if !text.trim().is_empty() => command = Some(text.trim().to_owned()),
                    _ => wrong_usage(name, "-c needs a command"),
                },
                "--ack" if options.contains(&"--ack") => match words.next() {
                    _ if ack.is_some() => wrong_usage(name, "--ack was given twice"),
                    Some(text) if (1..=MAX_ACK).contains(&text.len()) => ack = Some(text),
                    _ => wrong_usage(name, format_args!("--ack needs a text of 1 to {MAX_ACK} bytes")),
                },
                _ if is_addr(name, &word) && addr.is_none() => addr = Some(word),
                _ => {
                    let rest: Vec<_> = iter::once(word).chain(words).collect();
                    wrong_usage(name, not_understood(&rest, command.as_deref(), addr.is_some(), options))
                }
            }
        }
        Args {
            addr: addr.unwrap_or_else(|| default_addr.to_owned()),
            command,
            allow_anyone,
            ack: ack.unwrap_or_else(|| ACK.to_owned()),
        }
    }
}

/// What is wrong with the first of the words that are left, and what was probably meant.
fn not_understood(rest: &[String], command: Option<&str>, has_addr: bool, options: &[&str]) -> String {
    let word = &rest[0];
    let problem = match word {
        _ if word.starts_with('-') => format!("unknown option {word:?}"),
        _ if has_addr => format!("unexpected argument {word:?}"),
        _ if word.ends_with(":0") => format!("{word:?}: nobody can be reached on port 0"),
        _ => format!("{word:?} is not an address; expected host:port or [v6]:port"),
    };
    let meant = match command {
        Some(command) => format!("{command} {}", rest.join(" ")),
        None => rest.join(" "),
    };
    // A word with a colon is an address with a mistake, one with a quote would need more quoting than this.
    let is_command = options.contains(&"-c") && (command.is_some() || !word.starts_with('-'));
    if is_command && !meant.contains([':', '\'', '\\']) && !meant.contains(char::is_control) && !word.is_empty() {
        return format!("{problem}; to run a command: -c '{meant}'");
    }
    problem
}

/// Whether `text` has the shape `host:port`; the host may still turn out not to exist. Port 0 is for servers.
fn is_addr(name: &str, text: &str) -> bool {
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    let is_host = match host.strip_prefix('[') {
        Some(_) => text.parse::<SocketAddrV6>().is_ok(),
        None => !host.is_empty() && !host.contains(':') && !host.starts_with('-'), // of `::1:80` nobody can tell the port
    };
    let is_port = port.starts_with(|c: char| c.is_ascii_digit());
    is_host && is_port && port.parse::<u16>().is_ok_and(|port| port > 0 || name.ends_with("_server"))
}

fn help(name: &str, about: &str, default_addr: &str, options: &[&str]) -> String {
    let taken = || OPTIONS.iter().filter(|(option, ..)| options.contains(option));
    let synopsis: String = taken().map(|(_, usage, _)| format!(" [{usage}]")).collect();
    let lines: String = taken().map(|(_, usage, what)| format!("  {usage:<15} {what}\n")).collect();
    format!(
        "{name}: {about}\n\n\
         Usage: {name}{synopsis} [ADDR]\n\n  \
         ADDR            host:port or [v6]:port (default: {default_addr})\n\
         {lines}{STANDARD}"
    )
}

/// The arguments of a program that takes no address. Help, which `help` begins, and version end the process with status
/// 0; what starts with `-` and is not among the `options` ends it with 2.
pub fn words(name: &str, help: &str, options: &[&str]) -> Vec<String> {
    let mut words = Vec::new();
    for word in env::args_os().skip(1) {
        match word.to_str() {
            Some("-h" | "--help") => finish(name, &format!("{help}{STANDARD}")),
            Some("-V" | "--version") => finish(name, &format!("{name} {}\n", env!("CARGO_PKG_VERSION"))),
            Some(option) if option.starts_with('-') && !options.contains(&option) => {
                wrong_usage(name, format_args!("unknown option {option:?}"))
            }
            Some(word) => words.push(word.to_owned()),
            None => wrong_usage(name, format_args!("argument {word:?} is not UTF-8")),
        }
    }
    words
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

/// What somebody who types commands should know, for [`Console::welcome`].
pub const SHELL_OF_ITS_OWN: &str = if cfg!(windows) {
    "a shell per command: cd and set do not last; Ctrl-Z ends"
} else {
    "a shell per command: cd and export do not last; Ctrl-D ends"
};

/// Lines in, text out: the terminal side of a client, Python's `input` and `print`.
#[derive(Debug)]
pub struct Console {
    name: &'static str,
    prompts: bool,
    /// `-c`: this line and no other.
    only: Option<String>,
    ended: bool,
    failed: bool,
    /// What a terminal shows last is a line without its end.
    line_is_open: bool,
    /// See [`write_to`].
    split_in_stdout: Vec<u8>,
    split_in_stderr: Vec<u8>,
    /// The exit status after a failure.
    failure: u8,
}

impl Console {
    /// A console that reads `command` alone if there is one (`-c`), or the lines of stdin. `failure` is the exit status
    /// after a [complaint](Console::complain).
    pub fn new(name: &'static str, command: Option<String>, failure: u8) -> Console {
        Console {
            name,
            prompts: command.is_none() && io::stdin().is_terminal(),
            only: command,
            ended: false,
            failed: false,
            line_is_open: false,
            split_in_stdout: Vec::new(),
            split_in_stderr: Vec::new(),
            failure,
        }
    }

    /// Says at a terminal, and only there, what somebody who types commands should know.
    pub fn welcome(&mut self, what: impl Display) {
        if self.prompts {
            self.note(what);
        }
    }

    /// Python's `input(prompt).strip()`: the next line that is not blank, or `None` at the end of input.
    ///
    /// The prompt is shown only when stdin is a terminal. A line that is not UTF-8 is complained of and skipped.
    ///
    /// # Errors
    /// When stdin cannot be read.
    pub fn input(&mut self, prompt: &str) -> io::Result<Option<String>> {
        if let Some(line) = self.only.take() {
            self.ended = true;
            return Ok(Some(line));
        }
        let mut line = String::new();
        while !self.ended {
            if self.prompts {
                self.end_line();
                self.print(prompt.as_bytes());
            }
            self.flush();
            line.clear();
            let result = io::stdin().read_line(&mut line);
            // Return ends the line on the terminal, Ctrl-D leaves the cursor behind the prompt.
            self.line_is_open = matches!(result, Ok(0)) && self.prompts && io::stdout().is_terminal();
            match result {
                Ok(0) => self.ended = true,
                Ok(_) if line.trim().is_empty() => {}
                Ok(_) => return Ok(Some(line.trim().to_owned())),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    self.complain("skipped a line that is not UTF-8");
                }
                Err(error) => return Err(error).context("cannot read stdin"),
            }
        }
        self.end_line();
        Ok(None)
    }

    /// Writes `text` to stdout byte for byte; [`Console::flush`] makes sure that it is seen.
    ///
    /// When nobody reads stdout any more the process ends quietly, when it cannot be written with an error.
    pub fn print(&mut self, text: &[u8]) {
        let result = write_to(io::stdout(), text, &mut self.split_in_stdout);
        self.written(result);
        self.note_end(text, io::stdout().is_terminal());
    }

    /// The same for stderr, at once. A client goes on when nobody reads that.
    pub fn print_error(&mut self, text: &[u8]) {
        self.flush();
        let _ = write_to(io::stderr(), text, &mut self.split_in_stderr);
        self.note_end(text, io::stderr().is_terminal());
    }

    /// Shows what [`Console::print`] has written. Waiting for input and the end of the program do this too.
    pub fn flush(&mut self) {
        self.written(io::stdout().flush());
    }

    /// Says something on stderr, after what was printed before.
    pub fn note(&mut self, what: impl Display) {
        if io::stderr().is_terminal() {
            self.end_line();
        }
        self.flush();
        warn(self.name, what);
    }

    /// Says on stderr what went wrong with one line of input; the exit status will not be 0.
    pub fn complain(&mut self, what: impl Display) {
        self.note(what);
        self.failed = true;
    }

    /// The exit status: 0, or that of a failure if there was a complaint.
    pub fn status(&mut self) -> ExitCode {
        self.flush();
        ExitCode::from(if self.failed { self.failure } else { 0 })
    }

    /// Puts the cursor of a terminal at the start of a line.
    fn end_line(&mut self) {
        if self.line_is_open && io::stdout().is_terminal() {
            self.print(b"\n");
        } else if self.line_is_open {
            self.print_error(b"\n");
        }
    }

    /// Keeps in mind whether a terminal's cursor is at the start of a line.
    fn note_end(&mut self, text: &[u8], is_terminal: bool) {
        if let (true, Some(last)) = (is_terminal, text.last()) {
            self.line_is_open = *last != b'\n';
        }
    }

    fn written(&self, result: io::Result<()>) {
        end_unless_written(self.name, result, self.failure);
    }
}

/// Writes bytes as they are, but to the console of Windows as text, which is all that `std` writes there: what is not
/// UTF-8 is replaced, and a character of which only the beginning has come waits in `split` for its end.
fn write_to(mut stream: impl Write + IsTerminal, bytes: &[u8], split: &mut Vec<u8>) -> io::Result<()> {
    if cfg!(windows) && stream.is_terminal() {
        stream.write_all(complete_text(bytes, split).as_bytes())
    } else {
        stream.write_all(bytes)
    }
}

fn complete_text(bytes: &[u8], split: &mut Vec<u8>) -> String {
    split.extend(bytes);
    let is_beginning = |at: &usize| {
        let result = str::from_utf8(&split[*at..]);
        result.is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
    };
    let end = (split.len().saturating_sub(3)..split.len()).find(is_beginning).unwrap_or(split.len());
    let text = String::from_utf8_lossy(&split[..end]).into_owned();
    split.drain(..end);
    text
}

/// Says why the program failed; `status` is the exit status that `main` returns.
pub fn failure(name: &str, status: u8, error: &io::Error) -> ExitCode {
    let _ = io::stdout().flush(); // what came before the failure appears before it
    warn(name, error);
    ExitCode::from(status)
}

/// Prints a server's line to stdout, in one write and before the server goes on, so that no line is lost with it. A
/// server serves on when nobody reads it.
pub fn log(line: impl Display) {
    let mut text = Vec::with_capacity(LINE); // growing piece by piece would cost the UDP server 2 % of its echoes
    let _ = writeln!(text, "{line}").and_then(|()| io::stdout().write_all(&text));
}

/// Prints `NAME: what` to stderr, in one write so that lines of several threads stay whole.
pub fn warn(name: &str, what: impl Display) {
    let _ = io::stderr().write_all(format!("{name}: {what}\n").as_bytes());
}

/// Puts what failed in front of an error and what to do behind it; keeps its kind.
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

/// The first address that `addr` (`host:port`) stands for.
///
/// # Errors
/// When the host is unknown.
pub fn resolve(addr: &str) -> io::Result<SocketAddr> {
    let unknown = || io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    addr.to_socket_addrs()
        .and_then(|mut found| found.next().ok_or_else(unknown))
        .context(format_args!("cannot look up {addr}"))
}

/// `text` behind a margin of so many columns, in which `label` stands, in lines that fit a terminal of 80. It is broken
/// between words, and inside one that is longer than a line; what would control the terminal is escaped.
///
/// ```
/// assert_eq!(socket_basics::cli::entry("label", 8, "some text"), "label   some text\n");
/// ```
pub fn entry(label: &str, margin: usize, text: &str) -> String {
    let columns = |c: char| if c < '\u{1100}' { 1 } else { 2 }; // of Chinese characters, to name some
    let (mut lines, mut column) = (format!("{label:margin$}"), margin);
    for word in printable(text.as_bytes()).split_whitespace() {
        let width: usize = word.chars().map(columns).sum();
        if column > margin && column + 1 + width <= WIDTH {
            lines.push(' ');
            column += 1;
        } else if column > margin {
            column = WIDTH;
        }
        for c in word.chars() {
            if column + columns(c) > WIDTH {
                lines += &format!("\n{:margin$}", "");
                column = margin;
            }
            lines.push(c);
            column += columns(c);
        }
    }
    lines + "\n"
}

/// Text from a peer, fit for a terminal: characters that control it are escaped, all but the tab; so are those that
/// turn the direction of writing. Bad UTF-8 is replaced.
///
/// ```
/// assert_eq!(socket_basics::cli::printable("tür\x1b[2J\n".as_bytes()), "tür\\u{1b}[2J\\n");
/// ```
pub fn printable(text: &[u8]) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in String::from_utf8_lossy(text).chars() {
        match c {
            '\t' => shown.push(c),
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                shown.extend(c.escape_unicode())
            }
            _ if c.is_control() => shown.extend(c.escape_debug()),
            _ => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_the_direction_of_writing_is_escaped() {
        for mark in ['\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'] {
            let shown = printable(format!("a{mark}b").as_bytes());
            assert_eq!(shown, format!("a{}b", mark.escape_unicode()));
        }
    }

    #[test]
    fn an_entry_keeps_its_words_behind_the_margin() {
        let text = "some words, and a_very_long_one_".repeat(20) + &"\u{4e2d}".repeat(100);
        let entry = entry("label", 10, &text);
        for line in entry.lines() {
            let columns: usize = line.chars().map(|c| if c < '\u{1100}' { 1 } else { 2 }).sum();
            assert!(columns < 80 && (line.starts_with(&" ".repeat(10)) || line.starts_with("label     ")), "{line}");
        }
        assert_eq!(entry.replace("label", "").replace([' ', '\n'], ""), text.replace(' ', ""));
    }

    #[test]
    fn text_for_a_windows_console_comes_whole_wherever_the_pieces_are_cut() {
        let text = "a\u{e9}\u{20ac}\u{1f600}z";
        for cut in 0..=text.len() {
            let mut split = Vec::new();
            let (first, second) = text.as_bytes().split_at(cut);
            assert_eq!(complete_text(first, &mut split) + &complete_text(second, &mut split), text, "cut at {cut}");
        }
        let mut split = Vec::new();
        assert_eq!(complete_text(b"gr\x81n \xff\xfe \xc3", &mut split), "gr\u{fffd}n \u{fffd}\u{fffd} ");
        assert_eq!(complete_text(b"x", &mut split), "\u{fffd}x");
    }
}
