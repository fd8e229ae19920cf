//! `gzip`, `gunzip` and `zcat`.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::Flavor;
use super::input::{Input, Next, Phrase};
use super::options::{Named, Options};
use crate::base::digest::crc32;
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::program::Step;

/// How large what is unpacked may be: the whole machine is memory.
const LIMIT: usize = 64 << 20;

/// A running `gzip`, `gunzip` or `zcat`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Gzip {
    options: Option<Options>,
    /// Standard input, where it is that.
    input: Option<Input>,
    bytes: Vec<u8>,
}

impl Gzip {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.options.is_none() {
            match tool.options(
                kernel,
                "cdfkqtv123456789",
                &[("stdout", 'c'), ("decompress", 'd'), ("force", 'f'), ("keep", 'k')],
                1,
            ) {
                Ok(options) => self.options = Some(options),
                Err(code) => return Step::Exit(code),
            }
        }
        let options = self.options.clone().unwrap_or_default();
        let unpacks = options.has('d') || options.has('t') || tool.name != "gzip";
        let shows = options.has('c') || tool.name == "zcat";
        if options.operands.iter().all(|name| &**name == "-") {
            let input = self.input.get_or_insert_with(|| Input::new(&[], Phrase::PLAIN));
            match input.next(kernel, tool) {
                Next::Bytes(bytes) => self.bytes.extend(bytes),
                Next::File(_) | Next::EndOfFile => {}
                Next::Wait(wait) => return Step::Wait(wait),
                Next::End => {
                    let bytes = std::mem::take(&mut self.bytes);
                    let made = if unpacks { gunzip(&bytes) } else { Some(gzip(&bytes)) };
                    let Some(made) = made else {
                        kernel.complain(not_gzip(tool, "stdin"));
                        return Step::Exit(1);
                    };
                    if !options.has('t') {
                        kernel.write(1, &made).ok();
                    }
                    return Step::Exit(0);
                }
            }
            return Step::Yield;
        }
        let mut code = 0;
        for name in &options.operands {
            if let Err(text) = one(kernel, tool, name, &options, unpacks, shows) {
                kernel.complain(text);
                code = 1;
            }
        }
        Step::Exit(code)
    }
}

fn not_gzip(tool: Named, name: &str) -> String {
    match tool.flavor {
        Flavor::Gnu => format!("\ngzip: {name}: not in gzip format\n"),
        Flavor::BusyBox => format!(
            "{}: {}\n",
            tool.name,
            if tool.name == "zcat" { "no gzip/bzip2/xz magic" } else { "invalid magic" }
        ),
    }
}

fn one(
    kernel: &mut Kernel<'_>,
    tool: Named,
    name: &str,
    options: &Options,
    unpacks: bool,
    shows: bool,
) -> Result<(), String> {
    let (gnu, own) = (tool.flavor == Flavor::Gnu, tool.name);
    let shown = if gnu { "gzip" } else { own };
    let say = |text: String| format!("{shown}: {text}\n");
    if kernel.files().is_directory(name) {
        return Err(say(if gnu {
            format!("{name} is a directory -- ignored")
        } else {
            format!("{name}: Is a directory")
        }));
    }
    let bytes = kernel.files().read(name).map_err(|errno| say(format!("{name}: {errno}")))?;
    let mode = kernel.files().stat(name).map_or(0o644, |stat| stat.mode);
    let target = match (unpacks, name.strip_suffix(".gz"), name.strip_suffix(".tgz")) {
        (true, Some(target), _) => target.to_string(),
        (true, _, Some(target)) => format!("{target}.tar"),
        (true, ..) if shows || options.has('t') => String::new(),
        (true, ..) => {
            return Err(say(if gnu {
                format!("{name}: unknown suffix -- ignored")
            } else {
                format!("{name}: unknown suffix - ignored")
            }));
        }
        (false, Some(_), _) if !shows && gnu => {
            return Err(say(format!("{name} already has .gz suffix -- unchanged")));
        }
        (false, ..) => format!("{name}.gz"),
    };
    let made = if unpacks { gunzip(&bytes).ok_or_else(|| not_gzip(tool, name))? } else { gzip(&bytes) };
    if options.has('t') {
        return Ok(());
    }
    if shows {
        kernel.write(1, &made).ok();
        return Ok(());
    }
    if kernel.files().exists(&target) && !options.has('f') {
        return Err(say(if gnu {
            format!("{target} already exists;\tnot overwritten")
        } else {
            format!("can't open '{target}': {}", Errno::Exists)
        }));
    }
    kernel.files().write(&target, made, mode).map_err(|errno| say(format!("{target}: {errno}")))?;
    if !options.has('k') {
        kernel.files().remove_file(name).map_err(|errno| say(format!("{name}: {errno}")))?;
    }
    Ok(())
}

/// Bytes as gzip packs them (RFC 1952).
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    packed.extend(compress_to_vec(bytes, 6));
    packed.extend(crc32(bytes).to_le_bytes());
    packed.extend((bytes.len() as u32).to_le_bytes());
    packed
}

/// What gzip packed; none where it is none of that.
pub(super) fn gunzip(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.starts_with(&[0x1f, 0x8b, 8]) {
        return None;
    }
    let flags = *bytes.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(*bytes.get(at)?) + 256 * usize::from(*bytes.get(at + 1)?);
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += bytes.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
    }
    at += usize::from(flags & 2);
    let body = bytes.get(at..bytes.len().checked_sub(8)?)?;
    let made = decompress_to_vec_with_limit(body, LIMIT).ok()?;
    (crc32(&made).to_le_bytes() == bytes[bytes.len() - 8..bytes.len() - 4]).then_some(made)
}
