//! What the tests share: real programs as child processes, every wait with a limit, nothing left behind.

#![allow(dead_code)] // each test file uses its own part
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use socket_basics::header;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// Long enough for a loaded machine: a test that fails waits this long, one that passes does not.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What a loaded machine may add to a limit that is promised.
pub const SLACK: Duration = Duration::from_secs(2);

/// The path of one of the crate's programs.
pub fn program(name: &str) -> PathBuf {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Path::new(env!("CARGO_BIN_EXE_udp_server")).with_file_name(file)
}

/// A client to run to its end: `client("udp_client", addr).write_stdin("hello\n").assert()`.
pub fn client(name: &str, addr: SocketAddr) -> assert_cmd::Command {
    let mut client = assert_cmd::Command::new(program(name));
    client.arg(addr.to_string()).timeout(PATIENCE);
    client
}

/// A child process with its three pipes.
pub fn spawn(command: &mut Command) -> Child {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    piped.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"))
}

/// A child process whose output is read line by line; killed and waited for when dropped.
pub struct Program {
    pub child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Program {
    pub fn start(command: &mut Command) -> Program {
        Program::following(spawn(command))
    }

    /// Takes over a child from [`spawn`]. From a pipe that was taken out of it before, nothing comes.
    pub fn following(mut child: Child) -> Program {
        let stdout = child.stdout.take().map_or_else(nothing, lines);
        let stderr = child.stderr.take().map_or_else(nothing, lines);
        Program { child, stdout, stderr }
    }

    /// Gives the program a line of input.
    pub fn type_line(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next line of stdout.
    pub fn line(&self) -> String {
        self.stdout.recv_timeout(PATIENCE).expect("no further line on stdout")
    }

    /// The next line of stdout that contains `text`.
    pub fn line_with(&self, text: &str) -> String {
        find(&self.stdout, text)
    }

    /// The next line of stderr that contains `text`.
    pub fn error_with(&self, text: &str) -> String {
        find(&self.stderr, text)
    }

    /// The lines of stderr that are left, once the program has ended.
    pub fn errors(&self) -> Vec<String> {
        self.stderr.iter().collect()
    }

    /// Stops the program in the middle of a wait, and lets it go on.
    #[cfg(target_os = "linux")]
    pub fn stop_and_continue(&self) {
        let pid = self.child.id().to_string();
        let stat = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        wait_until("the program waits", || stat().contains(") S "));
        for (signal, state) in [("-STOP", ") T "), ("-CONT", ") S ")] {
            assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
            wait_until("the signal has arrived", || stat().contains(state) || stat().contains(") Z "));
        }
    }

    /// Closes stdin and waits for the end; returns the exit status.
    pub fn finish(&mut self) -> Option<i32> {
        drop(self.child.stdin.take());
        let mut status = None;
        wait_until("the program ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap().code()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One of the crate's servers on a port of the system's choice.
pub struct Server {
    pub program: Program,
    pub addr: SocketAddr,
}

impl Server {
    pub fn start(name: &str) -> Server {
        Server::start_with(name, &["127.0.0.1:0"])
    }

    pub fn start_with(name: &str, args: &[&str]) -> Server {
        Server::listening(Program::start(Command::new(program(name)).args(args)))
    }

    /// Takes over a program whose first line is `listening on ADDR`.
    pub fn listening(program: Program) -> Server {
        let first = program.line();
        let addr = first.strip_prefix("listening on ").unwrap_or_else(|| panic!("first line: {first:?}"));
        Server { addr: addr.parse().unwrap(), program }
    }

    /// A connection whose reads and writes fail rather than hang.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect_timeout(&self.addr, PATIENCE).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }
}

/// A UDP address that nobody answers while the sockets live: in use, so nobody else gets it, but connected elsewhere.
pub fn deaf_udp() -> (SocketAddr, [UdpSocket; 2]) {
    let ends = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
    ends[0].connect(ends[1].local_addr().unwrap()).unwrap();
    (ends[0].local_addr().unwrap(), ends)
}

/// A TCP address that refuses while the sockets live. Nobody listens there, and nobody gets the port: a client that the
/// system gives that very port would be connected with itself.
pub fn deaf_tcp() -> (SocketAddr, (TcpStream, TcpStream)) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let stream = TcpStream::connect(addr).unwrap();
    let accepted = listener.accept().unwrap().0; // keeps the port of the listener, which is closed here
    (addr, (accepted, stream))
}

/// Says that a test, or a part of it, is skipped, and why. Where `CI` is set that is a failure on Linux, as CI can have
/// there whatever a test needs.
pub fn skip(why: &str) {
    assert!(!cfg!(target_os = "linux") || std::env::var_os("CI").is_none(), "CI must not skip this: {why}");
    say_skipped(why);
}

/// The same for what CI cannot have.
pub fn say_skipped(why: &str) {
    let thread = thread::current();
    let test = thread.name().unwrap_or("a test");
    let _ = writeln!(std::io::stderr(), "skipped {test}: {why}"); // seen, unlike what `eprintln!` prints
}

/// Whether this machine has IPv6.
pub fn has_ipv6() -> bool {
    let has_it = UdpSocket::bind("[::1]:0").is_ok();
    if !has_it {
        say_skipped("this machine has no IPv6");
    }
    has_it
}

/// Whether this process is root, who may become other users and open raw sockets. CI runs some tests as root.
#[cfg(target_os = "linux")]
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    if !is_root {
        say_skipped("it takes root");
    }
    is_root
}

/// Python's interpreter, where it is, and its minor version. It is asked once, as a name may stand for a script that
/// looks for it, slowly, every time.
fn interpreter() -> Option<&'static (String, u32)> {
    static FOUND: OnceLock<Option<(String, u32)>> = OnceLock::new();
    let ask = |name| {
        let program = "import sys; print(sys.version_info[1], sys.executable)";
        let answer = Command::new(name).args(["-X", "utf8", "-c", program]).output().ok()?;
        let answer = text(answer.stdout.trim_ascii());
        let (minor, path) = answer.split_once(' ')?;
        Some((path.to_owned(), minor.parse().ok()?))
    };
    FOUND.get_or_init(|| ["python3", "python"].into_iter().find_map(ask)).as_ref()
}

/// Python from this minor version on.
pub fn python_from(minor: u32) -> Option<&'static str> {
    match interpreter() {
        Some((path, found)) if *found >= minor => Some(path),
        _ => {
            let why = format!("there is no Python from 3.{minor} on here");
            assert!(std::env::var_os("CI").is_none(), "{why}, and CI must not skip what needs it");
            say_skipped(&why);
            None
        }
    }
}

/// The Python that the programs in `tests/python` need.
pub fn python() -> Option<&'static str> {
    python_from(8)
}

/// The minor version of Python, where there is one.
pub fn python_minor() -> Option<u32> {
    interpreter().map(|(_, minor)| *minor)
}

/// Python without its third-party packages, which makes it start twice as fast, and with UTF-8 on stdin anywhere.
pub fn bare_python() -> Command {
    let mut command = Command::new(&interpreter().expect("no Python").0);
    command.args(["-S", "-X", "utf8"]).env_remove("PYTHONUNBUFFERED"); // what they must flush is theirs to flush
    command
}

/// `tests/python/NAME.py`.
pub fn python_script(name: &str) -> Command {
    let mut command = bare_python();
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(format!("{name}.py")));
    command
}

/// What a program is written in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Language {
    Rust,
    Python,
}
pub use Language::{Python, Rust};

/// The languages that there are.
pub fn languages() -> Vec<Language> {
    if python().is_some() { vec![Rust, Python] } else { vec![Rust] }
}

/// Every language of a server with every language of a client.
pub fn pairs() -> Vec<(Language, Language)> {
    languages().into_iter().flat_map(|server| languages().into_iter().map(move |client| (server, client))).collect()
}

/// `examples/NAME.rs`, or the Python beside it.
pub fn example(language: Language, name: &str) -> Command {
    if language == Python {
        return python_script(name);
    }
    let path = program("x").with_file_name("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is missing: cargo build --examples makes it", path.display());
    Command::new(path)
}

/// Bytes as a `String`.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Polls until `condition` holds.
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The bytes of a COMMAND message.
pub fn header_command(command: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    header::send_message(&mut message, header::Kind::Command, command).unwrap();
    message
}

/// What `echo TEXT` prints in the shell of this system.
pub fn echoed(text: &str) -> Vec<u8> {
    let newline = if cfg!(windows) { "\r\n" } else { "\n" };
    [text, newline].concat().into_bytes()
}

/// Sends a command to one of the TCP servers and says whether some answer came.
pub fn is_served(mut stream: TcpStream, server: &str) -> bool {
    let request = if server == "tcp_header_server" { header_command(b"echo hi") } else { b"echo hi".to_vec() };
    let mut answer = [0; 1];
    stream.write_all(&request).is_ok() && stream.read(&mut answer).is_ok_and(|received| received > 0)
}

/// A command that writes its process ids to the file `pids`, then sleeps in the foreground and in the background.
pub fn sleeper(pids: &Path) -> String {
    format!("sleep 1000 & echo $! $$ >{0}.new; mv {0}.new {0}; sleep 1000", pids.display())
}

/// Succeeds once none of the processes that a [`sleeper`] named exists any more; fails after a second, as promised.
pub fn assert_all_end(pids: &Path) {
    let deadline = Instant::now() + Duration::from_secs(1) + SLACK;
    let pids = std::fs::read_to_string(pids).unwrap();
    while pids.split_whitespace().any(is_alive) {
        assert!(Instant::now() < deadline, "one of the processes {pids:?} still runs after a second");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process runs. One that has ended stays listed as a zombie until its parent, here often init, takes notice.
fn is_alive(pid: &str) -> bool {
    if cfg!(target_os = "linux") {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        return stat.rsplit(')').next().is_some_and(|fields| !fields.is_empty() && !fields.starts_with(" Z"));
    }
    let output = Command::new("ps").args(["-o", "stat=", "-p", pid]).output().unwrap();
    !output.stdout.is_empty() && !output.stdout.trim_ascii_start().starts_with(b"Z")
}

/// The numbers of a process's children, zombies too.
#[cfg(target_os = "linux")]
pub fn children(pid: u32) -> Vec<u32> {
    let mut children = Vec::new();
    for task in std::fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
        let pids = std::fs::read_to_string(task.unwrap().path().join("children")).unwrap_or_default();
        children.extend(pids.split_whitespace().map(|pid| pid.parse::<u32>().unwrap()));
    }
    children
}

/// Succeeds once the server has no child process but its guard, not even one that nobody waited for.
#[cfg(target_os = "linux")]
pub fn assert_no_children(server: &Server) {
    wait_until("all children are gone", || children(server.program.child.id()).len() <= 1);
}

/// On other systems the children cannot be listed.
#[cfg(not(target_os = "linux"))]
pub fn assert_no_children(_server: &Server) {}

/// A number from `/proc/PID/status`: `VmHWM` is the peak of resident memory in kB, `Threads` the count of threads.
#[cfg(target_os = "linux")]
pub fn status_field(pid: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Reads once, at most 64 KiB: Python's `recv`.
pub fn receive(stream: &mut TcpStream) -> Vec<u8> {
    let mut buffer = vec![0; 65_536];
    let received = stream.read(&mut buffer).unwrap();
    buffer.truncate(received);
    buffer
}

/// Reads until the other side closes; a reset counts as the end.
pub fn receive_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    match stream.read_to_end(&mut all) {
        Err(error) if error.kind() != std::io::ErrorKind::ConnectionReset => panic!("{error}"),
        _ => all,
    }
}

fn find(lines: &Receiver<String>, text: &str) -> String {
    let mut seen = Vec::new();
    while let Ok(line) = lines.recv_timeout(PATIENCE) {
        if line.contains(text) {
            return line;
        }
        seen.push(line);
    }
    panic!("no line with {text:?}, only {seen:#?}");
}

fn nothing() -> Receiver<String> {
    mpsc::channel().1
}

/// Reads in a thread of its own, so that no child is ever blocked by a full pipe.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let line = line.strip_suffix(b"\r").unwrap_or(&line); // of a terminal, or of Python on Windows
            if sender.send(String::from_utf8_lossy(line).into_owned()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// A user whom nobody else is, not even another run of the tests: limits on processes count all those of a user.
#[cfg(target_os = "linux")]
pub fn unique_user() -> usize {
    1_000_000 + 10 * std::process::id() as usize
}

/// A command that runs `program` as another user. Only root may do that.
#[cfg(target_os = "linux")]
pub fn as_user(uid: usize, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid", &uid.to_string(), "--clear-groups"]).arg(program);
    command
}

/// A copy of one of the crate's programs where another user can reach it.
#[cfg(target_os = "linux")]
pub fn copy_for_all(name: &str) -> (tempfile::TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o777)).unwrap();
    let copy = dir.path().join(name);
    std::fs::copy(program(name), &copy).unwrap();
    (dir, copy)
}

/// A shell script to be run at a terminal of its own, which `script` of util-linux is; `None` where there is none.
#[cfg(target_os = "linux")]
pub fn terminal(shell_script: &str) -> Option<Command> {
    if Command::new("script").arg("--version").output().is_err() {
        skip("there is no `script` to be a terminal");
        return None;
    }
    let mut script = Command::new("script");
    script.args(["-qefc", shell_script, "/dev/null"]);
    Some(script)
}
