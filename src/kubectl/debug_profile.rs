//! What the profiles of `kubectl debug` do to its container and Pod (kubectl/pkg/cmd/debug, `profiles.go`).

use crate::base::Value;
use crate::value;

use super::error::{Result, bail};

/// A set of permissions by name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    Legacy,
    General,
    Baseline,
    Restricted,
    NetworkAdministrator,
    SystemAdministrator,
}

impl Profile {
    /// The profile of a name.
    ///
    /// # Errors
    /// kubectl's words where there is none.
    pub fn of(name: &str) -> Result<Self> {
        Ok(match name {
            "legacy" => Self::Legacy,
            "general" => Self::General,
            "baseline" => Self::Baseline,
            "restricted" => Self::Restricted,
            "netadmin" => Self::NetworkAdministrator,
            "sysadmin" => Self::SystemAdministrator,
            _ => bail!("unknown profile: {name}"),
        })
    }

    /// True where a Pod that debugs a node is in its namespaces.
    pub fn shares_host(self) -> bool {
        !matches!(self, Self::Baseline | Self::Restricted)
    }

    /// True where a Pod that debugs a node has its files.
    pub fn mounts_root(self) -> bool {
        matches!(self, Self::Legacy | Self::General | Self::SystemAdministrator)
    }

    /// Changes the container that debugs a Pod, or a node.
    pub fn apply(self, container: &mut Value, of_node: bool) {
        match self {
            Self::Legacy => {}
            Self::General if !of_node => add_capabilities(container, &["SYS_PTRACE"]),
            Self::General | Self::Baseline => drop(container.remove("securityContext")),
            Self::Restricted => container.set(
                "securityContext",
                value!({
                    "allowPrivilegeEscalation": false,
                    "capabilities": {"drop": ["ALL"]},
                    "runAsNonRoot": true,
                    "seccompProfile": {"type": "RuntimeDefault"}
                }),
            ),
            Self::NetworkAdministrator => add_capabilities(container, &["NET_ADMIN", "NET_RAW"]),
            Self::SystemAdministrator => container.set_at(&["securityContext", "privileged"], true),
        }
    }
}

fn add_capabilities(container: &mut Value, names: &[&str]) {
    let path = ["securityContext", "capabilities", "add"];
    let mut all: Vec<Value> = container.at(&path).items().to_vec();
    all.extend(names.iter().map(|name| Value::from(*name)));
    container.set_at(&path, all);
}
