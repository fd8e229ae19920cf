//! Amounts of resources as the scheduler counts them (scheduler/framework, `Resource`).

use std::collections::BTreeMap;

use crate::api::Quantity;
use crate::resources::pod::amounts::Amounts;

/// What is asked for, or what there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// CPU in thousandths.
    pub cpu_milli: i64,
    /// Memory in bytes.
    pub memory: i64,
    /// Local storage in bytes.
    pub ephemeral_storage: i64,
    /// Huge pages, GPUs and the like, by name.
    pub others: BTreeMap<String, i64>,
}

impl Resource {
    /// The amounts, apart from the number of Pods.
    pub fn from_amounts(amounts: &Amounts) -> Self {
        let mut resource = Self::default();
        for (name, amount) in amounts {
            match name.as_str() {
                "cpu" => resource.cpu_milli = amount.milli_value(),
                "memory" => resource.memory = amount.value(),
                "ephemeral-storage" => resource.ephemeral_storage = amount.value(),
                "pods" | "storage" => {}
                _ => drop(resource.others.insert(name.clone(), amount.value())),
            }
        }
        resource
    }

    /// The amount of one of [`Self::others`].
    pub fn other(&self, name: &str) -> i64 {
        self.others.get(name).copied().unwrap_or_default()
    }

    /// Counts `more` in, or out again with a `sign` of -1.
    pub fn count(&mut self, more: &Resource, sign: i64) {
        self.cpu_milli += sign * more.cpu_milli;
        self.memory += sign * more.memory;
        self.ephemeral_storage += sign * more.ephemeral_storage;
        for (name, amount) in &more.others {
            let sum = self.other(name) + sign * amount;
            match sum {
                0 => drop(self.others.remove(name)),
                _ => drop(self.others.insert(name.clone(), sum)),
            }
        }
    }
}

/// What a container that asks for no CPU or memory counts with where Pods are spread, so that many such Pods do not
/// end up on one node.
pub fn least_requests() -> [(&'static str, Quantity); 2] {
    [("cpu", Quantity::from_milli(100)), ("memory", Quantity::from_bytes(200 << 20))]
}
