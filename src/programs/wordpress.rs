//! WordPress under Apache, up to its installation: whether the database takes it, and that nothing is set up yet.

use super::apache::Apache;
use super::http::{Client, Request, Response};
use super::mysql::{Answer, Library, Link};
use super::outward::both;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};

/// A running Apache with WordPress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct WordPress {
    apache: Apache,
    busy: Vec<Busy>,
}

/// A request that waits for the database.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Busy {
    client: Client,
    request: Request,
    link: Link,
    /// What is still to be asked.
    questions: Vec<String>,
    connected: bool,
}

/// The folder that it is served from.
pub const FOLDER: &str = "/var/www/html";

/// Its files and folders, as they lie there.
const FILES: &[&str] = &[
    "index.php",
    "license.txt",
    "readme.html",
    "wp-activate.php",
    "wp-admin/",
    "wp-blog-header.php",
    "wp-comments-post.php",
    "wp-config-docker.php",
    "wp-config-sample.php",
    "wp-content/",
    "wp-content/index.php",
    "wp-content/plugins/",
    "wp-content/themes/",
    "wp-cron.php",
    "wp-includes/",
    "wp-links-opml.php",
    "wp-load.php",
    "wp-login.php",
    "wp-mail.php",
    "wp-settings.php",
    "wp-signup.php",
    "wp-trackback.php",
    "xmlrpc.php",
];

/// Puts its files where they are served from.
pub fn copy(kernel: &mut Kernel<'_>) {
    for name in FILES {
        let path = format!("{FOLDER}/{name}");
        // One that is there already stays.
        let _ = match name.strip_suffix('/') {
            Some(_) => kernel.files().make_directory(path.trim_end_matches('/'), 0o755),
            None => kernel.files().write(&path, b"<?php\n".to_vec(), 0o644),
        };
    }
}

/// The variables that its configuration is made of: those of Services named alike are taken for such, too.
pub fn variables(kernel: &Kernel<'_>) -> Vec<String> {
    let env = kernel.env();
    let mut names: Vec<String> =
        env.iter().map(|(name, _)| name.to_string()).filter(|name| name.starts_with("WORDPRESS_")).collect();
    names.sort_unstable();
    names
}

/// Whether the image's version has the entry point of before 5.6, whose account is root, and which makes the database.
fn is_old(kernel: &Kernel<'_>) -> bool {
    let version = kernel.variable("WP_VERSION").unwrap_or_default();
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0_u32));
    (numbers.next(), numbers.next()) < (Some(5), Some(6))
}

/// A page as WordPress dies with it.
fn dies(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en-US\">\n<head>\n\t<meta charset=\"utf-8\">\n\t<title>{title}</title>\n</head>\n<body id=\"error-page\">\n\t<div class=\"wp-die-message\">{body}</div>\n</body>\n</html>\n"
    )
}

fn answer(kernel: &Kernel<'_>, status: u16, body: impl Into<Vec<u8>>) -> Response {
    let mut response = Response::new(status, "text/html; charset=utf-8", body);
    let php = kernel.variable("PHP_VERSION").unwrap_or_default();
    let headers = [
        ("X-Powered-By", format!("PHP/{php}")),
        ("Expires", "Wed, 11 Jan 1984 05:00:00 GMT".to_owned()),
        ("Cache-Control", "no-cache, must-revalidate, max-age=0, no-store, private".to_owned()),
    ];
    response.headers.splice(0..0, headers);
    response
}

fn redirection(kernel: &Kernel<'_>, request: &Request, page: &str) -> Response {
    let mut response = answer(kernel, 302, "");
    let host = request.header("host").unwrap_or("localhost");
    response.headers.push(("X-Redirect-By", "WordPress".to_owned()));
    response.headers.push(("Location", format!("http://{host}/wp-admin/{page}")));
    response
}

impl WordPress {
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
                Ok(installs) => {
                    let Busy { client, request, .. } = busy;
                    let response = match (installs, &*request.path()) {
                        (false, _) => answer(
                            kernel,
                            500,
                            dies("Database Error", "<h1>Error establishing a database connection</h1>"),
                        ),
                        (true, "/wp-admin/install.php") => answer(kernel, 200, INSTALLATION),
                        (true, _) => redirection(kernel, &request, "install.php"),
                    };
                    self.apache.reply(kernel, client, &request, response);
                }
            }
        }
        wait.into()
    }

    fn take(&mut self, kernel: &mut Kernel<'_>, client: Client, request: Request) {
        let path = request.path();
        let is_page = path.ends_with('/') || path.ends_with(".php") || !path.contains('.');
        if !is_page {
            let response = self.apache.file(kernel, &request, &path);
            return self.apache.reply(kernel, client, &request, response);
        }
        if !kernel.files().exists(&format!("{FOLDER}/wp-config.php")) {
            let response = match &*path {
                "/wp-admin/setup-config.php" => answer(kernel, 200, SETUP),
                _ => redirection(kernel, &request, "setup-config.php"),
            };
            return self.apache.reply(kernel, client, &request, response);
        }
        let old = is_old(kernel);
        let setting = |kernel: &mut Kernel<'_>, name: &str, otherwise: &str| {
            let name = format!("WORDPRESS_DB_{name}");
            let file = kernel.variable(&format!("{name}_FILE"));
            let text = file.and_then(|file| kernel.files().read(&file).ok());
            let text = text.map(|bytes| String::from_utf8_lossy(&bytes).trim_end().to_owned());
            let own = text.or_else(|| kernel.variable(&name).map(|value| value.to_string()));
            own.unwrap_or_else(|| otherwise.to_owned())
        };
        let host = setting(kernel, "HOST", "mysql");
        let (host, port) = host.split_once(':').unwrap_or((&host, "3306"));
        let mut link = Link::new(Library::Php);
        link.host = host.to_owned();
        link.port = port.parse().unwrap_or(3306);
        link.socket = (host == "localhost").then(|| super::mysqld::SOCKET.to_owned());
        link.user = setting(kernel, "USER", if old { "root" } else { "example username" });
        link.password = setting(kernel, "PASSWORD", if old { "" } else { "example password" });
        link.patience = Some(std::time::Duration::from_secs(60));
        let database = format!("`{}`", setting(kernel, "NAME", "wordpress").replace('`', "``"));
        let mut questions = vec![format!("USE {database}")];
        if old {
            questions.insert(0, format!("CREATE DATABASE IF NOT EXISTS {database}"));
        }
        self.busy.push(Busy { client, request, link, questions, connected: false });
    }
}

impl Busy {
    /// Goes on asking the database: whether WordPress could install itself there.
    fn step(&mut self, kernel: &mut Kernel<'_>) -> Result<bool, Wait> {
        if !self.connected {
            if self.link.connect(kernel)?.is_err() {
                return Ok(false);
            }
            self.connected = true;
            self.link.ask(kernel, "query", &self.questions[0]);
        }
        loop {
            let answer = self.link.answer(kernel)?;
            self.questions.remove(0);
            let failed = matches!(answer, Answer::Error(..) | Answer::Lost);
            match self.questions.first() {
                Some(question) if !failed => self.link.ask(kernel, "query", question),
                _ => {
                    self.link.close(kernel);
                    return Ok(!failed);
                }
            }
        }
    }
}

const INSTALLATION: &str = "<!DOCTYPE html>\n<html lang=\"en-US\">\n<head>\n\t<meta charset=\"utf-8\">\n\t<title>WordPress &rsaquo; Installation</title>\n</head>\n<body class=\"wp-core-ui\">\n<p id=\"logo\">WordPress</p>\n<h1>Welcome</h1>\n<p>(Saya simulates WordPress up to here: the database takes its connections, and nothing is installed yet.)</p>\n</body>\n</html>\n";
const SETUP: &str = "<!DOCTYPE html>\n<html lang=\"en-US\">\n<head>\n\t<meta charset=\"utf-8\">\n\t<title>WordPress &rsaquo; Setup Configuration File</title>\n</head>\n<body class=\"wp-core-ui\">\n<p id=\"logo\">WordPress</p>\n<p>(Saya simulates WordPress up to here: it has no wp-config.php. The image makes one of the variables WORDPRESS_DB_HOST, WORDPRESS_DB_USER, WORDPRESS_DB_PASSWORD and WORDPRESS_DB_NAME.)</p>\n</body>\n</html>\n";
