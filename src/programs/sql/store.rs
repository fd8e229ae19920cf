//! Where the data lies: a folder a database, a file a table, a file of accounts.

use std::sync::Arc;

use crate::container::kernel::Kernel;

use super::expr::{Field, Value};
use super::statement::Column;
use super::{Error, error};

/// A data folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Store {
    /// Where it is.
    pub folder: String,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Value>>,
}

impl Content {
    /// Its columns, as a statement that calls it `table` reads them.
    pub fn fields(&self, table: &Arc<str>) -> Vec<Field> {
        self.columns.iter().map(|own| Field { table: table.clone(), name: own.name.clone() }).collect()
    }
    /// Where a column is.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|own| own.name.eq_ignore_ascii_case(name))
    }
}

fn escape(value: &Value) -> String {
    match value {
        None => "\\N".to_owned(),
        Some(text) => text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n"),
    }
}

fn unescape(text: &str) -> Value {
    if text == "\\N" {
        return None;
    }
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push(match chars.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                other => other.unwrap_or('\\'),
            }),
            c => out.push(c),
        }
    }
    Some(out.into())
}

/// Lines of cells.
pub(crate) fn to_lines<'v>(rows: impl IntoIterator<Item = &'v [Value]>) -> String {
    rows.into_iter().map(|row| row.iter().map(escape).collect::<Vec<_>>().join("\t") + "\n").collect()
}

/// Cells of lines.
pub(crate) fn from_lines(text: &str) -> Vec<Vec<Value>> {
    text.lines().map(|line| line.split('\t').map(unescape).collect()).collect()
}

/// An account: its name, the host it may come from, its password, and the databases it may use (`*` for all).
type User = (Arc<str>, Arc<str>, Arc<str>, Vec<Arc<str>>);

/// Which of the accounts it is.
fn account(users: &[User], user: &str, host: &str) -> Option<usize> {
    users.iter().position(|own| &*own.0 == user && &*own.1 == host)
}

impl Store {
    fn file(&self, database: &str, table: &str) -> String {
        format!("{}/{database}/{table}.ibd", self.folder)
    }

    /// The databases that somebody made.
    pub fn databases(&self, kernel: &mut Kernel<'_>) -> Vec<Arc<str>> {
        let folder = &self.folder;
        let names = kernel.files().list(folder).unwrap_or_default();
        names
            .into_iter()
            .filter(|name| !name.starts_with(['#', '.']) && &**name != "lost+found")
            .filter(|name| kernel.files().is_directory(&format!("{folder}/{name}")))
            .collect()
    }
    pub fn has_database(&self, kernel: &mut Kernel<'_>, name: &str) -> bool {
        !name.contains('/') && kernel.files().is_directory(&format!("{}/{name}", self.folder))
    }
    pub fn create_database(&self, kernel: &mut Kernel<'_>, name: &str) -> Result<(), Error> {
        match kernel.files().make_directory(&format!("{}/{name}", self.folder), 0o750) {
            Ok(()) => Ok(()),
            Err(errno) => error(1006, "HY000", format!("Can't create database '{name}' ({errno})")),
        }
    }
    pub(super) fn rename_table(&self, kernel: &mut Kernel<'_>, database: &str, old: &str, new: &str) -> bool {
        kernel.files().rename(&self.file(database, old), &self.file(database, new)).is_ok()
    }
    /// Removes a database and tells how many tables it had.
    pub fn drop_database(&self, kernel: &mut Kernel<'_>, name: &str) -> usize {
        let tables = self.tables(kernel, name);
        for table in &tables {
            self.drop_table(kernel, name, table);
        }
        kernel.files().remove_directory(&format!("{}/{name}", self.folder)).ok();
        tables.len()
    }
    pub fn tables(&self, kernel: &mut Kernel<'_>, database: &str) -> Vec<Arc<str>> {
        let names = kernel.files().list(&format!("{}/{database}", self.folder)).unwrap_or_default();
        names.iter().filter_map(|name| name.strip_suffix(".ibd")).map(Arc::from).collect()
    }
    pub fn drop_table(&self, kernel: &mut Kernel<'_>, database: &str, table: &str) -> bool {
        kernel.files().remove_file(&self.file(database, table)).is_ok()
    }

    pub(super) fn read(&self, kernel: &mut Kernel<'_>, database: &str, table: &str) -> Option<Content> {
        let bytes = kernel.files().read(&self.file(database, table)).ok()?;
        let mut lines = from_lines(&String::from_utf8_lossy(&bytes));
        if lines.is_empty() {
            return None;
        }
        // A column is four cells: its name, its type, letters for what it must be, its default.
        let columns = lines.remove(0);
        let columns = columns
            .chunks_exact(4)
            .map(|cells| {
                let text = |at: usize| cells[at].clone().unwrap_or_default();
                let flags = text(2);
                Column {
                    name: text(0),
                    kind: text(1).to_string(),
                    required: flags.contains('n'),
                    primary: flags.contains('p'),
                    unique: flags.contains('u'),
                    counts: flags.contains('a'),
                    default: cells[3].clone(),
                }
            })
            .collect();
        Some(Content { columns, rows: lines })
    }

    pub(super) fn write(
        &self,
        kernel: &mut Kernel<'_>,
        database: &str,
        table: &str,
        content: &Content,
    ) -> Result<(), Error> {
        let mut head: Vec<Value> = Vec::new();
        for own in &content.columns {
            let flags: String =
                [(own.required, 'n'), (own.primary, 'p'), (own.unique, 'u'), (own.counts, 'a')]
                    .iter()
                    .filter(|(set, _)| *set)
                    .map(|(_, letter)| *letter)
                    .collect();
            head.extend([
                Some(own.name.clone()),
                Some(own.kind.as_str().into()),
                Some(flags.into()),
                own.default.clone(),
            ]);
        }
        let rows = std::iter::once(&head[..]).chain(content.rows.iter().map(|row| &row[..]));
        match kernel.files().write(&self.file(database, table), to_lines(rows).into_bytes(), 0o640) {
            Ok(()) => Ok(()),
            Err(errno) => error(1030, "HY000", format!("Got error \"{errno}\" from storage engine InnoDB")),
        }
    }

    // Accounts

    fn users_file(&self) -> String {
        format!("{}/mysql/user", self.folder)
    }

    fn users(&self, kernel: &mut Kernel<'_>) -> Vec<User> {
        let bytes = kernel.files().read(&self.users_file()).unwrap_or_default();
        from_lines(&String::from_utf8_lossy(&bytes))
            .into_iter()
            .map(|cells| {
                let text = |at: usize| cells.get(at).cloned().flatten().unwrap_or_default();
                (
                    text(0),
                    text(1),
                    text(2),
                    cells.get(3..).unwrap_or_default().iter().flatten().cloned().collect(),
                )
            })
            .collect()
    }

    fn save_users(&self, kernel: &mut Kernel<'_>, users: &[User]) -> Result<bool, Error> {
        let rows: Vec<Vec<Value>> = users
            .iter()
            .map(|(user, host, password, granted)| {
                [user, host, password].into_iter().chain(granted).map(|text| Some(text.clone())).collect()
            })
            .collect();
        let folder = format!("{}/mysql", self.folder);
        kernel.files().make_directory(&folder, 0o750).ok();
        match kernel.files().write(
            &self.users_file(),
            to_lines(rows.iter().map(|row| &row[..])).into_bytes(),
            0o640,
        ) {
            Ok(()) => Ok(true),
            Err(errno) => error(1030, "HY000", format!("Got error \"{errno}\" from storage engine InnoDB")),
        }
    }

    /// Adds an account; false where there is one of that name.
    pub(super) fn add_user(
        &self,
        kernel: &mut Kernel<'_>,
        user: &str,
        host: &str,
        password: &str,
    ) -> Result<bool, Error> {
        let mut users = self.users(kernel);
        if account(&users, user, host).is_some() {
            return Ok(false);
        }
        users.push((user.into(), host.into(), password.into(), Vec::new()));
        self.save_users(kernel, &users)
    }
    pub(super) fn drop_user(&self, kernel: &mut Kernel<'_>, user: &str, host: &str) -> Result<bool, Error> {
        let mut users = self.users(kernel);
        let Some(at) = account(&users, user, host) else { return Ok(false) };
        users.remove(at);
        self.save_users(kernel, &users)
    }
    /// False where there is no such account.
    fn change_user(
        &self,
        kernel: &mut Kernel<'_>,
        user: &str,
        host: &str,
        change: &dyn Fn(&mut User),
    ) -> Result<bool, Error> {
        let mut users = self.users(kernel);
        let Some(at) = account(&users, user, host) else { return Ok(false) };
        change(&mut users[at]);
        self.save_users(kernel, &users)
    }
    pub(super) fn set_password(
        &self,
        kernel: &mut Kernel<'_>,
        user: &str,
        host: &str,
        password: &str,
    ) -> Result<bool, Error> {
        self.change_user(kernel, user, host, &|own| own.2 = password.into())
    }
    pub(super) fn grant(
        &self,
        kernel: &mut Kernel<'_>,
        user: &str,
        host: &str,
        database: &str,
    ) -> Result<bool, Error> {
        self.change_user(kernel, user, host, &|own| own.3.push(database.into()))
    }

    /// Makes the account with a password and all rights on a database; nothing where that cannot be written.
    pub fn set_up(&self, kernel: &mut Kernel<'_>, user: &str, host: &str, password: &str, database: &str) {
        self.add_user(kernel, user, host, password).ok();
        self.grant(kernel, user, host, database).ok();
    }
    /// `mysql.user`, in the order of its key; the server's `own` accounts, `user@host`, are in it and nobody gets in by them.
    pub(super) fn users_table(&self, kernel: &mut Kernel<'_>, own: &[&str], plugin: &str) -> Content {
        let column = |name: &str| Column { name: name.into(), kind: "char(255)".into(), ..Column::default() };
        let own = own.iter().filter_map(|account| account.split_once('@'));
        let mut accounts: Vec<(Arc<str>, Arc<str>)> =
            own.map(|(user, host)| (host.into(), user.into())).collect();
        accounts.extend(self.users(kernel).into_iter().map(|(user, host, ..)| (host, user)));
        accounts.sort();
        let rows = accounts.into_iter().map(|(host, user)| vec![Some(host), Some(user), Some(plugin.into())]);
        Content { columns: ["Host", "User", "plugin"].map(column).into(), rows: rows.collect() }
    }
    /// The databases that an account may use; none where there is no such account.
    pub(super) fn grants(&self, kernel: &mut Kernel<'_>, user: &str, host: &str) -> Option<Vec<Arc<str>>> {
        let mut users = self.users(kernel);
        account(&users, user, host).map(|at| users.swap_remove(at).3)
    }
    /// The databases that an account may use, wherever it comes from.
    pub fn grants_of(&self, kernel: &mut Kernel<'_>, user: &str) -> Vec<Arc<str>> {
        self.grants(kernel, user, "%").unwrap_or_default()
    }
    /// Whether an account may use a database; MariaDB's `test` is for all.
    pub(super) fn may(&self, kernel: &mut Kernel<'_>, user: &str, host: &str, database: &str) -> bool {
        database == "test" && self.has_database(kernel, database)
            || self.grants(kernel, user, host).iter().flatten().any(|own| &**own == "*" || &**own == database)
    }
    /// The host of the account that somebody with this name and password is let in as; the more exact one first.
    pub fn let_in(
        &self,
        kernel: &mut Kernel<'_>,
        user: &str,
        from: &str,
        password: &str,
    ) -> Option<Arc<str>> {
        let mut fits: Vec<User> = self
            .users(kernel)
            .into_iter()
            .filter(|own| &*own.0 == user && (&*own.1 == "%" || &*own.1 == from))
            .collect();
        fits.sort_by_key(|own| &*own.1 == "%");
        let own = fits.into_iter().next()?;
        (&*own.2 == password || own.2.is_empty() && password.is_empty()).then_some(own.1)
    }
}
