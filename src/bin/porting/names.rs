//! Finds out what the names of a script mean: where they are imported from, and which objects the variables are.
//!
//! It goes through the script several times, from top to bottom, and each time learns more: `socket.socket()` makes a
//! socket, so the variable is one, so the parameter of the function that gets it is one.

use crate::facts::{self, Constant, Facet, Fact, Facts, Meaning, Protocol};
use crate::fit::{Fit, Fitter};
use crate::key::{self, Piece};
use crate::matcher::Matcher;
use crate::page::{self, Condition, Page, Shows, Sign};
use crate::scopes::Scopes;
use crate::syntax::{Argument, Container, Expression, Form, Import, Parameter, Script, What};
use std::collections::BTreeMap;

/// How often the script is gone through: enough for a socket that two functions hand on.
const ROUNDS: usize = 4;

/// The page's names for what Python writes down as it is: `'text'`, `b'data'`, `[]`, `{a}`, `{}`, `1`.
const TEXT: &str = "text";
const DATA: &str = "data";
const ITEMS: &str = "items";
const SET: &str = "unique";
const DICTIONARY: &str = "d";
const NUMBER: &str = "n";

/// The page's name for what has sockets in it.
const CLIENTS: &str = "clients";

/// Nothing is taken for one of these without a sign: they say where something comes from, or what is in it.
const NEVER_GUESSED: [&str; 4] = ["received", "clients", "json_text", "addr"];

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
    functions: BTreeMap<String, Function>,
    /// What the objects of each class of the script are, and so `self` in it.
    classes: BTreeMap<String, Meaning>,
    /// The class around each statement.
    class_of: Vec<Option<String>>,
}

/// A function that the script defines.
#[derive(Debug)]
struct Function {
    parameters: Vec<String>,
    returns: Meaning,
}

/// A sign of the page that fits.
struct Found<'a> {
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
            functions: BTreeMap::new(),
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
            What::Import(imports) => imports.iter().for_each(|import| self.note_import(import)),
            What::Define { name, parameters } => {
                let is_method = matches!(parent, Some(What::Class { .. }));
                let own = if is_method { &mut self.facts.own_methods } else { &mut self.facts.own_functions };
                own.insert(name.clone());
                let parameters = parameters.iter().map(|parameter| parameter.name.clone()).collect();
                self.functions.insert(name.clone(), Function { parameters, returns: Meaning::default() });
            }
            What::Class { name, .. } => {
                self.facts.own_functions.insert(name.clone());
                self.classes.insert(name.clone(), Meaning::of(Facet::Own));
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
        for expression in statement.expressions().into_iter().flat_map(Expression::all) {
            self.expression(at, expression);
        }
        match &statement.what {
            What::Assign { targets, operator, value, .. } => {
                targets.iter().for_each(|target| self.assign(at, target, value, operator == "="));
            }
            What::For { target, items } => {
                let one = self.one_of(&self.facts.of(items).meaning);
                self.give(at, target, &one, None, true);
            }
            What::With(items) => {
                for item in items {
                    item.target.iter().for_each(|target| self.assign(at, target, &item.value, true));
                }
            }
            What::Keyword { word, values } if word == "return" || word == "yield" => self.returns(at, values),
            What::Class { name, bases } => {
                for base in bases.iter().filter_map(Expression::dotted) {
                    let inherited = self.classes.get(&base).cloned().unwrap_or_default();
                    self.add_to_class(name, &inherited);
                }
            }
            What::Define { name, parameters } => {
                parameters.iter().for_each(|parameter| self.annotated(name, parameter));
            }
            _ => {}
        }
        self.statement_signs(at);
    }

    /// What is gone through one by one in a `for`.
    fn one_of(&self, meaning: &Meaning) -> Meaning {
        let values = if meaning.keys.is_empty() { &meaning.items } else { &meaning.keys };
        let mut one = Meaning { parts: meaning.parts.clone(), ..Meaning::one_of(values) };
        if one.is_unknown() && self.is_object(meaning, CLIENTS) {
            one = self.object(page::SOCKET);
        }
        one
    }

    fn returns(&mut self, at: usize, values: &[Expression]) {
        let Some(value) = values.first() else { return };
        let mut parent = self.script.statements[at].parent;
        while let Some(head) = parent {
            if let What::Define { name, .. } = &self.script.statements[head].what {
                let meaning = self.facts.of(value).meaning.clone();
                if let Some(function) = self.functions.get_mut(name) {
                    function.returns.merge(&meaning);
                }
                return;
            }
            parent = self.script.statements[head].parent;
        }
    }

    /// A class has one value with all that its objects are.
    fn add_to_class(&mut self, name: &str, more: &Meaning) {
        let Some(class) = self.classes.get_mut(name) else { return };
        for facet in more.values.iter().flat_map(|value| &value.facets) {
            facts::add_facet(&mut class.values, *facet);
        }
    }

    /// `def handle(conn: socket.socket, name: str):` says what the parameters are.
    fn annotated(&mut self, function: &str, parameter: &Parameter) {
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
            variable.all.merge(&meaning);
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
            Some(sign) => Meaning::of(Facet::Object { object: sign.object, protocol: None }),
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

    /// Gives a target what a value is.
    fn give(&mut self, at: usize, target: &Expression, meaning: &Meaning, constant: Option<Constant>, replaces: bool) {
        match &target.form {
            Form::Collection { items, .. } => {
                for (place, item) in items.iter().enumerate() {
                    let part = meaning.parts.get(place).unwrap_or(&meaning.items);
                    self.give(at, item, &Meaning::one_of(part), None, true);
                }
            }
            Form::Other { word: "*", operands } => {
                operands.iter().for_each(|operand| self.give(at, operand, &Meaning::default(), None, true));
            }
            Form::Index { of, at: places } => {
                // `clients[conn] = name`
                let keys = places.first().map(|key| self.facts.of(key).meaning.values.clone()).unwrap_or_default();
                self.put_in(at, of, &Meaning { items: meaning.values.clone(), keys, ..Meaning::default() });
            }
            _ => {
                let Some(variable) = self.scopes.assigned(at, target) else { return };
                variable.all.merge(meaning);
                match &mut variable.now {
                    Some(now) if !replaces => now.merge(meaning),
                    now => *now = Some(meaning.clone()),
                }
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
                attribute.map(|variable| variable.meaning(false)).unwrap_or_default()
            }
            Form::Text(text) => self.object(if text.is_bytes { DATA } else { TEXT }),
            Form::Number(_) => self.object(NUMBER),
            Form::Collection { container, items } => self.collection(*container, items),
            Form::Call { of, arguments } => self.call(at, of, arguments),
            Form::Index { of, at: places } => self.index(of, places),
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
        match self.imports.get(name) {
            Some(path) if !is_hidden => return Some(path.clone()),
            _ if found.is_some() || self.facts.own_functions.contains(name) => return None,
            _ => {}
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
            Some(object) => Meaning::of(Facet::Object { object, protocol: None }),
            None => Meaning::default(),
        }
    }

    fn is_object(&self, meaning: &Meaning, name: &str) -> bool {
        let wanted = self.page.object(name);
        let mut facets = meaning.values.iter().flat_map(|value| &value.facets);
        facets.any(|facet| matches!(facet, Facet::Object { object, .. } if Some(*object) == wanted))
    }

    fn name(&self, at: usize, name: &str) -> Meaning {
        if let ("self", Some(class)) = (name, &self.class_of[at]) {
            return self.classes.get(class).cloned().unwrap_or_default();
        }
        let found = self.scopes.find(at, name);
        found.map(|found| found.variable.meaning(found.is_here)).unwrap_or_default()
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
            Some(part) => Meaning::one_of(part),
            // Of a list or dictionary of this and that nothing is known.
            None if !facts::have_common_object(&meaning.items) => Meaning::default(),
            None => Meaning::one_of(&meaning.items),
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
        for kind in [TEXT, DATA] {
            // `b' ' * n` is bytes.
            if self.is_object(&meaning, kind) {
                meaning.values = self.object(kind).values;
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
        let name = page::last_name(of);
        self.change_contents(at, of, arguments);
        self.hand_over(arguments);
        if let (Form::Name(_), Some(class)) = (&of.form, self.classes.get(name)) {
            let class = class.clone();
            self.pass("__init__", arguments);
            return class;
        }
        if self.facts.may_be_own(of) {
            self.pass(name, arguments);
            return self.functions.get(name).map(|function| function.returns.clone()).unwrap_or_default();
        }
        let path = self.facts.path(of).unwrap_or_default();
        if path.contains('.') && self.page.has_module(path) {
            return Meaning::of(Facet::Other);
        }
        self.contents(of)
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
            "pop" | "popleft" | "get" | "setdefault" => Meaning::one_of(&meaning.items),
            "values" | "copy" => Meaning { items: meaning.items.clone(), ..Meaning::default() },
            "keys" => Meaning { items: meaning.keys.clone(), ..Meaning::default() },
            "items" => Meaning { parts: vec![meaning.keys.clone(), meaning.items.clone()], ..Meaning::default() },
            _ => Meaning::default(),
        }
    }

    /// A function that is handed over with its arguments: `Thread(target=handle, args=(conn,))`, `submit(handle, conn)`.
    fn hand_over(&mut self, arguments: &[Argument]) {
        for (at, argument) in arguments.iter().enumerate() {
            let name = page::last_name(&argument.value);
            if !self.functions.contains_key(name) {
                continue;
            }
            let rest = &arguments[at + 1..];
            let named = arguments.iter().find(|argument| argument.name.as_deref() == Some("args"));
            let next = rest.first().filter(|argument| argument.name.is_none());
            match named.or(next).map(|argument| &argument.value.form) {
                Some(Form::Collection { items, .. }) => self.fill(name, &items.iter().collect::<Vec<_>>()),
                _ => self.pass(name, rest),
            }
        }
    }

    /// Gives the parameters of a function what it is called with.
    fn pass(&mut self, function: &str, arguments: &[Argument]) {
        let positional = arguments.iter().take_while(|argument| argument.name.is_none());
        self.fill(function, &positional.map(|argument| &argument.value).collect::<Vec<_>>());
        for argument in arguments {
            if let Some(name) = &argument.name {
                self.fill_one(function, name, &argument.value);
            }
        }
    }

    fn fill(&mut self, function: &str, values: &[&Expression]) {
        let Some(known) = self.functions.get(function) else { return };
        let is_method = known.parameters.first().is_some_and(|name| name == "self");
        let parameters: Vec<String> = known.parameters.iter().skip(usize::from(is_method)).cloned().collect();
        for (parameter, value) in parameters.iter().zip(values) {
            self.fill_one(function, parameter, value);
        }
    }

    fn fill_one(&mut self, function: &str, parameter: &str, value: &Expression) {
        if let Some(variable) = self.scopes.parameter(function, parameter) {
            variable.all.merge(&self.facts.of(value).meaning);
        }
    }

    /// Learns from the page's signs that are like this expression.
    fn expression_signs(&mut self, at: usize, expression: &Expression) {
        let mut found = Vec::new();
        for sign in self.page.signs_like(key::anchor(expression), self.facts.path(expression.callee())) {
            let Some(fit) = self.matcher(sign).expression(&sign.pattern, at, expression) else { continue };
            let is_exact = fit.gap == 0 || sign.shows != Shows::Use;
            if fit.guesses.is_empty() && is_exact {
                found.push(Found { sign, fit });
            }
        }
        for number in best(&found) {
            let Found { sign, fit } = &found[number];
            let facet = Facet::Object { object: sign.object, protocol: sign.protocol };
            let meaning = &mut self.facts.expressions[expression.id].meaning;
            match sign.shows {
                Shows::Value => facts::add_facet(&mut meaning.values, facet),
                Shows::Part(place) => {
                    while meaning.parts.len() <= place {
                        meaning.parts.push(Vec::new());
                    }
                    facts::add_facet(&mut meaning.parts[place], facet);
                }
                _ => self.use_shows(at, sign, fit),
            }
        }
    }

    /// Learns from the page's signs that are like this statement.
    fn statement_signs(&mut self, at: usize) {
        let what = &self.script.statements[at].what;
        let mut found = Vec::new();
        for sign in self.page.signs_like(&key::anchor_of_statement(what), None) {
            match self.matcher(sign).statement(&sign.pattern, at) {
                Some(fit) if fit.guesses.is_empty() => found.push(Found { sign, fit }),
                // Whatever error it is.
                _ if sign.shows == Shows::Error => found.push(Found { sign, fit: Fit::default() }),
                _ => {}
            }
        }
        for Found { sign, fit } in &found {
            let meaning = Meaning::of(Facet::Object { object: sign.object, protocol: sign.protocol });
            match (sign.shows, what) {
                (Shows::Error, What::Except { name: Some(name), .. }) => self.give(at, name, &meaning, None, true),
                (Shows::Item(place), What::For { target, .. }) => {
                    let target = match &target.form {
                        Form::Collection { items, .. } => items.get(place),
                        _ => Some(target),
                    };
                    target.into_iter().for_each(|target| self.give(at, target, &meaning, None, true));
                }
                (Shows::Class, What::Class { name, .. }) => self.add_to_class(name, &meaning),
                (Shows::Parameter(place), What::Define { name, parameters }) => {
                    let parameter = parameters.get(place).map(|parameter| &*parameter.name).unwrap_or_default();
                    if let Some(variable) = self.scopes.parameter(name, parameter) {
                        variable.all.merge(&meaning);
                    }
                }
                _ => self.use_shows(at, sign, fit),
            }
        }
    }

    fn matcher(&self, sign: &Sign) -> Matcher<'_> {
        let wanted = if sign.shows == Shows::Use { Some(sign.object) } else { None };
        let Learner { page, script, facts, .. } = self;
        Matcher { fitter: Fitter { page, facts, condition: Condition::Arguments, wanted }, script }
    }

    /// What is done with something shows what it is, if nothing else does.
    fn use_shows(&mut self, at: usize, sign: &Sign, fit: &Fit) {
        let facet = Facet::Object { object: sign.object, protocol: sign.protocol };
        let names = &self.page.objects[sign.object].names;
        let is_foreign = fit.variable(names).is_some_and(|name| self.scopes.used(at, name).is_foreign);
        if let (Some(bound), false) = (fit.bound(names), is_foreign) {
            let meaning = &mut self.facts.expressions[bound].meaning;
            if meaning.is_unknown() {
                facts::add_facet(&mut meaning.values, facet);
            }
        }
        match fit.variable(names) {
            Some("self") | None => {}
            Some(name) => {
                let variable = self.scopes.used(at, name);
                if variable.shown.is_empty() && !variable.is_foreign {
                    facts::add_facet(&mut variable.shown, facet);
                }
            }
        }
    }

    /// What has sockets in it is `clients`, whatever else it is.
    fn note_sockets_inside(&mut self, expression: &Expression) {
        let meaning = &self.facts.of(expression).meaning;
        let inside = Meaning { values: [&meaning.items[..], &meaning.keys].concat(), ..Meaning::default() };
        let is_tuple = !meaning.parts.is_empty();
        let clients = self.page.object(CLIENTS);
        if let (false, true, Some(object)) = (is_tuple, self.is_object(&inside, page::SOCKET), clients) {
            let values = &mut self.facts.expressions[expression.id].meaning.values;
            facts::add_facet(values, Facet::Object { object, protocol: None });
        }
    }

    /// Keeps which objects and protocols the script has.
    fn note_objects(&mut self, expression: &Expression) {
        let Meaning { values, parts, .. } = &self.facts.of(expression).meaning;
        let all = values.iter().chain(parts.iter().flatten());
        let facets: Vec<Facet> = all.flat_map(|value| value.facets.clone()).collect();
        for facet in facets {
            let Facet::Object { object, protocol } = facet else { continue };
            let names = &self.page.objects[object].names;
            self.facts.objects[object] |= !names.iter().any(|name| NEVER_GUESSED.contains(&&**name));
            self.facts.has_tcp |= protocol == Some(Protocol::Tcp);
            self.facts.has_udp |= protocol == Some(Protocol::Udp);
        }
    }
}

/// Of the signs of each object the places of those that fit best: `socket.socket(family, socket.SOCK_DGRAM)` before
/// `socket.socket()`.
fn best(found: &[Found]) -> Vec<usize> {
    let mut best = Vec::new();
    for (number, one) in found.iter().enumerate() {
        let is_rival = |other: &&Found| other.sign.object == one.sign.object && other.sign.shows == one.sign.shows;
        let is_better = |other: &Found| {
            let (covered, more) = (one.fit.covered.len(), other.fit.covered.len());
            more > covered || (more == covered && other.fit.gap < one.fit.gap)
        };
        if !found.iter().filter(is_rival).any(is_better) {
            best.push(number);
        }
    }
    best
}
