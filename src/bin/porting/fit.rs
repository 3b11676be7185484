//! Whether an expression of a key fits one of the script: `s.recv(1024)` fits `conn.recv(SIZE)` if `conn` is a socket.
//!
//! - A name of the page's table of objects (`s`, `data`) stands for such an object, any other name for any expression.
//! - What is called (`open`), what belongs to a module (`socket.AF_INET`), `None`, `True` and types stand for themselves.
//! - A string of one word (`'rb'`) and 0 stand for themselves, other strings and numbers are examples.
//! - A call may have more arguments than the key, and has those that the key names.

use crate::facts::{Certainty, Constant, Facts, Protocol};
use crate::page::{self, Condition, Page};
use crate::syntax::{Argument, Expression, Form, Text};
use std::collections::BTreeSet;

/// How a key fits code. A comparison fills it in. If the comparison fails, the caller throws it away.
#[derive(Debug, Clone, Default)]
pub struct Fit {
    /// What the key names.
    pub covered: BTreeSet<Covered>,
    /// What must be true so that it fits, where that is not known.
    pub guesses: Vec<Guess>,
    /// How many arguments are not known to be what the key calls them.
    pub misfits: usize,
    /// By how many arguments code and key differ.
    pub gap: usize,
    /// How many examples are the same in the code: the 1024 of `s.recv(1024)`.
    pub same: usize,
    /// Where the answer stands.
    pub line: usize,
    bindings: Vec<Binding>,
}

/// A piece of the script that a key names. Their order counts: `answers` looks for the last expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Covered {
    /// By its number in the script.
    Expression(usize),
    /// By its place in the script.
    Statement(usize),
    /// Likewise, a statement further up. It keeps its own answer, so this is another piece than the statement itself.
    Above(usize),
}

/// Something that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guess {
    /// `x` is a queue.
    Object {
        /// The name in the script.
        name: String,
        /// By its place on the page.
        object: usize,
        protocol: Option<Protocol>,
        /// It is known to be this object, and only its protocol is not known.
        is_known_object: bool,
    },
    /// The script uses this protocol.
    Protocol(Protocol),
}

/// What a name of a key stands for in the script.
#[derive(Debug, Clone)]
struct Binding {
    name: String,
    /// The variable, if it is one: `self.sock`.
    variable: Option<String>,
    /// The number of the expression.
    expression: usize,
}

/// A call in the script whose arguments are compared with those of a key.
struct Call<'a> {
    /// Its name: `recv`.
    function: &'a str,
    given: &'a [Argument],
    /// Which of them stand for one of the key already.
    is_taken: Vec<bool>,
}

/// What part an expression plays in the code around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The `x` of `x.send(data)`: if nothing is known of it, it may be a socket.
    Object,
    /// The `data` of it: whatever it is, the call stays what it is.
    Argument,
    /// The `data` of `data[0]`, which could be said of anything: it must be known.
    Operand,
}

/// Compares expressions under the condition of one row.
#[derive(Clone, Copy)]
pub struct ExpressionFitter<'a> {
    pub page: &'a Page,
    pub facts: &'a Facts,
    pub protocol: Option<Protocol>,
    pub condition: Condition,
    /// An object that is to be found: whatever stands in its place is taken for it.
    pub wanted: Option<usize>,
}

impl Guess {
    /// Whether all but the protocol is known.
    pub fn is_about_protocol(&self) -> bool {
        match self {
            Guess::Object { is_known_object, .. } => *is_known_object,
            Guess::Protocol(_) => true,
        }
    }
}

impl Fit {
    /// One that covers these pieces.
    pub fn of(covered: BTreeSet<Covered>, line: usize) -> Fit {
        Fit { covered, line, ..Fit::default() }
    }

    /// The variable that one of these names of the key stands for.
    pub fn variable(&self, names: &[String]) -> Option<&str> {
        self.binding(names)?.variable.as_deref()
    }

    /// The variables that any of these names stand for.
    pub fn variables(&self, names: &[&str]) -> Vec<String> {
        let bindings = self.bindings.iter().filter(|binding| names.contains(&&*binding.name));
        bindings.filter_map(|binding| binding.variable.clone()).collect()
    }

    /// The expression that one of these names stands for.
    pub fn bound(&self, names: &[String]) -> Option<usize> {
        self.binding(names).map(|binding| binding.expression)
    }

    fn binding(&self, names: &[String]) -> Option<&Binding> {
        self.bindings.iter().find(|binding| names.contains(&binding.name))
    }

    /// Keeps what a name stands for. A name that stands twice must be the same variable.
    pub fn bind(&mut self, name: &str, expression: &Expression) -> bool {
        let variable = expression.dotted();
        if let Some(binding) = self.bindings.iter().find(|binding| binding.name == name) {
            return variable.is_some() && binding.variable == variable;
        }
        self.bindings.push(Binding { name: name.to_owned(), variable, expression: expression.id });
        true
    }

    /// Adds an expression that the key names, if it is the right one.
    fn cover(&mut self, expression: &Expression, is_right: bool) -> bool {
        if is_right {
            self.covered.insert(Covered::Expression(expression.id));
        }
        is_right
    }
}

impl ExpressionFitter<'_> {
    /// Whether an expression fits; if it does not, `fit` stays as it was.
    pub fn try_fit(&self, key: &Expression, code: &Expression, role: Role, fit: &mut Fit) -> bool {
        let mut more = fit.clone();
        let fits = self.fits(key, code, role, &mut more);
        if fits {
            *fit = more;
        }
        fits
    }

    /// Whether an expression fits. If it does not, `fit` is of no use any more.
    pub fn fits(&self, key: &Expression, code: &Expression, role: Role, fit: &mut Fit) -> bool {
        match (&key.form, &code.form) {
            (Form::Name(name), _) => self.name_fits(name, code, role, fit),
            (Form::Number(number), _) => self.number_fits(number, code, role, fit),
            (Form::Text(text), _) => self.text_fits(text, code, role, fit),
            (Form::Attribute { of, name }, _) => self.attribute_fits(key, of, name, code, role, fit),
            (Form::Call { of, arguments }, Form::Call { of: callee, arguments: given }) => {
                fit.cover(code, true);
                self.callee_fits(of, callee, fit) && self.arguments_fit(of, arguments, given, fit)
            }
            (Form::Index { of, places }, Form::Index { of: indexed, places: given }) => {
                fit.cover(code, true);
                places.len() == given.len()
                    && self.fits(of, indexed, Role::Operand, fit)
                    && places.iter().zip(given).all(|(key, place)| self.fits(key, place, Role::Argument, fit))
            }
            (Form::Slice(places), Form::Slice(given)) => slice_is_like(places, given),
            (Form::Operation { operators, operands }, _) => self.operation_fits(operators, operands, code, fit),
            (Form::Collection { container, items }, Form::Collection { container: other, items: given }) => {
                fit.cover(code, true);
                container == other
                    && items.len() == given.len()
                    && items.iter().zip(given).all(|(key, item)| self.item_fits(key, item, fit))
            }
            (Form::Other { word, operands }, Form::Other { word: other, operands: given }) => {
                fit.cover(code, true);
                word == other
                    && operands.len() <= given.len()
                    && operands.iter().zip(given).all(|(key, operand)| self.fits(key, operand, Role::Operand, fit))
            }
            _ => false,
        }
    }

    /// One item of a tuple or list, where strings are meant: `('', 8080)`.
    fn item_fits(&self, key: &Expression, item: &Expression, fit: &mut Fit) -> bool {
        match &key.form {
            Form::Text(text) => fit.cover(item, self.facts.text(item) == Some(&text.value)),
            _ => self.fits(key, item, Role::Argument, fit),
        }
    }

    fn name_fits(&self, name: &str, code: &Expression, role: Role, fit: &mut Fit) -> bool {
        if name == "…" {
            return true;
        }
        if let Some(object) = self.page.object(name) {
            return self.is_new_variable(object, name, code, fit)
                && fit.bind(name, code)
                && self.object_fits(object, code, role, fit);
        }
        if !is_itself(name) {
            return fit.bind(name, code);
        }
        let is_it = match (name, &code.form) {
            ("True", Form::Number(number)) => number == "1",
            ("False", Form::Number(number)) => is_zero(number),
            _ => self.facts.path(code).is_some_and(|path| page::last_part(path) == name),
        };
        fit.cover(code, is_it)
    }

    /// Two names of a kind are two variables: `client.send(conn.recv(1024))` is no echo.
    fn is_new_variable(&self, object: usize, name: &str, code: &Expression, fit: &Fit) -> bool {
        let names = self.page.objects[object].names.iter();
        let others: Vec<&str> = names.map(|other| &**other).filter(|other| *other != name).collect();
        let variable = code.dotted();
        variable.is_none_or(|variable| !fit.variables(&others).contains(&variable))
    }

    /// Whether something is an object of the page's table.
    pub fn object_fits(&self, object: usize, code: &Expression, role: Role, fit: &mut Fit) -> bool {
        if self.wanted == Some(object) {
            return true;
        }
        let protocol = self.protocol.filter(|_| self.page.has_protocol(object));
        if role == Role::Argument {
            return self.argument_is(object, protocol, code, fit);
        }
        match self.facts.certainty(code, object, protocol) {
            Some(Certainty::Sure) => true,
            Some(Certainty::Guess) => role == Role::Object && self.add_guess(object, protocol, code, fit),
            None => false,
        }
    }

    /// Whether an argument may stand for an object. In a row with words it must be that.
    fn argument_is(&self, object: usize, protocol: Option<Protocol>, code: &Expression, fit: &mut Fit) -> bool {
        let must_be_it = self.arguments_are_meant() && !self.is_seldom_known(object);
        if self.facts.certainty(code, object, protocol) == Some(Certainty::Sure) {
            fit.cover(code, must_be_it);
            return true;
        }
        fit.misfits += 1;
        !must_be_it
    }

    fn is_seldom_known(&self, object: usize) -> bool {
        let names = &self.page.objects[object].names;
        names.iter().any(|name| page::SELDOM_KNOWN.contains(&&**name))
    }

    /// Keeps a guess about a variable; nothing else is guessed.
    fn add_guess(&self, object: usize, protocol: Option<Protocol>, code: &Expression, fit: &mut Fit) -> bool {
        let Some(name) = label(code) else { return false };
        let is_known = self.facts.path(code).is_some_and(|path| path.contains('.') || is_itself(path));
        if is_known || !self.facts.may_have(object) {
            return false;
        }
        let is_known_object = self.facts.certainty(code, object, None) == Some(Certainty::Sure);
        let guess = Guess::Object { name, object, protocol, is_known_object };
        if !fit.guesses.contains(&guess) {
            fit.guesses.push(guess); // a key may name the socket twice
        }
        true
    }

    fn number_fits(&self, number: &str, code: &Expression, role: Role, fit: &mut Fit) -> bool {
        let is_zero_in_code = match &code.form {
            Form::Number(other) => is_zero(other),
            Form::Name(name) => name == "False",
            _ => false,
        };
        if is_zero(number) {
            return fit.cover(code, is_zero_in_code);
        }
        if is_zero_in_code {
            return role == Role::Argument; // 0 has rows of its own, but in `f.seek(0, 2)` it is as good as any number
        }
        match &code.form {
            Form::Number(other) => {
                fit.same += usize::from(other == number);
                true
            }
            Form::Text(_) => false,
            Form::Name(name) => name != "None",
            // `mask & selectors.EVENT_READ` has a row of its own.
            _ => role != Role::Operand || self.facts.path(code).is_none_or(|path| !path.contains('.')),
        }
    }

    fn text_fits(&self, key: &Text, code: &Expression, role: Role, fit: &mut Fit) -> bool {
        if key.is_format {
            return self.format_fits(key, code, fit);
        }
        let Some(Constant { text, is_bytes }) = self.facts.constant(code) else {
            return !self.is_meant_text(key) && self.is_like_text(key, code, role, fit);
        };
        // Text and bytes must agree where a method is called, and in a literal. Another variable may be either, as they
        // were one in Python 2.
        let must_be_same = role == Role::Object || matches!(code.form, Form::Text(_));
        if must_be_same && *is_bytes != key.is_bytes {
            return false;
        }
        if self.arguments_are_meant() && key.value.contains(' ') {
            // Its first word is enough: `b'GET / HTTP/1.1'`.
            let first = key.value.split(' ').next().unwrap_or_default();
            return fit.cover(code, text.starts_with(first));
        }
        fit.cover(code, *text == key.value) || !self.is_meant_text(key)
    }

    /// `', '` in a key stands for any text, `b'\n'` for any bytes.
    fn is_like_text(&self, key: &Text, code: &Expression, role: Role, fit: &mut Fit) -> bool {
        let Some(kind) = self.page.object(if key.is_bytes { page::DATA } else { page::TEXT }) else { return false };
        if role == Role::Object {
            return self.object_fits(kind, code, role, fit); // `b''.join(chunks)`
        }
        self.facts.certainty(code, kind, None).is_some() || self.facts.of(code).meaning.is_unknown()
    }

    /// `f'{n:<10}'` fits a string that has such fields.
    fn format_fits(&self, key: &Text, code: &Expression, fit: &mut Fit) -> bool {
        let Form::Text(text) = &code.form else { return false };
        for field in &key.fields {
            let kind = format_kind(&field.format);
            let mut candidates = text.fields.iter().filter(|other| format_kind(&other.format) == kind);
            if !candidates.any(|other| self.try_fit(&field.value, &other.value, Role::Operand, fit)) {
                return false;
            }
            if !kind.is_empty() {
                fit.covered.extend(text.fields.iter().map(|field| Covered::Expression(field.value.id)));
            }
        }
        fit.cover(code, text.is_format)
    }

    fn attribute_fits(
        &self,
        key: &Expression,
        of: &Expression,
        name: &str,
        code: &Expression,
        role: Role,
        fit: &mut Fit,
    ) -> bool {
        if let Some(path) = self.path_of_key(key) {
            // `threading.Thread.__init__` is no `threading.Thread`.
            let is_it = self.facts.path(code) == Some(&path);
            if let Form::Attribute { of: inner, .. } = &code.form {
                let is_in_module = self.facts.path(inner).is_some_and(|path| path.contains('.'));
                fit.cover(inner, is_it && is_in_module);
            }
            return fit.cover(code, is_it);
        }
        let Form::Attribute { of: object, name: other } = &code.form else { return false };
        // `s.family` alone can be an attribute of anything, `s.send(…)` is a call.
        let role = if role == Role::Object { Role::Object } else { Role::Operand };
        let is_it = name == other && self.facts.path(code).is_none() && self.fits(of, object, role, fit);
        fit.cover(code, is_it)
    }

    /// The path that a key names, unless it begins with an object.
    pub fn path_of_key(&self, key: &Expression) -> Option<String> {
        let path = key.dotted()?;
        if self.page.object(page::root(&path)).is_some() { None } else { Some(path) }
    }

    fn callee_fits(&self, key: &Expression, callee: &Expression, fit: &mut Fit) -> bool {
        if matches!(&key.form, Form::Name(name) if name == page::ANY_FUNCTION) {
            return true;
        }
        // What shows the kind of an object must not be a method of the script's own.
        let may_be_own = self.wanted.is_some() && self.facts.may_be_own(callee);
        if let Some(base) = self.facts.base_path(callee) {
            return fit.cover(callee, key.is_named(base));
        }
        if may_be_own || self.facts.is_own(callee) {
            return false;
        }
        match &key.form {
            Form::Name(name) => fit.cover(callee, self.facts.path(callee) == Some(name)),
            _ => self.fits(key, callee, Role::Object, fit),
        }
    }

    fn arguments_fit(&self, callee: &Expression, keys: &[Argument], given: &[Argument], fit: &mut Fit) -> bool {
        let mut call = Call { function: callee.last_name(), given, is_taken: vec![false; given.len()] };
        let mut asked: Vec<(usize, &Argument)> = keys.iter().enumerate().filter(|(_, key)| !is_rest(key)).collect();
        asked.sort_by_key(|(_, key)| !self.is_meant(&key.value)); // an example takes what is left
        for (place, key) in &asked {
            if let Some(at) = self.find_argument(key, *place, &call, fit) {
                call.is_taken[at] = true;
                continue;
            }
            let stands_there = given.get(*place).is_some_and(|argument| argument.name.is_none());
            if key.name.is_some() || stands_there || self.is_meant(&key.value) {
                return false;
            }
            fit.gap += 1;
        }
        if !keys.iter().any(is_rest) {
            fit.gap += call.is_taken.iter().filter(|taken| !**taken).count();
        }
        // `x.recv()` is no guess at a socket, which wants a number there, `x.start(100)` none at a thread, nor
        // `x.send(Packet(1))` with an object of the script's own at a socket.
        let is_own = |argument: &Argument| self.facts.of(&argument.value).meaning.is_own();
        let is_guessable =
            asked.len() <= given.len() && (!keys.is_empty() || given.is_empty()) && !given.iter().any(is_own);
        (is_guessable || fit.guesses.is_empty()) && !self.has_too_many(keys, given)
    }

    /// Finds the argument of a call that one of a key stands for, and adds it to the fit.
    fn find_argument(&self, key: &Argument, place: usize, call: &Call, fit: &mut Fit) -> Option<usize> {
        for at in self.candidates(key, place, call) {
            if call.is_taken[at] {
                continue;
            }
            let mut more = fit.clone();
            if self.argument_fits(call.function, key, &call.given[at].value, &mut more) {
                *fit = more;
                return Some(at);
            }
        }
        None
    }

    /// In a row with words `str(data)` is not `str(data, 'utf-8')`.
    fn has_too_many(&self, keys: &[Argument], given: &[Argument]) -> bool {
        let positional = given.iter().filter(|argument| argument.name.is_none()).count();
        let all_meant = !keys.is_empty() && keys.iter().all(|key| self.is_meant(&key.value));
        self.arguments_are_meant() && all_meant && positional > keys.len()
    }

    /// Which arguments of a call may be the one of a key, by their places.
    fn candidates(&self, key: &Argument, place: usize, call: &Call) -> Vec<usize> {
        let given = call.given;
        let is_starred = |argument: &Argument| matches!(argument.value.form, Form::Other { word: "*", .. });
        let mut found = Vec::new();
        for (at, argument) in given.iter().enumerate() {
            let may_be_it = match (&key.name, &argument.name) {
                (Some(name), Some(other)) => name == other,
                // `decode('utf-8', 'ignore')` is `errors='ignore'`.
                (Some(_), None) => matches!(&key.value.form, Form::Text(text) if is_word(&text.value)),
                (None, Some(name)) if name == "errors" => place == place_of_errors(call.function),
                // `socket.socket(type=socket.SOCK_DGRAM)`
                (None, Some(_)) => true,
                (None, None) if at == place => is_starred(argument) == is_starred(key),
                (None, None) => self.is_meant(&key.value) && may_move(&key.value),
            };
            if may_be_it {
                found.push(at);
            }
        }
        // The argument in the same place, or of the same name, comes first.
        found.sort_by_key(|at| *at != place && (key.name.is_none() || given[*at].name != key.name));
        found
    }

    fn argument_fits(&self, function: &str, key: &Argument, value: &Expression, fit: &mut Fit) -> bool {
        let fits = match &key.value.form {
            Form::Text(text) if takes_mode(function) && is_word(&text.value) => self.mode_fits(text, value, fit),
            Form::Text(text) if page::takes_encoding(function) && !page::is_errors(key) => {
                self.encoding_fits(text, value, fit)
            }
            // A thread's function that receives: `target=receive`.
            Form::Name(name) if key.name.as_deref() == Some("target") && self.arguments_are_meant() => {
                value.last_name() == name
            }
            _ if self.is_meant(&key.value) => self.fits(&key.value, value, Role::Argument, fit),
            _ => self.example_fits(&key.value, value, fit),
        };
        fit.cover(value, fits && key.name.is_some());
        fits
    }

    /// The mode of `open` or `makefile`, whose letters have no order.
    fn mode_fits(&self, key: &Text, value: &Expression, fit: &mut Fit) -> bool {
        let mode = self.facts.text(value);
        fit.cover(value, mode.is_some_and(|mode| letters(mode) == letters(&key.value)))
    }

    /// The name of an encoding, which has several forms: `'utf-8'`, `'UTF8'`.
    fn encoding_fits(&self, key: &Text, value: &Expression, fit: &mut Fit) -> bool {
        let Some(text) = self.facts.text(value) else { return false };
        let asked = page::plain_encoding(text);
        let is_known = self.page.encodings.contains(&asked);
        let asked = if is_known { &asked } else { page::OTHER_ENCODING };
        fit.cover(value, asked == page::plain_encoding(&key.value))
    }

    /// An argument that is an example: brackets may be in a variable, `s.connect((HOST, PORT))`.
    fn example_fits(&self, key: &Expression, value: &Expression, fit: &mut Fit) -> bool {
        let is_own = self.facts.is_own(value); // `button.clicked.connect(self.send)`
        match (&key.form, &value.form) {
            (Form::Name(_) | Form::Number(_) | Form::Text(_), _) => self.fits(key, value, Role::Argument, fit),
            (Form::Collection { container, items }, Form::Collection { container: other, items: given }) => {
                container == other && (items.len() == given.len() || !self.arguments_are_meant())
            }
            (Form::Collection { .. }, Form::Text(_)) => false,
            (Form::Collection { .. }, _) => !is_own && !self.arguments_are_meant(),
            _ => true,
        }
    }

    /// Whether an argument of a key is meant as it is, and is no example.
    fn is_meant(&self, key: &Expression) -> bool {
        match &key.form {
            Form::Name(name) => {
                let object = self.page.object(name).filter(|object| !self.is_seldom_known(*object));
                is_itself(name) || (self.arguments_are_meant() && object.is_some())
            }
            Form::Number(number) => is_zero(number),
            Form::Text(text) => self.is_meant_text(text),
            Form::Collection { items, .. } => {
                let is_meant = |item: &Expression| match &item.form {
                    Form::Text(text) => text.value.is_empty() || self.is_meant_text(text),
                    _ => self.is_meant(item),
                };
                items.iter().any(is_meant) || (self.arguments_are_meant() && items.is_empty())
            }
            Form::Index { of, .. } => self.arguments_are_meant() || self.is_meant(of),
            Form::Slice(_) => false,
            Form::Attribute { .. } | Form::Call { .. } | Form::Operation { .. } | Form::Other { .. } => true,
        }
    }

    fn is_meant_text(&self, text: &Text) -> bool {
        is_word(&text.value) || (self.arguments_are_meant() && text.value.contains(' '))
    }

    /// `a + b` fits also two neighbours of `a + b + c`.
    fn operation_fits(&self, operators: &[String], operands: &[Expression], code: &Expression, fit: &mut Fit) -> bool {
        let Form::Operation { operators: given_operators, operands: given } = &code.form else { return false };
        // `-1` is not the `- 1` of `i - 1`, but `len(data) - 1` counts from the end as `-1` does.
        let is_sign = operands.len() == 1;
        if is_sign && given.len() != 1 && !given.first().is_some_and(is_length) {
            return false;
        }
        for start in 0..given.len() {
            let (Some(operators_here), Some(given)) = (given_operators.get(start..), given.get(start..)) else { break };
            if !operators_here.starts_with(operators) || given.len() < operands.len() {
                continue;
            }
            let mut more = fit.clone();
            let mut pairs = operands.iter().zip(given);
            if pairs.all(|(key, operand)| self.operand_fits(operators, key, operand, &mut more)) {
                *fit = more;
                return fit.cover(code, true);
            }
        }
        false
    }

    /// An operand. What is compared with a string is meant: `data == b''`.
    fn operand_fits(&self, operators: &[String], key: &Expression, operand: &Expression, fit: &mut Fit) -> bool {
        let compares = operators.iter().any(|operator| operator == "==" || operator == "!=");
        let is_one = |operand: &Expression| matches!(&operand.form, Form::Number(number) if number == "1");
        let is_number = matches!(key.form, Form::Number(_));
        if operators == ["<"] && is_number && is_one(operand) != is_one(key) {
            return false; // `len(data) < 1` asks whether there is nothing
        }
        match &key.form {
            Form::Text(text) if compares => self.facts.text(operand) == Some(&text.value),
            Form::Text(text) if operators == ["%"] && !text.is_format => {
                let given = self.facts.text(operand);
                given.is_some_and(|given| conversions(&text.value).is_subset(&conversions(given)))
            }
            _ => self.fits(key, operand, Role::Operand, fit),
        }
    }

    /// Whether the row has such words behind its keys that arguments are what they are called. `TCP` is none of them.
    fn arguments_are_meant(&self) -> bool {
        [Condition::Arguments, Condition::WholeMessage, Condition::OptionValue].contains(&self.condition)
    }
}

/// Whether a slice has the same places as that of a key, with the same signs: not `[::-1]` for `[::2]`, nor `[:-1]` for
/// `[:4]`.
fn slice_is_like(key: &[Option<Expression>], given: &[Option<Expression>]) -> bool {
    let is_like = |(place, other): (&Option<_>, &Option<_>)| {
        place.is_some() == other.is_some() && is_negative(place) == is_negative(other)
    };
    key.len() == given.len() && key.iter().zip(given).all(is_like)
}

/// Whether it is `-1`, or any number with that sign.
fn is_negative(place: &Option<Expression>) -> bool {
    match place.as_ref().map(|place| &place.form) {
        Some(Form::Operation { operators, operands }) => operators == &["-"] && operands.len() == 1,
        _ => false,
    }
}

/// A variable or what is in one, as it is called in a guess: `self.sock`, `clients[…]`.
fn label(code: &Expression) -> Option<String> {
    match &code.form {
        Form::Index { of, .. } => Some(format!("{}[…]", label(of)?)),
        _ => code.dotted(),
    }
}

/// `…` in a key stands for any further arguments.
fn is_rest(key: &Argument) -> bool {
    matches!(&key.value.form, Form::Name(name) if name == "…")
}

/// Whether a function takes the mode of a file.
fn takes_mode(function: &str) -> bool {
    function == "open" || function == "makefile"
}

/// Where `errors` stands without its name: `data.decode('utf-8', 'ignore')`, `str(data, 'utf-8', 'ignore')`.
fn place_of_errors(function: &str) -> usize {
    if function == "encode" || function == "decode" { 1 } else { 2 }
}

/// `len(data)`
fn is_length(code: &Expression) -> bool {
    match &code.form {
        Form::Call { of, .. } => of.last_name() == "len",
        _ => false,
    }
}

/// Whether an argument may stand elsewhere than in the key: `socket.SOCK_DGRAM`.
fn may_move(key: &Expression) -> bool {
    matches!(key.form, Form::Attribute { .. } | Form::Call { .. } | Form::Name(_))
}

/// Whether a name of a key stands for itself: `None`, `OSError`, `__name__`.
fn is_itself(name: &str) -> bool {
    let is_type = name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase);
    is_type || (name.starts_with("__") && name.ends_with("__"))
}

/// Whether a string of a key stands for itself: `'rb'`, `'!I'`, but not `', '`.
fn is_word(text: &str) -> bool {
    let is_of_word = |c: char| c.is_alphanumeric() || "_.!<=>?@+-".contains(c);
    let is_zero = text == "\\0" || text == "\\x00";
    is_zero || (text.chars().all(is_of_word) && text.contains(|c: char| c.is_alphanumeric() || c == '?'))
}

fn is_zero(number: &str) -> bool {
    number.parse() == Ok(0.0)
}

/// The letters of a mode that count, in one order: `br` and `rb` are the same, and `t` is the default.
fn letters(mode: &str) -> Vec<char> {
    let mut letters: Vec<char> = mode.chars().filter(|c| *c != 't' && *c != 'U').collect();
    letters.sort_unstable();
    letters
}

/// The conversions of a `%` format that do more than to print: `x` of `'%02x'` and `'%02X'`, but not `s` and `d`.
fn conversions(format: &str) -> BTreeSet<char> {
    let mut found = BTreeSet::new();
    for conversion in format.replace("%%", "").split('%').skip(1) {
        let flags = ['-', '+', ' ', '#', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.'];
        let letter = conversion.trim_start_matches(flags).chars().next().unwrap_or_default().to_ascii_lowercase();
        found.extend(Some(letter).filter(|c| "xofeg".contains(*c)));
    }
    found
}

/// What a format does: `<` of `:<10`, `!` of `!r`, `x` of `:02x`, nothing of `:d`.
fn format_kind(format: &str) -> &str {
    if format.ends_with(['x', 'X', 'b', 'o']) {
        return &format[format.len() - 1..];
    }
    if format.starts_with(":0") {
        return "0"; // not the 0 of `:10`
    }
    let at = format.find(['<', '>', '^', '.', ',', '!']);
    at.map_or("", |at| &format[at..=at])
}
