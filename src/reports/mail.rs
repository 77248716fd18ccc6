//! The mail: text, page and pictures in one, tables beside them.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::held::HeldLists;
use super::html::{Pictures, html};
use super::page::{Block, RowLimit, Sheet};
use super::{csv, held, text};
use crate::messages::hostile::link;
use crate::model::gate_report::GatePart;
use crate::model::report::Report;

/// Rows of a table in a mail: what wants a look stands first, the attached tables have all.
const ROOM: RowLimit = RowLimit { rows: 40, where_else: "in the attached tables" };
/// A larger table is sent compressed, bytes: the whole mail has to stay below what servers take, and phones load.
const PLAIN: usize = 420 * 1024;

/// What a mail consists of.
pub struct Parts {
    pub text: String,
    pub html: String,
    /// Pictures that the page shows, by the name that it calls them, as PNG.
    pub pictures: Vec<(String, Vec<u8>)>,
    pub tables: Vec<Attached>,
}

pub struct Attached {
    pub name: &'static str,
    /// Its media type.
    pub kind: &'static str,
    pub body: Vec<u8>,
}

/// The parts of the mail that tells this report. `dashboard`: the address of its page there, where it can be reached.
pub fn mail(report: &Report, dashboard: Option<&str>) -> Parts {
    let lists = HeldLists::of(report);
    let sheet = Sheet { dashboard: dashboard.and_then(link).map(str::to_owned), ..Sheet::of(report, &lists, ROOM) };
    let charts = sheet.sections.iter().flat_map(|section| &section.blocks).filter_map(|block| match block {
        Block::Chart(chart) => Some((format!("{}@namewarden", chart.name()), chart.png())),
        Block::Text(_) | Block::Table(_) => None,
    });
    let mut tables = vec![
        attached(["watches.csv", "watches.csv.gz"], held::text(|out| csv::watches(&lists, out))),
        attached(["cases.csv", "cases.csv.gz"], held::text(|out| csv::cases(report, out))),
    ];
    if matches!(report.gate, Some(GatePart::Says(_))) {
        tables.push(attached(["reviews.csv", "reviews.csv.gz"], held::text(|out| csv::reviews(report, out))));
    }
    let (pictures, text) = (charts.collect(), held::text(|out| text::write(&sheet, out)));
    Parts { pictures, text, html: html(sheet, Pictures::Attached), tables }
}

fn attached([plain, compressed]: [&'static str; 2], table: String) -> Attached {
    let small = (table.len() > PLAIN).then(|| gzipped(table.as_bytes())).flatten();
    match small {
        Some(body) => Attached { name: compressed, kind: "application/gzip", body },
        None => Attached { name: plain, kind: "text/csv; charset=utf-8; header=present", body: table.into_bytes() },
    }
}

fn gzipped(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}
