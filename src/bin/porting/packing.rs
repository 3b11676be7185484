//! Takes a format of `struct` apart: `'!HB'` is a `u16` in bytes 0..2 and a `u8` in byte 2.

use crate::page::Page;

/// What a format packs and unpacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Packing {
    /// `u16 0..2, u8 2`
    pub fields: String,
    pub differs: String,
    pub has_several_fields: bool,
}

/// Where in the bytes the first field begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the first byte.
    First,
    /// At this byte: the 20 of `struct.unpack_from('!H', data, 20)`.
    At(u32),
    /// At an offset that is in a variable.
    Unknown,
}

/// A count in front of a letter is read up to this: a format that packs more is no message.
const MAX_COUNT: usize = 1_000_000;
/// What the page says of a letter that needs the machine's own order.
const NOT_ALLOWED: &str = "not allowed";
/// So many fields are shown.
const MAX_FIELDS: usize = 12;

/// The fields of a format; `None` if it has letters that the page does not know.
pub fn packing(page: &Page, format: &str, start: Start) -> Option<Packing> {
    let first = match start {
        Start::At(byte) => usize::try_from(byte).ok()?,
        Start::First | Start::Unknown => 0,
    };
    let sign = format.chars().next()?;
    let is_native = !"!><=".contains(sign);
    let letters = format.trim_start_matches(['!', '>', '<', '=', '@']);
    let mut fields = Vec::new();
    let mut at = 0_usize; // bytes
    let mut has_gaps = false;
    let mut has_number = false;
    let mut count = None;
    for c in letters.chars() {
        if let Some(digit) = c.to_digit(10) {
            let so_far: usize = count.unwrap_or_default();
            count = Some((so_far * 10 + digit as usize).min(MAX_COUNT));
            continue;
        }
        if c.is_whitespace() {
            continue;
        }
        let letter = page.letters.iter().find(|letter| letter.letter == c)?;
        let rust = if is_native { &letter.native } else { &letter.rust };
        if rust == NOT_ALLOWED {
            return None; // Python refuses it
        }
        let size = size(rust);
        let times = count.take().unwrap_or(1);
        if is_native && size > 0 {
            let aligned = at.next_multiple_of(size);
            has_gaps |= aligned > at;
            at = aligned;
        }
        if c == 'x' {
            at += times;
            continue;
        }
        has_number |= !is_text(c) && rust.starts_with(['u', 'i', 'f']); // not for `none: 16 bits`
        // A count of `s` is the length of one field, of other letters the number of fields.
        let (number, size) = if is_text(c) { (1, times) } else { (times, size) };
        for _ in 0..number.min(MAX_FIELDS + 1) {
            fields.push(field(c, rust, first + at, size));
            at += size;
        }
        at += number.saturating_sub(MAX_FIELDS + 1) * size;
    }
    if fields.is_empty() {
        return None;
    }
    if fields.len() > MAX_FIELDS {
        fields.truncate(MAX_FIELDS);
        fields.push("…".to_owned());
    }
    let (to, from) =
        if sign == '!' || sign == '>' { ("to_be_bytes", "from_be_bytes") } else { ("to_le_bytes", "from_le_bytes") };
    let mut differs = format!("bytes {at} in all");
    if has_number {
        differs += &format!("; each number with {to} and {from}");
    }
    if is_native {
        let sign = if sign == '@' { "@" } else { "no sign" };
        differs += &format!("; {sign}: native order and sizes, here of 64-bit Linux");
        if has_gaps {
            differs += ", with gaps";
        }
        differs += "; say '<' at both ends";
    }
    match start {
        Start::At(_) => differs += "; data[…] panics where data.get(…) gives None",
        Start::Unknown => differs += "; counted from the offset",
        Start::First => {}
    }
    let has_several_fields = fields.len() > 1;
    if let (Start::At(_), [field]) = (start, &mut fields[..]) {
        if let Some((rust, place)) = field.rsplit_once(' ') {
            *field = format!("{rust} of data[{place}]");
        }
    }
    Some(Packing { fields: fields.join(", "), differs, has_several_fields })
}

/// Letters of bytes, whose count is their length.
fn is_text(letter: char) -> bool {
    letter == 's' || letter == 'p'
}

/// `u16 0..2`
fn field(letter: char, rust: &str, at: usize, size: usize) -> String {
    let rust = if is_text(letter) { format!("[u8; {size}]") } else { rust.to_owned() };
    if size == 1 { format!("{rust} {at}") } else { format!("{rust} {at}..{}", at + size) }
}

/// How many bytes a number of this type has: 2 of `u16`. The first number of the cell says the bits, also in `none: 16
/// bits`; without any it is one byte.
fn size(rust: &str) -> usize {
    let bits: String = rust.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    bits.parse::<usize>().map_or(1, |bits| bits / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_taken_apart() {
        let page = Page::read();
        let fields = |format| packing(&page, format, Start::First).map(|packing| packing.fields).unwrap_or_default();
        assert_eq!(fields("!HB"), "u16 0..2, u8 2");
        assert_eq!(fields(">4sB3xQ"), "[u8; 4] 0..4, u8 4, u64 8..16");
        assert_eq!(fields("2h"), "i16 0..2, i16 2..4");
        assert_eq!(fields("cl"), "u8 0, i64 8..16");
        assert_eq!(fields("<cl"), "u8 0, i32 1..5");
        assert_eq!(packing(&page, "!?~", Start::First), None);
        assert!(fields("999999999999999999999I").ends_with('…'));
        let differs = |format| packing(&page, format, Start::First).map(|packing| packing.differs).unwrap_or_default();
        assert_eq!(differs("!4s"), "bytes 4 in all");
        assert_eq!(differs("!4sH"), "bytes 6 in all; each number with to_be_bytes and from_be_bytes");
        assert!(differs("I").contains("no sign: native") && differs("@I").contains("; @: native"));
        let native = packing(&page, "cI", Start::First).map(|packing| packing.differs).unwrap_or_default();
        assert!(native.contains("8 in all") && native.contains("gaps"), "{native}");
    }
}
