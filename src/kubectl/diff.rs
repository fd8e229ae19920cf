//! `kubectl diff`

use crate::api::{Object, ObjectKey};
use crate::apiserver::patch::{self, PatchKind};
use crate::base::{Value, json};

use super::apply::{LAST_APPLIED, modified_configuration};
use super::builder::{Builder, Info};
use super::command::Command;
use super::error::{Error, Result, bail};
use super::flags::FILES;
use super::printer;
use super::session::{Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "diff",
    usage: "-f FILENAME",
    short: "Diff the live version against a would-be applied version",
    flags: &[
        FILES,
        "concurrency:int=1 field-manager=kubectl-client-side-apply force-conflicts:bool prune:bool prune-allowlist:array \
         selector,l server-side:bool show-managed-fields:bool",
    ],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    if !session.args().is_empty() {
        return Err(session.usage(format!("Unexpected args: [{}]", session.args().join(" "))));
    }
    if flags.list("filename").is_empty() && flags.text("kustomize").is_empty() {
        bail!("must specify one of -f and -k");
    }
    let found = Builder::new(session).files(session).labels(flags.text("selector")).find(session)?;
    let (infos, errors) = found.infos();
    Error::all(errors)?;
    let digits = |session: &mut Session<'_>| session.api.random.between(100_000_000, 4_294_967_295);
    let (live_folder, merged_folder) = (digits(session), digits(session));
    let mut differs = false;
    for info in infos {
        let (live, merged) = sides(session, &info)?;
        let texts = [&live, &merged].map(|side| side.as_ref().map(shown).unwrap_or_default());
        if texts[0] == texts[1] {
            continue;
        }
        differs = true;
        let names = info.kind.names();
        let version = match names.group {
            "" => names.version.to_string(),
            group => format!("{group}.{}", names.version),
        };
        let file = format!("{version}.{}.{}.{}", names.kind, info.namespace, info.name);
        let paths =
            [format!("/tmp/LIVE-{live_folder}/{file}"), format!("/tmp/MERGED-{merged_folder}/{file}")];
        session.line(format!("diff -u -N {} {}", paths[0], paths[1]));
        let stamp = stamp(session);
        session.line(format!("--- {}\t{stamp}", paths[0]));
        session.line(format!("+++ {}\t{stamp}", paths[1]));
        let text = unified(&texts[0], &texts[1]);
        session.io.out(&text);
    }
    Ok(Flow::Done(u8::from(differs)))
}

fn stamp(session: &Session<'_>) -> String {
    let clock = &session.api.clock;
    let (year, month, day, hour, minute, second) = clock.date().civil();
    let nanos = clock.now.0 % 1_000_000 * 1_000;
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{nanos:09} +0000")
}

/// The object as it is, and as it would be.
fn sides(session: &mut Session<'_>, info: &Info) -> Result<(Option<Object>, Option<Object>)> {
    let Some(file) = info.object.clone() else { bail!("no object") };
    let modified = modified_configuration(&file);
    let key = ObjectKey::new(info.kind, &info.namespace, &info.name);
    let Some(live) = session.api.get(&key).cloned() else {
        let made = session.create(modified, &info.namespace, true);
        return Ok((None, Some(made.map_err(|error| error.of_source("creating", &info.source))?)));
    };
    let original = json::from_str(live.annotation(LAST_APPLIED).str()).unwrap_or_default();
    let changes = patch::three_way(info.kind, &original, &modified, &live.body).map_err(Error::Plain)?;
    let merged = session.patch(&key, PatchKind::usual(key.kind), &changes, true)?;
    Ok((Some(live), Some(merged)))
}

/// What is compared: without what `apply` keeps for itself.
fn shown(object: &Object) -> String {
    let mut body = object.body.clone();
    if !object.annotation(LAST_APPLIED).is_null() {
        body.entry_at(&["metadata", "annotations"]).remove(LAST_APPLIED);
        if body.at(&["metadata", "annotations"]).is_empty() {
            body.entry("metadata").remove("annotations");
        }
    }
    body.entry("metadata").remove("managedFields");
    if body.at(&["metadata", "annotations"]) == &Value::Null {
        body.entry("metadata").remove("annotations");
    }
    printer::yaml(&body)
}

/// The lines around a difference that are shown with it.
const CONTEXT: usize = 3;

/// One line of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line<'a> {
    Same(&'a str),
    Old(&'a str),
    New(&'a str),
}

/// Two texts compared as `diff -u` does, without the head.
pub fn unified(old: &str, new: &str) -> String {
    let lines = compare(&old.lines().collect::<Vec<_>>(), &new.lines().collect::<Vec<_>>());
    let mut text = String::new();
    let (mut at, mut old_line, mut new_line) = (0, 1, 1);
    while at < lines.len() {
        let Some(first) = lines[at..].iter().position(|line| !matches!(line, Line::Same(_))) else { break };
        let skipped = first.saturating_sub(CONTEXT);
        (at, old_line, new_line) = (at + skipped, old_line + skipped, new_line + skipped);
        // A hunk goes on while the next difference is near.
        let mut end = at;
        let mut same = 0;
        for (offset, line) in lines[at..].iter().enumerate() {
            match line {
                Line::Same(_) => same += 1,
                _ => {
                    if end > at && same > 2 * CONTEXT {
                        break;
                    }
                    end = at + offset + 1;
                    same = 0;
                }
            }
        }
        let end = (end + CONTEXT).min(lines.len());
        let hunk = &lines[at..end];
        let olds = hunk.iter().filter(|line| !matches!(line, Line::New(_))).count();
        let news = hunk.iter().filter(|line| !matches!(line, Line::Old(_))).count();
        text += &format!("@@ -{} +{} @@\n", range(old_line, olds), range(new_line, news));
        for line in hunk {
            text += &match line {
                Line::Same(line) => format!(" {line}\n"),
                Line::Old(line) => format!("-{line}\n"),
                Line::New(line) => format!("+{line}\n"),
            };
        }
        (at, old_line, new_line) = (end, old_line + olds, new_line + news);
    }
    text
}

/// All lines of both texts, each with `-` where it is of the old one alone, `+` of the new one alone, else a space.
pub fn marked(old: &str, new: &str) -> Vec<(char, String)> {
    let lines = compare(&old.lines().collect::<Vec<_>>(), &new.lines().collect::<Vec<_>>());
    let each = lines.into_iter().map(|line| match line {
        Line::Same(line) => (' ', line.to_string()),
        Line::Old(line) => ('-', line.to_string()),
        Line::New(line) => ('+', line.to_string()),
    });
    each.collect()
}

fn range(line: usize, count: usize) -> String {
    match count {
        0 => format!("{},0", line - 1),
        1 => line.to_string(),
        _ => format!("{line},{count}"),
    }
}

/// The lines of both texts, the longest common part once.
fn compare<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[start..old.len() - tail], &new[start..new.len() - tail]);
    // common[i][j]: how many lines of a[i..] and b[j..] can be matched.
    let mut common = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i][j] =
                if a[i] == b[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let mut lines: Vec<Line<'a>> = old[..start].iter().map(|line| Line::Same(line)).collect();
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            lines.push(Line::Same(a[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && common[i + 1][j] >= common[i][j + 1]) {
            lines.push(Line::Old(a[i]));
            i += 1;
        } else {
            lines.push(Line::New(b[j]));
            j += 1;
        }
    }
    lines.extend(old[old.len() - tail..].iter().map(|line| Line::Same(line)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_diff_u() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n";
        let new = "a\nB\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\n";
        assert_eq!(
            unified(old, new),
            "@@ -1,5 +1,5 @@\n a\n-b\n+B\n c\n d\n e\n@@ -10,3 +10,4 @@\n j\n k\n l\n+m\n"
        );
        assert_eq!(unified("", "a\n"), "@@ -0,0 +1 @@\n+a\n");
    }
}
