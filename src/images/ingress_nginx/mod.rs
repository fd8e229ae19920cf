//! ingress-nginx: the controller that has nginx do what Ingresses say, and the image that makes its certificate.

mod certgen;
mod controller;
mod routes;
mod template;
mod wait_shutdown;

use super::{Image, Reference, System};
use crate::api::{Kind, Object};
use crate::apiserver::ApiServer;
use crate::base::Value;
use crate::container::kernel::Kernel;
use crate::container::program::Step;

/// A program of these images.
#[derive(Debug, PartialEq, Eq, Hash)]
pub enum IngressNginx {
    /// `/nginx-ingress-controller`
    Controller(Box<controller::Controller>),
    /// `/wait-shutdown`, which ends the controller and waits until it has ended.
    WaitShutdown(wait_shutdown::WaitShutdown),
    /// `/kube-webhook-certgen`
    Certgen,
}

// No part of the page's first program.
impl Clone for IngressNginx {
    #[inline(never)]
    fn clone(&self) -> Self {
        match self {
            Self::Controller(controller) => Self::Controller(controller.clone()),
            Self::WaitShutdown(own) => Self::WaitShutdown(own.clone()),
            Self::Certgen => Self::Certgen,
        }
    }
}

impl IngressNginx {
    /// The program of an id.
    // No part of the page's first program.
    #[inline(never)]
    pub(super) fn load(id: &str) -> Option<Self> {
        Some(match id.strip_prefix("ingress-nginx/")? {
            "controller" => Self::Controller(Box::default()),
            "wait-shutdown" => Self::WaitShutdown(Default::default()),
            _ => Self::Certgen,
        })
    }

    // No part of the page's first program.
    #[inline(never)]
    pub(super) fn step(&mut self, kernel: &mut Kernel<'_>, api: &mut ApiServer) -> Step {
        match self {
            Self::Controller(controller) => controller.step(kernel, api),
            Self::WaitShutdown(own) => own.step(kernel),
            Self::Certgen => Step::Exit(certgen::run(kernel, api)),
        }
    }
}

/// The Pods of controllers that hand requests on to a Service, as an Ingress of their class says.
// No part of the page's first program.
#[inline(never)]
pub fn clients<'a>(api: &'a ApiServer, service: &Object) -> Vec<&'a Object> {
    let leads = |ingress: &&Object| {
        let mut backends = routes::rules(ingress).into_iter().map(|(_, path, _)| path);
        backends.any(|path| path.at(&["backend", "service", "name"]).str() == service.name())
    };
    let ingresses: Vec<&Object> =
        api.store().list_in(Kind::Ingress, service.namespace()).filter(leads).collect();
    if ingresses.is_empty() {
        return Vec::new();
    }
    let serves = |pod: &&Object| {
        pod.status().get("phase").str() == "Running"
            && pod.spec().get("containers").items().iter().any(|container| {
                let image = Reference::parse(container.get("image").str()).as_ref().and_then(super::find);
                let words: Vec<&str> = container.get("args").items().iter().map(Value::str).collect();
                let class = routes::Class::from_arguments(&words);
                image.is_some_and(|image| image.repositories == CONTROLLER.repositories)
                    && ingresses.iter().any(|ingress| class.of(api, ingress).is_ok())
            })
    };
    api.store().list(Kind::Pod).filter(serves).collect()
}

/// The controller with its nginx.
pub const CONTROLLER: Image = Image {
    repositories: &[
        "registry.k8s.io/ingress-nginx/controller",
        "quay.io/kubernetes-ingress-controller/nginx-ingress-controller",
    ],
    versions: &["1.13.3"],
    size: 105_000_000,
    system: System::Alpine,
    tools: &["curl"],
    programs: &[
        ("/usr/bin/dumb-init", "tini"),
        ("/nginx-ingress-controller", "ingress-nginx/controller"),
        ("/wait-shutdown", "ingress-nginx/wait-shutdown"),
        ("/usr/bin/nginx", "nginx"),
        ("/usr/local/nginx/sbin/nginx", "nginx"),
    ],
    entrypoint: &["/usr/bin/dumb-init", "--"],
    command: &["/nginx-ingress-controller"],
    environment: &[
        (
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/luajit/bin:/usr/local/nginx/sbin:/usr/local/nginx/bin",
        ),
        ("NGINX_VERSION", "1.27.1"),
    ],
    directory: "/etc/nginx",
    user: 101,
    users: "www-data:x:101:101:Linux User,,,:/usr/local/nginx:/sbin/nologin\n",
    files: &[("/etc/nginx/nginx.conf", "# The controller writes this file.\n")],
    folders: &["/etc/ingress-controller/ssl"],
    owned: &["/etc/nginx", "/etc/nginx/nginx.conf", "/etc/ingress-controller/ssl", "/var/log/nginx"],
    links: &[("/var/log/nginx/access.log", "/dev/stdout"), ("/var/log/nginx/error.log", "/dev/stderr")],
    memory: 90,
    ..Image::BASE
};

/// What makes the certificate of the controller's webhook.
pub const CERTGEN: Image = Image {
    repositories: &["registry.k8s.io/ingress-nginx/kube-webhook-certgen"],
    size: 24_000_000,
    system: System::Empty,
    programs: &[("/kube-webhook-certgen", "ingress-nginx/certgen")],
    entrypoint: &["/kube-webhook-certgen"],
    user: 65532,
    ..Image::BASE
};
