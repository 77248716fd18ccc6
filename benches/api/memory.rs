//! What this process has of the machine's memory, in kilobytes (proc_pid_status(5)).

pub(crate) fn resident() -> u64 {
    field("VmRSS:")
}

/// The most that it has had since that was last forgotten.
pub(crate) fn peak() -> u64 {
    field("VmHWM:")
}

/// From here on the peak counts anew (proc_pid_clear_refs(5)); gives what there is now.
pub(crate) fn forget_peak() -> u64 {
    // Where it cannot be reset the column says less than it might.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    peak()
}

fn field(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}
