//! Backslash sequences of `echo`, `printf` and `$'…'`.

/// Who reads the sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `echo -e` of bash, `echo` of dash, `%b`: octal is `\0nnn`, and `\c` ends the output.
    Echo,
    /// The format of `printf`: octal is `\nnn`.
    Format,
    /// `$'…'`: as a format, and `\'` is a quote.
    Ansi,
}

/// The text with its sequences replaced; true where `\c` ended it.
pub fn unescape(text: &str, dialect: Dialect) -> (String, bool) {
    let (bytes, ended) = unescape_bytes(text, dialect);
    (
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
        ended,
    )
}

/// As [`unescape`], for sequences that make no text.
pub fn unescape_bytes(text: &str, dialect: Dialect) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        let Some(c) = rest.chars().next() else {
            out.push(b'\\');
            return (out, false);
        };
        let mut taken = c.len_utf8();
        let mut number = |radix: u32, skip: usize, max: usize| {
            let digits: String =
                rest.chars().skip(skip).take(max).take_while(|c| c.is_digit(radix)).collect();
            taken = skip + digits.len();
            u32::from_str_radix(&digits, radix).ok()
        };
        match c {
            'a' => out.push(7),
            'b' => out.push(8),
            'c' if dialect != Dialect::Ansi => return (out, true),
            'e' | 'E' => out.push(27),
            'f' => out.push(12),
            'n' => out.push(b'\n'),
            'r' => out.push(b'\r'),
            't' => out.push(b'\t'),
            'v' => out.push(11),
            '\\' => out.push(b'\\'),
            '\'' | '"' | '?' if dialect == Dialect::Ansi => out.push(c as u8),
            '"' if dialect == Dialect::Format => out.push(b'"'),
            '0' if dialect == Dialect::Echo => out.push(number(8, 1, 3).unwrap_or(0) as u8),
            '0'..='7' if dialect != Dialect::Echo => out.push(number(8, 0, 3).unwrap_or(0) as u8),
            'x' => match number(16, 1, 2) {
                Some(byte) => out.push(byte as u8),
                None => {
                    taken = 1;
                    out.extend_from_slice(b"\\x");
                }
            },
            'u' | 'U' => match number(16, 1, if c == 'u' { 4 } else { 8 }).and_then(char::from_u32) {
                Some(c) => out.extend_from_slice(c.to_string().as_bytes()),
                None => {
                    taken = 1;
                    out.extend_from_slice(&[b'\\', c as u8]);
                }
            },
            c => {
                out.push(b'\\');
                out.extend_from_slice(c.to_string().as_bytes());
            }
        }
        rest = &rest[taken..];
    }
    out.extend_from_slice(rest.as_bytes());
    (out, false)
}
