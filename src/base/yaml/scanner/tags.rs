//! Directives, anchors, aliases and tags.

use super::cursor::{hex_digit, is_word};
use super::{Kind, Result, Scanner, Token};

impl<'a> Scanner<'a> {
    pub(super) fn directive(&mut self) -> Result<()> {
        let start = self.here();
        self.skip();
        let name = self.word();
        if name.is_empty() {
            return self.fail("could not find expected directive name");
        }
        if !self.is_blank_or_end(0) {
            return self.fail("found unexpected non-alphabetical character");
        }
        self.skip_blanks();
        let kind = match name {
            "YAML" => {
                let major = self.version_number()?;
                if self.byte(0) != b'.' {
                    return self.fail("did not find expected digit or '.' character");
                }
                self.skip();
                Kind::Version(major, self.version_number()?)
            }
            "TAG" => {
                let handle = self.tag_handle(true)?;
                if !self.is_blank(0) {
                    return self.fail("did not find expected whitespace");
                }
                self.skip_blanks();
                let prefix = self.tag_uri("")?;
                if !self.is_blank_or_end(0) {
                    return self.fail("did not find expected whitespace or line break");
                }
                Kind::TagDirective { handle, prefix }
            }
            _ => return self.fail("found unknown directive name"),
        };
        let end = self.here();
        self.end_of_line()?;
        self.tokens.push_back(Token { kind, start, end });
        Ok(())
    }

    fn version_number(&mut self) -> Result<u8> {
        let from = self.pos;
        while self.byte(0).is_ascii_digit() {
            self.skip();
            if self.pos - from > 2 {
                return self.fail("found extremely long version number");
            }
        }
        match self.text[from..self.pos].parse() {
            Ok(number) => Ok(number),
            Err(_) => self.fail("did not find expected version number"),
        }
    }

    pub(super) fn anchor(&mut self) -> Result<()> {
        let start = self.here();
        let alias = self.byte(0) == b'*';
        self.skip();
        let name = self.word();
        let ends = self.is_blank_or_end(0) || b"?:,]}%@`".contains(&self.byte(0));
        if name.is_empty() || !ends {
            return self.fail("did not find expected alphabetic or numeric character");
        }
        let kind = if alias { Kind::Alias(name) } else { Kind::Anchor(name) };
        self.tokens.push_back(Token { kind, start, end: self.here() });
        Ok(())
    }

    pub(super) fn tag(&mut self) -> Result<()> {
        let start = self.here();
        let (handle, suffix);
        if self.byte(1) == b'<' {
            self.skip();
            self.skip();
            handle = "";
            suffix = self.tag_uri("")?;
            if self.byte(0) != b'>' {
                return self.fail("did not find the expected '>'");
            }
            self.skip();
        } else {
            let found = self.tag_handle(false)?;
            if found.len() > 1 && found.ends_with('!') {
                handle = found;
                suffix = self.tag_uri("")?;
            } else {
                let rest = self.tag_uri(found)?;
                // `!` alone says: not what it looks like, but text.
                (handle, suffix) = if rest.is_empty() { ("", "!".into()) } else { ("!", rest) };
            }
        }
        if !self.is_blank_or_end(0) {
            return self.fail("did not find expected whitespace or line break");
        }
        self.tokens.push_back(Token { kind: Kind::Tag { handle, suffix }, start, end: self.here() });
        Ok(())
    }

    fn tag_handle(&mut self, directive: bool) -> Result<&'a str> {
        if self.byte(0) != b'!' {
            return self.fail("did not find expected '!'");
        }
        let from = self.pos;
        self.skip();
        self.word();
        if self.byte(0) == b'!' {
            self.skip();
        } else if directive && self.pos - from != 1 {
            return self.fail("did not find expected '!'");
        }
        Ok(&self.text[from..self.pos])
    }

    /// The rest of a tag after `head`, whose leading `!` does not count.
    fn tag_uri(&mut self, head: &str) -> Result<String> {
        let mut uri: Vec<u8> = head.bytes().skip(1).collect();
        let mut found = !head.is_empty();
        loop {
            match self.byte(0) {
                b'%' => self.uri_escape(&mut uri)?,
                c if is_word(c) || b";/?:@&=+$,.!~*'()[]".contains(&c) => {
                    uri.push(c);
                    self.skip();
                }
                _ => break,
            }
            found = true;
        }
        if !found {
            return self.fail("did not find expected tag URI");
        }
        Ok(String::from_utf8_lossy(&uri).into_owned())
    }

    /// `%XX` as often as the character it begins needs.
    fn uri_escape(&mut self, uri: &mut Vec<u8>) -> Result<()> {
        let mut left = None;
        while left != Some(0) {
            let digits = (hex_digit(self.byte(1)), hex_digit(self.byte(2)));
            let (b'%', (Some(high), Some(low))) = (self.byte(0), digits) else {
                return self.fail("did not find URI escaped octet");
            };
            let octet = (high << 4 | low) as u8;
            let width = match left {
                None => match octet.leading_ones() {
                    0 => 1,
                    ones @ 2..=4 => ones,
                    _ => return self.fail("found an incorrect leading UTF-8 octet"),
                },
                Some(_) if octet & 0xC0 != 0x80 => {
                    return self.fail("found an incorrect trailing UTF-8 octet");
                }
                Some(left) => left,
            };
            uri.push(octet);
            for _ in 0..3 {
                self.skip();
            }
            left = Some(width - 1);
        }
        Ok(())
    }
}
