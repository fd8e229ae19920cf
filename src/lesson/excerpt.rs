//! What a block of code shows of its text: the lines that its options choose, and what is marked in them.

use crate::container::commands::diff::unified;

use super::tree::Block;

/// How a line of a block is set off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Not at all.
    Plain,
    /// It is emphasized.
    Emphasized,
    /// It was added to what it is compared with.
    Added,
    /// It was taken away.
    Removed,
}

/// A line of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its number, where the block has numbers and it is one of the text's own.
    pub number: Option<usize>,
    /// The text.
    pub text: String,
    /// How it is set off.
    pub mark: Mark,
}

/// Numbers of lines, as Sphinx writes them: `1,3-5,8-`.
fn numbers(text: &str, count: usize) -> Vec<usize> {
    let mut found = Vec::new();
    for part in text.split(',').map(str::trim) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let from = from.trim().parse().unwrap_or(1);
        let to = to.trim().parse().unwrap_or(count);
        found.extend(from..=to.min(count));
    }
    found
}

/// The lines that a block shows. `read` gives the files that its options name.
pub fn excerpt(block: &Block, read: &dyn Fn(&str) -> Option<String>) -> Vec<Shown> {
    let option = |name: &str| block.option(name);
    if let Some(old) = option("diff").and_then(read) {
        // All of the file is context.
        let diff = unified(&old, &block.text, block.text.len() + old.len());
        let lines = diff.lines().filter(|line| !line.starts_with("@@"));
        return lines
            .map(|line| {
                let mark = match line.chars().next() {
                    Some('+') => Mark::Added,
                    Some('-') => Mark::Removed,
                    _ => Mark::Plain,
                };
                Shown { number: None, text: line.get(1..).unwrap_or_default().to_string(), mark }
            })
            .collect();
    }
    let all: Vec<&str> = block.text.trim_end_matches('\n').lines().collect();
    let find = |name: &str, from: usize| {
        let wanted = option(name)?;
        all[from..].iter().position(|line| line.contains(wanted)).map(|at| from + at)
    };
    let from = find("start-after", 0).map(|at| at + 1).or_else(|| find("start-at", 0)).unwrap_or(0);
    let to = find("end-before", from).or_else(|| find("end-at", from).map(|at| at + 1)).unwrap_or(all.len());
    let mut chosen: Vec<(usize, String)> = match option("lines").filter(|_| block.include.is_some()) {
        Some(lines) => numbers(lines, to - from).into_iter().map(|number| from + number - 1).collect(),
        None => (from..to).collect::<Vec<_>>(),
    }
    .into_iter()
    .filter_map(|at| Some((at + 1, (*all.get(at)?).to_string())))
    .collect();
    if let Some(width) = option("dedent") {
        let least = || {
            let full = chosen.iter().filter(|(_, line)| !line.trim().is_empty());
            full.map(|(_, line)| line.len() - line.trim_start().len()).min().unwrap_or(0)
        };
        let width = width.parse().unwrap_or_else(|_| least());
        for (_, line) in &mut chosen {
            let blank = line.len() - line.trim_start_matches(' ').len();
            line.replace_range(..width.min(blank), "");
        }
    }
    let start = option("lineno-start").and_then(|text| text.parse::<usize>().ok());
    let matches = option("lineno-match").is_some();
    let numbered =
        matches || start.is_some() || option("linenos").is_some() || option("number-lines").is_some();
    let emphasized = option("emphasize-lines").map(|text| numbers(text, chosen.len())).unwrap_or_default();
    let mut shown: Vec<Shown> = Vec::new();
    let plain = |text: &str| Shown { number: None, text: text.to_string(), mark: Mark::Plain };
    shown.extend(option("prepend").map(plain));
    for (at, (line, text)) in chosen.into_iter().enumerate() {
        let number = if matches { line } else { start.unwrap_or(1) + at };
        let mark = if emphasized.contains(&(at + 1)) { Mark::Emphasized } else { Mark::Plain };
        shown.push(Shown { number: numbered.then_some(number), text, mark });
    }
    shown.extend(option("append").map(plain));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(options: &[(&str, &str)], text: &str) -> Block {
        let options = options.iter().map(|(key, value)| ((*key).to_string(), (*value).to_string())).collect();
        Block { text: text.into(), include: Some("a.yml".into()), options, ..Block::default() }
    }

    fn lines(options: &[(&str, &str)], text: &str) -> String {
        let old = |path: &str| (path == "old.yml").then(|| "a\nx\nc\n".to_string());
        let shown = excerpt(&block(options, text), &old);
        let line = |one: &Shown| {
            let sign = match one.mark {
                Mark::Plain => ' ',
                Mark::Emphasized => '*',
                Mark::Added => '+',
                Mark::Removed => '-',
            };
            let number = one.number.map(|number| number.to_string()).unwrap_or_default();
            format!("{number}{sign}{}", one.text)
        };
        shown.iter().map(line).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn options_choose_lines_and_mark_them() {
        let text = "a\nb\nc\nd\n";
        for (options, wanted) in [
            (&[][..], " a| b| c| d"),
            (&[("lines", "2-3")], " b| c"),
            (&[("lines", "1,3-")], " a| c| d"),
            (&[("lines", "3-9")], " c| d"),
            (&[("start-after", "b")], " c| d"),
            (&[("start-at", "b"), ("end-before", "d")], " b| c"),
            (&[("start-after", "nothing")], " a| b| c| d"),
            (&[("emphasize-lines", "2,4")], " a|*b| c|*d"),
            (&[("lines", "3-4"), ("lineno-match", "")], "3 c|4 d"),
            (&[("lines", "3-4"), ("linenos", "")], "1 c|2 d"),
            (&[("diff", "old.yml")], " a|-x|+b| c|+d"),
        ] {
            assert_eq!(lines(options, text), wanted, "{options:?}");
        }
        assert_eq!(lines(&[("dedent", "")], "  a\n    b\n"), " a|   b");
        assert_eq!(lines(&[("lines", "9-3"), ("dedent", "7")], "a\n"), "");
    }
}
