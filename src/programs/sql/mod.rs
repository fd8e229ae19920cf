//! A small SQL database. Its data lies in files, so that a volume keeps it and a container without one loses it.

mod change;
mod define;
mod expr;
mod parse;
mod select;
mod show;
mod statement;
mod store;
mod token;

use std::sync::Arc;

use crate::container::kernel::Kernel;
use expr::{Expr, Field, Row, Value, truth};
use statement::{Statement, Table};
use store::Content;
pub(super) use store::{Store, from_lines, to_lines};

/// Why a statement failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Error {
    pub code: u16,
    pub state: &'static str,
    pub text: String,
}

fn error<T>(code: u16, state: &'static str, text: impl Into<String>) -> Result<T, Error> {
    Err(Error { code, state, text: text.into() })
}

/// What a statement gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Rows under headings.
    Rows(Vec<Arc<str>>, Vec<Vec<Value>>),
    /// So many rows were changed, and what else the server tells of it.
    Done(usize, String),
    /// Another database is the current one.
    Changed,
}

/// The parts of a statement, as refusals name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Shown,
    Where,
    On,
    Group,
    Having,
    Order,
}

/// Who is connected, and what the server tells of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Session {
    pub id: u32,
    pub user: Arc<str>,
    /// Where the client is.
    pub host: Arc<str>,
    /// The host of the account that the client was taken for.
    pub granted: Arc<str>,
    pub database: Option<Arc<str>>,
    pub version: String,
    pub comment: String,
    pub hostname: Arc<str>,
    pub now: String,
}

/// The databases that every server has, for those who may see them.
const OWN: &[&str] = &["information_schema", "mysql", "performance_schema", "sys"];

impl Session {
    /// What the server is called in messages.
    pub fn server(&self) -> &'static str {
        if self.version.contains("MariaDB") { "MariaDB" } else { "MySQL" }
    }
    /// The accounts that the server keeps for itself, and the image of MariaDB for its health check.
    fn own_accounts(&self) -> &'static [&'static str] {
        match (self.server(), &*self.version) {
            ("MariaDB", _) => &[
                "mariadb.sys@localhost",
                "healthcheck@127.0.0.1",
                "healthcheck@::1",
                "healthcheck@localhost",
            ],
            (_, version) if version.starts_with("5.6") => &[],
            (_, version) if version.starts_with('5') => &["mysql.session@localhost", "mysql.sys@localhost"],
            _ => &["mysql.infoschema@localhost", "mysql.session@localhost", "mysql.sys@localhost"],
        }
    }
    /// How accounts prove who they are, where nobody said another way.
    fn plugin(&self) -> &'static str {
        let new = self.server() == "MySQL" && !self.version.starts_with('5');
        if new { "caching_sha2_password" } else { "mysql_native_password" }
    }
    /// Where in a statement something stands: newer MariaDB names the clause itself.
    fn clause(&self, place: Place) -> &'static str {
        let new = self.server() == "MariaDB" && self.version.starts_with("11");
        match (place, new) {
            (Place::Shown, true) => "SELECT",
            (Place::Shown, false) => "field list",
            (Place::Where, true) => "WHERE",
            (Place::Where, false) => "where clause",
            (Place::On, true) => "ON",
            (Place::On, false) => "on clause",
            (Place::Group, true) => "GROUP BY",
            (Place::Group, false) => "group statement",
            (Place::Having, true) => "HAVING",
            (Place::Having, false) => "having clause",
            (Place::Order, true) => "ORDER BY",
            (Place::Order, false) => "order clause",
        }
    }
    fn unknown_column(&self, name: &str, place: Place) -> Error {
        let place = self.clause(place);
        Error { code: 1054, state: "42S22", text: format!("Unknown column '{name}' in '{place}'") }
    }
    fn unknown_function(&self, name: &str) -> Error {
        match &self.database {
            Some(database) => Error {
                code: 1305,
                state: "42000",
                text: format!("FUNCTION {database}.{} does not exist", name.to_lowercase()),
            },
            None => Error { code: 1046, state: "3D000", text: "No database selected".into() },
        }
    }

    fn table(&self, table: &Table) -> Result<(Arc<str>, Arc<str>), Error> {
        match table.database.clone().or_else(|| self.database.clone()) {
            Some(database) => Ok((database, table.name.clone())),
            None => error(1046, "3D000", "No database selected"),
        }
    }

    /// Runs one statement.
    pub fn run(&mut self, text: &str, store: &Store, kernel: &mut Kernel<'_>) -> Result<Outcome, Error> {
        if text.trim().is_empty() {
            return error(1065, "42000", "Query was empty");
        }
        match parse::parse(text, self.server(), false)? {
            Statement::Select(select) => self.select(&select, store, kernel),
            Statement::Show(show, pattern) => self.show(&show, pattern.as_deref(), store, kernel),
            Statement::Use(name) => {
                self.enter(&name, store, kernel)?;
                Ok(Outcome::Changed)
            }
            Statement::CreateDatabase(name, quiet) => {
                self.allowed(&name, store, kernel)?;
                if store.has_database(kernel, &name) {
                    if quiet {
                        return Ok(Outcome::Done(1, String::new()));
                    }
                    return error(1007, "HY000", format!("Can't create database '{name}'; database exists"));
                }
                store.create_database(kernel, &name)?;
                Ok(Outcome::Done(1, String::new()))
            }
            Statement::DropDatabase(name, quiet) => {
                self.allowed(&name, store, kernel)?;
                if !store.has_database(kernel, &name) {
                    if quiet {
                        return Ok(Outcome::Done(0, String::new()));
                    }
                    return error(
                        1008,
                        "HY000",
                        format!("Can't drop database '{name}'; database doesn't exist"),
                    );
                }
                let count = store.drop_database(kernel, &name);
                if self.database.as_ref() == Some(&name) {
                    self.database = None;
                }
                Ok(Outcome::Done(count, String::new()))
            }
            Statement::CreateTable(table, columns, quiet) => {
                let (database, name) = self.place("CREATE", &table, store, kernel)?;
                if store.read(kernel, &database, &name).is_some() {
                    if quiet {
                        return Ok(Outcome::Done(0, String::new()));
                    }
                    return error(1050, "42S01", format!("Table '{name}' already exists"));
                }
                store.write(kernel, &database, &name, &Content { columns, rows: Vec::new() })?;
                Ok(Outcome::Done(0, String::new()))
            }
            Statement::DropTable(tables, quiet) => {
                for table in tables {
                    let (database, name) = self.place("DROP", &table, store, kernel)?;
                    if !store.drop_table(kernel, &database, &name) && !quiet {
                        return error(1051, "42S02", format!("Unknown table '{database}.{name}'"));
                    }
                }
                Ok(Outcome::Done(0, String::new()))
            }
            Statement::Insert(insert) => self.insert(&insert, store, kernel),
            Statement::Update(table, changes, which) => self.update(&table, &changes, &which, store, kernel),
            Statement::Delete(table, which) => self.delete(&table, &which, store, kernel),
            Statement::AlterTable(table, changes) => self.alter(&table, changes, store, kernel),
            Statement::CreateUser(accounts, quiet) => {
                self.must_be_root("CREATE USER", store, kernel)?;
                for account in accounts {
                    if !store.add_user(
                        kernel,
                        &account.user,
                        &account.host,
                        account.password.as_deref().unwrap_or_default(),
                    )? && !quiet
                    {
                        return error(
                            1396,
                            "HY000",
                            format!("Operation CREATE USER failed for '{}'@'{}'", account.user, account.host),
                        );
                    }
                }
                Ok(Outcome::Done(0, String::new()))
            }
            Statement::DropUser(accounts, quiet) => {
                self.must_be_root("CREATE USER", store, kernel)?;
                for account in accounts {
                    if !store.drop_user(kernel, &account.user, &account.host)? && !quiet {
                        return error(
                            1396,
                            "HY000",
                            format!("Operation DROP USER failed for '{}'@'{}'", account.user, account.host),
                        );
                    }
                }
                Ok(Outcome::Done(0, String::new()))
            }
            Statement::AlterUser(accounts) => {
                self.must_be_root("CREATE USER", store, kernel)?;
                for account in accounts {
                    let password = account.password.unwrap_or_default();
                    if !store.set_password(kernel, &account.user, &account.host, &password)? {
                        return error(
                            1396,
                            "HY000",
                            format!("Operation ALTER USER failed for '{}'@'{}'", account.user, account.host),
                        );
                    }
                }
                Ok(Outcome::Done(0, String::new()))
            }
            Statement::Grant(database, accounts) => {
                self.must_be_root("GRANT OPTION", store, kernel)?;
                for account in accounts {
                    if !store.grant(kernel, &account.user, &account.host, &database)? {
                        return error(1410, "42000", "You are not allowed to create a user with GRANT");
                    }
                }
                Ok(Outcome::Done(0, String::new()))
            }
            Statement::Nothing => Ok(Outcome::Done(0, String::new())),
        }
    }

    fn must_be_root(&self, what: &str, store: &Store, kernel: &mut Kernel<'_>) -> Result<(), Error> {
        match store.may(kernel, &self.user, &self.granted, "*") {
            true => Ok(()),
            false => error(
                1227,
                "42000",
                format!(
                    "Access denied; you need (at least one of) the {what} privilege(s) for this operation"
                ),
            ),
        }
    }

    fn allowed(&self, database: &str, store: &Store, kernel: &mut Kernel<'_>) -> Result<(), Error> {
        let open = database.eq_ignore_ascii_case("information_schema");
        match open || store.may(kernel, &self.user, &self.granted, database) {
            true => Ok(()),
            false => error(
                1044,
                "42000",
                format!("Access denied for user '{}'@'{}' to database '{database}'", self.user, self.granted),
            ),
        }
    }

    /// Makes a database the current one.
    pub fn enter(&mut self, name: &Arc<str>, store: &Store, kernel: &mut Kernel<'_>) -> Result<(), Error> {
        self.allowed(name, store, kernel)?;
        if !OWN.contains(&&**name) && !store.has_database(kernel, name) {
            return error(1049, "42000", format!("Unknown database '{name}'"));
        }
        self.database = Some(name.clone());
        Ok(())
    }

    /// Refuses who may not do this with a table.
    fn permitted(
        &self,
        verb: &str,
        database: &str,
        table: &str,
        store: &Store,
        kernel: &mut Kernel<'_>,
    ) -> Result<(), Error> {
        if store.may(kernel, &self.user, &self.granted, database) {
            return Ok(());
        }
        let what = match self.server() {
            "MariaDB" => format!("`{database}`.`{table}`"),
            _ => format!("'{table}'"),
        };
        error(
            1142,
            "42000",
            format!("{verb} command denied to user '{}'@'{}' for table {what}", self.user, self.host),
        )
    }

    /// A table that is made or dropped: its database, which is there, and its name.
    fn place(
        &self,
        verb: &str,
        table: &Table,
        store: &Store,
        kernel: &mut Kernel<'_>,
    ) -> Result<(Arc<str>, Arc<str>), Error> {
        let (database, name) = self.table(table)?;
        self.permitted(verb, &database, &name, store, kernel)?;
        if !store.has_database(kernel, &database) {
            return error(1049, "42000", format!("Unknown database '{database}'"));
        }
        Ok((database, name))
    }

    /// A table that is read, or changed as the `verb` says.
    fn content(
        &self,
        verb: &str,
        table: &Table,
        store: &Store,
        kernel: &mut Kernel<'_>,
    ) -> Result<(Arc<str>, Arc<str>, Content), Error> {
        let (database, name) = self.table(table)?;
        if let Some(content) = self.schema(&database, &name, store, kernel) {
            return Ok((database, name, content));
        }
        self.permitted(verb, &database, &name, store, kernel)?;
        if database.eq_ignore_ascii_case("mysql") && name.eq_ignore_ascii_case("user") {
            return Ok((database, name, store.users_table(kernel, self.own_accounts(), self.plugin())));
        }
        match store.read(kernel, &database, &name) {
            Some(content) => Ok((database, name, content)),
            None => error(1146, "42S02", format!("Table '{database}.{name}' doesn't exist")),
        }
    }

    /// The tables of `information_schema` that people look at.
    fn schema(&self, database: &str, name: &str, store: &Store, kernel: &mut Kernel<'_>) -> Option<Content> {
        if !database.eq_ignore_ascii_case("information_schema") {
            return None;
        }
        let heads: &[&str] = match &*name.to_lowercase() {
            "schemata" => &["SCHEMA_NAME"],
            "tables" => &["TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE", "ENGINE", "TABLE_ROWS"],
            "columns" => &["TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "ORDINAL_POSITION", "DATA_TYPE"],
            _ => return None,
        };
        let mut rows = Vec::new();
        let cell = |text: &str| -> Value { Some(text.into()) };
        for own in store.databases(kernel) {
            if self.allowed(&own, store, kernel).is_err() {
                continue;
            }
            let cells = |more: &[&str]| {
                std::iter::once(cell(&own)).chain(more.iter().map(|text| cell(text))).collect()
            };
            if heads.len() == 1 {
                rows.push(cells(&[]));
                continue;
            }
            for table in store.tables(kernel, &own) {
                let Some(content) = store.read(kernel, &own, &table) else { continue };
                if heads[2] == "TABLE_TYPE" {
                    rows.push(cells(&[&table, "BASE TABLE", "InnoDB", &content.rows.len().to_string()]));
                    continue;
                }
                for (at, column) in (1..).zip(&content.columns) {
                    let kind = column.kind.split('(').next().unwrap_or_default();
                    rows.push(cells(&[&table, &column.name, &i32::to_string(&at), kind]));
                }
            }
        }
        let column = |name: &&str| statement::Column {
            name: (*name).into(),
            kind: "varchar(64)".into(),
            ..Default::default()
        };
        Some(Content { columns: heads.iter().map(column).collect(), rows })
    }

    fn picks(
        &self,
        filter: Option<&Expr>,
        fields: &[Field],
        values: &[Value],
        place: Place,
    ) -> Result<bool, Error> {
        let Some(filter) = filter else { return Ok(true) };
        Ok(truth(&filter.eval(&Row { session: self, fields, values, all: None, place })?))
    }
}
