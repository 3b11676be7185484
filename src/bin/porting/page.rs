//! What PORTING.md says: the rows of its tables, and their keys, which are Python as the script is.
//!
//! A key such as `s.recv(1024)` is read by the same parser. [`crate::fit`] says which code it stands for.

use crate::facts::Protocol;
use crate::syntax::{self, Expression, Form, Parameter, Script, Statement, What};
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = include_str!("../../../PORTING.md");

const PYTHON: &str = "| Python | Rust (std) | what differs |";
const EVERYDAY: &str = "| Everyday Python | Rust (std) | what differs |";
const BESIDE: &str = "| Python over several lines | Rust | what differs |";
const OBJECTS: &str = "| Name in the tables | What it is | What shows it |";
const LETTERS: &str = "| Letter of a format | Rust | Rust, without a sign |";

/// A whole page.
#[derive(Debug, Default)]
pub struct Page {
    pub rows: Vec<Row>,
    pub keys: Vec<Key>,
    pub objects: Vec<Object>,
    pub signs: Vec<Sign>,
    pub letters: Vec<Letter>,
    /// Which keys may fit an expression or a statement with this [anchor].
    pub keys_at: BTreeMap<String, Vec<usize>>,
    pub signs_at: BTreeMap<String, Vec<usize>>,
    /// The strings that keys have as encodings, and as formats of `struct`.
    pub encodings: BTreeSet<String>,
    pub formats: BTreeSet<String>,
    /// The first parts of names with dots: `socket`, `os`.
    pub modules: BTreeSet<String>,
    /// Names with dots: `socket.AF_INET`.
    pub paths: BTreeSet<String>,
}

/// A row of a table.
#[derive(Debug)]
pub struct Row {
    pub kind: RowKind,
    pub rust: String,
    pub differs: String,
}

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
    pub condition: Condition,
    pub pattern: Pattern,
}

/// What the words behind the keys of a row ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// There are none.
    Always,
    /// `, TCP`, `, UDP`
    Protocol(Protocol),
    /// `, in a handler`: as an attribute of a class.
    InClass,
    /// Other words, `, of bytes`: the arguments of the key are what they are called.
    Arguments,
}

/// Code to look for. Its last piece is looked for first, and then those that must stand before it.
#[derive(Debug)]
pub struct Pattern {
    pub last: Piece,
    pub before: Vec<Before>,
}

/// One statement of a pattern.
#[derive(Debug)]
pub enum Piece {
    /// An expression, wherever it stands: of `data = s.recv(1024)` the call.
    Expression(Expression),
    /// A statement, or the head of a block: `for line in f:`.
    Statement(What),
    /// A named argument of whatever call: `shell=True`, written without blanks.
    Argument { name: String, value: Expression },
}

#[derive(Debug)]
pub struct Before {
    pub piece: Piece,
    pub place: Place,
}

/// Where a piece of a pattern stands, seen from its last piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is the head of a block around it: `while True:` of `while True: s.accept()`.
    Around,
    /// It is in the same block: `data = s.recv(1024)` of `while True: data = s.recv(1024); f.write(data)`.
    InBlock,
    /// It is further up: `s.settimeout(5)` of `s.settimeout(5); s.connect(addr)`.
    Above,
}

/// What a name of the tables stands for, if not for any expression.
#[derive(Debug)]
pub struct Object {
    pub names: Vec<String>,
    /// `a TCP socket`, `a UDP socket`, `a socket`
    pub titles: Vec<Title>,
}

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
    /// The same where the format has no sign, on 64-bit Linux.
    pub native: String,
}

impl Page {
    pub fn read() -> Page {
        Page::parse(PAGE)
    }

    pub fn parse(text: &str) -> Page {
        let mut page = Page::default();
        page.read_objects(text);
        let mut table = "";
        for line in text.lines() {
            if !line.starts_with('|') {
                table = "";
            } else if [PYTHON, EVERYDAY, BESIDE, OBJECTS, LETTERS].contains(&line) {
                table = line;
            } else if line.starts_with("|---") {
            } else {
                let cells = cells(line);
                match table {
                    PYTHON => page.read_row(&cells, RowKind::Answer),
                    EVERYDAY => page.read_row(&cells, RowKind::Everyday),
                    BESIDE => page.read_row(&cells, RowKind::Beside),
                    LETTERS => page.read_letter(&cells),
                    _ => {}
                }
            }
        }
        page.read_signs(text);
        page
    }

    /// The place of an object that a name of the tables stands for.
    pub fn object(&self, name: &str) -> Option<usize> {
        self.objects.iter().position(|object| object.names.iter().any(|other| other == name))
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

    /// The keys that may fit code with this [anchor], or with this path: `u` is imported as the name of `struct.unpack`.
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
        let condition = condition(words_behind(python));
        for span in spans(python) {
            let script = syntax::parse(span);
            self.note_names(&script);
            let pattern = match named_argument(span, &script) {
                Some(last) => Some(Pattern { last, before: Vec::new() }),
                None => pattern(script, condition == Condition::Arguments),
            };
            let Some(pattern) = pattern else { continue };
            let key = self.keys.len();
            self.keys_at.entry(anchor_of(&pattern.last)).or_default().push(key);
            let name = name_of(&pattern.last).unwrap_or_else(|| span.to_owned());
            self.keys.push(Key { row, name, condition, pattern });
        }
    }

    /// Keeps the modules, encodings and formats that a key has.
    fn note_names(&mut self, script: &Script) {
        for statement in &script.statements {
            for expression in statement.expressions().into_iter().flat_map(Expression::all) {
                if let Some(path) = expression.dotted() {
                    let root = root(&path).to_owned();
                    if path.contains('.') && self.object(&root).is_none() {
                        self.modules.insert(root);
                        self.paths.insert(path);
                    }
                }
                let Form::Call { of, arguments } = &expression.form else { continue };
                let texts = arguments.iter().filter_map(|argument| match &argument.value.form {
                    Form::Text(text) => Some(text.value.clone()),
                    _ => None,
                });
                let callee = of.dotted().unwrap_or_default();
                if takes_encoding(last_name(of)) {
                    self.encodings.extend(texts.map(|text| plain_encoding(&text)));
                } else if callee.starts_with("struct.") {
                    self.formats.extend(texts.take(1));
                }
            }
        }
    }

    fn read_letter(&mut self, cells: &[String]) {
        let [letters, rust, native] = cells else { return };
        for letter in spans(letters).iter().filter_map(|span| span.chars().next()) {
            self.letters.push(Letter { letter, rust: rust.replace('`', ""), native: native.replace('`', "") });
        }
    }

    /// Reads which objects there are, before any key that has one.
    fn read_objects(&mut self, text: &str) {
        for cells in table(text, OBJECTS) {
            let [name, title, _] = &cells[..] else { continue };
            let names: Vec<String> = spans(name).into_iter().map(str::to_owned).collect();
            let title = Title { protocol: protocol(words_behind(name)), text: title.clone() };
            match names.first().and_then(|name| self.object(name)) {
                Some(object) => self.objects[object].titles.push(title),
                None => self.objects.push(Object { names, titles: vec![title] }),
            }
        }
    }

    /// Reads what shows the objects, when all of them are known.
    fn read_signs(&mut self, text: &str) {
        for cells in table(text, OBJECTS) {
            let [name, _, shown_by] = &cells[..] else { continue };
            let Some(object) = spans(name).first().and_then(|name| self.object(name)) else { continue };
            for span in spans(shown_by) {
                self.read_sign(object, protocol(words_behind(name)), span);
            }
        }
    }

    fn read_sign(&mut self, object: usize, protocol: Option<Protocol>, span: &str) {
        let mut script = syntax::parse(span);
        let Some(statement) = script.statements.last() else { return };
        let names = &self.objects[object].names;
        let is_own = |expression: &Expression| matches!(&expression.form, Form::Name(name) if names.contains(name));
        let place_in = |target: &Expression| match &target.form {
            Form::Collection { items, .. } => items.iter().position(is_own),
            _ => None,
        };
        let shows = match &statement.what {
            What::Assign { targets, .. } if targets.iter().any(is_own) => Shows::Value,
            What::Assign { targets, .. } => match targets.first().and_then(place_in) {
                Some(place) => Shows::Part(place),
                None => Shows::Use,
            },
            What::For { target, .. } if is_own(target) => Shows::Item(0),
            What::For { target, .. } => Shows::Item(place_in(target).unwrap_or_default()),
            What::Except { .. } => Shows::Error,
            What::Class { .. } => Shows::Class,
            What::Define { parameters, .. } => {
                let is_it = |parameter: &Parameter| names.contains(&parameter.name);
                Shows::Parameter(parameters.iter().position(is_it).unwrap_or_default())
            }
            _ => Shows::Use,
        };
        if matches!(shows, Shows::Value | Shows::Part(_)) {
            let Some(last) = script.statements.pop() else { return };
            let What::Assign { value, .. } = last.what else { return };
            script.statements.push(Statement { what: What::Expression(value), ..last });
        }
        self.note_names(&script);
        let Some(pattern) = pattern(script, false) else { return };
        self.signs_at.entry(anchor_of(&pattern.last)).or_default().push(self.signs.len());
        self.signs.push(Sign { object, protocol, pattern, shows });
    }
}

impl Piece {
    /// Whether it is the head of a loop.
    pub fn is_loop(&self) -> bool {
        matches!(self, Piece::Statement(What::While(_) | What::For { .. }))
    }

    /// Whether it calls something.
    pub fn has_call(&self) -> bool {
        let is_call = |expression: &Expression| matches!(expression.form, Form::Call { .. });
        match self {
            Piece::Expression(expression) => expression.all().into_iter().any(is_call),
            Piece::Statement(what) => what.expressions().into_iter().flat_map(Expression::all).any(is_call),
            Piece::Argument { .. } => false,
        }
    }
}

fn numbers_like(at: &BTreeMap<String, Vec<usize>>, anchor: &str, path: Option<&str>) -> Vec<usize> {
    let mut numbers = at.get(anchor).cloned().unwrap_or_default();
    let last = path.and_then(|path| path.rsplit('.').next()).unwrap_or(anchor);
    if last != anchor {
        numbers.extend(at.get(last).into_iter().flatten());
    }
    numbers
}

/// The first of names with dots: `socket` of `socket.gethostname`.
pub fn root(path: &str) -> &str {
    path.split('.').next().unwrap_or_default()
}

/// The rows below a header of this text.
fn table(text: &str, header: &str) -> Vec<Vec<String>> {
    let lines = text.lines().skip_while(|line| *line != header).skip(2);
    lines.take_while(|line| line.starts_with('|')).map(cells).collect()
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
        _ => None,
    }
}

fn condition(words: &str) -> Condition {
    match (words, protocol(words)) {
        (_, Some(protocol)) => Condition::Protocol(protocol),
        ("", _) => Condition::Always,
        ("in a handler", _) => Condition::InClass,
        _ => Condition::Arguments,
    }
}

/// What a key looks for.
fn pattern(script: Script, has_words: bool) -> Option<Pattern> {
    let mut statements = script.statements;
    let around = ancestors(&statements);
    let last = statements.pop()?;
    let mut before = Vec::new();
    for (at, statement) in statements.into_iter().enumerate() {
        let place = match statement.parent {
            _ if around.contains(&at) => Place::Around,
            Some(_) => Place::InBlock,
            None => Place::Above,
        };
        before.push(Before { piece: piece(statement, true), place });
    }
    before.reverse(); // the nearest first
    Some(Pattern { last: piece(last, has_words), before })
}

/// What a key asks for that names an argument: `shell=True`.
fn named_argument(span: &str, script: &Script) -> Option<Piece> {
    let [Statement { what: What::Assign { targets, operator, value }, .. }] = &script.statements[..] else {
        return None;
    };
    let Some(Expression { form: Form::Name(name), .. }) = targets.first() else { return None };
    let is_argument =
        operator == "=" && span.strip_prefix(&**name)?.strip_prefix('=').is_some_and(|rest| !rest.starts_with(' '));
    is_argument.then(|| Piece::Argument { name: name.clone(), value: value.clone() })
}

/// The heads around the last statement.
fn ancestors(statements: &[Statement]) -> Vec<usize> {
    let mut around = Vec::new();
    let mut parent = statements.last().and_then(|statement| statement.parent);
    while let Some(at) = parent {
        around.push(at);
        parent = statements[at].parent;
    }
    around
}

/// What a statement of a key stands for: `data = s.recv(1024)` for the call, `timeout = 5` for the assignment.
fn piece(statement: Statement, keeps_target: bool) -> Piece {
    match statement.what {
        What::Expression(value) => Piece::Expression(value),
        What::Assign { targets, operator, value } if operator == "=" => {
            let is_tuple = matches!(targets.first().map(|target| &target.form), Some(Form::Collection { .. }));
            let has_call = value.all().iter().any(|part| matches!(part.form, Form::Call { .. } | Form::Index { .. }));
            let is_plain = !is_tuple && matches!(value.form, Form::Attribute { .. });
            if (has_call || is_plain) && !keeps_target {
                return Piece::Expression(value);
            }
            Piece::Statement(What::Assign { targets, operator, value })
        }
        what => Piece::Statement(what),
    }
}

/// The word by which code and the keys that may fit it find each other: of `s.recv(1024)` it is `recv`.
pub fn anchor(expression: &Expression) -> &str {
    match &expression.form {
        Form::Name(name) | Form::Attribute { name, .. } => name,
        Form::Call { of, .. } => anchor(of),
        Form::Number(_) => "0",
        Form::Text(text) if text.is_format => "f'",
        Form::Text(_) => "'",
        Form::Index { .. } => "[0]",
        Form::Slice(_) => ":",
        Form::Operation { operators, .. } => operators.first().map_or("", |operator| operator),
        Form::Collection { bracket: '(', .. } => "(",
        Form::Collection { bracket: '[', .. } => "[",
        Form::Collection { .. } => "{",
        Form::Other { word, .. } => word,
    }
}

/// The same of a statement, which no expression has: `for …`, `+= …`.
pub fn anchor_of_statement(what: &What) -> String {
    format!("{} …", word_of(what))
}

/// The same of a named argument: `shell=`.
pub fn anchor_of_argument(name: &str) -> String {
    format!("{name}=")
}

/// The word that a statement begins with, or the operator of an assignment.
fn word_of(what: &What) -> &str {
    match what {
        What::Import(_) => "import",
        What::Define { .. } => "def",
        What::Class { .. } => "class",
        What::If(_) => "if",
        What::While(_) => "while",
        What::For { .. } => "for",
        What::With(_) => "with",
        What::Except { .. } => "except",
        What::Assign { operator, .. } => operator,
        What::Expression(_) => "",
        What::Keyword { word, .. } => word,
    }
}

fn anchor_of(piece: &Piece) -> String {
    match piece {
        Piece::Expression(expression) => anchor(expression).to_owned(),
        Piece::Statement(what) => anchor_of_statement(what),
        Piece::Argument { name, .. } => anchor_of_argument(name),
    }
}

/// The name of what a piece calls or names, or its word: `print`, `for`.
fn name_of(piece: &Piece) -> Option<String> {
    let name = match piece {
        Piece::Expression(expression) => anchor(expression),
        Piece::Statement(what) => word_of(what),
        Piece::Argument { name, .. } => name,
    };
    name.starts_with(|c: char| c.is_alphabetic() || c == '_').then(|| name.to_owned())
}

/// The last of the names with dots: `recv` of `s.recv`.
pub fn last_name(expression: &Expression) -> &str {
    match &expression.form {
        Form::Name(name) | Form::Attribute { name, .. } => name,
        _ => "",
    }
}

/// Whether a function takes the name of an encoding.
pub fn takes_encoding(name: &str) -> bool {
    ["encode", "decode", "str", "bytes", "bytearray"].contains(&name)
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
        let mut rows = Vec::new();
        let mut is_table = false;
        for line in PAGE.lines() {
            if !line.starts_with('|') {
                is_table = false;
            } else if [PYTHON, EVERYDAY, BESIDE].contains(&line) {
                is_table = true;
            } else if is_table && !line.starts_with("|---") {
                rows.extend(cells(line).first().map(|cell| raw(cell)));
            }
        }
        rows
    }

    /// The names of each object, and what shows it.
    pub fn raw_objects() -> Vec<(Raw, Raw)> {
        table(PAGE, OBJECTS).iter().map(|cells| (raw(&cells[0]), raw(&cells[2]))).collect()
    }
}
