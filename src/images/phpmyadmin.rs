//! phpMyAdmin, the web front end of MySQL.

use std::time::Duration;

use super::{Image, System};

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["phpmyadmin", "phpmyadmin/phpmyadmin"],
    tag_words: &["apache", "fpm"],
    size: 174_320_561,
    system: System::Debian,
    entrypoint: &["/docker-entrypoint.sh"],
    command: &["apache2-foreground"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("VERSION", "5.2.1"),
    ],
    directory: "/var/www/html",
    log: &["AH00094: Command line: 'apache2 -D FOREGROUND'"],
    files: &[
        ("/var/www/html/index.php", "<?php\n"),
        ("/var/www/html/robots.txt", "User-agent: *\nDisallow: /\n"),
    ],
    serves: Some(("/var/www/html", "index.php")),
    listens: &[80],
    calls: &[3306],
    starts_in: Duration::from_millis(900),
    stops: (Duration::from_millis(300), 0),
};
