//! What is done in a chapter, from top to bottom.

use super::condition::Condition;
use super::console::{self, Command, Expected, Reading};
use super::tree::{Block, Node, NodeKind};

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
                // Nothing that is typed.
                "hint" | "question" | "answer" => {}
                _ => self.all(&node.children),
            },
            NodeKind::Paragraph => {
                self.since += 1;
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
            self.steps.push(Step::Save { path: name.into(), text: block.text.clone() });
        } else if let Some(path) = block.file_name() {
            self.steps.push(Step::Save { path: path.into(), text: block.text.clone() });
        }
        match console::read(block) {
            Reading::Commands(commands) => {
                self.steps.extend(commands.into_iter().map(|command| Step::Command(Box::new(command))));
                self.since = 0;
            }
            Reading::Output(expected) if self.since <= NEAR => self.output(block, expected),
            _ => self.since += 1,
        }
    }

    /// What stands in a block of its own belongs to the command before it, if nothing is said of that one yet.
    fn output(&mut self, block: &Block, expected: Expected) {
        let last = self.steps.iter_mut().rev().find_map(|step| match step {
            Step::Command(command) => Some(command),
            _ => None,
        });
        let Some(command) = last else { return };
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
