//! `curl`, as of 7.88.1; what later ones say otherwise is in `version`.

mod jar;
mod line;
mod report;
mod version;

use std::time::Duration;

use super::super::options::Named;
use super::http::{Event, Failed, Fetch, Url};
use super::resolve::strerror;
use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};
use crate::network::resolver::Family;
use jar::Jar;
use line::Line;
use version::Version;

/// How many redirections are followed.
const REDIRECTS: usize = 50;
const HELP: &str = "curl: try 'curl --help' or 'curl --manual' for more information\n";

/// A running `curl`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Curl {
    line: Option<Box<Line>>,
    version: Version,
    /// The URLs that those of the command line stand for, each with the number of that one.
    urls: Vec<(String, usize)>,
    fetch: Option<Fetch>,
    url: usize,
    redirects: usize,
    /// The connections made for this URL before the one that is.
    connections: usize,
    /// How often this URL was tried again, and when it is next.
    tries: usize,
    again: Option<SimTime>,
    began: SimTime,
    connected: SimTime,
    /// Bytes sent behind the request's head.
    sent: usize,
    metered: bool,
    headed: bool,
    ticks: u64,
    code: u8,
    why: String,
    /// The cookies, where the command line wants them kept.
    jar: Option<Box<Jar>>,
}

impl Curl {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, _: Named) -> Step {
        if self.line.is_none() {
            let argv = kernel.argv();
            self.version = Version::of(kernel);
            if argv.iter().skip(1).any(|word| matches!(&**word, "--version" | "-V")) {
                report::version(kernel, self.version);
                return Step::Exit(0);
            }
            if argv.iter().skip(1).any(|word| matches!(&**word, "--help" | "-h")) {
                kernel.print("Usage: curl [options...] <url>\n -d, --data <data>          HTTP POST data\n -f, --fail                 Fail fast with no output on HTTP errors\n -h, --help <category>      Get help for commands\n -i, --include              Include protocol response headers in the output\n -o, --output <file>        Write to file instead of stdout\n -O, --remote-name          Write output to a file named as the remote file\n -s, --silent               Silent mode\n -T, --upload-file <file>   Transfer local FILE to destination\n -u, --user <user:password> Server user and password\n -A, --user-agent <name>    Send User-Agent <name> to server\n -v, --verbose              Make the operation more talkative\n -V, --version              Show version number and quit\n\nThis is not the full help, this menu is stripped into categories.\nUse \"--help category\" to get an overview of all categories.\nFor all options use the manual or \"--help all\".\n");
                return Step::Exit(0);
            }
            match Line::parse(&argv) {
                Ok(line) if line.urls.is_empty() => {
                    let what = match self.version.tells_addresses() {
                        _ if argv.len() < 2 => "",
                        true => "curl: (2) no URL specified\n",
                        false => "curl: no URL specified!\n",
                    };
                    kernel.complain(format!("{what}{HELP}"));
                    return Step::Exit(2);
                }
                Ok(line) => {
                    self.jar = Jar::open(kernel, &line).map(Box::new);
                    self.line = Some(Box::new(line));
                }
                Err(text) => {
                    kernel.complain(format!("{text}{HELP}"));
                    return Step::Exit(2);
                }
            }
        }
        let Some(line) = self.line.take() else { return Step::Exit(2) };
        let step = self.go(kernel, &line);
        self.line = Some(line);
        step
    }

    /// Begins with the URL that is next.
    fn open(&mut self, kernel: &mut Kernel<'_>, line: &Line) -> Result<(), (u8, String)> {
        self.began = kernel.now();
        self.connected = kernel.now();
        (self.redirects, self.connections) = (0, 0);
        let malformed = || (3, "URL using bad/illegal format or missing URL".to_string());
        let (text, number) = &self.urls[self.url];
        let url = Url::parse(text).filter(|_| !text.contains([' ', '\n'])).ok_or_else(malformed)?;
        if !matches!(&*url.scheme, "http" | "https") {
            return Err((1, format!("Protocol \"{}\" not supported or disabled in libcurl", url.scheme)));
        }
        if line.has('O') && line.all('o').count() <= *number && file_name(&url).is_empty() {
            kernel.complain("curl: Remote file name has no length!\n");
            return Err((23, "Failed writing received data to disk/application".into()));
        }
        self.begin(kernel, line, url);
        Ok(())
    }

    fn go(&mut self, kernel: &mut Kernel<'_>, line: &Line) -> Step {
        let verbose = line.has('v');
        loop {
            if let Some(at) = self.again {
                if kernel.now() < at {
                    return Wait::until(at).into();
                }
                self.again = None;
            }
            if self.urls.is_empty() {
                for (number, url) in line.urls.iter().enumerate() {
                    match if line.has('g') { Ok(vec![url.to_string()]) } else { line::globbed(url) } {
                        Ok(urls) => self.urls.extend(urls.into_iter().map(|url| (url, number))),
                        Err(text) => {
                            kernel.complain(format!("curl: (3) {text}\n"));
                            return Step::Exit(3);
                        }
                    }
                }
            }
            if self.fetch.is_none() {
                if self.url == self.urls.len() {
                    if let Some(jar) = &self.jar {
                        jar.close(kernel, line, kernel.date().0);
                    }
                    return Step::Exit(self.code);
                }
                if let Err((code, text)) = self.open(kernel, line) {
                    self.end(kernel, line, code, &text);
                    continue;
                }
            }
            let Some(fetch) = &mut self.fetch else { continue };
            let url = fetch.url.clone();
            let event = match fetch.step(kernel) {
                Ok(event) => event,
                Err(wait) => {
                    self.meter(kernel, line);
                    let tick = self.metered.then(|| self.began + Duration::from_secs(self.ticks + 1));
                    return wait.or_until(tick).into();
                }
            };
            let millis = kernel.now().since(self.began).as_millis();
            let host = url.host.clone();
            match event {
                Event::Trying(ip) if verbose => {
                    self.tell_addresses(kernel, &url);
                    let shown = if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
                    kernel.complain(format!("*   Trying {shown}:{}...\n", url.number()));
                }
                Event::Trying(_) => {}
                Event::NotConnected(ip, errno, own) => {
                    let text = strerror(kernel, errno);
                    let gave_up = self.fetch.as_ref().is_none_or(Fetch::gave_up);
                    if verbose {
                        let own = own.filter(|_| self.version.tells_addresses());
                        let own = own
                            .map_or(String::new(), |own| format!(" from {} port {}", own.ip(), own.port()));
                        kernel.complain(format!(
                            "* connect to {ip} port {}{own} failed: {text}\n",
                            url.number()
                        ));
                    }
                    if gave_up {
                        self.broken(
                            kernel,
                            line,
                            not_connected(errno),
                            &cannot_connect(&url, millis, self.version.not_connected()),
                        );
                    } else if verbose {
                        let next = self.fetch.as_ref().and_then(|fetch| fetch.addresses.last());
                        let next = next.map(ToString::to_string).unwrap_or_default();
                        kernel.complain(format!("*   Trying {next}:{}...\n", url.number()));
                    }
                }
                Event::Connected(ip, own) => {
                    self.connected = kernel.now();
                    let request = self.fetch.as_ref().map(|fetch| fetch.request.clone());
                    let request = request.unwrap_or_default();
                    let request = String::from_utf8_lossy(&request);
                    let (head, body) = request.split_once("\r\n\r\n").unwrap_or((&request, ""));
                    self.sent = body.len();
                    if verbose {
                        let number = self.connections;
                        let port = url.number();
                        let mut text = match own.filter(|_| self.version >= Version(8, 16, 0)) {
                            Some(own) => format!(
                                "* Established connection to {host} ({ip} port {port}) from {} port {} \n",
                                own.ip(),
                                own.port()
                            ),
                            None if self.version.tells_addresses() => {
                                format!("* Connected to {host} ({ip}) port {port}\n")
                            }
                            None => format!("* Connected to {host} ({ip}) port {port} (#{number})\n"),
                        };
                        if url.scheme == "https" {
                            text.push_str("* (Saya shows no TLS handshake.)\n");
                        }
                        if let Some(user) = line.value('u').or(url.user.as_deref()) {
                            let user = user.split(':').next().unwrap_or_default();
                            text.push_str(&format!("* Server auth using Basic with user '{user}'\n"));
                        }
                        if self.version >= Version(8, 12, 0) {
                            text.push_str("* using HTTP/1.x\n");
                        }
                        for header in head.split("\r\n") {
                            text.push_str(&format!("> {header}\n"));
                        }
                        text.push_str("> \n");
                        if !body.is_empty() {
                            text.push_str(&format!("}} [{} bytes data]\n", body.len()));
                        }
                        if self.version >= Version(8, 7, 0) {
                            text.push_str(&match body.len() {
                                0 => "* Request completely sent off\n".to_owned(),
                                sent => format!("* upload completely sent off: {sent} bytes\n"),
                            });
                        }
                        kernel.complain(text);
                    }
                }
                Event::Answered => {
                    let head = self.fetch.as_ref().map(|fetch| fetch.head.clone()).unwrap_or_default();
                    let fails = line.has('f') && head.code >= 400;
                    if let Some(jar) = &mut self.jar {
                        let set =
                            head.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Set-Cookie"));
                        set.for_each(|(_, value)| jar.take(&url, value, kernel.date().0));
                    }
                    if verbose {
                        let mut text = format!("< {}\n", head.status);
                        for (name, value) in &head.headers {
                            text.push_str(&format!("< {name}: {value}\n"));
                        }
                        kernel.complain(text + if fails { "" } else { "< \n" });
                    }
                    if fails {
                        let why = format!("The requested URL returned error: {}", head.code);
                        self.broken(kernel, line, 22, &why);
                    }
                }
                Event::Done => self.done(kernel, line),
                Event::Failed(why) => {
                    let (code, text) = self.failure(kernel, line, &url, why);
                    self.broken(kernel, line, code, &text);
                }
            }
        }
    }

    /// The addresses of a name, as later versions tell them.
    fn tell_addresses(&self, kernel: &mut Kernel<'_>, url: &Url) {
        let Some(fetch) = self.fetch.as_ref().filter(|_| self.version.tells_addresses()) else { return };
        if url.host.parse::<std::net::IpAddr>().is_ok() {
            return;
        }
        let of = |six: bool| {
            let own = fetch.addresses.iter().filter(|ip| ip.is_ipv6() == six).map(ToString::to_string);
            let own = own.collect::<Vec<_>>().join(", ");
            if own.is_empty() { "(none)".to_owned() } else { own }
        };
        let (host, port) = (&url.host, url.number());
        kernel.complain(format!(
            "* Host {host}:{port} was resolved.\n* IPv6: {}\n* IPv4: {}\n",
            of(true),
            of(false)
        ));
    }

    /// All of an answer is there.
    fn done(&mut self, kernel: &mut Kernel<'_>, line: &Line) {
        let verbose = line.has('v');
        let Some(fetch) = self.fetch.take() else { return };
        let (head, host) = (&fetch.head, &fetch.url.host);
        let mut shown = Vec::new();
        let headers: String =
            head.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let headers = format!("{}\r\n{headers}\r\n", head.status);
        if line.has('I') || line.has('i') {
            shown.extend_from_slice(headers.as_bytes());
        }
        if let Some(file) = line.value('D') {
            // One that cannot be written is left out.
            let _ = match file {
                "-" => kernel.write(1, headers.as_bytes()).map(drop),
                file => kernel.files().write(file, headers.into_bytes(), 0o644),
            };
        }
        let next = head.header("Location").filter(|_| line.has('L') && head.code / 100 == 3);
        let next = next.and_then(|next| fetch.url.join(next));
        if verbose && !fetch.body.is_empty() {
            let ignored = if next.is_some() { "* Ignoring the response-body\n" } else { "" };
            kernel.complain(format!("{ignored}{{ [{} bytes data]\n", fetch.body.len()));
        }
        let number = self.connections;
        if let Some(url) = next {
            let limit = line.number('ω').unwrap_or(REDIRECTS);
            self.redirects += 1;
            if self.redirects > limit {
                return self.end(kernel, line, 47, &format!("Maximum ({limit}) redirects followed"));
            }
            self.put(kernel, line, &fetch, shown);
            let posted = fetch.request.starts_with(b"POST");
            self.fetch = Some(fetch);
            self.meter_end(kernel, line, false);
            if verbose {
                let host = self.fetch.as_ref().map(|fetch| fetch.url.host.clone()).unwrap_or_default();
                let switch = if posted { "* Switch from POST to GET\n" } else { "" };
                kernel.complain(format!(
                    "* Connection #{number} to host {host} left intact\n* Issue another request to this URL: '{}'\n{switch}",
                    url.text()
                ));
            }
            self.connections += 1;
            return self.begin(kernel, line, url);
        }
        shown.extend_from_slice(&fetch.body);
        let closes = head.header("Connection").is_some_and(|c| c.eq_ignore_ascii_case("close"));
        let status = head.code;
        let left = match closes {
            true if self.version >= Version(8, 10, 0) => format!("* shutting down connection #{number}\n"),
            true => self.version.closing(number),
            false => format!("* Connection #{number} to host {host} left intact\n"),
        };
        let written = self.put(kernel, line, &fetch, shown);
        self.fetch = Some(fetch);
        self.meter_end(kernel, line, false);
        if verbose {
            kernel.complain(left);
        }
        let transient = matches!(status, 408 | 429 | 500 | 502..=504);
        if transient && self.retries(kernel, line, "HTTP error") {
            return;
        }
        match written {
            true if line.has('φ') && status >= 400 => {
                self.end(kernel, line, 22, &format!("The requested URL returned error: {status}"));
            }
            true => self.end(kernel, line, 0, ""),
            false => self.end(kernel, line, 23, "Failure writing output to destination"),
        }
    }

    fn failure(&self, kernel: &mut Kernel<'_>, line: &Line, url: &Url, why: Failed) -> (u8, String) {
        let (now, host) = (kernel.now(), &url.host);
        let millis = now.since(self.began).as_millis();
        let timed_out = format!("Connection timed out after {millis} milliseconds");
        let text: &str = match why {
            Failed::Name(_) => return (6, format!("Could not resolve host: {host}")),
            Failed::Connect(errno) => {
                if line.has('v') {
                    let text = strerror(kernel, errno);
                    kernel.complain(format!("* Immediate connect fail for {host}: {text}\n"));
                }
                return (not_connected(errno), cannot_connect(url, millis, self.version.not_connected()));
            }
            Failed::ConnectTimeout => {
                let limit = self.fetch.as_ref().and_then(|fetch| fetch.connect_deadline);
                if limit.is_none_or(|limit| now < limit) {
                    return (28, timed_out);
                }
                if line.has('v') {
                    kernel.complain(format!("* ipv4 connect timeout after {millis}ms, move on!\n"));
                }
                return (28, cannot_connect(url, millis, "Timeout was reached"));
            }
            Failed::Timeout => {
                return (
                    28,
                    format!("Operation timed out after {millis} milliseconds with 0 bytes received"),
                );
            }
            Failed::Broken(errno) => return (56, format!("Recv failure: {errno}")),
            Failed::NotTls => "error:0A00010B:SSL routines::wrong version number",
            Failed::NotTrusted | Failed::SelfSigned => {
                let itself = why == Failed::SelfSigned;
                let what =
                    if itself { "self-signed certificate" } else { "unable to get local issuer certificate" };
                return (
                    60,
                    format!(
                        "SSL certificate problem: {what}\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above."
                    ),
                );
            }
            Failed::NotHttp => "Received HTTP/0.9 when not allowed",
            Failed::Empty => "Empty reply from server",
            Failed::Short => "transfer closed with outstanding read data remaining",
        };
        let code = match why {
            Failed::NotTls => 35,
            Failed::NotHttp => 1,
            Failed::Empty => 52,
            _ => 18,
        };
        (code, text.to_string())
    }

    /// A transfer that came to nothing.
    fn broken(&mut self, kernel: &mut Kernel<'_>, line: &Line, code: u8, why: &str) {
        if line.has('v') {
            kernel.complain(format!("* {why}\n"));
        }
        // Where nothing was found to connect to, the meter stays where it is.
        if code != 6 {
            self.meter_end(kernel, line, true);
        }
        if line.has('v') {
            kernel.complain(self.version.closing(self.connections));
        }
        let transient = match code {
            28 => Some("timeout"),
            7 if line.has('λ') => Some("connection refused"),
            _ => line.has('ε').then_some("(retrying all errors)"),
        };
        if transient.is_some_and(|what| {
            self.say(kernel, line, code, why);
            self.retries(kernel, line, what)
        }) {
            return;
        }
        if transient.is_none() {
            self.say(kernel, line, code, why);
        }
        self.finish(kernel, line, code, why);
    }

    fn say(&self, kernel: &mut Kernel<'_>, line: &Line, code: u8, why: &str) {
        if code != 0 && (!line.has('s') || line.has('S')) {
            kernel.complain(format!("curl: ({code}) {why}\n"));
        }
    }

    /// True where the same is tried again: later, by what `--retry` says.
    fn retries(&mut self, kernel: &mut Kernel<'_>, line: &Line, what: &str) -> bool {
        let left = line.number('ν').unwrap_or(0).saturating_sub(self.tries);
        if left == 0 {
            return false;
        }
        let pause = line.seconds('δ').map_or(1 << self.tries.min(9), |delay| delay.as_secs());
        self.again = Some(kernel.now() + Duration::from_secs(pause));
        self.tries += 1;
        if !line.has('s') {
            // Warnings are broken into lines of 79 letters.
            let text = format!("Problem : {what}. Will retry in {pause} seconds. {left} retries left.");
            let (mut rest, width) = (text.as_str(), 70);
            while rest.len() >= width {
                let at = rest[..width].rfind(' ').map_or(width, |at| at + 1);
                kernel.complain(format!("Warning: {}\n", &rest[..at]));
                rest = &rest[at..];
            }
            kernel.complain(format!("Warning: {rest}\n"));
        }
        self.fetch = None;
        (self.metered, self.ticks) = (false, 0);
        true
    }

    /// The end of one URL.
    fn end(&mut self, kernel: &mut Kernel<'_>, line: &Line, code: u8, why: &str) {
        self.say(kernel, line, code, why);
        self.finish(kernel, line, code, why);
    }

    fn finish(&mut self, kernel: &mut Kernel<'_>, line: &Line, code: u8, why: &str) {
        self.why = why.into();
        if let Some(format) = line.value('w') {
            let text = self.written(kernel, line, format, code);
            kernel.print(text);
        }
        self.code = code;
        self.url += 1;
        self.fetch = None;
        (self.metered, self.headed, self.ticks, self.tries) = (false, false, 0, 0);
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>, line: &Line, mut url: Url) {
        let first = self.redirects == 0;
        let cookies = Jar::header(self.jar.as_deref(), line, &url, kernel.date().0);
        let files = kernel.files();
        let mut load = |path: &str| files.read(path).map(|bytes| bytes.to_vec()).unwrap_or_default();
        let upload = line.value('T').map(&mut load);
        let (data, json) = line.data(&mut load).map_or((None, false), |(data, json)| (Some(data), json));
        let mut data = data.map(String::into_bytes);
        if line.has('G')
            && let Some(query) = data.take().filter(|query| !query.is_empty())
        {
            let sign = if url.path.contains('?') { '&' } else { '?' };
            url.path = format!("{}{sign}{}", url.path, String::from_utf8_lossy(&query));
        }
        if url.path.ends_with('/') && upload.is_some() {
            url.path.push_str(line.value('T').and_then(|path| path.rsplit('/').next()).unwrap_or_default());
        }
        let method = match line.value('X') {
            Some(method) if first => method,
            _ if line.has('I') => "HEAD",
            _ if upload.is_some() => "PUT",
            _ if data.is_some() && first => "POST",
            _ => "GET",
        };
        let mut own: Vec<(&str, &str)> = Vec::new();
        for header in line.all('H') {
            match (header.split_once(':'), header.trim_end().strip_suffix(';')) {
                (Some((name, value)), _) => own.push((name.trim(), value.trim())),
                (None, Some(name)) => own.push((name, ";")),
                _ => {}
            }
        }
        let named = |name: &str| own.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let version = if line.has('0') { "1.0" } else { "1.1" };
        let mut request = format!("{method} {} HTTP/{version}\r\n", url.path);
        let mut add = |name: &str, value: &str| {
            if !named(name) {
                request.push_str(&format!("{name}: {value}\r\n"));
            }
        };
        match own.iter().find(|(name, _)| name.eq_ignore_ascii_case("Host")) {
            Some((name, host)) if !host.is_empty() => request.push_str(&format!("{name}: {host}\r\n")),
            _ => add("Host", &url.authority()),
        }
        let mut add = |name: &str, value: &str| {
            if !named(name) {
                request.push_str(&format!("{name}: {value}\r\n"));
            }
        };
        if let Some(user) = line.value('u').or(url.user.as_deref()) {
            let colon = if user.contains(':') { "" } else { ":" };
            let user = format!("{user}{colon}");
            add("Authorization", &format!("Basic {}", crate::api::base64::encode(user.as_bytes())));
        }
        if let Some(range) = line.value('r') {
            add("Range", &format!("bytes={range}"));
        }
        let agent = format!("curl/{}", self.version);
        add("User-Agent", line.value('A').unwrap_or(&agent));
        if json {
            add("Content-Type", "application/json");
        }
        add("Accept", if json { "application/json" } else { "*/*" });
        if line.has('ζ') {
            add("Accept-Encoding", "deflate, gzip, br, zstd");
        }
        if let Some(value) = line.value('e') {
            add("Referer", value);
        }
        if let Some(cookies) = &cookies {
            add("Cookie", cookies);
        }
        let posts = data.is_some();
        let body = upload.or(data).filter(|_| first && method != "HEAD").unwrap_or_default();
        for (name, value) in
            own.iter().filter(|(name, value)| !value.is_empty() && !name.eq_ignore_ascii_case("Host"))
        {
            let value = if *value == ";" { String::new() } else { format!(" {value}") };
            request.push_str(&format!("{name}:{value}\r\n"));
        }
        if first && (posts || !body.is_empty() || method == "POST" && line.value('X').is_none()) {
            if !named("Content-Length") {
                request.push_str(&format!("Content-Length: {}\r\n", body.len()));
            }
            if posts && !json && !named("Content-Type") {
                request.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
            }
        }
        request.push_str("\r\n");
        let request = [request.into_bytes(), body].concat();
        self.sent = 0;
        let mut fetch = Fetch::new(url, request, method == "HEAD" || line.has('I'), kernel.now());
        let own_authorities = || {
            ["CURL_CA_BUNDLE", "SSL_CERT_FILE"]
                .iter()
                .any(|name| kernel.variable(name).is_some_and(|path| !path.is_empty()))
        };
        fetch.insecure = line.has('k') || line.value('γ').is_some() || own_authorities();
        fetch.deadline = line.seconds('m').map(|span| self.began + span);
        fetch.connect_deadline = line.seconds('κ').map(|span| kernel.now() + span);
        fetch.family = match (line.has('4'), line.has('6')) {
            (true, false) => Family::V4,
            (false, true) => Family::V6,
            _ => Family::Any,
        };
        for entry in line.all('σ') {
            let entry = entry.trim_start_matches('+');
            if line.has('v') && first {
                kernel.complain(format!("* Added {entry} to DNS cache\n"));
            }
            let prefix = format!("{}:{}:", fetch.url.host, fetch.url.number());
            if let Some(address) = entry.strip_prefix(&prefix) {
                fetch.instead = Some((address.trim_matches(['[', ']']).into(), fetch.url.number()));
                if line.has('v') {
                    kernel.complain(format!("* Hostname {} was found in DNS cache\n", fetch.url.host));
                }
            }
        }
        self.fetch = Some(fetch);
        self.meter(kernel, line);
    }

    /// The file that an answer goes to.
    fn target(&self, line: &Line, fetch: &Fetch) -> Option<String> {
        let number = self.urls.get(self.url).map_or(self.url, |(_, number)| *number);
        if let Some(name) = line.all('o').nth(number) {
            return Some(name.to_string()).filter(|name| name != "-");
        }
        line.has('O').then(|| file_name(&fetch.url).to_string())
    }

    /// Puts what came where it belongs; false where it could not be written.
    fn put(&self, kernel: &mut Kernel<'_>, line: &Line, fetch: &Fetch, bytes: Vec<u8>) -> bool {
        match self.target(line, fetch) {
            Some(name) if name == "/dev/null" => true,
            Some(name) => match kernel.files().write(&name, bytes, 0o644) {
                Ok(()) => true,
                Err(errno) => {
                    if !line.has('s') {
                        let text = strerror(kernel, errno);
                        kernel.complain(format!("Warning: Failed to open the file {name}: {text}\n"));
                    }
                    false
                }
            },
            None => bytes.is_empty() || kernel.write(1, &bytes).is_ok(),
        }
    }
}

/// The code of a connection that did not come about (lib/connect.c).
fn not_connected(errno: Errno) -> u8 {
    if errno == Errno::TimedOut { 28 } else { 7 }
}

fn cannot_connect(url: &Url, millis: u128, why: &str) -> String {
    format!("Failed to connect to {} port {} after {millis} ms: {why}", url.host, url.number())
}

/// The last part of a URL's path.
fn file_name(url: &Url) -> &str {
    let path = url.path.split('?').next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}
