//! The plugins by name, and how they say no.

use std::borrow::Cow;

use crate::apiserver::ApiServer;

use super::event::Event;
use super::plugins::{
    inter_pod_affinity, node_affinity, node_ports, node_resources_fit, node_unschedulable,
    pod_topology_spread, taint_toleration, volume_binding, volume_restrictions, volume_zone,
};
use super::pod_info::PodInfo;

/// A plugin, in the order in which they are asked. The kube-scheduler has three more: NodeName never sees a Pod that
/// names its node, NodeVolumeLimits goes by CSINode objects and DynamicResources by ResourceClaims, of which there are
/// none here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are Kubernetes' own")]
pub enum Plugin {
    NodeUnschedulable,
    TaintToleration,
    NodeAffinity,
    NodePorts,
    NodeResourcesFit,
    VolumeRestrictions,
    VolumeBinding,
    VolumeZone,
    PodTopologySpread,
    InterPodAffinity,
}

impl Plugin {
    /// Every plugin.
    pub const ALL: &'static [Plugin] = &[
        Plugin::NodeUnschedulable,
        Plugin::TaintToleration,
        Plugin::NodeAffinity,
        Plugin::NodePorts,
        Plugin::NodeResourcesFit,
        Plugin::VolumeRestrictions,
        Plugin::VolumeBinding,
        Plugin::VolumeZone,
        Plugin::PodTopologySpread,
        Plugin::InterPodAffinity,
    ];

    /// True where an event may let a Pod pass that this plugin did not let pass (`EventsToRegister`).
    pub fn is_helped_by(self, event: &Event<'_>, pod: &PodInfo, api: &ApiServer) -> bool {
        match self {
            Plugin::NodeUnschedulable => node_unschedulable::is_helped_by(event, pod),
            Plugin::TaintToleration => taint_toleration::is_helped_by(event, pod),
            Plugin::NodeAffinity => node_affinity::is_helped_by(event, pod),
            Plugin::NodePorts => node_ports::is_helped_by(event, pod),
            Plugin::NodeResourcesFit => node_resources_fit::is_helped_by(event, pod),
            Plugin::VolumeRestrictions => volume_restrictions::is_helped_by(event, pod),
            Plugin::VolumeBinding => volume_binding::is_helped_by(event, pod, api),
            Plugin::VolumeZone => volume_zone::is_helped_by(event, pod),
            Plugin::PodTopologySpread => pod_topology_spread::is_helped_by(event, pod),
            Plugin::InterPodAffinity => inter_pod_affinity::is_helped_by(event, pod, api),
        }
    }
}

/// Why a plugin does not let a Pod onto a node, or onto any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Who says so.
    pub plugin: Plugin,
    /// In the scheduler's words.
    pub reasons: Vec<Cow<'static, str>>,
    /// True where it may help that other Pods go.
    pub by_pods: bool,
}

impl Rejection {
    /// A reason that stays whatever Pods go (`UnschedulableAndUnresolvable`).
    pub fn lasting(plugin: Plugin, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { plugin, reasons: vec![reason.into()], by_pods: false }
    }

    /// A reason that may go with other Pods (`Unschedulable`).
    pub fn by_pods(plugin: Plugin, reason: &'static str) -> Self {
        Self { plugin, reasons: vec![reason.into()], by_pods: true }
    }
}

/// What a plugin says of a Pod and a node.
pub type Verdict = Result<(), Rejection>;
