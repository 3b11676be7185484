//! Text that is fit for a terminal: escaped, in lines of 80 columns, and for the console of Windows in whole
//! characters.

use std::str;

/// Columns of a line. A terminal has 80; in the last of them some wrap already.
pub const WIDTH: usize = 79;

/// Text from a peer, fit for a terminal: characters that control it are escaped, all but the tab; so are those that
/// turn the direction of writing and the two line separators of Unicode. Bad UTF-8 is replaced.
///
/// ```
/// assert_eq!(socket_basics::cli::printable("tür\x1b[2J\n".as_bytes()), "tür\\u{1b}[2J\\n");
/// ```
pub fn printable(text: &[u8]) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in String::from_utf8_lossy(text).chars() {
        match c {
            '\t' => shown.push(c),
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                shown.extend(c.escape_unicode())
            }
            _ if c.is_control() => shown.extend(c.escape_debug()),
            _ => shown.push(c),
        }
    }
    shown
}

/// `text` behind a margin of so many columns, in which `label` stands, in lines that fit a terminal of 80. It is broken
/// between words, and inside one that is longer than a line; what would control the terminal is escaped.
///
/// ```
/// assert_eq!(socket_basics::cli::entry("label", 8, "some text"), "label   some text\n");
/// ```
pub fn entry(label: &str, margin: usize, text: &str) -> String {
    let lines = wrap(&printable(text.as_bytes()), WIDTH - margin);
    format!("{label:margin$}{}\n", lines.join(&format!("\n{:margin$}", "")))
}

/// A text in lines of so many columns, broken between words, and in a word that is longer than a line.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let columns: usize = word.chars().map(width).sum();
        if column > 0 && column + 1 + columns <= room {
            line.push(' ');
            column += 1;
        } else if column > 0 {
            lines.push(std::mem::take(&mut line));
            column = 0;
        }
        for c in word.chars() {
            if column + width(c) > room {
                lines.push(std::mem::take(&mut line));
                column = 0;
            }
            line.push(c);
            column += width(c);
        }
    }
    lines.push(line);
    lines
}

/// How many columns a character takes: two from the first Chinese, Japanese or Korean one on.
pub fn width(c: char) -> usize {
    if c < '\u{1100}' { 1 } else { 2 }
}

/// Text for the console of Windows: what is not UTF-8 in `bytes` is replaced, and a character of which only the
/// beginning has come waits in `split` for its end.
pub(super) fn complete_text(bytes: &[u8], split: &mut Vec<u8>) -> String {
    split.extend(bytes);
    let is_beginning = |at: &usize| {
        let result = str::from_utf8(&split[*at..]);
        result.is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
    };
    let end = (split.len().saturating_sub(3)..split.len()).find(is_beginning).unwrap_or(split.len());
    let text = String::from_utf8_lossy(&split[..end]).into_owned();
    split.drain(..end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_the_direction_of_writing_is_escaped() {
        for mark in ['\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'] {
            let shown = printable(format!("a{mark}b").as_bytes());
            assert_eq!(shown, format!("a{}b", mark.escape_unicode()));
        }
    }

    #[test]
    fn an_entry_keeps_its_words_behind_the_margin() {
        let text = "some words, and a_very_long_one_".repeat(20) + &"\u{4e2d}".repeat(100);
        let entry = entry("label", 10, &text);
        for line in entry.lines() {
            let columns: usize = line.chars().map(width).sum();
            assert!(columns < 80 && (line.starts_with(&" ".repeat(10)) || line.starts_with("label     ")), "{line}");
        }
        assert_eq!(entry.replace("label", "").replace([' ', '\n'], ""), text.replace(' ', ""));
    }

    #[test]
    fn text_for_a_windows_console_comes_whole_wherever_the_pieces_are_cut() {
        let text = "a\u{e9}\u{20ac}\u{1f600}z";
        for cut in 0..=text.len() {
            let mut split = Vec::new();
            let (first, second) = text.as_bytes().split_at(cut);
            assert_eq!(complete_text(first, &mut split) + &complete_text(second, &mut split), text, "cut at {cut}");
        }
        let mut split = Vec::new();
        assert_eq!(complete_text(b"gr\x81n \xff\xfe \xc3", &mut split), "gr\u{fffd}n \u{fffd}\u{fffd} ");
        assert_eq!(complete_text(b"x", &mut split), "\u{fffd}x");
    }
}
