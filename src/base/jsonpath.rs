//! kubectl's dialect of JSONPath (client-go `util/jsonpath`): text with expressions in braces, `range` and `end`.

use super::{Map, Value, json};

/// A part of an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Node {
    Text(String),
    Field(String),
    /// From, to and step; `derived` where "to" follows from a single index.
    Slice {
        from: Option<i64>,
        to: Option<i64>,
        step: Option<i64>,
        derived: bool,
    },
    Filter {
        left: Vec<Node>,
        operator: String,
        right: Vec<Node>,
    },
    Constant(Value),
    Wildcard,
    Recursive,
    Union(Vec<Vec<Node>>),
    Word(String),
}

/// A template, ready to be used on objects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JsonPath {
    source: String,
    /// Texts and braces, one after the other.
    actions: Vec<Vec<Node>>,
    /// True where a missing field is an error.
    strict: bool,
}

impl JsonPath {
    /// Reads a template.
    ///
    /// # Errors
    /// client-go's words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { chars: text.chars().collect(), at: 0 };
        Ok(Self { source: text.into(), actions: reader.template()?, strict: false })
    }

    /// The template's text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The same, but a missing field is an error.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// What the template finds: for each text or expression in order the values.
    ///
    /// # Errors
    /// client-go's words.
    pub fn find(&self, value: &Value) -> Result<Vec<Vec<Value>>, String> {
        let mut run = Run { actions: &self.actions, strict: self.strict, last_end: None };
        run.find(0, std::slice::from_ref(value), 0)
    }

    /// The text that `-o jsonpath` prints.
    ///
    /// # Errors
    /// client-go's words.
    pub fn text(&self, value: &Value) -> Result<String, String> {
        let found = self.find(value)?;
        let texts: Vec<String> =
            found.iter().map(|values| values.iter().map(text_of).collect::<Vec<_>>().join(" ")).collect();
        Ok(texts.concat())
    }

    /// The text that `-o jsonpath-as-json` prints.
    ///
    /// # Errors
    /// client-go's words.
    pub fn json(&self, value: &Value) -> Result<String, String> {
        let found = self.find(value)?;
        Ok(found.into_iter().map(|values| json::to_string_pretty(&values.into(), 4) + "\n").collect())
    }
}

/// The expression that `--sort-by` and `custom-columns` mean, whose braces and first dot may be left out.
///
/// # Errors
/// kubectl's words.
pub fn relaxed(text: &str) -> Result<String, String> {
    let inner = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    let inner = inner.strip_prefix('.').unwrap_or(inner);
    if inner.is_empty() && text.is_empty() {
        return Ok(String::new());
    }
    if inner.is_empty() || inner.contains(['{', '}']) {
        return Err(
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'"
                .into(),
        );
    }
    Ok(format!("{{.{inner}}}"))
}

/// A value as text: scalars as they are, lists and maps as JSON.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        Value::Null => "<nil>".into(),
        other => json::to_string(other),
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

fn ends_a_word(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }
    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }
    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c))
    }

    fn template(&mut self) -> Result<Vec<Vec<Node>>, String> {
        let mut actions = Vec::new();
        loop {
            let mut text = String::new();
            while let Some(c) = self.peek().filter(|c| *c != '{') {
                text.push(c);
                self.at += 1;
            }
            if !text.is_empty() {
                actions.push(vec![Node::Text(text)]);
            }
            if self.next().is_none() {
                return Ok(actions);
            }
            actions.push(self.action()?);
        }
    }

    fn action(&mut self) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        loop {
            if self.starts_with("[?(") {
                nodes.push(self.filter()?);
                continue;
            }
            if self.starts_with("..") {
                if nodes.last() == Some(&Node::Recursive) {
                    return Err("invalid multiple recursive descent".into());
                }
                self.at += 2;
                nodes.push(Node::Recursive);
                if self.peek().is_some_and(|c| c == '_' || c.is_alphanumeric()) {
                    nodes.push(self.field());
                }
                continue;
            }
            match self.next() {
                None | Some('\n' | '\r') => return Err("unclosed action".into()),
                Some('}') => return Ok(nodes),
                Some(' ' | '@' | '$') => {}
                Some('[') => self.array(&mut nodes)?,
                Some(quote @ ('"' | '\'')) => nodes.push(Node::Text(self.quoted(quote)?)),
                Some('.') => nodes.push(self.field()),
                Some(c) if c == '+' || c == '-' || c.is_ascii_digit() => {
                    self.at -= 1;
                    nodes.push(Node::Constant(self.number()?));
                }
                Some(c) if c == '_' || c.is_alphanumeric() => {
                    self.at -= 1;
                    let word = self.word();
                    nodes.push(match word.as_str() {
                        "true" => Node::Constant(true.into()),
                        "false" => Node::Constant(false.into()),
                        _ => Node::Word(word),
                    });
                }
                Some(c) => {
                    return Err(format!("unrecognized character in action: U+{:04X} '{c}'", c as u32));
                }
            }
        }
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.peek().filter(|c| !ends_a_word(*c)) {
            word.push(c);
            self.at += 1;
        }
        word
    }

    fn field(&mut self) -> Node {
        let mut name = String::new();
        while let Some(c) = self.peek() {
            if c == '\\' {
                self.at += 1;
                name.extend(self.next());
                continue;
            }
            if ends_a_word(c) {
                break;
            }
            name.push(c);
            self.at += 1;
        }
        if name == "*" { Node::Wildcard } else { Node::Field(name) }
    }

    fn number(&mut self) -> Result<Value, String> {
        let mut text = String::new();
        while let Some(c) = self.peek() {
            let sign = text.is_empty() && (c == '+' || c == '-');
            if !(sign || c == '.' || c.is_ascii_digit()) {
                break;
            }
            text.push(c);
            self.at += 1;
        }
        let whole = text.parse::<i64>().map(Value::Int);
        whole
            .or_else(|_| text.parse::<f64>().map(Value::from))
            .map_err(|_| format!("cannot parse number {text}"))
    }

    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated quoted string".into()),
                Some('\\') => match self.next() {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some('a') => text.push('\u{7}'),
                    Some('b') => text.push('\u{8}'),
                    Some('f') => text.push('\u{c}'),
                    Some('v') => text.push('\u{b}'),
                    Some('x') => text.push(self.code(2)?),
                    Some('u') => text.push(self.code(4)?),
                    Some(c) if c == '\\' || c == quote => text.push(c),
                    _ => return Err(format!("unquote string {quote}{text}{quote} error invalid syntax")),
                },
                Some(c) if c == quote => return Ok(text),
                Some(c) => text.push(c),
            }
        }
    }

    fn code(&mut self, digits: usize) -> Result<char, String> {
        let text: String = (0..digits).filter_map(|_| self.next()).collect();
        let code = u32::from_str_radix(&text, 16).ok().and_then(char::from_u32);
        code.ok_or_else(|| format!("unquote string {text} error invalid syntax"))
    }

    fn array(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        let mut text = String::new();
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated array".into()),
                Some(']') => break,
                Some(c) => text.push(c),
            }
        }
        if text.contains(',') {
            let parts: Result<Vec<_>, _> =
                text.split(',').map(|part| subexpression(&format!("[{}]", part.trim_matches(' ')))).collect();
            nodes.push(Node::Union(parts?));
            return Ok(());
        }
        if let Some(key) =
            text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).filter(|key| !key.contains('\''))
        {
            nodes.extend(subexpression(&format!(".{key}"))?);
            return Ok(());
        }
        nodes.push(slice(&text)?);
        Ok(())
    }

    fn filter(&mut self) -> Result<Node, String> {
        self.at += 3;
        let (mut text, mut quote) = (String::new(), None);
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated filter".into()),
                Some('\\') => {
                    text.push('\\');
                    text.extend(self.next());
                }
                Some(c @ ('"' | '\'')) => {
                    match quote {
                        None => quote = Some(c),
                        Some(open) if open == c => quote = None,
                        Some(_) => {}
                    }
                    text.push(c);
                }
                Some(')') if quote.is_none() => break,
                Some(c) => text.push(c),
            }
        }
        if self.next() != Some(']') {
            return Err("unclosed array expect ]".into());
        }
        let is_operator = |c: char| matches!(c, '!' | '<' | '>' | '=');
        let parts = text.find(is_operator).filter(|at| *at > 0).and_then(|start| {
            let end = text[start..].find(|c| !is_operator(c)).map(|length| start + length)?;
            Some((&text[..start], &text[start..end], &text[end..]))
        });
        Ok(match parts {
            None => {
                Node::Filter { left: subexpression(&text)?, operator: "exists".into(), right: Vec::new() }
            }
            Some((left, operator, right)) => Node::Filter {
                left: subexpression(left)?,
                operator: operator.into(),
                right: subexpression(right)?,
            },
        })
    }
}

fn subexpression(text: &str) -> Result<Vec<Node>, String> {
    Reader { chars: format!("{text}}}").chars().collect(), at: 0 }.action()
}

/// `1`, `-1`, `0:2`, `::2`, `*`; nothing is the first, by client-go's `sliceOperatorRex`.
fn slice(text: &str) -> Result<Node, String> {
    let invalid = || Err(format!("invalid array index {text}"));
    let parts: Vec<&str> = if text == "*" { vec!["", ""] } else { text.split(':').collect() };
    if parts.len() > 3 {
        return invalid();
    }
    let mut numbers = [None; 3];
    for (at, part) in parts.iter().enumerate() {
        let digits = part.strip_prefix('-').unwrap_or(part);
        if part.is_empty() {
            continue;
        }
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return invalid();
        }
        numbers[at] = Some(part.parse().map_err(|_| format!("array index {part} is not a number"))?);
    }
    let [from, to, step] = numbers;
    let derived = parts.len() == 1;
    Ok(Node::Slice { from, to: if derived { Some(from.unwrap_or(0) + 1) } else { to }, step, derived })
}

struct Run<'a> {
    actions: &'a [Vec<Node>],
    strict: bool,
    /// The `end` that was met last.
    last_end: Option<usize>,
}

impl Run<'_> {
    fn find(&mut self, start: usize, input: &[Value], depth: usize) -> Result<Vec<Vec<Value>>, String> {
        let mut all = Vec::new();
        let mut at = start;
        while at < self.actions.len() {
            let action = &self.actions[at];
            let word = action.iter().find_map(|node| match node {
                Node::Word(word) => Some(word.as_str()),
                _ => None,
            });
            if word == Some("end") && depth == 0 {
                return Err("not in range, nothing to end".into());
            }
            let results = self.list(input, action)?;
            match word {
                Some("end") => {
                    self.last_end = Some(at);
                    break;
                }
                Some("range") => {
                    for value in &results {
                        all.extend(self.find(at + 1, std::slice::from_ref(value), depth + 1)?);
                    }
                    if results.is_empty() {
                        self.find(at + 1, &[Value::Null], depth + 1)?;
                    }
                    at = self.last_end.filter(|end| *end > at).unwrap_or(at);
                }
                _ => all.push(results),
            }
            at += 1;
        }
        Ok(all)
    }

    fn list(&self, input: &[Value], nodes: &[Node]) -> Result<Vec<Value>, String> {
        nodes.iter().try_fold(input.to_vec(), |values, node| self.walk(values, node))
    }

    fn walk(&self, input: Vec<Value>, node: &Node) -> Result<Vec<Value>, String> {
        match node {
            Node::Text(text) => Ok(vec![text.as_str().into()]),
            Node::Constant(value) => Ok(input.iter().map(|_| value.clone()).collect()),
            Node::Word(word) => match word.as_str() {
                "range" => Ok(input),
                "end" => Ok(Vec::new()),
                _ => Err(format!("unrecognized identifier {word}")),
            },
            Node::Field(name) => self.field(&input, name),
            Node::Wildcard => Ok(input.iter().flat_map(children).collect()),
            Node::Recursive => {
                let mut all = Vec::new();
                input.iter().for_each(|value| descend(value, &mut all));
                Ok(all)
            }
            Node::Union(parts) => {
                let found: Result<Vec<_>, _> = parts.iter().map(|part| self.list(&input, part)).collect();
                Ok(found?.concat())
            }
            Node::Slice { from, to, step, derived } => {
                let mut all = Vec::new();
                for value in input.iter().filter(|value| !value.is_null()) {
                    let Value::List(items) = value else {
                        return Err(format!("{} is not array or slice", go_type(value)));
                    };
                    pick(items, (*from, *to, *step, *derived), &mut all)?;
                }
                Ok(all)
            }
            Node::Filter { left, operator, right } => {
                let mut all = Vec::new();
                for value in &input {
                    let Value::List(items) = value else {
                        return Err(format!(
                            "{} is not array or slice and cannot be filtered",
                            go_text(value)
                        ));
                    };
                    for item in items.iter() {
                        if self.passes(item, left, operator, right)? {
                            all.push(item.clone());
                        }
                    }
                }
                Ok(all)
            }
        }
    }

    fn field(&self, input: &[Value], name: &str) -> Result<Vec<Value>, String> {
        let of = |value: &Value| match value {
            Value::Map(map) => map.get(name).cloned(),
            _ => None,
        };
        let found: Vec<Value> =
            if name.is_empty() { input.to_vec() } else { input.iter().filter_map(of).collect() };
        if found.is_empty() && self.strict && !input.is_empty() {
            return Err(format!("{name} is not found"));
        }
        Ok(found)
    }

    fn passes(&self, item: &Value, left: &[Node], operator: &str, right: &[Node]) -> Result<bool, String> {
        let item = std::slice::from_ref(item);
        let left = self.list(item, left);
        if operator == "exists" {
            return Ok(left.is_ok_and(|found| !found.is_empty()));
        }
        let one = |found: Vec<Value>| match found.len() {
            0 => Ok(None),
            1 => Ok(found.into_iter().next()),
            _ => Err("can only compare one element at a time".to_string()),
        };
        let (Some(left), Some(right)) = (one(left?)?, one(self.list(item, right)?)?) else {
            return Ok(false);
        };
        compare(&left, operator, &right)
    }
}

fn pick(
    items: &[Value],
    (from, to, step, derived): (Option<i64>, Option<i64>, Option<i64>, bool),
    into: &mut Vec<Value>,
) -> Result<(), String> {
    let length = items.len() as i64;
    let mut from = from.unwrap_or(0);
    if from < 0 {
        from += length;
    }
    let mut to = to.unwrap_or(length);
    if to < 0 || (to == 0 && derived) {
        to += length;
    }
    if from == to {
        return Ok(());
    }
    let out_of_bounds =
        |index: i64| Err(format!("array index out of bounds: index {index}, length {length}"));
    if from >= length || from < 0 {
        return out_of_bounds(from);
    }
    if to > length || to < 0 {
        return out_of_bounds(to - 1);
    }
    if from > to {
        return Err(format!("starting index {from} is greater than ending index {to}"));
    }
    let step = step.unwrap_or(1);
    if step <= 0 {
        return Err("step must be > 0".into());
    }
    into.extend(items[from as usize..to as usize].iter().step_by(step as usize).cloned());
    Ok(())
}

fn children(value: &Value) -> Vec<Value> {
    match value {
        Value::Map(map) => map.iter().map(|(_, value)| value.clone()).collect(),
        Value::List(items) => items.to_vec(),
        _ => Vec::new(),
    }
}

fn descend(value: &Value, into: &mut Vec<Value>) {
    let children = children(value);
    if !children.is_empty() {
        into.push(value.clone());
        children.iter().for_each(|child| descend(child, into));
    }
}

/// Go templates' comparisons: of texts, of whole numbers, of numbers with fractions, each with its like.
fn compare(left: &Value, operator: &str, right: &Value) -> Result<bool, String> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let equality = matches!(operator, "==" | "!=");
    let order = match (left, right) {
        (Value::Str(a), Value::Str(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.0.total_cmp(&b.0),
        (Value::Bool(a), Value::Bool(b)) if equality => a.cmp(b),
        (Value::Bool(_), Value::Bool(_))
        | (Value::Map(_) | Value::List(_) | Value::Null, _)
        | (_, Value::Map(_) | Value::List(_) | Value::Null) => {
            return Err("invalid type for comparison".into());
        }
        _ => return Err("incompatible types for comparison".into()),
    };
    Ok(match operator {
        "<" => order == Less,
        ">" => order == Greater,
        "==" => order == Equal,
        "!=" => order != Equal,
        "<=" => order != Greater,
        ">=" => order != Less,
        other => return Err(format!("unrecognized filter operator {other}")),
    })
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::Str(_) => "string",
        Value::List(_) => "[]interface {}",
        Value::Map(_) => "map[string]interface {}",
    }
}

/// A value as Go's `%v`: `map[a:1 b:[x y]]`.
pub fn go_text(value: &Value) -> String {
    let map =
        |map: &Map| map.iter().map(|(k, v)| format!("{k}:{}", go_text(v))).collect::<Vec<_>>().join(" ");
    match value {
        Value::Map(entries) => format!("map[{}]", map(entries)),
        Value::List(items) => format!("[{}]", items.iter().map(go_text).collect::<Vec<_>>().join(" ")),
        other => text_of(other),
    }
}

/// A value as Go's `%#v`: `map[string]interface {}{"a":1}`.
pub fn go_syntax(value: &Value) -> String {
    let quoted = |text: &str| {
        let json = json::to_string(&Value::from(text));
        json.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&")
    };
    match value {
        Value::Null => "interface {}(nil)".into(),
        Value::Str(text) => quoted(text),
        Value::List(items) => {
            format!("[]interface {{}}{{{}}}", items.iter().map(go_syntax).collect::<Vec<_>>().join(", "))
        }
        Value::Map(map) => {
            let entries: Vec<String> =
                map.iter().map(|(k, v)| format!("{}:{}", quoted(k), go_syntax(v))).collect();
            format!("map[string]interface {{}}{{{}}}", entries.join(", "))
        }
        other => json::to_string(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn templates_print() {
        let list = value!({
            "kind": "List",
            "items": [
                {"n": "a", "i": [1, 2, 3], "l": {"x": "1"}, "a.b/c": "dots"},
                {"n": "b", "i": [4], "l": {"y": "2"}, "ready": true}
            ]
        });
        for (template, printed) in [
            ("{.kind}", "List"),
            ("{@.kind}{\"|\"}{$.kind}", "List|List"),
            ("{.items[*].n}", "a b"),
            ("{.items[0].l}", "{\"x\":\"1\"}"),
            ("{.items[0].i[-1]} {.items[0].i[0:2]} {.items[0].i[::2]}", "3 1 2 1 3"),
            ("{.items[0].i[-1:]}{.items[0].i[1:1]}", "3"),
            ("{range .items[*]}{.n}={.i[0]}{\"\\n\"}{end}.", "a=1\nb=4\n."),
            ("{range .items[*]}{.n}", "ab"),
            ("{range .items[*]}{range .i[*]}{@},{end};{end}", "1,2,3,;4,;"),
            ("{.items[?(@.n==\"b\")].i[0]}", "4"),
            ("{.items[?(@.ready)].n}{.items[?(@.n!='b')].n}", "ba"),
            ("{.items[?(@.ready==true)].n}{.items[?(@.i[0]>2)].n}", "bb"),
            ("{.items[0]['n']}{.items[0].a\\.b/c}{.items[0]['a\\.b/c']}", "adotsdots"),
            ("{.items[*]['n','ready']}", "a b true"),
            ("{..n}", "a b"),
            ("{.nope.nope}{.items[*].nope}", ""),
            ("{.items[0,1].n}", "a b"),
            ("{.items[].n}", "a"),
            ("plain {.items[0].l.*}", "plain 1"),
        ] {
            assert_eq!(
                JsonPath::parse(template).and_then(|p| p.text(&list)).as_deref(),
                Ok(printed),
                "{template}"
            );
        }
    }

    #[test]
    fn templates_are_refused() {
        let list = value!({"items": [{"n": "a"}]});
        for (template, why) in [
            ("{.items[9].n}", "array index out of bounds: index 9, length 1"),
            ("{.items[*].metadata[\"a\",\"b\"]}", "invalid array index \"a\""),
            ("{.items", "unclosed action"),
            ("{.items[0}", "unterminated array"),
            ("{end}", "not in range, nothing to end"),
            ("{foo}", "unrecognized identifier foo"),
            ("{.items[?(@.n>1)]}", "incompatible types for comparison"),
            ("{.items.n[0]}{.items[0].n[0]}", "string is not array or slice"),
            ("{#}", "unrecognized character in action: U+0023 '#'"),
        ] {
            assert_eq!(
                JsonPath::parse(template).and_then(|p| p.text(&list)),
                Err(why.to_string()),
                "{template}"
            );
        }
        assert_eq!(relaxed("metadata.name").as_deref(), Ok("{.metadata.name}"));
        assert_eq!(relaxed("{.metadata.name}").as_deref(), Ok("{.metadata.name}"));
    }
}
