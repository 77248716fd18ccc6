//! What a name costs beside 20,000 watches of one family: judged, put into words and written by `scan`, in processor time.
//!
//!     cargo bench --bench family
//!
//! Families that differ in a number, and names near all their members, by kind. Prints microseconds a name, less what the
//! program needs for a list of one name.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const WATCHES: usize = 20_000;
const NAMES: usize = 2_000;

/// Where the number stands: at the end, before a word, in front, in a name longer than a word of the processor has bits.
const FAMILIES: [&str; 4] = [
    "acme-service-NNNNN",
    "acme-NNNNN-service",
    "NNNNN-acme-service",
    "acme-corporation-internal-billing-reconciliation-platform-service-NNNNN",
];

/// What is done to a member to make a name beside its family.
type Change = fn(&str) -> String;

const KINDS: [(&str, Change); 8] = [
    ("a member", str::to_owned),
    ("another letter", |name| name.replace("service", "servise")),
    ("letters swapped", |name| name.replace("service", "sevrice")),
    ("a letter left out", |name| name.replace("service", "servic")),
    ("another letter early", |name| name.replace("acme", "acne")),
    ("without a separator", |name| name.replacen('-', "", 1)),
    ("a letter more", |name| format!("{name}x")),
    ("customary words", |name| format!("py-{name}-sdk")),
];

fn main() -> Result<(), Box<dyn Error>> {
    let work = tempfile::tempdir()?;
    for family in FAMILIES {
        let member = |n: usize| family.replace("NNNNN", &format!("{n:05}"));
        write(&work.path().join("inventory"), (1..=WATCHES).map(member))?;
        println!("{family}");
        let nothing = seconds(work.path(), ["unrelated".to_owned()].into_iter())?;
        for (kind, change) in KINDS {
            let names = (0..NAMES).map(|n| change(&member(n * 7_919 % WATCHES + 1)));
            let name = (seconds(work.path(), names)? - nothing) / NAMES as f64;
            println!("  {kind:<21} {:>5.0} us", name * 1e6);
        }
    }
    Ok(())
}

fn write(path: &Path, lines: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    Ok(fs::write(path, lines.map(|line| line + "\n").collect::<String>())?)
}

/// Processor time of one scan.
fn seconds(work: &Path, names: impl Iterator<Item = String>) -> Result<f64, Box<dyn Error>> {
    write(&work.join("names"), names)?;
    let before = children_seconds()?;
    let mut scan = Command::new(env!("CARGO_BIN_EXE_namewarden"));
    scan.current_dir(work).args(["scan", "--format", "json", "--inventory", "inventory", "--index", "names"]);
    let status = scan.stdout(Stdio::null()).status()?;
    assert!(matches!(status.code(), Some(0 | 3)), "{status}");
    Ok(children_seconds()? - before)
}

/// User and system time of the processes that have ended, in ticks of 10 ms as Linux tells it.
fn children_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(')').ok_or("an unreadable /proc/self/stat")?.1;
    let times = fields.split_whitespace().skip(13).take(2).map(str::parse::<f64>);
    Ok(times.sum::<Result<f64, _>>()? / 100.0)
}
