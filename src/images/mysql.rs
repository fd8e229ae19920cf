//! MySQL, the database server.

use std::time::Duration;

use super::Image;

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["mysql", "mysql/mysql-server"],
    tag_words: &["oracle", "innovation", "oraclelinux9"],
    size: 232_106_148,
    command: &["docker-entrypoint.sh", "mysqld"],
    listens: &[3306, 33060],
    calls: &[],
    starts_in: Duration::from_secs(8),
    stops: (Duration::from_millis(1400), 0),
};
