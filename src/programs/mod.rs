//! What images hold beyond the usual tools: servers and their clients, the scripts they start with, package managers.

mod agnhost;
mod apache;
mod entrypoint;
pub(crate) mod flags;
pub(crate) mod http;
pub(crate) mod klog;
pub mod kubectl;
mod memcached;
mod mongo;
mod mysql;
mod mysqld;
mod nginx;
mod oneliner;
pub(crate) mod outward;
mod packages;
mod perl;
mod phpmyadmin;
mod postgres;
mod redis;
mod samples;
mod script;
mod sql;
mod stay;
mod stress;
mod tini;
mod tomcat;
mod web;
mod wordpress;

pub use nginx::balancer::BACKENDS;
pub use nginx::packaged::{
    CONFIGURATION as NGINX_CONFIGURATION, DEFAULT as NGINX_DEFAULT,
    OLD_CONFIGURATION as NGINX_OLD_CONFIGURATION, TYPES as NGINX_TYPES,
};
pub use stress::memory_of;

use crate::container::kernel::Kernel;
use crate::container::program::{NOT_KNOWN, Step};

/// A program that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Software(Box<Running>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Running {
    AzureVote(Box<samples::AzureVote>),
    Apache(apache::Site),
    DockerCoins(samples::Part),
    Dwk(samples::Dwk),
    Entrypoint(entrypoint::Entrypoint),
    Fastify(samples::Fastify),
    Fortune,
    Demo(samples::Demo),
    GoServer(samples::GoServer),
    Guestbook(samples::Guestbook),
    HelloWorld,
    Httpbin(samples::Httpbin),
    IbmGuestbook(Box<samples::IbmGuestbook>),
    NotKnown,
    NotSimulated,
    Kiada(Box<samples::Kiada>),
    Kuard(Box<samples::Kuard>),
    Kubetm(samples::Kubetm),
    Memcached(memcached::Memcached),
    Mongo(mongo::Shell),
    MongoExpress(Box<mongo::Express>),
    Mongod(mongo::Server),
    Mysql(mysql::Client),
    Mysqld(mysqld::Mysqld),
    Nginx(nginx::Nginx),
    Installer(packages::Installer),
    Interpreter(script::Interpreter),
    Pause(stay::Pause),
    Perl(perl::Perl),
    PhpMyAdmin(phpmyadmin::PhpMyAdmin),
    Postgres(postgres::Server),
    Psql(postgres::Psql),
    RedisCli(redis::Cli),
    RedisServer(redis::Server),
    Simple(samples::Simple),
    Stress(stress::Stress),
    Tini(tini::Tini),
    Tomcat(tomcat::Tomcat),
    VishStress(stress::VishStress),
    Voting(samples::Voting),
    Web(web::Web),
    WordPress(wordpress::WordPress),
}

impl Software {
    /// The program that an executable's id stands for.
    pub fn load(id: &str) -> Option<Self> {
        let entry = |kind| Running::Entrypoint(entrypoint::Entrypoint::new(kind));
        let web = |kind| Running::Web(web::Web::new(kind));
        Some(Self(Box::new(match id {
            "apache" => Running::Apache(apache::Site::default()),
            "apk" => Running::Installer(packages::Installer::new(false)),
            "apt" => Running::Installer(packages::Installer::new(true)),
            "agnhost" => web(web::Kind::Agnhost),
            "agnhost-liveness" => web(web::Kind::Liveness),
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
            "entry/wordpress" => entry(entrypoint::Kind::WordPress),
            "fastify/counter" => Running::Fastify(samples::Fastify::new(true)),
            "fastify/echo" => Running::Fastify(samples::Fastify::new(false)),
            "fortune" => Running::Fortune,
            "demo" => Running::Demo(samples::Demo::New),
            "guestbook" => Running::Guestbook(samples::Guestbook::default()),
            "hello-world" => Running::HelloWorld,
            "http-echo" => web(web::Kind::HttpEcho),
            "httpd" => web(web::Kind::Httpd),
            "mariadbd" => Running::Mysqld(mysqld::Mysqld::new(true)),
            "memcached" => Running::Memcached(memcached::Memcached::default()),
            "mongo" => Running::Mongo(mongo::Shell::new(true)),
            "mongo-express" => Running::MongoExpress(Box::default()),
            "mongod" => Running::Mongod(mongo::Server::default()),
            "mongosh" => Running::Mongo(mongo::Shell::new(false)),
            "mysql" => Running::Mysql(mysql::Client::new(mysql::Library::Maria)),
            "mysql8" => Running::Mysql(mysql::Client::new(mysql::Library::MySql)),
            "mysqld" => Running::Mysqld(mysqld::Mysqld::new(false)),
            "httpbin" => Running::Httpbin(samples::Httpbin::default()),
            "azure-vote" => Running::AzureVote(Box::default()),
            "nginx" => Running::Nginx(nginx::Nginx::default()),
            NOT_KNOWN => Running::NotKnown,
            "not-simulated" => Running::NotSimulated,
            "node" | "php" | "python3" | "ruby" => Running::Interpreter(script::Interpreter::default()),
            "pause" => Running::Pause(stay::Pause::default()),
            "perl" => Running::Perl(perl::Perl::default()),
            "phpmyadmin" => Running::PhpMyAdmin(phpmyadmin::PhpMyAdmin::default()),
            "postgres" => Running::Postgres(postgres::Server::default()),
            "psql" => Running::Psql(postgres::Psql::default()),
            "python-http" => web(web::Kind::Python),
            "redis-cli" => Running::RedisCli(redis::Cli::default()),
            "redis-server" => Running::RedisServer(redis::Server::default()),
            "stress" => Running::Stress(stress::Stress::default()),
            "vish-stress" => Running::VishStress(stress::VishStress::default()),
            "tini" => Running::Tini(tini::Tini::default()),
            "tomcat" => Running::Tomcat(tomcat::Tomcat::default()),
            "whoami" => web(web::Kind::Whoami),
            "wordpress" => Running::WordPress(wordpress::WordPress::default()),
            _ => match id.split_once('/')? {
                ("voting", part) => Running::Voting(samples::Voting::load(part)?),
                ("dockercoins", part) => Running::DockerCoins(samples::Part::load(part)?),
                ("dwk", own) => Running::Dwk(samples::Dwk::load(own)?),
                ("go", own) => Running::GoServer(samples::GoServer::load(own)?),
                ("ibm-guestbook", tag) => Running::IbmGuestbook(Box::new(samples::IbmGuestbook::new(tag))),
                ("kiada", version) => Running::Kiada(Box::new(samples::Kiada::new(version))),
                ("kuard", version) => Running::Kuard(Box::new(samples::Kuard::new(version))),
                ("kubetm", own) => Running::Kubetm(samples::Kubetm::load(own)?),
                ("sample", own) => Running::Simple(samples::Simple::load(own)?),
                _ => return None,
            },
        })))
    }

    /// Goes on until it must wait.
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        match &mut *self.0 {
            Running::Apache(own) => own.step(kernel),
            Running::DockerCoins(own) => own.step(kernel),
            Running::Dwk(own) => own.step(kernel),
            Running::Entrypoint(own) => own.step(kernel),
            Running::Fastify(own) => own.step(kernel),
            Running::Fortune => Step::Exit(stay::fortune(kernel)),
            Running::AzureVote(own) => own.step(kernel),
            Running::Demo(own) => own.step(kernel),
            Running::GoServer(own) => own.step(kernel),
            Running::Guestbook(own) => own.step(kernel),
            Running::Httpbin(own) => own.step(kernel),
            Running::IbmGuestbook(own) => own.step(kernel),
            Running::Kiada(own) => own.step(kernel),
            Running::Kuard(own) => own.step(kernel),
            Running::Kubetm(own) => own.step(kernel),
            Running::HelloWorld => Step::Exit(stay::hello(kernel)),
            Running::Mongo(own) => own.step(kernel),
            Running::Memcached(own) => own.step(kernel),
            Running::MongoExpress(own) => own.step(kernel),
            Running::Mongod(own) => own.step(kernel),
            Running::Mysql(own) => own.step(kernel),
            Running::Mysqld(own) => own.step(kernel),
            Running::Nginx(own) => own.step(kernel),
            Running::NotKnown => {
                let name = kernel.argv().first().cloned().unwrap_or_default();
                kernel.complain(format!("(Saya does not know what {name} does in this image.)\n"));
                Step::Exit(0)
            }
            Running::NotSimulated => {
                let name = kernel.argv().first().cloned().unwrap_or_default();
                kernel.complain(format!("{name}: Saya does not simulate this program.\n"));
                Step::Exit(1)
            }
            Running::Installer(own) => own.step(kernel),
            Running::Interpreter(own) => own.step(kernel),
            Running::Pause(own) => own.step(kernel),
            Running::Simple(own) => own.step(kernel),
            Running::Perl(own) => own.step(kernel),
            Running::PhpMyAdmin(own) => own.step(kernel),
            Running::Postgres(own) => own.step(kernel),
            Running::Psql(own) => own.step(kernel),
            Running::RedisCli(own) => own.step(kernel),
            Running::RedisServer(own) => own.step(kernel),
            Running::Stress(own) => own.step(kernel),
            Running::Tini(own) => own.step(kernel),
            Running::Tomcat(own) => own.step(kernel),
            Running::VishStress(own) => own.step(kernel),
            Running::Voting(own) => own.step(kernel),
            Running::Web(own) => own.step(kernel),
            Running::WordPress(own) => own.step(kernel),
        }
    }
}
