//! Finds out what the names of a script mean: where they are imported from, and which objects the variables are.
//!
//! It goes through the script several times, from top to bottom, and each time learns more: `socket.socket()` makes a
//! socket, so the variable is one, so the parameter of the function that gets it is one.

use crate::composed::Composer;
use crate::definitions::{Definition, Definitions};
use crate::facts::{self, Constant, Fact, Facts, Meaning, ValueKind};
use crate::fit::Fit;
use crate::key::Piece;
use crate::page::{self, CLIENTS, DATA, DICTIONARY, ITEMS, NEVER_GUESSED, NUMBER, Page, SOCKET, Shows, Sign, TEXT};
use crate::scopes::Scopes;
use crate::signs::{self, FittingSign};
use crate::syntax::{Argument, Expression, Form, Import, Parameter, Script, Statement, What};
use std::collections::BTreeMap;

/// How often the script is gone through: enough for a socket that two functions hand on.
const ROUNDS: usize = 4;

/// What is known of a script.
pub fn learn(page: &Page, script: &Script) -> Facts {
    let mut learner = Learner::new(page, script);
    for _ in 0..ROUNDS {
        learner.scopes.begin();
        for at in 0..script.statements.len() {
            learner.statement(at);
        }
    }
    learner.facts
}

struct Learner<'a> {
    page: &'a Page,
    script: &'a Script,
    facts: Facts,
    scopes: Scopes,
    /// What imported names are: of `import socket as net`, `net` is `socket`.
    imports: BTreeMap<String, String>,
    /// Modules of which everything is imported: `from socket import *`.
    stars: Vec<String>,
    definitions: Definitions,
}

impl<'a> Learner<'a> {
    fn new(page: &'a Page, script: &'a Script) -> Learner<'a> {
        let facts = Facts {
            expressions: vec![Fact::default(); script.expressions],
            objects: vec![false; page.objects.len()],
            ..Facts::default()
        };
        let mut learner = Learner {
            page,
            script,
            facts,
            scopes: Scopes::of(script),
            imports: BTreeMap::new(),
            stars: Vec::new(),
            definitions: Definitions::of(script),
        };
        for name in [TEXT, DATA, ITEMS, DICTIONARY, NUMBER] {
            // Every script may have these, so it may have them in a variable of which nothing is known.
            if let Some(object) = page.object(name) {
                learner.facts.objects[object] = true;
            }
        }
        for statement in &script.statements {
            learner.note_names(statement);
        }
        learner
    }

    /// Keeps what a statement imports or defines.
    fn note_names(&mut self, statement: &'a Statement) {
        let parent = statement.parent.map(|parent| &self.script.statements[parent].what);
        match &statement.what {
            What::Import(imports) => {
                for import in imports {
                    self.note_import(import);
                }
            }
            What::Define { name, .. } => {
                let is_method = matches!(parent, Some(What::Class { .. }));
                let own = if is_method { &mut self.facts.own_methods } else { &mut self.facts.own_functions };
                own.insert(name.clone());
            }
            What::Class { name, .. } => {
                self.facts.own_functions.insert(name.clone());
            }
            _ => {}
        }
    }

    fn note_import(&mut self, import: &Import) {
        let module = page::root(&import.path).to_owned();
        if let Some(all_of) = import.path.strip_suffix(".*") {
            self.stars.push(all_of.to_owned());
            // Behind `import socket` it makes `socket` the class.
            self.imports.retain(|name, _| !self.page.has_path(&format!("{all_of}.{name}")));
        } else if import.path == import.name {
            self.imports.insert(module.clone(), module.clone()); // `import os.path` makes the name `os`
        } else {
            self.imports.insert(import.name.clone(), import.path.clone());
        }
        self.facts.imported.insert(module);
    }

    fn statement(&mut self, at: usize) {
        let script = self.script;
        let statement = &script.statements[at];
        for expression in statement.all() {
            self.expression(at, expression);
        }
        match &statement.what {
            What::Assign { targets, operator, value, .. } => {
                for target in targets {
                    self.assign(at, target, value, operator == "=");
                }
            }
            What::For { target, items } => {
                let item = self.composer().item_of(items);
                self.give_meaning(at, target, &item);
            }
            What::With(items) => {
                for item in items {
                    if let Some(target) = &item.target {
                        self.assign(at, target, &item.value, true);
                    }
                }
            }
            What::Keyword { word, values } if word == "return" || word == "yield" => {
                if let Some(value) = values.first() {
                    let meaning = self.facts.of(value).meaning.clone();
                    self.definitions.add_returned(script, at, meaning, word == "yield");
                }
            }
            What::Class { name, bases } => {
                self.note_bases(at, name, bases);
                for base in bases.iter().filter_map(Expression::dotted) {
                    if let Some(inherited) = self.definitions.class(&base).cloned() {
                        self.definitions.add_to_class(name, &inherited);
                    }
                }
            }
            What::Define { parameters, .. } => {
                for parameter in parameters {
                    self.annotated(at, parameter);
                }
            }
            _ => {}
        }
        self.statement_signs(at);
    }

    /// Keeps what makes the objects of a class without an `__init__`, and of a server: the last of its bases from a module, as the first ones
    /// are often mixed in.
    fn note_bases(&mut self, class: usize, name: &str, bases: &[Expression]) {
        let paths: Vec<&str> = bases.iter().filter_map(|base| self.facts.path(base)).collect();
        let Some(base) = paths.iter().rev().find(|path| path.contains('.')) else { return };
        // A server of one's own hands its arguments on.
        if self.definitions.has_init(class) && !base.starts_with("socketserver.") {
            return;
        }
        let has_threads = paths.contains(&"socketserver.ThreadingMixIn");
        let base = match base.strip_prefix("socketserver.") {
            Some(server) if has_threads => {
                format!("socketserver.Threading{}", server.trim_start_matches("Threading"))
            }
            _ => (*base).to_owned(),
        };
        self.facts.bases.insert(name.to_owned(), base);
    }

    /// `def handle(conn: socket.socket, name: str):` says what the parameters are.
    fn annotated(&mut self, function: usize, parameter: &Parameter) {
        let Some(annotation) = &parameter.annotation else { return };
        let Some(path) = self.facts.path(annotation) else { return };
        let meaning = match path {
            "str" => self.page.meaning(TEXT),
            "bytes" | "bytearray" => self.page.meaning(DATA),
            "list" => self.page.meaning(ITEMS),
            "dict" => self.page.meaning(DICTIONARY),
            "int" => self.page.meaning(NUMBER),
            _ => self.made_by(path),
        };
        if let Some(variable) = self.scopes.parameter(function, &parameter.name) {
            variable.passed.merge(&meaning);
        }
    }

    /// What a call of this path makes: a socket, of `socket.socket`.
    fn made_by(&self, path: &str) -> Meaning {
        let makes_it = |sign: &&Sign| match &sign.pattern.last {
            Piece::Expression(Expression { form: Form::Call { of, .. }, .. }) => {
                sign.shows == Shows::Value && of.is_named(path)
            }
            _ => false,
        };
        match self.page.signs.iter().find(makes_it) {
            Some(sign) => Meaning::of(ValueKind::Object { object: sign.object, protocol: None }),
            None => Meaning::default(),
        }
    }

    fn assign(&mut self, at: usize, target: &Expression, value: &Expression, replaces: bool) {
        match (&target.form, &value.form) {
            // `a, b = 1, 2`
            (Form::Collection { items: targets, .. }, Form::Collection { items: values, .. })
                if targets.len() == values.len() =>
            {
                for (target, value) in targets.iter().zip(values) {
                    self.assign(at, target, value, replaces);
                }
            }
            _ => {
                let Fact { meaning, constant, .. } = self.facts.of(value).clone();
                self.give(at, target, &meaning, constant, replaces);
                let is_foreign = self.is_foreign(at, value);
                if let Some(variable) = self.scopes.assigned(at, target) {
                    variable.is_foreign |= is_foreign;
                }
            }
        }
    }

    fn composer(&self) -> Composer<'_> {
        Composer { page: self.page, facts: &self.facts }
    }

    /// Whether a value comes from a function of a module that the page does not know.
    fn is_foreign(&self, at: usize, value: &Expression) -> bool {
        let Form::Call { of, .. } = &value.form else { return false };
        if let Form::Attribute { of: object, .. } = &of.form {
            // What a foreign object gives is foreign too.
            let is_foreign = object.dotted().is_some_and(|name| self.scopes.is_foreign(at, &name));
            if is_foreign || self.facts.of(object).meaning.is_other() {
                return true;
            }
        }
        let path = self.facts.path(of).unwrap_or_default();
        path.contains('.') && !self.page.has_module(path)
    }

    /// Gives a target what is known of a value, which is no string.
    fn give_meaning(&mut self, at: usize, target: &Expression, meaning: &Meaning) {
        self.give(at, target, meaning, None, true);
    }

    /// Gives a target what a value is.
    fn give(&mut self, at: usize, target: &Expression, meaning: &Meaning, constant: Option<Constant>, replaces: bool) {
        match &target.form {
            Form::Collection { items, .. } => {
                for (place, item) in items.iter().enumerate() {
                    let part = meaning.parts.get(place).unwrap_or(&meaning.items);
                    self.give_meaning(at, item, &Meaning::of_values(part));
                }
            }
            Form::Other { word: "*", operands } => {
                for operand in operands {
                    self.give_meaning(at, operand, &Meaning::default());
                }
            }
            Form::Index { of, places } => {
                // `clients[conn] = name`
                let keys = places.first().map(|key| self.facts.of(key).meaning.values.clone()).unwrap_or_default();
                self.put_in(at, of, &Meaning { items: meaning.inside(), keys, ..Meaning::default() });
            }
            _ => {
                let branches = self.scopes.branches(at).to_vec();
                let Some(variable) = self.scopes.assigned(at, target) else { return };
                variable.assign(&branches, meaning, replaces);
                match constant {
                    Some(constant) if replaces => {
                        variable.constants.insert(constant);
                    }
                    _ => variable.has_others = true,
                }
            }
        }
    }

    /// Adds to what is in a list or dictionary.
    fn put_in(&mut self, at: usize, container: &Expression, more: &Meaning) {
        if let Some(name) = container.dotted() {
            self.scopes.used(at, &name).all.merge(more);
        }
    }

    /// Finds out what an expression is, when those in it are known.
    fn expression(&mut self, at: usize, expression: &Expression) {
        let path = self.path(at, expression);
        let constant = self.constant(at, expression);
        let meaning = match &expression.form {
            Form::Name(name) => self.name(at, name),
            Form::Attribute { .. } if path.is_some() => Meaning::default(),
            Form::Attribute { name, .. } => {
                let attribute = self.scopes.attribute(name);
                attribute.map(|variable| variable.meaning(None)).unwrap_or_default()
            }
            Form::Text(text) => self.page.meaning(if text.is_bytes { DATA } else { TEXT }),
            Form::Number(_) => self.page.meaning(NUMBER),
            Form::Collection { container, items } => self.composer().collection(*container, items),
            Form::Call { of, arguments } => self.call(at, of, arguments),
            Form::Index { of, places } => self.composer().index(of, places),
            Form::Operation { operators, operands } => self.composer().operation(operators, operands),
            Form::Other { word, operands } => self.composer().other(word, operands),
            Form::Slice(_) => Meaning::default(),
        };
        self.facts.expressions[expression.id] = Fact { path, constant, meaning };
        self.note_sockets_inside(expression);
        self.expression_signs(at, expression);
        self.note_objects(expression);
        if let Form::Other { word: ":=", operands } = &expression.form {
            let [target, value] = &operands[..] else { return };
            self.assign(at, target, value, true);
        }
    }

    /// Where a name comes from: `socket.gethostname` of `net.gethostname`.
    fn path(&self, at: usize, expression: &Expression) -> Option<String> {
        match &expression.form {
            Form::Name(name) => self.path_of_name(at, name),
            Form::Attribute { of, name } => self.path_of_attribute(at, of, name),
            _ => None,
        }
    }

    fn path_of_name(&self, at: usize, name: &str) -> Option<String> {
        let found = self.scopes.find(at, name);
        let is_hidden = found.as_ref().is_some_and(|found| found.hides_module());
        if let Some(path) = self.imports.get(name).filter(|_| !is_hidden) {
            return Some(path.clone());
        }
        if found.is_some() || self.facts.own_functions.contains(name) {
            return None;
        }
        let mut from_stars = self.stars.iter().map(|module| format!("{module}.{name}"));
        let known = from_stars.find(|path| self.page.has_path(path));
        Some(known.unwrap_or_else(|| name.to_owned()))
    }

    fn path_of_attribute(&self, at: usize, of: &Expression, name: &str) -> Option<String> {
        let module = self.facts.path(of)?;
        let path = format!("{module}.{name}");
        if self.page.has_path(&path) {
            return Some(path);
        }
        // `from socket import *` makes `socket` a class, and people still write `socket.error`.
        let outer = module.rsplit_once('.').map(|(outer, _)| format!("{outer}.{name}"));
        if let Some(outer) = outer.filter(|outer| self.page.has_path(outer)) {
            return Some(outer);
        }
        let is_variable = matches!(&of.form, Form::Name(name) if self.scopes.find(at, name).is_some());
        let is_imported = self.facts.imported.contains(page::root(module));
        let is_module = !is_variable && (is_imported || self.page.has_module(module));
        if is_module { Some(path) } else { None }
    }

    fn constant(&self, at: usize, expression: &Expression) -> Option<Constant> {
        let variable = match &expression.form {
            Form::Text(text) if !text.is_format => {
                return Some(Constant { text: text.value.clone(), is_bytes: text.is_bytes });
            }
            Form::Name(name) => self.scopes.find(at, name)?.variable,
            Form::Attribute { name, .. } => self.scopes.attribute(name)?,
            _ => return None,
        };
        variable.constant().cloned()
    }

    fn name(&self, at: usize, name: &str) -> Meaning {
        if let Some(class) = self.definitions.class_around(self.script, at).filter(|_| name == "self") {
            return class.clone();
        }
        let found = self.scopes.find(at, name);
        let Some(found) = found else { return Meaning::default() };
        let branches = Some(self.scopes.branches(at)).filter(|_| found.is_here);
        found.variable.meaning(branches)
    }

    /// What a call returns. Functions of the script get to know what they are called with.
    fn call(&mut self, at: usize, of: &Expression, arguments: &[Argument]) -> Meaning {
        self.change_contents(at, of, arguments);
        self.hand_over(at, arguments);
        if let Form::Name(name) = &of.form {
            if let Some(class) = self.definitions.class(name).cloned() {
                for definition in self.definitions.methods(&class.values, "__init__") {
                    self.pass(definition, arguments);
                }
                return class;
            }
        }
        let definitions = self.functions(at, of);
        if !definitions.is_empty() || self.facts.may_be_own(of) {
            let mut returned = Meaning::default();
            for definition in definitions {
                self.pass(definition, arguments);
                returned.merge(&self.definitions.get(definition).returns);
            }
            return returned;
        }
        let path = self.facts.path(of).unwrap_or_default();
        if path == "super" {
            // Its methods are looked for where they are called. Here it is what the page knows: a thread, a handler.
            let mut bases = self.definitions.class_around(self.script, at).cloned().unwrap_or_default();
            for value in &mut bases.values {
                value.kinds.retain(|kind| !matches!(kind, ValueKind::Own { .. }));
            }
            bases.values.retain(|value| !value.kinds.is_empty());
            return bases;
        }
        let is_class = page::last_part(path).starts_with(char::is_uppercase);
        let is_of_other = matches!(&of.form, Form::Attribute { of, .. } if self.facts.of(of).meaning.is_other());
        if is_class || is_of_other || (path.contains('.') && self.page.has_module(path)) {
            return Meaning::of(ValueKind::Other);
        }
        self.composer().taken_out(of)
    }

    /// The functions that code may mean, by their places: `handle`, `self.handle`.
    fn functions(&self, at: usize, code: &Expression) -> Vec<usize> {
        match &code.form {
            Form::Name(name) => self.definitions.function(name).into_iter().collect(),
            Form::Attribute { of, name } if self.facts.path(of.callee()) == Some("super") => {
                let class = self.definitions.class_around(self.script, at);
                let mut bases = class.map(|class| class.values.clone()).unwrap_or_default();
                for value in &mut bases {
                    value.kinds = value.kinds.iter().skip(1).copied().collect(); // the first is the class itself
                }
                self.definitions.methods(&bases, name)
            }
            Form::Attribute { of, name } if self.facts.may_be_own(code) => {
                let values = &self.facts.of(of).meaning.values;
                if !values.is_empty() {
                    return self.definitions.methods(values, name);
                }
                // It is a guess that the last method of this name is meant. Nearly every class has an `__init__`.
                let may_be_last = name != "__init__";
                self.definitions.method(name).filter(|_| may_be_last).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// `clients.append(conn)`: the list has a socket in it.
    fn change_contents(&mut self, at: usize, of: &Expression, arguments: &[Argument]) {
        let Form::Attribute { of: container, name } = &of.form else { return };
        let value = match (&**name, arguments) {
            ("append" | "add" | "put" | "appendleft", [value]) | ("insert", [_, value]) => &value.value,
            _ => return,
        };
        let items = self.facts.of(value).meaning.inside();
        self.put_in(at, container, &Meaning { items, ..Meaning::default() });
    }

    /// A function that is handed over with its arguments: `Thread(target=handle, args=(conn,))`, `submit(handle, conn)`.
    fn hand_over(&mut self, at: usize, arguments: &[Argument]) {
        for (place, argument) in arguments.iter().enumerate() {
            let rest = &arguments[place + 1..];
            let named = arguments.iter().find(|argument| argument.name.as_deref() == Some("args"));
            let next = rest.first().filter(|argument| argument.name.is_none());
            for definition in self.functions(at, &argument.value) {
                match named.or(next).map(|argument| &argument.value.form) {
                    Some(Form::Collection { items, .. }) => self.fill(definition, &items.iter().collect::<Vec<_>>()),
                    _ => self.pass(definition, rest),
                }
            }
        }
    }

    /// Gives the parameters of a function what it is called with.
    fn pass(&mut self, definition: usize, arguments: &[Argument]) {
        let positional = arguments.iter().take_while(|argument| argument.name.is_none());
        self.fill(definition, &positional.map(|argument| &argument.value).collect::<Vec<_>>());
        let function = self.definitions.get(definition).statement;
        for argument in arguments {
            if let Some(name) = &argument.name {
                self.fill_one(function, name, &argument.value);
            }
        }
    }

    fn fill(&mut self, definition: usize, values: &[&Expression]) {
        let Definition { parameters, statement: function, .. } = self.definitions.get(definition);
        let (parameters, function) = (parameters.clone(), *function);
        for (parameter, value) in parameters.iter().zip(values) {
            self.fill_one(function, parameter, value);
        }
    }

    fn fill_one(&mut self, function: usize, parameter: &str, value: &Expression) {
        if let Some(variable) = self.scopes.parameter(function, parameter) {
            variable.passed.merge(&self.facts.of(value).meaning);
        }
    }

    /// Learns from the page's signs that are like this expression.
    fn expression_signs(&mut self, at: usize, expression: &Expression) {
        for FittingSign { sign, fit } in signs::of_expression(self.page, self.script, &self.facts, at, expression) {
            let kind = ValueKind::Object { object: sign.object, protocol: sign.protocol };
            let meaning = &mut self.facts.expressions[expression.id].meaning;
            match sign.shows {
                Shows::Value => facts::add_kind(&mut meaning.values, kind),
                Shows::Part(place) => {
                    while meaning.parts.len() <= place {
                        meaning.parts.push(Vec::new());
                    }
                    facts::add_kind(&mut meaning.parts[place], kind);
                }
                _ => self.use_shows(at, sign, &fit),
            }
        }
    }

    /// Learns from the page's signs that are like this statement.
    fn statement_signs(&mut self, at: usize) {
        for FittingSign { sign, fit } in signs::of_statement(self.page, self.script, &self.facts, at) {
            self.statement_shows(at, sign, &fit);
        }
    }

    /// Learns what one sign shows that is like this statement.
    fn statement_shows(&mut self, at: usize, sign: &Sign, fit: &Fit) {
        let what = &self.script.statements[at].what;
        let meaning = Meaning::of(ValueKind::Object { object: sign.object, protocol: sign.protocol });
        match sign.shows {
            Shows::Error => {
                if let What::Except { name: Some(name), .. } = what {
                    self.give_meaning(at, name, &meaning);
                }
            }
            Shows::Item(place) => {
                let What::For { target, .. } = what else { return };
                let item = match &target.form {
                    Form::Collection { items, .. } => items.get(place),
                    _ => Some(target),
                };
                if let Some(item) = item {
                    self.give_meaning(at, item, &meaning);
                }
            }
            Shows::Class => {
                if let What::Class { name, .. } = what {
                    self.definitions.add_to_class(name, &meaning);
                }
            }
            Shows::Parameter(place) => {
                let What::Define { parameters, .. } = what else { return };
                let Some(parameter) = parameters.get(place) else { return };
                if let Some(variable) = self.scopes.parameter(at, &parameter.name) {
                    variable.passed.merge(&meaning);
                }
            }
            Shows::Value | Shows::Part(_) | Shows::Use => self.use_shows(at, sign, fit),
        }
    }

    /// What is done with something shows what it is, if nothing else does.
    fn use_shows(&mut self, at: usize, sign: &Sign, fit: &Fit) {
        let kind = ValueKind::Object { object: sign.object, protocol: sign.protocol };
        let names = &self.page.objects[sign.object].names;
        let variable = fit.variable(names);
        if variable.is_some_and(|name| self.scopes.is_foreign(at, name)) {
            return;
        }
        if let Some(bound) = fit.bound(names) {
            let meaning = &mut self.facts.expressions[bound].meaning;
            if meaning.is_unknown() {
                facts::add_kind(&mut meaning.values, kind);
            }
        }
        if let Some(name) = variable.filter(|name| *name != "self") {
            let variable = self.scopes.used(at, name);
            if variable.shown.is_empty() {
                facts::add_kind(&mut variable.shown, kind);
            }
        }
    }

    /// What has sockets in it is `clients`, whatever else it is.
    fn note_sockets_inside(&mut self, expression: &Expression) {
        let meaning = &self.facts.of(expression).meaning;
        let is_tuple = !meaning.parts.is_empty();
        let inside = Meaning::of_values(&[&meaning.items[..], &meaning.keys].concat());
        if is_tuple || !self.page.is_object(&inside, SOCKET) {
            return;
        }
        if let Some(object) = self.page.object(CLIENTS) {
            let values = &mut self.facts.expressions[expression.id].meaning.values;
            facts::add_kind(values, ValueKind::Object { object, protocol: None });
        }
    }

    /// Keeps which objects and protocols the script has.
    fn note_objects(&mut self, expression: &Expression) {
        let Meaning { values, parts, .. } = &self.facts.of(expression).meaning;
        let all = values.iter().chain(parts.iter().flatten());
        let kinds: Vec<ValueKind> = all.flat_map(|value| value.kinds.clone()).collect();
        for kind in kinds {
            let ValueKind::Object { object, protocol } = kind else { continue };
            let names = &self.page.objects[object].names;
            self.facts.objects[object] |= !names.iter().any(|name| NEVER_GUESSED.contains(&&**name));
            // Calls alone tell a protocol: `self.request` of a handler looks like TCP in a server of UDP, too.
            if matches!(expression.form, Form::Call { .. }) {
                self.facts.protocols.extend(protocol);
            }
        }
    }
}
