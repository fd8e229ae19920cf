//! The flags that Kubernetes' own programs are started with.

/// The value of `--name=value`, where a command line has it.
pub fn flag<'a>(words: &'a [impl AsRef<str>], name: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.as_ref().strip_prefix(name)?.strip_prefix('='))
}
