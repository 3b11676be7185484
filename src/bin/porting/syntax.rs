//! What Python's tokens say: statements, and the expressions in them.
//!
//! `data = conn.recv(1024)` is a [`What::Assign`] with a [`Form::Call`] in it. Like the lexer it never refuses: of what is
//! no Python it keeps the expressions that it finds.

use crate::lexer::{self, Kind, Line, Token};
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
    /// `def handle(conn, addr):`
    Define { name: String, parameters: Vec<Parameter> },
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
    /// `return data`, `del d[key]`, `try:`, `break`, `@property`: a word and what follows it. Of `size: int` the `:`.
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

/// Modules that Python 3 renamed, and the one that `socket` is made of. What a script imports is read by the new name.
const RENAMED: [(&str, &str); 17] = [
    ("_socket", "socket"),
    ("SocketServer", "socketserver"),
    ("Queue", "queue"),
    ("thread", "_thread"),
    ("cPickle", "pickle"),
    ("ConfigParser", "configparser"),
    ("Tkinter", "tkinter"),
    ("tkMessageBox", "tkinter.messagebox"),
    ("BaseHTTPServer", "http.server"),
    ("SimpleHTTPServer", "http.server"),
    ("httplib", "http.client"),
    ("urllib2", "urllib.request"),
    ("urlparse", "urllib.parse"),
    ("xmlrpclib", "xmlrpc.client"),
    ("SimpleXMLRPCServer", "xmlrpc.server"),
    ("StringIO", "io"),
    ("_winreg", "winreg"),
];

/// How deep expressions are read. People stay below ten, and each level takes a piece of the stack.
const MAX_DEPTH: usize = 40;
/// How many `.name`, `(…)` and `[…]` are read behind each other, likewise.
const MAX_TRAILERS: usize = 25;

/// Words that begin a statement. Expressions may follow.
const PLAIN_WORDS: [&str; 16] = [
    "return", "raise", "del", "assert", "global", "nonlocal", "yield", "pass", "break", "continue", "try", "finally",
    "else", "exec", "match", "case",
];

/// What Python 3 calls a module.
fn modern(module: &str) -> String {
    let renamed = RENAMED.iter().find(|(old, _)| *old == module);
    renamed.map_or(module, |(_, new)| new).to_owned()
}

/// Reads a script, or a piece of one.
pub fn parse(source: &str) -> Script {
    let mut reader = Reader { statements: Vec::new(), heads: Vec::new(), expressions: 0 };
    for line in lexer::lines(source) {
        reader.line(&line);
    }
    let Reader { statements, expressions, .. } = reader;
    let mut uses: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut classes = BTreeMap::new();
    for (at, statement) in statements.iter().enumerate() {
        if let What::Class { name, .. } = &statement.what {
            classes.insert(name.clone(), at);
        }
        for name in statement.all().into_iter().filter_map(Expression::dotted) {
            let places = uses.entry(name).or_default();
            if places.last() != Some(&at) {
                places.push(at);
            }
        }
    }
    Script { statements, expressions, uses, classes }
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
            What::Define { parameters, .. } => {
                let mut all = Vec::new();
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
}

impl Expression {
    /// Whether it is the target of this name, or a tuple that has it: `conn, addr`.
    fn has(&self, name: &str) -> bool {
        match &self.form {
            Form::Collection { items, .. } => items.iter().any(|item| item.has(name)),
            _ => self.dotted().as_deref() == Some(name),
        }
    }
}

/// Reads statements, and knows in which blocks it is.
struct Reader {
    statements: Vec<Statement>,
    heads: Vec<Head>,
    expressions: usize,
}

/// The head of a block that is open.
struct Head {
    statement: usize,
    indent: usize,
    /// Its body stands in its own line: `if not data: break`.
    is_short: bool,
}

impl Reader {
    fn line(&mut self, line: &Line) {
        if line.is_joined {
            // A `;` closes all blocks of this line but the outermost: in `while x: if y: break; z` the loop has `z`.
            while self.heads.len() > 1 && self.heads[self.heads.len() - 2].is_short {
                self.heads.pop();
            }
        } else {
            self.heads.retain(|head| !head.is_short && head.indent < line.indent);
        }
        let mut at = 0;
        while at < line.tokens.len() {
            at += self.statement(&line.tokens[at..], line.indent);
        }
    }

    /// The function and the class around a statement of this block.
    fn around(&self, parent: Option<usize>) -> (Option<usize>, Option<usize>) {
        let Some(at) = parent else { return (None, None) };
        let head = &self.statements[at];
        match head.what {
            What::Define { .. } => (Some(at), head.class),
            What::Class { .. } => (head.function, Some(at)),
            _ => (head.function, head.class),
        }
    }

    /// Reads one statement or the head of a block, and returns how many tokens it took.
    fn statement(&mut self, tokens: &[Token], indent: usize) -> usize {
        let mut parser = Parser { tokens, at: 0, depth: 0, next_id: self.expressions };
        let what = parser.statement();
        let is_head = parser.is_head(&what);
        parser.skip_to_end(is_head);
        self.expressions = parser.next_id;
        let at = parser.at.max(1);
        let parent = self.heads.last().map(|head| head.statement);
        let (function, class) = self.around(parent);
        self.statements.push(Statement { line: tokens[0].line, parent, function, class, what });
        if is_head {
            let statement = self.statements.len() - 1;
            self.heads.push(Head { statement, indent, is_short: at < tokens.len() });
        }
        at
    }
}

/// Reads the tokens of one statement.
struct Parser<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
    depth: usize,
    next_id: usize,
}

/// The rank of an operator between two expressions; a higher one binds closer.
fn rank(operator: &str) -> Option<usize> {
    let rank = match operator {
        "or" => 1,
        "and" => 2,
        "in" | "not in" | "is" | "is not" | "==" | "!=" | "<>" | "<" | ">" | "<=" | ">=" => NOT + 1,
        "|" => 5,
        "^" => 6,
        "&" => 7,
        "<<" | ">>" => 8,
        "+" | "-" => 9,
        "*" | "/" | "//" | "%" | "@" => 10,
        "**" => SIGN + 1,
        _ => return None,
    };
    Some(rank)
}

/// The ranks of `not x` and of `-x`.
const NOT: usize = 3;
const SIGN: usize = 11;

impl<'a> Parser<'a> {
    fn peek(&self) -> &'a str {
        self.peek_at(0)
    }

    /// A token that comes; of a string, and at the end, nothing.
    fn peek_at(&self, ahead: usize) -> &'a str {
        match self.tokens.get(self.at + ahead) {
            Some(token) if token.kind != Kind::Text => token.text,
            _ => "",
        }
    }

    fn kind(&self) -> Option<Kind> {
        self.tokens.get(self.at).map(|token| token.kind)
    }

    /// Takes the next token if it is this one.
    fn take(&mut self, text: &str) -> bool {
        let is_there = !text.is_empty() && self.peek() == text;
        if is_there {
            self.at += 1;
        }
        is_there
    }

    fn take_name(&mut self) -> Option<String> {
        if self.kind() != Some(Kind::Name) {
            return None;
        }
        self.at += 1;
        Some(self.tokens[self.at - 1].text.to_owned())
    }

    fn make(&mut self, line: usize, form: Form) -> Expression {
        self.next_id += 1;
        Expression { id: self.next_id - 1, line, form }
    }

    fn line(&self) -> usize {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        token.map_or(0, |token| token.line)
    }

    fn statement(&mut self) -> What {
        if self.peek() == "async" && ["def", "for", "with"].contains(&self.peek_at(1)) {
            self.at += 1;
        }
        match self.peek() {
            "import" => self.import(),
            "from" => self.import_from(),
            "def" => self.define(),
            "class" => self.class(),
            "if" | "elif" => {
                self.at += 1;
                What::If(self.tuple())
            }
            "while" => {
                self.at += 1;
                What::While(self.tuple())
            }
            "for" => self.for_loop(),
            "with" => self.with(),
            "except" => self.except(),
            "@" => {
                self.at += 1;
                What::Keyword { word: "@".to_owned(), values: vec![self.tuple()] }
            }
            "print" if self.is_print_statement() => self.print(),
            word if PLAIN_WORDS.contains(&word) && self.is_plain_word() => {
                self.at += 1;
                let values = if self.is_end() { Vec::new() } else { vec![self.tuple()] };
                What::Keyword { word: word.to_owned(), values }
            }
            _ => self.assign(),
        }
    }

    /// Whether a word is what it says and no name: `match` may be either.
    fn is_plain_word(&self) -> bool {
        let word = self.peek();
        let next = self.peek_at(1);
        if !["match", "case", "exec"].contains(&word) {
            return true;
        }
        if next == "(" || next == "[" {
            return word != "exec" && self.ends_as_head();
        }
        !["=", ".", ",", ")"].contains(&next)
    }

    /// Whether a `:` comes outside of brackets, and no `=` before it: `case [x, y]:`, but not `case[x] = y`.
    fn ends_as_head(&self) -> bool {
        let mut depth = 0_usize;
        for token in &self.tokens[self.at..] {
            match token.text {
                _ if token.kind != Kind::Operator => {}
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                ":" if depth == 0 => return true,
                "=" if depth == 0 => return false,
                _ => {}
            }
        }
        false
    }

    fn is_end(&self) -> bool {
        self.at >= self.tokens.len() || self.peek() == ":"
    }

    /// Whether a statement begins a block.
    fn is_head(&self, what: &What) -> bool {
        match what {
            What::Import(_) | What::Assign { .. } | What::Expression(_) => false,
            What::Keyword { word, .. } => ["try", "finally", "else", "match", "case"].contains(&&**word),
            _ => true,
        }
    }

    /// Goes to the end of a statement, or behind the `:` of a head.
    fn skip_to_end(&mut self, is_head: bool) {
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.get(self.at) {
            self.at += 1;
            match token.text {
                _ if token.kind != Kind::Operator => {}
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                ":" if is_head && depth == 0 => return,
                _ => {}
            }
        }
    }

    fn import(&mut self) -> What {
        self.at += 1;
        let mut imports = Vec::new();
        while let Some(path) = self.path() {
            let is_renamed = self.take("as");
            let name = if is_renamed { self.take_name().unwrap_or_default() } else { path.clone() };
            imports.push(Import { path: modern(&path), name });
            self.take(",");
        }
        What::Import(imports)
    }

    fn import_from(&mut self) -> What {
        self.at += 1;
        while self.take(".") || self.take("...") {}
        let module = modern(&self.path().unwrap_or_default());
        self.take("import");
        self.take("(");
        let mut imports = Vec::new();
        loop {
            if self.take("*") {
                imports.push(Import { path: format!("{module}.*"), name: "*".to_owned() });
                continue;
            }
            let Some(imported) = self.take_name() else { break };
            let is_renamed = self.take("as");
            let name = if is_renamed { self.take_name().unwrap_or_default() } else { imported.clone() };
            imports.push(Import { path: format!("{module}.{imported}"), name });
            self.take(",");
        }
        What::Import(imports)
    }

    /// `os.path`
    fn path(&mut self) -> Option<String> {
        let mut path = self.take_name()?;
        while self.take(".") {
            path += ".";
            path += &self.take_name().unwrap_or_default();
        }
        Some(path)
    }

    fn define(&mut self) -> What {
        self.at += 1;
        let name = self.take_name().unwrap_or_default();
        let mut parameters = Vec::new();
        self.take("(");
        while self.at < self.tokens.len() && !self.take(")") {
            let before = self.at;
            while self.take("*") || self.take("**") || self.take("/") || self.take("(") || self.take(",") {}
            if let Some(name) = self.take_name() {
                let annotation = if self.take(":") { self.expression() } else { None };
                let default = if self.take("=") { self.expression() } else { None };
                parameters.push(Parameter { name, annotation, default });
            }
            self.take(",");
            if self.at == before {
                self.at += 1;
            }
        }
        What::Define { name, parameters }
    }

    fn class(&mut self) -> What {
        self.at += 1;
        let name = self.take_name().unwrap_or_default();
        let mut bases = Vec::new();
        if self.take("(") {
            let arguments = self.arguments();
            bases.extend(arguments.into_iter().filter(|base| base.name.is_none()).map(|base| base.value));
        }
        What::Class { name, bases }
    }

    fn for_loop(&mut self) -> What {
        self.at += 1;
        let target = self.targets();
        self.take("in");
        What::For { target, items: self.tuple() }
    }

    /// What stands between `for` and `in`.
    fn targets(&mut self) -> Expression {
        let line = self.line();
        let mut items = Vec::new();
        while self.at < self.tokens.len() && self.peek() != "in" && self.peek() != ":" {
            let before = self.at;
            items.extend(self.operation(NOT + 2)); // `in` has a lower rank
            self.take(",");
            if self.at == before {
                self.at += 1;
            }
        }
        self.one_or_tuple(line, items)
    }

    /// The only expression, or a tuple of all.
    fn one_or_tuple(&mut self, line: usize, mut items: Vec<Expression>) -> Expression {
        match items.pop() {
            Some(item) if items.is_empty() => item,
            last => {
                items.extend(last);
                self.make(line, Form::Collection { container: Container::Tuple, items })
            }
        }
    }

    fn with(&mut self) -> What {
        self.at += 1;
        if self.has_items_in_brackets() {
            self.at += 1;
        }
        let mut items = Vec::new();
        while !self.is_end() {
            let before = self.at;
            if let Some(value) = self.expression() {
                let target = if self.take("as") { self.operation(NOT + 2) } else { None };
                items.push(WithItem { value, target });
            }
            self.take(",");
            if self.at == before {
                break;
            }
        }
        What::With(items)
    }

    /// `(open(a) as f, open(b) as g)`: with an `as` in it, the bracket is none of an expression.
    fn has_items_in_brackets(&self) -> bool {
        let mut depth = 0_usize;
        for token in &self.tokens[self.at..] {
            match token.text {
                "as" if token.kind == Kind::Name && depth == 1 => return true,
                _ if token.kind != Kind::Operator => {}
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return false;
            }
        }
        false
    }

    fn except(&mut self) -> What {
        self.at += 1;
        let error = self.expression();
        let has_name = self.take("as") || self.take(","); // Python 2: `except OSError, e:`
        let name = if has_name { self.expression() } else { None };
        What::Except { error, name }
    }

    /// Python 2: `print 'text', x`, `print >>sys.stderr, x`; not `print(x)`, `print = f`.
    fn is_print_statement(&self) -> bool {
        match self.tokens.get(self.at + 1) {
            Some(token) => token.kind != Kind::Operator || token.text == ">>",
            None => true,
        }
    }

    /// Reads Python 2's `print x` as the call that it is.
    fn print(&mut self) -> What {
        let line = self.line();
        self.at += 1;
        self.take(">>");
        let mut arguments = Vec::new();
        while self.at < self.tokens.len() {
            let before = self.at;
            arguments.extend(self.expression().map(|value| Argument { name: None, value }));
            self.take(",");
            if self.at == before {
                break;
            }
        }
        let of = Box::new(self.make(line, Form::Name("print".to_owned())));
        What::Expression(self.make(line, Form::Call { of, arguments }))
    }

    /// An assignment, or an expression alone.
    fn assign(&mut self) -> What {
        let first = self.tuple();
        // `size: int = 4`; in code that is no Python a `:` may stand behind anything.
        let may_have_annotation = matches!(first.form, Form::Name(_) | Form::Attribute { .. } | Form::Index { .. });
        let annotation = if may_have_annotation && self.take(":") { self.expression() } else { None };
        let operator = self.peek();
        let is_assigning =
            operator == "=" || (operator.ends_with('=') && operator.len() > 1 && rank(operator).is_none());
        if !is_assigning {
            return match annotation {
                Some(annotation) => What::Keyword { word: ":".to_owned(), values: vec![first, annotation] },
                None => What::Expression(first),
            };
        }
        let operator = operator.to_owned();
        let mut targets = vec![first];
        let mut value = None;
        while self.take(&operator) {
            targets.extend(value.take());
            value = Some(self.tuple());
        }
        match value {
            Some(value) => What::Assign { targets, annotation, operator, value },
            None => What::Expression(targets.swap_remove(0)),
        }
    }

    /// `a` or `a, b`; where there is no expression an empty one.
    fn tuple(&mut self) -> Expression {
        let line = self.line();
        let mut items = Vec::new();
        let mut is_tuple = false;
        while let Some(item) = self.expression() {
            items.push(item);
            if !self.take(",") {
                break;
            }
            is_tuple = true;
        }
        if is_tuple {
            return self.make(line, Form::Collection { container: Container::Tuple, items });
        }
        self.one_or_tuple(line, items)
    }

    /// One expression, or none where no expression begins.
    fn expression(&mut self) -> Option<Expression> {
        let line = self.line();
        if self.peek() == "lambda" {
            return Some(self.lambda());
        }
        let value = self.operation(1)?;
        if self.take(":=") {
            let operands = [Some(value), self.expression()].into_iter().flatten().collect();
            return Some(self.make(line, Form::Other { word: ":=", operands }));
        }
        if self.peek() == "if" && self.depth < MAX_DEPTH {
            self.at += 1;
            let mut operands = vec![value];
            operands.extend(self.operation(1));
            self.take("else");
            operands.extend(self.expression_within());
            return Some(self.make(line, Form::Other { word: "if", operands }));
        }
        Some(value)
    }

    /// One expression, a level deeper.
    fn expression_within(&mut self) -> Option<Expression> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let expression = self.expression();
        self.depth -= 1;
        expression
    }

    fn lambda(&mut self) -> Expression {
        let line = self.line();
        while self.at < self.tokens.len() && !self.take(":") {
            self.at += 1;
        }
        let operands = self.expression_within().into_iter().collect();
        self.make(line, Form::Other { word: "lambda", operands })
    }

    /// Operands and operators down to a rank.
    fn operation(&mut self, lowest: usize) -> Option<Expression> {
        let line = self.line();
        let mut left = self.operand()?;
        let mut left_rank = 0;
        loop {
            let operator = self.operator();
            let Some(rank) = rank(&operator).filter(|rank| *rank >= lowest) else { return Some(left) };
            self.at += operator.split(' ').count();
            if self.depth >= MAX_DEPTH {
                return Some(left);
            }
            self.depth += 1;
            let right = self.operation(rank + 1);
            self.depth -= 1;
            let Some(right) = right else { return Some(left) };
            match &mut left.form {
                Form::Operation { operators, operands } if left_rank == rank => {
                    operators.push(operator);
                    operands.push(right);
                }
                _ => {
                    left = self.make(line, Form::Operation { operators: vec![operator], operands: vec![left, right] });
                    left_rank = rank;
                }
            }
        }
    }

    /// The operator that comes, which may be two words.
    fn operator(&self) -> String {
        match (self.peek(), self.peek_at(1)) {
            ("not", "in") => "not in".to_owned(),
            ("is", "not") => "is not".to_owned(),
            (word, _) => word.to_owned(),
        }
    }

    /// What stands between operators, with the signs in front of it.
    fn operand(&mut self) -> Option<Expression> {
        let line = self.line();
        let word = self.peek();
        let lowest = match word {
            "not" => NOT,
            "-" | "+" | "~" => SIGN,
            "await" => SIGN + 2, // `await a ** b` is `(await a) ** b`
            "yield" | "from" | "*" | "**" => 1,
            _ => return self.chain(),
        };
        self.at += 1;
        if self.depth >= MAX_DEPTH {
            return Some(self.make(line, Form::Other { word: "", operands: Vec::new() }));
        }
        self.depth += 1;
        let operand = self.operation(lowest);
        self.depth -= 1;
        let operands = operand.into_iter().collect();
        let form = match word {
            "not" | "-" | "+" | "~" => Form::Operation { operators: vec![word.to_owned()], operands },
            "await" => Form::Other { word: "await", operands },
            "yield" | "from" => Form::Other { word: "yield", operands },
            _ => Form::Other { word: "*", operands },
        };
        Some(self.make(line, form))
    }

    /// An expression with what is behind it: `s.recv(1024)[0]`.
    fn chain(&mut self) -> Option<Expression> {
        let mut chain = self.atom()?;
        for _ in 0..MAX_TRAILERS {
            let line = self.line();
            if self.peek() == "." {
                self.at += 1;
                let Some(name) = self.take_name() else { break };
                chain = self.make(line, Form::Attribute { of: Box::new(chain), name });
            } else if self.peek() == "(" && self.depth < MAX_DEPTH {
                self.at += 1;
                let arguments = self.arguments();
                chain = self.make(line, Form::Call { of: Box::new(chain), arguments });
            } else if self.peek() == "[" && self.depth < MAX_DEPTH {
                self.at += 1;
                let places = self.index();
                chain = self.make(line, Form::Index { of: Box::new(chain), places });
            } else {
                break;
            }
        }
        Some(chain)
    }

    /// A name, a number, strings, or something in brackets.
    fn atom(&mut self) -> Option<Expression> {
        let token = self.tokens.get(self.at)?;
        let line = token.line;
        match token.kind {
            Kind::Name if ["in", "is", "and", "or", "if", "else", "for", "as", "import"].contains(&token.text) => None,
            Kind::Name => {
                self.at += 1;
                Some(self.make(line, Form::Name(token.text.to_owned())))
            }
            Kind::Number => {
                self.at += 1;
                Some(self.make(line, Form::Number(token.text.to_owned())))
            }
            Kind::Text => Some(self.texts()),
            Kind::Operator => match token.text {
                "(" | "[" | "{" if self.depth < MAX_DEPTH => Some(self.collection()),
                "..." | "…" => {
                    self.at += 1;
                    Some(self.make(line, Form::Name("…".to_owned())))
                }
                _ => None,
            },
        }
    }

    /// Strings that stand behind each other are one.
    fn texts(&mut self) -> Expression {
        let line = self.line();
        let mut all = Text { is_bytes: false, is_format: false, value: String::new(), fields: Vec::new() };
        while let Some(token) = self.tokens.get(self.at).filter(|token| token.kind == Kind::Text) {
            self.at += 1;
            all.is_bytes |= token.prefix.contains(['b', 'B']);
            all.value += token.text;
            if token.prefix.contains(['f', 'F']) {
                all.is_format = true;
                self.fields(token, &mut all.fields);
            }
        }
        self.make(line, Form::Text(all))
    }

    /// Reads the fields of a format: `{addr[0]}`.
    fn fields(&mut self, token: &Token, fields: &mut Vec<Field>) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        let mut rest = token.text;
        let mut line = token.line;
        while let Some(start) = rest.find('{') {
            let (before, field) = rest.split_at(start + 1);
            line += before.matches('\n').count();
            if let Some(after) = field.strip_prefix('{') {
                rest = after; // `{{` is a brace
                continue;
            }
            let end = field_end(field);
            let (code, after) = field.split_at(end);
            fields.extend(self.field(code, line));
            line += code.matches('\n').count();
            rest = after;
        }
    }

    fn field(&mut self, code: &str, line: usize) -> Option<Field> {
        let (code, format) = code.split_at(format_start(code));
        let mut lines = lexer::lines(code);
        let tokens = &mut lines.first_mut()?.tokens;
        for token in tokens.iter_mut() {
            token.line += line - 1;
        }
        let mut parser = Parser { tokens, at: 0, depth: self.depth + 1, next_id: self.next_id };
        let value = parser.tuple();
        self.next_id = parser.next_id;
        Some(Field { value, format: format.to_owned() })
    }

    /// What stands between brackets: a tuple, a list, a dictionary, or one expression in `(…)`.
    fn collection(&mut self) -> Expression {
        let line = self.line();
        let bracket = self.peek();
        self.at += 1;
        let mut items = Vec::new();
        let mut has_comma = false;
        let mut has_pairs = false;
        self.depth += 1;
        while let Some(token) = self.tokens.get(self.at) {
            if token.kind == Kind::Operator && [")", "]", "}"].contains(&token.text) {
                self.at += 1;
                break;
            }
            let before = self.at;
            has_pairs |= self.peek() == "**"; // `{**a}`
            if let Some(item) = self.expression() {
                let item = self.comprehension(item);
                items.push(item);
            }
            has_comma |= self.take(",");
            has_pairs |= self.take(":");
            if self.at == before {
                self.at += 1;
            }
        }
        self.depth -= 1;
        let container = match bracket {
            "[" => Container::List,
            "{" if has_pairs || items.is_empty() => Container::Dictionary,
            "{" => Container::Set,
            _ if has_comma => Container::Tuple,
            _ => return self.one_or_tuple(line, items),
        };
        self.make(line, Form::Collection { container, items })
    }

    /// An expression with the `for` behind it: `f(x) for x in items if x`.
    fn comprehension(&mut self, item: Expression) -> Expression {
        let line = self.line();
        let mut operands = vec![item];
        while self.peek() == "for" || self.peek() == "async" || (self.peek() == "if" && operands.len() > 1) {
            if self.peek() == "for" {
                self.at += 1;
                operands.push(self.targets());
                self.take("in");
            } else {
                self.at += 1;
            }
            operands.extend(self.operation(1));
        }
        if operands.len() == 1 {
            return operands.swap_remove(0);
        }
        self.make(line, Form::Other { word: "for", operands })
    }

    fn arguments(&mut self) -> Vec<Argument> {
        let mut arguments = Vec::new();
        self.depth += 1;
        while let Some(token) = self.tokens.get(self.at) {
            if token.kind == Kind::Operator && token.text == ")" {
                self.at += 1;
                break;
            }
            let before = self.at;
            let mut name = None;
            if token.kind == Kind::Name && self.peek_at(1) == "=" {
                name = self.take_name();
                self.at += 1;
            }
            if let Some(value) = self.expression() {
                let value = self.comprehension(value);
                arguments.push(Argument { name, value });
            }
            self.take(",");
            if self.at == before {
                self.at += 1;
            }
        }
        self.depth -= 1;
        arguments
    }

    /// What stands between `[` and `]`.
    fn index(&mut self) -> Vec<Expression> {
        let mut places = Vec::new();
        self.depth += 1;
        while let Some(token) = self.tokens.get(self.at) {
            if token.kind == Kind::Operator && token.text == "]" {
                self.at += 1;
                break;
            }
            let before = self.at;
            places.extend(self.place());
            self.take(",");
            if self.at == before {
                self.at += 1;
            }
        }
        self.depth -= 1;
        places
    }

    /// One place of an index: an expression or a slice.
    fn place(&mut self) -> Option<Expression> {
        let line = self.line();
        let first = self.expression();
        if self.peek() != ":" {
            return first;
        }
        let mut places = vec![first];
        while self.take(":") {
            places.push(self.expression());
        }
        Some(self.make(line, Form::Slice(places)))
    }
}

/// Where a field ends that begins here: at the brace that is not inside other brackets.
fn field_end(field: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in field.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth > 0 => depth -= 1,
            '}' => return at,
            _ => {}
        }
    }
    field.len()
}

/// Where the format of a field begins: `:<10`, `!r`.
fn format_start(code: &str) -> usize {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, c) in code.char_indices() {
        match c {
            _ if quote == Some(c) => quote = None,
            _ if quote.is_some() => {}
            '\'' | '"' => quote = Some(c),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return at,
            '!' if depth == 0 && !code[at..].starts_with("!=") => return at,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(source: &str) -> What {
        let mut statements = parse(source).statements;
        assert_eq!(statements.len(), 1, "{statements:?}");
        statements.remove(0).what
    }

    #[test]
    fn blocks_know_their_heads() {
        let parents = |source: &str| parse(source).statements.iter().map(|s| s.parent).collect::<Vec<_>>();
        assert_eq!(parents("while x:\n  if y: break\n  z\nw"), [None, Some(0), Some(1), Some(0), None]);
        assert_eq!(parents("while x: a; b\nc"), [None, Some(0), Some(0), None]);
        assert_eq!(parents("while x: a; if b: break; c"), [None, Some(0), Some(0), Some(2), Some(0)]);
        assert_eq!(
            parents("try:\n  a\nexcept OSError as e: b\nelse:\n  c"),
            [None, Some(0), None, Some(2), None, Some(4)]
        );
        assert_eq!(
            parents("match words:\n  case [\"GET\", path]:\n    a\n  case (x, y): b\nc"),
            [None, Some(0), Some(1), Some(0), Some(3), None]
        );
    }

    #[test]
    fn what_a_statement_is() {
        assert!(matches!(only("conn, addr = s.accept()"), What::Assign { targets, .. } if targets.len() == 1));
        assert!(matches!(only("a = b = 1"), What::Assign { targets, .. } if targets.len() == 2));
        assert!(matches!(only("size: int = 4"), What::Assign { .. }));
        assert!(matches!(only("data += more"), What::Assign { operator, .. } if operator == "+="));
        assert!(matches!(only("a == b"), What::Expression(_)));
        assert!(matches!(only("print 'a', b"), What::Expression(Expression { form: Form::Call { arguments, .. }, .. })
            if arguments.len() == 2));
        assert!(matches!(only("def f(a, b=g(1, 2), *c) -> int:"), What::Define { parameters, .. }
            if parameters.iter().map(|parameter| &*parameter.name).eq(["a", "b", "c"])));
        assert!(matches!(only("except (OSError, ValueError) as e:"), What::Except { name: Some(_), .. }));
        assert!(matches!(only("from a.b import (c as d,\n e)"), What::Import(imports)
            if imports[0].path == "a.b.c" && imports[0].name == "d" && imports[1].path == "a.b.e"));
        assert!(matches!(only("match = 1"), What::Assign { .. }));
        assert!(matches!(only("match[0] = {a: 1}"), What::Assign { .. }));
        assert!(matches!(only("match(a, b[1:])"), What::Expression(_)));
        assert!(matches!(only("match (a, b):"), What::Keyword { .. }));
        assert!(matches!(only("with (open(a) as f, open(b) as g):"), What::With(items)
            if items.len() == 2 && items.iter().all(|item| item.target.is_some())));
        assert!(matches!(only("with (open(a), open(b)) as f:"), What::With(items) if items.len() == 1));
    }

    #[test]
    fn operators_bind_as_in_python() {
        let What::Expression(sum) = only("a + b * c - d == e") else { panic!() };
        let Form::Operation { operators, operands } = &sum.form else { panic!() };
        assert_eq!((&operators[..], operands.len()), (&["==".to_owned()][..], 2));
        let Form::Operation { operators, operands } = &operands[0].form else { panic!() };
        assert_eq!((&operators[..], operands.len()), (&["+".to_owned(), "-".to_owned()][..], 3));
        let What::Expression(comparison) = only("await a.b(1) == c") else { panic!() };
        let Form::Operation { operands, .. } = &comparison.form else { panic!() };
        assert!(matches!(&operands[0].form, Form::Other { word: "await", operands } if operands.len() == 1));
    }

    #[test]
    fn fields_of_formatted_strings_are_code() {
        let What::Expression(text) = only("f'{{x}} {addr[0]}: {len(msg):<{SIZE}} {x!r}'") else { panic!() };
        let Form::Text(text) = text.form else { panic!() };
        let formats: Vec<_> = text.fields.iter().map(|field| &*field.format).collect();
        assert_eq!(formats, ["", ":<{SIZE}", "!r"]);
        assert!(matches!(text.fields[0].value.form, Form::Index { .. }));
    }

    #[test]
    fn what_is_no_python_neither_hangs_nor_overflows() {
        for piece in [
            "(", "[", "{", ")", "a.", "a(", "not ", "-", "lambda:", "x if ", "a+", "f'{", "for ", ":", ",", "=", "a[",
            "**", "(",
        ] {
            let script = parse(&piece.repeat(20_000));
            assert!(script.expressions <= 80_000, "{piece}");
        }
    }
}
