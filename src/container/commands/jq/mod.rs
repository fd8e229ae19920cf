//! `jq`: its filters, without its modules, formats of time, and streams.

mod functions;
mod json;
mod parse;
mod run;

use std::sync::Arc;

use super::input::{Input, Next, Phrase};
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use json::Json;
use run::Runner;

/// A running `jq`: it reads all, then filters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Jq {
    input: Option<Input>,
    filter: Arc<str>,
    options: Options,
    bytes: Vec<u8>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Options {
    raw: bool,
    joined: bool,
    compact: bool,
    null: bool,
    slurp: bool,
    sorted: bool,
    tab: bool,
    raw_input: bool,
    by_status: bool,
    /// `--arg` and `--argjson`: the name, the text, whether it is JSON.
    variables: Vec<(Arc<str>, Arc<str>, bool)>,
}

const USAGE: &str = "Usage:\tjq [OPTIONS] FILTER [FILES...]\n\tjq [OPTIONS] -n FILTER\nUse jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://jqlang.github.io/jq\n";

impl Jq {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.input.is_none()
            && let Err(status) = self.begin(kernel)
        {
            return Step::Exit(status);
        }
        if self.options.null {
            return Step::Exit(self.finish(kernel));
        }
        let Some(input) = &mut self.input else { return Step::Exit(2) };
        match input.next(kernel, tool) {
            Next::Bytes(bytes) => self.bytes.extend(bytes),
            Next::File(_) | Next::EndOfFile => {}
            Next::Wait(wait) => return Step::Wait(wait),
            Next::End => return Step::Exit(self.finish(kernel)),
        }
        Step::Yield
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Result<(), u8> {
        let argv = kernel.argv();
        let mut operands: Vec<Arc<str>> = Vec::new();
        let mut words = argv.iter().skip(1);
        while let Some(word) = words.next() {
            if word.len() < 2 || !word.starts_with('-') {
                operands.push(word.clone());
                continue;
            }
            if let "--arg" | "--argjson" = &**word {
                let (Some(name), Some(text)) = (words.next(), words.next()) else {
                    kernel.complain(format!(
                        "jq: error: {word} takes two parameters (e.g. {word} name value)\n{USAGE}"
                    ));
                    return Err(2);
                };
                self.options.variables.push((name.clone(), text.clone(), &**word == "--argjson"));
                continue;
            }
            let letters: String = match word.strip_prefix("--") {
                Some(long) => match LONG.iter().find(|(own, _)| *own == long) {
                    Some((_, letter)) => letter.to_string(),
                    None => "?".to_owned(),
                },
                None => word[1..].to_owned(),
            };
            for letter in letters.chars() {
                let flag = match letter {
                    'r' => &mut self.options.raw,
                    'j' => &mut self.options.joined,
                    'c' => &mut self.options.compact,
                    'n' => &mut self.options.null,
                    's' => &mut self.options.slurp,
                    'S' => &mut self.options.sorted,
                    'R' => &mut self.options.raw_input,
                    'e' => &mut self.options.by_status,
                    't' => &mut self.options.tab,
                    // Colors are for terminals that show them, and there is nothing to be kept back.
                    'C' | 'M' | 'u' => continue,
                    'V' => {
                        kernel.print("jq-1.7.1\n");
                        return Err(0);
                    }
                    _ => {
                        kernel.complain(format!(
                            "jq: error (at <unknown>): Saya does not simulate {word}\n{USAGE}"
                        ));
                        return Err(2);
                    }
                };
                *flag = true;
            }
        }
        let terminal = kernel.is_terminal(0);
        let mut operands = operands.into_iter();
        self.filter = match operands.next() {
            Some(filter) => filter,
            None if terminal => {
                kernel.complain(USAGE);
                return Err(2);
            }
            None => ".".into(),
        };
        let files: Vec<Arc<str>> = operands.collect();
        let phrase = Phrase { gnu: "error: Could not open {}", busybox: "error: Could not open {}" };
        self.input = Some(Input::new(&files, phrase));
        Ok(())
    }

    fn finish(&mut self, kernel: &mut Kernel<'_>) -> u8 {
        let filter = match parse::parse(&self.filter) {
            Ok(filter) => filter,
            Err(why) => {
                kernel.complain(format!("jq: error: {why}\n{}\njq: 1 compile error\n", self.filter));
                return 3;
            }
        };
        let mut env = Vec::new();
        for (name, value) in kernel.env().iter() {
            env.push((name.to_string(), Json::Text(value.to_string())));
        }
        let mut runner = Runner::new(Json::Object(env));
        for (name, text, json) in &self.options.variables {
            let value = match json.then(|| json::read_all(text)) {
                None => Json::Text(text.to_string()),
                Some(Ok(values)) if values.len() == 1 => values[0].clone(),
                Some(_) => {
                    kernel.complain(format!("jq: invalid JSON text passed to --argjson\n{USAGE}"));
                    return 2;
                }
            };
            runner.variables.push((name.to_string(), value));
        }
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        let mut broken = None;
        let mut inputs = match (self.options.null, self.options.raw_input) {
            (true, _) => vec![Json::Null],
            (_, true) if self.options.slurp => vec![Json::Text(text)],
            (_, true) => text.lines().map(|line| Json::Text(line.to_owned())).collect(),
            _ => match json::read_all(&text) {
                Ok(values) => values,
                Err((values, why)) => {
                    broken = Some(why);
                    values
                }
            },
        };
        if self.options.slurp && !self.options.raw_input && !self.options.null && broken.is_none() {
            inputs = vec![Json::Array(inputs)];
        }
        let (mut status, mut last) = (0, None);
        for input in inputs {
            let (results, error) = runner.run(&filter, &input);
            for result in results {
                kernel.print(self.options.shown(&result));
                last = Some(result);
            }
            if let Some(why) = error.as_ref().filter(|why| why.ends_with("is not defined")) {
                kernel.complain(format!(
                    "jq: error: {why} at <top-level>, line 1:\n{}\njq: 1 compile error\n",
                    self.filter
                ));
                return 3;
            }
            if let Some(why) = error {
                kernel.complain(format!("jq: error (at <stdin>:{}): {why}\n", text_lines(&self.bytes)));
                status = 5;
            }
        }
        if let Some(why) = broken {
            kernel.complain(format!("jq: parse error: {why}\n"));
            return 5;
        }
        if status == 0 && self.input.as_ref().is_some_and(|input| input.failed) {
            return 2;
        }
        match (self.options.by_status, last) {
            (true, None) if status == 0 => 4,
            (true, Some(Json::Null | Json::Bool(false))) if status == 0 => 1,
            _ => status,
        }
    }
}

fn text_lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

const LONG: &[(&str, char)] = &[
    ("raw-output", 'r'),
    ("join-output", 'j'),
    ("compact-output", 'c'),
    ("null-input", 'n'),
    ("slurp", 's'),
    ("sort-keys", 'S'),
    ("raw-input", 'R'),
    ("exit-status", 'e'),
    ("tab", 't'),
    ("color-output", 'C'),
    ("monochrome-output", 'M'),
    ("unbuffered", 'u'),
    ("version", 'V'),
];

impl Options {
    fn shown(&self, value: &Json) -> String {
        let mut text = match value {
            Json::Text(text) if self.raw || self.joined => text.clone(),
            _ => {
                let sorted = self.sorted.then(|| value.sorted());
                let indent = match (self.compact, self.tab) {
                    (true, _) => None,
                    (_, true) => Some("\t"),
                    _ => Some("  "),
                };
                sorted.as_ref().unwrap_or(value).written(indent)
            }
        };
        if !self.joined {
            text.push('\n');
        }
        text
    }
}
