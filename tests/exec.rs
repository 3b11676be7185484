//! The size-handshake server against clients that are clumsy, hostile or gone.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
#[cfg(unix)]
use std::process::Command;
use std::time::Duration;
#[cfg(target_os = "linux")]
use std::time::Instant;

/// One whole exchange, as a correct client makes it.
fn run(stream: &mut TcpStream, command: &str) -> Vec<u8> {
    stream.write_all(command.as_bytes()).unwrap();
    let size = receive_size(stream);
    stream.write_all(b"True").unwrap();
    receive_exactly(stream, size)
}

fn receive_size(stream: &mut TcpStream) -> usize {
    let size = String::from_utf8(receive(stream)).unwrap();
    size.parse().unwrap_or_else(|_| panic!("size: {size:?}"))
}

fn receive_exactly(stream: &mut TcpStream, size: usize) -> Vec<u8> {
    let mut output = vec![0; size];
    stream.read_exact(&mut output).unwrap();
    output
}

#[cfg(unix)]
#[test]
fn output_is_stdout_then_stderr() {
    let server = Server::start("tcp_exec_server");
    let mut stream = server.connect();
    assert_eq!(run(&mut stream, "echo oops >&2; echo fine"), b"fine\noops\n");
    assert!(server.program.line().starts_with("client address: 127.0.0.1:"));
}

#[test]
fn several_commands_share_a_connection_and_no_output_is_an_output() {
    let server = Server::start("tcp_exec_server");
    let mut stream = server.connect();
    for _ in 0..3 {
        assert_eq!(run(&mut stream, "echo one"), echoed("one"));
        assert_eq!(run(&mut stream, "exit 3"), b"");
    }
}

#[test]
fn a_command_glued_to_the_acknowledgement_is_still_a_command() {
    let server = Server::start("tcp_exec_server");
    let mut stream = server.connect();
    stream.write_all(b"exit 0").unwrap();
    assert_eq!(receive_size(&mut stream), 0);
    stream.write_all(b"Trueecho glued").unwrap();
    assert_eq!(receive_size(&mut stream), echoed("glued").len());
    stream.write_all(b"True").unwrap();
    assert_eq!(receive_exactly(&mut stream, echoed("glued").len()), echoed("glued"));
}

/// As with `recv` in Python: what has come by then is one command, however many sends it was.
#[cfg(unix)]
#[test]
fn a_command_in_two_sends_one_of_them_glued_to_the_acknowledgement_is_one_command() {
    const SIZE: usize = 48 * 1024 * 1024; // far more than the system holds for a client, so that the server waits
    let server = Server::start("tcp_exec_server");
    let mut stream = server.connect();
    stream.write_all(format!("head -c {SIZE} /dev/zero").as_bytes()).unwrap();
    assert_eq!(receive_size(&mut stream), SIZE);
    stream.write_all(b"Trueecho one").unwrap();
    stream.peek(&mut [0]).unwrap();
    stream.write_all(b" two").unwrap();
    receive_exactly(&mut stream, SIZE);
    assert_eq!(receive_size(&mut stream), 8);
    stream.write_all(b"True").unwrap();
    assert_eq!(receive_exactly(&mut stream, 8), b"one two\n");
}

#[test]
fn another_acknowledgement_is_taken_where_it_was_asked_for_and_nothing_glued_to_it_is_lost() {
    for ack in ["ok", "recv_ready", "ready to recv file", "客户端已经准备好接收", "T", &"x".repeat(1024)] {
        let server = Server::start_with("tcp_exec_server", &["--ack", ack, "127.0.0.1:0"]);
        let mut stream = server.connect();
        stream.write_all(b"exit 0").unwrap();
        assert_eq!(receive_size(&mut stream), 0);
        stream.write_all(format!("{ack}echo glued").as_bytes()).unwrap();
        assert_eq!(receive_size(&mut stream), echoed("glued").len());
        stream.write_all(ack.as_bytes()).unwrap();
        assert_eq!(receive_exactly(&mut stream, echoed("glued").len()), echoed("glued"));
        let assert = client("tcp_exec_client", server.addr).args(["--ack", ack, "-c", "echo hi"]).assert();
        assert.success().stdout(echoed("hi")).stderr("");
    }
}

#[test]
fn the_first_byte_that_does_not_fit_ends_it_and_the_log_says_which_option_would_take_it() {
    let server = Server::start("tcp_exec_server");
    for (sent, said) in [
        ("ok", "got \"ok\"; --ack ok would take it"),
        ("recv_ready", "got \"recv_ready\"; --ack 'recv_ready' would take it"),
        ("已经准备好", "got \"已经准备好\"; --ack '已经准备好' would take it"),
        ("Tru3", "got \"Tru3\"; --ack Tru3 would take it"),
        ("it's", "got \"it's\""),
    ] {
        let mut stream = server.connect();
        stream.write_all(b"echo secret").unwrap();
        receive_size(&mut stream);
        stream.write_all(sent.as_bytes()).unwrap();
        assert_eq!(receive_to_end(&mut stream), b"");
        let line = server.program.error_with("expected the acknowledgement \"True\", ");
        assert!(line.ends_with(said), "{line}");
    }
    let assert = client("tcp_exec_client", server.addr).args(["--ack", "ok", "-c", "echo hi"]).assert().code(1);
    let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    let size = echoed("hi").len();
    assert!(said.contains(&format!("only 0 of {size} bytes")) && said.contains("--ack"), "{said}");
}

#[cfg(unix)]
#[test]
fn the_handshake_can_be_typed_line_by_line() {
    let server = Server::start("tcp_exec_server");
    let mut stream = server.connect();
    for _ in 0..2 {
        stream.write_all(b"echo hi\n").unwrap();
        assert_eq!(receive_size(&mut stream), 3);
        stream.write_all(b"True\n").unwrap(); // what ends the line is a command of white space
        assert_eq!(receive_exactly(&mut stream, 3), b"hi\n");
    }
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(receive_to_end(&mut stream), b"");
}

#[test]
fn a_blank_command_that_comes_by_itself_has_an_empty_output() {
    let server = Server::start("tcp_exec_server");
    for blank in [" ", "\n", " \t\r\n"] {
        let mut stream = server.connect();
        assert_eq!(run(&mut stream, blank), b"");
        assert_eq!(run(&mut stream, "echo alive"), echoed("alive"));
    }
}

#[cfg(unix)]
#[test]
fn a_command_that_begins_with_a_dash_is_no_option_of_the_shell() {
    let server = Server::start("tcp_exec_server");
    let output = String::from_utf8(run(&mut server.connect(), "-x")).unwrap();
    assert!(output.contains("-x") && output.contains("not found"), "{output}");
}

#[test]
fn an_acknowledgement_in_single_bytes_is_one() {
    let server = Server::start("tcp_exec_server");
    let mut stream = server.connect();
    stream.set_nodelay(true).unwrap();
    stream.write_all(b"echo bits").unwrap();
    let size = receive_size(&mut stream);
    for byte in b"True" {
        stream.write_all(&[*byte]).unwrap();
    }
    assert_eq!(receive_exactly(&mut stream, size), echoed("bits"));
}

#[cfg(unix)]
#[test]
fn an_acknowledgement_sent_before_the_size_counts() {
    let server = Server::start("tcp_exec_server");
    let mut stream = server.connect();
    let dir = tempfile::tempdir().unwrap();
    let started = dir.path().join("started");
    // it ends only when the acknowledgement has been sent, and takes longer than the server's look at its client
    stream
        .write_all(
            format!("touch {0}; while [ -e {0} ]; do sleep 0.05; done; sleep 0.4; echo x", started.display())
                .as_bytes(),
        )
        .unwrap();
    wait_until("the command starts", || started.exists());
    stream.write_all(b"Trueecho next").unwrap();
    std::fs::remove_file(&started).unwrap();
    let size_and_output = receive_exactly(&mut stream, 3);
    assert_eq!(size_and_output, b"2x\n");
    assert_eq!(receive_size(&mut stream), 5);
    stream.write_all(b"True").unwrap();
    assert_eq!(receive_exactly(&mut stream, 5), b"next\n");
}

#[test]
fn anything_but_the_acknowledgement_ends_the_connection() {
    let server = Server::start("tcp_exec_server");
    let mut stream = server.connect();
    stream.write_all(b"echo secret").unwrap();
    receive_size(&mut stream);
    stream.write_all(b"False").unwrap();
    assert_eq!(receive_to_end(&mut stream), b"");
    server.program.error_with("expected the acknowledgement \"True\", got \"False\"; --ack False would take it");
}

#[cfg(unix)]
#[test]
fn a_command_of_1024_bytes_runs() {
    let server = Server::start("tcp_exec_server");
    let command = format!("{:1024}", "echo whole");
    assert_eq!(run(&mut server.connect(), &command), b"whole\n");
}

#[test]
fn a_longer_command_is_refused_whole_with_the_reason_as_its_output() {
    let server = Server::start("tcp_exec_server");
    let dir = tempfile::tempdir().unwrap();
    let witness = dir.path().join("witness");
    for (length, filling) in [(1025, "x"), (5_000, "x"), (5_000, "True"), (300_000, "x")] {
        let mut stream = server.connect();
        let command = format!("echo x >{} & rem {}", witness.display(), filling.repeat(length));
        stream.write_all(&command.as_bytes()[..length]).unwrap();
        let size = receive_size(&mut stream);
        stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        assert!(stream.peek(&mut [0]).is_err(), "what the command contains was taken for the acknowledgement");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(b"True").unwrap();
        let output = String::from_utf8(receive_to_end(&mut stream)).unwrap();
        assert_eq!(output.len(), size);
        assert!(output.contains("longer than 1024 bytes"), "{output}");
        drop(stream); // the server lingers for it, then logs
        server.program.error_with("longer than 1024 bytes");
    }
    assert_eq!(run(&mut server.connect(), "echo alive"), echoed("alive"));
    assert!(!witness.exists(), "a part of a refused command ran");
}

#[cfg(unix)]
#[test]
fn two_hundred_kilobytes_of_stderr_do_not_block_the_command() {
    let server = Server::start("tcp_exec_server");
    let output = run(&mut server.connect(), "head -c 200000 /dev/zero >&2; echo done");
    assert_eq!(output.len(), 200_005);
    assert!(output.starts_with(b"done\n\0"));
}

#[test]
fn a_client_that_closes_behind_a_command_that_is_too_long_is_let_go() {
    let server = Server::start("tcp_exec_server");
    let mut stream = server.connect();
    stream.write_all(&[b'x'; 5000]).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert!(!receive_to_end(&mut stream).is_empty());
    server.program.error_with("it left before its acknowledgement");
}

/// Ctrl-Z and `fg`: a receive with a time limit fails then, as signal(7) says.
#[cfg(target_os = "linux")]
#[test]
fn a_server_that_is_stopped_and_continued_does_not_take_its_client_for_gone() {
    let server = Server::start("tcp_exec_server");
    let dir = tempfile::tempdir().unwrap();
    let (started, go) = (dir.path().join("started"), dir.path().join("go"));
    let mut stream = server.connect();
    let command = format!("touch {}; until [ -e {} ]; do sleep 0.05; done; echo on", started.display(), go.display());
    stream.write_all(command.as_bytes()).unwrap();
    wait_until("the command starts", || started.exists());
    for _ in 0..3 {
        server.program.stop_and_continue();
    }
    std::fs::write(&go, "").unwrap();
    assert_eq!(receive_size(&mut stream), 3);
    stream.write_all(b"True").unwrap();
    assert_eq!(receive_exactly(&mut stream, 3), b"on\n");
}

#[cfg(unix)]
#[test]
fn a_command_reads_no_input() {
    let server = Server::start("tcp_exec_server");
    assert_eq!(run(&mut server.connect(), "cat; echo end"), b"end\n");
}

#[cfg(unix)]
#[test]
fn output_passes_byte_for_byte() {
    let server = Server::start("tcp_exec_server");
    assert_eq!(run(&mut server.connect(), r"printf '\377\000\r\n\303'"), b"\xff\0\r\n\xc3");
}

#[test]
fn a_command_that_cannot_be_started_is_answered_and_the_connection_lives_on() {
    let server = Server::start("tcp_exec_server");
    let mut stream = server.connect();
    for command in [&b"echo \xff"[..], b"echo \0"] {
        stream.write_all(command).unwrap();
        let size = receive_size(&mut stream);
        stream.write_all(b"True").unwrap();
        let output = String::from_utf8(receive_exactly(&mut stream, size)).unwrap();
        assert!(output.starts_with("cannot run this command: "), "{output}");
    }
    assert_eq!(run(&mut stream, "echo alive"), echoed("alive"));
}

#[cfg(unix)]
#[test]
fn an_output_without_end_is_cut_and_its_command_killed() {
    let server = Server::start("tcp_exec_server");
    let mut stream = server.connect();
    stream.write_all(b"yes").unwrap();
    let size = receive_size(&mut stream);
    stream.write_all(b"True").unwrap();
    let output = receive_exactly(&mut stream, size);
    let end = String::from_utf8_lossy(&output[64 * 1024 * 1024..]);
    assert_eq!(end, "\n[killed: it printed more than 64 MiB]\n");
    assert_eq!(run(&mut stream, "echo alive"), b"alive\n");
    assert_no_children(&server);
}

#[cfg(unix)]
#[test]
fn an_output_of_64_mib_is_not_cut() {
    let server = Server::start("tcp_exec_server");
    let mut stream = server.connect();
    stream.write_all(b"head -c 67108864 /dev/zero").unwrap();
    assert_eq!(receive_size(&mut stream), 64 * 1024 * 1024);
}

#[cfg(unix)]
#[test]
fn both_pipes_together_are_cut_at_the_limit_even_when_the_command_goes_on_in_silence() {
    let server = Server::start("tcp_exec_server");
    let mut stream = server.connect();
    stream.write_all(b"head -c 40000000 /dev/zero >&2; head -c 40000000 /dev/zero; sleep 1000").unwrap();
    let size = receive_size(&mut stream);
    assert!((64 * 1024 * 1024..64 * 1024 * 1024 + 100).contains(&size), "{size}");
    assert_no_children(&server);
}

#[cfg(target_os = "linux")]
#[test]
fn no_more_than_the_limit_on_output_is_held() {
    for command in [
        "yes",
        "printf x; head -c 67108863 /dev/zero >&2",
        "head -c 33554432 /dev/zero; head -c 33554432 /dev/zero >&2",
    ] {
        let server = Server::start("tcp_exec_server");
        let mut stream = server.connect();
        stream.write_all(command.as_bytes()).unwrap();
        let size = receive_size(&mut stream);
        stream.write_all(b"True").unwrap();
        assert_eq!(receive_exactly(&mut stream, size).len(), size);
        let peak = status_field(server.program.child.id(), "VmHWM");
        assert!(peak < 80 * 1024, "{peak} kB for {size} bytes of {command}");
    }
}

#[cfg(unix)]
#[test]
fn a_client_that_leaves_takes_its_command_and_the_children_of_that_along() {
    let server = Server::start("tcp_exec_server");
    let dir = tempfile::tempdir().unwrap();
    for half_close in [false, true] {
        let pids = dir.path().join(half_close.to_string());
        let mut stream = server.connect();
        stream.write_all(sleeper(&pids).as_bytes()).unwrap();
        wait_until("the command starts", || pids.exists());
        if half_close {
            stream.shutdown(Shutdown::Write).unwrap();
            assert_eq!(receive_to_end(&mut stream), b"");
        }
        drop(stream);
        assert_all_end(&pids);
    }
    server.program.error_with("it left, and its command was sent SIGKILL");
    assert_no_children(&server);
}

#[cfg(unix)]
#[test]
fn a_client_that_leaves_with_its_acknowledgement_sent_early_is_noticed() {
    let server = Server::start("tcp_exec_server");
    let dir = tempfile::tempdir().unwrap();
    let pids = dir.path().join("pids");
    let mut stream = server.connect();
    stream.write_all(sleeper(&pids).as_bytes()).unwrap();
    wait_until("the command starts", || pids.exists());
    stream.write_all(b"True").unwrap();
    drop(stream);
    assert_all_end(&pids);
}

#[cfg(unix)]
#[test]
fn a_command_that_closes_its_output_and_goes_on_is_watched_too() {
    let server = Server::start("tcp_exec_server");
    let dir = tempfile::tempdir().unwrap();
    let pids = dir.path().join("pids");
    let mut stream = server.connect();
    stream.write_all(format!("exec >&- 2>&-; {}", sleeper(&pids)).as_bytes()).unwrap();
    wait_until("the command starts", || pids.exists());
    drop(stream);
    assert_all_end(&pids);
}

/// With all that its shell knows as one job, as Ctrl-C does it.
#[cfg(unix)]
#[test]
fn a_server_that_is_killed_takes_its_commands_along() {
    use std::os::unix::process::CommandExt;

    for signal in ["-KILL", "-TERM"] {
        let mut job = Command::new(program("tcp_exec_server"));
        let server = Server::listening(Program::start(job.arg("127.0.0.1:0").process_group(0)));
        let dir = tempfile::tempdir().unwrap();
        let (pids, ticks) = (dir.path().join("pids"), dir.path().join("ticks"));
        let command = format!("(while :; do echo >>{}; sleep 0.1; done) & {}", ticks.display(), sleeper(&pids));
        let mut stream = server.connect();
        stream.write_all(command.as_bytes()).unwrap();
        // it has then run for longer than the server lets pass before it looks after a command
        wait_until("the command runs", || std::fs::read(&ticks).is_ok_and(|ticks| ticks.len() > 15));
        let group = format!("-{}", server.program.child.id());
        assert!(Command::new("kill").args([signal, "--", &group]).status().unwrap().success());
        assert_all_end(&pids);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_that_is_killed_takes_its_commands_along_with_all_clients_and_the_usual_descriptors() {
    let mut limited = Command::new("prlimit");
    limited.arg("--nofile=1024").arg(program("tcp_exec_server")).arg("127.0.0.1:0");
    let mut server = Server::listening(Program::start(&mut limited));
    let dir = tempfile::tempdir().unwrap();
    let pids = dir.path().join("pids");
    let command = format!("echo $$ >>{}; exec sleep 1000", pids.display());
    let mut clients: Vec<_> = (0..255).map(|_| server.connect()).collect();
    clients.iter_mut().for_each(|stream| stream.write_all(command.as_bytes()).unwrap());
    wait_until("all commands run", || std::fs::read_to_string(&pids).is_ok_and(|pids| pids.lines().count() == 255));
    // until all of them have run for longer than the supervisor lets pass
    assert_eq!(run(&mut server.connect(), "sleep 0.3; echo hi"), b"hi\n");
    server.program.child.kill().unwrap();
    assert_all_end(&pids);
}

/// Somebody may kill the guard, which is no more than a shell of the server's user.
#[cfg(target_os = "linux")]
#[test]
fn a_guard_that_was_killed_is_replaced_and_still_kills_what_is_left() {
    let mut server = Server::start("tcp_exec_server");
    let pid = server.program.child.id();
    let guards = children(pid);
    let dir = tempfile::tempdir().unwrap();
    let pids = dir.path().join("pids");
    let mut stream = server.connect();
    stream.write_all(sleeper(&pids).as_bytes()).unwrap();
    wait_until("the command starts", || pids.exists());
    assert_eq!(guards.len(), 1);
    assert!(Command::new("kill").args(["-KILL", &guards[0].to_string()]).status().unwrap().success());
    wait_until("another guard takes its place", || children(pid).len() == 2 && !children(pid).contains(&guards[0]));
    // until the new guard has learned of the command
    assert_eq!(run(&mut server.connect(), "sleep 0.3; echo hi"), b"hi\n");
    server.program.child.kill().unwrap();
    assert_all_end(&pids);
}

/// GNU's env can hand a program an ignored signal. The system then keeps no status, and Python says 0.
#[cfg(target_os = "linux")]
#[test]
fn a_server_whose_starter_ignores_sigchld_runs_commands_and_knows_no_status() {
    let ignoring = "--ignore-signal=CHLD";
    if !Command::new("env").args([ignoring, "true"]).output().is_ok_and(|output| output.status.success()) {
        return skip("this env cannot ignore signals");
    }
    let mut server = Command::new("env");
    server.arg(ignoring).arg(program("tcp_header_server")).arg("127.0.0.1:0");
    let server = Server::listening(Program::start(&mut server));
    client("tcp_header_client", server.addr).args(["-c", "echo hi; exit 7"]).assert().code(0).stdout("hi\n");
}

/// Whoever reads the terminal in the background is stopped by the system, and nobody would notice.
#[cfg(target_os = "linux")]
#[test]
fn a_command_that_asks_at_the_terminal_of_the_server_is_killed_and_says_so() {
    // with its terminal, the server would end by SIGHUP alone, which `nohup` ignores
    let server = r#"stty -echo; exec setpriv --pdeathsig KILL "$PROGRAM" 127.0.0.1:0"#;
    let Some(mut script) = terminal(server) else { return };
    for (name, client_name) in [
        ("tcp_plain_server", "tcp_sticky_client"),
        ("tcp_exec_server", "tcp_exec_client"),
        ("tcp_header_server", "tcp_header_client"),
    ] {
        let server = Server::listening(Program::start(script.env("PROGRAM", program(name))));
        for command in ["head -n 1 </dev/tty; echo never", "exec stty echo </dev/tty"] {
            let started = Instant::now();
            let output = client(client_name, server.addr).args(["-c", command]).assert().get_output().clone();
            let shown = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(shown.starts_with("[killed: it asked at the terminal of the server"), "{name}: {shown}");
            assert!(started.elapsed() < Duration::from_secs(2) + SLACK);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_client_that_never_reads_or_never_speaks_keeps_nobody_waiting() {
    let server = Server::start("tcp_exec_server");
    let _idle = server.connect();
    let mut deaf = server.connect();
    deaf.write_all(b"head -c 60000000 /dev/zero").unwrap();
    assert_eq!(receive_size(&mut deaf), 60_000_000);
    deaf.write_all(b"True").unwrap();
    assert_eq!(run(&mut server.connect(), "echo served"), b"served\n");
}

#[cfg(unix)]
#[test]
fn a_client_that_closes_its_sending_side_only_is_answered_if_the_command_is_short() {
    let server = Server::start("tcp_exec_server");
    let mut stream = server.connect();
    stream.write_all(b"sleep 0.05; echo short").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(receive_to_end(&mut stream), b"6");
}
