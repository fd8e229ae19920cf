//! The APIServices of a new cluster: the groups that kube-apiserver itself serves.

use crate::api::{Kind, Object};
use crate::apiserver::ApiServer;
use crate::base::Random;
use crate::value;

/// Group, version, and the priorities of both (`pkg/controlplane/apiserver/aggregator.go`).
const LOCAL: &[(&str, &str, u32, u32)] = &[
    ("", "v1", 18_000, 1),
    ("admissionregistration.k8s.io", "v1", 16_700, 15),
    ("apiextensions.k8s.io", "v1", 16_700, 15),
    ("apps", "v1", 17_800, 15),
    ("authentication.k8s.io", "v1", 17_700, 15),
    ("authorization.k8s.io", "v1", 17_600, 15),
    ("autoscaling", "v1", 17_500, 15),
    ("autoscaling", "v2", 17_500, 30),
    ("batch", "v1", 17_400, 15),
    ("certificates.k8s.io", "v1", 17_300, 15),
    ("coordination.k8s.io", "v1", 16_500, 15),
    ("discovery.k8s.io", "v1", 16_200, 15),
    ("events.k8s.io", "v1", 17_750, 15),
    ("flowcontrol.apiserver.k8s.io", "v1", 16_100, 21),
    ("networking.k8s.io", "v1", 17_200, 15),
    ("node.k8s.io", "v1", 16_300, 15),
    ("policy", "v1", 17_100, 15),
    ("rbac.authorization.k8s.io", "v1", 17_000, 15),
    ("resource.k8s.io", "v1", 16_200, 15),
    ("scheduling.k8s.io", "v1", 16_600, 15),
    ("storage.k8s.io", "v1", 16_800, 15),
];

/// What their uids follow from.
const SEED: u64 = 1;

/// Creates them. Their uids are drawn apart, so that what else a cluster is born with does not depend on how many there are.
pub(super) fn boot(api: &mut ApiServer) {
    let random = std::mem::replace(&mut api.random, Random::from_seed(SEED));
    for (group, version, of_group, of_version) in LOCAL {
        let mut service = Object::new(Kind::APIService, "", &format!("{version}.{group}"));
        service.set_at(
            &["metadata", "labels"],
            value!({"kube-aggregator.kubernetes.io/automanaged": "onstart"}),
        );
        service.set(
            "spec",
            value!({
                "group": (*group),
                "groupPriorityMinimum": (*of_group),
                "version": (*version),
                "versionPriority": (*of_version)
            }),
        );
        let _ = api.create(service.body, "", false);
    }
    api.random = random;
}
