//! The images that Saya knows, a file each, and what is known of all others: whether they can be pulled at all.

pub mod alpine;
pub(crate) mod apiserver;
pub mod busybox;
pub mod coredns;
pub mod debian;
mod echoes;
pub mod footprint;
pub mod httpd;
pub mod ingress_nginx;
pub mod iptables;
mod kubectl;
pub mod kubectl_proxy;
mod kubetm;
mod languages;
mod library;
pub mod mariadb;
mod memcached;
mod metrics_server;
mod mongo;
pub mod mysql;
pub mod nginx;
pub mod node;
pub mod perl;
mod php;
pub mod phpmyadmin;
pub mod postgres;
mod program;
pub mod python;
mod redhat;
pub mod redis;
pub mod reference;
mod registry;
pub mod samples;
mod small;
mod system;
mod tomcat;
pub mod ubuntu;
pub mod wordpress;

pub use kubectl::Kubectl;
pub use program::{ContainerProgram, Daemon};
pub use reference::Reference;
pub use registry::{Unknown, exists};
pub use system::System;

use crate::base::Date;
use crate::container::signal::Signal;
use crate::container::tree::Tree;

/// What an image holds and does, as far as Saya knows.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Image {
    /// The repositories it is known under; those of Docker Hub without registry, and without `library/`.
    pub repositories: &'static [&'static str],
    /// A word of the tags that stand for it, where its repositories hold several images; nothing for all other tags.
    pub variant: &'static str,
    /// The first two numbers of the oldest version that it is: older tags are other images of its repositories.
    pub since: (u32, u32),
    /// The first part of its tags that are not numbers: `latest`, `alpine`, `stable` …
    pub tag_words: &'static [&'static str],
    /// Its versions, the one of `latest` first.
    pub versions: &'static [&'static str],
    /// The last release of each of its lines that are over, the oldest line first: `("1.27", 5)` is 1.27.5.
    pub past: &'static [(&'static str, u32)],
    /// Its size in bytes on the registry.
    pub size: u64,
    /// The system that it is built on; a tag with `alpine` is built on that.
    pub system: System,
    /// Tools that its system does not have.
    pub tools: &'static [&'static str],
    /// Those that its Alpine variant has as well.
    pub alpine_tools: &'static [&'static str],
    /// Its own programs: paths and ids, in which `$v` is the version and `$t` the tag.
    pub programs: &'static [(&'static str, &'static str)],
    /// Executables that only versions before a major one have.
    pub older_programs: &'static [(&'static str, &'static str, u32)],
    /// The entry point of its configuration.
    pub entrypoint: &'static [&'static str],
    /// The command of its configuration: the entry point's arguments.
    pub command: &'static [&'static str],
    /// The environment of its configuration; `$v` is the version.
    pub environment: &'static [(&'static str, &'static str)],
    /// The working directory of its configuration.
    pub directory: &'static str,
    /// The user of its configuration.
    pub user: u32,
    /// Accounts of its own: lines of `/etc/passwd`.
    pub users: &'static str,
    /// Files of its own: paths and texts.
    pub files: &'static [(&'static str, &'static str)],
    /// Links of its own: paths and targets.
    pub links: &'static [(&'static str, &'static str)],
    /// Empty folders of its own.
    pub folders: &'static [&'static str],
    /// What of this belongs to its user.
    pub owned: &'static [&'static str],
    /// The TCP ports that its main program calls others on.
    pub calls: &'static [u16],
    /// What its main program is asked to stop with.
    pub stop: Signal,
    /// How much memory its main program needs, in MiB.
    pub memory: u64,
}

impl Image {
    /// What images have in common that say nothing else.
    pub const BASE: Image = Image {
        repositories: &[],
        variant: "",
        since: (0, 0),
        tag_words: &[],
        versions: &[],
        past: &[],
        size: 0,
        system: System::Debian,
        tools: &[],
        alpine_tools: &[],
        programs: &[],
        older_programs: &[],
        entrypoint: &[],
        command: &[],
        environment: &[("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")],
        directory: "/",
        user: 0,
        users: "",
        files: &[],
        links: &[],
        folders: &[],
        owned: &[],
        calls: &[],
        stop: Signal::TERM,
        memory: 1,
    };

    /// Whether it is what a repository holds under a tag.
    fn is(&self, path: &str, tag: &str) -> bool {
        self.repositories.contains(&path) && tag.contains(self.variant) && self.since <= numbers(tag)
    }

    /// The system that a tag of it is built on.
    fn system_of(&self, tag: &str) -> System {
        let whole = matches!(self.system, System::Debian | System::Ubuntu) && !self.versions.is_empty();
        match self.system {
            _ if tag.contains("alpine") && whole => System::Alpine,
            // nslookup of the versions before 1.29 has words of its own, which much of the documentation shows.
            System::BusyBox if tag.starts_with("1.2") && !tag.starts_with("1.29") => System::OldBusyBox,
            system => system,
        }
    }

    /// The release of Debian that a tag of it is built on: the one it names, Debian's own latest, or that of the recorded tools.
    // No part of the page's first program.
    #[inline(never)]
    fn debian(&self, tag: &str) -> &'static str {
        let own = std::ptr::eq(self.repositories, debian::IMAGE.repositories);
        match (system::debian_of(tag), tag.split(['.', '-']).next().unwrap_or_default()) {
            (Some(named), _) => named,
            (None, "12" | "oldstable") if own => "12",
            (None, "11" | "oldoldstable") if own => "11",
            (None, "10") if own => "10",
            _ if own => "13",
            _ => system::DEBIAN_RELEASE,
        }
    }

    /// Its files, as those of a tag.
    pub fn tree(&self, tag: &str) -> Tree {
        let system = self.system_of(tag);
        let mut tree = system.tree();
        if self.system == System::Alpine && !self.versions.is_empty() {
            system::set_alpine(&mut tree, &self.version(tag));
        }
        if system == System::Debian {
            let release = self.debian(tag);
            if release != system::DEBIAN_RELEASE {
                system::set_debian(&mut tree, release);
            }
        }
        // The small variants of the languages leave the network's tools out.
        let tools = match tag.contains("slim") {
            true => &[][..],
            false if system != self.system && system == System::Alpine => self.alpine_tools,
            false => self.tools,
        };
        for tool in tools {
            system.add_tool(&mut tree, tool);
        }
        for (path, id) in self.programs {
            tree.add_program(path, &id.replace("$v", &self.version(tag)).replace("$t", tag));
        }
        let major = self.version(tag).split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
        for (path, id, _) in self.older_programs.iter().filter(|(.., before)| major < *before) {
            tree.add_program(path, id);
        }
        if !self.users.is_empty() {
            system::add_users(&mut tree, self.users);
        }
        for (file, text) in self.files {
            tree.add_file(file, *text, if text.starts_with("#!") { 0o755 } else { 0o644 });
        }
        for (path, target) in self.links {
            tree.add_symlink(path, target);
        }
        for folder in self.folders {
            tree.add_directory(folder, 0o755);
        }
        if !self.owned.is_empty() {
            self.own(&mut tree);
        }
        tree.date(BUILT);
        tree
    }

    // No part of the page's first program.
    #[inline(never)]
    fn own(&self, tree: &mut Tree) {
        for path in self.owned {
            if let Some(node) = tree.find(path).and_then(|ino| tree.node_mut(ino)) {
                (node.uid, node.gid) = (self.user, self.user);
            }
        }
    }

    /// The version that a tag stands for.
    pub fn version(&self, tag: &str) -> String {
        let latest = self.versions.first().copied().unwrap_or_default();
        let number = tag.split('-').next().unwrap_or_default().trim_start_matches('v');
        if !number.starts_with(|c: char| c.is_ascii_digit()) {
            return latest.to_owned();
        }
        let fits = |own: &&&str| {
            own.strip_prefix(number).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        match self.versions.iter().find(fits) {
            Some(own) => (*own).to_owned(),
            None => {
                if let Some((_, patch)) = self.past.iter().find(|(line, _)| *line == number) {
                    return format!("{number}.{patch}");
                }
                // One that is not listed has as many parts as the others.
                let missing = latest.matches('.').count().saturating_sub(number.matches('.').count());
                format!("{number}{}", ".0".repeat(missing))
            }
        }
    }

    /// The environment of its configuration, as that of a tag.
    pub fn environment(&self, tag: &str) -> Vec<(String, String)> {
        let version = self.version(tag);
        self.environment.iter().map(|(name, value)| ((*name).into(), value.replace("$v", &version))).collect()
    }
}

/// The first two numbers of a tag; as great as can be where it has none.
fn numbers(tag: &str) -> (u32, u32) {
    let mut parts = tag.split(['.', '-']).map(|part| part.parse().unwrap_or(u32::MAX));
    (parts.next().unwrap_or(u32::MAX), parts.next().unwrap_or(u32::MAX))
}

/// When images were built.
const BUILT: Date = Date(1_762_300_800);

/// What is taken of an image that is not known: a Debian whose main program stays up.
pub const UNKNOWN: Image =
    Image { repositories: &[""], entrypoint: &["/entrypoint"], tools: &["curl", "ps"], ..Image::BASE };

/// The images that the course and the first page's cluster run.
const COMMON: &[&Image] = &[
    &alpine::IMAGE,
    &busybox::IMAGE,
    &debian::IMAGE,
    &httpd::IMAGE,
    &mariadb::IMAGE,
    &mysql::IMAGE,
    &nginx::IMAGE,
    &phpmyadmin::IMAGE,
    &redis::IMAGE,
    &ubuntu::IMAGE,
    &small::PAUSE,
];

/// All others that are known.
const RARER: &[&Image] = &[
    &nginx::SCRIPTED,
    &nginx::PLAIN,
    &nginx::SLIM,
    &nginx::UNPRIVILEGED,
    &node::IMAGE,
    &memcached::IMAGE,
    &mongo::EXPRESS,
    &mongo::IMAGE,
    &mongo::OLD,
    &languages::GCC,
    &languages::GO,
    &languages::JAVA,
    &languages::RUBY,
    &perl::IMAGE,
    &php::APACHE,
    &php::IMAGE,
    &postgres::IMAGE,
    &python::IMAGE,
    &tomcat::IMAGE,
    &wordpress::IMAGE,
    &kubectl::ALPINE,
    &kubectl::DEBIAN,
    &kubectl::NOTHING_ELSE,
    &kubectl::PROXY,
    &kubectl::TOOLS,
    &small::BUSYBOX_PLUS,
    &small::CURL,
    &small::PLAIN_CURL,
    &small::BASH,
    &small::BUSYBOX_CURL,
    &small::UBUNTU_TOOLS,
    &small::UBUNTU_CURL,
    &small::GIT,
    &small::NETSHOOT,
    &small::NETWORK_TOOLS,
    &small::DNSTOOLS,
    &small::DNSUTILS,
    &small::AGNHOST,
    &small::ECHOSERVER,
    &small::ECHO_SERVER,
    &small::WHOAMI,
    &small::HTTP_ECHO,
    &small::HELLO_WORLD,
    &small::STRESS,
    &small::VISH_STRESS,
    &samples::BOOTCAMP,
    &samples::HELLO_APP,
    &samples::HPA_EXAMPLE,
    &samples::SERVE_HOSTNAME,
    &samples::GOPROXY,
    &samples::SIMPLE_SERVICE,
    &samples::TRAINING_WEBAPP,
    &samples::NODE_HELLO,
    &samples::KUBIA,
    &samples::KIADA,
    &samples::KUBIA_PET,
    &samples::KUBIA_UNHEALTHY,
    &samples::SIMPLE_APP,
    &samples::COLOR,
    &samples::HTTP_ENV,
    &samples::WEBAPP_COLOR,
    &samples::WEB_HELLO,
    &samples::WEB_DEMO,
    &samples::ECHO_HOSTNAME,
    &samples::SPRING_HELLO,
    &samples::SPRING_FRONTEND,
    &samples::VERSIONED_PAGES[0],
    &samples::VERSIONED_PAGES[1],
    &samples::VERSIONED_PAGES[2],
    &samples::VERSIONED_PAGES[3],
    &samples::NGINX_HELLO,
    &samples::MULTITOOL,
    &samples::LIVENESS,
    &samples::HELLO_GO,
    &samples::HELLO_FRONTEND,
    &samples::GUESTBOOK,
    &samples::GUESTBOOK_FOLLOWER,
    &samples::KUARD,
    &samples::RNG,
    &samples::VOTE,
    &samples::RESULT,
    &samples::VOTING_WORKER,
    &samples::HASHER,
    &samples::WEBUI,
    &samples::WORKER,
    &samples::PODINFO,
    &samples::HTTPS_ECHO,
    &samples::NODE_ECHO,
    &samples::HELLO_KUBERNETES,
    &samples::HELLO_KIAMOL,
    &samples::SLEEP_KIAMOL,
    &samples::FORTUNE,
    &samples::HELLO_SERVER,
    &samples::DELAY_FAIL_SERVER,
    &samples::KATACODA,
    &samples::STRATEGIES,
    &kubetm::APP,
    &kubetm::P8000,
    &kubetm::P8080,
    &kubetm::SHOPS[0],
    &kubetm::SHOPS[1],
    &kubetm::SHOPS[2],
    &kubetm::INIT,
    &echoes::ECHO_NGINX,
    &echoes::TOOLS,
    &echoes::RANDOM_EXIT,
    &echoes::ECHO_HNAME,
    &echoes::ECHO_IP,
    &echoes::AUDIT_TRAIL,
    &echoes::FASTIFY_ECHO,
    &echoes::COUNTER,
    &echoes::DWK_HASHES,
    &echoes::DWK_HASH_RESPONSE,
    &echoes::DWK_FLAKY,
    &echoes::IBM_GUESTBOOK,
    &ingress_nginx::CONTROLLER,
    &ingress_nginx::CERTGEN,
    &echoes::AZURE_VOTE,
    &echoes::HTTPBIN,
    &small::PING,
    &small::CLOCK,
    &small::BATCH_JOB,
    &small::SSD_MONITOR,
    &redhat::ALMA_LINUX,
    &redhat::AMAZON_LINUX,
    &redhat::CENTOS_7_BY_NAME,
    &redhat::CENTOS,
    &redhat::CENTOS_7,
    &redhat::FEDORA,
    &redhat::ORACLE_LINUX,
    &redhat::ROCKY_LINUX,
];

/// Where an image is, by the name that the lists here have it under: `registry.k8s.io` has mirrors and older names.
fn path_of(reference: &Reference) -> Option<String> {
    Some(match &*reference.registry {
        "docker.io" => reference.path.strip_prefix("library/").unwrap_or(&reference.path).to_owned(),
        "k8s.gcr.io" => format!("registry.k8s.io/{}", reference.path),
        "public.ecr.aws" => path_at_amazon(reference),
        registry => match (registry, reference.path.split_once('/')) {
            ("gcr.io", Some(("google-containers" | "google_containers", rest))) => {
                format!("registry.k8s.io/{rest}")
            }
            _ => format!("{registry}/{}", reference.path),
        },
    })
}

/// The same at Amazon, which mirrors the official images; some projects publish there themselves.
// No part of the page's first program.
#[inline(never)]
fn path_at_amazon(reference: &Reference) -> String {
    let path = &*reference.path;
    match path.strip_prefix("docker/library/") {
        Some(name) => name.to_owned(),
        None if path == "nginx/nginx" => "nginx".to_owned(),
        None if matches!(path, "bitnami/redis" | "bitnami/kubectl") => path.to_owned(),
        None => format!("{}/{path}", reference.registry),
    }
}

/// The known image of a reference.
pub fn find(reference: &Reference) -> Option<&'static Image> {
    let path = path_of(reference)?;
    if is_of_cluster(&path) { None } else { known(&path, &reference.tag) }
}

fn is_of_cluster(path: &str) -> bool {
    OF_CLUSTERS.iter().any(|own| path.starts_with(own))
}

/// What the images of a cluster's own Pods begin with: of these nothing more is known.
const OF_CLUSTERS: &[&str] = &[
    "docker/desktop-",
    "gcr.io/k8s-minikube/storage-provisioner",
    "registry.k8s.io/coredns/",
    "registry.k8s.io/etcd",
    "registry.k8s.io/kube-",
    "registry.k8s.io/metrics-server/",
];

fn known(path: &str, tag: &str) -> Option<&'static Image> {
    COMMON.iter().copied().find(|image| image.is(path, tag)).or_else(|| rarer(path, tag))
}

/// Looks among the images that a page which starts needs none of: it loads them later (`scripts/split`).
#[inline(never)]
fn rarer(path: &str, tag: &str) -> Option<&'static Image> {
    RARER.iter().copied().find(|image| image.is(path, tag))
}

/// True for the control plane's own images, which hold one program and no shell.
pub fn is_distroless(reference: &Reference) -> bool {
    path_of(reference).is_some_and(|path| is_of_cluster(&path) && !path.ends_with("/kube-proxy"))
}

/// True for the images of a cluster's own Pods, in which nobody looks around.
pub fn is_system(reference: &Reference) -> bool {
    path_of(reference).is_some_and(|path| is_of_cluster(&path))
}

/// The files of an image, in a layer that all its containers share.
pub fn layers(reference: &Reference) -> Tree {
    let mut tree = match find(reference) {
        Some(image) => image.tree(&reference.tag),
        None if is_distroless(reference) => System::Empty.tree(),
        None => UNKNOWN.tree(&reference.tag),
    };
    if reference.path == "etcd" {
        tree.add_program("/usr/local/bin/etcdctl", "not-simulated");
    }
    if reference.path == "kube-proxy" {
        iptables::PATHS.iter().for_each(|path| _ = tree.add_program(path, iptables::ID));
    }
    tree.frozen()
}

/// The size in bytes of an image that is not known: a middling one, the same for the same name.
pub fn size(reference: &Reference) -> u64 {
    find(reference).map_or_else(
        || 30_000_000 + crate::base::digest_of(&reference.path).0 % 60_000_000,
        |image| image.size,
    )
}
