//! From the text of a statement to what is to be done.

use std::sync::Arc;

use super::Error;
use super::expr::{Expr, RESERVED};
use super::statement::*;
use super::token::{Token, tokens};

pub(super) type Parsed<T> = Result<T, Error>;

/// What else the real servers can `SHOW`.
const UNSHOWN: &[&str] = &[
    "BINARY",
    "BINLOG",
    "CHARACTER",
    "CHARSET",
    "COLLATION",
    "ENGINE",
    "ENGINES",
    "EVENTS",
    "FUNCTION",
    "INDEX",
    "INDEXES",
    "KEYS",
    "MASTER",
    "OPEN",
    "PLUGINS",
    "PRIVILEGES",
    "PROCEDURE",
    "PROFILE",
    "PROFILES",
    "REPLICA",
    "SLAVE",
    "STATUS",
    "TABLE",
    "TRIGGERS",
];

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
    pub(super) fn near(&self, at: usize) -> Error {
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
    pub(super) fn text(&mut self) -> Parsed<Arc<str>> {
        match self.peek().cloned() {
            Some(Token::Word(text) | Token::Name(text) | Token::Text(text) | Token::Number(text)) => {
                self.at += 1;
                Ok(text)
            }
            _ => Err(self.syntax()),
        }
    }
    pub(super) fn table(&mut self) -> Parsed<Table> {
        let name = self.name()?;
        Ok(match self.take(".") {
            true => Table { database: Some(name), name: self.name()? },
            false => Table { database: None, name },
        })
    }
    pub(super) fn exists(&mut self, not: bool) -> Parsed<bool> {
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
    pub(super) fn rest(&mut self) {
        while self.peek().is_some() && !self.is_mark(";") {
            self.at += 1;
        }
    }
    pub(super) fn filter(&mut self) -> Parsed<Option<Expr>> {
        if self.word("WHERE") { self.expr().map(Some) } else { Ok(None) }
    }

    pub(super) fn is_reserved(&self) -> bool {
        matches!(self.peek(), Some(Token::Word(own)) if RESERVED.contains(&&*own.to_uppercase()))
    }

    /// What the real servers know and Saya does not is no mistake of syntax.
    pub(super) fn lacking(&self, what: &str) -> Error {
        let text = format!(
            "This version of {} doesn't yet support '{what}' (Saya keeps a small database)",
            self.server
        );
        Error { code: 1235, state: "42000", text }
    }

    pub(super) fn statement(&mut self) -> Parsed<Statement> {
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

    pub(super) fn select(&mut self) -> Parsed<Select> {
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
    pub(super) fn joins(&mut self) -> Parsed<Option<(bool, bool)>> {
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

    pub(super) fn source(&mut self, outer: (bool, bool)) -> Parsed<Source> {
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
    pub(super) fn names(&mut self) -> Parsed<Vec<Arc<str>>> {
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

    pub(super) fn which(&mut self) -> Parsed<Which> {
        let mut which = Which { filter: self.filter()?, ..Which::default() };
        self.order(&mut which)?;
        Ok(which)
    }

    pub(super) fn order(&mut self, which: &mut Which) -> Parsed<()> {
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

    pub(super) fn count(&mut self) -> Parsed<usize> {
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

    pub(super) fn show(&mut self) -> Parsed<Statement> {
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
            "VARIABLES" => Show::Variables,
            "WARNINGS" | "ERRORS" => Show::Warnings,
            known if UNSHOWN.contains(&known) => return Err(self.lacking(&format!("SHOW {known}"))),
            _ => {
                self.at -= 1;
                return Err(self.syntax());
            }
        };
        let pattern = if self.word("LIKE") { Some(self.text()?) } else { None };
        Ok(Statement::Show(show, pattern))
    }

    pub(super) fn accounts(&mut self) -> Parsed<Vec<Account>> {
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

    pub(super) fn insert(&mut self, replaces: bool) -> Parsed<Statement> {
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
