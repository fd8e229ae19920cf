//! phpMyAdmin, the web front end of MySQL.

use std::time::Duration;

use super::Image;

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["phpmyadmin", "phpmyadmin/phpmyadmin"],
    tag_words: &["apache", "fpm"],
    size: 174_320_561,
    command: &["/docker-entrypoint.sh", "apache2-foreground"],
    listens: &[80],
    calls: &[3306],
    starts_in: Duration::from_millis(900),
    stops: (Duration::from_millis(300), 0),
};
