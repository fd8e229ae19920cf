//! `find`

use std::collections::VecDeque;
use std::sync::Arc;

use super::options::Named;
use super::{Flavor, base_name, below};
use crate::container::errno::Errno;
use crate::container::kernel::{Change, Kernel, Spawn};
use crate::container::machine::{DEFAULT_PATH, Pid, Status};
use crate::container::program::{Step, Wait};
use crate::container::shell::pattern::Pattern;
use crate::container::tree::Kind;

/// The command of an `-exec … +`, and the files gathered for it.
type Gathered = (Vec<Arc<str>>, Vec<Arc<str>>);

/// A running `find`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Find {
    begun: bool,
    expression: Test,
    depth: (usize, usize),
    depth_first: bool,
    /// What is still to be looked at, with its depth.
    todo: VecDeque<(String, usize)>,
    /// What the commands run for the current file gave, in order.
    results: Vec<bool>,
    running: Option<Pid>,
    /// Files gathered for each `-exec … +`, by its number.
    gathered: Vec<Gathered>,
    status: u8,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
enum Test {
    #[default]
    Always,
    Never,
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
    Not(Box<Test>),
    Name(String, bool),
    Path(String, bool),
    Type(String),
    Empty,
    /// Larger (1), smaller (-1) or as many as so many units of bytes.
    Size(i8, u64, u64),
    Newer(i64),
    Age(i8, i64, i64),
    User(String),
    Mode(u16),
    Print(char),
    Delete,
    Prune,
    Quit,
    Exec(Vec<Arc<str>>),
    Gather(usize),
}

/// What looking at one file came to.
struct Round<'k, 'a> {
    kernel: &'k mut Kernel<'a>,
    tool: Named,
    path: String,
    results: Vec<bool>,
    used: usize,
    out: String,
    pruned: bool,
    quit: bool,
    wanted: Option<Vec<Arc<str>>>,
    gathered: Vec<usize>,
    failed: bool,
}

impl Find {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if !self.begun {
            self.begun = true;
            if let Err(text) = self.start(kernel) {
                match text.strip_prefix("unknown predicate `").filter(|_| tool.flavor == Flavor::BusyBox) {
                    Some(name) => {
                        tool.say(kernel, format!("unrecognized: {}", name.trim_end_matches('\'')));
                        tool.usage(kernel);
                    }
                    None => tool.say(kernel, text),
                }
                return Step::Exit(1);
            }
        }
        if let Some(pid) = self.running {
            match kernel.poll_child(pid) {
                Ok(None | Some(Change::Stopped)) => return Wait::children().into(),
                Ok(Some(Change::Ended(status))) => self.results.push(status == Status::Exited(0)),
                Err(_) => self.results.push(false),
            }
            self.running = None;
        }
        let Some((path, depth)) = self.todo.front().cloned() else { return self.finish(kernel, tool) };
        if let Err(errno) = kernel.files().lstat(&path) {
            tool.say(
                kernel,
                match tool.flavor {
                    Flavor::Gnu => format!("\u{2018}{path}\u{2019}: {errno}"),
                    Flavor::BusyBox => format!("{path}: {errno}"),
                },
            );
            self.status = 1;
            self.todo.pop_front();
            return Step::Yield;
        }
        let mut round = Round {
            kernel,
            tool,
            path: path.clone(),
            results: self.results.clone(),
            used: 0,
            out: String::new(),
            pruned: false,
            quit: false,
            wanted: None,
            gathered: Vec::new(),
            failed: false,
        };
        if depth >= self.depth.0 {
            round.holds(&self.expression);
        }
        let Round { out, pruned, quit, wanted, gathered, failed, .. } = round;
        if let Some(argv) = wanted {
            return self.run(kernel, tool, argv);
        }
        self.status |= u8::from(failed);
        for number in gathered {
            self.gathered[number].1.push(path.as_str().into());
        }
        self.results.clear();
        self.todo.pop_front();
        let broken = !out.is_empty() && kernel.write(1, out.as_bytes()).is_err();
        if broken || quit {
            return Step::Exit(self.status);
        }
        if !pruned && !self.depth_first && depth < self.depth.1 {
            self.descend(kernel, tool, &path, depth);
        }
        Step::Yield
    }

    fn descend(&mut self, kernel: &mut Kernel<'_>, tool: Named, path: &str, depth: usize) {
        if !kernel.files().lstat(path).is_ok_and(|stat| stat.is_directory()) {
            return;
        }
        match kernel.files().list(path) {
            Ok(names) => {
                for name in names.iter().rev() {
                    self.todo.push_front((below(path, name), depth + 1));
                }
            }
            Err(errno) => {
                tool.say(
                    kernel,
                    match tool.flavor {
                        Flavor::Gnu => format!("\u{2018}{path}\u{2019}: {errno}"),
                        Flavor::BusyBox => format!("{path}: {errno}"),
                    },
                );
                self.status = 1;
            }
        }
    }

    fn run(&mut self, kernel: &mut Kernel<'_>, tool: Named, argv: Vec<Arc<str>>) -> Step {
        let path = kernel.variable("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
        let env = kernel.env();
        let loaded = match kernel.search(&path, &argv[0]) {
            Some(file) => kernel.load(&file, &argv, &env),
            None => Err(Errno::NotFound),
        };
        match loaded {
            Ok((program, argv)) => {
                self.running = Some(kernel.spawn(program, Spawn { argv: Some(argv), ..Spawn::default() }));
                Wait::children().into()
            }
            Err(errno) => {
                tool.say(
                    kernel,
                    match tool.flavor {
                        Flavor::Gnu => format!("\u{2018}{}\u{2019}: {errno}", argv[0]),
                        Flavor::BusyBox => format!("{}: {errno}", argv[0]),
                    },
                );
                self.results.push(false);
                Step::Yield
            }
        }
    }

    /// Runs what was gathered for `-exec … +`.
    fn finish(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        self.results.clear();
        while let Some((mut argv, files)) = self.gathered.pop() {
            if !files.is_empty() {
                argv.extend(files);
                return self.run(kernel, tool, argv);
            }
        }
        Step::Exit(self.status)
    }

    fn start(&mut self, kernel: &mut Kernel<'_>) -> Result<(), String> {
        let argv = kernel.argv();
        let mut words = &argv[1..];
        while words.first().is_some_and(|word| ["-L", "-H", "-P"].contains(&&**word)) {
            words = &words[1..];
        }
        let paths = words
            .iter()
            .take_while(|word| !word.starts_with('-') && &***word != "!" && &***word != "(")
            .count();
        let (paths, rest) = words.split_at(paths);
        let mut parser = Parser {
            words: rest,
            at: 0,
            depth: 0,
            acts: false,
            find: self,
            now: kernel.date().0,
            newer: Vec::new(),
        };
        parser.find.depth = (0, usize::MAX);
        for (at, word) in rest.iter().enumerate() {
            if &**word == "-newer"
                && let Some(file) = rest.get(at + 1)
            {
                let modified =
                    kernel.files().stat(file).map_err(|errno| format!("\u{2018}{file}\u{2019}: {errno}"))?;
                parser.newer.push(modified.modified.0);
            }
        }
        let expression = if rest.is_empty() { Test::Always } else { parser.or()? };
        if let Some(extra) = rest.get(parser.at) {
            return Err(match &**extra {
                ")" => "you have too many ')'".to_owned(),
                extra => format!("paths must precede expression: `{extra}'"),
            });
        }
        let acts = parser.acts;
        self.expression =
            if acts { expression } else { Test::And(Box::new(expression), Box::new(Test::Print('\n'))) };
        if paths.is_empty() {
            self.todo.push_back((".".to_owned(), 0));
        }
        self.todo.extend(paths.iter().map(|path| (path.to_string(), 0)));
        if self.depth_first {
            // Everything in a directory comes before it.
            let mut all = VecDeque::new();
            for (path, _) in std::mem::take(&mut self.todo) {
                walk(kernel, path, 0, self.depth.1, &mut all);
            }
            self.todo = all;
        }
        Ok(())
    }
}

fn walk(
    kernel: &mut Kernel<'_>,
    path: String,
    depth: usize,
    most: usize,
    all: &mut VecDeque<(String, usize)>,
) {
    if depth < most && kernel.files().lstat(&path).is_ok_and(|stat| stat.is_directory()) {
        for name in kernel.files().list(&path).unwrap_or_default() {
            walk(kernel, below(&path, &name), depth + 1, most, all);
        }
    }
    all.push_back((path, depth));
}

struct Parser<'w, 'f> {
    words: &'w [Arc<str>],
    at: usize,
    depth: u32,
    /// It does something besides looking.
    acts: bool,
    find: &'f mut Find,
    now: i64,
    newer: Vec<i64>,
}

impl Parser<'_, '_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(|word| &**word)
    }

    fn or(&mut self) -> Result<Test, String> {
        let mut left = self.and()?;
        while matches!(self.peek(), Some("-o" | "-or")) {
            self.at += 1;
            left = Test::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Test, String> {
        let mut left = self.not()?;
        loop {
            match self.peek() {
                Some("-a" | "-and") => self.at += 1,
                None | Some("-o" | "-or" | ")") => return Ok(left),
                Some(word) if !word.starts_with('-') && word != "!" && word != "(" => return Ok(left),
                _ => {}
            }
            left = Test::And(Box::new(left), Box::new(self.not()?));
        }
    }

    fn not(&mut self) -> Result<Test, String> {
        self.depth += 1;
        if self.depth > 100 {
            return Err("expression too deep".to_owned());
        }
        let test = match self.peek() {
            Some("!" | "-not") => {
                self.at += 1;
                Test::Not(Box::new(self.not()?))
            }
            Some("(") => {
                self.at += 1;
                let inside = self.or()?;
                if self.peek() != Some(")") {
                    return Err(
                        "invalid expression; I was expecting to find a ')' somewhere but did not see one."
                            .to_owned(),
                    );
                }
                self.at += 1;
                inside
            }
            _ => self.primary()?,
        };
        self.depth -= 1;
        Ok(test)
    }

    fn argument(&mut self, name: &str) -> Result<String, String> {
        self.at += 1;
        self.words
            .get(self.at - 1)
            .map(|word| word.to_string())
            .ok_or_else(|| format!("missing argument to `{name}'"))
    }

    /// `+5`, `-5`, `5`
    fn number(&mut self, name: &str) -> Result<(i8, String), String> {
        let text = self.argument(name)?;
        Ok(match text.strip_prefix('+') {
            Some(rest) => (1, rest.to_owned()),
            None => match text.strip_prefix('-') {
                Some(rest) => (-1, rest.to_owned()),
                None => (0, text),
            },
        })
    }

    fn primary(&mut self) -> Result<Test, String> {
        let Some(name) = self.peek().map(str::to_owned) else {
            return Err(
                "invalid expression; you have used a binary operator with nothing after it.".to_owned()
            );
        };
        self.at += 1;
        let bad = |what: &str, text: &str| format!("invalid argument `{text}' to `{what}'");
        Ok(match &*name {
            "-name" => Test::Name(self.argument(&name)?, false),
            "-iname" => Test::Name(self.argument(&name)?, true),
            "-path" | "-wholename" => Test::Path(self.argument(&name)?, false),
            "-ipath" => Test::Path(self.argument(&name)?, true),
            "-type" => {
                let kind = self.argument(&name)?;
                if !kind.chars().all(|c| "fdlscpb,".contains(c)) {
                    return Err(format!("Unknown argument to -type: {kind}"));
                }
                Test::Type(kind)
            }
            "-empty" => Test::Empty,
            "-true" => Test::Always,
            "-false" => Test::Never,
            "-maxdepth" | "-mindepth" => {
                let text = self.argument(&name)?;
                let value = text.parse().map_err(|_| format!("Expected a positive decimal integer argument to {name}, but got \u{2018}{text}\u{2019}"))?;
                let depth = &mut self.find.depth;
                if name == "-maxdepth" {
                    depth.1 = value
                } else {
                    depth.0 = value
                }
                Test::Always
            }
            "-depth" => {
                self.find.depth_first = true;
                Test::Always
            }
            "-xdev" | "-mount" | "-noleaf" | "-follow" => Test::Always,
            "-size" => {
                let (sign, text) = self.number(&name)?;
                let (digits, unit) = match text.strip_suffix(|c: char| c.is_ascii_alphabetic()) {
                    Some(digits) => (digits, &text[digits.len()..]),
                    None => (&*text, "b"),
                };
                let unit = match unit {
                    "c" => 1,
                    "w" => 2,
                    "k" => 1 << 10,
                    "M" => 1 << 20,
                    "G" => 1 << 30,
                    _ => 512,
                };
                Test::Size(sign, digits.parse().map_err(|_| bad("-size", &text))?, unit)
            }
            "-newer" => {
                self.argument(&name)?;
                Test::Newer(if self.newer.is_empty() { self.now } else { self.newer.remove(0) })
            }
            "-mtime" | "-mmin" | "-atime" | "-amin" | "-ctime" | "-cmin" => {
                let (sign, text) = self.number(&name)?;
                let unit = if name.ends_with("min") { 60 } else { 86_400 };
                Test::Age(sign, text.parse().map_err(|_| bad(&name, &text))?, unit)
            }
            "-user" => Test::User(self.argument(&name)?),
            "-perm" => {
                let text = self.argument(&name)?;
                let digits = text.trim_start_matches(['-', '/']);
                Test::Mode(
                    u16::from_str_radix(digits, 8)
                        .map_err(|_| format!("invalid mode \u{2018}{text}\u{2019}"))?,
                )
            }
            "-print" | "-print0" | "-ls" => {
                self.acts = true;
                Test::Print(if name == "-print0" { '\0' } else { '\n' })
            }
            "-delete" => {
                self.acts = true;
                self.find.depth_first = true;
                Test::Delete
            }
            "-prune" => Test::Prune,
            "-quit" => Test::Quit,
            "-exec" | "-execdir" | "-ok" => {
                self.acts = true;
                let mut argv: Vec<Arc<str>> = Vec::new();
                loop {
                    match self.words.get(self.at) {
                        None => return Err(format!("missing argument to `{name}'")),
                        Some(word) if &**word == ";" => {
                            self.at += 1;
                            break;
                        }
                        Some(word) if &**word == "+" && argv.last().is_some_and(|last| &**last == "{}") => {
                            self.at += 1;
                            argv.pop();
                            self.find.gathered.push((argv, Vec::new()));
                            return Ok(Test::Gather(self.find.gathered.len() - 1));
                        }
                        Some(word) => argv.push(word.clone()),
                    }
                    self.at += 1;
                }
                if argv.is_empty() {
                    return Err(format!("missing argument to `{name}'"));
                }
                Test::Exec(argv)
            }
            name => return Err(format!("unknown predicate `{name}'")),
        })
    }
}

impl Round<'_, '_> {
    /// Whether the file passes. Where a command must run first, the answer does not count.
    fn holds(&mut self, test: &Test) -> bool {
        if self.wanted.is_some() || self.quit {
            return false;
        }
        match test {
            Test::Always => true,
            Test::Never => false,
            Test::And(left, right) => self.holds(left) && self.holds(right),
            Test::Or(left, right) => self.holds(left) || self.holds(right),
            Test::Not(inside) => !self.holds(inside),
            Test::Name(pattern, fold) => glob(pattern, base_name(&self.path), *fold),
            Test::Path(pattern, fold) => glob(pattern, &self.path, *fold),
            Test::Print(end) => {
                self.out.push_str(&self.path);
                self.out.push(*end);
                true
            }
            Test::Prune => {
                self.pruned = true;
                true
            }
            Test::Quit => {
                self.quit = true;
                true
            }
            Test::Exec(argv) => {
                self.used += 1;
                if let Some(result) = self.results.get(self.used - 1) {
                    return *result;
                }
                self.wanted = Some(argv.iter().map(|word| word.replace("{}", &self.path).into()).collect());
                false
            }
            Test::Gather(number) => {
                self.gathered.push(*number);
                true
            }
            Test::Delete => self.delete(),
            test => self.looks(test),
        }
    }

    fn delete(&mut self) -> bool {
        let directory = self.kernel.files().lstat(&self.path).is_ok_and(|stat| stat.is_directory());
        if self.path == "." {
            return true;
        }
        let result = match directory {
            true => self.kernel.files().remove_directory(&self.path),
            false => self.kernel.files().remove_file(&self.path),
        };
        if let Err(errno) = result {
            let path = &self.path;
            self.tool.say(
                self.kernel,
                match self.tool.flavor {
                    Flavor::Gnu => format!("cannot delete \u{2018}{path}\u{2019}: {errno}"),
                    Flavor::BusyBox => format!("{path}: {errno}"),
                },
            );
            self.failed = true;
            return false;
        }
        true
    }

    fn looks(&mut self, test: &Test) -> bool {
        let Ok(stat) = self.kernel.files().lstat(&self.path) else { return false };
        let compare = |sign: i8, value: i64, wanted: i64| match sign {
            1 => value > wanted,
            -1 => value < wanted,
            _ => value == wanted,
        };
        match test {
            Test::Type(kinds) => {
                let letter = if stat.kind == Kind::File { 'f' } else { stat.kind.letter() };
                kinds.contains(letter)
            }
            Test::Empty => match stat.kind {
                Kind::Directory => self.kernel.files().list(&self.path).is_ok_and(|names| names.is_empty()),
                Kind::File => stat.size == 0,
                _ => false,
            },
            Test::Size(sign, wanted, unit) => {
                compare(*sign, stat.size.div_ceil(*unit) as i64, *wanted as i64)
            }
            Test::Newer(than) => stat.modified.0 > *than,
            Test::Age(sign, wanted, unit) => {
                let age = (self.kernel.date().0 - stat.modified.0).div_euclid(*unit);
                compare(*sign, age, *wanted)
            }
            Test::User(name) => {
                self.kernel.user_name(stat.uid).is_some_and(|user| user == *name)
                    || stat.uid.to_string() == *name
            }
            Test::Mode(mode) => stat.mode & mode == *mode,
            _ => false,
        }
    }
}

fn glob(pattern: &str, text: &str, fold: bool) -> bool {
    match fold {
        true => Pattern::new(&pattern.to_lowercase()).matches(&text.to_lowercase()),
        false => Pattern::new(pattern).matches(text),
    }
}
