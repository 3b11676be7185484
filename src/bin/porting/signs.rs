//! Which signs of the page's table of objects a piece of the script is like: `socket.socket()` shows a TCP socket.

use crate::facts::{Facts, ValueKind};
use crate::fit::{ExpressionFitter, Fit};
use crate::key;
use crate::matcher::KeyFitter;
use crate::page::{Condition, Page, Shows, Sign};
use crate::syntax::{Expression, Script};

/// A sign of the page that fits.
pub struct FittingSign<'a> {
    pub sign: &'a Sign,
    pub fit: Fit,
}

/// The signs that an expression is like, for each object those that fit best.
pub fn of_expression<'a>(
    page: &'a Page,
    script: &Script,
    facts: &Facts,
    at: usize,
    expression: &Expression,
) -> Vec<FittingSign<'a>> {
    let mut found = Vec::new();
    for sign in page.signs_like(key::anchor(expression), facts.path_of_callee(expression.callee())) {
        let fitter = key_fitter(page, script, facts, sign);
        let Some(fit) = fitter.expression(&sign.pattern, at, expression) else { continue };
        // What is used may be another object with a method of this name: with the same arguments that is unlikely.
        let is_exact = fit.gap == 0 || sign.shows != Shows::Use;
        if fit.guesses.is_empty() && is_exact && agrees(page, facts, sign, &fit) {
            found.push(FittingSign { sign, fit });
        }
    }
    let is_best: Vec<bool> = found.iter().map(|one| !found.iter().any(|other| is_better(other, one))).collect();
    found.into_iter().zip(is_best).filter(|(_, is_best)| *is_best).map(|(one, _)| one).collect()
}

/// The signs that a statement is like.
pub fn of_statement<'a>(page: &'a Page, script: &Script, facts: &Facts, at: usize) -> Vec<FittingSign<'a>> {
    let mut found = Vec::new();
    for sign in page.signs_like(&key::anchor_of_statement(&script.statements[at].what), None) {
        match key_fitter(page, script, facts, sign).statement(&sign.pattern, at) {
            Some(fit) if fit.guesses.is_empty() => found.push(FittingSign { sign, fit }),
            // Whatever error it is.
            _ if sign.shows == Shows::Error => found.push(FittingSign { sign, fit: Fit::default() }),
            _ => {}
        }
    }
    found
}

fn key_fitter<'a>(page: &'a Page, script: &'a Script, facts: &'a Facts, sign: &Sign) -> KeyFitter<'a> {
    let wanted = if sign.shows == Shows::Use { Some(sign.object) } else { None };
    // What a sign calls its arguments is meant: `received = str(received)` shows nothing of `str(n)`.
    let condition = Condition::Arguments;
    KeyFitter { fitter: ExpressionFitter { page, facts, protocol: None, condition, wanted }, script }
}

/// Whether the socket in a sign has the protocol of the sign: what a Unix socket accepts is one too.
fn agrees(page: &Page, facts: &Facts, sign: &Sign, fit: &Fit) -> bool {
    let Some(protocol) = sign.protocol else { return true };
    let Some(bound) = fit.bound(&page.objects[sign.object].names) else { return true };
    let values = &facts.expressions[bound].meaning.values;
    let mut known = None;
    for kind in values.iter().flat_map(|value| &value.kinds) {
        if let ValueKind::Object { object, protocol } = kind {
            known = known.or(protocol.filter(|_| *object == sign.object));
        }
    }
    known.map_or(!protocol.is_rare(), |known| known == protocol)
}

/// Whether a sign shows the same as another and fits better: `socket.socket(family, socket.SOCK_DGRAM)` better than
/// `socket.socket()`.
fn is_better(one: &FittingSign, other: &FittingSign) -> bool {
    let shows_the_same = one.sign.object == other.sign.object && one.sign.shows == other.sign.shows;
    let (covered, others) = (one.fit.covered.len(), other.fit.covered.len());
    shows_the_same && (covered > others || (covered == others && one.fit.gap < other.fit.gap))
}
