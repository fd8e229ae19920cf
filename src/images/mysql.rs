//! MySQL, the database server.

use std::time::Duration;

use super::{Image, System};

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["mysql", "mysql/mysql-server"],
    tag_words: &["oracle", "innovation", "oraclelinux9"],
    size: 232_106_148,
    system: System::OracleLinux,
    entrypoint: &["docker-entrypoint.sh"],
    command: &["mysqld"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("MYSQL_MAJOR", "8.4"),
        ("MYSQL_VERSION", "8.4.7-1.el9"),
    ],
    directory: "/",
    log: &["[Note] [Entrypoint]: Entrypoint script for MySQL Server 8.4.7-1.el9 started."],
    files: &[],
    serves: None,
    listens: &[3306, 33060],
    calls: &[],
    starts_in: Duration::from_secs(8),
    stops: (Duration::from_millis(1400), 0),
};
