//! What a script does with its records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::parse::{Action, Expr, Script, When};
use crate::container::commands::printf::{Words, format};
use crate::container::regex::Regex;

/// A script does no more than this in one go: an endless loop must come to an end.
const MOST_WORK: u32 = 2_000_000;

/// A value: a text, a number (its bits), or a text from outside that counts as the number it looks like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Value {
    Text(Arc<str>),
    Number(u64),
    Input(Arc<str>),
}

impl Default for Value {
    fn default() -> Self {
        Value::Input("".into())
    }
}

fn number(value: f64) -> Value {
    Value::Number(value.to_bits())
}

/// The number at the beginning of a text.
fn leading(text: &str) -> f64 {
    let text = text.trim_start();
    let (mut end, mut digits, mut dot) = (0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            '+' | '-' if at == 0 => {}
            '.' if !dot => dot = true,
            c if c.is_ascii_digit() => digits = true,
            _ => break,
        }
        end = at + 1;
    }
    if !digits {
        return 0.0;
    }
    let rest = text[end..].strip_prefix(['e', 'E']).unwrap_or_default();
    let signed = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    let more = signed.find(|c: char| !c.is_ascii_digit()).unwrap_or(signed.len());
    if more > 0 {
        end = text.len() - signed.len() + more;
    }
    text[..end].parse().unwrap_or(0.0)
}

fn looks_numeric(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) && text.parse::<f64>().is_ok()
}

impl Value {
    fn number(&self) -> f64 {
        match self {
            Value::Number(bits) => f64::from_bits(*bits),
            Value::Text(text) | Value::Input(text) => leading(text),
        }
    }
    fn text(&self) -> Arc<str> {
        match self {
            Value::Text(text) | Value::Input(text) => text.clone(),
            Value::Number(bits) => show(f64::from_bits(*bits)).into(),
        }
    }
    fn truth(&self) -> bool {
        match self {
            Value::Number(bits) => f64::from_bits(*bits) != 0.0,
            Value::Input(text) if looks_numeric(text) => leading(text) != 0.0,
            Value::Text(text) | Value::Input(text) => !text.is_empty(),
        }
    }
    fn is_numeric(&self) -> bool {
        match self {
            Value::Number(_) => true,
            Value::Input(text) => text.is_empty() || looks_numeric(text),
            Value::Text(_) => false,
        }
    }
}

/// As `%.6g`, whole numbers whole.
fn show(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e16 {
        return std::format!("{value:.0}").replace("-0", if value == 0.0 { "0" } else { "-0" });
    }
    let printed = format("%.6g", &[value.to_string().into()], Words::BusyBox);
    String::from_utf8_lossy(&printed.bytes).into_owned()
}

/// Why a list of actions was left.
enum Leave {
    Next,
    Exit,
    Break,
    Continue,
    Return(Value),
}

type Flow = Result<(), Leave>;

/// A script with its variables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Runner {
    script: Arc<Script>,
    variables: BTreeMap<Arc<str>, Value>,
    arrays: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Value>>,
    /// Parameters of the functions that are called: their values, and the arrays they are.
    frames: Vec<BTreeMap<Arc<str>, Value>>,
    names: Vec<BTreeMap<Arc<str>, Arc<str>>>,
    record: String,
    fields: Vec<Arc<str>>,
    open_ranges: BTreeSet<usize>,
    files: BTreeMap<Arc<str>, (bool, Vec<u8>)>,
    opened: BTreeSet<Arc<str>>,
    done: bool,
    work: u32,
    /// What `rand` is made of.
    pub seed: u64,
    pub status: u8,
    pub error: Option<String>,
}

impl Runner {
    pub fn new(script: Script) -> Self {
        let mut runner = Self { script: Arc::new(script), ..Self::default() };
        for (name, value) in [("FS", " "), ("OFS", " "), ("ORS", "\n"), ("RS", "\n"), ("SUBSEP", "\x1c")] {
            runner.set(name, value);
        }
        runner
    }

    pub fn set(&mut self, name: &str, value: &str) {
        // Escapes count in `-v` and `-F`, as in a text.
        let value = value.replace("\\t", "\t").replace("\\n", "\n");
        self.variables.insert(name.into(), Value::Input(value.into()));
    }
    pub fn set_element(&mut self, array: &str, name: &Arc<str>, value: &Arc<str>) {
        self.arrays.entry(array.into()).or_default().insert(name.clone(), Value::Input(value.clone()));
    }
    pub fn is_done(&self) -> bool {
        self.done
    }
    pub fn has_end(&self) -> bool {
        self.script.rules.iter().any(|(when, _)| *when == When::End)
    }
    /// Whether records are read at all.
    pub fn reads(&self) -> bool {
        !self.done && self.script.rules.iter().any(|(when, _)| *when != When::Begin)
    }
    pub fn wrote(&self) -> bool {
        self.files.values().any(|(_, bytes)| !bytes.is_empty())
    }
    /// What was printed to files: their names, whether they begin anew, the bytes.
    pub fn take_files(&mut self) -> Vec<(Arc<str>, bool, Vec<u8>)> {
        std::mem::take(&mut self.files).into_iter().map(|(name, (new, bytes))| (name, new, bytes)).collect()
    }
    pub fn file(&mut self, name: &str) {
        let name = if name == "-" { "" } else { name };
        self.variables.insert("FILENAME".into(), Value::Input(name.into()));
        self.variables.insert("FNR".into(), number(0.0));
    }

    pub fn begin(&mut self, out: &mut Vec<u8>) {
        self.rules(out, |when| *when == When::Begin);
    }
    pub fn end(&mut self, out: &mut Vec<u8>) {
        // `exit` in an END rule ends; before, END rules still run.
        if self.error.is_none() {
            self.done = false;
            self.rules(out, |when| *when == When::End);
        }
    }
    pub fn record(&mut self, line: &str, out: &mut Vec<u8>) {
        for name in ["NR", "FNR"] {
            let value = number(self.variable(name).number() + 1.0);
            self.variables.insert(name.into(), value);
        }
        self.work = 0;
        self.set_record(line.to_owned());
        self.rules(out, |when| !matches!(when, When::Begin | When::End));
    }

    fn rules(&mut self, out: &mut Vec<u8>, fits: impl Fn(&When) -> bool) {
        let script = self.script.clone();
        for (at, (when, action)) in script.rules.iter().enumerate() {
            if self.done || !fits(when) {
                continue;
            }
            let applies = match when {
                When::If(condition) => self.eval(condition).truth(),
                When::Range(from, to) => {
                    let inside = self.open_ranges.contains(&at) || self.eval(from).truth();
                    if inside && self.eval(to).truth() {
                        self.open_ranges.remove(&at);
                    } else if inside {
                        self.open_ranges.insert(at);
                    }
                    inside
                }
                _ => true,
            };
            if !applies {
                continue;
            }
            let flow = match action {
                Some(action) => self.run(action, out),
                None => {
                    out.extend(self.record.bytes());
                    out.extend(self.variable("ORS").text().bytes());
                    Ok(())
                }
            };
            match flow {
                Err(Leave::Next) => return,
                Err(Leave::Exit) => self.done = true,
                _ => {}
            }
        }
    }

    // Records

    fn set_record(&mut self, line: String) {
        let separator = self.variable("FS").text();
        self.fields = split(&line, &separator);
        self.record = line;
        self.variables.insert("NF".into(), number(self.fields.len() as f64));
    }

    fn join(&mut self) {
        self.record = self.fields.join(&self.variable("OFS").text());
        self.variables.insert("NF".into(), number(self.fields.len() as f64));
    }

    // Variables

    fn variable(&self, name: &str) -> Value {
        match self.frames.last().and_then(|frame| frame.get(name)) {
            Some(value) => value.clone(),
            None => self.variables.get(name).cloned().unwrap_or_default(),
        }
    }

    /// The array that a name stands for: a parameter is its caller's.
    fn array(&self, name: &Arc<str>) -> Arc<str> {
        self.names.last().and_then(|names| names.get(name)).unwrap_or(name).clone()
    }

    fn index(&mut self, index: &[Expr]) -> Arc<str> {
        let parts: Vec<Arc<str>> = index.iter().map(|part| self.eval(part).text()).collect();
        parts.join(&self.variable("SUBSEP").text()).into()
    }

    fn assign(&mut self, to: &Expr, value: Value) {
        match to {
            Expr::Variable(name) => {
                if let Some(own) = self.frames.last_mut().and_then(|frame| frame.get_mut(name)) {
                    *own = value;
                    return;
                }
                let fields = &**name == "NF";
                if fields {
                    self.fields.resize(value.number().clamp(0.0, 10_000.0) as usize, "".into());
                }
                self.variables.insert(name.clone(), value);
                if fields {
                    self.join();
                }
            }
            Expr::Element(name, index) => {
                let (name, index) = (self.array(name), self.index(index));
                self.arrays.entry(name).or_default().insert(index, value);
            }
            Expr::Field(at) => match self.eval(at).number() as usize {
                0 => self.set_record(value.text().to_string()),
                at if at < 10_000 => {
                    if self.fields.len() < at {
                        self.fields.resize(at, "".into());
                    }
                    self.fields[at - 1] = value.text();
                    self.join();
                }
                _ => {}
            },
            _ => {}
        }
    }

    // Actions

    fn run(&mut self, action: &Action, out: &mut Vec<u8>) -> Flow {
        self.work += 1;
        if self.work > MOST_WORK {
            self.error = Some("Saya ends a script that does not come to an end".into());
            return Err(Leave::Exit);
        }
        match action {
            Action::Value(value) => {
                self.eval(value);
            }
            Action::Print(formatted, values, to) => self.print(*formatted, values, to.as_ref(), out),
            Action::Block(actions) => {
                for action in actions {
                    self.run(action, out)?;
                }
            }
            Action::If(condition, then, otherwise) => {
                if self.eval(condition).truth() {
                    self.run(then, out)?;
                } else if let Some(otherwise) = otherwise {
                    self.run(otherwise, out)?;
                }
            }
            Action::While(condition, body) => self.repeat(Some(condition), false, None, body, out)?,
            Action::Do(body, condition) => self.repeat(Some(condition), true, None, body, out)?,
            Action::For(first, condition, then, body) => {
                self.run(first, out)?;
                self.repeat(condition.as_ref(), false, Some(then), body, out)?;
            }
            Action::Each(name, array, body) => {
                let array = self.array(array);
                let mut keys: Vec<Arc<str>> =
                    self.arrays.get(&array).map(|array| array.keys().cloned().collect()).unwrap_or_default();
                // The order is nobody's promise; numbers go as numbers.
                if keys.iter().all(|key| looks_numeric(key)) {
                    keys.sort_by(|a, b| leading(a).total_cmp(&leading(b)));
                }
                for key in keys {
                    self.assign(&Expr::Variable(name.clone()), Value::Input(key));
                    match self.run(body, out) {
                        Err(Leave::Break) => break,
                        Ok(()) | Err(Leave::Continue) => {}
                        other => return other,
                    }
                }
            }
            Action::Delete(name, index) => {
                let name = self.array(name);
                let index = (!index.is_empty()).then(|| self.index(index));
                if let Some(array) = self.arrays.get_mut(&name) {
                    match index {
                        Some(index) => {
                            array.remove(&index);
                        }
                        None => array.clear(),
                    }
                }
            }
            Action::Next => return Err(Leave::Next),
            Action::Exit(status) => {
                if let Some(status) = status {
                    self.status = self.eval(status).number() as i64 as u8;
                }
                return Err(Leave::Exit);
            }
            Action::Break => return Err(Leave::Break),
            Action::Continue => return Err(Leave::Continue),
            Action::Return(value) => {
                let value = value.as_ref().map(|value| self.eval(value)).unwrap_or_default();
                return Err(Leave::Return(value));
            }
        }
        Ok(())
    }

    fn repeat(
        &mut self,
        condition: Option<&Expr>,
        mut first: bool,
        then: Option<&Action>,
        body: &Action,
        out: &mut Vec<u8>,
    ) -> Flow {
        while std::mem::take(&mut first) || condition.is_none_or(|condition| self.eval(condition).truth()) {
            match self.run(body, out) {
                Err(Leave::Break) => break,
                Ok(()) | Err(Leave::Continue) => {}
                other => return other,
            }
            if let Some(then) = then {
                self.run(then, out)?;
            }
        }
        Ok(())
    }

    fn print(&mut self, formatted: bool, values: &[Expr], to: Option<&(bool, Expr)>, out: &mut Vec<u8>) {
        let given: Vec<Value> = values.iter().map(|value| self.eval(value)).collect();
        let bytes = if formatted {
            sprintf(&given).into_bytes()
        } else {
            let texts: Vec<Arc<str>> = given.iter().map(Value::text).collect();
            let text =
                if texts.is_empty() { self.record.clone() } else { texts.join(&self.variable("OFS").text()) };
            (text + &self.variable("ORS").text()).into_bytes()
        };
        match to {
            None => out.extend(bytes),
            Some((append, name)) => {
                let name = self.eval(name).text();
                let new = self.opened.insert(name.clone()) && !append;
                self.files.entry(name).or_insert((new, Vec::new())).1.extend(bytes);
            }
        }
    }

    // Values

    fn matches(&mut self, pattern: &str, text: &str) -> bool {
        self.regex(pattern).is_some_and(|regex| regex.is_match(text))
    }

    fn regex(&mut self, pattern: &str) -> Option<Regex> {
        match Regex::extended(pattern, false) {
            Ok(regex) => Some(regex),
            Err(error) => {
                self.error = Some(error);
                self.done = true;
                None
            }
        }
    }

    /// The expression that an argument is: the text of `/…/`, or of a value.
    fn pattern(&mut self, value: &Expr) -> Arc<str> {
        match value {
            Expr::Pattern(text) => text.clone(),
            value => self.eval(value).text(),
        }
    }

    fn eval(&mut self, value: &Expr) -> Value {
        let truth = |yes: bool| number(f64::from(u8::from(yes)));
        match value {
            Expr::Number(text) => number(leading(text)),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Pattern(text) => {
                let record = self.record.clone();
                truth(self.matches(text, &record))
            }
            Expr::Variable(name) => self.variable(name),
            Expr::Element(name, index) => {
                let (name, index) = (self.array(name), self.index(index));
                self.arrays.entry(name).or_default().entry(index).or_default().clone()
            }
            Expr::Field(at) => match self.eval(at).number() as usize {
                0 => Value::Input(self.record.as_str().into()),
                at => self.fields.get(at - 1).cloned().map(Value::Input).unwrap_or_default(),
            },
            Expr::In(index, name) => {
                let (name, index) = (self.array(name), self.index(index));
                truth(self.arrays.get(&name).is_some_and(|array| array.contains_key(&index)))
            }
            Expr::Not(value) => truth(!self.eval(value).truth()),
            Expr::Minus(value) => number(-self.eval(value).number()),
            Expr::Choice(condition, yes, no) => {
                if self.eval(condition).truth() {
                    self.eval(yes)
                } else {
                    self.eval(no)
                }
            }
            Expr::Assign(operator, to, value) => {
                let mut value = self.eval(value);
                if !operator.is_empty() {
                    let old = self.eval(to).number();
                    value = self.arithmetic(operator, old, value.number());
                }
                self.assign(to, value.clone());
                value
            }
            Expr::Step(by, after, of) => {
                let old = self.eval(of).number();
                let new = number(old + f64::from(*by));
                self.assign(of, new.clone());
                if *after { number(old) } else { new }
            }
            Expr::Call(name, arguments) => self.call(name, arguments),
            Expr::Binary(operator, left, right) => match *operator {
                "&&" => truth(self.eval(left).truth() && self.eval(right).truth()),
                "||" => truth(self.eval(left).truth() || self.eval(right).truth()),
                "~" | "!~" => {
                    let (text, pattern) = (self.eval(left).text(), self.pattern(right));
                    truth(self.matches(&pattern, &text) == (*operator == "~"))
                }
                "c" => {
                    let (left, right) = (self.eval(left).text(), self.eval(right).text());
                    Value::Text((left.to_string() + &right).into())
                }
                "<" | "<=" | "==" | "!=" | ">" | ">=" => {
                    let (left, right) = (self.eval(left), self.eval(right));
                    let order = if left.is_numeric() && right.is_numeric() {
                        left.number().total_cmp(&right.number())
                    } else {
                        left.text().cmp(&right.text())
                    };
                    truth(match *operator {
                        "<" => order.is_lt(),
                        "<=" => order.is_le(),
                        "==" => order.is_eq(),
                        "!=" => order.is_ne(),
                        ">" => order.is_gt(),
                        _ => order.is_ge(),
                    })
                }
                operator => {
                    let (left, right) = (self.eval(left).number(), self.eval(right).number());
                    self.arithmetic(operator, left, right)
                }
            },
        }
    }

    fn arithmetic(&mut self, operator: &str, left: f64, right: f64) -> Value {
        if right == 0.0 && matches!(operator, "/" | "%") {
            self.error.get_or_insert("division by zero".into());
            self.done = true;
            return number(0.0);
        }
        number(match operator {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "/" => left / right,
            "%" => left % right,
            _ => left.powf(right),
        })
    }

    fn call(&mut self, name: &Arc<str>, arguments: &[Expr]) -> Value {
        let script = self.script.clone();
        if let Some((parameters, body)) = script.functions.get(name) {
            return self.call_own(parameters, body, arguments);
        }
        let text = |runner: &mut Self, at: usize| match arguments.get(at) {
            Some(argument) => runner.eval(argument).text(),
            None => "".into(),
        };
        let value =
            |runner: &mut Self, at: usize| arguments.get(at).map_or(0.0, |own| runner.eval(own).number());
        match &**name {
            "length" => match arguments.first() {
                None => number(self.record.chars().count() as f64),
                Some(Expr::Variable(array)) if self.arrays.contains_key(&self.array(array)) => {
                    let array = self.array(array);
                    number(self.arrays[&array].len() as f64)
                }
                Some(_) => number(text(self, 0).chars().count() as f64),
            },
            "substr" => {
                let text: Vec<char> = text(self, 0).chars().collect();
                let from = value(self, 1).round().max(1.0);
                let to = if arguments.len() > 2 { from + value(self, 2).round() } else { f64::INFINITY };
                let from = (from - 1.0).min(text.len() as f64) as usize;
                let to = (to - 1.0).clamp(from as f64, text.len() as f64) as usize;
                Value::Text(text[from..to].iter().collect::<String>().into())
            }
            "index" => {
                let (text, wanted) = (text(self, 0), text(self, 1));
                number(text.find(&*wanted).map_or(0, |at| text[..at].chars().count() + 1) as f64)
            }
            "tolower" => Value::Text(text(self, 0).to_lowercase().into()),
            "toupper" => Value::Text(text(self, 0).to_uppercase().into()),
            "int" => number(value(self, 0).trunc()),
            "sqrt" => number(value(self, 0).sqrt()),
            "exp" => number(value(self, 0).exp()),
            "log" => number(value(self, 0).ln()),
            "sin" => number(value(self, 0).sin()),
            "cos" => number(value(self, 0).cos()),
            "rand" => {
                self.seed =
                    self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                number((self.seed >> 33) as f64 / f64::from(1u32 << 31))
            }
            "srand" | "close" | "fflush" => number(0.0),
            "sprintf" => {
                let given: Vec<Value> = arguments.iter().map(|own| self.eval(own)).collect();
                Value::Text(sprintf(&given).into())
            }
            "split" => {
                let given = text(self, 0);
                let separator = match arguments.get(2) {
                    Some(own) => self.pattern(own),
                    None => self.variable("FS").text(),
                };
                let parts = split(&given, &separator);
                let count = parts.len();
                if let Some(Expr::Variable(array)) = arguments.get(1) {
                    let filled = (1..)
                        .zip(parts)
                        .map(|(at, part): (u32, _)| (at.to_string().into(), Value::Input(part)));
                    let array = self.array(array);
                    self.arrays.insert(array, filled.collect());
                }
                number(count as f64)
            }
            "match" => {
                let given = text(self, 0);
                let pattern = arguments.get(1).map(|own| self.pattern(own)).unwrap_or_default();
                let found = self.regex(&pattern).and_then(|regex| regex.find_at(&given, 0));
                let (start, length) = found.map_or((0.0, -1.0), |(start, end)| {
                    let count = |text: &str| text.chars().count() as f64;
                    (count(&given[..start]) + 1.0, count(&given[start..end]))
                });
                self.variables.insert("RSTART".into(), number(start));
                self.variables.insert("RLENGTH".into(), number(length));
                number(start)
            }
            "sub" | "gsub" => self.substitute(&**name == "gsub", arguments),
            other => {
                let why = if other == "system" {
                    "system() is not simulated by Saya".to_owned()
                } else {
                    std::format!("undefined function {other}")
                };
                self.error.get_or_insert(why);
                self.done = true;
                Value::default()
            }
        }
    }

    fn call_own(&mut self, parameters: &[Arc<str>], body: &Action, arguments: &[Expr]) -> Value {
        if self.frames.len() > 200 {
            self.error = Some("function call nesting too deep".into());
            self.done = true;
            return Value::default();
        }
        let (mut frame, mut names) = (BTreeMap::new(), BTreeMap::new());
        let depth = self.frames.len();
        for (at, parameter) in parameters.iter().enumerate() {
            match arguments.get(at) {
                Some(Expr::Variable(array)) if self.arrays.contains_key(&self.array(array)) => {
                    names.insert(parameter.clone(), self.array(array));
                }
                Some(argument) => {
                    let value = self.eval(argument);
                    frame.insert(parameter.clone(), value);
                }
                None => {
                    frame.insert(parameter.clone(), Value::default());
                    names.insert(parameter.clone(), std::format!("{parameter}\x01{depth}").into());
                }
            }
        }
        self.frames.push(frame);
        self.names.push(names);
        let mut out = Vec::new();
        let flow = self.run(body, &mut out);
        self.frames.pop();
        for (_, array) in self.names.pop().into_iter().flatten() {
            if array.contains('\x01') {
                self.arrays.remove(&array);
            }
        }
        // What a function prints comes before the line that called it goes on.
        if !out.is_empty() {
            self.files.entry("/dev/stdout".into()).or_insert((false, Vec::new())).1.extend(out);
        }
        match flow {
            Err(Leave::Return(value)) => value,
            _ => Value::default(),
        }
    }

    fn substitute(&mut self, all: bool, arguments: &[Expr]) -> Value {
        let pattern = arguments.first().map(|own| self.pattern(own)).unwrap_or_default();
        let with = arguments.get(1).map(|own| self.eval(own).text()).unwrap_or_default();
        let record = Expr::Field(Box::new(Expr::Number("0".into())));
        let target = arguments.get(2).unwrap_or(&record);
        let text = self.eval(target).text();
        let Some(regex) = self.regex(&pattern) else { return Value::default() };
        let (mut out, mut count, mut from, mut copied) = (String::new(), 0, 0, 0);
        while from <= text.len()
            && let Some((start, end)) = regex.find_at(&text, from)
        {
            // Nothing is no match right behind one.
            if start == end && count > 0 && start == copied {
                from = end + text[end..].chars().next().map_or(1, char::len_utf8);
                continue;
            }
            count += 1;
            out.push_str(&text[copied..start]);
            let mut chars = with.chars();
            while let Some(c) = chars.next() {
                match c {
                    '&' => out.push_str(&text[start..end]),
                    '\\' => out.extend(chars.next()),
                    c => out.push(c),
                }
            }
            copied = end;
            if !all {
                break;
            }
            from = if end > start { end } else { end + text[end..].chars().next().map_or(1, char::len_utf8) };
        }
        if count > 0 {
            out.push_str(&text[copied..]);
            self.assign(target, Value::Text(out.into()));
        }
        number(f64::from(count))
    }
}

/// The parts of a text.
fn split(text: &str, separator: &str) -> Vec<Arc<str>> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut chars = separator.chars();
    match (chars.next(), chars.next()) {
        (Some(' '), None) => text.split_whitespace().map(Arc::from).collect(),
        (Some(one), None) if one != '|' && one != '^' || separator == "|" => {
            text.split(one).map(Arc::from).collect()
        }
        (None, _) => text.chars().map(|c| c.to_string().into()).collect(),
        _ => {
            let Ok(regex) = Regex::extended(separator, false) else { return vec![text.into()] };
            let (mut parts, mut from) = (Vec::new(), 0);
            while let Some((start, end)) = regex.find_at(text, from).filter(|(start, end)| end > start) {
                parts.push(text[from..start].into());
                from = end;
            }
            parts.push(text[from..].into());
            parts
        }
    }
}

/// A format with just the arguments that it uses, each as its directive wants it.
fn sprintf(given: &[Value]) -> String {
    let Some((template, values)) = given.split_first() else { return String::new() };
    let template = template.text();
    let mut arguments: Vec<Arc<str>> = Vec::new();
    let mut chars = template.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            continue;
        }
        let mut values = values.iter().skip(arguments.len());
        let mut own = Vec::new();
        for c in chars.by_ref() {
            match c {
                '*' => own.push(values.next().map(|value| value.number().trunc())),
                c if c.is_ascii_alphabetic() || c == '%' => {
                    arguments.extend(own.drain(..).map(|number| show(number.unwrap_or(0.0)).into()));
                    let value = values.next().cloned().unwrap_or_default();
                    match c {
                        '%' => {}
                        'd' | 'i' | 'o' | 'x' | 'X' | 'u' => {
                            arguments.push(show(value.number().trunc()).into())
                        }
                        'c' => arguments.push(match value {
                            Value::Number(bits) => {
                                char::from_u32(f64::from_bits(bits) as u32).unwrap_or(' ').to_string().into()
                            }
                            value => value.text(),
                        }),
                        's' => arguments.push(value.text()),
                        _ => arguments.push(value.number().to_string().into()),
                    }
                    break;
                }
                _ => {}
            }
        }
    }
    String::from_utf8_lossy(&format(&template, &arguments, Words::BusyBox).bytes).into_owned()
}
