//! How results are printed: with lines around them, in tabs, upright.

use std::sync::Arc;

/// Rows of a result.
pub(super) type Rows = [Vec<Option<Arc<str>>>];

pub(super) fn cell(value: &Option<Arc<str>>) -> &str {
    value.as_deref().unwrap_or("NULL")
}

/// Tab by tab, as where nobody watches.
pub(super) fn plain(headings: &[Arc<str>], rows: &Rows, headless: bool) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let escape = |text: &str| text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n");
    let mut out = String::new();
    if !headless {
        out.push_str(&(headings.join("\t") + "\n"));
    }
    for row in rows {
        let cells: Vec<String> = row.iter().map(|value| escape(cell(value))).collect();
        out.push_str(&(cells.join("\t") + "\n"));
    }
    out
}

pub(super) fn wide(text: &str) -> usize {
    text.chars().count()
}

pub(super) fn table(headings: &[Arc<str>], rows: &Rows, headless: bool) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let widths: Vec<usize> = headings
        .iter()
        .enumerate()
        .map(|(at, heading)| {
            rows.iter().map(|row| wide(cell(&row[at]))).chain([wide(heading)]).max().unwrap_or(0)
        })
        .collect();
    let numeric: Vec<bool> = (0..headings.len())
        .map(|at| {
            // A column that holds nothing is taken for one of text.
            let mut cells = rows.iter().filter_map(|row| row[at].as_ref()).peekable();
            cells.peek().is_some() && cells.all(|text| text.parse::<f64>().is_ok())
        })
        .collect();
    let rule: String =
        widths.iter().map(|width| format!("+{}", "-".repeat(width + 2))).collect::<String>() + "+\n";
    let mut out = rule.clone();
    if !headless {
        for (heading, width) in headings.iter().zip(&widths) {
            out.push_str(&format!("| {heading}{} ", " ".repeat(width - wide(heading))));
        }
        out.push_str("|\n");
        out.push_str(&rule);
    }
    for row in rows {
        for (at, value) in row.iter().enumerate() {
            let text = cell(value);
            let gap = " ".repeat(widths[at] - wide(text));
            out.push_str(&if numeric[at] { format!("| {gap}{text} ") } else { format!("| {text}{gap} ") });
        }
        out.push_str("|\n");
    }
    out + &rule
}

/// A line a cell, as `\G` asks for.
pub(super) fn upright(headings: &[Arc<str>], rows: &Rows) -> String {
    let width = headings.iter().map(|heading| wide(heading)).max().unwrap_or(0);
    let mut out = String::new();
    for (number, row) in (1..).zip(rows) {
        out.push_str(&format!("*************************** {number}. row ***************************\n"));
        for (heading, value) in headings.iter().zip(row) {
            out.push_str(&format!("{heading:>width$}: {}\n", cell(value)));
        }
    }
    out
}
