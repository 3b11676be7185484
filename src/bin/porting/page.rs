//! The tables of PORTING.md, and which of their rows fit a place in a script.

use crate::python::{Python, is_word, words};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = include_str!("../../../PORTING.md");
const HEADER: &str = "| Python | Rust (std) | what differs |";
/// What the page calls an object that is made so.
#[rustfmt::skip]
const MAKERS: [(&str, &str); 23] = [
    ("s", "socket.socket("), ("s", "socket.create_connection("), ("s", "socket.create_server("), ("s", ".accept("),
    ("f", "open("), ("f", ".makefile("), ("p", "subprocess.Popen("), ("p", "subprocess.run("), ("t", "threading.Thread("),
    ("q", "queue.Queue("), ("lock", "threading.Lock("), ("event", "threading.Event("), ("cond", "threading.Condition("),
    ("server", "socketserver."), ("e", "except "), ("sel", "selectors."), ("m", "hashlib."), ("text", "input("),
    ("parser", "argparse."), ("dq", "collections.deque("), ("writer", "asyncio."), ("reader", "asyncio."), ("data", ".recv("),
];
/// All variables of the page: what is not among them is a module.
const VARIABLES: &str = "conn=s sock=s res=p result=p b=data buf=data cmd=text line=text msg=text names=items \
                         clients=items a cond context d data dq e event executor f future io it items key lock logger loop m n p \
                         parser q reader s sel server t text view writer x";
/// What only a socket has.
const SOCKETS: &str = ".accept( .connect_ex( .getpeername( .getsockname( .listen( .makefile( .recv( .recvfrom( .recv_into( \
                       .sendall( .sendto( .setblocking( .setsockopt( .settimeout(";
/// Words that tell one row from another, and those that do not.
const TELLING: &str = "class for if raise while with";
const OTHERS: &str = "and as async await def elif else except finally from import in is lambda not or return try";
/// Where a string is more than an example.
const FORMATS: [&str; 5] = ["struct.", "code(", "open(", "bytes(", "makefile("];
/// Words behind the keys of a row that leave it a general one.
const GENERAL: [&str; 5] = ["", "TCP", "UDP", "server", "client"];

/// One row of a table.
pub struct Row {
    /// Its keys as they stand, and the words between them.
    pub python: String,
    pub rust: String,
    pub differs: String,
    context: String,
}

/// One code span of a row's first cell.
pub struct Key {
    row: usize,
    /// How many keys of its row come before it.
    rank: usize,
    /// What a script must have: `.recv(`.
    anchor: String,
    /// The page's variable in front of it.
    variable: String,
    /// What else should be in the statement.
    pieces: Vec<String>,
}

/// All rows and all keys of the page.
pub fn page() -> (Vec<Row>, Vec<Key>) {
    let (mut rows, mut keys, mut is_table) = (Vec::new(), Vec::new(), false);
    for line in PAGE.lines() {
        is_table = line.starts_with('|') && (is_table || line == HEADER);
        let cells: Vec<_> = line.replace("\\|", "\0").split('|').map(|cell| cell.trim().replace('\0', "|")).collect();
        if let ([_, python, rust, differs, _], true) = (&cells[..], is_table && line.contains('`')) {
            let spans = python.split('`').skip(1).step_by(2).enumerate();
            keys.extend(spans.filter_map(|(rank, span)| key(span, rows.len(), rank)));
            let context = python.split('`').step_by(2).collect::<String>().trim_matches([',', '/', ' ']).to_owned();
            rows.push(Row { python: python.replace('`', ""), rust: plain(rust), differs: plain(differs), context });
        }
    }
    (rows, keys)
}

/// `[text](#place)` as `text`, and what is nothing but code without its backticks.
fn plain(cell: &str) -> String {
    let mut text = cell.to_owned();
    while let Some((start, middle)) = text.find("](").and_then(|middle| Some((text[..middle].rfind('[')?, middle))) {
        let end = text[middle..].find(')').map_or(text.len(), |at| middle + at + 1);
        text = [&text[..start], &text[start + 1..middle], &text[end..]].concat();
    }
    let code = text.trim_matches('`');
    if code.contains('`') || code.len() + 2 != text.len() { text } else { code.to_owned() }
}

/// What a code span asks of a script: `s.recv(n, socket.MSG_PEEK)` asks for `.recv(` and `socket.MSG_PEEK`.
fn key(span: &str, row: usize, rank: usize) -> Option<Key> {
    let text = Python::read(span, |_| false).statements.pop()?.text;
    let words = words(&text);
    let (mut pieces, mut variable) = (Vec::<String>::new(), String::new());
    for (i, &(at, word)) in words.iter().enumerate() {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        if word == "def" || (before.ends_with(' ') && !is_keyword(word) && !is_keyword(words[i - 1].1)) {
            return None; // no use of a name, or prose
        }
        let call = if after.starts_with("()") {
            "()"
        } else if after.starts_with('(') {
            "("
        } else {
            ""
        };
        let object = word.split_once('.').and_then(|(head, _)| meaning(head)).filter(|_| pieces.is_empty());
        let is_inner = before.matches('(').count() > before.matches(')').count();
        let is_class = is_class(word) && pieces.iter().all(|piece| piece.ends_with(' '));
        let next = words.get(i + 1).map_or("", |(_, word)| word);
        let value = words.get(i + 2).map_or("", |(_, value)| value);
        if before == "import " {
            return Some(Key { row, rank, anchor: text.clone(), variable, pieces });
        } else if is_in(TELLING, word) {
            pieces.push(format!("{word} "));
        } else if is_keyword(word) || before.ends_with("class ") {
        } else if is_in("True False None 0 1 2", word) {
            let is_whole = before.ends_with('(') && after.starts_with(')');
            pieces.extend(pieces.last().filter(|_| is_whole).map(|piece| format!("{piece}{word})")));
            pieces.extend((!is_inner && before.ends_with('=')).then(|| format!("={word}")));
        } else if word == "=" && before.ends_with(['+', '=']) {
            pieces.push(format!("{}={}", &before[at - 1..], if before.ends_with('=') { next } else { "" }));
        } else if word.starts_with('\'') {
            let is_telling = FORMATS.iter().any(|name| text.contains(name)) || (pieces.is_empty() && word.len() > 8);
            variable = if pieces.is_empty() { "text".to_owned() } else { variable };
            pieces.extend(is_telling.then(|| word.to_owned()));
            pieces.extend((word == "'~'").then(|| ".example".to_owned()));
            pieces.extend((before == "(" && word == "''").then(|| "('',".to_owned()));
        } else if after.starts_with('=') && !after.starts_with("==") && (is_inner || (i == 0 && !span.contains(" = ")))
        {
            let value = if value.contains('.') || is_in("True False None", value) { value } else { "" };
            pieces.push(format!("{word}={value}"));
            pieces.extend((!is_inner).then(|| "subprocess.".to_owned())); // a row for this argument alone
        } else if let Some(object) = object {
            variable = object;
            pieces.push(word[word.find('.').unwrap_or(0)..].to_owned() + call);
        } else if is_class || word.contains('.') || word.starts_with("__") || (!call.is_empty() && word.len() > 1) {
            pieces.push(word.to_owned() + call);
        } else if i == 0 && word.contains('_') && words.len() < 4 {
            pieces.push(word.to_owned());
        } else if (word == "e" && is_inner) || (before == "with " && after == ":") {
            variable = meaning(word)?; // what is done with any exception, any lock
        }
    }
    // What is called comes first: `open(` of `with open(path) as f:`, `.encode(` of `str(n).encode()`.
    let is_name = |piece: &String| !piece.starts_with(['=', '+']) && (!piece.ends_with(' ') || !variable.is_empty());
    let first = pieces.iter().position(is_name)?;
    let chained = pieces.iter().rposition(|piece| piece.starts_with('.') && text.contains(&format!("){piece}")));
    let is_method = pieces[first].starts_with('.');
    let anchor = pieces.remove(chained.filter(|_| !pieces[first].contains('.')).unwrap_or(first));
    pieces.retain(|piece| {
        is_method || !anchor.contains('.') || chained.is_none() || !piece.starts_with('.') || anchor.starts_with('.')
    });
    pieces.extend(anchor.ends_with("()").then(|| anchor.clone()));
    Some(Key { row, rank, anchor: anchor.trim_end_matches(')').to_owned(), variable, pieces })
}

/// What one of the page's variables stands for.
fn meaning(variable: &str) -> Option<String> {
    let name = VARIABLES.split(' ').find(|name| name.split('=').next() == Some(variable))?;
    Some(name.rsplit('=').next()?.to_owned())
}

fn is_in(list: &str, word: &str) -> bool {
    list.split(' ').any(|other| other == word)
}

fn is_keyword(word: &str) -> bool {
    is_in(TELLING, word) || is_in(OTHERS, word)
}

/// `OSError`, but not `HOST`, which stands for any value.
fn is_class(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase)
}

/// Whether a call that lacks this piece is another call, not only a shorter one.
fn is_needed(piece: &str) -> bool {
    let name = piece.rsplit('.').next().unwrap_or_default();
    let is_constant = name.starts_with(char::is_uppercase) && !piece.contains('=');
    let is_usual = piece.starts_with("subprocess.") || piece == "socket.AF_INET";
    let is_mark = !piece.starts_with(|c| is_word(c) || c == '.'); // a string, an operator
    let is_flag = ["e)", "=True", "=False", " ", "subprocess."].iter().any(|end| piece.ends_with(end));
    (is_constant && !is_usual) || is_mark || is_flag
}

impl Key {
    /// Whether it has this name of a module.
    pub fn names(&self, path: &str) -> bool {
        let is_it = |piece: &String| piece.trim_end_matches(['(', ')']).rsplit('=').next() == Some(path);
        is_it(&self.anchor) || self.pieces.iter().any(is_it)
    }
}

/// What the page has for one place of a statement.
pub struct Answer {
    pub at: usize,
    pub rows: Vec<usize>,
    /// Whether that holds only if the object is what the rows are about.
    pub depends: bool,
}

/// A script, and what is known of it.
pub struct Script {
    pub python: Python,
    /// What the page calls the things that its variables are.
    objects: BTreeMap<String, BTreeSet<&'static str>>,
    /// The contexts that are not its own: `UDP` where all is TCP.
    excluded: Vec<&'static str>,
}

impl Script {
    pub fn new(python: Python) -> Script {
        let mut objects = BTreeMap::<String, BTreeSet<_>>::new();
        for text in python.statements.iter().map(|statement| &statement.text) {
            for (object, maker) in MAKERS {
                let names = made(text, maker).into_iter();
                names.for_each(|name| _ = objects.entry(name.to_owned()).or_default().insert(object));
            }
            for (at, word) in words(text) {
                let (path, method) = word.split_at(word.rfind('.').unwrap_or(0));
                let call = format!("{method}{}", text[at + word.len()..].chars().next().unwrap_or(' '));
                if is_in(SOCKETS, &call) {
                    objects.entry(last(path).to_owned()).or_default().insert("s");
                }
            }
        }
        let has =
            |names: &str| python.statements.iter().any(|line| names.split(' ').any(|name| line.text.contains(name)));
        let tcp = has("SOCK_STREAM socket.socket() create_connection( create_server( TCPServer .accept(");
        let udp = has("SOCK_DGRAM UDPServer");
        let server = has(".bind( create_server( Server(");
        let client = has(".connect( .connect_ex( create_connection( .sendto(");
        let pairs = [("TCP", tcp, udp), ("UDP", udp, tcp), ("server", server, client), ("client", client, server)];
        let excluded = pairs.into_iter().filter(|(_, this, other)| *other && !this).map(|(name, ..)| name).collect();
        Script { python, objects, excluded }
    }

    /// The rows that fit best at each place of a statement.
    pub fn answers(&self, text: &str, rows: &[Row], keys: &[Key]) -> Vec<Answer> {
        let mut places = BTreeMap::<usize, Vec<_>>::new();
        for key in keys {
            let context = &*rows[key.row].context;
            for (at, _) in text.match_indices(&key.anchor).filter(|_| !self.excluded.contains(&context)) {
                let Some(is_sure) = self.fits(text, at, key) else { continue };
                let is_there = |piece: &&String| text[at..].contains(*piece) || text[..at].contains(*piece);
                let (there, missing): (Vec<_>, Vec<_>) = key.pieces.iter().partition(is_there);
                if !missing.iter().any(|piece| is_needed(piece)) {
                    let length = there.into_iter().map(String::len).sum::<usize>() + key.anchor.len();
                    let lack: usize = missing.iter().map(|piece| if piece.ends_with('=') { 2 } else { 1 }).sum();
                    let rank = (lack, Reverse(length), !GENERAL.contains(&context), key.rank);
                    let name = key.anchor.find('=').map_or(key.anchor.len(), |equals| equals + 1);
                    places.entry(at + name).or_default().push((is_sure, rank, at, key));
                }
            }
        }
        let mut answers: Vec<(Answer, Vec<&Key>)> = Vec::new();
        for mut found in places.into_values() {
            let is_sure = found.iter().any(|(is_sure, ..)| *is_sure);
            found.retain(|(is_it, ..)| *is_it || !is_sure);
            // Of what is not sure, the best for each kind of object; of the rest, the best.
            let best = |like: &Key| {
                let alike = found.iter().filter(|(.., key)| is_sure || key.variable == like.variable);
                alike.map(|(_, rank, ..)| *rank).min()
            };
            let lack = found.iter().map(|(_, rank, ..)| rank.0).min();
            let is_best = |rank: &(usize, _, _, _), key| Some(*rank) == best(key) && Some(rank.0) == lack;
            let found: Vec<_> = found.iter().filter(|(_, rank, _, key)| is_best(rank, key)).collect();
            let rows: BTreeSet<usize> = found.iter().map(|(.., key)| key.row).collect();
            let answer = Answer { at: found[0].2, rows: rows.into_iter().collect(), depends: !is_sure };
            answers.push((answer, found.iter().map(|(.., key)| *key).collect()));
        }
        let said = |anchor: &String| {
            answers.iter().any(|(_, keys)| keys.iter().any(|key| key.pieces.contains(anchor) && key.anchor != *anchor))
        };
        let is_said: Vec<bool> = answers.iter().map(|(_, keys)| keys.iter().all(|key| said(&key.anchor))).collect();
        answers.into_iter().zip(is_said).filter(|(_, is_said)| !is_said).map(|((answer, _), _)| answer).collect()
    }

    /// Whether a key's anchor is meant at a place, and whether that is sure.
    fn fits(&self, text: &str, at: usize, key: &Key) -> Option<bool> {
        let (before, after) = (&text[..at], &text[at + key.anchor.len()..]);
        if key.anchor.ends_with(is_word) && after.starts_with(is_word) {
            return None;
        }
        let is = |name: &str, object: &str| self.objects.get(name).is_some_and(|known| known.contains(object));
        if !key.anchor.starts_with('.') {
            let is_about =
                key.variable.is_empty() || is(last(after.split([')', ':']).next().unwrap_or_default()), &key.variable);
            let mode = after.split(')').next().and_then(|argument| argument.split_once(",'"));
            if key.anchor == "open(" && key.pieces.is_empty() && mode.is_some_and(|(_, mode)| !mode.starts_with("r'")) {
                return None;
            }
            let is_server = !key.anchor.starts_with("self.") || self.python.imports("socketserver");
            return (is_about && is_server && !before.ends_with(|c| is_word(c) || c == '.' || c == '\''))
                .then_some(true);
        }
        let argument = after.split(')').next().unwrap_or_default();
        let is_other_code = argument.starts_with('\'') && !argument.starts_with("'utf-8'");
        if key.anchor.ends_with("code(") && is_other_code && !key.pieces.iter().any(|piece| piece.starts_with('\'')) {
            return None;
        }
        let object = before.rsplit(|c| !is_word(c) && c != '.').next().unwrap_or_default();
        let makers = || MAKERS.iter().filter(|(object, _)| *object == key.variable).map(|(_, maker)| *maker);
        let is_known = is(last(object), &key.variable);
        let is_made = before.ends_with(')') && makers().any(|maker| before.contains(maker));
        let is_text =
            (key.variable == "text" && before.ends_with('\'')) || is_in(".encode( .decode( .format(", &key.anchor);
        if key.variable.is_empty() {
            return key.pieces.iter().all(|piece| text.contains(piece)).then_some(true);
        }
        if is_known || is_made || is_text || is_in(SOCKETS, &key.anchor) {
            return Some(true);
        }
        let is_imported = |maker: &str| match maker.split_once('.') {
            Some((module, _)) => module.is_empty() || self.python.imports(module),
            None => true,
        };
        let is_module = self.python.imports(object.split('.').next().unwrap_or_default());
        let may_be = makers().next().is_none() || makers().any(is_imported);
        (may_be && !is_module && !before.ends_with('\'') && key.anchor.ends_with('(')).then_some(false)
    }
}

/// The variables that a statement makes with this call: `conn` in `conn, addr = s.accept()`.
fn made<'a>(text: &'a str, maker: &str) -> Vec<&'a str> {
    let Some(at) = text.find(maker).filter(|at| !text[*at..].contains(").")) else { return Vec::new() };
    if text.starts_with("with ") || text.starts_with("except ") {
        let names = text[at..].split("as ").skip(1).map(|rest| rest.split(|c| !is_word(c)).next().unwrap_or_default());
        return names.collect();
    }
    match text.split_once('=') {
        Some((left, value)) if !left.contains('(') && (maker.starts_with('.') || value.starts_with(maker)) => {
            vec![last(left.split([',', ':']).next().unwrap_or_default())]
        }
        _ => Vec::new(),
    }
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}
