//! Finds out what the names of a script mean: where they are imported from, and which objects the variables are.
//!
//! It goes through the script several times, from top to bottom, and each time learns more: `socket.socket()` makes a
//! socket, so the variable is one, so the parameter of the function that gets it is one.

use crate::facts::{self, Constant, Fact, Facts, Meaning, Value, ValueKind};
use crate::fit::{ExpressionFitter, Fit};
use crate::key::{self, Piece};
use crate::matcher::KeyFitter;
use crate::page::{
    self, CLIENTS, Condition, DATA, DICTIONARY, ITEMS, NEVER_GUESSED, NUMBER, Page, SET, SOCKET, Shows, Sign, TEXT,
};
use crate::scopes::Scopes;
use crate::syntax::{self, Argument, Container, Expression, Form, Import, Parameter, Script, What};
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
    /// The functions and methods of the script, in its order.
    definitions: Vec<Definition>,
    /// What the objects of each class of the script are, and so `self` in it.
    classes: BTreeMap<String, Meaning>,
    /// The class around each statement.
    class_of: Vec<Option<String>>,
}

/// A function or method that the script defines.
#[derive(Debug)]
struct Definition {
    name: String,
    /// The class of a method, by the place of its statement.
    class: Option<usize>,
    /// The place of its `def`.
    statement: usize,
    parameters: Vec<String>,
    returns: Meaning,
    /// What it yields is what `with` gives: behind `@contextmanager`.
    is_context_manager: bool,
}

/// A sign of the page that fits.
struct FittingSign<'a> {
    sign: &'a Sign,
    fit: Fit,
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
            definitions: Vec::new(),
            classes: BTreeMap::new(),
            class_of: Vec::new(),
        };
        for name in [TEXT, DATA, ITEMS, DICTIONARY, NUMBER] {
            // Every script may have these, so it may have them in a variable of which nothing is known.
            if let Some(object) = page.object(name) {
                learner.facts.objects[object] = true;
            }
        }
        for at in 0..script.statements.len() {
            learner.note_definitions(at);
        }
        learner
    }

    /// Keeps what a statement imports or defines.
    fn note_definitions(&mut self, at: usize) {
        let script = self.script;
        let statement = &script.statements[at];
        let parent = statement.parent.map(|parent| &script.statements[parent].what);
        let class = match parent {
            Some(What::Class { name, .. }) => Some(name.clone()),
            _ => statement.parent.and_then(|parent| self.class_of[parent].clone()),
        };
        self.class_of.push(class);
        match &statement.what {
            What::Import(imports) => {
                for import in imports {
                    self.note_import(import);
                }
            }
            What::Define { name, parameters } => {
                let is_method = matches!(parent, Some(What::Class { .. }));
                let own = if is_method { &mut self.facts.own_methods } else { &mut self.facts.own_functions };
                own.insert(name.clone());
                self.definitions.push(Definition {
                    name: name.clone(),
                    class: if is_method { statement.parent } else { None },
                    statement: at,
                    parameters: parameters.iter().map(|parameter| parameter.name.clone()).collect(),
                    returns: Meaning::default(),
                    is_context_manager: is_context_manager(script, at),
                });
            }
            What::Class { name, .. } => {
                self.facts.own_functions.insert(name.clone());
                self.classes.insert(name.clone(), Meaning::of(ValueKind::Own { class: at }));
            }
            _ => {}
        }
    }

    fn note_import(&mut self, import: &Import) {
        let module = page::root(&import.path).to_owned();
        if let Some(all_of) = import.path.strip_suffix(".*") {
            self.stars.push(all_of.to_owned());
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
                let item = self.item_of(&self.facts.of(items).meaning);
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
                    self.note_returned(at, value, word == "yield");
                }
            }
            What::Class { name, bases } => {
                for base in bases.iter().filter_map(Expression::dotted) {
                    let inherited = self.classes.get(&base).cloned().unwrap_or_default();
                    self.add_to_class(name, &inherited);
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

    /// What is gone through one by one in a `for`.
    fn item_of(&self, meaning: &Meaning) -> Meaning {
        let values = if meaning.keys.is_empty() { &meaning.items } else { &meaning.keys };
        if values.is_empty() && self.is_object(meaning, CLIENTS) {
            return self.object(SOCKET);
        }
        Meaning { parts: meaning.parts.clone(), ..Meaning::of_values(values) }
    }

    /// Keeps what the function around a statement returns or yields.
    fn note_returned(&mut self, at: usize, value: &Expression, is_yielded: bool) {
        let statements = &self.script.statements;
        let heads = syntax::heads(statements, at);
        let Some(function) = heads.into_iter().find(|head| statements[*head].what.is_function()) else { return };
        let Some(definition) = self.definitions.iter_mut().find(|one| one.statement == function) else { return };
        let meaning = self.facts.of(value).meaning.clone();
        if is_yielded && !definition.is_context_manager {
            let Meaning { values: items, parts, .. } = meaning;
            definition.returns.merge(&Meaning { items, parts, ..Meaning::default() });
        } else {
            definition.returns.merge(&meaning);
        }
    }

    /// A class has one value with all that its objects are.
    fn add_to_class(&mut self, name: &str, more: &Meaning) {
        let Some(class) = self.classes.get_mut(name) else { return };
        for kind in more.values.iter().flat_map(|value| &value.kinds) {
            facts::add_kind(&mut class.values, *kind);
        }
    }

    /// `def handle(conn: socket.socket, name: str):` says what the parameters are.
    fn annotated(&mut self, function: usize, parameter: &Parameter) {
        let Some(annotation) = &parameter.annotation else { return };
        let Some(path) = self.facts.path(annotation) else { return };
        let meaning = match path {
            "str" => self.object(TEXT),
            "bytes" | "bytearray" => self.object(DATA),
            "list" => self.object(ITEMS),
            "dict" => self.object(DICTIONARY),
            "int" => self.object(NUMBER),
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
                sign.shows == Shows::Value && of.dotted().as_deref() == Some(path)
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
                let is_foreign = self.is_foreign(value);
                if let Some(variable) = self.scopes.assigned(at, target) {
                    variable.is_foreign |= is_foreign;
                }
            }
        }
    }

    /// Whether a value comes from a function of a module that the page does not know.
    fn is_foreign(&self, value: &Expression) -> bool {
        let Form::Call { of, .. } = &value.form else { return false };
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
                self.put_in(at, of, &Meaning { items: meaning.values.clone(), keys, ..Meaning::default() });
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
            Form::Text(text) => self.object(if text.is_bytes { DATA } else { TEXT }),
            Form::Number(_) => self.object(NUMBER),
            Form::Collection { container, items } => self.collection(*container, items),
            Form::Call { of, arguments } => self.call(at, of, arguments),
            Form::Index { of, places } => self.index(of, places),
            Form::Operation { operators, operands } => self.operation(operators, operands),
            Form::Other { word, operands } => self.other(word, operands),
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

    /// What an object of this name of the page is.
    fn object(&self, name: &str) -> Meaning {
        match self.page.object(name) {
            Some(object) => Meaning::of(ValueKind::Object { object, protocol: None }),
            None => Meaning::default(),
        }
    }

    fn is_object(&self, meaning: &Meaning, name: &str) -> bool {
        let wanted = self.page.object(name);
        let mut kinds = meaning.values.iter().flat_map(|value| &value.kinds);
        kinds.any(|kind| matches!(kind, ValueKind::Object { object, .. } if Some(*object) == wanted))
    }

    fn name(&self, at: usize, name: &str) -> Meaning {
        if name == "self" && self.class_of[at].is_some() {
            return self.class_around(at);
        }
        let found = self.scopes.find(at, name);
        let Some(found) = found else { return Meaning::default() };
        let branches = Some(self.scopes.branches(at)).filter(|_| found.is_here);
        found.variable.meaning(branches)
    }

    /// What the objects of the class are that a statement stands in.
    fn class_around(&self, at: usize) -> Meaning {
        let class = self.class_of[at].as_ref().and_then(|class| self.classes.get(class));
        class.cloned().unwrap_or_default()
    }

    fn collection(&self, container: Container, items: &[Expression]) -> Meaning {
        let mut meaning = match container {
            Container::Tuple => Meaning::default(),
            Container::List => self.object(ITEMS),
            Container::Set => self.object(SET),
            Container::Dictionary => self.object(DICTIONARY),
        };
        for item in items {
            let item_meaning = &self.facts.of(item).meaning;
            let is_comprehension = matches!(item.form, Form::Other { word: "for", .. });
            let values = if is_comprehension { &item_meaning.items } else { &item_meaning.values };
            facts::add(&mut meaning.items, values);
            if container == Container::Tuple {
                meaning.parts.push(values.clone());
            }
        }
        meaning
    }

    fn index(&self, of: &Expression, places: &[Expression]) -> Meaning {
        let meaning = &self.facts.of(of).meaning;
        let place = match places.first().map(|place| &place.form) {
            Some(Form::Slice(_)) => return meaning.clone(),
            Some(Form::Number(number)) => number.parse::<usize>().ok(),
            _ => None,
        };
        match place.and_then(|place| meaning.parts.get(place)) {
            Some(part) => Meaning::of_values(part),
            // Of a list or dictionary of this and that nothing is known.
            None if !facts::have_common_object(&meaning.items) => Meaning::default(),
            None => Meaning::of_values(&meaning.items),
        }
    }

    fn operation(&self, operators: &[String], operands: &[Expression]) -> Meaning {
        let mut meaning = Meaning::default();
        let gives_operand = |operator: &String| ["+", "%", "*", "or", "and"].contains(&&**operator);
        if !operators.iter().all(gives_operand) {
            return meaning;
        }
        // Behind `%` stand the values of a text's fields.
        let is_format = operators.iter().any(|operator| operator == "%");
        for operand in operands.iter().take(if is_format { 1 } else { operands.len() }) {
            meaning.merge(&self.facts.of(operand).meaning);
        }
        for name in [TEXT, DATA] {
            // `b' ' * n` is bytes.
            if self.is_object(&meaning, name) {
                meaning.values = self.object(name).values;
            }
        }
        meaning
    }

    fn other(&self, word: &str, operands: &[Expression]) -> Meaning {
        let mut meaning = Meaning::default();
        match (word, operands) {
            ("await" | ":=", [.., last]) => meaning.merge(&self.facts.of(last).meaning),
            ("if", [one, _, other]) => {
                meaning.merge(&self.facts.of(one).meaning);
                meaning.merge(&self.facts.of(other).meaning);
            }
            ("for", [item, ..]) => facts::add(&mut meaning.items, &self.facts.of(item).meaning.values),
            _ => {}
        }
        meaning
    }

    /// What a call returns. Functions of the script get to know what they are called with.
    fn call(&mut self, at: usize, of: &Expression, arguments: &[Argument]) -> Meaning {
        self.change_contents(at, of, arguments);
        self.hand_over(at, arguments);
        if let Form::Name(name) = &of.form {
            if let Some(class) = self.classes.get(name).cloned() {
                for definition in self.methods(&class.values, "__init__") {
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
                returned.merge(&self.definitions[definition].returns);
            }
            return returned;
        }
        let path = self.facts.path(of).unwrap_or_default();
        if path == "super" {
            // Its methods are looked for where they are called. Here it is what the page knows: a thread, a handler.
            let mut bases = self.class_around(at);
            for value in &mut bases.values {
                value.kinds.retain(|kind| !matches!(kind, ValueKind::Own { .. }));
            }
            bases.values.retain(|value| !value.kinds.is_empty());
            return bases;
        }
        if path.contains('.') && self.page.has_module(path) {
            return Meaning::of(ValueKind::Other);
        }
        self.contents(of)
    }

    /// The functions that code may mean, by their places: `handle`, `self.handle`.
    fn functions(&self, at: usize, code: &Expression) -> Vec<usize> {
        match &code.form {
            Form::Name(name) => self.last_definition(name, |class| class.is_none()).into_iter().collect(),
            Form::Attribute { of, name } if self.facts.path(of.callee()) == Some("super") => {
                let mut bases = self.class_around(at).values;
                for value in &mut bases {
                    value.kinds = value.kinds.iter().skip(1).copied().collect(); // the first is the class itself
                }
                self.methods(&bases, name)
            }
            Form::Attribute { of, name } if self.facts.may_be_own(code) => {
                let values = &self.facts.of(of).meaning.values;
                if !values.is_empty() {
                    return self.methods(values, name);
                }
                // It is a guess that the last method of this name is meant. Nearly every class has an `__init__`.
                let may_be_last = name != "__init__";
                let last = self.last_definition(name, |class| class.is_some()).filter(|_| may_be_last);
                last.into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// The methods of this name that the classes of these values have, each its own or else that of a base.
    fn methods(&self, values: &[Value], name: &str) -> Vec<usize> {
        let mut found = Vec::new();
        for value in values {
            let method = value.kinds.iter().find_map(|kind| match kind {
                ValueKind::Own { class } => self.last_definition(name, |other| other == Some(*class)),
                _ => None,
            });
            found.extend(method);
        }
        found
    }

    /// The last definition of this name in a class that is asked for.
    fn last_definition(&self, name: &str, is_asked: impl Fn(Option<usize>) -> bool) -> Option<usize> {
        self.definitions.iter().rposition(|one| one.name == name && is_asked(one.class))
    }

    /// `clients.append(conn)`: the list has a socket in it.
    fn change_contents(&mut self, at: usize, of: &Expression, arguments: &[Argument]) {
        let Form::Attribute { of: container, name } = &of.form else { return };
        let value = match (&**name, arguments) {
            ("append" | "add" | "put" | "appendleft", [value]) | ("insert", [_, value]) => &value.value,
            _ => return,
        };
        let items = self.facts.of(value).meaning.values.clone();
        self.put_in(at, container, &Meaning { items, ..Meaning::default() });
    }

    /// What comes out of a list or dictionary.
    fn contents(&self, of: &Expression) -> Meaning {
        let Form::Attribute { of: container, name } = &of.form else { return Meaning::default() };
        let meaning = &self.facts.of(container).meaning;
        match &**name {
            "pop" | "popleft" | "get" | "setdefault" => Meaning::of_values(&meaning.items),
            "values" | "copy" => Meaning { items: meaning.items.clone(), ..Meaning::default() },
            "keys" => Meaning { items: meaning.keys.clone(), ..Meaning::default() },
            "items" => Meaning { parts: vec![meaning.keys.clone(), meaning.items.clone()], ..Meaning::default() },
            _ => Meaning::default(),
        }
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
        let function = self.definitions[definition].statement;
        for argument in arguments {
            if let Some(name) = &argument.name {
                self.fill_one(function, name, &argument.value);
            }
        }
    }

    fn fill(&mut self, definition: usize, values: &[&Expression]) {
        let Definition { parameters, statement, .. } = &self.definitions[definition];
        let is_method = parameters.first().is_some_and(|name| name == "self");
        let parameters: Vec<String> = parameters.iter().skip(usize::from(is_method)).cloned().collect();
        let function = *statement;
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
        let mut found = Vec::new();
        for sign in self.page.signs_like(key::anchor(expression), self.facts.path(expression.callee())) {
            let Some(fit) = self.key_fitter(sign).expression(&sign.pattern, at, expression) else { continue };
            // What is used may be another object with a method of this name: with the same arguments that is unlikely.
            let is_exact = fit.gap == 0 || sign.shows != Shows::Use;
            if fit.guesses.is_empty() && is_exact && self.agrees(sign, &fit) {
                found.push(FittingSign { sign, fit });
            }
        }
        for number in best(&found) {
            let FittingSign { sign, fit } = &found[number];
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
                _ => self.use_shows(at, sign, fit),
            }
        }
    }

    /// Whether the socket in a sign has the protocol of the sign: what a Unix socket accepts is one too.
    fn agrees(&self, sign: &Sign, fit: &Fit) -> bool {
        let Some(protocol) = sign.protocol else { return true };
        let Some(bound) = fit.bound(&self.page.objects[sign.object].names) else { return true };
        let values = &self.facts.expressions[bound].meaning.values;
        let mut known = None;
        for kind in values.iter().flat_map(|value| &value.kinds) {
            if let ValueKind::Object { object, protocol } = kind {
                known = known.or(protocol.filter(|_| *object == sign.object));
            }
        }
        known.map_or(!protocol.is_rare(), |known| known == protocol)
    }

    /// Learns from the page's signs that are like this statement.
    fn statement_signs(&mut self, at: usize) {
        let what = &self.script.statements[at].what;
        let mut found = Vec::new();
        for sign in self.page.signs_like(&key::anchor_of_statement(what), None) {
            match self.key_fitter(sign).statement(&sign.pattern, at) {
                Some(fit) if fit.guesses.is_empty() => found.push(FittingSign { sign, fit }),
                // Whatever error it is.
                _ if sign.shows == Shows::Error => found.push(FittingSign { sign, fit: Fit::default() }),
                _ => {}
            }
        }
        for FittingSign { sign, fit } in &found {
            self.statement_shows(at, sign, fit);
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
                    self.add_to_class(name, &meaning);
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

    fn key_fitter(&self, sign: &Sign) -> KeyFitter<'_> {
        let wanted = if sign.shows == Shows::Use { Some(sign.object) } else { None };
        let Learner { page, script, facts, .. } = self;
        // What a sign calls its arguments is meant: `received = str(received)` shows nothing of `str(n)`.
        KeyFitter {
            fitter: ExpressionFitter { page, facts, protocol: None, condition: Condition::Arguments, wanted },
            script,
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
        if is_tuple || !self.is_object(&inside, SOCKET) {
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
            self.facts.protocols.extend(protocol);
        }
    }
}

/// Whether a decorator above a `def` makes it one whose value `with` gives.
fn is_context_manager(script: &Script, at: usize) -> bool {
    let above = script.statements[..at].iter().rev();
    let mut decorators = above.map_while(|statement| match &statement.what {
        What::Keyword { word, values } if word == "@" => values.first(),
        _ => None,
    });
    decorators.any(|decorator| decorator.callee().last_name().ends_with("contextmanager"))
}

/// The places of the signs that fit best, for each object: `socket.socket(family, socket.SOCK_DGRAM)` fits better than
/// `socket.socket()`.
fn best(found: &[FittingSign]) -> Vec<usize> {
    let mut best = Vec::new();
    for (number, one) in found.iter().enumerate() {
        let is_rival =
            |other: &&FittingSign| other.sign.object == one.sign.object && other.sign.shows == one.sign.shows;
        let is_better = |other: &FittingSign| {
            let (covered, more) = (one.fit.covered.len(), other.fit.covered.len());
            more > covered || (more == covered && other.fit.gap < one.fit.gap)
        };
        if !found.iter().filter(is_rival).any(is_better) {
            best.push(number);
        }
    }
    best
}
