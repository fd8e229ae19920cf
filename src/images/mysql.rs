//! MySQL, the database server.

use super::{Image, System};

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["mysql", "mysql/mysql-server", "percona"],
    tag_words: &["oracle", "innovation", "oraclelinux9"],
    size: 232106148,
    system: System::OracleLinux,
    programs: &[
        ("/usr/local/bin/docker-entrypoint.sh", "entry/mysql"),
        ("/usr/sbin/mysqld", "mysqld"),
        ("/usr/bin/mysql", "mysql8"),
        ("/usr/bin/mysqladmin", "mysql8"),
        ("/usr/bin/mysqldump", "mysql8"),
    ],
    entrypoint: &["docker-entrypoint.sh"],
    command: &["mysqld"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("GOSU_VERSION", "1.17"),
        ("MYSQL_MAJOR", "8.4"),
        ("MYSQL_VERSION", "$v-1.el9"),
    ],
    versions: &["8.4.7", "9.5.0", "9.4.0", "8.0.44", "8.4.0", "8.0.32", "5.7.44", "5.6.51"],
    folders: &["/var/lib/mysql", "/docker-entrypoint-initdb.d", "/run/mysqld"],
    memory: 420,
    ..Image::BASE
};
