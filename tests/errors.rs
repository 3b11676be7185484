//! ERRORS.md says what the screen says. Each error that this machine can produce is produced here, with Python and with
//! Rust, and its text is looked for in the entry that explains it. What the other systems print is compared there.
//!
//! Python and rustc word some messages anew in every version. The page has those of Python 3.8 to 3.13 and of Rust 1.85
//! and 1.95; with another version a text that differs is shown, and the test passes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(not(target_os = "linux"), allow(dead_code, unused_imports))] // most of it runs on Linux alone
mod common;
#[path = "errors/compiler.rs"]
mod compiler;
#[path = "errors/python_says.rs"]
mod python_says;
#[path = "errors/run_time.rs"]
mod run_time;

use common::*;
use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

const PAGE: &str = include_str!("../ERRORS.md");

/// Long enough for a loaded machine: a test that fails waits this long, one that passes does not.
const PATIENCE: Duration = Duration::from_secs(60);

/// A part of the page under a heading of the third level.
struct Entry {
    heading: &'static str,
    body: &'static str,
}

impl Entry {
    /// The lines of its box.
    fn texts(&self) -> impl Iterator<Item = &'static str> {
        let (_, after) = self.body.split_once("```text\n").unwrap_or_default();
        after.split_once("```").unwrap_or_default().0.lines()
    }

    fn has(&self, text: &str) -> bool {
        self.texts().any(|line| plain(line) == plain(text))
    }
}

/// A text without the place in a source file of OpenSSL's binding, which every version of Python has elsewhere.
fn plain(text: &str) -> String {
    match text.split_once("_ssl.c:") {
        Some((before, after)) => format!("{before}_ssl.c{}", after.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => text.trim_end().to_owned(),
    }
}

fn entries() -> Vec<Entry> {
    let parts = PAGE.split("\n### ").skip(1);
    let parts = parts.map(|part| part.split("\n## ").next().unwrap_or_default());
    parts.map(|part| part.split_once('\n').unwrap_or_default()).map(|(heading, body)| Entry { heading, body }).collect()
}

fn entry(heading: &str) -> Entry {
    entries().into_iter().find(|entry| entry.heading == heading).unwrap_or_else(|| panic!("no entry {heading:?}"))
}

/// The minor version of Rust, where there is a compiler.
fn rust_minor() -> Option<u32> {
    static FOUND: OnceLock<Option<u32>> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let output = Command::new("rustc").arg("--version").output().ok().filter(|output| output.status.success())?;
        text(&output.stdout).split_whitespace().nth(1)?.split('.').nth(1)?.parse().ok()
    })
}

/// The compiler itself: what is called `rustc` may first look for it, and that takes as long as a small source.
fn compiler() -> Command {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    let path = PATH.get_or_init(|| {
        let output = run(Command::new("rustc").args(["--print", "sysroot"]));
        let sysroot = String::from_utf8(output.stdout).unwrap();
        let path = Path::new(sysroot.trim()).join("bin").join(format!("rustc{}", env::consts::EXE_SUFFIX));
        if path.exists() { path } else { PathBuf::from("rustc") }
    });
    Command::new(path)
}

/// Runs a command to its end, or panics when that takes too long. Its output must fit into two pipes.
fn run(command: &mut Command) -> Output {
    let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            let _ = child.kill();
            panic!("{command:?} does not end");
        }
        thread::sleep(Duration::from_millis(2));
    }
    child.wait_with_output().unwrap()
}

/// Calls `check` with each item, some at the same time, and panics with all that it complains of.
fn each<T: Sync>(items: &[T], check: impl Fn(&T) -> Result<(), String> + Sync) {
    let next = AtomicUsize::new(0);
    let complaints = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(complaint) = check(item) {
                        complaints.lock().unwrap().push(complaint);
                    }
                }
            });
        }
    });
    let complaints = complaints.into_inner().unwrap();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Complains if the entry has not this text, where the page claims to have it; else shows it.
fn look(heading: &str, text: &str, is_claimed: bool) -> Result<(), String> {
    if entry(heading).has(text) {
        return Ok(());
    }
    let complaint = format!("the entry {heading:?} lacks {text}");
    if is_claimed {
        return Err(complaint);
    }
    let _ = writeln!(io::stderr(), "of another version: {complaint}");
    Ok(())
}

/// The versions whose texts the page has.
fn is_python_known() -> bool {
    matches!(python_minor(), Some(8..=13))
}

fn is_rust_known() -> bool {
    matches!(rust_minor(), Some(85 | 95))
}

#[test]
fn every_entry_has_texts_and_says_what_they_mean_what_to_do_and_where_it_is_shown() {
    assert!(entries().len() > 100);
    for entry in entries() {
        assert!(entry.texts().count() > 0, "{}", entry.heading);
        for part in ["\n- **Means**: ", "\n- **Do**: ", "\n- **See**: "] {
            assert_eq!(entry.body.matches(part).count(), 1, "{}: {part}", entry.heading);
        }
        let mut seen = Vec::new();
        for text in entry.texts() {
            assert!(!seen.contains(&text), "{}: {text} twice", entry.heading);
            seen.push(text);
        }
    }
}

#[test]
fn the_lessons_that_the_page_names_are_there() {
    let output = run(Command::new(env!("CARGO_BIN_EXE_lessons")).arg("--list"));
    let lessons = String::from_utf8(output.stdout).unwrap();
    let mut named = 0;
    for entry in entries() {
        let (_, see) = entry.body.split_once("- **See**: ").unwrap();
        for name in see.split('*').skip(1).step_by(2) {
            assert!(lessons.split_whitespace().any(|word| word == name), "no lesson {name}");
            named += 1;
        }
    }
    assert!(named > 30);
}

/// The entry of an error of the system, and its number on Linux, macOS and Windows; 0 where there is none.
const NUMBERS: &[(&str, [i32; 3])] = &[
    ("Connection refused", [111, 61, 10061]),
    ("Address already in use", [98, 48, 10048]),
    ("Connection reset by peer", [104, 54, 10054]),
    ("Broken pipe", [32, 32, 0]),
    ("Software caused connection abort", [103, 53, 10053]),
    ("Connection timed out: the system's limit", [110, 60, 10060]),
    ("Resource temporarily unavailable", [11, 35, 10035]),
    ("Operation now in progress", [115, 36, 10036]),
    ("Operation now in progress", [114, 37, 10037]),
    ("Socket is already connected", [106, 56, 10056]),
    ("Socket is not connected", [107, 57, 10057]),
    ("Bad file descriptor", [9, 9, 0]),
    ("Bad file descriptor", [88, 38, 10038]),
    ("Cannot assign requested address", [99, 49, 10049]),
    ("Network is unreachable", [101, 51, 10051]),
    ("Network is unreachable", [100, 50, 10050]),
    ("No route to host", [113, 65, 10065]),
    ("No route to host", [112, 64, 10064]),
    ("Permission denied", [13, 13, 10013]),
    ("Permission denied", [1, 1, 0]),
    ("Too many open files", [24, 24, 10024]),
    ("Message too long", [90, 40, 10040]),
    ("Invalid argument", [22, 22, 10022]),
    ("Address family not supported", [97, 47, 10047]),
    ("Protocol not supported", [93, 43, 10043]),
    ("Protocol not supported", [94, 44, 10044]),
    ("Protocol not supported", [91, 41, 10041]),
    ("Protocol not available", [92, 42, 10042]),
    ("Operation not supported", [95, 102, 10045]),
    ("Destination address required", [89, 39, 10039]),
    ("Interrupted system call", [4, 4, 10004]),
    ("No buffer space available", [105, 55, 10055]),
    ("No such file or directory: subprocess, Unix sockets", [2, 2, 0]),
];

/// The numbers that this system has.
fn numbers() -> Vec<(&'static str, i32)> {
    let column = match env::consts::OS {
        "linux" => 0,
        "macos" => 1,
        "windows" => 2,
        _ => return Vec::new(),
    };
    let english = io::Error::from_raw_os_error(2).to_string();
    if !(english.starts_with("No such file") || english.starts_with("The system cannot find the file")) {
        skip(&format!("this system does not speak English, but says {english}"));
        return Vec::new();
    }
    NUMBERS.iter().map(|(heading, numbers)| (*heading, numbers[column])).filter(|(_, number)| *number != 0).collect()
}

#[test]
fn rust_names_the_systems_errors_as_the_page_does() {
    for (heading, number) in numbers() {
        let error = io::Error::from_raw_os_error(number);
        assert_eq!(look(heading, &error.to_string(), true), Ok(()));
        // A kind that has no name yet is `Uncategorized`, and may have one in the next version.
        let is_stable = !format!("{error:?}").contains("Uncategorized");
        assert_eq!(look(heading, &format!("{error:?}"), is_rust_known() && is_stable), Ok(()));
    }
}

#[test]
fn python_names_the_systems_errors_as_the_page_does() {
    let Some(python) = python() else { return };
    let numbers = numbers();
    let list = numbers.iter().map(|(_, number)| number.to_string()).collect::<Vec<_>>().join(",");
    let script = "import os, sys, traceback\nfor n in map(int, sys.argv[1].split(',')):\n    \
                  if os.name == 'nt':\n        import ctypes; e = ctypes.WinError(n)\n    \
                  else:\n        e = OSError(n, os.strerror(n))\n    \
                  print(traceback.format_exception_only(type(e), e)[-1].strip())";
    let output = run(Command::new(python).args(["-I", "-c", script, &list]));
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines.lines().count(), numbers.len(), "{}", String::from_utf8_lossy(&output.stderr));
    for ((heading, _), line) in numbers.iter().zip(lines.lines()) {
        assert_eq!(look(heading, line, true), Ok(()));
    }
}

/// Gives a program its input, and what it leaves on stdout; what it says on stderr is shown by the test.
#[cfg(target_os = "linux")]
fn answer(command: &mut Command, input: &str) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap(); // and closed: the end of the input
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn python_prints_what_the_page_says() {
    let Some(python) = python() else { return };
    let snippets: String = python_says::SNIPPETS.iter().map(|[_, snippet, _]| format!("{snippet}\0")).collect();
    // -I: no settings of the user's change what is printed.
    let lines = answer(Command::new(python).args(["-I", "-X", "utf8", "-c", python_says::RUNNER]), &snippets);
    assert_eq!(lines.lines().count(), python_says::SNIPPETS.len());
    let mut complaints = Vec::new();
    for ([heading, snippet, text], line) in python_says::SNIPPETS.iter().zip(lines.lines()) {
        let is_written_for = python_minor() == Some(11);
        if is_written_for && plain(line) != plain(text) {
            complaints.push(format!("{snippet}\n    prints {line}\n    not    {text}"));
        }
        complaints.extend(look(heading, text, true).err());
        complaints.extend(look(heading, line, is_python_known()).err());
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// What a script leaves on stderr. With a line as its input it gets that line once nobody reads its output any more;
/// without one it gets nothing, and no end of its input either.
#[cfg(target_os = "linux")]
fn errors_of_python(options: &[&str], script: &str, input: Option<&str>) -> String {
    let mut command = Command::new(python().unwrap());
    command.arg("-I").args(options).args(["-c", script]).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.unwrap_or_default().as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn python_prints_this_too_when_it_ends() {
    if python().is_none() {
        return;
    }
    // A daemon thread that is in `input()` when the program ends. A thread needs a moment to get there.
    let daemon = |pause: u64| {
        let script = format!(
            "import threading, time; threading.Thread(target=input, daemon=True).start(); time.sleep({pause} / 1000)"
        );
        errors_of_python(&[], &script, None)
    };
    let task = "import asyncio\nasync def f(): 1 / 0\n\
                async def main(): asyncio.create_task(f()); await asyncio.sleep(0)\nasyncio.run(main())";
    let seen = [
        errors_of_python(&[], "input(); print(1)", Some("\n")),
        [10, 100, 1000, 5000].into_iter().map(daemon).find(|shown| !shown.is_empty()).unwrap_or_default(),
        errors_of_python(&["-X", "dev"], "import socket; s = socket.socket(); del s", None),
        errors_of_python(&[], "async def main(): pass\nmain()", None),
        errors_of_python(&[], task, None),
        errors_of_python(&[], "import threading\ndef handle(): 1 / 0\nthreading.Thread(target=handle).start()", None),
    ]
    .join("\n");
    for (heading, start) in [
        ("Broken pipe at the end of a program", "Exception ignored"),
        ("Broken pipe at the end of a program", "BrokenPipeError"),
        ("Fatal Python error at shutdown, daemon threads", "Fatal Python error"),
        ("Fatal Python error at shutdown, daemon threads", "Exception in thread"),
        ("I/O operation on closed file", "ResourceWarning: unclosed"),
        ("asyncio", "RuntimeWarning: coroutine"),
        ("asyncio", "Task exception was never retrieved"),
    ] {
        let found = seen.lines().find_map(|line| line.find(start).map(|at| &line[at..]));
        let line = found.unwrap_or_else(|| panic!("{start} is not in {seen}"));
        assert_eq!(look(heading, line, is_python_known()), Ok(()), "{seen}");
    }
}

fn check_calls(cases: &[run_time::Case]) {
    each(cases, |(heading, call, text)| {
        look(heading, text, true)?;
        let says = call();
        if says == *text {
            return Ok(());
        }
        look(heading, &says, is_rust_known()).map_err(|_| format!("{says}\n    and not {text}"))
    });
}

#[test]
fn rust_says_at_run_time_what_the_page_says() {
    check_calls(run_time::EVERYWHERE);
}

#[test]
#[cfg(target_os = "linux")]
fn rust_says_at_run_time_on_linux_what_the_page_says() {
    check_calls(run_time::LINUX);
}

/// A file for a source, in a folder that goes away with it.
fn source(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.rs");
    fs::write(&path, text).unwrap();
    (folder, path)
}

/// What a program prints on stderr; it may print more on stdout than anybody reads.
#[cfg(target_os = "linux")]
fn errors_of(program: &Path, argument: &str) -> String {
    let mut command = Command::new(program);
    command.arg(argument).env_remove("RUST_BACKTRACE").stdin(Stdio::null());
    let mut child: Child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take()); // whoever read it has ended
    String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_rust_program_ends_with_what_the_page_says() {
    if rust_minor().is_none() {
        return skip("there is no rustc here");
    }
    let (folder, path) = source(run_time::PROGRAM);
    let program = folder.path().join("program");
    let output =
        run(compiler().args(["--edition", "2024", "-C", "debug-assertions"]).arg("-o").args([&program, &path]));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    each(run_time::ENDS, |[heading, argument, text]| {
        look(heading, text, true)?;
        let shown = errors_of(&program, argument);
        if shown.lines().any(|line| line == *text) {
            return Ok(());
        }
        let mut lines = shown.lines();
        if lines.any(|line| entry(heading).has(line)) || !is_rust_known() {
            return Ok(());
        }
        Err(format!("{argument}: {shown}\n    and not {text}"))
    });
    for argument in ["stack", "array"] {
        let shown = errors_of(&program, argument);
        for part in ["has overflowed its stack", "fatal runtime error: stack overflow"] {
            assert!(shown.contains(part), "{argument}: {shown}");
        }
    }
}

/// What rustc prints of a source, as text, without colours.
fn compiled(text: &str) -> (bool, String) {
    let (folder, path) = source(text);
    let mut command = compiler();
    command.args(["--edition", "2024", "--emit=metadata", "--color", "never", "--crate-name", "server"]);
    let output = run(command.arg("--out-dir").arg(folder.path()).arg(path));
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

/// The code in brackets: `error[E0382]: …` has `E0382`.
fn code(line: &str) -> Option<&str> {
    line.strip_prefix("error[")?.split(']').next()
}

#[test]
fn the_compiler_says_what_the_page_says() {
    if rust_minor().is_none() {
        return skip("there is no rustc here");
    }
    let is_newest = rust_minor() == Some(95);
    let cases: Vec<&compiler::Case> = compiler::CASES.iter().chain(compiler::UNIX).collect();
    each(&cases, |case| {
        let (_, says) = compiled(&compiler::program(case.bad));
        let mut lines = says.lines().filter(|line| line.starts_with("error") || line.starts_with("warning"));
        let first = lines.next().unwrap_or("nothing");
        let complaint = |why: &str| Err(format!("{}: {why}\n    of {}\n{says}", case.entry, case.bad));
        let Some((wanted, parts)) = case.says.split_first() else { return complaint("nothing is wanted") };
        look(case.entry, wanted, true)?;
        if is_newest && first != *wanted {
            return complaint("another first line");
        }
        if code(first) != code(wanted) && !(is_rust_known() && entry(case.entry).has(first)) {
            return complaint("another code");
        }
        look(case.entry, first, is_rust_known())?;
        for part in parts {
            if is_newest && !says.contains(part) {
                return complaint(part);
            }
            if !entry(case.entry).texts().any(|text| text.contains(part) || part.contains(text)) {
                return complaint("the page lacks a part");
            }
        }
        Ok(())
    });
}

#[test]
fn the_compiler_takes_what_is_mended() {
    if rust_minor().is_none() {
        return skip("there is no rustc here");
    }
    let mended = compiler::CASES.iter().chain(compiler::UNIX).filter(|case| !case.good.is_empty());
    let mut text = "#![allow(unused)]\n".to_owned();
    for (number, case) in mended.enumerate() {
        let source = compiler::program(case.good);
        text += &format!("mod case_{number} {{ // {}\n{source}\n}}\n", case.entry);
    }
    let (is_mended, says) = compiled(&(text + "fn main() {}\n"));
    assert!(is_mended, "{says}");
}
