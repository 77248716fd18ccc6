//! Reports that somebody asks for.

use super::refusal::{Refusal, no_owner};
use super::v1::{self, ReportFile, ReportForm};
use crate::cases;
use crate::config::AlertSettings;
use crate::model::report::Report;
use crate::model::{OwnerId, Time};
use crate::reports::{self, Extent, Settled};
use crate::store::Store;
use crate::watchlist::Watchlist;

/// Of this owner, or of all, from then on.
///
/// # Errors
/// There is no such owner, or the period lies ahead.
pub(super) async fn made(
    store: &Store,
    watchlist: Watchlist,
    alert: &AlertSettings,
    (owner, since): (Option<OwnerId>, Option<Time>),
    extent: Extent,
    now: Time,
) -> Result<Report, Refusal> {
    if let Some(ahead) = since.filter(|since| *since >= now) {
        let (value, why) = (ahead.to_rfc3339(), "it is still to come".to_owned());
        return Err(Refusal::BadValue { what: "since", value, why });
    }
    let answer_within = cases::answer_within(alert.escalate_after);
    let inventory = watchlist.inventory.clone();
    let of = owner.clone();
    let made = store.read(move |tx| {
        let (inventory, default_owner) = (&*watchlist.inventory, &watchlist.routes.default_owner);
        let by = Settled { inventory, default_owner, answer_within };
        reports::make(tx, by, &reports::asked(tx, of.clone(), since, now)?, extent, now)
    });
    // Of all there always is one.
    made.await?.ok_or_else(|| no_owner(&owner.unwrap_or_default(), &inventory))
}

pub(super) fn file(report: &Report, form: ReportForm) -> ReportFile {
    let (media_type, text) = match form {
        ReportForm::Text => ("text/plain; charset=utf-8", reports::plain(report)),
        ReportForm::Html => ("text/html; charset=utf-8", reports::document(report)),
        ReportForm::Watches => ("text/csv; charset=utf-8; header=present", reports::csv::watches(report)),
        ReportForm::Json => ("application/json", json(report)),
        ReportForm::Cases => ("text/csv; charset=utf-8; header=present", reports::csv::cases(report)),
    };
    ReportFile { media_type: media_type.to_owned(), text }
}

fn json(report: &Report) -> String {
    // Made of texts and numbers, it can be written.
    serde_json::to_string(&v1::Report::new(report, Extent::Whole)).unwrap_or_default()
}
