//! The log of Kubernetes' own programs.

use crate::base::klog;
use crate::container::kernel::Kernel;

/// A line of a program's log as klog writes it, see [`klog::line`].
pub fn line(kernel: &Kernel<'_>, severity: char, from: &str, text: &str) -> String {
    klog::line(severity, (kernel.date(), kernel.now()), kernel.pid().0, from, text)
}
