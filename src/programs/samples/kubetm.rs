//! The servers of kubetm's course (대세는 쿠버네티스): node's own `http`, without a look at SIGTERM.

use std::sync::Arc;
use std::time::Duration;

use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};
use crate::programs::http::{Client, Connections, Request, Response};

/// One of them that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kubetm {
    /// What its image is called, and the version of `app`.
    name: Arc<str>,
    version: Arc<str>,
    /// What `app` answers with, since it was told.
    status: u16,
    connections: Connections,
    /// Who waits until when, and for what.
    asleep: Vec<(SimTime, Client, String)>,
}

const LOG: &str = "/app.log";
const TERMINATION_LOG: &str = "/dev/termination-log";

impl Kubetm {
    /// The one that an executable's id stands for: `app:v2`, `p8000:latest`.
    pub fn load(id: &str) -> Option<Self> {
        let (name, version) = id.split_once(':')?;
        let connections = Connections::default();
        Some(Self {
            name: name.into(),
            version: version.into(),
            status: 200,
            connections,
            asleep: Vec::new(),
        })
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if &*self.name == "init" {
            return Wait::forever().into();
        }
        if self.connections.ports().is_empty() {
            let port = if &*self.name == "p8000" { 8000 } else { 8080 };
            if let Err(errno) = self.connections.listen(kernel, port) {
                let why = errno.text().to_lowercase();
                kernel.complain(format!("Error: listen EADDRINUSE: {why} :::{port}\n"));
                return Step::Exit(1);
            }
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            let text = match &*self.name {
                "app" => match self.answer(kernel, client, &request) {
                    Answer::Now(text) => text,
                    Answer::Later => continue,
                    Answer::Exit => return Step::Exit(0),
                },
                "p8000" => "containerPort : 8000\n".to_owned(),
                "p8080" => "containerPort : 8080\n".to_owned(),
                "shopping" => "Shopping Service.\n".to_owned(),
                "customer" => "Customer Service.\n".to_owned(),
                _ => "Order Service.\n".to_owned(),
            };
            self.reply(kernel, client, text);
        }
        let now = kernel.now();
        let (awake, asleep) = std::mem::take(&mut self.asleep).into_iter().partition(|(at, ..)| *at <= now);
        self.asleep = asleep;
        let awake: Vec<_> = awake;
        for (_, client, text) in awake {
            self.reply(kernel, client, text);
        }
        self.connections.wait().or_until(self.asleep.iter().map(|(at, ..)| *at).min()).into()
    }

    fn reply(&mut self, kernel: &mut Kernel<'_>, client: Client, text: String) {
        self.connections.reply(kernel, client, Response::new(self.status, "text/plain", text));
    }

    /// What `app` answers: the first word that its path holds decides.
    fn answer(&mut self, kernel: &mut Kernel<'_>, client: Client, request: &Request) -> Answer {
        let (host, path) = (kernel.hostname(), request.path());
        let line = format!("Time: {}, Response Path : {path}\n", kernel.date().javascript());
        kernel.print(line.as_str());
        let mut log = kernel.files().read(LOG).map(|bytes| bytes.to_vec()).unwrap_or_default();
        log.extend(line.as_bytes());
        let _ = kernel.files().write(LOG, log, 0o644);
        let has = |word: &str| path.contains(word);
        Answer::Now(match () {
            () if has("favicon") => String::new(),
            () if has("hostname") => format!("Hostname : {host}\n"),
            () if has("version") => format!("Version : v{}\n", self.version),
            () if has("ingress1") || has("ingress2") => format!("Hostname : {host}\n"),
            () if has("health") && self.status == 500 => format!("{host} : Internal Server Error\n"),
            () if has("health") => format!("{host} is Running\n"),
            () if has("status") => {
                // The answer that tells of the change is still of the status before it.
                let before = std::mem::replace(&mut self.status, if has("500") { 500 } else { 200 });
                let text = format!("Status Code has Changed to {}\n", self.status);
                self.connections.reply(kernel, client, Response::new(before, "text/plain", text));
                return Answer::Later;
            }
            () if has("sleep") => {
                let seconds = match () {
                    () if has("30") => 30,
                    () if has("100") => 100,
                    () => return Answer::Later,
                };
                let at = kernel.now() + Duration::from_secs(seconds);
                self.asleep.push((at, client, format!("Sleep {seconds}\n")));
                return Answer::Later;
            }
            () if has("termination") => {
                let _ = kernel.files().write(
                    TERMINATION_LOG,
                    "User called process.exit()".as_bytes().to_vec(),
                    0o644,
                );
                return Answer::Exit;
            }
            () => "No defined Path.\n".to_owned(),
        })
    }
}

enum Answer {
    Now(String),
    /// It was given, or comes when a sleep is over, or never.
    Later,
    Exit,
}
