//! Reads Python as far as a look-up needs it: its statements, with every imported name in full.
//!
//! It is no parser. Comments and strings are never taken for code, nor is what an f-string computes.

use std::collections::BTreeMap;
use std::mem;

/// Modules that Python 2 called otherwise.
const RENAMED: [(&str, &str); 4] =
    [("Queue", "queue"), ("SocketServer", "socketserver"), ("cPickle", "pickle"), ("thread", "_thread")];
/// Bytes of a string that may tell something: a format, an encoding, an address.
const MAX_STRING: usize = 20;
/// Bytes of a statement that are looked at: nobody writes more by hand.
const MAX_STATEMENT: usize = 10_000;

/// A statement without spaces and comments: `s.send(struct.pack('!I',len(data)))`. Of an import `import module` remains.
#[derive(Default)]
pub struct Statement {
    pub text: String,
    /// Which line each part of it stands on.
    lines: Vec<(usize, usize)>,
}

impl Statement {
    /// The line of a place.
    pub fn line(&self, at: usize) -> usize {
        let begun = self.lines.partition_point(|(start, _)| *start <= at);
        self.lines[..begun].last().map_or(0, |(_, line)| *line)
    }
}

/// A script, or a key of the page.
#[derive(Default)]
pub struct Python {
    pub statements: Vec<Statement>,
    /// What imported names mean: `u` may be `struct.unpack`.
    imported: BTreeMap<String, String>,
    /// The modules from which everything was imported.
    stars: Vec<String>,
}

impl Python {
    /// Reads `source`, whose lines end in `\n`. `is_known` says which names may have come with `import *`.
    pub fn read(source: &str, is_known: impl Fn(&str) -> bool) -> Python {
        let (mut python, mut statement, mut rest) = (Python::default(), Statement::default(), source);
        let (mut line, mut depth) = (1, 0_usize);
        while let Some(first) = rest.chars().next() {
            let (piece, tail) = rest.split_at(piece_length(rest, first));
            rest = tail;
            if piece == ";" || (piece == "\n" && depth == 0) {
                python.end(mem::take(&mut statement));
            } else if !first.is_whitespace() && first != '#' && first != '\\' {
                depth = (depth + usize::from("([{".contains(first))).saturating_sub(usize::from(")]}".contains(first)));
                let (text, after) = (&mut statement.text, tail.trim_start());
                let is_argument = depth > 0 && after.starts_with('=') && !after.starts_with("==");
                let is_import = text.starts_with("import ") || text.starts_with("from ");
                let is_whole = is_argument || is_import || text.ends_with('.');
                let meaning = if is_whole { piece.to_owned() } else { python.meaning(piece, &is_known) };
                if text.ends_with(is_word) && meaning.starts_with(is_word) {
                    text.push(' ');
                }
                statement.lines.push((text.len(), line));
                *text += &meaning;
            }
            line += piece.matches('\n').count();
        }
        python.end(statement);
        python
    }

    /// Whether something of this module was imported.
    pub fn imports(&self, module: &str) -> bool {
        self.imported.values().chain(&self.stars).any(|path| path.split('.').next() == Some(module))
    }

    /// An imported name in full; a string as `'~'` if it is nothing but text.
    fn meaning(&self, piece: &str, is_known: impl Fn(&str) -> bool) -> String {
        let Some(quote) = piece.find(['\'', '"']) else {
            let starred = || self.stars.iter().map(|module| format!("{module}.{piece}")).find(|path| is_known(path));
            return self.imported.get(piece).cloned().or_else(starred).unwrap_or_else(|| piece.to_owned());
        };
        let held = piece[quote..].trim_matches(['\'', '"']);
        let is_telling = held.len() <= MAX_STRING && held.chars().all(|c| is_word(c) || ".!<>=@?-".contains(c));
        let is_utf8 = held.to_lowercase().replace(['-', '_'], "") == "utf8";
        format!(
            "'{}'",
            if is_utf8 {
                "utf-8"
            } else if is_telling {
                held
            } else {
                "~"
            }
        )
    }

    fn end(&mut self, mut statement: Statement) {
        let text = mem::take(&mut statement.text);
        let (module, names) = match text.strip_prefix("from ") {
            Some(from) => from.split_once(" import").unwrap_or_default(),
            None => ("", text.strip_prefix("import ").unwrap_or_default()),
        };
        for item in names.trim_matches(['(', ')', ' ', ',']).split(',').filter(|item| !item.is_empty()) {
            let (name, alias) = item.split_once(" as ").unwrap_or((item, item));
            let path = renamed(&[module, if module.is_empty() { "" } else { "." }, name].concat());
            let top = path.split('.').next().unwrap_or_default();
            let lines = statement.lines.clone();
            self.statements.push(Statement { text: format!("import {top}"), lines });
            match path.strip_suffix(".*") {
                Some(module) => self.stars.push(module.to_owned()),
                None if module.is_empty() && alias == name => {
                    self.imported.insert(name.split('.').next().unwrap_or_default().to_owned(), top.to_owned());
                }
                None => _ = self.imported.insert(alias.to_owned(), path),
            }
        }
        if names.is_empty() {
            let end = (0..=text.len().min(MAX_STATEMENT)).rev().find(|end| text.is_char_boundary(*end));
            let text = text[..end.unwrap_or(0)].to_owned();
            self.statements.push(Statement { text, ..statement });
        }
    }
}

/// Strings, dotted names and single marks, and where each begins.
pub fn words(text: &str) -> Vec<(usize, &str)> {
    let (mut words, mut at) = (Vec::new(), 0);
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let name = rest.find(|c| !is_word(c) && c != '.').unwrap_or(rest.len());
        let string = rest.match_indices('\'').nth(1).map_or(rest.len(), |(end, _)| end + 1);
        let length = if first == '\'' { string } else { name.max(first.len_utf8()) };
        words.push((at, &rest[..length]));
        at += length;
    }
    words.retain(|(_, word)| *word != " ");
    words
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn renamed(path: &str) -> String {
    let (top, rest) = path.split_at(path.find('.').unwrap_or(path.len()));
    RENAMED.iter().find(|(old, _)| *old == top).map_or(top, |(_, new)| new).to_owned() + rest
}

/// The bytes of the word, string, comment or mark that `text` begins with.
fn piece_length(text: &str, first: char) -> usize {
    let word = text.find(|c| !is_word(c)).unwrap_or(text.len());
    let is_prefix = word <= 2 && text[..word].chars().all(|c| "bBfFrRuU".contains(c));
    match first {
        '#' => text.find('\n').unwrap_or(text.len()),
        '\\' if text.starts_with("\\\n") => 2,
        _ if is_prefix && text[word..].starts_with(['\'', '"']) => word + string_length(&text[word..]),
        _ => word.max(first.len_utf8()),
    }
}

/// The bytes of a string with its quotes. One in single quotes that is not closed ends with its line.
fn string_length(text: &str) -> usize {
    let quotes = if text.starts_with("'''") || text.starts_with("\"\"\"") { &text[..3] } else { &text[..1] };
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(quotes.len()) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '\n' if quotes.len() == 1 => return at,
            _ if text[at..].starts_with(quotes) => return at + quotes.len(),
            _ => {}
        }
    }
    text.len()
}
