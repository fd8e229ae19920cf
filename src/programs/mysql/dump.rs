//! `mysqldump` and `mariadb-dump`: databases as statements that make them again.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Answer, Client, Library};
use crate::container::kernel::Kernel;
use crate::container::program::Step;

/// How far a dump is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Dump {
    /// What is still to be asked, first what is asked now.
    asks: VecDeque<Ask>,
    asked: bool,
    /// `--databases`: with statements that make and enter them.
    whole: bool,
    data: bool,
    structure: bool,
    comments: bool,
    begun: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Ask {
    Databases,
    Enter(Arc<str>),
    Tables,
    Structure(Arc<str>),
    Data(Arc<str>),
}

const USAGE: &str = "Usage: mysqldump [OPTIONS] database [tables]\nOR     mysqldump [OPTIONS] --databases [OPTIONS] DB1 [DB2 DB3...]\nOR     mysqldump [OPTIONS] --all-databases [OPTIONS]\nFor more options, use mysqldump --help\n";

impl Dump {
    /// Options that clients have not.
    pub fn knows(option: &str) -> bool {
        let known = [
            "B", "A", "d", "t", "R", "routines", "triggers", "events", "E", "opt", "quick", "hex-blob",
            "comments",
        ];
        let starts = [
            "databases",
            "all-databases",
            "no-",
            "add-",
            "skip-",
            "single-transaction",
            "lock-tables",
            "column-statistics",
            "set-gtid",
            "complete-insert",
            "extended-insert",
            "compact",
        ];
        known.contains(&option) || starts.iter().any(|own| option.starts_with(own))
    }

    /// What a command line asks for; else how it is used.
    pub fn new(argv: &[Arc<str>], operands: &[String]) -> Result<Self, String> {
        let has = |names: &[&str]| argv.iter().any(|word| names.contains(&&**word));
        let all = has(&["--all-databases", "-A"]);
        let whole = all || has(&["--databases", "-B"]);
        let mut asks = VecDeque::new();
        match operands {
            [] if all => asks.push_back(Ask::Databases),
            [] => return Err(USAGE.into()),
            names if whole => {
                for name in names {
                    asks.extend([Ask::Enter(name.as_str().into()), Ask::Tables]);
                }
            }
            [name] => asks.extend([Ask::Enter(name.as_str().into()), Ask::Tables]),
            [name, tables @ ..] => {
                asks.push_back(Ask::Enter(name.as_str().into()));
                for table in tables {
                    let table: Arc<str> = table.as_str().into();
                    asks.extend([Ask::Structure(table.clone()), Ask::Data(table)]);
                }
            }
        }
        Ok(Self {
            asks,
            asked: false,
            whole,
            data: !has(&["--no-data", "-d"]),
            structure: !has(&["--no-create-info", "-t"]),
            comments: !has(&["--skip-comments", "--compact"]),
            begun: false,
        })
    }
}

/// A value as a statement holds it.
fn literal(value: &Option<Arc<str>>) -> String {
    match value {
        None => "NULL".into(),
        Some(text) if text.parse::<f64>().is_ok() && !text.starts_with(['+', '.']) => text.to_string(),
        Some(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n")),
    }
}

impl Client {
    /// Goes on with a dump.
    pub(super) fn dumping(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        let mut dump = self.dump.take()?;
        let step = self.dump_some(kernel, &mut dump);
        self.dump = Some(dump);
        step
    }

    fn dump_some(&mut self, kernel: &mut Kernel<'_>, dump: &mut Dump) -> Option<Step> {
        let Some(ask) = dump.asks.front().cloned() else {
            let end = kernel.date().rfc3339().replace('T', " ").replace('Z', "");
            kernel.print("/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n\n");
            if dump.comments {
                kernel.print(format!("-- Dump completed on {end}\n"));
            }
            return Some(Step::Exit(0));
        };
        if !dump.asked {
            let statement = match &ask {
                Ask::Databases => "SHOW DATABASES".into(),
                Ask::Enter(name) => format!("USE `{name}`"),
                Ask::Tables => "SHOW TABLES".into(),
                Ask::Structure(table) => format!("SHOW CREATE TABLE `{table}`"),
                Ask::Data(table) => format!("SELECT * FROM `{table}`"),
            };
            dump.asked = true;
            self.link.ask(kernel, "query", &statement);
        }
        let answer = match self.link.answer(kernel) {
            Ok(answer) => answer,
            Err(wait) => return Some(wait.into()),
        };
        dump.asked = false;
        dump.asks.pop_front();
        let name = self.name(kernel);
        let rows = match answer {
            Answer::Rows(_, rows) => rows,
            Answer::Error(1146, ..) => {
                let (Ask::Structure(table) | Ask::Data(table)) = ask else { return Some(Step::Exit(2)) };
                kernel.complain(format!("{name}: Couldn't find table: \"{table}\"\n"));
                return Some(Step::Exit(6));
            }
            Answer::Error(code, _, text) => {
                let quote = if self.link.library == Library::Maria { "\"" } else { "" };
                kernel.complain(format!(
                    "{name}: Got error: {code}: {quote}{text}{quote} when selecting the database\n"
                ));
                return Some(Step::Exit(2));
            }
            Answer::Lost => {
                kernel.complain(format!("{name}: Error 2013: Lost connection to server during query\n"));
                return Some(Step::Exit(3));
            }
            _ => Vec::new(),
        };
        let cell = |row: &[Option<Arc<str>>], at: usize| row.get(at).cloned().flatten().unwrap_or_default();
        let comment =
            |text: String| if dump.comments { format!("--\n-- {text}\n--\n\n") } else { String::new() };
        let mut out = String::new();
        match ask {
            Ask::Databases => {
                for row in &rows {
                    let own = cell(row, 0);
                    if !matches!(&*own, "information_schema" | "performance_schema" | "sys" | "mysql") {
                        dump.asks.extend([Ask::Enter(own), Ask::Tables]);
                    }
                }
            }
            Ask::Enter(database) => {
                if !std::mem::replace(&mut dump.begun, true) {
                    if dump.comments {
                        let version = &self.link.version;
                        let host = &self.link.host;
                        let banner = self.banner(kernel, &name);
                        let banner = banner.strip_prefix(&*name).unwrap_or_default().trim_start();
                        let own = if self.link.library == Library::Maria { "MariaDB" } else { "MySQL" };
                        let banner = banner.replace("Ver ", "").replace(" Distrib", "  Distrib");
                        out.push_str(&format!(
                            "-- {own} dump {banner}\n--\n-- Host: {host}    Database: {}\n-- ------------------------------------------------------\n-- Server version\t{version}\n\n",
                            if dump.whole { "" } else { &*database }
                        ));
                    }
                    out.push_str("/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n/*!50503 SET NAMES utf8mb4 */;\n\n");
                }
                if dump.whole {
                    out.push_str(&comment(format!("Current Database: `{database}`")));
                    out.push_str(&format!(
                        "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `{database}` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;\n\nUSE `{database}`;\n\n"
                    ));
                }
            }
            Ask::Tables => {
                for row in rows.iter().rev() {
                    let table = cell(row, 0);
                    dump.asks.push_front(Ask::Data(table.clone()));
                    dump.asks.push_front(Ask::Structure(table));
                }
            }
            Ask::Structure(table) if dump.structure => {
                out.push_str(&comment(format!("Table structure for table `{table}`")));
                let text = rows.first().map(|row| cell(row, 1)).unwrap_or_default();
                out.push_str(&format!("DROP TABLE IF EXISTS `{table}`;\n{text};\n\n"));
            }
            Ask::Data(table) if dump.data => {
                out.push_str(&comment(format!("Dumping data for table `{table}`")));
                out.push_str(&format!("LOCK TABLES `{table}` WRITE;\n"));
                if !rows.is_empty() {
                    let rows: Vec<String> = rows
                        .iter()
                        .map(|row| format!("({})", row.iter().map(literal).collect::<Vec<_>>().join(",")))
                        .collect();
                    out.push_str(&format!("INSERT INTO `{table}` VALUES {};\n", rows.join(",")));
                }
                out.push_str("UNLOCK TABLES;\n\n");
            }
            Ask::Structure(_) | Ask::Data(_) => {}
        }
        kernel.print(out);
        None
    }
}
