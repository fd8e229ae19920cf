//! `dd`, from file to file.

use super::Flavor;
use super::options::Named;
use crate::container::errno::Errno;
use crate::container::kernel::{Data, Kernel};

/// The longest file that Saya keeps.
pub(super) const MOST: usize = 64 << 20;

/// A number with its unit: `4k`, `1M`, `512`.
pub(super) fn number(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "" | "c" => 1,
        "b" => 512,
        "k" | "K" | "KiB" => 1 << 10,
        "kB" | "KB" => 1_000,
        "M" | "MiB" => 1 << 20,
        "MB" => 1_000_000,
        "G" | "GiB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<usize>().ok()?.checked_mul(factor)
}

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let argv = kernel.argv();
    let (mut block, mut count, mut skip) = (512, None, 0);
    let (mut from, mut to, mut quiet) = (None, None, false);
    for word in argv.iter().skip(1) {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let known = match name {
            "if" => from.replace(value).is_none(),
            "of" => to.replace(value).is_none(),
            "bs" | "ibs" | "obs" => number(value).filter(|size| *size > 0).map(|size| block = size).is_some(),
            "count" => number(value).map(|blocks| count = Some(blocks)).is_some(),
            "skip" => number(value).map(|blocks| skip = blocks).is_some(),
            "status" => {
                quiet = value == "none";
                true
            }
            "conv" | "oflag" | "iflag" | "seek" => true,
            _ => false,
        };
        if !known {
            match tool.flavor {
                Flavor::Gnu => {
                    tool.say(kernel, format!("unrecognized operand \u{2018}{word}\u{2019}"));
                    tool.try_help(kernel);
                }
                Flavor::BusyBox if value.is_empty() => tool.usage(kernel),
                Flavor::BusyBox => tool.say(kernel, format!("invalid argument '{value}' to '{name}'")),
            }
            return 1;
        }
    }
    let unopened = |path: &str, errno: Errno| match tool.flavor {
        Flavor::Gnu => format!("failed to open '{path}': {errno}"),
        Flavor::BusyBox => format!("can't open '{path}': {errno}"),
    };
    let wanted = count.map(|count: usize| count.saturating_mul(block));
    let limited = wanted.unwrap_or(usize::MAX);
    let mut bytes = match from {
        Some("/dev/zero" | "/dev/urandom" | "/dev/random") if limited > MOST => {
            tool.say(kernel, format!("Saya keeps no file of more than {} MB", MOST >> 20));
            return 1;
        }
        Some("/dev/zero") => vec![0; limited],
        Some("/dev/urandom" | "/dev/random") => {
            (0..limited).map(|_| kernel.random().below(256) as u8).collect()
        }
        Some(path) => match kernel.files().read(path) {
            Ok(bytes) => bytes.to_vec(),
            Err(errno) => {
                tool.say(kernel, unopened(path, errno));
                return 1;
            }
        },
        // What waits there now.
        None => match kernel.read(0, limited.min(MOST)) {
            Ok(Data::Bytes(bytes)) => bytes,
            _ => Vec::new(),
        },
    };
    bytes.drain(..bytes.len().min(skip * block));
    bytes.truncate(limited);
    let (size, whole) = (bytes.len(), bytes.len() / block);
    let partial = usize::from(!size.is_multiple_of(block));
    let written = match to {
        None => kernel.write(1, &bytes).map(drop),
        Some("/dev/null") => Ok(()),
        Some(path) => kernel.files().write(path, bytes, 0o644),
    };
    if let Err(errno) = written {
        let path = to.unwrap_or("standard output");
        let what = match errno {
            Errno::NoSpace => format!("error writing '{path}': {errno}"),
            errno => unopened(path, errno),
        };
        tool.say(kernel, what);
        return 1;
    }
    if quiet {
        return 0;
    }
    // As fast as a gigabyte a second.
    let seconds = size.max(1_000) as f64 / 1e9;
    let all = match tool.flavor {
        Flavor::BusyBox => {
            format!("{size} bytes ({}B) copied, {seconds:.6} seconds, 953.7MB/s\n", short(size))
        }
        Flavor::Gnu if size < 1_000 => format!("{size} bytes copied, {seconds:.7} s, 1.0 GB/s\n"),
        Flavor::Gnu => format!(
            "{size} bytes ({}, {}iB) copied, {seconds:.7} s, 1.0 GB/s\n",
            decimal(size),
            short(size).replace(['K', 'M'], if size < 1 << 20 { " K" } else { " M" })
        ),
    };
    kernel.complain(format!("{whole}+{partial} records in\n{whole}+{partial} records out\n{all}"));
    0
}

fn short(size: usize) -> String {
    match size {
        0..1_024 => size.to_string(),
        1_024..1_048_576 => format!("{:.1}K", size as f64 / 1_024.0),
        _ => format!("{:.1}M", size as f64 / 1_048_576.0),
    }
}

fn decimal(size: usize) -> String {
    let (value, unit) = if size < 1_000_000 { (size as f64 / 1e3, "kB") } else { (size as f64 / 1e6, "MB") };
    if value < 10.0 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}
