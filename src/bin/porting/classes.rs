//! Whether a class is a handler of `socketserver`, or a thread: its base has such a name, or is a class of the script that
//! is one. A handler is also what uses what only a handler has.

use crate::syntax::{Expression, Script, What};

/// What a handler has: `self.request`.
const HANDLER_HAS: [&str; 3] = ["self.request", "self.rfile", "self.wfile"];

/// So many bases of bases are looked at. A class that is its own base ends there too.
const MAX_BASES: usize = 5;

/// Whether a statement is a handler, or stands directly in the body of one.
pub fn is_of_handler(script: &Script, at: usize) -> bool {
    let is_handler =
        |class: usize| has_base(script, class, &["RequestHandler"], MAX_BASES) || uses_request(script, class);
    is_handler(at) || script.statements[at].parent.is_some_and(is_handler)
}

/// Whether a statement is a class that is a thread or a process, or stands in one.
pub fn is_of_thread(script: &Script, at: usize) -> bool {
    let is_thread = |class: usize| has_base(script, class, &["Thread", "Process"], MAX_BASES);
    is_thread(at) || script.statements[at].class.is_some_and(is_thread)
}

/// Whether a class has a base whose name ends like this, or a base that has one.
fn has_base(script: &Script, class: usize, endings: &[&str], depth: usize) -> bool {
    let What::Class { bases, .. } = &script.statements[class].what else { return false };
    if depth == 0 {
        return false;
    }
    for base in bases.iter().filter_map(Expression::dotted) {
        if endings.iter().any(|ending| base.ends_with(ending)) {
            return true;
        }
        let own = script.classes.get(&base);
        if own.is_some_and(|own| has_base(script, *own, endings, depth - 1)) {
            return true;
        }
    }
    false
}

/// Whether a class uses what only a handler has.
fn uses_request(script: &Script, class: usize) -> bool {
    HANDLER_HAS.iter().any(|name| {
        let places = script.uses_of(name);
        places.iter().any(|place| script.statements[*place].class == Some(class))
    })
}
