//! Makes statements of Python's tokens.
//!
//! Like the lexer it never refuses: of what is no Python it keeps the expressions that it finds.

use crate::expressions::{self, Parser};
use crate::lexer::{self, Kind, Line, Token};
use crate::syntax::{Argument, Expression, Form, Import, Parameter, Script, Statement, What, WithItem};
use std::collections::BTreeMap;

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
        let mut parser = Parser::new(tokens, self.expressions);
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
impl Parser<'_> {
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
        let returns = if self.take("->") { self.expression() } else { None };
        What::Define { name, parameters, returns }
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

    fn with(&mut self) -> What {
        self.at += 1;
        if self.has_items_in_brackets() {
            self.at += 1;
        }
        let mut items = Vec::new();
        while !self.is_end() {
            let before = self.at;
            if let Some(value) = self.expression() {
                let target = if self.take("as") { self.operation(expressions::ABOVE_IN) } else { None };
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
            operator == "=" || (operator.ends_with('=') && operator.len() > 1 && expressions::rank(operator).is_none());
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
            "a:=", "**", "(",
        ] {
            let script = parse(&piece.repeat(40_000));
            assert!(script.expressions <= 160_000, "{piece}");
        }
    }
}
