//! `tar`

use std::collections::VecDeque;
use std::sync::Arc;

use super::gzip::{gunzip, gzip};
use super::input::{Input, Next, Phrase};
use super::options::{Named, Options};
use super::{Flavor, below, mode};
use crate::base::Date;
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::container::tree::{Content, Kind, PROGRAM};

/// A running `tar`: it reads the whole archive, then unpacks it; or finds all files, then writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Tar {
    options: Option<Options>,
    input: Option<Input>,
    bytes: Vec<u8>,
    /// The archive's path, where it is none of the standard streams. `-C` does not move it.
    file: Option<String>,
    left: VecDeque<String>,
    failed: bool,
    warned: bool,
}

/// One member of an archive.
struct Member {
    name: String,
    mode: u16,
    owner: (u32, u32),
    modified: i64,
    kind: Kind,
    link: String,
    body: Vec<u8>,
}

impl Member {
    fn header(&self) -> Option<Vec<u8>> {
        let mut block = vec![0u8; 512];
        let (prefix, name) = match self.name.len() {
            0..=100 => ("", &*self.name),
            _ => self.name.split_at_checked(self.name.find('/').filter(|at| *at < 155)? + 1)?,
        };
        let mut put = |at: usize, size: usize, text: &str| {
            let text = text.as_bytes().get(..text.len().min(size))?;
            block.get_mut(at..at + text.len())?.copy_from_slice(text);
            Some(())
        };
        put(0, 100, name)?;
        put(100, 8, &format!("{:07o}", self.mode))?;
        put(108, 8, &format!("{:07o}", self.owner.0))?;
        put(116, 8, &format!("{:07o}", self.owner.1))?;
        put(124, 12, &format!("{:011o}", self.body.len()))?;
        put(136, 12, &format!("{:011o}", self.modified.max(0)))?;
        put(148, 8, "        ")?;
        put(
            156,
            1,
            match self.kind {
                Kind::Directory => "5",
                Kind::Symlink => "2",
                _ => "0",
            },
        )?;
        put(157, 100, &self.link)?;
        put(257, 8, "ustar  ")?;
        put(345, 155, prefix.trim_end_matches('/'))?;
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        Some(block)
    }

    /// The member at the head of what is left of an archive, and what comes after it. None at its end.
    fn read(bytes: &[u8]) -> Result<Option<(Self, &[u8])>, &'static str> {
        let Some(block) = bytes.get(..512) else {
            return if bytes.is_empty() { Ok(None) } else { Err("short read") };
        };
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        if &block[257..262] != b"ustar" {
            return Err("invalid tar magic");
        }
        let text = |at: usize, size: usize| {
            let field = &block[at..at + size];
            let end = field.iter().position(|byte| *byte == 0).unwrap_or(size);
            String::from_utf8_lossy(&field[..end]).into_owned()
        };
        let number = |at, size| u64::from_str_radix(text(at, size).trim(), 8).unwrap_or(0);
        let size = number(124, 12) as usize;
        let rest = &bytes[512..];
        let body = rest.get(..size).ok_or("short read")?.to_vec();
        let prefix = text(345, 155);
        let name = if prefix.is_empty() { text(0, 100) } else { format!("{prefix}/{}", text(0, 100)) };
        let kind = match block[156] {
            b'5' => Kind::Directory,
            b'2' => Kind::Symlink,
            _ => Kind::File,
        };
        let member = Self {
            name,
            mode: number(100, 8) as u16,
            owner: (number(108, 8) as u32, number(116, 8) as u32),
            modified: number(136, 12) as i64,
            kind,
            link: text(157, 100),
            body,
        };
        Ok(Some((member, rest.get(size.next_multiple_of(512)..).unwrap_or_default())))
    }
}

impl Tar {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.options.is_none() {
            match self.begin(kernel, tool) {
                Ok(options) => self.options = Some(options),
                Err(code) => return Step::Exit(code),
            }
        }
        let Some(options) = self.options.take() else { return Step::Exit(1) };
        let step = if options.has('c') {
            self.create(kernel, tool, &options)
        } else {
            self.take(kernel, tool, &options)
        };
        self.options = Some(options);
        step
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Result<Options, u8> {
        // The first word's letters need no dash; its arguments follow in the order of the letters.
        let argv = kernel.argv();
        let bundle = argv.get(1).filter(|word| !word.starts_with('-') && !word.is_empty()).cloned();
        let known = "cxtvzjJf:C:Opkhmo";
        let long = [
            ("create", 'c'),
            ("extract", 'x'),
            ("get", 'x'),
            ("list", 't'),
            ("verbose", 'v'),
            ("gzip", 'z'),
            ("file", 'f'),
            ("directory", 'C'),
            ("to-stdout", 'O'),
            ("overwrite", 'm'),
            ("no-same-owner", 'o'),
            ("no-same-permissions", 'm'),
            ("strip-components", 'S'),
            ("exclude", 'X'),
        ];
        let mut words: Vec<Arc<str>> = vec![argv[0].clone()];
        let mut rest = argv.iter().skip(1 + usize::from(bundle.is_some()));
        for letter in bundle.iter().flat_map(|bundle| bundle.chars()) {
            words.push(format!("-{letter}").into());
            if "fC".contains(letter) {
                words.extend(rest.next().cloned());
            }
        }
        words.extend(rest.cloned());
        let failure = if tool.flavor == Flavor::Gnu { 2 } else { 1 };
        let options = tool.options_of(kernel, &words, &format!("{known}S:X:"), &long, failure)?;
        let modes = "cxt".chars().filter(|mode| options.has(*mode)).count();
        if modes != 1 {
            match tool.flavor {
                Flavor::BusyBox => tool.usage(kernel),
                Flavor::Gnu => {
                    tool.say(
                        kernel,
                        match modes {
                            0 => "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options",
                            _ => "You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option",
                        },
                    );
                    kernel.complain("Try 'tar --help' or 'tar --usage' for more information.\n");
                }
            }
            return Err(failure);
        }
        self.file =
            options.value('f').filter(|name| &***name != "-").map(|name| match name.starts_with('/') {
                true => name.to_string(),
                false => below(&kernel.cwd(), name),
            });
        if options.has('c') {
            if options.operands.is_empty() {
                match tool.flavor {
                    Flavor::BusyBox => tool.say(kernel, "empty archive"),
                    Flavor::Gnu => {
                        tool.say(kernel, "Cowardly refusing to create an empty archive");
                        kernel.complain("Try 'tar --help' or 'tar --usage' for more information.\n");
                    }
                }
                return Err(failure);
            }
            self.left = options.operands.iter().map(|name| name.to_string()).collect();
        } else {
            let name = options.value('f').filter(|name| &***name != "-").cloned();
            if let Some(Err(errno)) = name.as_ref().map(|name| kernel.files().read(name)) {
                let name = name.unwrap_or_default();
                match tool.flavor {
                    Flavor::BusyBox => tool.say(kernel, format!("can't open '{name}': {errno}")),
                    Flavor::Gnu => {
                        tool.say(kernel, format!("{name}: Cannot open: {errno}"));
                        tool.say(kernel, "Error is not recoverable: exiting now");
                    }
                }
                return Err(failure);
            }
            let path: Vec<Arc<str>> = self.file.iter().map(|path| path.as_str().into()).collect();
            self.input = Some(Input::new(&path, Phrase::PLAIN));
        }
        if let Some(folder) = options.value('C').filter(|_| options.has('c') || options.has('x')).cloned()
            && let Err(errno) = kernel.change_directory(&folder)
        {
            match tool.flavor {
                Flavor::BusyBox => tool.say(kernel, format!("can't change directory to '{folder}': {errno}")),
                Flavor::Gnu => {
                    tool.say(kernel, format!("{folder}: Cannot open: {errno}"));
                    tool.say(kernel, "Error is not recoverable: exiting now");
                }
            }
            return Err(failure);
        }
        Ok(options)
    }

    fn create(&mut self, kernel: &mut Kernel<'_>, tool: Named, options: &Options) -> Step {
        let gnu = tool.flavor == Flavor::Gnu;
        let target = self.file.clone();
        while let Some(path) = self.left.pop_front() {
            if !kernel.charge(1) {
                self.left.push_front(path);
                return Step::Yield;
            }
            let stat =
                if options.has('h') { kernel.files().stat(&path) } else { kernel.files().lstat(&path) };
            let stat = match stat {
                Ok(stat) => stat,
                Err(errno) => {
                    tool.say(
                        kernel,
                        if gnu {
                            format!("{path}: Cannot stat: {errno}")
                        } else {
                            format!("{path}: {errno}")
                        },
                    );
                    self.failed = true;
                    continue;
                }
            };
            let mut name = path.trim_start_matches('/').to_string();
            if name.len() < path.len() && !self.warned {
                self.warned = true;
                tool.say(
                    kernel,
                    if gnu {
                        "Removing leading `/' from member names"
                    } else {
                        "removing leading '/' from member names"
                    },
                );
            }
            if options.values('X').any(|pattern| name == **pattern || name.ends_with(&format!("/{pattern}")))
            {
                continue;
            }
            let (mut link, mut body) = (String::new(), Vec::new());
            match stat.kind {
                Kind::Directory => {
                    let names = kernel.files().list(&path).unwrap_or_default();
                    for name in names.iter().rev() {
                        self.left.push_front(below(&path, name));
                    }
                    name = format!("{}/", name.trim_end_matches('/'));
                    if name == "/" {
                        name = "./".into();
                    }
                }
                Kind::Symlink => {
                    link = kernel.files().read_link(&path).map(|link| link.to_string()).unwrap_or_default()
                }
                Kind::File => match kernel.files().content(&path) {
                    Ok(Content::Program(id)) => body = [PROGRAM, id.as_bytes()].concat(),
                    _ => match kernel.files().read(&path) {
                        Ok(bytes) => body = bytes.to_vec(),
                        Err(errno) => {
                            tool.say(
                                kernel,
                                if gnu {
                                    format!("{path}: Cannot open: {errno}")
                                } else {
                                    format!("can't open '{path}': {errno}")
                                },
                            );
                            self.failed = true;
                            continue;
                        }
                    },
                },
                _ => continue,
            }
            let member = Member {
                name,
                mode: stat.mode & 0o7777,
                owner: (stat.uid, stat.gid),
                modified: stat.modified.0,
                kind: stat.kind,
                link,
                body,
            };
            if options.has('v') {
                let line = format!("{}\n", member.name);
                if target.is_some() { kernel.print(line) } else { kernel.complain(line) }
            }
            let Some(header) = member.header() else {
                tool.say(kernel, format!("{path}: file name is too long"));
                self.failed = true;
                continue;
            };
            self.bytes.extend(header);
            self.bytes.extend(&member.body);
            self.bytes.resize(self.bytes.len().next_multiple_of(512), 0);
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.resize(bytes.len() + 1024, 0);
        if gnu {
            bytes.resize(bytes.len().next_multiple_of(10_240), 0);
        }
        if options.has('z') {
            bytes = gzip(&bytes);
        }
        let written = match &target {
            Some(name) => kernel.files().write(name, bytes, 0o644),
            None => kernel.write(1, &bytes).map(drop),
        };
        if let Err(errno) = written {
            let name = target.unwrap_or_else(|| "standard output".into());
            tool.say(
                kernel,
                if gnu {
                    format!("{name}: Cannot open: {errno}\ntar: Error is not recoverable: exiting now")
                } else {
                    format!("can't open '{name}': {errno}")
                },
            );
            return Step::Exit(if gnu { 2 } else { 1 });
        }
        Step::Exit(self.end(kernel, tool))
    }

    fn end(&self, kernel: &mut Kernel<'_>, tool: Named) -> u8 {
        if !self.failed {
            return 0;
        }
        match tool.flavor {
            Flavor::BusyBox => tool.say(kernel, "error exit delayed from previous errors"),
            Flavor::Gnu => tool.say(kernel, "Exiting with failure status due to previous errors"),
        }
        if tool.flavor == Flavor::Gnu { 2 } else { 1 }
    }

    fn take(&mut self, kernel: &mut Kernel<'_>, tool: Named, options: &Options) -> Step {
        let gnu = tool.flavor == Flavor::Gnu;
        if let Some(input) = &mut self.input {
            match input.next(kernel, tool) {
                Next::Bytes(bytes) => self.bytes.extend(bytes),
                Next::File(_) | Next::EndOfFile => {}
                Next::Wait(wait) => return Step::Wait(wait),
                Next::End => self.input = None,
            }
            return Step::Yield;
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        if bytes.starts_with(&[0x1f, 0x8b]) {
            bytes = match gunzip(&bytes) {
                Some(bytes) => bytes,
                None => return Step::Exit(self.broken(kernel, tool, "corrupted data")),
            };
        } else if options.has('z') {
            if gnu {
                kernel.complain("\ngzip: stdin: not in gzip format\ntar: Child returned status 1\ntar: Error is not recoverable: exiting now\n");
                return Step::Exit(2);
            }
            tool.say(kernel, "invalid magic");
            return Step::Exit(self.broken(kernel, tool, "short read"));
        }
        let mut rest: &[u8] = &bytes;
        if rest.is_empty() && !gnu {
            return Step::Exit(self.broken(kernel, tool, "short read"));
        }
        let wanted = |name: &str| {
            let name = name.trim_end_matches('/');
            options.operands.is_empty()
                || options.operands.iter().any(|own| {
                    let own = own.trim_end_matches('/');
                    name.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                })
        };
        let mut found: Vec<Arc<str>> = Vec::new();
        loop {
            let member = match Member::read(rest) {
                Ok(Some((member, after))) => {
                    rest = after;
                    member
                }
                Ok(None) => break,
                Err(what) => return Step::Exit(self.broken(kernel, tool, what)),
            };
            if !wanted(&member.name) {
                continue;
            }
            found.extend(
                options
                    .operands
                    .iter()
                    .filter(|own| member.name.starts_with(own.trim_end_matches('/')))
                    .cloned(),
            );
            let list = options.has('t');
            if list || options.has('v') {
                let line = format!(
                    "{}\n",
                    if list && options.has('v') { long(kernel, &member, gnu) } else { member.name.clone() }
                );
                if options.has('O') { kernel.complain(line) } else { kernel.print(line) }
            }
            if list {
                continue;
            }
            if options.has('O') {
                kernel.write(1, &member.body).ok();
                continue;
            }
            let strip = options.value('S').and_then(|count| count.parse().ok()).unwrap_or(0);
            let name: Vec<&str> = member.name.trim_start_matches('/').split('/').skip(strip).collect();
            let name = name.join("/");
            if name.trim_matches('/').is_empty() || name.split('/').any(|part| part == "..") {
                continue;
            }
            if let Err(errno) = extract(kernel, &member, name.trim_end_matches('/'), options.has('k')) {
                let text = match (gnu, member.kind) {
                    (true, Kind::Directory) => {
                        format!("{}: Cannot mkdir: {errno}", name.trim_end_matches('/'))
                    }
                    (true, _) => format!("{name}: Cannot open: {errno}"),
                    (false, Kind::Directory) => {
                        format!("can't make dir {}: {errno}", name.trim_end_matches('/'))
                    }
                    (false, _) => format!("can't open '{name}': {errno}"),
                };
                tool.say(kernel, text);
                self.failed = true;
                if !gnu {
                    return Step::Exit(1);
                }
            }
        }
        for own in options.operands.iter().filter(|own| !found.contains(own)) {
            if !gnu {
                tool.say(kernel, format!("{own}: not found in archive"));
                return Step::Exit(1);
            }
            self.failed = true;
            tool.say(kernel, format!("{own}: Not found in archive"));
        }
        Step::Exit(self.end(kernel, tool))
    }

    fn broken(&mut self, kernel: &mut Kernel<'_>, tool: Named, what: &str) -> u8 {
        if tool.flavor == Flavor::BusyBox {
            tool.say(kernel, what);
            return 1;
        }
        let what = if what == "short read" {
            "Unexpected EOF in archive"
        } else {
            "This does not look like a tar archive"
        };
        tool.say(kernel, what);
        self.failed = true;
        self.end(kernel, tool)
    }
}

fn extract(kernel: &mut Kernel<'_>, member: &Member, name: &str, keep: bool) -> Result<(), Errno> {
    let owner = kernel.credentials().uid == 0;
    let mut files = kernel.files();
    let mut at = 0;
    while let Some(next) = name[at..].find('/') {
        at += next + 1;
        if !files.exists(&name[..at - 1]) {
            files.make_directory(&name[..at - 1], 0o755)?;
        }
    }
    match member.kind {
        Kind::Directory if files.is_directory(name) => {}
        Kind::Directory => files.make_directory(name, member.mode)?,
        Kind::Symlink => {
            // What was there makes room.
            files.remove_file(name).ok();
            return files.make_symlink(&member.link, name);
        }
        _ if keep && files.exists(name) => return Err(Errno::Exists),
        _ => match member.body.strip_prefix(PROGRAM) {
            Some(id) => files.install(name, &String::from_utf8_lossy(id).into(), member.mode)?,
            None => files.write(name, member.body.clone(), member.mode)?,
        },
    }
    if owner {
        files.set_owner(name, Some(member.owner.0), Some(member.owner.1))?;
    }
    files.set_mode(name, member.mode)?;
    files.set_modified(name, Date(member.modified))
}

/// A line of `tar tv`.
fn long(kernel: &mut Kernel<'_>, member: &Member, gnu: bool) -> String {
    let user = kernel.user_name(member.owner.0).unwrap_or_else(|| member.owner.0.to_string());
    let group = kernel.group_name(member.owner.1).unwrap_or_else(|| member.owner.1.to_string());
    let date = Date(member.modified).rfc3339().replace('T', " ").replace('Z', "");
    let date = if gnu { &date[..date.len().min(16)] } else { &date };
    let arrow = if member.kind == Kind::Symlink { format!(" -> {}", member.link) } else { String::new() };
    let owner = format!("{user}/{group}");
    let size = member.body.len();
    let gap = if gnu { size.to_string().len().max(19_usize.saturating_sub(owner.len())) } else { 9 };
    format!("{} {owner} {size:>gap$} {date} {}{arrow}", mode::text(member.kind, member.mode), member.name)
}
