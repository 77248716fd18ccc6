//! Names that could not be read become a case that a person closes: the next clean page says nothing about them.

use crate::cases::health;
use crate::model::health::HealthIssue;
use crate::model::{Feed, Time};
use crate::registry::Unreadable;
use crate::store::{StoreError, Tx, UnreadRow};
use crate::watchlist::Watchlist;

/// Names in the text of the case; the store has them all.
const SHOWN: u32 = 5;
/// Characters of each there.
const SHOWN_CHARS: usize = 60;

/// Takes what a feed sent into its case, which is opened and told when there is none. What a person has settled stays
/// settled, whatever feed tells it again. True when the case is new.
pub fn unreadable(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    feed: Feed,
    unreadable: &Unreadable,
    now: Time,
) -> Result<bool, StoreError> {
    let mut more = unreadable.more;
    for name in &unreadable.names {
        more += usize::from(!tx.unreadable().add(name, feed, now)?);
    }
    let count = tx.unreadable().count(feed)?;
    if count == 0 {
        return Ok(false);
    }
    let detail = detail(feed, count, &tx.unreadable().open(feed, SHOWN)?, more);
    health::raise(tx, watchlist, &HealthIssue::Unreadable { feed }, &detail, now)
}

/// `the index sent 3 names that are none: "…", "…" (judged as acme-billing), …`
fn detail(feed: Feed, count: u64, first: &[UnreadRow], more: usize) -> String {
    let each = first.iter().map(|row| {
        let text: String = row.name.text.chars().take(SHOWN_CHARS).collect();
        let judged = row.name.judged.as_ref().map(|name| format!(" (judged as {:.60})", name.as_str()));
        format!("{text:?}{}", judged.unwrap_or_default())
    });
    let names = each.collect::<Vec<_>>().join(", ");
    let rest = if count > first.len() as u64 { ", …" } else { "" };
    let more = if more > 0 { format!("; {more} more in its last answer were not kept") } else { String::new() };
    format!(
        "the {feed} sent {count} texts where names belong: {names}{rest}{more}; compare them with your names \
         (`namewarden health list` shows them), then `namewarden health ack {}`",
        HealthIssue::Unreadable { feed }
    )
}
