//! What images hold beyond the usual tools: servers and their clients, the scripts they start with, package managers.

mod agnhost;
mod entrypoint;
pub(crate) mod http;
mod mysql;
mod mysqld;
mod nginx;
pub(crate) mod outward;
mod packages;
mod phpmyadmin;
mod postgres;
mod redis;
mod sample;
mod script;
mod sql;
mod stay;
mod web;

pub use nginx::packaged::{CONFIGURATION as NGINX_CONFIGURATION, DEFAULT as NGINX_DEFAULT};
pub use stay::memory_of;

use crate::container::kernel::Kernel;
use crate::container::program::Step;

/// A program that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Software(Box<Running>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Running {
    Entrypoint(entrypoint::Entrypoint),
    HelloWorld,
    NotSimulated,
    Mysql(mysql::Client),
    Mysqld(mysqld::Mysqld),
    Nginx(nginx::Nginx),
    Installer(packages::Installer),
    Interpreter(script::Interpreter),
    Pause(stay::Pause),
    PhpMyAdmin(phpmyadmin::PhpMyAdmin),
    Postgres(postgres::Server),
    Psql(postgres::Psql),
    RedisCli(redis::Cli),
    RedisServer(redis::Server),
    Sample(sample::Sample),
    Stress(stay::Stress),
    Web(web::Web),
}

impl Software {
    /// The program that an executable's id stands for.
    pub fn load(id: &str) -> Option<Self> {
        let entry = |kind| Running::Entrypoint(entrypoint::Entrypoint::new(kind));
        let sample = |kind| Running::Sample(sample::Sample::new(kind));
        let web = |kind| Running::Web(web::Web::new(kind));
        Some(Self(Box::new(match id {
            "apk" => Running::Installer(packages::Installer::new(false)),
            "apt" => Running::Installer(packages::Installer::new(true)),
            "agnhost" => web(web::Kind::Agnhost),
            "busybox-httpd" => web(web::Kind::BusyBox),
            "echo-server" => web(web::Kind::EchoServer),
            "echoserver" => web(web::Kind::Echoserver),
            "entry/curl" => entry(entrypoint::Kind::Curl),
            "entry/mariadb" => entry(entrypoint::Kind::MariaDb),
            "entry/mysql" => entry(entrypoint::Kind::MySql),
            "entry/nginx" => entry(entrypoint::Kind::Nginx),
            "entry/node" => entry(entrypoint::Kind::Node),
            "entry/phpmyadmin" => entry(entrypoint::Kind::PhpMyAdmin),
            "entry/plain" => entry(entrypoint::Kind::Plain),
            "entry/postgres" => entry(entrypoint::Kind::Postgres),
            "entry/redis" => entry(entrypoint::Kind::Redis),
            "entry/tini" => entry(entrypoint::Kind::Tini),
            "hello-world" => Running::HelloWorld,
            "http-echo" => web(web::Kind::HttpEcho),
            "httpd" => web(web::Kind::Httpd),
            "mariadbd" => Running::Mysqld(mysqld::Mysqld::new(true)),
            "mysql" => Running::Mysql(mysql::Client::new(mysql::Library::Maria)),
            "mysql8" => Running::Mysql(mysql::Client::new(mysql::Library::MySql)),
            "mysqld" => Running::Mysqld(mysqld::Mysqld::new(false)),
            "nginx" => Running::Nginx(nginx::Nginx::default()),
            "not-simulated" => Running::NotSimulated,
            "node" | "php" | "python3" => Running::Interpreter(script::Interpreter::default()),
            "pause" => Running::Pause(stay::Pause::default()),
            "phpmyadmin" => Running::PhpMyAdmin(phpmyadmin::PhpMyAdmin::default()),
            "postgres" => Running::Postgres(postgres::Server::default()),
            "psql" => Running::Psql(postgres::Psql::default()),
            "python-http" => web(web::Kind::Python),
            "redis-cli" => Running::RedisCli(redis::Cli::default()),
            "redis-server" => Running::RedisServer(redis::Server::default()),
            "sample/bootcamp" => sample(sample::Kind::Bootcamp),
            "sample/hello-app" => sample(sample::Kind::HelloApp),
            "sample/hpa-example" => sample(sample::Kind::HpaExample),
            "sample/serve-hostname" => sample(sample::Kind::ServeHostname),
            "stress" => Running::Stress(stay::Stress::default()),
            "whoami" => web(web::Kind::Whoami),
            _ => return None,
        })))
    }

    /// Goes on until it must wait.
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        match &mut *self.0 {
            Running::Entrypoint(own) => own.step(kernel),
            Running::HelloWorld => Step::Exit(stay::hello(kernel)),
            Running::Mysql(own) => own.step(kernel),
            Running::Mysqld(own) => own.step(kernel),
            Running::Nginx(own) => own.step(kernel),
            Running::NotSimulated => {
                let name = kernel.argv().first().cloned().unwrap_or_default();
                kernel.complain(format!("{name}: Saya does not simulate this program.\n"));
                Step::Exit(1)
            }
            Running::Installer(own) => own.step(kernel),
            Running::Interpreter(own) => own.step(kernel),
            Running::Pause(own) => own.step(kernel),
            Running::Sample(own) => own.step(kernel),
            Running::PhpMyAdmin(own) => own.step(kernel),
            Running::Postgres(own) => own.step(kernel),
            Running::Psql(own) => own.step(kernel),
            Running::RedisCli(own) => own.step(kernel),
            Running::RedisServer(own) => own.step(kernel),
            Running::Stress(own) => own.step(kernel),
            Running::Web(own) => own.step(kernel),
        }
    }
}
