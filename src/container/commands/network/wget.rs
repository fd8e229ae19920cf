//! `wget`: BusyBox's and GNU's.

use std::time::Duration;

use super::super::Flavor;
use super::super::options::{Named, Options};
use super::http::{Event, Failed, Fetch, Head, Url};
use super::resolve::strerror;
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};
use crate::network::resolver::Family;

/// How many redirections are followed.
const REDIRECTS: usize = 20;

/// A running `wget`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wget {
    options: Option<Options>,
    fetch: Option<Fetch>,
    urls: Vec<String>,
    redirects: usize,
    tries: u32,
    failed: u8,
    pause: Option<crate::base::SimTime>,
    /// A redirection leads to the same server, whose connection is kept.
    reused: bool,
}

const KNOWN: &str = "CqO:T:SsP:cU:t:nv46Y:a:Np:H:D:";
const LONG: &[(&str, char)] = &[
    ("quiet", 'q'),
    ("output-document", 'O'),
    ("timeout", 'T'),
    ("connect-timeout", 'T'),
    ("read-timeout", 'T'),
    ("server-response", 'S'),
    ("spider", 's'),
    ("directory-prefix", 'P'),
    ("continue", 'c'),
    ("user-agent", 'U'),
    ("tries", 't'),
    ("no-verbose", 'n'),
    ("no-check-certificate", 'C'),
    ("header", 'H'),
    ("post-data", 'D'),
    ("inet4-only", '4'),
    ("inet6-only", '6'),
];

impl Wget {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.options.is_none() {
            let known = if tool.flavor == Flavor::Gnu { KNOWN } else { "CqO:T:SsP:cU:Y:H:D:t:" };
            let options = match tool.options(kernel, known, LONG, 2 - u8::from(tool.flavor != Flavor::Gnu)) {
                Ok(options) => options,
                Err(code) => return Step::Exit(code),
            };
            if options.operands.is_empty() {
                if tool.flavor == Flavor::Gnu {
                    kernel.complain("wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n");
                } else {
                    tool.usage(kernel);
                }
                return Step::Exit(1);
            }
            self.urls = options.operands.iter().map(|url| url.to_string()).collect();
            self.options = Some(options);
        }
        let options = self.options.take().unwrap_or_default();
        let step = self.go(kernel, &options, tool.flavor == Flavor::Gnu);
        self.options = Some(options);
        step
    }

    fn go(&mut self, kernel: &mut Kernel<'_>, options: &Options, gnu: bool) -> Step {
        loop {
            if let Some(until) = self.pause {
                if kernel.now() < until {
                    return Wait::until(until).into();
                }
                self.pause = None;
            }
            if self.fetch.is_none() {
                if self.urls.is_empty() {
                    return Step::Exit(self.failed);
                }
                let text = self.urls.remove(0);
                let Some(url) = Url::parse(&text) else {
                    kernel.complain(if gnu {
                        format!("{text}: Invalid host name.\n")
                    } else {
                        format!("wget: bad address '{text}'\n")
                    });
                    self.failed = 1;
                    continue;
                };
                if !matches!(&*url.scheme, "http" | "https" | "ftp") {
                    kernel.complain(if gnu {
                        format!("{text}: Unsupported scheme '{}'.\n", url.scheme)
                    } else {
                        format!("wget: not an http or ftp url: {text}\n")
                    });
                    self.failed = 1;
                    continue;
                }
                if url.scheme == "ftp" {
                    kernel.complain(format!("wget: Saya does not simulate {}\n", url.scheme));
                    self.failed = 1;
                    continue;
                }
                self.begin(kernel, options, gnu, url);
            }
            let Some(fetch) = &mut self.fetch else { return Step::Exit(1) };
            let event = match fetch.step(kernel) {
                Ok(event) => event,
                Err(wait) => return wait.into(),
            };
            let mut talk = Talk { kernel, options, gnu, reused: self.reused };
            let verbose = talk.verbose();
            match event {
                Event::Trying(ip) => talk.trying(fetch, &ip.to_string()),
                Event::Connected(..) => {
                    if gnu && verbose {
                        if !talk.reused {
                            talk.err("connected.\n");
                        }
                        talk.err("HTTP request sent, awaiting response... ");
                    }
                }
                Event::NotConnected(ip, errno, _) => {
                    let text = strerror(talk.kernel, errno);
                    if gnu && !options.has('q') {
                        talk.err(format!("failed: {text}.\n"));
                    }
                    if fetch.gave_up() {
                        if !gnu {
                            talk.err(format!("wget: can't connect to remote host ({ip}): {text}\n"));
                            return Step::Exit(1);
                        }
                        let again = errno == Errno::TimedOut;
                        if let Some(step) = self.give_up(kernel, options, again) {
                            return step;
                        }
                    } else if gnu {
                        let next = fetch.addresses.last().map(|ip| ip.to_string()).unwrap_or_default();
                        talk.trying(fetch, &next);
                    }
                }
                Event::Answered => {
                    let head = fetch.head.clone();
                    if gnu && verbose {
                        // With -S all of the head follows.
                        talk.err(match options.has('S') {
                            true => "\n".to_owned(),
                            false => format!("{} {}\n", head.code, head.reason()),
                        });
                    }
                    if options.has('S') {
                        talk.err(format!("  {}\n", head.status));
                        if gnu || head.code < 400 {
                            for (name, value) in &head.headers {
                                talk.err(format!("  {name}: {value}\n"));
                                // BusyBox follows as soon as it has read where to.
                                if !gnu && name.eq_ignore_ascii_case("Location") {
                                    break;
                                }
                            }
                        }
                    }
                    if let (301..=303 | 307 | 308, Some(location)) = (head.code, head.header("Location")) {
                        if gnu && verbose {
                            talk.err(format!("Location: {location} [following]\n"));
                        }
                        let (next, from) = (fetch.url.join(location), fetch.url.authority());
                        self.redirects += 1;
                        match next.filter(|_| self.redirects <= REDIRECTS) {
                            Some(url) => {
                                let keeps = head.header("Connection").is_none_or(|how| how != "close");
                                self.reused = keeps && url.authority() == from;
                                self.begin(kernel, options, gnu, url);
                            }
                            None if gnu => {
                                kernel.complain(format!("{REDIRECTS} redirections exceeded.\n"));
                                return Step::Exit(8);
                            }
                            None => {
                                kernel.complain("wget: too many redirections\n");
                                return Step::Exit(1);
                            }
                        }
                        continue;
                    }
                    if head.code >= 400 || head.code < 200 {
                        let (url, spider) = (fetch.url.text(), options.has('s'));
                        self.fetch = None;
                        if !gnu {
                            kernel.complain(format!("wget: server returned error: {}\n", head.status));
                            return Step::Exit(1);
                        }
                        if head.code == 504 {
                            if let Some(step) = self.give_up(kernel, options, true) {
                                return step;
                            }
                            continue;
                        }
                        self.failed = 8;
                        let date = stamp(kernel);
                        if options.has('q') {
                            continue;
                        }
                        if spider {
                            kernel.complain("Remote file does not exist -- broken link!!!\n\n");
                            continue;
                        }
                        if !verbose {
                            kernel.complain(format!("{url}:\n"));
                        }
                        let end = if verbose { "\n\n" } else { "\n" };
                        kernel.complain(format!("{date} ERROR {}: {}.{end}", head.code, head.reason()));
                    } else if options.has('s') {
                        if gnu && verbose {
                            let html =
                                head.header("Content-Type").is_some_and(|kind| kind.starts_with("text/html"));
                            talk.err(length(&head));
                            talk.err(match html {
                                true => "Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n",
                                false => "Remote file exists.\n\n",
                            });
                        } else if !gnu && !options.has('q') {
                            talk.err("remote file exists\n");
                        }
                        self.fetch = None;
                    } else {
                        talk.saving(fetch);
                    }
                }
                Event::Done => {
                    let Some(fetch) = self.fetch.take() else { continue };
                    if let Some(code) = talk.save(&fetch) {
                        return Step::Exit(code);
                    }
                }
                Event::Failed(why) => {
                    let host = fetch.url.host.clone();
                    if !gnu {
                        let text = match why {
                            Failed::Name(_) => format!("bad address '{host}'"),
                            Failed::ConnectTimeout | Failed::Timeout => "download timed out".into(),
                            Failed::Connect(errno) => {
                                let ip = fetch.addresses.first().map(|ip| ip.to_string());
                                let text = strerror(kernel, errno);
                                format!("can't connect to remote host ({}): {text}", ip.unwrap_or_default())
                            }
                            Failed::Short => "connection closed prematurely".into(),
                            Failed::NotTls | Failed::NotTrusted | Failed::SelfSigned => {
                                "error getting response: Connection reset by peer".into()
                            }
                            Failed::NotHttp => {
                                if options.has('S') {
                                    kernel.complain(format!("  {}\n", fetch.first_line()));
                                }
                                "error getting response: Connection reset by peer".into()
                            }
                            Failed::Empty => "error getting response".into(),
                            Failed::Broken(_) => "error getting response: Connection reset by peer".into(),
                        };
                        kernel.complain(format!("wget: {text}\n"));
                        return Step::Exit(1);
                    }
                    let again = match why {
                        Failed::Name(failure) => {
                            let text = failure.text(super::resolve::resolver(kernel).libc);
                            if verbose {
                                kernel.complain(format!("Resolving {host} ({host})... failed: {text}.\n"));
                            }
                            if !options.has('q') {
                                kernel.complain(format!("wget: unable to resolve host address '{host}'\n"));
                            }
                            false
                        }
                        Failed::ConnectTimeout => {
                            if !options.has('q') {
                                kernel.complain("failed: Connection timed out.\n");
                            }
                            true
                        }
                        Failed::Connect(errno) => {
                            let text = strerror(kernel, errno);
                            kernel.complain(format!("failed: {text}.\n"));
                            false
                        }
                        Failed::Timeout => {
                            if verbose {
                                kernel.complain("Read error (Connection timed out) in headers.\n");
                            }
                            true
                        }
                        Failed::Empty => {
                            if verbose {
                                kernel.complain("No data received.\n");
                            }
                            true
                        }
                        Failed::NotTls => {
                            if !options.has('q') {
                                kernel.complain("OpenSSL: error:0A00010B:SSL routines::wrong version number\nUnable to establish SSL connection.\n");
                            }
                            false
                        }
                        Failed::NotTrusted | Failed::SelfSigned => {
                            if !options.has('q') {
                                let (issuer, what) = match why {
                                    Failed::SelfSigned => (&*host, "Self-signed certificate encountered."),
                                    _ => ("minikubeCA", "Unable to locally verify the issuer's authority."),
                                };
                                kernel.complain(format!("ERROR: cannot verify {host}'s certificate, issued by 'CN={issuer}':\n  {what}\nTo connect to {host} insecurely, use `--no-check-certificate'.\n"));
                            }
                            return Step::Exit(5);
                        }
                        Failed::NotHttp => {
                            if verbose {
                                kernel.complain("200 No headers, assuming HTTP/0.9\n");
                            }
                            false
                        }
                        Failed::Broken(_) | Failed::Short => {
                            if verbose {
                                kernel.complain("Read error (Connection reset by peer) in headers.\n");
                            }
                            true
                        }
                    };
                    if let Some(step) = self.give_up(kernel, options, again) {
                        return step;
                    }
                }
            }
        }
    }

    /// GNU's wget tries again, up to 20 times.
    fn give_up(&mut self, kernel: &mut Kernel<'_>, options: &Options, again: bool) -> Option<Step> {
        let all = options.value('t').and_then(|tries| tries.parse().ok()).unwrap_or(20);
        self.tries += 1;
        let verbose = !options.has('q') && !options.has('n');
        let fetch = self.fetch.take();
        if !again || self.tries >= all && all > 0 {
            if again && verbose {
                kernel.complain("Giving up.\n\n");
            }
            return Some(Step::Exit(4));
        }
        if verbose {
            kernel.complain("Retrying.\n\n");
        }
        self.pause = Some(kernel.now() + Duration::from_secs(u64::from(self.tries.min(10))));
        self.urls.extend(fetch.map(|fetch| fetch.url.text()));
        None
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>, options: &Options, gnu: bool, url: Url) {
        let mut request = match options.value('D') {
            Some(_) => format!("POST {} HTTP/1.1\r\n", url.path),
            None if options.has('s') => format!("HEAD {} HTTP/1.1\r\n", url.path),
            None => format!("GET {} HTTP/1.1\r\n", url.path),
        };
        request.push_str(&format!("Host: {}\r\n", url.authority()));
        let agent = options.value('U').map_or(if gnu { "Wget/1.21.3" } else { "Wget" }, |agent| agent);
        request.push_str(&format!("User-Agent: {agent}\r\n"));
        if gnu {
            request.push_str("Accept: */*\r\nAccept-Encoding: identity\r\nConnection: Keep-Alive\r\n");
        } else {
            request.push_str("Connection: close\r\n");
        }
        for header in options.values('H') {
            request.push_str(&format!("{header}\r\n"));
        }
        if let Some(data) = options.value('D') {
            request.push_str(&format!(
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
                data.len()
            ));
        }
        request.push_str("\r\n");
        if let Some(data) = options.value('D') {
            request.push_str(data);
        }
        if gnu && !options.has('q') && !options.has('n') {
            if options.has('s') {
                kernel.complain("Spider mode enabled. Check if remote file exists.\n");
            }
            let again = if self.tries > 0 { format!("(try:{:>2})  ", self.tries + 1) } else { String::new() };
            kernel.complain(format!("--{}--  {again}{}\n", stamp(kernel), url.text()));
        }
        // BusyBox's own TLS looks at no certificate, and says so; Alpine's has a program for it.
        let alpine = kernel.files().exists("/etc/alpine-release");
        if !gnu && url.scheme == "https" && !options.has('C') && !alpine {
            kernel.complain("wget: note: TLS certificate validation not implemented\n");
        }
        let mut fetch = Fetch::new(url, request.into_bytes(), options.has('s'), kernel.now());
        fetch.insecure = options.has('C') || !gnu && !alpine;
        fetch.patience = options
            .value('T')
            .and_then(|seconds| seconds.parse::<f64>().ok())
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .filter(|span| !span.is_zero());
        fetch.one = !gnu;
        if options.has('4') {
            fetch.family = Family::V4;
        }
        self.fetch = Some(fetch);
    }
}

fn stamp(kernel: &Kernel<'_>) -> String {
    let text = kernel.date().rfc3339();
    text.trim_end_matches('Z').replace('T', " ")
}

/// The line about how much comes.
fn length(head: &Head) -> String {
    let length = head.header("Content-Length").unwrap_or("unspecified");
    let kind = head.header("Content-Type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    format!("Length: {length} [{kind}]\n")
}

/// What is said on the way.
struct Talk<'a, 'k> {
    kernel: &'a mut Kernel<'k>,
    options: &'a Options,
    gnu: bool,
    /// The connection is that of the answer before.
    reused: bool,
}

impl Talk<'_, '_> {
    fn err(&mut self, text: impl AsRef<str>) {
        self.kernel.complain(text);
    }

    fn verbose(&self) -> bool {
        !self.options.has('q') && !self.options.has('n')
    }

    fn trying(&mut self, fetch: &Fetch, ip: &str) {
        if !self.verbose() {
            return;
        }
        let (url, host) = (&fetch.url, &fetch.url.host);
        if self.gnu && self.reused {
            return self.err(format!("Reusing existing connection to {host}:{}.\n", url.number()));
        }
        if !self.gnu {
            let text = format!("Connecting to {} ({ip}:{})\n", url.authority(), url.number());
            return self.err(text);
        }
        if host.parse::<std::net::IpAddr>().is_err() {
            let all: Vec<String> = fetch.addresses.iter().map(ToString::to_string).collect();
            let text = format!(
                "Resolving {host} ({host})... {}\nConnecting to {host} ({host})|{ip}|:{}... ",
                all.join(", "),
                url.number()
            );
            return self.err(text);
        }
        self.err(format!("Connecting to {ip}:{}... ", url.number()));
    }

    /// The file that the answer goes to; none for standard output.
    fn target(&mut self, fetch: &Fetch) -> Option<String> {
        match self.options.value('O') {
            Some(name) if &**name == "-" => None,
            Some(name) => Some(name.to_string()),
            None => {
                let path = fetch.url.path.split('?').next().unwrap_or_default();
                let name = path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("index.html");
                let folder = self.options.value('P').map(|folder| format!("{folder}/")).unwrap_or_default();
                let path = format!("{folder}{name}");
                // GNU's wget numbers what has a name that is taken.
                if self.gnu && self.kernel.files().exists(&path) {
                    let mut numbered = (1..).map(|number| format!("{path}.{number}"));
                    return numbered.find(|path| !self.kernel.files().exists(path));
                }
                Some(path)
            }
        }
    }

    fn saving(&mut self, fetch: &Fetch) {
        if !self.verbose() {
            return;
        }
        let target = self.target(fetch);
        if self.gnu {
            let name = target.unwrap_or_else(|| "STDOUT".into());
            self.err(format!("{}Saving to: '{name}'\n\n", length(&fetch.head)));
        } else {
            let text = match target {
                Some(name) => format!("saving to '{name}'\n"),
                None => "writing to stdout\n".into(),
            };
            self.err(text);
        }
    }

    /// Puts the answer where it belongs. Gives the exit status where it cannot.
    fn save(&mut self, fetch: &Fetch) -> Option<u8> {
        let target = self.target(fetch);
        let size = fetch.body.len();
        match &target {
            None => {
                // Nobody may be there to read it any more.
                let _ = self.kernel.write(1, &fetch.body);
            }
            Some(name) => {
                let there = self.options.value('O').is_none() && self.kernel.files().exists(name);
                if there && !self.gnu {
                    self.err(format!("wget: can't open '{name}': File exists\n"));
                    return Some(1);
                }
                if let Err(errno) = self.kernel.files().write(name, fetch.body.clone(), 0o644) {
                    let text = if self.gnu {
                        format!("{name}: {errno}\n\nCannot write to '{name}' ({errno}).\n")
                    } else {
                        format!("wget: can't open '{name}': {errno}\n")
                    };
                    self.err(text);
                    return Some(if self.gnu { 3 } else { 1 });
                }
            }
        }
        if self.options.has('q') {
            return None;
        }
        let date = stamp(self.kernel);
        let shown = target.clone().unwrap_or_else(|| "-".into());
        let text = match (self.gnu, self.verbose()) {
            (true, false) => {
                let all = fetch.head.header("Content-Length").map_or(String::new(), |all| format!("/{all}"));
                format!("{date} URL:{} [{size}{all}] -> \"{shown}\" [1]\n", fetch.url.text())
            }
            (true, true) => {
                let done = match &target {
                    Some(name) => format!("'{name}' saved"),
                    None => "written to stdout".into(),
                };
                // A dot for each whole KiB, in groups of ten.
                let dots: String = (0..(size / 1024).min(50))
                    .flat_map(|at| if at % 10 == 0 { [" ", "."] } else { ["", "."] })
                    .collect();
                format!("     0K{dots:55} 100%  100M=0s\n\n{date} (100 MB/s) - {done} [{size}/{size}]\n\n")
            }
            (false, _) => {
                let columns = self.kernel.terminal(2).map_or(80, |terminal| usize::from(terminal.size.0));
                let name = shown.rsplit('/').next().unwrap_or_default();
                let name: String = name.chars().take(20).collect();
                let stars = "*".repeat(columns.saturating_sub(48));
                let bar = format!("{name:<20} 100% |{stars}|{:>6}  0:00:00 ETA\n", amount(size));
                match target {
                    Some(name) => format!("{bar}'{name}' saved\n"),
                    None => format!("{bar}written to stdout\n"),
                }
            }
        };
        self.err(text);
        None
    }
}

/// A number of bytes as BusyBox's progress bar has it.
fn amount(bytes: usize) -> String {
    if bytes >= 100_000 { format!("{}k", bytes / 1024) } else { bytes.to_string() }
}
