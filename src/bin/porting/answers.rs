//! Which rows of the page answer which lines of a script.

use crate::facts::Facts;
use crate::fit::{Covered, ExpressionFitter, Fit, Guess};
use crate::key::{self, Piece};
use crate::matcher::KeyFitter;
use crate::packing::{self, Packing, Start};
use crate::page::{Key, Page, RowKind};
use crate::syntax::{Argument, Expression, Form, Script, Statement, What};
use std::collections::{BTreeMap, BTreeSet};

/// What the page has for a script.
#[derive(Debug, Default)]
pub struct Answers {
    /// By the line that they stand at, in the order of the code.
    pub at: BTreeMap<usize, Vec<Answer>>,
    /// Everyday Python, by the row that has it: the name to look for.
    pub everyday: BTreeMap<usize, String>,
    /// Lines with calls for which there is nothing.
    pub nothing: BTreeSet<usize>,
}

/// An answer for a line.
#[derive(Debug)]
pub struct Answer {
    pub says: Says,
    /// What must be true so that it holds; sure if there is nothing.
    pub guesses: Vec<Guess>,
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// What a row says, by its place on the page.
    Row(usize),
    /// What a format of `struct` packs.
    Format(Packing),
}

/// Something that may be an answer.
#[derive(Debug)]
struct Candidate {
    says: Says,
    kind: RowKind,
    /// The name by which the page has it.
    name: String,
    /// Its key is an import.
    is_import: bool,
    fit: Fit,
}

/// So many guesses are shown for one call of an unknown object.
const MAX_GUESSES: usize = 3;

/// The functions of `struct` that have a format in front.
const WITH_FORMAT: [&str; 7] = ["pack", "unpack", "calcsize", "Struct", "pack_into", "unpack_from", "iter_unpack"];

/// Those of them that have an offset behind the bytes.
const WITH_OFFSET: [&str; 2] = ["pack_into", "unpack_from"];

/// Looks for the answers to a script.
pub fn answers(page: &Page, script: &Script, facts: &Facts) -> Answers {
    let finder = Finder { page, script, facts };
    let candidates = finder.candidates();

    // What is imported has its answer where it is used.
    let mut used = BTreeSet::new();
    for candidate in candidates.iter().filter(|candidate| !candidate.is_import) {
        used.insert(candidate.says.clone());
    }
    let is_kept = kept(&candidates);
    let mut covered = BTreeSet::new();
    let mut shown = Vec::new();
    for (candidate, is_kept) in candidates.into_iter().zip(is_kept) {
        if !is_kept {
            continue;
        }
        covered.extend(candidate.fit.covered.iter().copied());
        if !candidate.is_import || !used.contains(&candidate.says) {
            shown.push(candidate);
        }
    }
    shown.sort_by_key(|candidate| candidate.fit.covered.first().copied());
    let mut answers = Answers::default();
    for candidate in shown {
        answers.add(candidate);
    }
    finder.add_lines_with_nothing(&covered, &mut answers);
    answers
}

impl Answers {
    fn add(&mut self, candidate: Candidate) {
        let Candidate { says, kind, name, fit, .. } = candidate;
        match says {
            Says::Row(row) if kind == RowKind::Everyday => {
                if name == "None" {
                    return; // nobody looks for it
                }
                let known = self.everyday.entry(row).or_insert_with(|| name.clone());
                if is_name(&name) && !is_name(known) {
                    *known = name;
                }
            }
            _ => {
                let there = self.at.entry(fit.line).or_default();
                if there.iter().all(|answer| answer.says != says) {
                    there.push(Answer { says, guesses: fit.guesses });
                }
            }
        }
    }
}

struct Finder<'a> {
    page: &'a Page,
    script: &'a Script,
    facts: &'a Facts,
}

impl Finder<'_> {
    /// Everything that fits some piece of the script.
    fn candidates(&self) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for (at, statement) in self.script.statements.iter().enumerate() {
            for key in self.page.keys_like(&key::anchor_of_statement(&statement.what), None) {
                let fit = self.key_fitter(key).statement(&key.pattern, at);
                candidates.extend(fit.map(|fit| self.candidate(key, fit)));
            }
            for expression in statement.all() {
                self.add_candidates(at, expression, &mut candidates);
            }
        }
        candidates
    }

    fn add_candidates(&self, at: usize, expression: &Expression, candidates: &mut Vec<Candidate>) {
        for key in self.page.keys_like(key::anchor(expression), self.facts.path_of_callee(expression.callee())) {
            let fit = self.key_fitter(key).expression(&key.pattern, at, expression);
            candidates.extend(fit.map(|fit| self.candidate(key, fit)));
        }
        let Form::Call { of, arguments } = &expression.form else { return };
        for argument in arguments.iter().filter(|_| !self.facts.is_own(of)) {
            let Some(name) = &argument.name else { continue };
            for key in self.page.keys_like(&key::anchor_of_argument(name), None) {
                let fit = self.key_fitter(key).argument(&key.pattern, at, argument);
                candidates.extend(fit.map(|fit| self.candidate(key, fit)));
            }
        }
        candidates.extend(self.formats(expression, of, arguments));
    }

    fn key_fitter(&self, key: &Key) -> KeyFitter<'_> {
        let Finder { page, script, facts } = *self;
        let Key { protocol, condition, .. } = *key;
        KeyFitter { fitter: ExpressionFitter { page, facts, protocol, condition, wanted: None }, script }
    }

    fn candidate(&self, key: &Key, fit: Fit) -> Candidate {
        Candidate {
            says: Says::Row(key.row),
            kind: self.page.rows[key.row].kind,
            name: key.name.clone(),
            is_import: matches!(key.pattern.last, Piece::Statement(What::Import(_))),
            fit,
        }
    }

    /// The answers to a format of `struct`, whichever function has it: its row, and what is in it. A format of
    /// one number that has a row gets that alone, unless it is read at an offset.
    fn formats(&self, call: &Expression, callee: &Expression, arguments: &[Argument]) -> Vec<Candidate> {
        let Some(format) = arguments.first().map(|argument| &argument.value) else { return Vec::new() };
        let Some(function) = self.facts.path(callee).and_then(|path| path.strip_prefix("struct.")) else {
            return Vec::new();
        };
        if !WITH_FORMAT.contains(&function) {
            return Vec::new();
        }
        let Some(text) = self.facts.text(format) else { return Vec::new() };
        let start = start(function, arguments);
        let mut answers = Vec::new();
        let has_row = start == Start::First && function != "calcsize"; // the size is no matter of a row
        let mut says_all = false;
        if let Some((row, is_about_struct)) = self.page.format_row(text, function).filter(|_| has_row) {
            answers.push(Says::Row(row));
            says_all = !is_about_struct;
        }
        if let Some(packing) = packing::packing(self.page, text, start).filter(|_| !says_all) {
            if answers.is_empty() || packing.has_several_fields {
                answers.push(Says::Format(packing));
            }
        }
        let mut candidates = Vec::new();
        for says in answers {
            let covered = [call, callee, format].map(|expression| Covered::Expression(expression.id));
            let fit = Fit::of(covered.into(), call.line);
            // Beside the row, so that the two do not compete.
            let kind = if candidates.is_empty() { RowKind::Answer } else { RowKind::Beside };
            candidates.push(Candidate { says, kind, name: String::new(), is_import: false, fit });
        }
        candidates
    }

    /// Notes the lines that have calls, or names of a module, for which nothing was found.
    fn add_lines_with_nothing(&self, covered: &BTreeSet<Covered>, answers: &mut Answers) {
        for statement in &self.script.statements {
            if self.imports_unknown_name(statement) {
                answers.nothing.insert(statement.line);
            }
            let all = statement.all();
            let mut parts = BTreeSet::new(); // of longer names: `sys.stdout` of `sys.stdout.write`
            for expression in &all {
                if let Form::Attribute { of, .. } = &expression.form {
                    parts.insert(of.id);
                }
            }
            for expression in all {
                let is_covered = |expression: &Expression| covered.contains(&Covered::Expression(expression.id));
                let is_asked = match &expression.form {
                    Form::Call { of, .. } => !self.needs_no_answer(of) && !is_covered(of),
                    Form::Attribute { .. } if parts.contains(&expression.id) => false,
                    Form::Attribute { .. } => self.facts.path(expression).is_some_and(|path| self.is_in_module(path)),
                    _ => false,
                };
                if is_asked && !is_covered(expression) {
                    answers.nothing.insert(expression.line);
                }
            }
        }
        answers.nothing.retain(|line| !answers.at.contains_key(line));
    }

    /// Whether what is called is the script's own, or a variable that holds it.
    fn needs_no_answer(&self, callee: &Expression) -> bool {
        match &callee.form {
            Form::Name(_) => self.facts.path(callee).is_none(),
            Form::Attribute { name, .. } => self.facts.own_methods.contains(name),
            _ => true,
        }
    }

    /// Whether a path is that of something in a module of the page.
    fn is_in_module(&self, path: &str) -> bool {
        path.contains('.') && self.page.has_module(path)
    }

    /// Whether a name is imported that the page does not have, from a module that it has.
    fn imports_unknown_name(&self, statement: &Statement) -> bool {
        let What::Import(imports) = &statement.what else { return false };
        imports.iter().any(|import| {
            let is_star = import.path.ends_with(".*");
            !is_star && self.is_in_module(&import.path) && !self.page.has_path(&import.path)
        })
    }
}

/// Where in the bytes a function of `struct` begins: `struct.unpack_from('!H', data, 20)` at byte 20.
fn start(function: &str, arguments: &[Argument]) -> Start {
    if !WITH_OFFSET.contains(&function) {
        return Start::First;
    }
    let is_offset = |argument: &&Argument| argument.name.as_deref() == Some("offset");
    let offset = arguments.iter().find(is_offset).or(arguments.get(2));
    match offset.map(|argument| &argument.value.form) {
        None => Start::First,
        Some(Form::Number(number)) => number.parse().map_or(Start::Unknown, Start::At),
        Some(_) => Start::Unknown,
    }
}

/// Whether a key's name is one of Python's, with or without dots, and not code: `os.getpid`, not `data[0]`.
fn is_name(name: &str) -> bool {
    name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
}

/// Which candidates are shown: those that do not give way to another.
fn kept(candidates: &[Candidate]) -> Vec<bool> {
    let mut covering: BTreeMap<Covered, Vec<usize>> = BTreeMap::new(); // the candidates that cover each piece
    for (number, candidate) in candidates.iter().enumerate() {
        for piece in &candidate.fit.covered {
            covering.entry(*piece).or_default().push(number);
        }
    }
    let mut kept = Vec::new();
    for (number, candidate) in candidates.iter().enumerate() {
        // A rival covers at least the same code. So it is among those that cover the last expression.
        let covered = &candidate.fit.covered;
        let last_expression = covered.range(..Covered::Statement(0)).next_back();
        let last = last_expression.or(covered.last());
        let rivals = last.and_then(|piece| covering.get(piece)).map_or(&[][..], |rivals| rivals);
        let gives_way = rivals.iter().any(|rival| gives_way(candidates, number, *rival));
        let mut same_guesses = 0; // those in front of it
        for rival in rivals.iter().filter(|rival| **rival < number) {
            let other = &candidates[*rival].fit;
            if other.covered == *covered && rank(other) == rank(&candidate.fit) {
                same_guesses += 1;
            }
        }
        kept.push(!gives_way && same_guesses < MAX_GUESSES);
    }
    kept
}

/// Whether a candidate gives way to another that names more of the same code, or fits better.
fn gives_way(candidates: &[Candidate], number: usize, rival: usize) -> bool {
    let (one, other) = (&candidates[number], &candidates[rival]);
    let are_beside = (one.kind == RowKind::Beside) != (other.kind == RowKind::Beside);
    if number == rival || are_beside {
        return false;
    }
    let (one_is_sure, other_is_sure) = (one.fit.guesses.is_empty(), other.fit.guesses.is_empty());
    if one.fit.covered != other.fit.covered {
        let names_more = one.fit.covered.is_subset(&other.fit.covered);
        let is_as_good = other.fit.guesses.iter().all(Guess::is_about_protocol);
        return names_more && (is_as_good || !one_is_sure);
    }
    if one_is_sure != other_is_sure {
        return other_is_sure;
    }
    match rank(&other.fit).cmp(&rank(&one.fit)) {
        std::cmp::Ordering::Less => true,
        // Of guesses that are as good all are shown, of sure answers the first on the page.
        std::cmp::Ordering::Equal => one_is_sure && rival < number,
        std::cmp::Ordering::Greater => false,
    }
}

/// How far a key is from the code that it fits.
fn rank(fit: &Fit) -> (usize, usize, usize) {
    (fit.misfits, fit.gap, usize::MAX - fit.same)
}
