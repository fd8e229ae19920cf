//! `/nginx-ingress-controller`: it watches the cluster, writes nginx's configuration, and tells Ingresses where they are served.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::routes::{Class, Routes};
use super::template;
use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::ApiServer;
use crate::apiserver::event::Source;
use crate::base::{SimTime, Value, json};
use crate::container::kernel::{Change, Kernel, Spawn};
use crate::container::machine::Pid;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::programs::flags::flag;
use crate::programs::http::{Connections, Response};
use crate::programs::outward::both;
use crate::programs::{BACKENDS, klog};
use crate::value;

/// The controller's executable.
pub const PATH: &str = "/nginx-ingress-controller";
const NGINX: &str = "/usr/bin/nginx";
const CONFIGURATION: &str = "/etc/nginx/nginx.conf";
/// The time between two looks at all Ingresses (`--sync-rate-limit`, 0.3 a second).
const BETWEEN_SYNCS: Duration = Duration::from_millis(3333);
/// How often it tells Ingresses where they are served (`UpdateInterval`).
const BETWEEN_STATUSES: Duration = Duration::from_secs(60);
const SOURCE: Source<'_> = Source::component("nginx-ingress-controller");

/// A running controller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Controller {
    begun: bool,
    class: Class,
    nginx: Option<Pid>,
    health: Connections,
    /// The revision of the cluster that it looked at last, and when it may look again.
    seen: u64,
    syncs: SimTime,
    statuses: SimTime,
    /// What nginx goes by.
    configuration: String,
    backends: Value,
    /// The Ingresses that it knows, by their version, and whether each is its own.
    known: BTreeMap<ObjectKey, (String, bool)>,
    /// What it has warned of.
    warned: Vec<String>,
}

impl Controller {
    pub(super) fn step(&mut self, kernel: &mut Kernel<'_>, api: &mut ApiServer) -> Step {
        if !std::mem::replace(&mut self.begun, true)
            && let Err(code) = self.begin(kernel, api)
        {
            return Step::Exit(code);
        }
        if kernel.take_signal().is_some() {
            self.end(kernel, api);
            return Step::Exit(0);
        }
        while let Some(pid) = self.nginx
            && let Ok(Some(Change::Ended(_))) = kernel.poll_child(pid)
        {
            log(kernel, 'W', "nginx.go:357", "NGINX master process died, restarting");
            self.start_nginx(kernel);
        }
        let now = kernel.now();
        let mut next = None;
        if self.seen != api.store().revision() {
            if now >= self.syncs {
                self.sync(kernel, api);
            } else {
                next = Some(self.syncs);
            }
        }
        if now >= self.statuses {
            self.statuses = now + BETWEEN_STATUSES;
            let points = self.addresses(kernel, api);
            self.tell(kernel, api, &points);
        }
        while let Some((client, request)) = self.health.next(kernel) {
            let (status, text) = match &*request.path() {
                "/healthz" => (200, "ok"),
                _ => (404, "404 page not found\n"),
            };
            self.health.reply(kernel, client, Response::new(status, "text/plain; charset=utf-8", text));
        }
        // Whatever changes in the cluster may be an Ingress.
        api.watched = true;
        both(self.health.wait(), Wait::world()).or_children().or_until(next).or_until(self.statuses).into()
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>, api: &mut ApiServer) -> Result<(), u8> {
        let argv = kernel.argv();
        self.class = Class::from_arguments(&argv);
        let rule = "-".repeat(79);
        kernel.print(format!(
            "{rule}\nNGINX Ingress controller\n  Release:       v1.13.3\n  Repository:    https://github.com/kubernetes/ingress-nginx\n  nginx version: nginx/1.27.1\n\n{rule}\n\n"
        ));
        for signal in [Signal::TERM, Signal::INT, Signal::QUIT] {
            kernel.on_signal(signal, Action::Catch);
        }
        let host = kernel.variable("KUBERNETES_SERVICE_HOST").unwrap_or_else(|| "10.96.0.1".into());
        for (level, from, text) in [
            ('W', "client_config.go:667", "Neither --kubeconfig nor --master was specified.  Using the inClusterConfig.  This might not work.".to_owned()),
            ('I', "main.go:205", format!("\"Creating API client\" host=\"https://{host}:443\"")),
            ('I', "main.go:101", format!("\"SSL fake certificate created\" file=\"{}\"", template::CERTIFICATE)),
            ('I', "nginx.go:273", "\"Starting NGINX Ingress controller\"".to_owned()),
        ] {
            log(kernel, level, from, &text);
        }
        if let Err(errno) = self.health.listen(kernel, 10254) {
            log(
                kernel,
                'F',
                "main.go:176",
                &format!("listen tcp :10254: bind: {}", errno.text().to_lowercase()),
            );
            return Err(255);
        }
        let view = &mut kernel.files();
        // It is there already where the container only begins again.
        view.make_directory("/tmp/nginx", 0o755).ok();
        view.write(template::CERTIFICATE, b"(Saya makes no certificate here.)\n".to_vec(), 0o600).ok();
        self.lead(kernel, api, flag(&argv, "--election-id").unwrap_or("ingress-nginx-leader"));
        self.sync(kernel, api);
        Ok(())
    }

    /// Takes the lease by which one of several controllers writes statuses.
    fn lead(&self, kernel: &mut Kernel<'_>, api: &mut ApiServer, name: &str) {
        let own = Own::of(kernel);
        log(
            kernel,
            'I',
            "leaderelection.go:257",
            &format!("attempting to acquire leader lease {}/{name}...", own.namespace),
        );
        let key = ObjectKey::new(Kind::Lease, &own.namespace, name);
        let spec = value!({
            "acquireTime": (api.clock.micro_date()),
            "holderIdentity": (own.name.as_str()),
            "leaseDurationSeconds": 30,
            "leaseTransitions": 0,
            "renewTime": (api.clock.micro_date()),
        });
        if api.get(&key).is_some() {
            api.modify(&key, |lease| lease.set("spec", spec));
        } else {
            let metadata = value!({"name": name, "namespace": (own.namespace.as_str())});
            let body = value!({
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "metadata": metadata,
                "spec": spec,
            });
            // Where it may not, it says nothing either.
            api.create(body, &own.namespace, false).ok();
        }
        let text = format!("successfully acquired lease {}/{name}", own.namespace);
        log(kernel, 'I', "leaderelection.go:271", &text);
        log(kernel, 'I', "status.go:85", &format!("\"New leader elected\" identity=\"{}\"", own.name));
    }

    /// Looks at all Ingresses, and has nginx do what they say.
    fn sync(&mut self, kernel: &mut Kernel<'_>, api: &mut ApiServer) {
        let mut own: Vec<Object> = Vec::new();
        let before = std::mem::take(&mut self.known);
        for ingress in api.store().list(Kind::Ingress) {
            let class = self.class.of(api, ingress);
            let version = ingress.meta("resourceVersion").str().to_owned();
            let key = ingress.key();
            let shown = format!("ingress=\"{}/{}\"", ingress.namespace(), ingress.name());
            if before.get(&key).is_none_or(|(_, accepted)| *accepted != class.is_ok()) {
                let (from, text) = match &class {
                    Ok(class) => (
                        "store.go:461",
                        format!("\"Found valid IngressClass\" {shown} ingressclass=\"{class}\""),
                    ),
                    Err(why) => (
                        "store.go:435",
                        format!(
                            "\"Ignoring ingress because of error while validating ingress class\" {shown} error=\"{why}\""
                        ),
                    ),
                };
                log(kernel, 'I', from, &text);
            }
            if class.is_ok() {
                own.push(ingress.clone());
            }
            self.known.insert(key, (version, class.is_ok()));
        }
        own.sort_by_key(|ingress| (ingress.created_at(), ingress.key()));
        for ingress in &own {
            if self.known.get(&ingress.key()) != before.get(&ingress.key()) {
                let at = said(ingress, "Ingress", "networking.k8s.io/v1", "Sync", "Scheduled for sync");
                log(kernel, 'I', "event.go:377", &at);
                api.event(ingress, SOURCE, "Sync", "Scheduled for sync");
            }
        }
        let argv = kernel.argv();
        let settings = flag(&argv, "--configmap").and_then(|name| name.split_once('/'));
        let settings =
            settings.and_then(|(namespace, name)| api.get(&ObjectKey::new(Kind::ConfigMap, namespace, name)));
        let routes = Routes::of(api, &own.iter().collect::<Vec<_>>(), settings);
        for warning in &routes.warnings {
            if !self.warned.contains(warning) {
                log(kernel, 'W', "controller.go:1126", warning);
            }
        }
        self.warned.clone_from(&routes.warnings);
        if self.backends != routes.backends {
            let text = json::to_string(&routes.backends);
            self.backends = routes.backends.clone();
            kernel.files().write(BACKENDS, text.into_bytes(), 0o644).ok();
        }
        let configuration = template::write(&routes);
        if self.configuration != configuration {
            self.reload(kernel, api, configuration);
        }
        self.seen = api.store().revision();
        self.syncs = kernel.now() + BETWEEN_SYNCS;
    }

    fn reload(&mut self, kernel: &mut Kernel<'_>, api: &mut ApiServer, configuration: String) {
        log(kernel, 'I', "controller.go:214", "\"Configuration changes detected, backend reload required\"");
        if let Err(errno) = kernel.files().write(CONFIGURATION, configuration.clone().into_bytes(), 0o644) {
            log(
                kernel,
                'E',
                "controller.go:230",
                &format!("Unexpected failure reloading the backend:\n{errno}"),
            );
            return;
        }
        self.configuration = configuration;
        match self.nginx {
            None => self.start_nginx(kernel),
            Some(pid) => {
                kernel.kill(pid, Some(Signal::HUP)).ok();
            }
        }
        log(kernel, 'I', "controller.go:228", "\"Backend successfully reloaded\"");
        let own = Own::of(kernel);
        if let Some(pod) = own.pod(api).cloned() {
            const TEXT: &str = "NGINX reload triggered due to a change in configuration";
            log(kernel, 'I', "event.go:377", &said(&pod, "Pod", "v1", "RELOAD", TEXT));
            api.event(&pod, SOURCE, "RELOAD", TEXT);
        }
    }

    fn start_nginx(&mut self, kernel: &mut Kernel<'_>) {
        log(kernel, 'I', "nginx.go:319", "\"Starting NGINX process\"");
        let argv: Vec<Arc<str>> = [NGINX, "-c", CONFIGURATION].map(Arc::from).to_vec();
        let loaded = kernel.load(NGINX, &argv, &kernel.env());
        self.nginx = loaded
            .ok()
            .map(|(code, argv)| kernel.spawn(code, Spawn { argv: Some(argv), ..Spawn::default() }));
    }

    /// Where Ingresses are served: the address that the flags name, that of a Service, or those of its Pods' nodes.
    fn addresses(&self, kernel: &Kernel<'_>, api: &ApiServer) -> Value {
        let argv = kernel.argv();
        let own = Own::of(kernel);
        if let Some(name) = flag(&argv, "--publish-service") {
            let (namespace, name) = name.split_once('/').unwrap_or((&own.namespace, name));
            let Some(service) = api.get(&ObjectKey::new(Kind::Service, namespace, name)) else {
                return value!([]);
            };
            return match service.spec().get("type").str() {
                "LoadBalancer" => {
                    let points = service.status().at(&["loadBalancer", "ingress"]).items().iter();
                    let bare = |point: &Value| match point.get("ip").str() {
                        "" => value!({"hostname": (point.get("hostname").str())}),
                        ip => value!({"ip": ip}),
                    };
                    points.map(bare).collect::<Vec<_>>().into()
                }
                _ => value!([{"ip": (service.spec().get("clusterIP").str())}]),
            };
        }
        if let Some(addresses) = flag(&argv, "--publish-status-address") {
            let point = |text: &str| match text.parse::<std::net::IpAddr>() {
                Ok(_) => value!({"ip": text}),
                Err(_) => value!({"hostname": text}),
            };
            return addresses.split(',').map(point).collect::<Vec<_>>().into();
        }
        let running = own.pods(api).filter(|pod| pod.status().get("phase").str() == "Running");
        let mut addresses: Vec<String> =
            running.map(|pod| pod.status().get("hostIP").str().to_owned()).collect();
        addresses.sort();
        addresses.dedup();
        addresses.iter().map(|ip| value!({"ip": (ip.as_str())})).collect::<Vec<_>>().into()
    }

    /// Writes where they are served into the statuses of its Ingresses.
    fn tell(&self, kernel: &mut Kernel<'_>, api: &mut ApiServer, points: &Value) {
        for (key, _) in self.known.iter().filter(|(_, (_, own))| *own) {
            let Some(ingress) = api.get(key) else { continue };
            let current = ingress.status().at(&["loadBalancer", "ingress"]).clone();
            if current == *points || current.is_null() && points.is_empty() {
                continue;
            }
            let text = format!(
                "\"updating Ingress status\" namespace=\"{}\" ingress=\"{}\" currentValue={} newValue={}",
                key.namespace,
                key.name,
                json::to_string(&current),
                json::to_string(points)
            );
            log(kernel, 'I', "status.go:309", &text);
            api.modify_status(key, |status| {
                let balancer =
                    if points.is_empty() { Value::map() } else { value!({"ingress": (points.clone())}) };
                status.set("loadBalancer", balancer);
            });
        }
    }

    /// Ends nginx; the last of several controllers takes the addresses back.
    fn end(&mut self, kernel: &mut Kernel<'_>, api: &mut ApiServer) {
        log(kernel, 'I', "sigterm.go:36", "Received SIGTERM, shutting down");
        log(kernel, 'I', "nginx.go:393", "\"Shutting down controller queues\"");
        let own = Own::of(kernel);
        if !own.pods(api).any(|other| other.name() != own.name && !other.is_terminating()) {
            log(kernel, 'I', "status.go:135", "\"removing value from ingress status\" address=null");
            self.tell(kernel, api, &value!([]));
        }
        log(kernel, 'I', "nginx.go:401", "\"Stopping admission controller\"");
        log(kernel, 'I', "nginx.go:409", "\"Stopping NGINX process\"");
        if let Some(pid) = self.nginx {
            kernel.kill(pid, Some(Signal::QUIT)).ok();
        }
        log(kernel, 'I', "sigterm.go:47", "\"Exiting\" code=0");
    }
}

/// The controller's own Pod, as its environment tells.
struct Own {
    namespace: String,
    name: String,
}

impl Own {
    fn of(kernel: &Kernel<'_>) -> Self {
        let told = |name: &str| kernel.variable(name).map(|value| value.to_string());
        Self {
            namespace: told("POD_NAMESPACE").unwrap_or_else(|| "ingress-nginx".to_owned()),
            name: told("POD_NAME").unwrap_or_else(|| kernel.hostname().to_string()),
        }
    }

    fn pod<'a>(&self, api: &'a ApiServer) -> Option<&'a Object> {
        api.get(&ObjectKey::new(Kind::Pod, &self.namespace, &self.name))
    }

    /// The Pods of all controllers like this one, which have its labels.
    fn pods<'a>(&self, api: &'a ApiServer) -> impl Iterator<Item = &'a Object> {
        let labels = self.pod(api).map(Object::labels);
        let all = api.store().list_in(Kind::Pod, &self.namespace);
        all.filter(move |pod| labels.is_some_and(|own| own == pod.labels()))
    }
}

fn log(kernel: &mut Kernel<'_>, level: char, from: &str, text: &str) {
    let line = klog::line(kernel, level, from, text);
    kernel.complain(line);
}

/// An Event as the log has it.
fn said(about: &Object, kind: &str, version: &str, reason: &str, text: &str) -> String {
    format!(
        "Event(v1.ObjectReference{{Kind:\"{kind}\", Namespace:\"{}\", Name:\"{}\", UID:\"{}\", APIVersion:\"{version}\", ResourceVersion:\"{}\", FieldPath:\"\"}}): type: 'Normal' reason: '{reason}' {text}",
        about.namespace(),
        about.name(),
        about.uid(),
        about.meta("resourceVersion").str()
    )
}
