//! Each program is the Python of the same name line by line: the Python stands behind its lines, in a column.
#![allow(clippy::unwrap_used, clippy::panic)]
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A comment that stands alone in a line is Python from this column on.
const COLUMN: usize = 40;

/// The Rust files that have such a column, with their text and that of their Python.
fn ports() -> Vec<(String, String, String)> {
    let mut ports = vec![("header".to_owned(), read("src/header.rs"), read("tests/python/header.py"))];
    for name in programs() {
        let (rust, python) = (read(&format!("src/bin/{name}.rs")), read(&format!("tests/python/{name}.py")));
        ports.push((name, rust, python));
    }
    assert_eq!(ports.len(), 10);
    ports
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    let text = fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.replace("\r\n", "\n")
}

/// The names of the files in `folder` that end in `extension`.
fn names(folder: &str, extension: &str) -> BTreeSet<String> {
    let files = fs::read_dir(repository().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let wanted = files.filter(|path| path.extension().is_some_and(|it| it == extension));
    wanted.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// The nine programs.
fn programs() -> BTreeSet<String> {
    &names("src/bin", "rs") & &names("tests/python", "py")
}

/// The Python behind a line of Rust: two spaces stand before it, one before a reason. `…` stands for what is left out.
fn python_parts(line: &str) -> Vec<&str> {
    let Some((rust, python)) = line.split_once("  // ") else { return Vec::new() };
    let is_reason = rust.trim().is_empty() && rust.len() < COLUMN; // on a line of its own
    if is_reason || line.trim_start().starts_with("///") {
        return Vec::new();
    }
    python.split('…').map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// The lines of a Python program that a port has to show: not its docstring, imports, constants and blank lines.
fn lines_to_show(python: &str) -> Vec<&str> {
    let (_, code) = python.split_once("\"\"\"\n").unwrap();
    let (_, code) = code.split_once("\"\"\"\n").unwrap_or(("", code));
    let is_shown = |line: &&str| {
        let is_constant = line.starts_with(|c: char| c.is_ascii_uppercase());
        let is_import = line.starts_with("import ") || line.starts_with("from ");
        let is_bracket = line.trim().starts_with(')');
        !line.trim().is_empty() && !is_constant && !is_import && !is_bracket
    };
    code.lines().filter(is_shown).collect()
}

#[test]
fn the_python_behind_each_line_stands_in_the_python_program_in_the_same_order() {
    for (name, rust, python) in ports() {
        let mut from = 0;
        for line in rust.lines() {
            for part in python_parts(line) {
                let Some(at) = python[from..].find(part) else {
                    panic!("{name}.py has no {part:?} below:\n{}", &python[..from]);
                };
                from = python[..from + at].rfind('\n').map_or(0, |end| end + 1); // parts of one line come in any order
            }
        }
    }
}

#[test]
fn each_line_of_the_python_stands_behind_a_line_of_rust() {
    for (name, rust, python) in ports() {
        let parts: Vec<_> = rust.lines().flat_map(python_parts).collect();
        for line in lines_to_show(&python) {
            let is_shown = parts.iter().any(|part| line.contains(part));
            assert!(is_shown, "{name}.rs does not show\n{line}");
        }
    }
}

#[test]
fn the_head_of_each_program_names_its_python_and_how_to_run_it() {
    for name in programs() {
        let rust = read(&format!("src/bin/{name}.rs"));
        let head: String = rust.lines().take_while(|line| line.starts_with("//!")).collect();
        assert!(head.contains(&format!("`tests/python/{name}.py`")), "{name}");
        assert!(head.contains(&format!("cargo run --bin {name}")), "{name}");
    }
}

#[test]
fn there_is_one_rust_program_of_each_name() {
    let examples = names("examples", "rs");
    let python = names("tests/python", "py");
    assert!(examples.is_disjoint(&names("src/bin", "rs")));
    assert!(examples.is_subset(&python), "without Python: {:?}", &examples - &python);
}

#[test]
fn lines_have_120_columns_at_most() {
    for (name, rust, _) in ports() {
        for line in rust.lines() {
            assert!(line.chars().count() <= 120, "{name}: {line}");
        }
    }
}
