//! Reads a Python script and says, line by line, what PORTING.md has for it: `cargo run --bin porting my_script.py`.
//!
//! - `source` makes text of the script's bytes. `lexer`, `expressions` and `parser` make statements of it, as `syntax` has
//!   them.
//! - `page` reads the tables of PORTING.md, and `key` makes patterns of their keys, with the same parser.
//! - `names` finds out what the variables are, by the `signs` of the page. `scopes` knows which variable a name means,
//!   `definitions` which function, `composed` what is in lists and tuples; `facts` keeps what is known.
//! - `answers` finds the rows that fit. `matcher` compares a whole key with the script, `fit` one expression; `loops` looks
//!   at loops that do more than the key, `following` at what comes after a statement, `classes` at classes, and `packing`
//!   at formats of `struct`.
//! - `report` prints the answers.

mod answers;
mod classes;
mod composed;
mod definitions;
mod expressions;
mod facts;
mod fit;
mod following;
mod key;
mod lexer;
mod loops;
mod matcher;
mod names;
mod packing;
mod page;
mod parser;
mod report;
mod scopes;
mod signs;
mod source;
mod syntax;

use page::Page;
use socket_basics::cli::{self, Console, Context};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const HELP: &str = "porting: say what PORTING.md has for each line of a Python script\n\nUsage: porting SCRIPT\n\n  \
    SCRIPT          a file of at most 1 MiB, or - for stdin\n";
const MAX_SCRIPT: u64 = 1024 * 1024; // bytes: far more than people write by hand

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}

fn run() -> io::Result<ExitCode> {
    let words = cli::words(NAME, HELP, &["-"]);
    let [path] = &words[..] else { cli::wrong_usage(NAME, "expected one script, or - for stdin") };
    let source = read(path).context(format_args!("cannot read {}", cli::printable(path.as_bytes())))?;
    let page = Page::read();
    let script = parser::parse(&source);
    let facts = names::learn(&page, &script);
    let answers = answers::answers(&page, &script, &facts);
    let mut console = Console::new(NAME, None, 1);
    console.print(report::report(&page, &source, &answers).as_bytes());
    Ok(console.status())
}

/// The text of a script, its lines ended by `\n` alone.
fn read(path: &str) -> io::Result<String> {
    let mut bytes = Vec::new();
    let file: &mut dyn Read = if path == "-" { &mut io::stdin() } else { &mut File::open(path)? };
    if file.take(MAX_SCRIPT + 1).read_to_end(&mut bytes)? as u64 > MAX_SCRIPT {
        return Err(ErrorKind::FileTooLarge.into());
    }
    let script = source::text(&bytes)?;
    let script = script.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    Ok(script.split('\n').map(without_prompt).collect::<Vec<_>>().join("\n"))
}

/// A line without the prompt of the interpreter, from whose window it may be copied.
fn without_prompt(line: &str) -> &str {
    line.strip_prefix(">>> ").or(line.strip_prefix("... ")).unwrap_or(line)
}

#[cfg(test)]
mod tests;
