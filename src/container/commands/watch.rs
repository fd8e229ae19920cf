//! `watch`

use std::sync::Arc;
use std::time::Duration;

use super::Flavor;
use super::options::Named;
use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::kernel::{Change, Kernel, Spawn};
use crate::container::machine::Pid;
use crate::container::program::{Step, Wait};

/// A running `watch`: a command again and again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Watch {
    argv: Vec<Arc<str>>,
    interval: Duration,
    titled: bool,
    child: Option<Pid>,
    next: SimTime,
}

impl Watch {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.argv.is_empty()
            && let Err(status) = self.start(kernel, tool)
        {
            return Step::Exit(status);
        }
        if let Some(child) = self.child {
            match kernel.poll_child(child) {
                Ok(None | Some(Change::Stopped)) => return Wait::children().into(),
                _ => self.child = None,
            }
        }
        if kernel.now() < self.next {
            return Wait::until(self.next).into();
        }
        self.next = kernel.now() + self.interval;
        let seconds = self.interval.as_secs_f64();
        let clear = if kernel.is_terminal(1) { "\x1b[H\x1b[J" } else { "" };
        let shown = self.argv[2].clone();
        let (clock, host) = (kernel.date().unix().replace("UTC ", ""), kernel.hostname());
        let title = match tool.flavor {
            Flavor::Gnu => format!("Every {seconds:.1}s: {shown}    {host}: {clock}"),
            Flavor::BusyBox => format!("Every {seconds:.1}s: {shown}    {clock}"),
        };
        kernel.print(if self.titled { format!("{clear}{title}\n\n") } else { clear.to_owned() });
        let env = kernel.env();
        match kernel.load("/bin/sh", &self.argv, &env) {
            Ok((program, argv)) => {
                self.child = Some(kernel.spawn(program, Spawn { argv: Some(argv), ..Spawn::default() }));
                Wait::children().into()
            }
            Err(errno) => {
                tool.say(kernel, format!("can't execute '/bin/sh': {errno}"));
                Step::Exit(if errno == Errno::NotFound { 127 } else { 126 })
            }
        }
    }

    fn start(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Result<(), u8> {
        let options = tool.options(
            kernel,
            "+n:tdegcx",
            &[("interval", 'n'), ("no-title", 't'), ("differences", 'd')],
            1,
        )?;
        if options.operands.is_empty() {
            tool.usage(kernel);
            return Err(1);
        }
        let seconds = options.value('n').and_then(|text| text.parse::<f64>().ok()).unwrap_or(2.0);
        self.interval = Duration::from_millis((seconds.clamp(0.1, 1e6) * 1000.0) as u64);
        self.titled = !options.has('t');
        let command = options.operands.join(" ");
        self.argv = ["sh", "-c", &command].map(Arc::from).to_vec();
        Ok(())
    }
}
