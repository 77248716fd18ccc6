//! What the kernel says about a process (`proc(5)`).

use std::fs;
use std::time::Duration;

/// Ticks of `/proc/PID/stat` in a second; Linux has shown user space 100 for two decades.
const TICKS: f64 = 100.0;

/// A line of `/proc/PID/status` in MB: `VmHWM` is the peak of what was resident, `VmRSS` what is.
pub(crate) fn megabytes(pid: u32, line: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let value = status.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':')).expect("the kernel tells");
    let kilobytes: f64 = value.trim().trim_end_matches(" kB").parse().expect("a number");
    kilobytes / 1024.0
}

/// Forgets the peak so far.
pub(crate) fn forget_peak(pid: u32) {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").expect("our own process");
}

/// Processor time used so far.
pub(crate) fn busy(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    // The name, in parentheses, may hold anything; user and system time are the 12th and 13th fields after it.
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let ticks: f64 = fields.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
    Duration::from_secs_f64(ticks / TICKS)
}
