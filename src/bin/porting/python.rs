//! Reads Python as far as a look-up needs it: its statements as words, with every imported name in full.
//!
//! It is no parser. Comments and strings are never taken for code, nor is what an f-string computes.

use std::collections::BTreeMap;
use std::mem;

const KEYWORDS: &str = "and as async await class def elif else except finally for from global if import in is lambda \
                        not or raise return try while with";
/// Modules that Python 2 called otherwise.
const RENAMED: [(&str, &str); 4] =
    [("Queue", "queue"), ("SocketServer", "socketserver"), ("cPickle", "pickle"), ("thread", "_thread")];

/// Words of a statement that are read: nobody writes more by hand.
const MAX_WORDS: usize = 2000;

/// A dotted name with what tells how it is used (`s.recv(`, `f.read()`, `shell=True`), a string (`'rb'`), or a mark.
pub struct Word {
    pub text: String,
    pub line: usize,
}

/// A script, or a key of the page.
#[derive(Default)]
pub struct Python {
    pub statements: Vec<Vec<Word>>,
    /// What imported names mean: `u` may be `struct.unpack`.
    imported: BTreeMap<String, String>,
    /// The modules from which everything was imported.
    stars: Vec<String>,
}

impl Python {
    /// Reads `source`, whose lines end in `\n`. `is_known` says which names may have come with `import *`.
    pub fn read(source: &str, is_known: impl Fn(&str) -> bool) -> Python {
        let (mut python, mut statement, mut rest) = (Python::default(), Vec::<Word>::new(), source);
        let (mut line, mut depth) = (1, 0_usize);
        while let Some(first) = rest.chars().next() {
            let (piece, tail) = rest.split_at(piece_length(rest, first));
            rest = tail;
            if piece == ";" || (piece == "\n" && depth == 0) {
                python.end(mem::take(&mut statement));
            } else if !first.is_whitespace() && first != '#' && first != '\\' {
                depth = (depth + usize::from("([{".contains(first))).saturating_sub(usize::from(")]}".contains(first)));
                let last = statement.last().map_or("", |word| &word.text);
                let is_argument =
                    depth > 0 && tail.trim_start().starts_with('=') && !tail.trim_start().starts_with("==");
                let is_whole = is_argument || last.ends_with('.') || statement.first().is_some_and(is_import);
                let text = if is_whole { piece.to_owned() } else { python.meaning(piece, &is_known) };
                let is_joined = match piece {
                    "." => last.ends_with(is_word),
                    "(" => last.ends_with(is_word) && !is_keyword(last),
                    ")" => last.ends_with('('),
                    "=" => depth > 0 && last.ends_with(is_word),
                    _ => is_word(first) && (last.ends_with('.') || (last.ends_with('=') && last.starts_with(is_word))),
                };
                match statement.last_mut().filter(|_| is_joined) {
                    Some(word) => word.text += &text,
                    None => statement.push(Word { text, line }),
                }
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

    /// An imported name in full; a string in single quotes, whatever it was in.
    fn meaning(&self, piece: &str, is_known: impl Fn(&str) -> bool) -> String {
        let Some(quote) = piece.find(['\'', '"']) else {
            let starred = || self.stars.iter().map(|module| format!("{module}.{piece}")).find(|path| is_known(path));
            return self.imported.get(piece).cloned().or_else(starred).unwrap_or_else(|| piece.to_owned());
        };
        let held = piece[quote..].trim_matches(['\'', '"']);
        let is_utf8 = held.to_lowercase().replace(['-', '_'], "") == "utf8";
        format!("'{}'", if is_utf8 { "utf-8" } else { held })
    }

    /// Takes in a statement. Of `from a.b import c as d` remain the words `import a` and `a.b.c`.
    fn end(&mut self, mut statement: Vec<Word>) {
        statement.truncate(MAX_WORDS);
        let words: Vec<Word> = match statement.first() {
            Some(first) if is_import(first) => mem::take(&mut statement),
            _ => return self.statements.push(statement),
        };
        let words: Vec<&Word> = words.iter().filter(|word| !"()".contains(&word.text)).collect();
        let import = words.iter().position(|word| word.text == "import").unwrap_or(0);
        let module = if import == 2 { format!("{}.", words[1].text) } else { String::new() };
        for item in words[import + 1..].split(|word| word.text == ",").filter(|item| !item.is_empty()) {
            let (Word { text: name, line }, alias) = (item[0], &item[item.len() - 1].text);
            let path = renamed(&[&module, name.as_str()].concat());
            let top = path.split('.').next().unwrap_or_default().to_owned();
            statement.push(Word { text: format!("import {top}"), line: *line });
            statement.push(Word { text: path.clone(), line: *line });
            match path.strip_suffix(".*") {
                Some(module) => self.stars.push(module.to_owned()),
                None if import == 0 && item.len() == 1 => {
                    self.imported.insert(name.split('.').next().unwrap_or_default().to_owned(), top);
                }
                None => _ = self.imported.insert(alias.clone(), path),
            }
        }
        self.statements.push(statement);
    }
}

fn is_import(word: &Word) -> bool {
    word.text == "import" || word.text == "from"
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

pub fn is_keyword(word: &str) -> bool {
    KEYWORDS.split(' ').any(|keyword| keyword == word)
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
        _ if ["\\\n", "==", "+=", "!="].iter().any(|mark| text.starts_with(mark)) => 2,
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
