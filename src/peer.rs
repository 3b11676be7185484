//! Who may connect: whoever gets in can run commands as the server's user, so by default that user alone gets in.

use crate::cli::{self, Args};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

/// The addresses that a remote shell may listen on: those that `args.addr` stands for, if all are loopback addresses or
/// `--allow-anyone` was given. Otherwise ends the process with status 2, as for any wrong usage.
///
/// # Errors
/// When the host is unknown.
pub fn listen_addrs(name: &str, args: &Args) -> io::Result<Vec<SocketAddr>> {
    let found = args.addr.to_socket_addrs().map_err(cli::context(format_args!("cannot look up {}", args.addr)))?;
    let addrs: Vec<_> = found.collect();
    match addrs.iter().find(|addr| !addr.ip().is_loopback()) {
        Some(addr) if !args.allow_anyone => cli::wrong_usage(
            name,
            format_args!("will not listen on {addr}: others could run commands here; use 127.0.0.1 or --allow-anyone"),
        ),
        _ => Ok(addrs),
    }
}

/// Succeeds if the socket at the other end of a loopback connection belongs to this process's user or to root.
///
/// Linux only, from `/proc/net/tcp` (proc(5)); other systems do not tell, and everybody on the machine passes.
///
/// # Errors
/// `PermissionDenied` when it belongs to somebody else or the system does not say whose it is.
#[cfg(target_os = "linux")]
pub fn check_user(own: SocketAddr, peer: SocketAddr) -> io::Result<()> {
    use std::fs::{self, File};
    use std::io::BufReader;
    use std::os::unix::fs::MetadataExt;
    use std::sync::{Mutex, PoisonError};

    /// The table is long on a busy machine: when many connect at once, one look after the other costs the least memory.
    static LOOKING: Mutex<()> = Mutex::new(());

    let _looking = LOOKING.lock().unwrap_or_else(PoisonError::into_inner);
    let own_uid = fs::metadata("/proc/self")?.uid();
    // The table is not read in one piece, and a line can be missed while others come and go: look again.
    for _ in 0..3 {
        // An IPv6 socket that speaks IPv4 stands in tcp6.
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            let file = match File::open(table) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue, // a system without IPv6
                opened => opened.map_err(cli::context(format_args!("cannot see in {table} whose it is")))?,
            };
            match socket_owner(BufReader::new(file), own, peer)? {
                Some(uid) if uid == own_uid || uid == 0 => return Ok(()),
                Some(uid) => {
                    return Err(denied(format!(
                        "it belongs to user {uid}, this server to user {own_uid} (--allow-anyone would let it in)"
                    )));
                }
                None => {}
            }
        }
    }
    Err(denied("it is gone, or the system does not say whose it is (--allow-anyone would let it in)".to_owned()))
}

/// Without `/proc/net/tcp` nobody can be told apart.
#[cfg(not(target_os = "linux"))]
pub fn check_user(_own: SocketAddr, _peer: SocketAddr) -> io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn denied(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}

/// The user id of the socket at `peer` that is connected to `own`, if `table` (`/proc/net/tcp` or `tcp6`) has it.
///
/// A socket that its process has closed stays in the table for a while as root's, with inode 0: it does not count.
#[cfg(any(target_os = "linux", test))]
fn socket_owner(table: impl io::BufRead, own: SocketAddr, peer: SocketAddr) -> io::Result<Option<u32>> {
    let ends = [false, true].map(|mapped| (table_addr(peer, mapped), table_addr(own, mapped)));
    for line in table.lines() {
        let line = line?;
        // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …
        let mut fields = line.split_ascii_whitespace().skip(1);
        let (Some(local), Some(remote)) = (fields.next(), fields.next()) else { continue };
        if !ends.iter().any(|(peer, own)| local == peer && remote == own) {
            continue;
        }
        // One that still connects (02) is not at the other end, but may have the port of one that was.
        let (state, uid, inode) = (fields.next(), fields.nth(3), fields.nth(1));
        if state != Some("02") && inode.is_some_and(|inode| inode != "0") {
            return Ok(uid.and_then(|uid| uid.parse().ok()));
        }
    }
    Ok(None)
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

/// Whether a first request is a browser's: a web page can make it connect to loopback and send what the page likes
/// after a first line that the page hardly chooses (RFC 9112, section 3: method, target, version).
pub fn looks_like_http(request: &[u8]) -> bool {
    const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
    let text = String::from_utf8_lossy(request);
    let first_line = text.trim_start().lines().next().unwrap_or_default();
    let mut words = first_line.split(' ');
    let (method, target, version) = (words.next(), words.next(), words.next());
    let is_method = method.is_some_and(|word| METHODS.contains(&word)) && target.is_some();
    let is_version = version.is_some_and(|word| word.starts_with("HTTP/")) && words.next().is_none();
    is_method || is_version
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the system writes it on a machine of little-endian byte order.
    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F98 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11111 1 0
   1: 0100007F:1F98 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 22222 1 0
   2: 0100007F:C350 0100007F:1F98 01 00000000:00000000 00:00000000 00000000  1001        0 33333 1 0
   3: 0100007F:C351 0100007F:1F98 05 00000000:00000000 00:00000000 00000000     0        0 0 1 0
   4: 0100007F:C352 0100007F:1F98 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0
";
    const TABLE6: &str = "\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:C350 00000000000000000000000001000000:1F98 01 00000000:00000000 00:00000000 00000000  1002        0 44444 1 0
   1: 0000000000000000FFFF00000100007F:C353 0000000000000000FFFF00000100007F:1F98 01 00000000:00000000 00:00000000 00000000  1003        0 55555 1 0
";

    fn owner(table: &str, own: &str, peer: &str) -> Option<u32> {
        socket_owner(table.as_bytes(), own.parse().unwrap(), peer.parse().unwrap()).unwrap()
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn the_owner_is_that_of_the_socket_at_the_other_end() {
        let own = "127.0.0.1:8088";
        assert_eq!(owner(TABLE, own, "127.0.0.1:50000"), Some(1001));
        assert_eq!(owner(TABLE, own, "127.0.0.1:50009"), None);
        assert_eq!(owner(TABLE, "127.0.0.2:8088", "127.0.0.1:50000"), None);
        assert_eq!(owner(TABLE6, "[::1]:8088", "[::1]:50000"), Some(1002));
        assert_eq!(owner(TABLE6, own, "127.0.0.1:50003"), Some(1003));
    }

    #[test]
    fn a_socket_that_was_closed_is_nobodys_although_the_table_says_root() {
        for peer in ["127.0.0.1:50001", "127.0.0.1:50002"] {
            assert_eq!(owner(TABLE, "127.0.0.1:8088", peer), None);
        }
    }

    #[test]
    fn lines_that_are_not_understood_are_nobodys() {
        for table in ["", "\n\n", "x", "0: a b", "  2: 0100007F:C350 0100007F:1F98 01"] {
            assert_eq!(owner(table, "127.0.0.1:8088", "127.0.0.1:50000"), None);
        }
    }

    #[test]
    fn a_request_looks_like_http_by_its_first_line() {
        for request in
            ["GET / HTTP/1.1\r\n", "POST /x", "\r\nPUT / HTTP/1.0", "x;id / HTTP/1.1\r\nHost: y", "PRI * HTTP/2.0"]
        {
            assert!(looks_like_http(request.as_bytes()), "{request:?}");
        }
        for command in
            ["ls -l", "GET", "get x", "echo HTTP/1.1", "curl -I http://localhost/", "grep GET / log", "", "\u{0}"]
        {
            assert!(!looks_like_http(command.as_bytes()), "{command:?}");
        }
    }
}
