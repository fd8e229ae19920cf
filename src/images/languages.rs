//! The images of languages that Saya knows little of but the system that they are built on.

use super::{Image, System};

const fn on_debian(image: Image) -> Image {
    Image { tools: &["curl", "wget", "ps", "openssl"], size: 290000000, ..image }
}

/// Go.
pub const GO: Image = Image {
    repositories: &["golang"],
    programs: &[("/usr/local/go/bin/go", "not-simulated")],
    command: &["bash"],
    environment: &[
        ("PATH", "/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("GOLANG_VERSION", "$v"),
        ("GOPATH", "/go"),
    ],
    directory: "/go",
    versions: &["1.25.4", "1.24.10", "1.23.12", "1.22.12"],
    ..on_debian(Image::BASE)
};

/// Java.
pub const JAVA: Image = Image {
    repositories: &["openjdk", "eclipse-temurin", "amazoncorretto"],
    tag_words: &["jdk", "jre"],
    system: System::Debian,
    programs: &[("/usr/bin/java", "not-simulated"), ("/usr/bin/jshell", "not-simulated")],
    command: &["jshell"],
    ..on_debian(Image::BASE)
};

/// Ruby.
pub const RUBY: Image = Image {
    repositories: &["ruby"],
    programs: &[("/usr/local/bin/ruby", "ruby"), ("/usr/local/bin/irb", "ruby")],
    command: &["irb"],
    environment: &[
        ("PATH", "/usr/local/bundle/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("RUBY_VERSION", "$v"),
    ],
    versions: &["3.4.7", "3.3.10", "3.2.9"],
    ..on_debian(Image::BASE)
};

/// C and what is built with it.
pub const GCC: Image = Image {
    repositories: &["gcc", "buildpack-deps"],
    programs: &[("/usr/local/bin/gcc", "not-simulated")],
    command: &["bash"],
    ..on_debian(Image::BASE)
};
