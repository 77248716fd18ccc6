//! The tables as `benches/README.md` has them. What misses its goal is bold.

use std::fmt::Write as _;

/// The goals of a page: milliseconds, bytes, and kilobytes by which the process grows; and of cases a second.
const MS: f64 = 100.0;
const BYTES: usize = 200_000;
const GROWS: u64 = 8_000;
const SINGLY: f64 = 5_000.0;

/// One page as it was seen.
pub(crate) struct PageRow {
    /// Its address, and what else there is to say of it, behind a back tick.
    pub(crate) called: String,
    pub(crate) status: u16,
    /// Milliseconds, the first time after a change; `None`: it was not measured.
    pub(crate) first: Option<f64>,
    pub(crate) best: f64,
    pub(crate) bytes: usize,
    /// Kilobytes, at most, client and all.
    pub(crate) grew: u64,
    /// To take along: of no goal but that of memory.
    pub(crate) is_file: bool,
}

/// One kind of request under load.
pub(crate) struct RateRow {
    pub(crate) called: &'static str,
    /// Requests a second.
    pub(crate) rate: f64,
    /// Milliseconds within which half of them are answered, and 99 of 100.
    pub(crate) median: f64,
    pub(crate) late: f64,
    /// Answers that were none, or not of the 200s.
    pub(crate) failed: u64,
}

pub(crate) fn of_pages(rows: &[PageRow]) -> String {
    let mut text = String::from(
        "| page | first look after a change | best of five | size | grew by |\n|---|---|---|---|---|\n\
         | goal | 100 ms | 100 ms | 200 KB | 8 MB |\n",
    );
    for row in rows {
        let misses = |is: bool, said: String| if is && !row.is_file { format!("**{said}**") } else { said };
        let time = |ms: f64| misses(ms > MS, format!("{ms:.0} ms"));
        let status = if row.status == 200 { String::new() } else { format!(" (**{}**)", row.status) };
        let _ = writeln!(
            text,
            "| `{}{status} | {} | {} | {} | {} |",
            row.called,
            row.first.map_or_else(String::new, time),
            time(row.best),
            misses(row.bytes > BYTES, size(row.bytes)),
            if row.grew > GROWS { format!("**{}**", grown(row.grew)) } else { grown(row.grew) },
        );
    }
    text
}

pub(crate) fn of_rates(rows: &[RateRow]) -> String {
    let mut text = String::from(
        "| one case after the other | goal | a second | half within | 99 % within |\n|---|---|---|---|---|\n",
    );
    for RateRow { called, rate, median, late, failed } in rows {
        let seen = if *rate < SINGLY { format!("**{rate:.0}**") } else { format!("{rate:.0}") };
        let failed = if *failed == 0 { String::new() } else { format!(", **{failed} failed**") };
        let _ = writeln!(text, "| {called} | 5,000 | {seen}{failed} | {median:.1} ms | {late:.1} ms |");
    }
    text
}

fn size(bytes: usize) -> String {
    if bytes < 1_000_000 { format!("{} KB", bytes.div_ceil(1_000)) } else { format!("{:.1} MB", bytes as f64 / 1e6) }
}

fn grown(kilobytes: u64) -> String {
    if kilobytes < 1_000 { "less than 1 MB".to_owned() } else { format!("{} MB", (kilobytes + 500) / 1_000) }
}
