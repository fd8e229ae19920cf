//! Answers, as the protocol writes them and as `redis-cli` shows them.

use super::Text;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    Status(&'static str),
    Error(String),
    Number(i64),
    Bulk(Option<Text>),
    Many(Vec<Reply>),
}

impl Reply {
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Reply::Status(text) => out.push_str(&format!("+{text}\r\n")),
            Reply::Error(text) => out.push_str(&format!("-{text}\r\n")),
            Reply::Number(number) => out.push_str(&format!(":{number}\r\n")),
            Reply::Bulk(None) => out.push_str("$-1\r\n"),
            Reply::Bulk(Some(text)) => out.push_str(&format!("${}\r\n{text}\r\n", text.len())),
            Reply::Many(list) => {
                out.push_str(&format!("*{}\r\n", list.len()));
                list.iter().for_each(|own| own.write(out));
            }
        }
    }

    /// A request of these words, as it is sent.
    pub(super) fn request(words: &[Text]) -> Vec<u8> {
        let mut text = String::new();
        Reply::Many(words.iter().map(|word| Reply::Bulk(Some(word.clone()))).collect()).write(&mut text);
        text.into_bytes()
    }

    /// A whole answer at the beginning of a text, and how long it is. An error is what is wrong with the text.
    pub(super) fn read(text: &str) -> Option<Result<(Reply, usize), char>> {
        let end = text.find("\r\n")?;
        let (mark, line) = (text.chars().next()?, &text[1.min(end)..end]);
        let next = end + 2;
        let reply = match mark {
            '+' if line == "PONG" => Reply::Status("PONG"),
            '+' if line == "OK" => Reply::Status("OK"),
            '+' => Reply::Bulk(Some(line.into())),
            '-' => Reply::Error(line.to_owned()),
            ':' => Reply::Number(line.parse().unwrap_or(0)),
            '$' => match line.parse::<usize>() {
                Err(_) => Reply::Bulk(None),
                Ok(length) => {
                    let own = text.get(next..next + length)?;
                    text.get(next + length..next + length + 2)?;
                    return Some(Ok((Reply::Bulk(Some(own.into())), next + length + 2)));
                }
            },
            '*' => {
                let (mut list, mut at) = (Vec::new(), next);
                for _ in 0..line.parse().unwrap_or(0) {
                    match Reply::read(&text[at..])? {
                        Ok((own, length)) => {
                            list.push(own);
                            at += length;
                        }
                        Err(wrong) => return Some(Err(wrong)),
                    }
                }
                return Some(Ok((Reply::Many(list), at)));
            }
            other => return Some(Err(other)),
        };
        Some(Ok((reply, next)))
    }

    /// As `redis-cli` shows it to a person.
    pub(super) fn shown(&self, indent: &str) -> String {
        match self {
            Reply::Status(text) => format!("{text}\n"),
            Reply::Error(text) => format!("(error) {text}\n"),
            Reply::Number(number) => format!("(integer) {number}\n"),
            Reply::Bulk(None) => "(nil)\n".into(),
            Reply::Bulk(Some(text)) => format!(
                "\"{}\"\n",
                text.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "\\r").replace('\n', "\\n")
            ),
            Reply::Many(list) if list.is_empty() => "(empty array)\n".into(),
            Reply::Many(list) => {
                let width = list.len().to_string().len();
                let deeper = format!("{indent}{}", " ".repeat(width + 2));
                list.iter()
                    .enumerate()
                    .map(|(at, own)| {
                        let lead = if at == 0 { "" } else { indent };
                        format!("{lead}{:>width$}) {}", at + 1, own.shown(&deeper))
                    })
                    .collect()
            }
        }
    }

    /// As `redis-cli` writes it into a pipe.
    pub(super) fn raw(&self) -> String {
        match self {
            Reply::Status(text) => format!("{text}\n"),
            Reply::Error(text) => format!("{text}\n\n"),
            Reply::Number(number) => format!("{number}\n"),
            Reply::Bulk(text) => format!("{}\n", text.as_deref().unwrap_or_default()),
            Reply::Many(list) if list.is_empty() => "\n".into(),
            Reply::Many(list) => list.iter().map(Reply::raw).collect(),
        }
    }
}
