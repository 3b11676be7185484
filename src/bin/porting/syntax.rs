//! What a script is made of: statements, and the expressions in them.
//!
//! `data = conn.recv(1024)` is a [`What::Assign`] with a [`Form::Call`] in it.

use std::collections::BTreeMap;

/// A script, statement by statement. A statement in a block comes after the head of the block.
#[derive(Debug)]
pub struct Script {
    pub statements: Vec<Statement>,
    /// How many expressions there are; each has its number.
    pub expressions: usize,
    /// In which statements each name stands, with its dots: `self.sock`.
    pub uses: BTreeMap<String, Vec<usize>>,
    /// The classes by their names, each by its place.
    pub classes: BTreeMap<String, usize>,
}

/// A statement, or the head of a block.
#[derive(Debug, Clone)]
pub struct Statement {
    pub line: usize,
    /// The head of the block that it is in: its place in the script.
    pub parent: Option<usize>,
    /// The `def` and the `class` that it is in, likewise.
    pub function: Option<usize>,
    pub class: Option<usize>,
    pub what: What,
}

/// What a statement is.
#[derive(Debug, Clone)]
pub enum What {
    /// `import socket as net`, `from socket import *`
    Import(Vec<Import>),
    /// `def handle(conn, addr) -> bytes:`
    Define { name: String, parameters: Vec<Parameter>, returns: Option<Expression> },
    /// `class Handler(socketserver.BaseRequestHandler):`
    Class { name: String, bases: Vec<Expression> },
    /// `if not data:`, `elif x:`
    If(Expression),
    /// `while True:`
    While(Expression),
    /// `for line in f:`
    For { target: Expression, items: Expression },
    /// `with open(path) as f:`
    With(Vec<WithItem>),
    /// `except OSError as e:`
    Except { error: Option<Expression>, name: Option<Expression> },
    /// `data = s.recv(1024)`, `data += more`, `size: int = 4`; with several `=` it has several targets.
    Assign { targets: Vec<Expression>, annotation: Option<Expression>, operator: String, value: Expression },
    /// `s.close()`
    Expression(Expression),
    /// `return data`, `del d[key]`, `try:`, `break`, `@property`: a word and what follows it. For `size: int` without a value the word is `:`.
    Keyword { word: String, values: Vec<Expression> },
}

/// `conn`, `conn: socket.socket`, `size=1024`
#[derive(Debug, Clone)]
pub struct Parameter {
    pub name: String,
    pub annotation: Option<Expression>,
    pub default: Option<Expression>,
}

/// One name that a statement imports: of `from socket import socket as s` the path `socket.socket` and the name `s`.
#[derive(Debug, Clone)]
pub struct Import {
    /// By the names of Python 3. Of `from socket import *` it is `socket.*`.
    pub path: String,
    pub name: String,
}

/// `open(path) as f`
#[derive(Debug, Clone)]
pub struct WithItem {
    pub value: Expression,
    pub target: Option<Expression>,
}

/// Code that has a value.
#[derive(Debug, Clone)]
pub struct Expression {
    /// Its number in the script.
    pub id: usize,
    pub line: usize,
    pub form: Form,
}

/// What an expression is.
#[derive(Debug, Clone)]
pub enum Form {
    /// `data`
    Name(String),
    /// `1024`
    Number(String),
    /// `b'data'`
    Text(Text),
    /// `s.recv`
    Attribute { of: Box<Expression>, name: String },
    /// `s.recv(1024)`
    Call { of: Box<Expression>, arguments: Vec<Argument> },
    /// `data[0]`
    Index { of: Box<Expression>, places: Vec<Expression> },
    /// `1:4`, `::2` in an index: what stands on each side of a `:`, if anything.
    Slice(Vec<Option<Expression>>),
    /// `a + b - c`, `not x`: operators of one rank.
    Operation { operators: Vec<String>, operands: Vec<Expression> },
    /// `(a, b)`, `[a, b]`, `{a, b}`, `{a: b}`; of a dictionary the items are keys and values in turn.
    Collection { container: Container, items: Vec<Expression> },
    /// `x if c else y`, `lambda: x`, `await f()`, `f(x) for x in items`, `*items`: a word and the expressions around it.
    Other { word: &'static str, operands: Vec<Expression> },
}

/// What its brackets make of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// With or without brackets.
    Tuple,
    List,
    Set,
    Dictionary,
}

/// A string.
#[derive(Debug, Clone)]
pub struct Text {
    pub is_bytes: bool,
    pub is_format: bool,
    /// What stands between the quotes.
    pub value: String,
    /// The fields of a format: two in `f'{name}: {n:<10}'`.
    pub fields: Vec<Field>,
}

/// `{len(msg):<10}`
#[derive(Debug, Clone)]
pub struct Field {
    pub value: Expression,
    /// What stands behind the `:` or `!`, with that: `:<10`.
    pub format: String,
}

/// What stands between the brackets of a call: `1024`, `timeout=5`.
#[derive(Debug, Clone)]
pub struct Argument {
    pub name: Option<String>,
    pub value: Expression,
}

impl Script {
    /// The statements in which a name stands, by their places.
    pub fn uses_of(&self, name: &str) -> &[usize] {
        self.uses.get(name).map_or(&[][..], |places| places)
    }
}

impl Statement {
    /// All expressions that it has itself, not those of its block, the inner ones first.
    pub fn all(&self) -> Vec<&Expression> {
        self.what.all()
    }
}

/// The heads of the blocks that a statement is in, by their places, the nearest first.
pub fn heads(statements: &[Statement], at: usize) -> Vec<usize> {
    let mut heads = Vec::new();
    let mut parent = statements[at].parent;
    while let Some(head) = parent {
        heads.push(head);
        parent = statements[head].parent;
    }
    heads
}

impl What {
    /// Whether it gives a variable another value: `name = …`, `for name in …`, `with … as name`.
    pub fn assigns(&self, name: &str) -> bool {
        match self {
            What::Assign { targets, operator, .. } => operator == "=" && targets.iter().any(|target| target.has(name)),
            What::For { target, .. } => target.has(name),
            What::With(items) => items.iter().filter_map(|item| item.target.as_ref()).any(|target| target.has(name)),
            _ => false,
        }
    }

    /// All expressions, the inner ones first.
    pub fn all(&self) -> Vec<&Expression> {
        self.expressions().into_iter().flat_map(Expression::all).collect()
    }

    /// Whether it is the head of a loop.
    pub fn is_loop(&self) -> bool {
        matches!(self, What::While(_) | What::For { .. })
    }

    pub fn is_function(&self) -> bool {
        matches!(self, What::Define { .. })
    }

    fn expressions(&self) -> Vec<&Expression> {
        match self {
            What::Import(_) => Vec::new(),
            What::Define { parameters, returns, .. } => {
                let mut all: Vec<&Expression> = returns.iter().collect();
                for parameter in parameters {
                    all.extend(&parameter.annotation);
                    all.extend(&parameter.default);
                }
                all
            }
            What::Class { bases, .. } => bases.iter().collect(),
            What::If(value) | What::While(value) | What::Expression(value) => vec![value],
            What::For { target, items } => vec![target, items],
            What::With(items) => {
                let mut all = Vec::new();
                for item in items {
                    all.push(&item.value);
                    all.extend(&item.target);
                }
                all
            }
            What::Except { error, name } => error.iter().chain(name).collect(),
            What::Assign { targets, annotation, value, .. } => {
                targets.iter().chain(annotation).chain([value]).collect()
            }
            What::Keyword { values, .. } => values.iter().collect(),
        }
    }
}

impl Expression {
    /// The expressions in it.
    pub fn parts(&self) -> Vec<&Expression> {
        match &self.form {
            Form::Name(_) | Form::Number(_) => Vec::new(),
            Form::Text(text) => text.fields.iter().map(|field| &field.value).collect(),
            Form::Attribute { of, .. } => vec![of],
            Form::Call { of, arguments } => {
                let mut all: Vec<&Expression> = vec![of];
                all.extend(arguments.iter().map(|argument| &argument.value));
                all
            }
            Form::Index { of, places } => {
                let mut all: Vec<&Expression> = vec![of];
                all.extend(places);
                all
            }
            Form::Slice(places) => places.iter().flatten().collect(),
            Form::Operation { operands, .. } | Form::Other { operands, .. } => operands.iter().collect(),
            Form::Collection { items, .. } => items.iter().collect(),
        }
    }

    /// It and all that is in it, the inner ones first.
    pub fn all(&self) -> Vec<&Expression> {
        let mut all = Vec::new();
        self.collect(&mut all);
        all
    }

    fn collect<'a>(&'a self, all: &mut Vec<&'a Expression>) {
        for part in self.parts() {
            part.collect(all);
        }
        all.push(self);
    }

    /// What is called, or the expression itself if it is no call.
    pub fn callee(&self) -> &Expression {
        match &self.form {
            Form::Call { of, .. } => of,
            _ => self,
        }
    }

    /// The last of its names with dots: `recv` of `s.recv`.
    pub fn last_name(&self) -> &str {
        match &self.form {
            Form::Name(name) | Form::Attribute { name, .. } => name,
            _ => "",
        }
    }

    /// Its names with dots, as the script has them: `self.sock`.
    pub fn dotted(&self) -> Option<String> {
        match &self.form {
            Form::Name(name) => Some(name.clone()),
            Form::Attribute { of, name } => Some(format!("{}.{name}", of.dotted()?)),
            _ => None,
        }
    }

    /// Whether it has this name, with its dots: `self.sock`.
    pub fn is_named(&self, name: &str) -> bool {
        self.dotted().as_deref() == Some(name)
    }

    /// Whether it is the target of this name, or a tuple that has it: `conn, addr`.
    fn has(&self, name: &str) -> bool {
        match &self.form {
            Form::Collection { items, .. } => items.iter().any(|item| item.has(name)),
            _ => self.is_named(name),
        }
    }
}
