//! PHP: by itself, and with the Apache that serves it.

use super::Image;
use crate::container::signal::Signal;

const BASE: Image = Image {
    repositories: &["php"],
    tag_words: &["apache", "cli", "fpm", "zts"],
    size: 178000000,
    tools: &["curl"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("PHP_VERSION", "$v"),
    ],
    directory: "/var/www/html",
    versions: &["8.4.14", "8.3.27", "8.2.29", "8.1.33", "8.0.30", "7.4.33", "7.3.33", "7.2.34", "5.6.40"],
    folders: &["/var/www/html"],
    ..Image::BASE
};

/// With Apache.
pub const APACHE: Image = Image {
    variant: "apache",
    programs: &[
        ("/usr/local/bin/apache2-foreground", "apache"),
        ("/usr/local/bin/php", "php"),
        ("/usr/local/bin/docker-php-entrypoint", "entry/plain"),
    ],
    entrypoint: &["docker-php-entrypoint"],
    command: &["apache2-foreground"],
    stop: Signal::WINCH,
    memory: 40,
    ..BASE
};

/// By itself.
pub const IMAGE: Image = Image {
    programs: &[
        ("/usr/local/bin/php", "php"),
        ("/usr/local/bin/php-fpm", "not-simulated"),
        ("/usr/local/bin/docker-php-entrypoint", "entry/plain"),
    ],
    entrypoint: &["docker-php-entrypoint"],
    command: &["php", "-a"],
    ..BASE
};
