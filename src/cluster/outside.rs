//! What the simulated hosts of the internet answer by HTTP: a page that says that it is not the real one, and where the
//! real host leads elsewhere, that.

use crate::apiserver::raw::VERSION;
use crate::base::sha256::{hex, sha256};
use crate::container::tree::PROGRAM;
use crate::images::Kubectl;
use crate::network::packet::{TLS_CLIENT, TLS_SERVER};

/// Hosts that send visitors on: over plain HTTP, or always.
const LEADS: &[(&str, &str, bool)] = &[
    ("google.com", "http://www.google.com/", true),
    ("github.com", "https://github.com/", false),
    ("kubernetes.io", "https://kubernetes.io/", false),
    ("docker.com", "https://www.docker.com/", true),
    ("wikipedia.org", "https://www.wikipedia.org/", false),
    ("dl.k8s.io", "https://dl.k8s.io/", false),
    ("pypi.org", "https://pypi.org/", false),
    ("raw.githubusercontent.com", "https://raw.githubusercontent.com/", false),
];
/// The address that the cluster's packets leave from, for hosts that tell it.
const OWN: &str = "203.0.113.200";

/// A file of a release of Kubernetes: which is the latest, its kubectl, what that is to digest to.
fn release(path: &str) -> Option<String> {
    let rest = path.strip_prefix("/release/")?;
    if rest == "stable.txt" {
        return Some(VERSION.to_owned());
    }
    let (version, file) = rest.split_once("/bin/linux/")?;
    if !version.starts_with("v1.") {
        return None;
    }
    let (file, digest) = match file.strip_suffix(".sha256") {
        Some(file) => (file, true),
        None => (file, false),
    };
    // What is made for another processor has no id that a machine knows.
    let id = match file {
        "amd64/kubectl" => Kubectl::ID,
        "arm64/kubectl" => file,
        _ => return None,
    };
    let program = [&*String::from_utf8_lossy(PROGRAM), id].concat();
    Some(if digest { hex(&sha256(program.as_bytes())) } else { program })
}

/// The whole answer to a request.
pub fn answer(host: &str, request: &[u8]) -> Vec<u8> {
    let plain = request.strip_prefix(TLS_CLIENT);
    let text = String::from_utf8_lossy(plain.unwrap_or(request));
    let mut words = text.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or("/"));
    let lead = LEADS.iter().find(|(own, _, always)| *own == host && (*always || plain.is_none()));
    let mut kind = "text/html";
    let mut status = "200 OK".to_owned();
    let mut more = String::new();
    let mut body = format!(
        "<!DOCTYPE html>\n<title>{host}</title>\n<p>Saya simulates {host}: this is not its real page.</p>\n"
    );
    if let Some((_, to, _)) = lead {
        let to = if plain.is_some() { to.replacen("http://", "https://", 1) } else { (*to).to_owned() };
        status = "301 Moved Permanently".to_owned();
        more = format!("Location: {}{}\r\n", to, path.trim_start_matches('/'));
    }
    match (host, path) {
        ("ifconfig.me" | "api.ipify.org", _) => (kind, body) = ("text/plain", OWN.to_owned()),
        ("dl.k8s.io", path) if plain.is_some() => match release(path) {
            Some(file) => (kind, body) = ("application/octet-stream", file),
            None => {
                status = "404 Not Found".to_owned();
                body = "<?xml version='1.0' encoding='UTF-8'?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>".to_owned();
            }
        },
        ("httpbin.org", "/ip") => {
            (kind, body) = ("application/json", format!("{{\n  \"origin\": \"{OWN}\"\n}}\n"));
        }
        ("httpbin.org", "/get") => {
            let url = if plain.is_some() { "https" } else { "http" };
            (kind, body) = (
                "application/json",
                format!(
                    "{{\n  \"args\": {{}}, \n  \"origin\": \"{OWN}\", \n  \"url\": \"{url}://httpbin.org/get\"\n}}\n"
                ),
            );
        }
        ("httpbin.org", path) => {
            if let Some(code) = path.strip_prefix("/status/").and_then(|code| code.parse::<u16>().ok()) {
                status = format!("{code} {}", crate::programs::http::reason(code).to_uppercase());
                body.clear();
            }
        }
        _ => {}
    }
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{more}Connection: close\r\n\r\n",
        body.len()
    );
    let mut bytes = Vec::new();
    if plain.is_some() {
        bytes.extend(TLS_SERVER);
        bytes.push(0);
    }
    bytes.extend(head.bytes());
    if method != "HEAD" {
        bytes.extend(body.bytes());
    }
    bytes
}
