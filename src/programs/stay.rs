//! Main programs that do little: they say something, stay up or end.

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
