//! memcached.

use super::Image;

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["memcached", "bitnami/memcached"],
    size: 34000000,
    programs: &[
        ("/usr/local/bin/docker-entrypoint.sh", "entry/plain"),
        ("/usr/local/bin/memcached", "memcached"),
    ],
    entrypoint: &["docker-entrypoint.sh"],
    command: &["memcached"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("MEMCACHED_VERSION", "$v"),
    ],
    user: 11211,
    users: "memcache:x:11211:11211::/home/memcache:/bin/sh\n",
    versions: &["1.6.39", "1.5.22", "1.4.39"],
    memory: 2,
    ..Image::BASE
};
