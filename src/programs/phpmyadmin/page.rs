//! The page behind the login.

use std::sync::Arc;

use super::super::http::{Request, Response};
use super::super::mysql::Answer;
use super::{Account, Settings, escape, words};

/// A page behind the login.
pub(super) fn page(
    settings: &Settings,
    request: &Request,
    account: &Account,
    answers: &[(String, Answer)],
) -> Response {
    let words = words(request);
    let place = match account.server.port.is_empty() {
        true => account.server.title(),
        false => format!("{}:{}", account.server.title(), account.server.port),
    };
    let host = request.header("host").unwrap_or_default();
    let database = request.field("db").filter(|name| !name.is_empty());
    let table = request.field("table").filter(|name| !name.is_empty());
    let link = |database: &str, table: &str| {
        let route = if table.is_empty() { "/database/structure" } else { "/sql" };
        let more = if table.is_empty() { String::new() } else { format!("&amp;table={}", escape(table)) };
        format!("index.php?route={route}&amp;db={}{more}", escape(database))
    };
    let mut title = format!("{host} / {}", account.server.title());
    for part in [&database, &table].into_iter().flatten() {
        title.push_str(&format!(" / {part}"));
    }
    let mut body = format!(
        "<!doctype html>\n<html lang=\"{}\" dir=\"ltr\">\n<head>\n  <meta charset=\"utf-8\">\n  <title>{} | phpMyAdmin {}</title>\n</head>\n<body>\n<div id=\"pma_navigation\">\n<ul>\n",
        words.code,
        escape(&title),
        settings.version
    );
    let rows = |start: &str| {
        answers.iter().find(|(asked, _)| asked.starts_with(start)).and_then(|(_, answer)| match answer {
            Answer::Rows(_, rows) => Some(rows),
            _ => None,
        })
    };
    let cell = |row: &[Option<Arc<str>>], at: usize| row.get(at).cloned().flatten().unwrap_or_default();
    for row in rows("SHOW DATABASES").into_iter().flatten() {
        let name = cell(row, 0);
        body.push_str(&format!("<li><a href=\"{}\">{}</a></li>\n", link(&name, ""), escape(&name)));
    }
    body.push_str(&format!(
        "</ul>\n<a href=\"index.php?route=/logout\" title=\"{}\">{}</a>\n</div>\n<div id=\"page_content\">\n<nav id=\"server-breadcrumb\" aria-label=\"breadcrumb\"> {} {}",
        words.log_out,
        words.log_out,
        words.server,
        escape(&place)
    ));
    for part in [&database, &table].into_iter().flatten() {
        body.push_str(&format!(" &raquo; {}", escape(part)));
    }
    body.push_str("</nav>\n");
    match (&database, &table) {
        (None, _) => {
            body.push_str("<div class=\"alert alert-primary\" role=\"alert\">The phpMyAdmin configuration storage is not completely configured, some extended features have been deactivated. <a href=\"index.php?route=/check-relations\">Find out why</a>. Or alternately go to 'Operations' tab of any database to set it up there.</div>\n");
            body.push_str(&format!("<h2>{}</h2>\n<table>\n", words.databases));
            for row in rows("SHOW DATABASES").into_iter().flatten() {
                let name = cell(row, 0);
                body.push_str(&format!(
                    "<tr><td><a href=\"{}\">{}</a></td></tr>\n",
                    link(&name, ""),
                    escape(&name)
                ));
            }
            body.push_str("</table>\n");
            for row in rows("SELECT VERSION()").into_iter().flatten() {
                body.push_str(&format!(
                    "<ul>\n<li>{} {}</li>\n<li>{} {}</li>\n</ul>\n",
                    words.server,
                    escape(&cell(row, 0)),
                    words.user,
                    escape(&cell(row, 1))
                ));
            }
        }
        (Some(database), None) => {
            let tables = rows("SHOW TABLES");
            if tables.is_none_or(Vec::is_empty) {
                body.push_str(&format!(
                    "<div class=\"alert alert-primary\" role=\"alert\">{}</div>\n",
                    words.none
                ));
            } else {
                body.push_str(&format!("<h2>{}</h2>\n<table>\n", words.tables));
                for row in tables.into_iter().flatten() {
                    let name = cell(row, 0);
                    body.push_str(&format!(
                        "<tr><td><a href=\"{}\">{}</a></td></tr>\n",
                        link(database, &name),
                        escape(&name)
                    ));
                }
                body.push_str("</table>\n");
            }
        }
        _ => {}
    }
    for (asked, answer) in answers.iter().filter(|(asked, _)| {
        !asked.starts_with("SHOW ") && !asked.starts_with("SELECT VERSION()") && !asked.starts_with("USE ")
    }) {
        match answer {
            Answer::Rows(headings, rows) => {
                body.push_str(&format!("<pre>{}</pre>\n<table>\n<tr>", escape(asked)));
                headings.iter().for_each(|heading| body.push_str(&format!("<th>{}</th>", escape(heading))));
                body.push_str("</tr>\n");
                for row in rows {
                    body.push_str("<tr>");
                    row.iter().for_each(|value| {
                        body.push_str(&format!("<td>{}</td>", escape(value.as_deref().unwrap_or("NULL"))))
                    });
                    body.push_str("</tr>\n");
                }
                body.push_str(&format!("</table>\n<p>{}: {}</p>\n", words.rows, rows.len()));
            }
            Answer::Error(code, _, text) => body.push_str(&format!(
                "<div class=\"alert alert-danger\" role=\"alert\">#{code} - {}</div>\n",
                escape(text)
            )),
            Answer::Done(count, _) => body.push_str(&format!(
                "<div class=\"alert alert-success\" role=\"alert\">{}: {count}</div>\n",
                words.rows
            )),
            _ => {}
        }
    }
    body.push_str(&format!(
        "<form method=\"post\" action=\"index.php?route=/sql\" name=\"sqlform\">\n<input type=\"hidden\" name=\"route\" value=\"/sql\"><input type=\"hidden\" name=\"db\" value=\"{}\">\n<label for=\"sqlquery\">SQL:</label>\n<textarea name=\"sql_query\" id=\"sqlquery\"></textarea>\n<input type=\"submit\" value=\"{}\">\n</form>\n</div>\n</body>\n</html>\n",
        escape(database.as_deref().unwrap_or_default()),
        words.run
    ));
    Response::new(200, "text/html; charset=utf-8", body)
}
