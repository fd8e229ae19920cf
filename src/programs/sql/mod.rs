//! A small SQL database. Its data lies in files, so that a volume keeps it and a container without one loses it.

mod expr;
mod parse;
mod store;
mod token;

use std::sync::Arc;

use crate::container::kernel::Kernel;
use expr::{Expr, Row, Value, compare, like, truth};
use parse::{Column, Select, Show, Statement, Table};
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
    /// So many rows were changed; what was done in one word.
    Done(usize, &'static str),
    /// Another database is the current one.
    Changed,
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
    fn unknown_column(&self, name: &str) -> Error {
        let place = if self.server() == "MariaDB" && self.version.starts_with("11") {
            "SELECT"
        } else {
            "field list"
        };
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
                        return Ok(Outcome::Done(1, ""));
                    }
                    return error(1007, "HY000", format!("Can't create database '{name}'; database exists"));
                }
                store.create_database(kernel, &name)?;
                Ok(Outcome::Done(1, ""))
            }
            Statement::DropDatabase(name, quiet) => {
                self.allowed(&name, store, kernel)?;
                if !store.has_database(kernel, &name) {
                    if quiet {
                        return Ok(Outcome::Done(0, ""));
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
                Ok(Outcome::Done(count, ""))
            }
            Statement::CreateTable(table, columns, quiet) => {
                let (database, name) = self.place(&table, store, kernel)?;
                if store.read(kernel, &database, &name).is_some() {
                    if quiet {
                        return Ok(Outcome::Done(0, ""));
                    }
                    return error(1050, "42S01", format!("Table '{name}' already exists"));
                }
                store.write(kernel, &database, &name, &Content { columns, rows: Vec::new() })?;
                Ok(Outcome::Done(0, ""))
            }
            Statement::DropTable(tables, quiet) => {
                for table in tables {
                    let (database, name) = self.place(&table, store, kernel)?;
                    if !store.drop_table(kernel, &database, &name) && !quiet {
                        return error(1051, "42S02", format!("Unknown table '{database}.{name}'"));
                    }
                }
                Ok(Outcome::Done(0, ""))
            }
            Statement::Insert(table, columns, rows) => self.insert(&table, &columns, &rows, store, kernel),
            Statement::Update(table, changes, filter) => {
                let (database, name, mut content) = self.content(&table, store, kernel)?;
                let names = content.names();
                let mut count = 0;
                for at in 0..content.rows.len() {
                    if !self.picks(filter.as_ref(), &names, &content.rows[at])? {
                        continue;
                    }
                    let old = content.rows[at].clone();
                    let row = Row { session: self, columns: &names, values: &old, all: None };
                    for (column, value) in &changes {
                        let Some(place) = names.iter().position(|own| own.eq_ignore_ascii_case(column))
                        else {
                            return Err(self.unknown_column(column));
                        };
                        content.rows[at][place] = value.eval(&row)?;
                    }
                    count += usize::from(content.rows[at] != old);
                }
                store.write(kernel, &database, &name, &content)?;
                Ok(Outcome::Done(count, "changed"))
            }
            Statement::Delete(table, filter) => {
                let (database, name, mut content) = self.content(&table, store, kernel)?;
                let names = content.names();
                let mut kept = Vec::new();
                let before = content.rows.len();
                for row in std::mem::take(&mut content.rows) {
                    if !self.picks(filter.as_ref(), &names, &row)? {
                        kept.push(row);
                    }
                }
                content.rows = kept;
                store.write(kernel, &database, &name, &content)?;
                Ok(Outcome::Done(before - content.rows.len(), ""))
            }
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
                Ok(Outcome::Done(0, ""))
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
                Ok(Outcome::Done(0, ""))
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
                Ok(Outcome::Done(0, ""))
            }
            Statement::Grant(database, accounts) => {
                self.must_be_root("GRANT OPTION", store, kernel)?;
                for account in accounts {
                    if !store.grant(kernel, &account.user, &account.host, &database)? {
                        return error(1410, "42000", "You are not allowed to create a user with GRANT");
                    }
                }
                Ok(Outcome::Done(0, ""))
            }
            Statement::Nothing => Ok(Outcome::Done(0, "")),
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

    fn place(
        &self,
        table: &Table,
        store: &Store,
        kernel: &mut Kernel<'_>,
    ) -> Result<(Arc<str>, Arc<str>), Error> {
        let (database, name) = self.table(table)?;
        if !store.may(kernel, &self.user, &self.granted, &database) {
            return error(
                1142,
                "42000",
                format!(
                    "CREATE command denied to user '{}'@'{}' for table `{database}`.`{name}`",
                    self.user, self.host
                ),
            );
        }
        if !store.has_database(kernel, &database) {
            return error(1049, "42000", format!("Unknown database '{database}'"));
        }
        Ok((database, name))
    }

    fn content(
        &self,
        table: &Table,
        store: &Store,
        kernel: &mut Kernel<'_>,
    ) -> Result<(Arc<str>, Arc<str>, Content), Error> {
        let (database, name) = self.table(table)?;
        if database.eq_ignore_ascii_case("mysql") && name.eq_ignore_ascii_case("user") {
            self.must_be_root("SELECT", store, kernel)?;
            return Ok((database, name, store.users_table(kernel)));
        }
        if !store.may(kernel, &self.user, &self.granted, &database) {
            return error(
                1142,
                "42000",
                format!(
                    "SELECT command denied to user '{}'@'{}' for table `{database}`.`{name}`",
                    self.user, self.host
                ),
            );
        }
        match store.read(kernel, &database, &name) {
            Some(content) => Ok((database, name, content)),
            None => error(1146, "42S02", format!("Table '{database}.{name}' doesn't exist")),
        }
    }

    fn picks(&self, filter: Option<&Expr>, names: &[Arc<str>], values: &[Value]) -> Result<bool, Error> {
        match filter {
            None => Ok(true),
            Some(filter) => {
                Ok(truth(&filter.eval(&Row { session: self, columns: names, values, all: None })?))
            }
        }
    }

    fn select(&self, select: &Select, store: &Store, kernel: &mut Kernel<'_>) -> Result<Outcome, Error> {
        let (names, mut rows) = match &select.from {
            Some(table) if table.name.eq_ignore_ascii_case("dual") => (Vec::new(), vec![Vec::new()]),
            Some(table) => {
                let (_, _, content) = self.content(table, store, kernel)?;
                (content.names(), content.rows)
            }
            None => (Vec::new(), vec![Vec::new()]),
        };
        let mut kept = Vec::new();
        for row in rows {
            if self.picks(select.filter.as_ref(), &names, &row)? {
                kept.push(row);
            }
        }
        rows = kept;
        let own = |values: &[Value], of: &Expr, all: Option<&[Vec<Value>]>| {
            of.eval(&Row { session: self, columns: &names, values, all })
        };
        for (by, down) in select.order.iter().rev() {
            let mut keyed = Vec::new();
            for row in rows {
                keyed.push((own(&row, by, None)?, row));
            }
            keyed.sort_by(|(a, _), (b, _)| match (a, b) {
                (Some(a), Some(b)) => compare(a, b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            });
            if *down {
                keyed.reverse();
            }
            rows = keyed.into_iter().map(|(_, row)| row).collect();
        }
        let aggregate = select.shown.iter().any(|(value, _)| value.as_ref().is_some_and(Expr::is_aggregate));
        // Each group of rows gives one; without groups each row is its own.
        let mut groups: Vec<(Value, Vec<Vec<Value>>)> = Vec::new();
        if let Some(by) = &select.group {
            for row in rows {
                let key = own(&row, by, None)?;
                match groups.iter_mut().find(|(own, _)| *own == key) {
                    Some((_, group)) => group.push(row),
                    None => groups.push((key, vec![row])),
                }
            }
        } else if aggregate {
            groups.push((None, rows));
        } else {
            groups = rows.into_iter().map(|row| (None, vec![row])).collect();
        }
        if let Some((skip, count)) = select.limit {
            groups = groups.into_iter().skip(skip).take(count).collect();
        }
        let mut headings = Vec::new();
        for (value, heading) in &select.shown {
            match value {
                Some(_) => headings.push(heading.clone()),
                None if select.from.is_none() => return error(1096, "HY000", "No tables used"),
                None => headings.extend(names.iter().cloned()),
            }
        }
        // A wrong column is one also where there is no row.
        let none = vec![None; names.len()];
        let mut out = Vec::new();
        for (value, _) in &select.shown {
            if let Some(value) = value {
                own(&none, value, Some(&[]))?;
            }
        }
        for (_, group) in groups {
            let first = group.first().unwrap_or(&none).clone();
            let mut shown = Vec::new();
            for (value, _) in &select.shown {
                match value {
                    Some(value) => shown.push(own(&first, value, Some(&group))?),
                    None => shown.extend(first.iter().cloned()),
                }
            }
            out.push(shown);
        }
        Ok(Outcome::Rows(headings, out))
    }

    fn insert(
        &self,
        table: &Table,
        columns: &[Arc<str>],
        rows: &[Vec<Expr>],
        store: &Store,
        kernel: &mut Kernel<'_>,
    ) -> Result<Outcome, Error> {
        let (database, name, mut content) = self.content(table, store, kernel)?;
        let names = content.names();
        let places: Vec<usize> = match columns {
            [] => (0..names.len()).collect(),
            columns => {
                let mut places = Vec::new();
                for column in columns {
                    match names.iter().position(|own| own.eq_ignore_ascii_case(column)) {
                        Some(place) => places.push(place),
                        None => return Err(self.unknown_column(column)),
                    }
                }
                places
            }
        };
        for (number, values) in rows.iter().enumerate() {
            if values.len() != places.len() {
                return error(
                    1136,
                    "21S01",
                    format!("Column count doesn't match value count at row {}", number + 1),
                );
            }
            let mut row: Vec<Value> = content.columns.iter().map(|column| column.default.clone()).collect();
            for (value, place) in values.iter().zip(&places) {
                row[*place] = value.eval(&Row { session: self, columns: &names, values: &[], all: None })?;
            }
            for (at, column) in content.columns.iter().enumerate() {
                if column
                    .default
                    .as_deref()
                    .is_some_and(|own| own.starts_with("CURRENT_TIMESTAMP") || own == "NOW")
                    && row[at] == column.default
                {
                    row[at] = Some(self.now.as_str().into());
                }
                if column.counts && row[at].as_deref().is_none_or(|text| text == "0") {
                    let last =
                        content.rows.iter().filter_map(|own| own[at].as_ref()?.parse::<u64>().ok()).max();
                    row[at] = Some((last.unwrap_or(0) + 1).to_string().into());
                }
                if column.required && row[at].is_none() {
                    return match places.contains(&at) {
                        true => error(1048, "23000", format!("Column '{}' cannot be null", column.name)),
                        false => error(
                            1364,
                            "HY000",
                            format!("Field '{}' doesn't have a default value", column.name),
                        ),
                    };
                }
                if (column.primary || column.unique)
                    && let Some(value) = &row[at]
                    && content.rows.iter().any(|own| own[at].as_ref() == Some(value))
                {
                    let key = match (column.primary, self.server()) {
                        (true, "MariaDB") => "PRIMARY".to_owned(),
                        (true, _) => format!("{name}.PRIMARY"),
                        (false, "MariaDB") => column.name.to_string(),
                        (false, _) => format!("{name}.{}", column.name),
                    };
                    return error(1062, "23000", format!("Duplicate entry '{value}' for key '{key}'"));
                }
                let whole = column.kind.starts_with("int") || column.kind.starts_with("bigint");
                if whole
                    && let Some(value) = &row[at]
                    && value.parse::<f64>().is_err()
                {
                    let table = if self.server() == "MariaDB" {
                        format!("`{database}`.`{name}`.`{}`", column.name)
                    } else {
                        column.name.to_string()
                    };
                    return match self.server() {
                        "MariaDB" => error(
                            1366,
                            "22007",
                            format!(
                                "Incorrect integer value: '{value}' for column {table} at row {}",
                                number + 1
                            ),
                        ),
                        _ => error(
                            1366,
                            "HY000",
                            format!(
                                "Incorrect integer value: '{value}' for column '{table}' at row {}",
                                number + 1
                            ),
                        ),
                    };
                }
            }
            content.rows.push(row);
        }
        store.write(kernel, &database, &name, &content)?;
        Ok(Outcome::Done(rows.len(), if rows.len() > 1 { "records" } else { "" }))
    }

    fn show(
        &self,
        show: &Show,
        pattern: Option<&str>,
        store: &Store,
        kernel: &mut Kernel<'_>,
    ) -> Result<Outcome, Error> {
        let fits = |name: &str| pattern.is_none_or(|pattern| like(name, pattern));
        let rows = |headings: &[&str], rows: Vec<Vec<Value>>| {
            Ok(Outcome::Rows(headings.iter().map(|heading| Arc::from(*heading)).collect(), rows))
        };
        let cell = |text: &str| -> Value { Some(text.into()) };
        match show {
            Show::Databases => {
                let mut names = store.databases(kernel);
                names.extend(OWN.iter().map(|name| Arc::from(*name)));
                names.sort();
                names.dedup();
                names.retain(|name| fits(name) && self.allowed(name, store, kernel).is_ok());
                // MySQL lets everybody see this one as well.
                let listed = names.iter().map(|name| vec![cell(name)]).collect();
                rows(
                    &[&match pattern {
                        Some(pattern) => format!("Database ({pattern})"),
                        None => "Database".to_owned(),
                    }],
                    listed,
                )
            }
            Show::Tables(database) => {
                let Some(database) = database.clone().or_else(|| self.database.clone()) else {
                    return error(1046, "3D000", "No database selected");
                };
                self.allowed(&database, store, kernel)?;
                if !OWN.contains(&&*database) && !store.has_database(kernel, &database) {
                    return error(1049, "42000", format!("Unknown database '{database}'"));
                }
                let listed = store
                    .tables(kernel, &database)
                    .iter()
                    .filter(|name| fits(name))
                    .map(|name| vec![cell(name)])
                    .collect();
                let heading = match pattern {
                    Some(pattern) => format!("Tables_in_{database} ({pattern})"),
                    None => format!("Tables_in_{database}"),
                };
                rows(&[&heading], listed)
            }
            Show::Columns(table) => {
                let (_, _, content) = self.content(table, store, kernel)?;
                let listed = content
                    .columns
                    .iter()
                    .map(|own| {
                        let key = if own.primary {
                            "PRI"
                        } else if own.unique {
                            "UNI"
                        } else {
                            ""
                        };
                        vec![
                            Some(own.name.clone()),
                            cell(&self.kind(own)),
                            cell(if own.required { "NO" } else { "YES" }),
                            cell(key),
                            own.default.clone(),
                            cell(if own.counts { "auto_increment" } else { "" }),
                        ]
                    })
                    .collect();
                rows(&["Field", "Type", "Null", "Key", "Default", "Extra"], listed)
            }
            Show::Create(table) => {
                let (_, name, content) = self.content(table, store, kernel)?;
                let mut lines: Vec<String> = content
                    .columns
                    .iter()
                    .map(|own| {
                        let mut line = format!("  `{}` {}", own.name, self.kind(own));
                        line.push_str(match (own.required, &own.default) {
                            (true, _) => " NOT NULL",
                            (false, None) => " DEFAULT NULL",
                            _ => "",
                        });
                        if let Some(default) = &own.default {
                            line.push_str(&format!(" DEFAULT '{default}'"));
                        }
                        line + if own.counts { " AUTO_INCREMENT" } else { "" }
                    })
                    .collect();
                let keys: Vec<String> = content
                    .columns
                    .iter()
                    .filter(|own| own.primary)
                    .map(|own| format!("`{}`", own.name))
                    .collect();
                if !keys.is_empty() {
                    lines.push(format!("  PRIMARY KEY ({})", keys.join(",")));
                }
                let end = match self.server() {
                    "MariaDB" => "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci",
                    _ => "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci",
                };
                let text = format!("CREATE TABLE `{name}` (\n{}\n) {end}", lines.join(",\n"));
                rows(&["Table", "Create Table"], vec![vec![Some(name), cell(&text)]])
            }
            Show::Grants(of) => {
                let (user, host) = of.clone().unwrap_or_else(|| (self.user.clone(), self.granted.clone()));
                let heading = format!("Grants for {user}@{host}");
                let listed = store
                    .grants(kernel, &user, &host)
                    .iter()
                    .map(|database| match &**database {
                        "*" => format!("GRANT ALL PRIVILEGES ON *.* TO `{user}`@`{host}` WITH GRANT OPTION"),
                        "" => format!("GRANT USAGE ON *.* TO `{user}`@`{host}`"),
                        own => {
                            format!("GRANT ALL PRIVILEGES ON `{own}`.* TO `{user}`@`{host}`")
                        }
                    })
                    .map(|text| vec![cell(&text)])
                    .collect();
                rows(&[&heading], listed)
            }
            Show::Processes => rows(
                &["Id", "User", "Host", "db", "Command", "Time", "State", "Info"],
                vec![vec![
                    cell(&self.id.to_string()),
                    Some(self.user.clone()),
                    Some(self.host.clone()),
                    self.database.clone(),
                    cell("Query"),
                    cell("0"),
                    cell("starting"),
                    cell("SHOW PROCESSLIST"),
                ]],
            ),
            Show::Variables => {
                let known = [
                    ("datadir", "/var/lib/mysql/"),
                    ("hostname", &self.hostname),
                    ("max_connections", "151"),
                    ("port", "3306"),
                    ("socket", "/var/run/mysqld/mysqld.sock"),
                    ("version", &self.version),
                    ("version_comment", &self.comment),
                ];
                let listed = known
                    .iter()
                    .filter(|(name, _)| fits(name))
                    .map(|(name, value)| vec![cell(name), cell(value)])
                    .collect();
                rows(&["Variable_name", "Value"], listed)
            }
            Show::Warnings => rows(&["Level", "Code", "Message"], Vec::new()),
        }
    }

    /// A column's type as this server tells it.
    fn kind(&self, column: &Column) -> String {
        match (&*column.kind, self.server()) {
            ("int", "MariaDB") => "int(11)".to_owned(),
            ("bigint", "MariaDB") => "bigint(20)".to_owned(),
            ("boolean" | "bool", _) => "tinyint(1)".to_owned(),
            (kind, _) => kind.to_owned(),
        }
    }
}
