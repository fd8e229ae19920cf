//! What agnhost, the test image of Kubernetes' own pages, tells and answers (`test/images/agnhost/netexec`).

use std::time::Duration;

use super::http::Request;
use super::klog;
use crate::container::kernel::Kernel;

/// A line of its log, as klog writes it.
pub(super) fn log(kernel: &mut Kernel<'_>, text: &str) {
    kernel.complain(klog::line(kernel, 'I', "log.go:195", text));
}

/// What `netexec` answers, and whether it ends with that.
pub(super) fn netexec(kernel: &mut Kernel<'_>, request: &Request) -> (String, bool) {
    let path = request.path();
    let told = match &*path {
        "/hostname" | "/hostName" => Some("/hostname".to_owned()),
        "/clientip" | "/header" | "/exit" => Some(path.to_string()),
        "/echo" => Some(format!("/echo?msg={}", request.field("msg").unwrap_or_default())),
        "/healthz" => None,
        _ => Some("/".to_owned()),
    };
    if let Some(told) = told {
        log(kernel, &format!("GET {told}"));
    }
    let body = match &*path {
        "/hostname" | "/hostName" => kernel.hostname().to_string(),
        "/echo" => request.field("msg").unwrap_or_default(),
        "/clientip" => request.from.map(|from| from.to_string()).unwrap_or_default(),
        "/healthz" | "/exit" => String::new(),
        "/header" => {
            let key = request.field("key").unwrap_or_default();
            request.header(&key).unwrap_or_default().to_owned()
        }
        _ => now(kernel),
    };
    (body, path == "/exit")
}

/// What `liveness` answers (`test/images/agnhost/liveness`): it is well for ten seconds.
pub(super) fn liveness(kernel: &Kernel<'_>, request: &Request) -> (u16, String) {
    let up = up(kernel).as_secs_f64();
    match &*request.path() {
        "/healthz" if up > 10.0 => (500, format!("error: {up}")),
        "/healthz" => (200, "ok".to_owned()),
        "/started" => (200, format!("{up}s")),
        _ => (404, "404 page not found\n".to_owned()),
    }
}

/// How long it runs.
fn up(kernel: &Kernel<'_>) -> Duration {
    let own = kernel.machine().processes.get(&kernel.pid());
    kernel.now().since(own.map(|own| own.started).unwrap_or_default())
}

/// The time as Go prints it, with that since its start (`time.Time.String`).
fn now(kernel: &Kernel<'_>) -> String {
    let (year, month, day, hour, minute, second) = kernel.date().civil();
    let up = up(kernel);
    let fraction = format!("{:06}", kernel.now().0 % 1_000_000);
    let fraction = match fraction.trim_end_matches('0') {
        "" => String::new(),
        digits => format!(".{digits}"),
    };
    format!(
        "NOW: {year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{fraction} +0000 UTC m=+{}.{:09}",
        up.as_secs(),
        up.subsec_nanos()
    )
}
