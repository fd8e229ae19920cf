//! kubectl 1.36, as a client of the API server.
//!
//! [`Kubectl`] is a resumable program: it is stepped, and says when it wants to go on. A verb is a file, and a line
//! in [`ROOT`]'s list.

pub mod builder;
mod cluster_info;
pub mod command;
mod component_statuses;
mod config;
mod connection;
pub mod discovery;
pub mod error;
pub mod flags;
mod help;
mod identity;
pub mod kubeconfig;
pub mod kyaml;
pub mod manifest;
pub mod printer;
mod prune;
mod raw;
pub mod requests;
pub mod running;
pub mod session;
pub mod template;

mod annotate;
mod api_resources;
mod api_versions;
mod apply;
mod attach;
mod auth;
mod autoscale;
mod certificate;
mod cordon;
mod cp;
mod create;
pub mod debug;
mod debug_profile;
pub mod delete;
pub mod describe;
pub mod diff;
pub mod drain;
pub mod edit;
pub mod events;
mod exec;
mod explain;
mod expose;
pub mod get;
mod kustomize;
mod label;
mod logs;
mod not_simulated;
mod pairs;
mod patch;
mod plugin;
mod pods;
mod port_forward;
mod proxy;
pub mod releases;
pub mod replace;
pub mod rollout;
pub mod run;
mod scale;
mod set;
mod set_last_applied;
mod subresource;
mod taint;
mod templates;
mod top;
mod version;
mod view_last_applied;
pub mod wait;

use crate::apiserver::ApiServer;
use crate::apiserver::rbac::User;

pub use apply::LAST_APPLIED;
pub use diff::marked;
pub use requests::{
    AttachRequest, CopyRequest, CopySide, EditRequest, ExecRequest, LogSource, LogsRequest,
    PortForwardRequest, PortPair, ProxyRequest,
};
pub use session::{Dialed, Io, Stdin, Step};

use command::{Command, find};
use error::{Error, Result};
use flags::Flags;
use running::{Answer, Running};
use session::{Flow, Session};

/// kubectl itself, with its commands in the order in which it lists them.
pub static ROOT: Command = Command {
    name: "kubectl",
    commands: &[
        &create::COMMAND,
        &expose::COMMAND,
        &run::COMMAND,
        &set::COMMAND,
        &explain::COMMAND,
        &get::COMMAND,
        &edit::COMMAND,
        &delete::COMMAND,
        &rollout::COMMAND,
        &scale::COMMAND,
        &autoscale::COMMAND,
        &certificate::COMMAND,
        &cluster_info::COMMAND,
        &top::COMMAND,
        &cordon::CORDON,
        &cordon::UNCORDON,
        &drain::COMMAND,
        &taint::COMMAND,
        &describe::COMMAND,
        &logs::COMMAND,
        &attach::COMMAND,
        &exec::COMMAND,
        &port_forward::COMMAND,
        &proxy::COMMAND,
        &cp::COMMAND,
        &auth::COMMAND,
        &debug::COMMAND,
        &events::COMMAND,
        &diff::COMMAND,
        &apply::COMMAND,
        &patch::COMMAND,
        &replace::COMMAND,
        &wait::COMMAND,
        &kustomize::COMMAND,
        &label::COMMAND,
        &annotate::COMMAND,
        &not_simulated::COMPLETION,
        &api_resources::COMMAND,
        &api_versions::COMMAND,
        &config::COMMAND,
        &plugin::COMMAND,
        &version::COMMAND,
        &help::COMMAND,
    ],
    ..Command::NONE
};

/// One run of kubectl.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kubectl {
    argv: Vec<String>,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State {
    Start,
    Running {
        call: Call,
        running: Running,
    },
    /// It waits for the answer to what it asked for.
    Asking {
        call: Call,
        running: Running,
        answer: Option<Answer>,
    },
    Ended(u8),
}

/// A command line, understood.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Call {
    command: String,
    flags: Flags,
    namespace: String,
    explicit_namespace: bool,
    user: Option<User>,
}

impl Kubectl {
    /// kubectl with these words after its name.
    pub fn new(argv: &[String]) -> Self {
        Self { argv: argv.to_vec(), state: State::Start }
    }

    /// Goes on as far as it can.
    pub fn step(&mut self, io: &mut dyn Io, api: &mut ApiServer) -> Step {
        let (call, flow) = match std::mem::replace(&mut self.state, State::Ended(1)) {
            State::Ended(code) => {
                self.state = State::Ended(code);
                return Step::Done(code);
            }
            State::Running { call, running } => {
                let flow = running.step(&mut call.session(io, api, None), None);
                (call, flow)
            }
            State::Asking { call, running, answer } => {
                let flow = running.step(&mut call.session(io, api, None), answer);
                (call, flow)
            }
            State::Start => match self.start(io, api) {
                Ok(Some((call, flow))) => (call, flow),
                Ok(None) => {
                    self.state = State::Start;
                    return Step::Wait { until: None, cluster: false };
                }
                Err(error) => return self.fail(io, &error),
            },
        };
        match flow {
            Ok(Flow::Done(code)) => {
                self.state = State::Ended(code);
                Step::Done(code)
            }
            Ok(Flow::Running(running, wake)) => {
                self.state = State::Running { call, running };
                Step::Wait { until: wake.until, cluster: wake.cluster }
            }
            Ok(Flow::HandOver(step)) => {
                self.state = State::Ended(0);
                step
            }
            Ok(Flow::Ask(running, step)) => {
                self.state = State::Asking { call, running, answer: None };
                step
            }
            Err(error) => self.fail(io, &error),
        }
    }

    /// Tells it that the program or the log that it asked for has ended with this exit status. To be stepped again
    /// then, until it is done.
    pub fn ended(&mut self, code: u8) {
        match &mut self.state {
            State::Asking { answer, .. } => *answer = Some(Answer::Ended(code)),
            State::Ended(own) => *own = code,
            _ => {}
        }
    }

    /// Tells it what was saved of the text that it wanted edited, and where a copy of that lies. To be stepped again then.
    pub fn saved(&mut self, text: String, path: String) {
        if let State::Asking { answer, .. } = &mut self.state {
            *answer = Some(Answer::Saved(text, path));
        }
    }

    fn fail(&mut self, io: &mut dyn Io, error: &Error) -> Step {
        let (text, code) = error.report();
        io.err(&text);
        self.state = State::Ended(code);
        Step::Done(code)
    }

    /// Runs the command's first step; none while standard input has not ended.
    #[allow(clippy::type_complexity, reason = "the call and what it came to")]
    fn start(&self, io: &mut dyn Io, api: &mut ApiServer) -> Result<Option<(Call, Result<Flow>)>> {
        let mut argv = self.argv.clone();
        // `kubectl help get` is `kubectl get --help`.
        let asks_for_help = argv.first().is_some_and(|word| word == "help");
        if asks_for_help {
            argv.remove(0);
            argv.push("--help".into());
        }
        let (found, path, words) = find(&ROOT, &argv);
        let command = found.command;
        if command.name == ROOT.name {
            if asks_for_help && found.stray.is_some() {
                let topics: Vec<String> =
                    argv[..argv.len() - 1].iter().map(|word| format!("`{word}`")).collect();
                io.err(&format!("Unknown help topic [{}]\n{}", topics.join(" "), help::of_root(&ROOT)));
                return Err(Error::Exit(0));
            }
            return unknown_command(io, found.stray.map(|at| words[at].as_str()), &argv).map(|()| None);
        }
        let flags = match Flags::read(command.flags, &words) {
            Ok(flags) => flags,
            Err(None) => {
                io.out(&help::of(command, &path));
                return Err(Error::Exit(0));
            }
            Err(Some(why)) => return Err(Error::Plain(format!("{why}\nSee '{path} --help' for usage."))),
        };
        if let Some(why) = flags.missing(command.flags) {
            return Err(Error::Plain(why));
        }
        let Some(run) = command.run else { return Err(group(io, command, &path, &flags)) };
        let kubeconfig = connection::config(io, &flags)?;
        let (is_config, file) = (path.starts_with("kubectl config "), flags.text("kubeconfig"));
        if !is_config && !file.is_empty() && !io.exists(file) {
            return Err(Error::plain(format!("stat {file}: no such file or directory")));
        }
        let explicit_namespace = !flags.text("namespace").is_empty();
        // `config` mends a file whose current context is gone.
        let namespace = if is_config {
            "default".into()
        } else if explicit_namespace {
            flags.text("namespace").to_string()
        } else {
            match kubeconfig.context(flags.text("context"))?.get("namespace").str() {
                "" => "default".into(),
                namespace => namespace.into(),
            }
        };
        if !connection::dial(io, api, &path, &flags, &kubeconfig)? {
            return Ok(None);
        }
        let mut stdin = None;
        if let Some(fd) = flags.list("filename").iter().find_map(|path| manifest::stream(path)) {
            match io.stream(fd) {
                Stdin::Pending => return Ok(None),
                Stdin::All(bytes) => stdin = Some(bytes),
            }
        }
        for name in flags.not_simulated(command.flags) {
            io.err(&format!("Warning: Saya does not simulate --{name}\n"));
        }
        if flags.given("record") {
            io.err("Flag --record has been deprecated, --record will be removed in the future\n");
        }
        let (name, groups) = (flags.text("as"), flags.list("as-group"));
        let own = match connection::is_needless(&path, &flags) {
            true => None,
            false => identity::of(io, api, &kubeconfig, &flags, flags.of_all("user", command.flags))?,
        };
        let user = match name {
            "" => own,
            name => Some(identity::impersonated(api, own, name, groups)?),
        };
        let call = Call { command: path, flags, namespace, explicit_namespace, user };
        let flow = run(&mut call.session(io, api, stdin));
        Ok(Some((call, flow)))
    }
}

impl Call {
    fn session<'a>(
        &'a self,
        io: &'a mut dyn Io,
        api: &'a mut ApiServer,
        stdin: Option<Vec<u8>>,
    ) -> Session<'a> {
        Session {
            io,
            api,
            flags: &self.flags,
            command: &self.command,
            namespace: self.namespace.clone(),
            explicit_namespace: self.explicit_namespace,
            stdin,
            user: self.user.clone(),
            warned: Vec::new(),
            trying_until: None,
        }
    }
}

/// What kubectl says where no command is named, or none that it has.
fn unknown_command(io: &mut dyn Io, word: Option<&str>, argv: &[String]) -> Result<()> {
    let Some(word) = word else {
        // Flags alone are read before kubectl tells what it can do.
        return match Flags::read(&[], argv) {
            Err(Some(why)) => Err(Error::Plain(format!("{why}\nSee 'kubectl --help' for usage."))),
            _ => {
                io.out(&help::of_root(&ROOT));
                Err(Error::Exit(0))
            }
        };
    };
    if argv[0].starts_with('-') {
        return Err(Error::Raw(format!("Error: flags cannot be placed before plugin name: {}", argv[0])));
    }
    let mut text = format!("unknown command \"{word}\" for \"kubectl\"");
    let suggestions = ROOT.suggestions(word);
    if !suggestions.is_empty() {
        text += "\n\nDid you mean this?\n";
        for suggestion in suggestions {
            text += &format!("\t{suggestion}\n");
        }
    }
    Err(Error::Plain(text))
}

/// What a command says that does nothing without a word after it.
fn group(io: &mut dyn Io, command: &Command, path: &str, flags: &Flags) -> Error {
    if !flags.args.is_empty() {
        return Error::usage(path, format!("unknown command \"{}\"", flags.args.join(" ")));
    }
    let help = help::of(command, path);
    if command.group.is_some_and(|group| group.on_stdout) {
        io.out(&help)
    } else {
        io.err(&help)
    }
    Error::Exit(1)
}
