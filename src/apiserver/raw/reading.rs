//! What the API server answers to a `GET` of a path.

use super::discovery::{groups, paths, resources};
use super::{Place, VERSION, list_of, refused, selected, unknown};
use crate::api::{Kind, ObjectKey, Status};
use crate::apiserver::rbac::{Request, User};
use crate::apiserver::{ApiServer, health, metrics, subresource};
use crate::base::Value;
use crate::value;

impl ApiServer {
    /// Where it is, as the Endpoints of `kubernetes` have it.
    fn address(&self) -> String {
        let own = self.get(&ObjectKey::new(Kind::Endpoints, "default", "kubernetes"));
        let subsets = own.map_or(Value::Null, |own| own.body.get("subsets").clone());
        let ip = subsets.items().first().map_or(Value::Null, |one| one.get("addresses").clone());
        let ip = ip.items().first().map_or(String::new(), |one| one.get("ip").str().to_owned());
        format!("{ip}:{}", self.settings.secure_port)
    }

    /// A resource or a list as JSON, or a plain word.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`.
    pub fn read_path(&self, user: &User, path: &str) -> Result<Value, Status> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let Some(place) = Place::of(path)? else { return self.read_other(user, path, query) };
        let Place { group, version, namespace, plural, name, part } = place;
        let verb = if name.is_empty() { "list" } else { "get" };
        if (group, version) == (metrics::GROUP, "v1beta1")
            && let Some(available) = self.metrics_available()
        {
            if !available {
                let why = "the server is currently unable to handle the request";
                return Err(refused(503, "ServiceUnavailable", why.to_owned()));
            }
            place.permit(self, user, verb)?;
            return match plural {
                "nodes" | "pods" if part.is_empty() => self.read_metrics(plural, namespace, name),
                _ => Err(unknown()),
            };
        }
        let kind = place.kind(self).ok_or_else(unknown)?;
        place.permit(self, user, verb)?;
        if !name.is_empty() {
            let object = self.read(&ObjectKey::new(kind, namespace, name))?;
            return if part.is_empty() {
                Ok(object.body.clone())
            } else {
                subresource::of(self, object, part)
            };
        }
        let items = selected(self, kind, namespace, query)?.map(|object| object.body.clone()).collect();
        Ok(list_of(kind, self.store().revision(), items))
    }

    /// What is no resource.
    fn read_other(&self, user: &User, path: &str, query: &str) -> Result<Value, Status> {
        let request = Request { verb: "get", group: "", resource: path, name: "", namespace: "" };
        let public = ["/healthz", "/livez", "/readyz", "/version"].contains(&path);
        if !public && !self.allows(user, request) {
            let message = format!("forbidden: User \"{}\" cannot get path \"{path}\"", user.name);
            return Err(refused(403, "Forbidden", message));
        }
        let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
        match words[..] {
            [endpoint @ ("healthz" | "livez" | "readyz"), ref check @ ..] => {
                health::answer(endpoint, check, query).map(Value::from).ok_or_else(unknown)
            }
            ["version"] => Ok(value!({
                "major": "1",
                "minor": "36",
                "emulationMajor": "1",
                "emulationMinor": "36",
                "minCompatibilityMajor": "1",
                "minCompatibilityMinor": "35",
                "gitVersion": VERSION,
                "goVersion": "go1.26.3",
                "compiler": "gc",
                "platform": "linux/amd64"
            })),
            ["api"] => Ok(value!({
                "kind": "APIVersions",
                "versions": ["v1"],
                "serverAddressByClientCIDRs": [{
                    "clientCIDR": "0.0.0.0/0",
                    "serverAddress": (self.address())
                }]
            })),
            [] => Ok(value!({"paths": (paths(self))})),
            ["apis"] => Ok(groups(self)),
            ["api", version] => resources(self, "", version).ok_or_else(unknown),
            ["apis", group, version] => resources(self, group, version).ok_or_else(unknown),
            _ => Err(unknown()),
        }
    }
}
