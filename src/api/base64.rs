//! Standard base64 with padding, and the byte at which Go's decoder gives up.

/// The digits, from 0 to 63.
pub const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `bytes` as base64.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().enumerate().fold(0, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            let six = (word >> (18 - 6 * at)) & 63;
            out.push(if at <= chunk.len() { char::from(ALPHABET[six as usize]) } else { '=' });
        }
    }
    out
}

/// The bytes that `text` stands for; line ends within it do not count.
///
/// # Errors
/// The offset that Go's `encoding/base64` names: `illegal base64 data at input byte 4`.
pub fn decode(text: &str) -> Result<Vec<u8>, usize> {
    // Line ends count in the offsets but for nothing else.
    let mut digits = text.bytes().enumerate().filter(|(_, byte)| !matches!(byte, b'\n' | b'\r')).peekable();
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    while digits.peek().is_some() {
        let (mut word, mut length) = (0, 4);
        for place in 0..4 {
            let Some((at, byte)) = digits.next() else { return Err(text.len() - place) };
            if let Some(six) = ALPHABET.iter().position(|digit| *digit == byte) {
                word |= (six as u32) << (18 - 6 * place);
                continue;
            }
            if byte != b'=' || place < 2 {
                return Err(at);
            }
            if place == 2 {
                match digits.next() {
                    None => return Err(text.len()),
                    Some((_, b'=')) => {}
                    Some((next, _)) => return Err(next - 1),
                }
            }
            if let Some((garbage, _)) = digits.next() {
                return Err(garbage);
            }
            length = place;
            break;
        }
        out.extend_from_slice(&word.to_be_bytes()[1..length]);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for bytes in [&b""[..], b"f", b"fo", b"foo", b"foob", b"\0\xff\x10"] {
            assert_eq!(decode(&encode(bytes)).as_deref(), Ok(bytes));
        }
        assert_eq!(encode(b"admin\n"), "YWRtaW4K");
        assert_eq!(decode("YWRt\naW4K\n").as_deref(), Ok(&b"admin\n"[..]));
    }

    #[test]
    fn gives_up_where_go_does() {
        let cases =
            [("pass word", 4), ("YWRtaW4", 4), ("abc$", 3), ("YQ=", 3), ("YQ=a", 2), ("YQ==x", 4), ("=", 0)];
        for (text, at) in cases {
            assert_eq!(decode(text), Err(at), "{text}");
        }
    }
}
