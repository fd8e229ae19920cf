//! Someone who reads a chapter beside a live terminal: what a command's button types, what it printed, which checks hold.
//!
//! A reader may type by hand, in any order, and go back in time. So everything is looked up in the session: what was typed
//! is in its log, what was printed in its terminals. A check is looked at from the time its step begins, which is
//! when the check before it holds or when a command below that one was typed; once it holds, it is done for good. One that
//! holds at the beginning of its step already waits until that step was gone through.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{Date, SimTime};
use crate::cluster::UnknownProfile;
use crate::sim::{Input, Scenario, Session, Sim};

use super::compare::{compare, learn_in_part};
use super::condition::{Condition, Memory};
use super::console::Command;
use super::fold::{Names, fold};
use super::play;
use super::steps::{Check, Step};
use super::tree::{Chapter, Node, NodeKind};
use super::typing::{self, At, How, at_prompt, beside, is_table_stream, local_port, output_of, placeholder};

/// How long a look at what costs more holds, in virtual time.
const COSTLY_EVERY: SimTime = SimTime::from_secs(2);

/// Something that a reader does, in the order of the chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// A file is saved.
    Save {
        /// The line of the file at which its text begins.
        line: usize,
        /// Its name.
        path: String,
        /// What is in it.
        text: String,
    },
    /// A command is typed.
    Command(Command),
    /// Something is so. The number is the one of the exercise it is a goal of.
    Check(Check, Option<usize>),
    /// So many seconds pass.
    Wait(u64),
}

/// How a command went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// It printed what the chapter says.
    Same,
    /// It printed something else, or has not printed all of it yet.
    Otherwise,
    /// The chapter says nothing about it.
    Unsaid,
}

/// A command that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Played {
    terminal: u32,
    typed: String,
    /// How often its terminal had printed before, and when the next command was typed there.
    since: usize,
    until: Option<usize>,
    went: Went,
}

/// What the chapter says beside what was printed, line by line; the flag is set where the other side has no such line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// What the chapter says.
    pub said: Vec<(String, bool)>,
    /// What was printed.
    pub printed: Vec<(String, bool)>,
    /// They are the same but for what differs between clusters.
    pub same: bool,
}

/// What a button does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typing {
    /// These inputs; the command goes to this terminal.
    Inputs(u32, Vec<Input>),
    /// The reader puts something into this line and sends it.
    Draft(String),
}

/// How far the session was looked at.
#[derive(Clone, Debug, Default)]
struct Seen {
    inputs: usize,
    printed: BTreeMap<u32, usize>,
    revision: u64,
    at: SimTime,
    costly: SimTime,
    /// What was typed in a terminal behind the last newline.
    open: BTreeMap<u32, String>,
}

/// Someone who reads a chapter.
#[derive(Clone, Debug)]
pub struct Reader {
    tasks: Vec<Task>,
    ticked: BTreeSet<usize>,
    memories: BTreeMap<usize, Memory>,
    /// Checks that held as their steps began, with how many lines had been typed by then.
    early: BTreeMap<usize, usize>,
    played: BTreeMap<usize, Played>,
    saved: BTreeSet<usize>,
    names: Names,
    /// The furthest task that was done.
    place: usize,
    seen: Seen,
    /// The command whose button was pressed.
    pressed: Option<usize>,
    lines: usize,
    commands: usize,
    checked: bool,
}

/// The beginning of a chapter: its cluster, with its files.
///
/// # Errors
/// Where its profile is not known.
pub fn begin(
    chapter: &Chapter,
    files: &BTreeMap<String, String>,
    date: Option<Date>,
) -> Result<Session, UnknownProfile> {
    let front = &chapter.front;
    let usual = Scenario::default();
    let chosen = |path: &&String| front.files.as_ref().is_none_or(|names| names.contains(path));
    let scenario = Scenario {
        profile: chapter.profile().map_or(usual.profile, str::to_string),
        seed: front.seed.unwrap_or(usual.seed),
        date: date.unwrap_or(usual.date),
        files: files.keys().filter(chosen).map(|path| (path.clone(), files[path].clone())).collect(),
    };
    let mut session = Session::new(scenario)?;
    play::set_up(&front.setup, &mut |input| session.input(input));
    if !front.setup.is_empty() {
        session.advance(SimTime::from_secs(play::SETUP));
        session.input(Input::Close { terminal: play::HIDDEN });
    }
    Ok(session)
}

fn flatten(steps: Vec<Step>, exercises: &mut usize, tasks: &mut Vec<Task>, lines: &BTreeMap<String, usize>) {
    for step in steps {
        match step {
            Step::Save { path, text, .. } => {
                let line = lines.get(&text).copied().unwrap_or(0);
                tasks.push(Task::Save { line, path, text });
            }
            Step::Command(command) => tasks.push(Task::Command(*command)),
            Step::Wait(seconds) => tasks.push(Task::Wait(seconds)),
            Step::Check(check) => tasks.push(Task::Check(*check, None)),
            Step::Exercise(exercise) => {
                let number = *exercises;
                *exercises += 1;
                flatten(exercise.before, exercises, tasks, lines);
                tasks.extend(exercise.checks.into_iter().map(|check| Task::Check(check, Some(number))));
                flatten(exercise.solution, exercises, tasks, lines);
            }
        }
    }
}

/// Where the texts of blocks stand.
fn lines_of(nodes: &[Node], found: &mut BTreeMap<String, usize>) {
    for node in nodes {
        if let NodeKind::Block(block) = &node.kind {
            found.insert(block.text.clone(), block.first_line);
        }
        lines_of(&node.children, found);
    }
}

impl Reader {
    /// Someone before a chapter; `ticked` are the checks that held before, by their numbers.
    pub fn new(chapter: &Chapter, ticked: BTreeSet<usize>) -> Self {
        let (mut tasks, mut lines) = (Vec::new(), BTreeMap::new());
        lines_of(&chapter.nodes, &mut lines);
        flatten(chapter.steps(), &mut 0, &mut tasks, &lines);
        Self {
            tasks,
            ticked,
            memories: BTreeMap::new(),
            early: BTreeMap::new(),
            played: BTreeMap::new(),
            saved: BTreeSet::new(),
            names: Names::default(),
            place: 0,
            seen: Seen::default(),
            pressed: None,
            lines: 0,
            commands: 0,
            checked: false,
        }
    }

    /// The same reader with the chapter in another language: what was done stays.
    pub fn translated(mut self, chapter: &Chapter) -> Self {
        let tasks = Self::new(chapter, BTreeSet::new()).tasks;
        if tasks.len() != self.tasks.len() {
            self.played.clear();
        }
        self.tasks = tasks;
        self
    }

    /// What is done in the chapter, in order. Commands and checks go by their numbers here.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// The numbers of the checks that held.
    pub fn ticked(&self) -> &BTreeSet<usize> {
        &self.ticked
    }

    /// True where a check held.
    pub fn is_ticked(&self, number: usize) -> bool {
        self.ticked.contains(&number)
    }

    /// The numbers of all checks.
    pub fn checks(&self) -> impl Iterator<Item = usize> {
        let all = self.tasks.iter().enumerate();
        all.filter(|(_, task)| matches!(task, Task::Check(..))).map(|(number, _)| number)
    }

    /// How many commands were sent in this session that do more than look, those of the setup aside.
    pub fn commands(&self) -> usize {
        self.commands
    }

    /// How a command went; none where it was not typed.
    pub fn went(&self, number: usize) -> Option<Went> {
        self.played.get(&number).map(|played| played.went)
    }

    /// A command as it is typed in this cluster.
    pub fn text(&self, number: usize) -> String {
        match self.tasks.get(number) {
            Some(Task::Command(command)) => self.names.translate(&command.text),
            _ => String::new(),
        }
    }

    /// What a command's button does: the files that the chapter has shown by then, and the command.
    pub fn press(&mut self, number: usize, session: &Session, current: u32) -> Typing {
        let Some(Task::Command(command)) = self.tasks.get(number) else {
            return Typing::Draft(String::new());
        };
        let sim = session.sim();
        let mut text = beside(sim, self.names.translate(&command.text));
        if placeholder(&text).is_some() {
            return Typing::Draft(text);
        }
        let mut inputs = Vec::new();
        for (at, task) in self.tasks[..number].iter().enumerate() {
            if let Task::Save { path, text, .. } = task
                && self.saved.insert(at)
                && sim.host().file(path).as_deref() != Some(text)
            {
                inputs.push(Input::Save { path: path.clone(), text: text.clone() });
            }
        }
        // What the chapter interrupts by the next command of a block is interrupted by it here.
        let before = number
            .checked_sub(1)
            .and_then(|before| Some((self.tasks.get(before)?, self.played.get(&before)?)));
        let interrupts = before.filter(|(task, played)| {
            matches!(task, Task::Command(one) if one.interrupted)
                && at_prompt(sim, played.terminal) == At::Busy
        });
        let (terminal, how) = match interrupts {
            Some((_, played)) if command.terminal.is_none() => (played.terminal, How::Interrupt),
            _ => typing::place(sim, command, current).unwrap_or((current, How::Ready)),
        };
        match how {
            How::Ready => {}
            How::Open => inputs.push(Input::Open { terminal }),
            How::Interrupt => inputs.push(Input::Type { terminal, text: "\u{3}".into() }),
        }
        // What still has the port of another way into the cluster gives it up.
        let has_port = |played: &&Played| {
            local_port(&text).is_some_and(|port| local_port(&played.typed) == Some(port))
                && at_prompt(sim, played.terminal) == At::Busy
        };
        if let Some(other) = self.played.values().find(has_port).filter(|other| other.terminal != terminal) {
            inputs.push(Input::Type { terminal: other.terminal, text: "\u{3}".into() });
        }
        self.pressed = Some(number);
        text.push('\n');
        inputs.push(Input::Type { terminal, text });
        Typing::Inputs(terminal, inputs)
    }

    /// Saves a file that the chapter shows, by its number.
    pub fn save(&mut self, number: usize) -> Option<Input> {
        let Some(Task::Save { path, text, .. }) = self.tasks.get(number) else { return None };
        self.saved.insert(number);
        Some(Input::Save { path: path.clone(), text: text.clone() })
    }

    /// Looks at what was typed and printed since the last look. True where something that is shown has changed.
    pub fn look(&mut self, session: &Session) -> bool {
        let sim = session.sim();
        let now = sim.now();
        let inputs = &session.log().inputs;
        let count = inputs.partition_point(|(at, _)| *at <= now);
        if now < self.seen.at || count < self.seen.inputs {
            self.seen.inputs = self.seen.inputs.min(count);
            self.seen.printed.clear();
            self.seen.open.clear();
            let host = sim.host();
            self.played.retain(|_, played| played.since < host.printed(played.terminal));
        }
        let mut changed = false;
        for (_, input) in &inputs[self.seen.inputs..count] {
            match input {
                Input::Type { terminal, text } if *terminal != play::HIDDEN => {
                    changed |= self.typed(*terminal, text)
                }
                _ => {}
            }
        }
        let mut stirred = count != self.seen.inputs;
        self.seen.inputs = count;
        let terminals: Vec<u32> = sim.host().terminals().collect();
        for terminal in terminals {
            let printed = sim.host().printed(terminal);
            let before = self.seen.printed.insert(terminal, printed).unwrap_or(0);
            if printed == before {
                continue;
            }
            let new =
                if printed > before { sim.host().printed_since(terminal, before) } else { String::new() };
            self.memories.values_mut().for_each(|memory| memory.hear(&new));
            stirred = true;
            let last = self.played.iter().filter(|(_, played)| played.terminal == terminal);
            if let Some(number) = last.max_by_key(|(_, played)| played.since).map(|(number, _)| *number) {
                changed |= self.judge(number, sim);
            }
        }
        stirred |=
            sim.revision() != self.seen.revision || now.0 >= self.seen.at.0 + 5_000_000 || !self.checked;
        if stirred {
            self.checked = true;
            self.seen.revision = sim.revision();
            changed |= self.check(sim);
        }
        if stirred || now < self.seen.at {
            self.seen.at = now;
        }
        changed
    }

    /// Something was typed in a terminal: which command of the chapter is it?
    fn typed(&mut self, terminal: u32, text: &str) -> bool {
        let since = self.seen.printed.get(&terminal).copied().unwrap_or(0);
        let open = self.seen.open.entry(terminal).or_default();
        open.push_str(&text.replace('\u{3}', ""));
        let Some(end) = open.rfind('\n') else { return false };
        let typed: String = open.drain(..=end).collect();
        let typed = typed.trim_end().to_string();
        if typed.trim().is_empty() {
            return false;
        }
        self.lines += 1;
        self.commands += usize::from(!only_looks(&typed));
        for memory in self.memories.values_mut() {
            memory.note(&typed, "");
        }
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let wanted = plain(&typed);
        let is_it = |task: &Task| match task {
            Task::Command(command) => {
                plain(&command.text) == wanted || plain(&self.names.translate(&command.text)) == wanted
            }
            _ => false,
        };
        let open_ones = |(number, task): &(usize, &Task)| !self.played.contains_key(number) && is_it(task);
        let all = || self.tasks.iter().enumerate();
        let found = self.pressed.take().or_else(|| {
            (all().skip(self.place).find(open_ones))
                .or_else(|| all().find(open_ones))
                .or_else(|| all().rfind(|(_, task)| is_it(task)))
                .map(|(number, _)| number)
        });
        for played in self.played.values_mut().filter(|played| played.terminal == terminal) {
            played.until.get_or_insert(since);
        }
        let Some(number) = found else { return true };
        let said = matches!(&self.tasks[number], Task::Command(command) if command.expected.is_some());
        let went = if said { Went::Otherwise } else { Went::Unsaid };
        self.played.insert(number, Played { terminal, typed, since, until: None, went });
        self.place = self.place.max(number);
        true
    }

    fn printed(&self, played: &Played, sim: &Sim) -> String {
        let host = sim.host();
        let mut raw = host.printed_since(played.terminal, played.since);
        if let Some(until) = played.until {
            let behind = host.printed_since(played.terminal, until).len();
            raw.truncate(raw.len().saturating_sub(behind));
        }
        // An interrupt before it is no output of it.
        let raw = raw.find(played.typed.as_str()).map_or(raw.as_str(), |at| &raw[at..]);
        let prompted = played.until.is_some() || at_prompt(sim, played.terminal) != At::Busy;
        output_of(raw, &played.typed, prompted)
    }

    /// Compares what a command printed so far.
    fn judge(&mut self, number: usize, sim: &Sim) -> bool {
        let (Some(Task::Command(command)), Some(played)) = (self.tasks.get(number), self.played.get(&number))
        else {
            return false;
        };
        let Some(expected) = &command.expected else { return false };
        if played.went == Went::Same {
            return false;
        }
        let printed = self.printed(played, sim);
        let same = compare(&expected.lines, &printed, is_table_stream(&played.typed), &mut self.names).same;
        if !same {
            learn_in_part(&expected.lines, &printed, &mut self.names);
        }
        if let Some(played) = self.played.get_mut(&number).filter(|_| same) {
            played.went = Went::Same;
        }
        same
    }

    /// What the chapter says beside what a command printed; nothing where it was not typed.
    pub fn beside(&self, number: usize, sim: &Sim) -> Option<Beside> {
        let (Some(Task::Command(command)), Some(played)) = (self.tasks.get(number), self.played.get(&number))
        else {
            return None;
        };
        let printed = self.printed(played, sim);
        let printed: Vec<&str> = printed.trim_end().lines().collect();
        let said: Vec<&str> = match &command.expected {
            Some(expected) => expected.lines.iter().map(String::as_str).collect(),
            None => Vec::new(),
        };
        let same = played.went == Went::Same;
        let folded = |lines: &[&str]| lines.iter().map(|line| fold(line).text).collect::<Vec<_>>();
        let (left, right) = (folded(&said), folded(&printed));
        let marked = |lines: &[&str], mine: &[String], other: &[String]| {
            let lines = lines.iter().zip(mine);
            lines.map(|(line, key)| ((*line).to_string(), !same && !other.contains(key))).collect()
        };
        Some(Beside { said: marked(&said, &left, &right), printed: marked(&printed, &right, &left), same })
    }

    /// The checks that are looked at now: all up to the next one that is no goal of an exercise.
    fn open_checks(&self) -> Vec<usize> {
        let from = self.ticked.iter().next_back().copied().unwrap_or(0).max(self.place);
        let is_plain = |number: &usize| matches!(self.tasks[*number], Task::Check(_, None));
        let next = self.checks().filter(|number| *number >= from && !self.is_ticked(*number)).find(is_plain);
        let next = next.unwrap_or(self.tasks.len());
        self.checks().filter(|number| *number <= next && !self.is_ticked(*number)).collect()
    }

    /// True where the commands of a check's step were typed, or as many others.
    fn has_gone_through(&self, number: usize) -> bool {
        let step = self.tasks[..number].iter().enumerate().rev();
        let step = step.take_while(|(_, task)| !matches!(task, Task::Check(_, None)));
        let commands: Vec<usize> =
            step.filter(|(_, task)| matches!(task, Task::Command(_))).map(|(number, _)| number).collect();
        let typed = self.lines - self.early.get(&number).copied().unwrap_or(0).min(self.lines);
        commands.first().is_none_or(|last| self.played.contains_key(last)) || typed >= commands.len()
    }

    fn holds(&mut self, number: usize, sim: &Sim, memory: &mut Memory, is_new: bool) -> bool {
        let Task::Check(check, _) = &self.tasks[number] else { return false };
        check.conditions.iter().for_each(|one| one.observe(sim, memory));
        let all = |costly: bool| {
            let mut some = check.conditions.iter().filter(|one| one.is_costly() == costly);
            some.all(|one| one.holds(sim, memory))
        };
        if check.problem.is_some() || !all(false) {
            self.early.remove(&number);
            return false;
        }
        if !is_new && self.early.contains_key(&number) && !self.has_gone_through(number) {
            return false;
        }
        if check.conditions.iter().any(Condition::is_costly) {
            let (now, last) = (sim.now(), self.seen.costly);
            if !is_new && now >= last && now.0 < last.0 + COSTLY_EVERY.0 {
                // It is looked at again.
                self.checked = false;
                return false;
            }
            self.seen.costly = now;
            if !all(true) {
                self.early.remove(&number);
                return false;
            }
        }
        if is_new {
            self.early.insert(number, self.lines);
            return self.has_gone_through(number);
        }
        true
    }

    fn check(&mut self, sim: &Sim) -> bool {
        let mut changed = false;
        loop {
            let open = self.open_checks();
            self.memories.retain(|number, _| open.contains(number));
            self.early.retain(|number, _| open.contains(number));
            let mut ticked = false;
            for number in open {
                let is_new = !self.memories.contains_key(&number);
                let mut memory = self.memories.remove(&number).unwrap_or_default();
                let holds = self.holds(number, sim, &mut memory, is_new);
                self.memories.insert(number, memory);
                if !holds {
                    continue;
                }
                self.ticked.insert(number);
                ticked = true;
            }
            changed |= ticked;
            if !ticked {
                return changed;
            }
        }
    }
}

/// True for a command that changes nothing, as far as its words tell.
fn only_looks(text: &str) -> bool {
    const VERBS: &[&str] = &[
        "get",
        "describe",
        "logs",
        "explain",
        "events",
        "top",
        "version",
        "config",
        "api-resources",
        "api-versions",
        "auth",
        "diff",
        "cluster-info",
        "exec",
        "port-forward",
        "wait",
        "help",
    ];
    const PROGRAMS: &[&str] = &[
        "ls", "cat", "head", "tail", "grep", "echo", "clear", "sleep", "exit", "history", "pwd", "cd",
        "date", "hostname", "curl", "wget", "ping", "nslookup", "dig", "getent", "nc", "saya", "env", "ps",
        "ip",
    ];
    let mut words = text.split_whitespace();
    match words.next() {
        Some("kubectl" | "k") => {
            words.find(|word| !word.starts_with('-')).is_none_or(|verb| VERBS.contains(&verb))
        }
        Some(word) => PROGRAMS.contains(&word),
        None => true,
    }
}
