//! phpMyAdmin, the web front end of MySQL.

use super::Image;
use crate::container::signal::Signal;

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["phpmyadmin", "phpmyadmin/phpmyadmin"],
    tag_words: &["apache", "fpm"],
    size: 174320561,
    tools: &["curl"],
    programs: &[
        ("/docker-entrypoint.sh", "entry/phpmyadmin"),
        ("/usr/local/bin/apache2-foreground", "phpmyadmin"),
        ("/usr/local/bin/php", "php"),
    ],
    entrypoint: &["/docker-entrypoint.sh"],
    command: &["apache2-foreground"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("PHP_VERSION", "8.2.29"),
        ("APACHE_CONFDIR", "/etc/apache2"),
        ("VERSION", "$v"),
    ],
    directory: "/var/www/html",
    versions: &["5.2.3", "5.2.2", "5.2.1", "5.1.4"],
    files: &[
        ("/var/www/html/index.php", "<?php\n"),
        ("/var/www/html/robots.txt", "User-agent: *\nDisallow: /\n"),
    ],
    calls: &[3306],
    stop: Signal::WINCH,
    memory: 60,
    ..Image::BASE
};
