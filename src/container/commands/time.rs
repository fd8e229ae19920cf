//! `time`, where the shell has it not as a word of its own.

use super::Flavor;
use super::options::Named;
use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::kernel::{Change, Kernel, Spawn};
use crate::container::machine::{DEFAULT_PATH, Pid};
use crate::container::program::{Step, Wait};

/// A running `time`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Time {
    child: Option<(Pid, SimTime, bool)>,
}

impl Time {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        let Some((pid, since, posix)) = self.child else { return self.start(kernel, tool) };
        let code = match kernel.poll_child(pid) {
            Ok(None | Some(Change::Stopped)) => return Wait::children().into(),
            Ok(Some(Change::Ended(status))) => status.code(),
            Err(_) => 127,
        };
        let seconds = kernel.now().since(since).as_secs_f64();
        let (minutes, rest) = ((seconds / 60.0).floor(), seconds % 60.0);
        if code != 0 && tool.flavor == Flavor::BusyBox {
            kernel.complain(format!("Command exited with non-zero status {code}\n"));
        }
        kernel.complain(match posix {
            true => format!("real {seconds:.2}\nuser 0.00\nsys 0.00\n"),
            false => format!("real\t{minutes}m {rest:.2}s\nuser\t0m 0.00s\nsys\t0m 0.00s\n"),
        });
        Step::Exit(code)
    }

    fn start(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        let options = match tool.options(kernel, "+pvf:o:a", &[("portability", 'p')], 125) {
            Ok(options) => options,
            Err(status) => return Step::Exit(status),
        };
        let argv = &options.operands;
        if argv.is_empty() {
            return Step::Exit(match tool.flavor {
                Flavor::Gnu => tool.missing_operand(kernel),
                Flavor::BusyBox => {
                    tool.usage(kernel);
                    1
                }
            });
        }
        let path = kernel.variable("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
        let env = kernel.env();
        let loaded = match kernel.search(&path, &argv[0]) {
            Some(file) => kernel.load(&file, argv, &env),
            None => Err(Errno::NotFound),
        };
        match loaded {
            Ok((program, argv)) => {
                let pid = kernel.spawn(program, Spawn { argv: Some(argv), ..Spawn::default() });
                self.child = Some((pid, kernel.now(), options.has('p')));
                Wait::children().into()
            }
            Err(errno) => {
                tool.say(kernel, format!("can't execute '{}': {errno}", argv[0]));
                let code = if errno == Errno::NotFound { 127 } else { 126 };
                kernel.complain(format!(
                    "Command exited with non-zero status {code}\nreal\t0m 0.00s\nuser\t0m 0.00s\nsys\t0m 0.00s\n"
                ));
                Step::Exit(if errno == Errno::NotFound { 127 } else { 126 })
            }
        }
    }
}
