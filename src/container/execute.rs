//! From a command's name to the program in its file.

use std::sync::Arc;

use super::errno::Errno;
use super::kernel::Loads;
use super::machine::Environment;
use super::program::Code;
use super::tree::{Content, PROGRAM};
use super::view::View;

type Result<T> = std::result::Result<T, Errno>;

/// The file that a command's name runs.
pub(super) fn search_path(view: &View<'_>, path: &str, name: &str) -> Option<String> {
    let runs = |file: &str| view.executable(file).is_ok();
    if name.contains('/') {
        return runs(name).then(|| name.to_owned());
    }
    if name.is_empty() {
        return None;
    }
    path.split(':')
        .map(|directory| match directory {
            "" => ["./", name].concat(),
            directory => [directory.trim_end_matches('/'), "/", name].concat(),
        })
        .find(|file| runs(file))
}

/// The program in an executable file, and its command line.
pub(super) fn load(
    view: &mut View<'_>,
    file: &str,
    argv: &[Arc<str>],
    env: &Environment,
    loads: Loads,
) -> Result<(Code, Arc<[Arc<str>]>)> {
    let mut file: Arc<str> = file.into();
    let mut argv: Vec<Arc<str>> = argv.to_vec();
    // A script's interpreter may be a script, but not for ever.
    for _ in 0..5 {
        match view.executable(&file)?.clone() {
            Content::Program(id) => {
                if !loads(&id, &argv, env) {
                    return Err(Errno::ExecFormat);
                }
                return Ok((Code::Id(id), argv.into()));
            }
            Content::File(bytes) => {
                if let Some(id) = bytes.strip_prefix(PROGRAM) {
                    return fetched(id, argv, env, loads);
                }
                let Some(rest) = bytes.strip_prefix(b"#!") else { return Err(Errno::ExecFormat) };
                let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
                let line = String::from_utf8_lossy(line).into_owned();
                let (interpreter, argument) = match line.trim().split_once([' ', '\t']) {
                    Some((interpreter, argument)) => (interpreter, Some(argument.trim())),
                    None => (line.trim(), None),
                };
                let mut new: Vec<Arc<str>> = vec![interpreter.into()];
                new.extend(argument.map(Arc::from));
                new.push(file);
                new.extend(argv.into_iter().skip(1));
                argv = new;
                file = interpreter.into();
            }
            _ => return Err(Errno::PermissionDenied),
        }
    }
    Err(Errno::Loop)
}

/// The program whose id a file holds that came over the network.
// No part of the page's first program.
#[inline(never)]
fn fetched(
    id: &[u8],
    argv: Vec<Arc<str>>,
    env: &Environment,
    loads: Loads,
) -> Result<(Code, Arc<[Arc<str>]>)> {
    let id: Arc<str> = String::from_utf8_lossy(id).into();
    match loads(&id, &argv, env) {
        true => Ok((Code::Id(id), argv.into())),
        false => Err(Errno::ExecFormat),
    }
}
