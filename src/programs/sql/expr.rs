//! Values that a statement computes.

use std::sync::Arc;

use super::parse::Parser;
use super::token::Token;
use super::{Error, Place, Session, error};

/// A value: a text, or NULL.
pub(super) type Value = Option<Arc<str>>;

/// What a statement computes for each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expr {
    Value(Value),
    /// A column, with its table where that is written.
    Column(Option<Arc<str>>, Arc<str>),
    Call(String, Vec<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    IsNull(Box<Expr>, bool),
    In(Box<Expr>, Vec<Expr>, bool),
}

const OPERATORS: &[&[&str]] = &[
    &["OR", "||"],
    &["AND", "&&"],
    &["=", "<=>", "<>", "!=", "<", "<=", ">", ">=", "LIKE"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl Parser<'_> {
    /// An expression.
    pub(super) fn expr(&mut self) -> Result<Expr, Error> {
        self.level(0)
    }

    fn level(&mut self, level: usize) -> Result<Expr, Error> {
        let Some(operators) = OPERATORS.get(level) else { return self.primary() };
        if level == 2 && self.word("NOT") {
            return Ok(Expr::Not(Box::new(self.level(level)?)));
        }
        let mut left = self.level(level + 1)?;
        loop {
            if level == 2 {
                if self.word("IS") {
                    let not = self.word("NOT");
                    self.need("NULL")?;
                    left = Expr::IsNull(Box::new(left), !not);
                    continue;
                }
                let not = self.word("NOT");
                if self.word("IN") {
                    self.mark("(")?;
                    left = Expr::In(Box::new(left), self.list()?, !not);
                    continue;
                }
                if self.word("BETWEEN") {
                    let low = self.level(3)?;
                    self.need("AND")?;
                    let high = self.level(3)?;
                    let and = |a, b| Expr::Binary("AND", Box::new(a), Box::new(b));
                    let between = and(
                        Expr::Binary(">=", Box::new(left.clone()), Box::new(low)),
                        Expr::Binary("<=", Box::new(left), Box::new(high)),
                    );
                    left = if not { Expr::Not(Box::new(between)) } else { between };
                    continue;
                }
                if not {
                    self.need("LIKE")?;
                    left =
                        Expr::Not(Box::new(Expr::Binary("LIKE", Box::new(left), Box::new(self.level(3)?))));
                    continue;
                }
            }
            let found = operators.iter().find(|own| self.is_mark(own) || self.is_word(own));
            let Some(operator) = found else { return Ok(left) };
            self.at += 1;
            left = Expr::Binary(operator, Box::new(left), Box::new(self.level(level + 1)?));
        }
    }

    /// Expressions up to and with `)`.
    pub(super) fn list(&mut self) -> Result<Vec<Expr>, Error> {
        let mut list = Vec::new();
        if self.take(")") {
            return Ok(list);
        }
        loop {
            list.push(if self.take("*") { Expr::Value(Some("*".into())) } else { self.expr()? });
            if !self.take(",") {
                self.mark(")")?;
                return Ok(list);
            }
        }
    }

    /// A column may be named with its table, and that with its database.
    fn column_of(&mut self, word: Arc<str>) -> Result<Expr, Error> {
        if !self.take(".") {
            return Ok(Expr::Column(None, word));
        }
        let name = self.name()?;
        if self.take(".") {
            return Ok(Expr::Column(Some(name), self.name()?));
        }
        Ok(Expr::Column(Some(word), name))
    }

    fn primary(&mut self) -> Result<Expr, Error> {
        if self.take("(") {
            let inner = self.expr()?;
            self.mark(")")?;
            return Ok(inner);
        }
        if self.take("-") {
            let zero = Expr::Value(Some("0".into()));
            return Ok(Expr::Binary("-", Box::new(zero), Box::new(self.primary()?)));
        }
        if self.take("@@") {
            let mut name = self.name()?;
            if self.take(".") {
                name = self.name()?;
            }
            return Ok(Expr::Call(format!("@@{}", name.to_lowercase()), Vec::new()));
        }
        match self.peek().cloned() {
            Some(Token::Text(text) | Token::Number(text)) => {
                self.at += 1;
                Ok(Expr::Value(Some(text)))
            }
            Some(Token::Word(word)) if !RESERVED.contains(&&*word.to_uppercase()) => {
                self.at += 1;
                let upper = word.to_uppercase();
                if self.take("(") {
                    return Ok(Expr::Call(upper, self.list()?));
                }
                match &*upper {
                    "NULL" => return Ok(Expr::Value(None)),
                    "TRUE" => return Ok(Expr::Value(Some("1".into()))),
                    "FALSE" => return Ok(Expr::Value(Some("0".into()))),
                    "CURRENT_USER" | "CURRENT_TIMESTAMP" | "CURRENT_DATE" => {
                        return Ok(Expr::Call(upper, Vec::new()));
                    }
                    "INTERVAL" => return self.primary(),
                    "DISTINCT" => return Ok(Expr::Call(upper, vec![self.primary()?])),
                    _ => {}
                }
                self.column_of(word)
            }
            Some(Token::Name(word)) => {
                self.at += 1;
                self.column_of(word)
            }
            _ => Err(self.syntax()),
        }
    }
}

/// Words that begin a part of a statement, and so name no column and no table.
pub(super) const RESERVED: &[&str] = &[
    "FROM", "WHERE", "ORDER", "GROUP", "LIMIT", "SELECT", "AND", "OR", "AS", "BY", "SET", "VALUES", "INTO",
    "IN", "LIKE", "JOIN", "INNER", "LEFT", "RIGHT", "CROSS", "ON", "USING", "HAVING", "NATURAL", "UNION",
    "OUTER", "NOT", "IS", "BETWEEN", "ASC", "DESC", "FOR", "OFFSET",
];

/// A column of what is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// The table's name in the statement.
    pub table: Arc<str>,
    pub name: Arc<str>,
}

/// What an expression is computed with.
pub(super) struct Row<'r> {
    pub session: &'r Session,
    pub fields: &'r [Field],
    pub values: &'r [Value],
    /// How many rows there are, and all of them, for `COUNT` and its like; none where rows count one by one.
    pub all: Option<&'r [Vec<Value>]>,
    /// The part of the statement that it stands in.
    pub place: Place,
}

impl Row<'_> {
    /// Where a column is.
    fn find(&self, table: Option<&str>, name: &str) -> Result<usize, Error> {
        let fits = |field: &&(usize, &Field)| {
            field.1.name.eq_ignore_ascii_case(name)
                && table.is_none_or(|table| field.1.table.eq_ignore_ascii_case(table))
        };
        let fields: Vec<(usize, &Field)> = self.fields.iter().enumerate().collect();
        let mut found = fields.iter().filter(fits);
        let whole = || table.map_or(name.to_string(), |table| format!("{table}.{name}"));
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Ok(*at),
            (None, _) => Err(self.session.unknown_column(&whole(), self.place)),
            _ => {
                let place = self.session.clause(self.place);
                error(1052, "23000", format!("Column '{}' in {place} is ambiguous", whole()))
            }
        }
    }
}

fn number(text: &str) -> f64 {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(text.len());
    text[..end].parse().unwrap_or(0.0)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.parse::<f64>().is_ok()
}

/// A number with so many places.
fn show(value: f64, places: usize) -> Value {
    Some(format!("{value:.places$}").into())
}

/// How many places a number has.
fn places(text: &str) -> usize {
    text.split_once('.').map_or(0, |(_, rest)| rest.len())
}

/// The order of two values: as numbers where both are.
pub(super) fn compare(a: &str, b: &str) -> std::cmp::Ordering {
    if is_number(a) && is_number(b) {
        number(a).total_cmp(&number(b))
    } else {
        a.to_lowercase().cmp(&b.to_lowercase())
    }
}

/// `LIKE`: `%` and `_`.
pub(super) fn like(text: &str, pattern: &str) -> bool {
    let mut chars = pattern.chars();
    match chars.next() {
        None => text.is_empty(),
        Some('%') => (0..=text.len())
            .filter(|at| text.is_char_boundary(*at))
            .any(|at| like(&text[at..], chars.as_str())),
        Some(c) => {
            let mut rest = text.chars();
            rest.next().is_some_and(|own| c == '_' || own.eq_ignore_ascii_case(&c))
                && like(rest.as_str(), chars.as_str())
        }
    }
}

pub(super) fn truth(value: &Value) -> bool {
    value.as_ref().is_some_and(|text| number(text) != 0.0)
}

impl Expr {
    /// True where it speaks of all rows at once.
    pub(super) fn is_aggregate(&self) -> bool {
        match self {
            Expr::Call(name, _) if matches!(name.as_str(), "COUNT" | "SUM" | "MIN" | "MAX" | "AVG") => true,
            Expr::Call(_, list) => list.iter().any(Expr::is_aggregate),
            Expr::Binary(_, a, b) => a.is_aggregate() || b.is_aggregate(),
            Expr::Not(inner) | Expr::IsNull(inner, _) => inner.is_aggregate(),
            _ => false,
        }
    }

    /// The same with other values in place of the columns that `known` knows.
    pub(super) fn replaced(&self, known: &dyn Fn(&str) -> Option<Expr>) -> Expr {
        let inner = |of: &Expr| Box::new(of.replaced(known));
        match self {
            Expr::Column(None, name) => known(name).unwrap_or_else(|| self.clone()),
            Expr::Binary(operator, a, b) => Expr::Binary(operator, inner(a), inner(b)),
            Expr::Not(a) => Expr::Not(inner(a)),
            Expr::IsNull(a, wanted) => Expr::IsNull(inner(a), *wanted),
            _ => self.clone(),
        }
    }

    pub(super) fn eval(&self, row: &Row<'_>) -> Result<Value, Error> {
        let yes = |truth: bool| Ok(Some(Arc::from(if truth { "1" } else { "0" })));
        match self {
            Expr::Value(value) => Ok(value.clone()),
            Expr::Column(table, name) => {
                let at = row.find(table.as_deref(), name)?;
                Ok(row.values.get(at).cloned().flatten())
            }
            Expr::Not(inner) => yes(!truth(&inner.eval(row)?)),
            Expr::IsNull(inner, wanted) => yes(inner.eval(row)?.is_none() == *wanted),
            Expr::In(inner, list, wanted) => {
                let value = inner.eval(row)?.unwrap_or_default();
                let mut found = false;
                for other in list {
                    found |= other.eval(row)?.is_some_and(|other| compare(&value, &other).is_eq());
                }
                yes(found == *wanted)
            }
            Expr::Binary(operator, left, right) => {
                let (left, right) = (left.eval(row)?, right.eval(row)?);
                match *operator {
                    "AND" | "&&" => return yes(truth(&left) && truth(&right)),
                    "OR" | "||" => return yes(truth(&left) || truth(&right)),
                    _ => {}
                }
                let (Some(a), Some(b)) = (left, right) else { return Ok(None) };
                let order = compare(&a, &b);
                match *operator {
                    "=" | "<=>" => yes(order.is_eq()),
                    "<>" | "!=" => yes(order.is_ne()),
                    "<" => yes(order.is_lt()),
                    "<=" => yes(order.is_le()),
                    ">" => yes(order.is_gt()),
                    ">=" => yes(order.is_ge()),
                    "LIKE" => yes(like(&a, &b)),
                    "+" => Ok(show(number(&a) + number(&b), places(&a).max(places(&b)))),
                    "-" => Ok(show(number(&a) - number(&b), places(&a).max(places(&b)))),
                    "*" => Ok(show(number(&a) * number(&b), places(&a) + places(&b))),
                    _ if number(&b) == 0.0 => Ok(None),
                    "/" => Ok(show(number(&a) / number(&b), places(&a) + 4)),
                    _ => Ok(show(number(&a) % number(&b), places(&a).max(places(&b)))),
                }
            }
            Expr::Call(name, list) => self.call(name, list, row),
        }
    }

    fn call(&self, name: &str, list: &[Expr], row: &Row<'_>) -> Result<Value, Error> {
        let session = row.session;
        if self.is_aggregate()
            && let (Some(all), Some(of)) = (row.all, list.first())
        {
            let mut values = Vec::new();
            for own in all {
                if let Some(value) = of.eval(&Row { values: own, all: None, ..*row })? {
                    values.push(value);
                }
            }
            if matches!(of, Expr::Call(name, _) if name == "DISTINCT") {
                values.sort();
                values.dedup();
            }
            let sum: f64 = values.iter().map(|value| number(value)).sum();
            return Ok(match name {
                "COUNT" => Some(values.len().to_string().into()),
                _ if values.is_empty() => None,
                "SUM" => show(sum, values.iter().map(|value| places(value)).max().unwrap_or(0)),
                "AVG" => {
                    let scale = values.iter().map(|value| places(value)).max().unwrap_or(0);
                    show(sum / values.len() as f64, scale + 4)
                }
                "MIN" => values.into_iter().min_by(|a, b| compare(a, b)),
                _ => values.into_iter().max_by(|a, b| compare(a, b)),
            });
        }
        let mut values = Vec::new();
        for own in list {
            values.push(own.eval(row)?);
        }
        let first = values.first().cloned().flatten().unwrap_or_default();
        let text = |text: &str| Ok(Some(Arc::from(text)));
        match name {
            "VERSION" | "@@version" => text(&session.version),
            "@@version_comment" => text(&session.comment),
            "@@hostname" => text(&session.hostname),
            "@@port" => text("3306"),
            "@@autocommit" => text("1"),
            "@@datadir" => text("/var/lib/mysql/"),
            "USER" | "SESSION_USER" | "SYSTEM_USER" => text(&format!("{}@{}", session.user, session.host)),
            "CURRENT_USER" => text(&format!("{}@{}", session.user, session.granted)),
            "DATABASE" | "SCHEMA" | "CURRENT_DATABASE" => Ok(session.database.clone()),
            "CONNECTION_ID" => text(&session.id.to_string()),
            "NOW" | "CURRENT_TIMESTAMP" | "SYSDATE" | "LOCALTIME" => text(&session.now),
            "CURDATE" | "CURRENT_DATE" => text(session.now.split(' ').next().unwrap_or_default()),
            "CURTIME" => text(session.now.split(' ').nth(1).unwrap_or_default()),
            "SLEEP" => text("0"),
            "CONCAT" if values.iter().any(Option::is_none) => Ok(None),
            "CONCAT" => Ok(Some(values.iter().flatten().map(|own| &**own).collect::<String>().into())),
            "UPPER" | "UCASE" => text(&first.to_uppercase()),
            "LOWER" | "LCASE" => text(&first.to_lowercase()),
            "LENGTH" => text(&first.len().to_string()),
            "CHAR_LENGTH" => text(&first.chars().count().to_string()),
            "ABS" => Ok(show(number(&first).abs(), places(&first))),
            "ROUND" => {
                let digits = values.get(1).cloned().flatten().and_then(|text| text.parse().ok()).unwrap_or(0);
                Ok(show(number(&first), digits.min(places(&first))))
            }
            "IFNULL" | "COALESCE" => Ok(values.into_iter().flatten().next()),
            "IF" => Ok(values.get(if truth(&values[0]) { 1 } else { 2 }).cloned().flatten()),
            "DISTINCT" => Ok(values.into_iter().next().flatten()),
            "COUNT" => text("1"),
            _ => Err(session.unknown_function(name)),
        }
    }
}
