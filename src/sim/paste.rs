//! What is pasted into a terminal: commands as books and colleagues write them, their prompts taken off.

/// A line without the prompt that stands before it, if one does: `$ `, `# `, `/ # `, `PS> `, `user@host:~$ `.
pub fn without_prompt(line: &str) -> &str {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let bare = line.trim_start();
    for prompt in ["$ ", "PS> ", "% "] {
        if let Some(rest) = bare.strip_prefix(prompt) {
            return rest;
        }
    }
    // `# ` alone is also a comment, which a shell passes over; both are right.
    if let Some(rest) = bare.strip_prefix("# ") {
        return rest;
    }
    // A path, a user with a host, or PowerShell's folder, up to the sign.
    let head = bare.split_whitespace().next().unwrap_or_default();
    let is_place = head.starts_with(['/', '~']) || head.contains('@') && head.contains(':') || head == "PS";
    if is_place {
        for sign in [" # ", " $ ", "# ", "$ ", "> "] {
            if let Some((before, rest)) = bare.split_once(sign)
                && (!before.contains(' ') || head == "PS")
            {
                return rest;
            }
        }
    }
    line
}

/// The lines of a pasted text, without prompts.
pub fn lines(text: &str) -> Vec<String> {
    text.split('\n').map(|line| without_prompt(line).to_string()).collect()
}

/// A text copied from a terminal, without the prompts before what was typed.
pub fn copied(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').map(|line| line.strip_prefix("$ ").unwrap_or(line)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_taken_off() {
        for (line, command) in [
            ("$ kubectl get pods", "kubectl get pods"),
            ("# kubectl get pods", "kubectl get pods"),
            ("PS> kubectl get pods", "kubectl get pods"),
            (r"PS C:\Users\a> kubectl get pods", "kubectl get pods"),
            ("/ # nslookup mysql", "nslookup mysql"),
            ("/app # ls > a", "ls > a"),
            ("root@pma-59fc:/# cat /etc/hosts", "cat /etc/hosts"),
            ("user@host:~$ ls", "ls"),
            ("kubectl get pods", "kubectl get pods"),
            ("echo a # b", "echo a # b"),
            ("/usr/bin/kubectl get pods", "/usr/bin/kubectl get pods"),
            ("  spec:", "  spec:"),
            ("kubectl get pods\r", "kubectl get pods"),
        ] {
            assert_eq!(without_prompt(line), command, "{line}");
        }
        assert_eq!(copied("$ ls\na.yml\n$ "), "ls\na.yml\n");
    }
}
