//! Plays a chapter: its commands are typed in terminals as a reader types them, and what they print is compared.
//!
//! A command goes to a terminal that shows its prompt: the last one used, else another, else a new one. One that does not end
//! (`get -w`) so keeps its terminal, and what comes next goes elsewhere. How long a reader waits between two
//! commands no chapter says: where a command does not print what it should, other moments are tried in copies of the
//! simulation, and the first that fits is the one that counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::SimTime;
use crate::sim::{Input, Script, Sim};

use super::compare::{begins, compare, learn_in_part};
use super::condition::Memory;
use super::console::{Command, Expected};
use super::fold::Names;
use super::prompt::{self, Prompt};
use super::steps::{Check, Exercise, Step};
use super::typing::{
    self, At, How, Library, at_prompt, beside, is_endless, is_table_stream, local_port, output_of,
    placeholder,
};

/// How long after a command that changed the cluster the next one is typed.
const PACE: u64 = 4;
/// How long a command may take before it counts as one that does not end.
const LONGEST: u64 = 600;
/// How long is waited for what a chapter shows of a watch, and for a check.
const PATIENCE: u64 = 180;
/// How long what runs on is looked at before the next command, at least.
const GLANCE: u64 = 2;
/// How long the commands of the front matter may take.
pub(super) const SETUP: u64 = 120;
/// The terminal of the front matter's commands, which nobody sees.
pub(super) const HIDDEN: u32 = 99;
/// The moments, in tenths of a second after the end of the command before, at which a command is tried again; in order.
const MOMENTS: &[u64] = &[
    0, 5, 10, 15, 20, 25, 30, 35, 50, 60, 70, 80, 90, 100, 120, 150, 200, 300, 400, 500, 600, 750, 900,
    1_200, 1_500, 1_800, 2_400, 3_000,
];

/// What kubectl says of a program in a container that failed.
const TERMINATED: &str = "command terminated with exit code ";
/// The last of them at which a watch may begin.
const SOON: u64 = 50;

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It printed what the chapter says, or did what it should where the chapter says nothing; a check holds.
    Good,
    /// It printed something else: the lines of both.
    Differs(Vec<String>),
    /// Saya does not do this: what it said.
    NotSimulated(String),
}

/// A command or a check, and how it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its line in the file.
    pub line: usize,
    /// The command as the chapter writes it, or what the check says.
    pub what: String,
    /// How it went.
    pub verdict: Verdict,
    /// What it printed, where it is a command with an expectation.
    pub printed: String,
    /// What the chapter says it prints.
    pub expected: Option<Expected>,
}

/// How a chapter went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Its commands and checks, in order.
    pub outcomes: Vec<Outcome>,
}

/// A command that runs on in its terminal while the chapter goes on.
#[derive(Clone, Debug)]
struct Running {
    outcome: usize,
    command: Command,
    terminal: u32,
    typed: String,
    since: usize,
    /// How often its terminal had printed when it was last compared.
    seen: usize,
    done: bool,
}

/// Someone who does what a chapter says.
#[derive(Clone, Debug)]
pub struct Player {
    sim: Sim,
    names: Names,
    memory: Memory,
    running: Vec<Running>,
    current: u32,
    /// When the next command is typed, at the earliest.
    next: SimTime,
    report: Report,
    /// Solutions of exercises by their names: `mysql-pma.solution`, `mysql-pma.wrong-host`.
    scripts: BTreeMap<String, String>,
    /// Files that were only told of in words.
    told: BTreeSet<String>,
    library: Library,
    /// The program that did not start although lines for it follow, and whether that is because Saya does not do it.
    unreached: Option<(String, bool)>,
}

/// A command that was typed, in a copy of the simulation.
struct Attempt {
    sim: Sim,
    printed: String,
    /// Its exit status, where it is one of the host's shell.
    status: Option<u8>,
    ended: bool,
}

impl Player {
    /// Someone before a chapter's beginning.
    pub fn new(sim: Sim, scripts: BTreeMap<String, String>) -> Self {
        Self {
            sim,
            names: Names::default(),
            memory: Memory::default(),
            running: Vec::new(),
            current: 1,
            next: SimTime::ZERO,
            report: Report::default(),
            scripts,
            told: BTreeSet::new(),
            library: Library::default(),
            unreached: None,
        }
    }

    /// Gives it the files of the whole course: a command may be typed in another folder of it.
    pub fn with_library(mut self, library: Library) -> Self {
        self.library = library;
        self
    }

    /// The simulation as it is now.
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// Does what the front matter wants done before the chapter begins.
    pub fn set_up(&mut self, commands: &[String]) {
        set_up(commands, &mut |input| self.sim.apply(&input));
        if !commands.is_empty() {
            self.sim.run_until(SimTime(self.sim.now().0 + seconds(SETUP)));
            self.sim.apply(&Input::Close { terminal: HIDDEN });
        }
    }

    /// Does everything, and says how it went.
    pub fn play(mut self, steps: &[Step]) -> Report {
        // The shell of the first terminal comes up.
        self.sim.run_until(SimTime(self.sim.now().0 + seconds(1)));
        self.all(steps);
        self.await_running(true);
        for at in 0..self.running.len() {
            if !self.running[at].done {
                self.judge_running(at, true);
            }
        }
        self.report
    }

    fn all(&mut self, steps: &[Step]) {
        self.observe(steps);
        for (at, step) in steps.iter().enumerate() {
            match step {
                Step::Save { path, text, told } => {
                    let there = *told && !self.told.contains(path) && self.sim.host().file(path).is_some();
                    if !there {
                        self.sim.apply(&Input::Save { path: path.clone(), text: text.clone() });
                    }
                    if *told {
                        self.told.insert(path.clone());
                    }
                }
                Step::Wait(duration) => self.sim.run_until(SimTime(self.sim.now().0 + seconds(*duration))),
                Step::Command(command) => self.command(command),
                Step::Check(check) => {
                    self.check(check);
                    self.memory.begin();
                }
                Step::Exercise(exercise) => {
                    self.exercise(exercise);
                    self.memory.begin();
                }
            }
            self.observe(&steps[at + 1..]);
        }
    }

    /// Sees what the next checks want changed.
    fn observe(&mut self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Check(check) => {
                    check.conditions.iter().for_each(|one| one.observe(&self.sim, &mut self.memory));
                    break;
                }
                Step::Exercise(exercise) => {
                    let all = exercise.checks.iter().flat_map(|check| &check.conditions);
                    all.for_each(|one| one.observe(&self.sim, &mut self.memory));
                    break;
                }
                _ => {}
            }
        }
    }

    fn say(&mut self, line: usize, what: &str, verdict: Verdict) -> usize {
        self.report.outcomes.push(Outcome {
            line,
            what: what.to_string(),
            verdict,
            printed: String::new(),
            expected: None,
        });
        self.report.outcomes.len() - 1
    }

    // Commands

    fn command(&mut self, command: &Command) {
        self.await_running(false);
        if let Some(blank) = placeholder(&command.text) {
            let why = format!("the reader puts something in the place of {blank}");
            self.say(command.line, &command.text, Verdict::NotSimulated(why));
            return;
        }
        let text = beside(&self.sim, self.names.translate(&command.text));
        if text.starts_with("kubectl edit ") {
            let why = "the reader changes the object in an editor".to_string();
            self.say(command.line, &command.text, Verdict::NotSimulated(why));
            return;
        }
        if let Some(port) = local_port(&text)
            && let Some(other) = self.running.iter().find(|one| local_port(&one.typed) == Some(port))
            && at_prompt(&self.sim, other.terminal) == At::Busy
        {
            // The reader ends what still has the port.
            self.interrupt(other.terminal);
        }
        if let Some((program, unknown)) = &self.unreached {
            if is_inner(command) {
                let verdict = if *unknown {
                    Verdict::NotSimulated(format!("it is a line for `{program}`, which is not simulated"))
                } else {
                    Verdict::Differs(vec![format!("+ it is a line for `{program}`, which did not start")])
                };
                self.say(command.line, &command.text, verdict);
                return;
            }
            self.unreached = None;
        }
        let Some(terminal) = self.terminal_for(command) else {
            let why = vec!["+ no program waits for a line at such a prompt".to_string()];
            self.say(command.line, &command.text, Verdict::Differs(why));
            return;
        };
        self.current = terminal;
        let wants_none = |line: &String| line.contains("does not exist") || line.contains("No such file");
        if !command.expected.as_ref().is_some_and(|expected| expected.lines.iter().any(wants_none)) {
            self.fetch(&text, terminal);
        }
        let outcome = self.say(command.line, &command.text, Verdict::Good);
        self.report.outcomes[outcome].expected.clone_from(&command.expected);
        if is_endless(&text) && at_prompt(&self.sim, terminal) == At::Host {
            self.start(command, outcome, terminal, &text);
            return;
        }
        let (since_end, paced) = (self.sim.now(), self.next.max(self.sim.now()));
        let paced = if text.starts_with("sleep ") { since_end } else { paced };
        let mut attempt = try_at(self.sim.clone(), terminal, &text, paced);
        if !attempt.ended {
            // It has printed all there is to see of it, or never will: it runs on. Its first seconds are enough; the ten minutes
            // that were waited did not happen.
            drop(attempt);
            self.start(command, outcome, terminal, &text);
            return;
        }
        let mut verdict = self.judge(command, &attempt);
        if matches!(verdict, Verdict::Differs(_)) && command.expected.is_some() {
            let mut meanwhile = self.sim.clone();
            // In what a command was tried, and when that ended.
            let mut tried: Option<(Sim, SimTime)> = None;
            let mut judged = (attempt.printed.clone(), attempt.status);
            for moment in MOMENTS {
                let at = SimTime(since_end.0 + moment * 100_000);
                meanwhile.run_until(at.max(meanwhile.now()));
                // Where nothing has happened since, it prints the same.
                if tried.as_ref().is_some_and(|(before, until)| {
                    before.revision() == meanwhile.revision()
                        || *until <= at && meanwhile.cluster().has_rested_since(before.cluster())
                }) {
                    continue;
                }
                let other = try_at(meanwhile.clone(), terminal, &text, at);
                tried = Some((meanwhile.clone(), other.sim.now()));
                if !other.ended || (&judged.0, judged.1) == (&other.printed, other.status) {
                    continue;
                }
                if self.judge(command, &other) == Verdict::Good {
                    (attempt, verdict) = (other, Verdict::Good);
                    break;
                }
                judged = (other.printed, other.status);
            }
        }
        if let (Verdict::Differs(_), Some(expected)) = (&verdict, &command.expected) {
            learn_in_part(&expected.lines, &attempt.printed, &mut self.names);
        }
        let unknown = matches!(verdict, Verdict::NotSimulated(_));
        let refused = verdict != Verdict::Good
            && typing::is_interactive(&text)
            && attempt.status.is_some_and(|one| one != 0);
        if (unknown || refused) && !is_inner(command) {
            self.unreached = Some((command.text.clone(), unknown));
        }
        self.report.outcomes[outcome].verdict = verdict;
        self.report.outcomes[outcome].printed.clone_from(&attempt.printed);
        self.memory.note(&command.text, &attempt.printed);
        let changed =
            attempt.sim.cluster().api.store().revision() != self.sim.cluster().api.store().revision();
        self.sim = attempt.sim;
        self.next = if changed { SimTime(self.sim.now().0 + seconds(PACE)) } else { self.sim.now() };
    }

    /// Puts the files that a command names where it looks for them, if the course has them elsewhere.
    fn fetch(&mut self, text: &str, terminal: u32) {
        if at_prompt(&self.sim, terminal) != At::Host {
            return;
        }
        for (path, text) in typing::missing_files(&self.sim, terminal, text, &self.library) {
            self.sim.apply(&Input::Save { path, text });
        }
    }

    /// Types a command that does not end.
    fn start(&mut self, command: &Command, outcome: usize, terminal: u32, text: &str) {
        self.sim.run_until(self.moment_of(command, terminal, text));
        let since = self.sim.host().printed(terminal);
        self.sim.apply(&Input::Type { terminal, text: format!("{text}\n") });
        self.watch(command, outcome, terminal, text, since);
    }

    /// When a command that does not end is typed: where a chapter shows a watch's rows, so that it begins with those.
    fn moment_of(&self, command: &Command, terminal: u32, text: &str) -> SimTime {
        let usual = self.next.max(self.sim.now());
        let Some(expected) = command.expected.as_ref().filter(|_| is_table_stream(text)) else {
            return usual;
        };
        let fits = |at: &SimTime| {
            let mut sim = self.sim.clone();
            sim.run_until(*at);
            let since = sim.host().printed(terminal);
            sim.apply(&Input::Type { terminal, text: format!("{text}\n") });
            sim.run_until(SimTime(at.0 + 300_000));
            begins(&expected.lines, &output_of(&sim.host().printed_since(terminal, since), text, false))
        };
        let soon = MOMENTS.iter().take_while(|moment| **moment <= SOON);
        let mut moments = soon.map(|moment| SimTime(self.sim.now().0 + moment * 100_000));
        if fits(&usual) { usual } else { moments.find(fits).unwrap_or(usual) }
    }

    fn watch(&mut self, command: &Command, outcome: usize, terminal: u32, text: &str, since: usize) {
        self.sim.run_until(SimTime(self.sim.now().0 + seconds(GLANCE)));
        self.next = self.sim.now();
        self.running.push(Running {
            outcome,
            command: command.clone(),
            terminal,
            typed: text.to_string(),
            since,
            seen: 0,
            done: false,
        });
        let at = self.running.len() - 1;
        if command.interrupted {
            if !self.judge_running(at, false) {
                self.await_running(false);
            }
            self.interrupt(terminal);
        } else {
            self.judge_running(at, false);
        }
    }

    /// Ctrl-C in a terminal, and what runs there is judged.
    fn interrupt(&mut self, terminal: u32) {
        for at in 0..self.running.len() {
            if self.running[at].terminal == terminal && !self.running[at].done {
                self.judge_running(at, true);
            }
        }
        self.sim.apply(&Input::Type { terminal, text: "\u{3}".into() });
        let until = SimTime(self.sim.now().0 + seconds(30));
        while at_prompt(&self.sim, terminal) == At::Busy
            && let Some(at) = self.sim.next_at().filter(|at| *at <= until)
        {
            self.sim.run_until(at);
        }
    }

    /// Compares what a running command has printed so far. What it fits once, it fits. True where it does.
    fn judge_running(&mut self, at: usize, last: bool) -> bool {
        let running = &mut self.running[at];
        running.seen = self.sim.host().printed(running.terminal);
        let raw = self.sim.host().printed_since(running.terminal, running.since);
        let printed = output_of(&raw, &running.typed, at_prompt(&self.sim, running.terminal) != At::Busy);
        let verdict = match &running.command.expected {
            None => not_simulated(&printed, &[]).map_or(Verdict::Good, Verdict::NotSimulated),
            Some(expected) => {
                let stream = is_table_stream(&running.typed);
                let found = compare(&expected.lines, &printed, stream, &mut self.names);
                match (found.same, not_simulated(&printed, &expected.lines)) {
                    (true, _) => Verdict::Good,
                    (_, Some(why)) => Verdict::NotSimulated(why),
                    _ => Verdict::Differs(found.diff),
                }
            }
        };
        let good = verdict == Verdict::Good;
        if good || last {
            running.done = true;
            self.memory.note(&running.command.text, &printed);
            let outcome = &mut self.report.outcomes[running.outcome];
            outcome.verdict = verdict;
            outcome.printed = printed;
        }
        good
    }

    /// Waits until what runs on has printed what the chapter shows of it, where it ever will.
    fn await_running(&mut self, at_the_end: bool) {
        if self.running.iter().all(|running| running.done) {
            return;
        }
        let (now, before) = (self.sim.now(), self.clone());
        let until = SimTime(now.0 + seconds(PATIENCE));
        loop {
            for at in 0..self.running.len() {
                let running = &self.running[at];
                if !running.done && self.sim.host().printed(running.terminal) != running.seen {
                    self.judge_running(at, false);
                }
            }
            if self.running.iter().all(|running| running.done) {
                return;
            }
            match self.sim.next_at().filter(|at| *at <= until) {
                Some(at) => self.sim.run_until(at),
                None => break,
            }
        }
        // Some were seen through on the way; the rest waits for what the chapter does next.
        let seen: Vec<bool> = self.running.iter().map(|running| running.done).collect();
        if !at_the_end && seen != before.running.iter().map(|running| running.done).collect::<Vec<_>>() {
            return;
        }
        if !at_the_end {
            *self = before;
        }
    }

    /// Whether an attempt printed what it should.
    fn judge(&mut self, command: &Command, attempt: &Attempt) -> Verdict {
        let said: &[String] = command.expected.as_ref().map_or(&[], |expected| &expected.lines);
        if command.expected.is_none() {
            if let Some(why) = not_simulated(&attempt.printed, said) {
                return Verdict::NotSimulated(why);
            }
            // The reader's own folders are not here, but all files are.
            let moves = command.text.starts_with("cd ") && attempt.printed.contains("No such file");
            let failed = !moves
                && attempt.status.is_some_and(|status| status != 0)
                && !attempt.printed.trim().is_empty();
            if failed && !attempt.printed.starts_with(TERMINATED) {
                let status = attempt.status.unwrap_or_default();
                let mut lines: Vec<String> =
                    attempt.printed.lines().map(|line| format!("+ {line}")).collect();
                lines.push(format!("+ (it failed: exit status {status})"));
                return Verdict::Differs(lines);
            }
            return Verdict::Good;
        }
        // What a shell ends with is what its last command did: a book seldom shows it.
        let ends: [fn(&str) -> bool; 3] = [
            |line| line == "exit",
            |line| line.starts_with(TERMINATED),
            |line| line.starts_with("pod ") && line.contains(" terminated ("),
        ];
        let mut kept = String::new();
        let mut printed = attempt.printed.as_str();
        if command.text == "exit" {
            let unsaid = |line: &str| ends.iter().any(|is| is(line) && !said.iter().any(|said| is(said)));
            kept.extend(printed.lines().filter(|line| !unsaid(line)).flat_map(|line| [line, "\n"]));
            printed = &kept;
        }
        let found = compare(said, printed, is_table_stream(&command.text), &mut self.names);
        if found.same {
            return Verdict::Good;
        }
        match not_simulated(&attempt.printed, said) {
            Some(why) => Verdict::NotSimulated(why),
            None => Verdict::Differs(found.diff),
        }
    }

    /// The terminal that a command goes to; none where no program waits for it.
    fn terminal_for(&mut self, command: &Command) -> Option<u32> {
        let (number, how) = typing::place(&self.sim, command, self.current)?;
        match how {
            How::Ready => {}
            How::Open => self.open(number),
            How::Interrupt => self.interrupt(number),
        }
        Some(number)
    }

    fn open(&mut self, number: u32) {
        self.sim.apply(&Input::Open { terminal: number });
        self.sim.run_until(SimTime(self.sim.now().0 + seconds(1)));
    }

    // Checks

    fn check(&mut self, check: &Check) -> bool {
        self.await_running(false);
        if let Some((line, why)) = &check.problem {
            self.say(*line, &format!("check: {}", check.title), Verdict::Differs(vec![format!("+ {why}")]));
            return false;
        }
        let missing = self.wait_for(check);
        let good = missing.is_empty();
        let verdict = if good { Verdict::Good } else { Verdict::Differs(missing) };
        self.say(check.line, &format!("check: {}", check.title), verdict);
        good
    }

    /// Lets time pass until a check holds. Where it never does, no time passes, and what does not hold is returned.
    fn wait_for(&mut self, check: &Check) -> Vec<String> {
        let failing = |sim: &Sim, memory: &Memory| -> Vec<String> {
            // What costs more is only looked at where everything else holds.
            let mut failing: Vec<String> = Vec::new();
            for costly in [false, true] {
                let some = check.conditions.iter().filter(|one| one.is_costly() == costly);
                let missing = some.filter(|one| !one.holds(sim, memory));
                failing.extend(missing.map(|one| format!("- {}", one.text())));
                if !failing.is_empty() {
                    break;
                }
            }
            failing
        };
        let first = failing(&self.sim, &self.memory);
        if first.is_empty() {
            return first;
        }
        let is_costly = check.conditions.iter().any(super::condition::Condition::is_costly);
        let mut sim = self.sim.clone();
        let until = SimTime(sim.now().0 + seconds(PATIENCE));
        let mut seen = (sim.cluster().api.store().revision(), sim.now());
        while let Some(at) = sim.next_at().filter(|at| *at <= until) {
            sim.run_until(at);
            let revision = sim.cluster().api.store().revision();
            let due = is_costly && at.0 >= seen.1.0 + seconds(5);
            if revision == seen.0 && !due {
                continue;
            }
            seen = (revision, at);
            if failing(&sim, &self.memory).is_empty() {
                self.sim = sim;
                return Vec::new();
            }
        }
        first
    }

    fn exercise(&mut self, exercise: &Exercise) {
        self.all(&exercise.before);
        let conditions = || exercise.checks.iter().flat_map(|check| &check.conditions);
        conditions().for_each(|one| one.observe(&self.sim, &mut self.memory));
        let done = !exercise.checks.is_empty() && conditions().all(|one| one.holds(&self.sim, &self.memory));
        let title = format!("exercise: {}", exercise.title);
        if done {
            let why = vec!["+ its checks hold before anything was done".to_string()];
            self.say(exercise.line, &title, Verdict::Differs(why));
        }
        let scripts: Vec<(String, String)> = (self.scripts.iter())
            .filter_map(|(name, text)| {
                let rest = name.strip_prefix(exercise.name.as_str())?.strip_prefix('.')?;
                (!exercise.name.is_empty()).then(|| (rest.to_string(), text.clone()))
            })
            .collect();
        for (name, script) in scripts {
            let mut copy = self.clone();
            copy.report = Report::default();
            for text in Script::commands(&script) {
                let command = Command {
                    line: exercise.line,
                    text,
                    prompt: None,
                    expected: None,
                    interrupted: true,
                    terminal: None,
                };
                copy.command(&command);
                conditions().for_each(|one| one.observe(&copy.sim, &mut copy.memory));
            }
            let held: Vec<bool> = exercise.checks.iter().map(|check| copy.check(check)).collect();
            let (wrong, solved) = (name.starts_with("wrong"), held.iter().all(|held| *held));
            let said = format!("{title} ({name})");
            if wrong != solved {
                self.say(exercise.line, &said, Verdict::Good);
                continue;
            }
            let why = if wrong {
                vec!["+ the checks hold after a wrong solution".to_string()]
            } else {
                let failed = copy.report.outcomes.iter().filter_map(|outcome| match &outcome.verdict {
                    Verdict::Differs(lines) => Some((outcome, lines)),
                    _ => None,
                });
                failed
                    .flat_map(|(one, lines)| std::iter::once(format!("- {}", one.what)).chain(lines.clone()))
                    .collect()
            };
            self.say(exercise.line, &said, Verdict::Differs(why));
        }
        if !exercise.solution.is_empty() {
            for step in &exercise.solution {
                self.all(std::slice::from_ref(step));
                conditions().for_each(|one| one.observe(&self.sim, &mut self.memory));
            }
            for check in &exercise.checks {
                self.check(check);
            }
        }
    }
}

/// The inputs that the front matter's commands are, into a terminal that is not shown.
pub fn set_up(commands: &[String], apply: &mut dyn FnMut(Input)) {
    if commands.is_empty() {
        return;
    }
    apply(Input::Open { terminal: HIDDEN });
    let text: String = commands.iter().flat_map(|command| [command.trim_end(), "\n"]).collect();
    apply(Input::Type { terminal: HIDDEN, text });
}

/// A line for a program that was started before: it stands behind a prompt that is not the host's.
fn is_inner(command: &Command) -> bool {
    let first = command.text.split_whitespace().next().unwrap_or_default();
    matches!(command.prompt, Some(Prompt::Hash | Prompt::Program))
        && !matches!(first, "kubectl" | "minikube" | "docker")
}

fn seconds(count: u64) -> u64 {
    SimTime::from_secs(count).0
}

/// Types a line at a moment, in a simulation of its own, and waits until its terminal shows a prompt again.
fn try_at(mut sim: Sim, terminal: u32, text: &str, at: SimTime) -> Attempt {
    sim.run_until(at.max(sim.now()));
    let prompt = sim.host().prompt(terminal);
    let before = prompt.map_or(0, |(number, _)| number);
    let since = sim.host().printed(terminal);
    sim.apply(&Input::Type { terminal, text: format!("{text}\n") });
    let until = SimTime(sim.now().0 + seconds(LONGEST));
    let mut seen = since;
    loop {
        if let Some((number, status)) = sim.host().prompt(terminal) {
            if number > before {
                let raw = sim.host().printed_since(terminal, since);
                // What leaves an inner program brings back the prompt of the command that began it.
                let status = prompt.map(|_| status);
                return Attempt { printed: output_of(&raw, text, true), status, ended: true, sim };
            }
        } else if sim.host().printed(terminal) != seen {
            seen = sim.host().printed(terminal);
            let raw = sim.host().printed_since(terminal, since);
            let behind =
                raw.strip_prefix(text).and_then(|rest| rest.trim_start_matches('\r').strip_prefix('\n'));
            let last = behind.map(|rest| rest.rsplit('\n').next().unwrap_or_default());
            if last.is_some_and(|last| prompt::waiting(last).is_some()) {
                return Attempt { printed: output_of(&raw, text, true), status: None, ended: true, sim };
            }
        }
        match sim.next_at().filter(|at| *at <= until) {
            Some(at) => sim.run_until(at),
            None => {
                let raw = sim.host().printed_since(terminal, since);
                return Attempt { printed: output_of(&raw, text, false), status: None, ended: false, sim };
            }
        }
    }
}

/// The line in which Saya says that it does not do this, or that there is no such program.
fn not_simulated(printed: &str, said: &[String]) -> Option<String> {
    let line = printed.lines().find(|line| {
        let own = line.contains("not simulated") || line.contains("Saya");
        let missing = line.ends_with("command not found") && line.starts_with("bash:");
        (own || missing)
            && !said.iter().any(|said| said.trim() == line.trim() || missing && said.contains("not found"))
    })?;
    Some(line.trim().to_string())
}
