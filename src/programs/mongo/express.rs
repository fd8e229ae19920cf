//! mongo-express: pages that list the databases of a MongoDB server and their collections.

use std::time::Duration;

use super::datum::Datum;
use super::{END, PART};
use crate::api::base64;
use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::programs::http::{Client, Connections, Request, Response};
use crate::programs::outward::{Dial, Dialed, both};

const PORT: u16 = 8081;
/// How often its entry point tries to reach the server, and how long it waits between.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(10);
/// How long a page waits for the server.
const PATIENCE: Duration = Duration::from_secs(30);
const HTML: &str = "text/html; charset=utf-8";

/// A running mongo-express, its entry point included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Express {
    host: String,
    port: u16,
    tries: u32,
    /// When the next try is.
    rests: Option<SimTime>,
    asking: Option<Ask>,
    listening: bool,
    connections: Connections,
    /// Pages that wait for the server.
    pages: Vec<(Client, String, Ask)>,
}

/// Questions to the server, one after the other over a connection of their own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Ask {
    dial: Dial,
    questions: Vec<String>,
    fd: Option<Fd>,
    received: Vec<u8>,
}

enum Asked {
    Waits(Wait),
    Answered(Vec<Result<Datum, String>>),
    Failed(Errno),
    Unknown,
}

impl Ask {
    fn new(host: &str, port: u16, questions: Vec<String>) -> Self {
        Self { dial: Dial::new(host, port, Some(PATIENCE)), questions, fd: None, received: Vec::new() }
    }

    fn step(&mut self, kernel: &mut Kernel<'_>) -> Asked {
        let fd = match self.fd {
            Some(fd) => fd,
            None => match self.dial.step(kernel) {
                Dialed::Waits(wait) => return Asked::Waits(wait),
                Dialed::Failed(errno, _) => return Asked::Failed(errno),
                Dialed::Unknown(_) => return Asked::Unknown,
                Dialed::Connected(fd, _) => {
                    for question in &self.questions {
                        // Whoever has hung up is found out by reading.
                        let _ = kernel.write(fd, &[question.as_bytes(), &[END]].concat());
                    }
                    *self.fd.insert(fd)
                }
            },
        };
        let ended = kernel.read_into(fd, &mut self.received);
        let answers: Vec<&[u8]> = self.received.split_inclusive(|byte| *byte == END).collect();
        if answers.iter().filter(|answer| answer.ends_with(&[END])).count() < self.questions.len() {
            return if ended {
                Asked::Failed(Errno::ConnectionReset)
            } else {
                Asked::Waits(Wait::readable(fd))
            };
        }
        kernel.close(fd).ok();
        let read = |answer: &&[u8]| {
            let text = String::from_utf8_lossy(&answer[..answer.len() - 1]).into_owned();
            match text.strip_prefix('+') {
                Some(value) => Ok(Datum::read(value).map_or(Datum::Null, |(value, _)| value)),
                None => Err(text.trim_start_matches('-').to_owned()),
            }
        };
        Asked::Answered(answers.iter().map(read).collect())
    }
}

impl Express {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if self.host.is_empty() {
            (self.host, self.port) = server(kernel);
            kernel.print(format!("Waiting for {}:{}...\n", self.host, self.port));
            self.tries = 1;
        }
        if !self.listening {
            match self.reach(kernel) {
                Ok(()) => {}
                Err(step) => return step,
            }
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            self.take(kernel, client, &request);
        }
        let mut wait = self.connections.wait();
        for (client, database, mut ask) in std::mem::take(&mut self.pages) {
            let page = match ask.step(kernel) {
                Asked::Waits(own) => {
                    wait = both(wait, own);
                    self.pages.push((client, database, ask));
                    continue;
                }
                Asked::Answered(answers) => match answers.into_iter().next_back() {
                    Some(Ok(names)) => page(&database, &names),
                    Some(Err(why)) => Response::new(500, HTML, format!("MongoServerError: {why}\n")),
                    None => Response::new(500, HTML, ""),
                },
                Asked::Failed(_) | Asked::Unknown => {
                    Response::new(500, HTML, "MongoNetworkError: the server cannot be reached\n")
                }
            };
            self.connections.reply(kernel, client, page);
        }
        wait.into()
    }

    /// Waits for the server as the image's entry point does, then logs in and listens.
    fn reach(&mut self, kernel: &mut Kernel<'_>) -> Result<(), Step> {
        if let Some(at) = self.rests {
            if kernel.now() < at {
                return Err(Wait::until(at).into());
            }
            self.rests = None;
            self.tries += 1;
            let date = kernel.date().unix();
            let (host, port, tries) = (&self.host, self.port, self.tries);
            kernel.print(format!("{date} retrying to connect to {host}:{port} ({tries}/{TRIES})\n"));
        }
        let (host, port) = (self.host.clone(), self.port);
        let login = login(kernel);
        let ask = self.asking.get_or_insert_with(|| Ask::new(&host, port, vec![login]));
        let path = format!("/dev/tcp/{host}/{port}");
        let (again, why) = match ask.step(kernel) {
            Asked::Waits(wait) => return Err(wait.into()),
            Asked::Answered(answers) => (false, answers.into_iter().find_map(Result::err)),
            Asked::Unknown => {
                let script = "/docker-entrypoint.sh: line 15";
                kernel.complain(format!(
                    "{script}: {host}: Name does not resolve\n{script}: {path}: Invalid argument\n"
                ));
                (true, Some(format!("getaddrinfo ENOTFOUND {host}")))
            }
            Asked::Failed(errno) => {
                kernel.complain(format!(
                    "/docker-entrypoint.sh: connect: {errno}\n/docker-entrypoint.sh: line 15: {path}: {errno}\n"
                ));
                (true, Some(format!("connect {errno} {host}:{port}")))
            }
        };
        self.asking = None;
        if again && self.tries < TRIES {
            let at = kernel.now() + PAUSE;
            self.rests = Some(at);
            return Err(Wait::until(at).into());
        }
        kernel.print("No custom config.js found, loading config.default.js\nWelcome to mongo-express 1.0.2\n------------------------\n\n\n");
        if let Some(why) = why {
            kernel.complain(format!(
                "Could not connect to database using connectionString: mongodb://{host}:{port}/\nMongoServerError: {why}\n"
            ));
            return Err(Step::Exit(1));
        }
        if let Err(errno) = self.connections.listen(kernel, PORT) {
            kernel.complain(format!("Error: listen EADDRINUSE: {errno} 0.0.0.0:{PORT}\n"));
            return Err(Step::Exit(1));
        }
        self.listening = true;
        kernel.print(format!(
            "Mongo Express server listening at http://0.0.0.0:{PORT}\nServer is open to allow connections from anyone (0.0.0.0)\n"
        ));
        if credentials(kernel) == Some("admin:pass".to_owned()) {
            kernel.print("basicAuth credentials are \"admin:pass\", it is recommended you change this in your config.js!\n");
        }
        Ok(())
    }

    fn take(&mut self, kernel: &mut Kernel<'_>, client: Client, request: &Request) {
        let given = request.header("authorization").and_then(|text| text.strip_prefix("Basic "));
        let given = given.and_then(|text| base64::decode(text.trim()).ok());
        if credentials(kernel).is_some_and(|wanted| given.as_deref() != Some(wanted.as_bytes())) {
            let mut response = Response::new(401, HTML, "Unauthorized");
            response.headers.push(("WWW-Authenticate", "Basic realm=\"Authorization Required\"".to_owned()));
            self.connections.reply(kernel, client, response);
            return;
        }
        let path = request.path();
        let database = match (request.method.as_str(), path.as_str()) {
            ("GET" | "HEAD", "/") => "",
            ("GET" | "HEAD", path) => {
                let name = path.strip_prefix("/db/").unwrap_or_default().trim_end_matches('/');
                if name.is_empty() || name.contains('/') {
                    let text = "(Saya simulates mongo-express's lists of databases and collections only.)\n";
                    self.connections.reply(kernel, client, Response::new(404, HTML, text));
                    return;
                }
                name
            }
            _ => {
                let text = "(Saya does not simulate what mongo-express changes.)\n";
                self.connections.reply(kernel, client, Response::new(501, HTML, text));
                return;
            }
        };
        let command = if database.is_empty() { "listDatabases" } else { "listCollections" };
        let question = format!("{database}{PART}{PART}{command}{PART}");
        let ask = Ask::new(&self.host, self.port, vec![login(kernel), question]);
        self.pages.push((client, database.to_owned(), ask));
    }
}

/// The server's name and port.
fn server(kernel: &Kernel<'_>) -> (String, u16) {
    let variable = |name: &str| kernel.variable(name).filter(|own| !own.is_empty());
    let url = variable("ME_CONFIG_MONGODB_URL").unwrap_or_else(|| "mongodb://mongo:27017".into());
    let of_url = url.trim_start_matches("mongodb://").split('/').next().unwrap_or_default();
    let of_url = of_url.rsplit('@').next().unwrap_or_default();
    let (host, port) = of_url.split_once(':').unwrap_or((of_url, "27017"));
    let port = variable("ME_CONFIG_MONGODB_PORT").map_or_else(|| port.to_owned(), |own| own.to_string());
    let host = variable("ME_CONFIG_MONGODB_SERVER").map_or_else(|| host.to_owned(), |own| own.to_string());
    (host, port.parse().unwrap_or(27017))
}

/// The question that logs in: with what the URL says, or the administrator's name and password.
fn login(kernel: &Kernel<'_>) -> String {
    let variable = |name: &str| kernel.variable(name).unwrap_or_default().to_string();
    let url = variable("ME_CONFIG_MONGODB_URL");
    let of_url =
        url.trim_start_matches("mongodb://").split_once('@').and_then(|(own, _)| own.split_once(':'));
    let (user, password) = match of_url {
        Some((user, password)) => (user.to_owned(), password.to_owned()),
        None => (variable("ME_CONFIG_MONGODB_ADMINUSERNAME"), variable("ME_CONFIG_MONGODB_ADMINPASSWORD")),
    };
    let text = |text: String| Datum::Text(text).tojson(true);
    match user.is_empty() {
        true => format!("admin{PART}{PART}listDatabases{PART}"),
        false => format!("admin{PART}{PART}auth{PART}{},{}", text(user), text(password)),
    }
}

/// What a browser has to say: `user:password`; none where everybody is let in.
fn credentials(kernel: &Kernel<'_>) -> Option<String> {
    let variable = |name: &str| kernel.variable(name).filter(|own| !own.is_empty());
    if variable("ME_CONFIG_BASICAUTH").is_some_and(|own| &*own == "false") {
        return None;
    }
    let user = variable("ME_CONFIG_BASICAUTH_USERNAME").unwrap_or_else(|| "admin".into());
    let password = variable("ME_CONFIG_BASICAUTH_PASSWORD").unwrap_or_else(|| "pass".into());
    Some(format!("{user}:{password}"))
}

/// The list of databases, or of the collections of one.
fn page(database: &str, names: &Datum) -> Response {
    let (title, heading) = match database {
        "" => ("Home - Mongo Express".to_owned(), "Databases".to_owned()),
        name => (format!("{name} - Mongo Express"), format!("Viewing Database: {name}")),
    };
    let names: Vec<&String> = match names {
        Datum::List(all) => all
            .iter()
            .filter_map(|name| if let Datum::Text(name) = name { Some(name) } else { None })
            .collect(),
        _ => Vec::new(),
    };
    let row = |name: &&String| match database {
        "" => format!("<tr><td><a href=\"/db/{name}/\">{name}</a></td></tr>\n"),
        _ => format!("<tr><td>{name}</td></tr>\n"),
    };
    let rows: String = names.iter().map(row).collect();
    let body = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n</head>\n<body>\n<h1>Mongo Express</h1>\n<h2>{heading}</h2>\n<table>\n{rows}</table>\n</body>\n</html>\n"
    );
    Response::new(200, HTML, body)
}
