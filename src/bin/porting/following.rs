//! What a script does with a variable after a statement: whether a socket listens or connects, whether a number that is
//! packed is the value of an option, whether a JSON text is the whole message.
//!
//! It looks at the names alone, in the statements of the same function, up to a new assignment of the name. A variable
//! outside of functions is followed into the functions, and an attribute into the other methods of the class.

use crate::syntax::{self, Expression, Form, Script, Statement, What};

/// What a socket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketUse {
    /// It accepts, or has an address that others send to.
    Listens,
    /// It connects, or sends first.
    Connects,
}

/// The methods of a server's socket and of a client's.
const LISTENS: [&str; 2] = ["listen", "accept"];
const CONNECTS: [&str; 2] = ["connect", "connect_ex"];

/// The methods that send what is in their brackets.
const SENDS: [&str; 5] = ["send", "sendall", "sendto", "sendfile", "write"];

/// What the socket is for that an expression of a statement makes. `None` means that it is not known, or both.
pub fn use_of_socket(script: &Script, at: usize, made: &Expression) -> Option<SocketUse> {
    let name = name_of(&script.statements[at], made)?;
    let is_datagram = made.all().into_iter().any(|part| part.last_name() == "SOCK_DGRAM");
    let mut listens = false;
    let mut connects = false;
    for statement in statements_after(script, at, &name) {
        for method in methods_called(statement, &name) {
            if is_datagram {
                listens |= method == "bind";
                connects |= CONNECTS.contains(&method) || method == "sendto";
            } else {
                listens |= LISTENS.contains(&method);
                connects |= CONNECTS.contains(&method);
            }
        }
    }
    match (listens, connects) {
        (true, _) if is_datagram => Some(SocketUse::Listens), // it answers whoever sends
        (true, false) => Some(SocketUse::Listens),
        (false, true) => Some(SocketUse::Connects),
        _ => None,
    }
}

/// Whether what one number is packed into is given to `setsockopt` alone: in the same statement, or later by its name.
pub fn is_option_value(script: &Script, at: usize, value: &Expression) -> bool {
    let Form::Call { arguments, .. } = &value.form else { return false };
    let [_format, _number] = &arguments[..] else { return false };
    let statement = &script.statements[at];
    if option_arguments(statement).into_iter().any(|argument| argument.id == value.id) {
        return true;
    }
    let Some(name) = name_of(statement, value) else { return false };
    let is_it = |part: &Expression| part.dotted().as_ref() == Some(&name);
    let mut uses = 0;
    let mut uses_in_options = 0;
    for statement in statements_after(script, at, &name) {
        uses += statement.all().into_iter().filter(|part| is_it(part)).count();
        uses_in_options += option_arguments(statement).into_iter().filter(|part| is_it(part)).count();
    }
    uses > 0 && uses == uses_in_options
}

/// Whether behind a length and the JSON text of this name nothing is sent: `length` is in the statement, and sent there or
/// later.
pub fn is_whole_message(script: &Script, at: usize, length: &Expression, json: &str) -> bool {
    let statement = &script.statements[at];
    let header = match &statement.what {
        What::Assign { targets, .. } => targets.first().and_then(Expression::dotted),
        _ => None,
    };
    let mut has_json = false;
    let mut all = vec![statement];
    all.extend(statements_after(script, at, json));
    for statement in all {
        for part in parts_sent(statement, length) {
            let has_name = |name: &str| part.all().into_iter().any(|inner| inner.dotted().as_deref() == Some(name));
            let is_length = part.all().into_iter().any(|inner| inner.id == length.id);
            if has_name(json) && !is_length {
                has_json = true;
            } else if !is_length && !header.as_deref().is_some_and(has_name) {
                return false;
            }
        }
    }
    has_json
}

/// What a statement sends, each operand of a sum by itself. What has the length in it is sent some time.
fn parts_sent<'a>(statement: &'a Statement, length: &Expression) -> Vec<&'a Expression> {
    let mut parts = Vec::new();
    for expression in statement.all() {
        let Form::Call { of, arguments } = &expression.form else { continue };
        if SENDS.contains(&of.last_name()) {
            parts.extend(arguments.first().into_iter().flat_map(|argument| operands(&argument.value)));
        }
    }
    let value = match &statement.what {
        What::Assign { value, .. } => Some(value),
        What::Keyword { word, values } if word == "return" => values.first(),
        _ => None,
    };
    if let Some(value) = value.filter(|value| value.all().into_iter().any(|part| part.id == length.id)) {
        parts.extend(operands(value));
    }
    parts
}

/// The operands of a sum, or the expression alone.
fn operands(expression: &Expression) -> Vec<&Expression> {
    match &expression.form {
        Form::Operation { operators, operands } if operators.iter().all(|word| word == "+") => {
            operands.iter().collect()
        }
        _ => vec![expression],
    }
}

/// The arguments of each `setsockopt`.
fn option_arguments(statement: &Statement) -> Vec<&Expression> {
    let mut found = Vec::new();
    for expression in statement.all() {
        if let Form::Call { of, arguments } = &expression.form {
            if of.last_name() == "setsockopt" {
                found.extend(arguments.iter().map(|argument| &argument.value));
            }
        }
    }
    found
}

/// The variable that gets this value: `s` of `s = socket.socket()` and of `with socket.socket() as s:`.
fn name_of(statement: &Statement, value: &Expression) -> Option<String> {
    match &statement.what {
        What::Assign { targets, value: given, .. } if given.id == value.id => targets.first()?.dotted(),
        What::With(items) => {
            let item = items.iter().find(|item| item.value.id == value.id)?;
            item.target.as_ref()?.dotted()
        }
        _ => None,
    }
}

/// The methods of a variable that a statement calls.
fn methods_called<'a>(statement: &'a Statement, name: &str) -> Vec<&'a str> {
    let mut methods = Vec::new();
    for expression in statement.all() {
        let Form::Call { of, .. } = &expression.form else { continue };
        let Form::Attribute { of: object, name: method } = &of.form else { continue };
        if object.dotted().as_deref() == Some(name) {
            methods.push(&**method);
        }
    }
    methods
}

/// The statements in which a variable is what it is after one of them.
fn statements_after<'a>(script: &'a Script, at: usize, name: &str) -> Vec<&'a Statement> {
    let statements = &script.statements;
    let function = syntax::function_around(statements, at);
    let class = syntax::class_around(statements, at);
    let is_attribute = name.contains('.');
    let mut found = Vec::new();
    let mut is_assigned_anew = false;
    for (place, statement) in statements.iter().enumerate() {
        if syntax::function_around(statements, place) != function {
            let may_mean_it = if is_attribute {
                syntax::class_around(statements, place) == class
            } else {
                function.is_none() && !is_local(script, place, name)
            };
            if may_mean_it {
                found.push(statement);
            }
        } else if place > at && !is_assigned_anew {
            // In another branch of an `if` or `try` it may be made too. What is done behind both is done with this one.
            is_assigned_anew = statement.what.assigns(name) && statement.parent == statements[at].parent;
            if !statement.what.assigns(name) {
                found.push(statement);
            }
        }
    }
    found
}

/// Whether a name is a parameter of the function around a statement, or assigned in it.
fn is_local(script: &Script, at: usize, name: &str) -> bool {
    let statements = &script.statements;
    let Some(function) = syntax::function_around(statements, at) else { return false };
    if let What::Define { parameters, .. } = &statements[function].what {
        if parameters.iter().any(|parameter| parameter.name == name) {
            return true;
        }
    }
    let mut inside = statements.iter().enumerate().skip(function);
    inside.any(|(place, statement)| {
        statement.what.assigns(name) && syntax::function_around(statements, place) == Some(function)
    })
}
