//! JSON as Go's `encoding/json` reads it, with its words for what is wrong.

use std::fmt;
use std::sync::Arc;

use crate::base::Value;

/// How deep lists and maps may nest. Go allows 10000, too deep for the stack of a page.
const MAX_DEPTH: usize = 512;

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Go's words.
    pub message: String,
    /// How many bytes had been read when it was noticed, the offending one among them.
    pub offset: usize,
    /// A character stands where it can't, as against a text that breaks off or a number out of range.
    pub syntax: bool,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
impl std::error::Error for ReadError {}

/// Reads the first value at or after the byte `from`, and returns it with the offset of what follows; None where
/// nothing but white space is left. Of equal keys the last one counts; bytes that are no text become U+FFFD.
///
/// # Errors
/// Where the value is not JSON, as Go's `json.Decoder` has it.
pub fn read_value(text: &[u8], from: usize) -> Result<Option<(Value, usize)>, ReadError> {
    let mut reader = Reader { text, at: from };
    if reader.peek().is_none() {
        return Ok(None);
    }
    let value = reader.value(0)?;
    Ok(Some((value, reader.at)))
}

/// Bytes as text. Go replaces each bad byte by itself, where Rust's own `from_utf8_lossy` makes one of several.
pub fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let mut text = String::new();
        for chunk in error.as_bytes().utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
        }
        text
    })
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

type Result<T, E = ReadError> = std::result::Result<T, E>;

impl Reader<'_> {
    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.text.get(self.at) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    /// The byte here does not belong, or there is none.
    fn fail<T>(&self, context: &str) -> Result<T> {
        let Some(byte) = self.text.get(self.at) else {
            return Err(ReadError {
                message: "unexpected EOF".into(),
                offset: self.text.len(),
                syntax: false,
            });
        };
        let message = format!("invalid character {} {context}", quote(*byte));
        Err(ReadError { message, offset: self.at + 1, syntax: true })
    }

    fn expect(&mut self, byte: u8, context: &str) -> Result<()> {
        if self.text.get(self.at) != Some(&byte) {
            return self.fail(context);
        }
        self.at += 1;
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Value> {
        let first = self.peek();
        if depth >= MAX_DEPTH && matches!(first, Some(b'{' | b'[')) {
            return self.fail("exceeded max depth");
        }
        match first {
            Some(b'{') => self.map(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Value::from),
            Some(b't') => self.word("true", true.into()),
            Some(b'f') => self.word("false", false.into()),
            Some(b'n') => self.word("null", Value::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.fail("looking for beginning of value"),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value> {
        for letter in word.bytes() {
            self.expect(letter, &format!("in literal {word} (expecting {})", quote(letter)))?;
        }
        Ok(value)
    }

    fn map(&mut self, depth: usize) -> Result<Value> {
        self.at += 1;
        let mut fields: Vec<(Arc<str>, Value)> = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::map());
        }
        loop {
            if self.peek() != Some(b'"') {
                return self.fail("looking for beginning of object key string");
            }
            let key = self.string()?;
            self.peek();
            self.expect(b':', "after object key")?;
            fields.push((key.into(), self.value(depth + 1)?));
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return self.fail("after object key:value pair"),
            }
        }
        self.at += 1;
        Ok(Value::Map(fields.into_iter().collect()))
    }

    fn list(&mut self, depth: usize) -> Result<Value> {
        self.at += 1;
        let mut items: Vec<Value> = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(items.into());
        }
        loop {
            items.push(self.value(depth + 1)?);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return self.fail("after array element"),
            }
        }
        self.at += 1;
        Ok(items.into())
    }

    fn string(&mut self) -> Result<String> {
        self.at += 1;
        let mut bytes = Vec::new();
        loop {
            let from = self.at;
            let rest = &self.text[from..];
            let length = rest.iter().position(|c| matches!(c, 0..b' ' | b'"' | b'\\'));
            self.at = from + length.unwrap_or(rest.len());
            bytes.extend_from_slice(&self.text[from..self.at]);
            match self.text.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.at += 1;
                    let c = self.escape()?;
                    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => return self.fail("in string literal"),
            }
        }
        self.at += 1;
        Ok(lossy(bytes))
    }

    fn escape(&mut self) -> Result<char> {
        let c = match self.text.get(self.at) {
            Some(b'b') => '\x08',
            Some(b'f') => '\x0C',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(*c),
            Some(b'u') => {
                self.at += 1;
                return self.code_point();
            }
            _ => return self.fail("in string escape code"),
        };
        self.at += 1;
        Ok(c)
    }

    /// Four digits, or twice four for a character beyond the first 65536. Half of such a pair is U+FFFD.
    fn code_point(&mut self) -> Result<char> {
        let high = self.four_digits()?;
        if let Some(c) = char::from_u32(high) {
            return Ok(c);
        }
        let after = self.at;
        if self.text[after..].starts_with(b"\\u") {
            self.at += 2;
            if let low @ 0xDC00..0xE000 = self.four_digits()?
                && high < 0xDC00
                && let Some(c) = char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
            {
                return Ok(c);
            }
            self.at = after;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn four_digits(&mut self) -> Result<u32> {
        let mut code = 0;
        for _ in 0..4 {
            match self.text.get(self.at).and_then(|c| char::from(*c).to_digit(16)) {
                Some(digit) => code = code << 4 | digit,
                None => return self.fail("in \\u hexadecimal character escape"),
            }
            self.at += 1;
        }
        Ok(code)
    }

    fn number(&mut self) -> Result<Value> {
        let from = self.at;
        if self.text[from] == b'-' {
            self.at += 1;
        }
        if self.text.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        let mut whole = true;
        if self.text.get(self.at) == Some(&b'.') {
            whole = false;
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if let Some(b'e' | b'E') = self.text.get(self.at) {
            whole = false;
            self.at += 1;
            if let Some(b'+' | b'-') = self.text.get(self.at) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        let text = str::from_utf8(&self.text[from..self.at]).unwrap_or_default();
        if let (true, Ok(number)) = (whole, text.parse()) {
            return Ok(Value::Int(number));
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number.into()),
            _ => Err(ReadError {
                message: format!("json: cannot unmarshal number {text} into Go value of type float64"),
                offset: self.at,
                syntax: false,
            }),
        }
    }

    fn digits(&mut self, context: &str) -> Result<()> {
        if !self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            return self.fail(context);
        }
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        Ok(())
    }
}

/// A byte in single quotes; beyond ASCII as the character of that number.
fn quote(byte: u8) -> String {
    let c = char::from(byte);
    match c {
        '\'' => r"'\''".into(),
        '"' => "'\"'".into(),
        '\\' => r"'\\'".into(),
        '\x07' => r"'\a'".into(),
        '\x08' => r"'\b'".into(),
        '\x0C' => r"'\f'".into(),
        '\n' => r"'\n'".into(),
        '\r' => r"'\r'".into(),
        '\t' => r"'\t'".into(),
        '\x0B' => r"'\v'".into(),
        '\0'..' ' | '\x7F' => format!("'\\x{byte:02x}'"),
        '\u{80}'..='\u{A0}' | '\u{AD}' => format!("'\\u{byte:04x}'"),
        _ => format!("'{c}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    fn read(text: &str) -> Result<Vec<Value>> {
        let (mut at, mut values) = (0, Vec::new());
        while let Some((value, end)) = read_value(text.as_bytes(), at)? {
            values.push(value);
            at = end;
        }
        Ok(values)
    }

    #[test]
    fn values_one_after_another() {
        let text =
            r#" {"a": [1, -2.5, 1e3, 9223372036854775808], "b": "\ud83d\ude00\ud800x\/", "a": null} [] 01"#;
        let first = value!({"a": null, "b": "\u{1F600}\u{FFFD}x/"});
        assert_eq!(read(text).unwrap(), [first, value!([]), value!(0), value!(1)]);
        assert_eq!(read("9223372036854775808").unwrap(), [value!(9223372036854775808.0)]);
        assert_eq!(read(" \n").unwrap(), []);
    }

    #[test]
    fn what_is_wrong_and_where() {
        for (text, message, offset) in [
            ("{", "unexpected EOF", 1),
            ("{\"a\":1", "unexpected EOF", 6),
            ("{a: 1}", "invalid character 'a' looking for beginning of object key string", 2),
            ("{\"a\" 1}", "invalid character '1' after object key", 6),
            ("{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair", 8),
            ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string", 8),
            ("[1 2]", "invalid character '2' after array element", 4),
            ("[1,]", "invalid character ']' looking for beginning of value", 4),
            ("[-]", "invalid character ']' in numeric literal", 3),
            ("[1.]", "invalid character ']' after decimal point in numeric literal", 4),
            ("[1e]", "invalid character ']' in exponent of numeric literal", 4),
            ("[tru]", "invalid character ']' in literal true (expecting 'e')", 5),
            ("[\"\n\"]", "invalid character '\\n' in string literal", 3),
            ("[\"\\'\"]", "invalid character '\\'' in string escape code", 4),
            ("[\"\\u12g\"]", "invalid character 'g' in \\u hexadecimal character escape", 7),
            ("\u{e9}", "invalid character 'Ã' looking for beginning of value", 1),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!((error.message.as_str(), error.offset), (message, offset), "{text}");
            assert_eq!(error.syntax, message != "unexpected EOF", "{text}");
        }
        assert!(read(&"[".repeat(100_000)).unwrap_err().message.ends_with("exceeded max depth"));
    }
}
