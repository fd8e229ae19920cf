//! `tee`

use super::Flavor;
use super::options::Named;
use crate::container::files::How;
use crate::container::kernel::{Data, Kernel};
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};

/// A running `tee`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Tee {
    files: Option<Vec<Fd>>,
    failed: bool,
}

impl Tee {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.files.is_none() {
            let options = match tool.options(kernel, "aip", &[("append", 'a'), ("ignore-interrupts", 'i')], 1)
            {
                Ok(options) => options,
                Err(status) => return Step::Exit(status),
            };
            let how = if options.has('a') { How::append() } else { How::write() };
            let mut files = Vec::new();
            for name in &options.operands {
                match kernel.open(name, how) {
                    Ok(fd) => files.push(fd),
                    Err(errno) => {
                        tool.say(
                            kernel,
                            match tool.flavor {
                                Flavor::Gnu => format!("{name}: {errno}"),
                                Flavor::BusyBox => format!("{name}: {errno}"),
                            },
                        );
                        self.failed = true;
                    }
                }
            }
            self.files = Some(files);
        }
        match kernel.read(0, 65_536) {
            Ok(Data::Bytes(bytes)) => {
                for fd in self.files.iter().flatten() {
                    kernel.write(*fd, &bytes).ok();
                }
                if kernel.write(1, &bytes).is_err() { Step::Exit(1) } else { Step::Yield }
            }
            Ok(Data::Empty) => Wait::readable(0).into(),
            Ok(Data::End) => Step::Exit(u8::from(self.failed)),
            Err(errno) => {
                tool.say(kernel, format!("read error: {errno}"));
                Step::Exit(1)
            }
        }
    }
}
