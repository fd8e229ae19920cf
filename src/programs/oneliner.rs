//! The programs of one line that people give to an interpreter to see a container do something: they print texts,
//! variables of the environment and host names, wait, and end.

use std::time::Duration;

use crate::container::kernel::Kernel;

/// A language, as far as these programs are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Language {
    Node,
    Php,
    Python,
    Ruby,
}

/// A step of such a program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Statement {
    Print(String),
    Wait(Duration),
    Exit(u8),
}

/// The steps of a program; nothing where Saya does not know one of them.
pub(super) fn read(kernel: &Kernel<'_>, language: Language, code: &str) -> Option<Vec<Statement>> {
    let mut program = Vec::new();
    for text in split(code, &[';', '\n']) {
        let text = text.trim();
        let is_import = ["import ", "from ", "use ", "require ", "const os = require("]
            .iter()
            .any(|own| text.starts_with(own));
        if text.is_empty() || is_import {
            continue;
        }
        let within = |name: &str| text.strip_prefix(name)?.trim().strip_prefix('(')?.strip_suffix(')');
        let (printed, end) = match language {
            Language::Python => (within("print"), "\n"),
            Language::Node => (within("console.log"), "\n"),
            Language::Php => (text.strip_prefix("echo ").or_else(|| text.strip_prefix("print ")), ""),
            Language::Ruby => (text.strip_prefix("puts "), "\n"),
        };
        if let Some(printed) = printed {
            let values: Option<Vec<String>> =
                split(printed, &[',']).into_iter().map(|own| value(kernel, language, own.trim())).collect();
            let between = if language == Language::Php { "" } else { " " };
            program.push(Statement::Print(values?.join(between) + end));
            continue;
        }
        let number = |names: &[&str]| names.iter().find_map(|name| within(name)?.parse::<f64>().ok());
        if let Some(seconds) = number(&["time.sleep", "sleep"]) {
            program.push(Statement::Wait(Duration::from_secs_f64(seconds.clamp(0.0, 1e9))));
        } else if let Some(status) = number(&["sys.exit", "exit", "process.exit"]) {
            program.push(Statement::Exit(status as u8));
        } else {
            return None;
        }
    }
    Some(program)
}

/// The parts of a text between marks that stand outside of quotes and brackets.
fn split<'t>(text: &'t str, marks: &[char]) -> Vec<&'t str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0, None);
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some(own) if c == own && !escaped => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None if matches!(c, '(' | '[' | '{') => depth += 1,
            None if matches!(c, ')' | ']' | '}') => depth -= 1,
            None if depth == 0 && marks.contains(&c) => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            None => {}
        }
        escaped = c == '\\' && !escaped;
    }
    parts.push(&text[start..]);
    parts
}

/// What an expression comes to as text.
fn value(kernel: &Kernel<'_>, language: Language, text: &str) -> Option<String> {
    let joined = split(text, if language == Language::Php { &['.'] } else { &['+'] });
    if joined.len() > 1 && text.parse::<f64>().is_err() {
        return joined.into_iter().map(|own| value(kernel, language, own.trim())).collect();
    }
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) {
        let inside = text[1..].strip_suffix(quote)?;
        let plain = quote == '\'' && matches!(language, Language::Php | Language::Ruby);
        return if plain { Some(inside.to_owned()) } else { unescaped(inside) };
    }
    if text.parse::<i64>().is_ok() {
        return Some(text.to_owned());
    }
    let host = [
        "socket.gethostname()",
        "os.hostname()",
        "require('os').hostname()",
        "require(\"os\").hostname()",
        "gethostname()",
    ];
    if host.contains(&text) {
        return Some(kernel.hostname().to_string());
    }
    const BEFORE: [&str; 6] =
        ["os.environ.get(", "os.environ[", "os.getenv(", "process.env[", "getenv(", "ENV["];
    let name = match text.strip_prefix("process.env.") {
        Some(name) => name,
        None => {
            let inside = BEFORE.iter().find_map(|before| text.strip_prefix(before))?;
            inside.strip_suffix([')', ']'])?.trim_matches(['"', '\''])
        }
    };
    Some(kernel.variable(name)?.to_string())
}

/// A text without its backslashes; nothing where it has variables in it.
fn unescaped(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '$' | '#' => return None,
            '\\' => out.push(match rest.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            }),
            c => out.push(c),
        }
    }
    Some(out)
}
