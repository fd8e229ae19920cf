//! What kubectl says of its commands.

use super::command::Command;
use super::error::Result;
use super::flags::{Flag, GLOBAL, flags_of};
use super::session::{DONE, Flow, Session};

/// The titles under which kubectl lists its commands, each with the command that it stands before.
const SECTIONS: [(&str, &str); 8] = [
    ("Basic Commands (Beginner):", "create"),
    ("Basic Commands (Intermediate):", "explain"),
    ("Deploy Commands:", "rollout"),
    ("Cluster Management Commands:", "certificate"),
    ("Troubleshooting and Debugging Commands:", "describe"),
    ("Advanced Commands:", "diff"),
    ("Settings Commands:", "label"),
    ("Other Commands:", "api-resources"),
];

const OPTIONS: &str =
    "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n";

/// The help of kubectl itself.
pub fn of_root(root: &Command) -> String {
    let mut text = "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/\n".to_string();
    for command in root.listed() {
        if let Some((title, _)) = SECTIONS.iter().find(|(_, first)| *first == command.name) {
            text += &format!("\n{title}\n");
        }
        text += &format!("  {:15} {}\n", command.name, command.short);
    }
    text += "\nUsage:\n  kubectl [flags] [options]\n\nUse \"kubectl <command> --help\" for more information about a given command.\n";
    text + OPTIONS
}

/// The help of a command with this full name.
pub fn of(command: &Command, path: &str) -> String {
    let mut text = match &command.group {
        Some(group) => format!("{}\n\n", group.long),
        None => format!("{}.\n\n", command.short),
    };
    if let Some(group) = command.group.filter(|group| !group.examples.is_empty()) {
        text += &format!("Examples:\n{}\n\n", group.examples);
    }
    if !command.aliases.is_empty() {
        text += &format!("Aliases:\n{}, {}\n\n", command.name, command.aliases.join(", "));
    }
    let mut commands: Vec<&Command> = command.listed().collect();
    commands.sort_by_key(|command| command.name);
    if !commands.is_empty() {
        let width = commands.iter().map(|command| command.name.len()).max().unwrap_or(0).max(11) + 2;
        text += "Available Commands:\n";
        for command in &commands {
            text += &format!("  {:width$} {}\n", command.name, command.short);
        }
        text.push('\n');
    }
    let options = options(flags_of(command.flags).filter(|flag| flag.name != "record"));
    if !options.is_empty() {
        text += &format!("Options:\n{options}\n");
    }
    text += &format!("Usage:\n  {path}");
    if !command.usage.is_empty() {
        text += &format!(" {}", command.usage);
    }
    text += if command.usage.contains("[options]") { "\n\n" } else { " [options]\n\n" };
    if !commands.is_empty() {
        text += &format!("Use \"{path} <command> --help\" for more information about a given command.\n");
    }
    text + OPTIONS
}

/// Flags with their defaults, a line each.
fn options(flags: impl Iterator<Item = Flag>) -> String {
    let mut flags: Vec<Flag> = flags.collect();
    flags.sort_by_key(|flag| flag.name);
    flags.iter().map(|flag| format!("    {}={}\n", flag.full_name(), flag.default_text())).collect()
}

/// `kubectl options`, which no list names.
pub(super) const COMMAND: Command = Command { name: "options", run: Some(list_global), ..Command::NONE };

fn list_global(session: &mut Session<'_>) -> Result<Flow> {
    let flags = options(flags_of(&[GLOBAL]).filter(|flag| flag.name != "help"));
    session.io.out(&format!("The following options can be passed to any command:\n\n{flags}"));
    DONE
}
