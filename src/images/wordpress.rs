//! WordPress, with Apache and PHP.

use super::Image;
use crate::container::signal::Signal;

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["wordpress"],
    tag_words: &["apache", "beta", "php7", "php8"],
    size: 260000000,
    tools: &["curl"],
    programs: &[
        ("/usr/local/bin/docker-entrypoint.sh", "entry/wordpress"),
        ("/usr/local/bin/apache2-foreground", "wordpress"),
        ("/usr/local/bin/php", "php"),
    ],
    entrypoint: &["docker-entrypoint.sh"],
    command: &["apache2-foreground"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("PHP_VERSION", "8.3.27"),
        ("APACHE_CONFDIR", "/etc/apache2"),
        ("WP_VERSION", "$v"),
    ],
    directory: "/var/www/html",
    versions: &["6.8.3", "6.7.4", "6.6.4", "6.5.7", "6.4.7", "6.2.8", "5.9.12", "5.6.16", "4.9.26"],
    folders: &["/var/www/html"],
    calls: &[3306],
    stop: Signal::WINCH,
    memory: 60,
    ..Image::BASE
};
