//! Puts every claim of the tutorial to the test on this machine and says what it saw.
//!
//! ```sh
//! cargo run                       # all lessons
//! cargo run -- --list             # their names and claims
//! cargo run -- udp-cut tcp-close  # some of them
//! ```
//!
//! Each lesson is one function: `udp_cut` in `udp.rs`, `tcp_close` in `tcp.rs`, `size_cure` in `framing.rs`. It opens
//! real sockets on loopback, sends, receives and compares; what it prints is what it observed. The exit status is 1
//! when one came out otherwise than expected. Where the tutorial is wrong, a line says what it claims.

mod framing;
mod lesson;
mod tcp;
mod udp;

use lesson::{Lesson, Seen};
use socket_basics::cli::{self, Console};
use std::env;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

const NAME: &str = env!("CARGO_BIN_NAME");
/// How long a lesson may take before it is given up: one that works takes a quarter of a second at most.
const LIMIT: Duration = Duration::from_secs(5);
/// Columns of a line.
const WIDTH: usize = 100;
/// Columns before a claim, wide enough for the longest name.
const MARGIN: usize = 21;

static GROUPS: [(&str, &[Lesson]); 3] = [("UDP", udp::LESSONS), ("TCP", tcp::LESSONS), ("Framing", framing::LESSONS)];

fn main() -> ExitCode {
    cli::exit(NAME, run())
}

fn run() -> io::Result<ExitCode> {
    let mut console = Console::new(NAME, None);
    let mut names = Vec::new();
    let mut only_list = false;
    for word in env::args_os().skip(1) {
        match word.to_string_lossy().as_ref() {
            "-h" | "--help" => return Ok(finish(&mut console, &help())),
            "-V" | "--version" => return Ok(finish(&mut console, &format!("{NAME} {}\n", env!("CARGO_PKG_VERSION")))),
            "--list" => only_list = true,
            option if option.starts_with('-') => cli::wrong_usage(NAME, format_args!("unknown option {option:?}")),
            name if !is_known(name) => cli::wrong_usage(NAME, format_args!("unknown lesson {name:?}")),
            name => names.push(name.to_owned()),
        }
    }
    let is_chosen = |lesson: &Lesson| names.is_empty() || names.iter().any(|name| name == lesson.name);
    if only_list {
        return Ok(finish(&mut console, &list(is_chosen)));
    }
    Ok(teach(&mut console, Paint::for_stdout(), is_chosen))
}

fn is_known(name: &str) -> bool {
    GROUPS.iter().any(|(_, lessons)| lessons.iter().any(|lesson| lesson.name == name))
}

fn finish(console: &mut Console, text: &str) -> ExitCode {
    console.print(text.as_bytes());
    console.status()
}

fn help() -> String {
    format!(
        "{NAME}: put every claim of the tutorial to the test on loopback\n\n\
         Usage: {NAME} [--list] [NAME...]\n\n  \
         NAME            a lesson to run (default: all of them)\n  \
         --list          show their names and claims, run nothing\n  \
         -h, --help      show this text\n  \
         -V, --version   show the version\n\n\
         The exit status is 1 if a lesson came out otherwise than expected.\n"
    )
}

fn list(is_chosen: impl Fn(&Lesson) -> bool) -> String {
    let mut text = String::new();
    for (title, lessons) in &GROUPS {
        let lines: Vec<_> = lessons.iter().filter(|lesson| is_chosen(lesson)).map(heading).collect();
        if !lines.is_empty() {
            let gap = if text.is_empty() { "" } else { "\n" };
            text += &format!("{gap}{title}\n{}", lines.concat());
        }
    }
    text
}

/// Runs the chosen lessons, each shown as soon as it is over.
fn teach(console: &mut Console, paint: Paint, is_chosen: impl Fn(&Lesson) -> bool) -> ExitCode {
    let start = Instant::now();
    let (mut count, mut otherwise) = (0, 0);
    for (title, lessons) in &GROUPS {
        let mut chosen = lessons.iter().filter(|lesson| is_chosen(lesson)).peekable();
        if chosen.peek().is_some() {
            let gap = if count == 0 { "" } else { "\n" };
            console.print(format!("{gap}{}\n", paint.bold(title)).as_bytes());
        }
        for lesson in chosen {
            let seen = observe(lesson);
            console.print(report(lesson, &seen, paint).as_bytes());
            count += 1;
            otherwise += usize::from(!seen.as_expected);
        }
    }
    console.print(summary(count, otherwise, start.elapsed()).as_bytes());
    console.flush();
    ExitCode::from(u8::from(otherwise > 0))
}

/// Runs a lesson in a thread of its own, so that one that hangs is reported and the next one runs.
fn observe(lesson: &Lesson) -> Seen {
    let run = lesson.run;
    let (sender, receiver) = mpsc::channel();
    let thread = thread::Builder::new().spawn(move || {
        let _ = sender.send(run());
    });
    let result = thread.and_then(|_| {
        receiver.recv_timeout(LIMIT).unwrap_or_else(|error| match error {
            RecvTimeoutError::Timeout => Err(io::Error::other(format!("it was not over after {LIMIT:?}"))),
            RecvTimeoutError::Disconnected => Err(io::Error::other("it panicked")),
        })
    });
    result.unwrap_or_else(|error| Seen { as_expected: false, what: format!("failed: {error}") })
}

fn heading(lesson: &Lesson) -> String {
    format!("  {:<1$}{claim}\n", lesson.name, MARGIN - 2, claim = lesson.claim)
}

fn report(lesson: &Lesson, seen: &Seen, paint: Paint) -> String {
    let mut text = heading(lesson);
    if let Some(tutorial) = lesson.tutorial {
        for line in wrap(&format!("The tutorial: {tutorial}.")) {
            text += &format!("{:MARGIN$}{}\n", "", paint.dim(&line));
        }
    }
    let verdict = if seen.as_expected { "    ok" } else { "    otherwise" };
    let mut margin = paint.verdict(seen.as_expected, &format!("{verdict:MARGIN$}"));
    for line in wrap(&seen.what) {
        text += &format!("{margin}{line}\n");
        margin = " ".repeat(MARGIN);
    }
    text
}

fn summary(count: usize, otherwise: usize, time: Duration) -> String {
    let lessons = if count == 1 { "lesson" } else { "lessons" };
    let verdict = if otherwise == 0 { "all as expected".to_owned() } else { format!("{otherwise} came out otherwise") };
    format!("\n{count} {lessons}, {verdict}, in {:.2} s\n", time.as_secs_f64())
}

/// Breaks `text` between words into lines that fit behind the margin.
fn wrap(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if MARGIN + line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Colours, or none.
#[derive(Clone, Copy)]
struct Paint {
    is_on: bool,
}

impl Paint {
    /// Only for people: stdout is a terminal, and `NO_COLOR` (no-color.org) is not set to anything.
    fn for_stdout() -> Paint {
        let is_wanted = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        // A Windows console shows the codes themselves until it is told otherwise, which std cannot do.
        Paint { is_on: is_wanted && io::stdout().is_terminal() && !cfg!(windows) }
    }

    fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn verdict(self, is_good: bool, text: &str) -> String {
        self.with(if is_good { "32" } else { "1;31" }, text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.is_on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Paint = Paint { is_on: false };

    fn lessons() -> impl Iterator<Item = &'static Lesson> {
        GROUPS.iter().flat_map(|(_, lessons)| lessons.iter())
    }

    #[test]
    fn a_lesson_that_comes_out_otherwise_says_so() {
        let lesson = Lesson::new("name", "two and two are five", || lesson::seen(2 + 2 == 5, format!("saw {}", 2 + 2)));
        let seen = observe(&lesson);
        assert!(!seen.as_expected);
        let expected = "  name               two and two are five\n    otherwise        saw 4\n";
        assert_eq!(report(&lesson, &seen, PLAIN), expected);
        assert_eq!(summary(3, 1, Duration::from_millis(1500)), "\n3 lessons, 1 came out otherwise, in 1.50 s\n");
    }

    #[test]
    fn a_lesson_that_fails_or_panics_came_out_otherwise() {
        let fails = Lesson::new("name", "claim", || Err(io::ErrorKind::AddrInUse.into()));
        let panics = Lesson::new("name", "claim", || panic!("on purpose"));
        for (lesson, what) in [(fails, "failed: address in use"), (panics, "failed: it panicked")] {
            let seen = observe(&lesson);
            assert!(!seen.as_expected);
            assert_eq!(seen.what, what);
        }
    }

    #[test]
    fn a_long_observation_is_wrapped_behind_the_margin() {
        let seen = Seen { as_expected: true, what: "seven w".repeat(40) };
        let text = report(&Lesson::new("name", "claim", || lesson::seen(true, String::new())), &seen, PLAIN);
        assert!(text.lines().count() > 3);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
        assert!(text.lines().skip(2).all(|line| line.starts_with(&" ".repeat(MARGIN))));
    }

    #[test]
    fn every_name_and_claim_fits() {
        for lesson in lessons() {
            assert!(lesson.name.len() <= MARGIN - 4, "{}", lesson.name);
            assert!(heading(lesson).trim_end().chars().count() <= WIDTH, "{}", lesson.name);
        }
    }

    #[test]
    fn colours_frame_the_verdict_and_nothing_else() {
        let seen = Seen { as_expected: false, what: "this".to_owned() };
        let text =
            report(&Lesson::new("name", "claim", || lesson::seen(true, String::new())), &seen, Paint { is_on: true });
        assert!(text.ends_with("\x1b[1;31m    otherwise        \x1b[0mthis\n"), "{text:?}");
    }
}
