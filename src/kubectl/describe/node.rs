//! Nodes.

use crate::api::Quantity;
use crate::api::{Kind, Object, ObjectKey};
use crate::base::Value;
use crate::kubectl::session::Session;

use super::page::{Page, date, joined, or_none, plain};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, node: &Object) {
    let (spec, status) = (node.spec(), node.status());
    page.field(0, "Name", node.name());
    let roles = node.labels().entries().filter_map(|(key, value)| match key {
        "kubernetes.io/role" => Some(value.str()),
        key => key.strip_prefix("node-role.kubernetes.io/"),
    });
    let mut roles: Vec<&str> = roles.filter(|role| !role.is_empty()).collect();
    roles.sort_unstable();
    page.field(0, "Roles", or_none(roles.join(",")));
    page.labels(0, "Labels", node.labels());
    page.annotations(0, node.meta("annotations"));
    page.field(0, "CreationTimestamp", date(node.meta("creationTimestamp")));
    let mut taints: Vec<&Value> = spec.get("taints").items().iter().collect();
    taints.sort_by_key(|taint| format!("{},{}", taint.get("effect").str(), taint.get("key").str()));
    let taints: Vec<String> = taints.into_iter().map(taint_text).collect();
    page.fields(0, "Taints", &taints);
    page.field(0, "Unschedulable", spec.get("unschedulable").bool());
    lease(page, session, node);
    if !status.get("conditions").is_empty() {
        page.line(0, "Conditions:");
        page.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
        page.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    }
    for condition in status.get("conditions").items() {
        page.line(
            1,
            format_args!(
                "{} \t{} \t{} \t{} \t{} \t{}",
                condition.get("type").str(),
                condition.get("status").str(),
                date(condition.get("lastHeartbeatTime")),
                date(condition.get("lastTransitionTime")),
                condition.get("reason").str(),
                condition.get("message").str()
            ),
        );
    }
    page.line(0, "Addresses:");
    for address in status.get("addresses").items() {
        page.field(1, address.get("type").str(), address.get("address").str());
    }
    for (name, field) in [("Capacity", "capacity"), ("Allocatable", "allocatable")] {
        if !status.get(field).is_empty() {
            page.line(0, format_args!("{name}:"));
            status.get(field).entries().for_each(|(resource, amount)| page.field(1, resource, plain(amount)));
        }
    }
    let info = status.get("nodeInfo");
    page.line(0, "System Info:");
    for (name, field) in [
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
    ] {
        page.field(1, name, info.get(field).str());
    }
    if !spec.get("podCIDR").str().is_empty() {
        page.field(0, "PodCIDR", spec.get("podCIDR").str());
    }
    if !spec.get("podCIDRs").is_empty() {
        page.field(0, "PodCIDRs", joined(spec.get("podCIDRs"), ","));
    }
    if !spec.get("providerID").str().is_empty() {
        page.field(0, "ProviderID", spec.get("providerID").str());
    }
    pods(page, session, node);
    page.events(session, node);
}

/// `KEY=VALUE:EFFECT`.
fn taint_text(taint: &Value) -> String {
    let value = match taint.get("value").str() {
        "" => String::new(),
        value => format!("={value}"),
    };
    format!("{}{value}:{}", taint.get("key").str(), taint.get("effect").str())
}

fn lease(page: &mut Page, session: &Session<'_>, node: &Object) {
    let key = ObjectKey::new(Kind::Lease, "kube-node-lease", node.name());
    let Some(lease) = session.api.get(&key) else {
        let why = format!("leases.coordination.k8s.io \"{}\" not found", node.name());
        return page.field(0, "Lease", format_args!("Failed to get lease: {why}"));
    };
    let moment = |field: &str| match lease.spec().get(field) {
        Value::Null => "<unset>".to_string(),
        value => date(value),
    };
    page.line(0, "Lease:");
    let holder = lease.spec().get("holderIdentity");
    page.field(1, "HolderIdentity", if holder.is_null() { "<unset>" } else { holder.str() });
    page.field(1, "AcquireTime", moment("acquireTime"));
    page.field(1, "RenewTime", moment("renewTime"));
}

/// The resources that are told of.
const RESOURCES: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

fn pods(page: &mut Page, session: &Session<'_>, node: &Object) {
    let running = |pod: &&Object| !matches!(pod.status().get("phase").str(), "Succeeded" | "Failed");
    let mut pods: Vec<&Object> = session.api.store().pods_on(node.name()).filter(running).collect();
    pods.sort_by_key(|pod| (pod.namespace(), pod.name()));
    page.field(0, "Non-terminated Pods", format_args!("({} in total)", pods.len()));
    page.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    page.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    let allocatable = |resource: &str| Amount::of(node.status().get("allocatable").get(resource));
    for pod in &pods {
        let cells: Vec<String> =
            [("requests", "cpu"), ("limits", "cpu"), ("requests", "memory"), ("limits", "memory")]
                .iter()
                .map(|(list, resource)| pod_amount(pod, list, resource).with_share(&allocatable(resource)))
                .collect();
        page.line(
            1,
            format_args!(
                "{}\t{}\t\t{}\t{}",
                pod.namespace(),
                pod.name(),
                cells.join("\t"),
                page_age(page.now, pod)
            ),
        );
    }
    page.line(0, "Allocated resources:");
    page.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
    page.line(1, "Resource\tRequests\tLimits");
    page.line(1, "--------\t--------\t------");
    let allocated = node.status().get("allocatable");
    let pages =
        allocated.entries().map(|(resource, _)| resource).filter(|name| name.starts_with("hugepages-"));
    for resource in RESOURCES.into_iter().chain(pages) {
        let total = |list: &str| {
            pods.iter().fold(Amount::default(), |sum, pod| sum.plus(&pod_amount(pod, list, resource)))
        };
        let all = allocatable(resource);
        page.line(
            1,
            format_args!(
                "{resource}\t{}\t{}",
                total("requests").with_share(&all),
                total("limits").with_share(&all)
            ),
        );
    }
}

fn page_age(now: crate::base::Date, pod: &Object) -> String {
    crate::resources::printing::age(pod, now)
}

/// An amount of a resource: thousandths, and whether it is written in powers of two.
#[derive(Clone, Debug, Default)]
struct Amount {
    millis: i128,
    binary: bool,
}

impl Amount {
    fn of(value: &Value) -> Self {
        let text = plain(value);
        let millis = Quantity::parse(&text).map_or(0, |quantity| i128::from(quantity.milli_value()));
        Self { millis, binary: text.ends_with('i') }
    }

    /// The form is that of the first that is not nothing.
    fn plus(self, other: &Amount) -> Amount {
        let binary = if self.millis == 0 { other.binary } else { self.binary };
        Amount { millis: self.millis + other.millis, binary }
    }

    fn at_least(self, other: Amount) -> Amount {
        if other.millis > self.millis { other } else { self }
    }

    fn with_share(&self, all: &Amount) -> String {
        let share = if all.millis == 0 { 0 } else { self.millis * 100 / all.millis };
        format!("{self} ({share}%)")
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.millis % 1000 != 0 {
            return write!(f, "{}m", self.millis);
        }
        let (mut number, mut power) = (self.millis / 1000, 0);
        let (base, names) = if self.binary {
            (1024, ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"])
        } else {
            (1000, ["", "k", "M", "G", "T", "P", "E"])
        };
        while number != 0 && number % base == 0 && power < 6 {
            number /= base;
            power += 1;
        }
        write!(f, "{number}{}", names[power])
    }
}

/// What a Pod asks for: its containers together, or its greediest init container, and its overhead.
fn pod_amount(pod: &Object, list: &str, resource: &str) -> Amount {
    let spec = pod.spec();
    let of = |container: &Value| Amount::of(container.at(&["resources", list, resource]));
    let mut total = spec
        .get("containers")
        .items()
        .iter()
        .fold(Amount::default(), |sum, container| sum.plus(&of(container)));
    let (mut beside, mut most) = (Amount::default(), Amount::default());
    for container in spec.get("initContainers").items() {
        if container.get("restartPolicy").str() == "Always" {
            beside = beside.plus(&of(container));
            total = total.plus(&of(container));
            most = most.at_least(beside.clone());
        } else {
            most = most.at_least(beside.clone().plus(&of(container)));
        }
    }
    total.at_least(most).plus(&Amount::of(spec.at(&["overhead", resource])))
}
