//! `namewarden report`: how names stand, what happened in a period, and how far the watch saw.

use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::instance::fitted;
use super::output::say;
use super::since::{Since, since};
use crate::api::v1::{Command as Ask, ReportFile, ReportForm};

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
        let file: ReportFile = client.ask(Ask::ReportFile { owner, since, form }).await?;
        say(&if form == ReportForm::Text { fitted(&file.text) } else { file.text });
        Ok(ExitCode::SUCCESS)
    }
}
