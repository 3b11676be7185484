//! Web pages: one can make a browser connect to loopback and send bytes that the page chooses. It can hardly choose the
//! first line. So a client whose first request looks like HTTP is dropped.

/// Whether the first line of `request` is that of HTTP (RFC 9112, section 3: method, target, version), with some
/// tolerance.
pub fn looks_like_http(request: &[u8]) -> bool {
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
    use super::*;

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
