//! What `curl` tells of a transfer beside what came: the progress meter and `-w`.

use super::super::resolve::resolver;
use super::Curl;
use super::line::Line;
use super::version::Version;
use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::network::resolver::Libc;

const METER: &str = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n";

impl Curl {
    /// True where there is a progress meter: it is for those who do not look at the answer itself.
    fn is_metered(&self, kernel: &Kernel<'_>, line: &Line) -> bool {
        let Some(fetch) = &self.fetch else { return false };
        let quiet = line.has('s') || line.has('π') || line.has('#');
        !quiet && (self.target(line, fetch).is_some() || !kernel.is_terminal(1))
    }

    /// Shows the meter as far as time has gone.
    pub(super) fn meter(&mut self, kernel: &mut Kernel<'_>, line: &Line) {
        if !self.is_metered(kernel, line) {
            return;
        }
        if !std::mem::replace(&mut self.metered, true) {
            let head = if self.headed { "" } else { METER };
            self.headed = true;
            kernel.complain(head);
            tick(kernel, 0);
        }
        let seconds = kernel.now().since(self.began).as_secs();
        while self.ticks < seconds {
            self.ticks += 1;
            tick(kernel, self.ticks);
        }
    }

    /// The meter's last line.
    pub(super) fn meter_end(&mut self, kernel: &mut Kernel<'_>, line: &Line, failed: bool) {
        let Some(fetch) = &self.fetch else { return };
        let announced = fetch.head.header("Content-Length").and_then(|length| length.parse().ok());
        let (size, total): (usize, usize) = (fetch.body.len(), announced.unwrap_or(fetch.body.len()));
        if line.has('#') && !line.has('s') && size > 0 && !failed {
            kernel.complain(format!("\r{} 100.0%\n", "#".repeat(72)));
        }
        if !self.metered {
            return;
        }
        if failed && total == 0 {
            tick(kernel, kernel.now().since(self.began).as_secs());
            return kernel.complain("\n");
        }
        let sent = self.sent;
        let micros = kernel.now().since(self.began).as_micros().max(1) as usize;
        let speed = |bytes: usize| amount(bytes * 1_000_000 / micros);
        let share = |part: usize, all: usize| (part * 100).checked_div(all).unwrap_or(0);
        let whole = total + sent;
        kernel.complain(format!(
            "\r{:>3} {whole:>5}  {:>3} {size:>5}  {:>3} {sent:>5}  {:>5}  {:>5} --:--:-- --:--:-- --:--:-- {:>5}\n",
            share(size + sent, whole),
            share(size, total),
            share(sent, sent),
            speed(size),
            speed(sent),
            speed(size + sent),
        ));
    }

    /// What `-w` asks for.
    pub(super) fn written(&self, kernel: &mut Kernel<'_>, line: &Line, format: &str, code: u8) -> String {
        let now = kernel.now();
        let seconds = |at: SimTime| format!("{:.6}", at.since(self.began).as_secs_f64());
        let fetch = self.fetch.as_ref();
        let answered = fetch.filter(|fetch| fetch.head.code > 0);
        let size = fetch.map_or(0, |fetch| fetch.body.len());
        let micros = now.since(self.began).as_micros().max(1) as usize;
        let header = |name: &str| answered.and_then(|f| f.head.header(name)).unwrap_or_default().to_string();
        let known = self.connected > self.began || answered.is_some();
        let local = |f: &super::Fetch| {
            let six = f.addresses.first()?.is_ipv6();
            kernel.machine().net.addresses.iter().find(|ip| ip.is_ipv6() == six).map(ToString::to_string)
        };
        let value = |name: &str| -> Option<String> {
            Some(match name {
                "http_code" | "response_code" => format!("{:03}", fetch.map_or(0, |fetch| fetch.head.code)),
                "http_version" => if answered.is_some() { "1.1" } else { "0" }.to_string(),
                "http_connect" => "000".into(),
                "time_total" => seconds(now),
                "time_starttransfer" => {
                    if answered.is_some() {
                        seconds(now)
                    } else {
                        "0.000000".into()
                    }
                }
                "time_connect" | "time_pretransfer" if known => seconds(self.connected),
                "time_namelookup" if known => seconds(self.connected),
                "time_connect" | "time_pretransfer" | "time_namelookup" | "time_appconnect"
                | "time_redirect" => "0.000000".into(),
                "size_download" => size.to_string(),
                "size_upload" => self.sent.to_string(),
                "size_request" => answered.map_or(0, |fetch| fetch.request.len()).to_string(),
                "size_header" => answered
                    .map_or(0, |fetch| {
                        let headers = fetch.head.headers.iter();
                        let lines: usize = headers.map(|(name, value)| name.len() + value.len() + 4).sum();
                        fetch.head.status.len() + lines + 4
                    })
                    .to_string(),
                "speed_download" => (size * 1_000_000 / micros).to_string(),
                "speed_upload" => (self.sent * 1_000_000 / micros).to_string(),
                "num_redirects" => self.redirects.to_string(),
                "num_connects" => u8::from(known).to_string(),
                "urlnum" => self.url.to_string(),
                "url_effective" | "url" => fetch.map(|fetch| fetch.url.text()).unwrap_or_default(),
                "scheme" => fetch.map(|f| f.url.scheme.to_uppercase()).unwrap_or_default(),
                "method" => {
                    let request = fetch.map(|f| String::from_utf8_lossy(&f.request)).unwrap_or_default();
                    request.split(' ').next().unwrap_or_default().into()
                }
                "remote_ip" => {
                    answered.and_then(|f| f.addresses.first()).map(ToString::to_string).unwrap_or_default()
                }
                "remote_port" => answered.map_or(0, |fetch| fetch.url.number()).to_string(),
                "local_ip" => answered.and_then(local).unwrap_or_default(),
                "content_type" => header("Content-Type"),
                "referer" => String::new(),
                "filename_effective" => fetch.and_then(|f| self.target(line, f)).unwrap_or_default(),
                "redirect_url" => answered
                    .and_then(|f| f.url.join(f.head.header("Location")?))
                    .map(|url| url.text())
                    .unwrap_or_default(),
                "ssl_verify_result" | "proxy_ssl_verify_result" => "0".into(),
                "exitcode" => code.to_string(),
                "errormsg" => self.why.clone(),
                "onerror" | "stdout" | "stderr" => String::new(),
                _ => return None,
            })
        };
        let (mut text, mut unknown) = (String::new(), String::new());
        let format = format.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r");
        let mut rest = format.as_str();
        while let Some(at) = rest.find('%') {
            text.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('%') {
                (rest, text) = (after, text + "%");
                continue;
            }
            let (open, after) = match (rest.strip_prefix('{'), rest.strip_prefix("header{")) {
                (Some(after), _) => ("", after),
                (_, Some(after)) => ("header", after),
                _ => {
                    text.push('%');
                    continue;
                }
            };
            let Some((name, after)) = after.split_once('}') else {
                text.push('%');
                continue;
            };
            rest = after;
            if name == "onerror" && code == 0 {
                break;
            }
            match if open.is_empty() { value(name) } else { Some(header(name)) } {
                Some(value) => text.push_str(&value),
                None => unknown.push_str(&format!("curl: unknown --write-out variable: '{name}'\n")),
            }
            if rest.is_empty() {
                break;
            }
        }
        text.push_str(rest);
        kernel.complain(unknown);
        text
    }
}

fn tick(kernel: &mut Kernel<'_>, seconds: u64) {
    let spent = match seconds {
        0 => "--:--:--".to_string(),
        _ => format!("{:>2}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60),
    };
    kernel
        .complain(format!("\r  0     0    0     0    0     0      0      0 --:--:-- {spent} --:--:--     0"));
}

/// A number of bytes in five letters.
fn amount(bytes: usize) -> String {
    match bytes {
        0..100_000 => bytes.to_string(),
        100_000..10_000_000 => format!("{}k", bytes / 1024),
        _ => format!("{}M", bytes / 1_048_576),
    }
}

/// What `--version` prints.
pub(super) fn version(kernel: &mut Kernel<'_>, version: Version) {
    let musl = resolver(kernel).libc == Libc::Musl;
    let system = if musl { "x86_64-alpine-linux-musl" } else { "x86_64-pc-linux-gnu" };
    kernel.print(format!(
        "curl {version} ({system}) libcurl/{version}\nProtocols: http https\nFeatures: IPv6\n"
    ));
}
