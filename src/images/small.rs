//! Images that hold one small program and little else: curl, netshoot, whoami, http-echo, pause and their like.

use super::{Image, System};

/// curl, on Alpine.
pub const CURL: Image = Image {
    repositories: &["curlimages/curl"],
    size: 9600000,
    system: System::Alpine,
    tools: &["curl"],
    programs: &[("/entrypoint.sh", "entry/curl")],
    entrypoint: &["/entrypoint.sh"],
    command: &["curl"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("CURL_VERSION", "8.16.0"),
    ],
    directory: "/home/curl_user",
    user: 100,
    ..Image::BASE
};

/// All tools that a network can be looked at with.
pub const NETSHOOT: Image = Image {
    repositories: &[
        "nicolaka/netshoot",
        "infoblox/dnstools",
        "giantswarm/tiny-tools",
        "amouat/network-utils",
    ],
    size: 205000000,
    system: System::Alpine,
    tools: &[
        "curl", "dig", "host", "nslookup", "nc", "ping", "ip", "ss", "bash", "openssl", "vim", "getent", "jq",
    ],
    programs: &[("/bin/zsh", "bash")],
    command: &["zsh"],
    ..Image::BASE
};

/// Kubernetes' own image to look at DNS with.
pub const DNSUTILS: Image = Image {
    repositories: &[
        "registry.k8s.io/e2e-test-images/jessie-dnsutils",
        "gcr.io/kubernetes-e2e-test-images/dnsutils",
        "registry.k8s.io/e2e-test-images/dnsutils",
    ],
    size: 62000000,
    system: System::Debian,
    tools: &["dig", "host", "nslookup", "ping", "ps", "wget", "curl", "nc", "netstat", "ip", "ifconfig"],
    command: &["sleep", "infinity"],
    ..Image::BASE
};

/// Kubernetes' own test image.
pub const AGNHOST: Image = Image {
    repositories: &["registry.k8s.io/e2e-test-images/agnhost"],
    size: 53000000,
    system: System::Alpine,
    tools: &["curl", "dig", "host", "nslookup"],
    programs: &[("/agnhost", "agnhost")],
    entrypoint: &["/agnhost"],
    command: &["pause"],
    ..Image::BASE
};

/// What holds a Pod's namespaces.
pub const PAUSE: Image = Image {
    repositories: &["registry.k8s.io/pause"],
    size: 320000,
    system: System::Empty,
    programs: &[("/pause", "pause")],
    entrypoint: &["/pause"],
    ..Image::BASE
};

/// Tells a request back.
pub const ECHOSERVER: Image = Image {
    repositories: &[
        "registry.k8s.io/echoserver",
        "gcr.io/google_containers/echoserver",
        "gcr.io/google-containers/echoserver",
    ],
    size: 46000000,
    system: System::Ubuntu,
    programs: &[("/usr/local/bin/run.sh", "echoserver")],
    command: &["/usr/local/bin/run.sh"],
    ..Image::BASE
};

/// Tells a request back, as minikube's first steps do.
pub const ECHO_SERVER: Image = Image {
    repositories: &["kicbase/echo-server", "jmalloc/echo-server"],
    size: 4600000,
    system: System::Empty,
    programs: &[("/bin/echo-server", "echo-server")],
    entrypoint: &["/bin/echo-server"],
    ..Image::BASE
};

/// Tells who it is.
pub const WHOAMI: Image = Image {
    repositories: &["traefik/whoami", "containous/whoami"],
    size: 2700000,
    system: System::Empty,
    programs: &[("/whoami", "whoami")],
    entrypoint: &["/whoami"],
    ..Image::BASE
};

/// Answers with a text.
pub const HTTP_ECHO: Image = Image {
    repositories: &["hashicorp/http-echo"],
    size: 2900000,
    system: System::Empty,
    programs: &[("/http-echo", "http-echo")],
    entrypoint: &["/http-echo"],
    user: 65532,
    ..Image::BASE
};

/// Says hello.
pub const HELLO_WORLD: Image = Image {
    repositories: &["hello-world"],
    tag_words: &["linux", "nanoserver"],
    size: 2500,
    system: System::Empty,
    programs: &[("/hello", "hello-world")],
    command: &["/hello"],
    ..Image::BASE
};

/// Takes memory and time.
pub const STRESS: Image = Image {
    repositories: &["polinux/stress", "vish/stress", "progrium/stress"],
    size: 4000000,
    system: System::Alpine,
    programs: &[("/usr/local/bin/stress", "stress")],
    command: &["stress"],
    ..Image::BASE
};

/// Pings itself.
pub const PING: Image = Image {
    repositories: &["jpetazzo/ping"],
    size: 3600000,
    system: System::Alpine,
    command: &["ping", "127.0.0.1"],
    ..Image::BASE
};

/// Tells the time each second.
pub const CLOCK: Image = Image {
    repositories: &["jpetazzo/clock"],
    size: 2200000,
    system: System::BusyBox,
    command: &["/bin/sh", "-c", "while date; do sleep 1; done"],
    ..Image::BASE
};

/// The Job of Kubernetes in Action.
pub const BATCH_JOB: Image = Image {
    repositories: &["luksa/batch-job"],
    size: 2200000,
    system: System::BusyBox,
    entrypoint: &[
        "/bin/sh",
        "-c",
        "echo \"$(date) Batch job starting\"; sleep 120; echo \"$(date) Finished succesfully\"",
    ],
    ..Image::BASE
};

/// The DaemonSet of Kubernetes in Action.
pub const SSD_MONITOR: Image = Image {
    repositories: &["luksa/ssd-monitor"],
    size: 2200000,
    system: System::BusyBox,
    entrypoint: &["/bin/sh", "-c", "while true; do echo \"SSD OK\"; sleep 5; done"],
    ..Image::BASE
};
