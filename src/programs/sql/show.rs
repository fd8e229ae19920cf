//! `SHOW` and `DESCRIBE`.

use std::sync::Arc;

use super::expr::{Value, like};
use super::statement::{Column, Show};
use super::store::Store;
use super::{Error, OWN, Outcome, Session, error};
use crate::container::kernel::Kernel;

impl Session {
    pub(super) fn show(
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
                let (_, _, content) = self.content("SELECT", table, store, kernel)?;
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
                let (_, name, content) = self.content("SELECT", table, store, kernel)?;
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
                for own in content.columns.iter().filter(|own| own.unique) {
                    lines.push(format!("  UNIQUE KEY `{0}` (`{0}`)", own.name));
                }
                let counted = content.columns.iter().position(|own| own.counts);
                let last = counted.and_then(|at| {
                    content.rows.iter().filter_map(|row| row[at].as_ref()?.parse::<u64>().ok()).max()
                });
                let next = last.map_or(String::new(), |last| format!(" AUTO_INCREMENT={}", last + 1));
                let end = match self.server() {
                    "MariaDB" => "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci",
                    _ => "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci",
                };
                let end = end.replacen("InnoDB", &format!("InnoDB{next}"), 1);
                let text = format!("CREATE TABLE `{name}` (\n{}\n) {end}", lines.join(",\n"));
                rows(&["Table", "Create Table"], vec![vec![Some(name), cell(&text)]])
            }
            Show::Grants(of) => {
                let (user, host) = of.clone().unwrap_or_else(|| (self.user.clone(), self.granted.clone()));
                let heading = format!("Grants for {user}@{host}");
                let Some(granted) = store.grants(kernel, &user, &host) else {
                    let text = format!("There is no such grant defined for user '{user}' on host '{host}'");
                    return error(1141, "42000", text);
                };
                let to = format!("TO `{user}`@`{host}`");
                // Who may not use all has a line that says so first.
                let first = match granted.iter().any(|database| &**database == "*") {
                    true => format!("GRANT ALL PRIVILEGES ON *.* {to} WITH GRANT OPTION"),
                    false => format!("GRANT USAGE ON *.* {to}"),
                };
                let own = granted.iter().filter(|database| !["", "*"].contains(&&***database));
                let own = own.map(|database| format!("GRANT ALL PRIVILEGES ON `{database}`.* {to}"));
                let listed = std::iter::once(first).chain(own).map(|text| vec![cell(&text)]).collect();
                rows(&[&heading], listed)
            }
            Show::Processes => {
                let old = self.server() == "MariaDB" || self.version.starts_with('5');
                let mut row = vec![
                    cell(&self.id.to_string()),
                    Some(self.user.clone()),
                    Some(self.host.clone()),
                    self.database.clone(),
                    cell("Query"),
                    cell("0"),
                    cell(if old { "starting" } else { "init" }),
                    cell("SHOW PROCESSLIST"),
                ];
                let mut headings = vec!["Id", "User", "Host", "db", "Command", "Time", "State", "Info"];
                if self.server() == "MariaDB" {
                    headings.push("Progress");
                    row.push(cell("0.000"));
                }
                rows(&headings, vec![row])
            }
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
