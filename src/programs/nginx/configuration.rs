//! nginx's configuration: how it is read, and what is wrong with it.

use smol_str::SmolStr;

use crate::container::errno::Errno;
use crate::container::files::View;

/// A directive of the configuration with those in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Block {
    pub(super) words: Vec<SmolStr>,
    pub(super) inner: Vec<Block>,
    /// `file:line` of those that name another host, which may not be there.
    pub(super) place: SmolStr,
}

impl Block {
    pub(super) fn name(&self) -> &str {
        &self.words[0]
    }
    pub(super) fn find(&self, name: &str) -> Option<&Block> {
        self.inner.iter().find(|own| own.name() == name)
    }
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.find(name).and_then(|own| own.words.get(1)).map(SmolStr::as_str)
    }
    pub(super) fn all<'b>(&'b self, name: &'static str) -> impl Iterator<Item = &'b Block> {
        self.inner.iter().filter(move |own| own.name() == name)
    }
}

/// What is wrong with a configuration, and where.
pub(super) type Wrong = String;

/// The words of a configuration's text, and the marks between them.
struct Words<'t> {
    rest: &'t str,
    line: u32,
}

enum Token {
    Word(SmolStr),
    Mark(u8),
    End,
}

impl Words<'_> {
    fn next(&mut self) -> Token {
        let ends_word = |byte: u8| matches!(byte, b';' | b'{' | b'}') || byte.is_ascii_whitespace();
        loop {
            let blank = self.rest.bytes().position(|byte| !byte.is_ascii_whitespace());
            self.skip(blank.unwrap_or(self.rest.len()));
            match self.rest.bytes().next() {
                None => return Token::End,
                Some(b'#') => self.skip(self.rest.find('\n').unwrap_or(self.rest.len())),
                Some(mark @ (b';' | b'{' | b'}')) => {
                    self.skip(1);
                    return Token::Mark(mark);
                }
                Some(quote @ (b'"' | b'\'')) => {
                    let inside = &self.rest[1..];
                    let mut escaped = false;
                    let end = inside.bytes().position(|byte| {
                        let ends = byte == quote && !escaped;
                        escaped = byte == b'\\' && !escaped;
                        ends
                    });
                    let end = end.unwrap_or(inside.len());
                    let word = unescaped(&inside[..end]);
                    self.skip((end + 2).min(self.rest.len()));
                    return Token::Word(word);
                }
                Some(_) => {
                    let mut end = 0;
                    loop {
                        let more = self.rest[end..].bytes().position(ends_word);
                        end = more.map_or(self.rest.len(), |more| end + more);
                        // `${name}` is part of a word.
                        let brace = self.rest[end..].starts_with('{') && self.rest[..end].ends_with('$');
                        match self.rest[end..].find('}').filter(|_| brace) {
                            Some(closed) => end += closed + 1,
                            None => break,
                        }
                    }
                    let word = unescaped(&self.rest[..end]);
                    self.skip(end);
                    return Token::Word(word);
                }
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        let (before, after) = self.rest.split_at(bytes);
        self.line += before.bytes().filter(|byte| *byte == b'\n').count() as u32;
        self.rest = after;
    }
}

/// A word without its backslashes (`ngx_conf_read_token`).
fn unescaped(text: &str) -> SmolStr {
    if !text.contains('\\') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let escaped = match rest.as_str().chars().next().filter(|_| c == '\\') {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(own @ ('"' | '\'' | '\\')) => own,
            _ => {
                out.push(c);
                continue;
            }
        };
        rest.next();
        out.push(escaped);
    }
    out.into()
}

/// Reads a file of the configuration, and those that it includes; `outer` is the block that it stands in.
pub(super) fn read(view: &View<'_>, file: &str, outer: &str, depth: u32) -> Result<Vec<Block>, Wrong> {
    let bytes = view.read(file);
    let bytes = bytes.map_err(|errno| format!("open() \"{file}\" failed ({}: {errno})", number_of(errno)))?;
    let text = str::from_utf8(&bytes).map_or_else(|_| String::from_utf8_lossy(&bytes), Into::into);
    // Blocks that are open, with the words of each; the first is the file itself.
    let mut open: Vec<Block> = vec![Block { words: vec![outer.into()], ..Block::default() }];
    let mut words: Vec<SmolStr> = Vec::new();
    let mut tokens = Words { rest: &text, line: 1 };
    loop {
        let token = tokens.next();
        let line = tokens.line;
        let inside = open.last().map_or(outer, Block::name);
        match token {
            Token::Word(word) => words.push(word),
            Token::Mark(b';') => {
                if words.is_empty() {
                    return Err(format!("unexpected \";\" in {file}:{line}"));
                }
                let words = std::mem::take(&mut words);
                // What these hold are no directives.
                if !matches!(inside, "map" | "geo" | "types" | "split_clients") {
                    check(&words, file, line)?;
                }
                if words[0] == "include" && depth < 5 {
                    let inside = SmolStr::new(inside);
                    for own in included(view, words.get(1).map_or("", SmolStr::as_str)) {
                        if let Err(errno) = view.read(&own) {
                            let number = number_of(errno);
                            return Err(format!(
                                "open() \"{own}\" failed ({number}: {errno}) in {file}:{line}"
                            ));
                        }
                        let inner = read(view, &own, &inside, depth + 1)?;
                        if let Some(outer) = open.last_mut() {
                            outer.inner.extend(inner);
                        }
                    }
                    continue;
                }
                let names_host = matches!(words[0].as_str(), "proxy_pass" | "server");
                let place =
                    if names_host { smol_str::format_smolstr!("{file}:{line}") } else { SmolStr::default() };
                if let Some(outer) = open.last_mut() {
                    outer.inner.push(Block { words, inner: Vec::new(), place });
                }
            }
            Token::Mark(b'{') => {
                let Some(name) = words.first() else {
                    return Err(format!("unexpected \"{{\" in {file}:{line}"));
                };
                let Some((_, places)) = BLOCKS.iter().find(|(own, _)| own == name) else {
                    let what = match known(name) {
                        true => format!("directive \"{name}\" is not terminated by \";\""),
                        false => format!("unknown directive \"{name}\""),
                    };
                    return Err(format!("{what} in {file}:{line}"));
                };
                if !places.contains(&inside) {
                    return Err(format!("\"{name}\" directive is not allowed here in {file}:{line}"));
                }
                if name == "location" && !(2..=3).contains(&words.len()) {
                    return Err(format!(
                        "invalid number of arguments in \"location\" directive in {file}:{line}"
                    ));
                }
                open.push(Block { words: std::mem::take(&mut words), ..Block::default() });
            }
            Token::Mark(_) => {
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
            Token::End => {
                let end = if words.is_empty() { "\"}\"" } else { "\";\" or \"}\"" };
                return match (open.pop(), open.is_empty() && words.is_empty()) {
                    (Some(done), true) => Ok(done.inner),
                    _ => Err(format!("unexpected end of file, expecting {end} in {file}:{line}")),
                };
            }
        }
    }
}

/// The blocks, and in which others each may stand; `""` is the file that all begins with.
const BLOCKS: &[(&str, &[&str])] = &[
    ("events", &[""]),
    ("http", &[""]),
    ("stream", &[""]),
    ("server", &["http", "stream"]),
    ("location", &["server", "location"]),
    ("upstream", &["http", "stream"]),
    ("if", &["server", "location"]),
    ("map", &["http", "stream"]),
    ("geo", &["http", "stream"]),
    ("split_clients", &["http", "stream"]),
    ("types", &["http", "server", "location"]),
    ("limit_except", &["location"]),
];

/// Directives with the fewest and the most arguments that they take; what else is there is taken as it is.
const DIRECTIVES: &[(&str, usize, usize)] = &[
    ("listen", 1, 8),
    ("root", 1, 1),
    ("alias", 1, 1),
    ("server_name", 1, 20),
    ("index", 1, 20),
    ("return", 1, 2),
    ("proxy_pass", 1, 1),
    ("proxy_set_header", 2, 2),
    ("autoindex", 1, 1),
    ("error_page", 2, 20),
    ("try_files", 2, 20),
    ("add_header", 2, 3),
    ("default_type", 1, 1),
    ("user", 1, 2),
    ("worker_processes", 1, 1),
    ("worker_connections", 1, 1),
    ("error_log", 1, 2),
    ("access_log", 1, 4),
    ("pid", 1, 1),
    ("include", 1, 1),
    ("sendfile", 1, 1),
    ("tcp_nopush", 1, 1),
    ("keepalive_timeout", 1, 2),
    ("gzip", 1, 1),
    ("log_format", 2, 20),
    ("server", 1, 20),
    ("rewrite", 2, 3),
    ("deny", 1, 1),
    ("allow", 1, 1),
    ("charset", 1, 1),
    ("expires", 1, 2),
    ("set", 2, 2),
    ("client_max_body_size", 1, 1),
    ("server_tokens", 1, 1),
    ("resolver", 1, 20),
    ("types_hash_max_size", 1, 1),
    ("auth_basic", 1, 1),
    ("auth_basic_user_file", 1, 1),
    ("stub_status", 0, 1),
    ("sub_filter", 2, 2),
    ("internal", 0, 0),
    ("break", 0, 0),
    ("ip_hash", 0, 0),
    ("least_conn", 0, 0),
    ("server_names_hash_bucket_size", 1, 1),
];

/// What directives begin with that are taken to be right.
const FAMILIES: &[&str] = &[
    "absolute_redirect",
    "auth_",
    "balancer_by_lua_",
    "chunked_",
    "client_",
    "daemon",
    "env",
    "etag",
    "fastcgi_",
    "grpc_",
    "gzip_",
    "hash",
    "http2",
    "keepalive",
    "large_",
    "limit_",
    "lingering_",
    "load_module",
    "log_",
    "map_hash_",
    "merge_slashes",
    "multi_accept",
    "open_",
    "port_in_redirect",
    "proxy_cache",
    "proxy_ssl_",
    "random",
    "real_ip_",
    "recursive_",
    "reset_timedout",
    "resolver_",
    "satisfy",
    "scgi_",
    "send",
    "server_name",
    "set_real_ip_from",
    "ssl_",
    "sub_filter_",
    "tcp_nodelay",
    "underscores_in_headers",
    "use",
    "uwsgi_",
    "variables_hash_",
    "worker_",
    "zone",
];

/// The directives that begin with `proxy_`, in which people make mistakes.
const PROXY: &str = "bind buffer_size buffering buffers busy_buffers_size connect_timeout cookie_domain cookie_flags cookie_path force_ranges headers_hash_bucket_size headers_hash_max_size hide_header http_version ignore_client_abort ignore_headers intercept_errors limit_rate max_temp_file_size method next_upstream next_upstream_timeout next_upstream_tries no_cache pass pass_header pass_request_body pass_request_headers read_timeout redirect request_buffering send_lowat send_timeout set_body set_header socket_keepalive store store_access temp_file_write_size temp_path";

/// True for directives that nginx has; whole families are taken to be right.
fn known(name: &str) -> bool {
    if let Some(rest) = name.strip_prefix("proxy_")
        && PROXY.split(' ').any(|own| own == rest)
    {
        return true;
    }
    DIRECTIVES.iter().any(|(own, ..)| *own == name)
        || BLOCKS.iter().any(|(own, _)| *own == name)
        || FAMILIES.iter().any(|family| name.starts_with(family))
}

fn check(words: &[SmolStr], file: &str, line: u32) -> Result<(), Wrong> {
    let name = &words[0];
    let limit = DIRECTIVES.iter().find(|(own, ..)| own == name);
    if limit.is_none() && !known(name) {
        return Err(format!("unknown directive \"{name}\" in {file}:{line}"));
    }
    if BLOCKS.iter().any(|(own, _)| own == name) && name != "server" {
        return Err(format!("directive \"{name}\" has no opening \"{{\" in {file}:{line}"));
    }
    let Some((_, least, most)) = limit else { return Ok(()) };
    // A forgotten `;` makes the next line's words this one's.
    if name == "listen"
        && let Some(word) = words.iter().skip(2).find(|word| known(word) && !word.contains('='))
    {
        return Err(format!("invalid parameter \"{word}\" in {file}:{line}"));
    }
    if !(*least..=*most).contains(&(words.len() - 1)) {
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
    let Some((before, after)) = pattern.split_once('*') else { return vec![pattern] };
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
