//! The arguments of a program. A wrong one ends the process with status 2.

use super::address;
use super::message::{end_unless_written, wrong_usage};
use std::env;
use std::io::{self, Write};
use std::iter;
use std::process;

/// Bytes of an acknowledgement (`--ack TEXT`) at most: what the tutorial's server receives at once.
pub const MAX_ACK: usize = 1024;

/// The arguments of one program.
#[derive(Debug)]
pub struct Args {
    /// Where to listen or whom to ask: `host:port` or `[v6]:port`, checked for its shape only.
    pub addr: String,
    /// `-c COMMAND`: run this one, then exit.
    pub command: Option<String>,
    /// `--allow-anyone`: lift the loopback rule and the same-user rule.
    pub allow_anyone: bool,
    /// `--ack TEXT`: the acknowledgement of the size handshake, 1 to [`MAX_ACK`] bytes.
    pub ack: Option<String>,
}

/// What `--help` says of each option; a program takes those that it names.
const OPTIONS: [(&str, &str, &str); 3] = [
    ("-c", "-c COMMAND", "run one command, then exit; quote a command of several words"),
    ("--allow-anyone", "--allow-anyone", "any address, any user: who connects runs commands as you"),
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
                "-V" | "--version" => finish(name, &version(name)),
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
                _ => match fault(name, &word, addr.is_some()) {
                    None => addr = Some(word),
                    Some(fault) => {
                        let rest: Vec<_> = iter::once(word).chain(words).collect();
                        wrong_usage(name, fault + &meant(&rest, command.as_deref(), options));
                    }
                },
            }
        }
        Args { addr: addr.unwrap_or_else(|| default_addr.to_owned()), command, allow_anyone, ack }
    }
}

/// Why a word cannot be the program's address.
fn fault(name: &str, word: &str, has_addr: bool) -> Option<String> {
    if word.starts_with('-') {
        return Some(format!("unknown option {word:?}"));
    }
    if has_addr {
        return Some(format!("unexpected argument {word:?}"));
    }
    address::check(word, name.ends_with("_server")).err()
}

/// What somebody probably meant who typed the words of a command without `-c` or without quotes, or nothing.
fn meant(rest: &[String], command: Option<&str>, options: &[&str]) -> String {
    let words: Vec<_> = command.into_iter().chain(rest.iter().map(String::as_str)).collect();
    if let (None, [host, port]) = (command, &words[..]) {
        if port.parse::<u16>().is_ok() && address::check(&format!("{host}:{port}"), false).is_ok() {
            return format!("; did you mean {host}:{port}?");
        }
    }
    let meant = words.join(" ");
    let has_command = command.is_some() || !meant.starts_with('-');
    let is_typing_error = meant.contains(':'); // of an address
    let needs_more_quoting = meant.contains(['\'', '\\']) || meant.contains(char::is_control);
    if !options.contains(&"-c") || !has_command || is_typing_error || needs_more_quoting || meant.is_empty() {
        return String::new();
    }
    format!("; to run a command: -c '{meant}'")
}

fn help(name: &str, about: &str, default_addr: &str, options: &[&str]) -> String {
    let mut synopsis = String::new();
    let mut lines = String::new();
    for (option, usage, what) in OPTIONS {
        if options.contains(&option) {
            synopsis += &format!(" [{usage}]");
            lines += &format!("  {usage:<15} {what}\n");
        }
    }
    format!(
        "{name}: {about}\n\n\
         Usage: {name}{synopsis} [ADDR]\n\n  \
         ADDR            host:port or [v6]:port (default: {default_addr})\n\
         {lines}{STANDARD}"
    )
}

fn version(name: &str) -> String {
    format!("{name} {}\n", env!("CARGO_PKG_VERSION"))
}

/// The arguments of a program that takes no address. `help` is the text of `--help` down to the options that all have.
/// `--help` and `--version` end the process with status 0, an option that is not among `options` with 2.
pub fn words(name: &str, help: &str, options: &[&str]) -> Vec<String> {
    let mut words = Vec::new();
    for word in env::args_os().skip(1) {
        match word.to_str() {
            Some("-h" | "--help") => finish(name, &format!("{help}{STANDARD}")),
            Some("-V" | "--version") => finish(name, &version(name)),
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
