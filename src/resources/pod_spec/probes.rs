//! Probes and the hooks of a container's life.

use crate::api::Cause;
use crate::base::Value;
use crate::resources::formats;
use crate::resources::path::Path;

use super::validation::Context;

/// `livenessProbe`, `readinessProbe` or `startupProbe`, whichever `field` says.
pub fn validate(context: &Context, probe: &Value, field: &str, path: &Path, causes: &mut Vec<Cause>) {
    if probe.is_null() {
        return;
    }
    validate_handler(context, probe, &["exec", "httpGet", "tcpSocket", "grpc"], path, causes);
    for number in
        ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
    {
        path.field(number).check_not_negative(probe.get(number), causes);
    }
    let grace = probe.get("terminationGracePeriodSeconds");
    if grace.as_int().is_some_and(|seconds| seconds <= 0) {
        causes.push(path.field("terminationGracePeriodSeconds").invalid(grace, "must be greater than 0"));
    }
    if field == "readinessProbe" {
        if !grace.is_null() {
            let detail = "must not be set for readinessProbes";
            causes.push(path.field("terminationGracePeriodSeconds").invalid(grace, detail));
        }
    } else if probe.get("successThreshold").int() != 1 {
        causes.push(path.field("successThreshold").invalid(probe.get("successThreshold").int(), "must be 1"));
    }
}

/// `lifecycle`
pub fn validate_lifecycle(context: &Context, container: &Value, path: &Path, causes: &mut Vec<Cause>) {
    for hook in ["postStart", "preStop"] {
        let handler = container.at(&["lifecycle", hook]);
        if !handler.is_null() {
            let handlers = ["exec", "httpGet", "tcpSocket", "sleep"];
            validate_handler(context, handler, &handlers, &path.field(hook), causes);
        }
    }
}

fn validate_handler(context: &Context, of: &Value, handlers: &[&str], path: &Path, causes: &mut Vec<Cause>) {
    let mut count = 0;
    for kind in handlers {
        let handler = of.get(kind);
        if handler.is_null() {
            continue;
        }
        count += 1;
        let path = path.field(kind);
        if count > 1 {
            causes.push(path.forbidden("may not specify more than 1 handler type"));
            continue;
        }
        match *kind {
            "exec" => {
                if handler.get("command").is_empty() {
                    causes.push(path.field("command").required());
                }
            }
            "httpGet" => validate_http_get(handler, &path, causes),
            "sleep" => {
                let seconds = handler.get("seconds").int();
                if let Some(grace) = context.grace_period_seconds()
                    && (seconds < 0 || seconds > grace)
                {
                    let detail =
                        format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
                    causes.push(path.invalid(seconds, detail));
                }
            }
            _ => validate_port(handler.get("port"), &path.field("port"), causes),
        }
    }
    if count == 0 {
        causes.push(path.required_because("must specify a handler type"));
    }
}

fn validate_http_get(handler: &Value, path: &Path, causes: &mut Vec<Cause>) {
    if handler.get("path").str().is_empty() {
        causes.push(path.field("path").required());
    }
    validate_port(handler.get("port"), &path.field("port"), causes);
    let scheme = handler.get("scheme").str();
    if !matches!(scheme, "HTTP" | "HTTPS") {
        causes.push(path.field("scheme").unsupported(scheme, &["HTTP", "HTTPS"]));
    }
    for header in handler.get("httpHeaders").items() {
        path.field("httpHeaders").check(header.get("name").str(), formats::http_header_name, causes);
    }
}

/// The number or name of a port.
pub fn validate_port(port: &Value, path: &Path, causes: &mut Vec<Cause>) {
    match port.as_str() {
        Some(name) => path.check(name, formats::port_name, causes),
        None => causes.extend(formats::port_number(port.int()).iter().map(|m| path.invalid(port.int(), m))),
    }
}
