//! What changes rows and tables: `INSERT`, `UPDATE`, `DELETE`, `ALTER TABLE`.

use std::sync::Arc;

use super::expr::{Expr, Row, Value};
use super::statement::{After, Change, Column, Insert, Rows, Table, Which};
use super::store::{Content, Store};
use super::{Error, Outcome, Place, Session, error};
use crate::container::kernel::Kernel;

impl Session {
    pub(super) fn insert(
        &self,
        insert: &Insert,
        store: &Store,
        kernel: &mut Kernel<'_>,
    ) -> Result<Outcome, Error> {
        let (database, name, mut content) = self.content("INSERT", &insert.table, store, kernel)?;
        let places: Vec<usize> = match &insert.columns[..] {
            [] => (0..content.columns.len()).collect(),
            columns => {
                let mut places = Vec::new();
                for column in columns {
                    let place = content.place(column);
                    places.push(place.ok_or_else(|| self.unknown_column(column, Place::Shown))?);
                }
                places
            }
        };
        let rows = match &insert.rows {
            Rows::Values(rows) => {
                let mut computed = Vec::new();
                for row in rows {
                    let context =
                        Row { session: self, fields: &[], values: &[], all: None, place: Place::Shown };
                    // `DEFAULT` is no column.
                    let is_default = |of: &Expr| matches!(of, Expr::Column(None, word) if word.eq_ignore_ascii_case("DEFAULT"));
                    let mut values = Vec::new();
                    for (at, of) in row.iter().enumerate() {
                        let column = places.get(at).map(|place| &content.columns[*place]);
                        values.push(match column.filter(|_| is_default(of)) {
                            Some(column) => column.default.clone(),
                            None => of.eval(&context)?,
                        });
                    }
                    computed.push(values);
                }
                computed
            }
            Rows::Select(select) => match self.select(select, store, kernel)? {
                Outcome::Rows(_, rows) => rows,
                _ => Vec::new(),
            },
        };
        let (mut count, mut duplicates) = (0, 0);
        let all = rows.len();
        for (number, values) in (1..).zip(rows) {
            if values.len() != places.len() {
                return error(
                    1136,
                    "21S01",
                    format!("Column count doesn't match value count at row {number}"),
                );
            }
            let mut row: Vec<Value> = content.columns.iter().map(|column| column.default.clone()).collect();
            for (value, place) in values.into_iter().zip(&places) {
                row[*place] = value.map(|value| content.columns[*place].rounded(value));
            }
            for (at, column) in content.columns.iter().enumerate() {
                let now = column
                    .default
                    .as_deref()
                    .is_some_and(|own| own.starts_with("CURRENT_TIMESTAMP") || own == "NOW");
                if now && row[at] == column.default {
                    row[at] = Some(self.now.as_str().into());
                }
                if column.counts && row[at].as_deref().is_none_or(|text| text == "0") {
                    let last =
                        content.rows.iter().filter_map(|own| own[at].as_ref()?.parse::<u64>().ok()).max();
                    row[at] = Some((last.unwrap_or(0) + 1).to_string().into());
                }
                self.fits(column, &row[at], (&database, &name), number, places.contains(&at))?;
            }
            let before = content.rows.len();
            if insert.replaces {
                content.rows.retain(|own| {
                    !content
                        .columns
                        .iter()
                        .enumerate()
                        .any(|(at, column)| column.is_key() && own[at].is_some() && own[at] == row[at])
                });
                count += before - content.rows.len();
            }
            match self.doubled(&content, &name, &row, None) {
                Some(_) if insert.ignores => duplicates += 1,
                Some(refused) => return Err(refused),
                None => {
                    count += 1;
                    content.rows.push(row);
                }
            }
        }
        store.write(kernel, &database, &name, &content)?;
        let told = match all {
            0 | 1 if matches!(insert.rows, Rows::Values(_)) => String::new(),
            _ => format!("Records: {all}  Duplicates: {duplicates}  Warnings: {duplicates}"),
        };
        Ok(Outcome::Done(count, told))
    }

    /// Refuses what a column cannot hold.
    fn fits(
        &self,
        column: &Column,
        value: &Value,
        table: (&str, &str),
        number: usize,
        given: bool,
    ) -> Result<(), Error> {
        let name = &column.name;
        let Some(value) = value else {
            return match (column.required, given) {
                (false, _) => Ok(()),
                (true, true) => error(1048, "23000", format!("Column '{name}' cannot be null")),
                (true, false) => error(1364, "HY000", format!("Field '{name}' doesn't have a default value")),
            };
        };
        let maria = self.server() == "MariaDB";
        let own = if maria { format!("`{}`.`{}`.`{name}`", table.0, table.1) } else { format!("'{name}'") };
        let whole = column.kind.starts_with("int") || column.kind.starts_with("bigint");
        if whole && value.parse::<f64>().is_err() {
            let state = if maria { "22007" } else { "HY000" };
            return error(
                1366,
                state,
                format!("Incorrect integer value: '{value}' for column {own} at row {number}"),
            );
        }
        let size = column
            .kind
            .split_once("char(")
            .and_then(|(_, size)| size.split(')').next()?.parse::<usize>().ok());
        if size.is_some_and(|size| value.chars().count() > size) {
            return error(1406, "22001", format!("Data too long for column '{name}' at row {number}"));
        }
        Ok(())
    }

    /// Why a row cannot be there beside the others (but for the one at `but`): another has the same key.
    fn doubled(&self, content: &Content, table: &str, row: &[Value], but: Option<usize>) -> Option<Error> {
        let maria = self.server() == "MariaDB";
        let taken =
            |places: &[usize]| {
                places.iter().all(|at| row[*at].is_some())
                    && content.rows.iter().enumerate().any(|(number, own)| {
                        Some(number) != but && places.iter().all(|at| own[*at] == row[*at])
                    })
            };
        let refused = |places: &[usize], key: &str| {
            let values: Vec<&str> = places.iter().filter_map(|at| row[*at].as_deref()).collect();
            let key = if maria { key.to_string() } else { format!("{table}.{key}") };
            Error {
                code: 1062,
                state: "23000",
                text: format!("Duplicate entry '{}' for key '{key}'", values.join("-")),
            }
        };
        let primary: Vec<usize> = (0..row.len()).filter(|at| content.columns[*at].primary).collect();
        if !primary.is_empty() && taken(&primary) {
            return Some(refused(&primary, "PRIMARY"));
        }
        let unique = (0..row.len()).find(|at| content.columns[*at].unique && taken(&[*at]));
        unique.map(|at| refused(&[at], &content.columns[at].name))
    }

    pub(super) fn update(
        &self,
        table: &Table,
        changes: &[(Arc<str>, Expr)],
        which: &Which,
        store: &Store,
        kernel: &mut Kernel<'_>,
    ) -> Result<Outcome, Error> {
        let (database, name, mut content) = self.content("UPDATE", table, store, kernel)?;
        let fields = content.fields(&name);
        let chosen = self.chosen(which, &fields, &content.rows)?;
        let (mut count, matched) = (0, chosen.len());
        for (column, _) in changes {
            content.place(column).ok_or_else(|| self.unknown_column(column, Place::Shown))?;
        }
        for at in chosen {
            let old = content.rows[at].clone();
            let mut new = old.clone();
            for (column, value) in changes {
                let Some(place) = content.place(column) else { continue };
                let row =
                    Row { session: self, fields: &fields, values: &new, all: None, place: Place::Shown };
                let value = value.eval(&row)?;
                self.fits(&content.columns[place], &value, (&database, &name), 1, true)?;
                new[place] = value.map(|value| content.columns[place].rounded(value));
            }
            if let Some(refused) = self.doubled(&content, &name, &new, Some(at)) {
                return Err(refused);
            }
            count += usize::from(new != old);
            content.rows[at] = new;
        }
        store.write(kernel, &database, &name, &content)?;
        Ok(Outcome::Done(count, format!("Rows matched: {matched}  Changed: {count}  Warnings: 0")))
    }

    pub(super) fn delete(
        &self,
        table: &Table,
        which: &Which,
        store: &Store,
        kernel: &mut Kernel<'_>,
    ) -> Result<Outcome, Error> {
        let (database, name, mut content) = self.content("DELETE", table, store, kernel)?;
        let chosen = self.chosen(which, &content.fields(&name), &content.rows)?;
        let mut at = 0;
        content.rows.retain(|_| {
            at += 1;
            !chosen.contains(&(at - 1))
        });
        store.write(kernel, &database, &name, &content)?;
        Ok(Outcome::Done(chosen.len(), String::new()))
    }

    pub(super) fn alter(
        &self,
        table: &Table,
        changes: Vec<Change>,
        store: &Store,
        kernel: &mut Kernel<'_>,
    ) -> Result<Outcome, Error> {
        let (database, mut name, mut content) = self.content("ALTER", table, store, kernel)?;
        for change in changes {
            let find = |content: &Content, column: &str| {
                content.place(column).ok_or_else(|| Error {
                    code: 1054,
                    state: "42S22",
                    text: format!("Unknown column '{column}' in '{name}'"),
                })
            };
            let free = |content: &Content, column: &str| match content.place(column) {
                None => Ok(()),
                Some(_) => error(1060, "42S21", format!("Duplicate column name '{column}'")),
            };
            let put = |content: &mut Content, column: Column, values: Vec<Value>, at: usize| {
                content.columns.insert(at, column);
                for (row, value) in content.rows.iter_mut().zip(values) {
                    row.insert(at, value);
                }
            };
            let goes = |content: &Content, after: &After, stays: usize| match after.as_deref() {
                None => Ok(stays),
                Some("") => Ok(0),
                Some(name) => find(content, name).map(|at| at + 1),
            };
            match change {
                Change::Add(column, after) => {
                    free(&content, &column.name)?;
                    let at = goes(&content, &after, content.columns.len())?;
                    // What is there already gets the default, or what stands for nothing in such a column.
                    let number = ["int", "decimal", "float", "double", "bool"]
                        .iter()
                        .any(|kind| column.kind.contains(kind));
                    let empty = column.required.then(|| Arc::from(if number { "0" } else { "" }));
                    let values = (1..=content.rows.len()).map(|row| match column.counts {
                        true => Some(row.to_string().into()),
                        false => column.default.clone().or_else(|| empty.clone()),
                    });
                    let values = values.collect();
                    put(&mut content, column, values, at);
                }
                Change::Drop(column) => {
                    let Some(at) = content.place(&column) else {
                        return error(
                            1091,
                            "42000",
                            match self.server() {
                                "MariaDB" => format!("Can't DROP COLUMN `{column}`; check that it exists"),
                                _ => format!("Can't DROP '{column}'; check that column/key exists"),
                            },
                        );
                    };
                    if content.columns.len() == 1 {
                        return error(
                            1090,
                            "42000",
                            "You can't delete all columns with ALTER TABLE; use DROP TABLE instead",
                        );
                    }
                    content.columns.remove(at);
                    for row in &mut content.rows {
                        row.remove(at);
                    }
                }
                Change::Modify(old, mut column, after) => {
                    let at = find(&content, &old)?;
                    if !old.eq_ignore_ascii_case(&column.name) {
                        free(&content, &column.name)?;
                    }
                    let before = content.columns.remove(at);
                    column.primary |= before.primary;
                    column.required |= before.primary;
                    column.unique |= before.unique;
                    let values = content.rows.iter_mut().map(|row| row.remove(at)).collect();
                    let to = goes(&content, &after, at)?;
                    put(&mut content, column, values, to);
                }
                Change::RenameColumn(old, new) => {
                    let at = find(&content, &old)?;
                    free(&content, &new)?;
                    content.columns[at].name = new;
                }
                Change::Default(column, value) => {
                    let at = find(&content, &column)?;
                    content.columns[at].default = value;
                }
                Change::Key(names, primary) => {
                    if primary && content.columns.iter().any(|own| own.primary) {
                        return error(1068, "42000", "Multiple primary key defined");
                    }
                    for column in &names {
                        let Some(at) = content.place(column) else {
                            return error(
                                1072,
                                "42000",
                                format!("Key column '{column}' doesn't exist in table"),
                            );
                        };
                        let own = &mut content.columns[at];
                        own.primary |= primary;
                        own.required |= primary;
                        own.unique |= !primary && names.len() == 1;
                    }
                    for at in 0..content.rows.len() {
                        if let Some(refused) = self.doubled(&content, &name, &content.rows[at], Some(at)) {
                            return Err(refused);
                        }
                    }
                }
                Change::DropKey => content.columns.iter_mut().for_each(|own| own.primary = false),
                Change::Rename(to) => {
                    if store.read(kernel, &database, &to.name).is_some() {
                        return error(1050, "42S01", format!("Table '{}' already exists", to.name));
                    }
                    store.rename_table(kernel, &database, &name, &to.name);
                    name = to.name;
                }
                Change::Nothing => {}
            }
        }
        store.write(kernel, &database, &name, &content)?;
        Ok(Outcome::Done(0, "Records: 0  Duplicates: 0  Warnings: 0".into()))
    }
}
