//! `namewarden report`: how names stand, what happened in a period, and how far the watch saw.

use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::instance::fitted;
use super::poured::Poured;
use super::since::{Since, since};
use crate::api::v1::{Command as Ask, ReportForm};

/// Report how names stand, what changed, what is open and waits for whom, and how far the watch saw.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of what this owner answers for. Default: of all owners.
    #[arg(long, value_name = "OWNER")]
    pub owner: Option<String>,
    /// What happened since then: a day, a time, or a length such as 7d. Default: since the last report by the schedule, or for
    /// a week.
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub since: Option<Since>,
    /// Which table, with `--format csv`.
    #[arg(long, value_enum, default_value_t)]
    pub table: ReportTable,
    /// How to print it: text of 80 columns, a page to read and to print, JSON, or a table.
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportFormat {
    #[default]
    Text,
    Html,
    Json,
    Csv,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportTable {
    /// How each name stands.
    #[default]
    Watches,
    /// The cases.
    Cases,
    /// The reviews that are open at the gate.
    Reviews,
}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let client = Client::open(call)?;
        let since = self.since.map(Since::time);
        let owner = self.owner;
        let form = match (self.format, self.table) {
            (ReportFormat::Json, _) => ReportForm::Json,
            (ReportFormat::Text, _) => ReportForm::Text,
            (ReportFormat::Html, _) => ReportForm::Html,
            (ReportFormat::Csv, ReportTable::Watches) => ReportForm::Watches,
            (ReportFormat::Csv, ReportTable::Cases) => ReportForm::Cases,
            (ReportFormat::Csv, ReportTable::Reviews) => ReportForm::Reviews,
        };
        let (poured, mut lines) = (Poured::begin(), Vec::new());
        let (asked, is_text) = (Ask::ReportFile { owner, since, form }, form == ReportForm::Text);
        let print = |part: &[u8]| poured.pour(if is_text { whole_lines(&mut lines, part) } else { part.to_vec() });
        let taken = client.take(&asked, print).await;
        poured.pour(lines);
        poured.end();
        taken.map(|()| ExitCode::SUCCESS)
    }
}

/// What is whole by now, with its commands as they are to be typed here; the rest is kept. No command is broken over two lines.
fn whole_lines(kept: &mut Vec<u8>, part: &[u8]) -> Vec<u8> {
    kept.extend_from_slice(part);
    let end = kept.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let rest = kept.split_off(end);
    let lines = std::mem::replace(kept, rest);
    String::from_utf8_lossy(&lines).split_inclusive('\n').map(fitted).collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_shown_once_they_are_whole() {
        let mut kept = Vec::new();
        let parts = ["one\ntw", "o", "\n\nthré".trim_end_matches('é'), "é\nend"];
        let shown = parts.map(|part| String::from_utf8(whole_lines(&mut kept, part.as_bytes())).expect("text"));
        assert_eq!(shown, ["one\n", "", "two\n\n", "thré\n"]);
        assert_eq!(kept, b"end");
    }
}
