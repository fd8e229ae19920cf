//! The images that Saya knows, a file each, and what is known of all others: whether they can be pulled at all.

pub mod alpine;
pub mod busybox;
pub mod coredns;
pub mod debian;
pub mod http;
mod library;
pub mod mysql;
pub mod nginx;
pub mod phpmyadmin;
mod program;
pub mod reference;
mod system;
pub mod ubuntu;

pub use program::{ContainerProgram, Daemon};
pub use reference::Reference;
pub use system::System;

use std::time::Duration;

use crate::container::tree::Tree;

/// What an image holds and does, as far as Saya knows.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Image {
    /// The repositories it is known under, without registry: `nginx`, `library/nginx` is the same.
    pub repositories: &'static [&'static str],
    /// The first part of its tags that are not numbers: `latest`, `alpine`, `stable` …
    pub tag_words: &'static [&'static str],
    /// Its size in bytes on the registry.
    pub size: u64,
    /// The system that it is built on.
    pub system: System,
    /// The entry point of its configuration.
    pub entrypoint: &'static [&'static str],
    /// The command of its configuration: the entry point's arguments.
    pub command: &'static [&'static str],
    /// The environment of its configuration.
    pub environment: &'static [(&'static str, &'static str)],
    /// The working directory of its configuration.
    pub directory: &'static str,
    /// What its main program prints when it starts.
    pub log: &'static [&'static str],
    /// Files of its own: paths and texts.
    pub files: &'static [(&'static str, &'static str)],
    /// Where the files are that it serves by HTTP, if it does, and what it serves for a directory.
    pub serves: Option<(&'static str, &'static str)>,
    /// The TCP ports that its main program listens on.
    pub listens: &'static [u16],
    /// The TCP ports that its main program calls others on.
    pub calls: &'static [u16],
    /// How long after its start the main program listens.
    pub starts_in: Duration,
    /// How long the main program takes to end after SIGTERM, and its exit code then.
    pub stops: (Duration, u8),
}

impl Image {
    /// Its files: its system's, and its main program where its entry point is.
    pub fn tree(&self) -> Tree {
        let mut tree = self.system.tree();
        if let Some(program) = self.entrypoint.first() {
            let path =
                if program.contains('/') { program.to_string() } else { format!("/usr/local/bin/{program}") };
            tree.add_program(&path, &format!("{}{}", Daemon::PREFIX, self.repositories[0]));
        }
        let program = self.entrypoint.first().copied().unwrap_or("entrypoint");
        let path =
            if program.contains('/') { program.to_string() } else { format!("/usr/local/bin/{program}") };
        for (file, text) in self.files {
            tree.add_file(file, *text, 0o644);
        }
        tree.add_program(&path, &format!("{}{}", Daemon::PREFIX, self.repositories[0]));
        tree
    }
}

/// What is taken of an image that is not known: a Debian whose main program stays up.
pub const UNKNOWN: Image = Image {
    repositories: &[""],
    tag_words: &[],
    size: 0,
    system: System::Debian,
    entrypoint: &["/entrypoint"],
    command: &[],
    environment: &[("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")],
    directory: "/",
    log: &[],
    files: &[],
    serves: None,
    listens: &[],
    calls: &[],
    starts_in: Duration::ZERO,
    stops: (Duration::from_millis(700), 0),
};

/// The images that are known, in order of their names.
pub const KNOWN: &[&Image] = &[
    &alpine::IMAGE,
    &busybox::IMAGE,
    &debian::IMAGE,
    &mysql::IMAGE,
    &nginx::IMAGE,
    &phpmyadmin::IMAGE,
    &ubuntu::IMAGE,
];

/// The known image of a reference.
pub fn find(reference: &Reference) -> Option<&'static Image> {
    if reference.registry != "docker.io" {
        return None;
    }
    let path = reference.path.strip_prefix("library/").unwrap_or(&reference.path);
    KNOWN.iter().copied().find(|image| image.repositories.contains(&path))
}

/// Why an image cannot be pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// There is no such repository, or it is not public.
    Repository,
    /// The repository has no such tag.
    Tag,
}

/// Whether an image can be pulled. Docker Hub's official images are known by name; everything under a user or on
/// another registry is taken to be there.
///
/// # Errors
/// What the registry would miss.
pub fn exists(reference: &Reference) -> Result<(), Unknown> {
    if let Some(name) = reference.path.strip_prefix("library/")
        && reference.registry == "docker.io"
        && !library::OFFICIAL.contains(&name)
    {
        return Err(Unknown::Repository);
    }
    let words = find(reference).map_or(&[][..], |image| image.tag_words);
    if reference.digest.is_some() || plausible_tag(&reference.tag, words) {
        Ok(())
    } else {
        Err(Unknown::Tag)
    }
}

/// Tags are versions (`1.27`, `v2`, `8-alpine`), dates, or one of the words that repositories commonly use.
fn plausible_tag(tag: &str, words: &[&str]) -> bool {
    const COMMON: &[&str] = &[
        "latest",
        "stable",
        "mainline",
        "alpine",
        "slim",
        "lts",
        "edge",
        "main",
        "master",
        "dev",
        "nightly",
        "beta",
        "bookworm",
        "trixie",
        "bullseye",
        "jammy",
        "noble",
        "focal",
        "debian",
        "ubuntu",
        "glibc",
        "musl",
        "uclibc",
        "perl",
        "fpm",
        "apache",
        "management",
        "nanoserver",
        "linux",
        "current",
        "release",
        "test",
        "rolling",
    ];
    let first = tag.split(['-', '.', '_']).next().unwrap_or_default();
    let digits = first.strip_prefix('v').unwrap_or(first);
    let version = digits.starts_with(|c: char| c.is_ascii_digit());
    version || COMMON.contains(&first) || words.contains(&first)
}

/// The size in bytes of an image that is not known: a middling one, the same for the same name.
pub fn size(reference: &Reference) -> u64 {
    find(reference).map_or_else(
        || 30_000_000 + crate::base::digest_of(&reference.path).0 % 60_000_000,
        |image| image.size,
    )
}
