//! Tries what the tutorial says about sockets on this machine, and says what it saw.
//!
//! ```sh
//! cargo run                 # all lessons
//! cargo run -- --list       # their names and claims
//! cargo run -- udp nagle    # some of them, by the name of a group or their own
//! ```
//!
//! Each lesson is one function: `udp_cut` in `udp.rs`, `tcp_close` in `tcp.rs`, `size_cure` in `framing.rs`. It opens
//! real sockets on loopback, sends, receives and compares; what it prints is what it observed. The exit status is 1
//! when one came out otherwise than expected. Where the tutorial says something else, a line shows that.

mod framing;
mod lesson;
mod tcp;
mod udp;

use lesson::{Lesson, Seen};
use socket_basics::cli::{self, Console};
use std::env;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::slice;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

const NAME: &str = env!("CARGO_BIN_NAME");
const HELP: &str = "lessons: try what the tutorial says about sockets on loopback\n\n\
    Usage: lessons [--list] [NAME...]\n\n\
    The exit status is 1 if a lesson came out otherwise than expected. Colours are\n\
    for a terminal only, and none if NO_COLOR is set.\n\n  \
    NAME            a lesson, or a group of them: udp, tcp, framing\n                  \
    (default: all)\n  \
    --list          show their names and claims, run nothing\n";
/// How long a lesson may take before it is given up: one that works takes a quarter of a second at most, but Windows
/// tries for two seconds before it calls a connection refused.
const LIMIT: Duration = Duration::from_secs(5);
/// Columns before a claim, wide enough for the longest name.
const MARGIN: usize = 21;

static GROUPS: [(&str, &[Lesson]); 3] = [("udp", udp::LESSONS), ("tcp", tcp::LESSONS), ("framing", framing::LESSONS)];

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}

fn run() -> io::Result<ExitCode> {
    let mut console = Console::new(NAME, None, 1);
    let mut names = Vec::new();
    let mut only_list = false;
    for name in cli::words(NAME, HELP, &["--list"]) {
        if name == "--list" {
            only_list = true;
        } else if chosen(slice::from_ref(&name)).is_empty() {
            cli::warn(NAME, format_args!("unknown lesson {name:?}; these are known\n{}", all_names().trim_end()));
            return Ok(ExitCode::from(2));
        } else {
            names.push(name);
        }
    }
    let groups = chosen(&names);
    if only_list {
        return Ok(finish(&mut console, &list(&groups)));
    }
    Ok(teach(&mut console, Paint::for_stdout(), &groups))
}

/// The lessons that the names ask for, each by its own name or by its group's, in groups; without names all of them.
fn chosen(names: &[String]) -> Vec<(&'static str, Vec<&'static Lesson>)> {
    let mut groups = Vec::new();
    for (group, lessons) in GROUPS {
        let is_chosen = |lesson: &&Lesson| names.iter().any(|name| name == group || name == lesson.name);
        let lessons: Vec<_> = lessons.iter().filter(|lesson| names.is_empty() || is_chosen(lesson)).collect();
        if !lessons.is_empty() {
            groups.push((group, lessons));
        }
    }
    groups
}

fn finish(console: &mut Console, text: &str) -> ExitCode {
    console.print(text.as_bytes());
    console.status()
}

/// Every name that there is, the group's before those of its lessons.
fn all_names() -> String {
    let mut text = String::new();
    for (group, lessons) in GROUPS {
        let names: Vec<_> = lessons.iter().map(|lesson| lesson.name).collect();
        text += &entry(group, &names.join(", "));
    }
    text
}

fn list(groups: &[(&str, Vec<&Lesson>)]) -> String {
    let lines = |lessons: &[&Lesson]| lessons.iter().map(|lesson| heading(lesson)).collect::<String>();
    let blocks: Vec<_> = groups.iter().map(|(group, lessons)| format!("{group}\n{}", lines(lessons))).collect();
    blocks.join("\n")
}

/// Runs the chosen lessons, each shown as soon as it is over.
fn teach(console: &mut Console, paint: Paint, groups: &[(&str, Vec<&Lesson>)]) -> ExitCode {
    let start = Instant::now();
    let (mut count, mut otherwise) = (0, 0);
    for (group, lessons) in groups {
        console.print(format!("{}\n", paint.bold(group)).as_bytes());
        for lesson in lessons {
            let seen = observe(lesson);
            console.print(report(lesson, &seen, paint).as_bytes());
            count += 1;
            otherwise += usize::from(!seen.as_expected);
        }
        console.print(b"\n");
    }
    console.print(summary(count, otherwise, start.elapsed()).as_bytes());
    console.flush();
    ExitCode::from(u8::from(otherwise > 0))
}

/// Runs a lesson and says what came of it.
fn observe(lesson: &Lesson) -> Seen {
    match run_within_limit(lesson.run) {
        Ok(seen) => seen,
        Err(error) => Seen { as_expected: false, what: format!("failed: {error}") },
    }
}

/// Runs a lesson in a thread of its own, so that one that hangs is reported and the next one runs.
fn run_within_limit(run: fn() -> io::Result<Seen>) -> io::Result<Seen> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        let _ = sender.send(run());
    })?;
    match receiver.recv_timeout(LIMIT) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => Err(io::Error::other(format!("it was not over after {LIMIT:?}"))),
        Err(RecvTimeoutError::Disconnected) => Err(io::Error::other("it panicked")),
    }
}

fn heading(lesson: &Lesson) -> String {
    entry(lesson.name, lesson.claim)
}

fn report(lesson: &Lesson, seen: &Seen, paint: Paint) -> String {
    let mut text = heading(lesson);
    if let Some(tutorial) = lesson.tutorial {
        text += &paint.dim(&entry("", &format!("The tutorial says otherwise: {tutorial}.")));
    }
    let seen_entry = entry(if seen.as_expected { "  ok" } else { "  otherwise" }, &seen.what);
    let (verdict, what) = seen_entry.split_at(MARGIN);
    text + &paint.verdict(seen.as_expected, verdict) + what
}

fn summary(count: usize, otherwise: usize, time: Duration) -> String {
    let lessons = if count == 1 { "lesson" } else { "lessons" };
    let verdict = if otherwise == 0 { "all as expected".to_owned() } else { format!("{otherwise} came out otherwise") };
    format!("{count} {lessons}, {verdict}, in {:.2} s\n", time.as_secs_f64())
}

fn entry(label: &str, text: &str) -> String {
    cli::entry(&format!("  {label}"), MARGIN, text)
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

    #[test]
    fn a_lesson_that_comes_out_otherwise_says_so() {
        let lesson = Lesson::new("name", "two and two are five", || lesson::seen(2 + 2 == 5, format!("saw {}", 2 + 2)));
        let seen = observe(&lesson);
        assert!(!seen.as_expected);
        let expected = "  name               two and two are five\n    otherwise        saw 4\n";
        assert_eq!(report(&lesson, &seen, PLAIN), expected);
        assert_eq!(summary(3, 1, Duration::from_millis(1500)), "3 lessons, 1 came out otherwise, in 1.50 s\n");
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
    fn a_long_text_is_broken_between_words_and_stays_behind_the_margin() {
        let what = "a text, and a_very_long_word_".repeat(40);
        let seen = Seen { as_expected: true, what: what.clone() };
        let claims = Lesson::new("name", "claim and claim and claim and claim and claim and claim and claim", || {
            lesson::seen(true, String::new())
        });
        for text in [report(&claims, &seen, PLAIN), heading(&claims)] {
            assert!(text.lines().count() > 1, "{text}");
            assert!(text.lines().all(|line| line.chars().count() < 80), "{text}");
            let unlabelled = |line: &&str| !line.starts_with("  name ") && !line.starts_with("    ok ");
            assert!(text.lines().filter(unlabelled).all(|line| line.starts_with(&" ".repeat(MARGIN))), "{text}");
        }
    }

    #[test]
    fn every_name_fits_into_the_margin() {
        for (group, lessons) in GROUPS {
            for name in lessons.iter().map(|lesson| lesson.name).chain([group]) {
                assert!(name.len() <= MARGIN - 4, "{name}");
            }
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
