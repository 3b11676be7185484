//! Makes expressions of the tokens of one statement.

use crate::lexer::{self, Kind, Token};
use crate::syntax::{Argument, Container, Expression, Field, Form, Text};

/// How deep expressions are read. People stay below ten, and each level takes a piece of the stack.
const MAX_DEPTH: usize = 40;
/// How many `.name`, `(…)` and `[…]` are read behind each other, likewise.
const MAX_TRAILERS: usize = 25;

/// The ranks of `not x` and of `-x`.
const NOT: usize = 3;
const SIGN: usize = 11;
/// The lowest rank above that of `in`: in front of the `in` of a `for` an expression ends.
pub const ABOVE_IN: usize = NOT + 2;

/// Reads the tokens of one statement: expressions here, the statement itself in `parser`.
pub struct Parser<'a> {
    pub tokens: &'a [Token<'a>],
    /// The place of the next token.
    pub at: usize,
    /// How deep it is in an expression; at most [`MAX_DEPTH`].
    depth: usize,
    /// The number of the next expression.
    pub next_id: usize,
}

impl<'a> Parser<'a> {
    pub fn new(tokens: &'a [Token<'a>], next_id: usize) -> Parser<'a> {
        Parser { tokens, at: 0, depth: 0, next_id }
    }

    pub fn peek(&self) -> &'a str {
        self.peek_at(0)
    }

    /// A token that comes; of a string, and at the end, nothing.
    pub fn peek_at(&self, ahead: usize) -> &'a str {
        match self.tokens.get(self.at + ahead) {
            Some(token) if token.kind != Kind::Text => token.text,
            _ => "",
        }
    }

    fn kind(&self) -> Option<Kind> {
        self.tokens.get(self.at).map(|token| token.kind)
    }

    /// Takes the next token if it is this one.
    pub fn take(&mut self, text: &str) -> bool {
        let is_there = !text.is_empty() && self.peek() == text;
        if is_there {
            self.at += 1;
        }
        is_there
    }

    pub fn take_name(&mut self) -> Option<String> {
        if self.kind() != Some(Kind::Name) {
            return None;
        }
        self.at += 1;
        Some(self.tokens[self.at - 1].text.to_owned())
    }

    pub fn make(&mut self, line: usize, form: Form) -> Expression {
        self.next_id += 1;
        Expression { id: self.next_id - 1, line, form }
    }

    pub fn line(&self) -> usize {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        token.map_or(0, |token| token.line)
    }

    /// What stands between `for` and `in`.
    pub fn targets(&mut self) -> Expression {
        let line = self.line();
        let mut items = Vec::new();
        while self.at < self.tokens.len() && self.peek() != "in" && self.peek() != ":" {
            let before = self.at;
            items.extend(self.operation(ABOVE_IN));
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

    /// `a` or `a, b`; where there is no expression an empty one.
    pub fn tuple(&mut self) -> Expression {
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
    pub fn expression(&mut self) -> Option<Expression> {
        let line = self.line();
        if self.peek() == "lambda" {
            return Some(self.lambda());
        }
        let value = self.operation(1)?;
        if self.take(":=") {
            let operands = [Some(value), self.expression_within()].into_iter().flatten().collect();
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
    pub fn operation(&mut self, lowest: usize) -> Option<Expression> {
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

    pub fn arguments(&mut self) -> Vec<Argument> {
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

/// The rank of an operator between two expressions; a higher one binds closer.
pub fn rank(operator: &str) -> Option<usize> {
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
