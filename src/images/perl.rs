//! perl, of which Saya knows little more than how it reckons π.

use super::Image;

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["perl"],
    tag_words: &["threaded"],
    versions: &["5.42.0", "5.40.3", "5.38.5", "5.36.3", "5.34.3", "5.32.1", "5.30.3"],
    size: 371000000,
    tools: &["curl", "wget"],
    programs: &[("/usr/local/bin/perl", "perl")],
    command: &["perl", "-de0"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("PERL_VERSION", "$v"),
    ],
    directory: "/usr/src/app",
    ..Image::BASE
};
