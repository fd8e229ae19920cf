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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let mut table = Table::new();
        table.push(["NAME", "AGE"]);
        table.push(["kubernetes", "5m"]);
        assert_eq!(table.text(), "NAME         AGE\nkubernetes   5m\n");
    }
}
