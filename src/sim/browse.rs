//! The learner's browser. A request is a `curl` typed in a terminal that only the browser has: it goes the way of all
//! others, stands in the log, and does to its server what a real one would.

use std::time::Duration;

use super::log::Input;
use super::sim::Sim;

/// The browser's terminal, which nobody sees.
pub const TERMINAL: u32 = 1_000;
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

/// The input that asks for a page, and what its answer is read by ([`response`]). Cookies are `name=value; …`. The
/// terminal must be open and at its prompt.
pub fn request(sim: &Sim, method: &str, url: &str, body: &str, cookies: &str) -> (Visit, Input) {
    let quoted = |text: &str| format!("'{}'", text.replace(['\n', '\r'], "").replace('\'', "'\\''"));
    let mut text = format!("curl -sSi --max-time {PATIENCE} -X {method}");
    for (option, value) in [("-d", body), ("-b", cookies)] {
        if !value.is_empty() {
            text.push_str(&format!(" {option} {}", quoted(value)));
        }
    }
    text.push_str(&format!(" {}; printf '\\036'\n", quoted(url)));
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
    let answer = text.split(END).next().unwrap_or_default();
    let Some(start) = answer.find("\nHTTP/") else {
        let said = answer.lines().find(|line| line.starts_with("curl: ")).unwrap_or("curl: no answer");
        return Some(Err(said.to_string()));
    };
    let (head, body) = answer[start + 1..].split_once("\n\n").unwrap_or((&answer[start + 1..], ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(n, v)| (n.into(), v.into())).collect();
    Some(Ok(Response { status, headers, body: body.to_string() }))
}

/// Asks for a page and lets the simulation go on until there is an answer.
///
/// # Errors
/// As [`response`].
pub fn browse(sim: &mut Sim, method: &str, url: &str, body: &str, cookies: &str) -> Result<Response, String> {
    let end = sim.now() + Duration::from_secs(PATIENCE + 5);
    if !sim.host().terminals().any(|number| number == TERMINAL) {
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
