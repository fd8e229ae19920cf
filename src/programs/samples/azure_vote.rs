//! Azure's voting app: Flask under uWSGI behind nginx, all under supervisord, which counts its votes in a Redis.

use std::time::Duration;

use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::programs::http::{Client, Connections, Request, Response};
use crate::programs::outward::both;
use crate::programs::redis::{Ask, Asked, Reply};

/// The container's programs, as one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AzureVote {
    begun: bool,
    application: Application,
    /// How often uWSGI has ended at once.
    failures: u32,
    connections: Connections,
    busy: Vec<(Client, Request, Ask)>,
}

/// What supervisord makes of uWSGI.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
enum Application {
    #[default]
    Begins,
    /// It asks its Redis for what it holds already.
    Looks(Box<Ask>),
    /// It writes zeros where there was nothing.
    Fills(Box<Ask>),
    Runs,
    Rests(SimTime),
    Fatal,
}

/// Supervisord's `startretries`.
const RETRIES: u32 = 3;
const PAGE: &str = "text/html; charset=utf-8";

impl AzureVote {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true) {
            kernel.on_signal(Signal::TERM, Action::Catch);
            supervisor(kernel, "CRIT Supervisor running as root (no user in config file)");
            supervisor(kernel, "INFO supervisord started with pid 1");
            supervisor(kernel, "INFO spawned: 'nginx' with pid 8");
            if self.connections.listen(kernel, 80).is_err() {
                kernel.complain("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\n");
            }
        }
        if kernel.take_signal().is_some() {
            supervisor(kernel, "WARN received SIGTERM indicating exit request");
            supervisor(kernel, "INFO waiting for nginx, uwsgi to die");
            return Step::Exit(0);
        }
        let own = self.start(kernel);
        while let Some((client, request)) = self.connections.next(kernel) {
            self.take(kernel, client, request);
        }
        let mut wait = own.map_or_else(|| self.connections.wait(), |own| both(self.connections.wait(), own));
        for (client, request, mut ask) in std::mem::take(&mut self.busy) {
            let response = match ask.step(kernel) {
                Asked::Waits(own) => {
                    wait = both(wait, own);
                    self.busy.push((client, request, ask));
                    continue;
                }
                Asked::Answered(answers) => answered(kernel, &answers),
                Asked::Failed(errno, _) => {
                    let host = redis(kernel).unwrap_or_default();
                    failed(kernel, &format!("Error {} connecting to {host}:6379. {errno}.", errno.number()))
                }
                Asked::Unknown(_) => {
                    let host = redis(kernel).unwrap_or_default();
                    failed(kernel, &format!("Error -2 connecting to {host}:6379. Name or service not known."))
                }
            };
            self.reply(kernel, client, &request, response);
        }
        wait.into()
    }

    /// Brings the application up, as far as it comes now; what it waits for.
    fn start(&mut self, kernel: &mut Kernel<'_>) -> Option<Wait> {
        loop {
            self.application = match std::mem::take(&mut self.application) {
                Application::Begins => {
                    let pid = 9 + self.failures;
                    supervisor(kernel, &format!("INFO spawned: 'uwsgi' with pid {pid}"));
                    match redis(kernel) {
                        None => {
                            kernel.complain(
                                "Traceback (most recent call last):\n  (Saya does not show where)\nKeyError: 'REDIS'\n",
                            );
                            self.ended(kernel)
                        }
                        Some(host) => {
                            let [a, b] = options(kernel);
                            let mut questions = secret(kernel);
                            questions.extend([
                                vec!["PING".into()],
                                vec!["GET".into(), a],
                                vec!["GET".into(), b],
                            ]);
                            Application::Looks(Box::new(ask(&host, &questions)))
                        }
                    }
                }
                Application::Looks(mut looking) => match looking.step(kernel) {
                    Asked::Waits(wait) => {
                        self.application = Application::Looks(looking);
                        return Some(wait);
                    }
                    Asked::Answered(answers) if !answers.iter().any(|own| matches!(own, Reply::Error(_))) => {
                        let options = options(kernel);
                        let mut questions = secret(kernel);
                        for (name, value) in options.iter().zip(&answers[answers.len() - 2..]) {
                            if !matches!(value, Reply::Bulk(Some(_))) {
                                questions.push(vec!["SET".into(), name.clone(), "0".into()]);
                            }
                        }
                        let host = redis(kernel).unwrap_or_default();
                        questions.push(vec!["PING".into()]);
                        Application::Fills(Box::new(ask(&host, &questions)))
                    }
                    Asked::Answered(answers) => {
                        let why = answers.iter().find_map(|own| match own {
                            Reply::Error(why) => Some(why.to_string()),
                            _ => None,
                        });
                        kernel.complain(format!(
                            "redis.exceptions.ResponseError: {}\n",
                            why.unwrap_or_default()
                        ));
                        self.ended(kernel)
                    }
                    Asked::Failed(..) | Asked::Unknown(_) => {
                        kernel.complain("Failed to connect to Redis, terminating.\n");
                        self.ended(kernel)
                    }
                },
                Application::Fills(mut filling) => match filling.step(kernel) {
                    Asked::Waits(wait) => {
                        self.application = Application::Fills(filling);
                        return Some(wait);
                    }
                    _ => {
                        supervisor(
                            kernel,
                            "INFO success: uwsgi entered RUNNING state, process has stayed up for > than 1 seconds (startsecs)",
                        );
                        Application::Runs
                    }
                },
                Application::Rests(until) if kernel.now() < until => {
                    self.application = Application::Rests(until);
                    return Some(Wait::until(until));
                }
                Application::Rests(_) => Application::Begins,
                state => {
                    self.application = state;
                    return None;
                }
            };
        }
    }

    /// Supervisord rests a second longer after each failure, and gives up after the fourth.
    fn ended(&mut self, kernel: &mut Kernel<'_>) -> Application {
        self.failures += 1;
        supervisor(kernel, "INFO exited: uwsgi (exit status 1; not expected)");
        if self.failures > RETRIES {
            supervisor(kernel, "INFO gave up: uwsgi entered FATAL state, too many start retries too quickly");
            return Application::Fatal;
        }
        Application::Rests(kernel.now() + Duration::from_secs(self.failures.into()))
    }

    fn take(&mut self, kernel: &mut Kernel<'_>, client: Client, request: Request) {
        if self.application != Application::Runs {
            return self.reply(kernel, client, &request, Response::new(502, "text/html", BAD_GATEWAY));
        }
        let vote = request.field("vote");
        let mut questions = secret(kernel);
        let [a, b] = options(kernel);
        match (&*request.path(), &*request.method, vote) {
            ("/", "GET" | "HEAD", _) => {}
            ("/", "POST", Some(vote)) if vote == "reset" => {
                questions.extend([&a, &b].map(|name| vec!["SET".into(), name.clone(), "0".into()]));
            }
            ("/", "POST", Some(vote)) => questions.push(vec!["INCRBY".into(), vote, "1".into()]),
            ("/", "POST", None) => {
                return self.reply(kernel, client, &request, Response::new(400, "text/html", BAD_REQUEST));
            }
            ("/", ..) => {
                return self.reply(kernel, client, &request, Response::new(405, "text/html", NOT_ALLOWED));
            }
            _ => return self.reply(kernel, client, &request, Response::new(404, "text/html", NOT_FOUND)),
        }
        questions.extend([a, b].map(|name| vec!["GET".into(), name]));
        let ask = ask(&redis(kernel).unwrap_or_default(), &questions);
        self.busy.push((client, request, ask));
    }

    fn reply(&mut self, kernel: &mut Kernel<'_>, client: Client, request: &Request, response: Response) {
        let status = response.status;
        let agent = request.header("User-Agent").unwrap_or("-").to_owned();
        let count = self.connections.reply(kernel, client, response);
        let (ip, line, date) = (request.ip(), request.line(), kernel.date().access_log());
        kernel
            .print(format!("{ip} - - [{date} +0000] \"{line}\" {status} {count} \"-\" \"{agent}\" \"-\"\n"));
    }
}

fn ask(host: &str, questions: &[Vec<String>]) -> Ask {
    let words: Vec<Vec<&str>> =
        questions.iter().map(|own| own.iter().map(String::as_str).collect()).collect();
    Ask::new(host, 6379, &words.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn redis(kernel: &Kernel<'_>) -> Option<String> {
    kernel.variable("REDIS").map(|own| own.to_string())
}

/// What comes before each question where the Redis has a password.
fn secret(kernel: &Kernel<'_>) -> Vec<Vec<String>> {
    let password = kernel.variable("REDIS_PWD");
    password.map(|own| vec!["AUTH".to_owned(), own.to_string()]).into_iter().collect()
}

/// What the environment says, if it says anything.
fn said(kernel: &Kernel<'_>, name: &str, usual: &str) -> String {
    let own = kernel.variable(name).filter(|own| !own.is_empty());
    own.map_or_else(|| usual.to_owned(), |own| own.to_string())
}

/// What one may vote for.
fn options(kernel: &Kernel<'_>) -> [String; 2] {
    [said(kernel, "VOTE1VALUE", "Cats"), said(kernel, "VOTE2VALUE", "Dogs")]
}

fn answered(kernel: &mut Kernel<'_>, answers: &[Reply]) -> Response {
    if let Some(Reply::Error(why)) = answers.iter().find(|own| matches!(own, Reply::Error(_))) {
        return failed(kernel, why);
    }
    let counts: Vec<String> = answers[answers.len().saturating_sub(2)..]
        .iter()
        .filter_map(|own| match own {
            Reply::Bulk(Some(text)) => Some(text.to_string()),
            _ => None,
        })
        .collect();
    // Nobody writes the zeros again for a Redis that was begun anew.
    let [first, second] = &counts[..] else {
        return failed(kernel, "'NoneType' object has no attribute 'decode'");
    };
    let title = said(kernel, "TITLE", "Azure Voting App");
    let [a, b] = options(kernel);
    let button =
        |value: &str, name: &str| format!("<button name=\"vote\" value=\"{value}\">{name}</button>\n");
    let buttons = format!("{}{}{}", button(&a, &a), button(&b, &b), button("reset", "Reset"));
    Response::new(
        200,
        PAGE,
        format!(
            "<!DOCTYPE html>\n<html>\n<head>\n<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n<form name=\"form\" action=\"/\" method=\"post\">\n{buttons}</form>\n<div id=\"results\"> {a} - {first} | {b} - {second} </div>\n</body>\n</html>\n"
        ),
    )
}

fn failed(kernel: &mut Kernel<'_>, why: &str) -> Response {
    kernel.complain(format!(
        "ERROR in app: Exception on /\nTraceback (most recent call last):\n  (Saya does not show where)\n{why}\n"
    ));
    Response::new(500, "text/html", SERVER_ERROR)
}

fn supervisor(kernel: &mut Kernel<'_>, text: &str) {
    let date = kernel.date().rfc3339().replace('T', " ").replace('Z', ",000");
    kernel.print(format!("{date} {text}\n"));
}

const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body bgcolor=\"white\">\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.13.7</center>\r\n</body>\r\n</html>\r\n";
const BAD_REQUEST: &str = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>400 Bad Request</title>\n<h1>Bad Request</h1>\n<p>The browser (or proxy) sent a request that this server could not understand.</p>\n";
const NOT_FOUND: &str = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server.</p>\n";
const NOT_ALLOWED: &str = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>405 Method Not Allowed</title>\n<h1>Method Not Allowed</h1>\n<p>The method is not allowed for the requested URL.</p>\n";
const SERVER_ERROR: &str = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n<p>The server encountered an internal error and was unable to complete your request.</p>\n";
