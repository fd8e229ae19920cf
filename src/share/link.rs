//! A share as a fragment of an address: `#s=1.DATA.LENGTH.CRC`.

use std::fmt;

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};

use super::{Share, crc32};
use crate::api::base64;
use crate::sim::LogError;

/// The longest text that a link may hold, in bytes: inflating stops there.
pub const LONGEST_TEXT: usize = 1_000_000;
/// No text of that length becomes longer data than this.
const LONGEST_DATA: usize = LONGEST_TEXT / 2 * 3;

/// Why a link does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// It is something else.
    NoLink,
    /// A newer version made it: its number.
    Newer(String),
    /// Its end is missing.
    Cut,
    /// Its characters are not the ones it was made of.
    Damaged(&'static str),
    /// It holds more than a link may.
    TooLong,
    /// It is whole, but what it holds has no meaning.
    Meaningless(LogError),
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLink => f.write_str("this is no link of Saya: there is no \"s=1.…\" in it"),
            Self::Newer(version) => {
                write!(f, "a newer Saya made this link: its version is {version}, here is 1")
            }
            Self::Cut => f.write_str("this link is cut: its end is missing"),
            Self::Damaged(how) => write!(f, "this link is damaged: {how}"),
            Self::TooLong => write!(f, "this link holds more than {LONGEST_TEXT} bytes"),
            Self::Meaningless(error) => write!(f, "this link is whole, but its text has a fault in {error}"),
        }
    }
}
impl std::error::Error for LinkError {}

impl Share {
    /// The fragment of a link, without its `#`.
    pub fn fragment(&self) -> String {
        let text = self.to_string();
        let data = base64::encode(&compress_to_vec(text.as_bytes(), 9));
        let data = data.trim_end_matches('=').replace('+', "-").replace('/', "_");
        format!("s=1.{data}.{}.{:08x}", data.len(), crc32(text.as_bytes()))
    }

    /// Opens a link: a whole address, or its fragment.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(link: &str) -> Result<Self, LinkError> {
        let text = text_of(link)?;
        text.parse().map_err(LinkError::Meaningless)
    }
}

/// The text that a link holds, once everything about the link itself is right.
fn text_of(link: &str) -> Result<String, LinkError> {
    // Mail breaks lines; the rest is checked.
    let link: String = link.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let fragment = link.rsplit_once('#').map_or(link.as_str(), |(_, fragment)| fragment);
    let (version, rest) =
        fragment.strip_prefix("s=").and_then(|rest| rest.split_once('.')).ok_or(LinkError::NoLink)?;
    if version != "1" {
        let newer = version.len() < 9 && version.parse::<u32>().is_ok_and(|number| number > 1);
        return Err(if newer { LinkError::Newer(version.into()) } else { LinkError::NoLink });
    }
    if rest.len() > LONGEST_DATA {
        return Err(LinkError::TooLong);
    }
    let mut parts = rest.split('.');
    let data = parts.next().unwrap_or_default();
    let (Some(length), Some(crc)) = (parts.next(), parts.next()) else { return Err(LinkError::Cut) };
    if crc.len() < 8 && parts.next().is_none() {
        return Err(LinkError::Cut);
    }
    let crc = u32::from_str_radix(crc, 16).ok().filter(|_| crc.len() == 8 && parts.next().is_none());
    let crc = crc.ok_or(LinkError::Damaged("its checksum is none"))?;
    if length.parse() != Ok(data.len()) {
        return Err(LinkError::Damaged("its length is not what it says"));
    }
    let text = bytes_of(data).ok_or(LinkError::Damaged("it holds a character that no link has"))?;
    let text = match decompress_to_vec_with_limit(&text, LONGEST_TEXT) {
        Ok(text) => text,
        Err(error) if error.status == TINFLStatus::HasMoreOutput => return Err(LinkError::TooLong),
        Err(_) => return Err(LinkError::Damaged("it cannot be inflated")),
    };
    if crc32(&text) != crc {
        return Err(LinkError::Damaged("its checksum is another"));
    }
    String::from_utf8(text).map_err(|_| LinkError::Damaged("it holds no text"))
}

/// What base64url without padding stands for.
fn bytes_of(data: &str) -> Option<Vec<u8>> {
    if !data.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return None;
    }
    let mut padded = data.replace('-', "+").replace('_', "/");
    while !padded.len().is_multiple_of(4) {
        padded.push('=');
    }
    base64::decode(&padded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A link that is right but for what it holds.
    fn holding(text: &[u8]) -> String {
        let data = base64::encode(&compress_to_vec(text, 6));
        let data = data.trim_end_matches('=').replace('+', "-").replace('/', "_");
        format!("#s=1.{data}.{}.{:08x}", data.len(), crc32(text))
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        let link = Share::default().fragment();
        assert_eq!(Share::open(&link), Ok(Share::default()));
        assert_eq!(Share::open(&format!("https://a.example/saya/?lang=ja#{link}")), Ok(Share::default()));
        assert_eq!(Share::open(&format!("{}\n  {}\n", &link[..20], &link[20..])), Ok(Share::default()));
        for end in 4..link.len() {
            assert_eq!(Share::open(&link[..end]), Err(LinkError::Cut), "{}", &link[..end]);
        }
        for at in 4..link.len() {
            for other in ['A', '0', '_', '.', '~', '%'] {
                let mut bad: Vec<char> = link.chars().collect();
                if bad[at] == other {
                    continue;
                }
                bad[at] = other;
                let bad: String = bad.into_iter().collect();
                match Share::open(&bad) {
                    Err(LinkError::Damaged(_) | LinkError::Cut) => {}
                    // The last character of the data may have bits that mean nothing.
                    Ok(share) => assert_eq!(share, Share::default(), "{bad}"),
                    Err(error) => panic!("{bad}: {error}"),
                }
            }
            let mut shorter = link.clone();
            shorter.remove(at);
            assert!(
                matches!(Share::open(&shorter), Err(LinkError::Damaged(_) | LinkError::Cut)),
                "{shorter}"
            );
        }
        for newer in ["2", "17"] {
            let link = link.replacen('1', newer, 1);
            assert_eq!(Share::open(&link), Err(LinkError::Newer(newer.into())));
        }
        for none in ["", "#", "hello", "s=", "#lesson/pods", "s=x.AAAA", "s=0.AAAA.4.00000000", "s=-2.A"] {
            assert_eq!(Share::open(none), Err(LinkError::NoLink), "{none}");
        }
    }

    #[test]
    fn hostile_links_are_refused() {
        let bomb = holding(&vec![b' '; 50_000_000]);
        assert!(bomb.len() < 100_000, "a small link that holds much");
        assert_eq!(Share::open(&bomb), Err(LinkError::TooLong));
        assert_eq!(
            Share::open(&format!("s=1.{}.1.00000000", "A".repeat(9_000_000))),
            Err(LinkError::TooLong)
        );
        assert_eq!(Share::open(&holding(b"\xff\xfe")), Err(LinkError::Damaged("it holds no text")));
        let many = format!("saya 1\n{}", "at 0 open 1\n".repeat(50_000));
        for text in [
            "",
            "saya 2\n",
            "saya 1\nseed -1\n",
            "saya 1\nview terminal <script>\n",
            "saya 1\nview https://a.example/x.js\n",
            "saya 1\ntime 1e9\n",
            "saya 1\ntime 99999999999999999999\n",
            "saya 1\ntime 9999999999\n",
            "saya 1\nat 18446744073709 open 1\n",
            "saya 1\nat 1 open 4294967295\n",
            "saya 1\nat 1 open 0\n",
            "saya 1\nat 1 type 1 \"\\ud800\"\n",
            "saya 1\ndate 99999-01-01T00:00:00Z\n",
            "saya 1\ntime 1\nfile a\n",
            &many,
        ] {
            let shown = &text[..text.len().min(60)];
            assert!(
                matches!(Share::open(&holding(text.as_bytes())), Err(LinkError::Meaningless(_))),
                "{shown}"
            );
        }
    }
}
