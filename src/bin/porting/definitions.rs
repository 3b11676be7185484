//! The functions and classes that a script defines: which of them a name means, and what they return.

use crate::facts::{self, Meaning, Value, ValueKind};
use crate::syntax::{Script, What};
use std::collections::BTreeMap;

/// A function or method that the script defines.
#[derive(Debug)]
pub struct Definition {
    name: String,
    /// The class of a method, by the place of its statement.
    class: Option<usize>,
    /// The place of its `def`.
    pub statement: usize,
    /// Without the `self` or `cls` of a method.
    pub parameters: Vec<String>,
    pub returns: Meaning,
    /// What it yields is what `with` gives: behind `@contextmanager`.
    is_context_manager: bool,
}

/// All functions, methods and classes of a script.
#[derive(Debug, Default)]
pub struct Definitions {
    /// The functions and methods, in the order of the script.
    all: Vec<Definition>,
    /// What the objects of each class are, and so `self` in it.
    classes: BTreeMap<String, Meaning>,
}

impl Definitions {
    pub fn of(script: &Script) -> Definitions {
        let mut definitions = Definitions::default();
        for (at, statement) in script.statements.iter().enumerate() {
            let parent = statement.parent.map(|parent| &script.statements[parent].what);
            match &statement.what {
                What::Define { name, parameters, .. } => {
                    let names = parameters.iter().map(|parameter| parameter.name.clone());
                    let is_self = |name: &String| name == "self" || name == "cls";
                    definitions.all.push(Definition {
                        name: name.clone(),
                        class: statement.parent.filter(|_| matches!(parent, Some(What::Class { .. }))),
                        statement: at,
                        parameters: names.skip_while(is_self).collect(),
                        returns: Meaning::default(),
                        is_context_manager: is_context_manager(script, at),
                    });
                }
                What::Class { name, .. } => {
                    definitions.classes.insert(name.clone(), Meaning::of(ValueKind::Own { class: at }));
                }
                _ => {}
            }
        }
        definitions
    }

    /// What the objects of a class are.
    pub fn class(&self, name: &str) -> Option<&Meaning> {
        self.classes.get(name)
    }

    /// What the objects of the class are that a statement stands in, if it stands in one.
    pub fn class_around(&self, script: &Script, at: usize) -> Option<&Meaning> {
        match &script.statements[script.statements[at].class?].what {
            What::Class { name, .. } => self.classes.get(name),
            _ => None,
        }
    }

    /// A class has one value with all that its objects are.
    pub fn add_to_class(&mut self, name: &str, more: &Meaning) {
        let Some(class) = self.classes.get_mut(name) else { return };
        for kind in more.values.iter().flat_map(|value| &value.kinds) {
            facts::add_kind(&mut class.values, *kind);
        }
    }

    pub fn get(&self, definition: usize) -> &Definition {
        &self.all[definition]
    }

    /// Keeps what the function around a statement returns or yields.
    pub fn add_returned(&mut self, script: &Script, at: usize, meaning: Meaning, is_yielded: bool) {
        let Some(function) = script.statements[at].function else { return };
        let Some(definition) = self.all.iter_mut().find(|one| one.statement == function) else { return };
        if is_yielded && !definition.is_context_manager {
            let Meaning { values: items, parts, .. } = meaning;
            definition.returns.merge(&Meaning { items, parts, ..Meaning::default() });
        } else {
            definition.returns.merge(&meaning);
        }
    }

    /// The methods of this name that the classes of these values have, each its own or else that of a base.
    pub fn methods(&self, values: &[Value], name: &str) -> Vec<usize> {
        let mut found = Vec::new();
        for value in values {
            let method = value.kinds.iter().find_map(|kind| match kind {
                ValueKind::Own { class } => self.last(name, |other| other == Some(*class)),
                _ => None,
            });
            found.extend(method);
        }
        found
    }

    /// Whether a class has an `__init__` of its own.
    pub fn has_init(&self, class: usize) -> bool {
        self.last("__init__", |other| other == Some(class)).is_some()
    }

    /// The last function of this name.
    pub fn function(&self, name: &str) -> Option<usize> {
        self.last(name, |class| class.is_none())
    }

    /// The last method of this name, of whatever class.
    pub fn method(&self, name: &str) -> Option<usize> {
        self.last(name, |class| class.is_some())
    }

    fn last(&self, name: &str, is_asked: impl Fn(Option<usize>) -> bool) -> Option<usize> {
        self.all.iter().rposition(|one| one.name == name && is_asked(one.class))
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
