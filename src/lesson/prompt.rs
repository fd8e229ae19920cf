//! Prompts: what stands before a command in a book, and what a program shows while it waits for one.

/// Whose prompt it is, as far as it can be told from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// A shell's for ordinary users: `$`, `user@host:~$`, `PS>`.
    Dollar,
    /// A shell's for root: `#`, `/ #`, `root@mysql-0:/#`.
    Hash,
    /// Any other program's: `mysql>`, `MariaDB [db]>`, `127.0.0.1:6379>`, `>>>`.
    Program,
}

/// The prompt that a line begins with, and how many bytes it takes, one space behind it included.
pub(super) fn split(line: &str) -> Option<(Prompt, usize)> {
    let (prompt, length) = leading(line)?;
    let rest = &line[length..];
    match rest.chars().next() {
        None => Some((prompt, length)),
        Some(' ' | '\t') => Some((prompt, length + 1)),
        Some(_) => None,
    }
}

/// How many bytes of a line its prompt takes, one space behind it included.
pub fn length(line: &str) -> usize {
    split(line).map_or(0, |(_, length)| length)
}

/// The prompt that a terminal's last line is, with nothing typed behind it yet.
pub(super) fn waiting(line: &str) -> Option<Prompt> {
    let (prompt, length) = leading(line)?;
    // What a program prints may look like one, but it does not end in one space.
    (line.len() == length + 1 && line.ends_with(' ')).then_some(prompt)
}

/// A prompt at the beginning of a line, without the space behind it.
fn leading(line: &str) -> Option<(Prompt, usize)> {
    let first = line.chars().next()?;
    match first {
        '$' => return Some((Prompt::Dollar, 1)),
        '#' => return Some((Prompt::Hash, 1)),
        '❯' => return Some((Prompt::Dollar, first.len_utf8())),
        _ => {}
    }
    for name in ["mysql>", "sqlite>", "redis>", "psql>", "test>", ">>>"] {
        if line.starts_with(name) {
            return Some((Prompt::Program, name.len()));
        }
    }
    for name in ["MySQL [", "MariaDB ["] {
        if let Some(rest) = line.strip_prefix(name)
            && let Some(end) = rest.find("]>")
        {
            return Some((Prompt::Program, name.len() + end + 2));
        }
    }
    // PowerShell and cmd: `PS>`, `PS C:\Users\me>`, `C:\Users\me>`.
    let is_drive = |text: &str| {
        let mut chars = text.chars();
        chars.next().is_some_and(|c| c.is_ascii_uppercase()) && chars.as_str().starts_with(":\\")
    };
    let path = line.strip_prefix("PS").map_or(line, str::trim_start);
    if (path.len() < line.len() && path.starts_with('>'))
        || is_drive(path)
        || (path.len() < line.len() && path.starts_with('/'))
    {
        let end = path.find('>')?;
        return Some((Prompt::Dollar, line.len() - path.len() + end + 1));
    }
    root_or_user(line).or_else(|| {
        // `127.0.0.1:6379>`
        let end = line.find('>')?;
        let (host, port) = line[..end].split_once(':')?;
        let is_address = is_plain(host)
            && host.contains(|c: char| c.is_ascii_alphabetic() || c == '.')
            && !port.is_empty()
            && port.chars().all(|c| c.is_ascii_digit() || "[]".contains(c));
        is_address.then_some((Prompt::Program, end + 1))
    })
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-~/:@".contains(c))
}

/// A path or user@host:path up to `#` or `$`: `/ #`, `/usr/share $`, `root@mysql-0:/#`, `[root@a /]#`, `bash-5.1#`.
fn root_or_user(line: &str) -> Option<(Prompt, usize)> {
    let end = line.find(['#', '$'])?;
    let mut before = &line[..end];
    before = before.strip_suffix(' ').unwrap_or(before);
    let bracketed = before.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let is_shell = |name: &str| {
        before.strip_prefix(name).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let is_prompt = match bracketed {
        Some(inside) => inside.contains('@') && is_plain(&inside.replace(' ', "")),
        None => {
            let at_host = before
                .split_once('@')
                .is_some_and(|(user, host)| !user.is_empty() && host.contains([':', '~', '/']));
            is_plain(before)
                && (before.starts_with(['/', '~']) || at_host || is_shell("bash-") || is_shell("sh-"))
        }
    };
    let prompt = if line[end..].starts_with('#') { Prompt::Hash } else { Prompt::Dollar };
    is_prompt.then_some((prompt, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_of_books() {
        for (line, prompt, command) in [
            ("$ kubectl get pods", Prompt::Dollar, "kubectl get pods"),
            ("$", Prompt::Dollar, ""),
            ("# apk update", Prompt::Hash, "apk update"),
            ("/ # hostname", Prompt::Hash, "hostname"),
            ("/usr/share/nginx/html # ls", Prompt::Hash, "ls"),
            ("~ $ id", Prompt::Dollar, "id"),
            ("root@mysql-0:/# mysql", Prompt::Hash, "mysql"),
            ("[root@pma-5d9c8bdf4d-x2x2x html]# ls", Prompt::Hash, "ls"),
            ("user@laptop:~$ ls", Prompt::Dollar, "ls"),
            ("bash-5.1# exit", Prompt::Hash, "exit"),
            ("PS> kubectl get svc", Prompt::Dollar, "kubectl get svc"),
            ("PS C:\\Users\\me> dir", Prompt::Dollar, "dir"),
            ("mysql> SELECT 1;", Prompt::Program, "SELECT 1;"),
            ("MySQL [(none)]> SHOW DATABASES;", Prompt::Program, "SHOW DATABASES;"),
            ("MariaDB [fleetman]> quit", Prompt::Program, "quit"),
            ("127.0.0.1:6379> CONFIG GET maxmemory", Prompt::Program, "CONFIG GET maxmemory"),
        ] {
            let (found, length) = split(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((found, &line[length..]), (prompt, command), "{line}");
        }
    }

    #[test]
    fn lines_without_a_prompt() {
        for line in [
            "NAME   READY",
            "#!/bin/sh",
            "a # b",
            "http://x/#top",
            "$HOME",
            "10:00> no",
            "nameserver 10.96.0.10",
            "-> x",
            "",
        ] {
            assert_eq!(split(line), None, "{line}");
        }
    }

    #[test]
    fn a_program_waits_behind_its_prompt() {
        assert_eq!(waiting("/ # "), Some(Prompt::Hash));
        assert_eq!(waiting("mysql> "), Some(Prompt::Program));
        assert_eq!(waiting("/ # ls"), None);
        assert_eq!(waiting("done"), None);
    }
}
