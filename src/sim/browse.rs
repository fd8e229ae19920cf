//! The learner's browser. A request is a `curl` typed in a terminal that only the browser has: it goes the way of all
//! others, stands in the log, and does to its server what a real one would.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::ops::Range;
use std::time::Duration;

use crate::api::{Kind, Object};

use super::log::Input;
use super::sim::Sim;

/// The browser's terminal, which nobody sees. A person's own have lower numbers.
pub const TERMINAL: u32 = 100;
/// Printed after an answer.
const END: char = '\u{1e}';
/// How many seconds the browser waits for an answer.
const PATIENCE: u64 = 60;

/// A request on its way: what its terminal had shown before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    since: usize,
    prompt: u32,
}

/// What a server answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers in their order.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
}

impl Response {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The command that asks for a page begins so; the method stands behind it.
const ASK: &str = "curl -sSi --max-time 60 -X ";
/// It ends so.
const ASKED: &str = "; printf '\\036'";

/// The command that asks for a page. Cookies are `name=value; …`; `language` is the one that the person reads.
pub fn command(method: &str, url: &str, body: &str, cookies: &str, language: &str) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace(['\n', '\r'], "").replace('\'', "'\\''"));
    let mut text = format!("{ASK}{method}");
    let accepted = if language.is_empty() { String::new() } else { format!("Accept-Language: {language}") };
    for (option, value) in [("-H", &*accepted), ("-d", body), ("-b", cookies)] {
        if !value.is_empty() {
            text.push_str(&format!(" {option} {}", quoted(value)));
        }
    }
    text.push_str(&format!(" {}{ASKED}\n", quoted(&url.replace('\'', "%27").replace(' ', "%20"))));
    text
}

/// The input that asks for a page, and what its answer is read by ([`response`]). The terminal must be open and at its
/// prompt.
pub fn request(sim: &Sim, method: &str, url: &str, body: &str, cookies: &str) -> (Visit, Input) {
    let text = command(method, url, body, cookies, "");
    let visit = Visit {
        since: sim.host().printed(TERMINAL),
        prompt: sim.host().prompt(TERMINAL).map_or(0, |(number, _)| number),
    };
    (visit, Input::Type { terminal: TERMINAL, text })
}

/// What came of a request; none while it waits.
///
/// # Errors
/// What curl says where there is no answer.
pub fn response(sim: &Sim, visit: Visit) -> Option<Result<Response, String>> {
    sim.host().prompt(TERMINAL).filter(|(number, _)| *number > visit.prompt)?;
    let text = sim.host().printed_since(TERMINAL, visit.since).replace('\r', "");
    Some(read(text.split(END).next().unwrap_or_default()))
}

fn read(answer: &str) -> Result<Response, String> {
    let Some(start) = answer.find("\nHTTP/") else {
        let said = answer.lines().find(|line| line.starts_with("curl: ")).unwrap_or("curl: no answer");
        return Err(said.to_string());
    };
    let (head, body) = answer[start + 1..].split_once("\n\n").unwrap_or((&answer[start + 1..], ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(n, v)| (n.into(), v.into())).collect();
    Ok(Response { status, headers, body: body.to_string() })
}

/// A page that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How.
    pub method: String,
    /// Its address.
    pub url: String,
    /// What the server answered, or what curl says where none did; none while it waits.
    pub answer: Option<Result<Response, String>>,
}

impl Page {
    /// The address that the answer sends the browser on to.
    pub fn leads_to(&self) -> Option<String> {
        let Some(Ok(response)) = &self.answer else { return None };
        let to =
            response.header("Location").filter(|_| matches!(response.status, 301 | 302 | 303 | 307 | 308))?;
        Some(resolve(&self.url, to))
    }
}

/// Every page that was asked for in the browser, the last one last. They are read off its terminal, so that they are those of
/// any moment that time is brought to.
pub fn pages(sim: &Sim) -> Vec<Page> {
    read_pages(&sim.host().screen(TERMINAL).text())
}

/// The same, of what the terminal shows.
pub fn read_pages(screen: &str) -> Vec<Page> {
    let text = screen.replace('\r', "");
    let mut all = Vec::new();
    let mut parts = text.split(END).peekable();
    while let Some(part) = parts.next() {
        // One that was given up has no end: the last of them counts.
        let Some((_, asked)) = part.rsplit_once(ASK) else { continue };
        let Some((command, _)) = asked.split_once(ASKED) else { continue };
        let method = command.split(' ').next().unwrap_or_default().to_string();
        let url = command.rsplit_once(" '").map_or("", |(_, url)| url.trim_end_matches('\'')).to_string();
        let answer = parts.peek().is_some().then(|| read(part));
        all.push(Page { method, url, answer });
    }
    all
}

/// The host of an address, without its port: whose cookies it gets.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once(':').map_or(authority, |(host, _)| host)
}

/// The cookies that go to an address.
pub fn cookies(pages: &[Page], url: &str) -> String {
    let mut kept = BTreeMap::new();
    for page in pages.iter().filter(|page| host(&page.url) == host(url)) {
        let Some(Ok(response)) = &page.answer else { continue };
        for (_, text) in response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            let pair = text.split(';').next().unwrap_or_default().trim();
            let Some((name, value)) = pair.split_once('=') else { continue };
            if value == "deleted" || text.to_ascii_lowercase().contains("max-age=0") {
                kept.remove(name);
            } else {
                kept.insert(name, pair);
            }
        }
    }
    kept.into_values().collect::<Vec<_>>().join("; ")
}

/// The address that a link in the page at `base` leads to (RFC 3986, 5.2, without what a browser never meets there).
pub fn resolve(base: &str, link: &str) -> String {
    if link.contains("://") {
        return link.to_string();
    }
    let (scheme, rest) = base.split_once("://").unwrap_or(("http", base));
    if let Some(link) = link.strip_prefix("//") {
        return format!("{scheme}://{link}");
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let target = match link.chars().next() {
        Some('/') => link.to_string(),
        Some('?' | '#') | None => format!("{path}{link}"),
        _ => format!("{}/{link}", path.rsplit_once('/').map_or("", |(folder, _)| folder)),
    };
    let (path, query) = target.split_at(target.find(['?', '#']).unwrap_or(target.len()));
    let mut steps: Vec<&str> = Vec::new();
    let ends = path.ends_with(['/', '.']) && ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    for step in path.split('/').filter(|step| !step.is_empty() && *step != ".") {
        if step == ".." {
            steps.pop();
        } else {
            steps.push(step);
        }
    }
    let slash = if ends && !steps.is_empty() { "/" } else { "" };
    format!("{scheme}://{authority}/{}{slash}{query}", steps.join("/"))
}

/// What can be opened now: port-forwards, ports of nodes, external addresses.
pub fn addresses(sim: &Sim) -> Vec<String> {
    let forwards = sim.host().forwards().flat_map(|(_, ports)| ports);
    let mut all: Vec<String> = forwards.map(|(local, _)| format!("http://localhost:{local}/")).collect();
    let profile = sim.cluster().profile();
    let node = profile.nodes.first().map(|node| node.ip.to_string()).unwrap_or_default();
    for service in sim.cluster().api.store().list(Kind::Service) {
        let of = |field: &'static str| {
            let ports = service.spec().get("ports").items().iter();
            ports.filter_map(move |port| port.get(field).as_int())
        };
        let node = if profile.network.ports_on_host { "localhost" } else { &node };
        all.extend(of("nodePort").map(|port| format!("http://{node}:{port}/")));
        for ip in external(service) {
            all.extend(of("port").map(|port| format!("http://{ip}:{port}/")));
        }
    }
    all
}

/// The places of a terminal's text that can be opened in the browser: the near end of a port-forward, and addresses of nodes
/// and load balancers.
pub fn links(text: &str) -> Vec<(Range<usize>, String)> {
    const FORWARD: &str = "Forwarding from ";
    let mut all = Vec::new();
    for (at, start) in text.match_indices(FORWARD).chain(text.match_indices("http://")) {
        let from = if start == FORWARD { at + FORWARD.len() } else { at };
        let length = text[from..].find(|c: char| c.is_whitespace() || "|\"'<>),".contains(c));
        let to = length.map_or(text.len(), |length| from + length);
        let shown = &text[from..to];
        let url = if start == FORWARD { format!("http://{shown}/") } else { shown.to_string() };
        let name = host(&url);
        let is_near = name == "localhost" || name.parse::<Ipv4Addr>().is_ok();
        if is_near && url.len() > "http://".len() + name.len() {
            all.push((from..to, url.replace("127.0.0.1:", "localhost:")));
        }
    }
    all.sort_by_key(|(place, _)| place.start);
    all
}

fn external(service: &Object) -> impl Iterator<Item = &str> {
    let ingress = service.status().at(&["loadBalancer", "ingress"]).items().iter();
    ingress.map(
        |one| if one.get("ip").str().is_empty() { one.get("hostname").str() } else { one.get("ip").str() },
    )
}

/// Asks for a page and lets the simulation go on until there is an answer.
///
/// # Errors
/// As [`response`].
pub fn browse(sim: &mut Sim, method: &str, url: &str, body: &str, cookies: &str) -> Result<Response, String> {
    let end = sim.now() + Duration::from_secs(PATIENCE + 5);
    if !sim.host().is_open(TERMINAL) {
        sim.apply(&Input::Open { terminal: TERMINAL });
    }
    let mut visit = None;
    loop {
        match visit {
            None if sim.host().is_at_prompt(TERMINAL) => {
                let (begun, input) = request(sim, method, url, body, cookies);
                visit = Some(begun);
                sim.apply(&input);
            }
            None => {}
            Some(begun) => {
                if let Some(response) = response(sim, begun) {
                    return response;
                }
            }
        }
        match sim.next_at().filter(|at| *at <= end) {
            Some(at) => sim.run_until(at),
            None => return Err("curl: no answer".into()),
        }
    }
}
