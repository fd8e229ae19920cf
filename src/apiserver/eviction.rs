//! The `eviction` subresource: Pods go only where their disruption budgets let them.

use crate::api::{Kind, Object, ObjectKey, Selector};

use super::ApiServer;

impl ApiServer {
    /// Asks the disruption budgets of a Pod whether it may go now, and books the disruption.
    ///
    /// # Errors
    /// The server's words, where one says no.
    pub fn may_evict(&mut self, key: &ObjectKey) -> Result<(), String> {
        let Some(pod) = self.get(key) else { return Ok(()) };
        let phase = pod.status().get("phase").str();
        if matches!(phase, "Succeeded" | "Failed" | "Pending") || pod.is_terminating() {
            return Ok(());
        }
        let selects = |budget: &&Object| {
            let selector = budget.spec().get("selector");
            !selector.is_null() && Selector::from_label_selector(selector).matches(pod.labels())
        };
        let mut budgets = self.store().list_in(Kind::PodDisruptionBudget, pod.namespace()).filter(selects);
        let Some(budget) = budgets.next() else { return Ok(()) };
        if budgets.next().is_some() {
            return Err("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.".into());
        }
        // Pods that are not ready may go where that cannot make it worse (`unhealthyPodEvictionPolicy`).
        let count = |field: &str| budget.status().get(field).int();
        let (healthy, desired) = (count("currentHealthy"), count("desiredHealthy"));
        let always = budget.spec().get("unhealthyPodEvictionPolicy").str() == "AlwaysAllow";
        if !pod.has_condition("Ready") && (always || desired > 0 && healthy >= desired) {
            return Ok(());
        }
        let allowed = budget.status().get("disruptionsAllowed").int();
        if allowed <= 0 {
            return Err("Cannot evict pod as it would violate the pod's disruption budget.".into());
        }
        let (budget, name) = (budget.key(), key.name.clone());
        drop(budgets);
        let now = self.clock.date().rfc3339();
        self.modify_status(&budget, |status| {
            status.set("disruptionsAllowed", allowed - 1);
            status.set_at(&["disruptedPods", &name], now);
        });
        Ok(())
    }
}
