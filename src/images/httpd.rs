//! The Apache web server.

use super::Image;
use crate::container::signal::Signal;

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["httpd"],
    size: 58000000,
    programs: &[("/usr/local/apache2/bin/httpd", "httpd"), ("/usr/local/bin/httpd-foreground", "httpd")],
    command: &["httpd-foreground"],
    environment: &[
        ("PATH", "/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("HTTPD_PREFIX", "/usr/local/apache2"),
        ("HTTPD_VERSION", "$v"),
    ],
    directory: "/usr/local/apache2",
    versions: &["2.4.65"],
    files: &[
        ("/usr/local/apache2/htdocs/index.html", "<html><body><h1>It works!</h1></body></html>\n"),
        (
            "/usr/local/apache2/conf/httpd.conf",
            "ServerRoot \"/usr/local/apache2\"\nListen 80\nDocumentRoot \"/usr/local/apache2/htdocs\"\n",
        ),
    ],
    stop: Signal::WINCH,
    memory: 24,
    ..Image::BASE
};
