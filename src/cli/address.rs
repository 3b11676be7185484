//! An address on the command line: its shape, and the socket addresses that it stands for.

use super::message::Context;
use std::io;
use std::net::{Ipv6Addr, SocketAddr, ToSocketAddrs};

/// What an address looks like, for messages.
const EXPECTED: &str = "expected host:port or [v6]:port";

/// Checks that `text` has the shape `host:port` or `[v6]:port`. The host may still turn out not to exist.
///
/// # Errors
/// Why it is no address. Port 0 is for a server only: the system then chooses the port.
pub(super) fn check(text: &str, is_server: bool) -> Result<(), String> {
    let Some((host, port)) = text.rsplit_once(':') else {
        let why = if is_number(text) { ": the host is missing" } else { "" };
        return Err(format!("{text:?} is not an address{why}; {EXPECTED}"));
    };
    let why = if host.is_empty() {
        "the host is missing"
    } else if text.contains("//") {
        "no scheme and no path belong to it"
    } else if host.starts_with('[') || host.contains(':') {
        match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(host) if is_ipv6(host) => "",
            Some(_) => "between the brackets stands no IPv6 address",
            None => "an IPv6 address stands in brackets",
        }
    } else if host.starts_with('-') {
        "no host begins with a dash"
    } else {
        ""
    };
    if !why.is_empty() {
        return Err(format!("{text:?} is not an address: {why}; {EXPECTED}"));
    }
    match port.parse::<u16>() {
        Ok(0) if !is_server => Err(format!("{text:?} is not an address: nobody can be reached on port 0; {EXPECTED}")),
        Ok(_) if is_number(port) => Ok(()),
        _ => Err(format!("{text:?} is not an address: a port is a number up to 65535; {EXPECTED}")),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) // `parse` alone takes `+1`
}

/// Whether it is an IPv6 address, with or without a zone (`fe80::1%eth0`, RFC 4007).
fn is_ipv6(host: &str) -> bool {
    let (ip, zone) = host.split_once('%').unwrap_or((host, "none"));
    ip.parse::<Ipv6Addr>().is_ok() && !zone.is_empty()
}

/// The addresses that `addr` stands for, at least one, IPv4 first: those are the ones that Python's AF_INET finds.
///
/// # Errors
/// When the host is unknown.
///
/// ```
/// assert_eq!(socket_basics::cli::resolve("[::1]:8080")?, ["[::1]:8080".parse().unwrap()]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn resolve(addr: &str) -> io::Result<Vec<SocketAddr>> {
    let found = addresses_of(addr).context(format_args!("cannot look up {addr}"))?;
    let (mut addrs, ipv6): (Vec<_>, Vec<_>) = found.into_iter().partition(SocketAddr::is_ipv4);
    addrs.extend(ipv6);
    Ok(addrs)
}

fn addresses_of(addr: &str) -> io::Result<Vec<SocketAddr>> {
    let (host, port) = addr.rsplit_once(':').unwrap_or((addr, ""));
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port: u16 = port.parse().map_err(io::Error::other)?;
    let addrs: Vec<_> = (host, port).to_socket_addrs()?.collect();
    if addrs.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the host has no address"));
    }
    Ok(addrs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_none_is_told_why() {
        for (text, why) in [
            ("8080", "the host is missing"),
            (":8080", "the host is missing"),
            ("127.0.0.1:99999", "a port is a number up to 65535"),
            ("127.0.0.1:http", "a port is a number up to 65535"),
            ("::1:8080", "an IPv6 address stands in brackets"),
            ("[127.0.0.1]:80", "between the brackets stands no IPv6 address"),
            ("[fe80::1%]:80", "between the brackets stands no IPv6 address"),
            ("http://127.0.0.1:80", "no scheme and no path belong to it"),
            ("127.0.0.1:0", "nobody can be reached on port 0"),
        ] {
            let said = check(text, false).unwrap_err();
            assert_eq!(said, format!("{text:?} is not an address: {why}; {EXPECTED}"));
        }
        assert_eq!(check("ls", false), Err(format!("\"ls\" is not an address; {EXPECTED}")));
    }

    #[test]
    fn names_and_addresses_of_both_kinds_have_the_shape_of_one() {
        for text in ["localhost:80", "127.0.0.1:65535", "[::1]:80", "[fe80::1%eth0]:80", "[fe80::1%2]:80"] {
            assert_eq!(check(text, false), Ok(()), "{text}");
        }
        assert_eq!(check("127.0.0.1:0", true), Ok(()));
    }

    #[test]
    fn ipv4_comes_first_and_a_zone_is_understood() {
        let localhost = resolve("localhost:80").unwrap();
        assert!(localhost.is_sorted_by_key(SocketAddr::is_ipv6), "{localhost:?}");
        let zoned = resolve("[fe80::1%1]:80").unwrap();
        assert_eq!(zoned, ["[fe80::1%1]:80".parse().unwrap()]);
    }
}
