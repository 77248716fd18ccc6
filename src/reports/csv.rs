//! Tables for spreadsheets. Programs that open them take a cell that begins like a formula for one and run it, so such a cell
//! begins with an apostrophe here (OWASP, "CSV Injection").

use std::collections::BTreeMap;

use crate::messages::hostile::visible;
use crate::model::gate_report::GatePart;
use crate::model::report::{Changed, Report};
use crate::model::{Exposure, Time, WatchId};

/// Longest cell, characters.
const CELL: usize = 500;

/// How each name stands: a row a watch.
pub fn watches(report: &Report) -> String {
    let head = ["watch", "kind", "owner", "exposure", "since", "changed_from", "latest_version", "open_cases", "claim"];
    // The last of each counts.
    let changes: BTreeMap<&WatchId, &Changed> =
        report.exposure.changes.iter().map(|change| (&change.id, change)).collect();
    let rows = report.exposure.watches.iter().map(|watch| {
        let changed = changes.get(&watch.id);
        [
            watch.id.label(),
            watch.id.kind.as_str().to_owned(),
            watch.owner.to_string(),
            watch.exposure.as_ref().map_or("", Exposure::as_str).to_owned(),
            watch.since.map(time).unwrap_or_default(),
            changed.map_or("", |change| change.was.as_str()).to_owned(),
            watch.latest_version.clone().unwrap_or_default(),
            watch.open.to_string(),
            watch.claim.map_or("", |state| state.as_str()).to_owned(),
        ]
    });
    written(head, rows)
}

/// The cases of the report: a row each.
pub fn cases(report: &Report) -> String {
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
    written(head, rows)
}

/// The reviews that are open at the gate: a row each. Where it said nothing there is none.
pub fn reviews(report: &Report) -> String {
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
    written(head, rows)
}

/// One row of another table, in which no cell is a formula either.
pub fn row<const N: usize>(cells: [String; N]) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // What is written into memory arrives.
    let _ = writer.write_record(cells.map(|cell| harmless(&cell)));
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn written<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // What is written into memory arrives.
    let _ = writer.write_record(head);
    for row in rows {
        let _ = writer.write_record(row.map(|cell| harmless(&cell)));
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
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
        let table = written(["a", "b"], [["x,\"y\"\n=2+2".to_owned(), "acme".to_owned()]].into_iter());
        let mut read = csv::Reader::from_reader(table.as_bytes());
        let rows: Vec<csv::StringRecord> = read.records().map(|row| row.expect("a row")).collect();
        assert_eq!(rows, [vec!["x,\"y\"\\n=2+2", "acme"]]);
    }
}
