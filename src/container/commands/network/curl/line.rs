//! Command lines of `curl`.

use std::sync::Arc;
use std::time::Duration;

/// The command line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Line {
    /// Option letters that were given.
    on: Vec<char>,
    /// Those with a value, in order.
    pub values: Vec<(char, Arc<str>)>,
    /// What to fetch.
    pub urls: Vec<Arc<str>>,
}

/// Long names and their letters; `=` behind a letter says that it takes a value, `#` a number. Greek letters stand for
/// options that have none.
const LONG: &[(&str, &str)] = &[
    ("silent", "s"),
    ("show-error", "S"),
    ("verbose", "v"),
    ("head", "I"),
    ("include", "i"),
    ("location", "L"),
    ("fail", "f"),
    ("insecure", "k"),
    ("remote-name", "O"),
    ("remote-header-name", "J"),
    ("ipv4", "4"),
    ("ipv6", "6"),
    ("globoff", "g"),
    ("get", "G"),
    ("no-buffer", "N"),
    ("progress-bar", "#"),
    ("http1.0", "0"),
    ("no-progress-meter", "π"),
    ("compressed", "ζ"),
    ("fail-with-body", "φ"),
    ("retry-connrefused", "λ"),
    ("retry-all-errors", "ε"),
    ("create-dirs", "η"),
    ("http1.1", "η"),
    ("http2", "η"),
    ("parallel", "Z"),
    ("output", "o="),
    ("write-out", "w="),
    ("header", "H="),
    ("data", "d="),
    ("data-ascii", "d="),
    ("data-raw", "ρ="),
    ("data-binary", "β="),
    ("data-urlencode", "υ="),
    ("json", "ι="),
    ("request", "X="),
    ("max-time", "m#"),
    ("connect-timeout", "κ#"),
    ("resolve", "σ="),
    ("user", "u="),
    ("user-agent", "A="),
    ("cookie", "b="),
    ("referer", "e="),
    ("range", "r="),
    ("retry", "ν#"),
    ("retry-delay", "δ#"),
    ("retry-max-time", "μ#"),
    ("max-redirs", "ω#"),
    ("url", "θ="),
    ("dump-header", "D="),
    ("cookie-jar", "c="),
    ("cacert", "γ="),
    ("upload-file", "T="),
    ("form", "F="),
    ("proxy", "x="),
];

impl Line {
    /// True where an option was given.
    pub fn has(&self, letter: char) -> bool {
        self.on.contains(&letter)
    }
    /// The value of an option, the last where it was given often.
    pub fn value(&self, letter: char) -> Option<&str> {
        self.all(letter).next_back()
    }
    /// All values of an option.
    pub fn all(&self, letter: char) -> impl DoubleEndedIterator<Item = &str> {
        self.values.iter().filter(move |(own, _)| *own == letter).map(|(_, value)| &**value)
    }
    /// A number of seconds; none where it is 0.
    pub fn seconds(&self, letter: char) -> Option<Duration> {
        let seconds = self.value(letter)?.parse::<f64>().ok()?;
        Duration::try_from_secs_f64(seconds).ok().filter(|span| !span.is_zero())
    }
    /// A whole number.
    pub fn number(&self, letter: char) -> Option<usize> {
        self.value(letter)?.parse().ok()
    }

    fn long(name: &str) -> Result<&'static str, &'static str> {
        if let Some((_, kind)) = LONG.iter().find(|(own, _)| *own == name) {
            return Ok(kind);
        }
        let mut found = LONG.iter().filter(|(own, _)| own.starts_with(name));
        match (found.next(), found.next()) {
            (Some((_, kind)), None) => Ok(kind),
            (None, _) => Err("is unknown"),
            _ => Err("is ambiguous"),
        }
    }

    /// Reads a command line.
    ///
    /// # Errors
    /// What is wrong with it, as curl says it.
    pub fn parse(argv: &[Arc<str>]) -> Result<Self, String> {
        let mut line = Self::default();
        let mut words = argv.iter().skip(1);
        while let Some(word) = words.next() {
            let bad = |what: &str| format!("curl: option {word}: {what}\n");
            if word.len() < 2 || !word.starts_with('-') {
                line.urls.push(word.clone());
                continue;
            }
            let long = word.strip_prefix("--");
            for (at, letter) in word.char_indices().skip(1) {
                let kind = match long {
                    Some(name) => Self::long(name).map_err(bad)?,
                    None => {
                        let found =
                            LONG.iter().find(|(_, kind)| letter.is_ascii() && kind.starts_with(letter));
                        found.ok_or_else(|| bad("is unknown"))?.1
                    }
                };
                let mut kind = kind.chars();
                let letter = kind.next().unwrap_or_default();
                let Some(takes) = kind.next() else {
                    line.on.push(letter);
                    if long.is_some() {
                        break;
                    }
                    continue;
                };
                let rest = if long.is_some() { "" } else { &word[at + 1..] };
                let value = if rest.is_empty() { words.next().cloned() } else { Some(rest.into()) };
                let value = value.ok_or_else(|| bad("requires parameter"))?;
                if takes == '#' && value.parse::<f64>().is_err() {
                    return Err(bad("expected a proper numerical parameter"));
                }
                match letter {
                    'θ' => line.urls.push(value),
                    'F' | 'x' => return Err(bad("is not simulated by Saya")),
                    _ => line.values.push((letter, value)),
                }
                break;
            }
        }
        Ok(line)
    }

    /// What is sent, and true where it is JSON. None where no option gives any.
    pub fn data(&self, read: &mut dyn FnMut(&str) -> Vec<u8>) -> Option<(String, bool)> {
        let mut body = String::new();
        let (mut any, mut json) = (false, false);
        for (letter, value) in &self.values {
            let file = value.strip_prefix('@').filter(|_| *letter != 'ρ');
            let text = match (letter, file) {
                ('d' | 'β' | 'ρ' | 'ι' | 'υ', Some(path)) => {
                    String::from_utf8_lossy(&read(path)).into_owned()
                }
                ('d' | 'β' | 'ρ' | 'ι', None) => value.to_string(),
                ('υ', None) => match value.split_once('=') {
                    Some((name, text)) if !name.is_empty() => format!("{name}={}", percent(text)),
                    Some((_, text)) => percent(text),
                    None => percent(value),
                },
                _ => continue,
            };
            let text = match (letter, file) {
                ('d', Some(_)) => text.replace(['\r', '\n'], ""),
                ('υ', Some(_)) => percent(&text),
                _ => text,
            };
            json |= *letter == 'ι';
            if any && !json {
                body.push('&');
            }
            any = true;
            body.push_str(&text);
        }
        any.then_some((body, json))
    }
}

fn percent(text: &str) -> String {
    let mut shown = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => shown.push(byte as char),
            b' ' => shown.push('+'),
            _ => shown.push_str(&format!("%{byte:02X}")),
        }
    }
    shown
}

/// The URLs that braces and ranges of numbers in one stand for.
///
/// # Errors
/// What is wrong with it.
pub fn globbed(text: &str) -> Result<Vec<String>, String> {
    let bad = |what: &str, at: usize| {
        Err(format!("{what} in URL position {at}:\n{text}\n{}^", " ".repeat(at.saturating_sub(1))))
    };
    let mut urls = vec![String::new()];
    let mut rest = text;
    while let Some(at) = rest.find(['{', '[']) {
        let place = text.len() - rest.len() + at;
        let (before, inner) = rest.split_at(at);
        let brace = inner.starts_with('{');
        let Some(end) = inner.find(if brace { '}' } else { ']' }) else {
            let what = if brace { "unmatched brace" } else { "bad range specification" };
            return bad(what, place + if brace { 1 } else { 2 });
        };
        let list = &inner[1..end];
        let parts: Vec<String> = match (brace, list.split_once('-')) {
            (true, _) => list.split(',').map(str::to_string).collect(),
            // An address of IPv6.
            (false, _) if list.contains(':') && place > 0 && text[..place].ends_with("//") => {
                vec![inner[..=end].to_string()]
            }
            (false, Some((first, last))) => match (first.parse::<u32>(), last.parse::<u32>()) {
                (Ok(low), Ok(high)) if low <= high && high - low < 10_000 => {
                    let width = if first.starts_with('0') { first.len() } else { 0 };
                    (low..=high).map(|number| format!("{number:0width$}")).collect()
                }
                _ => return bad("bad range", place + end + 2),
            },
            _ => return bad("bad range specification", place + 2),
        };
        urls = urls
            .iter()
            .flat_map(|url| parts.iter().map(move |part| format!("{url}{before}{part}")))
            .collect();
        rest = &inner[end + 1..];
    }
    for url in &mut urls {
        url.push_str(rest);
    }
    Ok(urls)
}
