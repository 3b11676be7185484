//! Prints a server's lines without making its clients wait: a thread of its own writes them, under load many at once.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long lines gather after some were written: nobody reads that fast, and one write takes what came meanwhile.
const GATHER: Duration = Duration::from_millis(5);
/// Bytes that gather at most. Whoever prints more waits for the reader, as with Python's `print`; no line is lost.
const MAX_GATHERED: usize = 1024 * 1024;

/// The lines that are not written yet, and whether there is a thread that will.
static LINES: Mutex<(String, bool)> = Mutex::new((String::new(), false));
static CHANGED: Condvar = Condvar::new();

/// Prints a line to stdout: at once, or 5 ms after the last. A server serves on when nobody reads it any more.
pub fn print(line: impl Display) {
    let mut lines = wait_while(|text| text.len() > MAX_GATHERED);
    let (text, has_writer) = &mut *lines;
    *has_writer = *has_writer || thread::Builder::new().spawn(write_lines).is_ok();
    if text.is_empty() {
        CHANGED.notify_all();
    }
    let _ = writeln!(text, "{line}");
    if !*has_writer {
        write_out(text);
    }
}

fn write_lines() {
    let mut batch = String::new();
    loop {
        mem::swap(&mut wait_while(String::is_empty).0, &mut batch);
        CHANGED.notify_all();
        write_out(&mut batch);
        thread::sleep(GATHER);
    }
}

fn wait_while(condition: impl Fn(&String) -> bool) -> MutexGuard<'static, (String, bool)> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    CHANGED.wait_while(lines, |(text, _)| condition(text)).unwrap_or_else(PoisonError::into_inner)
}

fn write_out(text: &mut String) {
    let _ = io::stdout().write_all(text.as_bytes());
    text.clear();
}
