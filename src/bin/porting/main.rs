//! Reads a Python script and says, line by line, what PORTING.md has for it.
//!
//! ```sh
//! cargo run --bin porting my_script.py
//! cat my_script.py | cargo run --bin porting -
//! ```
//!
//! Of a call the row that fits most of it is shown, and both where it may be TCP or UDP. What an object is, is known
//! where the script makes it (`s = socket.socket()`) or does with it what only a socket can; otherwise the rows that
//! may fit are shown as `perhaps`. Names of the modules in `WATCHED` that the page does not know come last.

mod page;
mod python;

use page::{Answer, Row, Script};
use python::Python;
use socket_basics::cli::{self, Console, Context};
use std::env;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
/// Bytes of a script: far more than people write by hand.
const MAX_SCRIPT: u64 = 1024 * 1024;
/// Columns of a line.
const WIDTH: usize = 80;
/// Columns before the text of a line.
const MARGIN: usize = 11;
/// Lines of a group that are quoted; of the others the numbers are given.
const QUOTED: usize = 4;
const WATCHED: [&str; 9] =
    ["socket", "struct", "subprocess", "threading", "socketserver", "select", "selectors", "queue", "_thread"];
/// What names begin with that `from socket import *` brings, whether the page knows them or not.
const SOCKET_NAMES: [&str; 15] = [
    "AF_",
    "IP_",
    "IPPROTO_",
    "IPV6_",
    "MSG_",
    "SHUT_",
    "SOCK_",
    "SOL_",
    "SO_",
    "TCP_",
    "getaddr",
    "gethostby",
    "getproto",
    "getserv",
    "inet_",
];

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}

fn run() -> io::Result<ExitCode> {
    let mut console = Console::new(NAME, None, 1);
    let mut path = None;
    for word in env::args_os().skip(1) {
        match word.to_string_lossy().as_ref() {
            "-h" | "--help" => return Ok(finish(&mut console, &help())),
            "-V" | "--version" => return Ok(finish(&mut console, &format!("{NAME} {}\n", env!("CARGO_PKG_VERSION")))),
            option if option.starts_with('-') && option != "-" => {
                cli::wrong_usage(NAME, format_args!("unknown option {option:?}"))
            }
            text if path.is_some() => cli::wrong_usage(NAME, format_args!("unexpected argument {text:?}")),
            _ => path = Some(word),
        }
    }
    let Some(path) = path else { cli::wrong_usage(NAME, "no script was given") };
    let shown = cli::printable(path.to_string_lossy().as_bytes());
    let source = read(&path).context(format_args!("cannot read {shown}"))?;
    Ok(finish(&mut console, &report(&source)))
}

fn finish(console: &mut Console, text: &str) -> ExitCode {
    console.print(text.as_bytes());
    console.status()
}

fn help() -> String {
    format!(
        "{NAME}: say what PORTING.md has for each line of a Python script\n\n\
         Usage: {NAME} SCRIPT\n\n  \
         SCRIPT          a file of at most 1 MiB, or - for stdin\n  \
         -h, --help      show this text\n  \
         -V, --version   show the version\n"
    )
}

/// A script with `\n` at the end of its lines.
fn read(path: &OsStr) -> io::Result<String> {
    let invalid = |what: String| io::Error::new(ErrorKind::InvalidData, what);
    let mut bytes = Vec::new();
    let file: &mut dyn Read = if path == "-" { &mut io::stdin() } else { &mut File::open(path)? };
    file.take(MAX_SCRIPT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_SCRIPT {
        return Err(invalid("longer than 1 MiB".to_owned()));
    }
    let text = String::from_utf8(bytes).map_err(|error| invalid(format!("not UTF-8: {}", error.utf8_error())))?;
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n"))
}

/// Lines that have the same answer.
struct Group {
    rows: Vec<usize>,
    depends: bool,
    lines: Vec<usize>,
}

fn report(source: &str) -> String {
    let (rows, keys) = page::page();
    let is_known = |path: &str| keys.iter().any(|key| key.names(path));
    let is_socket = |path: &str| SOCKET_NAMES.iter().any(|prefix| path.starts_with(&format!("socket.{prefix}")));
    let script = Script::new(Python::read(source, |path| is_known(path) || is_socket(path)));
    let (mut groups, mut unknown) = (Vec::<Group>::new(), Vec::<(&str, Vec<usize>)>::new());
    for statement in &script.python.statements {
        for (word, answer) in statement.iter().zip(script.answers(statement, &rows, &keys)) {
            let name = page::value(&word.text).trim_end_matches(['(', ')']);
            let module = name.split_once('.').map_or("", |(module, _)| module);
            let is_watched = WATCHED.contains(&module) && script.python.imports(module);
            match answer {
                Some(Answer { rows, .. }) if rows.is_empty() => {}
                Some(Answer { line, rows, depends }) => {
                    match groups.iter_mut().find(|group| group.rows == rows && group.depends == depends) {
                        Some(group) => group.lines.push(line),
                        None => groups.push(Group { rows, depends, lines: vec![line] }),
                    }
                }
                None if !is_watched || (is_known(name) && !word.text.contains('(')) => {}
                None => match unknown.iter_mut().find(|(other, _)| *other == name) {
                    Some((_, lines)) => lines.push(word.line),
                    None => unknown.push((name, vec![word.line])),
                },
            }
        }
    }
    let lines: Vec<&str> = source.split('\n').collect();
    let mut text: String = groups.iter_mut().map(|group| show(group, &lines, &rows)).collect();
    if text.is_empty() && unknown.is_empty() {
        text += "PORTING.md has nothing for this script.\n";
    }
    text += if unknown.is_empty() { "" } else { "Not in PORTING.md, or not written so:\n" };
    for (name, lines) in unknown {
        text += &wrapped("", &format!("{name}: {}", numbers(&lines)));
    }
    text
}

fn show(group: &mut Group, script: &[&str], rows: &[Row]) -> String {
    group.lines.dedup();
    let quoted = group.lines.iter().take(QUOTED);
    let mut text: String = quoted.map(|line| wrapped(&line.to_string(), script[line - 1])).collect();
    if group.lines.len() > QUOTED {
        text += &wrapped("", &format!("and lines {}", numbers(&group.lines[QUOTED..])));
    }
    for (i, row) in group.rows.iter().map(|row| &rows[*row]).enumerate() {
        text += if i == 0 { "" } else { "\n" };
        text += &wrapped(if group.depends { "  perhaps" } else { "  Python" }, &row.python);
        // A chain too long for a line is broken where Rust may be.
        let is_long = row.rust.split(' ').any(|word| word.len() > WIDTH - MARGIN);
        text += &wrapped("  Rust", &if is_long { row.rust.replace(").", ") .") } else { row.rust.clone() });
        text += &if row.differs.is_empty() { String::new() } else { wrapped("  differs", &row.differs) };
    }
    text + "\n"
}

fn numbers(lines: &[usize]) -> String {
    let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
    lines.join(", ")
}

/// A title and text, broken between words, or inside one that is longer than a line.
fn wrapped(title: &str, text: &str) -> String {
    let (mut lines, mut column) = (format!("{title:MARGIN$}"), MARGIN);
    for word in cli::printable(text.as_bytes()).split_whitespace() {
        let width: usize = word.chars().map(columns).sum();
        if column > MARGIN {
            lines.push(' ');
            column += 1;
        }
        if column > MARGIN && column + width > WIDTH {
            lines.truncate(lines.len() - 1);
            lines += &format!("\n{:MARGIN$}", "");
            column = MARGIN;
        }
        for c in word.chars() {
            if column + columns(c) > WIDTH {
                lines += &format!("\n{:MARGIN$}", "");
                column = MARGIN;
            }
            lines.push(c);
            column += columns(c);
        }
    }
    lines + "\n"
}

/// How wide a terminal shows a character: Chinese ones, to name some, take two columns.
fn columns(c: char) -> usize {
    if c < '\u{1100}' { 1 } else { 2 }
}
