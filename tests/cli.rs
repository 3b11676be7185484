//! The edges that all programs share: arguments, exit statuses, input, prompt, and outputs that fail.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::*;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::process::{Child, Command};

const TCP_SERVERS: [&str; 3] = ["tcp_plain_server", "tcp_exec_server", "tcp_header_server"];
const TCP_CLIENTS: [&str; 3] = ["tcp_sticky_client", "tcp_exec_client", "tcp_header_client"];
/// Each client with a server that it can talk to, and what that makes of `echo one`.
const PAIRS: [(&str, &str, &str); 4] = [
    ("udp_server", "udp_client", "ECHO ONE"),
    ("tcp_plain_server", "tcp_sticky_client", "one"),
    ("tcp_exec_server", "tcp_exec_client", "one"),
    ("tcp_header_server", "tcp_header_client", "one"),
];

/// The names of all programs but `lessons`, which is a folder, and `porting`: they take no address.
fn programs() -> Vec<String> {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/bin")).unwrap();
    let names = files.filter_map(|file| Some(file.unwrap().file_name().to_str()?.strip_suffix(".rs")?.to_owned()));
    let names: Vec<_> = names.filter(|name| name != "porting").collect();
    assert!(names.len() >= 9, "{names:?}");
    names
}

fn servers() -> Vec<String> {
    programs().into_iter().filter(|name| name.ends_with("_server")).collect()
}

fn clients() -> Vec<String> {
    programs().into_iter().filter(|name| name.ends_with("_client")).collect()
}

/// A run without input to its end.
fn run(name: &str, args: &[&str]) -> assert_cmd::assert::Assert {
    assert_cmd::Command::new(program(name)).args(args).timeout(PATIENCE).assert()
}

/// Asserts that a run failed with `status`, nothing on stdout, and one line on stderr: `NAME: …`, with all of `parts`.
fn assert_fails(run: assert_cmd::assert::Assert, name: &str, status: i32, parts: &[&str]) {
    let output = run.code(status).stdout("").get_output().stderr.clone();
    let errors = String::from_utf8(output).unwrap();
    assert!(errors.starts_with(&format!("{name}: ")), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    for part in parts {
        assert!(errors.contains(part), "no {part:?} in: {errors}");
    }
}

#[test]
fn help_and_version_go_to_stdout_with_status_0() {
    for name in programs() {
        let usage = format!("Usage: {name} [");
        for args in [&["-h"][..], &["--help"], &["127.0.0.1:1", "--help"]] {
            let output = run(&name, args).success().stderr("").get_output().stdout.clone();
            let help = String::from_utf8(output).unwrap();
            assert!(help.starts_with(&format!("{name}: ")) && help.contains(&usage), "{help}");
            assert_eq!(help.contains("-c COMMAND"), name.starts_with("tcp_") && name.ends_with("_client"), "{help}");
            assert_eq!(help.contains("--allow-anyone"), TCP_SERVERS.contains(&&*name), "{help}");
            assert!(help.contains("(default: 127.0.0.1:80") && help.lines().all(|line| line.len() < 80), "{help}");
        }
        for option in ["-V", "--version"] {
            run(&name, &[option]).success().stdout(format!("{name} {}\n", env!("CARGO_PKG_VERSION"))).stderr("");
        }
    }
}

#[test]
fn the_default_address_is_the_tutorials() {
    for name in programs() {
        let port = match &*name {
            "tcp_exec_server" | "tcp_exec_client" => 8088,
            "tcp_header_server" | "tcp_header_client" => 8089,
            _ => 8080,
        };
        let output = run(&name, &["-h"]).get_output().stdout.clone();
        let help = String::from_utf8(output).unwrap();
        assert!(help.contains(&format!("default: 127.0.0.1:{port})")), "{help}");
    }
}

#[test]
fn wrong_usage_ends_with_status_2_and_says_what_was_wrong() {
    for name in programs() {
        for (args, why) in [
            (&["--nonsense"][..], "unknown option \"--nonsense\""),
            (&["-x"], "unknown option \"-x\""),
            (&["127.0.0.1:8080", "127.0.0.1:8081"], "unexpected argument \"127.0.0.1:8081\""),
            (&["127.0.0.1"], "\"127.0.0.1\""),
            (&["8080"], "\"8080\""),
            (&["127.0.0.1:"], "\"127.0.0.1:\""),
            (&["127.0.0.1:99999"], "\"127.0.0.1:99999\""),
            (&["127.0.0.1:-1"], "\"127.0.0.1:-1\""),
            (&["127.0.0.1:+1"], "\"127.0.0.1:+1\""),
            (&["127.0.0.1:http"], "\"127.0.0.1:http\""),
            (&["127.0.0.1:80 "], "\"127.0.0.1:80 \""),
            (&[":8080"], "\":8080\""),
            (&[""], "\"\""),
            (&["[::1]"], "\"[::1]\""),
            (&["::1"], "\"::1\""),
            (&["::1:8080"], "\"::1:8080\""), // is that a port, or a part of the address?
            (&["[]:80"], "\"[]:80\""),
            (&["[::1:80"], "\"[::1:80\""),
            (&["[127.0.0.1]:80"], "\"[127.0.0.1]:80\""),
            (&["a\u{1b}[2J"], r#""a\u{1b}[2J""#),
        ] {
            assert_fails(run(&name, args), &name, 2, &[why]);
        }
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            let mut command = assert_cmd::Command::new(program(&name));
            command.arg(std::ffi::OsStr::from_bytes(b"127.0.0.1:\xff1")).timeout(PATIENCE);
            assert_fails(command.assert(), &name, 2, &["not UTF-8"]);
        }
    }
}

#[test]
fn an_option_of_other_programs_is_unknown() {
    for name in programs() {
        if !TCP_CLIENTS.contains(&&*name) {
            assert_fails(run(&name, &["-c", "ls"]), &name, 2, &["unknown option \"-c\""]);
        }
        if !TCP_SERVERS.contains(&&*name) {
            assert_fails(run(&name, &["--allow-anyone"]), &name, 2, &["unknown option \"--allow-anyone\""]);
        }
    }
}

#[test]
fn a_client_takes_one_command_that_is_not_blank_and_a_port_that_is_not_0() {
    for name in TCP_CLIENTS {
        for args in [&["-c"][..], &["-c", ""], &["-c", " \t\n"], &["127.0.0.1:1", "-c"]] {
            assert_fails(run(name, args), name, 2, &["-c needs a command"]);
        }
        for args in [&["-c", "ls", "-c", "pwd"][..], &["-c", "ls", "-c"]] {
            assert_fails(run(name, args), name, 2, &["-c was given twice"]);
        }
    }
    for name in clients() {
        assert_fails(run(&name, &["127.0.0.1:0"]), &name, 2, &["\"127.0.0.1:0\"", "port 0"]);
    }
}

#[test]
fn a_command_in_the_place_of_an_address_is_answered_with_what_was_probably_meant() {
    for name in TCP_CLIENTS {
        for (args, meant) in [
            (&["ls"][..], "; to run a command: -c 'ls'"),
            (&["ls", "-l"], "; to run a command: -c 'ls -l'"),
            (&["-c", "ls", "-l"], "unknown option \"-l\"; to run a command: -c 'ls -l'"),
            (&["-c", "ls", "-l", "/tmp"], "; to run a command: -c 'ls -l /tmp'"),
            (&["-c", "sleep", "5"], "; to run a command: -c 'sleep 5'"),
            (&["127.0.0.1:1", "ls"], "unexpected argument \"ls\"; to run a command: -c 'ls'"),
            (
                &["127.0.0.1", "8088"],
                "\"127.0.0.1\" is not an address; expected host:port or [v6]:port; did you mean 127.0.0.1:8088?",
            ),
            (&["127.0.0.1:99999"], "expected host:port or [v6]:port (see"),
            (&["--color"], "unknown option \"--color\" (see"),
        ] {
            assert_fails(run(name, args), name, 2, &[meant]);
        }
    }
    assert_fails(run("udp_client", &["ls"]), "udp_client", 2, &["expected host:port or [v6]:port (see"]);
}

#[test]
fn the_acknowledgement_is_a_text_of_1_to_1024_bytes() {
    for name in ["tcp_exec_server", "tcp_exec_client"] {
        for args in [&["--ack"][..], &["--ack", ""], &["--ack", &"x".repeat(1025)]] {
            assert_fails(run(name, args), name, 2, &["--ack needs a text of 1 to 1024 bytes"]);
        }
        assert_fails(run(name, &["--ack", "a", "--ack", "b"]), name, 2, &["--ack was given twice"]);
    }
    for name in ["tcp_header_client", "tcp_plain_server", "udp_server"] {
        assert_fails(run(name, &["--ack", "ok"]), name, 2, &["unknown option \"--ack\""]);
    }
}

#[test]
fn a_tcp_server_listens_on_loopback_alone_unless_anyone_is_allowed() {
    for name in TCP_SERVERS {
        for addr in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
            assert_fails(run(name, &[addr]), name, 2, &["will not listen on", addr, "--allow-anyone"]);
        }
        let server = Server::start_with(name, &["--allow-anyone", "0.0.0.0:0"]);
        assert!(server.addr.ip().is_unspecified() && server.addr.port() != 0, "{}", server.addr);
        let warning = server.program.error_with("warning");
        assert!(warning.starts_with(&format!("{name}: ")), "{warning}");
        assert_serves(name, SocketAddr::from(([127, 0, 0, 1], server.addr.port())));
    }
}

#[test]
fn a_server_listens_on_a_name_and_on_ipv6() {
    for name in servers() {
        for addr in ["localhost:0", "[::1]:0"] {
            if addr.starts_with('[') && !has_ipv6() {
                continue;
            }
            let server = Server::start_with(&name, &[addr]);
            assert!(server.addr.ip().is_loopback() && server.addr.port() != 0, "{}", server.addr);
            assert_serves(&name, server.addr);
        }
    }
}

/// Asserts that the server at `addr` answers its client.
fn assert_serves(name: &str, addr: SocketAddr) {
    let (_, client_name, answer) = PAIRS.into_iter().find(|pair| pair.0 == name).unwrap();
    let assert = client(client_name, addr).write_stdin("echo one\n").assert().success();
    let shown = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(shown.starts_with(answer), "{name}: {shown:?}");
}

#[test]
fn an_address_in_use_is_a_failure_that_says_which_and_why() {
    for name in servers() {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let (addr, error) = if name.starts_with("tcp_") {
            (tcp.local_addr().unwrap(), TcpListener::bind(tcp.local_addr().unwrap()).unwrap_err())
        } else {
            (udp.local_addr().unwrap(), UdpSocket::bind(udp.local_addr().unwrap()).unwrap_err())
        };
        let addr = addr.to_string();
        assert_fails(run(&name, &[&addr]), &name, 1, &[&format!("{addr}: {error}")]);
        if name.starts_with("tcp_") {
            // It warns once it listens.
            assert_fails(run(&name, &["--allow-anyone", &addr]), &name, 1, &[&format!("{addr}: {error}")]);
        }
    }
}

#[test]
fn without_a_server_a_tcp_client_fails_and_says_where_and_why() {
    let (addr, _ends) = deaf_tcp();
    for name in TCP_CLIENTS {
        let error = std::net::TcpStream::connect(addr).unwrap_err();
        let expected = format!("cannot connect to {addr}: {error}");
        assert_fails(client(name, addr).write_stdin("ls\n").assert(), name, 1, &[&expected]);
        let status = if name == "tcp_header_client" { 255 } else { 1 };
        assert_fails(run(name, &["-c", "ls", &addr.to_string()]), name, status, &[&expected]);
    }
}

#[test]
fn an_unknown_host_is_a_failure() {
    let host = format!("{}:1", "x".repeat(64)); // longer than a name can be, so nobody needs to be asked
    for name in programs() {
        assert_fails(run(&name, &[&host]), &name, 1, &[&format!("{host}: ")]);
    }
}

#[test]
fn a_client_skips_blank_lines_and_ends_with_its_input() {
    for (server, name, answer) in PAIRS {
        let server = Server::start(server);
        for (input, lines) in [("", 0), ("\n\n  \t\r\n", 0), ("\n echo one \r\n\n", 1), ("echo one", 1)] {
            let output = client(name, server.addr).write_stdin(input).assert().success().stderr("");
            let shown = String::from_utf8(output.get_output().stdout.clone()).unwrap();
            assert_eq!(shown.lines().count(), lines, "{name}, {input:?}: {shown:?}");
            assert!(shown.lines().all(|line| line.starts_with(answer)), "{name}: {shown:?}");
        }
    }
}

#[test]
fn a_line_that_is_not_utf_8_is_complained_of_and_the_next_one_is_handled() {
    for (server, name, answer) in PAIRS {
        let server = Server::start(server);
        let input = b"echo \xff\xfe two\necho one\n\xc3".as_slice();
        let assert = client(name, server.addr).write_stdin(input).assert().code(1);
        let output = assert.get_output();
        let (shown, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(shown.starts_with(answer) && shown.lines().count() == 1, "{name}: {shown:?}");
        assert!(errors.lines().all(|line| line.starts_with(&format!("{name}: "))), "{errors}");
        assert_eq!(errors.lines().filter(|line| line.contains("not UTF-8")).count(), 2, "{errors}");
    }
}

#[test]
fn a_client_without_input_at_all_ends_well_and_one_that_cannot_read_fails() {
    for (server, name, _) in PAIRS {
        let server = Server::start(server);
        let mut client = Command::new(program(name));
        let output = client.arg(server.addr.to_string()).stdin(std::process::Stdio::null()).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.len(), output.stderr.len()), (Some(0), 0, 0), "{output:?}");
        #[cfg(target_os = "linux")]
        {
            let output = client.stdin(std::fs::File::open("/").unwrap()).output().unwrap();
            let errors = String::from_utf8(output.stderr).unwrap();
            assert!(errors.starts_with(&format!("{name}: cannot read stdin: ")), "{errors}");
            assert_eq!(output.status.code(), Some(1));
        }
    }
}

#[test]
fn a_client_whose_output_nobody_reads_ends_quietly() {
    for (server, name, _) in PAIRS {
        let server = Server::start(server);
        let mut child = spawn(Command::new(program(name)).arg(server.addr.to_string()));
        drop(child.stdout.take());
        let mut client = Program::following(child);
        // One line is not enough: a program that another test is just starting may hold the pipe a moment longer.
        wait_until(&format!("{name} ends before its input does"), || {
            let _ = client.child.stdin.as_mut().unwrap().write_all(b"echo one\n");
            client.child.try_wait().unwrap().is_some()
        });
        assert_eq!((client.finish(), client.errors()), (Some(0), vec![]), "{name}");
    }
    for name in programs() {
        let mut child = spawn(Command::new(program(&name)).arg("--help"));
        drop(child.stdout.take());
        let mut help = Program::following(child);
        assert_eq!((help.finish(), help.errors()), (Some(0), vec![]), "{name}");
    }
}

#[test]
fn a_client_whose_errors_nobody_reads_goes_on_and_ends_with_status_1() {
    for (server, name, answer) in PAIRS {
        let server = Server::start(server);
        let mut child = spawn(Command::new(program(name)).arg(server.addr.to_string()));
        drop(child.stderr.take());
        let mut client = Program::following(child);
        client.child.stdin.as_mut().unwrap().write_all(b"\xff\n").unwrap();
        client.type_line("echo one");
        assert!(client.line().starts_with(answer), "{name}");
        assert_eq!(client.finish(), Some(1), "{name}");
    }
}

#[test]
#[cfg(unix)]
fn a_client_whose_stdout_or_stderr_was_closed_before_it_started_does_not_panic() {
    let (nobody, _ends) = deaf_tcp();
    for (server, name, _) in PAIRS {
        let server = Server::start(server);
        let sh = |addr: SocketAddr, script: &str| {
            let mut sh = assert_cmd::Command::new("sh");
            sh.args(["-c", script]).arg(program(name)).arg(addr.to_string());
            sh.timeout(PATIENCE).write_stdin("echo one\n").assert()
        };
        sh(server.addr, r#"exec "$0" "$1" >&-"#).success().stdout("").stderr("");
        sh(server.addr, r#"exec "$0" "$1" 2>&-"#).success();
        sh(server.addr, r#"exec "$0" "$1" <&- >&- 2>&-"#).success();
        if name.starts_with("tcp_") {
            sh(nobody, r#"exec "$0" "$1" 2>&-"#).code(1);
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_client_that_cannot_write_its_output_fails_and_says_so() {
    for (server, name, _) in PAIRS {
        let server = Server::start(server);
        for input in ["echo one\n", "printf one"] {
            let mut client = spawn_to_full(Command::new(program(name)).arg(server.addr.to_string()));
            client.child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
            assert_eq!(client.finish(), Some(1), "{name}, {input:?}");
            let errors = client.errors();
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert!(errors[0].starts_with(&format!("{name}: cannot write to stdout: No space left")), "{errors:?}");
        }
        if ["tcp_sticky_client", "tcp_exec_client"].contains(&name) {
            let addr = server.addr.to_string();
            let mut client = spawn_to_full(Command::new(program(name)).args(["-c", "printf one", &addr]));
            assert_eq!((client.finish(), client.errors().len()), (Some(1), 1), "{name} -c");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_cannot_be_written_is_a_failure_of_the_program_also_for_help_and_for_c() {
    for name in programs() {
        let mut help = spawn_to_full(Command::new(program(&name)).arg("--help"));
        assert_eq!(help.finish(), Some(1), "{name}");
        assert!(help.errors()[0].starts_with(&format!("{name}: cannot write to stdout: ")));
    }
    let server = Server::start("tcp_header_server");
    let addr = server.addr.to_string();
    let mut client = spawn_to_full(Command::new(program("tcp_header_client")).args(["-c", "echo one", &addr]));
    assert_eq!(client.finish(), Some(255), "1 would be the command's own status");
}

/// Starts a program whose stdout is full.
#[cfg(target_os = "linux")]
fn spawn_to_full(command: &mut Command) -> Program {
    use std::process::Stdio;
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    Program::following(command.stdin(Stdio::piped()).stdout(full).stderr(Stdio::piped()).spawn().unwrap())
}

/// Starts `name`, returns its address, and leaves nobody to read its stdout and stderr.
fn serve_unread(name: &str) -> (Program, SocketAddr) {
    let mut child: Child = spawn(Command::new(program(name)).arg("127.0.0.1:0"));
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    drop(child.stderr.take());
    let addr = first.trim_end().strip_prefix("listening on ").unwrap().parse().unwrap();
    (Program::following(child), addr)
}

#[test]
fn a_server_serves_on_when_nobody_reads_its_stdout_and_stderr() {
    for name in servers() {
        let (mut server, addr) = serve_unread(&name);
        for _ in 0..2 {
            be_dropped(&name, addr);
            assert_serves(&name, addr);
        }
        assert!(server.child.try_wait().unwrap().is_none(), "{name} ended");
    }
}

#[test]
fn lines_that_stdout_does_not_take_are_counted_on_stderr() {
    let mut child = spawn(Command::new(program("tcp_header_server")).arg("127.0.0.1:0"));
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    let addr: SocketAddr = first.trim_end().strip_prefix("listening on ").unwrap().parse().unwrap();
    let server = Program::following(child);
    let mut stream = std::net::TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // More lines than a pipe and the queue take; the answer to a blank command is one header.
    for _ in 0..3000 {
        stream.write_all(&header_command(&[b' '; 500])).unwrap();
        stream.read_exact(&mut [0; 64]).unwrap();
    }
    assert!(server.error_with(" more lines were left out").starts_with("tcp_header_server: "));
    drop(stdout); // open until here, and not read
}

/// Makes a TCP server write a line to stderr.
fn be_dropped(name: &str, addr: SocketAddr) {
    if !name.starts_with("tcp_") {
        return;
    }
    let mut browser = std::net::TcpStream::connect(addr).unwrap();
    browser.set_read_timeout(Some(PATIENCE)).unwrap();
    browser.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let _ = browser.read(&mut [0; 9]); // nothing, or the header server's refusal
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_serves_on_when_its_stdout_is_full_or_it_was_started_without_stdout_and_stderr() {
    for name in servers() {
        let mut sh = Command::new("sh");
        sh.args(["-c", r#"exec "$0" 127.0.0.1:0 >&- 2>&-"#]).arg(program(&name));
        let without = Program::following(spawn(&mut sh));
        let full = spawn_to_full(Command::new(program(&name)).arg("127.0.0.1:0"));
        let option = if name.starts_with("tcp_") { "--allow-anyone" } else { "" }; // it warns at once
        let mut sh = Command::new("sh");
        sh.args(["-c", r#"exec "$0" $1 127.0.0.1:0 >/dev/full 2>&1"#]).arg(program(&name)).arg(option);
        let both_full = Program::following(spawn(&mut sh));
        for mut server in [without, full, both_full] {
            let addr = listening_addr(&name, server.child.id());
            for _ in 0..2 {
                be_dropped(&name, addr);
                assert_serves(&name, addr);
            }
            assert!(server.child.try_wait().unwrap().is_none(), "{name} ended");
        }
    }
}

/// The address on which a process listens, from the system's tables: for a server that cannot say it.
#[cfg(target_os = "linux")]
fn listening_addr(name: &str, pid: u32) -> SocketAddr {
    use std::fs;
    let table = if name.starts_with("tcp_") { "/proc/net/tcp" } else { "/proc/net/udp" };
    let mut port = None;
    wait_until("the server listens", || {
        let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
        let links = descriptors.flatten().filter_map(|link| fs::read_link(link.path()).ok());
        let sockets: Vec<_> = links
            .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
            .collect();
        let text = fs::read_to_string(table).unwrap();
        let line =
            text.lines().find(|line| line.split_whitespace().nth(9).is_some_and(|i| sockets.contains(&i.into())));
        let local = line.and_then(|line| line.split_whitespace().nth(1)?.split_once(':'));
        port = local.map(|(_, port)| u16::from_str_radix(port, 16).unwrap());
        port.is_some()
    });
    SocketAddr::from(([127, 0, 0, 1], port.unwrap()))
}

/// The prompt needs a terminal: `script` of util-linux is one.
#[test]
#[cfg(target_os = "linux")]
fn a_client_prompts_at_a_terminal_and_nowhere_else() {
    let Some(mut script) = terminal(r#"stty -echo; printf 'ready\n'; exec "$PROGRAM" "$ADDR""#) else { return };
    for (server, name, answer) in PAIRS {
        let server = Server::start(server);
        script.env("PROGRAM", program(name)).env("ADDR", server.addr.to_string());
        let mut child = spawn(&mut script);
        let terminal = Screen::new(child.stdout.take().unwrap());
        let mut client = Program::following(child);
        terminal.wait_for("ready\r\n");
        if name.starts_with("tcp_") {
            let once = "a shell per command: cd and export do not last; Ctrl-D ends";
            terminal.wait_for(&format!("{name}: {once}\r\n"));
        }
        terminal.wait_for(">> ");
        client.type_line("");
        terminal.wait_for(">> ");
        client.type_line("echo one");
        let answer = if name == "udp_client" { format!("{answer} {}", server.addr) } else { answer.to_owned() };
        terminal.wait_for(&format!("{answer}\r\n>> "));
        if name.starts_with("tcp_") {
            client.type_line("printf two"); // the prompt gets a line of its own
            terminal.wait_for("two\r\n>> ");
        }
        if name == "tcp_header_client" {
            client.type_line("printf err >&2");
            terminal.wait_for("err\r\n>> ");
            client.type_line("printf out; exit 3");
            terminal.wait_for("out\r\ntcp_header_client: exit status 3\r\n>> ");
            client.type_line("printf out; echo err >&2; exit 3");
            terminal.wait_for("outerr\r\ntcp_header_client: exit status 3\r\n>> ");
        }
        client.child.stdin.as_mut().unwrap().write_all(b"\xff\n").unwrap();
        terminal.wait_for(&format!("{name}: skipped a line that is not UTF-8\r\n>> "));
        assert_eq!(client.finish(), Some(1), "{name}");
        assert_eq!(terminal.rest(), "\r\n", "{name}: the end of input leaves the cursor at the start of a line");
    }
    for (server, name, _) in PAIRS {
        let server = Server::start(server);
        let assert = client(name, server.addr).write_stdin("echo one\n").assert().success().stderr("");
        assert!(!String::from_utf8_lossy(&assert.get_output().stdout).contains(">>"), "{name} prompts into a pipe");
    }
}

/// What a terminal shows, byte by byte.
#[cfg(target_os = "linux")]
struct Screen(std::sync::mpsc::Receiver<u8>);

#[cfg(target_os = "linux")]
impl Screen {
    fn new(pipe: std::process::ChildStdout) -> Screen {
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            BufReader::new(pipe).bytes().map_while(Result::ok).try_for_each(|byte| sender.send(byte))
        });
        Screen(receiver)
    }

    /// Waits until `text` has appeared, and nothing else.
    fn wait_for(&self, text: &str) {
        let mut seen = String::new();
        while seen != text {
            assert!(text.starts_with(&seen), "expected {text:?}, saw {seen:?}");
            let byte = self.0.recv_timeout(PATIENCE);
            seen.push(char::from(byte.unwrap_or_else(|_| panic!("expected {text:?}, saw {seen:?} and no more"))));
        }
    }

    /// What is left when the program has ended.
    fn rest(&self) -> String {
        self.0.iter().map(char::from).collect()
    }
}
