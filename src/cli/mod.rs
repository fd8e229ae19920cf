//! The native program: `saya run` and its siblings.

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the native program with its arguments (without the program's own name).
pub fn main(_arguments: impl Iterator<Item = OsString>) -> ExitCode {
    ExitCode::SUCCESS
}
