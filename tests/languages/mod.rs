//! The two languages that the examples and the message formats are tested in.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)] // each test file uses a part of it

use crate::common::program;
use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Language {
    Rust,
    Python,
}
pub use Language::{Python, Rust};

/// The languages there are: without Python it says that one was skipped, unless `CI` is set.
pub fn languages() -> Vec<Language> {
    if python().arg("--version").output().is_ok_and(|output| output.status.success()) {
        return vec![Rust, Python];
    }
    assert!(env::var_os("CI").is_none(), "there is no python3 here, and CI must not skip what needs it");
    let _ = writeln!(io::stderr(), "skipped, there is no python3 here: what needs Python");
    vec![Rust]
}

/// Every server with every client.
pub fn pairs() -> Vec<(Language, Language)> {
    languages().into_iter().flat_map(|server| languages().into_iter().map(move |client| (server, client))).collect()
}

/// Python's interpreter.
pub fn python() -> Command {
    let mut command = Command::new(if cfg!(windows) { "python" } else { "python3" });
    command.args(["-S", "-X", "utf8"]);
    command
}

/// `examples/NAME.rs`, or the Python beside it.
pub fn example(language: Language, name: &str) -> Command {
    if language == Python {
        let mut command = python();
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(format!("{name}.py")));
        return command;
    }
    let path = program("x").with_file_name("examples").join(format!("{name}{}", env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is missing: cargo build --examples makes it", path.display());
    Command::new(path)
}
