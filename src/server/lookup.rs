//! The look-up: which user owns the sockets at the other ends of loopback connections.
//!
//! Linux tells that in `/proc/net/tcp` and `/proc/net/tcp6` (proc(5)), and nothing is sent for it. Other systems do not
//! tell, and there everybody on the machine passes.

#![cfg_attr(not(target_os = "linux"), allow(dead_code))] // other systems use only a part

use std::io;
use std::net::SocketAddr;

pub use system::Tables;

/// A connection as it was accepted: the server's address and the client's.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// The server's end.
    pub own: SocketAddr,
    /// The client's end.
    pub peer: SocketAddr,
}

/// What the look-up says of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This process's user, who is not root.
    SameUser,
    /// Root, as it seems. A socket that its process closes just then looks like that for one reading, as the system
    /// reads the user and the inode one after the other.
    Root,
    /// Somebody who may not connect, and why not.
    Other(String),
    /// Nobody any more: its process has closed the socket, and the system calls it root's from then on.
    Gone,
    /// The system's tables do not show the socket. A line can be missed while others come and go.
    NotFound,
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::*;

    /// There are no tables.
    #[derive(Debug)]
    pub struct Tables;

    impl Tables {
        /// There is nothing to open.
        ///
        /// # Errors
        /// None.
        pub fn open() -> io::Result<Tables> {
            Ok(Tables)
        }

        /// Lets everybody pass.
        pub fn look_up(&mut self, clients: &[Ends]) -> Vec<Owner> {
            vec![Owner::SameUser; clients.len()]
        }
    }
}

#[cfg(target_os = "linux")]
mod system {
    use super::*;
    use crate::cli::Context;
    use std::collections::HashMap;
    use std::fs::{self, File};
    use std::io::{BufRead, BufReader, Read, Seek};
    use std::net::{IpAddr, Ipv6Addr};
    use std::os::unix::fs::MetadataExt;

    /// What a user namespace calls every user whom it does not know (user_namespaces(7), unless kernel.overflowuid is
    /// changed).
    const NOBODY: u32 = 65_534;
    /// ESTABLISHED, FIN_WAIT1 and FIN_WAIT2: no other socket can be at the other end of a connection that was just
    /// accepted. One in another state may be what is left of an earlier connection with the same addresses.
    const LIVE_STATES: [&str; 3] = ["01", "04", "05"];

    /// How much is read at a time: no more than a page, since the system fills one at most.
    const CHUNK_SIZE: usize = 4096;
    /// No line of a table is longer.
    const MAX_LINE: usize = 512;

    /// The system's tables. They stay open, so that no look-up fails for want of a descriptor.
    #[derive(Debug)]
    pub struct Tables {
        tcp: File,
        /// Here stands also an IPv6 socket that speaks IPv4. `None` on a system without IPv6.
        tcp6: Option<File>,
        own_uid: u32,
    }

    /// The address of a socket, of IPv4 also where an IPv6 socket speaks it.
    type Addr = (IpAddr, u16);

    /// A line of a table.
    struct Line<'a> {
        local: &'a str,
        remote: &'a str,
        state: &'a str,
        uid: u32,
        inode: &'a str,
    }

    impl Tables {
        /// Opens the system's tables.
        ///
        /// # Errors
        /// When they cannot be opened: then nobody could be told apart.
        pub fn open() -> io::Result<Tables> {
            let tcp = File::open("/proc/net/tcp").context("cannot read /proc/net/tcp")?;
            let tcp6 = match File::open("/proc/net/tcp6") {
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                opened => Some(opened.context("cannot read /proc/net/tcp6")?),
            };
            let own_uid = fs::metadata("/proc/self").context("cannot read /proc/self")?.uid();
            Ok(Tables { tcp, tcp6, own_uid })
        }

        /// Who owns the sockets of these clients, by one reading of both tables for all of them. Both are read for each
        /// client: an earlier connection with the same addresses can have left a line in one while the client's own
        /// stands in the other.
        pub fn look_up(&mut self, clients: &[Ends]) -> Vec<Owner> {
            let mut owners: HashMap<_, _> = clients.iter().map(|ends| (key(ends), Owner::NotFound)).collect();
            for table in [Some(&mut self.tcp), self.tcp6.as_mut()].into_iter().flatten() {
                let read = table.rewind().and_then(|()| {
                    let lines = BufReader::with_capacity(CHUNK_SIZE, Reading { table, ended: false });
                    find_owners(lines, self.own_uid, &mut owners)
                });
                if let Err(error) = read {
                    return vec![Owner::Other(format!("cannot see which user owns it: {error}")); clients.len()];
                }
            }
            clients.iter().map(|ends| owners.get(&key(ends)).cloned().unwrap_or(Owner::NotFound)).collect()
        }
    }

    /// One reading of a table. The system fills each chunk with as many lines as fit, so a chunk with room for one more
    /// is the last. To read on until nothing comes would make the system search all its sockets once more, and find
    /// those that were opened meanwhile: a crowd could keep a reading from ever ending.
    struct Reading<'a> {
        table: &'a mut File,
        ended: bool,
    }

    impl Read for Reading<'_> {
        fn read(&mut self, chunk: &mut [u8]) -> io::Result<usize> {
            if self.ended {
                return Ok(0);
            }
            let len = self.table.read(chunk)?;
            self.ended = len + MAX_LINE < chunk.len();
            Ok(len)
        }
    }

    /// Takes in what a table says of the connections that are keys of `owners`.
    fn find_owners(mut table: impl BufRead, own_uid: u32, owners: &mut HashMap<(Addr, Addr), Owner>) -> io::Result<()> {
        let mut text = String::new();
        while table.read_line(&mut text)? > 0 {
            if let Some(line) = parse_line(&text).filter(|line| LIVE_STATES.contains(&line.state)) {
                if let Some(owner) = line_key(&line).and_then(|key| owners.get_mut(&key)) {
                    *owner = agreed(owner, owner_of(&line, own_uid));
                }
            }
            text.clear();
        }
        Ok(())
    }

    /// How a client's socket stands in a table: its own address comes first there.
    fn key(ends: &Ends) -> (Addr, Addr) {
        let addr = |addr: SocketAddr| (addr.ip().to_canonical(), addr.port());
        (addr(ends.peer), addr(ends.own))
    }

    fn line_key(line: &Line) -> Option<(Addr, Addr)> {
        Some((parse_addr(line.local)?, parse_addr(line.remote)?))
    }

    fn owner_of(line: &Line, own_uid: u32) -> Owner {
        match line.uid {
            _ if line.inode == "0" => Owner::Gone,
            0 => Owner::Root,
            NOBODY if own_uid == NOBODY => Owner::Other(format!("it belongs to user {NOBODY}, who may be anybody")),
            uid if uid == own_uid => Owner::SameUser,
            uid => Owner::Other(format!("it belongs to user {uid}, this server to user {own_uid}")),
        }
    }

    /// What two lines for the same addresses say together.
    fn agreed(earlier: &Owner, owner: Owner) -> Owner {
        if *earlier == Owner::NotFound || *earlier == owner {
            return owner;
        }
        Owner::Other("the system names two owners".to_owned())
    }

    /// `sl: local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …`
    fn parse_line(text: &str) -> Option<Line<'_>> {
        let mut fields = text.split_ascii_whitespace().skip(1);
        Some(Line {
            local: fields.next()?,
            remote: fields.next()?,
            state: fields.next()?,
            uid: fields.nth(3)?.parse().ok()?,
            inode: fields.nth(1)?,
        })
    }

    /// `0100007F:1F98`, 127.0.0.1:8088: each 32 bits of the address in hexadecimal, as this machine orders bytes.
    fn parse_addr(text: &str) -> Option<Addr> {
        let (ip, port) = text.split_once(':')?;
        let word = |at: usize| u32::from_str_radix(ip.get(at..at + 8)?, 16).ok().map(u32::to_ne_bytes);
        let ip = match ip.len() {
            8 => IpAddr::from(word(0)?),
            32 => {
                let octets = [word(0)?, word(8)?, word(16)?, word(24)?].concat();
                Ipv6Addr::from(<[u8; 16]>::try_from(octets).ok()?).to_canonical()
            }
            _ => return None,
        };
        Some((ip, u16::from_str_radix(port, 16).ok()?))
    }

    #[cfg(test)]
    mod tests {
        use super::Owner::{Gone, NotFound, Other, Root, SameUser};
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
   8: 0100007F:C357 0100007F:1F98 04 00000000:00000000 00:00000000 00000000  1000        0 88889 1 0
";
        const TABLE6: &str = "\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:C350 00000000000000000000000001000000:1F98 01 00000000:00000000 00:00000000 00000000  1002        0 44444 1 0
   1: 0000000000000000FFFF00000100007F:C353 0000000000000000FFFF00000100007F:1F98 01 00000000:00000000 00:00000000 00000000  1000        0 55555 1 0
";
        const OWN: &str = "127.0.0.1:8088";

        /// Who owns the connections from `peers` to `own`, as user 1000 sees it.
        fn owners(table: &str, own: &str, peers: &[&str]) -> Vec<Owner> {
            owners_as(1000, table, own, peers)
        }

        fn owners_as(uid: u32, table: &str, own: &str, peers: &[&str]) -> Vec<Owner> {
            let ends = |peer: &&str| key(&Ends { own: own.parse().unwrap(), peer: peer.parse().unwrap() });
            let clients: Vec<_> = peers.iter().map(ends).collect();
            let mut owners: HashMap<_, _> = clients.iter().map(|client| (*client, NotFound)).collect();
            find_owners(table.as_bytes(), uid, &mut owners).unwrap();
            clients.iter().map(|client| owners[client].clone()).collect()
        }

        fn other(why: &str) -> Owner {
            Other(why.to_owned())
        }

        #[test]
        #[cfg(target_endian = "little")]
        fn all_that_wait_are_found_by_the_sockets_at_the_other_ends() {
            let peers = ["127.0.0.1:50006", "127.0.0.1:50000", "127.0.0.1:50009", "127.0.0.1:50005", "127.0.0.1:50007"];
            let stranger = other("it belongs to user 1001, this server to user 1000");
            assert_eq!(owners(TABLE, OWN, &peers), [SameUser, stranger, NotFound, Root, SameUser]);
            assert_eq!(owners(TABLE, "127.0.0.2:8088", &peers[..1]), [NotFound]);
            let stranger = other("it belongs to user 1002, this server to user 1000");
            assert_eq!(owners(TABLE6, "[::1]:8088", &["[::1]:50000"]), [stranger]);
            assert_eq!(owners(TABLE6, OWN, &["127.0.0.1:50003"]), [SameUser]);
            assert_eq!(owners(TABLE6, "[::ffff:127.0.0.1]:8088", &["[::ffff:127.0.0.1]:50003"]), [SameUser]);
        }

        #[test]
        #[cfg(target_endian = "little")]
        fn a_socket_that_was_closed_is_gone_although_the_table_says_root() {
            assert_eq!(owners(TABLE, OWN, &["127.0.0.1:50001"]), [Gone]);
        }

        #[test]
        #[cfg(target_endian = "little")]
        fn only_a_live_line_says_anything_and_two_that_disagree_say_no() {
            let line = |state: &str, uid: u32, inode: u32| {
                format!("0: 0100007F:C350 0100007F:1F98 {state} 0:0 0:0 0 {uid} 0 {inode} 1\n")
            };
            let peers = ["127.0.0.1:50000"];
            for dead in ["02", "03", "06", "07", "08", "09", "0A", "0B", "0C"] {
                assert_eq!(owners(&line(dead, 1000, 7), OWN, &peers), [NotFound], "{dead}");
                for live in ["01", "04", "05"] {
                    let stranger = [other("it belongs to user 1001, this server to user 1000")];
                    assert_eq!(owners(&(line(dead, 1000, 7) + &line(live, 1001, 8)), OWN, &peers), stranger);
                    assert_eq!(owners(&(line(live, 1000, 8) + &line(dead, 1001, 7)), OWN, &peers), [SameUser]);
                }
            }
            let two = [other("the system names two owners")];
            for (one, other) in
                [((1000, 7), (1001, 8)), ((1000, 7), (0, 8)), ((1001, 8), (1000, 7)), ((1000, 7), (0, 0))]
            {
                let lines = line("01", one.0, one.1) + &line("05", other.0, other.1) + &line("01", one.0, one.1);
                assert_eq!(owners(&lines, OWN, &peers), two);
            }
            assert_eq!(owners(&(line("01", 1000, 7) + &line("04", 1000, 8)), OWN, &peers), [SameUser]);
            let mapped = "0: 0000000000000000FFFF00000100007F:C350 0000000000000000FFFF00000100007F:1F98 01 0:0 0:0 0 1001 0 9 1\n";
            assert_eq!(owners(&(line("01", 1000, 7) + mapped), OWN, &peers), two);
        }

        #[test]
        #[cfg(target_endian = "little")]
        fn the_user_who_stands_for_all_unknown_ones_is_never_the_same_user() {
            let owners = owners_as(NOBODY, TABLE, OWN, &["127.0.0.1:50004"]);
            assert_eq!(owners, [other("it belongs to user 65534, who may be anybody")]);
        }

        #[test]
        fn lines_that_are_not_understood_are_nobodys() {
            let cut = "  2: 0100007F:C350 0100007F:1F98 01";
            let odd = "2: 0100é07F:C350 0100007F:1F98 01 0:0 0:0 0 1000 0 7";
            for table in ["", "\n\n", "x", "0: a b", ": : : ", cut, odd, "é: é é é"] {
                assert_eq!(owners(table, OWN, &["127.0.0.1:50000"]), [NotFound]);
            }
        }
    }
}
