//! Reports that somebody asks for.

use super::gate_part::{GateSilence, gate_part_for_people};
use super::refusal::{Refusal, no_owner};
use super::v1::{self, ReportFile, ReportForm};
use crate::cases;
use crate::clock::Clock;
use crate::config::Settings;
use crate::model::gate_report::GatePart;
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
    settings: &Settings,
    (owner, since): (Option<OwnerId>, Option<Time>),
    extent: Extent,
    (clock, silence): (&Clock, &GateSilence),
) -> Result<Report, Refusal> {
    let now = clock.now();
    if let Some(ahead) = since.filter(|since| *since >= now) {
        let (value, why) = (ahead.to_rfc3339(), "it is still to come".to_owned());
        return Err(Refusal::BadValue { what: "since", value, why });
    }
    let of = owner.clone();
    let order = store.read(move |tx| reports::asked(tx, of.clone(), since, now)).await?;
    let gate = gate_part_for_people(store, &settings.gate, (order.since, order.until), clock, silence).await?;
    let answer_within = cases::answer_within(settings.alert.escalate_after);
    let inventory = watchlist.inventory.clone();
    let made = store.read(move |tx| {
        let (inventory, default_owner) = (&*watchlist.inventory, &watchlist.routes.default_owner);
        let by = Settled { inventory, default_owner, answer_within };
        let report = reports::make(tx, by, &order, extent, now)?;
        report.map(|report| reports::with_gate(tx, &watchlist, report, gate.clone())).transpose()
    });
    // Of all there always is one.
    made.await?.ok_or_else(|| no_owner(&owner.unwrap_or_default(), &inventory))
}

/// # Errors
/// The gate does not say which reviews are open: a table without any would say that there are none.
pub(super) fn file(report: &Report, form: ReportForm) -> Result<ReportFile, Refusal> {
    let (media_type, text) = match form {
        ReportForm::Text => ("text/plain; charset=utf-8", reports::plain(report)),
        ReportForm::Html => ("text/html; charset=utf-8", reports::document(report)),
        ReportForm::Watches => ("text/csv; charset=utf-8; header=present", reports::csv::watches(report)),
        ReportForm::Json => ("application/json", json(report)),
        ReportForm::Cases => ("text/csv; charset=utf-8; header=present", reports::csv::cases(report)),
        ReportForm::Reviews => match &report.gate {
            Some(GatePart::Silent(why)) => return Err(Refusal::GateSilent(why.clone())),
            Some(GatePart::Says(_)) | None => {
                ("text/csv; charset=utf-8; header=present", reports::csv::reviews(report))
            }
        },
    };
    Ok(ReportFile { media_type: media_type.to_owned(), text })
}

fn json(report: &Report) -> String {
    // Made of texts and numbers, it can be written.
    serde_json::to_string(&v1::Report::new(report, Extent::Whole)).unwrap_or_default()
}
