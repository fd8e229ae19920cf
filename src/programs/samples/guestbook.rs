//! The guestbook of Kubernetes' tutorial: Apache with a page of PHP that writes to one Redis and reads from another.

use crate::base::json;
use crate::container::commands::network::resolve::resolver;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::programs::apache::Apache;
use crate::programs::http::{Client, Request, Response};
use crate::programs::outward::both;
use crate::programs::redis::{Ask, Asked, Reply};

/// Its running Apache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Guestbook {
    apache: Apache,
    busy: Vec<Busy>,
}

/// A request that waits for a Redis.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Busy {
    client: Client,
    request: Request,
    host: String,
    ask: Ask,
}

impl Guestbook {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if let Some(end) = self.apache.step(kernel) {
            return end;
        }
        while let Some((client, request)) = self.apache.connections.next(kernel) {
            self.take(kernel, client, request);
        }
        let mut wait = self.apache.wait();
        for mut busy in std::mem::take(&mut self.busy) {
            let body = match busy.ask.step(kernel) {
                Asked::Waits(own) => {
                    wait = both(wait, own);
                    self.busy.push(busy);
                    continue;
                }
                Asked::Answered(answers) => match answers.into_iter().next() {
                    Some(Reply::Error(why)) => fatal("Predis\\Response\\ServerException", &why),
                    _ if busy.request.field("cmd").as_deref() == Some("set") => {
                        "{\"message\": \"Updated\"}".to_owned()
                    }
                    Some(Reply::Bulk(Some(text))) => format!("{{\"data\": \"{text}\"}}"),
                    _ => "{\"data\": \"\"}".to_owned(),
                },
                Asked::Failed(errno, _) => refused(&busy.host, errno.text()),
                Asked::Unknown(failure) => {
                    let why = failure.text(resolver(kernel).libc);
                    refused(&busy.host, &format!("php_network_getaddresses: getaddrinfo failed: {why}"))
                }
            };
            let response = Response::new(200, "application/json", body);
            self.apache.reply(kernel, busy.client, &busy.request, response);
        }
        wait.into()
    }

    fn take(&mut self, kernel: &mut Kernel<'_>, client: Client, request: Request) {
        let response = match &*request.path() {
            "/" | "/index.html" => Response::new(200, "text/html", PAGE),
            "/guestbook.php" => match request.field("cmd") {
                Some(cmd) => {
                    let (part, name) =
                        if cmd == "set" { ("leader", "LEADER") } else { ("follower", "FOLLOWER") };
                    let by_environment = kernel.variable("GET_HOSTS_FROM").as_deref() == Some("env");
                    let host = match by_environment {
                        true => kernel
                            .variable(&format!("REDIS_{name}_SERVICE_HOST"))
                            .unwrap_or_default()
                            .to_string(),
                        false => format!("redis-{part}"),
                    };
                    let key = request.field("key").unwrap_or_default();
                    let value = request.field("value").unwrap_or_default();
                    let question = if cmd == "set" { vec!["SET", &key, &value] } else { vec!["GET", &key] };
                    let ask = Ask::new(&host, 6379, &[&question]);
                    return self.busy.push(Busy { client, request, host, ask });
                }
                None => {
                    Response::new(200, "text/html; charset=UTF-8", "(Saya does not simulate phpinfo().)\n")
                }
            },
            path => self.apache.file(kernel, &request, path),
        };
        self.apache.reply(kernel, client, &request, response);
    }
}

/// What PHP shows when nobody catches an exception.
fn fatal(class: &str, why: &str) -> String {
    format!("<br />\n<b>Fatal error</b>:  Uncaught {class}: {why}\n")
}

fn refused(host: &str, why: &str) -> String {
    let target = json::to_string(&format!("tcp://{host}:6379").into()).trim_matches('"').to_owned();
    fatal("Predis\\Connection\\ConnectionException", &format!("{why} [{target}]"))
}

const PAGE: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Guestbook</title>\n</head>\n<body>\n<h2>Guestbook</h2>\n<form action=\"/guestbook.php\"><input type=\"hidden\" name=\"cmd\" value=\"set\"><input type=\"hidden\" name=\"key\" value=\"messages\"><input name=\"value\" placeholder=\"Messages\"> <button>Submit</button></form>\n<p><a href=\"/guestbook.php?cmd=get&amp;key=messages\">Messages</a></p>\n<p>(The page's own script, which shows the messages below, is not simulated.)</p>\n</body>\n</html>\n";
