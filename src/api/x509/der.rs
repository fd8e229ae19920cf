//! DER, as X.509 writes its structures, and PEM around it.

use crate::api::base64;

pub const INTEGER: u8 = 0x02;
pub const BITS: u8 = 0x03;
pub const OCTETS: u8 = 0x04;
pub const NULL: u8 = 0x05;
pub const OID: u8 = 0x06;
pub const UTF8: u8 = 0x0c;
pub const TIME: u8 = 0x17;
pub const LONG_TIME: u8 = 0x18;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// A value with its tag and length.
pub fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut out = vec![tag];
    match content.len() {
        short @ 0..128 => out.push(short as u8),
        long => {
            let bytes = long.to_be_bytes();
            let bytes: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | bytes.len() as u8);
            out.extend(bytes);
        }
    }
    out.extend(content);
    out
}

/// An unsigned number.
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if bytes.first().is_some_and(|byte| *byte >= 0x80) { &[0] } else { &[] };
    value(INTEGER, &[sign, bytes])
}

/// What is left of a sequence of values.
#[derive(Clone, Copy)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next value: its tag and content.
    pub fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..128 => (usize::from(*first), rest),
            _ => {
                let count = usize::from(first & 0x7f);
                let bytes = rest.get(..count).filter(|_| count <= 4)?;
                (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), &rest[count..])
            }
        };
        let content = rest.get(..length)?;
        self.0 = &rest[length..];
        Some((*tag, content))
    }

    /// The content of the next value, where it has this tag.
    pub fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(own, _)| *own == tag).map(|(_, content)| content)
    }

    /// What is inside of the next sequence.
    pub fn inside(&mut self) -> Option<Reader<'a>> {
        self.expect(SEQUENCE).map(Reader)
    }
}

/// A block of PEM with a label: `CERTIFICATE`.
pub fn pem(label: &str, der: &[u8]) -> String {
    let text = base64::encode(der);
    let lines = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line) + "\n");
    format!("-----BEGIN {label}-----\n{}-----END {label}-----\n", lines.collect::<String>())
}

/// The first block of PEM with a label that ends like this.
pub fn from_pem(text: &str, label: &str) -> Option<Vec<u8>> {
    let begin = format!("{label}-----\n");
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (head, _) = rest.split_once('\n')?;
    if !format!("{head}\n").ends_with(&begin) {
        return from_pem(rest, label);
    }
    let (body, _) = rest[head.len()..].split_once("-----END ")?;
    let body: String = body.split_whitespace().collect();
    base64::decode(&body).ok()
}
