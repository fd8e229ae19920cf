//! How many replicas a metric asks for (podautoscaler, `replica_calculator.go`).

use std::collections::BTreeMap;
use std::time::Duration;

use smol_str::SmolStr;

use crate::api::{Kind, Object, Quantity, labels::Selector};
use crate::apiserver::ApiServer;
use crate::base::{Date, Value};

/// How far a ratio may be from 1 before anything is done (`--horizontal-pod-autoscaler-tolerance`).
const TOLERANCE: f64 = 0.1;
/// How long after its start a Pod's processor time counts only while it is ready
/// (`--horizontal-pod-autoscaler-cpu-initialization-period`).
const INITIALIZATION: i64 = 300;
/// How soon after its start a Pod that is not ready was never ready (`--horizontal-pod-autoscaler-initial-readiness-delay`).
const READINESS_DELAY: i64 = 30;

/// What is looked at: the Pods, and the part of them that is measured.
pub(super) struct Subject<'a> {
    pub api: &'a ApiServer,
    pub namespace: &'a str,
    pub selector: Selector,
    /// `cpu` or `memory`.
    pub resource: &'a str,
    /// One container of each Pod; empty for all.
    pub container: &'a str,
    /// How many replicas there are.
    pub current: i64,
    pub behavior: &'a Value,
}

/// What a metric asks for.
pub(super) struct Proposal {
    pub replicas: i64,
    /// In thousandths.
    pub average: i64,
    /// In percent of what is requested, where that is what is asked for.
    pub utilization: Option<i64>,
}

type Amounts = BTreeMap<SmolStr, i64>;

/// Pods by what can be said of them.
#[derive(Default)]
struct Groups {
    ready: i64,
    unready: Vec<SmolStr>,
    missing: Vec<SmolStr>,
    ignored: Vec<SmolStr>,
}

impl Subject<'_> {
    /// The replicas for an average utilization in percent.
    ///
    /// # Errors
    /// The controller's words.
    pub fn for_utilization(&self, wanted: i64) -> Result<Proposal, String> {
        let metrics = self.metrics()?;
        let pods = self.pods()?;
        let requests = self.requests(&pods)?;
        let (replicas, utilization, average) = self.replicas(metrics, &pods, |metrics| {
            let known = metrics.iter().filter_map(|(name, used)| Some((used, requests.get(name)?)));
            let (used, requested, count) = known.fold((0, 0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + 1));
            if requested == 0 {
                return Err("no metrics returned matched known pods".to_owned());
            }
            let utilization = used * 100 / requested;
            Ok((utilization as f64 / wanted as f64, utilization, used / count))
        }, |name| requests.get(name).copied().unwrap_or(0) * wanted.max(100) / 100)?;
        Ok(Proposal { replicas, average, utilization: Some(utilization) })
    }

    /// The replicas for an average amount, in thousandths.
    ///
    /// # Errors
    /// The controller's words.
    pub fn for_amount(&self, wanted: i64) -> Result<Proposal, String> {
        let metrics = self.metrics()?;
        let pods = self.pods()?;
        let (replicas, _, average) = self.replicas(metrics, &pods, |metrics| {
            let average = metrics.values().sum::<i64>() / metrics.len().max(1) as i64;
            Ok((average as f64 / wanted as f64, 0, average))
        }, |_| wanted)?;
        Ok(Proposal { replicas, average, utilization: None })
    }

    /// What the Pods take, by name and in thousandths.
    fn metrics(&self) -> Result<Amounts, String> {
        let failed = |why: &str| Err(format!("unable to get metrics for resource {}: {why}", self.resource));
        const CANNOT: &str = "unable to fetch metrics from resource metrics API: the server";
        match self.api.metrics_available() {
            None => {
                return failed(&format!("{CANNOT} could not find the requested resource (get pods.metrics.k8s.io)"));
            }
            Some(false) => {
                return failed(&format!("{CANNOT} is currently unable to handle the request (get pods.metrics.k8s.io)"));
            }
            Some(true) => {}
        }
        let mut metrics = Amounts::new();
        for pod in self.selected() {
            let Some(usage) = self.api.pod_usage(self.namespace, pod.name()) else { continue };
            let own = usage.containers.iter().filter(|(name, _)| self.container.is_empty() || **name == *self.container);
            let amounts = own.filter_map(|(_, usage)| Some(usage.quantity(self.resource)?.milli_value()));
            metrics.insert(pod.name().into(), amounts.sum());
        }
        if metrics.is_empty() {
            return failed("no metrics returned from resource metrics API");
        }
        Ok(metrics)
    }

    fn selected(&self) -> impl Iterator<Item = &Object> {
        let pods = self.api.store().list_in(Kind::Pod, self.namespace);
        pods.filter(|pod| self.selector.matches(pod.labels()))
    }

    fn pods(&self) -> Result<Vec<&Object>, String> {
        let pods: Vec<&Object> = self.selected().collect();
        match pods.is_empty() {
            true => Err("no pods returned by selector while calculating replica count".to_owned()),
            false => Ok(pods),
        }
    }

    /// What the Pods request, by name and in thousandths.
    fn requests(&self, pods: &[&Object]) -> Result<Amounts, String> {
        let of = |pod: &&Object| {
            let whole = Quantity::of(pod.spec().at(&["resources", "requests", self.resource]));
            if let Some(whole) = whole.filter(|_| self.container.is_empty()) {
                return Ok((pod.name().into(), whole.milli_value()));
            }
            let sidecars = pod.spec().get("initContainers").items().iter();
            let sidecars = sidecars.filter(|container| container.get("restartPolicy").str() == "Always");
            let mut sum = 0;
            for container in pod.spec().get("containers").items().iter().chain(sidecars) {
                let name = container.get("name").str();
                if !self.container.is_empty() && name != self.container {
                    continue;
                }
                let request = Quantity::of(container.at(&["resources", "requests", self.resource])).ok_or_else(|| {
                    format!("missing request for {} in container {name} of Pod {}", self.resource, pod.name())
                })?;
                sum += request.milli_value();
            }
            Ok((pod.name().into(), sum))
        };
        pods.iter().map(of).collect()
    }

    /// The replicas by a ratio of what is taken and what should be, with what that ratio's function tells beside it. Pods that
    /// say nothing are taken for idle where more are asked for, and for busy (`full`) where fewer are.
    fn replicas(
        &self,
        mut metrics: Amounts,
        pods: &[&Object],
        ratio: impl Fn(&Amounts) -> Result<(f64, i64, i64), String>,
        full: impl Fn(&SmolStr) -> i64,
    ) -> Result<(i64, i64, i64), String> {
        let groups = self.groups(&metrics, pods);
        for name in groups.ignored.iter().chain(&groups.unready) {
            metrics.remove(name);
        }
        if metrics.is_empty() {
            return Err("did not receive metrics for targeted pods (pods might be unready)".to_owned());
        }
        let (first, utilization, average) = ratio(&metrics)?;
        let told = |replicas| Ok((replicas, utilization, average));
        let rises_with_unready = !groups.unready.is_empty() && first > 1.0;
        if !rises_with_unready && groups.missing.is_empty() {
            return told(if self.tolerates(first) { self.current } else { ceil(first * groups.ready as f64) });
        }
        for name in &groups.missing {
            if first < 1.0 {
                metrics.insert(name.clone(), full(name));
            } else if first > 1.0 {
                metrics.insert(name.clone(), 0);
            }
        }
        if rises_with_unready {
            metrics.extend(groups.unready.iter().map(|name| (name.clone(), 0)));
        }
        let (second, ..) = ratio(&metrics)?;
        if self.tolerates(second) || (first < 1.0 && second > 1.0) || (first > 1.0 && second < 1.0) {
            return told(self.current);
        }
        let replicas = ceil(second * metrics.len() as f64);
        let turns = (second < 1.0 && replicas > self.current) || (second > 1.0 && replicas < self.current);
        told(if turns { self.current } else { replicas })
    }

    fn tolerates(&self, ratio: f64) -> bool {
        let of = |direction: &str| {
            let own = Quantity::of(self.behavior.at(&[direction, "tolerance"]));
            own.map_or(TOLERANCE, |own| own.milli_value() as f64 / 1_000.0)
        };
        (1.0 - of("scaleDown")..=1.0 + of("scaleUp")).contains(&ratio)
    }

    /// `groupPods`
    fn groups(&self, metrics: &Amounts, pods: &[&Object]) -> Groups {
        let mut groups = Groups::default();
        let now = self.api.clock.date().0;
        for pod in pods {
            let name = SmolStr::from(pod.name());
            let phase = pod.status().get("phase").str();
            if pod.is_terminating() || phase == "Failed" {
                groups.ignored.push(name);
            } else if phase == "Pending" {
                groups.unready.push(name);
            } else if !metrics.contains_key(&name) {
                groups.missing.push(name);
            } else if self.resource == "cpu" && self.is_unready(pod, now) {
                groups.unready.push(name);
            } else {
                groups.ready += 1;
            }
        }
        groups
    }

    fn is_unready(&self, pod: &Object, now: i64) -> bool {
        let ready = pod.condition("Ready");
        let started = Date::parse_rfc3339(pod.status().get("startTime").str());
        let changed = Date::parse_rfc3339(ready.get("lastTransitionTime").str());
        let (Some(started), Some(changed)) = (started, changed) else { return true };
        let is_ready = ready.get("status").str() == "True";
        if started.0 + INITIALIZATION > now {
            let usage = self.api.pod_usage(self.namespace, pod.name());
            let fresh = usage.is_some_and(|usage| {
                self.api.clock.date_at(usage.at).0 < changed.0 + whole_seconds(usage.window)
            });
            !is_ready || fresh
        } else {
            !is_ready && started.0 + READINESS_DELAY > changed.0
        }
    }
}

fn whole_seconds(time: Duration) -> i64 {
    time.as_secs() as i64
}

fn ceil(replicas: f64) -> i64 {
    replicas.ceil() as i64
}
