//! What a script does with a variable after a statement: whether a socket listens or connects, whether a number that is
//! packed is the value of an option, whether a JSON text is the whole message.
//!
//! It looks at the names alone, in the statements of the same function, up to a new assignment of the name. A variable
//! outside of functions is followed into the functions, and an attribute into the other methods of the class.

use crate::syntax::{self, Expression, Form, Script, Statement, What};
use std::collections::BTreeSet;

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

/// The methods whose own answer says what becomes of the address.
const TAKES_ADDRESS: [&str; 4] = ["bind", "connect", "connect_ex", "sendto"];

/// The methods of a socket that say nothing of what it is for.
const IS_NO_USE: [&str; 4] = ["close", "shutdown", "settimeout", "setsockopt"];

/// So many uses of a variable are looked at: more tell nothing new.
const MAX_USES: usize = 200;

/// So many statements are searched for more that is sent: what is further down is another message.
const LOOK_AHEAD: usize = 60;

/// The methods that send what is in their brackets.
const SENDS: [&str; 5] = ["send", "sendall", "sendto", "sendfile", "write"];

/// What the script does with a socket that this expression makes, or whose method it calls. `None` means that it is not
/// known, or both.
pub fn use_of_socket(script: &Script, at: usize, made: &Expression) -> Option<SocketUse> {
    let name = name_of(&script.statements[at], made).or_else(|| object_of(made))?;
    let start = last_assignment(script, at, &name);
    let is_datagram = made.all().into_iter().any(|part| part.last_name() == "SOCK_DGRAM");
    let mut listens = false;
    let mut connects = false;
    let mut uses = later_uses(script, start, &name);
    uses.push(&script.statements[start]);
    let mut names = vec![name];
    // What a wrapped socket does, the socket in it does.
    for (place, wrapped) in wrapped_later(script, start, &names[0]) {
        uses.extend(later_uses(script, place, &wrapped));
        names.push(wrapped);
    }
    for statement in uses {
        for method in names.iter().flat_map(|name| methods_called(statement, name)) {
            if is_datagram {
                listens |= method == "bind" && !binds_port_0(statement);
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

/// The variables that get what `wrap_socket` makes of a socket, each with the place of its assignment.
fn wrapped_later(script: &Script, at: usize, name: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for place in split_at_place(script.uses_of(name), at).1.iter().take(MAX_USES) {
        let What::Assign { targets, value, .. } = &script.statements[*place].what else { continue };
        let Form::Call { of, arguments } = &value.form else { continue };
        let wraps_it =
            of.last_name() == "wrap_socket" && arguments.iter().any(|argument| argument.value.is_named(name));
        let target = targets.first().and_then(Expression::dotted).filter(|target| wraps_it && target != name);
        found.extend(target.map(|target| (*place, target)));
    }
    found
}

/// Whether a statement has an address with port 0, as a client binds it: `s.bind((host, 0))`.
fn binds_port_0(statement: &Statement) -> bool {
    statement.all().into_iter().any(|part| match &part.form {
        Form::Collection { items, .. } => {
            matches!(items.get(1).map(|port| &port.form), Some(Form::Number(number)) if number == "0")
        }
        _ => false,
    })
}

/// The last statement up to this one that assigns a variable in this function, or else the first that uses it there.
fn last_assignment(script: &Script, at: usize, name: &str) -> usize {
    let function = script.statements[at].function;
    let (above, _) = split_at_place(script.uses_of(name), at);
    let mut start = at;
    for place in above.iter().rev().take(MAX_USES) {
        if script.statements[*place].function == function {
            start = *place;
            if script.statements[*place].what.assigns(name) {
                break;
            }
        }
    }
    start
}

/// The places up to this one, and those behind it.
fn split_at_place(places: &[usize], at: usize) -> (&[usize], &[usize]) {
    places.split_at(places.partition_point(|place| *place <= at))
}

/// Whether a script does nothing with the socket of a call later but to connect, and to close it.
pub fn only_connects(script: &Script, at: usize, call: &Expression) -> bool {
    let Some(name) = object_of(call) else { return false };
    let mut connects = false;
    for statement in later_uses(script, at, &name) {
        let methods = methods_called(statement, &name);
        let uses = statement.all().into_iter().filter(|part| part.is_named(&name)).count();
        if uses > methods.len() || !methods.iter().all(|method| IS_NO_USE.contains(method) || is_connect(method)) {
            return false; // it is handed on, or receives
        }
        connects |= methods.into_iter().any(is_connect);
    }
    connects
}

/// Whether the result of a call is used: in its statement, as in `sent += s.send(data)`, or by the name that gets it, which
/// stands elsewhere too in the same function.
pub fn is_result_used(script: &Script, at: usize, call: &Expression) -> bool {
    let statement = &script.statements[at];
    let is_all_of = |value: &Expression| value.id == call.id;
    match &statement.what {
        What::Expression(value) if is_all_of(value) => return false,
        What::Keyword { word, values } if word == "return" && values.iter().any(is_all_of) => return false,
        What::Assign { operator, value, .. } if operator == "=" && is_all_of(value) => {}
        _ => return true,
    }
    let Some(name) = name_of(statement, call) else { return false };
    let places = script.uses_of(&name);
    places.iter().any(|place| {
        let is_here = script.statements[*place].function == script.statements[at].function;
        *place != at && is_here && !script.statements[*place].what.assigns(&name)
    })
}

/// Whether a script uses a file later that `makefile` has made of the socket of a call.
pub fn is_file_in_use(script: &Script, at: usize, call: &Expression) -> bool {
    let Some(name) = object_of(call) else { return false };
    let function = script.statements[at].function;
    let above = script.statements[..at].iter().rev().take(LOOK_AHEAD);
    for statement in above.filter(|statement| statement.function == function) {
        let What::Assign { targets, value, .. } = &statement.what else { continue };
        let makes_file = value.callee().last_name() == "makefile" && object_of(value).as_ref() == Some(&name);
        let Some(file) = targets.first().and_then(Expression::dotted).filter(|_| makes_file) else { continue };
        let is_used = |later: &&Statement| methods_called(later, &file).iter().any(|method| *method != "close");
        return following_in_function(script, at, &file).iter().any(is_used);
    }
    false
}

/// Whether a tuple is the address in the brackets of a call that has an answer of its own, or a text is in the brackets of
/// whatever call, or compared.
pub fn is_part_of_more(script: &Script, at: usize, value: &Expression) -> bool {
    let is_text = matches!(value.form, Form::Text(_));
    script.statements[at].all().into_iter().any(|part| match &part.form {
        Form::Call { of, arguments } => {
            let is_argument = arguments.iter().any(|argument| argument.value.id == value.id);
            is_argument && (is_text || TAKES_ADDRESS.contains(&of.last_name()))
        }
        Form::Operation { operands, .. } => is_text && operands.iter().any(|operand| operand.id == value.id),
        _ => false,
    })
}

/// Whether a socket is made for an attribute that another place of the class makes too, and nothing is done with it here.
pub fn is_made_anew(script: &Script, at: usize, made: &Expression) -> bool {
    let statement = &script.statements[at];
    let Some(name) = name_of(statement, made).filter(|name| name.contains('.')) else { return false };
    let makes_it = |place: &&usize| {
        let other = &script.statements[**place];
        let is_socket = |part: &Expression| matches!(&part.form, Form::Call { of, .. } if of.last_name() == "socket");
        let is_made = other.all().into_iter().any(is_socket);
        **place != at && other.class == statement.class && other.what.assigns(&name) && is_made
    };
    let in_function = |other: &&&Statement| other.function == statement.function;
    let later = later_uses(script, at, &name);
    script.uses_of(&name).iter().any(|place| makes_it(&place)) && later.iter().filter(in_function).count() == 0
}

/// Whether a variable is used later, other than to close it: further down, in other functions that share it, or in the next
/// round of a loop that does not assign it anew.
pub fn is_used_behind(script: &Script, at: usize, name: &str) -> bool {
    let mut later = later_uses(script, at, name);
    let is_loop = |head: &usize| script.statements[*head].what.is_loop();
    if let Some(head) = syntax::heads(&script.statements, at).into_iter().find(is_loop) {
        let round: Vec<&Statement> = script.statements[head..at].iter().collect();
        if !round.iter().any(|statement| statement.what.assigns(name)) {
            later.extend(round);
        }
    }
    later.into_iter().any(|statement| {
        let uses = statement.all().into_iter().filter(|part| part.is_named(name)).count();
        let closes = methods_called(statement, name).into_iter().filter(|method| *method == "close").count();
        uses > closes
    })
}

/// Whether the `try` above an `except` calls `int` or `float`.
pub fn tries_number(script: &Script, at: usize) -> bool {
    for statement in script.statements[..at].iter().rev() {
        if matches!(&statement.what, What::Keyword { word, .. } if word == "try") {
            if statement.parent == script.statements[at].parent {
                return false;
            }
            continue;
        }
        let is_number = |part: &&Expression| ["int", "float"].contains(&part.callee().last_name());
        if statement.all().iter().any(is_number) {
            return true;
        }
    }
    false
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
    let is_it = |part: &Expression| part.is_named(&name);
    let mut uses = 0;
    let mut uses_in_options = 0;
    for statement in later_uses(script, at, &name) {
        uses += statement.all().into_iter().filter(|part| is_it(part)).count();
        uses_in_options += option_arguments(statement).into_iter().filter(|part| is_it(part)).count();
    }
    uses > 0 && uses == uses_in_options
}

/// Whether behind a length and the JSON text of this name nothing is sent. The statement `at` has the length in it.
pub fn is_whole_message(script: &Script, at: usize, length: &Expression, json: &str) -> bool {
    let statement = &script.statements[at];
    let header = match &statement.what {
        What::Assign { targets, .. } => targets.first().and_then(Expression::dotted),
        _ => None,
    };
    let mut has_json = false;
    let mut all = vec![statement];
    all.extend(following_in_function(script, at, json));
    for statement in all {
        for part in parts_sent(statement, length) {
            let has_name = |name: &str| part.all().into_iter().any(|inner| inner.is_named(name));
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

/// The statements behind one in the same function, up to a new assignment of a name.
fn following_in_function<'a>(script: &'a Script, at: usize, name: &str) -> Vec<&'a Statement> {
    let mut found = Vec::new();
    for statement in script.statements.iter().skip(at + 1).take(LOOK_AHEAD) {
        if statement.function != script.statements[at].function {
            continue;
        }
        if statement.what.assigns(name) {
            break;
        }
        found.push(statement);
    }
    found
}

/// What a statement sends, each operand of a sum by itself. A value that contains the length counts as sent: it is sent
/// later by its name.
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

/// The variable whose method is called: `s` of `s.settimeout(5)`.
fn object_of(call: &Expression) -> Option<String> {
    let Form::Call { of, .. } = &call.form else { return None };
    let Form::Attribute { of: object, .. } = &of.form else { return None };
    object.dotted()
}

fn is_connect(method: &str) -> bool {
    CONNECTS.contains(&method)
}

/// The methods of a variable that a statement calls.
fn methods_called<'a>(statement: &'a Statement, name: &str) -> Vec<&'a str> {
    let mut methods = Vec::new();
    for expression in statement.all() {
        let Form::Call { of, .. } = &expression.form else { continue };
        let Form::Attribute { of: object, name: method } = &of.form else { continue };
        if object.is_named(name) {
            methods.push(&**method);
        }
    }
    methods
}

/// The later statements in which a variable still has the value that the statement `at` gave it.
fn later_uses<'a>(script: &'a Script, at: usize, name: &str) -> Vec<&'a Statement> {
    let places = script.uses_of(name);
    let made = &script.statements[at];
    let mut found = Vec::new();
    for place in split_at_place(places, at).1.iter().take(MAX_USES) {
        let statement = &script.statements[*place];
        if statement.function != made.function {
            continue;
        }
        // An assignment in another branch of an `if` or `try` does not end the search: what stands behind the branches
        // belongs to both.
        // `s = context.wrap_socket(s)` goes on with it.
        let is_assigned = statement.what.assigns(name) && !is_made_of_itself(statement, name);
        if is_assigned && statement.parent == made.parent {
            break;
        }
        if !is_assigned {
            found.push(statement);
        }
    }
    found.extend(statements_elsewhere(script, places, made, name));
    found
}

/// Whether an assignment to a variable has the variable in its value.
fn is_made_of_itself(statement: &Statement, name: &str) -> bool {
    match &statement.what {
        What::Assign { value, .. } => value.all().into_iter().any(|part| part.is_named(name)),
        _ => false,
    }
}

/// The statements of other functions that use the variable: of an attribute those of the class, of a variable outside of
/// functions those that have none of this name.
fn statements_elsewhere<'a>(script: &'a Script, places: &[usize], made: &Statement, name: &str) -> Vec<&'a Statement> {
    let is_attribute = name.contains('.');
    if !is_attribute && made.function.is_some() {
        return Vec::new();
    }
    let mut hiding = BTreeSet::new(); // functions that have their own variable of this name
    let mut others = Vec::new();
    for place in places.iter().take(MAX_USES) {
        let statement = &script.statements[*place];
        if statement.function == made.function {
            continue;
        }
        if statement.what.assigns(name) || has_parameter(script, statement.function, name) {
            hiding.insert(statement.function);
        }
        others.push(statement);
    }
    others.retain(|other| if is_attribute { other.class == made.class } else { !hiding.contains(&other.function) });
    others
}

fn has_parameter(script: &Script, function: Option<usize>, wanted: &str) -> bool {
    let Some(function) = function else { return false };
    match &script.statements[function].what {
        What::Define { parameters, .. } => parameters.iter().any(|parameter| parameter.name == wanted),
        _ => false,
    }
}
