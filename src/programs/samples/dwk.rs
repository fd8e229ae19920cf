//! The University of Helsinki's course DevOps with Kubernetes: what its chapters deploy, on node and Koa.

use std::time::Duration;

use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};
use crate::programs::http::{Connections, Request, Response};

/// Which of them it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// dwk-app1: a word every five seconds.
    Hashes,
    /// dwk-app2: a word since it began, and one for each request.
    HashResponse,
    /// dwk-app8, whose tags are a way to fail each.
    Flaky(Flaky),
}

/// When dwk-app8 fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Flaky {
    Working,
    Broken,
    /// One time in ten, and from then on.
    Random,
    /// Twenty seconds after it was asked.
    DelayedBroken,
}

const WAYS: &[(&str, Flaky)] = &[
    ("working", Flaky::Working),
    ("broken", Flaky::Broken),
    ("delayed_broken", Flaky::DelayedBroken),
    ("random", Flaky::Random),
];

/// One of them that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dwk {
    kind: Kind,
    begun: bool,
    /// The word it began with.
    word: String,
    dead: bool,
    /// When it does what it put off, in order.
    timers: Vec<SimTime>,
    connections: Connections,
}

impl Dwk {
    /// The one that an executable's id stands for: `flaky:v2`.
    pub fn load(id: &str) -> Option<Self> {
        let kind = match id.split_once(':') {
            None if id == "hashes" => Kind::Hashes,
            None if id == "hash-response" => Kind::HashResponse,
            Some(("flaky", tag)) => Kind::Flaky(match tag {
                "v1" | "v5" => Flaky::Working,
                "v2" => Flaky::Broken,
                "v4" => Flaky::DelayedBroken,
                _ => Flaky::Random,
            }),
            _ => return None,
        };
        let (word, timers, connections) = <_>::default();
        Some(Self { kind, begun: false, word, dead: false, timers, connections })
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !self.begun {
            self.begun = true;
            if let Err(status) = self.begin(kernel) {
                return Step::Exit(status);
            }
        }
        while self.timers.first().is_some_and(|at| *at <= kernel.now()) {
            self.timers.remove(0);
            match self.kind {
                Kind::Hashes => self.say_word(kernel),
                _ => {
                    self.dead = true;
                    kernel.print("I died\n");
                }
            }
        }
        if self.kind == Kind::Hashes {
            return Wait::default().or_until(self.timers.first().copied()).into();
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            let (status, text) = self.answer(kernel, &request);
            self.connections.reply(kernel, client, Response::new(status, "text/plain; charset=utf-8", text));
        }
        self.connections.wait().or_until(self.timers.first().copied()).into()
    }

    /// Listens, and says so as it does.
    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Result<(), u8> {
        let port = match &mut self.kind {
            Kind::Hashes => {
                self.say_word(kernel);
                return Ok(());
            }
            // Its port is told in the variable of the environment's name.
            Kind::HashResponse => {
                kernel.variable("NODE_ENV").and_then(|own| own.parse().ok()).unwrap_or(3000)
            }
            Kind::Flaky(way) => {
                let told = kernel.variable("VERSION");
                let told = told.and_then(|own| WAYS.iter().find(|(name, _)| *name == &*own));
                *way = told.map_or(*way, |(_, told)| *told);
                3541
            }
        };
        if let Err(errno) = self.connections.listen(kernel, port) {
            let why = errno.to_string().to_lowercase();
            kernel.complain(format!("Error: listen EADDRINUSE: {why} :::{port}\n"));
            return Err(1);
        }
        match self.kind {
            Kind::Flaky(way) => {
                self.dead = self.dies(kernel, way);
                let name = WAYS.iter().find(|(_, own)| *own == way).map_or("", |(name, _)| name);
                kernel.print(format!("Version {name} started in port {port}\n"));
            }
            _ => {
                self.word = word(kernel);
                kernel.print(format!("Started with {}\n", self.word));
            }
        }
        Ok(())
    }

    fn say_word(&mut self, kernel: &mut Kernel<'_>) {
        let word = word(kernel);
        kernel.print(format!("{word}\n"));
        self.timers.push(kernel.now() + Duration::from_secs(5));
    }

    /// Whether it is dead from now on: asked as it begins and after each question about its health.
    fn dies(&mut self, kernel: &mut Kernel<'_>, way: Flaky) -> bool {
        match way {
            _ if self.dead => true,
            Flaky::Working => false,
            Flaky::Broken => true,
            Flaky::DelayedBroken => {
                kernel.print("Will die soon\n");
                self.timers.push(kernel.now() + Duration::from_secs(20));
                false
            }
            Flaky::Random => {
                let dead = kernel.random().below(10) == 9;
                kernel.print(if dead { "Luck was not on our side\n" } else { "Luckily we survived\n" });
                dead
            }
        }
    }

    fn answer(&mut self, kernel: &mut Kernel<'_>, request: &Request) -> (u16, String) {
        let Kind::Flaky(way) = self.kind else {
            let now = word(kernel);
            kernel.print(format!("--------------------\nResponding with {now}\n"));
            return (200, format!("{}: {now}", self.word));
        };
        let status = if self.dead { 500 } else { 200 };
        let text = match &*request.path() {
            "/" if self.dead => "broken",
            "/" => "app works",
            // Koa's own words where there is a status alone.
            "/healthz" => {
                kernel.print(format!("Received a request to healthz and responding with status {status}\n"));
                self.dead = self.dies(kernel, way);
                if status == 500 { "Internal Server Error" } else { "OK" }
            }
            _ => return (404, "Not Found".to_owned()),
        };
        (status, text.to_owned())
    }
}

/// Six letters and digits.
fn word(kernel: &mut Kernel<'_>) -> String {
    (0..6).filter_map(|_| char::from_digit(kernel.random().below(36) as u32, 36)).collect()
}
