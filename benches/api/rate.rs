//! Cases one by one, as fast as they are answered: wrk asks for each by its short name, at random, over connections that stay.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use super::Failure;
use super::table::RateRow;
use super::world::{CASES, World};

const SECONDS: u32 = 15;

/// By the session of a browser, and by the token of a program.
pub(crate) fn one_by_one(world: &World, dir: &Path) -> Result<Vec<RateRow>, Failure> {
    let script = dir.join("wrk.lua");
    std::fs::write(&script, lua())?;
    // Into the system's memory, where a store in use is: else the first seconds are the disk's.
    std::io::copy(&mut File::open(dir.join("namewarden.db"))?, &mut std::io::sink())?;
    let by = [
        ("by a session, 16 connections", format!("cookie: {}", world.cookie)),
        ("by a token, 16 connections", format!("authorization: Bearer {}", world.token)),
    ];
    by.iter().map(|(called, head)| rate(called, &world.base, head, &script)).collect()
}

fn lua() -> String {
    format!(
        "request = function() return wrk.format('GET', '/api/v1/findings/nw-' .. math.random({CASES})) end\n\
         done = function(summary, latency)\n\
         local e = summary.errors\n\
         print(string.format('LOAD %f %f %f %d', summary.requests / summary.duration * 1e6, \
         latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, e.connect + e.read + e.write + e.status + e.timeout))\n\
         end\n"
    )
}

fn rate(called: &'static str, base: &str, head: &str, script: &Path) -> Result<RateRow, Failure> {
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", "-c16", &format!("-d{SECONDS}s"), "-H", head, "-s"]).arg(script).arg(base);
    let ran = wrk.output().map_err(|error| format!("wrk cannot be run: {error}"))?;
    let said = String::from_utf8_lossy(&ran.stdout);
    let line = said.lines().find_map(|line| line.strip_prefix("LOAD ")).ok_or_else(|| format!("wrk said {said}"))?;
    let numbers: Vec<f64> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
    let [rate, median, late, failed] = numbers[..] else { return Err(format!("wrk said {said}").into()) };
    Ok(RateRow { called, rate, median, late, failed: failed as u64 })
}
