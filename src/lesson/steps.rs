//! What is done in a chapter, from top to bottom.

use super::compare::is_head;
use super::condition::Condition;
use super::console::{self, Command, Expected, Reading};
use super::tree::{Block, Node, NodeKind};
use super::typing::is_table_stream;

/// A check: what must be so at a place of a chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its line in the file.
    pub line: usize,
    /// What it says, for people.
    pub title: String,
    /// Its conditions: all must hold.
    pub conditions: Vec<Condition>,
    /// The first line that is no condition, and why.
    pub problem: Option<(usize, String)>,
}

/// An exercise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exercise {
    /// Its line in the file.
    pub line: usize,
    /// Its name (`:name:`), by which its solutions are found.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What is done in it before the solution.
    pub before: Vec<Step>,
    /// Its goals.
    pub checks: Vec<Check>,
    /// The solution that the chapter shows.
    pub solution: Vec<Step>,
}

/// Something that is done in a chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A file is there from here on.
    Save {
        /// Its name.
        path: String,
        /// What is in it.
        text: String,
        /// It is only told in words that the block is this file: one that lies there already is the better one.
        told: bool,
    },
    /// A command is typed.
    Command(Box<Command>),
    /// So many seconds pass.
    Wait(u64),
    /// Something must be so.
    Check(Box<Check>),
    /// The reader finds a solution.
    Exercise(Box<Exercise>),
}

/// The steps of a chapter's parts.
pub(super) fn steps(nodes: &[Node]) -> Vec<Step> {
    let mut walk = Walk::default();
    walk.all(nodes);
    walk.steps
}

#[derive(Default)]
struct Walk {
    steps: Vec<Step>,
    /// How many parts were passed since the last command: what only prints belongs to a command close before it.
    since: usize,
    /// The checks and the solution of the exercise that is open.
    exercise: Option<(Vec<Check>, Vec<Step>)>,
    /// File names that the prose named since the last block.
    named: Vec<String>,
    /// The last manifest that has no name of its own.
    nameless: Option<String>,
    /// The page's cluster was begun.
    begun: bool,
}

/// So many paragraphs may stand between a command and a block of what it prints.
const NEAR: usize = 3;

impl Walk {
    fn all(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.one(node);
        }
    }

    fn one(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::Block(block) => self.block(block),
            NodeKind::Heading(_) => self.since = NEAR + 1,
            NodeKind::Directive(directive) => match directive.name.as_str() {
                "check" => {
                    let check = check(node.line, &directive.argument, &directive.body, directive.first_line);
                    match &mut self.exercise {
                        Some((checks, _)) => checks.push(check),
                        None => self.steps.push(Step::Check(Box::new(check))),
                    }
                }
                "exercise" => {
                    let outer = std::mem::take(&mut self.steps);
                    self.exercise = Some((Vec::new(), Vec::new()));
                    self.all(&node.children);
                    let before = std::mem::replace(&mut self.steps, outer);
                    let (checks, solution) = self.exercise.take().unwrap_or_default();
                    self.steps.push(Step::Exercise(Box::new(Exercise {
                        line: node.line,
                        name: directive.option("name").unwrap_or_default().into(),
                        title: directive.argument.clone(),
                        before,
                        checks,
                        solution,
                    })));
                    self.since = NEAR + 1;
                }
                "solution" => {
                    let outer = std::mem::take(&mut self.steps);
                    self.all(&node.children);
                    let inner = std::mem::replace(&mut self.steps, outer);
                    match &mut self.exercise {
                        Some((_, solution)) => solution.extend(inner),
                        None => self.steps.extend(inner),
                    }
                }
                // The same in another way: the first is followed.
                "tab-set" | "tabs" => {
                    if let Some(first) = node.children.iter().find(|child| child.directive().is_some()) {
                        self.all(&first.children);
                    }
                }
                // The page's cluster, in which the rest of it is tried; another one on the page is by itself.
                "saya" => {
                    if !std::mem::replace(&mut self.begun, true) {
                        self.all(&node.children);
                    }
                    self.since = NEAR + 1;
                }
                // Nothing that is typed.
                "hint" | "question" | "answer" => {}
                _ => self.all(&node.children),
            },
            NodeKind::Paragraph => {
                self.since += 1;
                self.names(node);
                // A paragraph holds nothing else, but an item of a list may.
                self.all(&node.children);
            }
            _ => self.all(&node.children),
        }
    }

    fn block(&mut self, block: &Block) {
        if let Some(seconds) = block.remark.strip_prefix("wait ").and_then(|text| text.trim().parse().ok()) {
            self.steps.push(Step::Wait(seconds));
        }
        if let Some(path) = &block.include
            && !block.text.is_empty()
        {
            let name = path.rsplit('/').next().unwrap_or(path);
            self.save(name.to_string(), &block.text, false);
        } else if let Some(path) = block.file_name() {
            self.save(path.to_string(), &block.text, false);
        } else if is_manifest(block) {
            self.manifest(block);
        }
        self.named.clear();
        match console::read(block) {
            Reading::Commands(commands) => {
                commands.iter().for_each(|command| self.files_of(&command.text));
                self.steps.extend(commands.into_iter().map(|command| Step::Command(Box::new(command))));
                self.since = 0;
            }
            Reading::Output(expected) if self.since <= NEAR => self.output(block, expected),
            _ => self.since += 1,
        }
    }

    fn save(&mut self, path: String, text: &str, told: bool) {
        self.steps.push(Step::Save { path, text: text.to_string(), told });
    }

    /// A manifest without a caption: its first line may name its file, or the prose before or behind it does, or the command
    /// that wants a file nobody has shown.
    fn manifest(&mut self, block: &Block) {
        let first = block.text.lines().next().unwrap_or_default();
        let said = first.strip_prefix('#').map(|rest| rest.trim().trim_start_matches("file:").trim());
        let said = said.filter(|name| is_file_name(name)).map(str::to_string);
        match said.or_else(|| self.named.pop()) {
            Some(path) => {
                self.nameless = None;
                self.save(path, &block.text, true);
            }
            None => self.nameless = Some(block.text.clone()),
        }
    }

    /// File names in a paragraph.
    fn names(&mut self, paragraph: &Node) {
        for node in &paragraph.children {
            if let NodeKind::Code(text) | NodeKind::Role(_, text) = &node.kind
                && is_file_name(text)
            {
                self.named.push(text.clone());
                if let Some(manifest) = self.nameless.take_if(|_| self.since <= NEAR) {
                    self.save(text.clone(), &manifest, true);
                }
            }
        }
    }

    /// The files that a command wants, where only a manifest without a name can be meant.
    fn files_of(&mut self, command: &str) {
        let mut words = command.split_whitespace();
        while let Some(word) = words.next() {
            let value = match word {
                "-f" | "--filename" => words.next().unwrap_or_default(),
                word => {
                    word.strip_prefix("--filename=").or_else(|| word.strip_prefix("-f=")).unwrap_or_default()
                }
            };
            for path in value.split(',').filter(|path| is_file_name(path)) {
                let known = self
                    .steps
                    .iter()
                    .any(|step| matches!(step, Step::Save { path: known, .. } if known == path));
                if let Some(manifest) = self.nameless.take_if(|_| !known) {
                    self.save(path.to_string(), &manifest, true);
                }
            }
        }
    }

    /// What stands in a block of its own belongs to the command before it, if nothing is said of that one yet.
    fn output(&mut self, block: &Block, expected: Expected) {
        let mut recent = self.steps.iter_mut().rev().filter_map(|step| match step {
            Step::Command(command) => Some(command),
            _ => None,
        });
        let Some(mut command) = recent.next() else { return };
        // The rows of a watch in another terminal, shown once something was done.
        if expected.lines.first().is_some_and(|line| is_head(line))
            && !command.text.contains(" get ")
            && let Some(watch) =
                recent.take(3).find(|one| is_table_stream(&one.text) && one.expected.is_none())
        {
            command = watch;
        }
        let prints_data = |formats: [&str; 2]| formats.iter().any(|format| command.text.contains(format));
        let fits = match block.language.as_str() {
            "yaml" => prints_data(["-o yaml", "-oyaml"]),
            "json" => prints_data(["-o json", "-ojson"]),
            "html" => prints_data(["curl", "wget"]),
            "sql" => false,
            _ => true,
        };
        if fits && command.expected.is_none() {
            command.expected = Some(expected);
        }
        self.since = NEAR + 1;
    }
}

/// A whole manifest.
fn is_manifest(block: &Block) -> bool {
    let begins = |key: &str| block.text.lines().any(|line| line.starts_with(key));
    matches!(block.language.as_str(), "yaml" | "yml" | "" | "text")
        && begins("apiVersion:")
        && begins("kind:")
}

/// The name of a manifest's file.
fn is_file_name(text: &str) -> bool {
    let known = [".yaml", ".yml", ".json"].iter().any(|end| text.len() > end.len() && text.ends_with(end));
    known
        && !text.starts_with(['/', '-'])
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c))
}

fn check(line: usize, title: &str, body: &str, first_line: usize) -> Check {
    let mut check = Check { line, title: title.into(), conditions: Vec::new(), problem: None };
    for (at, text) in body.lines().enumerate() {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match Condition::parse(text) {
            Ok(condition) => check.conditions.push(condition),
            Err(why) => {
                check.problem.get_or_insert((first_line + at, why));
            }
        }
    }
    if check.conditions.is_empty() && check.problem.is_none() {
        check.problem = Some((line, "a check needs a condition".into()));
    }
    check
}
