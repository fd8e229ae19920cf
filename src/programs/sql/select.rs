//! `SELECT`: joins, filters, groups, order.

use std::sync::Arc;

use super::expr::{Expr, Field, Row, Value, compare};
use super::statement::{Select, Shown, Source, Which};
use super::store::Store;
use super::{Error, Outcome, Place, Session, error};
use crate::container::kernel::Kernel;

type Rows = Vec<Vec<Value>>;

impl Session {
    /// The rows of the tables of a statement, joined.
    fn joined(
        &self,
        from: &[Source],
        store: &Store,
        kernel: &mut Kernel<'_>,
    ) -> Result<(Vec<Field>, Rows), Error> {
        let (mut fields, mut rows): (Vec<Field>, Rows) = (Vec::new(), vec![Vec::new()]);
        for source in from {
            if source.table.database.is_none() && source.table.name.eq_ignore_ascii_case("dual") {
                continue;
            }
            if fields.iter().any(|field| field.table.eq_ignore_ascii_case(&source.name)) {
                return error(1066, "42000", format!("Not unique table/alias: '{}'", source.name));
            }
            let (_, _, content) = self.content("SELECT", &source.table, store, kernel)?;
            let own = content.fields(&source.name);
            let width = fields.len();
            fields.extend(own);
            let mut on: Vec<Expr> = source.on.clone().into_iter().collect();
            for name in &source.using {
                let left = fields[..width].iter().find(|field| field.name.eq_ignore_ascii_case(name));
                let Some(left) = left.filter(|_| content.place(name).is_some()) else {
                    return Err(self.unknown_column(name, Place::On));
                };
                let column = |table: &Arc<str>| Box::new(Expr::Column(Some(table.clone()), name.clone()));
                on.push(Expr::Binary("=", column(&left.table), column(&source.name)));
            }
            let mut met = vec![false; content.rows.len()];
            let mut together = Vec::new();
            for row in rows {
                let mut alone = true;
                for (at, other) in content.rows.iter().enumerate() {
                    let both = [&row[..], &other[..]].concat();
                    let mut fits = true;
                    for on in &on {
                        fits &= self.picks(Some(on), &fields, &both, Place::On)?;
                    }
                    if fits {
                        (alone, met[at]) = (false, true);
                        together.push(both);
                    }
                }
                if alone && source.outer.0 {
                    together.push([row, vec![None; content.columns.len()]].concat());
                }
            }
            for (other, met) in content.rows.into_iter().zip(met) {
                if source.outer.1 && !met {
                    together.push([vec![None; width], other].concat());
                }
            }
            rows = together;
        }
        Ok((fields, rows))
    }

    /// Puts rows in order by their keys.
    fn sort<T>(keyed: &mut [(Vec<Value>, T)], order: &[(Expr, bool)]) {
        keyed.sort_by(|(a, _), (b, _)| {
            let mut pairs = a.iter().zip(b).zip(order);
            let found = pairs.find_map(|((a, b), (_, down))| {
                let order = match (a, b) {
                    (Some(a), Some(b)) => compare(a, b),
                    (a, b) => a.is_some().cmp(&b.is_some()),
                };
                (order.is_ne()).then_some(if *down { order.reverse() } else { order })
            });
            found.unwrap_or(std::cmp::Ordering::Equal)
        });
    }

    /// The numbers of the rows that `UPDATE` and `DELETE` are about.
    pub(super) fn chosen(
        &self,
        which: &Which,
        fields: &[Field],
        rows: &[Vec<Value>],
    ) -> Result<Vec<usize>, Error> {
        let mut keyed = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            if self.picks(which.filter.as_ref(), fields, row, Place::Where)? {
                let mut keys = Vec::new();
                for (by, _) in &which.order {
                    keys.push(by.eval(&Row {
                        session: self,
                        fields,
                        values: row,
                        all: None,
                        place: Place::Order,
                    })?);
                }
                keyed.push((keys, at));
            }
        }
        // A wrong column is one also where there is no row.
        if rows.is_empty() {
            self.picks(which.filter.as_ref(), fields, &vec![None; fields.len()], Place::Where)?;
        }
        Self::sort(&mut keyed, &which.order);
        let (skip, count) = which.limit.unwrap_or((0, usize::MAX));
        Ok(keyed.into_iter().map(|(_, at)| at).skip(skip).take(count).collect())
    }

    pub(super) fn select(
        &self,
        select: &Select,
        store: &Store,
        kernel: &mut Kernel<'_>,
    ) -> Result<Outcome, Error> {
        let (fields, rows) = self.joined(&select.from, store, kernel)?;
        let none = vec![None; fields.len()];
        let own = |values: &[Value], of: &Expr, all: Option<&[Vec<Value>]>, place: Place| {
            of.eval(&Row { session: self, fields: &fields, values, all, place })
        };
        // A heading may stand for what is shown under it, and so may its number.
        let value = |shown: &Shown| match shown {
            Shown::Value(value, _) => Some(value.clone()),
            _ => None,
        };
        let named = |name: &str| {
            let is_column = fields.iter().any(|field| field.name.eq_ignore_ascii_case(name));
            let fits = |shown: &&Shown| matches!(shown, Shown::Value(_, heading) if heading.eq_ignore_ascii_case(name));
            select.shown.iter().find(fits).filter(|_| !is_column).and_then(value)
        };
        let headed = |of: &Expr| -> Expr {
            let number = match of {
                Expr::Value(Some(number)) => {
                    number.parse::<usize>().ok().and_then(|number| number.checked_sub(1))
                }
                _ => None,
            };
            let numbered = number.and_then(|at| select.shown.get(at)).and_then(value);
            numbered.unwrap_or_else(|| of.replaced(&named))
        };
        // A wrong column is one also where there is no row.
        let (mut headings, mut aggregate) = (Vec::new(), false);
        for shown in &select.shown {
            match shown {
                Shown::Value(value, heading) => {
                    own(&none, value, Some(&[]), Place::Shown)?;
                    aggregate |= value.is_aggregate();
                    headings.push(heading.clone());
                }
                _ if select.from.is_empty() => return error(1096, "HY000", "No tables used"),
                Shown::All => headings.extend(fields.iter().map(|field| field.name.clone())),
                Shown::Of(table) => {
                    let before = headings.len();
                    let of = fields.iter().filter(|field| field.table.eq_ignore_ascii_case(table));
                    headings.extend(of.map(|field| field.name.clone()));
                    if headings.len() == before {
                        return error(1051, "42S02", format!("Unknown table '{table}'"));
                    }
                }
            }
        }
        self.picks(select.which.filter.as_ref(), &fields, &none, Place::Where)?;
        let mut kept = Vec::new();
        for row in rows {
            if self.picks(select.which.filter.as_ref(), &fields, &row, Place::Where)? {
                kept.push(row);
            }
        }
        // Each group of rows gives one; without groups each row is its own.
        let mut groups: Vec<(Vec<Value>, Rows)> = Vec::new();
        if !select.group.is_empty() {
            for row in kept {
                let mut key = Vec::new();
                for by in &select.group {
                    key.push(own(&row, &headed(by), None, Place::Group)?);
                }
                match groups.iter_mut().find(|(own, _)| *own == key) {
                    Some((_, group)) => group.push(row),
                    None => groups.push((key, vec![row])),
                }
            }
        } else if aggregate || select.having.as_ref().is_some_and(Expr::is_aggregate) {
            groups.push((Vec::new(), kept));
        } else {
            groups = kept.into_iter().map(|row| (Vec::new(), vec![row])).collect();
        }
        let mut keyed: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
        for (_, group) in groups {
            let first = group.first().unwrap_or(&none);
            if let Some(having) = &select.having
                && !super::expr::truth(&own(first, &having.replaced(&named), Some(&group), Place::Having)?)
            {
                continue;
            }
            let mut shown = Vec::new();
            for of in &select.shown {
                match of {
                    Shown::Value(value, _) => shown.push(own(first, value, Some(&group), Place::Shown)?),
                    Shown::All => shown.extend(first.iter().cloned()),
                    Shown::Of(table) => {
                        let pairs = fields
                            .iter()
                            .zip(first)
                            .filter(|(field, _)| field.table.eq_ignore_ascii_case(table));
                        shown.extend(pairs.map(|(_, value)| value.clone()));
                    }
                }
            }
            let mut keys = Vec::new();
            for (by, _) in &select.which.order {
                keys.push(own(first, &headed(by), Some(&group), Place::Order)?);
            }
            if !select.distinct || !keyed.iter().any(|(_, own)| *own == shown) {
                keyed.push((keys, shown));
            }
        }
        for (by, _) in &select.which.order {
            own(&none, &headed(by), Some(&[]), Place::Order)?;
        }
        Self::sort(&mut keyed, &select.which.order);
        let (skip, count) = select.which.limit.unwrap_or((0, usize::MAX));
        let rows = keyed.into_iter().map(|(_, row)| row).skip(skip).take(count).collect();
        Ok(Outcome::Rows(headings, rows))
    }
}
