//! The machines that programs run on: the learner's host and every container. A machine is a value on virtual time.

mod basic;
pub mod commands;
mod descriptors;
pub mod errno;
mod execute;
pub mod files;
pub mod kernel;
pub mod machine;
mod neighbours;
mod process;
mod processor;
pub mod program;
pub mod projection;
pub mod regex;
mod runner;
pub mod session;
pub mod shell;
pub mod signal;
pub mod sockets;
pub mod terminal;
pub mod tree;
pub mod view;

pub use basic::BasicProgram;
pub use errno::Errno;
pub use files::{Credentials, Files, Mount, VolumeId, Volumes};
pub use kernel::Kernel;
pub use machine::{Channel, Machine, Pid, Start, StartError, Status, environment};
pub use program::{Code, Program, Step, Wait, World};
pub use runner::Runner;
pub use session::{Ended, Session};
pub use signal::Signal;
pub use tree::Tree;
