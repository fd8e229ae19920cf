//! PostgreSQL.

use super::Image;
use crate::container::signal::Signal;

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["postgres", "postgis/postgis"],
    size: 161000000,
    programs: &[
        ("/usr/local/bin/docker-entrypoint.sh", "entry/postgres"),
        ("/usr/lib/postgresql/17/bin/postgres", "postgres"),
        ("/usr/bin/psql", "psql"),
        ("/usr/bin/pg_isready", "psql"),
    ],
    entrypoint: &["docker-entrypoint.sh"],
    command: &["postgres"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/17/bin"),
        ("LANG", "en_US.utf8"),
        ("PG_VERSION", "$v-1.pgdg13+1"),
        ("PGDATA", "/var/lib/postgresql/data"),
    ],
    versions: &["17.6", "18.0", "16.10", "15.14", "14.19", "13.22"],
    folders: &["/var/lib/postgresql/data", "/run/postgresql", "/docker-entrypoint-initdb.d"],
    stop: Signal::INT,
    memory: 45,
    ..Image::BASE
};
