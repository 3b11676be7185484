//! What a key looks for: `data = s.recv(1024)` for a call of `recv`, `while True: s.accept()` for one in such a loop.
//!
//! A key is Python, read by the same parser as the script.

use crate::parser;
use crate::syntax::{self, Container, Expression, Form, Statement, What};

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

/// A piece that must stand before the last.
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
    /// It stands between the head of the nearest loop and the last piece: `data = s.recv(1024)` of
    /// `while True: data = s.recv(1024); f.write(data)`. The order of several such pieces is not compared.
    InBlock,
    /// It is further up: `s.settimeout(5)` of `s.settimeout(5); s.connect(addr)`.
    Above,
}

/// What a key looks for. In a row with words behind its keys the names are meant: there `keeps_target` is true, and the last
/// piece of `data = f()` is the assignment. Else it is the call alone.
pub fn read(key: &str, keeps_target: bool) -> Option<Pattern> {
    let mut statements = parser::parse(key).statements;
    if let Some(last) = named_argument(key, &statements) {
        return Some(Pattern { last, before: Vec::new() });
    }
    let around = syntax::heads(&statements, statements.len().checked_sub(1)?);
    let last = statements.pop()?;
    let mut before = Vec::new();
    for (at, statement) in statements.into_iter().enumerate() {
        let place = if around.contains(&at) {
            Place::Around
        } else if statement.parent.is_some() {
            Place::InBlock
        } else {
            Place::Above
        };
        // The pieces behind it may have the name that it assigns.
        before.push(Before { piece: piece(statement, true), place });
    }
    before.reverse(); // the nearest first
    Some(Pattern { last: piece(last, keeps_target), before })
}

/// What a key asks for that names an argument: `shell=True`.
fn named_argument(key: &str, statements: &[Statement]) -> Option<Piece> {
    let [Statement { what: What::Assign { targets, operator, value, .. }, .. }] = statements else {
        return None;
    };
    let Some(Expression { form: Form::Name(name), .. }) = targets.first() else { return None };
    let behind = key.strip_prefix(&**name)?.strip_prefix('=')?;
    if operator != "=" || behind.starts_with(' ') {
        return None;
    }
    Some(Piece::Argument { name: name.clone(), value: value.clone() })
}

/// What a statement of a key stands for: `data = s.recv(1024)` for the call, `timeout = 5` for the assignment.
fn piece(statement: Statement, keeps_target: bool) -> Piece {
    match statement.what {
        What::Expression(value) => Piece::Expression(value),
        What::Assign { ref targets, ref operator, ref value, .. } if operator == "=" && !keeps_target => {
            let is_tuple = matches!(targets.first().map(|target| &target.form), Some(Form::Collection { .. }));
            let has_call = value.all().iter().any(|part| matches!(part.form, Form::Call { .. } | Form::Index { .. }));
            let is_attribute = !is_tuple && matches!(value.form, Form::Attribute { .. });
            if has_call || is_attribute { Piece::Expression(value.clone()) } else { Piece::Statement(statement.what) }
        }
        what => Piece::Statement(what),
    }
}

impl Piece {
    /// Whether it is the head of a loop.
    pub fn is_loop(&self) -> bool {
        matches!(self, Piece::Statement(what) if what.is_loop())
    }

    /// Whether it calls something.
    pub fn has_call(&self) -> bool {
        let is_call = |expression: &Expression| matches!(expression.form, Form::Call { .. });
        match self {
            Piece::Expression(expression) => expression.all().into_iter().any(is_call),
            Piece::Statement(what) => what.all().into_iter().any(is_call),
            Piece::Argument { .. } => false,
        }
    }

    /// The names that stand in it.
    pub fn names(&self) -> Vec<&str> {
        let all = match self {
            Piece::Expression(expression) => expression.all(),
            Piece::Statement(what) => what.all(),
            Piece::Argument { value, .. } => value.all(),
        };
        let mut names = Vec::new();
        for part in all {
            if let Form::Name(name) = &part.form {
                names.push(&**name);
            }
        }
        names
    }

    /// The word by which it and the code find each other.
    pub fn anchor(&self) -> String {
        match self {
            Piece::Expression(expression) => anchor(expression).to_owned(),
            Piece::Statement(what) => anchor_of_statement(what),
            Piece::Argument { name, .. } => anchor_of_argument(name),
        }
    }

    /// The name of what it calls or names, or its word: `print`, `for`. One with an operator has none.
    pub fn name(&self) -> Option<String> {
        let name = match self {
            Piece::Expression(expression) => anchor(expression),
            Piece::Statement(what) => word_of(what),
            Piece::Argument { name, .. } => name,
        };
        let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if is_name { Some(name.to_owned()) } else { None }
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
        Form::Collection { container: Container::Tuple, .. } => "(",
        Form::Collection { container: Container::List, .. } => "[",
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
