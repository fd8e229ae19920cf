//! From the text of a statement to what is to be done.

use std::sync::Arc;

use super::Error;
use super::expr::{Expr, RESERVED, Value};
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

/// A key's columns and whether it is the primary one; no columns where it changes nothing here.
type Key = (Option<Vec<Arc<str>>>, bool);

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
    if parser.tokens.is_empty() {
        // `/*!40101 SET … */`
        let executes = text.contains("/*!");
        let empty = Error { code: 1065, state: "42000", text: "Query was empty".into() };
        return if executes { Ok(Statement::Nothing) } else { Err(empty) };
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

    fn is_reserved(&self) -> bool {
        matches!(self.peek(), Some(Token::Word(own)) if RESERVED.contains(&&*own.to_uppercase()))
    }

    /// What the real servers know and Saya does not is no mistake of syntax.
    fn lacking(&self, what: &str) -> Error {
        let text = format!(
            "This version of {} doesn't yet support '{what}' (Saya keeps a small database)",
            self.server
        );
        Error { code: 1235, state: "42000", text }
    }

    fn statement(&mut self) -> Parsed<Statement> {
        let start = self.at;
        let Ok(verb) = self.name() else { return Err(self.syntax()) };
        // What the real servers know and Saya does not is no mistake of syntax.
        let known = ["CALL", "LOAD", "ANALYZE", "OPTIMIZE", "PREPARE", "HANDLER", "KILL", "WITH"];
        let is =
            |token: &Token, word: &str| matches!(token, Token::Word(own) if own.eq_ignore_ascii_case(word));
        let inner = self.tokens[self.at..].iter().find_map(|(token, _)| {
            let select = is(token, "SELECT")
                && !verb.eq_ignore_ascii_case("INSERT")
                && !verb.eq_ignore_ascii_case("REPLACE");
            let missing = if select { "SELECT" } else { "UNION" };
            (select || is(token, "UNION")).then_some(missing)
        });
        let upper = verb.to_uppercase();
        if let Some(what) = inner.or_else(|| known.contains(&&*upper).then_some(&*upper)) {
            return Err(self.lacking(what));
        }
        match &*verb.to_uppercase() {
            "SELECT" => self.select().map(Statement::Select),
            "SHOW" => self.show(),
            "DESC" | "DESCRIBE" | "EXPLAIN" => Ok(Statement::Show(Show::Columns(self.table()?), None)),
            "USE" => Ok(Statement::Use(self.name()?)),
            "CREATE" => self.create(),
            "DROP" => self.drop(),
            "INSERT" => self.insert(false),
            "REPLACE" => self.insert(true),
            "UPDATE" => {
                let table = self.table()?;
                self.need("SET")?;
                let mut changes = Vec::new();
                loop {
                    let column = self.name()?;
                    self.mark("=")?;
                    changes.push((column, self.expr()?));
                    if !self.take(",") {
                        return Ok(Statement::Update(table, changes, self.which()?));
                    }
                }
            }
            "DELETE" => {
                self.need("FROM")?;
                let table = self.table()?;
                Ok(Statement::Delete(table, self.which()?))
            }
            "TRUNCATE" => {
                self.word("TABLE");
                Ok(Statement::Delete(self.table()?, Which::default()))
            }
            "ALTER" if self.word("USER") => {
                self.exists(false)?;
                let accounts = self.accounts()?;
                self.rest();
                Ok(Statement::AlterUser(accounts))
            }
            "ALTER" if self.word("TABLE") => {
                let table = self.table()?;
                let mut changes = self.change()?;
                while self.take(",") {
                    changes.extend(self.change()?);
                }
                Ok(Statement::AlterTable(table, changes))
            }
            "RENAME" => {
                self.need("TABLE")?;
                let table = self.table()?;
                self.need("TO")?;
                Ok(Statement::AlterTable(table, vec![Change::Rename(self.table()?)]))
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

    fn select(&mut self) -> Parsed<Select> {
        let mut select = Select { distinct: self.word("DISTINCT"), ..Select::default() };
        self.word("ALL");
        loop {
            let of = self.tokens.get(self.at..self.at + 3).and_then(|three| match three {
                [
                    (Token::Word(table) | Token::Name(table), _),
                    (Token::Mark("."), _),
                    (Token::Mark("*"), _),
                ] => Some(table.clone()),
                _ => None,
            });
            if let Some(table) = of {
                self.at += 3;
                select.shown.push(Shown::Of(table));
            } else if self.take("*") {
                select.shown.push(Shown::All);
            } else {
                let from = self.tokens.get(self.at).map_or(0, |(_, at)| *at);
                let value = self.expr()?;
                let to = self.tokens.get(self.at).map_or(self.text.len(), |(_, at)| *at);
                let mut heading: Arc<str> = match &value {
                    Expr::Column(_, name) => name.clone(),
                    Expr::Value(Some(text)) if self.text[from..].starts_with(['\'', '"']) => text.clone(),
                    _ => self.text[from..to].trim_end().trim_end_matches([';', ',']).trim_end().into(),
                };
                let named =
                    matches!(self.peek(), Some(Token::Name(_) | Token::Word(_))) && !self.is_reserved();
                if self.word("AS") || named {
                    heading = self.text()?;
                }
                select.shown.push(Shown::Value(value, heading));
            }
            if !self.take(",") {
                break;
            }
        }
        if self.word("FROM") {
            select.from.push(self.source((false, false))?);
            while let Some(outer) = self.joins()? {
                let source = self.source(outer)?;
                select.from.push(source);
            }
        }
        select.which.filter = self.filter()?;
        if self.word("GROUP") {
            self.need("BY")?;
            select.group.push(self.expr()?);
            while self.take(",") {
                select.group.push(self.expr()?);
            }
        }
        if self.word("HAVING") {
            select.having = Some(self.expr()?);
        }
        self.order(&mut select.which)?;
        Ok(select)
    }

    /// How the next table is joined; none where there is none.
    fn joins(&mut self) -> Parsed<Option<(bool, bool)>> {
        if self.take(",") || self.word("JOIN") {
            return Ok(Some((false, false)));
        }
        let outer = if self.word("INNER") || self.word("CROSS") {
            (false, false)
        } else if self.word("LEFT") {
            (true, false)
        } else if self.word("RIGHT") {
            (false, true)
        } else {
            return Ok(None);
        };
        if outer != (false, false) {
            self.word("OUTER");
        }
        self.need("JOIN")?;
        Ok(Some(outer))
    }

    fn source(&mut self, outer: (bool, bool)) -> Parsed<Source> {
        let table = self.table()?;
        let named = matches!(self.peek(), Some(Token::Name(_) | Token::Word(_))) && !self.is_reserved();
        let name = if self.word("AS") || named { self.name()? } else { table.name.clone() };
        let mut source = Source { table, name, outer, on: None, using: Vec::new() };
        if self.word("ON") {
            source.on = Some(self.expr()?);
        } else if self.word("USING") {
            self.mark("(")?;
            source.using = self.names()?;
        } else if outer != (false, false) {
            return Err(self.syntax());
        }
        Ok(source)
    }

    /// Names up to and with `)`.
    fn names(&mut self) -> Parsed<Vec<Arc<str>>> {
        let mut names = vec![self.name()?];
        while !self.take(")") {
            // A key may hold a part of a column, or go downwards.
            if self.take("(") {
                self.count()?;
                self.mark(")")?;
            } else if !self.word("ASC") && !self.word("DESC") {
                self.mark(",")?;
                names.push(self.name()?);
            }
        }
        Ok(names)
    }

    fn which(&mut self) -> Parsed<Which> {
        let mut which = Which { filter: self.filter()?, ..Which::default() };
        self.order(&mut which)?;
        Ok(which)
    }

    fn order(&mut self, which: &mut Which) -> Parsed<()> {
        if self.word("ORDER") {
            self.need("BY")?;
            loop {
                let by = self.expr()?;
                let down = self.word("DESC");
                if !down {
                    self.word("ASC");
                }
                which.order.push((by, down));
                if !self.take(",") {
                    break;
                }
            }
        }
        if self.word("LIMIT") {
            let first = self.count()?;
            which.limit = Some(if self.take(",") {
                (first, self.count()?)
            } else if self.word("OFFSET") {
                (self.count()?, first)
            } else {
                (0, first)
            });
        }
        Ok(())
    }

    /// A part of `ALTER TABLE`.
    fn change(&mut self) -> Parsed<Vec<Change>> {
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

    fn after(&mut self) -> Parsed<After> {
        if self.word("FIRST") {
            return Ok(Some("".into()));
        }
        if self.word("AFTER") { self.name().map(Some) } else { Ok(None) }
    }

    /// A key of a table.
    fn key(&mut self) -> Parsed<Option<Key>> {
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

    fn insert(&mut self, replaces: bool) -> Parsed<Statement> {
        let ignores = self.word("IGNORE");
        self.word("INTO");
        let table = self.table()?;
        let mut insert =
            Insert { table, columns: Vec::new(), rows: Rows::Values(Vec::new()), replaces, ignores };
        if self.take("(") {
            insert.columns = self.names()?;
        }
        if self.word("SET") {
            let mut row = Vec::new();
            loop {
                insert.columns.push(self.name()?);
                self.mark("=")?;
                row.push(self.expr()?);
                if !self.take(",") {
                    insert.rows = Rows::Values(vec![row]);
                    return Ok(Statement::Insert(insert));
                }
            }
        }
        if self.word("SELECT") {
            insert.rows = Rows::Select(self.select()?);
            return Ok(Statement::Insert(insert));
        }
        if !self.word("VALUES") {
            self.need("VALUE")?;
        }
        let mut rows = Vec::new();
        loop {
            self.mark("(")?;
            rows.push(self.list()?);
            if self.take(",") {
                continue;
            }
            if self.is_word("ON") {
                return Err(self.lacking("ON DUPLICATE KEY UPDATE"));
            }
            insert.rows = Rows::Values(rows);
            return Ok(Statement::Insert(insert));
        }
    }
}
