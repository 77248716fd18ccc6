//! Requests as fast as they are answered, by wrk.

use std::process::Command;

/// What an address gave under load.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Load {
    /// Requests a second.
    pub(crate) requests: f64,
    /// Bytes a second of bodies and heads.
    pub(crate) bytes: f64,
    /// Answers that were none, or not of the 200s.
    pub(crate) failed: f64,
}

const LUA: &str = r#"
done = function(summary)
  local s = summary.duration / 1e6
  local e = summary.errors
  print(string.format("LOAD %f %f %d", summary.requests / s, summary.bytes / s, e.connect + e.read + e.write + e.status + e.timeout))
end
"#;

/// Eight connections for so many seconds, each request with these heads.
pub(crate) fn load(url: &str, heads: &[&str], seconds: u32) -> Load {
    let script = tempfile::Builder::new().suffix(".lua").tempfile().expect("a file");
    std::fs::write(script.path(), LUA).expect("written");
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", "-c8", &format!("-d{seconds}s"), "-s"]).arg(script.path());
    for head in heads {
        wrk.args(["-H", head]);
    }
    let ran = wrk.arg(url).output().expect("wrk runs (Debian's package of that name)");
    let said = String::from_utf8_lossy(&ran.stdout);
    let line = said.lines().find_map(|line| line.strip_prefix("LOAD ")).unwrap_or_else(|| panic!("{said}"));
    let numbers: Vec<f64> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
    Load { requests: numbers[0], bytes: numbers[1], failed: numbers[2] }
}

/// The middle one by requests.
pub(crate) fn median(mut loads: Vec<Load>) -> Load {
    loads.sort_by(|a, b| a.requests.total_cmp(&b.requests));
    loads[loads.len() / 2]
}
