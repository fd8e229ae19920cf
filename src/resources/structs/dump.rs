//! How the server shows its internal structs in error messages.

use std::fmt;

use crate::base::Value;
use crate::base::json;

use super::{Empty, Struct, Type};

/// A value as `encoding/json` writes the internal struct: Go's field names, every field, `null` for what is missing.
pub struct Internal<'a>(pub &'a Value, pub Type);

impl fmt::Display for Internal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        write(&mut out, self.0, &self.1, false, None);
        f.write_str(&out)
    }
}

/// The difference between two values as the server shows it: lines of indented JSON, in unified form with three lines
/// around each change (apimachinery, `diff.Diff`).
pub fn diff(old: &Value, new: &Value, ty: Type) -> String {
    let lines = |value| {
        let mut text = String::new();
        write(&mut text, value, &ty, false, Some(0));
        text
    };
    unified(&lines(old), &lines(new))
}

fn newline(out: &mut String, depth: Option<usize>) {
    if let Some(depth) = depth {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', depth));
    }
}

/// `depth` is the indentation of the current line; none writes everything on one.
fn write(out: &mut String, value: &Value, ty: &Type, pointer: bool, depth: Option<usize>) {
    let deeper = depth.map(|depth| depth + 1);
    match ty {
        _ if value.is_null() && pointer => out.push_str("null"),
        Type::Str if value.is_null() => out.push_str("\"\""),
        Type::Int | Type::IntOrString if value.is_null() => out.push('0'),
        Type::Bool if value.is_null() => out.push_str("false"),
        Type::Quantity if value.is_null() => out.push_str("\"0\""),
        Type::Struct(of) if is_tagged(of) => match depth {
            None => out.push_str(&json::to_string(value)),
            Some(depth) => {
                let text = json::to_string_pretty(value, 1);
                out.push_str(&text.replace('\n', &format!("\n{}", " ".repeat(depth))));
            }
        },
        Type::Struct(of) => {
            out.push('{');
            let mut first = true;
            write_fields(out, value, of, depth, &mut first);
            newline(out, depth);
            out.push('}');
        }
        Type::List(item) if !value.is_null() => {
            sequence(out, ('[', ']'), value.items().len(), depth, |out, at| {
                write(out, &value.items()[at], item, false, deeper);
            });
        }
        Type::Map(item) if !value.is_null() => {
            let entries: Vec<_> = value.entries().collect();
            sequence(out, ('{', '}'), entries.len(), depth, |out, at| {
                out.push_str(&json::to_string(&entries[at].0.into()));
                out.push_str(if depth.is_some() { ": " } else { ":" });
                write(out, entries[at].1, item, false, deeper);
            });
        }
        _ => out.push_str(&json::to_string(value)),
    }
}

fn write_fields(out: &mut String, value: &Value, of: &Struct, depth: Option<usize>, first: &mut bool) {
    let deeper = depth.map(|depth| depth + 1);
    let mut separate = |out: &mut String| {
        if !std::mem::take(first) {
            out.push(',');
        }
        newline(out, deeper);
    };
    for field in of.fields {
        match field.go {
            // Of the version only, not of the internal struct.
            "Versioned" => continue,
            // An embedded `metav1.ObjectMeta` writes its fields among those of its owner, by their JSON names.
            "ObjectMeta" => {
                for (key, item) in value.get(field.json).entries() {
                    separate(out);
                    out.push_str(&json::to_string(&key.into()));
                    out.push_str(if depth.is_some() { ": " } else { ":" });
                    let text = match deeper {
                        None => json::to_string(item),
                        Some(depth) => {
                            json::to_string_pretty(item, 1).replace('\n', &format!("\n{}", " ".repeat(depth)))
                        }
                    };
                    out.push_str(&text);
                }
            }
            go => {
                separate(out);
                out.push('"');
                out.push_str(go);
                out.push_str(if depth.is_some() { "\": " } else { "\":" });
                write(out, value.get(field.json), &field.ty, field.empty == Empty::Pointer, deeper);
            }
        }
    }
}

/// Structs of `metav1` are the same inside and out, and keep their JSON names.
fn is_tagged(of: &Struct) -> bool {
    of.fields.first().is_some_and(|field| field.go == field.json)
}

fn sequence(
    out: &mut String,
    (open, close): (char, char),
    len: usize,
    depth: Option<usize>,
    mut item: impl FnMut(&mut String, usize),
) {
    out.push(open);
    for at in 0..len {
        if at > 0 {
            out.push(',');
        }
        newline(out, depth.map(|depth| depth + 1));
        item(out, at);
    }
    if len > 0 {
        newline(out, depth);
    }
    out.push(close);
}

/// A line that both texts have (their numbers), or one that only one of them has.
type Step = (Option<usize>, Option<usize>);

fn unified(old: &str, new: &str) -> String {
    const AROUND: usize = 3;
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let steps = steps(&old, &new);
    let changes: Vec<usize> =
        (0..steps.len()).filter(|at| steps[*at].0.is_none() || steps[*at].1.is_none()).collect();
    let mut text = String::new();
    let mut at = 0;
    while at < changes.len() {
        // A hunk goes on while the next change is near enough to share what stands between.
        let mut last = at;
        while last + 1 < changes.len() && changes[last + 1] - changes[last] <= 2 * AROUND {
            last += 1;
        }
        let hunk = &steps[changes[at].saturating_sub(AROUND)..(changes[last] + AROUND + 1).min(steps.len())];
        let range = |side: fn(&Step) -> Option<usize>| {
            let lines: Vec<usize> = hunk.iter().filter_map(side).collect();
            match (lines.first(), lines.len()) {
                (Some(first), 1) => format!("{}", first + 1),
                (first, count) => format!("{},{count}", first.map_or(0, |first| first + 1)),
            }
        };
        text.push_str(&format!("@@ -{} +{} @@\n", range(|s| s.0), range(|s| s.1)));
        for step in hunk {
            let (mark, line) = match *step {
                (Some(line), Some(_)) => (' ', old[line]),
                (Some(line), None) => ('-', old[line]),
                (None, Some(line)) => ('+', new[line]),
                (None, None) => continue,
            };
            text.push(mark);
            text.push_str(line);
            text.push('\n');
        }
        at = last + 1;
    }
    text
}

/// The steps from one text to the other along a longest common subsequence; within a change, removals come first.
fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let before = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let after =
        old[before..].iter().rev().zip(new[before..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[before..old.len() - after], &new[before..new.len() - after]);
    let width = b.len() + 1;
    let mut longest = vec![0usize; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i] == b[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let mut steps: Vec<Step> = (0..before).map(|at| (Some(at), Some(at))).collect();
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            steps.push((Some(before + i), Some(before + j)));
            (i, j) = (i + 1, j + 1);
        } else if i < a.len() && (j == b.len() || longest[(i + 1) * width + j] >= longest[i * width + j + 1])
        {
            steps.push((Some(before + i), None));
            i += 1;
        } else {
            steps.push((None, Some(before + j)));
            j += 1;
        }
    }
    let rest = (0..after).map(|at| (Some(old.len() - after + at), Some(new.len() - after + at)));
    steps.extend(rest);
    steps
}

#[cfg(test)]
mod tests {
    use super::super::CLAIM_SPEC;
    use super::*;
    use crate::value;

    #[test]
    fn a_claim_with_another_access_mode() {
        let claim = |mode: &str| {
            value!({
                "accessModes": [mode],
                "resources": {"requests": {"storage": "1Gi"}},
                "volumeMode": "Filesystem"
            })
        };
        let text = diff(&claim("ReadWriteOnce"), &claim("ReadWriteMany"), Type::Struct(&CLAIM_SPEC));
        let want = "@@ -1,6 +1,6 @@\n {\n  \"AccessModes\": [\n-  \"ReadWriteOnce\"\n+  \"ReadWriteMany\"\n  ],\n  \
                    \"Selector\": null,\n  \"Resources\": {\n";
        assert_eq!(text, want);
    }
}
