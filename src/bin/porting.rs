//! Reads a Python script and says, line by line, what PORTING.md has for it: `cargo run --bin porting my_script.py`,
//! `-` for stdin.
//!
//! Each code span in the first cell of a row is a key. A key fits a statement that has all its calls, names with a dot,
//! named arguments, strings and types, and gives way to a longer one that fits. A method can be that of many objects:
//! unless only a socket has it, or its object is used as a socket, the rows of all come as `perhaps`.

use socket_basics::cli::{self, Console, Context};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::process::ExitCode;

const NAME: &str = env!("CARGO_BIN_NAME");
const HELP: &str = "porting: say what PORTING.md has for each line of a Python script\n\nUsage: porting SCRIPT\n\n  \
    SCRIPT          a file of at most 1 MiB, or - for stdin\n";
const PAGE: &str = include_str!("../../PORTING.md");
const MAX_SCRIPT: u64 = 1024 * 1024; // bytes: far more than people write by hand
const MAX_DOTS: usize = 4; // of a name that are looked at: `self.server.socket.recv` has three
const MARGIN: usize = 11; // columns, of 80
/// Names of these modules are listed if the page does not have them.
const WATCHED: &str = "socket struct subprocess threading socketserver select selectors queue _thread";
/// The page's names for objects, and the module without which a script has none of these.
const OBJECTS: &str = "s f data text items d e p=subprocess t=threading lock=threading event=threading cond=threading \
    q=queue server=socketserver self=socketserver sel=selectors poller=select m=hashlib parser=argparse \
    logger=logging context=ssl writer=asyncio reader=asyncio loop=asyncio";
/// Methods that only a socket has.
const TELLING: &str =
    "accept( listen( recv( recvfrom( sendall( sendto( setsockopt( settimeout( getsockname( getpeername(";

fn main() -> ExitCode {
    run().unwrap_or_else(|error| cli::failure(NAME, 1, &error))
}

fn run() -> io::Result<ExitCode> {
    let words = cli::words(NAME, HELP, &["-"]);
    let [path] = &words[..] else { cli::wrong_usage(NAME, "expected one script, or - for stdin") };
    let script = read(path).context(format_args!("cannot read {}", cli::printable(path.as_bytes())))?;
    let mut console = Console::new(NAME, None, 1);
    console.print(report(&script).as_bytes());
    Ok(console.status())
}

fn read(path: &str) -> io::Result<String> {
    let mut bytes = Vec::new();
    let file: &mut dyn Read = if path == "-" { &mut io::stdin() } else { &mut File::open(path)? };
    if file.take(MAX_SCRIPT + 1).read_to_end(&mut bytes)? as u64 > MAX_SCRIPT {
        return Err(ErrorKind::FileTooLarge.into());
    }
    let script = String::from_utf8(bytes).map_err(io::Error::other)?;
    Ok(script.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}

/// Python without comments and marks. Its strings stand in `'`, with letters and the marks of `struct`; `\r` ends a line
/// inside a statement, a vertical tab one inside a string.
fn code(source: &str) -> String {
    let (mut code, mut quotes, mut depth, mut rest) = (String::new(), "", 0, source);
    while let Some(first) = rest.chars().next() {
        let (mut length, is_string) = (first.len_utf8(), !quotes.is_empty());
        let is_letter = first.is_alphanumeric() || first == '_';
        match first {
            '\\' => length = rest.chars().take(2).map(char::len_utf8).sum(),
            '\n' if quotes.len() == 1 => (length, quotes) = (0, ""), // a string that is not closed
            '\n' if is_string || depth > 0 => code.push(if is_string { '\u{b}' } else { '\r' }),
            _ if is_string && rest.starts_with(quotes) => (length, quotes) = (quotes.len(), ""),
            _ if is_string => code.push(if is_letter || "!<>?@+-.".contains(first) { first } else { '~' }),
            '\'' | '"' if rest.starts_with(&first.to_string().repeat(3)) => (length, quotes) = (3, &rest[..3]),
            '\'' | '"' => quotes = &rest[..1],
            '#' => length = rest.find('\n').unwrap_or(rest.len()),
            _ => {
                depth += i32::from("([{".contains(first)) - i32::from(")]}".contains(first));
                let is_argument = first == '=' && (depth > 0 || !code.ends_with(' ')); // or else an assignment
                code.push(if is_letter || is_argument || ".(,;\n".contains(first) { first } else { ' ' });
            }
        }
        code += if is_string == quotes.is_empty() { "'" } else { "" };
        code += if rest.starts_with("\\\n") { "\r" } else { "" };
        rest = &rest[length..];
    }
    code
}

/// The words of each statement with their lines: names as they are used (`s.recv(`, `timeout=`) and strings (`'rb'`). Of
/// `from a import b as c` they are `import:a` and `import:a.b`.
fn statements(source: &str) -> Vec<Vec<(String, usize)>> {
    let (mut statements, mut line) = (vec![], 1);
    for statement in code(source).split_inclusive(['\n', ';']) {
        let imports = imports(statement);
        let paths = imports.iter().flat_map(|(_, path)| [head(path), path]).map(|path| format!("import:{path} "));
        let text = if imports.is_empty() { statement.to_owned() } else { paths.collect() };
        let text = text.replace("'.", "' str.").replace(" =", "=");
        let text = text.replace('(', "( ").replace('=', "= ");
        let mut words = vec![];
        for (part, line) in text.split('\r').zip(line..) {
            let part = part.split([' ', ',', ';', '\n']).filter(|word| !word.is_empty());
            words.extend(part.map(|word| (word.to_owned(), line)));
        }
        statements.push(words);
        line += statement.matches(['\n', '\r', '\u{b}']).count();
    }
    statements
}

/// What a statement imports, and what it means: `u` may be `struct.unpack`, nothing all of `socket.`.
fn imports(statement: &str) -> Vec<(String, String)> {
    let statement = statement.replace(['(', ';', '\n', '\r'], " ");
    let Some((from, names)) = statement.split_once("import ") else { return vec![] };
    let module = from.split_once("from ").map_or(String::new(), |(_, module)| format!("{}.", module.trim()));
    let names = names.split(',').map(|name| name.split_once(" as ").unwrap_or((name, name)));
    names.map(|(name, alias)| (alias.trim().to_owned(), module.clone() + name.trim())).collect()
}

/// The name in front of the first dot or bracket.
fn head(path: &str) -> &str {
    path.split(['.', '(']).next().unwrap_or_default()
}

/// Whether a key asks for a word.
fn counts(word: &str) -> bool {
    let is_name = word.starts_with(|c: char| c.is_alphabetic() || "_'".contains(c)) && word.len() > 2;
    let is_vague = word.contains('~') || word.ends_with("''") || (word.contains(':') && word.contains('.'));
    let is_type = word.contains(char::is_uppercase) && word.contains(char::is_lowercase);
    let is_special = is_type || ["except", "raise", "print"].contains(&word);
    is_name && !is_vague && (is_special || word.contains(['.', '(', '=', '\'', ':', '_']))
}

/// What the page says, and what is known of the script.
struct Lookup {
    rows: Vec<[String; 3]>,
    keys: BTreeMap<String, Vec<(usize, BTreeSet<String>)>>, // by each of their words: the row, all words
    names: Vec<(String, String)>, // what names mean: `u` is `struct.unpack`, `conn` an `s`, nothing all of `socket.`
}

impl Lookup {
    fn new(source: &str) -> Lookup {
        let (mut rows, mut keys) = (vec![], BTreeMap::<_, Vec<_>>::new());
        for line in PAGE.lines().filter(|line| line.starts_with("| `")) {
            let cells = line.split(" | ").map(|cell| cell.trim_matches(['|', ' ']).replace("\\|", "|"));
            let [python, rust, differs] = &cells.collect::<Vec<_>>()[..] else { continue };
            let context = python.rsplit('`').next().filter(|context| ["", ", TCP", ", UDP"].contains(context));
            for span in python.split('`').skip(1).step_by(2).filter(|_| context.is_some()) {
                let words = statements(span).concat().into_iter().map(|(word, _)| word).filter(|word| counts(word));
                let key: BTreeSet<_> = words.chain(context.map(str::to_owned)).collect();
                for word in key.iter().filter(|word| counts(word)) {
                    keys.entry(word.clone()).or_default().push((rows.len(), key.clone()));
                }
            }
            rows.push([python, rust, differs].map(|cell| cell.replace('`', "")));
        }
        let mut names: Vec<_> = code(source).split(['\n', ';']).flat_map(imports).collect();
        for words in statements(source) {
            let made = words.get(1).filter(|(word, _)| word.ends_with("socket(")).map(|_| words[0].0.as_str());
            let calls = words.iter().filter_map(|(word, _)| word.rsplit_once('.'));
            let used = calls.filter(|(_, method)| TELLING.split(' ').any(|telling| telling == *method));
            let sockets = used.map(|(object, _)| object).filter(|object| !object.is_empty()).chain(made);
            names.extend(sockets.map(|object| (object.to_owned(), "s".to_owned())));
        }
        Lookup { rows, keys, names }
    }

    /// What a name of the script means in full.
    fn path(&self, word: &str) -> Option<String> {
        let full = |(name, meaning): &(String, String)| {
            let rest = word.strip_prefix(name.as_str())?;
            let is_it = name.is_empty() || rest.is_empty() || rest.starts_with(['.', '(']);
            let is_sure = is_it && !name.is_empty() && meaning != "s";
            Some(meaning.clone() + rest).filter(|path| is_sure || (is_it && self.keys.contains_key(path)))
        };
        word.strip_prefix("import:").map(str::to_owned).or_else(|| self.names.iter().find_map(full))
    }

    /// What the page may call a word of the script, and whether it surely means that.
    fn forms(&self, word: &str) -> Vec<(String, bool)> {
        let objects = || OBJECTS.split(' ').map(|object| object.split_once('=').unwrap_or((object, "")));
        let path = self.path(word);
        let call = path.as_ref().map(|path| path.strip_suffix('(').map_or(format!("{path}("), str::to_owned));
        let own = Some(word.to_owned()).filter(|_| path.is_some() || objects().all(|(object, _)| object != head(word)));
        let known = [path.clone(), call, own].into_iter().flatten().find(|form| self.keys.contains_key(form));
        if path.is_some() || known.is_some() {
            return known.map(|form| (form, true)).into_iter().collect();
        }
        let is_imported = |module: &str| self.names.iter().any(|(_, path)| head(path) == module);
        let mut forms = vec![];
        for method in word.rmatch_indices('.').take(MAX_DOTS).map(|(dot, _)| &word[dot..]) {
            let kinds = objects().filter(|(_, module)| module.is_empty() || is_imported(module));
            let known = kinds.map(|(kind, _)| format!("{kind}{method}")).filter(|form| self.keys.contains_key(form));
            forms.extend(known.map(|form| (form, [".encode(", ".decode("].contains(&method))));
        }
        forms
    }
}

/// Rows and whether they are sure, or names that the page does not have; and their lines.
type Found<T> = BTreeMap<T, BTreeSet<usize>>;

fn report(source: &str) -> String {
    let lookup = Lookup::new(source);
    let says = |name: &str| source.contains(name);
    let (is_tcp, is_udp) = (says("SOCK_STREAM") || says("socket()"), says("SOCK_DGRAM"));
    let contexts = ["", if is_tcp || !is_udp { ", TCP" } else { "" }, if is_udp || !is_tcp { ", UDP" } else { "" }];
    let (mut found, mut unknown) = (Found::new(), Found::new());
    for words in statements(source) {
        let forms = words.iter().flat_map(|(word, line)| lookup.forms(word).into_iter().map(move |form| (form, line)));
        let forms: Vec<_> = forms.collect();
        let has = forms.iter().map(|((form, _), _)| form.as_str()).chain(contexts);
        let has: BTreeSet<_> = has.collect();
        let keys = has.iter().filter_map(|word| lookup.keys.get(*word)).flatten();
        let keys: Vec<_> = keys.filter(|(_, key)| key.iter().all(|word| has.contains(&**word))).collect();
        for (row, key) in &keys {
            if !keys.iter().any(|(_, other)| other.len() > key.len() && other.is_superset(key)) {
                let its = || forms.iter().filter(|((form, _), _)| key.contains(form));
                let is_sure = its().all(|((_, is_sure), _)| *is_sure);
                found.entry((*row, is_sure)).or_default().extend(its().map(|(_, line)| **line));
            }
        }
        for (word, line) in words.iter().filter(|(word, _)| lookup.forms(word).is_empty()) {
            let is_watched = |path: &String| WATCHED.split(' ').any(|module| path.starts_with(&format!("{module}.")));
            if let Some(path) = lookup.path(word).filter(|path| is_watched(path) && !path.ends_with('.')) {
                unknown.entry(path.replace('(', "")).or_default().insert(*line);
            }
        }
    }
    show(source, &lookup.rows, found, unknown)
}

fn show(source: &str, rows: &[[String; 3]], found: Found<(usize, bool)>, unknown: Found<String>) -> String {
    let (mut groups, mut text) = (BTreeMap::<_, Vec<_>>::new(), String::new());
    found.into_iter().for_each(|(row, lines)| groups.entry(lines).or_default().push(row));
    let lines: Vec<_> = source.split('\n').collect();
    for (numbers, answers) in groups {
        text.extend(numbers.iter().map(|number| cli::entry(&number.to_string(), MARGIN, lines[number - 1])));
        for (row, is_sure) in answers {
            let titles = [if is_sure { "  Python" } else { "  perhaps" }, "  Rust", "  differs"];
            let filled = titles.iter().zip(&rows[row]).filter(|(_, cell)| !cell.is_empty());
            text.extend(filled.map(|(title, cell)| cli::entry(title, MARGIN, cell)));
        }
        text.push('\n');
    }
    if text.is_empty() && unknown.is_empty() {
        return "PORTING.md has nothing for this script.\n".to_owned();
    }
    text += if unknown.is_empty() { "" } else { "Not in PORTING.md, or not written so:\n" };
    for (name, lines) in unknown {
        let lines: Vec<_> = lines.iter().map(usize::to_string).collect();
        text += &cli::entry("", MARGIN, &format!("{name}: {}", lines.join(", ")));
    }
    text
}
