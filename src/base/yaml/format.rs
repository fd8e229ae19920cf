//! A manifest put in order: two spaces a level, no tabs, nothing behind the end of a line. Comments stay where they are.

use super::read_stream;

/// The text in order. One that would then mean something else, or cannot be read, stays as it is.
pub fn format(text: &str) -> String {
    let new = in_order(text);
    let values = |text: &str| -> Result<Vec<_>, _> {
        read_stream(text.as_bytes()).map(|document| document.map(|document| document.value)).collect()
    };
    match (values(text), values(&new)) {
        (Ok(before), Ok(after)) if before == after => new,
        // Tabs in place of spaces are what cannot be read.
        (Err(_), Ok(_)) if text.contains('\t') => new,
        _ => text.into(),
    }
}

fn in_order(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // The columns that the open levels stand at, and those that they are moved to.
    let mut levels: Vec<(usize, usize)> = Vec::new();
    // A block of text: the column that its lines are deeper than, and how far it moves once that is known.
    let mut block: Option<(usize, Option<isize>)> = None;
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        let body = line.trim_start();
        let indent = line[..line.len() - body.len()].chars();
        let column: usize = indent.map(|c| if c == '\t' { 2 } else { 1 }).sum();
        if let Some((above, moved)) = &mut block {
            if body.is_empty() {
                out.push('\n');
                continue;
            }
            if column > *above {
                let to = levels.last().map_or(0, |level| level.1) + 2;
                let by = *moved.get_or_insert(to as isize - column as isize);
                push(&mut out, column.saturating_add_signed(by), body);
                continue;
            }
            block = None;
        }
        let body = body.trim_end();
        if body.is_empty() || body.starts_with("---") {
            levels.clear();
            out.push_str(body);
            out.push('\n');
            continue;
        }
        while levels.last().is_some_and(|level| level.0 > column) {
            levels.pop();
        }
        if levels.last().is_none_or(|level| level.0 < column) {
            let to = levels.last().map_or(0, |level| level.1 + 2);
            levels.push((column, to));
        }
        let to = levels.last().map_or(0, |level| level.1);
        push(&mut out, to, body);
        if body.starts_with('#') {
            continue;
        }
        // The keys behind dashes are levels of their own.
        let (mut rest, mut at, mut moved) = (body, column, to);
        while let Some(inner) = rest.strip_prefix("- ") {
            let gap = inner.len() - inner.trim_start().len() + 2;
            (rest, at, moved) = (inner.trim_start(), at + gap, moved + gap);
            levels.push((at, moved));
        }
        let head = rest.split(" #").next().unwrap_or_default().trim_end();
        let sign = head.rsplit([' ', ':']).next().unwrap_or_default();
        if sign.starts_with(['|', '>']) && sign[1..].chars().all(|c| "+-".contains(c)) {
            let own = levels.iter().rev().find(|level| level.0 <= at).map_or(0, |level| level.0);
            block = Some((own, None));
        }
    }
    out
}

fn push(out: &mut String, column: usize, body: &str) {
    if !body.is_empty() {
        out.extend(std::iter::repeat_n(' ', column));
        out.push_str(body);
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn a_manifest_is_put_in_order() {
        let untidy = "kind: A   \nspec:\n    list:\n    -   name: a\n        more:\n            x: 1 # one\n    # said\n    - b\n    text: |\n          first\n            second\n\n          third\n    end: 2\n---\n\nkind: B";
        let tidy = "kind: A\nspec:\n  list:\n  -   name: a\n      more:\n        x: 1 # one\n  # said\n  - b\n  text: |\n    first\n      second\n\n    third\n  end: 2\n---\n\nkind: B\n";
        assert_eq!(format(untidy), tidy);
        assert_eq!(format(tidy), tidy);
    }

    #[test]
    fn what_it_means_stays() {
        assert_eq!(format("a:\n\tb: 1\n"), "a:\n  b: 1\n");
        for text in ["a: [\n", "a: \"x\n   y\"\nb: 1\n", "", "a: |2\n   x\n", "- - a\n  - b\n-   - c\n"] {
            let again = format(text);
            assert_eq!(format(&again), again, "{text:?}");
        }
        for story in [
            include_str!("../../../static/story/ss-mysql.yml"),
            include_str!("../../../static/story/deploy-pma.yml"),
        ] {
            assert_eq!(format(story), story);
        }
    }
}
