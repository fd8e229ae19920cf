//! Writes what was printed into a chapter.

use super::play::{Report, Verdict};

/// The chapter's source with the outputs that differ as they are now, and nothing else changed.
pub fn rewrite(source: &str, report: &Report) -> String {
    let mut lines: Vec<String> = source.split_inclusive('\n').map(str::to_string).collect();
    let mut changes: Vec<(usize, usize, &str)> = Vec::new();
    for outcome in &report.outcomes {
        if let (Verdict::Differs(_), Some(expected)) = (&outcome.verdict, &outcome.expected) {
            changes.push((expected.first_line, expected.lines.len(), &outcome.printed));
        }
    }
    // From the end, so that the lines before stay where they are.
    changes.sort_by_key(|change| std::cmp::Reverse(change.0));
    for (first, count, printed) in changes {
        let from = first - 1;
        let Some(old) = lines.get(from) else { continue };
        let inner = old.trim_start_matches([' ', '>']);
        let indent = old[..old.len() - inner.len()].to_string();
        // What the chapter's line is indented by within its block is no part of the block's own indent.
        let said = report.outcomes.iter().filter_map(|outcome| outcome.expected.as_ref());
        let own = said
            .filter(|one| one.first_line == first)
            .map(|one| one.lines[0].len() - one.lines[0].trim_start().len())
            .next();
        let indent = &indent[..indent.len().saturating_sub(own.unwrap_or(0))];
        let end = if old.ends_with("\r\n") { "\r\n" } else { "\n" };
        let new: Vec<String> = printed
            .trim_end()
            .lines()
            .map(|line| match line.trim_end() {
                "" => format!("{}{end}", indent.trim_end()),
                line => format!("{indent}{line}{end}"),
            })
            .collect();
        let to = (from + count).min(lines.len());
        lines.splice(from..to, new);
    }
    lines.concat()
}
