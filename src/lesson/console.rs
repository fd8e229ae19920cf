//! Console blocks: the commands in them and what the chapter says they print.

use crate::container::commands::NAMES;
use crate::container::shell::{Flavor, split_commands};

use super::prompt::{self, Prompt};
use super::tree::Block;
use super::typing::is_interactive;

/// What a chapter says that a command prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The lines.
    pub lines: Vec<String>,
    /// The line of the file at which they begin.
    pub first_line: usize,
}

/// A command of a chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The line of the file at which it begins.
    pub line: usize,
    /// What is typed, without the prompt and the last newline.
    pub text: String,
    /// The prompt before it; none in a block without prompts.
    pub prompt: Option<Prompt>,
    /// What it prints, where the chapter says so.
    pub expected: Option<Expected>,
    /// It is interrupted with Ctrl-C: the chapter says `^C`, or another command follows in its block.
    pub interrupted: bool,
    /// The terminal that its block is typed into, where the chapter says so.
    pub terminal: Option<u32>,
}

/// What a block of code is to the one who follows the chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Commands, perhaps with what they print.
    Commands(Vec<Command>),
    /// What the command before prints, if it prints anything like it.
    Output(Expected),
    /// Something to read.
    Text,
}

const SHELLS: &[&str] = &["bash", "sh", "shell", "zsh"];
const CONSOLES: &[&str] = &[
    "console",
    "shell-session",
    "sh-session",
    "ps1",
    "pwsh",
    "powershell",
    "ps1con",
    "pwsh-session",
    "doscon",
    "terminal",
];
/// Languages of blocks that may hold what a command printed.
const PLAIN: &[&str] = &["", "text", "none", "plaintext", "plain", "output", "log", "txt"];
/// Programs that a course may call beside those of the host.
const PROGRAMS: &[&str] = &[
    "kubectl",
    "k",
    "minikube",
    "kind",
    "docker",
    "helm",
    "apk",
    "apt",
    "apt-get",
    "mysql",
    "mariadb",
    "curl",
    "wget",
    "nslookup",
    "dig",
    "host",
    "ping",
    "nc",
    "telnet",
    "ip",
    "ifconfig",
    "netstat",
    "ss",
    "git",
    "cd",
    "exit",
    "export",
    "cat",
    "vi",
    "vim",
    "nano",
    "code",
    "sudo",
    "systemctl",
    "watch",
    "openssl",
    "redis-cli",
    "source",
    "alias",
    "type",
    "which",
    "history",
    "unset",
    "pwd",
    "python",
    "python3",
    "node",
    "npm",
    "brew",
    "winget",
    "choco",
    "snap",
    "ssh",
    "scp",
    "tar",
    "jq",
    "sed",
    "awk",
    "for",
    "while",
    "if",
    "until",
    "set",
    "read",
    "mysqldump",
    "mongo",
    "mongosh",
    "mysqladmin",
    "psql",
    "bash",
    "sh",
    "eval",
    "nginx",
    "hostname",
    "getent",
    "traceroute",
    "tcpdump",
    "make",
    "kubens",
    "kubectx",
    "stern",
    "k9s",
    "eksctl",
    "gcloud",
    "az",
    "aws",
    "mkdir",
    "route",
];

/// True for the name of a program or a word of the shell.
fn is_program(word: &str) -> bool {
    PROGRAMS.contains(&word) || NAMES.contains(&word)
}

/// True for what begins as a command does.
fn is_command(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default().trim_end_matches(".exe");
    let assigns = word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    assigns || is_program(word) || word.starts_with("./")
}

/// True for a line that begins with a program no output begins with.
fn is_tool(line: &str) -> bool {
    const TOOLS: &[&str] = &[
        "kubectl", "k", "minikube", "docker", "helm", "kind", "curl", "wget", "cd", "export", "alias",
        "echo", "git",
    ];
    let mut words = line.split_whitespace();
    words.next().is_some_and(|word| TOOLS.contains(&word.trim_end_matches(".exe")))
        && words.next().is_some_and(|word| word != ":" && word != "is")
}

/// The number in a caption such as `Terminal 2`, `端末 2`.
fn terminal(block: &Block) -> Option<u32> {
    let said = [block.remark.as_str(), block.option("caption").unwrap_or_default()];
    said.iter().find_map(|text| {
        let lower = text.to_lowercase();
        let names = ["terminal", "ターミナル", "端末", "터미널"];
        let (at, name) = names.iter().find_map(|name| Some((lower.find(name)?, name)))?;
        let digits: String =
            lower[at + name.len()..].trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok().filter(|number| (1..=20).contains(number))
    })
}

/// Reads a block of code.
pub(super) fn read(block: &Block) -> Reading {
    if block.include.is_some() || block.file_name().is_some() || block.remark == "skip" {
        return Reading::Text;
    }
    let language = block.language.as_str();
    let (is_shell, is_console) = (SHELLS.contains(&language), CONSOLES.contains(&language));
    let first = block.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if !(is_shell
        || is_console
        || PLAIN.contains(&language)
        || matches!(language, "yaml" | "json" | "html" | "sql"))
    {
        return Reading::Text;
    }
    let has_dollar = block
        .text
        .lines()
        .any(|line| prompt::split(line).is_some_and(|(found, length)| found != Prompt::Hash || length > 2));
    // `# text` is a prompt only where no other one is in the block, and a program's name follows.
    let hash = !has_dollar && first.strip_prefix("# ").is_some_and(|rest| is_command(strip_comment(rest)));
    // `> kubectl …`, as Windows' own shell has it.
    let greater = first.strip_prefix("> ").is_some_and(is_tool);
    let prompt_of = |line: &str| {
        let found =
            prompt::split(line).filter(|(found, length)| *found != Prompt::Hash || *length > 2 || hash);
        found.or((greater && line.starts_with("> ")).then_some((Prompt::Dollar, 2)))
    };
    let mut terminal = terminal(block);
    if first.starts_with("#!") {
        return Reading::Text;
    }
    let may_have_prompts =
        is_shell || is_console || language.is_empty() || language == "sql" || PLAIN.contains(&language);
    if may_have_prompts && (prompt_of(first).is_some() || ((is_shell || is_console) && (has_dollar || hash)))
    {
        return Reading::Commands(with_prompts(block, &prompt_of, &mut terminal));
    }
    // Of a console without prompts all is output, unless no line of it can be.
    let alone = is_shell || is_console && !block.text.contains("   ") && is_tool(first);
    if alone && let Some(commands) = without_prompts(block, terminal) {
        return Reading::Commands(commands);
    }
    let heads = block.text.lines().skip_while(|line| line.trim().is_empty() || line.starts_with("# "));
    if (is_shell || is_console) && heads.clone().next().is_some_and(is_tool) {
        let prompt_of = |line: &str| is_tool(line).then_some((Prompt::Dollar, 0));
        return Reading::Commands(with_prompts(block, &prompt_of, &mut terminal));
    }
    if block.text.trim().is_empty() || is_shell && first.starts_with("# ") {
        return Reading::Text;
    }
    let lines = block.text.lines().take_while(|line| line.trim() != "^C");
    Reading::Output(expected(lines.map(str::to_string).collect(), block.first_line))
}

/// Lines without the blank ones around them.
fn expected(mut lines: Vec<String>, mut first_line: usize) -> Expected {
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    let blank = lines.iter().take_while(|line| line.trim().is_empty()).count();
    lines.drain(..blank);
    first_line += blank;
    Expected { lines, first_line }
}

/// A command without the comment or the annotation behind it.
pub fn strip_comment(text: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open && !escaped => quote = None,
            Some(_) => {}
            None if (c == '\'' || c == '"') && !escaped => quote = Some(c),
            None if before.is_whitespace() && at > 0 => {
                let rest = &text[at..];
                if rest.starts_with("# ") || rest.starts_with("<-- ") || rest.starts_with("<--") || c == '←'
                {
                    return text[..at].trim_end();
                }
            }
            None => {}
        }
        escaped = c == '\\' && !escaped;
        before = c;
    }
    text.trim_end()
}

/// True where the shell would ask for another line: `\` at the end, an open quote, a heredoc that has not ended.
fn goes_on(text: &str) -> bool {
    if let Some(at) = text.find("<<")
        && !text[at..].starts_with("<<<")
    {
        let rest = text[at + 2..].trim_start_matches('-').trim_start();
        let end: String = rest
            .trim_start_matches(['\'', '"', '\\'])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-')
            .collect();
        if !end.is_empty() {
            return !text.lines().skip(1).any(|line| line.trim() == end);
        }
    }
    if text.ends_with('\\') || text.ends_with('`') && text.contains(" `") {
        return true;
    }
    let last = text.split_whitespace().next_back().unwrap_or_default();
    if matches!(last, "do" | "then" | "else" | "|" | "&&" | "||" | "{") {
        return true;
    }
    let words = || text.split(|c: char| c.is_whitespace() || c == ';').filter(|word| !word.is_empty());
    let opens = |open: &[&str], close: &str| {
        open.contains(&words().next().unwrap_or_default()) && !words().any(|word| word == close)
    };
    if opens(&["for", "while", "until"], "done") || opens(&["if"], "fi") {
        return true;
    }
    let mut quote = None;
    let mut escaped = false;
    for c in text.chars() {
        match quote {
            Some('\'') if c == '\'' => quote = None,
            Some('"') if c == '"' && !escaped => quote = None,
            None if (c == '\'' || c == '"') && !escaped => quote = Some(c),
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    quote.is_some()
}

/// A block with prompts.
fn with_prompts(
    block: &Block,
    prompt_of: &dyn Fn(&str) -> Option<(Prompt, usize)>,
    terminal: &mut Option<u32>,
) -> Vec<Command> {
    let mut lines: Vec<&str> = block.text.lines().collect();
    let mut commands: Vec<Command> = Vec::new();
    let mut output: Vec<String> = Vec::new();
    let mut output_line = 0;
    let mut at = 0;
    // A root shell was started in a container, whose prompt may be `#` alone.
    let mut inner = false;
    let close = |commands: &mut Vec<Command>, output: &mut Vec<String>, line: usize| {
        let mut said = std::mem::take(output);
        if let Some(command) = commands.last_mut() {
            if let Some(at) = said.iter().position(|line| line.trim() == "^C") {
                said.truncate(at);
                command.interrupted = true;
            }
            let said = expected(said, line);
            if !said.lines.is_empty() {
                command.expected = Some(said);
            }
        }
    };
    while at < lines.len() {
        // `^C$ kubectl …`: the next prompt stands behind it.
        if let Some(rest) = lines[at].strip_prefix("^C")
            && prompt_of(rest).is_some()
        {
            lines[at] = rest;
            output.push("^C".into());
        }
        let in_root_shell = || {
            let (found, length) = prompt::split(lines[at]).filter(|_| inner)?;
            is_command(strip_comment(&lines[at][length..])).then_some((found, length))
        };
        let Some((prompt, length)) = prompt_of(lines[at]).or_else(in_root_shell) else {
            if output.is_empty() {
                output_line = block.first_line + at;
            }
            output.push(lines[at].to_string());
            at += 1;
            continue;
        };
        close(&mut commands, &mut output, output_line);
        let line = block.first_line + at;
        let mut text = match prompt {
            Prompt::Program => lines[at][length..].trim_end().to_string(),
            _ => strip_comment(lines[at][length..].trim_start()).to_string(),
        };
        at += 1;
        let mut shown = at;
        while prompt != Prompt::Program
            && at < lines.len()
            && at - shown < 200
            && goes_on(&text)
            && prompt_of(lines[at]).is_none()
        {
            let rest = lines[at].strip_prefix("> ").or_else(|| lines[at].strip_prefix(">> "));
            let rest = rest.or_else(|| (lines[at] == ">").then_some(""));
            // PowerShell goes on behind a backtick; here it is a backslash.
            if text.ends_with('`') {
                text.pop();
                text.push('\\');
            }
            text.push('\n');
            let next = rest.unwrap_or(lines[at]);
            text.push_str(if text.contains("<<") { next } else { strip_comment(next) });
            at += 1;
        }
        // A client of a database goes on behind `    ->` until `;`.
        while prompt == Prompt::Program && at < lines.len() {
            let Some(next) = lines[at].trim_start().strip_prefix("->") else { break };
            text.push('\n');
            text.push_str(next.trim());
            at += 1;
        }
        shown = shown.max(at);
        output_line = block.first_line + shown;
        if text.trim().is_empty() {
            continue;
        }
        if ["^D", "Ctrl-D", "Ctrl+D"].contains(&text.trim()) {
            text = "exit".into();
        }
        if let Some(last) = commands.last_mut() {
            last.interrupted = true;
        }
        if prompt == Prompt::Dollar {
            inner = is_interactive(&text);
        }
        commands.push(Command {
            line,
            text,
            prompt: Some(prompt),
            expected: None,
            interrupted: false,
            terminal: *terminal,
        });
    }
    close(&mut commands, &mut output, output_line);
    commands
}

/// A block without prompts, where all that is in it is commands.
fn without_prompts(block: &Block, terminal: Option<u32>) -> Option<Vec<Command>> {
    let mut commands = Vec::new();
    for (line, text) in split_commands(&block.text, Flavor::Bash) {
        let text = text.trim_end();
        let code = text.lines().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
        let Some(code) = code else { continue };
        if !is_command(code) {
            return None;
        }
        // A comment above a command is no part of it.
        let skipped = text
            .lines()
            .take_while(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
            .count();
        let kept: Vec<&str> = text.lines().skip(skipped).collect();
        let kept =
            if kept.len() == 1 { strip_comment(kept[0].trim_start()).to_string() } else { kept.join("\n") };
        commands.push(Command {
            line: block.first_line + line as usize - 1 + skipped,
            text: kept,
            prompt: None,
            expected: None,
            interrupted: true,
            terminal,
        });
    }
    if let Some(last) = commands.last_mut() {
        last.interrupted = false;
    }
    (!commands.is_empty()).then_some(commands)
}
