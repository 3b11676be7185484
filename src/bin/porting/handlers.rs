//! Whether a class is a handler of `socketserver`: its base is a `…RequestHandler`, or a class of the script that is one, or
//! it uses what only a handler has.

use crate::syntax::{Expression, Script, What};

/// What a handler has: `self.request`.
const HANDLER_HAS: [&str; 3] = ["self.request", "self.rfile", "self.wfile"];

/// So many bases of bases are looked at. A class that is its own base ends there too.
const MAX_BASES: usize = 5;

/// Whether a statement is a handler, or stands directly in the body of one.
pub fn is_of_handler(script: &Script, at: usize) -> bool {
    let parent = script.statements[at].parent;
    is_handler(script, at, MAX_BASES) || parent.is_some_and(|class| is_handler(script, class, MAX_BASES))
}

fn is_handler(script: &Script, class: usize, depth: usize) -> bool {
    let What::Class { bases, .. } = &script.statements[class].what else { return false };
    if depth == 0 {
        return false;
    }
    for base in bases.iter().filter_map(Expression::dotted) {
        if base.ends_with("RequestHandler") {
            return true;
        }
        let own = script.classes.get(&base);
        if own.is_some_and(|own| is_handler(script, *own, depth - 1)) {
            return true;
        }
    }
    uses_request(script, class)
}

fn uses_request(script: &Script, class: usize) -> bool {
    HANDLER_HAS.iter().any(|name| {
        let places = script.uses.get(*name).map_or(&[][..], |places| places);
        places.iter().any(|place| script.statements[*place].class == Some(class))
    })
}
