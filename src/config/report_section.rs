//! The section `[reports]`.

use chrono_tz::Tz;

use super::calendar::{Calendar, zone};
use super::file;
use super::loader::Loader;

/// When reports go out by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportSettings {
    /// `None`: never.
    pub cron: Option<Calendar>,
    pub zone: Tz,
}

/// Mondays, when people are back.
const WEEKLY: &str = "0 8 * * 1";

impl Default for ReportSettings {
    fn default() -> Self {
        Self { cron: Calendar::read(WEEKLY).ok(), zone: Tz::UTC }
    }
}

impl Loader<'_> {
    pub(super) fn reports(&mut self, reports: file::Reports) -> Option<ReportSettings> {
        let usual = ReportSettings::default();
        let cron = self.or("reports.cron", reports.cron, usual.cron, |text| match text.trim() {
            "never" => Ok(None),
            text => Calendar::read(text).map(Some),
        });
        let zone = self.or("reports.zone", reports.zone, usual.zone, |text| zone(&text));
        Some(ReportSettings { cron: cron?, zone: zone? })
    }
}
