//! What agnhost, the test image of Kubernetes' own pages, tells and answers (`test/images/agnhost/netexec`).

use super::http::Request;
use crate::container::kernel::Kernel;

/// A line of its log, as klog writes it.
pub(super) fn log(kernel: &mut Kernel<'_>, text: &str) {
    let (_, month, day, hour, minute, second) = kernel.date().civil();
    let micros = kernel.now().0 % 1_000_000;
    let pid = kernel.pid().0;
    kernel.complain(format!(
        "I{month:02}{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06} {pid:>7} log.go:195] {text}\n"
    ));
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

/// The time as Go prints it, with that since its start (`time.Time.String`).
fn now(kernel: &Kernel<'_>) -> String {
    let (year, month, day, hour, minute, second) = kernel.date().civil();
    let started = kernel.machine().processes.get(&kernel.pid()).map(|own| own.started).unwrap_or_default();
    let up = kernel.now().since(started);
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
