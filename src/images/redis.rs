//! Redis.

use super::Image;

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &[
        "redis",
        "bitnami/redis",
        "mcr.microsoft.com/oss/bitnami/redis",
        "valkey",
        "registry.k8s.io/redis",
    ],
    size: 52000000,
    programs: &[
        ("/usr/local/bin/docker-entrypoint.sh", "entry/redis"),
        ("/usr/local/bin/redis-server", "redis-server"),
        ("/usr/local/bin/redis-cli", "redis-cli"),
    ],
    entrypoint: &["docker-entrypoint.sh"],
    command: &["redis-server"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("REDIS_VERSION", "$v"),
    ],
    directory: "/data",
    versions: &["8.2.3", "7.4.6", "7.2.11", "7.0.15", "6.2.20", "6.0.20", "5.0.14"],
    memory: 12,
    ..Image::BASE
};
