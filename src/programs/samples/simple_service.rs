//! mhausenblas/simpleservice, the server of Kubernetes by Example: Python with Tornado, which tells in JSON who asked whom.

use std::time::Duration;

use crate::base::{Value, json};
use crate::container::kernel::Kernel;
use crate::programs::http::Request;

/// The version that it tells, if its Pod names no other.
fn version(kernel: &Kernel<'_>) -> String {
    kernel.variable("SIMPLE_SERVICE_VERSION").map_or_else(|| "0.5.0".to_owned(), |own| own.to_string())
}

/// A line of its log, as the line of its source writes it. Its hours are those of a clock with hands.
fn log(kernel: &mut Kernel<'_>, level: &str, text: &str, line: u32) {
    let (year, month, day, hour, minute, second) = kernel.date().civil();
    let hour = (hour + 11) % 12 + 1;
    kernel.complain(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02} {level} {text} [at line {line}]\n"
    ));
}

/// It listens.
pub fn begin(kernel: &mut Kernel<'_>, port: u16) {
    let text = format!("This is simple service in version v{} listening on port {port}", version(kernel));
    log(kernel, "INFO", &text, 142);
}

/// The status, the kind and the text of an answer, and how long it takes: `/health` as long as the Pod says.
pub fn answer(kernel: &mut Kernel<'_>, request: &Request) -> (u16, &'static str, String, Duration) {
    let (path, from) = (request.path(), request.ip());
    let host = request.header("host").unwrap_or_default().to_owned();
    let version = version(kernel);
    let mut takes = Duration::ZERO;
    let text = |own: &str| json::to_string(&Value::from(own));
    let (line, told) = match &*path {
        "/endpoint0" => {
            let well = text("all is well");
            (59, vec![("host", text(&host)), ("version", text(&version)), ("result", well)])
        }
        "/health" => {
            takes = delay(kernel);
            (79, vec![("healthy", "true".to_owned())])
        }
        "/info" => (101, vec![("host", text(&host)), ("version", text(&version)), ("from", text(&from))]),
        "/env" => {
            let list =
                kernel.env().iter().map(|(name, own)| format!("'{name}': '{own}'")).collect::<Vec<_>>();
            (121, vec![("version", text(&version)), ("env", text(&format!("{{{}}}", list.join(", "))))])
        }
        _ => {
            log(kernel, "WARNING", &format!("404 GET {path} ({from}) 0.51ms"), 1946);
            let page = "<html><title>404: Not Found</title><body>404: Not Found</body></html>";
            return (404, "text/html; charset=UTF-8", page.to_owned(), takes);
        }
    };
    log(kernel, "INFO", &format!("{path} serving from {host} has been invoked from {from}"), line);
    let millis = takes.as_millis() + 1;
    log(kernel, "INFO", &format!("200 GET {path} ({from}) {millis}.02ms"), 1946);
    // Python writes a blank after colons and commas.
    let told = told.iter().map(|(name, own)| format!("\"{name}\": {own}")).collect::<Vec<_>>().join(", ");
    (200, "application/json", format!("{{{told}}}"), takes)
}

fn delay(kernel: &mut Kernel<'_>) -> Duration {
    let millis = |name| kernel.variable(name).and_then(|own| own.parse().ok()).unwrap_or(0_u64);
    let (least, most) = (millis("HEALTH_MIN"), millis("HEALTH_MAX"));
    if most <= least {
        return Duration::ZERO;
    }
    Duration::from_millis(kernel.random().between(least, most - 1))
}
