//! Docker's example voting app: a page that takes votes to Redis, a worker that carries them to PostgreSQL, and a page that
//! counts them there.

use std::time::Duration;

use crate::base::{SimTime, Value, json};
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::programs::http::{Client, Connections, Request, Response};
use crate::programs::mysql::{Answer, Library, Link};
use crate::programs::outward::both;
use crate::programs::redis::{Ask, Asked, Reply};

/// One of its three own programs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Voting {
    Vote(Vote),
    Result(Box<Count>),
    Worker(Box<Worker>),
}

impl Voting {
    /// The part of a name.
    pub fn load(name: &str) -> Option<Self> {
        match name {
            "vote" => Some(Self::Vote(Vote::default())),
            "result" => Some(Self::Result(Box::default())),
            "worker" => Some(Self::Worker(Box::default())),
            _ => None,
        }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        match self {
            Self::Vote(vote) => vote.step(kernel),
            Self::Result(count) => count.step(kernel),
            Self::Worker(worker) => worker.step(kernel),
        }
    }
}

/// What one may vote for.
fn options(kernel: &Kernel<'_>) -> [String; 2] {
    let said = |name: &str, usual: &str| {
        kernel.variable(name).map_or_else(|| usual.to_owned(), |own| own.to_string())
    };
    [said("OPTION_A", "Cats"), said("OPTION_B", "Dogs")]
}

/// The page of votes: Flask behind gunicorn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Vote {
    begun: bool,
    connections: Connections,
    /// Votes on their way to Redis, with who gives them.
    asks: Vec<(Client, Request, String, Ask)>,
}

impl Vote {
    fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true) {
            kernel.on_signal(Signal::TERM, Action::Catch);
            if self.connections.listen(kernel, 80).is_err() {
                gunicorn(kernel, 1, "ERROR", "Connection in use: ('0.0.0.0', 80)");
                return Step::Exit(1);
            }
            gunicorn(kernel, 1, "INFO", "Starting gunicorn 23.0.0");
            gunicorn(kernel, 1, "INFO", "Listening at: http://0.0.0.0:80 (1)");
            gunicorn(kernel, 1, "INFO", "Using worker: sync");
            gunicorn(kernel, 7, "INFO", "Booting worker with pid: 7");
        }
        if kernel.take_signal().is_some() {
            gunicorn(kernel, 1, "INFO", "Handling signal: term");
            gunicorn(kernel, 1, "INFO", "Shutting down: Master");
            return Step::Exit(0);
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            let voter = request.cookie("voter_id");
            let voter = voter.unwrap_or_else(|| format!("{:x}", kernel.random().below(1 << 60)));
            match (&*request.path(), &*request.method) {
                ("/", "POST") => {
                    let vote = request.field("vote").unwrap_or_default();
                    gunicorn(kernel, 7, "INFO", &format!("Received vote for {vote}"));
                    // As Python's `json.dumps` writes it.
                    let [voter_id, vote] = [&voter, &vote].map(|text| json::to_string(&text.as_str().into()));
                    let told = format!("{{\"voter_id\": {voter_id}, \"vote\": {vote}}}");
                    let ask = Ask::new("redis", 6379, &[&["RPUSH", "votes", &told]]);
                    self.asks.push((client, request, voter, ask));
                }
                ("/", _) => {
                    let page = page(kernel, "");
                    self.reply(kernel, client, &request, &voter, Response::new(200, PAGE, page));
                }
                _ => {
                    let missing = Response::new(404, PAGE, NOT_FOUND);
                    self.reply(kernel, client, &request, &voter, missing);
                }
            }
        }
        let mut wait = self.connections.wait();
        for (client, request, voter, mut ask) in std::mem::take(&mut self.asks) {
            let response = match ask.step(kernel) {
                Asked::Waits(own) => {
                    wait = both(wait, own);
                    self.asks.push((client, request, voter, ask));
                    continue;
                }
                Asked::Answered(_) => {
                    let vote = request.field("vote").unwrap_or_default();
                    Response::new(200, PAGE, page(kernel, &vote))
                }
                Asked::Failed(errno, _) => {
                    let why = format!("Error {} connecting to redis:6379. {errno}.", errno.number());
                    failed(kernel, &why)
                }
                Asked::Unknown(_) => {
                    failed(kernel, "Error -2 connecting to redis:6379. Name or service not known.")
                }
            };
            self.reply(kernel, client, &request, &voter, response);
        }
        wait.into()
    }

    fn reply(
        &mut self,
        kernel: &mut Kernel<'_>,
        client: Client,
        request: &Request,
        voter: &str,
        mut response: Response,
    ) {
        if response.status == 200 {
            response.headers.push(("Set-Cookie", format!("voter_id={voter}; Path=/")));
        }
        let status = response.status;
        let agent = request.header("User-Agent").unwrap_or("-").to_owned();
        let count = self.connections.reply(kernel, client, response);
        let (ip, line, date) = (request.ip(), request.line(), kernel.date().access_log());
        kernel.print(format!("{ip} - - [{date} +0000] \"{line}\" {status} {count} \"-\" \"{agent}\"\n"));
    }
}

const PAGE: &str = "text/html; charset=utf-8";
const NOT_FOUND: &str = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n";

/// A line of gunicorn's log, with the process that writes it.
pub(super) fn gunicorn(kernel: &mut Kernel<'_>, pid: u32, level: &str, text: &str) {
    let date = kernel.date().rfc3339().replace('T', " ").replace('Z', " +0000");
    kernel.complain(format!("[{date}] [{pid}] [{level}] {text}\n"));
}

fn failed(kernel: &mut Kernel<'_>, why: &str) -> Response {
    gunicorn(kernel, 7, "ERROR", "Exception on / [POST]");
    kernel.complain(format!(
        "Traceback (most recent call last):\n  (Saya does not show where)\nredis.exceptions.ConnectionError: {why}\n"
    ));
    let text = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n<p>The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application.</p>\n";
    Response::new(500, PAGE, text)
}

/// The page, with what was voted for marked.
fn page(kernel: &Kernel<'_>, vote: &str) -> String {
    let [a, b] = options(kernel);
    let host = kernel.hostname();
    let button = |own: &str, name: &str| {
        let mark = if own == vote { " ✓" } else { "" };
        format!(
            "<button id=\"{own}\" type=\"submit\" name=\"vote\" class=\"{own}\" value=\"{own}\">{name}{mark}</button>\n"
        )
    };
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>{a} vs {b}!</title>\n</head>\n<body>\n<h3>{a} vs {b}!</h3>\n<form id=\"choice\" name=\"form\" method=\"POST\" action=\"/\">\n{}{}</form>\n<p>(Tip: you can change your vote)</p>\n<p>Processed by container ID {host}</p>\n</body>\n</html>\n",
        button("a", &a),
        button("b", &b)
    )
}

/// A connection to the database, made again and again until it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Database {
    link: Option<Link>,
    connected: bool,
    rests: SimTime,
}

impl Database {
    /// Goes on connecting: true once it has, else what it waits for.
    fn connect(&mut self, kernel: &mut Kernel<'_>) -> Result<bool, Wait> {
        if self.connected {
            return Ok(false);
        }
        if kernel.now() < self.rests {
            return Err(Wait::until(self.rests));
        }
        let link = self.link.get_or_insert_with(|| {
            let mut link = Link::new(Library::MySql);
            link.host = "db".into();
            (link.port, link.silent) = (5432, true);
            for own in [&mut link.user, &mut link.password, &mut link.database] {
                "postgres".clone_into(own);
            }
            link
        });
        match link.connect(kernel)? {
            Ok(()) => {
                self.connected = true;
                Ok(true)
            }
            Err(_) => {
                self.link = None;
                self.rests = kernel.now() + Duration::from_secs(1);
                kernel.complain("Waiting for db\n");
                Err(Wait::until(self.rests))
            }
        }
    }

    fn ask(&mut self, kernel: &mut Kernel<'_>, statement: &str) {
        if let Some(link) = &mut self.link {
            link.ask(kernel, "query", statement);
        }
    }

    /// The answer; a lost connection is made again.
    fn answer(&mut self, kernel: &mut Kernel<'_>) -> Result<Answer, Wait> {
        let answer = self.link.as_mut().map_or(Ok(Answer::Lost), |link| link.answer(kernel))?;
        if matches!(answer, Answer::Lost) {
            (self.link, self.connected) = (None, false);
        }
        Ok(answer)
    }
}

/// The page of results, in Node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Count {
    begun: bool,
    connections: Connections,
    database: Database,
    /// Votes for the first and the second, as they were counted last.
    votes: [u64; 2],
    asked: bool,
    counts: SimTime,
}

impl Count {
    fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true) {
            if self.connections.listen(kernel, 80).is_err() {
                kernel.complain("Error: listen EADDRINUSE: address already in use :::80\n");
                return Step::Exit(1);
            }
            kernel.print("App running on port 80\n");
        }
        if kernel.take_signal().is_some() {
            return Step::Exit(0);
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            let response = match &*request.path() {
                "/" => Response::new(200, "text/html; charset=UTF-8", self.page(kernel)),
                path => {
                    let text = format!("Cannot {} {path}\n", request.method);
                    Response::new(404, PAGE, text)
                }
            };
            self.connections.reply(kernel, client, response);
        }
        let wait = self.connections.wait();
        match self.count(kernel) {
            Err(own) => both(wait, own).into(),
            Ok(()) => Step::Yield,
        }
    }

    /// Counts the votes once a second.
    fn count(&mut self, kernel: &mut Kernel<'_>) -> Result<(), Wait> {
        if self.database.connect(kernel)? {
            kernel.print("Connected to db\n");
        }
        if self.asked {
            let answer = self.database.answer(kernel)?;
            self.asked = false;
            self.counts = kernel.now() + Duration::from_secs(1);
            match answer {
                Answer::Rows(_, rows) => {
                    let of =
                        |name: &str| rows.iter().filter(|row| row[0].as_deref() == Some(name)).count() as u64;
                    self.votes = [of("a"), of("b")];
                }
                Answer::Error(_, _, why) => {
                    kernel.complain(format!("Error performing query: error: {why}\n"))
                }
                _ => {}
            }
        }
        if kernel.now() < self.counts {
            return Err(Wait::until(self.counts));
        }
        self.database.ask(kernel, "SELECT vote FROM votes");
        self.asked = true;
        Ok(())
    }

    fn page(&self, kernel: &Kernel<'_>) -> String {
        let [a, b] = options(kernel);
        let [first, second] = self.votes;
        let all = first + second;
        let percent = |votes: u64| if all == 0 { 50.0 } else { votes as f64 * 100.0 / all as f64 };
        let total = match all {
            0 => "No votes yet".to_owned(),
            1 => "1 vote".to_owned(),
            _ => format!("{all} votes"),
        };
        format!(
            "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>{a} vs {b} -- Result</title>\n</head>\n<body>\n<div>{a}: {:.1}%</div>\n<div>{b}: {:.1}%</div>\n<p>{total}</p>\n<p>(The page's own script, which moves these numbers as votes come in, is not simulated: load it again.)</p>\n</body>\n</html>\n",
            percent(first),
            percent(second)
        )
    }
}

/// The worker, in .NET.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Worker {
    database: Database,
    state: Carrying,
    /// It has told where Redis is.
    told: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
enum Carrying {
    #[default]
    Begins,
    Creates,
    Rests(SimTime),
    Looks(Box<Ask>),
    /// Sees whether the database is still there.
    Keeps,
    /// Who votes, for what, and whether that changes an older vote.
    Writes(String, String, bool),
}

/// How long it rests between two looks. The real one looks ten times a second, over one connection.
const REST: Duration = Duration::from_secs(1);

impl Worker {
    fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        loop {
            match self.go(kernel) {
                Ok(()) => {}
                Err(wait) => return wait.into(),
            }
        }
    }

    fn go(&mut self, kernel: &mut Kernel<'_>) -> Result<(), Wait> {
        if self.database.connect(kernel)? {
            kernel.complain("Connected to db\n");
            self.database.ask(
                kernel,
                "CREATE TABLE IF NOT EXISTS votes (id VARCHAR(255) NOT NULL UNIQUE, vote VARCHAR(255) NOT NULL)",
            );
            self.state = Carrying::Creates;
        }
        let state = std::mem::take(&mut self.state);
        self.state = match state {
            Carrying::Begins => Carrying::Rests(kernel.now()),
            Carrying::Creates => match self.database.answer(kernel) {
                Ok(_) => Carrying::Rests(kernel.now()),
                Err(wait) => return self.waits(Carrying::Creates, wait),
            },
            Carrying::Rests(until) if kernel.now() < until => {
                return self.waits(Carrying::Rests(until), Wait::until(until));
            }
            Carrying::Rests(_) => Carrying::Looks(Box::new(Ask::new("redis", 6379, &[&["LPOP", "votes"]]))),
            Carrying::Looks(mut ask) => match ask.step(kernel) {
                Asked::Waits(wait) => return self.waits(Carrying::Looks(ask), wait),
                Asked::Answered(answers) => {
                    if !std::mem::replace(&mut self.told, true) {
                        kernel.print("Connecting to redis\n");
                    }
                    let vote = match answers.into_iter().next() {
                        Some(Reply::Bulk(Some(text))) => json::from_str(&text).unwrap_or_default(),
                        _ => Value::Null,
                    };
                    let (voter, vote) =
                        (vote.get("voter_id").str().to_owned(), vote.get("vote").str().to_owned());
                    if voter.is_empty() {
                        self.database.ask(kernel, "SELECT 1");
                        Carrying::Keeps
                    } else {
                        kernel.print(format!("Processing vote for '{vote}' by '{voter}'\n"));
                        self.database.ask(
                            kernel,
                            &format!("INSERT INTO votes (id, vote) VALUES ('{voter}', '{vote}')"),
                        );
                        Carrying::Writes(voter, vote, false)
                    }
                }
                Asked::Failed(..) | Asked::Unknown(_) => {
                    kernel.complain(if self.told { "Reconnecting Redis\n" } else { "Waiting for redis\n" });
                    Carrying::Rests(kernel.now() + REST)
                }
            },
            Carrying::Keeps => match self.database.answer(kernel) {
                Ok(_) => Carrying::Rests(kernel.now() + REST),
                Err(wait) => return self.waits(Carrying::Keeps, wait),
            },
            Carrying::Writes(voter, vote, again) => match self.database.answer(kernel) {
                Err(wait) => return self.waits(Carrying::Writes(voter, vote, again), wait),
                // There is a vote of that voter already.
                Ok(Answer::Error(..)) if !again => {
                    self.database
                        .ask(kernel, &format!("UPDATE votes SET vote = '{vote}' WHERE id = '{voter}'"));
                    Carrying::Writes(voter, vote, true)
                }
                Ok(_) => Carrying::Rests(kernel.now()),
            },
        };
        Ok(())
    }

    fn waits(&mut self, state: Carrying, wait: Wait) -> Result<(), Wait> {
        self.state = state;
        Err(wait)
    }
}
