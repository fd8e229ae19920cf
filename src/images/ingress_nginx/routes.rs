//! What the Ingresses of a class say: hosts, their paths, and the Pods behind them (ingress-nginx, `getBackendServers`).

use std::collections::BTreeMap;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::ApiServer;
use crate::base::Value;
use crate::network::route;
use crate::programs::flags::flag;
use crate::value;

/// What annotations begin with that are ingress-nginx's own.
pub const PREFIX: &str = "nginx.ingress.kubernetes.io/";
/// The host of Ingresses that name none.
pub const ANY: &str = "_";

/// Which Ingresses a controller looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Class {
    /// `--controller-class`
    pub controller: String,
    /// `--ingress-class`, the value of the annotation that stood for classes before they were objects.
    pub name: String,
    /// `--watch-ingress-without-class`
    pub without: bool,
}

impl Class {
    /// That of a controller with such arguments.
    pub fn from_arguments(words: &[impl AsRef<str>]) -> Self {
        Self {
            controller: flag(words, "--controller-class").unwrap_or("k8s.io/ingress-nginx").to_owned(),
            name: flag(words, "--ingress-class").unwrap_or("nginx").to_owned(),
            without: flag(words, "--watch-ingress-without-class") == Some("true"),
        }
    }

    /// Whether an Ingress is this controller's, and by which class.
    ///
    /// # Errors
    /// Why it is not.
    pub fn of(&self, api: &ApiServer, ingress: &Object) -> Result<String, String> {
        if let Some(name) = ingress.meta("annotations").get("kubernetes.io/ingress.class").as_str() {
            return match name == self.name {
                true => Ok(name.to_owned()),
                false => Err(NO_CLASS.to_owned()),
            };
        }
        let Some(name) = ingress.spec().get("ingressClassName").as_str() else {
            return if self.without { Ok(String::new()) } else { Err(NO_CLASS.to_owned()) };
        };
        match api.get(&ObjectKey::new(Kind::IngressClass, "", name)) {
            None => Err(format!("no object matching key \"{name}\" in local store")),
            Some(class) if class.spec().get("controller").str() != self.controller => {
                Err(NO_CLASS.to_owned())
            }
            Some(_) => Ok(name.to_owned()),
        }
    }
}

const NO_CLASS: &str = "ingress does not contain a valid IngressClass";

/// How a path is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PathType {
    /// The whole path.
    Exact,
    /// The beginning, by its parts.
    Prefix,
    /// As nginx compares them.
    ImplementationSpecific,
}

/// Where the requests of a path go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    pub path: String,
    pub path_type: PathType,
    /// The Ingress that says it.
    pub ingress: ObjectKey,
    /// Service, and its port as the Ingress has it.
    pub service: (String, String),
    /// `default-web-80`
    pub backend: String,
    /// The annotations of the Ingress that are ingress-nginx's own, without what they all begin with.
    pub annotations: BTreeMap<String, String>,
}

impl Location {
    /// What an annotation says.
    pub fn says(&self, name: &str) -> Option<&str> {
        self.annotations.get(name).map(String::as_str)
    }
    /// Whether an annotation is `true`.
    pub fn is_set(&self, name: &str) -> bool {
        self.says(name) == Some("true")
    }
    /// The path that is asked for instead.
    pub fn rewritten(&self) -> Option<&str> {
        self.says("rewrite-target").filter(|target| !target.is_empty() && *target != self.path)
    }
    /// True where the path is an expression.
    pub fn is_pattern(&self) -> bool {
        self.rewritten().is_some() || self.is_set("use-regex")
    }
}

/// A host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Server {
    pub locations: Vec<Location>,
    /// The Secret of its certificate; nothing but a name where it has none and takes TLS with the controller's own.
    pub tls: Option<String>,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Routes {
    /// By their hosts.
    pub servers: BTreeMap<String, Server>,
    /// As nginx is told of them, see [`crate::programs::BACKENDS`].
    pub backends: Value,
    /// Whether browsers are told to come by TLS alone from now on (the ConfigMap's `hsts`).
    pub hsts: bool,
    /// What the controller's log warns of.
    pub warnings: Vec<String>,
}

impl Routes {
    /// Those of Ingresses, the oldest first: of two that say the same the older one counts. `settings` is the controller's
    /// ConfigMap.
    pub fn of(api: &ApiServer, ingresses: &[&Object], settings: Option<&Object>) -> Self {
        let says = |name: &str| settings.map_or("", |own| own.get("data").get(name).str());
        let mut routes = Self { hsts: says("hsts") != "false", ..Self::default() };
        let mut backends: BTreeMap<String, Value> = BTreeMap::new();
        routes.servers.entry(ANY.to_owned()).or_default();
        let is_canary = |ingress: &&&Object| annotation(ingress, "canary") == Some("true");
        for ingress in ingresses.iter().filter(|ingress| !is_canary(ingress)) {
            routes.add(api, ingress, &mut backends);
        }
        for ingress in ingresses.iter().filter(is_canary) {
            routes.add_canary(api, ingress, &mut backends);
        }
        for server in routes.servers.values_mut() {
            server
                .locations
                .sort_by(|a, b| b.path.len().cmp(&a.path.len()).then_with(|| b.path.cmp(&a.path)));
        }
        routes.backends = backends.into_values().collect::<Vec<_>>().into();
        routes
    }

    fn add(&mut self, api: &ApiServer, ingress: &Object, backends: &mut BTreeMap<String, Value>) {
        let spec = ingress.spec();
        let annotations = own_annotations(ingress);
        for (host, path, of_path) in rules(ingress) {
            let to = path.get("backend");
            let Some(backend) = self.backend(api, ingress, to, backends) else { continue };
            let server = self.servers.entry(host).or_default();
            let location = Location {
                path: match path.get("path").str() {
                    "" => "/".to_owned(),
                    path => path.to_owned(),
                },
                path_type: of_path,
                ingress: ingress.key(),
                service: (to.at(&["service", "name"]).str().to_owned(), port_of(to)),
                backend,
                annotations: annotations.clone(),
            };
            let same = |own: &Location| own.path == location.path && own.path_type == location.path_type;
            if !server.locations.iter().any(same) {
                server.locations.push(location);
            }
        }
        for tls in spec.get("tls").items() {
            let secret = tls.get("secretName").str();
            let hosts = tls.get("hosts").items().iter().map(Value::str);
            for host in hosts {
                let Some(server) = self.servers.get_mut(host) else { continue };
                let key = ObjectKey::new(Kind::Secret, ingress.namespace(), secret);
                if !secret.is_empty() && api.get(&key).is_none() {
                    let name = format!("{}/{secret}", ingress.namespace());
                    self.warnings.push(format!("Error getting SSL certificate \"{name}\": local SSL certificate {name} was not found. Using default certificate"));
                }
                server.tls.get_or_insert_with(|| format!("{}-{secret}", ingress.namespace()));
            }
        }
        for name in annotations.keys().filter(|name| !is_known(name)) {
            self.warnings.push(format!(
                "(Saya does not simulate the annotation {PREFIX}{name} of Ingress {}/{}.)",
                ingress.namespace(),
                ingress.name()
            ));
        }
    }

    /// Gives the backends of the hosts and paths of an Ingress others beside them (`mergeAlternativeBackends`).
    fn add_canary(&mut self, api: &ApiServer, ingress: &Object, backends: &mut BTreeMap<String, Value>) {
        for (host, path, _) in rules(ingress) {
            let Some(other) = self.backend(api, ingress, path.get("backend"), backends) else { continue };
            let mut locations = self.servers.get(&host).into_iter().flat_map(|server| &server.locations);
            let Some(real) = locations.find(|own| own.path == path.get("path").str()) else { continue };
            let number = |name: &str| annotation(ingress, name).and_then(|text| text.parse::<i64>().ok());
            let text = |name: &str| annotation(ingress, name).unwrap_or_default();
            let policy = value!({
                "weight": (number("canary-weight").unwrap_or(0)),
                "weightTotal": (number("canary-weight-total").unwrap_or(100)),
                "header": (text("canary-by-header")),
                "headerValue": (text("canary-by-header-value")),
                "cookie": (text("canary-by-cookie")),
            });
            if let Some(backend) = backends.get_mut(&other) {
                backend.set("trafficShapingPolicy", policy);
            }
            if let Some(backend) = backends.get_mut(&real.backend) {
                let mut others = backend.get("alternativeBackends").clone();
                others.items_mut().push(other.as_str().into());
                backend.set("alternativeBackends", others);
            }
        }
    }

    /// The name of a backend, which is looked up; nothing where it is no Service.
    fn backend(
        &mut self,
        api: &ApiServer,
        ingress: &Object,
        to: &Value,
        backends: &mut BTreeMap<String, Value>,
    ) -> Option<String> {
        let service = to.at(&["service", "name"]).as_str()?;
        let name = format!("{}-{service}-{}", ingress.namespace(), port_of(to));
        if !backends.contains_key(&name) {
            let key = ObjectKey::new(Kind::Service, ingress.namespace(), service);
            let shown = format!("{}/{service}", ingress.namespace());
            let endpoints = match api.get(&key) {
                None => {
                    self.warnings.push(format!(
                        "Error obtaining Endpoints for Service \"{shown}\": no object matching key \"{shown}\" in local store"
                    ));
                    Vec::new()
                }
                Some(service) => {
                    let found = endpoints(api, service, to.at(&["service", "port"]));
                    if found.is_empty() {
                        self.warnings.push(format!("Service \"{shown}\" does not have any active Endpoint."));
                    }
                    found
                }
            };
            let backend =
                value!({"name": (name.as_str()), "endpoints": endpoints, "alternativeBackends": []});
            backends.insert(name.clone(), backend);
        }
        Some(name)
    }
}

/// Host, path and its type of each rule of an Ingress, and of what holds where none fits.
pub(super) fn rules(ingress: &Object) -> Vec<(String, Value, PathType)> {
    let mut all = Vec::new();
    let spec = ingress.spec();
    for rule in spec.get("rules").items() {
        let host = rule.get("host").as_str().filter(|host| !host.is_empty()).unwrap_or(ANY);
        for path in rule.at(&["http", "paths"]).items() {
            let of_path = match path.get("pathType").str() {
                "Exact" => PathType::Exact,
                "Prefix" => PathType::Prefix,
                _ => PathType::ImplementationSpecific,
            };
            all.push((host.to_owned(), path.clone(), of_path));
        }
    }
    let default = spec.get("defaultBackend");
    if !default.is_null() {
        let mut path = value!({"path": "/"});
        path.set("backend", default.clone());
        all.push((ANY.to_owned(), path, PathType::Prefix));
    }
    all
}

fn annotation<'o>(ingress: &'o Object, name: &str) -> Option<&'o str> {
    ingress.meta("annotations").get(&[PREFIX, name].concat()).as_str()
}

fn own_annotations(ingress: &Object) -> BTreeMap<String, String> {
    let all = ingress.meta("annotations").entries();
    all.filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_owned(), value.str().to_owned())))
        .collect()
}

/// What a backend's port is called: its name or its number.
fn port_of(backend: &Value) -> String {
    let port = backend.at(&["service", "port"]);
    match port.get("name").str() {
        "" => port.get("number").int().to_string(),
        name => name.to_owned(),
    }
}

/// The ready addresses behind a port of a Service.
fn endpoints(api: &ApiServer, service: &Object, wanted: &Value) -> Vec<Value> {
    let fits = |port: &&Value| match wanted.get("name").as_str() {
        Some(name) => port.get("name").str() == name,
        None => port.get("port") == wanted.get("number"),
    };
    let spec = service.spec();
    let Some(port) = spec.get("ports").items().iter().find(fits) else { return Vec::new() };
    let mut found = Vec::new();
    let protocol = port.get("protocol").as_str().unwrap_or("TCP");
    route::listed(api.store(), service, port, protocol, |to, endpoint| {
        if route::is_ready(endpoint) {
            found.push(value!({"address": (to.ip().to_string()), "port": (to.port().to_string())}));
        }
    });
    found
}

/// Whether an annotation is simulated, or changes nothing that Saya shows: limits and times of proxying.
fn is_known(name: &str) -> bool {
    const KNOWN: &[&str] = &[
        "app-root",
        "backend-protocol",
        "denylist-source-range",
        "enable-access-log",
        "force-ssl-redirect",
        "permanent-redirect",
        "permanent-redirect-code",
        "proxy-body-size",
        "rewrite-target",
        "ssl-redirect",
        "temporal-redirect",
        "upstream-vhost",
        "use-regex",
        "whitelist-source-range",
    ];
    KNOWN.contains(&name) || name.starts_with("proxy-") && !name.starts_with("proxy-ssl")
}
