//! What is known of the expressions of a script: `s` is a UDP socket, `net.gethostname` is `socket.gethostname`.

use crate::syntax::{Expression, Form};
use std::collections::{BTreeMap, BTreeSet};

/// What a socket speaks: TCP, UDP, either kind of Unix's own sockets, whose addresses are paths, or whole packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    Tcp,
    Udp,
    Unix,
    Raw,
}

impl Protocol {
    /// Whether few scripts have it, so that it is seldom guessed.
    pub fn is_rare(self) -> bool {
        self == Protocol::Unix || self == Protocol::Raw
    }
}

/// One thing that a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// An object of the page's table, by its place there; a socket may have a protocol.
    Object { object: usize, protocol: Option<Protocol> },
    /// An object of a class that the script defines, by the place of the statement.
    Own { class: usize },
    /// What a function of a known module returns, and no object of the table.
    Other,
}

/// One thing that a variable may be. All its kinds hold at once: a raw file is a file too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    pub kinds: Vec<ValueKind>,
}

/// What an expression stands for. Several values mean that it is one of them; none, that nothing is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meaning {
    pub values: Vec<Value>,
    /// Of a list or dictionary, what is in it.
    pub items: Vec<Value>,
    /// Of a dictionary, what its keys are.
    pub keys: Vec<Value>,
    /// Of a call that returns a tuple, what stands at each place: `conn, addr = s.accept()`.
    pub parts: Vec<Vec<Value>>,
}

/// What is known of one expression.
#[derive(Debug, Clone, Default)]
pub struct Fact {
    /// Where its name comes from: `socket.gethostname`, or `open` of a name that Python has by itself.
    pub path: Option<String>,
    /// The string that it is, if it is one or a variable that is always the same.
    pub constant: Option<Constant>,
    pub meaning: Meaning,
}

/// A string whose text is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Constant {
    /// What stands between the quotes.
    pub text: String,
    pub is_bytes: bool,
}

/// How sure it is that something is what it is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    Sure,
    Guess,
}

/// What is known of a script.
#[derive(Debug, Default)]
pub struct Facts {
    /// By the number of the expression.
    pub expressions: Vec<Fact>,
    /// Which of the page's objects the script has, by their place in the table.
    pub objects: Vec<bool>,
    /// The protocols of its sockets.
    pub protocols: BTreeSet<Protocol>,
    /// The modules that it imports: `threading`.
    pub imported: BTreeSet<String>,
    /// The functions and classes that the script defines, and the methods.
    pub own_functions: BTreeSet<String>,
    pub own_methods: BTreeSet<String>,
    /// Of a class of the script that is made as its base is, that base: `socketserver.TCPServer`.
    pub bases: BTreeMap<String, String>,
}

/// So many values are kept of one variable. Further ones are dropped.
const MAX_VALUES: usize = 6;

impl Value {
    /// Whether it is this object, with this protocol if one is asked for. `only` is the protocol of all sockets of the
    /// script, if they have one in common.
    fn certainty(&self, object: usize, asked: Option<Protocol>, only: Option<Protocol>) -> Option<Certainty> {
        let mut certainty = None;
        for kind in &self.kinds {
            let ValueKind::Object { object: is, protocol } = kind else { continue };
            if *is != object {
                continue;
            }
            let protocol = protocol.or(only);
            if asked.is_none() || protocol == asked {
                return Some(Certainty::Sure);
            }
            if protocol.is_none() {
                certainty = Some(Certainty::Guess);
            }
        }
        certainty
    }
}

impl Meaning {
    pub fn of(kind: ValueKind) -> Meaning {
        Meaning { values: vec![Value { kinds: vec![kind] }], ..Meaning::default() }
    }

    /// The protocol that it is known to have.
    pub fn protocol(&self) -> Option<Protocol> {
        let mut kinds = self.values.iter().flat_map(|value| &value.kinds);
        kinds.find_map(|kind| match kind {
            ValueKind::Object { protocol, .. } => *protocol,
            ValueKind::Own { .. } | ValueKind::Other => None,
        })
    }

    pub fn is_unknown(&self) -> bool {
        self.values.is_empty()
    }

    /// Whether it is an object of a class of the script.
    pub fn is_own(&self) -> bool {
        let mut kinds = self.values.iter().flat_map(|value| &value.kinds);
        kinds.any(|kind| matches!(kind, ValueKind::Own { .. }))
    }

    /// What a container has in it that gets this: of a tuple its parts.
    pub fn inside(&self) -> Vec<Value> {
        if self.parts.is_empty() { self.values.clone() } else { self.parts.concat() }
    }

    /// Whether it comes from a known module and is no object of the table.
    pub fn is_other(&self) -> bool {
        let is_other = |value: &Value| value.kinds.iter().all(|kind| *kind == ValueKind::Other);
        !self.is_unknown() && self.values.iter().all(is_other)
    }

    pub fn merge(&mut self, other: &Meaning) {
        add(&mut self.values, &other.values);
        add(&mut self.items, &other.items);
        add(&mut self.keys, &other.keys);
        while self.parts.len() < other.parts.len() {
            self.parts.push(Vec::new());
        }
        for (part, more) in self.parts.iter_mut().zip(&other.parts) {
            add(part, more);
        }
    }

    /// That something is one of these values, whose own contents are not known.
    pub fn of_values(values: &[Value]) -> Meaning {
        Meaning { values: values.to_vec(), ..Meaning::default() }
    }
}

/// Adds values that are new.
pub fn add(values: &mut Vec<Value>, more: &[Value]) {
    for value in more {
        if values.len() < MAX_VALUES && !values.contains(value) {
            values.push(value.clone());
        }
    }
}

/// Whether there is one object that all of these values are.
pub fn have_common_object(values: &[Value]) -> bool {
    let is = |value: &Value, wanted: usize| {
        value.kinds.iter().any(|kind| matches!(kind, ValueKind::Object { object, .. } if *object == wanted))
    };
    let first = values.first().map(|value| &value.kinds[..]).unwrap_or_default();
    first.iter().any(|kind| match kind {
        ValueKind::Object { object, .. } => values.iter().all(|value| is(value, *object)),
        ValueKind::Own { .. } | ValueKind::Other => false,
    })
}

/// Adds to what one value is.
pub fn add_kind(values: &mut Vec<Value>, kind: ValueKind) {
    match values.first_mut() {
        Some(value) if !value.kinds.contains(&kind) => value.kinds.push(kind),
        Some(_) => {}
        None => values.push(Value { kinds: vec![kind] }),
    }
}

impl Facts {
    pub fn of(&self, expression: &Expression) -> &Fact {
        &self.expressions[expression.id]
    }

    pub fn path(&self, expression: &Expression) -> Option<&str> {
        self.of(expression).path.as_deref()
    }

    pub fn text(&self, expression: &Expression) -> Option<&str> {
        self.constant(expression).map(|constant| &*constant.text)
    }

    pub fn constant(&self, expression: &Expression) -> Option<&Constant> {
        self.of(expression).constant.as_ref()
    }

    /// The protocol of all sockets of the script, if they have the same.
    pub fn only_protocol(&self) -> Option<Protocol> {
        let only = self.protocols.first().copied();
        only.filter(|_| self.protocols.len() == 1)
    }

    /// Whether a socket of which nothing is known may have this protocol.
    pub fn may_speak(&self, protocol: Protocol) -> bool {
        match self.only_protocol() {
            Some(only) => only == protocol,
            None => !protocol.is_rare() || self.protocols.contains(&protocol),
        }
    }

    /// Whether the script has such an object somewhere, so that something may be one.
    pub fn may_have(&self, object: usize) -> bool {
        self.objects.get(object).is_some_and(|has| *has)
    }

    /// Whether an expression is this object, with this protocol if one is asked for. `None` means no.
    pub fn certainty(&self, expression: &Expression, object: usize, asked: Option<Protocol>) -> Option<Certainty> {
        let values = &self.of(expression).meaning.values;
        let only = self.only_protocol();
        let is_possible = asked.is_none_or(|asked| self.may_speak(asked));
        if values.is_empty() {
            return if is_possible && self.may_have(object) { Some(Certainty::Guess) } else { None };
        }
        let found: Vec<Certainty> = values.iter().filter_map(|value| value.certainty(object, asked, only)).collect();
        if found.is_empty() {
            return None;
        }
        if !is_possible && !found.contains(&Certainty::Sure) {
            return None;
        }
        let all_are_sure = found.len() == values.len() && found.iter().all(|one| *one == Certainty::Sure);
        if all_are_sure { Some(Certainty::Sure) } else { Some(Certainty::Guess) }
    }

    /// Where what is called comes from: also of a class that is made as its base is.
    pub fn path_of_callee(&self, callee: &Expression) -> Option<&str> {
        self.path(callee).or(self.base_path(callee).map(|path| &**path))
    }

    /// What makes the objects of a class of the script, if that is a base from a module.
    pub fn base_path(&self, callee: &Expression) -> Option<&String> {
        match &callee.form {
            Form::Name(name) => self.bases.get(name),
            _ => None,
        }
    }

    /// Whether a call is one of a function or method that the script defines.
    pub fn is_own(&self, callee: &Expression) -> bool {
        match &callee.form {
            Form::Name(name) => self.own_functions.contains(name),
            Form::Attribute { name, of } => {
                let values = &self.of(of).meaning.values;
                let mut kinds = values.iter().flat_map(|value| &value.kinds);
                let is_of_own = kinds.any(|kind| matches!(kind, ValueKind::Own { .. }));
                self.path(callee).is_none() && self.own_methods.contains(name) && is_of_own
            }
            _ => false,
        }
    }

    /// Whether it may be one, as nothing is known of the object.
    pub fn may_be_own(&self, callee: &Expression) -> bool {
        if self.is_own(callee) {
            return true;
        }
        let Form::Attribute { name, of } = &callee.form else { return false };
        self.own_methods.contains(name) && self.path(callee).is_none() && self.of(of).meaning.is_unknown()
    }
}
