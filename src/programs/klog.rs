//! Lines of the log of Kubernetes' own programs.

use crate::container::kernel::Kernel;

/// A line as klog writes it, its end included: the first letter of how grave it is, and the line of the source it comes from.
pub fn line(kernel: &Kernel<'_>, severity: char, from: &str, text: &str) -> String {
    let (_, month, day, hour, minute, second) = kernel.date().civil();
    let micros = kernel.now().0 % 1_000_000;
    let pid = kernel.pid().0;
    format!(
        "{severity}{month:02}{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06} {pid:>7} {from}] {text}\n"
    )
}
