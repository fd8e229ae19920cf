//! Flags, read and refused as pflag does.
//!
//! Flags are written down in words, `NAME[,LETTER][:KIND][=DEFAULT][?BARE][!|~]`: `filename,f:list` may be given
//! several times, `dry-run=none?unchanged` means `unchanged` without a value, `image:array!` must be given, `token~` is
//! not simulated.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What values a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FlagKind {
    Text,
    Bool,
    Int,
    Duration,
    /// Several values, also with commas between them.
    List,
    /// Several values, commas being part of them.
    Array,
    /// `key=value` pairs with commas between them.
    Map,
}

/// One flag of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its long name.
    pub name: &'static str,
    /// Its letter.
    pub letter: Option<char>,
    kind: FlagKind,
    default: &'static str,
    /// What it means without a value, where it may stand so.
    bare: Option<&'static str>,
    required: bool,
    simulated: bool,
}

impl Flag {
    fn read(word: &'static str) -> Flag {
        let (word, required) = word.strip_suffix('!').map_or((word, false), |word| (word, true));
        let (word, simulated) = word.strip_suffix('~').map_or((word, true), |word| (word, false));
        let (word, bare) = word.split_once('?').map_or((word, None), |(word, bare)| (word, Some(bare)));
        let (word, default) = word.split_once('=').unwrap_or((word, ""));
        let (word, kind) = word.split_once(':').unwrap_or((word, ""));
        let (name, letter) = word.split_once(',').unwrap_or((word, ""));
        let kind = match kind {
            "bool" => FlagKind::Bool,
            "int" => FlagKind::Int,
            "duration" => FlagKind::Duration,
            "list" => FlagKind::List,
            "array" => FlagKind::Array,
            "map" => FlagKind::Map,
            _ => FlagKind::Text,
        };
        let bare = if kind == FlagKind::Bool { Some("true") } else { bare };
        Flag { name, letter: letter.chars().next(), kind, default, bare, required, simulated }
    }

    /// Its letter and name with their dashes.
    pub fn full_name(&self) -> String {
        match self.letter {
            Some(letter) => format!("-{letter}, --{}", self.name),
            None => format!("--{}", self.name),
        }
    }

    /// Its default as help shows it.
    pub fn default_text(&self) -> String {
        match self.kind {
            FlagKind::Bool if self.default.is_empty() => "false".into(),
            FlagKind::Bool | FlagKind::Int | FlagKind::Duration => self.default.into(),
            FlagKind::List | FlagKind::Array | FlagKind::Map => format!("[{}]", self.default),
            FlagKind::Text => format!("'{}'", self.default),
        }
    }

    /// True where it needs no value.
    pub fn stands_alone(&self) -> bool {
        self.bare.is_some()
    }
}

/// The flags of a table of words.
pub fn flags_of(tables: &[&'static str]) -> impl Iterator<Item = Flag> {
    tables.iter().flat_map(|table| table.split_whitespace()).map(Flag::read)
}

/// The flags that every command takes.
static EVERYWHERE: LazyLock<Vec<Flag>> = LazyLock::new(|| flags_of(&[GLOBAL]).collect());

/// The flags of a command with these tables: its own, and then those that every command takes.
fn all_flags(tables: &[&'static str]) -> Vec<Flag> {
    flags_of(tables).chain(EVERYWHERE.iter().copied()).collect()
}

/// The flags that every command takes.
pub const GLOBAL: &str = "as as-group:array as-uid~ as-user-extra:array~ cache-dir certificate-authority \
    client-certificate client-key cluster context disable-compression:bool insecure-skip-tls-verify:bool kubeconfig \
    kuberc~ log-flush-frequency:duration=5s match-server-version:bool namespace,n password~ profile=none~ \
    profile-output=profile.pprof~ request-timeout=0 server,s tls-server-name~ token user username~ v,v:int=0~ \
    vmodule~ warnings-as-errors:bool~ help,h:bool";
/// Where objects are read from.
pub const FILES: &str = "filename,f:list kustomize,k recursive,R:bool";
/// How objects are printed.
pub const PRINT: &str = "allow-missing-template-keys:bool=true output,o show-managed-fields:bool template";
/// Trying without doing.
pub const DRY_RUN: &str = "dry-run=none?unchanged";
/// Writing the command down with what it changes.
pub const RECORD: &str = "record:bool";
/// Checking fields.
pub const VALIDATE: &str = "validate=strict?strict";

/// What was given on a command line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    values: BTreeMap<&'static str, Vec<String>>,
    defaults: BTreeMap<&'static str, &'static str>,
    /// What is no flag.
    pub args: Vec<String>,
    /// How many of `args` stood before `--`.
    pub before_dash: Option<usize>,
}

impl Flags {
    /// Reads `words` by the flags of `tables` and the global ones.
    ///
    /// # Errors
    /// pflag's words; `None` where help was asked for.
    pub fn read(tables: &[&'static str], words: &[String]) -> Result<Flags, Option<String>> {
        let all = all_flags(tables);
        // Of those of one name the first counts.
        let counts = |flag: &&Flag| all.iter().find(|own| own.name == flag.name) == Some(flag);
        let said = all.iter().filter(|flag| !flag.default.is_empty());
        let defaults = said.filter(counts).map(|flag| (flag.name, flag.default)).collect();
        let mut flags = Flags { defaults, ..Flags::default() };
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at += 1;
            if word == "--" {
                flags.before_dash = Some(flags.args.len());
                flags.args.extend_from_slice(&words[at..]);
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                flags.read_long(&all, word, long, words, &mut at)?;
            } else if word.len() > 1 && word.starts_with('-') {
                flags.read_letters(&all, &word[1..], words, &mut at)?;
            } else {
                flags.args.push(word.clone());
            }
        }
        Ok(flags)
    }

    /// The flags that must be given and were not, as cobra complains of them.
    pub fn missing(&self, tables: &[&'static str]) -> Option<String> {
        let with_required = tables.iter().filter(|table| table.contains('!'));
        let mut missing: Vec<String> = with_required
            .flat_map(|table| flags_of(std::slice::from_ref(table)))
            .filter(|flag| flag.required && !self.given(flag.name))
            .map(|flag| format!("\"{}\"", flag.name))
            .collect();
        missing.sort();
        (!missing.is_empty()).then(|| format!("required flag(s) {} not set", missing.join(", ")))
    }

    /// A flag that every command takes; empty where the command has one of its own of this name.
    pub fn of_all(&self, name: &str, own: &[&'static str]) -> &str {
        if self.given(name) && !flags_of(own).any(|flag| flag.name == name) { self.text(name) } else { "" }
    }

    /// The flags that were given, as ` --name=value`.
    pub fn spoken(&self) -> String {
        let pairs =
            self.values.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        pairs.map(|(name, value)| format!(" --{name}={value}")).collect()
    }

    /// The names of the flags that were given and that Saya does not simulate.
    pub fn not_simulated(&self, tables: &[&'static str]) -> Vec<&'static str> {
        let everywhere = || EVERYWHERE.iter().copied();
        let of = |name: &str| flags_of(tables).chain(everywhere()).find(|flag| flag.name == name);
        self.values.keys().filter(|name| of(name).is_some_and(|flag| !flag.simulated)).copied().collect()
    }

    fn read_long(
        &mut self,
        all: &[Flag],
        word: &str,
        long: &str,
        words: &[String],
        at: &mut usize,
    ) -> Result<(), Option<String>> {
        if long.starts_with('-') || long.starts_with('=') {
            return Err(Some(format!("bad flag syntax: {word}")));
        }
        let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
        let plain = name.replace('_', "-");
        let Some(flag) = all.iter().find(|flag| flag.name == plain) else {
            return Err(Some(format!("unknown flag: --{name}")));
        };
        let value = match (value, flag.bare) {
            (Some(value), _) => value.to_string(),
            (None, Some(bare)) => bare.to_string(),
            (None, None) => {
                *at += 1;
                words.get(*at - 1).cloned().ok_or_else(|| Some(format!("flag needs an argument: {word}")))?
            }
        };
        self.put(flag, value)
    }

    fn read_letters(
        &mut self,
        all: &[Flag],
        letters: &str,
        words: &[String],
        at: &mut usize,
    ) -> Result<(), Option<String>> {
        let mut rest = letters;
        while let Some(letter) = rest.chars().next() {
            let after = &rest[letter.len_utf8()..];
            let Some(flag) = all.iter().find(|flag| flag.letter == Some(letter)) else {
                return Err(Some(format!("unknown shorthand flag: '{letter}' in -{rest}")));
            };
            let value = if let Some(value) = after.strip_prefix('=').filter(|value| !value.is_empty()) {
                rest = "";
                value.to_string()
            } else if let Some(bare) = flag.bare {
                rest = after;
                bare.to_string()
            } else if !after.is_empty() {
                rest = "";
                after.to_string()
            } else {
                *at += 1;
                let needs = || Some(format!("flag needs an argument: '{letter}' in -{rest}"));
                let value = words.get(*at - 1).cloned().ok_or_else(needs)?;
                rest = "";
                value
            };
            self.put(flag, value)?;
        }
        Ok(())
    }

    fn put(&mut self, flag: &Flag, value: String) -> Result<(), Option<String>> {
        if flag.name == "help" {
            return Err(None);
        }
        let refuse = |why: String| {
            Err(Some(format!("invalid argument \"{value}\" for \"{}\" flag: {why}", flag.full_name())))
        };
        match flag.kind {
            FlagKind::Bool if parse_bool(&value).is_none() => {
                return refuse(format!("strconv.ParseBool: parsing \"{value}\": invalid syntax"));
            }
            FlagKind::Int => {
                if let Err(why) = parse_int(&value) {
                    return refuse(format!("strconv.ParseInt: parsing \"{value}\": {why}"));
                }
            }
            FlagKind::Duration => {
                if let Err(why) = parse_duration(&value) {
                    return refuse(why);
                }
            }
            _ => {}
        }
        let values = self.values.entry(flag.name).or_default();
        match flag.kind {
            FlagKind::List | FlagKind::Map => values.extend(value.split(',').map(str::to_string)),
            FlagKind::Array => values.push(value),
            _ => *values = vec![value],
        }
        Ok(())
    }

    /// True where the flag was given.
    pub fn given(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }
    /// The value of a flag, or its default.
    pub fn text(&self, name: &str) -> &str {
        match self.values.get(name).and_then(|values| values.last()) {
            Some(value) => value,
            None => self.defaults.get(name).copied().unwrap_or_default(),
        }
    }
    /// The value of a flag that is true or false.
    pub fn is(&self, name: &str) -> bool {
        parse_bool(self.text(name)).unwrap_or(false)
    }
    /// The value of a flag that is a number; 0 without one.
    pub fn number(&self, name: &str) -> i64 {
        parse_int(self.text(name)).unwrap_or(0)
    }
    /// The value of a flag that is a duration, in nanoseconds; 0 without one.
    pub fn nanos(&self, name: &str) -> i64 {
        parse_duration(self.text(name)).unwrap_or(0)
    }
    /// The values of a flag that may be given several times.
    pub fn list(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }
}

/// A truth value as Go's `strconv.ParseBool` reads it.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// A whole number as Go's `strconv.ParseInt` with base 0 reads it.
///
/// # Errors
/// `invalid syntax` or `value out of range`.
pub fn parse_int(text: &str) -> Result<i64, &'static str> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = if let Some(hex) = lower.strip_prefix("0x") {
        (16, hex)
    } else if let Some(octal) = lower.strip_prefix("0o") {
        (8, octal)
    } else if let Some(binary) = lower.strip_prefix("0b") {
        (2, binary)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, &lower[1..])
    } else {
        (10, lower.as_str())
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err("invalid syntax");
    }
    i64::from_str_radix(digits, radix).map(|n| sign * n).map_err(|_| "value out of range")
}

/// A duration as Go's `time.ParseDuration` reads it, in nanoseconds.
///
/// # Errors
/// Go's words.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration \"{text}\"");
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut nanos = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().map_err(|_| invalid())?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "" => return Err(format!("time: missing unit in duration \"{text}\"")),
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            other => return Err(format!("time: unknown unit \"{other}\" in duration \"{text}\"")),
        };
        nanos += number * unit;
        rest = &rest[end..];
    }
    Ok((sign * nanos) as i64)
}

/// A duration of nanoseconds as Go prints it: `1m30s`, `500ms`.
pub fn duration_text(nanos: i64) -> String {
    if nanos == 0 {
        return "0s".into();
    }
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let fraction = |value: u64, unit: u64, name: &str| {
        let digits = format!("{:0width$}", value % unit, width = unit.ilog10() as usize);
        let digits = digits.trim_end_matches('0');
        let point = if digits.is_empty() || unit == 1 { String::new() } else { format!(".{digits}") };
        format!("{}{point}{name}", value / unit)
    };
    if nanos < 1_000_000_000 {
        let (unit, name) = match nanos {
            1_000_000.. => (1_000_000, "ms"),
            1_000.. => (1_000, "µs"),
            _ => (1, "ns"),
        };
        return format!("{sign}{}", fraction(nanos, unit, name));
    }
    let minutes = nanos / 60_000_000_000;
    let seconds = fraction(nanos % 60_000_000_000, 1_000_000_000, "s");
    match minutes {
        0 => format!("{sign}{seconds}"),
        1..60 => format!("{sign}{minutes}m{seconds}"),
        _ => format!("{sign}{}h{}m{seconds}", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "all-namespaces,A:bool chunk-size:int=500 filename,f:list dry-run=none?unchanged timeout:duration=0s image:array!";

    fn read(line: &str) -> Result<Flags, Option<String>> {
        let words: Vec<String> = line.split(' ').map(str::to_string).collect();
        Flags::read(&[TABLE], &words)
    }

    #[test]
    fn flags_are_read() {
        let flags =
            read("pods -Af a.yml,b.yml --filename c.yml --dry-run -n dev --chunk-size=0x10 -- -x").unwrap();
        assert_eq!(flags.args, ["pods", "-x"]);
        assert_eq!(flags.before_dash, Some(1));
        assert_eq!(flags.list("filename"), ["a.yml", "b.yml", "c.yml"]);
        assert_eq!((flags.text("dry-run"), flags.text("namespace")), ("unchanged", "dev"));
        assert!(flags.is("all-namespaces"));
        assert_eq!((flags.number("chunk-size"), read("x").unwrap().number("chunk-size")), (16, 500));
    }

    #[test]
    fn durations_read_and_print() {
        for text in ["7s", "1m0s", "1m30s", "2h0m0s", "500ms", "1.5s", "0s"] {
            assert_eq!(duration_text(parse_duration(text).unwrap()), text);
        }
    }

    #[test]
    fn flags_are_refused() {
        for (line, why) in [
            ("--foo", "unknown flag: --foo"),
            ("-Az", "unknown shorthand flag: 'z' in -z"),
            ("-f", "flag needs an argument: 'f' in -f"),
            ("--filename", "flag needs an argument: --filename"),
            (
                "--chunk-size=a",
                "invalid argument \"a\" for \"--chunk-size\" flag: strconv.ParseInt: parsing \"a\": invalid syntax",
            ),
            (
                "-A=x",
                "invalid argument \"x\" for \"-A, --all-namespaces\" flag: strconv.ParseBool: parsing \"x\": invalid syntax",
            ),
            (
                "--timeout=5",
                "invalid argument \"5\" for \"--timeout\" flag: time: missing unit in duration \"5\"",
            ),
            (
                "--timeout=5x",
                "invalid argument \"5x\" for \"--timeout\" flag: time: unknown unit \"x\" in duration \"5x\"",
            ),
        ] {
            assert_eq!(read(line), Err(Some(why.to_string())), "{line}");
        }
        assert_eq!(read("x").unwrap().missing(&[TABLE]), Some("required flag(s) \"image\" not set".into()));
    }
}
