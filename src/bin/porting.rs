//! Reads a Python script and says, line by line, what PORTING.md has for it: `cargo run --bin porting my_script.py`.
//!
//! Each code span in the first cell of a row is a key. A key fits a statement that has all its calls, names with a dot,
//! named arguments, strings and types, and gives way to a longer one that fits. A method can be that of many objects:
//! unless only a socket has it, or its object is made or used as a socket, the rows of all come as `perhaps`.

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
const WATCHED: &str = " socket struct subprocess threading socketserver select selectors queue _thread ";
/// The page's names for objects, and what a script says that has them.
const OBJECTS: &str = " s= f=open f=makefile data= text= items= d= e= n= p=subprocess t=threading t=multiprocessing \
    lock=threading event=threading cond=threading q=queue dq=deque executor=futures future=futures \
    server=socketserver self=socketserver sel=selectors key=selectors poller=select. layout=Struct match=import-re \
    m=hashlib parser=argparse logger=logging context=ssl writer=asyncio reader=asyncio loop=asyncio \
    transport=asyncio now=datetime delta=datetime root=kinter fernet=rypt cipher=rypt";
const TCP: &str = "SOCK_STREAM TCPServer StreamRequestHandler create_connection socketpair .request. .accept( .listen(";
const UDP: &str = "SOCK_DGRAM SOCK_RAW UDPServer DatagramRequestHandler";
/// Methods that only one of these has, in a script that has sockets.
const TELLING: &str = ".accept( .listen( .recv( .recvfrom( .sendall( .sendto( .setsockopt( .settimeout( .getsockname( \
    .getpeername( .encode( .decode(";

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
    Ok(script.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n"))
}

/// The words of each statement and their lines: names as they are used (`s.recv(`, `timeout=`) and strings (`'rb'`).
/// In `code` nothing is escaped: `~~` stands for what was, and `\r` for the end of a line inside a statement.
fn statements(source: &str) -> Vec<Vec<(String, usize)>> {
    let code = source.replace(r"\\", "~~").replace(r"\'", "~~").replace(r#"\""#, "~~").replace("\\\n", "\r");
    let is_name = |c: char| c.is_alphanumeric() || "_.".contains(c);
    let (mut all, mut words, mut line, mut depth, mut before, mut rest) = (vec![], vec![], 1, 0, "", &code[..]);
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '#' => rest.find(['\n', '\r']),
            '\'' | '"' if rest.chars().take(3).eq([first; 3]) => rest[3..].find(&rest[..3]).map(|end| end + 6),
            '\'' | '"' => rest[1..].find([first, '\n']).map(|end| end + 2),
            _ => Some(rest.find(|c| !is_name(c)).unwrap_or(rest.len()).max(first.len_utf8())),
        };
        let (token, tail) = rest.split_at(end.unwrap_or(rest.len()));
        let next = tail.strip_prefix(' ').filter(|_| depth > 0).unwrap_or(tail); // elsewhere ` =` is an assignment
        let is_named = next.starts_with('=') && !next.starts_with("==") && !token.contains('.');
        let mark = if next.starts_with('(') { "(" } else { ["", "="][usize::from(is_named)] };
        match first {
            '\'' | '"' => {
                let is_format = before.trim_matches(['r', 'R']).eq_ignore_ascii_case("f"); // f'{addr[0]}'
                let fields = token.split('{').skip(1).filter(|_| is_format);
                let code = fields.flat_map(|field| statements(field.split('}').next().unwrap_or_default()));
                words.extend(code.flatten().map(|(word, _)| (word, line)));
                words.push((format!("'{}'", token.trim_matches(first)), line));
            }
            '\n' | ';' | '#' if depth <= 0 => all.push(asked(std::mem::take(&mut words))),
            '.' if before == "str" => words.push((format!("str{token}{mark}"), line)),
            _ if is_name(first) => words.push((format!("{token}{mark}"), line)),
            _ => depth += i32::from("([{".contains(first)) - i32::from(")]}".contains(first)),
        }
        line += token.matches(['\n', '\r']).count();
        (before, rest) = (if "'\"".contains(first) { "str" } else { token }, tail); // `', '.join(`
    }
    all.push(asked(words));
    all
}

/// What a statement asks for: its words, or of `from a import b as c` the words `import-a` and `import-a.b as c`.
fn asked(mut words: Vec<(String, usize)>) -> Vec<(String, usize)> {
    let defined = words.iter().position(|(word, _)| ["def", "class"].contains(&word.as_str())).map(|at| at + 1);
    defined.filter(|at| *at < words.len()).map(|at| words.remove(at)); // a name of its own
    let names = words.iter().map(|(word, _)| format!(" {word}")).filter(|name| !name.contains('\''));
    let text = names.collect::<String>().replace(" as ", "=") + " ";
    let Some((from, names)) = text.split_once(" import ") else { return words };
    let module = from.split_once("from ").map_or(String::new(), |(_, module)| format!("{module}."));
    let names = names.trim_end().split(' ').map(|name| name.split_once('=').unwrap_or((name, name)));
    let imports = names.map(|(name, alias)| format!("import-{module}{name} as {alias}"));
    let imports = imports.flat_map(|import| [head(&import).to_owned(), import]);
    imports.filter_map(|import| Some((import, words.first()?.1))).collect()
}

/// The name in front of the first mark.
fn head(path: &str) -> &str {
    path.split(['.', '(', ' ']).next().unwrap_or_default()
}

/// Whether a key asks for a word.
fn counts(word: &str) -> bool {
    let is_name = word.starts_with(|c: char| c.is_alphabetic() || "_'".contains(c)) && word.len() > 2;
    let is_plain = word.trim_end_matches(['(', '=']).chars().all(|c| c.is_alphanumeric() || "_'.!<=>?@+-".contains(c));
    let is_type = word.contains(char::is_uppercase) && word.contains(char::is_lowercase);
    let is_special = is_type || ["except", "raise", "print"].contains(&word);
    is_name && is_plain && (is_special || word.contains(['.', '(', '=', '\'', '-', '_']))
}

/// What the page says, and what is known of the script.
struct Lookup {
    keys: BTreeMap<String, Vec<(usize, String, BTreeSet<String>)>>, // by each word: the row, all words
    names: BTreeMap<String, String>, // what names mean: `u` is `struct.unpack`, `conn.` is `s.`
    objects: Vec<&'static str>,      // those that the script may have
    has_sockets: bool,
}

impl Lookup {
    fn new(source: &str, script: &[Vec<(String, usize)>]) -> Lookup {
        let names = || script.iter().flatten().filter(|(word, _)| !word.starts_with('\''));
        let says = |parts: &str| parts.split(' ').any(|part| names().any(|(word, _)| word.contains(part)));
        let (is_tcp, is_udp) = (says(TCP) || source.contains("socket()"), says(UDP));
        let ends = ["`", if is_tcp || !is_udp { ", TCP" } else { "`" }, if is_udp || !is_tcp { ", UDP" } else { "`" }];
        let objects = OBJECTS.split(' ').filter_map(|object| object.split_once('=')).filter(|(_, module)| says(module));
        let objects = objects.map(|(object, _)| object).collect();
        let mut lookup = Lookup { keys: BTreeMap::new(), names: BTreeMap::new(), objects, has_sockets: says("socket") };
        for (number, line) in PAGE.lines().enumerate().filter(|(_, line)| line.starts_with("| `")) {
            let cells = line.split(" | ").map(|cell| cell.trim_matches(['|', ' ']).replace("\\|", "|"));
            let filled = cells.zip(["  Python", "  Rust", "  differs"]).filter(|(cell, _)| !cell.is_empty());
            let row: String = filled.map(|(cell, title)| cli::entry(title, MARGIN, &cell.replace('`', ""))).collect();
            let python = line.split(" | ").next().filter(|cell| ends.iter().any(|end| cell.ends_with(end)));
            for span in python.into_iter().flat_map(|cell| cell.split('`').skip(1).step_by(2)) {
                let words = statements(span).concat().into_iter().map(|(word, _)| word);
                let key: BTreeSet<_> = words.filter(|word| counts(word)).collect();
                for word in &key {
                    lookup.keys.entry(word.clone()).or_default().push((number, row.clone(), key.clone()));
                }
            }
        }
        script.iter().for_each(|words| lookup.learn(words));
        lookup.names.retain(|name, _| !["", "."].contains(&name.as_str())); // of `import *` and of `f().recv(`
        lookup
    }

    /// Takes in what a statement imports, and what it uses as a socket.
    fn learn(&mut self, words: &[(String, usize)]) {
        for (path, name) in words.iter().filter_map(|(word, _)| word.strip_prefix("import-")?.split_once(" as ")) {
            let all = self.keys.keys().filter_map(|key| key.strip_prefix(path).filter(|_| name.is_empty())).map(head);
            self.names.extend(all.map(|name| (name.to_owned(), format!("{path}{name}"))));
            self.names.insert(name.to_owned(), path.to_owned());
        }
        let call = words.iter().find(|(word, _)| word.ends_with('(')).and_then(|(word, _)| word.rsplit('.').next());
        let makes = call.is_some_and(|call| ["socket(", "accept(", "create_connection("].contains(&call));
        let made = words.iter().enumerate().filter(|(at, _)| makes && (*at == 0 || words[at - 1].0 == "as"));
        let made = made.map(|(_, (word, _))| word.trim_end_matches('='));
        let used = words.iter().filter_map(|(word, _)| Some(word.split_at(word.rfind('.')?)));
        let used = used.filter(|(_, method)| TELLING.contains(method) && self.keys.contains_key(&format!("s{method}")));
        let sockets = used.map(|(object, _)| object).chain(made).filter(|name| self.has_sockets && *name != "self");
        self.names.extend(sockets.map(|name| (format!("{name}."), "s.".to_owned())));
    }

    /// What the page may call a word of the script, with its line and whether it surely means that.
    fn forms(&self, (word, line): &(String, usize)) -> Vec<(String, (usize, bool))> {
        let import = word.split_once(" as ").filter(|_| word.starts_with("import-"));
        let word = &import.map_or(word.clone(), |(_, name)| format!("{name}(")); // what it is imported for
        let dots = word.match_indices(['.', '(']).take(MAX_DOTS).flat_map(|(dot, _)| [dot, dot + 1]);
        let full = |end: usize| self.names.get(&word[..end]).map(|meaning| meaning.clone() + &word[end..]);
        let paths: Vec<_> = dots.chain([word.len()]).filter_map(full).collect();
        let variants = |path: &String| [path.clone(), path.trim_end_matches('(').to_owned(), format!("{path}(")];
        let own = Some(word.to_owned()).filter(|word| !OBJECTS.contains(&format!(" {}=", head(word))));
        let known = paths.iter().flat_map(variants).chain(own).find(|form| self.keys.contains_key(form));
        if let Some(form) = known.or(paths.into_iter().find(|path| !path.starts_with("s."))) {
            return vec![(form, (*line, true))];
        }
        let forms = |call| self.objects.iter().map(move |object| format!("{object}{call}"));
        let known = |call| forms(call).filter(|form| self.keys.contains_key(form));
        let calls = word.rmatch_indices('.').take(MAX_DOTS).map(|(dot, _)| &word[dot..]);
        let longest = calls.filter(|call| known(*call).next().is_some()).last().unwrap_or_default();
        let is_sure = self.has_sockets && TELLING.contains(longest) && *word != format!("self{longest}");
        known(longest).map(|form| (form, (*line, is_sure))).collect()
    }
}

fn report(source: &str) -> String {
    let (script, mut found) = (statements(source), BTreeMap::<_, BTreeSet<_>>::new());
    let lookup = Lookup::new(source, &script);
    for words in script {
        let mut forms = BTreeMap::<_, BTreeSet<_>>::new();
        for (form, its) in words.iter().flat_map(|word| lookup.forms(word)) {
            forms.entry(form).or_default().insert(its);
        }
        let keys = forms.keys().filter_map(|form| lookup.keys.get(form)).flatten();
        let keys: BTreeSet<_> = keys.filter(|(_, _, key)| key.iter().all(|word| forms.contains_key(word))).collect();
        let its = |key: &BTreeSet<_>| key.iter().flat_map(|word| forms[word].clone()).collect::<Vec<_>>();
        let is_sure = |row| keys.iter().any(|(number, _, key)| number == row && its(key).iter().all(|(_, sure)| *sure));
        let yields = |key| keys.iter().any(|(_, _, other)| other != key && other.is_superset(key));
        for (number, row, key) in keys.iter().filter(|(_, _, key)| !yields(key)) {
            let row = if is_sure(number) { row.clone() } else { row.replacen("Python ", "perhaps", 1) };
            found.entry((*number, row)).or_default().extend(its(key).iter().map(|(line, _)| *line));
        }
        let is_watched = |form: &str| form.contains('.') && WATCHED.contains(&format!(" {} ", head(form)));
        for (form, its) in forms.iter().filter(|(form, _)| is_watched(form) && !lookup.keys.contains_key(*form)) {
            let name = (usize::MAX, form.trim_end_matches(['(', '=']).to_owned());
            found.entry(name).or_default().extend(its.iter().map(|(line, _)| *line));
        }
    }
    show(source, found)
}

/// What was found, with its lines: rows behind their numbers, and behind the last of all numbers the unknown names.
fn show(source: &str, mut found: BTreeMap<(usize, String), BTreeSet<usize>>) -> String {
    let unknown = found.split_off(&(usize::MAX, String::new()));
    let (mut groups, mut text) = (BTreeMap::<_, String>::new(), String::new());
    found.into_iter().for_each(|((_, row), lines)| *groups.entry(lines).or_default() += &row);
    let lines: Vec<_> = source.split('\n').collect();
    for (numbers, rows) in groups {
        text.extend(numbers.iter().map(|number| cli::entry(&number.to_string(), MARGIN, lines[number - 1])));
        text += &format!("{rows}\n");
    }
    text += if unknown.is_empty() { "" } else { "Not in PORTING.md, or not written so:\n" };
    for ((_, name), lines) in unknown {
        let lines: Vec<_> = lines.iter().map(usize::to_string).collect();
        text += &cli::entry("", MARGIN, &format!("{name}: {}", lines.join(", ")));
    }
    if text.is_empty() { "PORTING.md has nothing for this script.\n".to_owned() } else { text }
}
