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
    users: "curl_user:x:100:101:Linux User,,,:/home/curl_user:/sbin/nologin\n",
    ..Image::BASE
};

/// curl alone, on Alpine.
pub const PLAIN_CURL: Image = Image {
    repositories: &["alpine/curl", "appropriate/curl", "byrnedo/alpine-curl"],
    size: 6000000,
    system: System::Alpine,
    tools: &["curl"],
    entrypoint: &["curl"],
    command: &["--help"],
    ..Image::BASE
};

/// Bash, on Alpine.
pub const BASH: Image = Image {
    repositories: &["bash"],
    tag_words: &["devel"],
    size: 6000000,
    system: System::Alpine,
    tools: &["bash"],
    programs: &[("/usr/local/bin/docker-entrypoint.sh", "entry/plain")],
    entrypoint: &["docker-entrypoint.sh"],
    command: &["bash"],
    ..Image::BASE
};

/// BusyBox with curl.
pub const BUSYBOX_CURL: Image = Image {
    repositories: &["yauritux/busybox-curl", "odise/busybox-curl", "cosmintitei/bash-curl"],
    size: 8000000,
    system: System::BusyBox,
    tools: &["curl"],
    command: &["sh"],
    ..Image::BASE
};

/// The network's tools on Ubuntu.
pub const UBUNTU_TOOLS: Image = Image {
    repositories: &["tutum/dnsutils", "arunvelsriram/utils", "sysnet4admin/net-tools", "nigelpoulton/curl"],
    size: 80000000,
    system: System::Ubuntu,
    tools: &["curl", "dig", "host", "ip", "nc", "netstat", "nslookup", "ping", "ss", "telnet", "vim", "wget"],
    command: &["bash"],
    ..Image::BASE
};

/// Ubuntu with curl.
pub const UBUNTU_CURL: Image = Image {
    repositories: &["alicek106/ubuntu", "alicek106/rr-test"],
    variant: "curl",
    tag_words: &["curl"],
    tools: &["curl"],
    ..UBUNTU_TOOLS
};

/// An old BusyBox with curl, of Kubernetes' own documentation.
pub const BUSYBOX_PLUS: Image = Image {
    repositories: &["radial/busyboxplus"],
    tag_words: &["curl", "git", "base"],
    size: 4200000,
    system: System::OldBusyBox,
    tools: &["curl"],
    command: &["/bin/sh"],
    ..Image::BASE
};

/// git, on Alpine.
pub const GIT: Image = Image {
    repositories: &["alpine/git", "bitnami/git"],
    size: 30000000,
    system: System::Alpine,
    tools: &["git"],
    entrypoint: &["git"],
    command: &["--help"],
    directory: "/git",
    ..Image::BASE
};

/// All tools that a network can be looked at with.
pub const NETSHOOT: Image = Image {
    repositories: &["nicolaka/netshoot", "bretfisher/netshoot"],
    programs: &[
        ("/bin/zsh", "bash"),
        ("/usr/bin/drill", "not-simulated"),
        ("/usr/bin/ethtool", "not-simulated"),
        ("/usr/bin/iperf", "not-simulated"),
        ("/usr/bin/iperf3", "not-simulated"),
        ("/usr/bin/mtr", "not-simulated"),
        ("/usr/bin/ngrep", "not-simulated"),
        ("/usr/bin/nmap", "not-simulated"),
        ("/usr/bin/socat", "not-simulated"),
        ("/usr/bin/strace", "not-simulated"),
        ("/usr/bin/tcpdump", "not-simulated"),
        ("/usr/bin/tcptraceroute", "not-simulated"),
        ("/usr/bin/termshark", "not-simulated"),
        ("/usr/bin/tshark", "not-simulated"),
        ("/usr/sbin/conntrack", "not-simulated"),
        ("/usr/sbin/iptables", "not-simulated"),
        ("/usr/sbin/ipvsadm", "not-simulated"),
        ("/usr/sbin/nft", "not-simulated"),
    ],
    ..NETWORK_TOOLS
};

/// Most of them.
pub const NETWORK_TOOLS: Image = Image {
    repositories: &["giantswarm/tiny-tools", "amouat/network-utils"],
    size: 205000000,
    system: System::Alpine,
    tools: &[
        "curl", "dig", "host", "jq", "nslookup", "nc", "ping", "ip", "ss", "bash", "openssl", "vim", "getent",
    ],
    programs: &[("/bin/zsh", "bash")],
    command: &["zsh"],
    ..Image::BASE
};

/// The tools that CoreDNS' own pages look at it with, in a shell with a prompt of its own.
pub const DNSTOOLS: Image = Image {
    repositories: &["infoblox/dnstools"],
    size: 33000000,
    programs: &[],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("PS1", "dnstools# "),
    ],
    command: &["/bin/sh"],
    ..NETWORK_TOOLS
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
    repositories: &["registry.k8s.io/echoserver"],
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
    repositories: &["traefik/whoami", "containous/whoami", "ghcr.io/traefik/whoami"],
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
    repositories: &["polinux/stress", "progrium/stress"],
    size: 4000000,
    system: System::Alpine,
    programs: &[("/usr/local/bin/stress", "stress")],
    command: &["stress"],
    ..Image::BASE
};

/// The same from another hand, with flags of its own.
pub const VISH_STRESS: Image = Image {
    repositories: &["vish/stress"],
    size: 1600000,
    system: System::Empty,
    programs: &[("/stress", "vish-stress")],
    entrypoint: &["/stress", "--logtostderr"],
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
