//! The Rust blocks of PORTING.md are programs: each is compiled as the page shows it, and each is run.
//!
//! What a block prints stands in the text block behind it. The others are servers and clients, which talk to each other
//! here on ports of the system's choice. A block with `mod formats;` gets src/formats.rs beside it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod common;
use common::*;
use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

const PAGE: &str = include_str!("../PORTING.md");
const ADDR: &str = "127.0.0.1:8080"; // of the blocks
const SHELL_ADDR: &str = "127.0.0.1:8081"; // of the script that is ported
const MAIN: &str = "fn main() {\n    let Err(error) = run() else { return };\n    eprintln!(";

/// A fenced block, and what the page says that it prints.
struct Block {
    line: usize,
    source: String,
    prints: Option<String>,
}

/// The blocks that are fenced as `language`.
fn blocks(language: &str) -> Vec<Block> {
    let lines: Vec<_> = PAGE.lines().collect();
    let block_at = |fence: usize| {
        let length = lines[fence + 1..].iter().position(|line| *line == "```").expect("the end of a block");
        lines[fence + 1..][..length].iter().map(|line| format!("{line}\n")).collect::<String>()
    };
    let mut blocks = Vec::new();
    for (fence, line) in lines.iter().enumerate() {
        if *line == format!("```{language}") {
            let source = block_at(fence);
            let next = fence + source.lines().count() + 3; // two fences and an empty line
            let prints = (lines.get(next) == Some(&"```text")).then(|| block_at(next));
            blocks.push(Block { line: fence + 1, source, prints });
        }
    }
    blocks
}

/// The block in which `text` stands.
fn block_with(language: &str, text: &str) -> String {
    let mut found: Vec<_> = blocks(language).into_iter().filter(|block| block.source.contains(text)).collect();
    assert_eq!(found.len(), 1, "blocks with {text:?}");
    found.remove(0).source
}

/// A program in a folder of its own, which goes when this is dropped.
struct Compiled {
    folder: tempfile::TempDir,
}

impl Compiled {
    fn path(&self) -> PathBuf {
        self.folder.path().join(format!("program{}", env::consts::EXE_SUFFIX))
    }

    fn start(&self) -> Program {
        Program::start(&mut Command::new(self.path()))
    }
}

/// Compiles a `main.rs` as somebody would who pastes it; a warning is an error. `None` if that cannot be done here.
fn compile(source: &str) -> Option<Compiled> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("main.rs"), source).unwrap();
    if source.contains("mod formats;") {
        let formats = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/formats.rs");
        if !formats.exists() {
            eprintln!("skipped: there is no src/formats.rs");
            return None;
        }
        fs::copy(formats, folder.path().join("formats.rs")).unwrap();
    }
    let compiled = Compiled { folder };
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or("rustc".into()));
    rustc.args(["--edition", "2024", "-D", "warnings", "main.rs", "-o"]).arg(compiled.path());
    let Ok(output) = rustc.current_dir(compiled.folder.path()).output() else {
        assert!(env::var_os("CI").is_none(), "no rustc");
        eprintln!("skipped: no rustc");
        return None;
    };
    assert!(output.status.success(), "{}\n{source}", String::from_utf8_lossy(&output.stderr));
    Some(compiled)
}

/// A server of the page that says where it listens, and its address.
fn serve(source: &str, addr: &str) -> Option<(Compiled, Program, SocketAddr)> {
    let bind = format!("let listener = TcpListener::bind(\"{addr}\")?;");
    assert_eq!(source.matches(&bind).count(), 1);
    let told =
        format!("{} writeln!(io::stdout(), \"{{}}\", listener.local_addr()?)?;", bind.replace(addr, "127.0.0.1:0"));
    let compiled = compile(&source.replace(&bind, &told))?;
    let server = compiled.start();
    let addr = server.line().parse().unwrap();
    Some((compiled, server, addr))
}

#[test]
fn each_block_prints_what_the_page_shows() {
    let blocks = blocks("rust");
    assert!(blocks.len() > 12, "only {} blocks", blocks.len());
    let halves = blocks.split_at(blocks.len() / 2);
    thread::scope(|scope| {
        for half in [halves.0, halves.1] {
            scope.spawn(move || half.iter().for_each(check));
        }
    });
}

fn check(block: &Block) {
    let (Some(compiled), Some(prints)) = (compile(&block.source), &block.prints) else { return };
    let output = assert_cmd::Command::new(compiled.path()).timeout(PATIENCE).output().unwrap();
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let printed = (output.status.code(), stdout.as_str(), stderr.as_str());
    assert_eq!(printed, (Some(0), prints.as_str(), ""), "the block at line {}", block.line);
}

#[test]
fn each_block_is_a_whole_program_that_does_not_panic() {
    for Block { line, source, .. } in blocks("rust") {
        assert!(source.contains(MAIN), "line {line}: `main` is another one");
        assert!(source.ends_with("    process::exit(1);\n}\n"), "line {line}: `main` does not stand last");
        assert!(!source.lines().any(|line| line.starts_with("# ")), "line {line}: hidden lines");
        for word in ["unwrap()", "expect(", " println!", " print!", "panic!", "thread::spawn(", "todo!"] {
            assert!(!source.contains(word), "line {line}: {word}");
        }
    }
}

#[test]
fn the_server_in_25_lines_has_25_and_serves_the_client_below_it() {
    let source = block_with("rust", "|| handle(conn)");
    assert_eq!(source.lines().filter(|line| !line.is_empty()).count(), 25);
    let client = block_with("rust", "fn input(");
    let Some((_compiled, mut server, addr)) = serve(&source, ADDR) else { return };
    let Some(client) = compile(&client.replace(ADDR, &addr.to_string())) else { return };

    let mut aborting = TcpStream::connect(addr).unwrap();
    aborting.write_all(b"x").unwrap();
    aborting.peek(&mut [0]).unwrap(); // the echo is there, and closing with it unread sends a reset
    drop(aborting);
    server.error_with("cannot serve a client: ");
    let _idle = TcpStream::connect(addr).unwrap(); // it keeps nobody waiting
    let mut first = client.start();
    first.type_line("héllo");
    assert_eq!(first.line(), ">> héllo");
    first.type_line("");
    assert_eq!(first.line(), ">> ");
    assert_eq!(first.finish(), Some(0));
    let mut second = client.start();
    second.type_line("again");
    assert_eq!(second.line(), ">> again");
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    second.type_line("lost");
    assert_eq!(second.finish(), Some(1));
    assert_eq!(second.errors().len(), 1, "it says why");
    let mut third = client.start();
    let error = third.error_with("cannot connect to 127.0.0.1:");
    assert!(error.contains("(os error "), "{error}");
    assert_eq!(third.finish(), Some(1));
}

#[test]
fn the_servers_say_why_they_cannot_listen() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    for (text, shown) in [("|| handle(conn)", ADDR), ("fn serve_next(", SHELL_ADDR)] {
        let Some(server) = compile(&block_with("rust", text).replace(shown, &addr)) else { return };
        let output = assert_cmd::Command::new(server.path()).timeout(PATIENCE).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(error.starts_with(&format!("cannot listen on {addr}: ")) && error.lines().count() == 1, "{error}");
    }
}

#[test]
fn the_client_with_two_threads_shows_what_comes_meanwhile() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let Some(client) = compile(&block_with("rust", "fn show(").replace(ADDR, &addr)) else { return };
    for server_closes_first in [true, false] {
        let mut program = client.start();
        let (mut conn, _) = listener.accept().unwrap();
        conn.set_read_timeout(Some(PATIENCE)).unwrap();
        conn.write_all(b"welcome \x1b[2J\n").unwrap(); // before anything is typed
        assert_eq!(program.line(), r"welcome \x1b[2J");
        program.type_line("hello");
        let mut line = String::new();
        BufReader::new(&conn).read_line(&mut line).unwrap();
        assert_eq!(line, "hello\n");
        if server_closes_first {
            drop(conn);
            assert_eq!(program.line(), "the server has closed");
            let _keep = program.child.stdin.take();
            wait_until("the client ends", || program.child.try_wait().unwrap().is_some());
        } else {
            drop(program.child.stdin.take());
            assert_eq!(io::copy(&mut &conn, &mut io::sink()).unwrap(), 0, "it says that nothing more comes");
            conn.write_all(b"bye\n").unwrap();
            assert_eq!(program.line(), "bye");
            drop(conn);
            assert_eq!(program.finish(), Some(0));
        }
    }
}

/// The servers and the clients of the script that is ported, each with each.
#[test]
fn the_script_that_is_ported_answers_as_its_port_does() {
    let Some(python) = python() else { return };
    let script = |text| {
        let source = block_with("python", text);
        assert_eq!(source.matches("8081").count(), 1);
        source
    };
    let start_python = |source: &str| Program::start(Command::new(python).arg("-c").arg(source));
    let (python_server, python_client) = (script("s.listen(5)"), script("s.connect("));
    let rust_client = block_with("rust", "receive_prefixed(");
    let Some((_compiled, rust_server, rust_addr)) = serve(&block_with("rust", "fn serve_next("), SHELL_ADDR) else {
        return;
    };
    assert_eq!(rust_server.line(), format!("listening on {rust_addr}"));
    let python_server = start_python(&python_server.replace("8081", "0"));
    let line = python_server.line();
    let python_port: u16 = line.trim_end_matches(')').rsplit_once(' ').unwrap().1.parse().unwrap();

    for port in [rust_addr.port(), python_port] {
        let port = port.to_string();
        ask(start_python(&python_client.replace("8081", &port)));
        let rust_client = compile(&rust_client.replace("8081", &port));
        rust_client.iter().for_each(|client| ask(client.start()));
    }
}

/// Has a client run commands, one after the other.
fn ask(mut client: Program) {
    for (cmd, shown) in [("echo hello", "hello"), ("echo oops >&2", "oops"), ("", ""), ("echo bye", "bye")] {
        client.type_line(cmd);
        if !cmd.is_empty() {
            let line = client.line(); // behind one prompt for each line that was typed
            assert_eq!(line.trim_start_matches(">> ").trim_end(), shown);
        }
    }
    client.finish(); // Python ends with an EOFError
}

#[test]
fn a_program_of_two_files_is_built_as_the_page_says() {
    let source = block_with("rust", "receive_line(");
    assert!(source.starts_with("mod formats;"));
    let Some(cargo) = env::var_os("CARGO") else { return };
    let Some(_) = compile(&source) else { return };
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str], folder: &Path| {
        let mut cargo = Command::new(&cargo);
        let output =
            cargo.args(args).current_dir(folder).env_remove("CARGO_TARGET_DIR").stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["new", "--vcs", "none", "my_port"], folder.path());
    let port = folder.path().join("my_port");
    fs::write(port.join("src/main.rs"), &source).unwrap();
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/formats.rs"), port.join("src/formats.rs")).unwrap();
    assert_eq!(run(&["run", "--quiet", "--offline"], &port).trim_end(), "\"hello\"");
}
