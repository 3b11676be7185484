//! Writes the answers down: each line of the script that has one, and under it the Rust and what differs.

use crate::answers::{Answer, Answers, Says};
use crate::facts::Protocol;
use crate::fit::Guess;
use crate::page::Page;
use socket_basics::cli::{self, WIDTH, width, wrap};
use std::collections::{BTreeMap, BTreeSet};

/// Columns in front of what is said about a line; numbers of lines stand there.
const MARGIN: usize = 5;

/// What is printed for a script.
pub fn report(page: &Page, source: &str, answers: &Answers) -> String {
    let lines: Vec<&str> = source.split('\n').collect();
    let mut writer = Writer { page, text: String::new(), shown: BTreeMap::new(), answers_at: BTreeMap::new() };
    for (number, there) in &answers.at {
        let line = number.checked_sub(1).and_then(|at| lines.get(at)).copied().unwrap_or_default();
        writer.line(*number, line, there);
    }
    writer.everyday(&answers.everyday);
    writer.nothing(&answers.nothing);
    if writer.text.is_empty() {
        return "PORTING.md has nothing for this script.\n".to_owned();
    }
    writer.text
}

/// A comment begins behind Rust if so many columns are left there.
const ROOM_FOR_COMMENT: usize = 24;

/// So many columns are enough to tell an answer from others.
const ROOM_FOR_NAME: usize = 40;

struct Writer<'a> {
    page: &'a Page,
    text: String,
    /// In which line an answer was shown.
    shown: BTreeMap<Says, usize>,
    /// How many answers each line has.
    answers_at: BTreeMap<usize, usize>,
}

impl Writer<'_> {
    /// A line of the script and its answers. Those that are known from lines above stand behind it.
    fn line(&mut self, number: usize, line: &str, answers: &[Answer]) {
        let mut again: BTreeMap<usize, Vec<&Says>> = BTreeMap::new(); // sure answers, by the line that shows them
        let mut notes = Vec::new();
        let mut new = Vec::new();
        self.answers_at.insert(number, answers.len());
        for answer in answers {
            let proviso = self.proviso(&answer.guesses);
            match self.shown.get(&answer.says) {
                Some(shown) if proviso.is_empty() => again.entry(*shown).or_default().push(&answer.says),
                Some(shown) if self.shown_at(*shown) == 1 => notes.push(format!("{proviso}as line {shown}")),
                Some(shown) => notes.push(format!("{proviso}{}", self.as_line(*shown, &answer.says))),
                None => {
                    self.shown.insert(answer.says.clone(), number);
                    new.push((proviso, &answer.says));
                }
            }
        }
        notes.splice(0..0, self.again(&again));
        self.code(number, line, &notes.join("; "), new.is_empty());
        for (proviso, says) in new {
            self.answer(&proviso, says);
        }
    }

    /// Where answers were shown before: `as lines 28, 30`, and `as line 28: text.as_bytes()` of one among several there.
    fn again(&self, again: &BTreeMap<usize, Vec<&Says>>) -> Vec<String> {
        let mut whole = BTreeSet::new();
        let mut notes = Vec::new();
        for (line, says) in again {
            if says.len() == self.shown_at(*line) {
                whole.insert(*line);
            } else {
                notes.extend(says.iter().map(|one| self.as_line(*line, one)));
            }
        }
        if !whole.is_empty() {
            notes.insert(0, format!("as {}", line_numbers(&whole)));
        }
        notes
    }

    /// How many answers a line has.
    fn shown_at(&self, line: usize) -> usize {
        self.answers_at.get(&line).copied().unwrap_or_default()
    }

    /// Names one answer among those of a line.
    fn as_line(&self, line: usize, says: &Says) -> String {
        format!("as line {line}: {}", cut(self.rust(says).trim_end_matches(';'), ROOM_FOR_NAME))
    }

    /// A line of Python with its number and a note, which stands behind it if there is room and nothing follows.
    fn code(&mut self, number: usize, line: &str, note: &str, is_last: bool) {
        let code = cli::printable(without_comment(line).trim().replace('\t', " ").as_bytes());
        let room = WIDTH - MARGIN;
        let label = format!("{number:<MARGIN$}");
        if is_last && columns(&code) + columns(note) + 4 <= room {
            self.text += &format!("{label}{code} // {note}\n");
            return;
        }
        self.text += &format!("{label}{}\n", cut(&code, room));
        self.say("", note);
    }

    fn answer(&mut self, proviso: &str, says: &Says) {
        let differs = match says {
            Says::Row(row) => plain(&self.page.rows[*row].differs),
            Says::Format(packing) => packing.differs.clone(),
        };
        self.say(&format!("{proviso}{}", self.rust(says)), &differs);
    }

    fn rust(&self, says: &Says) -> String {
        let rust = match says {
            Says::Row(row) => plain(&self.page.rows[*row].rust),
            Says::Format(packing) => packing.fields.clone(),
        };
        if rust == "none" { "none in std".to_owned() } else { rust }
    }

    /// What must be true so that an answer holds: `if x is a queue: `.
    fn proviso(&self, guesses: &[Guess]) -> String {
        let mut parts: Vec<String> = Vec::new();
        for guess in guesses {
            let part = match guess {
                Guess::Object { name, object, protocol, .. } => {
                    format!("{} is {}", cli::printable(name.as_bytes()), plain(self.page.title(*object, *protocol)))
                }
                Guess::Protocol(Protocol::Tcp) => "it is TCP".to_owned(),
                Guess::Protocol(Protocol::Udp) => "it is UDP".to_owned(),
                Guess::Protocol(Protocol::Unix) => "it is a Unix socket".to_owned(),
                Guess::Protocol(Protocol::Raw) => "it is a raw socket".to_owned(),
            };
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        if parts.is_empty() { String::new() } else { format!("if {}: ", parts.join(" and ")) }
    }

    /// Writes Rust, and what differs behind `//`, which begins on the same line if there is room.
    fn say(&mut self, rust: &str, differs: &str) {
        let room = WIDTH - MARGIN;
        let mut lines = wrap(rust, room);
        lines.retain(|line| !line.is_empty());
        let mut comment = differs;
        if let Some(last) = lines.last_mut() {
            let left = room.saturating_sub(columns(last) + 4); // behind ` // `
            let (first, rest) = split(differs, left);
            if !first.is_empty() && (rest.is_empty() || left >= ROOM_FOR_COMMENT) {
                *last += &format!(" // {first}");
                comment = rest;
            }
        }
        if !comment.is_empty() {
            lines.extend(wrap(comment, room - 3).into_iter().map(|line| format!("// {line}")));
        }
        for line in lines {
            self.text += &format!("{:MARGIN$}{line}\n", "");
        }
    }

    fn everyday(&mut self, names: &BTreeMap<usize, String>) {
        if names.is_empty() {
            return;
        }
        let names: BTreeSet<&str> = names.values().map(|name| &**name).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let text = format!("everyday, in PORTING.md: {}", names.join(", "));
        for line in wrap(&text, WIDTH) {
            self.text += &line;
            self.text += "\n";
        }
    }

    fn nothing(&mut self, lines: &BTreeSet<usize>) {
        if lines.is_empty() {
            return;
        }
        for line in wrap(&format!("nothing for {}", line_numbers(lines)), WIDTH) {
            self.text += &line;
            self.text += "\n";
        }
    }
}

/// `line 28`, or `lines 28, 66-68, 107`.
fn line_numbers(lines: &BTreeSet<usize>) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *line => *last = *line,
            _ => ranges.push((*line, *line)),
        }
    }
    let mut texts = Vec::new();
    for (first, last) in ranges {
        texts.push(if first == last { first.to_string() } else { format!("{first}-{last}") });
    }
    let word = if lines.len() == 1 { "line" } else { "lines" };
    format!("{word} {}", texts.join(", "))
}

/// A cell of the page as text: no marks, links as what they lead to, lessons by their name.
fn plain(cell: &str) -> String {
    let mut text = String::new();
    let mut rest = cell;
    let mut is_behind_lesson = false;
    while let Some(start) = rest.find(['`', '[', '*']) {
        let (before, marked) = rest.split_at(start);
        text += before;
        is_behind_lesson &= before == ", ";
        let (mark, inside) = marked.split_at(1);
        rest = inside;
        match mark {
            "`" => {
                if let Some((code, after)) = inside.split_once('`') {
                    text += code;
                    rest = after;
                    continue;
                }
            }
            "[" => {
                if let Some((words, link)) = inside.split_once("](") {
                    let (target, after) = link.split_once(')').unwrap_or((link, ""));
                    let page = if target.starts_with('#') { "PORTING.md" } else { "" };
                    let says_target = target.trim_start_matches('#').starts_with(&words.replace(' ', "-"));
                    text += &if says_target { format!("{page}{target}") } else { format!("{words} ({page}{target})") };
                    rest = after;
                    continue;
                }
            }
            _ => {
                if let Some((name, after)) = inside.split_once('*').filter(|(name, _)| is_lesson(name)) {
                    let is_named = is_behind_lesson || !name.contains('-'); // `*not*` is a word
                    text += if is_named { "" } else { "lesson " };
                    text += name;
                    is_behind_lesson = name.contains('-');
                    rest = after;
                    continue;
                }
            }
        }
        text += mark;
    }
    (text + rest).replace("socket2*", "socket2 (feature all)")
}

fn is_lesson(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

/// A line of Python without the comment at its end.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut is_escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '\'' | '"' if quote.is_none() => quote = Some(c),
            _ if quote == Some(c) => quote = None,
            '#' if quote.is_none() => return &line[..at],
            _ => {}
        }
    }
    line
}

fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// A text that fits into so many columns, with `…` for what is left out.
fn cut(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 2; // the `…` may be wide
    for c in text.chars() {
        used += width(c);
        if used > room {
            break;
        }
        cut.push(c);
    }
    cut + "…"
}

/// As many words as fit into so many columns, and the rest.
fn split(text: &str, room: usize) -> (&str, &str) {
    if columns(text) <= room {
        return (text, "");
    }
    let mut end = 0;
    for (at, _) in text.match_indices(' ') {
        if columns(&text[..at]) > room {
            break;
        }
        end = at;
    }
    (&text[..end], text[end..].trim_start())
}
