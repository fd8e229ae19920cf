//! Apache Tomcat: the log of its start and end, the files of its web applications, its own pages. Nothing in Java runs.

use std::time::Duration;

use super::http::{Connections, Request, Response, kind_of};
use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::container::signal::{Action, Signal};

const PORT: u16 = 8080;
const APPLICATIONS: &str = "/usr/local/tomcat/webapps";
/// What is served of a folder, the first that is there.
const WELCOME: [&str; 3] = ["index.html", "index.htm", "index.jsp"];
/// From the start of Java until it listens.
const START: Duration = Duration::from_millis(1_100);
/// From SIGTERM until it has ended.
const END: Duration = Duration::from_millis(120);

const OPTIONS: &str = "NOTE: Picked up JDK_JAVA_OPTIONS:  --add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.io=ALL-UNNAMED --add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.util.concurrent=ALL-UNNAMED --add-opens=java.rmi/sun.rmi.transport=ALL-UNNAMED\n";
const STYLE: &str = "body {font-family:Tahoma,Arial,sans-serif;} h1, h2, h3, b {color:white;background-color:#525D76;} h1 {font-size:22px;} h2 {font-size:16px;} h3 {font-size:14px;} p {font-size:12px;} a {color:black;} .line {height:1px;background-color:#525D76;border:none;}";

/// A running Tomcat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tomcat {
    /// When it listens; none before it has begun.
    listens: Option<SimTime>,
    listening: bool,
    ends: Option<SimTime>,
    connections: Connections,
}

impl Tomcat {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        let now = kernel.now();
        let listens = match self.listens {
            Some(at) => at,
            None => {
                kernel.on_signal(Signal::TERM, Action::Catch);
                kernel.complain(OPTIONS);
                *self.listens.insert(now + START)
            }
        };
        if kernel.take_signal().is_some() && self.ends.is_none() {
            self.ends = Some(now + END);
            log(
                kernel,
                "Thread-1",
                "coyote.AbstractProtocol.pause",
                "Pausing ProtocolHandler [\"http-nio-8080\"]",
            );
            log(
                kernel,
                "Thread-1",
                "catalina.core.StandardService.stopInternal",
                "Stopping service [Catalina]",
            );
        }
        if self.ends.is_some_and(|at| now >= at) {
            for (how, deed) in [("stop", "Stopping"), ("destroy", "Destroying")] {
                let text = format!("{deed} ProtocolHandler [\"http-nio-8080\"]");
                log(kernel, "Thread-1", &format!("coyote.AbstractProtocol.{how}"), &text);
            }
            return Step::Exit(143);
        }
        if !self.listening && now >= listens {
            self.listening = true;
            if !self.begin(kernel) {
                return Step::Exit(1);
            }
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            let mut response = answer(kernel, &request);
            response.headers.push(("Date", kernel.date().rfc1123().replace("+0000", "GMT")));
            self.connections.reply(kernel, client, response);
        }
        let starts = Some(listens).filter(|_| !self.listening);
        self.connections.wait().or_until(starts).or_until(self.ends).into()
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> bool {
        let version = version(kernel);
        let told = |kernel: &mut Kernel<'_>, text: &str| {
            log(kernel, "main", "catalina.startup.VersionLoggerListener.log", text);
        };
        told(kernel, &format!("Server version name:   Apache Tomcat/{version}"));
        told(kernel, &format!("Server version number: {version}.0"));
        told(kernel, "OS Name:               Linux");
        told(kernel, "Architecture:          amd64");
        told(kernel, "Java Home:             /opt/java/openjdk");
        told(kernel, "CATALINA_BASE:         /usr/local/tomcat");
        told(kernel, "CATALINA_HOME:         /usr/local/tomcat");
        let handler = |deed: &str| format!("{deed} ProtocolHandler [\"http-nio-{PORT}\"]");
        log(kernel, "main", "coyote.AbstractProtocol.init", &handler("Initializing"));
        log(kernel, "main", "catalina.startup.Catalina.load", "Server initialization in [512] milliseconds");
        let service = "catalina.core.StandardService.startInternal";
        log(kernel, "main", service, "Starting service [Catalina]");
        let engine = format!("Starting Servlet engine: [Apache Tomcat/{version}]");
        log(kernel, "main", "catalina.core.StandardEngine.startInternal", &engine);
        for name in kernel.files().list(APPLICATIONS).unwrap_or_default() {
            let text = format!("Deploying web application directory [{APPLICATIONS}/{name}]");
            log(kernel, "main", "catalina.startup.HostConfig.deployDirectory", &text);
        }
        log(kernel, "main", "coyote.AbstractProtocol.start", &handler("Starting"));
        log(kernel, "main", "catalina.startup.Catalina.start", "Server startup in [87] milliseconds");
        match self.connections.listen(kernel, PORT) {
            Ok(_) => true,
            Err(_) => {
                let text = format!("Address already in use (Bind failed) <null>:{PORT}");
                kernel.complain(format!("java.net.BindException: {text}\n"));
                false
            }
        }
    }
}

fn version(kernel: &Kernel<'_>) -> String {
    kernel.variable("TOMCAT_VERSION").unwrap_or_default().to_string()
}

/// A line as `OneLineFormatter` writes it.
fn log(kernel: &mut Kernel<'_>, thread: &str, place: &str, text: &str) {
    let date = kernel.date().access_log().replace('/', "-").replacen(':', " ", 1);
    let millis = kernel.now().0 / 1_000 % 1_000;
    kernel.complain(format!("{date}.{millis:03} INFO [{thread}] org.apache.{place} {text}\n"));
}

/// A file of an application: of that which the path's first part names, or of `ROOT`.
fn answer(kernel: &mut Kernel<'_>, request: &Request) -> Response {
    let path = request.path();
    let (first, rest) = path[1..].split_once('/').unwrap_or((path[1..].trim_end_matches('/'), ""));
    let named = !first.is_empty() && kernel.files().is_directory(&[APPLICATIONS, "/", first].concat());
    let (application, rest) = if named { (first, rest) } else { ("ROOT", &path[1..]) };
    let folder = [APPLICATIONS, "/", application].concat();
    if !kernel.files().is_directory(&folder) {
        return page(kernel, 404, None);
    }
    let mut file = [&folder, "/", rest].concat();
    if rest.is_empty() || rest.ends_with('/') {
        let there = WELCOME.iter().find(|name| kernel.files().exists(&[&file, **name].concat()));
        file.push_str(there.unwrap_or(&""));
    }
    if file.ends_with(".jsp") && kernel.files().exists(&file) {
        return Response::new(200, "text/html;charset=UTF-8", "(Saya does not run Java.)\n");
    }
    let hidden = ["WEB-INF", "META-INF"].iter().any(|own| rest.starts_with(own));
    match kernel.files().read(&file) {
        Ok(bytes) if !hidden => Response::new(200, kind_of(&file), bytes.to_vec()),
        _ => {
            let shown = path.replace('&', "&amp;").replace('<', "&lt;").replace('/', "&#47;");
            page(kernel, 404, Some(&format!("The requested resource [{shown}] is not available")))
        }
    }
}

/// One of Tomcat's own pages (`ErrorReportValve`).
fn page(kernel: &Kernel<'_>, status: u16, message: Option<&str>) -> Response {
    let title = format!("HTTP Status {status} – {}", super::http::reason(status));
    let message = message.map_or(String::new(), |text| format!("<p><b>Message</b> {text}</p>"));
    let version = version(kernel);
    let body = format!(
        "<!doctype html><html lang=\"en\"><head><title>{title}</title><style type=\"text/css\">{STYLE}</style></head><body><h1>{title}</h1><hr class=\"line\" /><p><b>Type</b> Status Report</p>{message}<p><b>Description</b> The origin server did not find a current representation for the target resource or is not willing to disclose that one exists.</p><hr class=\"line\" /><h3>Apache Tomcat/{version}</h3></body></html>"
    );
    let mut response = Response::new(status, "text/html;charset=utf-8", body);
    response.headers.insert(1, ("Content-Language", "en".to_owned()));
    response
}
