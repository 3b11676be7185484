//! What PORTING.md says: the rows of its tables with their keys, and what the program knows of objects and formats.

use crate::facts::{Meaning, Protocol, ValueKind};
use crate::following::SocketUse;
use crate::key::{self, Pattern, Piece};
use crate::parser;
use crate::syntax::{Argument, Expression, Form, Parameter, Script, What};
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = include_str!("../../../PORTING.md");

const PYTHON: &str = "| Python | Rust (std) | what differs |";
const EVERYDAY: &str = "| Everyday Python | Rust (std) | what differs |";
const BESIDE: &str = "| Python over several lines | Rust | what differs |";
const OBJECTS: &str = "| Name in the tables | What it is | What shows it |";
const LETTERS: &str = "| Letter of a format | Rust | Rust, without a sign |";

/// The page's name for a socket.
pub const SOCKET: &str = "s";

/// The page's name for what has sockets in it.
pub const CLIENTS: &str = "clients";

/// The page's name for the sockets that `select` gave.
pub const READY: &str = "ready";

/// The page's name for JSON.
pub const JSON_TEXT: &str = "json_text";

/// The page's names for what a loop puts together from parts: `rest += data`, `items.append(data)`, `buf.extend(data)`.
pub const COLLECTED: [&str; 3] = ["rest", "items", "buf"];

/// The page's names for what Python writes down as it is: `'text'`, `b'data'`, `[]`, `{a}`, `{}`, `1`.
pub const TEXT: &str = "text";
pub const DATA: &str = "data";
pub const ITEMS: &str = "items";
pub const SET: &str = "unique";
pub const DICTIONARY: &str = "d";
pub const NUMBER: &str = "n";

/// A variable of which nothing is known is never guessed to be one of these. They say where something comes from, or
/// what is in it.
pub const NEVER_GUESSED: [&str; 5] = ["received", CLIENTS, READY, JSON_TEXT, "addr"];

/// Arguments of these names need not be known to be that, not even in a row with words: they seldom are.
pub const SELDOM_KNOWN: [&str; 2] = ["addr", NUMBER];

/// The one name of a function that does not stand for itself: `await f()`.
pub const ANY_FUNCTION: &str = "f";

/// An encoding that the page does not name has the row of this one.
pub const OTHER_ENCODING: &str = "gbk";

/// A whole page.
#[derive(Debug, Default)]
pub struct Page {
    pub rows: Vec<Row>,
    pub keys: Vec<Key>,
    pub objects: Vec<Object>,
    pub signs: Vec<Sign>,
    pub letters: Vec<Letter>,
    /// Which keys may fit an expression or a statement, by the anchor.
    keys_at: BTreeMap<String, Vec<usize>>,
    signs_at: BTreeMap<String, Vec<usize>>,
    /// The strings that keys have as encodings.
    pub encodings: BTreeSet<String>,
    /// The formats of `struct` that keys have: `'!I'`.
    formats: BTreeMap<String, Vec<FormatRow>>,
    /// The first parts of names with dots: `socket`, `os`.
    pub modules: BTreeSet<String>,
    /// Names with dots: `socket.AF_INET`.
    paths: BTreeSet<String>,
}

/// A row of a table.
#[derive(Debug)]
pub struct Row {
    pub kind: RowKind,
    pub rust: String,
    pub differs: String,
}

/// How a row is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// An answer for lines of its own.
    Answer,
    /// `print`, `len`: named once, at the end.
    Everyday,
    /// What lines mean together: shown beside their own answers.
    Beside,
}

/// A key of a row: Python that stands for code like it.
#[derive(Debug)]
pub struct Key {
    pub row: usize,
    /// By what somebody finds it on the page: `print`, `socket.gethostname`.
    pub name: String,
    /// The row is about sockets of this protocol: `, TCP`, `, UDP`.
    pub protocol: Option<Protocol>,
    pub condition: Condition,
    pub pattern: Pattern,
}

/// What the words behind the keys of a row ask for, apart from a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// There are none.
    Always,
    /// `, in a handler`: directly in a class that is a handler of `socketserver`.
    InHandler,
    /// `, in a thread`: in a class that is a thread or a process, or the class itself.
    InThread,
    /// `, that listens`, `, that connects`: a socket with which the script does that.
    Use(SocketUse),
    /// `, only to connect`: a socket with which the script does nothing else later.
    OnlyToConnect,
    /// `, made in several places`: a socket for an attribute that is made elsewhere too, and not used in this function.
    MadeAnew,
    /// `, and used further`: a call that hands over a socket with which the script goes on.
    UsedFurther,
    /// `, by itself`: a tuple that no `bind`, `connect` or `sendto` has as its argument, or a text that no call has, and
    /// that is not compared.
    ByItself,
    /// `, of a number`: an `except` whose `try` calls `int` or `float`.
    OfNumber,
    /// `, its number used`: the result of a call is used.
    NumberUsed,
    /// `, its file in use`: a file that `makefile` has made of the socket is used later.
    FileInUse,
    /// `, the whole message`: nothing is sent behind the JSON text.
    WholeMessage,
    /// `, the value of an option`: given to `setsockopt` alone.
    OptionValue,
    /// `, without an end`: nothing in a loop ends it when the peer has closed.
    Endless,
    /// Other words, `, of bytes`: the arguments of the key are what they are called.
    Arguments,
}

/// A row that is about a format of `struct`.
#[derive(Debug)]
struct FormatRow {
    /// `pack` or `unpack`, if its key calls one.
    direction: Option<&'static str>,
    row: usize,
    /// Its first key calls `struct`. Else the row says what to do in the place of packing.
    is_about_struct: bool,
}

/// What a name of the tables stands for, if not for any expression.
#[derive(Debug)]
pub struct Object {
    pub names: Vec<String>,
    /// `a TCP socket`, `a UDP socket`, `a socket`
    pub titles: Vec<Title>,
}

/// What an object is called, which may depend on its protocol.
#[derive(Debug)]
pub struct Title {
    pub protocol: Option<Protocol>,
    pub text: String,
}

/// Code that shows what something is: `s = socket.socket()`.
#[derive(Debug)]
pub struct Sign {
    pub object: usize,
    pub protocol: Option<Protocol>,
    pub pattern: Pattern,
    pub shows: Shows,
}

/// What a [`Sign`] tells about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// The expression: `socket.socket()`.
    Value,
    /// One place of the tuple that it is: the first of `s, addr = s.accept()`.
    Part(usize),
    /// What is in it: `for key, mask in sel.select()`, by the place in the target.
    Item(usize),
    /// The variable that stands in it: `s.recv(1024)`.
    Use,
    /// The name of an exception: `except OSError as e:`.
    Error,
    /// `self`, and what is made of the class: `class Worker(threading.Thread):`.
    Class,
    /// A parameter: `def connection_made(self, transport):`.
    Parameter(usize),
}

/// A letter of a format of `struct`.
#[derive(Debug)]
pub struct Letter {
    pub letter: char,
    /// `u16`
    pub rust: String,
    /// The same where no order (`!`, `<`, …) stands in front, on 64-bit Linux.
    pub native: String,
}

impl Page {
    pub fn read() -> Page {
        Page::parse(PAGE)
    }

    pub fn parse(text: &str) -> Page {
        let mut page = Page::default();
        let rows = table_rows(text);
        // The objects come first: the keys and signs name them.
        for TableRow { header, cells } in &rows {
            if *header == OBJECTS {
                page.read_object(cells);
            }
        }
        for TableRow { header, cells } in &rows {
            match *header {
                PYTHON => page.read_row(cells, RowKind::Answer),
                EVERYDAY => page.read_row(cells, RowKind::Everyday),
                BESIDE => page.read_row(cells, RowKind::Beside),
                LETTERS => page.read_letter(cells),
                OBJECTS => page.read_signs(cells),
                _ => {}
            }
        }
        page
    }

    /// The place of an object that a name of the tables stands for.
    pub fn object(&self, name: &str) -> Option<usize> {
        self.objects.iter().position(|object| object.names.iter().any(|other| other == name))
    }

    /// What an object of this name is.
    pub fn meaning(&self, name: &str) -> Meaning {
        match self.object(name) {
            Some(object) => Meaning::of(ValueKind::Object { object, protocol: None }),
            None => Meaning::default(),
        }
    }

    /// Whether something may be an object of this name.
    pub fn is_object(&self, meaning: &Meaning, name: &str) -> bool {
        let wanted = self.object(name);
        let mut kinds = meaning.values.iter().flat_map(|value| &value.kinds);
        kinds.any(|kind| matches!(kind, ValueKind::Object { object, .. } if Some(*object) == wanted))
    }

    /// Whether a kind of object is of TCP or UDP: a socket, a server.
    pub fn has_protocol(&self, object: usize) -> bool {
        self.objects[object].titles.iter().any(|title| title.protocol.is_some())
    }

    pub fn title(&self, object: usize, protocol: Option<Protocol>) -> &str {
        let titles = &self.objects[object].titles;
        let title = titles.iter().find(|title| title.protocol == protocol).or(titles.first());
        title.map_or("", |title| &title.text)
    }

    /// Whether a path begins with a module that a key has.
    pub fn has_module(&self, path: &str) -> bool {
        self.modules.contains(root(path))
    }

    /// The keys that may fit code with this anchor, or with this path: `u` is imported as the name of `struct.unpack`.
    pub fn keys_like(&self, anchor: &str, path: Option<&str>) -> Vec<&Key> {
        let numbers = numbers_like(&self.keys_at, anchor, path);
        numbers.into_iter().map(|number| &self.keys[number]).collect()
    }

    /// The same of the signs of objects.
    pub fn signs_like(&self, anchor: &str, path: Option<&str>) -> Vec<&Sign> {
        let numbers = numbers_like(&self.signs_at, anchor, path);
        numbers.into_iter().map(|number| &self.signs[number]).collect()
    }

    /// Whether a key has this name with dots.
    pub fn has_path(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    fn read_row(&mut self, cells: &[String], kind: RowKind) {
        let [python, rust, differs] = cells else { return };
        let row = self.rows.len();
        self.rows.push(Row { kind, rust: rust.clone(), differs: differs.clone() });
        let (protocol, condition) = asked(words_behind(python));
        for span in spans(python) {
            let script = parser::parse(span);
            self.note_names(&script);
            self.note_format(&script, row, python);
            let Some(pattern) = key::read(span, condition == Condition::Arguments) else { continue };
            self.keys_at.entry(pattern.last.anchor()).or_default().push(self.keys.len());
            let name = pattern.last.name().unwrap_or_else(|| span.to_owned());
            self.keys.push(Key { row, name, protocol, condition, pattern });
        }
    }

    /// Keeps the modules, encodings and formats that a key has.
    fn note_names(&mut self, script: &Script) {
        for statement in &script.statements {
            for expression in statement.all() {
                if let Some(path) = expression.dotted() {
                    let root = root(&path).to_owned();
                    if path.contains('.') && self.object(&root).is_none() {
                        self.modules.insert(root);
                        self.paths.insert(path);
                    }
                }
                let Form::Call { of, arguments } = &expression.form else { continue };
                if !takes_encoding(of.last_name()) {
                    continue;
                }
                for argument in arguments.iter().filter(|argument| !is_errors(argument)) {
                    if let Form::Text(text) = &argument.value.form {
                        self.encodings.insert(plain_encoding(&text.value));
                    }
                }
            }
        }
    }

    /// Keeps the format of a key: `struct.pack('!I', n)`, and `'!I'` alone in a row about `struct`.
    fn note_format(&mut self, script: &Script, row: usize, python: &str) {
        let (has_struct, is_about_struct) = (python.contains("`struct."), python.starts_with("`struct."));
        for statement in &script.statements {
            for expression in statement.all() {
                let function = expression.callee().dotted().unwrap_or_default();
                match &expression.form {
                    Form::Text(format) if has_struct => {
                        self.add_format(&format.value, FormatRow { direction: None, row, is_about_struct });
                    }
                    Form::Call { arguments, .. } if function.starts_with("struct.") => {
                        let format = arguments.first().map(|argument| &argument.value.form);
                        if let Some(Form::Text(format)) = format {
                            self.add_format(
                                &format.value,
                                FormatRow { direction: direction(&function), row, is_about_struct },
                            );
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    fn add_format(&mut self, format: &str, row: FormatRow) {
        self.formats.entry(format.to_owned()).or_default().push(row);
    }

    /// The row for a format of `struct` in a call of this function, and whether it is about such formats.
    pub fn format_row(&self, format: &str, function: &str) -> Option<(usize, bool)> {
        let rows = self.formats.get(format)?;
        let direction = direction(function);
        let same = rows.iter().find(|row| row.direction == direction);
        let without_direction = rows.iter().find(|row| row.direction.is_none());
        same.or(without_direction).map(|row| (row.row, row.is_about_struct))
    }

    fn read_letter(&mut self, cells: &[String]) {
        let [letters, rust, native] = cells else { return };
        for letter in spans(letters).iter().filter_map(|span| span.chars().next()) {
            self.letters.push(Letter { letter, rust: rust.replace('`', ""), native: native.replace('`', "") });
        }
    }

    fn read_object(&mut self, cells: &[String]) {
        let [name, title, _] = cells else { return };
        let names: Vec<String> = spans(name).into_iter().map(str::to_owned).collect();
        let title = Title { protocol: protocol(words_behind(name)), text: title.clone() };
        match names.first().and_then(|name| self.object(name)) {
            Some(object) => self.objects[object].titles.push(title),
            None => self.objects.push(Object { names, titles: vec![title] }),
        }
    }

    /// Reads what shows an object.
    fn read_signs(&mut self, cells: &[String]) {
        let [name, _, shown_by] = cells else { return };
        let Some(object) = spans(name).first().and_then(|name| self.object(name)) else { return };
        for span in spans(shown_by) {
            self.read_sign(object, protocol(words_behind(name)), span);
        }
    }

    fn read_sign(&mut self, object: usize, protocol: Option<Protocol>, span: &str) {
        let script = parser::parse(span);
        let Some(statement) = script.statements.last() else { return };
        let names = &self.objects[object].names;
        let is_it = |expression: &Expression| matches!(&expression.form, Form::Name(name) if names.contains(name));
        let place_in = |target: &Expression| match &target.form {
            Form::Collection { items, .. } => items.iter().position(is_it),
            _ => None,
        };
        let shows = match &statement.what {
            What::Assign { targets, .. } if targets.iter().any(is_it) => Shows::Value,
            What::Assign { targets, .. } => match targets.first().and_then(place_in) {
                Some(place) => Shows::Part(place),
                None => Shows::Use,
            },
            What::For { target, .. } if is_it(target) => Shows::Item(0),
            What::For { target, .. } => Shows::Item(place_in(target).unwrap_or_default()),
            What::Except { .. } => Shows::Error,
            What::Class { .. } => Shows::Class,
            What::Define { parameters, .. } => {
                let is_there = |parameter: &Parameter| names.contains(&parameter.name);
                Shows::Parameter(parameters.iter().position(is_there).unwrap_or_default())
            }
            _ => Shows::Use,
        };
        self.note_names(&script);
        // Without the target: `x = s.accept()[0]` shows no less than `s, addr = s.accept()`.
        let Some(mut pattern) = key::read(span, false) else { return };
        if let Piece::Statement(What::Assign { value, .. }) = &pattern.last {
            if matches!(shows, Shows::Value | Shows::Part(_)) {
                pattern.last = Piece::Expression(value.clone()); // whatever it is assigned to
            }
        }
        self.signs_at.entry(pattern.last.anchor()).or_default().push(self.signs.len());
        self.signs.push(Sign { object, protocol, pattern, shows });
    }
}

/// Whether a function of `struct` packs or unpacks; one such as `calcsize` does neither.
fn direction(function: &str) -> Option<&'static str> {
    ["unpack", "pack"].into_iter().find(|direction| function.contains(direction))
}

fn numbers_like(at: &BTreeMap<String, Vec<usize>>, anchor: &str, path: Option<&str>) -> Vec<usize> {
    let mut numbers = at.get(anchor).cloned().unwrap_or_default();
    let last = path.map_or(anchor, last_part);
    if last != anchor {
        numbers.extend(at.get(last).into_iter().flatten());
    }
    numbers
}

/// The last of names with dots: `gethostname` of `socket.gethostname`.
pub fn last_part(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

/// The first of names with dots: `socket` of `socket.gethostname`.
pub fn root(path: &str) -> &str {
    path.split('.').next().unwrap_or_default()
}

/// A row of one of the tables that the program reads.
struct TableRow<'a> {
    header: &'a str,
    cells: Vec<String>,
}

fn table_rows(text: &str) -> Vec<TableRow<'_>> {
    let mut rows = Vec::new();
    let mut header = None;
    for line in text.lines() {
        if !line.starts_with('|') {
            header = None;
        } else if [PYTHON, EVERYDAY, BESIDE, OBJECTS, LETTERS].contains(&line) {
            header = Some(line);
        } else if let Some(header) = header.filter(|_| !line.starts_with("|---")) {
            rows.push(TableRow { header, cells: cells(line) });
        }
    }
    rows
}

/// The cells of a line; a bar in one is written `\|`.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim_end().trim_start_matches('|');
    let line = line.strip_suffix('|').unwrap_or(line).replace("\\|", "\u{1}");
    line.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect()
}

/// The code in a cell.
fn spans(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// What stands behind the code in a cell: `TCP`.
fn words_behind(cell: &str) -> &str {
    let words = cell.rsplit('`').next().unwrap_or_default();
    words.trim_start_matches(',').trim()
}

fn protocol(words: &str) -> Option<Protocol> {
    match words {
        "TCP" => Some(Protocol::Tcp),
        "UDP" => Some(Protocol::Udp),
        "Unix" => Some(Protocol::Unix),
        "raw" => Some(Protocol::Raw),
        _ => None,
    }
}

/// What words behind keys ask for: `TCP, only to connect`.
fn asked(words: &str) -> (Option<Protocol>, Condition) {
    let (first, rest) = words.split_once(", ").unwrap_or((words, ""));
    match protocol(first) {
        Some(protocol) => (Some(protocol), condition(rest)),
        None => (None, condition(words)),
    }
}

fn condition(words: &str) -> Condition {
    match words {
        "" => Condition::Always,
        "in a handler" => Condition::InHandler,
        "in a thread" => Condition::InThread,
        "that listens" => Condition::Use(SocketUse::Listens),
        "that connects" => Condition::Use(SocketUse::Connects),
        "only to connect" => Condition::OnlyToConnect,
        "made in several places" => Condition::MadeAnew,
        "and used further" => Condition::UsedFurther,
        "by itself" => Condition::ByItself,
        "of a number" => Condition::OfNumber,
        "its number used" => Condition::NumberUsed,
        "its file in use" => Condition::FileInUse,
        "the whole message" => Condition::WholeMessage,
        "the value of an option" => Condition::OptionValue,
        "without an end" => Condition::Endless,
        _ => Condition::Arguments,
    }
}

/// Whether a function takes the name of an encoding.
pub fn takes_encoding(name: &str) -> bool {
    ["encode", "decode", "str", "bytes", "bytearray"].contains(&name)
}

/// Whether an argument says what happens to bytes that are no text: `errors='ignore'`.
pub fn is_errors(argument: &Argument) -> bool {
    argument.name.as_deref() == Some("errors")
}

/// The name of an encoding as Python compares it: `UTF-8` is `utf8`.
pub fn plain_encoding(name: &str) -> String {
    name.to_lowercase().replace(['-', '_', ' '], "")
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A row as it stands on the page.
    pub struct Raw {
        pub keys: Vec<String>,
        pub words: String,
    }

    fn raw(cell: &str) -> Raw {
        Raw { keys: spans(cell).into_iter().map(str::to_owned).collect(), words: words_behind(cell).to_owned() }
    }

    /// The first cells of all rows, in the order of [`Page::rows`].
    pub fn raw_rows() -> Vec<Raw> {
        let is_row = |row: &TableRow| [PYTHON, EVERYDAY, BESIDE].contains(&row.header);
        table_rows(PAGE).into_iter().filter(is_row).map(|row| raw(&row.cells[0])).collect()
    }

    /// The names of each object, and what shows it.
    pub fn raw_objects() -> Vec<(Raw, Raw)> {
        let objects = table_rows(PAGE).into_iter().filter(|row| row.header == OBJECTS);
        objects.map(|row| (raw(&row.cells[0]), raw(&row.cells[2]))).collect()
    }

    #[test]
    fn the_names_that_the_program_knows_are_on_the_page() {
        let page = Page::read();
        let mut names = vec![SOCKET, TEXT, DATA, ITEMS, SET, DICTIONARY];
        names.extend(NEVER_GUESSED);
        names.extend(SELDOM_KNOWN);
        for name in names {
            assert!(page.object(name).is_some(), "{name}");
        }
        assert!(page.encodings.contains(OTHER_ENCODING));
    }
}
