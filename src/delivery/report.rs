//! The briefing of a report: of the period that was ordered, as things stand when it leaves, with what the gate says of both.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::BoxFuture;

use crate::model::Time;
use crate::model::gate_report::GatePart;
use crate::model::notice::Content;
use crate::model::report::Order;
use crate::reports::{self, Extent, Settled};
use crate::store::{NoticeBody, NoticeRow, StoreError, Tx};
use crate::watchlist::Watchlist;

/// Asks the gate of this machine what was after the first time and until the second, and gives up in time; `None`: there is no gate.
pub type AskGate = Arc<dyn Fn((Time, Time)) -> BoxFuture<'static, Result<Option<GatePart>, StoreError>> + Send + Sync>;

/// What the gate says for this notice, where that is a report.
pub(super) async fn gate_part(ask: &AskGate, notice: &NoticeRow, now: Time) -> Result<Option<GatePart>, StoreError> {
    match &notice.body {
        // A clock that was set back since leaves no time that is still to come.
        NoticeBody::Report { order } => ask((order.since.min(now), order.until.min(now))).await,
        _ => Ok(None),
    }
}

/// The content and the thread it belongs to. Whoever has left meanwhile has none.
pub(super) fn report(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    (order, gate): (&Order, Option<&GatePart>),
    answer_within: TimeDelta,
    now: Time,
) -> Result<Option<(Content, String)>, StoreError> {
    let by = Settled { inventory: &watchlist.inventory, default_owner: &watchlist.routes.default_owner, answer_within };
    let about = order.owner.as_ref().map_or("", |owner| owner.0.as_str());
    let Some(report) = reports::make(tx, by, order, Extent::Whole, now)? else { return Ok(None) };
    let report = reports::with_gate(tx, watchlist, report, gate.cloned())?;
    Ok(Some((Content::Report { report: Box::new(report) }, format!("report:{about}"))))
}
