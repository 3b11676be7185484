//! Whether a whole key fits: its last statement, and those that must stand around it or above it.
//!
//! `while True: conn, addr = s.accept()` fits a call of `accept` in such a loop; `s.settimeout(5); s.connect(addr)` fits a
//! call of `connect` on the same socket after the other call.

use crate::classes;
use crate::facts::{Certainty, Protocol};
use crate::fit::{Covered, ExpressionFitter, Fit, Guess, Role};
use crate::following;
use crate::key::{self, Before, Pattern, Piece, Place};
use crate::loops;
use crate::page::{self, Condition};
use crate::syntax::{self, Argument, Expression, Form, Import, Parameter, Script, Statement, Text, What, WithItem};

/// Looks for the code of one key.
pub struct KeyFitter<'a> {
    pub fitter: ExpressionFitter<'a>,
    pub script: &'a Script,
}

/// So many statements are searched for one that must stand above: what is further up seldom belongs to it.
const LOOK_BACK: usize = 40;
/// So many uses of a class are searched for the server that gets it.
const MAX_USES: usize = 20;

impl KeyFitter<'_> {
    /// Whether a pattern fits whose last piece is this expression of a statement.
    pub fn expression(&self, pattern: &Pattern, at: usize, code: &Expression) -> Option<Fit> {
        let Piece::Expression(key) = &pattern.last else { return None };
        let mut fit = Fit::of([].into(), code.line);
        let fits = match &key.form {
            Form::Text(text) if !text.is_format => self.quoted_fits(text, at, code, &mut fit),
            _ => self.fitter.fits(key, code, Role::Argument, &mut fit),
        };
        if !fits || !self.condition_holds(at, code, &mut fit) {
            return None;
        }
        self.with_all_before(pattern, at, fit)
    }

    /// Whether a pattern fits whose last piece is this statement.
    pub fn statement(&self, pattern: &Pattern, at: usize) -> Option<Fit> {
        let Piece::Statement(key) = &pattern.last else { return None };
        let mut fit = Fit::of([].into(), self.script.statements[at].line);
        let is_alone = pattern.before.is_empty();
        let fits =
            if is_alone { self.statement_fits(key, at, &mut fit) } else { self.in_block_fits(key, at, &mut fit) };
        if !fits || !self.condition_of_statement_holds(at, &mut fit) {
            return None;
        }
        self.with_all_before(pattern, at, fit)
    }

    /// Whether a pattern fits that asks for this argument of whatever call.
    pub fn argument(&self, pattern: &Pattern, at: usize, argument: &Argument) -> Option<Fit> {
        let Piece::Argument { value, .. } = &pattern.last else { return None };
        let mut fit = Fit::of([Covered::Expression(argument.value.id)].into(), argument.value.line);
        let fits = self.fitter.fits(value, &argument.value, Role::Argument, &mut fit);
        if fits { self.with_all_before(pattern, at, fit) } else { None }
    }

    /// Whether what the row asks for holds of an expression that fits.
    fn condition_holds(&self, at: usize, code: &Expression, fit: &mut Fit) -> bool {
        match self.fitter.condition {
            Condition::Always | Condition::Arguments => true,
            Condition::InHandler => classes::is_of_handler(self.script, at),
            Condition::InThread => classes::is_of_thread(self.script, at),
            Condition::Use(wanted) => following::use_of_socket(self.script, at, code) == Some(wanted),
            Condition::MadeAnew => following::is_made_anew(self.script, at, code),
            Condition::UsedFurther => self.goes_on_with_socket(at, code),
            Condition::ByItself => !following::is_part_of_more(self.script, at, code),
            Condition::OfNumber => following::tries_number(self.script, at),
            Condition::OnlyToConnect => following::only_connects(self.script, at, code),
            Condition::NumberUsed => following::is_result_used(self.script, at, code),
            Condition::FileInUse => following::is_file_in_use(self.script, at, code),
            Condition::WholeMessage => {
                let json = fit.variable(&[page::JSON_TEXT.to_owned()]);
                json.is_some_and(|json| following::is_whole_message(self.script, at, code, json))
            }
            Condition::OptionValue => {
                // Whatever is packed, and with whatever format.
                fit.covered.extend(code.all().into_iter().map(|part| Covered::Expression(part.id)));
                following::is_option_value(self.script, at, code)
            }
            Condition::Endless => {
                let head = self.nearest_loop(at);
                head.is_some_and(|head| loops::never_ends(self.script, head))
            }
        }
    }

    /// Whether the script goes on with a socket that a call hands over.
    fn goes_on_with_socket(&self, at: usize, call: &Expression) -> bool {
        let ExpressionFitter { page, facts, .. } = self.fitter;
        let Some(socket) = page.object(page::SOCKET) else { return false };
        let is_socket = |part: &&Expression| facts.certainty(part, socket, None) == Some(Certainty::Sure);
        let mut sockets = call.all().into_iter().filter(is_socket).filter_map(Expression::dotted);
        sockets.any(|name| following::is_used_behind(self.script, at, &name))
    }

    /// The same of a statement: of `with socket.socket() as s:` it is asked of the socket.
    fn condition_of_statement_holds(&self, at: usize, fit: &mut Fit) -> bool {
        match self.what(at) {
            What::With(items) => {
                let is_covered = |item: &&WithItem| fit.covered.contains(&Covered::Expression(item.value.id));
                let item = items.iter().find(is_covered);
                item.is_none_or(|item| self.condition_holds(at, &item.value, fit))
            }
            _ if self.fitter.condition == Condition::OfNumber => following::tries_number(self.script, at),
            _ if self.fitter.condition == Condition::InHandler => classes::is_of_handler(self.script, at),
            _ if self.fitter.condition == Condition::InThread => classes::is_of_thread(self.script, at),
            _ => true,
        }
    }

    /// A key that is a string fits the same string, but no description at the head of a function.
    fn quoted_fits(&self, key: &Text, at: usize, code: &Expression, fit: &mut Fit) -> bool {
        let Form::Text(text) = &code.form else { return false };
        if text.value != key.value || text.is_bytes != key.is_bytes {
            return false;
        }
        let is_description = match &self.script.statements[at].what {
            What::Expression(value) => value.id == code.id,
            _ => false,
        };
        // Of `'!H' + 'I' * n` the first text says too little.
        let is_part = self.script.statements[at].all().into_iter().any(|part| match &part.form {
            Form::Operation { operators, operands } => {
                operators.contains(&"+".to_owned()) && operands.iter().any(|operand| operand.id == code.id)
            }
            _ => false,
        });
        fit.covered.insert(Covered::Expression(code.id));
        !is_description && !is_part
    }

    /// Completes a fit with the pieces of the pattern that must stand before its last one.
    fn with_all_before(&self, pattern: &Pattern, at: usize, mut fit: Fit) -> Option<Fit> {
        if let Some(protocol) = self.fitter.protocol {
            let is_of_protocol = self.tells_protocol(&pattern.last) || self.add_protocol(protocol, at, &mut fit);
            if !is_of_protocol {
                return None;
            }
        }
        for before in &pattern.before {
            match &before.piece {
                Piece::Statement(What::Import(imports)) => {
                    let is_imported = |import: &Import| self.fitter.facts.imported.contains(page::root(&import.path));
                    if !imports.iter().any(is_imported) {
                        return None;
                    }
                }
                _ => fit = self.with_one_before(pattern, before, at, &fit)?,
            }
        }
        if self.loop_does_more(pattern, at, &fit) { None } else { Some(fit) }
    }

    /// Whether the key is about a loop, and the loop does more.
    fn loop_does_more(&self, pattern: &Pattern, at: usize, fit: &Fit) -> bool {
        let is_about_loop = pattern.before.iter().any(|before| before.piece.is_loop());
        if !is_about_loop || self.fitter.condition == Condition::Endless {
            return false;
        }
        let page = self.fitter.page;
        let (Some(head), Some(object)) = (self.nearest_loop(at), page.object(page::SOCKET)) else { return false };
        let names: Vec<&str> = page.objects[object].names.iter().map(|name| &**name).collect();
        let collected = fit.variable(&page::COLLECTED.map(str::to_owned));
        loops::does_more(self.script, head, &fit.variables(&names), collected, &fit.covered)
    }

    /// The protocol of a key that has no socket (`socket.SO_REUSEADDR`) is that of the script.
    fn add_protocol(&self, protocol: Protocol, at: usize, fit: &mut Fit) -> bool {
        let facts = self.fitter.facts;
        if let Some(known) = self.protocol_of_handler(at) {
            return known == protocol;
        }
        let has_it = facts.protocols.contains(&protocol);
        let is_rare = protocol.is_rare() && has_it;
        // In a script without known sockets a row with a further condition is taken for TCP without a guess.
        let is_told =
            facts.protocols.is_empty() && self.fitter.condition != Condition::Always && protocol == Protocol::Tcp;
        if facts.only_protocol() != Some(protocol) && !is_rare && !is_told {
            fit.guesses.push(Guess::Protocol(protocol));
        }
        facts.may_speak(protocol)
    }

    /// The protocol of the server that gets the class around a statement as its handler, or the class that it is.
    fn protocol_of_handler(&self, at: usize) -> Option<Protocol> {
        let class = match self.what(at) {
            What::Class { .. } => at,
            _ => self.script.statements[at].class?,
        };
        let What::Class { name, .. } = self.what(class) else { return None };
        let places = self.script.uses.get(name)?;
        let all = places.iter().take(MAX_USES).flat_map(|place| self.script.statements[*place].all());
        for call in all {
            let Form::Call { arguments, .. } = &call.form else { continue };
            let gets_it = arguments.iter().any(|argument| argument.value.is_named(name));
            let protocol = self.fitter.facts.of(call).meaning.protocol().filter(|_| gets_it);
            if protocol.is_some() {
                return protocol;
            }
        }
        None
    }

    /// Finds one piece that must stand before the last, and adds what it covers.
    fn with_one_before(&self, pattern: &Pattern, before: &Before, at: usize, fit: &Fit) -> Option<Fit> {
        let (place, mut more) = self.find(before, at, fit)?;
        if before.place == Place::Above {
            // That statement keeps its own answer. This one covers more than the last piece alone, so that it wins.
            more.covered.clone_from(&fit.covered);
            more.covered.insert(Covered::Above(place));
        } else if before.piece.has_call() || !pattern.last.has_call() {
            // The answer stands at the first piece that calls something.
            more.line = more.line.min(self.script.statements[place].line);
        }
        Some(more)
    }

    /// The statement that a pattern wants before its last piece, and the fit with it.
    fn find(&self, before: &Before, at: usize, fit: &Fit) -> Option<(usize, Fit)> {
        let nearest_loop = self.nearest_loop(at);
        let candidates: Vec<usize> = match before.place {
            Place::Around if before.piece.is_loop() => nearest_loop.into_iter().collect(),
            Place::Around => self.heads(at),
            Place::InBlock => match nearest_loop {
                Some(head) => (head..at).rev().take(LOOK_BACK).collect(),
                None => Vec::new(),
            },
            Place::Above => self.calls_of_module(&before.piece).unwrap_or_else(|| {
                let function = self.function(at);
                let above = (0..at).rev().take(LOOK_BACK);
                above.filter(|candidate| self.function(*candidate) == function).collect()
            }),
        };
        let shared = fit.variables(&before.piece.names());
        let others = if before.place == Place::Above { self.in_other_methods(at, &shared) } else { Vec::new() };
        for candidate in candidates.into_iter().chain(others) {
            let mut more = fit.clone();
            let fits = self.piece_fits(&before.piece, candidate, &mut more);
            // A piece in front must fit exactly and for sure: several guesses in one answer help nobody.
            if fits && more.guesses.len() == fit.guesses.len() && more.gap == fit.gap {
                return Some((candidate, more));
            }
            // Further up the name stands for something else: `s = socket.socket()` makes a new socket.
            let assigns = |name: &String| self.what(candidate).assigns(name);
            if before.place == Place::Above && shared.iter().any(assigns) {
                return None;
            }
        }
        None
    }

    /// The statements further up in other methods of the class that use one of these attributes: what `__init__` does to
    /// `self.sock` counts.
    fn in_other_methods(&self, at: usize, names: &[String]) -> Vec<usize> {
        let class = self.script.statements[at].class;
        let attributes = names.iter().filter(|name| class.is_some() && name.contains('.'));
        let places = attributes.flat_map(|name| self.script.uses_of(name).iter().take(LOOK_BACK)).copied();
        let is_other = |place: &usize| *place < at && self.function(*place) != self.function(at);
        let is_of_class = |place: &usize| self.script.statements[*place].class == class;
        let makes_it = |place: &usize| names.iter().any(|name| self.what(*place).assigns(name));
        places.filter(|place| is_other(place) && is_of_class(place) && !makes_it(place)).collect()
    }

    /// The statements that name what a piece calls, if that belongs to a module: `socket.setdefaulttimeout(5)` counts
    /// wherever it stands.
    fn calls_of_module(&self, piece: &Piece) -> Option<Vec<usize>> {
        let Piece::Expression(call) = piece else { return None };
        let path = self.fitter.path_of_key(call.callee()).filter(|path| path.contains('.'))?;
        let names = [&*path, page::last_part(&path)]; // also as `from socket import *` has it
        Some(names.into_iter().filter_map(|name| self.script.uses.get(name)).flatten().copied().collect())
    }

    fn piece_fits(&self, piece: &Piece, at: usize, fit: &mut Fit) -> bool {
        match piece {
            Piece::Statement(what) => self.in_block_fits(what, at, fit),
            Piece::Argument { .. } => false,
            Piece::Expression(key) => {
                let anchor = key::anchor(key);
                let all = self.script.statements[at].all();
                let mut like_it = all.into_iter().filter(|code| key::anchor(code) == anchor);
                like_it.any(|code| self.fitter.try_fit(key, code, Role::Argument, fit))
            }
        }
    }

    /// Whether a statement fits that stands in a key with others: there `if not data:` is any test for nothing.
    fn in_block_fits(&self, key: &What, at: usize, fit: &mut Fit) -> bool {
        let (What::If(tested), What::If(condition)) = (key, self.what(at)) else {
            return self.statement_fits(key, at, fit);
        };
        let Some(tested) = loops::tested_for_nothing(tested) else { return self.statement_fits(key, at, fit) };
        let Some(nothing) = loops::tested_for_nothing(condition) else {
            // `not data or data == b'END'` is true for more than nothing.
            return loops::is_end_of_data(condition, &|_| true) && self.statement_fits(key, at, fit);
        };
        fit.covered.insert(Covered::Statement(at));
        fit.covered.extend(condition.all().into_iter().map(|part| Covered::Expression(part.id)));
        self.fitter.try_fit(tested, nothing, Role::Operand, fit)
    }

    /// The heads of the blocks that a statement is in, the nearest first, up to that of its function.
    fn heads(&self, at: usize) -> Vec<usize> {
        let mut heads = syntax::heads(&self.script.statements, at);
        if let Some(function) = heads.iter().position(|head| self.what(*head).is_function()) {
            heads.truncate(function + 1);
        }
        heads
    }

    fn nearest_loop(&self, at: usize) -> Option<usize> {
        self.heads(at).into_iter().find(|head| self.what(*head).is_loop())
    }

    fn function(&self, at: usize) -> Option<usize> {
        self.script.statements[at].function
    }

    fn what(&self, at: usize) -> &What {
        &self.script.statements[at].what
    }

    /// Whether a piece has a socket or a server, which has its own protocol.
    fn tells_protocol(&self, piece: &Piece) -> bool {
        let page = self.fitter.page;
        let has_protocol = |part: &Expression| match &part.form {
            Form::Name(name) => page.object(name).is_some_and(|object| page.has_protocol(object)),
            _ => false,
        };
        match piece {
            Piece::Expression(expression) => expression.all().into_iter().any(has_protocol),
            Piece::Statement(What::Assign { value, .. }) => value.all().into_iter().any(has_protocol),
            Piece::Statement(_) | Piece::Argument { .. } => false,
        }
    }

    fn statement_fits(&self, key: &What, at: usize, fit: &mut Fit) -> bool {
        let statement = &self.script.statements[at];
        let fits = match (key, &statement.what) {
            // `while not data:` asks what `if not data:` asks, before each round.
            (What::If(key), What::If(code)) => self.condition_fits(key, code, fit),
            (What::If(key), What::While(code)) => {
                loops::tested_for_nothing(key).is_some() && self.condition_fits(key, code, fit)
            }
            (What::While(key), What::While(code)) => self.condition_fits(key, code, fit),
            (What::For { target, items }, What::For { target: given, items: gone_through }) => {
                target_is_like(target, given, fit) && self.fitter.fits(items, gone_through, Role::Operand, fit)
            }
            (What::With(key), What::With(items)) => {
                let Some(key) = key.first() else { return false };
                items.iter().any(|item| self.fitter.try_fit(&key.value, &item.value, Role::Operand, fit))
            }
            (What::Except { error: Some(key), .. }, What::Except { error: Some(error), .. }) => {
                self.error_fits(key, error, fit)
            }
            (What::Except { error: None, .. }, What::Except { error: None, .. }) => true,
            (What::Define { name, parameters, .. }, What::Define { name: other, parameters: given, .. }) => {
                name == other && is_method(parameters) == is_method(given)
            }
            (What::Class { bases, .. }, What::Class { bases: given, .. }) => self.bases_fit(bases, given, fit),
            (What::Assign { .. }, What::Assign { .. }) => self.assignment_fits(key, statement, fit),
            (What::Keyword { word, values }, What::Keyword { word: other, values: given }) => {
                if word == "break" {
                    return other == "break" || other == "return";
                }
                let same_number = values.len() == given.len() || word == "raise"; // `raise ValueError, 'text'`
                let mut pairs = values.iter().zip(given);
                word == other
                    && same_number
                    && pairs.all(|(key, value)| self.fitter.fits(key, value, Role::Operand, fit))
            }
            (What::Import(key), What::Import(imports)) => {
                let Some(key) = key.first() else { return false };
                imports.iter().any(|import| imports_it(&key.path, &import.path))
            }
            _ => false,
        };
        if fits {
            fit.covered.insert(Covered::Statement(at));
        }
        fits
    }

    /// The condition of a key may be one of several: `if not data or is_full:`.
    fn condition_fits(&self, key: &Expression, code: &Expression, fit: &mut Fit) -> bool {
        match &code.form {
            Form::Operation { operators, operands } if operators.iter().all(|word| word == "and" || word == "or") => {
                operands.iter().any(|operand| self.condition_fits(key, operand, fit))
            }
            _ => self.fitter.try_fit(key, code, Role::Operand, fit),
        }
    }

    /// The errors of a key are among those that are caught.
    fn error_fits(&self, key: &Expression, error: &Expression, fit: &mut Fit) -> bool {
        match (&key.form, &error.form) {
            (Form::Collection { items, .. }, Form::Collection { .. }) => {
                items.iter().all(|one| self.error_fits(one, error, fit))
            }
            (_, Form::Collection { items, .. }) => {
                items.iter().any(|one| self.fitter.try_fit(key, one, Role::Operand, fit))
            }
            _ => self.fitter.try_fit(key, error, Role::Operand, fit),
        }
    }

    /// The bases of a key are among those of a class; without any, the class has none.
    fn bases_fit(&self, bases: &[Expression], given: &[Expression], fit: &mut Fit) -> bool {
        let is_object_class = |base: &Expression| matches!(&base.form, Form::Name(name) if name == "object");
        let is_there = |base: &Expression| {
            given.iter().any(|other| self.fitter.try_fit(base, other, Role::Operand, &mut fit.clone()))
        };
        let fits = if bases.is_empty() { given.iter().all(is_object_class) } else { bases.iter().all(is_there) };
        fit.gap += given.len().saturating_sub(bases.len());
        fit.covered.extend(given.iter().map(|base| Covered::Expression(base.id)));
        fits
    }

    fn assignment_fits(&self, key: &What, statement: &Statement, fit: &mut Fit) -> bool {
        let What::Assign { targets, operator, value, .. } = key else { return false };
        let What::Assign { targets: given, operator: other, value: code, .. } = &statement.what else { return false };
        let Some(target) = targets.first() else { return false };
        operator == other
            && self.value_fits(value, code, fit)
            && given.iter().any(|given| self.target_fits(target, given, operator, value, fit))
    }

    /// The value of an assignment. A string or an empty list is meant as it is: `HOST = ''`, `clients = []`. Another list has
    /// what that of the key has, in whatever order.
    fn value_fits(&self, key: &Expression, code: &Expression, fit: &mut Fit) -> bool {
        match (&key.form, &code.form) {
            (Form::Text(key), Form::Text(text)) => key.value == text.value && key.is_bytes == text.is_bytes,
            (Form::Text(_), _) => false,
            (Form::Collection { container, items }, Form::Collection { container: other, items: given }) => {
                let is_there = |item: &Expression| {
                    given.iter().any(|one| self.fitter.try_fit(item, one, Role::Operand, &mut fit.clone()))
                };
                container == other && items.is_empty() == given.is_empty() && items.iter().all(is_there)
            }
            _ => self.fitter.fits(key, code, Role::Operand, fit),
        }
    }

    /// What a value is assigned to. A name that is no object's is meant in `timeout = 5`, but not in `rest += data`.
    fn target_fits(
        &self,
        key: &Expression,
        target: &Expression,
        operator: &str,
        value: &Expression,
        fit: &mut Fit,
    ) -> bool {
        match (&key.form, &target.form) {
            (Form::Name(name), _) => {
                let is_constant = matches!(value.form, Form::Number(_) | Form::Text(_) | Form::Name(_));
                let is_meant = operator == "=" && is_constant;
                match self.fitter.page.object(name) {
                    Some(object) if is_empty_container(value) => {
                        self.fitter.object_fits(object, target, Role::Operand, fit) && fit.bind(name, target)
                    }
                    None if is_meant => target.last_name() == name,
                    _ => fit.bind(name, target),
                }
            }
            (Form::Collection { items, .. }, Form::Collection { items: given, .. }) => targets_are_like(items, given),
            (Form::Attribute { .. } | Form::Index { .. }, _) => self.fitter.try_fit(key, target, Role::Operand, fit),
            _ => false,
        }
    }
}

/// `[]`, `{}`, `set()`
fn is_empty_container(value: &Expression) -> bool {
    match &value.form {
        Form::Collection { items, .. } => items.is_empty(),
        Form::Call { of, arguments } => arguments.is_empty() && of.is_named("set"),
        _ => false,
    }
}

/// Whether the target of a `for` has as many names: `for key, mask in …`.
fn target_is_like(key: &Expression, target: &Expression, fit: &mut Fit) -> bool {
    match (&key.form, &target.form) {
        (Form::Collection { items, .. }, Form::Collection { items: given, .. }) => {
            let mut pairs = items.iter().zip(given);
            items.len() == given.len() && pairs.all(|(key, target)| target_is_like(key, target, fit))
        }
        (Form::Collection { .. }, _) => false,
        (Form::Name(name), _) => fit.bind(name, target),
        _ => true,
    }
}

/// Whether there are as many targets, or as in `cmd, *rest` one with a star, wherever it stands.
fn targets_are_like(key: &[Expression], given: &[Expression]) -> bool {
    let is_starred = |target: &Expression| matches!(target.form, Form::Other { word: "*", .. });
    let has_star = given.iter().any(is_starred);
    if key.iter().any(is_starred) { has_star } else { !has_star && key.len() == given.len() }
}

fn is_method(parameters: &[Parameter]) -> bool {
    parameters.first().is_some_and(|parameter| parameter.name == "self")
}

/// Whether the import of a key is in that of a script: `import email.mime` in `from email.mime.text import MIMEText`.
fn imports_it(key: &str, path: &str) -> bool {
    let module = key.strip_suffix(".*").unwrap_or(key);
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
