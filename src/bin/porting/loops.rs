//! Whether a loop does more than the key of a row says of it.
//!
//! `while True: data = s.recv(1024); f.write(data)` copies to the end of the stream, unless `if data == b'END': break` ends
//! it before, or `s.sendall(b'OK')` answers each part. A loop that puts parts together does more if it looks at the whole
//! meanwhile: `while b'\n' in buf:`.

use crate::fit::Covered;
use crate::syntax::{self, Expression, Form, Script, Statement, What};
use std::collections::BTreeSet;

/// The methods of a TCP socket by which a loop copies. The keys about loops that copy have no others.
const MOVES_DATA: [&str; 3] = ["recv", "send", "sendall"];

/// So many statements of a loop are looked at: one that copies has few.
const LOOK_AHEAD: usize = 40;

/// Whether the loop with this head does more with these sockets, or with what it collects, than what is covered already.
pub fn does_more(
    script: &Script,
    head: usize,
    sockets: &[String],
    collected: Option<&str>,
    covered: &BTreeSet<Covered>,
) -> bool {
    let mut copies = false;
    let mut does_more = false;
    let inside = inside(script, head);
    if let Some(socket) = sockets.iter().find(|socket| is_target(&script.statements[head].what, socket)) {
        // `for client in clients:` has another socket each time.
        return answers_each(script, head, &inside, socket);
    }
    if inside.len() >= LOOK_AHEAD {
        return true;
    }
    let received = names_received(script, &inside);
    for at in inside {
        let statement = &script.statements[at];
        if let Some(collected) = collected {
            let is_covered = is_covered(statement, at, covered);
            does_more |= !is_covered && !leaves(statement) && uses(statement, collected);
        }
        for expression in statement.all() {
            if moves_data(expression, sockets) {
                let is_covered = covered.contains(&Covered::Expression(expression.id));
                copies |= is_covered;
                does_more |= !is_covered;
            }
        }
        does_more |= !covered.contains(&Covered::Statement(at)) && ends_early(script, at, &received);
        does_more |= catches_time_out(statement);
        does_more |= !is_covered(statement, at, covered) && changes(statement, &received);
        does_more |= !is_covered(statement, at, covered) && works(statement, &script.statements[head]);
    }
    copies && (does_more || ends_by_time_out(script, head))
}

/// Whether a statement makes something else of what was received: `data = decrypt(data)`.
fn changes(statement: &Statement, received: &[String]) -> bool {
    let What::Assign { targets, operator, value, .. } = &statement.what else { return false };
    let is_received = |part: &Expression| part.dotted().is_some_and(|name| received.contains(&name));
    let is_new = value.all().into_iter().any(|part| is_call_of(part, "recv"));
    operator == "=" && !is_new && targets.iter().any(is_received) && value.all().into_iter().any(is_received)
}

/// Whether a loop over sockets answers each of them: what it sends follows what it receives from that one, or is made for it
/// in the loop, or it takes each out of the list.
fn answers_each(script: &Script, head: usize, inside: &[usize], socket: &str) -> bool {
    let is_made = |part: &Expression| {
        let Some(name) = part.dotted() else { return false };
        inside.iter().filter(|at| **at != head).any(|at| match &script.statements[*at].what {
            What::Assign { targets, .. } => targets.iter().any(|target| target.is_named(&name)),
            _ => false,
        })
    };
    inside.iter().flat_map(|at| script.statements[*at].all()).any(|part| {
        let removes_it = is_call_of(part, "remove") && part.all().into_iter().any(|inner| inner.is_named(socket));
        let is_of_it = moves_data(part, &[socket.to_owned()]);
        removes_it || is_of_it && (is_call_of(part, "recv") || part.all().into_iter().any(is_made))
    })
}

/// Methods that a loop may call beside its copying: they collect the data, or do nothing to it.
const IS_NO_WORK: [&str; 8] = ["append", "extend", "add", "put", "write", "flush", "close", "sleep"];

/// Whether a statement prints, counts or hashes beside the copying. What the head of the loop tests is counted for it.
fn works(statement: &Statement, head: &Statement) -> bool {
    match &statement.what {
        What::Expression(value) => {
            matches!(value.form, Form::Call { .. }) && !IS_NO_WORK.contains(&value.callee().last_name())
        }
        What::Assign { targets, operator, value, .. } if operator == "+=" || operator == "-=" => {
            let target = targets.first().and_then(Expression::dotted);
            let is_tested = target.is_some_and(|target| head.all().into_iter().any(|part| part.is_named(&target)));
            let is_count = value.all().into_iter().any(|part| is_call_of(part, "len"));
            is_count && !is_tested
        }
        _ => false,
    }
}

/// The errors that say that nothing has come in time.
const TIME_OUTS: [&str; 3] = ["timeout", "TimeoutError", "BlockingIOError"];

/// The names of what the statements of a loop receive, and of what they make of it. A length is a number.
fn names_received(script: &Script, inside: &[usize]) -> Vec<String> {
    let mut names = Vec::new();
    for at in inside {
        for expression in script.statements[*at].all() {
            if let Form::Other { word: ":=", operands } = &expression.form {
                names.extend(operands.first().and_then(Expression::dotted));
            }
        }
        if let What::Assign { targets, value, .. } = &script.statements[*at].what {
            let is_count = value.all().into_iter().any(|part| is_call_of(part, "len"));
            if has_received(value, &names) && !is_count {
                names.extend(targets.iter().filter_map(Expression::dotted));
            }
        }
    }
    names
}

/// What gives a socket a time limit.
const TIME_LIMITS: [&str; 3] = ["settimeout", "setdefaulttimeout", "create_connection"];

/// Whether a statement catches that nothing has come in time. What has come until then is meant to be kept.
fn catches_time_out(statement: &Statement) -> bool {
    match &statement.what {
        What::Except { error: Some(error), .. } => {
            error.all().into_iter().any(|part| TIME_OUTS.contains(&part.last_name()))
        }
        _ => false,
    }
}

/// Whether a `try` around a loop catches that nothing has come in time: by the name of that error, or in a script with time
/// limits by whatever it catches.
fn ends_by_time_out(script: &Script, head: usize) -> bool {
    let mut names = script.uses.keys();
    let has_time_limit = names.any(|name| TIME_LIMITS.iter().any(|limit| name.ends_with(limit)));
    for block in syntax::heads(&script.statements, head) {
        let what = &script.statements[block].what;
        if what.is_function() {
            return false;
        }
        if !matches!(what, What::Keyword { word, .. } if word == "try") {
            continue;
        }
        let parent = script.statements[block].parent;
        let below = script.statements[block + 1..].iter().filter(|statement| statement.parent == parent);
        let is_about_try = |statement: &&Statement| match &statement.what {
            What::Except { .. } => true,
            What::Keyword { word, .. } => word == "finally",
            _ => false,
        };
        let mut handlers = below.take_while(is_about_try);
        if handlers.any(|handler| has_time_limit || catches_time_out(handler)) {
            return true;
        }
    }
    false
}

/// The statements of a loop with this head, and the head itself, by their places.
pub fn inside(script: &Script, head: usize) -> Vec<usize> {
    let last = script.statements.len().min(head + LOOK_AHEAD);
    let is_inside = |at: &usize| *at == head || syntax::heads(&script.statements, *at).contains(&head);
    (head..last).take_while(is_inside).collect()
}

/// What a loop may call without an end: none of these fails for `b''`.
const HARMLESS: [&str; 33] = [
    "recv", "send", "sendall", "decode", "encode", "print", "str", "repr", "format", "strip", "rstrip", "lstrip",
    "upper", "lower", "replace", "join", "hex", "len", "append", "extend", "add", "put", "write", "flush", "info",
    "debug", "sleep", "time", "ctime", "now", "strftime", "acquire", "release",
];

/// The words that may leave a loop.
const LEAVES: [&str; 5] = ["break", "return", "raise", "yield", "assert"];

/// Whether a loop with `recv` in it goes on for ever when the peer has closed: nothing leaves it, nothing looks at what was
/// received, and nothing fails for `b''`. Where that is not certain the answer is no.
pub fn never_ends(script: &Script, head: usize) -> bool {
    let inside = inside(script, head);
    if inside.len() >= LOOK_AHEAD {
        return false;
    }
    let mut received: Vec<String> = Vec::new(); // the names of what came, and of what is made of it
    for at in inside {
        let statement = &script.statements[at];
        let all = statement.all();
        if all.iter().any(|part| may_fail(part, &received)) {
            return false;
        }
        let uses_received = all.iter().any(|part| has_received(part, &received));
        match &statement.what {
            What::Keyword { word, .. } if LEAVES.contains(&&**word) => return false,
            What::If(_) | What::For { .. } if uses_received => return false,
            What::While(_) if at > head => return false,
            What::Assign { targets, .. } if uses_received => {
                let names: Vec<String> = targets.iter().filter_map(Expression::dotted).collect();
                if names.is_empty() {
                    return false; // `a, b = data.split()` fails
                }
                received.extend(names);
            }
            _ => {}
        }
    }
    true
}

/// Whether an expression may fail when the peer has closed: to send something fails, to send nothing does not.
fn may_fail(expression: &Expression, received: &[String]) -> bool {
    match &expression.form {
        Form::Call { .. } if is_send(expression) => !has_received(expression, received),
        Form::Call { of, .. } => !HARMLESS.contains(&of.last_name()),
        Form::Index { places, .. } => !places.iter().all(|place| matches!(place.form, Form::Slice(_))),
        _ => false,
    }
}

/// Whether what was received is in an expression: by its name, or as the call that receives it.
fn has_received(expression: &Expression, received: &[String]) -> bool {
    let is_received =
        |part: &Expression| is_call_of(part, "recv") || part.dotted().is_some_and(|name| received.contains(&name));
    expression.all().into_iter().any(is_received)
}

fn is_send(expression: &Expression) -> bool {
    is_call_of(expression, "send") || is_call_of(expression, "sendall")
}

/// Whether an expression calls a function or method of this name.
fn is_call_of(expression: &Expression, name: &str) -> bool {
    match &expression.form {
        Form::Call { of, .. } => of.last_name() == name,
        _ => false,
    }
}

/// Whether a statement, or the call that it is, is covered.
fn is_covered(statement: &Statement, at: usize, covered: &BTreeSet<Covered>) -> bool {
    let is_covered_call = match &statement.what {
        What::Expression(value) | What::Assign { value, .. } => covered.contains(&Covered::Expression(value.id)),
        _ => false,
    };
    is_covered_call || covered.contains(&Covered::Statement(at))
}

/// Whether a statement leaves the loop.
fn leaves(statement: &Statement) -> bool {
    matches!(&statement.what, What::Keyword { word, .. } if word == "break" || word == "return")
}

/// Whether a variable stands in a statement. To print it is no use.
fn uses(statement: &Statement, name: &str) -> bool {
    if let What::Expression(Expression { form: Form::Call { of, .. }, .. }) = &statement.what {
        if of.is_named("print") {
            return false;
        }
    }
    statement.all().into_iter().any(|part| part.is_named(name))
}

fn is_target(head: &What, name: &str) -> bool {
    match head {
        What::For { target, .. } => target.is_named(name),
        _ => false,
    }
}

/// Whether an expression is `s.recv(…)`, of one of these sockets.
fn moves_data(expression: &Expression, sockets: &[String]) -> bool {
    let Form::Call { of, .. } = &expression.form else { return false };
    let Form::Attribute { of, name } = &of.form else { return false };
    MOVES_DATA.contains(&&**name) && of.dotted().is_some_and(|name| sockets.contains(&name))
}

/// Whether a statement ends the loop before the data ends: `if data == b'END': break`.
fn ends_early(script: &Script, at: usize, received: &[String]) -> bool {
    let What::If(condition) = &script.statements[at].what else { return false };
    let is_end = |statement: &Statement| leaves(statement) && statement.parent == Some(at);
    let mut below = script.statements[at + 1..].iter().take(LOOK_AHEAD);
    below.any(is_end) && !is_end_of_data(condition, &|name| received.contains(&name.to_owned()))
}

/// What a condition tests for nothing: `data` of `not data`, `data == b''`, `len(data) == 0`, `len(data) < 1`.
pub fn tested_for_nothing(condition: &Expression) -> Option<&Expression> {
    let Form::Operation { operators, operands } = &condition.form else { return None };
    let tested = match (operators.first().map(|operator| &**operator), &operands[..]) {
        (Some("not"), [tested]) => tested,
        (Some("==" | "is" | "<="), [tested, nothing]) if is_nothing(nothing) => tested,
        (Some("<"), [tested, Expression { form: Form::Number(number), .. }]) if number == "1" => tested,
        _ => return None,
    };
    match &tested.form {
        Form::Call { of, arguments } if of.is_named("len") => arguments.first().map(|argument| &argument.value),
        _ => Some(tested),
    }
}

/// `b''`, `0`, `None`
fn is_nothing(operand: &Expression) -> bool {
    match &operand.form {
        Form::Text(text) => text.value.is_empty(),
        Form::Number(number) => number == "0",
        Form::Name(name) => name == "None",
        _ => false,
    }
}

/// `not data`, `data == b''`, `len(data) < 1`, or several of them. What stands behind `not` is taken for the data; of what is
/// compared the caller says whether it is (`left <= 0`).
pub fn is_end_of_data(condition: &Expression, is_data: &dyn Fn(&str) -> bool) -> bool {
    let Form::Operation { operators, operands } = &condition.form else { return false };
    match operators.first().map(|operator| &**operator) {
        Some("not") => true,
        Some("and" | "or") => operands.iter().all(|operand| is_end_of_data(operand, is_data)),
        _ => tested_for_nothing(condition).and_then(Expression::dotted).is_some_and(|name| is_data(&name)),
    }
}
