//! What a Pod asks for as a whole (component-helpers, `resource.PodRequests` and `PodLimits`).

use std::collections::BTreeMap;

use crate::api::Quantity;
use crate::base::Value;

/// Amounts by the names of resources.
pub type Amounts = BTreeMap<String, Quantity>;

/// The amount that a field holds; none where it holds none.
pub fn amount(value: &Value) -> Option<Quantity> {
    match value {
        Value::Int(number) => Some(Quantity::from_value(*number)),
        text => Quantity::parse(text.as_str()?).ok(),
    }
}

/// Adds to the amount under a name.
pub fn add(to: &mut Amounts, name: &str, amount: &Quantity) {
    match to.get_mut(name) {
        Some(sum) => *sum += amount,
        None => drop(to.insert(name.into(), amount.clone())),
    }
}

/// The `requests` or `limits` of a Pod spec: the sum of the containers that run together, or what is needed at once
/// before them if that is more; sidecars run beside everything that starts after them. A container that says nothing
/// of a resource in `unset` counts with the amount there.
pub fn of_pod(spec: &Value, field: &str, unset: &[(&str, Quantity)]) -> Amounts {
    let of = |container: &Value| -> Amounts {
        let said = container.at(&["resources", field]);
        let mut own: Amounts =
            said.entries().filter_map(|(name, value)| Some((name.to_string(), amount(value)?))).collect();
        for (name, quantity) in unset.iter().filter(|(name, _)| said.get(name).is_null()) {
            own.insert((*name).into(), quantity.clone());
        }
        own
    };
    let (mut together, mut sidecars, mut before) = (Amounts::new(), Amounts::new(), Amounts::new());
    for container in spec.get("containers").items() {
        let own = of(container);
        if together.is_empty() {
            together = own;
        } else {
            own.iter().for_each(|(name, amount)| add(&mut together, name, amount));
        }
    }
    for container in spec.get("initContainers").items() {
        let own = of(container);
        if container.get("restartPolicy").str() == "Always" {
            own.iter().for_each(|(name, amount)| add(&mut sidecars, name, amount));
            own.iter().for_each(|(name, amount)| add(&mut together, name, amount));
            raise(&mut before, &sidecars);
        } else {
            let mut at_once = sidecars.clone();
            own.iter().for_each(|(name, amount)| add(&mut at_once, name, amount));
            raise(&mut before, &at_once);
        }
    }
    raise(&mut together, &before);
    for (name, value) in spec.at(&["resources", field]).entries() {
        let for_all = matches!(name, "cpu" | "memory") || name.starts_with("hugepages-");
        if let Some(amount) = amount(value).filter(|_| for_all) {
            together.insert(name.into(), amount);
        }
    }
    for (name, value) in spec.get("overhead").entries() {
        if let Some(amount) = amount(value).filter(|_| field == "requests" || together.contains_key(name)) {
            add(&mut together, name, &amount);
        }
    }
    together
}

fn raise(to: &mut Amounts, floor: &Amounts) {
    for (name, amount) in floor {
        match to.get_mut(name) {
            Some(kept) if *kept >= *amount => {}
            _ => drop(to.insert(name.clone(), amount.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    fn shown(spec: &Value, field: &str) -> String {
        let texts: Vec<String> =
            of_pod(spec, field, &[]).iter().map(|(name, amount)| format!("{name}={amount}")).collect();
        texts.join(",")
    }

    fn container(cpu: &str) -> Value {
        value!({"resources": {"requests": {"cpu": cpu}, "limits": {"cpu": cpu, "memory": "1Gi"}}})
    }

    #[test]
    fn what_runs_together_counts_together() {
        let mut spec = value!({"containers": [(container("100m")), (container("200m"))]});
        assert_eq!(shown(&spec, "requests"), "cpu=300m");
        spec.set("initContainers", vec![container("1")]);
        assert_eq!(
            (shown(&spec, "requests"), shown(&spec, "limits")),
            ("cpu=1".into(), "cpu=1,memory=2Gi".into())
        );
        let mut sidecar = container("500m");
        sidecar.set("restartPolicy", "Always");
        spec.set("initContainers", vec![sidecar.clone(), container("400m")]);
        assert_eq!(shown(&spec, "requests"), "cpu=900m");
        spec.set("initContainers", vec![container("400m"), sidecar]);
        assert_eq!(shown(&spec, "requests"), "cpu=800m");
        spec.set("overhead", value!({"cpu": "50m", "memory": "10Mi"}));
        assert_eq!(shown(&spec, "requests"), "cpu=850m,memory=10Mi");
        spec.set("resources", value!({"requests": {"cpu": "2"}}));
        assert_eq!(shown(&spec, "requests"), "cpu=2050m,memory=10Mi");
    }

    #[test]
    fn what_is_not_said_can_count() {
        let spec = value!({"containers": [(container("1")), {"name": "b"}]});
        let least = [("cpu", Quantity::from_milli(100)), ("memory", Quantity::from_bytes(1 << 20))];
        let amounts = of_pod(&spec, "requests", &least);
        assert_eq!((amounts["cpu"].milli_value(), amounts["memory"].value()), (1_100, 2 << 20));
    }
}
