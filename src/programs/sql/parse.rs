//! From the text of a statement to what is to be done.

use std::sync::Arc;

use super::Error;
use super::expr::{Expr, Value};
use super::token::{Token, tokens};

type Parsed<T> = Result<T, Error>;

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

/// `SELECT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Select {
    /// What is shown and under which heading; `*` for all.
    pub shown: Vec<(Option<Expr>, Arc<str>)>,
    pub from: Option<Table>,
    pub filter: Option<Expr>,
    pub group: Option<Expr>,
    pub order: Vec<(Expr, bool)>,
    pub limit: Option<(usize, usize)>,
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
    Insert(Table, Vec<Arc<str>>, Vec<Vec<Expr>>),
    Update(Table, Vec<(Arc<str>, Expr)>, Option<Expr>),
    Delete(Table, Option<Expr>),
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

pub(super) struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(Token, usize)>,
    pub at: usize,
    server: &'t str,
}

/// Reads one statement; `server` is what the manual is called after.
pub(super) fn parse(text: &str, server: &str, names: bool) -> Parsed<Statement> {
    let mut parser = Parser { text, tokens: Vec::new(), at: 0, server };
    match tokens(text, names) {
        Ok(tokens) => parser.tokens = tokens,
        Err(at) => return Err(parser.near(at)),
    }
    let statement = parser.statement()?;
    parser.take(";");
    if parser.at < parser.tokens.len() { Err(parser.syntax()) } else { Ok(statement) }
}

impl<'t> Parser<'t> {
    fn near(&self, at: usize) -> Error {
        let rest: String = self.text[at..].trim_end().chars().take(80).collect();
        let line = self.text[..at].matches('\n').count() + 1;
        Error {
            code: 1064,
            state: "42000",
            text: format!(
                "You have an error in your SQL syntax; check the manual that corresponds to your {} server version for the right syntax to use near '{rest}' at line {line}",
                self.server
            ),
        }
    }
    /// What is wrong where it stands.
    pub(super) fn syntax(&self) -> Error {
        self.near(self.tokens.get(self.at).map_or(self.text.len(), |(_, at)| *at))
    }
    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(own)) if own.eq_ignore_ascii_case(word))
    }
    pub(super) fn is_mark(&self, mark: &str) -> bool {
        matches!(self.peek(), Some(Token::Mark(own)) if *own == mark)
    }
    pub(super) fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }
    pub(super) fn take(&mut self, mark: &str) -> bool {
        let found = self.is_mark(mark);
        self.at += usize::from(found);
        found
    }
    pub(super) fn need(&mut self, word: &str) -> Parsed<()> {
        if self.word(word) { Ok(()) } else { Err(self.syntax()) }
    }
    pub(super) fn mark(&mut self, mark: &str) -> Parsed<()> {
        if self.take(mark) { Ok(()) } else { Err(self.syntax()) }
    }
    pub(super) fn name(&mut self) -> Parsed<Arc<str>> {
        match self.peek().cloned() {
            Some(Token::Word(name) | Token::Name(name)) => {
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.syntax()),
        }
    }
    fn text(&mut self) -> Parsed<Arc<str>> {
        match self.peek().cloned() {
            Some(Token::Word(text) | Token::Name(text) | Token::Text(text) | Token::Number(text)) => {
                self.at += 1;
                Ok(text)
            }
            _ => Err(self.syntax()),
        }
    }
    fn table(&mut self) -> Parsed<Table> {
        let name = self.name()?;
        Ok(match self.take(".") {
            true => Table { database: Some(name), name: self.name()? },
            false => Table { database: None, name },
        })
    }
    fn exists(&mut self, not: bool) -> Parsed<bool> {
        if !self.word("IF") {
            return Ok(false);
        }
        if not {
            self.need("NOT")?;
        }
        self.need("EXISTS")?;
        Ok(true)
    }
    /// Skips what says nothing here.
    fn rest(&mut self) {
        while self.peek().is_some() && !self.is_mark(";") {
            self.at += 1;
        }
    }
    fn filter(&mut self) -> Parsed<Option<Expr>> {
        if self.word("WHERE") { self.expr().map(Some) } else { Ok(None) }
    }

    fn statement(&mut self) -> Parsed<Statement> {
        let start = self.at;
        let Ok(verb) = self.name() else { return Err(self.syntax()) };
        // What the real servers know and Saya does not is no mistake of syntax.
        let known =
            ["ALTER", "CALL", "LOAD", "LOCK", "RENAME", "ANALYZE", "OPTIMIZE", "PREPARE", "HANDLER", "KILL"];
        let joins = self
            .tokens
            .iter()
            .any(|(token, _)| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("JOIN")));
        let missing = if joins { "JOIN" } else { &*verb };
        if joins || known.contains(&&*verb.to_uppercase()) {
            let what = missing.to_uppercase();
            return Err(Error {
                code: 1235,
                state: "42000",
                text: format!(
                    "This version of {} doesn't yet support '{what}' (Saya keeps a small database)",
                    self.server
                ),
            });
        }
        match &*verb.to_uppercase() {
            "SELECT" => self.select(),
            "SHOW" => self.show(),
            "DESC" | "DESCRIBE" | "EXPLAIN" => Ok(Statement::Show(Show::Columns(self.table()?), None)),
            "USE" => Ok(Statement::Use(self.name()?)),
            "CREATE" => self.create(),
            "DROP" => self.drop(),
            "INSERT" | "REPLACE" => self.insert(),
            "UPDATE" => {
                let table = self.table()?;
                self.need("SET")?;
                let mut changes = Vec::new();
                loop {
                    let column = self.name()?;
                    self.mark("=")?;
                    changes.push((column, self.expr()?));
                    if !self.take(",") {
                        return Ok(Statement::Update(table, changes, self.filter()?));
                    }
                }
            }
            "DELETE" => {
                self.need("FROM")?;
                let table = self.table()?;
                Ok(Statement::Delete(table, self.filter()?))
            }
            "TRUNCATE" => {
                self.word("TABLE");
                Ok(Statement::Delete(self.table()?, None))
            }
            "ALTER" if self.word("USER") => {
                self.exists(false)?;
                let accounts = self.accounts()?;
                self.rest();
                Ok(Statement::AlterUser(accounts))
            }
            "GRANT" => {
                while self.peek().is_some() && !self.is_word("ON") {
                    self.at += 1;
                }
                self.need("ON")?;
                let database: Arc<str> = if self.take("*") { "*".into() } else { self.name()? };
                if self.take(".") && !self.take("*") {
                    self.name()?;
                }
                self.need("TO")?;
                let accounts = self.accounts()?;
                self.rest();
                Ok(Statement::Grant(database, accounts))
            }
            "REVOKE" | "FLUSH" | "SET" | "START" | "BEGIN" | "COMMIT" | "ROLLBACK" | "LOCK" | "UNLOCK" => {
                self.rest();
                Ok(Statement::Nothing)
            }
            _ => {
                self.at = start;
                Err(self.syntax())
            }
        }
    }

    fn select(&mut self) -> Parsed<Statement> {
        let mut select = Select::default();
        self.word("DISTINCT");
        loop {
            if self.take("*") {
                select.shown.push((None, "*".into()));
            } else {
                let from = self.tokens.get(self.at).map_or(0, |(_, at)| *at);
                let value = self.expr()?;
                let to = self.tokens.get(self.at).map_or(self.text.len(), |(_, at)| *at);
                let mut heading: Arc<str> = match &value {
                    Expr::Column(name) => name.clone(),
                    Expr::Value(Some(text)) if self.text[from..].starts_with(['\'', '"']) => text.clone(),
                    _ => self.text[from..to].trim_end().trim_end_matches([';', ',']).trim_end().into(),
                };
                if self.word("AS") || matches!(self.peek(), Some(Token::Name(_))) {
                    heading = self.text()?;
                }
                select.shown.push((Some(value), heading));
            }
            if !self.take(",") {
                break;
            }
        }
        if self.word("FROM") {
            select.from = Some(self.table()?);
        }
        select.filter = self.filter()?;
        if self.word("GROUP") {
            self.need("BY")?;
            select.group = Some(self.expr()?);
        }
        if self.word("ORDER") {
            self.need("BY")?;
            loop {
                let by = self.expr()?;
                let down = self.word("DESC");
                if !down {
                    self.word("ASC");
                }
                select.order.push((by, down));
                if !self.take(",") {
                    break;
                }
            }
        }
        if self.word("LIMIT") {
            let first = self.count()?;
            select.limit = Some(if self.take(",") {
                (first, self.count()?)
            } else if self.word("OFFSET") {
                (self.count()?, first)
            } else {
                (0, first)
            });
        }
        Ok(Statement::Select(select))
    }

    fn count(&mut self) -> Parsed<usize> {
        match self.peek() {
            Some(Token::Number(text)) => match text.parse() {
                Ok(count) => {
                    self.at += 1;
                    Ok(count)
                }
                Err(_) => Err(self.syntax()),
            },
            _ => Err(self.syntax()),
        }
    }

    fn show(&mut self) -> Parsed<Statement> {
        self.word("FULL");
        self.word("GLOBAL");
        self.word("SESSION");
        let what = self.name()?.to_uppercase();
        let show = match what.as_str() {
            "DATABASES" | "SCHEMAS" => Show::Databases,
            "TABLES" => {
                Show::Tables(if self.word("FROM") || self.word("IN") { Some(self.name()?) } else { None })
            }
            "COLUMNS" | "FIELDS" => {
                if !self.word("FROM") {
                    self.need("IN")?;
                }
                Show::Columns(self.table()?)
            }
            "CREATE" => {
                self.need("TABLE")?;
                Show::Create(self.table()?)
            }
            "GRANTS" => {
                let of = if self.word("FOR") {
                    let user = self.text()?;
                    Some((user, if self.take("@") { self.text()? } else { "%".into() }))
                } else {
                    None
                };
                self.rest();
                Show::Grants(of)
            }
            "PROCESSLIST" => Show::Processes,
            "VARIABLES" | "STATUS" => Show::Variables,
            "WARNINGS" | "ERRORS" => Show::Warnings,
            _ => {
                self.at -= 1;
                return Err(self.syntax());
            }
        };
        let pattern = if self.word("LIKE") { Some(self.text()?) } else { None };
        Ok(Statement::Show(show, pattern))
    }

    fn accounts(&mut self) -> Parsed<Vec<Account>> {
        let mut accounts = Vec::new();
        loop {
            let user = self.text()?;
            let host = if self.take("@") { self.text()? } else { "%".into() };
            let mut password = None;
            if self.word("IDENTIFIED") {
                if self.word("WITH") {
                    self.text()?;
                }
                if self.word("BY") {
                    password = Some(self.text()?);
                }
            }
            accounts.push(Account { user, host, password });
            if !self.take(",") {
                return Ok(accounts);
            }
        }
    }

    fn create(&mut self) -> Parsed<Statement> {
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
        self.need("TABLE")?;
        let quiet = self.exists(true)?;
        let table = self.table()?;
        self.mark("(")?;
        let mut columns: Vec<Column> = Vec::new();
        loop {
            if self.word("PRIMARY") || self.word("UNIQUE") || self.word("INDEX") || self.word("KEY") {
                while !self.is_mark("(") {
                    self.name()?;
                }
                self.mark("(")?;
                while !self.take(")") {
                    let name = self.name()?;
                    if let Some(own) = columns.iter_mut().find(|own| own.name == name) {
                        own.primary = true;
                        own.required = true;
                    }
                    self.take(",");
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

    fn column(&mut self) -> Parsed<Column> {
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

    fn drop(&mut self) -> Parsed<Statement> {
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

    fn insert(&mut self) -> Parsed<Statement> {
        self.word("IGNORE");
        self.word("INTO");
        let table = self.table()?;
        let mut columns = Vec::new();
        if self.take("(") {
            loop {
                columns.push(self.name()?);
                if !self.take(",") {
                    break;
                }
            }
            self.mark(")")?;
        }
        if !self.word("VALUES") {
            self.need("VALUE")?;
        }
        let mut rows = Vec::new();
        loop {
            self.mark("(")?;
            rows.push(self.list()?);
            if !self.take(",") {
                return Ok(Statement::Insert(table, columns, rows));
            }
        }
    }
}
