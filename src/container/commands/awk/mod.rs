//! `awk`

mod parse;
mod run;

use super::Flavor;
use super::input::{Event, Go, LineInput, Phrase};
use super::options::Named;
use crate::container::files::How;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use run::Runner;

/// A running `awk`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Awk {
    lines: Option<LineInput>,
    runner: Runner,
    began: bool,
}

impl Awk {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.lines.is_none()
            && let Err(status) = self.start(kernel, tool)
        {
            return Step::Exit(status);
        }
        self.runner.seed = kernel.random().below(1 << 31);
        if !self.began {
            self.began = true;
            let mut out = Vec::new();
            self.runner.begin(&mut out);
            kernel.write(1, &out).ok();
            if self.runner.is_done() && !self.runner.has_end() {
                return self.finish(kernel, tool);
            }
            if !self.runner.reads() {
                return self.finish(kernel, tool);
            }
        }
        let Some(lines) = &mut self.lines else { return Step::Exit(2) };
        let runner = &mut self.runner;
        let step = lines.step(kernel, tool, |event, out| match event {
            Event::Line(line, _) => {
                runner.record(&String::from_utf8_lossy(line), out);
                if runner.is_done() { Go::Stop } else { Go::On }
            }
            Event::File(name) => {
                runner.file(name);
                Go::On
            }
            _ => Go::On,
        });
        let failed = lines.input.failed;
        if self.runner.wrote() {
            self.save(kernel);
        }
        match step {
            Some(step) => step,
            None if failed && self.runner.status == 0 => {
                self.runner.status = 2;
                self.finish(kernel, tool)
            }
            None => self.finish(kernel, tool),
        }
    }

    /// Runs the END rules.
    fn finish(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        let mut out = Vec::new();
        self.runner.end(&mut out);
        kernel.write(1, &out).ok();
        self.save(kernel);
        if let Some(error) = self.runner.error.take() {
            self.complain(kernel, tool, &error);
            return Step::Exit(if tool.flavor == Flavor::Gnu { 2 } else { 1 });
        }
        Step::Exit(self.runner.status)
    }

    /// Writes what was printed to files.
    fn save(&mut self, kernel: &mut Kernel<'_>) {
        for (name, begins, bytes) in self.runner.take_files() {
            if matches!(&*name, "/dev/stderr" | "/dev/stdout") {
                kernel.write(if &*name == "/dev/stderr" { 2 } else { 1 }, &bytes).ok();
                continue;
            }
            match kernel.open(&name, if begins { How::write() } else { How::append() }) {
                Ok(fd) => {
                    kernel.write(fd, &bytes).ok();
                    kernel.close(fd).ok();
                }
                Err(errno) => self.runner.error = Some(format!("can't open file {name}: {errno}")),
            }
        }
    }

    fn complain(&self, kernel: &mut Kernel<'_>, tool: Named, text: &str) {
        match tool.flavor {
            Flavor::Gnu => kernel.complain(format!("mawk: cmd. line:1: {text}\n")),
            Flavor::BusyBox => kernel.complain(format!("awk: cmd. line:1: {}\n", capital(text))),
        }
    }

    fn start(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Result<(), u8> {
        let options =
            tool.options(kernel, "+F:v:f:", &[("field-separator", 'F'), ("assign", 'v'), ("file", 'f')], 2)?;
        let mut operands = options.operands.clone();
        let mut script = String::new();
        for file in options.values('f') {
            match kernel.files().read(file) {
                Ok(bytes) => script.push_str(&String::from_utf8_lossy(&bytes)),
                Err(errno) => {
                    tool.say(kernel, format!("can't open '{file}': {errno}"));
                    return Err(2);
                }
            }
        }
        if !options.has('f') {
            if operands.is_empty() {
                match tool.flavor {
                    Flavor::Gnu => kernel.complain("Usage: mawk [Options] [Program] [file ...]\n"),
                    Flavor::BusyBox => tool.usage(kernel),
                }
                return Err(if tool.flavor == Flavor::Gnu { 2 } else { 1 });
            }
            script = operands.remove(0).to_string();
        }
        match parse::parse(&script) {
            Ok(script) => self.runner = Runner::new(script),
            Err(text) => {
                self.complain(kernel, tool, &text);
                return Err(if tool.flavor == Flavor::Gnu { 2 } else { 1 });
            }
        }
        if let Some(separator) = options.value('F') {
            self.runner.set("FS", if &**separator == "t" { "\t" } else { separator });
        }
        for pair in options.values('v') {
            if let Some((name, value)) = pair.split_once('=') {
                self.runner.set(name, value);
            }
        }
        for (name, value) in kernel.env().iter() {
            self.runner.set_element("ENVIRON", name, value);
        }
        // `name=value` among the files sets a variable; here before the first record.
        let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        operands.retain(|word| match word.split_once('=') {
            Some((name, value)) if is_name(name) && !name.is_empty() => {
                self.runner.set(name, value);
                false
            }
            _ => true,
        });
        self.lines = Some(LineInput::new(&operands, Phrase { gnu: "cannot open {}", busybox: "{}" }));
        Ok(())
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
