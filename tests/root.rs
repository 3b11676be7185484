//! What only root can test: other users who want to connect, limits of a user of one's own, raw sockets, namespaces.
//! `sudo -E env "PATH=$PATH" cargo test --test root`
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use std::fs;
use std::io::Write;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const SERVERS: [&str; 3] = ["tcp_plain_server", "tcp_exec_server", "tcp_header_server"];
/// Who is not the server's user.
const STRANGER: usize = 54_390;
/// Who is, where that is not root.
const OWNER: usize = 54_391;

/// One of the crate's servers as another user.
fn start_as(uid: usize, name: &str, addr: &str) -> (tempfile::TempDir, Server) {
    let (dir, copy) = copy_for_all(name);
    let server = Server::listening(Program::start(as_user(uid, copy).arg(addr)));
    (dir, server)
}

/// A script for Python as root, which may become somebody else.
fn python_as_root(script: &str, args: &[&str]) -> Command {
    let mut command = bare_python();
    command.args(["-c", script]).args(args);
    command
}

/// A script for bash, as another user.
fn bash_as(uid: usize, script: &str) -> Command {
    let mut command = as_user(uid, "bash");
    command.args(["-c", script]);
    command
}

// who gets in

#[test]
fn another_user_is_dropped_unless_anyone_is_allowed() {
    if !is_root() {
        return;
    }
    let (_dir, client) = copy_for_all("tcp_exec_client");
    for (args, is_let_in) in
        [(&["127.0.0.1:0"][..], false), (&["--allow-anyone", "127.0.0.1:0"], true), (&["[::1]:0"], false)]
    {
        if args == ["[::1]:0"] && !has_ipv6() {
            continue;
        }
        let server = Server::start_with("tcp_exec_server", args);
        let mut other = as_user(STRANGER, &client);
        let output = other.args([&server.addr.to_string(), "-c", "echo hi"]).output().unwrap();
        assert_eq!(output.status.success(), is_let_in, "{args:?} {output:?}");
        if !is_let_in {
            server.program.error_with(&format!("it belongs to user {STRANGER}, this server to user 0"));
        }
    }
}

#[test]
fn the_owner_and_root_get_in() {
    if !is_root() {
        return;
    }
    for name in SERVERS {
        let (_dir, server) = start_as(OWNER, name, "127.0.0.1:0");
        assert!(is_served(server.connect(), name));
        let send = format!("exec 3<>/dev/tcp/127.0.0.1/{} && echo hi >&3 && head -c 1 <&3", server.addr.port());
        let output = bash_as(OWNER, &send).output().unwrap();
        assert_eq!(output.stdout.len(), 1, "{name}: {output:?}");
    }
}

#[test]
fn another_user_has_one_line_in_the_log_and_is_told_why_where_the_format_has_a_word_for_it() {
    if !is_root() {
        return;
    }
    let server = Server::start("tcp_header_server");
    let (_dir, client) = copy_for_all("tcp_header_client");
    let mut other = as_user(STRANGER, &client);
    let output = other.args([&server.addr.to_string(), "-c", "id"]).output().unwrap();
    let said = text(&output.stderr);
    let why = format!("it belongs to user {STRANGER}, this server to user 0");
    assert!(said.ends_with(&format!("refused: {why}\n")), "{said}");
    server.program.error_with(&format!("{why} (--allow-anyone would let it in)"));
    let own = server.connect();
    let addr = own.local_addr().unwrap();
    assert_eq!(server.program.line(), format!("client address: {addr}"), "the first who was admitted");
}

/// A closed socket may stay in the system's table as root's.
#[test]
fn another_user_who_leaves_at_once_runs_nothing() {
    if !is_root() {
        return;
    }
    let server = Server::start("tcp_exec_server");
    let dir = tempfile::tempdir().unwrap();
    let witness = dir.path().join("witness");
    let send = format!("exec 3<>/dev/tcp/127.0.0.1/{} && echo 'touch {}' >&3", server.addr.port(), witness.display());
    for _ in 0..50 {
        assert!(bash_as(STRANGER, &send).status().unwrap().success());
    }
    server.program.error_with("dropped");
    assert!(is_served(server.connect(), "tcp_exec_server"), "who came before was decided on before");
    assert!(!witness.exists());
}

/// Stops the server, lets another user send it a command and reset the connection, connects from the port that is free
/// again, and lets the server go on.
const REUSED_PORT: &str = r#"
import os, signal, socket, struct, sys
server, port, stranger, command = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4].encode()
def connect(own_port):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", own_port))
    s.connect(("127.0.0.1", port))
    return s
os.kill(server, signal.SIGSTOP)
try:
    r, w = os.pipe()
    child = os.fork()
    if not child:
        os.setgroups([])
        os.setresuid(stranger, stranger, stranger)
        s = connect(0)
        s.sendall(command)
        os.write(w, b"%d" % s.getsockname()[1])
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
        os._exit(0)
    os.waitpid(child, 0)
    s = connect(int(os.read(r, 10)))
finally:
    os.kill(server, signal.SIGCONT)
print("done", flush=True)
sys.stdin.read()
"#;

#[test]
fn a_command_of_another_user_is_not_taken_for_that_of_whoever_has_its_port_next() {
    if !is_root() || python().is_none() {
        return;
    }
    let server = Server::start("tcp_exec_server");
    let dir = tempfile::tempdir().unwrap();
    let witness = dir.path().join("witness");
    let (pid, port) = (server.program.child.id().to_string(), server.addr.port().to_string());
    let command = format!("touch {}", witness.display());
    let args = [&*pid, &port, &STRANGER.to_string(), &command];
    let script = Program::start(&mut python_as_root(REUSED_PORT, &args));
    assert_eq!(script.line(), "done");
    server.program.error_with("it was gone before it was clear which user owns it");
    assert!(!witness.exists());
}

/// A client of one user stays behind when its server is gone: its socket is bound to a device, so that its port is not
/// taken. Then a client of another user connects from that very port, with an IPv6 socket that speaks IPv4. The earlier
/// server either closes or vanishes without a word, as one does whose client has not read for minutes. Prints the port
/// for the next server, and what the second client received from that.
const SAME_PORT: &str = r#"
import os, socket, sys
how, first, second = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
TCP_REPAIR = 19
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 0))
listener.listen()
port = listener.getsockname()[1]
os.seteuid(first)
left = socket.socket()
os.seteuid(0)
left.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
left.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
left.bind(("127.0.0.1", 0))
left.connect(("127.0.0.1", port))
own_port = left.getsockname()[1]
conn, _ = listener.accept()
if how == "vanishes":
    conn.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
conn.close()
listener.close()
print(port, flush=True)
sys.stdin.readline()  # until the next server listens there
os.seteuid(second)
s = socket.socket(socket.AF_INET6)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.settimeout(10)
s.bind(("::ffff:127.0.0.1", own_port))
s.connect(("::ffff:127.0.0.1", port))
s.sendall(b"echo hi")
try:
    print("received", s.recv(100), flush=True)
except ConnectionResetError:
    print("received", b"", flush=True)
"#;

#[test]
fn what_is_left_of_a_connection_to_an_earlier_server_admits_nobody_and_keeps_nobody_out() {
    if !is_root() || !has_ipv6() || python().is_none() {
        return;
    }
    let stranger = format!("it belongs to user {STRANGER}, this server to user {OWNER}");
    for (how, first, second, said) in [
        ("closes", OWNER, STRANGER, &*stranger),
        ("closes", STRANGER, OWNER, ""),
        ("vanishes", OWNER, STRANGER, &*stranger),
        ("vanishes", STRANGER, OWNER, ""),
    ] {
        let args = [how, &first.to_string(), &second.to_string()];
        let mut script = Program::start(&mut python_as_root(SAME_PORT, &args));
        let (_dir, server) = start_as(OWNER, "tcp_plain_server", &format!("127.0.0.1:{}", script.line()));
        script.type_line("");
        let received = if said.is_empty() { r"received b'hi\n'" } else { "received b''" };
        assert_eq!(script.line(), received, "it {how}: {first}, then {second}");
        if !said.is_empty() {
            server.program.error_with(said);
        }
    }
}

/// A client that is bound to a device leaves its addresses to another one. When that connects, the server's end of the
/// first connection is reset, and the first client's socket stays open. So a stranger can
/// - take over the addresses of the owner's client, send a command and vanish without a word: `take over`;
/// - leave an open socket of its own behind, on a port that the owner comes from next: `leave`.
///
/// The server is stopped meanwhile, so that it sees only what is left.
const SAME_ADDRESSES: &str = r#"
import os, signal, socket, sys
how, server, port, owner, stranger = sys.argv[1], *map(int, sys.argv[2:6])
TCP_REPAIR = 19
def client(user, own_port, device):
    os.seteuid(user)
    s = socket.socket()
    os.seteuid(0)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
    s.settimeout(10)
    s.bind(("127.0.0.1", own_port))
    return s
first = client(owner if how == "take over" else stranger, 0, b"lo")
own_port = first.getsockname()[1]
if how == "take over":
    first.connect(("127.0.0.1", port))
    first.sendall(b"echo hi")
    assert first.recv(100) == b"hi\n"
os.kill(server, signal.SIGSTOP)
try:
    second = client(stranger, own_port, b"")
    if how == "take over":
        second.connect(("127.0.0.1", port))
        second.sendall(sys.argv[6].encode())
        second.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    else:
        first.connect(("127.0.0.1", port))
        second.setblocking(False)
        second.connect_ex(("127.0.0.1", port))
    second.close()
finally:
    os.kill(server, signal.SIGCONT)
print(own_port, flush=True)
sys.stdin.readline()  # until the server has dropped what it saw
if how == "leave":
    s = client(owner, own_port, b"")
    s.connect(("127.0.0.1", port))
    s.sendall(b"echo hi")
    print("received", s.recv(100), flush=True)
"#;

#[test]
fn a_stranger_who_takes_over_the_addresses_of_a_client_runs_nothing() {
    if !is_root() || python().is_none() {
        return;
    }
    for owner in [OWNER, 0] {
        let (_dir, server) = start_as(OWNER, "tcp_plain_server", "127.0.0.1:0");
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let witness = dir.path().join("witness");
        let mut script = Program::start(&mut same_addresses("take over", &server, owner, &witness));
        let addr = format!("127.0.0.1:{}", script.line());
        server.program.error_with(&format!("dropped {addr}: the system does not say which user owns it"));
        script.type_line("");
        assert!(!witness.exists());
    }
}

#[test]
fn a_stranger_who_leaves_open_sockets_on_the_ports_that_the_owner_comes_from_keeps_nobody_out() {
    if !is_root() || python().is_none() {
        return;
    }
    let (_dir, server) = start_as(OWNER, "tcp_plain_server", "127.0.0.1:0");
    let mut script = Program::start(&mut same_addresses("leave", &server, OWNER, Path::new("")));
    let addr = format!("127.0.0.1:{}", script.line());
    server.program.error_with(&format!("dropped {addr}"));
    script.type_line("");
    assert_eq!(script.line(), r"received b'hi\n'");
}

fn same_addresses(how: &str, server: &Server, owner: usize, witness: &Path) -> Command {
    let (pid, port) = (server.program.child.id().to_string(), server.addr.port().to_string());
    let command = format!("touch {}", witness.display());
    python_as_root(SAME_ADDRESSES, &[how, &pid, &port, &owner.to_string(), &STRANGER.to_string(), &command])
}

/// Everybody whom a user namespace does not know reads as user 65534 there, whoever starts the server as well as a
/// stranger.
#[test]
fn in_a_user_namespace_that_knows_nobody_nobody_is_let_in() {
    if !is_root() {
        return;
    }
    let unshare = |program: &Path| {
        let mut command = as_user(OWNER, "unshare");
        command.arg("-U").arg(program);
        command
    };
    if !unshare("true".as_ref()).output().is_ok_and(|output| output.status.success()) {
        return skip("not everybody may make a user namespace here");
    }
    let (_dir, copy) = copy_for_all("tcp_exec_server");
    let server = Server::listening(Program::start(unshare(&copy).arg("127.0.0.1:0")));
    let (_dir, client) = copy_for_all("tcp_exec_client");
    for uid in [OWNER, STRANGER] {
        let output = as_user(uid, &client).args([&server.addr.to_string(), "-c", "id"]).output().unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
        server.program.error_with("it belongs to user 65534, who may be anybody");
    }
}

// who keeps others out

/// Nobody reads what the server says about them, so that its pipe is full long before they stop.
#[test]
fn strangers_who_come_and_go_or_stay_keep_nobody_waiting() {
    if !is_root() {
        return;
    }
    let mut child = spawn(Command::new(program("tcp_exec_server")).arg("127.0.0.1:0"));
    let _nobody_reads = child.stderr.take();
    let server = Server::listening(Program::following(child));
    let port = server.addr.port();
    let come_and_go =
        format!("while :; do exec 3<>/dev/tcp/127.0.0.1/{port} && echo x >&3; exec 3>&-; done 2>/dev/null");
    let mut strangers = vec![
        Program::start(&mut bash_as(STRANGER, &crowd(port, 400))),
        Program::start(&mut bash_as(STRANGER, &come_and_go)),
        Program::start(&mut bash_as(STRANGER, &come_and_go)),
    ];
    let mut worst = Duration::ZERO;
    for _ in 0..40 {
        let started = Instant::now();
        assert!(is_served(server.connect(), "tcp_exec_server"));
        worst = worst.max(started.elapsed());
    }
    assert!(worst < Duration::from_millis(500) + SLACK, "{worst:?}");
    strangers.clear();
    wait_until("none of them holds anything any more", || descriptors(&server) < 12);
}

/// Connects so often and stays.
fn crowd(port: u16, size: usize) -> String {
    format!("for i in $(seq {size}); do exec {{fd}}<>/dev/tcp/127.0.0.1/{port}; done 2>/dev/null; echo here; cat")
}

fn descriptors(server: &Server) -> usize {
    fs::read_dir(format!("/proc/{}/fd", server.program.child.id())).unwrap().count()
}

#[test]
fn all_who_may_be_served_have_enough_descriptors_beside_a_crowd_of_strangers() {
    if !is_root() {
        return;
    }
    let mut limited = Command::new("prlimit");
    limited.arg("--nofile=1024").arg(program("tcp_plain_server")).arg("127.0.0.1:0");
    let server = Server::listening(Program::start(&mut limited));
    let dir = tempfile::tempdir().unwrap();
    let pids = dir.path().join("pids");
    let command = format!("echo $$ >>{}; exec sleep 1000", pids.display());
    let mut clients: Vec<_> = (0..255).map(|_| server.connect()).collect();
    clients.iter_mut().for_each(|stream| stream.write_all(command.as_bytes()).unwrap());
    wait_until("all commands run", || fs::read_to_string(&pids).is_ok_and(|pids| pids.lines().count() == 255));
    let mut last = server.connect();
    let port = server.addr.port();
    let mut strangers: Vec<_> = (0..3).map(|_| Program::start(&mut bash_as(STRANGER, &crowd(port, 200)))).collect();
    for _ in 0..300 {
        last.write_all(b"echo hi").unwrap();
        assert_eq!(text(&receive(&mut last)), "hi\n");
    }
    strangers.iter_mut().for_each(|crowd| drop(crowd.child.kill()));
}

#[test]
fn a_stranger_cannot_fill_the_log() {
    if !is_root() {
        return;
    }
    let mut server = Server::start("tcp_exec_server");
    let knock = format!(
        "for i in $(seq 2000); do exec 3<>/dev/tcp/127.0.0.1/{} && echo x >&3; exec 3>&-; done 2>/dev/null",
        server.addr.port()
    );
    let started = Instant::now();
    assert!(bash_as(STRANGER, &knock).status().unwrap().success());
    assert!(is_served(server.connect(), "tcp_exec_server"), "who came before was decided on before");
    let mut lines = Vec::new();
    while !lines.iter().any(|line: &String| line.ends_with(" more lines were left out")) {
        lines.push(server.program.error_with(""));
    }
    let seconds = started.elapsed().as_secs() as usize + 1;
    server.program.child.kill().unwrap();
    lines.extend(server.program.errors());
    let dropped = lines.iter().filter(|line| line.contains(": dropped ")).count();
    assert!((10..=10 + 6 * seconds).contains(&dropped), "{dropped} lines in {seconds} s");
}

// limits of a user of one's own: the system counts all processes and threads of a user

#[test]
fn threads_that_cannot_be_started_cost_their_clients_only() {
    if !is_root() {
        return;
    }
    for (number, name) in SERVERS.iter().enumerate() {
        let (_dir, copy) = copy_for_all(name);
        let mut limited = as_user(unique_user() + number, "prlimit");
        let server = Server::listening(Program::start(limited.arg("--nproc=20").arg(copy).arg("127.0.0.1:0")));
        let clients: Vec<_> = (0..30).map(|_| server.connect()).collect();
        server.program.error_with("cannot start a thread: ");
        drop(clients);
        wait_until("it serves again", || is_served(server.connect(), name));
    }
}

/// The guard kills, so that takes no new process, and the thread that reads the client is there already.
#[test]
fn a_command_that_has_used_up_all_processes_is_killed_when_its_client_leaves() {
    if !is_root() {
        return;
    }
    let (dir, copy) = copy_for_all("tcp_exec_server");
    let mut server = as_user(unique_user() + 5, copy);
    let server = Server::listening(Program::start(server.arg("127.0.0.1:0")));
    let mut stream = server.connect();
    stream.write_all(b"true").unwrap();
    assert_eq!(receive(&mut stream), b"0");
    let pid = server.program.child.id();
    let nproc = status_field(pid, "Threads") + 1 + 1; // the guard; the command
    let mut limit = as_user(unique_user() + 5, "prlimit");
    limit.args(["--pid", &pid.to_string(), &format!("--nproc={nproc}")]);
    assert!(limit.status().unwrap().success());
    let pids = dir.path().join("pids");
    let command = format!("Trueecho $$ >{}; exec sleep 1000", pids.display());
    stream.write_all(command.as_bytes()).unwrap();
    wait_until("the command runs", || fs::read_to_string(&pids).is_ok_and(|pids| pids.ends_with('\n')));
    drop(stream);
    assert_all_end(&pids);
    server.program.error_with("it left, and its command was sent SIGKILL");
}

// namespaces

/// A PID namespace inside another one that has `/proc`: in the inner one a command has a number that in `/proc` is that of
/// somebody else's process. That is stopped, has a terminal, and is a child of process 1, as the server is called.
#[test]
fn a_stopped_process_of_somebody_else_with_the_same_number_kills_no_command() {
    if !is_root() {
        return;
    }
    const OUTER: &str = r#"for i in $(seq 40); do sleep 1000 & done; kill -STOP $(jobs -p)
        exec unshare --pid --fork setpriv --reuid "$OWNER" --clear-groups "$PROGRAM" 127.0.0.1:0"#;
    let (_dir, copy) = copy_for_all("tcp_plain_server");
    let script = r#"exec setpriv --pdeathsig KILL unshare --pid --fork --mount-proc --kill-child bash -c "$OUTER""#;
    let Some(mut outer) = terminal(script) else { return };
    outer.env("OUTER", OUTER).env("OWNER", OWNER.to_string()).env("PROGRAM", copy);
    let server = Server::listening(Program::start(&mut outer));
    let mut stream = server.connect();
    stream.write_all(b"sleep 0.8; echo $$ alive").unwrap(); // longer than it takes to look at it
    let answer = text(&receive(&mut stream));
    assert!(answer.ends_with(" alive\n"), "{answer}");
    let number: u32 = answer.split(' ').next().unwrap().parse().unwrap();
    assert!(number < 40, "the number must be that of a stopped process");
}

// raw sockets

/// Datagrams whose sender is forged: the server's own address, and port 0.
#[test]
fn a_datagram_forged_from_the_servers_own_address_or_port_0_is_never_answered() {
    const FORGE: &str = "import socket, struct, sys\n\
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)\n\
        raw.bind((sys.argv[1], 0))\n\
        source, target = int(sys.argv[2]), int(sys.argv[3])\n\
        raw.sendto(struct.pack('!HHHH', source, target, 14, 0) + b'forged', ('127.0.0.1', 0))\n";
    if !is_root() || python().is_none() {
        return;
    }
    for bound_to in ["127.0.0.1:0", "0.0.0.0:0"] {
        let server = Server::start_with("udp_server", &[bound_to]);
        let target = SocketAddr::from(([127, 0, 0, 1], server.addr.port()));
        let ports = [target.port(), 0].map(|port| port.to_string());
        for (number, port) in ports.iter().enumerate() {
            let mut forge = python_as_root(FORGE, &["127.0.0.1", port, &ports[0]]);
            assert!(forge.status().unwrap().success());
            assert_eq!(server.program.line(), format!("recv: \"forged\" 127.0.0.1:{port}"));
            assert!(server.program.error_with(&format!("127.0.0.1:{port}")).contains("not answering"));
            // Had the server answered itself, its log would show that before this.
            let message = format!("honest {number}");
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            socket.send_to(message.as_bytes(), target).unwrap();
            let mut reply = [0; 100];
            let size = socket.recv(&mut reply).unwrap();
            assert_eq!(reply[..size], message.to_ascii_uppercase().into_bytes());
            assert!(server.program.line().starts_with(&format!("recv: \"{message}\" 127.0.0.1:")));
        }
    }
}

/// A router may report an error long after the question; here it is forged.
#[test]
fn an_error_that_comes_after_the_reply_is_not_taken_for_the_answer_to_the_next_question() {
    /// `port unreachable` (ICMP type 3, code 3), which quotes the headers of the client's datagram.
    const FORGE: &str = "import socket, struct, sys\n\
        client, server = int(sys.argv[1]), int(sys.argv[2])\n\
        local = socket.inet_aton('127.0.0.1')\n\
        ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 31, 0, 0, 64, socket.IPPROTO_UDP, 0, local, local)\n\
        rest = struct.pack('!I', 0) + ip + struct.pack('!HHHH', client, server, 11, 0)\n\
        total = sum(struct.unpack('!%dH' % (len(rest) // 2), rest)) + 0x0303\n\
        total = (total & 0xffff) + (total >> 16)\n\
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)\n\
        raw.sendto(struct.pack('!BBH', 3, 3, 0xffff - total) + rest, ('127.0.0.1', 0))\n";
    if !is_root() || python().is_none() {
        return;
    }
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    server.set_read_timeout(Some(PATIENCE)).unwrap();
    let addr = server.local_addr().unwrap();
    let mut client = Program::start(Command::new(program("udp_client")).arg(addr.to_string()));
    client.type_line("one");
    let (_, asker) = server.recv_from(&mut [0; 10]).unwrap();
    server.send_to(b"ONE", asker).unwrap();
    assert_eq!(client.line(), format!("ONE {addr}"));
    let args = [&*asker.port().to_string(), &addr.port().to_string()];
    assert!(python_as_root(FORGE, &args).status().unwrap().success());
    client.type_line("two");
    assert_eq!(server.recv_from(&mut [0; 10]).unwrap(), (3, asker));
    server.send_to(b"TWO", asker).unwrap();
    assert_eq!(client.line(), format!("TWO {addr}"));
    assert_eq!((client.finish(), client.errors()), (Some(0), vec![]));
}
