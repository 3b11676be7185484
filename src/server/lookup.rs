//! The look-up: which user owns the sockets at the other ends of loopback connections.
//!
//! Linux tells that in `/proc/net/tcp` and `/proc/net/tcp6` (proc(5)), and nothing is sent for it. Other systems do not
//! tell, and there everybody on the machine passes.
//!
//! Several lines can have the addresses of one connection. If a socket is bound to a device, a second socket can take
//! the same addresses; that cuts the connection of the first one, but the first one stays open. A socket connects only
//! once, though. So a socket that was at the end of an earlier connection says nothing of a later one.

#![cfg_attr(not(target_os = "linux"), allow(dead_code))] // other systems use only a part

use std::io;
use std::net::SocketAddr;

pub use system::Lookup;

/// A connection as it was accepted.
#[derive(Clone, Debug)]
pub struct Ends {
    /// The server's address.
    pub own: SocketAddr,
    /// The client's.
    pub peer: SocketAddr,
    /// The number of the client's socket, once a look-up has found it.
    pub inode: Option<u64>,
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
    /// The system's tables show no socket that can be the client's. A line can be missed while others come and go.
    NotFound,
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::*;

    /// There are no tables.
    #[derive(Debug)]
    pub struct Lookup;

    impl Lookup {
        /// There is nothing to open.
        ///
        /// # Errors
        /// None.
        pub fn start(_own: SocketAddr) -> io::Result<Lookup> {
            Ok(Lookup)
        }

        /// Lets everybody pass.
        pub fn owners(&mut self, clients: &mut [&mut Ends]) -> Vec<Owner> {
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
    /// The inode of a socket that its process has closed.
    const CLOSED: u64 = 0;
    /// After so many readings in a row that do not show a socket it is gone: one reading can miss a line.
    const MAX_UNSEEN: u32 = 10;

    /// How much is read at a time: no more than a page, since the system fills one at most.
    const CHUNK_SIZE: usize = 4096;
    /// No line of a table is longer.
    const MAX_LINE: usize = 512;

    /// What looks clients up.
    #[derive(Debug)]
    pub struct Lookup {
        tables: Tables,
        own_uid: u32,
        /// The sockets that were at the ends of earlier connections, by their inodes, and how many readings in a row
        /// have not shown each.
        used: HashMap<u64, u32>,
    }

    /// The system's tables. They stay open, so that no look-up fails for want of a descriptor.
    #[derive(Debug)]
    struct Tables {
        tcp: File,
        /// Here stands also an IPv6 socket that speaks IPv4. `None` on a system without IPv6.
        tcp6: Option<File>,
    }

    /// The address of a socket, of IPv4 also where an IPv6 socket speaks it.
    type Addr = (IpAddr, u16);

    /// A line of a table.
    struct Line<'a> {
        local: &'a str,
        remote: &'a str,
        state: &'a str,
        uid: u32,
        inode: u64,
    }

    /// A socket with a client's addresses.
    struct Found {
        inode: u64,
        owner: Owner,
    }

    impl Lookup {
        /// Opens the system's tables. Call it before the server listens on `own`: the sockets that are connected to
        /// that address now are those of an earlier server's clients.
        ///
        /// # Errors
        /// When the tables cannot be read: then nobody could be told apart.
        pub fn start(own: SocketAddr) -> io::Result<Lookup> {
            let own_uid = fs::metadata("/proc/self").context("cannot read /proc/self")?.uid();
            let mut lookup = Lookup { tables: Tables::open()?, own_uid, used: HashMap::new() };
            let own = addr_of(own);
            let read = lookup.tables.read(|line| {
                if parse_addr(line.remote) == Some(own) {
                    lookup.used.insert(line.inode, 0);
                }
            });
            read.context("cannot read /proc/net/tcp")?;
            Ok(lookup)
        }

        /// Finds who owns the sockets of these clients, which stand in the order in which they were accepted. It reads
        /// each table once, for all of them. It looks for each client in both: an earlier connection with the same
        /// addresses can have left a line in one table while the client's own line stands in the other.
        pub fn owners(&mut self, clients: &mut [&mut Ends]) -> Vec<Owner> {
            let mut found: HashMap<_, _> = clients.iter().map(|ends| (key(ends), Vec::new())).collect();
            for unseen in self.used.values_mut() {
                *unseen += 1;
            }
            let read = self.tables.read(|line| {
                if let Some(unseen) = self.used.get_mut(&line.inode) {
                    *unseen = 0;
                }
                if let Some(sockets) = line_key(line).and_then(|key| found.get_mut(&key)) {
                    sockets.push(Found { inode: line.inode, owner: owner_of(line, self.own_uid) });
                }
            });
            if let Err(error) = read {
                return vec![Owner::Other(format!("cannot see which user owns it: {error}")); clients.len()];
            }
            self.used.retain(|_, unseen| *unseen < MAX_UNSEEN);
            clients.iter_mut().map(|ends| self.owner(ends, found.get(&key(ends)).map_or(&[], Vec::as_slice))).collect()
        }

        /// Which of the sockets with a client's addresses is its own, and so who owns it.
        fn owner(&mut self, ends: &mut Ends, sockets: &[Found]) -> Owner {
            let mut own: Option<&Found> = None;
            let mut is_closed = false;
            for socket in sockets {
                if socket.inode == CLOSED {
                    is_closed = true;
                    continue;
                }
                if own.is_some_and(|own| own.inode == socket.inode) {
                    continue; // a line can come twice while others come and go
                }
                let was_used = self.used.insert(socket.inode, 0).is_some(); // marks it for later look-ups
                let was_found = ends.inode == Some(socket.inode);
                if was_used && !was_found {
                    continue; // an earlier client's
                }
                let has_changed = ends.inode.is_some() && !was_found;
                if own.is_some() || has_changed {
                    return Owner::Other("the system names two owners".to_owned());
                }
                ends.inode = Some(socket.inode);
                own = Some(socket);
            }
            match own {
                Some(socket) => socket.owner.clone(),
                None if is_closed => Owner::Gone,
                None => Owner::NotFound,
            }
        }
    }

    impl Tables {
        fn open() -> io::Result<Tables> {
            let tcp = File::open("/proc/net/tcp").context("cannot read /proc/net/tcp")?;
            let tcp6 = match File::open("/proc/net/tcp6") {
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                opened => Some(opened.context("cannot read /proc/net/tcp6")?),
            };
            Ok(Tables { tcp, tcp6 })
        }

        /// Reads both tables and hands on each line of an open connection.
        fn read(&mut self, mut take: impl FnMut(&Line)) -> io::Result<()> {
            for table in [Some(&mut self.tcp), self.tcp6.as_mut()].into_iter().flatten() {
                table.rewind()?;
                read_lines(BufReader::with_capacity(CHUNK_SIZE, Reading { table, ended: false }), &mut take)?;
            }
            Ok(())
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

    fn read_lines(mut table: impl BufRead, take: &mut impl FnMut(&Line)) -> io::Result<()> {
        let mut text = String::new();
        while table.read_line(&mut text)? > 0 {
            if let Some(line) = parse_line(&text).filter(|line| LIVE_STATES.contains(&line.state)) {
                take(&line);
            }
            text.clear();
        }
        Ok(())
    }

    /// How a client's socket stands in a table: its own address comes first there.
    fn key(ends: &Ends) -> (Addr, Addr) {
        (addr_of(ends.peer), addr_of(ends.own))
    }

    fn addr_of(addr: SocketAddr) -> Addr {
        (addr.ip().to_canonical(), addr.port())
    }

    fn line_key(line: &Line) -> Option<(Addr, Addr)> {
        Some((parse_addr(line.local)?, parse_addr(line.remote)?))
    }

    fn owner_of(line: &Line, own_uid: u32) -> Owner {
        match line.uid {
            0 => Owner::Root,
            NOBODY if own_uid == NOBODY => Owner::Other(format!("it belongs to user {NOBODY}, who may be anybody")),
            uid if uid == own_uid => Owner::SameUser,
            uid => Owner::Other(format!("it belongs to user {uid}, this server to user {own_uid}")),
        }
    }

    /// `sl: local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …`
    fn parse_line(text: &str) -> Option<Line<'_>> {
        let mut fields = text.split_ascii_whitespace().skip(1);
        Some(Line {
            local: fields.next()?,
            remote: fields.next()?,
            state: fields.next()?,
            uid: fields.nth(3)?.parse().ok()?,
            inode: fields.nth(1)?.parse().ok()?,
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
        use std::io::Write;

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

        /// A look-up as user 1000 does it, in these tables.
        fn lookup(tcp: &str, tcp6: &str) -> Lookup {
            let tables = Tables { tcp: file(tcp), tcp6: Some(file(tcp6)) };
            Lookup { tables, own_uid: 1000, used: HashMap::new() }
        }

        fn file(text: &str) -> File {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file
        }

        fn ends(own: &str, peer: &str) -> Ends {
            Ends { own: own.parse().unwrap(), peer: peer.parse().unwrap(), inode: None }
        }

        /// Who owns the connections from `peers` to `own`, by a first reading of `table`.
        fn owners(table: &str, own: &str, peers: &[&str]) -> Vec<Owner> {
            let mut clients: Vec<_> = peers.iter().map(|peer| ends(own, peer)).collect();
            lookup(table, "").owners(&mut clients.iter_mut().collect::<Vec<_>>())
        }

        /// Who owns a client that was accepted now, in the next reading, which shows `table`.
        fn next_owner(lookup: &mut Lookup, table: &str, client: &mut Ends) -> Owner {
            lookup.tables.tcp = file(table);
            lookup.owners(&mut [client]).remove(0)
        }

        /// A line of a socket from port 50000 to the server.
        fn line(state: &str, uid: u32, inode: u64) -> String {
            format!("0: 0100007F:C350 0100007F:1F98 {state} 0:0 0:0 0 {uid} 0 {inode} 1\n")
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
            let peers = ["127.0.0.1:50000"];
            let stranger = || [other("it belongs to user 1001, this server to user 1000")];
            for dead in ["02", "03", "06", "07", "08", "09", "0A", "0B", "0C"] {
                assert_eq!(owners(&line(dead, 1000, 7), OWN, &peers), [NotFound], "{dead}");
                for live in ["01", "04", "05"] {
                    assert_eq!(owners(&(line(dead, 1000, 7) + &line(live, 1001, 8)), OWN, &peers), stranger());
                    assert_eq!(owners(&(line(live, 1000, 8) + &line(dead, 1001, 7)), OWN, &peers), [SameUser]);
                }
            }
            let two = [other("the system names two owners")];
            for (one, other) in
                [((1000, 7), (1001, 8)), ((1000, 7), (0, 8)), ((1001, 8), (1000, 7)), ((1000, 7), (1000, 8))]
            {
                let lines = line("01", one.0, one.1) + &line("05", other.0, other.1) + &line("01", one.0, one.1);
                assert_eq!(owners(&lines, OWN, &peers), two);
            }
            assert_eq!(owners(&(line("01", 1000, 7) + &line("04", 1000, 7)), OWN, &peers), [SameUser]);
            assert_eq!(owners(&(line("05", 0, 0) + &line("01", 1000, 7)), OWN, &peers), [SameUser]);
            assert_eq!(owners(&(line("01", 1001, 7) + &line("05", 0, 0)), OWN, &peers), stranger());
            let mapped = "0: 0000000000000000FFFF00000100007F:C350 0000000000000000FFFF00000100007F:1F98 01 0:0 0:0 0 1001 0 9 1\n";
            assert_eq!(lookup(&line("01", 1000, 7), mapped).owners(&mut [&mut ends(OWN, peers[0])]), two);
        }

        #[test]
        #[cfg(target_endian = "little")]
        fn a_socket_that_was_at_the_end_of_an_earlier_connection_says_nothing_of_a_later_one() {
            let client = || ends(OWN, "127.0.0.1:50000");
            let (owners_socket, strangers_socket) = (line("01", 1000, 7), line("01", 1001, 8));
            let mut lookup = lookup(&owners_socket, "");
            let [first, second] = &mut [client(), client()];
            assert_eq!(lookup.owners(&mut [first, second]), [SameUser, NotFound], "accepted one after the other");
            assert_eq!(next_owner(&mut lookup, &owners_socket, first), SameUser, "the same client, looked up again");
            assert_eq!(next_owner(&mut lookup, &owners_socket, &mut client()), NotFound);
            let stranger = other("it belongs to user 1001, this server to user 1000");
            let both = owners_socket + &strangers_socket;
            assert_eq!(next_owner(&mut lookup, &both, &mut client()), stranger);
            let both = strangers_socket + &line("01", 1000, 9);
            assert_eq!(next_owner(&mut lookup, &both, &mut client()), SameUser, "what is left keeps nobody out");
            assert_eq!(next_owner(&mut lookup, &line("01", 1000, 10), first), other("the system names two owners"));
        }

        #[test]
        #[cfg(target_endian = "little")]
        fn a_socket_is_forgotten_only_when_many_readings_do_not_show_it() {
            let mut lookup = lookup(&line("01", 1000, 7), "");
            let client = || ends(OWN, "127.0.0.1:50000");
            assert_eq!(lookup.owners(&mut [&mut client()]), [SameUser]);
            for _ in 0..3 {
                for _ in 1..MAX_UNSEEN {
                    assert_eq!(next_owner(&mut lookup, "", &mut client()), NotFound);
                }
                assert_eq!(next_owner(&mut lookup, &line("01", 1000, 7), &mut client()), NotFound);
            }
            for _ in 0..MAX_UNSEEN {
                next_owner(&mut lookup, "", &mut client());
            }
            assert!(lookup.used.is_empty());
        }

        #[test]
        #[cfg(target_endian = "little")]
        fn the_user_who_stands_for_all_unknown_ones_is_never_the_same_user() {
            let mut lookup = Lookup { own_uid: NOBODY, ..lookup(TABLE, "") };
            let owners = lookup.owners(&mut [&mut ends(OWN, "127.0.0.1:50004")]);
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
