//! Which images can be pulled.

use super::{Image, Reference, find, library, path_of};

/// Why an image cannot be pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// There is no such repository, or it is not public.
    Repository,
    /// The repository has no such tag.
    Tag,
}

/// Whether an image can be pulled. Docker Hub's official images are known by name; everything under a user or on
/// another registry is taken to be there, with every tag where Saya does not know the image.
///
/// # Errors
/// What the registry would miss.
pub fn exists(reference: &Reference) -> Result<(), Unknown> {
    let official = reference.registry == "docker.io" && reference.path.starts_with("library/");
    if official && !library::OFFICIAL.contains(&&reference.path["library/".len()..]) {
        return Err(Unknown::Repository);
    }
    let there = match find(reference) {
        _ if reference.digest.is_some() => true,
        Some(image) => {
            (plausible(&reference.tag, image.tag_words) || !official && commit(&reference.tag))
                && released(image, reference, official)
        }
        None => !official || plausible(&reference.tag, &["dind", "git"]),
    };
    if there { Ok(()) } else { Err(Unknown::Tag) }
}

/// Tags are versions (`1.27`, `v2`, `8-alpine`), dates, or one of the words that repositories commonly use.
fn plausible(tag: &str, words: &[&str]) -> bool {
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

/// Whether a tag is a commit of Git, as pipelines tag what they build: `github.sha`, or `sha-` and its beginning.
fn commit(tag: &str) -> bool {
    let id = tag.strip_prefix("sha-").unwrap_or(tag);
    matches!(id.len(), 7 | 40) && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a tag's number can be that of a release: not one far beyond the newest that is known, and none that a line
/// which is over never came to. Projects whose first number has grown large raise it with each release.
fn released(image: &Image, reference: &Reference, official: bool) -> bool {
    let text = reference.tag.split('-').next().unwrap_or_default();
    if official && !image.versions.is_empty() && text.starts_with('v') {
        return false;
    }
    let Some(number) = numbers(text.trim_start_matches('v')) else { return true };
    // Days, as of Alpine's snapshots.
    if matches!(number[..], [day] if day >= 19_700_101) {
        return true;
    }
    let Some(newest) = image.versions.iter().filter_map(|version| numbers(version)).max() else {
        return true;
    };
    let at = |parts: &[u32], place: usize| parts.get(place).copied().unwrap_or(0);
    let (major, minor) = (at(&number, 0), at(&number, 1));
    if major > newest[0] + newest[0] / 4 || major == newest[0] && minor > at(&newest, 1) + 10 {
        return false;
    }
    let over = |(line, last): &(&str, u32)| Some((numbers(line)?, *last));
    let past: Vec<_> = image.past.iter().filter_map(over).collect();
    // Mirrors under other names have other tags.
    let lines_are_known = path_of(reference).is_some_and(|path| path == image.repositories[0]);
    match past.last() {
        Some((last, _)) if lines_are_known && number.len() > 1 && number[..2] <= last[..] => {
            past.iter().any(|(line, last)| number[..2] == line[..] && at(&number, 2) <= *last)
        }
        _ => true,
    }
}

/// The numbers between the dots of a version; none if they are not numbers alone.
fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}
