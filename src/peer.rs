//! Who may connect: whoever gets in can run commands as the server's user, so by default that user alone gets in.

use crate::cli::{self, Args, Context};
use crate::command::MAX_COMMAND;
use crate::connection::Connection;
#[cfg(any(target_os = "linux", test))]
use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

/// What a user namespace calls every user whom it does not know (user_namespaces(7), unless kernel.overflowuid is
/// changed).
#[cfg(any(target_os = "linux", test))]
const NOBODY: u32 = 65_534;

/// The addresses that a remote shell may listen on: those that `args.addr` stands for, if all are loopback addresses or
/// `--allow-anyone` was given. Otherwise ends the process with status 2, as for any wrong usage.
///
/// # Errors
/// When the host is unknown.
pub fn listen_addrs(name: &str, args: &Args) -> io::Result<Vec<SocketAddr>> {
    let found = args.addr.to_socket_addrs().context(format_args!("cannot look up {}", args.addr))?;
    let addrs: Vec<_> = found.collect();
    match addrs.iter().find(|addr| !addr.ip().is_loopback()) {
        Some(addr) if !args.allow_anyone => cli::wrong_usage(
            name,
            format_args!("will not listen on {addr}: others could run commands here; use 127.0.0.1 or --allow-anyone"),
        ),
        _ => Ok(addrs),
    }
}

/// What becomes of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It belongs to this process's user or to root.
    Admitted,
    /// It may not come in, and why.
    Refused(String),
    /// It seems to be root's, but is no longer open in both directions. Where the system reads inode and user one after
    /// the other, a socket that its process closes just then looks like that for one reading.
    Closing,
    /// Its process has closed the connection, and nobody can tell any more whose it was.
    Gone,
    /// The system's table did not show it. It can be missed there once.
    Missed,
}

/// Who is at the other ends of loopback connections, from `/proc/net/tcp` and `tcp6` (proc(5)). They stay open, so that
/// no look-up fails for want of a descriptor.
///
/// Linux only; other systems do not tell, and everybody on the machine is admitted.
#[derive(Debug)]
pub struct Table {
    #[cfg(target_os = "linux")]
    files: Vec<std::fs::File>,
    #[cfg(target_os = "linux")]
    own_uid: u32,
}

#[cfg(target_os = "linux")]
impl Table {
    /// Opens the system's tables.
    ///
    /// # Errors
    /// When they cannot be opened: then nobody could be told apart.
    pub fn open() -> io::Result<Table> {
        use std::fs::{self, File};
        use std::os::unix::fs::MetadataExt;

        let mut files = vec![File::open("/proc/net/tcp").context("cannot read /proc/net/tcp")?];
        match File::open("/proc/net/tcp6") {
            Ok(file) => files.push(file), // an IPv6 socket that speaks IPv4 stands there too
            Err(error) if error.kind() == io::ErrorKind::NotFound => {} // a system without IPv6
            Err(error) => return Err(error).context("cannot read /proc/net/tcp6"),
        }
        Ok(Table { files, own_uid: fs::metadata("/proc/self").context("cannot read /proc/self")?.uid() })
    }

    /// Whether the sockets at the other ends of connections, each given as `(own, peer)`, belong to this process's user
    /// or to root, by one reading for all of them.
    pub fn look_up(&mut self, connections: &[(SocketAddr, SocketAddr)]) -> Vec<Verdict> {
        use std::io::{BufReader, Seek};

        let mut verdicts = vec![Verdict::Missed; connections.len()];
        for file in &mut self.files {
            let read =
                file.rewind().and_then(|()| judge(BufReader::new(file), self.own_uid, connections, &mut verdicts));
            if let Err(error) = read {
                verdicts.fill(Verdict::Refused(format!("cannot see whose it is: {error}")));
            }
            if !verdicts.contains(&Verdict::Missed) {
                break;
            }
        }
        verdicts
    }
}

#[cfg(not(target_os = "linux"))]
impl Table {
    /// There is nothing to open.
    ///
    /// # Errors
    /// None.
    pub fn open() -> io::Result<Table> {
        Ok(Table {})
    }

    /// Without `/proc/net/tcp` nobody can be told apart.
    pub fn look_up(&mut self, connections: &[(SocketAddr, SocketAddr)]) -> Vec<Verdict> {
        vec![Verdict::Admitted; connections.len()]
    }
}

/// Puts a verdict to each of the `connections` that `table` shows from the other end.
#[cfg(any(target_os = "linux", test))]
fn judge(
    mut table: impl io::BufRead,
    own_uid: u32,
    connections: &[(SocketAddr, SocketAddr)],
    verdicts: &mut [Verdict],
) -> io::Result<()> {
    let mut wanted = HashMap::new();
    for (number, (own, peer)) in connections.iter().enumerate() {
        for mapped in [false, true] {
            wanted.insert(format!("{} {}", table_addr(*peer, mapped), table_addr(*own, mapped)), number);
        }
    }
    let mut line = String::new();
    let mut missed = verdicts.iter().filter(|verdict| **verdict == Verdict::Missed).count();
    while missed > 0 && table.read_line(&mut line)? > 0 {
        // sl: local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …
        let ends = line.split_once(": ").map_or("", |(_, rest)| rest);
        let length = ends.match_indices(' ').nth(1).map_or(0, |(at, _)| at);
        if let Some(number) = wanted.remove(&ends[..length]) {
            let mut fields = ends[length..].split_ascii_whitespace();
            let (state, uid, inode) = (fields.next(), fields.nth(3), fields.nth(1));
            if let (Some(verdict), Verdict::Missed) = (verdict(state, uid, inode, own_uid), &verdicts[number]) {
                verdicts[number] = verdict;
                missed -= 1;
            }
        }
        line.clear();
    }
    Ok(())
}

#[cfg(any(target_os = "linux", test))]
fn verdict(state: Option<&str>, uid: Option<&str>, inode: Option<&str>, own_uid: u32) -> Option<Verdict> {
    const ESTABLISHED: &str = "01";
    const CONNECTING: &str = "02";
    let (state, uid, inode) = (state?, uid?.parse::<u32>().ok()?, inode?);
    match uid {
        // Not at the other end yet, but may have the port of one that was.
        _ if state == CONNECTING => None,
        // Its process has closed it, and the table calls it root's from then on.
        _ if inode == "0" => (state != ESTABLISHED).then_some(Verdict::Gone),
        0 => Some(if state == ESTABLISHED { Verdict::Admitted } else { Verdict::Closing }),
        NOBODY if uid == own_uid => Some(Verdict::Refused(format!("it belongs to user {uid}, who may be anybody"))),
        _ if uid == own_uid => Some(Verdict::Admitted),
        _ => Some(Verdict::Refused(format!("it belongs to user {uid}, this server to user {own_uid}"))),
    }
}

/// `addr` as `/proc/net/tcp` writes it: each 32 bits of the address in hexadecimal as this machine orders bytes.
#[cfg(any(target_os = "linux", test))]
fn table_addr(addr: SocketAddr, mapped: bool) -> String {
    use std::net::IpAddr;
    let octets = match addr.ip() {
        IpAddr::V4(ip) if mapped => ip.to_ipv6_mapped().octets().to_vec(),
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let word = |bytes: &[u8]| bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
    let words = octets.chunks_exact(4).map(|bytes| format!("{:08X}", u32::from_be(word(bytes))));
    format!("{}:{:04X}", words.collect::<String>(), addr.port())
}

/// Fails if the first request is a browser's: a web page can make one connect to loopback and send what the page likes
/// after a first line that the page hardly chooses. Waits for that request, and leaves it to be received.
///
/// # Errors
/// `PermissionDenied` when it looks like HTTP, and those of [`Connection::peek`].
pub fn refuse_http(client: &Connection) -> io::Result<()> {
    let mut request = [0; MAX_COMMAND];
    let received = client.peek(&mut request, None)?;
    if looks_like_http(&request[..received]) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "its first request looks like HTTP"));
    }
    Ok(())
}

/// Whether a first line is that of HTTP (RFC 9112, section 3: method, target, version), with some tolerance.
fn looks_like_http(request: &[u8]) -> bool {
    const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
    let text = String::from_utf8_lossy(request);
    let words: Vec<_> = text.trim_start().lines().next().unwrap_or_default().split_whitespace().collect();
    match words[..] {
        [] | [_] => false,
        [method, ..] if METHODS.contains(&method) => true,
        [_, _, .., version] => {
            version.strip_prefix("HTTP/").is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Admitted, Closing, Gone, Missed, Refused};
    use super::*;

    /// As the system writes it on a machine of little-endian byte order.
    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F98 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11111 1 0
   1: 0100007F:1F98 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 22222 1 0
   2: 0100007F:C350 0100007F:1F98 01 00000000:00000000 00:00000000 00000000  1001        0 33333 1 0
   3: 0100007F:C351 0100007F:1F98 05 00000000:00000000 00:00000000 00000000     0        0 0 1 0
   4: 0100007F:C352 0100007F:1F98 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0
   5: 0100007F:C354 0100007F:1F98 01 00000000:00000000 00:00000000 00000000 65534        0 66666 1 0
   6: 0100007F:C355 0100007F:1F98 05 00000000:00000000 00:00000000 00000000     0        0 77777 1 0
   7: 0100007F:C356 0100007F:1F98 01 00000000:00000000 00:00000000 00000000  1000        0 88888 1 0
";
    const TABLE6: &str = "\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:C350 00000000000000000000000001000000:1F98 01 00000000:00000000 00:00000000 00000000  1002        0 44444 1 0
   1: 0000000000000000FFFF00000100007F:C353 0000000000000000FFFF00000100007F:1F98 01 00000000:00000000 00:00000000 00000000  1000        0 55555 1 0
";

    /// The verdicts on connections from `peers` to `own`, by user 1000.
    fn verdicts(table: &str, own: &str, peers: &[&str]) -> Vec<Verdict> {
        let connections: Vec<_> = peers.iter().map(|peer| (own.parse().unwrap(), peer.parse().unwrap())).collect();
        let mut verdicts = vec![Missed; peers.len()];
        judge(table.as_bytes(), 1000, &connections, &mut verdicts).unwrap();
        verdicts
    }

    fn refused(why: &str) -> Verdict {
        Refused(why.to_owned())
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn all_that_wait_are_judged_by_the_sockets_at_the_other_ends() {
        let own = "127.0.0.1:8088";
        let peers = ["127.0.0.1:50006", "127.0.0.1:50000", "127.0.0.1:50009", "127.0.0.1:50005"];
        let stranger = refused("it belongs to user 1001, this server to user 1000");
        assert_eq!(verdicts(TABLE, own, &peers), [Admitted, stranger, Missed, Closing]);
        assert_eq!(verdicts(TABLE, "127.0.0.2:8088", &peers[..1]), [Missed]);
        let stranger = refused("it belongs to user 1002, this server to user 1000");
        assert_eq!(verdicts(TABLE6, "[::1]:8088", &["[::1]:50000"]), [stranger]);
        assert_eq!(verdicts(TABLE6, own, &["127.0.0.1:50003"]), [Admitted]);
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn a_socket_that_was_closed_is_gone_although_the_table_says_root() {
        let peers = ["127.0.0.1:50001", "127.0.0.1:50002"];
        assert_eq!(verdicts(TABLE, "127.0.0.1:8088", &peers), [Gone, Gone]);
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn the_user_who_stands_for_all_unknown_ones_is_never_the_same_user() {
        let connections = [("127.0.0.1:8088".parse().unwrap(), "127.0.0.1:50004".parse().unwrap())];
        let mut verdicts = [Missed];
        judge(TABLE.as_bytes(), NOBODY, &connections, &mut verdicts).unwrap();
        assert_eq!(verdicts, [refused("it belongs to user 65534, who may be anybody")]);
    }

    #[test]
    fn lines_that_are_not_understood_are_nobodys() {
        for table in ["", "\n\n", "x", "0: a b", ": : : ", "  2: 0100007F:C350 0100007F:1F98 01", "é: é é é"] {
            assert_eq!(verdicts(table, "127.0.0.1:8088", &["127.0.0.1:50000"]), [Missed]);
        }
    }

    #[test]
    fn one_that_still_connects_is_not_at_the_other_end() {
        assert_eq!(verdict(Some("02"), Some("1000"), Some("7"), 1000), None);
        assert_eq!(verdict(Some("01"), Some("0"), Some("0"), 1000), None, "whose it is may be seen the next time");
    }

    #[test]
    fn a_request_looks_like_http_by_its_first_line() {
        for request in [
            "GET / HTTP/1.1\r\n",
            "POST /x",
            "\r\nPUT / HTTP/1.0",
            "x;id / HTTP/1.1\r\nHost: y",
            "PRI * HTTP/2.0",
            "touch x; / HTTP/1.1\r\n",
            "GET /a b c HTTP/1.1",
        ] {
            assert!(looks_like_http(request.as_bytes()), "{request:?}");
        }
        for command in [
            "ls -l",
            "GET",
            "get x",
            "echo HTTP/1.1",
            "echo GET / HTTP/1.1 is a request",
            "echo a HTTP/x",
            "a b\nc / HTTP/1.1",
            "curl -I http://localhost/",
            "grep GET / log",
            "",
            "\u{0}",
        ] {
            assert!(!looks_like_http(command.as_bytes()), "{command:?}");
        }
    }
}
