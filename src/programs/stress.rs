//! Programs that take processors and memory: `stress`, and the one of vish/stress.

use std::sync::Arc;
use std::time::Duration;

use super::klog;
use crate::api::Quantity;
use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};

/// `stress`: takes memory and time for a while.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stress {
    begun: bool,
    ends: Option<SimTime>,
}

impl Stress {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        let pid = kernel.pid();
        if !std::mem::replace(&mut self.begun, true) {
            let argv = kernel.argv();
            let value = |names: [&str; 2]| {
                let at = argv.iter().position(|word| names.contains(&&**word))?;
                argv.get(at + 1).cloned()
            };
            let count = |names| value(names).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
            let (cpu, io, vm, hdd) = (
                count(["--cpu", "-c"]),
                count(["--io", "-i"]),
                count(["--vm", "-m"]),
                count(["--hdd", "-d"]),
            );
            if cpu + io + vm + hdd == 0 {
                kernel.print("`stress' imposes certain types of compute stress on your system\n\nUsage: stress [OPTION [ARG]] ...\n");
                return Step::Exit(0);
            }
            kernel.print(format!(
                "stress: info: [{pid}] dispatching hogs: {cpu} cpu, {io} io, {vm} vm, {hdd} hdd\n"
            ));
            // Each of its workers goes round and round.
            kernel.set_load((cpu + vm + hdd) * 1_000);
            let seconds = value(["--timeout", "-t"]).and_then(|text| {
                let (number, factor) = match text.strip_suffix(['s', 'm', 'h']) {
                    Some(number) => (
                        number,
                        if text.ends_with('m') {
                            60
                        } else if text.ends_with('h') {
                            3_600
                        } else {
                            1
                        },
                    ),
                    None => (&*text, 1),
                };
                number.parse::<u64>().ok().map(|number| number * factor)
            });
            self.ends = seconds.map(|seconds| kernel.now() + Duration::from_secs(seconds));
        }
        match self.ends {
            Some(at) if kernel.now() >= at => {
                kernel.print(format!(
                    "stress: info: [{pid}] successful run completed in {}s\n",
                    kernel.now().since(kernel.process().started).as_secs()
                ));
                Step::Exit(0)
            }
            ends => Wait::forever().or_until(ends).into(),
        }
    }
}

/// The one of vish/stress, which Kubernetes' own pages take: `-cpus 2 -mem-total 150Mi`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct VishStress {
    begun: bool,
}

impl VishStress {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true) {
            let argv = kernel.argv();
            let memory = option(&argv, "mem-total").unwrap_or("0");
            let (size, pause) = (
                option(&argv, "mem-alloc-size").unwrap_or("4Ki"),
                option(&argv, "mem-alloc-sleep").unwrap_or("1ms"),
            );
            let cores: u32 = option(&argv, "cpus").and_then(|text| text.parse().ok()).unwrap_or(0);
            let mut told = vec![(
                "main.go:26",
                format!(
                    "Allocating \"{memory}\" memory, in \"{size}\" chunks, with a {pause} sleep between allocations"
                ),
            )];
            told.extend((0..cores).map(|_| ("main.go:39", "Spawning a thread to consume CPU".to_owned())));
            told.push(("main.go:29", format!("Allocated \"{memory}\" memory")));
            for (from, text) in told {
                kernel.complain(klog::line(kernel, 'I', from, &text));
            }
            kernel.set_load(cores * 1_000);
        }
        Wait::forever().into()
    }
}

/// The value of an option of Go's `flag`: `-cpus 2`, `--cpus=2`.
fn option<'a>(argv: &'a [Arc<str>], name: &str) -> Option<&'a str> {
    argv.iter().enumerate().find_map(|(at, word)| {
        match word.trim_start_matches('-').strip_prefix(name)?.strip_prefix('=') {
            Some(value) => Some(value),
            None => argv.get(at + 1).map(|value| &**value),
        }
    })
}

/// How many bytes of memory a command line asks for: `stress --vm 1 --vm-bytes 150M`, `stress -mem-total 150Mi`.
pub fn memory_of(argv: &[Arc<str>]) -> Option<u64> {
    let name = argv.first()?.rsplit('/').next()?;
    // Neither has a line end: they keep all that they have read.
    if matches!(name, "tail" | "sort") && argv.iter().any(|word| &**word == "/dev/zero") {
        return Some(u64::MAX);
    }
    if !name.starts_with("stress") {
        return None;
    }
    if let Some(text) = option(argv, "mem-total") {
        return u64::try_from(Quantity::parse(text).ok()?.value()).ok();
    }
    let at = argv.iter().position(|word| &**word == "--vm-bytes")?;
    let text = argv.get(at + 1)?;
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].chars().next().map(|c| c.to_ascii_uppercase()) {
        Some('K') => 10,
        Some('M') => 20,
        Some('G') => 30,
        _ => 0,
    };
    let workers = argv.iter().position(|word| matches!(&**word, "--vm" | "-m"));
    let workers: u64 = workers.and_then(|at| argv.get(at + 1)?.parse().ok()).unwrap_or(1);
    Some((digits.parse::<u64>().ok()? << shift) * workers)
}
