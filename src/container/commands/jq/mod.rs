//! `jq`, as of 1.6.

mod eval;
mod functions;
mod json;
mod parse;

use std::sync::Arc;

use super::input::{Input, Next, Phrase};
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use eval::{KINDS, Scope};
use functions::{KNOWN, OTHERS};
use json::{Json, Reader};
use parse::{Filter, Wrong};

const VERSION: &str = "jq-1.6";

/// A running `jq`: it reads all, then writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Jq {
    line: Option<Line>,
    input: Option<Input>,
    bytes: Vec<u8>,
}

/// What its command line says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Line {
    filter: Option<Arc<str>>,
    files: Vec<Arc<str>>,
    /// `--arg` and `--argjson`: the name, the text, and whether it is JSON.
    variables: Vec<(Arc<str>, Arc<str>, bool)>,
    raw: bool,
    joined: bool,
    compact: bool,
    sorted: bool,
    slurped: bool,
    raw_input: bool,
    null: bool,
    exits: bool,
    tab: bool,
    indent: Option<usize>,
}

impl Line {
    /// Reads the words of a command line.
    ///
    /// # Errors
    /// What is complained about.
    fn read(words: &[Arc<str>]) -> Result<Self, String> {
        let mut line = Self::default();
        let mut words = words.iter();
        let mut open = true;
        while let Some(word) = words.next() {
            let short =
                word.strip_prefix('-').filter(|rest| open && !rest.is_empty() && !rest.starts_with('-'));
            if let Some(letters) = short {
                for letter in letters.chars() {
                    line.set(&letter.to_string()).ok_or_else(|| format!("Unknown arguments: {word}"))?;
                }
                continue;
            }
            match word.strip_prefix("--").filter(|_| open) {
                Some("") => open = false,
                Some(name @ ("arg" | "argjson")) => {
                    let (Some(key), Some(value)) = (words.next(), words.next()) else {
                        return Err(format!("--{name} takes two parameters (e.g. --{name} varname value)"));
                    };
                    line.variables.push((key.clone(), value.clone(), name == "argjson"));
                }
                Some("indent") => line.indent = words.next().and_then(|text| text.parse().ok()),
                Some(name) => line.set(name).ok_or_else(|| format!("Unknown arguments: {word}"))?,
                None if line.filter.is_none() => line.filter = Some(word.clone()),
                None => line.files.push(word.clone()),
            }
        }
        Ok(line)
    }

    fn set(&mut self, name: &str) -> Option<()> {
        let flag = match name {
            "r" | "raw-output" => &mut self.raw,
            "j" | "join-output" => &mut self.joined,
            "c" | "compact-output" => &mut self.compact,
            "S" | "sort-keys" => &mut self.sorted,
            "s" | "slurp" => &mut self.slurped,
            "R" | "raw-input" => &mut self.raw_input,
            "n" | "null-input" => &mut self.null,
            "e" | "exit-status" => &mut self.exits,
            "tab" => &mut self.tab,
            "C" | "M" | "a" | "color-output" | "monochrome-output" | "ascii-output" => return Some(()),
            _ => return None,
        };
        *flag = true;
        Some(())
    }

    fn print(&self, out: &mut String, value: &Json) {
        match value {
            Json::Text(text) if self.raw || self.joined => out.push_str(text),
            value => {
                let indent = if self.compact { None } else { Some(self.indent.unwrap_or(2)) };
                let mut text = String::new();
                value.write(&mut text, indent, 0, self.sorted);
                out.push_str(&text);
            }
        }
        if !self.joined {
            out.push('\n');
        }
    }
}

/// A function of a filter that there is not, with its number of arguments.
fn unknown(filter: &Filter) -> Option<String> {
    use Filter::*;
    let any = |filters: &[&Filter]| filters.iter().find_map(|filter| unknown(filter));
    match filter {
        Identity | Recurse | Value(_) | Format(_) | Variable(_) | List(None) => None,
        Text(_, parts) => parts.iter().filter_map(|(_, inner)| inner.as_ref()).find_map(unknown),
        Index(a, b) | Pipe(a, b) | Comma(a, b) | Binary(_, a, b) | As(a, _, b) => any(&[a, b]),
        Each(a) | Minus(a) | List(Some(a)) => unknown(a),
        Slice(a, b, c) => {
            [Some(a), b.as_ref(), c.as_ref()].into_iter().flatten().find_map(|own| unknown(own))
        }
        Try(a, b) => [Some(a), b.as_ref()].into_iter().flatten().find_map(|own| unknown(own)),
        If(a, b, c) => [Some(a), Some(b), c.as_ref()].into_iter().flatten().find_map(|own| unknown(own)),
        Object(pairs) => pairs.iter().find_map(|(key, value)| any(&[key, value])),
        Call(name, arguments) => {
            let full = format!("{name}/{}", arguments.len());
            if KNOWN.split(' ').any(|own| own == full)
                || arguments.is_empty() && KINDS.iter().any(|(own, _)| own == name)
            {
                arguments.iter().find_map(unknown)
            } else {
                Some(full)
            }
        }
    }
}

impl Jq {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.line.is_none() {
            let words = kernel.argv();
            let words = &words[1..];
            if words.iter().any(|word| matches!(&**word, "--version" | "-V")) {
                kernel.print(format!("{VERSION}\n"));
                return Step::Exit(0);
            }
            let line = match Line::read(words) {
                Ok(line) => line,
                Err(why) => {
                    kernel.complain(format!("jq: error: {why}\nUse jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://stedolan.github.io/jq\n"));
                    return Step::Exit(2);
                }
            };
            if line.filter.is_none() && kernel.is_terminal(0) {
                kernel.complain("Usage:\tjq [OPTIONS] FILTER [FILES...]\n\tjq [OPTIONS] --args FILTER [ARGUMENTS...]\n\tjq [OPTIONS] --jsonargs FILTER [JSON_VALUES...]\n");
                return Step::Exit(2);
            }
            let phrase = Phrase { gnu: "error: Could not open {}", busybox: "error: Could not open {}" };
            self.input = Some(Input::new(&line.files, phrase));
            self.line = Some(line);
        }
        let Some(line) = self.line.clone() else { return Step::Exit(2) };
        let source = line.filter.as_deref().unwrap_or(".");
        let filter = match parse::parse(source) {
            Ok(filter) => filter,
            Err(Wrong::NotSimulated(what)) => {
                kernel.complain(format!("jq: Saya does not simulate {what}.\n"));
                return Step::Exit(3);
            }
            Err(Wrong::Syntax(what)) => {
                let what =
                    if what.starts_with("syntax") { what + " (Unix shell quoting issues?)" } else { what };
                return refused(kernel, source, &what);
            }
        };
        if let Some(name) = unknown(&filter) {
            if OTHERS.split(' ').any(|own| name.split('/').next() == Some(own)) {
                kernel.complain(format!("jq: Saya does not simulate {name}.\n"));
                return Step::Exit(3);
            }
            return refused(kernel, source, &format!("{name} is not defined"));
        }
        let Some(mut input) = self.input.take() else { return Step::Exit(2) };
        loop {
            // `-n` leaves its input where it is.
            let next = if line.null { Next::End } else { input.next(kernel, tool) };
            match next {
                Next::Bytes(bytes) => self.bytes.extend(bytes),
                Next::Wait(wait) => {
                    self.input = Some(input);
                    return wait.into();
                }
                Next::End => break,
                Next::File(_) | Next::EndOfFile => {}
            }
        }
        let code = self.work(kernel, &line, &filter);
        Step::Exit(if code == 0 && input.failed { 2 } else { code })
    }

    fn work(&self, kernel: &mut Kernel<'_>, line: &Line, filter: &Filter) -> u8 {
        let mut scope = Scope::default();
        let env = kernel.env();
        let environment = env.iter().map(|(key, value)| (key.to_string(), Json::Text(value.to_string())));
        scope.variables.push(("ENV".into(), Json::Object(environment.collect())));
        for (name, text, is_json) in &line.variables {
            let value = if *is_json { eval::from_json(text) } else { Ok(Json::Text(text.to_string())) };
            let Ok(value) = value else {
                kernel.complain("jq: Invalid JSON text passed to --argjson\n");
                return 2;
            };
            scope.variables.push((name.to_string(), value));
        }
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        let mut reader = Reader::new(&text);
        let (mut code, mut last, mut out) = (0, None, String::new());
        let mut broken = None;
        let mut inputs: Vec<(usize, Json)> = Vec::new();
        if line.raw_input {
            match line.slurped {
                true => inputs.push((0, Json::Text(text.clone()))),
                false => {
                    inputs.extend(text.lines().enumerate().map(|(at, own)| (at + 1, Json::Text(own.into()))))
                }
            }
        } else if line.null {
            inputs.push((0, Json::Null));
        } else {
            while let Some(value) = reader.next() {
                match value {
                    Ok(value) => inputs.push((reader.lines(), value)),
                    Err(why) => {
                        broken = Some(why);
                        break;
                    }
                }
            }
            if line.slurped {
                let values = inputs.drain(..).map(|(_, value)| value).collect();
                inputs.push((reader.lines(), Json::List(values)));
            }
        }
        let source = line.files.last().map_or("<stdin>", |name| name);
        for (at, value) in inputs {
            match scope.run(filter, &value) {
                Ok(results) => {
                    for result in results {
                        line.print(&mut out, &result);
                        last = Some(result);
                    }
                }
                Err(why) => {
                    kernel.print(std::mem::take(&mut out));
                    let place =
                        if line.null { "(at <unknown>)".into() } else { format!("(at {source}:{at})") };
                    kernel.complain(format!("jq: error {place}: {why}\n"));
                    code = 5;
                }
            }
        }
        kernel.print(out);
        if let Some(why) = broken {
            kernel.complain(format!("parse error: {why}\n"));
            return 2;
        }
        match last {
            _ if code != 0 || !line.exits => code,
            Some(value) => u8::from(!value.holds()),
            None => 4,
        }
    }
}

/// A filter that cannot be read.
fn refused(kernel: &mut Kernel<'_>, source: &str, why: &str) -> Step {
    kernel.complain(format!("jq: error: {why} at <top-level>, line 1:\n{source}\njq: 1 compile error\n"));
    Step::Exit(3)
}
