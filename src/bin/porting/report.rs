//! Writes the answers down: each line of the script that has one, and under it the Rust and what differs.

use crate::answers::{Answer, Answers, Says};
use crate::facts::Protocol;
use crate::fit::Guess;
use crate::page::Page;
use socket_basics::cli;
use std::collections::{BTreeMap, BTreeSet};

/// Columns of a line. A terminal has 80; in the last of them some wrap already.
const WIDTH: usize = 79;

/// Columns in front of what is said about a line; numbers of lines stand there.
const MARGIN: usize = 5;

/// What is printed for a script.
pub fn report(page: &Page, source: &str, answers: &Answers) -> String {
    let lines: Vec<&str> = source.split('\n').collect();
    let mut writer = Writer { page, text: String::new(), shown: BTreeMap::new() };
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

struct Writer<'a> {
    page: &'a Page,
    text: String,
    /// In which line an answer was shown.
    shown: BTreeMap<Says, usize>,
}

impl Writer<'_> {
    /// A line of the script and its answers. Those that are known from lines above stand behind it.
    fn line(&mut self, number: usize, line: &str, answers: &[Answer]) {
        let mut above = BTreeSet::new(); // lines where sure answers stand
        let mut notes = Vec::new();
        let mut new = Vec::new();
        for answer in answers {
            let condition = self.condition(&answer.guesses);
            match self.shown.get(&answer.says) {
                Some(shown) if condition.is_empty() => {
                    above.insert(*shown);
                }
                Some(shown) => notes.push(format!("{condition}as line {shown}")),
                None => {
                    self.shown.insert(answer.says.clone(), number);
                    new.push((condition, &answer.says));
                }
            }
        }
        if !above.is_empty() {
            notes.insert(0, format!("as line{}", numbers(&above)));
        }
        self.code(number, line, &notes.join("; "), new.is_empty());
        for (condition, says) in new {
            self.answer(&condition, says);
        }
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

    fn answer(&mut self, condition: &str, says: &Says) {
        let (rust, differs) = match says {
            Says::Row(row) => {
                let row = &self.page.rows[*row];
                (plain(&row.rust), plain(&row.differs))
            }
            Says::Format(packing) => (packing.fields.clone(), packing.differs.clone()),
        };
        let rust = if rust == "none" { "none in std" } else { &rust };
        self.say(&format!("{condition}{rust}"), &differs);
    }

    /// What must be true so that an answer holds: `if x is a queue: `.
    fn condition(&self, guesses: &[Guess]) -> String {
        let mut parts: Vec<String> = Vec::new();
        for guess in guesses {
            let title = match (guess.object, guess.protocol) {
                (Some(object), protocol) => self.page.title(object, protocol),
                (None, Some(Protocol::Udp)) => "UDP",
                (None, _) => "TCP",
            };
            let name = if guess.name.is_empty() { "it" } else { &guess.name };
            let part = format!("{} is {title}", cli::printable(name.as_bytes()));
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
        for line in wrap(&format!("nothing for line{}", numbers(lines)), WIDTH) {
            self.text += &line;
            self.text += "\n";
        }
    }
}

/// ` 28`, or `s 28, 66-68, 107`.
fn numbers(lines: &BTreeSet<usize>) -> String {
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
    let plural = if lines.len() == 1 { "" } else { "s" };
    format!("{plural} {}", texts.join(", "))
}

/// A cell of the page as text: no marks, links as what they lead to, lessons by their name.
fn plain(cell: &str) -> String {
    let mut text = String::new();
    let mut rest = cell;
    while let Some(start) = rest.find(['`', '[', '*']) {
        let (before, marked) = rest.split_at(start);
        text += before;
        let mark = &marked[..1];
        rest = match mark {
            "`" => code(marked, &mut text),
            "[" => link(marked, &mut text),
            _ => lesson(marked, &mut text),
        };
    }
    (text + rest).replace(", lesson ", ", ")
}

/// Adds the code that stands here between backticks, and returns what is behind.
fn code<'a>(marked: &'a str, text: &mut String) -> &'a str {
    let (inside, rest) = marked[1..].split_once('`').unwrap_or((&marked[1..], ""));
    *text += inside;
    rest
}

/// `[options](#options)`: `PORTING.md#options`
fn link<'a>(marked: &'a str, text: &mut String) -> &'a str {
    let Some((words, (target, rest))) =
        marked[1..].split_once("](").and_then(|(words, rest)| Some((words, rest.split_once(')')?)))
    else {
        text.push('[');
        return &marked[1..];
    };
    let _ = words;
    if target.starts_with('#') {
        *text += "PORTING.md";
    }
    *text += target;
    rest
}

/// `*tcp-cut*`: `lesson tcp-cut`; other words lose their marks.
fn lesson<'a>(marked: &'a str, text: &mut String) -> &'a str {
    match marked[1..].split_once('*') {
        Some((name, rest)) if !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-') => {
            if name.contains('-') {
                *text += "lesson ";
            }
            *text += name;
            rest
        }
        _ => {
            text.push('*');
            &marked[1..]
        }
    }
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

/// How many columns of a terminal a text takes; Chinese characters, to name some, take two.
fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

fn width(c: char) -> usize {
    if c < '\u{1100}' { 1 } else { 2 }
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

/// A text in lines of so many columns, broken between words, and in a word that is longer than a line.
fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        if used > 0 && used + 1 + columns(word) <= room {
            line.push(' ');
            used += 1;
        } else if used > 0 {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        for c in word.chars() {
            if used + width(c) > room {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += width(c);
        }
    }
    lines.push(line);
    lines
}
