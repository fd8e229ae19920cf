//! `curl`, as of 7.88.1.

use std::sync::Arc;
use std::time::Duration;

use super::super::options::Named;
use super::http::{Event, Failed, Fetch, Url};
use super::resolve::strerror;
use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::network::resolver::Family;

const VERSION: &str = "7.88.1";
const METER: &str = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n";
/// How many redirections are followed.
const REDIRECTS: usize = 50;

/// A running `curl`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Curl {
    line: Option<Box<Line>>,
    fetch: Option<Fetch>,
    url: usize,
    redirects: usize,
    began: SimTime,
    connected: SimTime,
    metered: bool,
    ticks: u64,
    code: u8,
}

/// The command line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Line {
    /// Option letters that were given; long ones without a letter have one here.
    on: Vec<char>,
    values: Vec<(char, Arc<str>)>,
    urls: Vec<Arc<str>>,
}

/// Long names, their letters, and whether they take a value. Letters that curl has not are capital ones of our own.
const LONG: &[(&str, char, bool)] = &[
    ("silent", 's', false),
    ("show-error", 'S', false),
    ("verbose", 'v', false),
    ("head", 'I', false),
    ("include", 'i', false),
    ("location", 'L', false),
    ("fail", 'f', false),
    ("insecure", 'k', false),
    ("remote-name", 'O', false),
    ("ipv4", '4', false),
    ("ipv6", '6', false),
    ("globoff", 'g', false),
    ("get", 'G', false),
    ("no-progress-meter", 'Q', false),
    ("compressed", 'Z', false),
    ("output", 'o', true),
    ("write-out", 'w', true),
    ("header", 'H', true),
    ("data", 'd', true),
    ("data-raw", 'd', true),
    ("data-binary", 'd', true),
    ("data-urlencode", 'd', true),
    ("request", 'X', true),
    ("max-time", 'm', true),
    ("connect-timeout", 'C', true),
    ("resolve", 'R', true),
    ("user", 'u', true),
    ("user-agent", 'A', true),
    ("cookie", 'b', true),
    ("referer", 'e', true),
    ("retry", 'Y', true),
    ("retry-delay", 'y', true),
    ("max-redirs", 'M', true),
    ("url", 'U', true),
    ("dump-header", 'D', true),
    ("cookie-jar", 'c', true),
    ("json", 'J', true),
    ("http1.0", 'h', false),
    ("http1.1", 'h', false),
    ("http2", 'h', false),
    ("no-buffer", 'N', false),
    ("fail-with-body", 'F', false),
    ("create-dirs", 'h', false),
    ("retry-connrefused", 'h', false),
    ("retry-all-errors", 'h', false),
    ("retry-max-time", 'y', true),
    ("cacert", 'K', true),
    ("parallel", 'h', false),
];

impl Line {
    fn has(&self, letter: char) -> bool {
        self.on.contains(&letter)
    }
    fn value(&self, letter: char) -> Option<&str> {
        self.values.iter().rev().find(|(own, _)| *own == letter).map(|(_, value)| &**value)
    }
    fn seconds(&self, letter: char) -> Option<Duration> {
        let seconds = self.value(letter)?.parse::<f64>().ok()?;
        Duration::try_from_secs_f64(seconds).ok().filter(|span| !span.is_zero())
    }

    fn parse(argv: &[Arc<str>]) -> Result<Self, String> {
        let mut line = Self::default();
        let mut words = argv.iter().skip(1);
        while let Some(word) = words.next() {
            if let Some(name) = word.strip_prefix("--") {
                let Some((_, letter, takes)) = LONG.iter().find(|(own, ..)| *own == name) else {
                    return Err(format!("curl: option --{name}: is unknown\n"));
                };
                match takes.then(|| words.next()) {
                    None => line.on.push(*letter),
                    Some(Some(value)) => line.values.push((*letter, value.clone())),
                    Some(None) => return Err(format!("curl: option --{name}: requires parameter\n")),
                }
            } else if word.len() > 1 && word.starts_with('-') {
                for (at, letter) in word.char_indices().skip(1) {
                    let known =
                        LONG.iter().find(|(_, own, _)| *own == letter && !"CRYyMUQZJhFK".contains(*own));
                    match known {
                        None => return Err(format!("curl: option {word}: is unknown\n")),
                        Some((.., false)) => line.on.push(letter),
                        Some((.., true)) => {
                            let rest = &word[at + 1..];
                            let value =
                                if rest.is_empty() { words.next().cloned() } else { Some(rest.into()) };
                            let Some(value) = value else {
                                return Err(format!("curl: option {word}: requires parameter\n"));
                            };
                            line.values.push((letter, value));
                            break;
                        }
                    }
                }
            } else {
                line.urls.push(word.clone());
            }
        }
        line.urls.extend(line.values.iter().filter(|(own, _)| *own == 'U').map(|(_, url)| url.clone()));
        Ok(line)
    }
}

impl Curl {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, _: Named) -> Step {
        if self.line.is_none() {
            let argv = kernel.argv();
            if argv.iter().skip(1).any(|word| matches!(&**word, "--version" | "-V")) {
                kernel.print(format!("curl {VERSION} (x86_64-pc-linux-gnu) libcurl/{VERSION}\nProtocols: http https\nFeatures: IPv6\n"));
                return Step::Exit(0);
            }
            if argv.iter().skip(1).any(|word| matches!(&**word, "--help" | "-h")) {
                kernel.print("Usage: curl [options...] <url>\n -d, --data <data>          HTTP POST data\n -f, --fail                 Fail fast with no output on HTTP errors\n -h, --help <category>      Get help for commands\n -i, --include              Include protocol response headers in the output\n -o, --output <file>        Write to file instead of stdout\n -O, --remote-name          Write output to a file named as the remote file\n -s, --silent               Silent mode\n -T, --upload-file <file>   Transfer local FILE to destination\n -u, --user <user:password> Server user and password\n -A, --user-agent <name>    Send User-Agent <name> to server\n -v, --verbose              Make the operation more talkative\n -V, --version              Show version number and quit\n\nThis is not the full help, this menu is stripped into categories.\nUse \"--help category\" to get an overview of all categories.\nFor all options use the manual or \"--help all\".\n");
                return Step::Exit(0);
            }
            const HELP: &str = "curl: try 'curl --help' or 'curl --manual' for more information\n";
            match Line::parse(&argv) {
                Ok(line) if line.urls.is_empty() => {
                    kernel.complain(format!("curl: no URL specified!\n{HELP}"));
                    return Step::Exit(2);
                }
                Ok(line) => self.line = Some(Box::new(line)),
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

    fn go(&mut self, kernel: &mut Kernel<'_>, line: &Line) -> Step {
        let verbose = line.has('v');
        loop {
            if self.fetch.is_none() {
                let Some(text) = line.urls.get(self.url) else { return Step::Exit(self.code) };
                self.began = kernel.now();
                self.connected = kernel.now();
                self.redirects = 0;
                let refusal = match Url::parse(text) {
                    None => Some((3, "URL using bad/illegal format or missing URL".to_string())),
                    Some(url) if !matches!(&*url.scheme, "http" | "https") => {
                        Some((1, format!("Protocol \"{}\" not supported or disabled in libcurl", url.scheme)))
                    }
                    Some(url) => {
                        self.begin(kernel, line, url);
                        None
                    }
                };
                if let Some((code, text)) = refusal {
                    self.end(kernel, line, code, &text);
                    continue;
                }
            }
            let Some(fetch) = &mut self.fetch else { continue };
            let url = fetch.url.clone();
            let event = match fetch.step(kernel) {
                Ok(event) => event,
                Err(wait) => {
                    self.meter(kernel, line, false);
                    let tick = self.metered.then(|| self.began + Duration::from_secs(self.ticks + 1));
                    return wait.or_until(tick).into();
                }
            };
            let millis = kernel.now().since(self.began).as_millis();
            let host = url.host.clone();
            match event {
                Event::Trying(ip) if verbose => {
                    let shown = if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
                    kernel.complain(format!("*   Trying {shown}:{}...\n", url.number()));
                }
                Event::Trying(_) => {}
                Event::NotConnected(ip, errno) => {
                    let text = strerror(kernel, errno);
                    let gave_up = self.fetch.as_ref().is_none_or(Fetch::gave_up);
                    if verbose {
                        kernel.complain(format!("* connect to {ip} port {} failed: {text}\n", url.number()));
                    }
                    if gave_up {
                        let why = format!(
                            "Failed to connect to {host} port {} after {millis} ms: Couldn't connect to server",
                            url.number()
                        );
                        self.broken(kernel, line, 7, &why);
                    } else if verbose {
                        let next = self.fetch.as_ref().and_then(|fetch| fetch.addresses.last());
                        let next = next.map(ToString::to_string).unwrap_or_default();
                        kernel.complain(format!("*   Trying {next}:{}...\n", url.number()));
                    }
                }
                Event::Connected(ip) => {
                    self.connected = kernel.now();
                    if verbose {
                        let mut text = format!("* Connected to {host} ({ip}) port {} (#0)\n", url.number());
                        if url.scheme == "https" {
                            text.push_str("* (Saya shows no TLS handshake.)\n");
                        }
                        let request = self.fetch.as_ref().map(|fetch| fetch.request.clone());
                        let request = request.unwrap_or_default();
                        let request = String::from_utf8_lossy(&request);
                        let (head, body) = request.split_once("\r\n\r\n").unwrap_or((&request, ""));
                        for header in head.split("\r\n") {
                            text.push_str(&format!("> {header}\n"));
                        }
                        text.push_str("> \n");
                        if !body.is_empty() {
                            text.push_str(&format!("}} [{} bytes data]\n", body.len()));
                        }
                        kernel.complain(text);
                    }
                }
                Event::Answered => {
                    let head = self.fetch.as_ref().map(|fetch| fetch.head.clone()).unwrap_or_default();
                    if verbose {
                        let mut text = format!("< {}\n", head.status);
                        for (name, value) in &head.headers {
                            text.push_str(&format!("< {name}: {value}\n"));
                        }
                        kernel.complain(text + "< \n");
                    }
                    if line.has('f') && head.code >= 400 {
                        if verbose {
                            kernel.complain(
                                "* The requested URL returned error: 404\n"
                                    .replace("404", &head.code.to_string()),
                            );
                        }
                        self.broken(
                            kernel,
                            line,
                            22,
                            &format!("The requested URL returned error: {}", head.code),
                        );
                    }
                }
                Event::Done => {
                    let Some(fetch) = self.fetch.take() else { continue };
                    let head = &fetch.head;
                    let mut shown = Vec::new();
                    if line.has('I') || line.has('i') {
                        let headers: String =
                            head.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
                        shown.extend(format!("{}\r\n{headers}\r\n", head.status).into_bytes());
                    }
                    if let Some(file) = line.value('D') {
                        let headers: String =
                            head.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
                        let text = format!("{}\r\n{headers}\r\n", head.status);
                        // One that cannot be written is left out.
                        let _ = match file {
                            "-" => kernel.write(1, text.as_bytes()).map(drop),
                            file => kernel.files().write(file, text.into_bytes(), 0o644),
                        };
                    }
                    if verbose && !fetch.body.is_empty() {
                        kernel.complain(format!("{{ [{} bytes data]\n", fetch.body.len()));
                    }
                    let next = head.header("Location").filter(|_| line.has('L') && head.code / 100 == 3);
                    if let Some(next) = next {
                        let limit = line.value('M').and_then(|most| most.parse().ok()).unwrap_or(REDIRECTS);
                        self.redirects += 1;
                        if self.redirects > limit {
                            let why = format!("Maximum ({limit}) redirects followed");
                            self.end(kernel, line, 47, &why);
                            continue;
                        }
                        self.put(kernel, line, &fetch, shown.clone());
                        if let Some(url) = fetch.url.join(next) {
                            if verbose {
                                kernel.complain(format!(
                                    "* Connection #0 to host {host} left intact\n* Issue another request to this URL: '{}'\n",
                                    url.text()
                                ));
                            }
                            self.begin(kernel, line, url);
                            continue;
                        }
                    }
                    shown.extend_from_slice(&fetch.body);
                    let closes = head.header("Connection").is_some_and(|c| c.eq_ignore_ascii_case("close"));
                    let written = self.put(kernel, line, &fetch, shown);
                    self.fetch = Some(fetch);
                    self.meter(kernel, line, true);
                    if verbose {
                        kernel.complain(if closes {
                            "* Closing connection 0\n".to_string()
                        } else {
                            format!("* Connection #0 to host {host} left intact\n")
                        });
                    }
                    if written {
                        self.end(kernel, line, 0, "");
                    } else {
                        self.end(kernel, line, 23, "Failure writing output to destination");
                    }
                }
                Event::Failed(why) => {
                    let port = url.number();
                    let (code, text) = match why {
                        Failed::Name(_) => (6, format!("Could not resolve host: {host}")),
                        Failed::Connect(errno) => {
                            if verbose {
                                let text = strerror(kernel, errno);
                                kernel.complain(format!("* Immediate connect fail for {host}: {text}\n"));
                            }
                            (
                                7,
                                format!(
                                    "Failed to connect to {host} port {port} after {millis} ms: Couldn't connect to server"
                                ),
                            )
                        }
                        Failed::ConnectTimeout => {
                            (28, format!("Connection timed out after {millis} milliseconds"))
                        }
                        Failed::Timeout => (
                            28,
                            format!("Operation timed out after {millis} milliseconds with 0 bytes received"),
                        ),
                        Failed::NotTls => (35, "error:0A00010B:SSL routines::wrong version number".into()),
                        Failed::NotTrusted => (
                            60,
                            "SSL certificate problem: unable to get local issuer certificate\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.".into(),
                        ),
                        Failed::NotHttp => (1, "Received HTTP/0.9 when not allowed".into()),
                        Failed::Empty => (52, "Empty reply from server".into()),
                        Failed::Broken(errno) => (56, format!("Recv failure: {errno}")),
                        Failed::Short => (18, "transfer closed with outstanding read data remaining".into()),
                    };
                    self.broken(kernel, line, code, &text);
                }
            }
        }
    }

    /// A transfer that came to nothing.
    fn broken(&mut self, kernel: &mut Kernel<'_>, line: &Line, code: u8, why: &str) {
        if line.has('v') {
            if code != 22 {
                kernel.complain(format!("* {why}\n"));
            }
            kernel.complain("* Closing connection 0\n");
        }
        if code == 28 && self.metered {
            kernel.complain("\n");
        }
        self.end(kernel, line, code, why);
    }

    /// The end of one URL.
    fn end(&mut self, kernel: &mut Kernel<'_>, line: &Line, code: u8, why: &str) {
        if code != 0 && (!line.has('s') || line.has('S')) {
            kernel.complain(format!("curl: ({code}) {why}\n"));
        }
        if let Some(format) = line.value('w') {
            let text = self.written(kernel, format, code);
            kernel.print(text);
        }
        self.code = code;
        self.url += 1;
        self.fetch = None;
        self.metered = false;
        self.ticks = 0;
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>, line: &Line, mut url: Url) {
        let json = line.value('J').is_some();
        let data: Vec<&str> = line
            .values
            .iter()
            .filter(|(own, _)| matches!(own, 'd' | 'J'))
            .map(|(_, value)| value.strip_prefix('@').map_or(&**value, |_| ""))
            .collect();
        let mut body = data.join("&");
        if let Some(path) = line.value('d').and_then(|value| value.strip_prefix('@')) {
            let bytes = kernel.files().read(path).map(|bytes| bytes.to_vec()).unwrap_or_default();
            body = String::from_utf8_lossy(&bytes).replace(['\r', '\n'], "");
        }
        if line.has('G') && !body.is_empty() {
            let sign = if url.path.contains('?') { '&' } else { '?' };
            url.path = format!("{}{sign}{}", url.path, std::mem::take(&mut body));
        }
        let method = match line.value('X') {
            Some(method) if self.redirects == 0 => method,
            _ if line.has('I') => "HEAD",
            _ if !body.is_empty() && self.redirects == 0 => "POST",
            _ => "GET",
        };
        let own: Vec<&str> =
            line.values.iter().filter(|(own, _)| *own == 'H').map(|(_, header)| &**header).collect();
        let named = |name: &str| {
            own.iter().any(|header| {
                header.split(':').next().is_some_and(|known| known.trim().eq_ignore_ascii_case(name))
            })
        };
        let mut request = format!("{method} {} HTTP/1.1\r\n", url.path);
        let mut add = |name: &str, value: &str| {
            if !named(name) {
                request.push_str(&format!("{name}: {value}\r\n"));
            }
        };
        add("Host", &url.authority());
        if let Some(user) = line.value('u').or(url.user.as_deref()) {
            add("Authorization", &format!("Basic {}", crate::api::base64::encode(user.as_bytes())));
        }
        add("User-Agent", line.value('A').unwrap_or(concat_version()));
        add("Accept", if json { "application/json" } else { "*/*" });
        for (name, letter) in [("Referer", 'e'), ("Cookie", 'b')] {
            if let Some(value) = line.value(letter) {
                add(name, value);
            }
        }
        if method != "GET" && method != "HEAD" && !body.is_empty() {
            add("Content-Length", &body.len().to_string());
            add("Content-Type", if json { "application/json" } else { "application/x-www-form-urlencoded" });
        } else {
            body.clear();
        }
        for header in own.iter().filter(|header| !header.trim_end().ends_with(':')) {
            request.push_str(&format!("{header}\r\n"));
        }
        request.push_str("\r\n");
        request.push_str(&body);
        let mut fetch = Fetch::new(url, request.into_bytes(), method == "HEAD", kernel.now());
        fetch.insecure = line.has('k') || line.value('K').is_some();
        fetch.deadline = line.seconds('m').map(|span| self.began + span);
        fetch.connect_deadline = line.seconds('C').map(|span| kernel.now() + span);
        fetch.family = match (line.has('4'), line.has('6')) {
            (true, false) => Family::V4,
            (false, true) => Family::V6,
            _ => Family::Any,
        };
        for (_, entry) in line.values.iter().filter(|(own, _)| *own == 'R') {
            let prefix = format!("{}:{}:", fetch.url.host, fetch.url.number());
            if let Some(address) = entry.trim_start_matches('+').strip_prefix(&prefix) {
                fetch.instead = Some((address.trim_matches(['[', ']']).into(), fetch.url.number()));
            }
        }
        self.fetch = Some(fetch);
        self.meter(kernel, line, false);
    }

    /// The file that an answer goes to.
    fn target(&self, line: &Line, fetch: &Fetch) -> Option<String> {
        if let Some((_, name)) = line.values.iter().filter(|(own, _)| *own == 'o').nth(self.url) {
            return Some(name.to_string()).filter(|name| name != "-");
        }
        line.has('O').then(|| {
            let path = fetch.url.path.split('?').next().unwrap_or_default();
            path.rsplit('/').next().unwrap_or_default().to_string()
        })
    }

    fn put(&self, kernel: &mut Kernel<'_>, line: &Line, fetch: &Fetch, bytes: Vec<u8>) -> bool {
        match self.target(line, fetch) {
            Some(name) if name == "/dev/null" => true,
            Some(name) => kernel.files().write(&name, bytes, 0o644).is_ok(),
            None => bytes.is_empty() || kernel.write(1, &bytes).is_ok(),
        }
    }

    /// The progress meter, which is for those who do not look at the answer itself.
    fn meter(&mut self, kernel: &mut Kernel<'_>, line: &Line, done: bool) {
        let quiet = line.has('s') || line.has('Q');
        let Some(fetch) = &self.fetch else { return };
        if quiet || self.target(line, fetch).is_none() && (kernel.is_terminal(1) || line.has('v')) {
            return;
        }
        const REST: &str = "--:--:-- --:--:-- --:--:--";
        if !std::mem::replace(&mut self.metered, true) {
            kernel.complain(format!("{METER}\r  0     0    0     0    0     0      0      0 {REST}     0"));
        }
        let seconds = kernel.now().since(self.began).as_secs();
        while self.ticks < seconds {
            self.ticks += 1;
            let spent = format!("{}:{:02}:{:02}", self.ticks / 3600, self.ticks / 60 % 60, self.ticks % 60);
            kernel.complain(format!(
                "\r  0     0    0     0    0     0      0      0 --:--:-- {spent:>8} --:--:--     0"
            ));
        }
        if done {
            let size = fetch.body.len();
            let micros = kernel.now().since(self.began).as_micros().max(1) as usize;
            let speed = amount(size * 1_000_000 / micros);
            kernel.complain(format!(
                "\r100 {size:>5}  100 {size:>5}    0     0  {speed:>5}      0 {REST} {speed:>5}\n"
            ));
        }
    }

    /// What `-w` asks for.
    fn written(&self, kernel: &Kernel<'_>, format: &str, code: u8) -> String {
        let seconds = |at: SimTime| format!("{:.6}", at.since(self.began).as_secs_f64());
        let fetch = self.fetch.as_ref();
        let value = |name: &str| match name {
            "http_code" | "response_code" => format!("{:03}", fetch.map_or(0, |fetch| fetch.head.code)),
            "time_total" | "time_starttransfer" => seconds(kernel.now()),
            "time_connect" | "time_namelookup" | "time_pretransfer" => seconds(self.connected),
            "size_download" => fetch.map_or(0, |fetch| fetch.body.len()).to_string(),
            "num_redirects" => self.redirects.to_string(),
            "url_effective" | "url" => fetch.map(|fetch| fetch.url.text()).unwrap_or_default(),
            "remote_ip" => {
                fetch.and_then(|f| f.addresses.first()).map(ToString::to_string).unwrap_or_default()
            }
            "remote_port" => fetch.map_or(0, |fetch| fetch.url.number()).to_string(),
            "content_type" => {
                fetch.and_then(|f| f.head.header("Content-Type")).unwrap_or_default().to_string()
            }
            "redirect_url" => fetch
                .and_then(|f| f.url.join(f.head.header("Location")?))
                .map(|url| url.text())
                .unwrap_or_default(),
            "exitcode" => code.to_string(),
            _ => String::new(),
        };
        let mut text = String::new();
        let format = format.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r");
        let mut rest = format.as_str();
        while let Some((before, after)) = rest.split_once("%{") {
            text.push_str(before);
            let Some((name, after)) = after.split_once('}') else { break };
            text.push_str(&value(name));
            rest = after;
        }
        text + rest
    }
}

fn concat_version() -> &'static str {
    "curl/7.88.1"
}

/// A number of bytes in five letters.
fn amount(bytes: usize) -> String {
    match bytes {
        0..100_000 => bytes.to_string(),
        100_000..10_000_000 => format!("{}k", bytes / 1024),
        _ => format!("{}M", bytes / 1_048_576),
    }
}
