//! MariaDB, the database server.

use super::{Image, System};

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["mariadb"],
    tag_words: &["lts", "verification"],
    size: 115000000,
    system: System::Ubuntu,
    programs: &[
        ("/usr/local/bin/docker-entrypoint.sh", "entry/mariadb"),
        ("/usr/sbin/mariadbd", "mariadbd"),
        ("/usr/bin/mariadb", "mysql"),
        ("/usr/bin/mariadb-admin", "mysql"),
        ("/usr/bin/mariadb-dump", "mysql"),
        ("/usr/local/bin/healthcheck.sh", "true"),
    ],
    older_programs: &[
        ("/usr/bin/mysql", "mysql", 11),
        ("/usr/bin/mysqladmin", "mysql", 11),
        ("/usr/bin/mysqldump", "mysql", 11),
        ("/usr/sbin/mysqld", "mariadbd", 11),
    ],
    entrypoint: &["docker-entrypoint.sh"],
    command: &["mariadbd"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("GOSU_VERSION", "1.17"),
        ("LANG", "C.UTF-8"),
        ("MARIADB_VERSION", "1:$v+maria~ubu2404"),
    ],
    versions: &["12.0.2", "11.8.3", "11.4.8", "10.11.14", "10.6.23", "10.5.29"],
    folders: &["/var/lib/mysql", "/docker-entrypoint-initdb.d", "/run/mysqld"],
    memory: 110,
    ..Image::BASE
};
