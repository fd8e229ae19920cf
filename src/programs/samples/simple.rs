//! The small web servers that tutorials and courses deploy: each answers every request with a text or two.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use super::fields::not_for_html;
use super::{echo, simple_service};
use crate::base::{SimTime, Value, digest_of, json};
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::container::signal::{Action, Signal};
use crate::programs::http::{Client, Connections, Request, Response, own_address};

/// Which of them it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// google-samples/kubernetes-bootcamp.
    Bootcamp,
    /// jpetazzo/color: on a page of the color that its Deployment is named after.
    Color,
    /// registry.k8s.io/goproxy: a proxy that nobody asks as one.
    GoProxy,
    /// google-samples/hello-app.
    HelloApp,
    /// hpa-example: PHP that reckons for a while, on Apache.
    HpaExample,
    /// jpetazzo/httpenv: its environment.
    HttpEnv,
    /// alicek106/rr-test:echo-hostname: its Pod's name on a page of PHP.
    EchoHostname,
    /// ealen/echo-server: what it was asked, as JSON.
    EchoServer,
    /// google-samples/hello-go-gke: JSON that says hello.
    HelloGo,
    /// paulbouwer/hello-kubernetes: a message on a page, with the Pod's name.
    HelloKubernetes,
    /// mendhak/http-https-echo: what it was asked, as JSON.
    HttpsEcho,
    /// luksa/kubia, of Kubernetes in Action.
    Kubia,
    /// The same, which keeps what is sent to it.
    KubiaPet,
    /// The same, which fails after five requests.
    KubiaUnhealthy,
    /// nginxdemos/hello, in plain text.
    NginxHello,
    /// google-samples/node-hello.
    NodeHello,
    /// stefanprodan/podinfo: where it runs, as JSON.
    Podinfo,
    /// serve_hostname.
    ServeHostname,
    /// dgkanatsios/simpleapp, of the CKAD exercises.
    SimpleApp,
    /// mhausenblas/simpleservice, of Kubernetes by Example.
    SimpleService,
    /// stacksimplify/kube-helloworld: Spring Boot.
    SpringHello,
    /// training/webapp: Flask that says hello.
    TrainingWebapp,
    /// kodekloud/webapp-color.
    WebappColor,
    /// bstashchuk/k8s-web-hello.
    WebHello,
    /// wardviaene/k8s-demo.
    WebDemo,
}

/// What it is written in: Go ends on SIGTERM, Apache and nginx catch it, node and Python let it pass where they are process 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Runtime {
    Go,
    Node,
    Python,
    Server,
}

const ALL: &[(&str, Kind, Runtime, u16)] = &[
    ("bootcamp", Kind::Bootcamp, Runtime::Node, 8080),
    ("echo-hostname", Kind::EchoHostname, Runtime::Server, 80),
    ("echo-server", Kind::EchoServer, Runtime::Node, 80),
    ("hello-go", Kind::HelloGo, Runtime::Go, 80),
    ("hello-kubernetes", Kind::HelloKubernetes, Runtime::Node, 8080),
    ("https-echo", Kind::HttpsEcho, Runtime::Server, 8080),
    ("podinfo", Kind::Podinfo, Runtime::Server, 9898),
    ("color", Kind::Color, Runtime::Go, 80),
    ("goproxy", Kind::GoProxy, Runtime::Go, 8080),
    ("hello-app", Kind::HelloApp, Runtime::Go, 8080),
    ("hpa-example", Kind::HpaExample, Runtime::Server, 80),
    ("httpenv", Kind::HttpEnv, Runtime::Go, 8888),
    ("kubia", Kind::Kubia, Runtime::Node, 8080),
    ("kubia-pet", Kind::KubiaPet, Runtime::Node, 8080),
    ("kubia-unhealthy", Kind::KubiaUnhealthy, Runtime::Node, 8080),
    ("nginx-hello", Kind::NginxHello, Runtime::Server, 80),
    ("node-hello", Kind::NodeHello, Runtime::Node, 8080),
    ("serve-hostname", Kind::ServeHostname, Runtime::Go, 9376),
    ("simpleapp", Kind::SimpleApp, Runtime::Node, 8080),
    ("simpleservice", Kind::SimpleService, Runtime::Python, 9876),
    ("spring-hello", Kind::SpringHello, Runtime::Server, 8080),
    ("training-webapp", Kind::TrainingWebapp, Runtime::Python, 5000),
    ("web-demo", Kind::WebDemo, Runtime::Node, 3000),
    ("web-hello", Kind::WebHello, Runtime::Node, 3000),
    ("webapp-color", Kind::WebappColor, Runtime::Python, 8080),
];

/// The colors that kodekloud/webapp-color knows.
const COLORS: &[(&str, &str)] = &[
    ("red", "#e74c3c"),
    ("green", "#16a085"),
    ("blue", "#2980b9"),
    ("blue2", "#30336b"),
    ("pink", "#be2edd"),
    ("darkblue", "#130f40"),
    ("yellow", "#fff380"),
];

/// One of them that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Simple {
    kind: Kind,
    runtime: Runtime,
    port: u16,
    /// That of its image's tag; empty for `latest` of some.
    version: Arc<str>,
    /// When it began; none before.
    begun: Option<SimTime>,
    requests: u32,
    connections: Connections,
    /// Answers that are being worked out, and when each is done.
    works: Vec<(SimTime, Client, Response)>,
}

/// How long hpa-example reckons for a request: a million square roots in PHP. One loop of `wget` keeps two thirds of a
/// processor busy, as on Kubernetes' page about it.
const RECKONING: Duration = Duration::from_millis(150);

impl Simple {
    /// The one that an executable's id stands for: `hello-app:2`.
    pub fn load(id: &str) -> Option<Self> {
        let (name, version) = id.split_once(':').unwrap_or((id, ""));
        let (_, kind, runtime, port) = *ALL.iter().find(|(own, ..)| *own == name)?;
        let connections = Connections::default();
        Some(Self {
            kind,
            runtime,
            port,
            version: version.into(),
            begun: None,
            requests: 0,
            connections,
            works: Vec::new(),
        })
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if self.begun.is_none() {
            self.begun = Some(kernel.now());
            let variable = match self.kind {
                Kind::Color | Kind::EchoServer | Kind::HelloKubernetes | Kind::TrainingWebapp => "PORT",
                Kind::HttpsEcho => "HTTP_PORT",
                Kind::Podinfo => "PODINFO_PORT",
                Kind::SimpleService => "PORT0",
                _ => "",
            };
            self.port = kernel.variable(variable).and_then(|own| own.parse().ok()).unwrap_or(self.port);
            if let Err(status) = self.begin(kernel) {
                return Step::Exit(status);
            }
        }
        if kernel.take_signal().is_some() {
            return Step::Exit(if self.runtime == Runtime::Go { 2 } else { 0 });
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            self.requests += 1;
            if self.kind == Kind::SimpleService {
                let (status, kind, text, takes) = simple_service::answer(kernel, &request);
                self.works.push((kernel.now() + takes, client, Response::new(status, kind, text)));
                continue;
            }
            let Some((status, kind, text)) = self.answer(kernel, &request) else { return Step::Exit(1) };
            let response = Response::new(status, kind, text);
            match self.kind {
                Kind::HpaExample => self.works.push((kernel.work(RECKONING), client, response)),
                _ => drop(self.connections.reply(kernel, client, response)),
            }
        }
        let now = kernel.now();
        let (done, works): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.works).into_iter().partition(|(at, ..)| *at <= now);
        self.works = works;
        for (_, client, response) in done {
            self.connections.reply(kernel, client, response);
        }
        self.connections.wait().or_until(self.works.iter().map(|(at, ..)| *at).min()).into()
    }

    /// Listens, and says so as it does.
    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Result<(), u8> {
        let port = self.port;
        let listened = match self.runtime {
            // They are told `0.0.0.0`.
            Runtime::Python => self.connections.listen_at(kernel, Ipv4Addr::UNSPECIFIED.into(), port),
            _ => self.connections.listen(kernel, port),
        };
        if let Err(errno) = listened {
            let why = errno.to_string().to_lowercase();
            kernel.complain(match self.runtime {
                Runtime::Node => format!("Error: listen EADDRINUSE: {why} :::{port}\n"),
                _ => format!("listen tcp :{port}: bind: {why}\n"),
            });
            return Err(1);
        }
        if matches!(self.runtime, Runtime::Go | Runtime::Server) {
            kernel.on_signal(Signal::TERM, Action::Catch);
        }
        let host = kernel.hostname();
        match self.kind {
            Kind::Bootcamp => {
                let stamp = stamp(kernel);
                kernel
                    .print(format!("Kubernetes Bootcamp App Started At: {stamp} | Running On:  {host} \n\n"));
            }
            Kind::Color => {
                kernel.print(format!("Starting HTTP server (linux/amd64) listening on port {port}.\n"))
            }
            Kind::HelloApp => {
                let now = crate::programs::web::stamp(kernel.date());
                kernel.complain(format!("{now} Server listening on port {port}\n"));
            }
            Kind::HttpEnv => kernel.print(format!("Starting httpenv listening on port {port}.\n")),
            Kind::Kubia | Kind::KubiaUnhealthy => kernel.print("Kubia server starting...\n"),
            Kind::SimpleApp => kernel.print(format!("Running on http://0.0.0.0:{port}\n")),
            Kind::SpringHello => {
                let date = stamp(kernel);
                let date = date.replace('T', " ").replace('Z', "");
                kernel.print(format!("{date}  INFO 1 --- [           main] o.s.b.w.embedded.tomcat.TomcatWebServer  : Tomcat started on port(s): {port} (http) with context path ''\n"));
            }
            Kind::SimpleService => simple_service::begin(kernel, port),
            Kind::TrainingWebapp => kernel.complain(format!(" * Running on http://0.0.0.0:{port}/\n")),
            Kind::WebDemo => kernel.print(format!("Example app listening at http://:::{port}\n")),
            Kind::WebHello => kernel.print(format!("Web server is listening at port {port}\n")),
            Kind::WebappColor => {
                let Some((name, how)) = self.color(kernel) else { return Err(1) };
                kernel.print(format!("{WEBAPP_COLOR}{how}{name}\n{FLASK}"));
            }
            Kind::EchoServer => kernel.print(format!("Listening on port {port}.\n")),
            Kind::HelloKubernetes => {
                let text = format!("Listening on: http://{host}:{port}");
                kernel.print(format!("{}\n", pino(kernel, &text)));
            }
            Kind::HttpsEcho => {
                let secure = kernel.variable("HTTPS_PORT").and_then(|own| own.parse().ok()).unwrap_or(8443);
                if self.connections.listen(kernel, secure).is_ok() {
                    self.connections.secure.push(secure);
                }
                kernel.print(format!("Listening on ports {port} for http, and {secure} for https.\n"));
            }
            Kind::Podinfo => {
                let (version, date) = (&self.version, stamp(kernel));
                kernel.print(format!("{{\"level\":\"info\",\"ts\":\"{date}\",\"caller\":\"podinfo/main.go:153\",\"msg\":\"Starting podinfo\",\"version\":\"{version}\",\"revision\":\"unknown\",\"port\":\"{port}\"}}\n{{\"level\":\"info\",\"ts\":\"{date}\",\"caller\":\"http/server.go:224\",\"msg\":\"Starting HTTP Server.\",\"addr\":\":{port}\"}}\n"));
            }
            Kind::EchoHostname
            | Kind::GoProxy
            | Kind::HelloGo
            | Kind::HpaExample
            | Kind::KubiaPet
            | Kind::NginxHello
            | Kind::NodeHello
            | Kind::ServeHostname => {}
        }
        Ok(())
    }

    /// The color of kodekloud/webapp-color with how it was found; none, and said so, where there is no such color.
    fn color(&self, kernel: &mut Kernel<'_>) -> Option<(String, &'static str)> {
        let argv = kernel.argv();
        let said = argv.iter().enumerate().find_map(|(at, word)| {
            word.strip_prefix("--color").and_then(|rest| match rest.strip_prefix('=') {
                Some(own) => Some(own.to_owned()),
                None => argv.get(at + 1).map(|own| own.to_string()),
            })
        });
        let (name, how) = match (said, kernel.variable("APP_COLOR").filter(|own| !own.is_empty())) {
            (Some(own), _) => (own, "Color from command line argument ="),
            (None, Some(own)) => {
                (own.to_string(), "No Command line argument. Color from environment variable =")
            }
            (None, None) => {
                let at = digest_of(&*kernel.hostname()).0 as usize % COLORS.len();
                let how = "No command line argument or environment variable. Picking a Random Color =";
                (COLORS[at].0.to_owned(), how)
            }
        };
        if !COLORS.iter().any(|(own, _)| *own == name) {
            let known: Vec<&str> = COLORS.iter().map(|(own, _)| *own).collect();
            let known = known.join(",");
            kernel.print(format!(
                "{WEBAPP_COLOR}{how}{name}\nColor not supported. Received '{name}' expected one of {known}\n"
            ));
            return None;
        }
        Some((name, how))
    }

    /// The status, the kind and the text of an answer; what is logged is written. None where it ends by the request.
    fn answer(&self, kernel: &mut Kernel<'_>, request: &Request) -> Option<(u16, &'static str, String)> {
        const TEXT: &str = "text/plain";
        const PAGE: &str = "text/html; charset=utf-8";
        let host = kernel.hostname();
        let version = &self.version;
        let from = request.ip();
        let client = request.from.map(|from| from.to_string()).unwrap_or_default();
        Some(match self.kind {
            Kind::Bootcamp => {
                let up = (kernel.now().0 - self.begun?.0) as f64 / 1e6;
                let stamp = stamp(kernel);
                kernel.print(format!(
                    "Running On: {host} | Total Requests: {} | App Uptime: {up:.3} seconds | Log Time: {stamp}\n",
                    self.requests
                ));
                (200, TEXT, format!("Hello Kubernetes bootcamp! | Running on: {host} | v={version}\n"))
            }
            Kind::Color => {
                let agent = request.header("User-Agent").unwrap_or_default();
                let Request { method, target, version, .. } = request;
                kernel.print(format!("{client} {method} {target} {version} [{agent}]\n"));
                (200, PAGE, color_page(kernel, &host, target, &client))
            }
            Kind::HelloApp => {
                let now = crate::programs::web::stamp(kernel.date());
                kernel.complain(format!("{now} Serving request: {}\n", request.target));
                let major = version.split('.').next().unwrap_or_default();
                (200, TEXT, format!("Hello, world!\nVersion: {major}.0.0\nHostname: {host}\n"))
            }
            Kind::EchoHostname => {
                let date = kernel.date().access_log();
                let agent = request.header("User-Agent").unwrap_or("-");
                let page = format!(
                    "<!DOCTYPE html>\n<meta charset=\"utf-8\" />\n<link rel=\"stylesheet\" type=\"text/css\" href=\"./css/layout.css\" />\n<link rel=\"stylesheet\" href=\"https://maxcdn.bootstrapcdn.com/bootstrap/3.3.2/css/bootstrap.min.css\">\n\n<div class=\"form-layout\">\n\t<blockquote>\n\t<p>Hello,  {host}</p>\t</blockquote>\n</div>\n"
                );
                let line = request.line();
                kernel.print(format!(
                    "{from} - - [{date} +0000] \"{line}\" 200 {} \"-\" \"{agent}\"\n",
                    page.len()
                ));
                (200, "text/html; charset=UTF-8", page)
            }
            Kind::EchoServer => {
                let told = not_for_html(&echo::echo_server(kernel, request).text(None));
                (200, "application/json; charset=utf-8", told)
            }
            Kind::HelloGo => (200, "application/json", "{\"message\":\"Hello\"}".to_owned()),
            Kind::HelloKubernetes => (200, PAGE, hello_kubernetes(kernel, version)),
            Kind::HttpsEcho => {
                let told = echo::https_echo(kernel, request);
                let agent = request.header("User-Agent").unwrap_or("-");
                let date = kernel.date().access_log();
                kernel.print(format!("{}\n", not_for_html(&told.text(Some(4)))));
                kernel.print(format!(
                    "{} - - [{date} +0000] \"{}\" 200 - \"-\" \"{agent}\"\n",
                    request.mapped_ip(),
                    request.line()
                ));
                (200, "application/json; charset=utf-8", not_for_html(&told.text(Some(2))))
            }
            Kind::Podinfo => match echo::podinfo(kernel, request, version) {
                Some((status, told)) => (status, "application/json; charset=utf-8", told),
                None => (404, "text/plain; charset=utf-8", "404 page not found\n".to_owned()),
            },
            Kind::HpaExample => (200, TEXT, "OK!".to_owned()),
            Kind::HttpEnv => {
                let mut env = Value::map();
                for (name, value) in kernel.env().iter() {
                    *env.entry(name) = (&**value).into();
                }
                (200, "text/plain; charset=utf-8", json::to_string(&env))
            }
            Kind::GoProxy => {
                let text = "This is a proxy server. Does not respond to non-proxy requests.\n";
                (500, "text/plain; charset=utf-8", text.to_owned())
            }
            Kind::Kubia => {
                kernel.print(format!("Received request from {}\n", request.mapped_ip()));
                match &**version {
                    "" => (200, TEXT, format!("You've hit {host}\n")),
                    "3" if self.requests >= 5 => {
                        (500, TEXT, format!("Some internal error has occurred! This is pod {host}\n"))
                    }
                    version => (200, TEXT, format!("This is v{version} running in pod {host}\n")),
                }
            }
            Kind::KubiaPet if request.method == "POST" => {
                kernel.files().write(KUBIA_DATA, request.body.clone().into_bytes(), 0o644).ok()?;
                kernel.print("New data has been received and stored.\n");
                (200, TEXT, format!("Data stored on pod {host}\n"))
            }
            Kind::KubiaPet => {
                let data =
                    kernel.files().read(KUBIA_DATA).unwrap_or_else(|_| b"No data posted yet".to_vec().into());
                let data = String::from_utf8_lossy(&data).into_owned();
                (200, TEXT, format!("You've hit {host}\nData stored on this pod: {data}\n"))
            }
            Kind::KubiaUnhealthy => {
                kernel.print(format!("Received request from {}\n", request.mapped_ip()));
                match self.requests > 5 {
                    true => (500, TEXT, "I'm not well. Please restart me!".to_owned()),
                    false => (200, TEXT, format!("You've hit {host}\n")),
                }
            }
            Kind::NginxHello if !version.starts_with("plain") => {
                (200, TEXT, "(Saya simulates nginxdemos/hello:plain-text, not its page.)\n".to_owned())
            }
            Kind::NginxHello => {
                let (own, port, date) = (own_address(kernel), self.port, kernel.date().access_log());
                let id = digest_of(&(&*host, self.requests, kernel.now())).0;
                let text = format!(
                    "Server address: {own}:{port}\nServer name: {host}\nDate: {date} +0000\nURI: {}\nRequest ID: {id:016x}{:016x}\n",
                    request.target,
                    id.rotate_left(29)
                );
                (200, TEXT, text)
            }
            Kind::NodeHello => {
                kernel.print(format!("Received request for URL: {}\n", request.target));
                (200, TEXT, "Hello Kubernetes!".to_owned())
            }
            Kind::ServeHostname => (200, TEXT, format!("{host}\n")),
            Kind::SimpleApp => {
                let stamp = stamp(kernel);
                kernel.print(format!("IP: {from} on {stamp}\n"));
                (200, PAGE, format!("Hello world from {host}\n"))
            }
            // The end of the Pod's name.
            Kind::SpringHello if request.path() == "/hello" => {
                let own = host.get(host.len().saturating_sub(5)..).unwrap_or(&host);
                (200, "text/html;charset=UTF-8", format!("Hello World  V1 {own}"))
            }
            Kind::SpringHello => {
                let (date, path) = (stamp(kernel).replace('Z', "+0000"), request.path());
                let why = format!(
                    "{{\"timestamp\":\"{date}\",\"status\":404,\"error\":\"Not Found\",\"message\":\"No message available\",\"path\":\"{path}\"}}"
                );
                (404, "application/json", why)
            }
            Kind::TrainingWebapp => {
                let status = if request.path() == "/" { 200 } else { 404 };
                log_of_flask(kernel, request, status);
                let who = kernel.variable("PROVIDER").unwrap_or_else(|| "world".into());
                match status {
                    200 => (200, PAGE, format!("Hello {who}!")),
                    _ => (404, "text/html", NO_PAGE_OF_FLASK.to_owned()),
                }
            }
            Kind::WebappColor => {
                let (name, _) = self.color(kernel)?;
                let code = COLORS.iter().find(|(own, _)| *own == name).map_or("", |(_, code)| code);
                log_of_flask(kernel, request, 200);
                let page = format!(
                    "<!doctype html>\n<title>Hello from Flask</title>\n<body style=\"background: {code};\"></body>\n<div style=\"color: #e4e4e4;\n    text-align:  center;\n    height: 90px;\n    vertical-align:  middle;\">\n\n  <h1>Hello from {host}!</h1>\n\n\n  \n\n</div>"
                );
                (200, PAGE, page)
            }
            Kind::SimpleService => unreachable!("it answers for itself"),
            Kind::WebDemo => (200, PAGE, "Hello World!".to_owned()),
            Kind::WebHello => {
                let own = if version.is_empty() { String::new() } else { format!("VERSION {version}: ") };
                let text = format!("{own}Hello from the {host}");
                kernel.print(format!("{text}\n"));
                (200, PAGE, text)
            }
        })
    }
}

/// Where luksa/kubia-pet keeps what is sent to it.
const KUBIA_DATA: &str = "/var/data/kubia.txt";

const WEBAPP_COLOR: &str = " This is a sample web application that displays a colored background. \n A color can be specified in two ways. \n\n 1. As a command line argument with --color as the argument. Accepts one of red,green,blue,blue2,pink,darkblue,yellow \n 2. As an Environment variable APP_COLOR. Accepts one of red,green,blue,blue2,pink,darkblue,yellow \n 3. If none of the above then a random color is picked from the above list. \n Note: Command line argument precedes over environment variable.\n\n\n";
const FLASK: &str = " * Serving Flask app \"app\" (lazy loading)\n * Environment: production\n   WARNING: Do not use the development server in a production environment.\n   Use a production WSGI server instead.\n * Debug mode: off\n * Running on http://0.0.0.0:8080/ (Press CTRL+C to quit)\n";

/// A line of a log as node's `pino` writes it.
fn pino(kernel: &Kernel<'_>, text: &str) -> String {
    let (time, pid, host) = (kernel.date().0 * 1000, kernel.pid(), kernel.hostname());
    format!("{{\"level\":30,\"time\":{time},\"pid\":{pid},\"hostname\":\"{host}\",\"msg\":\"{text}\"}}")
}

/// paulbouwer/hello-kubernetes' page, whose rows differ between its versions.
fn hello_kubernetes(kernel: &Kernel<'_>, version: &str) -> String {
    let variable = |name: &str, otherwise: &str| {
        kernel.variable(name).map_or(otherwise.to_owned(), |own| own.to_string())
    };
    let message = variable("MESSAGE", "Hello world!").replace('&', "&amp;").replace('<', "&lt;");
    let host = kernel.hostname();
    let new = version.starts_with("1.1") && version.len() > 3;
    let pod = if new { variable("KUBERNETES_POD_NAME", &host) } else { host.to_string() };
    let space = if new {
        format!(
            "<tr>\n      <th>namespace:</th>\n      <td>{}</td>\n    </tr>\n    ",
            variable("KUBERNETES_NAMESPACE", "-")
        )
    } else {
        String::new()
    };
    let node = if new {
        format!("{} (Linux 6.6.137)", variable("KUBERNETES_NODE_NAME", "-"))
    } else {
        "Linux (6.6.137)".to_owned()
    };
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n  <title>Hello Kubernetes!</title>\n</head>\n<body>\n<div id=\"message\">\n  {message}\n</div>\n<div id=\"info\">\n  <table>\n    {space}<tr>\n      <th>pod:</th>\n      <td>{pod}</td>\n    </tr>\n    <tr>\n      <th>node:</th>\n      <td>{node}</td>\n    </tr>\n  </table>\n</div>\n</body>\n</html>\n"
    )
}

/// A moment as JavaScript writes it.
fn stamp(kernel: &Kernel<'_>) -> String {
    kernel.date().rfc3339().replace("Z", ".000Z")
}

/// What Flask's own server writes of a request.
fn log_of_flask(kernel: &mut Kernel<'_>, request: &Request, status: u16) {
    let date = kernel.date().access_log();
    let date = date.split(' ').next().unwrap_or_default().replacen(':', " ", 1);
    kernel.complain(format!("{} - - [{date}] \"{}\" {status} -\n", request.ip(), request.line()));
}

/// Flask's page where there is none.
const NO_PAGE_OF_FLASK: &str = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server.  If you entered the URL manually please check your spelling and try again.</p>\n";

/// jpetazzo/color's page, whose lines end in carriage returns: a terminal shows but one of them.
fn color_page(kernel: &mut Kernel<'_>, host: &str, target: &str, client: &str) -> String {
    const TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
    let namespace = match kernel.variable("NAMESPACE").filter(|own| !own.is_empty()) {
        Some(own) => own.to_string(),
        None => String::from_utf8_lossy(&kernel.files().read(TOKEN).unwrap_or_default()).into_owned(),
    };
    let circle = |color: &str| match color {
        "red" => "🔴",
        "orange" => "🟠",
        "yellow" => "🟡",
        "green" => "🟢",
        "blue" => "🔵",
        "purple" => "🟣",
        "brown" => "🟤",
        "black" => "⚫",
        "white" => "⚪",
        _ => "",
    };
    let color = host.split('-').next().unwrap_or_default();
    let circles = format!("{}{}", circle(&namespace), circle(color));
    let place = if namespace.is_empty() { host.to_owned() } else { format!("pod {namespace}/{host}") };
    format!(
        "<!DOCTYPE html>\r<html>\r<body style=\"background: {namespace}; text-align: center;\">\r<div style=\"padding: 4em;\"></div>\r<span style=\"padding: 4em; background: {color};\">\r<span style=\"padding: 2px; background: white;\">\r{circles}This is {place} on linux/amd64, serving {target} for {client}.\n</span>\r</span>\r</body>\r</html>\r"
    )
}
