//! Small web servers: httpd, Python's http.server, http-echo, whoami, agnhost, echoserver, and BusyBox httpd.

use std::sync::Arc;
use std::time::Duration;

use super::agnhost;
use super::http::{Connections, Request, Response, kind_of, own_address};
use crate::base::{Date, SimTime};
use crate::container::errno::Errno;
use crate::container::kernel::{Kernel, Spawn};
use crate::container::machine::Pid;
use crate::container::program::{Code, Step};
use crate::container::signal::{Action, Signal};

/// A running web server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Web {
    kind: Kind,
    begun: bool,
    connections: Connections,
    /// What it serves: a folder, or a text.
    served: String,
    ends: Option<SimTime>,
}

/// Which server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Httpd,
    Python,
    HttpEcho,
    Whoami,
    Agnhost,
    /// Agnhost's `liveness`, when it was an image of its own.
    Liveness,
    /// `jmalloc/echo-server`, which minikube's pages use as `kicbase/echo-server`.
    EchoServer,
    /// The older one of Kubernetes' pages, nginx with Lua.
    Echoserver,
    BusyBox,
}

/// httpd says so as it reads its configuration, and once more when it has its sockets.
fn unnamed(kernel: &mut Kernel<'_>) {
    let address = own_address(kernel);
    kernel.complain(format!(
        "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using {address}. Set the 'ServerName' directive globally to suppress this message\n"
    ));
}

impl Web {
    pub fn new(kind: Kind) -> Self {
        Self { kind, begun: false, connections: Connections::default(), served: String::new(), ends: None }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !self.begun {
            self.begun = true;
            if self.kind == Kind::BusyBox && !kernel.argv().iter().any(|word| word.starts_with("-f")) {
                // Without -f it goes into the background.
                let mut argv = kernel.argv().to_vec();
                argv.insert(1, "-f".into());
                let spawn = Spawn { argv: Some(argv.into()), detached: true, ..Spawn::default() };
                kernel.spawn(Code::Id("busybox-httpd".into()), spawn);
                return Step::Exit(0);
            }
            if let Err(status) = self.begin(kernel) {
                return Step::Exit(status);
            }
        }
        while let Some(signal) = kernel.take_signal() {
            let after = match self.kind {
                Kind::Httpd => {
                    let text = "caught SIGTERM, shutting down";
                    self.apache(kernel, "mpm_event:notice", &format!("AH00491: {text}"));
                    60
                }
                Kind::HttpEcho => {
                    let date = stamp(kernel.date());
                    kernel
                        .complain(format!("{date} [INFO] server is shutting down... signal={}\n", signal.0));
                    10
                }
                Kind::Python if signal == Signal::INT => {
                    kernel.print("\nKeyboard interrupt received, exiting.\n");
                    0
                }
                _ => 10,
            };
            self.ends.get_or_insert(kernel.now() + Duration::from_millis(after));
        }
        if self.ends.is_some_and(|at| kernel.now() >= at) {
            return Step::Exit(if matches!(self.kind, Kind::Agnhost | Kind::Liveness) { 2 } else { 0 });
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            let response = self.answer(kernel, &request);
            let status = response.status;
            let count = self.connections.reply(kernel, client, response);
            self.log(kernel, &request, status, count);
        }
        self.connections.wait().or_until(self.ends).into()
    }

    fn listen(&mut self, kernel: &mut Kernel<'_>, port: u16) -> Result<(), Errno> {
        self.connections.listen(kernel, port)
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Result<(), u8> {
        let argv = kernel.argv();
        // `-port=80`, `--port 80`, `-p 80`: the value of an option.
        let option = |names: &[&str]| -> Option<Arc<str>> {
            argv.iter().enumerate().find_map(|(at, word)| {
                let bare = word.trim_start_matches('-');
                if !word.starts_with('-') {
                    return None;
                }
                match bare.split_once('=') {
                    Some((name, value)) => names.contains(&name).then(|| value.into()),
                    None => names.contains(&bare).then(|| argv.get(at + 1).cloned())?,
                }
            })
        };
        let port_of = |text: Option<Arc<str>>, usual: u16| {
            text.and_then(|text| text.trim_start_matches(':').rsplit(':').next()?.parse().ok())
                .unwrap_or(usual)
        };
        let mut ports = Vec::new();
        let mut signals = vec![Signal::TERM, Signal::INT];
        match self.kind {
            Kind::Httpd => {
                if argv.iter().any(|word| &**word == "-v") {
                    kernel.print("Server version: Apache/2.4.65 (Unix)\n");
                    return Err(0);
                }
                if argv.iter().any(|word| &**word == "-t") {
                    kernel.complain("Syntax OK\n");
                    return Err(0);
                }
                let config = kernel.files().read("/usr/local/apache2/conf/httpd.conf").unwrap_or_default();
                let config = String::from_utf8_lossy(&config).into_owned();
                let said = |name: &str| {
                    let mut lines = config.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
                    lines.find(|words| words.first() == Some(&name)).and_then(|words| words.get(1).copied())
                };
                ports.push(port_of(said("Listen").map(Arc::from), 80));
                self.served =
                    said("DocumentRoot").unwrap_or("/usr/local/apache2/htdocs").trim_matches('"').to_owned();
                signals.push(Signal::WINCH);
            }
            Kind::Python => {
                let operand = argv.iter().skip(1).find(|word| word.parse::<u16>().is_ok()).cloned();
                let port = port_of(operand, 8000);
                let cwd = kernel.cwd();
                self.served =
                    option(&["directory", "d"]).map_or_else(|| cwd.to_string(), |folder| folder.to_string());
                if let Err(errno) = self.listen(kernel, port) {
                    let version = python_version(kernel);
                    let short = version.rsplit_once('.').map_or(&*version, |(short, _)| short);
                    kernel.complain(format!(
                        "Traceback (most recent call last):\n  File \"<frozen runpy>\", line 198, in _run_module_as_main\n  File \"/usr/local/lib/python{short}/http/server.py\", line 1307, in <module>\n    test(\nOSError: [Errno 98] {errno}\n"
                    ));
                    return Err(1);
                }
                let line = format!("Serving HTTP on 0.0.0.0 port {port} (http://0.0.0.0:{port}/) ...\n");
                // Its output is kept back where nobody sees it at once.
                if kernel.is_terminal(1) || kernel.variable("PYTHONUNBUFFERED").is_some() {
                    kernel.print(line);
                }
                // A main process that catches nothing is not ended by SIGTERM.
                kernel.on_signal(Signal::INT, Action::Catch);
                return Ok(());
            }
            Kind::HttpEcho => {
                let text = option(&["text"]).or_else(|| kernel.variable("ECHO_TEXT"));
                let Some(text) = text.filter(|text| !text.is_empty()) else {
                    kernel.complain("Missing -text option!\n");
                    return Err(127);
                };
                self.served = format!("{text}\n");
                let port = port_of(option(&["listen"]), 5678);
                let date = stamp(kernel.date());
                kernel.print(format!("{date} [INFO] server is listening on :{port}\n"));
                ports.push(port);
            }
            Kind::Whoami => {
                let port = port_of(option(&["port"]).or_else(|| kernel.variable("WHOAMI_PORT_NUMBER")), 80);
                let (year, month, day, hour, minute, second) = kernel.date().civil();
                kernel.complain(format!(
                    "{year:04}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02} Starting up on port {port}\n"
                ));
                ports.push(port);
            }
            Kind::Agnhost => match argv.get(1).map(|word| &**word) {
                Some("netexec") => {
                    let port = port_of(option(&["http-port"]), 8080);
                    agnhost::log(kernel, &format!("Started HTTP server on port {port}"));
                    let udp = port_of(option(&["udp-port"]), 8081);
                    agnhost::log(kernel, &format!("Started UDP server on port  {udp}"));
                    ports.push(port);
                }
                Some("serve-hostname") => ports.push(port_of(option(&["port"]), 9376)),
                Some("liveness") => ports.push(8080),
                Some("test-webserver") => ports.push(port_of(option(&["port"]), 80)),
                // It waits and does nothing.
                None | Some("pause") => {}
                Some(other) => {
                    kernel.complain(format!("(Saya does not simulate agnhost {other}.)\n"));
                    return Err(1);
                }
            },
            Kind::Liveness => ports.push(8080),
            Kind::EchoServer => {
                let port = port_of(kernel.variable("PORT"), 8080);
                kernel.print(format!("Echo server listening on port {port}.\n"));
                ports.push(port);
            }
            Kind::Echoserver => {
                ports.push(8080);
                kernel.print("Generating self-signed cert\nStarting nginx\n");
            }
            Kind::BusyBox => {
                ports.push(port_of(option(&["p", "fp", "vp"]), 80));
                let cwd = kernel.cwd();
                self.served = option(&["h"]).map_or_else(|| cwd.to_string(), |folder| folder.to_string());
            }
        }
        if self.kind == Kind::Httpd {
            unnamed(kernel);
        }
        for port in ports {
            if let Err(errno) = self.listen(kernel, port) {
                let text = match self.kind {
                    Kind::Httpd => format!(
                        "(98){errno}: AH00072: make_sock: could not bind to address [::]:{port}\n(98){errno}: AH00072: make_sock: could not bind to address 0.0.0.0:{port}\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n"
                    ),
                    Kind::BusyBox => format!("httpd: bind: {errno}\n"),
                    _ => format!("listen tcp :{port}: bind: {}\n", errno.to_string().to_lowercase()),
                };
                kernel.complain(text);
                return Err(1);
            }
        }
        // Go programs and Apache end on SIGTERM also as a container's main process.
        for signal in signals {
            kernel.on_signal(signal, Action::Catch);
        }
        if self.kind == Kind::Httpd {
            unnamed(kernel);
            self.apache(
                kernel,
                "mpm_event:notice",
                "AH00489: Apache/2.4.65 (Unix) configured -- resuming normal operations",
            );
            self.apache(kernel, "core:notice", "AH00094: Command line: 'httpd -D FOREGROUND'");
        }
        Ok(())
    }

    fn apache(&self, kernel: &mut Kernel<'_>, module: &str, text: &str) {
        let date = kernel.date().unix().replace(" UTC ", ".000000 ");
        let Pid(pid) = kernel.pid();
        kernel.complain(format!("[{date}] [{module}] [pid {pid}:tid {pid}] {text}\n"));
    }

    fn log(&self, kernel: &mut Kernel<'_>, request: &Request, status: u16, count: usize) {
        let date = kernel.date().access_log();
        let spaced = date.replacen(':', " ", 1);
        let (ip, line) = (request.ip(), request.line());
        match self.kind {
            Kind::Httpd => kernel.print(format!("{ip} - - [{date} +0000] \"{line}\" {status} {count}\n")),
            Kind::Python => {
                if status == 404 {
                    kernel.complain(format!("{ip} - - [{spaced}] code 404, message File not found\n"));
                }
                kernel.complain(format!("{ip} - - [{spaced}] \"{line}\" {status} -\n"));
            }
            Kind::HttpEcho => {
                let date = stamp(kernel.date());
                let host = request.header("host").unwrap_or_default();
                let agent = request.header("user-agent").unwrap_or_default();
                let from = request.from.map(|from| from.to_string()).unwrap_or_default();
                kernel
                    .print(format!("{date} {host} {from} \"{line}\" {status} {count} \"{agent}\" 21.5µs\n"));
            }
            Kind::EchoServer => {
                let from = request.from.map(|from| from.to_string()).unwrap_or_default();
                kernel.print(format!("{from} | {} {}\n", request.method, request.target));
            }
            Kind::Echoserver => kernel.print(format!(
                "{ip} - - [{date} +0000] \"{line}\" {status} {count} \"-\" \"{}\"\n",
                request.header("user-agent").unwrap_or("-")
            )),
            _ => {}
        }
    }

    fn answer(&mut self, kernel: &mut Kernel<'_>, request: &Request) -> Response {
        let date = kernel.date().rfc1123().replace("+0000", "GMT");
        let host = kernel.hostname();
        match self.kind {
            Kind::Httpd | Kind::Python | Kind::BusyBox => self.file(kernel, request, date),
            Kind::HttpEcho => {
                let mut response = Response::new(200, "text/plain; charset=utf-8", self.served.as_str());
                response.headers.splice(
                    0..0,
                    [("X-App-Name", String::new()), ("X-App-Version", "1.0.0".to_owned()), ("Date", date)],
                );
                response
            }
            Kind::Whoami => {
                let ip = own_address(kernel);
                let from = request.from.map(|from| from.to_string()).unwrap_or_default();
                let headers: String = headers_sorted(request);
                let own =
                    kernel.variable("WHOAMI_NAME").map_or_else(String::new, |name| format!("Name: {name}\n"));
                let body = match &*request.path() {
                    "/health" => String::new(),
                    _ => format!(
                        "{own}Hostname: {host}\nIP: 127.0.0.1\nIP: ::1\nIP: {ip}\nRemoteAddr: {from}\n{} {} {}\nHost: {}\n{headers}\n",
                        request.method,
                        request.target,
                        request.version,
                        request.header("host").unwrap_or_default()
                    ),
                };
                go(body, date)
            }
            Kind::Agnhost => {
                let argv = kernel.argv();
                match argv.get(1).map(|word| &**word) {
                    Some("netexec") => {
                        let (body, ends) = agnhost::netexec(kernel, request);
                        if ends {
                            self.ends = Some(kernel.now());
                        }
                        go(body, date)
                    }
                    Some("liveness") => self.liveness(kernel, request, date),
                    _ => go(host.to_string(), date),
                }
            }
            Kind::Liveness => self.liveness(kernel, request, date),
            Kind::EchoServer => {
                let body =
                    if request.body.is_empty() { String::new() } else { format!("\n{}", request.body) };
                let text = format!(
                    "Request served by {host}\n\n{} {} {}\n\nHost: {}\n{}{body}",
                    request.version,
                    request.method,
                    request.target,
                    request.header("host").unwrap_or_default(),
                    headers_sorted(request),
                );
                let mut response = Response::new(200, "text/plain", text);
                response.headers.splice(0..0, [("Date", date)]);
                response
            }
            Kind::Echoserver => {
                let port = request.port;
                let body = format!(
                    "\n\nHostname: {host}\n\nPod Information:\n\t-no pod information available-\n\nServer values:\n\tserver_version=nginx: 1.14.2 - lua: 10015\n\nRequest Information:\n\tclient_address={}\n\tmethod={}\n\treal path={}\n\tquery={}\n\trequest_version=1.1\n\trequest_scheme=http\n\trequest_uri=http://{}:{port}{}\n\nRequest Headers:\n{}\nRequest Body:\n{}\n\n",
                    request.ip(),
                    request.method,
                    request.target,
                    request.target.split_once('?').map_or("", |(_, query)| query),
                    request.header("host").unwrap_or_default().split(':').next().unwrap_or_default(),
                    request.target,
                    {
                        let mut headers: Vec<String> = request
                            .headers
                            .iter()
                            .map(|(name, value)| format!("\t{}={value}\n", name.to_lowercase()))
                            .collect();
                        headers.sort();
                        headers.concat()
                    },
                    if request.body.is_empty() { "\t-no body in request-" } else { request.body.as_str() },
                );
                let mut response = Response::new(200, "text/plain", body);
                response.headers.splice(0..0, [("Date", date)]);
                response.headers.push(("Connection", "keep-alive".into()));
                response.headers.push(("Server", "echoserver".into()));
                response
            }
        }
    }

    fn liveness(&self, kernel: &Kernel<'_>, request: &Request, date: String) -> Response {
        let (status, body) = agnhost::liveness(kernel, request);
        Response { status, ..go(body, date) }
    }

    /// A file below the folder that it serves.
    fn file(&self, kernel: &mut Kernel<'_>, request: &Request, date: String) -> Response {
        let path = request.path();
        let file = format!("{}{path}", self.served.trim_end_matches('/'));
        let folder = kernel.files().is_directory(if file.is_empty() { "/" } else { &file });
        let python = self.kind == Kind::Python;
        let head = match self.kind {
            Kind::Python => {
                vec![("Server", format!("SimpleHTTP/0.6 Python/{}", python_version(kernel))), ("Date", date)]
            }
            Kind::Httpd => vec![("Date", date), ("Server", "Apache/2.4.65 (Unix)".to_owned())],
            _ => vec![("Date", date)],
        };
        let mut response = if request.method != "GET" && request.method != "HEAD" {
            self.page(if python { 501 } else { 405 }, &path)
        } else if folder && !path.ends_with('/') {
            let mut response = self.page(301, &path);
            let host = request.header("host").unwrap_or_default();
            response.headers.push((
                "Location",
                if python { format!("{path}/") } else { format!("http://{host}{path}/") },
            ));
            response
        } else if folder {
            let index = format!("{file}index.html");
            match kernel.files().exists(&index) {
                true => self.content(kernel, &index),
                false => self.listing(kernel, &file, &path),
            }
        } else {
            self.content(kernel, &file)
        };
        response.headers.splice(0..0, head);
        if self.kind == Kind::Httpd {
            response.headers.push(("Connection", "Keep-Alive".into()));
            response.headers.retain(|(name, value)| *name != "Connection" || value != "Keep-Alive");
        }
        response.old = self.kind != Kind::Httpd;
        response
    }

    fn content(&self, kernel: &mut Kernel<'_>, file: &str) -> Response {
        match kernel.files().read(file) {
            Ok(bytes) => {
                let modified = kernel.files().stat(file).map_or(kernel.date(), |stat| stat.modified);
                let kind = if self.kind == Kind::Python && kind_of(file) == "application/javascript" {
                    "text/javascript"
                } else {
                    kind_of(file)
                };
                let mut response = Response::new(200, kind, bytes.to_vec());
                response.headers.push(("Last-Modified", modified.rfc1123().replace("+0000", "GMT")));
                if self.kind == Kind::Httpd {
                    response.headers.push(("Accept-Ranges", "bytes".into()));
                }
                response
            }
            Err(Errno::PermissionDenied) if self.kind == Kind::Httpd => self.page(403, file),
            Err(_) => self.page(404, file),
        }
    }

    fn listing(&self, kernel: &mut Kernel<'_>, folder: &str, path: &str) -> Response {
        if self.kind == Kind::BusyBox {
            return self.page(404, path);
        }
        let mut items = String::new();
        for name in kernel.files().list(folder).unwrap_or_default() {
            let slash = if kernel.files().is_directory(&format!("{folder}{name}")) { "/" } else { "" };
            items.push_str(&match self.kind {
                Kind::Python => format!("<li><a href=\"{name}{slash}\">{name}{slash}</a></li>\n"),
                _ => format!("<li><a href=\"{name}{slash}\"> {name}{slash}</a></li>\n"),
            });
        }
        let body = match self.kind {
            Kind::Python => format!(
                "<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Directory listing for {path}</title>\n</head>\n<body>\n<h1>Directory listing for {path}</h1>\n<hr>\n<ul>\n{items}</ul>\n<hr>\n</body>\n</html>\n"
            ),
            _ => format!(
                "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<html>\n <head>\n  <title>Index of {path}</title>\n </head>\n <body>\n<h1>Index of {path}</h1>\n<ul>{items}</ul>\n</body></html>\n"
            ),
        };
        let kind = if self.kind == Kind::Python {
            "text/html; charset=utf-8"
        } else {
            "text/html;charset=ISO-8859-1"
        };
        Response::new(200, kind, body)
    }

    fn page(&self, status: u16, path: &str) -> Response {
        let text = super::http::reason(status);
        let body = match self.kind {
            Kind::Python => {
                let (text, why) = match status {
                    404 => ("File not found", "NOT_FOUND - Nothing matches the given URI"),
                    501 => (
                        "Unsupported method",
                        "HTTPStatus.NOT_IMPLEMENTED - Server does not support this operation",
                    ),
                    _ => (text, ""),
                };
                if status == 301 {
                    return Response {
                        headers: vec![("Content-Length", "0".into())],
                        ..Response::new(status, "", "")
                    };
                }
                format!(
                    "<!DOCTYPE HTML>\n<html lang=\"en\">\n    <head>\n        <meta charset=\"utf-8\">\n        <title>Error response</title>\n    </head>\n    <body>\n        <h1>Error response</h1>\n        <p>Error code: {status}</p>\n        <p>Message: {text}.</p>\n        <p>Error code explanation: {status} - {}.</p>\n    </body>\n</html>\n",
                    why.split_once(" - ").map_or(why, |(_, why)| why)
                )
            }
            Kind::Httpd => format!(
                "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>{status} {text}</title>\n</head><body>\n<h1>{text}</h1>\n{}</body></html>\n",
                match status {
                    404 => "<p>The requested URL was not found on this server.</p>\n".to_owned(),
                    403 => "<p>You don't have permission to access this resource.</p>\n".to_owned(),
                    301 => format!("<p>The document has moved <a href=\"{path}/\">here</a>.</p>\n"),
                    _ => String::new(),
                }
            ),
            _ => format!(
                "<HTML><HEAD><TITLE>{status} {text}</TITLE></HEAD>\n<BODY><H1>{status} {text}</H1>\nThe requested URL was not found\n</BODY></HTML>\n"
            ),
        };
        let kind = if self.kind == Kind::Httpd {
            "text/html; charset=iso-8859-1"
        } else {
            "text/html;charset=utf-8"
        };
        Response::new(status, kind, body)
    }
}

/// The version of the image's Python, or of Debian's.
fn python_version(kernel: &Kernel<'_>) -> Arc<str> {
    kernel.variable("PYTHON_VERSION").unwrap_or_else(|| "3.11.2".into())
}

/// What Go's web server sends.
fn go(body: String, date: String) -> Response {
    let mut response = Response::new(200, "text/plain; charset=utf-8", body);
    response.headers.swap(0, 1);
    response.headers.splice(0..0, [("Date", date)]);
    response
}

fn headers_sorted(request: &Request) -> String {
    let mut headers: Vec<String> = request
        .headers
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("host"))
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    headers.sort();
    headers.concat()
}

/// `2026/11/20 22:07:41`
pub fn stamp(date: Date) -> String {
    let (year, month, day, hour, minute, second) = date.civil();
    format!("{year:04}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02}")
}
