//! EndpointSlices: the addresses behind a Service, ready or not, at most a hundred in each.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::event::Source;
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion, Pass};
use crate::base::Value;
use crate::value;

use super::{Enqueue, backend, pod};

const SERVICE_LABEL: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const CONTROLLER: &str = "endpointslice-controller.k8s.io";
const MAX_ENDPOINTS: usize = 100;

/// Looks at a Service when it, a Pod behind it or a slice of it changes.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    // A slice that this loop wrote is as it should be.
    let foreign = change.object.kind != Kind::EndpointSlice || change.kind == ChangeKind::Deleted;
    if foreign {
        backend::observe(api, change, enqueue, Kind::EndpointSlice, |slice| {
            if slice.labels().get(MANAGED_BY).str() == CONTROLLER { slice.labels().get(SERVICE_LABEL).str() } else { "" }
        });
    }
}

/// Lists the addresses behind a Service.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let service = api.get(key)?.clone();
    if service.spec().get("selector").is_empty()
        || service.spec().get("type").str() == "ExternalName"
        || service.is_terminating()
    {
        return None;
    }
    let added = backend::added(api, &service, key, Kind::EndpointSlice);
    let mut slices: Vec<Object> = api
        .store()
        .owned_by(service.uid())
        .filter(|object| {
            object.kind == Kind::EndpointSlice
                && object.labels().get(MANAGED_BY).str() == CONTROLLER
                && !object.is_terminating()
        })
        .cloned()
        .collect();
    let before = api.pass(key).map_or(0, |pass| pass.counts[0]);
    let (pods, count) = match added {
        // A full slice stays what it is where all its Pods do.
        Some(mut pods) => {
            let count = before + pods.len() as i64;
            if pods.is_empty() {
                return passed(api, key, count);
            }
            slices.retain(|slice| slice.get("endpoints").items().len() < MAX_ENDPOINTS);
            let others = slices.iter().flat_map(|slice| slice.get("endpoints").items());
            pods.extend(others.filter_map(|endpoint| backend::pod_of(api, endpoint)));
            (pods, count)
        }
        None => {
            let pods = backend::pods(api, &service);
            let count = pods.len() as i64;
            (pods, count)
        }
    };
    let listed: BTreeMap<&str, &Value> = slices
        .iter()
        .flat_map(|slice| slice.get("endpoints").items())
        .map(|endpoint| (endpoint.at(&["targetRef", "uid"]).str(), endpoint))
        .collect();
    let mut wanted = wanted(api, &service, &pods, &listed);
    let mut by_ports: BTreeMap<String, Vec<Object>> = BTreeMap::new();
    for slice in slices {
        by_ports.entry(format!("{:?}", slice.get("ports"))).or_default().push(slice);
    }
    let mut spare: Vec<Object> = Vec::new();
    for (ports, slices) in by_ports {
        match wanted.get_mut(&ports) {
            Some(group) => group.slices = slices,
            None => spare.extend(slices),
        }
    }
    let mut whole = true;
    for group in wanted.into_values() {
        whole &= write(api, &service, group, &mut spare);
    }
    for slice in spare {
        // It can only be gone already.
        let _ = api.delete(&slice.key(), Deletion::default());
    }
    if whole {
        return passed(api, key, count);
    }
    // What was refused is tried again by a pass that looks at everything.
    let slices = api.store().owned_by(service.uid()).filter(|owned| owned.kind == Kind::EndpointSlice);
    let count = slices.map(|slice| slice.get("endpoints").items().len()).sum::<usize>() as i64;
    api.passed(key, Pass { revision: 0, counts: [count, 0, 0, 0] });
    None
}

fn passed(api: &mut ApiServer, key: &ObjectKey, count: i64) -> Option<Duration> {
    api.passed(key, Pass { revision: api.store().revision(), counts: [count, 0, 0, 0] });
    None
}

/// The addresses whose Pods have the same ports, and the slices that list such already.
#[derive(Default)]
struct Group<'a> {
    ports: Value,
    endpoints: BTreeMap<&'a str, Value>,
    slices: Vec<Object>,
}

fn wanted<'a>(
    api: &ApiServer,
    service: &Object,
    pods: &'a [Object],
    listed: &BTreeMap<&str, &Value>,
) -> BTreeMap<String, Group<'a>> {
    let mut groups: BTreeMap<String, Group<'_>> = BTreeMap::new();
    let named = service.spec().get("ports").items().iter().any(|port| port.get("targetPort").as_str().is_some());
    let mut same: Option<(Value, String)> = None;
    for pod in pods {
        // Numbered ports are the same for every Pod.
        let (ports, key) = match same.take().filter(|_| !named) {
            Some(known) => known,
            None => {
                let ports = ports(service, pod);
                let key = format!("{ports:?}");
                (ports, key)
            }
        };
        if !groups.contains_key(&key) {
            groups.insert(key.clone(), Group { ports: ports.clone(), ..Group::default() });
        }
        if let Some(group) = groups.get_mut(&key) {
            let old = listed.get(pod.uid()).copied();
            group.endpoints.insert(pod.uid(), endpoint(api, service, pod, old));
        }
        same = Some((ports, key));
    }
    if groups.is_empty() {
        // A Service without Pods has one empty slice.
        groups.insert(format!("{:?}", Value::Null), Group::default());
    }
    groups
}

fn ports(service: &Object, pod: &Object) -> Value {
    let mut ports = Vec::new();
    for port in service.spec().get("ports").items() {
        let Some(number) = backend::target_port(port, pod) else { continue };
        let protocol = if port.get("protocol").is_empty() { "TCP" } else { port.get("protocol").str() };
        let mut listed = value!({"name": (port.get("name").str()), "port": number, "protocol": protocol});
        if !port.get("appProtocol").is_empty() {
            listed.set("appProtocol", port.get("appProtocol").clone());
        }
        ports.push(listed);
    }
    Value::from(ports)
}

/// The entry of a Pod: the `old` one where it still says the same.
fn endpoint(api: &ApiServer, service: &Object, pod: &Object, old: Option<&Value>) -> Value {
    let (serving, terminating) = (pod::is_ready(pod), pod.is_terminating());
    let ready = service.spec().get("publishNotReadyAddresses").bool() || (serving && !terminating);
    if let Some(old) = old {
        let conditions = old.get("conditions");
        let same = conditions.get("serving").bool() == serving
            && conditions.get("terminating").bool() == terminating
            && conditions.get("ready").bool() == ready
            && old.get("addresses").items().first() == Some(pod.status().get("podIP"))
            && old.get("hostname").as_str() == backend::hostname(service, pod);
        if same {
            return old.clone();
        }
    }
    let mut endpoint = value!({
        "addresses": [(pod.status().get("podIP").clone())],
        "conditions": {"ready": ready, "serving": serving, "terminating": terminating},
        "targetRef": (backend::target_ref(pod))
    });
    if let Some(hostname) = backend::hostname(service, pod) {
        endpoint.set("hostname", hostname);
    }
    let node = pod.spec().get("nodeName").str();
    if !node.is_empty() {
        endpoint.set("nodeName", node);
        let zone = api
            .get(&ObjectKey::new(Kind::Node, "", node))
            .map(|node| node.labels().get("topology.kubernetes.io/zone").clone());
        if let Some(zone) = zone.filter(|zone| !zone.is_empty()) {
            endpoint.set("zone", zone);
        }
    }
    endpoint
}

/// Writes one group: what is listed stays where it is, what is new fills up the fullest slices, then new ones.
/// False where not all of it could be written.
fn write(api: &mut ApiServer, service: &Object, mut group: Group<'_>, spare: &mut Vec<Object>) -> bool {
    let mut lists: Vec<(Option<Object>, Vec<Value>)> = Vec::new();
    for slice in std::mem::take(&mut group.slices) {
        let kept: Vec<Value> = slice
            .get("endpoints")
            .items()
            .iter()
            .filter_map(|old| group.endpoints.remove(old.at(&["targetRef", "uid"]).str()))
            .collect();
        lists.push((Some(slice), kept));
    }
    let mut new: Vec<Value> = group.endpoints.into_values().collect();
    new.sort_by_cached_key(|endpoint| backend::order(endpoint.get("addresses").items()[0].str()));
    lists.sort_by_key(|(_, kept)| std::cmp::Reverse(kept.len()));
    let mut new = new.into_iter();
    for (_, kept) in &mut lists {
        kept.extend(new.by_ref().take(MAX_ENDPOINTS - kept.len().min(MAX_ENDPOINTS)));
    }
    loop {
        let rest: Vec<Value> = new.by_ref().take(MAX_ENDPOINTS).collect();
        if rest.is_empty() && !lists.is_empty() {
            break;
        }
        let done = rest.len() < MAX_ENDPOINTS;
        lists.push((spare.pop(), rest));
        if done {
            break;
        }
    }
    let filled = lists.iter().filter(|(_, endpoints)| !endpoints.is_empty()).count();
    let (mut placeholder, mut whole) = (filled == 0, true);
    for (slice, endpoints) in lists {
        if endpoints.is_empty() && !std::mem::take(&mut placeholder) {
            spare.extend(slice);
            continue;
        }
        whole &= write_slice(api, service, slice, &group.ports, endpoints);
    }
    whole
}

fn write_slice(
    api: &mut ApiServer,
    service: &Object,
    slice: Option<Object>,
    ports: &Value,
    endpoints: Vec<Value>,
) -> bool {
    let endpoints = if endpoints.is_empty() { Value::Null } else { Value::from(endpoints) };
    let fill = |slice: &mut Object| {
        backend::set_labels(slice, service, &[(MANAGED_BY, CONTROLLER), (SERVICE_LABEL, service.name())]);
        slice.set("endpoints", endpoints);
        slice.set("ports", ports.clone());
    };
    if let Some(slice) = slice {
        api.modify(&slice.key(), fill);
        return true;
    }
    let mut slice = Object::new(Kind::EndpointSlice, service.namespace(), "");
    slice.set_at(&["metadata", "generateName"], format!("{}-", service.name()));
    slice.set_at(&["metadata", "ownerReferences"], value!([(service.as_controller())]));
    slice.set("addressType", "IPv4");
    fill(&mut slice);
    let Err(refusal) = api.create(slice.body, service.namespace(), false) else { return true };
    if !super::namespace_is_going(api, service) {
        let why = format!(
            "Error updating Endpoint Slices for Service {}/{}: {}",
            service.namespace(),
            service.name(),
            refusal.message
        );
        let source = Source::component("endpoint-slice-controller");
        api.warning(service, source, "FailedToUpdateEndpointSlices", &why);
    }
    false
}
