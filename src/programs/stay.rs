//! Main programs that do little: they say something, stay up or end.

use std::sync::Arc;
use std::time::Duration;

use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};

/// `pause`, which reaps and waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pause {
    begun: bool,
}

impl Pause {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true) {
            for signal in [Signal::TERM, Signal::INT] {
                kernel.on_signal(signal, Action::Catch);
            }
        }
        kernel.reap_adopted();
        match kernel.take_signal() {
            Some(_) => {
                kernel.complain("Shutting down, got signal: Terminated\n");
                Step::Exit(0)
            }
            None => Wait::forever().into(),
        }
    }
}

/// `hello-world`: says hello and ends.
pub fn hello(kernel: &mut Kernel<'_>) -> u8 {
    kernel.print("\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n\nTo generate this message, Docker took the following steps:\n 1. The Docker client contacted the Docker daemon.\n 2. The Docker daemon pulled the \"hello-world\" image from the Docker Hub.\n    (amd64)\n 3. The Docker daemon created a new container from that image which runs the\n    executable that produces the output you are currently reading.\n 4. The Docker daemon streamed that output to the Docker client, which sent it\n    to your terminal.\n\nTo try something more ambitious, you can run an Ubuntu container with:\n $ docker run -it ubuntu bash\n\nShare images, automate workflows, and more with a free Docker ID:\n https://hub.docker.com/\n\nFor more examples and ideas, visit:\n https://docs.docker.com/get-started/\n\n");
    0
}

/// `fortune`: one of a few sayings.
pub fn fortune(kernel: &mut Kernel<'_>) -> u8 {
    const SAYINGS: [&str; 6] = [
        "You will be surprised by a loud noise.",
        "Today is the first day of the rest of your life.",
        "A watched pot never boils.",
        "Many hands make light work.",
        "Still waters run deep.",
        "Look before you leap.",
    ];
    let at = kernel.random().below(SAYINGS.len() as u64) as usize;
    kernel.print(format!("{}\n", SAYINGS[at]));
    0
}

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

/// How many bytes of memory a command line asks for: `stress --vm 1 --vm-bytes 150M`.
pub fn memory_of(argv: &[Arc<str>]) -> Option<u64> {
    let name = argv.first()?.rsplit('/').next()?;
    // Neither has a line end: they keep all that they have read.
    if matches!(name, "tail" | "sort") && argv.iter().any(|word| &**word == "/dev/zero") {
        return Some(u64::MAX);
    }
    let at = argv.iter().position(|word| &**word == "--vm-bytes")?;
    if !name.starts_with("stress") {
        return None;
    }
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
