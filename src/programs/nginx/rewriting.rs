//! `set`, `rewrite`, `if`, `return` and `break`: what a configuration makes of a request before it is served
//! (`ngx_http_rewrite_module`).

use smol_str::SmolStr;

use super::Nginx;
use super::answers::{kept_alive, kind_of};
use super::configuration::Block;
use super::exchange::Exchange;
use super::serving::Answer;
use crate::container::kernel::Kernel;
use crate::container::regex::Regex;
use crate::programs::http::Response;

/// How the directives of a place that rewrite have ended.
pub(super) enum Rewritten {
    /// Nothing more is to be done with it but to serve it.
    Stays,
    /// The path is another one now.
    Changed,
    Answer(Response),
}

impl Nginx {
    /// `set`, `rewrite`, `return`, `if` and `break`, in their order (`ngx_http_rewrite_module`).
    pub(super) fn rewrite(
        &mut self,
        kernel: &mut Kernel<'_>,
        exchange: &mut Exchange,
        inner: &[Block],
    ) -> Rewritten {
        let mut changed = false;
        for own in inner {
            let words = &own.words;
            match own.name() {
                "set" => {
                    let value = exchange.fill(kernel, &words[2]);
                    exchange.set.insert(words[1].trim_start_matches('$').into(), value);
                }
                "return" => return Rewritten::Answer(self.returned(kernel, exchange, &words[1..])),
                "break" => return Rewritten::Stays,
                "if" if self.holds(kernel, exchange, &words[1..]) => {
                    match self.rewrite(kernel, exchange, &own.inner) {
                        Rewritten::Stays => {}
                        Rewritten::Changed => changed = true,
                        answer => return answer,
                    }
                }
                "rewrite" => {
                    let Ok(regex) = Regex::perl(&words[1], false) else { continue };
                    let Some(groups) = groups(&regex, &exchange.uri) else { continue };
                    exchange.captures = groups;
                    let target = exchange.fill(kernel, &words[2]);
                    let flag = words.get(3).map_or("", SmolStr::as_str);
                    if flag == "permanent" || flag == "redirect" || target.contains("://") {
                        let status = if flag == "permanent" { 301 } else { 302 };
                        return Rewritten::Answer(self.moved(exchange, status, &target));
                    }
                    let (path, args) = target.split_once('?').unwrap_or((&target, ""));
                    exchange.uri = path.to_owned();
                    exchange.args = match (args, target.ends_with('?')) {
                        (_, true) => String::new(),
                        ("", _) => std::mem::take(&mut exchange.args),
                        (args, _) if exchange.args.is_empty() => args.to_owned(),
                        (args, _) => format!("{args}&{}", exchange.args),
                    };
                    match flag {
                        "last" => return Rewritten::Changed,
                        "break" => return Rewritten::Stays,
                        _ => changed = true,
                    }
                }
                _ => {}
            }
        }
        if changed { Rewritten::Changed } else { Rewritten::Stays }
    }

    /// Whether the condition of an `if` holds.
    fn holds(&self, kernel: &mut Kernel<'_>, exchange: &mut Exchange, words: &[SmolStr]) -> bool {
        let text = words.join(" ");
        let text = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(&text).trim();
        let mut words = text.splitn(3, ' ');
        let first = words.next().unwrap_or_default();
        let (sign, second) = (words.next(), words.next().unwrap_or_default());
        let test = first.trim_start_matches('!');
        if matches!(test, "-f" | "-d" | "-e") {
            let path = exchange.fill(kernel, sign.unwrap_or_default());
            let files = kernel.files();
            let is = match test {
                "-d" => files.is_directory(&path),
                "-f" => files.exists(&path) && !files.is_directory(&path),
                _ => files.exists(&path),
            };
            return is != first.starts_with('!');
        }
        let value = exchange.fill(kernel, first);
        match sign {
            None => !value.is_empty() && value != "0",
            Some("=") => value == exchange.fill(kernel, second),
            Some("!=") => value != exchange.fill(kernel, second),
            Some(sign) => {
                let found = Regex::perl(second, sign.ends_with('*')).ok();
                let found = found.and_then(|regex| groups(&regex, &value));
                if let Some(groups) = &found {
                    exchange.captures.clone_from(groups);
                }
                found.is_some() != sign.starts_with('!')
            }
        }
    }

    /// `return`: a status with a text, or another address.
    fn returned(&mut self, kernel: &mut Kernel<'_>, exchange: &mut Exchange, words: &[SmolStr]) -> Response {
        let first = words.first().map_or("", SmolStr::as_str);
        let (status, text) = match first.parse::<u16>() {
            Ok(status) => (status, words.get(1)),
            Err(_) => (302, words.first()),
        };
        let text = text.map(|text| exchange.fill(kernel, text));
        match text {
            Some(to) if matches!(status, 301 | 302 | 303 | 307 | 308) => self.moved(exchange, status, &to),
            Some(text) => {
                let kind = kind_of(exchange, &exchange.uri);
                kept_alive(Response::new(status, &kind, text))
            }
            None => match self.refuse(kernel, exchange, status) {
                Answer::Response(response) => response,
                Answer::Pass(..) => self.page(status, exchange),
            },
        }
    }

    /// Sends the client elsewhere; a path is made a whole address.
    pub(super) fn moved(&self, exchange: &Exchange, status: u16, to: &str) -> Response {
        let mut response = self.page(status, exchange);
        if status == 302 {
            response.reason = Some("Moved Temporarily");
        }
        if !to.starts_with('/') {
            response.headers.push(("Location", to.to_owned()));
            return response;
        }
        let (scheme, usual) = if exchange.request.secure { ("https", 443) } else { ("http", 80) };
        let port = if exchange.request.port == usual {
            String::new()
        } else {
            format!(":{}", exchange.request.port)
        };
        let before = response.headers.len() - 1;
        response.headers.insert(before, ("Location", format!("{scheme}://{}{port}{to}", exchange.host())));
        response
    }
}

/// What an expression finds: the whole, and its groups.
pub(super) fn groups(regex: &Regex, text: &str) -> Option<Vec<String>> {
    let found = regex.captures(text)?;
    Some(found.into_iter().map(|group| group.unwrap_or_default().to_owned()).collect())
}
