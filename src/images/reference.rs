//! How images are called.

use std::fmt;

/// A complete image reference, with what its short form leaves out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// `docker.io`, `registry.k8s.io`, `localhost:5000` …
    pub registry: String,
    /// `library/nginx`, `phpmyadmin/phpmyadmin` …
    pub path: String,
    /// `latest` where nothing was said.
    pub tag: String,
    /// `sha256:…`, where it was said.
    pub digest: Option<String>,
}

impl Reference {
    /// Reads a reference (distribution `reference.ParseNormalizedNamed`); none where it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.to_string())),
            None => (text, None),
        };
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, tag),
            _ => (name, "latest"),
        };
        let (registry, path) = match name.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => {
                (first, rest.to_string())
            }
            Some(_) => ("docker.io", name.to_string()),
            None => ("docker.io", ["library/", name].concat()),
        };
        let registry = if registry == "index.docker.io" { "docker.io" } else { registry };
        let path = match path.contains('/') || registry != "docker.io" {
            true => path,
            false => format!("library/{path}"),
        };
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/".contains(c);
        let tag_letters = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let good = !name.is_empty()
            && path.chars().all(letters)
            && !path.split('/').any(|part| {
                part.is_empty()
                    || !part.starts_with(|c: char| c.is_ascii_alphanumeric())
                    || !part.ends_with(|c: char| c.is_ascii_alphanumeric())
            })
            && !tag.is_empty()
            && tag.len() <= 128
            && !tag.starts_with(['.', '-'])
            && tag.chars().all(tag_letters);
        good.then(|| Self { registry: registry.into(), path, tag: tag.into(), digest })
    }

    /// Registry and path: `docker.io/library/nginx`.
    pub fn repository(&self) -> String {
        [&self.registry, "/", &self.path].concat()
    }

    /// The digest that the image has: the one asked for, or one that follows from its name.
    pub fn resolved_digest(&self) -> String {
        self.digest.clone().unwrap_or_else(|| {
            let name = crate::base::digest_of(&(&self.registry, &self.path, &self.tag));
            ["sha256:", &crate::base::Random::from_seed(name.0).hex(64)].concat()
        })
    }
}

impl fmt::Display for Reference {
    /// The complete form: `docker.io/library/nginx:latest`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, which) = self.digest.as_ref().map_or((":", &self.tag), |digest| ("@", digest));
        f.write_str(&[&self.registry, "/", &self.path, mark, which].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_completed() {
        for (text, complete) in [
            ("nginx", Some("docker.io/library/nginx:latest")),
            ("mysql:8", Some("docker.io/library/mysql:8")),
            ("phpmyadmin/phpmyadmin", Some("docker.io/phpmyadmin/phpmyadmin:latest")),
            ("registry.k8s.io/pause:3.10", Some("registry.k8s.io/pause:3.10")),
            ("localhost:5000/app", Some("localhost:5000/app:latest")),
            ("docker.io/nginx", Some("docker.io/library/nginx:latest")),
            ("Nginx", None),
            ("nginx:", None),
            ("", None),
            ("nginx latest", None),
        ] {
            assert_eq!(Reference::parse(text).map(|r| r.to_string()).as_deref(), complete, "{text}");
        }
    }

    #[test]
    fn what_the_registries_have() {
        let exists = |text: &str| super::super::exists(&Reference::parse(text).unwrap());
        for text in [
            "nginx",
            "nginx:1.27-alpine",
            "nginx:1.16.1",
            "nginx:1.30.2",
            "nginx:1",
            "mysql:8",
            "mysql:5.7.44",
            "registry.k8s.io/nginx-slim:0.27",
            "gcr.io/google-samples/hello-app:2.0",
            "someone/thing:v30",
            "someone/thing:blue",
            "ghcr.io/a/b:main",
            "nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        ] {
            assert_eq!(exists(text), Ok(()), "{text}");
        }
        assert_eq!(exists("ngnix"), Err(super::super::Unknown::Repository));
        for text in [
            "nginx:nosuch",
            "nginx:1.161",
            "nginx:1.266",
            "nginx:1.9.21",
            "nginx:2.0",
            "nginx:v1",
            "redis:99",
            "gcr.io/google-samples/kubernetes-bootcamp:v10",
        ] {
            assert_eq!(exists(text), Err(super::super::Unknown::Tag), "{text}");
        }
    }
}
