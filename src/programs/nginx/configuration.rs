//! nginx's configuration: how it is read, and what is wrong with it.

use smol_str::SmolStr;

use super::CONFIGURATION;
use crate::container::errno::Errno;
use crate::container::files::View;

/// A directive of the configuration with those in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Block {
    pub(super) words: Vec<SmolStr>,
    pub(super) inner: Vec<Block>,
}

impl Block {
    pub(super) fn find(&self, name: &str) -> Option<&Block> {
        self.inner.iter().find(|own| own.words[0] == name)
    }
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.find(name).and_then(|own| own.words.get(1)).map(SmolStr::as_str)
    }
    pub(super) fn all<'b>(&'b self, name: &'static str) -> impl Iterator<Item = &'b Block> {
        self.inner.iter().filter(move |own| own.words[0] == name)
    }
}

/// What is wrong with a configuration, and where.
pub(super) type Wrong = String;

/// The servers of the configuration, each with what it takes over from around it.
pub(super) fn servers(view: &View<'_>) -> Result<Vec<Block>, Wrong> {
    let blocks = read(view, CONFIGURATION, 0)?;
    let Some(http) = blocks.into_iter().find(|own| own.words[0] == "http") else { return Ok(Vec::new()) };
    let (mut servers, outer): (Vec<Block>, Vec<Block>) =
        http.inner.into_iter().partition(|own| own.words[0] == "server");
    let shared = ["root", "index", "autoindex", "default_type", "error_page"];
    let shared = outer.iter().filter(|own| shared.contains(&own.words[0].as_str()));
    let shared: Vec<&Block> = shared.chain(outer.iter().filter(|own| own.words[0] == "upstream")).collect();
    for server in &mut servers {
        server.inner.extend(shared.iter().copied().cloned());
    }
    Ok(servers)
}

/// Reads a file of the configuration, and those that it includes.
fn read(view: &View<'_>, file: &str, depth: u32) -> Result<Vec<Block>, Wrong> {
    let bytes = view.read(file);
    let bytes = bytes.map_err(|errno| format!("open() \"{file}\" failed ({}: {errno})", number_of(errno)))?;
    let text = str::from_utf8(&bytes).map_or_else(|_| String::from_utf8_lossy(&bytes), Into::into);
    // Blocks that are open, with the words of each.
    let mut open: Vec<Block> = vec![Block::default()];
    let mut words: Vec<SmolStr> = Vec::new();
    let mut line = 1;
    let mut rest: &str = &text;
    let mut word = String::new();
    let mut quoted = false;
    let ends_word = |byte: u8| matches!(byte, b';' | b'{' | b'}') || byte.is_ascii_whitespace();
    loop {
        if word.is_empty() && !quoted {
            let blank = rest.bytes().position(|byte| !byte.is_ascii_whitespace());
            let (before, after) = rest.split_at(blank.unwrap_or(rest.len()));
            line += before.bytes().filter(|byte| *byte == b'\n').count() as u32;
            rest = after;
        }
        let mut ahead = rest.chars();
        let c = ahead.next();
        match c {
            Some('#') if word.is_empty() => {
                rest = rest.find('\n').map_or("", |end| &rest[end..]);
                continue;
            }
            Some(quote @ ('"' | '\'')) if word.is_empty() => {
                quoted = true;
                let (inside, after) = ahead.as_str().split_once(quote).unwrap_or((ahead.as_str(), ""));
                line += inside.matches('\n').count() as u32;
                word.push_str(inside);
                rest = after;
                continue;
            }
            Some(c) if !c.is_ascii() || !ends_word(c as u8) => {
                let (own, after) = rest.split_at(rest.bytes().position(ends_word).unwrap_or(rest.len()));
                word.push_str(own);
                rest = after;
                continue;
            }
            _ => rest = ahead.as_str(),
        }
        if !word.is_empty() || std::mem::take(&mut quoted) {
            words.push(word.as_str().into());
            word.clear();
            quoted = false;
        }
        match c {
            Some('\n') => line += 1,
            Some(';') => {
                if words.is_empty() {
                    return Err(format!("unexpected \";\" in {file}:{line}"));
                }
                let words = std::mem::take(&mut words);
                check(&words, file, line)?;
                if words[0] == "include" && depth < 5 {
                    for file in included(view, words.get(1).map_or("", SmolStr::as_str)) {
                        let inner = read(view, &file, depth + 1)?;
                        if let Some(outer) = open.last_mut() {
                            outer.inner.extend(inner);
                        }
                    }
                    continue;
                }
                if let Some(outer) = open.last_mut() {
                    outer.inner.push(Block { words, inner: Vec::new() });
                }
            }
            Some('{') => {
                if words.is_empty() {
                    return Err(format!("unexpected \"{{\" in {file}:{line}"));
                }
                let words = std::mem::take(&mut words);
                if !BLOCKS.contains(&words[0].as_str()) {
                    let what = match known(&words[0]) {
                        true => format!("directive \"{}\" is not terminated by \";\"", words[0]),
                        false => format!("unknown directive \"{}\"", words[0]),
                    };
                    return Err(format!("{what} in {file}:{line}"));
                }
                open.push(Block { words, inner: Vec::new() });
            }
            Some('}') => {
                if let Some(first) = words.first() {
                    return Err(match known(first) {
                        true => format!("unexpected \"}}\" in {file}:{line}"),
                        false => format!("unknown directive \"{first}\" in {file}:{line}"),
                    });
                }
                match (open.pop(), open.last_mut()) {
                    (Some(done), Some(outer)) => outer.inner.push(done),
                    _ => return Err(format!("unexpected \"}}\" in {file}:{line}")),
                }
            }
            Some(_) => {}
            None => {
                let end = if words.is_empty() { "\"}\"" } else { "\";\" or \"}\"" };
                return match (open.pop(), open.is_empty() && words.is_empty()) {
                    (Some(done), true) => Ok(done.inner),
                    _ => Err(format!("unexpected end of file, expecting {end} in {file}:{line}")),
                };
            }
        }
    }
}

const BLOCKS: &[&str] =
    &["events", "http", "server", "location", "upstream", "if", "map", "types", "limit_except", "geo"];

/// Directives with the most arguments that they take; what else is there is taken as it is.
const DIRECTIVES: &[(&str, usize)] = &[
    ("listen", 8),
    ("root", 1),
    ("alias", 1),
    ("server_name", 20),
    ("index", 20),
    ("return", 2),
    ("proxy_pass", 1),
    ("autoindex", 1),
    ("error_page", 20),
    ("try_files", 20),
    ("add_header", 3),
    ("default_type", 1),
    ("user", 2),
    ("worker_processes", 1),
    ("worker_connections", 1),
    ("error_log", 2),
    ("access_log", 3),
    ("pid", 1),
    ("include", 1),
    ("sendfile", 1),
    ("tcp_nopush", 1),
    ("keepalive_timeout", 2),
    ("gzip", 1),
    ("log_format", 20),
    ("server", 20),
    ("rewrite", 3),
    ("deny", 1),
    ("allow", 1),
    ("charset", 1),
    ("expires", 2),
    ("set", 2),
    ("client_max_body_size", 1),
    ("server_tokens", 1),
    ("resolver", 20),
    ("types_hash_max_size", 1),
    ("auth_basic", 1),
    ("auth_basic_user_file", 1),
    ("stub_status", 1),
    ("internal", 0),
    ("server_names_hash_bucket_size", 1),
];

/// True for directives that nginx has; whole families are taken to be right.
fn known(name: &str) -> bool {
    let families = [
        "proxy_",
        "fastcgi_",
        "gzip_",
        "ssl_",
        "client_",
        "send",
        "limit_",
        "keepalive",
        "open_",
        "large_",
        "uwsgi_",
    ];
    DIRECTIVES.iter().any(|(own, _)| *own == name)
        || BLOCKS.contains(&name)
        || families.iter().any(|family| name.starts_with(family))
        || name.contains('/')
}

fn check(words: &[SmolStr], file: &str, line: u32) -> Result<(), Wrong> {
    let name = &words[0];
    let limit = DIRECTIVES.iter().find(|(own, _)| own == name);
    if limit.is_none() && !known(name) {
        return Err(format!("unknown directive \"{name}\" in {file}:{line}"));
    }
    if BLOCKS.contains(&name.as_str()) && name != "server" {
        return Err(format!("directive \"{name}\" has no opening \"{{\" in {file}:{line}"));
    }
    let Some((_, most)) = limit else { return Ok(()) };
    // A forgotten `;` makes the next line's words this one's.
    if name == "listen"
        && let Some(word) = words[2..].iter().find(|word| known(word) && !word.contains('='))
    {
        return Err(format!("invalid parameter \"{word}\" in {file}:{line}"));
    }
    if words.len() - 1 > *most {
        return Err(format!("invalid number of arguments in \"{name}\" directive in {file}:{line}"));
    }
    if words.len() == 1 && *most > 0 {
        return Err(format!("invalid number of arguments in \"{name}\" directive in {file}:{line}"));
    }
    if name == "listen" {
        let word = words[1].rsplit(':').next().unwrap_or_default();
        if !words[1].starts_with("unix:")
            && word.parse::<u16>().is_err()
            && !words[1].starts_with(|c: char| c.is_alphanumeric() || "[*".contains(c))
        {
            return Err(format!(
                "invalid port in \"{}\" of the \"listen\" directive in {file}:{line}",
                words[1]
            ));
        }
    }
    Ok(())
}

/// The files that an `include` names.
pub(super) fn included(view: &View<'_>, pattern: &str) -> Vec<String> {
    let pattern = if pattern.starts_with('/') { pattern.to_owned() } else { format!("/etc/nginx/{pattern}") };
    let Some((before, after)) = pattern.split_once('*') else {
        // The types of files are known here without their list.
        return if pattern.ends_with("mime.types") { Vec::new() } else { vec![pattern] };
    };
    let folder = before.trim_end_matches(|c| c != '/').trim_end_matches('/').to_owned();
    let start = &before[folder.len() + 1..];
    let names = view.list(&folder).unwrap_or_default();
    names
        .iter()
        .filter(|name| name.starts_with(start) && name.ends_with(after) && !name.starts_with('.'))
        .map(|name| format!("{folder}/{name}"))
        .collect()
}

pub(super) fn number_of(errno: Errno) -> u8 {
    match errno {
        Errno::NotFound => 2,
        Errno::PermissionDenied => 13,
        Errno::NotDirectory => 20,
        Errno::IsDirectory => 21,
        Errno::ReadOnly => 30,
        Errno::AddressInUse => 98,
        Errno::TimedOut => 110,
        Errno::ConnectionRefused => 111,
        Errno::HostUnreachable => 113,
        _ => 5,
    }
}
