//! The images of Kubernetes' own tutorials and of well-known courses, whose program is a small web server.

use super::{Image, System};

const GO: Image = Image { size: 6500000, system: System::Empty, ..Image::BASE };
const NODE: Image = Image { size: 83000000, tools: &["curl", "ps", "wget", "vim"], ..Image::BASE };

/// Says hello, and which version it is.
pub const HELLO_APP: Image = Image {
    repositories: &[
        "gcr.io/google-samples/hello-app",
        "us-docker.pkg.dev/google-samples/containers/gke/hello-app",
    ],
    programs: &[("/hello-app", "sample/hello-app:$v")],
    command: &["/hello-app"],
    versions: &["2", "1"],
    environment: &[("PATH", "/usr/bin:/bin")],
    ..GO
};

/// Says on which Pod it runs.
pub const BOOTCAMP: Image = Image {
    repositories: &[
        "gcr.io/google-samples/kubernetes-bootcamp",
        "gcr.io/k8s-minikube/kubernetes-bootcamp",
        "jocatalin/kubernetes-bootcamp",
    ],
    tools: &["curl", "ps"],
    programs: &[("/server.js", "sample/bootcamp:$v")],
    command: &["/server.js"],
    versions: &["2", "1"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("NODE_VERSION", "6.3.1"),
    ],
    ..NODE
};

/// Reckons at each request.
pub const HPA_EXAMPLE: Image = Image {
    repositories: &["registry.k8s.io/hpa-example"],
    size: 180000000,
    tools: &["curl"],
    programs: &[("/usr/local/bin/apache2-foreground", "sample/hpa-example")],
    command: &["apache2-foreground"],
    ..Image::BASE
};

/// Answers with its Pod's name.
pub const SERVE_HOSTNAME: Image = Image {
    repositories: &["registry.k8s.io/serve_hostname", "gcr.io/google-containers/serve_hostname"],
    programs: &[("/serve_hostname", "sample/serve-hostname")],
    command: &["/serve_hostname"],
    ..GO
};

/// Says hello from node.
pub const NODE_HELLO: Image = Image {
    repositories: &["gcr.io/google-samples/node-hello"],
    programs: &[("/server.js", "sample/node-hello")],
    command: &["/server.js"],
    ..NODE
};

/// Kubernetes in Action's server; its versions are those of the chapter on updates.
pub const KUBIA: Image = Image {
    repositories: &["luksa/kubia"],
    programs: &[("/app.js", "sample/kubia:$v")],
    entrypoint: &["/app.js"],
    versions: &["", "1", "2", "3", "4"],
    ..NODE
};

/// Its server that keeps what it is sent.
pub const KUBIA_PET: Image = Image {
    repositories: &["luksa/kubia-pet"],
    programs: &[("/app.js", "sample/kubia-pet")],
    entrypoint: &["/app.js"],
    ..NODE
};

/// Its server that fails after five requests.
pub const KUBIA_UNHEALTHY: Image = Image {
    repositories: &["luksa/kubia-unhealthy"],
    programs: &[("/app.js", "sample/kubia-unhealthy")],
    entrypoint: &["/app.js"],
    ..NODE
};

/// Says on which Pod it runs, for those who prepare for an exam.
pub const SIMPLE_APP: Image = Image {
    repositories: &["dgkanatsios/simpleapp"],
    programs: &[("/usr/src/app/server.js", "sample/simpleapp")],
    command: &["/usr/src/app/server.js"],
    directory: "/usr/src/app",
    ..NODE
};

/// A page of a color.
pub const COLOR: Image = Image {
    repositories: &["jpetazzo/color"],
    programs: &[("/color", "sample/color")],
    command: &["/color"],
    ..GO
};

/// Its own environment.
pub const HTTP_ENV: Image = Image {
    repositories: &["jpetazzo/httpenv", "bretfisher/httpenv"],
    system: System::Alpine,
    programs: &[("/httpenv", "sample/httpenv")],
    command: &["/httpenv"],
    ..GO
};

/// A page in the color that it is told.
pub const WEBAPP_COLOR: Image = Image {
    repositories: &["kodekloud/webapp-color"],
    size: 32000000,
    system: System::Alpine,
    programs: &[("/opt/app.py", "sample/webapp-color")],
    entrypoint: &["/opt/app.py"],
    directory: "/opt",
    ..Image::BASE
};

/// Says hello, and from which Pod.
pub const WEB_HELLO: Image = Image {
    repositories: &["bstashchuk/k8s-web-hello"],
    programs: &[("/app/index.mjs", "sample/web-hello:$v")],
    command: &["/app/index.mjs"],
    directory: "/app",
    versions: &["", "2"],
    ..NODE
};

/// Says hello.
pub const WEB_DEMO: Image = Image {
    repositories: &["wardviaene/k8s-demo"],
    programs: &[("/app/index.js", "sample/web-demo")],
    command: &["/app/index.js"],
    directory: "/app",
    ..NODE
};

/// nginx that tells about itself in plain text.
pub const NGINX_HELLO: Image = Image {
    repositories: &["nginxdemos/hello"],
    tag_words: &["plain"],
    size: 10000000,
    system: System::Alpine,
    programs: &[("/usr/sbin/nginx", "sample/nginx-hello:$t")],
    command: &["/usr/sbin/nginx"],
    ..Image::BASE
};

/// All tools for a network, beside a web server.
pub const MULTITOOL: Image = Image {
    repositories: &["wbitt/network-multitool", "praqma/network-multitool"],
    tag_words: &["extra", "minimal", "fedora"],
    programs: &[("/usr/sbin/nginx", "sample/multitool")],
    command: &["/usr/sbin/nginx"],
    ..super::small::NETSHOOT
};

/// A probe's example of old: what agnhost does as `liveness`.
pub const LIVENESS: Image = Image {
    repositories: &["registry.k8s.io/liveness"],
    programs: &[("/server", "agnhost-liveness")],
    command: &["/server"],
    ..GO
};
