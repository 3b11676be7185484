//! Takes Python apart into tokens: `s.recv(1024)  # data` is `s`, `.`, `recv`, `(`, `1024`, `)`.
//!
//! It reads Python 2 and 3, and never refuses: what is no Python becomes tokens too.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `recv`, `while`
    Name,
    /// `1024`, `0.5`
    Number,
    /// `'rb'`
    Text,
    /// `+=`, `(`
    Operator,
}

/// One piece of code.
#[derive(Debug, Clone)]
pub struct Token<'a> {
    pub kind: Kind,
    /// As it stands in the script; of a string what is between its quotes: `rb`.
    pub text: &'a str,
    /// The letters in front of a string's quotes: `b` of `b'data'`.
    pub prefix: &'a str,
    pub line: usize,
}

/// The tokens up to the end of a line or a `;`. In brackets they go over several lines of the file.
#[derive(Debug)]
pub struct Line<'a> {
    /// Columns of white space in front of it.
    pub indent: usize,
    /// It stands behind a `;`.
    pub is_joined: bool,
    pub tokens: Vec<Token<'a>>,
}

/// Operators of several characters, the long ones first.
const OPERATORS: [&str; 25] = [
    "**=", "//=", ">>=", "<<=", "...", "==", "!=", "<>", "<=", ">=", "->", ":=", "+=", "-=", "*=", "/=", "%=", "&=",
    "|=", "^=", "@=", "**", "//", "<<", ">>",
];
/// Words that begin a statement and never stand inside brackets. A bracket before them was not closed.
const BEGINNINGS: [&str; 12] =
    ["def", "class", "import", "while", "with", "try", "except", "finally", "return", "raise", "break", "continue"];
/// A tab goes on to the next multiple of so many columns.
const TAB: usize = 8;

/// The statements of a script whose lines end with `\n`.
pub fn lines(source: &str) -> Vec<Line<'_>> {
    let mut lexer =
        Lexer { rest: source, line: 1, depth: 0, lines: Vec::new(), tokens: Vec::new(), next: Start::FIRST };
    while !lexer.rest.is_empty() {
        lexer.step();
    }
    lexer.end_line(Start::FIRST);
    lexer.lines
}

/// How the next statement begins.
#[derive(Clone, Copy)]
struct Start {
    indent: usize,
    is_joined: bool,
}

impl Start {
    const FIRST: Start = Start { indent: 0, is_joined: false };
}

struct Lexer<'a> {
    /// What is not read yet.
    rest: &'a str,
    /// The number of the line of the file.
    line: usize,
    /// How many brackets are open.
    depth: usize,
    lines: Vec<Line<'a>>,
    /// Those of the line that is being read.
    tokens: Vec<Token<'a>>,
    next: Start,
}

impl<'a> Lexer<'a> {
    /// Reads one token, or what stands between two.
    fn step(&mut self) {
        let Some(first) = self.rest.chars().next() else { return };
        match first {
            '\n' => self.newline(),
            ' ' | '\t' | '\u{c}' | '\r' => self.skip_white_space(),
            '#' => {
                self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
            }
            '\\' if self.rest.starts_with("\\\n") => {
                self.skip(2);
                self.line += 1;
            }
            ';' if self.depth == 0 => {
                self.skip(1);
                let joined = Start { indent: self.next.indent, is_joined: true };
                self.end_line(joined);
            }
            '\'' | '"' => self.text(0),
            _ if first.is_ascii_digit() => self.number(),
            '.' if self.rest[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            _ if is_name(first) => self.name(),
            _ => self.operator(first),
        }
    }

    fn skip(&mut self, bytes: usize) -> &'a str {
        let (skipped, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        skipped
    }

    fn skip_white_space(&mut self) {
        let end = self.rest.find(|c| !" \t\u{c}\r".contains(c)).unwrap_or(self.rest.len());
        let space = self.skip(end);
        if self.tokens.is_empty() && !self.next.is_joined {
            for c in space.chars() {
                self.next.indent = if c == '\t' { (self.next.indent / TAB + 1) * TAB } else { self.next.indent + 1 };
            }
        }
    }

    fn newline(&mut self) {
        self.skip(1);
        self.line += 1;
        let word = self.rest.trim_start_matches([' ', '\t']).split(|c| !is_name(c)).next().unwrap_or_default();
        if self.depth == 0 || BEGINNINGS.contains(&word) {
            self.end_line(Start::FIRST);
        }
    }

    /// Ends a statement.
    fn end_line(&mut self, next: Start) {
        let Start { indent, is_joined } = self.next;
        self.next = next;
        self.depth = 0;
        if !self.tokens.is_empty() {
            self.lines.push(Line { indent, is_joined, tokens: std::mem::take(&mut self.tokens) });
        }
    }

    fn push(&mut self, kind: Kind, text: &'a str) {
        self.tokens.push(Token { kind, text, prefix: "", line: self.line });
    }

    fn number(&mut self) {
        let mut end = digits_end(self.rest);
        if has_signed_exponent(self.rest, end) {
            let sign = 1;
            end += sign + digits_end(&self.rest[end + sign..]);
        }
        let text = self.skip(end);
        self.push(Kind::Number, text);
    }

    fn name(&mut self) {
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        let is_prefix = end <= 2 && self.rest[..end].bytes().all(|b| b"rbufRBUF".contains(&b));
        if is_prefix && self.rest[end..].starts_with(['\'', '"']) {
            return self.text(end);
        }
        let text = self.skip(end);
        self.push(Kind::Name, text);
    }

    fn operator(&mut self, first: char) {
        let long = OPERATORS.iter().find(|operator| self.rest.starts_with(**operator));
        let text = self.skip(long.map_or(first.len_utf8(), |operator| operator.len()));
        match text {
            "(" | "[" | "{" => self.depth += 1,
            ")" | "]" | "}" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.push(Kind::Operator, text);
    }

    /// Reads a string whose quotes begin after so many bytes.
    fn text(&mut self, prefix: usize) {
        let prefix = self.skip(prefix);
        let triple = [r#"""""#, "'''"].into_iter().find(|quotes| self.rest.starts_with(quotes));
        let quotes = triple.unwrap_or(&self.rest[..1]);
        self.skip(quotes.len());
        let end = text_end(self.rest, quotes);
        let line = self.line;
        let text = self.skip(end);
        if self.rest.starts_with(quotes) {
            self.skip(quotes.len());
        }
        self.line += text.matches('\n').count();
        self.tokens.push(Token { kind: Kind::Text, text, prefix, line });
    }
}

/// Where a string ends: at its quotes; one without closing quotes ends with its line, unless they are three.
fn text_end(rest: &str, quotes: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if rest[at..].starts_with(quotes) || (c == '\n' && quotes.len() == 1) {
            return at;
        }
    }
    rest.len()
}

/// Where the letters and digits of a number end: `0xff`, `10.5`, `1_000`.
fn digits_end(rest: &str) -> usize {
    rest.find(|c: char| !c.is_ascii_alphanumeric() && !"._".contains(c)).unwrap_or(rest.len())
}

/// Whether a number goes on behind its first part: `1e` of `1e-3`. In `0x1e-3` the `e` is a digit.
fn has_signed_exponent(rest: &str, end: usize) -> bool {
    let (first, more) = rest.split_at(end);
    let Some(digits) = first.strip_suffix(['e', 'E']) else { return false };
    let Some(exponent) = more.strip_prefix(['-', '+']) else { return false };
    !digits.contains(|c: char| c.is_ascii_alphabetic()) && exponent.starts_with(|c: char| c.is_ascii_digit())
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<Vec<String>> {
        let texts = |line: Line| line.tokens.iter().map(|token| token.text.to_owned()).collect();
        lines(source).into_iter().map(texts).collect()
    }

    #[test]
    fn a_statement_may_go_over_lines_and_a_line_may_have_several() {
        assert_eq!(words("a = (1,\n  2) # x\nb; c\n"), [vec!["a", "=", "(", "1", ",", "2", ")"], vec!["b"], vec!["c"]]);
        assert_eq!(words("a = 1 + \\\n 2"), [["a", "=", "1", "+", "2"]]);
        assert_eq!(words("f(1,\ndef g():"), [vec!["f", "(", "1", ","], vec!["def", "g", "(", ")", ":"]]);
    }

    #[test]
    fn strings_end_where_python_ends_them() {
        assert_eq!(words(r#"rb'a\'b' + "c'd""#), [[r"a\'b", "+", "c'd"]]);
        assert_eq!(words("x = 'open\ny = 1"), [["x", "=", "open"], ["y", "=", "1"]]);
        let source = "'''a\n'b' \"\"\"'''\nc";
        assert_eq!(words(source), [["a\n'b' \"\"\""], ["c"]]);
        assert_eq!(lines(source)[1].tokens[0].line, 3);
    }

    #[test]
    fn a_number_may_have_an_exponent_with_a_sign() {
        assert_eq!(words("1e-3+2.5E+6-0x1e-3"), [["1e-3", "+", "2.5E+6", "-", "0x1e", "-", "3"]]);
        assert_eq!(words("1e-x"), [["1e", "-", "x"]]);
    }

    #[test]
    fn indents_count_tabs_as_python_does() {
        let indents: Vec<_> = lines("a\n  b; c\n\td\n").iter().map(|line| (line.indent, line.is_joined)).collect();
        assert_eq!(indents, [(0, false), (2, false), (2, true), (8, false)]);
    }
}
