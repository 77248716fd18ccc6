//! What a feed sent that is no name, or is not as it should be, and was survived: said, in cases of its own.

use crate::cases;
use crate::daemon::engine::Engine;
use crate::model::health::HealthIssue;
use crate::model::{Feed, count};
use crate::registry::Unreadable;
use crate::registry::pypi::index::Listing;
use crate::store::StoreError;

/// Names that are none wait for a person; a clean answer says nothing about them.
pub(in crate::daemon::feed) async fn unreadable(
    engine: &Engine,
    feed: Feed,
    unreadable: &Unreadable,
) -> Result<(), StoreError> {
    if unreadable.is_empty() {
        return Ok(());
    }
    let (watchlist, now, unreadable) = (engine.watchlist(), engine.clock.now(), unreadable.clone());
    if engine.store.write(move |tx| cases::unreadable(tx, &watchlist, feed, &unreadable, now)).await? {
        engine.to_deliver.notify_waiters();
    }
    Ok(())
}

/// A whole body with contradictions in it: applied as far as it goes, and said until one without them comes.
pub(in crate::daemon::feed) async fn contradictions(engine: &Engine, listing: &Listing) -> Result<(), StoreError> {
    let issue = HealthIssue::Implausible { feed: Feed::Index };
    if listing.inflated == 0 && listing.duplicates == 0 {
        return engine.resolve(issue).await;
    }
    let detail = format!(
        "the index body of serial {} contradicts itself: beyond its serial stand {} (taken at it), and twice {} (the \
         newer was taken); all were judged; whoever runs the index can mend it",
        listing.serial,
        count(listing.inflated, "project", "projects"),
        count(listing.duplicates, "project", "projects")
    );
    engine.raise(issue, detail).await.map(drop)
}
