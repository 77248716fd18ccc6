//! `namewarden report`: how names stand, what happened in a period, and how far the watch saw.

use std::process::ExitCode;

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::instance::fitted;
use super::output::{say, say_json};
use crate::api::v1::{Command as Ask, Report, ReportFile, ReportForm};
use crate::clock::Clock;
use crate::config::Period;
use crate::model::Time;

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
}

/// Where the period begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    At(Time),
    Ago(TimeDelta),
}

fn since(text: &str) -> Result<Since, String> {
    let day = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let at = text.parse::<Time>().ok().or_else(|| text.parse().ok().map(day));
    let ago = || text.parse::<Period>().ok().and_then(|period| TimeDelta::from_std(period.0).ok());
    let write = "write a day, 2026-11-16, a time, 2026-11-16T07:00:00Z, or a length, 7d";
    at.map(Since::At).or_else(|| ago().map(Since::Ago)).ok_or_else(|| write.to_owned())
}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let client = Client::open(call)?;
        let since = self.since.map(|since| match since {
            Since::At(time) => time,
            Since::Ago(length) => Clock::System.now().checked_sub_signed(length).unwrap_or(Time::UNIX_EPOCH),
        });
        let owner = self.owner;
        let form = match (self.format, self.table) {
            (ReportFormat::Json, _) => {
                let report: Report = client.ask(Ask::Report { owner, since }).await?;
                say_json(&report);
                return Ok(ExitCode::SUCCESS);
            }
            (ReportFormat::Text, _) => ReportForm::Text,
            (ReportFormat::Html, _) => ReportForm::Html,
            (ReportFormat::Csv, ReportTable::Watches) => ReportForm::Watches,
            (ReportFormat::Csv, ReportTable::Cases) => ReportForm::Cases,
        };
        let file: ReportFile = client.ask(Ask::ReportFile { owner, since, form }).await?;
        say(&if form == ReportForm::Text { fitted(&file.text) } else { file.text });
        Ok(ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_begins_at_a_day_a_time_or_so_long_ago() {
        let at = |text: &str| Ok(Since::At(text.parse().expect("a time")));
        assert_eq!(since("2026-11-16"), at("2026-11-16T00:00:00Z"));
        assert_eq!(since("2026-11-16T08:00:00+01:00"), at("2026-11-16T07:00:00Z"));
        assert_eq!(since("7d"), Ok(Since::Ago(TimeDelta::days(7))));
        for bad in ["", "yesterday", "7", "2026-13-01", "-7d"] {
            assert!(since(bad).is_err(), "{bad}");
        }
    }
}
