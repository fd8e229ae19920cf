//! Reading statements that make, change and remove databases, tables and accounts.

use std::sync::Arc;

use super::expr::Expr;
use super::parse::{Parsed, Parser};
use super::statement::*;

/// A key's columns and whether it is the primary one; no columns where it changes nothing here.
type Key = (Option<Vec<Arc<str>>>, bool);

impl Parser<'_> {
    /// A part of `ALTER TABLE`.
    pub(super) fn change(&mut self) -> Parsed<Vec<Change>> {
        if self.word("RENAME") {
            if self.word("COLUMN") {
                let old = self.name()?;
                self.need("TO")?;
                return Ok(vec![Change::RenameColumn(old, self.name()?)]);
            }
            if !self.word("TO") {
                self.word("AS");
            }
            return Ok(vec![Change::Rename(self.table()?)]);
        }
        if self.word("ADD") {
            if let Some((names, primary)) = self.key()? {
                return Ok(vec![names.map_or(Change::Nothing, |names| Change::Key(names, primary))]);
            }
            self.word("COLUMN");
            self.exists(true)?;
            if !self.take("(") {
                let column = self.column()?;
                return Ok(vec![Change::Add(column, self.after()?)]);
            }
            let mut changes = Vec::new();
            loop {
                changes.push(Change::Add(self.column()?, None));
                if !self.take(",") {
                    self.mark(")")?;
                    return Ok(changes);
                }
            }
        }
        if self.word("DROP") {
            if self.word("PRIMARY") {
                self.need("KEY")?;
                return Ok(vec![Change::DropKey]);
            }
            if self.word("INDEX") || self.word("KEY") || self.word("CONSTRAINT") || self.word("FOREIGN") {
                self.word("KEY");
                self.name()?;
                return Ok(vec![Change::Nothing]);
            }
            self.word("COLUMN");
            self.exists(false)?;
            return Ok(vec![Change::Drop(self.name()?)]);
        }
        if self.word("MODIFY") {
            self.word("COLUMN");
            let column = self.column()?;
            return Ok(vec![Change::Modify(column.name.clone(), column, self.after()?)]);
        }
        if self.word("CHANGE") {
            self.word("COLUMN");
            let old = self.name()?;
            let column = self.column()?;
            return Ok(vec![Change::Modify(old, column, self.after()?)]);
        }
        if self.word("ALTER") {
            self.word("COLUMN");
            let name = self.name()?;
            if self.word("DROP") {
                self.need("DEFAULT")?;
                return Ok(vec![Change::Default(name, None)]);
            }
            self.need("SET")?;
            self.need("DEFAULT")?;
            return Ok(vec![Change::Default(name, Some(self.text()?))]);
        }
        for word in
            ["ENGINE", "AUTO_INCREMENT", "COMMENT", "DEFAULT", "CHARACTER", "CHARSET", "CONVERT", "COLLATE"]
        {
            if self.word(word) {
                self.rest();
                return Ok(vec![Change::Nothing]);
            }
        }
        Err(self.syntax())
    }

    pub(super) fn after(&mut self) -> Parsed<After> {
        if self.word("FIRST") {
            return Ok(Some("".into()));
        }
        if self.word("AFTER") { self.name().map(Some) } else { Ok(None) }
    }

    /// A key of a table.
    pub(super) fn key(&mut self) -> Parsed<Option<Key>> {
        if self.word("CONSTRAINT")
            && !self.is_word("PRIMARY")
            && !self.is_word("UNIQUE")
            && !self.is_word("FOREIGN")
        {
            self.name()?;
        }
        let (primary, unique) = (self.word("PRIMARY"), self.word("UNIQUE"));
        let other = ["FOREIGN", "CHECK", "FULLTEXT", "INDEX", "KEY"].iter().any(|word| self.is_word(word));
        if !primary && !unique && !other {
            return Ok(None);
        }
        while !self.is_mark("(") {
            self.name()?;
        }
        self.mark("(")?;
        if primary || unique {
            return Ok(Some((Some(self.names()?), primary)));
        }
        let mut depth = 1;
        while depth > 0 {
            depth += i32::from(self.is_mark("(")) - i32::from(self.is_mark(")"));
            if self.peek().is_none() {
                return Err(self.syntax());
            }
            self.at += 1;
        }
        // `REFERENCES t (c) ON DELETE …`
        while self.peek().is_some() && !self.is_mark(",") && !self.is_mark(")") && !self.is_mark(";") {
            if self.take("(") {
                self.names()?;
            } else {
                self.at += 1;
            }
        }
        Ok(Some((None, false)))
    }

    pub(super) fn create(&mut self) -> Parsed<Statement> {
        if self.word("DATABASE") || self.word("SCHEMA") {
            let quiet = self.exists(true)?;
            let name = self.name()?;
            self.rest();
            return Ok(Statement::CreateDatabase(name, quiet));
        }
        if self.word("USER") || self.word("ROLE") {
            let quiet = self.exists(true)?;
            return Ok(Statement::CreateUser(self.accounts()?, quiet));
        }
        if self.word("UNIQUE") || self.is_word("INDEX") {
            self.need("INDEX")?;
            self.name()?;
            self.need("ON")?;
            self.table()?;
            self.mark("(")?;
            self.names()?;
            return Ok(Statement::Nothing);
        }
        for what in ["VIEW", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "OR"] {
            if self.is_word(what) {
                return Err(self.lacking(what));
            }
        }
        self.need("TABLE")?;
        let quiet = self.exists(true)?;
        let table = self.table()?;
        if self.word("LIKE") {
            return Err(self.lacking("CREATE TABLE LIKE"));
        }
        self.mark("(")?;
        let mut columns: Vec<Column> = Vec::new();
        loop {
            if let Some((names, primary)) = self.key()? {
                for name in names.iter().flatten() {
                    if let Some(own) = columns.iter_mut().find(|own| own.name == *name) {
                        own.primary |= primary;
                        own.required |= primary;
                        own.unique |= !primary && names.as_ref().is_some_and(|names| names.len() == 1);
                    }
                }
            } else {
                columns.push(self.column()?);
            }
            if !self.take(",") {
                break;
            }
        }
        self.mark(")")?;
        self.rest();
        Ok(Statement::CreateTable(table, columns, quiet))
    }

    pub(super) fn column(&mut self) -> Parsed<Column> {
        let name = self.name()?;
        let mut kind = self.name()?.to_lowercase();
        if kind == "integer" {
            kind = "int".into();
        }
        if self.take("(") {
            let mut sizes = Vec::new();
            while !self.take(")") {
                sizes.push(self.text()?.to_string());
                self.take(",");
            }
            kind = format!("{kind}({})", sizes.join(","));
        }
        let counts = kind.to_ascii_lowercase().ends_with("serial");
        let mut column = Column { name, kind, counts, ..Column::default() };
        loop {
            if self.word("NOT") {
                self.need("NULL")?;
                column.required = true;
            } else if self.word("PRIMARY") {
                self.need("KEY")?;
                column.primary = true;
                column.required = true;
            } else if self.word("AUTO_INCREMENT") {
                column.counts = true;
            } else if self.word("UNIQUE") {
                self.word("KEY");
                column.unique = true;
            } else if self.word("DEFAULT") {
                column.default = match self.expr()? {
                    Expr::Value(value) => value,
                    Expr::Call(name, _) => Some(name.into()),
                    _ => return Err(self.syntax()),
                };
            } else if self.word("UNSIGNED") {
                column.kind.push_str(" unsigned");
            } else if !self.word("NULL") {
                return Ok(column);
            }
        }
    }

    pub(super) fn drop(&mut self) -> Parsed<Statement> {
        if self.word("DATABASE") || self.word("SCHEMA") {
            let quiet = self.exists(false)?;
            return Ok(Statement::DropDatabase(self.name()?, quiet));
        }
        if self.word("USER") {
            let quiet = self.exists(false)?;
            return Ok(Statement::DropUser(self.accounts()?, quiet));
        }
        self.need("TABLE")?;
        let quiet = self.exists(false)?;
        let mut tables = vec![self.table()?];
        while self.take(",") {
            tables.push(self.table()?);
        }
        Ok(Statement::DropTable(tables, quiet))
    }
}
