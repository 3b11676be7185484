//! The lessons: all of them come out as expected here, and the program says so when one does not.
#![allow(clippy::unwrap_used)]
mod common;
use common::*;
use std::process::{Command, Stdio};

const NAMES: [&str; 24] = [
    "udp-no-server",
    "udp-refused",
    "udp-empty",
    "udp-blocks",
    "udp-boundaries",
    "udp-cut",
    "udp-many-clients",
    "udp-overflow",
    "udp-largest",
    "tcp-refused",
    "tcp-backlog",
    "tcp-blocks",
    "tcp-send-nothing",
    "tcp-close",
    "tcp-reset",
    "tcp-split",
    "tcp-glued",
    "tcp-sticky",
    "size-cure",
    "size-glued-ack",
    "size-long-command",
    "counting-asked",
    "header-cure",
    "nagle",
];

/// What `lessons` prints with these arguments, and its exit status.
fn lessons(args: &[&str]) -> (String, Option<i32>) {
    let output = assert_cmd::Command::new(program("lessons")).args(args).timeout(PATIENCE).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

/// The names that an output shows, in its order.
fn names(text: &str) -> Vec<&str> {
    let headings = text.lines().filter(|line| line.starts_with("  ") && !line[2..].starts_with(' '));
    headings.map(|line| line.split_whitespace().next().unwrap()).collect()
}

fn verdicts<'a>(text: &'a str, verdict: &str) -> Vec<&'a str> {
    text.lines().filter(|line| line.split_whitespace().next() == Some(verdict) && line.starts_with("    ")).collect()
}

#[test]
fn every_lesson_comes_out_as_expected() {
    let (text, status) = lessons(&[]);
    assert_eq!(status, Some(0), "{text}");
    assert_eq!(names(&text), NAMES, "{text}");
    assert_eq!(verdicts(&text, "ok").len(), NAMES.len(), "{text}");
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("24 lessons, all as expected, in ") && last.ends_with(" s"), "{last}");
}

/// One column less than a terminal's 80: some break a line that fills the last one too.
#[test]
fn the_output_fits_80_columns_and_has_no_colours_in_a_pipe() {
    for args in [&[][..], &["--list"], &["--help"], &["unheard-of"]] {
        let output = assert_cmd::Command::new(program("lessons")).args(args).timeout(PATIENCE).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(text.lines().all(|line| line.chars().count() < 80), "{text}");
        assert!(!text.contains('\x1b'), "{text:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colours_unless_no_color_is_set_to_something() {
    const TERMINAL: &str = "import pty, sys; pty.spawn(sys.argv[1:])";
    for (no_color, has_colours) in [(None, true), (Some(""), true), (Some("1"), false), (Some("0"), false)] {
        let mut terminal = assert_cmd::Command::new("python3");
        terminal.args(["-c", TERMINAL]).arg(program("lessons")).arg("tcp-close").env_remove("NO_COLOR");
        terminal.envs(no_color.map(|value| ("NO_COLOR", value))).timeout(PATIENCE);
        let Ok(output) = terminal.output() else { return eprintln!("skipped: a terminal needs python3") };
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("1 lesson, all as expected"), "{text}");
        assert_eq!(text.contains('\x1b'), has_colours, "NO_COLOR={no_color:?}: {text:?}");
    }
}

#[test]
fn a_lesson_runs_alone_by_its_name() {
    let (text, status) = lessons(&["tcp-close"]);
    assert_eq!((names(&text), status), (vec!["tcp-close"], Some(0)), "{text}");
    assert!(text.contains("\n1 lesson, all as expected, in "), "{text}");
}

#[test]
fn several_names_run_once_each_in_the_usual_order() {
    let (text, status) = lessons(&["tcp-close", "udp-cut", "tcp-close"]);
    assert_eq!((names(&text), status), (vec!["udp-cut", "tcp-close"], Some(0)), "{text}");
}

#[test]
fn a_group_is_a_name_for_all_its_lessons() {
    assert_eq!(names(&lessons(&["--list", "udp"]).0), NAMES[..9]);
    assert_eq!(names(&lessons(&["--list", "tcp"]).0), NAMES[9..18]);
    assert_eq!(names(&lessons(&["--list", "framing", "udp-cut"]).0), [&["udp-cut"], &NAMES[18..]].concat());
    let (text, status) = lessons(&["tcp-close", "tcp"]);
    assert_eq!((names(&text), status), (NAMES[9..18].to_vec(), Some(0)), "{text}");
    assert_eq!(text.lines().next(), Some("tcp"));
}

#[test]
fn the_list_names_all_and_runs_none() {
    let (text, status) = lessons(&["--list"]);
    assert_eq!((names(&text), status), (NAMES.to_vec(), Some(0)));
    assert_eq!(verdicts(&text, "ok"), Vec::<&str>::new());
}

#[test]
fn wrong_usage_exits_2_and_runs_nothing() {
    for (word, complaint) in [("tcp-clsoe", "unknown lesson \"tcp-clsoe\""), ("--all", "unknown option \"--all\"")] {
        let output = assert_cmd::Command::new(program("lessons")).args(["tcp-close", word]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.starts_with("lessons: ") && stderr.contains(complaint), "{stderr}");
    }
}

#[test]
fn an_unknown_name_is_answered_with_the_names_that_there_are() {
    let output = assert_cmd::Command::new(program("lessons")).arg("tcp-clsoe").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let mut known: Vec<_> = stderr.lines().skip(1).flat_map(str::split_whitespace).collect();
    known.iter_mut().for_each(|name| *name = name.trim_end_matches(','));
    let groups = [("udp", &NAMES[..9]), ("tcp", &NAMES[9..18]), ("framing", &NAMES[18..])];
    assert_eq!(known, groups.map(|(group, lessons)| [&[group], lessons].concat()).concat(), "{stderr}");
}

#[test]
fn help_and_version() {
    let (help, status) = lessons(&["-h"]);
    assert!(help.contains("Usage: lessons [--list] [NAME...]") && status == Some(0), "{help}");
    assert_eq!(lessons(&["--version"]), (format!("lessons {}\n", env!("CARGO_PKG_VERSION")), Some(0)));
}

/// With four descriptors there is one for a socket, and this lesson needs two.
#[cfg(unix)]
#[test]
fn a_lesson_that_comes_out_otherwise_says_so_and_exits_1() {
    let script = "ulimit -n 4; exec \"$0\" udp-empty";
    let output = assert_cmd::Command::new("sh").args(["-c", script]).arg(program("lessons")).timeout(PATIENCE).output();
    let output = output.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(verdicts(&text, "otherwise").len(), 1, "{text}");
    assert!(text.contains("failed: ") && text.contains("\n1 lesson, 1 came out otherwise, in "), "{text}");
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let mut child = Command::new(program("lessons")).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}
