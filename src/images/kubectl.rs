//! kubectl in a container: a client of the API server alone, and the images that hold it.

use std::sync::Arc;

use super::kubectl_proxy::Proxy;
use super::{Image, System};
use crate::apiserver::ApiServer;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::kubectl::Step as Wanted;
use crate::programs::kubectl::{Client, Stepped};

/// A kubectl that runs in a container.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Kubectl {
    client: Client,
    proxy: Option<Proxy>,
}

// No part of the page's first program, as what makes one and goes on with it.
impl Clone for Kubectl {
    #[inline(never)]
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), proxy: self.proxy.clone() }
    }
}

impl Kubectl {
    /// The id of its executables.
    pub const ID: &'static str = "kubectl";

    #[inline(never)]
    pub(super) fn new(argv: &[Arc<str>]) -> Self {
        let words: Vec<String> = argv.iter().skip(1).map(|word| word.to_string()).collect();
        Self { client: Client::new(&words), proxy: None }
    }

    #[inline(never)]
    pub(super) fn step(&mut self, kernel: &mut Kernel<'_>, api: &mut ApiServer) -> Step {
        if let Some(proxy) = &mut self.proxy {
            return proxy.step(kernel, api);
        }
        let wanted = match self.client.step(kernel, api, "") {
            Stepped::Own(step) => {
                api.watched |= matches!(&step, Step::Wait(wait) if wait.world);
                return step;
            }
            Stepped::Handed(wanted) => wanted,
        };
        let what = match wanted {
            Wanted::Proxy(request) => match Proxy::begin(kernel, request) {
                Ok(proxy) => {
                    self.proxy = Some(proxy);
                    return Step::Yield;
                }
                Err(why) => {
                    kernel.complain(why);
                    return Step::Exit(1);
                }
            },
            Wanted::Exec(_) => "running programs in containers",
            Wanted::Attach(_) => "joining a container's program",
            Wanted::Logs(_) => "containers' logs",
            Wanted::PortForward(_) => "leading ports to a Pod",
            Wanted::Copy(_) => "copying files",
            Wanted::Edit(_) => "an editor",
            Wanted::Done(_) | Wanted::Wait { .. } => "this",
        };
        kernel.complain(format!(
            "error: Saya does not simulate {what} for a kubectl that itself runs in a container\n"
        ));
        Step::Exit(1)
    }
}

/// kubectl alone, on Alpine.
pub const ALPINE: Image = Image {
    repositories: &["lachlanevenson/k8s-kubectl", "wardviaene/kubectl", "roffe/kubectl", "d3fk/kubectl"],
    size: 20000000,
    system: System::Alpine,
    programs: &[("/usr/local/bin/kubectl", "kubectl")],
    entrypoint: &["kubectl"],
    command: &["help"],
    ..Image::BASE
};

/// kubectl with a few tools, on Debian.
pub const DEBIAN: Image = Image {
    repositories: &["bitnami/kubectl", "bitnamilegacy/kubectl"],
    size: 120000000,
    tools: &["curl", "git", "jq", "ps"],
    programs: &[
        ("/opt/bitnami/kubectl/bin/kubectl", "kubectl"),
        ("/opt/bitnami/common/bin/yq", "not-simulated"),
    ],
    entrypoint: &["kubectl"],
    command: &["--help"],
    environment: &[(
        "PATH",
        "/opt/bitnami/common/bin:/opt/bitnami/kubectl/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    )],
    user: 1001,
    ..Image::BASE
};

/// kubectl and nothing else.
pub const NOTHING_ELSE: Image = Image {
    repositories: &["registry.k8s.io/kubectl", "rancher/kubectl"],
    size: 18000000,
    system: System::Empty,
    programs: &[("/bin/kubectl", "kubectl")],
    entrypoint: &["/bin/kubectl"],
    ..Image::BASE
};

/// A container beside others, by which they ask the API server without a token.
pub const PROXY: Image = Image {
    repositories: &["luksa/kubectl-proxy"],
    size: 30000000,
    system: System::Alpine,
    tools: &["curl"],
    programs: &[("/kubectl", "kubectl")],
    entrypoint: &[
        "/bin/sh",
        "-c",
        "A=/var/run/secrets/kubernetes.io/serviceaccount; exec /kubectl proxy --server=https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT --certificate-authority=$A/ca.crt --token=$(cat $A/token) --accept-paths='^.*'",
    ],
    ..Image::BASE
};

/// kubectl among all that is used with it, on Alpine.
pub const TOOLS: Image = Image {
    repositories: &["alpine/k8s", "dtzar/helm-kubectl", "portainer/kubectl-shell"],
    size: 250000000,
    system: System::Alpine,
    tools: &["bash", "curl", "git", "jq"],
    programs: &[
        ("/usr/bin/kubectl", "kubectl"),
        ("/usr/bin/helm", "not-simulated"),
        ("/usr/bin/yq", "not-simulated"),
    ],
    command: &["bash"],
    ..Image::BASE
};
