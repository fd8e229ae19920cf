//! Servers that answer in JSON with what they were asked, and where.

use super::fields::{Json, fields};
use crate::container::kernel::Kernel;
use crate::programs::http::Request;

/// The headers as node has them: names in small letters.
fn headers(request: &Request) -> Json {
    Json::Fields(request.headers.iter().map(|(name, value)| (name.to_lowercase(), value.into())).collect())
}

fn query(request: &Request) -> Json {
    let pairs = request.target.split_once('?').map_or("", |(_, query)| query).split('&');
    let names = pairs.filter_map(|pair| pair.split('=').next()).filter(|name| !name.is_empty());
    Json::Fields(
        names.map(|name| (name.to_owned(), request.field(name).unwrap_or_default().into())).collect(),
    )
}

fn variables(kernel: &Kernel<'_>) -> Json {
    Json::Fields(kernel.env().iter().map(|(name, value)| (name.to_string(), (&**value).into())).collect())
}

/// mendhak/http-https-echo: what it answers and writes into its log.
pub(super) fn https_echo(kernel: &Kernel<'_>, request: &Request) -> Json {
    let host = request.header("host").unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    fields([
        ("path", request.path().into()),
        ("headers", headers(request)),
        ("method", (&request.method).into()),
        ("body", (&request.body).into()),
        ("fresh", false.into()),
        ("hostname", host.into()),
        ("ip", request.mapped_ip().into()),
        ("ips", Json::List(Vec::new())),
        ("protocol", if request.secure { "https" } else { "http" }.into()),
        ("query", query(request)),
        ("subdomains", Json::List(Vec::new())),
        ("xhr", false.into()),
        ("os", fields([("hostname", (&*kernel.hostname()).into())])),
        ("connection", fields([])),
    ])
}

/// ealen/echo-server.
pub(super) fn echo_server(kernel: &Kernel<'_>, request: &Request) -> Json {
    let host = request.header("host").unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    fields([
        (
            "host",
            fields([
                ("hostname", host.into()),
                ("ip", request.mapped_ip().into()),
                ("ips", Json::List(Vec::new())),
            ]),
        ),
        (
            "http",
            fields([
                ("method", (&request.method).into()),
                ("baseUrl", "".into()),
                ("originalUrl", (&request.target).into()),
                ("protocol", "http".into()),
            ]),
        ),
        (
            "request",
            fields([
                ("params", fields([("0", request.path().into())])),
                ("query", query(request)),
                ("cookies", fields([])),
                ("body", fields([])),
                ("headers", headers(request)),
            ]),
        ),
        ("environment", variables(kernel)),
    ])
}

/// What podinfo says at a path; the status beside it. Nothing where it has no such path.
pub(super) fn podinfo(kernel: &mut Kernel<'_>, request: &Request, version: &str) -> Option<(u16, String)> {
    const COLOR: &str = "#34577c";
    let variable = |name: &str, otherwise: &str| -> Json {
        kernel.variable(name).map_or_else(|| otherwise.into(), |own| (&*own).into())
    };
    let path = request.path();
    let told = match path.as_str() {
        "/" | "/api/info" => fields([
            ("hostname", (&*kernel.hostname()).into()),
            ("version", version.into()),
            ("revision", REVISION.into()),
            ("color", variable("PODINFO_UI_COLOR", COLOR)),
            (
                "logo",
                variable(
                    "PODINFO_UI_LOGO",
                    "https://raw.githubusercontent.com/stefanprodan/podinfo/gh-pages/cuddle_clap.gif",
                ),
            ),
            ("message", variable("PODINFO_UI_MESSAGE", &format!("greetings from podinfo v{version}"))),
            ("goos", "linux".into()),
            ("goarch", "amd64".into()),
            ("runtime", "go1.25.3".into()),
            ("num_goroutine", "8".into()),
            ("num_cpu", "2".into()),
        ]),
        "/healthz" | "/readyz" => fields([("status", "OK".into())]),
        "/version" => fields([("commit", REVISION.into()), ("version", version.into())]),
        "/env" | "/api/env" => {
            Json::List(kernel.env().iter().map(|(name, value)| format!("{name}={value}").into()).collect())
        }
        "/headers" => {
            let own =
                request.headers.iter().map(|(name, value)| (name.clone(), Json::List(vec![value.into()])));
            Json::Fields(own.collect())
        }
        "/echo" | "/api/echo" => return Some((202, request.body.clone())),
        "/metrics" => return Some((200, "(Saya does not simulate podinfo's metrics.)\n".to_owned())),
        _ => {
            let status = path.strip_prefix("/status/")?.parse().ok()?;
            return Some((status, fields([("status", i64::from(status).into())]).text(Some(2))));
        }
    };
    Some((200, told.text(Some(2))))
}

const REVISION: &str = "fb3b01be30a3f353b221365cd3b4f9484a0885ea";
