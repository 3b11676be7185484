//! Makes text of the bytes of a script: UTF-8, or Latin-1 if it says so, as [PEP 263](https://peps.python.org/pep-0263/)
//! has it: `# coding: latin-1` in one of the first two lines.

use std::io;
use std::str;

/// The names of Latin-1 that Python takes, without `-` and `_`.
const LATIN_1: [&str; 9] = ["latin1", "latin", "iso88591", "iso8859", "l1", "8859", "cp819", "ibm819", "isoir100"];

/// The text of a script. An error names the line that is not UTF-8, and says what to do.
pub fn text(bytes: &[u8]) -> io::Result<String> {
    let declared = declared_encoding(bytes);
    if declared.as_deref().is_some_and(is_latin_1) {
        return Ok(bytes.iter().map(|byte| char::from(*byte)).collect());
    }
    match str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let before = bytes.iter().take(error.valid_up_to());
            let line = before.filter(|byte| **byte == b'\n').count() + 1;
            let from = declared.filter(|name| !name.to_lowercase().starts_with("utf")).unwrap_or("latin1".to_owned());
            Err(io::Error::other(format!("line {line}: not UTF-8; save it as UTF-8: iconv -f {from} -t utf-8")))
        }
    }
}

/// The encoding that a comment in one of the first two lines names: `# -*- coding: gbk -*-`.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|byte| *byte == b'\n').take(2) {
        let line = String::from_utf8_lossy(line);
        if !line.trim_start().starts_with('#') {
            continue;
        }
        let Some((_, behind)) = line.split_once("coding") else { continue };
        let Some(name) = behind.strip_prefix([':', '=']) else { continue };
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let name: String = name.trim_start().chars().take_while(|c| is_of_name(*c)).collect();
        if !name.is_empty() {
            return Some(name);
        }
    }
    None
}

fn is_latin_1(name: &str) -> bool {
    LATIN_1.contains(&&*name.to_lowercase().replace(['-', '_'], ""))
}
