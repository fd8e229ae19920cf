//! phpMyAdmin under Apache: the login page, and behind it the databases and tables that the server has.

mod page;
mod words;

use std::collections::BTreeMap;
use std::time::Duration;

use super::apache::Apache;
use super::http::{Client, Request, Response};
use super::mysql::{Answer, Library, Link, Refused};
use super::outward::both;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use page::page;
use words::{LANGUAGES, Words};

/// A running Apache with phpMyAdmin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PhpMyAdmin {
    apache: Apache,
    /// Who is logged in, by the cookie.
    sessions: BTreeMap<String, Account>,
    busy: Vec<Busy>,
}

/// With what somebody is logged in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Account {
    server: Server,
    user: String,
    password: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Server {
    host: String,
    port: String,
    verbose: String,
}

impl Server {
    fn title(&self) -> String {
        if self.verbose.is_empty() { self.host.clone() } else { self.verbose.clone() }
    }
}

/// A request that waits for the database.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Busy {
    client: Client,
    request: Request,
    account: Account,
    link: Link,
    /// What is still to be asked, and what was answered.
    questions: Vec<String>,
    answers: Vec<(String, Answer)>,
    connected: bool,
    asked: Option<String>,
    logs_in: bool,
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn words(request: &Request) -> &'static Words {
    let cookie = request.cookie("pma_lang");
    let asked = request.field("lang").or(cookie);
    let accepted = request.header("accept-language").unwrap_or_default();
    let code = asked.unwrap_or_else(|| accepted.split([',', ';', '-']).next().unwrap_or_default().to_owned());
    LANGUAGES.iter().find(|own| own.code == code).unwrap_or(&LANGUAGES[0])
}

/// What the environment of the image sets.
struct Settings {
    servers: Vec<Server>,
    arbitrary: bool,
    /// An account that everybody is logged in with.
    account: Option<(String, String)>,
    empty_password: bool,
    patience: Duration,
    version: String,
}

fn settings(kernel: &mut Kernel<'_>) -> Settings {
    let var = |name: &str| kernel.variable(name).map(|text| text.to_string()).filter(|text| !text.is_empty());
    let arbitrary = var("PMA_ARBITRARY").is_some_and(|text| text != "0");
    let list = |one: &str, many: &str| match (var(one), var(many)) {
        (Some(one), _) => vec![one],
        (None, Some(many)) => many.split(',').map(|text| text.trim().to_owned()).collect(),
        _ => Vec::new(),
    };
    let (mut hosts, ports, verbose) =
        (list("PMA_HOST", "PMA_HOSTS"), list("PMA_PORT", "PMA_PORTS"), list("PMA_VERBOSE", "PMA_VERBOSES"));
    if hosts.is_empty() {
        hosts.push("db".into());
    }
    let at = |list: &[String], at: usize| list.get(at).cloned().unwrap_or_default();
    let servers = hosts
        .iter()
        .enumerate()
        .map(|(number, host)| Server {
            host: host.clone(),
            port: at(&ports, number),
            verbose: at(&verbose, number),
        })
        .collect();
    let account = var("PMA_USER").map(|user| (user, var("PMA_PASSWORD").unwrap_or_default()));
    let version = var("VERSION").unwrap_or_else(|| "5.2.3".into());
    let mut text = |path: &str| {
        let bytes = kernel.files().read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let own = text("/etc/phpmyadmin/config.user.inc.php");
    let timeout = text("/usr/local/etc/php/php.ini").lines().find_map(|line| {
        line.strip_prefix("default_socket_timeout")?.trim_start_matches([' ', '=']).trim().parse().ok()
    });
    Settings {
        servers,
        arbitrary,
        account,
        empty_password: !own.replace(' ', "").contains("['AllowNoPassword']=false"),
        patience: Duration::from_secs(timeout.unwrap_or(60)),
        version,
    }
}

impl PhpMyAdmin {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if let Some(end) = self.apache.step(kernel) {
            return end;
        }
        while let Some((client, request)) = self.apache.connections.next(kernel) {
            self.take(kernel, client, request);
        }
        let mut wait = self.apache.wait();
        for mut busy in std::mem::take(&mut self.busy) {
            match busy.step(kernel) {
                Err(own) => {
                    wait = both(wait, own);
                    self.busy.push(busy);
                }
                Ok(result) => self.done(kernel, busy, result),
            }
        }
        wait.into()
    }

    fn take(&mut self, kernel: &mut Kernel<'_>, client: Client, request: Request) {
        let path = request.path();
        if path != "/" && path != "/index.php" {
            let response = self.apache.file(kernel, &request, &path);
            return self.apache.reply(kernel, client, &request, response);
        }
        let settings = settings(kernel);
        let route = request.field("route").unwrap_or_default();
        let known = request.cookie("phpMyAdmin").and_then(|id| self.sessions.get(&id).cloned());
        if route == "/logout" {
            if let Some(id) = request.cookie("phpMyAdmin") {
                self.sessions.remove(&id);
            }
            let mut response = Response::new(302, "text/html; charset=utf-8", "");
            response.headers.push(("Location", "index.php?route=/".into()));
            return self.apache.reply(kernel, client, &request, response);
        }
        let mut logs_in = false;
        let number = request.field("server").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1);
        let configured =
            settings.servers.get(number.max(1) - 1).or(settings.servers.first()).cloned().unwrap_or_default();
        let account = match (request.field("pma_username"), known, settings.account.clone()) {
            (Some(user), _, None) if request.method == "POST" => {
                let password = request.field("pma_password").unwrap_or_default();
                if password.is_empty() && !settings.empty_password {
                    let page =
                        self.login(&settings, &request, &[words(&request).no_password.to_owned()], kernel);
                    return self.apache.reply(kernel, client, &request, page);
                }
                logs_in = true;
                let typed = request.field("pma_servername").unwrap_or_default();
                let server = match settings.arbitrary && !typed.trim().is_empty() {
                    true => {
                        // Host and port may stand apart by a colon or a space.
                        let mut parts = typed.trim().split([':', ' ']);
                        let host = parts.next().unwrap_or_default().to_owned();
                        Server {
                            host,
                            port: parts.next().unwrap_or_default().to_owned(),
                            verbose: String::new(),
                        }
                    }
                    false => configured,
                };
                Account { server, user, password }
            }
            (_, Some(account), None) => account,
            (_, _, Some((user, password))) => Account { server: configured, user, password },
            _ => {
                let page = self.login(&settings, &request, &[], kernel);
                return self.apache.reply(kernel, client, &request, page);
            }
        };
        let mut questions = vec!["SHOW DATABASES".to_owned(), "SELECT VERSION(), USER()".to_owned()];
        let quoted = |text: &str| format!("`{}`", text.replace('`', ""));
        if let Some(database) = request.field("db").filter(|name| !name.is_empty()) {
            questions.push(format!("SHOW TABLES FROM {}", quoted(&database)));
            if let Some(table) = request.field("table").filter(|name| !name.is_empty()) {
                questions.push(format!("SELECT * FROM {}.{} LIMIT 25", quoted(&database), quoted(&table)));
            }
        }
        if let Some(query) = request.field("sql_query").filter(|text| !text.trim().is_empty()) {
            if let Some(database) = request.field("db").filter(|name| !name.is_empty()) {
                questions.push(format!("USE {}", quoted(&database)));
            }
            questions.push(query.trim().trim_end_matches(';').to_owned());
        }
        let server = account.server.clone();
        let local = server.host == "localhost";
        let mut link = Link::new(Library::Php);
        link.host = server.host;
        link.port = server.port.parse().unwrap_or(3306);
        link.socket = local.then(|| super::mysqld::SOCKET.to_owned());
        link.user = account.user.clone();
        link.password = account.password.clone();
        link.patience = Some(settings.patience);
        self.busy.push(Busy {
            client,
            request,
            account,
            link,
            questions: if logs_in { Vec::new() } else { questions },
            answers: Vec::new(),
            connected: false,
            asked: None,
            logs_in,
        });
    }

    fn done(&mut self, kernel: &mut Kernel<'_>, busy: Busy, result: Result<(), Refused>) {
        let settings = settings(kernel);
        let Busy { client, request, account, answers, logs_in, .. } = busy;
        let response = match result {
            Err(refused) => {
                let words = words(&request);
                let call = "mysqli::real_connect():";
                let mut alerts = vec![words.cannot.to_owned()];
                if refused.unknown.is_some() {
                    alerts.push(format!("{call} {}", refused.text));
                }
                alerts.push(format!("{call} (HY000/{}): {}", refused.code, refused.text));
                self.login(&settings, &request, &alerts, kernel)
            }
            Ok(()) if logs_in => {
                let id = kernel.random().hex(32);
                self.sessions.insert(id.clone(), account);
                let mut response = Response::new(302, "text/html; charset=utf-8", "");
                response
                    .headers
                    .push(("Set-Cookie", format!("phpMyAdmin={id}; path=/; HttpOnly; SameSite=Strict")));
                response.headers.push((
                    "Set-Cookie",
                    format!("pma_lang={}; path=/; HttpOnly; SameSite=Strict", words(&request).code),
                ));
                response.headers.push(("Location", "index.php?route=/".into()));
                response
            }
            Ok(()) => page(&settings, &request, &account, &answers),
        };
        self.apache.reply(kernel, client, &request, response);
    }

    /// The login page.
    fn login(
        &self,
        settings: &Settings,
        request: &Request,
        alerts: &[String],
        kernel: &mut Kernel<'_>,
    ) -> Response {
        let words = words(request);
        let (token, session) = (kernel.random().hex(32), kernel.random().hex(32));
        let mut body = format!(
            "<!doctype html>\n<html lang=\"{}\" dir=\"ltr\">\n<head>\n  <meta charset=\"utf-8\">\n  <title>phpMyAdmin</title>\n</head>\n<body id=\"loginform\">\n<div class=\"container\">\n<h1>{}</h1>\n",
            words.code, words.welcome
        );
        for alert in alerts {
            body.push_str(&format!(
                "<div class=\"alert alert-danger\" role=\"alert\">{}</div>\n",
                escape(alert)
            ));
        }
        body.push_str("<div class=\"hide\" id=\"js-https-mismatch\"></div>\n<form method=\"get\" action=\"index.php?route=/\" class=\"disableAjax\"><select name=\"lang\" class=\"autosubmit\">");
        for own in LANGUAGES {
            let name = match own.code {
                "ja" => "日本語 - Japanese",
                "ko" => "한국어 - Korean",
                _ => "English",
            };
            let chosen = if own.code == words.code { " selected=\"selected\"" } else { "" };
            body.push_str(&format!("<option value=\"{}\"{chosen}>{name}</option>", own.code));
        }
        body.push_str(&format!(
            "</select></form>\n<form method=\"post\" id=\"login_form\" action=\"index.php?route=/\" name=\"login_form\" class=\"disableAjax hide js-show\">\n<input type=\"hidden\" name=\"route\" value=\"/\"><input type=\"hidden\" name=\"lang\" value=\"{}\"><input type=\"hidden\" name=\"token\" value=\"{token}\">\n<input type=\"hidden\" name=\"set_session\" value=\"{session}\">\n<div class=\"card mb-4\">\n<div class=\"card-header\">{}</div>\n<div class=\"card-body\">\n",
            words.code, words.log_in
        ));
        let typed = request.field("pma_servername").unwrap_or_default();
        if settings.arbitrary {
            body.push_str(&format!(
                "<label for=\"serverNameInput\">{}</label>\n<input type=\"text\" name=\"pma_servername\" id=\"serverNameInput\" value=\"{}\" size=\"24\">\n",
                words.server,
                escape(&typed)
            ));
        }
        let user = request.field("pma_username").unwrap_or_default();
        body.push_str(&format!(
            "<label for=\"input_username\">{}</label>\n<input type=\"text\" name=\"pma_username\" id=\"input_username\" value=\"{}\" size=\"24\">\n<label for=\"input_password\">{}</label>\n<input type=\"password\" name=\"pma_password\" id=\"input_password\" value=\"\" size=\"24\">\n",
            words.user,
            escape(&user),
            words.password
        ));
        if settings.servers.len() > 1 {
            body.push_str(&format!(
                "<label for=\"select_server\">{}</label>\n<select name=\"server\" id=\"select_server\">",
                words.choice
            ));
            for (number, server) in (1..).zip(&settings.servers) {
                body.push_str(&format!("<option value=\"{number}\">{}</option>", escape(&server.title())));
            }
            body.push_str("</select>\n");
        } else {
            body.push_str("<input type=\"hidden\" name=\"server\" value=\"1\">\n");
        }
        body.push_str(&format!(
            "</div>\n<div class=\"card-footer\"><input type=\"submit\" id=\"input_go\" value=\"{}\"></div>\n</div>\n</form>\n</div>\n</body>\n</html>\n",
            words.log_in
        ));
        let mut response = Response::new(200, "text/html; charset=utf-8", body);
        response
            .headers
            .push(("Set-Cookie", format!("pma_lang={}; path=/; HttpOnly; SameSite=Strict", words.code)));
        response
    }
}

impl Busy {
    /// Goes on asking the database.
    fn step(
        &mut self,
        kernel: &mut Kernel<'_>,
    ) -> Result<Result<(), Refused>, crate::container::program::Wait> {
        if !self.connected {
            if let Err(refused) = self.link.connect(kernel)? {
                return Ok(Err(refused));
            }
            self.connected = true;
        }
        loop {
            if let Some(asked) = self.asked.clone() {
                let answer = self.link.answer(kernel)?;
                self.answers.push((asked, answer));
                self.asked = None;
            }
            if self.questions.is_empty() {
                self.link.close(kernel);
                return Ok(Ok(()));
            }
            let question = self.questions.remove(0);
            self.link.ask(kernel, "query", &question);
            self.asked = Some(question);
        }
    }
}
