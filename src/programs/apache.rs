//! The Apache of images that hold a program in PHP: its log, its port, its end.

use std::time::Duration;

use super::http::{Client, Connections, Request, Response, kind_of, own_address};
use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};

/// A running Apache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Apache {
    begun: bool,
    pub connections: Connections,
    ends: Option<SimTime>,
}

/// An Apache that serves files alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Site(Apache);

impl Site {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        let Self(apache) = self;
        if let Some(end) = apache.step(kernel) {
            return end;
        }
        while let Some((client, request)) = apache.connections.next(kernel) {
            let mut path = request.path();
            if path.ends_with('/') {
                let has = |name: &&str| kernel.files().exists(&format!("{FOLDER}{path}{name}"));
                let index = ["index.php", "index.html"].into_iter().find(has);
                path += index.unwrap_or_default();
            }
            let response = if path.ends_with('/') {
                apache.page(403, &request)
            } else if path.ends_with(".php") && kernel.files().exists(&format!("{FOLDER}{path}")) {
                Response::new(200, "text/html; charset=UTF-8", "(Saya does not run pages of PHP.)\n")
            } else {
                apache.file(kernel, &request, &path)
            };
            apache.reply(kernel, client, &request, response);
        }
        apache.wait().into()
    }
}

/// The folder that is served.
const FOLDER: &str = "/var/www/html";

/// Its name among the headers of what it answers.
const SERVER: &str = "Apache/2.4.65 (Debian)";

impl Apache {
    /// Begins, and ends when it is asked to.
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Option<Step> {
        if !std::mem::replace(&mut self.begun, true) {
            if let Err(code) = self.begin(kernel) {
                return Some(Step::Exit(code));
            }
            for signal in [Signal::TERM, Signal::WINCH, Signal::INT] {
                kernel.on_signal(signal, Action::Catch);
            }
        }
        if let Some(signal) = kernel.take_signal()
            && self.ends.is_none()
        {
            self.ends = Some(kernel.now() + Duration::from_millis(90));
            let text = match signal {
                Signal::WINCH => "AH00492: caught SIGWINCH, shutting down gracefully",
                _ => "AH00169: caught SIGTERM, shutting down",
            };
            self.log(kernel, "mpm_prefork:notice", text);
        }
        self.ends.filter(|at| kernel.now() >= *at).map(|_| Step::Exit(0))
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Result<(), u8> {
        let php = kernel.variable("PHP_VERSION").unwrap_or_default();
        let address = own_address(kernel);
        let unnamed = format!(
            "AH00558: apache2: Could not reliably determine the server's fully qualified domain name, using {address}. Set the 'ServerName' directive globally to suppress this message\n"
        );
        // As it reads its configuration, and once more when it has its sockets.
        kernel.complain(unnamed.clone());
        let port = kernel.variable("APACHE_PORT").and_then(|text| text.parse().ok()).unwrap_or(80);
        if let Err(errno) = self.connections.listen(kernel, port) {
            kernel.complain(format!(
                "(98){errno}: AH00072: make_sock: could not bind to address [::]:{port}\n(98){errno}: AH00072: make_sock: could not bind to address 0.0.0.0:{port}\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n"
            ));
            return Err(1);
        }
        kernel.complain(unnamed);
        let text = format!("AH00163: {SERVER} PHP/{php} configured -- resuming normal operations");
        self.log(kernel, "mpm_prefork:notice", &text);
        self.log(kernel, "core:notice", "AH00094: Command line: 'apache2 -D FOREGROUND'");
        Ok(())
    }

    /// What it waits for.
    pub fn wait(&self) -> Wait {
        self.connections.wait().or_until(self.ends)
    }

    fn log(&self, kernel: &mut Kernel<'_>, module: &str, text: &str) {
        let date = kernel.date().unix().replace(" UTC ", ".000000 ");
        let pid = kernel.pid();
        kernel.complain(format!("[{date}] [{module}] [pid {pid}:tid {pid}] {text}\n"));
    }

    /// Sends an answer, and writes it down.
    pub fn reply(
        &mut self,
        kernel: &mut Kernel<'_>,
        client: Client,
        request: &Request,
        mut response: Response,
    ) {
        let date = kernel.date().rfc1123().replace("+0000", "GMT");
        response.headers.splice(0..0, [("Date", date), ("Server", SERVER.to_owned())]);
        let status = response.status;
        let count = self.connections.reply(kernel, client, response);
        let date = kernel.date().access_log();
        let header = |name: &str| request.header(name).unwrap_or("-");
        kernel.print(format!(
            "{} - - [{date} +0000] \"{}\" {status} {count} \"{}\" \"{}\"\n",
            request.ip(),
            request.line(),
            header("referer"),
            header("user-agent")
        ));
    }

    /// A file below the folder that it serves, or that there is none.
    pub fn file(&self, kernel: &mut Kernel<'_>, request: &Request, path: &str) -> Response {
        let file = format!("{FOLDER}{path}");
        match kernel.files().read(&file) {
            Ok(bytes) => Response::new(200, kind_of(&file), bytes.to_vec()),
            Err(_) => self.page(404, request),
        }
    }

    /// One of Apache's own pages.
    fn page(&self, status: u16, request: &Request) -> Response {
        let host = request.header("host").unwrap_or_default();
        let (host, port) = host.rsplit_once(':').unwrap_or((host, "80"));
        let text = super::http::reason(status);
        let why = match status {
            403 => "You don't have permission to access this resource.",
            _ => "The requested URL was not found on this server.",
        };
        let body = format!(
            "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>{status} {text}</title>\n</head><body>\n<h1>{text}</h1>\n<p>{why}</p>\n<hr>\n<address>{SERVER} Server at {host} Port {port}</address>\n</body></html>\n"
        );
        Response::new(status, "text/html; charset=iso-8859-1", body)
    }
}
