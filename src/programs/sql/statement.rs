//! What statements say.

use std::sync::Arc;

use super::expr::{Expr, Value};

/// A column of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Column {
    pub name: Arc<str>,
    pub kind: String,
    pub required: bool,
    pub primary: bool,
    pub unique: bool,
    pub counts: bool,
    pub default: Value,
}

impl Column {
    /// A value as a column of decimals keeps it.
    pub fn rounded(&self, value: Arc<str>) -> Arc<str> {
        let kind = self.kind.strip_prefix("decimal").or_else(|| self.kind.strip_prefix("numeric"));
        let places = kind
            .map(|size| size.split_once(',').map_or("0", |(_, places)| places.trim_end_matches([')', ' '])));
        match (places.and_then(|places| places.trim().parse::<usize>().ok()), value.parse::<f64>()) {
            (Some(places), Ok(number)) => format!("{number:.places$}").into(),
            _ => value,
        }
    }

    /// True where no two rows hold the same.
    pub fn is_key(&self) -> bool {
        self.primary || self.unique
    }
}

/// What a row of an answer shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// `*`
    All,
    /// `t.*`
    Of(Arc<str>),
    /// A value under a heading.
    Value(Expr, Arc<str>),
}

/// A table that is read, and how it is joined to those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub table: Table,
    /// What the statement calls it.
    pub name: Arc<str>,
    /// Rows without a partner stay: of those before, of its own.
    pub outer: (bool, bool),
    pub on: Option<Expr>,
    pub using: Vec<Arc<str>>,
}

/// `SELECT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Select {
    pub distinct: bool,
    pub shown: Vec<Shown>,
    pub from: Vec<Source>,
    pub group: Vec<Expr>,
    pub having: Option<Expr>,
    pub which: Which,
}

/// Which rows, in which order, how many of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Which {
    pub filter: Option<Expr>,
    /// By what, and whether downwards.
    pub order: Vec<(Expr, bool)>,
    /// How many are passed over, how many taken.
    pub limit: Option<(usize, usize)>,
}

/// `INSERT` and `REPLACE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Insert {
    pub table: Table,
    pub columns: Vec<Arc<str>>,
    pub rows: Rows,
    /// What has the same key gives way.
    pub replaces: bool,
    /// What cannot be put in is left out.
    pub ignores: bool,
}

/// What is put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    Values(Vec<Vec<Expr>>),
    Select(Select),
}

/// Where a column goes: none for where it is or the end, an empty name for the first place.
pub(super) type After = Option<Arc<str>>;

/// A part of `ALTER TABLE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Add(Column, After),
    Drop(Arc<str>),
    /// A column by its old name becomes another.
    Modify(Arc<str>, Column, After),
    RenameColumn(Arc<str>, Arc<str>),
    Rename(Table),
    Default(Arc<str>, Value),
    /// A primary key or a unique one.
    Key(Vec<Arc<str>>, bool),
    DropKey,
    Nothing,
}

/// A table as a statement names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub database: Option<Arc<str>>,
    pub name: Arc<str>,
}

/// An account as a statement names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub user: Arc<str>,
    pub host: Arc<str>,
    pub password: Value,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Statement {
    Select(Select),
    Show(Show, Option<Arc<str>>),
    Use(Arc<str>),
    CreateDatabase(Arc<str>, bool),
    DropDatabase(Arc<str>, bool),
    CreateTable(Table, Vec<Column>, bool),
    DropTable(Vec<Table>, bool),
    Insert(Insert),
    Update(Table, Vec<(Arc<str>, Expr)>, Which),
    Delete(Table, Which),
    AlterTable(Table, Vec<Change>),
    CreateUser(Vec<Account>, bool),
    DropUser(Vec<Account>, bool),
    AlterUser(Vec<Account>),
    /// On which database, `*` for all, and to whom.
    Grant(Arc<str>, Vec<Account>),
    /// What changes nothing here: `SET`, `COMMIT` …
    Nothing,
}

/// What `SHOW` shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Show {
    Databases,
    Tables(Option<Arc<str>>),
    Columns(Table),
    Create(Table),
    /// Of an account, or one's own.
    Grants(Option<(Arc<str>, Arc<str>)>),
    Processes,
    Variables,
    Warnings,
}
