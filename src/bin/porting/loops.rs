//! Whether a loop does more than the key of a row says of it.
//!
//! `while True: data = s.recv(1024); f.write(data)` copies to the end of the stream, unless `if data == b'END': break` ends
//! it before, or `s.sendall(b'OK')` answers each part.

use crate::fit::Covered;
use crate::syntax::{self, Expression, Form, Script, Statement, What};
use std::collections::BTreeSet;

/// The methods of a TCP socket by which a loop copies. The keys about loops that copy have no others.
const MOVES_DATA: [&str; 3] = ["recv", "send", "sendall"];

/// So many statements of a loop are looked at: one that copies has few.
const LOOK_AHEAD: usize = 40;

/// Whether the loop with this head does more with a socket than what is covered already.
pub fn does_more(script: &Script, head: usize, socket: &str, covered: &BTreeSet<Covered>) -> bool {
    if is_target(&script.statements[head].what, socket) {
        return false; // `for client in clients:` has another socket each time
    }
    let mut copies = false;
    let mut does_more = false;
    for at in head..script.statements.len().min(head + LOOK_AHEAD) {
        let statement = &script.statements[at];
        if at > head && !syntax::heads(&script.statements, at).contains(&head) {
            break;
        }
        for expression in statement.all() {
            if moves_data(expression, socket) {
                let is_covered = covered.contains(&Covered::Expression(expression.id));
                copies |= is_covered;
                does_more |= !is_covered;
            }
        }
        does_more |= !covered.contains(&Covered::Statement(at)) && ends_early(script, at);
    }
    copies && does_more
}

fn is_target(head: &What, name: &str) -> bool {
    match head {
        What::For { target, .. } => target.dotted().as_deref() == Some(name),
        _ => false,
    }
}

/// Whether an expression is `s.recv(…)`, of the socket of this name.
fn moves_data(expression: &Expression, socket: &str) -> bool {
    let Form::Call { of, .. } = &expression.form else { return false };
    let Form::Attribute { of, name } = &of.form else { return false };
    MOVES_DATA.contains(&&**name) && of.dotted().as_deref() == Some(socket)
}

/// Whether a statement ends the loop before the data ends: `if data == b'END': break`.
fn ends_early(script: &Script, at: usize) -> bool {
    let What::If(condition) = &script.statements[at].what else { return false };
    let is_end = |statement: &Statement| {
        let leaves = matches!(&statement.what, What::Keyword { word, .. } if word == "break" || word == "return");
        leaves && statement.parent == Some(at)
    };
    let mut below = script.statements[at + 1..].iter().take(LOOK_AHEAD);
    below.any(is_end) && !is_end_of_data(condition)
}

/// `not data`, `data == b''`, `len(data) < 1`. What stands behind `not` is taken for the data.
fn is_end_of_data(condition: &Expression) -> bool {
    let Form::Operation { operators, operands } = &condition.form else { return false };
    let is_nothing = |operand: &Expression| match &operand.form {
        Form::Text(text) => text.value.is_empty(),
        Form::Number(number) => number == "0" || number == "1",
        Form::Name(name) => name == "None",
        _ => false,
    };
    match operators.first().map(|operator| &**operator) {
        Some("not") => true,
        Some("and" | "or") => operands.iter().all(is_end_of_data),
        _ => operands.iter().any(is_nothing),
    }
}
