//! The tables of PORTING.md, and which of their rows fit a word of a script.

use crate::python::{Python, Word, is_keyword, is_word};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = include_str!("../../../PORTING.md");
const HEADER: &str = "| Python | Rust (std) | what differs |";
/// What the page calls an object that is made so.
#[rustfmt::skip]
const MAKERS: [(&str, &str); 23] = [
    ("s", "socket.socket("), ("s", "socket.create_connection("), ("s", "socket.create_server("), ("s", ".accept("),
    ("f", "open("), ("f", ".makefile("), ("p", "subprocess.Popen("), ("p", "subprocess.run("),
    ("t", "threading.Thread("), ("q", "queue.Queue("), ("lock", "threading.Lock("), ("event", "threading.Event("),
    ("cond", "threading.Condition("),
    ("server", "socketserver."), ("sel", "selectors."), ("m", "hashlib."), ("text", "input("), ("data", ".recv("),
    ("parser", "argparse."), ("dq", "collections.deque("), ("writer", "asyncio."), ("reader", "asyncio."),
    ("e", "except"),
];
/// All variables of the page: what is not among them is a module.
const VARIABLES: &str = "conn=s sock=s res=p result=p b=data buf=data cmd=text line=text msg=text names=items \
                         clients=items a cond context d data dq e event executor f future io it items key lock \
                         logger loop m n p parser q reader s sel server t text view writer x";
/// What only a socket has.
const SOCKETS: &str = ".accept( .connect_ex( .getpeername( .getsockname( .listen( .makefile( .recv( .recvfrom( \
                       .recv_into( .sendall( .sendto( .setblocking( .setsockopt( .settimeout(";
/// Words that must be there if a key has them, names of constants apart.
const NEEDED: &str = "class for if raise while with == += True False None subprocess.";
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
    /// The word that a script must have: `.recv(`.
    anchor: String,
    /// The page's variable in front of it.
    variable: String,
    /// What else should be in the statement.
    others: Vec<String>,
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
    let mut words = Python::read(span, |_| false).statements.pop()?;
    words.truncate(if words.first()?.text.starts_with("import ") { 1 } else { words.len() });
    let (mut others, mut variable) = (Vec::<String>::new(), String::new());
    let is_format = ["struct.", "code(", "open(", "bytes(", "str(", "makefile("].iter().any(|name| span.contains(name));
    for (i, Word { text, .. }) in words.iter().enumerate() {
        let before = if i == 0 { "" } else { words[i - 1].text.as_str() };
        let is_name = |text: &str| text.ends_with(is_word) && !is_keyword(text);
        if text == "def" || (is_name(text) && is_name(before)) {
            return None; // no use of a name, or prose
        } else if before == "class" {
            continue;
        }
        let (head, links) = text.split_at(text.find('.').unwrap_or(text.len()));
        let is_first = others.iter().all(|word| is_keyword(word));
        let is_class = text.starts_with(char::is_uppercase) && text.contains(char::is_lowercase);
        let object = meaning(head).filter(|_| is_first && !links.is_empty());
        if let Some(object) = object {
            variable = object;
            others.push(links.to_owned());
        } else if let Some((name, value)) = text.split_once('=').filter(|_| text.starts_with(is_word)) {
            let is_telling = value.contains('.') || is_in("True False None", value);
            others.push(format!("{name}={}", if is_telling { value } else { "" }));
        } else if text.starts_with('\'') {
            variable = if i == 0 { "text".to_owned() } else { variable };
            let is_example = i > 0 && text.len() > 3 && text.contains(' '); // less general than a key without
            others.extend(is_example.then(|| "example".to_owned()));
            let is_host = is_first && (text.len() > 8 || words.len() == 5);
            others.push(if is_format || is_host { text } else { continue }.clone());
        } else if (text == "e" && i > 0) || (words.len() == 3 && before == "with") {
            variable = meaning(text)?; // what is done with any exception, any lock
        } else {
            let is_used = text.contains('.') || text.starts_with("import ") || (text.contains('(') && text.len() > 2);
            let is_flag = is_in("0 1 2", text) && before.ends_with('(');
            let is_own =
                text == "print" || text.starts_with("__") || (i == 0 && text.contains('_')) || (is_class && is_first);
            others.extend((is_used || is_own || is_in(NEEDED, text) || is_flag).then(|| text.clone()));
        }
    }
    // The use of a name comes first: `open(` of `with open(path) as f:`, `.encode(` of `str(n).encode()`.
    let is_anchor = |word: &&String| word.len() > 1 && !is_in(NEEDED, word) || (*word == "with" && words.len() == 3);
    let first = others.iter().find(is_anchor)?;
    let chained = others.iter().find(|word| word.starts_with('.') && variable.is_empty() && !first.contains('.'));
    let anchor = chained.unwrap_or(first).clone();
    others.retain(|word| *word != anchor && !(anchor.contains('.') && word.starts_with('.')));
    others.extend(anchor.ends_with("()").then(|| "()".to_owned()));
    Some(Key { row, rank, anchor: anchor.trim_end_matches(')').to_owned(), variable, others })
}

/// What one of the page's variables stands for.
fn meaning(variable: &str) -> Option<String> {
    let name = VARIABLES.split(' ').find(|name| name.split('=').next() == Some(variable))?;
    Some(name.rsplit('=').next()?.to_owned())
}

fn is_in(list: &str, word: &str) -> bool {
    list.split(' ').any(|other| other == word)
}

/// What a keyword argument is given, any other word as it is.
pub fn value(word: &str) -> &str {
    word.split_once('=').map_or(word, |(_, value)| value)
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

impl Key {
    /// Whether it has this name of a module.
    pub fn names(&self, path: &str) -> bool {
        let is_it = |word: &String| word.trim_end_matches(['(', ')']).rsplit('=').next() == Some(path);
        is_it(&self.anchor) || self.others.iter().any(is_it)
    }

    /// Whether a word is its anchor.
    fn is_met(&self, word: &str) -> bool {
        let word = word.trim_end_matches(')');
        if self.anchor.starts_with(['.', '=']) || self.anchor.ends_with('=') {
            return word.ends_with(&self.anchor) || (self.anchor.ends_with('=') && word.starts_with(&self.anchor));
        }
        let is_unpack = self.anchor == "struct.pack(" && word.starts_with("struct.") && word.contains("pack");
        is_unpack || [word, word.trim_end_matches('('), value(word)].contains(&&*self.anchor)
    }

    /// How little a statement has of the rest of the key; nothing if it means something else.
    fn lack(&self, i: usize, statement: &[Word]) -> Option<usize> {
        let (word, arguments) = (&statement[i], &statement[i..close(i, statement)]);
        let is_there = |other: &str| match other {
            "()" => word.text.ends_with("()"),
            _ if other.starts_with('\'') => arguments.iter().any(|word| value(&word.text) == other),
            _ if other.ends_with('=') => arguments.iter().any(|word| word.text.starts_with(other)),
            _ => statement.iter().any(|word| {
                let text = word.text.trim_end_matches(')');
                [&word.text, text, value(text)].contains(&other) || (other.starts_with('.') && text.ends_with(other))
            }),
        };
        let mut lack = usize::from(self.anchor == "struct.pack(" && !word.text.starts_with(&self.anchor));
        for other in self.others.iter().filter(|other| !is_there(other)) {
            let is_constant = (last(other).starts_with(char::is_uppercase) && !other.contains('='))
                || self.anchor == "socket.socket("; // whose arguments are all that it says
            let is_usual = other.starts_with("subprocess.") || other == "socket.AF_INET";
            let is_flag = other.ends_with("=True") || other.ends_with("=False");
            if (is_constant && !is_usual) || is_flag || other.starts_with('\'') || is_in(NEEDED, other) {
                return None;
            }
            lack += if other.ends_with('=') || is_in("0 1 2", other) { 2 } else { 1 };
        }
        Some(lack)
    }
}

/// Which word ends the call that word `i` begins; `i` if it is none.
fn close(i: usize, statement: &[Word]) -> usize {
    let mut depth = 0_usize;
    let ends = |word: &Word| {
        depth += usize::from(word.text.ends_with(['(', '[', '{']));
        depth = depth.saturating_sub(usize::from(")]}".contains(&word.text)));
        depth == 0
    };
    i + statement[i..].iter().position(ends).unwrap_or(statement.len() - i)
}

/// What the page has for a word of a script.
pub struct Answer {
    pub line: usize,
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
        let mut has = |name: &str, object| _ = objects.entry(last(name).to_owned()).or_default().insert(object);
        for statement in &python.statements {
            let target = statement.iter().any(|word| word.text == "=").then(|| &statement[0].text);
            for (i, Word { text, .. }) in statement.iter().enumerate().skip(1) {
                let after = statement.get(i + 1).map_or("", |word| &word.text);
                let is_value = ["=", "with", ","].contains(&&*statement[i - 1].text);
                let is_end = || statement.get(close(i, statement) + 1).is_none_or(|word| !word.text.starts_with('.'));
                if let Some(object) = made(text).filter(|_| is_value && is_end()) {
                    let alias =
                        statement[i..].iter().skip_while(|word| word.text != "as").nth(1).map(|word| &word.text);
                    alias.or(target).into_iter().for_each(|name| has(name, object));
                }
                if statement[0].text == "except" && ["as", ","].contains(&&**text) {
                    has(after, "e");
                }
            }
        }
        for (path, method) in python.statements.iter().flatten().filter_map(|word| word.text.rsplit_once('.')) {
            if SOCKETS.split(' ').any(|name| name[1..] == *method.trim_end_matches(')')) {
                has(path, "s");
            }
        }
        let words = || python.statements.iter().flatten().map(|word| word.text.as_str());
        let says = |names: &str| words().any(|word| names.split(' ').any(|name| word.ends_with(name)));
        let tcp = says("SOCK_STREAM socket.socket() create_connection( create_server( TCPServer( .accept()");
        let udp = says("SOCK_DGRAM UDPServer(");
        let server = says(".bind( create_server( Server(");
        let client = says(".connect( .connect_ex( create_connection( .sendto(");
        let pairs = [("TCP", tcp, udp), ("UDP", udp, tcp), ("server", server, client), ("client", client, server)];
        let excluded = pairs.into_iter().filter(|(_, this, other)| *other && !this).map(|(name, ..)| name).collect();
        Script { python, objects, excluded }
    }

    /// The rows that fit best for each word of a statement.
    pub fn answers(&self, statement: &[Word], rows: &[Row], keys: &[Key]) -> Vec<Option<Answer>> {
        let (mut answers, mut said) = (Vec::new(), Vec::new());
        for (i, word) in statement.iter().enumerate() {
            let mut found = Vec::new();
            for key in keys.iter().filter(|key| key.is_met(&word.text)) {
                let context = &*rows[key.row].context;
                let Some(is_sure) = self.fits(i, statement, key) else { continue };
                let Some(lack) = key.lack(i, statement) else { continue };
                let length: usize = key.others.iter().map(String::len).sum();
                if !self.excluded.contains(&context) {
                    let rank = (lack, Reverse(key.anchor.len() + length), !GENERAL.contains(&context), key.rank);
                    found.push((is_sure, rank, key));
                }
            }
            // Of what is not sure, the best for each kind of object; of the rest, the best.
            let is_sure = found.iter().any(|(is_sure, ..)| *is_sure);
            found.retain(|(is_it, ..)| *is_it == is_sure);
            let least = found.iter().map(|(_, (lack, ..), _)| *lack).min();
            let best = |like: &Key| {
                let alike = found.iter().filter(|(.., key)| is_sure || key.variable == like.variable);
                alike.map(|(_, rank, _)| *rank).min()
            };
            let is_best = |(_, rank, key): &&(_, (usize, _, _, _), &Key)| {
                Some(*rank) == best(key) && least.is_some_and(|least| rank.0 <= least + 1)
            };
            let best: Vec<&Key> = found.iter().filter(is_best).map(|(.., key)| *key).collect();
            let rows: BTreeSet<usize> = best.iter().map(|key| key.row).filter(|_| !said.contains(&word.text)).collect();
            said.extend(best.iter().flat_map(|key| key.others.clone()));
            let answer = Answer { line: word.line, rows: rows.into_iter().collect(), depends: !is_sure };
            answers.push(if best.is_empty() { None } else { Some(answer) });
        }
        answers
    }

    /// Whether a key's anchor is meant where a word is it, and whether that is sure.
    fn fits(&self, i: usize, statement: &[Word], key: &Key) -> Option<bool> {
        let text = |i: usize| statement.get(i).map_or("", |word| word.text.trim_end_matches(')'));
        let (before, word, after) = (text(i.wrapping_sub(1)), text(i), text(i + 1));
        let second = statement[i..].iter().skip_while(|word| word.text != ",").nth(1).map_or("", |word| &word.text);
        let code = ["open(", "code("].iter().position(|call| word.ends_with(call)).map(|call| [second, after][call]);
        let is_other_code = code.is_some_and(|code| code.starts_with('\'') && !is_in("'r' 'utf-8'", code));
        if is_other_code && word != "str.encode(" && !key.others.iter().any(|other| other.starts_with('\'')) {
            return None;
        }
        let is = |name: &str| self.objects.get(last(name)).is_some_and(|known| known.contains(&*key.variable));
        let Some(object) = word.strip_suffix(&*key.anchor).filter(|_| key.anchor.starts_with('.')) else {
            let is_about = key.variable.is_empty() || is(after);
            let is_server = !word.starts_with("self.") || self.python.imports("socketserver");
            let is_host = word != "''" || (before == "(" && after == ",");
            return (is_about && is_server && is_host).then_some(true);
        };
        if key.variable.is_empty() {
            return key.others.iter().all(|other| statement.iter().any(|word| word.text == *other)).then_some(true);
        }
        let is_string = object.is_empty() && before.starts_with('\'');
        let is_text = (key.variable == "text" && is_string) || is_in(".encode( .decode( .format(", &key.anchor);
        let is_made = object.is_empty() && statement[..i].iter().any(|word| made(&word.text) == Some(&*key.variable));
        if is(object) || is_made || is_text || is_in(SOCKETS, &key.anchor) {
            return Some(true);
        }
        let is_module = |name: &str| self.python.imports(name.split('.').next().unwrap_or_default());
        let mut makers = MAKERS.iter().filter(|(object, _)| *object == key.variable).map(|(_, maker)| maker).peekable();
        let is_builtin = |maker: &str| maker.starts_with('.') || !maker.contains('.');
        let may_be = makers.peek().is_none() || makers.any(|maker| is_builtin(maker) || is_module(maker));
        (may_be && !is_module(object) && key.anchor.ends_with('(')).then_some(false)
    }
}

/// What a call makes, by its page's name.
fn made(call: &str) -> Option<&'static str> {
    let call = call.trim_end_matches(')');
    MAKERS
        .iter()
        .find(|(_, maker)| if maker.starts_with('.') { call.ends_with(maker) } else { call.starts_with(maker) })
        .map(|(object, _)| *object)
}
