//! Tables for spreadsheets. Programs that open them take a cell that begins like a formula for one and run it, so such a cell
//! begins with an apostrophe here (OWASP, "CSV Injection").

use std::io::{self, Write};

use super::long::LongLists;
use crate::messages::hostile::visible;
use crate::model::gate_report::GatePart;
use crate::model::report::Report;
use crate::model::{Exposure, Time};

/// Longest cell, characters.
const CELL: usize = 500;

/// How each name stands: a row a watch.
///
/// # Errors
/// As of `out`.
pub fn watches(lists: &dyn LongLists, out: &mut dyn Write) -> io::Result<()> {
    let head = ["watch", "kind", "owner", "exposure", "since", "changed_from", "latest_version", "open_cases", "claim"];
    let rows = lists.watches().map(|watch| {
        let changed = lists.changed_from(&watch.id);
        [
            watch.id.label(),
            watch.id.kind.as_str().to_owned(),
            watch.owner.to_string(),
            watch.exposure.as_ref().map_or("", Exposure::as_str).to_owned(),
            watch.since.map(time).unwrap_or_default(),
            changed.as_ref().map_or("", Exposure::as_str).to_owned(),
            watch.latest_version.clone().unwrap_or_default(),
            watch.open.to_string(),
            watch.claim.map_or("", |state| state.as_str()).to_owned(),
        ]
    });
    write(head, rows, out)
}

/// The cases of the report: a row each.
///
/// # Errors
/// As of `out`.
pub fn cases(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let head = [
        "case",
        "project",
        "tier",
        "state",
        "watch",
        "owner",
        "rule",
        "other_watches",
        "pip_takes_it",
        "seen_at",
        "worsened_at",
        "answered_at",
    ];
    let rows = report.findings.cases.iter().map(|case| {
        [
            case.id.map(String::from).unwrap_or_default(),
            case.project.to_string(),
            case.tier.as_str().to_owned(),
            case.state.as_str().to_owned(),
            case.watch.clone(),
            case.owner.to_string(),
            case.rule.clone(),
            case.more.to_string(),
            case.would_pip_take.as_str().to_owned(),
            time(case.seen_at),
            time(case.worsened_at),
            case.answered_at.map(time).unwrap_or_default(),
        ]
    });
    write(head, rows, out)
}

/// The reviews that are open at the gate: a row each. Where it said nothing there is none.
///
/// # Errors
/// As of `out`.
pub fn reviews(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let head = [
        "review",
        "project",
        "version",
        "first_asked",
        "times_asked",
        "clients",
        "more_clients",
        "given_out",
        "ends_at",
    ];
    let open = match &report.gate {
        Some(GatePart::Says(of)) => of.open.as_slice(),
        Some(GatePart::Silent(_)) | None => &[],
    };
    let rows = open.iter().map(|of| {
        [
            of.review.to_string(),
            of.project.clone(),
            of.version.clone(),
            time(of.since),
            of.asked.to_string(),
            of.clients.to_string(),
            of.more_clients.to_string(),
            of.given_out.to_string(),
            of.until.map(time).unwrap_or_default(),
        ]
    });
    write(head, rows, out)
}

/// One row of another table, in which no cell is a formula either.
pub fn row<const N: usize>(cells: [String; N]) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // What is written into memory arrives.
    let _ = writer.write_record(cells.map(|cell| harmless(&cell)));
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn write<const N: usize>(
    head: [&str; N],
    mut rows: impl Iterator<Item = [String; N]>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    writer.write_record(head)?;
    rows.try_for_each(|row| writer.write_record(row.map(|cell| harmless(&cell))))?;
    writer.flush()
}

fn time(time: Time) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// One line, and no formula; also not one in the wide letters that East Asian spreadsheets read as such.
fn harmless(cell: &str) -> String {
    let cell = visible(cell, CELL);
    let formula = cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '|', '%']);
    if formula { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1", "  =cmd|'/c calc'!A0", "＝1", "%0a=1", "|calc"]
        {
            let cell = harmless(evil);
            let first = cell.chars().next().expect("a letter");
            assert!(!"=+-@＝＋－＠%|\t\r\n ".contains(first), "{evil:?} became {cell:?}");
        }
        assert_eq!(harmless("acme-billing"), "acme-billing");
    }

    #[test]
    fn what_is_in_a_cell_stays_in_it() {
        let mut table = Vec::new();
        let rows = [["x,\"y\"\n=2+2".to_owned(), "acme".to_owned()]].into_iter();
        write(["a", "b"], rows, &mut table).expect("it arrives");
        let mut read = csv::Reader::from_reader(table.as_slice());
        let rows: Vec<csv::StringRecord> = read.records().map(|row| row.expect("a row")).collect();
        assert_eq!(rows, [vec!["x,\"y\"\\n=2+2", "acme"]]);
    }
}
