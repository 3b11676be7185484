//! The variables of a script: which one a name means at a place, and what is known of it.

use crate::facts::{Constant, Meaning, Value};
use crate::syntax::{self, Expression, Form, Script, What};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a variable.
#[derive(Debug, Default)]
pub struct Variable {
    /// From all its assignments.
    pub all: Meaning,
    /// Of a parameter, what callers hand over.
    pub passed: Meaning,
    /// From the assignments above the statement that is looked at: those that may still hold, the newest at the end.
    now: Vec<Assigned>,
    /// From what is done with it.
    pub shown: Vec<Value>,
    /// The strings that are assigned to it.
    pub constants: BTreeSet<Constant>,
    /// Something else than a string is assigned to it.
    pub has_others: bool,
    /// A function of a module that the page does not know made it: how it is used shows nothing for sure.
    pub is_foreign: bool,
    is_parameter: bool,
}

/// More assignments than these are not kept: then the newest alone counts.
const MAX_ASSIGNED: usize = 20;

/// What one assignment gives a variable.
#[derive(Debug)]
struct Assigned {
    /// The head of the block that it stands in, if that block may not run: of an `if`, a loop, an `except`.
    branch: Option<usize>,
    meaning: Meaning,
}

/// The variables of one function, or those outside of functions.
#[derive(Debug, Default)]
struct Scope {
    /// The one around it.
    parent: Option<usize>,
    variables: BTreeMap<String, Variable>,
    /// The names that `global` takes from outside of functions.
    globals: BTreeSet<String>,
    /// Those that `nonlocal` takes from a function around it.
    nonlocals: BTreeSet<String>,
}

/// All variables of a script.
#[derive(Debug)]
pub struct Scopes {
    scopes: Vec<Scope>,
    /// Of each statement, the scope that it is in.
    of_statement: Vec<usize>,
    /// Of each function, by the place of its `def`, the scope inside of it.
    of_function: BTreeMap<usize, usize>,
    /// Attributes by their own name, of whatever object: `sock` of `self.sock`.
    attributes: BTreeMap<String, Variable>,
    /// Whether each statement stands in the body of a class, outside of functions. What is assigned there is an attribute.
    is_in_class: Vec<bool>,
    /// The attributes that are assigned there.
    class_names: BTreeSet<String>,
    /// Of each statement, the heads of the blocks around it that may not run, the nearest first.
    branches: Vec<Vec<usize>>,
}

/// A variable that a name means at a place.
pub struct Found<'a> {
    pub variable: &'a Variable,
    /// It belongs to the same function, so that the assignments above count.
    pub is_here: bool,
}

impl Variable {
    /// What the variable is, as far as is known: in a statement of the same function, inside of these branches, or
    /// anywhere else.
    pub fn meaning(&self, branches: Option<&[usize]>) -> Meaning {
        let mut meaning = self.all.clone(); // its `items` and `keys` stay: what is in a list, whoever put it there
        meaning.merge(&self.passed);
        if let Some(now) = branches.and_then(|branches| self.meaning_now(branches)) {
            meaning.values = now.values;
            meaning.parts = now.parts;
        }
        if meaning.is_unknown() {
            meaning.values.clone_from(&self.shown);
        }
        meaning
    }

    /// What the assignments above give: the last, and as far as its branch may not have run, those before it.
    fn meaning_now(&self, branches: &[usize]) -> Option<Meaning> {
        // Above its first assignment a parameter is what callers hand over: in `data = data.encode()` it is no bytes yet.
        if self.now.is_empty() {
            return if self.is_parameter { Some(self.passed.clone()) } else { None };
        }
        let mut meaning = Meaning::default();
        for assigned in self.now.iter().rev() {
            meaning.merge(&assigned.meaning);
            if assigned.branch.is_none_or(|branch| branches.contains(&branch)) {
                break;
            }
        }
        Some(meaning)
    }

    /// Notes an assignment, which stands in these branches, the nearest first.
    pub fn assign(&mut self, branches: &[usize], meaning: &Meaning, replaces: bool) {
        self.all.merge(meaning);
        let branch = branches.first().copied();
        match self.now.last_mut() {
            Some(last) if !replaces => last.meaning.merge(meaning),
            Some(last) if last.branch == branch => last.meaning.clone_from(meaning),
            _ => self.now.push(Assigned { branch, meaning: meaning.clone() }),
        }
        if branch.is_none() || self.now.len() > MAX_ASSIGNED {
            self.now.drain(..self.now.len() - 1);
        }
    }

    /// The string that it always is.
    pub fn constant(&self) -> Option<&Constant> {
        let is_constant = self.constants.len() == 1 && !self.has_others;
        if is_constant { self.constants.first() } else { None }
    }
}

impl Found<'_> {
    /// Whether the variable hides a module of the same name here: `def handle(socket):`, `socket = socket.socket()`.
    pub fn hides_module(&self) -> bool {
        self.is_here && (self.variable.is_parameter || !self.variable.now.is_empty())
    }
}

impl Scopes {
    /// Finds the functions of a script.
    pub fn of(script: &Script) -> Scopes {
        let mut scopes = Scopes {
            scopes: vec![Scope::default()],
            of_statement: Vec::new(),
            of_function: BTreeMap::new(),
            attributes: BTreeMap::new(),
            is_in_class: Vec::new(),
            class_names: BTreeSet::new(),
            branches: Vec::new(),
        };
        let mut inside: Vec<usize> = Vec::new(); // of each statement, the scope of its block
        for (at, statement) in script.statements.iter().enumerate() {
            let here = statement.parent.map_or(0, |parent| inside[parent]);
            let is_in_class = statement.parent.is_some_and(|parent| match script.statements[parent].what {
                What::Class { .. } => true,
                What::Define { .. } => false,
                _ => scopes.is_in_class[parent],
            });
            scopes.is_in_class.push(is_in_class);
            scopes.branches.push(branches(script, at));
            scopes.of_statement.push(here);
            inside.push(here);
            match &statement.what {
                What::Define { parameters, .. } => {
                    let mut scope = Scope { parent: Some(here), ..Scope::default() };
                    for parameter in parameters {
                        let variable = Variable { has_others: true, is_parameter: true, ..Variable::default() };
                        scope.variables.insert(parameter.name.clone(), variable);
                    }
                    let number = scopes.scopes.len();
                    scopes.scopes.push(scope);
                    scopes.of_function.insert(at, number);
                    inside.pop();
                    inside.push(number);
                }
                What::Keyword { word, values } if word == "global" || word == "nonlocal" => {
                    let scope = &mut scopes.scopes[here];
                    let outer = if word == "global" { &mut scope.globals } else { &mut scope.nonlocals };
                    outer.extend(values.iter().flat_map(Expression::all).filter_map(Expression::dotted));
                }
                _ => {}
            }
        }
        scopes
    }

    /// The heads of the blocks around a statement that may not run, the nearest first.
    pub fn branches(&self, at: usize) -> &[usize] {
        &self.branches[at]
    }

    /// Forgets what the assignments above showed, before the script is gone through once more.
    pub fn begin(&mut self) {
        for scope in &mut self.scopes {
            for variable in scope.variables.values_mut() {
                variable.now.clear();
            }
        }
    }

    /// The variable that a name means in a statement, if it is one.
    pub fn find(&self, at: usize, name: &str) -> Option<Found<'_>> {
        if self.is_class_name(at, name) {
            return Some(Found { variable: self.attributes.get(name)?, is_here: false });
        }
        let here = self.of_statement[at];
        let number = self.scope_with(here, name)?;
        let variable = self.scopes[number].variables.get(name)?;
        Some(Found { variable, is_here: number == here })
    }

    /// Whether a name means an attribute of the class whose body the statement stands in.
    fn is_class_name(&self, at: usize, name: &str) -> bool {
        self.is_in_class[at] && self.class_names.contains(name)
    }

    /// Whether a variable or an attribute comes from a module that the page does not know.
    pub fn is_foreign(&self, at: usize, name: &str) -> bool {
        let variable = match name.rsplit_once('.') {
            Some((_, attribute)) => self.attributes.get(attribute),
            None => self.find(at, name).map(|found| found.variable),
        };
        variable.is_some_and(|variable| variable.is_foreign)
    }

    /// An attribute, of whatever object.
    pub fn attribute(&self, name: &str) -> Option<&Variable> {
        self.attributes.get(name)
    }

    /// The scope around a place that has a variable of this name.
    fn scope_with(&self, here: usize, name: &str) -> Option<usize> {
        let mut scope = Some(here);
        while let Some(number) = scope {
            if self.scopes[number].variables.contains_key(name) {
                return Some(number);
            }
            scope = self.scopes[number].parent;
        }
        None
    }

    /// The variable or attribute that an assignment writes to, made if it is new.
    pub fn assigned(&mut self, at: usize, target: &Expression) -> Option<&mut Variable> {
        match &target.form {
            Form::Name(name) if self.is_in_class[at] => {
                self.class_names.insert(name.clone());
                Some(self.attributes.entry(name.clone()).or_default())
            }
            Form::Name(name) => {
                let number = self.scope_of_assigned(at, name);
                Some(self.scopes[number].variables.entry(name.clone()).or_default())
            }
            Form::Attribute { name, .. } => Some(self.attributes.entry(name.clone()).or_default()),
            _ => None,
        }
    }

    fn scope_of_assigned(&self, at: usize, name: &str) -> usize {
        let here = self.of_statement[at];
        let scope = &self.scopes[here];
        if scope.globals.contains(name) {
            return 0;
        }
        let outer = scope.parent.filter(|_| scope.nonlocals.contains(name));
        outer.and_then(|outer| self.scope_with(outer, name)).unwrap_or(here)
    }

    /// The variable or attribute that is used: `clients` of `clients.append(conn)`, made if there is none.
    pub fn used(&mut self, at: usize, name: &str) -> &mut Variable {
        if let Some((_, attribute)) = name.rsplit_once('.') {
            return self.attributes.entry(attribute.to_owned()).or_default();
        }
        if self.is_class_name(at, name) {
            return self.attributes.entry(name.to_owned()).or_default();
        }
        // What a function uses and does not assign is a variable outside of functions.
        let number = self.scope_with(self.of_statement[at], name).unwrap_or(0);
        self.scopes[number].variables.entry(name.to_owned()).or_default()
    }

    /// A parameter of a function of the script, which is known by the place of its `def`.
    pub fn parameter(&mut self, function: usize, name: &str) -> Option<&mut Variable> {
        let number = *self.of_function.get(&function)?;
        self.scopes[number].variables.get_mut(name)
    }
}

/// The heads of the blocks around a statement that may not run, in its function: the nearest first.
fn branches(script: &Script, at: usize) -> Vec<usize> {
    let mut found = Vec::new();
    for head in syntax::heads(&script.statements, at) {
        match &script.statements[head].what {
            What::Define { .. } | What::Class { .. } => break,
            What::With(_) => {}
            What::Keyword { word, .. } if word == "try" || word == "finally" => {}
            _ => found.push(head),
        }
    }
    found
}
