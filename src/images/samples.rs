//! The images of Kubernetes' own tutorials.

use super::{Image, System};

/// Says hello, and which version it is.
pub const HELLO_APP: Image = Image {
    repositories: &[
        "gcr.io/google-samples/hello-app",
        "us-docker.pkg.dev/google-samples/containers/gke/hello-app",
    ],
    size: 6500000,
    system: System::Empty,
    programs: &[("/hello-app", "sample/hello-app")],
    command: &["/hello-app"],
    versions: &["2", "1"],
    environment: &[("PATH", "/usr/bin:/bin"), ("SAMPLE_VERSION", "$v")],
    ..Image::BASE
};

/// Says on which Pod it runs.
pub const BOOTCAMP: Image = Image {
    repositories: &[
        "gcr.io/google-samples/kubernetes-bootcamp",
        "gcr.io/k8s-minikube/kubernetes-bootcamp",
        "jocatalin/kubernetes-bootcamp",
    ],
    size: 83000000,
    tools: &["curl", "ps"],
    programs: &[("/server.js", "sample/bootcamp")],
    command: &["/server.js"],
    versions: &["2", "1"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("NODE_VERSION", "6.3.1"),
        ("SAMPLE_VERSION", "$v"),
    ],
    ..Image::BASE
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
    size: 6500000,
    system: System::Empty,
    programs: &[("/serve_hostname", "sample/serve-hostname")],
    command: &["/serve_hostname"],
    ..Image::BASE
};
