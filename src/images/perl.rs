//! Perl.

use super::Image;

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["perl"],
    tag_words: &["slim", "threaded", "stable", "devel"],
    size: 350000000,
    tools: &["curl", "wget", "ps", "openssl"],
    programs: &[("/usr/local/bin/perl", "perl"), ("/usr/local/bin/cpanm", "not-simulated")],
    command: &["perl", "-de0"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("PERL_VERSION", "$v"),
    ],
    directory: "/usr/src/app",
    versions: &["5.42.0", "5.40.3", "5.38.5", "5.36.3", "5.34.3"],
    memory: 12,
    ..Image::BASE
};
