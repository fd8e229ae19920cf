//! Text in columns, as Go's `tabwriter` aligns it.

/// Rows of cells, aligned in columns with `gap` spaces between them. A cell's width counts characters. Rows are
/// aligned in one block; the last cell of a row sets no width and gets no trailing blanks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Table {
    rows: Vec<Vec<String>>,
    /// The least width of a column, gap included.
    pub min_width: usize,
    /// The blanks between columns.
    pub gap: usize,
    /// Widths that were there before these rows, gap included.
    pub remembered: Vec<usize>,
}

impl Table {
    /// A table as `kubectl get` prints: three blanks, columns at least six wide.
    pub fn new() -> Self {
        Self { min_width: 6, gap: 3, ..Self::default() }
    }

    /// Appends a row.
    pub fn push<T: Into<String>>(&mut self, row: impl IntoIterator<Item = T>) {
        self.rows.push(row.into_iter().map(Into::into).collect());
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The widths of the columns with their gaps. The last cell of each row does not count.
    pub fn widths(&self) -> Vec<usize> {
        let mut widths = self.remembered.clone();
        for row in &self.rows {
            for (at, cell) in row.iter().enumerate().take(row.len().saturating_sub(1)) {
                if widths.len() <= at {
                    widths.resize(at + 1, self.min_width);
                }
                widths[at] = widths[at].max(cell.chars().count() + self.gap).max(self.min_width);
            }
        }
        widths
    }

    /// The rows, a line each.
    pub fn text(&self) -> String {
        let widths = self.widths();
        let mut text = String::new();
        for row in &self.rows {
            for (at, cell) in row.iter().enumerate() {
                text.push_str(cell);
                if at + 1 < row.len() {
                    text.extend(std::iter::repeat_n(' ', widths[at].saturating_sub(cell.chars().count())));
                }
            }
            text.push('\n');
        }
        text
    }
}

/// Text with tabs, aligned as Go's `tabwriter` does with elastic tab stops: a column is as wide as its widest cell in
/// consecutive lines that have it, plus `gap`. What follows a line's last tab is in no column.
pub fn elastic(text: &str, gap: usize) -> String {
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let mut out = String::with_capacity(text.len() * 2);
    align(&lines, &mut Vec::new(), gap, &mut out);
    out
}

fn align(lines: &[Vec<&str>], widths: &mut Vec<usize>, gap: usize, out: &mut String) {
    let column = widths.len();
    let has_cell = |line: &&Vec<&str>| column + 1 < line.len();
    let mut at = 0;
    while at < lines.len() {
        let block = lines[at..].iter().take_while(has_cell).count();
        if block == 0 {
            for (cell, text) in lines[at].iter().enumerate() {
                out.push_str(text);
                if let Some(width) = widths.get(cell) {
                    out.extend(std::iter::repeat_n(' ', width.saturating_sub(text.chars().count())));
                }
            }
            out.push('\n');
            at += 1;
            continue;
        }
        let block = &lines[at..at + block];
        let width = block.iter().map(|line| line[column].chars().count() + gap).max().unwrap_or(0);
        widths.push(width);
        align(block, widths, gap, out);
        widths.pop();
        at += block.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_stops_are_elastic() {
        assert_eq!(
            elastic("Name:\tx\nNamespace:\ty\nEvents:\n  A\tB\tC\n  long\tb\tc\n", 2),
            "Name:       x\nNamespace:  y\nEvents:\n  A     B  C\n  long  b  c\n"
        );
        assert_eq!(elastic("a:\tb\n\tc\n", 2), "a:  b\n    c\n");
    }

    #[test]
    fn columns_stand_under_each_other() {
        let mut table = Table::new();
        table.push(["NAME", "AGE"]);
        table.push(["kubernetes", "5m"]);
        assert_eq!(table.text(), "NAME         AGE\nkubernetes   5m\n");
    }
}
